//! How a fault is written, and what is said about one that is written wrongly.

use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use url::Url;

use crate::sandbox::linger::Linger;
use crate::sandbox::operation::{NAMES, Operation};

/// The longest time that a fault takes: ten years, in seconds.
const LONGEST: u64 = 315_360_000;

/// The longest delay, in milliseconds.
const SLOWEST: u64 = 600_000;

/// The kinds as the help names them.
const KINDS: &str = "drop-before, drop-after, status:CODE, status-after:CODE, \
    retry-after:SECONDS[:CODE], retry-after-date:SECONDS[:CODE], delay:MS, half-body, redirect:URL, skew:SECONDS, \
    linger-listed:N, linger-accepted:N, linger-accepted-for:SECONDS";

/// What ends a token: where something can linger.
const ENDS: [&str; 2] = ["token.revoke", "logout"];

/// One fault: `OPERATION[#N]=KIND`, as in `token.create#2=drop-after`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `None` stands for every one.
    operation: Option<&'static str>,
    times: Times,
    pub(super) kind: Kind,
}

/// Which of the requests, counted from 1 and from when the fault was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Every,
    Only(u64),
    From(u64),
    /// Each so-many-th.
    Each(u64),
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    DropBefore,
    DropAfter,
    Status(StatusCode),
    StatusAfter(StatusCode),
    RetryAfter {
        seconds: u64,
        date: bool,
        status: StatusCode,
    },
    Delay(Duration),
    HalfBody,
    Redirect(HeaderValue),
    Skew(i64),
    Linger(Linger),
}

impl Fault {
    /// Whether it is for such requests at all.
    pub(super) fn concerns(&self, operation: Operation) -> bool {
        self.operation
            .is_none_or(|name| operation.name() == Some(name))
    }

    /// Whether it meets the n-th of them.
    pub(super) const fn meets(&self, nth: u64) -> bool {
        match self.times {
            Times::Every => true,
            Times::Only(only) => nth == only,
            Times::From(first) => nth >= first,
            Times::Each(so_many) => nth.is_multiple_of(so_many),
        }
    }
}

/// Why a fault cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no `=` in it.
    #[error(
        "The fault {0:?} lacks `=`. It is written OPERATION[#N]=KIND, as in token.create#2=drop-after."
    )]
    Form(String),
    /// No such operation.
    #[error("The fault {0:?} is for {1:?}, which is no operation. Choose from {names}, or * for all.", names = NAMES.join(", "))]
    Operation(String, String),
    /// Something else than a count after `#`.
    #[error(
        "The fault {0:?} counts {1:?}. After # stands a number from 1 for that request alone, a number and + from that one on, / and a number for each so-many-th, or * for every one."
    )]
    Times(String, String),
    /// No such kind.
    #[error("The fault {0:?} asks for {1:?}, which is no kind of fault. Choose from {KINDS}.")]
    Kind(String, String),
    /// A kind with a wrong value.
    #[error("The fault {0:?} has {1:?} for {2}, which has to be {3}.")]
    Value(String, String, &'static str, &'static str),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(spec: &str) -> Result<Self, FaultError> {
        let whole = || spec.to_owned();
        let (place, kind) = spec
            .split_once('=')
            .ok_or_else(|| FaultError::Form(whole()))?;
        let (name, times) = match place.split_once('#') {
            Some((name, times)) => (name, Some(times)),
            None => (place, None),
        };
        let operation = match name {
            "*" => None,
            name => Some(
                NAMES
                    .into_iter()
                    .find(|known| *known == name)
                    .ok_or_else(|| FaultError::Operation(whole(), name.to_owned()))?,
            ),
        };
        let times = match times {
            None | Some("*") => Times::Every,
            Some(text) => {
                let (number, times): (_, fn(u64) -> Times) =
                    match (text.strip_suffix('+'), text.strip_prefix('/')) {
                        (Some(number), _) => (number, Times::From),
                        (None, Some(number)) => (number, Times::Each),
                        (None, None) => (text, Times::Only),
                    };
                let number = digits(number).filter(|number| *number > 0);
                times(number.ok_or_else(|| FaultError::Times(whole(), text.to_owned()))?)
            }
        };
        let kind = kind_of(spec, kind)?;
        if matches!(kind, Kind::Linger(_)) && !operation.is_some_and(|name| ENDS.contains(&name)) {
            return Err(FaultError::Value(
                whole(),
                name.to_owned(),
                "OPERATION",
                "token.revoke or logout where something is to linger",
            ));
        }
        Ok(Self {
            operation,
            times,
            kind,
        })
    }
}

fn kind_of(spec: &str, kind: &str) -> Result<Kind, FaultError> {
    let (name, value) = match kind.split_once(':') {
        Some((name, value)) => (name, Some(value)),
        None => (kind, None),
    };
    let given = value.unwrap_or_default();
    let wrong =
        |value: &str, what, rule| FaultError::Value(spec.to_owned(), value.to_owned(), what, rule);
    let status = |value: &str| {
        digits(value)
            .and_then(|code| u16::try_from(code).ok())
            .filter(|code| (200..600).contains(code))
            .and_then(|code| StatusCode::from_u16(code).ok())
            .ok_or_else(|| wrong(value, "CODE", "a number from 200 to 599"))
    };
    let seconds = |value: &str| {
        digits(value)
            .filter(|seconds| *seconds <= LONGEST)
            .ok_or_else(|| wrong(value, "SECONDS", "a number from 0 to 315360000"))
    };
    Ok(match (name, value) {
        ("drop-before", None) => Kind::DropBefore,
        ("drop-after", None) => Kind::DropAfter,
        ("half-body", None) => Kind::HalfBody,
        ("status", _) => Kind::Status(status(given)?),
        ("status-after", _) => Kind::StatusAfter(status(given)?),
        ("retry-after" | "retry-after-date", _) => {
            let (wait, code) = match given.split_once(':') {
                Some((wait, code)) => (wait, status(code)?),
                None => (given, StatusCode::TOO_MANY_REQUESTS),
            };
            Kind::RetryAfter {
                seconds: seconds(wait)?,
                date: name == "retry-after-date",
                status: code,
            }
        }
        ("delay", _) => Kind::Delay(
            digits(given)
                .filter(|millis| *millis <= SLOWEST)
                .map(Duration::from_millis)
                .ok_or_else(|| wrong(given, "MS", "a number from 0 to 600000"))?,
        ),
        ("linger-listed" | "linger-accepted", _) => {
            let times = digits(given).filter(|times| (1..=1_000_000).contains(times));
            let times = times.ok_or_else(|| wrong(given, "N", "a number from 1 to 1000000"))?;
            let (listed, requests) = match name {
                "linger-listed" => (times, 0),
                _ => (0, times),
            };
            Kind::Linger(Linger {
                listed,
                requests,
                ..Linger::default()
            })
        }
        ("linger-accepted-for", _) => Kind::Linger(Linger {
            time: Duration::from_secs(seconds(given)?),
            ..Linger::default()
        }),
        ("redirect", _) => {
            let rule = "an address that begins with http:// or https://";
            let url = Url::parse(given)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .ok_or_else(|| wrong(given, "URL", rule))?;
            let value = HeaderValue::from_str(url.as_str());
            Kind::Redirect(value.map_err(|_| wrong(given, "URL", rule))?)
        }
        ("skew", _) => {
            let (ahead, number) = match given.strip_prefix('-') {
                Some(number) => (false, number),
                None => (true, given.strip_prefix('+').unwrap_or(given)),
            };
            let number = seconds(number)
                .ok()
                .and_then(|number| i64::try_from(number).ok())
                .ok_or_else(|| wrong(given, "SECONDS", "a number from -315360000 to 315360000"))?;
            Kind::Skew(if ahead { number } else { -number })
        }
        _ => return Err(FaultError::Kind(spec.to_owned(), kind.to_owned())),
    })
}

/// A number of digits alone: no sign, no blank.
fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(spec: &str) -> Fault {
        spec.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_is_written_is_what_is_meant() {
        for (spec, operation, times, kind) in [
            (
                "poll=drop-before",
                Some("poll"),
                Times::Every,
                Kind::DropBefore,
            ),
            ("*#*=drop-after", None, Times::Every, Kind::DropAfter),
            (
                "token.create#2=status:503",
                Some("token.create"),
                Times::Only(2),
                Kind::Status(StatusCode::SERVICE_UNAVAILABLE),
            ),
            (
                "2fa#3+=status-after:504",
                Some("2fa"),
                Times::From(3),
                Kind::StatusAfter(StatusCode::GATEWAY_TIMEOUT),
            ),
            (
                "whoami=retry-after:7",
                Some("whoami"),
                Times::Every,
                Kind::RetryAfter {
                    seconds: 7,
                    date: false,
                    status: StatusCode::TOO_MANY_REQUESTS,
                },
            ),
            (
                "poll=retry-after-date:7:202",
                Some("poll"),
                Times::Every,
                Kind::RetryAfter {
                    seconds: 7,
                    date: true,
                    status: StatusCode::ACCEPTED,
                },
            ),
            (
                "couch=delay:20",
                Some("couch"),
                Times::Every,
                Kind::Delay(Duration::from_millis(20)),
            ),
            (
                "password=half-body",
                Some("password"),
                Times::Every,
                Kind::HalfBody,
            ),
            (
                "logout=redirect:http://127.0.0.1:1/a?b=c#d",
                Some("logout"),
                Times::Every,
                Kind::Redirect(HeaderValue::from_static("http://127.0.0.1:1/a?b=c#d")),
            ),
            (
                "login=skew:-90",
                Some("login"),
                Times::Every,
                Kind::Skew(-90),
            ),
            (
                "login=skew:+90",
                Some("login"),
                Times::Every,
                Kind::Skew(90),
            ),
            (
                "token.revoke#/5=linger-listed:3",
                Some("token.revoke"),
                Times::Each(5),
                Kind::Linger(Linger {
                    listed: 3,
                    ..Linger::default()
                }),
            ),
            (
                "token.revoke=linger-accepted:2",
                Some("token.revoke"),
                Times::Every,
                Kind::Linger(Linger {
                    requests: 2,
                    ..Linger::default()
                }),
            ),
            (
                "logout=linger-accepted-for:60",
                Some("logout"),
                Times::Every,
                Kind::Linger(Linger {
                    time: Duration::from_mins(1),
                    ..Linger::default()
                }),
            ),
        ] {
            let wanted = Fault {
                operation,
                times,
                kind,
            };
            assert_eq!(read(spec), wanted, "{spec}");
        }
    }

    #[test]
    fn what_is_written_wrongly_is_named_with_the_choices() {
        for (spec, part, choice) in [
            ("token.create", "\"token.create\" lacks `=`", "drop-after"),
            ("", "lacks `=`", "OPERATION"),
            ("tokens=drop-after", "\"tokens\"", "token.revoke, or *"),
            ("=drop-after", "is for \"\"", "profile.set"),
            ("poll#0=drop-after", "counts \"0\"", "from 1"),
            ("poll#+1=drop-after", "counts \"+1\"", "from 1"),
            ("poll#=drop-after", "counts \"\"", "*"),
            ("poll#/0=drop-after", "counts \"/0\"", "each so-many-th"),
            (
                "poll=linger-listed:1",
                "\"poll\" for OPERATION",
                "token.revoke or logout",
            ),
            ("*=linger-accepted:1", "\"*\" for OPERATION", "token.revoke"),
            ("logout=linger-accepted:0", "\"0\" for N", "from 1"),
            ("logout=linger-accepted-for:x", "\"x\" for SECONDS", "0 to"),
            ("poll#1#2=drop-after", "counts \"1#2\"", "*"),
            ("poll=drop", "\"drop\"", "drop-before, drop-after"),
            ("poll=drop-after:1", "\"drop-after:1\"", "drop-after"),
            ("poll=status", "\"\" for CODE", "200 to 599"),
            ("poll=status:99", "\"99\" for CODE", "200 to 599"),
            ("poll=status:70000", "\"70000\" for CODE", "200 to 599"),
            ("poll=status-after:x", "\"x\" for CODE", "200 to 599"),
            ("poll=retry-after:soon", "\"soon\" for SECONDS", "0 to"),
            ("poll=retry-after:1:9", "\"9\" for CODE", "200 to 599"),
            ("poll=delay:-1", "\"-1\" for MS", "600000"),
            ("poll=delay: 1", "\" 1\" for MS", "600000"),
            ("poll=redirect:/here", "\"/here\" for URL", "http://"),
            (
                "poll=redirect:file:///x",
                "\"file:///x\" for URL",
                "https://",
            ),
            ("poll=skew:--1", "\"--1\" for SECONDS", "-315360000"),
            ("po\u{1b}[2Jll=skew:1", "\\u{1b}", "login"),
        ] {
            let error = spec.parse::<Fault>().expect_err(spec).to_string();
            assert!(error.contains(part), "{part}: {error}");
            assert!(error.contains(choice), "{choice}: {error}");
            assert!(!error.contains('\u{1b}'), "{error:?}");
        }
    }
}
