//! A rotation while it goes: each step is told when it ends, and on a terminal also what it is at.

use std::io::{self, IsTerminal as _};

use super::Talk;
use super::asked::Asked;
use crate::commands::rotate_steps::{label, line};
use crate::domain::rotation::{RotateState, RotateStep};

/// What was told of a rotation.
#[derive(Default)]
pub(super) struct Rotating {
    /// How each step stands that came up.
    steps: Vec<(RotateStep, RotateState)>,
}

impl Rotating {
    fn is_at_a_step(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|(_, state)| matches!(state, RotateState::Doing))
    }
}

impl Talk {
    /// A step stands like this now.
    pub(super) fn rotating(&mut self, step: RotateStep, state: RotateState, asked: &Asked) {
        let steps = &mut self.rotating.steps;
        steps.retain(|(of, _)| *of != step);
        match &state {
            RotateState::Waiting => return,
            RotateState::Doing => begins(label(step), asked),
            state => asked.say(&line(step, state)),
        }
        steps.push((step, state));
    }

    /// It is at something besides its steps.
    pub(super) fn rotates(&self, doing: &str, asked: &Asked) {
        if !self.rotating.is_at_a_step() {
            let (first, rest) = doing.split_at_checked(1).unwrap_or((doing, ""));
            begins(&format!("{}{rest}", first.to_uppercase()), asked);
        }
    }

    /// Whether it was told that a step stands like this.
    pub(in crate::commands) fn told(&self, step: RotateStep, state: &RotateState) -> bool {
        let mut steps = self.rotating.steps.iter();
        !matches!(state, RotateState::Doing) && steps.any(|(of, told)| *of == step && told == state)
    }
}

fn begins(what: &str, asked: &Asked) {
    if io::stderr().is_terminal() {
        asked.say(&format!("{what} \u{2026}"));
    }
}
