//! What lies at an encrypted place, seen without the passphrase.

use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::domain::recovery::key_of;

use super::super::marks::digest;
use super::super::read::{Found, Unread, whole};
use super::Seals;
use super::pair::{LARGEST_KEY, LARGEST_SEALED};

/// How each file in the format begins.
const HEADER: &[u8] = b"age-encryption.org/v1\n-> ";

/// What a program that was killed has left at an encrypted place.
pub(in super::super) enum Left {
    /// Codes, written at this time.
    Codes {
        received: Timestamp,
        seals: Option<Seals>,
    },
    /// The key of codes that never came.
    KeyAlone,
    /// Nothing that is known here.
    Nothing,
}

pub(in super::super) fn left(codes: &Path) -> Left {
    let about = match codes.symlink_metadata() {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Left::KeyAlone,
        Err(_) => return Left::Nothing,
    };
    let written = about.modified().ok().map(Timestamp::try_from);
    let (true, Some(Ok(received))) = (about.is_file(), written) else {
        return Left::Nothing;
    };
    let seals = match (
        whole(codes, LARGEST_SEALED),
        whole(&key_of(codes), LARGEST_KEY),
    ) {
        (Ok(codes), Ok(key)) => Some(Seals::of(&codes, &digest(&[&key]))),
        _ => None,
    };
    Left::Codes { received, seals }
}

/// Removes a key that no codes came for, if it is one.
pub(in super::super) fn remove_key(codes: &Path) {
    if let Found::Ours = key_as_written(codes, None)
        && let Err(error) = std::fs::remove_file(key_of(codes))
    {
        tracing::warn!(%error, "a key that no codes came for is still there");
    }
}

/// The file with the codes.
pub(in super::super) fn codes_as_written(codes: &Path, seals: Option<&Seals>) -> Found {
    as_written(codes, LARGEST_SEALED, seals.map(|seals| &seals.codes))
}

/// The file with the key.
pub(in super::super) fn key_as_written(codes: &Path, seals: Option<&Seals>) -> Found {
    as_written(&key_of(codes), LARGEST_KEY, seals.map(|seals| &seals.key))
}

/// Where the seal is not known, all that can be told is whether a file is in the format.
fn as_written(path: &Path, largest: u64, seal: Option<&String>) -> Found {
    let ours = match (whole(path, largest), seal) {
        (Ok(bytes), Some(seal)) => digest(&[&bytes]) == *seal,
        (Ok(bytes), None) => bytes.starts_with(HEADER),
        (Err(Unread::Missing), _) => return Found::Gone,
        (Err(_), _) => false,
    };
    if ours { Found::Ours } else { Found::Changed }
}
