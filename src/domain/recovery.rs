//! Recovery codes and the sets of them that are kept on this machine.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::text::Text;

/// The codes of one enrolment, in the registry's order.
///
/// Shared behind an `Arc` between the job that keeps them and the screen that shows them.
#[derive(Debug)]
pub struct RecoveryCodes(Vec<Secret<String>>);

impl RecoveryCodes {
    /// Takes the codes as they were sent.
    pub fn new(codes: Vec<Secret<String>>) -> Self {
        Self(codes)
    }

    /// Each code.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Secret<String>> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when the registry sent none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One code, counted from 0.
    pub fn get(&self, index: usize) -> Option<&Secret<String>> {
        self.0.get(index)
    }
}

/// Where a person wants the codes to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A new text file that only its owner can read.
    File(PathBuf),
    /// Nowhere on this machine: the person copies them from the screen.
    Myself,
}

/// One set of recovery codes that this program knows of. Holds no code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverySet {
    /// The account.
    pub account: Text,
    /// The registry, as [`super::identity::Identity::registry`] names it.
    pub registry: Text,
    /// When the codes were received.
    pub received: Timestamp,
    /// Where they were kept.
    pub place: Place,
    /// How many codes there were.
    pub count: usize,
    /// Whether the person proved to have them.
    pub proved: bool,
}
