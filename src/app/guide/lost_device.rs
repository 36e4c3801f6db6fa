//! The device with the authenticator is gone (M15).

use super::model::{Choice, Closing, Facts, Guide, Step};

/// The steps, as far as the answers tell.
pub(super) fn route(guide: &Guide, facts: Facts<'_>) -> Vec<Step> {
    let mut route = vec![Step::Another];
    match guide.answer(Step::Another) {
        Some(Choice::OldDevice) => route.extend([Step::TryCode, Step::End]),
        Some(Choice::SecurityKey) => route.extend([Step::Key, Step::End]),
        _ => by_code(guide, facts, &mut route),
    }
    route
}

fn by_code(guide: &Guide, facts: Facts<'_>, route: &mut Vec<Step>) {
    route.push(Step::Code);
    if guide.answer(Step::Code) == Some(Choice::NoCode) {
        route.push(Step::Support);
        return;
    }
    let begun = guide.passed.contains(&Step::TurnOff);
    // Turning it off is not advised where it may not be possible to turn it on again.
    let asks = facts.closing != Closing::NotKnown && !begun;
    if asks || guide.answer(Step::Way).is_some() {
        route.push(Step::Way);
    }
    if asks && guide.answer(Step::Way) != Some(Choice::FromHere) {
        route.push(Step::Website);
        if facts.website {
            route.push(Step::Keep);
        }
    } else {
        route.push(Step::TurnOff);
        match facts.closing {
            Closing::Said(_) => route.push(Step::Website),
            Closing::NotKnown | Closing::Announced => route.extend([Step::TurnOn, Step::Saved]),
        }
    }
    route.extend([Step::Tokens, Step::End]);
}
