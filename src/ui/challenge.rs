//! The registry's question, above everything: for which action, whose host, and a field for the code.

use ratatui::Frame;
use ratatui::style::Style;

use super::dialog::dialog;
use super::input::Input;
use super::page::Page;
use super::theme::Theme;
use super::words;
use super::wrap::narrow;
use crate::app::Model;

/// The first question of the queue.
pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(asked) = model.challenges.first() else {
        return;
    };
    let plain = Style::new();
    let challenge = &asked.challenge;
    let width = 62.min(frame.area().width.saturating_sub(4));
    let mut page = Page::new(width);
    let action = challenge.action.as_str();
    let action = action.strip_prefix("to ").unwrap_or(action);
    let source = if challenge.by_email {
        " asks for the code that it has mailed to you, to "
    } else {
        " asks for your second factor to "
    };
    page.spans(&[
        (challenge.host.as_str(), theme.accent),
        (source, plain),
        (action, theme.title),
        (".", plain),
    ]);
    page.gap();
    for (index, notice) in challenge.notices.iter().enumerate() {
        if index > 0 {
            page.explain(format!("! {notice}"), theme.warning);
            continue;
        }
        page.hanging(
            2,
            &[("! ", theme.warning), (notice.as_str(), theme.warning)],
        );
    }
    if let Some(seconds) = super::wait_seconds(asked.wait_until, model.now.mono)
        && !asked.answered
    {
        page.say(
            format!("! A code is taken again in {}.", words::distance(seconds)),
            theme.warning,
        );
    }
    let input = Input {
        theme,
        now: model.now.mono,
        focused: !asked.answered,
        width: 66,
    };
    page.field(
        if challenge.by_email {
            "Code from the mail: "
        } else {
            "Code: "
        },
        &asked.typed,
        &input,
    );
    if asked.answered {
        page.say("Waiting for the registry …", theme.dim);
    }
    page.gap();
    if !challenge.by_email {
        page.explain(
            "Type the code that your authenticator shows. A recovery code works too; it works once and is used up by it.",
            theme.dim,
        );
    }
    page.gap();
    page.explain(
        "Enter sends it. Esc cancels: then nothing is done.",
        theme.dim,
    );
    let title = match model.challenges.len() {
        1 => "Second factor".to_owned(),
        n => format!("Second factor · {} more", n - 1),
    };
    let rows = narrow(page.len());
    let inner = dialog(model, frame, theme, &title, width, rows);
    page.draw(frame, inner, 0);
}
