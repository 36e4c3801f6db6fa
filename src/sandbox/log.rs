//! One line per request: method, path without secrets, status, duration, and the fault that met it.
//! Never a header or a body.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode, Uri};

/// Where the lines go.
#[derive(Clone, Default)]
pub enum Log {
    /// Nowhere.
    #[default]
    Off,
    /// To standard error.
    Stderr,
    /// To a function.
    To(Arc<dyn Fn(&str) + Send + Sync>),
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::Stderr => "Stderr",
            Self::To(_) => "To(..)",
        })
    }
}

impl Log {
    pub(super) fn request(
        &self,
        method: &Method,
        uri: &Uri,
        status: StatusCode,
        took: Duration,
        fault: Option<&str>,
    ) {
        if matches!(self, Self::Off) {
            return;
        }
        // A method is the client's own word; only those that exist are repeated.
        let method = match method.as_str() {
            known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
            _ => "(other method)",
        };
        let millis = took.as_secs_f64() * 1000.0;
        let mut line = format!("{method} {} {} {millis:.1} ms", path(uri), status.as_u16());
        if let Some(fault) = fault {
            line.push_str(" fault: ");
            line.push_str(fault);
        }
        match self {
            Self::Off => {}
            // A log that nobody can read any more must not end the registry.
            Self::Stderr => drop(writeln!(std::io::stderr().lock(), "{line}")),
            Self::To(sink) => sink(&line),
        }
    }
}

/// The path with whatever may be a secret masked. It is percent-encoded, hence printable.
fn path(uri: &Uri) -> String {
    let segments: Vec<&str> = uri.path().split('/').collect();
    let mut out = Vec::with_capacity(segments.len());
    let mut after_token = false;
    for segment in segments {
        out.push(if after_token || suspicious(segment) {
            mask(segment)
        } else {
            segment.to_owned()
        });
        after_token = matches!(segment, "token" | "done" | "web");
    }
    let mut line = out.join("/");
    if let Some(query) = uri.query() {
        line.push('?');
        let shown: Vec<&str> = query.split('&').filter(|pair| harmless(pair)).collect();
        line.push_str(&shown.join("&"));
        if shown.len() < query.split('&').count() {
            line.push('…');
        }
    }
    line
}

/// The first characters of a token's key, which is no secret; nothing of anything else.
fn mask(segment: &str) -> String {
    let is_key = segment.len() == 64 && segment.bytes().all(|b| b.is_ascii_hexdigit());
    match segment.get(..6) {
        Some(start) if is_key => format!("{start}…"),
        _ if segment.is_empty() => String::new(),
        _ => "••••".to_owned(),
    }
}

/// What no route has in its path, but a mistaken request might: a token, a code, a key.
fn suspicious(segment: &str) -> bool {
    let name = segment.strip_prefix("org.couchdb.user:").unwrap_or(segment);
    let digits = name.len() >= 6 && name.bytes().all(|b| b.is_ascii_digit());
    name.contains("npm_") || name.len() > 32 || digits
}

fn harmless(pair: &str) -> bool {
    match pair.split_once('=') {
        Some(("page" | "perPage", number)) => {
            number.len() <= 5 && number.bytes().all(|b| b.is_ascii_digit())
        }
        Some(("write", value)) => matches!(value, "true" | "false"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p01_p03_a_logged_path_holds_no_secret() {
        let key = "ab12".repeat(16);
        for (raw, shown) in [
            ("/-/whoami", "/-/whoami"),
            (
                "/-/user/org.couchdb.user:tess-marlow",
                "/-/user/org.couchdb.user:tess-marlow",
            ),
            ("/-/user/token/npm_abc", "/-/user/token/••••"),
            ("/-/user/token/0e1b2c3d", "/-/user/token/••••"),
            (
                "/-/npm/v1/tokens/token/hunter2",
                "/-/npm/v1/tokens/token/••••",
            ),
            ("/-/v1/done/abcDEF", "/-/v1/done/••••"),
            ("/npm/-/web/abcDEF", "/npm/-/web/••••"),
            ("/npm_0123456789/x", "/••••/x"),
            ("/-/otp/123456", "/-/otp/••••"),
            (
                "/-/npm/v1/tokens?perPage=10&page=2",
                "/-/npm/v1/tokens?perPage=10&page=2",
            ),
            (
                "/-/npm/v1/tokens?page=2&otp=123456",
                "/-/npm/v1/tokens?page=2…",
            ),
            ("/?npm_abc", "/?…"),
            (
                "/-/npm/v1/tokens/token/KEY",
                "/-/npm/v1/tokens/token/ab12ab…",
            ),
        ] {
            let uri: Uri = raw.replace("KEY", &key).parse().expect("a path");
            assert_eq!(path(&uri), shown, "{raw}");
        }
    }
}
