//! The tokens: one page of the list, and revoking one.

use reqwest::Method;
use url::Url;

use super::answer::{self, Asked};
use super::request::Ask;
use super::transport::Transport;
use super::wire::token::WirePage;
use super::wire::{malformed, parse};
use crate::domain::token::{Token, TokenKey};
use crate::registry::{Call, Error, PageAt, Revoked, Sent, TokenPage};

/// Where the list is.
const TOKENS: &str = "-/npm/v1/tokens";
/// How many rows are asked for at once.
const PER_PAGE: u64 = 100;
/// How many pages are read at most.
const PAGES: u64 = 10_000;

/// `GET /-/npm/v1/tokens`.
pub(super) async fn page(
    transport: &Transport,
    call: Call<'_>,
    at: &PageAt,
) -> Result<TokenPage, Error> {
    let number = match at {
        PageAt::First => Some(0),
        PageAt::Number(number) => Some(*number),
        PageAt::Link(_) => None,
    };
    let url = match (number, at) {
        (None, PageAt::Link(link)) => transport.within(link)?,
        (number, _) => {
            let number = number.unwrap_or(0);
            if number >= PAGES {
                return Err(too_many());
            }
            transport.at(&format!("{TOKENS}?perPage={PER_PAGE}&page={number}"))
        }
    };
    let ask = Ask {
        method: Method::GET,
        url: url.clone(),
        command: "token",
        body: None,
    };
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        let known = transport.known(call, None);
        return Err(answer::refusal(&reply, Asked::Read, call, &known));
    }
    let wire: WirePage = parse(&reply, Sent::No)?;
    let mut rows = wire
        .rows()
        .ok_or_else(|| malformed("lists a token without a key", Sent::No))?;
    if let Some(value) = transport.bearer() {
        for row in &mut rows {
            row.in_use = Token::looks_like(&row.begins, value);
        }
    }
    let total = wire.total();
    let Some(next) = wire.next() else {
        return Ok(TokenPage {
            rows,
            total,
            next: None,
            last: None,
        });
    };
    let next = transport.within(next)?;
    if next == url {
        return Err(malformed("names a page as the one after itself", Sent::No));
    }
    if total.is_some_and(|total| total.div_ceil(PER_PAGE) > PAGES) || numbered(&next) >= Some(PAGES)
    {
        return Err(too_many());
    }
    // Pages may be asked for by number only when the registry's own link counts them as we would.
    let counts = number.is_some_and(|number| {
        next == transport.at(&format!("{TOKENS}?perPage={PER_PAGE}&page={}", number + 1))
    });
    let full = rows.len() as u64 == PER_PAGE;
    Ok(TokenPage {
        last: total
            .filter(|total| counts && full && *total > PER_PAGE)
            .map(|total| total.div_ceil(PER_PAGE) - 1),
        next: Some(match number {
            Some(number) if counts => PageAt::Number(number + 1),
            _ => PageAt::Link(next.into()),
        }),
        rows,
        total,
    })
}

/// The `page` of a link's query.
fn numbered(link: &Url) -> Option<u64> {
    let mut query = link.query_pairs();
    let (_, page) = query.find(|(name, _)| name == "page")?;
    page.parse().ok()
}

fn too_many() -> Error {
    malformed(
        &format!("goes on for more than {PAGES} pages, so it is not read to its end"),
        Sent::No,
    )
}

/// `DELETE /-/npm/v1/tokens/token/<key>`.
pub(super) async fn revoke(
    transport: &Transport,
    call: Call<'_>,
    key: &TokenKey,
) -> Result<Revoked, Error> {
    // As a part of a path these would name something else.
    if matches!(key.raw(), "" | "." | "..") {
        return Err(malformed(
            "lists a token under a key that cannot be part of an address",
            Sent::No,
        ));
    }
    let ask = Ask {
        method: Method::DELETE,
        url: transport.at(&format!("{TOKENS}/token/{}", escaped(key.raw()))),
        command: "token",
        body: None,
    };
    let reply = transport.send(call, ask).await?;
    match reply.status {
        ..400 => Ok(Revoked::Done),
        404 => Ok(Revoked::AlreadyGone),
        _ => {
            let known = transport.known(call, None);
            Err(answer::refusal(&reply, Asked::Write, call, &known))
        }
    }
}

/// Percent-encoded, except what never needs to be.
fn escaped(key: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String never fails.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
