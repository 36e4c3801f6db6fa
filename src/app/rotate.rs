//! Rotating a token: a new one takes the old one's place, step by step.

use std::sync::Arc;

use super::Effect;
use super::model::Model;
use crate::backend::protocol::{RequestId, Rotated};
use crate::domain::failure::Failure;
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::secret::Secret;
use crate::domain::token::Token;

/// The value is in its places on this machine; is it everywhere else, too?
pub(super) fn installed(
    _: &mut Model,
    _: RequestId,
    _: Arc<Secret<String>>,
    _: Box<Token>,
    _: &mut Vec<Effect>,
) {
}

/// A step changed.
pub(super) fn step(_: &mut Model, _: RequestId, _: RotateStep, _: RotateState) {}

/// It is over.
pub(super) fn finished(
    model: &mut Model,
    _: RequestId,
    result: Result<Rotated, Failure>,
    _: &mut Vec<Effect>,
) {
    if let Err(why) = result {
        model.bad(&why);
    }
}
