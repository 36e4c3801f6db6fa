//! The value of a rotation's new token: what has it, who puts it elsewhere, and leaving it.

use std::sync::Arc;

use super::ended::{of, page};
use super::stop;
use crate::app::Effect;
use crate::app::created::ValueCard;
use crate::app::keymap::Action;
use crate::app::model::{Installed, Model, RotateStage, Rotation, Screen, Stopping};
use crate::backend::protocol::{Answer, RequestId};
use crate::domain::rotation::RotateStep;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};

/// The value that it holds.
pub(in crate::app) fn card(model: &Model) -> Option<&ValueCard> {
    match &model.rotation.as_ref()?.stage {
        RotateStage::Running(running) => running.installed.as_ref().map(|asked| &asked.card),
        RotateStage::Done(done) => done.card.as_ref(),
        _ => None,
    }
}

/// See [`card`].
pub(in crate::app) fn card_of(rotation: &mut Rotation) -> Option<&mut ValueCard> {
    match &mut rotation.stage {
        RotateStage::Running(running) => running.installed.as_mut().map(|asked| &mut asked.card),
        RotateStage::Done(done) => done.card.as_mut(),
        _ => None,
    }
}

/// What is held stands behind the screen.
pub(in crate::app) fn is_aside(model: &Model) -> bool {
    model.created.is_none() && model.rotation.as_ref().is_some_and(|r| r.aside)
}

/// The value stands in a file of this machine already.
pub(in crate::app) fn is_in_place(model: &Model) -> bool {
    matches!(
        model.rotation.as_ref().map(|rotation| &rotation.stage),
        Some(RotateStage::Running(running)) if running.is_done(RotateStep::Write)
    )
}

/// The new token whose value nothing but the screen has.
pub(in crate::app) fn uncopied(model: &Model) -> Option<&TokenKey> {
    card(model).filter(|card| card.written.is_none() && !is_in_place(model))?;
    match &model.rotation.as_ref()?.stage {
        RotateStage::Running(running) => running.installed.as_ref().map(|asked| &asked.token.key),
        RotateStage::Done(done) if done.card.as_ref().is_some_and(|card| card.is_old) => {
            Some(&model.rotation.as_ref()?.old)
        }
        RotateStage::Done(done) => done.token.as_ref().map(|token| &token.key),
        _ => None,
    }
}

/// The value is in its places on this machine; is it everywhere else, too?
pub(in crate::app) fn installed(
    model: &mut Model,
    id: RequestId,
    (registry, value): (Text, Arc<Secret<String>>),
    token: Box<Token>,
) {
    let Some(running) = page(model, id, || Text::new(token.label())) else {
        return;
    };
    running.installed = Some(Installed {
        card: ValueCard::new(registry, value),
        token,
        yes: false,
        answered: false,
    });
}

/// The question is not open any more.
pub(in crate::app) fn cleared(model: &mut Model, id: RequestId) {
    let Some(running) = of(model, id) else {
        return;
    };
    running.in_place = None;
    if let Some(asked) = running.installed.as_mut() {
        asked.answered = true;
        asked.card.shown = false;
        asked.card.leaving = None;
        asked.card.writing = None;
    }
}

/// The answer to the question whether it is installed everywhere.
pub(super) fn answer(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let in_place = is_in_place(model);
    let Some(Rotation {
        stage: RotateStage::Running(running),
        scroll,
        ..
    }) = &mut model.rotation
    else {
        return;
    };
    let stopping = running.stopping;
    let Some(asked) = &mut running.installed else {
        return;
    };
    match (action, asked.yes) {
        // Enter is the answer to the question that Esc has asked, and no other key is an answer to both.
        (Action::Take, _) if stopping == Stopping::Asked => stop::keep(model),
        _ if stopping == Stopping::Asked => {
            let said = stop::means(running);
            model.warn(said);
        }
        _ if stopping == Stopping::Sent => {
            model.plain("It is being stopped: both tokens are kept.");
        }
        (Action::Switch, _) => asked.yes = !asked.yes,
        (Action::Yes, _) | (Action::Take, true) if in_place || asked.card.is_kept() => {
            go_on(model, effects);
        }
        (Action::Yes, _) | (Action::Take, true) => {
            asked.card.leaving = Some(false);
            *scroll = 0;
        }
        _ => model.plain(
            "The old token stays until you say that the new one is everywhere. Esc keeps both.",
        ),
    }
}

/// It is installed everywhere.
fn go_on(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(Rotation {
        stage: RotateStage::Running(running),
        scroll,
        ..
    }) = &mut model.rotation
        && let Some(asked) = &mut running.installed
    {
        asked.answered = true;
        asked.card.shown = false;
        asked.card.writing = None;
        *scroll = 0;
        effects.push(Effect::Answer {
            id: running.id,
            answer: Answer::GoOn,
        });
    }
}

/// Leaves the end; a value that nothing else has asks first.
pub(super) fn close(model: &mut Model) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    match card_of(rotation) {
        Some(card) if !card.is_kept() => {
            card.leaving = Some(false);
            rotation.scroll = 0;
        }
        _ => {
            model.rotation = None;
            model.screen = Screen::Tokens;
        }
    }
}

/// The answer to the question before a value is left that nothing else has.
pub(in crate::app) fn decide_leaving(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let Some(card) = card_of(rotation) else {
        return;
    };
    let Some(yes) = &mut card.leaving else {
        return;
    };
    match (action, *yes) {
        (Action::Switch, _) => *yes = !*yes,
        (Action::Yes, _) | (Action::Take, true) => {
            card.leaving = None;
            if matches!(rotation.stage, RotateStage::Done(_)) {
                model.rotation = None;
                model.screen = Screen::Tokens;
            } else {
                go_on(model, effects);
            }
        }
        _ => card.leaving = None,
    }
}
