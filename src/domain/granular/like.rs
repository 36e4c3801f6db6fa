//! A new token like one that is listed, for its rotation (requirement E4).

use ipnet::Ipv4Net;
use jiff::Timestamp;

use super::{Granular, MOST_DAYS, Permission, Spec};
use crate::domain::cidr::{nets, ranges};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;
use crate::domain::token::Token;

/// How much of an old name a new one begins with, at most.
const NAME: usize = 200;

/// A token like this one, and what could not be carried over, a sentence each.
///
/// Fails where the new one would be allowed more than the old one, or where the list does not tell what the old one
/// may do: then the person says what it is to be.
pub fn like(old: &Token, now: Timestamp) -> Result<(Spec, Vec<Text>), Failure> {
    if old.revoked.is_some() {
        return Err(cannot(
            "It is revoked already, so there is nothing to rotate.",
        ));
    }
    let listed: Vec<_> = old
        .cidr
        .iter()
        .flat_map(|text| ranges(text.as_str()))
        .collect();
    let cidr = nets(&listed).ok_or_else(|| {
        cannot("It is limited to addresses that are no IPv4 ranges, and a new one cannot be.")
    })?;
    if old.permissions.is_empty() && old.scopes.is_empty() {
        return Ok(classic(old, cidr));
    }
    granular(old, cidr, now)
}

fn classic(old: &Token, cidr: Vec<Ipv4Net>) -> (Spec, Vec<Text>) {
    let mut lost = Vec::new();
    if let Some(name) = old.name.as_ref().filter(|name| !name.is_empty()) {
        lost.push(Text::new(&format!(
            "The new one has no name: a token of this kind is made without one (the old one is {}).",
            name.quoted(44)
        )));
    }
    if old.expires.is_some() {
        lost.push(Text::from(
            "The new one does not lapse by itself: a token of this kind is made without a date.",
        ));
    }
    if old.bypass_2fa {
        lost.push(Text::from(
            "The new one does not skip the second factor, as the old one does.",
        ));
    }
    let readonly = !old.writes();
    (Spec::Classic { readonly, cidr }, lost)
}

fn granular(old: &Token, cidr: Vec<Ipv4Net>, now: Timestamp) -> Result<(Spec, Vec<Text>), Failure> {
    let mut lost = Vec::new();
    let mut form = Granular {
        orgs_permission: Permission::NoAccess,
        packages_permission: Permission::NoAccess,
        cidr,
        bypass_2fa: old.bypass_2fa,
        description: words(old.description.as_deref()),
        ..Granular::default()
    };
    for (subject, action) in &old.permissions {
        let permission = permission(action.as_str(), old.readonly);
        match subject.as_str() {
            "package" | "packages" | "scope" | "scopes" => {
                form.packages_permission = wider(form.packages_permission, permission);
            }
            "org" | "orgs" | "organization" => {
                form.orgs_permission = wider(form.orgs_permission, permission);
            }
            _ => lost.push(Text::new(&format!(
                "What it may do with {} ({}) is not carried over: npm-warden does not know how to ask for it.",
                subject.quoted(44),
                action.cut(44)
            ))),
        }
    }
    for (kind, name) in &old.scopes {
        let name = name.as_str();
        match kind.as_str() {
            "org" | "organization" => form.orgs.push(name.trim_start_matches('@').to_owned()),
            "package" | "packages" | "scope" | "scopes" if name == "*" => form.all_packages = true,
            "package" | "scope" | "packages" | "scopes" => match scope_of(kind.as_str(), name) {
                Some(scope) => form.scopes.push(scope),
                None => form.packages.push(name.to_owned()),
            },
            _ => lost.push(Text::new(&format!(
                "{} is not carried over: npm-warden does not know what a {} is.",
                Text::new(name).quoted(44),
                kind.quoted(44)
            ))),
        }
    }
    if form.all_packages {
        form.packages.clear();
        form.scopes.clear();
    }
    // Where no permission is listed, reading is what a list of packages allows.
    let of_packages = form.all_packages || !form.packages.is_empty() || !form.scopes.is_empty();
    if old.permissions.is_empty() {
        if !old.readonly {
            return Err(cannot("The registry does not list what it may do."));
        }
        let reads = |any: bool| {
            if any {
                Permission::ReadOnly
            } else {
                Permission::NoAccess
            }
        };
        form.packages_permission = reads(of_packages);
        form.orgs_permission = reads(!form.orgs.is_empty());
    }
    // What may be done with nothing needs not be asked for, nor what nothing may be done with.
    if form.packages_permission == Permission::NoAccess || !of_packages {
        form.packages_permission = Permission::NoAccess;
        form.all_packages = false;
        form.packages.clear();
        form.scopes.clear();
    }
    if form.orgs_permission == Permission::NoAccess || form.orgs.is_empty() {
        form.orgs_permission = Permission::NoAccess;
        form.orgs.clear();
    }
    let nothing = form.packages_permission == Permission::NoAccess;
    if nothing && form.orgs_permission == Permission::NoAccess {
        return Err(cannot("The registry does not list what it is for."));
    }
    form.name = name(old, now);
    form.days = days(old, form.writes(), &mut lost);
    Ok((Spec::Granular(Box::new(form)), lost))
}

fn permission(action: &str, readonly: bool) -> Permission {
    if action.contains("stage") {
        Permission::StageOnly
    } else if action.contains("write") && !readonly {
        Permission::ReadWrite
    } else if action.contains("read") || action.contains("write") {
        Permission::ReadOnly
    } else {
        Permission::NoAccess
    }
}

/// Several entries for one subject add up.
const fn wider(one: Permission, other: Permission) -> Permission {
    const fn rank(permission: Permission) -> u8 {
        match permission {
            Permission::NoAccess => 0,
            Permission::ReadOnly => 1,
            Permission::StageOnly => 2,
            Permission::ReadWrite => 3,
        }
    }
    if rank(one) >= rank(other) { one } else { other }
}

/// A scope, however it is listed: `@scope`, `@scope/*`, or `scope` of that kind.
fn scope_of(kind: &str, name: &str) -> Option<String> {
    let name = name.strip_suffix("/*").unwrap_or(name);
    if name.contains('/') {
        return None;
    }
    if name.starts_with('@') {
        return Some(name.to_owned());
    }
    kind.starts_with("scope").then(|| format!("@{name}"))
}

/// The old name with today's date behind it, so that the two can be told apart; some registries take each name once.
fn name(old: &Token, now: Timestamp) -> String {
    let whole = words(old.name.as_ref());
    let base = whole
        .rsplit_once(' ')
        .filter(|(_, tail)| is_mark(tail))
        .map_or(whole.as_str(), |(base, _)| base)
        .trim();
    let base = if base.is_empty() { "token" } else { base };
    let base: String = base.chars().take(NAME).collect();
    let today = format!("{base} {}", now.strftime("%Y-%m-%d"));
    if today == whole {
        return format!("{base} {}", now.strftime("%Y-%m-%dT%H:%M:%S"));
    }
    today
}

/// Whether that is what [`name`] puts behind a name.
fn is_mark(tail: &str) -> bool {
    let date = tail.split_once('T').map_or(tail, |(date, _)| date);
    date.len() == 10 && date.parse::<jiff::civil::Date>().is_ok()
}

/// As many days as the old one had from its creation.
fn days(old: &Token, writes: bool, lost: &mut Vec<Text>) -> Option<u32> {
    let had = old.expires.zip(old.created).map(|(expires, created)| {
        let hours = expires.at().duration_since(created.at()).as_hours();
        u32::try_from((hours + 12) / 24).unwrap_or_default().max(1)
    });
    match (had, writes) {
        (Some(days), true) if days > MOST_DAYS => {
            lost.push(Text::new(&format!(
                "It lasts {MOST_DAYS} days and not {days}, which is the most for a token that may write."
            )));
            Some(MOST_DAYS)
        }
        (Some(days), _) => Some(days),
        (None, true) => {
            lost.push(Text::new(&match old.expires {
                None => format!(
                    "It lasts {MOST_DAYS} days, the most for a token that may write; the old one does not lapse."
                ),
                Some(_) => format!(
                    "It lasts {MOST_DAYS} days: the registry does not tell how long the old one was to last."
                ),
            }));
            Some(MOST_DAYS)
        }
        (None, false) => {
            lost.push(Text::from(
                "How long it lasts is left to the registry: the list does not tell how long the old one was to.",
            ));
            None
        }
    }
}

fn words(text: Option<&Text>) -> String {
    text.map(|text| text.as_str().to_owned())
        .unwrap_or_default()
}

fn cannot(what: &str) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!("No token like this one can be asked for. {what}"),
        "Make a new one that does what is needed, put it where this one is used, and revoke this one.",
    )
}
