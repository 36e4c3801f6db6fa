//! The codes of a set on the screen: read, copied, hidden.

use std::time::Duration;

use super::super::keymap::Move;
use super::super::model::Model;
use super::super::scroll::moved;
use super::super::{Effect, exposure};
use super::model::{OpenedSet, SetPage};
use crate::domain::recovery::{Place, age_command};
use crate::domain::secret::Secret;

/// Codes that nobody looks at are hidden after this time without a key.
const SHOWN_FOR: Duration = Duration::from_mins(5);

/// About how many lines of 80 columns stand around the codes.
const BELOW: usize = 6;

/// About how many lines stand around the codes on the page to print.
const SHEET: usize = 10;

/// The cells of a row that are no part of a code.
const AROUND: usize = 11;

/// When codes that are looked at now are hidden.
pub(super) fn until(model: &Model) -> Duration {
    model.now.mono + SHOWN_FOR
}

fn page(model: &mut Model) -> Option<&mut OpenedSet> {
    match &mut model.recovery.page {
        Some(SetPage::Opened(page)) => Some(page),
        _ => None,
    }
}

/// The first code that can still serve has the focus.
pub(super) fn first_unused(model: &mut Model) {
    if let Some(page) = page(model) {
        let unused = (0..page.codes.len()).find(|n| page.used.get(*n).is_none_or(Option::is_none));
        page.cursor = unused.unwrap_or_default();
    }
}

/// From code to code, then through what stands below them.
pub(super) fn go(model: &mut Model, step: Move) {
    let rows = model.list_rows();
    let columns = usize::from(model.size.0.clamp(20, 200)) - AROUND;
    let until = until(model);
    if let Some(page) = page(model) {
        page.until = until;
        if let Some(row) = &mut page.sheet {
            // Each code, its rest in a narrow window, and what stands around them.
            let lines = |code: &str| 2 + 2 * code.len() / columns;
            let last = page.codes.written().map(lines).sum::<usize>() + SHEET;
            *row = moved(*row, step, rows, last);
            return;
        }
        let last = page.codes.len().saturating_sub(1);
        // What does not fit below the last code: rather too far than too short.
        let lines = |code: &str| code.len() / columns + 1;
        let needed: usize = page.codes.written().map(lines).sum::<usize>() + BELOW * 80 / columns;
        let below = needed.saturating_sub(rows);
        let to = moved(page.cursor + page.below, step, rows, last + below);
        page.cursor = to.min(last);
        page.below = to - page.cursor;
    }
}

/// Puts the codes on a page of their own, or goes back from there.
pub(super) fn sheet(model: &mut Model) {
    let until = until(model);
    if let Some(page) = page(model) {
        page.until = until;
        page.sheet = match page.sheet {
            Some(_) => None,
            None => Some(0),
        };
    }
}

/// Copies the chosen code, unless it has served.
pub(super) fn copy_one(model: &mut Model, effects: &mut Vec<Effect>) {
    let until = until(model);
    let Some(page) = page(model) else {
        return;
    };
    page.until = until;
    let used = page.used.get(page.cursor).copied().flatten();
    let Some(code) = page.codes.written().nth(page.cursor) else {
        return;
    };
    if used.is_some_and(|used| used.sure) {
        model.plain("That code was used, and each works once: choose another one.");
        return;
    }
    let mut text = Secret::with_capacity(code.len());
    text.expose_mut().push_str(code);
    if used.is_some() {
        model.warn("That code may be used: it was sent, and no answer came.");
    }
    effects.push(Effect::Copy {
        what: "the recovery code",
        text,
        sensitive: true,
    });
}

/// Copies all of them, one a line.
pub(super) fn copy_all(model: &mut Model, effects: &mut Vec<Effect>) {
    let until = until(model);
    if let Some(page) = page(model) {
        page.until = until;
        effects.push(Effect::Copy {
            what: "the recovery codes",
            text: page.codes.lines(),
            sensitive: true,
        });
    }
}

/// Copies the command that opens the set without this program: on the screen it is broken over lines.
pub(super) fn copy_age(model: &mut Model, effects: &mut Vec<Effect>) {
    let until = until(model);
    let Some(page) = page(model) else {
        return;
    };
    page.until = until;
    if let Place::Vault(path) = &page.set.place {
        let text = Secret::from(age_command(path).as_str());
        effects.push(Effect::Copy {
            what: "the command",
            text,
            sensitive: false,
        });
    } else {
        model.plain("This file is plain text: any editor opens it, and no command is needed.");
    }
}

/// Hides them; they are in their file.
pub(in super::super) fn hide(model: &mut Model) {
    if page(model).is_some() {
        exposure::hide_all(model);
        model.recovery.page = None;
    }
}

/// Hides them when nobody has looked for a while.
pub(in super::super) fn run_out(model: &mut Model) {
    let now = model.now.mono;
    if page(model).is_some_and(|page| page.until <= now) {
        hide(model);
        model.plain("The codes were hidden: nobody had pressed a key for a while.");
    }
}
