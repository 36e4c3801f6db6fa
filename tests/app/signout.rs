//! Signing out.

use npm_warden::app::keymap::{Scope, palette, top};
use npm_warden::app::model::{Load, Screen, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::app::signout::SignOut;
use npm_warden::backend::protocol::Outcome;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::{CredentialKind, CredentialSource, Held, Standing};
use npm_warden::domain::signin::{Ended, Forgotten};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;

use crate::machine;
use crate::sim::{Sim, account, failure, standing, tokens};

fn change(sim: &mut Sim, change: impl FnOnce(&mut CredentialSource)) {
    if let Load::Ready(account) = &mut sim.model.account {
        change(account.identity.credential.as_mut().unwrap());
    }
}

fn page(sim: &Sim) -> &SignOut {
    sim.model.profile.sign_out.as_ref().unwrap()
}

fn said(sim: &Sim) -> String {
    let said: Vec<String> = page(sim).said().into_iter().map(|(_, s)| s).collect();
    said.join(" ")
}

fn sent() -> Sim {
    let mut sim = Sim::signed_in();
    sim.press("O y").at_scope(Scope::SignOutSent);
    sim.effects.clear();
    sim
}

fn ends(sim: &mut Sim, ended: Ended, forgotten: Forgotten) -> &mut Sim {
    let place = Text::new("~/.npmrc line 2");
    sim.ends(
        Purpose::SignOut,
        Ok(Outcome::SignedOut {
            place,
            ended,
            forgotten,
        }),
    )
}

fn file() -> Forgotten {
    Forgotten::File(Text::new("~/.npmrc"))
}

fn variable() -> Forgotten {
    Forgotten::Remains(
        Text::new("$NPM_TOKEN"),
        Failure::new(FailureKind::Local, "It is a variable.", "Remove it."),
    )
}

#[test]
fn it_asks_first_and_the_default_is_no() {
    let mut sim = Sim::signed_in();
    sim.press("O").at_scope(Scope::SignOutAsk).wants(&[]);
    sim.press("enter")
        .at_scope(Scope::Profile)
        .says("signed in as before")
        .wants(&[]);
    sim.press("O n").at_scope(Scope::Profile);
    sim.press("O tab tab enter")
        .at_scope(Scope::Profile)
        .wants(&[]);
    sim.press("O tab enter")
        .wants(&["start SignOut"])
        .at_scope(Scope::SignOutSent);
    // It is found by its name too.
    let sim = Sim::signed_in();
    assert!(
        palette(&sim.model)
            .iter()
            .any(|entry| entry.name.contains("sign out"))
    );
}

#[test]
fn it_says_beforehand_what_ends_and_what_becomes_of_its_place() {
    for (held, parts) in [
        (
            Held::File,
            [
                "The token in ~/.npmrc line 2 is ended",
                "taken out of that file",
            ],
        ),
        (
            Held::Session,
            ["token of this session", "also kept in your .npmrc"],
        ),
        (
            Held::Environment,
            ["is ended at the registry", "The variable stays"],
        ),
        (
            Held::Mixed,
            ["is ended at the registry", "The line and the variable stay"],
        ),
        (
            Held::Given,
            ["is ended at the registry", "stands in no file"],
        ),
    ] {
        let mut sim = Sim::signed_in();
        change(&mut sim, |source| source.held = held);
        sim.press("O");
        for part in parts {
            assert!(said(&sim).contains(part), "{held:?}: {}", said(&sim));
        }
    }
    // One that is dead already is only taken out of its place.
    let mut sim = Sim::start(false);
    sim.arrives(standing(Standing::Rejected(Text::new("no"))))
        .press("O");
    assert!(said(&sim).contains("does not accept this credential any more"));
    assert!(!said(&sim).contains("is ended"), "{}", said(&sim));
}

#[test]
fn there_is_nothing_to_end_without_a_token() {
    let mut sim = Sim::start(false);
    sim.press("O").says("not here yet").at_scope(Scope::Absent);
    let mut sim = Sim::signed_in();
    change(&mut sim, |source| source.kind = CredentialKind::Basic);
    sim.press("O")
        .says("~/.npmrc line 2 holds a user name and a password")
        .at_scope(Scope::Profile);
    if let Load::Ready(account) = &mut sim.model.account {
        account.identity.credential = None;
    }
    sim.press("O")
        .says("Nobody is signed in")
        .at_scope(Scope::Profile);
}

#[test]
fn what_needs_the_credential_ends_first() {
    let mut sim = Sim::signed_in();
    sim.press("3 x y esc esc esc 1 O")
        .says("A revocation is under way")
        .at_scope(Scope::Profile);
    let mut sim = Sim::signed_in();
    sim.press("p").types("a⏎bbb⏎bbb⏎").press("esc esc O");
    sim.says("A change of the password is under way")
        .at_scope(Scope::Profile);
}

#[test]
fn a_good_end_is_said_and_the_screens_show_it() {
    let mut sim = sent();
    ends(&mut sim, Ended::Verified, file())
        .tone(Tone::Good)
        .says("You are signed out: the registry refuses the token since. It was taken out of ~/.npmrc.")
        .at_scope(Scope::Profile)
        .wants(&["start Account quietly"]);
    sim.arrives(standing(Standing::SignedOut))
        .says("You are signed out");
    assert!(sim.model.profile().is_none() && sim.model.tokens.list.value().is_none());
    for (ended, forgotten, words) in [
        (
            Ended::DeadBefore,
            file(),
            "did not accept the token any more before",
        ),
        (
            Ended::Verified,
            Forgotten::Session,
            "It was kept in no file.",
        ),
    ] {
        let mut sim = sent();
        ends(&mut sim, ended, forgotten)
            .tone(Tone::Good)
            .says(words);
    }
}

#[test]
fn what_is_left_to_do_stays_until_it_is_dismissed() {
    let no_answer = || failure(FailureKind::Network, "No answer.");
    for (ended, forgotten, words) in [
        (
            Ended::StillAccepted,
            file(),
            vec!["STILL ACCEPTS", "taken out of ~/.npmrc"],
        ),
        (
            Ended::Unchecked(no_answer()),
            file(),
            vec!["could not be found out: No answer."],
        ),
        (
            Ended::Verified,
            variable(),
            vec![
                "refuses the token since",
                "still stands in $NPM_TOKEN",
                "Remove it.",
            ],
        ),
        (
            Ended::StillAccepted,
            variable(),
            vec!["STILL ACCEPTS", "still stands in $NPM_TOKEN"],
        ),
        (
            Ended::NothingThere,
            variable(),
            vec!["nothing at the registry to end"],
        ),
    ] {
        let mut sim = sent();
        ends(&mut sim, ended, forgotten).at_scope(Scope::SignOutDone);
        // Neither time nor the account's end takes it away.
        sim.arrives(standing(Standing::SignedOut));
        sim.waits(600_000).at_scope(Scope::SignOutDone);
        let left = page(&sim).left.as_ref().unwrap();
        let text: Vec<&str> = left.iter().map(|(_, words)| words.as_str()).collect();
        let text = text.join(" ");
        for part in words {
            assert!(text.contains(part), "{text}");
        }
        assert!(left.iter().any(|(tone, _)| *tone == Tone::Warning));
        // Nobody is signed in any more, and the account is being read anew.
        sim.press("esc").at_scope(Scope::Absent);
    }
}

#[test]
fn a_failure_leaves_the_person_signed_in_with_the_reason() {
    let mut sim = sent();
    sim.challenged(Purpose::SignOut).at_scope(Scope::Challenge);
    sim.fails(Purpose::SignOut, FailureKind::Network, "It was not ended.")
        .at_scope(Scope::SignOutAsk)
        .wants(&[]);
    assert_eq!(
        page(&sim).error.as_ref().unwrap().what.as_str(),
        "It was not ended."
    );
    assert!(!page(&sim).yes, "No is the default again");
    assert!(sim.model.profile().is_some());
    sim.press("y").wants(&["start SignOut"]);
}

#[test]
fn a_sent_one_is_given_up_first_and_left_alone_the_second_time() {
    let mut sim = sent();
    sim.press("esc")
        .wants(&["cancel"])
        .at_scope(Scope::SignOutSent);
    sim.press("esc")
        .wants(&[])
        .at_scope(Scope::Profile)
        .tone(Tone::Warning);
    sim.press("O")
        .says("Signing out is under way")
        .at_scope(Scope::Profile);
    sim.press("q").at_scope(Scope::Leaving).press("n");
    // It happened all the same, while the person was elsewhere.
    sim.press("3");
    ends(&mut sim, Ended::StillAccepted, file())
        .says("STILL ACCEPTS")
        .tone(Tone::Warning);
    assert_eq!(sim.model.screen, Screen::Tokens);
    sim.press("1")
        .at_scope(Scope::SignOutDone)
        .press("enter")
        .at_scope(Scope::Profile);
}

#[test]
fn a_question_about_another_credential_is_open_no_more() {
    let mut sim = Sim::with(Tfa::Off, tokens(1));
    sim.press("r O").at_scope(Scope::SignOutAsk);
    sim.arrives(standing(Standing::SignedOut))
        .at_scope(Scope::Absent);
    // The same account is the same question.
    let mut sim = Sim::signed_in();
    sim.press("r O")
        .arrives(account(Tfa::Off))
        .at_scope(Scope::SignOutAsk);
}

#[test]
fn it_leads_back_to_the_screen_on_which_it_was_asked_for() {
    let in_use = |sim: &mut Sim, screen: &str| {
        sim.press(screen);
        if screen == "6" {
            sim.ends(
                Purpose::Machine,
                Ok(Outcome::Machine(Box::new(machine::machine()))),
            );
        }
    };
    for (screen, to) in [
        ("1", Screen::Profile),
        ("2", Screen::Security),
        ("3", Screen::Tokens),
        ("4", Screen::Recovery),
        ("6", Screen::Machine),
        ("!", Screen::Emergency),
    ] {
        let asks = |sim: &mut Sim| {
            in_use(sim, screen);
            // By its key where there is one, else by its name.
            sim.press("O");
            if !matches!(top(&sim.model), Scope::SignOutAsk) {
                sim.press(":").types("sign out⏎");
            }
            sim.at_scope(Scope::SignOutAsk);
        };
        // No, and Esc.
        for answer in ["esc", "n", "enter"] {
            let mut sim = Sim::signed_in();
            asks(&mut sim);
            sim.press(answer).says("signed in as before");
            assert_eq!(sim.model.screen, to, "{answer} on {screen}");
            assert!(sim.model.profile.sign_out.is_none());
        }
        // Given up, and left alone.
        let mut sim = Sim::signed_in();
        asks(&mut sim);
        sim.press("y esc esc");
        assert_eq!(sim.model.screen, to, "left alone on {screen}");
        // A good end.
        let mut sim = Sim::signed_in();
        asks(&mut sim);
        sim.press("y");
        ends(&mut sim, Ended::Verified, file());
        assert_eq!(sim.model.screen, to, "a good end on {screen}");
        // What is left to do is read first.
        let mut sim = Sim::signed_in();
        asks(&mut sim);
        sim.press("y");
        ends(&mut sim, Ended::StillAccepted, file()).at_scope(Scope::SignOutDone);
        sim.press("esc");
        assert_eq!(sim.model.screen, to, "what is left to do on {screen}");
        // A failure, and No to another try.
        let mut sim = Sim::signed_in();
        asks(&mut sim);
        sim.press("y");
        sim.fails(Purpose::SignOut, FailureKind::Network, "It was not ended.")
            .at_scope(Scope::SignOutAsk)
            .press("esc");
        assert_eq!(sim.model.screen, to, "a failure on {screen}");
    }
    // Where nobody is signed in, a credential that is dead is left to be cleared.
    for (screen, to) in [
        ("1", Screen::Profile),
        ("2", Screen::Security),
        ("3", Screen::Tokens),
    ] {
        let mut sim = Sim::start(false);
        sim.arrives(standing(Standing::Rejected(Text::new("no"))))
            .press(screen)
            .press("O")
            .at_scope(Scope::SignOutAsk)
            .press("esc")
            .at_scope(Scope::Absent);
        assert_eq!(sim.model.screen, to);
    }
    // What was open there is open still.
    let mut sim = Sim::signed_in();
    in_use(&mut sim, "6");
    sim.press("enter O esc").at_scope(Scope::MachineDetails);
}
