//! Turning two-factor authentication off, or clearing a half-done set-up.

use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::Outcome;
use crate::domain::account::Profile;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::tfa::Tfa;
use crate::registry::Registry as _;

use super::Job;
use super::factor::{Doubt, changed};

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
    let mut pass = job.writing(action).doubting();
    let off = |tfa: &Tfa| *tfa == Tfa::Off;
    let doubt = match changed!(job, pass, off, call => job.registry.disable(call, password))? {
        Ok(()) => {
            drop(pass);
            return shown(job.truth().await).map_err(Stop::Failure);
        }
        Err(doubt) => doubt,
    };
    judged(job, doubt, &before.tfa)
}

/// The registry says that it is off; its own profile has the last word.
fn shown(after: Result<Profile, Failure>) -> Result<Outcome, Failure> {
    let (kind, what, next) = match after {
        Ok(after) if after.tfa == Tfa::Off => return Ok(Outcome::Disabled(Box::new(after))),
        Ok(after) => (
            FailureKind::Refused,
            format!(
                "The registry said that two-factor authentication is off, but its profile says {}.",
                after.tfa.word()
            ),
            "Press r in a minute to read it again.",
        ),
        Err(unread) => (
            unread.kind,
            format!(
                "The registry said that two-factor authentication is off, but the profile could not be read again. {}",
                unread.what
            ),
            "Check the connection, then press r to read the truth.",
        ),
    };
    Err(Failure::new(kind, what, next))
}

/// No good answer came.
fn judged<C: Connector>(job: &Job<'_, C>, doubt: Doubt, before: &Tfa) -> Result<Outcome, Stop> {
    let failure = match &doubt.now {
        Ok(profile) => match &profile.tfa {
            Tfa::Off => return Ok(Outcome::Disabled(Box::new(profile.clone()))),
            now if now == before => {
                let still = match now {
                    Tfa::Unknown(_) => "It is as it was by the profile: try again.".to_owned(),
                    now => format!(
                        "Two-factor authentication is still {}: try again.",
                        now.word()
                    ),
                };
                doubt.unchanged(job, &still)
            }
            now => doubt.but(
                job,
                &format!(
                    "By its profile two-factor authentication is {} now; it was {}.",
                    now.word(),
                    before.word()
                ),
                "Press r to read the account again, and decide anew.",
            ),
        },
        Err(why) => doubt.unread(
            job,
            why,
            "Whether two-factor authentication is off",
            "Check the connection, then press r to read the truth.",
        ),
    };
    Err(failure.into())
}
