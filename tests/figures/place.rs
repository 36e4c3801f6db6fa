//! A registry, and a home folder whose configuration leads to it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use npm_warden::sandbox::{Clock, Options};
use portable_pty::CommandBuilder;

use crate::program::Program;
use crate::served::Served;
use crate::spread::Spread;

pub struct Place {
    pub registry: Served,
    home: tempfile::TempDir,
}

impl Place {
    pub fn new(tokens: usize, delay: Duration) -> Self {
        let (_, hand) = Clock::by_hand("2026-11-22T10:00:05Z".parse().unwrap());
        let registry = Served::serve(
            Options {
                tokens,
                delay,
                ..Options::default()
            },
            hand,
        );
        let home = tempfile::tempdir().unwrap();
        let (_, scope) = registry.running.url().split_once(':').unwrap();
        let token = registry.running.token().expose();
        let npmrc = format!("{scope}:_authToken={token}\n");
        std::fs::write(home.path().join(".npmrc"), npmrc).unwrap();
        Self { registry, home }
    }

    /// The options that lead here, for npm as well.
    pub fn to_here(&self) -> [String; 4] {
        let npmrc = self.home.path().join(".npmrc");
        [
            "--registry".into(),
            self.registry.running.url().into(),
            "--userconfig".into(),
            npmrc.to_str().unwrap().into(),
        ]
    }

    fn surroundings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("HOME", self.home.path().to_str().unwrap().to_owned()),
            ("TERM", "xterm-256color".into()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LANG", "C.UTF-8".into()),
            ("NO_UPDATE_NOTIFIER", "1".into()),
        ]
    }

    /// The terminal program, in a window of columns × rows.
    pub fn enter(&self, program: &Path, size: (u16, u16)) -> Program {
        let mut command = CommandBuilder::new(program);
        command.args(self.to_here());
        self.run(command, size)
    }

    /// Any program in a terminal.
    pub fn run(&self, mut command: CommandBuilder, size: (u16, u16)) -> Program {
        command.env_clear();
        for (name, value) in self.surroundings() {
            command.env(name, value);
        }
        command.cwd(self.home.path());
        Program::start(command, size)
    }

    /// A whole process that prints, in words of its command line. What it prints comes with its time.
    pub fn print(&self, program: &Path, words: &[&str]) -> (Duration, Vec<u8>) {
        let start = Instant::now();
        let out = Command::new(program)
            .args(words)
            .env_clear()
            .envs(self.surroundings())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let took = start.elapsed();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{words:?}: {said}");
        (took, out.stdout)
    }

    /// The same several times, with the options that lead here.
    pub fn prints(&self, runs: usize, program: &Path, words: &[&str]) -> Spread {
        let to_here = self.to_here();
        let mut words = words.to_vec();
        words.extend(to_here.iter().map(String::as_str));
        Spread::of(runs, || self.print(program, &words).0)
    }

    /// An address of the registry, asked by curl; `None` where there is no curl.
    pub fn curl(&self, runs: usize, path: &str) -> Option<Spread> {
        let curl = found("curl")?;
        let token = self.registry.running.token().expose();
        let bearer = format!("authorization: Bearer {token}");
        let url = format!("{}{path}", self.registry.running.url());
        Some(Spread::of(runs, || {
            self.print(&curl, &["-sf", "-H", &bearer, &url]).0
        }))
    }
}

/// A program of this machine.
pub fn found(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.exists())
}
