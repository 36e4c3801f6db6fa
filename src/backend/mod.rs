//! The one async task that talks to the registry, and the jobs that run in it.
//!
//! ```text
//! Handle ── Command ──▶ actor ── spawns ──▶ job ──▶ registry
//!                         │                  │ Pass: parks on a challenge, sends again
//!   Event ◀── outbox ◀────┴── Desk ◀─────────┘ Desk: events, the open question, writes under way
//! ```

mod actor;
mod again;
mod batch;
mod clock;
mod connect;
mod desk;
mod drive;
mod finder;
mod handle;
mod house;
mod jobs;
mod local;
mod notice;
mod pairs;
mod pass;
pub mod protocol;
mod session;
mod spent;
mod used;
mod visit;

pub use crate::records::incident::{json as incident_in_json, stage_word};
pub use crate::records::shape::{TokenShape, grade};
/// What [`Deps::work`] is outside of tests.
pub use crate::vault::WORK;
pub use actor::run;
pub use clock::{Clock, SystemClock};
pub use connect::Configured;
pub use handle::{Finish, Handle, spawn};
pub use house::{Access, Connector, Deps};
pub use jobs::{IncidentOpen, incidents_left, incidents_open, report_folder};
pub use session::SessionEnd;
