//! Going on with a rotation that was interrupted. It may revoke the old token, so it asks first as a revocation does
//! (promise P28).

use super::bare;
use crate::app::model::{GoOn, Load, Model, RotateStage, Rotation, Running};
use crate::app::{Effect, exposure, request};
use crate::backend::protocol::{Asking, JournalId, Request};
use crate::domain::rotation::RotationLeft;
use crate::domain::token::Token;

/// What the list tells of the old token of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldNow {
    /// It has it.
    Listed,
    /// It was read whole, and does not have it.
    Gone,
    /// It was not read, is out of date, or may lack rows: that it lacks the token tells nothing.
    NotKnown,
}

/// Asks whether one that was interrupted is to be gone on with.
pub fn resume(model: &mut Model, journal: JournalId, left: Box<RotationLeft>) {
    exposure::hide_all(model);
    let listed = model.tokens.list.value().into_iter().flatten();
    let listed = listed.into_iter().find(|row| row.key == left.old).cloned();
    let mut rotation = bare(
        left.name.clone(),
        RotateStage::Ask(GoOn {
            left: left.clone(),
            yes: false,
        }),
    );
    rotation.old = left.old;
    rotation.token = listed.map(Box::new);
    rotation.resumes = Some(journal);
    model.rotation = Some(rotation);
}

/// Yes: what is left of it is done.
pub(super) fn go_on(model: &mut Model, effects: &mut Vec<Effect>) {
    let journal = model.rotation.as_ref().and_then(|r| r.resumes.clone());
    let Some(journal) = journal else {
        return;
    };
    let request = Request::ResumeRotation { left: journal };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(rotation) = &mut model.rotation {
        rotation.stage = RotateStage::Running(Running::new(id));
        rotation.scroll = 0;
    }
}

/// No: it stays as it is, and is offered as before.
pub(super) fn leave(model: &mut Model) {
    model.rotation = None;
    model.plain("Nothing was sent; the rotation stays as it was left.");
}

impl Model {
    /// What the list tells by now of the old token of the rotation.
    pub fn old_now(&self, rotation: &Rotation) -> OldNow {
        let alive = |row: &&Token| row.key == rotation.old && row.revoked.is_none();
        let mut rows = self.tokens.list.value().into_iter().flatten();
        match &self.tokens.list {
            _ if rows.any(|row| alive(&row)) => OldNow::Listed,
            Load::Ready(_) if !self.tokens.moved => OldNow::Gone,
            _ => OldNow::NotKnown,
        }
    }
}
