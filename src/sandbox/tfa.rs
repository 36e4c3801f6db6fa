//! The second factor's states, and what leads from one to the next.
//!
//! ```text
//! off ──{mode, password}──▶ pending ──[code]──▶ on ──{other mode, password} + code──▶ on
//!  ▲                          │  ▲──{mode, password}: a new key                        │
//!  └──{disable, password}─────┘                                                        │
//!  └──{disable, password} + code ◀─────────────────────────────────────────────────────┘
//! ```
//!
//! At [`Policy::Npmjs`] the first arrow is gone, and that to a new key: what was begun goes on.

use serde_json::{Value, json};

use super::account::{Registry, Rules, Tfa, seconds};
use super::auth::{Caller, Matter};
use super::body::{Body, wrong};
use super::call::Call;
use super::npmjs;
use super::options::Policy;
use super::random;
use super::reply::{Answer, Refusal, Reply};
use super::totp::{Totp, otpauth};
use crate::domain::secret::Secret;
use crate::domain::tfa::Level;

/// The `tfa` part of `POST /-/npm/v1/user`.
pub(super) fn write(
    registry: &mut Registry,
    caller: &Caller,
    call: &Call,
    tfa: Option<Value>,
) -> Answer {
    match tfa {
        Some(Value::Array(codes)) => confirm(registry, caller, call, codes),
        Some(Value::Object(map)) => {
            let mut body = Body::from(map);
            let mode = body
                .text("mode")?
                .ok_or_else(|| Refusal::shape("`tfa` needs a `mode`."))?;
            let password = body
                .secret("password")?
                .filter(|password| !password.is_empty());
            let password = password.ok_or_else(|| {
                Refusal::password("The password is needed to change two-factor authentication.")
            })?;
            let level = match (mode.as_str(), Level::from_word(&mode)) {
                ("disable", _) => None,
                (_, Some(level)) => Some(level),
                _ => {
                    return Err(Refusal::shape(
                        "`mode` has to be auth-only, auth-and-writes or disable.",
                    ));
                }
            };
            registry
                .account(caller)
                .check_password(&password, call.now)?;
            match level {
                Some(level) => set(registry, caller, call, level),
                None => disable(registry, caller, call),
            }
        }
        other => Err(wrong(
            other.unwrap_or_default(),
            "tfa",
            "an object with `mode` and `password`, or a list with a code",
        )),
    }
}

/// Another level when it is on; else a set-up from its beginning, with a new key.
fn set(registry: &mut Registry, caller: &Caller, call: &Call, wanted: Level) -> Answer {
    if registry.account(caller).guarded() {
        // What begins with the code that this request carries does not hold this request.
        registry.account(caller).check_factor_hold(call.now)?;
        registry.second_factor(caller, call, Matter::Protection)?;
        let account = registry.account(caller);
        if let Tfa::On { level, .. } = &mut account.tfa {
            *level = wanted;
        }
        account.touch(call.now);
        return Reply::ok(&json!({ "tfa": { "mode": wanted.word(), "pending": false } }));
    }
    if registry.rules.policy == Policy::Npmjs {
        return Err(Refusal::forbidden(npmjs::CLOSED));
    }
    let (totp, url) = enrolment(&registry.rules, &registry.accounts[caller.account].name);
    let account = registry.account(caller);
    account.tfa = Tfa::Pending {
        totp,
        level: wanted,
    };
    account.touch(call.now);
    Reply::ok(&json!({ "tfa": url.expose() }))
}

/// A new key, and the address that an authenticator takes it from.
pub(super) fn enrolment(rules: &Rules, name: &str) -> (Totp, Secret<String>) {
    let (totp, base32) = Totp::new(&random::totp_key(rules.key_bytes));
    let url = otpauth(&rules.issuer, name, &base32, rules.otpauth_parameters);
    (totp, url)
}

/// The first code proves that the authenticator has the key. npm sends one, others send two.
fn confirm(registry: &mut Registry, caller: &Caller, call: &Call, codes: Vec<Value>) -> Answer {
    let Some(Value::String(code)) = codes.into_iter().next() else {
        return Err(Refusal::shape(
            "`tfa` has to be a list with a code of six digits as a string.",
        ));
    };
    let code = Secret::from(code);
    let account = registry.account(caller);
    let step = match &account.tfa {
        Tfa::Off => {
            return Err(Refusal::bad(
                "No set-up of two-factor authentication was begun, so there is no code to check.",
            ));
        }
        Tfa::On { .. } => {
            return Err(Refusal::bad("Two-factor authentication is on already."));
        }
        Tfa::Pending { totp, .. } => {
            account.otp_lock.check(call.now, "codes")?;
            totp.step_of(&code, seconds(call.now))
        }
    };
    let Some(step) = step else {
        account.otp_lock.failed(call.now, "codes")?;
        // The same challenge as elsewhere: npm then says that the code was mistyped or too old.
        return Err(Refusal::otp(
            "The one-time password is invalid: it is not the authenticator's present code for this set-up, which is still open.",
        ));
    };
    account.otp_lock.passed();
    account.mailed.clear();
    let recovery = random::recovery_codes();
    let shown: Vec<&str> = recovery.iter().map(|code| code.expose().as_str()).collect();
    let answer = Reply::ok(&json!({ "tfa": shown }));
    if let Tfa::Pending { totp, level } = std::mem::replace(&mut account.tfa, Tfa::Off) {
        account.tfa = Tfa::On {
            totp,
            level,
            recovery,
            served: Some(step),
            web: Vec::new(),
        };
    }
    account.touch(call.now);
    answer
}

/// Off again. A set-up that was never finished guards nothing, hence no code is asked for.
fn disable(registry: &mut Registry, caller: &Caller, call: &Call) -> Answer {
    if registry.account(caller).guarded() {
        // What begins with the code that this request carries does not hold this request.
        registry.account(caller).check_factor_hold(call.now)?;
        registry.second_factor(caller, call, Matter::Protection)?;
    }
    let account = registry.account(caller);
    account.tfa = Tfa::Off;
    account.touch(call.now);
    registry.desk.factor_gone(caller.account);
    Reply::ok(&json!({ "tfa": false }))
}
