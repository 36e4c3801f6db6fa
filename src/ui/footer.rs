//! The last line: the keys that work now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::theme::Theme;
use crate::app::Model;
use crate::app::keymap;

/// A key as it is called on the screen, and what it does in a word or two.
struct Hint {
    keys: String,
    short: &'static str,
}

/// The keys of the one key table that work now.
fn hints(model: &Model) -> Vec<Hint> {
    keymap::footer(model)
        .into_iter()
        .map(|(keys, short)| Hint { keys, short })
        .collect()
}

/// The keys that work now, most useful first, whole ones only; the ways out and to help always.
pub(super) fn draw(model: &Model, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let line = footer_line(&hints(model), theme, usize::from(area.width));
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// See [`draw`].
fn footer_line(hints: &[Hint], theme: &Theme, width: usize) -> Line<'static> {
    let loose = chosen(hints, width, 2);
    // The first key is what one came for: it is worth standing closer.
    let (shown, between) = match hints.first() {
        Some(first) if !loose.iter().any(|hint| hint.keys == first.keys) => {
            (chosen(hints, width, 1), " ")
        }
        _ => (loose, "  "),
    };
    let mut spans = vec![Span::raw(" ")];
    for (index, hint) in shown.into_iter().enumerate() {
        if index > 0 {
            spans.push(Span::raw(between));
        }
        spans.push(Span::styled(hint.keys.clone(), theme.key));
        spans.push(Span::raw(" "));
        spans.push(Span::raw(hint.short));
    }
    Line::from(spans)
}

/// The hints that find room with so many blanks between them.
fn chosen(hints: &[Hint], width: usize, between: usize) -> Vec<&Hint> {
    let cells = |hint: &Hint| hint.keys.width() + 1 + hint.short.width() + between;
    let stays = |hint: &Hint| matches!(hint.keys.as_str(), "?" | "q" | "Esc");
    let reserved: usize = hints.iter().filter(|hint| stays(hint)).map(cells).sum();
    // One blank before the first, and none behind the last.
    let mut room = (width + between).saturating_sub(reserved + 1);
    let mut shown = Vec::new();
    for hint in hints {
        if stays(hint) {
            shown.push(hint);
        } else if cells(hint) <= room {
            room -= cells(hint);
            shown.push(hint);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_footer_shows_whole_keys_and_always_the_ways_out() {
        let hint = |keys: &str, short| Hint {
            keys: keys.to_owned(),
            short,
        };
        let hints = [
            hint("space", "select"),
            hint("x", "revoke"),
            hint("Enter", "details"),
            hint("Esc", "back"),
            hint("?", "help"),
            hint("q", "quit"),
        ];
        let text = |width| footer_line(&hints, &Theme::plain(), width).to_string();
        assert_eq!(
            text(80),
            " space select  x revoke  Enter details  Esc back  ? help  q quit"
        );
        assert_eq!(text(40), " space select  Esc back  ? help  q quit");
        assert_eq!(text(38), " space select Esc back ? help q quit");
        for width in 26..90 {
            let text = text(width);
            assert!(text.width() <= width, "{text:?} in {width}");
            assert!(
                text.contains("Esc back") && text.ends_with("q quit"),
                "{text:?}"
            );
        }
    }
}
