//! The choice of a place for the recovery codes; asked before the last code is sent, and again when saving failed.

use ratatui::style::Style;

use crate::app::model::{PlaceChoice, PlaceForm, Wizard};
use crate::app::{MYSELF, Model};
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use crate::ui::failure;
use crate::ui::input::Input;
use crate::ui::page::Page;
use crate::ui::theme::Theme;

pub(super) fn draw<'a>(page: &mut Page<'a>, model: &Model, wizard: &'a Wizard, theme: &Theme) {
    super::error(page, wizard, theme);
    let what = match wizard.place.choice {
        PlaceChoice::File => {
            "They are written to this place the moment they arrive, before you see them."
        }
        PlaceChoice::Myself => "This program keeps no copy of them.",
    };
    page.explain(
        format!("The registry shows the recovery codes once. {what}"),
        Style::new(),
    );
    page.gap();
    form(page, model, &wizard.place, theme);
    if wizard.job.is_some() {
        page.say(doing(wizard), theme.dim);
    }
}

/// What the job is at.
pub(super) fn doing(wizard: &Wizard) -> String {
    format!("{} …", wizard.doing.unwrap_or("Asking the registry"))
}

/// The form itself.
pub(super) fn form<'a>(page: &mut Page<'a>, model: &Model, form: &'a PlaceForm, theme: &Theme) {
    let plain = Style::new();
    let busy = form.proving.is_some();
    let choice = |choice: PlaceChoice| form.choice == choice;
    let indent = " ".repeat(if page.width() < 50 { 2 } else { 6 });
    let option = |page: &mut Page<'a>, chosen: bool, name: &str| {
        page.spans(&[
            (if chosen { "▸ (●) " } else { "  ( ) " }, theme.accent),
            (name, if chosen { theme.accent } else { plain }),
        ]);
    };
    let input = Input {
        theme,
        now: model.now.mono,
        focused: !busy,
        width: 120,
    };
    option(
        page,
        choice(PlaceChoice::File),
        "a new text file, for you alone",
    );
    if choice(PlaceChoice::File) {
        page.field(&indent, &form.path, &input);
        if let Some((Place::File(path) | Place::Vault(path), warnings)) = &form.proved {
            let path = Text::new(&path.to_string_lossy());
            page.say(format!("{indent}✓ It can be written: {path}"), theme.good);
            for warning in warnings {
                page.say(format!("{indent}! {warning}"), theme.warning);
            }
            if !warnings.is_empty() {
                page.explain(
                    format!("{indent}Enter goes on with it all the same."),
                    plain,
                );
            }
        }
        if busy {
            page.say(
                format!("{indent}Checking that it can be written …"),
                theme.dim,
            );
        }
    }
    error(page, form, theme);
    if choice(PlaceChoice::File) && form.proved.is_none() {
        page.explain(
            format!(
                "{indent}Malware that steals files looks for codes in plain text: move them to a safer place soon."
            ),
            theme.dim,
        );
    }
    page.gap();
    option(page, choice(PlaceChoice::Myself), "I copy them myself");
    if choice(PlaceChoice::Myself) {
        page.say(
            format!(
                "{indent}! They exist on the screen alone then: a crash before you have copied them loses them."
            ),
            theme.warning,
        );
        let label = format!("{indent}Type “{MYSELF}” to accept that: ");
        let input = Input { width: 12, ..input };
        page.field(&label, &form.word, &input);
    }
    page.gap();
}

fn error(page: &mut Page<'_>, form: &PlaceForm, theme: &Theme) {
    if let Some(why) = &form.error {
        failure(page, why, theme);
    }
}
