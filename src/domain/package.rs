//! Packages as the registry tells of them, and what is different after a while.

use jiff::Timestamp;

use super::failure::Failure;
use super::text::Text;

/// A package of the account, as far as the registry tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFacts {
    /// Its name.
    pub name: Text,
    /// What the account may do with it, in the registry's word.
    pub access: Text,
    /// The newest version and when it was published, where that was read.
    pub latest: Option<(Text, Option<Timestamp>)>,
    /// The versions that were published last, the newest first; not all of them.
    pub recent: Vec<(Text, Timestamp)>,
    /// Its owners.
    pub owners: Vec<Text>,
    /// Why no more than its name and access is known.
    pub unread: Option<Failure>,
}

/// What was published less than so many seconds ago is worth a second look.
const LATELY: i64 = 7 * 24 * 3600;

impl PackageFacts {
    /// The versions that were published lately as of a moment, the newest first.
    pub fn lately(&self, now: Timestamp) -> impl Iterator<Item = &(Text, Timestamp)> {
        let recent = self.recent.iter();
        recent.filter(move |(_, at)| now.as_second() - at.as_second() < LATELY)
    }

    /// Nothing is known of it but that the account has it.
    pub const fn named(name: Text, access: Text) -> Self {
        Self {
            name,
            access,
            latest: None,
            recent: Vec::new(),
            owners: Vec::new(),
            unread: None,
        }
    }
}

/// Something about a package that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageChange {
    /// The account did not have it.
    Appeared,
    /// The account has it no more.
    Gone,
    /// A version that was not there.
    Version(Text, Timestamp),
    /// What people get who name no version: before and now.
    Latest(Text, Text),
    /// An owner who was none.
    OwnerAdded(Text),
    /// An owner who is none any more.
    OwnerGone(Text),
    /// What the account may do with it: before and now.
    Access(Text, Text),
}

/// What is different, by package. A package that could not be read at either time has no differences.
pub fn changes(before: &[PackageFacts], now: &[PackageFacts]) -> Vec<(Text, Vec<PackageChange>)> {
    let mut all = Vec::new();
    for package in now {
        let Some(old) = before.iter().find(|old| old.name == package.name) else {
            all.push((package.name.clone(), vec![PackageChange::Appeared]));
            continue;
        };
        let different = between(old, package);
        if !different.is_empty() {
            all.push((package.name.clone(), different));
        }
    }
    for old in before {
        if !now.iter().any(|package| package.name == old.name) {
            all.push((old.name.clone(), vec![PackageChange::Gone]));
        }
    }
    all
}

fn between(old: &PackageFacts, new: &PackageFacts) -> Vec<PackageChange> {
    let mut different = Vec::new();
    if old.access != new.access {
        different.push(PackageChange::Access(
            old.access.clone(),
            new.access.clone(),
        ));
    }
    if old.unread.is_some() || new.unread.is_some() {
        return different;
    }
    // Only the last ones are known: what is older than all of them was not seen before either.
    let oldest = old.recent.last().map(|(_, at)| *at);
    for (version, at) in &new.recent {
        let known = old.recent.iter().any(|(other, _)| other == version);
        if !known && oldest.is_none_or(|oldest| *at >= oldest) {
            different.push(PackageChange::Version(version.clone(), *at));
        }
    }
    if let (Some((was, _)), Some((is, _))) = (&old.latest, &new.latest)
        && was != is
    {
        different.push(PackageChange::Latest(was.clone(), is.clone()));
    }
    let added = new.owners.iter().filter(|name| !old.owners.contains(name));
    different.extend(added.cloned().map(PackageChange::OwnerAdded));
    let gone = old.owners.iter().filter(|name| !new.owners.contains(name));
    different.extend(gone.cloned().map(PackageChange::OwnerGone));
    different
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).expect("a day of this test")
    }

    fn package(name: &str, versions: &[(&str, i64)], owners: &[&str]) -> PackageFacts {
        PackageFacts {
            latest: versions
                .first()
                .map(|(version, day)| (Text::from(*version), Some(at(*day)))),
            recent: versions
                .iter()
                .map(|(version, day)| (Text::from(*version), at(*day)))
                .collect(),
            owners: owners.iter().map(|name| Text::from(*name)).collect(),
            ..PackageFacts::named(name.into(), "write".into())
        }
    }

    #[test]
    fn what_a_thief_did_meanwhile_is_told_apart_from_what_was_there() {
        let before = [
            package("kettle", &[("1.1.0", 9), ("1.0.0", 5)], &["tess"]),
            package("lid", &[("0.1.0", 1)], &["tess"]),
            package("quiet", &[("2.0.0", 1)], &["tess", "mo"]),
        ];
        let now = [
            package(
                "kettle",
                &[("1.1.1", 12), ("1.1.0", 9), ("0.9.0", 2)],
                &["tess", "evil"],
            ),
            package("quiet", &[("2.0.0", 1)], &["tess"]),
            package("new", &[], &[]),
        ];
        let found = changes(&before, &now);
        assert_eq!(
            found,
            [
                (
                    "kettle".into(),
                    vec![
                        PackageChange::Version("1.1.1".into(), at(12)),
                        PackageChange::Latest("1.1.0".into(), "1.1.1".into()),
                        PackageChange::OwnerAdded("evil".into()),
                    ]
                ),
                ("quiet".into(), vec![PackageChange::OwnerGone("mo".into())]),
                ("new".into(), vec![PackageChange::Appeared]),
                ("lid".into(), vec![PackageChange::Gone]),
            ]
        );
        assert!(changes(&now, &now).is_empty());
    }

    #[test]
    fn what_could_not_be_read_is_no_difference() {
        let whole = package("kettle", &[("1.0.0", 5)], &["tess"]);
        let unread = PackageFacts {
            unread: Some(Failure::new(
                super::super::failure::FailureKind::Network,
                "It broke.",
                "",
            )),
            ..PackageFacts::named("kettle".into(), "write".into())
        };
        assert!(changes(std::slice::from_ref(&whole), std::slice::from_ref(&unread)).is_empty());
        assert!(changes(&[unread], &[whole]).is_empty());
    }
}
