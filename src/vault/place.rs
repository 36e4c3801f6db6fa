//! The place that a person chooses for the codes, proved writable before they exist.

use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;

use crate::domain::failure::Failure;
use crate::domain::text::Text;

use super::codes::remove;
use super::write::{explain, folder_of, sync_folder, taken, write_new};
use super::{failure, shown};

/// As large as a generous set of codes.
const PROBE: usize = 4096;

/// A place that was proved writable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What a person should know about the place, one sentence each.
    pub warnings: Vec<Text>,
}

/// A typed path: `~/` is the home folder, and a relative path starts at `cwd`.
pub fn resolve(typed: &str, home: Option<&Path>, cwd: &Path) -> Result<PathBuf, Failure> {
    let typed = typed.trim();
    let path = match (typed.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches('/')),
        (Some(_), None) => {
            return Err(failure(
                "Your home folder is not known, so ~/ cannot be replaced.",
                "Write the path in full.",
            ));
        }
        (None, _) => cwd.join(typed),
    };
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    let name = typed.rsplit(std::path::is_separator).next();
    let is_folder = typed == "~" || matches!(name, None | Some("" | "." | ".."));
    if is_folder || out.is_dir() {
        return Err(failure(
            format!("{} is a folder, not a file.", shown(&out)),
            "Add a file name.",
        ));
    }
    Ok(out)
}

/// Proves that a new file can be made at `path`, by making one there and removing it.
///
/// The probe is made the way [`super::save_codes`] makes its file, so what would stop the one
/// stops the other. With `make_folder` a missing folder is made, for the owner alone.
pub fn prove(path: &Path, make_folder: bool) -> Result<Proof, Failure> {
    if path.to_str().is_none() || !path.is_absolute() {
        return Err(failure(
            format!("{} cannot be noted down as a place.", shown(path)),
            "Choose a full path with plain letters.",
        ));
    }
    let folder = folder_of(path)?;
    if path.symlink_metadata().is_ok() {
        return Err(taken(path));
    }
    if make_folder && !folder.exists() {
        make_private(folder).map_err(|e| explain(folder, &e))?;
    }
    let mut probe =
        b"npm-warden made this file to see whether it can write here. It may be deleted.\n"
            .to_vec();
    probe.resize(PROBE, b'\n');
    write_new(path, &probe)?;
    let mut warnings = vec![Text::new(
        "A plain file with recovery codes is what code-stealing malware looks for: \
         move the codes into a password manager or onto paper when you can.",
    )];
    warnings.extend(mode_warning(path));
    remove(path)?;
    sync_folder(folder).map_err(|e| explain(path, &e))?;
    warnings.extend(folder_warning(folder));
    warnings.extend(git_warning(folder));
    warnings.extend(temporary_warning(folder));
    Ok(Proof { warnings })
}

/// A folder that only its owner can enter, with those above it.
pub(super) fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Takes a folder of this program's own away from others who could enter it.
#[cfg(unix)]
pub(super) fn tighten(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = folder.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn tighten(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// A file system such as a USB stick's keeps no owner's rights: said once it is seen.
#[cfg(unix)]
fn mode_warning(path: &Path) -> Option<Text> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = path.symlink_metadata().ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        Text::new("This disk does not keep files from other users of this machine: they could read the codes.")
    })
}

#[cfg(not(unix))]
fn mode_warning(_: &Path) -> Option<Text> {
    None
}

#[cfg(unix)]
fn folder_warning(folder: &Path) -> Option<Text> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = folder.metadata().ok()?.permissions().mode();
    let sticky = mode & 0o1000 != 0;
    let sentence = if mode & 0o022 != 0 && !sticky {
        "Other users of this machine can write in this folder: they cannot read the file, but they could remove or replace it."
    } else if mode & 0o055 != 0 {
        "Other users of this machine can look into this folder: they cannot read the file, but they can see that it is there."
    } else {
        return None;
    };
    Some(Text::new(sentence))
}

#[cfg(not(unix))]
fn folder_warning(_: &Path) -> Option<Text> {
    None
}

fn git_warning(folder: &Path) -> Option<Text> {
    let tree = folder
        .ancestors()
        .find(|above| above.join(".git").exists())?;
    Some(Text::new(&format!(
        "This folder lies in the git work tree {}: take care that the file is never committed.",
        shown(tree)
    )))
}

pub(super) fn temporary_warning(folder: &Path) -> Option<Text> {
    let temporary = ["/tmp", "/dev/shm", "/run"];
    temporary
        .iter()
        .any(|place| folder.starts_with(place))
        .then(|| {
            Text::new("This folder is emptied when the machine restarts: the codes would be lost.")
        })
}

/// A free path for the codes of an account, such as `npm-recovery-codes-alice-2026-11-22.txt`.
///
/// Name the registry when it is not npm's own, so that two accounts of one name stay apart.
pub fn suggest_path(folder: &Path, account: &Text, registry: Option<&Text>, date: Date) -> PathBuf {
    free_path(folder, account, registry, date, &["txt"])
}

/// A path that is free with each of these endings; it has the first one.
pub(super) fn free_path(
    folder: &Path,
    account: &Text,
    registry: Option<&Text>,
    date: Date,
    endings: &[&str],
) -> PathBuf {
    let mut stem = format!("npm-recovery-codes-{}", plain(account, "account"));
    if let Some(registry) = registry {
        stem.push('-');
        stem.push_str(&plain(registry, "registry"));
    }
    let stem = format!("{stem}-{date}");
    let named = |stem: &str, ending: &str| folder.join(format!("{stem}.{ending}"));
    let stem = std::iter::once(stem.clone())
        .chain((2..=999).map(|n| format!("{stem}-{n}")))
        .find(|stem| {
            endings
                .iter()
                .all(|ending| named(stem, ending).symlink_metadata().is_err())
        })
        .unwrap_or(stem);
    named(&stem, endings.first().unwrap_or(&"txt"))
}

/// A part of a file name: letters, digits, `.`, `_` and single hyphens, at most 40 of them.
fn plain(text: &Text, otherwise: &str) -> String {
    let mut out = String::new();
    for c in text.as_str().chars() {
        if c.is_ascii_alphanumeric() || c == '_' || (c == '.' && !out.ends_with('.')) {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
        if out.len() == 40 {
            break;
        }
    }
    let trimmed = out.trim_matches(['-', '.']);
    if trimmed.is_empty() {
        otherwise.to_owned()
    } else {
        trimmed.to_owned()
    }
}
