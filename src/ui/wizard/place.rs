//! The choice of a place for the recovery codes; asked before the last code is sent, and again when saving failed.

use ratatui::style::Style;

use crate::app::Model;
use crate::app::model::{PlaceChoice, PlaceForm, Wizard};
use crate::domain::text::Text;
use crate::ui::failure;
use crate::ui::page::{Input, Page};
use crate::ui::theme::Theme;

pub(super) fn draw<'a>(page: &mut Page<'a>, model: &Model, wizard: &'a Wizard, theme: &Theme) {
    super::error(page, wizard, theme);
    page.explain(
        "The registry shows the recovery codes once. They are written to this place the moment they arrive, before you see them.",
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
        width: 56,
    };
    option(
        page,
        choice(PlaceChoice::File),
        "a new text file that only you can read",
    );
    if choice(PlaceChoice::File) {
        page.field("      ", &form.path, &input);
        if let Some((path, warnings)) = &form.proved {
            let path = Text::new(&path.to_string_lossy());
            page.hanging(
                6,
                &[
                    ("      ✓ can be written: ", theme.good),
                    (path.as_str(), plain),
                ],
            );
            for warning in warnings {
                page.hanging(
                    8,
                    &[
                        ("      ! ", theme.warning),
                        (warning.as_str(), theme.warning),
                    ],
                );
            }
        }
        if busy {
            page.say("      Checking that it can be written …", theme.dim);
        }
        page.explain(
            "      Software that steals files looks for codes in plain text. Move it to a safer place soon.",
            theme.dim,
        );
    }
    page.gap();
    option(page, choice(PlaceChoice::Myself), "I copy them myself");
    if choice(PlaceChoice::Myself) {
        page.hanging(6, &[(
            "      ! They exist on the screen alone then: a crash before you have copied them loses them for good.",
            theme.warning,
        )]);
        let label = format!("      Type “{}” to accept that: ", super::super::ACCEPT);
        page.field(&label, &form.word, &input);
    }
    if let Some(why) = &form.error {
        page.gap();
        failure(page, why, theme);
    }
    page.gap();
}
