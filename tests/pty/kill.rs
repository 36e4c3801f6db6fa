//! Death at every step after the recovery codes arrived (P07): by `kill -9` before each system call that touches a file,
//! and by the system in the middle of a write.
//!
//! "Once written" is taken at its word. From the call that writes the codes on, they are whole in a file: the one that was
//! chosen, or the temporary one beside it, which is its owner's alone. Before that call they are in the program's memory
//! alone; then the restarted program says that two-factor authentication is on, and that codes of its are missing.

use std::path::{Path, PathBuf};

use npm_warden::domain::tfa::{Level, Tfa};
use rustix::process::{Resource, Rlimit, Signal, prlimit};

use crate::arriving::{Arriving, FILE};
use crate::calls::{self, Call};
use crate::house::{DESIGN, codes_in, mode};
use crate::strace::Strace;

/// A moment to die at.
#[derive(Debug)]
enum Moment {
    /// Before the n-th such call of a thread on that path, or on any path.
    Before {
        call: String,
        path: Option<PathBuf>,
        nth: usize,
    },
    /// When a file grows beyond so many bytes.
    Beyond(u64),
}

impl Moment {
    /// The same moment in another home.
    fn moved(self, from: &Path, to: &Path) -> Self {
        let Self::Before { call, path, nth } = self else {
            return self;
        };
        let path = path.map(|path| match path.strip_prefix(from).unwrap() {
            rest if rest.as_os_str().is_empty() => to.to_owned(),
            rest => to.join(rest),
        });
        Self::Before { call, path, nth }
    }
}

/// The codes as a person would find them after the program died.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Codes {
    /// In no file yet.
    Nowhere,
    /// Whole, in a temporary file beside the place or in the place itself.
    Somewhere,
    /// Whole, in the place.
    InPlace,
    /// And the list of sets names it.
    Listed,
}

impl Arriving {
    /// The answer arrives, and at that moment the program dies.
    fn dies(&self, moment: &Moment) {
        let signal = match moment {
            Moment::Before { call, path, nth } => {
                let inject = format!("--inject={call}:signal=KILL:when={nth}");
                let path = path.as_ref().map(|path| path.to_str().unwrap());
                let args: Vec<_> = path.iter().flat_map(|path| ["-P", path]).collect();
                let args = [&args[..], &[&inject]].concat();
                let strace = Strace::attach(self.tui.pid(), &args);
                self.house.gate().open();
                self.tui.ended();
                strace.ends();
                "Killed"
            }
            Moment::Beyond(bytes) => {
                let limit = Rlimit {
                    current: Some(*bytes),
                    maximum: None,
                };
                prlimit(Some(self.tui.pid()), Resource::Fsize, limit).unwrap();
                self.house.gate().open();
                "File size limit exceeded"
            }
        };
        let ended = self.tui.ended();
        assert_eq!(ended.signal(), Some(signal), "{moment:?}: {ended:?}");
    }

    /// What a person finds who starts the program again.
    #[track_caller]
    fn finds(&self, least: Codes, what: &str) {
        let house = &self.house;
        let running = &house.registry.running;
        assert_eq!(running.inspect().tfa, Tfa::On(Level::AuthAndWrites));
        self.spares_what_was_there();
        let found = self.found();
        assert!(found >= least, "{what}: {found:?}\n{:?}", self.files());
        if found > Codes::Nowhere {
            let whole = self.whole();
            let codes = codes_in(&whole[0]);
            assert_eq!(whole.len(), 1, "{what}: {whole:?}");
            assert_eq!(mode(&whole[0]), 0o600, "{what}");
            assert_eq!(codes.len(), running.inspect().recovery_codes);
        }

        let mut tui = house.enter_unlogged(DESIGN);
        tui.shows("2FA auth-and-writes");
        tui.keys("4");
        tui.shows("─ Recovery codes ─");
        if found == Codes::Listed {
            tui.shows(&format!("/{FILE}"));
        }
        tui.keys("q");
        assert!(tui.ended().success());
        if let Some(file) = self.whole().first() {
            for code in codes_in(file) {
                assert!(house.takes(&code), "{what}: a code of another set");
            }
        }
    }

    fn found(&self) -> Codes {
        let listed = std::fs::read_to_string(self.index());
        let listed = listed.is_ok_and(|list| list.contains(FILE));
        match self.whole().first() {
            Some(path) if *path == self.file() && listed => Codes::Listed,
            Some(path) if *path == self.file() => Codes::InPlace,
            Some(_) => Codes::Somewhere,
            None => Codes::Nowhere,
        }
    }

    /// The files that hold every code.
    fn whole(&self) -> Vec<PathBuf> {
        let issued = self.house.registry.running.inspect().recovery_codes;
        let mut files = self.files();
        files.retain(|path| std::fs::read(path).is_ok_and(|bytes| bytes.is_ascii()));
        files.retain(|path| codes_in(path).len() == issued);
        files
    }
}

/// What the program does with files from the arrival of the codes until it asks to look at them.
fn traced() -> (Arriving, Vec<Call>) {
    let arriving = Arriving::new();
    let strace = Strace::attach(arriving.tui.pid(), &[]);
    arriving.arrives();
    let calls = calls::all(&strace.lets_go(), arriving.house.home());
    (arriving, calls)
}

#[test]
fn p07_p10_the_codes_are_durable_before_anything_else_is_done() {
    if !Strace::works() {
        return;
    }
    let (arriving, calls) = traced();
    let (home, file) = (arriving.house.home(), arriving.file());
    let at = |what: &str, wanted: &dyn Fn(&Call) -> bool| {
        let found = calls.iter().position(wanted);
        found.unwrap_or_else(|| panic!("no {what} in {calls:#?}"))
    };
    let code = codes_in(&file)[0].clone();
    let arrived = at("reply", &|call| call.name == "recvfrom");
    let made = at("new file", &|call| {
        call.name == "openat" && call.on_temporary() && call.args.contains("O_EXCL")
    });
    assert!(calls[made].args.contains("0600"), "{:?}", calls[made]);
    let written = at("write", &|call| {
        call.name == "write" && call.on_temporary() && call.args.contains(&code)
    });
    let synced = at("sync", &|call| call.name == "fsync" && call.on_temporary());
    let named = at("move", &|call| call.is("renameat2", &file));
    assert!(calls[named].args.contains("RENAME_NOREPLACE"));
    let kept = at("sync of the folder", &|call| call.is("fsync", home));
    let again = at("second look", &|call| call.is("openat", &file));
    let listed = at("list", &|call| call.concerns(&arriving.index()));
    let seen = at("drawing", &|call| {
        call.name == "write" && call.paths.is_empty() && call.args.contains(&code[..32])
    });
    let order = [
        arrived, made, written, synced, named, kept, again, listed, seen,
    ];
    assert!(order.is_sorted(), "{order:?}\n{calls:#?}");
    // Nothing is asked of the registry meanwhile, and nothing else is written to any file.
    let sends = ["sendto", "sendmsg", "connect", "writev"];
    let busy = &calls[arrived..kept];
    assert!(!busy.iter().any(|call| sends.contains(&&call.name[..])));
    let writes = busy.iter().filter(|call| call.name == "write");
    let writes: Vec<_> = writes.filter(|call| !call.paths.is_empty()).collect();
    assert_eq!(writes.len(), 1, "{writes:#?}");
}

/// The moments before each call on a file, in their order, and what has to be found after each.
fn moments(arriving: &Arriving, calls: &[Call]) -> Vec<(Moment, Codes)> {
    let written = calls
        .iter()
        .position(|call| call.name == "write" && call.on_temporary())
        .unwrap();
    let place = |wanted: &dyn Fn(&Call) -> bool| calls.iter().position(wanted).unwrap();
    let named = place(&|call| call.is("renameat2", &arriving.file()));
    // It is read first, as another instance may have written it.
    let listed = place(&|call| call.name.starts_with("rename") && call.concerns(&arriving.index()));
    let mut moments = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let least = match at {
            at if at > listed => Codes::Listed,
            at if at > named => Codes::InPlace,
            at if at > written => Codes::Somewhere,
            _ => Codes::Nowhere,
        };
        let nth = |path: &Path| {
            let before = calls[..=at].iter();
            let same = before.filter(|other| other.thread == call.thread);
            same.filter(|other| other.is(&call.name, path)).count()
        };
        let path = call.paths.iter().find(|path| {
            let temporary = path.extension().is_some_and(|end| end == "tmp");
            !temporary && !path.ends_with("warden.log")
        });
        if let Some(path) = path {
            let moment = Moment::Before {
                call: call.name.clone(),
                path: Some(path.clone()),
                nth: nth(path),
            };
            moments.push((moment, least));
        } else if at == written {
            // The file is there and empty; and half of it.
            moments.push((Moment::Beyond(0), least));
            moments.push((Moment::Beyond(300), least));
        } else if call.name == "fsync" && call.on_temporary() && at < named {
            let moment = Moment::Before {
                call: call.name.clone(),
                path: None,
                nth: 1,
            };
            moments.push((moment, least));
        }
    }
    moments
}

/// Dies at each moment of which that much is expected, and looks what a person finds.
fn die_at_each(expected: &[Codes]) {
    if !Strace::works() {
        return;
    }
    let (arriving, calls) = traced();
    let home = arriving.house.home().to_owned();
    let mut moments = moments(&arriving, &calls);
    moments.retain(|(_, least)| expected.contains(least));
    drop(arriving);
    for (moment, least) in moments {
        let arriving = Arriving::new();
        let moment = moment.moved(&home, arriving.house.home());
        arriving.dies(&moment);
        arriving.finds(least, &format!("{moment:?}"));
    }
}

#[test]
fn p07_killed_before_the_codes_have_their_place_they_are_whole_from_the_write_on() {
    die_at_each(&[Codes::Nowhere, Codes::Somewhere]);
}

#[test]
fn p07_killed_after_the_codes_have_their_place_they_are_there() {
    die_at_each(&[Codes::InPlace]);
}

#[test]
fn p07_killed_after_the_codes_are_noted_they_are_found_again() {
    die_at_each(&[Codes::Listed]);
}

#[test]
fn p07_killed_before_the_answer_is_read_the_program_says_what_is_true() {
    if !Strace::works() {
        return;
    }
    let arriving = Arriving::new();
    let moment = Moment::Before {
        call: "recvfrom".to_owned(),
        path: None,
        nth: 1,
    };
    arriving.dies(&moment);
    assert_eq!(arriving.found(), Codes::Nowhere);
    arriving.finds(Codes::Nowhere, "before the answer");
}

#[test]
fn p07_killed_while_a_person_looks_at_the_codes_they_are_found_again() {
    let steps: [&[&str]; 3] = [&[], &["Type characters"], &["Type characters", "▸Done"]];
    for steps in steps {
        let mut arriving = Arriving::new();
        arriving.arrives();
        let keys = ["\r", "decline\r"];
        for (step, keys) in steps.iter().zip(keys) {
            arriving.tui.keys(keys);
            arriving.tui.shows(step);
        }
        arriving.tui.signal(Signal::KILL);
        assert_eq!(arriving.tui.ended().signal(), Some("Killed"));
        arriving.finds(Codes::Listed, &format!("{steps:?}"));
    }
}
