//! A client for the server of a test, made from an npm configuration as the program makes it.

use std::ffi::OsString;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use npm_warden::domain::secret::Secret;
use npm_warden::npmrc::{Inputs, load};
use npm_warden::registry::http::{HttpRegistry, Setup, Timing};
use npm_warden::registry::{Call, Retrying};

use crate::server::Server;

/// The credential of every test.
pub(crate) const TOKEN: &str = "canary-token-0a1b2c3d4e5f";

/// The clock of every test that does not bring its own.
pub(crate) fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// The setup for an address, with a token stored for the address itself.
pub(crate) fn setup(url: &str) -> Setup {
    let key = url.split_once(':').unwrap().1;
    let env = vec![(format!("npm_config_{key}:_authToken"), TOKEN.to_owned())];
    setup_from(url, env)
}

/// The setup that an environment makes, with waits that no test feels.
pub(crate) fn setup_from(url: &str, env: Vec<(String, String)>) -> Setup {
    crate::secrets::keep_the_log();
    let mut env: Vec<(OsString, OsString)> = env
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    env.push(("PREFIX".into(), "/nowhere".into()));
    let config = load(&Inputs {
        registry: Some(url.to_owned()),
        userconfig: None,
        cwd: "/nowhere".into(),
        home: None,
        env,
    })
    .unwrap();
    let mut setup = Setup::new(config, noon);
    setup.timing = Timing {
        connect: Duration::from_secs(5),
        whole: Duration::from_secs(20),
        waits: [Duration::from_millis(1), Duration::from_millis(2)],
    };
    setup
}

pub(crate) fn client(server: &Server) -> HttpRegistry {
    HttpRegistry::new(setup(&server.url())).unwrap()
}

/// A call without a code, whose retries nobody hears of.
pub(crate) fn plain() -> Call<'static> {
    Call {
        otp: None,
        once: false,
        retrying: &|_| {},
    }
}

pub(crate) fn with_otp(otp: &Secret<String>) -> Call<'_> {
    Call {
        otp: Some(otp),
        once: npm_warden::domain::otp::serves_once(otp, false),
        retrying: &|_| {},
    }
}

/// The retries that a call told of.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<Retrying>>);

impl Heard {
    pub(crate) fn note(&self, retrying: Retrying) {
        self.0.lock().unwrap().push(retrying);
    }

    pub(crate) fn all(&self) -> Vec<Retrying> {
        self.0.lock().unwrap().clone()
    }
}

/// A client without a credential.
pub(crate) fn nobody(url: &str) -> HttpRegistry {
    HttpRegistry::new(setup_from(url, Vec::new())).unwrap()
}
