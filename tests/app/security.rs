//! The security screen: the level's change, and turning 2FA off.

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Screen, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::Outcome;
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Refusal, Tfa};

use crate::sim::{PASSWORD, Sim, account, profile, tokens};

fn on() -> Sim {
    let mut sim = Sim::with(Tfa::On(Level::AuthAndWrites), tokens(2));
    sim.press("2");
    sim
}

#[test]
fn the_level_changes_to_the_other_one() {
    let mut sim = on();
    sim.press("e").at_scope(Scope::ChangePassword);
    sim.press("enter").says("password first").wants(&[]);
    sim.types(PASSWORD)
        .press("enter")
        .at_scope(Scope::ChangeSent);
    sim.wiped().wants(&["start ChangeLevel auth-only"]);
    let change = sim.model.security.change.as_ref().unwrap();
    assert!(
        change.password.is_empty(),
        "the password went with the request"
    );
    sim.challenged(Purpose::ChangeLevel).types("640917⏎");
    sim.effects.clear();
    sim.ends(
        Purpose::ChangeLevel,
        Ok(Outcome::LevelChanged(Level::AuthOnly)),
    )
    .says("auth-only now")
    .at_scope(Scope::Security)
    .wants(&["start Account quietly"]);
    assert_eq!(sim.model.profile().unwrap().tfa, Tfa::On(Level::AuthOnly));
    // And the other way round.
    sim.arrives(account(Tfa::On(Level::AuthOnly))).press("e");
    let change = sim.model.security.change.as_ref().unwrap();
    assert_eq!(change.to, Some(Level::AuthAndWrites));
}

#[test]
fn turning_it_off_warns_first_and_the_default_is_no() {
    let mut sim = on();
    sim.press("d").at_scope(Scope::ChangeWarning);
    sim.press("enter").at_scope(Scope::Security).wants(&[]);
    sim.press("d n").at_scope(Scope::Security);
    sim.press("d tab enter").at_scope(Scope::ChangePassword);
    sim.press("esc d y").at_scope(Scope::ChangePassword);
    sim.types(PASSWORD).press("enter").wants(&["start Disable"]);
    sim.ends(
        Purpose::Disable,
        Ok(Outcome::Disabled(Box::new(profile(Tfa::Off)))),
    )
    .says("is off")
    .tone(Tone::Good);
    assert_eq!(sim.model.profile().unwrap().tfa, Tfa::Off);
}

#[test]
fn a_wrong_password_keeps_the_form_open_with_the_reason() {
    let mut sim = on();
    sim.press("e").types(PASSWORD).press("enter");
    sim.fails(
        Purpose::ChangeLevel,
        FailureKind::Refused,
        "Wrong password.",
    )
    .says("Wrong password.")
    .at_scope(Scope::ChangePassword);
    let change = sim.model.security.change.as_ref().unwrap();
    assert!(change.error.is_some() && change.password.is_empty());
}

#[test]
fn a_change_that_became_a_new_set_up_shows_that_nothing_protects_the_account_now() {
    let mut sim = on();
    sim.press("e").types(PASSWORD).press("enter");
    sim.effects.clear();
    sim.fails(
        Purpose::ChangeLevel,
        FailureKind::Refused,
        "It began a new set-up.",
    )
    .says("It began a new set-up.")
    .wants(&["start Account quietly"]);
    sim.arrives(account(Tfa::Pending(Some(Level::AuthOnly))))
        .at_scope(Scope::Security)
        .says("It began a new set-up.");
    assert_eq!(
        sim.model.profile().unwrap().tfa,
        Tfa::Pending(Some(Level::AuthOnly))
    );
}

#[test]
fn p04_a_revealed_password_hides_by_itself_and_with_every_change_of_screen() {
    let mut sim = on();
    sim.press("e").types(PASSWORD).press("ctrl-r");
    let shows = |sim: &Sim| {
        let change = sim.model.security.change.as_ref().unwrap();
        change.password.shows_text(sim.now.mono)
    };
    assert!(shows(&sim));
    sim.effects.clear();
    sim.waits(9_999).not_wiped();
    sim.waits(1).wiped();
    assert!(!shows(&sim));
    sim.press("ctrl-r f1").at_scope(Scope::Help);
    sim.press("esc");
    assert!(!shows(&sim), "the help came between");
    sim.press("ctrl-r ctrl-z");
    assert!(!shows(&sim), "the shell came between");
    sim.effects.clear();
    sim.press("esc").wiped().at_scope(Scope::Security);
}

#[test]
fn a_sent_change_is_given_up_first_and_left_alone_the_second_time() {
    let mut sim = on();
    sim.press("e").types(PASSWORD).press("enter");
    sim.effects.clear();
    sim.press("esc")
        .wants(&["cancel"])
        .at_scope(Scope::ChangeSent);
    sim.press("esc").wants(&[]).at_scope(Scope::Security);
    sim.press("e").says("has not ended yet");
    // It happened all the same.
    sim.ends(
        Purpose::ChangeLevel,
        Ok(Outcome::LevelChanged(Level::AuthOnly)),
    )
    .says("auth-only now");
    assert_eq!(sim.model.profile().unwrap().tfa, Tfa::On(Level::AuthOnly));
}

#[test]
fn a_half_done_set_up_can_be_cleared() {
    let mut sim = Sim::with(Tfa::Pending(None), tokens(1));
    sim.press("2 d y").types(PASSWORD).press("enter");
    sim.ends(
        Purpose::Disable,
        Ok(Outcome::Disabled(Box::new(profile(Tfa::Off)))),
    )
    .says("half-done set-up is cleared");
}

#[test]
fn what_cannot_be_done_says_why() {
    let mut sim = Sim::signed_in();
    sim.press("2 d").says("off already");
    sim.model.refusal = Some(Refusal::NotOffered(Text::new("no such thing")));
    sim.press("e")
        .says("has no two-factor authentication")
        .says("no such thing");
    sim.model.refusal = Some(Refusal::Closed(Text::new("closed")));
    sim.press("e").says("use its website");
    assert!(sim.model.wizard.is_none());
    // The refusal is forgotten when the screen is read anew.
    sim.press("r").arrives(account(Tfa::Off)).press("e");
    assert!(sim.model.wizard.is_some());

    let mut sim = Sim::with(Tfa::Unknown(Text::new("passkey")), tokens(1));
    sim.press("2 e").says("passkey").press("d").says("passkey");
    assert_eq!(sim.model.screen, Screen::Security);
}

#[test]
fn the_footer_names_what_the_keys_do_by_how_2fa_stands() {
    for (tfa, e, d) in [
        (Tfa::Off, Some("enable 2FA"), None),
        (Tfa::Pending(None), Some("start over"), Some("clear it")),
        (
            Tfa::On(Level::AuthOnly),
            Some("change level"),
            Some("disable 2FA"),
        ),
    ] {
        let mut sim = Sim::with(tfa, tokens(1));
        sim.press("2");
        let footer = npm_warden::app::keymap::footer(&sim.model);
        let word = |key: &str| footer.iter().find(|(k, _)| k == key).map(|(_, word)| *word);
        assert_eq!((word("e"), word("d")), (e, d));
    }
}
