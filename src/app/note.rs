//! What the person notes of a token on this machine: where it is used, mostly.

use super::Effect;
use super::field::Field;
use super::model::Model;
use super::{exposure, request, tokens};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;

/// The note of a token being edited.
#[derive(Debug)]
pub struct NoteForm {
    /// Which token.
    pub token: TokenKey,
    /// Its name.
    pub name: Text,
    /// As it is kept.
    pub before: Option<Text>,
    /// What is typed.
    pub typed: Field,
    /// The request, once it is out.
    pub sent: Option<RequestId>,
    /// Why it was not taken down; what was typed is kept.
    pub error: Option<Failure>,
}

impl NoteForm {
    /// Something was typed that is not kept yet.
    pub fn is_changed(&self) -> bool {
        let before = self.before.as_ref().map_or("", Text::as_str);
        self.sent.is_none() && self.typed.value().expose().trim() != before
    }
}

/// Opens the line for the chosen token.
pub(super) fn open(model: &mut Model) {
    exposure::hide_all(model);
    let Some(token) = tokens::chosen(model) else {
        return;
    };
    let before = token.note.as_deref().cloned();
    model.tokens.note = Some(NoteForm {
        token: token.key.clone(),
        name: Text::new(token.label()),
        typed: Field::with(before.as_ref().map_or("", Text::as_str)),
        before,
        sent: None,
        error: None,
    });
}

/// Enter: has it taken down, if it changed.
pub(super) fn save(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = &mut model.tokens.note else {
        return;
    };
    let note = form.typed.value().expose().trim().to_owned();
    if note == form.before.as_ref().map_or("", Text::as_str) {
        return stop(model);
    }
    form.error = None;
    let request = Request::Note {
        token: form.token.clone(),
        note,
    };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(form) = &mut model.tokens.note {
        form.sent = Some(id);
    }
}

/// Esc: the note stays as it was; one that was sent is taken down all the same.
pub(super) fn stop(model: &mut Model) {
    if let Some(form) = model.tokens.note.take()
        && form.sent.is_none()
    {
        model.plain("The note stays as it was.");
    }
}

/// It was taken down, or not.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<(TokenKey, Option<Text>), Failure>,
) {
    let sent = |form: &mut NoteForm| form.sent == Some(id);
    match result {
        Ok((token, note)) => {
            let said = match &note {
                Some(_) => "Noted, on this machine alone.",
                None => "The note is gone.",
            };
            tokens::noted(model, token, note);
            model.tokens.note.take_if(sent);
            model.good(said);
        }
        Err(why) => match model
            .tokens
            .note
            .as_mut()
            .filter(|form| form.sent == Some(id))
        {
            Some(form) => {
                form.sent = None;
                form.error = Some(why);
            }
            None => model.bad(&why),
        },
    }
}
