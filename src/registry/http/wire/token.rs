//! The JSON of the token list, and of a token that was just made.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Given, moment, text};
use thin_vec::ThinVec;

use crate::domain::moment::Moment;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Never, Token, TokenKey};

/// One page of the list.
#[derive(Deserialize)]
pub(in super::super) struct WirePage {
    objects: Vec<Row>,
    total: Option<Value>,
    urls: Option<Value>,
}

impl WirePage {
    /// The rows, or `None` when one has no key and could neither be named nor revoked.
    pub(in super::super) fn rows(&mut self) -> Option<Vec<Token>> {
        let rows = std::mem::take(&mut self.objects);
        rows.into_iter().map(|Row(token)| token).collect()
    }

    /// How many there are in all.
    pub(in super::super) fn total(&self) -> Option<u64> {
        self.total.as_ref()?.as_u64()
    }

    /// The link to the page after this one.
    pub(in super::super) fn next(&self) -> Option<&str> {
        let next = self.urls.as_ref()?.get("next")?.as_str()?;
        (!next.is_empty()).then_some(next)
    }
}

/// A row, read into a token at once: what it was read from takes several times as much room. `None` without a key.
struct Row(Option<Token>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Map::<String, Value>::deserialize(deserializer)?;
        Ok(Self(row(&object)))
    }
}

/// The answer that makes a token: a row of the list, but with the whole value, which goes straight into a [`Secret`].
pub(in super::super) struct Made {
    value: Option<Secret<String>>,
    rest: Map<String, Value>,
}

impl Made {
    /// The token as it is listed, and its value; `None` without a value. A row without a key is taken all the same:
    /// the value exists nowhere else.
    pub(in super::super) fn read(self) -> Option<(Token, Secret<String>)> {
        let value = self.value?;
        let key = self.rest.get("key").and_then(Value::as_str);
        let mut token = of(&self.rest, key.unwrap_or_default());
        token.begins = begins(value.expose());
        Some((token, value))
    }
}

/// The first characters, as few as registries list.
fn begins(value: &str) -> Text {
    let common = if value.starts_with("npm_") { 4 } else { 0 };
    // Of a short one nothing is shown.
    if value.chars().count() < 20 + common {
        return Text::default();
    }
    Text::new(&value.chars().take(4 + common).collect::<String>())
}

/// More characters of a value than this are no beginning to know it by, but perhaps the whole of it.
const TELLING: usize = 16;
/// As many are kept of such a one.
const KEPT: usize = 8;

/// What a list shows of a value: its first characters, or the first and the last around a mask. Of a registry that shows
/// whole values no more than the first ones come any further.
fn listed(value: Option<&Value>) -> Text {
    let listed = text(value).unwrap_or_default();
    let is_mask = |c: char| matches!(c, '.' | '…' | '*' | '•');
    let parts = listed.as_str().split(is_mask);
    // A value may have single dots in it, as a JSON web token has.
    let masked = ["..", "…", "*", "•"]
        .iter()
        .any(|mask| listed.as_str().contains(mask));
    let longest = if masked {
        parts.map(|part| part.chars().count()).max().unwrap_or(0)
    } else {
        listed.as_str().chars().count()
    };
    if longest <= TELLING {
        return listed;
    }
    Text::new(&listed.as_str().chars().take(KEPT).collect::<String>())
}

impl<'de> Deserialize<'de> for Made {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Made;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a token")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Made, A::Error> {
                let mut made = Made {
                    value: None,
                    rest: Map::new(),
                };
                while let Some(key) = map.next_key::<String>()? {
                    if key == "token" {
                        made.value = map.next_value::<Given>()?.0;
                    } else {
                        made.rest.insert(key, map.next_value()?);
                    }
                }
                Ok(made)
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

fn row(object: &Map<String, Value>) -> Option<Token> {
    let key = object.get("key")?.as_str().filter(|key| !key.is_empty())?;
    Some(of(object, key))
}

fn of(object: &Map<String, Value>, key: &str) -> Token {
    let get = |name: &str| object.get(name);
    Token {
        key: TokenKey::new(key),
        begins: listed(get("token")),
        name: text(get("name")),
        description: text(get("description"))
            .or_else(|| text(get("token_description")))
            .map(Box::new),
        readonly: flag(get("readonly")),
        bypass_2fa: perhaps(get("bypass_2fa")),
        // Both spellings occur, on some registries both at once and one of them empty.
        cidr: Some(texts(get("cidr")))
            .filter(|ranges| !ranges.is_empty())
            .unwrap_or_else(|| texts(get("cidr_whitelist")))
            .into(),
        created: moment(get("created")).map(Moment::from),
        accessed: moment(get("accessed")).map(Moment::from),
        updated: moment(get("updated")).map(Moment::from),
        expires: moment(get("expiry"))
            .or_else(|| moment(get("expires")))
            .map(Moment::from),
        revoked: moment(get("revoked")).map(Moment::from),
        permissions: pairs(get("permissions"), "name", "action").into(),
        scopes: pairs(get("scopes"), "type", "name").into(),
        found: ThinVec::new(),
        note: None,
        never: Never {
            expires: none(&[get("expiry"), get("expires")]),
            used: none(&[get("accessed")]),
            unread: unread(&[get("expiry"), get("expires")]),
        },
    }
}

/// Whether a moment is told to be none, rather than not told: `null` in one spelling at least, and nothing else.
fn none(spellings: &[Option<&Value>]) -> bool {
    let mut told = spellings.iter().flatten().peekable();
    told.peek().is_some() && told.all(|value| value.is_null())
}

/// Whether a moment is told, and in no form that can be read.
fn unread(spellings: &[Option<&Value>]) -> bool {
    let mut told = spellings.iter().flatten();
    let says = |value: &&&Value| !value.is_null() && value.as_str() != Some("");
    told.clone().any(|value| says(&value)) && told.all(|value| moment(Some(value)).is_none())
}

fn flag(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true)))
}

/// True for whatever may mean yes: what a token is accepted without is never hidden.
fn perhaps(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(word)) => !matches!(word.as_str(), "" | "false" | "no" | "0"),
        _ => false,
    }
}

fn texts(value: Option<&Value>) -> Vec<Text> {
    let items = match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => text.split(',').collect(),
        _ => Vec::new(),
    };
    items
        .into_iter()
        .map(Text::new)
        .filter(|text| !text.is_empty())
        .collect()
}

fn pairs(value: Option<&Value>, first: &str, second: &str) -> Vec<(Text, Text)> {
    let items = value
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    // As much room as there are pairs: lists have thousands of these.
    let mut pairs = Vec::with_capacity(items.len());
    for item in items {
        let part = |key| text(item.get(key)).unwrap_or_default();
        let pair = match item {
            // A bare word says what, and not of which kind.
            Value::String(_) => (Text::default(), text(Some(item)).unwrap_or_default()),
            _ => (part(first), part(second)),
        };
        if !pair.0.is_empty() || !pair.1.is_empty() {
            pairs.push(pair);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn p01_of_a_value_that_is_listed_whole_no_more_than_the_beginning_is_taken() {
        for (sent, taken) in [
            ("npm_aBcD", "npm_aBcD"),
            ("npm_aBcD...7890", "npm_aBcD...7890"),
            ("npm_aBcD…7890", "npm_aBcD…7890"),
            ("YTAz...4NzQ0", "YTAz...4NzQ0"),
            (
                "npm_****************************7890",
                "npm_****************************7890",
            ),
            ("npm_aBcDeFgH1234567890aBcDeFgH1234567890", "npm_aBcD"),
            ("0b1c2d3e-0000-4000-8000-00000000abcd", "0b1c2d3e"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.signature", "eyJhbGci"),
            ("npm_aBcDeFgH1234567890aBcD...7890", "npm_aBcD"),
        ] {
            assert_eq!(listed(Some(&json!(sent))).as_str(), taken, "{sent}");
        }
    }

    #[test]
    fn an_end_that_cannot_be_read_is_no_end_that_is_not_told() {
        let of = |row: Value| of(row.as_object().expect("a row"), "k");
        for (row, unread, never) in [
            (json!({}), false, false),
            (json!({"expiry": null}), false, true),
            (json!({"expiry": "2026-02-03T20:06:18.920Z"}), false, false),
            (json!({"expiry": "soon"}), true, false),
            (json!({"expires": {"at": 5}, "expiry": null}), true, false),
            (
                json!({"expiry": "soon", "expires": "2026-02-03T20:06:18.920Z"}),
                false,
                false,
            ),
            (json!({"expiry": ""}), false, false),
        ] {
            let token = of(row.clone());
            assert_eq!(
                (token.never.unread, token.never.expires),
                (unread, never),
                "{row}"
            );
        }
    }
}
