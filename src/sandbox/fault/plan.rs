//! Which faults meet a request, and how they show.

use std::convert::Infallible;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};

use super::spec::{Fault, Kind};
use crate::sandbox::clock::http_date;
use crate::sandbox::door::Cut;
use crate::sandbox::linger::Linger;
use crate::sandbox::operation::Operation;
use crate::sandbox::router::BODY_LIMIT;

/// All faults that were asked for, each with how many requests it concerned so far.
#[derive(Default)]
pub(in crate::sandbox) struct Faults(Vec<(Fault, u64)>);

/// What meets one request: delays and skews add up; of the others the first one that was asked for.
#[derive(Clone, Debug, Default)]
pub(in crate::sandbox) struct Plan {
    main: Option<Kind>,
    pub(in crate::sandbox) delay: Duration,
    /// For how long what it revokes lingers.
    pub(in crate::sandbox) linger: Linger,
    /// Seconds by which the reply's `Date` is off.
    pub(in crate::sandbox) skew: i64,
}

/// How a reply ends that is not sent as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Ending {
    /// The connection is closed instead.
    Dropped,
    /// Half of the body is sent, then the connection is closed.
    Halved,
}

impl Faults {
    pub(in crate::sandbox) fn add(&mut self, fault: Fault) {
        self.0.push((fault, 0));
    }

    pub(in crate::sandbox) fn clear(&mut self) {
        self.0.clear();
    }

    /// Counts a request, and says what meets it.
    pub(in crate::sandbox) fn meet(&mut self, operation: Operation) -> Plan {
        let mut plan = Plan::default();
        for (fault, count) in &mut self.0 {
            if !fault.concerns(operation) {
                continue;
            }
            *count += 1;
            if !fault.meets(*count) {
                continue;
            }
            match &fault.kind {
                Kind::Delay(by) => plan.delay = plan.delay.saturating_add(*by),
                Kind::Linger(by) => plan.linger = plan.linger.and(*by),
                Kind::Skew(by) => plan.skew = plan.skew.saturating_add(*by),
                other => plan.main = plan.main.or_else(|| Some(other.clone())),
            }
        }
        plan
    }
}

impl Plan {
    /// What answers in place of the operation, which is then not carried out.
    pub(in crate::sandbox) fn before(&self, now: Timestamp) -> Option<Response> {
        match self.main.as_ref()? {
            // Never sent.
            Kind::DropBefore => Some(Response::new(Body::empty())),
            Kind::Status(status) => Some(bare(*status)),
            Kind::RetryAfter {
                seconds,
                date,
                status,
            } => {
                let mut response = bare(*status);
                let wait = if *date {
                    let by = SignedDuration::from_secs(i64::try_from(*seconds).unwrap_or(0));
                    http_date(now.saturating_add(by).unwrap_or(now))
                } else {
                    Some(HeaderValue::from(*seconds))
                };
                if let Some(wait) = wait {
                    response.headers_mut().insert(RETRY_AFTER, wait);
                }
                Some(response)
            }
            Kind::Redirect(to) => {
                let mut response = bare(StatusCode::TEMPORARY_REDIRECT);
                response.headers_mut().insert(LOCATION, to.clone());
                Some(response)
            }
            Kind::DropAfter
            | Kind::StatusAfter(_)
            | Kind::HalfBody
            | Kind::Delay(_)
            | Kind::Linger(_)
            | Kind::Skew(_) => None,
        }
    }

    /// What is answered once the operation was carried out.
    pub(in crate::sandbox) fn after(&self, response: Response) -> Response {
        match &self.main {
            Some(Kind::StatusAfter(status)) => bare(*status),
            _ => response,
        }
    }

    pub(in crate::sandbox) const fn ending(&self) -> Option<Ending> {
        match &self.main {
            Some(Kind::DropBefore | Kind::DropAfter) => Some(Ending::Dropped),
            Some(Kind::HalfBody) => Some(Ending::Halved),
            _ => None,
        }
    }

    /// One word for the log.
    pub(in crate::sandbox) const fn word(&self) -> Option<&'static str> {
        Some(match &self.main {
            Some(Kind::DropBefore) => "drop-before",
            Some(Kind::DropAfter) => "drop-after",
            Some(Kind::Status(_)) => "status",
            Some(Kind::StatusAfter(_)) => "status-after",
            Some(Kind::RetryAfter { .. }) => "retry-after",
            Some(Kind::HalfBody) => "half-body",
            Some(Kind::Redirect(_)) => "redirect",
            Some(Kind::Delay(_) | Kind::Linger(_) | Kind::Skew(_)) | None => {
                if !self.linger.is_nothing() {
                    "linger"
                } else if self.skew != 0 {
                    "skew"
                } else if self.delay.is_zero() {
                    return None;
                } else {
                    "delay"
                }
            }
        })
    }
}

/// An answer of that status which says that it was asked for.
fn bare(status: StatusCode) -> Response {
    if matches!(
        status,
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
    ) {
        return status.into_response();
    }
    let body = if status.as_u16() < 400 {
        "{}"
    } else {
        r#"{"error":"This fault was asked for when the registry was started, or since."}"#
    };
    let json = HeaderValue::from_static("application/json");
    let mut response = (status, [(CONTENT_TYPE, json)], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    }
    response
}

/// The same answer with the length of the whole and half of its body. `cut` ends the connection
/// once that half is on its way; without a body to halve nothing is sent at all.
pub(in crate::sandbox) async fn halved(response: Response, cut: Cut) -> Response {
    let (mut head, body) = response.into_parts();
    // An answer of this registry is far smaller, but for lists of thousands of tokens.
    let whole = axum::body::to_bytes(body, BODY_LIMIT * 1024).await;
    let whole = whole.unwrap_or_default();
    if whole.len() < 2 {
        cut.now();
        return Response::from_parts(head, Body::empty());
    }
    head.headers
        .insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let mut half = Some(whole.slice(..whole.len() / 2));
    let body = stream::poll_fn(move |_| {
        if let Some(half) = half.take() {
            return Poll::Ready(Some(Ok::<Bytes, Infallible>(half)));
        }
        cut.once_sent();
        Poll::Pending
    });
    Response::from_parts(head, Body::from_stream(body))
}
