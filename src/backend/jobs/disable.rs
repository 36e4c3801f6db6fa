//! Turning two-factor authentication off, or clearing a half-done set-up.

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::Outcome;
use crate::domain::account::Profile;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::tfa::Tfa;
use crate::registry::Registry as _;

use super::{Job, password};

pub(super) async fn disable<C: Connector>(
    job: &Job<'_, C>,
    password: &Secret<String>,
) -> Result<Outcome, Stop> {
    let before = job.profile().await?;
    let action = match before.tfa {
        Tfa::Off => return Ok(Outcome::Disabled(Box::new(before))),
        Tfa::Pending(_) => "clear the half-done set-up",
        Tfa::On(_) | Tfa::Unknown(_) => "turn two-factor authentication off",
    };
    let pass = job.writing(action);
    let lost = match guarded!(pass, call => job.registry.disable(call, password)) {
        Ok(()) => None,
        Err(Stop::Error(error)) if error.outcome_unknown() => Some(job.error(&error)),
        Err(stop) => return Err(password::failed(job, stop)),
    };
    let after = job
        .truth()
        .await
        .map_err(|unread| unknown(lost.as_ref(), &unread))?;
    judged(after, lost).map_err(Stop::Failure)
}

/// The registry's own profile has the last word.
fn judged(after: Profile, lost: Option<Failure>) -> Result<Outcome, Failure> {
    match (&after.tfa, lost) {
        (Tfa::Off, _) => Ok(Outcome::Disabled(Box::new(after))),
        (tfa, Some(lost)) => Err(Failure::new(
            lost.kind,
            lost.what.as_str(),
            format!(
                "Two-factor authentication is still {}: try again.",
                tfa.word()
            ),
        )),
        (tfa, None) => Err(Failure::new(
            FailureKind::Refused,
            format!(
                "The registry said that two-factor authentication is off, but its profile says {}.",
                tfa.word()
            ),
            "Press r in a minute to read it again.",
        )),
    }
}

fn unknown(lost: Option<&Failure>, unread: &Failure) -> Failure {
    let what = match lost {
        Some(lost) => format!(
            "{} Whether two-factor authentication is off is not known.",
            lost.what
        ),
        None => format!(
            "The registry said that two-factor authentication is off, but the profile could not be read again. {}",
            unread.what
        ),
    };
    Failure::new(
        unread.kind,
        what,
        "Check the connection, then press r to read the truth.",
    )
}
