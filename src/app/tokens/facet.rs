//! The questions that the list of tokens can be narrowed by: which may publish, which lapse, which lie here.

use jiff::{SignedDuration, Timestamp};

use crate::domain::found::Grade;
use crate::domain::token::{Reach, Token};

/// Within how many days a token counts as due.
pub const DUE_DAYS: i64 = 14;
/// After how many days without a use a token counts as unused.
pub const UNUSED_DAYS: i64 = 90;

/// What a token can be in the eyes of a facet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trait {
    /// It may publish without a person's release.
    Publish,
    /// It is accepted without the second factor.
    Bypass,
    /// It has expired, or does so soon.
    Due,
    /// It has expired.
    Expired,
    /// It was not used for long, as the registry tells.
    Unused,
    /// It lies on this machine, or something that looks like it.
    Found,
    /// It is proved to lie on this machine.
    Proved,
}

impl Trait {
    /// All, in the order of their bits.
    pub const ALL: [Self; 7] = [
        Self::Publish,
        Self::Bypass,
        Self::Due,
        Self::Expired,
        Self::Unused,
        Self::Found,
        Self::Proved,
    ];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Several of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits(u8);

impl Traits {
    /// What this token is, at this time. What was revoked is nothing any more but found, where it still lies.
    pub fn of(token: &Token, now: Timestamp) -> Self {
        let mut traits = Self::default();
        let mut set = |one: Trait, is: bool| {
            if is {
                traits.0 |= one.bit();
            }
        };
        set(Trait::Found, !token.found.is_empty());
        set(
            Trait::Proved,
            token.found.iter().any(|found| found.grade == Grade::Is),
        );
        if token.revoked.is_none() {
            set(Trait::Publish, token.powers().packages == Reach::Write);
            set(Trait::Bypass, token.bypass_2fa);
            if let Some(at) = token.expires {
                set(Trait::Expired, at <= now);
                set(Trait::Due, at < days(now, DUE_DAYS));
            }
            // Of a token that was not used yet it counts how long there was time to.
            let since = token
                .accessed
                .or(token.created.filter(|_| token.never.used));
            set(
                Trait::Unused,
                since.is_some_and(|at| days(at.at(), UNUSED_DAYS) <= now),
            );
        }
        traits
    }

    /// Whether that is one of them.
    pub const fn has(self, one: Trait) -> bool {
        self.0 & one.bit() != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of those are among these.
    const fn hold(self, those: Self) -> bool {
        self.0 & those.0 == those.0
    }

    /// With this one in the place of whatever is of the same facet.
    const fn with(self, one: Trait) -> Self {
        Self(self.without(Facet::of(one)).0 | one.bit())
    }

    const fn without(self, facet: Facet) -> Self {
        let [first, second] = facet.traits();
        Self(self.0 & !first.bit() & !second.bit())
    }
}

fn days(at: Timestamp, days: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(24 * days))
        .unwrap_or(Timestamp::MAX)
}

/// A question with its key. Some go through two answers, the wider one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facet {
    /// May it publish?
    Publish,
    /// Is it accepted without the second factor?
    Bypass,
    /// Does it lapse soon, or has it lapsed?
    Due,
    /// Was it not used for long?
    Unused,
    /// Does it lie on this machine?
    Found,
}

impl Facet {
    /// All, in the order in which they stand.
    pub const ALL: [Self; 5] = [
        Self::Publish,
        Self::Bypass,
        Self::Due,
        Self::Unused,
        Self::Found,
    ];

    const fn of(one: Trait) -> Self {
        match one {
            Trait::Publish => Self::Publish,
            Trait::Bypass => Self::Bypass,
            Trait::Due | Trait::Expired => Self::Due,
            Trait::Unused => Self::Unused,
            Trait::Found | Trait::Proved => Self::Found,
        }
    }

    /// Its answers, the wider one first; the same twice where there is one.
    const fn traits(self) -> [Trait; 2] {
        match self {
            Self::Publish => [Trait::Publish; 2],
            Self::Bypass => [Trait::Bypass; 2],
            Self::Due => [Trait::Due, Trait::Expired],
            Self::Unused => [Trait::Unused; 2],
            Self::Found => [Trait::Found, Trait::Proved],
        }
    }
}

/// Which facets are on, and how many rows each would leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    on: Traits,
    counts: [usize; Trait::ALL.len()],
}

impl Facets {
    /// Whether none is on.
    pub const fn is_empty(&self) -> bool {
        self.on.is_empty()
    }

    /// Which answer of a facet is on.
    pub fn on(&self, facet: Facet) -> Option<Trait> {
        facet.traits().into_iter().find(|one| self.on.has(*one))
    }

    /// What a facet stands for: its answer that is on, else the first one.
    pub fn stands_for(&self, facet: Facet) -> Trait {
        self.on(facet).unwrap_or(facet.traits()[0])
    }

    /// How many rows there are with this one, under all other facets and the filter.
    pub const fn count(&self, one: Trait) -> usize {
        self.counts[one as usize]
    }

    /// The next answer of a facet, or none again after the last.
    pub(super) fn turn(&mut self, facet: Facet) {
        let [first, second] = facet.traits();
        self.on = match self.on(facet) {
            None => self.on.with(first),
            Some(one) if one == first && first != second => self.on.with(second),
            Some(_) => self.on.without(facet),
        };
    }

    pub(super) fn clear(&mut self) {
        self.on = Traits::default();
    }

    pub(super) fn count_anew(&mut self) {
        self.counts = Default::default();
    }

    /// The rows, by their place in `rows`, that the facets leave of `fitting`; all of them are counted on.
    pub(super) fn sift(
        &mut self,
        rows: &[Token],
        fitting: impl Iterator<Item = usize>,
        now: Timestamp,
    ) -> Vec<usize> {
        let wanted = Trait::ALL.map(|one| self.on.with(one));
        fitting
            .filter(|&row| {
                let traits = Traits::of(&rows[row], now);
                for (count, wanted) in self.counts.iter_mut().zip(wanted) {
                    *count += usize::from(traits.hold(wanted));
                }
                traits.hold(self.on)
            })
            .collect()
    }
}
