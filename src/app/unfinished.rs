//! What was begun on this machine and not ended: offered to be gone on with.

use super::model::{Model, Unfinished};
use crate::backend::protocol::RequestId;
use crate::domain::failure::Failure;

/// It was looked for.
pub(super) fn finished(model: &mut Model, _: RequestId, result: Result<Vec<Unfinished>, Failure>) {
    match result {
        Ok(left) => model.unfinished = left,
        Err(why) => model.bad(&why),
    }
}
