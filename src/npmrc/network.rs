//! Proxy, certificates and time-out, from the same configuration.

use std::path::Path;
use std::time::Duration;

use url::Url;

use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::file::{self, Unread};
use super::is_loopback;
use super::layers::{Env, Layers, Setting, Value};
use super::locate;

/// How the registry is reached. TLS checks are always on (promise P23).
#[derive(Debug)]
pub struct Network {
    /// The proxy for https addresses; may hold a user name and a password.
    pub https_proxy: Option<Secret<String>>,
    /// The proxy for http addresses. Plain http goes to loopback alone, which no proxy serves, so it is never used.
    pub http_proxy: Option<Secret<String>>,
    /// The hosts that no proxy is used for: each covers itself and everything below it.
    pub no_proxy: Vec<String>,
    /// Certificate authorities in PEM; when there is one, these and no others are trusted.
    pub ca: Vec<Vec<u8>>,
    /// Further authorities in PEM, from Node's `NODE_EXTRA_CA_CERTS`; they count only while `ca` is empty.
    pub extra_ca: Vec<Vec<u8>>,
    /// How long a request may take.
    pub timeout: Duration,
}

/// npm's own `fetch-timeout`.
const TIMEOUT: Duration = Duration::from_mins(5);

impl Default for Network {
    fn default() -> Self {
        Self {
            https_proxy: None,
            http_proxy: None,
            no_proxy: Vec::new(),
            ca: Vec::new(),
            extra_ca: Vec::new(),
            timeout: TIMEOUT,
        }
    }
}

impl Network {
    /// The proxy for an address; never one for loopback (promise P22).
    pub fn proxy_for(&self, url: &Url) -> Option<&Secret<String>> {
        if is_loopback(url) {
            return None;
        }
        let host = url.host_str().unwrap_or_default();
        if self.no_proxy.iter().any(|entry| covers(entry, host)) {
            return None;
        }
        match url.scheme() {
            "https" => self.https_proxy.as_ref(),
            _ => self.http_proxy.as_ref(),
        }
    }
}

/// npm's rule: compared from the right by the parts between dots; no `*`, no port, no address range.
fn covers(entry: &str, host: &str) -> bool {
    let mut parts = entry
        .split('.')
        .filter(|part| !part.is_empty())
        .rev()
        .peekable();
    let mut host = host.split('.').rev();
    parts.peek().is_some() && parts.all(|part| host.next() == Some(part))
}

/// The variables that name a proxy, the one that wins first. The first serves every address, the others those that
/// begin with `http:`.
pub(super) const PROXY_VARIABLES: [&str; 3] = ["https_proxy", "http_proxy", "proxy"];

/// Those of them that count for an address.
pub(super) fn proxy_variables(url: &Url) -> &'static [&'static str] {
    match url.scheme() {
        "https" => &PROXY_VARIABLES[..1],
        _ => &PROXY_VARIABLES,
    }
}

/// A variable that is set, in any mix of upper and lower case, with its name as it is written.
pub(super) fn any_case<'e>(env: Env<'e>, name: &str) -> Option<(&'e str, &'e str)> {
    env.0
        .iter()
        .rev()
        .filter_map(|(key, value)| Some((key.to_str()?, value.to_str()?)))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .filter(|(_, value)| !value.is_empty())
}

/// The place of what it holds.
pub(super) fn variable(name: &str) -> Text {
    Text::new(&format!("the environment variable {name}"))
}

pub(super) struct Reader<'a> {
    pub(super) layers: &'a Layers,
    pub(super) env: Env<'a>,
    pub(super) cwd: &'a Path,
    pub(super) home: Option<&'a Path>,
}

impl Reader<'_> {
    pub(super) fn read(&self, problems: &mut Vec<Text>) -> Network {
        let configured = self
            .proxy_setting("https-proxy", problems)
            .or_else(|| self.proxy_setting("proxy", problems));
        let (for_https, for_http) = match configured {
            Some(proxy) => {
                let copy = Secret::from(proxy.expose().as_str());
                (Some(proxy), Some(copy))
            }
            None => (
                self.proxy_variable(&PROXY_VARIABLES[..1], problems),
                self.proxy_variable(&PROXY_VARIABLES, &mut Vec::new()),
            ),
        };
        self.check_strict_ssl(problems);
        let ca = self.authorities(problems);
        Network {
            https_proxy: for_https,
            http_proxy: for_http,
            no_proxy: self.no_proxy(),
            extra_ca: if ca.is_empty() {
                self.extra_authorities(problems)
            } else {
                Vec::new()
            },
            ca,
            timeout: self.timeout(),
        }
    }

    fn proxy_setting(&self, key: &str, problems: &mut Vec<Text>) -> Option<Secret<String>> {
        let setting = self.layers.get(key)?;
        let text = setting.value.text()?;
        if let Some(variable) = setting.unset.first() {
            problems.push(Text::new(&format!(
                "{} uses {variable}, which is not set, so the proxy there is not used. \
                 Set the variable, or remove the line.",
                setting.place
            )));
            return None;
        }
        proxy(text, &setting.place, problems)
    }

    /// The first of the variables that is set, in any mix of upper and lower case.
    fn proxy_variable(&self, names: &[&str], problems: &mut Vec<Text>) -> Option<Secret<String>> {
        let (name, value) = names.iter().find_map(|name| any_case(self.env, name))?;
        proxy(value, &variable(name), problems)
    }

    fn no_proxy(&self) -> Vec<String> {
        let configured = match self.layers.get("noproxy").map(|setting| &setting.value) {
            Some(Value::List(list)) => list
                .iter()
                .map(|member| member.expose().as_str())
                .collect::<Vec<_>>()
                .join(","),
            _ => String::new(),
        };
        let all = if configured.is_empty() {
            any_case(self.env, "no_proxy").map_or("", |(_, value)| value)
        } else {
            &configured
        };
        all.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn check_strict_ssl(&self, problems: &mut Vec<Text>) {
        if let Some(setting) = self.layers.get("strict-ssl")
            && matches!(setting.value, Value::Off)
        {
            problems.push(Text::new(&format!(
                "{} sets strict-ssl=false, but TLS checks cannot be switched off here. \
                 Name your registry's authority with cafile instead.",
                setting.place
            )));
        }
    }

    /// `ca` and `cafile`: the higher layer wins, and within one the later.
    fn authorities(&self, problems: &mut Vec<Text>) -> Vec<Vec<u8>> {
        for layer in &self.layers.0 {
            let mut decided = None;
            for setting in &layer.settings {
                match setting.key.expose().as_str() {
                    "ca" => decided = Some(inline(&setting.value)),
                    "cafile" => {
                        if let Some(found) = self.cafile(setting, problems) {
                            decided = Some(found);
                        }
                    }
                    _ => {}
                }
            }
            if let Some(decided) = decided {
                return decided;
            }
        }
        Vec::new()
    }

    fn cafile(&self, setting: &Setting, problems: &mut Vec<Text>) -> Option<Vec<Vec<u8>>> {
        let path = locate::setting_path(setting.value.text()?, self.cwd, self.home);
        self.certificates(&path, "cafile", &setting.place, problems)
    }

    fn extra_authorities(&self, problems: &mut Vec<Text>) -> Vec<Vec<u8>> {
        let name = "NODE_EXTRA_CA_CERTS";
        let Some(raw) = self.env.filled(name) else {
            return Vec::new();
        };
        let path = locate::resolve(self.cwd, Path::new(raw));
        let place = Text::new(&format!("the environment variable {name}"));
        self.certificates(&path, "file", &place, problems)
            .unwrap_or_default()
    }

    fn certificates(
        &self,
        path: &Path,
        what: &str,
        place: &Text,
        problems: &mut Vec<Text>,
    ) -> Option<Vec<Vec<u8>>> {
        let shown = locate::shown(path, self.home);
        let why = match file::read(path) {
            Ok(bytes) => {
                let found = pem_blobs(&String::from_utf8_lossy(&bytes));
                if !found.is_empty() {
                    return Some(found);
                }
                "holds no certificate".to_owned()
            }
            Err(Unread::Missing) => "does not exist".to_owned(),
            Err(Unread::Because(why)) => why,
        };
        problems.push(Text::new(&format!(
            "The {what} {shown} that {place} names {why}, so it is not used. Correct the path, or remove the setting."
        )));
        None
    }

    fn timeout(&self) -> Duration {
        self.layers
            .get("fetch-timeout")
            .and_then(|setting| setting.value.text()?.parse().ok())
            .filter(|milliseconds| *milliseconds > 0)
            .map_or(TIMEOUT, Duration::from_millis)
    }
}

/// A proxy's address, when it is one that can be used.
fn proxy(text: &str, place: &Text, problems: &mut Vec<Text>) -> Option<Secret<String>> {
    let usable = Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if usable {
        return Some(text.into());
    }
    problems.push(Text::new(&format!(
        "The proxy in {place} is not an http or https address, so it is not used. \
         Write it as http://host:port."
    )));
    None
}

fn inline(value: &Value) -> Vec<Vec<u8>> {
    match value {
        Value::List(list) => list
            .iter()
            .flat_map(|member| pem_blobs(&member.expose().replace("\\n", "\n")))
            .collect(),
        _ => Vec::new(),
    }
}

const END: &str = "-----END CERTIFICATE-----";

/// Each certificate of a text, from the start of its own part to its end line.
fn pem_blobs(text: &str) -> Vec<Vec<u8>> {
    let mut blobs = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(END) {
        let (part, after) = rest.split_at(at + END.len());
        if let Some(begin) = part.find("-----BEGIN CERTIFICATE-----") {
            let mut blob = part[begin..].replace("\r\n", "\n");
            blob.push('\n');
            blobs.push(blob.into());
        }
        rest = after;
    }
    blobs
}
