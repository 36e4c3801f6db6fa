//! Two-factor authentication: its levels, its states, and when a registry asks for it.

use serde::{Deserialize, Serialize};

use super::text::Text;

/// How much of the account the second factor guards, in npm's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Logging in, and changes to the account itself.
    AuthOnly,
    /// That, and every write to a package.
    AuthAndWrites,
}

impl Level {
    /// Both, the stronger first.
    pub const ALL: [Self; 2] = [Self::AuthAndWrites, Self::AuthOnly];

    /// The word that npm and the registry use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AuthOnly => "auth-only",
            Self::AuthAndWrites => "auth-and-writes",
        }
    }

    /// The level of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }
}

/// What the registry says about an account's second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tfa {
    /// Not enabled.
    Off,
    /// A set-up was begun and not confirmed; the level that it was begun for, where told.
    Pending(Option<Level>),
    /// Enabled.
    On(Level),
    /// An answer of a shape that this program does not know; the registry's own words.
    Unknown(Text),
}

impl Tfa {
    /// The short form for a status line.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Pending(_) => "half done",
            Self::On(level) => level.word(),
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Why a registry does not take a set-up of two-factor authentication from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The registry has no two-factor authentication at all; its own words.
    NotOffered(Text),
    /// The registry has it, but takes no new set-up from a program; its own words.
    Closed(Text),
}

/// What a person does that a registry may guard with the second factor (M7).
///
/// The marks follow npm's documentation ("About two-factor authentication").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarded {
    /// What the person does.
    pub action: &'static str,
    /// Asked for at `auth-only`.
    pub auth_only: bool,
    /// Asked for at `auth-and-writes`.
    pub auth_and_writes: bool,
}

/// When the registry asks for the second factor, action by action.
pub const GUARDED: &[Guarded] = &[
    both("log in"),
    both("change your profile"),
    both("change your password"),
    both("create or revoke tokens"),
    writes("publish, unpublish, deprecate"),
    writes("change access, owners, the latest tag"),
    writes("other sensitive package changes"),
    both("change the level, or remove 2FA"),
];

const fn both(action: &'static str) -> Guarded {
    Guarded {
        action,
        auth_only: true,
        auth_and_writes: true,
    }
}

const fn writes(action: &'static str) -> Guarded {
    Guarded {
        action,
        auth_only: false,
        auth_and_writes: true,
    }
}
