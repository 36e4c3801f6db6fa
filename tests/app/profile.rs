//! The account, and the profile screen.

use npm_warden::app::Msg;
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Load, Screen, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::backend::protocol::{Event, Outcome};
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};

use crate::sim::{Sim, account, key, profile, standing, tokens};

#[test]
fn the_program_begins_with_the_account_and_the_kept_codes_and_then_counts_the_tokens() {
    let mut sim = Sim::start(false);
    sim.wants(&["start Account", "start Sets quietly"]);
    sim.arrives(account(Tfa::Off));
    sim.wants(&["start Tokens quietly"]);
    sim.lists(tokens(3));
    assert_eq!(sim.model.tokens.list.value().unwrap().len(), 3);
    assert_eq!(sim.model.screen, Screen::Profile);
}

#[test]
fn signed_out_and_rejected_are_states_of_the_account_and_say_why_nothing_can_be_edited() {
    for (state, why) in [
        (Standing::SignedOut, "no credential"),
        (
            Standing::Rejected(Text::new("bad token")),
            "does not accept the credential",
        ),
    ] {
        let mut sim = Sim::start(false);
        sim.arrives(standing(state));
        sim.effects.clear();
        sim.press("e").says(why).wants(&[]);
        sim.press("3 r").says(why).wants(&[]);
        sim.press("2 e").says(why).wants(&[]);
        sim.press("d").says(why).wants(&[]);
        // What was wrong with the configuration is read anew.
        sim.press("1 r").wants(&["start Account"]);
        sim.arrives(account(Tfa::Off))
            .wants(&["start Tokens quietly"]);
        sim.press("e").at_scope(Scope::ProfileEdit);
    }
}

#[test]
fn an_account_that_cannot_be_read_keeps_what_was_known() {
    let mut sim = Sim::signed_in();
    sim.press("r").wants(&["start Account"]);
    sim.press("r").says("being read already").wants(&[]);
    sim.fails(Purpose::Account, FailureKind::Network, "No answer.")
        .says("No answer.")
        .tone(Tone::Bad);
    assert!(matches!(
        &sim.model.account,
        Load::Failed { old: Some(_), .. }
    ));
    sim.press("r")
        .arrives(account(Tfa::On(Level::AuthOnly)))
        .says("up to date");
    assert_eq!(sim.model.profile().unwrap().tfa, Tfa::On(Level::AuthOnly));
}

#[test]
fn a_credential_that_is_not_accepted_is_no_good_news() {
    let mut sim = Sim::signed_in();
    sim.press("r");
    sim.arrives(standing(Standing::Rejected(Text::new("no"))));
    assert!(!sim.notice().contains("up to date"), "{}", sim.notice());
}

#[test]
fn another_account_brings_its_own_tokens() {
    let mut sim = Sim::signed_in();
    sim.press("3 a 1 r");
    let mut other = profile(Tfa::Off);
    other.name = Text::new("bob");
    sim.effects.clear();
    sim.arrives(standing(Standing::SignedIn(Box::new(other))))
        .wants(&["start Tokens quietly"]);
    assert!(sim.model.tokens.selected.is_empty());
    assert!(sim.model.tokens.list.value().is_none());
}

#[test]
fn a_retried_read_counts_its_seconds_down_and_then_goes() {
    let mut sim = Sim::signed_in();
    sim.press("r");
    let id = sim.id(Purpose::Account);
    sim.event(Event::Retrying {
        id,
        attempt: 2,
        of: 3,
        wait: std::time::Duration::from_millis(2500),
        why: Text::new("the connection broke"),
    })
    .says("Trying again in 3 s (2 of 3): the connection broke");
    sim.waits(600).says("in 2 s");
    sim.waits(1000).says("in 1 s");
    sim.waits(2000).says("Trying again (2 of 3)");
    assert_eq!(sim.model.wake_at(), None, "nothing counts any more");
    sim.arrives(account(Tfa::Off)).says("up to date");
}

#[test]
fn a_field_is_edited_seen_before_and_after_and_saved() {
    let mut sim = Sim::signed_in();
    sim.press("down e").at_scope(Scope::ProfileEdit);
    sim.types(" B⏎").at_scope(Scope::ProfileReview);
    let edit = sim.model.profile.edit.as_ref().unwrap();
    assert_eq!(edit.field, ProfileField::Fullname);
    assert_eq!(edit.before, Some(Text::new("Al")));
    assert_eq!(edit.typed.value().expose(), "Al B");
    sim.wants(&[]);
    // Letters are no text in the review.
    sim.types("xyz").at_scope(Scope::ProfileReview);
    sim.press("esc esc");
    assert!(sim.model.profile.edit.is_none());

    sim.press("enter")
        .types(" B⏎⏎")
        .at_scope(Scope::ProfileSaving);
    sim.wants(&["start SaveField fullname=Al B"]);
    let mut saved = profile(Tfa::Off);
    saved.fields[1].1 = Some(Text::new("Al B"));
    sim.ends(Purpose::SaveField, Ok(Outcome::Saved(Box::new(saved))))
        .says("fullname is saved")
        .tone(Tone::Good)
        .at_scope(Scope::Profile);
    let shown = sim.model.profile().unwrap();
    assert_eq!(
        shown.field(ProfileField::Fullname).unwrap().as_str(),
        "Al B"
    );
}

#[test]
fn an_unchanged_field_is_not_sent_and_an_empty_one_says_that_it_clears() {
    let mut sim = Sim::signed_in();
    sim.press("e enter")
        .says("email is unchanged")
        .at_scope(Scope::ProfileEdit);
    sim.press("ctrl-u enter").says("This clears email");
    sim.press("enter").wants(&["start SaveField email="]);
}

#[test]
fn what_was_typed_survives_an_error() {
    let mut sim = Sim::signed_in();
    sim.press("e").types("x⏎⏎");
    sim.fails(
        Purpose::SaveField,
        FailureKind::Refused,
        "That is no address.",
    )
    .says("That is no address.")
    .at_scope(Scope::ProfileEdit);
    let edit = sim.model.profile.edit.as_ref().unwrap();
    assert_eq!(edit.typed.value().expose(), "alice@example.comx");
    assert!(edit.error.is_some());
    sim.press("backspace")
        .types("y⏎")
        .at_scope(Scope::ProfileReview);
    assert!(sim.model.profile.edit.as_ref().unwrap().error.is_none());
}

#[test]
fn a_cancelled_challenge_leads_back_to_the_review() {
    let mut sim = Sim::signed_in();
    sim.press("e").types("x⏎⏎").challenged(Purpose::SaveField);
    sim.waits(400).press("esc").at_scope(Scope::ProfileSaving);
    sim.fails(Purpose::SaveField, FailureKind::Cancelled, "Cancelled.")
        .at_scope(Scope::ProfileReview);
}

#[test]
fn a_save_that_was_left_alone_still_shows_when_it_comes_true() {
    let mut sim = Sim::signed_in();
    sim.press("e").types("x⏎⏎");
    sim.effects.clear();
    sim.press("esc")
        .wants(&["cancel"])
        .at_scope(Scope::ProfileSaving);
    sim.press("esc").wants(&[]).at_scope(Scope::Profile);
    let mut saved = profile(Tfa::Off);
    saved.fields[0].1 = Some(Text::new("alice@example.comx"));
    sim.ends(Purpose::SaveField, Ok(Outcome::Saved(Box::new(saved))))
        .says("saved after all");
    let shown = sim.model.profile().unwrap();
    assert_eq!(
        shown.field(ProfileField::Email).unwrap().as_str(),
        "alice@example.comx"
    );
}

#[test]
fn a_credential_that_stopped_working_is_looked_at_again() {
    let mut sim = Sim::signed_in();
    sim.press("e").types("x⏎⏎");
    sim.effects.clear();
    sim.fails(Purpose::SaveField, FailureKind::SignedOut, "Not accepted.")
        .wants(&["start Account quietly"]);
}

#[test]
fn replies_that_nobody_waits_for_change_nothing() {
    let mut sim = Sim::signed_in();
    sim.press("r");
    let old = sim.id(Purpose::Account);
    sim.arrives(account(Tfa::Off));
    let before = format!("{:?}", sim.model);
    for id in [old, npm_warden::backend::protocol::RequestId(999)] {
        sim.event(Event::Finished {
            id,
            result: Ok(account(Tfa::On(Level::AuthOnly))),
        });
        sim.event(Event::Cleared { id });
    }
    assert_eq!(format!("{:?}", sim.model), before);
}

#[test]
fn an_answer_of_another_kind_is_a_failure_that_says_so() {
    let mut sim = Sim::signed_in();
    sim.press("r");
    sim.ends(
        Purpose::Account,
        Ok(Outcome::Tokens {
            pages: 1,
            moved: false,
        }),
    )
    .says("does not belong to what was asked");
}

#[test]
fn a_held_key_types_nothing_and_starts_nothing() {
    let mut sim = Sim::signed_in();
    let held = |name| {
        Msg::Key(npm_warden::app::Key {
            repeat: true,
            ..key(name)
        })
    };
    sim.send(held("e")).at_scope(Scope::Profile);
    sim.send(held("down"));
    assert_eq!(sim.model.profile.cursor, 1);
    sim.press("e").send(held("z")).send(held("enter"));
    let typed = |sim: &Sim| {
        let edit = sim.model.profile.edit.as_ref().unwrap();
        edit.typed.value().expose().clone()
    };
    assert_eq!(typed(&sim), "Al");
    sim.send(held("backspace"));
    assert_eq!(typed(&sim), "A");
}
