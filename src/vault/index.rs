//! The list of sets of recovery codes that this machine knows of.
//!
//! Several instances may have it open: each takes the lock for the moment of a write, reads the list again, and writes
//! what it has changed in it, so that none undoes what another has noted.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::domain::failure::Failure;
use crate::domain::recovery::{Place, RecoveryCodes, RecoverySet, SetId, UsedAt};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::awaited::{Awaited, settle};
use super::list::{Found, Line, List, Prepared, read, write};
use super::lock::Lock;
use super::place::{make_private, tighten};
use super::sealed::Seals;
use super::write::explain;
use super::{failure, shown};

/// The list's file.
const INDEX: &str = "recovery-sets.json";

/// The list of sets.
#[derive(Debug)]
pub struct Vault {
    folder: PathBuf,
    /// Why this instance only reads, if so.
    reads_only: Option<Text>,
    list: List,
    warnings: Vec<Text>,
}

/// A set, and whether its codes are still where they were kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetState {
    /// The set.
    pub set: RecoverySet,
    /// False when the file has vanished. True for codes that the person keeps.
    pub present: bool,
}

impl Vault {
    /// Opens the list in `folder`, which is made if need be and is its owner's alone.
    ///
    /// A list that cannot be understood is moved aside, never overwritten; [`Vault::warnings`] says so.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        make_private(folder).map_err(|e| explain(folder, &e))?;
        if !folder.is_dir() {
            return Err(explain(folder, &std::io::ErrorKind::NotADirectory.into()));
        }
        let mut vault = Self {
            folder: folder.to_owned(),
            reads_only: None,
            list: List::default(),
            warnings: Vec::new(),
        };
        if let Some(why) = Lock::refused(folder) {
            vault.only_reads(&format!(
                "{} So the list of recovery codes can only be read here.",
                why.what
            ));
        } else {
            tighten(folder).map_err(|e| explain(folder, &e))?;
        }
        vault.refresh()?;
        Ok(vault)
    }

    /// Whether this instance only reads the list.
    pub fn read_only(&self) -> bool {
        self.reads_only.is_some()
    }

    /// Fails, with the reason, where the list is only read.
    pub fn writable(&self) -> Result<(), Failure> {
        match &self.reads_only {
            Some(why) => Err(noted_nothing(why.as_str())),
            None => Ok(()),
        }
    }

    /// What a person should know about the list, one sentence each.
    pub fn warnings(&self) -> &[Text] {
        &self.warnings
    }

    /// Every set, the newest first.
    pub fn sets(&self) -> Vec<SetState> {
        let mut sets: Vec<_> = self
            .list
            .sets
            .iter()
            .map(|line| SetState {
                set: RecoverySet {
                    unplaced: self.list.unplaced(&line.set),
                    ..line.set.clone()
                },
                present: match &line.set.place {
                    Place::File(path) | Place::Vault(path) => path.is_file(),
                    Place::Myself => true,
                },
            })
            .collect();
        sets.sort_by_key(|state| std::cmp::Reverse(state.set.received));
        sets
    }

    /// One set, with the seals of its encrypted file.
    pub fn find(&self, id: &SetId) -> Result<(RecoverySet, Option<Seals>), Failure> {
        let found = self.list.sets.iter().find(|line| line.set.id() == *id);
        let line = found.ok_or_else(unknown)?;
        Ok((line.set.clone(), line.seals.clone()))
    }

    /// For each code of an account, when it was sent from here, if it was.
    pub fn used(
        &self,
        account: &Text,
        registry: &Text,
        codes: &RecoveryCodes,
    ) -> Vec<Option<UsedAt>> {
        self.list.used_at(account, registry, codes)
    }

    /// Reads the list again, as another instance may have written it. Sets whose codes came right before their program
    /// was killed are taken in.
    pub fn refresh(&mut self) -> Result<(), Failure> {
        match read(&self.path())? {
            Found::List(list) => {
                self.list = list;
                let folder = self.folder.clone();
                let over = |prepared: &Prepared| prepared.is_over(&folder);
                if !self.read_only() && self.list.prepared.iter().any(over) {
                    self.change(|list| {
                        settle(list, &folder);
                        Ok(())
                    })?;
                }
            }
            Found::Newer => self.only_reads(NEWER),
            Found::Corrupt if self.read_only() => {
                self.warn(&format!(
                    "The list of recovery codes in {} cannot be understood.",
                    shown(&self.path())
                ));
            }
            Found::Corrupt => {
                let _lock = Lock::take(&self.folder)?;
                self.list = self.current()?;
            }
        }
        Ok(())
    }

    /// Adds a set. One of the same account, registry and time is replaced.
    pub fn add(&mut self, set: RecoverySet) -> Result<(), Failure> {
        self.add_sealed(set, None)
    }

    /// Adds a set, with the seals of its encrypted file.
    pub fn add_sealed(
        &mut self,
        mut set: RecoverySet,
        seals: Option<Seals>,
    ) -> Result<(), Failure> {
        self.change(|list| {
            let same = |line: &mut Line| {
                // Another instance may have taken it in as one whose program was killed.
                let same_file = line.set.place == set.place && set.place != Place::Myself;
                line.set.id() == set.id() || same_file
            };
            let before: Vec<_> = list.sets.extract_if(.., same).collect();
            for line in before {
                set.used.extend(line.set.used);
            }
            // The guard of a plain one goes together with its note.
            list.prepared
                .retain(|prepared| prepared.guard.is_some() || set.place != prepared.place());
            list.sets.push(Line { set, seals });
            Ok(())
        })
    }

    /// Notes that codes are expected in an encrypted file whose key is written.
    pub fn awaits(&mut self, account: Text, registry: Text, path: PathBuf) -> Result<(), Failure> {
        let folder = self.folder.clone();
        self.change(|list| {
            settle(list, &folder);
            list.prepared.push(Prepared {
                account,
                registry,
                path,
                guard: None,
            });
            Ok(())
        })
    }

    /// Notes that codes are expected in a plain file. As long as what this gives lives, no instance looks for them there.
    pub fn awaits_plain(
        &mut self,
        account: Text,
        registry: Text,
        path: PathBuf,
    ) -> Result<Awaited, Failure> {
        let folder = self.folder.clone();
        self.change(|list| {
            settle(list, &folder);
            let (guard, awaited) = Awaited::new(&folder)?;
            list.prepared.push(Prepared {
                account,
                registry,
                path,
                guard: Some(guard),
            });
            Ok(awaited)
        })
    }

    /// Notes that the person proved to have a set.
    pub fn mark_proved(&mut self, id: &SetId) -> Result<(), Failure> {
        self.change(|list| {
            let line = list.sets.iter_mut().find(|line| line.set.id() == *id);
            line.ok_or_else(unknown)?.set.proved = true;
            Ok(())
        })
    }

    /// A set was opened: notes how many codes there are, where that was not known, and which of them were sent.
    pub fn opened(&mut self, id: &SetId, codes: &RecoveryCodes) -> Result<(), Failure> {
        let (set, _) = self.find(id)?;
        if set.counted().is_some() && !self.list.has_marks(&id.account, &id.registry) {
            return Ok(());
        }
        self.change(|list| {
            let line = list.sets.iter_mut().find(|line| line.set.id() == *id);
            let set = &mut line.ok_or_else(unknown)?.set;
            if set.counted().is_none() {
                set.count = codes.len();
            }
            list.place(id, codes);
            Ok(())
        })
    }

    /// Takes a set out of the list. One that is not there any more is no failure. What was sent of it stays known:
    /// other sets may be copies of it.
    pub fn forget(&mut self, id: &SetId) -> Result<(), Failure> {
        self.change(|list| {
            let gone: Vec<_> = list
                .sets
                .extract_if(.., |line| line.set.id() == *id)
                .collect();
            for line in gone {
                list.let_go(id, line.set.used, &[]);
            }
            Ok(())
        })
    }

    /// Notes that a code was sent; of an account of which nothing is known, there is nothing to note.
    pub fn mark_used(
        &mut self,
        account: &Text,
        registry: &Text,
        code: &Secret<String>,
        at: Timestamp,
        sure: bool,
    ) -> Result<(), Failure> {
        self.change(|list| {
            list.note(account, registry, code, at, sure);
            Ok(())
        })
    }

    /// Changes the list as it is now; what is in memory changes only when that was written.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&mut List) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.writable()?;
        let _lock = Lock::take(&self.folder)?;
        let mut list = self.current()?;
        let done = change(&mut list)?;
        write(&self.path(), &list)?;
        self.list = list;
        Ok(done)
    }

    /// The list as it is now, while the lock is held: one that cannot be understood gives way to a new one.
    fn current(&mut self) -> Result<List, Failure> {
        let path = self.path();
        match read(&path)? {
            Found::List(list) => Ok(list),
            Found::Newer => {
                self.only_reads(NEWER);
                Err(noted_nothing(NEWER))
            }
            Found::Corrupt => {
                let aside = self.move_aside(&path)?;
                self.warn(&format!(
                    "The list of recovery codes could not be understood; it is kept as {}, and a new list begins. Your files with codes are where they were.",
                    shown(&aside)
                ));
                Ok(List::default())
            }
        }
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

    fn path(&self) -> PathBuf {
        self.folder.join(INDEX)
    }

    fn only_reads(&mut self, why: &str) {
        self.warn(why);
        self.reads_only = Some(Text::new(why));
    }

    fn warn(&mut self, sentence: &str) {
        let sentence = Text::new(sentence);
        if !self.warnings.contains(&sentence) {
            self.warnings.push(sentence);
        }
    }
}

const NEWER: &str =
    "The list of recovery codes was written by a newer npm-warden, so this one leaves it alone.";

fn noted_nothing(why: &str) -> Failure {
    failure(
        why,
        "What was to be noted there is not; the codes themselves are where you kept them.",
    )
}

fn unknown() -> Failure {
    failure(
        "This set of recovery codes is not in the list.",
        "Look at the list again.",
    )
}
