//! The registry's questions: a queue above everything.

use std::time::Duration;

use npm_warden::app::keymap::Scope;
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::{Challenge, Event, Question, RowState, Step};

use crate::sim::{CODE, OTP, Sim, challenge, tokens};

fn revoking() -> Sim {
    let mut sim = Sim::at_tokens(5);
    sim.press("x y").wants(&["start Revoke 1"]);
    sim
}

#[test]
fn a_challenge_stands_above_what_was_open_and_gives_it_back() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).at_scope(Scope::Challenge);
    let id = sim.id(Purpose::Revoke);
    sim.types(OTP).press("enter");
    assert_eq!(sim.answers(), [(id, format!("code {OTP}"))]);
    // What was typed is gone, and a second Enter sends nothing.
    assert!(sim.model.challenges[0].typed.is_empty());
    sim.press("enter").says("looking at the code").wants(&[]);
    sim.event(Event::Cleared { id })
        .wiped()
        .at_scope(Scope::RevokeRunning);
}

#[test]
fn enter_counts_only_after_something_was_typed() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).press("enter").wants(&[]);
    sim.says("Type the code");
    // What was still in the fingers when the dialog opened is no code.
    sim.types("ab").press("enter").wants(&[]);
    sim.says("at least six");
}

#[test]
fn esc_counts_only_after_the_dialog_was_open_for_a_moment() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    sim.waits(299).press("esc").at_scope(Scope::Challenge);
    sim.waits(1).press("esc").at_scope(Scope::RevokeRunning);
    sim.wants(&["cancel"]);
    // A question that was on its way is not asked any more.
    sim.challenged(Purpose::Revoke).wants(&["cancel"]);
    sim.at_scope(Scope::RevokeRunning);
}

#[test]
fn p17_a_pasted_code_with_blanks_and_a_newline_fills_and_never_submits() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    let (front, back) = OTP.split_at(3);
    sim.pastes(&format!(" {front} {back}\r\n")).wants(&[]);
    sim.at_scope(Scope::Challenge).press("enter");
    assert_eq!(sim.answers()[0].1, format!("code {OTP}"));
}

#[test]
fn a_refused_code_is_asked_for_again_in_place() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).types(OTP).press("enter");
    sim.effects.clear();
    let id = sim.id(Purpose::Revoke);
    sim.event(Event::Asked {
        id,
        question: Question::Challenge(challenge(2)),
    });
    assert_eq!(sim.model.challenges.len(), 1);
    let asked = &sim.model.challenges[0];
    assert!(asked.challenge.attempt == 2 && !asked.answered && asked.typed.is_empty());
    // Enter alone sends nothing: the refused code is not there to be sent again (promise P15).
    sim.press("enter").wants(&[]);
}

#[test]
fn a_second_challenge_waits_behind_the_first() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).types("640");
    let first = sim.id(Purpose::Revoke);
    // A save that was begun before is asked about as well.
    sim.model.overlay = None;
    let id = npm_warden::backend::protocol::RequestId(sim.model.next_id);
    sim.model.next_id += 1;
    sim.model.requests.insert(
        id,
        npm_warden::app::request::InFlight {
            purpose: Purpose::SaveField,
            asking: npm_warden::backend::protocol::Asking::Allowed,
            cancelled: false,
        },
    );
    sim.event(Event::Asked {
        id,
        question: Question::Challenge(challenge(1)),
    });
    assert_eq!(sim.model.challenges.len(), 2);
    assert_eq!(sim.model.challenges[0].id, first);
    assert_eq!(sim.model.challenges[0].typed.value().expose(), "640");
    assert_eq!(sim.model.challenges[1].opened, None);
    sim.waits(400).press("esc");
    // The next one comes to the front and has its own moment of grace.
    assert_eq!(sim.model.challenges[0].id, id);
    sim.press("esc").at_scope(Scope::Challenge);
    sim.types(OTP).press("enter");
    assert_eq!(sim.answers().last().unwrap().0, id);
}

#[test]
fn p15_no_code_goes_out_while_the_registry_takes_none() {
    let mut sim = revoking();
    sim.asks(
        Purpose::Revoke,
        Question::Challenge(Challenge {
            wait: Some(Duration::from_millis(3200)),
            attempt: 4,
            ..challenge(4)
        }),
    );
    sim.types(OTP)
        .press("enter")
        .says("before the wait is over")
        .wants(&[]);
    sim.waits(300)
        .press("enter")
        .says("before the wait is over")
        .wants(&[]);
    let next = sim.now.mono + Duration::from_millis(900);
    assert_eq!(sim.model.wake_at(), Some(next), "once a second");
    sim.waits(2900).press("enter");
    assert_eq!(sim.answers().len(), 1);
}

#[test]
fn a_background_read_is_not_allowed_to_ask() {
    let mut sim = Sim::start(false);
    sim.arrives(crate::sim::account(npm_warden::domain::tfa::Tfa::Off));
    sim.effects.clear();
    sim.challenged(Purpose::Tokens).wants(&["cancel"]);
    assert!(sim.model.challenges.is_empty());
}

#[test]
fn p04_a_recovery_code_is_masked_and_a_revealed_one_hides_by_itself() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke).types(OTP);
    let shows = |sim: &Sim| {
        let field = &sim.model.challenges[0].typed;
        field.shows_text(sim.now.mono)
    };
    assert!(shows(&sim), "digits can be checked while they are typed");
    sim.types("abcdefgh");
    assert!(!shows(&sim));
    sim.press("ctrl-r");
    assert!(shows(&sim));
    sim.effects.clear();
    sim.waits(10_000).wiped();
    assert!(!shows(&sim));
}

#[test]
fn the_end_of_a_request_takes_its_question_along() {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    sim.fails(
        Purpose::Revoke,
        npm_warden::domain::failure::FailureKind::Network,
        "Gone.",
    )
    .wiped()
    .at_scope(Scope::RevokeDone);
}

/// A recovery code stands in the field, typed or pasted, and Enter was pressed.
fn at_the_page(way: fn(&mut Sim)) -> Sim {
    let mut sim = revoking();
    sim.challenged(Purpose::Revoke);
    way(&mut sim);
    sim.press("enter").at_scope(Scope::Spending).wants(&[]);
    sim
}

#[test]
fn p11_a_recovery_code_goes_out_only_after_a_page_of_its_own() {
    let code = format!("{CODE}{CODE}");
    let typed: fn(&mut Sim) = |sim| {
        sim.types(CODE).types(CODE);
    };
    let pasted: fn(&mut Sim) = |sim| {
        sim.pastes(&format!(" {CODE} {CODE}\n"));
    };
    for way in [typed, pasted] {
        // No is the default, and so is Esc; the text is kept.
        for keys in ["enter", "n", "esc", "tab tab enter"] {
            let mut sim = at_the_page(way);
            sim.waits(400).press(keys).at_scope(Scope::Challenge);
            assert!(sim.answers().is_empty());
            assert!(!sim.model.challenges[0].typed.is_empty());
        }
        for keys in ["y", "tab enter"] {
            let mut sim = at_the_page(way);
            sim.waits(400).press(keys).at_scope(Scope::Challenge);
            assert_eq!(sim.answers()[0].1, format!("code {code}"));
            assert!(sim.model.challenges[0].typed.is_empty());
            sim.press("enter").wants(&[]);
        }
    }
}

#[test]
fn p11_the_page_comes_for_whatever_no_clock_shows_and_each_time_anew() {
    for (typed, page) in [
        ("12345678", false),
        ("1234567890123456", false),
        ("12345678901234567", true),
        ("12a456", true),
    ] {
        let mut sim = revoking();
        sim.challenged(Purpose::Revoke).types(typed).press("enter");
        assert_eq!(sim.answers().is_empty(), page, "{typed}");
    }
    let mut sim = at_the_page(|sim| {
        sim.types(CODE);
    });
    // Another question of the registry closes the page.
    sim.asks(Purpose::Revoke, Question::Challenge(challenge(2)))
        .at_scope(Scope::Challenge);
    sim.types(CODE).press("enter").at_scope(Scope::Spending);
}

#[test]
fn p11_what_follows_a_pasted_code_at_once_is_no_yes() {
    let mut sim = at_the_page(|sim| {
        sim.types(CODE);
    });
    // A terminal that types what it pastes, and a second line with a y in it.
    sim.press("y tab enter").at_scope(Scope::Spending);
    assert!(sim.answers().is_empty());
    sim.pastes("y").at_scope(Scope::Spending);
}

#[test]
fn a_question_in_the_middle_of_a_revocation_knows_how_far_it_came() {
    let mut sim = Sim::at_tokens(5);
    sim.press("a x").types("5⏎").challenged(Purpose::Revoke);
    let id = sim.id(Purpose::Revoke);
    assert_eq!(sim.model.revoked_so_far(id), Some((0, 0, 5)));
    let states = [RowState::Accepted, RowState::AlreadyGone, RowState::Sent];
    for (token, state) in tokens(5).into_iter().zip(states) {
        let token = token.key;
        sim.steps(Purpose::Revoke, Step::Row { token, state });
    }
    assert_eq!(sim.model.revoked_so_far(id), Some((2, 1, 2)));
}
