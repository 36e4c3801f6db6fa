//! Standard output as the one place of a value that comes once: looked at before anything is made, and told when it takes
//! the value no more.

use std::io;

use super::report::print_all;
use super::talk::{End, Talk, say};
use crate::domain::secret::Secret;

/// What became of a value that was to be printed.
pub(super) enum Handed {
    /// It is on standard output.
    Printed,
    /// That took nothing any more (why), so the person has it on the terminal.
    Shown(io::Error),
    /// Nobody has it.
    Lost(io::Error),
}

/// Fails where a value that is printed would surely be lost.
///
/// What is seen here is seen before anything is made, which no revocation afterwards can match: that would ask for
/// another code, and can fail.
pub(super) fn open() -> Result<(), End> {
    takes().map_err(|why| {
        End::usage(
            format!("Standard output cannot be written ({why}), so the new value would be lost."),
            "Let it lead somewhere, or give --write-to with token create. No token was made.",
        )
    })
}

/// Prints the line that holds this value. Where that fails, a person can have it on the terminal.
pub(super) async fn hand_over(talk: &mut Talk, line: &str, value: &Secret<String>) -> Handed {
    let Err(why) = takes().and_then(|()| print_all(line)) else {
        return Handed::Printed;
    };
    say(&format!(
        "The new value could not be written to standard output ({why})."
    ));
    let shows = talk.somebody()
        && talk
            .agreed("Show it here, on the terminal?")
            .await
            .unwrap_or(false);
    if !shows {
        return Handed::Lost(why);
    }
    say(value.expose());
    Handed::Shown(why)
}

/// Whether something written to standard output gets anywhere, as far as can be seen without writing.
#[cfg(unix)]
pub(super) fn takes() -> io::Result<()> {
    use std::fs::File;
    use std::io::Write as _;
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let out = io::stdout();
    let mut ends = [PollFd::new(&out, PollFlags::OUT)];
    let nobody = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
    if poll(&mut ends, Some(&Timespec::default())).is_ok() && ends[0].revents().intersects(nobody) {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    let mut out = File::from(out.as_fd().try_clone_to_owned()?);
    let about = out.metadata()?;
    // One that was closed leads there, too: a program of this language opens it so at its start.
    let nowhere = std::fs::metadata("/dev/null");
    if about.file_type().is_char_device()
        && nowhere.is_ok_and(|nowhere| nowhere.rdev() == about.rdev())
    {
        return Err(io::Error::other("it is closed or leads nowhere"));
    }
    // Some devices say by that already that they are full.
    out.write(&[]).map(|_| ())
}

/// Only writing tells.
#[cfg(not(unix))]
pub(super) fn takes() -> io::Result<()> {
    Ok(())
}
