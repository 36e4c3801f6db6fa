//! What the demo adds: its password, and its stand-in for a phone and for mail.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::theme::Theme;
use crate::app::model::Demo;

/// The demo's line, whole, in the longest wording that the width has room for.
pub(super) fn line(demo: &Demo, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let width = usize::from(area.width).saturating_sub(2);
    let texts = texts(demo);
    let fitting = texts.iter().find(|text| text.width() <= width);
    if let Some(text) = fitting.or(texts.last()) {
        buffer.set_stringn(area.x + 1, area.y, text, width, theme.warning);
    }
}

fn texts(demo: &Demo) -> Vec<String> {
    if let Some(inbox) = demo.inbox.as_ref().filter(|_| demo.mail) {
        return mail(demo, inbox);
    }
    let password = match &demo.password {
        Some(password) => format!("Demo password: {password}"),
        None => "Demo password: as you chose it".to_owned(),
    };
    if demo.open {
        let shown = authenticator(demo);
        vec![format!("{shown} · {password}"), shown, short(demo)]
    } else {
        vec![
            format!("{password} · Ctrl-T shows a code as your phone would"),
            format!("{password} · Ctrl-T shows codes like a phone"),
            format!("{password} · Ctrl-T: code"),
            password,
        ]
    }
}

/// Where the code is that was mailed, or what it is.
fn mail(demo: &Demo, inbox: &str) -> Vec<String> {
    match &demo.code {
        Some(code) => {
            let shown = format!("Demo inbox: {}", grouped(code.code.expose()));
            vec![format!("{shown} · {inbox}"), shown]
        }
        None if demo.open => vec![
            format!("Demo inbox: no code that serves · {inbox}"),
            "Demo inbox: no code that serves".to_owned(),
        ],
        None => vec![
            format!("Demo inbox: {inbox} · Ctrl-T shows the code in it"),
            format!("Demo inbox: {inbox} · Ctrl-T: code"),
            "Demo inbox: Ctrl-T shows the code".to_owned(),
        ],
    }
}

/// What the demo authenticator shows.
pub(super) fn authenticator(demo: &Demo) -> String {
    match &demo.code {
        None => "Demo authenticator: no entry yet".to_owned(),
        Some(code) => format!(
            "Demo authenticator: {} ({} s left)",
            grouped(code.code.expose()),
            code.seconds_left
        ),
    }
}

fn short(demo: &Demo) -> String {
    match &demo.code {
        None => "Demo: no entry yet".to_owned(),
        Some(code) => format!(
            "Demo code: {} ({} s)",
            grouped(code.code.expose()),
            code.seconds_left
        ),
    }
}

/// `123 456`, `1234 5678`: as authenticators show it.
fn grouped(code: &str) -> String {
    let half = code.chars().count().div_ceil(2);
    let at = code
        .char_indices()
        .nth(half)
        .map_or(code.len(), |(at, _)| at);
    let (head, tail) = code.split_at(at);
    format!("{head} {tail}").trim_end().to_owned()
}
