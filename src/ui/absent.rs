//! In place of a screen that needs an account: signed out, a credential that is not accepted, no answer yet.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::page::Page;
use super::theme::Theme;
use super::{Absent, Heading, failure};
use crate::app::Model;
use crate::app::model::Account;
use crate::domain::identity::{Identity, Standing};

pub(super) fn draw(
    model: &Model,
    absent: &Absent<'_>,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
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
                signed_out(&mut page, model, &account.identity, theme);
            }
            "Signed out"
        }
        Absent::Rejected => {
            if let Some(account) = account {
                rejected(&mut page, model, account, theme);
            }
            "Not accepted"
        }
    };
    Heading {
        title: title.to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, model.profile.scroll),
    }
}

fn signed_out(page: &mut Page<'_>, model: &Model, identity: &Identity, theme: &Theme) {
    let plain = Style::new();
    page.spans(&[
        ("You are not signed in to ", theme.title),
        (identity.registry.as_str(), theme.accent),
        (".", theme.title),
    ]);
    page.gap();
    next(page, model, identity, theme);
    page.gap();
    problems(page, identity, theme);
    if !identity.searched.is_empty() {
        page.say("No credential for this registry was found in:", plain);
        searched(page, identity, theme);
    }
}

fn rejected(page: &mut Page<'_>, model: &Model, account: &Account, theme: &Theme) {
    let identity = &account.identity;
    let plain = Style::new();
    let (kind, place) = identity
        .credential
        .as_ref()
        .map_or(("credential", ""), |found| {
            (found.kind.word(), found.place.as_str())
        });
    page.spans(&[
        (identity.registry.as_str(), theme.accent),
        (" does not accept the ", theme.title),
        (kind, theme.title),
        (if place.is_empty() { "" } else { " from " }, theme.title),
        (place, theme.accent),
        (".", theme.title),
    ]);
    if let Standing::Rejected(words) = &account.standing
        && !words.is_empty()
    {
        page.explain(format!("It says: “{words}”"), plain);
    }
    page.gap();
    next(page, model, identity, theme);
    page.gap();
    page.explain(
        "It may have expired, been revoked, or belong to another registry.",
        theme.dim,
    );
    page.gap();
    problems(page, identity, theme);
    if !identity.searched.is_empty() {
        page.explain("Searched, best first:", theme.dim);
        searched(page, identity, theme);
    }
}

/// What to do: sign in here, or with npm.
fn next(page: &mut Page<'_>, model: &Model, identity: &Identity, theme: &Theme) {
    let plain = Style::new();
    if identity.sign_in.is_none() && model.demo.is_none() {
        page.say(
            "Next: put the registry's https address into the npm configuration.",
            plain,
        );
        return;
    }
    page.spans(&[
        ("Enter", theme.key),
        (
            " signs in here: on the registry's website, or with user name and password.",
            plain,
        ),
    ]);
    let Some(command) = &identity.sign_in else {
        return;
    };
    page.gap();
    page.spans(&[
        (
            "Or sign in with npm in another terminal, then press ",
            plain,
        ),
        ("r", theme.key),
        (" here:", plain),
    ]);
    page.spans(&[("    ", plain), (command.as_str(), theme.title)]);
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
