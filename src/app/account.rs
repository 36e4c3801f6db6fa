//! Who is signed in, and what follows from it.

use super::Effect;
use super::model::{Account, Load, Model, TokensScreen};
use super::{request, tokens, wizard};
use crate::backend::protocol::{Asking, Request, RequestId};
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
            if old.is_some_and(|old| !same(&old, &account)) {
                forget(model, effects);
            }
            let signed_in = matches!(account.standing, Standing::SignedIn(_));
            model.account = Load::Ready(account);
            if known && signed_in && asking == Asking::Allowed {
                model.good("The account is up to date.");
            }
            wizard::pending_found(model);
            if signed_in && matches!(model.tokens.list, Load::Empty) {
                tokens::read(model, Asking::Never, effects);
            }
        }
        Err(why) => {
            model.bad(&why);
            model.account = Load::Failed { why, old };
        }
    }
}

/// The same person on the same registry.
fn same(a: &Account, b: &Account) -> bool {
    let name = |account: &Account| match &account.standing {
        Standing::SignedIn(profile) => Some(profile.name.clone()),
        _ => None,
    };
    a.identity.registry == b.identity.registry && name(a) == name(b)
}

/// What was known of another account is not this one's.
fn forget(model: &mut Model, effects: &mut Vec<Effect>) {
    model.refusal = None;
    model.lacks.clear();
    model.profile.edit = None;
    model.profile.password = None;
    model.security.change = None;
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
