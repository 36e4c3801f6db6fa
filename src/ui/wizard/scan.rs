//! The Scan step: no frame, so that the QR code has every row but two.

use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::place::doing;
use crate::app::Model;
use crate::app::model::{CodeRefused, Tone, Wizard};
use crate::domain::otp::{Diagnosis, Enrolment};
use crate::ui::demo::authenticator;
use crate::ui::input::Input;
use crate::ui::page::{Hidden, Page};
use crate::ui::qr::{Card, Fit, style_name};
use crate::ui::theme::{Theme, sign};
use crate::ui::wrap::narrow;
use crate::ui::{footer, wait_seconds, words};

/// The narrowest column beside the card that can be read.
const BESIDE: u16 = 28;
const GAP: u16 = 2;
/// The fewest rows for the text below the card.
const BELOW: u16 = 10;

/// Where the card and the text stand.
struct Layout {
    card: Option<(Fit, Rect)>,
    text: Rect,
    /// Stepper and keys stand in the first and the last row of this.
    around: Rect,
}

pub(in crate::ui) fn draw(
    model: &Model,
    wizard: &Wizard,
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let card = wizard
        .enrolment
        .as_ref()
        .and_then(|enrolment| enrolment.modules())
        .map(Card::of);
    let layout = layout(card, wizard, area);
    let buffer = frame.buffer_mut();
    if let (Some(card), Some((fit, place))) = (card, layout.card) {
        card.draw(fit, buffer, place.x, place.y);
    }
    let around = layout.around;
    super::stepper(wizard, theme, buffer, around);
    let last = Rect {
        y: around.bottom().saturating_sub(1),
        height: 1,
        ..around
    };
    footer::draw(model, theme, buffer, last);
    let mut page = Page::new(layout.text.width).scrolls();
    if let Some(enrolment) = &wizard.enrolment {
        let missing = match (card, layout.card) {
            (Some(card), None) => Some(too_small(card, wizard, area)),
            _ => None,
        };
        let scans = layout.card.is_some();
        to_authenticator(&mut page, wizard, enrolment, scans, missing, theme);
        page.gap();
        confirm(&mut page, model, wizard, enrolment, theme);
    } else {
        page.say(doing(wizard), theme.dim);
    }
    below(&mut page, model, theme);
    let hidden = page.draw_moved(frame, layout.text, wizard.nudge);
    more(hidden, theme, frame.buffer_mut(), around);
}

/// What of the text is out of sight, behind the stepper.
fn more(hidden: Hidden, theme: &Theme, buffer: &mut Buffer, around: Rect) {
    let more = match (hidden.above, hidden.below) {
        (0, 0) => return,
        (above, 0) => format!(" ↑ {above} "),
        (0, below) => format!(" ↓ {below} "),
        (above, below) => format!(" ↑ {above} ↓ {below} "),
    };
    let width = narrow(more.chars().count());
    if width < around.width && around.height > 0 {
        buffer.set_string(around.right() - width, around.y, more, theme.dim);
    }
}

/// The card beside the text, or above it, or beside everything, or not at all.
fn layout(card: Option<Card<'_>>, wizard: &Wizard, area: Rect) -> Layout {
    let middle = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(2),
        ..area
    };
    let room = area.width.saturating_sub(BESIDE + GAP + 1);
    let fit = |columns, rows| card?.fit(wizard.qr, columns, rows);
    let right_of = |fit: Fit| Rect {
        x: middle.x + fit.columns + GAP,
        width: middle.width.saturating_sub(fit.columns + GAP + 1),
        ..middle
    };
    if let Some(fit) = fit(room, middle.height) {
        return Layout {
            card: Some((fit, middle)),
            text: right_of(fit),
            around: area,
        };
    }
    let margin = Rect {
        x: middle.x + 1,
        width: middle.width.saturating_sub(2),
        ..middle
    };
    if let Some(fit) = fit(area.width, middle.height.saturating_sub(BELOW)) {
        return Layout {
            card: Some((fit, middle)),
            text: Rect {
                y: margin.y + fit.rows,
                height: margin.height - fit.rows,
                ..margin
            },
            around: area,
        };
    }
    // A long address needs the first and the last row as well: stepper and keys move beside the card.
    if let Some(fit) = fit(room, area.height) {
        return Layout {
            card: Some((fit, area)),
            text: right_of(fit),
            around: Rect {
                x: area.x + fit.columns + 1,
                width: area.width.saturating_sub(fit.columns + 1),
                ..area
            },
        };
    }
    Layout {
        card: None,
        text: margin,
        around: area,
    }
}

/// What goes into the authenticator.
fn to_authenticator<'a>(
    page: &mut Page<'a>,
    wizard: &Wizard,
    enrolment: &'a Enrolment,
    scans: bool,
    missing: Option<String>,
    theme: &Theme,
) {
    let what = if scans {
        "Scan it with your authenticator, or type this key there:"
    } else {
        "Type this key into your authenticator:"
    };
    page.explain(what, Style::new());
    page.gap();
    key(page, wizard, enrolment, theme);
    if let Some(missing) = missing {
        page.explain(missing, theme.warning);
    }
    for (label, text) in [
        ("account", &enrolment.account),
        ("issuer", &enrolment.issuer),
    ] {
        if !text.is_empty() {
            page.explain(format!("{label} {text}"), theme.dim);
        }
    }
    page.explain(
        format!(
            "{} digits, a new code every {} s",
            enrolment.digits, enrolment.period
        ),
        theme.dim,
    );
}

/// What just happened, and the demo's help.
fn below(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    if let Some(notice) = &model.notice {
        page.gap();
        let style = theme.tone(notice.tone);
        page.say(format!("{} {}", sign(notice.tone), notice.text), style);
    }
    if let Some(demo) = &model.demo {
        page.gap();
        let text = if demo.open {
            authenticator(demo)
        } else {
            "Demo: Ctrl-T shows a code as your phone would.".to_owned()
        };
        page.say(text, theme.warning);
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

/// How much larger the window must be for the card beside the text.
fn too_small(card: Card<'_>, wizard: &Wizard, area: Rect) -> String {
    let least = card.least(wizard.qr);
    let columns = (least.columns + BESIDE + GAP + 1).saturating_sub(area.width);
    let rows = least.rows.saturating_sub(area.height);
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
        let text = refused_text(refused, model, wizard, enrolment, theme);
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
                    &format!("This computer's clock is {by} {way} the registry's: an authenticator on it shows wrong codes, one on a phone with the right time does not."),
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
    wizard: &Wizard,
    enrolment: &Enrolment,
    theme: &Theme,
) -> String {
    let found = |diagnosis: &Diagnosis| found(diagnosis, model, wizard, enrolment, theme);
    let still = |diagnosis: &Diagnosis| match diagnosis {
        Diagnosis::OtherKey => format!("{} Type a code of the new entry.", found(diagnosis)),
        _ => found(diagnosis),
    };
    // Sent all the same, it is no better a code.
    let insisted = wizard.judged.filter(|judged| judged.insisted);
    match (refused, insisted) {
        (CodeRefused::Here(diagnosis @ Diagnosis::OtherKey), _) => {
            format!("{} Typed again, it is sent all the same.", found(diagnosis))
        }
        (CodeRefused::Here(diagnosis), _) => found(diagnosis),
        (CodeRefused::There(words), Some(judged)) if words.is_empty() => {
            format!("The registry refused it too. {}", still(&judged.diagnosis))
        }
        (CodeRefused::There(words), Some(judged)) => format!(
            "The registry refused it too: {}. {}",
            words.quoted(160),
            still(&judged.diagnosis)
        ),
        (CodeRefused::Again, Some(judged)) => {
            format!("That code was refused before. {}", still(&judged.diagnosis))
        }
        (CodeRefused::There(words), None) if words.is_empty() => {
            "The registry refused a code that is right for this key. Wait for the next one."
                .to_owned()
        }
        (CodeRefused::There(words), None) => format!(
            "The registry refused a code that is right for this key: {}. Wait for the next one.",
            words.quoted(160)
        ),
        (CodeRefused::Again, None) => {
            "That code was refused before. Wait for the next one.".to_owned()
        }
        (CodeRefused::Unanswered(why), _) => format!(
            "No answer came, and the registry still waits for a code: {} Type the current code.",
            why.cut(160)
        ),
    }
}

/// What the authenticator calls the new entry: issuer and account, as the address has them.
fn entry(enrolment: &Enrolment) -> Option<String> {
    match (enrolment.issuer.as_str(), enrolment.account.as_str()) {
        ("", "") => None,
        ("", name) | (name, "") => Some(name.to_owned()),
        (issuer, account) => Some(format!("{issuer}:{account}")),
    }
}

/// What the set-up's own secret says about a code.
fn found(
    diagnosis: &Diagnosis,
    model: &Model,
    wizard: &Wizard,
    enrolment: &Enrolment,
    theme: &Theme,
) -> String {
    match diagnosis {
        Diagnosis::Current => "That code is right; send it again.".to_owned(),
        Diagnosis::OtherTime(seconds) => {
            // By the registry's clock, and as it was when the code was looked at.
            let ahead = wizard
                .confirm
                .as_ref()
                .and_then(|confirm| confirm.clock_ahead);
            let seen = wizard.judged.map_or(model.now.wall, |judged| judged.at);
            let at = seen + SignedDuration::from_secs(*seconds - ahead.unwrap_or_default());
            let by = words::distance(seconds.unsigned_abs());
            // A clock that is off here makes the time look odd.
            let whose = ahead.map_or("", |_| " by the registry's clock");
            let at = words::clock_seconds(at, theme);
            if *seconds < 0 {
                format!(
                    "That code is right for {at}{whose}: it came {by} late. If the app shows it now, your phone's clock is behind: set it to automatic. Else type the one that it shows."
                )
            } else {
                format!(
                    "That code is right for {at}{whose}: it came {by} early, so your phone's clock is ahead. Set it to automatic and type a new code."
                )
            }
        }
        Diagnosis::OtherKey => {
            let from = match (entry(enrolment), wizard.relevel) {
                (None, _) => "another entry in your app".to_owned(),
                (Some(name), false) => format!("the other entry called {name} in your app"),
                (Some(name), true) => format!("the old entry called {name} in your app"),
            };
            format!(
                "No code of this key within 10 minutes of now. Is it from {from}, or is your phone's clock off by more?"
            )
        }
        Diagnosis::NotACode(digits) => format!("A code has {digits} digits."),
    }
}
