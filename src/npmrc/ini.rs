//! One value of an `.npmrc` line, as npm's own ini reader takes it.

use std::ops::Range;

use serde_json::Value as Json;
use zeroize::Zeroize as _;

use crate::domain::secret::Secret;

/// A value after quotes and escapes are taken off, before `${VAR}` is replaced.
#[derive(Debug)]
pub enum Scalar {
    /// Text, also the text of a number.
    Text(Secret<String>),
    /// `true`, or a key without `=`.
    True,
    /// `false`.
    False,
    /// `null`.
    Null,
    /// A list or an object written as JSON in single quotes; npm can do nothing with it either.
    Other,
}

/// Why a line is not what its writer meant. Holds no part of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A quotation mark at one end only, or double quotes around something that is not a JSON string.
    OpenQuote,
    /// Nothing before the `=`.
    NoKey,
    /// A line separator (U+2028, U+2029) in a value, at which npm gives the whole line up.
    LineSeparator,
    /// A credential below a `[section]`, where npm does not look.
    BelowSection,
}

impl Oddity {
    /// What follows "`FILE`, line 3 ".
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::NotUtf8 => {
                "holds bytes that are not UTF-8. Write it again, or take it out, in an editor."
            }
            Self::OpenQuote => {
                "has quotation marks that do not pair up, so npm takes them as part of the value. \
                 Put them at both ends with nothing after, or leave them out."
            }
            Self::NoKey => {
                "has nothing before its \u{201c}=\u{201d}. Write the key, or remove the line."
            }
            Self::LineSeparator => {
                "holds an invisible line separator, so npm skips it. Write the line again."
            }
            Self::BelowSection => {
                "stands below a [section], where npm does not look for credentials. \
                 Move it above the first section."
            }
        }
    }
}

/// What JavaScript's `trim` and `\s` take for a blank.
pub(super) fn is_blank(c: char) -> bool {
    c == '\u{feff}' || (c != '\u{85}' && c.is_whitespace())
}

/// Takes quotes and escapes off a key or a value.
pub(super) fn unquote(raw: &str) -> (Scalar, Option<Oddity>) {
    let raw = raw.trim_matches(is_blank);
    let quoted = |mark: char| raw.starts_with(mark) && raw.ends_with(mark);
    if quoted('"') {
        return match from_json(raw) {
            Some(value) => (value, None),
            None => (Scalar::Text(raw.into()), Some(Oddity::OpenQuote)),
        };
    }
    if quoted('\'') {
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        let odd = (raw.len() < 2).then_some(Oddity::OpenQuote);
        return (
            from_json(inner).unwrap_or_else(|| Scalar::Text(inner.into())),
            odd,
        );
    }
    let odd = raw.starts_with(['"', '\'']).then_some(Oddity::OpenQuote);
    (Scalar::Text(unescape(raw)), odd)
}

/// A bare value: up to the first `;` or `#` that no backslash stands before.
fn unescape(raw: &str) -> Secret<String> {
    let mut out = Secret::with_capacity(raw.len());
    let text = out.expose_mut();
    let mut escaped = false;
    for c in raw.chars() {
        match (escaped, c) {
            (true, '\\' | ';' | '#') => text.push(c),
            (true, _) => {
                text.push('\\');
                text.push(c);
            }
            (false, ';' | '#') => break,
            (false, '\\') => {
                escaped = true;
                continue;
            }
            (false, _) => text.push(c),
        }
        escaped = false;
    }
    if escaped {
        text.push('\\');
    }
    let trimmed = text.trim_end_matches(is_blank).len();
    text.truncate(trimmed);
    // Escapes can leave a leading blank behind only where the value began with one, which was trimmed.
    out
}

/// Where in what follows the `=` the value stands, with its quotes and without blanks and a note around it.
pub(super) fn span(raw: &str) -> Range<usize> {
    let start = raw.len() - raw.trim_start_matches(is_blank).len();
    let value = raw[start..].trim_end_matches(is_blank);
    let quoted = |mark: char| value.starts_with(mark) && value.ends_with(mark);
    if quoted('"') || quoted('\'') {
        return start..start + value.len();
    }
    let mut escaped = false;
    let end = value.find(|c| {
        let ends = !escaped && matches!(c, ';' | '#');
        escaped = !escaped && c == '\\';
        ends
    });
    let bare = value[..end.unwrap_or(value.len())].trim_end_matches(is_blank);
    start..start + bare.len()
}

/// A key or a value as npm writes it: in quotes where it has to be, else with escapes.
pub(super) fn written(value: &str) -> Secret<String> {
    let ends_in = |mark: char| value.len() > 1 && value.starts_with(mark) && value.ends_with(mark);
    let quotes = value.contains(['=', '\r', '\n'])
        || value.starts_with('[')
        || ends_in('"')
        || ends_in('\'')
        || value != value.trim_matches(is_blank);
    if !quotes {
        return escaped(value);
    }
    let room = value.len() * 6 + 2;
    let mut out = Secret::new(Vec::with_capacity(room));
    serde_json::to_writer(out.expose_mut(), value)
        .expect("a text has a JSON form, and memory takes it");
    let text = std::str::from_utf8(out.expose()).expect("JSON is UTF-8");
    text.into()
}

/// A value without quotes.
pub(super) fn escaped(value: &str) -> Secret<String> {
    let mut out = Secret::with_capacity(value.len() * 2);
    for c in value.chars() {
        if matches!(c, ';' | '#') {
            out.expose_mut().push('\\');
        }
        out.expose_mut().push(c);
    }
    out
}

/// `true`, `false` and `null` mean themselves however they are quoted.
pub(super) fn coerce(value: Scalar) -> Scalar {
    match value {
        Scalar::Text(text) => match text.expose().as_str() {
            "true" => Scalar::True,
            "false" => Scalar::False,
            "null" => Scalar::Null,
            _ => Scalar::Text(text),
        },
        other => other,
    }
}

fn from_json(raw: &str) -> Option<Scalar> {
    Some(match serde_json::from_str(raw).ok()? {
        Json::String(text) => Scalar::Text(text.into()),
        Json::Bool(true) => Scalar::True,
        Json::Bool(false) => Scalar::False,
        Json::Null => Scalar::Null,
        Json::Number(number) => Scalar::Text(
            match number.as_f64() {
                Some(float) if number.is_f64() => float.to_string(),
                _ => number.to_string(),
            }
            .into(),
        ),
        mut list @ (Json::Array(_) | Json::Object(_)) => {
            wipe(&mut list);
            Scalar::Other
        }
    })
}

fn wipe(json: &mut Json) {
    match json {
        Json::String(text) => text.zeroize(),
        Json::Array(list) => list.iter_mut().for_each(wipe),
        Json::Object(map) => map.values_mut().for_each(wipe),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
