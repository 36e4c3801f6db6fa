//! The options by which a token is made or rotated, under npm's names.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::{AccountArgs, secret};
use crate::domain::secret::Secret;

/// What a token may do, in npm's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum May {
    /// Nothing
    NoAccess,
    /// Read
    ReadOnly,
    /// Read and publish; of organizations, read and change
    ReadWrite,
    /// Read, and publish to the stage alone; packages and scopes only
    ReadWriteStageOnly,
}

/// The options of `token create`.
#[derive(Args, Debug)]
pub struct CreateArgs {
    /// The token's name
    #[arg(long)]
    pub name: Option<String>,
    /// What it is for, kept at the registry
    #[arg(long, visible_alias = "token-description", value_name = "TEXT")]
    pub description: Option<String>,
    /// The packages that it is for
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub packages: Vec<String>,
    /// All packages of the account, those to come as well
    #[arg(long)]
    pub packages_all: bool,
    /// The scopes that it is for, with their @
    #[arg(long, value_name = "SCOPES", value_delimiter = ',')]
    pub scopes: Vec<String>,
    /// The organizations that it is for, without @
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub orgs: Vec<String>,
    /// What it may do with those packages and scopes; read-only unless told otherwise
    #[arg(long, value_name = "PERMISSION")]
    pub packages_and_scopes_permission: Option<May>,
    /// What it may do with those organizations; read-only unless told otherwise
    #[arg(long, value_name = "PERMISSION")]
    pub orgs_permission: Option<May>,
    /// How many days it lasts; 7 unless told otherwise
    #[arg(long, value_name = "DAYS")]
    pub expires: Option<u32>,
    /// The IPv4 address ranges that it works from
    #[arg(long, value_name = "RANGES", value_delimiter = ',')]
    pub cidr: Vec<String>,
    /// It is accepted without the second factor
    #[arg(long = "bypass-2fa")]
    pub bypass_2fa: bool,
    /// A token of the old kind, for registries that have no other, that may only read
    #[arg(long, conflicts_with_all = GRANULAR)]
    pub read_only: bool,
    /// What to remember of it, kept on this machine alone
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Put the value into this .npmrc instead of printing it: user, project, or a file
    #[arg(long, value_name = "FILE")]
    pub write_to: Option<PathBuf>,
    /// Do not ask before making it
    #[arg(long, short)]
    pub yes: bool,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}

/// What only tokens of today's kind have.
const GRANULAR: [&str; 10] = [
    "name",
    "description",
    "packages",
    "packages_all",
    "scopes",
    "orgs",
    "packages_and_scopes_permission",
    "orgs_permission",
    "expires",
    "bypass_2fa",
];

/// The options of `token rotate`.
#[derive(Args, Debug)]
pub struct RotateArgs {
    /// The beginning of the old token's key
    #[arg(required_unless_present = "resume", value_name = "ID", value_parser = secret)]
    pub token: Option<Arc<Secret<String>>>,
    /// Go on with the last rotation that was interrupted on this machine, or with that of ID
    #[arg(long)]
    pub resume: bool,
    /// The new token's name; without it the old one with today's date
    #[arg(long, conflicts_with = "resume")]
    pub name: Option<String>,
    /// How many days the new one lasts; as many as the old one had unless told otherwise
    #[arg(long, value_name = "DAYS", conflicts_with = "resume")]
    pub expires: Option<u32>,
    /// What to remember of it, kept on this machine alone; what was noted of the old one unless told otherwise
    #[arg(long, value_name = "TEXT", conflicts_with = "resume")]
    pub note: Option<String>,
    /// It is used elsewhere, too: print the value, and wait before the old one is revoked
    #[arg(long, conflicts_with = "resume")]
    pub elsewhere: bool,
    /// Print the value at the end, also when it stands in a file
    #[arg(long)]
    pub print: bool,
    /// Do not ask before rotating
    #[arg(long, short)]
    pub yes: bool,
    /// The account
    #[command(flatten)]
    pub account: AccountArgs,
}
