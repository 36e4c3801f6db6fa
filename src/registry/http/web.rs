//! Pages on the web: beginning a sign-in on one, and asking what came of one.

use reqwest::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::account::bare;
use super::answer::{self, Asked};
use super::bearing::Bears;
use super::page::{For, Named};
use super::reply::Reply;
use super::request::{Ask, Body};
use super::transport::Transport;
use super::wire::{WithToken, malformed, parse};
use crate::registry::{Call, DoneUrl, Error, Polled, Sent, WebSession};

/// The largest answer of either (promise P19).
const LARGEST: usize = 64 * 1024;

/// Why there is no token.
#[derive(Deserialize)]
struct WithError {
    error: String,
}

impl WithError {
    fn says(&self) -> bool {
        !self.error.trim().is_empty()
    }
}

/// `POST /-/v1/login`.
pub(super) async fn login(transport: &Transport, call: Call<'_>) -> Result<WebSession, Error> {
    let body = Some(Body::json(&json!({})));
    let ask = Ask::write(Method::POST, transport.at("-/v1/login"), "login", body)
        .bearing(Bears::Nothing)
        .leaving_nothing()
        .at_most(LARGEST);
    let reply = transport.send(bare(call), ask).await?;
    if reply.status >= 400 {
        return Err(transport.refusal(&reply, Asked::WebLogin, call, &[]));
    }
    let Some(named) = Named::find(&reply.body, For::SignIn) else {
        parse::<IgnoredAny>(&reply, Sent::No)?;
        return Err(malformed("names no page to sign in on", Sent::No));
    };
    let checked = named.check(transport.base(), For::SignIn);
    checked.map_err(|why| malformed(&why, Sent::No))
}

/// `GET` of the address that tells what came of a page, once (promise P19).
pub(super) async fn poll(
    transport: &Transport,
    call: Call<'_>,
    done: &DoneUrl,
) -> Result<Polled, Error> {
    // Asked for fewer requests, the caller waits: it counts the time, and can be cancelled.
    let ask = Ask::read(done.url().clone(), "login")
        .bearing(Bears::OwnWhereItMay)
        .called("the address of a result")
        .told_once()
        .again_after(&[408, 502, 503, 504])
        .at_most(LARGEST);
    let reply = transport.send(bare(call), ask).await?;
    match reply.status {
        202 | 429 => Ok(Polled::Pending(
            reply.retry_after.filter(|wait| !wait.is_zero()),
        )),
        // A result is told once.
        400..=499 if reply.begun_before => Err(malformed(
            "broke off when it told the result, which it tells only once: begin again",
            Sent::Maybe,
        )),
        400..=499 if reply.lost_before => {
            let words = answer::words(&reply.body, &reply.known(call, &[]));
            let says = if words.is_empty() {
                String::new()
            } else {
                format!(" (“{}”)", words.cut(200))
            };
            Err(malformed(
                &format!("says no{says} after an answer was lost that may have told the result"),
                Sent::Maybe,
            ))
        }
        400..=499 => Ok(Polled::Over(answer::words(
            &reply.body,
            &reply.known(call, &[]),
        ))),
        500.. => Err(transport.refusal(&reply, Asked::Read, call, &[])),
        _ => given(&reply, call),
    }
}

fn given(reply: &Reply, call: Call<'_>) -> Result<Polled, Error> {
    let token = parse::<WithToken>(reply, Sent::No)?.read();
    // npm ends at such an answer, where it would ask for a password after a refusal.
    if token.is_none() && parse::<WithError>(reply, Sent::No).is_ok_and(|said| said.says()) {
        let words = answer::words(&reply.body, &reply.known(call, &[]));
        return Ok(Polled::Over(words));
    }
    let token = token.ok_or_else(|| malformed("has no token that could be sent", Sent::No))?;
    Ok(Polled::Done(token))
}
