//! What can go wrong between this program and a registry.

use std::time::Duration;

use super::known;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::Identity;
use crate::domain::signin::WebPage;
use crate::domain::text::Text;

/// Whether a request that broke off had reached the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Surely not: nothing happened there.
    No,
    /// It may have: the truth has to be re-read.
    Maybe,
}

/// A call that did not end well. Holds the registry's words, cleaned; never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The registry wants the second factor.
    Challenge(Challenged),
    /// There is no credential, or the registry does not accept it.
    SignedOut {
        /// True when no credential was sent at all.
        anonymous: bool,
        /// The registry's words.
        words: Text,
    },
    /// The registry does not offer this (404, 405, 501, or a 503 that says so).
    NotOffered {
        /// The registry's words.
        words: Text,
    },
    /// The registry refused for now: too many attempts, or too many requests.
    Wait {
        /// How long, where it says so.
        for_: Option<Duration>,
        /// The registry's words.
        words: Text,
    },
    /// The registry refused.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The registry's words.
        words: Text,
    },
    /// The value on the registry is no longer the one that the person saw.
    Changed {
        /// What it is now.
        now: Option<Text>,
    },
    /// The answer makes no sense: not JSON, cut off, of an unknown shape, too large.
    Malformed {
        /// What was wrong with it, as the end of "The registry's answer …".
        what: Text,
        /// Whether the call had an effect is unknown for a write.
        sent: Sent,
    },
    /// The registry pointed somewhere else, and the credential does not go there.
    Elsewhere {
        /// The host, or the address, that it pointed to.
        to: Text,
        /// Whether the call had an effect is unknown for a write.
        sent: Sent,
    },
    /// No connection, or one that broke.
    Network {
        /// Whether the request may have arrived.
        sent: Sent,
        /// Why, as the end of "… could not be reached: ".
        why: Text,
    },
    /// This program will not send that: plain http to another machine, a credential outside its scope.
    Unsafe {
        /// The sentence to show.
        why: Text,
    },
}

/// How the registry asks for the second factor.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Challenged {
    /// The registry's words.
    pub words: Text,
    /// A code went out with the request, so this answer refuses it.
    pub refused: bool,
    /// The registry says that it has mailed a code.
    pub by_email: bool,
    /// The registry offers a page on the web beside the typed code.
    pub web: Option<WebSession>,
}

/// A page for the person to open, and where the registry tells what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSession {
    /// The page.
    pub page: WebPage,
    /// Where to ask.
    pub done: DoneUrl,
}

/// The address that tells whether the person has finished, already found to be of the registry itself (promise P19).
#[derive(Clone, PartialEq, Eq)]
pub struct DoneUrl(Box<url::Url>);

impl DoneUrl {
    /// Of an address that was found to be the registry's own.
    pub fn new(url: url::Url) -> Self {
        Self(Box::new(url))
    }

    /// The address.
    pub fn url(&self) -> &url::Url {
        &self.0
    }
}

impl std::fmt::Debug for DoneUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Whoever has the address can fetch the code.
        f.write_str("DoneUrl(…)")
    }
}

/// A read is about to be tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retrying {
    /// Which attempt comes next, from 2.
    pub attempt: u32,
    /// How many there will be at most.
    pub of: u32,
    /// How long is waited before it.
    pub wait: Duration,
    /// Why the one before failed.
    pub why: Text,
}

impl Error {
    /// True when the registry may have acted although no good answer came.
    pub fn outcome_unknown(&self) -> bool {
        matches!(
            self,
            Self::Network {
                sent: Sent::Maybe,
                ..
            } | Self::Malformed {
                sent: Sent::Maybe,
                ..
            } | Self::Elsewhere {
                sent: Sent::Maybe,
                ..
            }
        )
    }

    /// The same, counting one that stumbled: it may have done so after the deed.
    pub fn may_have_acted(&self) -> bool {
        self.outcome_unknown() || matches!(self, Self::Refused { status: 500.., .. })
    }

    /// The same as [`Error::failure`] of this registry. A refusal that may be about the credential names it and its place:
    /// somebody who wrote another one into a project's file has to see that it is the one in use here.
    pub fn failure_at(&self, identity: &Identity) -> Failure {
        let mut failure = self.failure(&identity.registry);
        let of_credential = matches!(
            self,
            Self::Refused { status: 403, .. }
                | Self::SignedOut {
                    anonymous: false,
                    ..
                }
        );
        if let Some(credential) = identity.credential.as_ref().filter(|_| of_credential) {
            let what = format!(
                "{} The request carried {}.",
                failure.what,
                credential.in_words()
            );
            failure.what = Text::new(&what);
        }
        failure
    }

    /// True for a refusal whose cause its words tell: it is no verdict about what was asked for.
    pub fn is_explained(&self) -> bool {
        matches!(self, Self::Refused { status: ..500, words } if known::next(words).is_some())
    }

    /// True when the registry surely did not act: nothing arrived there, or it wants something else first.
    pub fn surely_undone(&self) -> bool {
        match self {
            Self::Network { sent, .. }
            | Self::Malformed { sent, .. }
            | Self::Elsewhere { sent, .. } => *sent == Sent::No,
            Self::Challenge(_)
            | Self::SignedOut { .. }
            | Self::Changed { .. }
            | Self::Unsafe { .. } => true,
            Self::NotOffered { .. } | Self::Wait { .. } | Self::Refused { .. } => false,
        }
    }

    /// The sentences for a person; `registry` is [`crate::domain::identity::Identity::registry`].
    pub fn failure(&self, registry: &Text) -> Failure {
        use FailureKind as K;
        let says = |words: &Text| {
            if words.is_empty() {
                String::new()
            } else {
                format!(": {}", words.quoted(300))
            }
        };
        match self {
            Self::Challenge(Challenged {
                words,
                by_email: true,
                ..
            }) => Failure::new(
                K::NeedsSecondFactor,
                format!("{registry} wants a code that it has mailed{}.", says(words)),
                "Try again and enter that code. An account without two-factor authentication is asked so each time.",
            ),
            Self::Challenge(challenged) => Failure::new(
                K::NeedsSecondFactor,
                format!(
                    "{registry} wants the second factor{}.",
                    says(&challenged.words)
                ),
                "Try again and enter a code from the authenticator.",
            ),
            Self::SignedOut {
                anonymous: true, ..
            } => Failure::new(
                K::SignedOut,
                format!("There is no credential for {registry}."),
                "Sign in with npm login, then press r.",
            ),
            Self::SignedOut { words, .. } => Failure::new(
                K::SignedOut,
                format!("{registry} does not accept the credential{}.", says(words)),
                "Sign in again with npm login, then press r.",
            ),
            Self::NotOffered { words } => Failure::new(
                K::NotOffered,
                format!("{registry} does not offer this{}.", says(words)),
                "Nothing was changed.",
            ),
            Self::Wait { for_, words } => Failure::new(
                K::Refused,
                format!("{registry} asks to wait{}.", says(words)),
                match for_ {
                    Some(wait) => format!("Try again in {}.", span(*wait)),
                    None => "Try again in a few minutes.".to_owned(),
                },
            )
            .waiting(*for_),
            // Said by a good answer that shows nobody.
            Self::Refused { status, words } if *status < 400 => Failure::new(
                K::Refused,
                format!("{registry} refused{}.", says(words)),
                refused_next(*status, words),
            ),
            Self::Refused { status, words } => Failure::new(
                K::Refused,
                format!("{registry} refused (status {status}){}.", says(words)),
                refused_next(*status, words),
            ),
            Self::Changed { now } => Failure::new(
                K::Refused,
                match now {
                    Some(now) => format!(
                        "The field was changed elsewhere meanwhile; it is “{}” now.",
                        now.cut(80)
                    ),
                    None => "The field was cleared elsewhere meanwhile.".to_owned(),
                },
                "Nothing was written: look at the new value and edit it again.",
            ),
            Self::Malformed { what, sent } => Failure::new(
                K::Refused,
                format!("The answer of {registry} {what}."),
                match sent {
                    Sent::No => "Check that the registry address is right, or try again later.",
                    Sent::Maybe => "Whether it acted is not known: press r to read the truth.",
                },
            ),
            Self::Elsewhere { to, sent } => Failure::new(
                K::Refused,
                format!("{registry} pointed to {to}, and the credential is not sent there."),
                match sent {
                    Sent::No => "Check the registry address in the npm configuration.",
                    Sent::Maybe => {
                        "Whether it acted is not known: press r to read the truth, and check the registry address in the npm configuration."
                    }
                },
            ),
            Self::Network { sent, why } => Failure::new(
                K::Network,
                format!("{registry} could not be reached: {why}."),
                match sent {
                    Sent::No => "Check the connection and try again.",
                    Sent::Maybe => {
                        "Whether it acted is not known: check the connection, then press r to read the truth."
                    }
                },
            ),
            Self::Unsafe { why } => Failure::new(
                K::Local,
                why.as_str(),
                "Nothing was sent: correct what it names, here or in the npm configuration.",
            ),
        }
    }
}

fn refused_next(status: u16, words: &Text) -> &'static str {
    match status {
        ..500 if let Some(next) = known::next(words) => next,
        500.. => "That is a fault on the registry's side: try again later.",
        _ => "Nothing was changed.",
    }
}

/// A span of time in words: `40 s`, `5 min`.
pub fn span(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    if seconds < 120 {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds.div_ceil(60))
    }
}
