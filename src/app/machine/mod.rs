//! The machine screen: what npm would read here, what its registries make of it, and what can be mended.

mod fix;
pub mod model;
mod trying;

use super::field::Field;
use super::keymap::{Action, Move, Reason, Scope};
use super::model::{Load, Model, Screen};
use super::request::Purpose;
use super::scroll::moved;
use super::{Effect, exposure, request};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::machine::Machine;
use model::{MachinePage, MachineScreen, Row};

pub(super) use fix::{fixed, previewed};
pub(super) use trying::{all_probed, probed};

/// About how many lines a page has that is open.
const LINES: usize = 40;

/// Reads it anew. Nothing of what was tried out before is known to be true of what is read then.
pub(super) fn read(model: &mut Model, asking: Asking, effects: &mut Vec<Effect>) {
    if let Some(old) = model.machine.machine.pending() {
        request::cancel(model, old, effects);
    }
    trying::give_up(model, effects);
    let id = request::start(model, Request::Machine, asking, effects);
    model.machine.stale = false;
    model.machine.machine.load(id);
}

/// It was read, or not.
pub(super) fn finished(model: &mut Model, id: RequestId, result: Result<Machine, Failure>) {
    if model.machine.machine.pending() != Some(id) {
        return;
    }
    match result {
        Ok(mut machine) => {
            model.machine.probed.clear();
            if model.demo.is_some() {
                // That it reads no file is no problem there; the screen says it in words of its own.
                machine.problems.clear();
            }
            replace(model, machine);
        }
        Err(why) => {
            let old = model.machine.machine.take();
            model.machine.machine = Load::Failed { why, old };
        }
    }
}

/// Another state of it; what was chosen stays so where it is still there.
fn replace(model: &mut Model, machine: Machine) {
    let screen = &mut model.machine;
    let first = screen.machine.value().is_none();
    let mark = screen.chosen().and_then(Row::mark);
    screen.machine = Load::Ready(machine);
    let rows = screen.rows();
    let found = match mark {
        Some(mark) => rows
            .iter()
            .position(|row| row.mark().as_ref() == Some(&mark)),
        // What requests carry now is what one comes for.
        None if first => rows
            .iter()
            .position(|row| matches!(row, Row::Credential(local) if local.in_use)),
        None => None,
    };
    let last = rows.len().saturating_sub(1);
    screen.cursor = found.unwrap_or(screen.cursor).min(last);
}

/// A request has ended that may have changed what lies here.
pub(super) fn touched(model: &mut Model, purpose: Purpose) {
    model.machine.stale |= matches!(
        purpose,
        Purpose::SignIn
            | Purpose::SignOut
            | Purpose::ChangePassword
            | Purpose::WriteToken
            | Purpose::Rotate
            | Purpose::Emergency
    );
}

/// After every step: what lies here is read when the screen is looked at for the first time, or is out of date.
pub(super) fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let screen = &model.machine;
    let unread = matches!(screen.machine, Load::Empty) || screen.stale;
    let busy = screen.machine.pending().is_some()
        || screen.page.is_some()
        || screen.trying.is_some()
        || model.quitting;
    if model.screen == Screen::Machine && unread && !busy {
        read(model, Asking::Never, effects);
    }
}

/// Moves through the rows, or scrolls what is open.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let end = model.text_end(lines(model));
    let screen = &mut model.machine;
    let scroll = match &mut screen.page {
        None => {
            let last = screen.rows().len().saturating_sub(1);
            let page = (page / 2).max(1);
            screen.cursor = moved(screen.cursor, step, page, last);
            return;
        }
        Some(MachinePage::Details(scroll)) => scroll,
        Some(MachinePage::Consent(consent)) => &mut consent.scroll,
        Some(MachinePage::Fix(fix)) => &mut fix.scroll,
        Some(MachinePage::Name(_)) => return,
    };
    *scroll = moved(*scroll, step, page, end);
}

/// About how many lines the page has that is open.
fn lines(model: &Model) -> usize {
    match &model.machine.page {
        Some(MachinePage::Consent(consent)) => 12 + consent.to.len() * 2 + consent.ids.len(),
        Some(MachinePage::Fix(page)) => {
            let preview = page.preview.as_ref();
            12 + preview.map_or(0, |preview| preview.warnings.len() * 4)
        }
        _ => LINES,
    }
}

/// The scope of what is open.
pub(super) fn scope(screen: &MachineScreen) -> Scope {
    match &screen.page {
        None => Scope::Machine,
        Some(MachinePage::Details(_)) => Scope::MachineDetails,
        Some(MachinePage::Consent(_)) => Scope::MachineAsk,
        Some(MachinePage::Name(form)) if form.sent.is_some() => Scope::MachineSent,
        Some(MachinePage::Name(_)) => Scope::MachineName,
        Some(MachinePage::Fix(page)) if page.asks() => Scope::MachineAsk,
        Some(MachinePage::Fix(_)) => Scope::MachineSent,
    }
}

/// The field that has the focus.
pub(super) fn focus(model: &mut Model) -> Option<&mut Field> {
    match &mut model.machine.page {
        Some(MachinePage::Name(form)) => Some(&mut form.typed),
        _ => None,
    }
}

/// Its keys.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::MachineDetails => {
            exposure::hide_all(model);
            model.machine.page = match model.machine.page {
                Some(MachinePage::Details(_)) => None,
                _ => Some(MachinePage::Details(0)),
            };
        }
        Action::MachineTry => trying::ask_one(model),
        Action::MachineTryAll => trying::ask_all(model),
        Action::MachineTighten => fix::tighten(model, effects),
        Action::MachineVariable => fix::name(model),
        Action::MachineRemove => fix::remove(model, effects),
        Action::MachineEnter => fix::named(model, effects),
        Action::MachineStop => stop(model, effects),
        _ => {}
    }
}

/// Esc: closes what is open, gives up what is under way, or clears the line.
fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    match &model.machine.page {
        Some(MachinePage::Name(_) | MachinePage::Fix(_)) => fix::stop(model, effects),
        Some(MachinePage::Details(_) | MachinePage::Consent(_)) => model.machine.page = None,
        None => {
            if trying::give_up(model, effects) {
                model.plain("Given up: what has not come back yet is not shown.");
            } else {
                model.notice = None;
            }
        }
    }
}

/// Yes, No, the other answer, or the one that has the focus.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let (yes, consent) = match &mut model.machine.page {
        Some(MachinePage::Consent(consent)) => (&mut consent.yes, true),
        Some(MachinePage::Fix(page)) if page.asks() => (&mut page.yes, false),
        _ => return,
    };
    let said = match action {
        Action::Switch => {
            *yes = !*yes;
            return;
        }
        Action::Yes => true,
        Action::Take => *yes,
        _ => false,
    };
    match (said, consent) {
        (true, true) => trying::begin(model, effects),
        (true, false) => fix::apply(model, effects),
        (false, true) => {
            model.machine.page = None;
            model.plain("Nothing was sent.");
        }
        (false, false) => {
            model.machine.page = None;
            model.plain("Nothing was changed.");
        }
    }
}

/// Why something cannot be done now.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    let screen = &model.machine;
    match action {
        Action::MachineDetails => known(model),
        Action::MachineTry => trying::enabled(model),
        Action::MachineTryAll => trying::all_enabled(model),
        Action::MachineTighten | Action::MachineVariable | Action::MachineRemove => {
            fix::enabled(model, action)
        }
        Action::MachineSignOut => {
            known(model)?;
            match screen.credential() {
                Some(local) if local.in_use => super::enabled::enabled(model, Action::SignOut),
                Some(_) => Err(
                    "Signing out ends the credential in use, and that is another one. x removes this line; Tokens (3) revokes a token.".into(),
                ),
                None => Err("Choose the credential in use first: signing out ends that one.".into()),
            }
        }
        _ => Ok(()),
    }
}

/// That there is something to choose from.
fn known(model: &Model) -> Result<(), Reason> {
    match (&model.machine.machine, model.machine.chosen()) {
        (_, Some(_)) => Ok(()),
        (Load::Failed { why, .. }, None) => Err(why.to_string().into()),
        (Load::Ready(_), None) if model.demo.is_some() => {
            Err("The demo reads no file of this machine.".into())
        }
        (Load::Ready(_), None) => Err("Nothing was found here.".into()),
        _ => Err("This machine is still being looked at.".into()),
    }
}

/// That nothing is under way which the rows are needed for as they are.
fn free(model: &Model) -> Result<(), Reason> {
    let screen = &model.machine;
    if screen.trying.is_some() {
        return Err("Credentials are being tried out; Esc gives that up.".into());
    }
    if screen.machine.pending().is_some() {
        return Err("One moment: this machine is being looked at.".into());
    }
    if model.running(Purpose::ApplyFix).is_some() {
        return Err("A file is being changed; that has to end first.".into());
    }
    Ok(())
}
