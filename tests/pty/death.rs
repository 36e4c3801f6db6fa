//! Death of a plain command at a chosen moment: at a byte of a file, before a system call, between a request and its
//! answer.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

use crate::gate::Stop;
use crate::house::House;
use crate::strace::Strace;

/// A moment to die at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// When a file grows beyond so many bytes: what fits is written.
    Beyond(u64),
    /// Before the n-th such system call of a thread.
    Before(&'static str, usize),
    /// When the n-th write has gone out and has not come to the registry.
    Sent(usize),
    /// When the registry has acted upon the n-th write, and nobody has heard of it.
    Acted(usize),
}

/// Lets a program begin when it is told to, with whatever limits it has got by then.
const WAITS: [&str; 4] = ["sh", "-c", "read -r go; exec \"$@\"", "sh"];

/// Runs a command that dies at that moment; false when it came to its end before.
pub fn dies(house: &House, line: &str, moment: Moment) -> bool {
    let inject;
    let mut command = match moment {
        Moment::Beyond(_) => house.command_by(&WAITS, line),
        Moment::Before(call, nth) => {
            inject = [
                format!("--trace={call}"),
                format!("--inject={call}:signal=KILL:when={nth}"),
            ];
            let strace = ["strace", "-f", "-qq", "-o", "/dev/null"];
            let starter = [&strace[..], &[&inject[0], &inject[1]]].concat();
            house.command_by(&starter, line)
        }
        Moment::Sent(_) | Moment::Acted(_) => house.command(line),
    };
    match moment {
        Moment::Sent(nth) => house.gate().stop_from(nth, Stop::Before),
        Moment::Acted(nth) => house.gate().stop_from(nth, Stop::After),
        Moment::Beyond(_) | Moment::Before(..) => {}
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&child);
    let mut stdin = child.stdin.take().unwrap();
    if let Moment::Beyond(bytes) = moment {
        let limit = Rlimit {
            current: Some(bytes),
            maximum: None,
        };
        prlimit(Some(pid), Resource::Fsize, limit).unwrap();
        stdin.write_all(b"\n").unwrap();
    }
    drop(stdin);
    if matches!(moment, Moment::Sent(_) | Moment::Acted(_)) {
        let child = std::cell::RefCell::new(&mut child);
        let over = || child.borrow_mut().try_wait().unwrap().is_some();
        if house.gate().stops_one_unless(over) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
    let ended = child.wait().unwrap();
    house.gate().drop_stopped();
    let died = ended.signal().is_some();
    assert!(
        died || ended.code().is_some_and(|code| code <= 6),
        "{ended:?}"
    );
    died
}

/// The moments before system calls, where they can be had.
pub fn before(calls: &[(&'static str, usize)]) -> Vec<Moment> {
    if !Strace::works() {
        return Vec::new();
    }
    let each = calls.iter().flat_map(|(call, times)| {
        let nth = 1..=*times;
        nth.map(|nth| Moment::Before(call, nth))
    });
    each.collect()
}

/// What is noted down of things that were begun and not ended.
pub fn journals(house: &House) -> Vec<PathBuf> {
    let folder = house.home().join("data/npm-warden/journals");
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut all: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Whether any of it tells something.
pub fn noted(house: &House) -> bool {
    let told = |path: PathBuf| fs::read_to_string(path).is_ok_and(|text| text.contains('\n'));
    journals(house).into_iter().any(told)
}
