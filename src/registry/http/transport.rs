//! The transport rules, all of them: what is sent where, with what, how long, how often, how much is read.
//!
//! - No redirect is followed (promise P20).
//! - A credential goes only where it was stored for, and requests stay on the registry (P21).
//! - Plain http goes to loopback alone, and never through a proxy (P22).
//! - Reads are tried again, writes only when they surely never arrived; Retry-After wins (P25).
//! - Bodies are bounded, and a body that holds a secret is wiped. What reqwest and the kernel copy into their own
//!   buffers on the way is beyond reach.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response};
use url::Url;
use zeroize::Zeroizing;

use super::ahead::Ahead;
use super::cause::innermost;
use super::client::{self, Way};
use super::limit::Limit;
use super::reply::{Reply, append, challenges, retry_after};
use super::request::{Ask, secret_header};
use super::{Setup, Timing};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::npmrc::{Auth, Scope, is_loopback};
use crate::registry::redact::redact;
use crate::registry::{Call, Error, Retrying, Sent};

/// The largest answer that is read.
const LARGEST: usize = 4 * 1024 * 1024;
/// How much is read of an answer that refuses.
const LARGEST_REFUSAL: usize = 64 * 1024;
/// The longest wait that is waited out here; a longer one is told instead.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Answers after which a read is tried again.
const AGAIN: [u16; 5] = [408, 429, 502, 503, 504];

/// A request that got no answer, or no whole one.
struct Broken {
    error: Error,
    /// Another attempt may fare better and does no harm to a read.
    passing: bool,
    /// Nothing of it can have arrived.
    unsent: bool,
}

/// The one way out.
pub(super) struct Transport {
    base: Url,
    credential: Option<(Auth, Scope)>,
    way: Way,
    timing: Timing,
    now: fn() -> Timestamp,
    client: OnceLock<Result<Client, Error>>,
    ahead: Mutex<Option<Ahead>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport")
            .field("host", &self.base.host_str())
            .finish_non_exhaustive()
    }
}

impl Transport {
    pub(super) fn new(setup: Setup) -> Result<Self, Failure> {
        let base = base(setup.base)?;
        let way = Way::new(&base, &setup.network, setup.timing)?;
        let client = OnceLock::new();
        if way.has_ca() {
            let built = way.build(&base).map_err(|_| client::unusable_ca())?;
            let _ = client.set(Ok(built));
        }
        Ok(Self {
            base,
            credential: setup.credential,
            way,
            timing: setup.timing,
            now: setup.now,
            client,
            ahead: Mutex::new(None),
        })
    }

    /// Seconds that this machine's clock is ahead of the registry's.
    pub(super) fn clock_ahead(&self) -> Option<i64> {
        self.ahead().map(Ahead::seconds)
    }

    fn ahead(&self) -> MutexGuard<'_, Option<Ahead>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The secrets that go out with a call, to be taken out of what the registry says.
    pub(super) fn known<'a>(
        &'a self,
        call: Call<'a>,
        body: Option<&'a Secret<String>>,
    ) -> Vec<&'a str> {
        let credential = self.credential.as_ref().map(|(auth, _)| &**auth.secret());
        let all = [credential, call.otp, body].into_iter().flatten();
        all.map(|secret| secret.expose().as_str()).collect()
    }

    /// The token in use, if the credential is one.
    pub(super) fn bearer(&self) -> Option<&str> {
        match &self.credential {
            Some((Auth::Bearer(value), _)) => Some(value.expose()),
            _ => None,
        }
    }

    /// A path of the registry, below its prefix. `path` begins without a slash and needs no escaping.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        url.set_path(&format!("{}{path}", self.base.path()));
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        url
    }

    /// A link that the registry sent, joined as npm does it, if it stays on the registry (P21).
    pub(super) fn within(&self, link: &str) -> Result<Url, Error> {
        let absolute = ["http:", "https:"].iter().any(|scheme| {
            link.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        let joined = if absolute {
            link.to_owned()
        } else {
            format!("{}{}", self.base, link.trim_start_matches(['/', '\\']))
        };
        let elsewhere = |to: &str| Error::Elsewhere {
            to: Text::new(&redact(to)),
            sent: Sent::No,
        };
        let mut url =
            Url::parse(&joined).map_err(|_| elsewhere("an address that makes no sense"))?;
        if url.origin() != self.base.origin()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(elsewhere(&origin(&url)));
        }
        if !url.path().starts_with(self.base.path()) {
            return Err(elsewhere(&format!("{}{}", origin(&url), url.path())));
        }
        url.set_fragment(None);
        Ok(url)
    }

    /// Sends a request and reads the whole answer, again where that is right.
    pub(super) async fn send(&self, call: Call<'_>, ask: Ask) -> Result<Reply, Error> {
        self.safe(&ask.url)?;
        let headers = self.headers(call, &ask)?;
        let client = self.client()?;
        let reads = ask.reads();
        let of = u32::try_from(self.timing.waits.len()).unwrap_or(0) + 1;
        let mut waits = self.timing.waits.iter();
        let mut attempt = 1;
        loop {
            let result = self.once(client, &ask, headers.clone()).await;
            let (why, after) = match &result {
                Ok(reply) if reads && AGAIN.contains(&reply.status) => {
                    (status_words(reply.status), reply.retry_after)
                }
                Err(Broken {
                    error: Error::Network { why, .. },
                    passing: true,
                    unsent,
                }) if reads || *unsent => (why.clone(), None),
                _ => return result.map_err(|broken| broken.error),
            };
            let Some(wait) = waits.next() else {
                return result.map_err(|broken| broken.error);
            };
            let wait = after.unwrap_or(*wait);
            if wait > LONGEST_WAIT {
                return result.map_err(|broken| broken.error);
            }
            attempt += 1;
            (call.retrying)(Retrying {
                attempt,
                of,
                wait,
                why,
            });
            tokio::time::sleep(wait).await;
        }
    }

    /// P22 and P21: the scheme, and that the request stays on the registry.
    fn safe(&self, url: &Url) -> Result<(), Error> {
        if url.scheme() != "https" && !is_loopback(url) {
            return Err(Error::Unsafe {
                why: Text::new(&format!(
                    "The registry {} is addressed by plain http, which anyone on the way can read; a credential is sent that way to this machine alone.",
                    origin(url)
                )),
            });
        }
        if url.origin() != self.base.origin() || !url.path().starts_with(self.base.path()) {
            return Err(Error::Elsewhere {
                to: Text::new(&origin(url)),
                sent: Sent::No,
            });
        }
        Ok(())
    }

    fn headers(&self, call: Call<'_>, ask: &Ask) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, self.authorization(&ask.url)?);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            HeaderName::from_static("npm-auth-type"),
            HeaderValue::from_static("legacy"),
        );
        headers.insert(
            HeaderName::from_static("npm-command"),
            HeaderValue::from_static(ask.command),
        );
        if ask.body.is_some() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
        }
        if let Some(otp) = call.otp {
            let value = secret_header(otp).ok_or_else(|| Error::Unsafe {
                why: Text::new("The code holds characters that cannot be sent."),
            })?;
            headers.insert(HeaderName::from_static("npm-otp"), value);
        }
        Ok(headers)
    }

    fn authorization(&self, url: &Url) -> Result<HeaderValue, Error> {
        let Some((auth, scope)) = &self.credential else {
            return Err(Error::SignedOut {
                anonymous: true,
                words: Text::default(),
            });
        };
        if !scope.covers(url) {
            return Err(Error::Unsafe {
                why: Text::new(&format!(
                    "The credential was stored for another address than {}, so it is not sent there.",
                    origin(url)
                )),
            });
        }
        let (Auth::Bearer(value) | Auth::Basic(value)) = auth;
        let header = (!value.is_empty()).then(|| auth.header());
        header.as_ref().and_then(secret_header).ok_or_else(|| Error::Unsafe {
            why: Text::new(
                "The credential holds characters that cannot be sent, so it is not one that a registry gave out.",
            ),
        })
    }

    fn client(&self) -> Result<&Client, Error> {
        self.client
            .get_or_init(|| {
                self.way.build(&self.base).map_err(|error| Error::Network {
                    sent: Sent::No,
                    why: Text::new(&format!(
                        "the connection could not be prepared ({})",
                        innermost(&error)
                    )),
                })
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// One attempt.
    async fn once(&self, client: &Client, ask: &Ask, headers: HeaderMap) -> Result<Reply, Broken> {
        let before = (self.now)();
        let mut request = client
            .request(ask.method.clone(), ask.url.clone())
            .headers(headers);
        if let Some(body) = &ask.body {
            request = request.body(body.bytes());
        }
        let mut limit = Limit::new(self.timing.whole);
        let result = match limit.on(request.send()).await {
            Some(result) => result.map_err(|error| self.broken(ask, &error)),
            None => Err(self.too_late(ask)),
        };
        let after = (self.now)();
        let took = after.as_millisecond() - before.as_millisecond();
        let path = redact(ask.url.path());
        let response = match result {
            Ok(response) => {
                tracing::debug!(method = %ask.method, path, status = response.status().as_u16(), ms = took);
                response
            }
            Err(broken) => {
                tracing::debug!(method = %ask.method, path, failed = ?broken.error, ms = took);
                return Err(broken);
            }
        };
        Ahead::note(&mut self.ahead(), response.headers(), before, after);
        self.read(ask, response, limit).await
    }

    async fn read(
        &self,
        ask: &Ask,
        mut response: Response,
        mut limit: Limit,
    ) -> Result<Reply, Broken> {
        let status = response.status();
        let final_ = |error| Broken {
            error,
            passing: false,
            unsent: false,
        };
        if status.is_redirection() {
            return Err(final_(redirect(ask, response.headers())));
        }
        let refused = !status.is_success();
        let largest = if refused { LARGEST_REFUSAL } else { LARGEST };
        let announced = response
            .content_length()
            .map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        let too_large = || {
            final_(Error::Malformed {
                what: Text::new("is larger than 4 MiB, which no answer here should be"),
                sent: ask.sent(),
            })
        };
        if announced > largest && !refused {
            return Err(too_large());
        }
        let mut body = Zeroizing::new(Vec::with_capacity(announced.min(largest)));
        loop {
            let chunk = match limit.on(response.chunk()).await {
                Some(chunk) => chunk.map_err(|error| self.broken(ask, &error)),
                None => Err(self.too_late(ask)),
            };
            match chunk {
                Ok(Some(chunk)) => {
                    let room = largest - body.len();
                    if chunk.len() <= room {
                        append(&mut body, &chunk);
                    } else if refused {
                        append(&mut body, &chunk[..room]);
                        break;
                    } else {
                        return Err(too_large());
                    }
                }
                Ok(None) => break,
                // The status is known and says it: a refusal is one even when its words break off, and a
                // DELETE was done whatever would have stood in the body.
                Err(_) if refused || ask.method == Method::DELETE => break,
                Err(broken) => return Err(broken),
            }
        }
        Ok(Reply {
            status: status.as_u16(),
            challenges: challenges(response.headers()),
            retry_after: retry_after(response.headers(), self.now),
            body,
        })
    }

    /// No whole answer within the limit.
    fn too_late(&self, ask: &Ask) -> Broken {
        let limit = crate::registry::error::span(self.timing.whole);
        Broken {
            error: Error::Network {
                sent: ask.sent(),
                why: Text::new(&format!("no whole answer within {limit}")),
            },
            passing: false,
            unsent: false,
        }
    }

    /// What a failed attempt means. Never quotes the address: its query may hold what nobody should read.
    fn broken(&self, ask: &Ask, error: &reqwest::Error) -> Broken {
        let unsent = error.is_connect() || error.is_builder();
        let cause = innermost(error);
        let trust = cause.contains("certificate");
        let why = if error.is_timeout() {
            let limit = crate::registry::error::span(self.timing.connect);
            format!("no connection within {limit}")
        } else if unsent {
            cause
        } else {
            format!("the connection broke ({cause})")
        };
        Broken {
            error: Error::Network {
                sent: if unsent { Sent::No } else { ask.sent() },
                why: Text::new(&redact(&Text::new(&why).cut(200))),
            },
            passing: !error.is_timeout() && !trust && !error.is_builder(),
            unsent,
        }
    }
}

/// The address without what no request should carry, ending in a slash.
fn base(mut base: Url) -> Result<Url, Failure> {
    if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
        return Err(Failure::new(
            FailureKind::Local,
            "The registry's address is not one of a web server.",
            "Correct the registry in the npm configuration: its address begins with https://.",
        ));
    }
    base.set_query(None);
    base.set_fragment(None);
    // Both can only fail where there is no host.
    let _ = base.set_username("");
    let _ = base.set_password(None);
    let path = format!("{}/", base.path().trim_end_matches('/'));
    base.set_path(&path);
    Ok(base)
}

/// A registry may have acted before it pointed elsewhere, as forms on websites do.
fn redirect(ask: &Ask, headers: &HeaderMap) -> Error {
    let sent = ask.sent();
    let to = headers
        .get(header::LOCATION)
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .and_then(|location| ask.url.join(location).ok());
    match to {
        Some(to) if to.origin() == ask.url.origin() => Error::Elsewhere {
            to: Text::new(&redact(&format!("{}{}", origin(&to), to.path()))),
            sent,
        },
        Some(to) => Error::Elsewhere {
            to: Text::new(&redact(&origin(&to))),
            sent,
        },
        None => Error::Malformed {
            what: Text::new("is a redirect without an address"),
            sent,
        },
    }
}

/// Scheme, host and port; the scheme only where it is not https.
fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or("an address without a host");
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    if url.scheme() == "https" {
        format!("{host}{port}")
    } else {
        format!("{}://{host}{port}", url.scheme())
    }
}

fn status_words(status: u16) -> Text {
    Text::new(&match status {
        408 => "the registry did not wait for the request (status 408)".to_owned(),
        429 => "the registry asks for fewer requests (status 429)".to_owned(),
        _ => format!("the registry is not ready (status {status})"),
    })
}
