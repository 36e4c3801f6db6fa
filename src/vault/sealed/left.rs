//! What lies at an encrypted place, seen without the passphrase.

use std::path::Path;

use jiff::Timestamp;

use crate::domain::recovery::key_of;

use super::super::marks::digest;
use super::super::read::{Found, Unread, whole};
use super::super::write::finish;
use super::Seals;
use super::pair::{LARGEST_KEY, LARGEST_SEALED, probe_of};

/// How each file in the format begins.
const HEADER: &[u8] = b"age-encryption.org/v1\n-> ";

/// What a program that was killed has left at an encrypted place.
pub(in super::super) enum Left {
    /// Codes, written at this time.
    Codes { received: Timestamp, seals: Seals },
    /// The key of codes that never came.
    KeyAlone,
    /// Something of somebody else's.
    Strange,
    /// That could not be seen.
    Unknown,
}

/// What a program that was killed has left there. What it had written and not yet named is named first.
pub(in super::super) fn left(codes: &Path) -> Left {
    // Codes in a file that cannot be named, for whatever reason, need their key.
    if let Err(error) = finish(codes) {
        tracing::warn!(%error, "what was written for a set of recovery codes is not in its place");
        return Left::Unknown;
    }
    let sealed = match whole(codes, LARGEST_SEALED) {
        Ok(sealed) if sealed.starts_with(HEADER) => sealed,
        Err(Unread::Missing) => return Left::KeyAlone,
        Ok(_) | Err(Unread::NotPlain | Unread::TooLarge) => return Left::Strange,
        Err(Unread::Io(_)) => return Left::Unknown,
    };
    let about = codes.symlink_metadata().and_then(|about| about.modified());
    let Some(Ok(received)) = about.ok().map(Timestamp::try_from) else {
        return Left::Unknown;
    };
    // One that is missing is said when the set is opened.
    let key = whole(&key_of(codes), LARGEST_KEY).unwrap_or_default();
    Left::Codes {
        received,
        seals: Seals::of(&sealed, &digest(&[&key])),
    }
}

/// Removes a key that no codes came for, if it is one, and what it was tried out with.
pub(in super::super) fn remove_key(codes: &Path) {
    let probe = probe_of(codes);
    if let Found::Ours = as_written(&probe, LARGEST_SEALED, None)
        && let Err(error) = std::fs::remove_file(&probe)
    {
        tracing::warn!(%error, "what a key was tried out with is still there");
    }
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
