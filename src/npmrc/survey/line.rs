//! The lines and variables that hold a credential, or what looks like one.

use zeroize::Zeroizing;

use crate::domain::machine::{CredentialId, Form, SourceKind};
use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::super::document::{self, Document, Entry, Parsed};
use super::super::expand::expand;
use super::super::ini::Scalar;
use super::super::layers::{Env, Layer, Setting, Value};
use super::super::load::{Everything, Reading, is_refused};
use super::super::network;
use super::Registries;
use super::key::{self, Bound, Home, Named, What};
use super::proxy;

/// Variables in which people keep a token, to be referred to by a file.
const KNOWN: [&str; 4] = [
    "NPM_TOKEN",
    "NODE_AUTH_TOKEN",
    "NPM_AUTH_TOKEN",
    "YARN_NPM_AUTH_TOKEN",
];

/// Under this many characters, what stands in a comment is an example rather than a credential.
const SHORTEST: usize = 16;

/// One place with a credential.
pub(in super::super) struct Line {
    pub(super) id: CredentialId,
    /// As a person reads it.
    pub(super) place: Text,
    pub(super) source: SourceKind,
    /// The index of its layer.
    pub(super) layer: usize,
    pub(in super::super) setting: Setting,
    /// `None` for what is under no key of a credential.
    pub(in super::super) named: Option<Named>,
    pub(super) key_has_variables: bool,
    /// Its value is one variable and nothing else.
    pub(in super::super) is_one_variable: bool,
    /// It stands behind a `;` or `#`.
    pub(in super::super) is_comment: bool,
    /// Its id has the key that stands there.
    pub(in super::super) has_key: bool,
    /// Why npm takes nothing from it.
    pub(super) unread: Option<Text>,
}

impl Line {
    /// npm reads the line, whatever it makes of it.
    pub(in super::super) const fn is_read(&self) -> bool {
        self.unread.is_none()
    }

    pub(in super::super) fn what(&self) -> Option<What> {
        self.named.as_ref().map(|named| named.what)
    }

    /// It names a file, and holds no secret itself.
    pub(in super::super) fn is_certificate(&self) -> bool {
        self.what() == Some(What::Certificate)
    }

    /// Why no other token is put there, as [`super::super::put()`] does it, in place of the one that stands there.
    pub(super) fn closed(&self) -> Option<&'static str> {
        self.id.path.as_ref()?;
        if self.is_comment {
            Some(
                "it is a comment, in which nothing is written: take it out, or put the new value there yourself.",
            )
        } else if self.id.key.as_str().ends_with("[]") {
            Some(
                "its key ends in [], as one of a list, where no value can be put: write that line anew yourself.",
            )
        } else if !self.setting.key.expose().ends_with("_authToken") {
            Some(
                "its key is none by which npm looks for a token: take the line out, or write it anew yourself.",
            )
        } else {
            None
        }
    }

    /// Where it belongs.
    pub(super) fn home(&self, registries: Registries<'_>) -> Option<Home> {
        let named = self.named.as_ref()?;
        key::home(&named.prefix, registries)
    }

    pub(super) fn form(&self) -> Form {
        let mut names: Vec<Text> = Vec::new();
        for name in self.setting.used.iter().chain(&self.setting.unset) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if names.is_empty() {
            return Form::Literal;
        }
        let mut unset = self.setting.unset.clone();
        unset.dedup();
        if self.setting.mixed {
            Form::Mixed { names, unset }
        } else {
            Form::Variable { names, unset }
        }
    }
}

/// Those of the environment.
pub(super) fn of_environment(all: &Everything, env: Env<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let settings = all.layers.0.first().map(|layer| &layer.settings);
    for setting in settings.into_iter().flatten() {
        let name = setting.place.as_str().rsplit(' ').next();
        let name = name.unwrap_or_default();
        let named = named(setting);
        if named
            .as_ref()
            .is_some_and(|named| !worth_it(named, setting, all))
        {
            continue;
        }
        let unread = match (&named, &setting.value) {
            (Some(_), _) => None,
            (None, Value::Text(text))
                if setting.used.is_empty() && key::token(text.expose()).is_some() =>
            {
                Some(Text::new(&format!(
                    "{} holds what looks like a token, under a name by which npm looks for none. Remove the variable.",
                    variable(name)
                )))
            }
            (None, _) => continue,
        };
        lines.push(Line {
            id: CredentialId {
                path: None,
                key: key::shown(name),
                line: 0,
            },
            place: variable(name),
            source: SourceKind::Environment,
            layer: 0,
            setting: copy(setting),
            named,
            key_has_variables: false,
            is_one_variable: false,
            is_comment: false,
            has_key: true,
            unread,
        });
    }
    for (name, value) in proxy::of_surroundings(env) {
        lines.push(Line {
            id: CredentialId {
                path: None,
                key: Text::from(name),
                line: 0,
            },
            place: variable(name),
            source: SourceKind::Environment,
            layer: 0,
            setting: alone(value, network::variable(name), None),
            named: Some(Named::of_none(What::Proxy)),
            key_has_variables: false,
            is_one_variable: false,
            is_comment: false,
            has_key: true,
            unread: None,
        });
    }
    for name in KNOWN {
        let Some(value) = env.filled(name).filter(|value| sendable(value)) else {
            continue;
        };
        let place = variable(name);
        lines.push(Line {
            id: CredentialId {
                path: None,
                key: Text::from(name),
                line: 0,
            },
            source: SourceKind::Environment,
            layer: 0,
            setting: alone(value, place.clone(), None),
            named: None,
            key_has_variables: false,
            is_one_variable: false,
            is_comment: false,
            has_key: true,
            unread: Some(Text::new(&format!(
                "npm does not read {place} by itself, and no line here refers to it."
            ))),
            place,
        });
    }
    lines
}

/// What npm looks for under the key of a setting.
fn named(setting: &Setting) -> Option<Named> {
    let of_none = if proxy::is_one(setting) {
        What::Proxy
    } else if is_private_key(setting) {
        What::Key
    } else {
        return Named::of(setting.key.expose());
    };
    Some(Named::of_none(of_none))
}

/// Of `key`, in which the private key itself stands.
fn is_private_key(setting: &Setting) -> bool {
    let is_pem = |text: &str| text.contains("PRIVATE KEY-----");
    setting.key.expose() == "key" && setting.value.text().is_some_and(is_pem)
}

/// Says of the well-known variables which line it is that refers to them.
pub(super) fn tell_who_refers(lines: &mut [Line]) {
    for at in 0..lines.len() {
        let name = lines[at].id.key.as_str();
        if !KNOWN.contains(&name) || lines[at].id.path.is_some() {
            continue;
        }
        let reference = format!("${{{name}}}");
        let refers = |line: &&Line| {
            line.setting
                .used
                .iter()
                .any(|used| used.as_str() == reference)
        };
        if let Some(line) = lines.iter().find(refers) {
            let told = Text::new(&format!(
                "npm does not read {} by itself, but by {}, which refers to it.",
                lines[at].place, line.place
            ));
            lines[at].unread = Some(told);
        }
    }
}

/// Those of a file.
pub(super) fn of_file(
    document: &Document,
    reading: &Reading,
    layer: usize,
    env: Env<'_>,
) -> Vec<Line> {
    let of = File {
        reading,
        layer,
        env,
    };
    document
        .lines()
        .filter_map(|(number, line)| match line.parsed() {
            Parsed::Entry(entry) => of.entry(number, entry),
            Parsed::Comment => of.comment(number, line.raw.expose()),
            Parsed::Unreadable => of.bare(number, line.raw.expose(), "which npm skips"),
            Parsed::Blank | Parsed::Section => None,
        })
        .collect()
}

/// The places in a file of this layer for which npm refuses every command.
pub(super) fn that_npm_refuses(
    document: &Document,
    reading: &Reading,
    layer: &Layer,
    env: Env<'_>,
) -> Vec<Text> {
    let entry = |(number, line): (usize, &document::Line)| {
        let Parsed::Entry(entry) = line.parsed() else {
            return None;
        };
        let setting = Layer::one_line(entry, number, &reading.shown, env);
        let refused = !entry.below_section && is_refused(layer, setting.key.expose());
        refused.then_some(setting.place)
    };
    document.lines().filter_map(entry).collect()
}

struct File<'a> {
    reading: &'a Reading,
    layer: usize,
    env: Env<'a>,
}

impl File<'_> {
    fn entry(&self, number: usize, entry: &Entry) -> Option<Line> {
        let setting = Layer::one_line(entry, number, &self.reading.shown, self.env);
        let place = setting.place.clone();
        let Some(named) = named(&setting) else {
            return self.elsewhere(number, entry, &setting);
        };
        let has_value = setting.value.text().is_some()
            || !setting.used.is_empty()
            || matches!(setting.value, Value::Other | Value::List(_));
        // The partner of a certificate may stand in another file; without any it names nothing secret.
        if !has_value {
            return None;
        }
        let unread = if entry.below_section {
            Some(format!(
                "{place} stands below a [section], where npm does not look for credentials. Move it above the first section."
            ))
        } else if entry.list && named.bound != Bound::Nothing && named.what != What::Token {
            Some(format!(
                "{place} is part of a list where one credential is expected, so npm passes it over. \
                 Take the [] off its key, or remove the line."
            ))
        } else {
            None
        };
        let mut line = self.line(number, entry.key.expose(), setting);
        if entry.list {
            line.id.key = Text::new(&format!("{}[]", line.id.key));
        }
        line.named = Some(named);
        line.unread = unread.map(|why| Text::new(&why));
        line.is_one_variable = is_one_variable(entry, &line.setting);
        Some(line)
    }

    /// A token in a setting that is not one for tokens, or as the name of one.
    fn elsewhere(&self, number: usize, entry: &Entry, setting: &Setting) -> Option<Line> {
        let key = entry.key.expose();
        if let Some((from, to)) = key::token(key) {
            let why = "npm takes it for the name of a setting. Remove the line";
            let mut line = self.hidden(number, "a token without a key", &key[from..to], why);
            line.has_key = false;
            return Some(line);
        }
        let Value::Text(text) = &setting.value else {
            return None;
        };
        let (from, to) = key::token(text.expose()).filter(|_| setting.used.is_empty())?;
        Some(self.hidden(
            number,
            key,
            &text.expose()[from..to],
            "its key is none by which npm looks for a token. Correct the key, or remove the line",
        ))
    }

    /// A credential that somebody put behind a `;` or `#`.
    fn comment(&self, number: usize, raw: &[u8]) -> Option<Line> {
        // As npm reads it: what is not UTF-8 has a sign in its place.
        let text = Zeroizing::new(String::from_utf8_lossy(document::content(raw)).into_owned());
        let rest = text
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ';' | '#' | '\u{feff}'));
        let parsed = document::Line::parse(rest.as_bytes(), false);
        if let Parsed::Entry(entry) = parsed.parsed() {
            let setting = Layer::one_line(entry, number, &self.reading.shown, self.env);
            let literal = setting.used.is_empty() && setting.unset.is_empty();
            let value = setting.value.text().unwrap_or_default();
            let named = Named::of(setting.key.expose()).filter(|named| {
                matches!(named.bound, Bound::Registry | Bound::WithScheme)
                    && matches!(named.what, What::Token | What::Basic)
            });
            let telling =
                value.len() >= SHORTEST && sendable(value) && !value.contains(['<', '$', ' ']);
            if let Some(named) = named.filter(|_| literal && telling) {
                let mut line = self.line(number, entry.key.expose(), setting);
                line.unread = Some(Text::new(&format!(
                    "{} is a comment, so npm does not read it; who reads the file does. Remove the line if the token lives.",
                    line.place
                )));
                line.named = Some(named);
                line.is_comment = true;
                return Some(line);
            }
        }
        let mut line = self.bare(number, raw, "a comment, which npm does not read")?;
        line.is_comment = true;
        Some(line)
    }

    /// A token by its looks, in a line that npm takes nothing from.
    fn bare(&self, number: usize, raw: &[u8], what: &str) -> Option<Line> {
        let text = Zeroizing::new(String::from_utf8_lossy(raw).into_owned());
        let (from, to) = key::token(&text)?;
        let why = format!("the line is {what}. Remove it");
        let mut line = self.hidden(number, "a token without a key", &text[from..to], &why);
        line.has_key = false;
        Some(line)
    }

    fn hidden(&self, number: usize, key: &str, token: &str, why: &str) -> Line {
        let place = Text::new(&format!("{}, line {number}", self.reading.shown));
        let unread = format!(
            "{place} holds what looks like a token, and {why}; the token lives on until it is revoked."
        );
        let mut line = self.line(number, key, alone(token, place, Some(number)));
        line.unread = Some(Text::new(&unread));
        line
    }

    fn line(&self, number: usize, key: &str, setting: Setting) -> Line {
        let expanded = expand(key, |name| self.env.get(name));
        Line {
            id: CredentialId {
                path: Some(self.reading.path.clone()),
                key: key::shown(key),
                line: number,
            },
            place: setting.place.clone(),
            source: super::kind(self.reading.kind),
            layer: self.layer,
            setting,
            named: None,
            key_has_variables: !expanded.used.is_empty(),
            is_one_variable: false,
            is_comment: false,
            has_key: true,
            unread: None,
        }
    }
}

/// Whether the value as it is written is `${NAME}` and nothing else.
fn is_one_variable(entry: &Entry, setting: &Setting) -> bool {
    let Scalar::Text(raw) = &entry.value else {
        return false;
    };
    let names = setting.used.iter().chain(&setting.unset);
    let raw = raw.expose().as_str();
    names.map(Text::as_str).eq([raw])
}

/// Whether a variable holds anything of a credential.
fn worth_it(named: &Named, setting: &Setting, all: &Everything) -> bool {
    match named.what {
        What::Certificate => all.layers.get(&named.beside("keyfile")).is_some(),
        _ => setting.value.text().is_some() || !setting.used.is_empty(),
    }
}

fn sendable(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

/// `$NPM_TOKEN`, or in words where a shell could not name it so.
fn variable(name: &str) -> Text {
    let plain = name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    if plain && key::token(name).is_none() {
        Text::new(&format!("${name}"))
    } else {
        Text::new(&format!("the environment variable {}", key::shown(name)))
    }
}

/// A value that stands under no key.
fn alone(value: &str, place: Text, line: Option<usize>) -> Setting {
    Setting {
        key: Secret::from(""),
        value: Value::Text(value.into()),
        place,
        line,
        used: Vec::new(),
        unset: Vec::new(),
        mixed: false,
    }
}

fn copy(setting: &Setting) -> Setting {
    Setting {
        key: setting.key.expose().as_str().into(),
        value: match &setting.value {
            Value::Text(text) => Value::Text(text.expose().as_str().into()),
            Value::True => Value::True,
            Value::Off => Value::Off,
            Value::Nothing => Value::Nothing,
            Value::List(_) | Value::Other => Value::Other,
        },
        place: setting.place.clone(),
        line: setting.line,
        used: setting.used.clone(),
        unset: setting.unset.clone(),
        mixed: setting.mixed,
    }
}
