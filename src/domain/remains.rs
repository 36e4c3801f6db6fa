//! What an emergency leaves to be done.

use super::account::ProfileField;
use super::failure::{Failure, FailureKind};
use super::incident::{Care, Incident, IncidentRow, Stage, StageState, Suspicion};
use super::machine::{Form, Git};
use super::package::changes;
use super::plan::Class;
use super::revocation::RowState;
use super::signin::Ended;
use super::text::Text;
use super::tfa::Tfa;

/// Whether nothing is left to do about a token: a fresh list does not have it, or it is refused since it was revoked.
pub const fn is_gone(state: &RowState) -> bool {
    matches!(
        state,
        RowState::Gone(_) | RowState::Verified | RowState::Refused | RowState::AlreadyGone
    )
}

/// How a revocation that came to its end ended where not well, in a few words; `None` where it was interrupted, or all is gone.
pub fn ended_with<'a>(states: impl IntoIterator<Item = &'a RowState>) -> Option<String> {
    let (mut failed, mut kept, mut listed, mut taken) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut unknown = 0_usize;
    for state in states {
        match state {
            gone if is_gone(gone) => {}
            RowState::Unknown(_) => unknown += 1,
            RowState::Failed(_) => failed += 1,
            RowState::NotTried => kept += 1,
            RowState::StillListed => listed += 1,
            RowState::StillAccepted { .. } => taken += 1,
            _ => return None,
        }
    }
    let words = [
        (failed, "failed"),
        (unknown, "not known"),
        (taken, "still accepted"),
        (listed, "still listed"),
        (kept, "not tried"),
    ];
    let words: Vec<_> = words
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

impl Incident {
    /// How a stage stands.
    pub fn stage(&self, stage: Stage) -> &StageState {
        let found = self.stages.iter().find(|(other, _)| *other == stage);
        found.map_or(&StageState::Waiting, |(_, state)| state)
    }

    /// How many tokens somebody made while it was under way.
    pub fn appeared(&self) -> usize {
        let rows = self.rows.iter().filter(|row| row.appeared).count();
        rows + self.kept_new.len()
    }

    /// Whether it is worth going on with after its end: a step failed, or what was revoked or ended may be alive and can be
    /// looked at again.
    pub fn is_open(&self) -> bool {
        let failed = |(_, state): &(Stage, StageState)| matches!(state, StageState::Failed(..));
        let alive = |(_, ended): &(Text, Ended)| match ended {
            Ended::StillAccepted => true,
            Ended::Unchecked(why) => {
                !matches!(why.kind, FailureKind::Local | FailureKind::Cancelled)
            }
            _ => false,
        };
        let lingers = |row: &IncidentRow| {
            matches!(
                row.state,
                RowState::StillListed | RowState::StillAccepted { .. } | RowState::Unknown(_)
            )
        };
        self.stages.iter().any(failed)
            || self.sessions.iter().any(alive)
            || self.rows.iter().any(lingers)
    }

    /// What remains to be done, the most pressing first, in whole sentences.
    pub fn remains(&self) -> Vec<Text> {
        let mut all = Vec::new();
        let mut say = |text: String| all.push(Text::new(&text));
        if self.suspicion == Some(Suspicion::AllTheSame) {
            say("This machine may be in a thief's hands: take it off the network and rebuild it before it is used again. What was typed here may be known: change the password from another machine.".into());
        }
        if self.suspicion == Some(Suspicion::Elsewhere) {
            say("Isolate this machine from the network first, then begin again from another device.".into());
            return all;
        }
        self.tokens(&mut say);
        for (name, ended) in &self.sessions {
            let listed = self.row_of(name, ended);
            let listed = listed.map_or_else(String::new, |row| {
                format!(", in the list as {}", row.token.quoted())
            });
            match ended {
                // Promise P33: what a new password does to it is not known either.
                Ended::StillAccepted => say(format!(
                    "{name}{listed}: the registry still ACCEPTS it{}. Look again in a while; some registries end none this way, \
                     and some do when the password is changed: see whether yours does.",
                    self.accepted_words(name)
                )),
                Ended::Unchecked(why) => say(format!(
                    "{name}{listed}: {}. Look at it again on the registry's website.",
                    without_stop(why)
                )),
                Ended::Verified | Ended::DeadBefore | Ended::NothingThere | Ended::Unlisted => {}
            }
        }
        for (place, why) in &self.copies {
            if let Some(why) = why {
                say(format!("{place}: {}", why.what));
            }
        }
        self.files(&mut say);
        self.email(&mut say);
        self.cares(&mut say);
        self.packages(&mut say);
        for (stage, state) in &self.stages {
            if let StageState::Failed(_, why) = state {
                say(format!("{} did not work: {}", stage.title(), why.what));
            }
        }
        for (text, done) in &self.beyond {
            if !done {
                say(text.to_string());
            }
        }
        if self.ended.is_none() {
            say("It is not at its end: npm-warden emergency --resume goes on with it.".into());
        }
        all
    }

    fn tokens(&self, say: &mut impl FnMut(String)) {
        // What a list has of a session is told once, with the session.
        let sessions = self.sessions.iter();
        let told: Vec<_> = sessions
            .filter_map(|(name, ended)| self.row_of(name, ended))
            .map(|row| &row.token.key)
            .collect();
        for row in &self.rows {
            if told.contains(&&row.token.key) {
                continue;
            }
            let name = row.token.quoted();
            match &row.state {
                RowState::Gone(_)
                | RowState::Verified
                | RowState::Refused
                | RowState::AlreadyGone => {}
                RowState::StillListed => say(format!(
                    "The registry said that it revoked {name}, and lists it still: read the list again in a while."
                )),
                RowState::StillAccepted { .. } => say(format!(
                    "The registry still ACCEPTS {name}, which it said it revoked: try it again in a while."
                )),
                RowState::Failed(why) => say(format!("{name} was not revoked: {}", why.what)),
                RowState::Unknown(why) => say(format!(
                    "Whether {name} is gone is not known: {} Look at the list of tokens.",
                    why.what
                )),
                RowState::Accepted | RowState::Sent => say(format!(
                    "Whether {name} is gone is not known: look at the list of tokens."
                )),
                RowState::Waiting | RowState::NotTried => {
                    say(format!("{name} was not revoked."));
                }
            }
        }
        match self.appeared() {
            0 => {}
            1 => say("A token was made by somebody while this was under way: read the list of tokens again in a while, and find out how it could be made.".into()),
            n => say(format!("{n} tokens were made by somebody while this was under way: read the list of tokens again in a while, and find out how they could be made.")),
        }
        if !self.kept.is_empty() {
            let names: Vec<_> = self.kept.iter().map(|token| self.kept_as(token)).collect();
            say(format!(
                "Kept by your choice, and alive: {}.",
                names.join(", ")
            ));
        }
        let gone = self.rows.iter().any(|row| is_gone(&row.state));
        if gone && self.listed.is_none() {
            say("No list of tokens could be read after they were revoked: read it.".into());
        } else if gone && self.ended.is_some() && self.looked_again.is_none() {
            say("The list of tokens was not read once more at the end: read it, for what was made since.".into());
        }
    }

    /// The row of the list that a session which did not end well has, by what both say.
    fn row_of(&self, name: &Text, ended: &Ended) -> Option<&IncidentRow> {
        let mut accepted = self.accepted.iter();
        let times = accepted.find(|(other, _)| other == name);
        let mut in_use = self.rows.iter().filter(|row| row.class == Class::InUse);
        in_use.find(|row| match (ended, &row.state) {
            (Ended::StillAccepted, RowState::StillAccepted { since, probed }) => {
                times.is_some_and(|(_, times)| *times == (*since, *probed))
            }
            (Ended::Unchecked(why), RowState::Unknown(of_row)) => why == of_row,
            _ => false,
        })
    }

    /// Since when a session is still accepted, as the end of a sentence.
    pub fn accepted_words(&self, name: &Text) -> String {
        let mut known = self.accepted.iter();
        let Some((_, (since, tried))) = known.find(|(other, _)| other == name) else {
            return String::new();
        };
        let time = |at: &jiff::Timestamp| at.strftime("%H:%M:%S UTC").to_string();
        format!(
            ", though the registry said at {} that it ended it; tried again at {}",
            time(since),
            time(tried)
        )
    }

    fn kept_as(&self, token: &super::token::Token) -> String {
        let made = if self.kept_new.contains(&token.key) {
            ", MADE SINCE THIS BEGAN"
        } else {
            ""
        };
        format!("{}{made}", token.quoted())
    }

    /// What is to be done about the files that held credentials when it began.
    fn files(&self, say: &mut impl FnMut(String)) {
        let snapshot = self.snapshot.as_ref();
        let Some(machine) = snapshot.and_then(|it| it.machine.as_ref().ok()) else {
            return;
        };
        for (source, facts) in machine.holding() {
            if facts.git == Git::Tracked {
                say(format!(
                    "{} is tracked by git: what stood in it stays in the history, and wherever that was pushed. Take it out \
                     of git, and see that none of it lives.",
                    source.shown
                ));
            }
            if facts.open_to_others()
                && let Some(mode) = facts.mode
            {
                let shown = &source.shown;
                let mut here = machine
                    .credentials
                    .iter()
                    .filter(|local| local.form == Form::Literal && local.id.path == source.path);
                let taken = |place: &Text| {
                    let mut copies = self.copies.iter();
                    copies.any(|(other, why)| other == place && why.is_none())
                };
                say(if here.all(|local| taken(&local.place)) {
                    format!(
                        "Others on this machine could read {shown} (mode {mode:o}) until its credentials were taken out: \
                         treat what stood there as known."
                    )
                } else {
                    format!("Others on this machine can read {shown} (mode {mode:o}): chmod 600.")
                });
            }
        }
    }

    fn email(&self, say: &mut impl FnMut(String)) {
        if self.email_mine == Some(false) {
            // While a token lives that a thief may have, a new address is told to the thief as well.
            let alive = self.rows.iter().any(|row| !is_gone(&row.state));
            let looked = matches!(
                self.stage(Stage::Revoke),
                StageState::Done(..) | StageState::Open(..) | StageState::Skipped(..)
            );
            say(if alive || !looked {
                "The e-mail address is not yours alone: change it on the profile when the tokens are gone.".into()
            } else {
                "The e-mail address is not yours alone: change it on the profile now.".into()
            });
            say("If it is not yours any more, write to the registry's support at once, from another address.".into());
        }
        if self.email_mine.is_none() && matches!(self.stage(Stage::Email), StageState::Skipped(..))
        {
            let profile = self
                .snapshot
                .as_ref()
                .and_then(|it| it.profile.as_ref().ok());
            let address = profile.and_then(|it| it.field(ProfileField::Email));
            let address = address.map_or("the e-mail address", Text::as_str);
            say(format!(
                "Whether {address} is yours, and only you read it, is open: find out."
            ));
        }
    }

    /// What is to be done about the account itself, as it stands.
    fn cares(&self, say: &mut impl FnMut(String)) {
        let open = |care: Care| matches!(care, Care::Open | Care::LeftOut);
        if open(self.password) {
            say("Change the password. That ends no token.".into());
        }
        let profile = self
            .snapshot
            .as_ref()
            .and_then(|it| it.profile.as_ref().ok());
        let seen_to = matches!(self.second_factor, Care::Done | Care::Elsewhere);
        let before = profile.map(|profile| &profile.tfa);
        let tfa = self.tfa.as_ref().or(before.filter(|_| !seen_to));
        let told = self.tfa.as_ref();
        let not_told = told.is_none_or(|tfa| matches!(tfa, Tfa::Unknown(_)));
        if seen_to && not_told && matches!(before, Some(Tfa::Off | Tfa::Pending(_))) {
            say("The second factor was seen to, and the profile was not read after that: see whether two-factor authentication is on.".into());
        }
        match tfa {
            Some(Tfa::Off) => {
                say("Turn on two-factor authentication: it is OFF.".into());
                return;
            }
            Some(Tfa::Pending(_)) => {
                say(
                    "Set up two-factor authentication to its end: half done it protects nothing."
                        .into(),
                );
                return;
            }
            Some(Tfa::On(_)) if open(self.second_factor) => {
                say("Renew the second factor: who had the machine may have its key.".into());
            }
            Some(Tfa::Unknown(_)) | None if open(self.second_factor) => {
                say("See whether two-factor authentication is on, and renew it: who had the machine may have its key.".into());
            }
            _ => {}
        }
        if open(self.recovery_codes) {
            say("Get new recovery codes: the old ones may have been read.".into());
        }
    }

    fn packages(&self, say: &mut impl FnMut(String)) {
        self.published_lately(say);
        let before = self.snapshot.as_ref().map(|snapshot| &snapshot.packages);
        match (before, &self.packages) {
            (Some(Ok(before)), Some(Ok(now))) => {
                let different = changes(before, now);
                if !different.is_empty() {
                    let names: Vec<_> = different.iter().map(|(name, _)| name.as_str()).collect();
                    say(format!(
                        "These packages are not as they were when this began: {}. See what was published, and by whom.",
                        names.join(", ")
                    ));
                }
                let unread = now.iter().filter(|package| package.unread.is_some()).count();
                if unread > 0 {
                    say(match unread {
                        1 => "1 package could not be read: look at it yourself.".to_owned(),
                        n => format!("{n} packages could not be read: look at them yourself."),
                    });
                }
            }
            (_, Some(Ok(_))) => say(
                "How the packages were when this began is not known: look at their versions and owners yourself.".into(),
            ),
            (Some(Ok(_)), Some(Err(_))) => {
                say("The packages were not read again after the tokens went: see who owns them and what was published.".into());
            }
            (_, Some(Err(_)) | None) => {
                say("The packages were not looked at: see who owns them and what was published.".into());
            }
        }
    }
}

impl Incident {
    /// Whose hand that was, no registry tells.
    fn published_lately(&self, say: &mut impl FnMut(String)) {
        let Some((Ok(packages), _)) = self.known_packages() else {
            return;
        };
        let fresh = packages.iter().flat_map(|package| {
            let fresh = package.lately(self.began);
            fresh.map(|(version, _)| format!("{} {}", package.name.cut(60), version.cut(40)))
        });
        let mut fresh: Vec<_> = fresh.collect();
        if fresh.is_empty() {
            return;
        }
        let more = fresh.len().saturating_sub(NAMED);
        fresh.truncate(NAMED);
        let more = match more {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        say(format!(
            "Published lately: {}{more}. See whether that was you, and what is in it.",
            fresh.join(", ")
        ));
    }
}

/// So many versions are named.
const NAMED: usize = 5;

fn without_stop(why: &Failure) -> String {
    why.what.as_str().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jiff::Timestamp;

    use super::*;
    use crate::domain::identity::CredentialKind;
    use crate::domain::incident::Snapshot;
    use crate::domain::machine::{
        CredentialId, FileFacts, LocalCredential, Machine, Rank, Source, SourceKind, SourceState,
    };

    fn with_an_open_file() -> Incident {
        let path = Some(PathBuf::from("/home/.npmrc"));
        let machine = Machine {
            sources: vec![Source {
                kind: SourceKind::User,
                shown: "~/.npmrc".into(),
                path: path.clone(),
                state: SourceState::Read(FileFacts {
                    mode: Some(0o644),
                    ..FileFacts::default()
                }),
            }],
            credentials: vec![LocalCredential {
                id: CredentialId {
                    path,
                    key: "//r/:_authToken".into(),
                    line: 1,
                },
                place: "~/.npmrc, line 1".into(),
                source: SourceKind::User,
                scope: "r".into(),
                kind: CredentialKind::Token,
                form: Form::Literal,
                begins: Text::default(),
                rank: Rank::Wins,
                in_use: true,
            }],
            ..Machine::default()
        };
        let now = Timestamp::UNIX_EPOCH;
        let mut incident = Incident::begun("1".into(), now, "r".into());
        incident.snapshot = Some(Snapshot {
            at: now,
            profile: Err(Failure::new(FailureKind::Network, "No answer.", "")),
            tokens: Ok(Vec::new()),
            packages: Ok(Vec::new()),
            machine: Ok(Box::new(machine)),
            later: crate::domain::incident::Later::default(),
        });
        incident
    }

    #[test]
    fn what_somebody_made_or_published_is_never_nothing_to_do() {
        use crate::domain::package::PackageFacts;
        use crate::domain::token::{Token, TokenKey};
        let mut incident = Incident::begun("1".into(), Timestamp::UNIX_EPOCH, "r".into());
        incident.rows = vec![IncidentRow {
            token: Token::new(TokenKey::new("1")),
            class: Class::Write,
            state: RowState::Verified,
            at: None,
            appeared: true,
            ours: false,
        }];
        let mut package = PackageFacts::named("kettle".into(), "write".into());
        package.recent = vec![("2.1.1".into(), Timestamp::UNIX_EPOCH)];
        incident.packages = Some(Ok(vec![package]));
        let remains = incident.remains();
        for words in [
            "A token was made by somebody while this was under way",
            "Published lately: kettle 2.1.1. See whether that was you",
        ] {
            let says = |line: &Text| line.as_str().contains(words);
            assert!(remains.iter().any(says), "{words}: {remains:?}");
        }
    }

    #[test]
    fn an_address_of_somebody_else_waits_for_the_tokens_and_no_longer() {
        use crate::domain::token::{Token, TokenKey};
        let mut incident = Incident::begun("1".into(), Timestamp::UNIX_EPOCH, "r".into());
        incident.email_mine = Some(false);
        let says = |incident: &Incident, words: &str| {
            let remains = incident.remains();
            assert!(
                remains.iter().any(|it| it.as_str().ends_with(words)),
                "{remains:?}"
            );
        };
        says(
            &incident,
            "change it on the profile when the tokens are gone.",
        );
        incident.rows = vec![IncidentRow {
            token: Token::new(TokenKey::new("1")),
            class: Class::Write,
            state: RowState::NotTried,
            at: None,
            appeared: false,
            ours: false,
        }];
        let at = Timestamp::UNIX_EPOCH;
        for (stage, state) in &mut incident.stages {
            if *stage == Stage::Revoke {
                *state = StageState::Done(at, "done".into());
            }
        }
        says(
            &incident,
            "change it on the profile when the tokens are gone.",
        );
        incident.rows[0].state = RowState::Verified;
        says(&incident, "change it on the profile now.");
    }

    #[test]
    fn what_others_could_read_is_told_as_past_when_nothing_stands_there_any_more() {
        let mut incident = with_an_open_file();
        let says = |incident: &Incident, part: &str| {
            let remains = incident.remains();
            remains.iter().any(|line| line.as_str().contains(part))
        };
        let place = || Text::from("~/.npmrc, line 1");
        assert!(says(&incident, "can read ~/.npmrc (mode 644): chmod 600"));
        let why = Failure::new(FailureKind::Local, "It is read-only.", "");
        incident.copies = vec![(place(), Some(why))];
        assert!(says(&incident, "can read ~/.npmrc"));
        incident.copies = vec![(place(), None)];
        assert!(says(&incident, "could read ~/.npmrc (mode 644) until"));
        assert!(!says(&incident, "chmod"));
    }
}
