//! Opening an encrypted file of codes, and saying why it does not open.

use std::path::Path;

use crate::domain::failure::Failure;
use crate::domain::recovery::key_of;
use crate::domain::secret::Secret;

use super::super::codes::parse;
use super::super::marks::digest;
use super::super::read::whole;
use super::super::{failure, shown};
use super::Seals;
use super::format::{Closed, key, unlock, unseal};
use super::pair::{LARGEST_KEY, LARGEST_SEALED};

/// The codes of an encrypted file, in order. `seals`, where they are known, tell a change from a wrong passphrase.
pub fn open_codes(
    path: &Path,
    passphrase: &Secret<String>,
    seals: Option<&Seals>,
) -> Result<Vec<Secret<String>>, Failure> {
    let key_path = key_of(path);
    // Before anybody waits for the passphrase to be tried.
    let sealed = whole(path, LARGEST_SEALED)
        .map_err(|unread| unread.failure(path, "a file of recovery codes"))?;
    let locked = whole(&key_path, LARGEST_KEY).map_err(|unread| {
        let failed = unread.failure(&key_path, "a key");
        failure(
            format!("The file with the key cannot be used: {}", failed.what),
            "Look for a copy of it: without it nobody can open the codes.",
        )
    })?;
    let changed = |bytes: &[u8], of: fn(&Seals) -> &String| {
        seals.is_some_and(|seals| *of(seals) != digest(&[bytes]))
    };
    let key_changed = changed(&locked, |seals| &seals.key);
    let text = unlock(&locked, passphrase).map_err(|closed| match closed {
        Closed::Passphrase if key_changed => failure(
            format!(
                "This passphrase does not open {}, which was changed since it was written.",
                shown(&key_path)
            ),
            "Try again, or look for a copy of both files.",
        ),
        Closed::Passphrase => failure(
            "This is not the passphrase of these codes.",
            "Try again; capitals, blanks and the keyboard's language count.",
        ),
        Closed::TooMuchWork => failure(
            format!(
                "{} asks for more work than this program would ever ask for.",
                shown(&key_path)
            ),
            "Somebody may have replaced it: look for a copy.",
        ),
        Closed::OtherKey | Closed::Damaged => damaged(&key_path),
    })?;
    let identity = key(&text).ok_or_else(|| damaged(&key_path))?;
    drop(text);
    let text = unseal(&sealed, &identity).map_err(|closed| match closed {
        Closed::OtherKey if !changed(&sealed, |seals| &seals.codes) => failure(
            format!(
                "{} is encrypted for another key than {}.",
                shown(path),
                shown(&key_path)
            ),
            "One of the two files was replaced: look for a copy of both.",
        ),
        _ => damaged(path),
    })?;
    std::str::from_utf8(&text)
        .ok()
        .and_then(parse)
        .ok_or_else(|| damaged(path))
}

fn damaged(path: &Path) -> Failure {
    failure(
        format!("{} is damaged: it is not as it was written.", shown(path)),
        "Look for a copy of it; the passphrase is not the reason.",
    )
}
