//! A home folder, a registry, and a configuration that leads from one to the other.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use npm_warden::domain::identity::DEFAULT_REGISTRY;
use npm_warden::sandbox::{Clock, Options};
use portable_pty::CommandBuilder;
use serde_json::Value;

use crate::front::Front;
use crate::gate::Gate;
use crate::served::Served;
use crate::totp::{code, parameter};
use crate::tui::{Tui, program, surroundings};

/// 80×24, the size that the screens are made for.
pub const DESIGN: (u16, u16) = (80, 24);

pub struct House {
    pub registry: Served,
    gate: Option<Gate>,
    front: Option<Front>,
    home: tempfile::TempDir,
}

/// Now, by this machine.
#[expect(clippy::disallowed_methods, reason = "what an authenticator goes by")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

impl House {
    /// With a registry that goes by this machine's clock, as the program does.
    pub fn new(options: Options) -> Self {
        let (_, hand) = Clock::by_hand(now());
        let clock = Clock::system();
        Self::with(Served::serve(Options { clock, ..options }, hand))
    }

    /// The same, with a gate before it.
    pub fn gated(options: Options) -> Self {
        let mut house = Self::new(options);
        house.gate = Some(Gate::before(house.registry.running.url()));
        house.sign_in();
        house
    }

    /// The same in the place of npm's default registry.
    pub fn default_registry(options: Options) -> Self {
        let mut house = Self::new(options);
        let folder = house.home().join("front");
        std::fs::create_dir(&folder).unwrap();
        house.front = Some(Front::of(house.registry.running.url(), &folder));
        house.sign_in();
        house
    }

    pub fn gate(&self) -> &Gate {
        self.gate.as_ref().unwrap()
    }

    /// With a registry whose clock stands still until the test moves it.
    pub fn standing(options: Options) -> Self {
        let (clock, hand) = Clock::by_hand(now());
        Self::with(Served::serve(Options { clock, ..options }, hand))
    }

    fn with(registry: Served) -> Self {
        let house = Self {
            registry,
            gate: None,
            front: None,
            home: tempfile::tempdir().unwrap(),
        };
        house.sign_in();
        house
    }

    /// Where the program is sent.
    pub fn url(&self) -> &str {
        let straight = self.registry.running.url();
        match (&self.front, &self.gate) {
            (Some(_), _) => DEFAULT_REGISTRY,
            (None, gate) => gate.as_ref().map_or(straight, Gate::url),
        }
    }

    fn sign_in(&self) {
        let (_, scope) = self.url().split_once(':').unwrap();
        let token = self.registry.running.token().expose();
        let way = self.front.as_ref().map(Front::npmrc).unwrap_or_default();
        let npmrc = format!("{way}{scope}:_authToken={token}\n");
        std::fs::write(self.npmrc(), npmrc).unwrap();
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A plain command here, without a terminal.
    pub fn command(&self, line: &str) -> Command {
        self.command_by(&[], line)
    }

    /// The same, started by a command that takes the program and its arguments.
    pub fn command_by(&self, starter: &[&str], line: &str) -> Command {
        let mut words = starter.iter().map(Into::into).chain([program().into()]);
        let first: std::ffi::OsString = words.next().unwrap();
        let mut command = Command::new(first);
        command
            .args(words)
            .args(line.split(' '))
            .args(self.to_here())
            .env_clear()
            .envs(surroundings(self.home()))
            .current_dir(self.home())
            .stdin(Stdio::null());
        command
    }

    /// A plain command here, in a terminal of a hundred columns.
    pub fn ask(&self, line: &str) -> Tui {
        self.ask_with(line, &[])
    }

    /// The same, in other surroundings.
    pub fn ask_with(&self, line: &str, env: &[(&str, &str)]) -> Tui {
        let to_here = self.to_here();
        let mut args: Vec<_> = line.split(' ').collect();
        args.extend(to_here.iter().map(String::as_str));
        Tui::start((100, 40), self.home(), &args, env)
    }

    /// The options that lead here.
    fn to_here(&self) -> [String; 4] {
        let npmrc = self.npmrc().to_str().unwrap().to_owned();
        let url = self.url().to_owned();
        ["--registry".into(), url, "--userconfig".into(), npmrc]
    }

    pub fn npmrc(&self) -> PathBuf {
        self.home.path().join("of-this-test.npmrc")
    }

    /// Starts the program here, signed in, and waits until it says so.
    pub fn enter(&self, size: (u16, u16), env: &[(&str, &str)]) -> Tui {
        let tui = self.start(size, env);
        tui.shows(&format!("{} @", self.registry.running.username()));
        tui
    }

    /// The same, without a log.
    pub fn enter_unlogged(&self, size: (u16, u16)) -> Tui {
        self.enter_by(size, self.home(), &[])
    }

    /// The same, with another home folder, and started by a command that takes the program and its arguments.
    pub fn enter_by(&self, size: (u16, u16), home: &Path, starter: &[&str]) -> Tui {
        let program = program().into_os_string().into_string().unwrap();
        let words = starter.iter().map(|word| (*word).to_owned());
        let mut words = words.chain([program]).chain(self.to_here());
        let mut command = CommandBuilder::new(words.next().unwrap());
        command.args(words);
        let tui = Tui::run(size, home, command, &[]);
        tui.shows(&format!("{} @", self.registry.running.username()));
        tui
    }

    /// Starts the program here.
    pub fn start(&self, size: (u16, u16), env: &[(&str, &str)]) -> Tui {
        let log = self.log();
        let to_here = self.to_here();
        let mut args: Vec<_> = to_here.iter().map(String::as_str).collect();
        args.extend(["--log", log.to_str().unwrap()]);
        Tui::start(size, self.home(), &args, env)
    }

    pub fn log(&self) -> PathBuf {
        self.home().join("warden.log")
    }

    pub fn password(&self) -> String {
        self.registry.running.password().expose().clone()
    }

    /// The files with recovery codes in the home folder.
    pub fn code_files(&self) -> Vec<PathBuf> {
        let named = |path: &PathBuf| path.extension().is_some_and(|end| end == "txt");
        std::fs::read_dir(self.home())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(named)
            .collect()
    }

    /// Whether the registry takes this as a second factor for a change that harms nothing.
    pub fn takes(&self, otp: &str) -> bool {
        self.post(r#"{"fullname":"Tess Marlow"}"#, otp).0 == 200
    }

    /// Turns two-factor authentication on past the program; gives the key.
    pub fn protect(&self) -> String {
        let password = self.password();
        let begin = format!(r#"{{"tfa":{{"mode":"auth-and-writes","password":"{password}"}}}}"#);
        let (_, answer) = self.post(&begin, "");
        let otpauth = answer["tfa"].as_str().unwrap();
        let key = parameter(otpauth, "secret").unwrap().to_owned();
        // Of a step that no later code is of: it must not count as used then.
        let code = code(&key, self.registry.now());
        let (status, _) = self.post(&format!(r#"{{"tfa":["{code}"]}}"#), "");
        assert_eq!(status, 200);
        key
    }

    /// Writes to the profile straight to the registry, in so many words.
    pub fn post(&self, body: &str, otp: &str) -> (u16, Value) {
        self.post_to("-/npm/v1/user", body, otp)
    }

    /// Makes a token past the program: as it is listed, and its value.
    pub fn create(&self, wish: Value) -> Value {
        self.create_by(wish, "")
    }

    /// The same, with a code.
    pub fn create_by(&self, mut wish: Value, otp: &str) -> Value {
        wish["password"] = self.password().into();
        let (status, made) = self.post_to("-/npm/v1/tokens", &wish.to_string(), otp);
        assert_eq!(status, 201, "{made}");
        made
    }

    /// Reads by this token past the program.
    pub fn get(&self, path: &str, token: &str) -> (u16, Value) {
        self.exchange("GET", path, token, "", "")
    }

    /// Revokes a token past the program; gives the status.
    pub fn delete(&self, key: &str) -> u16 {
        let token = self.registry.running.token().expose();
        let path = format!("-/npm/v1/tokens/token/{key}");
        self.exchange("DELETE", &path, token, "", "").0
    }

    fn post_to(&self, path: &str, body: &str, otp: &str) -> (u16, Value) {
        let token = self.registry.running.token().expose();
        self.exchange("POST", path, token, body, otp)
    }

    pub fn exchange(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
        otp: &str,
    ) -> (u16, Value) {
        let running = &self.registry.running;
        let host = running.url().strip_prefix("http://").unwrap();
        let host = host.trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        let otp = match otp {
            "" => String::new(),
            otp => format!("npm-otp: {otp}\r\n"),
        };
        write!(
            stream,
            "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
             {otp}content-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }
}

/// The codes of a file, in its order.
pub fn codes_in(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    text.split_whitespace()
        .filter(|word| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(str::to_owned)
        .collect()
}

/// The permissions of a file.
pub fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
