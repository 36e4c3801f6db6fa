//! Disks that refuse, and names that are taken, between the proof of a place and the arrival of the recovery codes (P07,
//! P10): the codes stay on the screen, another place is asked for, nothing is overwritten, and nothing is left behind.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use npm_warden::sandbox::Options;
use rustix::process::{Resource, Rlimit, prlimit};

use crate::arriving::{Arriving, FILE};
use crate::house::{DESIGN, House, codes_in, mode};
use crate::missing::missing;
use crate::strace::Strace;
use crate::tui::Tui;
use crate::wizard::{present, to_the_code_in};

/// The other place.
const OTHER: &str = "other.txt";

impl Arriving {
    /// The codes have arrived and could not be written, for this reason. They are on the screen.
    #[track_caller]
    fn is_told(&self, why: &str) {
        self.tui.says(why);
        self.tui
            .says("Copy them now, or choose another place below.");
        self.spares_what_was_there();
    }

    /// Chooses the other place; gives the codes in it, which are those that were on the screen.
    #[track_caller]
    fn takes_the_other(&mut self) -> Vec<String> {
        let before = self.tui.text();
        self.tui.keys(&format!("\x15{OTHER}\r"));
        self.tui.shows("Enter uses it all the same");
        self.tui.keys("\r");
        self.tui.shows(&format!("/{OTHER}"));
        self.tui.shows("Enter hides");
        let other = self.home().join(OTHER);
        let codes = codes_in(&other);
        assert_eq!(mode(&other), 0o600);
        for code in &codes {
            assert!(
                before.contains(&code[..32]),
                "a code was not shown:\n{before}"
            );
        }
        codes
    }

    /// The registry knows each of these codes, and they are all that it issued.
    #[track_caller]
    fn has_issued(&self, codes: &[String]) {
        let issued = self.house.registry.running.inspect().recovery_codes;
        assert_eq!(codes.len(), issued);
        for code in codes {
            assert!(self.house.takes(code), "a code that was never issued");
        }
    }

    /// The list names the other place, and what was refused left no file.
    #[track_caller]
    fn nothing_else_is_new(&mut self, before: &[PathBuf]) {
        let codes = self.takes_the_other();
        let mut after = self.files();
        after.retain(|path| !before.contains(path) && *path != self.index());
        assert_eq!(after, [self.home().join(OTHER)]);
        self.spares_what_was_there();
        let list = std::fs::read(self.index()).unwrap();
        let list: serde_json::Value = serde_json::from_slice(&list).unwrap();
        // The refused place may be noted as one that waits for codes, until the set-up has ended.
        let sets = list["sets"].to_string();
        assert!(sets.contains(OTHER) && !sets.contains(FILE), "{list}");
        self.has_issued(&codes);
    }
}

/// A system call fails from the arrival of the codes on, until another place is asked for.
fn refuses(args: &[&str], why: &str) {
    if !Strace::works() {
        return;
    }
    let mut arriving = Arriving::new();
    let before = arriving.files();
    let home = arriving.home().to_str().unwrap().to_owned();
    let args: Vec<_> = args.iter().map(|arg| arg.replace('~', &home)).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let strace = Strace::attach(arriving.tui.pid(), &args);
    arriving.house.gate().open();
    arriving.is_told(why);
    let did = strace.lets_go();
    assert!(did.contains("(INJECTED)"), "{did}");
    assert_eq!(arriving.files(), before);
    arriving.nothing_else_is_new(&before);
}

#[test]
fn p07_p10_a_folder_that_has_become_read_only() {
    refuses(&["--inject=openat:error=EROFS"], "mounted read-only");
    refuses(&["--inject=openat:error=EACCES"], "You may not write in");
}

#[test]
fn p07_p10_a_disk_that_is_full_when_the_file_is_made_or_synced_or_named() {
    refuses(&["--inject=openat:error=ENOSPC"], "There is no room left");
    refuses(&["--inject=fsync:error=ENOSPC"], "There is no room left");
    refuses(&["--inject=fsync:error=EDQUOT"], "There is no room left");
    refuses(
        &["--inject=renameat2:error=ENOSPC"],
        "There is no room left",
    );
}

#[test]
fn p07_p10_a_disk_that_fails() {
    refuses(&["--inject=fsync:error=EIO"], "could not be written");
    // The name may not outlive a power cut then.
    refuses(
        &["-P", "~", "--inject=fsync:error=EIO"],
        "could not be written",
    );
    // What was written is not what is read again.
    let file = format!("~/{FILE}");
    refuses(
        &["-P", &file, "--inject=read:retval=0"],
        "not a file of recovery codes as",
    );
}

#[test]
fn p10_a_disk_that_cannot_move_without_overwriting() {
    let neither = "--inject=renameat2,linkat,link:error=EPERM";
    refuses(&[neither], "without the risk of overwriting");
}

#[test]
fn p10_a_disk_without_the_one_move_takes_the_file_by_the_other() {
    if !Strace::works() {
        return;
    }
    let arriving = Arriving::new();
    let before = arriving.files();
    let strace = Strace::attach(arriving.tui.pid(), &["--inject=renameat2:error=EINVAL"]);
    arriving.arrives();
    assert!(strace.lets_go().contains("(INJECTED)"));
    let mut after = arriving.files();
    after.retain(|path| !before.contains(path) && *path != arriving.index());
    assert_eq!(after, [&*arriving.file]);
    arriving.has_issued(&codes_in(&arriving.file));
}

#[test]
fn p07_p10_a_write_that_fails_half_way() {
    // The system ends a program whose file grows too large, unless it is told not to.
    let house = Arriving::house();
    let tui = house.enter_by(
        DESIGN,
        house.home(),
        &["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"],
    );
    let mut arriving = Arriving::from(house, tui, FILE);
    let before = arriving.files();
    let limit = |current| Rlimit {
        current,
        maximum: None,
    };
    let pid = Some(arriving.tui.pid());
    prlimit(pid, Resource::Fsize, limit(Some(300))).unwrap();
    arriving.house.gate().open();
    arriving.is_told("could not be written");
    prlimit(pid, Resource::Fsize, limit(None)).unwrap();
    assert_eq!(arriving.files(), before);
    arriving.nothing_else_is_new(&before);
}

/// What starts a program with a disk of 64 KiB in this folder, seen by it alone and gone with it; none where that cannot
/// be had, which is said.
pub fn small_disk(folder: &Path) -> Option<Vec<String>> {
    let mount = "mount -t tmpfs -o size=64k none \"$0\" && exec \"$@\"";
    let starter = ["unshare", "--mount", "sh", "-c", mount];
    let starter = [&starter[..], &[folder.to_str().unwrap()]].concat();
    let tried = std::process::Command::new(starter[0])
        .args(&starter[1..])
        .arg("true")
        .output();
    let why = match tried {
        Ok(tried) if tried.status.success() => {
            return Some(starter.into_iter().map(str::to_owned).collect());
        }
        Ok(tried) => String::from_utf8_lossy(&tried.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    let how = "run the tests as root; in a container, allow it CAP_SYS_ADMIN";
    missing("a small disk", &why, how);
    None
}

#[test]
fn p07_p10_a_small_disk_that_is_full() {
    let house = Arriving::house();
    let disk = house.home().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let Some(starter) = small_disk(&disk) else {
        return;
    };
    let starter: Vec<_> = starter.iter().map(String::as_str).collect();
    let tui = house.enter_by(DESIGN, house.home(), &starter);
    let pid = tui.pid().as_raw_nonzero();
    let seen = PathBuf::from(format!("/proc/{pid}/root{}", disk.display()));
    let place = format!("disk/{FILE}");
    let mut arriving = Arriving::from(house, tui, &place);
    assert_eq!(names(&seen), [""; 0]);
    let filled = std::fs::write(seen.join("fill"), vec![0; 128 * 1024]);
    assert_eq!(filled.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    let before = arriving.files();
    arriving.house.gate().open();
    arriving.is_told("There is no room left");
    assert_eq!(names(&seen), ["fill"]);
    arriving.nothing_else_is_new(&before);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// Something happens to the place; then the codes arrive.
fn taken(by: impl FnOnce(&Path), why: &str) -> Arriving {
    let arriving = Arriving::new();
    by(&arriving.file);
    arriving.house.gate().open();
    arriving.is_told(why);
    arriving
}

#[test]
fn p10_a_file_that_took_the_name_meanwhile_is_not_overwritten() {
    let write = |file: &Path| std::fs::write(file, "theirs\n").unwrap();
    let mut arriving = taken(write, "is already there");
    let (file, before) = (arriving.file.clone(), arriving.files());
    arriving.nothing_else_is_new(&before);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "theirs\n");
}

#[test]
fn p10_a_link_in_the_way_is_not_followed() {
    // To nothing, to somebody's file, and to a folder.
    for target in ["nothing", "codes", "tmp"] {
        let link = |file: &Path| symlink(file.with_file_name(target), file).unwrap();
        let why = if target == "tmp" {
            "is a folder"
        } else {
            "is already there"
        };
        let mut arriving = taken(link, why);
        let before = arriving.files();
        arriving.nothing_else_is_new(&before);
        assert!(arriving.file.is_symlink());
        assert!(!arriving.home().join("nothing").exists());
    }
}

#[test]
fn p07_a_folder_that_went_away() {
    let house = Arriving::house();
    let folder = house.home().join("stick");
    std::fs::create_dir(&folder).unwrap();
    let tui = house.enter_unlogged(DESIGN);
    let mut arriving = Arriving::from(house, tui, &format!("stick/{FILE}"));
    std::fs::remove_dir(&folder).unwrap();
    let before = arriving.files();
    arriving.house.gate().open();
    arriving.is_told("does not exist");
    assert!(!folder.exists());
    arriving.nothing_else_is_new(&before);
}

/// An instance in the home folder of another house, up to the last code, which is typed and not sent.
fn in_the_home_of(house: &House, home: &Path) -> Tui {
    let mut tui = house.enter_by(DESIGN, home, &[]);
    let otpauth = to_the_code_in(&mut tui, &house.password(), FILE);
    tui.keys(&present(&otpauth));
    tui
}

#[test]
fn p07_p10_two_instances_that_were_promised_the_same_place() {
    let first = House::new(Options::default());
    let second = House::new(Options::default());
    let home = first.home();
    let mut one = in_the_home_of(&first, home);
    let mut two = in_the_home_of(&second, home);
    one.keys("\r");
    one.shows("Enter hides");
    let file = home.join(FILE);
    let codes = std::fs::read_to_string(&file).unwrap();
    two.keys("\r");
    two.says("is already there, and no file is ever overwritten. Copy them now, or choose another place below.");
    two.keys(&format!("\x15{OTHER}\r"));
    two.shows("Enter uses it all the same");
    two.keys("\r");
    two.shows("Enter hides");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), codes);
    for (house, file) in [(&first, FILE), (&second, OTHER)] {
        let codes = codes_in(&home.join(file));
        assert_eq!(codes.len(), house.registry.running.inspect().recovery_codes);
        for code in codes {
            assert!(house.takes(&code));
        }
    }
}
