//! What the person wants to remember of each token, and a digest of the values that this program was given, so that they
//! are recognised for sure (requirement E1).

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Mark, disk, make_private, sync};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;

/// The file, below the program's own folder.
const FILE: &str = "tokens.json";
/// Another instance takes this for the moment of a write.
const LOCK: &str = "tokens.lock";

/// How long a note outlives its token: some registries list late, and a list may lack a row by mistake. Then nothing
/// of it is kept any more, not even a digest.
const OUTLIVES: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The notes of all accounts.
#[derive(Debug, Default)]
pub struct Notes {
    /// Empty where there is no folder for what is kept.
    file: PathBuf,
    kept: BTreeMap<String, Note>,
}

/// What is kept of one token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The person's words.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub text: Text,
    /// By what its value is recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Mark>,
    /// Whose list it stood in last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<Text>,
    /// Since when whole lists of that account are without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone: Option<Timestamp>,
}

impl Note {
    /// Nothing of it is worth keeping.
    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.digest.is_none()
    }

    /// Whether this is the value of the token. Not known is no.
    pub fn is_of(&self, value: &Secret<String>) -> bool {
        self.digest.as_ref().is_some_and(|mark| mark.is_of(value))
    }
}

impl Notes {
    /// Reads them; there may be none.
    pub fn open(data: &Path) -> Result<Self, Failure> {
        if data.as_os_str().is_empty() {
            return Ok(Self::default());
        }
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

    /// Whether there are any of this registry's tokens.
    pub fn any_of(&self, registry: &Text) -> bool {
        let mut names = self.kept.keys();
        names.any(|name| key_of(registry, name).is_some())
    }

    /// The tokens of this registry whose value was given to this program together with their key.
    pub fn known(&self, registry: &Text) -> Vec<TokenKey> {
        let known = self.kept.iter().filter(|(_, note)| note.digest.is_some());
        known
            .filter_map(|(name, _)| key_of(registry, name).map(TokenKey::new))
            .collect()
    }

    /// Which token of this registry has this value, where it was given to this program together with its key.
    pub fn whose(&self, registry: &Text, value: &Secret<String>) -> Option<TokenKey> {
        let of_it = |(name, note): (&String, &Note)| {
            let key = key_of(registry, name)?;
            note.is_of(value).then(|| TokenKey::new(key))
        };
        self.kept.iter().find_map(of_it)
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
        let mark = Mark::of(value);
        self.change(registry, token, |note| note.digest = Some(mark))
    }

    /// Nothing is kept of this token any more: it is gone.
    pub fn forget(&mut self, registry: &Text, token: &TokenKey) -> Result<(), Failure> {
        if self.of(registry, token).is_none() {
            return Ok(());
        }
        self.change(registry, token, |note| *note = Note::default())
    }

    /// The whole list of an account was read. Notes of tokens that it has been without for a month are forgotten; those
    /// of other accounts are not touched. Writes only when something changes.
    pub fn listed(
        &mut self,
        (registry, account): (&Text, &Text),
        is_listed: impl Fn(&str) -> bool,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if !tidy(&mut self.kept.clone(), (registry, account), &is_listed, now) {
            return Ok(());
        }
        self.rewrite(|kept| {
            tidy(kept, (registry, account), &is_listed, now);
        })
    }

    fn change(
        &mut self,
        registry: &Text,
        token: &TokenKey,
        change: impl FnOnce(&mut Note),
    ) -> Result<(), Failure> {
        self.rewrite(|kept| {
            let name = name(registry, token);
            let note = kept.entry(name.clone()).or_default();
            change(note);
            if note.is_empty() {
                kept.remove(&name);
            }
        })
    }

    fn rewrite(&mut self, change: impl FnOnce(&mut BTreeMap<String, Note>)) -> Result<(), Failure> {
        if self.file.as_os_str().is_empty() {
            return Err(Failure::new(
                FailureKind::Local,
                "There is no folder on this machine to keep a note in.",
                "Set HOME and start again.",
            ));
        }
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
        change(&mut self.kept);
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

/// The key in a [`name`], if it is of this registry.
fn key_of<'n>(registry: &Text, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(registry.as_str())?.strip_prefix(' ')
}

/// Whether anything changed.
fn tidy(
    kept: &mut BTreeMap<String, Note>,
    (registry, account): (&Text, &Text),
    is_listed: &impl Fn(&str) -> bool,
    now: Timestamp,
) -> bool {
    let mut changed = false;
    kept.retain(|name, note| {
        let Some(key) = key_of(registry, name) else {
            return true;
        };
        let its = note.account.as_ref() == Some(account);
        if is_listed(key) {
            changed |= !its || note.gone.is_some();
            note.account = Some(account.clone());
            note.gone = None;
            return true;
        }
        if !its {
            return true;
        }
        let since = *note.gone.get_or_insert_with(|| {
            changed = true;
            now
        });
        let over = now.duration_since(since) >= OUTLIVES;
        changed |= over;
        !over
    });
    changed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn a_note_is_kept_for_a_month_after_its_token_and_others_are_not_touched() {
        let data = tempfile::tempdir().unwrap();
        let registry = Text::from("r.test");
        let alice = Text::from("alice");
        let day = |n: i64| Timestamp::from_second(n * 24 * 3600).unwrap();
        let mut notes = Notes::open(data.path()).unwrap();
        for (registry, key) in [("r.test", "old"), ("r.test", "bobs"), ("r.test.org", "old")] {
            let note = Text::from("what for");
            notes
                .set(&Text::from(registry), &TokenKey::new(key), &note)
                .unwrap();
        }
        let value = Secret::from("npm_canaryCanaryCanary");
        notes
            .given(&registry, &TokenKey::new("old"), &value)
            .unwrap();
        let list = |notes: &mut Notes, keys: &[&str], day| {
            let is_listed = |key: &str| keys.contains(&key);
            notes.listed((&registry, &alice), is_listed, day).unwrap();
            let open = Notes::open(data.path()).unwrap();
            assert_eq!(open.kept, notes.kept);
            open.of(&registry, &TokenKey::new("old")).is_some()
        };
        // Whose it is is not known before a list has had it.
        assert!(list(&mut notes, &[], day(0)));
        assert!(list(&mut notes, &[], day(100)));
        assert!(list(&mut notes, &["old"], day(100)));
        assert!(list(&mut notes, &[], day(101)));
        // A registry that listed late.
        assert!(list(&mut notes, &["old"], day(120)));
        assert!(list(&mut notes, &[], day(140)));
        assert!(list(&mut notes, &[], day(169)));
        assert_eq!(
            notes.whose(&registry, &value),
            Some(TokenKey::new("old")),
            "until then it is recognised"
        );
        assert!(!list(&mut notes, &[], day(170)));
        let file = fs::read_to_string(data.path().join(FILE)).unwrap();
        assert!(!file.contains("digest"), "{file}");
        assert!(notes.of(&registry, &TokenKey::new("bobs")).is_some());
        let elsewhere = Text::from("r.test.org");
        assert!(notes.of(&elsewhere, &TokenKey::new("old")).is_some());
    }

    #[test]
    fn a_list_that_tells_nothing_new_writes_nothing() {
        let data = tempfile::tempdir().unwrap();
        let (registry, alice) = (Text::from("r.test"), Text::from("alice"));
        let mut notes = Notes::open(data.path()).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        notes.listed((&registry, &alice), |_| false, now).unwrap();
        assert!(!data.path().join(FILE).exists());
        notes
            .set(&registry, &TokenKey::new("key"), &"x".into())
            .unwrap();
        notes.listed((&registry, &alice), |_| true, now).unwrap();
        let file = data.path().join(FILE);
        let before = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        notes.listed((&registry, &alice), |_| true, now).unwrap();
        assert!(!file.exists());
        assert!(String::from_utf8(before).unwrap().contains("alice"));
    }

    #[test]
    fn without_a_folder_there_are_no_notes_and_none_is_written_anywhere() {
        let mut notes = Notes::open(Path::new("")).unwrap();
        let (registry, key) = (Text::from("r.test"), TokenKey::new("key"));
        let failure = notes.set(&registry, &key, &"x".into()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Local);
        assert!(!Path::new(FILE).exists() && !Path::new(LOCK).exists());
    }

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
