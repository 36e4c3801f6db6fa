//! The steps of an emergency: in a row, in a pane, and in full with result and time.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{facts, names};
use crate::app::emergency::stage_now;
use crate::app::model::Tone;
use crate::domain::incident::{Incident, StageState};
use crate::ui::page::Page;
use crate::ui::theme::{Theme, sign};

fn mark(state: &StageState, now: bool, theme: &Theme) -> (&'static str, Style) {
    match state {
        StageState::Done(..) => (sign(Tone::Good), theme.good),
        StageState::Open(..) => (sign(Tone::Warning), theme.warning),
        StageState::Skipped(..) => ("–", theme.warning),
        StageState::Failed(..) => (sign(Tone::Bad), theme.bad),
        StageState::Now(_) => ("▸", theme.accent),
        StageState::Waiting if now => ("▸", theme.accent),
        StageState::Waiting => ("·", theme.dim),
    }
}

/// Every step by its number, the present one by its name.
pub(super) fn stepper(incident: &Incident, theme: &Theme, width: usize) -> Line<'static> {
    let at = stage_now(incident);
    let over = incident.ended.is_some();
    let line = |names: bool| {
        let mut spans = Vec::new();
        for (index, (stage, state)) in incident.stages.iter().enumerate() {
            let now = index == at && !over;
            let (sign, style) = mark(state, now, theme);
            let name = if names || now {
                format!(" {}", names::stage(*stage))
            } else {
                String::new()
            };
            spans.push(Span::styled(format!("{sign}{index}{name}"), style));
            spans.push(Span::raw("  "));
        }
        spans.pop();
        Line::from(spans)
    };
    let whole = line(true);
    if whole.width() <= width {
        whole
    } else {
        line(false)
    }
}

/// Beside the page: each step with its time.
pub(super) fn brief(page: &mut Page<'_>, incident: &Incident, theme: &Theme) {
    let at = stage_now(incident);
    for (index, (stage, state)) in incident.stages.iter().enumerate() {
        let now = index == at && incident.ended.is_none();
        let (sign, style) = mark(state, now, theme);
        let head = format!("{sign} {index:>2} ");
        let name = names::stage(*stage);
        let time = match state {
            StageState::Done(at, _)
            | StageState::Open(at, _)
            | StageState::Skipped(at, _)
            | StageState::Failed(at, _) => {
                format!("  {}", facts::clock(*at, theme))
            }
            _ => String::new(),
        };
        page.hanging(5, &[(&head, style), (name, style), (&time, theme.dim)]);
        let start = page.len();
        match state {
            StageState::Now(text)
            | StageState::Done(_, text)
            | StageState::Open(_, text)
            | StageState::Skipped(_, text)
                if !text.is_empty() =>
            {
                page.hanging(5, &[("     ", theme.dim), (text.as_str(), theme.dim)]);
                page.nice_from(start);
            }
            StageState::Failed(_, why) => {
                page.hanging(5, &[("     ", theme.bad), (why.what.as_str(), theme.bad)]);
            }
            _ => {}
        }
    }
}

/// Every step with its result, its time, and what is to do about a failure.
pub(super) fn tell(page: &mut Page<'_>, incident: &Incident, theme: &Theme) {
    let plain = Style::new();
    let at = stage_now(incident);
    for (index, (stage, state)) in incident.stages.iter().enumerate() {
        let now = index == at && incident.ended.is_none();
        let (sign, style) = mark(state, now, theme);
        let head = format!("{sign} {index:>2} {}", names::stage(*stage));
        let (time, text) = match state {
            StageState::Waiting => (None, String::new()),
            StageState::Now(text) => (None, text.to_string()),
            StageState::Done(at, text)
            | StageState::Open(at, text)
            | StageState::Skipped(at, text) => (Some(*at), text.to_string()),
            StageState::Failed(at, why) => (Some(*at), why.to_string()),
        };
        let time = time.map_or(String::new(), |at| format!(" {}", facts::clock(at, theme)));
        let colon = if text.is_empty() { "" } else { ": " };
        page.hanging(
            5,
            &[
                (&head, style),
                (&time, theme.dim),
                (colon, plain),
                (&text, plain),
            ],
        );
    }
}
