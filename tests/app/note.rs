//! The note of a token.

use npm_warden::app::keymap::Scope;
use npm_warden::app::request::Purpose;
use npm_warden::app::tokens::chosen;
use npm_warden::backend::protocol::{Event, Outcome};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::Token;

use crate::sim::{Sim, token};

fn typed(text: &str) -> Sim {
    let mut sim = Sim::at_tokens(4);
    sim.press("j m").at_scope(Scope::NoteEdit);
    sim.types(text);
    sim.effects.clear();
    sim
}

fn noted(sim: &mut Sim, n: usize, note: Option<&str>) {
    let outcome = Outcome::Noted {
        token: token(n).key,
        note: note.map(Text::new),
    };
    sim.ends(Purpose::Note, Ok(outcome));
}

#[test]
fn a_note_is_taken_down_and_its_row_has_it_at_once() {
    let mut sim = typed("CI of o/r; q?:1");
    sim.press("enter")
        .at_scope(Scope::NoteSent)
        .wants(&["start Note CI of o/r; q?:1"]);
    noted(&mut sim, 1, Some("CI of o/r; q?:1"));
    sim.at_scope(Scope::Tokens).says("on this machine alone");
    let row = chosen(&sim.model).unwrap();
    assert_eq!(row.key, token(1).key);
    assert_eq!(row.note.as_ref().unwrap().as_str(), "CI of o/r; q?:1");
    // It is there to be edited, also from the details, and can be taken away.
    sim.press("enter").at_scope(Scope::Details);
    sim.press("m").at_scope(Scope::NoteEdit);
    let form = sim.model.tokens.note.as_ref().unwrap();
    assert_eq!(form.typed.value().expose(), "CI of o/r; q?:1");
    sim.press("ctrl-u enter").wants(&["start Note "]);
    noted(&mut sim, 1, None);
    sim.at_scope(Scope::Details).says("gone");
    assert!(chosen(&sim.model).unwrap().note.is_none());
}

#[test]
fn nothing_is_sent_of_a_note_that_stays_as_it_was() {
    let mut sim = typed("");
    sim.press("enter")
        .at_scope(Scope::Tokens)
        .says("stays as it was")
        .wants(&[]);
    let mut sim = typed("x");
    sim.press("esc").at_scope(Scope::Tokens).wants(&[]);
    assert!(chosen(&sim.model).unwrap().note.is_none());
}

#[test]
fn a_note_that_cannot_be_kept_stays_in_its_line() {
    let mut sim = typed("CI");
    sim.press("enter").fails(
        Purpose::Note,
        FailureKind::Local,
        "The folder takes no writing.",
    );
    sim.at_scope(Scope::NoteEdit);
    let form = sim.model.tokens.note.as_ref().unwrap();
    assert_eq!(form.typed.value().expose(), "CI");
    assert!(form.error.is_some());
    // Left while it was out, how it ends is said all the same.
    sim.press("enter esc").at_scope(Scope::Tokens).fails(
        Purpose::Note,
        FailureKind::Local,
        "The folder takes no writing.",
    );
    sim.says("takes no writing");
}

#[test]
fn a_note_that_comes_late_closes_no_other_line() {
    let mut sim = typed("one");
    sim.press("enter esc j m").types("two");
    noted(&mut sim, 1, Some("one"));
    sim.at_scope(Scope::NoteEdit);
    let form = sim.model.tokens.note.as_ref().unwrap();
    assert_eq!(form.token, token(2).key);
    assert_eq!(form.typed.value().expose(), "two");
}

#[test]
fn a_note_that_comes_while_a_filter_is_open_is_looked_through_and_moves_nothing() {
    let mut sim = typed("queue");
    sim.press("enter esc").press("j m").types("queue");
    sim.press("enter");
    noted(&mut sim, 2, Some("queue"));
    // One note is still out.
    sim.press("/").types("queue").at_scope(Scope::Filter);
    assert_eq!(sim.model.tokens.shown, [2]);
    noted(&mut sim, 1, Some("queue"));
    assert_eq!(sim.model.tokens.shown, [1, 2]);
    assert_eq!(chosen(&sim.model).unwrap().key, token(2).key);
    // What is typed next finds it as well.
    sim.press("backspace");
    assert_eq!(sim.model.tokens.shown, [1, 2]);
}

/// The registry has used each token since, so no row is as it was.
fn used(n: usize) -> Token {
    Token {
        accessed: Some(
            "2026-11-22T00:00:00Z"
                .parse::<jiff::Timestamp>()
                .unwrap()
                .into(),
        ),
        ..token(n)
    }
}

#[test]
fn a_list_that_was_on_its_way_does_not_bring_the_note_of_before() {
    let mut sim = typed("CI");
    sim.press("enter esc r");
    let id = sim.id(Purpose::Tokens);
    let page = |sim: &mut Sim, index: u64, rows: Vec<Token>| {
        sim.event(Event::Page {
            id,
            index,
            rows,
            total: Some(4),
        });
    };
    // One page was read before the note was taken down, one comes after it.
    page(&mut sim, 0, vec![used(0), used(1)]);
    noted(&mut sim, 1, Some("CI"));
    sim.press("j m").types("CD").press("enter");
    noted(&mut sim, 2, Some("CD"));
    page(&mut sim, 1, vec![used(2), used(3)]);
    let listed = Outcome::Tokens {
        pages: 2,
        moved: false,
    };
    sim.ends(Purpose::Tokens, Ok(listed));
    let notes = |sim: &Sim| {
        let rows = sim.model.tokens.list.value().unwrap().iter();
        rows.map(|row| row.note.as_ref().map(|note| note.as_str().to_owned()))
            .collect::<Vec<_>>()
    };
    let wanted = [None, Some("CI"), Some("CD"), None].map(|note| note.map(str::to_owned));
    assert_eq!(notes(&sim), wanted);
    // The next list knows it by itself.
    sim.press("r").lists((0..4).map(token).collect());
    assert_eq!(notes(&sim), [None, None, None, None]);
}

#[test]
fn without_a_row_there_is_nothing_to_note() {
    let mut sim = Sim::at_tokens(0);
    sim.press("m").at_scope(Scope::Tokens).says("no tokens");
}

#[test]
fn that_it_was_noted_goes_when_another_place_is_entered() {
    for (keys, scope) in [
        ("/", Scope::Filter),
        ("n", Scope::TokenChoice),
        ("enter", Scope::Details),
        ("1", Scope::Profile),
    ] {
        let mut sim = typed("CI");
        sim.press("enter");
        noted(&mut sim, 1, Some("CI"));
        // It stays while the person is there.
        sim.press("j")
            .at_scope(Scope::Tokens)
            .says("on this machine alone");
        sim.press(keys).at_scope(scope);
        assert_eq!(sim.notice(), "", "{keys}");
    }
}
