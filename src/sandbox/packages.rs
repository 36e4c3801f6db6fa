//! Packages, as far as an account's owner looks at them: which there are, who owns them, what was published when.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::Registry;
use super::call::Call;
use super::reply::{Answer, Refusal, Reply};

/// A package.
pub(super) struct Package {
    pub(super) name: String,
    /// The names of its owners' accounts, in their order.
    pub(super) owners: Vec<String>,
    /// The oldest first.
    pub(super) versions: Vec<(String, Timestamp)>,
    /// Counts the changes.
    pub(super) revision: u64,
}

impl Package {
    /// Adds a version, which is the newest from then on.
    pub(super) fn publish(&mut self, version: &str, now: Timestamp) {
        self.versions.push((version.to_owned(), now));
        self.revision += 1;
    }
}

/// `GET /-/org/<name>/package`: nobody here is an organization.
pub(super) fn of_org(registry: &mut Registry, call: &Call) -> Answer {
    registry.reader(call)?;
    Err(Refusal::not_found("There is no organization of that name."))
}

/// `GET /-/user/<name>/package`
pub(super) fn of_user(registry: &mut Registry, call: &Call) -> Answer {
    registry.reader(call)?;
    let name = call.param("id")?.expose();
    if registry.find(name).is_none() {
        return Err(Refusal::not_found("There is no user of that name."));
    }
    let owned: BTreeMap<&str, &str> = registry
        .packages
        .iter()
        .filter(|package| package.owners.contains(name))
        .map(|package| (package.name.as_str(), "write"))
        .collect();
    Reply::ok(&owned)
}

/// `GET /<package>`, also `GET /@<scope>%2f<package>`. Open to everybody, like the package itself.
pub(super) fn document(registry: &mut Registry, call: &Call) -> Answer {
    let name = match (call.param("package"), call.param("scope")) {
        (Ok(name), Ok(scope)) => format!("{}/{}", scope.expose(), name.expose()),
        (Ok(name), Err(_)) => name.expose().clone(),
        (Err(refusal), _) => return Err(refusal),
    };
    let package = registry
        .packages
        .iter()
        .find(|package| package.name == name);
    let package = package.ok_or_else(|| Refusal::not_found("Not found"))?;
    let email = |name: &String| {
        let account = registry.find(name);
        account.map_or("", |account| &registry.accounts[account].email)
    };
    let owners: Vec<Value> = package
        .owners
        .iter()
        .map(|name| json!({ "name": name, "email": email(name) }))
        .collect();
    let mut time = BTreeMap::new();
    let mut versions = BTreeMap::new();
    for (version, at) in &package.versions {
        time.insert(version.as_str(), *at);
        let id = format!("{name}@{version}");
        versions.insert(
            version.as_str(),
            json!({ "_id": id, "name": name, "version": version, "maintainers": owners }),
        );
    }
    let ends = [package.versions.first(), package.versions.last()];
    for (key, end) in ["created", "modified"].into_iter().zip(ends) {
        time.extend(end.map(|(_, at)| (key, *at)));
    }
    let latest = package.versions.last().map(|(version, _)| version);
    Reply::ok(&json!({
        "_id": name,
        "_rev": format!("{}-{:032x}", package.revision, package.versions.len()),
        "name": name,
        "dist-tags": { "latest": latest },
        "maintainers": owners,
        "time": time,
        "versions": versions,
    }))
}
