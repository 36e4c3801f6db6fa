//! The line that says what just happened: it belongs to where it was said.

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Tone, WizardStep};
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::{Outcome, Question};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::{Level, Tfa};

use crate::sim::{OTP, PASSWORD, Sim, challenge, profile, tokens};

fn silent(sim: &mut Sim) {
    assert_eq!(sim.notice(), "");
}

#[test]
fn what_was_said_goes_with_the_step_the_screen_and_the_dialog() {
    // A step of the wizard.
    let mut sim = Sim::signed_in();
    sim.press("2 e enter enter enter").says("password first");
    silent(sim.press("esc"));
    // A screen.
    let mut sim = Sim::at_tokens(3);
    sim.press("s").says("Sorted");
    silent(sim.press("1"));
    // A dialog that opens above it.
    let mut sim = Sim::at_tokens(3);
    sim.press("a x enter").says("type how many");
    sim.types("3⏎").at_scope(Scope::RevokeRunning);
    silent(&mut sim);
    // Another attempt in the same dialog.
    sim.challenged(Purpose::Revoke)
        .press("enter")
        .says("Type the code");
    sim.types(OTP).press("enter enter").says("looking at");
    silent(sim.asks(Purpose::Revoke, Question::Challenge(challenge(2))));
}

#[test]
fn a_warning_goes_with_its_place_too() {
    let mut sim = Sim::signed_in();
    sim.press("2 e enter enter")
        .types(PASSWORD)
        .press("enter shift-tab")
        .types("/tmp/x⏎");
    sim.ends(
        Purpose::ProvePlace,
        Ok(Outcome::PlaceProved {
            place: Place::File("/tmp/x".into()),
            warnings: vec!["Others can read it.".into()],
        }),
    )
    .says("all the same")
    .tone(Tone::Warning);
    // The other place, and the path typed anew: it is about neither.
    silent(sim.press("tab"));
    sim.press("esc").step(WizardStep::Password);
    silent(&mut sim);
}

#[test]
fn how_a_request_failed_outlives_its_place_but_not_for_ever() {
    let mut sim = Sim::with(Tfa::On(Level::AuthOnly), tokens(3));
    sim.press("2 e").types(PASSWORD).press("enter");
    sim.fails(
        Purpose::ChangeLevel,
        FailureKind::Refused,
        "Wrong password.",
    )
    .says("Wrong password.")
    .tone(Tone::Bad);
    // It stays while the person is there, and for a while elsewhere.
    sim.waits(60_000).says("Wrong password.");
    sim.press("esc").says("Wrong password.");
    sim.waits(19_000).says("Wrong password.");
    silent(sim.waits(1_000));

    let mut sim = Sim::signed_in();
    sim.press("e").types("x⏎").press("enter");
    sim.ends(
        Purpose::SaveField,
        Ok(Outcome::Saved(Box::new(profile(Tfa::Off)))),
    )
    .says("is saved");
    // What was done asks for nothing, and goes with the place.
    silent(sim.press("3"));
}

#[test]
fn what_the_person_cancelled_is_no_failure() {
    let mut sim = Sim::with(Tfa::On(Level::AuthOnly), tokens(3));
    sim.press("2 e").types(PASSWORD).press("enter");
    sim.challenged(Purpose::ChangeLevel)
        .waits(300)
        .press("esc")
        .fails(Purpose::ChangeLevel, FailureKind::Cancelled, "Cancelled.")
        .says("Cancelled.")
        .tone(Tone::Plain);
}
