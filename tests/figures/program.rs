//! A program in a pseudo-terminal, and when it said what.

use std::io::{Read as _, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::{Parser, Screen};

/// How a frame of npm-warden ends.
const END: &[u8] = b"\x1b[?2026l";
/// What does not come in this time does not come.
const PATIENCE: Duration = Duration::from_mins(1);
/// A program that says nothing for so long has said it all.
const SILENCE: Duration = Duration::from_millis(300);

pub struct Program {
    pub started: Instant,
    chunks: Receiver<(Instant, Vec<u8>)>,
    screen: Parser,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    /// The last bytes, in which the end of a frame may have begun.
    tail: Vec<u8>,
}

impl Program {
    pub fn start(command: CommandBuilder, (cols, rows): (u16, u16)) -> Self {
        let pty = native_pty_system().openpty(PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        });
        let pty = pty.unwrap();
        let mut out = pty.master.try_clone_reader().unwrap();
        let (sender, chunks) = channel();
        let started = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(read @ 1..) = out.read(&mut buffer) {
                let chunk = (Instant::now(), buffer[..read].to_vec());
                if sender.send(chunk).is_err() {
                    break;
                }
            }
        });
        Self {
            started,
            chunks,
            screen: Parser::new(rows, cols, 0),
            keys: pty.master.take_writer().unwrap(),
            child,
            _master: pty.master,
            tail: Vec::new(),
        }
    }

    /// Types; gives the moment.
    pub fn keys(&mut self, keys: &str) -> Instant {
        let now = Instant::now();
        self.keys.write_all(keys.as_bytes()).unwrap();
        now
    }

    /// Waits until the screen is so; gives when that came.
    pub fn until(&mut self, what: &str, is: impl Fn(&Screen) -> bool) -> Instant {
        let mut at = Instant::now();
        while !is(self.screen.screen()) {
            let Ok((when, chunk)) = self.chunks.recv_timeout(PATIENCE) else {
                panic!("no “{what}”:\n{}", self.screen.screen().contents());
            };
            self.screen.process(&chunk);
            at = when;
        }
        at
    }

    /// Waits until the screen says this; gives when that came.
    pub fn says(&mut self, text: &str) -> Instant {
        self.until(text, |screen| screen.contents().contains(text))
    }

    /// Waits for the end of a frame; gives when it came, and how many bytes it took.
    pub fn frame(&mut self) -> (Instant, usize) {
        let mut bytes = 0;
        loop {
            let (when, chunk) = self.chunks.recv_timeout(PATIENCE).expect("a frame");
            self.screen.process(&chunk);
            bytes += chunk.len();
            self.tail.extend_from_slice(&chunk);
            if self.tail.windows(END.len()).any(|seen| seen == END) {
                self.tail.clear();
                return (when, bytes);
            }
            let old = self.tail.len().saturating_sub(END.len());
            self.tail.drain(..old);
        }
    }

    /// Waits until it says nothing any more.
    pub fn settles(&mut self) {
        while let Ok((_, chunk)) = self.chunks.recv_timeout(SILENCE) {
            self.screen.process(&chunk);
        }
        self.tail.clear();
    }

    /// Waits for its end.
    pub fn ends(&mut self) -> Instant {
        self.child.wait().unwrap();
        Instant::now()
    }

    /// A line of what the system says of it, as in `/proc/PID/status`.
    pub fn told(&self, file: &str) -> String {
        let pid = self.child.process_id().unwrap();
        std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default()
    }

    /// The most memory that it had until now, in MiB.
    pub fn most_memory(&self) -> f64 {
        let status = self.told("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }

    /// How many ticks of a processor it has used, and how often it was woken.
    pub fn work(&self) -> (u64, u64) {
        let stat = self.told("stat");
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let field = |n: usize| fields.split(' ').nth(n).unwrap().parse::<u64>().unwrap();
        let mut woken = 0;
        for thread in
            std::fs::read_dir(format!("/proc/{}/task", self.child.process_id().unwrap())).unwrap()
        {
            let status =
                std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap_or_default();
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            woken += line.map_or(0, |line| line.trim().parse::<u64>().unwrap());
        }
        (field(12) + field(13), woken)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
