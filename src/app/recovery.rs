//! The recovery screen: which sets of codes are kept on this machine.

use super::keymap::Move;
use super::model::{Load, Model};
use super::scroll::moved;
use super::{Effect, request};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::recovery::RecoverySet;

/// Moves the cursor.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    model.recovery.cursor = moved(model.recovery.cursor, step, page, last(model));
}

fn last(model: &Model) -> usize {
    let sets = model.recovery.sets.value();
    sets.map_or(0, |sets| sets.len().saturating_sub(1))
}

/// Reads the sets anew.
pub(super) fn read(model: &mut Model, asking: Asking, effects: &mut Vec<Effect>) {
    if let Some(old) = model.recovery.sets.pending() {
        request::cancel(model, old, effects);
    }
    let id = request::start(model, Request::Sets, asking, effects);
    model.recovery.sets.load(id);
}

/// The sets came, or did not.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    asking: Asking,
    result: Result<(Vec<(RecoverySet, bool)>, bool), Failure>,
) {
    if model.recovery.sets.pending() != Some(id) {
        return;
    }
    match result {
        Ok((sets, read_only)) => {
            model.recovery.sets = Load::Ready(sets);
            model.recovery.read_only = read_only;
            model.recovery.cursor = model.recovery.cursor.min(last(model));
            if asking == Asking::Allowed {
                model.good("The list is up to date.");
            }
        }
        Err(why) => {
            model.bad(&why);
            let old = model.recovery.sets.take();
            model.recovery.sets = Load::Failed { why, old };
        }
    }
}
