//! A plausible account to begin with. The person and the packages are invented.

use jiff::{SignedDuration, Timestamp};

use super::account::{Account, Registry, Rules, Tfa};
use super::options::StartTfa;
use super::random;
use super::shelf::{Draft, Permission, Range, Scope};
use super::tfa::enrolment;
use super::tokens::ranges;
use crate::domain::secret::Secret;
use crate::domain::tfa::Level;

/// What the process that started the registry needs to know of the account.
pub(super) struct Seeded {
    pub(super) account: usize,
    pub(super) username: String,
    pub(super) email: String,
    pub(super) password: Secret<String>,
    pub(super) token: Secret<String>,
    /// With a second factor from the start.
    pub(super) otpauth: Option<Secret<String>>,
    pub(super) recovery: Vec<Secret<String>>,
}

/// What a seeded token is for.
enum Kind {
    Publish,
    ReadOnly,
    Automation,
    Packages(&'static str, &'static [&'static str]),
    Orgs(&'static str, &'static [&'static str]),
}

/// A seeded token; times in hours before now, `expires` in hours after it.
struct Plan {
    name: Option<&'static str>,
    description: Option<&'static str>,
    kind: Kind,
    cidr: &'static [&'static str],
    age: i64,
    used: Option<i64>,
    expires: Option<i64>,
}

const DAY: i64 = 24;

const fn plan(name: &'static str, kind: Kind, age: i64, used: Option<i64>) -> Plan {
    Plan {
        name: Some(name),
        description: None,
        kind,
        cidr: &[],
        age,
        used,
        expires: None,
    }
}

/// The newest first. The session's own token comes before them.
const PLANS: [Plan; 11] = [
    Plan {
        description: Some("Reads private packages for the preview site"),
        expires: Some(24 * DAY),
        ..plan(
            "docs preview",
            Kind::Packages("read", &["@marlow"]),
            6 * DAY,
            Some(DAY),
        )
    },
    Plan {
        name: None,
        ..plan("", Kind::Publish, 19 * DAY, Some(3 * DAY))
    },
    Plan {
        cidr: &["192.0.2.0/24"],
        ..plan("read mirror", Kind::ReadOnly, 33 * DAY, Some(2))
    },
    plan("nightly builds", Kind::Automation, 58 * DAY, Some(9)),
    Plan {
        expires: Some(76 * DAY),
        ..plan(
            "org housekeeping",
            Kind::Orgs("write", &["marlow-labs"]),
            64 * DAY,
            Some(20 * DAY),
        )
    },
    Plan {
        description: Some("Publishes kettle from the release workflow"),
        expires: Some(3 * DAY),
        ..plan(
            "release workflow",
            Kind::Packages("write", &["kettle-cli", "kettle-core"]),
            87 * DAY,
            Some(2 * DAY),
        )
    },
    Plan {
        expires: Some(-10 * DAY),
        ..plan(
            "trial of the new CI",
            Kind::Packages("write", &["kettle-core"]),
            100 * DAY,
            None,
        )
    },
    plan(
        "publish from workstation",
        Kind::Publish,
        204 * DAY,
        Some(40 * DAY),
    ),
    Plan {
        cidr: &["198.51.100.7/32", "203.0.113.0/24"],
        ..plan("deploy hook", Kind::Automation, 289 * DAY, Some(DAY))
    },
    Plan {
        name: None,
        ..plan("", Kind::Publish, 377 * DAY, None)
    },
    plan("static site", Kind::ReadOnly, 801 * DAY, None),
];

/// Sets the account up with `tokens` tokens, at least that of its own session.
pub(super) fn account(
    registry: &mut Registry,
    tokens: usize,
    tfa: StartTfa,
    now: Timestamp,
) -> Seeded {
    let username = "tess-marlow".to_owned();
    let email = "tess.marlow@mail.example".to_owned();
    let password = random::password();
    let mut account = Account::new(
        username.clone(),
        email.clone(),
        Secret::from(password.expose().as_str()),
        before(now, 1204 * DAY),
    );
    account.email_verified = true;
    account.updated = before(now, 41 * DAY);
    // In the order of `FIELDS`.
    account.fields = [
        Some("Tess Marlow".to_owned()),
        Some("https://tess-marlow.example".to_owned()),
        Some("tessm".to_owned()),
        Some("tess_marlow".to_owned()),
        Some("tess-marlow".to_owned()),
    ];
    let (otpauth, recovery) = second_factor(&mut account, &registry.rules, tfa);
    registry.accounts.push(account);
    let owner = registry.accounts.len() - 1;

    for index in (0..tokens.saturating_sub(1)).rev() {
        add(registry, owner, index, now);
    }
    let session = registry.shelf.add(owner, Draft::default(), before(now, 2));
    let token = registry.shelf.get_mut(session).map(|token| {
        token.accessed = Some(now);
        Secret::from(token.value.expose().as_str())
    });
    Seeded {
        account: owner,
        username,
        email,
        password,
        token: token.expect("the token was put on the shelf two lines above"),
        otpauth,
        recovery,
    }
}

/// Gives the account its second factor; the address for an authenticator, and the recovery codes.
fn second_factor(
    account: &mut Account,
    rules: &Rules,
    tfa: StartTfa,
) -> (Option<Secret<String>>, Vec<Secret<String>>) {
    if tfa == StartTfa::Off {
        return (None, Vec::new());
    }
    let (totp, url) = enrolment(rules, &account.name);
    let StartTfa::On(level) = tfa else {
        let level = Level::AuthAndWrites;
        account.tfa = Tfa::Pending { totp, level };
        return (Some(url), Vec::new());
    };
    let recovery = random::recovery_codes();
    let copy = |code: &Secret<String>| Secret::from(code.expose().as_str());
    let known = recovery.iter().map(copy).collect();
    account.tfa = Tfa::On {
        totp,
        level,
        recovery,
        served: None,
        web: Vec::new(),
    };
    (Some(url), known)
}

/// Adds one token, counted from the newest. After the planned ones they repeat, each an hour
/// older than the one before, with a number in their name.
fn add(registry: &mut Registry, owner: usize, index: usize, now: Timestamp) {
    let plan = &PLANS[index % PLANS.len()];
    let (name, age) = if index < PLANS.len() {
        (plan.name.map(str::to_owned), plan.age)
    } else {
        let round = index / PLANS.len() + 1;
        let beyond = i64::try_from(index - PLANS.len() + 1).unwrap_or(0);
        let oldest = PLANS[PLANS.len() - 1].age;
        (
            plan.name.map(|name| format!("{name} {round}")),
            oldest + beyond,
        )
    };
    let (permissions, scopes) = match plan.kind {
        Kind::Publish | Kind::ReadOnly | Kind::Automation => (Vec::new(), Vec::new()),
        Kind::Packages(action, names) => (
            vec![Permission {
                name: "package",
                action,
            }],
            scopes("package", names),
        ),
        Kind::Orgs(action, names) => (
            vec![Permission {
                name: "org",
                action,
            }],
            scopes("org", names),
        ),
    };
    let reads = matches!(
        plan.kind,
        Kind::ReadOnly | Kind::Packages("read", _) | Kind::Orgs("read", _)
    );
    let draft = Draft {
        name,
        description: plan.description.map(str::to_owned),
        readonly: reads,
        bypass_2fa: matches!(plan.kind, Kind::Automation),
        cidr: cidr(plan.cidr),
        expires: plan.expires.map(|hours| before(now, -hours)),
        permissions,
        scopes,
    };
    let created = before(now, age);
    let id = registry.shelf.add(owner, draft, created);
    if let Some(token) = registry.shelf.get_mut(id) {
        token.accessed = plan.used.map(|hours| before(now, hours));
    }
}

fn scopes(kind: &'static str, names: &[&str]) -> Vec<Scope> {
    let kind = |name: &str| if name.starts_with('@') { "scope" } else { kind };
    names
        .iter()
        .map(|name| Scope {
            kind: kind(name),
            name: (*name).to_owned(),
        })
        .collect()
}

fn cidr(texts: &[&str]) -> Vec<Range> {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    ranges(&texts).expect("the ranges above are in CIDR form")
}

fn before(now: Timestamp, hours: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(hours))
        .unwrap_or(now)
}
