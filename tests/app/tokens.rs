//! The tokens screen: arriving pages, filter, sort, selection, revocation.

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Load, RevokeStage, SortBy, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::app::tokens::chosen;
use npm_warden::backend::protocol::{Event, Outcome, RowState, Step};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::found::{Found, Grade};
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::Token;

use crate::sim::{OTP, Sim, account, failure, token, tokens};

fn names(sim: &Sim) -> Vec<usize> {
    let rows = sim.model.tokens.list.value().unwrap();
    let number = |row: usize| {
        rows[row]
            .label()
            .trim_start_matches("token ")
            .parse()
            .unwrap()
    };
    sim.model
        .tokens
        .shown
        .iter()
        .map(|&row| number(row))
        .collect()
}

fn page(sim: &mut Sim, index: u64, rows: Vec<Token>) {
    let id = sim.id(Purpose::Tokens);
    sim.event(Event::Page {
        id,
        index,
        rows,
        total: Some(9),
    });
}

fn key_of(n: usize) -> npm_warden::domain::token::TokenKey {
    token(n).key
}

#[test]
fn pages_may_arrive_out_of_order_while_one_works() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off)).press("3");
    page(&mut sim, 2, tokens(9).split_off(6));
    assert!(matches!(
        sim.model.tokens.list,
        Load::Partial {
            done: 3,
            total: Some(9),
            ..
        }
    ));
    sim.press("down space");
    assert_eq!(chosen(&sim.model).unwrap().key, key_of(8));
    page(&mut sim, 0, tokens(3));
    page(&mut sim, 1, tokens(6).split_off(3));
    assert_eq!(names(&sim), (0..9).collect::<Vec<_>>());
    assert_eq!(
        chosen(&sim.model).unwrap().key,
        key_of(8),
        "the cursor stays with its token"
    );
    assert!(sim.model.tokens.selected.contains(&key_of(7)));
    sim.ends(
        Purpose::Tokens,
        Ok(Outcome::Tokens {
            pages: 3,
            moved: false,
        }),
    );
    assert!(matches!(sim.model.tokens.list, Load::Ready(_)));
    assert_eq!(sim.model.tokens.selected.len(), 1);
}

#[test]
fn a_token_that_comes_twice_is_listed_once_and_a_page_that_comes_again_adds_what_is_new() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off));
    page(&mut sim, 0, tokens(3));
    page(&mut sim, 1, vec![token(2), token(4)]);
    page(&mut sim, 0, vec![token(0), token(3)]);
    sim.ends(
        Purpose::Tokens,
        Ok(Outcome::Tokens {
            pages: 2,
            moved: false,
        }),
    );
    assert_eq!(names(&sim), [0, 1, 2, 3, 4]);
}

#[test]
fn a_list_with_a_page_missing_is_not_called_complete() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off)).press("3");
    page(&mut sim, 0, tokens(3));
    sim.ends(
        Purpose::Tokens,
        Ok(Outcome::Tokens {
            pages: 2,
            moved: false,
        }),
    )
    .says("1 of 2 pages");
    assert!(
        matches!(&sim.model.tokens.list, Load::Failed { old: Some(rows), .. } if rows.len() == 3)
    );
}

#[test]
fn a_list_that_changed_while_it_was_read_is_not_held_for_whole_until_it_is_read_again() {
    let moved = |sim: &mut Sim, moved| {
        page(sim, 0, tokens(3));
        sim.ends(Purpose::Tokens, Ok(Outcome::Tokens { pages: 1, moved }));
    };
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::On(Level::AuthAndWrites)))
        .press("3");
    moved(&mut sim, true);
    assert!(sim.model.tokens.moved);
    // It is said as long as those rows are shown.
    sim.press("r");
    assert!(sim.model.tokens.moved);
    sim.fails(Purpose::Tokens, FailureKind::Network, "No answer.");
    assert!(sim.model.tokens.moved);
    sim.press("r");
    moved(&mut sim, false);
    assert!(!sim.model.tokens.moved);
    // The list at the end of a revocation is whole.
    sim.press("r");
    moved(&mut sim, true);
    sim.press("x y");
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: vec![(key_of(0), RowState::Gone(Unprobed::ValueUnknown))],
            list: Ok(tokens(3).split_off(1)),
        }),
    );
    assert!(!sim.model.tokens.moved);
}

#[test]
fn a_reload_keeps_the_old_list_until_the_new_one_is_whole() {
    let mut sim = Sim::at_tokens(5);
    sim.press("down down space r")
        .wants(&["start Account quietly", "start Tokens"]);
    page(&mut sim, 0, tokens(2));
    assert_eq!(names(&sim).len(), 5);
    page(&mut sim, 1, vec![token(2), token(7)]);
    sim.ends(
        Purpose::Tokens,
        Ok(Outcome::Tokens {
            pages: 2,
            moved: false,
        }),
    );
    assert_eq!(names(&sim), [0, 1, 2, 7]);
    assert!(sim.model.tokens.selected.contains(&key_of(2)));
    assert_eq!(sim.model.tokens.cursor, 3);
}

#[test]
fn a_quiet_read_that_is_challenged_says_how_to_go_on() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::On(Level::AuthOnly)));
    sim.fails(
        Purpose::Tokens,
        FailureKind::NeedsSecondFactor,
        "A code is needed.",
    );
    assert_eq!(sim.notice(), "", "nobody asked for the list yet");
    let Load::Failed { why, .. } = &sim.model.tokens.list else {
        panic!("not failed");
    };
    assert!(why.next.as_str().contains("Press r"));
    sim.effects.clear();
    sim.press("3 r")
        .wants(&["start Account quietly", "start Tokens"]);
    sim.challenged(Purpose::Tokens).types(OTP).press("enter");
    sim.lists(tokens(2));
    assert_eq!(names(&sim), [0, 1]);
}

#[test]
fn r_turns_a_quiet_read_into_one_that_may_ask() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off));
    sim.effects.clear();
    sim.press("3 r")
        .wants(&["start Account quietly", "cancel", "start Tokens"]);
    sim.press("r").says("being read already").wants(&[]);
}

#[test]
fn the_filter_is_live_and_looks_at_every_word() {
    let mut sim = Sim::at_tokens(30);
    sim.press("down down down / ").types("0001");
    // By name, and token 1 by how its value begins.
    assert_eq!(names(&sim), [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    // Letters that are shortcuts elsewhere are text here.
    sim.press("ctrl-u").types("READ bypass");
    assert_eq!(names(&sim), [0, 10, 20]);
    sim.press("pgup down enter").at_scope(Scope::Tokens);
    assert_eq!(chosen(&sim.model).unwrap().key, key_of(10));
    sim.press("a");
    assert_eq!(sim.model.tokens.selected.len(), 3);
    sim.press("esc");
    assert_eq!(names(&sim).len(), 30);
    assert_eq!(chosen(&sim.model).unwrap().key, key_of(10));
    sim.press("esc");
    assert!(sim.model.tokens.selected.is_empty());
    sim.press("/")
        .types("zzz")
        .press("enter x")
        .says("No token fits");
    sim.press("/ esc");
    assert_eq!(names(&sim).len(), 30);
}

#[test]
fn a_token_is_found_by_its_id_and_by_its_pasted_value() {
    let mut sim = Sim::at_tokens(30);
    sim.press("/").pastes(&key_of(7).raw());
    assert_eq!(names(&sim), [7]);
    // Where it comes key by key, as from a terminal that does not tell pasting from typing.
    sim.press("ctrl-u")
        .types("npm_t0012SomeMoreOfTheValue0000000000000");
    assert_eq!(names(&sim), [12]);
    let masked = |sim: &Sim| sim.model.tokens.filter.masked;
    assert!(masked(&sim), "a value does not stand on the screen");
    for _ in 0..39 {
        sim.press("backspace");
        assert!(masked(&sim), "nor does a part of it");
    }
    sim.press("ctrl-u").types("x");
    assert!(!sim.model.tokens.filter.masked);
}

#[test]
fn sorting_goes_through_the_columns_and_back_to_the_registry_s_order() {
    let mut sim = Sim::at_tokens(9);
    sim.press("down");
    let mut seen = Vec::new();
    for _ in 0..6 {
        sim.press("s");
        seen.push(sim.model.tokens.sort);
        assert_eq!(chosen(&sim.model).unwrap().key, key_of(1));
        let rows = sim.model.tokens.list.value().unwrap();
        let shown: Vec<&Token> = sim
            .model
            .tokens
            .shown
            .iter()
            .map(|&row| &rows[row])
            .collect();
        match sim.model.tokens.sort {
            Some(SortBy::Created) => assert!(shown.is_sorted_by(|a, b| a.created >= b.created)),
            Some(SortBy::Expires) => {
                let with = shown.iter().take_while(|t| t.expires.is_some()).count();
                assert_eq!(with, 3);
                assert!(shown[..with].is_sorted_by_key(|t| t.expires));
            }
            // Of those without a last use it is not told whether they were used.
            Some(SortBy::Accessed) => {
                assert!(shown.is_sorted_by_key(|t| (t.accessed.is_none(), t.accessed)));
            }
            Some(SortBy::May) => assert!(shown.is_sorted_by(|a, b| a.powers() >= b.powers())),
            Some(SortBy::Name) => assert!(shown.is_sorted_by_key(|t| t.label())),
            None => assert_eq!(names(&sim), (0..9).collect::<Vec<_>>()),
        }
    }
    assert_eq!(
        seen,
        [
            Some(SortBy::Name),
            Some(SortBy::May),
            Some(SortBy::Created),
            Some(SortBy::Accessed),
            Some(SortBy::Expires),
            None
        ]
    );
}

#[test]
fn selecting_all_selects_what_is_shown_and_again_nothing() {
    let mut sim = Sim::at_tokens(6);
    sim.press("space a");
    assert_eq!(sim.model.tokens.selected.len(), 6);
    sim.press("a");
    assert!(sim.model.tokens.selected.is_empty());
}

#[test]
fn a_token_that_is_revoked_already_cannot_be_selected() {
    let mut rows = tokens(3);
    rows[0].revoked = rows[1].created;
    let mut sim = Sim::with(Tfa::Off, rows);
    sim.press("3 space").says("revoked already");
    sim.press("x").says("revoked already");
    sim.press("a");
    assert_eq!(sim.model.tokens.selected.len(), 2);
}

#[test]
fn the_cursor_moves_within_the_list_and_the_window_follows() {
    let mut sim = Sim::at_tokens(100);
    sim.press("up k");
    assert_eq!(sim.model.tokens.cursor, 0);
    sim.press("G j");
    assert_eq!(sim.model.tokens.cursor, 99);
    assert_eq!(sim.model.tokens.offset, 100 - sim.model.list_rows());
    sim.press("pgup g pgdn");
    assert_eq!(sim.model.tokens.cursor, sim.model.list_rows());
    for (columns, rows) in [(0, 0), (1, 1), (200, 60), (80, 9)] {
        sim.send(npm_warden::app::Msg::Resize(columns, rows));
        sim.press("G g j");
    }
}

#[test]
fn details_open_over_the_list_and_can_be_leafed_through() {
    let mut sim = Sim::at_tokens(5);
    sim.press("enter").at_scope(Scope::Details);
    sim.press("left").says("first token").press("right");
    assert_eq!(sim.model.tokens.cursor, 1);
    // The arrows up and down scroll; the next token begins at its top.
    sim.press("G");
    assert!(sim.model.tokens.scroll > 0);
    sim.press("right");
    assert_eq!((sim.model.tokens.cursor, sim.model.tokens.scroll), (2, 0));
    sim.press("right right right").says("last token");
    assert_eq!(sim.model.tokens.cursor, 4);
    sim.press("esc").at_scope(Scope::Tokens);
    sim.press("enter x").at_scope(Scope::RevokeAsk);
    sim.press("esc").at_scope(Scope::Details);
}

#[test]
fn p28_one_or_two_are_asked_for_and_the_default_is_no() {
    let mut sim = Sim::at_tokens(5);
    sim.press("x").at_scope(Scope::RevokeAsk);
    let revoke = sim.model.tokens.revoke.as_ref().unwrap();
    assert_eq!(
        revoke.rows[0].token,
        token(0),
        "all that is known of it is at hand"
    );
    sim.press("enter").says("Nothing was revoked").wants(&[]);
    sim.press("x n x esc").at_scope(Scope::Tokens).wants(&[]);
    sim.press("space space x").at_scope(Scope::RevokeAsk);
    sim.press("right left enter").wants(&[]);
    sim.press("x tab enter").wants(&["start Revoke 2"]);
}

#[test]
fn p28_from_three_on_their_number_is_typed() {
    let mut sim = Sim::at_tokens(5);
    sim.press("space space space x")
        .at_scope(Scope::RevokeCount);
    sim.press("y enter").says("how many they are: 3").wants(&[]);
    sim.press("ctrl-u").types("4⏎").wants(&[]);
    sim.press("backspace").pastes(" 3 \n").wants(&[]);
    sim.press("enter").wants(&["start Revoke 3"]);
}

fn running() -> Sim {
    let mut sim = Sim::at_tokens(5);
    sim.press("space space space x").types("3⏎");
    sim.effects.clear();
    sim
}

fn rows(states: [RowState; 3]) -> Vec<(npm_warden::domain::token::TokenKey, RowState)> {
    states
        .into_iter()
        .enumerate()
        .map(|(n, state)| (key_of(n), state))
        .collect()
}

#[test]
fn p30_three_tokens_go_with_one_challenge_and_the_fresh_list_verifies_it() {
    let mut sim = running();
    sim.challenged(Purpose::Revoke).types(OTP).press("enter");
    let id = sim.id(Purpose::Revoke);
    sim.event(Event::Cleared { id })
        .at_scope(Scope::RevokeRunning);
    for state in [RowState::Sent, RowState::Accepted] {
        sim.steps(
            Purpose::Revoke,
            Step::Row {
                token: key_of(1),
                state: state.clone(),
            },
        );
        assert_eq!(
            sim.model.tokens.revoke.as_ref().unwrap().rows[1].state,
            state
        );
    }
    let left = tokens(5).split_off(3);
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: rows([
                RowState::Gone(Unprobed::ValueUnknown),
                RowState::Gone(Unprobed::ValueUnknown),
                RowState::AlreadyGone,
            ]),
            list: Ok(left),
        }),
    )
    .says("Of 3 tokens, 2 are gone from a fresh list; 1 was gone before.")
    .tone(Tone::Good)
    .at_scope(Scope::RevokeDone);
    assert_eq!(names(&sim), [3, 4]);
    assert!(sim.model.tokens.selected.is_empty());
    sim.press("enter").at_scope(Scope::Tokens);
}

#[test]
fn p30_a_partial_result_is_counted_truthfully_and_can_be_resumed() {
    let mut sim = running();
    let refused = failure(FailureKind::Refused, "Not yours.");
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: rows([
                RowState::Gone(Unprobed::ValueUnknown),
                RowState::Failed(refused),
                RowState::StillListed,
            ]),
            list: Ok(tokens(5).split_off(1)),
        }),
    )
    .says("Of 3 tokens, 1 was not revoked; 1 is still listed, although the registry said that it is gone; 1 is gone from a fresh list.")
    .tone(Tone::Warning);
    // What failed is still selected, so that x goes on with it.
    assert_eq!(sim.model.tokens.selected.len(), 1);
    sim.press("enter x y").wants(&["start Revoke 1"]);
}

#[test]
fn p31_without_a_fresh_list_nothing_is_called_gone() {
    let mut sim = running();
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: rows([
                RowState::Accepted,
                RowState::Accepted,
                RowState::AlreadyGone,
            ]),
            list: Err(failure(FailureKind::Network, "No answer.")),
        }),
    )
    .says("Of 3 tokens, 2 are revoked as the registry says, which was not checked; 1 was gone before.")
    .says("No answer.")
    .tone(Tone::Warning);
    assert!(!sim.notice().contains("3 of 3"));
    assert!(matches!(
        sim.model.tokens.revoke.as_ref().unwrap().stage,
        RevokeStage::Done { why: Some(_) }
    ));
    assert_eq!(names(&sim).len(), 5, "the old list stays");
}

#[test]
fn stopping_a_revocation_asks_stops_and_then_leaves_it_alone() {
    let mut sim = running();
    sim.press("esc").says("Stop?").wants(&["hold"]);
    sim.press("enter")
        .at_scope(Scope::RevokeRunning)
        .wants(&["release"]);
    sim.press("enter").says("the revocation goes on");
    sim.press("esc esc")
        .wants(&["hold", "cancel"])
        .says("Stopping");
    sim.press("esc").at_scope(Scope::Tokens);
    sim.press("x")
        .says("under way")
        .press("r")
        .says("under way");
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: rows([
                RowState::Gone(Unprobed::ValueUnknown),
                RowState::NotTried,
                RowState::NotTried,
            ]),
            list: Ok(tokens(5).split_off(1)),
        }),
    )
    .says("Of 3 tokens, 2 were not tried; 1 is gone from a fresh list.");
    assert_eq!(names(&sim), [1, 2, 3, 4]);
    assert_eq!(sim.model.tokens.selected.len(), 2);
}

#[test]
fn the_question_whether_to_stop_a_revocation_says_what_is_sent_already() {
    let mut sim = running();
    sim.press("esc")
        .says("Nothing more is sent until you answer");
    sim.effects.clear();
    for n in 0..3 {
        let state = RowState::Sent;
        let token = key_of(n);
        sim.steps(Purpose::Revoke, Step::Row { token, state });
    }
    sim.says("cannot be held").wants(&[]);
    sim.press("enter").wants(&["release"]);
    assert!(!sim.notice().contains("Stop?"));
}

#[test]
fn a_revocation_that_breaks_off_reads_what_became_of_it() {
    let mut sim = running();
    sim.steps(
        Purpose::Revoke,
        Step::Row {
            token: key_of(0),
            state: RowState::Sent,
        },
    );
    sim.ends(
        Purpose::Revoke,
        Err(Failure::new(
            FailureKind::Network,
            "The connection broke.",
            "Look again.",
        )),
    )
    .says("The connection broke.")
    .wants(&["start Tokens quietly"]);
    let revoke = sim.model.tokens.revoke.as_ref().unwrap();
    assert_eq!(
        revoke.rows[0].state,
        RowState::Sent,
        "unknown, and not called otherwise"
    );
    assert_eq!(revoke.rows[1].state, RowState::NotTried);
}

/// What stands of the credential in use.
fn in_use() -> Found {
    Found {
        place: "~/.npmrc, line 1".into(),
        grade: Grade::LooksLike,
        proof: None,
        in_use: true,
    }
}

#[test]
fn p29_the_token_in_use_goes_last_and_the_account_is_read_again() {
    let mut listed = tokens(4);
    listed[1].found = [in_use()].into();
    let mut sim = Sim::with(Tfa::Off, listed);
    sim.press("3 a x").types("4⏎");
    let order = sim.effects.iter().find_map(|effect| match effect {
        npm_warden::app::Effect::Start {
            request: npm_warden::backend::protocol::Request::Revoke { tokens, last, .. },
            ..
        } => Some((tokens.clone(), last.clone())),
        _ => None,
    });
    let (tokens, last) = order.unwrap();
    assert_eq!(tokens, [0, 2, 3].map(key_of));
    assert_eq!(last, [1].map(key_of));
    sim.effects.clear();
    let ends = [0, 2, 3].map(|n| (key_of(n), RowState::Gone(Unprobed::ValueUnknown)));
    let mine = (key_of(1), RowState::Verified);
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: ends.into_iter().chain([mine]).collect(),
            list: Ok(Vec::new()),
        }),
    )
    .says("Of 4 tokens, 1 is gone from a fresh list and refused when tried out; 3 are gone from a fresh list.")
    .tone(Tone::Good)
    .wants(&["start Account quietly"]);
}

#[test]
fn p29_the_token_in_use_alone_is_called_refused() {
    let mut listed = tokens(2);
    listed[0].found = [in_use()].into();
    let mut sim = Sim::with(Tfa::Off, listed);
    sim.press("3 x y").wants(&["start Revoke 1"]);
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: vec![(key_of(0), RowState::Refused)],
            list: Err(failure(FailureKind::SignedOut, "Not accepted.")),
        }),
    )
    .says("The token is refused now, so that no list could be read by it.")
    .tone(Tone::Good);
}
