//! The sets of recovery codes that this machine knows of, and what is done with one.

use std::path::PathBuf;
use std::sync::Arc;

use crate::backend::desk::Desk;
use crate::backend::house::{Connector, House, blocking};
use crate::backend::protocol::{Opened, Outcome};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::{Place, RecoveryCodes, RecoverySet, SetId};
use crate::domain::secret::Secret;
use crate::vault::{self, Seals};

use super::place;
use super::prove::{Again, prove};

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

pub(super) async fn open<C: Connector>(
    house: &House<C>,
    id: SetId,
    passphrase: Option<Secret<String>>,
) -> Result<Outcome, Failure> {
    let (set, codes) = codes_of(house, &id, passphrase).await?;
    let codes = Arc::new(codes);
    let looked_for = Arc::clone(&codes);
    let used = house
        .vault(move |vault| {
            // The codes are at hand, whether the list can be written or not.
            if let Err(failure) = vault.opened(&set.id(), &looked_for) {
                tracing::warn!(%failure, "what was seen in an opened set is not in the list");
            }
            Ok(vault.used(&set.account, &set.registry, &looked_for))
        })
        .await?;
    Ok(Outcome::Opened(Opened {
        set: id,
        codes,
        used,
    }))
}

pub(super) async fn prove_again<C: Connector>(
    house: &House<C>,
    desk: &Desk,
    id: SetId,
    passphrase: Option<Secret<String>>,
) -> Result<Outcome, Failure> {
    let (_, codes) = codes_of(house, &id, passphrase).await?;
    let proved = prove(house, desk, &codes, Again::Hides)
        .await
        .map_err(|_| desk.left_words())?;
    drop(codes);
    if proved {
        house.vault(move |vault| vault.mark_proved(&id)).await?;
    }
    Ok(Outcome::SetProved { proved })
}

pub(super) async fn export<C: Connector>(
    house: &House<C>,
    id: SetId,
    passphrase: Option<Secret<String>>,
    to: PathBuf,
) -> Result<Outcome, Failure> {
    // Before anybody waits for the passphrase to be tried.
    let (path, _) = place::proved(house.deps.clone(), to).await?;
    let (set, codes) = codes_of(house, &id, passphrase).await?;
    blocking(move || {
        vault::save_codes(&codes, &set.account, &set.registry, set.received, &path)?;
        Ok(Outcome::Exported(path))
    })
    .await?
}

pub(super) async fn remove<C: Connector>(
    house: &House<C>,
    desk: &Arc<Desk>,
    id: SetId,
) -> Result<Outcome, Failure> {
    let _writing = desk.writing().map_err(|_| desk.left_words())?;
    house
        .vault(move |vault| {
            vault.refresh()?;
            vault.writable()?;
            let (set, seals) = vault.find(&id)?;
            let left = vault::remove_files(&set, seals.as_ref())?;
            vault.forget(&id)?;
            Ok(Outcome::SetRemoved(left))
        })
        .await
}

/// The codes of a set.
async fn codes_of<C: Connector>(
    house: &House<C>,
    id: &SetId,
    passphrase: Option<Secret<String>>,
) -> Result<(RecoverySet, RecoveryCodes), Failure> {
    let id = id.clone();
    let (set, seals) = house
        .vault(move |vault| {
            vault.refresh()?;
            vault.find(&id)
        })
        .await?;
    // A passphrase takes its time, and the list is not held back by it.
    blocking(move || {
        let codes = read(&set.place, passphrase.as_ref(), seals.as_ref())?;
        Ok((set, RecoveryCodes::new(codes)))
    })
    .await?
}

fn read(
    place: &Place,
    passphrase: Option<&Secret<String>>,
    seals: Option<&Seals>,
) -> Result<Vec<Secret<String>>, Failure> {
    let local = |what: &str, next: &str| Failure::new(FailureKind::Local, what, next);
    match (place, passphrase) {
        (Place::File(path), _) => vault::read_back(path),
        (Place::Vault(path), Some(passphrase)) => vault::open_codes(path, passphrase, seals),
        (Place::Vault(_), None) => Err(local(
            "These codes are in an encrypted file.",
            "Type its passphrase.",
        )),
        (Place::Myself, _) => Err(local(
            "You chose to keep these codes yourself, so this machine does not have them.",
            "Look where you put them: a password manager, a sheet of paper.",
        )),
    }
}
