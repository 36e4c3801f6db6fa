//! Reading a file without being held up by it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The largest file that is read; certificates in a `cafile` are the reason for so much.
const LARGEST: u64 = 8 * 1024 * 1024;

/// Why a file could not be read, as what follows "`FILE` ".
pub(super) enum Unread {
    /// There is none.
    Missing,
    /// Another reason, as a piece of a sentence.
    Because(String),
}

/// The bytes of a file. Pipes and devices are not opened, since reading one may never end.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Unread> {
    if is_null_device(path) {
        return Ok(Zeroizing::default());
    }
    read_real(path)
}

/// [`read`], for a file that is to be written: not even the null device will do.
pub(super) fn read_real(path: &Path) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let because = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Unread::Missing,
        _ => Unread::Because(format!("could not be read ({error})")),
    };
    let about = std::fs::metadata(path).map_err(|e| because(&e))?;
    if about.is_dir() {
        return Err(Unread::Because("is a folder, not a file".to_owned()));
    }
    if !about.is_file() {
        return Err(Unread::Because("is not a plain file".to_owned()));
    }
    if about.len() > LARGEST {
        return Err(Unread::Because("is too large to be read".to_owned()));
    }
    let file = File::open(path).map_err(|e| because(&e))?;
    // One byte more than the file has, so that reading never makes the buffer grow and leave a copy.
    let room = usize::try_from(about.len()).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|e| because(&e))?;
    Ok(bytes)
}

/// The bytes of a file that may as well be missing.
pub(super) fn read_plain(path: &Path) -> Option<Zeroizing<Vec<u8>>> {
    read(path).ok()
}

/// The file that a path leads to, without links; where it is not there yet, the name that it will have.
pub(super) fn real(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() =>
        {
            let (folder, name) = path.parent().zip(path.file_name()).ok_or(error)?;
            Ok(folder.canonicalize()?.join(name))
        }
        result => result,
    }
}

pub(super) fn is_null_device(path: &Path) -> bool {
    path == Path::new("/dev/null")
        || (cfg!(windows) && path.as_os_str().eq_ignore_ascii_case("nul"))
}
