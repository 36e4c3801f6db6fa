//! The list of sets of recovery codes that this machine knows of.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::recovery::{Place, RecoverySet};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::place::{make_private, tighten};
use super::write::{explain, replace};
use super::{failure, marks, shown};

/// The list's file.
const INDEX: &str = "recovery-sets.json";
/// The lock's file. It is empty and stays.
const LOCK: &str = "lock";
/// The form of the list that this program writes.
const VERSION: u32 = 2;
/// The most marks of used codes in one set: no registry gives out so many.
const MOST_USED: usize = 256;
/// The largest list that is read.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The list of sets, open in one instance of the program for writing and in others for reading.
#[derive(Debug)]
pub struct Vault {
    folder: PathBuf,
    access: Access,
    sets: Vec<RecoverySet>,
    warnings: Vec<Text>,
}

/// What this instance may do with the list.
#[derive(Debug)]
enum Access {
    /// Read and write. The lock is held for as long as the file is open; the system lets go of it
    /// when the process ends.
    Write { _lock: File },
    /// Read, and why no more than that.
    Read(Text),
}

/// A set, and whether its codes are still where they were kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetState {
    /// The set.
    pub set: RecoverySet,
    /// False when the file has vanished. True for codes that the person keeps.
    pub present: bool,
}

#[derive(Serialize, Deserialize)]
struct Index {
    version: u32,
    sets: Vec<RecoverySet>,
}

/// What the list's file turned out to be.
enum Found {
    Sets(Vec<RecoverySet>),
    Newer,
    Corrupt,
}

impl Vault {
    /// Opens the list in `folder`, which is made if need be and is its owner's alone.
    ///
    /// A list that cannot be understood is moved aside, never overwritten; [`Vault::warnings`] says so.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        make_private(folder).map_err(|e| explain(folder, &e))?;
        let mut vault = Self {
            folder: folder.to_owned(),
            access: Access::Read(Text::default()),
            sets: Vec::new(),
            warnings: Vec::new(),
        };
        tighten(folder).map_err(|e| explain(folder, &e))?;
        vault.access = take_lock(folder)?;
        if let Access::Read(why) = &vault.access {
            vault.warnings.push(why.clone());
        }
        vault.refresh()?;
        Ok(vault)
    }

    /// Whether this instance only reads the list, as a rule because another one has it.
    pub fn read_only(&self) -> bool {
        matches!(self.access, Access::Read(_))
    }

    /// What a person should know about the list, one sentence each.
    pub fn warnings(&self) -> &[Text] {
        &self.warnings
    }

    /// Every set, the newest first.
    pub fn sets(&self) -> Vec<SetState> {
        let mut sets: Vec<_> = self
            .sets
            .iter()
            .map(|set| SetState {
                set: set.clone(),
                present: match &set.place {
                    Place::File(path) | Place::Vault(path) => path.is_file(),
                    Place::Myself => true,
                },
            })
            .collect();
        sets.sort_by_key(|state| std::cmp::Reverse(state.set.received));
        sets
    }

    /// Reads the list again, for an instance that another one writes beside.
    pub fn refresh(&mut self) -> Result<(), Failure> {
        let path = self.folder.join(INDEX);
        match read(&path)? {
            Found::Sets(sets) => self.sets = sets,
            Found::Newer => {
                let why = Text::new(
                    "The list of recovery codes was written by a newer npm-warden, so this one leaves it alone.",
                );
                self.warn(why.as_str());
                self.access = Access::Read(why);
            }
            Found::Corrupt if self.read_only() => {
                self.warn(&format!(
                    "The list of recovery codes in {} cannot be understood.",
                    shown(&path)
                ));
            }
            Found::Corrupt => {
                let aside = self.move_aside(&path)?;
                self.sets.clear();
                self.warn(&format!(
                    "The list of recovery codes could not be understood; it is kept as {}, and a new list begins. Your files with codes are where they were.",
                    shown(&aside)
                ));
            }
        }
        Ok(())
    }

    /// Adds a set. One of the same account, registry and time is replaced.
    pub fn add(&mut self, set: RecoverySet) -> Result<(), Failure> {
        let mut sets = self.sets.clone();
        sets.retain(|known| !is(known, set.received, &set.account, &set.registry));
        sets.push(set);
        self.store(sets)
    }

    /// Notes that the person proved to have a set.
    pub fn mark_proved(
        &mut self,
        received: Timestamp,
        account: &Text,
        registry: &Text,
    ) -> Result<(), Failure> {
        let mut sets = self.sets.clone();
        let set = sets
            .iter_mut()
            .find(|known| is(known, received, account, registry))
            .ok_or_else(|| {
                failure(
                    "This set of recovery codes is not in the list.",
                    "Look at the list again.",
                )
            })?;
        set.proved = true;
        self.store(sets)
    }

    /// Notes that a code was sent, in the newest set of the account; where none is known, there is nothing to note.
    pub fn mark_used(
        &mut self,
        account: &Text,
        registry: &Text,
        code: &Secret<String>,
        at: Timestamp,
        sure: bool,
    ) -> Result<(), Failure> {
        let mut sets = self.sets.clone();
        let newest = sets
            .iter_mut()
            .filter(|set| set.account == *account && set.registry == *registry)
            .max_by_key(|set| set.received);
        let Some(set) = newest else {
            return Ok(());
        };
        match set.used.iter().position(|used| marks::is_of(used, code)) {
            Some(known) if set.used[known].sure || !sure => return Ok(()),
            Some(known) => set.used[known].sure = true,
            None if set.used.len() >= MOST_USED => return Ok(()),
            None => set.used.push(marks::used(code, at, sure)),
        }
        self.store(sets)
    }

    /// Writes the list; what is in memory changes only when that has worked.
    fn store(&mut self, sets: Vec<RecoverySet>) -> Result<(), Failure> {
        if let Access::Read(why) = &self.access {
            return Err(failure(
                why.as_str(),
                "What was to be noted there is not; the codes themselves are where you kept them.",
            ));
        }
        let index = Index {
            version: VERSION,
            sets,
        };
        let mut json = serde_json::to_vec_pretty(&index).map_err(|error| {
            failure(
                format!("The list of recovery codes could not be written down ({error})."),
                "Choose a place with plain letters in its path.",
            )
        })?;
        json.push(b'\n');
        replace(&self.folder.join(INDEX), &json)?;
        self.sets = index.sets;
        Ok(())
    }

    /// Gives a list that cannot be understood a name of its own.
    fn move_aside(&self, path: &Path) -> Result<PathBuf, Failure> {
        let aside = (1..=999)
            .map(|n| self.folder.join(format!("{INDEX}.unreadable-{n}")))
            .find(|aside| aside.symlink_metadata().is_err())
            .ok_or_else(|| {
                failure(
                    "The list of recovery codes cannot be understood, and too many of its kind were kept already.",
                    "Move the files named recovery-sets away.",
                )
            })?;
        std::fs::rename(path, &aside).map_err(|e| explain(path, &e))?;
        Ok(aside)
    }

    fn warn(&mut self, sentence: &str) {
        let sentence = Text::new(sentence);
        if !self.warnings.contains(&sentence) {
            self.warnings.push(sentence);
        }
    }
}

fn take_lock(folder: &Path) -> Result<Access, Failure> {
    let path = folder.join(LOCK);
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|e| explain(&path, &e))?;
    Ok(match file.try_lock() {
        Ok(()) => Access::Write { _lock: file },
        Err(TryLockError::WouldBlock) => Access::Read(Text::new(
            "Another npm-warden is open, so the list of recovery codes can only be read here.",
        )),
        Err(TryLockError::Error(error)) => Access::Read(Text::new(&format!(
            "The folder {} takes no lock ({error}), so the list of recovery codes can only be read here.",
            shown(folder)
        ))),
    })
}

fn is(set: &RecoverySet, received: Timestamp, account: &Text, registry: &Text) -> bool {
    set.received == received && set.account == *account && set.registry == *registry
}

fn read(path: &Path) -> Result<Found, Failure> {
    let mut bytes = Vec::new();
    let result = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    match result {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Found::Sets(Vec::new()));
        }
        Err(error) => {
            return Err(failure(
                format!("{} could not be read ({error}).", shown(path)),
                "Make it a file that you may read, or move it away.",
            ));
        }
    }
    // The version first: a newer list may have sets of another form.
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
        return Ok(Found::Corrupt);
    };
    match json.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => return Ok(Found::Newer),
        Some(_) => {}
        None => return Ok(Found::Corrupt),
    }
    Ok(serde_json::from_value::<Index>(json)
        .map_or(Found::Corrupt, |index| Found::Sets(index.sets)))
}
