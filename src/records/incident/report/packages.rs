//! The packages: what is new of them, and by which tokens that could have been published.

use jiff::Timestamp;

use super::Page;
use super::words::{code, said, time, token};
use crate::domain::incident::{Incident, PackageFacts};
use crate::domain::package::{PackageChange, changes};
use crate::domain::text::Text;
use crate::domain::token::Token;

/// What was published less than so many seconds before it began is worth a second look.
const LATELY: i64 = 7 * 24 * 3600;

impl Page {
    pub(super) fn packages(&mut self, incident: &Incident) {
        self.title("Packages");
        let now = match incident.known_packages() {
            Some((Ok(now), _)) => now,
            Some((Err(why), _)) => {
                self.line(said(why));
                return;
            }
            None => {
                self.line("They were not looked at.");
                return;
            }
        };
        let before = incident.snapshot.as_ref();
        let before = before.and_then(|snapshot| snapshot.packages.as_ref().ok());
        match (&incident.packages, before) {
            (Some(Ok(now)), Some(before)) => {
                let different = changes(before, now);
                for (name, changes) in &different {
                    let changes: Vec<_> = changes.iter().map(change).collect();
                    self.item(format!("**{}**: {}", code(name), changes.join("; ")));
                }
                if different.is_empty() {
                    self.line("No difference between the beginning and the end was seen.\n");
                }
            }
            (Some(Err(why)), _) => self.line(format!(
                "As they were when this began; they were not read again: {}\n",
                said(why)
            )),
            _ => {}
        }
        for package in now {
            self.package(package);
            for (version, at) in &package.recent {
                self.published(incident, version, *at);
            }
        }
        if now.is_empty() {
            self.line("The account has none.");
        }
    }

    /// A version that was published lately; which token that may write was the newest then, and which needed no second
    /// factor for it. What was kept may have done it as well as what went.
    fn published(&mut self, incident: &Incident, version: &Text, at: Timestamp) {
        if incident.began.as_second() - at.as_second() > LATELY {
            return;
        }
        let kept = incident.kept.iter().map(|token| (token, true));
        let rows = incident.rows.iter().map(|row| (&row.token, false));
        let mut known: Vec<(Timestamp, &Token, bool)> = rows
            .chain(kept)
            .filter(|(token, _)| token.writes())
            .filter_map(|(token, kept)| Some((token.created?.at(), token, kept)))
            .filter(|(made, ..)| *made <= at)
            .collect();
        known.sort_by_key(|(made, ..)| *made);
        let named = |(made, it, kept): &(Timestamp, &Token, bool)| {
            let alive = if *kept { ", **kept and alive**" } else { "" };
            format!("{}{alive}, made {}", token(it), time(*made))
        };
        let mut words = known.last().map_or_else(String::new, |newest| {
            format!("; the newest token then: {}", named(newest))
        });
        let newest = known.pop();
        let bypass: Vec<_> = known
            .iter()
            .rev()
            .filter(|(_, token, _)| token.bypass_2fa)
            .map(named)
            .collect();
        if newest.is_some() && !bypass.is_empty() {
            words = format!(
                "{words}; without the second factor also by {}",
                bypass.join(" or ")
            );
        }
        self.line(format!(
            "  - **published lately**: {}, {}{words}",
            code(version),
            time(at)
        ));
    }

    fn package(&mut self, package: &PackageFacts) {
        let mut facts = Vec::new();
        if let Some((version, at)) = &package.latest {
            let at = at.map(|at| format!(" of {}", time(at))).unwrap_or_default();
            facts.push(format!("latest {}{at}", code(version)));
        }
        if let Some((version, at)) = package.recent.first() {
            facts.push(format!("published last {}, {}", code(version), time(*at)));
        }
        if !package.owners.is_empty() {
            let owners: Vec<_> = package.owners.iter().map(code).collect();
            facts.push(format!("owners {}", owners.join(", ")));
        }
        facts.extend(package.unread.as_ref().map(said));
        self.item(format!("{}: {}", code(&package.name), facts.join("; ")));
    }
}

fn change(change: &PackageChange) -> String {
    match change {
        PackageChange::Appeared => "was not there before".to_owned(),
        PackageChange::Gone => "is not the account's any more".to_owned(),
        PackageChange::Version(version, at) => {
            format!("new version {}, {}", code(version), time(*at))
        }
        PackageChange::Latest(was, is) => format!("latest was {}, is {}", code(was), code(is)),
        PackageChange::OwnerAdded(name) => format!("new owner {}", code(name)),
        PackageChange::OwnerGone(name) => format!("owner {} is gone", code(name)),
        PackageChange::Access(was, is) => format!("access was {}, is {}", code(was), code(is)),
    }
}
