//! The command line of `machine`.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::help::{AFTER_FIX, AFTER_MACHINE};

/// The options of `machine`.
#[derive(Args, Debug)]
#[command(after_help = AFTER_MACHINE, args_conflicts_with_subcommands = true)]
pub struct MachineArgs {
    /// Mend something instead.
    #[command(subcommand)]
    pub command: Option<MachineCommand>,
    /// Try each credential out, at its own registry and at no other
    #[arg(long)]
    pub probe: bool,
    /// End with exit code 1 where something should be mended
    #[arg(long)]
    pub check: bool,
    /// Where to look
    #[command(flatten)]
    pub look: LookArgs,
}

/// What can be done besides looking.
#[derive(Debug, Subcommand)]
pub enum MachineCommand {
    /// Mend a file of the npm configuration; shows first what would change
    #[command(subcommand)]
    Fix(FixCommand),
}

/// What can be mended.
#[derive(Debug, Subcommand)]
pub enum FixCommand {
    /// Take others' rights to a file away (mode 600)
    #[command(after_help = AFTER_FIX)]
    Tighten(TightenArgs),
    /// Put a variable in the place of a token that stands in a file
    #[command(after_help = AFTER_FIX)]
    ToVariable(ToVariableArgs),
    /// Take a credential's line out of a file; it goes on living at the registry
    #[command(after_help = AFTER_FIX)]
    Remove(RemoveArgs),
}

/// Where is looked, and how it is told.
#[derive(Args, Debug, Default)]
pub struct LookArgs {
    /// The registry to speak of, instead of the one in the npm configuration
    #[arg(long, value_name = "URL")]
    pub registry: Option<String>,
    /// The npm configuration of the user, instead of ~/.npmrc
    #[arg(long, value_name = "FILE")]
    pub userconfig: Option<PathBuf>,
    /// Print the result as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// The options of `machine fix tighten`.
#[derive(Args, Debug)]
pub struct TightenArgs {
    /// A file of the npm configuration
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Do not ask before the file is changed
    #[arg(long, short)]
    pub yes: bool,
    /// Where to look
    #[command(flatten)]
    pub look: LookArgs,
}

/// The options of `machine fix to-variable`.
#[derive(Args, Debug)]
pub struct ToVariableArgs {
    /// The line that holds the token, as in ~/.npmrc:3
    #[arg(value_name = "FILE:LINE", value_parser = line())]
    pub line: LineArg,
    /// The variable's name; `NPM_TOKEN`, or another where that one serves something else
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Do not ask before the file is changed
    #[arg(long, short)]
    pub yes: bool,
    /// Where to look
    #[command(flatten)]
    pub look: LookArgs,
}

/// The options of `machine fix remove`.
#[derive(Args, Debug)]
pub struct RemoveArgs {
    /// The line that goes, as in ~/.npmrc:3
    #[arg(value_name = "FILE:LINE", value_parser = line())]
    pub line: LineArg,
    /// Do not ask before the file is changed
    #[arg(long, short)]
    pub yes: bool,
    /// Where to look
    #[command(flatten)]
    pub look: LookArgs,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineArg {
    /// The file.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
}

fn line() -> impl TypedValueParser<Value = LineArg> {
    const SHAPE: &str = "name a file and a line, as in ~/.npmrc:3";
    OsStringValueParser::new().try_map(|given| {
        let text = given.to_str().ok_or(SHAPE)?;
        let (file, line) = text.rsplit_once(':').ok_or(SHAPE)?;
        match line.parse() {
            Ok(line) if line > 0 && !file.is_empty() => Ok(LineArg {
                file: file.into(),
                line,
            }),
            _ => Err(SHAPE),
        }
    })
}

impl MachineArgs {
    /// Where the options stand that were given.
    pub(super) const fn look_mut(&mut self) -> &mut LookArgs {
        match &mut self.command {
            None => &mut self.look,
            Some(MachineCommand::Fix(fix)) => match fix {
                FixCommand::Tighten(args) => &mut args.look,
                FixCommand::ToVariable(args) => &mut args.look,
                FixCommand::Remove(args) => &mut args.look,
            },
        }
    }

    /// The same.
    pub const fn look(&self) -> &LookArgs {
        match &self.command {
            None => &self.look,
            Some(MachineCommand::Fix(fix)) => match fix {
                FixCommand::Tighten(args) => &args.look,
                FixCommand::ToVariable(args) => &args.look,
                FixCommand::Remove(args) => &args.look,
            },
        }
    }
}
