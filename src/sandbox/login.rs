//! Signing in and out: whoami, ping, the couch user document, and the end of a token.

use serde_json::json;

use super::account::{Account, Registry, email_rules, name_rules};
use super::auth::By;
use super::call::{Call, Credential};
use super::reply::{Answer, Refusal, Reply};

const DOCUMENT: &str = "org.couchdb.user:";

/// `GET /-/ping`
pub(super) fn ping(_: &mut Registry, _: &Call) -> Answer {
    Reply::ok(&json!({}))
}

/// `GET /-/whoami`
pub(super) fn whoami(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.reader(call)?;
    Reply::ok(&json!({ "username": registry.account(&caller).name }))
}

/// `GET /-/user/org.couchdb.user:<name>`
pub(super) fn user(registry: &mut Registry, call: &Call) -> Answer {
    let account = registry
        .find(name_in_path(call)?)
        .ok_or_else(|| Refusal::not_found("There is no user of that name."))?;
    let account = &registry.accounts[account];
    Reply::ok(&json!({
        "_id": format!("{DOCUMENT}{}", account.name),
        "_rev": account.rev(),
        "name": account.name,
        "email": account.email,
        "type": "user",
        "roles": [],
        "date": account.updated,
    }))
}

/// `PUT /-/user/org.couchdb.user:<name>`: a new account when an address comes with it, else the
/// first half of a login, which the couch protocol answers with a conflict. A credential that the
/// request carries is of no account here: it may be a stale one.
pub(super) fn put_user(registry: &mut Registry, call: &Call) -> Answer {
    let name = name_in_path(call)?;
    let mut body = call.body()?;
    if body.text("name")?.is_some_and(|given| given != name) {
        return Err(Refusal::shape("`name` is another one than in the address."));
    }
    let password = body
        .secret("password")?
        .filter(|password| !password.is_empty())
        .ok_or_else(|| Refusal::password("A password is needed to sign in."))?;
    let email = body.text("email")?;
    if let Some(account) = registry.find(name) {
        registry.accounts[account].check_password(&password, call.now)?;
        return Err(Refusal::conflict(
            "This user exists already. To sign in, send the user's document with its revision.",
        ));
    }
    let Some(email) = email else {
        return Err(Refusal::bad(format!("There is no user named \"{name}\".")));
    };
    name_rules(name)?;
    email_rules(&email)?;
    Account::password_rules(name, &password)?;
    registry
        .accounts
        .push(Account::new(name.to_owned(), email, password, call.now));
    let account = registry.accounts.len() - 1;
    signed_in(registry, account, call)
}

/// `PUT /-/user/org.couchdb.user:<name>/-rev/<rev>`: the second half, with user name and password
/// as basic authentication.
pub(super) fn put_user_rev(registry: &mut Registry, call: &Call) -> Answer {
    let name = name_in_path(call)?;
    let Credential::Basic { name: given, .. } = &call.credential else {
        return Err(Refusal::password(
            "User name and password are needed to sign in.",
        ));
    };
    if given != name {
        return Err(Refusal::password(
            "The user name or the password is not right.",
        ));
    }
    let caller = registry.identify(call)?;
    call.body()?;
    // npm writes `undefined` after a registry that sent it no revision.
    let rev = call.param("rev")?.expose();
    if *rev != registry.account(&caller).rev() && rev != "undefined" {
        return Err(Refusal::conflict(
            "The user's document has changed meanwhile. Read it again.",
        ));
    }
    registry.otp(caller.account, call)?;
    signed_in(registry, caller.account, call)
}

/// `DELETE /-/user/token/<token>`: npm's logout. It asks for no second factor, and a read-only
/// token may end itself.
pub(super) fn logout(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.identify(call)?;
    let unknown = || Refusal::not_found("This account has no such token.");
    let id = registry
        .shelf
        .by_value(call.param("token")?)
        .ok_or_else(unknown)?;
    if caller.by != By::Token(id) {
        registry.writer(call)?;
    }
    if registry
        .shelf
        .get(id)
        .is_none_or(|token| token.owner != caller.account)
    {
        return Err(unknown());
    }
    registry.shelf.revoke(id, registry.linger, call.now);
    Reply::ok(&json!({ "ok": true }))
}

fn signed_in(registry: &mut Registry, account: usize, call: &Call) -> Answer {
    let session = registry.rules.session(call.now);
    let id = registry.shelf.add(account, session, call.now);
    let account = &registry.accounts[account];
    let token = registry
        .shelf
        .get(id)
        .map(|token| token.value.expose().as_str());
    Reply::created(&json!({
        "ok": true,
        "id": format!("{DOCUMENT}{}", account.name),
        "rev": account.rev(),
        "token": token,
    }))
}

fn name_in_path(call: &Call) -> Result<&str, Refusal> {
    call.param("id")?
        .expose()
        .strip_prefix(DOCUMENT)
        .ok_or_else(|| Refusal::not_found("Not found"))
}
