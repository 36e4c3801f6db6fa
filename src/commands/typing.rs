//! A question on the terminal: one line, shown or hidden, that can be taken away again while it stands there.
//!
//! Keys are read as such and not as lines. So a secret is never echoed, a line end inside of a paste submits nothing
//! (promise P17), Ctrl-C gives the terminal back before anything else happens, and a question that was answered
//! elsewhere (on a page of the registry's) ends without a key.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event, EventStream, KeyCode, KeyEvent,
    KeyEventKind, KeyModifiers, poll, read,
};
use crossterm::execute;
use crossterm::terminal::{Clear, ClearType, disable_raw_mode, enable_raw_mode};
use futures_util::StreamExt as _;

use crate::domain::secret::Secret;
use crate::domain::text::Text;

/// More than any password, code, name or token has.
const LONGEST: usize = 8 * 1024;

/// Whether there is somebody to ask: questions are read from standard input and stand on standard error.
pub(super) fn somebody_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// What became of a question.
#[derive(Debug)]
pub(super) enum Typed {
    /// A line, without its end.
    Line(Secret<String>),
    /// Ctrl-C, or Ctrl-D, or nobody is there any more.
    Left,
}

/// An open question. The terminal is given back when it is dropped.
pub(super) struct Typing {
    label: String,
    hidden: bool,
    text: Secret<String>,
    keys: Keys,
    _raw: Raw,
}

/// The keys of the terminal: one stream for as long as the program runs. The end of a stream wakes the one reader of
/// the terminal, and a key that is pressed at that moment lies unread until the next one comes.
struct Keys(Option<EventStream>);

static KEYS: Mutex<Option<EventStream>> = Mutex::new(None);

impl Keys {
    fn of_the_terminal() -> Self {
        let kept = KEYS.lock().unwrap_or_else(PoisonError::into_inner).take();
        // What was read meanwhile was meant for an earlier question.
        while kept.is_some() && poll(Duration::ZERO).is_ok_and(|key| key) && read().is_ok() {}
        Self(Some(kept.unwrap_or_default()))
    }

    /// The next key or paste; `None` when nobody is there any more.
    async fn next(&mut self) -> Option<Event> {
        self.0.as_mut()?.next().await?.ok()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        *KEYS.lock().unwrap_or_else(PoisonError::into_inner) = self.0.take();
    }
}

impl Typing {
    /// Asks. What was typed before the question stood there does not answer it.
    pub(super) fn open(label: impl Into<String>, hidden: bool) -> io::Result<Self> {
        let raw = Raw::new()?;
        let typing = Self {
            label: label.into(),
            hidden,
            text: Secret::with_capacity(LONGEST),
            keys: Keys::of_the_terminal(),
            _raw: raw,
        };
        let _ = write!(io::stderr(), "{}", typing.label);
        let _ = io::stderr().flush();
        Ok(typing)
    }

    /// The answer. Nothing is lost when this is dropped and called again.
    pub(super) async fn next(&mut self) -> Typed {
        loop {
            let Some(event) = self.keys.next().await else {
                return Typed::Left;
            };
            match event {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    if let Some(typed) = self.key(key) {
                        return typed;
                    }
                }
                Event::Paste(pasted) => {
                    let pasted = Secret::from(pasted);
                    for c in pasted.expose().trim().chars() {
                        self.push(if c.is_control() { ' ' } else { c });
                    }
                    if !self.hidden {
                        self.redraw();
                    }
                }
                _ => {}
            }
        }
    }

    /// Says something above the question.
    pub(super) fn say(&self, line: &str) {
        let mut out = io::stderr();
        let _ = write!(out, "\r");
        let _ = execute!(out, Clear(ClearType::UntilNewLine));
        let _ = write!(out, "{line}\r\n");
        self.redraw();
    }

    fn key(&mut self, key: KeyEvent) -> Option<Typed> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alone = !control && !key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('c') if control => return Some(Typed::Left),
            KeyCode::Char('d') if control && self.text.is_empty() => return Some(Typed::Left),
            KeyCode::Char('u') if control => self.text.expose_mut().clear(),
            KeyCode::Char('z') if control => stop(),
            KeyCode::Enter => {
                let empty = Secret::with_capacity(0);
                return Some(Typed::Line(std::mem::replace(&mut self.text, empty)));
            }
            KeyCode::Char('j' | 'm') if control => return self.key(KeyCode::Enter.into()),
            KeyCode::Backspace => {
                self.text.expose_mut().pop();
            }
            KeyCode::Char(c) if alone => {
                self.push(c);
                if !self.hidden {
                    // Only what is new: a screen reader reads out what is written.
                    let mut out = io::stderr();
                    let _ = write!(out, "{c}").and_then(|()| out.flush());
                }
                return None;
            }
            _ => return None,
        }
        self.redraw();
        None
    }

    fn push(&mut self, c: char) {
        // Beyond this the buffer would grow and leave a copy behind.
        if self.text.expose().len() + c.len_utf8() <= LONGEST {
            self.text.expose_mut().push(c);
        }
    }

    fn redraw(&self) {
        let mut out = io::stderr();
        let shown = if self.hidden {
            ""
        } else {
            self.text.expose().as_str()
        };
        let _ = write!(out, "\r{}{}", self.label, Text::new(shown));
        // `Text` takes the blank at the end off, which somebody who types sees as a lost key.
        if shown.ends_with(' ') {
            let _ = write!(out, " ");
        }
        let _ = execute!(out, Clear(ClearType::UntilNewLine));
        let _ = out.flush();
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        let _ = write!(io::stderr(), "\r\n");
    }
}

/// The terminal while a question is open.
struct Raw;

impl Raw {
    fn new() -> io::Result<Self> {
        quiet::begin();
        // Before the mode changes: till then a Ctrl-C is a signal, from then on a key, and neither is forgotten.
        forget_typed_ahead();
        enable_raw_mode()?;
        let raw = Self;
        pastes(true);
        Ok(raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        pastes(false);
        let _ = disable_raw_mode();
    }
}

/// From the first question to the end of the command the terminal echoes nothing, also between the questions: somebody
/// who types a code again, or pastes the next one, would read it there. It is as it was when this is dropped.
pub(super) struct Quiet;

impl Drop for Quiet {
    fn drop(&mut self) {
        quiet::end();
    }
}

/// Whether the terminal echoes nothing; not even `^C`.
pub(super) fn is_quiet() -> bool {
    quiet::is_on()
}

#[cfg(unix)]
mod quiet {
    use std::io;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    /// No character (`_POSIX_VDISABLE`).
    const NONE: u8 = if cfg!(target_os = "linux") { 0 } else { 0xff };

    /// The terminal as it was.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    fn before() -> MutexGuard<'static, Option<Termios>> {
        BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the terminal returns to after a question. Ctrl-C stays a signal; the keys that would leave it to the shell
    /// without an echo, in the middle of a change, do nothing.
    pub(super) fn begin() {
        let mut before = before();
        if before.is_some() {
            return;
        }
        let Ok(found) = tcgetattr(io::stdin()) else {
            return;
        };
        let mut quiet = found.clone();
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ECHONL;
        quiet.special_codes[SpecialCodeIndex::VSUSP] = NONE;
        quiet.special_codes[SpecialCodeIndex::VQUIT] = NONE;
        if tcsetattr(io::stdin(), OptionalActions::Now, &quiet).is_ok() {
            *before = Some(found);
        }
    }

    /// What was typed meanwhile was for nobody, and the shell must not get it.
    pub(super) fn end() {
        if let Some(found) = before().take() {
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &found);
        }
    }

    pub(super) fn is_on() -> bool {
        before().is_some()
    }
}

#[cfg(not(unix))]
mod quiet {
    pub(super) const fn begin() {}

    pub(super) const fn end() {}

    pub(super) const fn is_on() -> bool {
        false
    }
}

/// Whether a paste comes as one; a terminal that knows nothing would show the request for it.
fn pastes(whole: bool) {
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return;
    }
    let mut out = io::stderr();
    let _ = if whole {
        execute!(out, EnableBracketedPaste)
    } else {
        execute!(out, DisableBracketedPaste)
    };
}

#[cfg(unix)]
fn forget_typed_ahead() {
    use rustix::termios::{QueueSelector, tcflush};
    let _ = tcflush(io::stdin(), QueueSelector::IFlush);
}

#[cfg(not(unix))]
fn forget_typed_ahead() {}

/// Ctrl-Z, as a shell's line does it.
#[cfg(unix)]
fn stop() {
    use rustix::process::{Signal, kill_current_process_group};
    pastes(false);
    let _ = disable_raw_mode();
    quiet::end();
    let _ = kill_current_process_group(Signal::TSTP);
    quiet::begin();
    let _ = enable_raw_mode();
    pastes(true);
}

#[cfg(not(unix))]
fn stop() {}
