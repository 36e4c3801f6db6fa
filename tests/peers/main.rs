//! What others wrote, as independent witnesses: the real npm CLI and a real browser against the embedded registry, and
//! this program against real registries.
#![allow(unreachable_pub, reason = "modules of a test binary")]
#![allow(clippy::unwrap_used)]

#[path = "../common/missing.rs"]
mod missing;
#[path = "../common/served.rs"]
mod served;
#[path = "../common/totp.rs"]
mod totp;

#[cfg(unix)]
#[path = "../pty/qr.rs"]
mod qr;
#[cfg(unix)]
#[expect(dead_code, reason = "this layer needs a part of it")]
#[path = "../pty/tui.rs"]
mod tui;

mod account;
#[cfg(unix)]
mod behind;
#[cfg(unix)]
mod both_ways;
mod browser;
mod browsing;
mod client;
mod http;
#[cfg(unix)]
mod layouts;
mod npm;
mod npmjs;
mod npmrc;
mod packages;
mod program6;
mod program9;
#[cfg(unix)]
mod same_tokens;
mod second_factor;
mod service;
mod terminal;
#[cfg(unix)]
mod thieves;
mod tokens;
#[cfg(unix)]
mod tokens_by_keys;
mod verdaccio;
mod verdaccio6;
mod verdaccio9;
mod warden;
mod web;
#[cfg(unix)]
mod wider;
#[cfg(unix)]
mod winners;
#[cfg(unix)]
mod wizard;

use npm::Npm;
use npm_warden::sandbox::Options;
use served::Served;

/// A registry and a person's npm that is not signed in yet; `None` where there is no npm.
fn pair(options: Options) -> Option<(Served, Npm)> {
    let served = Served::new(options);
    let npm = Npm::for_registry(served.running.url())?;
    Some((served, npm))
}

/// The same, signed in with the token of the account's session.
fn signed_in(options: Options) -> Option<(Served, Npm)> {
    let (served, npm) = pair(options)?;
    npm.sign_in(served.running.token().expose());
    Some((served, npm))
}
