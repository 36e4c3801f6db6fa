//! The recovery screen: which sets of codes are kept on this machine, and what can be done with them.

mod add;
mod form;
mod list;
pub(super) mod model;
mod opened;
mod proof;
mod remove;

use std::path::PathBuf;

use super::field::Field;
use super::keymap::{Action, Move, Reason, Scope};
use super::model::{Load, Model, Screen};
use super::request::Purpose;
use super::scroll::moved;
use super::{Effect, request};
use crate::backend::protocol::{Answer, Asking, Question, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::recovery::RecoverySet;
use model::{AddField, SetField, SetPage, SetTask};

pub use list::{Listed, Worth, cursor, listed, worth};
pub use remove::REMOVE;

pub(super) use add::{added, place_proved, proves};
pub(super) use form::{exported, opened};
pub(super) use opened::{hide, run_out};
pub(super) use proof::proved;
pub(super) use remove::{decide, removed};

/// About how many lines the question for part of a code has in a narrow window.
const LINES: usize = 16;

/// What the person meant, on the list or on what is open above it.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::OpenSet => form::begin(model, SetTask::Open, effects),
        Action::ProveSet => form::begin(model, SetTask::Prove, effects),
        Action::ExportSet => form::begin(model, SetTask::Export, effects),
        Action::RemoveSet => remove::ask(model),
        Action::SetNext => form::next(model),
        Action::SetEnter => form::enter(model, effects),
        Action::AddSet => add::open(model, effects),
        Action::AddLine => add::line(model),
        Action::AddNext => add::step(model, false),
        Action::AddBack => add::step(model, true),
        Action::AddEnter => add::enter(model, effects),
        Action::OtherProof => proof::other(model, effects),
        Action::RemoveTyped => remove::typed(model, effects),
        Action::CopyCode => opened::copy_one(model, effects),
        Action::SetSheet => opened::sheet(model),
        Action::CopyAge => opened::copy_age(model, effects),
        Action::CopySet => opened::copy_all(model, effects),
        Action::SendSetProof => proof::send(model, effects),
        _ => stop(model, effects),
    }
}

/// Esc: closes what is open; what was sent is given up first, and left alone the second time.
fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    match &model.recovery.page {
        Some(SetPage::Form(_)) => form::stop(model, effects),
        Some(SetPage::Proof(_)) => proof::stop(model, effects),
        Some(SetPage::Remove(_)) => remove::stop(model, effects),
        Some(SetPage::Opened(_)) => hide(model),
        Some(SetPage::Add(_)) => add::stop(model, effects),
        Some(SetPage::Left(_)) | None => model.recovery.page = None,
    }
}

/// Why something cannot be done on this screen now.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    match action {
        Action::AddSet => add::enabled(model),
        action => list::enabled(model, action),
    }
}

/// What follows from typing.
pub(super) fn typed(model: &mut Model) {
    add::typed(model);
}

/// A free file name; true when a form of this screen had asked for it.
pub(super) fn suggested(model: &mut Model, id: RequestId, path: Option<&PathBuf>) -> bool {
    form::suggested(model, id, path) || add::suggested(model, id, path)
}

/// The field that has the focus.
pub(super) fn focus(model: &mut Model) -> Option<&mut Field> {
    match model.recovery.page.as_mut()? {
        SetPage::Form(form) => Some(match form.at {
            SetField::Path => &mut form.path,
            SetField::Passphrase => &mut form.passphrase,
        }),
        SetPage::Proof(page) => Some(&mut page.typed),
        SetPage::Remove(form) => Some(&mut form.word),
        SetPage::Add(form) => form.focus(),
        SetPage::Opened(_) | SetPage::Left(_) => None,
    }
}

/// The scope of what is open.
pub(super) fn scope(page: &SetPage) -> Scope {
    match page {
        SetPage::Form(form) if form.sent.is_some() => Scope::SetSent,
        SetPage::Form(form) => match form.at {
            SetField::Path => Scope::SetPath,
            SetField::Passphrase => Scope::SetPassphrase,
        },
        SetPage::Opened(page) if page.sheet.is_some() => Scope::SetSheet,
        SetPage::Opened(_) => Scope::SetOpened,
        SetPage::Proof(page) if page.proof.is_some() => Scope::SetProof,
        SetPage::Remove(form) if form.sent.is_some() => Scope::SetSent,
        SetPage::Proof(_) => Scope::SetSent,
        SetPage::Remove(form) if form.in_use => Scope::SetRemoveWord,
        SetPage::Remove(_) => Scope::SetRemoveAsk,
        SetPage::Left(_) => Scope::SetLeft,
        SetPage::Add(form) if form.is_busy() => Scope::SetSent,
        SetPage::Add(form) => match form.at {
            AddField::Codes => Scope::AddCodes,
            AddField::Passphrase | AddField::Again => Scope::AddSecret,
            AddField::Path => Scope::AddPath,
            AddField::Mine => Scope::AddMine,
        },
    }
}

/// Moves the cursor, or through what is open.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    match &mut model.recovery.page {
        Some(SetPage::Opened(_)) => opened::go(model, step),
        Some(SetPage::Remove(form)) => {
            // A few lines, and two for each file.
            let last = 2 * form.files.len() + 10;
            form.scroll = moved(form.scroll, step, page, last);
        }
        Some(SetPage::Proof(proof)) => proof.scroll = moved(proof.scroll, step, page, LINES),
        Some(_) => {}
        None => {
            let listed = list::listed(model);
            let last = listed.len().saturating_sub(1);
            let to = moved(list::cursor(model, &listed), step, page, last);
            let chosen = listed.get(to).map(|one| one.set.id());
            model.recovery.chosen = chosen;
        }
    }
}

/// Reads the sets anew.
pub(super) fn read(model: &mut Model, asking: Asking, effects: &mut Vec<Effect>) {
    if let Some(old) = model.recovery.sets.pending() {
        request::cancel(model, old, effects);
    }
    let id = request::start(model, Request::Sets, asking, effects);
    model.recovery.sets.load(id);
}

/// The sets came, or did not.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    asking: Asking,
    result: Result<(Vec<(RecoverySet, bool)>, bool), Failure>,
) {
    if model.recovery.sets.pending() != Some(id) {
        return;
    }
    match result {
        Ok((sets, read_only)) => {
            let before = list::cursor(model, &list::listed(model));
            let there = |id: &_| sets.iter().any(|(set, _)| set.id() == *id);
            let stays = model.recovery.chosen.as_ref().is_some_and(there);
            model.recovery.sets = Load::Ready(sets);
            model.recovery.read_only = read_only;
            if !stays && model.recovery.chosen.is_some() {
                // The one that took its place.
                let listed = list::listed(model);
                let last = listed.len().saturating_sub(1);
                let next = listed.get(before.min(last)).map(|one| one.set.id());
                model.recovery.chosen = next;
            }
            if asking == Asking::Allowed {
                model.good("The list is up to date.");
            }
        }
        Err(why) => {
            model.bad(&why);
            let old = model.recovery.sets.take();
            model.recovery.sets = Load::Failed { why, old };
        }
    }
}

/// A recovery code went out at this request's question.
pub(super) fn spends(model: &mut Model, id: RequestId) {
    model.recovery.spending.insert(id);
}

/// A request has ended; one that took a recovery code left its mark in the list.
pub(super) fn spent(model: &mut Model, id: RequestId, effects: &mut Vec<Effect>) {
    if model.recovery.spending.remove(&id) {
        read(model, Asking::Never, effects);
    }
}

/// True for a job of this screen that asks for part of a code.
pub(super) fn asks(model: &Model, id: RequestId) -> bool {
    let purpose = model.requests.get(&id).map(|request| request.purpose);
    matches!(purpose, Some(Purpose::ProveSet | Purpose::AddSet))
}

/// Such a job asks. One whose page was left gets the answer that leaves everything as it is.
pub(super) fn asked(
    model: &mut Model,
    id: RequestId,
    question: &Question,
    effects: &mut Vec<Effect>,
) {
    match question {
        Question::Proof(proof) => proof::asked(model, id, *proof, effects),
        Question::OtherPlace(why) => add::other_place(model, id, why, effects),
        Question::CodesShown => effects.push(Effect::Answer {
            id,
            answer: Answer::GoOn,
        }),
        _ => request::cancel(model, id, effects),
    }
}

/// The open question of a job is open no more.
pub(super) fn cleared(model: &mut Model, id: RequestId) {
    if let Some(SetPage::Proof(page)) = &mut model.recovery.page
        && page.job == id
    {
        page.proof = None;
    }
}

/// The registry has begun a set-up: the codes of before are of no use from here on, whatever becomes of the new ones.
pub(super) fn renewed(model: &mut Model) {
    let Some((account, registry)) = model.account.value().and_then(|account| {
        let name = model.profile()?.name.clone();
        Some((name, account.identity.registry.clone()))
    }) else {
        return;
    };
    let screen = &mut model.recovery;
    screen
        .renewed
        .retain(|(of, at, _)| *of != account || *at != registry);
    let now = model.now.wall;
    screen.renewed.push((account, registry, now));
}

/// Another person is there: what is open was the one's before. What was sent goes on.
pub(super) fn forget(model: &mut Model) {
    model.recovery.page = None;
    model.recovery.chosen = None;
}

/// After every step: codes stand on no screen but this one, and beneath nothing that covers it.
pub(super) fn settle(model: &mut Model) {
    let covered = model.wizard.is_some()
        || model.created.is_some()
        || model.signin.is_some()
        || model.guide.as_ref().is_some_and(|guide| guide.shown);
    if model.screen != Screen::Recovery || covered || model.quitting {
        hide(model);
    }
}
