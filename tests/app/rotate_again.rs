//! A rotation that was interrupted: asked about before it goes on, offered as long as it is left, and no longer.

use npm_warden::app::Effect;
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::RotateStage;
use npm_warden::app::request::Purpose;
use npm_warden::app::rotate::Listed;
use npm_warden::app::unfinished::words;
use npm_warden::backend::protocol::{
    Event, InPlace, JournalId, Outcome, Question, Request, Step, Unfinished,
};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::found::Grade;
use npm_warden::domain::rotation::{RotateState, RotateStep, RotationLeft};
use npm_warden::domain::text::Text;
use npm_warden::domain::token::Token;

use crate::rotate::{NPMRC, ended, ends, found, id, old};
use crate::sim::{Sim, token};

/// One that was interrupted after so much of it was done.
pub(crate) fn left(done: Option<RotateStep>) -> Unfinished {
    Unfinished::Rotation {
        id: JournalId("rotation-1".to_owned()),
        left: Box::new(RotationLeft {
            elsewhere: false,
            old: token(1).key,
            name: Text::new("ci"),
            new: done.map(|_| token(40).key),
            places: vec![id(3)],
            shown: vec![Text::new(NPMRC)],
            done,
            began: jiff::Timestamp::UNIX_EPOCH,
        }),
    }
}

fn looked(sim: &mut Sim, left: Vec<Unfinished>) -> &mut Sim {
    sim.ends(Purpose::Unfinished, Ok(Outcome::Unfinished(left)))
}

/// Offered on the tokens, where these are listed.
pub(crate) fn offered(rows: Vec<Token>) -> Sim {
    let mut sim = Sim::at_tokens(2);
    sim.press("r").lists(rows);
    looked(&mut sim, vec![left(Some(RotateStep::Write))]);
    sim.effects.clear();
    sim
}

fn listed() -> Vec<Token> {
    vec![
        old(vec![found(NPMRC, Grade::Is)], None),
        token(2),
        token(40),
    ]
}

pub(crate) fn in_place() -> Question {
    Question::InPlace(InPlace {
        old: "ci (k00001)".into(),
        said: "ci (k00028) was made and its value shown.".into(),
        cautions: vec!["~/.npmrc, line 3 still holds the old one.".into()],
    })
}

fn resumed(sim: &Sim) -> Vec<&JournalId> {
    sim.effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Start {
                request: Request::ResumeRotation { left },
                ..
            } => Some(left),
            _ => None,
        })
        .collect()
}

#[test]
fn p28_one_that_was_interrupted_is_asked_about_before_it_goes_on() {
    let mut sim = offered(listed());
    sim.press("R").at_scope(Scope::RotateAsk).wants(&[]);
    let rotation = sim.model.rotation.as_ref().unwrap();
    // What goes is told as it is listed.
    assert_eq!(rotation.token.as_ref().unwrap().key, token(1).key);
    assert_eq!(sim.model.listed_now(&rotation.old), Listed::Yes);
    // No has the focus.
    sim.press("enter").at_scope(Scope::Tokens).wants(&[]);
    sim.says("Nothing was sent");
    sim.press("R esc").at_scope(Scope::Tokens).wants(&[]);
    sim.press("R n").at_scope(Scope::Tokens).wants(&[]);
    sim.press("R tab tab enter")
        .at_scope(Scope::Tokens)
        .wants(&[]);
    sim.press("R y").at_scope(Scope::RotateRunning);
    assert_eq!(resumed(&sim), [&JournalId("rotation-1".to_owned())]);
    ends(&mut sim, ended(false, &[])).at_scope(Scope::RotateDone);
    sim.press("esc").at_scope(Scope::Tokens);
}

#[test]
fn that_a_list_lacks_the_old_one_tells_something_only_when_it_was_read_whole() {
    let now = |sim: &mut Sim| {
        sim.press("R").at_scope(Scope::RotateAsk);
        let now = sim
            .model
            .listed_now(&sim.model.rotation.as_ref().unwrap().old);
        sim.press("esc");
        now
    };
    let mut sim = offered(vec![token(2)]);
    assert_eq!(now(&mut sim), Listed::Gone);
    // It is being read anew, or changed while it was read.
    sim.press("r");
    assert_eq!(now(&mut sim), Listed::NotKnown);
    let moved = Outcome::Tokens {
        pages: 0,
        moved: true,
    };
    sim.ends(Purpose::Tokens, Ok(moved));
    assert!(sim.model.tokens.moved);
    assert_eq!(now(&mut sim), Listed::NotKnown);
    // A registry may go on listing what is revoked.
    let gone = Token {
        revoked: token(1).created,
        ..old(Vec::new(), None)
    };
    assert_eq!(now(&mut offered(vec![gone])), Listed::Gone);
}

#[test]
fn what_was_asked_about_goes_with_its_account() {
    let mut sim = offered(listed());
    sim.press("1 r 3 R").at_scope(Scope::RotateAsk);
    assert!(matches!(
        sim.model.rotation.as_ref().unwrap().stage,
        RotateStage::Ask(_)
    ));
    sim.arrives(crate::sim::standing(
        npm_warden::domain::identity::Standing::Rejected(Text::new("no")),
    ));
    assert!(sim.model.rotation.is_none());
}

#[test]
fn what_a_rotation_leaves_is_looked_for_whenever_one_has_ended() {
    let looks = ["start Unfinished quietly"];
    let ended_so = |end: &dyn Fn(&mut Sim)| {
        let mut sim = crate::rotate::sent(false);
        sim.effects.clear();
        end(&mut sim);
        let wishes = sim.wishes();
        assert!(
            wishes.iter().any(|wish| looks.contains(&wish.as_str())),
            "{wishes:?}"
        );
        looked(&mut sim, vec![left(Some(RotateStep::Write))]);
        sim
    };
    // It ends unfinished, and is offered at once.
    let mut sim = ended_so(&|sim| {
        ends(sim, ended(false, &["ci was not revoked."]));
    });
    sim.at_scope(Scope::RotateDone)
        .press("esc R")
        .at_scope(Scope::RotateAsk);
    // The same where nothing is told of it, or it went on behind the screen.
    ended_so(&|sim| {
        sim.fails(Purpose::Rotate, FailureKind::Network, "No answer.");
    });
    let mut sim = ended_so(&|sim| {
        sim.press("esc esc esc");
        sim.effects.clear();
        ends(sim, ended(false, &[]));
    });
    // One that was gone on with and is over is not offered any more.
    sim.press("R y");
    ends(&mut sim, ended(false, &[]));
    looked(&mut sim, Vec::new()).press("esc");
    assert!(words(&sim.model).is_none());
    sim.press("R").says("Nothing was interrupted");
}

#[test]
fn one_that_has_ended_meanwhile_is_said_to_have_ended_and_is_not_offered_any_more() {
    let mut sim = offered(listed());
    sim.press("R y");
    sim.effects.clear();
    sim.fails(
        Purpose::Rotate,
        FailureKind::Local,
        "It has ended meanwhile.",
    )
    .at_scope(Scope::Tokens)
    .wants(&["start Unfinished quietly"])
    .says("It has ended meanwhile");
    looked(&mut sim, Vec::new()).says("It has ended meanwhile");
    assert!(words(&sim.model).is_none());
}

#[test]
fn forgetting_asks_first_and_says_what_may_live_on() {
    let mut sim = offered(listed());
    for keys in ["enter", "n", "esc", "tab tab enter"] {
        sim.press("F").at_scope(Scope::ForgetAsk);
        sim.press(keys).at_scope(Scope::Tokens).wants(&[]);
        sim.says("Nothing was forgotten");
    }
    sim.press("F y")
        .at_scope(Scope::Tokens)
        .says("Both ci (k00001) and its new token k00028 may live");
    assert!(sim.effects.iter().any(|effect| matches!(
        effect,
        Effect::Start { request: Request::DropUnfinished { left }, .. } if left.0 == "rotation-1"
    )));
}

#[test]
fn what_is_offered_says_what_the_list_tells_of_both_tokens() {
    for (rows, said) in [
        (listed(), "it and the new one are both listed"),
        (
            vec![token(2), token(40)],
            "it is not in the list any more, and the new one is",
        ),
        (vec![token(2)], "neither it nor the new one is in the list"),
        (
            vec![old(Vec::new(), None)],
            "it is listed, and the new one is not",
        ),
    ] {
        let sim = offered(rows);
        let (_, words) = words(&sim.model).unwrap();
        assert!(words.contains(said), "{words}");
    }
    let mut sim = offered(listed());
    sim.press("r");
    sim.model.tokens.list = npm_warden::app::model::Load::Empty;
    let (_, said) = words(&sim.model).unwrap();
    assert!(said.contains("may both live"), "{said}");
}

#[test]
fn p28_without_its_value_only_a_yes_to_the_question_revokes_the_old_one() {
    let asks = || {
        let mut sim = offered(listed());
        sim.press("R y");
        sim.effects.clear();
        sim.asks(Purpose::Rotate, in_place())
            .at_scope(Scope::RotateInPlace);
        sim
    };
    // No has the focus, and whatever is not a yes keeps both.
    for keys in ["enter", "n", "esc", "tab tab enter"] {
        let mut sim = asks();
        sim.press(keys).wants(&["answer Declined"]);
        sim.at_scope(Scope::RotateRunning);
    }
    for keys in ["y", "tab enter"] {
        let mut sim = asks();
        sim.press(keys).wants(&["answer GoOn"]);
        sim.at_scope(Scope::RotateRunning);
    }
    // It comes to the front when the rotation was put aside, and takes the place of a stop that is asked about.
    let mut sim = offered(listed());
    sim.press("R y esc");
    sim.asks(Purpose::Rotate, in_place())
        .at_scope(Scope::RotateInPlace);
    // Nobody waits for the answer any more.
    let mut sim = asks();
    let id = sim.id(Purpose::Rotate);
    sim.event(Event::Cleared { id })
        .at_scope(Scope::RotateRunning);
}

#[test]
fn what_stopping_means_is_true_of_one_that_is_gone_on_with() {
    for (done, said) in [
        (None, "Whether the new token was made is not found out"),
        (Some(RotateStep::Verify), "The new token is made"),
        (
            Some(RotateStep::Revoke),
            "The old token may be revoked already",
        ),
    ] {
        let mut sim = offered(listed());
        sim.model.unfinished = vec![left(done)];
        sim.press("R y esc").says(said);
    }
}

#[test]
fn what_it_is_at_stands_with_its_steps_and_not_in_the_line_of_what_was_said() {
    let mut sim = offered(listed());
    sim.press("R y");
    let besides = |sim: &Sim| match &sim.model.rotation.as_ref().unwrap().stage {
        RotateStage::Running(running) => running.besides(),
        _ => None,
    };
    sim.steps(Purpose::Rotate, Step::Doing("look at how far it has come"));
    assert_eq!(besides(&sim), Some("look at how far it has come"));
    assert!(sim.model.notice.is_none(), "{:?}", sim.model.notice);
    let (step, state) = (RotateStep::Write, RotateState::Doing);
    sim.steps(Purpose::Rotate, Step::Rotating { step, state });
    sim.steps(Purpose::Rotate, Step::Doing("Making the token"));
    assert_eq!(besides(&sim), None, "the step tells");
}
