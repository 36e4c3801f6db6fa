//! A page with nothing but a set of recovery codes: to print, or to write off by hand.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::page::Page;
use super::theme::Theme;
use super::words;
use super::wrap::{narrow, pieces};
use crate::domain::recovery::RecoveryCodes;
use crate::domain::recovery::UsedAt;

/// Where the facts begin.
const COLUMN: usize = 10;
/// The cells before a code: its number.
const NUMBER: usize = 5;

/// What stands on the page.
pub(super) struct Sheet<'a> {
    pub(super) account: &'a str,
    pub(super) registry: &'a str,
    pub(super) received: Timestamp,
    pub(super) codes: &'a RecoveryCodes,
    /// For each code, whether it was used; none where nothing is known of that.
    pub(super) used: &'a [Option<UsedAt>],
    /// Codes of the demo say so (promise P40).
    pub(super) demo: bool,
}

/// Draws it from row `scroll` on.
pub(super) fn draw(
    sheet: &Sheet<'_>,
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
    scroll: usize,
) {
    let inner = Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    };
    let mut page = Page::new(inner.width).scrolls();
    page.say(
        "Print this page from the terminal or write it down, check it, then press Esc.",
        theme.dim,
    );
    let demo = if sheet.demo { "DEMO: " } else { "" };
    page.say(format!("{demo}recovery codes"), theme.title);
    let plain = Style::new();
    let received = words::stamp(sheet.received, theme);
    for (label, value) in [
        ("account", sheet.account),
        ("registry", sheet.registry),
        ("received", &received),
    ] {
        page.pair(label, COLUMN, &[(value, plain)], theme.dim);
    }
    page.gap();
    let grouping = Grouping::of(sheet.codes, page.width());
    let mut folded = false;
    for (index, code) in sheet.codes.written().enumerate() {
        let number = format!("{:>3}  ", index + 1);
        let rows = grouping.rows(code);
        folded |= rows.len() > 1;
        let used = sheet.used.get(index).copied().flatten();
        for (row, groups) in rows.into_iter().enumerate() {
            let lead = if row == 0 {
                Span::styled(number.clone(), theme.dim)
            } else {
                Span::raw(" ".repeat(NUMBER))
            };
            let mut spans = vec![lead];
            for (at, group) in groups.into_iter().enumerate() {
                if at > 0 {
                    spans.push(Span::raw(" "));
                }
                spans.push(Span::styled(group, theme.title));
            }
            page.row(Line::from(spans));
        }
        if let Some(used) = used {
            let perhaps = if used.sure { "" } else { "perhaps " };
            let date = words::date(used.at, theme);
            let lead = " ".repeat(NUMBER);
            page.say(format!("{lead}{perhaps}used {date}"), theme.warning);
        }
    }
    page.gap();
    if grouping.size.is_some() {
        page.say(
            "The blanks are there to read by and belong to no code: type each without them.",
            theme.dim,
        );
    } else if sheet.codes.any_quoted() {
        page.say(words::QUOTED, theme.warning);
    } else {
        page.say(
            "Each code is written as it is: every sign belongs to it.",
            theme.dim,
        );
    }
    if folded {
        page.say("A code goes on until the next number.", theme.dim);
    }
    let hidden = page.draw(frame, inner, scroll);
    if hidden.above + hidden.below > 0 {
        let more = match (hidden.above, hidden.below) {
            (above, 0) => format!("↑ {above} more"),
            (0, below) => format!("↓ {below} more"),
            (above, below) => format!("↑ {above} ↓ {below} more"),
        };
        let width = narrow(more.chars().count());
        let x = inner.right().saturating_sub(width);
        if inner.height > 0 && width < inner.width {
            let buffer = frame.buffer_mut();
            buffer.set_string(x.saturating_sub(1), inner.y, " ", plain);
            buffer.set_string(x, inner.y, more, plain);
        }
    }
}

/// How the codes are cut for the eye.
struct Grouping {
    /// Characters between two blanks; `None` where blanks could be taken for a part of a code.
    size: Option<usize>,
    /// Cells for a code in a row.
    room: usize,
}

impl Grouping {
    fn of(codes: &RecoveryCodes, width: usize) -> Self {
        let room = width.saturating_sub(NUMBER).max(1);
        let bare = |code: &str| code.bytes().all(|b| b.is_ascii_alphanumeric());
        let longest = codes.written().map(str::len).max();
        let longest = longest.unwrap_or_default();
        let fits = |size: &usize| longest + longest.saturating_sub(1) / size <= room;
        let size = if longest > 4 && room >= 9 && codes.written().all(bare) {
            // One row a code, if there is a way; else the shortest groups.
            Some([4, 8].into_iter().find(fits).unwrap_or(4))
        } else {
            None
        };
        Self { size, room }
    }

    /// The rows of a code, each in its groups: borrowed, so that no copy of a code is left behind.
    fn rows<'c>(&self, code: &'c str) -> Vec<Vec<&'c str>> {
        match self.size {
            None => pieces(code, self.room)
                .into_iter()
                .map(|piece| vec![piece])
                .collect(),
            Some(size) => {
                let groups = pieces(code, size);
                let a_row = ((self.room + 1) / (size + 1)).max(1);
                groups.chunks(a_row).map(<[&str]>::to_vec).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    fn rows(code: &str, width: usize) -> Vec<String> {
        let codes = RecoveryCodes::new(vec![Secret::from(code)]);
        let rows = Grouping::of(&codes, width).rows(code);
        rows.into_iter().map(|row| row.join(" ")).collect()
    }

    #[test]
    fn a_code_is_cut_for_the_eye_and_stays_whole() {
        assert_eq!(rows("0123456789abcdef", 78), ["0123 4567 89ab cdef"]);
        let long = "0123456789abcdef".repeat(4);
        let one_row = rows(&long, 78);
        assert_eq!(one_row.len(), 1);
        assert!(one_row[0].starts_with("01234567 89abcdef "));
        assert_eq!(rows(&long, 120)[0].split(' ').next(), Some("0123"));
        assert!(rows(&long, 38).len() > 1);
        for width in 1..100 {
            for code in [long.as_str(), "abc", "ab-cd-ef", "日本語日本語日本語"] {
                let back: String = rows(code, width).concat();
                let back = if code.contains('-') {
                    back
                } else {
                    back.replace(' ', "")
                };
                assert_eq!(back, code, "{width}");
            }
        }
        // A sign of its own is no place for a blank.
        assert_eq!(rows("ab-cd-ef-gh", 78), ["ab-cd-ef-gh"]);
    }

    fn shown(list: &[String], width: u16) -> String {
        let codes = RecoveryCodes::new(list.iter().map(|code| code.as_str().into()).collect());
        let used = [Some(UsedAt {
            at: Timestamp::UNIX_EPOCH,
            sure: true,
        })];
        let sheet = Sheet {
            account: "alice1234",
            registry: "localhost:4873",
            received: Timestamp::UNIX_EPOCH,
            codes: &codes,
            used: &used,
            demo: false,
        };
        let backend = ratatui::backend::TestBackend::new(width, 400);
        let mut terminal = ratatui::Terminal::new(backend).expect("it is in memory");
        let theme = Theme::plain();
        let drawn = terminal.draw(|frame| draw(&sheet, &theme, frame, frame.area(), 0));
        drawn.expect("it is in memory");
        let buffer = terminal.backend().buffer();
        let rows = buffer.content.chunks(usize::from(width));
        rows.fold(String::new(), |text, row| {
            let row: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            text + row.trim_end() + "\n"
        })
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
        #[test]
        fn what_is_printed_is_read_back_as_these_codes(
            set in proptest::prop_oneof![
                proptest::collection::btree_set("[a-f0-9]{15}[0-9]", 1..20),
                proptest::collection::btree_set("[a-f0-9]{47}[0-9]", 1..20),
                proptest::collection::btree_set("[a-f0-9]{63}[0-9]", 1..20),
                proptest::collection::btree_set("[0-9]{8}", 1..20),
                proptest::collection::btree_set("[0-9]{10}", 1..20),
                proptest::collection::btree_set("[0-9]{16}", 1..20),
            ],
            width in proptest::sample::select(vec![40u16, 80, 120]),
        ) {
            let list: Vec<String> = set.into_iter().collect();
            let pasted = crate::domain::recovery::pasted::Pasted::read(&shown(&list, width));
            let back: Vec<String> = pasted.into_codes().iter().map(|code| code.expose().clone()).collect();
            proptest::prop_assert_eq!(back, list);
        }
    }
}
