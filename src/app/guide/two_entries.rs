//! Two entries of one name in the authenticator (M17).

use super::model::Step;

/// The steps.
pub(super) fn route() -> Vec<Step> {
    vec![Step::How, Step::TryCode, Step::Delete]
}
