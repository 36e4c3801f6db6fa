//! Plain commands: text in, text out, an exit code.
//!
//! They run the same jobs as the terminal program and answer the jobs' questions by prompts. A result goes to standard
//! output, everything else to standard error.

mod account;
mod qr;
pub mod registry;
mod report;
mod shape;
mod signing;
mod signs;
mod talk;
mod token_list;
mod token_revoke;
mod typing;

use std::io;

use crate::args::{AccountArgs, Command, ProfileCommand, TokenCommand};
use crate::domain::failure::{Failure, FailureKind};

/// Runs a plain command about an account to its end, prints what came of it, and gives the exit code.
///
/// Not for [`Command::Registry`], which has an account of its own.
pub fn run(command: &Command) -> u8 {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            talk::say(&format!(
                "npm-warden: The system gives no means to wait for a network: {error}. Close other programs and start again."
            ));
            return FailureKind::Local.exit_code();
        }
    };
    let _as_it_was = typing::Quiet;
    runtime.block_on(async {
        let (result, account): (_, &AccountArgs) = match command {
            Command::Whoami(account) => (account::whoami(account).await, account),
            Command::Profile(ProfileCommand::Get(account)) => {
                (account::profile(account).await, account)
            }
            Command::Token(TokenCommand::List(account)) => {
                (token_list::list(account).await, account)
            }
            Command::Token(TokenCommand::Revoke(args)) => {
                (token_revoke::revoke(args).await, &args.account)
            }
            Command::Login(args) => (signing::login(args).await, &args.account),
            Command::Logout(args) => (signing::logout(args).await, &args.account),
            Command::Registry(_) => return FailureKind::Local.exit_code(),
        };
        report::print(result, account)
    })
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
