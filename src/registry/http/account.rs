//! Who the credential belongs to, and the profile.

use reqwest::Method;
use serde_json::Value;

use super::answer::{self, Asked};
use super::request::{Ask, Body};
use super::transport::Transport;
use super::wire::profile::WireProfile;
use super::wire::{malformed, parse, text};
use crate::domain::account::{Profile, ProfileField};
use crate::domain::text::Text;
use crate::registry::{Call, Error, Sent};

/// Where the profile is, also for changes to the second factor.
pub(super) const PROFILE: &str = "-/npm/v1/user";

/// `GET /-/whoami`.
pub(super) async fn whoami(transport: &Transport, call: Call<'_>) -> Result<Text, Error> {
    let ask = Ask {
        method: Method::GET,
        url: transport.at("-/whoami"),
        command: "whoami",
        body: None,
    };
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        let known = transport.known(call, None);
        return Err(answer::refusal(&reply, Asked::Who, call, &known));
    }
    let answer: serde_json::Map<String, Value> = parse(&reply, Sent::No)?;
    // Some registries never say 401 here: an answer without a name is their way of not knowing the credential.
    text(answer.get("username")).ok_or_else(|| Error::SignedOut {
        anonymous: false,
        words: Text::default(),
    })
}

/// `GET /-/npm/v1/user`.
pub(super) async fn profile(transport: &Transport, call: Call<'_>) -> Result<Profile, Error> {
    let wire = get(transport, call).await?;
    wire.read()
        .ok_or_else(|| malformed("has no account name", Sent::No))
}

async fn get(transport: &Transport, call: Call<'_>) -> Result<WireProfile, Error> {
    let ask = Ask {
        method: Method::GET,
        url: transport.at(PROFILE),
        command: "profile",
        body: None,
    };
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        let known = transport.known(call, None);
        return Err(answer::refusal(&reply, Asked::Read, call, &known));
    }
    parse(&reply, Sent::No)
}

/// Reads the profile, sets one field in it, writes it back whole: a registry clears what is not sent (promise P34).
pub(super) async fn save_field(
    transport: &Transport,
    call: Call<'_>,
    field: ProfileField,
    before: Option<&Text>,
    after: &str,
) -> Result<Profile, Error> {
    // A code may be good for one request only, and the write is the one that needs it.
    let bare = Call { otp: None, ..call };
    let wire = match get(transport, bare).await {
        Err(Error::Challenge(_)) if call.otp.is_some() => get(transport, call).await?,
        other => other?,
    };
    let now = wire.shown(field);
    if now.as_ref() != before.filter(|text| !text.is_empty()) {
        return Err(Error::Changed { now });
    }
    let ask = Ask {
        method: Method::POST,
        url: transport.at(PROFILE),
        command: "profile",
        body: Some(Body::json(&wire.with(field, after))),
    };
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        let known = transport.known(call, None);
        return Err(answer::refusal(&reply, Asked::Write, call, &known));
    }
    let answered = parse::<WireProfile>(&reply, Sent::Maybe);
    if let Some(profile) = answered.as_ref().ok().and_then(WireProfile::read) {
        return Ok(profile);
    }
    // It was accepted, and the answer does not show the result: read it.
    profile(transport, bare).await.map_err(|_| {
        answered
            .err()
            .unwrap_or_else(|| malformed("has no account name", Sent::Maybe))
    })
}
