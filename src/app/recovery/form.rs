//! Opening, proving and exporting a set: the passphrase where it takes one, and where an export goes.

use std::path::PathBuf;

use super::super::field::Field;
use super::super::model::Model;
use super::super::{Effect, exposure, request};
use super::list;
use super::model::{OpenedSet, SetField, SetForm, SetPage, SetTask};
use super::opened::{first_unused, until};
use crate::backend::protocol::{Asking, Opened, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::recovery::RecoverySet;
use crate::domain::secret::Secret;
use crate::domain::text::Text;

/// Begins with the chosen set: what needs nothing more goes out at once.
pub(super) fn begin(model: &mut Model, task: SetTask, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    model.notice = None;
    let Some(set) = list::chosen(model).map(|one| one.set.clone()) else {
        return;
    };
    let mut form = SetForm {
        set,
        task,
        passphrase: Field::masked(),
        path: Field::plain(),
        suggesting: None,
        at: SetField::Path,
        sent: None,
        stopping: false,
        error: None,
    };
    let first = form.fields().first().copied();
    if let Some(at) = first {
        form.at = at;
    }
    if task == SetTask::Export {
        suggest(model, &mut form, effects);
    }
    model.recovery.page = Some(SetPage::Form(form));
    if first.is_none() {
        send(model, effects);
    }
}

/// A file name to begin with: the backend knows a free one for the account in use, any other is named here.
fn suggest(model: &mut Model, form: &mut SetForm, effects: &mut Vec<Effect>) {
    let here = model.account.value().map(|a| &a.identity.registry);
    if here == Some(&form.set.registry) {
        let account = form.set.account.clone();
        let suggest = Request::SuggestPlace { account };
        form.suggesting = Some(request::start(model, suggest, Asking::Never, effects));
    } else {
        let part = |text: &Text| -> String {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            let kept = text.as_str().chars();
            kept.map(|c| if plain(c) { c } else { '-' }).collect()
        };
        let (account, registry) = (part(&form.set.account), part(&form.set.registry));
        form.path = Field::with(&format!("~/npm-recovery-codes-{account}-{registry}.txt"));
    }
}

/// A free file name; true when this form had asked for it.
pub(super) fn suggested(model: &mut Model, id: RequestId, path: Option<&PathBuf>) -> bool {
    let Some(form) = form(model).filter(|form| form.suggesting == Some(id)) else {
        return false;
    };
    form.suggesting = None;
    if let Some(path) = path.and_then(|path| path.to_str())
        && form.path.is_empty()
    {
        form.path = Field::with(path);
    }
    true
}

fn form(model: &mut Model) -> Option<&mut SetForm> {
    match &mut model.recovery.page {
        Some(SetPage::Form(form)) => Some(form),
        _ => None,
    }
}

/// The form whose request this is.
fn of(model: &mut Model, id: RequestId) -> Option<&mut SetForm> {
    form(model).filter(|form| form.sent == Some(id))
}

/// The other field.
pub(super) fn next(model: &mut Model) {
    if let Some(form) = form(model)
        && form.fields().len() > 1
    {
        form.passphrase.hide();
        form.at = match form.at {
            SetField::Path => SetField::Passphrase,
            SetField::Passphrase => SetField::Path,
        };
    }
}

/// Enter: on to what is still empty, else it goes out.
pub(super) fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = form(model) else {
        return;
    };
    let empty = |field: &SetField| match field {
        SetField::Path => form.path.value().expose().trim().is_empty(),
        SetField::Passphrase => form.passphrase.is_empty(),
    };
    let missing = form.fields().into_iter().find(empty);
    match missing {
        Some(field) if field != form.at => form.at = field,
        Some(SetField::Path) => model.plain("Type where the file is to be written."),
        Some(SetField::Passphrase) => model.plain("Type the passphrase first."),
        // The file is seen before it is written.
        None if form.task == SetTask::Export && form.at == SetField::Passphrase => {
            form.passphrase.hide();
            form.at = SetField::Path;
        }
        None => send(model, effects),
    }
}

/// The passphrase goes with the request; the model keeps none.
fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = form(model) else {
        return;
    };
    let set = form.set.id();
    let passphrase: Option<Secret<String>> = form.is_locked().then(|| form.passphrase.take());
    let request = match form.task {
        SetTask::Open => Request::OpenSet { set, passphrase },
        SetTask::Prove => Request::ProveSet { set, passphrase },
        SetTask::Export => Request::ExportSet {
            set,
            passphrase,
            to: PathBuf::from(form.path.value().expose().trim()),
        },
    };
    form.error = None;
    form.stopping = false;
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(form) = self::form(model) {
        form.sent = Some(id);
    }
}

/// Esc: closes the form; what was sent is given up first, and left alone the second time.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = form(model) else {
        return;
    };
    match form.sent {
        Some(id) if !form.stopping => {
            form.stopping = true;
            request::cancel(model, id, effects);
            model.plain("Given up. Esc again leaves it alone.");
        }
        _ => {
            let suggesting = form.suggesting.take();
            model.recovery.page = None;
            if let Some(id) = suggesting {
                request::cancel(model, id, effects);
            }
        }
    }
}

/// Takes the form of a request that has ended well; `None` when it was left or given up.
fn ended(model: &mut Model, id: RequestId) -> Option<RecoverySet> {
    let form = of(model, id)?;
    let wanted = !form.stopping;
    let set = form.set.clone();
    model.recovery.page = None;
    wanted.then_some(set)
}

/// It has ended, and there is nothing more to show.
pub(super) fn close(model: &mut Model, id: RequestId) {
    if of(model, id).is_some() {
        model.recovery.page = None;
    }
}

/// It did not work: said in the form where that can be mended, else in a line.
pub(super) fn failed(model: &mut Model, id: RequestId, why: Failure) {
    let Some(form) = of(model, id) else {
        model.bad(&why);
        return;
    };
    let fields = form.fields();
    if fields.is_empty() || form.stopping {
        model.recovery.page = None;
        model.bad(&why);
        return;
    }
    form.sent = None;
    form.error = Some(why);
    // A passphrase is typed anew; what was typed of a path stays.
    form.at = if form.is_locked() {
        SetField::Passphrase
    } else {
        SetField::Path
    };
}

/// The codes came, or did not. Codes that nobody waits for any more are dropped.
pub(in super::super) fn opened(model: &mut Model, id: RequestId, result: Result<Opened, Failure>) {
    let opened = match result {
        Ok(opened) => opened,
        Err(why) => return failed(model, id, why),
    };
    let Some(set) = ended(model, id).filter(|set| set.id() == opened.set) else {
        return;
    };
    exposure::hide_all(model);
    model.recovery.page = Some(SetPage::Opened(OpenedSet {
        codes: opened.codes,
        used: opened.used,
        cursor: 0,
        below: 0,
        sheet: None,
        until: until(model),
        set,
    }));
    first_unused(model);
}

/// The codes were written into a plain file, or were not.
pub(in super::super) fn exported(
    model: &mut Model,
    id: RequestId,
    result: Result<PathBuf, Failure>,
) {
    match result {
        Ok(path) => {
            close(model, id);
            // Also when it was given up: a file with codes is never left unsaid.
            let path = path.display();
            model.good(format!(
                "The codes are in {path}, as plain text. Remove it once it has served."
            ));
        }
        Err(why) => failed(model, id, why),
    }
}
