//! A page of text: wrapped, with what is worth least dropped first when the window is small.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::theme::Theme;
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
    /// The first row to show.
    scroll: usize,
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
            scroll: 0,
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

    /// Takes rows out; what is in sight stays the same.
    fn remove(&mut self, goes: impl Fn(usize, Keep) -> bool) {
        let moved = |row: usize| {
            let before = self.rows[..row.min(self.rows.len())].iter().enumerate();
            row - before
                .filter(|(index, (_, keep))| goes(*index, *keep))
                .count()
        };
        self.cursor = self.cursor.map(|(row, column)| (moved(row), column));
        self.scroll = moved(self.scroll);
        self.focus = self.focus.map(|(row, end)| (moved(row), end.map(moved)));
        let mut index = 0;
        self.rows.retain(|(_, keep)| {
            let stays = !goes(index, *keep);
            index += 1;
            stays
        });
    }

    /// Draws it from row `scroll` on. From the top on, what is typed into or chosen is in sight.
    pub(super) fn draw(mut self, frame: &mut Frame<'_>, area: Rect, scroll: usize) -> Hidden {
        let height = usize::from(area.height);
        self.scroll = scroll.min(self.rows.len());
        self.fit(height);
        let mut first = self.scroll.min(self.rows.len().saturating_sub(height));
        let rows = self.rows.len();
        let chosen = self.focus.map(|(row, end)| (row, end.unwrap_or(rows)));
        if let Some((row, end)) = self.cursor.map(|(row, _)| (row, row + 1)).or(chosen)
            && scroll == 0
            && height > 0
        {
            first = first.max(end.saturating_sub(height)).min(row);
        }
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

/// How a field is drawn.
pub(super) struct Input<'t> {
    pub(super) theme: &'t Theme,
    /// The time, for a text that is revealed for a while.
    pub(super) now: std::time::Duration,
    pub(super) focused: bool,
    /// The most cells for the text.
    pub(super) width: usize,
}

impl Input<'_> {
    /// The row, and the cursor's column in it.
    pub(super) fn line<'a>(&self, label: &str, field: &'a Field, room: usize) -> (Line<'a>, usize) {
        let mut spans = vec![Span::raw(label.to_owned()), Span::raw("[ ")];
        let start = label.width() + 2;
        let (used, cursor) = if field.shows_text(self.now) {
            let (text, cursor) = window(field.value().expose(), field.cursor(), room);
            let used = text.width();
            spans.push(Span::styled(text, self.theme.field));
            (used, cursor)
        } else {
            let dots = field.value().expose().graphemes(true).count();
            let first = (field.cursor() + 1).saturating_sub(room);
            let used = dots.saturating_sub(first).min(room);
            spans.push(Span::styled("•".repeat(used), self.theme.field));
            (used, field.cursor() - first)
        };
        spans.push(Span::styled(
            " ".repeat(room.saturating_sub(used)),
            self.theme.field,
        ));
        spans.push(Span::raw(" ]"));
        (Line::from(spans), start + cursor)
    }
}

/// The part of `text` around grapheme `cursor` that fits `room` cells, and the cursor's column in it.
fn window(text: &str, cursor: usize, room: usize) -> (&str, usize) {
    let clusters: Vec<(usize, &str)> = text.grapheme_indices(true).collect();
    let width = |range: std::ops::Range<usize>| -> usize {
        clusters[range]
            .iter()
            .map(|(_, cluster)| cluster.width())
            .sum()
    };
    let cursor = cursor.min(clusters.len());
    let mut first = 0;
    while first < cursor && width(first..cursor) + 1 > room {
        first += 1;
    }
    let mut last = first;
    let mut used = 0;
    while last < clusters.len() && used + clusters[last].1.width() <= room {
        used += clusters[last].1.width();
        last += 1;
    }
    let start = clusters.get(first).map_or(text.len(), |(at, _)| *at);
    let end = clusters.get(last).map_or(text.len(), |(at, _)| *at);
    (&text[start..end], width(first..cursor.max(first)))
}

/// Breaks styled text into rows at blanks; a word wider than a row is broken where it must be.
pub(super) fn wrap(spans: &[(&str, Style)], width: usize, indent: usize) -> Vec<Line<'static>> {
    if width == 0 {
        return Vec::new();
    }
    // Behind the indent there is room for at least one wide character.
    let indent = if indent + 2 <= width { indent } else { 0 };
    let mut rows = Rows {
        done: Vec::new(),
        row: Vec::new(),
        used: 0,
        indent,
    };
    let mut word: Vec<(&str, Style)> = Vec::new();
    for &(text, style) in spans {
        for cluster in text.graphemes(true) {
            if cluster == " " {
                rows.word(&word, width);
                word.clear();
                rows.blank(style, width);
            } else {
                word.push((cluster, style));
            }
        }
    }
    rows.word(&word, width);
    rows.end();
    rows.done
}

struct Rows {
    done: Vec<Line<'static>>,
    row: Vec<(String, Style)>,
    used: usize,
    indent: usize,
}

impl Rows {
    fn word(&mut self, word: &[(&str, Style)], width: usize) {
        let wide: usize = word.iter().map(|(cluster, _)| cluster.width()).sum();
        if wide > 0 && self.used + wide > width && self.has_text() {
            self.end();
        }
        for &(cluster, style) in word {
            if self.used + cluster.width() > width && self.used > 0 {
                self.end();
            }
            self.push(cluster, style);
        }
    }

    fn blank(&mut self, style: Style, width: usize) {
        // Blanks that lead a further row would be ragged; those that lead the first one are a layout.
        if self.used < width && (self.used > 0 || self.done.is_empty()) {
            self.push(" ", style);
        }
    }

    fn has_text(&self) -> bool {
        self.row.iter().any(|(text, _)| !text.trim().is_empty())
    }

    fn push(&mut self, cluster: &str, style: Style) {
        if self.row.is_empty() && !self.done.is_empty() && self.indent > 0 {
            self.row.push((" ".repeat(self.indent), Style::new()));
            self.used = self.indent;
        }
        self.used += cluster.width();
        match self.row.last_mut() {
            Some((text, last)) if *last == style => text.push_str(cluster),
            _ => self.row.push((cluster.to_owned(), style)),
        }
    }

    fn end(&mut self) {
        let spans = std::mem::take(&mut self.row);
        self.used = 0;
        self.done.push(Line::from(
            spans
                .into_iter()
                .map(|(text, style)| Span::styled(text, style))
                .collect::<Vec<_>>(),
        ));
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

/// Terminal coordinates are 16 bits; what is beyond is not on any terminal.
pub(super) fn narrow(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[Line<'_>]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        let wrapped = |text_: &str, width, indent| {
            text(&wrap(&[(text_, Style::new())], width, indent))
                .iter()
                .map(|row| row.trim_end().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(wrapped("one two three", 8, 0), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 9, 2), ["one two", "  three"]);
        assert_eq!(wrapped("abcdefghij", 4, 0), ["abcd", "efgh", "ij"]);
        assert_eq!(
            wrapped("日本 語テキスト", 5, 0),
            ["日本", "語テ", "キス", "ト"]
        );
        assert_eq!(wrapped("", 5, 0), [""]);
        assert_eq!(wrapped("anything", 0, 0), [""; 0]);
    }

    #[test]
    fn a_field_shows_the_part_around_the_cursor() {
        assert_eq!(window("abcdef", 6, 4), ("def", 3));
        assert_eq!(window("abcdef", 0, 4), ("abcd", 0));
        assert_eq!(window("abc", 3, 8), ("abc", 3));
        assert_eq!(window("日本語", 3, 4), ("語", 2));
        assert_eq!(window("abc", 3, 0), ("", 0));
    }

    proptest::proptest! {
        #[test]
        fn a_wrapped_row_is_never_too_wide(raw in "[a-z日 ]{0,80}", width in 2usize..30, indent in 0usize..10) {
            for line in wrap(&[(&raw, Style::new())], width, indent) {
                proptest::prop_assert!(line.width() <= width);
            }
        }
    }
}
