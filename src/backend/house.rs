//! What all jobs share: the connection to the registry, the vault, the clock.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::Mutex;

use crate::backend::clock::Clock;
use crate::backend::desk::Writes;
use crate::backend::pairs::Pairs;
use crate::backend::used::Used;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::machine::{CredentialId, Destination, Fix, FixPreview, Rank, Target};
use crate::domain::secret::Secret;
use crate::domain::signin::{Forgotten, Session, Stored};
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::npmrc::{Auth, Survey};
use crate::records::Notes;
use crate::registry::Registry;
use crate::vault::Vault;

/// How long files may take to be removed when the program ends.
const LAST_FILES: Duration = Duration::from_millis(500);

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

    /// Puts the credential into the person's own configuration file.
    fn store(&self, session: &Session) -> Result<Stored, Failure>;

    /// Takes a token of this registry out of the file that holds it, whichever registry the configuration means now.
    fn forget(&self, registry: &Text, token: &Secret<String>) -> Result<Forgotten, Failure>;

    /// Everything that npm would read on this machine, with the values. Sends nothing.
    fn survey(&self) -> Result<Survey, Failure> {
        Ok(Survey::default())
    }

    /// The credentials in one file, whether npm would read it from here or not. Fails where it cannot be read.
    fn look_into(&self, file: &Path) -> Result<Survey, Failure> {
        Err(no_files(&Text::new(&file.to_string_lossy())))
    }

    /// A client that carries this credential of the configuration, for its own registry alone.
    fn by_local(&self, id: &CredentialId) -> Result<Self::Registry, Failure> {
        Err(no_files(&id.key))
    }

    /// What a fix would do. Writes nothing.
    fn preview(&self, _: &Fix) -> Result<FixPreview, Failure> {
        Err(no_files(&Text::default()))
    }

    /// Does what was previewed, if the file is still the same.
    fn apply(&self, preview: &FixPreview) -> Result<(), Failure> {
        Err(no_files(&preview.file))
    }

    /// Puts a new value in the place of an old one, which must still stand there.
    fn put(
        &self,
        id: &CredentialId,
        _old: &Secret<String>,
        _new: &Secret<String>,
    ) -> Result<Stored, Failure> {
        Err(no_files(&id.key))
    }

    /// What a token of this registry, this one where it is known, would take the place of there. Changes nothing; `by`
    /// carries the requests.
    fn aim(
        &self,
        _registry: &Text,
        _into: &Destination,
        _token: Option<&Secret<String>>,
        _by: Option<&Secret<String>>,
    ) -> Result<Target, Failure> {
        Err(no_files(&Text::default()))
    }

    /// Puts a token of this registry into a file of the configuration.
    fn write(
        &self,
        _registry: &Text,
        _token: &Secret<String>,
        _into: &Destination,
    ) -> Result<Stored, Failure> {
        Err(no_files(&Text::default()))
    }
}

/// A configuration that stands in no file.
pub(super) fn no_files(what: &Text) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!("The configuration of this run stands in no file, so nothing is written. {what}"),
        "",
    )
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
    /// How much work the passphrase of an encrypted file costs, as a power of two: [`crate::vault::WORK`], less in tests.
    pub work: u8,
    /// Makes the choice of a proof repeatable, for tests; `None` draws from the system.
    pub seed: Option<u64>,
}

pub(super) struct House<C: Connector> {
    connector: Arc<C>,
    link: Mutex<Link<C::Registry>>,
    /// The newest session, for the requests that wait for one.
    pub(super) sessions: Sessions,
    pub(super) deps: Deps,
    pub(super) used: Used,
    /// The keys of encrypted files that wait for codes.
    pub(super) pairs: Arc<Pairs>,
    /// Values that somebody gave, and which tokens they are.
    pub(super) given: Given,
    writes: Arc<Writes>,
    vault: Arc<StdMutex<Option<Vault>>>,
    rng: StdMutex<StdRng>,
}

/// The present connection, and as whom.
struct Link<R> {
    registry: Option<Arc<R>>,
    session: Option<SignedIn<R>>,
    /// Which registry answered with which account's name last.
    known: Option<(Text, Text)>,
}

/// A sign-in of this program.
pub(super) struct SignedIn<R> {
    pub(super) session: Arc<Session>,
    /// Speaks by it, whatever the configuration means later.
    pub(super) registry: Arc<R>,
    /// It is in a file too, where it lives on.
    pub(super) filed: bool,
    /// The configuration gives it, too.
    pub(super) configured: bool,
}

/// Values that somebody gave to this run, each with its registry and the token that it is. They are kept nowhere else.
#[derive(Debug, Default)]
pub(super) struct Given(StdMutex<Vec<GivenValue>>);

type GivenValue = (Text, TokenKey, Arc<Secret<String>>);

impl Given {
    pub(super) fn is(&self, registry: &Text, key: TokenKey, value: Arc<Secret<String>>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(of, other, _)| of != registry || *other != key);
        all.push((registry.clone(), key, value));
    }

    /// Those of this registry.
    pub(super) fn of(&self, registry: &Text) -> Vec<(TokenKey, Arc<Secret<String>>)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = all.iter().filter(|(of, ..)| of == registry);
        of_it
            .map(|(_, key, value)| (key.clone(), Arc::clone(value)))
            .collect()
    }
}

/// The newest session.
#[derive(Debug, Default)]
pub(super) struct Sessions(StdMutex<Option<Arc<Session>>>);

impl Sessions {
    pub(super) fn newest(&self) -> Option<Arc<Session>> {
        self.slot().clone()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Session>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The list of recovery sets, on a thread that may block.
pub(super) struct VaultHere {
    vault: Arc<StdMutex<Option<Vault>>>,
    folder: PathBuf,
}

impl VaultHere {
    /// See [`House::vault`].
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut slot = self.vault.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_some_and(Vault::read_only) {
            *slot = None;
        }
        match &mut *slot {
            Some(vault) => work(vault),
            None => work(slot.insert(Vault::open(&self.folder)?)),
        }
    }
}

/// [`Access`] that can go to another thread.
enum Wanted {
    Configured,
    Nobody,
    Session(Arc<Session>),
}

impl<C: Connector> House<C> {
    pub(super) fn new(connector: C, deps: Deps, writes: Arc<Writes>) -> Self {
        Self {
            connector: Arc::new(connector),
            link: Mutex::new(Link {
                registry: None,
                session: None,
                known: None,
            }),
            sessions: Sessions::default(),
            used: Used::default(),
            pairs: Arc::default(),
            given: Given::default(),
            writes,
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
        if let Some(registry) = &link.registry {
            return Ok(Arc::clone(registry));
        }
        self.read(&mut link).await
    }

    /// The registry after reading the configuration anew. Requests that began before keep the old one.
    pub(super) async fn registry_anew(&self) -> Result<Arc<C::Registry>, Failure> {
        let mut link = self.link.lock().await;
        link.registry = None;
        self.read(&mut link).await
    }

    async fn read(&self, link: &mut Link<C::Registry>) -> Result<Arc<C::Registry>, Failure> {
        let wanted = match &link.session {
            Some(signed_in) if !signed_in.configured => {
                Wanted::Session(Arc::clone(&signed_in.session))
            }
            _ => Wanted::Configured,
        };
        let registry = self.connect(wanted).await?;
        link.registry = Some(Arc::clone(&registry));
        Ok(registry)
    }

    /// The registry by no credential.
    pub(super) async fn nobody(&self) -> Result<Arc<C::Registry>, Failure> {
        self.connect(Wanted::Nobody).await
    }

    /// The registry by what the configuration gives.
    pub(super) async fn configured(&self) -> Result<Arc<C::Registry>, Failure> {
        self.connect(Wanted::Configured).await
    }

    /// The registry by a session.
    pub(super) async fn by(&self, session: &Arc<Session>) -> Result<Arc<C::Registry>, Failure> {
        self.connect(Wanted::Session(Arc::clone(session))).await
    }

    /// Puts a session's credential into the person's file.
    pub(super) async fn store(&self, session: &Arc<Session>) -> Result<Stored, Failure> {
        let (connector, session) = (Arc::clone(&self.connector), Arc::clone(session));
        blocking(move || connector.store(&session)).await?
    }

    /// Takes a token of this registry out of the file that holds it.
    pub(super) async fn forget(
        &self,
        registry: Text,
        token: Arc<Secret<String>>,
    ) -> Result<Forgotten, Failure> {
        let connector = Arc::clone(&self.connector);
        blocking(move || connector.forget(&registry, &token)).await?
    }

    /// What lies on this machine: the credentials with their values, and the notes of tokens. What cannot be read is
    /// left out.
    pub(super) async fn kept_here(&self) -> (Survey, Notes) {
        let (connector, folder) = (Arc::clone(&self.connector), self.deps.vault_dir.clone());
        let look = move || {
            let survey = connector.survey().unwrap_or_else(|failure| {
                tracing::warn!(%failure, "the configuration on this machine could not be looked through");
                Survey::default()
            });
            let notes = Notes::open(&folder).unwrap_or_else(|failure| {
                tracing::warn!(%failure, "the notes of tokens could not be read");
                Notes::default()
            });
            (survey, notes)
        };
        blocking(look).await.unwrap_or_default()
    }

    /// Works with the notes of tokens, beside the jobs.
    pub(super) async fn notes<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Notes) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let folder = self.deps.vault_dir.clone();
        blocking(move || work(&mut Notes::open(&folder)?)).await?
    }

    /// Everything that npm would read on this machine. In use is what requests carry now, which a sign-in of this
    /// program may have changed.
    pub(super) async fn survey(&self) -> Result<Survey, Failure> {
        let connector = Arc::clone(&self.connector);
        let mut survey = blocking(move || connector.survey()).await??;
        let session = {
            let link = self.link.lock().await;
            let session = link.session.as_ref().filter(|held| !held.configured);
            session.map(|held| Arc::clone(&held.session))
        };
        if let Some(session) = session
            && session.registry == survey.machine.registry
        {
            let holds = |id: &CredentialId| {
                let value = survey.values.iter().find(|(held, _)| held == id);
                value.is_some_and(|(_, auth)| match auth {
                    Auth::Bearer(token) => token.matches(&session.token),
                    Auth::Basic(_) => false,
                })
            };
            for local in &mut survey.machine.credentials {
                // Where npm refuses all, none wins; the one in use was first.
                local.in_use = (local.rank == Rank::Wins || local.in_use) && holds(&local.id);
            }
        }
        Ok(survey)
    }

    /// The credentials in one file, whether npm would read it from here or not.
    pub(super) async fn look_into(&self, file: PathBuf) -> Result<Survey, Failure> {
        let connector = Arc::clone(&self.connector);
        blocking(move || connector.look_into(&file)).await?
    }

    /// A client that carries this credential of the configuration, for its own registry alone.
    pub(super) async fn by_local(&self, id: &CredentialId) -> Result<C::Registry, Failure> {
        let (connector, id) = (Arc::clone(&self.connector), id.clone());
        blocking(move || connector.by_local(&id)).await?
    }

    /// Puts a new value in the place of an old one.
    pub(super) async fn put(
        &self,
        id: &CredentialId,
        old: &Arc<Secret<String>>,
        new: &Arc<Secret<String>>,
    ) -> Result<Stored, Failure> {
        let (connector, id) = (Arc::clone(&self.connector), id.clone());
        let (old, new) = (Arc::clone(old), Arc::clone(new));
        blocking(move || connector.put(&id, &old, &new)).await?
    }

    /// What a token of this registry would take the place of there.
    pub(super) async fn aim(
        &self,
        registry: Text,
        into: Destination,
        token: Option<Arc<Secret<String>>>,
        by: Option<Arc<Secret<String>>>,
    ) -> Result<Target, Failure> {
        let connector = Arc::clone(&self.connector);
        blocking(move || connector.aim(&registry, &into, token.as_deref(), by.as_deref())).await?
    }

    /// Puts a token of this registry into a file of the configuration.
    pub(super) async fn write(
        &self,
        registry: Text,
        token: Arc<Secret<String>>,
        into: Destination,
    ) -> Result<Stored, Failure> {
        let connector = Arc::clone(&self.connector);
        blocking(move || connector.write(&registry, &token, &into)).await?
    }

    /// What a fix would do.
    pub(super) async fn preview(&self, fix: Fix) -> Result<FixPreview, Failure> {
        let connector = Arc::clone(&self.connector);
        blocking(move || connector.preview(&fix)).await?
    }

    /// Does what was previewed.
    pub(super) async fn apply(&self, preview: FixPreview) -> Result<(), Failure> {
        let connector = Arc::clone(&self.connector);
        blocking(move || connector.apply(&preview)).await?
    }

    /// The registry that is spoken to now, as a person reads it.
    pub(super) async fn present(&self) -> Option<Text> {
        let link = self.link.lock().await;
        let registry = link.registry.as_ref()?;
        Some(registry.identity().registry)
    }

    /// What speaks by this token, if it is the one that the configuration gives.
    pub(super) async fn configured_by(&self, token: &Secret<String>) -> Option<Arc<C::Registry>> {
        let found = self.configured().await.ok()?;
        let same = found.token().is_some_and(|given| given.matches(token));
        same.then_some(found)
    }

    /// Whether this token is in use already: some registries give an account the same one at each sign-in.
    pub(super) async fn uses(&self, token: &Secret<String>) -> bool {
        let held = {
            let link = self.link.lock().await;
            let session = link.session.as_ref();
            session.is_some_and(|held| held.session.token.matches(token))
        };
        held || self.configured_by(token).await.is_some()
    }

    /// From now on everything is done by this; gives what was there before, unless that is the same credential.
    pub(super) async fn settle(
        &self,
        mut signed_in: SignedIn<C::Registry>,
    ) -> Option<SignedIn<C::Registry>> {
        let mut link = self.link.lock().await;
        let session = Arc::clone(&signed_in.session);
        let mut before = link.session.take();
        if let Some(same) = before.take_if(|held| held.session.token.matches(&session.token)) {
            signed_in.filed |= same.filed;
        }
        link.registry = Some(Arc::clone(&signed_in.registry));
        link.known = Some((session.registry.clone(), session.name.clone()));
        self.writes.holds_session(!signed_in.filed);
        *self.sessions.slot() = Some(session);
        link.session = Some(signed_in);
        before
    }

    /// The credential of this registry is no more: the configuration is read anew when it is needed.
    pub(super) async fn signed_out(&self, token: &Secret<String>) {
        let mut link = self.link.lock().await;
        if let Some(signed_in) = &link.session
            && signed_in.session.token.matches(token)
        {
            link.session = None;
            *self.sessions.slot() = None;
            self.writes.holds_session(false);
        }
        link.registry = None;
        link.known = None;
    }

    /// Whether this is the token of a session that is in a file, too.
    pub(super) async fn filed(&self, token: &Secret<String>) -> bool {
        let link = self.link.lock().await;
        let session = link.session.as_ref();
        session.is_some_and(|held| held.filed && held.session.token.matches(token))
    }

    /// The session that this program alone holds, to be ended.
    pub(super) async fn leave(&self) -> Option<SignedIn<C::Registry>> {
        let mut link = self.link.lock().await;
        link.session.take_if(|signed_in| !signed_in.filed)
    }

    /// The registry, as long as it is the present one, has answered with this name.
    pub(super) async fn know(&self, registry: &C::Registry, name: &Text) {
        let mut link = self.link.lock().await;
        if let Some(present) = &link.registry
            && std::ptr::eq(&raw const **present, registry)
        {
            link.known = Some((registry.identity().registry, name.clone()));
        }
    }

    /// The account's name, by what this registry answered last.
    pub(super) async fn who(&self, registry: &C::Registry) -> Option<Text> {
        let link = self.link.lock().await;
        let (host, name) = link.known.as_ref()?;
        (*host == registry.identity().registry).then(|| name.clone())
    }

    /// Works with the list of recovery sets, beside the jobs. It is opened when it is first needed, and again
    /// as long as it can only be read.
    pub(super) async fn vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let vault = self.vault_here();
        blocking(move || vault.with(work)).await?
    }

    /// The same list, for what is on a thread that may block already.
    pub(super) fn vault_here(&self) -> VaultHere {
        VaultHere {
            vault: Arc::clone(&self.vault),
            folder: self.deps.vault_dir.clone(),
        }
    }

    /// A recovery code was sent: `sure` when the registry took it, otherwise no answer came. A list that cannot be
    /// written is no reason to stop.
    pub(super) async fn code_used(
        &self,
        account: &Text,
        registry: &Text,
        code: &Secret<String>,
        sure: bool,
    ) {
        let (account, registry) = (account.clone(), registry.clone());
        let code = Secret::from(code.expose().as_str());
        let at = self.deps.clock.now();
        let noted = self
            .vault(move |vault| vault.mark_used(&account, &registry, &code, at, sure))
            .await;
        if let Err(failure) = noted {
            tracing::warn!(%failure, "that a recovery code was used is not in the list");
        }
    }

    /// The end of the program: keys that no codes came for go.
    pub(super) async fn discard_pairs(&self) {
        if self.pairs.is_empty() {
            return;
        }
        let pairs = Arc::clone(&self.pairs);
        // A disk that hangs keeps nobody.
        let _ = tokio::time::timeout(LAST_FILES, blocking(move || pairs.discard_all())).await;
    }

    /// Chance.
    pub(super) fn rng(&self) -> MutexGuard<'_, StdRng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self, wanted: Wanted) -> Result<Arc<C::Registry>, Failure> {
        let connector = Arc::clone(&self.connector);
        let connect = move || {
            connector.connect(match &wanted {
                Wanted::Configured => Access::Configured,
                Wanted::Nobody => Access::Nobody,
                Wanted::Session(session) => Access::Session(session),
            })
        };
        blocking(connect).await?.map(Arc::new)
    }
}

/// Runs what may block on files beside the jobs. It goes on to its end even when nobody waits for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    aside(work)
        .await
        .map_err(|_| fault("reading or writing a file"))
}

/// Work on files that begins now, whether its end is waited for or not.
pub(super) fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    tokio::task::spawn_blocking(work)
}

/// A fault of this program: the last resort, so that nothing waits for ever.
pub(super) fn fault(doing: &str) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!("npm-warden itself failed while {doing}."),
        "Please report it; press r to read the truth from the registry.",
    )
}
