//! Keys and pastes: to the action that the key table names, else to the field that has the focus.

use super::Effect;
use super::field::Field;
use super::key::Key;
use super::keymap::{self, Action, Scope};
use super::model::{Model, Overlay, RevokeStage};
use super::{
    act, challenge, create, created, emergency, machine, overlay, recovery, signin, tokens, wizard,
};
use crate::domain::secret::Secret;

/// A key was pressed or repeats.
pub(super) fn key(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let action = keymap::resolve(model, key);
    if model.quitting {
        // A write in flight is being waited for: only leaving at once is left.
        if action == Some(Action::QuitNow) {
            effects.push(Effect::Quit);
        }
        return;
    }
    if let Some(action) = action {
        act::take(model, action, effects);
    } else if !key.repeat || keymap::repeats_in_field(key) {
        let scope = keymap::top(model);
        if focus(model, scope).is_some_and(|field| field.key(key)) {
            typed(model, scope, effects);
        }
    }
}

/// Text was pasted: into the field that has the focus, or nowhere. It never submits (promise P17).
pub(super) fn paste(model: &mut Model, text: &Secret<String>, effects: &mut Vec<Effect>) {
    if model.quitting {
        return;
    }
    let scope = keymap::top(model);
    // A token's value is looked for, and stands in no field.
    let rows = matches!(
        scope,
        Scope::Tokens | Scope::Filter | Scope::RevokeAsk | Scope::RevokeCount
    );
    if rows && tokens::seek(model, text.expose(), effects) {
        return;
    }
    match focus(model, scope) {
        Some(field) => {
            field.insert(text.expose());
            typed(model, scope, effects);
        }
        None => model.plain("Nothing here takes pasted text."),
    }
}

/// The field that has the focus.
pub(super) fn focus(model: &mut Model, scope: Scope) -> Option<&mut Field> {
    match scope {
        Scope::ProfileEdit => model.profile.edit.as_mut().map(|edit| &mut edit.typed),
        Scope::SignInName | Scope::SignInPassword => model.signin.as_mut()?.focus(),
        Scope::ChangePassword => model.security.change.as_mut().map(|c| &mut c.password),
        Scope::PasswordForm => {
            let form = model.profile.password.as_mut()?;
            Some(form.field_mut(form.at))
        }
        Scope::TokenText | Scope::TokenPassword => model.token_form_mut()?.focus(),
        Scope::WritePath => created::path(model),
        Scope::NoteEdit => model.tokens.note.as_mut().map(|form| &mut form.typed),
        Scope::MachineName => machine::focus(model),
        Scope::Filter => Some(&mut model.tokens.filter),
        Scope::RevokeCount => match &mut model.tokens.revoke.as_mut()?.stage {
            RevokeStage::Confirm { count, .. } => Some(count),
            _ => None,
        },
        Scope::EmergencyCount | Scope::EmergencyFolder => emergency::focus(model),
        Scope::WizardPassword => model.wizard.as_mut().map(|wizard| &mut wizard.password),
        Scope::WizardPlace | Scope::WizardOtherPlace => {
            model.wizard.as_mut().map(|wizard| wizard.place.focus())
        }
        Scope::WizardScan => model.wizard.as_mut().map(|wizard| &mut wizard.code),
        Scope::WizardProof => model.wizard.as_mut().map(|wizard| &mut wizard.proof_typed),
        Scope::SetPath
        | Scope::SetPassphrase
        | Scope::SetProof
        | Scope::SetRemoveWord
        | Scope::AddCodes
        | Scope::AddSecret
        | Scope::AddPath => recovery::focus(model),
        Scope::Challenge => model
            .challenges
            .first_mut()
            .filter(|asked| !asked.answered)
            .map(|asked| &mut asked.typed),
        Scope::Palette => match &mut model.overlay {
            Some(Overlay::Palette { typed, .. }) => Some(typed),
            _ => None,
        },
        _ => None,
    }
}

/// What follows from typing.
fn typed(model: &mut Model, scope: Scope, effects: &mut Vec<Effect>) {
    match scope {
        Scope::Filter => tokens::filtered(model),
        Scope::TokenText | Scope::TokenPassword => create::typed(model),
        Scope::WizardPlace | Scope::WizardOtherPlace => wizard::place_typed(model, effects),
        Scope::WizardPassword | Scope::WizardScan | Scope::WizardProof => wizard::typed(model),
        Scope::SignInName | Scope::SignInPassword => signin::typed(model),
        Scope::AddCodes | Scope::AddSecret | Scope::AddPath => recovery::typed(model),
        Scope::Challenge => challenge::typed(model),
        Scope::Palette => overlay::typed(model),
        _ => {}
    }
}
