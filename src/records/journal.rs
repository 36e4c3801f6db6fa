//! How far something has come that must be gone on with after a crash: one line a step, on the disk before the step is
//! told (promise P30).

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use super::{disk, make_private, sync};
use crate::domain::failure::{Failure, FailureKind};

/// Below the program's own folder.
const FOLDER: &str = "journals";
const SUFFIX: &str = ".jsonl";
/// How often a lock is tried again while somebody only looks: thousands of looks.
const LOOKED_AT: u32 = 100_000;

/// What a journal is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A revocation.
    Revocation,
    /// A rotation.
    Rotation,
    /// An emergency.
    Emergency,
}

impl Tag {
    const ALL: [Self; 3] = [Self::Revocation, Self::Rotation, Self::Emergency];

    const fn word(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Rotation => "rotation",
            Self::Emergency => "emergency",
        }
    }
}

/// A journal that is being written. It is locked as long as this lives, so that no other instance goes on with it.
#[derive(Debug)]
pub struct Journal {
    id: String,
    path: PathBuf,
    file: File,
}

/// A journal that nobody is writing: what was begun and not ended.
#[derive(Debug)]
pub struct Left {
    /// Its name.
    pub id: String,
    /// What it is of.
    pub tag: Tag,
    /// Its lines. One that was torn by a crash is left out: what it tells was not told to anybody.
    pub lines: Vec<Value>,
}

impl Journal {
    /// Begins one in the program's own folder, with its first line on the disk.
    pub fn begin(data: &Path, tag: Tag, now: Timestamp, first: &Value) -> Result<Self, Failure> {
        let folder = data.join(FOLDER);
        make_private(&folder).map_err(|e| disk(&folder, &e))?;
        let stamp = now.strftime("%Y%m%dT%H%M%SZ");
        for count in 0_u32.. {
            let id = match count {
                0 => format!("{}-{stamp}", tag.word()),
                n => format!("{}-{stamp}-{n}", tag.word()),
            };
            let path = folder.join(format!("{id}{SUFFIX}"));
            let mut options = File::options();
            options.append(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = match options.open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(disk(&path, &error)),
            };
            // Another instance may have taken it for one that was left before its first line, and removed it.
            if !lock(&file) || is_removed(&file) {
                continue;
            }
            let mut journal = Self { id, path, file };
            journal.add(first)?;
            sync(&folder).map_err(|e| disk(&folder, &e))?;
            return Ok(journal);
        }
        unreachable!("there is a free name before numbers end")
    }

    /// Goes on with one that was left. Fails when another instance is at it.
    pub fn resume(data: &Path, id: &str) -> Result<(Self, Left), Failure> {
        let path = path_of(data, id)?;
        let mut options = File::options();
        options.append(true).read(true);
        let file = options.open(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => ended(),
            _ => disk(&path, &e),
        })?;
        if !lock(&file) {
            return Err(Failure::new(
                FailureKind::Local,
                "Another npm-warden is at it.",
                "Go on there, or close it first.",
            ));
        }
        if is_removed(&file) {
            return Err(ended());
        }
        let left = read(&path).map_err(|e| disk(&path, &e))?;
        let (left, _) = left.ok_or_else(|| disk(&path, &io::ErrorKind::InvalidData.into()))?;
        let mut journal = Self {
            id: id.to_owned(),
            path,
            file,
        };
        // A line that was torn is ended, so that the next one is whole.
        journal.write(b"\n")?;
        Ok((journal, left))
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Adds a line; it is on the disk when this returns.
    pub fn add(&mut self, line: &Value) -> Result<(), Failure> {
        self.add_all(std::slice::from_ref(line))
    }

    /// Adds lines in one go; they are on the disk when this returns.
    pub fn add_all(&mut self, lines: &[Value]) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        for line in lines {
            bytes.extend_from_slice(line.to_string().as_bytes());
            bytes.push(b'\n');
        }
        self.write(&bytes)
    }

    /// Ends it: nothing is left to go on with.
    pub fn end(self) -> Result<(), Failure> {
        fs::remove_file(&self.path).map_err(|e| disk(&self.path, &e))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file
            .write_all(bytes)
            .and_then(|()| self.file.sync_data())
            .map_err(|e| disk(&self.path, &e))
    }
}

impl Left {
    /// Everything that was begun and not ended, and that no living instance is at; the newest first.
    pub fn all(data: &Path) -> Result<Vec<Self>, Failure> {
        Self::each(data, Self::at)
    }

    /// Everything that a living instance is at, as far as it has come; the newest first.
    pub fn open(data: &Path) -> Result<Vec<Self>, Failure> {
        Self::each(data, Self::written)
    }

    fn each(data: &Path, of: impl Fn(&Path) -> Option<Self>) -> Result<Vec<Self>, Failure> {
        let folder = data.join(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(disk(&folder, &error)),
        };
        let mut all: Vec<Self> = entries
            .flatten()
            .filter_map(|entry| of(&entry.path()))
            .collect();
        all.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(all)
    }

    /// One that no living instance is at. It is removed if a crash left it without a whole line: nothing was done then
    /// that it could tell of.
    fn at(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        file.try_lock_shared().ok()?;
        let (left, whole) = read(path).ok()??;
        if whole {
            return Some(left);
        }
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(%error, "a journal without a line");
        }
        None
    }

    /// One that a living instance is at.
    fn written(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(read(path).ok()??.0),
            _ => None,
        }
    }

    /// Forgets one, unless another instance is at it. One that has ended meanwhile is forgotten already.
    pub fn forget(data: &Path, id: &str) -> Result<(), Failure> {
        if matches!(path_of(data, id)?.try_exists(), Ok(false)) {
            return Ok(());
        }
        Journal::resume(data, id)?.0.end()
    }
}

/// It is not there any more: another instance has ended or forgotten it.
fn ended() -> Failure {
    Failure::new(
        FailureKind::Local,
        "What was begun has ended meanwhile, or was forgotten: nothing is left to go on with.",
        "Look through the tokens for how it ended.",
    )
}

fn path_of(data: &Path, id: &str) -> Result<PathBuf, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if id.is_empty() || !id.chars().all(plain) {
        return Err(disk(Path::new(id), &io::ErrorKind::NotFound.into()));
    }
    Ok(data.join(FOLDER).join(format!("{id}{SUFFIX}")))
}

/// Takes the lock, unless another instance writes it. One that only looks holds it for a moment, beside others that look.
fn lock(file: &File) -> bool {
    for _ in 0..LOOKED_AT {
        match file.try_lock() {
            Ok(()) => return true,
            Err(TryLockError::Error(_)) => return false,
            Err(TryLockError::WouldBlock) => {}
        }
        if file.try_lock_shared().is_err() || file.unlock().is_err() {
            return false;
        }
        std::thread::yield_now();
    }
    false
}

/// Whether the file has lost its name.
#[cfg(unix)]
fn is_removed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|facts| facts.nlink() == 0)
}

/// Whether the file has lost its name: not while it is open.
#[cfg(not(unix))]
const fn is_removed(_: &File) -> bool {
    false
}

/// What it tells, and whether there is any whole line; `None` for a file that is no journal.
fn read(path: &Path) -> io::Result<Option<(Left, bool)>> {
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(id) = name.and_then(|name| name.strip_suffix(SUFFIX)) else {
        return Ok(None);
    };
    let Some(tag) = Tag::ALL
        .into_iter()
        .find(|tag| id.starts_with(&format!("{}-", tag.word())))
    else {
        return Ok(None);
    };
    let text = fs::read(path)?;
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let left = Left {
        id: id.to_owned(),
        tag,
        lines,
    };
    Ok(Some((left, text.contains(&b'\n'))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use serde_json::json;

    use super::*;

    fn begin(data: &Path) -> Journal {
        Journal::begin(
            data,
            Tag::Revocation,
            Timestamp::UNIX_EPOCH,
            &json!({"a": 1}),
        )
        .unwrap()
    }

    #[test]
    fn p30_what_was_begun_and_not_ended_is_found_again_and_gone_on_with() {
        let data = tempfile::tempdir().unwrap();
        let mut journal = begin(data.path());
        journal.add(&json!({"b": 2})).unwrap();
        let second = begin(data.path());
        assert_ne!(journal.id(), second.id());
        assert!(Left::all(data.path()).unwrap().is_empty(), "both live");
        let open = Left::open(data.path()).unwrap();
        let open: Vec<_> = open.iter().map(|left| (&*left.id, &left.lines)).collect();
        let lines = [
            vec![json!({"a": 1})],
            vec![json!({"a": 1}), json!({"b": 2})],
        ];
        assert_eq!(
            open,
            [(second.id(), &lines[0]), (journal.id(), &lines[1])],
            "what is open is told as that"
        );
        assert!(Journal::resume(data.path(), second.id()).is_err());
        second.end().unwrap();
        let id = journal.id().to_owned();
        // A crash tears the last line.
        journal.write(b"{\"c\":").unwrap();
        drop(journal);
        assert!(Left::open(data.path()).unwrap().is_empty());
        let all = Left::all(data.path()).unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].lines, [json!({"a": 1}), json!({"b": 2})]);
        let (mut journal, left) = Journal::resume(data.path(), &id).unwrap();
        assert_eq!(left.lines.len(), 2);
        journal
            .add_all(&[json!({"d": 4}), json!({"e": 5})])
            .unwrap();
        drop(journal);
        let all = Left::all(data.path()).unwrap();
        assert_eq!(all[0].lines[2..], [json!({"d": 4}), json!({"e": 5})]);
        Left::forget(data.path(), &id).unwrap();
        assert!(Left::all(data.path()).unwrap().is_empty());
        // It was ended meanwhile: that is no trouble with the disk.
        let why = Journal::resume(data.path(), &id).unwrap_err();
        assert!(why.what.as_str().contains("ended meanwhile"), "{why}");
        Left::forget(data.path(), &id).unwrap();
        assert!(Left::forget(data.path(), "../x").is_err());
    }

    #[test]
    fn p30_what_died_before_its_first_line_is_swept_and_a_living_one_is_not() {
        let data = tempfile::tempdir().unwrap();
        let living = begin(data.path());
        let folder = data.path().join(FOLDER);
        for torn in ["", "{\"registry\":\"r"] {
            fs::write(folder.join("emergency-x.jsonl"), torn).unwrap();
            fs::write(folder.join("other"), torn).unwrap();
            assert!(Left::all(data.path()).unwrap().is_empty());
            let mut names: Vec<_> = fs::read_dir(&folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            assert_eq!(names, ["other", &format!("{}.jsonl", living.id())]);
        }
    }

    #[test]
    fn who_only_looks_keeps_nobody_from_writing() {
        let data = tempfile::tempdir().unwrap();
        let id = begin(data.path()).id().to_owned();
        let path = path_of(data.path(), &id).unwrap();
        let looking = File::open(&path).unwrap();
        looking.lock_shared().unwrap();
        // Another one that looks sees it as well.
        assert_eq!(Left::all(data.path()).unwrap().len(), 1);
        looking.unlock().unwrap();
        let (_writing, _) = Journal::resume(data.path(), &id).unwrap();
        assert!(Left::all(data.path()).unwrap().is_empty());
        assert!(looking.try_lock_shared().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_was_open_to_others_is_closed() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join(FOLDER);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        begin(data.path());
        let mode = folder.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_name_is_no_path() {
        let data = tempfile::tempdir().unwrap();
        for id in ["", "../x", "a/b", "a.b"] {
            assert!(Journal::resume(data.path(), id).is_err(), "{id}");
        }
    }
}
