//! The recovery codes on the screen, and the proof that they were saved (P08).

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::place;
use crate::app::model::{PlaceChoice, ShownCodes, Wizard};
use crate::app::{DECLINE, Model};
use crate::domain::recovery::{Place, age_command, age_command_there};
use crate::domain::text::Text;
use crate::ui::code;
use crate::ui::input::Input;
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::wrap::pieces;
use crate::ui::{failure, words};

/// The codes; gives the first row to show.
pub(super) fn draw<'a>(
    page: &mut Page<'a>,
    model: &'a Model,
    wizard: &'a Wizard,
    low: bool,
    theme: &Theme,
) -> usize {
    let plain = Style::new();
    let Some(shown) = &wizard.codes else {
        page.say(place::doing(wizard), theme.dim);
        return 0;
    };
    let whose = format!(
        "Account {} at {}, {}.",
        account(wizard),
        super::registry(model),
        words::stamp(shown.received, theme)
    );
    // In a low window the codes come first, and where they are saved below them.
    let kept = !matches!(shown.place, Place::Myself);
    let codes_first = low && kept && wizard.other_place.is_none() && wizard.end.is_none();
    if codes_first {
        page.say("✓ 2FA is on. The codes, saved already:", theme.good);
    } else {
        let on = ("✓ Two-factor authentication is on. ", theme.good);
        page.spans(&[on, (&whose, plain)]);
    }
    match (&wizard.other_place, &wizard.end) {
        (Some(why), _) => page.say(
            format!(
                "✗ {} Copy them now, or choose another place below.",
                why.what
            ),
            theme.bad,
        ),
        (None, Some(Err(why))) => {
            failure(page, why, theme);
            saved(page, model, wizard, shown, theme);
        }
        (None, _) if codes_first => {}
        (None, _) => saved(page, model, wizard, shown, theme),
    }
    page.gap();
    if shown.codes.any_quoted() {
        page.say(words::QUOTED, theme.warning);
    }
    let first = page.len();
    list(page, shown, theme);
    page.gap();
    if codes_first {
        page.say(whose, plain);
        saved(page, model, wizard, shown, theme);
    }
    if wizard.other_place.is_some() {
        place::form(page, model, &wizard.place, low, theme);
    } else if wizard.end.is_some() {
        page.say(
            "! Nothing asks for a proof any more: make sure that you have the codes before you let them go.",
            theme.warning,
        );
        page.spans(&[("Enter", theme.key), (" hides them.", plain)]);
    } else if wizard.codes_asked {
        page.explain(
            "Each works once, where the authenticator's code is asked for. Do not keep them on the phone that has the authenticator.",
            theme.dim,
        );
        page.spans(&[
            ("Enter", theme.key),
            (" hides them and asks for a part of one, as a proof.", plain),
        ]);
    } else {
        page.say(place::doing(wizard), theme.dim);
    }
    // Scrolling goes from code to code: the first step down leads to the first one, the last to the end.
    match shown.scroll {
        0 => 0,
        last if last + 1 >= shown.codes.len() => usize::MAX,
        step => first + row_of(page.width(), shown, step - 1),
    }
}

/// How many codes stand beside each other, 0 when not even one finds room in a row; and how wide the widest is.
fn columns(width: usize, shown: &ShownCodes) -> (usize, usize) {
    let widths = shown.codes.written().map(UnicodeWidthStr::width);
    let widest = widths.max().unwrap_or_default();
    let columns = if widest + 5 > width {
        0
    } else if 2 * (widest + 5) + 3 > width {
        1
    } else {
        2
    };
    (columns, widest)
}

/// In which row of the list a code stands.
fn row_of(width: usize, shown: &ShownCodes, code: usize) -> usize {
    match columns(width, shown) {
        (0, _) => {
            let before = shown.codes.written().take(code);
            before
                .map(|code| pieces(code, part_width(width)).len())
                .sum()
        }
        (columns, _) => code % shown.codes.len().div_ceil(columns).max(1),
    }
}

/// The cells for a piece of a code that is too long for a row.
fn part_width(width: usize) -> usize {
    width.saturating_sub(5).max(1)
}

fn account(wizard: &Wizard) -> &str {
    match wizard.account.as_str() {
        "" => "?",
        name => name,
    }
}

fn saved(page: &mut Page<'_>, model: &Model, wizard: &Wizard, shown: &ShownCodes, theme: &Theme) {
    match &shown.place {
        Place::File(path) | Place::Vault(path) => {
            if let Place::Vault(_) = &shown.place {
                // The folder is said once: the command is in sight together with the codes.
                let folder = path.parent().unwrap_or(path);
                let folder = Text::new(&folder.to_string_lossy());
                let how = ("✓ Saved, encrypted, in ", theme.good);
                page.hanging(2, &[how, (folder.as_str(), theme.title)]);
                let command = age_command_there(path);
                let opens = ("· To open it there: ", Style::new());
                page.hanging(2, &[opens, (command.as_str(), theme.accent)]);
            } else {
                let path = Text::new(&path.to_string_lossy());
                let how = ("✓ Saved in ", theme.good);
                page.hanging(2, &[how, (path.as_str(), theme.title)]);
            }
            if model.demo.is_some() {
                page.say(
                    "! The demo's folder is removed when the demo ends, with what is in it.",
                    theme.warning,
                );
            }
        }
        Place::Myself => {
            let (key, what) = match wizard.place.choice {
                PlaceChoice::Print => ("p", " shows the page to print."),
                _ => ("c", " copies them for your password manager."),
            };
            page.spans(&[
                (
                    "! They exist on this screen alone: take them now. ",
                    theme.warning,
                ),
                (key, theme.key),
                (what, Style::new()),
            ]);
        }
    }
}

/// How an encrypted file is opened without this program.
pub(super) fn command(page: &mut Page<'_>, place: &Place, theme: &Theme) {
    if let Place::Vault(path) = place {
        page.hanging(
            2,
            &[
                ("· Without this program: ", Style::new()),
                (age_command(path).as_str(), theme.accent),
            ],
        );
    }
}

/// Numbered; in two columns where short codes leave room for that. Drawn from where they are, not copied.
fn list<'a>(page: &mut Page<'a>, shown: &'a ShownCodes, theme: &Theme) {
    let codes: Vec<&'a str> = shown.codes.written().collect();
    let (columns, widest) = columns(page.width(), shown);
    if columns == 0 {
        for (index, code) in codes.into_iter().enumerate() {
            code::rows(page, (index, code), Span::raw(""), theme.title, None, theme);
        }
        return;
    }
    let height = codes.len().div_ceil(columns);
    for row in 0..height {
        let mut spans = Vec::new();
        for index in (row..codes.len()).step_by(height.max(1)) {
            if index != row {
                spans.push(Span::raw("   "));
            }
            spans.push(code::number(index, theme));
            spans.push(Span::styled(codes[index], theme.title));
            spans.push(Span::raw(" ".repeat(widest - codes[index].width())));
        }
        page.row(Line::from(spans));
    }
}

/// The question for a part of one code.
pub(super) fn proof<'a>(page: &mut Page<'a>, model: &Model, wizard: &'a Wizard, theme: &Theme) {
    let plain = Style::new();
    let Some(proof) = &wizard.proof else {
        if wizard.end.is_some() {
            let_go(page, model, wizard, theme);
        } else {
            page.say(place::doing(wizard), theme.dim);
        }
        return;
    };
    match &wizard.saved {
        Some(Place::File(path)) => {
            let path = Text::new(&path.to_string_lossy());
            page.hanging(
                2,
                &[
                    ("The codes are hidden now. Open the copy in ", plain),
                    (path.as_str(), theme.title),
                ],
            );
        }
        Some(Place::Vault(path)) => page.hanging(
            2,
            &[
                (
                    "The codes are hidden now. Open the copy, in another terminal: ",
                    plain,
                ),
                (age_command(path).as_str(), theme.title),
            ],
        ),
        Some(Place::Myself) | None => page.say(
            "The codes are hidden now. Open the copy that you made.",
            plain,
        ),
    }
    page.gap();
    code::ask(page, model, proof, &wizard.proof_typed, theme);
    page.gap();
    page.explain(
        format!(
            "You have no copy? Ctrl-B shows the codes again. Or type “{DECLINE}” to go on without the proof, at your own risk."
        ),
        theme.dim,
    );
    page.explain(
        "It is compared on this machine; no code is used up.",
        theme.dim,
    );
}

/// The set-up broke off after the codes came: only the person knows whether they are saved.
fn let_go<'a>(page: &mut Page<'a>, model: &Model, wizard: &'a Wizard, theme: &Theme) {
    page.say(
        "The codes are hidden now. Once you let them go they are not shown again.",
        theme.title,
    );
    page.gap();
    page.say(
        format!("Type “{DECLINE}” to let them go without a proof:"),
        Style::new(),
    );
    let input = Input {
        theme,
        now: model.now.mono,
        focused: true,
        width: 16,
    };
    page.field("  ", &wizard.proof_typed, &input);
    page.gap();
    page.explain("Esc shows them again.", theme.dim);
}
