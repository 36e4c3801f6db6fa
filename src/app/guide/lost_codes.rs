//! The recovery codes are gone, or never came (M16).

use super::model::{Choice, Closing, Facts, Guide, Step};

/// The steps, as far as the answers tell.
pub(super) fn route(guide: &Guide, facts: Facts<'_>) -> Vec<Step> {
    let mut route = vec![Step::Hand];
    // Codes that this machine knows of may not be lost at all. Those of the set-up before are no use after one
    // whose codes never came.
    if facts.sets && !guide.none_came || guide.answer(Step::Sets).is_some() {
        route.push(Step::Sets);
    }
    if guide.answer(Step::Hand) == Some(Choice::NotAtHand) {
        route.push(Step::Support);
    } else if facts.website {
        route.extend([Step::Regenerate, Step::Keep, Step::End]);
    } else {
        let begun = guide.passed.contains(&Step::TurnOff);
        match facts.closing {
            // Never off where it is known that it may not go on again.
            Closing::Said(_) | Closing::Announced if !begun => route.extend([Step::Ask, Step::End]),
            Closing::Said(_) | Closing::Announced => {
                route.extend([Step::Again, Step::TurnOff, Step::Website, Step::End]);
            }
            Closing::NotKnown => route.extend([
                Step::Again,
                Step::TurnOff,
                Step::TurnOn,
                Step::Saved,
                Step::End,
            ]),
        }
    }
    route
}
