//! The packages of an account, read only.

use std::collections::BTreeMap;

use serde_json::Value;

use super::answer::Asked;
use super::request::{Ask, escaped};
use super::transport::Transport;
use super::wire::package::{WirePackage, access};
use super::wire::{malformed, parse};
use crate::domain::package::PackageFacts;
use crate::domain::text::Text;
use crate::registry::{Call, Error, Sent};

/// The largest document of one package that is read, in bytes. Those with thousands of versions have tens of megabytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// `GET /-/org/<name>/package`, and where there is no such organization, as is right for a person,
/// `GET /-/user/<name>/package`. npm asks the same way.
pub(super) async fn list(
    transport: &Transport,
    call: Call<'_>,
    account: &Text,
) -> Result<Vec<PackageFacts>, Error> {
    let name = part(account.as_str())?;
    match of(transport, call, &format!("-/org/{name}/package")).await {
        Err(Error::NotOffered { .. }) => {
            of(transport, call, &format!("-/user/{name}/package")).await
        }
        answer => answer,
    }
}

async fn of(transport: &Transport, call: Call<'_>, path: &str) -> Result<Vec<PackageFacts>, Error> {
    let ask = Ask::read(transport.at(path), "access");
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(transport.refusal(&reply, Asked::Read, call, &[]));
    }
    let map: BTreeMap<String, Value> = parse(&reply, Sent::No)?;
    Ok(map
        .iter()
        .map(|(name, word)| PackageFacts::named(Text::new(name), access(word)))
        .filter(|package| !package.name.is_empty())
        .collect())
}

/// `GET /<package>`: who owns it, and what was published when.
pub(super) async fn one(
    transport: &Transport,
    call: Call<'_>,
    package: &PackageFacts,
) -> Result<PackageFacts, Error> {
    let path = match package.name.as_str().strip_prefix('@') {
        Some(scoped) => {
            let (scope, name) = scoped.split_once('/').unwrap_or((scoped, ""));
            format!("@{}%2f{}", part(scope)?, part(name)?)
        }
        None => part(package.name.as_str())?,
    };
    let ask = Ask::read(transport.at(&path), "owner").at_most(LARGEST);
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(transport.refusal(&reply, Asked::Read, call, &[]));
    }
    let wire: WirePackage = parse(&reply, Sent::No)?;
    Ok(wire.read(package))
}

/// A part of a path, as npm escapes it. Without one the address would be another.
fn part(name: &str) -> Result<String, Error> {
    if matches!(name, "" | "." | "..") {
        return Err(malformed(
            "names something that cannot be part of an address",
            Sent::No,
        ));
    }
    Ok(escaped(name))
}
