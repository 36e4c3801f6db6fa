//! `--demo`: the terminal program on an embedded registry inside this process. Reads no `.npmrc`, leaves nothing
//! behind (promise P40).

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use npm_warden::app::DemoCode;
use npm_warden::args::TuiArgs;
use npm_warden::backend::Configured;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::npmrc::Config;
use npm_warden::sandbox::{self, Options, Running};
use npm_warden::shell::{DemoAccount, Setup};
use npm_warden::ui::Theme;
use tokio::sync::oneshot;

use super::{End, LOCAL, deps, run};

/// Far longer than a registry takes to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the demo to its end.
pub(super) fn run_demo(args: &TuiArgs, theme: Theme) -> Result<(), End> {
    let mut folder = tempfile::Builder::new();
    folder.prefix("npm-warden-demo-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        folder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    // Removed when it is dropped: at the end, after a signal, and when a panic unwinds.
    let folder = folder.tempdir().map_err(|error| {
        failed(format!(
            "The demo has no folder to work in: {error}. Set TMPDIR to one that can be written."
        ))
    })?;
    // Ends the registry when it is dropped.
    let (_end, ending) = oneshot::channel();
    let registry = Arc::new(start(options(args), ending)?);

    let reached = Arc::clone(&registry);
    // Also `~/` means the scratch folder here: what is saved for a try goes with it.
    let deps = deps(folder.path().join("data"), folder.path());
    run(Setup {
        connector: Configured::fixed(move || configuration(&reached)),
        deps,
        theme,
        demo: Some(Box::new(Account {
            registry,
            under_attack: args.under_attack,
        })),
    })
}

fn failed(sentence: String) -> End {
    End(sentence, LOCAL)
}

fn options(args: &TuiArgs) -> Options {
    Options {
        policy: args.policy.unwrap_or_default().into(),
        tfa: args.tfa.unwrap_or_default().into(),
        under_attack: args.under_attack,
        ..Options::default()
    }
}

/// Starts the registry on a thread and a runtime of its own.
fn start(options: Options, ending: oneshot::Receiver<()>) -> Result<Running, End> {
    let (tell, told) = channel();
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string());
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return drop(tell.send(Err(error))),
        };
        runtime.block_on(async {
            let started = sandbox::start(options).await;
            let _ = tell.send(started.map_err(|error| error.to_string()));
            // An error says that the sender is gone, which is the sign to end.
            let _ = ending.await;
        });
    };
    std::thread::Builder::new()
        .name("demo registry".to_owned())
        .spawn(serve)
        .map_err(|error| failed(format!("The demo cannot start: {error}.")))?;
    match told.recv_timeout(PATIENCE) {
        Ok(Ok(running)) => Ok(running),
        Ok(Err(why)) => Err(failed(format!("The demo cannot start: {why}"))),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(failed(
            "The demo's registry did not start. Try again.".to_owned(),
        )),
    }
}

fn configuration(registry: &Running) -> Result<Config, Failure> {
    let url = registry.url().parse().map_err(|_| {
        Failure::new(
            FailureKind::Local,
            "The demo's registry has no address.",
            "Start the demo again.",
        )
    })?;
    let token = Secret::from(registry.token().expose().as_str());
    Ok(Config::of_token(
        url,
        token,
        Text::new("the demo's own session"),
    ))
}

/// The demo's account, its authenticator and its mail.
struct Account {
    registry: Arc<Running>,
    under_attack: bool,
}

impl DemoAccount for Account {
    fn password(&self) -> String {
        self.registry.password().expose().clone()
    }

    fn code(&self) -> Option<DemoCode> {
        self.registry.code().map(shown)
    }

    fn inbox(&self) -> Option<String> {
        self.registry.inbox()
    }

    fn under_attack(&self) -> bool {
        self.under_attack
    }

    fn mailed(&self) -> Option<DemoCode> {
        self.registry.mailed().map(shown)
    }
}

fn shown(code: sandbox::DemoCode) -> DemoCode {
    DemoCode {
        code: code.code,
        seconds_left: code.seconds_left,
    }
}
