//! The Scan step: no frame, so that the QR code has every row but two.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::place::doing;
use crate::app::Model;
use crate::app::model::{Tone, Wizard};
use crate::backend::protocol::CodeRefused;
use crate::domain::otp::{Diagnosis, Enrolment};
use crate::ui::page::{Input, Page};
use crate::ui::qr::{Card, Fit, style_name};
use crate::ui::theme::{Theme, sign};
use crate::ui::{frame as chrome, wait_seconds, words};

/// The narrowest column beside the card that can be read.
const BESIDE: u16 = 28;
const GAP: u16 = 2;

pub(in crate::ui) fn draw(
    model: &Model,
    wizard: &Wizard,
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let middle = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(2),
        ..area
    };
    let card = wizard
        .enrolment
        .as_ref()
        .and_then(|enrolment| Card::new(enrolment.url()));
    let room = area.width.saturating_sub(BESIDE + GAP + 1);
    let in_middle = card
        .as_ref()
        .and_then(|card| card.fit(wizard.qr, room, middle.height))
        .map(|fit| (fit, middle));
    // A long address needs the first and the last row as well: stepper and keys move beside the card then.
    let placed = in_middle.or_else(|| {
        let fit = card.as_ref()?.fit(wizard.qr, room, area.height)?;
        Some((fit, area))
    });
    let left = match (&card, placed) {
        (Some(card), Some((fit, place))) => {
            card.draw(fit, frame.buffer_mut(), place.x, place.y);
            if place == area { fit.columns + 1 } else { 0 }
        }
        _ => 0,
    };
    let chrome_area = Rect {
        x: area.x + left,
        width: area.width - left,
        ..area
    };
    let buffer = frame.buffer_mut();
    super::stepper(
        wizard,
        theme,
        buffer,
        Rect {
            height: 1,
            ..chrome_area
        },
    );
    let footer = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        ..chrome_area
    };
    chrome::footer(&chrome::hints(model), theme, buffer, footer);
    let beside = placed.map_or(0, |(fit, _)| fit.columns + GAP);
    let column = Rect {
        x: middle.x + beside.max(1),
        width: middle.width.saturating_sub(beside.max(1) + 1),
        ..middle
    };
    let mut page = Page::new(column.width);
    if let Some(enrolment) = &wizard.enrolment {
        text(
            &mut page,
            model,
            wizard,
            enrolment,
            card.as_ref(),
            placed.map(|(fit, _)| fit),
            (room, area.height),
            theme,
        );
    } else {
        page.say(doing(wizard), theme.dim);
    }
    page.draw(frame, column, 0);
}

#[expect(clippy::too_many_arguments, reason = "one page, laid out in one place")]
fn text<'a>(
    page: &mut Page<'a>,
    model: &Model,
    wizard: &'a Wizard,
    enrolment: &'a Enrolment,
    card: Option<&Card>,
    fit: Option<Fit>,
    (room, rows): (u16, u16),
    theme: &Theme,
) {
    let plain = Style::new();
    match (card, fit) {
        (_, Some(_)) => page.say(
            "Scan it with your authenticator, or type this key there:",
            plain,
        ),
        (Some(card), None) => {
            page.say("Type this key into your authenticator:", plain);
            key(page, wizard, enrolment, theme);
            page.explain(too_small(card, wizard, room, rows), theme.warning);
        }
        (None, None) => {
            page.say("Type this key into your authenticator:", plain);
            key(page, wizard, enrolment, theme);
        }
    }
    if fit.is_some() {
        page.gap();
        key(page, wizard, enrolment, theme);
    }
    let mut facts = Vec::new();
    if !enrolment.account.is_empty() {
        facts.push(format!("account {}", enrolment.account));
    }
    if !enrolment.issuer.is_empty() {
        facts.push(format!("issuer {}", enrolment.issuer));
    }
    facts.push(format!(
        "{} digits, {} s",
        enrolment.digits, enrolment.period
    ));
    page.explain(facts.join(" · "), theme.dim);
    page.gap();
    confirm(page, model, wizard, enrolment, theme);
    page.gap();
    if let Some(notice) = &model.notice {
        let style = theme.tone(notice.tone);
        page.hanging(
            2,
            &[
                (sign(notice.tone), style),
                (" ", style),
                (notice.text.as_str(), style),
            ],
        );
    }
    if let Some(demo) = &model.demo {
        page.gap();
        let texts = chrome::demo_texts(demo);
        let text = if demo.open {
            texts.get(1).or(texts.first())
        } else {
            texts.first()
        };
        if let Some(text) = text {
            page.say(
                if demo.open {
                    text.as_str()
                } else {
                    "Demo: Ctrl-T shows a code as your phone would"
                },
                theme.warning,
            );
        }
    }
}

/// The key in groups of four, or dots for it.
fn key<'a>(page: &mut Page<'a>, wizard: &Wizard, enrolment: &'a Enrolment, theme: &Theme) {
    let key = enrolment.key().expose();
    let groups = groups(key);
    // Two blanks before, one between two groups.
    let per_row = (page.width().saturating_sub(1) / 5).max(1);
    for row in groups.chunks(per_row) {
        let mut spans = vec![Span::raw(" ")];
        for group in row {
            spans.push(Span::raw(" "));
            spans.push(if wizard.key_shown {
                Span::styled(*group, theme.title)
            } else {
                Span::styled("•".repeat(group.chars().count()), theme.title)
            });
        }
        page.row(Line::from(spans));
    }
}

/// Slices of four characters.
fn groups(key: &str) -> Vec<&str> {
    let mut groups = Vec::new();
    let mut rest = key.trim();
    while let Some((at, _)) = rest.char_indices().nth(4) {
        let (head, tail) = rest.split_at(at);
        groups.push(head);
        rest = tail;
    }
    if !rest.is_empty() {
        groups.push(rest);
    }
    groups
}

fn too_small(card: &Card, wizard: &Wizard, room: u16, rows: u16) -> String {
    let least = card.least(wizard.qr);
    let columns = least.columns.saturating_sub(room);
    let rows = least.rows.saturating_sub(rows);
    let more = |n: u16, one: &str, many: &str| words::count(usize::from(n), one, many);
    let missing = match (columns, rows) {
        (0, rows) => more(rows, "row", "rows"),
        (columns, 0) => more(columns, "column", "columns"),
        (columns, rows) => format!(
            "{} and {}",
            more(columns, "column", "columns"),
            more(rows, "row", "rows")
        ),
    };
    format!(
        "The QR code needs {missing} more as {}. Ctrl-G draws it another way.",
        style_name(wizard.qr)
    )
}

/// The field, and what is known about the code that was typed last.
fn confirm<'a>(
    page: &mut Page<'a>,
    model: &Model,
    wizard: &'a Wizard,
    enrolment: &Enrolment,
    theme: &Theme,
) {
    let input = Input {
        theme,
        now: model.now.mono,
        focused: wizard.confirm.is_some(),
        width: 12,
    };
    page.field("Code from the app: ", &wizard.code, &input);
    if wizard.stopping {
        page.say(
            "! Giving up: if a code was sent already, 2FA may be on.",
            theme.warning,
        );
        return;
    }
    let Some(confirm) = &wizard.confirm else {
        page.say(doing(wizard), theme.dim);
        return;
    };
    if let Some(refused) = &confirm.refused {
        let text = refused_text(refused, model, enrolment, theme);
        page.hanging(2, &[("✗ ", theme.bad), (&text, theme.bad)]);
    }
    if let Some(ahead) = confirm.clock_ahead {
        let by = words::distance(ahead.unsigned_abs());
        let way = if ahead > 0 { "ahead of" } else { "behind" };
        page.hanging(
            2,
            &[
                ("! ", theme.tone(Tone::Warning)),
                (
                    &format!("This computer's clock is {by} {way} the registry's."),
                    theme.warning,
                ),
            ],
        );
    }
    if let Some(seconds) = wait_seconds(wizard.wait_until, model.now.mono) {
        page.say(
            format!("! A code is taken again in {}.", words::distance(seconds)),
            theme.warning,
        );
    }
}

/// Why a code did not do, with what to try.
fn refused_text(
    refused: &CodeRefused,
    model: &Model,
    enrolment: &Enrolment,
    theme: &Theme,
) -> String {
    match refused {
        CodeRefused::Here(Diagnosis::Current) => "That code is right; send it again.".to_owned(),
        CodeRefused::Here(Diagnosis::OtherTime(seconds)) => {
            let at = model.now.wall + jiff::SignedDuration::from_secs(*seconds);
            let by = words::distance(seconds.unsigned_abs());
            let way = if *seconds < 0 { "behind" } else { "ahead" };
            format!(
                "That code is right for {}; your phone is {by} {way}. Set its time to automatic and type a new code.",
                words::clock_seconds(at, theme)
            )
        }
        CodeRefused::Here(Diagnosis::OtherKey) => {
            let other = if enrolment.issuer.is_empty() {
                "Is it from another entry in your app?".to_owned()
            } else {
                format!(
                    "Is it from the other entry called {} in your app?",
                    enrolment.issuer
                )
            };
            format!("No code of this key within 10 minutes. {other} Enter sends it all the same.")
        }
        CodeRefused::Here(Diagnosis::NotACode(digits)) => format!("A code has {digits} digits."),
        CodeRefused::There(words) if words.is_empty() => {
            "The registry refused a code that is right for this key. Wait for the next one."
                .to_owned()
        }
        CodeRefused::There(words) => format!(
            "The registry refused a code that is right for this key: “{}”. Wait for the next one.",
            words.cut(160)
        ),
        CodeRefused::Again => "That code was refused before. Wait for the next one.".to_owned(),
        CodeRefused::Unanswered(why) => format!(
            "No answer came, and the registry still waits for a code: {} Type the current code.",
            why.cut(160)
        ),
    }
}
