//! The wizard that enables 2FA: one page per step, a stepper on top.

mod codes;
mod place;
pub(super) mod scan;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::page::{Input, Page};
use super::theme::Theme;
use super::{Heading, failure};
use crate::app::Model;
use crate::app::model::{LeaveChoice, Wizard, WizardStep};
use crate::backend::protocol::Enabled;
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Refusal};

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
    let mut page = Page::new(inner.width);
    let mut scroll = 0;
    let title = if wizard.leaving {
        leaving(&mut page, wizard, theme);
        "Leave the set-up?"
    } else {
        match wizard.step {
            WizardStep::Need => {
                need(&mut page, model, wizard, theme);
                "Enable two-factor authentication: what you need"
            }
            WizardStep::Level => {
                level(&mut page, wizard, theme);
                "When should the registry ask for a code?"
            }
            WizardStep::Password => {
                password(&mut page, model, wizard, theme);
                "Your password"
            }
            WizardStep::Place => {
                place::draw(&mut page, model, wizard, theme);
                "Where to keep the recovery codes"
            }
            WizardStep::Scan => "Scan",
            WizardStep::Codes => {
                scroll = codes::draw(&mut page, model, wizard, theme);
                "Your recovery codes"
            }
            WizardStep::Proof => {
                codes::proof(&mut page, model, wizard, theme);
                "Prove that the codes are saved"
            }
            WizardStep::Done => {
                done(&mut page, wizard, theme);
                "Done"
            }
        }
    };
    Heading {
        title: title.to_owned(),
        right: String::new(),
        hidden: page.draw(frame, inner, scroll),
    }
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
    for (index, (_, name)) in STEPS.iter().enumerate() {
        let (sign, style) = match index.cmp(&at) {
            std::cmp::Ordering::Less => ("✓", theme.good),
            std::cmp::Ordering::Equal => ("▸", theme.accent),
            std::cmp::Ordering::Greater => ("·", theme.dim),
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
            "! A set-up that was never confirmed is in the way. Going on clears it first; delete its entry from your authenticator.",
            theme.warning,
        );
        page.gap();
    }
    error(page, wizard, theme);
    page.say("Have these at hand:", plain);
    page.gap();
    page.hanging(4, &[
        ("  1 ", theme.accent),
        ("An authenticator on another device", theme.title),
        (", such as Aegis, 2FAS, Google Authenticator, Microsoft Authenticator, 1Password, Bitwarden. Codes by SMS do not exist here.", plain),
    ]);
    page.hanging(
        4,
        &[
            ("  2 ", theme.accent),
            ("Your password", theme.title),
            (" for ", plain),
            (registry(model), theme.accent),
            (".", plain),
        ],
    );
    page.hanging(
        4,
        &[
            ("  3 ", theme.accent),
            ("A place for the recovery codes", theme.title),
            (
                " away from that device. They are the way back in when it is lost.",
                plain,
            ),
        ],
    );
    page.gap();
    page.explain(
        format!(
            "Nothing is sent before you have chosen that place. Only {} is asked; no link in a mail leads here.",
            registry(model)
        ),
        theme.dim,
    );
    page.gap();
    page.spans(&[("Enter", theme.key), (" begins.", plain)]);
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
        page.spans(&[
            (if chosen { "▸ (●) " } else { "  ( ) " }, theme.accent),
            (level.word(), if chosen { theme.accent } else { plain }),
            (advice, theme.good),
        ]);
        page.hanging(
            6,
            &[
                ("      ", plain),
                (what, if chosen { plain } else { theme.dim }),
            ],
        );
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
        "It goes to the registry alone, at the end of the next step, and is forgotten here right after.",
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

fn done(page: &mut Page<'_>, wizard: &Wizard, theme: &Theme) {
    let plain = Style::new();
    let on = |page: &mut Page<'_>, level: Level| {
        page.spans(&[
            ("✓ Two-factor authentication is ON: ", theme.good),
            (level.word(), theme.good.patch(theme.title)),
        ]);
        page.explain("The registry itself says so now.", theme.dim);
        page.gap();
    };
    match &wizard.end {
        None => page.say("Finishing …", theme.dim),
        Some(Ok(Enabled::On {
            level,
            place,
            proved,
        })) => {
            on(page, *level);
            match place {
                Place::File(path) => {
                    let path = Text::new(&path.to_string_lossy());
                    page.hanging(
                        2,
                        &[
                            ("✓ The recovery codes are in ", theme.good),
                            (path.as_str(), theme.title),
                        ],
                    );
                }
                Place::Myself => page.say(
                    "· The recovery codes are where you copied them; this machine has none.",
                    plain,
                ),
            }
            if !proved {
                page.say("! You did not prove that you have them. Look now, while the authenticator is at hand.", theme.warning);
            }
            page.gap();
            page.say("What to do next:", theme.title);
            page.hanging(4, &[("  · ", theme.dim), ("Put a second copy of the codes away from this machine and away from the phone.", plain)]);
            page.hanging(4, &[("  · ", theme.dim), ("Tokens marked “bypass” are accepted without the second factor: 3 lists them.", plain)]);
        }
        Some(Ok(Enabled::OnWithoutCodes { level, why })) => {
            on(page, *level);
            page.say(
                "✗ The answer that held the recovery codes never came: you have none.",
                theme.bad,
            );
            page.hanging(2, &[("  ", plain), (why.what.as_str(), plain)]);
            page.gap();
            page.say("Next, while the authenticator works: on Security, d turns 2FA off and e enables it again. That gives new codes.", theme.title);
        }
        Some(Ok(Enabled::Left { cleared: true })) => {
            page.say("· You left before confirming. 2FA is off, and nothing of the set-up remains on the registry.", plain);
            page.say("Delete the new entry from your authenticator.", plain);
        }
        Some(Ok(Enabled::Left { cleared: false })) => {
            page.say(
                "! You left before confirming: the set-up is half done and protects nothing.",
                theme.warning,
            );
            page.say("On Security, e starts afresh and d clears it.", plain);
        }
        Some(Ok(Enabled::NotTaken(refusal))) => not_taken(page, refusal, theme),
        Some(Err(why)) => {
            failure(page, why, theme);
            page.gap();
            page.say(
                "The Security screen shows what the registry says now.",
                theme.dim,
            );
        }
    }
    page.gap();
    page.spans(&[("Enter", theme.key), (" goes to Security.", plain)]);
}

fn not_taken(page: &mut Page<'_>, refusal: &Refusal, theme: &Theme) {
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
    page.say(
        "Nothing was changed. Security shows the way that is open.",
        Style::new(),
    );
}
