//! A home folder, a project and an environment of a test's own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use npm_warden::domain::failure::Failure;
use npm_warden::npmrc::{Auth, Config, Inputs, load};
use tempfile::TempDir;

pub(crate) struct Home {
    root: TempDir,
    pub(crate) registry: Option<String>,
    pub(crate) userconfig: Option<PathBuf>,
    pub(crate) cwd: PathBuf,
    pub(crate) env: Vec<(OsString, OsString)>,
}

impl Home {
    /// A home folder, and a present folder `project` that is no project yet.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let cwd = root.path().join("home/project");
        fs::create_dir_all(&cwd).unwrap();
        Self {
            root,
            registry: None,
            userconfig: None,
            cwd,
            env: Vec::new(),
        }
        .env("PREFIX", "/nowhere")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.path().join(inside)
    }

    /// A file below the root, with its folders.
    pub(crate) fn file(self, inside: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn user(self, content: impl AsRef<[u8]>) -> Self {
        self.file("home/.npmrc", content)
    }

    pub(crate) fn project(self, content: impl AsRef<[u8]>) -> Self {
        self.file("home/project/.npmrc", content)
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.env
            .push((name.into(), value.as_ref().as_os_str().to_owned()));
        self
    }

    pub(crate) fn registry(mut self, url: &str) -> Self {
        self.registry = Some(url.to_owned());
        self
    }

    pub(crate) fn inputs(&self) -> Inputs {
        Inputs {
            registry: self.registry.clone(),
            userconfig: self.userconfig.clone(),
            cwd: self.cwd.clone(),
            home: Some(self.home()),
            env: self.env.clone(),
        }
    }

    pub(crate) fn try_load(&self) -> Result<Config, Failure> {
        load(&self.inputs())
    }

    pub(crate) fn load(&self) -> Config {
        self.try_load().unwrap()
    }
}

/// "Bearer x", "Basic y", or "none".
pub(crate) fn sent(config: &Config) -> String {
    config
        .credential
        .as_ref()
        .map_or_else(|| "none".to_owned(), |c| c.secret.header().expose().clone())
}

/// Where the credential came from.
pub(crate) fn place(config: &Config) -> &str {
    config
        .credential
        .as_ref()
        .map_or("none", |c| c.source.place.as_str())
}

/// The problems, one per line.
pub(crate) fn problems(config: &Config) -> String {
    config
        .problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a bearer token is, for comparing without printing.
pub(crate) fn is_bearer(config: &Config, token: &str) -> bool {
    matches!(
        config.credential.as_ref().map(|c| &c.secret),
        Some(Auth::Bearer(secret)) if secret.expose() == token
    )
}
