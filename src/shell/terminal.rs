//! The terminal: every mode is taken here and given back here, whatever ends the program.
//!
//! [`restore`] is one function and may be called any number of times; [`Terminal`]'s drop, the panic hook, the
//! signals and the waiting for a last answer all go through it. What is drawn afterwards goes nowhere, so that no
//! half-finished frame of a secret screen can reach the main screen.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ratatui::Frame;
use ratatui::backend::CrosstermBackend;
use zeroize::{Zeroize as _, Zeroizing};

use super::platform;

/// True while the terminal is ours. Also held during each write, so that a restore never lands inside a frame.
static OURS: Mutex<bool> = Mutex::new(false);

/// Alternate screen, bracketed paste, no cursor. No mouse: selecting text stays the terminal's business.
const ENTER: &str = "\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[2J";

/// The reverse, after the cells were overwritten.
const LEAVE: &str = "\x1b[2J\x1b[H\x1b[?2004l\x1b[?1049l\x1b[?25h";

/// Around a frame, so that a terminal that knows them shows it as a whole.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// More than a large frame takes: a buffer that grows leaves copies of its content behind.
const FRAME_BYTES: usize = 256 * 1024;

fn ours() -> MutexGuard<'static, bool> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take() -> io::Result<()> {
    let mut ours = ours();
    crossterm::terminal::enable_raw_mode()?;
    *ours = true;
    platform::write_all(ENTER.as_bytes())
}

/// Overwrites what is shown and gives every mode back. Harmless when that has happened already.
pub fn restore() {
    let mut ours = ours();
    if !std::mem::take(&mut *ours) {
        return;
    }
    // Row by row, because some terminals keep what "erase all" removes. First the end of an unfinished frame.
    let mut bytes = String::from("\x1b[?2026l\x1b[0m");
    for row in 1..=platform::rows() {
        let _ = write!(bytes, "\x1b[{row};1H\x1b[2K");
    }
    bytes.push_str(LEAVE);
    // A terminal that is gone cannot be restored, and nobody is left to be told.
    let _ = platform::write_all(bytes.as_bytes());
    platform::discard_typed_ahead();
    let _ = crossterm::terminal::disable_raw_mode();
}

/// What happens on a panic, from now on. `log` is where a log is being written.
///
/// In the thread that calls this, the one that draws: the terminal first, then one sentence without the panic's own
/// text, which may quote anything. Elsewhere the panic is only logged, because whoever waits for that thread says
/// what did not work, and recovery codes may be on the screen just now.
pub fn install_panic_hook(log: Option<PathBuf>) {
    let drawing = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()))
            .unwrap_or_default();
        if std::thread::current().id() != drawing {
            tracing::error!(place, "panicked beside the screen");
            return;
        }
        restore();
        tracing::error!(place, "panicked");
        let log = match &log {
            Some(path) => format!("Its log is in {}.", path.display()),
            None => "Start it with --log FILE to have a log of the next time.".to_owned(),
        };
        let _ = writeln!(
            io::stderr(),
            "npm-warden stopped because of a mistake in its own code ({place}). {log}"
        );
    }));
}

/// Sends bytes that draw nothing, such as a copy for the terminal's own clipboard.
pub(super) fn send(bytes: &[u8]) -> io::Result<()> {
    if *ours() {
        platform::write_all(bytes)?;
    }
    Ok(())
}

/// Writes a line to the main screen once the terminal was given back.
pub(super) fn say(line: &str) {
    let _ = platform::write_all(format!("{line}\n").as_bytes());
}

/// The terminal while the program runs in it.
pub struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<Pen>>,
    paper: Paper,
}

impl Terminal {
    /// Takes the terminal over. Standard input and output have to be one.
    pub fn enter() -> io::Result<Self> {
        // Under NO_COLOR this library drops every colour, and with them the QR code; the theme is who obeys it.
        crossterm::style::force_color_output(true);
        take().inspect_err(|_| restore())?;
        let paper: Paper = Rc::new(RefCell::new(Zeroizing::new(Vec::with_capacity(
            FRAME_BYTES,
        ))));
        let inner = ratatui::Terminal::new(CrosstermBackend::new(Pen(Rc::clone(&paper))))
            .inspect_err(|_| restore())?;
        Ok(Self { inner, paper })
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.inner.size()?;
        Ok((size.width, size.height))
    }

    /// Draws what differs from the last frame, in one write.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.inner.draw(view)?;
        self.present()
    }

    /// Makes the next frame overwrite every cell instead of drawing the difference (promise P05).
    pub fn wipe(&mut self) -> io::Result<()> {
        // The library's own `clear` asks the terminal where its cursor is, and waits for an answer among the keys.
        let size = self.inner.size()?;
        self.inner.resize(size.into())
    }

    /// Takes the terminal back after it was given away; everything is drawn anew.
    pub fn reenter(&mut self) -> io::Result<()> {
        // Whoever had it meanwhile may have changed its modes: take them all again, also those that we still hold.
        if *ours() {
            crossterm::terminal::disable_raw_mode()?;
        }
        take()?;
        self.wipe()
    }

    fn present(&mut self) -> io::Result<()> {
        let mut paper = self.paper.borrow_mut();
        let ours = ours();
        let mut result = Ok(());
        if *ours && !paper.is_empty() {
            paper.extend_from_slice(END);
            result = platform::write_all(&paper);
        }
        drop(ours);
        // As far as it was written on; the rest of its room was never touched, and takes no memory.
        paper.as_mut_slice().zeroize();
        paper.clear();
        result
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// One frame's bytes; wiped once they are sent.
type Paper = Rc<RefCell<Zeroizing<Vec<u8>>>>;

/// Collects a frame; [`Terminal::present`] sends it.
struct Pen(Paper);

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut paper = self.0.borrow_mut();
        if paper.is_empty() {
            paper.extend_from_slice(BEGIN);
        }
        paper.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// The drawing library flushes several times a frame; a frame goes out as one write.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
