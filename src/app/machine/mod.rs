//! The machine screen: what npm would read here, and what can be mended.

pub(super) mod model;

use super::keymap::{Move, Scope};
use super::model::Model;
use super::{Effect, request};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::machine::{FixPreview, Machine, Probed};
use model::MachineScreen;

use super::model::Load;

/// Reads it anew.
pub(super) fn read(model: &mut Model, asking: Asking, effects: &mut Vec<Effect>) {
    if let Some(old) = model.machine.machine.pending() {
        request::cancel(model, old, effects);
    }
    let id = request::start(model, Request::Machine, asking, effects);
    model.machine.machine.load(id);
}

/// It was read, or not.
pub(super) fn finished(model: &mut Model, id: RequestId, result: Result<Machine, Failure>) {
    if model.machine.machine.pending() != Some(id) {
        return;
    }
    match result {
        Ok(machine) => model.machine.machine = Load::Ready(machine),
        Err(why) => {
            let old = model.machine.machine.take();
            model.machine.machine = Load::Failed { why, old };
        }
    }
}

/// One credential was tried out.
pub(super) fn probed(model: &mut Model, _: RequestId, probed: Probed) {
    model.machine.probed.push(probed);
}

/// All were tried out.
pub(super) fn all_probed(model: &mut Model, _: RequestId, result: Result<Vec<Probed>, Failure>) {
    if let Err(why) = result {
        model.bad(&why);
    }
}

/// What a fix would do.
pub(super) fn previewed(model: &mut Model, _: RequestId, result: Result<Box<FixPreview>, Failure>) {
    if let Err(why) = result {
        model.bad(&why);
    }
}

/// A fix was done.
pub(super) fn fixed(model: &mut Model, _: RequestId, result: Result<Machine, Failure>) {
    match result {
        Ok(machine) => model.machine.machine = Load::Ready(machine),
        Err(why) => model.bad(&why),
    }
}

/// Moves.
pub(super) fn go(_: &mut Model, _: Move) {}

/// The scope of what is open.
pub(super) fn scope(_: &MachineScreen) -> Scope {
    Scope::Machine
}
