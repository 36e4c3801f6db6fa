//! Who is signed in, where, by what credential.

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::{Outcome, Step};
use crate::domain::account::Profile;
use crate::domain::identity::Standing;
use crate::domain::tfa::Tfa;
use crate::registry::{Error, Registry as _};

use super::Job;

pub(super) async fn account<C: Connector>(job: &Job<'_, C>) -> Result<Outcome, Stop> {
    let identity = job.registry.identity();
    // The screen says which registry it is before that has answered, also when it never does (promise P40).
    job.desk.step(Step::Asking(identity.registry.clone()));
    let standing = if identity.credential.is_none() {
        Standing::SignedOut
    } else {
        standing(job).await?
    };
    if let Standing::SignedIn(profile) = &standing {
        job.house.know(job.registry, &profile.name).await;
    }
    Ok(Outcome::Account {
        identity,
        standing,
        clock_ahead: job.registry.clock_ahead(),
    })
}

/// What the registry makes of the credential.
pub(super) async fn standing<C: Connector>(job: &Job<'_, C>) -> Result<Standing, Stop> {
    match job.profile().await {
        Ok(profile) => Ok(Standing::SignedIn(Box::new(profile))),
        Err(Stop::Error(Error::SignedOut {
            anonymous: true, ..
        })) => Ok(Standing::SignedOut),
        Err(Stop::Error(Error::SignedOut { words, .. })) => Ok(Standing::Rejected(words)),
        Err(Stop::Error(error)) if of_this_alone(&error) => without_profile(job, error).await,
        Err(stop) => Err(stop),
    }
}

/// Whether the registry answered, and said nothing against the credential.
const fn of_this_alone(error: &Error) -> bool {
    matches!(
        error,
        Error::NotOffered { .. }
            | Error::Refused { .. }
            | Error::Wait { .. }
            | Error::Malformed { .. }
    )
}

/// A registry that gives no profile may still know the name. What the profile would show is unknown then, and why.
async fn without_profile<C: Connector>(job: &Job<'_, C>, error: Error) -> Result<Standing, Stop> {
    let pass = job.reading("ask for the account's name");
    match guarded!(pass, call => job.registry.whoami(call)) {
        Ok(name) => Ok(Standing::SignedIn(Box::new(Profile {
            name,
            email_verified: None,
            tfa: Tfa::Unknown(match error {
                Error::NotOffered { words } => words,
                error => job.error(&error).what,
            }),
            fields: Vec::new(),
            created: None,
            updated: None,
            other: Vec::new(),
        }))),
        Err(Stop::Error(Error::SignedOut {
            anonymous: true, ..
        })) => Ok(Standing::SignedOut),
        Err(Stop::Error(Error::SignedOut { words, .. })) => Ok(Standing::Rejected(words)),
        // Neither: the first answer tells more.
        Err(Stop::Error(other)) if of_this_alone(&other) => Err(error.into()),
        Err(stop) => Err(stop),
    }
}
