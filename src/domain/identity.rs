//! Who speaks to which registry, and where the credential came from.

use super::text::Text;

/// npm's built-in default registry.
pub const DEFAULT_REGISTRY: &str = "https://registry.npmjs.org/";

/// The website of npm's default registry, for a person to open.
pub const WEBSITE: &str = "https://www.npmjs.com";

/// The registry and the credential in use. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The registry's address as a person reads it: no scheme for https, no trailing slash.
    pub registry: Text,
    /// The credential that a request carries, if any was found.
    pub credential: Option<CredentialSource>,
    /// The places that were searched, best first, as a person would name them.
    pub searched: Vec<Text>,
    /// What is wrong with the configuration, one sentence each with the next step.
    pub problems: Vec<Text>,
    /// The command that signs in with npm so that it is found here; `None` where there is none to advise.
    pub sign_in: Option<Text>,
    /// The person's own file of the npm configuration, where a sign-in can be kept for npm; `None` where there is none.
    pub user_file: Option<Text>,
}

impl Identity {
    /// The registry's website, where it is known: that of npm's default registry alone.
    pub fn website(&self) -> Option<&'static str> {
        website(&self.registry)
    }
}

/// The website of a registry ([`Identity::registry`]), where it is known: that of npm's default registry alone.
pub fn website(registry: &Text) -> Option<&'static str> {
    let default = DEFAULT_REGISTRY
        .trim_start_matches("https://")
        .trim_end_matches('/');
    (registry.as_str() == default).then_some(WEBSITE)
}

/// Where the credential in use was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSource {
    /// The file with its line, or the environment variable.
    pub place: Text,
    /// What it is.
    pub kind: CredentialKind,
    /// Who holds it.
    pub held: Held,
}

impl CredentialSource {
    /// What it is and where, as in "the token in ~/.npmrc, line 3".
    pub fn in_words(&self) -> String {
        let (kind, place) = (self.kind.word(), &self.place);
        match self.held {
            Held::File | Held::Mixed => format!("the {kind} in {place}"),
            Held::Environment | Held::Given => format!("the {kind} from {place}"),
            Held::Session => "this program's own sign-in".to_owned(),
        }
    }
}

/// Who holds the credential in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// A file of the npm configuration.
    File,
    /// An environment variable.
    Environment,
    /// A line of a file and an environment variable, each a part of it.
    Mixed,
    /// This program alone: it is ended at the registry when the program ends.
    Session,
    /// Whoever started the program handed it in.
    Given,
}

/// The kind of a credential, by the `.npmrc` key that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// `_authToken`: sent as a bearer token.
    Token,
    /// `_auth`, or `username` and `_password`: sent as basic authentication.
    Basic,
    /// `certfile` and `keyfile`: a client certificate, which this program cannot use.
    Certificate,
    /// `key`: the private key of a client certificate for every registry, which this program cannot use.
    Key,
    /// `proxy` and the like: the password of a proxy, which goes to no registry.
    Proxy,
}

impl CredentialKind {
    /// One word for a status line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Basic => "user name and password",
            Self::Certificate => "client certificate",
            Self::Key => "private key",
            Self::Proxy => "proxy password",
        }
    }
}

/// What the registry makes of the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The registry knows it.
    SignedIn(Box<super::account::Profile>),
    /// No credential was found for this registry.
    SignedOut,
    /// A credential was found and the registry does not accept it; its own words.
    Rejected(Text),
}
