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
mod embedded;
mod enable;
mod level;
mod quit;
mod random;
mod revoke;
mod script;
mod secrets;
mod tokens;
