//! Locks between instances of the program. The system lets go of one when its process ends, however that ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::domain::failure::Failure;

use super::write::explain;
use super::{failure, shown};

/// The lock's file. It is empty and stays.
const LOCK: &str = "lock";
/// How long another instance may write: each of its writes takes a few milliseconds.
const TRIES: u32 = 150;
const PAUSE: Duration = Duration::from_millis(20);

/// The list is this instance's to write as long as this lives.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "it is held, not read")] File);

impl Lock {
    /// Waits for its turn, but not for ever.
    pub(super) fn take(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(LOCK);
        let file = open(&path).map_err(|e| explain(&path, &e))?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => pause(),
                Err(TryLockError::Error(error)) => return Err(none(folder, &error)),
            }
        }
        Err(failure(
            "Another npm-warden is writing the list of recovery codes and does not come to an end.",
            "Close it, or continue it if it was stopped; the codes themselves are where they were.",
        ))
    }

    /// Why the list in this folder can only be read, if so.
    pub(super) fn refused(folder: &Path) -> Option<Failure> {
        #[cfg(unix)]
        if let Err(error) = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK) {
            return Some(explain(&folder.join(LOCK), &error.into()));
        }
        let path = folder.join(LOCK);
        match open(&path).map(|file| file.try_lock()) {
            Ok(Ok(()) | Err(TryLockError::WouldBlock)) => None,
            Ok(Err(TryLockError::Error(error))) => Some(none(folder, &error)),
            Err(error) => Some(explain(&path, &error)),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn none(folder: &Path, error: &io::Error) -> Failure {
    failure(
        format!("The folder {} takes no lock ({error}).", shown(folder)),
        "Keep the data folder on a disk of this machine.",
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process tells nobody when it lets go of a lock"
)]
fn pause() {
    std::thread::sleep(PAUSE);
}

/// What shows other instances that the maker of a file lives: a lock on the file itself, which keeps no other program
/// from reading it. Where there is no such lock, nobody can tell, and nobody removes the file.
#[derive(Debug)]
pub(super) struct Alive(#[expect(dead_code, reason = "it is held, not read")] Option<File>);

impl Alive {
    /// From now on.
    pub(super) fn mark(path: &Path) -> Self {
        let locked = || {
            let file = File::open(path).ok()?;
            file.try_lock().ok()?;
            Some(file)
        };
        // A lock keeps others from reading there.
        Self(if cfg!(unix) { locked() } else { None })
    }

    /// Whether the maker of this file is surely gone.
    pub(super) fn is_over(path: &Path) -> bool {
        cfg!(unix) && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
    }
}
