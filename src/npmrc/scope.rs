//! Where a credential may go.

use url::{Host, Url};

/// The origin and the path below which a credential was stored (promise P21).
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

    /// Whether a request to `url` may carry the credential: the same scheme, host and port, a path
    /// at or below the one it was stored for, and https, or http on loopback (promise P22).
    pub fn covers(&self, url: &Url) -> bool {
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url));
        let bare = url.username().is_empty() && url.password().is_none();
        safe && bare
            && url.origin() == self.origin
            && !climbs(url.path())
            && url.path().strip_prefix(&self.path).is_some_and(|rest| {
                rest.is_empty()
                    || self.path.ends_with('/')
                    || rest.starts_with('/')
                    || self.path.is_empty()
            })
    }
}

/// Whether a server that decodes `%2f` early could walk out of the prefix.
fn climbs(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.replace("%2f", "/")
        .replace("%5c", "/")
        .replace("%2e", ".")
        .split('/')
        .any(|segment| segment == "..")
}

/// Whether the host is this machine: a literal 127.0.0.0/8 or `::1`, or `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}
