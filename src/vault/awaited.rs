//! Places that codes are expected in, and what became of those whose program is gone.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::domain::failure::Failure;
use crate::domain::recovery::{Place, RecoverySet, key_of};

use super::codes::{read_back, received};
use super::failure;
use super::list::{Line, List, Prepared};
use super::lock::Alive;
use super::sealed::{Left, Seals, left, remove_key};
use super::write::{explain, finish};

/// A plain file is expected to get codes as long as this lives.
#[derive(Debug)]
pub struct Awaited {
    guard: PathBuf,
    alive: Alive,
}

impl Awaited {
    /// The name of its guard, and the guard.
    pub(super) fn new(folder: &Path) -> Result<(String, Self), Failure> {
        let mut options = File::options();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        for name in (1..=999).map(|n| format!("awaited-{n}")) {
            let guard = folder.join(&name);
            match options.open(&guard) {
                Ok(_) => {
                    let alive = Alive::mark(&guard);
                    return Ok((name, Self { guard, alive }));
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(explain(&guard, &error)),
            }
        }
        Err(failure(
            "Too many files are awaited already.",
            "Close the other instances of npm-warden.",
        ))
    }

    /// The codes are noted, or none will come.
    pub fn discard(self) {
        if let Err(error) = fs::remove_file(&self.guard) {
            tracing::warn!(%error, "that codes are awaited is still noted");
        }
        drop(self.alive);
    }
}

impl Prepared {
    pub(super) fn place(&self) -> Place {
        match self.guard {
            Some(_) => Place::File(self.path.clone()),
            None => Place::Vault(self.path.clone()),
        }
    }

    /// Its program is gone, or awaits nothing there any more.
    pub(super) fn is_over(&self, folder: &Path) -> bool {
        let shows = match &self.guard {
            Some(name) => folder.join(name),
            None => key_of(&self.path),
        };
        match shows.symlink_metadata() {
            Ok(_) => Alive::is_over(&shows),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }

    fn line(&self, received: jiff::Timestamp, count: usize, seals: Option<Seals>) -> Line {
        Line {
            set: RecoverySet {
                account: self.account.clone(),
                registry: self.registry.clone(),
                received,
                place: self.place(),
                count,
                proved: false,
                added: false,
                unplaced: 0,
                used: Vec::new(),
            },
            seals,
        }
    }
}

/// What became of places whose program is gone: codes that it still wrote are taken in, a key without codes goes.
pub(super) fn settle(list: &mut List, folder: &Path) {
    let over: Vec<_> = list
        .prepared
        .extract_if(.., |prepared| prepared.is_over(folder))
        .collect();
    for prepared in over {
        let place = prepared.place();
        let known = list.sets.iter().any(|line| line.set.place == place);
        if let Some(name) = &prepared.guard {
            if !known {
                if let Err(error) = finish(&prepared.path)
                    && error.kind() != std::io::ErrorKind::NotFound
                {
                    tracing::warn!(%error, "what was written for a set of recovery codes is not in its place");
                    list.prepared.push(prepared);
                    continue;
                }
                if let Ok(codes) = read_back(&prepared.path)
                    && let Some(at) = received(&prepared.path)
                {
                    list.sets.push(prepared.line(at, codes.len(), None));
                }
            }
            let _ = fs::remove_file(folder.join(name));
            continue;
        }
        if known {
            continue;
        }
        match left(&prepared.path) {
            // Nobody knows how many before it is opened.
            Left::Codes { received, seals } => {
                list.sets.push(prepared.line(received, 0, Some(seals)));
            }
            Left::KeyAlone => remove_key(&prepared.path),
            Left::Strange => {}
            Left::Unknown => list.prepared.push(prepared),
        }
    }
}
