//! Replacing a file of another program's: whole or not at all, and never over a change that somebody else made.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

/// What the temporary files are called. Not as those of recovery codes: one of these is never the last copy.
const PREFIX: &str = ".npm-warden-npmrc-";
const SUFFIX: &str = ".tmp";

/// What the last copy of a file is called, which no sweep takes.
#[cfg(unix)]
const KEPT: &str = ".npm-warden-kept-npmrc-";

/// How old a left-over must be before it is surely nobody's work in progress.
const ABANDONED: Duration = Duration::from_hours(24);

/// Why the file is as it was.
#[derive(Debug)]
pub(super) enum Refused {
    /// Somebody else changed it, or made it, since it was read.
    Changed,
    /// Its owner took the right to write away.
    Protected,
    /// It is somebody else's, and would not be after it.
    Foreign,
    /// The disk's own reason.
    Disk(io::Error),
    /// Neither the new bytes nor the old could be written into the file, for this reason: what it held lies here.
    #[cfg_attr(
        not(unix),
        allow(dead_code, reason = "only there files are written in place")
    )]
    Broken(io::Error, PathBuf),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Puts `after` where `before` was read; `None` means that there was no file. `path` is one without links.
///
/// The bytes go into a file beside it, which is its owner's alone from its first byte, and take the name in one
/// step when they are on the disk. The mode stays as it was, and so does the owner; a new file is 0600. Right before
/// that step the file is read once more: what changed meanwhile is not overwritten. Between that look and the step
/// lie some microseconds in which no program could see a change of another that takes no lock, and npm takes none.
/// Access lists beyond the mode are not carried over.
///
/// A file with several names (hard links) would lose all but this one so, and they would keep what was to go: it is
/// written in place, with what it held kept whole beside it until the new bytes are on the disk.
pub(super) fn replace(path: &Path, before: Option<&[u8]>, after: &[u8]) -> Result<(), Refused> {
    replace_with(path, before, after, || ())
}

/// Whether [`replace`] would go well now, as far as that is seen without the name changing hands.
pub(super) fn try_out(path: &Path, before: Option<&[u8]>) -> Result<(), Refused> {
    begin(path, before, before.unwrap_or_default()).map(|_| ())
}

fn replace_with(
    path: &Path,
    before: Option<&[u8]>,
    after: &[u8],
    meanwhile: impl FnOnce(),
) -> Result<(), Refused> {
    let (folder, temporary, about) = begin(path, before, after)?;
    if let (Some(about), Some(before)) = (&about, before)
        && names(about) > 1
    {
        return in_place(
            path,
            temporary,
            (about, before),
            after,
            meanwhile,
            write_all,
        );
    }
    meanwhile();
    match before {
        Some(before) => {
            if !unchanged(path, before)? {
                return Err(Refused::Changed);
            }
            temporary.persist(path).map_err(|error| error.error)?;
        }
        None => {
            temporary
                .persist_noclobber(path)
                .map_err(|error| match error.error.kind() {
                    io::ErrorKind::AlreadyExists => Refused::Changed,
                    _ => Refused::Disk(error.error),
                })?;
        }
    }
    // The name has changed hands, and every reader sees it. What a refusal puts at risk is a power cut in the next
    // seconds, which brings the old file back whole: no reason to say that nothing was written.
    let _ = sync(folder);
    Ok(())
}

/// The bytes beside the file, and its folder: those that it is to hold, or, where they go into the file itself, what it holds.
fn begin<'p>(
    path: &'p Path,
    before: Option<&[u8]>,
    after: &[u8],
) -> Result<(&'p Path, NamedTempFile, Option<Metadata>), Refused> {
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
    let about = before.map(|_| fs::symlink_metadata(path)).transpose()?;
    if about.as_ref().is_some_and(is_protected) {
        return Err(Refused::Protected);
    }
    let mut temporary = tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .tempfile_in(folder)?;
    sweep(folder, temporary.as_file());
    match (&about, before) {
        (Some(about), Some(before)) if names(about) > 1 => {
            temporary.as_file_mut().write_all(before)?;
        }
        (Some(about), _) => {
            temporary.as_file_mut().write_all(after)?;
            keep_rights(temporary.as_file(), about)?;
        }
        (None, _) => temporary.as_file_mut().write_all(after)?,
    }
    temporary.as_file().sync_all()?;
    Ok((folder, temporary, about))
}

/// How many names a file has.
#[cfg(unix)]
pub(super) fn names(about: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    about.nlink()
}

#[cfg(not(unix))]
pub(super) fn names(_: &Metadata) -> u64 {
    1
}

/// Writes into the file itself, which all of its names share. `kept` takes what it held, and stays where neither the new
/// bytes nor the old could be written.
#[cfg(unix)]
fn in_place(
    path: &Path,
    kept: NamedTempFile,
    (about, before): (&Metadata, &[u8]),
    after: &[u8],
    meanwhile: impl FnOnce(),
    write: impl Fn(&File, &[u8]) -> io::Result<()>,
) -> Result<(), Refused> {
    use std::os::unix::fs::MetadataExt as _;
    meanwhile();
    let file = fs::OpenOptions::new().read(true).write(true).open(path)?;
    let now = file.metadata()?;
    if (now.dev(), now.ino()) != (about.dev(), about.ino()) || !unchanged(path, before)? {
        return Err(Refused::Changed);
    }
    write(&file, after).map_err(|error| {
        if write(&file, before).is_ok() {
            return Refused::Disk(error);
        }
        match keep(kept) {
            Ok(copy) => Refused::Broken(error, copy),
            Err(_) => Refused::Disk(error),
        }
    })
}

/// The whole of a file, and no more.
#[cfg(unix)]
fn write_all(file: &File, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt as _;
    file.write_all_at(bytes, 0)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_all(_: &File, _: &[u8]) -> io::Result<()> {
    Ok(())
}

/// Where the last copy stays, for its owner alone: under a name that no sweep takes, else under the one that it has.
#[cfg(unix)]
fn keep(kept: NamedTempFile) -> io::Result<PathBuf> {
    let name = kept.path().file_name().and_then(|name| name.to_str());
    let random = name.and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    let own = kept
        .path()
        .with_file_name(format!("{KEPT}{}", random.unwrap_or_default()));
    match kept.persist_noclobber(&own) {
        Ok(_) => {
            if let Some(folder) = own.parent() {
                // It is on the disk; only its name may not be yet, and that is all that a refusal says.
                let _ = sync(folder);
            }
            Ok(own)
        }
        Err(error) => Ok(error.file.keep()?.1),
    }
}

#[cfg(not(unix))]
fn in_place(
    _: &Path,
    _: NamedTempFile,
    _: (&Metadata, &[u8]),
    _: &[u8],
    _: impl FnOnce(),
    _: impl Fn(&File, &[u8]) -> io::Result<()>,
) -> Result<(), Refused> {
    Err(Refused::Changed)
}

/// Whether the name still leads to a plain file with these bytes.
fn unchanged(path: &Path, before: &[u8]) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_file() && about.len() == before.len() as u64 => {}
        Ok(_) => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    }
    Ok(super::file::read(path).is_ok_and(|now| *now == before))
}

fn sync(folder: &Path) -> io::Result<()> {
    // Windows opens no folder; its file systems keep names by their own journal.
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn is_protected(about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.mode() & 0o200 == 0
}

#[cfg(not(unix))]
fn is_protected(about: &Metadata) -> bool {
    about.permissions().readonly()
}

/// Gives the new file the owner and the mode of the old one.
#[cfg(unix)]
fn keep_rights(file: &File, old: &Metadata) -> Result<(), Refused> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let new = file.metadata()?;
    let mut mode = old.mode() & 0o777;
    if new.uid() != old.uid() && fchown(file, Some(old.uid()), None).is_err() {
        return Err(Refused::Foreign);
    }
    if new.gid() != old.gid() && fchown(file, None, Some(old.gid())).is_err() {
        mode = without_group(mode);
    }
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// What the old group might do is not given to another; and its members, who are among all others now, may do no more
/// than before.
#[cfg(unix)]
const fn without_group(mode: u32) -> u32 {
    mode & 0o700 | mode & (mode >> 3) & 0o007
}

#[cfg(not(unix))]
fn keep_rights(_: &File, _: &Metadata) -> Result<(), Refused> {
    Ok(())
}

/// Removes what a killed run left in this folder: such a file holds a copy of the configuration, with its tokens.
/// Only what this program named, this user owns, and nobody touched for a day, by the folder's own clock.
#[cfg(unix)]
fn sweep(folder: &Path, fresh: &File) {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(fresh) = fresh.metadata() else { return };
    let (Ok(now), Ok(entries)) = (fresh.modified(), fs::read_dir(folder)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        // Of a link it tells about the link.
        let Some(about) = ours.then(|| entry.metadata().ok()).flatten() else {
            continue;
        };
        let age = about
            .modified()
            .ok()
            .and_then(|at| now.duration_since(at).ok());
        if about.is_file() && about.uid() == fresh.uid() && age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(not(unix))]
fn sweep(_: &Path, _: &File) {}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn p35_what_changed_between_reading_and_writing_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".npmrc");
        let other = folder.path().join("other");
        let cases: [(&str, &dyn Fn()); 5] = [
            ("b=2\n", &|| fs::write(&path, "b=2\n").unwrap()),
            ("a=2\n", &|| fs::write(&path, "a=2\n").unwrap()),
            ("", &|| fs::write(&path, "").unwrap()),
            ("gone", &|| fs::remove_file(&path).unwrap()),
            ("a=1\n", &|| {
                fs::rename(&path, &other).unwrap();
                symlink(&other, &path).unwrap();
            }),
        ];
        for (now, change) in cases {
            let _ = fs::remove_file(&path);
            fs::write(&path, "a=1\n").unwrap();
            let said = replace_with(&path, Some(b"a=1\n"), b"a=9\n", change);
            assert!(matches!(said, Err(Refused::Changed)), "{now}: {said:?}");
            let then = fs::read_to_string(&path).unwrap_or_else(|_| "gone".to_owned());
            assert_eq!(then, now);
        }
        assert_eq!(names(folder.path()), [".npmrc", "other"]);
    }

    #[test]
    fn p35_a_file_of_several_names_keeps_them_all() {
        use std::os::unix::fs::MetadataExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join(".npmrc"), folder.path().join("other"));
        fs::write(&path, "a=1\nlonger=than what comes\n").unwrap();
        fs::hard_link(&path, &other).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace_with(
            &path,
            Some(b"a=1\nlonger=than what comes\n"),
            b"a=2\n",
            || {
                // What it held lies whole beside it, for its owner alone.
                let kept = names(folder.path()).remove(0);
                let about = fs::metadata(folder.path().join(&kept)).unwrap();
                assert_eq!(about.permissions().mode() & 0o777, 0o600);
                assert_eq!(
                    fs::read(folder.path().join(kept)).unwrap(),
                    b"a=1\nlonger=than what comes\n"
                );
            },
        )
        .unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "a=2\n");
        let about = fs::metadata(&path).unwrap();
        assert_eq!((about.nlink(), about.mode() & 0o777), (2, 0o640));
        let said = replace_with(&path, Some(b"a=2\n"), b"a=3\n", || {
            fs::write(&other, "b=9\n").unwrap();
        });
        assert!(matches!(said, Err(Refused::Changed)), "{said:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "b=9\n");
        assert_eq!(names(folder.path()), [".npmrc", "other"]);
    }

    #[test]
    fn p35_what_could_not_be_written_back_lies_beside_under_a_name_that_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join(".npmrc"), folder.path().join("other"));
        fs::write(&path, "a=1\n").unwrap();
        fs::hard_link(&path, &other).unwrap();
        let before: &[u8] = b"a=1\n";
        let fails = |file: &File, _: &[u8]| {
            file.set_len(1)?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        };
        let (_, kept, about) = begin(&path, Some(before), b"a=2\n").unwrap();
        let said = in_place(
            &path,
            kept,
            (&about.unwrap(), before),
            b"a=2\n",
            || (),
            fails,
        );
        let Err(Refused::Broken(why, copy)) = said else {
            panic!("{said:?}")
        };
        assert_eq!(why.kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&copy).unwrap(), before);
        let about = fs::metadata(&copy).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
        // Two days later another edit leaves it there.
        let old = about.modified().unwrap() - ABANDONED * 2;
        let file = File::options().write(true).open(&copy).unwrap();
        file.set_modified(old).unwrap();
        replace(&folder.path().join("third"), None, b"").unwrap();
        assert_eq!(fs::read(&copy).unwrap(), before);
        let name = copy.file_name().unwrap().to_str().unwrap();
        assert_eq!(names(folder.path()), [name, ".npmrc", "other", "third"]);
        // Where that could be written back, nothing is left.
        fs::write(&path, "a=1\n").unwrap();
        let once = std::cell::Cell::new(true);
        let fails = |file: &File, bytes: &[u8]| {
            if once.replace(false) {
                file.set_len(1)?;
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            write_all(file, bytes)
        };
        let (_, kept, about) = begin(&path, Some(before), b"a=2\n").unwrap();
        let about = about.unwrap();
        let said = in_place(&path, kept, (&about, before), b"a=2\n", || (), fails);
        assert!(matches!(said, Err(Refused::Disk(_))), "{said:?}");
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(names(folder.path()), [name, ".npmrc", "other", "third"]);
    }

    #[test]
    fn p35_a_file_that_was_made_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".npmrc");
        let said = replace_with(&path, None, b"a=9\n", || fs::write(&path, "a=1\n").unwrap());
        assert!(matches!(said, Err(Refused::Changed)), "{said:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a=1\n");
        assert_eq!(names(folder.path()), [".npmrc"]);
    }

    #[test]
    fn p10_the_new_bytes_are_their_owners_alone_until_the_mode_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".npmrc");
        replace_with(&path, None, b"a=1\n", || {
            let temporary = names(folder.path()).remove(0);
            assert!(temporary.starts_with(PREFIX), "{temporary}");
            let about = fs::metadata(folder.path().join(temporary)).unwrap();
            assert_eq!(about.permissions().mode() & 0o777, 0o600);
        })
        .unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn p35_no_right_is_widened_where_the_group_cannot_be_kept() {
        for (mode, without) in [
            (0o600, 0o600),
            (0o640, 0o600),
            (0o664, 0o604),
            (0o604, 0o600),
            (0o646, 0o604),
            (0o777, 0o707),
        ] {
            assert_eq!(without_group(mode), without, "{mode:o}");
        }
    }

    #[test]
    fn only_what_a_killed_run_left_a_day_ago_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let old = fs::metadata(folder.path()).unwrap().modified().unwrap() - ABANDONED * 2;
        for (name, is_old) in [
            (".npm-warden-npmrc-old.tmp", true),
            (".npm-warden-npmrc-new.tmp", false),
            // Of recovery codes: the only copy there may be.
            (".npm-warden-abc.tmp", true),
            ("mine.tmp", true),
        ] {
            let file = File::create(at(name)).unwrap();
            if is_old {
                file.set_modified(old).unwrap();
            }
        }
        replace(&at(".npmrc"), None, b"").unwrap();
        assert_eq!(
            names(folder.path()),
            [
                ".npm-warden-abc.tmp",
                ".npm-warden-npmrc-new.tmp",
                ".npmrc",
                "mine.tmp"
            ]
        );
    }
}
