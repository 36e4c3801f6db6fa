//! The profile: what it shows, and a change of it.

use serde_json::{Value, json};

use super::account::{Account, FIELDS, Registry, Tfa, email_rules};
use super::auth::Matter;
use super::body::{Body, wrong};
use super::call::Call;
use super::draft::ranges;
use super::npmjs::{Cause, Hold};
use super::options::Policy;
use super::reply::{Answer, Refusal, Reply};
use super::shelf::Range;
use super::tfa;
use crate::domain::secret::Secret;

/// `GET /-/npm/v1/user`
pub(super) fn read(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.reader(call)?;
    Reply::ok(&shown(registry.account(&caller)))
}

/// `POST /-/npm/v1/user`: the fields as a whole (one that is not sent is cleared), the password,
/// or, alone, the second factor.
pub(super) fn write(registry: &mut Registry, call: &Call) -> Answer {
    let caller = registry.writer(call)?;
    let mut body = call.body()?;
    if body.has("tfa") {
        if body.len() > 1 {
            return Err(Refusal::shape("`tfa` has to be sent alone."));
        }
        return tfa::write(registry, &caller, call, body.value("tfa"));
    }
    let account = registry.account(&caller);
    let email = email(&mut body, account)?;
    let fields = fields(&mut body)?;
    let cidr = cidr(&mut body, call)?;
    let password = password(&mut body, account, call)?;
    let matter = if password.is_some() {
        Matter::Protection
    } else {
        Matter::Account
    };
    registry.second_factor(&caller, call, matter)?;

    let policy = registry.rules.policy;
    let account = registry.account(&caller);
    if let Some(email) = email {
        account.email = email;
        account.email_verified = false;
        account.mailed.clear();
        if policy == Policy::Npmjs {
            account.hold = Some(Hold::new(Cause::Address, call.now));
        }
    }
    account.fields = fields;
    if let Some(cidr) = cidr {
        account.cidr = cidr;
    }
    if let Some(password) = password {
        account.set_password(password);
    }
    account.touch(call.now);
    Reply::ok(&shown(account))
}

/// The new address, if it is another one. An account is never without.
fn email(body: &mut Body, account: &Account) -> Result<Option<String>, Refusal> {
    let cleared = body.has("email");
    match body.text("email")? {
        None if cleared => Err(Refusal::bad(
            "An account needs an e-mail address: it can be changed, not cleared.",
        )),
        None => Ok(None),
        Some(email) => {
            email_rules(&email)?;
            Ok((email != account.email).then_some(email))
        }
    }
}

fn fields(body: &mut Body) -> Result<[Option<String>; 5], Refusal> {
    let mut fields = [const { None }; 5];
    for (field, key) in fields.iter_mut().zip(FIELDS) {
        *field = body.text(key)?.filter(|text| !text.is_empty());
    }
    Ok(fields)
}

/// The ranges that the account may be used from, if they were sent.
fn cidr(body: &mut Body, call: &Call) -> Result<Option<Vec<Range>>, Refusal> {
    if !body.has("cidr_whitelist") {
        return Ok(None);
    }
    let cidr = ranges(&body.list("cidr_whitelist")?)?;
    if !Range::allow(&cidr, call.peer) {
        return Err(Refusal::bad(
            "These ranges would lock you out: your own address is in none of them.",
        ));
    }
    Ok(Some(cidr))
}

/// The new password, if one was sent with the right old one.
fn password(
    body: &mut Body,
    account: &mut Account,
    call: &Call,
) -> Result<Option<Secret<String>>, Refusal> {
    let mut pair = match body.value("password") {
        None => return Ok(None),
        Some(Value::Object(map)) => Body::from(map),
        Some(other) => return Err(wrong(other, "password", "an object with `old` and `new`")),
    };
    let old = pair
        .secret("old")?
        .ok_or_else(|| Refusal::password("The current password is needed to set another."))?;
    let new = pair
        .secret("new")?
        .ok_or_else(|| Refusal::shape("`password` needs `new`."))?;
    account.check_password(&old, call.now)?;
    Account::password_rules(&account.name, &new)?;
    if old.matches(&new) {
        return Err(Refusal::bad(
            "The new password is the same as the current one.",
        ));
    }
    Ok(Some(new))
}

fn shown(account: &Account) -> Value {
    let tfa = match &account.tfa {
        Tfa::Off => Value::Null,
        Tfa::Pending { level, .. } => json!({ "mode": level.word(), "pending": true }),
        Tfa::On { level, .. } => json!({ "mode": level.word(), "pending": false }),
    };
    let mut shown = json!({
        "tfa": tfa,
        "name": account.name,
        "email": account.email,
        "email_verified": account.email_verified,
        "created": account.created,
        "updated": account.updated,
        "cidr_whitelist": (!account.cidr.is_empty()).then_some(&account.cidr),
    });
    for (key, value) in FIELDS.iter().zip(&account.fields) {
        shown[*key] = json!(value);
    }
    shown
}
