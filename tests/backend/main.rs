//! The backend against a scripted registry, on paused time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::pedantic,
    missing_docs,
    unreachable_pub
)]

mod account;
mod bench;
mod challenge;
mod enable;
mod quit;
mod revoke;
mod script;
mod tokens;
