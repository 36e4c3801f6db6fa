//! The wizard that enables 2FA: its steps up to the job. [`job`] follows the job, [`codes`] guards what it brings.

mod codes;
mod job;
pub(super) mod model;
mod place;

pub use codes::DECLINE;
pub(super) use codes::{
    codes, copy_codes, hide_codes, save_place, send_proof, show_again, stay_with_codes,
};
pub(super) use job::{
    ask_to_leave, asked, cleared, copy_key, doing, enrolled, finished, next_qr, send_code,
    toggle_key,
};
pub use place::MYSELF;
pub(super) use place::{proved as place_proved, suggested, typed as place_typed};

use super::field::Field;
use super::keymap::{Action, Move};
use super::model::{
    LeaveChoice, Model, PlaceChoice, PlaceForm, QrStyle, Screen, Wizard, WizardStep,
};
use super::scroll::moved;
use super::{Effect, exposure, request};
use crate::backend::protocol::{Asking, Request};
use crate::domain::tfa::{Level, Tfa};

/// Opens the wizard. Nothing is sent to the registry before its Place step has ended.
pub(super) fn open(model: &mut Model, pending: bool, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    model.wizard = Some(fresh(pending));
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

fn fresh(pending: bool) -> Wizard {
    Wizard {
        step: WizardStep::Need,
        level: Level::AuthAndWrites,
        pending,
        password: Field::masked(),
        place: PlaceForm {
            choice: PlaceChoice::File,
            path: Field::plain(),
            word: Field::plain(),
            proving: None,
            proved: None,
            error: None,
        },
        job: None,
        doing: None,
        error: None,
        enrolment: None,
        qr: QrStyle::HalfBlocks,
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
    }
}

/// The account was read anew: a half-done set-up that was not known when the wizard was opened is named, and
/// going on from there is the consent to clear it.
pub(super) fn pending_found(model: &mut Model) {
    let pending = model
        .profile()
        .is_some_and(|profile| matches!(profile.tfa, Tfa::Pending(_)));
    if let Some(wizard) = &mut model.wizard
        && wizard.job.is_none()
        && wizard.step < WizardStep::Scan
        && pending
        && !wizard.pending
    {
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
    match wizard.step {
        WizardStep::Level => wizard.step = WizardStep::Need,
        WizardStep::Password => {
            wizard.error = None;
            wizard.step = WizardStep::Level;
        }
        WizardStep::Place => {
            wizard.step = WizardStep::Password;
            place::stop_proving(model, effects);
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
    match wizard.step {
        WizardStep::Level => {
            wizard.level = match wizard.level {
                Level::AuthOnly => Level::AuthAndWrites,
                Level::AuthAndWrites => Level::AuthOnly,
            };
        }
        WizardStep::Place | WizardStep::Codes => {
            place::choose(model, None, effects);
        }
        _ => {}
    }
}

/// Moves through what the step offers.
pub(super) fn go(model: &mut Model, step: Move, effects: &mut Vec<Effect>) {
    let page = model.list_rows();
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    if wizard.leaving {
        wizard.leave = neighbour(wizard.leave, step, false);
        return;
    }
    let up = matches!(step, Move::Up | Move::PageUp | Move::Top);
    match wizard.step {
        WizardStep::Level => wizard.level = Level::ALL[usize::from(!up)],
        WizardStep::Place => {
            let choice = if up {
                PlaceChoice::File
            } else {
                PlaceChoice::Myself
            };
            place::choose(model, Some(choice), effects);
        }
        WizardStep::Codes => {
            if let Some(shown) = &mut wizard.codes {
                // Each code, and about ten lines around them.
                let last = shown.codes.len() + 10;
                shown.scroll = moved(shown.scroll, step, page, last);
            }
        }
        _ => {}
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

/// Closes the wizard at its end.
pub(super) fn close(model: &mut Model) {
    model.wizard = None;
    model.screen = Screen::Security;
}
