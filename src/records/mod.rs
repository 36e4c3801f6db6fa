//! What this program notes down on this machine besides recovery codes, in its own folder: what tokens are for, and how
//! far what was begun has come. Holds no secret.

pub mod incident;
mod journal;
mod mark;
mod notes;
pub mod shape;

pub use journal::{Journal, Left, Tag};
pub use mark::Mark;
pub use notes::{Note, Notes};

use std::fs::File;
use std::io;
use std::path::Path;

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

/// A folder that is its owner's alone, also if it was there and open to others.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = folder.metadata()?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

fn sync(folder: &Path) -> io::Result<()> {
    // Windows opens no folder; its file systems keep names by their own journal.
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder)?.sync_all()
}

fn disk(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!(
            "{} could not be written or read ({error}).",
            Text::new(&path.to_string_lossy())
        ),
        "Look after the disk and the rights to that folder, and do it again.",
    )
}
