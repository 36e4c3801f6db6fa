//! The JSON of `recovery`.

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::place::text;
use crate::domain::recovery::{Place, RecoverySet, SetId};
use crate::domain::text::Text;

#[derive(Serialize)]
pub(in crate::commands) struct Sets<'a> {
    pub(in crate::commands) sets: Vec<Set<'a>>,
    /// The list can only be read: a newer program wrote it, or its folder takes no writing.
    pub(in crate::commands) read_only: bool,
}

/// A set of codes. Holds none.
#[derive(Serialize)]
pub(in crate::commands) struct Set<'a> {
    account: &'a Text,
    registry: &'a Text,
    received: Timestamp,
    #[serde(flatten)]
    place: Where,
    /// Its file is there.
    there: bool,
    /// How many there were; `null` where that was never noted.
    codes: Option<usize>,
    used: usize,
    /// How many more of the account's codes were sent from here that may be of this set.
    sent: usize,
    proved: bool,
    /// A person added them; when they were made is not known.
    added: bool,
    /// Newer codes of the account, which the registry sent, are known here.
    replaced: bool,
}

impl<'a> Set<'a> {
    pub(in crate::commands) fn new(set: &'a RecoverySet, there: bool, replaced: bool) -> Self {
        Self {
            account: &set.account,
            registry: &set.registry,
            received: set.received,
            place: (&set.place).into(),
            there,
            codes: set.counted(),
            used: set.used.len(),
            sent: set.unplaced,
            proved: set.proved,
            added: set.added,
            replaced,
        }
    }
}

/// A place.
#[derive(Serialize)]
pub(super) struct Where {
    place: &'static str,
    file: Option<Text>,
}

impl From<&Place> for Where {
    fn from(place: &Place) -> Self {
        let (word, file) = match place {
            Place::Vault(path) => ("vault", Some(text(path))),
            Place::File(path) => ("file", Some(text(path))),
            Place::Myself => ("myself", None),
        };
        Self { place: word, file }
    }
}

/// The codes of a set: the one shape that holds secrets, since they were asked for.
#[derive(Serialize)]
pub(in crate::commands) struct Opened<'a> {
    pub(in crate::commands) account: &'a Text,
    pub(in crate::commands) registry: &'a Text,
    pub(in crate::commands) received: Timestamp,
    /// Newer codes of the account, which the registry sent, are known here.
    pub(in crate::commands) replaced: bool,
    pub(in crate::commands) codes: Vec<Numbered<'a>>,
}

#[derive(Serialize)]
pub(in crate::commands) struct Numbered<'a> {
    pub(in crate::commands) number: usize,
    pub(in crate::commands) code: &'a str,
    /// When it was sent from here.
    pub(in crate::commands) used: Option<Timestamp>,
    /// The registry took it; otherwise no answer came. `null` for a code that was not sent from here.
    pub(in crate::commands) sure: Option<bool>,
}

#[derive(Serialize)]
pub(in crate::commands) struct Proof<'a> {
    account: &'a Text,
    registry: &'a Text,
    received: Timestamp,
    proved: bool,
}

impl<'a> Proof<'a> {
    pub(in crate::commands) const fn new(set: &'a SetId, proved: bool) -> Self {
        Self {
            account: &set.account,
            registry: &set.registry,
            received: set.received,
            proved,
        }
    }
}
