//! The facets of the tokens screen: what they leave, what they count, and how they go with the filter.

use jiff::{SignedDuration, Timestamp};
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Facet, Trait};
use npm_warden::app::tokens::{chosen, selected_unseen};
use npm_warden::domain::found::{Found, Grade};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;
use npm_warden::domain::token::{Never, Token};

use crate::sim::{Sim, token};

const NOW: &str = "2026-11-22T12:00:00Z";

fn in_days(days: i64) -> Timestamp {
    NOW.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

/// Made lately and used lately, for reading, and nothing else.
fn plain(n: usize) -> Token {
    Token {
        readonly: true,
        bypass_2fa: false,
        created: Some(in_days(-10).into()),
        accessed: Some(in_days(-1).into()),
        expires: None,
        ..token(n)
    }
}

fn found(grade: Grade) -> Vec<Found> {
    vec![Found {
        place: Text::from("~/.npmrc, line 3"),
        grade,
        proof: None,
        in_use: false,
    }]
}

/// One token for each thing that a facet asks about; 0 is nothing of all that.
fn account() -> Vec<Token> {
    vec![
        plain(0),
        Token {
            readonly: false,
            ..plain(1)
        },
        Token {
            readonly: false,
            bypass_2fa: true,
            expires: Some(in_days(10).into()),
            ..plain(2)
        },
        Token {
            expires: Some(in_days(-1).into()),
            ..plain(3)
        },
        Token {
            expires: Some(in_days(15).into()),
            accessed: Some(in_days(-90).into()),
            ..plain(4)
        },
        Token {
            found: found(Grade::LooksLike).into(),
            ..plain(5)
        },
        Token {
            found: found(Grade::Is).into(),
            readonly: false,
            ..plain(6)
        },
        // What was revoked does nothing any more, but still lies here.
        Token {
            readonly: false,
            bypass_2fa: true,
            expires: Some(in_days(-3).into()),
            accessed: Some(in_days(-200).into()),
            revoked: Some(in_days(-2).into()),
            found: found(Grade::Is).into(),
            ..plain(7)
        },
    ]
}

fn shown(sim: &Sim) -> Vec<usize> {
    sim.model.tokens.shown.clone()
}

fn at(rows: Vec<Token>) -> Sim {
    let mut sim = Sim::with(Tfa::Off, rows);
    sim.press("3");
    sim
}

fn counts(sim: &Sim) -> [usize; 7] {
    Trait::ALL.map(|one| sim.model.tokens.facets.count(one))
}

#[test]
fn each_facet_leaves_what_it_asks_for_and_its_key_turns_it_off_again() {
    let mut sim = at(account());
    assert_eq!(counts(&sim), [3, 1, 2, 1, 1, 3, 2]);
    for (key, left) in [("p", &[1, 2, 6][..]), ("y", &[2]), ("u", &[4])] {
        sim.press(key);
        assert_eq!(shown(&sim), left, "{key}");
        sim.press(key);
        assert_eq!(shown(&sim).len(), 8, "{key}");
    }
    // Two of them have two answers.
    for (key, wide, narrow) in [("d", &[2, 3][..], &[3][..]), ("f", &[5, 6, 7], &[6, 7])] {
        sim.press(key);
        assert_eq!(shown(&sim), wide, "{key}");
        sim.press(key);
        assert_eq!(shown(&sim), narrow, "{key}");
        sim.press(key);
        assert_eq!(shown(&sim).len(), 8, "{key}");
    }
}

#[test]
fn facets_go_with_each_other_and_with_the_filter_and_their_counts_say_what_they_would_leave() {
    let mut sim = at(account());
    sim.press("p f");
    assert_eq!(shown(&sim), [6]);
    // Under "found here" alone there are three, one of which may publish; of all that may publish one bypasses.
    assert_eq!(counts(&sim), [1, 0, 0, 0, 0, 1, 1]);
    sim.press("f f");
    assert_eq!(counts(&sim), [3, 1, 1, 0, 0, 1, 1]);
    sim.press("/").types("00002");
    assert_eq!(shown(&sim), [2]);
    assert_eq!(counts(&sim), [1, 1, 1, 0, 0, 0, 0]);
    sim.press("enter u");
    assert!(shown(&sim).is_empty());
    sim.press("x").says("No token fits");
    sim.press("enter").says("No token fits");
}

#[test]
fn letters_are_text_in_the_filter_and_turn_no_facet() {
    let mut sim = at(account());
    sim.press("/").types("pyduf").at_scope(Scope::Filter);
    assert!(sim.model.tokens.facets.is_empty());
    assert_eq!(sim.model.tokens.filter.value().expose(), "pyduf");
}

#[test]
fn esc_clears_the_filter_then_the_facets_then_the_selection() {
    let mut sim = at(account());
    sim.press("p / ").types("token").press("enter space");
    assert_eq!(sim.model.tokens.selected.len(), 1);
    sim.press("esc");
    assert!(sim.model.tokens.filter.is_empty() && !sim.model.tokens.facets.is_empty());
    assert!(
        sim.model.tokens.index.is_none(),
        "nothing is kept for no filter"
    );
    sim.press("esc");
    assert!(sim.model.tokens.facets.is_empty());
    assert_eq!((shown(&sim).len(), sim.model.tokens.selected.len()), (8, 1));
    sim.press("esc");
    assert!(sim.model.tokens.selected.is_empty());
    sim.press("s").says("Sorted").press("esc");
    assert_eq!(sim.notice(), "");
}

#[test]
fn all_selects_what_is_shown_and_what_is_hidden_is_counted() {
    let mut sim = at(account());
    sim.press("p a");
    assert_eq!(sim.model.tokens.selected.len(), 3);
    assert_eq!(selected_unseen(&sim.model), 0);
    sim.press("p y");
    assert_eq!(selected_unseen(&sim.model), 2);
    // All of what is shown is selected already: it is taken out, and the rest stays.
    sim.press("a");
    assert_eq!(sim.model.tokens.selected.len(), 2);
    sim.press("y x").at_scope(Scope::RevokeAsk);
    assert_eq!(sim.model.tokens.revoke.as_ref().unwrap().rows.len(), 2);
}

#[test]
fn the_cursor_stays_with_its_token_where_a_facet_leaves_it() {
    let mut sim = at(account());
    sim.press("G up p");
    assert_eq!(chosen(&sim.model).unwrap().key, token(6).key);
    sim.press("s p s");
    assert_eq!(chosen(&sim.model).unwrap().key, token(6).key);
}

#[test]
fn unused_is_said_only_of_what_the_registry_tells() {
    let used = |expires| Never {
        unread: false,
        expires,
        used: true,
    };
    let sim = at(vec![
        // Not told at all.
        Token {
            created: Some(in_days(-400).into()),
            accessed: None,
            ..plain(0)
        },
        // Never used, made long ago and lately, and one whose beginning is not told.
        Token {
            created: Some(in_days(-91).into()),
            accessed: None,
            never: used(false),
            ..plain(1)
        },
        Token {
            created: Some(in_days(-89).into()),
            accessed: None,
            never: used(true),
            ..plain(2)
        },
        Token {
            created: None,
            accessed: None,
            never: used(false),
            ..plain(3)
        },
    ]);
    let mut sim = sim;
    sim.press("u");
    assert_eq!(shown(&sim), [1]);
}

#[test]
fn what_lapses_while_the_program_is_open_is_counted_anew() {
    let mut sim = at(vec![Token {
        expires: Some((in_days(0) + SignedDuration::from_secs(90)).into()),
        ..plain(0)
    }]);
    assert_eq!(sim.model.tokens.facets.count(Trait::Expired), 0);
    sim.waits(60_000).press("down");
    assert_eq!(sim.model.tokens.facets.count(Trait::Expired), 0);
    sim.waits(60_000).press("down");
    assert_eq!(sim.model.tokens.facets.count(Trait::Expired), 1);
}

#[test]
fn a_new_token_is_hidden_by_no_facet() {
    let mut sim = at(account());
    sim.press("y");
    assert_eq!(
        sim.model.tokens.facets.on(Facet::Bypass),
        Some(Trait::Bypass)
    );
    sim.press("n space pgdn").types("hunter22⏎");
    sim.ends(
        npm_warden::app::request::Purpose::CreateToken,
        Ok(crate::sim::created(token(9))),
    );
    assert!(sim.model.tokens.facets.is_empty());
}
