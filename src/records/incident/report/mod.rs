//! The report of an emergency (requirement E3), for people and for programs. Without secrets.

mod before;
mod json;
mod packages;
mod tokens;
mod words;

use std::fmt::Write as _;

use self::words::{code, said, time};
use crate::domain::incident::{Incident, Stage, StageState, Suspicion};
use crate::domain::remains::is_gone;
use crate::domain::revocation::RowState;

pub use self::json::json;

/// As Markdown. What others wrote stands in code spans, which nothing in it can leave (promise P26): a `Text` is one
/// line, and the fence is longer than any in it.
pub fn markdown(incident: &Incident) -> String {
    let mut page = Page(String::new());
    page.head(incident);
    page.remains(incident);
    page.tokens(incident);
    page.stays(incident);
    page.stages(incident);
    page.packages(incident);
    page.snapshot(incident);
    page.beyond(incident);
    page.0
}

struct Page(String);

impl Page {
    fn line(&mut self, line: impl AsRef<str>) {
        // Writing to a String never fails.
        let _ = writeln!(self.0, "{}", line.as_ref());
    }

    fn item(&mut self, item: impl AsRef<str>) {
        self.line(format!("- {}", item.as_ref()));
    }

    fn title(&mut self, title: &str) {
        self.line(format!("\n## {title}\n"));
    }

    fn head(&mut self, incident: &Incident) {
        self.line(format!("# npm incident {}\n", code(&incident.id)));
        if incident.rehearsal {
            self.line("**A rehearsal in the demo: nothing of it happened to a real account.**\n");
        }
        self.item(format!("Registry: {}", code(&incident.registry)));
        if let Some(account) = &incident.account {
            self.item(format!("Account: {}", code(account)));
        }
        self.item(format!("Began: {}", time(incident.began)));
        self.item(match incident.ended {
            Some(at) => format!("Ended: {}", time(at)),
            None => "Ended: not yet".to_owned(),
        });
        if incident.resumed > 0 {
            self.item(format!(
                "Interrupted and gone on with: {} times",
                incident.resumed
            ));
        }
        self.item(format!(
            "This machine: {}",
            match incident.suspicion {
                Some(Suspicion::Clean) => "not suspect, by the person's word",
                Some(Suspicion::Elsewhere) => "suspect; nothing was done from it",
                Some(Suspicion::AllTheSame) => "suspect, and the person went on here all the same",
                None => "not asked",
            }
        ));
        let gone = incident
            .rows
            .iter()
            .filter(|row| is_gone(&row.state))
            .count();
        let verified = incident
            .rows
            .iter()
            .filter(|row| row.state == RowState::Verified)
            .count();
        self.item(format!(
            "Tokens: {gone} of {} are gone, {verified} of them verified by trying the value out; {} kept",
            incident.rows.len(),
            incident.kept.len(),
        ));
        if let Some((at, count)) = incident.listed {
            self.item(format!(
                "The last list, of {}, has {}",
                time(at),
                match count {
                    1 => "1 living token".to_owned(),
                    n => format!("{n} living tokens"),
                }
            ));
            for living in &incident.living {
                self.line(format!("  - {}", code(living)));
            }
            if count > incident.living.len() && !incident.living.is_empty() {
                self.line(format!("  - and {} more", count - incident.living.len()));
            }
        }
    }

    fn remains(&mut self, incident: &Incident) {
        self.title("What remains to do");
        let remains = incident.remains();
        for item in &remains {
            self.line(format!("- [ ] {}", code(item)));
        }
        if remains.is_empty() {
            self.line("Nothing that is known here.");
        }
    }

    fn stages(&mut self, incident: &Incident) {
        self.title("What was done when");
        for (stage, state) in &incident.stages {
            // It is being written.
            if *stage == Stage::Report {
                continue;
            }
            let words = match state {
                StageState::Waiting => "not begun".to_owned(),
                StageState::Now(text) => format!("under way: {}", code(text)),
                StageState::Done(at, text) => format!("done, {}: {}", time(*at), code(text)),
                StageState::Open(at, text) => {
                    format!(
                        "**something of it stays open**, {}: {}",
                        time(*at),
                        code(text)
                    )
                }
                StageState::Skipped(at, why) => format!("left out, {}: {}", time(*at), code(why)),
                StageState::Failed(at, why) => {
                    format!("**did not work**, {}: {}", time(*at), said(why))
                }
            };
            self.item(format!("{}: {words}", stage.title()));
        }
    }

    fn beyond(&mut self, incident: &Incident) {
        if incident.beyond.is_empty() {
            return;
        }
        self.title("What could not be reached from here");
        for (text, done) in &incident.beyond {
            let tick = if *done { 'x' } else { ' ' };
            self.line(format!("- [{tick}] {}", code(text)));
        }
    }
}
