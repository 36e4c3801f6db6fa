//! The JSON of the registry, read leniently: registries differ, and old ones differ from new ones.
//!
//! No error of `serde_json` is ever quoted: it may hold the value that it stumbled over.

pub(super) mod package;
pub(super) mod profile;
pub(super) mod tfa;
pub(super) mod token;

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::reply::Reply;
use super::request::sendable;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::{Error, Sent};

/// The body of a good answer.
pub(super) fn parse<'a, T: Deserialize<'a>>(reply: &'a Reply, sent: Sent) -> Result<T, Error> {
    let body = reply.body.as_slice();
    serde_json::from_slice(body).map_err(|error| {
        malformed(
            match error.classify() {
                _ if body.iter().all(u8::is_ascii_whitespace) => "is empty",
                _ if is_web_page(body) => "is a web page and not JSON",
                Category::Eof => "is cut off",
                Category::Data => "has an unknown shape",
                Category::Syntax | Category::Io => "is not JSON",
            },
            sent,
        )
    })
}

/// A text that is a secret, if it is one and not empty; anything else is passed over.
pub(super) struct Given(pub(super) Option<Secret<String>>);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyGiven)
    }
}

struct AnyGiven;

impl<'de> Visitor<'de> for AnyGiven {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }

    fn visit_str<E>(self, value: &str) -> Result<Given, E> {
        Ok(Given((!value.is_empty()).then(|| Secret::from(value))))
    }

    fn visit_string<E>(self, value: String) -> Result<Given, E> {
        Ok(Given((!value.is_empty()).then(|| Secret::from(value))))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Given, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Given, A::Error> {
        while keys.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Given(None))
    }
}

/// An answer of which only the `token` matters.
#[derive(Deserialize)]
pub(super) struct WithToken {
    token: Option<Given>,
}

impl WithToken {
    /// The token, if it is there and can be sent.
    pub(super) fn read(self) -> Option<Secret<String>> {
        self.token?.0.filter(sendable)
    }
}

/// An answer that makes no sense; `what` ends the sentence "The answer of … ".
pub(super) fn malformed(what: &str, sent: Sent) -> Error {
    Error::Malformed {
        what: Text::new(what),
        sent,
    }
}

/// True for HTML.
pub(super) fn is_web_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// A text that is there and not empty.
pub(super) fn text(value: Option<&Value>) -> Option<Text> {
    value
        .and_then(Value::as_str)
        .map(Text::new)
        .filter(|text| !text.is_empty())
}

/// A moment: a date as text, without an offset in UTC, or milliseconds since 1970. Anything else is none.
pub(super) fn moment(value: Option<&Value>) -> Option<Timestamp> {
    match value? {
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| in_utc(text))
        }
        Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
        _ => None,
    }
}

fn in_utc(text: &str) -> Option<Timestamp> {
    let time: jiff::civil::DateTime = text.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
