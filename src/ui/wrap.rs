//! Text broken into rows of a known width.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

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

/// Pieces of at most `width` characters, for a secret: borrowed, so that no copy of it is left behind.
pub(super) fn pieces(mut text: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    while let Some((at, _)) = text.char_indices().nth(width.max(1)) {
        let (head, tail) = text.split_at(at);
        pieces.push(head);
        text = tail;
    }
    pieces.push(text);
    pieces
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

    proptest::proptest! {
        #[test]
        fn a_wrapped_row_is_never_too_wide(raw in "[a-z日 ]{0,80}", width in 2usize..30, indent in 0usize..10) {
            for line in wrap(&[(&raw, Style::new())], width, indent) {
                proptest::prop_assert!(line.width() <= width);
            }
        }
    }
}
