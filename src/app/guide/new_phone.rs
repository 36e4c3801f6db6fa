//! The authenticator moves to another phone.

use super::model::{Choice, Closing, Facts, Guide, Step};

/// The steps, as far as the answers tell.
pub(super) fn route(guide: &Guide, facts: Facts<'_>) -> Vec<Step> {
    let mut route = vec![Step::Hand, Step::Transfer];
    if guide.answer(Step::Transfer) != Some(Choice::CannotMove) {
        route.extend([Step::TryCode, Step::End]);
        return route;
    }
    let begun = guide.passed.contains(&Step::TurnOff);
    match facts.closing {
        // The old phone is not given away before something else signs in.
        Closing::Said(_) | Closing::Announced if !begun => route.push(Step::Website),
        Closing::Said(_) => route.extend([Step::Again, Step::TurnOff, Step::Website]),
        Closing::Announced | Closing::NotKnown => {
            route.extend([Step::Again, Step::TurnOff, Step::TurnOn, Step::Saved]);
        }
    }
    route.push(Step::End);
    route
}
