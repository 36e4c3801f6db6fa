//! Adding codes that the person got elsewhere, as a rule on the registry's website: pasted, put in a place, proved.

use std::path::PathBuf;

use super::super::field::Field;
use super::super::keymap::Reason;
use super::super::model::{Model, Tone};
use super::super::{Effect, exposure, request};
use super::model::{AddField, AddForm, SetPage};
use super::{list, read};
use crate::backend::protocol::{Answer, Asking, PlaceWish, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::Standing;
use crate::domain::recovery::{PASSPHRASE_LEAST, Place, passphrase_will_do};
use crate::domain::text::Text;

/// Why no codes can be added now.
pub(super) fn enabled(model: &Model) -> Result<(), Reason> {
    list::idle(model)?;
    list::writable(model)?;
    let Some(account) = model.account.value() else {
        return Err("The account is not here yet.".into());
    };
    match &account.standing {
        Standing::SignedIn(_) => Ok(()),
        Standing::SignedOut | Standing::Rejected(_) => {
            Err("Codes are kept for the account that is signed in: A signs in.".into())
        }
    }
}

/// Opens the form, for the account that is signed in.
pub(super) fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    let Some((account, registry)) = model.account.value().and_then(|account| {
        let name = model.profile()?.name.clone();
        Some((name, account.identity.registry.clone()))
    }) else {
        return;
    };
    let suggest = Request::SuggestPlace {
        account: account.clone(),
    };
    let suggesting = request::start(model, suggest, Asking::Never, effects);
    // How something before ended is of no use above this form.
    model.notice = None;
    model.recovery.page = Some(SetPage::Add(AddForm {
        account,
        registry,
        codes: Field::lines(),
        warned: false,
        at: AddField::Codes,
        passphrase: Field::masked(),
        again: Field::masked(),
        path: Field::plain(),
        suggesting: Some(suggesting),
        proving: None,
        proved: None,
        sent: None,
        asked: false,
        stopping: false,
        error: None,
    }));
}

fn form(model: &mut Model) -> Option<&mut AddForm> {
    match &mut model.recovery.page {
        Some(SetPage::Add(form)) => Some(form),
        _ => None,
    }
}

/// A free file name for the form.
pub(super) fn suggested(model: &mut Model, id: RequestId, path: Option<&PathBuf>) -> bool {
    let Some(form) = form(model).filter(|form| form.suggesting == Some(id)) else {
        return false;
    };
    form.suggesting = None;
    if let Some(path) = path.and_then(|path| path.to_str())
        && form.path.is_empty()
    {
        form.path = Field::with(path);
    }
    true
}

/// Something was typed: what was proved was another place.
pub(super) fn typed(model: &mut Model) {
    let Some(form) = form(model) else {
        return;
    };
    form.error = None;
    form.warned = false;
    if form.at != AddField::Codes {
        form.proved = None;
    } else if form.codes.is_full() {
        model.warn("That is more than fits here: see whether the end of it is missing.");
    }
}

/// Another line of codes. A terminal that types what it pastes sends Enter at each line's end, so it goes on to nothing
/// (promise P17).
pub(super) fn line(model: &mut Model) {
    if let Some(form) = form(model) {
        form.codes.insert("\n");
        form.warned = false;
    }
}

/// The next field or the one before; out of the codes only once there are some.
pub(super) fn step(model: &mut Model, back: bool) {
    exposure::hide_all(model);
    let Some(form) = form(model) else {
        return;
    };
    let all = AddField::ALL;
    let at = all.iter().position(|at| *at == form.at).unwrap_or(0);
    let last = all.len() - 1;
    let to = all[if back {
        at.saturating_sub(1)
    } else {
        (at + 1).min(last)
    }];
    if form.at == AddField::Codes && to != AddField::Codes && form.pasted().is_empty() {
        model.plain("Paste the codes first, or type them, one in each line.");
        return;
    }
    if form.at == AddField::Codes && to != AddField::Codes && !form.warned {
        let left = form.pasted().left_out();
        if left > 0 {
            form.warned = true;
            let lines = if left == 1 { "line" } else { "lines" };
            model.warn(format!(
                "{left} {lines} with something that was left out: look at it first. Tab again goes on without it."
            ));
            return;
        }
    }
    let other = form.at.place() != to.place();
    form.at = to;
    if other {
        form.error = None;
    }
}

/// Enter at a place: it is checked first, and used when there is nothing left to know about it.
pub(super) fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = form(model) else {
        return;
    };
    form.error = None;
    if let Some((place, _)) = form.proof() {
        let place = place.clone();
        return take(model, place, effects);
    }
    match form.at {
        AddField::Codes => {}
        AddField::Mine => take(model, Place::Myself, effects),
        AddField::Passphrase if passphrase_will_do(form.passphrase.value()) => step(model, false),
        _ => match wish(form) {
            Ok(wish) => {
                exposure::hide_all(model);
                let prove = Request::ProvePlace(wish);
                let id = request::start(model, prove, Asking::Allowed, effects);
                if let Some(form) = self::form(model) {
                    form.proving = Some(id);
                    form.stopping = false;
                }
            }
            Err(why) => form.error = Some(why),
        },
    }
}

/// What is to be proved; a passphrase goes with it, and the form keeps none.
fn wish(form: &mut AddForm) -> Result<PlaceWish, Failure> {
    let wrong = |what: String, next: &str| Failure::new(FailureKind::Local, what, next);
    if form.at == AddField::Path {
        let path = PathBuf::from(form.path.value().expose().trim());
        if path.as_os_str().is_empty() {
            return Err(wrong(
                "No file is named.".to_owned(),
                "Type where the codes are to be kept, or choose another place.",
            ));
        }
        form.forget();
        return Ok(PlaceWish::File(path));
    }
    if !passphrase_will_do(form.passphrase.value()) {
        form.at = AddField::Passphrase;
        form.again.clear();
        let what = format!(
            "A passphrase needs {PASSPHRASE_LEAST} characters or more, blanks not counted."
        );
        return Err(wrong(
            what,
            "Take four or five words that do not belong together.",
        ));
    }
    let same = form.passphrase.value().matches(form.again.value());
    form.again.clear();
    if !same {
        form.at = AddField::Again;
        return Err(wrong(
            "The two passphrases are not the same.".to_owned(),
            "Type it the second time; Up leads back to the first.",
        ));
    }
    form.at = AddField::Passphrase;
    Ok(PlaceWish::Vault {
        account: form.account.clone(),
        passphrase: form.passphrase.take(),
    })
}

/// The place was proved, or will not do.
pub(in super::super) fn place_proved(
    model: &mut Model,
    id: RequestId,
    result: Result<(Place, Vec<Text>), Failure>,
    effects: &mut Vec<Effect>,
) {
    let Some(form) = form(model).filter(|form| form.proving == Some(id)) else {
        return;
    };
    form.proving = None;
    form.stopping = false;
    match result {
        Ok((place, warnings)) => {
            let nothing_to_know = warnings.is_empty();
            form.proved = Some((place.clone(), warnings));
            if nothing_to_know {
                take(model, place, effects);
            } else {
                model.warn("Read the warning about this place; Enter uses it all the same.");
            }
        }
        Err(why) => form.error = Some(why),
    }
}

/// True while this form waits for the proof of a place.
pub(in super::super) fn proves(model: &Model, id: RequestId) -> bool {
    matches!(&model.recovery.page, Some(SetPage::Add(form)) if form.proving == Some(id))
}

/// The place is settled: the codes go out, or to where the job asked for another place.
fn take(model: &mut Model, place: Place, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    let Some(form) = form(model) else {
        return;
    };
    form.error = None;
    form.stopping = false;
    form.forget();
    if let Some(id) = form.sent {
        form.asked = false;
        let answer = Answer::Place(place);
        effects.push(Effect::Answer { id, answer });
        return;
    }
    let add = Request::AddSet {
        account: form.account.clone(),
        codes: form.pasted().into_codes(),
        place,
    };
    let id = request::start(model, add, Asking::Allowed, effects);
    if let Some(form) = self::form(model) {
        form.sent = Some(id);
    }
}

/// The codes could not be written: another place is asked for. Without the form there is nobody to choose one.
pub(super) fn other_place(
    model: &mut Model,
    id: RequestId,
    why: &Failure,
    effects: &mut Vec<Effect>,
) {
    let open = form(model).filter(|form| form.sent == Some(id) && !form.stopping);
    if let Some(form) = open {
        form.asked = true;
        form.spend();
        form.error = Some(why.clone());
    } else {
        request::cancel(model, id, effects);
    }
}

/// Esc: one step back; what was sent is given up first, and left alone the second time.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(form) = form(model) else {
        return;
    };
    if let Some(id) = form.proving {
        // Its passphrase went with it, and what it still prepares is of no use.
        form.proving = None;
        request::cancel(model, id, effects);
        return;
    }
    match form.sent {
        Some(id) if !form.stopping => {
            form.stopping = true;
            form.asked = false;
            request::cancel(model, id, effects);
            model.plain(
                "Given up. What was begun already is waited for; Esc again leaves it alone.",
            );
        }
        Some(_) => {
            model.recovery.page = None;
            model.warn("The codes may be kept all the same; how it ends is said here.");
        }
        None if form.at == AddField::Codes => close(model, effects),
        None => {
            exposure::hide_all(model);
            if let Some(form) = self::form(model) {
                form.at = AddField::Codes;
                form.error = None;
                form.forget();
            }
        }
    }
}

fn close(model: &mut Model, effects: &mut Vec<Effect>) {
    let suggesting = form(model).and_then(|form| form.suggesting.take());
    let typed = form(model).is_some_and(|form| !form.codes.is_empty());
    model.recovery.page = None;
    if let Some(id) = suggesting {
        request::cancel(model, id, effects);
    }
    if typed {
        model.plain("Nothing was kept; what you pasted is gone from here.");
    }
}

/// The codes are kept, or are not. What was pasted stays until they are.
pub(in super::super) fn added(
    model: &mut Model,
    id: RequestId,
    result: Result<(Place, bool), Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok((place, proved)) => {
            let ours = match &model.recovery.page {
                Some(SetPage::Add(form)) => form.sent == Some(id),
                Some(SetPage::Proof(page)) => page.job == id,
                _ => false,
            };
            if ours {
                model.recovery.page = None;
            }
            let kept = match place {
                Place::Vault(path) | Place::File(path) => {
                    format!("The codes are kept in {}", path.display())
                }
                Place::Myself => "It is noted that you keep these codes yourself".to_owned(),
            };
            if proved {
                model.good(format!("{kept}, and you proved to have them."));
            } else {
                let said =
                    format!("{kept}; that you have them was not proved: p does it any time.");
                model.ended(Tone::Warning, said);
            }
        }
        Err(why) => match &mut model.recovery.page {
            Some(SetPage::Add(form)) if form.sent == Some(id) => {
                form.sent = None;
                form.stopping = false;
                form.asked = false;
                form.spend();
                form.error = Some(why);
            }
            Some(SetPage::Proof(page)) if page.job == id => {
                model.recovery.page = None;
                model.bad(&why);
            }
            _ => model.bad(&why),
        },
    }
    read(model, Asking::Never, effects);
}
