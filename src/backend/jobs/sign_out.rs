//! Signing out: ended at the registry, tried out, then taken out of the place that held it.

use std::sync::Arc;

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::{Outcome, Step};
use crate::backend::session::{Probed, probe, proved};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::{CredentialSource, Held};
use crate::domain::secret::Secret;
use crate::domain::signin::{Ended, Forgotten};
use crate::domain::text::Text;
use crate::registry::{Error, Registry as _};

use super::Job;

pub(super) async fn sign_out<C: Connector>(job: &Job<'_, C>) -> Result<Outcome, Stop> {
    let Some(source) = job.registry.identity().credential else {
        return Err(Error::SignedOut {
            anonymous: true,
            words: Text::default(),
        }
        .into());
    };
    let Some(token) = job.registry.token() else {
        return Ok(with_password(source));
    };
    let place = source.place.clone();
    job.desk.step(Step::Doing("Ending the sign-in"));
    let ended = end(job, &source).await?;
    // From here on it is done, or there was nothing to do: what is left is this machine's.
    job.desk.hold();
    let forgotten = forget(job, &source, token).await;
    Ok(Outcome::SignedOut {
        place,
        ended,
        forgotten,
    })
}

/// A user name and password: the registry has given out nothing, and they are the person's own.
fn with_password(source: CredentialSource) -> Outcome {
    let why = Failure::new(
        FailureKind::Local,
        "It is a user name and a password, which this program takes out of no file.",
        "Take them out there yourself, if they are not to be used from here.",
    );
    Outcome::SignedOut {
        place: source.place.clone(),
        ended: Ended::NothingThere,
        forgotten: Forgotten::Remains(source.place, why),
    }
}

/// Ends it at the registry. An error says that it is as it was, or that this is not known.
async fn end<C: Connector>(job: &Job<'_, C>, source: &CredentialSource) -> Result<Ended, Stop> {
    let retrying = job.desk.retrying();
    // What is refused afterwards proves something only if it was accepted before.
    let before = match probe(job.registry, retrying).await {
        Probed::SignedOut => return Ok(Ended::DeadBefore),
        Probed::Accepted => None,
        Probed::Unknown(error @ Error::Network { .. }) => {
            return Err(kept(job, source, &error).into());
        }
        Probed::Refused(error) | Probed::Unknown(error) => Some(job.error(&error)),
    };
    let pass = job.writing("sign out").patiently();
    let lost = match guarded!(pass, call => job.registry.logout(call)) {
        Ok(()) => None,
        // Said of a credential that works, too: only trying it out tells.
        Err(Stop::Error(Error::SignedOut { words, .. })) => {
            return match probe(job.registry, retrying).await {
                Probed::SignedOut | Probed::Refused(_) => Ok(Ended::DeadBefore),
                Probed::Accepted => {
                    let refused = Error::Refused { status: 401, words };
                    Err(kept(job, source, &refused).into())
                }
                Probed::Unknown(error) => Err(not_known(job, source, &error).into()),
            };
        }
        Err(Stop::Error(error)) if error.outcome_unknown() => Some(error),
        Err(Stop::Error(error)) => return Err(kept(job, source, &error).into()),
        Err(stop) => return Err(stop),
    };
    job.desk.hold();
    let Some(error) = lost else {
        return Ok(match before {
            None => proved(job.registry, retrying).await,
            // Nothing that it says now would be a proof.
            Some(why) => Ended::Unchecked(why),
        });
    };
    // The answer is lost. That it worked before and is refused now says what became of it.
    match proved(job.registry, retrying).await {
        Ended::Verified if before.is_none() => Ok(Ended::Verified),
        Ended::StillAccepted => Err(kept(job, source, &error).into()),
        _ => Err(not_known(job, source, &error).into()),
    }
}

/// It may have ended: what holds it is left alone.
fn not_known<C: Connector>(job: &Job<'_, C>, source: &CredentialSource, error: &Error) -> Failure {
    let failure = job.error(error);
    Failure::new(
        failure.kind,
        format!(
            "{} Whether the sign-in has ended there is not known; the credential was left in its place ({}).",
            failure.what, source.place
        ),
        "Check the connection and sign out again.",
    )
}

/// It could not be ended: what holds it is the only handle to it, and is left alone.
fn kept<C: Connector>(job: &Job<'_, C>, source: &CredentialSource, error: &Error) -> Failure {
    let failure = job.error(error);
    let next = match error {
        Error::Network { .. } => "Check the connection and sign out again.",
        Error::NotOffered { .. } => {
            "End the sign-in on the registry's website, then take the credential out of its place."
        }
        _ => "Sign out again, or end the sign-in on the registry's website.",
    };
    Failure::new(
        failure.kind,
        format!(
            "{} The sign-in was not ended, and the credential was left in its place ({}), since nothing can end it without it.",
            failure.what, source.place
        ),
        next,
    )
}

async fn forget<C: Connector>(
    job: &Job<'_, C>,
    source: &CredentialSource,
    token: Arc<Secret<String>>,
) -> Forgotten {
    let alone = source.held == Held::Session && !job.house.filed(&token).await;
    let forgotten = if alone {
        Forgotten::Session
    } else {
        match job.house.forget(job.host(), Arc::clone(&token)).await {
            Ok(forgotten) => forgotten,
            Err(why) => Forgotten::Remains(source.place.clone(), why),
        }
    };
    job.house.signed_out(&token).await;
    forgotten
}
