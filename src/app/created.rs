//! What a request for a token has brought: its value, which a registry shows once, or tokens whose value is lost.

use std::sync::Arc;

use ipnet::Ipv4Net;
use jiff::Timestamp;

use super::Effect;
use super::create::{TokenForm, from};
use super::keymap::{Action, Move};
use super::model::{Model, Overlay, Screen};
use super::request::Purpose;
use super::scroll::moved;
use super::{exposure, revoke, tokens};
use crate::backend::protocol::{Asking, Created, RequestId};
use crate::domain::cidr;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::signin::Stored;
use crate::domain::text::Text;
use crate::domain::token::Token;

/// About how many lines stand around a value.
const AROUND: usize = 20;

/// What a request to make a token has brought. It covers the screen until the person has dealt with it.
#[derive(Debug)]
pub enum CreatedPage {
    /// The token and its value.
    Made(MadeToken),
    /// No good answer came, and these tokens are new in the list.
    Lost(LostToken),
}

/// A token that was made.
#[derive(Debug)]
pub struct MadeToken {
    /// As the registry lists it.
    pub token: Box<Token>,
    /// Its value.
    pub value: Arc<Secret<String>>,
    /// The value stands on the screen.
    pub shown: bool,
    /// A copy is on its way to the clipboard.
    copying: bool,
    /// A copy went to the clipboard.
    pub copied: bool,
    /// The page is to be left although nothing was copied: `Some(false)` has the focus on No.
    pub leaving: Option<bool>,
    /// Where the registry's answer is not what was asked for, as sentences.
    pub differs: Vec<String>,
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

/// The value was written into a file, or not.
pub(super) fn written(model: &mut Model, _: RequestId, result: Result<Stored, Failure>) {
    match result {
        Ok(stored) => model.good(format!("The token is in {}.", stored.file)),
        Err(why) => model.bad(&why),
    }
}

/// Shows what came wherever the person is by now: a value exists nowhere else. `form` is what it was asked with,
/// if that is still open.
pub(super) fn show(
    model: &mut Model,
    created: Created,
    form: Option<&TokenForm>,
    effects: &mut Vec<Effect>,
) {
    exposure::hide_all(model);
    if !matches!(model.overlay, Some(Overlay::Leave { .. })) {
        model.overlay = None;
    }
    let (page, key) = match created {
        Created::Made {
            token,
            value,
            wider,
            warnings,
        } => {
            let key = token.key.clone();
            let mut differs = form.map_or_else(Vec::new, |form| differs(form, &token));
            if differs.is_empty() {
                differs.extend(wider.iter().map(ToString::to_string));
            }
            differs.extend(warnings.iter().map(ToString::to_string));
            let made = MadeToken {
                token,
                value,
                shown: true,
                copying: false,
                copied: false,
                leaving: None,
                differs,
                scroll: 0,
            };
            (CreatedPage::Made(made), Some(key))
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
    // The new row is chosen once the list has it, and no filter hides it.
    model.tokens.wanted = key;
    model.tokens.details = false;
    tokens::show_all(model);
    if model.running(Purpose::Revoke).is_none() {
        tokens::read(model, Asking::Never, effects);
    }
}

/// Where the registry's answer is not what was asked for.
fn differs(form: &TokenForm, token: &Token) -> Vec<String> {
    let mut differs = Vec::new();
    if form.readonly && token.writes() {
        differs.push(
            "A read-only token was asked for, and the registry lists one that may publish."
                .to_owned(),
        );
    }
    let asked = form.nets().unwrap_or_default();
    let listed: Vec<&str> = token.cidr.iter().map(Text::as_str).collect();
    // A registry may write a single address without its `/32`.
    let read: Vec<Ipv4Net> = cidr::ranges(&listed.join(","))
        .into_iter()
        .filter_map(|range| range.ok().map(|range| range.net))
        .collect();
    if asked.iter().any(|net| !read.contains(net)) {
        let listed = if listed.is_empty() {
            "lists no addresses for it".to_owned()
        } else {
            format!("lists it for {}", listed.join(", "))
        };
        differs.push(format!(
            "It was to be usable from {}, and the registry {listed}.",
            from(&asked)
        ));
    }
    differs
}

fn made(model: &mut Model) -> Option<&mut MadeToken> {
    match &mut model.created {
        Some(CreatedPage::Made(made)) => Some(made),
        _ => None,
    }
}

/// Shows the value, or hides it.
pub(super) fn toggle(model: &mut Model) {
    if let Some(made) = made(model) {
        made.shown = !made.shown;
        made.scroll = 0;
    }
}

/// Copies the value.
pub(super) fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(made) = made(model) {
        made.copying = true;
        let mut text = Secret::with_capacity(made.value.expose().len());
        text.expose_mut().push_str(made.value.expose());
        effects.push(Effect::Copy {
            what: "the new token",
            text,
            sensitive: true,
        });
    }
}

/// A copy has ended.
pub(super) fn copied(model: &mut Model, went: bool) {
    if let Some(made) = made(model)
        && std::mem::take(&mut made.copying)
        && went
    {
        made.copied = true;
        made.leaving = None;
    }
}

/// Leaves the page with the value; one that was not copied from here asks first.
pub(super) fn leave(model: &mut Model) {
    if let Some(made) = made(model) {
        if made.copied {
            close(model);
        } else {
            made.leaving = Some(false);
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
pub(super) fn decide(model: &mut Model, action: Action) {
    match &mut model.created {
        Some(CreatedPage::Made(made)) => {
            let Some(yes) = &mut made.leaving else {
                return;
            };
            match (action, *yes) {
                (Action::Switch, _) => *yes = !*yes,
                (Action::Yes, _) | (Action::Take, true) => close(model),
                _ => made.leaving = None,
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
        None => {}
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
            let last = made.value.chars() / columns + AROUND;
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
    /// What there is to say of a token when the program has ended while its value was on the screen, not copied.
    pub fn left_uncopied(&self) -> Option<String> {
        let Some(CreatedPage::Made(made)) = &self.created else {
            return None;
        };
        // The demo's tokens end with it.
        if made.copied || self.demo.is_some() {
            return None;
        }
        let id = made.token.key.short();
        Some(if id.is_empty() {
            "A token was made, and its value was not copied from here: revoke it in the list of tokens if nobody has it."
                .to_owned()
        } else {
            format!(
                "The token {id} was made, and its value was not copied from here: if nobody has it, revoke the token \
                 in the list of tokens or with npm-warden token revoke {id}."
            )
        })
    }
}

/// What would become of a value on the screen if the program ended now.
pub(super) fn at_risk(model: &Model) -> Option<String> {
    match &model.created {
        Some(CreatedPage::Made(made)) if made.copied => Some(
            "The new token's value is on this screen and in the clipboard, which is cleared when the program ends: \
             paste it first."
                .to_owned(),
        ),
        Some(CreatedPage::Made(_)) => Some(
            "The new token's value is on this screen and nowhere else: whoever leaves before copying it has lost it."
                .to_owned(),
        ),
        _ => None,
    }
}
