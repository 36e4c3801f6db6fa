//! Where recovery codes are kept on this machine, and the proof that they were.
//!
//! A file with codes is made new and never replaced; the list of sets holds no code that could still be used.

mod awaited;
mod codes;
mod index;
mod list;
mod lock;
mod marks;
mod place;
mod proof;
mod read;
mod remove;
mod sealed;
mod used;
mod write;

pub use awaited::Awaited;
pub use codes::{read_back, save_codes};
pub use index::{SetState, Vault};
pub use place::{Proof, prove, resolve, suggest_path};
pub use proof::ProofTask;
pub use remove::remove_files;
pub use sealed::{LARGEST_WORK, Order, Pair, Seals, WORK, open_codes};
pub use write::write_new;

use std::path::Path;

use crate::domain::failure::{Failure, FailureKind};

/// A failure on this machine's disk.
fn failure(what: impl AsRef<str>, next: &str) -> Failure {
    Failure::new(FailureKind::Local, what, next)
}

/// A path as a person reads it.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
