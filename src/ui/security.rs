//! The security screen: how the account is protected, the one next step, and when the registry asks (M7).

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::input::Input;
use super::page::Page;
use super::table::padded;
use super::theme::Theme;
use super::wrap::wrap;
use super::{Heading, failure, profile};
use crate::app::Model;
use crate::app::model::{Load, SecurityChange};
use crate::domain::account::Profile;
use crate::domain::identity::Identity;
use crate::domain::tfa::{GUARDED, Guarded, Level, Refusal, Tfa};

pub(super) fn draw(
    model: &Model,
    profile: &Profile,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    if let Some(change) = &model.security.change {
        let title = form(&mut page, model, profile, change, theme);
        return Heading {
            title: title.to_owned(),
            right: Vec::new(),
            hidden: page.draw(frame, inner, 0),
        };
    }
    profile::stale(&mut page, model, theme);
    state(&mut page, model, profile, theme);
    page.gap();
    table(&mut page, &profile.tfa, theme);
    page.gap();
    page.explain(
        "A registry with policies of its own may ask more often than this.",
        theme.dim,
    );
    let right = match &model.account {
        Load::Loading { .. } => vec!["reading …".to_owned()],
        _ => Vec::new(),
    };
    Heading {
        title: "Security".to_owned(),
        right,
        hidden: page.draw(frame, inner, model.security.scroll),
    }
}

/// One sentence on the state, one on the next step.
fn state(page: &mut Page<'_>, model: &Model, profile: &Profile, theme: &Theme) {
    let plain = Style::new();
    let key = theme.key;
    match &profile.tfa {
        Tfa::On(level) => {
            page.spans(&[
                ("✓ Two-factor authentication is ON: ", theme.good),
                (level.word(), theme.good.patch(theme.title)),
            ]);
            match level {
                Level::AuthAndWrites => page.spans(&[
                    ("Nothing is left to do here: ", plain),
                    ("e", key),
                    (" changes the level, ", plain),
                    ("d", key),
                    (" turns 2FA off.", plain),
                ]),
                Level::AuthOnly => page.spans(&[
                    ("Publishing does not ask for a code. Next: ", plain),
                    ("e", key),
                    (" raises it to auth-and-writes.", plain),
                ]),
            }
            return;
        }
        Tfa::Pending(level) => {
            let for_level =
                level.map_or_else(String::new, |level| format!(" for {}", level.word()));
            page.say(
                format!(
                    "! Two-factor authentication is HALF DONE: begun{for_level}, never confirmed."
                ),
                theme.warning,
            );
            page.say(
                "It protects nothing. Its entry in your authenticator is useless: delete it there.",
                plain,
            );
        }
        Tfa::Off => page.say(
            "! Two-factor authentication is OFF: the password alone opens this account.",
            theme.warning,
        ),
        Tfa::Unknown(words) => {
            page.say(
                format!(
                    "! Two-factor authentication: this program does not know the registry's answer: “{}”",
                    words.cut(200)
                ),
                theme.warning,
            );
            page.say(
                "Next: see on the registry's website what protects the account.",
                plain,
            );
            return;
        }
    }
    match (&model.refusal, model.account.value()) {
        (Some(refusal), Some(account)) => refused(page, refusal, &account.identity, theme),
        _ if matches!(profile.tfa, Tfa::Pending(_)) => page.spans(&[
            ("Next: ", plain),
            ("e", key),
            (" clears it and sets 2FA up afresh; ", plain),
            ("d", key),
            (" only clears it.", plain),
        ]),
        _ => page.spans(&[
            ("Next: ", plain),
            ("e", key),
            (" enables it, step by step.", plain),
        ]),
    }
}

/// Why it cannot be enabled from here, in the registry's words, and the way that is open.
fn refused(page: &mut Page<'_>, refusal: &Refusal, identity: &Identity, theme: &Theme) {
    let plain = Style::new();
    let (what, words) = match refusal {
        Refusal::NotOffered(words) => ("This registry has no two-factor authentication", words),
        Refusal::Closed(words) => ("This registry takes no new set-up from a program", words),
    };
    if words.is_empty() {
        page.say(format!("{what}."), plain);
    } else {
        page.say(format!("{what}; it says: “{}”", words.cut(300)), plain);
    }
    match (refusal, identity.website()) {
        (Refusal::Closed(_), Some(website)) => {
            page.spans(&[
                ("Next: enable it on the website, ", plain),
                (website, theme.accent),
                (", under your account's settings.", plain),
            ]);
        }
        (Refusal::Closed(_), None) => {
            page.say(
                "Next: enable it on the registry's website, or ask whoever runs it.",
                plain,
            );
        }
        (Refusal::NotOffered(_), _) => page.spans(&[
            (
                "Next: use a long password of its own, and revoke tokens that are not needed: ",
                plain,
            ),
            ("3", theme.key),
            (" lists them.", plain),
        ]),
    }
}

/// The columns of the table, with the state that each one is.
const COLUMNS: [(&str, Option<Level>); 3] = [
    ("off", None),
    ("auth-only", Some(Level::AuthOnly)),
    ("auth-and-writes", Some(Level::AuthAndWrites)),
];

fn asks(guarded: &Guarded, level: Option<Level>) -> bool {
    match level {
        None => false,
        Some(Level::AuthOnly) => guarded.auth_only,
        Some(Level::AuthAndWrites) => guarded.auth_and_writes,
    }
}

/// Actions × levels, the current level marked (M7).
fn table(page: &mut Page<'_>, tfa: &Tfa, theme: &Theme) {
    let now = match tfa {
        Tfa::Off | Tfa::Pending(_) => Some(None),
        Tfa::On(level) => Some(Some(*level)),
        Tfa::Unknown(_) => None,
    };
    let wide = page.width() >= 68;
    let widths = if wide { [7, 13, 17] } else { [5, 6, 8] };
    let marks: usize = widths.iter().sum();
    let actions = page.width().saturating_sub(marks + 1);
    let lead = if wide {
        "When you …, it asks for a code:"
    } else {
        "when you …"
    };
    let heading = COLUMNS.iter().zip(widths).map(|((name, level), width)| {
        let is_now = now == Some(*level);
        let name = match (wide, *name) {
            (false, "auth-only") => "auth",
            (false, "auth-and-writes") => "writes",
            (_, name) => name,
        };
        let text = format!("{}{name}", if is_now { "▸" } else { "" });
        let style = if is_now { theme.accent } else { theme.dim };
        Span::styled(centred(&text, width), style)
    });
    let mut spans = vec![Span::styled(padded(lead, actions + 1), theme.dim)];
    spans.extend(heading);
    page.row(Line::from(spans));
    for guarded in GUARDED {
        let lines = wrap(&[(guarded.action, Style::new())], actions, 2);
        for (index, line) in lines.into_iter().enumerate() {
            let text = line.to_string();
            let mut spans = vec![Span::raw(padded(&text, actions + 1))];
            if index == 0 {
                spans.extend(COLUMNS.iter().zip(widths).map(|((_, level), width)| {
                    let mark = if asks(guarded, *level) { "●" } else { "–" };
                    let style = if now == Some(*level) {
                        theme.accent
                    } else {
                        theme.dim
                    };
                    Span::styled(centred(mark, width), style)
                }));
            }
            page.row(Line::from(spans));
        }
    }
    page.nice_row(Line::styled(
        if now.is_some() {
            "● asks   – does not   ▸ your level now"
        } else {
            "● asks   – does not"
        },
        theme.dim,
    ));
}

fn centred(text: &str, width: usize) -> String {
    format!("{text:^width$}")
}

/// The warning, then the password, for a change of the level or for turning 2FA off.
fn form<'a>(
    page: &mut Page<'a>,
    model: &Model,
    profile: &Profile,
    change: &'a SecurityChange,
    theme: &Theme,
) -> &'static str {
    let plain = Style::new();
    let pending = matches!(profile.tfa, Tfa::Pending(_));
    let title = match change.to {
        Some(level) => {
            page.spans(&[
                ("From ", plain),
                (profile.tfa.word(), theme.title),
                (" to ", plain),
                (level.word(), theme.title),
                (".", plain),
            ]);
            match level {
                Level::AuthAndWrites => page.explain(
                    "Publishing and the other package changes ask for a code as well from then on.",
                    plain,
                ),
                Level::AuthOnly => page.say(
                    "! Publishing and the other package changes no longer ask for a code then.",
                    theme.warning,
                ),
            }
            "Change the 2FA level"
        }
        None if pending => {
            page.say(
                "This clears the set-up that was begun and never confirmed.",
                plain,
            );
            page.say(
                "The entry that it left in your authenticator is useless then: delete it there.",
                plain,
            );
            "Clear the half-done set-up"
        }
        None => {
            page.say(
                "! Without 2FA whoever has the password has the account, and can publish your packages.",
                theme.warning,
            );
            let says =
                "The recovery codes stop working, and so does the entry in your authenticator.";
            if change.warn.is_some() {
                page.say(says, plain);
            } else {
                page.explain(says, plain);
            }
            "Disable two-factor authentication"
        }
    };
    page.gap();
    if let Some(yes) = change.warn {
        let answer = |chosen: bool| if chosen { theme.selected } else { plain };
        page.spans(&[
            ("Go on?  ", theme.title),
            (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
            ("  ", plain),
            (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
        ]);
        return title;
    }
    let input = Input {
        theme,
        now: model.now.mono,
        focused: change.sent.is_none(),
        width: 40,
    };
    page.field("Your password: ", &change.password, &input);
    page.gap();
    if let Some(why) = &change.error {
        failure(page, why, theme);
        page.gap();
    }
    match (change.sent.is_some(), change.stopping) {
        (true, true) => page.say(
            "! Giving up: if it was sent already, the registry may have done it.",
            theme.warning,
        ),
        (true, false) => page.say("Waiting for the registry …", theme.dim),
        _ if pending => {}
        _ => page.explain(
            "The registry asks for a code from the authenticator next.",
            theme.dim,
        ),
    }
    title
}
