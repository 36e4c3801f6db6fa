//! A page on the web that is waited for: asked about at a measured pace, for a measured time (promise P19).

use std::time::Duration;

use tokio::time::Instant;

use crate::backend::desk::{Desk, after};
use crate::backend::protocol::Web;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::{Call, Error, Polled, Registry, Retrying, Sent, WebSession};

/// How long a page is waited for.
const AT_MOST: Duration = Duration::from_mins(10);
/// Nothing is asked more often than this, whatever the registry says.
const FASTEST: Duration = Duration::from_secs(1);
/// The pace where the registry says none: at first, while somebody may be quick …
const QUICK: Duration = Duration::from_secs(2);
/// … and after so many questions.
const SLOW: Duration = Duration::from_secs(5);
const QUICK_ONES: u32 = 30;

/// What came of a page.
#[derive(Debug)]
pub(super) enum Came {
    /// The person has finished there: a token after a sign-in, a code after a challenge.
    Done(Secret<String>),
    /// It has come to nothing; the registry's words.
    Over(Text),
    /// Nobody finished in time.
    TooLate,
}

/// One page. Every method can be dropped at any moment, and the next one keeps the pace.
pub(super) struct Visit {
    session: WebSession,
    until: Instant,
    next: Instant,
    asked: u32,
    failed: u32,
    /// An answer may have been lost that told the result.
    lost: bool,
}

impl Visit {
    pub(super) fn new(session: WebSession) -> Self {
        let now = Instant::now();
        Self {
            session,
            until: now + AT_MOST,
            next: now,
            asked: 0,
            failed: 0,
            lost: false,
        }
    }

    /// The page for the person.
    pub(super) fn web(&self) -> Web {
        Web {
            page: self.session.page.clone(),
            left: self.until.saturating_duration_since(Instant::now()),
        }
    }

    /// Until something has come of it.
    pub(super) async fn outcome<R: Registry>(&mut self, registry: &R, desk: &Desk) -> Came {
        loop {
            if !self.due().await {
                return Came::TooLate;
            }
            let until = self.until;
            match tokio::time::timeout_at(until, self.look(registry, desk)).await {
                Ok(Some(came)) => return came,
                Ok(None) => {}
                Err(_) => return Came::TooLate,
            }
        }
    }

    /// Whether a result may have been told that did not arrive here.
    pub(super) fn lost(&self) -> bool {
        self.lost
    }

    /// The end of its time.
    pub(super) fn until(&self) -> Instant {
        self.until
    }

    /// Waits until it may be asked about; false when its time is over.
    pub(super) async fn due(&self) -> bool {
        tokio::time::sleep_until(self.next.min(self.until)).await;
        Instant::now() < self.until
    }

    /// Asks once.
    pub(super) async fn look<R: Registry>(&mut self, registry: &R, desk: &Desk) -> Option<Came> {
        self.asked += 1;
        self.go_on_in(self.pace());
        let call = Call {
            otp: None,
            once: false,
            retrying: desk.retrying(),
        };
        // Until it answers; this can be dropped before.
        let lost_before = std::mem::replace(&mut self.lost, true);
        let answer = registry.poll(call, &self.session.done).await;
        self.lost = match &answer {
            Ok(Polled::Pending(_) | Polled::Done(_)) => false,
            Err(
                Error::Network {
                    sent: Sent::Maybe, ..
                }
                | Error::Malformed {
                    sent: Sent::Maybe, ..
                }
                | Error::Refused {
                    status: 502 | 504, ..
                },
            ) => true,
            _ => lost_before,
        };
        let error = match answer {
            Ok(Polled::Done(secret)) => return Some(Came::Done(secret)),
            Ok(Polled::Over(words)) => return Some(Came::Over(words)),
            Ok(Polled::Pending(wait)) => {
                self.failed = 0;
                let wait = wait.filter(|wait| !wait.is_zero());
                self.go_on_in(wait.map_or(self.pace(), |wait| wait.max(FASTEST)));
                return None;
            }
            Err(error) => error,
        };
        let (wait, why) = match error {
            Error::Network { why, .. } => (None, why),
            Error::Wait { for_, words } => (for_, words),
            Error::Refused {
                status: 500..,
                words,
            } => (None, words),
            Error::SignedOut { words, .. }
            | Error::NotOffered { words }
            | Error::Refused { words, .. } => return Some(Came::Over(words)),
            error => {
                let failure = error.failure(&registry.identity().registry);
                return Some(Came::Over(failure.what));
            }
        };
        self.failed += 1;
        let wait = wait.map_or(SLOW, |wait| wait.max(FASTEST));
        self.go_on_in(wait);
        let left = self.until.saturating_duration_since(Instant::now());
        let more = left.as_secs() / wait.as_secs().max(1);
        let attempt = self.failed.saturating_add(1);
        desk.tell(Retrying {
            attempt,
            of: attempt.saturating_add(u32::try_from(more).unwrap_or(u32::MAX)),
            wait: wait.min(left),
            why,
        });
        None
    }

    fn go_on_in(&mut self, wait: Duration) {
        self.next = after(wait);
    }

    fn pace(&self) -> Duration {
        if self.asked < QUICK_ONES { QUICK } else { SLOW }
    }
}
