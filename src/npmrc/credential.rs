//! Which credential a request to the registry carries.

use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use url::Url;
use zeroize::{Zeroize as _, Zeroizing};

use crate::domain::identity::{CredentialKind, CredentialSource, Held};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::layers::{Layers, Setting, Value};
use super::scope::Scope;
use super::{Auth, Credential};

/// The credential for a registry, if there is a usable one, and what is wrong with what was found.
pub(super) fn find(layers: &Layers, registry: &Url) -> (Option<Credential>, Vec<Text>) {
    let mut problems = Vec::new();
    let credential = search(layers, registry, &mut problems);
    (credential, problems)
}

/// The settings that decide what a request carries.
#[derive(Clone, Copy)]
pub(super) enum Decided<'l> {
    /// `_authToken`.
    Token(&'l Setting),
    /// `_auth`.
    Basic(&'l Setting),
    /// `username` and `_password`.
    Pair(&'l Setting, &'l Setting),
    /// `certfile`, with a `keyfile` beside it.
    Certificate(&'l Setting),
}

impl<'l> Decided<'l> {
    /// The one that holds the secret, or leads to it.
    pub(super) const fn setting(self) -> &'l Setting {
        match self {
            Self::Token(setting)
            | Self::Basic(setting)
            | Self::Pair(_, setting)
            | Self::Certificate(setting) => setting,
        }
    }

    /// What is sent, if it can be.
    pub(super) fn auth(self, problems: &mut Vec<Text>) -> Option<Auth> {
        match self {
            Self::Token(token) if of_several(token) => {
                problems.push(several(&token.place));
                None
            }
            Self::Token(token) => {
                let text = sendable(token, "token", problems)?;
                Some(Auth::Bearer(Arc::new(text.into())))
            }
            Self::Basic(basic) => {
                let text = sendable(basic, "credential", problems)?;
                Some(Auth::Basic(Arc::new(text.into())))
            }
            Self::Pair(name, password) => {
                let pair = pair_of(name, password, problems)?;
                Some(Auth::Basic(Arc::new(pair)))
            }
            Self::Certificate(certificate) => {
                problems.push(Text::new(&format!(
                    "{} names a client certificate, which npm-warden cannot use. \
                     Sign in with a token or a password instead.",
                    certificate.place
                )));
                None
            }
        }
    }
}

fn search(layers: &Layers, registry: &Url, problems: &mut Vec<Text>) -> Option<Credential> {
    let (decided, path) = decide(layers, registry, &mut |setting| {
        problems.extend(empty(setting));
    })?;
    let auth = decided.auth(problems)?;
    Some(Credential {
        source: source(decided.setting(), auth.kind()),
        secret: auth,
        scope: Scope::new(registry, path),
    })
}

/// npm's walk: from the whole path up to the bare host, one segment or one slash at a time. Gives what decides, also
/// where nothing can be made of it, and the path that it was found by; told of what was passed over.
pub(super) fn decide<'l, 'r>(
    layers: &'l Layers,
    registry: &'r Url,
    passed: &mut dyn FnMut(&'l Setting),
) -> Option<(Decided<'l>, &'r str)> {
    let host = host(registry)?;
    for path in steps(registry) {
        let mut get = |suffix: &str| {
            let setting = layers.get(&format!("{host}{path}:{suffix}"))?;
            if setting.value.text().is_some() {
                return Some(setting);
            }
            passed(setting);
            None
        };
        // A list of tokens is what npm sends, too.
        let list = layers.get(&format!("{host}{path}:_authToken"));
        if let Some(token) = list.filter(|token| is_list(token)) {
            return Some((Decided::Token(token), path));
        }
        if let Some(token) = get("_authToken") {
            return Some((Decided::Token(token), path));
        }
        if let Some(basic) = get("_auth") {
            return Some((Decided::Basic(basic), path));
        }
        if let (Some(name), Some(password)) = (get("username"), get("_password")) {
            return Some((Decided::Pair(name, password), path));
        }
        if let (Some(certificate), Some(_)) = (get("certfile"), get("keyfile")) {
            return Some((Decided::Certificate(certificate), path));
        }
    }
    None
}

/// What each of the keys for a registry begins with: `//host`, with the port where it is not the usual one.
pub(super) fn host(registry: &Url) -> Option<String> {
    Some(match (registry.host_str()?, registry.port()) {
        (host, Some(port)) => format!("//{host}:{port}"),
        (host, None) => format!("//{host}"),
    })
}

/// What may follow it in a key, the one that wins first.
pub(super) fn steps(registry: &Url) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(registry.path()), |path| {
        if path.is_empty() {
            return None;
        }
        Some(match path.strip_suffix('/') {
            Some(rest) => rest,
            None => &path[..=path.rfind('/').unwrap_or(0)],
        })
    })
}

fn source(setting: &Setting, kind: CredentialKind) -> CredentialSource {
    CredentialSource {
        place: setting.origin(),
        kind,
        held: match (setting.line, setting.used.is_empty()) {
            (Some(_), true) => Held::File,
            (Some(_), false) if setting.mixed => Held::Mixed,
            _ => Held::Environment,
        },
    }
}

fn pair_of(name: &Setting, password: &Setting, problems: &mut Vec<Text>) -> Option<Secret<String>> {
    if is_unset(name, "user name", problems) || is_unset(password, "password", problems) {
        return None;
    }
    let (Some(user), Some(encoded)) = (name.value.text(), password.value.text()) else {
        return None;
    };
    if STANDARD.decode(encoded).map(Zeroizing::new).is_err() {
        problems.push(Text::new(&format!(
            "{} holds a password that is not base64, so what is sent will hardly be the one that was meant. \
             Sign in again with `npm login`.",
            password.place
        )));
    }
    let decoded = decode_leniently(encoded);
    let mut pair = Zeroizing::new(Vec::with_capacity(user.len() + 1 + decoded.len()));
    pair.extend_from_slice(user.as_bytes());
    pair.push(b':');
    // npm reads the bytes as UTF-8, with replacement characters where they are not.
    let mut text = String::from_utf8_lossy(&decoded).into_owned();
    pair.extend_from_slice(text.as_bytes());
    text.zeroize();
    Some(Secret::from(STANDARD.encode(&*pair)))
}

fn is_list(setting: &Setting) -> bool {
    matches!(&setting.value, Value::List(list) if !list.is_empty())
}

/// A list of more than one.
pub(super) fn of_several(setting: &Setting) -> bool {
    matches!(&setting.value, Value::List(list) if list.len() > 1)
}

/// Why nothing comes of such a list of tokens.
pub(super) fn several(place: &Text) -> Text {
    Text::new(&format!(
        "{place} is part of a list: npm sends all of its tokens as one, with commas between them, which no registry takes. \
         Leave one of these lines, without the [] in its key."
    ))
}

/// The value, when every variable in it is set and it can stand in a header.
fn sendable<'s>(setting: &'s Setting, what: &str, problems: &mut Vec<Text>) -> Option<&'s str> {
    if is_unset(setting, what, problems) {
        return None;
    }
    let text = match &setting.value {
        Value::List(list) => list.first()?.expose().as_str(),
        value => value.text()?,
    };
    if text.is_empty() {
        problems.extend(empty(setting));
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return Some(text);
    }
    problems.push(Text::new(&format!(
        "The {what} in {} holds characters that cannot be sent, so it is not used. \
         Write it again, or sign in with `npm login`.",
        setting.place
    )));
    None
}

fn is_unset(setting: &Setting, what: &str, problems: &mut Vec<Text>) -> bool {
    let Some(variable) = setting.unset.first() else {
        return false;
    };
    problems.push(Text::new(&format!(
        "{} uses {variable}, which is not set, so the {what} there cannot be used. \
         Set the variable, or sign in with `npm login`.",
        setting.place
    )));
    true
}

/// What to say about a credential key that npm passes over.
pub(super) fn empty(setting: &Setting) -> Option<Text> {
    let why = match (&setting.value, setting.used.first()) {
        (Value::Text(_), Some(variable)) => {
            format!("takes its value from {variable}, which is empty")
        }
        (Value::List(_) | Value::Other, _) => {
            "holds a list where one credential is expected".to_owned()
        }
        _ => return None,
    };
    Some(Text::new(&format!(
        "{} {why}, so it is passed over. Put the credential there, or remove the line.",
        setting.place
    )))
}

/// Base64 as Node reads it: both alphabets, anything else passed over, up to the first `=`.
fn decode_leniently(encoded: &str) -> Zeroizing<Vec<u8>> {
    let mut clean = Zeroizing::new(String::with_capacity(encoded.len()));
    for c in encoded.chars().take_while(|c| *c != '=') {
        match c {
            '-' => clean.push('+'),
            '_' => clean.push('/'),
            c if c.is_ascii_alphanumeric() || c == '+' || c == '/' => clean.push(c),
            _ => {}
        }
    }
    // A single left-over character holds no whole byte.
    if clean.len() % 4 == 1 {
        clean.pop();
    }
    let lenient = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    Zeroizing::new(lenient.decode(clean.as_bytes()).unwrap_or_default())
}
