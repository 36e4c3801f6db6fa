//! The real npm CLI in a terminal, with a home, a cache and a configuration of its own.
//!
//! ```text
//! let Some(npm) = Npm::for_registry(url) else { return };       // says loudly when it is missing
//! npm.run(&["whoami"]).done();                                  // to the end
//! let mut login = npm.spawn(&["login"]);  // step by step
//! login.expect("Username:");
//! login.send("tess");
//! login.end().done();
//! ```

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use portable_pty::CommandBuilder;
use serde_json::Value;
use tempfile::TempDir;

use crate::missing::missing;
use crate::terminal::{Ended, Session};

/// One person's npm: a home folder with the configuration that npm reads and writes.
pub struct Npm {
    home: TempDir,
    registry: String,
}

impl Npm {
    /// An npm that speaks to that registry; `None`, with a loud word, where Node or npm is
    /// missing, which under `CI=true` is a failure.
    pub fn for_registry(url: &str) -> Option<Self> {
        if !there_is_one() {
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("project")).unwrap();
        Some(Self {
            home,
            registry: url.to_owned(),
        })
    }

    /// The file that stands for the person's `.npmrc`.
    pub fn userconfig(&self) -> PathBuf {
        self.home.path().join(".npmrc")
    }

    /// What is in it; nothing when there is none.
    pub fn configuration(&self) -> String {
        std::fs::read_to_string(self.userconfig()).unwrap_or_default()
    }

    /// Puts a token into it, as a login would.
    pub fn sign_in(&self, token: &str) {
        let place = self.registry.split_once(':').unwrap().1;
        std::fs::write(self.userconfig(), format!("{place}:_authToken={token}\n")).unwrap();
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Ended {
        self.spawn(args).end()
    }

    /// Runs a command to its end, with these variables besides.
    pub fn run_with(&self, env: &[(&str, &str)], args: &[&str]) -> Ended {
        self.spawn_with(env, args).end()
    }

    /// Runs a command to its end with another file as the person's own, as this program's.
    pub fn run_by(&self, userconfig: &Path, args: &[&str]) -> Ended {
        let file = userconfig.to_str().unwrap();
        self.run_with(&[("NPM_CONFIG_USERCONFIG", file)], args)
    }

    /// What a command says on its standard output, as JSON.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        let mut command = Command::new("node");
        command.arg(cli()).args(args).env_clear();
        command.envs(self.environment());
        command.current_dir(self.home.path().join("project"));
        let done = command.output().unwrap();
        let (out, err) = (done.stdout, String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "npm {}: {err}", args.join(" "));
        serde_json::from_slice(&out).unwrap()
    }

    /// A folder in which there is something to publish.
    pub fn has_a_package(&self) {
        let about = r#"{"name": "made-up", "version": "1.0.0"}"#;
        std::fs::write(self.home.path().join("project/package.json"), about).unwrap();
    }

    /// Starts a command.
    pub fn spawn(&self, args: &[&str]) -> Session {
        self.spawn_with(&[], args)
    }

    fn spawn_with(&self, env: &[(&str, &str)], args: &[&str]) -> Session {
        let mut command = CommandBuilder::new("node");
        command.arg(cli());
        command.args(args);
        command.cwd(self.home.path().join("project"));
        // Nothing of the person's own: no proxy, no configuration, no `CI`.
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        for (name, value) in env {
            command.env(name, value);
        }
        Session::start(command, format!("npm {}", args.join(" ")))
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.home.path().join(name).display().to_string();
        vec![
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", path("")),
            ("PREFIX", path("prefix")),
            ("TMPDIR", path("")),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("NO_COLOR", "1".to_owned()),
            ("NPM_CONFIG_REGISTRY", self.registry.clone()),
            ("NPM_CONFIG_USERCONFIG", path(".npmrc")),
            ("NPM_CONFIG_GLOBALCONFIG", path("globalrc")),
            ("NPM_CONFIG_PREFIX", path("prefix")),
            ("NPM_CONFIG_CACHE", path("cache")),
            ("NPM_CONFIG_FETCH_RETRIES", "0".to_owned()),
            ("NPM_CONFIG_UPDATE_NOTIFIER", "false".to_owned()),
            ("NPM_CONFIG_BROWSER", "false".to_owned()),
            // Prompts, unless a test asks for the web.
            ("NPM_CONFIG_AUTH_TYPE", "legacy".to_owned()),
            ("NPM_CONFIG_PROGRESS", "false".to_owned()),
            ("NPM_CONFIG_LOGS_MAX", "0".to_owned()),
        ]
    }
}

/// The script that is npm.
pub fn cli() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/node_modules/npm/bin/npm-cli.js")
}

/// Whether it can be run; says loudly when not.
pub fn there_is_one() -> bool {
    prepared().map_err(say_so).is_ok()
}

fn say_so(why: &str) {
    let how = "install Node 20 or later, then run `npm ci --ignore-scripts` in tests/peers";
    missing("the real npm", why, how);
}

fn prepared() -> Result<(), &'static str> {
    let node = Command::new("node")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !node.is_ok_and(|status| status.success()) {
        return Err("there is no Node on this machine");
    }
    if !cli().is_file() {
        return Err("npm is not installed in tests/peers");
    }
    Ok(())
}
