//! Putting a token's value into a file of the npm configuration. Nothing is sent.

use std::sync::Arc;

use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::{Destination, Outcome};
use crate::domain::secret::Secret;

use super::Job;

pub(super) async fn write<C: Connector>(
    job: &Job<'_, C>,
    value: Arc<Secret<String>>,
    into: Destination,
) -> Result<Outcome, Stop> {
    let _writing = job.desk.writing()?;
    let stored = job.house.write(job.host(), value, into).await?;
    Ok(Outcome::Written(stored))
}
