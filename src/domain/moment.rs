//! A moment, held small.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroI64;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A moment to the microsecond, in eight bytes with or without an `Option` around it: a list holds five of them a token, and
/// there are lists of tens of thousands. Registries send milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment(NonZeroI64);

/// Turns the one number that no moment has into the zero that is left out: years end long before it.
const NEVER: i64 = i64::MIN;

impl Moment {
    /// The moment as the rest of the program reckons with it.
    pub fn at(self) -> Timestamp {
        Timestamp::from_microsecond(self.0.get() ^ NEVER).unwrap_or(Timestamp::MAX)
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(NonZeroI64::new(at.as_microsecond() ^ NEVER).unwrap_or(NonZeroI64::MAX))
    }
}

impl From<Moment> for Timestamp {
    fn from(moment: Moment) -> Self {
        moment.at()
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.at().serialize(to)
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.get() ^ NEVER).cmp(&(other.0.get() ^ NEVER))
    }
}

impl PartialEq<Timestamp> for Moment {
    fn eq(&self, other: &Timestamp) -> bool {
        self.at() == *other
    }
}

impl PartialOrd<Timestamp> for Moment {
    fn partial_cmp(&self, other: &Timestamp) -> Option<Ordering> {
        self.at().partial_cmp(other)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_what_it_was_made_of_in_order_and_small() {
        let seconds = [-62_135_596_800, -1, 0, 1, 1_795_348_800, 253_402_207_200];
        let all = seconds.map(|second| Timestamp::constant(second, 0));
        for at in all {
            assert_eq!(Moment::from(at).at(), at);
            assert!(Moment::from(at) == at);
        }
        let held = all.map(Moment::from);
        assert!(held.is_sorted());
        assert!(held[0] < all[1] && held[1] > all[0]);
        let ends = [Timestamp::MIN, Timestamp::MAX].map(|at| Moment::from(at).at());
        assert_eq!(
            ends.map(Timestamp::as_microsecond),
            [Timestamp::MIN, Timestamp::MAX].map(Timestamp::as_microsecond)
        );
        assert_eq!(size_of::<Option<Moment>>(), 8);
    }
}
