//! Writing a value into a file of the npm configuration: which file, and whether another token is replaced there.

use std::path::PathBuf;
use std::sync::Arc;

use super::value::{ValueCard, card, each};
use crate::app::Effect;
use crate::app::field::Field;
use crate::app::keymap::Action;
use crate::app::model::{Model, Tone};
use crate::app::request::Purpose;
use crate::app::{exposure, request, tokens};
use crate::backend::protocol::{Asking, Destination, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::machine::{StandsThere, Target};
use crate::domain::secret::Secret;
use crate::domain::signin::Stored;
use crate::domain::text::Text;

/// Where the value is to be written.
#[derive(Debug)]
pub struct WriteForm {
    /// The kind of file.
    pub choice: WriteChoice,
    /// The path of [`WriteChoice::File`].
    pub path: Field,
    /// The path is missing, and that is to be said.
    pub missing: bool,
    /// Why it did not work.
    pub error: Option<Failure>,
    /// The request that looks what stands there, while that is out.
    pub(super) looking: Option<RequestId>,
    /// Another token is replaced there, or passed over from then on.
    pub over: Option<Over>,
}

/// Another credential gives way when the value is written: is it to be written all the same?
#[derive(Debug)]
pub struct Over {
    /// The one that stands where the value is to go, and where.
    pub there: Option<StandsThere>,
    /// Yes has the focus.
    pub yes: bool,
}

/// A file of the npm configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteChoice {
    /// The person's own.
    User,
    /// The project's.
    Project,
    /// One that is typed.
    File,
}

impl WriteChoice {
    /// In the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::User, Self::Project, Self::File];
}

impl ValueCard {
    /// It is being looked what stands where it is to go.
    pub fn is_looking(&self) -> bool {
        let form = self.writing.as_ref();
        form.is_some_and(|form| form.looking.is_some())
    }

    fn looks(&self, id: RequestId) -> bool {
        let form = self.writing.as_ref();
        form.is_some_and(|form| form.looking == Some(id))
    }
}

/// Does what was meant with the form.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::WriteToken => open(model),
        Action::WriteNext => turn(model, 1),
        Action::WriteBack => turn(model, 2),
        Action::WriteEnter => write(model, effects),
        Action::StopWriting => stop(model),
        _ => {}
    }
}

fn open(model: &mut Model) {
    exposure::hide_all(model);
    let user = user_file(model).is_some();
    if let Some(card) = card(model) {
        card.writing = Some(WriteForm {
            choice: if user {
                WriteChoice::User
            } else {
                WriteChoice::Project
            },
            path: Field::plain(),
            missing: false,
            error: None,
            looking: None,
            over: None,
        });
    }
}

fn user_file(model: &Model) -> Option<&Text> {
    let account = model.account.value()?;
    account.identity.user_file.as_ref()
}

fn form(model: &mut Model) -> Option<&mut WriteForm> {
    card(model)?.writing.as_mut()
}

/// The path that is being typed.
pub(in crate::app) fn path(model: &mut Model) -> Option<&mut Field> {
    form(model).map(|form| &mut form.path)
}

fn turn(model: &mut Model, steps: usize) {
    if let Some(form) = form(model) {
        let all = WriteChoice::ALL;
        let place = all.iter().position(|choice| *choice == form.choice);
        form.choice = all[(place.unwrap_or(0) + steps) % all.len()];
        form.missing = false;
        // What is looked at is not what is chosen any more.
        form.looking = None;
    }
}

/// Enter in the form: first what stands there is looked at, so that nothing is replaced unasked.
fn write(model: &mut Model, effects: &mut Vec<Effect>) {
    let card = card(model).filter(|card| !card.is_looking());
    let Some((registry, value, into)) = card.and_then(wish) else {
        return;
    };
    let request = Request::AimToken {
        what: Some((registry, value)),
        into,
    };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(form) = form(model) {
        form.looking = Some(id);
        form.error = None;
    }
}

/// What is to be written where; `None` where that is not said yet.
fn wish(card: &mut ValueCard) -> Option<(Text, Arc<Secret<String>>, Destination)> {
    let form = card.writing.as_mut()?;
    let path = form.path.value().expose().trim();
    let into = match form.choice {
        WriteChoice::User => Destination::User,
        WriteChoice::Project => Destination::Project,
        WriteChoice::File if path.is_empty() => {
            form.missing = true;
            return None;
        }
        WriteChoice::File => Destination::File(PathBuf::from(path)),
    };
    Some((card.registry.clone(), Arc::clone(&card.value), into))
}

/// This request looks what stands there, for a card on top or beneath.
pub(in crate::app) fn is_looking(model: &mut Model, id: RequestId) -> bool {
    each(model).any(|card| card.looks(id))
}

/// What stands there is known, or why it is not.
pub(in crate::app) fn looked(
    model: &mut Model,
    id: RequestId,
    result: Result<Target, Failure>,
    effects: &mut Vec<Effect>,
) {
    let looks = |card: &ValueCard| card.looks(id);
    let Some(card) = each(model).find(|card| looks(card)) else {
        return;
    };
    let Some(form) = &mut card.writing else {
        return;
    };
    let target = match result {
        Ok(target) => target,
        Err(why) => {
            form.looking = None;
            form.error = Some(why);
            return;
        }
    };
    let passed_over = target
        .wins
        .as_ref()
        .is_some_and(|wins| wins.instead.is_some());
    card.wins = target.wins;
    if target.over.is_none() && !passed_over {
        return send(model, looks, effects);
    }
    form.looking = None;
    form.over = Some(Over {
        there: target.over,
        yes: false,
    });
}

/// Writes what this card has.
fn send(model: &mut Model, which: impl Fn(&ValueCard) -> bool, effects: &mut Vec<Effect>) {
    let card = each(model).find(|card| which(card));
    let Some((registry, value, into)) = card.and_then(wish) else {
        return;
    };
    let request = Request::WriteToken {
        registry,
        value,
        into,
    };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(card) = each(model).find(|card| which(card)) {
        card.sent = Some(id);
        if let Some(form) = &mut card.writing {
            form.looking = None;
            form.over = None;
        }
    }
}

/// The answer to the question whether the other token is to be replaced.
pub(in crate::app) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(over) = form(model).and_then(|form| form.over.as_mut()) else {
        return;
    };
    match (action, over.yes) {
        (Action::Switch, _) => over.yes = !over.yes,
        (Action::Yes, _) | (Action::Take, true) => {
            over.yes = true;
            let answered = |card: &ValueCard| {
                let over = card.writing.as_ref().and_then(|form| form.over.as_ref());
                over.is_some_and(|over| over.yes)
            };
            send(model, answered, effects);
        }
        _ => {
            if let Some(form) = form(model) {
                form.over = None;
            }
            model.plain("Nothing was written; all is as it was.");
        }
    }
}

/// Back to the value. What was sent goes on, and is said when it is done.
fn stop(model: &mut Model) {
    let Some(card) = card(model) else {
        return;
    };
    card.writing = None;
    if card.sent.is_some() {
        model.plain("The file is still being written; how that ends is said here.");
    }
}

/// The value was written into a file, or not.
pub(in crate::app) fn written(
    model: &mut Model,
    id: RequestId,
    result: Result<Stored, Failure>,
    effects: &mut Vec<Effect>,
) {
    let card = each(model).find(|card| card.sent == Some(id));
    let mut open = false;
    let done = result.is_ok();
    if let Some(card) = card {
        card.sent = None;
        match &result {
            Ok(stored) => {
                card.writing = None;
                card.leaving = None;
                card.written = Some(stored.clone());
            }
            Err(why) => {
                if let Some(form) = &mut card.writing {
                    form.error = Some(why.clone());
                    open = true;
                }
            }
        }
    }
    match result {
        Ok(Stored {
            file,
            caution: Some(caution),
        }) => model.ended(Tone::Warning, format!("The token is in {file}. {caution}")),
        Ok(Stored { file, .. }) => model.good(format!("The token is in {file}.")),
        Err(_) if open => {}
        Err(why) => model.bad(&why),
    }
    // Where each token lies has changed.
    if done && model.running(Purpose::Revoke).is_none() {
        tokens::read(model, Asking::Never, effects);
    }
}
