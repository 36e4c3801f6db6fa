//! Death at every step after the recovery codes arrived (P07): by `kill -9` before each system call that touches a file,
//! and by the system in the middle of a write.
//!
//! "Once written" is taken at its word. From the call that writes the codes on, they are whole in a file: the one that was
//! chosen, or the temporary one beside it, which is its owner's alone. Before that call they are in the program's memory
//! alone; then the restarted program says that two-factor authentication is on, and that codes of its are missing.

use std::path::{Path, PathBuf};

use npm_warden::domain::tfa::{Level, Tfa};
use rustix::process::{Resource, Rlimit, Signal, prlimit};
use serde_json::Value;

use crate::arriving::{Arriving, Kind};
use crate::calls::{self, Call};
use crate::house::{DESIGN, codes_in, mode};
use crate::sealed;
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
    /// The same moment in another run.
    fn moved(&self, from: &[PathBuf], to: &Arriving) -> Self {
        match self {
            Self::Beyond(bytes) => Self::Beyond(*bytes),
            Self::Before { call, path, nth } => {
                let to = to.places();
                let path = path.as_ref().map(|path| {
                    let place = from.iter().position(|place| place == path);
                    let place = place.unwrap_or_else(|| panic!("{call} on {}", path.display()));
                    to[place].clone()
                });
                let (call, nth) = (call.clone(), *nth);
                Self::Before { call, path, nth }
            }
        }
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
        let whole = self.whole();
        if found > Codes::Nowhere {
            assert_eq!(whole.len(), 1, "{what}: {whole:?}");
            assert_eq!(mode(&whole[0].0), 0o600, "{what}");
        }

        let mut tui = house.enter_unlogged(DESIGN);
        tui.shows("2FA auth-and-writes");
        tui.keys("4");
        tui.shows("─ Recovery codes ─");
        let knows = match self.kind {
            Kind::Plain => found == Codes::Listed,
            Kind::Sealed => found > Codes::Nowhere,
        };
        if knows {
            let name = self.file.file_name().unwrap().to_str().unwrap();
            tui.says_unbroken(&format!("/{name}"));
        }
        tui.keys("q");
        assert!(tui.ended().success());

        if self.kind == Kind::Sealed {
            // What was written has its name now, and what came to nothing is gone.
            assert_eq!(self.file.exists(), knows, "{what}: {:?}", self.files());
            assert_eq!(self.key().exists(), knows, "{what}: {:?}", self.files());
            let name = self.file.file_name().unwrap().to_str().unwrap();
            let left = format!(".npm-warden-{name}");
            let left = |path: &PathBuf| path.to_str().unwrap().contains(&left);
            assert!(!self.files().iter().any(left), "{:?}", self.files());
        }

        // They are there still, whatever the program did with what it found.
        let after = self.whole();
        let codes = |files: &[(PathBuf, Vec<String>)]| files.first().map(|file| file.1.clone());
        assert_eq!(codes(&after), codes(&whole), "{what}: {:?}", self.files());
        for code in codes(&after).into_iter().flatten() {
            assert!(house.takes(&code), "{what}: a code of another set");
        }
    }

    fn found(&self) -> Codes {
        let name = self.file.file_name().unwrap().to_str().unwrap();
        let list = std::fs::read_to_string(self.index()).unwrap_or_default();
        let list: Value = serde_json::from_str(&list).unwrap_or_default();
        let listed = list["sets"].to_string().contains(name);
        match self.whole().first() {
            Some((path, _)) if *path == self.file && listed => Codes::Listed,
            Some((path, _)) if *path == self.file => Codes::InPlace,
            Some(_) => Codes::Somewhere,
            None => Codes::Nowhere,
        }
    }

    /// The files that hold every code, with the codes.
    fn whole(&self) -> Vec<(PathBuf, Vec<String>)> {
        let issued = self.house.registry.running.inspect().recovery_codes;
        let holds = |path: PathBuf| {
            let codes = self.codes_in(&path)?;
            (codes.len() == issued).then_some((path, codes))
        };
        self.files().into_iter().filter_map(holds).collect()
    }

    /// The codes in a file, which `age` opens where it is encrypted.
    fn codes_in(&self, path: &Path) -> Option<Vec<String>> {
        if self.kind == Kind::Plain {
            return std::fs::read(path).ok()?.is_ascii().then(|| codes_in(path));
        }
        let head = b"age-encryption.org/v1\n-> X25519";
        if !std::fs::read(path).ok()?.starts_with(head) {
            return None;
        }
        // The passphrase is costly: once is enough.
        let identity = self.home().join("tmp/identity");
        if !identity.exists() {
            sealed::unlocked(self.home(), &self.key(), &identity).unwrap();
        }
        let out = tempfile::tempdir().unwrap();
        let out = out.path().join("opened");
        sealed::opened(self.home(), &identity, path, &out).ok()?;
        Some(codes_in(&out))
    }

    /// The key of an encrypted file.
    fn key(&self) -> PathBuf {
        self.file.with_extension("key.age")
    }

    /// The files and folders that have names of their own, in an order of their own.
    fn places(&self) -> Vec<PathBuf> {
        let (home, data) = (self.home().to_owned(), self.data());
        let (index, lock) = (self.index(), data.join("lock"));
        vec![home, data, index, lock, self.file.clone(), self.key()]
    }
}

/// What the program does with files from the arrival of the codes until it asks to look at them.
fn traced(kind: Kind) -> (Arriving, Vec<Call>) {
    let arriving = Arriving::at(kind);
    let strace = Strace::attach(arriving.tui.pid(), &[]);
    arriving.arrives();
    let calls = calls::all(&strace.lets_go(), arriving.house.home());
    (arriving, calls)
}

fn at(calls: &[Call], what: &str, wanted: impl Fn(&Call) -> bool) -> usize {
    let found = calls.iter().position(wanted);
    found.unwrap_or_else(|| panic!("no {what} in {calls:#?}"))
}

/// The steps, from the arrival to the sight of the codes, stand in this order.
fn in_order(kind: Kind) {
    if !Strace::works() || kind == Kind::Sealed && !sealed::works() {
        return;
    }
    let (arriving, calls) = traced(kind);
    let file = &arriving.file;
    let folder = file.parent().unwrap();
    let code = arriving.codes_in(file).unwrap()[0].clone();
    let arrived = at(&calls, "reply", |call| call.name == "recvfrom");
    let made = at(&calls, "new file", |call| {
        call.name == "openat" && call.on_temporary() && call.args.contains("O_EXCL")
    });
    assert!(calls[made].args.contains("0600"), "{:?}", calls[made]);
    let written = at(&calls, "write", |call| {
        call.name == "write" && call.on_temporary()
    });
    assert_eq!(calls[written].args.contains(&code), kind == Kind::Plain);
    let synced = at(&calls, "sync", |call| {
        call.name == "fsync" && call.on_temporary()
    });
    let named = at(&calls, "move", |call| call.is("renameat2", file));
    assert!(calls[named].args.contains("RENAME_NOREPLACE"));
    let kept = at(&calls, "sync of the folder", |call| {
        call.is("fsync", folder)
    });
    let again = at(&calls, "second look", |call| call.is("openat", file));
    let listed = at(&calls, "list", |call| call.concerns(&arriving.index()));
    let seen = at(&calls, "drawing", |call| {
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

#[test]
fn p07_p10_the_codes_are_durable_before_anything_else_is_done() {
    in_order(Kind::Plain);
}

#[test]
fn p07_p10_sealed_codes_are_durable_before_anything_else_is_done() {
    in_order(Kind::Sealed);
}

/// The calls after which a disk is not as it was before; those that only look may die as well, which changes nothing.
const CHANGES: [&str; 9] = [
    "openat",
    "write",
    "fsync",
    "renameat2",
    "renameat",
    "rename",
    "linkat",
    "unlink",
    "unlinkat",
];

/// The moments before each call on a file, in their order, and what has to be found after each.
fn moments(arriving: &Arriving, calls: &[Call]) -> Vec<(Moment, Codes)> {
    let written = at(calls, "write", |call| {
        call.name == "write" && call.on_temporary()
    });
    let named = at(calls, "move", |call| call.is("renameat2", &arriving.file));
    let noting = at(calls, "list", |call| {
        call.concerns(&arriving.index()) || call.concerns(&arriving.data().join("lock"))
    });
    let listed = at(calls, "new list", |call| {
        call.name.starts_with("rename") && call.concerns(&arriving.index())
    });
    let mut moments = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let least = match at {
            at if at > listed => Codes::Listed,
            at if at > named => Codes::InPlace,
            at if at > written => Codes::Somewhere,
            _ => Codes::Nowhere,
        };
        // Opening an encrypted file costs time, so it is opened after fewer deaths.
        if arriving.kind == Kind::Sealed && !CHANGES.contains(&&call.name[..]) {
            continue;
        }
        let places = arriving.places();
        let path = call.paths.iter().find(|path| places.contains(path));
        if let Some(path) = path {
            // The folder of both is synced twice then, by whichever thread.
            if arriving.kind == Kind::Sealed && at > noting && *path == arriving.data() {
                continue;
            }
            let before = calls[..=at].iter();
            let same = before.filter(|other| other.thread == call.thread);
            let moment = Moment::Before {
                call: call.name.clone(),
                path: Some(path.clone()),
                nth: same.filter(|other| other.is(&call.name, path)).count(),
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
fn die_at_each(kind: Kind, expected: &[Codes]) {
    if !Strace::works() || kind == Kind::Sealed && !sealed::works() {
        return;
    }
    let (arriving, calls) = traced(kind);
    let places = arriving.places();
    let mut moments = moments(&arriving, &calls);
    moments.retain(|(_, least)| expected.contains(least));
    assert!(moments.len() > 1, "{moments:?}");
    drop(arriving);
    for (moment, least) in moments {
        let arriving = Arriving::at(kind);
        let moment = moment.moved(&places, &arriving);
        arriving.dies(&moment);
        arriving.finds(least, &format!("{moment:?}"));
    }
}

#[test]
fn p07_killed_before_the_codes_have_their_place_they_are_whole_from_the_write_on() {
    die_at_each(Kind::Plain, &[Codes::Nowhere, Codes::Somewhere]);
}

#[test]
fn p07_killed_after_the_codes_have_their_place_they_are_there() {
    die_at_each(Kind::Plain, &[Codes::InPlace]);
}

#[test]
fn p07_killed_after_the_codes_are_noted_they_are_found_again() {
    die_at_each(Kind::Plain, &[Codes::Listed]);
}

#[test]
fn p07_killed_before_sealed_codes_have_their_place_they_are_whole_from_the_write_on() {
    die_at_each(Kind::Sealed, &[Codes::Nowhere, Codes::Somewhere]);
}

#[test]
fn p07_killed_after_sealed_codes_have_their_place_they_are_there_and_found_again() {
    die_at_each(Kind::Sealed, &[Codes::InPlace, Codes::Listed]);
}

#[test]
fn p07_killed_before_the_answer_is_read_the_program_says_what_is_true() {
    if !Strace::works() {
        return;
    }
    for kind in [Kind::Plain, Kind::Sealed] {
        let arriving = Arriving::at(kind);
        let moment = Moment::Before {
            call: "recvfrom".to_owned(),
            path: None,
            nth: 1,
        };
        arriving.dies(&moment);
        assert_eq!(arriving.found(), Codes::Nowhere);
        arriving.finds(Codes::Nowhere, "before the answer");
    }
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
