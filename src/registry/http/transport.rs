//! The transport rules, all of them: what is sent where, with what, how long, how often, how much is read.
//!
//! - No redirect is followed (promise P20).
//! - A credential goes only where it was stored for, and requests stay on the registry (P21).
//! - Plain http goes to loopback alone, and never through a proxy (P22).
//! - Reads are tried again, writes only when they surely never arrived; Retry-After wins (P25).
//! - Bodies are bounded, and a body that holds a secret is wiped. What reqwest and the kernel copy into their own
//!   buffers on the way is beyond reach.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode};
use url::Url;
use zeroize::Zeroizing;

use super::address::{self, base, has_user_info, origin, redirect};
use super::ahead::Ahead;
use super::answer::{self, Asked};
use super::bearing::{Bears, Borne, Held};
use super::cause::innermost;
use super::client::{self, Way};
use super::limit::Limit;
use super::reply::{Reply, append, challenges, retry_after};
use super::request::{Ask, secret_header};
use super::{Setup, Timing};
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::npmrc::{Auth, Scope, is_loopback};
use crate::registry::redact::redact;
use crate::registry::{Call, Error, Retrying, Sent};

/// How much is read of an answer that refuses.
const LARGEST_REFUSAL: usize = 64 * 1024;
/// The longest wait that is waited out here; a longer one is told instead.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A request that got no answer, or no whole one.
struct Broken {
    error: Error,
    /// Another attempt may fare better and does no harm to a read.
    passing: bool,
    /// Nothing of it can have arrived.
    unsent: bool,
    /// A good answer had begun to arrive.
    begun: bool,
}

/// The one way out.
pub(super) struct Transport {
    base: Url,
    held: Held,
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
            held: Held::new(setup.credential),
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

    /// The token in use, if the credential is one.
    pub(super) fn bearer(&self) -> Option<Arc<Secret<String>>> {
        self.held.bearer()
    }

    /// Whether there is no credential at all.
    pub(super) fn anonymous(&self) -> bool {
        self.held.secret().is_none()
    }

    /// From now on the credential in use is this token, for this registry and nothing beside it.
    pub(super) fn adopt(&self, token: &Arc<Secret<String>>) {
        let scope = Scope::new(&self.base, self.base.path());
        self.held.adopt(Auth::Bearer(Arc::clone(token)), scope);
    }

    /// The registry's address.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// This machine's clock.
    pub(super) fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// A path of the registry, below its prefix. `path` begins without a slash and needs no escaping.
    pub(super) fn at(&self, path: &str) -> Url {
        address::at(&self.base, path)
    }

    /// A link that the registry sent, joined as npm does it, if it stays on the registry (P21).
    pub(super) fn within(&self, link: &str) -> Result<Url, Error> {
        address::within(&self.base, link)
    }

    /// What an answer of status 400 and up means. `secrets` went out in the body or in the address.
    pub(super) fn refusal(
        &self,
        reply: &Reply,
        asked: Asked,
        call: Call<'_>,
        secrets: &[&str],
    ) -> Error {
        let known = reply.known(call, secrets);
        answer::refusal(reply, asked, call, &known, &self.base)
    }

    /// Sends a request and reads the whole answer, again where that is right.
    pub(super) async fn send(&self, call: Call<'_>, ask: Ask) -> Result<Reply, Error> {
        self.safe(&ask)?;
        let borne = self.held.borne(&ask.bears, &ask.url)?;
        let headers = headers(call, &ask, borne.as_ref())?;
        let credentials = borne.map(|borne| borne.secret);
        let credentials: Vec<_> = credentials.into_iter().chain(self.held.secret()).collect();
        let client = self.client()?;
        // What carries a code that serves once is sent once (promise P11).
        let reads = ask.reads() && !(call.otp.is_some() && call.once);
        let of = u32::try_from(self.timing.waits.len()).unwrap_or(0) + 1;
        let mut waits = self.timing.waits.iter();
        let mut attempt = 1;
        let mut begun = false;
        let mut lost = false;
        loop {
            let result = self.once(client, &ask, headers.clone()).await;
            let (why, after) = match &result {
                Ok(reply) if reads && ask.again.contains(&reply.status) => {
                    lost |= matches!(reply.status, 502 | 504);
                    (status_words(reply.status), reply.retry_after)
                }
                Err(Broken {
                    error: Error::Network { why, .. },
                    passing: true,
                    unsent,
                    begun: broke_off,
                }) if reads || *unsent => {
                    begun |= broke_off;
                    lost |= !unsent;
                    (why.clone(), None)
                }
                _ => return finish(result, credentials, (begun, lost)),
            };
            let Some(wait) = waits.next() else {
                return finish(result, credentials, (begun, lost));
            };
            let wait = after.unwrap_or(*wait);
            if wait > LONGEST_WAIT {
                return finish(result, credentials, (begun, lost));
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

    /// P22 and P21: the scheme, and that the request stays on the registry. The result of a page on the web may
    /// lie beside the registry's prefix, and the own credential goes there only where it was stored for that.
    fn safe(&self, ask: &Ask) -> Result<(), Error> {
        let url = &ask.url;
        if url.scheme() != "https" && !is_loopback(url) {
            return Err(Error::Unsafe {
                why: Text::new(&format!(
                    "The registry {} is addressed by plain http, which anyone on the way can read; a credential is sent that way to this machine alone.",
                    origin(url)
                )),
            });
        }
        let beside = matches!(ask.bears, Bears::OwnWhereItMay) && ask.body.is_none();
        // A user name in the address would go out as a credential of its own.
        if url.origin() != self.base.origin()
            || has_user_info(url)
            || !(beside || url.path().starts_with(self.base.path()))
        {
            return Err(Error::Elsewhere {
                to: Text::new(&origin(url)),
                sent: Sent::No,
            });
        }
        Ok(())
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
        let path = ask
            .alias
            .map_or_else(|| redact(ask.url.path()), str::to_owned);
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
            begun: false,
        };
        if status.is_redirection() {
            return Err(final_(redirect(ask, response.headers())));
        }
        let refused = !status.is_success();
        let largest = if refused {
            LARGEST_REFUSAL
        } else {
            ask.largest
        };
        let announced = response
            .content_length()
            .map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        let too_large = || {
            final_(Error::Malformed {
                what: Text::new(&format!(
                    "is larger than {}, which no answer here should be",
                    size(largest)
                )),
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
                Err(_) if refused || ask.by_status => break,
                Err(broken) => {
                    return Err(Broken {
                        begun: status == StatusCode::OK,
                        ..broken
                    });
                }
            }
        }
        Ok(Reply {
            status: status.as_u16(),
            challenges: challenges(response.headers()),
            retry_after: retry_after(response.headers(), self.now),
            body,
            credentials: Vec::new(),
            begun_before: false,
            lost_before: false,
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
            begun: false,
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
            begun: false,
        }
    }
}

fn headers(call: Call<'_>, ask: &Ask, borne: Option<&Borne>) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    if let Some(borne) = borne {
        headers.insert(header::AUTHORIZATION, borne.header.clone());
    }
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    // Asked by an older client, a registry does not offer its page on the web.
    headers.insert(
        HeaderName::from_static("npm-auth-type"),
        HeaderValue::from_static("web"),
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

fn finish(
    result: Result<Reply, Broken>,
    credentials: Vec<Arc<Secret<String>>>,
    (begun_before, lost_before): (bool, bool),
) -> Result<Reply, Error> {
    let reply = result.map_err(|broken| broken.error)?;
    Ok(Reply {
        credentials,
        begun_before,
        lost_before,
        ..reply
    })
}

fn status_words(status: u16) -> Text {
    Text::new(&match status {
        408 => "the registry did not wait for the request (status 408)".to_owned(),
        429 => "the registry asks for fewer requests (status 429)".to_owned(),
        _ => format!("the registry is not ready (status {status})"),
    })
}

fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 {
        format!("{} MiB", bytes >> 20)
    } else {
        format!("{} KiB", bytes >> 10)
    }
}
