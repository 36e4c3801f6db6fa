//! The emergency: a plan first, then step by step, to the report.

pub(super) mod model;

use std::path::PathBuf;
use std::sync::Arc;

use super::Effect;
use super::keymap::{Move, Scope};
use super::model::Model;
use crate::backend::protocol::{RequestId, RowState};
use crate::domain::failure::Failure;
use crate::domain::incident::{Ask, Incident};
use crate::domain::token::TokenKey;
use model::EmergencyScreen;

/// It asks.
pub(super) fn asked(_: &mut Model, _: RequestId, _: Ask, _: &mut Vec<Effect>) {}

/// It has come further.
pub(super) fn goes_on(model: &mut Model, _: RequestId, incident: Arc<Incident>) {
    model.emergency.incident = Some(incident);
}

/// A row of its revocation changed.
pub(super) fn row(_: &mut Model, _: RequestId, _: &TokenKey, _: RowState) {}

/// It is over, or was left.
pub(super) fn finished(
    model: &mut Model,
    _: RequestId,
    result: Result<Arc<Incident>, Failure>,
    _: &mut Vec<Effect>,
) {
    match result {
        Ok(incident) => model.emergency.incident = Some(incident),
        Err(why) => model.bad(&why),
    }
}

/// The report was written, or not.
pub(super) fn reported(model: &mut Model, _: RequestId, result: Result<Vec<PathBuf>, Failure>) {
    if let Err(why) = result {
        model.bad(&why);
    }
}

/// Moves.
pub(super) fn go(_: &mut Model, _: Move) {}

/// The scope of what is open.
pub(super) fn scope(_: &EmergencyScreen) -> Scope {
    Scope::Emergency
}
