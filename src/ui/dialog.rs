//! A box in the middle, above everything else.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Span;
use ratatui::widgets::{Block, BorderType, Clear, Widget as _};
use unicode_width::UnicodeWidthStr as _;

use super::frame::places;
use super::theme::Theme;
use super::wrap::narrow;
use crate::app::Model;
use crate::app::notice::Spot;

/// Where a dialog may stand: the header, the keys, and the demo's line stay in sight.
fn dialog_area(model: &Model, area: Rect) -> Rect {
    let below = if model.demo.is_some() { 3 } else { 1 };
    Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1 + below),
        ..area
    }
}

/// The rows inside a dialog, at most.
pub(super) fn dialog_rows(model: &Model, area: Rect) -> u16 {
    dialog_area(model, area).height.saturating_sub(2)
}

/// Where a dialog with so much room inside stands.
pub(super) fn outer(model: &Model, area: Rect, columns: u16, rows: u16) -> Rect {
    let area = dialog_area(model, area);
    let width = columns.saturating_add(4).min(area.width);
    let height = rows.saturating_add(2).min(area.height);
    Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    )
}

/// A dialog of this size says itself what was just said: that was said here, or its line would lie beneath.
pub(super) fn says(model: &Model, area: Rect, columns: u16, rows: u16) -> bool {
    let beneath = || outer(model, area, columns, rows).bottom() > places(model, area).notice.y;
    model
        .notice
        .as_ref()
        .is_some_and(|notice| notice.spot == Some(Spot::of(model)) || beneath())
}

/// A text in a dialog's bottom line.
pub(super) fn foot(frame: &mut Frame<'_>, inner: Rect, text: &str, theme: &Theme) {
    let x = inner.right().saturating_sub(narrow(text.width()));
    if inner.height > 0 {
        frame.buffer_mut().set_stringn(
            x,
            inner.bottom(),
            text,
            usize::from(inner.width),
            theme.dim,
        );
    }
}

/// An empty box in the middle, above everything; gives the room inside.
pub(super) fn dialog(
    model: &Model,
    frame: &mut Frame<'_>,
    theme: &Theme,
    title: &str,
    columns: u16,
    rows: u16,
) -> Rect {
    let outer = outer(model, frame.area(), columns, rows);
    let area = frame.area();
    let buffer = frame.buffer_mut();
    // A wide character that the box would cut in two would shift the whole row.
    for y in outer.top()..outer.bottom() {
        if outer.x > area.x && buffer[(outer.x - 1, y)].symbol().width() > 1 {
            buffer[(outer.x - 1, y)].set_symbol(" ");
        }
    }
    Clear.render(outer, buffer);
    Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.accent)
        .title(Span::styled(format!(" {title} "), theme.title))
        .render(outer, buffer);
    Rect::new(
        outer.x + 2,
        outer.y + 1,
        outer.width.saturating_sub(4),
        outer.height.saturating_sub(2),
    )
    .intersection(outer)
}
