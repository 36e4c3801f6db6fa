//! Trying a code out, by a guarded request that changes nothing.

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded_by};
use crate::backend::protocol::{CodeCheck, Outcome};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::tfa::Tfa;
use crate::registry::{Error, Registry as _};

use super::Job;

pub(super) async fn check<C: Connector>(job: &Job<'_, C>) -> Result<Outcome, Stop> {
    let (what, next) = match job.profile().await?.tfa {
        Tfa::On(_) | Tfa::Unknown(_) => return tried(job).await,
        Tfa::Off => (
            "By its profile two-factor authentication is off, so the registry has no code to check.",
            "Turn it on first.",
        ),
        Tfa::Pending(_) => (
            "By its profile the set-up is half done, so the registry does not ask for its codes yet.",
            "Clear it and start again.",
        ),
    };
    Err(Failure::new(FailureKind::Refused, what, next).into())
}

async fn tried<C: Connector>(job: &Job<'_, C>) -> Result<Outcome, Stop> {
    job.desk.if_left(
        "You left before the registry had judged a code.",
        "Nothing was changed.",
    );
    let mut pass = job.writing("try it out; nothing is changed").trying();
    let answer = guarded_by!(pass, call => job.registry.touch(call));
    let went_out = pass.code().is_some();
    let error = match answer {
        Ok(()) if went_out => return Ok(Outcome::CodeChecked(CodeCheck::Taken)),
        Ok(()) => return Ok(Outcome::CodeChecked(CodeCheck::NotAsked)),
        Err(Stop::Error(error)) => error,
        Err(stop) => return Err(stop),
    };
    let failure = job.error(&error);
    Err(match error {
        // Verdaccio, which has no field to set, says so behind its guard: the code was let through.
        Error::NotOffered { words } if went_out && no_fields(words.as_str()) => {
            return Ok(Outcome::CodeChecked(CodeCheck::Taken));
        }
        Error::NotOffered { .. } if !went_out => Failure::new(
            FailureKind::NotOffered,
            format!(
                "{} A code is tried out by saving the profile as it is, so it cannot be done there.",
                failure.what
            ),
            "The next request that wants a code will tell.",
        ),
        _ if went_out => Failure::new(
            failure.kind,
            format!("{} Whether the code is right is not known.", failure.what),
            "Nothing was changed: try again with the next code.",
        )
        .waiting(failure.wait),
        _ => Failure::new(failure.kind, failure.what.as_str(), "Nothing was changed: try again.")
            .waiting(failure.wait),
    }
    .into())
}

fn no_fields(words: &str) -> bool {
    words.to_lowercase().contains("profile unexpected error")
}
