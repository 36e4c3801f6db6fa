//! The wizard that enables 2FA: one page per step, a stepper on top.

mod codes;
mod end;
mod place;
pub(super) mod scan;

use std::cmp::Ordering;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::input::Input;
use super::page::Page;
use super::sheet::{self, Sheet};
use super::theme::Theme;
use super::tokens::split;
use super::{Heading, failure, footer};
use crate::app::Model;
use crate::app::model::{Closing, Enabled, LeaveChoice, Wizard, WizardStep};
use crate::domain::policy::{CLOSED_SINCE, CLOSING_ANNOUNCED};
use crate::domain::tfa::Level;

/// A page lower than this has no room for what is not chosen.
const LOW: u16 = 12;

/// The steps in order, with their words in the stepper.
const STEPS: [(WizardStep, &str); 8] = [
    (WizardStep::Need, "Need"),
    (WizardStep::Level, "Level"),
    (WizardStep::Password, "Password"),
    (WizardStep::Place, "Place"),
    (WizardStep::Scan, "Scan"),
    (WizardStep::Codes, "Codes"),
    (WizardStep::Proof, "Proof"),
    (WizardStep::Done, "Done"),
];

/// The step's page, inside the box.
pub(super) fn draw(
    model: &Model,
    wizard: &Wizard,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    let mut scroll = None;
    let low = inner.height < LOW;
    let title = if wizard.leaving {
        leaving(&mut page, wizard, theme);
        "Leave the set-up?"
    } else {
        match wizard.step {
            WizardStep::Need => {
                need(&mut page, model, wizard, theme);
                "What you need"
            }
            WizardStep::Level => {
                level(&mut page, wizard, theme);
                "When the registry asks for a code"
            }
            WizardStep::Password => {
                password(&mut page, model, wizard, theme);
                "Your password"
            }
            WizardStep::Place => {
                place::draw(&mut page, model, wizard, low, theme);
                "Where the codes go"
            }
            WizardStep::Scan => "Scan",
            WizardStep::Codes => {
                scroll = Some(codes::draw(&mut page, model, wizard, low, theme));
                "Your recovery codes"
            }
            WizardStep::Proof => {
                codes::proof(&mut page, model, wizard, theme);
                "Prove that the codes are saved"
            }
            WizardStep::Done => {
                end::draw(&mut page, model, wizard, theme);
                match &wizard.end {
                    Some(Ok(Enabled::On { .. })) => "Done",
                    Some(Ok(Enabled::OnWithoutCodes { .. })) => "On, without recovery codes",
                    Some(_) => "Not enabled",
                    None => "Finishing",
                }
            }
        }
    };
    Heading {
        title: title.to_owned(),
        right: Vec::new(),
        hidden: match scroll {
            Some(row) => page.draw(frame, inner, row),
            None if wizard.leaving => page.draw(frame, inner, 0),
            None => page.draw_moved(frame, inner, wizard.nudge),
        },
    }
}

/// The codes stand on a page of their own.
pub(super) fn is_sheet(wizard: &Wizard) -> bool {
    let codes = wizard.codes.as_ref();
    wizard.step == WizardStep::Codes
        && !wizard.leaving
        && codes.is_some_and(|codes| codes.sheet.is_some())
}

/// That page: nothing around it but the keys.
pub(super) fn codes_sheet(
    model: &Model,
    wizard: &Wizard,
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let Some(shown) = &wizard.codes else {
        return;
    };
    let [page, keys] = split(area, area.height.saturating_sub(1));
    let sheet = Sheet {
        account: wizard.account.as_str(),
        registry: registry(model),
        received: shown.received,
        codes: &shown.codes,
        used: &[],
        demo: model.demo.is_some(),
    };
    sheet::draw(&sheet, theme, frame, page, shown.sheet.unwrap_or(0));
    footer::draw(model, theme, frame.buffer_mut(), keys);
}

/// Where the wizard is: every step by name, or a count where that finds no room.
pub(super) fn stepper(wizard: &Wizard, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let line = stepper_line(wizard, theme, usize::from(area.width));
    buffer.set_line(area.x, area.y, &line, area.width);
}

fn stepper_line(wizard: &Wizard, theme: &Theme, width: usize) -> Line<'static> {
    let at = STEPS
        .iter()
        .position(|(step, _)| *step == wizard.step)
        .unwrap_or_default();
    let mut spans = vec![Span::styled(" Enable 2FA ", theme.title)];
    for (index, (step, name)) in STEPS.iter().enumerate() {
        let (sign, style) = match index.cmp(&at) {
            Ordering::Less => passed(wizard, *step, theme),
            Ordering::Equal => ("▸", theme.accent),
            Ordering::Greater => ("·", theme.dim),
        };
        spans.push(Span::styled(format!(" {sign}{name}"), style));
    }
    let whole = Line::from(spans);
    if whole.width() <= width {
        return whole;
    }
    let text = format!(" ▸ Step {} of {}: {}", at + 1, STEPS.len(), STEPS[at].1);
    Line::styled(text, theme.accent)
}

/// The mark of a step that lies behind: at the end it depends on how that came.
fn passed(wizard: &Wizard, step: WizardStep, theme: &Theme) -> (&'static str, Style) {
    let well = match &wizard.end {
        None => true,
        Some(_) if wizard.codes.is_some() => true,
        Some(Ok(Enabled::On { proved, .. })) => *proved || step != WizardStep::Proof,
        Some(Ok(Enabled::OnWithoutCodes { .. })) => step < WizardStep::Codes,
        Some(Ok(Enabled::Left { .. } | Enabled::NotTaken(_)) | Err(_)) => step < WizardStep::Scan,
    };
    if well {
        ("✓", theme.good)
    } else {
        ("–", theme.dim)
    }
}

/// The host that asks, for a person to recognise.
fn registry(model: &Model) -> &str {
    model
        .account
        .value()
        .map_or("the registry", |account| account.identity.registry.as_str())
}

fn need(page: &mut Page<'_>, model: &Model, wizard: &Wizard, theme: &Theme) {
    let plain = Style::new();
    if wizard.pending {
        page.say(
            "! A half-done set-up is in the way: going on clears it.",
            theme.warning,
        );
        page.explain(
            "  Delete the entry that it left in your authenticator.",
            plain,
        );
        page.gap();
    }
    error(page, wizard, theme);
    if model.closing() == Closing::Announced {
        page.say(
            format!(
                "! npm announced on {CLOSING_ANNOUNCED} that it takes no new authenticator apps from {CLOSED_SINCE} on: it will probably refuse. Security shows the way by its website."
            ),
            theme.warning,
        );
        page.gap();
    }
    page.explain("Have these at hand:", plain);
    page.gap();
    page.hanging(
        4,
        &[
            ("  1 ", theme.accent),
            ("An authenticator on another device", theme.title),
        ],
    );
    page.explain(
        "    such as Aegis, 2FAS, Google Authenticator, Microsoft Authenticator, 1Password, Bitwarden. There are no codes by SMS.",
        plain,
    );
    page.hanging(
        4,
        &[
            ("  2 ", theme.accent),
            ("Your password", theme.title),
            (" for ", plain),
            (registry(model), theme.accent),
        ],
    );
    page.hanging(
        4,
        &[
            ("  3 ", theme.accent),
            ("A place for the recovery codes", theme.title),
        ],
    );
    page.explain(
        "    away from that device: they are the way back in when it is lost.",
        plain,
    );
    page.gap();
    page.explain(
        format!(
            "Only {} is asked, and nothing is sent before you have chosen that place.",
            registry(model)
        ),
        theme.dim,
    );
    page.gap();
    page.explain("Enter begins.", plain);
}

fn level(page: &mut Page<'_>, wizard: &Wizard, theme: &Theme) {
    let plain = Style::new();
    error(page, wizard, theme);
    for level in Level::ALL {
        let chosen = level == wizard.level;
        let (what, advice) = match level {
            Level::AuthAndWrites => (
                "Logging in, changes to your account and tokens, and every change to a package: publishing, owners, access, tags.",
                "  (recommended)",
            ),
            Level::AuthOnly => (
                "Logging in, and changes to your account and tokens. Publishing does not ask.",
                "",
            ),
        };
        page.focus_if(chosen);
        page.spans(&[
            (if chosen { "▸ (●) " } else { "  ( ) " }, theme.accent),
            (level.word(), if chosen { theme.accent } else { plain }),
            (advice, theme.good),
        ]);
        if chosen {
            page.say(format!("      {what}"), plain);
        } else {
            page.explain(format!("      {what}"), theme.dim);
        }
        page.focus_ends();
        page.gap();
    }
    page.explain(
        "You can change the level later on the Security screen.",
        theme.dim,
    );
}

fn password<'a>(page: &mut Page<'a>, model: &Model, wizard: &'a Wizard, theme: &Theme) {
    error(page, wizard, theme);
    page.spans(&[
        ("The password of your account at ", Style::new()),
        (registry(model), theme.accent),
        (":", Style::new()),
    ]);
    page.gap();
    let input = Input {
        theme,
        now: model.now.mono,
        focused: true,
        width: 40,
    };
    page.field("Password: ", &wizard.password, &input);
    page.gap();
    page.explain(
        "It goes to the registry alone, after the next step; this program keeps no copy.",
        theme.dim,
    );
}

fn error(page: &mut Page<'_>, wizard: &Wizard, theme: &Theme) {
    if let Some(why) = &wizard.error {
        failure(page, why, theme);
        page.gap();
    }
}

fn leaving(page: &mut Page<'_>, wizard: &Wizard, theme: &Theme) {
    let plain = Style::new();
    page.say(
        "The registry has begun this set-up. 2FA is not on yet.",
        theme.title,
    );
    page.gap();
    for choice in LeaveChoice::ALL {
        let chosen = choice == wizard.leave;
        let (name, what) = match choice {
            LeaveChoice::Stay => ("Stay", "go on with the set-up where it is"),
            LeaveChoice::Clear => (
                "Leave and clear it",
                "the registry forgets it; delete the new entry from your authenticator",
            ),
            LeaveChoice::Keep => (
                "Leave it half done",
                "it protects nothing; enabling 2FA later starts afresh with a new entry",
            ),
        };
        page.focus_if(chosen);
        page.hanging(
            4,
            &[
                (if chosen { "▸ " } else { "  " }, theme.accent),
                (name, if chosen { theme.selected } else { theme.title }),
                (": ", plain),
                (what, plain),
            ],
        );
    }
}
