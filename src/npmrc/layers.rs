//! The layers of the configuration, and which of them a value comes from.

use std::ffi::OsString;

use crate::domain::secret::Secret;
use crate::domain::text::Text;

use super::document::{Document, Entry, Parsed};
use super::expand::expand;
use super::ini::{Scalar, coerce, is_blank};

/// A value ready to use.
#[derive(Debug)]
pub(super) enum Value {
    Text(Secret<String>),
    True,
    /// `false`, `null`, or npm's `undefined`.
    Off,
    /// `null` for a registry's own key in a file: npm drops it, and what a lower layer says counts.
    Nothing,
    List(Vec<Secret<String>>),
    /// Something that is no value for any setting read here.
    Other,
}

impl Value {
    /// The text, when there is one that is not empty.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text.expose()),
            // npm writes a bare key's `true` into a header or an address as that word.
            Self::True => Some("true"),
            _ => None,
        }
    }
}

/// One setting of one layer.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) key: Secret<String>,
    pub(super) value: Value,
    /// "~/.npmrc, line 3", or "the environment variable `npm_config_registry`".
    pub(super) place: Text,
    /// The line that it stands on, when it stands in a file.
    pub(super) line: Option<usize>,
    pub(super) used: Vec<Text>,
    pub(super) unset: Vec<Text>,
    /// Its value is made of variables and of what stands beside them.
    pub(super) mixed: bool,
}

impl Setting {
    /// Whether it hides what lower layers say.
    const fn hides(&self) -> bool {
        !matches!(self.value, Value::Nothing)
    }

    /// The place, with the variables that the value came from.
    pub(super) fn origin(&self) -> Text {
        if self.used.is_empty() {
            return self.place.clone();
        }
        let used: Vec<_> = self.used.iter().map(Text::as_str).collect();
        Text::new(&format!("{}, from {}", self.place, used.join(" and ")))
    }
}

/// What a layer is, for the few rules that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Environment,
    Project,
    User,
    Global,
    Builtin,
}

impl Kind {
    /// Whether it is a file.
    pub(super) fn is_file(self) -> bool {
        self != Self::Environment
    }
}

/// One layer.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) kind: Kind,
    pub(super) settings: Vec<Setting>,
}

/// All layers, the one that wins first.
#[derive(Debug, Default)]
pub(super) struct Layers(pub(super) Vec<Layer>);

impl Layers {
    /// The setting that wins for a key.
    pub(super) fn get(&self, key: &str) -> Option<&Setting> {
        self.winner(key).map(|(_, setting)| setting)
    }

    /// The same, with its layer.
    pub(super) fn winner(&self, key: &str) -> Option<(&Layer, &Setting)> {
        let of = |layer: &'_ Layer| layer.get(key).is_some_and(Setting::hides);
        let layer = self.0.iter().find(|layer| of(layer))?;
        Some((layer, layer.get(key)?))
    }
}

/// The environment, looked up by name.
#[derive(Clone, Copy)]
pub(super) struct Env<'a>(pub(super) &'a [(OsString, OsString)]);

impl<'a> Env<'a> {
    /// The value of a variable, unless it is not Unicode.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| {
                key.to_str().is_some_and(|key| {
                    key == name || (cfg!(windows) && key.eq_ignore_ascii_case(name))
                })
            })
            .and_then(|(_, value)| value.to_str())
    }

    /// The value of a variable that counts only when it is not empty.
    pub(super) fn filled(self, name: &str) -> Option<&'a str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

impl Layer {
    /// The `npm_config_*` variables.
    pub(super) fn from_env(env: Env<'_>) -> Self {
        let settings = env
            .0
            .iter()
            .filter_map(|(name, value)| {
                let (name, value) = (name.to_str()?, value.to_str()?);
                let prefix = name.get(..PREFIX.len())?;
                if !prefix.eq_ignore_ascii_case(PREFIX) || value.is_empty() {
                    return None;
                }
                let key = env_key(&name[PREFIX.len()..]);
                let place = Text::new(&format!("the environment variable {name}"));
                Some(setting(&key, Raw::One(text(value)), place, None, env))
            })
            .collect();
        Self {
            kind: Kind::Environment,
            settings,
        }
    }

    /// A file's settings; `shown` is its path as a person reads it.
    pub(super) fn from_document(
        kind: Kind,
        document: &Document,
        shown: &Text,
        env: Env<'_>,
    ) -> Self {
        let mut raw: Vec<(&str, Raw, usize)> = Vec::new();
        for (line, parsed) in document.lines() {
            let Parsed::Entry(entry) = parsed.parsed() else {
                continue;
            };
            if entry.below_section {
                continue;
            }
            let key = entry.key.expose().as_str();
            let value = copy(&entry.value);
            match raw.iter_mut().find(|(known, ..)| *known == key) {
                None if entry.list => raw.push((key, Raw::Many(vec![value]), line)),
                None => raw.push((key, Raw::One(value), line)),
                Some((_, known, at)) => {
                    *at = line;
                    *known = match std::mem::replace(known, Raw::One(Scalar::Null)) {
                        Raw::Many(mut list) => {
                            list.push(value);
                            Raw::Many(list)
                        }
                        Raw::One(first) if entry.list => Raw::Many(vec![first, value]),
                        Raw::One(_) => Raw::One(value),
                    };
                }
            }
        }
        let settings = raw
            .into_iter()
            .map(|(key, value, line)| {
                let place = Text::new(&format!("{shown}, line {line}"));
                setting(key, value, place, Some(line), env)
            })
            .collect();
        Self { kind, settings }
    }

    /// Each setting of a file by itself, also those that a later line hides; lists are left out.
    pub(super) fn each_line(document: &Document, shown: &Text, env: Env<'_>) -> Vec<Setting> {
        document
            .lines()
            .filter_map(|(line, parsed)| {
                let Parsed::Entry(entry) = parsed.parsed() else {
                    return None;
                };
                if entry.below_section || entry.list {
                    return None;
                }
                let place = Text::new(&format!("{shown}, line {line}"));
                let value = Raw::One(copy(&entry.value));
                Some(setting(entry.key.expose(), value, place, Some(line), env))
            })
            .collect()
    }

    /// One line's setting by itself, of a list's line too, whatever stands above and below it.
    pub(super) fn one_line(entry: &Entry, line: usize, shown: &Text, env: Env<'_>) -> Setting {
        let place = Text::new(&format!("{shown}, line {line}"));
        let value = Raw::One(copy(&entry.value));
        setting(entry.key.expose(), value, place, Some(line), env)
    }

    /// The setting of a key; of several that expand to the same key, the last.
    pub(super) fn get(&self, key: &str) -> Option<&Setting> {
        self.settings
            .iter()
            .rev()
            .find(|setting| setting.key.expose() == key)
    }
}

const PREFIX: &str = "npm_config_";

/// `Foo_Bar` is `foo-bar`, a leading `_` stays, and a registry's own key is kept as it is.
fn env_key(name: &str) -> String {
    if name.starts_with("//") {
        return name.to_owned();
    }
    let mut key = name.to_lowercase();
    if let Some(at) = key.char_indices().nth(1).map(|(at, _)| at) {
        let tail = key.split_off(at).replace('_', "-");
        key.push_str(&tail);
    }
    key
}

enum Raw {
    One(Scalar),
    Many(Vec<Scalar>),
}

/// Keys whose values are never taken for `true`, `false` or `null` when they come as text.
const TEXT_KEYS: [&str; 6] = [
    "ca",
    "cafile",
    "noproxy",
    "userconfig",
    "globalconfig",
    "prefix",
];

/// Keys that take a list; in one text, an empty line stands between its members.
const LIST_KEYS: [&str; 2] = ["ca", "noproxy"];

fn setting(key: &str, raw: Raw, place: Text, line: Option<usize>, env: Env<'_>) -> Setting {
    let look_up = |name: &str| env.get(name);
    let key = expand(key, look_up).text;
    let mut used = Vec::new();
    let mut unset = Vec::new();
    let mut mixed = false;
    let mut replaced = |text: &Secret<String>| {
        let mut done = expand(text.expose().trim_matches(is_blank), look_up);
        used.append(&mut done.used);
        unset.append(&mut done.unset);
        mixed |= done.mixed;
        done.text
    };
    let is_text = TEXT_KEYS.contains(&key.expose().as_str());
    let is_list = LIST_KEYS.contains(&key.expose().as_str());
    let null = if line.is_some() && key.expose().starts_with("//") {
        Value::Nothing
    } else {
        Value::Off
    };
    let value = match raw {
        Raw::One(Scalar::Text(text)) if is_list => Value::List(
            text.expose()
                .trim()
                .split("\n\n")
                .map(|member| replaced(&member.into()))
                .collect(),
        ),
        Raw::One(Scalar::Text(text)) if is_text => Value::Text(replaced(&text)),
        Raw::One(Scalar::Text(text)) => {
            // The words count before variables are replaced, as in npm.
            match coerce(Scalar::Text(text.expose().trim_matches(is_blank).into())) {
                Scalar::Text(text) if text.expose() == "undefined" => Value::Off,
                Scalar::Text(text) => Value::Text(replaced(&text)),
                Scalar::True => Value::True,
                Scalar::Null => null,
                Scalar::False => Value::Off,
                Scalar::Other => Value::Other,
            }
        }
        Raw::One(Scalar::True) => Value::True,
        Raw::One(Scalar::Null) => null,
        Raw::One(Scalar::False) => Value::Off,
        Raw::One(Scalar::Other) => Value::Other,
        Raw::Many(list) => Value::List(
            list.iter()
                .filter_map(|member| match member {
                    Scalar::Text(text) => Some(replaced(text)),
                    _ => None,
                })
                .collect(),
        ),
    };
    Setting {
        key,
        value,
        place,
        line,
        used,
        unset,
        mixed,
    }
}

fn text(raw: &str) -> Scalar {
    Scalar::Text(raw.into())
}

fn copy(value: &Scalar) -> Scalar {
    match value {
        Scalar::Text(raw) => text(raw.expose()),
        Scalar::True => Scalar::True,
        Scalar::False => Scalar::False,
        Scalar::Null => Scalar::Null,
        Scalar::Other => Scalar::Other,
    }
}
