//! What the registry would refuse of a granular token, seen before anything is sent.

use std::collections::BTreeSet;

use super::{Granular, Permission};
use crate::domain::text::{Text, cut};

/// The most packages and scopes together, and the most organizations, of one token.
pub const MOST_LISTED: usize = 50;
/// The most days of a token that may write.
pub const MOST_DAYS: u32 = 90;
/// The longest name of a package, in npm's rules.
const LONGEST: usize = 214;
/// The longest name and description of a token that are sent from here; npm documents no limit of its own.
const LONGEST_WORDS: usize = 255;
/// The most cells of what was typed that a sentence repeats.
const SHOWN: usize = 44;

/// A part of a granular token, in the order of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Its name.
    Name,
    /// Its description.
    Description,
    /// The packages, one by one or all.
    Packages,
    /// The scopes.
    Scopes,
    /// What it may do with packages and scopes.
    PackagesPermission,
    /// The organizations.
    Orgs,
    /// What it may do with organizations.
    OrgsPermission,
    /// How long it lasts.
    Days,
}

/// One thing that the registry would refuse, or that would not mean what it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where.
    pub part: Part,
    /// A sentence: what is wrong, or what to do.
    pub words: Text,
}

impl Granular {
    /// Everything that is wrong with it, in the order of [`Part`]; nothing when it may be sent.
    pub fn wrongs(&self) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        let mut wrong = |part, words: &str| {
            wrongs.push(Wrong {
                part,
                words: Text::new(words),
            });
        };
        self.words(&mut wrong);
        self.packages(&mut wrong);
        self.orgs(&mut wrong);
        match self.days {
            Some(0) => wrong(Part::Days, "It has to last a day at least."),
            Some(days) if self.writes() && days > MOST_DAYS => wrong(
                Part::Days,
                &format!("A token that may write lasts {MOST_DAYS} days at most."),
            ),
            _ => {}
        }
        wrongs.sort_by_key(|wrong| wrong.part);
        wrongs
    }

    fn words(&self, wrong: &mut impl FnMut(Part, &str)) {
        if self.name.trim().is_empty() {
            wrong(Part::Name, "It needs a name.");
        }
        for (part, what, words) in [
            (Part::Name, "The name", &self.name),
            (Part::Description, "The description", &self.description),
        ] {
            if words.chars().count() > LONGEST_WORDS {
                wrong(
                    part,
                    &format!("{what} is longer than {LONGEST_WORDS} characters."),
                );
            }
            // What cannot be seen would make two names look the same.
            if Text::new(words).as_str() != words.trim() {
                wrong(
                    part,
                    &format!("{what} has characters in it that cannot be shown."),
                );
            }
        }
    }

    fn packages(&self, wrong: &mut impl FnMut(Part, &str)) {
        let listed = self.packages.len() + self.scopes.len();
        for name in &self.packages {
            if let Some(why) = not_a_package(name) {
                wrong(Part::Packages, &format!("{} {why}", shown(name)));
            }
        }
        for name in &self.scopes {
            if let Some(why) = not_a_scope(name) {
                wrong(Part::Scopes, &format!("{} {why}", shown(name)));
            }
        }
        for (part, names) in [
            (Part::Packages, &self.packages),
            (Part::Scopes, &self.scopes),
        ] {
            if let Some(name) = twice(names) {
                wrong(part, &format!("{} is listed twice.", shown(name)));
            }
        }
        if listed > MOST_LISTED {
            wrong(
                Part::Packages,
                &format!("{listed} packages and scopes are listed; a token takes {MOST_LISTED}."),
            );
        }
        if self.all_packages && listed > 0 {
            wrong(
                Part::Packages,
                "All packages are chosen, and some are listed: it can only be one of them.",
            );
        }
        let any = self.all_packages || listed > 0;
        match self.packages_permission {
            Permission::NoAccess if any => wrong(
                Part::PackagesPermission,
                "Packages or scopes are chosen, and it may do nothing with them.",
            ),
            Permission::NoAccess if self.orgs.is_empty() => wrong(
                Part::Packages,
                "It needs at least one package, scope or organization.",
            ),
            Permission::NoAccess => {}
            _ if any => {}
            _ => wrong(
                Part::Packages,
                "Name at least one package or scope that it is for.",
            ),
        }
    }

    fn orgs(&self, wrong: &mut impl FnMut(Part, &str)) {
        for name in &self.orgs {
            if let Some(why) = not_an_org(name) {
                wrong(Part::Orgs, &format!("{} {why}", shown(name)));
            }
        }
        if let Some(name) = twice(&self.orgs) {
            wrong(Part::Orgs, &format!("{} is listed twice.", shown(name)));
        }
        let listed = self.orgs.len();
        if listed > MOST_LISTED {
            wrong(
                Part::Orgs,
                &format!("{listed} organizations are listed; a token takes {MOST_LISTED}."),
            );
        }
        match self.orgs_permission {
            Permission::NoAccess if listed > 0 => wrong(
                Part::OrgsPermission,
                "Organizations are chosen, and it may do nothing with them.",
            ),
            Permission::NoAccess => {}
            Permission::StageOnly => wrong(
                Part::OrgsPermission,
                "An organization has no stage: it is to be read, or to be read and changed.",
            ),
            _ if listed == 0 => wrong(
                Part::Orgs,
                "Name at least one organization, or give it no access to any.",
            ),
            _ => {}
        }
    }
}

fn shown(typed: &str) -> String {
    match Text::new(typed) {
        text if text.is_empty() => "An empty name".to_owned(),
        text => cut(text.as_str(), SHOWN),
    }
}

fn twice(names: &[String]) -> Option<&String> {
    let mut seen = BTreeSet::new();
    names.iter().find(|name| !seen.insert(*name))
}

/// What an address takes as it is, and npm in the names of packages; old packages have capital letters, too.
fn plain(name: &str) -> bool {
    let taken = |c: char| c.is_ascii_alphanumeric() || "-_.!~'()".contains(c);
    !name.is_empty() && name.chars().all(taken) && !name.starts_with('.')
}

/// Why that is no name of a package, as what follows the name.
fn not_a_package(name: &str) -> Option<&'static str> {
    if name.contains('*') {
        return Some("has a * in it: name each package, or choose its scope, or all packages.");
    }
    if name.len() > LONGEST {
        return Some("is longer than a name of a package can be.");
    }
    let good = match name.strip_prefix('@') {
        Some(rest) => match rest.split_once('/') {
            Some((scope, name)) => plain(scope) && plain(name),
            None => return Some("is a scope, not a package."),
        },
        None => plain(name) && !name.starts_with('_'),
    };
    let reserved = ["node_modules", "favicon.ico"].contains(&name.to_ascii_lowercase().as_str());
    (!good || reserved).then_some("is no name that a package can have.")
}

/// Why that is no scope.
fn not_a_scope(name: &str) -> Option<&'static str> {
    let Some(rest) = name.strip_prefix('@') else {
        return Some("is no scope: those begin with @.");
    };
    if rest.contains('/') {
        return Some("is a package, not a scope.");
    }
    (!plain(rest) || name.len() > LONGEST).then_some("is no name that a scope can have.")
}

/// Why that is no organization.
fn not_an_org(name: &str) -> Option<&'static str> {
    if name.starts_with('@') {
        return Some("is a scope: an organization is named without the @.");
    }
    (!plain(name) || name.len() > LONGEST).then_some("is no name that an organization can have.")
}
