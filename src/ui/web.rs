//! A page on the web that is waited for: its whole address, its QR code where there is room, and how long.

use std::time::Duration;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::page::Page;
use super::qr::{Card, Fit, style_name};
use super::theme::Theme;
use super::words;
use super::wrap::narrow;
use crate::app::model::WebPiece;
use crate::app::notice::seconds_left;

/// The narrowest column beside the card that can be read.
const BESIDE: u16 = 28;
const GAP: u16 = 2;
/// The widest column beside the card.
const COLUMN: u16 = 46;
/// The fewest rows for the text below the card.
const BELOW: u16 = 10;

/// What stands before an address in a row of its own.
const OPEN: &str = "Open ";

/// The keys of a page, as they are called where they hold.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    copy: &'static str,
    style: &'static str,
}

/// Where letters are text.
pub(super) const IN_A_FIELD: Keys = Keys {
    copy: "Ctrl-Y",
    style: "Ctrl-G",
};

/// Where no field has the focus.
pub(super) const LETTERS: Keys = Keys {
    copy: "c",
    style: "The key i",
};

/// Where address, card and text stand in a room of so many columns and rows.
pub(super) struct Layout {
    /// The address has the first row for itself: terminals open a link that is not broken.
    pub(super) headed: bool,
    pub(super) card: Option<Fit>,
    /// Columns for the text.
    pub(super) text: u16,
    /// The card stands above the text, not beside it.
    stacked: bool,
}

impl Layout {
    /// The best one that a room has: with the address in one row, then with the card at all.
    pub(super) fn of(web: &WebPiece, columns: u16, rows: u16) -> Self {
        let wide = narrow(OPEN.width() + web.page.address.as_str().width());
        let headed = wide <= columns;
        let card = web.modules.as_ref().filter(|_| web.agreed).map(Card::of);
        let fit = |columns, rows| card?.fit(web.qr, columns, rows);
        let room = columns.saturating_sub(BESIDE + GAP);
        let beside = |fit: Fit| columns.saturating_sub(fit.columns + GAP).min(COLUMN);
        if headed && let Some(fit) = fit(room, rows.saturating_sub(1)) {
            return Self {
                headed,
                card: Some(fit),
                text: beside(fit).max(wide.saturating_sub(fit.columns + GAP)),
                stacked: false,
            };
        }
        if let Some(fit) = fit(room, rows) {
            return Self {
                headed: false,
                card: Some(fit),
                text: beside(fit),
                stacked: false,
            };
        }
        let below = fit(columns, rows.saturating_sub(BELOW));
        Self {
            headed: false,
            card: below,
            text: columns.min(COLUMN + 16),
            stacked: below.is_some(),
        }
    }

    /// Columns and rows for all of it, with so many rows of text.
    pub(super) fn room(&self, text: u16) -> (u16, u16) {
        let head = u16::from(self.headed);
        match self.card {
            None => (self.text, head + text),
            Some(fit) if self.stacked => (self.text.max(fit.columns), head + fit.rows + text),
            Some(fit) => (fit.columns + GAP + self.text, head + fit.rows.max(text)),
        }
    }

    /// Draws the address and the card; gives the room for the text.
    pub(super) fn draw(
        &self,
        web: &WebPiece,
        theme: &Theme,
        frame: &mut ratatui::Frame<'_>,
        area: Rect,
    ) -> Rect {
        let buffer = frame.buffer_mut();
        let mut rest = area;
        if self.headed {
            let line = Line::from(vec![
                Span::styled(OPEN, theme.title),
                Span::styled(web.page.address.as_str(), theme.accent),
            ]);
            buffer.set_line(area.x, area.y, &line, area.width);
            rest = from(rest, 0, 1);
        }
        if let (Some(fit), Some(modules)) = (self.card, &web.modules) {
            Card::of(modules).draw(fit, buffer, rest.x, rest.y);
            rest = if self.stacked {
                from(rest, 0, fit.rows)
            } else {
                from(rest, fit.columns + GAP, 0)
            };
        }
        rest
    }

    /// What to do with the page, where it is, how long it is waited for.
    pub(super) fn say(
        &self,
        page: &mut Page<'_>,
        web: &WebPiece,
        room: Rect,
        keys: Keys,
        theme: &Theme,
    ) {
        let plain = Style::new();
        let lead = match (self.headed, self.card.is_some()) {
            (true, _) => "Open the page above, or scan it with a phone.".to_owned(),
            (false, true) => "Scan it, or open this page:".to_owned(),
            (false, false) => format!("Open this page ({} copies it):", keys.copy),
        };
        if web.page.foreign {
            page.say(
                format!(
                    "! The page is not on the registry's own website but on {}.",
                    web.page.host
                ),
                theme.warning,
            );
        }
        if self.headed || !web.page.foreign {
            page.say(lead, plain);
        }
        if !self.headed {
            page.say(web.page.address.as_str(), theme.accent);
        }
        if let Some(missing) = self.missing(web, room, keys.style) {
            page.say(missing, theme.dim);
        }
    }

    /// Why there is no card, and how to see it.
    fn missing(&self, web: &WebPiece, room: Rect, key: &str) -> Option<String> {
        if self.card.is_some() {
            return None;
        }
        let Some(card) = web.modules.as_ref().map(Card::of) else {
            return Some("The address is too long for a QR code.".to_owned());
        };
        if !web.agreed {
            return Some(format!("{key} shows its QR code, and asks first."));
        }
        let least = card.least(web.qr);
        let columns = (least.columns + GAP + BESIDE).saturating_sub(room.width);
        let rows = least.rows.saturating_sub(room.height);
        let more = |n: u16, one: &str, many: &str| words::count(usize::from(n), one, many);
        let missing = match (columns, rows) {
            (0, rows) => more(rows, "row", "rows"),
            (columns, 0) => more(columns, "column", "columns"),
            (columns, rows) => format!(
                "{} and {}",
                more(columns, "column", "columns"),
                more(rows, "row", "rows")
            ),
        };
        Some(format!(
            "Its QR code needs {missing} more as {}. {key} draws it another way.",
            style_name(web.qr)
        ))
    }
}

/// How long the page is waited for yet: `9:58`.
pub(super) fn left(web: &WebPiece, now: Duration) -> Option<String> {
    let seconds = seconds_left(web.until, now);
    (seconds > 0).then(|| format!("{}:{:02}", seconds / 60, seconds % 60))
}

/// The place without its first columns and rows.
fn from(area: Rect, columns: u16, rows: u16) -> Rect {
    Rect {
        x: area.x + columns.min(area.width),
        y: area.y + rows.min(area.height),
        width: area.width.saturating_sub(columns),
        height: area.height.saturating_sub(rows),
    }
}
