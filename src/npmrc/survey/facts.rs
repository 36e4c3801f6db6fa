//! What there is to know of a file besides its lines.

use std::path::Path;

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::machine::{FileFacts, SourceState};
use crate::domain::text::Text;

use super::super::file::{self, Unread};
use super::super::layers::Env;
use super::super::load::Reading;
use super::super::locate;
use super::git;

/// How a file of the configuration stands.
pub(super) fn state(reading: &Reading, home: Option<&Path>, env: Env<'_>) -> SourceState {
    let path = reading.path.as_path();
    let why = match &reading.found {
        Ok(_) => return SourceState::Read(facts(path, home, env)),
        Err(Unread::Missing)
            if path
                .symlink_metadata()
                .is_ok_and(|about| about.is_symlink()) =>
        {
            "is a link to a file that is not there"
        }
        Err(Unread::Missing) => return SourceState::Absent,
        Err(Unread::Because(why)) => why,
    };
    SourceState::Unreadable(Failure::new(
        FailureKind::Local,
        format!("{} {why}, so nothing in it counts.", reading.shown),
        "Make it a readable file, or remove it.",
    ))
}

fn facts(path: &Path, home: Option<&Path>, env: Env<'_>) -> FileFacts {
    // The null device stands for no file, and everybody may read that.
    if file::is_null_device(path) {
        return FileFacts::default();
    }
    let is_link = path
        .symlink_metadata()
        .is_ok_and(|about| about.is_symlink());
    let real = file::real(path).unwrap_or_else(|_| path.to_owned());
    FileFacts {
        mode: mode(&real),
        link: is_link.then(|| shown(&real, home)),
        git: git::of(&real, env),
    }
}

/// A real path, by a home folder that may be named through a link.
fn shown(real: &Path, home: Option<&Path>) -> Text {
    let home = home.and_then(|home| home.canonicalize().ok());
    locate::shown(real, home.as_deref())
}

#[cfg(unix)]
fn mode(real: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(real.metadata().ok()?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}
