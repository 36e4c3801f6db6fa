//! The question before what was interrupted is forgotten: what is then not known any more.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::created::above_answers;
use super::page::Page;
use super::rotate::again::token;
use super::theme::Theme;
use super::{Heading, words};
use crate::app::Model;
use crate::app::model::Unfinished;
use crate::app::rotate::{Listed, called};
use crate::app::unfinished::{Forgetting, rows_left};
use crate::domain::rotation::{RotateStep, RotationLeft};
use crate::domain::token::{Token, TokenKey};

pub(super) fn forgetting(
    model: &Model,
    asked: &Forgetting,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let plain = Style::new();
    let mut top = Page::new(inner.width).scrolls();
    let (what, began) = match &*asked.one {
        Unfinished::Rotation { left, .. } => {
            rotation(&mut top, model, left, theme);
            let called = called(&left.name, &left.old, 40);
            (format!("the rotation of {called}"), Some(left.began))
        }
        Unfinished::Revocation { began, rows, .. } => {
            let said = format!(
                "Of {} tokens {} are left by what is noted and listed. They stay as they are; how each of the {} ended is then not known here any more.",
                rows.len(),
                rows_left(model, rows),
                rows.len()
            );
            top.say(said, theme.warning);
            ("the revocation".to_owned(), Some(*began))
        }
        Unfinished::Emergency { .. } | Unfinished::Elsewhere { .. } => {
            ("the emergency".to_owned(), None)
        }
    };
    top.gap();
    if let Some(began) = began {
        let began = words::stamp(began, theme);
        top.say(
            format!("It began at {began} and was interrupted."),
            theme.dim,
        );
    }
    top.say(
        "Only what this machine noted of it goes: nothing is sent, and no token is revoked.",
        plain,
    );
    let middle = above_answers(("Forget it?", asked.yes), theme, frame, inner);
    Heading {
        title: format!("Forget {what}?"),
        right: Vec::new(),
        hidden: top.draw(frame, middle, asked.scroll),
    }
}

/// The two tokens, and what is known of each.
fn rotation(page: &mut Page<'_>, model: &Model, left: &RotationLeft, theme: &Theme) {
    let plain = Style::new();
    let rows = model.tokens.list.value().map_or(&[][..], Vec::as_slice);
    let one = |page: &mut Page<'_>, label: &'static str, key: &TokenKey| {
        let now = model.listed_now(key);
        let row = rows
            .iter()
            .find(|row: &&Token| row.key == *key && now == Listed::Yes);
        token(page, model, (label, key, row), theme);
        let said = match now {
            Listed::Yes => "  It is listed: it lives.",
            Listed::Gone => "  The list does not have it.",
            Listed::NotKnown => "  Whether it lives is not known: the list is not read whole.",
        };
        page.say(said, plain);
    };
    let Some(new) = &left.new else {
        page.say(
            "! Whether the new token was made is not known, and R would look for it. Once this is forgotten, look through the list yourself for one that nobody has.",
            theme.warning,
        );
        page.gap();
        one(page, "Old: ", &left.old);
        return;
    };
    let warns = if left.done >= Some(RotateStep::Revoke) {
        "! The old one was revoked, and was not yet seen to be gone. Once this is forgotten, nothing looks after it."
    } else {
        "! Once this is forgotten, nothing here knows that these two belong together, nor which one to revoke."
    };
    page.say(warns, theme.warning);
    page.gap();
    one(page, "Old: ", &left.old);
    one(page, "New: ", new);
}
