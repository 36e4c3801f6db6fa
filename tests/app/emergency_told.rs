//! What is told of an emergency around it: that one was interrupted, how one ended, what its surroundings say meanwhile.

use std::sync::Arc;

use npm_warden::app::emergency::model::interrupted;
use npm_warden::app::emergency::reminder;
use npm_warden::app::keymap::Scope;
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::{Event, JournalId, Outcome, RequestId, Unfinished};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::Standing;
use npm_warden::domain::incident::Ask;
use npm_warden::domain::signin::Kept;
use npm_warden::domain::tfa::{Level, Tfa};

use crate::emergency::{asked, begun, incident};
use crate::sim::{Sim, account, failure, identity, profile, standing, tokens};

fn left() -> Outcome {
    Outcome::Unfinished(vec![Unfinished::Emergency {
        id: JournalId("emergency-20261122T120000Z".to_owned()),
        incident: Arc::new(incident(7, 14)),
    }])
}

fn newest(sim: &Sim) -> RequestId {
    let all = sim.model.requests.iter();
    let looks = all.filter(|(_, request)| request.purpose == Purpose::Unfinished);
    looks.map(|(id, _)| *id).max().expect("it is looked for")
}

fn finds(sim: &mut Sim, outcome: Outcome) {
    let id = newest(sim);
    ends(sim, id, Ok(outcome));
}

fn ends(sim: &mut Sim, id: RequestId, result: Result<Outcome, Failure>) {
    sim.event(Event::Finished { id, result });
}

#[test]
fn an_interrupted_one_is_looked_for_whatever_became_of_the_credential() {
    let rejected = || standing(Standing::Rejected("Unable to authenticate".into()));
    for start in [
        Ok(rejected()),
        Ok(standing(Standing::SignedOut)),
        Err(failure(FailureKind::Network, "No answer.")),
        Ok(account(Tfa::Off)),
    ] {
        let mut sim = Sim::start(false);
        sim.ends(Purpose::Account, start);
        finds(&mut sim, left());
        assert_eq!(
            reminder(&sim.model).as_deref(),
            Some("An emergency was interrupted at step 7: ! goes on with it.")
        );
        sim.press("!");
        assert_eq!(reminder(&sim.model), None);
        sim.effects.clear();
        sim.press("enter").wants(&["start Emergency"]);
        assert!(interrupted(&sim.model.unfinished).is_none(), "it goes on");
    }
}

#[test]
fn after_a_sign_in_it_is_looked_for_again() {
    let mut sim = Sim::start(false);
    sim.arrives(standing(Standing::Rejected("no".into())));
    finds(&mut sim, Outcome::Unfinished(Vec::new()));
    sim.press("enter").waits(400).press("enter");
    let signed_in = Outcome::SignedIn {
        identity: Box::new(identity()),
        standing: Standing::SignedIn(Box::new(profile(Tfa::Off))),
        clock_ahead: Some(0),
        kept: Kept::Session,
    };
    sim.ends(Purpose::SignIn, Ok(signed_in));
    finds(&mut sim, left());
    assert!(interrupted(&sim.model.unfinished).is_some());
}

#[test]
fn a_look_that_was_overtaken_takes_nothing_away() {
    let mut sim = Sim::with(Tfa::Off, tokens(2));
    let first = newest(&sim);
    sim.press("! r");
    assert_ne!(newest(&sim), first);
    finds(&mut sim, left());
    ends(&mut sim, first, Ok(Outcome::Unfinished(Vec::new())));
    assert!(interrupted(&sim.model.unfinished).is_some());
}

#[test]
fn the_reminder_names_no_key_that_does_not_work() {
    let mut sim = begun(4, 3);
    sim.press("2");
    let says = |sim: &Sim| reminder(&sim.model).unwrap();
    assert!(says(&sim).ends_with(": ! leads back to it."));
    sim.press("e").at_scope(Scope::ChangePassword);
    assert!(
        says(&sim).ends_with("once this is closed."),
        "{}",
        says(&sim)
    );
    sim.press("esc !").at_scope(Scope::Emergency);

    let mut sim = asked(7, 3, Ask::Account);
    sim.press("enter").at_scope(Scope::PasswordForm);
    let words = "An emergency is under way and waits for you: it goes on when this is closed.";
    assert_eq!(says(&sim), words);
    sim.press("esc down enter").at_scope(Scope::Guide);
    assert_eq!(says(&sim), words);

    let mut sim = Sim::with(Tfa::On(Level::AuthAndWrites), tokens(3));
    finds(&mut sim, left());
    sim.press("1 p").at_scope(Scope::PasswordForm);
    assert!(
        says(&sim).ends_with("once this is closed."),
        "{}",
        says(&sim)
    );
}
