//! A token takes another one's place: the places, the form, the steps, the value, and what stopping means when.

use std::path::PathBuf;
use std::sync::Arc;

use npm_warden::app::create::TokenField;
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Done, RotateStage, Rotation, Screen, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Effect, Msg};
use npm_warden::backend::protocol::{Outcome, Question, Request, Rotate, Rotated, Step};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::found::{Found, Grade};
use npm_warden::domain::granular::{Permission, Spec};
use npm_warden::domain::identity::{CredentialKind, Standing};
use npm_warden::domain::machine::{CredentialId, Form, LocalCredential, Machine, Rank, SourceKind};
use npm_warden::domain::rotation::RotateStep as S;
use npm_warden::domain::rotation::{GO_ON, RotateState, RotateStep};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::Stored;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::Token;

use crate::sim::{PASSWORD, Sim, VALUE, challenge, failure, standing, token, tokens};

pub(crate) const NPMRC: &str = "~/.npmrc, line 3";

pub(crate) fn found(place: &str, grade: Grade) -> Found {
    Found {
        place: Text::new(place),
        grade,
        proof: None,
        in_use: false,
    }
}

pub(crate) fn id(line: usize) -> CredentialId {
    CredentialId {
        path: Some(PathBuf::from("/home/alice/.npmrc")),
        key: Text::new("//registry.example.com/:_authToken"),
        line,
    }
}

/// A line of a list of tokens.
const LISTED: &str = "~/.npmrc, line 7";

fn credential(place: &str, line: usize, source: SourceKind, form: Form) -> LocalCredential {
    LocalCredential {
        id: id(line),
        place: Text::new(place),
        source,
        scope: Text::new("registry.example.com"),
        kind: CredentialKind::Token,
        form,
        begins: Text::new("npm_t0001"),
        rank: Rank::Wins,
        in_use: false,
    }
}

/// What this machine holds: a literal, one that comes from a variable, one that is mixed with one, and a variable.
fn machine() -> Machine {
    let from = Form::Variable {
        names: vec![Text::new("${NPM_TOKEN}")],
        unset: Vec::new(),
    };
    let mixed = Form::Mixed {
        names: vec![Text::new("${HALF}")],
        unset: Vec::new(),
    };
    Machine {
        credentials: vec![
            credential(NPMRC, 3, SourceKind::User, Form::Literal),
            credential("p/.npmrc, line 1", 1, SourceKind::Project, from),
            credential("q/.npmrc, line 1", 1, SourceKind::Project, mixed),
            credential("$NPM_TOKEN", 0, SourceKind::Environment, Form::Literal),
            credential(LISTED, 7, SourceKind::User, Form::Literal),
        ],
        closed: vec![(id(7), Text::new("its key ends in []."))],
        ..Machine::default()
    }
}

/// The old one: it may publish one package.
pub(crate) fn old(found: Vec<Found>, note: Option<&str>) -> Token {
    let text = |text: &str| Text::new(text);
    Token {
        readonly: false,
        name: Some(text("ci")),
        bypass_2fa: false,
        permissions: [(text("package"), text("write"))].into(),
        scopes: [(text("package"), text("left-pad"))].into(),
        expires: token(1)
            .created
            .map(|at| (at.at() + jiff::SignedDuration::from_hours(30 * 24)).into()),
        found: found.into(),
        note: note.map(Text::new).map(Box::new),
        ..token(1)
    }
}

/// The new one, as it was asked for.
fn fresh() -> Token {
    let created: jiff::Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    Token {
        key: token(40).key,
        name: Some(Text::new("ci 2026-11-22")),
        created: Some(created.into()),
        expires: Some((created + jiff::SignedDuration::from_hours(30 * 24)).into()),
        ..old(Vec::new(), None)
    }
}

fn at(found: Vec<Found>, note: Option<&str>) -> Sim {
    let mut sim = Sim::at_tokens(2);
    sim.press("r").lists(vec![old(found, note), token(2)]);
    sim.effects.clear();
    sim.press("o")
        .at_scope(Scope::RotatePlaces)
        .wants(&["start Machine quietly"]);
    sim
}

fn looked(sim: &mut Sim) -> &mut Sim {
    sim.ends(Purpose::Machine, Ok(Outcome::Machine(Box::new(machine()))))
}

/// Proved to lie in the person's own file; the machine was looked at.
fn proved() -> Sim {
    let mut sim = at(vec![found(NPMRC, Grade::Is)], None);
    looked(&mut sim);
    sim
}

fn rotation(sim: &Sim) -> &Rotation {
    sim.model.rotation.as_ref().unwrap()
}

/// The request is out.
pub(crate) fn sent(elsewhere: bool) -> Sim {
    let mut sim = proved();
    if elsewhere {
        sim.press("down space");
    }
    sim.press("enter pgdn").types(PASSWORD);
    sim.effects.clear();
    sim.press("enter").at_scope(Scope::RotateRunning);
    sim
}

fn done(sim: &mut Sim, steps: &[RotateStep]) {
    for step in steps {
        let step = *step;
        let state = RotateState::Done(Text::default());
        sim.steps(Purpose::Rotate, Step::Rotating { step, state });
    }
}

fn doing(sim: &mut Sim, step: RotateStep) {
    let state = RotateState::Doing;
    sim.steps(Purpose::Rotate, Step::Rotating { step, state });
}

pub(crate) fn installed() -> Question {
    Question::Installed {
        registry: "registry.example.com".into(),
        value: Arc::new(Secret::from(VALUE)),
        token: Box::new(token(40)),
    }
}

/// The value is here, written to its place or not.
pub(crate) fn asking(in_place: bool) -> Sim {
    let mut sim = sent(true);
    done(&mut sim, &[RotateStep::Create]);
    if in_place {
        done(&mut sim, &[RotateStep::Write]);
    }
    sim.effects.clear();
    sim.asks(Purpose::Rotate, installed())
        .at_scope(Scope::RotateInstalled);
    sim
}

pub(crate) fn ended(value: bool, remains: &[&str]) -> Rotated {
    Rotated {
        registry: "registry.example.com".into(),
        steps: RotateStep::ALL
            .map(|step| (step, RotateState::Done(Text::default())))
            .to_vec(),
        token: Some(Box::new(fresh())),
        value: value.then(|| Arc::new(Secret::from(VALUE))),
        is_old: false,
        remains: remains.iter().map(|text| Text::new(text)).collect(),
        open: false,
    }
}

pub(crate) fn ends(sim: &mut Sim, rotated: Rotated) -> &mut Sim {
    sim.ends(Purpose::Rotate, Ok(Outcome::Rotated(rotated)))
}

fn over(sim: &Sim) -> &Done {
    match &rotation(sim).stage {
        RotateStage::Done(done) => done,
        other => panic!("{other:?}"),
    }
}

fn asked(sim: &Sim) -> &Rotate {
    let found = sim.effects.iter().find_map(|effect| match effect {
        Effect::Start {
            request: Request::Rotate(rotate),
            ..
        } => Some(rotate),
        _ => None,
    });
    found.expect("nothing went out")
}

#[test]
fn only_what_is_proved_and_can_be_written_takes_the_new_value() {
    let mut sim = at(
        vec![
            found("~/other, line 9", Grade::LooksLike),
            found(NPMRC, Grade::Is),
            found("p/.npmrc, line 1", Grade::Is),
            found("q/.npmrc, line 1", Grade::Is),
            found("$NPM_TOKEN", Grade::Is),
            found(LISTED, Grade::Is),
            found("this session", Grade::Is),
        ],
        None,
    );
    // Before the machine was looked at nothing is known to be writable.
    assert!(
        sim.model
            .rotate_places()
            .iter()
            .all(|place| place.takes.is_err())
    );
    sim.press("enter")
        .says("still being looked at")
        .at_scope(Scope::RotatePlaces);
    looked(&mut sim);
    let places = sim.model.rotate_places();
    assert_eq!(places[0].place.as_str(), NPMRC);
    assert_eq!(places[0].takes, Ok(id(3)));
    let why = |name: &str| {
        let place = places.iter().find(|place| place.place.as_str() == name);
        place.unwrap().takes.clone().unwrap_err()
    };
    assert!(why("~/other, line 9").contains("not proved"));
    // The name as it is written there, once.
    assert!(why("p/.npmrc, line 1").contains("from ${NPM_TOKEN}:"));
    assert!(why("q/.npmrc, line 1").contains("mixes text with ${HALF}, where no value can be put"));
    assert!(why("$NPM_TOKEN").contains("no program can set"));
    // What the writing would refuse is not offered.
    assert_eq!(why(LISTED), "its key ends in [].");
    assert!(why("this session").contains("no file"));
    // What cannot be written from here has to be put there by hand.
    assert!(rotation(&sim).is_elsewhere(&places));
}

#[test]
fn elsewhere_is_ticked_where_something_speaks_for_it() {
    let elsewhere = |found: Vec<Found>, note| {
        let mut sim = at(found, note);
        looked(&mut sim);
        rotation(&sim).is_elsewhere(&sim.model.rotate_places())
    };
    assert!(!elsewhere(vec![found(NPMRC, Grade::Is)], None));
    assert!(elsewhere(vec![found(NPMRC, Grade::Is)], Some("CI of o/r")));
    assert!(elsewhere(Vec::new(), None));
    assert!(elsewhere(vec![found(NPMRC, Grade::LooksLike)], None));
}

#[test]
fn p28_a_place_that_keeps_the_old_token_is_told_what_comes_of_it() {
    let left = |sim: &Sim| {
        let places = sim.model.rotate_places();
        let left = rotation(sim).left_behind(&places);
        left.iter()
            .map(|place| place.place.to_string())
            .collect::<Vec<_>>()
    };
    let mut sim = at(
        vec![found(NPMRC, Grade::Is), found("$NPM_TOKEN", Grade::Is)],
        None,
    );
    looked(&mut sim);
    assert!(left(&sim).is_empty(), "the person is asked before it goes");
    sim.press("enter").at_scope(Scope::TokenChoice);
    assert!(sim.model.notice.is_none());
    // Not ticked, with a word to be asked for: it is put there by hand.
    sim.press("esc space");
    assert_eq!(left(&sim), [NPMRC]);
    sim.press("enter")
        .tone(Tone::Warning)
        .says(NPMRC)
        .says("put the new value there yourself");
    // Nor used elsewhere: what holds it breaks in the end, the variable, too.
    sim.press("esc space tab space");
    assert_eq!(left(&sim), ["$NPM_TOKEN"]);
    sim.press("enter")
        .says("$NPM_TOKEN keeps the old token, which is revoked at the end");
}

#[test]
fn something_has_to_take_the_new_value() {
    let mut sim = proved();
    sim.press("space enter")
        .says("Nothing would take the new value")
        .at_scope(Scope::RotatePlaces);
    sim.press("tab space enter").at_scope(Scope::TokenChoice);
    sim.press("esc shift-tab space enter pgdn").types(PASSWORD);
    sim.effects.clear();
    sim.press("enter");
    let rotate = asked(&sim);
    assert_eq!(
        (rotate.places.clone(), rotate.elsewhere),
        (vec![id(3)], true)
    );
}

#[test]
fn the_new_one_is_like_the_old_one_and_is_the_persons_to_change() {
    let mut sim = at(vec![found(NPMRC, Grade::Is)], Some("CI of o/r"));
    looked(&mut sim);
    sim.press("enter pgdn").types(PASSWORD);
    sim.effects.clear();
    sim.press("enter").at_scope(Scope::RotateRunning).wiped();
    let rotate = asked(&sim);
    assert_eq!(rotate.old.key, token(1).key);
    assert_eq!(rotate.new.note, "CI of o/r");
    assert_eq!(rotate.new.password.expose(), PASSWORD);
    let Spec::Granular(granular) = &rotate.new.spec else {
        panic!("{:?}", rotate.new.spec);
    };
    assert_eq!(granular.packages, ["left-pad"]);
    assert_eq!(granular.packages_permission, Permission::ReadWrite);
    assert_eq!(granular.days, Some(30));
    assert!(granular.name.starts_with("ci"), "{granular:?}");

    // Nothing is sent before the form is right, and what was typed is kept on the way back.
    let mut sim = proved();
    sim.press("enter down ctrl-u pgdn").types(PASSWORD);
    sim.effects.clear();
    sim.press("enter").wants(&[]);
    assert_eq!(sim.model.token_form().unwrap().at, TokenField::Name);
    sim.types("other")
        .press("esc")
        .at_scope(Scope::RotatePlaces);
    sim.press("enter").at_scope(Scope::TokenText);
    let form = sim.model.token_form().unwrap();
    assert_eq!(form.name.value().expose(), "other");
}

#[test]
fn where_none_like_it_can_be_asked_for_the_person_says_what_it_is_to_be() {
    let mut sim = Sim::at_tokens(2);
    let odd = Token {
        permissions: Vec::new().into(),
        readonly: false,
        ..old(Vec::new(), Some("CI of o/r"))
    };
    sim.press("r").lists(vec![odd]);
    sim.press("o").at_scope(Scope::RotatePlaces);
    assert!(rotation(&sim).unlike.is_some());
    sim.press("enter");
    let form = sim.model.token_form().unwrap();
    assert!(form.name.is_empty() && form.packages.is_empty());
    assert_eq!(form.note.value().expose(), "CI of o/r");
}

#[test]
fn a_rotation_that_was_not_begun_is_given_up_by_an_answer_when_something_was_typed() {
    let mut sim = proved();
    sim.press("esc")
        .at_scope(Scope::Tokens)
        .says("stays as it is")
        .wants(&[]);
    let mut sim = proved();
    sim.press("enter tab")
        .types("x")
        .press("esc esc")
        .at_scope(Scope::RotateLeaving);
    sim.press("enter").at_scope(Scope::RotatePlaces);
    sim.press("q").at_scope(Scope::Leaving).press("n");
    sim.press("esc tab enter")
        .at_scope(Scope::Tokens)
        .wants(&[]);
    assert!(sim.model.rotation.is_none());
}

#[test]
fn the_steps_are_shown_as_they_are_taken_and_the_end_says_what_remains() {
    let mut sim = sent(false);
    doing(&mut sim, RotateStep::Create);
    done(&mut sim, &[RotateStep::Create, RotateStep::Write]);
    let RotateStage::Running(running) = &rotation(&sim).stage else {
        panic!("it is not running");
    };
    assert!(matches!(
        running.state(RotateStep::Write),
        RotateState::Done(_)
    ));
    assert!(matches!(
        running.state(RotateStep::Verify),
        RotateState::Waiting
    ));
    sim.effects.clear();
    ends(&mut sim, ended(false, &[]))
        .at_scope(Scope::RotateDone)
        .wants(&["start Tokens quietly"]);
    assert!(over(&sim).remains.is_empty());
    sim.press("enter").at_scope(Scope::Tokens);
    // The new row is chosen when the list has it.
    sim.lists(vec![token(2), token(40)]);
    assert_eq!(
        npm_warden::app::tokens::chosen(&sim.model).unwrap().key,
        token(40).key
    );

    let mut sim = sent(false);
    ends(&mut sim, ended(false, &["Revoke the old one."]));
    assert_eq!(over(&sim).remains.len(), 1);
}

#[test]
fn what_was_refused_before_anything_was_made_is_mended_in_the_form() {
    let mut sim = sent(false);
    sim.fails(Purpose::Rotate, FailureKind::Refused, "Wrong password.")
        .at_scope(Scope::TokenPassword);
    let form = sim.model.token_form().unwrap();
    assert!(form.error.is_some() && form.packages.value().expose() == "left-pad");
    sim.effects.clear();
    sim.types(PASSWORD).press("enter");
    assert_eq!(asked(&sim).places, [id(3)]);
    // The same, told by the step itself.
    let mut rotated = ended(false, &[]);
    rotated.token = None;
    rotated.steps = vec![(
        RotateStep::Create,
        RotateState::Failed(failure(FailureKind::Refused, "No.")),
    )];
    ends(&mut sim, rotated).at_scope(Scope::TokenPassword);
    assert_eq!(
        sim.model
            .token_form()
            .unwrap()
            .error
            .as_ref()
            .unwrap()
            .what
            .as_str(),
        "No."
    );
}

#[test]
fn p02_the_value_for_other_places_is_shown_whole_and_a_slip_revokes_nothing() {
    let mut sim = asking(true);
    let card = sim.model.value_card().unwrap();
    assert!(card.stands() && card.value.expose() == VALUE);
    // Not yet is the default.
    sim.press("enter n").wants(&[]).says("until you say");
    sim.press("v");
    assert!(!sim.model.value_card().unwrap().shown);
    sim.press("v c").send(Msg::Copied(Ok("Copied.".to_owned())));
    assert!(sim.model.value_card().unwrap().is_kept());
    sim.effects.clear();
    sim.press("tab enter")
        .wants(&["answer GoOn"])
        .at_scope(Scope::RotateRunning);
    ends(&mut sim, ended(false, &[])).at_scope(Scope::RotateDone);
    assert!(over(&sim).card.is_none());
}

#[test]
fn p02_a_value_that_stands_nowhere_else_is_not_passed_over() {
    let mut sim = asking(false);
    sim.press("y").at_scope(Scope::MadeLeaving).wants(&[]);
    sim.press("enter")
        .at_scope(Scope::RotateInstalled)
        .wants(&[]);
    // A file that has it will do.
    sim.press("w enter");
    crate::create::nothing_there(&mut sim);
    let stored = Stored {
        file: Text::new("~/.npmrc, line 4"),
        caution: None,
    };
    sim.ends(Purpose::WriteToken, Ok(Outcome::Written(stored)))
        .at_scope(Scope::RotateInstalled);
    sim.effects.clear();
    sim.press("y").wants(&["answer GoOn"]);
    // Or the person's own word.
    let mut sim = asking(false);
    sim.press("y").press("tab enter").wants(&["answer GoOn"]);
    // At the end it is there once more, and guards itself again.
    ends(&mut sim, ended(true, &["Put the value where it is used."])).at_scope(Scope::RotateDone);
    assert!(sim.model.value_card().unwrap().stands());
    sim.press("q").at_scope(Scope::Leaving).press("n");
    sim.press("enter").at_scope(Scope::MadeLeaving);
    sim.press("enter").at_scope(Scope::RotateDone);
    sim.effects.clear();
    sim.press("esc y").at_scope(Scope::Tokens).wiped();
}

#[test]
fn p02_a_failure_after_the_value_came_keeps_it() {
    let mut sim = asking(false);
    sim.fails(
        Purpose::Rotate,
        FailureKind::Network,
        "The connection broke.",
    )
    .at_scope(Scope::RotateDone);
    assert_eq!(sim.model.value_card().unwrap().value.expose(), VALUE);
    assert!(over(&sim).remains[0].as_str().contains("connection broke"));
}

#[test]
fn a_value_comes_to_the_front_wherever_the_person_is() {
    let mut sim = sent(true);
    done(&mut sim, &[RotateStep::Create]);
    sim.press("esc").tone(Tone::Warning).says("both live");
    sim.press("enter").at_scope(Scope::RotateRunning);
    assert!(sim.model.notice.is_none());
    sim.effects.clear();
    sim.press("esc esc").wants(&["hold", "cancel"]);
    sim.press("esc")
        .at_scope(Scope::Tokens)
        .says("still waited for");
    sim.press("2 ?");
    sim.asks(Purpose::Rotate, installed())
        .at_scope(Scope::RotateInstalled);
    sim.press("y").says("being stopped");
    sim.press("esc").at_scope(Scope::Tokens);
    // Behind the screen it is still held, and guarded.
    sim.press("q").at_scope(Scope::Leaving).press("n");
    sim.press("o").at_scope(Scope::RotateInstalled).press("esc");
    ends(&mut sim, ended(true, &["Both tokens live."])).at_scope(Scope::RotateDone);
    assert_eq!(sim.model.value_card().unwrap().value.expose(), VALUE);
}

#[test]
fn stopping_says_what_it_means_at_each_moment() {
    let asks = |steps: &[RotateStep], now: Option<RotateStep>| {
        let mut sim = sent(false);
        done(&mut sim, steps);
        if let Some(step) = now {
            doing(&mut sim, step);
        }
        sim.press("esc").notice()
    };
    assert!(asks(&[], None).contains("Nothing is made yet"));
    assert!(asks(&[], Some(S::Create)).contains("If the new token is made already"));
    assert!(asks(&[S::Create], Some(S::Write)).contains("both live then"));
    let to_revoke = [S::Create, S::Write, S::Verify];
    assert!(asks(&to_revoke, None).contains("nothing is revoked"));
    assert!(asks(&to_revoke, Some(S::Revoke)).contains("on its way and cannot be held"));
    let revoked = [S::Create, S::Write, S::Verify, S::Revoke];
    assert!(asks(&revoked, Some(S::VerifyGone)).contains("may be revoked"));
    // Keeping both while the value is asked about.
    let mut sim = asking(true);
    sim.press("esc").says("both live").press("enter");
    sim.at_scope(Scope::RotateInstalled)
        .wants(&["hold", "release"]);
    sim.press("esc esc").wants(&["hold", "cancel"]);
}

#[test]
fn nothing_more_is_sent_while_it_is_asked_whether_to_stop() {
    let mut sim = sent(false);
    sim.effects.clear();
    done(&mut sim, &[S::Create, S::Write, S::Verify]);
    sim.press("esc").says("nothing is revoked").wants(&["hold"]);
    sim.press("enter").wants(&["release"]);
    assert!(!sim.notice().contains("Stop?"));
    // What was sent when Esc came is told as what it is, whatever else is said meanwhile.
    sim.press("esc").wants(&["hold"]);
    doing(&mut sim, S::Revoke);
    sim.says("on its way and cannot be held").wants(&[]);
    sim.steps(Purpose::Rotate, Step::Doing("Reading the list again"));
    sim.says("cannot be held");
    sim.press("esc").wants(&["cancel"]);
    // With its end, the question is over, too.
    let mut sim = sent(false);
    sim.effects.clear();
    sim.press("esc").wants(&["hold"]);
    ends(&mut sim, ended(false, &[])).at_scope(Scope::RotateDone);
    assert!(!sim.notice().contains("Stop?"));
    assert!(sim.model.held.is_none());
}

#[test]
fn the_registrys_question_takes_the_place_of_the_one_whether_to_stop() {
    let mut sim = sent(false);
    sim.effects.clear();
    sim.press("esc").wants(&["hold"]);
    sim.asks(Purpose::Rotate, Question::Challenge(challenge(1)))
        .at_scope(Scope::Challenge)
        .wants(&["release"]);
    assert!(sim.model.held.is_none());
}

#[test]
fn a_rotation_that_ends_well_behind_the_screen_is_told_and_one_that_leaves_something_comes_back() {
    let mut sim = sent(false);
    sim.press("esc esc esc").at_scope(Scope::Tokens);
    ends(&mut sim, ended(false, &[]))
        .at_scope(Scope::Tokens)
        .says("ci (k00001) is rotated.");
    assert!(sim.model.rotation.is_none());
    let mut sim = sent(false);
    sim.press("esc esc esc");
    ends(&mut sim, ended(false, &["The old token lives on."])).at_scope(Scope::RotateDone);
    let mut sim = sent(false);
    sim.press("esc esc esc")
        .fails(Purpose::Rotate, FailureKind::Network, "No answer.");
    sim.at_scope(Scope::Tokens).says("No answer.");
    assert!(sim.model.rotation.is_none());
}

#[test]
fn one_rotation_at_a_time_and_none_beside_a_revocation_or_a_new_token() {
    let mut sim = sent(false);
    sim.press("q").at_scope(Scope::Leaving).press("n");
    sim.press("esc esc esc").at_scope(Scope::Tokens);
    sim.press("o").at_scope(Scope::RotateRunning);
    let mut sim = Sim::at_tokens(4);
    sim.press("n space pgdn")
        .types(PASSWORD)
        .press("enter esc esc");
    sim.press("o")
        .says("has not ended yet")
        .at_scope(Scope::Tokens);
    let mut sim = Sim::at_tokens(4);
    sim.press("x y esc esc esc o")
        .says("under way")
        .at_scope(Scope::Tokens);
}

#[test]
fn what_was_not_sent_goes_with_its_account_and_what_was_sent_stays() {
    let mut sim = proved();
    sim.press("enter pgdn").types(PASSWORD);
    let gone = || standing(Standing::Rejected(Text::new("no")));
    let read = |sim: &mut Sim| {
        // What is read in the background finds that the credential has ended.
        sim.press("esc");
        sim.model.screen = Screen::Profile;
    };
    read(&mut sim);
    let mut other = Sim::at_tokens(1);
    other.press("r").lists(vec![old(Vec::new(), None)]);
    other.press("1 r 3 o");
    other.arrives(gone()).at_scope(Scope::Absent);
    assert!(other.model.rotation.is_none());
    let mut other = Sim::at_tokens(1);
    other.press("r").lists(vec![old(Vec::new(), None)]);
    other
        .press("1 r 3 o enter pgdn")
        .types(PASSWORD)
        .press("enter");
    other.arrives(gone()).at_scope(Scope::RotateRunning);
    other
        .asks(Purpose::Rotate, installed())
        .at_scope(Scope::RotateInstalled);
}

#[test]
fn what_cannot_be_rotated_says_why() {
    let mut sim = Sim::at_tokens(0);
    sim.press("o").at_scope(Scope::Tokens).says("no tokens");
    let mut sim = Sim::at_tokens(1);
    let gone = Token {
        revoked: token(1).created,
        ..token(1)
    };
    sim.press("r").lists(vec![gone]);
    sim.press("o")
        .at_scope(Scope::Tokens)
        .says("revoked already");
    let _ = tokens(0);
}

#[test]
fn p02_an_old_value_that_could_not_be_put_back_is_shown_as_what_it_is() {
    let mut sim = sent(true);
    let given = Rotated {
        is_old: true,
        ..ended(
            true,
            &["~/.npmrc holds the new token, which the registry does not take."],
        )
    };
    ends(&mut sim, given).at_scope(Scope::RotateDone);
    let card = sim.model.value_card().unwrap();
    assert!(card.is_old && card.stands() && card.value.expose() == VALUE);
    let old = rotation(&sim).old.short();
    let left = sim.model.left_uncopied().unwrap();
    assert!(
        left.contains(&format!("value of the token {old}")) && !left.contains("revoke"),
        "{left}"
    );
    sim.effects.clear();
    sim.press("c");
    let [Effect::Copy { what, .. }] = &sim.effects[..] else {
        panic!("{:?}", sim.effects);
    };
    assert_eq!(*what, "the old token");
    sim.press("enter").at_scope(Scope::MadeLeaving);
}

fn footer(sim: &Sim) -> Vec<String> {
    let keys = npm_warden::app::keymap::footer(&sim.model);
    keys.iter()
        .map(|(key, word)| format!("{key} {word}"))
        .collect()
}

#[track_caller]
fn shows(sim: &Sim, with: &[&str], without: &[&str]) {
    let shown = footer(sim);
    for word in with {
        assert!(shown.iter().any(|key| key == word), "{word}: {shown:?}");
    }
    for word in without {
        assert!(!shown.iter().any(|key| key == word), "{word}: {shown:?}");
    }
}

#[test]
fn the_footer_says_what_the_keys_do_at_each_moment() {
    let mut sim = sent(false);
    shows(&sim, &["Esc stop"], &["Enter go on"]);
    sim.press("esc");
    shows(&sim, &["Esc stop", "Enter go on"], &[]);
    sim.press("esc");
    shows(&sim, &["Esc put aside"], &["Enter go on"]);
    let mut sim = asking(true);
    shows(
        &sim,
        &["Esc keep both", "Enter take the marked answer"],
        &[],
    );
    sim.press("esc");
    shows(
        &sim,
        &["Esc keep both", "Enter go on"],
        &["y yes, everywhere"],
    );
    sim.press("esc");
    shows(
        &sim,
        &["Esc put aside"],
        &["y yes, everywhere", "Enter go on"],
    );
    let mut sim = asking(false);
    sim.press("y").at_scope(Scope::MadeLeaving);
    shows(&sim, &["y yes, go on"], &["y yes, leave"]);
}

#[test]
fn a_yes_to_the_question_whether_to_stop_revokes_nothing() {
    let mut sim = asking(true);
    sim.press("esc").says("Stop?");
    sim.effects.clear();
    sim.press("y").wants(&[]).says("Stop?");
    sim.press("tab enter")
        .at_scope(Scope::RotateInstalled)
        .wants(&["release"]);
    sim.press("y").wants(&["answer GoOn"]);
}

#[test]
fn a_token_without_a_name_is_called_by_its_id() {
    use npm_warden::app::rotate::called;
    let key = token(1).key;
    let id = key.short();
    assert_eq!(called(&Text::new("ci"), &key, 40), format!("ci ({id})"));
    for none in ["", "(no name)"] {
        assert_eq!(called(&Text::new(none), &key, 40), format!("token {id}"));
    }
}

#[test]
fn e4_what_remains_names_the_keys_that_go_on_and_forget_and_no_command() {
    let mut sim = sent(true);
    let said = format!("ci (a1b2c3) was not revoked. {GO_ON}");
    ends(&mut sim, ended(false, &[&said]));
    let remains = over(&sim).remains[0].as_str();
    for part in [
        "ci (a1b2c3) was not revoked.",
        "R on the tokens",
        "F forgets",
    ] {
        assert!(remains.contains(part), "{remains}");
    }
    assert!(!remains.contains("npm-warden token"), "{remains}");
}
