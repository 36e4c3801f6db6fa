//! The program as a person meets it: in a terminal, by keys alone, against the embedded registry.
//!
//! `NPM_WARDEN_BIN` names the program to test, such as the release build; else the one built with the tests is.

#![cfg(unix)]
#![allow(unreachable_pub, reason = "modules of a test binary")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on may end where it stands"
)]

#[path = "../common/missing.rs"]
mod missing;
#[path = "../common/served.rs"]
mod served;
#[path = "../picture/svg.rs"]
mod svg;
#[path = "../common/totp.rs"]
mod totp;

mod aimed;
mod arriving;
mod browser;
mod calls;
mod check;
mod clipboard;
mod commands;
mod death;
mod demo;
mod disk;
mod emergency;
mod enter;
mod faults;
mod forms;
mod front;
mod gate;
mod given;
mod guides;
mod house;
mod kept;
mod kill;
mod killed_emergency;
mod killed_revoke;
mod killed_rotate;
mod machine;
mod many;
mod modes;
mod npmjs;
mod old_kind;
mod outlet;
mod password_again;
mod plain;
mod qr;
mod quit;
mod recovery;
mod rehearsal;
mod revoke;
mod revoke_faults;
mod rotate;
mod rotate_again;
mod rotate_stopped;
mod scan;
mod sealed;
mod second_factor;
mod signing;
mod strace;
mod told;
mod tui;
mod wizard;
