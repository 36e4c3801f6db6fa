//! What is told of an emergency around it: that one was interrupted, how one ended, what its surroundings say meanwhile.

use std::sync::Arc;

use npm_warden::app::Effect;
use npm_warden::app::emergency::model::interrupted;
use npm_warden::app::emergency::{reminder, told};
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::Tone;
use npm_warden::app::request::Purpose;
use npm_warden::app::signin::Way;
use npm_warden::backend::protocol::{
    Event, JournalId, Outcome, Question, Request, RequestId, RowState, Step, Unfinished,
};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::Standing;
use npm_warden::domain::incident::{Ask, Care, Incident, Snapshot, Suspicion};
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::signin::{Ended, Kept, SignIn};
use npm_warden::domain::tfa::{Level, Tfa};

use crate::emergency::{asked, begun, incident, sign_in_asked};
use crate::sim::{
    NEW_PASSWORD, PASSWORD, Sim, account, failure, identity, profile, standing, tokens,
};

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
            reminder(&sim.model).unwrap()[0],
            "An emergency was interrupted at step 7: ! goes on with it."
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
    let says = |sim: &Sim| reminder(&sim.model).unwrap()[0].clone();
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

fn interrupted_here() -> Sim {
    let mut sim = Sim::with(Tfa::Off, tokens(3));
    finds(&mut sim, left());
    sim.press("!");
    sim
}

#[test]
fn the_steps_of_an_interrupted_one_are_shown_before_it_goes_on() {
    let mut sim = interrupted_here();
    let left = told(&sim.model).expect("it is told");
    assert_eq!(left.rows.len(), 14);
    sim.press("v");
    assert!(sim.model.emergency.steps);
    assert_eq!(sim.notice(), "");
    sim.press("esc").at_scope(Scope::Emergency);
    assert!(!sim.model.emergency.steps);
    // Where there was none, and before that is known.
    let mut sim = Sim::with(Tfa::Off, tokens(3));
    sim.press("! v").says("looked for");
    finds(&mut sim, Outcome::Unfinished(Vec::new()));
    sim.press("v").says("Nothing has been done yet.");
}

#[test]
fn p30_only_what_leaves_nothing_to_do_ends_well() {
    let ended = |change: &dyn Fn(&mut Incident)| {
        let mut sim = begun(10, 3);
        let mut over = incident(10, 3);
        over.ended = Some(over.began);
        for row in &mut over.rows {
            row.state = RowState::Verified;
        }
        over.listed = Some((over.began, 0));
        over.looked_again = Some(over.began);
        over.tfa = Some(Tfa::On(Level::AuthAndWrites));
        over.password = Care::Done;
        over.second_factor = Care::Done;
        over.recovery_codes = Care::Elsewhere;
        over.email_mine = Some(true);
        over.packages = Some(Ok(Vec::new()));
        over.snapshot = Some(Snapshot {
            at: over.began,
            profile: Ok(Box::new(profile(Tfa::On(Level::AuthAndWrites)))),
            tokens: Ok(Vec::new()),
            packages: Ok(Vec::new()),
            machine: Ok(Box::default()),
            later: npm_warden::domain::incident::Later::default(),
        });
        for (_, ticked) in &mut over.beyond {
            *ticked = true;
        }
        change(&mut over);
        let over = Outcome::Emergency(Arc::new(over));
        sim.press("1").ends(Purpose::Emergency, Ok(over));
        sim
    };
    ended(&|_| {})
        .says("nothing is left to do")
        .tone(Tone::Good);
    ended(&|over| over.password = Care::LeftOut)
        .says("1 thing remains to be done")
        .tone(Tone::Warning);
    ended(&|over| over.rows[1].state = RowState::NotTried)
        .says("1 token is not known to be gone; 1 thing remains")
        .tone(Tone::Warning);
    ended(&|over| over.kept = vec![tokens(1)[0].clone()])
        .says("has ended, and 1 token is kept by your choice; 1 thing remains")
        .tone(Tone::Warning);
    ended(&|over| {
        over.suspicion = Some(Suspicion::Elsewhere);
        over.rows.clear();
    })
    .says("Stopped: nothing was revoked; 5 tokens are alive.")
    .tone(Tone::Warning);
}

#[test]
fn what_is_gone_is_counted_on_the_tokens_screen_no_more() {
    let mut sim = begun(4, 5);
    let listed = |sim: &Sim| sim.model.tokens.list.value().map_or(0, Vec::len);
    assert_eq!(listed(&sim), 5);
    let mut further = incident(5, 5);
    further.rows[0].state = RowState::Verified;
    further.rows[2].state = RowState::Gone(Unprobed::ValueUnknown);
    further.rows[3].state = RowState::StillListed;
    sim.steps(Purpose::Emergency, Step::Incident(Arc::new(further)));
    assert_eq!(listed(&sim), 3);
    sim.press("3").at_scope(Scope::Tokens);
    assert_eq!(sim.model.tokens.shown.len(), 3);
    // What a thief has made meanwhile is counted with them: an empty list would be a lie.
    let mut appeared = incident(5, 6);
    for row in &mut appeared.rows {
        row.state = RowState::Verified;
    }
    appeared.rows[5].state = RowState::Waiting;
    appeared.rows[5].appeared = true;
    sim.steps(Purpose::Emergency, Step::Incident(Arc::new(appeared)));
    let left = sim.model.tokens.list.value().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].key, tokens(6)[5].key);
}

#[test]
fn when_its_session_is_ended_the_header_is_read_anew() {
    let mut sim = begun(10, 3);
    let mut ended = incident(10, 3);
    ended.sessions = vec![("The sign-in for this".into(), Ended::Verified)];
    let step = || Step::Incident(Arc::new(ended.clone()));
    sim.steps(Purpose::Emergency, step());
    sim.wants(&["start Account quietly"]);
    sim.steps(Purpose::Emergency, step()).wants(&[]);
}

#[test]
fn its_sign_in_asks_for_the_password_of_a_name_that_stands_fixed() {
    let mut sim = begun(2, 0);
    sim.asks(Purpose::Emergency, Question::SignIn(sign_in_asked(true)));
    sim.waits(400).at_scope(Scope::SignInChoice);
    assert_eq!(sim.model.sign_in_ways(), [Way::Web, Way::Password]);
    sim.press("down down down tab")
        .at_scope(Scope::SignInPassword);
    assert_eq!(sim.model.signin.as_ref().unwrap().way, Way::Password);
    sim.types(PASSWORD)
        .press("tab")
        .at_scope(Scope::SignInChoice);
    sim.press("enter");
    let name = sim.effects.iter().find_map(|effect| match effect {
        Effect::Start {
            request:
                Request::SignIn {
                    how: SignIn::Password { name, .. },
                    ..
                },
            ..
        } => Some(name.clone()),
        _ => None,
    });
    assert_eq!(name.as_deref(), Some("alice"));
}

#[test]
fn the_demos_password_is_shown_as_long_as_it_is_the_password() {
    let mut sim = Sim::start(true);
    sim.arrives(account(Tfa::Off)).press("p");
    sim.types(PASSWORD).press("enter").types(NEW_PASSWORD);
    sim.press("enter").types(NEW_PASSWORD).press("enter");
    let shown = |sim: &Sim| sim.model.demo.as_ref().unwrap().password.is_some();
    assert!(shown(&sim));
    let after = Ok(Box::new(profile(Tfa::Off)));
    sim.ends(Purpose::ChangePassword, Ok(Outcome::PasswordChanged(after)));
    assert!(!shown(&sim));
}

#[test]
fn what_this_machine_knows_is_offered_at_once_while_the_registry_gives_no_answer() {
    let mut sim = Sim::start(false);
    sim.effects.clear();
    sim.press("!").wants(&["start Unfinished quietly"]);
    let id = newest(&sim);
    let Outcome::Unfinished(known) = left() else {
        panic!("it is that");
    };
    sim.event(Event::Step {
        id,
        step: Step::Emergencies(known),
    });
    assert!(interrupted(&sim.model.unfinished).is_some());
    // The registry says that this is somebody else's.
    ends(&mut sim, id, Ok(Outcome::Unfinished(Vec::new())));
    assert!(interrupted(&sim.model.unfinished).is_none());
}

#[test]
fn none_is_begun_beside_one_that_is_open_elsewhere() {
    let mut sim = Sim::with(Tfa::Off, tokens(3));
    let open = Unfinished::Elsewhere {
        id: JournalId("emergency-20261122T120000Z".to_owned()),
        incident: Arc::new(incident(7, 14)),
        process: Some(4711),
    };
    finds(&mut sim, Outcome::Unfinished(vec![open]));
    sim.press("!");
    sim.effects.clear();
    sim.press("enter").wants(&[]);
    sim.says(
        "One is open in another npm-warden (process 4711): go on there, or close it and press r.",
    );
    finds(&mut sim, Outcome::Unfinished(Vec::new()));
    sim.press("enter").wants(&["start Emergency"]);
}
