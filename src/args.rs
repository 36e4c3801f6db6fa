//! The command line. Each option here is one that works; the others are unknown.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::domain::secret::Secret;

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
  npm-warden token list --json
      A plain command, for scripts and for terminals that take no full-screen program.
  npm-warden registry --tokens 40
      A registry on this machine to try npm, scripts or this program against.

Exit codes:
  0  done
  1  a finding, or a fault on this machine, or you answered no
  2  the command line makes no sense here, or there is no terminal to ask on
  3  signed out: no credential, or one that the registry does not accept
  4  the registry wants a second factor
  5  the registry refused, or does not offer this, or a token is still accepted
  6  the network, or an address that cannot be listened on
  130  Ctrl-C in a plain command; 143 SIGTERM, 129 SIGHUP

Colours follow the terminal's palette; NO_COLOR=1 does without them.
In the program, ? lists the keys. README.md says more.";

const AFTER_REGISTRY: &str = "\
Once it listens it prints one line of JSON on standard output:
  {\"url\", \"username\", \"password\", \"email\", \"token\"}
with \"otpauth\" and \"recovery_codes\" besides where --tfa gives the account a second factor,
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

const AFTER_ACCOUNT: &str = "\
Results go to standard output; questions, and what is said beside them, to standard error.
With --json the result is one line that begins {\"version\":1, and a failure is one too.

Exit codes: 0 done, 1 a finding or a fault here, 2 the command line, 3 signed out,
4 a second factor is wanted, 5 the registry refused or does not offer this, 6 the network,
130 Ctrl-C (143 SIGTERM, 129 SIGHUP).";

const AFTER_REVOKE: &str = "\
An ID is the beginning of a token's key, as `npm-warden token list` and npm show it, or the whole key.
A token's value is never taken on the command line, where other programs can read it: `-` reads
values or ids from standard input, one a line. A value is found in the list by the characters that
the registry shows of it.

The credential in use goes last, when all others are gone. Exit code 0 means that a fresh list has
none of them any more. A whole key or value that fits no listed token counts as gone, so that the
same command can be given again when it was broken off; a short ID that fits none or several ends
it before anything is touched.

Examples:
  npm-warden token revoke 1f3a9c
      Shows what goes, asks, and asks for a code if the registry wants one.
  npm-warden token revoke --yes --otp 123456 1f3a9c 77b0e2
      Asks nothing, for scripts.
  npm-warden token revoke --yes - < leaked.txt
      By the values in a file.";

const AFTER_LOGIN: &str = "\
Signs in on the registry's website: open the address that is shown, on any device. Where the
registry has no such page, and on a terminal, by user name and password.

The token is kept in your .npmrc, where npm finds it: a plain command has no session of its own
that could outlast it. Only that line changes. In the terminal program (npm-warden without a
command) you can sign in for the session alone.

Examples:
  npm-warden login
  npm-warden login --username alice
  npm-warden login --registry https://registry.example.com/ --sign-up";

const AFTER_LOGOUT: &str = "\
Ends the token at the registry, looks whether it is dead, and then takes it out of the file that
held it. A token that other machines use as well is ended there, too.

Exit code 0 means that the registry does not accept it any more and no file holds it; 5 that it
is still accepted, 1 that it still stands somewhere.

Examples:
  npm-warden logout
  npm-warden logout --yes --registry https://registry.example.com/";

/// Manage an npm registry account in the terminal: profile, two-factor authentication, tokens, recovery codes.
#[derive(Debug, Parser)]
#[command(
    name = "npm-warden",
    version,
    long_version = LONG_VERSION,
    after_help = AFTER,
    max_term_width = 100,
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

impl Cli {
    /// The command line of this process. What makes no sense is said, and ends it.
    pub fn of_process() -> Self {
        Self::parse()
            .settled()
            .unwrap_or_else(|wrong: clap::Error| wrong.exit())
    }

    /// `--registry` and `--userconfig` mean the same before a plain command as after it, where they win; no other
    /// option of the terminal program goes with a command.
    fn settled(mut self) -> Result<Self, clap::Error> {
        let Some(command) = &mut self.command else {
            return Ok(self);
        };
        let (registry, userconfig) = (self.tui.registry.take(), self.tui.userconfig.take());
        let alien = match (command.account_mut(), &self.tui) {
            (_, TuiArgs { demo: true, .. }) => Some("--demo"),
            (_, TuiArgs { log: Some(_), .. }) => Some("--log"),
            (None, _) if registry.is_some() => Some("--registry"),
            (None, _) if userconfig.is_some() => Some("--userconfig"),
            (None, _) => None,
            (Some(account), _) => {
                account.registry = account.registry.take().or(registry);
                account.userconfig = account.userconfig.take().or(userconfig);
                None
            }
        };
        match alien {
            None => Ok(self),
            Some(option) => Err(Self::command().error(
                ErrorKind::ArgumentConflict,
                format!("{option} does not go with this command."),
            )),
        }
    }
}

impl Command {
    const fn account_mut(&mut self) -> Option<&mut AccountArgs> {
        match self {
            Self::Whoami(account)
            | Self::Profile(ProfileCommand::Get(account))
            | Self::Token(TokenCommand::List(account)) => Some(account),
            Self::Token(TokenCommand::Revoke(args)) => Some(&mut args.account),
            Self::Login(args) => Some(&mut args.account),
            Self::Logout(args) => Some(&mut args.account),
            Self::Registry(_) => None,
        }
    }
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
    /// The rules of the demo's registry
    #[arg(long, value_enum, requires = "demo")]
    pub policy: Option<PolicyArg>,
    /// The second factor that the demo's account has from the start
    #[arg(long, value_enum, requires = "demo")]
    pub tfa: Option<TfaArg>,
}

/// What is not the terminal program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say who is signed in
    #[command(after_help = AFTER_ACCOUNT)]
    Whoami(AccountArgs),
    /// The profile
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Access tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Sign in, and keep the token in your .npmrc
    #[command(after_help = AFTER_LOGIN)]
    Login(LoginArgs),
    /// Sign out: end the token at the registry and take it out of the file that held it
    #[command(after_help = AFTER_LOGOUT)]
    Logout(LogoutArgs),
    /// Run the embedded registry alone: a local npm registry with real two-factor authentication
    Registry(RegistryArgs),
}

/// What can be done with the profile.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Show the profile
    #[command(after_help = AFTER_ACCOUNT)]
    Get(AccountArgs),
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// List the tokens
    #[command(after_help = AFTER_ACCOUNT)]
    List(AccountArgs),
    /// Revoke tokens, and see in a fresh list that they are gone
    #[command(after_help = AFTER_REVOKE)]
    Revoke(RevokeArgs),
}

/// What all plain commands about an account take.
#[derive(Args, Debug, Default)]
pub struct AccountArgs {
    /// The registry to speak to, instead of the one in the npm configuration
    #[arg(long, value_name = "URL")]
    pub registry: Option<String>,
    /// The npm configuration of the user, instead of ~/.npmrc
    #[arg(long, value_name = "FILE")]
    pub userconfig: Option<PathBuf>,
    /// Print the result as one line of JSON
    #[arg(long)]
    pub json: bool,
    /// The one-time password for the first time that the registry asks; no recovery code
    #[arg(long, value_name = "CODE", value_parser = secret, allow_hyphen_values = true)]
    pub otp: Option<Arc<Secret<String>>>,
}

/// Not even the message about a wrong command line may quote it.
#[expect(clippy::unnecessary_wraps, reason = "the form that clap takes")]
fn secret(raw: &str) -> Result<Arc<Secret<String>>, Infallible> {
    Ok(Arc::new(raw.into()))
}

/// The options of `token revoke`.
#[derive(Args, Debug)]
pub struct RevokeArgs {
    /// The beginning of a token's key, or - to read ids or values from standard input
    #[arg(required = true, value_name = "ID", value_parser = secret)]
    pub tokens: Vec<Arc<Secret<String>>>,
    /// Do not ask before revoking
    #[arg(long, short)]
    pub yes: bool,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}

/// The options of `login`.
#[derive(Args, Debug)]
pub struct LoginArgs {
    /// On the registry's website only
    #[arg(long, conflicts_with_all = ["username", "sign_up"])]
    pub web: bool,
    /// By password; it is asked for on the terminal
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Make a new account, where the registry offers it
    #[arg(long)]
    pub sign_up: bool,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}

/// The options of `logout`.
#[derive(Args, Debug)]
pub struct LogoutArgs {
    /// Do not ask before ending the token
    #[arg(long, short)]
    pub yes: bool,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
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
    /// The second factor that the account has from the start
    #[arg(long, value_enum, default_value_t)]
    pub tfa: TfaArg,
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
    /// As npm's registry in 2026.
    Npmjs,
}

impl ValueEnum for PolicyArg {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Classic, Self::Npmjs]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Classic => PossibleValue::new("classic")
                .help("authenticator codes for all that is guarded, tokens need not expire"),
            Self::Npmjs => PossibleValue::new("npmjs").help(
                "as npm's registry in 2026: no new authenticators, granular tokens, short sessions",
            ),
        })
    }
}

/// The second factor that the made-up account has from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TfaArg {
    /// None
    #[default]
    Off,
    /// On, for the account itself
    AuthOnly,
    /// On, for the account and all writes
    AuthAndWrites,
    /// A set-up that was begun and not confirmed
    Pending,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &[&str]) -> Option<ErrorKind> {
        Cli::try_parse_from([&["npm-warden"], line].concat())
            .and_then(Cli::settled)
            .err()
            .map(|error| error.kind())
    }

    #[test]
    fn the_registry_and_the_file_are_named_before_a_command_or_after_it() {
        for (line, expected) in [
            ("--registry a --userconfig f whoami", "a"),
            ("whoami --registry a --userconfig f", "a"),
            ("--registry a token list --userconfig f", "a"),
            (
                "--registry a --userconfig f token revoke x --registry b",
                "b",
            ),
        ] {
            let line = std::iter::once("npm-warden").chain(line.split(' '));
            let cli = Cli::try_parse_from(line).and_then(Cli::settled);
            let mut command = cli.expect("it makes sense").command.expect("a command");
            let account = command.account_mut().expect("of an account");
            assert_eq!(account.registry.as_deref(), Some(expected));
            assert_eq!(account.userconfig, Some("f".into()));
        }
        for line in [
            "--demo whoami",
            "--log x whoami",
            "--registry a registry",
            "--userconfig f registry",
        ] {
            let line: Vec<_> = line.split(' ').collect();
            assert_eq!(
                refused(&line),
                Some(ErrorKind::ArgumentConflict),
                "{line:?}"
            );
        }
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
    fn the_demo_alone_has_rules_and_an_account_to_choose() {
        let all = ["--demo", "--policy", "npmjs", "--tfa", "auth-only"];
        assert_eq!(refused(&all), None);
        for line in [["--policy", "npmjs"], ["--tfa", "pending"]] {
            let missing = Some(ErrorKind::MissingRequiredArgument);
            assert_eq!(refused(&line), missing, "{line:?}");
        }
    }

    #[test]
    fn what_does_not_exist_yet_is_unknown() {
        for line in [
            "--color",
            "--json",
            "token",
            "--offline",
            "token create",
            "profile set",
        ] {
            let words: Vec<_> = line.split(' ').collect();
            assert!(refused(&words).is_some(), "{line:?}");
        }
    }

    #[test]
    fn the_plain_commands_take_what_their_help_says() {
        for line in [
            "whoami --json --registry http://127.0.0.1:1/ --userconfig x --otp 123456",
            "profile get",
            "token list --json",
            "token revoke --yes a b c",
            "token revoke -",
            "login --username alice --sign-up",
            "login --web",
            "logout -y",
        ] {
            assert_eq!(
                refused(&line.split(' ').collect::<Vec<_>>()),
                None,
                "{line}"
            );
        }
        for line in [
            "token revoke",
            "login --web --username alice",
            "login --web --sign-up",
        ] {
            let line: Vec<_> = line.split(' ').collect();
            assert!(refused(&line).is_some(), "{line:?}");
        }
    }

    #[test]
    fn p01_what_may_be_a_secret_is_not_quoted() {
        let line = "npm-warden token revoke canary1 --otp canary2".split(' ');
        let cli = Cli::try_parse_from(line).expect("it makes sense");
        assert!(!format!("{cli:?}").contains("canary"));
        for wrong in [
            "whoami --otp canary --nonsense",
            "token revoke canary --nonsense",
        ] {
            let line = std::iter::once("npm-warden").chain(wrong.split(' '));
            let said = Cli::try_parse_from(line).expect_err("nonsense").to_string();
            assert!(!said.contains("canary"), "{said}");
        }
    }

    #[test]
    fn the_registrys_options_have_limits() {
        assert_eq!(refused(&["registry"]), None);
        let all = "registry --listen [::1]:0 --policy classic --tokens 3 --delay 5 --otp-once --no-web --fault a --fault b";
        assert_eq!(refused(&all.split(' ').collect::<Vec<_>>()), None);
        for tfa in ["off", "auth-only", "auth-and-writes", "pending"] {
            let line = ["registry", "--policy", "npmjs", "--tfa", tfa];
            assert_eq!(refused(&line), None, "{tfa}");
        }
        for bad in [
            "--tfa on",
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
