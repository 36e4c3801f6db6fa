//! What can prove which token a value is, as far as this machine knows. Nothing is sent, and nothing is kept of the value.

use std::sync::Arc;

use crate::backend::finder::digest;
use crate::backend::house::{Connector, House};
use crate::backend::protocol::Outcome;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::token::TokenKey;
use crate::registry::Registry as _;

pub(super) async fn marks<C: Connector>(
    house: &House<C>,
    value: Arc<Secret<String>>,
) -> Result<Outcome, Failure> {
    let digest = TokenKey::new(digest(&value));
    let host = house.registry().await?.identity().registry;
    let made = house
        .notes(move |notes| Ok(notes.whose(&host, &value)))
        .await?;
    Ok(Outcome::Marks { digest, made })
}
