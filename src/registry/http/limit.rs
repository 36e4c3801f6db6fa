//! How long one attempt may take, so that an answer which is there already is never thrown away.
//!
//! A process that was stopped, or a machine that slept, finds the limit passed and the answer in the socket, both
//! at once. So the work is asked before the clock, and what arrives still has a short grace.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// The longest that is gone on after the limit, while something arrives.
const GRACE: Duration = Duration::from_secs(5);
/// How long nothing may arrive after the limit.
const SILENCE: Duration = Duration::from_millis(500);

/// The limit of one attempt; every piece of it is awaited through [`Limit::on`].
pub(super) struct Limit {
    whole: Duration,
    until: Instant,
    /// Set when the limit was reached: nothing is waited for after this.
    last: Option<Instant>,
}

impl Limit {
    /// Begins now.
    pub(super) fn new(whole: Duration) -> Self {
        Self {
            whole,
            until: Instant::now() + whole,
            last: None,
        }
    }

    /// Waits for the next piece; `None` when its time is over.
    pub(super) async fn on<T>(&mut self, piece: impl Future<Output = T>) -> Option<T> {
        let mut piece = pin!(piece);
        if self.last.is_none() {
            if let Ok(done) = timeout_at(self.until, piece.as_mut()).await {
                return Some(done);
            }
            self.last = Some(Instant::now() + self.whole.min(GRACE));
        }
        let last = self.last?;
        let silent = Instant::now() + self.whole.min(SILENCE);
        timeout_at(silent.min(last), piece).await.ok()
    }
}
