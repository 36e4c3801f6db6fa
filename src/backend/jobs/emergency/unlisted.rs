//! The credential that no list has: what npm login left in the configuration. And sessions that are still accepted.

use std::sync::Arc;

use jiff::Timestamp;

use super::Walk;
use crate::backend::desk::Left;
use crate::backend::finder::digest;
use crate::backend::house::Connector;
use crate::backend::local::{Taken, taken, token_of};
use crate::backend::session::{Probed, ended, probe};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::CredentialKind;
use crate::domain::incident::{Ask, Reply, Stage, StageState};
use crate::domain::secret::Secret;
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::records::incident::line;
use crate::registry::Registry as _;

/// What the registry said that it ended, and accepted still when that was tried out last.
pub(super) struct Lingering<R> {
    pub(super) name: Text,
    pub(super) speaker: Arc<R>,
    /// When the registry said so.
    pub(super) since: Timestamp,
}

const ON_THE_WEBSITE: &str = "End it on the registry's website.";

impl<C: Connector> Walk<'_, '_, C> {
    /// Before anything is done: whether what the configuration holds works, so that its end can be told from what was dead
    /// before.
    pub(super) async fn try_configured(&mut self) {
        let Ok(configured) = self.job.house.configured().await else {
            return;
        };
        let Some(token) = configured.token() else {
            return;
        };
        if configured.identity().registry != self.job.host() {
            return;
        }
        let word = match taken(&*configured).await {
            Taken::By(name) if self.is_of_ours(&name) => "worked",
            Taken::Refused => "refused",
            Taken::By(_) | Taken::NoAnswer(_) => return,
        };
        let (key, now) = (TokenKey::new(digest(&token)), self.book.now());
        self.book.note(line::before(&key, word, now)).await;
    }

    fn is_of_ours(&self, name: &Text) -> bool {
        let account = self.book.incident().account.as_ref();
        account.is_none_or(|account| account == name)
    }

    /// What npm login left in the configuration is a session that some registries list nowhere: revoking what is listed
    /// does not end it. What stays by the person's choice is left alone, and so is what only may be that, or is another
    /// account's.
    pub(super) async fn unlisted(&mut self) -> Result<(), Left> {
        let job = self.job;
        let Ok(configured) = job.house.configured().await else {
            return Ok(());
        };
        let Some(source) = configured.identity().credential else {
            return Ok(());
        };
        let name = Text::new(&format!("What {} held", source.place));
        let token = configured.token();
        let Some(token) = token.filter(|_| source.kind == CredentialKind::Token) else {
            self.session_ends(&name, None, Ended::NothingThere).await;
            return Ok(());
        };
        let is_own = self
            .own
            .as_ref()
            .is_some_and(|own| own.session.token.matches(&token));
        let skipped = matches!(
            self.book.incident().stage(Stage::Revoke),
            StageState::Skipped(..)
        ) && !self.book.incident().rows.is_empty();
        // Who revokes nothing ends nothing.
        if is_own || skipped || self.is_listed(&token, &source.place).await {
            return Ok(());
        }
        let before = self.book.worked(&token);
        let since = self.book.now();
        let now = taken(&*configured).await;
        let ended = match now {
            Taken::By(name) if !self.is_of_ours(&name) => return Ok(()),
            Taken::Refused => match before {
                Some(true) => Ended::Verified,
                Some(false) => Ended::DeadBefore,
                None => Ended::Unchecked(Failure::new(
                    FailureKind::Local,
                    "It is refused now; whether it was accepted when this began is not known.",
                    "",
                )),
            },
            Taken::By(_) | Taken::NoAnswer(_) => {
                let worked = before == Some(true) || matches!(now, Taken::By(_));
                if self.may_end(&source.place, before.is_some()).await? {
                    match ended(&*configured, ON_THE_WEBSITE).await {
                        Ended::Verified if !worked => Ended::Unchecked(Failure::new(
                            FailureKind::Local,
                            "It is refused now; whether it was accepted before could not be found out.",
                            "",
                        )),
                        ended => ended,
                    }
                } else {
                    Ended::Unchecked(Failure::new(
                        FailureKind::Cancelled,
                        "It was not ended, by your choice.",
                        "",
                    ))
                }
            }
        };
        if ended == Ended::StillAccepted {
            self.lingers(name, configured, since).await;
        } else {
            self.session_ends(&name, Some(&token), ended).await;
        }
        Ok(())
    }

    /// Whether a row tells what became of this credential, or it is kept.
    async fn is_listed(&self, token: &Secret<String>, place: &Text) -> bool {
        let (_, notes) = self.job.house.kept_here().await;
        let incident = self.book.incident();
        let rows = incident.rows.iter().map(|row| &row.token);
        let keys: Vec<TokenKey> = rows
            .chain(&incident.kept)
            .map(|token| token.key.clone())
            .collect();
        let lies_there = |token: &Token| token.found.iter().any(|it| it.place == *place);
        token_of(&self.job.host(), &notes, &keys, token).is_some()
            || incident.kept.iter().any(lies_there)
    }

    /// Whether the person has agreed that it ends: by saying what goes, or to a list that had nothing to say it of. Else
    /// it is asked, and so it is of what was not there when this began: somebody may have signed in anew.
    async fn may_end(&self, place: &Text, was_there: bool) -> Result<bool, Left> {
        let incident = self.book.incident();
        let empty =
            incident.listed.is_some() && incident.rows.is_empty() && incident.kept.is_empty();
        if was_there && (self.book.chosen() || empty) {
            return Ok(true);
        }
        loop {
            match self.ask(Ask::Unlisted(place.clone())).await? {
                Reply::GoOn => return Ok(true),
                Reply::Skip => return Ok(false),
                _ => {}
            }
        }
    }

    pub(super) async fn session_ends(
        &mut self,
        name: &Text,
        token: Option<&Secret<String>>,
        ended: Ended,
    ) {
        let line = match token {
            Some(token) => line::session_of(name, &ended, &TokenKey::new(digest(token))),
            None => line::session(name, &ended),
        };
        self.book.note(line).await;
        self.book.tell();
    }

    /// It was said to be ended, and was taken when it was tried out just now.
    pub(super) async fn lingers(
        &mut self,
        name: Text,
        speaker: Arc<C::Registry>,
        since: Timestamp,
    ) {
        let tried = self.book.now();
        self.book
            .note(line::still_accepted(&name, since, tried))
            .await;
        self.book.tell();
        self.lingering.push(Lingering {
            name,
            speaker,
            since,
        });
    }

    /// What was ended and is still accepted, in a sentence.
    pub(super) fn lives_on(&self) -> Option<String> {
        if self.lingering.is_empty() {
            return None;
        }
        let incident = self.book.incident();
        let each = self.lingering.iter().map(|it| {
            let when = incident.accepted_words(&it.name);
            format!("{} is still ACCEPTED{when}.", it.name)
        });
        Some(each.collect::<Vec<_>>().join(" "))
    }

    /// While something is still accepted the person can try it again.
    pub(super) async fn sessions_linger(&mut self) -> Result<(), Left> {
        while let Some(words) = self.lives_on() {
            let next = "Try it again in a while. If you go on, it is tried out once more before the report.";
            let why = Failure::new(FailureKind::Refused, words, next);
            self.failed(Stage::Verify, why).await;
            match self.ask(Ask::Again { rows: Vec::new() }).await? {
                Reply::Again => self.look_again().await,
                Reply::Skip => break,
                _ => {}
            }
        }
        Ok(())
    }

    /// What was still accepted is tried out once more: it may have ended since.
    pub(super) async fn look_again(&mut self) {
        for it in std::mem::take(&mut self.lingering) {
            match self.ended_or_dead(&*it.speaker).await {
                Ended::StillAccepted => self.lingers(it.name, it.speaker, it.since).await,
                ended => {
                    let token = it.speaker.token();
                    self.session_ends(&it.name, token.as_deref(), ended).await;
                }
            }
        }
    }

    /// What becomes of a credential that worked before.
    pub(super) async fn ended_or_dead(&self, speaker: &C::Registry) -> Ended {
        match probe(speaker, self.job.desk.retrying()).await {
            Probed::SignedOut | Probed::Refused(_) => Ended::Verified,
            Probed::Accepted | Probed::Unknown(_) => ended(speaker, ON_THE_WEBSITE).await,
        }
    }
}
