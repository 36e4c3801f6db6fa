//! How a rotation goes and ends, whether its page is open, behind the screen, or gone.

use std::sync::Arc;

use super::{bare, show};
use crate::app::created::{self, ValueCard};
use crate::app::model::{Done, Installed, Model, RotateStage, Running, Stopping};
use crate::app::{Effect, account, tokens, unfinished};
use crate::backend::protocol::{Asking, RequestId, Rotated};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::rotation::{RotateState, RotateStep, in_words_of};
use crate::domain::text::Text;

/// How a person goes on from the tokens' screen.
const GO_ON_HERE: &str = "R on the tokens goes on with it, F forgets it.";

pub(super) fn of(model: &mut Model, id: RequestId) -> Option<&mut Running> {
    match &mut model.rotation.as_mut()?.stage {
        RotateStage::Running(running) if running.id == id => Some(running),
        _ => None,
    }
}

/// A step changed.
pub(in crate::app) fn step(model: &mut Model, id: RequestId, step: RotateStep, state: RotateState) {
    if let Some(running) = of(model, id)
        && let Some((_, at)) = running.steps.iter_mut().find(|(of, _)| *of == step)
    {
        *at = state;
        running.doing = None;
    }
}

/// What it is at, besides its steps.
pub(in crate::app) fn doing(model: &mut Model, id: RequestId, doing: &'static str) {
    if let Some(running) = of(model, id) {
        running.doing = Some(doing);
    }
}

/// The page that a question of this request is asked on; one is opened where it was left in a way that is not foreseen.
pub(super) fn page(
    model: &mut Model,
    id: RequestId,
    name: impl FnOnce() -> Text,
) -> Option<&mut Running> {
    if !model.requests.contains_key(&id) {
        return None;
    }
    if of(model, id).is_none() {
        let stage = RotateStage::Running(Running::new(id));
        model.rotation = Some(bare(name(), stage));
    }
    show(model);
    let running = of(model, id)?;
    if running.stopping == Stopping::Asked {
        running.stopping = Stopping::No;
    }
    Some(running)
}

/// It is over.
pub(in crate::app) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<Rotated, Failure>,
    effects: &mut Vec<Effect>,
) {
    // What it leaves is offered, and what is over is not offered any more.
    unfinished::look(model, effects);
    let held = of(model, id).map(|running| std::mem::replace(running, Running::new(id)));
    let Some(running) = held.or_else(|| unheld(model, id, &result)) else {
        if result.is_ok() {
            tokens::read(model, Asking::Never, effects);
        }
        return;
    };
    let made = running.is_done(RotateStep::Create) || running.installed.is_some();
    let rotated = match result.and_then(not_made) {
        Ok(rotated) => rotated,
        Err(why) if !made => return failed(model, &why),
        Err(why) => Rotated {
            value: running
                .installed
                .as_ref()
                .map(|asked| Arc::clone(&asked.card.value)),
            token: running.installed.as_ref().map(|asked| asked.token.clone()),
            registry: running
                .installed
                .as_ref()
                .map(|asked| asked.card.registry.clone())
                .unwrap_or_default(),
            is_old: false,
            steps: running.steps,
            remains: vec![Text::from(why.to_string())],
            open: true,
        },
    };
    ended(model, rotated, running.installed, effects);
}

/// No page is open for it: one is, where there is something to do.
fn unheld(model: &mut Model, id: RequestId, result: &Result<Rotated, Failure>) -> Option<Running> {
    match result {
        Err(why) => {
            model.bad(why);
            None
        }
        Ok(rotated) if rotated.value.is_none() && rotated.remains.is_empty() => {
            model.good("The token is rotated.");
            None
        }
        Ok(rotated) => {
            let label = rotated
                .token
                .as_ref()
                .map_or("a token", |token| token.label());
            let stage = RotateStage::Running(Running::new(id));
            model.rotation = Some(bare(Text::new(label), stage));
            Some(Running::new(id))
        }
    }
}

/// Where not even a new token was made there is something to mend in the form.
fn not_made(rotated: Rotated) -> Result<Rotated, Failure> {
    if rotated.token.is_some() || rotated.value.is_some() || !rotated.remains.is_empty() {
        return Ok(rotated);
    }
    let failed = rotated.steps.iter().find_map(|(step, state)| match state {
        RotateState::Failed(why) if *step == RotateStep::Create => Some(why.clone()),
        _ => None,
    });
    failed.map_or(Ok(rotated), Err)
}

/// Nothing was made.
fn failed(model: &mut Model, why: &Failure) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    if rotation.aside || rotation.token.is_none() || rotation.resumes.is_some() {
        model.rotation = None;
        model.bad(why);
        return;
    }
    rotation.stage = RotateStage::Form;
    rotation.form.failed(why.clone());
    // The form says why, but goes with an account that is not accepted any more.
    if why.kind == FailureKind::SignedOut {
        model.bad(why);
    }
}

fn ended(model: &mut Model, rotated: Rotated, held: Option<Installed>, effects: &mut Vec<Effect>) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let card = rotated.value.map(|value| {
        let held = held.filter(|_| !rotated.is_old);
        let fresh = || ValueCard::new(rotated.registry, value);
        let mut card = held.map_or_else(fresh, |asked| asked.card);
        card.shown = true;
        card.leaving = None;
        card.is_old = rotated.is_old;
        card
    });
    let in_use = rotation
        .token
        .as_ref()
        .is_some_and(|old| old.in_use().is_some());
    let key = rotated.token.as_ref().map(|token| token.key.clone());
    let nothing_to_do = card.is_none() && rotated.remains.is_empty();
    if rotation.aside && nothing_to_do {
        let said = format!("{} is rotated.", rotation.called(44));
        model.rotation = None;
        model.good(said);
    } else {
        rotation.stage = RotateStage::Done(Done {
            steps: rotated.steps,
            token: rotated.token,
            card,
            remains: in_words_of(&rotated.remains, GO_ON_HERE),
        });
        show(model);
    }
    created::listed(model, key, effects);
    if in_use && model.account.pending().is_none() {
        account::read(model, Asking::Never, effects);
    }
}
