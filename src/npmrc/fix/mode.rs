//! Taking others' rights to a file away.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};

use crate::domain::failure::Failure;
use crate::domain::machine::{Fix, FixPreview, Git, SourceKind, SourceState};
use crate::domain::text::Text;

use super::super::store::{disk, local};
use super::super::survey::{Looked, look};
use super::super::{Inputs, file};
use super::seal_of;

/// What would be done.
pub(super) struct Plan {
    pub(super) preview: FixPreview,
    real: PathBuf,
    mode: u32,
}

pub(super) fn plan(inputs: &Inputs, path: &Path) -> Result<Plan, Failure> {
    let looked = look(inputs);
    let source = looked
        .machine
        .sources
        .iter()
        .find(|source| source.path.as_deref() == Some(path))
        .ok_or_else(|| {
            local(
                "That is no file of the npm configuration.",
                "Read what is on this machine anew.",
            )
        })?;
    let shown = &source.shown;
    let SourceState::Read(facts) = &source.state else {
        return Err(local(
            format!("{shown} could not be read, so it is left as it is."),
            "",
        ));
    };
    let real = file::real(path).map_err(|error| disk(shown, &error))?;
    let about = real.metadata().map_err(|error| disk(shown, &error))?;
    if facts.mode.is_none() {
        return Err(local(
            format!("{shown} has no mode that could be changed here."),
            "",
        ));
    }
    let mode = of(&about);
    // Never more than the owner had.
    let after = mode & 0o600;
    if after == mode {
        return Err(local(
            format!("{shown} is its owner's alone already (mode {mode:o})."),
            "",
        ));
    }
    if !is_own(&about) {
        return Err(local(
            format!("{shown} belongs to another user, so it was left as it is."),
            "Change it as that user.",
        ));
    }
    let seal = seal_of(&real)
        .ok_or_else(|| local(format!("{shown} could not be read."), "Do it again."))?;
    Ok(Plan {
        preview: FixPreview {
            fix: Fix::Tighten(path.to_owned()),
            file: shown.clone(),
            before: Text::new(&format!("mode {mode:o}")),
            after: Text::new(&format!("mode {after:o}")),
            warnings: warnings(&looked, path, mode),
            seal,
        },
        real,
        mode: after,
    })
}

fn warnings(looked: &Looked, path: &Path, mode: u32) -> Vec<Text> {
    let mut warnings = Vec::new();
    let mut say = |text: String| warnings.push(Text::new(&text));
    let source = looked
        .machine
        .sources
        .iter()
        .find(|source| source.path.as_deref() == Some(path));
    let Some((source, SourceState::Read(facts))) = source.map(|source| (source, &source.state))
    else {
        return warnings;
    };
    if let Some(link) = &facts.link {
        say(format!(
            "{} is a link: what changes is {link}.",
            source.shown
        ));
    }
    let holds = looked
        .machine
        .credentials
        .iter()
        .any(|local| local.id.path.as_deref() == Some(path) && local.holds());
    if holds && mode & 0o044 != 0 {
        say("Until now others on this machine could read what stands in it: where somebody else has an account here, \
             revoke the tokens in it, too."
            .to_owned());
    }
    if matches!(source.kind, SourceKind::Global | SourceKind::Builtin) {
        say(
            "It holds the settings of all users: npm goes without it for all others then."
                .to_owned(),
        );
    }
    if facts.git == Git::Tracked {
        say("git does not keep this mode: in another clone, or when git writes the file anew, others can read it again."
            .to_owned());
    }
    warnings
}

impl Plan {
    #[cfg(unix)]
    pub(super) fn apply(&self) -> Result<(), Failure> {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let shown = &self.preview.file;
        let failed = |error| disk(shown, &error);
        // By the file that was opened, so that nothing that took its name meanwhile is changed instead.
        let open = File::open(&self.real).map_err(failed)?;
        let about = open.metadata().map_err(failed)?;
        let named = self.real.symlink_metadata().map_err(failed)?;
        if !about.is_file()
            || !is_own(&about)
            || (named.dev(), named.ino()) != (about.dev(), about.ino())
        {
            return Err(super::changed(shown));
        }
        let mode = about.mode() & 0o7777 & self.mode;
        open.set_permissions(std::fs::Permissions::from_mode(mode))
            .map_err(failed)
    }

    #[cfg(not(unix))]
    pub(super) fn apply(&self) -> Result<(), Failure> {
        let _ = (&self.real, self.mode, File::open::<&Path>);
        Err(local("This system keeps no modes.", ""))
    }
}

/// The permission bits; none where the system has none.
#[cfg(unix)]
pub(super) fn of(about: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
pub(super) fn of(_: &Metadata) -> u32 {
    0
}

/// Whether it is the person's own.
#[cfg(unix)]
fn is_own(about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    true
}
