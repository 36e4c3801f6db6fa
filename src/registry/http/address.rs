//! Addresses: the registry's own, links within it, and how others are named.

use reqwest::header::{self, HeaderMap};
use url::Url;

use super::request::Ask;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;
use crate::npmrc::DEFAULT_REGISTRY;
use crate::registry::redact::redact;
use crate::registry::{Error, Sent};

/// The registry's address without what no request should carry, ending in a slash.
pub(super) fn base(mut base: Url) -> Result<Url, Failure> {
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

/// Whether this is npm's default registry itself, and no mirror of it.
pub(super) fn is_default(base: &Url) -> bool {
    Url::parse(DEFAULT_REGISTRY).is_ok_and(|default| default.origin() == base.origin())
}

/// A path below `base`. `path` begins without a slash and needs no escaping.
pub(super) fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    url.set_path(&format!("{}{path}", base.path()));
    url.set_query(Some(query).filter(|query| !query.is_empty()));
    url
}

/// A link that the registry sent, joined as npm does it, if it stays on the registry (promise P21).
pub(super) fn within(base: &Url, link: &str) -> Result<Url, Error> {
    let absolute = ["http:", "https:"].iter().any(|scheme| {
        link.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let joined = if absolute {
        link.to_owned()
    } else {
        format!("{base}{}", link.trim_start_matches(['/', '\\']))
    };
    let elsewhere = |to: &str| Error::Elsewhere {
        to: Text::new(&redact(to)),
        sent: Sent::No,
    };
    let mut url = Url::parse(&joined).map_err(|_| elsewhere("an address that makes no sense"))?;
    if url.origin() != base.origin() || has_user_info(&url) {
        return Err(elsewhere(&origin(&url)));
    }
    if !url.path().starts_with(base.path()) {
        return Err(elsewhere(&format!("{}{}", origin(&url), url.path())));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Whether it carries a user name or a password.
pub(super) fn has_user_info(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// What a redirect means. A registry may have acted before it pointed elsewhere, as forms on websites do.
pub(super) fn redirect(ask: &Ask, headers: &HeaderMap) -> Error {
    let sent = ask.sent();
    let to = headers
        .get(header::LOCATION)
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .and_then(|location| ask.url.join(location).ok());
    match to {
        // The path of a request that has to stay unnamed may come back in the redirect.
        Some(to) if to.origin() == ask.url.origin() && ask.alias.is_none() => Error::Elsewhere {
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
pub(super) fn origin(url: &Url) -> String {
    let host = host(url).unwrap_or_else(|| "an address without a host".to_owned());
    if url.scheme() == "https" {
        host
    } else {
        format!("{}://{host}", url.scheme())
    }
}

/// The host in ASCII, with its port where it is not the usual one.
pub(super) fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}
