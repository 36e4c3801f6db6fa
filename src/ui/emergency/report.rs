//! The report as a page: what is revoked and verified, what is not, and what remains to be done.

use ratatui::style::Style;

use super::{View, stages, work};
use crate::app::emergency::verdict;
use crate::app::model::{RowState, Tone};
use crate::domain::incident::{Incident, Stage, StageState, Suspicion};
use crate::domain::signin::Ended;
use crate::ui::page::Page;
use crate::ui::theme::sign;
use crate::ui::{rows, words};

/// So many rows of a kind are named.
const NAMED: usize = 40;

pub(super) fn tell(page: &mut Page<'_>, view: &View<'_>, incident: &Incident) {
    let (theme, plain) = (view.theme, Style::new());
    if incident.ended.is_some() {
        let (tone, words) = verdict(view.model, incident);
        page.say(format!("{} {words}", sign(tone)), theme.tone(tone));
    }
    if incident.suspicion == Some(Suspicion::Elsewhere) {
        page.say(
            "! This machine may be in a thief's hands. Take it off the network, and go on from another one.",
            theme.warning,
        );
        page.say(
            "There: npm-warden, then ! and Begin; or npm-warden emergency.",
            plain,
        );
    }
    page.gap();
    files(page, view);
    sum(page, view, incident);
    remains(page, view, incident);
    sessions(page, view, incident);
    page.gap();
    page.say("The steps", theme.title);
    stages::tell(page, incident, true, theme);
    page.gap();
    not_well(page, view);
    times(page, view, incident);
}

fn files(page: &mut Page<'_>, view: &View<'_>) {
    let theme = view.theme;
    let report = &view.model.emergency.report;
    if report.sent.is_some() {
        page.say("Writing the report …", theme.dim);
    } else if report.written.is_empty() {
        page.spans(&[
            ("w", theme.key),
            (
                " writes the report into a folder; it holds no secret.",
                Style::new(),
            ),
        ]);
    } else {
        for file in &report.written {
            page.say(format!("✓ written: {file}"), theme.good);
        }
        if view.model.demo.is_some() {
            page.explain("It tells of a rehearsal, and says so.", theme.dim);
        }
    }
    page.gap();
}

/// The sum, kind by kind: it always equals the number of rows (promise P30).
fn sum(page: &mut Page<'_>, view: &View<'_>, incident: &Incident) {
    let theme = view.theme;
    page.say("The tokens", theme.title);
    let total = incident.rows.len();
    let asked = matches!(incident.stage(Stage::Revoke), StageState::Done(..));
    match (total, incident.kept.is_empty()) {
        (0, true) if asked => page.say("· The list had none that could go.", Style::new()),
        (0, true) => page.say(
            "! Nothing was revoked: that step was not reached.",
            theme.warning,
        ),
        _ => {}
    }
    let ends: Vec<(&str, Tone)> = incident
        .rows
        .iter()
        .map(|row| rows::end(&row.state))
        .collect();
    for wanted in [Tone::Bad, Tone::Warning, Tone::Good] {
        let mut said: Vec<&str> = Vec::new();
        for &(words, tone) in &ends {
            if tone != wanted || said.contains(&words) {
                continue;
            }
            said.push(words);
            let n = ends.iter().filter(|(other, _)| *other == words).count();
            page.say(
                format!("{} {n} of {total} {words}", sign(tone)),
                theme.tone(tone),
            );
        }
    }
    let appeared = incident.appeared();
    if appeared > 0 {
        page.say(
            format!("! {appeared} appeared while the emergency was under way"),
            theme.warning,
        );
    }
    if !incident.kept.is_empty() {
        let names: Vec<String> = incident
            .kept
            .iter()
            .take(6)
            .map(|token| token.quoted().to_string())
            .collect();
        let more = if incident.kept.len() > 6 { ", …" } else { "" };
        page.say(
            format!(
                "! {} kept by you: {}{more}",
                incident.kept.len(),
                names.join(", ")
            ),
            theme.warning,
        );
    }
    if let Some((at, alive)) = incident.listed {
        page.say(
            format!(
                "· The list of {} has {}.",
                words::clock_seconds(at, theme),
                words::count(alive, "living token", "living tokens")
            ),
            Style::new(),
        );
        for living in &incident.living {
            page.hanging(4, &[("  · ", theme.dim), (living.as_str(), Style::new())]);
        }
        if alive > incident.living.len() && !incident.living.is_empty() {
            let more = format!("  and {} more", alive - incident.living.len());
            page.say(more, theme.dim);
        }
    }
    page.gap();
}

/// What is left to do, in the order in which it matters.
fn remains(page: &mut Page<'_>, view: &View<'_>, incident: &Incident) {
    let theme = view.theme;
    let left = incident.remains();
    if left.is_empty() {
        page.say("✓ Nothing is left to do that is known here.", theme.good);
        return;
    }
    page.say("What remains to do", theme.title);
    for text in left {
        page.hanging(2, &[("· ", theme.warning), (text.as_str(), Style::new())]);
    }
}

/// What became of the session of the emergency, and of the credential of before.
fn sessions(page: &mut Page<'_>, view: &View<'_>, incident: &Incident) {
    let theme = view.theme;
    if incident.sessions.is_empty() {
        return;
    }
    page.gap();
    page.say("Sessions and credentials", theme.title);
    for (what, ended) in &incident.sessions {
        let (words, tone) = match ended {
            Ended::Verified => ("ended, and refused since".to_owned(), Tone::Good),
            Ended::DeadBefore => ("was not accepted before".to_owned(), Tone::Good),
            Ended::StillAccepted => (
                match incident.accepted_words(what) {
                    when if when.is_empty() => {
                        "STILL ACCEPTED, although the registry says that it ended it".to_owned()
                    }
                    when => format!("STILL ACCEPTED{when}"),
                },
                Tone::Bad,
            ),
            Ended::Unchecked(why) => (format!("not seen to be dead: {}", why.what), Tone::Warning),
            Ended::Unlisted => (
                "gone from a fresh list, and not tried out".to_owned(),
                Tone::Good,
            ),
            Ended::NothingThere => (
                "a user name and password: nothing to end at the registry".to_owned(),
                Tone::Plain,
            ),
        };
        page.say(format!("{} {what}: {words}", sign(tone)), theme.tone(tone));
    }
}

/// Every row that did not end well, with its reason.
fn not_well(page: &mut Page<'_>, view: &View<'_>) {
    let screen = &view.model.emergency;
    let bad = |state: &RowState| rows::end(state).1 != Tone::Good;
    let rows: Vec<_> = screen.rows().filter(|(_, state)| bad(state)).collect();
    if rows.is_empty() {
        return;
    }
    page.say("Token by token", view.theme.title);
    for (row, state) in rows.iter().take(NAMED) {
        work::row(page, row, state, view);
    }
    if rows.len() > NAMED {
        let more = format!("and {} more; the report has them all", rows.len() - NAMED);
        page.say(more, view.theme.dim);
    }
    page.gap();
}

fn times(page: &mut Page<'_>, view: &View<'_>, incident: &Incident) {
    let theme = view.theme;
    let began = words::stamp(incident.began, theme);
    let ended = incident.ended.map_or_else(
        || "not ended yet".to_owned(),
        |at| format!("ended {}", words::stamp(at, theme)),
    );
    let whose = incident.account.as_ref();
    let whose = whose.map_or_else(String::new, |name| format!("{} @ ", name.cut(24)));
    let resumed = match incident.resumed {
        0 => String::new(),
        1 => ", gone on with once".to_owned(),
        n => format!(", gone on with {n} times"),
    };
    page.say(
        format!(
            "{whose}{}: began {began}, {ended}{resumed}",
            incident.registry
        ),
        theme.dim,
    );
}
