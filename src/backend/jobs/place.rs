//! Where recovery codes can be kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::backend::desk::Desk;
use crate::backend::house::{Connector, Deps, House, aside, blocking};
use crate::backend::pairs::Hold;
use crate::backend::pass::Stop;
use crate::backend::protocol::Outcome;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::Place;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::npmrc::DEFAULT_REGISTRY;
use crate::registry::Registry as _;
use crate::vault::{self, Awaited, Order, Pair, Vault};

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

/// Makes and tries out the key pair of an encrypted file. One that waits for codes of the same account goes.
pub(super) async fn prove_vault<C: Connector>(
    house: &House<C>,
    account: Text,
    passphrase: Secret<String>,
) -> Result<Outcome, Failure> {
    // Who is asked matters for the name alone; nothing is sent.
    let host = house.registry().await?.identity().registry;
    let (deps, pairs) = (house.deps.clone(), Arc::clone(&house.pairs));
    let list = house.vault_here();
    let made = blocking(move || {
        pairs.discard_of(&account);
        let order = Order {
            folder: &deps.vault_dir,
            account: &account,
            registry: named(&host),
            date: today(&deps),
            work: deps.work,
        };
        let note = |codes: &Path| {
            let (account, host, codes) = (account.clone(), host.clone(), codes.to_owned());
            if let Err(failure) = list.with(|vault| vault.awaits(account, host, codes)) {
                tracing::warn!(%failure, "that codes are awaited is not in the list");
            }
        };
        let (pair, warnings) = Pair::prepare_noted(&order, &passphrase, note)?;
        let path = pair.path().to_owned();
        // Here and not where it is waited for, which may be given up meanwhile.
        pairs.add(pair, account);
        Ok::<_, Failure>((path, warnings))
    })
    .await??;
    let (path, warnings) = made;
    Ok(Outcome::PlaceProved {
        place: Place::Vault(path),
        warnings,
    })
}

/// A place that is ready for codes, before anything is begun that may bring some.
pub(super) struct Ready {
    pub(super) place: Place,
    /// The key pair of an encrypted file, which nothing removes meanwhile.
    hold: Option<Hold>,
    /// A plain file, noted so that the next program finds the codes when this one is killed.
    awaited: Option<Awaited>,
}

impl Ready {
    /// A file is proved once more, with what was typed made whole; an encrypted file has its key.
    ///
    /// `account`: whose codes they will be, where that is not who the registry named last.
    pub(super) async fn new<C: Connector>(
        house: &House<C>,
        account: Option<Text>,
        place: Place,
    ) -> Result<Self, Failure> {
        let (mut hold, mut awaited) = (None, None);
        let place = match place {
            Place::File(path) => {
                let path = proved(house.deps.clone(), path).await?.0;
                awaited = awaits(house, account, &path).await;
                Place::File(path)
            }
            Place::Vault(path) => {
                hold = Some(house.pairs.hold(&path)?);
                Place::Vault(path)
            }
            Place::Myself => Place::Myself,
        };
        Ok(Self {
            place,
            hold,
            awaited,
        })
    }

    /// No codes will come, or they are noted. (Without this the place stays ready, for another try.)
    pub(super) async fn discard(self, desk: &Desk) {
        let Self { hold, awaited, .. } = self;
        if hold.is_none() && awaited.is_none() {
            return;
        }
        let done = aside(move || {
            if let Some(hold) = hold {
                hold.discard();
            }
            if let Some(awaited) = awaited {
                awaited.discard();
            }
        });
        // When the program ends, a job that waits is dropped, and with it what it has to tell.
        if !desk.closing() {
            let _ = done.await;
        }
    }
}

/// The place serves without being noted, too.
async fn awaits<C: Connector>(
    house: &House<C>,
    account: Option<Text>,
    path: &Path,
) -> Option<Awaited> {
    let registry = house.registry().await.ok()?;
    let host = registry.identity().registry;
    let account = match account {
        Some(account) => account,
        None => house.who(&registry).await?,
    };
    let path = path.to_owned();
    let awaits = move |vault: &mut Vault| vault.awaits_plain(account, host, path);
    match house.vault(awaits).await {
        Ok(awaited) => Some(awaited),
        Err(failure) => {
            tracing::warn!(%failure, "that codes are awaited is not in the list");
            None
        }
    }
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
    vault::suggest_path(folder, account, named(host), today(deps))
}

/// The registry, where it is not npm's own.
fn named(host: &Text) -> Option<&Text> {
    let default = DEFAULT_REGISTRY
        .trim_start_matches("https://")
        .trim_end_matches('/');
    Some(host).filter(|host| host.as_str() != default)
}

fn today(deps: &Deps) -> Date {
    deps.clock.now().to_zoned(TimeZone::system()).date()
}
