//! Requests that cannot go on before somebody has signed in again.

use super::form::show;
use super::model::{Parked, SignInForm};
use crate::app::field::Field;
use crate::app::model::{Model, RevokeStage, Tone};
use crate::app::notice::tokens as counted_tokens;
use crate::app::request::Purpose;
use crate::app::{Effect, account, emergency, request};
use crate::backend::protocol::{Asking, RequestId, SignInAsked};

/// A request cannot go on before somebody signs in again: it waits, and the form is there.
pub(in crate::app) fn parks(
    model: &mut Model,
    id: RequestId,
    asked: SignInAsked,
    effects: &mut Vec<Effect>,
) {
    let Some(request) = model.requests.get(&id) else {
        return;
    };
    if request.cancelled || request.asking == Asking::Never {
        request::cancel(model, id, effects);
        return;
    }
    match model.parked.iter_mut().find(|parked| parked.id == id) {
        Some(parked) => parked.asked = asked,
        None => model.parked.push(Parked { id, asked }),
    }
    if model.signin.is_none() {
        show(model, true);
        // The name that it was begun for is the one that is wanted.
        let name = model.parked.first().and_then(|p| p.asked.name.clone());
        if let (Some(form), Some(name)) = (&mut model.signin, name) {
            form.name = Field::with(name.as_str());
        }
    }
}

/// This request waits no longer.
pub(in crate::app) fn unpark(model: &mut Model, id: RequestId) {
    let before = model.parked.len();
    model.parked.retain(|parked| parked.id != id);
    let over = before > 0 && model.parked.is_empty();
    let idle =
        |form: &SignInForm| form.by_question && form.sent.is_none() && form.password.is_empty();
    if over && model.signin.as_ref().is_some_and(idle) {
        model.signin = None;
    }
}

/// Gives up every request that waits for a sign-in.
pub(super) fn give_up(model: &mut Model, effects: &mut Vec<Effect>) {
    let mut parked = std::mem::take(&mut model.parked);
    let emergency = parked
        .iter()
        .position(|parked| model.emergency.job == Some(parked.id));
    if let Some(index) = emergency {
        // What comes of an emergency is never decided by closing a form.
        emergency::sign_in_closed(model, parked.remove(index).asked);
    }
    if parked.is_empty() {
        return;
    }
    let actions: Vec<String> = parked.iter().map(|p| model.goes_on(p)).collect();
    let actions = actions.join("; ");
    for parked in &parked {
        request::cancel(model, parked.id, effects);
    }
    model.ended(
        Tone::Warning,
        format!("Nobody signed in, so this goes no further: {actions}."),
    );
    account::lost(model, effects);
}

impl Model {
    /// What goes on after a sign-in, as in "revoke 3 tokens". The job names the call that met the dead credential, which
    /// may be a read on the way; where the request changes something, the change is what a person agrees to.
    pub fn goes_on(&self, parked: &Parked) -> String {
        let action = parked.asked.action.as_str();
        let action = action.strip_prefix("to ").unwrap_or(action);
        let purpose = self.requests.get(&parked.id).map(|known| known.purpose);
        let change = match purpose {
            Some(Purpose::SaveField) => {
                let edit = self.profile.edit.as_ref();
                edit.filter(|edit| edit.saving == Some(parked.id))
                    .map_or("save a field of the profile".to_owned(), |edit| {
                        format!("save {}", edit.field.key())
                    })
            }
            Some(Purpose::Revoke) => {
                let revoke = self.tokens.revoke.as_ref();
                revoke
                    .filter(|r| matches!(r.stage, RevokeStage::Running(id) if id == parked.id))
                    .map_or("revoke tokens".to_owned(), |r| {
                        format!("revoke {}", counted_tokens(r.rows.len()))
                    })
            }
            Some(Purpose::CreateToken) => "create a token".to_owned(),
            Some(Purpose::ChangePassword) => "change the password".to_owned(),
            Some(Purpose::Enable) => "enable two-factor authentication".to_owned(),
            Some(Purpose::ChangeLevel) => {
                "change the level of two-factor authentication".to_owned()
            }
            Some(Purpose::Disable) => "disable two-factor authentication".to_owned(),
            Some(Purpose::SignOut) => "sign out".to_owned(),
            Some(Purpose::Rotate) => "rotate a token".to_owned(),
            Some(Purpose::Emergency) => "go on with the emergency".to_owned(),
            Some(
                Purpose::Account
                | Purpose::Tokens
                | Purpose::Given
                | Purpose::ProvePlace
                | Purpose::SuggestPlace
                | Purpose::Sets
                | Purpose::OpenSet
                | Purpose::ProveSet
                | Purpose::ExportSet
                | Purpose::RemoveSet
                | Purpose::AddSet
                | Purpose::CheckCode
                | Purpose::SignIn
                | Purpose::Note
                | Purpose::Marks
                | Purpose::WriteToken
                | Purpose::Unfinished
                | Purpose::Machine
                | Purpose::Probe
                | Purpose::PreviewFix
                | Purpose::ApplyFix
                | Purpose::Report,
            )
            | None => return action.to_owned(),
        };
        // The job knows more of its own change: how many, or which.
        let verb = change.split(' ').next().unwrap_or_default();
        if action.starts_with(verb) {
            action.to_owned()
        } else {
            change
        }
    }
}
