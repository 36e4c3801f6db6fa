//! What the person notes of a token on this machine.

use super::model::Model;
use crate::backend::protocol::RequestId;
use crate::domain::failure::Failure;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;

/// It was taken down, or not.
pub(super) fn finished(
    model: &mut Model,
    _: RequestId,
    result: Result<(TokenKey, Option<Text>), Failure>,
) {
    if let Err(why) = result {
        model.bad(&why);
    }
}
