//! A set-up that the registry has begun: from its key to the proof that the recovery codes were saved. The way is the
//! same where it was asked for and where another level began it.

use std::sync::Arc;

use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::{Enabled, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::otp::{Enrolment, EnrolmentError};
use crate::domain::recovery::Place;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Tfa};

use super::Job;
use super::confirm::{Confirmed, FRESH, confirm};
use super::enable::clear;
use super::keep::keep;

/// What the registry has begun, and what it takes to end it.
pub(super) struct SetUp {
    /// Whose it is.
    pub(super) account: Text,
    /// The level that was asked for.
    pub(super) level: Level,
    /// Needed to clear it, and let go of when there is nothing to clear any more.
    pub(super) password: Secret<String>,
    /// It takes the place of a second factor that was on.
    pub(super) was_on: bool,
}

impl SetUp {
    /// The key, as the registry sent it.
    pub(super) async fn enrolment<C: Connector>(
        &self,
        job: &Job<'_, C>,
        url: Secret<String>,
    ) -> Result<Arc<Enrolment>, Stop> {
        match Enrolment::parse(url) {
            Ok(enrolment) => Ok(Arc::new(enrolment)),
            Err(error) => Err(self.unusable(job, error).await.into()),
        }
    }

    /// What leaving means from here on.
    pub(super) fn half_done<C: Connector>(&self, job: &Job<'_, C>) {
        if self.was_on {
            job.desk.if_left(
                "You left before the last code: two-factor authentication was on, and is half done now.",
                "Enable it again, so that it guards the account: the half-done set-up is cleared first. Its new entry in the authenticator can go.",
            );
        } else {
            job.desk.if_left(
                "You left before the last code: the registry has a half-done set-up.",
                "Start again, and it is cleared first; remove the new entry from the authenticator.",
            );
        }
    }

    /// Shows the key, asks for the last code, keeps the recovery codes.
    pub(super) async fn finish<C: Connector>(
        self,
        job: &Job<'_, C>,
        enrolment: Arc<Enrolment>,
        place: Place,
    ) -> Result<Enabled, Stop> {
        job.desk.step(Step::Enrolled(Arc::clone(&enrolment)));
        let confirmed = confirm(job, &self, &enrolment).await?;
        drop(enrolment);
        match confirmed {
            Confirmed::Left { clear, sent } => self.left(job, clear, sent).await,
            Confirmed::WithoutCodes { level, why } => Ok(Enabled::OnWithoutCodes { level, why }),
            Confirmed::Codes { codes, writing } => {
                let Self { account, level, .. } = self;
                let unreadable = codes.unreadable();
                let kept = keep(job, codes, account, place, writing).await;
                let seen = level_now(job).await?;
                Ok(Enabled::On {
                    level: seen.unwrap_or(level),
                    checked: seen.is_some(),
                    unreadable,
                    place: kept.place,
                    proved: kept.proved,
                })
            }
        }
    }

    /// The person leaves it: cleared where that is wanted, and told as the registry's profile has it. `sent`: a code
    /// had gone out, which may have been taken.
    pub(super) async fn left<C: Connector>(
        &self,
        job: &Job<'_, C>,
        clears: bool,
        sent: bool,
    ) -> Result<Enabled, Stop> {
        let mut problem = None;
        if clears {
            job.desk.step(Step::Doing("Clearing the half-done set-up"));
            // Whatever the answer is, the profile tells.
            if let Err(stop) = clear(job, &self.password).await {
                problem = Some(job.words(stop));
            }
        }
        let was = if self.was_on {
            " It was on before."
        } else {
            ""
        };
        let (kind, what, next) = match job.truth().await.map(|profile| profile.tfa) {
            Ok(Tfa::Off) => return Ok(Enabled::Left { cleared: true }),
            Ok(Tfa::Pending(_)) => return Ok(Enabled::Left { cleared: false }),
            Ok(Tfa::On(level)) if sent => {
                return Ok(Enabled::OnWithoutCodes {
                    level,
                    why: Failure::new(
                        FailureKind::Refused,
                        "You left the set-up, but by the registry's profile a code that was sent before was taken.",
                        FRESH,
                    ),
                });
            }
            Ok(tfa) => (
                FailureKind::Refused,
                format!(
                    "You left the set-up, and by the registry's profile two-factor authentication is {} now.{was}",
                    tfa.word()
                ),
                "Keep every entry in the authenticator until it is clear which one counts.",
            ),
            Err(why) => (
                why.kind,
                format!(
                    "{} What the registry has of the set-up now is not known.{was}",
                    problem.unwrap_or(why).what
                ),
                "Check the connection, then press r to read the truth.",
            ),
        };
        Err(Failure::new(kind, what, next).into())
    }

    /// A set-up whose key cannot be read is of no use to anybody.
    async fn unusable<C: Connector>(&self, job: &Job<'_, C>, error: EnrolmentError) -> Failure {
        let what = format!(
            "The set-up that {} sent cannot be used: {error}.",
            job.host()
        );
        let report = "report it to the people who run the registry.";
        let (state, next) = match (self.left(job, true, false).await, self.was_on) {
            (Ok(Enabled::Left { cleared: true }), false) => {
                ("", format!("The set-up was cleared again: {report}"))
            }
            (Ok(Enabled::Left { cleared: true }), true) => (
                " It was cleared, so two-factor authentication, which was on before, is off now.",
                format!("Enable it again, and {report}"),
            ),
            (Ok(_), false) => (
                "",
                format!(
                    "A half-done set-up remains there: clear it on the Security screen, and {report}"
                ),
            ),
            (Ok(_), true) => (
                " It remains there: two-factor authentication was on before, and is half done now.",
                format!("Clear it on the Security screen, enable it again, and {report}"),
            ),
            (Err(stop), _) => {
                let failure = job.words(stop);
                return Failure::new(
                    failure.kind,
                    format!("{what} {}", failure.what),
                    failure.next.as_str(),
                );
            }
        };
        Failure::new(FailureKind::Refused, format!("{what}{state}"), next)
    }
}

/// The level by the profile; `None` where that cannot be read, or says nothing that is known here.
async fn level_now<C: Connector>(job: &Job<'_, C>) -> Result<Option<Level>, Failure> {
    job.desk.step(Step::Doing("Reading the profile again"));
    match job.truth().await.map(|profile| profile.tfa) {
        Ok(Tfa::On(level)) => Ok(Some(level)),
        Err(_) | Ok(Tfa::Unknown(_)) => Ok(None),
        Ok(tfa) => Err(Failure::new(
            FailureKind::Refused,
            format!(
                "The registry gave recovery codes, but by its profile two-factor authentication is {}.",
                tfa.word()
            ),
            "Press r in a minute; keep the codes and the authenticator's entry until it is clear.",
        )),
    }
}
