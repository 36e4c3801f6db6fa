//! The steps of an emergency: in a row, in a pane, and in full with result and time.

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::facts;
use crate::app::emergency::stage_now;
use crate::app::model::Tone;
use crate::domain::incident::{Care, Incident, Snapshot, Stage, StageState, Suspicion};
use crate::domain::signin::Ended;
use crate::ui::page::Page;
use crate::ui::theme::{Theme, sign};

/// How a step that was done stands: a tick is for what leaves nothing open.
fn outcome(incident: &Incident, stage: Stage) -> Tone {
    let any = |holds: bool| if holds { Tone::Warning } else { Tone::Good };
    let cares = [
        incident.password,
        incident.second_factor,
        incident.recovery_codes,
    ];
    let open = |care: &Care| matches!(care, Care::Open | Care::LeftOut);
    match stage {
        Stage::Suspect => any(incident.suspicion != Some(Suspicion::Clean)),
        Stage::Snapshot => any(incident.snapshot.as_ref().is_some_and(|snapshot| {
            let Snapshot {
                profile,
                tokens,
                packages,
                machine,
                ..
            } = snapshot;
            profile.is_err() || tokens.is_err() || packages.is_err() || machine.is_err()
        })),
        Stage::SignIn | Stage::Local => Tone::Good,
        Stage::Report => {
            let lives = |ended: &Ended| matches!(ended, Ended::StillAccepted | Ended::Unchecked(_));
            any(incident.sessions.iter().any(|(_, ended)| lives(ended)))
        }
        Stage::Email => any(incident.email_mine == Some(false)),
        // What was kept lives; what else did not go, the stage itself tells. What was made since is the later one's.
        Stage::Revoke => any(incident.kept.len() > incident.kept_new.len()),
        Stage::Verify => any(!incident.kept.is_empty()),
        Stage::Account if cares.iter().all(open) => Tone::Plain,
        Stage::Account => any(cares.iter().any(open)),
        Stage::Packages => any(!matches!(&incident.packages, Some(Ok(now)) if now
            .iter()
            .all(|package| package.unread.is_none()))),
        Stage::Beyond if !incident.beyond.iter().any(|(_, done)| *done) => Tone::Plain,
        Stage::Beyond => any(incident.beyond.iter().any(|(_, done)| !done)),
    }
}

/// What stands before a step that was left out, or done in nothing.
const LEFT_OUT: &str = "–";

/// The sign of a step. There is one step at most that is under way.
fn mark(incident: &Incident, index: usize, theme: &Theme) -> (&'static str, Style) {
    let Some((step, state)) = incident.stages.get(index) else {
        return ("·", theme.dim);
    };
    let over = incident.ended.is_some();
    match state {
        StageState::Done(..) => match outcome(incident, *step) {
            Tone::Plain => (LEFT_OUT, theme.warning),
            tone => (sign(tone), theme.tone(tone)),
        },
        StageState::Open(..) => (sign(Tone::Warning), theme.warning),
        StageState::Skipped(..) => (LEFT_OUT, theme.warning),
        StageState::Failed(..) => (sign(Tone::Bad), theme.bad),
        // The report's own step is asked about at the end.
        StageState::Now(_) if over && *step == Stage::Report => ("▸", theme.accent),
        StageState::Waiting | StageState::Now(_) if over => (LEFT_OUT, theme.warning),
        StageState::Waiting | StageState::Now(_) if index == stage_now(incident) => {
            ("▸", theme.accent)
        }
        StageState::Waiting | StageState::Now(_) => ("·", theme.dim),
    }
}

/// What there is to say of a step, with its time.
fn result(incident: &Incident, index: usize, goes_on: bool) -> (Option<Timestamp>, String) {
    let Some((step, state)) = incident.stages.get(index) else {
        return (None, String::new());
    };
    let over = incident.ended.is_some();
    match state {
        StageState::Now(text) if over && *step == Stage::Report => (None, text.to_string()),
        StageState::Waiting | StageState::Now(_) if over => (None, "not done".to_owned()),
        StageState::Waiting => (None, String::new()),
        StageState::Now(_) if !goes_on => (None, "interrupted".to_owned()),
        // What an earlier run was at comes again.
        StageState::Now(_) if index != stage_now(incident) => (None, String::new()),
        StageState::Now(text) => (None, text.to_string()),
        StageState::Done(at, text) | StageState::Open(at, text) | StageState::Skipped(at, text) => {
            (Some(*at), text.to_string())
        }
        StageState::Failed(at, why) => (Some(*at), why.to_string()),
    }
}

/// Every step by its number, the present one by its name.
pub(super) fn stepper(incident: &Incident, theme: &Theme, width: usize) -> Line<'static> {
    let at = stage_now(incident);
    let over = incident.ended.is_some();
    let line = |names: bool| {
        let mut spans = Vec::new();
        for (index, (stage, _)) in incident.stages.iter().enumerate() {
            let now = index == at && !over;
            let (sign, style) = mark(incident, index, theme);
            let name = if names || now {
                format!(" {}", stage.short())
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
    for (index, (stage, state)) in incident.stages.iter().enumerate() {
        let (sign, style) = mark(incident, index, theme);
        let head = format!("{sign} {index:>2} ");
        let name = stage.short();
        let (at, text) = result(incident, index, true);
        let time = at.map_or(String::new(), |at| format!("  {}", facts::clock(at, theme)));
        page.hanging(5, &[(&head, style), (name, style), (&time, theme.dim)]);
        let start = page.len();
        match state {
            StageState::Failed(_, why) => {
                page.hanging(5, &[("     ", theme.bad), (why.what.as_str(), theme.bad)]);
            }
            _ if !text.is_empty() => {
                page.hanging(5, &[("     ", theme.dim), (&text, theme.dim)]);
                page.nice_from(start);
            }
            _ => {}
        }
    }
}

/// Every step with its result, its time, and what is to do about a failure. `goes_on`: it is under way, or over.
pub(super) fn tell(page: &mut Page<'_>, incident: &Incident, goes_on: bool, theme: &Theme) {
    let plain = Style::new();
    for (index, (stage, _)) in incident.stages.iter().enumerate() {
        let (sign, style) = mark(incident, index, theme);
        let head = format!("{sign} {index:>2} {}", stage.short());
        let (at, text) = result(incident, index, goes_on);
        let time = at.map_or(String::new(), |at| format!(" {}", facts::clock(at, theme)));
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
