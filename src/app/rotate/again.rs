//! Going on with a rotation that was interrupted. It may revoke the old token, so it asks first as a revocation does
//! (promise P28).

use super::{bare, start};
use crate::app::model::{Again, GoOn, Load, Model, RotateStage};
use crate::app::{Effect, exposure};
use crate::backend::protocol::{JournalId, Request};
use crate::domain::rotation::{RotateStep, RotationLeft};
use crate::domain::token::{Token, TokenKey};

/// What the list tells of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It has it.
    Yes,
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
    let Some(rotation) = &model.rotation else {
        return;
    };
    let (Some(journal), RotateStage::Ask(ask)) = (rotation.resumes.clone(), &rotation.stage) else {
        return;
    };
    let again = Again {
        made: ask.left.new.is_some(),
        revoked: ask.left.done >= Some(RotateStep::Revoke),
    };
    let request = Request::ResumeRotation { left: journal };
    if let Some(running) = start(model, request, effects) {
        running.again = Some(again);
    }
}

/// No: it stays as it is, and is offered as before.
pub(super) fn leave(model: &mut Model) {
    model.rotation = None;
    model.plain("Nothing was sent; the rotation stays as it was left.");
}

impl Model {
    /// What the list tells by now of a token of a rotation.
    pub fn listed_now(&self, token: &TokenKey) -> Listed {
        let alive = |row: &&Token| row.key == *token && row.revoked.is_none();
        let mut rows = self.tokens.list.value().into_iter().flatten();
        match &self.tokens.list {
            _ if rows.any(|row| alive(&row)) => Listed::Yes,
            Load::Ready(_) if !self.tokens.moved => Listed::Gone,
            _ => Listed::NotKnown,
        }
    }
}
