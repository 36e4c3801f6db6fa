//! The profile's JSON.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::tfa::Value2fa;
use super::{moment, text};
use crate::domain::account::{Profile, ProfileField};
use crate::domain::text::Text;

/// The keys that `npm profile set` sends back, in its order.
const WRITABLE: [ProfileField; 6] = [
    ProfileField::Email,
    ProfileField::Fullname,
    ProfileField::Homepage,
    ProfileField::Freenode,
    ProfileField::Twitter,
    ProfileField::Github,
];

/// A profile as sent: every key in the registry's order.
#[derive(Default)]
pub(in super::super) struct WireProfile {
    tfa: Value2fa,
    keys: Vec<(String, Value)>,
}

impl WireProfile {
    fn get(&self, key: &str) -> Option<&Value> {
        let mut found = self.keys.iter().rev().filter(|(name, _)| name == key);
        found.next().map(|(_, value)| value)
    }

    /// What a person sees for one field: nothing for `null`, an empty text, or no such key.
    pub(in super::super) fn shown(&self, field: ProfileField) -> Option<Text> {
        self.get(field.key())
            .map(plain)
            .filter(|text| !text.is_empty())
    }

    /// The body that sets one field and carries every other writable one over.
    pub(in super::super) fn with(&self, field: ProfileField, after: &str) -> Map<String, Value> {
        self.body(Some((field, after)))
    }

    /// The body that carries every writable field over.
    pub(in super::super) fn writable(&self) -> Map<String, Value> {
        self.body(None)
    }

    /// As npm builds it: a key that the registry did not send is left out, and an empty text becomes `null`.
    fn body(&self, change: Option<(ProfileField, &str)>) -> Map<String, Value> {
        let mut body = Map::new();
        for key in WRITABLE {
            let value = match change {
                Some((field, after)) if field == key => Value::String(after.to_owned()),
                _ => match self.get(key.key()) {
                    Some(value) => value.clone(),
                    None => continue,
                },
            };
            let empty = value.as_str().is_some_and(str::is_empty);
            let value = if empty { Value::Null } else { value };
            body.insert(key.key().to_owned(), value);
        }
        body
    }

    /// The profile, or `None` when it has no name and so is none.
    pub(in super::super) fn read(&self) -> Option<Profile> {
        let known = |key: &str| {
            ["name", "email_verified", "created", "updated"].contains(&key)
                || ProfileField::ALL.iter().any(|field| field.key() == key)
        };
        Some(Profile {
            name: text(self.get("name"))?,
            email_verified: self.get("email_verified").and_then(Value::as_bool),
            tfa: self.tfa.state(),
            fields: ProfileField::ALL
                .into_iter()
                .map(|field| (field, self.shown(field)))
                .collect(),
            created: moment(self.get("created")),
            updated: moment(self.get("updated")),
            other: self
                .keys
                .iter()
                .filter(|(key, _)| !known(key))
                .map(|(key, value)| (Text::new(key), plain(value)))
                .collect(),
        })
    }
}

/// A value as a person reads it.
fn plain(value: &Value) -> Text {
    match value {
        Value::Null => Text::default(),
        Value::String(text) => Text::new(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| plain(item).into()).collect();
            Text::new(&items.join(", "))
        }
        Value::Object(_) => Text::new(&cleaned(value).to_string()),
        other => Text::new(&other.to_string()),
    }
}

/// Before it is written as JSON again, which would spell out in letters what is to be stripped (promise P26).
fn cleaned(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(Text::new(text).into()),
        Value::Array(items) => Value::Array(items.iter().map(cleaned).collect()),
        Value::Object(keys) => Value::Object(
            keys.iter()
                .map(|(key, value)| (Text::new(key).into(), cleaned(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

impl<'de> Deserialize<'de> for WireProfile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = WireProfile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a profile")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WireProfile, A::Error> {
                let mut profile = WireProfile::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "tfa" {
                        profile.tfa = map.next_value()?;
                    } else {
                        profile.keys.push((key, map.next_value()?));
                    }
                }
                Ok(profile)
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p26_what_is_nested_is_cleaned_before_it_is_written() {
        let nested = serde_json::json!({"a\u{202e}": ["x\u{1b}[31my", {"b": "\u{7}z"}], "n": 1});
        assert_eq!(plain(&nested).as_str(), r#"{"a":["xy",{"b":"z"}],"n":1}"#);
    }

    fn wire(json: &str) -> WireProfile {
        serde_json::from_str(json).expect("a profile of this test")
    }

    #[test]
    fn unknown_keys_are_kept_in_their_order_and_read_as_text() {
        let profile = wire(
            r#"{"zeta":1,"name":"al","tfa":null,"cidr_whitelist":["10.0.0.0/8","::/0"],"alpha":{"b":[true]},
                "email":"","odd\u0007":"x\u202ey","nothing":null}"#,
        )
        .read()
        .expect("it has a name");
        let other: Vec<(&str, &str)> = profile
            .other
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            other,
            [
                ("zeta", "1"),
                ("cidr_whitelist", "10.0.0.0/8, ::/0"),
                ("alpha", r#"{"b":[true]}"#),
                ("odd", "xy"),
                ("nothing", ""),
            ]
        );
        assert_eq!(profile.field(ProfileField::Email), None);
    }

    #[test]
    fn p34_a_save_carries_every_other_field_over_as_it_was_sent() {
        let profile = wire(
            r#"{"name":"al","email":"a@x.io","fullname":"A\u200bl","homepage":"","twitter":null,"github":"gh"}"#,
        );
        let body = Value::Object(profile.with(ProfileField::Github, ""));
        let expected = r#"{"email":"a@x.io","fullname":"A\u200bl","homepage":null,"twitter":null,"github":null}"#;
        assert_eq!(body, serde_json::from_str::<Value>(expected).expect("JSON"));
        let body = profile.with(ProfileField::Freenode, "nick");
        assert_eq!(body.get("freenode"), Some(&Value::from("nick")));
    }

    #[test]
    fn a_profile_without_a_name_is_none() {
        assert!(wire("{}").read().is_none());
        assert!(wire(r#"{"name":"\u001b[2J"}"#).read().is_none());
    }
}
