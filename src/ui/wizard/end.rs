//! How the wizard ended, and what to do next.

use ratatui::style::Style;

use super::codes;
use crate::app::Model;
use crate::app::model::{Enabled, Errand, Wizard, no_codes};
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Refusal, Tfa};
use crate::ui::failure;
use crate::ui::page::Page;
use crate::ui::theme::Theme;

pub(super) fn draw(page: &mut Page<'_>, model: &Model, wizard: &Wizard, theme: &Theme) {
    let plain = Style::new();
    let on = |page: &mut Page<'_>, level: Level, checked: bool| {
        page.spans(&[
            ("✓ Two-factor authentication is ON: ", theme.good),
            (level.word(), theme.good.patch(theme.title)),
        ]);
        if checked {
            page.explain("The registry itself says so now.", theme.dim);
        } else {
            page.say(
                "! The registry took the code; its profile could not be read just now: press r on Security.",
                theme.warning,
            );
        }
        page.gap();
    };
    match &wizard.end {
        None => page.say("Finishing …", theme.dim),
        Some(Ok(Enabled::On {
            level,
            checked,
            unreadable,
            place,
            proved,
        })) => {
            on(page, *level, *checked);
            match place {
                Place::File(path) | Place::Vault(path) => {
                    let path = Text::new(&path.to_string_lossy());
                    page.hanging(
                        2,
                        &[
                            ("✓ The recovery codes are in ", theme.good),
                            (path.as_str(), theme.title),
                        ],
                    );
                    codes::command(page, place, theme);
                }
                Place::Myself if !proved => page.say(
                    "· You said that you copy the recovery codes yourself; this machine has none, and you did not prove to have them.",
                    plain,
                ),
                Place::Myself => page.say(
                    "· The recovery codes are where you copied them; this machine has none.",
                    plain,
                ),
            }
            if *unreadable > 0 {
                page.say(
                    format!("! The registry sent {unreadable} more in a shape that could not be read: those are not kept."),
                    theme.warning,
                );
            }
            if !proved {
                page.say("! You did not prove that you have them. Look now, while the authenticator is at hand.", theme.warning);
            }
            if wizard.relevel {
                page.say(
                    "! The old entry in your authenticator and the old recovery codes are of no use: delete them.",
                    theme.warning,
                );
            }
            page.gap();
            page.explain(
                "Next: put a second copy of the codes away from this machine and away from the phone.",
                plain,
            );
            page.explain(
                "Then look at your tokens (key 3): those marked “bypass” are accepted without a code.",
                plain,
            );
        }
        Some(Ok(Enabled::OnWithoutCodes { level, why })) => {
            on(page, *level, true);
            page.say(format!("✗ {}: you have none.", no_codes(why)), theme.bad);
            page.explain(format!("  {}", why.what), plain);
            page.gap();
            page.say(
                "Next, while the authenticator is at hand: get fresh codes. Enter leads the way.",
                theme.title,
            );
        }
        Some(Ok(Enabled::Left { cleared: true })) => {
            page.say("· You left before confirming. 2FA is off, and nothing of the set-up remains on the registry.", plain);
            was_on(page, wizard, theme);
            page.say("Delete the new entry from your authenticator.", plain);
        }
        Some(Ok(Enabled::Left { cleared: false })) => {
            page.say(
                "! You left before confirming: the set-up is half done and protects nothing.",
                theme.warning,
            );
            was_on(page, wizard, theme);
            page.say("On Security, e starts afresh and d clears it.", plain);
        }
        Some(Ok(Enabled::NotTaken(refusal))) => not_taken(page, model, wizard, refusal, theme),
        Some(Err(why)) => {
            failure(page, why, theme);
            if wizard.relevel {
                page.say(
                    "! 2FA may be off now: the registry had begun a new set-up for the other level.",
                    theme.warning,
                );
            }
            page.gap();
            page.explain(
                "The Security screen shows what the registry says now.",
                theme.dim,
            );
        }
    }
    page.gap();
    match &wizard.end {
        Some(Ok(Enabled::OnWithoutCodes { .. })) => {
            page.explain("Esc goes to Security instead.", plain);
        }
        _ if guided(model) => page.explain("Enter goes on with the guide.", plain),
        _ => page.explain("Enter goes to Security.", plain),
    }
}

/// A set-up that a level change began took the place of one that worked.
fn was_on(page: &mut Page<'_>, wizard: &Wizard, theme: &Theme) {
    if wizard.relevel {
        page.say("! It was on before.", theme.warning);
    }
}

/// The wizard is a step of a guide, which goes on behind it.
fn guided(model: &Model) -> bool {
    let guide = model.guide.as_ref();
    guide.is_some_and(|guide| guide.errand == Some(Errand::Wizard))
}

fn not_taken(
    page: &mut Page<'_>,
    model: &Model,
    wizard: &Wizard,
    refusal: &Refusal,
    theme: &Theme,
) {
    let (what, words) = match refusal {
        Refusal::NotOffered(words) => ("This registry has no two-factor authentication", words),
        Refusal::Closed(words) => ("This registry takes no new set-up from a program", words),
    };
    if words.is_empty() {
        page.say(format!("✗ {what}."), theme.bad);
    } else {
        page.say(
            format!("✗ {what}; it says: “{}”", words.cut(300)),
            theme.bad,
        );
    }
    let off = model
        .profile()
        .is_some_and(|profile| profile.tfa == Tfa::Off);
    // Refused before the clearing or after it: the profile alone tells.
    page.say(
        match (wizard.pending, off) {
            (false, _) => "No set-up was begun. Security shows the way that is open.",
            (true, true) => {
                "No new set-up was begun. The half-done one was cleared: 2FA is off now, by the registry's own profile. Security shows the way that is open."
            }
            (true, false) => {
                "No new set-up was begun. The half-done one may be cleared already: Security shows what the registry says, and the way that is open."
            }
        },
        Style::new(),
    );
}
