//! What a new token would be, in one sentence, to be read before it is made.

use jiff::{SignedDuration, Timestamp};

use super::{Granular, Permission, Spec};
use crate::domain::text::Text;
use crate::domain::token;

/// How many names a sentence repeats of each kind; of more, the rest is counted.
const NAMED: usize = 4;
/// The most cells of one name.
const SHOWN: usize = 44;

impl Spec {
    /// What a program that works by such a token is refused ([`token::Token::limits`]).
    pub const fn limits(&self) -> Option<&'static str> {
        match self {
            Self::Classic { readonly, .. } => token::limits(*readonly, false),
            Self::Granular(_) => token::limits(false, true),
        }
    }

    /// What it may do, with what, from where, until when, and whether the second factor is skipped.
    pub fn sentence(&self, account: &Text, now: Timestamp) -> String {
        match self {
            Self::Classic { readonly, .. } => {
                let may = if *readonly {
                    "read everything that"
                } else {
                    "do everything that"
                };
                let publish = if *readonly {
                    ""
                } else {
                    ", publishing included"
                };
                format!(
                    "It may {may} {} may{publish}, {}, until it is revoked; it does not skip the second factor.",
                    whose(account),
                    self.origin()
                )
            }
            Self::Granular(form) => form.sentence(account, now),
        }
    }

    /// From where.
    fn origin(&self) -> String {
        let nets = self.cidr();
        if nets.is_empty() || nets.iter().any(|net| net.prefix_len() == 0) {
            return "from anywhere".to_owned();
        }
        let nets: Vec<_> = nets.iter().map(ToString::to_string).collect();
        format!("from {} only", and(&nets))
    }
}

impl Granular {
    /// What it may do, with what, from where, until when, and whether the second factor is skipped.
    pub fn sentence(&self, account: &Text, now: Timestamp) -> String {
        let mut may = Vec::new();
        match self.packages_permission {
            Permission::NoAccess => {}
            permission => may.push(format!(
                "{} {}",
                match permission {
                    Permission::ReadWrite => "read and publish",
                    Permission::StageOnly => "read, and publish to the stage alone,",
                    Permission::NoAccess | Permission::ReadOnly => "read",
                },
                self.what(account)
            )),
        }
        if self.orgs_permission != Permission::NoAccess && !self.orgs.is_empty() {
            may.push(format!(
                "{} {}",
                if self.orgs_permission.writes() {
                    "read and change the members and teams of"
                } else {
                    "read the members and teams of"
                },
                listed("the organization", "the organizations", &self.orgs)
            ));
        }
        let may = match may.len() {
            0 => "may do nothing".to_owned(),
            _ => format!("may {}", may.join(", and ")),
        };
        let bypass = if self.bypass_2fa {
            "it SKIPS the second factor"
        } else {
            "it does not skip the second factor"
        };
        let origin = Spec::Granular(Box::new(Self {
            cidr: self.cidr.clone(),
            ..Self::default()
        }))
        .origin();
        format!("It {may}, {origin}, {}; {bypass}.", self.until(now))
    }

    /// The packages and scopes.
    fn what(&self, account: &Text) -> String {
        if self.all_packages {
            return format!("all packages of {}, those to come as well", whose(account));
        }
        let mut what = Vec::new();
        if !self.packages.is_empty() {
            what.push(listed("the package", "the packages", &self.packages));
        }
        if !self.scopes.is_empty() {
            what.push(listed(
                "all packages of the scope",
                "all packages of the scopes",
                &self.scopes,
            ));
        }
        if what.is_empty() {
            return "no package yet".to_owned();
        }
        what.join(" and ")
    }

    fn until(&self, now: Timestamp) -> String {
        let Some(days) = self.days else {
            return "as long as the registry lets it last".to_owned();
        };
        let plural = if days == 1 { "day" } else { "days" };
        match now.checked_add(SignedDuration::from_hours(i64::from(days) * 24)) {
            Ok(at) => format!("until {} ({days} {plural})", at.strftime("%Y-%m-%d")),
            Err(_) => format!("for {days} {plural}"),
        }
    }
}

fn whose(account: &Text) -> String {
    match account.cut(SHOWN) {
        name if name.is_empty() => "the account".to_owned(),
        name => name,
    }
}

fn listed(one: &str, several: &str, names: &[String]) -> String {
    let kind = if names.len() == 1 { one } else { several };
    let mut shown: Vec<_> = names
        .iter()
        .take(NAMED)
        .map(|name| Text::new(name).cut(SHOWN))
        .collect();
    if names.len() > NAMED {
        shown.push(format!("{} more", names.len() - NAMED));
    }
    format!("{kind} {}", and(&shown))
}

/// "a", "a and b", "a, b and c".
fn and(parts: &[String]) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
