//! What went wrong, in words a person can act on.

use std::time::Duration;

use super::text::Text;

/// The family of a failure; the plain commands' exit codes follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// No credential, or one that the registry does not accept.
    SignedOut,
    /// The second factor was asked for and not given.
    NeedsSecondFactor,
    /// The registry refused, or answered something that makes no sense.
    Refused,
    /// The registry does not have this at all.
    NotOffered,
    /// The registry could not be reached, or the connection broke.
    Network,
    /// Something on this machine: a file, a setting.
    Local,
    /// The person cancelled.
    Cancelled,
}

impl FailureKind {
    /// The exit code of a plain command that ends this way.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::SignedOut => 3,
            Self::NeedsSecondFactor => 4,
            Self::Refused | Self::NotOffered => 5,
            Self::Network => 6,
            Self::Local | Self::Cancelled => 1,
        }
    }
}

/// A failure without secrets: what happened with its cause, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its family.
    pub kind: FailureKind,
    /// What happened and, as far as known, why. One sentence.
    pub what: Text,
    /// What to do next. One sentence.
    pub next: Text,
    /// How long nothing is taken, where the registry told: `next` names it too, for where nothing counts down.
    pub wait: Option<Duration>,
}

impl Failure {
    /// Both sentences are cleaned like any text from outside, since they may quote the registry.
    pub fn new(kind: FailureKind, what: impl AsRef<str>, next: impl AsRef<str>) -> Self {
        Self {
            kind,
            what: Text::new(what.as_ref()),
            next: Text::new(next.as_ref()),
            wait: None,
        }
    }

    /// The same, with how long nothing is taken.
    #[must_use]
    pub fn waiting(self, wait: Option<Duration>) -> Self {
        Self { wait, ..self }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.next.is_empty() {
            write!(f, "{}", self.what)
        } else {
            write!(f, "{} {}", self.what, self.next)
        }
    }
}

impl std::error::Error for Failure {}
