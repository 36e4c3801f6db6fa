//! Rotating a token: a new one takes the old one's place, step by step. Whatever comes in between, the screen says which
//! of the two lives, and the value is held until something else has it.

mod again;
mod begin;
mod ended;
mod in_place;
pub(super) mod model;
mod places;
mod stop;
mod value;
mod words;

use std::collections::BTreeSet;

use super::create::{TokenForm, TokenKind};
use super::created::ValueCard;
use super::keymap::{Action, Move, Reason, Scope};
use super::model::{Model, Overlay, RotateStage, Rotation, Running};
use super::request::{self, Purpose};
use super::scroll::moved;
use super::{Effect, exposure};
use crate::backend::protocol::{Asking, Request};
use crate::domain::text::Text;
use crate::domain::token::TokenKey;

pub use again::{Listed, resume};
pub(super) use begin::{back, send};
pub(super) use ended::{doing, finished, step};
pub(super) use in_place::in_place;
pub use places::RotatePlace;
pub(super) use stop::stop_means;
pub(super) use value::{
    card, card_of, cleared, decide_leaving, installed, is_aside, is_in_place, uncopied,
};
pub use words::called;
pub(super) use words::word;

/// About how many lines a page of a rotation has besides its value.
const AROUND: usize = 30;

/// Why no rotation can be begun.
pub(super) fn enabled(model: &Model) -> Result<(), Reason> {
    if model.rotation.as_ref().is_some_and(|r| r.aside) {
        return Ok(());
    }
    for (purpose, what) in [
        (Purpose::Rotate, "An earlier rotation has not ended yet."),
        (
            Purpose::Revoke,
            "A revocation is under way; it has to end first.",
        ),
        (
            Purpose::CreateToken,
            "An earlier request for a token has not ended yet.",
        ),
    ] {
        if model.running(purpose).is_some() {
            return Err(what.into());
        }
    }
    Ok(())
}

/// One of which nothing but its name is known.
fn bare(name: Text, stage: RotateStage) -> Rotation {
    Rotation {
        old: TokenKey::new(""),
        name,
        token: None,
        resumes: None,
        unlike: None,
        lost: Vec::new(),
        unticked: BTreeSet::new(),
        elsewhere: None,
        at: 0,
        form: TokenForm::new(TokenKind::Granular),
        stage,
        aside: false,
        scroll: 0,
    }
}

/// The scope of what is open.
pub(super) fn scope(model: &Model) -> Option<Scope> {
    let rotation = model.rotation.as_ref().filter(|r| !r.aside)?;
    Some(match &rotation.stage {
        RotateStage::Ask(_) => Scope::RotateAsk,
        RotateStage::Places => Scope::RotatePlaces,
        RotateStage::Leaving(_) => Scope::RotateLeaving,
        RotateStage::Form => return None,
        RotateStage::Running(running) if running.in_place.is_some() => Scope::RotateInPlace,
        RotateStage::Running(running) => match running.asks() {
            Some(asked) => asked.card.scope().unwrap_or(Scope::RotateInstalled),
            None => Scope::RotateRunning,
        },
        RotateStage::Done(done) => {
            let above = done.card.as_ref().and_then(ValueCard::scope);
            above.unwrap_or(Scope::RotateDone)
        }
    })
}

/// The form, while it is open.
pub(super) fn form(model: &Model) -> Option<&TokenForm> {
    let rotation = model.rotation.as_ref().filter(|r| !r.aside)?;
    matches!(rotation.stage, RotateStage::Form).then_some(&rotation.form)
}

/// See [`form`].
pub(super) fn form_mut(model: &mut Model) -> Option<&mut TokenForm> {
    let rotation = model.rotation.as_mut().filter(|r| !r.aside)?;
    matches!(rotation.stage, RotateStage::Form).then_some(&mut rotation.form)
}

/// The page begins at its first line again.
pub(super) fn to_the_top(model: &mut Model) {
    if let Some(rotation) = &mut model.rotation {
        rotation.scroll = 0;
    }
}

/// Does what was meant on a page of it.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Rotate => begin::open(model, effects),
        Action::RotateTick => begin::tick(model),
        Action::RotateOn => begin::on(model),
        Action::StopRotate => stop::stop(model, effects),
        Action::KeepRotating => stop::keep(model),
        Action::CloseRotate => value::close(model),
        _ => {}
    }
}

/// Moves between the ticks, or through the page.
pub(super) fn go(model: &mut Model, step: Move) {
    let places = model.rotate_places();
    let page = model.list_rows();
    let columns = usize::from(model.size.0.clamp(20, 80)) - 4;
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let long = card_of(rotation).map_or(0, |card| card.value.chars() / columns);
    match &rotation.stage {
        RotateStage::Places => {
            rotation.at = moved(rotation.at, step, page, begin::ticks(&places) - 1);
        }
        _ => rotation.scroll = moved(rotation.scroll, step, page, long + AROUND),
    }
}

/// The questions with two answers, of which the harmless one has the focus at first.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    match &mut rotation.stage {
        RotateStage::Ask(ask) => match (action, ask.yes) {
            (Action::Switch, _) => ask.yes = !ask.yes,
            (Action::Yes, _) | (Action::Take, true) => again::go_on(model, effects),
            _ => again::leave(model),
        },
        RotateStage::Leaving(yes) => match (action, *yes) {
            (Action::Switch, _) => *yes = !*yes,
            (Action::Yes, _) | (Action::Take, true) => begin::drop_unsent(model),
            _ => rotation.stage = RotateStage::Places,
        },
        RotateStage::Running(running) if running.in_place.is_some() => {
            in_place::answer(running, action, effects);
        }
        RotateStage::Running(_) => value::answer(model, action, effects),
        _ => {}
    }
}

/// The request is out: its steps are shown from here on.
fn start<'m>(
    model: &'m mut Model,
    request: Request,
    effects: &mut Vec<Effect>,
) -> Option<&'m mut Running> {
    let id = request::start(model, request, Asking::Allowed, effects);
    let rotation = model.rotation.as_mut()?;
    rotation.stage = RotateStage::Running(Running::new(id));
    rotation.scroll = 0;
    ended::of(model, id)
}

/// In front of whatever the person is at: a value may stand nowhere else.
fn show(model: &mut Model) {
    exposure::hide_all(model);
    if !matches!(model.overlay, Some(Overlay::Leave { .. })) {
        model.overlay = None;
    }
    if let Some(rotation) = &mut model.rotation {
        rotation.aside = false;
        rotation.scroll = 0;
    }
}

/// Another account is there: what was not sent goes with it.
pub(super) fn forget(model: &mut Model) {
    let unsent = model.rotation.as_ref().is_some_and(Rotation::is_unsent);
    if unsent {
        model.rotation = None;
    }
}
