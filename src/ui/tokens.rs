//! The tokens screen: the table, its filter, its progress, and the details of one token.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::input::Input;
use super::page::{Hidden, Page};
use super::table::{self, Marks, Table, in_sight};
use super::theme::{Theme, sign};
use super::wrap::narrow;
use super::{Heading, create, failure, revoke, words};
use crate::app::Model;
use crate::app::model::{Load, SortBy, TokensScreen, Tone};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;
use crate::domain::token::Token;

/// From this width on the details stand beside the table.
const PANE_FROM: u16 = 104;
const PANE: u16 = 36;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let screen = &model.tokens;
    if let Some(revocation) = &screen.revoke {
        return revoke::draw(model, revocation, theme, frame, inner);
    }
    if let Some(form) = &screen.create {
        return create::draw(model, form, theme, frame, inner);
    }
    let now = model.now.wall;
    let chosen = chosen(screen);
    if let (true, Some(token)) = (screen.details && inner.width < PANE_FROM, chosen) {
        let mut page = Page::new(inner.width);
        details(&mut page, token, now, theme);
        return Heading {
            title: format!("Token {}", token.key.short()),
            right: vec!["Esc closes".to_owned()],
            hidden: page.draw(frame, inner, 0),
        };
    }
    let list = match chosen {
        Some(token) if inner.width >= PANE_FROM => {
            let beside = Rect::new(inner.right() - PANE, inner.y, PANE, inner.height);
            for y in inner.y..inner.bottom() {
                frame
                    .buffer_mut()
                    .set_string(beside.x - 2, y, "│", theme.dim);
            }
            let mut page = Page::new(PANE);
            details(&mut page, token, now, theme);
            page.draw(frame, beside, 0);
            Rect::new(inner.x, inner.y, inner.width - PANE - 3, inner.height)
        }
        _ => inner,
    };
    let hidden = draw_list(model, theme, frame, list);
    Heading {
        title: "Tokens".to_owned(),
        right: counts(screen),
        hidden,
    }
}

fn chosen(screen: &TokensScreen) -> Option<&Token> {
    let index = *screen.shown.get(screen.cursor)?;
    screen.list.value()?.get(index)
}

fn counts(screen: &TokensScreen) -> Vec<String> {
    let Some(list) = screen.list.value() else {
        return Vec::new();
    };
    let mut parts = vec![format!("{} of {}", screen.shown.len(), list.len())];
    if !screen.selected.is_empty() {
        parts.push(format!("{} selected", screen.selected.len()));
    }
    if let Some(sort) = screen.sort {
        parts.push(
            match sort {
                SortBy::Name => "by name",
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
        Load::Ready(_) if rows.is_empty() => {
            top.say("This account has no access tokens.", theme.title);
            top.gap();
            top.explain(
                "A session that npm login opened is not listed among the tokens: npm logout ends it.",
                theme.dim,
            );
        }
        _ if !rows.is_empty() && screen.shown.is_empty() => {
            top.say("No token matches the filter. Esc clears it.", Style::new());
        }
        _ => {}
    }
    let bottom_rows = u16::from(progress(screen, theme, area.width).is_some());
    let top_rows = narrow(top.len()).min(area.height.saturating_sub(bottom_rows));
    let [head, rest] = split(area, top_rows);
    top.draw(frame, head, 0);
    let [middle, foot] = split(rest, rest.height.saturating_sub(bottom_rows));
    if let Some(line) = progress(screen, theme, area.width) {
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
        let line = table.row(token, marks, model.now.wall, theme);
        if marks.chosen {
            buffer.set_style(Rect::new(place.x, y, place.width, 1), theme.selected);
        }
        buffer.set_line(place.x, y, &line, place.width);
    }
    hidden
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
    let (done, total) = match &screen.list {
        Load::Partial { done, total, .. } => (*done, *total),
        Load::Loading { old: Some(_), .. } => {
            return Some(Line::styled("Reading the list again …", theme.dim));
        }
        _ => return None,
    };
    let Some(total) = total.filter(|total| *total > 0) else {
        return Some(Line::styled(format!("Reading … {done} so far"), theme.dim));
    };
    let text = format!(" {done} of {total}");
    Some(bar(
        done,
        total,
        usize::from(width).min(60).saturating_sub(text.len() + 8),
        "Reading ",
        text,
        theme,
    ))
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

/// Everything that is known of one token; what tells it from others stays longest.
fn details(page: &mut Page<'_>, token: &Token, now: Timestamp, theme: &Theme) {
    const COLUMN: usize = 11;
    let plain = Style::new();
    let dim = theme.dim;
    page.say(token.label(), theme.title);
    if let Some(text) = token.description.as_ref().filter(|text| !text.is_empty()) {
        page.explain(text.as_str(), plain);
    }
    page.gap();
    let at = |at: Option<Timestamp>| {
        at.map_or_else(
            || "not told".to_owned(),
            |at| format!("{}, {}", words::date(at, theme), words::ago(at, now)),
        )
    };
    let mut pair = |label: &str, value: &str, style: Style, nice: bool| {
        let start = page.len();
        page.pair(label, COLUMN, &[(value, style)], dim);
        if nice {
            page.nice_from(start);
        }
    };
    pair("id", token.key.short().as_str(), plain, true);
    pair("begins", token.begins.as_str(), plain, false);
    pair("may", token.may(), plain, false);
    if token.in_use().is_some() {
        let text = "by this program now, by its first characters";
        pair("in use", text, theme.accent, false);
    }
    if token.bypass_2fa {
        pair("2FA", "! bypass: needs no code", theme.badge, false);
    } else {
        pair("2FA", "no bypass", plain, true);
    }
    if !token.permissions.is_empty() {
        pair("in detail", &joined(&token.permissions), plain, true);
    }
    let scopes = if token.scopes.is_empty() {
        table::what_for(token)
    } else {
        joined(&token.scopes)
    };
    pair("for", &scopes, plain, false);
    pair(
        "only from",
        &table::only_from(token),
        plain,
        token.cidr.is_empty(),
    );
    pair("created", &at(token.created), plain, true);
    pair("last used", &at(token.accessed), plain, false);
    if token.revoked.is_some() {
        pair(
            "revoked",
            &format!("✗ {}", at(token.revoked)),
            theme.bad,
            false,
        );
    }
    let (words, tone) = words::expiry(token.expires, now);
    match token.expires {
        Some(at) => {
            let mark = if tone == Tone::Plain {
                String::new()
            } else {
                format!("{} ", sign(tone))
            };
            let text = format!("{mark}{words}, {}", words::date(at, theme));
            pair("expires", &text, theme.tone(tone), false);
        }
        None => pair("expires", "never, or not told", plain, false),
    }
}

fn joined(pairs: &[(Text, Text)]) -> String {
    pairs
        .iter()
        .map(|(kind, name)| format!("{kind} {name}").trim().to_owned())
        .collect::<Vec<_>>()
        .join(", ")
}
