//! What the keys of a rotation are called by how it stands, and what the old token is called.

use crate::app::keymap::{Action, Binding, Scope};
use crate::app::model::{Model, RotateStage, Stopping};
use crate::domain::text::Text;
use crate::domain::token::{NAMELESS, TokenKey};

/// The old token of a rotation in a sentence or a title: its name and its id, so that two of one name, and one without
/// any, are told apart.
pub fn called(name: &Text, key: &TokenKey, width: usize) -> String {
    let (id, named) = (key.short(), !name.is_empty() && name.as_str() != NAMELESS);
    match (named, id.is_empty()) {
        (true, true) => name.cut(width),
        (true, false) => format!("{} ({id})", name.cut(width)),
        (false, true) => "a token".to_owned(),
        (false, false) => format!("token {id}"),
    }
}

/// What a key does now, where that is not what the table says.
pub(in crate::app) fn word(model: &Model, line: &Binding) -> Option<&'static str> {
    let RotateStage::Running(running) = &model.rotation.as_ref()?.stage else {
        return None;
    };
    let asks = running.asks().is_some();
    Some(match (line.scope, line.action, running.stopping) {
        (Scope::RotateRunning | Scope::RotateInstalled, Action::StopRotate, Stopping::Sent) => {
            "put aside"
        }
        (Scope::RotateInstalled, Action::Take, Stopping::Asked) => "go on",
        (Scope::RotateInstalled, Action::Take, Stopping::Sent)
        | (Scope::RotateInstalled, Action::Yes, Stopping::Asked | Stopping::Sent) => "",
        (Scope::MadeLeaving, Action::Yes, _) if asks => "yes, go on",
        _ => return None,
    })
}
