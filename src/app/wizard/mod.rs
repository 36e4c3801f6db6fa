//! The wizard that enables 2FA: its steps up to the job. [`job`] follows the job, [`codes`] guards what it brings.

mod codes;
mod job;
pub(super) mod model;
mod place;

pub use codes::DECLINE;
pub(super) use codes::{
    codes, copy_codes, hide_codes, save_place, send_proof, sheet, show_again, stay_with_codes,
};
pub(super) use job::{
    ask_to_leave, asked, cleared, copy_key, doing, enrolled, finished, next_qr, owns, send_code,
    superseded, toggle_key,
};
pub use place::MYSELF;
pub(super) use place::{
    proved as place_proved, step as place_step, suggested, typed as place_typed,
};

use super::field::Field;
use super::keymap::{Action, Move};
use super::model::{LeaveChoice, Model, PlaceForm, Screen, Tone, Wizard, WizardStep};
use super::scroll::moved;
use super::{Effect, exposure, request};
use crate::backend::protocol::{Asking, Request};
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Tfa};

/// About how many lines the longest page has at 80 columns.
const LINES: usize = 24;

/// Opens the wizard. Nothing is sent to the registry before its Place step has ended.
pub(super) fn open(model: &mut Model, pending: bool, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    model.wizard = Some(Wizard {
        pending,
        ..fresh(model)
    });
    suggest(model, effects);
}

/// Asks for a file name that is free.
fn suggest(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(profile) = model.profile() {
        let account = profile.name.clone();
        request::start(
            model,
            Request::SuggestPlace { account },
            Asking::Never,
            effects,
        );
    }
}

fn fresh(model: &Model) -> Wizard {
    let account = match (model.profile(), &model.owner) {
        (Some(profile), _) => profile.name.clone(),
        (None, Some((_, name))) => name.clone(),
        (None, None) => Text::default(),
    };
    Wizard {
        step: WizardStep::Need,
        level: Level::AuthAndWrites,
        pending: false,
        relevel: false,
        account,
        password: Field::masked(),
        place: PlaceForm::new(),
        job: None,
        place_asked: false,
        doing: None,
        error: None,
        enrolment: None,
        qr: model.qr,
        key_shown: true,
        code: Field::plain(),
        tried: None,
        judged: None,
        confirm: None,
        wait_until: None,
        leaving: false,
        leave: LeaveChoice::Stay,
        stopping: false,
        codes: None,
        codes_asked: false,
        other_place: None,
        saved: None,
        proof: None,
        proof_typed: Field::plain(),
        end: None,
        nudge: 0,
    }
}

/// The account was read anew. Where 2FA is on by now, nothing is left to set up.
pub(super) fn account_read(model: &mut Model, effects: &mut Vec<Effect>) {
    let on = match model.profile().map(|profile| &profile.tfa) {
        Some(Tfa::On(level)) => Some(*level),
        _ => None,
    };
    let waits = |wizard: &Wizard| wizard.job.is_none() && wizard.step < WizardStep::Scan;
    let (Some(level), true) = (on, model.wizard.as_ref().is_some_and(waits)) else {
        return pending_found(model, effects);
    };
    exposure::hide_all(model);
    place::leave(model, effects);
    close(model);
    model.ended(
        Tone::Warning,
        format!(
            "Two-factor authentication is on already: {}. It was turned on elsewhere meanwhile.",
            level.word()
        ),
    );
}

/// A half-done set-up that was not known when the wizard was opened is named, and
/// going on from there is the consent to clear it.
fn pending_found(model: &mut Model, effects: &mut Vec<Effect>) {
    let pending = model
        .profile()
        .is_some_and(|profile| matches!(profile.tfa, Tfa::Pending(_)));
    let unknown =
        |wizard: &Wizard| wizard.job.is_none() && wizard.step < WizardStep::Scan && !wizard.pending;
    if !pending || !model.wizard.as_ref().is_some_and(unknown) {
        return;
    }
    exposure::hide_all(model);
    place::leave(model, effects);
    if let Some(wizard) = &mut model.wizard {
        wizard.pending = true;
        wizard.step = WizardStep::Need;
    }
}

/// Enter on one of the steps before the job.
pub(super) fn next(model: &mut Model, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    wizard.nudge = 0;
    match wizard.step {
        WizardStep::Need => wizard.step = WizardStep::Level,
        WizardStep::Level => wizard.step = WizardStep::Password,
        WizardStep::Password if wizard.password.is_empty() => {
            model.plain("Type the account's password first.");
        }
        WizardStep::Password => {
            wizard.error = None;
            wizard.step = WizardStep::Place;
        }
        WizardStep::Place => place::next(model, effects),
        _ => {}
    }
}

/// Esc on one of the steps before the job.
pub(super) fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    wizard.nudge = 0;
    match wizard.step {
        WizardStep::Level => wizard.step = WizardStep::Need,
        WizardStep::Password => {
            wizard.error = None;
            wizard.step = WizardStep::Level;
        }
        // The registry has begun the set-up already.
        WizardStep::Place if wizard.job.is_some() => job::ask_to_leave(model),
        WizardStep::Place => {
            wizard.step = WizardStep::Password;
            place::leave(model, effects);
        }
        _ => {
            model.wizard = None;
            model.plain("Nothing was sent; two-factor authentication is as it was.");
        }
    }
}

/// The keys of the choices: the other one, the one that has the focus, or the harmless one.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    if wizard.leaving {
        match action {
            Action::Switch => wizard.leave = neighbour(wizard.leave, Move::Down, true),
            Action::Take => job::leave(model, effects),
            _ => wizard.leaving = false,
        }
        return;
    }
    if wizard.step == WizardStep::Level {
        wizard.level = match wizard.level {
            Level::AuthOnly => Level::AuthAndWrites,
            Level::AuthAndWrites => Level::AuthOnly,
        };
    }
}

/// Moves through what the step offers.
pub(super) fn go(model: &mut Model, step: Move, effects: &mut Vec<Effect>) {
    let page = model.list_rows();
    let last = model.text_end(LINES);
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    if wizard.leaving {
        wizard.leave = neighbour(wizard.leave, step, false);
        return;
    }
    let up = matches!(step, Move::Up | Move::PageUp | Move::Top);
    match (wizard.step, step) {
        (WizardStep::Level, _) => wizard.level = Level::ALL[usize::from(!up)],
        (WizardStep::Place, Move::Up | Move::Down) => {
            place::step(model, up, false, effects);
        }
        (WizardStep::Codes, _) => {
            if let Some(shown) = &mut wizard.codes {
                // Each code, and about ten lines around them.
                let last = shown.codes.len() + 10;
                match &mut shown.sheet {
                    Some(row) => *row = moved(*row, step, page, 4 * last),
                    None => shown.scroll = moved(shown.scroll, step, page, last),
                }
            }
        }
        // What is typed into is in sight by itself, and the page is moved from there.
        (WizardStep::Password | WizardStep::Place | WizardStep::Scan | WizardStep::Proof, _) => {
            let [page, last] = [page, last].map(|n| isize::try_from(n).unwrap_or(isize::MAX));
            wizard.nudge = match step {
                Move::Up => wizard.nudge - 1,
                Move::Down => wizard.nudge + 1,
                Move::PageUp => wizard.nudge.saturating_sub(page),
                Move::PageDown => wizard.nudge.saturating_add(page),
                Move::Top => -last,
                Move::Bottom => last,
            }
            .clamp(-last, last);
        }
        (WizardStep::Need | WizardStep::Done, _) => {
            let row = usize::try_from(wizard.nudge).unwrap_or(0);
            let row = moved(row, step, page, last);
            wizard.nudge = isize::try_from(row).unwrap_or(isize::MAX);
        }
    }
}

/// Something was typed: what is typed into comes into sight.
pub(super) fn typed(model: &mut Model) {
    if let Some(wizard) = &mut model.wizard {
        wizard.nudge = 0;
    }
}

fn neighbour(choice: LeaveChoice, step: Move, round: bool) -> LeaveChoice {
    let all = LeaveChoice::ALL;
    let place = all.iter().position(|c| *c == choice).unwrap_or(0);
    if round {
        all[(place + 1) % all.len()]
    } else {
        all[moved(place, step, all.len(), all.len() - 1)]
    }
}

/// Closes the wizard at its end; Security shows the state that it led to.
pub(super) fn close(model: &mut Model) {
    model.wizard = None;
    model.security.scroll = 0;
    model.screen = Screen::Security;
}
