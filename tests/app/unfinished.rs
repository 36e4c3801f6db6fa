//! What was interrupted is offered on the screen of the tokens, asked about as ever, and can be forgotten.

use npm_warden::app::Effect;
use npm_warden::app::keymap::Scope;
use npm_warden::app::unfinished::words;
use npm_warden::backend::protocol::{
    JournalId, Outcome, Request, RowState, Step, Unfinished, Unprobed,
};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::token::{KnownAs, TokenKey};

use super::sim::{Sim, failure, token};
use npm_warden::app::request::Purpose;

/// A revocation of which so many tokens of the list are left, and one is gone.
pub(crate) fn interrupted(left: usize) -> Outcome {
    let row = |n: usize, state| (token(n).key, KnownAs::from("ci npm_ab"), state);
    let mut rows: Vec<_> = (0..left).map(|n| row(n, RowState::Sent)).collect();
    rows.push((
        TokenKey::new("gone"),
        KnownAs::from("old npm_cd"),
        RowState::Gone(Unprobed::ValueUnknown),
    ));
    Outcome::Unfinished(vec![Unfinished::Revocation {
        id: JournalId("revocation-1".to_owned()),
        began: jiff::Timestamp::UNIX_EPOCH,
        rows,
    }])
}

fn offered(left: usize) -> Sim {
    let mut sim = Sim::at_tokens(5);
    sim.ends(Purpose::Unfinished, Ok(interrupted(left)));
    sim.effects.clear();
    sim
}

#[test]
fn p30_it_is_looked_for_when_the_account_is_known_and_offered_with_what_is_left() {
    let sim = Sim::at_tokens(5);
    assert!(sim.running(Purpose::Unfinished).is_some());
    let sim = offered(3);
    let (_, words) = words(&sim.model).unwrap();
    assert_eq!(
        words,
        "A revocation of 4 tokens was interrupted: 3 are not known to be gone."
    );
}

#[test]
fn p28_p30_going_on_asks_first_and_sends_what_is_left_by_its_journal() {
    let mut sim = offered(3);
    sim.press("R").at_scope(Scope::RevokeCount).wants(&[]);
    let rows = &sim.model.tokens.revoke.as_ref().unwrap().rows;
    assert_eq!(rows.len(), 3, "what is gone is not asked about");
    sim.types("3⏎").at_scope(Scope::RevokeRunning);
    assert!(matches!(
        sim.effects.last(),
        Some(Effect::Start { request: Request::ResumeRevocation { left }, .. }) if left.0 == "revocation-1"
    ));
    assert!(words(&sim.model).is_none(), "it goes on");
    let why = failure(FailureKind::Local, "The disk is full.");
    sim.steps(Purpose::Revoke, Step::Unkept(why));
    assert!(sim.model.tokens.revoke.as_ref().unwrap().unkept.is_some());

    let mut sim = offered(1);
    sim.press("R").at_scope(Scope::RevokeAsk).press("enter");
    sim.at_scope(Scope::Tokens).wants(&[]);
}

#[test]
fn it_can_be_forgotten_and_where_nothing_was_interrupted_that_is_said() {
    let mut sim = offered(2);
    sim.press("F");
    assert!(matches!(
        sim.effects.last(),
        Some(Effect::Start { request: Request::DropUnfinished { left }, .. }) if left.0 == "revocation-1"
    ));
    sim.ends(Purpose::Unfinished, Ok(Outcome::Unfinished(Vec::new())));
    assert!(words(&sim.model).is_none());
    sim.press("R").says("Nothing was interrupted").wants(&[]);
}
