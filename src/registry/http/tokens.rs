//! The tokens: one page of the list, revoking one, making one.

use reqwest::Method;
use serde::Serialize;
use url::Url;

use super::account::refused;
use super::answer::Asked;
use super::request::{Ask, Body, escaped};
use super::transport::Transport;
use super::wire::token::{Made, WirePage};
use super::wire::{malformed, parse};
use crate::domain::granular::{Granular, NewToken, Spec};
use crate::domain::secret::Secret;
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
    let ask = Ask::read(url.clone(), "token");
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(transport.refusal(&reply, Asked::Read, call, &[]));
    }
    let mut wire: WirePage = parse(&reply, Sent::No)?;
    let rows = wire
        .rows()
        .ok_or_else(|| malformed("lists a token without a key", Sent::No))?;
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
    if matches!(&*key.raw(), "" | "." | "..") {
        return Err(malformed(
            "lists a token under a key that cannot be part of an address",
            Sent::No,
        ));
    }
    let url = transport.at(&format!("{TOKENS}/token/{}", escaped(&key.raw())));
    let ask = Ask::write(Method::DELETE, url, "token", None);
    let reply = transport.send(call, ask).await?;
    match reply.status {
        ..400 => Ok(Revoked::Done),
        404 => Ok(Revoked::AlreadyGone),
        _ => Err(refused(transport, call, &reply, Asked::Write, &[]).await),
    }
}

/// What every registry knows, and no key that only some do: an unknown one would be passed over in silence.
#[derive(Serialize)]
struct Wish<'a> {
    password: &'a str,
    readonly: bool,
    cidr_whitelist: Vec<String>,
}

/// A granular token, in the words of `npm token create`.
///
/// What npm's program and npm's documents call differently goes out in both words, so that no limit is passed over by
/// who knows only one of them. A registry that knows neither makes a token of the old kind; for that one `readonly`
/// says at least that it may not write. That the answer is as asked is looked at afterwards.
#[derive(Serialize)]
struct GranularWish<'a> {
    name: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    token_description: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    packages: &'a [String],
    #[serde(skip_serializing_if = "is_not")]
    packages_all: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    scopes: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    orgs: &'a [String],
    packages_and_scopes_permission: &'static str,
    orgs_permission: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u32>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cidr_whitelist: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cidr: &'a [String],
    #[serde(skip_serializing_if = "is_not")]
    bypass_2fa: bool,
    #[serde(skip_serializing_if = "is_not")]
    readonly: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_not(flag: &bool) -> bool {
    !*flag
}

impl<'a> GranularWish<'a> {
    fn new(form: &'a Granular, password: &'a str, cidr: &'a [String]) -> Self {
        Self {
            name: form.name.trim(),
            password,
            description: form.description.trim(),
            token_description: form.description.trim(),
            packages: &form.packages,
            packages_all: form.all_packages,
            scopes: &form.scopes,
            orgs: &form.orgs,
            packages_and_scopes_permission: form.packages_permission.word(),
            orgs_permission: form.orgs_permission.word(),
            expires: form.days,
            cidr_whitelist: cidr,
            cidr,
            bypass_2fa: form.bypass_2fa,
            readonly: !form.writes(),
        }
    }
}

/// `POST /-/npm/v1/tokens`.
pub(super) async fn create(
    transport: &Transport,
    call: Call<'_>,
    new: &NewToken,
) -> Result<(Token, Secret<String>), Error> {
    let cidr: Vec<_> = new.spec.cidr().iter().map(ToString::to_string).collect();
    let body = match &new.spec {
        Spec::Classic { readonly, .. } => Body::json(&Wish {
            password: new.password.expose(),
            readonly: *readonly,
            cidr_whitelist: cidr,
        }),
        Spec::Granular(form) => Body::json(&GranularWish::new(form, new.password.expose(), &cidr)),
    };
    let ask = Ask::write(Method::POST, transport.at(TOKENS), "token", Some(body));
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        let secrets: [&str; 1] = [new.password.expose()];
        return Err(refused(transport, call, &reply, Asked::WithPassword, &secrets).await);
    }
    parse::<Made>(&reply, Sent::Maybe)?
        .read()
        .ok_or_else(|| malformed("has no token in it", Sent::Maybe))
}
