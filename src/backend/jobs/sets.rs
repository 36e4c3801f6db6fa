//! The sets of recovery codes that this machine knows of.

use crate::backend::house::{Connector, House};
use crate::backend::protocol::Outcome;
use crate::domain::failure::Failure;

pub(super) async fn sets<C: Connector>(house: &House<C>) -> Result<Outcome, Failure> {
    house
        .vault(|vault| {
            // Another instance may have added one.
            vault.refresh()?;
            Ok(Outcome::Sets {
                sets: vault
                    .sets()
                    .into_iter()
                    .map(|state| (state.set, state.present))
                    .collect(),
                read_only: vault.read_only(),
            })
        })
        .await
}
