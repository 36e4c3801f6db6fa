//! A registry with a clock in the test's hand, and a client for it.

use std::sync::Once;
use std::time::Duration;

use npm_warden::sandbox::{Clock, Hand, Options, Running, start};
use reqwest::{Client, Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::totp;

pub const USER: &str = "/-/npm/v1/user";
pub const TOKENS: &str = "/-/npm/v1/tokens";

pub struct Site {
    pub running: Running,
    pub hand: Hand,
    client: Client,
}

/// A reply, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The sentence of a refusal with that status.
    #[track_caller]
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        let error = self.json()["error"].as_str().unwrap().to_owned();
        assert!(error.len() > 8, "a sentence: {error:?}");
        error
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A challenge for a one-time password.
    #[track_caller]
    pub fn challenged(&self) -> String {
        assert_eq!(self.header("www-authenticate"), Some("OTP"), "{self:?}");
        self.refused(401)
    }
}

/// A request in the making.
pub struct Ask<'a> {
    site: &'a Site,
    method: Method,
    path: String,
    authorization: Option<String>,
    otp: Option<String>,
    body: Option<String>,
    headers: Vec<(&'static str, String)>,
}

impl Ask<'_> {
    pub fn bearer(mut self, token: &str) -> Self {
        self.authorization = Some(format!("Bearer {token}"));
        self
    }

    pub fn authorization(mut self, value: &str) -> Self {
        self.authorization = Some(value.to_owned());
        self
    }

    pub fn basic(self, name: &str, password: &str) -> Self {
        use base64::Engine as _;
        let pair = base64::prelude::BASE64_STANDARD.encode(format!("{name}:{password}"));
        self.authorization(&format!("Basic {pair}"))
    }

    pub fn anonymous(mut self) -> Self {
        self.authorization = None;
        self
    }

    pub fn otp(mut self, code: &str) -> Self {
        self.otp = Some(code.to_owned());
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// As npm asks by default.
    pub fn web(self) -> Self {
        self.header("npm-auth-type", "web")
    }

    pub fn json(self, body: Value) -> Self {
        let text = body.to_string();
        self.text(&text)
    }

    pub fn text(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    pub async fn send(self) -> Answer {
        // What the registry itself named is asked as it stands.
        let url = if self.path.starts_with("http://") {
            self.path
        } else {
            let base = self.site.running.url().trim_end_matches('/');
            format!("{base}{}", self.path)
        };
        let mut request = self.site.client.request(self.method, url);
        if let Some(value) = self.authorization {
            request = request.header("authorization", value);
        }
        if let Some(code) = self.otp {
            request = request.header("npm-otp", code);
        }
        if let Some(body) = self.body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        assert_eq!(headers.get("cache-control").unwrap(), "no-store");
        if status != 204 {
            assert_eq!(headers.get("content-type").unwrap(), "application/json");
        }
        Answer {
            status,
            headers,
            text,
        }
    }
}

pub fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let provider = rustls::crypto::ring::default_provider();
        provider.install_default().unwrap();
    });
    Client::builder().no_proxy().build().unwrap()
}

impl Site {
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let (clock, hand) = Clock::by_hand("2026-11-22T10:00:05Z".parse().unwrap());
        let running = start(Options { clock, ..options }).await.unwrap();
        Self {
            running,
            hand,
            client: client(),
        }
    }

    pub fn now(&self) -> u64 {
        u64::try_from(self.hand.now().as_second()).unwrap()
    }

    /// Asks for a fault.
    pub fn fault(&self, spec: &str) {
        self.running.fault(spec.parse().unwrap());
    }

    pub fn later(&self, seconds: u64) {
        self.hand.advance(Duration::from_secs(seconds));
    }

    pub fn token(&self) -> &str {
        self.running.token().expose()
    }

    pub fn password(&self) -> &str {
        self.running.password().expose()
    }

    pub fn name(&self) -> &str {
        self.running.username()
    }

    /// A request with the session's own token.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        Ask {
            site: self,
            method: method.parse().unwrap(),
            path: path.to_owned(),
            authorization: Some(format!("Bearer {}", self.token())),
            otp: None,
            body: None,
            headers: Vec::new(),
        }
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    pub fn post(&self, path: &str, body: Value) -> Ask<'_> {
        self.ask("POST", path).json(body)
    }

    pub async fn profile(&self) -> Value {
        self.get(USER).send().await.is(200).json()
    }

    /// Begins a set-up and gives the address for the authenticator.
    pub async fn begin(&self, mode: &str) -> String {
        let body = json!({"tfa": {"mode": mode, "password": self.password()}});
        let answer = self.post(USER, body).send().await;
        answer.is(200).json()["tfa"].as_str().unwrap().to_owned()
    }

    /// Turns the second factor on; the key, and the recovery codes.
    pub async fn enable(&self, mode: &str) -> (String, Vec<String>) {
        let url = self.begin(mode).await;
        let key = totp::parameter(&url, "secret").unwrap().to_owned();
        let answer = self
            .post(USER, json!({"tfa": [self.code(&key)]}))
            .send()
            .await;
        let codes = answer.is(200).json()["tfa"].clone();
        (key, serde_json::from_value(codes).unwrap())
    }

    /// The present code, computed apart from the registry.
    pub fn code(&self, key: &str) -> String {
        totp::code(key, self.now())
    }

    /// Makes a token and gives the whole reply.
    pub async fn create(&self, mut body: Value) -> Value {
        body["password"] = json!(self.password());
        self.post(TOKENS, body).send().await.is(201).json()
    }
}
