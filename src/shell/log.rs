//! The log that `--log FILE` asks for: this program's own words, without secrets, for its owner's eyes.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::platform;
use crate::registry::redact::redact;

/// Begins to write what happens to the end of `path`.
pub fn start(path: &Path) -> io::Result<()> {
    let file = Arc::new(platform::private_log(path)?);
    tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_ansi(false)
        .with_writer(Log(file))
        .init();
    Ok(())
}

/// No lock of its own, so that a panic in the middle of a line can still be logged.
struct Log(Arc<File>);

/// Takes one whole line at a time, as the formatter hands them over.
struct Line(Option<Arc<File>>);

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line(Some(Arc::clone(&self.0)))
    }

    /// Other people's code may log what it likes; it is not written.
    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line {
        let own = meta
            .target()
            .split("::")
            .next()
            .is_some_and(|room| room == "npm_warden");
        Line(own.then(|| Arc::clone(&self.0)))
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = &self.0 {
            // The last of several nets: what is logged is chosen to hold no secret in the first place.
            let line = redact(&String::from_utf8_lossy(bytes));
            (&**file).write_all(line.as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
