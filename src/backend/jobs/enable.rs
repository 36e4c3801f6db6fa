//! Enabling two-factor authentication: from the profile to the proof that the recovery codes were saved.

use std::sync::Arc;

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::{Enabled, Outcome, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::otp::{Enrolment, EnrolmentError};
use crate::domain::recovery::Place;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Refusal, Tfa};
use crate::registry::{Enrolling, Error, Registry as _};

use super::confirm::{Confirmed, confirm};
use super::keep::keep;
use super::place::Ready;
use super::{Job, password};

pub(super) async fn enable<C: Connector>(
    job: &Job<'_, C>,
    level: Level,
    password: Secret<String>,
    place: Place,
    clear_pending: bool,
) -> Result<Outcome, Stop> {
    // Before anything is begun: the codes will have a place.
    let ready = Ready::new(job.house, place).await?;
    let enabled = set_up(job, level, password, &ready.place, clear_pending).await?;
    if !matches!(enabled, Enabled::On { .. }) {
        ready.discard().await;
    }
    Ok(Outcome::Enabled(enabled))
}

async fn set_up<C: Connector>(
    job: &Job<'_, C>,
    level: Level,
    password: Secret<String>,
    place: &Place,
    clear_pending: bool,
) -> Result<Enabled, Stop> {
    let account = match begin(job, &password, clear_pending).await? {
        Ok(account) => account,
        Err(refusal) => return Ok(Enabled::NotTaken(refusal)),
    };
    let url = match enrol(job, level, &password).await? {
        Ok(url) => url,
        Err(refusal) => return Ok(Enabled::NotTaken(refusal)),
    };
    half_done(job);
    let enrolment = match Enrolment::parse(url) {
        Ok(enrolment) => Arc::new(enrolment),
        Err(error) => return Err(unusable(job, &password, error).await.into()),
    };
    job.desk.step(Step::Enrolled(Arc::clone(&enrolment)));
    let confirmed = confirm(job, &enrolment).await?;
    drop(enrolment);
    let enabled = match confirmed {
        Confirmed::Left { clear } => Enabled::Left {
            cleared: clear && cleared(job, &password).await,
        },
        Confirmed::WithoutCodes { level, why } => Enabled::OnWithoutCodes { level, why },
        Confirmed::Codes { codes, writing } => {
            drop(password);
            let unreadable = codes.unreadable();
            let kept = keep(job, codes, account, place.clone(), writing).await;
            let seen = level_now(job).await?;
            Enabled::On {
                level: seen.unwrap_or(level),
                checked: seen.is_some(),
                unreadable,
                place: kept.place,
                proved: kept.proved,
            }
        }
    };
    Ok(enabled)
}

/// What leaving means from here on.
pub(super) fn half_done<C: Connector>(job: &Job<'_, C>) {
    job.desk.if_left(
        "You left before the last code: the registry has a half-done set-up.",
        "Start again, and it is cleared first; remove the new entry from the authenticator.",
    );
}

/// Reads the profile and clears what is half done. Returns the account's name.
async fn begin<C: Connector>(
    job: &Job<'_, C>,
    password: &Secret<String>,
    clear_pending: bool,
) -> Result<Result<Text, Refusal>, Stop> {
    job.desk.step(Step::Doing("Reading the profile"));
    let profile = match job.profile().await {
        Ok(profile) => profile,
        Err(Stop::Error(Error::NotOffered { words })) => {
            return Ok(Err(Refusal::NotOffered(words)));
        }
        Err(stop) => return Err(stop),
    };
    let (what, next) = match profile.tfa {
        Tfa::Off => return Ok(Ok(profile.name)),
        Tfa::Pending(_) if clear_pending => {
            job.desk.step(Step::Doing("Clearing the half-done set-up"));
            return match clear(job, password).await? {
                Ok(()) => {
                    job.desk.if_left(
                        "You left after the half-done set-up was cleared: two-factor authentication is off, and nothing new was begun.",
                        "Remove the old entry from the authenticator, if there is one.",
                    );
                    Ok(Ok(profile.name))
                }
                Err(refusal) => Ok(Err(refusal)),
            };
        }
        Tfa::Pending(_) => (
            "The registry has a half-done set-up of two-factor authentication.".to_owned(),
            "Agree to clear it, then start again.",
        ),
        Tfa::On(level) => (
            format!("Two-factor authentication is on already: {}.", level.word()),
            "Change the level, or turn it off first.",
        ),
        Tfa::Unknown(words) => (
            format!(
                "The registry describes two-factor authentication in a way that this program does not know: {}.",
                words.quoted(80)
            ),
            "Look at the security settings on the registry's website.",
        ),
    };
    Err(Failure::new(FailureKind::Refused, what, next).into())
}

async fn clear<C: Connector>(
    job: &Job<'_, C>,
    password: &Secret<String>,
) -> Result<Result<(), Refusal>, Stop> {
    let pass = job.writing("clear the half-done set-up");
    match guarded!(pass, call => job.registry.disable(call, password)) {
        Ok(()) => Ok(Ok(())),
        // To clear what is cleared already does no harm, and the next request tells.
        Err(Stop::Error(error)) if error.outcome_unknown() => match job.truth().await?.tfa {
            Tfa::Off => Ok(Ok(())),
            _ => Err(error.into()),
        },
        Err(Stop::Error(Error::NotOffered { words })) => Ok(Err(Refusal::NotOffered(words))),
        Err(stop) => Err(password::failed(job, stop)),
    }
}

/// Begins the set-up. Returns the `otpauth://` URL.
async fn enrol<C: Connector>(
    job: &Job<'_, C>,
    level: Level,
    password: &Secret<String>,
) -> Result<Result<Secret<String>, Refusal>, Stop> {
    job.desk.step(Step::Doing("Beginning the set-up"));
    let pass = job.writing("turn two-factor authentication on");
    let error = match guarded!(pass, call => job.registry.enrol(call, level, password)) {
        Ok(Enrolling::Begun(url)) => return Ok(Ok(url)),
        Ok(Enrolling::LevelChanged(now)) => {
            return Err(Failure::new(
                FailureKind::Refused,
                format!(
                    "Two-factor authentication was turned on elsewhere meanwhile; its level is {} now.",
                    now.word()
                ),
                "Press r to read the account again.",
            )
            .into());
        }
        Err(Stop::Error(error)) => error,
        Err(stop) => return Err(stop),
    };
    if error.outcome_unknown() {
        return Err(lost(job, &error).await.into());
    }
    if password::refused(&error).is_some() {
        return Err(password::failed(job, error.into()));
    }
    match error {
        Error::NotOffered { words }
        | Error::Refused {
            status: 404 | 405 | 501 | 503,
            words,
        } => Ok(Err(Refusal::NotOffered(words))),
        Error::Refused {
            status: 400..=499,
            words,
        } => Ok(Err(Refusal::Closed(words))),
        error => Err(error.into()),
    }
}

/// The answer with the key never came.
async fn lost<C: Connector>(job: &Job<'_, C>, error: &Error) -> Failure {
    let failure = job.error(error);
    let next = match job.truth().await.map(|profile| profile.tfa) {
        Ok(Tfa::Off) => "Nothing was begun there: start again.",
        Ok(_) => "The registry has a half-done set-up now: start again, and it is cleared first.",
        Err(_) => "Whether a set-up was begun is not known: check the connection, then press r.",
    };
    Failure::new(failure.kind, failure.what.as_str(), next)
}

/// A set-up whose key cannot be read is of no use to anybody.
async fn unusable<C: Connector>(
    job: &Job<'_, C>,
    password: &Secret<String>,
    error: EnrolmentError,
) -> Failure {
    let next = if cleared(job, password).await {
        "The set-up was cleared again: report it to the people who run the registry."
    } else {
        "A half-done set-up remains there: clear it on the Security screen, and report it to the people who run the registry."
    };
    Failure::new(
        FailureKind::Refused,
        format!(
            "The set-up that {} sent cannot be used: {error}.",
            job.host()
        ),
        next,
    )
}

/// Clears the set-up; true when the registry's profile says that nothing of it remains.
async fn cleared<C: Connector>(job: &Job<'_, C>, password: &Secret<String>) -> bool {
    job.desk.step(Step::Doing("Clearing the half-done set-up"));
    // Whatever the answer is, the profile tells.
    let _ = clear(job, password).await;
    matches!(job.truth().await, Ok(profile) if profile.tfa == Tfa::Off)
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
