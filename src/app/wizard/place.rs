//! Where the recovery codes go: a file that was proved writable, or the person's own hands.

use std::path::PathBuf;

use super::super::field::Field;
use super::super::model::{Model, PlaceChoice, PlaceForm, WizardStep};
use super::super::{Effect, request};
use super::job;
use crate::backend::protocol::{Asking, PlaceWish, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::Place;
use crate::domain::text::Text;

/// The word that accepts to copy the codes by hand.
pub const MYSELF: &str = "myself";

/// Enter: the place is checked first, and used when there is nothing left to know about it.
pub(super) fn next(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    let form = &mut wizard.place;
    form.error = None;
    match form.choice {
        PlaceChoice::Myself if accepted(form) => job::take_place(model, Place::Myself, effects),
        PlaceChoice::Myself => {
            form.error = Some(Failure::new(
                FailureKind::Local,
                "A crash before you have copied the codes would lose them.",
                "Type the word myself to copy them by hand all the same, or choose a file.",
            ));
        }
        PlaceChoice::File => match &form.proved {
            Some((place, _)) => {
                let place = place.clone();
                job::take_place(model, place, effects);
            }
            None if form.proving.is_some() => {
                model.plain("One moment: the place is being checked.");
            }
            None => prove(model, effects),
        },
    }
}

fn accepted(form: &PlaceForm) -> bool {
    let word = form.word.value().expose().trim();
    word.eq_ignore_ascii_case(MYSELF)
}

fn prove(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    let form = &mut wizard.place;
    let path = PathBuf::from(form.path.value().expose().trim());
    if path.as_os_str().is_empty() {
        form.error = Some(Failure::new(
            FailureKind::Local,
            "No file is named.",
            "Type where the codes are to be kept, or choose to copy them yourself.",
        ));
        return;
    }
    let id = request::start(
        model,
        Request::ProvePlace(PlaceWish::File(path)),
        Asking::Allowed,
        effects,
    );
    if let Some(wizard) = &mut model.wizard {
        wizard.place.proving = Some(id);
    }
}

/// A place was proved, or will not do. An answer about a path that was changed since is not taken.
pub(in super::super) fn proved(
    model: &mut Model,
    id: RequestId,
    result: Result<(Place, Vec<Text>), Failure>,
    effects: &mut Vec<Effect>,
) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    let form = &mut wizard.place;
    if form.proving != Some(id) {
        return;
    }
    form.proving = None;
    match result {
        Ok((place, warnings)) => {
            let nothing_to_know = warnings.is_empty();
            form.proved = Some((place, warnings));
            if nothing_to_know {
                next(model, effects);
            } else {
                model.warn("Read the warning about this place; Enter uses it all the same.");
            }
        }
        Err(why) => form.error = Some(why),
    }
}

/// A file name that is free, for a person who has not typed one.
pub(in super::super) fn suggested(model: &mut Model, path: PathBuf) {
    if let Some(wizard) = &mut model.wizard
        && wizard.place.path.is_empty()
        && wizard.step < WizardStep::Scan
        && let Ok(path) = path.into_os_string().into_string()
    {
        wizard.place.path = Field::with(&path);
    }
}

/// Something was typed: what was proved was another path.
pub(in super::super) fn typed(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(wizard) = &mut model.wizard {
        wizard.place.proved = None;
        wizard.place.error = None;
    }
    stop_proving(model, effects);
}

/// Gives up a proof that is under way.
pub(super) fn stop_proving(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(wizard) = &mut model.wizard
        && let Some(id) = wizard.place.proving.take()
    {
        request::cancel(model, id, effects);
    }
}

/// The other place, or the one that is named.
pub(super) fn choose(model: &mut Model, choice: Option<PlaceChoice>, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    let form = &mut wizard.place;
    let choice = choice.unwrap_or(form.choice.other());
    if form.choice != choice {
        form.choice = choice;
        form.error = None;
        stop_proving(model, effects);
    }
}
