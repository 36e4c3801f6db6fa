//! What does not depend on a long list: starting, waiting, leaving, the size of the file.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use portable_pty::CommandBuilder;

use crate::place::{Place, found};
use crate::program::Program;
use crate::spread::{Spread, times};
use crate::{bare, row};

const DESIGN: (u16, u16) = (80, 24);
/// How long nobody does anything.
const IDLE: Duration = Duration::from_secs(10);

pub fn rows(program: &Path) {
    let place = Place::new(12, Duration::ZERO);
    first_frame(&place, program);
    profile(&place, program);
    memory(&place, program);
    idle(&place, program);
    quit(&place, program);
    built(program);
}

fn first_frame(place: &Place, program: &Path) {
    let mut floor = CommandBuilder::new(std::env::current_exe().unwrap());
    floor.arg(bare::WORD);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..30 {
        let mut tui = place.enter(program, DESIGN);
        ours.push(tui.frame().0 - tui.started);
        let mut tui = place.run(floor.clone(), DESIGN);
        bare.push(tui.says(bare::SAYS) - tui.started);
    }
    let (ours, bare): (Spread, Spread) = (ours.into_iter().collect(), bare.into_iter().collect());
    let mut beside = format!("{bare} bare ({})", times(ours.median(), bare.median()));
    if let Some(npm) = found("npm") {
        let npm = Spread::of(5, || place.print(&npm, &["--version"]).0);
        let times = times(npm.median(), ours.median());
        beside = format!("{beside}, npm --version {npm} ({times})");
    }
    row(
        "first 80×24 frame, whole process",
        ours,
        beside,
        "≤ 1.5× bare, ≥ 35× faster than npm",
    );
}

fn profile(place: &Place, program: &Path) {
    let words = ["profile", "get", "--json"];
    let ours = place.prints(20, program, &words);
    let mut beside = Vec::new();
    if let Some(curl) = place.curl(20, "-/npm/v1/user") {
        beside.push(format!(
            "curl {curl} ({})",
            times(ours.median(), curl.median())
        ));
    }
    if let Some(npm) = found("npm") {
        let npm = place.prints(5, &npm, &words);
        beside.push(format!(
            "npm {npm} ({})",
            times(npm.median(), ours.median())
        ));
    }
    row(
        "profile as JSON, whole process",
        ours,
        beside.join(", "),
        "≤ 1.0× curl, ≥ 30× faster than npm",
    );
}

/// Signed in, with all that is read then at hand.
fn entered(place: &Place, program: &Path) -> Program {
    let mut tui = place.enter(program, DESIGN);
    tui.says(place.registry.running.username());
    tui.settles();
    tui
}

fn memory(place: &Place, program: &Path) {
    let most = entered(place, program).most_memory();
    row(
        "peak memory, signed in, 12 tokens",
        format!("{most:.1} MiB"),
        "",
        "≤ 8 MiB",
    );
}

fn idle(place: &Place, program: &Path) {
    let tui = entered(place, program);
    let (ticks, woken) = tui.work();
    std::thread::sleep(IDLE);
    let (later, woken_later) = tui.work();
    row(
        "idle, 10 s",
        format!("{} ticks", later - ticks),
        format!("woken {} times", woken_later.saturating_sub(woken)),
        "0 ticks",
    );
}

fn quit(place: &Place, program: &Path) {
    let idle = Spread::of(20, || {
        let mut tui = entered(place, program);
        let at = tui.keys("q");
        tui.ends() - at
    });
    let slow = Place::new(2_000, Duration::from_secs(1));
    let busy = Spread::of(5, || {
        let mut tui = slow.enter(program, DESIGN);
        tui.frame();
        tui.keys("3");
        tui.says("of 2000");
        let at = tui.keys("q");
        tui.ends() - at
    });
    row(
        "quit, idle",
        idle.whole(),
        format!("{} while a list is read", busy.whole()),
        "≤ 50 ms",
    );
}

fn built(program: &Path) {
    let bytes = std::fs::metadata(program).unwrap().len();
    let size = format!("{}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000);
    row("the file, stripped", size, "", "≤ 9 MB");
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["-e", "normal,build", "-f", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    if let Ok(tree) = tree.map(|tree| String::from_utf8_lossy(&tree.stdout).into_owned()) {
        let crates: std::collections::BTreeSet<&str> = tree
            .lines()
            .map(|line| line.trim_end_matches(" (*)"))
            .filter(|line| !line.is_empty())
            .collect();
        row("crates in the tree", crates.len(), "", "≤ 340");
    }
}
