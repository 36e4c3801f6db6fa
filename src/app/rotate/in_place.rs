//! Is the new token in place? Asked where its value went with an earlier run, so that only the person knows.

use super::ended::page;
use crate::app::Effect;
use crate::app::keymap::Action;
use crate::app::model::{AskedInPlace, Model, Running};
use crate::backend::protocol::{Answer, InPlace, RequestId};

/// It is asked.
pub(in crate::app) fn in_place(model: &mut Model, id: RequestId, asked: InPlace) {
    if let Some(running) = page(model, id, || asked.old.clone()) {
        running.in_place = Some(AskedInPlace { asked, yes: false });
    }
}

/// The answer: only yes revokes anything.
pub(super) fn answer(running: &mut Running, action: Action, effects: &mut Vec<Effect>) {
    let Some(asked) = &mut running.in_place else {
        return;
    };
    let answer = match (action, asked.yes) {
        (Action::Switch, _) => {
            asked.yes = !asked.yes;
            return;
        }
        (Action::Yes, _) | (Action::Take, true) => Answer::GoOn,
        _ => Answer::Declined,
    };
    running.in_place = None;
    effects.push(Effect::Answer {
        id: running.id,
        answer,
    });
}
