//! The steps of a rotation, as a plain command tells them: each when it ends, and on a terminal when it begins.

use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::text::Text;

/// How it stands, in a line.
pub(super) fn line(step: RotateStep, state: &RotateState) -> String {
    let label = match (step, state) {
        (RotateStep::VerifyGone, RotateState::LeftOut(_)) => "See that it is refused",
        _ => label(step),
    };
    format!("{label}: {}", in_words(state))
}

/// What is to be done.
pub(super) const fn label(step: RotateStep) -> &'static str {
    match step {
        RotateStep::Create => "Make the new one",
        RotateStep::Write => "Put it in place",
        RotateStep::Verify => "See that it works",
        RotateStep::Revoke => "Revoke the old one",
        RotateStep::VerifyGone => "See that it is gone",
    }
}

/// How a step stands, for a person.
fn in_words(state: &RotateState) -> String {
    let (word, said) = match state {
        RotateState::Waiting => ("not begun", &Text::default()),
        RotateState::Doing => ("begun, and not known to be done", &Text::default()),
        RotateState::Done(said) => ("done", said),
        RotateState::LeftOut(why) => ("left out", why),
        RotateState::Failed(why) => ("did not work", &why.what),
    };
    if said.is_empty() {
        return format!("{word}.");
    }
    format!("{word}. {said}")
}

/// The same for a program.
pub(super) fn in_json(state: &RotateState) -> (&'static str, Text) {
    match state {
        RotateState::Waiting => ("not-begun", Text::default()),
        RotateState::Doing => ("begun", Text::default()),
        RotateState::Done(said) => ("done", said.clone()),
        RotateState::LeftOut(why) => ("left-out", why.clone()),
        RotateState::Failed(why) => ("failed", why.what.clone()),
    }
}
