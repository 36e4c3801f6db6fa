//! Where recovery codes can be kept.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::backend::house::{Connector, Deps, House, blocking};
use crate::backend::pass::Stop;
use crate::backend::protocol::Outcome;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use crate::npmrc::DEFAULT_REGISTRY;
use crate::vault;

use super::Job;

pub(super) async fn prove<C: Connector>(
    house: &House<C>,
    typed: PathBuf,
) -> Result<Outcome, Failure> {
    let (path, warnings) = proved(house.deps.clone(), typed).await?;
    Ok(Outcome::PlaceProved {
        place: Place::File(path),
        warnings,
    })
}

/// The whole path of what was typed, after a file was made there and removed again.
pub(super) async fn proved(deps: Deps, typed: PathBuf) -> Result<(PathBuf, Vec<Text>), Failure> {
    blocking(move || {
        let path = resolved(&deps, &typed)?;
        let make_folder = path.parent() == Some(deps.place_dir.as_path());
        let proof = vault::prove(&path, make_folder)?;
        Ok((path, proof.warnings))
    })
    .await?
}

/// The whole path of what was typed.
pub(super) fn resolved(deps: &Deps, typed: &Path) -> Result<PathBuf, Failure> {
    let Some(text) = typed.to_str() else {
        return Err(Failure::new(
            FailureKind::Local,
            "The path has characters that are not text.",
            "Choose a path with plain letters.",
        ));
    };
    vault::resolve(text, deps.home.as_deref(), &deps.place_dir)
}

pub(super) async fn suggest<C: Connector>(
    job: &Job<'_, C>,
    account: Text,
) -> Result<Outcome, Stop> {
    let (deps, host) = (job.house.deps.clone(), job.host());
    let path = blocking(move || free_path(&deps, &deps.place_dir, &account, &host)).await?;
    Ok(Outcome::Suggested(path))
}

/// A path in `folder` that nothing has yet.
pub(super) fn free_path(deps: &Deps, folder: &Path, account: &Text, host: &Text) -> PathBuf {
    let default = DEFAULT_REGISTRY
        .trim_start_matches("https://")
        .trim_end_matches('/');
    let host = Some(host).filter(|host| host.as_str() != default);
    let today = deps.clock.now().to_zoned(TimeZone::system()).date();
    vault::suggest_path(folder, account, host, today)
}
