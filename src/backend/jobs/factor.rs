//! Changes of the second factor. Whatever the registry answers, unless it is a good answer, its profile is read before
//! anything is claimed: what it refuses, or leaves open, may have been done all the same.

use crate::backend::house::Connector;
use crate::backend::pass::{Pass, Stop, Why};
use crate::backend::protocol::Step;
use crate::domain::account::Profile;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::tfa::Tfa;
use crate::registry::Error;

use super::{Job, password};

/// A change that got no good answer.
pub(super) struct Doubt {
    /// What came instead.
    pub(super) error: Error,
    /// The profile since, or why it could not be read.
    pub(super) now: Result<Profile, Failure>,
}

/// Sends a change through a [`Pass`]: `Result<Result<T, Doubt>, Stop>`. `$done` tells by the profile's [`Tfa`] whether it
/// was made.
macro_rules! changed {
    ($job:expr, $pass:ident, $done:expr, $call:ident => $request:expr) => {
        loop {
            match $crate::backend::pass::guarded_by!($pass, $call => $request) {
                Ok(value) => break Ok::<_, $crate::backend::pass::Stop>(Ok(value)),
                Err($crate::backend::pass::Stop::Error(error)) => {
                    match $crate::backend::jobs::factor::doubted($job, &mut $pass, error, $done).await {
                        Ok(Some(doubt)) => break Ok(Err(doubt)),
                        Ok(None) => {}
                        Err(stop) => break Err(stop),
                    }
                }
                Err(stop) => break Err(stop),
            }
        }
    };
}

pub(super) use changed;

/// Reads the profile after an answer that is no good one. `None`: nothing was done, and another code is at hand.
pub(super) async fn doubted<C: Connector>(
    job: &Job<'_, C>,
    pass: &mut Pass<'_, C::Registry>,
    error: Error,
    done: impl Fn(&Tfa) -> bool,
) -> Result<Option<Doubt>, Stop> {
    if error.surely_undone() {
        return Err(error.into());
    }
    // From here on it is not told that nothing was changed.
    job.desk.hold();
    job.desk.step(Step::Doing("Reading the profile again"));
    let now = job.truth().await;
    let tfa = now.as_ref().ok().map(|profile| &profile.tfa);
    if tfa.is_some_and(&done) {
        pass.done_after_all().await;
        return Ok(Some(Doubt { error, now }));
    }
    match error {
        Error::Wait { for_, words } if tfa.is_some() && pass.waits_for_a_code() => {
            job.desk.release();
            pass.resume(Why::Wait { for_, words }).await?;
            Ok(None)
        }
        error => Ok(Some(Doubt { error, now })),
    }
}

impl Doubt {
    /// What came of it when the profile shows what was there before, in the end of a sentence: "Two-factor
    /// authentication is still off: try again."
    pub(super) fn unchanged<C: Connector>(self, job: &Job<'_, C>, still: &str) -> Failure {
        let unknown = self.error.outcome_unknown()
            || matches!(self.error, Error::Refused { status: 500.., .. });
        let failure = match password::failed(job, self.error.into()) {
            Stop::Failure(failure) => failure,
            stop => job.words(stop),
        };
        if unknown {
            Failure::new(failure.kind, failure.what.as_str(), still)
        } else {
            failure
        }
    }

    /// When the profile shows something else: `shows` is a sentence, `next` another.
    pub(super) fn but<C: Connector>(&self, job: &Job<'_, C>, shows: &str, next: &str) -> Failure {
        let failure = job.error(&self.error);
        Failure::new(failure.kind, format!("{} {shows}", failure.what), next)
    }

    /// When nothing could be read: `open` is what is not known, as in "Whether the level was changed".
    pub(super) fn unread<C: Connector>(
        &self,
        job: &Job<'_, C>,
        why: &Failure,
        open: &str,
        next: &str,
    ) -> Failure {
        if why.kind == FailureKind::Cancelled {
            return why.clone();
        }
        let failure = job.error(&self.error);
        Failure::new(
            failure.kind,
            format!(
                "{} {open} is not known, since the profile could not be read either.",
                failure.what
            ),
            next,
        )
    }
}
