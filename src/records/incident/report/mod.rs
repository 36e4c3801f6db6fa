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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::failure::{Failure, FailureKind};
    use crate::domain::identity::CredentialKind;
    use crate::domain::incident::{IncidentRow, PackageFacts, Snapshot};
    use crate::domain::machine::{CredentialId, Form, LocalCredential, Machine, Rank, SourceKind};
    use crate::domain::plan::Class;
    use crate::domain::token::{Token, TokenKey};

    const BEGAN: &str = "2026-11-22T21:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn token(name: &str, made: &str) -> Token {
        let mut token = Token::new(TokenKey::new(name));
        token.name = Some(name.into());
        token.begins = "npm_".into();
        token.created = Some(at(made).into());
        token
    }

    fn row(token: Token) -> IncidentRow {
        IncidentRow {
            class: Class::of(&token),
            token,
            state: RowState::Verified,
            at: None,
            appeared: false,
            ours: false,
        }
    }

    fn incident() -> Incident {
        let mut incident = Incident::begun("1".into(), at(BEGAN), "r".into());
        let mut ours = row(token("sign-in", "2026-11-22T21:01:00Z"));
        ours.ours = true;
        incident.rows = vec![row(token("publish", "2026-11-21T10:00:00Z")), ours];
        let mut kept = token("automation", "2026-01-01T10:00:00Z");
        kept.bypass_2fa = true;
        let evil = token("evil", "2026-11-22T21:02:00Z");
        incident.kept_new = vec![evil.key.clone()];
        incident.kept = vec![kept, evil];
        incident.packages = Some(Ok(vec![PackageFacts {
            recent: vec![
                ("2.0.0".into(), at("2026-11-22T20:00:00Z")),
                ("1.9.0".into(), at("2026-11-20T20:00:00Z")),
                ("1.0.0".into(), at("2026-02-01T10:00:00Z")),
            ],
            ..PackageFacts::named("kettle".into(), "write".into())
        }]));
        incident
    }

    #[track_caller]
    fn says(page: &str, line: &str) {
        assert!(page.lines().any(|it| it.trim() == line), "{line}\n{page}");
    }

    #[test]
    fn e3_what_was_kept_and_the_sign_in_of_the_emergency_are_told_as_that() {
        let incident = incident();
        let page = markdown(&incident);
        says(
            &page,
            "- Kept by choice: `automation` (`npm_`, id `automa`)",
        );
        says(
            &page,
            "- Kept by choice: `evil` (`npm_`, id `evil`) (**made after this began**)",
        );
        says(
            &page,
            "- `sign-in` (`npm_`, id `sign-i`) (the sign-in of an earlier run of this emergency): revoked and verified: gone from a fresh \
             list, and its value is refused since",
        );
        let json = json(&incident);
        assert_eq!(json["kept"][0]["name"], "automation");
        assert_eq!(json["kept"][1]["name"], "evil");
        assert_eq!(json["kept_new"], serde_json::json!(["evil"]));
        let ours: Vec<_> = json["tokens"].as_array().into_iter().flatten().collect();
        assert_eq!(ours[0]["ours"], false);
        assert_eq!(ours[1]["ours"], true);
        assert_eq!(ours[1]["token"]["name"], "sign-in");
    }

    #[test]
    fn e3_what_was_published_lately_names_each_token_that_could_have_done_it_also_what_was_kept() {
        let incident = incident();
        let page = markdown(&incident);
        let bypass =
            "`automation` (`npm_`, id `automa`), **kept and alive**, made 2026-01-01 10:00:00 UTC";
        says(
            &page,
            &format!(
                "- **published lately**: `2.0.0`, 2026-11-22 20:00:00 UTC; the newest token then: `publish` (`npm_`, id \
                 `publis`), made 2026-11-21 10:00:00 UTC; without the second factor also by {bypass}"
            ),
        );
        says(
            &page,
            &format!(
                "- **published lately**: `1.9.0`, 2026-11-20 20:00:00 UTC; the newest token then: {bypass}"
            ),
        );
        assert!(!page.contains("`1.0.0`, 2026"), "{page}");
        let json = json(&incident);
        assert_eq!(json["packages"][0]["recent"][0][0], "2.0.0", "{json}");
    }

    #[test]
    fn what_was_not_read_again_is_told_as_it_was() {
        let mut incident = incident();
        let why = Failure::new(FailureKind::SignedOut, "Nobody is signed in.", "");
        let Some(Ok(packages)) = incident.packages.replace(Err(why.clone())) else {
            unreachable!()
        };
        let local = LocalCredential {
            id: CredentialId {
                path: Some("/home/.npmrc".into()),
                key: "//r/:_authToken".into(),
                line: 1,
            },
            place: "~/.npmrc, line 1".into(),
            source: SourceKind::User,
            scope: "r".into(),
            kind: CredentialKind::Token,
            form: Form::Mixed {
                names: vec!["${HALF}".into()],
                unset: Vec::new(),
            },
            begins: "npm_".into(),
            rank: Rank::Wins,
            in_use: true,
        };
        incident.snapshot = Some(Snapshot {
            at: at(BEGAN),
            profile: Err(why.clone()),
            tokens: Err(why),
            packages: Ok(packages),
            machine: Ok(Box::new(Machine {
                credentials: vec![local],
                ..Machine::default()
            })),
            later: crate::domain::incident::Later::default(),
        });
        let page = markdown(&incident);
        says(
            &page,
            "As they were when this began; they were not read again: `Nobody is signed in.`",
        );
        assert!(page.contains("**published lately**: `2.0.0`"), "{page}");
        says(
            &page,
            "- `~/.npmrc, line 1`: token `npm_` for `r`, text mixed with `${HALF}`",
        );
    }
}
