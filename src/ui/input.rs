//! A field to type into, as a row.

use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::theme::Theme;
use crate::app::field::Field;

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
            // What is cut off at the left is said in the first cell, which is never the cursor's.
            let whole = std::ptr::eq(text.as_ptr(), field.value().expose().as_ptr());
            let first = text.graphemes(true).next().filter(|_| !whole && cursor > 1);
            let first = first.unwrap_or("");
            if !first.is_empty() {
                let mark = format!("{:<1$}", "…", first.width());
                spans.push(Span::styled(mark, self.theme.field));
            }
            spans.push(Span::styled(&text[first.len()..], self.theme.field));
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
    let cursor = cursor.min(clusters.len());
    // One cell stays free for the cursor itself.
    let mut first = cursor;
    let mut before = 0;
    while first > 0 && before + clusters[first - 1].1.width() < room {
        first -= 1;
        before += clusters[first].1.width();
    }
    let mut last = first;
    let mut used = 0;
    while last < clusters.len() && used + clusters[last].1.width() <= room {
        used += clusters[last].1.width();
        last += 1;
    }
    let start = clusters.get(first).map_or(text.len(), |(at, _)| *at);
    let end = clusters.get(last).map_or(text.len(), |(at, _)| *at);
    (&text[start..end], before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_shows_the_part_around_the_cursor() {
        assert_eq!(window("abcdef", 6, 4), ("def", 3));
        assert_eq!(window("abcdef", 0, 4), ("abcd", 0));
        assert_eq!(window("abc", 3, 8), ("abc", 3));
        assert_eq!(window("日本語", 3, 4), ("語", 2));
        assert_eq!(window("abc", 3, 0), ("", 0));
    }

    #[test]
    fn what_is_cut_off_before_the_cursor_is_said() {
        let theme = Theme::plain();
        let input = Input {
            theme: &theme,
            now: std::time::Duration::ZERO,
            focused: true,
            width: 6,
        };
        let shown = |text| input.line("", &Field::with(text), 6).0.to_string();
        assert_eq!(shown("/home/aaaaaaaa"), "[ …aaaa  ]");
        assert_eq!(shown("abc"), "[ abc    ]");
    }
}
