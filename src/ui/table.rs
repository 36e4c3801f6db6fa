//! The table of tokens: which columns a width has room for, and the rows that are in sight.

use std::ops::Range;

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::Theme;
use super::words;
use crate::app::model::{SortBy, Tone};
use crate::domain::text::{Text, cut};
use crate::domain::token::Token;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Id,
    Begins,
    May,
    For,
    Ip,
    Created,
    Used,
    Expires,
    Bypass,
}

use Column as C;

/// In the order in which they stand.
const ORDER: [Column; 10] = [
    C::Name,
    C::Id,
    C::Begins,
    C::May,
    C::For,
    C::Ip,
    C::Created,
    C::Used,
    C::Expires,
    C::Bypass,
];

/// The most telling first: what finds no room is left out from the end.
const WORTH: [Column; 10] = [
    C::Name,
    C::May,
    C::Bypass,
    C::Expires,
    C::Used,
    C::Id,
    C::Begins,
    C::For,
    C::Created,
    C::Ip,
];

/// The cells before the first column: the cursor, the selection, a blank.
const MARKS: usize = 3;

impl Column {
    const fn least(self) -> usize {
        match self {
            C::Name => 9,
            C::Id | C::Bypass => 6,
            C::Begins | C::Created | C::Expires => 10,
            C::May => 7,
            C::For => 16,
            C::Ip => 18,
            C::Used => 13,
        }
    }

    const fn most(self) -> usize {
        match self {
            C::Name => 32,
            C::For => 36,
            C::Expires => 11,
            C::Bypass => 14,
            _ => self.least(),
        }
    }

    const fn heading(self) -> &'static str {
        match self {
            C::Name => "name",
            C::Id => "id",
            C::Begins => "begins",
            C::May => "may",
            C::For => "for",
            C::Ip => "only from",
            C::Created => "created",
            C::Used => "last used",
            C::Expires => "expires",
            C::Bypass => "badge",
        }
    }

    const fn sorted_by(self, sort: Option<SortBy>) -> bool {
        matches!(
            (self, sort),
            (C::Name, Some(SortBy::Name))
                | (C::Created, Some(SortBy::Created))
                | (C::Used, Some(SortBy::Accessed))
                | (C::Expires, Some(SortBy::Expires))
        )
    }
}

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
        let mut left = width.saturating_sub(MARKS + C::Name.least());
        let mut taken = vec![C::Name];
        for column in &WORTH[1..] {
            let Some(rest) = left.checked_sub(column.least() + 1) else {
                break;
            };
            left = rest;
            taken.push(*column);
        }
        let columns = ORDER
            .into_iter()
            .filter(|column| taken.contains(column))
            .collect::<Vec<_>>();
        let mut widths: Vec<usize> = columns.iter().map(|column| column.least()).collect();
        // What is left goes where words are cut first.
        for widened in [C::Expires, C::Name, C::Bypass, C::For] {
            if let Some(index) = columns.iter().position(|column| *column == widened) {
                let more = left.min(widened.most() - widened.least());
                left -= more;
                widths[index] += more;
            }
        }
        Self {
            columns: columns.into_iter().zip(widths).collect(),
        }
    }

    /// The line above the rows.
    pub(super) fn heading(&self, sort: Option<SortBy>, theme: &Theme) -> Line<'static> {
        let mut spans = vec![Span::raw(" ".repeat(MARKS))];
        for (column, width) in &self.columns {
            let sorted = column.sorted_by(sort);
            let text = if sorted {
                format!("{} ▾", column.heading())
            } else {
                column.heading().to_owned()
            };
            let style = if sorted { theme.accent } else { theme.dim };
            spans.push(Span::styled(padded(&text, *width), style));
            spans.push(Span::raw(" "));
        }
        spans.pop();
        Line::from(spans)
    }

    /// One token.
    pub(super) fn row(
        &self,
        token: &Token,
        marks: Marks,
        now: Timestamp,
        theme: &Theme,
    ) -> Line<'static> {
        let cursor = if marks.chosen { "▸" } else { " " };
        let mark = if marks.selected { "✓" } else { " " };
        let mut spans = vec![
            Span::styled(cursor, theme.accent),
            Span::styled(mark, theme.accent),
            Span::raw(" "),
        ];
        for (column, width) in &self.columns {
            let (text, style) = value(*column, token, now, theme);
            spans.push(Span::styled(padded(&text, *width), style));
            spans.push(Span::raw(" "));
        }
        spans.pop();
        let line = Line::from(spans);
        if marks.chosen {
            line.patch_style(theme.selected)
        } else {
            line
        }
    }
}

fn value(column: Column, token: &Token, now: Timestamp, theme: &Theme) -> (String, Style) {
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
        C::May => (token.may().to_owned(), plain),
        C::For => (what_for(token), plain),
        C::Ip => (only_from(token), plain),
        C::Created => (
            token
                .created
                .map_or_else(|| "–".to_owned(), |at| words::date(at, theme)),
            plain,
        ),
        C::Used => (last_used(token, now), plain),
        C::Expires => {
            let (text, tone) = expires(token, now);
            (text, theme.tone(tone))
        }
        C::Bypass => {
            if token.bypass_2fa && token.in_use().is_some() {
                ("bypass, in use".to_owned(), theme.badge)
            } else if token.bypass_2fa {
                ("bypass".to_owned(), theme.badge)
            } else if token.in_use().is_some() {
                ("in use".to_owned(), theme.accent)
            } else {
                (String::new(), plain)
            }
        }
    }
}

/// When it lapses or lapsed, in words.
pub(super) fn expires(token: &Token, now: Timestamp) -> (String, Tone) {
    if token.revoked.is_some() {
        ("revoked".to_owned(), Tone::Bad)
    } else {
        words::expiry(token.expires, now)
    }
}

/// When it was last used, in words.
pub(super) fn last_used(token: &Token, now: Timestamp) -> String {
    token
        .accessed
        .map_or_else(|| "–".to_owned(), |at| words::ago(at, now))
}

/// What it is for, in a few words; `everything` when nothing limits it.
pub(super) fn what_for(token: &Token) -> String {
    if token.scopes.is_empty() {
        return "everything".to_owned();
    }
    let names: Vec<&str> = token
        .scopes
        .iter()
        .map(|(kind, name)| {
            if name.is_empty() {
                kind.as_str()
            } else {
                name.as_str()
            }
        })
        .collect();
    names.join(", ")
}

/// The addresses that it works from.
pub(super) fn only_from(token: &Token) -> String {
    if token.cidr.is_empty() {
        return "anywhere".to_owned();
    }
    let ranges: Vec<&str> = token.cidr.iter().map(Text::as_str).collect();
    ranges.join(", ")
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
    fn every_width_has_a_name_and_nothing_overflows() {
        for width in 34..250 {
            let table = Table::new(width);
            let used: usize = MARKS
                + table
                    .columns
                    .iter()
                    .map(|(_, width)| width + 1)
                    .sum::<usize>()
                - 1;
            assert!(used <= width, "{used} cells in {width}");
            assert_eq!(table.columns[0].0, C::Name);
        }
    }

    #[test]
    fn columns_go_from_the_least_telling_on() {
        let shown = |width| {
            Table::new(width)
                .columns
                .iter()
                .map(|(column, _)| column.heading())
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(39), ["name", "may", "expires", "badge"]);
        assert_eq!(
            shown(76),
            [
                "name",
                "id",
                "begins",
                "may",
                "last used",
                "expires",
                "badge"
            ]
        );
        assert_eq!(shown(140).len(), ORDER.len());
    }

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
