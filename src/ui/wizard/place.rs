//! The choice of a place for the recovery codes; asked before the last code is sent, and again when saving failed.

use ratatui::style::Style;

use crate::app::model::{PlaceChoice, PlaceForm, Wizard};
use crate::app::{MYSELF, Model};
use crate::domain::recovery::{PASSPHRASE_LEAST, Place};
use crate::domain::text::Text;
use crate::ui::failure;
use crate::ui::input::Input;
use crate::ui::page::Page;
use crate::ui::theme::Theme;

pub(super) fn draw<'a>(
    page: &mut Page<'a>,
    model: &Model,
    wizard: &'a Wizard,
    low: bool,
    theme: &Theme,
) {
    super::error(page, wizard, theme);
    if wizard.relevel {
        page.say(
            "! This registry takes another level as a new set-up: 2FA is OFF until you confirm it with a new entry.",
            theme.warning,
        );
        page.say(
            "  The old entry in your authenticator and the old recovery codes are of no use any more.",
            Style::new(),
        );
        page.gap();
    }
    page.explain(
        "The registry shows the codes once. Where do they go? Best place first.",
        Style::new(),
    );
    page.gap();
    form(page, model, &wizard.place, low, theme);
    if wizard.job.is_some() && !wizard.place_asked {
        page.say(doing(wizard), theme.dim);
    }
}

/// What the job is at.
pub(super) fn doing(wizard: &Wizard) -> String {
    format!("{} …", wizard.doing.unwrap_or("Asking the registry"))
}

/// What a place is called.
const fn name(choice: PlaceChoice) -> &'static str {
    match choice {
        PlaceChoice::Vault => "encrypted file of this program",
        PlaceChoice::Copy => "copied to a password manager",
        PlaceChoice::Print => "on paper, from a print view",
        PlaceChoice::File => "plain text file, for you alone",
    }
}

/// Why one would take it, or would not.
const fn reason(choice: PlaceChoice) -> &'static str {
    match choice {
        PlaceChoice::Vault => {
            "Written at once, in the age format: age opens it without this program."
        }
        PlaceChoice::Copy => {
            "Encrypted, and not on this disk alone; but it is you who has to do it."
        }
        PlaceChoice::Print => "No program reads paper, no disk loses it; but you have to do it.",
        PlaceChoice::File => "Written at once; but code-stealing malware looks for such files.",
    }
}

/// The form itself. In a low window the places that are not chosen are only named.
pub(super) fn form<'a>(
    page: &mut Page<'a>,
    model: &Model,
    form: &'a PlaceForm,
    low: bool,
    theme: &Theme,
) {
    let plain = Style::new();
    let indent = " ".repeat(if page.width() < 50 { 2 } else { 6 });
    for choice in PlaceChoice::ALL {
        let chosen = form.choice == choice;
        page.focus_if(chosen);
        let best = choice == PlaceChoice::Vault && page.width() >= 50;
        page.spans(&[
            (if chosen { "▸ (●) " } else { "  ( ) " }, theme.accent),
            (name(choice), if chosen { theme.accent } else { plain }),
            (if best { "  (recommended)" } else { "" }, theme.good),
        ]);
        // What the check found about a plain file says it better.
        let told = form.choice == PlaceChoice::File
            && choice == PlaceChoice::File
            && form
                .proof()
                .is_some_and(|(_, warnings)| !warnings.is_empty());
        let why = format!("{indent}{}", reason(choice));
        if chosen && !told {
            page.say(why, theme.dim);
        } else if !chosen && !low {
            page.explain(why, theme.dim);
        }
        if chosen {
            // In a low window what is typed into is the last row in sight.
            if low {
                found(page, form, &indent, theme);
            }
            fields(page, model, form, &indent, theme);
            if !low {
                found(page, form, &indent, theme);
            }
        }
        page.focus_ends();
        page.gap();
    }
}

/// What the chosen place wants to know.
fn fields<'a>(
    page: &mut Page<'a>,
    model: &Model,
    form: &'a PlaceForm,
    indent: &str,
    theme: &Theme,
) {
    let plain = Style::new();
    let busy = form.proving.is_some();
    let input = |focused: bool, width: usize| Input {
        theme,
        now: model.now.mono,
        focused: focused && !busy,
        width,
    };
    match form.choice {
        PlaceChoice::Vault => {
            if form.spent && form.proof().is_none() && !busy {
                page.say(
                    format!(
                        "{indent}· What was prepared went with the attempt before: type the passphrase anew."
                    ),
                    plain,
                );
            }
            if form.proof().is_none() {
                let first = input(!form.at_again, 40);
                page.field(&format!("{indent}Passphrase: "), &form.passphrase, &first);
                let second = input(form.at_again, 40);
                page.field(&format!("{indent}Once more:  "), &form.again, &second);
                page.say(
                    format!(
                        "{indent}{PASSPHRASE_LEAST} characters or more, blanks not counted. Lost, the codes are lost."
                    ),
                    theme.dim,
                );
            }
        }
        PlaceChoice::Copy | PlaceChoice::Print => {
            page.say(
                format!(
                    "{indent}! They exist on the screen alone then: a crash before you have a copy loses them."
                ),
                theme.warning,
            );
            let label = format!("{indent}Type “{MYSELF}” to accept that: ");
            page.field(&label, &form.word, &input(true, 12));
        }
        PlaceChoice::File => page.field(indent, &form.path, &input(true, 120)),
    }
    if busy {
        let what = match form.choice {
            PlaceChoice::Vault => "Making its key, and trying it out",
            _ => "Checking that it can be written",
        };
        page.say(format!("{indent}{what} …"), theme.dim);
    }
}

/// What the check has found.
fn found(page: &mut Page<'_>, form: &PlaceForm, indent: &str, theme: &Theme) {
    if let Some(why) = &form.error {
        failure(page, why, theme);
    }
    if let Some((Place::File(path) | Place::Vault(path), warnings)) = form.proof() {
        let path = Text::new(&path.to_string_lossy());
        page.say(format!("{indent}✓ It can be written: {path}"), theme.good);
        for warning in warnings {
            page.say(format!("{indent}! {warning}"), theme.warning);
        }
        if !warnings.is_empty() {
            page.explain(
                format!("{indent}Enter goes on with it all the same."),
                Style::new(),
            );
        }
    }
}
