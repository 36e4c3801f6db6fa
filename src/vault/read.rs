//! Reading a file back: a plain file of bounded size, never through a symlink.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::domain::failure::Failure;

use super::{failure, shown};

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// There is none.
    Missing,
    /// It is a folder, a symlink, or something else that no codes were written into.
    NotPlain,
    /// It is larger than any that this program writes.
    TooLarge,
    /// The system refused.
    Io(io::Error),
}

/// How a file compares with what was written there.
pub(super) enum Found {
    /// There is none.
    Gone,
    /// It is what was written.
    Ours,
    /// It is something else.
    Changed,
}

impl Unread {
    /// For a person; `of` is what the file was taken for.
    pub(super) fn failure(&self, path: &Path, of: &str) -> Failure {
        let path = shown(path);
        match self {
            Self::Missing => failure(
                format!("{path} is not there any more."),
                "Put it back, or look for a copy of it.",
            ),
            Self::NotPlain => failure(
                format!("{path} is not a plain file."),
                "Check the file, or choose another.",
            ),
            Self::TooLarge => failure(
                format!("{path} is too large for {of}."),
                "Check the file, or choose another.",
            ),
            Self::Io(error) => failure(
                format!("{path} could not be read ({error})."),
                "Check the file, or choose another.",
            ),
        }
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Io(error),
        }
    }
}

/// The whole content, wiped when it is dropped, with no copy of a part of it left behind.
pub(super) fn whole(path: &Path, largest: u64) -> Result<Zeroizing<Vec<u8>>, Unread> {
    // What is no plain file is not even opened: a pipe would wait for its other end.
    if !path.symlink_metadata()?.is_file() {
        return Err(Unread::NotPlain);
    }
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        // Nor is what takes its place meanwhile.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.cast_signed());
    }
    let file = options.open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(Unread::NotPlain);
    }
    if about.len() > largest {
        return Err(Unread::TooLarge);
    }
    // One byte more than the file has: a buffer that never grows leaves no copy behind.
    let room = usize::try_from(about.len()).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(about.len()).read_to_end(&mut bytes)?;
    Ok(bytes)
}
