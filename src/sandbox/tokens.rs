//! Tokens: list, create, revoke.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use jiff::{SignedDuration, Timestamp, civil};
use serde::Serialize;
use serde_json::Value;

use super::account::Registry;
use super::auth::Matter;
use super::body::{Body, wrong};
use super::call::Call;
use super::reply::{Answer, Refusal, Reply};
use super::shelf::{Draft, Permission, Range, Scope, Token};

/// How many characters of a token's value a list shows: a plain prefix, so that npm can find the
/// token by its whole value.
const SHOWN: usize = 8;

/// How many names of one kind a granular token takes.
const MOST: usize = 50;

/// A token as it is listed.
#[derive(Serialize)]
struct Row<'a> {
    key: &'a str,
    token: &'a str,
    name: Option<&'a str>,
    description: Option<&'a str>,
    readonly: bool,
    bypass_2fa: bool,
    cidr: &'a [Range],
    cidr_whitelist: Option<&'a [Range]>,
    expires: Option<Timestamp>,
    expiry: Option<Timestamp>,
    revoked: Option<Timestamp>,
    created: Timestamp,
    updated: Timestamp,
    accessed: Option<Timestamp>,
    permissions: &'a [Permission],
    scopes: &'a [Scope],
}

impl<'a> Row<'a> {
    fn new(token: &'a Token, shown: usize) -> Self {
        let draft = &token.draft;
        let value = token.value.expose();
        Self {
            key: &token.key,
            token: value.get(..shown).unwrap_or(value),
            name: draft.name.as_deref(),
            description: draft.description.as_deref(),
            readonly: draft.readonly,
            bypass_2fa: draft.bypass_2fa,
            cidr: &draft.cidr,
            cidr_whitelist: (!draft.cidr.is_empty()).then_some(&draft.cidr),
            expires: draft.expires,
            expiry: draft.expires,
            revoked: None,
            created: token.created,
            updated: token.updated,
            accessed: token.accessed,
            permissions: &draft.permissions,
            scopes: &draft.scopes,
        }
    }
}

/// One page.
#[derive(Serialize)]
struct Page<'a> {
    objects: Vec<Row<'a>>,
    total: usize,
    /// npm crashes without it; without `next` in it, this is the last page.
    urls: BTreeMap<&'static str, String>,
}

/// `GET /-/npm/v1/tokens?perPage=10&page=0`
pub(super) fn list(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.reader(call)?;
    let per_page = call.number("perPage", 10, 1..=9999)?;
    let page = call.number("page", 0, 0..=1_000_000)?;
    let shelf = &registry.shelf;
    let total = shelf.count(caller.account);
    // The address is the registry's own, without the path prefix: npm puts the registry before it.
    let address = |page| format!("/-/npm/v1/tokens?perPage={per_page}&page={page}");
    let mut urls = BTreeMap::new();
    if (page + 1) * per_page < total {
        urls.insert("next", address(page + 1));
    }
    if page > 0 {
        urls.insert("prev", address(page - 1));
    }
    let objects = shelf
        .of(caller.account)
        .skip(page * per_page)
        .take(per_page)
        .map(|token| Row::new(token, SHOWN))
        .collect();
    Reply::ok(&Page {
        objects,
        total,
        urls,
    })
}

/// `POST /-/npm/v1/tokens`, in the words of old and of today.
pub(super) fn create(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.writer(call)?;
    let mut body = call.body()?;
    let password = body
        .secret("password")?
        .filter(|password| !password.is_empty());
    let draft = draft(&mut body, call.now)?;
    let password =
        password.ok_or_else(|| Refusal::password("The password is needed to create a token."))?;
    registry
        .account(&caller)
        .check_password(&password, call.now)?;
    registry.second_factor(&caller, call, Matter::Account)?;
    let id = registry.shelf.add(caller.account, draft, call.now);
    match registry.shelf.get(id) {
        Some(token) => Reply::created(&Row::new(token, usize::MAX)),
        None => Err(Refusal::not_found("Not found")),
    }
}

/// `DELETE /-/npm/v1/tokens/token/<key or token>`
pub(super) fn revoke(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.writer(call)?;
    let id = registry
        .shelf
        .by_key_or_value(call.param("token")?)
        .filter(|id| {
            registry
                .shelf
                .get(*id)
                .is_some_and(|token| token.owner == caller.account)
        })
        .ok_or_else(|| {
            Refusal::not_found("This account has no such token: it may be revoked already.")
        })?;
    registry.second_factor(&caller, call, Matter::Account)?;
    registry.shelf.remove(id);
    Ok(Reply::Empty)
}

fn draft(body: &mut Body, now: Timestamp) -> Result<Draft, Refusal> {
    let name = body.text("name")?.filter(|name| !name.is_empty());
    let description = either(body.text("description")?, body.text("token_description")?);
    let cidr = either(some(body.list("cidr_whitelist")?), some(body.list("cidr")?));
    let mut permissions = Vec::new();
    let mut scopes = Vec::new();
    let mut packages = body.list("packages")?;
    if body.flag("packages_all")? == Some(true) {
        packages = vec!["*".to_owned()];
    }
    let package_scopes = body.list("scopes")?;
    let orgs = body.list("orgs")?;
    grant(
        body,
        "packages_and_scopes_permission",
        "package",
        packages.len() + package_scopes.len(),
        &mut permissions,
    )?;
    grant(body, "orgs_permission", "org", orgs.len(), &mut permissions)?;
    for (kind, names) in [
        ("package", packages),
        ("scope", package_scopes),
        ("org", orgs),
    ] {
        for name in names {
            if name.trim().is_empty() {
                return Err(Refusal::bad(format!("A {kind} without a name was listed.")));
            }
            scopes.push(Scope { kind, name });
        }
    }
    let reads = !scopes.is_empty() && permissions.iter().all(|p: &Permission| p.action != "write");
    Ok(Draft {
        name,
        description: description.filter(|text| !text.is_empty()),
        readonly: body.flag("readonly")?.unwrap_or(false) || reads,
        bypass_2fa: body.flag("bypass_2fa")?.unwrap_or(false),
        cidr: ranges(&cidr.unwrap_or_default())?,
        expires: expires(body, now)?,
        permissions,
        scopes,
    })
}

/// Reads one permission and applies it to what was listed; reading is what a list alone allows.
fn grant(
    body: &mut Body,
    key: &str,
    subject: &'static str,
    listed: usize,
    permissions: &mut Vec<Permission>,
) -> Result<(), Refusal> {
    if listed > MOST {
        return Err(Refusal::bad(format!(
            "A token takes {MOST} {subject}s at most."
        )));
    }
    let action = match body.text(key)?.as_deref() {
        Some("no-access") if listed == 0 => return Ok(()),
        Some("read-only" | "read-write") if listed == 0 => {
            return Err(Refusal::bad(
                "You must have at least one package / scope or organization added to this token.",
            ));
        }
        None | Some("read-only") => "read",
        Some("read-write") => "write",
        Some("no-access") => "none",
        Some(_) => {
            return Err(Refusal::shape(format!(
                "`{key}` has to be read-only, read-write or no-access."
            )));
        }
    };
    if listed > 0 && action != "none" {
        permissions.push(Permission {
            name: subject,
            action,
        });
    }
    Ok(())
}

/// `expires`: a number of days, or a date, with or without a time.
fn expires(body: &mut Body, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let unclear =
        || Refusal::bad("`expires` has to be a number of days from 1 on, or a date in the future.");
    let at = match body.value("expires") {
        None => return Ok(None),
        Some(Value::Number(days)) => {
            let days = days
                .as_i64()
                .filter(|days| (1..=36_500).contains(days))
                .ok_or_else(unclear)?;
            now.checked_add(SignedDuration::from_hours(days * 24))
                .map_err(|_| unclear())?
        }
        Some(Value::String(text)) => text
            .parse::<Timestamp>()
            .or_else(|_| {
                text.parse::<civil::Date>()
                    .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC))
                    .map(|at| at.timestamp())
            })
            .map_err(|_| unclear())?,
        Some(other) => return Err(wrong(other, "expires", "a number of days or a date")),
    };
    if at > now {
        Ok(Some(at))
    } else {
        Err(unclear())
    }
}

/// Ranges of IPv4 addresses, as npm allows them.
pub(super) fn ranges(texts: &[String]) -> Result<Vec<Range>, Refusal> {
    texts
        .iter()
        .map(|text| text.trim().parse::<Ipv4Net>().map(Range))
        .collect::<Result<_, _>>()
        .map_err(|_| {
            Refusal::bad("An address range has to be in IPv4 CIDR form, such as 192.0.2.0/24.")
        })
}

fn some(list: Vec<String>) -> Option<Vec<String>> {
    (!list.is_empty()).then_some(list)
}

fn either<T>(first: Option<T>, second: Option<T>) -> Option<T> {
    first.or(second)
}
