//! What can prove which tokens values are, as far as this machine knows. Nothing is sent. Of a value that is only looked for
//! nothing is kept.

use std::sync::Arc;

use crate::backend::finder::digest;
use crate::backend::house::{Connector, House};
use crate::backend::protocol::Outcome;
use crate::domain::failure::Failure;
use crate::domain::given::Marks;
use crate::domain::secret::Secret;
use crate::domain::token::TokenKey;
use crate::registry::Registry as _;

pub(super) async fn marks<C: Connector>(
    house: &House<C>,
    values: Vec<Arc<Secret<String>>>,
    held: bool,
) -> Result<Outcome, Failure> {
    let host = house.registry().await?.identity().registry;
    let (_, notes) = house.kept_here().await;
    let known = notes.known(&host);
    let all = values.into_iter().map(|value| {
        let made = notes.whose(&host, &value);
        let marks = Marks {
            digest: TokenKey::new(digest(&value)),
            others: known
                .iter()
                .filter(|key| made.as_ref() != Some(key))
                .cloned()
                .collect(),
            made,
        };
        if held {
            for key in std::iter::once(&marks.digest).chain(&marks.made) {
                house.given.is(&host, key.clone(), Arc::clone(&value));
            }
        }
        marks
    });
    Ok(Outcome::Marks(all.collect()))
}
