//! The table of tokens: which columns a width has room for, and the rows that are in sight.

mod cells;
mod columns;

use std::ops::Range;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::Theme;
use super::words;
use super::wrap::narrow;
use crate::app::model::{Order, SortBy};
use crate::domain::text::{Text, cut};
use crate::domain::token::Token;
use cells::Badge;
pub(super) use cells::{expires, last_used, only_from, what_for};
use columns::{C, Column, MARKS};

/// The columns of a table, with their widths.
pub(super) struct Table {
    columns: Vec<(Column, usize)>,
}

/// What a row is besides its token.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    pub(super) chosen: bool,
    pub(super) selected: bool,
}

impl Table {
    /// The columns that `width` cells have room for.
    pub(super) fn new(width: usize) -> Self {
        Self {
            columns: columns::that_fit(width),
        }
    }

    fn has(&self, wanted: Column) -> bool {
        self.columns.iter().any(|(column, _)| *column == wanted)
    }

    /// The line above the rows.
    pub(super) fn heading(&self, sort: Option<SortBy>, theme: &Theme) -> Line<'static> {
        let mut spans = vec![Span::raw(" ".repeat(MARKS))];
        for (column, width) in &self.columns {
            let sorted = sort.filter(|sort| column.sorted_by(*sort));
            let (text, style) = match sorted.map(SortBy::order) {
                Some(Order::Up) => (format!("{} ▲", column.heading()), theme.accent),
                Some(Order::Down) => (format!("{} ▼", column.heading()), theme.accent),
                None => (column.heading().to_owned(), theme.dim),
            };
            spans.push(Span::styled(padded(&text, *width), style));
            spans.push(Span::raw(" "));
        }
        spans.pop();
        Line::from(spans)
    }

    /// One token, in the place of one row.
    pub(super) fn row(
        &self,
        token: &Token,
        marks: Marks,
        now: Timestamp,
        theme: &Theme,
        buffer: &mut Buffer,
        place: Rect,
    ) {
        let cursor = if marks.chosen { "▸" } else { " " };
        let mark = if marks.selected { "✓" } else { " " };
        let mut spans = vec![
            Span::styled(cursor, theme.accent),
            Span::styled(mark, theme.accent),
            Span::raw(" "),
        ];
        for (column, width) in &self.columns {
            if *column == C::Badges {
                let mut all = Badge::of(token, now, self.has(C::Found));
                // The column of the end says it in the same word.
                if self.has(C::Expires) {
                    all.retain(|badge| !matches!(badge, Badge::Expired | Badge::Revoked));
                }
                badges(&mut spans, &all, *width, theme);
            } else {
                let (text, style) = value(*column, token, *width, now, theme);
                spans.push(Span::styled(padded(&text, *width), style));
            }
            spans.push(Span::raw(" "));
        }
        spans.pop();
        let mut line = Line::from(spans);
        if marks.chosen {
            line = line.patch_style(theme.selected);
            buffer.set_style(place, theme.selected);
        }
        buffer.set_line(place.x, place.y, &line, place.width);
        self.isolate(token, buffer, place);
    }

    /// Keeps a name of a script that is written from right to left from moving the columns beside it, on terminals that
    /// reorder what they show (promise P27): marks of the other direction stand at both of its ends.
    fn isolate(&self, token: &Token, buffer: &mut Buffer, place: Rect) {
        if !token.label().chars().any(is_right_to_left) {
            return;
        }
        let name = self.columns.first().map_or(0, |(_, width)| *width);
        for x in [MARKS - 1, MARKS + name] {
            let x = place.x + narrow(x);
            if x < place.right() {
                buffer[(x, place.y)].set_symbol(" \u{200e}");
            }
        }
    }
}

/// The blocks of the scripts that are written from right to left.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// The badges, each in its own style; exactly `width` cells.
fn badges(spans: &mut Vec<Span<'static>>, badges: &[Badge], width: usize, theme: &Theme) {
    let mut words: Vec<&str> = badges.iter().map(|badge| badge.words()).collect();
    let (mut shown, mut tail) = cells::fitting(&words, 1, width);
    if !tail.is_empty() {
        // Rather all of them in few letters than a number for the others.
        words = badges.iter().map(|badge| badge.short()).collect();
        (shown, tail) = cells::fitting(&words, 1, width);
    }
    let mut left = width.saturating_sub(tail.width());
    for (n, (badge, word)) in badges[..shown].iter().zip(&words).enumerate() {
        if n > 0 {
            spans.push(Span::raw(" "));
            left = left.saturating_sub(1);
        }
        // The number behind a word says that it is not the end of it.
        let text = if tail.is_empty() {
            cut(word, left)
        } else {
            word.chars().take(left).collect()
        };
        left -= text.width();
        spans.push(Span::styled(text, badge.style(theme)));
    }
    spans.push(Span::styled(tail, theme.badge));
    spans.push(Span::raw(" ".repeat(left)));
}

fn value(
    column: Column,
    token: &Token,
    width: usize,
    now: Timestamp,
    theme: &Theme,
) -> (String, Style) {
    let plain = Style::new();
    match column {
        C::Name => (
            token.label().to_owned(),
            if token.name.as_ref().is_none_or(Text::is_empty) {
                theme.dim
            } else {
                plain
            },
        ),
        C::Id => (token.key.short().to_string(), plain),
        C::Begins => (token.begins.to_string(), plain),
        C::May => (cells::may(token, width), plain),
        C::For => (cells::target(token, width), plain),
        C::Ip => (cells::addresses(token, width), plain),
        C::Created => (
            token
                .created
                .map_or_else(|| "–".to_owned(), |at| words::date(at.at(), theme)),
            plain,
        ),
        C::Used => (last_used(token, now), plain),
        C::Expires => {
            let (text, tone) = expires(token, now);
            // In a cell there is no room for the whole word.
            let text = text.replace(" months", " mo").replace(" years", " y");
            (text, theme.tone(tone))
        }
        C::Found => {
            let style = match token.proved().next() {
                Some(_) => plain,
                None => theme.dim,
            };
            (cells::found(token, width), style)
        }
        C::Badges => (String::new(), plain),
    }
}

/// Exactly `width` cells: cut, or filled with blanks.
pub(super) fn padded(text: &str, width: usize) -> String {
    let mut text = cut(text, width);
    let missing = width.saturating_sub(text.width());
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// Which of `len` rows are in sight: `height` of them from `offset` on, moved so that `cursor` is among them.
pub(super) fn in_sight(len: usize, offset: usize, cursor: usize, height: usize) -> Range<usize> {
    let first = offset
        .min(len.saturating_sub(height))
        .clamp(
            (cursor + 1).saturating_sub(height),
            cursor.max((cursor + 1).saturating_sub(height)),
        )
        .min(len);
    first..first.saturating_add(height).min(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_sight_are_never_more_than_the_height_and_hold_the_cursor() {
        for len in [0_usize, 1, 5, 100, 100_000] {
            for height in [0, 1, 7, 40] {
                for offset in [0, 3, len / 2, len] {
                    for cursor in [0, len / 3, len.saturating_sub(1)] {
                        let rows = in_sight(len, offset, cursor, height);
                        assert!(rows.len() <= height && rows.end <= len);
                        if height > 0 && len > 0 {
                            assert!(rows.contains(&cursor), "{rows:?} {cursor} of {len}");
                        }
                    }
                }
            }
        }
    }
}
