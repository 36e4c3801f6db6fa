//! Who the credential belongs to, its end, and the profile with the password.

use reqwest::Method;
use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::answer::{self, Asked};
use super::reply::Reply;
use super::request::{Ask, Body, escaped};
use super::transport::Transport;
use super::wire::profile::WireProfile;
use super::wire::{is_web_page, malformed, parse, text};
use crate::domain::account::{Profile, ProfileField};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::{Call, Error, Sent};

/// Where the profile is, also for changes to the second factor.
pub(super) const PROFILE: &str = "-/npm/v1/user";

/// `GET /-/whoami`.
pub(super) async fn whoami(transport: &Transport, call: Call<'_>) -> Result<Text, Error> {
    let ask = Ask::read(transport.at("-/whoami"), "whoami");
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(transport.refusal(&reply, Asked::Who, call, &[]));
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
    let ask = Ask::read(transport.at(PROFILE), "profile");
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(transport.refusal(&reply, Asked::Read, call, &[]));
    }
    parse(&reply, Sent::No)
}

/// The profile that a change begins from. A code may be good for one request only, and the change is the one that
/// needs it.
async fn present(transport: &Transport, call: Call<'_>) -> Result<WireProfile, Error> {
    match get(transport, bare(call)).await {
        Err(Error::Challenge(_)) if call.otp.is_some() => get(transport, twice(call)?).await,
        other => other,
    }
}

/// The same code goes with two requests: none does that serves once (promise P11).
pub(super) fn twice(call: Call<'_>) -> Result<Call<'_>, Error> {
    if call.otp.is_some() && call.once {
        return Err(Error::Unsafe {
            why: Text::from(
                "The registry wants a code for two requests in a row here, and a recovery code serves once: it was not sent.",
            ),
        });
    }
    Ok(call)
}

/// The same without the code.
pub(super) fn bare(call: Call<'_>) -> Call<'_> {
    Call { otp: None, ..call }
}

/// What a refusal of a change means: where it may be the credential that is not accepted any more, as well as
/// something else, the registry is asked who that is. `secrets` went out in the body or in the address.
pub(super) async fn refused(
    transport: &Transport,
    call: Call<'_>,
    reply: &Reply,
    asked: Asked,
    secrets: &[&str],
) -> Error {
    let error = transport.refusal(reply, asked, call, secrets);
    if !answer::in_doubt(reply, asked, &error) {
        return error;
    }
    match (whoami(transport, bare(call)).await, error) {
        (
            Err(Error::SignedOut {
                anonymous: false, ..
            }),
            // Some say that there is no such page, and hide so what a dead credential may not see.
            Error::Refused { words, .. } | Error::NotOffered { words },
        ) => Error::SignedOut {
            anonymous: false,
            words,
        },
        // It takes the credential, and only not for this.
        (Ok(_), Error::SignedOut { words, .. }) => Error::Refused {
            status: reply.status,
            words,
        },
        (_, error) => error,
    }
}

/// Writes the profile back as it is.
pub(super) async fn touch(transport: &Transport, call: Call<'_>) -> Result<(), Error> {
    let wire = present(transport, call).await?;
    let body = Body::json(&wire.writable());
    let ask = Ask::write(Method::POST, transport.at(PROFILE), "profile", Some(body)).by_status();
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(refused(transport, call, &reply, Asked::Field, &[]).await);
    }
    if is_web_page(&reply.body) {
        return Err(malformed("is a web page and not JSON", Sent::Maybe));
    }
    Ok(())
}

/// Reads the profile, sets one field in it, writes it back whole: a registry clears what is not sent (promise P34).
pub(super) async fn save_field(
    transport: &Transport,
    call: Call<'_>,
    field: ProfileField,
    before: Option<&Text>,
    after: &str,
) -> Result<Profile, Error> {
    let wire = present(transport, call).await?;
    let now = wire.shown(field);
    if now.as_ref() != before.filter(|text| !text.is_empty()) {
        return Err(Error::Changed { now });
    }
    let body = Body::json(&wire.with(field, after));
    let ask = Ask::write(Method::POST, transport.at(PROFILE), "profile", Some(body));
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(refused(transport, call, &reply, Asked::Field, &[]).await);
    }
    let answered = parse::<WireProfile>(&reply, Sent::Maybe);
    if let Some(profile) = answered.as_ref().ok().and_then(WireProfile::read) {
        return Ok(profile);
    }
    // It was accepted, and the answer does not show the result: read it.
    profile(transport, bare(call)).await.map_err(|_| {
        answered
            .err()
            .unwrap_or_else(|| malformed("has no account name", Sent::Maybe))
    })
}

#[derive(Serialize)]
struct NewPassword<'a> {
    #[serde(flatten)]
    fields: Map<String, Value>,
    password: OldAndNew<'a>,
}

#[derive(Serialize)]
struct OldAndNew<'a> {
    old: &'a str,
    new: &'a str,
}

/// Reads the profile and writes it back with the new password beside it, as npm does (promise P34).
pub(super) async fn change_password(
    transport: &Transport,
    call: Call<'_>,
    current: &Secret<String>,
    new: &Secret<String>,
) -> Result<(), Error> {
    let wire = present(transport, call).await?;
    let body = Body::json(&NewPassword {
        fields: wire.writable(),
        password: OldAndNew {
            old: current.expose(),
            new: new.expose(),
        },
    });
    // The answer is the profile, which the old credential may have been good for the last time to read.
    let ask = Ask::write(Method::POST, transport.at(PROFILE), "profile", Some(body)).by_status();
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        let secrets: [&str; 2] = [current.expose(), new.expose()];
        return Err(refused(transport, call, &reply, Asked::WithPassword, &secrets).await);
    }
    if is_web_page(&reply.body) {
        return Err(malformed("is a web page and not JSON", Sent::Maybe));
    }
    Ok(())
}

/// `DELETE /-/user/token/<token>`: ends the token in use.
pub(super) async fn logout(transport: &Transport, call: Call<'_>) -> Result<(), Error> {
    let Some(token) = transport.bearer() else {
        return Err(if transport.anonymous() {
            Error::SignedOut {
                anonymous: true,
                words: Text::default(),
            }
        } else {
            Error::NotOffered {
                words: Text::from("a user name and a password have no session that could be ended"),
            }
        });
    };
    let part = Zeroizing::new(escaped(token.expose()));
    let url = transport.at(&format!("-/user/token/{}", *part));
    let ask = Ask::write(Method::DELETE, url, "logout", None).called("/-/user/token/••••");
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(refused(transport, call, &reply, Asked::Write, &[&part]).await);
    }
    Ok(())
}
