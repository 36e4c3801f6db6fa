//! Putting a token's value into a file of the npm configuration, for the registry that it is of (promise P21): a value may
//! wait on the screen while the configuration comes to mean another one. Nothing is sent.

use std::sync::Arc;

use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::{Destination, Outcome};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::Registry as _;

use super::Job;

/// What would be written over.
pub(super) async fn aim<C: Connector>(
    job: &Job<'_, C>,
    what: Option<(Text, Arc<Secret<String>>)>,
    into: Destination,
) -> Result<Outcome, Stop> {
    let by = job.registry.token();
    let (registry, token) = what.map_or_else(
        || (job.host(), None),
        |(registry, token)| (registry, Some(token)),
    );
    let target = job.house.aim(registry, into, token, by).await?;
    Ok(Outcome::Target(target))
}

pub(super) async fn write<C: Connector>(
    job: &Job<'_, C>,
    registry: Text,
    value: Arc<Secret<String>>,
    into: Destination,
) -> Result<Outcome, Stop> {
    let _writing = job.desk.writing()?;
    let mut stored = job.house.write(registry.clone(), value, into).await?;
    let now = job.host();
    if now != registry {
        let said = format!(
            "It stands there for {registry}, which made it; the npm configuration means {now} by now."
        );
        let caution = stored.caution.map(|caution| format!("{said} {caution}"));
        stored.caution = Some(Text::new(&caution.unwrap_or(said)));
    }
    Ok(Outcome::Written(stored))
}
