//! The value of a token that a registry shows once: on the screen until it is copied, written into a file, or left by
//! the person's own word.

use std::sync::Arc;
use std::time::Duration;

use crate::app::Effect;
use crate::app::keymap::{Action, Scope};
use crate::app::model::Model;
use crate::app::rotate;
use crate::backend::protocol::RequestId;
use crate::domain::machine::Wins;
use crate::domain::secret::Secret;
use crate::domain::signin::Stored;
use crate::domain::text::Text;

use super::CreatedPage;
use super::writing::{self, WriteChoice, WriteForm};

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
    /// What it means for this folder that it is written, or would be, as far as that was looked at.
    pub wins: Option<Wins>,
    /// What a program that works by it is refused.
    pub limits: Option<&'static str>,
    /// It is to be left although nothing has it: `Some(false)` has the focus on No.
    pub leaving: Option<bool>,
    /// The form for writing it into a file, above it.
    pub writing: Option<WriteForm>,
    /// The request that writes it, while that is out.
    pub sent: Option<RequestId>,
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
            wins: None,
            limits: None,
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
            Some(form) if form.over.is_some() => Some(Scope::WriteOver),
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
pub(super) fn each(model: &mut Model) -> impl Iterator<Item = &mut ValueCard> {
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
        _ => writing::act(model, action, effects),
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
