//! The tokens screen: the table, its filter, its progress, and the details of one token.

mod chips;
mod details;
mod sought;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::input::Input;
use super::page::{Hidden, Page};
use super::table::{Marks, Table, in_sight};
use super::theme::Theme;
use super::unfinished::forgetting;
use super::wrap::narrow;
use super::{Heading, create, failure, note, revoke};
use crate::app::keymap::{self, Action};
use crate::app::model::{Load, SortBy, TokensScreen};
use crate::app::{Model, tokens, unfinished};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::token::Token;

/// From this width on the details stand beside the table.
const PANE_FROM: u16 = 104;
/// How wide they are then, and from which width on they are wider.
const PANE: u16 = 36;
const WIDE_PANE: u16 = 46;
const WIDE_FROM: u16 = 150;

pub(super) use sought::among;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let screen = &model.tokens;
    if let Some(revocation) = &screen.revoke {
        return revoke::draw(model, revocation, theme, frame, inner);
    }
    if let Some(form) = &screen.create {
        return create::draw(model, form, "New token", theme, frame, inner);
    }
    if let Some(asked) = &screen.forgetting {
        return forgetting(model, asked, theme, frame, inner);
    }
    if let Some(form) = &screen.note {
        return note::draw(model, form, theme, frame, inner);
    }
    let chosen = tokens::chosen(model);
    if let (true, Some(token)) = (screen.details && inner.width < PANE_FROM, chosen) {
        let mut page = Page::new(inner.width).scrolls();
        details::write(&mut page, token, model.now.wall, theme);
        let mut right = vec![position(screen)];
        right.extend(
            screen
                .selected
                .contains(&token.key)
                .then(|| "selected".to_owned()),
        );
        return Heading {
            title: format!("Token {}", token.key.short()),
            right,
            hidden: page.draw(frame, inner, screen.scroll),
        };
    }
    let list = match chosen {
        Some(token) if inner.width >= PANE_FROM => beside(model, token, theme, frame, inner),
        _ => inner,
    };
    let hidden = draw_list(model, theme, frame, list);
    Heading {
        title: "Tokens".to_owned(),
        right: counts(model),
        hidden,
    }
}

/// Draws the details beside the table; the table's place is what is left.
fn beside(model: &Model, token: &Token, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Rect {
    let screen = &model.tokens;
    let width = if inner.width >= WIDE_FROM {
        WIDE_PANE
    } else {
        PANE
    };
    let place = Rect::new(inner.right() - width, inner.y, width, inner.height);
    // The line between them says which of the two the arrows move in.
    let line = if screen.details {
        theme.accent
    } else {
        theme.dim
    };
    let sign = if screen.details { "┃" } else { "│" };
    for y in inner.y..inner.bottom() {
        frame.buffer_mut().set_string(place.x - 2, y, sign, line);
    }
    let mut page = Page::new(width).scrolls();
    details::write(&mut page, token, model.now.wall, theme);
    let scroll = if screen.details { screen.scroll } else { 0 };
    let hidden = page.draw(frame, place, scroll);
    if hidden.below > 0 && place.height > 0 {
        let text = if screen.details {
            "↓ more".to_owned()
        } else {
            "↓ more: Enter, then ↓".to_owned()
        };
        let last = Rect {
            y: place.bottom() - 1,
            height: 1,
            ..place
        };
        frame.buffer_mut().set_style(last, Style::reset());
        let blank = " ".repeat(usize::from(width));
        let buffer = frame.buffer_mut();
        buffer.set_string(last.x, last.y, blank, Style::new());
        buffer.set_stringn(last.x, last.y, text, usize::from(width), theme.dim);
    }
    Rect::new(inner.x, inner.y, inner.width - width - 3, inner.height)
}

/// Which of the rows shown the details are of.
fn position(screen: &TokensScreen) -> String {
    format!("{} of {}", screen.cursor + 1, screen.shown.len())
}

fn counts(model: &Model) -> Vec<String> {
    let screen = &model.tokens;
    let Some(list) = screen.list.value() else {
        return Vec::new();
    };
    let mut parts = vec![format!("{} of {}", screen.shown.len(), list.len())];
    if !screen.selected.is_empty() {
        let selected = screen.selected.len();
        parts.push(match tokens::selected_unseen(model) {
            0 => format!("{selected} selected"),
            unseen => format!("{selected} selected, {unseen} not shown"),
        });
    }
    if let Some(sort) = screen.sort {
        parts.push(
            match sort {
                SortBy::Name => "by name",
                SortBy::May => "most powerful first",
                SortBy::Created => "newest first",
                SortBy::Accessed => "longest unused first",
                SortBy::Expires => "first to expire first",
            }
            .to_owned(),
        );
    }
    parts
}

fn draw_list(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Hidden {
    let screen = &model.tokens;
    let mut top = Page::new(area.width);
    if let Load::Failed { why, old: None } = &screen.list
        && why.kind == FailureKind::NotOffered
    {
        not_offered(&mut top, why, theme);
        return top.draw(frame, area, 0);
    }
    if let Load::Failed { why, old } = &screen.list {
        failure(&mut top, why, theme);
        if old.is_some() {
            top.say(
                "! These rows were read before and may be out of date.",
                theme.warning,
            );
        }
    }
    if screen.moved {
        top.hanging(
            2,
            &[
                ("! ", theme.warning),
                (
                    "The list changed while it was read: rows may be missing. ",
                    theme.warning,
                ),
                ("r reads it again.", Style::new()),
            ],
        );
    }
    if let Some((began, words)) = unfinished::words(model) {
        let began = super::words::stamp(began, theme);
        let parts = [
            ("! ", theme.warning),
            (&*format!("{words} It began at {began}. "), theme.warning),
            (
                &*format!("{}, F forgets it.", unfinished::way_on(model)),
                Style::new(),
            ),
        ];
        top.hanging(2, &parts);
    }
    if let Some(line) = chips::line(screen, theme, area.width, area.height) {
        top.row(line);
    }
    sought::above_list(&mut top, model, theme);
    if screen.filtering || !screen.filter.is_empty() {
        let input = Input {
            theme,
            now: model.now.mono,
            focused: screen.filtering,
            width: 40,
        };
        top.field("Filter: ", &screen.filter, &input);
    }
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    match &screen.list {
        Load::Empty => top.say("The tokens were not read yet. r reads them.", Style::new()),
        Load::Loading { old: None, .. } => top.say("Reading the tokens …", theme.dim),
        Load::Ready(_) if rows.is_empty() => nothing(&mut top, model, theme),
        _ if !rows.is_empty() && screen.shown.is_empty() => {
            top.say(chips::nothing_fits(screen), Style::new());
        }
        _ => {}
    }
    let progress = progress(screen, theme, area.width);
    let bottom_rows = u16::from(progress.is_some());
    let top_rows = narrow(top.len()).min(area.height.saturating_sub(bottom_rows));
    let [head, rest] = split(area, top_rows);
    top.draw(frame, head, 0);
    let [middle, foot] = split(rest, rest.height.saturating_sub(bottom_rows));
    if let Some(line) = progress {
        frame
            .buffer_mut()
            .set_line(foot.x, foot.y, &line, foot.width);
    }
    if screen.shown.is_empty() || middle.height < 2 {
        return Hidden::default();
    }
    let table = Table::new(usize::from(area.width));
    let buffer = frame.buffer_mut();
    buffer.set_line(
        middle.x,
        middle.y,
        &table.heading(screen.sort, theme),
        middle.width,
    );
    let place = Rect::new(middle.x, middle.y + 1, middle.width, middle.height - 1);
    let sight = in_sight(
        screen.shown.len(),
        screen.offset,
        screen.cursor,
        usize::from(place.height),
    );
    let hidden = Hidden {
        above: sight.start,
        below: screen.shown.len() - sight.end,
    };
    for (y, position) in (place.y..place.bottom()).zip(sight) {
        let Some(token) = rows.get(screen.shown[position]) else {
            continue;
        };
        let marks = Marks {
            chosen: position == screen.cursor,
            selected: screen.selected.contains(&token.key),
        };
        let row = Rect::new(place.x, y, place.width, 1);
        table.row(token, marks, model.now.wall, theme, buffer, row);
    }
    hidden
}

/// An account without tokens.
fn nothing(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    let new = keymap::enabled(model, Action::NewToken).is_ok();
    let text = if new {
        "This account has no access tokens; n makes one."
    } else {
        "This account has no access tokens."
    };
    page.say(text, theme.title);
    page.gap();
    page.explain(
        "A session that npm login opened is not listed among the tokens: npm logout ends it.",
        theme.dim,
    );
}

/// A registry without tokens: what it said, and the way that is open.
fn not_offered(page: &mut Page<'_>, why: &Failure, theme: &Theme) {
    let plain = Style::new();
    page.say(
        "Tokens can be neither listed nor revoked here.",
        theme.title,
    );
    page.say(why.what.as_str(), plain);
    page.gap();
    page.say(
        "npm logout ends the one that npm login got; for others see the registry's website.",
        plain,
    );
    page.gap();
    page.explain("r asks again.", theme.dim);
}

/// Divides a place after `rows` rows.
pub(super) fn split(area: Rect, rows: u16) -> [Rect; 2] {
    let rows = rows.min(area.height);
    [
        Rect {
            height: rows,
            ..area
        },
        Rect {
            y: area.y + rows,
            height: area.height - rows,
            ..area
        },
    ]
}

/// How far the reading has come, while it goes on.
fn progress(screen: &TokensScreen, theme: &Theme, width: u16) -> Option<Line<'static>> {
    let (before, done, total) = match &screen.list {
        Load::Partial { done, total, .. } => ("Reading ", *done, *total),
        Load::Loading { old: Some(_), .. } => {
            let incoming = &screen.incoming;
            let done = u64::try_from(incoming.done()).unwrap_or(u64::MAX);
            ("Reading again ", done, incoming.total())
        }
        _ => return None,
    };
    let Some(total) = total.filter(|total| *total > 0) else {
        return Some(Line::styled(format!("{before}… {done} so far"), theme.dim));
    };
    let text = format!(" {done} of {total}");
    let cells = usize::from(width).min(60);
    let cells = cells.saturating_sub(text.len() + before.len());
    Some(bar(done, total, cells, before, text, theme))
}

/// A bar between two texts.
pub(super) fn bar(
    done: u64,
    total: u64,
    cells: usize,
    before: &'static str,
    after: String,
    theme: &Theme,
) -> Line<'static> {
    let cells_wide = u64::try_from(cells).unwrap_or(u64::MAX);
    let full = done.min(total).saturating_mul(cells_wide) / total.max(1);
    let full = usize::try_from(full).unwrap_or(cells).min(cells);
    Line::from(vec![
        Span::raw(before),
        Span::styled("█".repeat(full), theme.accent),
        Span::styled("░".repeat(cells - full), theme.dim),
        Span::raw(after),
    ])
}
