//! What the model looks like: [`view`], pure and without a clock.
//!
//! One file per screen. A screen draws the inside of the box and returns its heading; `frame` draws what stands
//! around it. `theme` names the styles by meaning.

mod absent;
mod challenge;
mod code;
mod create;
mod created;
mod demo;
mod dialog;
mod emergency;
mod footer;
mod frame;
mod guide;
mod input;
mod machine;
mod note;
mod overlay;
mod page;
mod password;
mod profile;
pub mod qr;
mod recovery;
mod revoke;
mod rotate;
mod rows;
mod security;
mod sheet;
mod signin;
mod signout;
mod site;
mod table;
mod theme;
mod tokens;
mod unfinished;
mod value;
mod web;
mod wizard;
mod words;
mod wrap;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::keymap;
use crate::app::model::{Load, Screen, Tone, WizardStep};
use crate::app::{Drawn, Model};
use crate::domain::account::Profile;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::Standing;
use page::{Hidden, Page};
pub use theme::Theme;

/// The least window, in columns and rows.
pub const LEAST: (u16, u16) = (40, 12);

/// The top line of the box.
#[derive(Default)]
struct Heading {
    title: String,
    /// What stands at the right, the most telling first.
    right: Vec<String>,
    hidden: Hidden,
}

/// Draws everything that the model says is to be seen, and tells how far it scrolls.
pub fn view(model: &Model, theme: &Theme, frame: &mut Frame<'_>) -> Drawn {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(theme, frame, area);
        return Drawn::default();
    }
    let mut drawn = Drawn::default();
    match &model.wizard {
        Some(wizard) if wizard.step == WizardStep::Scan && !wizard.leaving => {
            wizard::scan::draw(model, wizard, theme, frame, area);
        }
        Some(wizard) if wizard::is_sheet(wizard) => {
            wizard::codes_sheet(model, wizard, theme, frame, area);
        }
        _ if recovery::is_sheet(model) => recovery::codes_sheet(model, theme, frame, area),
        _ => drawn = framed(model, theme, frame, area),
    }
    signin::draw(model, theme, frame);
    if keymap::helped(model) {
        challenge::draw(model, theme, frame);
        overlay::draw(model, theme, frame);
    } else {
        overlay::draw(model, theme, frame);
        challenge::draw(model, theme, frame);
    }
    overlay::draw_leave(model, theme, frame);
    drawn
}

fn too_small(theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let (columns, rows) = LEAST;
    let texts = [
        format!(
            "npm-warden needs {columns} columns and {rows} rows; here are {} and {}.",
            area.width, area.height
        ),
        format!(
            "needs {columns} × {rows}, here {} × {}",
            area.width, area.height
        ),
        format!("needs {columns}×{rows}"),
        format!("{columns}×{rows}"),
    ];
    let width = usize::from(area.width);
    if let Some(text) = texts.iter().find(|text| text.chars().count() <= width)
        && area.height > 0
    {
        frame
            .buffer_mut()
            .set_stringn(area.x, area.y, text, width, theme.title);
    }
}

fn framed(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Drawn {
    let places = frame::places(model, area);
    let mut drawn = Drawn::default();
    let heading = if let Some(wizard) = &model.wizard {
        wizard::draw(model, wizard, theme, frame, places.inner)
    } else if let Some(page) = &model.created {
        created::draw(model, page, theme, frame, places.inner)
    } else if let Some(rotation) = model.rotation.as_ref().filter(|rotation| !rotation.aside) {
        rotate::draw(model, rotation, theme, frame, places.inner)
    } else if let Some(guide) = model.guide.as_ref().filter(|guide| guide.shown) {
        guide::draw(model, guide, theme, frame, places.inner)
    } else if let (Screen::Profile, Some(page)) = (model.screen, &model.profile.sign_out) {
        signout::draw(page, theme, frame, places.inner)
    } else {
        match model.screen {
            Screen::Recovery => recovery::draw(model, theme, frame, places.inner),
            Screen::Machine => machine::draw(model, theme, frame, places.inner),
            Screen::Emergency => {
                let heading;
                (heading, drawn.emergency) = emergency::draw(model, theme, frame, places.inner);
                heading
            }
            screen => match profile_of(model) {
                Ok(profile) => match screen {
                    Screen::Profile => profile::draw(model, profile, theme, frame, places.inner),
                    Screen::Security => security::draw(model, profile, theme, frame, places.inner),
                    _ => tokens::draw(model, theme, frame, places.inner),
                },
                // A revocation can end the credential in use: its rows are still to be read.
                Err(_) if screen == Screen::Tokens && model.tokens.revoke.is_some() => {
                    tokens::draw(model, theme, frame, places.inner)
                }
                Err(absent) => absent::draw(model, &absent, theme, frame, places.inner),
            },
        }
    };
    let buffer = frame.buffer_mut();
    frame::outline(
        theme,
        buffer,
        &places,
        &heading.title,
        &heading.right,
        heading.hidden,
    );
    frame::header(model, theme, buffer, places.header);
    match &model.wizard {
        Some(wizard) => wizard::stepper(wizard, theme, buffer, places.bar),
        None => match &model.guide {
            Some(guide) if guide::leads(guide) => {
                guide::stepper(model, guide, theme, buffer, places.bar);
            }
            _ => frame::bar(model, theme, buffer, places.bar),
        },
    }
    if let (Some(demo), Some(row)) = (&model.demo, places.demo) {
        demo::line(demo, theme, buffer, row);
    }
    frame::notice(model, theme, buffer, places.notice);
    footer::draw(model, theme, buffer, places.footer);
    drawn
}

/// Why there is no profile to show.
enum Absent<'a> {
    /// It is being asked for.
    Asking,
    /// The registry could not be asked.
    Failed(&'a Failure),
    /// Nobody is signed in.
    SignedOut,
    /// The credential is not accepted.
    Rejected,
}

/// The profile at hand, current or not.
fn profile_of(model: &Model) -> Result<&Profile, Absent<'_>> {
    match (model.account.value(), &model.account) {
        (Some(account), _) => match &account.standing {
            Standing::SignedIn(profile) => Ok(profile),
            Standing::SignedOut => Err(Absent::SignedOut),
            Standing::Rejected(_) => Err(Absent::Rejected),
        },
        (None, Load::Failed { why, .. }) => Err(Absent::Failed(why)),
        (None, _) => Err(Absent::Asking),
    }
}

/// A failure in full: what happened, then what to do next. What the person cancelled did not fail.
fn failure(page: &mut Page<'_>, why: &Failure, theme: &Theme) {
    let tone = match why.kind {
        FailureKind::Cancelled => Tone::Plain,
        _ => Tone::Bad,
    };
    let sign = format!("{} ", theme::sign(tone));
    let style = theme.tone(tone);
    page.hanging(2, &[(&sign, style), (why.what.as_str(), style)]);
    if !why.next.is_empty() {
        page.hanging(
            2,
            &[
                ("  ", theme.bad),
                (why.next.as_str(), ratatui::style::Style::new()),
            ],
        );
    }
}

/// How many seconds are left until `until`; `None` when that has passed, or nothing is waited for.
fn wait_seconds(until: Option<std::time::Duration>, now: std::time::Duration) -> Option<u64> {
    let left = until?.checked_sub(now).filter(|left| !left.is_zero())?;
    Some(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}
