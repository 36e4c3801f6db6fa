//! The second factor: begin, confirm, change the level, turn off. All of it is one route of the registry.

use reqwest::Method;
use serde::Serialize;

use super::account::{PROFILE, refused};
use super::answer::Asked;
use super::request::{Ask, Body};
use super::transport::Transport;
use super::wire::tfa::{Answer, Value2fa, is_set_up};
use super::wire::{malformed, parse};
use crate::domain::recovery::RecoveryCodes;
use crate::domain::secret::Secret;
use crate::domain::tfa::{Level, Tfa};
use crate::registry::{Call, Enrolling, Error, Sent};

/// Sent alone: with other keys beside it a registry would change those too.
#[derive(Serialize)]
struct Change<T> {
    tfa: T,
}

#[derive(Serialize)]
struct Mode<'a> {
    password: &'a str,
    mode: &'a str,
}

/// Begins a set-up, or changes the level.
pub(super) async fn enrol(
    transport: &Transport,
    call: Call<'_>,
    level: Level,
    password: &Secret<String>,
) -> Result<Enrolling, Error> {
    let tfa = mode(password, level.word());
    match send(transport, call, &tfa, password, Asked::WithPassword).await? {
        Value2fa::Text(url) if is_set_up(&url) => Ok(Enrolling::Begun(url)),
        Value2fa::Text(_) => Err(strange("holds a text that is no set-up address")),
        state @ Value2fa::State { .. } => match state.state() {
            Tfa::On(level) => Ok(Enrolling::LevelChanged(level)),
            _ => Err(strange("names no level of two-factor authentication")),
        },
        Value2fa::Missing | Value2fa::Off => {
            Err(strange("holds neither a set-up address nor a level"))
        }
        Value2fa::List(_) | Value2fa::Other => Err(unknown()),
    }
}

/// Confirms a set-up.
pub(super) async fn confirm(
    transport: &Transport,
    call: Call<'_>,
    code: &Secret<String>,
) -> Result<RecoveryCodes, Error> {
    let tfa = [code.expose().as_str()];
    match send(transport, call, &tfa, code, Asked::Confirmation).await? {
        Value2fa::List(items) => {
            // They exist nowhere else: one odd item takes none of the others along.
            let all = items.len();
            let codes: Vec<_> = items.into_iter().flatten().collect();
            let unreadable = all - codes.len();
            if unreadable > 0 {
                tracing::warn!(unreadable, all, "recovery codes of an unknown shape");
            }
            if codes.is_empty() && unreadable > 0 {
                return Err(strange("has recovery codes of an unknown shape"));
            }
            Ok(RecoveryCodes::new(codes).with_unreadable(unreadable))
        }
        _ => Err(strange("has no recovery codes")),
    }
}

/// Turns the second factor off, or clears a set-up that was not confirmed.
pub(super) async fn disable(
    transport: &Transport,
    call: Call<'_>,
    password: &Secret<String>,
) -> Result<(), Error> {
    let tfa = mode(password, "disable");
    match send(transport, call, &tfa, password, Asked::WithPassword).await? {
        Value2fa::Off => Ok(()),
        Value2fa::State { .. } => Err(strange("says that two-factor authentication is still on")),
        _ => Err(unknown()),
    }
}

fn mode<'a>(password: &'a Secret<String>, mode: &'a str) -> Mode<'a> {
    Mode {
        password: password.expose(),
        mode,
    }
}

async fn send<T: Serialize>(
    transport: &Transport,
    call: Call<'_>,
    tfa: &T,
    secret: &Secret<String>,
    asked: Asked,
) -> Result<Value2fa, Error> {
    let body = Body::json(&Change { tfa });
    let ask = Ask::write(Method::POST, transport.at(PROFILE), "profile", Some(body));
    let reply = transport.send(call, ask).await?;
    if reply.status >= 400 {
        return Err(refused(transport, call, &reply, asked, &[secret.expose()]).await);
    }
    Ok(parse::<Answer>(&reply, Sent::Maybe)?.tfa)
}

fn strange(what: &str) -> Error {
    malformed(what, Sent::Maybe)
}

fn unknown() -> Error {
    strange("has an unknown shape")
}
