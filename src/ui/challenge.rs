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
    if let Some(spending) = &asked.spending {
        spend(&mut page, challenge.host.as_str(), spending.yes, theme);
        let rows = narrow(page.len());
        let inner = dialog(model, frame, theme, "Use up a recovery code?", width, rows);
        page.draw(frame, inner, 0);
        return;
    }
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
            "Type the code that your authenticator shows. A recovery code works too: a page of its own asks before it is used up.",
            theme.dim,
        );
    }
    page.gap();
    let keys = if asked.answered {
        "Esc gives up; what was sent already is waited for.".to_owned()
    } else {
        format!(
            "Enter sends it. {}",
            way_out(model.revoked_so_far(asked.id))
        )
    };
    page.explain(keys, theme.dim);
    let title = match model.challenges.len() {
        1 => "Second factor".to_owned(),
        n => format!("Second factor · {} more", n - 1),
    };
    let rows = narrow(page.len());
    let inner = dialog(model, frame, theme, &title, width, rows);
    page.draw(frame, inner, 0);
}

/// What Esc leaves behind: a revocation may have come some way.
fn way_out(revoked: Option<(usize, usize, usize)>) -> String {
    let Some((done, sent, kept)) = revoked else {
        return "Esc cancels: then that is not done.".to_owned();
    };
    let are = |n: usize, what: &str| match n {
        1 => format!("1 is {what}"),
        n => format!("{n} are {what}"),
    };
    let mut parts = Vec::new();
    if done > 0 {
        parts.push(are(done, "revoked already"));
    }
    if sent > 0 {
        parts.push(are(sent, "sent and waited for"));
    }
    match (parts.is_empty(), kept) {
        (true, 0) => return "Esc stops.".to_owned(),
        (true, kept) => parts.push(are(kept, "kept")),
        (false, 0) => {}
        (false, kept) => parts.push(format!("the other {}", are(kept, "kept"))),
    }
    format!("Esc stops: {}.", parts.join(", "))
}

/// The page before a recovery code goes out (promise P11).
fn spend(page: &mut Page<'_>, host: &str, yes: bool, theme: &Theme) {
    let plain = Style::new();
    page.say("This looks like a recovery code.", theme.title);
    page.gap();
    page.say(
        format!("! It works once: sent to {host}, it is used up."),
        theme.warning,
    );
    page.say(
        "! On npmjs its use may start a hold of 72 hours on publishing and on creating tokens.",
        theme.warning,
    );
    page.gap();
    page.explain(
        "With the authenticator at hand, go back and type its code instead.",
        theme.dim,
    );
    page.gap();
    let answer = |chosen: bool| if chosen { theme.selected } else { plain };
    page.spans(&[
        ("Use it up?  ", theme.title),
        (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
        ("  ", plain),
        (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
    ]);
}
