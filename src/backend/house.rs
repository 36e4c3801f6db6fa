//! What all jobs share: the connection to the registry, the vault, the clock.

use std::path::PathBuf;
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::Mutex;

use crate::backend::clock::Clock;
use crate::backend::pass::Used;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::signin::{Forgotten, Session};
use crate::domain::text::Text;
use crate::registry::Registry;
use crate::vault::Vault;

/// By what credential a registry is spoken to.
#[derive(Clone, Copy, Debug)]
pub enum Access<'a> {
    /// By the one that the configuration gives, if it gives one.
    Configured,
    /// By none: to sign in.
    Nobody,
    /// By this one, as long as the configuration still means its registry; else as [`Access::Configured`].
    Session(&'a Session),
}

/// Makes the registry from the npm configuration, and keeps credentials in it. May block on files.
pub trait Connector: Send + Sync + 'static {
    /// The registry that it makes.
    type Registry: Registry;

    /// Reads the configuration anew and builds a client for it. Sends nothing.
    fn connect(&self, access: Access<'_>) -> Result<Self::Registry, Failure>;

    /// Puts the credential into the person's own configuration file; gives the file as a person names it.
    fn store(&self, session: &Session) -> Result<Text, Failure>;

    /// Takes a token out of the file that holds it.
    fn forget(&self, token: &Secret<String>) -> Result<Forgotten, Failure>;
}

/// What the backend needs of its surroundings.
#[derive(Clone)]
pub struct Deps {
    /// The program's own folder, where the list of recovery sets is kept.
    pub vault_dir: PathBuf,
    /// The folder in which files for recovery codes are suggested, and where a typed relative path begins.
    pub place_dir: PathBuf,
    /// What `~/` stands for.
    pub home: Option<PathBuf>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Makes the choice of a proof repeatable, for tests; `None` draws from the system.
    pub seed: Option<u64>,
}

pub(super) struct House<C: Connector> {
    connector: Arc<C>,
    link: Mutex<Option<Arc<C::Registry>>>,
    pub(super) deps: Deps,
    pub(super) used: Used,
    vault: Arc<StdMutex<Option<Vault>>>,
    rng: StdMutex<StdRng>,
}

impl<C: Connector> House<C> {
    pub(super) fn new(connector: C, deps: Deps) -> Self {
        Self {
            connector: Arc::new(connector),
            link: Mutex::new(None),
            used: Used::default(),
            vault: Arc::default(),
            rng: StdMutex::new(match deps.seed {
                Some(seed) => StdRng::seed_from_u64(seed),
                None => StdRng::from_os_rng(),
            }),
            deps,
        }
    }

    /// The registry of the last reading of the configuration; reads it when there was none.
    pub(super) async fn registry(&self) -> Result<Arc<C::Registry>, Failure> {
        let mut link = self.link.lock().await;
        if let Some(registry) = &*link {
            return Ok(Arc::clone(registry));
        }
        let registry = self.connect().await?;
        *link = Some(Arc::clone(&registry));
        Ok(registry)
    }

    /// The registry after reading the configuration anew. Requests that began before keep the old one.
    pub(super) async fn registry_anew(&self) -> Result<Arc<C::Registry>, Failure> {
        let mut link = self.link.lock().await;
        *link = None;
        let registry = self.connect().await?;
        *link = Some(Arc::clone(&registry));
        Ok(registry)
    }

    /// Works with the list of recovery sets, beside the jobs. It is opened when it is first needed, and again
    /// as long as another instance holds it.
    pub(super) async fn vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let vault = Arc::clone(&self.vault);
        let folder = self.deps.vault_dir.clone();
        blocking(move || {
            let mut slot = vault.lock().unwrap_or_else(PoisonError::into_inner);
            if slot.as_ref().is_some_and(Vault::read_only) {
                *slot = None;
            }
            match &mut *slot {
                Some(vault) => work(vault),
                None => work(slot.insert(Vault::open(&folder)?)),
            }
        })
        .await?
    }

    /// Chance.
    pub(super) fn rng(&self) -> MutexGuard<'_, StdRng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<Arc<C::Registry>, Failure> {
        let connector = Arc::clone(&self.connector);
        blocking(move || connector.connect(Access::Configured))
            .await?
            .map(Arc::new)
    }
}

/// Runs what may block on files beside the jobs. It goes on to its end even when nobody waits for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| fault("reading or writing a file"))
}

/// A fault of this program: the last resort, so that nothing waits for ever.
pub(super) fn fault(doing: &str) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!("npm-warden itself failed while {doing}."),
        "Please report it; press r to read the truth from the registry.",
    )
}
