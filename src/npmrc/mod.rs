//! The npm configuration: which registry, which credential, and how to reach it, found and ranked as npm does.
//!
//! Files and variables are read, and nothing is sent. One line of a file is written when [`store`], [`remove`], [`put`]
//! or [`write()`] is called, and nothing else. Two sources stay out of
//! reach: the `npmrc` inside npm's own folder, and what package managers other than npm add.

mod credential;
mod document;
mod edit;
mod expand;
mod file;
mod fix;
mod ini;
mod inputs;
mod layers;
mod load;
mod locate;
mod network;
mod put;
mod replace;
mod scope;
mod store;
mod survey;

use std::sync::Arc;

use url::Url;

use crate::domain::identity::{CredentialKind, CredentialSource, Held, Identity};
use crate::domain::machine::{CredentialId, Machine};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

pub use crate::domain::identity::DEFAULT_REGISTRY;
pub use document::{Document, Entry, Line, Parsed};
pub use fix::{apply, preview};
pub use ini::{Oddity, Scalar};
pub use inputs::Inputs;
pub use load::load;
pub use network::Network;
pub use put::{aim, put, write};
pub use scope::{Scope, is_loopback};
pub use store::{remove, store};
pub use survey::{by_local, look_into, survey};

/// The configuration in force.
#[derive(Debug)]
pub struct Config {
    /// The registry, with a trailing slash, without user name, password, query and fragment.
    pub registry: Url,
    /// The credential for it, when a usable one was found.
    pub credential: Option<Credential>,
    /// The places that were searched, best first, as a person would name them.
    pub searched: Vec<Text>,
    /// What is wrong, each with its cause and the next step. Never quotes a line of a file (promise P03).
    pub problems: Vec<Text>,
    /// The command that signs in with npm, for this registry and this file.
    pub sign_in: Option<Text>,
    /// The person's own file, where [`store`] puts a token.
    pub user_file: Option<Text>,
    /// Proxy, certificates and time-out.
    pub network: Network,
}

/// Everything that npm would read on this machine, and the values of the credentials in it.
#[derive(Debug, Default)]
pub struct Survey {
    /// Without secrets, for the screen.
    pub machine: Machine,
    /// The values of the credentials that have one.
    pub values: Vec<(CredentialId, Auth)>,
}

/// A credential, where it was found, and where it may go.
#[derive(Debug)]
pub struct Credential {
    /// The secret itself.
    pub secret: Auth,
    /// Where it was found.
    pub source: CredentialSource,
    /// Where it may go.
    pub scope: Scope,
}

/// What stands in the `authorization` header.
#[derive(Clone, Debug)]
pub enum Auth {
    /// A token.
    Bearer(Arc<Secret<String>>),
    /// `user:password` in base64, as it is sent.
    Basic(Arc<Secret<String>>),
}

impl Auth {
    /// The header's whole value.
    pub fn header(&self) -> Secret<String> {
        let word = match self {
            Self::Bearer(_) => "Bearer ",
            Self::Basic(_) => "Basic ",
        };
        let secret = self.secret();
        let mut header = Secret::with_capacity(word.len() + secret.expose().len());
        header.expose_mut().push_str(word);
        header.expose_mut().push_str(secret.expose());
        header
    }

    /// The secret alone.
    pub const fn secret(&self) -> &Arc<Secret<String>> {
        match self {
            Self::Bearer(secret) | Self::Basic(secret) => secret,
        }
    }

    /// What kind of credential it is.
    pub const fn kind(&self) -> CredentialKind {
        match self {
            Self::Bearer(_) => CredentialKind::Token,
            Self::Basic(_) => CredentialKind::Basic,
        }
    }
}

impl Config {
    /// A configuration that stands in no file: this token for this registry; `place` says where it came from.
    pub fn of_token(registry: Url, token: Secret<String>, place: Text) -> Self {
        let scope = Scope::new(&registry, registry.path());
        Self {
            registry,
            credential: Some(Credential {
                secret: Auth::Bearer(Arc::new(token)),
                source: CredentialSource {
                    place: place.clone(),
                    kind: CredentialKind::Token,
                    held: Held::Given,
                },
                scope,
            }),
            searched: vec![place],
            problems: Vec::new(),
            sign_in: None,
            user_file: None,
            network: Network::default(),
        }
    }

    /// The same without the secret, for the screen.
    pub fn identity(&self) -> Identity {
        Identity {
            registry: registry_name(&self.registry),
            credential: self.credential.as_ref().map(|c| c.source.clone()),
            searched: self.searched.clone(),
            problems: self.problems.clone(),
            sign_in: self.sign_in.clone(),
            user_file: self.user_file.clone(),
        }
    }
}

/// `//host:port/path:ending`, as npm writes it.
fn credential_key(registry: &Url, ending: &str) -> Option<String> {
    let host = credential::host(registry)?;
    Some(format!("{host}{}:{ending}", registry.path()))
}

/// A registry's address as a person reads it: without `https://` and without the trailing slash.
pub fn registry_name(registry: &Url) -> Text {
    let whole = registry.as_str();
    let short = whole.strip_prefix("https://").unwrap_or(whole);
    Text::new(short.trim_end_matches('/'))
}

/// The address of a [`registry_name`], whatever the configuration means by now.
pub fn registry_named(name: &Text) -> Option<Url> {
    let name = name.as_str();
    let scheme = if name.contains("://") { "" } else { "https://" };
    Url::parse(&format!("{scheme}{name}/")).ok()
}
