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
    let Err(unread) = &reading.found else {
        return SourceState::Read(facts(path, home, env));
    };
    if let Ok(to) = path.read_link() {
        let to = path
            .parent()
            .map_or_else(|| to.clone(), |folder| folder.join(&to));
        let to = locate::shown(&to, home);
        let why = match unread {
            Unread::Missing => "is not there",
            Unread::Because(why) => why,
        };
        let why = Failure::new(
            FailureKind::Local,
            format!(
                "{} is a link to {to}, which {why}, so nothing in it counts.",
                reading.shown
            ),
            "Put a readable file there, or remove the link.",
        );
        return SourceState::BrokenLink { to, why };
    }
    let why = match unread {
        Unread::Missing => return SourceState::Absent,
        Unread::Because(why) => why,
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
