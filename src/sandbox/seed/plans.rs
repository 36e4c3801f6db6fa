//! The tokens that the account begins with.

use jiff::Timestamp;

use super::before;
use crate::sandbox::draft::ranges;
use crate::sandbox::options::Policy;
use crate::sandbox::shelf::{Draft, Permission, Range, Scope, Shelf};

/// What a seeded token is for.
enum Kind {
    Publish,
    ReadOnly,
    Automation,
    /// Granular, and past the second factor.
    Bypass(&'static [&'static str]),
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

impl Plan {
    fn reads(&self) -> bool {
        matches!(
            self.kind,
            Kind::ReadOnly | Kind::Packages("read", _) | Kind::Orgs("read", _)
        )
    }
}

pub(super) const DAY: i64 = 24;

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

/// Of both policies.
const DOCS_PREVIEW: Plan = Plan {
    description: Some("Reads private packages for the preview site"),
    expires: Some(24 * DAY),
    ..plan(
        "docs preview",
        Kind::Packages("read", &["@marlow"]),
        6 * DAY,
        Some(DAY),
    )
};

/// The same, and over.
const TRIAL: Plan = Plan {
    expires: Some(-10 * DAY),
    ..plan(
        "trial of the new CI",
        Kind::Packages("write", &["kettle-core"]),
        100 * DAY,
        None,
    )
};

/// The newest first. The session's own token comes before them.
const CLASSIC: [Plan; 11] = [
    DOCS_PREVIEW,
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
    TRIAL,
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

/// The same with granular tokens alone, and none that may write for longer than it is allowed to.
const NPMJS: [Plan; 11] = [
    Plan {
        description: Some("Publishes kettle from the release workflow"),
        expires: Some(3 * DAY),
        ..plan(
            "release workflow",
            Kind::Packages("write", &["kettle-cli", "kettle-core"]),
            4 * DAY,
            Some(2),
        )
    },
    DOCS_PREVIEW,
    Plan {
        expires: Some(71 * DAY),
        ..plan(
            "publish from workstation",
            Kind::Packages("write", &["*"]),
            19 * DAY,
            Some(3 * DAY),
        )
    },
    Plan {
        cidr: &["192.0.2.0/24"],
        expires: Some(332 * DAY),
        ..plan(
            "read mirror",
            Kind::Packages("read", &["*"]),
            33 * DAY,
            Some(2),
        )
    },
    Plan {
        expires: Some(32 * DAY),
        ..plan(
            "nightly builds",
            Kind::Bypass(&["kettle-nightly"]),
            58 * DAY,
            Some(9),
        )
    },
    Plan {
        expires: Some(26 * DAY),
        ..plan(
            "org housekeeping",
            Kind::Orgs("write", &["marlow-labs"]),
            64 * DAY,
            Some(20 * DAY),
        )
    },
    Plan {
        cidr: &["198.51.100.7/32", "203.0.113.0/24"],
        expires: Some(12),
        ..plan(
            "deploy hook",
            Kind::Bypass(&["@marlow"]),
            89 * DAY,
            Some(DAY),
        )
    },
    TRIAL,
    Plan {
        expires: Some(161 * DAY),
        ..plan(
            "who is in the org",
            Kind::Orgs("read", &["marlow-labs"]),
            204 * DAY,
            Some(40 * DAY),
        )
    },
    Plan {
        expires: Some(353 * DAY),
        ..plan(
            "badge server",
            Kind::Packages("read", &["kettle-cli"]),
            377 * DAY,
            None,
        )
    },
    Plan {
        expires: Some(294 * DAY),
        ..plan(
            "static site",
            Kind::Packages("read", &["@marlow"]),
            801 * DAY,
            None,
        )
    },
];

/// Adds one token, counted from the newest. After the planned ones they repeat, each an hour
/// older than the one before, with a number in their name.
pub(super) fn add(shelf: &mut Shelf, policy: Policy, owner: usize, index: usize, now: Timestamp) {
    let plans = match policy {
        Policy::Classic => &CLASSIC,
        Policy::Npmjs => &NPMJS,
    };
    let (plan, name, age) = if let Some(plan) = plans.get(index) {
        (plan, plan.name.map(str::to_owned), plan.age)
    } else {
        let beyond = index - plans.len();
        // A granular token that may write never gets that old.
        let old = |plan: &&Plan| policy == Policy::Classic || plan.reads();
        let old: Vec<&Plan> = plans.iter().filter(old).collect();
        let plan = old[beyond % old.len()];
        let round = beyond / old.len() + 2;
        let oldest = plans[plans.len() - 1].age;
        let older = i64::try_from(beyond + 1).unwrap_or(0);
        let name = plan.name.map(|name| format!("{name} {round}"));
        (plan, name, oldest + older)
    };
    let (permissions, scopes) = match plan.kind {
        Kind::Publish | Kind::ReadOnly | Kind::Automation => (Vec::new(), Vec::new()),
        Kind::Bypass(names) => (
            vec![Permission {
                name: "package",
                action: "write",
            }],
            scopes("package", names),
        ),
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
    let draft = Draft {
        name,
        description: plan.description.map(str::to_owned),
        readonly: plan.reads(),
        unlisted: false,
        bypass_2fa: matches!(plan.kind, Kind::Automation | Kind::Bypass(_)),
        cidr: cidr(plan.cidr),
        expires: plan.expires.map(|hours| before(now, -hours)),
        permissions,
        scopes,
    };
    let created = before(now, age);
    let id = shelf.add(owner, draft, created);
    if let Some(token) = shelf.get_mut(id) {
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
