//! The packages that the account begins with: those that its tokens are for.

use jiff::Timestamp;

use super::before;
use super::plans::DAY;
use crate::sandbox::packages::Package;

/// Name, versions, and how many days ago each was published.
const PACKAGES: [(&str, &[(&str, i64)]); 4] = [
    (
        "@marlow/lid",
        &[("0.3.0", 301), ("0.3.1", 280), ("1.0.0", 92)],
    ),
    (
        "kettle-cli",
        &[("2.0.0", 410), ("2.1.0", 122), ("2.1.1", 2)],
    ),
    ("kettle-core", &[("2.0.0", 411), ("2.1.0", 123)]),
    (
        "kettle-nightly",
        &[("2.2.0-n1", 3), ("2.2.0-n2", 2), ("2.2.0-n3", 1)],
    ),
];

/// Adds them.
pub(super) fn add(packages: &mut Vec<Package>, owner: &str, now: Timestamp) {
    packages.extend(PACKAGES.iter().map(|(name, versions)| {
        Package {
            name: (*name).to_owned(),
            owners: vec![owner.to_owned()],
            versions: versions
                .iter()
                .map(|(version, days)| ((*version).to_owned(), before(now, days * DAY)))
                .collect(),
            revision: u64::try_from(versions.len()).unwrap_or(1),
        }
    }));
}
