//! What was there when the emergency began.

use jiff::Timestamp;

use super::Page;
use super::words::{code, said, time};
use crate::domain::incident::Incident;
use crate::domain::machine::{Form, Git, LocalCredential, Machine};
use crate::domain::tfa::Tfa;

impl Page {
    pub(super) fn snapshot(&mut self, incident: &Incident) {
        self.title("What was there");
        let Some(snapshot) = &incident.snapshot else {
            self.line("It was not looked at.");
            return;
        };
        self.line(format!("As of {}.\n", time(snapshot.at)));
        let later = snapshot.later;
        match &snapshot.profile {
            Ok(profile) => {
                self.item(format!(
                    "Account{}: {}",
                    since(later.profile),
                    code(&profile.name)
                ));
                for (field, value) in &profile.fields {
                    if let Some(value) = value {
                        self.item(format!("{}: {}", field.key(), code(value)));
                    }
                }
                self.item(format!(
                    "Two-factor authentication: {}",
                    match &profile.tfa {
                        Tfa::Off => "off".to_owned(),
                        Tfa::Pending(_) => "half set up, which protects nothing".to_owned(),
                        Tfa::On(level) => level.word().to_owned(),
                        Tfa::Unknown(words) => format!("not known, {}", code(words)),
                    }
                ));
            }
            Err(why) => self.item(format!("The profile: {}", said(why))),
        }
        match &snapshot.tokens {
            Ok(tokens) => {
                let own = match later.tokens {
                    Some(_) => ", the sign-in for this left out",
                    None => "",
                };
                let since = since(later.tokens);
                self.item(format!("Tokens in the list{since}: {}{own}", tokens.len()));
            }
            Err(why) => self.item(format!("The tokens: {}", said(why))),
        }
        match &snapshot.packages {
            Ok(packages) => self.item(format!(
                "Packages{}: {}",
                since(later.packages),
                packages.len()
            )),
            Err(why) => self.item(format!("The packages: {}", said(why))),
        }
        match &snapshot.machine {
            Ok(machine) => self.machine(machine),
            Err(why) => self.item(format!("This machine's sources: {}", said(why))),
        }
    }

    fn machine(&mut self, machine: &Machine) {
        self.item(format!(
            "Credentials on this machine: {}",
            machine.credentials.len()
        ));
        for local in &machine.credentials {
            self.line(format!("  - {}", credential(local)));
        }
        for (source, facts) in machine.holding() {
            let mut known = Vec::new();
            if let Some(mode) = facts.mode {
                let others = if facts.open_to_others() {
                    ", **others can read it**"
                } else {
                    ""
                };
                known.push(format!("mode {mode:o}{others}"));
            }
            known.push(match facts.git {
                Git::None => "in no work tree of git".to_owned(),
                Git::Untracked => "not tracked by git".to_owned(),
                Git::Ignored => "ignored by git".to_owned(),
                Git::Tracked => "**tracked by git: what stood in it is in the history**".to_owned(),
                Git::Unknown => "whether git tracks it is not known".to_owned(),
            });
            self.item(format!(
                "File {}: {}",
                code(&source.shown),
                known.join("; ")
            ));
        }
    }
}

/// That it was read later, and when.
fn since(later: Option<Timestamp>) -> String {
    later.map_or_else(String::new, |at| {
        format!(" (as of {}, after the sign-in)", time(at))
    })
}

fn credential(local: &LocalCredential) -> String {
    let form = match &local.form {
        Form::Literal => "written out".to_owned(),
        Form::Variable { names, .. } => {
            let names: Vec<_> = names.iter().map(code).collect();
            format!("from {}", names.join(", "))
        }
        Form::Mixed { names, .. } => {
            let names: Vec<_> = names.iter().map(code).collect();
            format!("text mixed with {}", names.join(", "))
        }
    };
    let begins = if local.begins.is_empty() {
        String::new()
    } else {
        format!(" {}", code(&local.begins))
    };
    format!(
        "{}: {}{begins} for {}, {form}",
        code(&local.place),
        local.kind.word(),
        code(&local.scope)
    )
}
