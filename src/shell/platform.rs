//! What differs between systems: signals, stopping, writing to the terminal, keeping memory out of dumps.
//!
//! Linux is tested. The code for macOS is the same; the code for other systems is written with care and untested.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// What the system wants of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It should end, says the system, or whoever ends programs.
    Terminate,
    /// It should end, says the person with Ctrl-C.
    Interrupt,
    /// It should stop until it is brought to the front again.
    Stop,
    /// It goes on after it was stopped from outside: the terminal may have been used by others.
    GoOn,
}

/// True where a character typed with the right Alt key arrives as one typed with Control and Alt.
pub(super) const ALT_GR_IS_CTRL_ALT: bool = cfg!(windows);

/// A new or existing file to append to, readable by its owner alone from its first byte.
pub(super) fn private_log(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let file = options.mode(0o600).open(path)?;
        if file.metadata()?.is_file() {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

#[cfg(unix)]
pub(super) use unix::{Signals, discard_typed_ahead, nobody_continues, rows, write_all};

#[cfg(unix)]
pub use unix::no_dumps;

#[cfg(not(unix))]
pub(super) use other::{Signals, discard_typed_ahead, nobody_continues, rows, write_all};

#[cfg(not(unix))]
pub use other::no_dumps;

#[cfg(unix)]
mod unix {
    use std::future::poll_fn;
    use std::io;
    use std::task::Poll;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use rustix::process::{self, Resource, Rlimit};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::Sign;

    /// Keeps this process's memory out of core files and away from other processes of the same person (promise P06).
    pub fn no_dumps() {
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        // Neither can fail for want of a right, and without them the program works all the same.
        let _ = process::setrlimit(Resource::Core, none);
        #[cfg(target_os = "linux")]
        let _ = process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable);
    }

    /// Writes to standard output past its lock and buffer, so that it works in the middle of a panic, too.
    pub(in super::super) fn write_all(mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match rustix::io::write(rustix::stdio::stdout(), bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR) => {}
                // Whoever shares the terminal may have made it non-blocking; that holds for everybody.
                Err(Errno::AGAIN) => takes_more()?,
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    /// Waits until the terminal takes more.
    fn takes_more() -> io::Result<()> {
        let out = rustix::stdio::stdout();
        let wanted = PollFlags::OUT;
        match poll(&mut [PollFd::new(&out, wanted)], None) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// How many rows the terminal has.
    pub(in super::super) fn rows() -> u16 {
        rustix::termios::tcgetwinsize(rustix::stdio::stdout()).map_or(0, |size| size.ws_row)
    }

    /// Drops what was typed and not yet read: the rest of a pasted password must not reach the shell.
    pub(in super::super) fn discard_typed_ahead() {
        let _ = rustix::termios::tcflush(
            rustix::stdio::stdin(),
            rustix::termios::QueueSelector::IFlush,
        );
    }

    /// Whether this process, once stopped, would stay so: a container or a window was started for it alone, and no
    /// shell brings it to the front again.
    pub(in super::super) fn nobody_continues() -> bool {
        // A shell that can do so gives each job a process group of its own, beside that of the session's leader.
        process::getpid().is_init()
            || process::getsid(None).is_ok_and(|id| id == process::getpgrp())
    }

    /// The signals that matter, as a stream.
    pub(in super::super) struct Signals {
        terminate: Signal,
        hang_up: Signal,
        interrupt: Signal,
        quit: Signal,
        stop: Signal,
        go_on: Signal,
    }

    impl Signals {
        pub(in super::super) fn new() -> io::Result<Self> {
            let raw = |kind: process::Signal| signal(SignalKind::from_raw(kind.as_raw()));
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
                stop: raw(process::Signal::TSTP)?,
                go_on: raw(process::Signal::CONT)?,
            })
        }

        pub(in super::super) async fn next(&mut self) -> Sign {
            tokio::select! {
                _ = self.terminate.recv() => Sign::Terminate,
                _ = self.hang_up.recv() => Sign::Terminate,
                _ = self.interrupt.recv() => Sign::Interrupt,
                _ = self.quit.recv() => Sign::Terminate,
                _ = self.stop.recv() => Sign::Stop,
                _ = self.go_on.recv() => Sign::GoOn,
            }
        }

        /// Passes over what has arrived by now.
        pub(in super::super) async fn pass_over(&mut self) {
            // What the system has handed over reaches the streams when the runtime has looked once more.
            tokio::task::yield_now().await;
            poll_fn(|context| {
                for signal in self.all() {
                    while signal.poll_recv(context).is_ready() {}
                }
                Poll::Ready(())
            })
            .await;
        }

        fn all(&mut self) -> [&mut Signal; 6] {
            [
                &mut self.terminate,
                &mut self.hang_up,
                &mut self.interrupt,
                &mut self.quit,
                &mut self.stop,
                &mut self.go_on,
            ]
        }

        /// Stops this process until it is continued. With `group` the rest of the job is stopped first, as the
        /// terminal's own Ctrl-Z does it: a parent that waits for this process would keep the shell waiting.
        ///
        /// Gives what ended it, since an end may be asked for meanwhile.
        pub(in super::super) async fn stop(&mut self, group: bool) -> io::Result<Sign> {
            if group {
                process::kill_current_process_group(process::Signal::TSTP)?;
                // This process is part of the group: take the signal now, lest it pass for a second wish.
                self.stop.recv().await;
            }
            process::kill_process(process::getpid(), process::Signal::STOP)?;
            loop {
                match self.next().await {
                    Sign::Stop => {}
                    sign => return Ok(sign),
                }
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::io::{self, Write as _};

    use super::Sign;

    pub fn no_dumps() {}

    pub(in super::super) fn write_all(bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    pub(in super::super) fn rows() -> u16 {
        crossterm::terminal::size().map_or(0, |(_, rows)| rows)
    }

    pub(in super::super) fn discard_typed_ahead() {}

    /// These systems have no such thing.
    pub(in super::super) fn nobody_continues() -> bool {
        true
    }

    pub(in super::super) struct Signals;

    impl Signals {
        pub(in super::super) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) async fn next(&mut self) -> Sign {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            Sign::Interrupt
        }

        /// A Ctrl-C before this call is not kept here.
        pub(in super::super) async fn pass_over(&mut self) {
            tokio::task::yield_now().await;
        }

        /// Never asked for here: [`nobody_continues`] says so.
        pub(in super::super) async fn stop(&mut self, _group: bool) -> io::Result<Sign> {
            Ok(Sign::GoOn)
        }
    }
}
