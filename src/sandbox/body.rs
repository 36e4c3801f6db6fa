//! A request's JSON body, read field by field and wiped afterwards.

use serde_json::{Map, Value};
use zeroize::Zeroize as _;

use super::reply::Refusal;
use crate::domain::secret::Secret;

/// The longest text that a field takes, in characters.
const LONGEST: usize = 500;

/// A JSON object. What was not taken out of it is wiped when it is dropped, since a secret may
/// stand in any place of a mistaken request.
pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(mut other) => {
                wipe(&mut other);
                Err(Refusal::shape("The body has to be a JSON object."))
            }
            // The parser's own words may quote the body.
            Err(_) => Err(Refusal::bad("The body is not valid JSON.")),
        }
    }

    /// Whether the key is there, with whatever value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// What stands at the key; `None` when it is absent or null.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// A text; `None` when it is absent or null.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, Refusal> {
        match self.0.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(mut text)) if text.chars().count() > LONGEST => {
                text.zeroize();
                Err(Refusal::shape(format!(
                    "`{key}` is longer than {LONGEST} characters."
                )))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(other, key, "a string")),
        }
    }

    /// A text that is a secret; `None` when it is absent or null.
    pub(super) fn secret(&mut self, key: &str) -> Result<Option<Secret<String>>, Refusal> {
        Ok(self.text(key)?.map(Secret::from))
    }

    /// Yes or no; `None` when it is absent or null.
    pub(super) fn flag(&mut self, key: &str) -> Result<Option<bool>, Refusal> {
        match self.0.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(wrong(other, key, "true or false")),
        }
    }

    /// A list of texts; empty when it is absent or null.
    pub(super) fn list(&mut self, key: &str) -> Result<Vec<String>, Refusal> {
        let items = match self.0.remove(key) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(other) => return Err(wrong(other, key, "a list of strings")),
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::String(text) if text.chars().count() <= LONGEST => texts.push(text),
                other => return Err(wrong(other, key, "a list of strings")),
            }
        }
        Ok(texts)
    }

    /// Any value at all.
    pub(super) fn value(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key).filter(|value| !value.is_null())
    }
}

impl From<Map<String, Value>> for Body {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

/// A refusal that names the key and never the value, which is wiped.
pub(super) fn wrong(mut value: Value, key: &str, wanted: &str) -> Refusal {
    wipe(&mut value);
    Refusal::shape(format!("`{key}` has to be {wanted}."))
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(map) => map.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
