//! The codes of a set, open to be read (promise P02), and how to open them without this program.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::name;
use super::set::{path_rows, worth};
use crate::app::Model;
use crate::app::model::OpenedSet;
use crate::domain::recovery::{Place, UsedAt, age_command};
use crate::ui::code::{self, NUMBER};
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::{Heading, words};

pub(super) fn draw(
    model: &Model,
    opened: &OpenedSet,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    let set = &opened.set;
    let (state, style) = worth(set, crate::app::recovery::worth(model, set), theme);
    page.spans(&[
        (&name(&set.account, &set.registry), theme.title),
        (
            &format!(", received {} · ", words::stamp(set.received, theme)),
            Style::new(),
        ),
        (state, style),
    ]);
    page.gap();
    if opened.codes.any_quoted() {
        page.say(words::QUOTED, theme.warning);
    }
    let mut chosen = (0, 0);
    for (index, code) in opened.codes.written().enumerate() {
        let row = page.len();
        let used = opened.used.get(index).copied().flatten();
        one(&mut page, index, code, used, index == opened.cursor, theme);
        if index == opened.cursor {
            chosen = (row, page.len());
        }
    }
    page.gap();
    place(&mut page, &set.place, theme);
    page.explain(
        "Each works once, where the authenticator's code is asked for.",
        theme.dim,
    );
    let marks = |sure: bool| {
        let marks = opened.used.iter().flatten();
        marks.filter(|used| used.sure == sure).count()
    };
    let of = opened.codes.len();
    let used = match (marks(true), marks(false)) {
        (sure, 0) => format!("{sure} of {of} used"),
        (sure, perhaps) => format!("{sure}–{} of {of} used", sure + perhaps),
    };
    // What is chosen is in sight; behind the last code the page goes on to its end.
    let (row, end) = chosen;
    let scroll = end.saturating_sub(usize::from(inner.height)).min(row) + opened.below;
    Heading {
        title: "Codes".to_owned(),
        right: vec![used],
        hidden: page.draw(frame, inner, scroll),
    }
}

/// A code with its number and what became of it; drawn from where it is, not copied, and complete whatever the width.
fn one<'a>(
    page: &mut Page<'a>,
    index: usize,
    code: &'a str,
    used: Option<UsedAt>,
    chosen: bool,
    theme: &Theme,
) {
    let mark = used.map_or_else(String::new, |used| {
        let date = words::date(used.at, theme);
        if used.sure {
            format!("used {date}")
        } else {
            format!("perhaps used {date}")
        }
    });
    let style = match used {
        Some(used) if used.sure => theme.dim.add_modifier(Modifier::CROSSED_OUT),
        _ if chosen => theme.accent,
        _ => theme.title,
    };
    let lead = Span::styled(if chosen { "▸ " } else { "  " }, theme.accent);
    let indent = lead.width() + NUMBER;
    let beside = page.width().saturating_sub(indent + code.width()) > mark.width() + 2;
    let behind =
        (beside && !mark.is_empty()).then(|| Span::styled(format!("  {mark}"), theme.warning));
    code::rows(page, (index, code), lead, style, behind, theme);
    if !beside && !mark.is_empty() {
        page.row(Line::from(vec![
            Span::raw(" ".repeat(indent)),
            Span::styled(mark, theme.warning),
        ]));
    }
}

/// Where they are, and what opens that without this program.
fn place(page: &mut Page<'_>, place: &Place, theme: &Theme) {
    let plain = Style::new();
    match place {
        Place::Vault(path) => {
            path_rows(page, "In ", path, (theme.dim, plain));
            page.say(
                "This opens it without npm-warden, with the same passphrase (a copies it):",
                theme.dim,
            );
            page.hanging(4, &[("  ", plain), (age_command(path).as_str(), plain)]);
        }
        Place::File(path) => {
            path_rows(page, "In ", path, (theme.dim, plain));
            page.say("It is plain text: any editor opens it.", theme.dim);
        }
        Place::Myself => {}
    }
}
