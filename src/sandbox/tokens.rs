//! Tokens: list, create, revoke.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::account::Registry;
use super::auth::Matter;
use super::call::Call;
use super::draft::draft;
use super::options::Policy;
use super::reply::{Answer, Refusal, Reply};
use super::seed;
use super::shelf::{Permission, Range, Scope, Token};

/// How many characters of a token's value a list begins with.
const BEGINS: usize = 8;

/// How many it ends with behind an ellipsis, where it does.
const ENDS: usize = 4;

/// How much of a token's value is told.
#[derive(Clone, Copy)]
enum Shown {
    /// All, once.
    Whole,
    /// A plain prefix: by it npm can find a token by its whole value.
    Prefix,
    /// As npm's registry lists it: npm cannot find it by its value then.
    Mask,
}

impl Shown {
    fn listed(policy: Policy) -> Self {
        match policy {
            Policy::Classic => Self::Prefix,
            Policy::Npmjs => Self::Mask,
        }
    }

    fn of(self, value: &str) -> Cow<'_, str> {
        let begins = value.get(..BEGINS).unwrap_or_default();
        let ends = value.len().checked_sub(ENDS).and_then(|at| value.get(at..));
        match self {
            Self::Whole => value.into(),
            Self::Prefix => begins.into(),
            Self::Mask => format!("{begins}...{}", ends.unwrap_or_default()).into(),
        }
    }
}

/// A token as it is listed.
#[derive(Serialize)]
struct Row<'a> {
    key: &'a str,
    token: Cow<'a, str>,
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
    fn new(token: &'a Token, shown: Shown) -> Self {
        let draft = &token.draft;
        Self {
            key: &token.key,
            token: shown.of(token.value.expose()),
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
    let caller = registry.token_reader(call)?;
    let shown = Shown::listed(registry.rules.policy);
    let per_page = call.number("perPage", 10, 1..=9999)?;
    let page = call.number("page", 0, 0..=1_000_000)?;
    if page == 0 {
        registry.shelf.is_read(caller.account);
    }
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
        .map(|token| Row::new(token, shown))
        .collect();
    Reply::ok(&Page {
        objects,
        total,
        urls,
    })
}

/// `POST /-/npm/v1/tokens`, in the words of old and of today.
pub(super) fn create(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.token_writer(call)?;
    registry.account(&caller).check_hold(call.now)?;
    let mut body = call.body()?;
    let password = body
        .secret("password")?
        .filter(|password| !password.is_empty());
    let draft = draft(&mut body, registry.rules.policy, call.now)?;
    let password =
        password.ok_or_else(|| Refusal::password("The password is needed to create a token."))?;
    registry
        .account(&caller)
        .check_password(&password, call.now)?;
    registry.second_factor(&caller, call, Matter::Account)?;
    // The hold that a recovery code begins is to keep out who makes a token with a found one.
    registry.account(&caller).check_hold(call.now)?;
    let id = registry.shelf.add(caller.account, draft, call.now);
    match registry.shelf.get(id) {
        Some(token) => Reply::created(&Row::new(token, Shown::Whole)),
        None => Err(Refusal::not_found("Not found")),
    }
}

/// `DELETE /-/npm/v1/tokens/token/<key or token>`
pub(super) fn revoke(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.token_writer(call)?;
    let given = call.param("token")?;
    let id = registry.shelf.by_key_or_value(given).filter(|id| {
        registry
            .shelf
            .get(*id)
            .is_some_and(|token| token.owner == caller.account)
    });
    let Some(id) = id else {
        registry.shelf.asked_again(given);
        let words = "This account has no such token: it may be revoked already.";
        return Err(Refusal::not_found(words));
    };
    registry.second_factor(&caller, call, Matter::Account)?;
    registry.shelf.revoke(id, registry.linger, call.now);
    seed::revoked(registry, caller.account, call.now);
    Ok(Reply::Empty)
}
