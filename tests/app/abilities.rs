//! What a registry does not offer: tried once, then said.

use npm_warden::app::keymap::{Action, Scope, enabled, footer};
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::Step;
use npm_warden::domain::ability::Ability;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::Standing;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;

use crate::sim::{Sim, account, profile, standing};

const SAID: &str = "registry.example.com does not offer this: “no such route”.";

fn not_offered() -> Failure {
    Failure::new(FailureKind::NotOffered, SAID, "Nothing was changed.")
}

/// The first, quiet reading of the tokens found that there are none to read.
fn without_tokens() -> Sim {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off));
    sim.ends(Purpose::Tokens, Err(not_offered()));
    sim.effects.clear();
    sim
}

#[test]
fn a_registry_without_tokens_is_found_out_once_and_its_screen_stays_reachable() {
    let mut sim = without_tokens();
    assert_eq!(sim.notice(), "", "it is no fault");
    sim.press("3").at_scope(Scope::Tokens).wants(&[]);
    for key in ["x", "n", "space", "/", "s", "enter"] {
        sim.press(key)
            .says("no such route")
            .says("r to ask it anew");
        sim.at_scope(Scope::Tokens).wants(&[]);
    }
    let named: Vec<_> = footer(&sim.model).into_iter().map(|(key, _)| key).collect();
    assert_eq!(named, ["r", "?", "q"]);
    // Another look at the account does not try again, a wish on the screen does.
    sim.press("1 r").wants(&["start Account"]);
    sim.arrives(account(Tfa::Off)).wants(&[]);
    sim.press("3 r")
        .wants(&["start Account quietly", "start Tokens"]);
    assert!(sim.model.lacks.is_empty());
    sim.ends(Purpose::Tokens, Err(not_offered()));
    assert!(sim.model.lacks.contains_key(&Ability::Tokens));
}

#[test]
fn a_profile_that_cannot_be_set_is_greyed_with_the_registrys_words() {
    let mut sim = Sim::signed_in();
    sim.press("down e")
        .types("x⏎⏎")
        .wants(&["start SaveField fullname=Alx"]);
    sim.ends(Purpose::SaveField, Err(not_offered()));
    // What was typed is kept, and is not sent again.
    sim.at_scope(Scope::ProfileEdit);
    sim.press("enter").says("no such route").wants(&[]);
    sim.press("esc e")
        .at_scope(Scope::Profile)
        .says("no such route");
    let why = enabled(&sim.model, Action::EditField).unwrap_err();
    assert!(why.0.starts_with(SAID), "{}", why.0);
    sim.press("r");
    assert!(enabled(&sim.model, Action::EditField).is_ok());
}

#[test]
fn only_what_is_not_offered_counts() {
    for kind in [FailureKind::Refused, FailureKind::Network] {
        let mut sim = Sim::signed_in();
        sim.press("down e")
            .types("x⏎⏎")
            .fails(Purpose::SaveField, kind, "No.");
        assert!(sim.model.lacks.is_empty());
    }
}

#[test]
fn another_registry_or_account_is_asked_afresh() {
    let mut sim = without_tokens();
    sim.press("r");
    sim.model.lacks.insert(Ability::Tokens, Text::new(SAID));
    sim.steps(
        Purpose::Account,
        Step::Asking(Text::new("other.example.com")),
    );
    assert!(sim.model.lacks.is_empty());
    sim.model.lacks.insert(Ability::Tokens, Text::new(SAID));
    sim.steps(
        Purpose::Account,
        Step::Asking(Text::new("other.example.com")),
    );
    assert!(!sim.model.lacks.is_empty(), "it is still the same one");

    let mut other = profile(Tfa::Off);
    other.name = Text::new("bob");
    sim.effects.clear();
    sim.arrives(standing(Standing::SignedIn(Box::new(other))));
    sim.wants(&["start Tokens quietly"]);
    assert!(sim.model.lacks.is_empty());
}

#[test]
fn a_password_that_cannot_be_changed_here_is_tried_once() {
    let mut sim = Sim::signed_in();
    sim.press("p").types("old⏎another one⏎another one⏎");
    sim.wants(&["start ChangePassword"]);
    sim.ends(Purpose::ChangePassword, Err(not_offered()));
    // The form says so, and sends nothing any more.
    sim.at_scope(Scope::PasswordForm);
    sim.press("enter").says("no such route").wants(&[]);
    sim.press("esc p")
        .says("no such route")
        .at_scope(Scope::Profile);
    assert!(enabled(&sim.model, Action::NewPassword).is_err());
}

#[test]
fn tokens_that_cannot_be_made_here_are_tried_once_and_not_where_there_is_no_list() {
    let mut sim = Sim::at_tokens(2);
    sim.press("n space pgdn").types("pass⏎");
    sim.wants(&["start CreateToken read-only []"]);
    sim.ends(Purpose::CreateToken, Err(not_offered()));
    sim.at_scope(Scope::TokenPassword);
    sim.press("esc y n")
        .says("no such route")
        .at_scope(Scope::Tokens)
        .wants(&[]);

    let mut sim = without_tokens();
    sim.press("3 n").says("no such route").wants(&[]);
}
