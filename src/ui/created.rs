//! What a request for a token has brought: its value, this once, or the question about one whose value is lost.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::page::{Hidden, Page};
use super::theme::{Theme, sign};
use super::tokens::split;
use super::wrap::narrow;
use super::{Heading, table, value, words};
use crate::app::Model;
use crate::app::created::{CreatedPage, LostToken, MadeToken};
use crate::app::model::Tone;
use crate::domain::moment::Moment;
use crate::domain::token::Token;

/// Where the facts begin.
const COLUMN: usize = 11;

pub(super) fn draw(
    model: &Model,
    page: &CreatedPage,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    match page {
        CreatedPage::Made(made) => self::made(model, made, theme, frame, inner),
        CreatedPage::Lost(lost) => self::lost(lost, theme, frame, inner),
    }
}

/// A question with its two answers, the harmless one first.
pub(super) fn answers(page: &mut Page<'_>, question: &str, yes: bool, theme: &Theme) {
    let answer = |chosen: bool| if chosen { theme.selected } else { Style::new() };
    page.spans(&[
        (question, theme.title),
        ("  ", Style::new()),
        (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
        ("  ", Style::new()),
        (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
    ]);
}

/// The question with its answers at the foot, where they stay in sight however long the page is; gives the area above.
pub(super) fn above_answers(
    (question, yes): (&str, bool),
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Rect {
    let mut bottom = Page::new(inner.width);
    if inner.height > 9 {
        bottom.gap();
    }
    answers(&mut bottom, question, yes, theme);
    let rows = narrow(bottom.len()).min(inner.height / 2);
    let [middle, foot] = split(inner, inner.height - rows);
    bottom.draw(frame, foot, 0);
    middle
}

fn made(
    model: &Model,
    made: &MadeToken,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    if let Some(form) = &made.card.writing {
        return value::write(model, &made.card, form, theme, frame, inner);
    }
    let mut page = Page::new(inner.width).scrolls();
    match made.card.leaving {
        Some(yes) => {
            page.say(value::before_leaving(&made.card, false), theme.warning);
            answers(&mut page, "Leave it?", yes, theme);
        }
        None => page.say(
            "✓ The token is made. Its value is shown this once:",
            theme.good,
        ),
    }
    page.gap();
    value::draw(&mut page, &made.card, theme);
    page.gap();
    value::used_here(&mut page, &made.card, theme);
    if !made.wider.is_empty() {
        page.say("✗ The registry made more than was asked for:", theme.bad);
        for wider in &made.wider {
            page.say(format!("  · {wider}"), theme.warning);
        }
        page.say(
            "  Unless that will do: leave this page and revoke it with x; its row is chosen.",
            Style::new(),
        );
    }
    for warning in &made.warnings {
        page.say(format!("! {warning}"), theme.warning);
    }
    facts(&mut page, model, &made.token, theme);
    page.gap();
    page.explain(
        "Put it where it is needed and nowhere else: whoever has it can do what stands here.",
        theme.dim,
    );
    Heading {
        title: "The new token".to_owned(),
        right: vec![value::where_it_is(&made.card).to_owned()],
        hidden: page.draw(frame, inner, made.scroll),
    }
}

/// What it is and may, as the registry lists it.
pub(super) fn facts(page: &mut Page<'_>, model: &Model, token: &Token, theme: &Theme) {
    let plain = Style::new();
    let now = model.now.wall;
    let mut pair = |label: &str, value: &str, style: Style| {
        page.pair(label, COLUMN, &[(value, style)], theme.dim);
    };
    if let Some(name) = token.name.as_ref().filter(|name| !name.is_empty()) {
        pair("name", name.as_str(), plain);
    }
    pair("may", token.may(), plain);
    pair("for", &table::what_for(token), plain);
    pair("only from", &table::only_from(token), plain);
    let (words, tone) = words::expiry(token.expires.map(Moment::at), now);
    match token.expires {
        Some(at) => {
            let text = format!("{words}, {}", words::date(at.at(), theme));
            pair("expires", &text, theme.tone(tone));
        }
        None if token.never.expires => pair("expires", "never", plain),
        None => pair("expires", "not told", plain),
    }
    if token.bypass_2fa {
        pair("2FA", "! bypass: needs no code", theme.badge);
    }
    let id = token.key.short();
    let told = !id.is_empty();
    pair("id", if told { id.as_str() } else { "not told" }, plain);
}

fn lost(lost: &LostToken, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let plain = Style::new();
    let mut top = Page::new(inner.width);
    let one = lost.tokens.len() == 1;
    if one {
        let at = match lost.tokens[0].created {
            Some(at) => format!("at {}", words::clock(at.at(), theme)),
            None => format!("before {}", words::clock(lost.at, theme)),
        };
        top.say(
            format!("! One was created {at}; its value is lost."),
            theme.warning,
        );
        top.explain(format!("{} {}", sign(Tone::Bad), lost.why.what), theme.bad);
        top.explain(
            "It was not in the list before. If another program made it just then, leave it.",
            plain,
        );
    } else {
        top.say(
            format!(
                "! {} tokens are new in the list; the value of the one made here is lost. The others were made elsewhere.",
                lost.tokens.len()
            ),
            theme.warning,
        );
        top.explain(format!("{} {}", sign(Tone::Bad), lost.why.what), theme.bad);
        top.explain(
            "If you cannot tell which is which, answer No: each can be revoked by itself in the list.",
            plain,
        );
    }
    let mut bottom = Page::new(inner.width);
    let question = if one {
        "Revoke it?"
    } else {
        "Revoke them all?"
    };
    if inner.height > 9 {
        top.gap();
        bottom.gap();
    }
    answers(&mut bottom, question, lost.yes, theme);
    let bottom_rows = narrow(bottom.len()).min(inner.height / 2);
    let room = inner.height - bottom_rows;
    let top_rows = match narrow(top.len()) {
        rows if rows > room / 2 && lost.scroll > 0 => 0,
        rows => rows.min(room.saturating_sub(2)),
    };
    let [head, rest] = split(inner, top_rows);
    let [middle, foot] = split(rest, rest.height - bottom_rows);
    top.draw(frame, head, 0);
    bottom.draw(frame, foot, 0);
    Heading {
        title: if one {
            "A token whose value is lost".to_owned()
        } else {
            "Tokens whose value is lost".to_owned()
        },
        right: Vec::new(),
        hidden: rows(lost, theme, frame, middle),
    }
}

fn rows(lost: &LostToken, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Hidden {
    let plain = Style::new();
    let first = lost.scroll.min(lost.tokens.len().saturating_sub(1));
    let mut y = area.y;
    let mut end = first;
    for (index, token) in lost.tokens.iter().enumerate().skip(first) {
        let mut page = Page::new(area.width);
        let created = token.created.map_or_else(
            || "creation not told".to_owned(),
            |at| format!("created {}", words::stamp(at.at(), theme)),
        );
        let facts = format!(
            "{} {} · {created} · may {} · from {}",
            token.key.short(),
            token.begins,
            token.may(),
            table::only_from(token)
        );
        page.hanging(
            2,
            &[
                ("· ", theme.dim),
                (token.label(), theme.title),
                ("  ", plain),
                (&facts, plain),
            ],
        );
        let lines = narrow(page.len());
        if y + lines > area.bottom() && index > first {
            break;
        }
        let place = Rect::new(area.x, y, area.width, lines).intersection(area);
        page.draw(frame, place, 0);
        y = place.bottom();
        end = index + 1;
        if y >= area.bottom() {
            break;
        }
    }
    Hidden {
        above: first,
        below: lost.tokens.len() - end,
    }
}
