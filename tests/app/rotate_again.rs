//! A rotation that was interrupted: asked about before it goes on, offered as long as it is left, and no longer.

use npm_warden::app::Effect;
use npm_warden::app::keymap::Scope;
use npm_warden::app::model::RotateStage;
use npm_warden::app::request::Purpose;
use npm_warden::app::rotate::OldNow;
use npm_warden::app::unfinished::words;
use npm_warden::backend::protocol::{JournalId, Outcome, Request, Unfinished};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::found::Grade;
use npm_warden::domain::rotation::{RotateStep, RotationLeft};
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
    assert_eq!(sim.model.old_now(rotation), OldNow::Listed);
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
        let now = sim.model.old_now(sim.model.rotation.as_ref().unwrap());
        sim.press("esc");
        now
    };
    let mut sim = offered(vec![token(2)]);
    assert_eq!(now(&mut sim), OldNow::Gone);
    // It is being read anew, or changed while it was read.
    sim.press("r");
    assert_eq!(now(&mut sim), OldNow::NotKnown);
    let moved = Outcome::Tokens {
        pages: 0,
        moved: true,
    };
    sim.ends(Purpose::Tokens, Ok(moved));
    assert!(sim.model.tokens.moved);
    assert_eq!(now(&mut sim), OldNow::NotKnown);
    // A registry may go on listing what is revoked.
    let gone = Token {
        revoked: token(1).created,
        ..old(Vec::new(), None)
    };
    assert_eq!(now(&mut offered(vec![gone])), OldNow::Gone);
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
fn one_that_is_forgotten_says_what_may_live_on() {
    let mut sim = offered(listed());
    sim.press("F")
        .says("Both ci (k00001) and its new token k00028 may live");
}
