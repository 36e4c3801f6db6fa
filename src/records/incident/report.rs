//! The report of an emergency (requirement E3), for people and for programs. Without secrets.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::words::Worded;
use super::write;
use crate::domain::failure::Failure;
use crate::domain::incident::{
    Care, Incident, IncidentRow, PackageFacts, Stage, StageState, Suspicion,
};
use crate::domain::machine::{Form, Git, LocalCredential, Machine};
use crate::domain::package::{PackageChange, changes};
use crate::domain::plan::Class;
use crate::domain::remains::is_gone;
use crate::domain::revocation::{RowState, Unprobed};
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::domain::tfa::Tfa;
use crate::domain::token::Token;
use crate::records::shape::TokenShape;

/// As JSON, without the version of its shape.
pub fn json(incident: &Incident) -> Value {
    json!({
        "id": incident.id,
        "rehearsal": incident.rehearsal,
        "registry": address(&incident.registry),
        "account": incident.account,
        "began": incident.began,
        "ended": incident.ended,
        "resumed": incident.resumed,
        "suspicion": incident.suspicion.map(Worded::word),
        "email_mine": incident.email_mine,
        "stages": write::list(&incident.stages, |(stage, state)| {
            // It is being written, or was: the same at any time.
            let mut shape = match (stage, incident.ended) {
                (Stage::Report, Some(at)) if !matches!(state, StageState::Skipped(..)) => {
                    json!({ "state": "done", "at": at, "text": "" })
                }
                _ => write::stage(state),
            };
            shape["stage"] = stage.word().into();
            shape
        }),
        "tokens": write::list(&incident.rows, row),
        "kept": write::list(&incident.kept, listed),
        "kept_new": write::list(&incident.kept_new, |key| key.raw().into()),
        "listed": incident.listed.map(|(at, count)| json!({
            "at": at,
            "count": count,
            "living": incident.living,
        })),
        "looked_again": incident.looked_again,
        "sessions": write::list(&incident.sessions, |(name, ended)| {
            let mut shape = write::ended(ended);
            shape["session"] = json!(name);
            let mut accepted = incident.accepted.iter();
            let times = accepted.find(|(other, _)| other == name).map(|(_, times)| times);
            shape["since"] = json!(times.map(|(since, _)| since));
            shape["probed"] = json!(times.map(|(_, tried)| tried));
            shape
        }),
        "copies": write::list(&incident.copies, |(place, why)| {
            json!({ "place": place, "remains": why.as_ref().map(write::failure) })
        }),
        "password": incident.password.word(),
        "second_factor": incident.second_factor.word(),
        "recovery_codes": incident.recovery_codes.word(),
        "snapshot": incident.snapshot.as_ref().map(|snapshot| {
            let mut shape = write::snapshot(snapshot);
            if let Ok(tokens) = &snapshot.tokens {
                shape["tokens"] = write::list(tokens, listed);
            }
            shape
        }),
        "packages": incident.packages.as_ref().map(write::packages),
        "beyond": write::list(&incident.beyond, |(text, done)| {
            json!({ "text": text, "done": done })
        }),
        "remains": incident.remains(),
    })
}

/// The registry's address, as the other commands tell it.
fn address(registry: &Text) -> String {
    let name = registry.as_str().trim_end_matches('/');
    if name.contains("://") {
        format!("{name}/")
    } else {
        format!("https://{name}/")
    }
}

/// A token as `token list` tells it.
fn listed(token: &Token) -> Value {
    json!(TokenShape::new(token, token.key.short().as_str()))
}

/// A row as `token revoke` tells it.
fn row(row: &IncidentRow) -> Value {
    let mut shape = write::state(&row.state);
    if let Some(why) = shape.get_mut("unprobed").map(Value::take) {
        shape["why"] = why;
    }
    if let Some(fields) = shape.as_object_mut() {
        fields.remove("unprobed");
        if matches!(row.state, RowState::Failed(_) | RowState::Unknown(_))
            && let Some(why) = fields.remove("why")
        {
            fields.insert("error".to_owned(), why);
        }
    }
    shape["token"] = listed(&row.token);
    shape["class"] = row.class.word().into();
    shape["at"] = json!(row.at);
    shape["appeared"] = row.appeared.into();
    shape["ours"] = row.ours.into();
    shape
}

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

/// What was published less than so many seconds before it began is worth a second look.
const LATELY: i64 = 7 * 24 * 3600;

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

    fn tokens(&mut self, incident: &Incident) {
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
                    (true, _) => " (a sign-in of this emergency)",
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

    fn stays(&mut self, incident: &Incident) {
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

    fn packages(&mut self, incident: &Incident) {
        self.title("Packages");
        let now = match incident.known_packages() {
            Some((Ok(now), _)) => now,
            Some((Err(why), _)) => {
                self.line(said(why));
                return;
            }
            None => {
                self.line("They were not looked at.");
                return;
            }
        };
        let before = incident.snapshot.as_ref();
        let before = before.and_then(|snapshot| snapshot.packages.as_ref().ok());
        match (&incident.packages, before) {
            (Some(Ok(now)), Some(before)) => {
                let different = changes(before, now);
                for (name, changes) in &different {
                    let changes: Vec<_> = changes.iter().map(change).collect();
                    self.item(format!("**{}**: {}", code(name), changes.join("; ")));
                }
                if different.is_empty() {
                    self.line("No difference between the beginning and the end was seen.\n");
                }
            }
            (Some(Err(why)), _) => self.line(format!(
                "As they were when this began; they were not read again: {}\n",
                said(why)
            )),
            _ => {}
        }
        for package in now {
            self.package(package);
            for (version, at) in &package.recent {
                self.published(incident, version, *at);
            }
        }
        if now.is_empty() {
            self.line("The account has none.");
        }
    }

    /// A version that was published lately; which token that may write was the newest then, and which needed no second
    /// factor for it. What was kept may have done it as well as what went.
    fn published(&mut self, incident: &Incident, version: &Text, at: Timestamp) {
        if incident.began.as_second() - at.as_second() > LATELY {
            return;
        }
        let kept = incident.kept.iter().map(|token| (token, true));
        let rows = incident.rows.iter().map(|row| (&row.token, false));
        let mut known: Vec<(Timestamp, &Token, bool)> = rows
            .chain(kept)
            .filter(|(token, _)| token.writes())
            .filter_map(|(token, kept)| Some((token.created?.at(), token, kept)))
            .filter(|(made, ..)| *made <= at)
            .collect();
        known.sort_by_key(|(made, ..)| *made);
        let named = |(made, it, kept): &(Timestamp, &Token, bool)| {
            let alive = if *kept { ", **kept and alive**" } else { "" };
            format!("{}{alive}, made {}", token(it), time(*made))
        };
        let mut words = known.last().map_or_else(String::new, |newest| {
            format!("; the newest token then: {}", named(newest))
        });
        let newest = known.pop();
        let bypass: Vec<_> = known
            .iter()
            .rev()
            .filter(|(_, token, _)| token.bypass_2fa)
            .map(named)
            .collect();
        if newest.is_some() && !bypass.is_empty() {
            words = format!(
                "{words}; without the second factor also by {}",
                bypass.join(" or ")
            );
        }
        self.line(format!(
            "  - **published lately**: {}, {}{words}",
            code(version),
            time(at)
        ));
    }

    fn package(&mut self, package: &PackageFacts) {
        let mut facts = Vec::new();
        if let Some((version, at)) = &package.latest {
            let at = at.map(|at| format!(" of {}", time(at))).unwrap_or_default();
            facts.push(format!("latest {}{at}", code(version)));
        }
        if let Some((version, at)) = package.recent.first() {
            facts.push(format!("published last {}, {}", code(version), time(*at)));
        }
        if !package.owners.is_empty() {
            let owners: Vec<_> = package.owners.iter().map(code).collect();
            facts.push(format!("owners {}", owners.join(", ")));
        }
        facts.extend(package.unread.as_ref().map(said));
        self.item(format!("{}: {}", code(&package.name), facts.join("; ")));
    }

    fn snapshot(&mut self, incident: &Incident) {
        self.title("What was there");
        let Some(snapshot) = &incident.snapshot else {
            self.line("It was not looked at.");
            return;
        };
        self.line(format!("As of {}.\n", time(snapshot.at)));
        match &snapshot.profile {
            Ok(profile) => {
                self.item(format!("Account: {}", code(&profile.name)));
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
            Ok(tokens) => self.item(format!("Tokens in the list: {}", tokens.len())),
            Err(why) => self.item(format!("The tokens: {}", said(why))),
        }
        match &snapshot.packages {
            Ok(packages) => self.item(format!("Packages: {}", packages.len())),
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

fn change(change: &PackageChange) -> String {
    match change {
        PackageChange::Appeared => "was not there before".to_owned(),
        PackageChange::Gone => "is not the account's any more".to_owned(),
        PackageChange::Version(version, at) => {
            format!("new version {}, {}", code(version), time(*at))
        }
        PackageChange::Latest(was, is) => format!("latest was {}, is {}", code(was), code(is)),
        PackageChange::OwnerAdded(name) => format!("new owner {}", code(name)),
        PackageChange::OwnerGone(name) => format!("owner {} is gone", code(name)),
        PackageChange::Access(was, is) => format!("access was {}, is {}", code(was), code(is)),
    }
}

fn token(token: &Token) -> String {
    format!(
        "{} ({}, id {})",
        code(&Text::new(token.label())),
        code(&token.begins),
        code(&token.key.short())
    )
}

/// How a token stands, with the proof.
fn state(state: &RowState) -> String {
    match state {
        RowState::Waiting => "not begun".to_owned(),
        RowState::Sent => "sent; the answer is not known".to_owned(),
        RowState::Accepted => "the registry said that it revoked it; not checked".to_owned(),
        RowState::Gone(why) => format!(
            "revoked: gone from a fresh list; not tried out, since {}",
            match why {
                Unprobed::ValueUnknown => "its value is not known here",
                Unprobed::RefusedBefore => "it was refused from here before as well",
                Unprobed::NoAnswer => "the registry gave no answer that tells",
            }
        ),
        RowState::Verified => {
            "revoked and verified: gone from a fresh list, and its value is refused since"
                .to_owned()
        }
        RowState::Refused => {
            "revoked, and its value is refused since; no list could be read by it".to_owned()
        }
        RowState::AlreadyGone => "was gone already".to_owned(),
        RowState::StillListed => {
            "**still listed** though the registry said that it revoked it".to_owned()
        }
        RowState::StillAccepted { since, probed } => format!(
            "**still accepted** when it was tried out at {}, though the registry said at {} that it revoked it",
            time(*probed),
            time(*since)
        ),
        RowState::Unknown(why) => format!("**outcome not known**: {}", said(why)),
        RowState::Failed(why) => format!("**not revoked**: {}", said(why)),
        RowState::NotTried => "**not tried**".to_owned(),
    }
}

fn said(why: &Failure) -> String {
    code(&why.what)
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A code span that holds exactly this.
fn code(text: &Text) -> String {
    let text = text.as_str();
    if text.is_empty() {
        return "(none)".to_owned();
    }
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    // One blank at each end belongs to the fence where the text begins or ends with a sign of its own.
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p26_what_others_wrote_stays_in_its_code_span() {
        for (text, span) in [
            ("ci", "`ci`"),
            ("", "(none)"),
            ("a`b", "`` a`b ``"),
            ("```", "```` ``` ````"),
            ("`\n# Forged", "`` ` # Forged ``"),
            ("**x** <b> | [a](b)", "`**x** <b> | [a](b)`"),
        ] {
            assert_eq!(code(&Text::new(text)), span);
        }
    }
}
