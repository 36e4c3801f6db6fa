//! `emergency`: the same job as the screen's, by prompts; and its plan, which sends nothing.

mod answers;
mod plan;
mod shown;

pub(super) use self::answers::answered;
pub(super) use self::shown::progress;

use std::path::Path;
use std::sync::Arc;

use self::shown::tell;
use super::Here;
use super::report::Report;
use super::shape;
use super::talk::{End, Talk};
use crate::args::EmergencyArgs;
use crate::backend::protocol::{JournalId, Outcome, Request, Unfinished};
use crate::backend::{
    IncidentOpen, incident_in_json, incidents_left, incidents_open, report_folder,
};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Incident, StageState, Suspicion, process_in_words};
use crate::domain::remains::is_gone;
use crate::domain::signin::Ended;
use crate::domain::text::Text;

pub(super) async fn emergency(here: &Here, args: &EmergencyArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, &args.account)?;
    if args.plan {
        return plan::plan(&mut talk).await;
    }
    if !talk.somebody() {
        return Err(End::usage(
            "An emergency asks at each step, and there is no terminal to ask on.",
            "Run it on a terminal; with --plan it says what it would do, and sends nothing.",
        ));
    }
    // Not said at the very end alone: by then there is a report that nobody can read.
    if let Some(folder) = &args.report {
        let there = report_folder(&here.deps, folder).await;
        there.map_err(End::Usage)?;
    }
    let left = here
        .folder()
        .and_then(|()| incidents_left(&here.deps.vault_dir));
    let left: Vec<_> = left
        .unwrap_or_else(|why| {
            tell(&shown::in_command_words(&why));
            Vec::new()
        })
        .into_iter()
        .filter(|(_, incident)| incident.registry == talk.host())
        .collect();
    let open = incidents_open(&here.deps.vault_dir).unwrap_or_default();
    let open: Vec<_> = open
        .into_iter()
        .filter(|one| one.incident.registry == talk.host())
        .collect();
    let resume = which(&mut talk, args, &left, &open).await?;
    talk.report.clone_from(&args.report);
    let answered = talk
        .ask(Request::Emergency {
            resume,
            rehearsal: false,
        })
        .await;
    let unwritten = talk.report.take();
    let noted = !matches!(&answered, Ok(it) if matches!(&it.outcome, Outcome::Emergency(incident)
        if incident.suspicion == Some(Suspicion::Elsewhere)));
    if let Some(folder) = unwritten.filter(|_| noted) {
        tell(&format!(
            "No report was written yet: npm-warden emergency --resume --report {} writes it at the end.",
            shown_path(&folder)
        ));
    }
    let answered = answered?;
    let Outcome::Emergency(incident) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    let end = answered.end.or_else(|| ended(&incident).map(End::Failed));
    Ok(Report {
        text: shown::result(&incident).into(),
        json: shape::line(incident_in_json(&incident)),
        end,
    })
}

/// Which emergency to go on with; `None` for a new one.
async fn which(
    talk: &mut Talk,
    args: &EmergencyArgs,
    left: &[(JournalId, Incident)],
    open: &[IncidentOpen],
) -> Result<Option<JournalId>, End> {
    match args.resume.as_deref() {
        Some("") => return newest(talk, left, open).await.map(Some),
        Some(name) => {
            let fits = |incident: &Incident| incident.id.as_str().starts_with(name);
            if let Some((id, _)) = left.iter().find(|(_, incident)| fits(incident)) {
                return Ok(Some(id.clone()));
            }
            let elsewhere = open.iter().find(|one| fits(&one.incident));
            return Err(elsewhere.map_or_else(
                || none_left(talk),
                |one| open_elsewhere(&one.incident, one.process).into(),
            ));
        }
        None => {}
    }
    not_beside(talk, open).await?;
    // Each account's newest. Nothing is sent to find out whose the credential is that lies here.
    let mut accounts = Vec::new();
    for (id, incident) in left {
        if accounts.contains(&&incident.account) {
            continue;
        }
        accounts.push(&incident.account);
        let whose = incident.account.as_ref();
        tell(&format!(
            "An emergency{} that began at {} is not at its end.",
            whose.map_or_else(String::new, |account| format!(" of {account}")),
            shown::time(incident.began)
        ));
        tell("  1  go on with it: it reads first what is true now, and does nothing twice");
        tell("  2  leave it as it is, which --resume goes on with later, and begin a new one");
        if answers::goes_on(talk).await? {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

/// One that another instance is at is not gone on with here.
fn open_elsewhere(incident: &Incident, process: Option<u32>) -> Failure {
    Failure::new(
        FailureKind::Local,
        is_open(incident, process),
        "Go on there. When that one is closed, npm-warden emergency --resume goes on with it here.",
    )
}

fn is_open(incident: &Incident, process: Option<u32>) -> String {
    let whose = incident.account.as_ref();
    format!(
        "The emergency{} that began at {} is open in another npm-warden{}.",
        whose.map_or_else(String::new, |account| format!(" of {account}")),
        shown::time(incident.began),
        process_in_words(process),
    )
}

/// Nobody begins a second one beside one that is under way without knowing it. Nothing is sent to find out whose account
/// this is here.
async fn not_beside(talk: &mut Talk, open: &[IncidentOpen]) -> Result<(), End> {
    for one in open {
        tell(&is_open(&one.incident, one.process));
        tell("  1  go on there: nothing is done here");
        tell("  2  begin another one here all the same, beside it");
        if answers::goes_on(talk).await? {
            return Err(open_elsewhere(&one.incident, one.process).into());
        }
    }
    Ok(())
}

/// The newest of the account in use, by the registry's own answer.
async fn newest(
    talk: &mut Talk,
    left: &[(JournalId, Incident)],
    open: &[IncidentOpen],
) -> Result<JournalId, End> {
    if left.is_empty() {
        return Err(open.first().map_or_else(
            || none_left(talk),
            |one| open_elsewhere(&one.incident, one.process).into(),
        ));
    }
    let answered = talk.ask(Request::Unfinished).await?;
    let Outcome::Unfinished(mine) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    let here = mine.iter().find_map(|one| match one {
        Unfinished::Emergency { id, .. } => Some(id.clone()),
        _ => None,
    });
    let elsewhere = mine.iter().find_map(|one| match one {
        Unfinished::Elsewhere {
            incident, process, ..
        } => Some(open_elsewhere(incident, *process)),
        _ => None,
    });
    here.ok_or_else(|| {
        if let Some(why) = elsewhere {
            return why.into();
        }
        let others = left.iter().map(|(_, incident)| {
            let whose = incident
                .account
                .as_ref()
                .map_or("nobody known", Text::as_str);
            format!("{} of {whose}", incident.id)
        });
        End::usage(
            format!(
                "No emergency of the account in use at {} is left to go on with, but {}.",
                talk.host(),
                others.collect::<Vec<_>>().join(", ")
            ),
            "Name one as in --resume=20260101T120000Z: it asks for a sign-in as that account.",
        )
    })
}

fn none_left(talk: &Talk) -> End {
    End::usage(
        format!(
            "No such emergency at {} is left to go on with.",
            talk.host()
        ),
        "Without --resume a new one is begun.",
    )
}

/// Not well as long as anything that was to go may be alive, or it is not at its end.
fn ended(incident: &Incident) -> Option<Failure> {
    if incident.suspicion == Some(Suspicion::Elsewhere) {
        return Some(Failure::new(
            FailureKind::Cancelled,
            "Nothing was sent from this machine.",
            "Isolate it from the network first, then run this on another device.",
        ));
    }
    if incident.ended.is_none() {
        return Some(Failure::new(
            FailureKind::Cancelled,
            "It is not at its end.",
            "npm-warden emergency --resume goes on with it.",
        ));
    }
    let alive = incident
        .rows
        .iter()
        .filter(|row| !is_gone(&row.state))
        .count();
    if alive > 0 {
        return Some(Failure::new(
            FailureKind::Refused,
            format!("{alive} of {} tokens may be alive.", incident.rows.len()),
            "Look at the list of tokens again in a while; npm-warden emergency --resume does, where that may help.",
        ));
    }
    let open = |(_, ended): &&(Text, Ended)| match ended {
        Ended::StillAccepted => true,
        Ended::Unchecked(why) => why.kind != FailureKind::Cancelled,
        _ => false,
    };
    if let Some((name, _)) = incident.sessions.iter().find(open) {
        return Some(Failure::new(
            FailureKind::Refused,
            format!("No token that was to go is alive, but this may be: {name}."),
            "See what remains to do; npm-warden emergency --resume goes on with it, where that may help.",
        ));
    }
    let mut failed = incident.stages.iter();
    failed.find_map(|(stage, state)| match state {
        StageState::Failed(_, why) => Some(Failure::new(
            match why.kind {
                FailureKind::Network => FailureKind::Network,
                _ => FailureKind::Refused,
            },
            format!("{} did not work: {}", stage.title(), why.what),
            "npm-warden emergency --resume goes on with it.",
        )),
        _ => None,
    })
}

impl Talk {
    /// Writes the report; says why not, as often as it takes.
    pub(super) async fn write_report(
        &mut self,
        incident: &Arc<Incident>,
        folder: &Path,
    ) -> Result<bool, End> {
        let request = Request::Report {
            incident: Arc::clone(incident),
            folder: folder.to_owned(),
        };
        match self.ask_within(request).await {
            Ok(answered) => {
                if let Outcome::Reported(files) = answered.outcome {
                    for file in files {
                        tell(&format!("Report: {}", shown_path(&file)));
                    }
                }
                Ok(true)
            }
            Err(End::Failed(why)) => {
                tell(&shown::in_command_words(&why));
                Ok(false)
            }
            Err(end) => Err(end),
        }
    }
}

fn shown_path(path: &Path) -> Text {
    Text::new(&path.to_string_lossy())
}
