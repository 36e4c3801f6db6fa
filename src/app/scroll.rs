//! How far something moves. What is drawn decides what fits; the model only knows about how much that is.

use super::keymap::Move;
use super::model::Model;

/// Frame, headings and the lines around a list: what it does not get of the terminal's rows.
const AROUND: u16 = 8;

/// Where a move leads, from 0 to `last`.
pub(super) fn moved(from: usize, step: Move, page: usize, last: usize) -> usize {
    match step {
        Move::Up => from.saturating_sub(1),
        Move::Down => from + 1,
        Move::PageUp => from.saturating_sub(page),
        Move::PageDown => from + page,
        Move::Top => 0,
        Move::Bottom => last,
    }
    .min(last)
}

impl Model {
    /// How many rows a list has room for, about: what is drawn decides, but it is never less than one.
    pub fn list_rows(&self) -> usize {
        usize::from(self.size.1.saturating_sub(AROUND).max(1))
    }

    /// The furthest that a text of `lines` lines (at 80 columns) scrolls: rather too far than too short, since
    /// what is drawn stops at its last line.
    pub(super) fn text_end(&self, lines: usize) -> usize {
        let columns = usize::from(self.size.0.clamp(20, 80));
        (lines * 80)
            .div_ceil(columns)
            .saturating_sub(self.list_rows() / 2)
    }
}
