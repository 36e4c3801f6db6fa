//! The words by which an emergency is written down. They stand in journals and reports, so none of them changes.

use crate::domain::failure::FailureKind;
use crate::domain::found::{Grade, ProvedBy};
use crate::domain::identity::CredentialKind;
use crate::domain::incident::{Care, Stage, Suspicion};
use crate::domain::machine::{Git, SourceKind};
use crate::domain::plan::Class;
use crate::domain::revocation::Unprobed;
use crate::domain::tfa::Level;

/// A value that has one word.
pub(super) trait Worded: Copy + PartialEq + 'static {
    /// Every value with its word.
    const ALL: &'static [(Self, &'static str)];

    /// Its word.
    fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(value, _)| *value == self);
        found.map_or("", |(_, word)| word)
    }

    /// The value of a word.
    fn of(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, other)| *other == word);
        found.map(|(value, _)| *value)
    }
}

impl Worded for Stage {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Suspect, "suspect"),
        (Self::Snapshot, "snapshot"),
        (Self::SignIn, "sign-in"),
        (Self::Email, "email"),
        (Self::Revoke, "revoke"),
        (Self::Verify, "verify"),
        (Self::Local, "local"),
        (Self::Account, "account"),
        (Self::Packages, "packages"),
        (Self::Beyond, "beyond"),
        (Self::Report, "report"),
    ];
}

impl Worded for Suspicion {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Clean, "clean"),
        (Self::Elsewhere, "elsewhere"),
        (Self::AllTheSame, "all-the-same"),
    ];
}

impl Worded for Class {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::WriteBypass, "write-bypass"),
        (Self::Write, "write"),
        (Self::Read, "read"),
        (Self::InUse, "in-use"),
    ];
}

impl Worded for Care {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Open, "open"),
        (Self::Done, "done"),
        (Self::Elsewhere, "elsewhere"),
        (Self::LeftOut, "left-out"),
    ];
}

impl Worded for FailureKind {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::SignedOut, "signed-out"),
        (Self::NeedsSecondFactor, "needs-second-factor"),
        (Self::Refused, "refused"),
        (Self::NotOffered, "not-offered"),
        (Self::Network, "network"),
        (Self::Local, "local"),
        (Self::Cancelled, "cancelled"),
    ];
}

impl Worded for Unprobed {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::ValueUnknown, "value-unknown"),
        (Self::RefusedBefore, "refused-before"),
        (Self::NoAnswer, "no-answer"),
    ];
}

impl Worded for Grade {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::LooksLike, "looks-like"), (Self::Is, "is")];
}

impl Worded for ProvedBy {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Key, Self::Key.word()),
        (Self::Made, Self::Made.word()),
    ];
}

impl Worded for CredentialKind {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Token, "token"),
        (Self::Basic, "basic"),
        (Self::Certificate, "certificate"),
        (Self::Key, "key"),
        (Self::Proxy, "proxy"),
    ];
}

impl Worded for SourceKind {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Environment, "environment"),
        (Self::Project, "project"),
        (Self::User, "user"),
        (Self::Global, "global"),
        (Self::Builtin, "builtin"),
    ];
}

impl Worded for Git {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::None, "none"),
        (Self::Untracked, "untracked"),
        (Self::Ignored, "ignored"),
        (Self::Tracked, "tracked"),
        (Self::Unknown, "unknown"),
    ];
}

impl Worded for Level {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::AuthOnly, "auth-only"),
        (Self::AuthAndWrites, "auth-and-writes"),
    ];
}
