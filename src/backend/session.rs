//! The end of a credential at the registry, and the proof of it (promise P31).

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::backend::house::{Connector, House};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::registry::{Call, Error, Registry, Retrying};

/// How long the end of a session may take when the program ends.
const LAST: Duration = Duration::from_secs(2);
/// How long it may take otherwise, where nobody can be asked.
const PATIENT: Duration = Duration::from_secs(10);
/// The least pauses before it is tried again, within that time.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(600)];

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

/// Whose the credential is. Asks the person nothing.
pub(super) async fn name_of<R: Registry>(registry: &R, retrying: Tell<'_>) -> Result<Text, Error> {
    let call = Call {
        otp: None,
        once: false,
        retrying,
    };
    match registry.whoami(call).await {
        Err(Error::NotOffered { .. }) => registry.profile(call).await.map(|profile| profile.name),
        answer => answer,
    }
}

/// Tries the credential out. Asks the person nothing.
pub(super) async fn probe<R: Registry>(registry: &R, retrying: Tell<'_>) -> Probed {
    match name_of(registry, retrying).await {
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

/// What a sign-in gave out, in a sentence about its end.
const OF_THIS: &str = "the credential of this sign-in";

/// Ends the token that the registry carries, without asking anybody anything.
pub(super) async fn end<R: Registry>(registry: &R) -> SessionEnd {
    end_of_this(registry, PATIENT).await
}

async fn end_of_this<R: Registry>(registry: &R, limit: Duration) -> SessionEnd {
    match end_within(registry, OF_THIS, limit).await {
        Ok(()) => SessionEnd::Ended,
        Err(alive) => SessionEnd::Alive(alive.why),
    }
}

/// The same for any token: what the registry said that it ended, and is still accepted, is told from what it did not say
/// that of.
pub(super) async fn ended<R: Registry>(registry: &R, next: &str) -> Ended {
    match end_within(registry, "it", PATIENT).await {
        Ok(()) => Ended::Verified,
        Err(alive) if alive.accepted => Ended::StillAccepted,
        Err(alive) => {
            Ended::Unchecked(Failure::new(FailureKind::Refused, alive.why.as_str(), next))
        }
    }
}

async fn end_within<R: Registry>(registry: &R, what: &str, limit: Duration) -> Result<(), Alive> {
    let host = registry.identity().registry;
    let until = Instant::now() + limit;
    let mut pauses = PAUSES.into_iter();
    // What it said to an earlier attempt is no longer true for sure.
    let mut said = "did not answer";
    loop {
        let Ok(ended) = timeout_at(until, end_and_prove(registry, what)).await else {
            let span = crate::registry::error::span(limit);
            return Err(Alive {
                why: Text::new(&format!(
                    "{host} {said} within {span}, so {what} may live on there."
                )),
                accepted: false,
                again: None,
            });
        };
        let Err(alive) = ended else {
            return Ok(());
        };
        let wait = alive.again;
        let wait = wait.and_then(|asked| Some(pauses.next()?.max(asked)));
        match wait.filter(|wait| Instant::now() + *wait < until) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(alive),
        }
        said = "gave no good answer";
    }
}

/// A credential that did not end, or not for sure.
struct Alive {
    why: Text,
    /// The registry said that it ended it; it was tried out after that, and is accepted.
    accepted: bool,
    /// It is of use to try again, after this time.
    again: Option<Duration>,
}

async fn end_and_prove<R: Registry>(registry: &R, what: &str) -> Result<(), Alive> {
    let host = registry.identity().registry;
    let quiet = |_: Retrying| {};
    let call = Call {
        otp: None,
        once: false,
        retrying: &quiet,
    };
    let lost = match registry.logout(call).await {
        Ok(()) => None,
        // Said of a credential that works, too.
        Err(error) if error.outcome_unknown() || matches!(error, Error::SignedOut { .. }) => {
            Some(error)
        }
        Err(error) => return Err(lives_on(&host, what, &error)),
    };
    let said = |error: &Error| match error {
        Error::SignedOut { .. } => {
            format!("{host} refused to end {what}.")
        }
        error => error.failure(&host).what.as_str().to_owned(),
    };
    let proof = proved(registry, &quiet).await;
    let accepted = proof == Ended::StillAccepted && lost.is_none();
    let (why, again) = match (proof, lost) {
        (Ended::StillAccepted, None) => (
            format!("{host} says that it has ended {what}, and still accepts it."),
            None,
        ),
        (Ended::StillAccepted, Some(lost)) => (
            format!("{} {host} still accepts {what}.", said(&lost)),
            lost.outcome_unknown().then_some(Duration::ZERO),
        ),
        (Ended::Unchecked(why), None) => (
            format!(
                "{host} says that it has ended {what}; whether it refuses it now could not be seen: {}",
                why.what
            ),
            None,
        ),
        (Ended::Unchecked(_), Some(lost)) => (
            format!("{} {} may live on there.", said(&lost), capital(what)),
            None,
        ),
        (Ended::Verified | Ended::DeadBefore | Ended::NothingThere | Ended::Unlisted, _) => {
            return Ok(());
        }
    };
    Err(Alive {
        why: Text::new(&why),
        accepted,
        again,
    })
}

fn capital(what: &str) -> String {
    let mut rest = what.chars();
    let first = rest.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(rest).collect()
}

fn lives_on(host: &Text, what: &str, error: &Error) -> Alive {
    let why = match error {
        Error::Challenge(_) => format!("{host} wants a code for that."),
        error => error.failure(host).what.as_str().to_owned(),
    };
    // Nobody answered who would know.
    let lives = match error {
        Error::Network { .. } => "may live on",
        _ => "lives on",
    };
    Alive {
        why: Text::new(&format!(
            "{} could not be ended and {lives} at {host}: {why}",
            capital(what)
        )),
        accepted: false,
        again: match error {
            Error::Wait { for_, .. } => Some(for_.unwrap_or_default()),
            _ => None,
        },
    }
}

impl<C: Connector> House<C> {
    /// The end of the program: what it alone holds is ended at the registry, in a short time.
    pub(super) async fn end_session(&self) -> Option<SessionEnd> {
        let signed_in = self.leave().await?;
        Some(end_of_this(&*signed_in.registry, LAST).await)
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
