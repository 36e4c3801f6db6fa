//! The JSON that `--json` prints. README.md describes it; a change that takes a field away, or gives one another
//! meaning, counts [`VERSION`] up.

mod factor;
mod machine;
mod recovery;

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::backend::protocol::{RowState, Unprobed};
use crate::domain::account::{Profile, ProfileField};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::CredentialSource;
use crate::domain::signin::{Ended, Forgotten, Kept};
use crate::domain::text::Text;
use crate::domain::tfa::Tfa;

pub(super) use crate::backend::{TokenShape, grade};

pub(super) use self::factor::{Came, Change, Status};
pub(super) use self::machine::{Fixed, MachineShape, git, probed};
pub(super) use self::recovery::{Numbered, Opened, Proof, Set, Sets};

/// The version of all shapes together.
const VERSION: u8 = 1;

/// One line.
#[derive(Serialize)]
pub(super) struct Versioned<T> {
    version: u8,
    #[serde(flatten)]
    body: T,
}

/// The line of a result. It may hold what is secret, so it is measured first: a buffer that never grows leaves no copy
/// behind.
pub(super) fn line<T: Serialize>(body: T) -> Zeroizing<String> {
    let whole = Versioned {
        version: VERSION,
        body,
    };
    let mut length = Length(0);
    let measured = serde_json::to_writer(&mut length, &whole);
    let mut line = Zeroizing::new(Vec::with_capacity(length.0));
    let written = measured.and_then(|()| serde_json::to_writer(&mut *line, &whole));
    written.expect("texts, numbers and lists have a JSON form");
    let line = String::from_utf8(std::mem::take(&mut *line));
    Zeroizing::new(line.expect("JSON is text"))
}

/// Counts what is written to it.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Serialize)]
pub(super) struct Failed {
    error: Why,
}

impl From<&Failure> for Failed {
    fn from(failure: &Failure) -> Self {
        Self {
            error: failure.into(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Why {
    kind: &'static str,
    what: Text,
    next: Text,
}

impl From<&Failure> for Why {
    fn from(failure: &Failure) -> Self {
        Self {
            kind: match failure.kind {
                FailureKind::SignedOut => "signed-out",
                FailureKind::NeedsSecondFactor => "needs-second-factor",
                FailureKind::Refused => "refused",
                FailureKind::NotOffered => "not-offered",
                FailureKind::Network => "network",
                FailureKind::Local => "local",
                FailureKind::Cancelled => "cancelled",
            },
            what: failure.what.clone(),
            next: failure.next.clone(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Who<'a> {
    pub(super) registry: &'a str,
    pub(super) username: &'a Text,
}

#[derive(Serialize)]
pub(super) struct Account<'a> {
    pub(super) registry: &'a str,
    pub(super) credential: Option<Credential<'a>>,
    pub(super) profile: ProfileShape<'a>,
}

#[derive(Serialize)]
pub(super) struct Credential<'a> {
    place: &'a Text,
    kind: &'static str,
}

impl<'a> From<&'a CredentialSource> for Credential<'a> {
    fn from(source: &'a CredentialSource) -> Self {
        Self {
            place: &source.place,
            kind: source.kind.word(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ProfileShape<'a> {
    name: &'a Text,
    email_verified: Option<bool>,
    tfa: Factor<'a>,
    #[serde(flatten)]
    fields: BTreeMap<&'static str, Option<&'a Text>>,
    created: Option<Timestamp>,
    updated: Option<Timestamp>,
    other: BTreeMap<&'a str, &'a Text>,
}

impl<'a> From<&'a Profile> for ProfileShape<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self {
            name: &profile.name,
            email_verified: profile.email_verified,
            tfa: (&profile.tfa).into(),
            fields: ProfileField::ALL
                .iter()
                .map(|field| (field.key(), profile.field(*field)))
                .collect(),
            created: profile.created,
            updated: profile.updated,
            other: profile
                .other
                .iter()
                .map(|(key, value)| (key.as_str(), value))
                .collect(),
        }
    }
}

/// The second factor, as a profile has it.
#[derive(Serialize)]
pub(super) struct Factor<'a> {
    state: &'static str,
    mode: Option<&'static str>,
    words: Option<&'a Text>,
}

impl<'a> From<&'a Tfa> for Factor<'a> {
    fn from(tfa: &'a Tfa) -> Self {
        let (state, level, words) = match tfa {
            Tfa::Off => ("off", None, None),
            Tfa::Pending(level) => ("pending", *level, None),
            Tfa::On(level) => ("on", Some(*level), None),
            Tfa::Unknown(words) => ("unknown", None, Some(words)),
        };
        Self {
            state,
            mode: level.map(crate::domain::tfa::Level::word),
            words,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Listed<'a> {
    pub(super) registry: &'a str,
    pub(super) tokens: Vec<TokenShape<'a>>,
    /// It did not change while it was read.
    pub(super) complete: bool,
}

/// What `check` found.
#[derive(Serialize)]
pub(super) struct Checked<'a> {
    pub(super) registry: &'a str,
    pub(super) within: String,
    /// How many were looked at.
    pub(super) tokens: usize,
    /// Of how many the registry tells no end.
    pub(super) without_end: usize,
    /// Of how many it tells one that cannot be read.
    pub(super) unreadable: usize,
    pub(super) complete: bool,
    pub(super) due: Vec<DueToken<'a>>,
    pub(super) credential: Option<InUse<'a>>,
    pub(super) error: Option<Why>,
}

#[derive(Serialize)]
pub(super) struct DueToken<'a> {
    #[serde(flatten)]
    pub(super) token: TokenShape<'a>,
    pub(super) expired: bool,
    /// The command that puts a new one in its place.
    pub(super) rotate: Option<String>,
}

#[derive(Serialize)]
pub(super) struct InUse<'a> {
    #[serde(flatten)]
    pub(super) source: Credential<'a>,
    /// How sure it is that it is in the list; `null` where it is not.
    pub(super) listed: Option<&'static str>,
    pub(super) expires: Option<Timestamp>,
}

#[derive(Serialize)]
pub(super) struct Revoked<'a> {
    pub(super) registry: &'a str,
    pub(super) tokens: Vec<RevokedToken<'a>>,
    /// How many tokens the fresh list has; `null` when it could not be read.
    pub(super) remaining: Option<usize>,
    pub(super) error: Option<Why>,
}

#[derive(Serialize)]
pub(super) struct RevokedToken<'a> {
    /// `null` where no listed token was meant.
    pub(super) key: Option<Text>,
    pub(super) id: Option<&'a str>,
    pub(super) name: Option<&'a Text>,
    pub(super) state: &'static str,
    /// Which of those that were given; told where no listed token was meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<usize>,
    /// Its line in standard input, where it came from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    /// Since when the registry says that it is done, of one that it accepts still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    /// When that was tried out last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) probed: Option<Timestamp>,
    /// Why one that is gone was not tried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<&'static str>,
    /// What the registry makes of a value that is no listed token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<&'static str>,
    /// Whose it is, where it works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) username: Option<&'a Text>,
    pub(super) error: Option<Why>,
}

impl RevokedToken<'_> {
    /// A row's end, of no token yet.
    pub(super) fn of(end: &RowState) -> Self {
        Self {
            key: None,
            id: None,
            name: None,
            state: state(end),
            number: None,
            line: None,
            since: since(end),
            probed: tried_out(end),
            why: unprobed(end),
            answer: None,
            username: None,
            error: match end {
                RowState::Failed(failure) => Some(failure.into()),
                _ => None,
            },
        }
    }
}

pub(super) const fn since(state: &RowState) -> Option<Timestamp> {
    match state {
        RowState::StillAccepted { since, .. } => Some(*since),
        _ => None,
    }
}

pub(super) const fn tried_out(state: &RowState) -> Option<Timestamp> {
    match state {
        RowState::StillAccepted { probed, .. } => Some(*probed),
        _ => None,
    }
}

pub(super) const fn unprobed(state: &RowState) -> Option<&'static str> {
    match state {
        RowState::Gone(Unprobed::ValueUnknown) => Some("value-unknown"),
        RowState::Gone(Unprobed::RefusedBefore) => Some("refused-before"),
        RowState::Gone(Unprobed::NoAnswer) => Some("no-answer"),
        _ => None,
    }
}

/// A row's end, in a word that scripts can rely on.
pub(super) const fn state(state: &RowState) -> &'static str {
    match state {
        RowState::Waiting | RowState::NotTried => "not-tried",
        RowState::Sent => "sent",
        RowState::Accepted => "accepted",
        RowState::Gone(_) => "gone",
        RowState::Verified => "verified",
        RowState::Refused => "refused",
        RowState::AlreadyGone => "already-gone",
        RowState::StillListed => "still-listed",
        RowState::StillAccepted { .. } => "still-accepted",
        RowState::Unknown(_) => "unknown",
        RowState::Failed(_) => "failed",
    }
}

#[derive(Serialize)]
pub(super) struct SignedIn<'a> {
    pub(super) registry: &'a str,
    pub(super) username: Option<&'a Text>,
    /// The file that holds the token; `null` when it could not be written.
    pub(super) file: Option<&'a Text>,
    pub(super) error: Option<Why>,
}

/// The file that a sign-in was kept in, and why it is in none.
pub(super) fn kept(kept: &Kept) -> (Option<&Text>, Option<Why>) {
    match kept {
        Kept::File(file) => (Some(file), None),
        Kept::NotWritten(failure) => (None, Some(failure.into())),
        Kept::Session => (None, None),
    }
}

#[derive(Serialize)]
pub(super) struct SignedOut<'a> {
    pub(super) registry: &'a str,
    pub(super) place: &'a Text,
    /// What the registry made of it.
    pub(super) ended: &'static str,
    /// The files that the token was taken out of.
    pub(super) removed_from: Option<&'a Text>,
    /// Where it still stands.
    pub(super) remains_in: Option<&'a Text>,
    pub(super) error: Option<Why>,
}

pub(super) const fn ended(ended: &Ended) -> &'static str {
    match ended {
        Ended::Verified => "verified",
        Ended::DeadBefore => "dead-before",
        Ended::StillAccepted => "still-accepted",
        Ended::Unchecked(_) => "unchecked",
        Ended::NothingThere => "nothing-there",
        Ended::Unlisted => "unlisted",
    }
}

/// The files that it was taken out of, and the place where it remains.
pub(super) const fn forgotten(forgotten: &Forgotten) -> (Option<&Text>, Option<&Text>) {
    match forgotten {
        Forgotten::Session => (None, None),
        Forgotten::File(file) => (Some(file), None),
        Forgotten::Remains(place, _) => (None, Some(place)),
    }
}

/// A token that was made.
#[derive(Serialize)]
pub(super) struct Created<'a> {
    pub(super) registry: &'a str,
    /// Whole, for `token revoke`.
    pub(super) key: Text,
    pub(super) name: Option<&'a Text>,
    pub(super) expires: Option<Timestamp>,
    /// The value; `null` when it went into a file.
    pub(super) token: Option<&'a str>,
    pub(super) file: Option<&'a Text>,
    /// How it may do more than was asked for.
    pub(super) wider: &'a [Text],
    pub(super) warnings: &'a [Text],
    pub(super) error: Option<Why>,
}

/// A token that was made, or not, while its value got lost on the way.
#[derive(Serialize)]
pub(super) struct Lost<'a> {
    pub(super) registry: &'a str,
    /// The value, which nobody has.
    pub(super) token: Option<&'a str>,
    /// The keys of those that are new in the list.
    pub(super) new: Vec<Text>,
    pub(super) error: Option<Why>,
}

/// How a rotation ended.
#[derive(Serialize)]
pub(super) struct Rotated<'a> {
    pub(super) registry: &'a str,
    pub(super) old: Text,
    pub(super) new: Option<Text>,
    /// The value, as long as it stands in no place of this machine.
    pub(super) token: Option<&'a str>,
    /// The old one's value, where it could not be put back where it stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) old_token: Option<&'a str>,
    pub(super) steps: Vec<RotateStepShape>,
    pub(super) remains: &'a [Text],
    pub(super) error: Option<Why>,
}

/// A step of it.
#[derive(Serialize)]
pub(super) struct RotateStepShape {
    pub(super) step: &'static str,
    /// `done`, `left-out`, `failed`, `not-begun`.
    pub(super) state: &'static str,
    pub(super) said: Text,
}
