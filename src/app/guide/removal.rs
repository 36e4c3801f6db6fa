//! Two-factor authentication is turned off (M14), and what is left over is cleaned up.

use super::model::Step;

/// The steps.
pub(super) fn route() -> Vec<Step> {
    vec![Step::TurnOff, Step::End]
}
