//! Changing the level of an account that has two-factor authentication on.

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::Outcome;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::tfa::{Level, Tfa};
use crate::registry::{Enrolling, Registry as _};

use super::{Job, password};

pub(super) async fn change<C: Connector>(
    job: &Job<'_, C>,
    level: Level,
    password: &Secret<String>,
) -> Result<Outcome, Stop> {
    // The same request begins a set-up where 2FA is off, so the truth comes first.
    let next = match job.profile().await?.tfa {
        Tfa::On(now) if now == level => return Ok(Outcome::LevelChanged(now)),
        Tfa::On(_) => None,
        Tfa::Off => Some("Turn it on, and choose the level there."),
        Tfa::Pending(_) => Some("A set-up is half done: finish it, or clear it first."),
        Tfa::Unknown(_) => Some("Look at the security settings on the registry's website."),
    };
    if let Some(next) = next {
        return Err(Failure::new(
            FailureKind::Refused,
            "The level was not changed: by its profile, two-factor authentication is not on.",
            next,
        )
        .into());
    }
    let pass = job.writing(&format!("change the level to {}", level.word()));
    let lost = match guarded!(pass, call => job.registry.enrol(call, level, password)) {
        Ok(Enrolling::LevelChanged(now)) => return Ok(Outcome::LevelChanged(now)),
        Ok(Enrolling::Begun(_)) => return Err(begun(job).await.into()),
        Err(Stop::Error(error)) if error.outcome_unknown() => job.error(&error),
        Err(stop) => return Err(password::failed(job, stop)),
    };
    match job.truth().await {
        Ok(profile) if profile.tfa == Tfa::On(level) => Ok(Outcome::LevelChanged(level)),
        Ok(profile) => Err(Failure::new(
            lost.kind,
            lost.what.as_str(),
            format!("The level is {}: try again.", profile.tfa.word()),
        )
        .into()),
        Err(unread) => Err(Failure::new(
            unread.kind,
            format!("{} Whether the level was changed is not known.", lost.what),
            "Check the connection, then press r to read the truth.",
        )
        .into()),
    }
}

/// Some registries take a change of level as the beginning of a new set-up.
async fn begun<C: Connector>(job: &Job<'_, C>) -> Failure {
    let now = match job.truth().await {
        Ok(profile) => format!(
            "by its profile two-factor authentication is {} now",
            profile.tfa.word()
        ),
        Err(_) => "its profile could not be read again".to_owned(),
    };
    Failure::new(
        FailureKind::Refused,
        format!(
            "{} does not change a level: it began a new set-up with a new key, and {now}.",
            job.host()
        ),
        "Enable two-factor authentication again to finish with a new entry in the authenticator.",
    )
}
