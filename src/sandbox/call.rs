//! One request as the operations see it: who speaks, from where, with what.

use std::net::IpAddr;
use std::sync::Arc;

use axum::RequestExt as _;
use axum::body::HttpBody as _;
use axum::extract::{ConnectInfo, FromRequest, MatchedPath, RawPathParams, Request};
use axum::http::header::{self, AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::body::Body;
use super::door::Peer;
use super::operation::Operation;
use super::reply::Refusal;
use super::router::{BODY_LIMIT, Shared};
use super::web::COOKIE;
use crate::domain::secret::Secret;

const NPM_OTP: HeaderName = HeaderName::from_static("npm-otp");
const NPM_AUTH_TYPE: HeaderName = HeaderName::from_static("npm-auth-type");

/// How much of a body beyond the limit is read, and forgotten, before it is refused.
const PASSED_OVER: usize = 1024 * 1024;

/// What a request says about who sends it.
pub(super) enum Credential {
    None,
    Bearer(Secret<String>),
    Basic {
        name: String,
        password: Secret<String>,
    },
    /// An `authorization` header that cannot be read.
    Garbled,
}

/// One request.
pub(super) struct Call {
    pub(super) now: Timestamp,
    pub(super) peer: IpAddr,
    pub(super) credential: Credential,
    pub(super) otp: Option<Secret<String>>,
    pub(super) operation: Operation,
    /// Whether the client would rather open a page than ask for a code.
    pub(super) web: bool,
    /// Where this request was sent, as `http://host:port`; `None` when the host is none of this
    /// machine's. Anything else might be a foreign site's name that was pointed here.
    pub(super) origin: Option<String>,
    /// The browser's cookie of a page.
    pub(super) cookie: Option<Secret<String>>,
    /// Whether a browser says that another site made it send this.
    pub(super) foreign: bool,
    params: Vec<(String, Secret<String>)>,
    query: Vec<(String, String)>,
    body: Zeroizing<Vec<u8>>,
}

impl Call {
    /// The body as a JSON object.
    pub(super) fn body(&self) -> Result<Body, Refusal> {
        Body::parse(&self.body)
    }

    /// A field of the body as an HTML form sends it; empty when it is absent.
    pub(super) fn form(&self, name: &str) -> Secret<String> {
        url::form_urlencoded::parse(&self.body)
            .find(|(key, _)| key == name)
            .map_or_else(
                || Secret::from(""),
                |(_, value)| Secret::from(value.into_owned()),
            )
    }

    /// A part of the path, decoded.
    pub(super) fn param(&self, name: &str) -> Result<&Secret<String>, Refusal> {
        self.params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
            .ok_or_else(|| Refusal::not_found("Not found"))
    }

    /// A parameter of the query: a number in a range, or its default.
    pub(super) fn number(
        &self,
        name: &str,
        default: usize,
        range: std::ops::RangeInclusive<usize>,
    ) -> Result<usize, Refusal> {
        let Some((_, value)) = self.query.iter().rev().find(|(key, _)| key == name) else {
            return Ok(default);
        };
        value
            .parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                Refusal::bad(format!(
                    "`{name}` has to be a number from {} to {}.",
                    range.start(),
                    range.end()
                ))
            })
    }
}

impl FromRequest<Arc<Shared>> for Call {
    type Rejection = Refusal;

    async fn from_request(mut request: Request, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let unreadable = || Refusal::bad("The address cannot be read.");
        let ConnectInfo(peer) = request
            .extract_parts::<ConnectInfo<Peer>>()
            .await
            .map_err(|_| unreadable())?;
        let method = request.method().clone();
        let route = route(&request, &shared.prefix);
        let params = request
            .extract_parts::<RawPathParams>()
            .await
            .map_err(|_| unreadable())?
            .iter()
            .map(|(key, value)| (key.to_owned(), Secret::from(value)))
            .collect();
        let query = request.uri().query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let headers = request.headers().clone();
        let body = read(request).await?;
        Ok(Self {
            now: shared.clock.now(),
            peer: peer.address.ip(),
            credential: credential(&headers),
            otp: headers.get(NPM_OTP).and_then(otp),
            operation: Operation::of(&method, &route, &body),
            web: headers.get(NPM_AUTH_TYPE).is_some_and(|way| way == "web"),
            origin: origin(&headers),
            cookie: cookie(&headers),
            foreign: headers
                .get("sec-fetch-site")
                .is_some_and(|site| site == "cross-site" || site == "same-site"),
            params,
            query,
            body,
        })
    }
}

/// The route that a request matched, without the path prefix; `(none)` when there is none.
pub(super) fn route(request: &Request, prefix: &str) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("(none)", MatchedPath::as_str);
    route.strip_prefix(prefix).unwrap_or(route).to_owned()
}

fn origin(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let url = Url::parse(&format!("http://{host}/")).ok()?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    let here = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (plain && here).then(|| url.origin().ascii_serialization())
}

fn cookie(headers: &HeaderMap) -> Option<Secret<String>> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| Secret::from(value))
}

fn credential(headers: &HeaderMap) -> Credential {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Credential::None;
    };
    let Some((scheme, rest)) = value.to_str().ok().and_then(|value| value.split_once(' ')) else {
        return Credential::Garbled;
    };
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !rest.is_empty() {
        return Credential::Bearer(Secret::from(rest));
    }
    if scheme.eq_ignore_ascii_case("basic")
        && let Ok(bytes) = BASE64_STANDARD
            .decode(rest)
            .or_else(|_| BASE64_STANDARD_NO_PAD.decode(rest))
        && let bytes = Zeroizing::new(bytes)
        && let Ok(text) = std::str::from_utf8(&bytes)
        && let Some((name, password)) = text.split_once(':')
    {
        return Credential::Basic {
            name: name.to_owned(),
            password: Secret::from(password),
        };
    }
    Credential::Garbled
}

fn otp(value: &HeaderValue) -> Option<Secret<String>> {
    // Something that no code is made of is a wrong code, not a missing one.
    code(value.to_str().unwrap_or("?"))
}

/// A code as it was typed, in its one form; `None` when nothing was typed.
pub(super) fn code(text: &str) -> Option<Secret<String>> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (!plain.is_empty()).then(|| Secret::from(plain.to_ascii_lowercase()))
}

/// The whole body, up to the limit. A body is read with every method: npm sends one with DELETE.
async fn read(request: Request) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let too_large = || {
        Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The body is larger than the {BODY_LIMIT} bytes that are taken."),
        )
    };
    if request.body().is_end_stream() {
        return Ok(Zeroizing::default());
    }
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    // As large as it gets from the start: a buffer that grows leaves copies behind.
    let mut body = Zeroizing::new(Vec::with_capacity(match announced {
        Some(length) => length.min(BODY_LIMIT),
        None => BODY_LIMIT,
    }));
    let mut stream = request.into_body().into_data_stream();
    let mut passed_over = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refusal::bad("The body ended before it was complete."))?;
        if passed_over == 0 && body.len() + chunk.len() <= BODY_LIMIT {
            body.extend_from_slice(&chunk);
            continue;
        }
        // Read on for a while: a connection that is closed on unread data may lose the answer.
        passed_over += chunk.len();
        if passed_over > PASSED_OVER {
            break;
        }
    }
    if passed_over > 0 {
        return Err(too_large());
    }
    Ok(body)
}
