//! The job that enables 2FA: what it asks, what it reports, and how it ends.

use std::sync::Arc;

use jiff::Timestamp;

use super::super::model::{
    CodeRefused, Judged, LeaveChoice, Model, Overlay, Screen, Tone, Wizard, WizardStep,
};
use super::super::request::{InFlight, Purpose};
use super::super::{
    Effect, account, challenge, demo, emergency, exposure, recovery, request, security,
};
use super::{codes, place};
use crate::backend::protocol::{Answer, Asking, Enabled, Question, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::otp::{Diagnosis, Enrolment};
use crate::domain::recovery::Place;
use crate::domain::secret::Secret;
use crate::domain::tfa::{Level, Refusal, Tfa};

/// The place is settled: the job begins, or goes on when it was the job that asked for another place.
pub(super) fn take_place(model: &mut Model, place: Place, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    match wizard.step {
        WizardStep::Codes => codes::place_taken(wizard, place, effects),
        WizardStep::Place if wizard.place_asked => go_on(wizard, place, effects),
        // The job will ask, or has ended by itself.
        WizardStep::Place if wizard.relevel => {}
        WizardStep::Place if wizard.password.is_empty() => wizard.step = WizardStep::Password,
        WizardStep::Place => begin(model, place, effects),
        _ => {}
    }
}

/// The job that the registry made a set-up of goes on.
fn go_on(wizard: &mut Wizard, place: Place, effects: &mut Vec<Effect>) {
    if let Some(id) = wizard.job {
        scan(wizard, "Going on with the set-up");
        let answer = Answer::Place(place);
        effects.push(Effect::Answer { id, answer });
    }
}

/// To the Scan step, with nothing there yet.
fn scan(wizard: &mut Wizard, doing: &'static str) {
    wizard.step = WizardStep::Scan;
    wizard.doing = Some(doing);
    wizard.place_asked = false;
    wizard.error = None;
    wizard.enrolment = None;
    wizard.confirm = None;
    wizard.key_shown = true;
    wizard.code.clear();
    wizard.tried = None;
    wizard.judged = None;
    wizard.stopping = false;
    wizard.leave = LeaveChoice::Stay;
    wizard.nudge = 0;
    wizard.place.forget();
}

/// The password goes out with the request; the model keeps none.
fn begin(model: &mut Model, place: Place, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    scan(wizard, "Asking the registry for a set-up");
    let enable = Request::Enable {
        level: wizard.level,
        password: wizard.password.take(),
        place,
        clear_pending: wizard.pending,
    };
    let id = request::start(model, enable, Asking::Allowed, effects);
    if let Some(wizard) = &mut model.wizard {
        wizard.job = Some(id);
    }
}

/// The wizard, if this job is its own.
pub(super) fn of(model: &mut Model, id: RequestId) -> Option<&mut Wizard> {
    let wizard = model.wizard.as_mut();
    wizard.filter(|wizard| wizard.job == Some(id))
}

/// True when the open wizard follows this job.
pub(in super::super) fn owns(model: &Model, id: RequestId) -> bool {
    let wizard = model.wizard.as_ref();
    wizard.is_some_and(|wizard| wizard.job == Some(id))
}

/// The wizard can follow the set-up that this job came to.
fn free_for(model: &Model, id: RequestId) -> bool {
    let relevel = |request: &InFlight| request.purpose == Purpose::ChangeLevel;
    let free = |wizard: &Wizard| match wizard.job {
        Some(job) => job == id && wizard.step < WizardStep::Codes && !wizard.stopping,
        None => wizard.codes.is_none(),
    };
    model.requests.get(&id).is_some_and(relevel) && model.wizard.as_ref().is_none_or(free)
}

/// The registry began a new set-up where another level was asked for: 2FA is off until that is confirmed, so the
/// person walks the rest of the way from the Place step on.
fn begun_elsewhere(model: &mut Model, id: RequestId, level: Level, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    model.security.change.take_if(|c| c.sent == Some(id));
    account::set_tfa(model, Tfa::Pending(Some(level)));
    security::set_up_begun(model);
    if !matches!(model.overlay, Some(Overlay::Leave { .. })) {
        model.overlay = None;
    }
    if of(model, id).is_none() {
        let wizard = super::fresh(model);
        model.wizard = Some(Wizard {
            step: WizardStep::Place,
            level,
            relevel: true,
            job: Some(id),
            ..wizard
        });
        super::suggest(model, effects);
        account::read(model, Asking::Never, effects);
    }
    if let Some(wizard) = of(model, id) {
        wizard.step = WizardStep::Place;
        wizard.enrolment = None;
        wizard.confirm = None;
        wizard.leaving = false;
        wizard.doing = None;
        wizard.place_asked = true;
    }
    model.warn("The registry began a new set-up for this level: 2FA is off until you confirm it.");
}

/// A level change has ended as one after all: what the wizard was opened for is over.
pub(in super::super) fn superseded(model: &mut Model, id: RequestId) {
    model
        .wizard
        .take_if(|wizard| wizard.job == Some(id) && wizard.codes.is_none());
}

/// The registry has begun a set-up.
pub(in super::super) fn enrolled(
    model: &mut Model,
    id: RequestId,
    enrolment: Arc<Enrolment>,
    effects: &mut Vec<Effect>,
) {
    if let Some(wizard) = of(model, id)
        && wizard.step == WizardStep::Scan
    {
        wizard.enrolment = Some(enrolment);
        wizard.doing = None;
        demo::ask(model, effects);
    }
}

/// What the job is doing.
pub(in super::super) fn doing(model: &mut Model, id: RequestId, doing: &'static str) {
    if let Some(wizard) = of(model, id) {
        wizard.doing = Some(doing);
    }
}

/// The job asks. One whose wizard was left gets the answer that leaves everything as it is, but
/// codes that came after all open the wizard again (see [`codes::codes`]).
pub(in super::super) fn asked(
    model: &mut Model,
    id: RequestId,
    question: Question,
    effects: &mut Vec<Effect>,
) {
    if !model.requests.contains_key(&id) {
        return;
    }
    let now = model.now;
    if let Question::NewSetUp(level) = question
        && free_for(model, id)
    {
        return begun_elsewhere(model, id, level, effects);
    }
    let Some(wizard) = of(model, id) else {
        if let Question::Confirm(_) | Question::NewSetUp(_) = question {
            let answer = Answer::Leave { clear: false };
            effects.push(Effect::Answer { id, answer });
        }
        return;
    };
    match question {
        Question::Confirm(_) if wizard.step != WizardStep::Scan => {}
        Question::Confirm(_) | Question::NewSetUp(_) if wizard.stopping => {
            let clear = wizard.leave == LeaveChoice::Clear;
            let answer = Answer::Leave { clear };
            effects.push(Effect::Answer { id, answer });
        }
        Question::Confirm(confirm) => {
            wizard.wait_until = confirm.wait.map(|wait| now.mono.saturating_add(wait));
            judged(wizard, confirm.refused.as_ref(), now.wall);
            // What was typed before the first question is an answer to it.
            if confirm.attempt > 1 {
                wizard.code.clear();
            }
            wizard.doing = None;
            wizard.nudge = 0;
            wizard.confirm = Some(confirm);
            demo::ask(model, effects);
        }
        Question::CodesShown => codes::shown(wizard),
        Question::OtherPlace(why) => codes::other_place(wizard, why),
        Question::Proof(proof) => codes::proof(wizard, proof, effects),
        Question::NewSetUp(_)
        | Question::Challenge(_)
        | Question::Web(_)
        | Question::SignIn(_)
        | Question::Installed { .. }
        | Question::InPlace(_)
        | Question::Emergency(_) => {}
    }
}

/// Keeps what was found here about the last code: the registry's refusal of one that was sent all the same does
/// not make it right.
fn judged(wizard: &mut Wizard, refused: Option<&CodeRefused>, at: Timestamp) {
    wizard.judged = match refused {
        Some(CodeRefused::Here(diagnosis @ (Diagnosis::OtherKey | Diagnosis::OtherTime(_)))) => {
            Some(Judged {
                diagnosis: *diagnosis,
                at,
                insisted: false,
            })
        }
        Some(CodeRefused::There(_) | CodeRefused::Again) => {
            wizard.judged.filter(|judged| judged.insisted)
        }
        _ => None,
    };
}

/// The open question of the job is open no more.
pub(in super::super) fn cleared(model: &mut Model, id: RequestId) {
    if let Some(wizard) = of(model, id) {
        wizard.confirm = None;
        wizard.place_asked = false;
        wizard.codes_asked = false;
        if wizard.other_place.take().is_some() {
            wizard.place.forget();
        }
        wizard.proof = None;
    }
}

/// Enter at the code.
pub(in super::super) fn send_code(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    let code = challenge::without_blanks(wizard.code.value());
    if code.is_empty() {
        model.plain("Type the code that the app shows for the new entry.");
        return;
    }
    if let Some(id) = wizard.job {
        wizard.code.clear();
        wizard.confirm = None;
        let same = wizard.tried.as_ref().is_some_and(|t| t.matches(&code));
        wizard.judged = wizard.judged.filter(|_| same).map(|judged| Judged {
            insisted: true,
            ..judged
        });
        wizard.tried = Some(Secret::from(code.expose().as_str()));
        wizard.doing = Some("The registry is looking at the code");
        let answer = Answer::Code(code);
        effects.push(Effect::Answer { id, answer });
    }
}

/// Copies the key, for an authenticator on this machine.
pub(in super::super) fn copy_key(model: &mut Model, effects: &mut Vec<Effect>) {
    let enrolment = model.wizard.as_ref().and_then(|w| w.enrolment.as_ref());
    if let Some(enrolment) = enrolment {
        let mut text = Secret::with_capacity(enrolment.key().expose().len());
        text.expose_mut().push_str(enrolment.key().expose());
        effects.push(Effect::Copy {
            what: "the key",
            text,
            sensitive: true,
        });
    }
}

/// Shows the key, or hides it.
pub(in super::super) fn toggle_key(model: &mut Model) {
    if let Some(wizard) = &mut model.wizard {
        wizard.key_shown = !wizard.key_shown;
    }
}

/// Draws the QR code another way.
pub(in super::super) fn next_qr(model: &mut Model) {
    if let Some(wizard) = &mut model.wizard {
        wizard.qr = wizard.qr.next();
        model.qr = wizard.qr;
    }
}

/// Esc from Scan on: asks, or closes the wizard over a job that was given up already.
pub(in super::super) fn ask_to_leave(model: &mut Model) {
    exposure::hide_all(model);
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    if wizard.stopping {
        model.wizard = None;
        model
            .warn("The set-up was left while the registry was at it: press r to see what it says.");
    } else {
        wizard.leaving = true;
        wizard.leave = LeaveChoice::Stay;
    }
}

/// The answer to that question. A job that asks nothing at the moment is given up instead.
pub(super) fn leave(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    wizard.leaving = false;
    let clear = match wizard.leave {
        LeaveChoice::Stay => return,
        LeaveChoice::Clear => true,
        LeaveChoice::Keep => false,
    };
    let Some(id) = wizard.job else {
        model.wizard = None;
        return;
    };
    wizard.stopping = true;
    wizard.code.clear();
    let asked = wizard.confirm.take().is_some() || wizard.place_asked;
    if wizard.step == WizardStep::Place {
        place::leave(model, effects);
    }
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    if wizard.step == WizardStep::Place {
        wizard.step = WizardStep::Scan;
    }
    wizard.place_asked = false;
    wizard.nudge = 0;
    if asked {
        wizard.doing = Some(if clear {
            "Clearing the half-done set-up"
        } else {
            "Leaving the set-up"
        });
        let answer = Answer::Leave { clear };
        effects.push(Effect::Answer { id, answer });
    } else {
        wizard.doing = Some("Leaving the set-up");
        request::cancel(model, id, effects);
    }
}

/// The job has ended. Whatever it was, the header and the screens read anew what is true now.
pub(in super::super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<Enabled, Failure>,
    effects: &mut Vec<Effect>,
) {
    if let Ok(Enabled::On { level, .. } | Enabled::OnWithoutCodes { level, .. }) = &result {
        account::set_tfa(model, Tfa::On(*level));
        let codes = matches!(result, Ok(Enabled::On { .. }));
        emergency::set_up(model, codes);
    }
    if let Ok(Enabled::NotTaken(refusal)) = &result {
        model.refusal = Some(refusal.clone());
    }
    if let Some(wizard) = of(model, id) {
        let relevel = wizard.relevel;
        end(model, result, relevel);
    } else {
        say(model, &result, false);
    }
    account::read(model, Asking::Never, effects);
    recovery::read(model, Asking::Never, effects);
}

fn end(model: &mut Model, result: Result<Enabled, Failure>, relevel: bool) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    place::spend(&mut wizard.place);
    wizard.place.forget();
    wizard.nudge = 0;
    wizard.place_asked = false;
    wizard.confirm = None;
    wizard.doing = None;
    wizard.leaving = false;
    wizard.codes_asked = false;
    wizard.other_place = None;
    wizard.proof = None;
    wizard.job = None;
    if wizard.codes.is_some() {
        // The job is gone and the codes were not proved: they stay until the person lets them go.
        if let Err(why) = &result {
            let why = why.clone();
            wizard.error = Some(why.clone());
            wizard.end = Some(result);
            model.bad(&why);
        } else {
            wizard.end = Some(result);
        }
        return;
    }
    wizard.tried = None;
    wizard.judged = None;
    let begun = wizard.enrolment.take().is_some();
    match result {
        Ok(Enabled::Left { .. }) if wizard.step < WizardStep::Codes => {
            say(model, &result, relevel);
            model.wizard = None;
            model.screen = Screen::Security;
        }
        Err(why) if why.kind == FailureKind::Cancelled && wizard.stopping => {
            model.bad(&why);
            model.wizard = None;
            model.screen = Screen::Security;
        }
        // Nothing was begun: what can be mended is mended where it was typed.
        Err(why) if !begun && !relevel && mendable(wizard.step, why.kind) => {
            wizard.stopping = false;
            if why.kind == FailureKind::Local {
                wizard.step = WizardStep::Place;
                wizard.place.proved = None;
                wizard.place.error = Some(why.clone());
            } else {
                // The password went out with the request, so it is asked for again.
                wizard.step = WizardStep::Password;
                wizard.error = Some(why.clone());
            }
            model.bad(&why);
        }
        result => {
            wizard.step = WizardStep::Done;
            wizard.end = Some(result);
        }
    }
}

const fn mendable(step: WizardStep, kind: FailureKind) -> bool {
    matches!(step, WizardStep::Scan)
        && matches!(
            kind,
            FailureKind::Refused
                | FailureKind::Network
                | FailureKind::Local
                | FailureKind::Cancelled
                | FailureKind::NeedsSecondFactor
        )
}

/// The end in one line, for a wizard that is not open any more.
fn say(model: &mut Model, result: &Result<Enabled, Failure>, relevel: bool) {
    match result {
        Ok(Enabled::Left { cleared: true }) if relevel => model.ended(
            Tone::Warning, "Left; 2FA is OFF now. Remove its entries, old and new, from your authenticator app; e turns it on anew.",
        ),
        Ok(Enabled::Left { cleared: false }) if relevel => model.ended(
            Tone::Warning, "Left; 2FA is OFF now, with a half-done set-up on the registry. Press e to begin anew, or d to clear it.",
        ),
        Ok(Enabled::On { level, .. }) => model.good(format!(
            "Two-factor authentication is on: {}.",
            level.word()
        )),
        Ok(Enabled::OnWithoutCodes { why, .. }) => model.ended(Tone::Warning, format!(
            "Two-factor authentication is on, but you have no recovery codes ({}). \
             Get new ones while you have your authenticator.",
            why.what
        )),
        Ok(Enabled::Left { cleared: true }) => model.ended(
            Tone::Plain, "Left; the registry keeps nothing of the set-up. Remove its entry from your authenticator app.",
        ),
        Ok(Enabled::Left { cleared: false }) => model.ended(
            Tone::Warning, "Left; a half-done set-up remains on the registry. Press e to begin anew, or d to clear it.",
        ),
        Ok(Enabled::NotTaken(Refusal::NotOffered(said))) => model.ended(Tone::Warning, format!(
            "This registry has no two-factor authentication: {said}"
        )),
        Ok(Enabled::NotTaken(Refusal::Closed(said))) => model.ended(Tone::Warning, format!(
            "This registry takes no set-up from a program; use its website. It says: {said}"
        )),
        Err(why) => model.bad(why),
    }
}
