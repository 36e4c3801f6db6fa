//! Where the recovery codes go: a file that was proved writable, or the person's own hands.

use std::path::PathBuf;

use super::super::field::Field;
use super::super::model::{Model, PlaceChoice, PlaceForm, WizardStep};
use super::super::{Effect, exposure, request};
use super::job;
use crate::backend::protocol::{Asking, PlaceWish, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::{PASSPHRASE_LEAST, Place, passphrase_will_do};
use crate::domain::text::Text;

/// The word that accepts to copy the codes by hand.
pub const MYSELF: &str = "myself";

/// Enter: on to the passphrase's second field; else the place is checked, and used when there is nothing left to know
/// about it.
pub(super) fn next(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    let form = &mut wizard.place;
    form.error = None;
    if let Some((place, _)) = form.proof() {
        let place = place.clone();
        return job::take_place(model, place, effects);
    }
    if form.proving.is_some() {
        return model.plain("One moment: the place is being checked.");
    }
    let wish = match form.choice {
        PlaceChoice::Copy | PlaceChoice::Print => by_hand(form).map(|()| None),
        PlaceChoice::File => file(form).map(Some),
        PlaceChoice::Vault if !form.at_again && passphrase_will_do(form.passphrase.value()) => {
            form.at_again = true;
            return exposure::hide_all(model);
        }
        PlaceChoice::Vault => vault(form, &wizard.account).map(Some),
    };
    match wish {
        Ok(Some(wish)) => prove(model, wish, effects),
        Ok(None) => job::take_place(model, Place::Myself, effects),
        Err((what, next)) => {
            form.error = Some(Failure::new(FailureKind::Local, what, next));
            exposure::hide_all(model);
        }
    }
}

/// What is wrong with what was typed, and what to do.
type Wrong = (String, &'static str);

fn by_hand(form: &PlaceForm) -> Result<(), Wrong> {
    let word = form.word.value().expose().trim();
    if word.eq_ignore_ascii_case(MYSELF) {
        Ok(())
    } else {
        Err((
            "A crash before you have a copy would lose the codes.".to_owned(),
            "Type the word myself to take them by hand all the same, or choose a file.",
        ))
    }
}

fn file(form: &PlaceForm) -> Result<PlaceWish, Wrong> {
    let path = PathBuf::from(form.path.value().expose().trim());
    if path.as_os_str().is_empty() {
        Err((
            "No file is named.".to_owned(),
            "Type where the codes are to be kept, or choose another place.",
        ))
    } else {
        Ok(PlaceWish::File(path))
    }
}

/// The passphrase leaves the form with the wish.
fn vault(form: &mut PlaceForm, account: &Text) -> Result<PlaceWish, Wrong> {
    let typed = form.passphrase.value();
    if !passphrase_will_do(typed) {
        let what = if typed.is_empty() {
            "No passphrase is typed."
        } else {
            "The passphrase is too short."
        };
        form.at_again = false;
        form.again.clear();
        return Err((
            format!("{what} It needs {PASSPHRASE_LEAST} characters or more, blanks not counted."),
            "Take four or five words that do not belong together.",
        ));
    }
    if !typed.matches(form.again.value()) {
        let what = if form.again.is_empty() {
            "The passphrase is typed once only."
        } else {
            "The two passphrases are not the same."
        };
        form.at_again = true;
        form.again.clear();
        return Err((
            what.to_owned(),
            "Type it the second time; Up leads back to the first.",
        ));
    }
    form.again.clear();
    form.at_again = false;
    form.spent = false;
    Ok(PlaceWish::Vault {
        account: account.clone(),
        passphrase: form.passphrase.take(),
    })
}

fn prove(model: &mut Model, wish: PlaceWish, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    let id = request::start(model, Request::ProvePlace(wish), Asking::Allowed, effects);
    if let Some(wizard) = &mut model.wizard {
        wizard.place.proving = Some(id);
    }
}

/// A place was proved, or will not do. An answer about a place that was changed since is not taken.
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
            if form.proof().is_none() {
                return;
            }
            if nothing_to_know {
                next(model, effects);
            } else {
                model.warn("Read the warning about this place; Enter uses it all the same.");
            }
        }
        Err(why) => {
            form.spent = form.choice == PlaceChoice::Vault;
            form.error = Some(why);
        }
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

/// Something was typed: what was proved was another place.
pub(in super::super) fn typed(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(wizard) = &mut model.wizard {
        wizard.nudge = 0;
        if !matches!(wizard.place.choice, PlaceChoice::Copy | PlaceChoice::Print) {
            wizard.place.proved = None;
        }
        wizard.place.error = None;
    }
    stop_proving(model, effects);
}

/// Gives up a proof that is under way.
fn stop_proving(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(wizard) = &mut model.wizard
        && let Some(id) = wizard.place.proving.take()
    {
        // Its passphrase went with it.
        wizard.place.spent = wizard.place.choice == PlaceChoice::Vault;
        request::cancel(model, id, effects);
    }
}

/// The Place step is left: no passphrase stays behind.
pub(super) fn leave(model: &mut Model, effects: &mut Vec<Effect>) {
    stop_proving(model, effects);
    if let Some(wizard) = &mut model.wizard {
        let form = &mut wizard.place;
        form.forget();
        form.word.clear();
        form.error = None;
    }
}

/// An encrypted file is prepared for one attempt: after it the place has to be proved anew.
pub(super) fn spend(form: &mut PlaceForm) {
    if form
        .proved
        .take_if(|(place, _)| matches!(place, Place::Vault(_)))
        .is_some()
    {
        form.spent = true;
    }
}

/// The fields in their order on the page: both of the passphrase, then one for each further place.
const STOPS: [(PlaceChoice, bool); 5] = [
    (PlaceChoice::Vault, false),
    (PlaceChoice::Vault, true),
    (PlaceChoice::Copy, false),
    (PlaceChoice::Print, false),
    (PlaceChoice::File, false),
];

/// To the next field or the one before; round and round for Tab.
pub(in super::super) fn step(
    model: &mut Model,
    back: bool,
    round: bool,
    effects: &mut Vec<Effect>,
) {
    exposure::hide_all(model);
    let Some(wizard) = &mut model.wizard else {
        return;
    };
    wizard.nudge = 0;
    let form = &wizard.place;
    let second = form.choice == PlaceChoice::Vault && form.at_again;
    let at = STOPS
        .iter()
        .position(|stop| *stop == (form.choice, second))
        .unwrap_or(0);
    let last = STOPS.len() - 1;
    let to = match (back, at) {
        (true, 0) if round => last,
        (true, at) => at.saturating_sub(1),
        (false, at) if at == last => {
            if round {
                0
            } else {
                last
            }
        }
        (false, at) => at + 1,
    };
    let (choice, second) = STOPS[to];
    if form.choice != choice {
        stop_proving(model, effects);
    }
    if let Some(wizard) = &mut model.wizard {
        let form = &mut wizard.place;
        if form.choice != choice {
            form.error = None;
        }
        form.choice = choice;
        form.at_again = second;
    }
}
