//! Signing in: the form, what its request asks and brings, and the requests that wait for it.

mod answer;
mod form;
mod model;
mod parked;

use super::Effect;
use super::keymap::{Action, Reason};
use super::model::{Load, Model};
use super::request::Purpose;
pub use answer::words;
pub use model::{Parked, SignInForm, SignInPart, Way};

pub(super) use answer::{cleared, doing, finished, page};
pub(super) use form::{go, open, settle, switch, typed};
pub(super) use parked::{parks, unpark};

/// Why nobody can sign in from here now.
pub(super) fn enabled(model: &Model) -> Result<(), Reason> {
    if model.running(Purpose::SignIn).is_some() {
        return Err("An earlier sign-in has not ended yet.".into());
    }
    no_change(model)?;
    match &model.account {
        Load::Empty | Load::Loading { old: None, .. } => {
            return Err("One moment: the registry is being asked who you are.".into());
        }
        Load::Failed { why, old: None } => return Err(why.to_string().into()),
        _ => {}
    }
    let unsafe_address = model
        .account
        .value()
        .is_some_and(|account| model.demo.is_none() && account.identity.sign_in.is_none());
    if unsafe_address {
        return Err(
            "The registry's address is not encrypted, so nothing is sent to it. Put its https address into the npm configuration."
                .into(),
        );
    }
    Ok(())
}

/// Why what the form says cannot be sent.
pub(super) fn ready(model: &Model) -> Result<(), Reason> {
    let until = model.signin.as_ref().and_then(|form| form.wait_until);
    if until.is_some_and(|until| until > model.now.mono) {
        // Without a number: the seconds count down in the form, and this line would not.
        return Err("The registry asked to wait; nothing is sent before that is over.".into());
    }
    let way = model.signin.as_ref().map(|form| form.way);
    match way.and_then(|way| model.no_way(way)) {
        Some(why) => Err(why.into()),
        None => Ok(()),
    }
}

/// Whoever signs in or out takes the credential from under a change that is under way.
pub(super) fn no_change(model: &Model) -> Result<(), Reason> {
    let changes = model.requests.iter().any(|(id, request)| {
        let reads = matches!(
            request.purpose,
            Purpose::Account
                | Purpose::Tokens
                | Purpose::Given
                | Purpose::Unfinished
                | Purpose::Marks
                | Purpose::Sets
                | Purpose::ProvePlace
                | Purpose::SuggestPlace
                | Purpose::OpenSet
                | Purpose::ProveSet
                | Purpose::ExportSet
                | Purpose::RemoveSet
                | Purpose::AddSet
                | Purpose::SignIn
        );
        let waits = model.parked.iter().any(|parked| parked.id == *id)
            || (model.emergency.job == Some(*id) && model.emergency.waits.is_some());
        !reads && !waits
    });
    if changes {
        return Err("A change is under way; it has to end first.".into());
    }
    Ok(())
}

/// The keys of the form.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::SignInNext => form::step(model, true),
        Action::SignInBack => form::step(model, false),
        Action::SignInEnter => form::enter(model, effects),
        Action::StopSignIn => form::stop(model, effects),
        _ => open(model),
    }
}
