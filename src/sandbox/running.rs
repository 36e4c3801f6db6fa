//! The registry while it runs, seen from the process that started it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::account::{Registry, Rules, Tfa, seconds};
use super::door::{Door, Peer};
use super::fault::{Fault, Faults};
use super::linger::Linger;
use super::mail::{Mail, Outbox};
use super::options::{Options, Policy, StartError};
use super::router::{Shared, router};
use super::seed;
use super::shelf::Shelf;
use super::totp::PERIOD;
use super::web::Desk;
use crate::domain::secret::Secret;
use crate::domain::tfa;

/// How long [`Running::stop`] waits for a connection that hangs in the middle of a request.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts a registry. To be called inside a tokio runtime, which then serves it.
pub async fn start(options: Options) -> Result<Running, StartError> {
    options.check()?;
    let bind = |source| StartError::Bind {
        address: options.listen,
        source,
    };
    let listener = TcpListener::bind(options.listen).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;

    let prefix = options.path().to_owned();
    let mut registry = Registry {
        accounts: Vec::new(),
        shelf: Shelf::new(options.policy),
        packages: Vec::new(),
        outbox: Outbox::default(),
        thief: None,
        desk: Desk::default(),
        rules: Rules::from(&options),
        linger: Linger::default(),
    };
    let now = options.clock.now();
    let seeded = seed::account(&mut registry, options.tokens, options.tfa, now);
    if options.under_attack {
        seed::attack(&mut registry, seeded.account, now);
    }
    let mut faults = Faults::default();
    options
        .faults
        .into_iter()
        .for_each(|fault| faults.add(fault));
    let (close, closing) = watch::channel(false);
    let shared = Arc::new(Shared {
        registry: Mutex::new(registry),
        clock: options.clock,
        delay: options.delay,
        faults: Mutex::new(faults),
        log: options.log,
        prefix,
        seen: watch::Sender::default(),
        closing: closing.clone(),
    });
    let service = router(&shared).into_make_service_with_connect_info::<Peer>();
    let server = axum::serve(Door(listener), service).with_graceful_shutdown(closed(closing));
    let server = tokio::spawn(async move { drop(server.await) });
    Ok(Running {
        url: format!("http://{address}{}/", shared.prefix),
        seeded,
        shared,
        close,
        server,
    })
}

async fn closed(mut closing: watch::Receiver<bool>) {
    // An error says that the handle was dropped, which ends the registry as well.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// A running registry. It ends when this is dropped, or by [`Running::stop`].
pub struct Running {
    url: String,
    seeded: seed::Seeded,
    shared: Arc<Shared>,
    close: watch::Sender<bool>,
    server: JoinHandle<()>,
}

/// The code that a phone with the account's key would show, or one that was mailed.
#[derive(Debug)]
pub struct DemoCode {
    /// Six digits of a phone's, eight of a mail's.
    pub code: Secret<String>,
    /// For how long it is shown.
    pub seconds_left: u64,
}

/// The seeded account and the traffic at one moment. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The second factor.
    pub tfa: tfa::Tfa,
    /// How many recovery codes have not been used.
    pub recovery_codes: usize,
    /// How many tokens are listed, without those that were revoked and linger there.
    pub tokens: usize,
    /// How often each key that was revoked was asked to be.
    pub revoked: BTreeMap<String, u64>,
    /// How many sessions there are that no list shows.
    pub sessions: usize,
    /// How many requests each route has seen, by `METHOD /route/{with}/{names}`.
    pub requests: BTreeMap<String, u64>,
}

impl Running {
    /// The address, with a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The seeded account's name.
    pub fn username(&self) -> &str {
        &self.seeded.username
    }

    /// The seeded account's password, as it was at the start.
    pub fn password(&self) -> &Secret<String> {
        &self.seeded.password
    }

    /// The seeded account's address, as it was at the start.
    pub fn email(&self) -> &str {
        &self.seeded.email
    }

    /// The token of the seeded account's own session.
    pub fn token(&self) -> &Secret<String> {
        &self.seeded.token
    }

    /// The address for an authenticator, where the account had a second factor from the start.
    pub fn otpauth(&self) -> Option<&Secret<String>> {
        self.seeded.otpauth.as_ref()
    }

    /// The recovery codes that the account had from the start; none where it had no second factor,
    /// or a set-up that was not confirmed.
    pub fn recovery_codes(&self) -> &[Secret<String>] {
        &self.seeded.recovery
    }

    /// The one line of JSON that says how to use this registry.
    pub fn start_line(&self) -> Secret<String> {
        let mut line = serde_json::json!({
            "url": self.url,
            "username": self.seeded.username,
            "password": self.seeded.password.expose(),
            "email": self.seeded.email,
            "token": self.seeded.token.expose(),
        });
        if let Some(otpauth) = &self.seeded.otpauth {
            line["otpauth"] = otpauth.expose().as_str().into();
            let codes = self.seeded.recovery.iter();
            line["recovery_codes"] = codes.map(|code| code.expose().as_str()).collect();
        }
        Secret::from(line.to_string())
    }

    /// The present code of the seeded account's key, whether its set-up is finished or not;
    /// `None` while it has no key.
    pub fn code(&self) -> Option<DemoCode> {
        let now = seconds(self.shared.clock.now());
        let registry = self.shared.registry();
        match &registry.accounts[self.seeded.account].tfa {
            Tfa::Off => None,
            Tfa::Pending { totp, .. } | Tfa::On { totp, .. } => Some(DemoCode {
                code: totp.code(now / PERIOD),
                seconds_left: PERIOD - now % PERIOD,
            }),
        }
    }

    /// How things stand.
    pub fn inspect(&self) -> Inspection {
        let registry = self.shared.registry();
        let (tfa, recovery_codes) = match &registry.accounts[self.seeded.account].tfa {
            Tfa::Off => (tfa::Tfa::Off, 0),
            Tfa::Pending { level, .. } => (tfa::Tfa::Pending(Some(*level)), 0),
            Tfa::On {
                level, recovery, ..
            } => (tfa::Tfa::On(*level), recovery.len()),
        };
        Inspection {
            tfa,
            recovery_codes,
            tokens: registry.shelf.living(self.seeded.account),
            revoked: registry.shelf.revoked().clone(),
            sessions: (registry.shelf).unlisted(self.seeded.account, self.shared.clock.now()),
            requests: self.shared.seen.borrow().clone(),
        }
    }

    /// What was mailed to the registry's accounts, the oldest first. At most the latest hundred.
    pub fn mail(&self) -> Vec<Mail> {
        self.shared
            .registry()
            .outbox
            .all()
            .map(Mail::copy)
            .collect()
    }

    /// The code of the latest mail to the seeded account, while it serves.
    pub fn mailed(&self) -> Option<DemoCode> {
        let now = self.shared.clock.now();
        let registry = self.shared.registry();
        let to = &registry.accounts[self.seeded.account].email;
        let mail = registry.outbox.all().rfind(|mail| mail.to == *to)?;
        let left = mail.until.duration_since(now).as_secs();
        let left = u64::try_from(left).ok().filter(|left| *left > 0)?;
        Some(DemoCode {
            code: mail.copy().code,
            seconds_left: left,
        })
    }

    /// Where the mail can be read in a browser; `None` where none is sent.
    pub fn inbox(&self) -> Option<String> {
        (self.shared.registry().rules.policy == Policy::Npmjs)
            .then(|| format!("{}-/inbox", self.url))
    }

    /// Approves what a page asks, as the person in front of it would: `url` is its `loginUrl` or
    /// `authUrl`. A sign-in is approved as the seeded account. False when nothing waits there.
    pub fn approve(&self, url: &str) -> bool {
        self.decide(url, true)
    }

    /// Denies what a page asks. False when nothing waits there.
    pub fn deny(&self, url: &str) -> bool {
        self.decide(url, false)
    }

    fn decide(&self, url: &str, approve: bool) -> bool {
        let id = url.rsplit('/').next().unwrap_or_default();
        let mut registry = self.shared.registry();
        registry
            .desk
            .page(&Secret::from(id), self.shared.clock.now())
            .is_some_and(|ask| ask.decide(self.seeded.account, approve))
    }

    /// Publishes a version of a package of the seeded account's, as somebody who may would. False when there is no such
    /// package.
    pub fn publish(&self, package: &str, version: &str) -> bool {
        let now = self.shared.clock.now();
        let mut registry = self.shared.registry();
        let found = registry.packages.iter_mut().find(|one| one.name == package);
        found.map(|package| package.publish(version, now)).is_some()
    }

    /// From now on this fault meets requests; they are counted from now on. It comes after those
    /// that were asked for before.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults().add(fault);
    }

    /// Ends all faults.
    pub fn mend(&self) {
        self.shared.faults().clear();
    }

    /// Waits until a route has seen that many requests. They have taken effect by then; their
    /// replies may be on the way.
    pub async fn seen(&self, route: &str, times: u64) {
        let mut seen = self.shared.seen.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = seen
            .wait_for(|seen| seen.get(route).is_some_and(|count| *count >= times))
            .await;
    }

    /// Ends the registry: replies that are held back go out at once, idle connections are closed.
    pub async fn stop(mut self) {
        self.close.send_replace(true);
        if tokio::time::timeout(PATIENCE, &mut self.server)
            .await
            .is_err()
        {
            self.server.abort();
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("url", &self.url)
            .field("username", &self.seeded.username)
            .finish_non_exhaustive()
    }
}
