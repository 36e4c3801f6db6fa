//! Revoking the old token by the new one, and the proof that it is gone (promise P31).

use std::sync::Arc;
use std::time::Duration;

use super::known::Known;
use super::{Before, Ended, On, Rotation};
use crate::backend::house::Connector;
use crate::backend::jobs::Job;
use crate::backend::jobs::tokens::{Listed, list};
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::Step;
use crate::backend::session::{Probed, probe};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::rotation::{GO_ON, RotateState, RotateStep};
use crate::domain::text::Text;
use crate::registry::{Error, Registry as _};

/// What the person asked for.
const REVOKE: &str = "revoke the old token";
/// The waits before it is looked at again: some registries list and accept what is revoked for a while.
const WAITS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// What a look at the old one told.
enum Looked {
    /// It is gone, in words.
    Gone(&'static str),
    /// It is gone from the list, and why nothing more is known.
    Untried(&'static str),
    /// Not so, and another look may tell more.
    Again(Failure),
    /// It was accepted, and nobody here can try it again.
    Stuck(Failure),
}

impl<C: Connector> Rotation<'_, C> {
    /// The job by what speaks for it now.
    fn speaking(&self) -> Job<'_, C> {
        Job {
            registry: self.by.as_deref().unwrap_or(self.job.registry),
            who: if self.by.is_some() {
                None
            } else {
                self.job.who
            },
            ..*self.job
        }
    }

    pub(super) async fn list(&self) -> Result<Listed, Stop> {
        list(&self.speaking(), REVOKE).await
    }

    pub(super) async fn revoke(&mut self) -> On {
        let step = RotateStep::Revoke;
        self.job.desk.unhalted().await;
        if self.job.desk.left() {
            self.left_out(step, "You left before.");
            self.both_stay();
            return Err(Ended);
        }
        if self.old_is_gone {
            let said = Text::from("The list has it no more.");
            self.set(step, RotateState::Done(said));
            return Ok(());
        }
        self.set(step, RotateState::Doing);
        if let Err(failure) = self.log.begins(step).await {
            self.set(step, RotateState::Failed(failure));
            self.both_stay();
            return Err(Ended);
        }
        let mut sent = self.send_revocation(false).await;
        // Some registries let no such token revoke another: the old one may revoke itself.
        if self.by.is_some()
            && matches!(
                sent,
                Err(Stop::Error(
                    Error::Refused {
                        status: 401 | 403,
                        ..
                    } | Error::SignedOut { .. }
                ))
            )
        {
            sent = self.send_revocation(true).await;
        }
        match sent {
            Ok(()) => {
                self.log.done(step).await;
                self.set(step, RotateState::Done(Text::default()));
            }
            // The list tells.
            Err(Stop::Error(error)) if error.may_have_acted() => {
                self.unsure = Some(self.speaking().error(&error));
            }
            Err(Stop::Left) => {
                self.left_out(step, "You left before.");
                self.both_stay();
                return Err(Ended);
            }
            Err(other) => {
                let dead = matches!(other, Stop::Error(Error::SignedOut { .. }));
                let failure = self.speaking().words(other);
                self.set(step, RotateState::Failed(failure));
                // What carried the request may be the new one itself.
                if dead && self.by.is_some() {
                    self.one_of_them_is_dead();
                } else {
                    self.both_stay();
                }
                return Err(Ended);
            }
        }
        Ok(())
    }

    /// The registry does not know any more what it took a moment ago.
    fn one_of_them_is_dead(&mut self) {
        let (old, new) = (self.old_name(), self.new_name());
        self.remain(format!(
            "{old} was not revoked, and the registry did not take {new} for that: see which of the two works before you revoke either."
        ));
    }

    async fn send_revocation(&self, by_the_old: bool) -> Result<(), Stop> {
        let mut job = self.speaking();
        let old;
        if by_the_old {
            let Some(value) = &self.old else {
                return Err(Stop::Left);
            };
            old = self.speaker(value).await?;
            job.registry = &old;
        }
        let pass = job.writing(REVOKE).begun();
        guarded!(pass, call => job.registry.revoke(call, &self.begun.old)).map(|_| ())
    }

    pub(super) async fn verify_gone(&mut self) {
        let step = RotateStep::VerifyGone;
        self.set(step, RotateState::Doing);
        let mut looked = self.look().await;
        for (attempt, wait) in (2..).zip(WAITS) {
            let Looked::Again(why) = &looked else { break };
            if self.job.desk.left() {
                break;
            }
            let why = why.what.clone();
            self.job.desk.pause(attempt, 3, wait, why).await;
            looked = self.look().await;
        }
        match looked {
            Looked::Gone(said) => {
                self.log.done(step).await;
                self.it_is_gone(RotateState::Done(Text::new(said))).await;
            }
            // A tick would say that it is refused.
            Looked::Untried(said) => {
                self.it_is_gone(RotateState::LeftOut(Text::new(said))).await;
            }
            Looked::Again(failure) => {
                let old = self.old_name();
                self.it_stays(
                    failure,
                    format!("See that {old} goes: go on with this rotation later. {GO_ON}"),
                );
            }
            Looked::Stuck(failure) => {
                let old = self.old_name();
                self.it_stays(
                    failure,
                    format!(
                        "See that {old} goes: where you have its value, put it back in a file that npm reads, and go on with this rotation. {GO_ON}"
                    ),
                );
            }
        }
    }

    async fn it_is_gone(&mut self, state: RotateState) {
        if let Some(why) = self.unsure.take() {
            let said = format!("{} The list shows that it was done.", why.what);
            self.set(RotateStep::Revoke, RotateState::Done(Text::new(&said)));
        }
        self.set(RotateStep::VerifyGone, state);
        self.over = true;
        self.other_places().await;
    }

    /// It may be alive, and what to do about it.
    fn it_stays(&mut self, failure: Failure, next: String) {
        if let Some(why) = self.unsure.take() {
            self.set(RotateStep::Revoke, RotateState::Failed(why));
        }
        self.set(RotateStep::VerifyGone, RotateState::Failed(failure));
        // It is in no file any more: as long as the program runs it can be tried out again.
        if let Some(old) = &self.old {
            let (host, key) = (&self.begun.registry, self.begun.old.clone());
            self.job.house.given.is(host, key, Arc::clone(old));
        }
        let new = self.new_name();
        self.remain(match self.state(RotateStep::Verify) {
            RotateState::Done(_) => {
                format!("{new} is the new one, and {}. {next}", self.seen_to_work())
            }
            _ => next,
        });
    }

    /// It was accepted when it was last tried out.
    fn last_accepted(&self, since: &str) -> Option<Failure> {
        let at = self.accepted?.strftime("%Y-%m-%d %H:%M UTC");
        Some(Failure::new(
            FailureKind::Refused,
            format!(
                "The old token is gone from the list, and was still accepted when last tried at {at}; {since}"
            ),
            "Some registries accept a revoked token for up to an hour.",
        ))
    }

    /// Whether the old one is gone, in words; an error says why that cannot be said.
    async fn look(&mut self) -> Looked {
        self.looked().await.unwrap_or_else(Looked::Again)
    }

    async fn looked(&mut self) -> Result<Looked, Failure> {
        let job = self.speaking();
        if job.desk.closing() {
            return Err(job.words(Stop::Left));
        }
        job.desk.step(Step::Doing("Reading the list again"));
        let listed = self.list().await.map_err(|stop| job.words(stop))?;
        let mut alive = listed.tokens.iter().filter(|row| row.revoked.is_none());
        let host = &self.begun.registry;
        if alive.any(|row| row.key == self.begun.old) {
            return Err(Failure::new(
                FailureKind::Refused,
                format!("{host} still lists the old token."),
                "Look again in a while: some registries take up to an hour.",
            ));
        }
        if listed.moved {
            return Err(Failure::new(
                FailureKind::Refused,
                "The list of tokens changed each time while it was read, so it proves nothing by what it lacks.",
                "Read it again.",
            ));
        }
        let Some(old) = &self.old else {
            let since = "its value is not known here, so it cannot be tried again.";
            return Ok(self.last_accepted(since).map_or(
                Looked::Untried(
                    "It is gone from a fresh list. Its value is not known here, so it was not tried out.",
                ),
                Looked::Stuck,
            ));
        };
        let speaker = self.speaker(old).await?;
        match probe(&*speaker, job.desk.retrying()).await {
            Probed::Accepted => {
                let failure = Failure::new(
                    FailureKind::Refused,
                    format!("The old token is gone from the list, and {host} still takes it."),
                    "Look again in a while: some registries take up to an hour.",
                );
                let now = self.job.house.deps.clock.now();
                self.accepted = Some(now);
                self.log.accepted(now).await;
                Err(failure)
            }
            Probed::SignedOut | Probed::Refused(_) => Ok(Looked::Gone(match self.before {
                Before::Worked => "It is gone from a fresh list, and refused since.",
                Before::Refused => {
                    "It is gone from a fresh list. It was refused from here before, too, so that proves nothing more."
                }
                Before::NotKnown => {
                    "It is gone from a fresh list, and refused. Whether it was taken from here before was not found out, so that proves nothing more."
                }
            })),
            Probed::Unknown(_) => {
                let since = "the registry gave no answer now that tells whether it is refused.";
                self.last_accepted(since).map_or(
                    Ok(Looked::Untried(
                        "It is gone from a fresh list. The registry gave no answer that tells whether it is refused.",
                    )),
                    Err,
                )
            }
        }
    }

    /// What still holds the old value here: it is of no use there any more.
    async fn other_places(&mut self) {
        let Ok(known) = Known::look(self.job.house, self.begun.registry.clone()).await else {
            return;
        };
        let places: Vec<_> = known
            .holding(&self.begun.old)
            .map(|(local, _)| local.place.clone())
            .collect();
        for place in places {
            self.remain(format!(
                "{place} still holds the old token, which is revoked: put the new value there, or take it out."
            ));
        }
    }
}
