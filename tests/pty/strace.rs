//! The program's system calls, seen, refused, or answered by death (`strace --inject`).

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::NamedTempFile;

use crate::missing::missing;

/// Attached to a running program; it lets go of it when it is dropped.
pub struct Strace {
    child: Child,
    log: NamedTempFile,
}

impl Strace {
    /// Whether it works here; where it does not, that is said, and in the checks it is a failure.
    pub fn works() -> bool {
        static WHY_NOT: LazyLock<Result<(), String>> = LazyLock::new(tried);
        if let Err(why) = &*WHY_NOT {
            let how =
                "install strace and run the tests as root; in a container, allow it CAP_SYS_PTRACE";
            missing("strace", why, how);
        }
        WHY_NOT.is_ok()
    }

    /// Attached to all threads of a program, and to those to come. Calls are counted from now on, in each thread apart.
    pub fn attach(pid: Pid, args: &[&str]) -> Self {
        Self::try_attach(pid, args).unwrap_or_else(|why| panic!("strace {args:?}: {why}"))
    }

    fn try_attach(pid: Pid, args: &[&str]) -> Result<Self, String> {
        let log = NamedTempFile::new().unwrap();
        let mut child = Command::new("strace")
            .args(["-f", "-y", "-s", "4096", "-o"])
            .arg(log.path())
            .args(args)
            .args(["-p", &pid.as_raw_nonzero().to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("strace does not start ({error})"))?;
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let strace = Self { child, log };
        let mut before = String::new();
        for line in said.by_ref().map_while(Result::ok) {
            if line.contains(" attached") {
                // It tells of new threads as well, and would not outlive that nobody listens.
                std::thread::spawn(move || said.for_each(drop));
                return Ok(strace);
            }
            before.push_str(&line);
        }
        Err(format!("it may not trace a program ({})", before.trim()))
    }

    /// Lets the program go on by itself; gives what it did.
    pub fn lets_go(mut self) -> String {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).unwrap();
        self.child.wait().unwrap();
        self.did()
    }

    /// Waits until the program has ended; gives what it did.
    pub fn ends(mut self) -> String {
        self.child.wait().unwrap();
        self.did()
    }

    /// What it did up to now.
    pub fn did(&self) -> String {
        let log = std::fs::read(self.log.path()).unwrap();
        String::from_utf8_lossy(&log).into_owned()
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
            let _ = self.child.wait();
        }
    }
}

/// Attaches to a program that does nothing.
fn tried() -> Result<(), String> {
    let mut idle = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let attached = Strace::try_attach(Pid::from_child(&idle), &[]).map(drop);
    drop(idle.stdin.take());
    idle.wait().unwrap();
    attached
}
