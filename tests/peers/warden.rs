//! This program as a person has it: a home of its own, and a `.npmrc` in it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use portable_pty::CommandBuilder;
use serde_json::Value;
use tempfile::TempDir;

use crate::terminal::{Ended, Session};
use crate::tui::{Tui, program, surroundings};

/// The window of the design.
const DESIGN: (u16, u16) = (80, 24);

/// One person, who uses one registry.
pub struct Warden {
    home: TempDir,
    registry: String,
}

impl Warden {
    /// Not signed in.
    pub fn new(registry: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("tmp")).unwrap();
        let configuration = format!("registry={registry}\n");
        std::fs::write(home.path().join(".npmrc"), configuration).unwrap();
        Self {
            home,
            registry: registry.to_owned(),
        }
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The person's `.npmrc`.
    pub fn npmrc(&self) -> PathBuf {
        self.home.path().join(".npmrc")
    }

    /// Writes a token into it.
    pub fn put(&self, token: &str) {
        let place = self.registry.split_once(':').unwrap().1;
        let file = format!("registry={}\n{place}:_authToken={token}\n", self.registry);
        std::fs::write(self.npmrc(), file).unwrap();
    }

    /// The token in it.
    pub fn token(&self) -> Option<String> {
        let file = std::fs::read_to_string(self.npmrc()).unwrap();
        let key = format!("{}:_authToken=", self.registry.split_once(':').unwrap().1);
        let mut lines = file.lines();
        let value = lines.find_map(|line| line.strip_prefix(&key))?;
        Some(value.trim_matches('"').to_owned())
    }

    /// The file of recovery codes at home.
    pub fn codes_file(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.home.path()).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        paths
            .find(|path| path.extension().is_some_and(|end| end == "txt"))
            .unwrap()
    }

    /// Runs a plain command on a terminal to its end.
    pub fn run(&self, line: &str) -> Ended {
        self.spawn(line).end()
    }

    /// What a plain command says on its standard output, as JSON, and its exit code. There is no terminal; it reads that
    /// input.
    #[track_caller]
    pub fn json(&self, line: &str, input: &str) -> (Value, i32) {
        let mut command = Command::new(program());
        command.args(line.split_whitespace()).env_clear();
        command.envs(surroundings(self.home.path()));
        command.current_dir(self.home.path());
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        let told = serde_json::from_slice(&done.stdout);
        let told = told.unwrap_or_else(|error| panic!("npm-warden {line}: {error}; {said}"));
        (told, done.status.code().unwrap())
    }

    /// Starts a plain command on a terminal.
    pub fn spawn(&self, line: &str) -> Session {
        let mut command = CommandBuilder::new(program());
        command.args(line.split_whitespace());
        command.env_clear();
        for (name, value) in surroundings(self.home.path()) {
            command.env(name, value);
        }
        command.cwd(self.home.path());
        Session::start(command, format!("npm-warden {line}"))
    }

    /// Starts the terminal program.
    pub fn enter(&self) -> Tui {
        Tui::start(DESIGN, self.home.path(), &[], &[])
    }
}

/// What of a new token's value stands on its page, which wraps.
pub fn new_value(screen: &vt100::Screen) -> Option<String> {
    let text = screen.contents();
    let (_, rest) = text.split_once("shown this once:")?;
    let (value, _) = rest.split_once("may  ")?;
    let kept = |sign: &char| sign.is_ascii_alphanumeric() || "+/=".contains(*sign);
    Some(value.chars().filter(kept).collect())
}

/// The program says at its end that its sign-in lives on there, or may: it asks for no more than two seconds, in which a
/// busy machine may give no answer.
#[track_caller]
pub fn leaves_one_alive(tui: &Tui) {
    tui.ended();
    let text = tui.text();
    let said = text.contains("still accepts it") || text.contains("may live on there");
    assert!(said, "{text}");
}
