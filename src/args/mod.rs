//! The command line. Each option here is one that works; the others are unknown.

mod help;
mod machine;
mod token;
mod within;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::builder::{OsStringValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use self::help::{
    AFTER, AFTER_ACCOUNT, AFTER_CHECK, AFTER_CREATE, AFTER_DISABLE, AFTER_EMERGENCY, AFTER_ENABLE,
    AFTER_LEVEL, AFTER_LOGIN, AFTER_LOGOUT, AFTER_RECOVERY_LIST, AFTER_RECOVERY_PROVE,
    AFTER_RECOVERY_SHOW, AFTER_REGISTRY, AFTER_REVOKE, AFTER_ROTATE, AFTER_STATUS, LONG_VERSION,
};
pub use self::token::{CreateArgs, May, RotateArgs};
pub use self::within::Within;
use crate::domain::secret::Secret;
use crate::domain::tfa::Level;

pub use self::machine::{
    FixCommand, LineArg, LookArgs, MachineArgs, MachineCommand, RemoveArgs, TightenArgs,
    ToVariableArgs,
};

/// Manage an npm registry account in the terminal: profile, two-factor authentication, tokens, recovery codes.
#[derive(Debug, Parser)]
#[command(
    name = "npm-warden",
    version,
    long_version = LONG_VERSION,
    after_help = AFTER,
    max_term_width = 100
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
    /// The command line of this process. What makes no sense is said, and ends it; where JSON is asked for, `in_json` gets
    /// to say it first, on standard output.
    pub fn of_process(in_json: impl FnOnce(&str)) -> Self {
        let wrong: clap::Error = match Self::try_parse().and_then(Self::settled) {
            Ok(cli) => return cli,
            Err(wrong) => wrong,
        };
        if wrong.use_stderr() && std::env::args_os().any(|word| word == "--json") {
            in_json(&in_a_line(&wrong));
        }
        wrong.exit()
    }

    /// `--registry` and `--userconfig` mean the same before a plain command as after it, where they win; no other
    /// option of the terminal program goes with a command.
    fn settled(mut self) -> Result<Self, clap::Error> {
        let Some(command) = &mut self.command else {
            return Ok(self);
        };
        let (registry, userconfig) = (self.tui.registry.take(), self.tui.userconfig.take());
        let places = command.places_mut();
        let alien = match (&self.tui, places) {
            (TuiArgs { demo: true, .. }, _) => Some("--demo"),
            (TuiArgs { log: Some(_), .. }, _) => Some("--log"),
            (_, (None, _)) if registry.is_some() => Some("--registry"),
            (_, (_, None)) if userconfig.is_some() => Some("--userconfig"),
            (_, (own_registry, own_userconfig)) => {
                if let Some(own) = own_registry {
                    *own = own.take().or(registry);
                }
                if let Some(own) = own_userconfig {
                    *own = own.take().or(userconfig);
                }
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

/// What is wrong, without the usage that follows it.
fn in_a_line(wrong: &clap::Error) -> String {
    let text = wrong.to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    let words: Vec<_> = first.split_whitespace().collect();
    format!("The command line makes no sense: {}.", words.join(" "))
}

impl Command {
    const fn account_mut(&mut self) -> Option<&mut AccountArgs> {
        match self {
            Self::Whoami(account)
            | Self::Profile(ProfileCommand::Get(account))
            | Self::Token(TokenCommand::List(account)) => Some(account),
            Self::TwoFactor(TwoFactorCommand::Status(args)) => Some(&mut args.account),
            Self::TwoFactor(TwoFactorCommand::Enable(args)) => Some(&mut args.account),
            Self::TwoFactor(TwoFactorCommand::Level(args)) => Some(&mut args.account),
            Self::TwoFactor(TwoFactorCommand::Disable(args)) => Some(&mut args.account),
            Self::Token(TokenCommand::Revoke(args)) => Some(&mut args.account),
            Self::Token(TokenCommand::Create(args)) => Some(&mut args.account),
            Self::Token(TokenCommand::Rotate(args)) => Some(&mut args.account),
            Self::Check(args) => Some(&mut args.account),
            Self::Login(args) => Some(&mut args.account),
            Self::Logout(args) => Some(&mut args.account),
            Self::Emergency(args) => Some(&mut args.account),
            Self::Recovery(_) | Self::Registry(_) | Self::Machine(_) => None,
        }
    }

    /// Where the registry and the configuration's file are named, where they can be.
    const fn places_mut(&mut self) -> (Option<&mut Option<String>>, Option<&mut Option<PathBuf>>) {
        if let Self::Recovery(command) = self {
            return (Some(&mut command.kept_mut().registry), None);
        }
        if let Self::Machine(args) = self {
            let look = args.look_mut();
            return (Some(&mut look.registry), Some(&mut look.userconfig));
        }
        match self.account_mut() {
            Some(account) => (Some(&mut account.registry), Some(&mut account.userconfig)),
            None => (None, None),
        }
    }
}

impl RecoveryCommand {
    const fn kept_mut(&mut self) -> &mut KeptArgs {
        match self {
            Self::List(kept) => kept,
            Self::Show(args) | Self::Prove(args) => &mut args.kept,
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
    /// Write a log without secrets to this file; for the terminal program, not for plain commands
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Try it on an embedded registry with a made-up account: reads no .npmrc, leaves nothing behind
    #[arg(long, conflicts_with_all = ["registry", "userconfig"])]
    pub demo: bool,
    /// The rules of the demo's registry: classic, or npmjs for those of npm's registry in 2026
    #[arg(long, value_enum, requires = "demo", hide_possible_values = true)]
    pub policy: Option<PolicyArg>,
    /// The second factor of the demo's account: off, auth-only, auth-and-writes or pending
    #[arg(long, value_enum, requires = "demo", hide_possible_values = true)]
    pub tfa: Option<TfaArg>,
    /// A thief is in the demo's account: to rehearse an emergency, with the key !
    #[arg(long, requires = "demo")]
    pub under_attack: bool,
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
    /// Two-factor authentication
    #[command(subcommand, name = "2fa")]
    TwoFactor(TwoFactorCommand),
    /// Access tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Say by the exit code, too, whether a token ends soon; for cron and CI
    #[command(after_help = AFTER_CHECK)]
    Check(CheckArgs),
    /// Recovery codes that are kept on this machine
    #[command(subcommand)]
    Recovery(RecoveryCommand),
    /// Sign in, and keep the token in your .npmrc
    #[command(after_help = AFTER_LOGIN)]
    Login(LoginArgs),
    /// Sign out: end the token at the registry and take it out of the file that held it
    #[command(after_help = AFTER_LOGOUT)]
    Logout(LogoutArgs),
    /// Tokens were stolen: revoke them in the right order, and prove it
    #[command(after_help = AFTER_EMERGENCY)]
    Emergency(EmergencyArgs),
    /// What npm would read on this machine: each source, each credential, and what can be mended
    Machine(MachineArgs),
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

/// What can be done with the second factor.
#[derive(Debug, Subcommand)]
pub enum TwoFactorCommand {
    /// Say whether it is on, and what the registry asks a code for
    #[command(after_help = AFTER_STATUS)]
    Status(StatusArgs),
    /// Turn it on, step by step, and keep the recovery codes
    #[command(after_help = AFTER_ENABLE)]
    Enable(EnableArgs),
    /// Change what the registry asks a code for
    #[command(after_help = AFTER_LEVEL)]
    Level(LevelArgs),
    /// Turn it off, or clear a half-done set-up
    #[command(after_help = AFTER_DISABLE)]
    Disable(DisableArgs),
}

/// What can be done with recovery codes.
#[derive(Debug, Subcommand)]
pub enum RecoveryCommand {
    /// List the sets, without their codes
    #[command(after_help = AFTER_RECOVERY_LIST)]
    List(KeptArgs),
    /// Write the codes of a set to standard output
    #[command(after_help = AFTER_RECOVERY_SHOW)]
    Show(SetArgs),
    /// Prove once more that you have the codes of a set
    #[command(after_help = AFTER_RECOVERY_PROVE)]
    Prove(SetArgs),
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
    /// Make a token, and print its value
    #[command(after_help = AFTER_CREATE)]
    Create(CreateArgs),
    /// Put a new token in the place of an old one, in the files as well, and revoke the old one
    #[command(after_help = AFTER_ROTATE)]
    Rotate(RotateArgs),
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

/// The options of `2fa status`.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// End with exit code 1 unless it is on, at this level or above
    #[arg(
        long,
        value_name = "LEVEL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auth-only",
        value_parser = level()
    )]
    pub check: Option<Level>,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}

/// The options of `2fa enable`.
#[derive(Args, Debug)]
pub struct EnableArgs {
    /// What the registry is to ask a code for; asked for otherwise
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    pub level: Option<Level>,
    /// Where the recovery codes go: vault, the path of a new file, or myself; asked for otherwise
    #[arg(long, value_name = "PLACE", value_parser = place())]
    pub place: Option<PlaceArg>,
    /// Do not ask before a half-done set-up is cleared
    #[arg(long)]
    pub clear_pending: bool,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}

/// The options of `2fa level`.
#[derive(Args, Debug)]
pub struct LevelArgs {
    /// The new level
    #[arg(value_name = "LEVEL", value_parser = level())]
    pub level: Level,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}

/// The options of `2fa disable`.
#[derive(Args, Debug)]
pub struct DisableArgs {
    /// Do not ask before it goes off; the password and a code are asked for all the same
    #[arg(long, short)]
    pub yes: bool,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}

/// Where the command line wants recovery codes to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceArg {
    /// In an encrypted file of this program.
    Vault,
    /// In this new file.
    File(PathBuf),
    /// On the terminal alone.
    Myself,
}

fn level() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(Level::ALL.map(Level::word))
        .try_map(|word| Level::from_word(&word).ok_or("there is no such level"))
}

fn place() -> impl TypedValueParser<Value = PlaceArg> {
    OsStringValueParser::new().try_map(|word| match word.to_str() {
        Some("") => Err("name a file, or one of vault and myself"),
        Some("vault") => Ok(PlaceArg::Vault),
        Some("myself") => Ok(PlaceArg::Myself),
        _ => Ok(PlaceArg::File(word.into())),
    })
}

/// Which recovery codes are meant, of those that are kept on this machine.
#[derive(Args, Debug)]
pub struct KeptArgs {
    /// Those of this registry alone
    #[arg(long, value_name = "URL")]
    pub registry: Option<String>,
    /// Those of this account alone
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Print the result as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// The options of what is done with one set of recovery codes.
#[derive(Args, Debug)]
pub struct SetArgs {
    /// The beginning of the time at which its codes were received
    #[arg(value_name = "SET")]
    pub set: Option<String>,
    /// Which are meant
    #[command(flatten)]
    pub kept: KeptArgs,
}

/// The options of `token revoke`.
#[derive(Args, Debug)]
pub struct RevokeArgs {
    /// The beginning of a token's key, or - to read ids or values from standard input
    #[arg(required_unless_present = "resume", value_name = "ID", value_parser = secret)]
    pub tokens: Vec<Arc<Secret<String>>>,
    /// Go on with the last revocation that was interrupted on this machine
    #[arg(long, conflicts_with = "tokens")]
    pub resume: bool,
    /// Do not ask before revoking
    #[arg(long, short)]
    pub yes: bool,
    /// Try out what fits no listed token for sure: sends those values to the registry
    #[arg(long, conflicts_with = "resume")]
    pub try_out: bool,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}

/// The options of `check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// How far ahead to look, in hours, days or weeks: 36h, 14d, 2w
    #[arg(
        long,
        value_name = "TIME",
        default_value = "14d",
        allow_hyphen_values = true
    )]
    pub within: Within,
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

/// The options of `emergency`.
#[derive(Args, Debug)]
pub struct EmergencyArgs {
    /// Print the plan: what would be done, in which order, what stays, what is out of reach. Sends nothing
    #[arg(long, conflicts_with_all = ["resume", "report"])]
    pub plan: bool,
    /// Go on with one that was interrupted: the newest, or the one whose name begins so
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub resume: Option<String>,
    /// Write the report into this folder at the end, in Markdown and JSON; asked for otherwise
    #[arg(long, value_name = "FOLDER")]
    pub report: Option<PathBuf>,
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
    /// How long a session lasts with --policy npmjs, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 7200, value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    session_life: u64,
    /// A thief is in the account, with tokens, a session and an address of its own: to rehearse an emergency
    #[arg(long)]
    pub under_attack: bool,
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

    /// How long a session lasts.
    pub const fn session_life(&self) -> Duration {
        Duration::from_secs(self.session_life)
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
            ("--registry a --userconfig f 2fa enable", "a"),
            ("2fa level auth-only --registry a --userconfig f", "a"),
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
        let line = "npm-warden --registry a recovery show".split(' ');
        let cli = Cli::try_parse_from(line).and_then(Cli::settled);
        let mut command = cli.expect("it makes sense").command.expect("a command");
        assert_eq!(
            command.places_mut().0.cloned().flatten().as_deref(),
            Some("a")
        );
        for line in [
            "--userconfig f recovery list",
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
    fn no_line_of_a_help_is_broken_where_none_ends() {
        fn look(command: &clap::Command, width: usize) {
            let texts = [command.get_after_help(), command.get_after_long_help()];
            for text in texts.into_iter().flatten().map(ToString::to_string) {
                let long: Vec<_> = text
                    .lines()
                    .filter(|line| line.chars().count() > width)
                    .collect();
                assert!(long.is_empty(), "{}: {long:#?}", command.get_name());
            }
            for command in command.get_subcommands() {
                look(command, width);
            }
        }
        look(&Cli::command(), 100);
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
            "token rotate",
            "token create --read-only --name ci",
            "token create --packages-and-scopes-permission write",
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
            "token create --read-only --cidr 10.0.0.0/8,192.0.2.7 -y",
            "token create --name ci --packages a,@b/c --scopes @d --orgs e --expires 30 --bypass-2fa --note n",
            "token create --name ci --packages-all --packages-and-scopes-permission read-write-stage-only --write-to user",
            "token create --name ci --token-description d --orgs e --orgs-permission read-write --write-to ci/.npmrc",
            "token rotate 1f3a9c --yes --json",
            "token rotate 1f3a9c --name ci2 --expires 30 --elsewhere --note n",
            "token revoke --yes a b c",
            "token revoke -",
            "check",
            "check --within 36h --json",
            "2fa status",
            "2fa status --check",
            "2fa status --check=auth-and-writes --json",
            "2fa enable --level auth-only --place vault --clear-pending",
            "2fa enable --place myself",
            "2fa level auth-and-writes --otp 123456",
            "2fa disable --yes",
            "recovery list --json",
            "recovery show --account a --registry b 2026-11-22",
            "recovery prove",
            "login --username alice --sign-up",
            "login --web",
            "logout -y",
            "machine",
            "machine --probe --check --json",
            "machine fix tighten x --yes",
            "machine fix to-variable a:b:3 NPM_TOKEN --json",
            "machine fix remove -y x:1 --userconfig y",
        ] {
            assert_eq!(
                refused(&line.split(' ').collect::<Vec<_>>()),
                None,
                "{line}"
            );
        }
        for line in [
            "token revoke",
            "check --within soon",
            "check --within",
            "check 14d",
            "2fa",
            "2fa enable --level none",
            "2fa enable --password x",
            "2fa level",
            "2fa status --check=off",
            "recovery",
            "recovery show --passphrase x",
            "recovery show --otp 123456",
            "login --web --username alice",
            "login --web --sign-up",
            "machine fix",
            "machine fix remove x",
            "machine fix remove x:0",
            "machine fix to-variable :3",
            "machine --probe fix tighten x",
            "machine --otp 123456",
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
            let line = [
                "registry",
                "--policy",
                "npmjs",
                "--session-life",
                "60",
                "--tfa",
                tfa,
            ];
            assert_eq!(refused(&line), None, "{tfa}");
        }
        for bad in [
            "--tfa on",
            "--session-life 0",
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
