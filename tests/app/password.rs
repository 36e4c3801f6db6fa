//! Changing the password.

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::Tone;
use npm_warden::app::password::{PasswordField, PasswordForm, Remark};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Effect, Msg};
use npm_warden::backend::protocol::{Outcome, Request};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::{CredentialKind, Standing};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;

use crate::sim::{NEW_PASSWORD, PASSWORD, Sim, failure, profile, standing};

fn open() -> Sim {
    let mut sim = Sim::signed_in();
    sim.press("p").at_scope(Scope::PasswordForm);
    sim
}

fn form(sim: &Sim) -> &PasswordForm {
    sim.model.profile.password.as_ref().unwrap()
}

fn said(sim: &Sim, field: PasswordField) -> Vec<Remark> {
    form(sim).said(field, "alice")
}

/// All three fields filled in.
fn filled(sim: &mut Sim, current: &str, new: &str, again: &str) {
    sim.types(current)
        .press("enter")
        .types(new)
        .press("tab")
        .types(again);
}

fn sent() -> Sim {
    let mut sim = open();
    filled(&mut sim, PASSWORD, NEW_PASSWORD, NEW_PASSWORD);
    sim.effects.clear();
    sim.press("enter").at_scope(Scope::PasswordSent);
    sim
}

fn changed(sim: &mut Sim, after: Result<(), FailureKind>) -> &mut Sim {
    let after = match after {
        Ok(()) => Ok(Box::new(profile(Tfa::Off))),
        Err(kind) => Err(failure(kind, "It said no.")),
    };
    sim.ends(Purpose::ChangePassword, Ok(Outcome::PasswordChanged(after)))
}

#[test]
fn the_new_password_goes_out_once_with_the_present_one_and_is_kept_nowhere() {
    let mut sim = open();
    filled(&mut sim, PASSWORD, NEW_PASSWORD, NEW_PASSWORD);
    sim.wants(&[]);
    sim.press("enter").at_scope(Scope::PasswordSent).wiped();
    let sent = sim.effects.iter().find_map(|effect| match effect {
        Effect::Start {
            request: Request::ChangePassword { current, new },
            ..
        } => Some((current.expose().as_str(), new.expose().as_str())),
        _ => None,
    });
    assert_eq!(sent, Some((PASSWORD, NEW_PASSWORD)));
    // Nothing more is typed or sent while it is out.
    sim.effects.clear();
    sim.types("x⏎").wants(&[]);
    assert!(form(&sim).current.is_empty());
}

#[test]
fn fields_are_walked_through_and_letters_are_text() {
    let mut sim = open();
    let at = |sim: &Sim| form(sim).at;
    sim.types("q?:1pnx");
    assert_eq!(form(&sim).current.value().expose(), "q?:1pnx");
    sim.press("ctrl-u");
    assert!(form(&sim).current.is_empty());
    for (key, field) in [
        ("tab", PasswordField::New),
        ("down", PasswordField::Again),
        ("tab", PasswordField::Current),
        ("shift-tab", PasswordField::Again),
        ("up", PasswordField::New),
        ("enter", PasswordField::Again),
    ] {
        sim.press(key);
        assert_eq!(at(&sim), field, "{key}");
    }
    sim.press("up").pastes("pasted\n");
    assert_eq!(at(&sim), PasswordField::New, "p17: a paste never submits");
    assert_eq!(form(&sim).new.value().expose(), "pasted");
    sim.press("esc")
        .at_scope(Scope::Profile)
        .says("Nothing was sent")
        .wiped();
}

#[test]
fn what_cannot_be_meant_is_said_beside_its_field_and_not_sent() {
    use PasswordField::{Again, Current, New};
    // Nothing typed at all.
    let mut sim = open();
    sim.press("up enter").wants(&[]);
    assert_eq!(form(&sim).at, Current);
    for field in PasswordField::ALL {
        assert_eq!(said(&sim, field), [Remark::Missing]);
    }
    // The new one is the old one.
    let mut sim = open();
    filled(&mut sim, PASSWORD, PASSWORD, PASSWORD);
    assert_eq!(
        said(&sim, New),
        [Remark::Same],
        "said when the field is left"
    );
    sim.press("enter").wants(&[]);
    assert_eq!(form(&sim).at, New);
    // The two new ones do not agree; mended, it goes.
    let mut sim = open();
    filled(&mut sim, PASSWORD, NEW_PASSWORD, "canary-new-secreT");
    assert_eq!(said(&sim, Again), [], "not while it is being typed");
    sim.press("enter").wants(&[]);
    assert_eq!(said(&sim, Again), [Remark::Differs]);
    sim.press("backspace").types("t");
    assert_eq!(said(&sim, Again), []);
    sim.press("enter").wants(&["start ChangePassword"]);
}

#[test]
fn what_another_registry_may_take_is_a_warning() {
    for (new, remarks) in [
        ("my-ALICE-password", vec![Remark::HasName]),
        ("tenletters", vec![Remark::Short]),
        ("elevenchars", vec![]),
        ("alice", vec![Remark::HasName, Remark::Short]),
    ] {
        let mut sim = open();
        filled(&mut sim, PASSWORD, new, new);
        assert_eq!(said(&sim, PasswordField::New), remarks, "{new}");
        assert!(remarks.iter().all(|remark| !remark.blocks()));
        sim.press("enter").wants(&["start ChangePassword"]);
    }
}

#[test]
fn p04_a_revealed_password_hides_by_itself() {
    let mut sim = open();
    sim.types(PASSWORD).press("ctrl-r");
    let shows = |sim: &Sim| form(sim).current.shows_text(sim.now.mono);
    assert!(shows(&sim));
    sim.effects.clear();
    sim.waits(9_999).not_wiped();
    sim.waits(1).wiped();
    assert!(!shows(&sim));
    sim.press("ctrl-r tab")
        .types(NEW_PASSWORD)
        .press("ctrl-r f1 esc");
    assert!(!shows(&sim) && !form(&sim).new.shows_text(sim.now.mono));
}

#[test]
fn p33_a_changed_password_tells_of_the_credential_that_was_tried_and_of_no_other() {
    let claims_nothing = |sim: &Sim| {
        let text = sim.notice();
        let of_others = [
            "tokens are",
            "tokens stop",
            "tokens go on",
            "were revoked",
            "signed out everywhere",
        ];
        assert!(
            !of_others.iter().any(|claim| text.contains(claim)),
            "{text}"
        );
    };
    let mut sim = sent();
    changed(&mut sim, Ok(()))
        .at_scope(Scope::Profile)
        .tone(Tone::Good)
        .says("The password is changed, and the credential in use here still works.");
    claims_nothing(&sim);
    // Where it died with the password, that is said, with what to do; the screens say so too.
    let mut sim = sent();
    sim.effects.clear();
    changed(&mut sim, Err(FailureKind::SignedOut))
        .tone(Tone::Warning)
        .says("does not accept the credential any more: sign in again with the new password.")
        .wants(&["start Account quietly"]);
    sim.arrives(standing(Standing::Rejected(Text::new("no"))))
        .says("sign in again with the new password");
    claims_nothing(&sim);
    // Where it could not be tried, that.
    let mut sim = sent();
    changed(&mut sim, Err(FailureKind::Network))
        .tone(Tone::Warning)
        .says("The password is changed. Whether the credential in use still works is not known: It said no.");
    claims_nothing(&sim);
}

#[test]
fn p33_a_file_that_holds_the_old_password_is_named() {
    let mut sim = Sim::signed_in();
    if let npm_warden::app::model::Load::Ready(account) = &mut sim.model.account {
        account.identity.credential.as_mut().unwrap().kind = CredentialKind::Basic;
    }
    sim.press("p");
    filled(&mut sim, PASSWORD, NEW_PASSWORD, NEW_PASSWORD);
    sim.press("enter");
    changed(&mut sim, Err(FailureKind::SignedOut))
        .says("~/.npmrc line 2 still holds the old one: sign in");
}

#[test]
fn a_refusal_keeps_the_form_open_with_the_reason_and_no_password() {
    for kind in [
        FailureKind::Refused,
        FailureKind::Network,
        FailureKind::Cancelled,
    ] {
        let mut sim = sent();
        sim.challenged(Purpose::ChangePassword)
            .at_scope(Scope::Challenge);
        sim.fails(Purpose::ChangePassword, kind, "It did not work.")
            .at_scope(Scope::PasswordForm);
        let form = form(&sim);
        assert_eq!(form.at, PasswordField::Current);
        let why = form.error.as_ref().unwrap();
        assert_eq!(why.what.as_str(), "It did not work.");
        assert!(form.new.is_empty() && form.again.is_empty());
        // Nothing is called missing before it was looked for.
        assert_eq!(said(&sim, PasswordField::Current), []);
    }
}

#[test]
fn a_sent_change_is_given_up_first_and_left_alone_the_second_time() {
    let mut sim = sent();
    sim.effects.clear();
    sim.press("esc")
        .wants(&["cancel"])
        .at_scope(Scope::PasswordSent);
    sim.press("esc")
        .wants(&[])
        .at_scope(Scope::Profile)
        .tone(Tone::Warning);
    sim.press("p")
        .says("has not ended yet")
        .at_scope(Scope::Profile);
    sim.press("q").at_scope(Scope::Leaving).press("n");
    // It happened all the same.
    changed(&mut sim, Ok(())).says("The password is changed");
    sim.press("p").at_scope(Scope::PasswordForm);
}

#[test]
fn nobody_signed_in_changes_no_password() {
    let mut sim = Sim::start(false);
    sim.press("p").says("not here yet").at_scope(Scope::Absent);
    sim.arrives(standing(Standing::SignedOut));
    sim.press("p")
        .says("Nobody is signed in")
        .at_scope(Scope::Absent);
    // A form does not outlive its account.
    let mut sim = open();
    sim.types(PASSWORD);
    sim.press("esc r p").types(PASSWORD);
    sim.arrives(standing(Standing::Rejected(Text::new("no"))));
    assert!(sim.model.profile.password.is_none());
    sim.wiped();
}

#[test]
fn a_window_that_is_closed_leaves_nothing_behind() {
    let mut sim = open();
    sim.types(PASSWORD).press("ctrl-r");
    sim.effects.clear();
    sim.send(Msg::Terminate).wiped();
    assert!(!form(&sim).current.shows_text(sim.now.mono));
}
