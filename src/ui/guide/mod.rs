//! Guides: a stepper on top, what to do, the answers, and what the registry said.

mod end;
mod names;
mod pages;
mod parts;
mod questions;
mod trial;
mod website;

pub(super) use parts::{closing_words, security_keys};

use std::cmp::Ordering;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::page::Page;
use super::theme::Theme;
use super::{Heading, failure, site};
use crate::app::Model;
use crate::app::guide::{Gate, choices, gate, route};
use crate::app::model::{Errand, Guide, GuideStep as Step, Load};

/// The guide's stepper stands on top: over its own pages, and over the form that it walks.
pub(super) fn leads(guide: &Guide) -> bool {
    guide.shown || guide.errand == Some(Errand::Change)
}

/// The step's page, inside the box.
pub(super) fn draw(
    model: &Model,
    guide: &Guide,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    match gate(model) {
        Some(gate) => missing(&mut page, model, &gate, theme),
        None => site::with_card(&mut page, model, inner, |page| {
            let view = pages::View {
                model,
                guide,
                inner,
                theme,
            };
            view.tell(page);
            answers(page, model, guide, theme);
            page.gap();
            parts::keys(page, model, guide, theme);
        }),
    }
    let right = match &model.account {
        Load::Loading { .. } => vec!["reading …".to_owned()],
        _ => Vec::new(),
    };
    Heading {
        title: names::title(guide).to_owned(),
        right,
        hidden: page.draw(frame, inner, guide.scroll),
    }
}

/// Who is missing for this step.
fn missing(page: &mut Page<'_>, model: &Model, gate: &Gate<'_>, theme: &Theme) {
    let plain = ratatui::style::Style::new();
    match gate {
        Gate::Asking => page.say("Asking the registry who you are …", theme.dim),
        Gate::NoAnswer(why) => {
            failure(page, why, theme);
            page.gap();
            page.spans(&[("Enter", theme.key), (" asks again.", plain)]);
        }
        Gate::SignedOut => {
            page.spans(&[
                ("! Nobody is signed in to ", theme.warning),
                (parts::registry(model), theme.accent),
                (", and this step needs that.", theme.warning),
            ]);
            page.say(
                "Where the sign-in asks for a code, a recovery code does it too. Each works once: keep another one for this step.",
                plain,
            );
            page.gap();
            page.spans(&[
                ("Enter", theme.key),
                (" opens the sign-in; the guide waits here.", plain),
            ]);
        }
    }
}

fn answers(page: &mut Page<'_>, model: &Model, guide: &Guide, theme: &Theme) {
    let plain = ratatui::style::Style::new();
    let offered = choices(model);
    if !offered.is_empty() {
        page.gap();
    }
    for (index, choice) in offered.into_iter().enumerate() {
        let chosen = index == guide.cursor;
        let (name, what) = names::choice(guide, choice);
        page.focus_if(chosen && guide.follow);
        let colon = if what.is_empty() { "" } else { ": " };
        page.hanging(
            6,
            &[
                (if chosen { "▸ (●) " } else { "  ( ) " }, theme.accent),
                (name, if chosen { theme.accent } else { theme.title }),
                (colon, plain),
                (what, plain),
            ],
        );
        if chosen && guide.follow {
            page.focus_ends();
        }
    }
}

/// Where the guide is: every step by name, or a count where that finds no room.
pub(super) fn stepper(
    model: &Model,
    guide: &Guide,
    theme: &Theme,
    buffer: &mut Buffer,
    area: Rect,
) {
    let line = stepper_line(&route(model), guide, theme, usize::from(area.width));
    buffer.set_line(area.x, area.y, &line, area.width);
}

fn stepper_line(route: &[Step], guide: &Guide, theme: &Theme, width: usize) -> Line<'static> {
    let name = names::kind(guide.kind);
    let at = route
        .iter()
        .position(|step| *step == guide.at)
        .unwrap_or_default();
    let mut spans = vec![Span::styled(format!(" {name} "), theme.title)];
    for (index, step) in route.iter().enumerate() {
        let (sign, style) = match index.cmp(&at) {
            Ordering::Less if guide.passed.contains(step) => ("✓", theme.good),
            // Read or answered: nothing that the registry could confirm.
            Ordering::Less => ("", theme.dim),
            Ordering::Equal => ("▸", theme.accent),
            Ordering::Greater => ("·", theme.dim),
        };
        spans.push(Span::styled(
            format!(" {sign}{}", names::short(*step)),
            style,
        ));
    }
    let whole = Line::from(spans);
    if whole.width() <= width {
        return whole;
    }
    let short = names::short(guide.at);
    let long = format!(" ▸ {name}, step {} of {}: {short}", at + 1, route.len());
    let text = if Line::from(long.as_str()).width() <= width {
        long
    } else {
        format!(" ▸ {name}, {} of {}", at + 1, route.len())
    };
    Line::styled(text, theme.accent)
}
