//! What this registry does not offer: found out once, by asking for it, and then said instead of tried (E8).

use super::model::Model;
use super::request::Purpose;
use crate::domain::ability::Ability;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

/// What a request tries that not every registry has. A revocation needs no entry: it is of a list that was read.
const fn tried(purpose: Purpose) -> Option<Ability> {
    match purpose {
        Purpose::SaveField => Some(Ability::EditProfile),
        Purpose::ChangePassword => Some(Ability::ChangePassword),
        Purpose::Tokens => Some(Ability::Tokens),
        Purpose::CreateToken => Some(Ability::CreateTokens),
        _ => None,
    }
}

/// A request failed: notes down what the registry does not have.
pub(super) fn failed(model: &mut Model, purpose: Purpose, why: &Failure) {
    if let Some(ability) = tried(purpose) {
        lacking(model, ability, why);
    }
}

/// The same for a way of signing in, which is one of several of a request.
pub(super) fn lacking(model: &mut Model, ability: Ability, why: &Failure) {
    if why.kind == FailureKind::NotOffered {
        model.lacks.insert(ability, why.what.clone());
    }
}

/// This registry is asked from now on.
pub(super) fn asks(model: &mut Model, registry: Text) {
    if model.registry.as_ref() != Some(&registry) {
        model.lacks.clear();
    }
    model.registry = Some(registry);
}
