//! Whether git keeps a file. Asks the `git` program, which is told to run and fetch nothing.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::domain::machine::Git;

use super::super::layers::Env;
use super::super::locate;

/// How long one question may take, in steps of [`STEP`].
const STEPS: u32 = 1000;
const STEP: Duration = Duration::from_millis(2);

/// What of the environment git needs to find itself and the person's own settings. Nothing that could hold a secret
/// (promise P01), and no `GIT_…`, by which it could be sent to another work tree.
const PASSED_ON: [&str; 8] = [
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "USERPROFILE",
    "SYSTEMROOT",
    "TMPDIR",
    "TEMP",
    "TMP",
];

/// Whether git keeps this file, which is named without links.
pub(super) fn of(real: &Path, env: Env<'_>) -> Git {
    let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else {
        return Git::Unknown;
    };
    if !folder.ancestors().any(|above| above.join(".git").exists()) {
        return Git::None;
    }
    let program = if cfg!(windows) { "git.exe" } else { "git" };
    let Some(program) = locate::find_in_path(env, program) else {
        return Git::Unknown;
    };
    let ask = |question: &[&str]| {
        let mut command = Command::new(&program);
        command
            .env_clear()
            .envs(
                PASSED_ON
                    .iter()
                    .filter_map(|name| Some((name, env.get(name)?))),
            )
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(["--no-optional-locks", "--no-pager"])
            // A work tree's own settings name programs and places to fetch from.
            .args(["-c", "core.fsmonitor=false", "-c", "protocol.allow=never"])
            .args(question)
            .arg("--")
            // Not a pattern, nor an option, by whatever sign it begins.
            .arg(Path::new(".").join(name))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().ok().and_then(code)
    };
    match ask(&["--literal-pathspecs", "ls-files", "--error-unmatch"]) {
        Some(0) => Git::Tracked,
        Some(1) => match ask(&["check-ignore", "--quiet"]) {
            Some(0) => Git::Ignored,
            Some(1) => Git::Untracked,
            _ => Git::Unknown,
        },
        _ => Git::Unknown,
    }
}

/// Its exit code, unless it takes too long.
#[expect(
    clippy::disallowed_methods,
    reason = "the standard library has no wait for a program that ends by itself after some time"
)]
fn code(mut child: Child) -> Option<i32> {
    for _ in 0..STEPS {
        match child.try_wait() {
            Ok(Some(status)) => return status.code(),
            Ok(None) => std::thread::sleep(STEP),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}
