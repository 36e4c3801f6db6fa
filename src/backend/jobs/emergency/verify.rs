//! A fresh list, what somebody made meanwhile, and the session that no list has.

use std::collections::HashSet;

use super::linger::lingers;
use super::revoke::rows;
use super::{Walk, count, plural};
use crate::backend::desk::Left;
use crate::backend::house::Connector;
use crate::backend::session::{Probed, probe};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::found::Grade;
use crate::domain::incident::{Ask, IncidentRow, Reply, Stage, StageState};
use crate::domain::remains::is_gone;
use crate::domain::revocation::RowState;
use crate::domain::signin::Ended;
use crate::domain::token::{Token, TokenKey};
use crate::records::incident::line;

/// How often it is looked whether somebody goes on making tokens.
const ROUNDS: u32 = 5;

impl<C: Connector> Walk<'_, '_, C> {
    pub(super) async fn verify(&mut self) -> Result<(), Left> {
        // What is in use may be dead by now, by this very emergency.
        if self.own.is_none() && self.all_gone() && self.dead().await {
            self.unlisted().await?;
            self.sessions_linger().await?;
            let alive = self.lives_on();
            let words = format!(
                "{} The credential in use is refused now, so the list cannot be read with it any more. {}",
                self.sum(),
                alive.as_deref().unwrap_or_default()
            );
            let open = self.not_gone() + usize::from(alive.is_some());
            self.settled_with(Stage::Verify, open, words).await;
            return Ok(());
        }
        let clean = self.clean_list().await?;
        self.unlisted().await?;
        if clean {
            self.sessions_linger().await?;
            self.verified().await;
        }
        Ok(())
    }

    /// Once more before the emergency lets go: until the password was changed, and by a session of before, somebody could
    /// make tokens after the last look.
    pub(super) async fn last_list(&mut self) -> Result<(), Left> {
        if matches!(
            self.book.incident().stage(Stage::Verify),
            StageState::Skipped(..)
        ) || (self.own.is_none() && self.dead().await)
        {
            return Ok(());
        }
        self.as_begun(Stage::Verify).await?;
        if self.clean_list().await? {
            let now = self.book.now();
            self.book.note(line::looked_again(now)).await;
            self.verified().await;
        }
        Ok(())
    }

    /// Reads the list until it has nothing new. `false`: it did not come to that, which is said.
    async fn clean_list(&mut self) -> Result<bool, Left> {
        let mut round = 0;
        loop {
            round += 1;
            let Some(list) = self.list(Stage::Verify).await? else {
                return Ok(false);
            };
            self.settle(&list).await;
            let new = self.newcomers(&list);
            // Shown before an interruption, and not answered.
            let shown = self.open(|row| row.appeared && row.state == RowState::Waiting);
            let former = |row: &IncidentRow| {
                row.state == RowState::Waiting && self.agreed(row) && !self.goes_last(row)
            };
            if new.is_empty() && shown.is_empty() {
                // The session of a run that was cut off had to wait for its end, and goes now.
                if round < ROUNDS && !self.open(former).is_empty() {
                    self.go(Stage::Verify).await?;
                    continue;
                }
                return Ok(true);
            }
            let planned = rows(
                &new,
                |token| !self.is_ours(token),
                |token| self.is_ours(token),
            );
            let strangers = planned.iter().filter(|row| row.appeared);
            let mut keys = shown;
            keys.extend(strangers.map(|row| row.token.key.clone()));
            self.book.note(line::rows(&planned)).await;
            // A sign-in of this very emergency needs no question.
            if keys.is_empty() && round <= ROUNDS {
                self.go(Stage::Verify).await?;
                continue;
            }
            if round > ROUNDS {
                let what = format!(
                    "Tokens still appear: {} after this looked {ROUNDS} times and revoked what it found. Somebody still has \
                     a way in.",
                    plural(keys.len(), "more was made", "more were made")
                );
                let next = "Change the password and end all sessions on the registry's website, and try again then.";
                self.failed(
                    Stage::Verify,
                    Failure::new(FailureKind::Refused, what, next),
                )
                .await;
                loop {
                    match self.ask(Ask::Again { rows: keys.clone() }).await? {
                        Reply::Again => break,
                        Reply::Skip => return Ok(false),
                        _ => {}
                    }
                }
                round = 0;
                continue;
            }
            let made = keys.len();
            // What goes with them is listed and counted with them (promise P28).
            let beside =
                |row: &IncidentRow| self.agreed(row) && !self.goes_last(row) && !lingers(row);
            let mut beside = self.open(beside);
            beside.retain(|key| !keys.contains(key));
            keys.extend(beside);
            let words = format!(
                "{} MADE SINCE THIS BEGAN: somebody still has a way in",
                count(made, "token")
            );
            self.book.now_doing(Stage::Verify, words).await;
            // Left out is kept: they stand among what stays.
            let keep = self.choose(Ask::Appeared(keys.clone())).await?;
            let keep = keep.unwrap_or(keys);
            self.book.note(line::kept(&keep)).await;
            self.go(Stage::Verify).await?;
        }
    }

    /// The list is read, and has nothing new.
    async fn verified(&mut self) {
        let alive = self.lives_on();
        let mut words = self.sum();
        let appeared = self.book.incident().appeared();
        if appeared > 0 {
            words = format!(
                "{words} {} made by somebody since this began.",
                count(appeared, "token")
            );
        }
        if let Some(alive) = &alive {
            words = format!("{words} {alive}");
        }
        let open = self.not_gone() + usize::from(alive.is_some());
        self.settled_with(Stage::Verify, open, words).await;
    }

    /// How many of what was to go are not gone, but for what this emergency still speaks by.
    pub(super) fn not_gone(&self) -> usize {
        let own = self.own.as_ref().and_then(|own| own.key.as_ref());
        self.open(|row| own != Some(&row.token.key)).len()
    }

    fn all_gone(&self) -> bool {
        let rows = &self.book.incident().rows;
        !rows.is_empty() && rows.iter().all(|row| is_gone(&row.state))
    }

    async fn dead(&self) -> bool {
        let answer = probe(self.job.registry, self.job.desk.retrying()).await;
        matches!(answer, Probed::SignedOut | Probed::Refused(_))
    }

    /// Every row's end by the list, so that their sum equals it.
    async fn settle(&mut self, list: &[Token]) {
        let rows = self.book.incident().rows.iter();
        // What is planned and lives is still to go.
        let open =
            rows.filter(|row| row.state != RowState::Waiting || !listed(list, &row.token.key));
        let keys = open.map(|row| row.token.key.clone()).collect();
        self.look_at(keys, list).await;
        self.former_sessions(list).await;
    }

    /// The sessions of runs that were cut off: their values went with them. What a list tells of them is noted.
    async fn former_sessions(&mut self, list: &[Token]) {
        let own = self.own.as_ref();
        let lists_sessions = own.is_some_and(|own| own.key.is_some());
        let own = own.map(|own| own.name.clone());
        let mut lines = Vec::new();
        for (name, key) in self.book.open_sessions() {
            if Some(&name) == own.as_ref() || listed(list, &key) {
                continue;
            }
            let was_listed = self.book.row_state(&key).is_some();
            let ended = if lists_sessions || was_listed {
                Ended::Unlisted
            } else {
                Ended::Unchecked(Failure::new(
                    FailureKind::Local,
                    format!(
                        "It went with the run that was cut off, and {} does not list it, so that nobody can end it from here. \
                         It ends by itself, as a rule within hours.",
                        self.job.host()
                    ),
                    "",
                ))
            };
            lines.push(line::session(&name, &ended));
        }
        if !lines.is_empty() {
            self.book.note_all(lines).await;
            self.book.tell();
        }
    }

    /// What lives and was never spoken of. What this emergency itself speaks by is no newcomer.
    pub(super) fn newcomers(&self, list: &[Token]) -> Vec<Token> {
        let incident = self.book.incident();
        let kept: HashSet<&TokenKey> = incident.kept.iter().map(|token| &token.key).collect();
        let new = list.iter().filter(|token| {
            token.revoked.is_none()
                && self.book.row_state(&token.key).is_none()
                && !kept.contains(&token.key)
                && token.in_use() != Some(Grade::Is)
        });
        new.cloned().collect()
    }
}

/// Whether a list has it, alive.
fn listed(list: &[Token], key: &TokenKey) -> bool {
    list.iter()
        .any(|token| token.key == *key && token.revoked.is_none())
}
