//! What the program knows and how it changes: [`Model`] and the pure `update`.
//!
//! No clock, no terminal, no registry: time and events come in as values, wishes go out as [`Effect`]s.

mod ability;
mod account;
mod act;
pub mod bindings;
mod challenge;
pub mod create;
pub mod created;
mod demo;
pub mod emergency;
mod enabled;
mod events;
mod exposure;
pub mod field;
pub mod guide;
mod hold;
mod input;
pub mod key;
pub mod keymap;
pub mod machine;
pub mod model;
pub mod note;
pub mod notice;
mod overlay;
pub mod password;
mod profile;
pub mod recovery;
pub mod request;
pub mod revoke;
pub mod rotate;
mod scroll;
mod security;
pub mod signin;
pub mod signout;
pub mod site;
mod start;
mod timer;
pub mod tokens;
pub mod unfinished;
mod web;
mod wizard;

use jiff::Timestamp;
use std::time::Duration;

use crate::backend::protocol::{Answer, Asking, Event, Request, RequestId};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

pub use key::{Key, KeyCode};
pub use model::Model;
pub use scroll::{Drawn, Sight, drawn};
pub use wizard::{DECLINE, MYSELF};

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
    /// A copy was sent to the terminal, which does not say whether it took it; what to say of it, as a sentence.
    Sent(String),
    /// What was wished of the terminal cannot be done now: why, as a sentence.
    NotNow(&'static str),
    /// An address could not be opened: why, as a sentence.
    NotOpened(&'static str),
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
    /// Let a request begin no further write while the person is asked whether to go on, or let it go on.
    Hold {
        /// Which.
        id: RequestId,
        /// Whether it is held.
        held: bool,
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
    /// Open an address in the person's browser (promise P18). What comes of it is not waited for.
    Open {
        /// The whole address, in ASCII.
        address: Text,
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

/// Applies what happened at `now` and says what should be done.
pub fn update(model: &mut Model, msg: Msg, now: Now) -> Vec<Effect> {
    let exposed = exposure::of(model);
    let beneath = keymap::beneath(model);
    let by_person = matches!(msg, Msg::Key(_) | Msg::Paste(_));
    let mut effects = Vec::new();
    timer::advance(model, now, &mut effects);
    match msg {
        Msg::Key(key) => input::key(model, key, &mut effects),
        Msg::Paste(text) => input::paste(model, &text, &mut effects),
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            tokens::resized(model);
        }
        Msg::Backend(event) => events::on(model, event, &mut effects),
        Msg::Wake => {}
        Msg::Terminate => overlay::quit_now(model, &mut effects),
        Msg::Copied(Ok(text)) => {
            created::copied(model, created::Copied::There);
            model.good(text);
        }
        Msg::Sent(text) => {
            created::copied(model, created::Copied::Sent);
            model.plain(text);
        }
        Msg::Copied(Err(text)) => {
            created::copied(model, created::Copied::None);
            model.ended(model::Tone::Warning, text);
        }
        Msg::NotNow(why) | Msg::NotOpened(why) => model.warn(why),
        Msg::DemoCode(code) => demo::code(model, code),
    }
    created::taken_off(model, &effects);
    guide::settle(model);
    emergency::settle(model);
    site::settle(model);
    recovery::settle(model);
    signin::settle(model);
    tokens::settle(model);
    machine::settle(model, &mut effects);
    overlay::settle(model, beneath);
    hold::settle(model, &mut effects);
    notice::settle(model, by_person);
    demo::turn(model, &mut effects);
    if exposure::was_left(&exposed, model) {
        effects.insert(0, Effect::Wipe);
    }
    effects
}
