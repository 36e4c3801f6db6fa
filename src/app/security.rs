//! The security screen: the second factor's level, and turning it off.

use super::Effect;
use super::field::Field;
use super::keymap::{Action, Move};
use super::model::{Model, SecurityChange};
use super::scroll::moved;
use super::{account, guide, request, wizard};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::account::Profile;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::tfa::{Level, Tfa};

/// About how many lines the page has: its text, the table of what is guarded, and what npm changed.
const LINES: usize = 60;

/// Scrolls the page.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let last = model.text_end(LINES);
    model.security.scroll = moved(model.security.scroll, step, page, last);
}

/// Opens the wizard, or the form for the other level when 2FA is on.
pub(super) fn enable_or_change(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(profile) = model.profile() else {
        return;
    };
    match profile.tfa {
        Tfa::On(level) => {
            let other = match level {
                Level::AuthOnly => Level::AuthAndWrites,
                Level::AuthAndWrites => Level::AuthOnly,
            };
            model.security.change = Some(change(Some(other), None));
        }
        Tfa::Off => wizard::open(model, false, effects),
        Tfa::Pending(_) => wizard::open(model, true, effects),
        Tfa::Unknown(_) => {}
    }
}

/// Opens the warning that comes before 2FA goes off. What is left over afterwards is told by a guide.
pub(super) fn turn_off(model: &mut Model) {
    let on = model
        .profile()
        .is_some_and(|profile| matches!(profile.tfa, Tfa::On(_)));
    form_off(model);
    if on && model.guide.is_none() {
        guide::removal(model);
    }
}

/// The same by itself, as a step of a guide.
pub(super) fn form_off(model: &mut Model) {
    model.security.change = Some(change(None, Some(false)));
}

fn change(to: Option<Level>, warn: Option<bool>) -> SecurityChange {
    SecurityChange {
        to,
        warn,
        password: Field::masked(),
        sent: None,
        stopping: false,
        error: None,
    }
}

/// The answer to the warning; No has the focus at first.
pub(super) fn decide(model: &mut Model, action: Action) {
    let Some(change) = &mut model.security.change else {
        return;
    };
    match (action, change.warn) {
        (Action::Switch, Some(yes)) => change.warn = Some(!yes),
        (Action::Yes, _) | (Action::Take, Some(true)) => change.warn = None,
        _ => {
            model.security.change = None;
            model.plain("Nothing was changed.");
        }
    }
}

/// Sends the change. The password goes with it and is not kept.
pub(super) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(change) = &mut model.security.change else {
        return;
    };
    if change.password.is_empty() {
        model.plain("Type the account's password first.");
        return;
    }
    let password = change.password.take();
    let request = match change.to {
        Some(level) => Request::ChangeLevel { level, password },
        None => Request::Disable { password },
    };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(change) = &mut model.security.change {
        change.sent = Some(id);
        change.stopping = false;
        change.error = None;
    }
}

/// Leaves the change; what was sent is given up first, and left alone the second time.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(change) = &mut model.security.change else {
        return;
    };
    match change.sent {
        Some(id) if !change.stopping => {
            change.stopping = true;
            request::cancel(model, id, effects);
            model
                .plain("Given up. What was sent already is waited for; Esc again leaves it alone.");
        }
        _ => model.security.change = None,
    }
}

/// The level's change has ended.
pub(super) fn level_changed(
    model: &mut Model,
    id: RequestId,
    result: Result<Level, Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok(level) => {
            account::set_tfa(model, Tfa::On(level));
            over(model, id);
            model.good(format!("The level is {} now.", level.word()));
            account::read(model, Asking::Never, effects);
        }
        Err(why) => failed(model, id, why, effects),
    }
}

/// Turning 2FA off, or clearing a half-done set-up, has ended.
pub(super) fn disabled(
    model: &mut Model,
    id: RequestId,
    result: Result<Profile, Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok(profile) => {
            let pending = model
                .profile()
                .is_some_and(|before| matches!(before.tfa, Tfa::Pending(_)));
            account::set_profile(model, profile);
            guide::profile_read(model);
            over(model, id);
            if pending {
                model.good(
                    "The half-done set-up is cleared. Remove its entry from your authenticator app.",
                );
            } else {
                model.good(
                    "Two-factor authentication is off. Its entry in your authenticator app and \
                     its recovery codes are of no use any more.",
                );
            }
            account::read(model, Asking::Never, effects);
        }
        Err(why) => failed(model, id, why, effects),
    }
}

/// The account was read: a form for what it is not any more is closed.
pub(super) fn account_read(model: &mut Model) {
    let Some(profile) = model.profile() else {
        return;
    };
    let (on, off) = (
        matches!(profile.tfa, Tfa::On(_)),
        matches!(profile.tfa, Tfa::Off),
    );
    let pointless = |change: &mut SecurityChange| {
        change.sent.is_none() && if change.to.is_some() { !on } else { off }
    };
    model.security.change.take_if(pointless);
}

/// A set-up was begun from here: a half-done one is not another program's.
pub(super) fn set_up_begun(model: &mut Model) {
    model.security.begun = true;
}

/// What the form sent has ended.
pub(super) fn over(model: &mut Model, id: RequestId) {
    model.security.change.take_if(|c| c.sent == Some(id));
}

fn failed(model: &mut Model, id: RequestId, why: Failure, effects: &mut Vec<Effect>) {
    model.bad(&why);
    // Some registries begin a new set-up where a change was asked for, and the account has no second factor since;
    // and where no answer came it may have been done.
    if matches!(why.kind, FailureKind::Refused | FailureKind::Network) {
        account::read(model, Asking::Never, effects);
    }
    let change = model.security.change.as_mut();
    if let Some(change) = change.filter(|change| change.sent == Some(id)) {
        change.sent = None;
        change.stopping = false;
        change.error = Some(why);
    }
}
