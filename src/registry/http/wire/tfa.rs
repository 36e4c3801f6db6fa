//! `tfa`: the one key whose value is sometimes a state, sometimes a secret, sometimes a list of them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Tfa};

/// The value as sent. What may be secret is read straight into a [`Secret`].
#[derive(Debug, Default)]
pub(in super::super) enum Value2fa {
    /// There is no such key.
    #[default]
    Missing,
    /// `null` or `false`.
    Off,
    /// A set-up address, if anything.
    Text(Secret<String>),
    /// Recovery codes, if anything; `None` for an item that is none.
    List(Vec<Option<Secret<String>>>),
    /// The state.
    State {
        /// Its `mode`.
        mode: Option<String>,
        /// Its `pending`.
        pending: bool,
    },
    /// `true`, or a number.
    Other,
}

/// An answer of which only `tfa` matters.
#[derive(serde::Deserialize)]
pub(in super::super) struct Answer {
    #[serde(default)]
    pub(in super::super) tfa: Value2fa,
}

impl Value2fa {
    /// What a profile says by it.
    pub(in super::super) fn state(&self) -> Tfa {
        match self {
            // npm shows "disabled" for each of these.
            Self::Missing | Self::Off => Tfa::Off,
            Self::State {
                mode,
                pending: true,
            } => Tfa::Pending(mode.as_deref().and_then(Level::from_word)),
            Self::State {
                mode: Some(mode),
                pending: false,
            } => match Level::from_word(mode) {
                Some(level) => Tfa::On(level),
                None => Tfa::Unknown(Text::new(mode)),
            },
            Self::State {
                mode: None,
                pending: false,
            } => Tfa::Unknown(Text::new("no mode")),
            Self::Text(text) if is_set_up(text) => Tfa::Pending(None),
            // What it says is not shown: it may be what nobody should read.
            Self::Text(_) => Tfa::Unknown(Text::new("a text")),
            Self::List(_) => Tfa::Unknown(Text::new("a list")),
            Self::Other => Tfa::Unknown(Text::new("neither off nor a mode")),
        }
    }
}

/// Whether a text is the address of a set-up. What is in it is for the authenticator's parser to find out.
pub(in super::super) fn is_set_up(text: &Secret<String>) -> bool {
    const SCHEME: &str = "otpauth:";
    text.expose()
        .get(..SCHEME.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
}

impl<'de> Deserialize<'de> for Value2fa {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value2fa;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the second factor's state")
    }

    fn visit_unit<E>(self) -> Result<Value2fa, E> {
        Ok(Value2fa::Off)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value2fa, E> {
        Ok(if value {
            Value2fa::Other
        } else {
            Value2fa::Off
        })
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value2fa, E> {
        Ok(Value2fa::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value2fa, E> {
        Ok(Value2fa::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value2fa, E> {
        Ok(Value2fa::Other)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value2fa, E> {
        Ok(if value.is_empty() {
            Value2fa::Off
        } else {
            Value2fa::Text(Secret::from(value))
        })
    }

    fn visit_string<E>(self, value: String) -> Result<Value2fa, E> {
        Ok(if value.is_empty() {
            Value2fa::Off
        } else {
            Value2fa::Text(Secret::from(value))
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value2fa, A::Error> {
        let mut list = Vec::new();
        while let Some(Item(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value2fa::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Value2fa, A::Error> {
        let mut mode = None;
        let mut pending = false;
        while let Some(key) = keys.next_key::<String>()? {
            match key.as_str() {
                "mode" => {
                    mode = match keys.next_value()? {
                        Value::String(word) => Some(word),
                        _ => None,
                    }
                }
                "pending" => pending = keys.next_value::<Value>()? == Value::Bool(true),
                _ => {
                    keys.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value2fa::State { mode, pending })
    }
}

/// One recovery code: a text, or a number on a registry whose codes are all digits.
struct Item(Option<Secret<String>>);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyItem)
    }
}

struct AnyItem;

impl<'de> Visitor<'de> for AnyItem {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a recovery code")
    }

    fn visit_str<E>(self, value: &str) -> Result<Item, E> {
        Ok(Item((!value.is_empty()).then(|| Secret::from(value))))
    }

    fn visit_string<E>(self, value: String) -> Result<Item, E> {
        Ok(Item((!value.is_empty()).then(|| Secret::from(value))))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Item, E> {
        Ok(Item(Some(Secret::from(value.to_string()))))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Item, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Item(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Item, A::Error> {
        while keys.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Item(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(json: &str) -> Tfa {
        let answer: Answer = serde_json::from_str(json).expect(json);
        answer.tfa.state()
    }

    #[test]
    fn every_shape_of_tfa_is_a_state() {
        for json in ["{}", r#"{"tfa":null}"#, r#"{"tfa":false}"#, r#"{"tfa":""}"#] {
            assert_eq!(state(json), Tfa::Off, "{json}");
        }
        let on = r#"{"tfa":{"mode":"auth-only","pending":false,"more":[1]}}"#;
        assert_eq!(state(on), Tfa::On(Level::AuthOnly));
        let on = r#"{"tfa":{"mode":"auth-and-writes"}}"#;
        assert_eq!(state(on), Tfa::On(Level::AuthAndWrites));
        let pending = r#"{"tfa":{"mode":"auth-only","pending":true}}"#;
        assert_eq!(state(pending), Tfa::Pending(Some(Level::AuthOnly)));
        assert_eq!(state(r#"{"tfa":{"pending":true}}"#), Tfa::Pending(None));
        assert_eq!(
            state(r#"{"tfa":"otpauth://totp/x?secret=JBSW"}"#),
            Tfa::Pending(None)
        );
        assert_eq!(
            state(r#"{"tfa":{"mode":"web\u001b[31m"}}"#),
            Tfa::Unknown(Text::new("web"))
        );
        for json in [
            r#"{"tfa":true}"#,
            r#"{"tfa":7}"#,
            r#"{"tfa":-7}"#,
            r#"{"tfa":7.5}"#,
            r#"{"tfa":{}}"#,
            r#"{"tfa":{"mode":3}}"#,
            r#"{"tfa":["canary"]}"#,
            r#"{"tfa":"canary"}"#,
        ] {
            let state = state(json);
            assert!(matches!(state, Tfa::Unknown(_)), "{json}");
            assert!(!format!("{state:?}").contains("canary"), "{json}");
        }
    }
}
