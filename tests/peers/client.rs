//! This program's client, against a real registry.

use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::Session;
use npm_warden::npmrc::{Config, Inputs, load};
use npm_warden::registry::http::{HttpRegistry, Setup};
use npm_warden::registry::{Call, Registry as _};

use crate::http::run;

/// A client, and its answers without `await`.
pub struct Client(HttpRegistry);

impl Deref for Client {
    type Target = HttpRegistry;

    fn deref(&self) -> &HttpRegistry {
        &self.0
    }
}

impl Client {
    /// Nobody's.
    pub fn nobody(url: &str) -> Self {
        let config = load(&Inputs {
            registry: Some(url.to_owned()),
            userconfig: None,
            cwd: "/nowhere".into(),
            home: None,
            env: vec![("PREFIX".into(), "/nowhere".into())],
        });
        Self(HttpRegistry::new(Setup::new(config.unwrap(), now)).unwrap())
    }

    /// With a token.
    pub fn with(url: &str, token: &str) -> Self {
        let token = Secret::from(token);
        let config = Config::of_token(url.parse().unwrap(), token, "a test".into());
        Self(HttpRegistry::new(Setup::new(config, now)).unwrap())
    }

    /// Signs in by user name and password, and goes on with the token.
    pub fn sign_in(url: &str, name: &str, password: &str) -> Self {
        let client = Self::nobody(url);
        let token = run(client.password_login(plain(), name, &Secret::from(password))).unwrap();
        client.take(name, token);
        client
    }

    /// Goes on with a token.
    pub fn take(&self, name: &str, token: Secret<String>) {
        self.adopt(&Session {
            token: Arc::new(token),
            registry: self.identity().registry,
            name: name.into(),
        });
    }

    /// The token that it carries now.
    pub fn value(&self) -> String {
        self.token().unwrap().expose().clone()
    }
}

/// A call without a code.
pub fn plain() -> Call<'static> {
    Call {
        otp: None,
        once: false,
        retrying: &|_| {},
    }
}

/// A call with one.
pub fn with_code(code: &Secret<String>) -> Call<'_> {
    Call {
        otp: Some(code),
        once: npm_warden::domain::otp::serves_once(code, false),
        retrying: &|_| {},
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the servers of others go by this machine's clock"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
