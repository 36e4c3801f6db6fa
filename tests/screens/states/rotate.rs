//! A rotation, from its first page to its end, and the note of a token.

use std::path::PathBuf;
use std::sync::Arc;

use npm_warden::app::model::Load;
use npm_warden::app::request::Purpose;
use npm_warden::app::{Model, Msg};
use npm_warden::backend::protocol::{
    Event, InPlace, JournalId, Outcome, Question, Rotated, Step, Unfinished,
};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::found::{Found, Grade};
use npm_warden::domain::identity::CredentialKind;
use npm_warden::domain::machine::{CredentialId, Form, LocalCredential, Machine, Rank, SourceKind};
use npm_warden::domain::rotation::{RotateState, RotateStep, RotationLeft};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::{Token, TokenKey};

use super::forms::{ends, step, types};
use super::{CANARY, State, VALUE, days, listed, no_network, now, state};

const NPMRC: &str = "~/.npmrc, line 3";

/// What the proof is worth, in the job's own words.
const GONE: &str = "It is gone from a fresh list, and refused since.";

fn text(text: &str) -> Text {
    Text::new(text)
}

fn found(place: &str, grade: Grade) -> Found {
    Found {
        place: text(place),
        grade,
        proof: None,
        in_use: false,
    }
}

fn credential(place: &str, source: SourceKind, form: Form) -> LocalCredential {
    LocalCredential {
        id: CredentialId {
            path: Some(PathBuf::from("/home/alice/.npmrc")),
            key: text("//registry.example.com/:_authToken"),
            line: place.len(),
        },
        place: text(place),
        source,
        scope: text("registry.example.com"),
        kind: CredentialKind::Token,
        form,
        begins: text("npm_1001"),
        rank: Rank::Wins,
        in_use: false,
    }
}

fn machine() -> Machine {
    let from = Form::Variable {
        names: vec![text("${NPM_TOKEN}")],
        unset: Vec::new(),
    };
    Machine {
        credentials: vec![
            credential(NPMRC, SourceKind::User, Form::Literal),
            credential("~/left-pad/.npmrc, line 1", SourceKind::Project, from),
        ],
        ..Machine::default()
    }
}

fn old() -> Token {
    Token {
        begins: text("npm_1001"),
        name: Some(text("CI deploy of left-pad")),
        created: Some(days(-80).into()),
        expires: Some(days(10).into()),
        permissions: [(text("package"), text("write"))].into(),
        scopes: [(text("package"), text("left-pad"))].into(),
        found: [
            found(NPMRC, Grade::Is),
            found("~/left-pad/.npmrc, line 1", Grade::Is),
            found("~/site/other/.npmrc, line 2", Grade::LooksLike),
        ]
        .into(),
        note: Some(Box::new(text("GitHub secret NPM_TOKEN in o/r"))),
        ..Token::new(TokenKey::new("a1b2c3d4e5f6"))
    }
}

fn new() -> Token {
    Token {
        name: Some(text("CI deploy of left-pad 2026-11-22")),
        begins: text("npm_EXAM"),
        created: Some(now().into()),
        expires: Some(days(90).into()),
        found: [].into(),
        ..Token {
            key: TokenKey::new("f6e5d4c3b2a1"),
            ..old()
        }
    }
}

fn with(token: Token) -> Model {
    let mut model = listed(6);
    let id = {
        step(&mut model, Msg::Key(npm_warden::app::Key::char('r')));
        model.running(Purpose::Tokens).expect("it is read")
    };
    let event = Event::Page {
        id,
        index: 0,
        rows: vec![token],
        total: Some(1),
    };
    step(&mut model, Msg::Backend(event));
    let outcome = Outcome::Tokens {
        pages: 1,
        moved: false,
    };
    ends(model, Purpose::Tokens, Ok(outcome))
}

fn opened(token: Token) -> Model {
    let model = types(with(token), "o");
    ends(
        model,
        Purpose::Machine,
        Ok(Outcome::Machine(Box::new(machine()))),
    )
}

fn sent() -> Model {
    types(opened(old()), &format!("⏎⤓{CANARY}⏎"))
}

fn steps(mut model: Model, done: &[RotateStep], doing: Option<RotateStep>) -> Model {
    let id = model.running(Purpose::Rotate).expect("it was sent");
    let said = |step: RotateStep| match step {
        RotateStep::Write => text("~/.npmrc, line 3, has it."),
        _ => Text::default(),
    };
    let done = done
        .iter()
        .map(|step| (*step, RotateState::Done(said(*step))));
    for (at, state) in done.chain(doing.map(|at| (at, RotateState::Doing))) {
        let event = Event::Step {
            id,
            step: Step::Rotating { step: at, state },
        };
        step(&mut model, Msg::Backend(event));
    }
    model
}

fn installed(write: bool) -> Model {
    let done: &[RotateStep] = if write {
        &[RotateStep::Create, RotateStep::Write, RotateStep::Verify]
    } else {
        &[RotateStep::Create]
    };
    let mut model = steps(sent(), done, None);
    let id = model.running(Purpose::Rotate).expect("it was sent");
    let question = Question::Installed {
        registry: "registry.example.com".into(),
        value: Arc::new(Secret::from(VALUE)),
        token: Box::new(new()),
    };
    step(&mut model, Msg::Backend(Event::Asked { id, question }));
    model
}

fn over(rotated: Rotated) -> Model {
    ends(sent(), Purpose::Rotate, Ok(Outcome::Rotated(rotated)))
}

fn rotated(state: impl Fn(RotateStep) -> RotateState, value: bool, remains: &[&str]) -> Rotated {
    Rotated {
        registry: "registry.example.com".into(),
        steps: RotateStep::ALL.map(|step| (step, state(step))).to_vec(),
        token: Some(Box::new(new())),
        value: value.then(|| Arc::new(Secret::from(VALUE))),
        is_old: false,
        remains: remains.iter().map(|part| text(part)).collect(),
        open: false,
    }
}

fn broken(step: RotateStep) -> RotateState {
    match step {
        RotateStep::Create => RotateState::Done(Text::default()),
        RotateStep::Write => RotateState::Failed(Failure::new(
            FailureKind::Local,
            "~/.npmrc changed while it was written.",
            "The old value still stands there.",
        )),
        _ => RotateState::Waiting,
    }
}

/// One that was interrupted after its new token was made.
fn left(new: bool) -> Unfinished {
    Unfinished::Rotation {
        id: JournalId("rotation-1".to_owned()),
        left: Box::new(RotationLeft {
            old: old().key,
            name: text("CI deploy of left-pad"),
            new: new.then(|| self::new().key),
            places: vec![credential(NPMRC, SourceKind::User, Form::Literal).id],
            shown: vec![text(NPMRC)],
            elsewhere: true,
            done: new.then_some(RotateStep::Create),
            began: days(-1),
        }),
    }
}

/// Offered where this token is listed.
fn interrupted(token: Token, new: bool) -> Model {
    let mut model = with(token);
    model.unfinished = vec![left(new)];
    model
}

/// The same for elsewhere alone, found in no place that is written.
fn for_elsewhere() -> Model {
    let token = Token {
        found: [found("~/site/other/.npmrc, line 2", Grade::LooksLike)].into(),
        ..old()
    };
    let mut model = interrupted(token, true);
    if let Unfinished::Rotation { left, .. } = &mut model.unfinished[0] {
        left.places.clear();
        left.shown.clear();
        left.done = Some(RotateStep::Verify);
    }
    types(model, "R")
}

/// It is asked whether the new one is in place.
fn in_place() -> Model {
    let mut model = types(for_elsewhere(), "y");
    let id = model.running(Purpose::Rotate).expect("it was sent");
    let states = [
        (
            RotateStep::Create,
            RotateState::Done(text("That was done before.")),
        ),
        (
            RotateStep::Write,
            RotateState::LeftOut(text("No place on this machine takes it.")),
        ),
        (
            RotateStep::Verify,
            RotateState::Done(text("It was seen to work before.")),
        ),
    ];
    for (at, state) in states {
        let event = Event::Step {
            id,
            step: Step::Rotating { step: at, state },
        };
        step(&mut model, Msg::Backend(event));
    }
    let question = Question::InPlace(InPlace {
        old: text("CI deploy of left-pad (a1b2c3)"),
        said: text(
            "CI deploy of left-pad 2026-11-22 (f6e5d4) was made and its value shown; npm-warden does not find that value on this machine any more. If you did not get it, say No.",
        ),
        cautions: vec![text(
            "~/left-pad/.npmrc, line 1 still holds the old one, which stops working there.",
        )],
    });
    step(&mut model, Msg::Backend(Event::Asked { id, question }));
    model
}

/// Its first second, before any step has begun.
fn at_first(mut model: Model, doing: &'static str) -> Model {
    let id = model.running(Purpose::Rotate).expect("it was sent");
    let step_of = Step::Doing(doing);
    step(&mut model, Msg::Backend(Event::Step { id, step: step_of }));
    model
}

pub(super) fn states() -> Vec<State> {
    let unlike = Token {
        permissions: Vec::new().into(),
        found: [].into(),
        note: None,
        ..old()
    };
    let well = || {
        rotated(
            |step| match step {
                RotateStep::VerifyGone => RotateState::Done(text(GONE)),
                _ => RotateState::Done(Text::default()),
            },
            false,
            &[],
        )
    };
    let kept = rotated(
        broken,
        true,
        &[
            "Put the new value where the old one is used.",
            "Revoke the old token a1b2c3 when nothing uses it any more.",
        ],
    );
    let given = Rotated {
        is_old: true,
        ..rotated(
            |step| match step {
                RotateStep::Verify => RotateState::Failed(Failure::new(
                    FailureKind::Refused,
                    "registry.example.com does not take the new token.",
                    "The old one goes on being used.",
                )),
                RotateStep::Create | RotateStep::Write => RotateState::Done(Text::default()),
                _ => RotateState::Waiting,
            },
            true,
            &[
                "~/.npmrc, line 1 holds the new token, which the registry does not take, and the old one could not be put back: The disk is full.",
                "ci (a1b2c3) was not revoked, and its value is given out here: put it back yourself, then go on with this rotation.",
            ],
        )
    };
    let noting = |text: &str| types(with(old()), &format!("m{text}"));
    let in_use = || {
        let mut token = old();
        token.found[0].in_use = true;
        token
    };
    let mut all = vec![
        state("tokens rotation interrupted", interrupted(old(), true)),
        state("rotate again", types(interrupted(in_use(), true), "R")),
        state(
            "rotate again without the old one",
            types(interrupted(new(), true), "R"),
        ),
        state(
            "rotate again never made",
            types(interrupted(old(), false), "R⇥"),
        ),
        state(
            "rotation to be forgotten",
            types(interrupted(old(), true), "F"),
        ),
        state(
            "rotation to be forgotten without a new one",
            types(interrupted(old(), false), "F⇥"),
        ),
        state("rotate again for elsewhere", for_elsewhere()),
        state("rotate again in place", in_place()),
        state(
            "rotate again at first",
            at_first(
                types(interrupted(old(), true), "Ry"),
                "look at how far it has come",
            ),
        ),
        state(
            "rotate running at first",
            at_first(sent(), "look at the old token and its places"),
        ),
        state("rotate", opened(old())),
        state("rotate elsewhere", types(opened(old()), "⇥")),
        state("rotate unticked", types(opened(old()), " ")),
        state("rotate unticked at all", types(opened(old()), "⇥ ")),
        state("rotate looking", types(with(old()), "o")),
        state("rotate unlike", opened(unlike)),
        state("rotate form", types(opened(old()), "⏎")),
        state(
            "rotate form password",
            types(opened(old()), &format!("⏎⤓{CANARY}")),
        ),
        state("rotate leaving", types(opened(old()), "⏎⇥x⎋⎋")),
        state(
            "rotate running",
            steps(sent(), &[RotateStep::Create], Some(RotateStep::Write)),
        ),
        state(
            "rotate stopping",
            types(steps(sent(), &[RotateStep::Create], None), "⎋"),
        ),
        state("rotate installed", installed(true)),
        state("rotate installed hidden", types(installed(true), "v")),
        state("rotate installed nowhere", types(installed(false), "y")),
        state(
            "rotate done elsewhere alone",
            over(rotated(
                |step| match step {
                    RotateStep::Write => {
                        RotateState::LeftOut(text("No place on this machine takes it."))
                    }
                    RotateStep::VerifyGone => RotateState::Done(text(GONE)),
                    _ => RotateState::Done(Text::default()),
                },
                true,
                &[],
            )),
        ),
        state("rotate again nameless", {
            let token = Token {
                name: None,
                ..old()
            };
            let mut model = interrupted(token, true);
            if let Unfinished::Rotation { left, .. } = &mut model.unfinished[0] {
                left.name = text("(no name)");
            }
            types(model, "R")
        }),
        state("rotate installed stopping", types(installed(true), "⎋⎋")),
        state("rotate installed keeping both", types(installed(true), "⎋")),
        state("rotate done", over(well())),
        state("rotate done with a rest", over(kept)),
        state("rotate done with the old value", over(given)),
        state(
            "rotate refused",
            ends(sent(), Purpose::Rotate, Err(no_network())),
        ),
        state("note", noting("")),
        state("note sent", noting("!⏎")),
        state(
            "note failed",
            ends(noting("!⏎"), Purpose::Note, Err(no_network())),
        ),
    ];
    for state in &mut all {
        // The list that is read behind a page is not what is looked at here.
        if matches!(state.model.tokens.list, Load::Loading { .. }) {
            state
                .model
                .requests
                .retain(|_, request| request.purpose != Purpose::Tokens);
        }
    }
    all
}
