//! What goes back: JSON, nothing, or a refusal with a sentence.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::options::Policy;

const NPM_NOTICE: HeaderName = HeaderName::from_static("npm-notice");

/// What an operation comes to.
pub(super) type Answer = Result<Reply, Refusal>;

/// A request that was granted.
pub(super) enum Reply {
    Json(StatusCode, Vec<u8>),
    Empty,
    /// 202: ask again after that many seconds.
    Later(u64),
}

impl Reply {
    pub(super) fn ok(value: &impl Serialize) -> Answer {
        Self::json(StatusCode::OK, value)
    }

    pub(super) fn created(value: &impl Serialize) -> Answer {
        Self::json(StatusCode::CREATED, value)
    }

    fn json(status: StatusCode, value: &impl Serialize) -> Answer {
        match serde_json::to_vec(value) {
            Ok(bytes) => Ok(Self::Json(status, bytes)),
            Err(_) => Err(Refusal::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The registry could not write its answer.",
            )),
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Json(status, bytes) => json(status, bytes),
            Self::Empty => StatusCode::NO_CONTENT.into_response(),
            Self::Later(seconds) => {
                // npm reads the body as JSON even then.
                let mut response = json(StatusCode::ACCEPTED, b"{}".to_vec());
                let seconds = HeaderValue::from(seconds);
                response.headers_mut().insert(RETRY_AFTER, seconds);
                response
            }
        }
    }
}

/// A request that was refused, and what the person is told.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
    challenge: Option<&'static str>,
    retry_after: Option<u64>,
    allow: Option<HeaderValue>,
    web: Option<Box<Web>>,
}

/// The web beside a challenge for a code.
#[derive(Debug)]
enum Web {
    /// Where the person may approve, and where the client learns of it.
    Pair(Pair),
    /// Where the person gets a code to type.
    Page(String),
}

/// The two addresses of a page: the person's, and the one that the client asks.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) page: String,
    pub(super) done: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            challenge: None,
            retry_after: None,
            allow: None,
            web: None,
        }
    }

    fn challenge(error: impl Into<String>, challenge: &'static str) -> Self {
        Self {
            challenge: Some(challenge),
            ..Self::new(StatusCode::UNAUTHORIZED, error)
        }
    }

    /// 400: what was sent makes no sense, or breaks a rule.
    pub(super) fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// 422: JSON, but not of the shape that is asked for.
    pub(super) fn shape(error: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error)
    }

    /// 403: known, and not allowed.
    pub(super) fn forbidden(error: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, error)
    }

    /// 404.
    pub(super) fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// 409.
    pub(super) fn conflict(error: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, error)
    }

    /// 405, with the methods that the path has.
    pub(super) fn method(allow: Option<HeaderValue>) -> Self {
        Self {
            allow,
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "This address does not take that method.",
            )
        }
    }

    /// 401: no credential, or one that is not accepted.
    pub(super) fn signed_out(error: impl Into<String>) -> Self {
        Self::challenge(error, "Bearer")
    }

    /// 401: a password is wrong or missing. npm reads `Basic` as just that.
    pub(super) fn password(error: impl Into<String>) -> Self {
        Self::challenge(error, "Basic")
    }

    /// 401: the credential does not work from this address.
    pub(super) fn address(error: impl Into<String>) -> Self {
        Self::challenge(error, "ipaddress")
    }

    /// 401: a one-time password is asked for, or the one that was sent is refused.
    pub(super) fn otp(error: impl Into<String>) -> Self {
        Self::challenge(error, "OTP")
    }

    /// 401: a one-time password is asked for, and a page in the browser gives one. npm's registry sends
    /// the addresses without a word.
    pub(super) fn web(pair: Pair, policy: Policy) -> Self {
        Self {
            web: Some(Box::new(Web::Pair(pair))),
            ..Self::otp(match policy {
                Policy::Classic => {
                    "This needs your second factor: approve it in the browser, or send a one-time password."
                }
                Policy::Npmjs => "",
            })
        }
    }

    /// The same refusal with the address of a page that gives a code to type.
    pub(super) fn with_page(self, page: String) -> Self {
        Self {
            web: Some(Box::new(Web::Page(page))),
            ..self
        }
    }

    /// 421: asked under a name that is none of this machine's.
    pub(super) fn misdirected() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This registry answers to 127.0.0.1, [::1] and localhost only. Use one of these in its address.",
        )
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// What the person is told.
    pub(super) fn words(&self) -> &str {
        &self.error
    }

    pub(super) const fn wait(&self) -> Option<u64> {
        self.retry_after
    }

    /// 429: too many failures with `what`.
    pub(super) fn too_many(what: &str, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("Too many wrong {what} in a row. Wait {seconds} seconds and try again."),
            )
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = serde_json::json!({});
        if !self.error.is_empty() {
            body["error"] = self.error.into();
        }
        let mut notice = None;
        match self.web.map(|web| *web) {
            Some(Web::Pair(pair)) => {
                body["authUrl"] = pair.page.into();
                body["doneUrl"] = pair.done.into();
            }
            // npm's own words.
            Some(Web::Page(page)) => {
                notice = Some(format!(
                    "Open {page} to use your security key for authentication"
                ));
            }
            None => {}
        }
        let mut response = json(self.status, body.to_string().into_bytes());
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(notice) = notice
            && let Ok(notice) = HeaderValue::from_str(&notice)
        {
            headers.insert(NPM_NOTICE, notice);
        }
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, allow);
        }
        response
    }
}

fn json(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
