//! What a new token is to be, in the words of old and of today.

use ipnet::Ipv4Net;
use jiff::{SignedDuration, Timestamp, civil};
use serde_json::Value;

use super::body::{Body, wrong};
use super::options::Policy;
use super::reply::Refusal;
use super::shelf::{Draft, Permission, Range, Scope};

/// How many names of one kind a granular token takes.
const MOST: usize = 50;

/// What a token may do with packages and scopes.
const PACKAGES: &str = "packages_and_scopes_permission";

/// Publishing to the stage alone, which npm's registry takes since September 2026, for packages and scopes.
const STAGE: &str = "read-write-stage-only";

/// How many days a token lasts that is not told otherwise, if it may write and if it may only read.
const DEFAULT_DAYS: [i64; 2] = [7, 30];

/// The most days of a token that may write.
const MOST_DAYS: i64 = 90;

/// To a request for a token of the old kind, which names none of what a granular one needs. Ours: npm
/// documents that there are none any more, not the words.
const NO_CLASSIC: &str = "Classic tokens can no longer be created. A granular token needs a name, and packages, scopes or organizations.";

/// Reads a body by the rules of a policy.
pub(super) fn draft(body: &mut Body, policy: Policy, now: Timestamp) -> Result<Draft, Refusal> {
    match policy {
        Policy::Classic => classic(body, now),
        Policy::Npmjs => granular(body, now),
    }
}

/// A granular token as npm's registry has them in 2026. The words are npm's own where nothing else is said.
fn granular(body: &mut Body, now: Timestamp) -> Result<Draft, Refusal> {
    let refused = |words: &str| Err(Refusal::bad(words));
    if !body.has("name") {
        return refused(NO_CLASSIC);
    }
    let has_name = body.get("name").is_some_and(|name| {
        // What is no text is refused as such further down.
        name.as_str().is_none_or(|name| !name.trim().is_empty())
    });
    if !has_name {
        return refused("Token name is required");
    }
    let mut listed = [0; 3];
    for (listed, (key, what)) in listed.iter_mut().zip([
        ("packages", "Packages"),
        ("scopes", "Scopes"),
        ("orgs", "Organizations"),
    ]) {
        *listed = match body.get(key) {
            None => 0,
            Some(Value::Array(names)) => names.len(),
            Some(_) => return refused(&format!("{what} must be an array")),
        };
    }
    let [mut packages, scopes, orgs] = listed;
    if body.get("packages_all") == Some(&Value::Bool(true)) {
        packages += 1;
    }
    let of_packages = permission(body, PACKAGES)?;
    let of_orgs = permission(body, "orgs_permission")?;
    let grants = |given: Option<&str>| given.is_some_and(|given| given != "no-access");
    if grants(of_packages) && packages + scopes == 0 {
        return refused(
            "You must select at least one package or scope if granting package/scopes permissions to this token.",
        );
    }
    if grants(of_orgs) && orgs == 0 {
        return refused(
            "You must select at least one organization if granting organization permissions to this token.",
        );
    }
    if packages + scopes + orgs == 0 {
        return refused(
            "You must have at least one package / scope or organization added to this token.",
        );
    }
    // Of the old kind, and of no effect here.
    drop(body.value("readonly"));
    let mut draft = classic(body, now)?;
    if draft.permissions.is_empty() {
        return refused("Please select at least one: package, scope or organization.");
    }
    let subject = |scope: &Scope| {
        if scope.kind == "org" {
            "org"
        } else {
            "package"
        }
    };
    (draft.scopes).retain(|scope| draft.permissions.iter().any(|p| p.name == subject(scope)));

    let in_days = |days: i64| now.checked_add(SignedDuration::from_hours(days * 24)).ok();
    let [writes, reads] = DEFAULT_DAYS;
    let default = in_days(if draft.readonly { reads } else { writes });
    draft.expires = draft.expires.or(default);
    if !draft.readonly && draft.expires > in_days(MOST_DAYS) {
        return refused("Read-write tokens cannot have expiration longer than 90 days");
    }
    Ok(draft)
}

/// One permission of a granular token, if it was sent.
fn permission<'a>(body: &'a Body, key: &str) -> Result<Option<&'a str>, Refusal> {
    match body
        .get(key)
        .map(|value| value.as_str().unwrap_or_default())
    {
        None => Ok(None),
        Some(word @ ("no-access" | "read-only" | "read-write")) => Ok(Some(word)),
        Some(STAGE) if key == PACKAGES => Ok(Some(STAGE)),
        Some(_) => {
            let stage = if key == PACKAGES {
                ", read-write-stage-only"
            } else {
                ""
            };
            Err(Refusal::bad(format!(
                "Invalid {key}. Must be one of: no-access, read-only, read-write{stage}"
            )))
        }
    }
}

fn classic(body: &mut Body, now: Timestamp) -> Result<Draft, Refusal> {
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
        PACKAGES,
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
    let reads = !scopes.is_empty() && permissions.iter().all(|p: &Permission| !p.writes());
    Ok(Draft {
        name,
        description: description.filter(|text| !text.is_empty()),
        readonly: body.flag("readonly")?.unwrap_or(false) || reads,
        unlisted: false,
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
        Some("read-only" | "read-write" | STAGE) if listed == 0 => {
            return Err(Refusal::bad(
                "You must have at least one package / scope or organization added to this token.",
            ));
        }
        None | Some("read-only") => "read",
        Some("read-write") => "write",
        // Ours: how npm's registry lists it is not documented.
        Some(STAGE) if key == PACKAGES => "write-stage-only",
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
