//! The security screen: how the account is protected, the one next step, and when the registry asks (M7).

mod form;
mod states;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::page::Page;
use super::table::padded;
use super::theme::Theme;
use super::wrap::wrap;
use super::{Heading, profile, site};
use crate::app::Model;
use crate::app::model::Load;
use crate::domain::account::Profile;
use crate::domain::tfa::{GUARDED, Guarded, Level, Tfa};

pub(super) fn draw(
    model: &Model,
    profile: &Profile,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    if let Some(change) = &model.security.change {
        let title = form::draw(&mut page, model, profile, change, theme);
        return Heading {
            title: title.to_owned(),
            right: Vec::new(),
            hidden: page.draw(frame, inner, 0),
        };
    }
    profile::stale(&mut page, model, theme);
    site::with_card(&mut page, model, inner, |page| {
        states::state(page, model, profile, inner, theme);
    });
    states::put_aside(&mut page, model, theme);
    page.gap();
    table(&mut page, &profile.tfa, theme);
    page.gap();
    page.explain(
        "A registry with policies of its own may ask more often than this.",
        theme.dim,
    );
    states::history(&mut page, model, theme);
    let right = match &model.account {
        Load::Loading { .. } => vec!["reading …".to_owned()],
        _ => Vec::new(),
    };
    Heading {
        title: "Security".to_owned(),
        right,
        hidden: page.draw(frame, inner, model.security.scroll),
    }
}

/// The columns of the table, with the state that each one is.
const COLUMNS: [(&str, Option<Level>); 3] = [
    ("off", None),
    ("auth-only", Some(Level::AuthOnly)),
    ("auth-and-writes", Some(Level::AuthAndWrites)),
];

fn asks(guarded: &Guarded, level: Option<Level>) -> bool {
    match level {
        None => false,
        Some(Level::AuthOnly) => guarded.auth_only,
        Some(Level::AuthAndWrites) => guarded.auth_and_writes,
    }
}

/// Actions × levels, the current level marked (M7).
fn table(page: &mut Page<'_>, tfa: &Tfa, theme: &Theme) {
    let now = match tfa {
        Tfa::Off | Tfa::Pending(_) => Some(None),
        Tfa::On(level) => Some(Some(*level)),
        Tfa::Unknown(_) => None,
    };
    let wide = page.width() >= 68;
    let widths = if wide { [7, 13, 17] } else { [5, 6, 8] };
    let marks: usize = widths.iter().sum();
    let actions = page.width().saturating_sub(marks + 1);
    let lead = if wide {
        "When you …, it asks for a code:"
    } else {
        "when you …"
    };
    let heading = COLUMNS.iter().zip(widths).map(|((name, level), width)| {
        let is_now = now == Some(*level);
        let name = match (wide, *name) {
            (false, "auth-only") => "auth",
            (false, "auth-and-writes") => "writes",
            (_, name) => name,
        };
        let text = format!("{}{name}", if is_now { "▸" } else { "" });
        let style = if is_now { theme.accent } else { theme.dim };
        Span::styled(centred(&text, width), style)
    });
    let mut spans = vec![Span::styled(padded(lead, actions + 1), theme.dim)];
    spans.extend(heading);
    page.row(Line::from(spans));
    for guarded in GUARDED {
        let lines = wrap(&[(guarded.action, Style::new())], actions, 2);
        for (index, line) in lines.into_iter().enumerate() {
            let text = line.to_string();
            let mut spans = vec![Span::raw(padded(&text, actions + 1))];
            if index == 0 {
                spans.extend(COLUMNS.iter().zip(widths).map(|((_, level), width)| {
                    let mark = if asks(guarded, *level) { "●" } else { "–" };
                    let style = if now == Some(*level) {
                        theme.accent
                    } else {
                        theme.dim
                    };
                    Span::styled(centred(mark, width), style)
                }));
            }
            page.row(Line::from(spans));
        }
    }
    page.nice_row(Line::styled(
        if now.is_some() {
            "● asks   – does not   ▸ your level now"
        } else {
            "● asks   – does not"
        },
        theme.dim,
    ));
}

fn centred(text: &str, width: usize) -> String {
    format!("{text:^width$}")
}
