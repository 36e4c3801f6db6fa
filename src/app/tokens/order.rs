//! In which order the rows stand.

use std::cmp::Reverse;

use crate::domain::token::Token;

/// A column that the tokens can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// The name.
    Name,
    /// What may do the most first.
    May,
    /// The newest first.
    Created,
    /// The longest unused first.
    Accessed,
    /// The first to lapse first.
    Expires,
}

/// Which way a column grows downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the least on.
    Up,
    /// From the most on.
    Down,
}

impl SortBy {
    /// What comes after it; `None` is the registry's own order.
    pub(super) const fn after(sort: Option<Self>) -> Option<Self> {
        match sort {
            None => Some(Self::Name),
            Some(Self::Name) => Some(Self::May),
            Some(Self::May) => Some(Self::Created),
            Some(Self::Created) => Some(Self::Accessed),
            Some(Self::Accessed) => Some(Self::Expires),
            Some(Self::Expires) => None,
        }
    }

    /// In words, as in "Sorted by name."
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::May => "what they may do, the most first",
            Self::Created => "creation, the newest first",
            Self::Accessed => "last use, the longest unused first",
            Self::Expires => "expiry, the first to lapse first",
        }
    }

    /// Which way its column grows downwards.
    pub const fn order(self) -> Order {
        match self {
            Self::Name | Self::Accessed | Self::Expires => Order::Up,
            Self::May | Self::Created => Order::Down,
        }
    }
}

/// Rows without the value come last; equal ones stay in the registry's order.
pub(super) fn sort(shown: &mut [usize], rows: &[Token], by: SortBy) {
    match by {
        SortBy::Name => shown.sort_by_cached_key(|&row| {
            let name = rows[row].name.as_ref();
            let name = name.map_or_else(String::new, |name| name.as_str().to_lowercase());
            (name.is_empty(), name)
        }),
        SortBy::May => shown.sort_by_cached_key(|&row| {
            let token = &rows[row];
            (
                token.revoked.is_some(),
                Reverse((token.powers(), token.bypass_2fa)),
            )
        }),
        SortBy::Created => shown.sort_by_key(|&row| {
            let created = rows[row].created;
            (created.is_none(), Reverse(created))
        }),
        // A token that was never used is the longest unused; one that is not spoken of is not known to be.
        SortBy::Accessed => shown.sort_by_key(|&row| {
            let token = &rows[row];
            (
                token.accessed.is_none() && !token.never.used,
                token.accessed,
            )
        }),
        SortBy::Expires => shown.sort_by_key(|&row| {
            let expires = rows[row].expires;
            (expires.is_none(), expires)
        }),
    }
}
