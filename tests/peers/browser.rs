//! A real browser without a window, driven by the protocol of its driver.
//!
//! ```text
//! let Some(browser) = Browser::start() else { return };    // says loudly when it is missing
//! browser.open(url);
//! browser.fill("User name", "tess");
//! browser.press("Sign in");
//! browser.shows("Approve");
//! ```

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::send;
use crate::missing::missing;
use crate::service::Service;

/// A fence, not a wait: no state takes a fraction of it.
const DEADLINE: Duration = Duration::from_secs(30);

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One session of one browser. It ends with this value.
pub struct Browser {
    session: String,
    // Before its folder, which goes when it has ended.
    _driver: Service,
    _home: TempDir,
}

const FIELDS: &str = "input, textarea";
const BUTTONS: &str = "button, input[type=submit], input[type=button], [role=button]";

struct Element(String);

impl Browser {
    /// Starts a driver on a port that it picks itself, and a browser with a profile of its own.
    pub fn start() -> Option<Self> {
        if let Err(why) = prepared() {
            let how = "install Chromium and its driver (Debian: chromium, chromium-driver)";
            missing("a real browser", &why, how);
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0");
        let driver = Service::start("ChromeDriver", &mut command, home.path());
        let port = driver.announces("started successfully on port ");
        let port = port.trim_end_matches('.');
        let profile = home.path().join("profile");
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": [
                "--headless=new",
                // The tests may run as root, where the sandbox does not start.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--no-proxy-server",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                // The browser ends when the driver does, however that ended.
                "--remote-debugging-pipe",
                format!("--user-data-dir={}", profile.display()),
            ]},
        }}});
        let sessions = format!("http://127.0.0.1:{port}/session");
        let value = call("POST", &sessions, Some(&wanted))
            .unwrap_or_else(|error| panic!("no session: {error}\n{}", driver.said()));
        let id = value["sessionId"].as_str().unwrap();
        let browser = Self {
            session: format!("{sessions}/{id}"),
            _driver: driver,
            _home: home,
        };
        // What is looked for is waited for by the driver, which sees the page change.
        browser.post("timeouts", &json!({"implicit": 2000, "pageLoad": 30000}));
        Some(browser)
    }

    /// Goes to a page and waits until it is loaded.
    #[track_caller]
    pub fn open(&self, url: &str) {
        self.post("url", &json!({"url": url}));
    }

    /// The address of the page.
    #[track_caller]
    pub fn address(&self) -> String {
        text(&self.get("url"))
    }

    /// What a person reads on the page now.
    #[track_caller]
    pub fn text(&self) -> String {
        self.until("a page", || {
            let body = self.elements("body").into_iter().next()?;
            Some(text(&self.try_of(&body, "text")?))
        })
    }

    /// Waits until the page shows this text, and gives all of it.
    #[track_caller]
    pub fn shows(&self, wanted: &str) -> String {
        self.until(wanted, || {
            Some(self.text()).filter(|text| text.contains(wanted))
        })
    }

    /// Types into the field that assistive technology calls so, in place of what stands there.
    #[track_caller]
    pub fn fill(&self, label: &str, typed: &str) {
        let field = self.until(label, || self.find(FIELDS, label));
        self.post(&format!("element/{}/clear", field.0), &json!({}));
        self.post(
            &format!("element/{}/value", field.0),
            &json!({"text": typed}),
        );
    }

    /// Clicks the button that assistive technology calls so.
    #[track_caller]
    pub fn press(&self, name: &str) {
        let button = self.until(name, || {
            let button = self.find(BUTTONS, name)?;
            let enabled = self.try_of(&button, "enabled")?;
            enabled.as_bool()?.then_some(button)
        });
        self.post(&format!("element/{}/click", button.0), &json!({}));
    }

    /// Keeps a picture of the page and tells where.
    fn picture(&self) -> String {
        let picture = text(&self.get("screenshot"));
        let picture = base64::prelude::BASE64_STANDARD.decode(picture).unwrap();
        let name = format!("page-{}.png", std::process::id());
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&file, picture).unwrap();
        file.display().to_string()
    }

    /// The one element of these that has that accessible name, as the browser computes it.
    #[track_caller]
    fn find(&self, css: &str, name: &str) -> Option<Element> {
        let mut found: Vec<_> = self
            .elements(css)
            .into_iter()
            .filter(|element| {
                let label = self.try_of(element, "computedlabel");
                label.is_some_and(|label| text(&label) == name)
            })
            .collect();
        assert!(found.len() < 2, "several are called {name:?}");
        found.pop()
    }

    #[track_caller]
    fn elements(&self, css: &str) -> Vec<Element> {
        let query = json!({"using": "css selector", "value": css});
        let found = self.post("elements", &query);
        let found = found.as_array().unwrap().iter();
        found.map(|found| Element(text(&found[ELEMENT]))).collect()
    }

    /// Something of an element; `None` when the page went on meanwhile.
    fn try_of(&self, element: &Element, what: &str) -> Option<Value> {
        call(
            "GET",
            &format!("{}/element/{}/{what}", self.session, element.0),
            None,
        )
        .ok()
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        call("GET", &format!("{}/{path}", self.session), None)
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        call("POST", &format!("{}/{path}", self.session), Some(body))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Asks for a state until it is there.
    #[track_caller]
    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let end = now() + DEADLINE;
        loop {
            if let Some(found) = look() {
                return found;
            }
            if now() > end {
                let all = self.elements(&format!("body, {FIELDS}, {BUTTONS}"));
                let all = all.iter().map(|element| {
                    let tell = |what| self.try_of(element, what);
                    (tell("computedrole"), tell("computedlabel"), tell("text"))
                });
                panic!(
                    "the page at {} has no {what:?}; its picture is {}:\n{:#?}",
                    self.address(),
                    self.picture(),
                    all.collect::<Vec<_>>()
                );
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // So the driver ends the browser itself and waits for it.
        let _ = call("DELETE", &self.session, None);
    }
}

/// One command of the protocol: its value, or its error in words.
fn call(method: &str, url: &str, body: Option<&Value>) -> Result<Value, String> {
    let reply = send(method, url, &[], body).map_err(|error| error.to_string())?;
    let value = reply.json()["value"].take();
    match reply.status {
        200 => Ok(value),
        _ => Err(format!("{}: {}", value["error"], value["message"])),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn prepared() -> Result<(), String> {
    for program in ["chromium", "chromedriver"] {
        let told = Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !told.is_ok_and(|status| status.success()) {
            return Err(format!("there is no {program} on this machine"));
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the fence around a page that never comes"
)]
fn now() -> Instant {
    Instant::now()
}
