//! Plain commands: text in, text out, an exit code.
//!
//! They run the same jobs as the terminal program and answer the jobs' questions by prompts. A result goes to standard
//! output, everything else to standard error.

mod account;
mod check;
mod emergency;
mod enable;
mod machine;
mod outlet;
mod place;
mod qr;
mod recovery;
pub mod registry;
mod report;
mod rotate_steps;
mod second_factor;
mod shape;
mod signing;
mod signs;
mod talk;
mod token_create;
mod token_list;
mod token_resume;
mod token_revoke;
mod token_rotate;
mod typing;
mod wrapped;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::args::{
    AccountArgs, Command, ProfileCommand, RecoveryCommand, TokenCommand, TwoFactorCommand,
};
use crate::backend::{Deps, SystemClock, WORK};
use crate::domain::failure::{Failure, FailureKind};

/// What a plain command has of this machine.
struct Here {
    deps: Deps,
    /// Why there is no folder for what is kept.
    homeless: Option<Failure>,
}

impl Here {
    fn new(deps: Result<Deps, String>) -> Self {
        match deps {
            Ok(deps) => Self {
                deps,
                homeless: None,
            },
            Err(why) => Self {
                deps: Deps {
                    vault_dir: PathBuf::new(),
                    place_dir: PathBuf::new(),
                    home: None,
                    clock: Arc::new(SystemClock),
                    work: WORK,
                    seed: None,
                },
                homeless: Some(Failure::new(FailureKind::Local, why, "")),
            },
        }
    }

    /// Fails where there is no folder for what is kept; only what has to do with recovery codes needs one.
    fn folder(&self) -> Result<(), Failure> {
        self.homeless.clone().map_or(Ok(()), Err)
    }
}

/// Runs a plain command about an account, or about what is kept of one, to its end, prints what came of it, and gives
/// the exit code. `deps` may be missing, which is told when they are needed.
///
/// Not for [`Command::Registry`], which has an account of its own.
pub fn run(command: &Command, deps: Result<Deps, String>) -> u8 {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            talk::say(&format!(
                "npm-warden: The system gives no means to wait for a network: {error}. Close other programs and start again."
            ));
            return match command {
                Command::Check(_) => check::TROUBLE,
                _ => FailureKind::Local.exit_code(),
            };
        }
    };
    let here = Here::new(deps);
    let _as_it_was = typing::Quiet;
    runtime.block_on(async {
        let (result, account) = match command {
            Command::Whoami(account) => (account::whoami(&here, account).await, account),
            Command::Profile(ProfileCommand::Get(account)) => {
                (account::profile(&here, account).await, account)
            }
            Command::TwoFactor(command) => return two_factor(&here, command).await,
            Command::Token(TokenCommand::List(account)) => {
                (token_list::list(&here, account).await, account)
            }
            Command::Token(TokenCommand::Revoke(args)) => {
                (token_revoke::revoke(&here, args).await, &args.account)
            }
            Command::Token(TokenCommand::Create(args)) => {
                (token_create::create(&here, args).await, &args.account)
            }
            Command::Token(TokenCommand::Rotate(args)) => {
                (token_rotate::rotate(&here, args).await, &args.account)
            }
            Command::Check(args) => return check::check(&here, args).await,
            Command::Recovery(command) => return recovery(&here, command).await,
            Command::Machine(args) => {
                let result = machine::machine(&here, args).await;
                return report::print(result, &machine::account(args.look()));
            }
            Command::Login(args) => (signing::login(&here, args).await, &args.account),
            Command::Logout(args) => (signing::logout(&here, args).await, &args.account),
            Command::Emergency(args) => (emergency::emergency(&here, args).await, &args.account),
            Command::Registry(_) => return FailureKind::Local.exit_code(),
        };
        report::print(result, account)
    })
}

async fn two_factor(here: &Here, command: &TwoFactorCommand) -> u8 {
    let (result, account) = match command {
        TwoFactorCommand::Status(args) => (second_factor::status(here, args).await, &args.account),
        TwoFactorCommand::Enable(args) => (enable::enable(here, args).await, &args.account),
        TwoFactorCommand::Level(args) => (second_factor::level(here, args).await, &args.account),
        TwoFactorCommand::Disable(args) => {
            (second_factor::disable(here, args).await, &args.account)
        }
    };
    report::print(result, account)
}

async fn recovery(here: &Here, command: &RecoveryCommand) -> u8 {
    let (result, kept) = match command {
        RecoveryCommand::List(kept) => (recovery::list(here, kept).await, kept),
        RecoveryCommand::Show(args) => (recovery::show(here, args).await, &args.kept),
        RecoveryCommand::Prove(args) => (recovery::prove(here, args).await, &args.kept),
    };
    let account = AccountArgs {
        json: kept.json,
        ..AccountArgs::default()
    };
    report::print(result, &account)
}

/// A command line that makes no sense, as `--json` tells it.
pub fn wrong_line(what: &str) {
    let why = Failure::new(
        FailureKind::Local,
        what,
        "npm-warden --help, or the same after the command, tells what there is.",
    );
    let line = shape::line(shape::Failed::from(&why));
    // Standard error says it as well.
    let _ = report::print_line(&line);
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn not_what_was_asked() -> Failure {
    Failure::new(
        FailureKind::Local,
        "The answer does not belong to what was asked; this is a mistake in npm-warden.",
        "Please report it.",
    )
}
