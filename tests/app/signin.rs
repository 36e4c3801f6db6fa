//! Signing in: each way, what waits for it, and what of it stays on the screen.

use std::time::Duration;

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Load, RevokeStage, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::app::signin::Way;
use npm_warden::app::{Effect, Msg};
use npm_warden::backend::protocol::{
    Asking, Event, Outcome, Question, Request, RequestId, SignInAsked, Step,
};
use npm_warden::domain::ability::Ability;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::{Held, Identity, Standing};
use npm_warden::domain::signin::Kept;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;

use crate::sim::{
    OTP, PASSWORD, Sim, account, challenge, failure, identity, profile, standing, web,
};

/// Nobody is signed in.
fn signed_out() -> Sim {
    let mut sim = Sim::start(false);
    sim.arrives(standing(Standing::SignedOut));
    sim.effects.clear();
    sim.at_scope(Scope::Absent);
    sim
}

fn signed_in_as(name: &str, kept: Kept) -> Outcome {
    let mut profile = profile(Tfa::Off);
    profile.name = Text::new(name);
    let mut identity = identity();
    if let Some(credential) = &mut identity.credential {
        credential.held = Held::Session;
    }
    Outcome::SignedIn {
        identity: Box::new(identity),
        standing: Standing::SignedIn(Box::new(profile)),
        clock_ahead: Some(0),
        kept,
    }
}

fn done(sim: &mut Sim, name: &str) {
    sim.ends(Purpose::SignIn, Ok(signed_in_as(name, Kept::Session)));
}

fn name(sim: &Sim) -> &str {
    sim.model.profile().map_or("", |p| p.name.as_str())
}

#[test]
fn on_the_web_is_the_first_way_and_enter_is_enough() {
    let mut sim = signed_out();
    sim.press("enter").at_scope(Scope::SignInChoice).wants(&[]);
    sim.press("enter")
        .at_scope(Scope::SignInSent)
        .wants(&["start SignIn on the web, Session"]);
    sim.asks(Purpose::SignIn, Question::Web(web(false)))
        .at_scope(Scope::SignInPage);
    // The address is opened and copied as it is.
    let address = web(false).page.address;
    sim.press("o").wants(&[&format!("open {address}")]);
    sim.press("c").wants(&["copy address"]);
    let id = sim.id(Purpose::SignIn);
    sim.event(Event::Cleared { id })
        .wiped()
        .at_scope(Scope::SignInSent);
    sim.steps(Purpose::SignIn, Step::Doing("Trying the sign-in out"));
    sim.effects.clear();
    done(&mut sim, "alice");
    sim.at_scope(Scope::Profile)
        .says("Signed in as alice; this session ends with npm-warden.")
        .tone(Tone::Good)
        .wants(&["start Tokens quietly"]);
    assert_eq!(name(&sim), "alice");
}

#[test]
fn p21_a_form_stays_that_of_the_registry_that_it_was_opened_for() {
    let mut sim = signed_out();
    sim.press("enter down enter").types("alice⏎");
    sim.types(PASSWORD);
    if let Load::Ready(account) = &mut sim.model.account {
        account.identity.registry = Text::new("other.example.com");
    }
    assert_eq!(sim.model.sign_in_host(), Some(&identity().registry));
    sim.effects.clear();
    sim.press("enter");
    let at = sim.effects.iter().find_map(|effect| match effect {
        Effect::Start {
            request: Request::SignIn { at, .. },
            ..
        } => at.clone(),
        _ => None,
    });
    assert_eq!(at, Some(identity().registry));
    // The next one is for the registry that is meant now.
    sim.press("esc esc").press("enter");
    let now = sim.model.sign_in_host().map(Text::as_str);
    assert_eq!(now, Some("other.example.com"));
}

#[test]
fn by_user_name_and_password_the_password_goes_out_once_and_stays_nowhere() {
    let mut sim = signed_out();
    sim.press("enter down enter").at_scope(Scope::SignInName);
    sim.types("alice⏎").at_scope(Scope::SignInPassword);
    sim.press("enter")
        .says("Type the password first")
        .wants(&[]);
    sim.types(PASSWORD)
        .press("tab")
        .at_scope(Scope::SignInChoice);
    sim.press("down enter")
        .wants(&["start SignIn as alice, File"]);
    assert!(sim.model.signin.as_ref().unwrap().password.is_empty());
    // The second factor is asked for above the form.
    sim.asks(Purpose::SignIn, Question::Challenge(challenge(1)))
        .at_scope(Scope::Challenge)
        .types(OTP)
        .press("enter");
    let id = sim.id(Purpose::SignIn);
    sim.event(Event::Cleared { id }).at_scope(Scope::SignInSent);
    let kept = Kept::File(Text::new("~/.npmrc"));
    sim.ends(Purpose::SignIn, Ok(signed_in_as("alice", kept)))
        .says("Signed in as alice, and npm can use it: ~/.npmrc.")
        .tone(Tone::Good)
        .at_scope(Scope::Profile);
}

#[test]
fn a_refused_password_is_typed_anew_and_the_rest_is_kept() {
    let mut sim = signed_out();
    sim.press("enter down enter")
        .types("alice⏎")
        .types(PASSWORD);
    sim.press("enter")
        .wants(&["start SignIn as alice, Session"])
        .fails(Purpose::SignIn, FailureKind::Refused, "Wrong password.")
        .at_scope(Scope::SignInPassword);
    let form = sim.model.signin.as_ref().unwrap();
    assert_eq!(
        form.error.as_ref().unwrap().what.as_str(),
        "Wrong password."
    );
    assert_eq!(form.name.value().expose(), "alice");
    sim.types(PASSWORD).press("enter");
    sim.wants(&["start SignIn as alice, Session"]);
}

#[test]
fn a_new_account_needs_an_address_and_is_made_on_the_website_of_npms_own_registry() {
    let mut sim = signed_out();
    sim.press("enter down down enter").types("bob⏎");
    sim.types("bob.example⏎").types(PASSWORD).press("enter");
    sim.types(PASSWORD).press("enter");
    sim.says("no e-mail address").wants(&[]);
    sim.press("ctrl-u").types("bob@example.com⏎");
    sim.wants(&["start SignIn anew as bob, bob@example.com, Session"]);

    let mut sim = Sim::start(false);
    let registry = npm_warden::domain::identity::DEFAULT_REGISTRY;
    let host = registry
        .trim_start_matches("https://")
        .trim_end_matches('/');
    sim.arrives(Outcome::Account {
        identity: Identity {
            registry: Text::new(host),
            ..identity()
        },
        standing: Standing::SignedOut,
        clock_ahead: None,
    });
    sim.effects.clear();
    sim.press("enter down down enter")
        .says(npm_warden::domain::identity::WEBSITE)
        .at_scope(Scope::SignInChoice)
        .wants(&[]);
}

#[test]
fn e8_a_registry_without_a_page_is_asked_once_and_the_form_goes_on_to_the_password() {
    let mut sim = signed_out();
    sim.press("enter enter").fails(
        Purpose::SignIn,
        FailureKind::NotOffered,
        "registry.example.com has no sign-in on the web.",
    );
    sim.at_scope(Scope::SignInName)
        .says("has no sign-in on the web. Sign in with user name and password.");
    assert!(sim.model.lacks.contains_key(&Ability::WebSignIn));
    sim.effects.clear();
    // The next time it is not tried: the way that is open comes first.
    sim.press("esc enter").at_scope(Scope::SignInChoice);
    let form = sim.model.signin.as_ref().unwrap();
    assert_eq!(form.way, Way::Password);
    sim.press("up enter")
        .says("has no sign-in on the web")
        .wants(&[]);
    // Asked anew by r, it may have one.
    sim.press("esc r");
    assert!(sim.model.lacks.is_empty());
    // Nor is it forgotten because somebody else signs in at the same registry.
    sim.arrives(standing(Standing::SignedOut));
    sim.press("enter enter")
        .fails(Purpose::SignIn, FailureKind::NotOffered, "No page.");
    sim.types("alice⏎").types(PASSWORD).press("enter");
    done(&mut sim, "alice");
    assert!(sim.model.lacks.contains_key(&Ability::WebSignIn));
}

#[test]
fn a_page_that_is_refused_once_can_be_asked_for_again() {
    let mut sim = signed_out();
    sim.press("enter enter").fails(
        Purpose::SignIn,
        FailureKind::Refused,
        "It named no page (status 500).",
    );
    let form = sim.model.signin.as_ref().unwrap();
    assert_eq!(form.way, Way::Web);
    assert!(form.error.is_some());
    assert!(sim.model.lacks.is_empty());
    sim.effects.clear();
    sim.press("enter")
        .wants(&["start SignIn on the web, Session"]);
}

#[test]
fn a_new_accounts_password_is_typed_twice_so_that_no_slip_locks_it() {
    let mut sim = signed_out();
    sim.press("enter down down enter")
        .types("bob⏎bob@example.com⏎");
    sim.types(PASSWORD).press("enter").wants(&[]);
    sim.types("slip⏎").says("another password").wants(&[]);
    let form = sim.model.signin.as_ref().unwrap();
    assert!(form.again.is_empty() && !form.password.is_empty());
    sim.types(PASSWORD).press("enter");
    sim.wants(&["start SignIn anew as bob, bob@example.com, Session"]);
}

#[test]
fn p25_enter_is_held_back_while_the_registry_asks_to_wait() {
    let mut sim = signed_out();
    sim.press("enter enter");
    let why = Failure::new(
        FailureKind::Refused,
        "It asks to wait.",
        "Try again in 51 s.",
    )
    .waiting(Some(Duration::from_secs(51)));
    sim.ends(Purpose::SignIn, Err(why));
    sim.effects.clear();
    sim.press("enter").says("asked to wait").wants(&[]);
    let next = sim.now.mono + Duration::from_secs(1);
    assert_eq!(sim.model.wake_at(), Some(next), "once a second");
    sim.waits(51_000).press("enter");
    sim.wants(&["start SignIn on the web, Session"]);
}

#[test]
fn a_way_that_is_chosen_late_keeps_no_password_about() {
    let mut sim = signed_out();
    sim.press("enter down enter")
        .types("alice⏎")
        .types(PASSWORD);
    sim.effects.clear();
    sim.press("up up up").wiped();
    let form = sim.model.signin.as_ref().unwrap();
    assert_eq!(form.way, Way::Web);
    assert!(form.password.is_empty());
    assert_eq!(form.name.value().expose(), "alice");
}

#[test]
fn p04_the_password_is_masked_hides_by_itself_and_is_wiped_when_the_form_is_left() {
    let mut sim = signed_out();
    sim.press("enter down enter")
        .types("alice⏎")
        .types(PASSWORD);
    let shows = |sim: &Sim| {
        let form = sim.model.signin.as_ref().unwrap();
        form.password.shows_text(sim.now.mono)
    };
    assert!(!shows(&sim));
    sim.press("ctrl-r");
    assert!(shows(&sim));
    sim.effects.clear();
    sim.waits(10_000).wiped();
    assert!(!shows(&sim));
    sim.press("ctrl-r f1 esc");
    assert!(!shows(&sim), "not below the help either");
    sim.press("ctrl-r tab");
    assert!(!shows(&sim));
    sim.effects.clear();
    sim.press("esc").wiped().at_scope(Scope::Absent);
    assert!(sim.model.signin.is_none());
}

#[test]
fn p17_a_pasted_password_never_submits() {
    let mut sim = signed_out();
    sim.press("enter down enter").types("alice⏎");
    sim.pastes(&format!("{PASSWORD}\r\n")).wants(&[]);
    sim.at_scope(Scope::SignInPassword);
    let form = sim.model.signin.as_ref().unwrap();
    assert_eq!(form.password.value().chars(), PASSWORD.len());
}

#[test]
fn p19_a_page_is_given_up_by_esc_and_what_comes_late_is_still_told() {
    let mut sim = signed_out();
    sim.press("enter enter")
        .asks(Purpose::SignIn, Question::Web(web(false)));
    sim.effects.clear();
    sim.press("esc").wiped().wants(&["cancel"]);
    sim.at_scope(Scope::SignInSent);
    sim.ends(
        Purpose::SignIn,
        Err(Failure::new(FailureKind::Cancelled, "Cancelled.", "")),
    );
    sim.at_scope(Scope::SignInChoice).says("given up");
    // Left alone by a second Esc, it may have come to its end all the same.
    sim.press("enter esc esc").at_scope(Scope::Absent);
    sim.press("enter").says("has not ended yet");
    done(&mut sim, "alice");
    sim.says("Signed in as alice");
    assert_eq!(name(&sim), "alice");
}

#[test]
fn a_credential_that_lives_on_is_not_called_given_up() {
    let mut sim = signed_out();
    sim.press("enter enter esc");
    let why = Failure::new(
        FailureKind::Refused,
        "You left before the sign-in was finished. The credential lives on there.",
        "Revoke it.",
    );
    sim.ends(Purpose::SignIn, Err(why.clone()));
    assert_eq!(sim.model.signin.as_ref().unwrap().error, Some(why));
}

#[test]
fn what_became_of_a_credential_is_told_also_when_the_form_is_gone() {
    for (kind, next) in [
        (FailureKind::Refused, ""),
        (FailureKind::Cancelled, "The credential stays as it is."),
    ] {
        let mut sim = signed_out();
        sim.press("enter enter esc esc").at_scope(Scope::Absent);
        let why = Failure::new(kind, "You left before the end.", next);
        sim.ends(Purpose::SignIn, Err(why)).says(next);
        sim.says("You left before the end.");
    }
}

#[test]
fn the_page_ticks_once_a_second_and_not_beneath_a_question() {
    let mut sim = signed_out();
    sim.press("enter enter")
        .asks(Purpose::SignIn, Question::Web(web(false)));
    sim.model.notice = None;
    let second = Duration::from_secs(1);
    assert_eq!(sim.model.wake_at(), Some(sim.now.mono + second));
    sim.press("i");
    sim.waits(3000);
    assert_eq!(sim.model.wake_at(), Some(sim.now.mono + second));
}

#[test]
fn p18_a_page_elsewhere_is_neither_opened_nor_copied_without_a_yes() {
    for key in ["o", "c", "i"] {
        let mut sim = signed_out();
        sim.press("enter enter")
            .asks(Purpose::SignIn, Question::Web(web(true)));
        sim.effects.clear();
        sim.press(key).at_scope(Scope::Foreign).waits(400);
        sim.press("enter").at_scope(Scope::SignInPage).wants(&[]);
        sim.press(key)
            .waits(400)
            .press("y")
            .at_scope(Scope::SignInPage);
        let told = sim
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Open { .. } | Effect::Copy { .. }));
        assert_eq!(told, key != "i");
    }
}

#[test]
fn what_could_not_be_kept_is_a_warning_that_stays() {
    let mut sim = signed_out();
    sim.press("enter tab down enter")
        .wants(&["start SignIn on the web, File"]);
    let why = failure(FailureKind::Local, "~/.npmrc cannot be written.");
    let kept = Kept::NotWritten(why);
    sim.ends(Purpose::SignIn, Ok(signed_in_as("alice", kept)))
        .tone(Tone::Warning)
        .says("for this session only")
        .says("cannot be written");
    sim.waits(60_000).says("cannot be written");
}

#[test]
fn what_is_odd_about_the_place_is_told_with_the_sign_in() {
    let mut sim = signed_out();
    sim.press("enter enter");
    let Outcome::SignedIn {
        mut identity,
        standing,
        clock_ahead,
        ..
    } = signed_in_as("alice", Kept::Session)
    else {
        return;
    };
    identity.problems = vec![Text::new("The sign-in of before lives on.")];
    let kept = Kept::Session;
    sim.ends(
        Purpose::SignIn,
        Ok(Outcome::SignedIn {
            identity,
            standing,
            clock_ahead,
            kept,
        }),
    );
    sim.tone(Tone::Warning).says("lives on");
}

#[test]
fn another_account_brings_nothing_of_the_former_one_along() {
    let mut sim = Sim::signed_in();
    sim.press("A").at_scope(Scope::SignInChoice);
    sim.press("enter")
        .wants(&["start SignIn on the web, Session"]);
    done(&mut sim, "bob");
    assert!(sim.model.tokens.list.value().is_none());
    assert_eq!(name(&sim), "bob");
    sim.wants(&["start Tokens quietly"]);
}

#[test]
fn nobody_signs_in_from_under_a_change() {
    let mut sim = Sim::at_tokens(5);
    sim.press("x y").wants(&["start Revoke 1"]);
    sim.press("1 A").wants(&[]);
    assert!(sim.model.signin.is_none());
    let mut sim = Sim::start(false);
    sim.effects.clear();
    sim.press("enter").says("One moment").wants(&[]);
}

// A credential that ends in the middle of work.

fn asked(action: &str, problem: Option<&str>) -> Question {
    Question::SignIn(SignInAsked {
        action: Text::new(action),
        host: Text::new("registry.example.com"),
        name: Some(Text::new("alice")),
        words: Text::new("Unauthorized"),
        problem: problem.map(Text::new),
        without: None,
    })
}

/// A revocation and a save of the same account, both waiting for somebody to sign in again.
fn two_parked() -> (Sim, RequestId, RequestId) {
    let mut sim = Sim::at_tokens(5);
    sim.press("1").press("e").types("x").press("enter enter");
    let save = sim.id(Purpose::SaveField);
    sim.asks(Purpose::SaveField, asked("set fullname", None));
    sim.at_scope(Scope::SignInChoice);
    let revoke = RequestId(sim.model.next_id);
    sim.model.next_id += 1;
    sim.model.requests.insert(
        revoke,
        npm_warden::app::request::InFlight {
            purpose: Purpose::Revoke,
            asking: Asking::Allowed,
            cancelled: false,
        },
    );
    sim.event(Event::Asked {
        id: revoke,
        question: asked("revoke 1 token", None),
    });
    sim.effects.clear();
    (sim, save, revoke)
}

#[test]
fn a_sign_in_names_the_account_that_is_waited_for() {
    let wanted = |sim: &Sim| {
        sim.effects.iter().find_map(|effect| match effect {
            Effect::Start {
                request: Request::SignIn { wanted, .. },
                ..
            } => Some(wanted.clone()),
            _ => None,
        })
    };
    let (mut sim, ..) = two_parked();
    sim.waits(400).press("enter");
    assert_eq!(wanted(&sim), Some(Some(Text::new("alice"))));
    let mut sim = signed_out();
    sim.press("enter").press("enter");
    assert_eq!(wanted(&sim), Some(None));
}

#[test]
fn one_sign_in_lets_everything_go_on_that_waits_for_it() {
    let (mut sim, save, revoke) = two_parked();
    assert_eq!(sim.model.parked.len(), 2);
    sim.waits(400)
        .press("enter")
        .asks(Purpose::SignIn, Question::Web(web(false)));
    done(&mut sim, "alice");
    let answers = sim.answers();
    assert_eq!(
        answers,
        [
            (save, "SignedIn".to_owned()),
            (revoke, "SignedIn".to_owned())
        ]
    );
    // What was typed is still there for its end.
    sim.at_scope(Scope::ProfileSaving);
    assert!(sim.model.tokens.list.value().is_some());
}

#[test]
fn a_credential_that_is_not_accepted_takes_nothing_from_what_waits() {
    let (mut sim, ..) = two_parked();
    // A read in the background finds out the same.
    sim.waits(400).press("enter");
    let id = RequestId(sim.model.next_id);
    sim.model.next_id += 1;
    sim.model.requests.insert(
        id,
        npm_warden::app::request::InFlight {
            purpose: Purpose::Account,
            asking: Asking::Never,
            cancelled: false,
        },
    );
    let old = match std::mem::replace(&mut sim.model.account, Load::Empty) {
        Load::Ready(account) => Some(account),
        _ => None,
    };
    sim.model.account = Load::Loading { id, old };
    let result = Ok(standing(Standing::Rejected(Text::new("no"))));
    sim.event(Event::Finished { id, result });
    assert!(sim.model.profile.edit.is_some());
    done(&mut sim, "alice");
    sim.at_scope(Scope::ProfileSaving);
    assert!(sim.model.tokens.list.value().is_some());
}

#[test]
fn another_account_does_not_go_on_and_is_told_so() {
    let (mut sim, save, revoke) = two_parked();
    sim.waits(400).press("enter");
    done(&mut sim, "bob");
    assert_eq!(sim.answers().len(), 2);
    let problem = "You signed in as bob; this was begun for alice and goes on for nobody else.";
    for (id, action) in [(save, "set fullname"), (revoke, "revoke 1 token")] {
        sim.event(Event::Asked {
            id,
            question: asked(action, Some(problem)),
        });
    }
    sim.at_scope(Scope::SignInChoice);
    assert_eq!(sim.model.parked.len(), 2);
    sim.waits(400).press("enter");
    done(&mut sim, "alice");
    assert_eq!(sim.answers().len(), 2);
}

#[test]
fn esc_gives_up_what_waits_and_says_so() {
    let (mut sim, ..) = two_parked();
    // Not the Esc that was meant for what lay beneath.
    sim.press("esc").at_scope(Scope::SignInChoice).wants(&[]);
    sim.waits(400).press("esc");
    sim.says("save email; revoke 1 token")
        .tone(Tone::Warning)
        .wants(&["cancel", "cancel", "start Account quietly"]);
    assert!(sim.model.parked.is_empty() && sim.model.signin.is_none());
    // A question that was on its way is not asked any more.
    sim.asks(Purpose::SaveField, asked("set fullname", None))
        .wants(&["cancel"]);
    assert!(sim.model.signin.is_none());
}

#[test]
fn enter_that_was_meant_for_something_else_signs_nobody_in() {
    let (mut sim, ..) = two_parked();
    sim.press("enter").wants(&[]).at_scope(Scope::SignInChoice);
}

#[test]
fn what_ends_by_itself_waits_no_more_and_takes_the_idle_form_along() {
    let (mut sim, save, revoke) = two_parked();
    let result = || Err(failure(FailureKind::Network, "The end."));
    sim.event(Event::Finished {
        id: save,
        result: result(),
    });
    sim.at_scope(Scope::SignInChoice);
    sim.event(Event::Finished {
        id: revoke,
        result: result(),
    });
    assert!(sim.model.signin.is_none());
}

#[test]
fn a_background_read_opens_no_form() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off));
    sim.effects.clear();
    sim.asks(Purpose::Tokens, asked("list the tokens", None))
        .wants(&["cancel"]);
    assert!(sim.model.signin.is_none());
}

#[test]
fn a_revocation_that_ended_the_credential_in_use_shows_its_rows_to_the_end() {
    let mut sim = Sim::at_tokens(5);
    sim.press("x y");
    sim.fails(Purpose::Revoke, FailureKind::SignedOut, "Not accepted.");
    sim.arrives(standing(Standing::Rejected(Text::new("no"))));
    sim.at_scope(Scope::RevokeDone);
    let revoke = sim.model.tokens.revoke.as_ref().unwrap();
    assert!(matches!(revoke.stage, RevokeStage::Done { .. }));
    sim.press("esc").at_scope(Scope::Absent);
}

#[test]
fn at_any_size_the_form_takes_every_key() {
    let mut sim = signed_out();
    sim.press("enter down enter");
    for (columns, rows) in [(0, 0), (40, 12), (80, 24), (200, 60)] {
        sim.send(Msg::Resize(columns, rows));
        sim.press("tab tab tab shift-tab down up pgdn pgdn pgup");
    }
}

#[test]
fn what_goes_on_after_a_sign_in_is_the_change_and_not_the_read_on_its_way() {
    let mut sim = Sim::at_tokens(5);
    sim.press("n space pgdn").types(PASSWORD).press("enter");
    sim.asks(Purpose::CreateToken, asked("to list the tokens", None));
    assert_eq!(
        sim.model.goes_on(&sim.model.parked[0]),
        "create a token",
        "a person would agree to a list and get a token"
    );
    sim.waits(400)
        .press("esc")
        .says("no further: create a token.");
    let mut sim = Sim::at_tokens(5);
    sim.press("a x").types("5⏎");
    sim.asks(Purpose::Revoke, asked("list the tokens", None));
    assert_eq!(sim.model.goes_on(&sim.model.parked[0]), "revoke 5 tokens");
    let mut sim = Sim::at_tokens(5);
    sim.press("r");
    sim.asks(Purpose::Tokens, asked("to list the tokens", None));
    assert_eq!(sim.model.goes_on(&sim.model.parked[0]), "list the tokens");
}

#[test]
fn the_list_of_actions_says_of_the_page_what_its_keys_do() {
    use npm_warden::app::keymap::{self, Action};
    let mut sim = signed_out();
    sim.press("enter enter");
    sim.asks(Purpose::SignIn, Question::Web(web(false)));
    sim.press(":").at_scope(Scope::Palette);
    let page = [Action::OpenPage, Action::CopyPage, Action::NextQr];
    for entry in keymap::palette(&sim.model) {
        if page.contains(&entry.action) {
            assert_eq!(entry.disabled, None, "{}", entry.name);
        }
    }
    sim.press("esc ?").at_scope(Scope::Help);
    let lines = keymap::help(&sim.model).into_iter().flat_map(|g| g.lines);
    let closed: Vec<_> = lines
        .filter(|(_, does, why)| does.contains("QR") && why.is_some())
        .collect();
    assert!(closed.is_empty(), "{closed:?}");
}

// What happens behind the form takes a part from it.

#[test]
fn a_way_that_closes_beneath_what_is_typed_takes_the_focus_to_the_ways() {
    let mut sim = Sim::at_tokens(2);
    sim.press("r A down down tab").at_scope(Scope::SignInName);
    sim.types("carol");
    // The list that is read meanwhile waits for alice: no new account goes on with it.
    sim.asks(Purpose::Tokens, asked("list the tokens", None))
        .at_scope(Scope::SignInChoice);
    sim.waits(400);
    sim.effects.clear();
    sim.press("enter")
        .says("What waits goes on for alice alone.")
        .wants(&[]);
}

#[test]
fn a_file_that_is_there_no_more_takes_the_focus_to_the_part_before_it() {
    let mut sim = Sim::signed_in();
    sim.press("r A down tab").types("alice").press("tab");
    sim.types(PASSWORD).press("tab down");
    sim.at_scope(Scope::SignInChoice);
    let Outcome::Account {
        mut identity,
        standing,
        clock_ahead,
    } = account(Tfa::Off)
    else {
        panic!("an account");
    };
    identity.user_file = None;
    sim.arrives(Outcome::Account {
        identity,
        standing,
        clock_ahead,
    })
    .at_scope(Scope::SignInPassword);
    sim.effects.clear();
    sim.press("enter")
        .wants(&["start SignIn as alice, Session"]);
}
