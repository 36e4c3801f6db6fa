//! A program of others that serves on this machine while a test runs.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A fence around a program that hangs, not a wait.
const DEADLINE: Duration = Duration::from_mins(1);

/// It runs as long as this value; what it says is kept for the message of a test that fails.
pub struct Service {
    what: &'static str,
    child: Child,
    said: Arc<Mutex<String>>,
    /// One line at a time; closed when both of its outputs are.
    lines: Mutex<Receiver<String>>,
}

impl Service {
    /// Starts it in a home of its own, with nothing of the person's: no proxy, no configuration.
    pub fn start(what: &'static str, command: &mut Command, home: &Path) -> Self {
        let mut child = command
            .current_dir(home)
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("TMPDIR", home)
            .env("LANG", "C.UTF-8")
            // It stays open for as long as this process lives, and tells the child when that ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{what} does not start: {error}"));
        let said = Arc::default();
        let (tell, lines) = channel();
        read(child.stdout.take().unwrap(), &said, tell.clone());
        read(child.stderr.take().unwrap(), &said, tell);
        Self {
            what,
            child,
            said,
            lines: Mutex::new(lines),
        }
    }

    /// Waits for a line with that text and gives what follows in it.
    #[track_caller]
    pub fn announces(&self, text: &str) -> String {
        loop {
            match self.lines.lock().unwrap().recv_timeout(DEADLINE) {
                Ok(line) => {
                    if let Some((_, rest)) = line.split_once(text) {
                        return rest.trim().to_owned();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("{} ended without {text:?}:\n{}", self.what, self.said());
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!(
                        "{} did not say {text:?} in time:\n{}",
                        self.what,
                        self.said()
                    );
                }
            }
        }
    }

    /// Waits until it has ended by itself.
    pub fn ends(&mut self) -> ExitStatus {
        loop {
            match self.lines.lock().unwrap().recv_timeout(DEADLINE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("{} goes on:\n{}", self.what, self.said()),
            }
        }
        self.child.wait().unwrap()
    }

    /// All that it said.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(output: impl Read + Send + 'static, said: &Arc<Mutex<String>>, tell: Sender<String>) {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let mut said = said.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
            drop(said);
            // Nobody may be waiting any more; what is said is kept all the same.
            let _ = tell.send(line);
        }
    });
}
