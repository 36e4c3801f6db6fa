//! Writing a file so that it is there whole, or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

use crate::domain::failure::Failure;

use super::{failure, shown};

/// How the names of temporary files begin and end.
const PREFIX: &str = ".npm-warden-";
const SUFFIX: &str = ".tmp";
/// The longest beginning of such a name: folders take names of 255 bytes as a rule, some fewer.
const LONGEST: usize = 128;

/// Writes a new file that only its owner can read, durable when this returns (promise P10).
///
/// The bytes go into a temporary file in the same folder, which is moved to its name in one step
/// that fails when anything, also a dangling symlink, has that name. After a failure nothing is left.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_new_with(path, PREFIX, |file| file.write_all(bytes))
}

/// [`write_new`], so that [`finish`] can do the rest when this program is killed before the move.
pub(super) fn write_new_known(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut prefix = format!("{}{}-", known(path), bytes.len());
    if prefix.len() > LONGEST {
        // A name that a folder takes is not to fail for this one.
        PREFIX.clone_into(&mut prefix);
    }
    write_new_with(path, &prefix, |file| file.write_all(bytes))
}

/// Moves what [`write_new_known`] has written whole to its name, for a program that was killed before it did so. What
/// was not written whole is of no use, and goes. After a failure everything is where it was.
pub(super) fn finish(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let length = name
            .to_str()
            .filter(|name| name.ends_with(SUFFIX))
            .and_then(|name| name.strip_prefix(&known(path))?.split_once('-'))
            .and_then(|(length, _)| length.parse::<u64>().ok());
        let about = entry.metadata()?;
        let Some(length) = length.filter(|_| about.is_file()) else {
            continue;
        };
        if about.len() != length {
            fs::remove_file(entry.path())?;
        } else if path.symlink_metadata().is_err() {
            File::open(entry.path())?.sync_all()?;
            TempPath::try_from_path(entry.path())?
                .persist_noclobber(path)
                .map_err(|failed| {
                    // Not removed.
                    let _ = failed.path.keep();
                    failed.error
                })?;
            sync_folder(folder)?;
        }
    }
    Ok(())
}

/// How temporary files of that file begin; the length of the whole follows.
fn known(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    format!("{PREFIX}{}-", name.to_string_lossy())
}

/// [`write_new`], with the content written by `fill`, and the temporary file's name begun by `prefix`.
pub(super) fn write_new_with(
    path: &Path,
    prefix: &str,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), Failure> {
    // Said before anything is written; the last word is the move's own check.
    if path.symlink_metadata().is_ok() {
        return Err(taken(path));
    }
    let folder = folder_of(path)?;
    let explain = |error: &io::Error| explain(path, error);
    let temporary = filled(folder, prefix, fill).map_err(|e| explain(&e))?;
    // A `PersistError` owns the temporary file and removes it.
    temporary
        .persist_noclobber(path)
        .map_err(|error| explain_move(path, &error.error))?;
    sync_folder(folder).map_err(|error| {
        // The name may not survive a power cut: as good as not written.
        let _ = fs::remove_file(path);
        explain(&error)
    })
}

/// Replaces a file of this program's own in one step, durable when this returns.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = folder_of(path)?;
    filled(folder, PREFIX, |file| file.write_all(bytes))
        .and_then(|temporary| temporary.persist(path).map_err(|error| error.error))
        .and_then(|_| sync_folder(folder))
        .map_err(|error| explain(path, &error))
}

/// A temporary file, 0600 from the moment it exists, with its content on the disk.
fn filled(
    folder: &Path,
    prefix: &str,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let mut temporary = tempfile::Builder::new()
        .prefix(prefix)
        .suffix(SUFFIX)
        .tempfile_in(folder)?;
    fill(temporary.as_file_mut())?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

pub(super) fn folder_of(path: &Path) -> Result<&Path, Failure> {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty() && path.file_name().is_some())
        .ok_or_else(|| {
            failure(
                format!("{} is not the path of a file.", shown(path)),
                "Give a folder and a file name.",
            )
        })
}

/// Makes a new name in a folder survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(windows) {
        // A folder cannot be opened there; the file system keeps names by its own journal.
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        // Some file systems have nothing to sync in a folder and say so this way.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

pub(super) fn taken(path: &Path) -> Failure {
    failure(
        format!(
            "{} is already there, and no file is ever overwritten.",
            shown(path)
        ),
        "Choose another name.",
    )
}

/// A refusal of the move to the final name. Some disks cannot do it without the risk of overwriting;
/// the folder took the temporary file, so it is not for want of permission.
fn explain_move(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::Unsupported
        | io::ErrorKind::InvalidInput => failure(
            format!(
                "The disk of {} cannot take a new file without the risk of overwriting one.",
                shown(path)
            ),
            "Choose a place on another disk.",
        ),
        _ => explain(path, error),
    }
}

/// A disk's refusal, in words a person can act on.
pub(super) fn explain(path: &Path, error: &io::Error) -> Failure {
    let file = shown(path);
    let folder = path.parent().map(shown).unwrap_or_default();
    match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        // Some that are no disk say so of every new file.
        io::ErrorKind::NotFound if path.parent().is_some_and(Path::is_dir) => failure(
            format!("The folder {folder} takes no new file."),
            "Choose another place.",
        ),
        io::ErrorKind::NotFound => failure(
            format!("The folder {folder} does not exist."),
            "Make it, or choose another.",
        ),
        io::ErrorKind::NotADirectory => failure(
            format!("{folder} is not a folder."),
            "Choose another place.",
        ),
        io::ErrorKind::PermissionDenied => failure(
            format!("You may not write in the folder {folder}."),
            "Choose a folder of your own.",
        ),
        io::ErrorKind::ReadOnlyFilesystem => failure(
            format!("Nothing can be written in {folder}: it is mounted read-only."),
            "Choose another place.",
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => failure(
            format!("There is no room left for {file}."),
            "Make room, or choose a place on another disk.",
        ),
        io::ErrorKind::InvalidFilename => failure(
            format!("{file} is not a name that this folder takes."),
            "Choose a shorter or plainer name.",
        ),
        _ => failure(
            format!("{file} could not be written ({error})."),
            "Choose another place.",
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn p10_a_write_that_fails_half_way_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codes.txt");
        let failed = write_new_with(&path, PREFIX, |file| {
            file.write_all(b"half of the co")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.unwrap_err().what.as_str().contains("no room left"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_there_is_not_said_to_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let said = |path: &Path| explain(path, &io::ErrorKind::NotFound.into()).what;
        let there = said(&folder.path().join("codes.txt"));
        assert!(there.as_str().ends_with("takes no new file."), "{there}");
        let gone = said(&folder.path().join("gone").join("codes.txt"));
        assert!(gone.as_str().ends_with("does not exist."), "{gone}");
    }

    #[test]
    fn p07_what_was_written_before_the_program_was_killed_gets_its_name_and_no_other_file_does() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let path = file("codes.age");
        let others = [
            ".npm-warden-AbCdEf.tmp",
            ".npm-warden-codes.age-5-AbCdEf",
            ".npm-warden-others.age-5-AbCdEf.tmp",
        ];
        for other in others {
            fs::write(file(other), "12345").unwrap();
        }
        let half = ".npm-warden-codes.age-50-AbCdEf.tmp";
        fs::write(file(half), "12345").unwrap();
        finish(&path).unwrap();
        assert_eq!(names(), others);

        fs::write(file(".npm-warden-codes.age-5-GhIjKl.tmp"), "12345").unwrap();
        finish(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "12345");
        assert_eq!(names().len(), 4);
        finish(&path).unwrap();
        // What has the name is never replaced.
        fs::write(file(".npm-warden-codes.age-5-MnOpQr.tmp"), "67890").unwrap();
        finish(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "12345");
        assert_eq!(names().len(), 5);
    }

    #[test]
    fn p10_a_name_taken_while_the_content_is_written_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codes.txt");
        let failed = write_new_with(&path, PREFIX, |file| {
            fs::write(&path, "someone else's")?;
            file.write_all(b"ours")
        });
        assert_eq!(failed.unwrap_err(), taken(&path));
        assert_eq!(fs::read_to_string(&path).unwrap(), "someone else's");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_disk_that_cannot_move_without_overwriting_is_not_called_a_want_of_permission() {
        let path = Path::new("/stick/codes.txt");
        let said = explain_move(path, &io::ErrorKind::PermissionDenied.into());
        assert!(said.what.as_str().contains("risk of overwriting"), "{said}");
        let said = explain_move(path, &io::ErrorKind::AlreadyExists.into());
        assert_eq!(said, taken(path));
    }

    #[cfg(unix)]
    #[test]
    fn p10_the_temporary_file_is_its_owners_alone_before_the_first_byte() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codes.txt");
        write_new_with(&path, PREFIX, |file| {
            assert_eq!(file.metadata()?.permissions().mode() & 0o777, 0o600);
            Ok(())
        })
        .unwrap();
    }
}
