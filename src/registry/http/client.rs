//! How the connection machinery is built: certificates, proxies, name look-up.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, Proxy};
use url::{Host, Url};

use super::{Network, Timing, is_loopback};
use crate::domain::failure::{Failure, FailureKind};

/// How long an unused connection is kept. Shorter than the five seconds after which common servers close it, so
/// that a write seldom meets a connection that is just going away.
const KEPT: std::time::Duration = std::time::Duration::from_secs(4);

/// What the machinery is built from; checked, so that building it can only fail for reasons of this machine.
#[derive(Debug)]
pub(super) struct Way {
    loopback: bool,
    proxy: Option<Proxy>,
    ca: Vec<Certificate>,
    timing: Timing,
}

impl Way {
    /// Checks what the configuration says about the way to `base`.
    pub(super) fn new(base: &Url, network: &Network, timing: Timing) -> Result<Self, Failure> {
        let loopback = is_loopback(base);
        let proxy = if loopback || excepted(base, &network.no_proxy) {
            None
        } else {
            let configured = match base.scheme() {
                "https" => network.https_proxy.as_ref(),
                _ => network.http_proxy.as_ref(),
            };
            configured.map(|url| proxy(url.expose())).transpose()?
        };
        let mut ca = Vec::new();
        for pem in &network.ca {
            let found = Certificate::from_pem_bundle(pem).unwrap_or_default();
            if found.is_empty() {
                return Err(unusable_ca());
            }
            ca.extend(found);
        }
        Ok(Self {
            loopback,
            proxy,
            ca,
            timing,
        })
    }

    /// True when the configuration names certificates: then a failure to build is a failure of those.
    pub(super) fn has_ca(&self) -> bool {
        !self.ca.is_empty()
    }

    /// Builds it. Reads the system's certificates unless there are others, or nothing encrypted can be asked for.
    pub(super) fn build(&self, base: &Url) -> reqwest::Result<Client> {
        // Refused when one is installed already, which is just as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("npm-warden/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .pool_idle_timeout(KEPT)
            .connect_timeout(self.timing.connect)
            .timeout(self.timing.whole)
            .dns_resolver(Arc::new(LookUp {
                loopback: self.loopback,
            }));
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        if !self.ca.is_empty() || base.scheme() == "http" {
            builder = builder.tls_certs_only(self.ca.iter().cloned());
        }
        builder.build()
    }
}

/// The sentence for certificates that cannot be used.
pub(super) fn unusable_ca() -> Failure {
    Failure::new(
        FailureKind::Local,
        "The npm configuration names a certificate (ca or cafile) that cannot be read as one.",
        "Correct ca or cafile in the npm configuration: it has to hold certificates in PEM form.",
    )
}

fn proxy(address: &str) -> Result<Proxy, Failure> {
    let unusable = |what: &str| {
        Failure::new(
            FailureKind::Local,
            what,
            "Correct the proxy in the npm configuration or in the environment; an http or https address does.",
        )
    };
    if address.to_ascii_lowercase().starts_with("socks") {
        return Err(unusable(
            "The configured proxy is a SOCKS proxy, which this program does not speak.",
        ));
    }
    // The error is not quoted: it may hold the proxy's password.
    Proxy::all(address).map_err(|_| unusable("The address of the configured proxy makes no sense."))
}

/// npm's rule: the entry's dotted parts are the last ones of the host. No patterns, no ports.
fn excepted(base: &Url, entries: &[String]) -> bool {
    let host = match base.host() {
        Some(Host::Domain(name)) => name.to_ascii_lowercase(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return false,
    };
    entries
        .iter()
        .flat_map(|entry| entry.split(','))
        .any(|entry| {
            let entry = entry.trim().to_ascii_lowercase();
            let wanted = entry.split('.').filter(|part| !part.is_empty()).rev();
            let mut parts = host.split('.').filter(|part| !part.is_empty()).rev();
            let mut some = false;
            for part in wanted {
                some = true;
                if parts.next() != Some(part) {
                    return false;
                }
            }
            some
        })
}

/// A name that has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} was not found")]
pub(super) struct NameUnknown(String);

/// The system's look-up, except that this machine's own name is pinned to it (promise P22).
struct LookUp {
    loopback: bool,
}

impl Resolve for LookUp {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let found: Addrs = if loopback {
                let here = [
                    IpAddr::V4(Ipv4Addr::LOCALHOST),
                    IpAddr::V6(Ipv6Addr::LOCALHOST),
                ];
                Box::new(here.into_iter().map(|ip| SocketAddr::new(ip, 0)))
            } else {
                let host = name.as_str().to_owned();
                let found = tokio::net::lookup_host((host.as_str(), 0))
                    .await
                    .map_err(|_: io::Error| NameUnknown(host.clone()))?;
                Box::new(found.collect::<Vec<_>>().into_iter())
            };
            Ok(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL of this test")
    }

    fn network(proxy: &str, except: &[&str]) -> Network {
        Network {
            https_proxy: Some(Secret::from(proxy)),
            http_proxy: Some(Secret::from(proxy)),
            no_proxy: except.iter().map(|&entry| entry.to_owned()).collect(),
            ..Network::default()
        }
    }

    #[test]
    fn p22_loopback_never_goes_through_a_proxy() {
        let network = network("http://proxy.test:8080", &[]);
        for base in [
            "http://127.0.0.1:4873/",
            "http://127.9.9.9/",
            "http://[::1]:1/",
            "http://localhost/",
            "https://localhost/",
        ] {
            let way = Way::new(&url(base), &network, Timing::default()).expect("a way");
            assert!(way.proxy.is_none(), "{base}");
        }
        let way = Way::new(&url("https://r.test/"), &network, Timing::default()).expect("a way");
        assert!(way.proxy.is_some());
    }

    #[test]
    fn p23_noproxy_matches_dotted_ends_as_npm_does() {
        let cases = [
            ("r.test", true),
            (".test", true),
            ("test", true),
            ("a.b, TEST", true),
            ("est", false),
            ("*.test", false),
            ("r.test:443", false),
            ("x.r.test", false),
            ("", false),
            (".", false),
        ];
        for (entry, excepted_) in cases {
            assert_eq!(
                excepted(&url("https://r.test/"), &[entry.to_owned()]),
                excepted_,
                "{entry:?}"
            );
        }
        assert!(excepted(
            &url("https://10.0.0.1/"),
            &["10.0.0.1".to_owned()]
        ));
    }

    #[test]
    fn p23_a_proxy_that_makes_no_sense_is_said_without_its_password() {
        for address in [
            "socks5://al:hunter22@p.test",
            "http://al:hunter22@:99999999",
        ] {
            let failure = Way::new(
                &url("https://r.test/"),
                &network(address, &[]),
                Timing::default(),
            )
            .expect_err("not usable");
            assert!(!format!("{failure:?} {failure}").contains("hunter22"));
        }
    }

    #[test]
    fn p23_a_certificate_that_is_none_is_said() {
        let network = Network {
            ca: vec![b"not a certificate".to_vec()],
            ..Network::default()
        };
        let failure =
            Way::new(&url("https://r.test/"), &network, Timing::default()).expect_err("not usable");
        assert_eq!(failure, unusable_ca());
    }
}
