//! Lists to mark: the tokens that go, the copies that are taken out, what is ticked off.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{View, facts, names};
use crate::domain::incident::{Ask, IncidentRow};
use crate::domain::plan::{self, Class};
use crate::domain::text::cut;
use crate::domain::token::TokenKey;
use crate::ui::page::{Hidden, Page};
use crate::ui::table::{in_sight, padded};
use crate::ui::tokens::split;
use crate::ui::words;
use crate::ui::wrap::narrow;

/// What is said of tokens that somebody made while the emergency was under way.
const MADE_SINCE: &str =
    "made since the emergency began. If not by you, a thief is still in the account.";

/// Whether somebody else made it since.
const fn strange(row: &IncidentRow) -> bool {
    row.appeared && !row.ours
}

/// A line of the list.
enum Row {
    /// Why what follows goes when it does.
    Heading(Class),
    /// A thing, by its place in the list.
    Item(usize),
}

pub(super) fn draw(view: &View<'_>, frame: &mut Frame<'_>, area: Rect) -> Hidden {
    let screen = &view.model.emergency;
    let mut top = Page::new(area.width);
    let mut below = Page::new(area.width);
    let low = area.height < 12;
    head(&mut top, view, low);
    if !screen.marks.is_empty() {
        detail(&mut below, view);
    }
    let below_rows = narrow(below.len()).min(area.height / 3);
    let top_rows = narrow(top.len()).min(area.height.saturating_sub(below_rows + 2));
    let [above, rest] = split(area, top_rows);
    top.draw(frame, above, 0);
    let [middle, foot] = split(rest, rest.height - below_rows);
    below.draw(frame, foot, 0);
    let rows = rows(view);
    let cursor = rows
        .iter()
        .position(|row| matches!(row, Row::Item(index) if *index == screen.cursor))
        .unwrap_or(0);
    let height = usize::from(middle.height);
    // The heading of the first row stays in sight with it.
    let offset = (cursor + 1).saturating_sub(height / 2 + 1);
    let sight = in_sight(rows.len(), offset, cursor, height);
    let hidden = Hidden {
        above: sight.start,
        below: rows.len() - sight.end,
    };
    for (y, row) in (middle.y..middle.bottom()).zip(&rows[sight]) {
        match row {
            Row::Heading(class) => {
                let width = usize::from(middle.width);
                let text = cut(
                    &format!("{}:", names::class(*class, of_class(view, *class))),
                    width,
                );
                let style = view.theme.title;
                frame
                    .buffer_mut()
                    .set_stringn(middle.x, y, text, width, style);
            }
            Row::Item(index) => {
                let chosen = *index == screen.cursor;
                let line = item(view, *index, usize::from(middle.width));
                if chosen {
                    let place = Rect::new(middle.x, y, middle.width, 1);
                    frame.buffer_mut().set_style(place, view.theme.selected);
                }
                let line = if chosen {
                    line.patch_style(view.theme.selected)
                } else {
                    line
                };
                frame
                    .buffer_mut()
                    .set_line(middle.x, y, &line, middle.width);
            }
        }
    }
    hidden
}

/// What the list is about.
fn head(page: &mut Page<'_>, view: &View<'_>, low: bool) {
    let (theme, plain) = (view.theme, Style::new());
    let screen = &view.model.emergency;
    let empty = screen.marks.is_empty();
    match screen.ask() {
        Some(Ask::Revoke) if empty => {
            page.say("The list of tokens has none that could go.", theme.title);
            page.say("Enter goes on.", plain);
        }
        Some(Ask::Revoke) => {
            page.say("These go, in this order. [x] goes, [ ] stays.", theme.title);
            if let Some(kept) = view.incident().and_then(|incident| plan::kept(incident)) {
                page.say(
                    format!("{kept} x on the screen of the tokens revokes one."),
                    plain,
                );
            }
            let keys = screen.keys.iter();
            let new = keys.filter(|key| screen.row(key).is_some_and(|(row, _)| strange(row)));
            match new.count() {
                0 => {}
                1 => page.say(format!("! 1 is NEW: {MADE_SINCE}"), theme.warning),
                n => page.say(format!("! {n} are NEW: {MADE_SINCE}"), theme.warning),
            }
            if !low {
                page.explain(
                    "What a thief may know has to go; what you do not know as well.",
                    theme.dim,
                );
                if let Some(codes) = view.incident().and_then(|incident| plan::codes(incident)) {
                    page.explain(codes, theme.dim);
                }
            }
        }
        Some(Ask::Appeared(_)) => {
            let mut rows = screen.rows();
            let others = rows.any(|(row, _)| !strange(row) && screen.keys.contains(&row.token.key));
            page.say(
                if others {
                    "! What is new was made since the emergency began: if not by you, a thief is still in the account. What else lives goes with it."
                } else {
                    "! These were made since the emergency began. If not by you, a thief is still in the account."
                },
                theme.warning,
            );
            page.say("[x] goes, [ ] stays.", plain);
        }
        Some(Ask::Local(_)) if empty => {
            page.say(
                "No copy of these credentials is left on this machine, as far as npm would read.",
                theme.title,
            );
            page.say("Enter goes on.", plain);
        }
        Some(Ask::Local(_)) => {
            page.say(
                "These copies lie on this machine. [x] is taken out of its file.",
                theme.title,
            );
            if !low {
                page.explain(
                    "Only that line goes; everything else in the file stays as it is.",
                    theme.dim,
                );
            }
        }
        _ => {
            page.say(
                "What no step reached. [x] when you have seen to it.",
                theme.title,
            );
            if !low {
                page.explain("What is not ticked off stands in the report.", theme.dim);
            }
        }
    }
    if !low {
        page.gap();
    }
}

fn rows(view: &View<'_>) -> Vec<Row> {
    let screen = &view.model.emergency;
    let classes = matches!(screen.ask(), Some(Ask::Revoke | Ask::Appeared(_)));
    let mut rows = Vec::with_capacity(screen.marks.len() + Class::ALL.len());
    let mut last = None;
    for index in 0..screen.marks.len() {
        let class = screen.keys.get(index).filter(|_| classes);
        let class = class.and_then(|key| class_of(view, key));
        if class.is_some() && class != last {
            rows.extend(class.map(Row::Heading));
            last = class;
        }
        rows.push(Row::Item(index));
    }
    rows
}

/// How many of the list are of a class.
fn of_class(view: &View<'_>, class: Class) -> usize {
    let keys = view.model.emergency.keys.iter();
    keys.filter(|key| class_of(view, key) == Some(class))
        .count()
}

fn class_of(view: &View<'_>, key: &TokenKey) -> Option<Class> {
    view.model.emergency.row(key).map(|(row, _)| row.class)
}

/// One line: the mark, what it is, and in a column of its own what this program says of it (promise P27).
fn item(view: &View<'_>, index: usize, width: usize) -> Line<'static> {
    let theme = view.theme;
    let screen = &view.model.emergency;
    let cursor = if index == screen.cursor { "▸" } else { " " };
    let mark = match (screen.can_mark(index), screen.marks.get(index)) {
        (false, _) => " ·  ",
        (true, Some(true)) => "[x] ",
        (true, _) => "[ ] ",
    };
    let mut spans = vec![
        Span::styled(cursor, theme.accent),
        Span::styled(mark, theme.accent),
    ];
    let room = width.saturating_sub(5);
    let token = screen.keys.get(index).and_then(|key| screen.row(key));
    if let Some((row, _)) = token {
        let token = &row.token;
        let now = view.model.now.wall;
        let mut badges = names::badge(token);
        if strange(row) {
            let beside = if badges.is_empty() { "" } else { ", " };
            badges = format!("NEW{beside}{badges}");
        }
        let badge = 14;
        // Each with the blank before the next one.
        let extra = [
            (9, token.key.short().to_string()),
            (
                15,
                token
                    .accessed
                    .map_or_else(|| "use not told".to_owned(), |at| words::ago(at.at(), now)),
            ),
            (12, facts::begins(token)),
        ];
        let mut left = room.saturating_sub(badge);
        let mut beside = Vec::new();
        for (cells, text) in extra {
            if left >= cells + 16 {
                left -= cells;
                beside.push((cells, text));
            }
        }
        spans.push(Span::raw(padded(
            token.label(),
            left.saturating_sub(1).min(34),
        )));
        spans.push(Span::raw(" "));
        for (cells, text) in beside {
            spans.push(Span::styled(padded(&text, cells - 1), theme.dim));
            spans.push(Span::raw(" "));
        }
        spans.push(Span::styled(padded(&badges, badge), theme.badge));
    } else if let Some(copy) = screen.copies().get(index) {
        spans.push(Span::raw(padded(copy.place.as_str(), room)));
    } else if let Some((text, _)) = view.incident().and_then(|i| i.beyond.get(index)) {
        spans.push(Span::raw(padded(text.as_str(), room)));
    }
    Line::from(spans)
}

/// Everything that is known of the chosen line (promise P28).
fn detail(page: &mut Page<'_>, view: &View<'_>) {
    let (theme, plain) = (view.theme, Style::new());
    let screen = &view.model.emergency;
    let index = screen.cursor;
    if let Some((row, _)) = screen.keys.get(index).and_then(|key| screen.row(key)) {
        let token = &row.token;
        if let Some(breaks) = facts::breaks(token) {
            page.say(format!("! {breaks}"), theme.warning);
        }
        page.hanging(
            2,
            &[
                ("  ", plain),
                (&facts::token(token, view.model.now.wall), plain),
            ],
        );
        for text in [facts::note(token), facts::looks_like(token)]
            .into_iter()
            .flatten()
        {
            page.hanging(2, &[("  ", plain), (&text, theme.dim)]);
        }
    } else if let Some(copy) = screen.copies().get(index) {
        page.hanging(2, &[("  ", plain), (&facts::copy(copy), plain)]);
    } else if let Some((text, _)) = view.incident().and_then(|i| i.beyond.get(index)) {
        page.hanging(2, &[("  ", plain), (text.as_str(), plain)]);
    }
}
