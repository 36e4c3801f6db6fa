//! Where on this machine a token lies, in two grades (requirement E1).

use super::text::Text;

/// How sure it is that what lies in a place is this token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// The characters that the registry lists fit. Nothing is decided by it.
    LooksLike,
    /// Proved: by the value's own key, or because this program was given the value with the key.
    Is,
}

impl Grade {
    /// As in "looks like ~/.npmrc, line 3".
    pub const fn words(self) -> &'static str {
        match self {
            Self::LooksLike => "looks like",
            Self::Is => "is",
        }
    }
}

/// By what a value is proved to be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvedBy {
    /// The token's key is the digest of the value, as npm documents keys and some registries make them.
    Key,
    /// This program made the token, and was given value and key together.
    Made,
}

impl ProvedBy {
    /// As the reason for "is ~/.npmrc, line 3: proved".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Key => "its key is the digest of that value",
            Self::Made => "this program made it and kept a digest",
        }
    }

    /// The same in a word that scripts can rely on.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Made => "made-here",
        }
    }
}

/// One place on this machine that holds a token, or something that looks like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file with its line, the variable, or "this session".
    pub place: Text,
    /// How sure that is.
    pub grade: Grade,
    /// By what it is proved; `None` where it is not, and where an older journal does not tell.
    pub proof: Option<ProvedBy>,
    /// It is the credential that requests carry now.
    pub in_use: bool,
}

impl Found {
    /// The place of a credential that this program holds and that is in no file.
    pub const SESSION: &'static str = "this session";

    /// It is held by this program alone.
    pub fn is_session(&self) -> bool {
        self.place.as_str() == Self::SESSION
    }
}
