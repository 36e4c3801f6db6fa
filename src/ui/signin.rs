//! In place of a screen that needs an account: signed out, a credential that is not accepted, no answer yet.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::page::Page;
use super::theme::Theme;
use super::{Absent, Heading, failure};
use crate::app::Model;
use crate::domain::identity::{Identity, Standing};

pub(super) fn draw(
    model: &Model,
    absent: &Absent<'_>,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width);
    let account = model.account.value();
    let title = match absent {
        Absent::Asking => {
            page.say("Asking the registry who you are …", theme.dim);
            "Connecting"
        }
        Absent::Failed(why) => {
            failure(&mut page, why, theme);
            page.gap();
            page.spans(&[("r", theme.key), (" tries again.", Style::new())]);
            "No answer"
        }
        Absent::SignedOut => {
            if let Some(account) = account {
                signed_out(&mut page, &account.identity, theme);
            }
            "Signed out"
        }
        Absent::Rejected => {
            if let Some(account) = account {
                rejected(&mut page, &account.identity, &account.standing, theme);
            }
            "Credential not accepted"
        }
    };
    Heading {
        title: title.to_owned(),
        right: String::new(),
        hidden: page.draw(frame, inner, model.profile.scroll),
    }
}

fn signed_out(page: &mut Page<'_>, identity: &Identity, theme: &Theme) {
    let plain = Style::new();
    page.spans(&[
        ("You are not signed in to ", theme.title),
        (identity.registry.as_str(), theme.accent),
        (".", theme.title),
    ]);
    page.gap();
    next(page, identity, theme);
    page.gap();
    problems(page, identity, theme);
    if !identity.searched.is_empty() {
        page.say("No credential for this registry was found in:", plain);
        searched(page, identity, theme);
    }
}

fn rejected(page: &mut Page<'_>, identity: &Identity, standing: &Standing, theme: &Theme) {
    let plain = Style::new();
    page.spans(&[
        (identity.registry.as_str(), theme.accent),
        (
            " does not accept the credential that was found.",
            theme.title,
        ),
    ]);
    if let Some(credential) = &identity.credential {
        page.gap();
        page.pair(
            "credential",
            14,
            &[(credential.kind.word(), plain)],
            theme.dim,
        );
        page.pair(
            "from",
            14,
            &[(credential.place.as_str(), theme.title)],
            theme.dim,
        );
    }
    if let Standing::Rejected(words) = standing
        && !words.is_empty()
    {
        let words = format!("“{words}”");
        page.pair("it says", 14, &[(&words, plain)], theme.dim);
    }
    page.gap();
    page.explain(
        "It may have expired, been revoked, or belong to another registry.",
        theme.dim,
    );
    next(page, identity, theme);
    page.gap();
    problems(page, identity, theme);
    if !identity.searched.is_empty() {
        page.explain("Searched, best first:", theme.dim);
        searched(page, identity, theme);
    }
}

/// The one thing to do.
fn next(page: &mut Page<'_>, identity: &Identity, theme: &Theme) {
    let plain = Style::new();
    let url = if identity.registry.as_str().contains("://") {
        identity.registry.to_string()
    } else {
        format!("https://{}", identity.registry)
    };
    page.spans(&[
        (
            "Next: sign in with npm in another terminal, then press ",
            plain,
        ),
        ("r", theme.key),
        (" here:", plain),
    ]);
    page.spans(&[
        ("    ", plain),
        (&format!("npm login --registry {url}/"), theme.title),
    ]);
}

fn problems(page: &mut Page<'_>, identity: &Identity, theme: &Theme) {
    for problem in &identity.problems {
        page.hanging(
            2,
            &[("! ", theme.warning), (problem.as_str(), theme.warning)],
        );
    }
    page.gap();
}

fn searched(page: &mut Page<'_>, identity: &Identity, theme: &Theme) {
    for place in &identity.searched {
        page.hanging(4, &[("  · ", theme.dim), (place.as_str(), Style::new())]);
    }
}
