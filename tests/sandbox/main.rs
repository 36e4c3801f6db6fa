//! The embedded registry over HTTP, from outside.
#![allow(unreachable_pub, reason = "modules of a test binary")]
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

#[path = "../common/totp.rs"]
mod totp;

mod attack;
mod browser;
mod faults;
mod mail;
mod manners;
mod npmjs;
mod npmjs_tokens;
mod packages;
mod profile;
mod second_factor;
mod signing;
mod site;
mod start;
mod tokens;
mod web;
mod web_pages;
