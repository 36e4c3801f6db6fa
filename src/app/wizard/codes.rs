//! The recovery codes: shown, hidden, proved; never left behind by accident (promises P07 and P08).

use std::sync::Arc;

use jiff::Timestamp;

use super::super::model::{Model, PlaceChoice, ShownCodes, Wizard, WizardStep};
use super::super::{Effect, challenge, exposure};
use super::{job, place};
use crate::backend::protocol::{Answer, Proof, RequestId};
use crate::domain::failure::Failure;
use crate::domain::recovery::{Place, RecoveryCodes};

/// The word that declines the proof.
pub const DECLINE: &str = "decline";

/// The codes came. A wizard that was left meanwhile opens again: what was received is not lost.
pub(in super::super) fn codes(
    model: &mut Model,
    id: RequestId,
    codes: Arc<RecoveryCodes>,
    place: Place,
    received: Timestamp,
) {
    exposure::hide_all(model);
    if job::of(model, id).is_none() {
        if model.wizard.as_ref().is_some_and(|w| w.codes.is_some()) {
            return;
        }
        let mut wizard = super::fresh(model);
        wizard.job = Some(id);
        model.wizard = Some(wizard);
    }
    if !matches!(
        model.overlay,
        Some(super::super::model::Overlay::Leave { .. })
    ) {
        model.overlay = None;
    }
    if let Some(wizard) = &mut model.wizard {
        turn_to(wizard, WizardStep::Codes);
        // Whoever wants them on paper gets the page for that; it is opened once.
        let print = place == Place::Myself
            && wizard.place.choice == PlaceChoice::Print
            && wizard.codes.is_none();
        wizard.saved = Some(place.clone());
        wizard.codes = Some(ShownCodes {
            codes,
            place,
            received,
            scroll: 0,
            sheet: print.then_some(0),
        });
    }
}

/// 2FA is on: the set-up's secret has served (promise P14), and no question from before is open any more.
fn turn_to(wizard: &mut Wizard, step: WizardStep) {
    wizard.step = step;
    wizard.enrolment = None;
    wizard.code.clear();
    wizard.tried = None;
    wizard.judged = None;
    wizard.confirm = None;
    wizard.wait_until = None;
    wizard.doing = None;
    wizard.leaving = false;
    wizard.stopping = false;
    wizard.codes_asked = false;
    wizard.other_place = None;
    wizard.proof = None;
    wizard.proof_typed.clear();
    wizard.place_asked = false;
    wizard.nudge = 0;
    wizard.place.forget();
}

/// The job waits until they were looked at.
pub(super) fn shown(wizard: &mut Wizard) {
    turn_to(wizard, WizardStep::Codes);
    wizard.codes_asked = true;
}

/// They could not be written: another place is asked for while they stay on the screen.
pub(super) fn other_place(wizard: &mut Wizard, why: Failure) {
    turn_to(wizard, WizardStep::Codes);
    // The one place that can be another one: the program's own folder may be what is full.
    wizard.place.choice = PlaceChoice::File;
    wizard.place.proved = None;
    wizard.place.proving = None;
    wizard.place.spent = false;
    wizard.place.error = None;
    wizard.place.word.clear();
    if let Some(shown) = &mut wizard.codes {
        shown.sheet = None;
    }
    wizard.other_place = Some(why);
}

/// Enter at the other place.
pub(in super::super) fn save_place(model: &mut Model, effects: &mut Vec<Effect>) {
    place::next(model, effects);
}

/// The other place is settled.
pub(super) fn place_taken(wizard: &mut Wizard, place: Place, effects: &mut Vec<Effect>) {
    if let Some(id) = wizard.job
        && wizard.other_place.take().is_some()
    {
        wizard.place.forget();
        wizard.doing = Some("The codes are being saved");
        let answer = Answer::Place(place);
        effects.push(Effect::Answer { id, answer });
    }
}

/// Enter at the codes: they are hidden, once the job asks for the proof.
pub(in super::super) fn hide_codes(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    if wizard.end.is_some() {
        // Nobody is left to ask for a proof: the word alone lets them go.
        wizard.step = WizardStep::Proof;
        wizard.proof_typed.clear();
    } else if let Some(id) = wizard.job
        && wizard.codes_asked
    {
        wizard.codes_asked = false;
        wizard.doing = Some("Choosing what to ask");
        let answer = Answer::GoOn;
        effects.push(Effect::Answer { id, answer });
    }
}

/// Part of a code is asked for: the codes go from the screen, the model and the clipboard. The job has them still.
pub(super) fn proof(wizard: &mut Wizard, proof: Proof, effects: &mut Vec<Effect>) {
    if wizard.codes.take().is_some() {
        effects.push(Effect::ClearClipboard);
    }
    turn_to(wizard, WizardStep::Proof);
    wizard.proof = Some(proof);
}

/// Copies all the codes, one a line.
pub(in super::super) fn copy_codes(model: &mut Model, effects: &mut Vec<Effect>) {
    let shown = model.wizard.as_ref().and_then(|w| w.codes.as_ref());
    if let Some(shown) = shown {
        effects.push(Effect::Copy {
            what: "the recovery codes",
            text: shown.codes.lines(),
            sensitive: true,
        });
    }
}

/// Puts the codes on a page of their own, or goes back from there.
pub(in super::super) fn sheet(model: &mut Model) {
    let wizard = model.wizard.as_mut();
    if let Some(shown) = wizard.and_then(|wizard| wizard.codes.as_mut()) {
        shown.sheet = match shown.sheet {
            Some(_) => None,
            None => Some(0),
        };
    }
}

/// Esc: why not, and what to do instead.
pub(in super::super) fn stay_with_codes(model: &mut Model) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    match wizard.step {
        WizardStep::Proof if wizard.codes.is_some() => wizard.step = WizardStep::Codes,
        WizardStep::Proof => model.plain(
            "Type what is asked for. Ctrl-B shows the codes again; the word decline goes on without the proof.",
        ),
        _ if wizard.other_place.is_some() => {
            model.plain("The codes are not saved yet: choose another place, or copy them yourself.");
        }
        _ => model.plain("The codes are shown this once. Save them, then press Enter to go on."),
    }
}

/// Enter at the proof: what was typed, or the word that declines.
pub(in super::super) fn send_proof(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    let typed = challenge::without_blanks(wizard.proof_typed.value());
    let declined = typed.expose().eq_ignore_ascii_case(DECLINE);
    if wizard.end.is_some() {
        wizard.proof_typed.clear();
        if declined {
            wizard.codes = None;
            wizard.step = WizardStep::Done;
            effects.push(Effect::ClearClipboard);
        } else {
            model.plain(
                "Type the word decline to let the codes go, or press Esc to see them again.",
            );
        }
    } else if typed.is_empty() {
        model.plain("Type what is asked for first.");
    } else if let Some(id) = wizard.job {
        wizard.proof_typed.clear();
        wizard.doing = Some("Checking what was typed");
        wizard.proof = None;
        let answer = if declined {
            Answer::Declined
        } else {
            Answer::Proof(typed)
        };
        effects.push(Effect::Answer { id, answer });
    }
}

/// Shows the codes again; another part is asked for then.
pub(in super::super) fn show_again(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    if let Some(id) = wizard.job {
        wizard.proof = None;
        wizard.proof_typed.clear();
        wizard.doing = Some("Fetching the codes again");
        let answer = Answer::ShowAgain;
        effects.push(Effect::Answer { id, answer });
    } else if wizard.codes.is_some() {
        wizard.step = WizardStep::Codes;
    }
}
