//! The real registry client.
//!
//! `transport` holds every rule about what may be sent where, `page` which pages on the web are taken; `answer`
//! tells what a refusal means; `wire` knows the JSON; one file per group of endpoints does the rest.

mod account;
mod address;
mod ahead;
mod answer;
mod bearing;
mod cause;
mod client;
mod couch;
mod limit;
mod packages;
mod page;
mod reply;
mod request;
mod tfa;
mod tokens;
mod transport;
mod web;
mod wire;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use self::couch::Shown;
use self::transport::Transport;
use super::{
    Call, DoneUrl, Enrolling, Error, PageAt, Polled, Registry, Revoked, TokenPage, WebSession,
};
use crate::domain::account::{Profile, ProfileField};
use crate::domain::failure::Failure;
use crate::domain::granular::NewToken;
use crate::domain::identity::{CredentialKind, CredentialSource, Held, Identity};
use crate::domain::package::PackageFacts;
use crate::domain::recovery::RecoveryCodes;
use crate::domain::secret::Secret;
use crate::domain::signin::Session;
use crate::domain::text::Text;
use crate::domain::tfa::Level;
use crate::domain::token::{Token, TokenKey};
use crate::npmrc::{Auth, Config, Network, Scope};

/// Everything that a client is made from.
#[derive(Debug)]
pub struct Setup {
    /// The registry's address, with a path prefix where it has one.
    pub base: Url,
    /// The credential, and where it may go.
    pub credential: Option<(Auth, Scope)>,
    /// What to tell about both.
    pub identity: Identity,
    /// The way there.
    pub network: Network,
    /// How long to wait for what.
    pub timing: Timing,
    /// This machine's clock.
    pub now: fn() -> Timestamp,
}

impl Setup {
    /// What the npm configuration says. A shorter `fetch-timeout` than this program's own is obeyed.
    pub fn new(config: Config, now: fn() -> Timestamp) -> Self {
        let mut timing = Timing::default();
        timing.whole = timing.whole.min(config.network.timeout);
        Self {
            identity: config.identity(),
            base: config.registry,
            credential: config
                .credential
                .map(|credential| (credential.secret, credential.scope)),
            network: config.network,
            timing,
            now,
        }
    }
}

/// How long the client waits for what.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For one attempt as a whole, from the connection to the last byte of the body. An answer that is just
    /// arriving then has a few seconds more.
    pub whole: Duration,
    /// Before the second attempt, the third, … ; there are no more attempts than that.
    pub waits: [Duration; 2],
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(30),
            waits: [Duration::from_millis(500), Duration::from_secs(1)],
        }
    }
}

/// One account on one registry, over HTTP.
///
/// The connection machinery is built by the first request, not here: reading the system's certificates takes
/// longer than the first frame.
#[derive(Debug)]
pub struct HttpRegistry {
    identity: RwLock<Identity>,
    transport: Transport,
    shown: Shown,
}

impl HttpRegistry {
    /// A client that has sent nothing yet.
    ///
    /// Fails when the address is not one of a registry, or when a certificate or a proxy that the configuration
    /// names cannot be used: to go on without it would be to go another way than the person said.
    pub fn new(setup: Setup) -> Result<Self, Failure> {
        let identity = RwLock::new(setup.identity.clone());
        Ok(Self {
            identity,
            transport: Transport::new(setup)?,
            shown: Shown::default(),
        })
    }
}

impl Registry for HttpRegistry {
    fn identity(&self) -> Identity {
        self.identity
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn clock_ahead(&self) -> Option<i64> {
        self.transport.clock_ahead()
    }

    async fn whoami(&self, call: Call<'_>) -> Result<Text, Error> {
        account::whoami(&self.transport, call).await
    }

    async fn profile(&self, call: Call<'_>) -> Result<Profile, Error> {
        account::profile(&self.transport, call).await
    }

    async fn save_field(
        &self,
        call: Call<'_>,
        field: ProfileField,
        before: Option<&Text>,
        after: &str,
    ) -> Result<Profile, Error> {
        account::save_field(&self.transport, call, field, before, after).await
    }

    async fn touch(&self, call: Call<'_>) -> Result<(), Error> {
        account::touch(&self.transport, call).await
    }

    async fn enrol(
        &self,
        call: Call<'_>,
        level: Level,
        password: &Secret<String>,
    ) -> Result<Enrolling, Error> {
        tfa::enrol(&self.transport, call, level, password).await
    }

    async fn confirm(&self, call: Call<'_>, code: &Secret<String>) -> Result<RecoveryCodes, Error> {
        tfa::confirm(&self.transport, call, code).await
    }

    async fn disable(&self, call: Call<'_>, password: &Secret<String>) -> Result<(), Error> {
        tfa::disable(&self.transport, call, password).await
    }

    async fn tokens(&self, call: Call<'_>, page: &PageAt) -> Result<TokenPage, Error> {
        tokens::page(&self.transport, call, page).await
    }

    async fn revoke(&self, call: Call<'_>, key: &TokenKey) -> Result<Revoked, Error> {
        tokens::revoke(&self.transport, call, key).await
    }

    fn token(&self) -> Option<Arc<Secret<String>>> {
        self.transport.bearer()
    }

    fn adopt(&self, session: &Session) {
        let mut identity = self
            .identity
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // A token goes to the registry that gave it out, and nowhere else.
        if identity.registry != session.registry {
            tracing::warn!("a session of another registry is not used here");
            return;
        }
        self.transport.adopt(&session.token);
        identity.credential = Some(CredentialSource {
            place: Text::from("this session"),
            kind: CredentialKind::Token,
            held: Held::Session,
        });
    }

    async fn web_login(&self, call: Call<'_>) -> Result<WebSession, Error> {
        web::login(&self.transport, call).await
    }

    async fn poll(&self, call: Call<'_>, done: &DoneUrl) -> Result<Polled, Error> {
        web::poll(&self.transport, call, done).await
    }

    async fn password_login(
        &self,
        call: Call<'_>,
        name: &str,
        password: &Secret<String>,
    ) -> Result<Secret<String>, Error> {
        couch::login(&self.transport, call, &self.shown, name, password).await
    }

    async fn sign_up(
        &self,
        call: Call<'_>,
        name: &str,
        password: &Secret<String>,
        email: &str,
    ) -> Result<Secret<String>, Error> {
        couch::sign_up(&self.transport, call, name, password, email).await
    }

    async fn logout(&self, call: Call<'_>) -> Result<(), Error> {
        account::logout(&self.transport, call).await
    }

    async fn change_password(
        &self,
        call: Call<'_>,
        current: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<(), Error> {
        account::change_password(&self.transport, call, current, new).await
    }

    async fn create_token(
        &self,
        call: Call<'_>,
        new: &NewToken,
    ) -> Result<(Token, Secret<String>), Error> {
        tokens::create(&self.transport, call, new).await
    }

    async fn packages(&self, call: Call<'_>, account: &Text) -> Result<Vec<PackageFacts>, Error> {
        packages::list(&self.transport, call, account).await
    }

    async fn package(&self, call: Call<'_>, package: &PackageFacts) -> Result<PackageFacts, Error> {
        packages::one(&self.transport, call, package).await
    }
}
