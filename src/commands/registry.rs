//! `npm-warden registry`: the embedded registry alone, for npm, for scripts and for other programs' tests.

use std::io::{self, Write as _};

use crate::args::{PolicyArg, RegistryArgs, TfaArg};
use crate::domain::tfa::Level;
use crate::sandbox::{self, FaultError, Log, Options, Policy, Running, StartError, StartTfa};

/// Why it ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A fault that cannot be read.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Nobody can read the line that says how to reach it.
    #[error(
        "The line that says how to reach the registry cannot be written: {0}. Nothing was started."
    )]
    Output(io::Error),
    /// No runtime or no signals.
    #[error(
        "The system gives no means to run a registry: {0}. Close other programs and start again."
    )]
    System(io::Error),
}

impl Error {
    /// 2 when the command line is to blame, 6 when the address cannot be had.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Start(StartError::Bind { .. }) => 6,
            Self::Start(_) | Self::Fault(_) => 2,
            Self::Output(_) | Self::System(_) => 1,
        }
    }
}

/// Runs it until SIGINT or SIGTERM.
pub fn run(args: &RegistryArgs) -> Result<(), Error> {
    let faults = args.fault.iter().map(|spec| spec.parse());
    let options = Options {
        faults: faults.collect::<Result<_, FaultError>>()?,
        listen: args.listen,
        policy: args.policy.into(),
        tfa: args.tfa.into(),
        under_attack: args.under_attack,
        session_life: args.session_life(),
        tokens: usize::try_from(args.tokens).unwrap_or(usize::MAX),
        delay: args.delay(),
        otp_once: args.otp_once,
        web: !args.no_web,
        log: Log::Stderr,
        ..Options::default()
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::System)?
        .block_on(async {
            // Before anything is promised: a signal that comes early is not lost.
            let end = Ends::new().map_err(Error::System)?;
            let running = sandbox::start(options).await?;
            announce(&running).map_err(Error::Output)?;
            end.wait().await;
            running.stop().await;
            Ok(())
        })
}

impl From<PolicyArg> for Policy {
    fn from(arg: PolicyArg) -> Self {
        match arg {
            PolicyArg::Classic => Self::Classic,
            PolicyArg::Npmjs => Self::Npmjs,
        }
    }
}

impl From<TfaArg> for StartTfa {
    fn from(arg: TfaArg) -> Self {
        match arg {
            TfaArg::Off => Self::Off,
            TfaArg::AuthOnly => Self::On(Level::AuthOnly),
            TfaArg::AuthAndWrites => Self::On(Level::AuthAndWrites),
            TfaArg::Pending => Self::Pending,
        }
    }
}

fn announce(running: &Running) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", running.start_line().expose())?;
    out.flush()
}

/// The signals that end it.
#[cfg(unix)]
struct Ends {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Ends {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Ends;

#[cfg(not(unix))]
impl Ends {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn wait(self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Cli, Command};

    #[test]
    fn a_fault_that_cannot_be_read_is_named_before_anything_starts() {
        let line = "npm-warden registry --fault whoami=status:500 --fault tokens#1=drop-after";
        let cli = Cli::parse_from(line.split(' '));
        let Some(Command::Registry(args)) = cli.command else {
            panic!("it is the registry's command line");
        };
        let error = run(&args).expect_err("there is no operation of that name");
        assert_eq!(error.exit_code(), 2);
        let said = error.to_string();
        assert!(
            said.contains("\"tokens\"") && said.contains("token.list"),
            "{said}"
        );
    }
}
