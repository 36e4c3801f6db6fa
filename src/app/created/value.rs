//! The value of a token that a registry shows once: on the screen until it is copied, written into a file, or left by
//! the person's own word.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::app::Effect;
use crate::app::field::Field;
use crate::app::keymap::{Action, Scope};
use crate::app::model::{Model, Tone};
use crate::app::request::Purpose;
use crate::app::{exposure, request, rotate, tokens};
use crate::backend::protocol::{Asking, Destination, Request, RequestId};
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::signin::Stored;
use crate::domain::text::Text;

use super::CreatedPage;

/// How long a secret stays on a clipboard (promise P37).
pub const STAYS: Duration = Duration::from_secs(45);

/// What became of copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Copied {
    /// There is none.
    #[default]
    None,
    /// One was on a clipboard, which was cleared since: whether it was put anywhere is not known.
    Cleared,
    /// One was sent to the terminal, which does not say whether it took it.
    Sent,
    /// One is on a clipboard.
    There,
}

/// A value that is shown once.
#[derive(Debug)]
pub struct ValueCard {
    /// The registry that it is of, whatever the configuration means by now.
    pub registry: Text,
    /// The value.
    pub value: Arc<Secret<String>>,
    /// It is no new token's but the one that a rotation could not put back where it stood.
    pub is_old: bool,
    /// The value stands on the screen.
    pub shown: bool,
    /// A copy is on its way to the clipboard.
    copying: bool,
    /// The best of what became of copies.
    pub copied: Copied,
    /// When the clipboard is cleared that has it.
    until: Option<Duration>,
    /// The file that it was written into.
    pub written: Option<Stored>,
    /// It is to be left although nothing has it: `Some(false)` has the focus on No.
    pub leaving: Option<bool>,
    /// The form for writing it into a file, above it.
    pub writing: Option<WriteForm>,
    /// The request that writes it, while that is out.
    pub sent: Option<RequestId>,
}

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
    pub(in crate::app) const fn new(registry: Text, value: Arc<Secret<String>>) -> Self {
        Self {
            registry,
            value,
            is_old: false,
            shown: true,
            copying: false,
            copied: Copied::None,
            until: None,
            written: None,
            leaving: None,
            writing: None,
            sent: None,
        }
    }

    /// Something besides the screen has it, for all that is known.
    pub fn is_kept(&self) -> bool {
        self.copied == Copied::There || self.written.is_some()
    }

    /// It can be read on the screen now.
    pub const fn stands(&self) -> bool {
        self.shown && self.writing.is_none()
    }

    /// What it is, in a word or two.
    pub const fn what(&self) -> &'static str {
        if self.is_old {
            "the old token"
        } else {
            "the new token"
        }
    }

    /// The scope of what lies above the value, if anything does.
    pub(in crate::app) fn scope(&self) -> Option<Scope> {
        match &self.writing {
            _ if self.leaving.is_some() => Some(Scope::MadeLeaving),
            Some(_) if self.sent.is_some() => Some(Scope::WriteSent),
            Some(form) if form.choice == WriteChoice::File => Some(Scope::WritePath),
            Some(_) => Some(Scope::WriteChoice),
            None => None,
        }
    }
}

impl Model {
    /// The value on top, of a token that was made or that takes another one's place.
    pub fn value_card(&self) -> Option<&ValueCard> {
        match &self.created {
            Some(CreatedPage::Made(made)) => Some(&made.card),
            Some(CreatedPage::Lost(_)) => None,
            None => rotate::card(self),
        }
    }
}

/// See [`Model::value_card`].
pub(in crate::app) fn card(model: &mut Model) -> Option<&mut ValueCard> {
    match &mut model.created {
        Some(CreatedPage::Made(made)) => Some(&mut made.card),
        Some(CreatedPage::Lost(_)) => None,
        None => model.rotation.as_mut().and_then(rotate::card_of),
    }
}

/// Every value, on top or beneath.
fn each(model: &mut Model) -> impl Iterator<Item = &mut ValueCard> {
    let made = match &mut model.created {
        Some(CreatedPage::Made(made)) => Some(&mut made.card),
        _ => None,
    };
    let rotated = model.rotation.as_mut().and_then(rotate::card_of);
    made.into_iter().chain(rotated)
}

/// Does what was meant with the value.
pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::CopyToken => copy(model, effects),
        Action::ToggleToken => toggle(model),
        Action::WriteToken => open(model),
        Action::WriteNext => turn(model, 1),
        Action::WriteBack => turn(model, 2),
        Action::WriteEnter => write(model, effects),
        Action::StopWriting => stop(model),
        _ => {}
    }
}

fn toggle(model: &mut Model) {
    if let Some(card) = card(model) {
        card.shown = !card.shown;
    }
    super::to_the_top(model);
}

fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(card) = card(model) {
        card.copying = true;
        let mut text = Secret::with_capacity(card.value.expose().len());
        text.expose_mut().push_str(card.value.expose());
        effects.push(Effect::Copy {
            what: card.what(),
            text,
            sensitive: true,
        });
    }
}

/// A copy has ended.
pub(in crate::app) fn copied(model: &mut Model, went: Copied) {
    let until = model.now.mono + STAYS;
    for card in each(model) {
        if std::mem::take(&mut card.copying) {
            // Whatever way a copy goes, the one before it was cleared first.
            clear(card);
            card.copied = card.copied.max(went);
            if went == Copied::There {
                card.leaving = None;
                card.until = Some(until);
            }
        }
    }
}

fn clear(card: &mut ValueCard) {
    card.until = None;
    if card.copied == Copied::There {
        card.copied = Copied::Cleared;
    }
}

/// When a clipboard that has a value is cleared next.
pub(in crate::app) fn cleared_at(model: &Model) -> impl Iterator<Item = Duration> {
    let made = match &model.created {
        Some(CreatedPage::Made(made)) => Some(&made.card),
        _ => None,
    };
    let both = made.into_iter().chain(rotate::card(model));
    both.filter_map(|card| card.until)
}

/// The clipboard was cleared: what it had may have been put nowhere.
pub(in crate::app) fn run_out(model: &mut Model) {
    let now = model.now.mono;
    let mut alone = None;
    for card in each(model) {
        if card.until.is_some_and(|until| until <= now) {
            clear(card);
            alone = alone.or((!card.is_kept()).then(|| card.what()));
        }
    }
    if let Some(what) = alone {
        model.plain(format!(
            "The clipboard was cleared; the value of {what} stays on this screen until you leave it."
        ));
    }
}

/// What is copied next, and what is to be taken off the clipboard, takes a value off it.
pub(in crate::app) fn taken_off(model: &mut Model, effects: &[Effect]) {
    let takes = |effect: &Effect| matches!(effect, Effect::Copy { .. } | Effect::ClearClipboard);
    if effects.iter().any(takes) {
        for card in each(model).filter(|card| !card.copying) {
            clear(card);
        }
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
    }
}

fn write(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(card) = card(model) else {
        return;
    };
    let (registry, value) = (card.registry.clone(), Arc::clone(&card.value));
    let Some(form) = &mut card.writing else {
        return;
    };
    let path = form.path.value().expose().trim();
    let into = match form.choice {
        WriteChoice::User => Destination::User,
        WriteChoice::Project => Destination::Project,
        WriteChoice::File if path.is_empty() => {
            form.missing = true;
            return;
        }
        WriteChoice::File => Destination::File(PathBuf::from(path)),
    };
    let request = Request::WriteToken {
        registry,
        value,
        into,
    };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(card) = self::card(model) {
        card.sent = Some(id);
        if let Some(form) = &mut card.writing {
            form.error = None;
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
