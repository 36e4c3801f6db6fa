//! How far something moves. What is drawn decides what fits; the model only knows about how much that is.

use super::emergency;
use super::keymap::Move;
use super::model::Model;

/// Frame, headings and the lines around a list: what it does not get of the terminal's rows.
const AROUND: u16 = 8;

/// What of a text was out of sight when it was drawn last: how far it scrolls is known from there, and from nowhere else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Lines above the window.
    pub above: usize,
    /// Lines below it.
    pub below: usize,
}

/// What a frame tells the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Of the emergency's page, where that is a text.
    pub emergency: Option<Sight>,
}

/// A frame was drawn: what moves next, moves from what was seen.
pub fn drawn(model: &mut Model, drawn: Drawn) {
    emergency::drawn(model, drawn.emergency);
}

/// Where a move leads, from 0 to `last`.
pub(super) fn moved(from: usize, step: Move, page: usize, last: usize) -> usize {
    match step {
        Move::Up => from.saturating_sub(1),
        Move::Down => from.saturating_add(1),
        Move::PageUp => from.saturating_sub(page),
        Move::PageDown => from.saturating_add(page),
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
