//! Through the answers and lists of a page, and through its text.

use super::super::Sight;
use super::super::keymap::Move;
use super::super::model::Model;
use super::super::scroll::moved;
use super::choices;
use super::model::{EmergencyScreen, Page};

/// It was drawn: what of its text is out of sight. A move that led too far ends where the text does.
pub(in crate::app) fn drawn(model: &mut Model, sight: Option<Sight>) {
    let screen = &mut model.emergency;
    screen.sight = sight;
    if let Some(sight) = sight
        && !screen.follow
    {
        screen.scroll = sight.above;
    }
}

/// Moves through answers and lists, or scrolls.
pub(in crate::app) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let last = choices(model).len().checked_sub(1);
    let screen = &mut model.emergency;
    let whole = matches!(step, Move::PageUp | Move::PageDown);
    match (screen.page(), last) {
        _ if screen.steps => screen.scrolls(step, page),
        (Page::List, _) => {
            let last = screen.marks.len().saturating_sub(1);
            screen.cursor = moved(screen.cursor, step, page, last);
        }
        (Page::Plan, Some(last)) if !whole => {
            // The answers come first, and what they are about after them.
            let at_them = screen.follow || screen.scroll == 0;
            let through = match step {
                Move::Up => screen.cursor > 0,
                Move::Down => screen.cursor < last,
                _ => false,
            };
            if at_them && through {
                screen.chooses(step, last);
            } else {
                screen.scrolls(step, page);
            }
        }
        (Page::Choices | Page::Account, Some(last)) if !whole => {
            let above = screen.sight.map_or(screen.scroll, |sight| sight.above);
            let at_them = screen.follow || screen.scroll == 0;
            if at_them && screen.cursor == 0 && step == Move::Up && above > 0 {
                screen.scrolls(step, page);
            } else if at_them {
                screen.chooses(step, last);
            } else {
                // From above the answers the first key leads to them.
                screen.follow = true;
                screen.scroll = 0;
            }
        }
        (Page::Working, _) if !screen.index.is_empty() && !screen.steps => {
            screen.scrolls(step, page.saturating_sub(4).max(1));
        }
        _ => screen.scrolls(step, page),
    }
}

impl EmergencyScreen {
    /// Through the answers, with the chosen one in sight.
    fn chooses(&mut self, step: Move, last: usize) {
        self.cursor = moved(self.cursor, step, 1, last);
        self.follow = true;
        self.scroll = 0;
        self.sight = None;
    }

    /// Through the text, from what was seen last; what is drawn tells where it ends.
    fn scrolls(&mut self, step: Move, page: usize) {
        let from = match self.sight.take() {
            Some(sight) => sight.above,
            None if self.follow && self.page() == Page::Working => self.front(),
            None => self.scroll,
        };
        self.follow = false;
        self.scroll = moved(from, step, page, usize::MAX);
    }
}
