//! The end of a credential at the registry, and the proof of it (promise P31).

use std::time::Duration;

use crate::backend::house::{Connector, House};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::registry::{Call, Error, Registry, Retrying};

/// How long the end of a session may take when the program ends.
const LAST: Duration = Duration::from_secs(2);
/// How long it may take otherwise, where nobody can be asked.
const PATIENT: Duration = Duration::from_secs(10);

/// What became of a sign-in that this program alone held, when the backend ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The registry ended it, and refuses it since.
    Ended,
    /// It lives on at the registry, or may (why, in whole sentences).
    Alive(Text),
}

/// Told of the retries of a call.
type Tell<'a> = &'a (dyn Fn(Retrying) + Send + Sync);

/// What a registry makes of a credential, tried out.
pub(super) enum Probed {
    /// It answers with the account's name.
    Accepted,
    /// It does not know it.
    SignedOut,
    /// It refuses it, as it does with one that is revoked, or is used from a place that it does not work from.
    Refused(Error),
    /// That could not be found out.
    Unknown(Error),
}

/// Tries the credential out. Asks the person nothing.
pub(super) async fn probe<R: Registry>(registry: &R, retrying: Tell<'_>) -> Probed {
    let call = Call {
        otp: None,
        retrying,
    };
    let answer = match registry.whoami(call).await {
        Err(Error::NotOffered { .. }) => registry.profile(call).await.map(|profile| profile.name),
        answer => answer,
    };
    match answer {
        Ok(_) => Probed::Accepted,
        Err(Error::SignedOut { .. }) => Probed::SignedOut,
        Err(
            error @ Error::Refused {
                status: 401 | 403, ..
            },
        ) => Probed::Refused(error),
        Err(error) => Probed::Unknown(error),
    }
}

/// Whether the credential surely works, found out without keeping anybody waiting for long.
pub(super) async fn accepted<R: Registry>(registry: &R) -> bool {
    let quiet = |_: Retrying| {};
    let answer = tokio::time::timeout(PATIENT, probe(registry, &quiet)).await;
    matches!(answer, Ok(Probed::Accepted))
}

/// What a registry made of the end of a credential that it accepted before.
pub(super) async fn proved<R: Registry>(registry: &R, retrying: Tell<'_>) -> Ended {
    match probe(registry, retrying).await {
        Probed::Accepted => Ended::StillAccepted,
        Probed::SignedOut | Probed::Refused(_) => Ended::Verified,
        Probed::Unknown(error) => Ended::Unchecked(error.failure(&registry.identity().registry)),
    }
}

/// Ends the token that the registry carries, without asking anybody anything.
pub(super) async fn end<R: Registry>(registry: &R) -> SessionEnd {
    end_within(registry, PATIENT).await
}

async fn end_within<R: Registry>(registry: &R, limit: Duration) -> SessionEnd {
    let host = registry.identity().registry;
    match tokio::time::timeout(limit, end_and_prove(registry)).await {
        Ok(Ok(())) => SessionEnd::Ended,
        Ok(Err(why)) => SessionEnd::Alive(why),
        Err(_) => SessionEnd::Alive(Text::new(&format!(
            "{host} did not answer within {}, so the credential of this sign-in may live on there.",
            crate::registry::error::span(limit),
        ))),
    }
}

async fn end_and_prove<R: Registry>(registry: &R) -> Result<(), Text> {
    let host = registry.identity().registry;
    let quiet = |_: Retrying| {};
    let call = Call {
        otp: None,
        retrying: &quiet,
    };
    let lost = match registry.logout(call).await {
        Ok(()) => None,
        Err(Error::SignedOut { .. }) => return Ok(()),
        Err(error) if error.outcome_unknown() => Some(error.failure(&host)),
        Err(error) => return Err(lives_on(&host, &error)),
    };
    let why = match (proved(registry, &quiet).await, lost) {
        (Ended::StillAccepted, None) => format!(
            "{host} says that it has ended the credential of this sign-in, and still accepts it."
        ),
        (Ended::StillAccepted, Some(lost)) => format!(
            "{} {host} still accepts the credential of this sign-in.",
            lost.what
        ),
        (Ended::Unchecked(why), None) => format!(
            "{host} says that it has ended the credential of this sign-in; whether it refuses it now could not be seen: {}",
            why.what
        ),
        (Ended::Unchecked(_), Some(lost)) => format!(
            "{} The credential of this sign-in may live on there.",
            lost.what
        ),
        (Ended::Verified | Ended::DeadBefore | Ended::NothingThere, _) => return Ok(()),
    };
    Err(Text::new(&why))
}

fn lives_on(host: &Text, error: &Error) -> Text {
    let why = match error {
        Error::Challenge(_) => format!("{host} wants a code for that."),
        error => error.failure(host).what.as_str().to_owned(),
    };
    Text::new(&format!(
        "The credential of this sign-in could not be ended and lives on at {host}: {why}"
    ))
}

impl<C: Connector> House<C> {
    /// The end of the program: what it alone holds is ended at the registry, in a short time.
    pub(super) async fn end_session(&self) -> Option<SessionEnd> {
        let signed_in = self.leave().await?;
        Some(end_within(&*signed_in.registry, LAST).await)
    }
}

/// A failure that carries on with what became of a credential which nobody holds.
pub(super) fn with_end(kind: FailureKind, what: &str, end: SessionEnd) -> Failure {
    match end {
        SessionEnd::Ended => Failure::new(
            kind,
            what,
            "The credential that the registry had given out is accepted there no more.",
        ),
        // No matter of leaving any more, which is passed over in silence, and no advice, which a stopped command leaves out.
        SessionEnd::Alive(why) => Failure::new(
            match kind {
                FailureKind::Cancelled => FailureKind::Refused,
                kind => kind,
            },
            format!("{what} {why}"),
            "Revoke it in the list of tokens or on the registry's website.",
        ),
    }
}
