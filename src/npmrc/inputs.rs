//! What the configuration is read from, so that a test can hand in its own.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::domain::failure::{Failure, FailureKind};

/// Everything outside of files that the configuration depends on.
pub struct Inputs {
    /// `--registry`.
    pub registry: Option<String>,
    /// `--userconfig`.
    pub userconfig: Option<PathBuf>,
    /// The present folder.
    pub cwd: PathBuf,
    /// The person's home folder.
    pub home: Option<PathBuf>,
    /// The environment.
    pub env: Vec<(OsString, OsString)>,
}

impl Inputs {
    /// This process's own.
    pub fn from_process(
        registry: Option<String>,
        userconfig: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let cwd = std::env::current_dir().map_err(|error| {
            Failure::new(
                FailureKind::Local,
                format!("The present folder cannot be found ({error})."),
                "Change to a folder that exists, and start again.",
            )
        })?;
        Ok(Self {
            registry,
            userconfig,
            cwd,
            home: std::env::home_dir().filter(|home| home.is_absolute()),
            env: std::env::vars_os().collect(),
        })
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The environment and the address may hold passwords.
        f.debug_struct("Inputs")
            .field("userconfig", &self.userconfig)
            .field("cwd", &self.cwd)
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}
