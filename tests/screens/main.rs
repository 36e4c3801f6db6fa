//! The screens, drawn into memory: what stands there, at which size, in which colours.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod colours;
mod draw;
mod honest;
mod low;
mod notices;
mod qr;
mod revoke;
mod scrolls;
mod secrets;
mod sizes;
mod snapshots;
mod states;
mod windows;
