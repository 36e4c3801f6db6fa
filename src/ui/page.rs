//! A page of text: wrapped, with what is worth least dropped first when the window is small.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr as _;

use super::input::Input;
use super::wrap::{narrow, wrap};
use crate::app::field::Field;
use crate::domain::text::cut;

/// What happens to a row when the page is taller than its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// It stays; the page scrolls.
    Always,
    /// It goes, together with its paragraph.
    Nice(usize),
    /// It goes first.
    Gap,
}

/// A place lower than this has no room for blank rows in a page that scrolls.
const LOW: usize = 12;

/// Rows of text for a place of a known width.
pub(super) struct Page<'a> {
    width: usize,
    rows: Vec<(Line<'a>, Keep)>,
    paragraphs: usize,
    cursor: Option<(usize, usize)>,
    /// The rows of what is chosen, without its end while that is still being written.
    focus: Option<(usize, Option<usize>)>,
    scrolls: bool,
}

/// What of a page did not fit.
#[derive(Clone, Copy, Default)]
pub(super) struct Hidden {
    /// Rows above the place.
    pub(super) above: usize,
    /// Rows below it.
    pub(super) below: usize,
}

impl<'a> Page<'a> {
    /// An empty page, `width` cells wide.
    pub(super) fn new(width: u16) -> Self {
        Self {
            width: usize::from(width),
            rows: Vec::new(),
            paragraphs: 0,
            cursor: None,
            focus: None,
            scrolls: false,
        }
    }

    /// The page can be scrolled: what it says goes only when all the rest fits then.
    pub(super) fn scrolls(mut self) -> Self {
        self.scrolls = true;
        self
    }

    /// From here on stands what is chosen: it is kept in sight.
    pub(super) fn focus_if(&mut self, chosen: bool) {
        if chosen {
            self.focus = Some((self.rows.len(), None));
        }
    }

    /// Up to here stood what is chosen.
    pub(super) fn focus_ends(&mut self) {
        let rows = self.rows.len();
        if let Some((_, end @ None)) = &mut self.focus {
            *end = Some(rows);
        }
    }

    /// Its width in cells.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// How many rows it has so far.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many rows it has that stay.
    pub(super) fn least(&self) -> usize {
        let stays = self.rows.iter().filter(|(_, keep)| *keep == Keep::Always);
        stays.count()
    }

    /// A blank row, the first to go.
    pub(super) fn gap(&mut self) {
        if !matches!(self.rows.last(), None | Some((_, Keep::Gap))) {
            self.rows.push((Line::default(), Keep::Gap));
        }
    }

    /// A sentence that stays. Its further rows stand below its first word, behind blanks and a sign.
    pub(super) fn say(&mut self, text: impl AsRef<str>, style: Style) {
        self.hanging(lead(text.as_ref()), &[(text.as_ref(), style)]);
    }

    /// A sentence in several styles that stays.
    pub(super) fn spans(&mut self, spans: &[(&str, Style)]) {
        self.hanging(0, spans);
    }

    /// A sentence whose further rows are indented.
    pub(super) fn hanging(&mut self, indent: usize, spans: &[(&str, Style)]) {
        for line in wrap(spans, self.width, indent) {
            self.rows.push((line, Keep::Always));
        }
    }

    /// An explanation that goes when there is no room.
    pub(super) fn explain(&mut self, text: impl AsRef<str>, style: Style) {
        self.paragraphs += 1;
        for line in wrap(&[(text.as_ref(), style)], self.width, lead(text.as_ref())) {
            self.rows.push((line, Keep::Nice(self.paragraphs)));
        }
    }

    /// A row that is already laid out.
    pub(super) fn row(&mut self, line: impl Into<Line<'a>>) {
        self.rows.push((line.into(), Keep::Always));
    }

    /// A row that is already laid out and goes when there is no room.
    pub(super) fn nice_row(&mut self, line: impl Into<Line<'a>>) {
        self.paragraphs += 1;
        self.rows.push((line.into(), Keep::Nice(self.paragraphs)));
    }

    /// A label and its value, the values of all pairs in one column where there is room for that.
    pub(super) fn pair(&mut self, label: &str, column: usize, value: &[(&str, Style)], dim: Style) {
        let column = column.min(self.width / 2);
        let label = format!("{:<column$}", cut(label, column.saturating_sub(1)));
        let mut spans = vec![(label.as_str(), dim)];
        spans.extend_from_slice(value);
        self.hanging(column, &spans);
    }

    /// The rows from `start` on may go when there is no room.
    pub(super) fn nice_from(&mut self, start: usize) {
        self.paragraphs += 1;
        for (_, keep) in self.rows.iter_mut().skip(start) {
            *keep = Keep::Nice(self.paragraphs);
        }
    }

    /// Another page with something of a fixed size at its right, row by row. All of it stays.
    pub(super) fn beside(&mut self, text: Self, gap: usize, right: Vec<Line<'static>>) {
        let start = self.rows.len();
        if let Some((row, end)) = text.focus {
            self.focus = Some((start + row, end.map(|end| start + end)));
        }
        let column = text.width + gap;
        let mut right = right.into_iter();
        let mut left = text.rows.into_iter().map(|(line, _)| line);
        loop {
            let (mut line, card) = match (left.next(), right.next()) {
                (None, None) => return,
                (line, card) => (line.unwrap_or_default(), card),
            };
            if let Some(card) = card {
                let blank = column.saturating_sub(line.width());
                line.push_span(" ".repeat(blank));
                line.spans.extend(card.spans);
            }
            self.rows.push((line, Keep::Always));
        }
    }

    /// A field to type into, with the cursor when it has the focus.
    pub(super) fn field(&mut self, label: &str, field: &'a Field, input: &Input<'_>) {
        let label_width = label.width();
        let room = self.width.saturating_sub(label_width + 4).min(input.width);
        let (row, column) = if room < 8 && label_width > 0 {
            self.say(label, Style::new());
            input.line("", field, self.width.saturating_sub(4).min(input.width))
        } else {
            input.line(label, field, room)
        };
        if input.focused {
            self.cursor = Some((self.rows.len(), column));
        }
        self.rows.push((row, Keep::Always));
    }

    /// Drops what is worth least until the page is at most `height` rows tall, or nothing more can go.
    fn fit(&mut self, height: usize) {
        let always = self.rows.iter().filter(|(_, keep)| *keep == Keep::Always);
        if self.scrolls && always.count() > height {
            if height < LOW {
                self.remove(|_, keep| keep == Keep::Gap);
            }
            return;
        }
        while self.rows.len() > height {
            let gap = self.rows.iter().rposition(|(_, keep)| *keep == Keep::Gap);
            let nice = self.rows.iter().rev().find_map(|(_, keep)| match keep {
                Keep::Nice(paragraph) => Some(*paragraph),
                _ => None,
            });
            match (gap, nice) {
                (Some(index), _) => self.remove(|i, _| i == index),
                (None, Some(paragraph)) => self.remove(|_, keep| keep == Keep::Nice(paragraph)),
                (None, None) => return,
            }
        }
    }

    /// Takes rows out.
    fn remove(&mut self, goes: impl Fn(usize, Keep) -> bool) {
        let moved = |row: usize| {
            let before = self.rows[..row.min(self.rows.len())].iter().enumerate();
            row - before
                .filter(|(index, (_, keep))| goes(*index, *keep))
                .count()
        };
        self.cursor = self.cursor.map(|(row, column)| (moved(row), column));
        self.focus = self.focus.map(|(row, end)| (moved(row), end.map(moved)));
        let mut index = 0;
        self.rows.retain(|(_, keep)| {
            let stays = !goes(index, *keep);
            index += 1;
            stays
        });
    }

    /// Draws it from row `scroll` on. From the top on, what is typed into or chosen is in sight.
    pub(super) fn draw(self, frame: &mut Frame<'_>, area: Rect, scroll: usize) -> Hidden {
        self.drawn(frame, area, scroll, 0)
    }

    /// Draws it with what is typed into or chosen in sight, then moved by so many rows.
    pub(super) fn draw_moved(self, frame: &mut Frame<'_>, area: Rect, by: isize) -> Hidden {
        self.drawn(frame, area, 0, by)
    }

    fn drawn(mut self, frame: &mut Frame<'_>, area: Rect, scroll: usize, by: isize) -> Hidden {
        let height = usize::from(area.height);
        self.fit(height);
        // Rows are counted as they are drawn, so that what was seen last can be gone on from.
        let mut first = scroll.min(self.rows.len().saturating_sub(height));
        let rows = self.rows.len();
        let chosen = self.focus.map(|(row, end)| (row, end.unwrap_or(rows)));
        // What stands around a field is kept in sight with it, where there is room for all of that.
        let around = |row: usize| {
            chosen.filter(|(start, end)| (*start..*end).contains(&row) && end - start <= height)
        };
        let typed = self
            .cursor
            .map(|(row, _)| around(row).unwrap_or((row, row + 1)));
        if let Some((row, end)) = typed.or(chosen)
            && scroll == 0
            && height > 0
        {
            first = first.max(end.saturating_sub(height)).min(row);
        }
        let last = self.rows.len().saturating_sub(height);
        first = first.saturating_add_signed(by).min(last.max(first));
        for (y, (line, _)) in (area.y..area.bottom()).zip(self.rows.iter().skip(first)) {
            frame.buffer_mut().set_line(area.x, y, line, area.width);
        }
        if let Some((row, column)) = self.cursor
            && let Some(y) = row.checked_sub(first)
            && y < height
            && column < usize::from(area.width)
        {
            frame.set_cursor_position(Position::new(area.x + narrow(column), area.y + narrow(y)));
        }
        Hidden {
            above: first,
            below: self.rows.len().saturating_sub(first + height),
        }
    }
}

/// The cells before a sentence's first word: blanks, and a sign with its blank.
fn lead(text: &str) -> usize {
    let blanks = text.len() - text.trim_start_matches(' ').len();
    let sign = ["! ", "✓ ", "✗ ", "· "]
        .iter()
        .any(|sign| text[blanks..].starts_with(sign));
    blanks + if sign { 2 } else { 0 }
}
