//! The embedded registry: an npm registry's account side, with real two-factor authentication.
//!
//! It is a registry like another, and the real npm CLI accepts it as one: for the demo, for
//! rehearsing, and for tests. It listens on loopback alone, never contacts another host, and
//! keeps everything in memory. It knows nothing of this program's client, so that the two ends
//! of the wire stay independent witnesses.
//!
//! ```text
//! request ─▶ router ─▶ Call ─▶ one operation on the Registry, under its lock ─▶ Reply | Refusal
//!                 └─ faults that were asked for, before the operation or after it
//!                              login · profile · tfa · tokens   (auth: who calls, what it may)
//!                              web: pages in a browser, to sign in and to approve on
//! ```
//!
//! What the registry does otherwise by the rules of npm's own is in `npmjs`; `mail` is what it sends then.

mod account;
mod auth;
mod body;
mod call;
mod clock;
mod door;
mod draft;
mod fault;
mod linger;
mod lockout;
mod log;
mod login;
mod mail;
mod npmjs;
mod operation;
mod options;
mod packages;
mod profile;
mod random;
mod reply;
mod router;
mod running;
mod seed;
mod shelf;
mod tfa;
mod tokens;
mod totp;
mod web;

pub use clock::{Clock, Hand};
pub use fault::{Fault, FaultError};
pub use lockout::{LOCK_AFTER, LOCKED_FOR};
pub use log::Log;
pub use mail::Mail;
pub use options::{Options, Policy, StartError, StartTfa};
pub use router::BODY_LIMIT;
pub use running::{DemoCode, Inspection, Running, start};
