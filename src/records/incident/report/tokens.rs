//! What became of tokens, sessions, copies and the account.

use super::Page;
use super::words::{code, said, state, time, token};
use crate::domain::incident::{Care, Incident, IncidentRow};
use crate::domain::plan::Class;
use crate::domain::revocation::RowState;
use crate::domain::signin::Ended;
use crate::domain::token::Token;

impl Page {
    pub(super) fn tokens(&mut self, incident: &Incident) {
        self.title("Tokens that were to go");
        for class in Class::ALL {
            let rows = incident.rows.iter().filter(|row| row.class == class);
            let rows: Vec<&IncidentRow> = rows.collect();
            if rows.is_empty() {
                continue;
            }
            self.line(format!("\n### {} {}\n", rows.len(), class.words()));
            for row in rows {
                // What is still accepted has its times in its words.
                let taken = matches!(row.state, RowState::StillAccepted { .. });
                let at = row
                    .at
                    .filter(|_| !taken)
                    .map(|at| format!(", {}", time(at)))
                    .unwrap_or_default();
                let appeared = match (row.ours, row.appeared) {
                    (true, _) if row.of_earlier_run() => {
                        " (the sign-in of an earlier run of this emergency)"
                    }
                    (true, _) => " (the sign-in of this emergency)",
                    (false, true) => " (**made after this began**)",
                    (false, false) => "",
                };
                self.item(format!(
                    "{}{appeared}: {}{at}",
                    token(&row.token),
                    state(&row.state)
                ));
                self.facts(&row.token);
            }
        }
        if incident.rows.is_empty() {
            self.line("None.");
        }
    }

    fn facts(&mut self, token: &Token) {
        let mut facts = vec![token.may().to_owned()];
        if token.bypass_2fa {
            facts.push("skips the second factor".to_owned());
        }
        if !token.scopes.is_empty() {
            let scopes = token.scopes.iter().map(|(_, name)| code(name));
            facts.push(format!("for {}", scopes.collect::<Vec<_>>().join(", ")));
        }
        if !token.cidr.is_empty() {
            let ranges = token.cidr.iter().map(code);
            facts.push(format!("from {}", ranges.collect::<Vec<_>>().join(", ")));
        }
        for (what, at) in [
            ("made", token.created),
            ("last used", token.accessed),
            ("lapses", token.expires),
        ] {
            facts.extend(at.map(|at| format!("{what} {}", time(at.at()))));
        }
        for found in &token.found {
            facts.push(format!("{} {}", found.grade.words(), code(&found.place)));
        }
        if let Some(note) = &token.note {
            facts.push(format!("note {}", code(note)));
        }
        self.line(format!("  - {}", facts.join("; ")));
    }

    pub(super) fn stays(&mut self, incident: &Incident) {
        self.title("What stays, and what else was ended");
        for kept in &incident.kept {
            let made = if incident.kept_new.contains(&kept.key) {
                " (**made after this began**)"
            } else {
                ""
            };
            self.item(format!("Kept by choice: {}{made}", token(kept)));
            self.facts(kept);
        }
        for (name, ended) in &incident.sessions {
            let words = match ended {
                Ended::Verified => "ended, and refused since".to_owned(),
                Ended::DeadBefore => "was dead before".to_owned(),
                Ended::Unlisted => {
                    "gone from a fresh list; its value was not known any more, so it was not tried out"
                        .to_owned()
                }
                Ended::StillAccepted => {
                    format!("**still ACCEPTED**{}", incident.accepted_words(name))
                }
                Ended::Unchecked(why) => format!("**not seen to be dead**: {}", said(why)),
                Ended::NothingThere => {
                    "a user name and a password: nothing at the registry to end".to_owned()
                }
            };
            self.item(format!("Session {}: {words}", code(name)));
        }
        for (place, why) in &incident.copies {
            let words = match why {
                None => "taken out".to_owned(),
                Some(why) => format!("**still there**: {}", said(why)),
            };
            self.item(format!("Copy in {}: {words}", code(place)));
        }
        for (what, care) in [
            ("Password", incident.password),
            ("Second factor", incident.second_factor),
            ("Recovery codes", incident.recovery_codes),
        ] {
            self.item(format!(
                "{what}: {}",
                match care {
                    Care::Open => "not renewed",
                    Care::Done => "renewed",
                    Care::Elsewhere => "renewed elsewhere, by the person's word",
                    Care::LeftOut => "left out by choice",
                }
            ));
        }
        if let Some(mine) = incident.email_mine {
            let word = if mine {
                "still the person's"
            } else {
                "**not the person's alone, or not any more**"
            };
            self.item(format!("E-mail address: {word}"));
        }
    }
}
