//! What a request for a token has brought: its value, which a registry shows once, or tokens whose value is lost.

mod value;
mod writing;

use jiff::Timestamp;

use super::Effect;
use super::keymap::{Action, Move};
use super::model::{Model, Overlay, Screen};
use super::request::Purpose;
use super::scroll::moved;
use super::{exposure, revoke, rotate, tokens};
use crate::backend::protocol::{Asking, Created};
use crate::domain::failure::Failure;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};

pub use value::{Copied, STAYS, ValueCard};
pub(super) use value::{act, cleared_at, copied, run_out, taken_off};
pub use writing::{Over, WriteChoice, WriteForm};
pub(super) use writing::{decide as decide_over, is_looking, looked, path, written};

/// About how many lines stand around a value.
const AROUND: usize = 20;

/// What a request to make a token has brought. It covers the screen until the person has dealt with it.
#[derive(Debug)]
pub enum CreatedPage {
    /// The token and its value.
    Made(Box<MadeToken>),
    /// No good answer came, and these tokens are new in the list.
    Lost(LostToken),
}

/// A token that was made.
#[derive(Debug)]
pub struct MadeToken {
    /// As the registry lists it.
    pub token: Box<Token>,
    /// Its value.
    pub card: ValueCard,
    /// How it may do more than was asked for, a sentence each.
    pub wider: Vec<Text>,
    /// What did not work besides.
    pub warnings: Vec<Text>,
    /// The first line shown, when not all fit.
    pub scroll: usize,
}

/// Tokens that came into being while the answer was lost.
#[derive(Debug)]
pub struct LostToken {
    /// What is new in the list.
    pub tokens: Vec<Token>,
    /// What became of the answer.
    pub why: Failure,
    /// When that was found.
    pub at: Timestamp,
    /// Yes has the focus.
    pub yes: bool,
    /// The first row shown, when not all fit.
    pub scroll: usize,
}

/// Shows what came wherever the person is by now: a value exists nowhere else.
pub(super) fn show(model: &mut Model, created: Created, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    if !matches!(model.overlay, Some(Overlay::Leave { .. })) {
        model.overlay = None;
    }
    let (page, key) = match created {
        Created::Made {
            registry,
            token,
            value,
            wider,
            warnings,
        } => {
            let key = token.key.clone();
            let mut card = ValueCard::new(registry, value);
            card.limits = token.limits();
            let made = MadeToken {
                token,
                card,
                wider,
                warnings,
                scroll: 0,
            };
            (CreatedPage::Made(Box::new(made)), Some(key))
        }
        Created::Lost { tokens, why } => {
            let key = tokens.first().map(|token| token.key.clone());
            let lost = LostToken {
                tokens,
                why,
                at: model.now.wall,
                yes: false,
                scroll: 0,
            };
            (CreatedPage::Lost(lost), key)
        }
    };
    model.created = Some(page);
    listed(model, key, effects);
}

/// The new row is chosen once the list has it, and no filter hides it.
pub(super) fn listed(model: &mut Model, key: Option<TokenKey>, effects: &mut Vec<Effect>) {
    model.tokens.wanted = key;
    model.tokens.details = false;
    tokens::show_all(model);
    if model.running(Purpose::Revoke).is_none() {
        tokens::read(model, Asking::Never, effects);
    }
}

fn made(model: &mut Model) -> Option<&mut MadeToken> {
    match &mut model.created {
        Some(CreatedPage::Made(made)) => Some(made),
        _ => None,
    }
}

/// The page on top begins at its first line again.
fn to_the_top(model: &mut Model) {
    match &mut model.created {
        Some(CreatedPage::Made(made)) => made.scroll = 0,
        _ => rotate::to_the_top(model),
    }
}

/// Leaves the page with the value; one that nothing else has asks first.
pub(super) fn leave(model: &mut Model) {
    if let Some(made) = made(model) {
        if made.card.is_kept() {
            close(model);
        } else {
            made.card.leaving = Some(false);
            made.scroll = 0;
        }
    }
}

fn close(model: &mut Model) {
    model.created = None;
    model.screen = Screen::Tokens;
}

/// The answer to the question before the value is left, or to the one about a token whose value is lost. No has
/// the focus at first.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match &mut model.created {
        Some(CreatedPage::Made(made)) => {
            let Some(yes) = &mut made.card.leaving else {
                return;
            };
            match (action, *yes) {
                (Action::Switch, _) => *yes = !*yes,
                (Action::Yes, _) | (Action::Take, true) => close(model),
                _ => made.card.leaving = None,
            }
        }
        Some(CreatedPage::Lost(lost)) => match (action, lost.yes) {
            (Action::Switch, _) => lost.yes = !lost.yes,
            (Action::Yes, _) | (Action::Take, true) => revoke_lost(model),
            _ => {
                close(model);
                model.plain("Nothing was revoked; what is new stands in the list.");
            }
        },
        None => rotate::decide_leaving(model, action, effects),
    }
}

/// On to the question that comes before every revocation.
fn revoke_lost(model: &mut Model) {
    if model.running(Purpose::Revoke).is_some() {
        model.plain("A revocation is under way; it has to end first.");
        return;
    }
    if let Some(CreatedPage::Lost(lost)) = model.created.take() {
        model.screen = Screen::Tokens;
        revoke::ask_about(model, lost.tokens);
    }
}

/// Scrolls the page.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let columns = usize::from(model.size.0.clamp(20, 80)) - 4;
    match &mut model.created {
        Some(CreatedPage::Made(made)) => {
            let last = made.card.value.chars() / columns + AROUND;
            made.scroll = moved(made.scroll, step, page, last);
        }
        Some(CreatedPage::Lost(lost)) => {
            let end = lost.tokens.len().saturating_sub(1);
            lost.scroll = moved(lost.scroll, step, page, end);
        }
        None => {}
    }
}

impl Model {
    /// What there is to say of a token when the program has ended while its value was on the screen and nowhere else.
    pub fn left_uncopied(&self) -> Option<String> {
        // The demo's tokens end with it.
        if self.demo.is_some() {
            return None;
        }
        let key = match &self.created {
            // The end of the program clears the clipboard.
            Some(CreatedPage::Made(made)) if made.card.written.is_none() => &made.token.key,
            _ => rotate::uncopied(self)?,
        };
        let id = key.short();
        let copied = match self.value_card().map_or(Copied::None, |card| card.copied) {
            Copied::Sent => "was sent to the terminal, which may have dropped it",
            Copied::There | Copied::Cleared => {
                "was copied to the clipboard, which was cleared since"
            }
            Copied::None => "was not copied from here",
        };
        if self.value_card().is_some_and(|card| card.is_old) {
            return Some(format!(
                "The value of the token {id} could not be put back where it stood, and {copied}: if nobody \
                 has it, make another token for that place."
            ));
        }
        Some(if id.is_empty() {
            format!(
                "A token was made, and its value {copied}: revoke it in the list of tokens if nobody has it."
            )
        } else {
            format!(
                "The token {id} was made, and its value {copied}: if nobody has it, revoke the token \
                 in the list of tokens or with npm-warden token revoke {id}."
            )
        })
    }
}

/// What would become of a value on the screen if the program ended now.
pub(super) fn at_risk(model: &Model) -> Option<String> {
    let made = match &model.created {
        Some(CreatedPage::Made(made)) => Some(&made.card),
        _ => None,
    };
    made.and_then(risk).or_else(|| {
        let elsewhere = rotate::is_in_place(model);
        rotate::card(model).filter(|_| !elsewhere).and_then(risk)
    })
}

fn risk(card: &ValueCard) -> Option<String> {
    if card.written.is_some() {
        // The file has it for good.
        return None;
    }
    let what = if card.is_old {
        "The old token's value"
    } else {
        "The new token's value"
    };
    Some(match card.copied {
        Copied::There => format!(
            "{what} is on this screen and in the clipboard, which is cleared when the program ends: paste it first."
        ),
        Copied::Cleared => format!(
            "{what} is on this screen; the clipboard that had it was cleared since: whoever leaves before it is where it is needed has lost it."
        ),
        Copied::Sent => format!(
            "{what} is on this screen and was sent to the terminal, which may have dropped it: paste it first."
        ),
        Copied::None => format!(
            "{what} is on this screen and nowhere else: whoever leaves before copying it has lost it."
        ),
    })
}
