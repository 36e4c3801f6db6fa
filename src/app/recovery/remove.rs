//! Removing a set: what goes is shown first, and codes that may be in use take a typed word.

use super::super::field::Field;
use super::super::keymap::Action;
use super::super::model::{Model, Tone};
use super::super::{Effect, exposure, request};
use super::list;
use super::model::{RemoveForm, SetPage};
use super::read;
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::recovery::{Place, key_of};
use crate::domain::text::Text;

/// The word that removes codes that may be in use.
pub const REMOVE: &str = "remove";

/// Asks.
pub(super) fn ask(model: &mut Model) {
    exposure::hide_all(model);
    let Some(one) = list::chosen(model) else {
        return;
    };
    let files = match &one.set.place {
        Place::Vault(path) => vec![path.clone(), key_of(path)],
        Place::File(path) => vec![path.clone()],
        Place::Myself => Vec::new(),
    };
    let form = RemoveForm {
        set: one.set.clone(),
        files: if one.there { files } else { Vec::new() },
        in_use: one.worth.may_serve(),
        yes: false,
        word: Field::plain(),
        scroll: 0,
        sent: None,
        stopping: false,
        error: None,
    };
    model.recovery.page = Some(SetPage::Remove(form));
}

fn form(model: &mut Model) -> Option<&mut RemoveForm> {
    match &mut model.recovery.page {
        Some(SetPage::Remove(form)) => Some(form),
        _ => None,
    }
}

/// The answer to the question; No has the focus at first.
pub(in super::super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(form) = form(model) else {
        return;
    };
    match (action, form.yes) {
        (Action::Switch, _) => form.yes = !form.yes,
        (Action::Yes, _) | (Action::Take, true) => send(model, effects),
        _ => {
            model.recovery.page = None;
            model.plain("Nothing was removed.");
        }
    }
}

/// Enter at the word.
pub(super) fn typed(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = form(model) else {
        return;
    };
    let word = form.word.value().expose().trim();
    if word.eq_ignore_ascii_case(REMOVE) {
        send(model, effects);
    } else {
        model.plain("Type the word remove to remove these codes, or press Esc to keep them.");
    }
}

fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(RemoveForm { set, in_use, .. }) = form(model) else {
        return;
    };
    let (set, asked) = (set.clone(), *in_use);
    // What has become known since the question was opened counts.
    if !asked && list::worth(model, &set).may_serve() {
        if let Some(form) = form(model) {
            form.in_use = true;
        }
        model.warn("Meanwhile it is known that these codes may be in use.");
        return;
    }
    let remove = Request::RemoveSet { set: set.id() };
    let id = request::start(model, remove, Asking::Allowed, effects);
    if let Some(form) = form(model) {
        form.sent = Some(id);
        form.stopping = false;
        form.error = None;
        form.yes = false;
        form.word.clear();
    }
}

/// Esc: closes the question; what was sent is given up first, and left alone the second time.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = form(model) else {
        return;
    };
    match form.sent {
        Some(id) if !form.stopping => {
            form.stopping = true;
            request::cancel(model, id, effects);
            model.plain(
                "Given up. What was begun already is waited for; Esc again leaves it alone.",
            );
        }
        Some(_) => {
            model.recovery.page = None;
            model.warn("The set may be removed all the same; how it ends is said here.");
        }
        None => {
            model.recovery.page = None;
            model.plain("Nothing was removed.");
        }
    }
}

/// The set is gone, with what could not be removed; or it is not.
pub(in super::super) fn removed(
    model: &mut Model,
    id: RequestId,
    result: Result<Vec<Text>, Failure>,
    effects: &mut Vec<Effect>,
) {
    let open = form(model).filter(|form| form.sent == Some(id));
    match (result, open) {
        (Ok(left), open) => {
            let is_open = open.is_some();
            if left.is_empty() {
                model.good("The set is removed from this machine.");
            } else if is_open {
                model.ended(Tone::Warning, "The set is removed, but not all of it.");
            } else {
                let said: Vec<&str> = left.iter().map(Text::as_str).collect();
                let said = format!("The set is removed, but not all of it. {}", said.join(" "));
                model.ended(Tone::Warning, said);
            }
            if is_open {
                let page = (!left.is_empty()).then_some(SetPage::Left(left));
                model.recovery.page = page;
            }
        }
        (Err(why), Some(form)) => {
            form.sent = None;
            form.stopping = false;
            form.error = Some(why);
        }
        (Err(why), None) => model.bad(&why),
    }
    // Also after a failure: some of it may be gone.
    read(model, Asking::Never, effects);
}
