//! What a new token is to be: the granular form of today, and the form of old.
//! Source of names and limits: npm's `token create` and its documentation of access tokens.

mod like;
mod sentence;
mod wider;
mod wrongs;

use ipnet::Ipv4Net;

use super::secret::Secret;

pub use like::like;
pub use wider::wider;
pub use wrongs::{MOST_DAYS, MOST_LISTED, Part, Wrong};

/// What a granular token may do with packages, or with organizations, in npm's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Nothing.
    NoAccess,
    /// Read.
    #[default]
    ReadOnly,
    /// Read and publish.
    ReadWrite,
    /// Read, and publish to the stage, from where a person releases it. Packages and scopes only.
    StageOnly,
}

impl Permission {
    /// npm's word, as it is sent.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoAccess => "no-access",
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
            Self::StageOnly => "read-write-stage-only",
        }
    }

    /// Whether it lets anything be written.
    pub const fn writes(self) -> bool {
        matches!(self, Self::ReadWrite | Self::StageOnly)
    }
}

/// A granular token, as `npm token create` names its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granular {
    /// The name, which npm's registry wants.
    pub name: String,
    /// A description; may be empty.
    pub description: String,
    /// The packages, by their names.
    pub packages: Vec<String>,
    /// All packages of the account.
    pub all_packages: bool,
    /// The scopes, as `@scope`.
    pub scopes: Vec<String>,
    /// What it may do with those packages and scopes.
    pub packages_permission: Permission,
    /// The organizations, without `@`.
    pub orgs: Vec<String>,
    /// What it may do with those organizations.
    pub orgs_permission: Permission,
    /// How many days it lasts; `None` leaves it to the registry.
    pub days: Option<u32>,
    /// The IPv4 address ranges that it works from; none means everywhere.
    pub cidr: Vec<Ipv4Net>,
    /// It is accepted without the second factor.
    pub bypass_2fa: bool,
}

/// What a new token is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {
    /// In the form that all registries know.
    Classic {
        /// It may not write.
        readonly: bool,
        /// The IPv4 address ranges that it works from; none means everywhere.
        cidr: Vec<Ipv4Net>,
    },
    /// In today's form.
    Granular(Box<Granular>),
}

/// How many days a new token lasts at first.
pub const LEAST_DAYS: u32 = 7;

impl Granular {
    /// What a form begins with: as little as can be, and nothing yet that it is for.
    pub fn least() -> Self {
        Self {
            packages_permission: Permission::ReadOnly,
            orgs_permission: Permission::NoAccess,
            days: Some(LEAST_DAYS),
            ..Self::default()
        }
    }

    /// Whether it may write anything.
    pub const fn writes(&self) -> bool {
        self.packages_permission.writes() || self.orgs_permission.writes()
    }
}

/// A token to be made.
#[derive(Debug)]
pub struct NewToken {
    /// What it is to be.
    pub spec: Spec,
    /// The account's password, which registries ask for again.
    pub password: Secret<String>,
    /// What the person wants to remember of it on this machine; may be empty.
    pub note: String,
}

impl NewToken {
    /// In the form that all registries know, without a note.
    pub const fn classic(readonly: bool, cidr: Vec<Ipv4Net>, password: Secret<String>) -> Self {
        Self {
            spec: Spec::Classic { readonly, cidr },
            password,
            note: String::new(),
        }
    }
}

impl Spec {
    /// Whether it may write nothing.
    pub fn readonly(&self) -> bool {
        match self {
            Self::Classic { readonly, .. } => *readonly,
            Self::Granular(form) => !form.writes(),
        }
    }

    /// The IPv4 address ranges that it works from; none means everywhere.
    pub fn cidr(&self) -> &Vec<Ipv4Net> {
        match self {
            Self::Classic { cidr, .. } => cidr,
            Self::Granular(form) => &form.cidr,
        }
    }
}
