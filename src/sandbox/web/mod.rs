//! Signing in and approving in a browser.
//!
//! ```text
//! POST /-/v1/login, or a guarded request ─▶ Desk::open ─▶ two addresses, neither to be guessed
//!   the person's   /-/web/{page}      sign in (password, code) ─▶ approve or deny
//!   the client's   /-/v1/done/{done}  202 … 202 ─▶ 200 {"token"}: a session's token, or a code
//! ```
//!
//! A page knows the browsers that look at it and is forgotten with them, so that nothing in a
//! browser outlives the one question: the next page asks for the second factor again.

mod desk;
mod inbox;
mod page;
mod steps;
mod views;
mod wire;

pub(super) use desk::{Desk, Kind};
pub(super) use inbox::{INBOX, inbox};
pub(super) use page::Page;
pub(super) use steps::{show, submit};
pub(super) use wire::{done, login};

/// The cookie of a browser that looks at a page; it is sent to that page alone.
pub(super) const COOKIE: &str = "npm-warden-page";
