//! Long lists: when they are there, what they take, how quick revoking is.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::place::{Place, found};
use crate::program::Program;
use crate::row;
use crate::spread::{Spread, ms, times};

const WIDE: (u16, u16) = (200, 60);
const DELAY: Duration = Duration::from_millis(50);
/// How many requests are under way at once.
const AT_ONCE: u32 = 8;

pub fn rows(program: &Path) {
    for (tokens, runs, most, target) in [
        (100, 15, "≤ 10 MiB", "≥ 27× faster than npm"),
        (10_000, 7, "≤ 16 MiB", "≥ 150× faster than npm"),
    ] {
        let place = Place::new(tokens, Duration::ZERO);
        let (painted, _) = painted(&place, program, tokens, runs);
        row(
            &format!("start → {tokens} tokens painted"),
            &painted,
            npm(&place, &painted, if tokens > 100 { 1 } else { 5 }),
            target,
        );
        let mut tui = listed(&place, program, tokens);
        let once = tui.most_memory();
        for _ in 0..2 {
            tui.keys("r");
            tui.settles();
        }
        row(
            &format!("peak memory, {tokens} tokens"),
            format!("{once:.1} MiB"),
            format!(
                "{:.1} MiB after reading them twice again",
                tui.most_memory()
            ),
            most,
        );
        if tokens > 100 {
            keys(&mut tui, "10,000 rows at 200×60");
        }
    }
    slowly(program);
    revoke(program);
}

/// The tokens screen with its whole list.
fn listed(place: &Place, program: &Path, tokens: usize) -> Program {
    let mut tui = place.enter(program, WIDE);
    tui.frame();
    tui.keys("3");
    whole(&mut tui, tokens);
    tui.settles();
    tui
}

/// Waits until the list is whole.
fn whole(tui: &mut Program, tokens: usize) -> std::time::Instant {
    let all = format!("{tokens} of {tokens}");
    tui.until(&all, |screen| {
        let text = screen.contents();
        text.contains(&all) && !text.contains("Reading")
    })
}

/// From the start until the first page, and until all of them are on the screen.
fn painted(place: &Place, program: &Path, tokens: usize, runs: usize) -> (Spread, Spread) {
    let (mut all, mut first) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let mut tui = place.enter(program, WIDE);
        tui.frame();
        tui.keys("3");
        first.push(tui.says(&format!("of {tokens}")) - tui.started);
        all.push(whole(&mut tui, tokens) - tui.started);
    }
    (all.into_iter().collect(), first.into_iter().collect())
}

fn npm(place: &Place, ours: &Spread, runs: usize) -> String {
    let Some(npm) = found("npm") else {
        return String::new();
    };
    let npm = place.prints(runs, &npm, &["token", "list"]);
    format!("npm {npm} ({})", times(npm.median(), ours.median()))
}

/// From a key to the end of the frame that shows it.
fn keys(tui: &mut Program, what: &str) {
    tui.settles();
    let (mut took, mut bytes) = (Vec::new(), Vec::new());
    for _ in 0..300 {
        let at = tui.keys("j");
        let (when, size) = tui.frame();
        took.push(when - at);
        bytes.push(size);
    }
    bytes.sort_unstable();
    let took: Spread = took.into_iter().collect();
    row(
        &format!("key → painted, {what}"),
        took.whole(),
        "",
        "median ≤ 1 ms, most ≤ 8 ms",
    );
    row(
        &format!("bytes sent when the selection moves, {what}"),
        bytes[0],
        format!("{} where the list scrolls", bytes[bytes.len() - 1]),
        "≤ 500",
    );
}

/// 10,000 tokens, each reply held back.
fn slowly(program: &Path) {
    let place = Place::new(10_000, DELAY);
    let (all, first) = painted(&place, program, 10_000, 3);
    let floor = DELAY * (1 + 99_u32.div_ceil(AT_ONCE));
    row(
        "start → first page painted, 50 ms a reply",
        &first,
        format!("{} the delay", times(first.median(), DELAY)),
        "the delay + 15 ms",
    );
    row(
        "start → 10,000 painted, 50 ms a reply",
        &all,
        format!("floor {} ({})", ms(floor), times(all.median(), floor)),
        "≤ 1.1× the floor",
    );
    let mut tui = place.enter(program, WIDE);
    tui.frame();
    tui.keys("3");
    tui.says("of 10000");
    let mut took = Vec::new();
    for _ in 0..40 {
        let at = tui.keys("j");
        took.push(tui.frame().0 - at);
    }
    let took: Spread = took.into_iter().collect();
    row(
        "key → next frame, while they arrive",
        took.whole(),
        "",
        "median ≤ 1 ms, most ≤ 8 ms",
    );
}

fn revoke(program: &Path) {
    let runs: Vec<Duration> = (0..3)
        .map(|_| {
            let place = Place::new(101, DELAY);
            let to_here = place.to_here();
            let here = to_here.iter().map(String::as_str);
            let words: Vec<&str> = ["token", "list", "--json"]
                .into_iter()
                .chain(here.clone())
                .collect();
            let (_, list) = place.print(program, &words);
            let list: Value = serde_json::from_slice(&list).unwrap();
            let keys = list["tokens"].as_array().unwrap().iter();
            let keys: Vec<&str> = keys
                .filter(|token| token["in_use"] == false)
                .map(|token| token["key"].as_str().unwrap())
                .collect();
            let words = ["token", "revoke", "--yes"]
                .into_iter()
                .chain(keys)
                .chain(here);
            place.print(program, &words.collect::<Vec<_>>()).0
        })
        .collect();
    let ours: Spread = runs.into_iter().collect();
    let floor = DELAY * 100_u32.div_ceil(AT_ONCE);
    row(
        "revoke 100 by command, 50 ms a reply, whole process",
        &ours,
        format!(
            "floor of the revocations alone {} ({}); it reads the list before and after",
            ms(floor),
            times(ours.median(), floor)
        ),
        "≤ 1.05× the floor",
    );
}
