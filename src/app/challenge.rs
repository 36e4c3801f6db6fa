//! The registry's questions: a queue above everything but the way out of the program.

use std::time::Duration;

use super::Effect;
use super::field::Field;
use super::keymap::Action;
use super::keymap::Move;
use super::model::{Asked, Model, Spending, WebPiece};
use super::scroll::moved;
use super::{demo, exposure, recovery, request};
use crate::backend::protocol::{Answer, Asking, Challenge, RequestId};
use crate::domain::account::ProfileField;
use crate::domain::incident::Reply;
use crate::domain::secret::Secret;
use crate::domain::text::Text;

/// A key that was meant for what lay beneath is not taken.
const KEYS_COUNT_AFTER: Duration = Duration::from_millis(300);

/// No registry has shorter codes: what is shorter was typed for something else, or is not finished.
const SHORTEST: usize = 6;

/// Longer ones are recovery codes, which stay worth something: they are masked.
const LONGEST_SHOWN: usize = 10;

impl Model {
    /// The address that the registry mails codes to, as far as a profile told it.
    pub fn mail_address(&self) -> Option<&Text> {
        let snapshot = || {
            let incident = self.emergency.incident.as_ref()?;
            incident.snapshot.as_ref()?.profile.as_ref().ok()
        };
        let profile = self
            .profile()
            .or_else(|| snapshot().map(|profile| &**profile));
        let address = profile?.field(ProfileField::Email)?;
        (!address.is_empty()).then_some(address)
    }
}

/// A question came: a new one waits behind the others, another one of the same request takes its place.
pub(super) fn asked(
    model: &mut Model,
    id: RequestId,
    challenge: Challenge,
    effects: &mut Vec<Effect>,
) {
    let Some(asker) = model.requests.get(&id) else {
        return;
    };
    if asker.cancelled || asker.asking == Asking::Never {
        request::cancel(model, id, effects);
        return;
    }
    let now = model.now.mono;
    let qr = model.qr;
    let wait_until = challenge.wait.map(|wait| now.saturating_add(wait));
    if let Some(open) = model.challenges.iter_mut().find(|open| open.id == id) {
        let web = challenge.web.as_ref();
        open.web = web.map(|web| WebPiece::new(web, now, qr, open.web.take()));
        if open.challenge.action != challenge.action {
            // A page answered while a code was typed: that was for what is done by now.
            open.typed.clear();
            open.opened = open.opened.map(|_| now);
        }
        open.challenge = challenge;
        open.scroll = 0;
        // What was sent is gone from the field; what is there is being typed while a page came to nothing.
        open.typed.hide();
        open.wait_until = wait_until;
        open.answered = false;
        open.amiss = false;
        open.spending = None;
    } else {
        exposure::hide_all(model);
        let web = challenge.web.as_ref();
        model.challenges.push(Asked {
            id,
            web: web.map(|web| WebPiece::new(web, now, qr, None)),
            scroll: 0,
            challenge,
            typed: Field::plain(),
            opened: None,
            wait_until,
            answered: false,
            amiss: false,
            spending: None,
        });
        to_front(model);
    }
    demo::ask(model, effects);
}

/// The question of this request is answered, or nobody waits for the answer any more.
pub(super) fn close(model: &mut Model, id: RequestId) {
    model.challenges.retain(|open| open.id != id);
    to_front(model);
}

/// The first in the queue is the one that is seen.
fn to_front(model: &mut Model) {
    let now = model.now.mono;
    if let Some(first) = model.challenges.first_mut() {
        first.opened.get_or_insert(now);
    }
}

/// Something was typed into the open question.
pub(super) fn typed(model: &mut Model) {
    if let Some(asked) = model.challenges.first_mut() {
        asked.scroll = 0;
        asked.typed.masked = asked.typed.value().chars() > LONGEST_SHOWN;
    }
}

/// Enter: the code goes out, once. What may be a recovery code is asked about first (promise P11).
pub(super) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(asked) = model.challenges.first_mut() else {
        return;
    };
    let code = without_blanks(asked.typed.value());
    asked.amiss = code.chars() < SHORTEST;
    if code.is_empty() {
        model.plain("Type the code first.");
    } else if code.chars() < SHORTEST {
        model.plain("A code has at least six characters.");
    } else if !asked.challenge.spends(&code) {
        answer(asked, code, effects);
    } else {
        asked.typed.hide();
        asked.spending = Some(Spending {
            yes: false,
            opened: now,
        });
    }
}

fn answer(asked: &mut Asked, code: Secret<String>, effects: &mut Vec<Effect>) {
    asked.typed.clear();
    asked.answered = true;
    asked.spending = None;
    let id = asked.id;
    effects.push(Effect::Answer {
        id,
        answer: Answer::Code(code),
    });
}

/// The answer to the page about a recovery code; No has the focus at first and leads back to the field.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(asked) = model.challenges.first_mut() else {
        return;
    };
    let Some(spending) = &mut asked.spending else {
        return;
    };
    match (action, spending.yes) {
        (Action::Switch, _) => spending.yes = !spending.yes,
        (Action::Yes, _) | (Action::Take, true) => {
            // Keys that follow at once were pasted with the code by a terminal that types what it pastes.
            if spending.opened + KEYS_COUNT_AFTER <= now {
                let code = without_blanks(asked.typed.value());
                let id = asked.id;
                answer(asked, code, effects);
                recovery::spends(model, id);
            }
        }
        _ => asked.spending = None,
    }
}

/// Scrolls through what is said, while the field stays.
pub(super) fn go(model: &mut Model, step: Move) {
    let columns = usize::from(model.size.0.clamp(20, 66)) - 4;
    let page = model.list_rows() / 2;
    let rows = model.list_rows() / 4;
    if let Some(asked) = model.challenges.first_mut() {
        let texts = [&asked.challenge.action, &asked.challenge.host].into_iter();
        let address = asked.web.as_ref().map(|web| &web.page.address);
        let lines: usize = texts
            .chain(&asked.challenge.notices)
            .chain(address)
            .map(|text| text.as_str().len() / columns + 2)
            .sum();
        // Rather too far than too short: what is drawn stops at its last line.
        asked.scroll = moved(
            asked.scroll,
            step,
            page.max(1),
            (lines + 6).saturating_sub(rows),
        );
    }
}

/// Esc: what the registry asks about is given up; it never ran.
pub(super) fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    if let Some(asked) = model.challenges.first()
        && asked.opened.unwrap_or(now) + KEYS_COUNT_AFTER <= now
    {
        let (id, answered) = (asked.id, asked.answered);
        if model.emergency.job != Some(id) {
            request::cancel(model, id, effects);
            close(model, id);
        } else if answered {
            // Where the registry never answers, its question is not the last thing to be seen; a refusal asks anew.
            close(model, id);
            model.plain(
                "The code is on its way: the emergency waits for the registry's answer to it.",
            );
        } else {
            // What needs it is not sent, and the emergency goes on: leaving it is asked about on its own page.
            let answer = Answer::Emergency(Reply::Skip);
            effects.push(Effect::Answer { id, answer });
            close(model, id);
        }
    }
}

/// A code as people paste it, without blanks and line ends (promise P17).
pub(super) fn without_blanks(typed: &Secret<String>) -> Secret<String> {
    let mut code = Secret::with_capacity(typed.expose().len());
    for c in typed.expose().chars().filter(|c| !c.is_whitespace()) {
        code.expose_mut().push(c);
    }
    code
}
