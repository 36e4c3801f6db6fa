//! What the program knows and how it changes: [`Model`] and the pure `update`.
//!
//! No clock, no terminal, no registry: time and events come in as values, wishes go out as [`Effect`]s.

pub mod bindings;
mod enabled;
pub mod field;
pub mod key;
pub mod keymap;
pub mod model;
pub mod notice;
pub mod request;
mod start;
pub mod tokens;

use jiff::Timestamp;
use std::time::Duration;

use crate::backend::protocol::{Answer, Asking, Event, Request, RequestId};
use crate::domain::secret::Secret;

pub use key::{Key, KeyCode};
pub use model::Model;

/// The time at which something happened, on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the program started; never goes back.
    pub mono: Duration,
    /// By the calendar.
    pub wall: Timestamp,
}

/// What happened.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed or repeats.
    Key(Key),
    /// Text was pasted.
    Paste(Secret<String>),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The backend reports.
    Backend(Event),
    /// The time that [`Model::wake_at`](model::Model) asked for has come.
    Wake,
    /// The terminal or the system wants the program to end.
    Terminate,
    /// A copy ended: where it went, as a sentence.
    Copied(Result<String, String>),
    /// The code that the demo authenticator shows, while its line is open.
    DemoCode(Option<DemoCode>),
}

/// What the demo authenticator shows: a stand-in for the newcomer's phone.
#[derive(Debug)]
pub struct DemoCode {
    /// The current code.
    pub code: Secret<String>,
    /// How long it stays current, in seconds.
    pub seconds_left: u64,
}

/// What should be done, as data.
#[derive(Debug)]
pub enum Effect {
    /// Begin a request.
    Start {
        /// Its name.
        id: RequestId,
        /// What to do.
        request: Request,
        /// Whether it may ask.
        asking: Asking,
    },
    /// Answer the open question of a request.
    Answer {
        /// Whose question.
        id: RequestId,
        /// The answer.
        answer: Answer,
    },
    /// Give a request up.
    Cancel {
        /// Which.
        id: RequestId,
    },
    /// Put something on the clipboard.
    Copy {
        /// What it is, in a word or two.
        what: &'static str,
        /// The text.
        text: Secret<String>,
        /// Cleared again after a while, and kept out of clipboard histories.
        sensitive: bool,
    },
    /// A secret screen was left: overwrite every cell instead of drawing the difference (promise P05).
    Wipe,
    /// Take off the clipboard what this program put there, if it is still there (promise P08).
    ClearClipboard,
    /// Ask for the demo authenticator's code, once now and again when it changes.
    DemoAuthenticator,
    /// Give the terminal back and stop, until the shell brings the program to the front again.
    Suspend,
    /// End the program. A write in flight is waited for, visibly.
    Quit,
}
