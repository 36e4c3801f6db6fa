//! The emergency: its plan, every question and every answer, leaving and coming back, the report.

use std::path::PathBuf;
use std::sync::Arc;

use npm_warden::app::emergency::model::{CareOf, Page, Sure};
use npm_warden::app::emergency::reminder;
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Overlay, Screen, Tone};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Effect, Model};
use npm_warden::backend::protocol::{
    Answer, Challenge, Event, JournalId, Outcome, Question, Request, RowState, SignInAsked, Step,
    Unfinished,
};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::{CredentialKind, Standing};
use npm_warden::domain::incident::{
    Ask, Care, Incident, IncidentRow, Reply, Stage, StageState, Suspicion,
};
use npm_warden::domain::machine::{CredentialId, Form, LocalCredential, Rank, SourceKind};
use npm_warden::domain::plan::Class;
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::signin::{Keep, Kept};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::Token;

use crate::sim::{
    NEW_PASSWORD, PASSWORD, Sim, account, challenge, failure, identity, profile, standing, tokens,
};

/// An emergency with so many tokens to go, at this step.
pub(crate) fn incident(at: usize, rows: usize) -> Incident {
    let now: jiff::Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let stages = Stage::ALL.iter().enumerate().map(|(index, stage)| {
        let state = match index.cmp(&at) {
            std::cmp::Ordering::Less => StageState::Done(now, Text::new("Done.")),
            std::cmp::Ordering::Equal => StageState::Now(Text::new("At it.")),
            std::cmp::Ordering::Greater => StageState::Waiting,
        };
        (*stage, state)
    });
    Incident {
        account: Some(Text::new("alice")),
        stages: stages.collect(),
        rows: tokens(rows).into_iter().map(row).collect(),
        beyond: ["Other sessions.", "The mail.", "Time."]
            .map(|text| (Text::new(text), false))
            .to_vec(),
        ..Incident::begun(
            Text::new("20261122T120000Z"),
            now,
            Text::new("registry.example.com"),
        )
    }
}

fn row(token: Token) -> IncidentRow {
    IncidentRow {
        class: Class::of(&token),
        token,
        state: RowState::Waiting,
        at: None,
        appeared: false,
        ours: false,
    }
}

pub(crate) fn copies() -> Vec<LocalCredential> {
    let copy = |path: Option<&str>, form| LocalCredential {
        id: CredentialId {
            path: path.map(PathBuf::from),
            key: Text::new("//registry.example.com/:_authToken"),
            line: 3,
        },
        place: Text::new(path.unwrap_or("$NPM_TOKEN")),
        source: SourceKind::User,
        scope: Text::new("registry.example.com"),
        kind: CredentialKind::Token,
        form,
        begins: Text::new("npm_t000"),
        rank: Rank::Wins,
        in_use: false,
    };
    let variable = Form::Variable {
        names: vec![Text::new("${NPM_TOKEN}")],
        unset: Vec::new(),
    };
    vec![
        copy(Some("/home/alice/.npmrc"), Form::Literal),
        copy(Some("/home/alice/site/.npmrc"), variable),
        copy(None, Form::Literal),
    ]
}

pub(crate) fn sign_in_asked(without: bool) -> SignInAsked {
    SignInAsked {
        action: Text::new("to sign in for the emergency"),
        host: Text::new("registry.example.com"),
        name: Some(Text::new("alice")),
        words: Text::new(""),
        problem: None,
        without: without.then(|| Text::new("The credential of before is used.")),
    }
}

/// On the plan.
fn plan() -> Sim {
    let mut sim = Sim::with(Tfa::On(Level::AuthAndWrites), tokens(5));
    sim.press("!");
    sim
}

/// Begun, at this step.
pub(crate) fn begun(at: usize, rows: usize) -> Sim {
    let mut sim = plan();
    sim.press("enter");
    sim.tells(incident(at, rows));
    sim.effects.clear();
    sim
}

/// It asks.
pub(crate) fn asked(at: usize, rows: usize, ask: Ask) -> Sim {
    let mut sim = begun(at, rows);
    sim.asks(Purpose::Emergency, Question::Emergency(ask));
    sim
}

impl Sim {
    fn tells(&mut self, incident: Incident) -> &mut Self {
        self.steps(Purpose::Emergency, Step::Incident(Arc::new(incident)))
    }

    /// The answers to the emergency since the last look.
    fn replies(&mut self) -> Vec<Reply> {
        let all = self.effects.drain(..);
        all.filter_map(|effect| match effect {
            Effect::Answer {
                answer: Answer::Emergency(reply),
                ..
            } => Some(reply),
            _ => None,
        })
        .collect()
    }

    #[track_caller]
    fn replied(&mut self, reply: Reply) -> &mut Self {
        assert_eq!(self.replies(), [reply]);
        assert!(self.model.emergency.waits.is_none());
        self
    }
}

fn over(incident: &mut Incident) {
    incident.ended = Some(incident.began);
}

fn ended(rows: usize) -> Incident {
    let mut incident = incident(10, rows);
    over(&mut incident);
    incident
}

fn finish(sim: &mut Sim, change: impl FnOnce(&mut Incident)) {
    let mut incident = incident(10, 3);
    change(&mut incident);
    let end = Outcome::Emergency(Arc::new(incident));
    sim.ends(Purpose::Emergency, Ok(end));
}

#[test]
fn the_plan_sends_nothing_and_enter_begins() {
    let mut sim = plan();
    sim.at_scope(Scope::Emergency);
    assert_eq!(sim.model.emergency.page(), Page::Plan);
    sim.press("down up pgdn pgup").wants(&[]);
    sim.press("enter").wants(&["start Emergency"]);
    assert!(sim.model.emergency.under_way());
}

#[test]
fn it_begins_signed_out_and_while_lists_are_read() {
    let mut out = Sim::start(false);
    out.arrives(standing(Standing::SignedOut)).effects.clear();
    out.press("!").at_scope(Scope::Emergency);
    out.press("enter").wants(&["start Emergency"]);
    let mut early = Sim::start(false);
    early.effects.clear();
    early.press("! enter").wants(&["start Emergency"]);
}

#[test]
fn the_demo_rehearses() {
    for demo in [false, true] {
        let mut sim = Sim::start(demo);
        sim.arrives(account(Tfa::Off)).press("! enter");
        let rehearsal = sim.effects.iter().find_map(|effect| match effect {
            Effect::Start {
                request: Request::Emergency { rehearsal, resume },
                ..
            } => Some((*rehearsal, resume.is_some())),
            _ => None,
        });
        assert_eq!(rehearsal, Some((demo, false)));
    }
}

#[test]
fn it_waits_for_a_revocation_to_end() {
    let mut sim = Sim::at_tokens(5);
    sim.press("x y esc esc esc ! enter");
    sim.says("has to end first");
    assert!(sim.running(Purpose::Emergency).is_none());
}

#[test]
fn p32_the_first_question_is_about_this_machine_and_its_safe_answer_has_the_focus() {
    for (keys, suspicion) in [
        ("enter", Suspicion::Elsewhere),
        ("down enter", Suspicion::Clean),
        ("down down enter", Suspicion::AllTheSame),
    ] {
        let mut sim = asked(0, 0, Ask::Suspect);
        sim.at_scope(Scope::EmergencyAsk);
        sim.press("s").says("is to be answered");
        sim.press(keys).replied(Reply::Suspect(suspicion));
    }
}

#[test]
fn a_hasty_enter_says_nothing_of_the_address() {
    let ask = || Ask::Email {
        address: Text::new("alice@example.com"),
        verified: Some(true),
    };
    for (keys, reply) in [
        ("enter", Reply::Skip),
        ("s", Reply::Skip),
        ("down enter", Reply::EmailMine(true)),
        ("down down enter", Reply::EmailMine(false)),
    ] {
        asked(3, 0, ask()).press(keys).replied(reply);
    }
}

#[test]
fn p28_three_tokens_go_by_their_number_typed_and_unmarked_ones_stay() {
    let mut sim = asked(4, 5, Ask::Revoke);
    sim.at_scope(Scope::EmergencyList);
    sim.press("enter").at_scope(Scope::EmergencyCount);
    sim.types("4⏎").says("type how many they are: 5");
    assert!(sim.replies().is_empty());
    sim.press("esc").at_scope(Scope::EmergencyList);
    sim.press("down space").press("enter").types("4⏎");
    let keep = vec![tokens(5)[1].key.clone()];
    sim.replied(Reply::Revoke { keep });
}

#[test]
fn p28_one_or_two_tokens_are_asked_about_with_no_as_the_answer() {
    let mut sim = asked(4, 2, Ask::Revoke);
    sim.press("enter").at_scope(Scope::EmergencySure);
    sim.press("enter").at_scope(Scope::EmergencyList);
    assert!(sim.replies().is_empty());
    sim.press("enter tab enter")
        .replied(Reply::Revoke { keep: Vec::new() });
    let mut sim = asked(4, 3, Ask::Revoke);
    sim.press("space enter y");
    let keep = vec![tokens(3)[0].key.clone()];
    sim.replied(Reply::Revoke { keep });
}

#[test]
fn that_nothing_is_revoked_is_asked_about() {
    for keys in ["s", "a enter"] {
        let mut sim = asked(4, 3, Ask::Revoke);
        sim.press(keys).at_scope(Scope::EmergencySure);
        assert!(matches!(
            sim.model.emergency.sure,
            Some(Sure::Nothing(false))
        ));
        sim.press("enter").at_scope(Scope::EmergencyList);
        sim.press(keys.split(' ').next_back().unwrap())
            .press("y")
            .replied(Reply::Skip);
    }
    asked(4, 0, Ask::Revoke)
        .press("enter")
        .replied(Reply::Revoke { keep: Vec::new() });
}

#[test]
fn what_has_an_end_already_is_not_asked_about_again() {
    let mut sim = begun(4, 4);
    let mut resumed = incident(4, 4);
    resumed.rows[0].state = RowState::Verified;
    resumed.rows[2].state = RowState::AlreadyGone;
    sim.tells(resumed);
    sim.asks(Purpose::Emergency, Question::Emergency(Ask::Revoke));
    assert_eq!(sim.model.emergency.keys.len(), 2);
    assert_eq!(sim.model.emergency.marked(), 2);
}

#[test]
fn tokens_that_appeared_since_go_by_the_same_question() {
    let mut sim = begun(5, 5);
    let keys: Vec<_> = tokens(5)[3..].iter().map(|t| t.key.clone()).collect();
    let ask = Ask::Appeared(keys.clone());
    sim.asks(Purpose::Emergency, Question::Emergency(ask));
    sim.press("space enter y");
    let keep = vec![keys[0].clone()];
    sim.replied(Reply::Revoke { keep });
}

#[test]
fn rows_change_live_and_a_whole_telling_takes_their_place() {
    let mut sim = begun(4, 3);
    let token = tokens(3)[1].key.clone();
    let state = RowState::Gone(Unprobed::ValueUnknown);
    let step = Step::Row {
        token: token.clone(),
        state: state.clone(),
    };
    sim.steps(Purpose::Emergency, step);
    assert_eq!(sim.model.emergency.row(&token).unwrap().1, &state);
    assert_eq!(sim.model.emergency.front(), 0);
    let mut later = incident(5, 3);
    later.rows[1].state = RowState::Verified;
    sim.tells(later);
    let row = sim.model.emergency.row(&token).unwrap();
    assert_eq!(row.1, &RowState::Verified);
    // One that is not among the rows changes nothing.
    let token = tokens(9)[8].key.clone();
    let state = RowState::Sent;
    sim.steps(Purpose::Emergency, Step::Row { token, state });
    assert!(sim.model.emergency.changed.is_empty());
}

#[test]
fn what_is_not_well_is_tried_again_or_left() {
    for (keys, reply) in [
        ("enter", Reply::Again),
        ("down enter", Reply::Skip),
        ("s", Reply::Skip),
    ] {
        let rows = vec![tokens(3)[0].key.clone()];
        asked(5, 3, Ask::Again { rows }).press(keys).replied(reply);
    }
}

#[test]
fn no_copy_is_chosen_beforehand_and_no_variable_can_be_taken_out() {
    let mut sim = asked(6, 0, Ask::Local(copies()));
    assert_eq!(sim.model.emergency.marks, [false, false, false]);
    sim.press("down down space").says("no line of a file");
    sim.press("a");
    assert_eq!(sim.model.emergency.marks, [true, true, false]);
    sim.press("enter");
    let ids = copies()[..2].iter().map(|copy| copy.id.clone()).collect();
    sim.replied(Reply::TakeOut(ids));
    asked(6, 0, Ask::Local(copies()))
        .press("enter")
        .replied(Reply::TakeOut(Vec::new()));
    asked(6, 0, Ask::Local(Vec::new()))
        .press("enter")
        .replied(Reply::TakeOut(Vec::new()));
}

#[test]
fn what_is_out_of_reach_is_ticked_off() {
    asked(9, 0, Ask::Beyond)
        .press("down space enter")
        .replied(Reply::Ticked(vec![false, true, false]));
    asked(9, 0, Ask::Beyond).press("s").replied(Reply::Skip);
}

#[test]
fn packages_were_looked_at_or_not() {
    asked(8, 0, Ask::Packages)
        .press("pgdn enter")
        .replied(Reply::GoOn);
    asked(8, 0, Ask::Packages).press("s").replied(Reply::Skip);
}

#[test]
fn p33_the_password_is_changed_on_the_way_and_leads_back_to_its_line() {
    let mut sim = asked(7, 3, Ask::Account);
    sim.at_scope(Scope::EmergencyAccount);
    sim.press("p").at_scope(Scope::PasswordForm);
    assert_eq!(sim.model.screen, Screen::Profile);
    assert!(reminder(&sim.model).is_some());
    sim.types(PASSWORD).press("enter").types(NEW_PASSWORD);
    sim.press("enter").types(NEW_PASSWORD).press("enter");
    let after = Ok(Box::new(profile(Tfa::On(Level::AuthAndWrites))));
    sim.ends(Purpose::ChangePassword, Ok(Outcome::PasswordChanged(after)));
    sim.at_scope(Scope::EmergencyAccount)
        .says("has to be revoked");
    assert_eq!(sim.model.emergency.care[0], Care::Done);
    assert_eq!(sim.model.emergency.cursor, CareOf::SecondFactor.index());
    sim.press("up space").says("by the registry's own answer");
    sim.press("down space down space space G enter");
    sim.replied(Reply::Account {
        password: Care::Done,
        second_factor: Care::Elsewhere,
        recovery_codes: Care::LeftOut,
    });
}

#[test]
fn a_form_that_is_closed_leads_back_as_well() {
    let mut sim = asked(7, 3, Ask::Account);
    sim.press("enter").at_scope(Scope::PasswordForm);
    sim.press("esc").at_scope(Scope::EmergencyAccount);
    assert_eq!(sim.model.emergency.care[0], Care::Open);
    sim.press("down enter").at_scope(Scope::Guide);
    sim.press("esc").at_scope(Scope::EmergencyAccount);
    sim.press("down enter").at_scope(Scope::Guide);
    sim.press("esc").at_scope(Scope::EmergencyAccount);
    sim.press("s");
    sim.replied(Reply::Account {
        password: Care::LeftOut,
        second_factor: Care::LeftOut,
        recovery_codes: Care::LeftOut,
    });
}

#[test]
fn without_a_second_factor_the_line_leads_to_the_wizard() {
    let mut sim = Sim::with(Tfa::Off, tokens(3));
    sim.press("! enter");
    sim.tells(incident(7, 3));
    sim.asks(Purpose::Emergency, Question::Emergency(Ask::Account));
    sim.press("down enter").at_scope(Scope::WizardNeed);
    sim.press("esc").at_scope(Scope::EmergencyAccount);
}

#[test]
fn other_screens_can_be_used_meanwhile_and_the_place_is_kept() {
    let mut sim = asked(4, 5, Ask::Revoke);
    sim.press("down down space 3").at_scope(Scope::Tokens);
    assert!(reminder(&sim.model).unwrap()[0].contains("waits for you"));
    sim.press("x").at_scope(Scope::RevokeAsk);
    sim.press("n !").at_scope(Scope::EmergencyList);
    assert_eq!(reminder(&sim.model), None);
    assert_eq!(sim.model.emergency.cursor, 3);
    assert_eq!(sim.model.emergency.marked(), 4);
}

#[test]
fn the_steps_so_far_stand_in_the_place_of_the_question_for_as_long_as_wanted() {
    let mut sim = asked(4, 5, Ask::Revoke);
    for back in ["v", "enter", "esc"] {
        sim.press("v").at_scope(Scope::Emergency);
        sim.press("down up").press(back);
        sim.at_scope(Scope::EmergencyList);
    }
    assert!(sim.replies().is_empty());
}

#[test]
fn leaving_is_asked_about_and_told_to_the_job() {
    let mut sim = asked(4, 5, Ask::Revoke);
    sim.press("esc").at_scope(Scope::EmergencySure);
    sim.press("enter")
        .at_scope(Scope::EmergencyList)
        .says("goes on");
    sim.press("esc y").replied(Reply::Leave);
    let mut left = incident(4, 5);
    left.stages[4].1 = StageState::Waiting;
    let left = Outcome::Emergency(Arc::new(left));
    sim.ends(Purpose::Emergency, Ok(left));
    sim.says("left at step 4")
        .says("gone on with")
        .tone(Tone::Warning);
    assert_eq!(sim.model.emergency.page(), Page::Plan);
    let wishes = sim.wishes();
    assert!(
        wishes.contains(&"start Unfinished quietly".to_owned()),
        "{wishes:?}"
    );
}

#[test]
fn at_work_it_is_given_up_and_a_question_that_comes_all_the_same_is_not_asked() {
    let mut sim = begun(4, 5);
    sim.press("esc y").wants(&["cancel"]);
    sim.press("esc").says("waited for");
    sim.asks(Purpose::Emergency, Question::Emergency(Ask::Revoke));
    assert!(sim.model.emergency.waits.is_none());
    sim.wants(&["cancel"]);
    sim.fails(Purpose::Emergency, FailureKind::Cancelled, "Left.");
    assert_eq!(sim.model.emergency.page(), Page::Plan);
}

#[test]
fn what_was_interrupted_is_offered_first() {
    let id = || JournalId("emergency-1".to_owned());
    let offered = || {
        let mut sim = plan();
        sim.model.unfinished = vec![Unfinished::Emergency {
            id: id(),
            incident: Arc::new(incident(4, 5)),
        }];
        sim
    };
    let resumed = |sim: &mut Sim| {
        sim.effects.drain(..).find_map(|effect| match effect {
            Effect::Start {
                request: Request::Emergency { resume, .. },
                ..
            } => Some(resume),
            _ => None,
        })
    };
    let mut sim = offered();
    sim.press("enter");
    assert_eq!(resumed(&mut sim), Some(Some(id())));
    let mut sim = offered();
    sim.press("down enter");
    assert_eq!(resumed(&mut sim), Some(None));
    let mut sim = offered();
    sim.press("down down enter").at_scope(Scope::EmergencySure);
    sim.press("enter").wants(&[]);
    sim.press("enter y").wants(&["start Unfinished quietly"]);
    sim.ends(Purpose::Unfinished, Ok(Outcome::Unfinished(Vec::new())));
    sim.press("enter").wants(&["start Emergency"]);
}

#[test]
fn the_sign_in_of_an_emergency_is_kept_nowhere() {
    let mut sim = begun(2, 0);
    let asked = Question::SignIn(sign_in_asked(true));
    sim.asks(Purpose::Emergency, asked).waits(400);
    sim.at_scope(Scope::SignInChoice);
    let form = sim.model.signin.as_ref().unwrap();
    let parts = form.parts(&sim.model);
    assert!(!parts.contains(&npm_warden::app::signin::SignInPart::Keep));
    // A form that was open before with another wish changes nothing.
    sim.model.signin.as_mut().unwrap().keep = Keep::File;
    sim.press("enter")
        .wants(&["start SignIn on the web, Session"]);
    let signed_in = Outcome::SignedIn {
        identity: Box::new(identity()),
        standing: Standing::SignedIn(Box::new(profile(Tfa::Off))),
        clock_ahead: Some(0),
        kept: Kept::Session,
    };
    sim.ends(Purpose::SignIn, Ok(signed_in));
    let wishes = sim.wishes();
    assert!(wishes.contains(&"answer SignedIn".to_owned()), "{wishes:?}");
    assert!(sim.model.emergency.under_way());
    // It ends with the emergency, and what is said of it hides nothing of the next pages.
    sim.says("Signed in as alice, for the emergency alone.");
    let address = Ask::Email {
        address: Text::new("alice@example.com"),
        verified: None,
    };
    sim.asks(Purpose::Emergency, Question::Emergency(address));
    assert_eq!(sim.notice(), "");
}

#[test]
fn a_closed_sign_in_form_ends_no_emergency() {
    let put_off = |without: bool| {
        let mut sim = begun(2, 0);
        sim.press("1");
        let asked = Question::SignIn(sign_in_asked(without));
        sim.asks(Purpose::Emergency, asked).waits(400);
        sim.press("esc").at_scope(Scope::EmergencyAsk);
        assert_eq!(sim.model.screen, Screen::Emergency);
        assert!(
            sim.model
                .requests
                .values()
                .all(|request| !request.cancelled)
        );
        sim.effects.clear();
        sim
    };
    let mut sim = put_off(true);
    sim.press("enter").at_scope(Scope::SignInChoice).waits(400);
    sim.press("esc").at_scope(Scope::EmergencyAsk);
    sim.press("down enter").replied(Reply::Skip);
    let mut sim = put_off(true);
    sim.press("down down enter y").replied(Reply::Leave);
    // A credential that has died takes no other answer than a sign-in: to leave is to give it up.
    let mut sim = put_off(false);
    sim.press("down enter").at_scope(Scope::EmergencySure);
    sim.press("y").wants(&["cancel"]);
}

#[test]
fn somebody_who_signs_in_by_another_way_meanwhile_is_taken() {
    let mut sim = begun(2, 0);
    let asked = Question::SignIn(sign_in_asked(true));
    sim.asks(Purpose::Emergency, asked).waits(400);
    sim.press("esc A").at_scope(Scope::SignInChoice);
    sim.press("enter");
    let signed_in = Outcome::SignedIn {
        identity: Box::new(identity()),
        standing: Standing::SignedIn(Box::new(profile(Tfa::Off))),
        clock_ahead: Some(0),
        kept: Kept::Session,
    };
    sim.effects.clear();
    sim.ends(Purpose::SignIn, Ok(signed_in));
    let wishes = sim.wishes();
    assert!(wishes.contains(&"answer SignedIn".to_owned()), "{wishes:?}");
    assert!(sim.model.emergency.waits.is_none());
}

#[test]
fn a_challenge_stands_above_it_as_everywhere() {
    let mut sim = begun(4, 3);
    sim.press("1").challenged(Purpose::Emergency);
    sim.at_scope(Scope::Challenge);
    let asked = Challenge {
        action: Text::new("to revoke 3 tokens"),
        ..challenge(2)
    };
    sim.asks(Purpose::Emergency, Question::Challenge(asked));
    sim.types("640917").press("enter");
    assert_eq!(sim.answers().len(), 1);
}

#[test]
fn the_report_is_written_into_a_typed_folder_and_then_it_ends() {
    let mut sim = asked(10, 3, Ask::Report);
    sim.at_scope(Scope::EmergencyReport);
    sim.press("w").at_scope(Scope::EmergencyFolder);
    sim.press("esc").at_scope(Scope::EmergencyReport).wants(&[]);
    sim.press("w ctrl-u enter").says("Type a folder");
    sim.types("~/reports").press("enter");
    let folder = sim.effects.iter().find_map(|effect| match effect {
        Effect::Start {
            request: Request::Report { folder, .. },
            ..
        } => Some(folder.clone()),
        _ => None,
    });
    assert_eq!(folder, Some(PathBuf::from("~/reports")));
    sim.press("w")
        .says("being written")
        .press("enter")
        .says("being written");
    sim.fails(Purpose::Report, FailureKind::Local, "The disk is full.");
    assert!(sim.model.emergency.report.error.is_some());
    sim.press("w enter").tells(ended(3)).effects.clear();
    let files = vec![PathBuf::from("/tmp/x.md"), PathBuf::from("/tmp/x.json")];
    sim.ends(Purpose::Report, Ok(Outcome::Reported(files)));
    sim.says("/tmp/x.md, /tmp/x.json").tone(Tone::Good);
    // Nothing is left to be asked, and the page stays.
    sim.replied(Reply::GoOn);
    assert_eq!(sim.model.emergency.page(), Page::Report);
    sim.press("enter").says("it is ending").press("esc");
    sim.at_scope(Scope::EmergencyReport).says("it is ending");
    finish(&mut sim, over);
    assert_eq!(sim.notice(), "", "the report begins with how it ended");
    assert_eq!(sim.model.emergency.page(), Page::Report);
    sim.press("esc");
    assert_eq!(sim.model.emergency.page(), Page::Plan);
}

#[test]
fn an_end_without_the_report_is_asked_about() {
    let mut sim = asked(10, 3, Ask::Report);
    sim.press("enter").at_scope(Scope::EmergencySure);
    sim.press("n enter y").replied(Reply::Skip);
    finish(&mut sim, over);
    sim.press("esc").at_scope(Scope::EmergencySure);
    sim.press("n").at_scope(Scope::EmergencyReport);
    sim.press("enter y");
    assert_eq!(sim.model.emergency.page(), Page::Plan);
}

fn leave_words(model: &Model) -> String {
    match &model.overlay {
        Some(Overlay::Leave { why, .. }) => why.to_string(),
        _ => String::new(),
    }
}

#[test]
fn quitting_is_asked_about_while_it_is_under_way_and_before_its_report_is_written() {
    for start in [|| begun(4, 3), || asked(4, 3, Ask::Revoke)] {
        let mut sim = start();
        sim.press("q").at_scope(Scope::Leaving);
        let words = leave_words(&sim.model);
        assert!(words.contains("can be gone on with later"), "{words}");
    }
    let mut sim = asked(4, 3, Ask::Revoke);
    let mut unwritten = incident(4, 3);
    unwritten.unwritten = Some(failure(FailureKind::Local, "The disk is full."));
    sim.tells(unwritten).press("q");
    let words = leave_words(&sim.model);
    assert!(words.contains("cannot be gone on with"), "{words}");
    let mut sim = asked(10, 3, Ask::Report);
    sim.press("enter y");
    finish(&mut sim, over);
    sim.press("q");
    let words = leave_words(&sim.model);
    assert!(words.contains("report"), "{words}");
}

#[test]
fn a_code_that_is_not_given_ends_no_emergency() {
    let mut sim = begun(4, 3);
    sim.challenged(Purpose::Emergency);
    sim.waits(400).press("esc").replied(Reply::Skip);
    assert!(sim.model.emergency.under_way() && sim.model.challenges.is_empty());
    sim.challenged(Purpose::Emergency);
    sim.waits(400)
        .types("640917")
        .press("enter")
        .effects
        .clear();
    sim.press("esc").wants(&[]);
    sim.says("on its way").at_scope(Scope::Emergency);
    // It is left from there as ever, and a code that is refused is asked for anew.
    assert!(sim.model.emergency.under_way());
    sim.challenged(Purpose::Emergency)
        .at_scope(Scope::Challenge);
}

/// All is done, and its report is asked about.
fn at_its_report() -> Sim {
    let mut sim = begun(10, 3);
    sim.tells(ended(3));
    sim.asks(Purpose::Emergency, Question::Emergency(Ask::Report));
    sim
}

#[test]
fn what_has_ended_is_never_called_under_way() {
    let mut sim = at_its_report();
    sim.press("q").at_scope(Scope::Leaving);
    let words = leave_words(&sim.model);
    assert!(!words.contains("under way"), "{words}");
    assert!(
        words.contains("report") && words.contains("later"),
        "{words}"
    );
    sim.press("n 1");
    let [whole, short] = reminder(&sim.model).unwrap();
    for words in [whole, short] {
        assert!(!words.contains("under way"), "{words}");
        assert!(words.contains("report"), "{words}");
    }
}

#[test]
fn quitting_when_all_is_done_asks_nothing_and_waits_for_the_end() {
    let mut sim = at_its_report();
    sim.press("w enter");
    let files = vec![PathBuf::from("/tmp/x.md")];
    sim.ends(Purpose::Report, Ok(Outcome::Reported(files)));
    sim.effects.clear();
    sim.press("q");
    assert!(sim.model.overlay.is_none() && !sim.model.quitting);
    assert_eq!(sim.model.emergency.page(), Page::Report);
    finish(&mut sim, over);
    assert!(sim.model.quitting);
    // Ctrl-C waits for nothing.
    let mut sim = at_its_report();
    sim.press("ctrl-c");
    assert!(sim.model.quitting);
}

#[test]
fn a_failure_is_told_on_the_plan_and_what_could_be_written_is_offered() {
    let mut sim = begun(1, 0);
    sim.fails(Purpose::Emergency, FailureKind::Network, "No answer.");
    assert_eq!(sim.model.emergency.page(), Page::Plan);
    assert!(sim.model.emergency.problem.is_some());
    let wishes = sim.wishes();
    assert!(
        wishes.contains(&"start Unfinished quietly".to_owned()),
        "{wishes:?}"
    );
    sim.press("esc");
    assert!(sim.model.emergency.problem.is_none());
}

#[test]
fn a_question_of_a_job_that_is_not_known_changes_nothing() {
    let mut sim = plan();
    sim.press("3 r");
    sim.asks(Purpose::Tokens, Question::Emergency(Ask::Suspect));
    assert!(sim.model.emergency.waits.is_none());
    sim.press("!").at_scope(Scope::Emergency);
}

#[test]
fn what_is_cleared_is_asked_no_more() {
    let mut sim = asked(4, 5, Ask::Revoke);
    let id = sim.id(Purpose::Emergency);
    sim.press("enter").event(Event::Cleared { id });
    sim.at_scope(Scope::Emergency);
    assert!(sim.model.emergency.sure.is_none() && sim.model.emergency.waits.is_none());
    assert_eq!(sim.model.emergency.page(), Page::Working);
}
