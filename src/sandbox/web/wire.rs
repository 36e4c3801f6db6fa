//! What a client asks: a page to sign in on, and what came of a page.

use serde_json::json;

use super::desk::{Gift, Kind, State};
use crate::domain::secret::Secret;
use crate::sandbox::account::{Registry, Tfa, TimedCode};
use crate::sandbox::call::Call;
use crate::sandbox::random;
use crate::sandbox::reply::{Answer, Refusal, Reply};
use jiff::{SignedDuration, Timestamp};

/// For how long the code of an approval serves.
const CODE_SERVES: SignedDuration = SignedDuration::from_mins(5);

/// After how many seconds a client asks again.
const AGAIN: u64 = 1;

const DENIED: &str = "It was denied in the browser.";

/// `POST /-/v1/login`. A credential that comes along is of no account: it may be a stale one.
pub(in crate::sandbox) fn login(registry: &mut Registry, call: &Call) -> Answer {
    let origin = call.origin.as_ref().ok_or_else(Refusal::misdirected)?;
    let kind = match call.body()?.flag("create")? {
        Some(true) => Kind::SignUp,
        _ => Kind::SignIn,
    };
    let ask = registry.desk.open(kind, call.now);
    let pair = ask.addresses(origin, &registry.rules.prefix);
    Reply::ok(&json!({ "loginUrl": pair.page, "doneUrl": pair.done }))
}

/// `GET /-/v1/done/<done>`: what came of a page. No credential is looked at.
pub(in crate::sandbox) fn done(registry: &mut Registry, call: &Call) -> Answer {
    let over = || {
        Refusal::not_found(
            "This page has expired, its answer was fetched already, or it was never here. Begin again.",
        )
    };
    let Registry {
        accounts,
        shelf,
        desk,
        rules,
        ..
    } = registry;
    let ask = desk.done(call.param("done")?, call.now).ok_or_else(over)?;
    let account = match &ask.state {
        State::Waiting => return Ok(Reply::Later(AGAIN)),
        // After a refusal of a sign-in npm would ask for the password; at an answer without a token it ends.
        State::Denied if matches!(ask.kind, Kind::SignIn | Kind::SignUp) => {
            return Reply::ok(&json!({ "error": DENIED }));
        }
        State::Denied => return Err(Refusal::forbidden(DENIED)),
        State::Fetched(_, until) if *until <= call.now => return Err(over()),
        State::Fetched(Gift::Code(code), _) => {
            return Reply::ok(&json!({ "token": code.expose() }));
        }
        State::Fetched(Gift::Token(id), _) => {
            let token = shelf.get(*id).ok_or_else(over)?;
            return Reply::ok(&json!({ "token": token.value.expose() }));
        }
        State::Approved(account) => *account,
    };
    let (gift, answer) = match ask.kind {
        Kind::SignIn | Kind::SignUp => {
            let id = shelf.add(account, rules.session(call.now), call.now);
            let token = shelf.get(id).ok_or_else(over)?;
            let answer = Reply::ok(&json!({ "token": token.value.expose() }));
            (Gift::Token(id), answer)
        }
        Kind::Approve(..) | Kind::Show(..) => {
            let (code, _) = web_code(&mut accounts[account].tfa, call.now);
            let answer = Reply::ok(&json!({ "token": code.expose() }));
            (Gift::Code(code), answer)
        }
    };
    ask.fetched(gift, call.now);
    answer
}

/// A code that the account's second factor takes for a while, and until when. It goes with the second
/// factor that it stood for.
pub(super) fn web_code(tfa: &mut Tfa, now: Timestamp) -> (Secret<String>, Timestamp) {
    let code = random::web_code();
    let until = now.saturating_add(CODE_SERVES).unwrap_or(now);
    if let Tfa::On { web, .. } = tfa {
        web.retain(|web| web.until > now);
        web.push(TimedCode {
            code: Secret::from(code.expose().as_str()),
            until,
        });
    }
    (code, until)
}
