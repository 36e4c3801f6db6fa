//! What this machine holds for npm: looked at, tried out, mended.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use crate::backend::batch::WIDTH;
use crate::backend::desk::Desk;
use crate::backend::house::{Connector, House};
use crate::backend::protocol::{Outcome, Step};
use crate::backend::session::name_of;
use crate::domain::failure::Failure;
use crate::domain::machine::{CredentialId, Fix, FixPreview, Probe, Probed};
use crate::registry::{Error, Registry as _};

/// What npm would read. Sends nothing.
pub(super) async fn look<C: Connector>(house: &House<C>) -> Result<Outcome, Failure> {
    let survey = house.survey().await?;
    Ok(Outcome::Machine(Box::new(survey.machine)))
}

/// Tries credentials out, several at once, each at its own registry and with no question to the person.
pub(super) async fn probe<C: Connector>(
    house: &House<C>,
    desk: &Desk,
    ids: Vec<CredentialId>,
) -> Result<Outcome, Failure> {
    let each = ids.into_iter().enumerate().map(async |(place, id)| {
        let probe = probe_one(house, desk, &id).await;
        let at = house.deps.clock.now();
        let probed = Probed { id, probe, at };
        desk.step(Step::Probed(probed.clone()));
        (place, probed)
    });
    let mut probed: Vec<_> = stream::iter(each).buffer_unordered(WIDTH).collect().await;
    probed.sort_by_key(|(place, _)| *place);
    Ok(Outcome::Probed(
        probed.into_iter().map(|(_, probed)| probed).collect(),
    ))
}

async fn probe_one<C: Connector>(house: &House<C>, desk: &Desk, id: &CredentialId) -> Probe {
    let registry = match house.by_local(id).await {
        Ok(registry) => registry,
        Err(failure) => return Probe::Unknown(failure),
    };
    let host = registry.identity().registry;
    match name_of(&registry, desk.retrying()).await {
        Ok(name) => Probe::Works(name),
        Err(Error::SignedOut { words, .. }) => Probe::Dead(words),
        Err(
            error @ Error::Refused {
                status: 401 | 403, ..
            },
        ) => Probe::Refused(error.failure(&host)),
        Err(error) => Probe::Unknown(error.failure(&host)),
    }
}

/// What a fix would do. Writes nothing, and sends nothing.
pub(super) async fn preview<C: Connector>(house: &House<C>, fix: Fix) -> Result<Outcome, Failure> {
    let preview = house.preview(fix).await?;
    Ok(Outcome::FixPreview(Box::new(preview)))
}

/// Does it, and looks again. Sends nothing.
pub(super) async fn apply<C: Connector>(
    house: &House<C>,
    desk: &Arc<Desk>,
    preview: FixPreview,
) -> Result<Outcome, Failure> {
    let _writing = desk.writing().map_err(|_| desk.left_words())?;
    house.apply(preview).await?;
    let survey = house.survey().await?;
    Ok(Outcome::Fixed(Box::new(survey.machine)))
}
