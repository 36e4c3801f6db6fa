//! The demo authenticator's line: a stand-in for the newcomer's phone, and for the mail.

use std::time::Duration;

use super::model::Model;
use super::notice::seconds_left;
use super::{DemoCode, Effect};

/// Opens or closes the line.
pub(super) fn toggle(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(demo) = &mut model.demo {
        demo.open = !demo.open;
        demo.code = None;
        demo.code_until = None;
    }
    ask(model, effects);
}

/// Asks what the authenticator shows, if its line is open: at the start, and when that may have changed.
pub(super) fn ask(model: &Model, effects: &mut Vec<Effect>) {
    if model.demo.as_ref().is_some_and(|demo| demo.open) {
        effects.push(Effect::DemoAuthenticator);
    }
}

/// The authenticator has answered.
pub(super) fn code(model: &mut Model, code: Option<DemoCode>) {
    let now = model.now.mono;
    if let Some(demo) = model.demo.as_mut().filter(|demo| demo.open) {
        let lasts = |code: &DemoCode| now + Duration::from_secs(code.seconds_left.clamp(1, 600));
        demo.code_until = code.as_ref().map(lasts);
        demo.code = code;
    }
}

/// Counts the code's seconds down, and asks for the next one at its end.
pub(super) fn advance(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(demo) = &mut model.demo else {
        return;
    };
    match (demo.code_until, &mut demo.code) {
        (Some(until), Some(code)) if until > now => code.seconds_left = seconds_left(until, now),
        (Some(_), _) => {
            demo.code = None;
            demo.code_until = None;
            ask(model, effects);
        }
        (None, _) => {}
    }
}

/// Turns from the authenticator to the mail, and back, as the question in front wants it.
pub(super) fn turn(model: &mut Model, effects: &mut Vec<Effect>) {
    let mail = (model.challenges.first()).is_some_and(|asked| asked.challenge.by_email);
    if let Some(demo) = model.demo.as_mut().filter(|demo| demo.mail != mail) {
        demo.mail = mail;
        demo.code = None;
        demo.code_until = None;
        ask(model, effects);
    }
}
