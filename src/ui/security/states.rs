//! Each state of the second factor: one sentence on it, one on the next step, and the way that is open (E8).

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Model;
use crate::app::model::Closing;
use crate::domain::account::Profile;
use crate::domain::policy::{CHANGES, CLOSED_SINCE, CLOSING_ANNOUNCED};
use crate::domain::tfa::{Level, Refusal, Tfa};
use crate::ui::guide::{closing_words, security_keys};
use crate::ui::page::Page;
use crate::ui::site;
use crate::ui::theme::Theme;

/// One sentence on the state, one on the next step.
pub(super) fn state(
    page: &mut Page<'_>,
    model: &Model,
    profile: &Profile,
    inner: Rect,
    theme: &Theme,
) {
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
            guides(page, theme);
        }
        Tfa::Pending(level) => pending(page, model, *level, inner, theme),
        Tfa::Off => {
            page.say(
                "! Two-factor authentication is OFF: the password alone opens this account.",
                theme.warning,
            );
            match model.closing() {
                Closing::NotKnown => page.spans(&[
                    ("Next: ", plain),
                    ("e", key),
                    (" enables it, step by step.", plain),
                ]),
                Closing::Announced => announced(page, model, inner, theme),
                Closing::Said(refusal) => refused(page, model, refusal, inner, theme, false),
            }
        }
        Tfa::Unknown(words) if profile.is_name_alone() => {
            page.say(
                "! Whether two-factor authentication is on is not known: the registry gave no profile.",
                theme.warning,
            );
            if !words.is_empty() {
                page.say(format!("What came instead: {}", words.cut(300)), plain);
            }
            look_elsewhere(page, model, inner, theme);
        }
        Tfa::Unknown(words) => {
            page.say(
                format!(
                    "! This registry describes two-factor authentication in a way that this program does not know: {}.",
                    words.quoted(200)
                ),
                theme.warning,
            );
            page.say("So it is left alone here.", plain);
            look_elsewhere(page, model, inner, theme);
        }
    }
}

/// A set-up that was begun and not confirmed: whose it is, what it left behind, and the consent to clear it.
fn pending(page: &mut Page<'_>, model: &Model, level: Option<Level>, inner: Rect, theme: &Theme) {
    let plain = Style::new();
    let key = theme.key;
    let level = level.map_or_else(String::new, |level| format!(" for {}", level.word()));
    let begun = if model.security.begun {
        "from here, and not confirmed"
    } else {
        "by npm, another program or an earlier run, and never confirmed"
    };
    page.say(
        format!("! Two-factor authentication is HALF DONE: begun{level} {begun}."),
        theme.warning,
    );
    page.say(
        "It protects nothing. The entry that it left in your authenticator is useless: delete it there.",
        plain,
    );
    match model.closing() {
        Closing::Said(refusal) => {
            refused(page, model, refusal, inner, theme, true);
        }
        closing => {
            page.spans(&[
                ("Next: ", plain),
                ("e", key),
                (" clears it and sets 2FA up afresh; ", plain),
                ("d", key),
                (" only clears it.", plain),
            ]);
            if let (Closing::Announced, Some(why)) = (closing, closing_words(closing)) {
                page.explain(format!("! {why}"), theme.warning);
            }
        }
    }
}

/// What helps when something is lost.
fn guides(page: &mut Page<'_>, theme: &Theme) {
    let start = page.len();
    page.spans(&[
        ("Lost something? ", theme.dim),
        ("l", theme.key),
        (" the device, ", theme.dim),
        ("L", theme.key),
        (" the recovery codes; ", theme.dim),
        ("t", theme.key),
        (" two entries, ", theme.dim),
        ("m", theme.key),
        (" a new phone.", theme.dim),
    ]);
    page.nice_from(start);
}

/// A guide that was put aside, and the way back to it.
pub(super) fn put_aside(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    if model.guide.is_some() {
        page.spans(&[
            ("A guide was put aside: ", Style::new()),
            ("b", theme.key),
            (" goes back to it.", Style::new()),
        ]);
    }
}

/// Where the state of the second factor can be seen instead.
fn look_elsewhere(page: &mut Page<'_>, model: &Model, inner: Rect, theme: &Theme) {
    let plain = Style::new();
    if model.website().is_some() {
        page.say("Next: see on the website what protects the account:", plain);
        site::address(page, model, inner, theme);
    } else {
        page.say(
            "Next: see on the registry's website what protects the account, or ask whoever runs it.",
            plain,
        );
    }
    page.spans(&[("r", theme.key), (" asks the registry anew.", plain)]);
}

/// npm's default registry before anything was tried: what its people announced (M8).
fn announced(page: &mut Page<'_>, model: &Model, inner: Rect, theme: &Theme) {
    let plain = Style::new();
    page.say(
        format!(
            "npm announced on {CLOSING_ANNOUNCED} that it takes no new authenticator apps from {CLOSED_SINCE} on, but security keys, on its website."
        ),
        plain,
    );
    page.say(
        "Next: add a security key there, under Two-Factor Authentication:",
        theme.title,
    );
    site::address(page, model, inner, theme);
    page.spans(&[
        ("e", theme.key),
        (" still tries an authenticator app from here.", plain),
    ]);
    page.gap();
    security_keys(page, theme.dim);
}

/// Why it cannot be enabled from here, in the registry's words, and the way that is open. What is half done is
/// cleared on the way.
fn refused(
    page: &mut Page<'_>,
    model: &Model,
    refusal: &Refusal,
    inner: Rect,
    theme: &Theme,
    half_done: bool,
) {
    let plain = Style::new();
    let (what, words) = match refusal {
        Refusal::NotOffered(words) => ("This registry has no two-factor authentication", words),
        Refusal::Closed(words) => ("This registry takes no new set-up from a program", words),
    };
    if words.is_empty() {
        page.say(format!("{what}."), plain);
    } else {
        page.say(format!("{what}; it says: {}.", words.quoted(300)), plain);
    }
    let (three, other) = (("3", theme.key), (" lists them.", plain));
    let rest: &[(&str, Style)] = match (refusal, model.website()) {
        (_, Some(_)) => &[(
            "add a security key on its website, under Two-Factor Authentication:",
            theme.title,
        )],
        (Refusal::Closed(_), None) => &[(
            "enable it on the registry's website, or ask whoever runs it.",
            plain,
        )],
        (Refusal::NotOffered(_), None) => &[
            (
                "use a long password of its own, and revoke tokens that are not needed: ",
                plain,
            ),
            three,
            other,
        ],
    };
    let mut next = vec![("Next: ", theme.title)];
    if half_done {
        next.extend([("d", theme.key), (" clears it; then ", plain)]);
    }
    next.extend(rest);
    page.spans(&next);
    site::address(page, model, inner, theme);
    if model.website().is_some() || matches!(refusal, Refusal::Closed(_)) {
        page.gap();
        security_keys(page, theme.dim);
    }
}

/// What npm changed, and when; for its own registry where 2FA is not on.
pub(super) fn history(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    let on = matches!(
        model.profile().map(|profile| &profile.tfa),
        Some(Tfa::On(_))
    );
    if model.website().is_none() || on {
        return;
    }
    page.gap();
    page.say("What changed at npmjs:", theme.title);
    for change in CHANGES {
        let line = format!("{}  {}", change.on, change.what);
        page.hanging(12, &[(&line, Style::new())]);
    }
    page.explain(
        "Told in the changelog at github.blog and in npm's own documentation.",
        theme.dim,
    );
}
