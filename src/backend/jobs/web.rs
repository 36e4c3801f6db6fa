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
use crate::registry::Registry as _;

use super::Job;
use super::sign_in::refused;

/// How long an answer that is under way is waited for when it is too late for it: it may hold a credential.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// On the registry's website.
pub(super) async fn sign_in<C: Connector>(
    job: &Job<'_, C>,
) -> Result<(Secret<String>, Option<Writing>), Stop> {
    let desk = job.desk;
    let begun = guarded!(job.reading("sign in"), call => job.registry.web_login(call));
    let session = begun.map_err(|stop| refused(job, stop))?;
    let mut visit = Visit::new(session);
    let asked = desk.ask(Question::Web(visit.web()));
    pin!(asked);
    loop {
        let in_time = tokio::select! {
            biased;
            // It has no answer: this is the person leaving.
            _ = &mut asked => return Err(Stop::Left),
            in_time = visit.due() => in_time,
        };
        if !in_time {
            desk.withdraw();
            return Err(too_late(job).into());
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
            _ if desk.left() => return Err(Stop::Left),
            Some(Came::Over(words)) => {
                desk.withdraw();
                return Err(over(job, &words).into());
            }
            Some(Came::TooLate) | None => {}
        }
    }
}

fn too_late<C: Connector>(job: &Job<'_, C>) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!(
            "Nobody finished signing in on the page of {} in ten minutes, so it is waited for no longer.",
            job.host()
        ),
        "Start again for a new page.",
    )
}

fn over<C: Connector>(job: &Job<'_, C>, words: &Text) -> Failure {
    let says = if words.is_empty() {
        String::new()
    } else {
        format!(": “{}”", words.cut(200))
    };
    Failure::new(
        FailureKind::Refused,
        format!(
            "Signing in on the page of {} has come to nothing{says}.",
            job.host()
        ),
        "Start again for a new page.",
    )
}
