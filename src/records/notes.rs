//! What the person wants to remember of each token, and a digest of the values that this program was given, so that they
//! are recognised for sure (requirement E1).

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rand::RngCore as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{disk, make_private, sync};
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;

/// The file, below the program's own folder.
const FILE: &str = "tokens.json";
/// Another instance takes this for the moment of a write.
const LOCK: &str = "tokens.lock";

/// The notes of all accounts.
#[derive(Debug, Default)]
pub struct Notes {
    file: PathBuf,
    kept: BTreeMap<String, Note>,
}

/// What is kept of one token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The person's words.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub text: Text,
    /// Salt and digest of the value, in hexadecimal digits; a token has too many possible values to be guessed by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<(String, String)>,
}

impl Note {
    /// Whether this is the value of the token. Not known is no.
    pub fn is_of(&self, value: &Secret<String>) -> bool {
        let Some((salt, digest)) = &self.digest else {
            return false;
        };
        bool::from(digested(salt, value).as_bytes().ct_eq(digest.as_bytes()))
    }
}

impl Notes {
    /// Reads them; there may be none.
    pub fn open(data: &Path) -> Result<Self, Failure> {
        let file = data.join(FILE);
        let kept = match fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text).map_err(|e| disk(&file, &e.into()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(disk(&file, &error)),
        };
        Ok(Self { file, kept })
    }

    /// What is kept of a token of this registry.
    pub fn of(&self, registry: &Text, token: &TokenKey) -> Option<&Note> {
        self.kept.get(&name(registry, token))
    }

    /// Keeps the person's words; empty ones take them away.
    pub fn set(&mut self, registry: &Text, token: &TokenKey, text: &Text) -> Result<(), Failure> {
        self.change(registry, token, |note| note.text = text.clone())
    }

    /// This value is that of a token: it was given to this program together with its key.
    pub fn given(
        &mut self,
        registry: &Text,
        token: &TokenKey,
        value: &Secret<String>,
    ) -> Result<(), Failure> {
        let mut salt = [0; 16];
        rand::rng().fill_bytes(&mut salt);
        let salt = hex(&salt);
        let digest = digested(&salt, value);
        self.change(registry, token, |note| note.digest = Some((salt, digest)))
    }

    /// Nothing is kept of this token any more: it is gone.
    pub fn forget(&mut self, registry: &Text, token: &TokenKey) -> Result<(), Failure> {
        if self.of(registry, token).is_none() {
            return Ok(());
        }
        self.change(registry, token, |note| *note = Note::default())
    }

    fn change(
        &mut self,
        registry: &Text,
        token: &TokenKey,
        change: impl FnOnce(&mut Note),
    ) -> Result<(), Failure> {
        let folder = self.file.parent().unwrap_or(Path::new(".")).to_owned();
        make_private(&folder).map_err(|e| disk(&folder, &e))?;
        let lock = folder.join(LOCK);
        let mut options = fs::File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let locked = options
            .open(&lock)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|e| disk(&lock, &e))?;
        // Another instance may have written meanwhile.
        self.kept = Self::open(&folder)?.kept;
        let name = name(registry, token);
        let note = self.kept.entry(name.clone()).or_default();
        change(note);
        if *note == Note::default() {
            self.kept.remove(&name);
        }
        let written = self.write(&folder).map_err(|e| disk(&self.file, &e));
        drop(locked);
        written
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        let mut temporary = tempfile::Builder::new()
            .prefix(".tokens-")
            .tempfile_in(folder)?;
        serde_json::to_writer_pretty(temporary.as_file_mut(), &self.kept)?;
        temporary.as_file_mut().write_all(b"\n")?;
        temporary.as_file().sync_all()?;
        temporary.persist(&self.file).map_err(|e| e.error)?;
        sync(folder)
    }
}

fn name(registry: &Text, token: &TokenKey) -> String {
    format!("{registry} {}", token.raw())
}

fn digested(salt: &str, value: &Secret<String>) -> String {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(value.expose());
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn a_value_that_was_given_is_recognised_and_stands_nowhere() {
        let data = tempfile::tempdir().unwrap();
        let registry = Text::from("r.test");
        let key = TokenKey::new("key");
        let value = Secret::from("npm_canaryCanaryCanary");
        let mut notes = Notes::open(data.path()).unwrap();
        notes
            .set(&registry, &key, &Text::from("CI of o/r"))
            .unwrap();
        // Another instance.
        let mut other = Notes::open(data.path()).unwrap();
        other.given(&registry, &key, &value).unwrap();
        notes
            .set(&registry, &TokenKey::new("k2"), &"x".into())
            .unwrap();
        let notes = Notes::open(data.path()).unwrap();
        let note = notes.of(&registry, &key).unwrap();
        assert_eq!(note.text.as_str(), "CI of o/r");
        assert!(note.is_of(&value) && !note.is_of(&Secret::from("npm_other")));
        assert!(notes.of(&Text::from("s.test"), &key).is_none());
        let file = fs::read_to_string(data.path().join(FILE)).unwrap();
        assert!(!file.contains("canary"), "{file}");
    }
}
