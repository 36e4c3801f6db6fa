//! Signing in on the registry's website: the page is shown, and looked at until somebody has finished there.

use std::time::Duration;

use tokio::pin;
use tokio::time::{timeout, timeout_at};

use crate::backend::desk::Writing;
use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::Question;
use crate::backend::visit::{Came, Visit};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::{Error, Registry as _};

use super::Job;

/// How long an answer that is under way is waited for when it is too late for it: it may hold a credential.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// On the registry's website.
pub(super) async fn sign_in<C: Connector>(
    job: &Job<'_, C>,
) -> Result<(Secret<String>, Option<Writing>), Stop> {
    let desk = job.desk;
    let begun = guarded!(job.reading("sign in").patiently(), call => job.registry.web_login(call));
    let session = begun.map_err(|stop| no_page(job, stop))?;
    let mut visit = Visit::new(session);
    let asked = desk.ask(Question::Web(visit.web()));
    pin!(asked);
    loop {
        let in_time = tokio::select! {
            biased;
            // It has no answer: this is the person leaving.
            _ = &mut asked => return Err(left(job, &visit)),
            in_time = visit.due() => in_time,
        };
        if !in_time {
            desk.withdraw();
            return Err(too_late(job, &visit).into());
        }
        // The answer may hold a credential that nobody else has.
        let writing = desk.writing()?;
        let came = {
            let in_time = visit.until() + LAST_LOOK;
            let look = timeout_at(in_time, visit.look(job.registry, desk));
            pin!(look);
            tokio::select! {
                biased;
                came = &mut look => came.ok().flatten(),
                _ = &mut asked => match timeout(LAST_LOOK, look).await {
                    Ok(Ok(came)) => came,
                    _ => None,
                },
            }
        };
        match came {
            Some(Came::Done(token)) => {
                desk.withdraw();
                return Ok((token, Some(writing)));
            }
            _ if desk.left() => return Err(left(job, &visit)),
            Some(Came::Over(words)) => {
                desk.withdraw();
                return Err(over(job, &visit, &words).into());
            }
            Some(Came::TooLate) | None => {}
        }
    }
}

/// The registry names no page, now or to anybody; no words of a password, since none was sent.
fn no_page<C: Connector>(job: &Job<'_, C>, stop: Stop) -> Stop {
    let Stop::Error(Error::Refused { status, words }) = stop else {
        return stop;
    };
    Failure::new(
        FailureKind::Refused,
        format!(
            "{} named no page to sign in on (status {status}){}.",
            job.host(),
            says(&words)
        ),
        "Try again, or sign in with user name and password.",
    )
    .into()
}

/// What is told once may have been told, and is not known here.
fn unheard(visit: &Visit) -> &'static str {
    if visit.lost() {
        " An answer was lost on the way: if the registry has given out a credential, it reached nobody."
    } else {
        ""
    }
}

fn left<C: Connector>(job: &Job<'_, C>, visit: &Visit) -> Stop {
    if !visit.lost() {
        return Stop::Left;
    }
    Failure::new(
        FailureKind::Network,
        format!(
            "The sign-in on the page of {} was given up.{}",
            job.host(),
            unheard(visit)
        ),
        "Look for it in the list of tokens or on the registry's website.",
    )
    .into()
}

fn too_late<C: Connector>(job: &Job<'_, C>, visit: &Visit) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!(
            "Nobody finished signing in on the page of {} in ten minutes, so it is waited for no longer.{}",
            job.host(),
            unheard(visit)
        ),
        "Start again for a new page.",
    )
}

fn says(words: &Text) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!(": {}", words.quoted(200))
    }
}

fn over<C: Connector>(job: &Job<'_, C>, visit: &Visit, words: &Text) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!(
            "Signing in on the page of {} has come to nothing{}.{}",
            job.host(),
            says(words),
            unheard(visit)
        ),
        "Start again for a new page.",
    )
}
