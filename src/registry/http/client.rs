//! How the connection machinery is built: certificates, proxies, name look-up.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, Proxy};
use url::Url;

use super::Timing;
use crate::domain::failure::{Failure, FailureKind};
use crate::npmrc::{Network, is_loopback};

/// How long an unused connection is kept. Shorter than the five seconds after which common servers close it, so
/// that a write seldom meets a connection that is just going away.
const KEPT: std::time::Duration = std::time::Duration::from_secs(4);

/// What the machinery is built from; checked, so that building it can only fail for reasons of this machine.
#[derive(Debug)]
pub(super) struct Way {
    loopback: bool,
    proxy: Option<Proxy>,
    /// Instead of the system's.
    ca: Vec<Certificate>,
    /// Beside the system's.
    extra_ca: Vec<Certificate>,
    timing: Timing,
}

impl Way {
    /// Checks what the configuration says about the way to `base`.
    pub(super) fn new(base: &Url, network: &Network, timing: Timing) -> Result<Self, Failure> {
        let loopback = is_loopback(base);
        let proxy = network
            .proxy_for(base)
            .map(|address| proxy(address.expose()))
            .transpose()?;
        // Nothing is encrypted on the way to a registry of plain http, which is on this machine.
        let encrypted = base.scheme() != "http";
        let ca = if encrypted {
            certificates(&network.ca)?
        } else {
            Vec::new()
        };
        let extra_ca = if encrypted && ca.is_empty() {
            certificates(&network.extra_ca)?
        } else {
            Vec::new()
        };
        Ok(Self {
            loopback,
            proxy,
            ca,
            extra_ca,
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
            // The whole attempt has `Limit` instead: a time-out in here looks at the clock before the answer.
            .dns_resolver(Arc::new(LookUp {
                loopback: self.loopback,
            }));
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        if !self.ca.is_empty() || base.scheme() == "http" {
            builder = builder.tls_certs_only(self.ca.iter().cloned());
        } else if !self.extra_ca.is_empty() {
            builder = builder.tls_certs_merge(self.extra_ca.iter().cloned());
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

fn certificates(pems: &[Vec<u8>]) -> Result<Vec<Certificate>, Failure> {
    let mut all = Vec::new();
    for pem in pems {
        let found = Certificate::from_pem_bundle(pem).unwrap_or_default();
        if found.is_empty() {
            return Err(unusable_ca());
        }
        all.extend(found);
    }
    Ok(all)
}

fn proxy(address: &str) -> Result<Proxy, Failure> {
    // The error is not quoted: it may hold the proxy's password.
    Proxy::all(address).map_err(|_| {
        Failure::new(
            FailureKind::Local,
            "The address of the configured proxy makes no sense.",
            "Correct the proxy in the npm configuration or in the environment: it is written http://host:port.",
        )
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

    fn network(proxy: &str) -> Network {
        Network {
            https_proxy: Some(Secret::from(proxy)),
            http_proxy: Some(Secret::from(proxy)),
            ..Network::default()
        }
    }

    #[test]
    fn p22_loopback_never_goes_through_a_proxy() {
        let network = network("http://proxy.test:8080");
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
    fn p23_a_proxy_that_makes_no_sense_is_said_without_its_password() {
        let network = network("http://al:hunter22@:99999999");
        let failure =
            Way::new(&url("https://r.test/"), &network, Timing::default()).expect_err("no proxy");
        assert!(!format!("{failure:?} {failure}").contains("hunter22"));
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
