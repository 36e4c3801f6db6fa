//! Measures the release build and prints a table, for `PERFORMANCE.md`:
//!
//! ```sh
//! cargo build --release && cargo run --release --example figures
//! ```
//!
//! The program runs in a pseudo-terminal and in pipes, against the embedded registry on this machine. What it is compared
//! with (npm, curl, a program that draws one frame and nothing else) is measured in the same run, where it is there: clocks
//! of shared machines wander. Another program than `target/release/npm-warden` can be named.
#![allow(unreachable_pub, reason = "modules of an example")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "it measures, prints, and has nothing to say where it cannot"
)]

mod bare;
mod frames;
mod lists;
mod place;
mod program;
#[path = "../common/served.rs"]
#[allow(dead_code, reason = "nobody asks for its time here")]
mod served;
#[path = "../app/sim.rs"]
#[allow(
    dead_code,
    reason = "of the tests' account and tokens only these are needed"
)]
mod sim;
mod small;
mod spread;

use std::fmt::Display;
use std::path::PathBuf;

/// A row of the table: what is measured, the figure, what it is compared with, and the target.
pub fn row(what: &str, figure: impl Display, beside: impl Display, target: &str) {
    println!("| {what} | {figure} | {beside} | {target} |");
}

fn main() {
    let mut args = std::env::args().skip(1);
    let program = match args.next() {
        Some(word) if word == bare::WORD => return bare::draw(),
        Some(program) => PathBuf::from(program),
        None => PathBuf::from("target/release/npm-warden"),
    };
    let program = std::path::absolute(program).unwrap();
    assert!(
        program.exists(),
        "{} is not there: cargo build --release",
        program.display()
    );
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    println!("Load of the machine at the beginning: {load}.\n");
    println!("| what | npm-warden | beside it | target |\n|---|---|---|---|");
    small::rows(&program);
    lists::rows(&program);
    if cfg!(debug_assertions) {
        eprintln!("Built without --release: what is measured in this very process is left out.");
    } else {
        frames::rows();
    }
}
