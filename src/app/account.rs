//! Who is signed in, and what follows from it.

use super::Effect;
use super::model::{Account, Load, Model, TokensScreen};
use super::unfinished;
use super::{guide, recovery, request, rotate, security, signout, tokens, wizard};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::ability::Ability;
use crate::domain::account::Profile;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::Standing;
use crate::domain::tfa::Tfa;

/// Reads the npm configuration and the account anew.
pub(super) fn read(model: &mut Model, asking: Asking, effects: &mut Vec<Effect>) {
    if let Some(old) = model.account.pending() {
        request::cancel(model, old, effects);
    }
    let id = request::start(model, Request::Account, asking, effects);
    model.account.load(id);
}

/// The account came, or did not.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    asking: Asking,
    result: Result<Account, Failure>,
    effects: &mut Vec<Effect>,
) {
    if model.account.pending() != Some(id) {
        return;
    }
    let old = model.account.take();
    match result {
        Ok(account) => {
            let known = old.is_some();
            let signed_in = matches!(account.standing, Standing::SignedIn(_));
            owned(model, &account, known, effects);
            model.account = Load::Ready(account);
            if known && signed_in && asking == Asking::Allowed {
                model.good("The account is up to date.");
            }
            wizard::account_read(model, effects);
            security::account_read(model);
            guide::profile_read(model);
            unfinished::look(model, effects);
            if signed_in && matches!(model.tokens.list, Load::Empty) {
                tokens::read(model, Asking::Never, effects);
            }
        }
        Err(why) => {
            model.bad(&why);
            model.account = Load::Failed { why, old };
            // An emergency may have been cut off by the very same thing.
            unfinished::look(model, effects);
        }
    }
}

/// Another account is there, by a credential that was just received or has just ended.
pub(super) fn replaced(model: &mut Model, account: Account, effects: &mut Vec<Effect>) {
    if let Some(pending) = model.account.pending() {
        request::cancel(model, pending, effects);
    }
    owned(model, &account, true, effects);
    model.account = Load::Ready(account);
    wizard::account_read(model, effects);
    security::account_read(model);
    guide::profile_read(model);
    unfinished::look(model, effects);
}

/// The credential has ended and nobody signed in again: what was held for that is let go.
pub(super) fn lost(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.profile().is_none() {
        model.owner = None;
        forget(model, effects);
    }
    if model.account.pending().is_none() {
        read(model, Asking::Never, effects);
    }
}

/// What the screens hold is this account's from now on. While requests wait for the same person to sign in again, a
/// credential that is not accepted takes nothing away.
fn owned(model: &mut Model, account: &Account, known: bool, effects: &mut Vec<Effect>) {
    let owner = match &account.standing {
        Standing::SignedIn(profile) => {
            Some((account.identity.registry.clone(), profile.name.clone()))
        }
        Standing::SignedOut | Standing::Rejected(_) => None,
    };
    if model.owner == owner || (owner.is_none() && !model.parked.is_empty()) {
        return;
    }
    model.owner = owner;
    if known {
        forget(model, effects);
    }
}

/// What was known of another account is not this one's.
fn forget(model: &mut Model, effects: &mut Vec<Effect>) {
    model.refusal = None;
    model
        .unfinished
        .retain(|one| unfinished::emergency_of(one).is_some());
    // The ways to sign in are the registry's, whoever does it.
    model.lacks.retain(|ability, _| {
        matches!(
            ability,
            Ability::WebSignIn | Ability::PasswordSignIn | Ability::SignUp
        )
    });
    model.profile.edit = None;
    model.profile.password = None;
    signout::forget(model);
    rotate::forget(model);
    model.security.change = None;
    model.security.begun = false;
    recovery::forget(model);
    tokens::give_up(model, effects);
    let revoke = model.tokens.revoke.take();
    model.tokens = TokensScreen::new();
    model.tokens.revoke = revoke;
}

/// The profile as a write's own answer has it.
pub(super) fn set_profile(model: &mut Model, fresh: Profile) {
    if let Some(account) = model.account.value_mut() {
        account.standing = Standing::SignedIn(Box::new(fresh));
    }
}

/// The second factor as a write's own answer has it.
pub(super) fn set_tfa(model: &mut Model, tfa: Tfa) {
    if let Some(Standing::SignedIn(profile)) = model
        .account
        .value_mut()
        .map(|account| &mut account.standing)
    {
        profile.tfa = tfa;
    }
}

/// A credential that stopped working shows in the header at once.
pub(super) fn check_standing(
    model: &mut Model,
    asking: Asking,
    why: &Failure,
    effects: &mut Vec<Effect>,
) {
    if why.kind == FailureKind::SignedOut
        && asking == Asking::Allowed
        && model.account.pending().is_none()
    {
        read(model, Asking::Never, effects);
    }
}
