//! The JSON of the token list.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{moment, text};
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};

/// One page of the list.
#[derive(Deserialize)]
pub(in super::super) struct WirePage {
    objects: Vec<Map<String, Value>>,
    total: Option<Value>,
    urls: Option<Value>,
}

impl WirePage {
    /// The rows, or `None` when one has no key and could neither be named nor revoked.
    pub(in super::super) fn rows(&self) -> Option<Vec<Token>> {
        self.objects.iter().map(row).collect()
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

fn row(object: &Map<String, Value>) -> Option<Token> {
    let key = object.get("key")?.as_str().filter(|key| !key.is_empty())?;
    let get = |name: &str| object.get(name);
    Some(Token {
        key: TokenKey::new(key),
        begins: text(get("token")).unwrap_or_default(),
        name: text(get("name")),
        description: text(get("description").or_else(|| get("token_description"))),
        readonly: flag(get("readonly")),
        bypass_2fa: flag(get("bypass_2fa")),
        // Both spellings occur, on some registries both at once and one of them empty.
        cidr: Some(texts(get("cidr")))
            .filter(|ranges| !ranges.is_empty())
            .unwrap_or_else(|| texts(get("cidr_whitelist"))),
        created: moment(get("created")),
        accessed: moment(get("accessed")),
        expires: moment(get("expiry")).or_else(|| moment(get("expires"))),
        revoked: moment(get("revoked")),
        permissions: pairs(get("permissions"), "name", "action"),
        scopes: pairs(get("scopes"), "type", "name"),
        in_use: false,
    })
}

fn flag(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true)))
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
    items
        .iter()
        .map(|item| {
            let part = |key| text(item.get(key)).unwrap_or_default();
            (part(first), part(second))
        })
        .filter(|(first, second)| !first.is_empty() || !second.is_empty())
        .collect()
}
