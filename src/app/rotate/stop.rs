//! Stopping a rotation under way: what that means depends on how far it has come, so it is said and asked first.

use super::begin::drop_unsent;
use crate::app::model::{Model, RotateStage, Rotation, Running, Screen, Stopping};
use crate::app::{Effect, request};
use crate::domain::rotation::{RotateState, RotateStep};

/// Esc: before anything was sent it closes, after a question when something was typed. Later it asks, then stops, then
/// leaves it to itself; what stopping means depends on how far it has come.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let running = match &mut rotation.stage {
        RotateStage::Running(running) => running,
        RotateStage::Places if rotation.form.touched => {
            rotation.stage = RotateStage::Leaving(false);
            return;
        }
        RotateStage::Done(_) | RotateStage::Ask(_) => return,
        RotateStage::Places | RotateStage::Form | RotateStage::Leaving(_) => {
            return drop_unsent(model);
        }
    };
    match running.stopping {
        Stopping::No => {
            running.stopping = Stopping::Asked;
            let said = means(running);
            model.warn(said);
        }
        Stopping::Asked => {
            running.stopping = Stopping::Sent;
            let id = running.id;
            request::cancel(model, id, effects);
            model.plain("Stopping: what was sent already is waited for.");
        }
        Stopping::Sent => {
            rotation.aside = true;
            model.screen = Screen::Tokens;
            model.plain(
                "What was sent already is still waited for; o on the tokens shows it again.",
            );
        }
    }
}

/// What is asked while it is being asked.
pub(in crate::app) fn stop_means(model: &Model) -> Option<&'static str> {
    match &model.rotation.as_ref()?.stage {
        RotateStage::Running(running) if running.stopping == Stopping::Asked => {
            Some(means(running))
        }
        _ => None,
    }
}

/// What stopping means now. Nothing more is sent while it is asked, but what is on its way arrives.
pub(super) fn means(running: &Running) -> &'static str {
    let before = running.again;
    let revoked = before.is_some_and(|before| before.revoked);
    let made = before.is_some_and(|before| before.made);
    if matches!(running.state(RotateStep::Revoke), RotateState::Doing) {
        "Stop? The old one's revocation is on its way and cannot be held: the new one is to be used. Esc again stops, Enter goes on."
    } else if revoked || !running.is_waiting(RotateStep::Revoke) {
        "Stop? The old token may be revoked already: the new one is to be used. Esc again stops, Enter goes on."
    } else if made || running.is_done(RotateStep::Create) {
        "Stop? The new token is made: both live then, and nothing is revoked. Esc again keeps both, Enter goes on."
    } else if before.is_some() {
        "Stop? Whether the new token was made is not found out then; nothing is revoked. Esc again stops, Enter goes on."
    } else if running.is_waiting(RotateStep::Create) {
        "Stop? Nothing is made yet: the old token stays as it is. Esc again stops, Enter goes on."
    } else {
        "Stop? If the new token is made already, both live then, and nothing is revoked. Esc again stops, Enter goes on."
    }
}

/// Enter after that question: goes on.
pub(super) fn keep(model: &mut Model) {
    if let Some(Rotation {
        stage: RotateStage::Running(running),
        ..
    }) = &mut model.rotation
        && running.stopping == Stopping::Asked
    {
        running.stopping = Stopping::No;
        model.notice = None;
    }
}
