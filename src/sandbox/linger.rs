//! A token that was revoked, and that a part of the registry has not heard of yet.

use std::time::Duration;

use jiff::Timestamp;

/// For how long what is revoked lingers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Linger {
    /// It stands in the list for so many readings.
    pub(super) listed: u64,
    /// It is accepted for so many requests,
    pub(super) requests: u64,
    /// and for so long.
    pub(super) time: Duration,
}

/// What is left of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lingers {
    listed: u64,
    requests: u64,
    until: Timestamp,
}

impl Linger {
    pub(super) const fn is_nothing(self) -> bool {
        self.listed == 0 && self.requests == 0 && self.time.is_zero()
    }

    /// Of both the longer.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            listed: self.listed.max(other.listed),
            requests: self.requests.max(other.requests),
            time: self.time.max(other.time),
        }
    }

    pub(super) fn from(self, now: Timestamp) -> Lingers {
        Lingers {
            listed: self.listed,
            requests: self.requests,
            until: now.saturating_add(self.time).unwrap_or(now),
        }
    }
}

impl Lingers {
    /// Whether one more reading of the list shows it.
    pub(super) const fn is_listed(&mut self) -> bool {
        let listed = self.listed > 0;
        self.listed = self.listed.saturating_sub(1);
        listed
    }

    /// Whether one more request is accepted.
    pub(super) fn is_accepted(&mut self, now: Timestamp) -> bool {
        let accepted = self.requests > 0 || now < self.until;
        self.requests = self.requests.saturating_sub(1);
        accepted
    }
}
