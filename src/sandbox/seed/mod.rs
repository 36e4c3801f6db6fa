//! A plausible account to begin with. The person and the packages are invented.

mod attack;
mod packages;
mod plans;

use jiff::{SignedDuration, Timestamp};

use super::account::{Account, Registry, Rules, Tfa};
use super::options::{Policy, StartTfa};
use super::random;
use super::shelf::Draft;
use super::tfa::enrolment;
use crate::domain::secret::Secret;
use crate::domain::tfa::Level;
use plans::{DAY, add};

pub(super) use attack::{Thief, begin as attack, revoked};

/// What the process that started the registry needs to know of the account.
pub(super) struct Seeded {
    pub(super) account: usize,
    pub(super) username: String,
    pub(super) email: String,
    pub(super) password: Secret<String>,
    pub(super) token: Secret<String>,
    /// With a second factor from the start.
    pub(super) otpauth: Option<Secret<String>>,
    pub(super) recovery: Vec<Secret<String>>,
}

/// Sets the account up with `tokens` tokens, at least that of its own session.
pub(super) fn account(
    registry: &mut Registry,
    tokens: usize,
    tfa: StartTfa,
    now: Timestamp,
) -> Seeded {
    let username = "tess-marlow".to_owned();
    let email = "tess.marlow@mail.example".to_owned();
    let password = random::password();
    let mut account = Account::new(
        username.clone(),
        email.clone(),
        Secret::from(password.expose().as_str()),
        before(now, 1204 * DAY),
    );
    account.email_verified = true;
    account.updated = before(now, 41 * DAY);
    // In the order of `FIELDS`.
    account.fields = [
        Some("Tess Marlow".to_owned()),
        Some("https://tess-marlow.example".to_owned()),
        Some("tessm".to_owned()),
        Some("tess_marlow".to_owned()),
        Some("tess-marlow".to_owned()),
    ];
    let (otpauth, recovery) = second_factor(&mut account, &registry.rules, tfa);
    registry.accounts.push(account);
    let owner = registry.accounts.len() - 1;

    packages::add(&mut registry.packages, &username, now);
    let policy = registry.rules.policy;
    for index in (0..tokens.saturating_sub(1)).rev() {
        add(&mut registry.shelf, policy, owner, index, now);
    }
    let session = match policy {
        Policy::Classic => registry.shelf.add(owner, Draft::default(), before(now, 2)),
        // It lasts from now on.
        Policy::Npmjs => {
            let draft = registry.rules.session(now);
            registry.shelf.add(owner, draft, now)
        }
    };
    let token = registry.shelf.get_mut(session).map(|token| {
        token.accessed = Some(now);
        Secret::from(token.value.expose().as_str())
    });
    Seeded {
        account: owner,
        username,
        email,
        password,
        token: token.expect("the token was put on the shelf two lines above"),
        otpauth,
        recovery,
    }
}

/// Gives the account its second factor; the address for an authenticator, and the recovery codes.
fn second_factor(
    account: &mut Account,
    rules: &Rules,
    tfa: StartTfa,
) -> (Option<Secret<String>>, Vec<Secret<String>>) {
    if tfa == StartTfa::Off {
        return (None, Vec::new());
    }
    let (totp, url) = enrolment(rules, &account.name);
    let StartTfa::On(level) = tfa else {
        let level = Level::AuthAndWrites;
        account.tfa = Tfa::Pending { totp, level };
        return (Some(url), Vec::new());
    };
    let recovery = random::recovery_codes();
    let copy = |code: &Secret<String>| Secret::from(code.expose().as_str());
    let known = recovery.iter().map(copy).collect();
    account.tfa = Tfa::On {
        totp,
        level,
        recovery,
        served: None,
        web: Vec::new(),
    };
    (Some(url), known)
}

fn before(now: Timestamp, hours: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(hours))
        .unwrap_or(now)
}
