//! Removing the files of a set: only those that this program made, and that are still what it wrote.

use std::io;
use std::path::Path;

use crate::domain::failure::Failure;
use crate::domain::recovery::{Place, RecoveryCodes, RecoverySet, key_of};
use crate::domain::text::Text;

use super::codes::{Head, LARGEST, parse, render};
use super::read::{Found, Unread, whole};
use super::sealed::{self, Seals};
use super::write::sync_folder;
use super::{failure, shown};

/// Removes the files of a set. Gives what stays behind and why, one sentence each.
///
/// The codes go first: without them a key is of no use, and without its line in the list the set could not be removed
/// again. So the line is taken out of the list after this, and a failure here means that it stays there.
pub fn remove_files(set: &RecoverySet, seals: Option<&Seals>) -> Result<Vec<Text>, Failure> {
    match &set.place {
        Place::Myself => Ok(Vec::new()),
        Place::File(path) => match plain(path, set) {
            Found::Gone => Ok(Vec::new()),
            Found::Ours => {
                removed(path)?;
                synced(path);
                Ok(Vec::new())
            }
            Found::Changed => Ok(vec![stays(path)]),
        },
        Place::Vault(path) => vault(path, seals),
    }
}

fn vault(path: &Path, seals: Option<&Seals>) -> Result<Vec<Text>, Failure> {
    let key = key_of(path);
    match sealed::codes_as_written(path, seals) {
        Found::Gone => {}
        Found::Ours => removed(path)?,
        // What stays can still be opened.
        Found::Changed => {
            return Ok(vec![Text::new(&format!(
                "{} was changed since it was written, so it stays where it is, and its key {} with it.",
                shown(path),
                shown(&key)
            ))]);
        }
    }
    let left = match sealed::key_as_written(path, seals) {
        Found::Gone => Vec::new(),
        Found::Ours => match removed(&key) {
            Ok(()) => Vec::new(),
            Err(failure) => vec![failure.what],
        },
        Found::Changed => vec![stays(&key)],
    };
    synced(path);
    Ok(left)
}

fn stays(path: &Path) -> Text {
    Text::new(&format!(
        "{} was changed since it was written, so it stays where it is.",
        shown(path)
    ))
}

/// A file that is gone meanwhile is as good as removed.
fn removed(path: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failure(
            format!("{} could not be removed ({error}).", shown(path)),
            "See that you may write in its folder, then remove the set again.",
        )),
        _ => Ok(()),
    }
}

/// What is gone shall not come back after a power cut; that is no reason to fail.
fn synced(path: &Path) {
    if let Some(folder) = path.parent()
        && let Err(error) = sync_folder(folder)
    {
        tracing::warn!(%error, "that a file was removed is not on the disk yet");
    }
}

/// A plain file has to be the very text that this set was written as.
fn plain(path: &Path, set: &RecoverySet) -> Found {
    let bytes = match whole(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(Unread::Missing) => return Found::Gone,
        Err(_) => return Found::Changed,
    };
    let head = Head::new(&set.account, &set.registry, set.received);
    let written = std::str::from_utf8(&bytes)
        .ok()
        .and_then(parse)
        .and_then(|codes| render(&RecoveryCodes::new(codes), &head, "").ok());
    match written {
        Some(written) if written.as_bytes() == &**bytes => Found::Ours,
        _ => Found::Changed,
    }
}
