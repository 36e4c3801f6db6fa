//! While "Stop?" stands, the request beneath begins no further write, and the line says what is true of it now.

use super::keymap::{self, Scope};
use super::model::{Model, RevokeStage, RotateStage, Stopping};
use super::{Effect, revoke, rotate};
use crate::backend::protocol::RequestId;

/// After every step: the question and the backend are of one mind.
pub(super) fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let mut asked = asks(model);
    // The registry's question stands above it: nothing is sent before that is answered, and Esc there gives it up.
    if let Some(id) = asked
        && model.challenges.iter().any(|open| open.id == id)
    {
        take_back(model);
        asked = None;
    }
    if asked != model.held {
        if let Some(id) = std::mem::replace(&mut model.held, asked)
            && model.requests.get(&id).is_some_and(|of| !of.cancelled)
        {
            effects.push(Effect::Hold { id, held: false });
        }
        if let Some(id) = asked {
            effects.push(Effect::Hold { id, held: true });
        }
    }
    let said = match keymap::top(model) {
        Scope::RotateRunning => rotate::stop_means(model),
        Scope::RevokeRunning => revoke::stop_means(model),
        _ => None,
    };
    if let Some(said) = said
        && (model.notice.as_ref()).is_none_or(|notice| notice.text.as_str() != said)
    {
        model.warn(said);
    }
}

/// Which request is asked about.
fn asks(model: &Model) -> Option<RequestId> {
    let rotation = model.rotation.as_ref().map(|rotation| &rotation.stage);
    if let Some(RotateStage::Running(running)) = rotation
        && running.stopping == Stopping::Asked
    {
        return Some(running.id);
    }
    match model.tokens.revoke.as_ref() {
        Some(revoke) if revoke.stopping == Stopping::Asked => match revoke.stage {
            RevokeStage::Running(id) => Some(id),
            _ => None,
        },
        _ => None,
    }
}

fn take_back(model: &mut Model) {
    if let Some(rotation) = &mut model.rotation
        && let RotateStage::Running(running) = &mut rotation.stage
        && running.stopping == Stopping::Asked
    {
        running.stopping = Stopping::No;
    } else if let Some(revoke) = &mut model.tokens.revoke
        && revoke.stopping == Stopping::Asked
    {
        revoke.stopping = Stopping::No;
    }
}
