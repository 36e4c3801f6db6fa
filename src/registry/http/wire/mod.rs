//! The JSON of the registry, read leniently: registries differ, and old ones differ from new ones.
//!
//! No error of `serde_json` is ever quoted: it may hold the value that it stumbled over.

pub(super) mod profile;
pub(super) mod tfa;
pub(super) mod token;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;

use super::reply::Reply;
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

/// A moment: a date as text, or milliseconds since 1970. Anything else is none.
pub(super) fn moment(value: Option<&Value>) -> Option<Timestamp> {
    match value? {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
        _ => None,
    }
}
