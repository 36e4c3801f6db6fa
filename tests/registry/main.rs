//! The registry client against a server that answers anything at all.
#![allow(clippy::unwrap_used, missing_docs)]

mod account;
mod client;
mod couch;
mod embedded;
mod network;
mod packages;
mod refusals;
mod secrets;
mod server;
mod session;
mod signing;
mod tfa;
mod tls;
mod tokens;
mod transport;
mod web;
