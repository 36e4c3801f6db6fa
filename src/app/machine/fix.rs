//! What can be mended in place: shown before and after, then done to what was looked at and to nothing else.

use super::super::field::Field;
use super::super::keymap::{Action, Reason};
use super::super::model::Model;
use super::super::{Effect, exposure, request};
use super::model::{FixPage, MachinePage, NameForm, Row, file_of};
use super::{free, known, replace};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::identity::CredentialKind;
use crate::domain::machine::{
    Fix, FixPreview, Form, LocalCredential, Machine, SourceState, check_variable,
};
use crate::domain::text::Text;

/// Why the chosen row cannot be mended so.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    known(model)?;
    if action == Action::MachineTighten {
        mode(model)?;
    } else {
        let Some(local) = model.machine.credential() else {
            return Err("Choose a credential first: a line of a file.".into());
        };
        in_a_file(local)?;
        if action == Action::MachineVariable {
            replaceable(local)?;
        }
    }
    free(model)
}

fn mode(model: &Model) -> Result<(), Reason> {
    let Some(path) = model.machine.file() else {
        return Err("Only a file has a mode: choose one, or a line of it.".into());
    };
    let machine = model.machine.machine.value();
    let sources = machine.into_iter().flat_map(|machine| &machine.sources);
    let source = sources
        .into_iter()
        .find(|source| source.path.as_ref() == Some(&path));
    match source.map(|source| (&source.shown, &source.state)) {
        Some((shown, SourceState::Read(facts))) => match facts.mode {
            None => Err(format!("{shown} has no mode that could be changed here.").into()),
            Some(mode) if mode & !0o600 == 0 => {
                Err(format!("{shown} is its owner's alone already (mode {mode:o}).").into())
            }
            Some(_) => Ok(()),
        },
        Some((shown, SourceState::Absent)) => Err(format!("There is no file {shown}.").into()),
        Some((shown, SourceState::Unreadable(_) | SourceState::BrokenLink { .. })) => {
            Err(format!("{shown} could not be read, so it is left as it is.").into())
        }
        None => Err("That is no file of the npm configuration.".into()),
    }
}

fn in_a_file(local: &LocalCredential) -> Result<(), Reason> {
    if local.id.path.is_some() {
        return Ok(());
    }
    Err(format!(
        "{} is a variable, which no program can change for the shell that set it. Remove it there, and where it is set at every start.",
        local.place
    )
    .into())
}

fn replaceable(local: &LocalCredential) -> Result<(), Reason> {
    let names: Vec<_> = local.form.names().iter().map(Text::as_str).collect();
    let names = names.join(" and ");
    match &local.form {
        Form::Literal => {}
        Form::Variable { .. } => {
            return Err(format!("This line takes its value from {names} already.").into());
        }
        Form::Mixed { .. } => {
            return Err(format!(
                "This line mixes text with {names}, so no one variable takes its place. Write it anew."
            )
            .into());
        }
    }
    if local.kind == CredentialKind::Certificate {
        return Err("This line names a file, and no secret stands in it.".into());
    }
    Ok(())
}

/// Asks what it would do to take others' rights away.
pub(super) fn tighten(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(path) = model.machine.file() {
        preview(model, Fix::Tighten(path), effects);
    }
}

/// Asks what it would do to take the line out.
pub(super) fn remove(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(id) = model.machine.credential().map(|local| local.id.clone()) {
        preview(model, Fix::Remove(id), effects);
    }
}

fn preview(model: &mut Model, fix: Fix, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    let id = request::start(model, Request::PreviewFix(fix), Asking::Allowed, effects);
    model.machine.page = Some(MachinePage::Fix(FixPage {
        preview: None,
        sent: Some(id),
        yes: false,
        scroll: 0,
    }));
}

/// Opens the line for the variable's name.
pub(super) fn name(model: &mut Model) {
    exposure::hide_all(model);
    let Some(Row::Credential(local)) = model.machine.chosen() else {
        return;
    };
    let machine = model.machine.machine.value();
    let name = machine.map(|machine| machine.free_variable(&local.id));
    model.machine.page = Some(MachinePage::Name(NameForm {
        id: local.id.clone(),
        place: local.place.clone(),
        typed: Field::with(&name.unwrap_or_default()),
        sent: None,
        error: None,
    }));
}

/// Enter in that line: asks what it would do.
pub(super) fn named(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(MachinePage::Name(form)) = &mut model.machine.page else {
        return;
    };
    form.error = None;
    let name = form.typed.value().expose().trim().to_owned();
    if let Err(why) = check_variable(&name) {
        form.error = Some(why);
        return;
    }
    let fix = Fix::ToVariable {
        id: form.id.clone(),
        name,
    };
    let id = request::start(model, Request::PreviewFix(fix), Asking::Allowed, effects);
    if let Some(MachinePage::Name(form)) = &mut model.machine.page {
        form.sent = Some(id);
    }
}

/// What a fix would do was found out, or why it cannot be done.
pub(in crate::app) fn previewed(
    model: &mut Model,
    id: RequestId,
    result: Result<Box<FixPreview>, Failure>,
) {
    let waits = match &mut model.machine.page {
        Some(MachinePage::Name(form)) => form.sent == Some(id),
        Some(MachinePage::Fix(page)) => page.sent == Some(id),
        _ => false,
    };
    if !waits {
        return;
    }
    match (result, &mut model.machine.page) {
        (Ok(preview), _) => {
            model.machine.page = Some(MachinePage::Fix(FixPage {
                preview: Some(preview),
                sent: None,
                yes: false,
                scroll: 0,
            }));
        }
        (Err(why), Some(MachinePage::Name(form))) => {
            form.sent = None;
            form.error = Some(why);
        }
        (Err(why), _) => {
            model.machine.page = None;
            // The line may not be where it was any more.
            model.machine.stale = true;
            model.bad(&why);
        }
    }
}

/// Yes: it is done, if the file is still the one that was looked at.
pub(super) fn apply(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(MachinePage::Fix(page)) = &mut model.machine.page else {
        return;
    };
    let Some(preview) = page.preview.clone() else {
        return;
    };
    page.scroll = 0;
    let id = request::start(model, Request::ApplyFix(preview), Asking::Allowed, effects);
    if let Some(MachinePage::Fix(page)) = &mut model.machine.page {
        page.sent = Some(id);
    }
}

/// It was done, or not. Also for one whose page was closed: the file may have changed.
pub(in crate::app) fn fixed(model: &mut Model, id: RequestId, result: Result<Machine, Failure>) {
    let here = |page: &MachinePage| matches!(page, MachinePage::Fix(page) if page.sent == Some(id));
    let page = model.machine.page.take_if(|page| here(page));
    let preview = match page {
        Some(MachinePage::Fix(page)) => page.preview,
        _ => None,
    };
    match result {
        Ok(machine) => {
            // Lines below may have moved up, and a line may hold something else now.
            match preview.as_ref().map(|preview| &preview.fix) {
                Some(Fix::Tighten(_)) => {}
                Some(fix) => {
                    let file = file_of(fix);
                    model.machine.emptied.extend(file.cloned());
                    let probed = &mut model.machine.probed;
                    probed.retain(|known| known.id.path.as_ref() != file);
                }
                None => model.machine.probed.clear(),
            }
            if model.machine.machine.pending().is_some() {
                // What is being read may be from before.
                model.machine.stale = true;
            } else {
                replace(model, machine);
            }
            model.good(done(preview.as_deref()));
        }
        Err(why) => {
            model.machine.stale = true;
            model.bad(&why);
        }
    }
}

fn done(preview: Option<&FixPreview>) -> String {
    let Some(preview) = preview else {
        return "The file is changed.".to_owned();
    };
    let file = &preview.file;
    match &preview.fix {
        Fix::Tighten(_) => format!("{file} is its owner's alone now ({}).", preview.after),
        Fix::ToVariable { id, name } => {
            let key = id.key.as_str();
            let end = match key.rsplit(':').next() {
                Some("_authToken") => "revoked",
                _ => "changed",
            };
            format!(
                "{file} takes the value from ${{{name}}} now. What stood there lives on until it is {end}."
            )
        }
        Fix::Remove(_) => {
            format!("The line is gone from {file}. A token in it lives on until it is revoked.")
        }
    }
}

/// Esc while a name is typed, or while something is waited for.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let (sent, applied) = match &model.machine.page {
        Some(MachinePage::Name(form)) => (form.sent, false),
        Some(MachinePage::Fix(page)) => (page.sent, page.preview.is_some()),
        _ => return,
    };
    if applied && sent.is_some() {
        // A disk may never answer: nobody is held here by it.
        model.machine.page = None;
        model.plain("The file is being written, which cannot be stopped any more; how it ends is told here.");
        return;
    }
    if let Some(id) = sent {
        request::cancel(model, id, effects);
    }
    model.machine.page = None;
    model.plain("Nothing was changed.");
}
