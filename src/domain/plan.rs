//! In which order tokens are revoked in an emergency: what does the most harm first, what is in use last.

use super::found::Grade;
use super::token::{Token, TokenKey};

/// What a token could be used for by a thief, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// It may write, and is accepted without the second factor.
    WriteBypass,
    /// It may write.
    Write,
    /// It may only read.
    Read,
    /// It is proved to be the credential in use: without it nothing after it could be revoked (promise P29).
    InUse,
}

impl Class {
    /// All, in the order of an emergency.
    pub const ALL: [Self; 4] = [Self::WriteBypass, Self::Write, Self::Read, Self::InUse];

    /// Which one a token is of. Only a proof that it is in use counts, not a likeness: what a thief holds must not be
    /// able to go last by looking like something.
    pub fn of(token: &Token) -> Self {
        if token.in_use() == Some(Grade::Is) {
            Self::InUse
        } else if !token.writes() {
            Self::Read
        } else if token.bypass_2fa {
            Self::WriteBypass
        } else {
            Self::Write
        }
    }
}

/// The living tokens by class, in the order in which they go; within a class the newest first, since a thief's are new.
/// Empty classes are left out.
pub fn order<'t>(tokens: impl IntoIterator<Item = &'t Token>) -> Vec<(Class, Vec<TokenKey>)> {
    let mut living: Vec<&Token> = tokens
        .into_iter()
        .filter(|token| token.revoked.is_none())
        .collect();
    living.sort_by_key(|token| (Class::of(token), std::cmp::Reverse(token.created)));
    Class::ALL
        .into_iter()
        .map(|class| {
            let of_it = living.iter().filter(|token| Class::of(token) == class);
            (class, of_it.map(|token| token.key.clone()).collect())
        })
        .filter(|(_, keys): &(Class, Vec<TokenKey>)| !keys.is_empty())
        .collect()
}
