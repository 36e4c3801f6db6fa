//! The command line. Each option here is one that works; the others are unknown.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};

const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nManages an npm registry account in the terminal.",
    "\nNo telemetry, no update check: it speaks to your registry and to nobody else.",
);

const AFTER: &str = "\
Examples:
  npm-warden --demo
      Try everything on a made-up account; nothing real is read or changed.
  npm-warden
      Your account, by the registry and the credential that npm itself would use.
  npm-warden --registry https://registry.example.com/
      Another registry; its credential is found in your npm configuration.
  npm-warden registry --tokens 40
      A registry on this machine to try npm, scripts or this program against.

Exit codes:
  0  done
  1  a finding, or a fault on this machine
  2  the command line makes no sense here
  3  signed out: no credential, or one that the registry does not accept
  4  the registry wants a second factor
  5  the registry refused
  6  the network, or an address that cannot be listened on

Colours follow the terminal's palette; NO_COLOR=1 does without them.
In the program, ? lists the keys. README.md says more.";

const AFTER_REGISTRY: &str = "\
Once it listens it prints one line of JSON on standard output:
  {\"url\", \"username\", \"password\", \"email\", \"token\"}
and one line a request on standard error, without secrets. It listens on this machine alone,
keeps everything in memory, and ends on Ctrl-C or SIGTERM.

Faults: SPEC is OPERATION[#N]=KIND.
  OPERATION  login (web), poll (its answer, or a web challenge's), couch (user name and password;
             npm sends two), logout, whoami, profile.get, profile.set, password, 2fa, token.list,
             token.create, token.revoke, or * for every request of a client
  #N         the N-th of them alone; #N+ from the N-th on; #* or nothing: every one
  KIND       before anything is done:
               drop-before                     the connection is closed without an answer
               status:CODE                     this status
               retry-after:SECONDS[:CODE]      429, or CODE, with Retry-After
               retry-after-date:SECONDS[:CODE] the same as a date
               redirect:URL                    307 to there
             after it was done:
               drop-after                      the connection is closed without an answer
               status-after:CODE               this status
               half-body                       half of the answer, then the connection is closed
               delay:MS                        the answer is held back
               skew:SECONDS                    its Date is off by that much, also by -SECONDS
  Delays and skews come on top; of the others the first one given that fits is done.

Examples:
  npm-warden registry
      On a free port; read the address from the line of JSON.
  npm-warden registry --listen 127.0.0.1:4880 --otp-once
      On a fixed port, and each one-time password serves once.
  npm-warden registry --fault token.create#1=drop-after --fault '*=delay:300'
      The first new token's value is lost on the way, and all answers are slow.";

/// Manage an npm registry account in the terminal: profile, two-factor authentication, tokens, recovery codes.
#[derive(Debug, Parser)]
#[command(
    name = "npm-warden",
    version,
    long_version = LONG_VERSION,
    after_help = AFTER,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// The options of the terminal program.
    #[command(flatten)]
    pub tui: TuiArgs,
    /// Something else than the terminal program.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The options of the terminal program.
#[derive(Args, Debug)]
pub struct TuiArgs {
    /// The registry to speak to, instead of the one in the npm configuration
    #[arg(long, value_name = "URL")]
    pub registry: Option<String>,
    /// The npm configuration of the user, instead of ~/.npmrc
    #[arg(long, value_name = "FILE")]
    pub userconfig: Option<PathBuf>,
    /// Write a log without secrets to this file
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Try it on an embedded registry with a made-up account: reads no .npmrc, leaves nothing behind
    #[arg(long, conflicts_with_all = ["registry", "userconfig"])]
    pub demo: bool,
}

/// What is not the terminal program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the embedded registry alone: a local npm registry with real two-factor authentication
    Registry(RegistryArgs),
}

/// The options of the embedded registry.
#[derive(Args, Debug)]
#[command(after_help = AFTER_REGISTRY)]
pub struct RegistryArgs {
    /// Where to listen, on loopback only; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    pub listen: SocketAddr,
    /// The rules to follow
    #[arg(long, value_enum, default_value_t)]
    pub policy: PolicyArg,
    /// How many tokens the account has, its own session's included
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub tokens: u32,
    /// How long each reply is held back, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=600_000))]
    delay: u64,
    /// Refuse the second use of a one-time password
    #[arg(long)]
    pub otp_once: bool,
    /// Do without the pages in a browser: no web sign-in, and codes only for what is guarded
    #[arg(long)]
    pub no_web: bool,
    /// Let something go wrong on purpose; may be given several times (see below)
    #[arg(long, value_name = "SPEC")]
    pub fault: Vec<String>,
}

impl RegistryArgs {
    /// How long each reply is held back.
    pub const fn delay(&self) -> Duration {
        Duration::from_millis(self.delay)
    }
}

/// The rules of the embedded registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PolicyArg {
    /// Authenticator codes for everything that is guarded.
    #[default]
    Classic,
}

impl ValueEnum for PolicyArg {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Classic]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Classic => PossibleValue::new("classic")
                .help("authenticator codes for all that is guarded, tokens need not expire"),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use clap::error::ErrorKind;

    use super::*;

    fn refused(line: &[&str]) -> Option<ErrorKind> {
        Cli::try_parse_from([&["npm-warden"], line].concat())
            .err()
            .map(|error| error.kind())
    }

    #[test]
    fn the_description_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_demo_reads_no_configuration_of_the_persons_own() {
        for other in [["--registry", "http://127.0.0.1:1/"], ["--userconfig", "x"]] {
            let line = [&["--demo"], other.as_slice()].concat();
            assert_eq!(refused(&line), Some(ErrorKind::ArgumentConflict));
        }
        assert_eq!(refused(&["--demo", "--log", "x"]), None);
    }

    #[test]
    fn what_does_not_exist_yet_is_unknown() {
        for line in [["--color"], ["--json"], ["token"], ["--offline"]] {
            assert!(refused(&line).is_some(), "{line:?}");
        }
    }

    #[test]
    fn the_registrys_options_have_limits() {
        assert_eq!(refused(&["registry"]), None);
        let all = "registry --listen [::1]:0 --policy classic --tokens 3 --delay 5 --otp-once --no-web --fault a --fault b";
        assert_eq!(refused(&all.split(' ').collect::<Vec<_>>()), None);
        for bad in [
            "--tokens 0",
            "--policy loose",
            "--listen here",
            "--delay -1",
        ] {
            let line: Vec<_> = std::iter::once("registry").chain(bad.split(' ')).collect();
            assert!(refused(&line).is_some(), "{bad}");
        }
    }
}
