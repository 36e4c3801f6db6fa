//! Making a token: the form, and the request that it becomes. What comes of it is in [`super::created`].

mod form;

use super::Effect;
use super::keymap::Action;
use super::model::{Load, Model};
use super::{created, exposure, request, rotate};
use crate::backend::protocol::{Asking, Created, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;
use crate::domain::token::Token;

pub use form::{ORGS_PERMISSIONS, PERMISSIONS, Shape, TokenField, TokenForm, TokenKind};

/// Opens the form.
pub(super) fn open(model: &mut Model) {
    exposure::hide_all(model);
    model.tokens.create = Some(TokenForm::new(kind(model)));
}

/// The kind of token that the form begins with: the one that can be limited, unless this registry lists tokens and none
/// of them is of it.
fn kind(model: &Model) -> TokenKind {
    if model.makes_classic_alone() {
        TokenKind::Classic
    } else {
        TokenKind::Granular
    }
}

impl Model {
    /// Nothing speaks for it that this registry knows granular tokens: it lists tokens, and none has any of their parts.
    pub fn makes_classic_alone(&self) -> bool {
        let limited = |token: &Token| {
            let said = |text: Option<&Text>| text.is_some_and(|text| !text.is_empty());
            said(token.name.as_ref())
                || said(token.description.as_deref())
                || token.expires.is_some()
                || !token.permissions.is_empty()
                || !token.scopes.is_empty()
        };
        let Load::Ready(rows) = &self.tokens.list else {
            return false;
        };
        self.website().is_none() && !rows.is_empty() && !rows.iter().any(limited)
    }

    /// The form for a token that is being filled in.
    pub fn token_form(&self) -> Option<&TokenForm> {
        rotate::form(self).or(self.tokens.create.as_ref())
    }

    pub(super) fn token_form_mut(&mut self) -> Option<&mut TokenForm> {
        if rotate::form(self).is_some() {
            return rotate::form_mut(self);
        }
        self.tokens.create.as_mut()
    }
}

/// Does what was meant in the form.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(form) = model.token_form_mut() else {
        return;
    };
    match action {
        Action::TokenNext => form.step(1),
        Action::TokenBack => form.back(),
        Action::TokenFirst => form.jump(false),
        Action::TokenLast => form.jump(true),
        Action::TokenChange => form.change(false),
        Action::TokenChangeBack => form.change(true),
        Action::TokenEnter if form.at != TokenField::Password => form.step(1),
        Action::TokenEnter if rotate::form(model).is_some() => rotate::send(model, effects),
        Action::TokenEnter => send(model, effects),
        Action::StopToken if rotate::form(model).is_some() => rotate::back(model),
        Action::StopToken => stop(model, effects),
        _ => {}
    }
}

/// Something was typed into the form.
pub(super) fn typed(model: &mut Model) {
    if let Some(form) = model.token_form_mut() {
        form.touched = true;
    }
}

fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(new) = model.tokens.create.as_mut().and_then(TokenForm::take) else {
        return;
    };
    let id = request::start(model, Request::CreateToken(new), Asking::Allowed, effects);
    if let Some(form) = &mut model.tokens.create {
        form.sent = Some(id);
    }
}

/// Leaves the form, after a question when something was typed; what was sent is given up first, and left alone the
/// second time.
fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = &mut model.tokens.create else {
        return;
    };
    match form.sent {
        Some(id) if !form.stopping => {
            form.stopping = true;
            request::cancel(model, id, effects);
            model
                .plain("Given up. What was sent already is waited for; Esc again leaves it alone.");
        }
        Some(_) => {
            model.tokens.create = None;
            model.warn("If it was sent already, a token may have been made: it is shown when the answer comes.");
        }
        None if form.touched => form.leaving = Some(false),
        None => close(model),
    }
}

fn close(model: &mut Model) {
    model.tokens.create = None;
    model.plain("Nothing was sent; no token was made.");
}

/// The answer to the question before what was typed is given up. No has the focus at first.
pub(super) fn decide(model: &mut Model, action: Action) {
    let Some(form) = model.tokens.create.as_mut() else {
        return;
    };
    let Some(yes) = &mut form.leaving else {
        return;
    };
    match (action, *yes) {
        (Action::Switch, _) => *yes = !*yes,
        (Action::Yes, _) | (Action::Take, true) => close(model),
        _ => form.leaving = None,
    }
}

/// The request has ended. Without a token there is something to mend in the form.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<Created, Failure>,
    effects: &mut Vec<Effect>,
) {
    let ended = match result {
        Ok(Created::Lost { tokens, why }) if tokens.is_empty() => Err(why),
        other => other,
    };
    match ended {
        Ok(created) => {
            model.tokens.create.take_if(|form| form.sent == Some(id));
            created::show(model, created, effects);
        }
        Err(why) => {
            let form = model.tokens.create.as_mut();
            if let Some(form) = form.filter(|form| form.sent == Some(id)) {
                form.failed(why.clone());
                // The form says why, but goes with an account that is not accepted any more.
                if why.kind != FailureKind::SignedOut {
                    return;
                }
            }
            model.bad(&why);
        }
    }
}
