//! The registry's questions: a queue above everything.

use std::time::Duration;

use npm_warden::app::keymap::Scope;
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::{Challenge, Event, Question};

use crate::sim::{OTP, Sim, challenge};

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
    sim.types(OTP).press("enter").says("another 4 s").wants(&[]);
    sim.waits(300).press("enter").says("another 3 s").wants(&[]);
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
