//! Stand-ins for the values of `crate::npmrc`, of the same shape.

use url::{Host, Url};

use crate::domain::secret::Secret;

/// A credential as it is sent.
#[derive(Debug)]
pub enum Auth {
    /// After `Bearer `.
    Bearer(Secret<String>),
    /// After `Basic `.
    Basic(Secret<String>),
}

/// Where a credential may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    origin: url::Origin,
    path: String,
}

impl Scope {
    /// The scope of `key_path` on the origin of `registry`.
    pub fn new(registry: &Url, key_path: &str) -> Self {
        Self {
            origin: registry.origin(),
            path: key_path.to_owned(),
        }
    }

    /// Whether a request to `url` may carry the credential.
    pub fn covers(&self, url: &Url) -> bool {
        url.origin() == self.origin
            && url.path().strip_prefix(&self.path).is_some_and(|rest| {
                rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/')
            })
    }
}

/// The way to the registry.
#[derive(Debug, Default)]
pub struct Network {
    /// The proxy for https.
    pub https_proxy: Option<Secret<String>>,
    /// The proxy for http.
    pub http_proxy: Option<Secret<String>>,
    /// Hosts that are reached without a proxy.
    pub no_proxy: Vec<String>,
    /// PEM files whose certificates replace the system's.
    pub ca: Vec<Vec<u8>>,
}

/// Whether the host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}
