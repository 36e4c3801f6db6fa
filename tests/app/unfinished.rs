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
        "A revocation of 4 tokens was interrupted: 3 of 4 are left."
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
    sim.press("F").at_scope(Scope::ForgetAsk).wants(&[]);
    sim.press("enter").at_scope(Scope::Tokens).wants(&[]);
    sim.press("F y");
    assert!(matches!(
        sim.effects.last(),
        Some(Effect::Start { request: Request::DropUnfinished { left }, .. }) if left.0 == "revocation-1"
    ));
    sim.ends(Purpose::Unfinished, Ok(Outcome::Unfinished(Vec::new())));
    assert!(words(&sim.model).is_none());
    sim.press("R").says("Nothing was interrupted").wants(&[]);
}

/// One that was interrupted, of these tokens.
fn left_over(rows: impl IntoIterator<Item = (TokenKey, RowState)>) -> Sim {
    let mut sim = Sim::at_tokens(5);
    let rows = rows.into_iter();
    let left = Unfinished::Revocation {
        id: JournalId("revocation-1".to_owned()),
        began: jiff::Timestamp::UNIX_EPOCH,
        rows: rows.map(|(key, state)| (key, "ci".into(), state)).collect(),
    };
    sim.ends(Purpose::Unfinished, Ok(Outcome::Unfinished(vec![left])));
    sim.effects.clear();
    sim
}

fn said(sim: &Sim) -> String {
    words(&sim.model).unwrap().1
}

#[test]
fn p30_what_the_list_lacks_is_not_counted_as_left_nor_typed() {
    let gone = (0..3).map(|n| (TokenKey::new(format!("gone{n}")), RowState::Sent));
    let listed = (0..4).map(|n| (token(n).key, RowState::Waiting));
    let mut sim = left_over(gone.chain(listed));
    assert_eq!(
        said(&sim),
        "A revocation of 7 tokens was interrupted: 4 of 7 are left."
    );
    sim.press("R").at_scope(Scope::RevokeCount);
    let revoke = sim.model.tokens.revoke.as_ref().unwrap();
    assert_eq!((revoke.rows.len(), revoke.going()), (4, 4));
    sim.types("4⏎").at_scope(Scope::RevokeRunning);
    // The job tells of all of them: what was gone before is no part of what was asked about.
    let rows = (0..3)
        .map(|n| (TokenKey::new(format!("gone{n}")), RowState::AlreadyGone))
        .chain((0..4).map(|n| (token(n).key, RowState::Gone(Unprobed::ValueUnknown))));
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: rows.collect(),
            list: Ok(vec![token(4)]),
        }),
    );
    sim.says("All 4 tokens are gone from a fresh list.");
    assert_eq!(sim.model.tokens.revoke.as_ref().unwrap().rows.len(), 4);
}

#[test]
fn p30_with_nothing_of_it_in_the_list_nothing_is_asked_and_it_is_looked_at_once_more() {
    let gone = (0..3).map(|n| (TokenKey::new(format!("gone{n}")), RowState::Sent));
    let mut sim = left_over(gone);
    assert_eq!(
        said(&sim),
        "Of a revocation of 3 tokens nothing is in the list any more."
    );
    sim.press("R").at_scope(Scope::Tokens);
    assert!(sim.running(Purpose::Revoke).is_some());
}

#[test]
fn p30_a_revocation_that_came_to_its_end_is_not_called_interrupted() {
    let failed = || RowState::Failed(failure(FailureKind::Refused, "No."));
    let gone = (1..6).map(|n| (TokenKey::new(format!("gone{n}")), RowState::AlreadyGone));
    let sim = left_over([(token(0).key, failed())].into_iter().chain(gone));
    assert_eq!(
        said(&sim),
        "A revocation of 6 tokens has left 1 of 6: 1 failed."
    );
    assert_eq!(
        npm_warden::app::unfinished::way_on(&sim.model),
        "R sends it again"
    );
    let sim = left_over([(token(0).key, failed()), (token(1).key, RowState::NotTried)]);
    assert_eq!(
        said(&sim),
        "A revocation of 2 tokens has left 2 of 2: 1 failed, 1 not tried."
    );
}

#[test]
fn p31_what_is_still_accepted_is_looked_at_again_and_not_counted_among_what_goes() {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let still = RowState::StillAccepted {
        since: at,
        probed: at,
    };
    let mut sim = left_over([(TokenKey::new("unlisted"), still)]);
    assert_eq!(
        said(&sim),
        "A revocation of 1 token has left 1 of 1: 1 still accepted."
    );
    sim.press("R").at_scope(Scope::RevokeAsk).wants(&[]);
    assert_eq!(sim.model.tokens.revoke.as_ref().unwrap().going(), 0);
    sim.press("y").at_scope(Scope::RevokeRunning);
}
