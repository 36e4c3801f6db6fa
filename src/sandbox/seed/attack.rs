//! An account that somebody else is in: for the rehearsal of an emergency.

use jiff::{SignedDuration, Timestamp};

use super::plans::DAY;
use crate::sandbox::account::Registry;
use crate::sandbox::options::Policy;
use crate::sandbox::shelf::{Draft, Permission, Scope};

/// After so many revocations the thief notices.
const NOTICES_AFTER: u32 = 3;

/// Who is in the account besides its owner.
pub(in crate::sandbox) struct Thief {
    account: usize,
    /// Its session, which no list shows.
    session: u64,
    /// How many tokens of the account were revoked.
    revoked: u32,
    reacted: bool,
}

/// Lets the thief in: what it took, what it made, and what it changed.
pub(in crate::sandbox) fn begin(registry: &mut Registry, account: usize, now: Timestamp) {
    let ago = |minutes: i64| {
        let past = now.checked_sub(SignedDuration::from_mins(minutes));
        past.unwrap_or(now)
    };
    // A token that was found somewhere, and is at work.
    let stolen = registry
        .shelf
        .of(account)
        .find(|token| token.draft.bypass_2fa && token.draft.cidr.is_empty() && !token.expired(now));
    let stolen = stolen.map(|token| token.key.clone());
    if let Some(token) = stolen
        .and_then(|key| registry.shelf.by_key_or_value(&key.into()))
        .and_then(|id| registry.shelf.get_mut(id))
    {
        token.accessed = Some(ago(3));
    }
    let session = Draft {
        unlisted: true,
        expires: now.checked_add(SignedDuration::from_hours(12)).ok(),
        ..Draft::default()
    };
    let session = registry.shelf.add(account, session, ago(47));
    // One looks like the program's own words, the other like nothing at all.
    make(
        registry,
        account,
        "✓ revoked   in use",
        true,
        ago(31),
        Some(ago(4)),
    );
    make(
        registry,
        account,
        "npm-cli-cache",
        false,
        ago(26),
        Some(ago(9)),
    );
    if let Some(account) = registry.accounts.get_mut(account) {
        account.email = String::from("tess.marlow@mai1.example");
        account.email_verified = false;
        account.updated = ago(44);
        account.revision += 1;
    }
    let kettle = registry.packages.iter_mut();
    if let Some(package) = kettle.into_iter().find(|one| one.name == "kettle-core") {
        package.owners.push("mara-toss".to_owned());
        package.publish("2.1.1", ago(12));
    }
    registry.thief = Some(Thief {
        account,
        session,
        revoked: 0,
        reacted: false,
    });
}

/// A token of the account was revoked. The thief sees it, and makes another one as long as its session lives.
pub(in crate::sandbox) fn revoked(registry: &mut Registry, account: usize, now: Timestamp) {
    let Some(thief) = registry
        .thief
        .as_mut()
        .filter(|thief| thief.account == account)
    else {
        return;
    };
    thief.revoked += 1;
    if thief.revoked < NOTICES_AFTER || thief.reacted {
        return;
    }
    let alive = registry.shelf.get(thief.session);
    if alive.is_some_and(|session| !session.expired(now)) {
        thief.reacted = true;
        make(registry, account, "backup", true, now, None);
    }
}

fn make(
    registry: &mut Registry,
    account: usize,
    name: &str,
    bypass_2fa: bool,
    created: Timestamp,
    used: Option<Timestamp>,
) {
    let granular = registry.rules.policy == Policy::Npmjs;
    let write = Permission {
        name: "package",
        action: "write",
    };
    let all = Scope {
        kind: "package",
        name: "*".to_owned(),
    };
    let draft = Draft {
        name: Some(name.to_owned()),
        bypass_2fa,
        expires: granular
            .then(|| {
                created
                    .checked_add(SignedDuration::from_hours(89 * DAY))
                    .ok()
            })
            .flatten(),
        permissions: granular.then_some(write).into_iter().collect(),
        scopes: granular.then_some(all).into_iter().collect(),
        ..Draft::default()
    };
    let id = registry.shelf.add(account, draft, created);
    if let Some(token) = registry.shelf.get_mut(id) {
        token.accessed = used;
    }
}
