//! A configuration file, line by line and byte for byte.

use zeroize::Zeroizing;

use crate::domain::secret::Secret;

use super::ini::{self, Oddity, Scalar};

/// An `.npmrc` file. Every line keeps its exact bytes beside what npm reads in it, so that one
/// line can be changed and all others stay as they were (promise P35).
#[derive(Debug, Default)]
pub struct Document {
    pub(super) lines: Vec<Line>,
}

/// One line with its end.
#[derive(Debug)]
pub struct Line {
    pub(super) raw: Secret<Vec<u8>>,
    parsed: Parsed,
    oddity: Option<Oddity>,
}

/// What npm reads in a line.
#[derive(Debug)]
pub enum Parsed {
    /// Nothing.
    Blank,
    /// A comment.
    Comment,
    /// `[name]`: everything below belongs to it, and npm finds no setting there.
    Section,
    /// A setting.
    Entry(Entry),
    /// A line that npm skips.
    Unreadable,
}

/// `key=value`.
#[derive(Debug)]
pub struct Entry {
    /// The key without quotes and without `[]`. Kept like a secret: a token pasted on a line of its own is a key.
    pub key: Secret<String>,
    /// Whether the key ended in `[]`.
    pub list: bool,
    /// The value.
    pub value: Scalar,
    /// Whether it stands below a `[section]`.
    pub below_section: bool,
}

impl Document {
    /// Reads a file. There is no wrong file: what cannot be read is kept, and its line says so.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut below_section = false;
        let lines = split(bytes)
            .map(|raw| {
                let line = Line::parse(raw, below_section);
                below_section |= matches!(line.parsed, Parsed::Section);
                line
            })
            .collect();
        Self { lines }
    }

    /// The file again: for a document that was not changed, the bytes that it was read from.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let length = self.lines.iter().map(|l| l.raw.expose().len()).sum();
        let mut out = Zeroizing::new(Vec::with_capacity(length));
        for line in &self.lines {
            out.extend_from_slice(line.raw.expose());
        }
        out
    }

    /// Each line, numbered from 1 as an editor numbers them.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().map(|(i, line)| (i + 1, line))
    }
}

impl Line {
    pub(super) fn parse(raw: &[u8], below_section: bool) -> Self {
        let content = content(raw);
        let (parsed, mut oddity) = if let Ok(text) = std::str::from_utf8(content) {
            parse(text, below_section)
        } else {
            // npm reads on with replacement characters; so does this program, and says so.
            let text = Zeroizing::new(String::from_utf8_lossy(content).into_owned());
            let (parsed, _) = parse(&text, below_section);
            let odd = !matches!(parsed, Parsed::Comment);
            (parsed, odd.then_some(Oddity::NotUtf8))
        };
        if let Parsed::Entry(entry) = &parsed
            && below_section
            && is_credential_key(entry.key.expose())
        {
            oddity = Some(Oddity::BelowSection);
        }
        Self {
            raw: Secret::new(raw.to_vec()),
            parsed,
            oddity,
        }
    }

    /// What npm reads in it.
    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// What is wrong with it.
    pub fn oddity(&self) -> Option<Oddity> {
        self.oddity
    }
}

/// A key that binds a credential to a registry.
pub(super) fn is_credential_key(key: &str) -> bool {
    key.starts_with("//")
        && [":_authToken", ":_auth", ":username", ":_password"]
            .iter()
            .any(|suffix| key.ends_with(suffix))
}

/// Without the line end.
pub(super) fn content(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r' | b'\n'] = line {
        line = rest;
    }
    line
}

/// Pieces that each end in `\n`, `\r\n` or `\r`, but for the last.
fn split(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let end = match bytes.iter().position(|b| matches!(b, b'\r' | b'\n')) {
            None => bytes.len(),
            Some(at) if bytes[at..].starts_with(b"\r\n") => at + 2,
            Some(at) => at + 1,
        };
        let (line, rest) = bytes.split_at(end);
        bytes = rest;
        Some(line)
    })
}

fn parse(text: &str, below_section: bool) -> (Parsed, Option<Oddity>) {
    let trimmed = text.trim_start_matches(ini::is_blank);
    if trimmed.is_empty() {
        return (Parsed::Blank, None);
    }
    if trimmed.starts_with([';', '#']) {
        return (Parsed::Comment, None);
    }
    if is_section(text) {
        return (Parsed::Section, None);
    }
    let (raw_key, raw_value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (text, None),
    };
    if raw_key.is_empty() {
        return (Parsed::Unreadable, Some(Oddity::NoKey));
    }
    if raw_value.is_some_and(|v| v.contains(['\u{2028}', '\u{2029}'])) {
        return (Parsed::Unreadable, Some(Oddity::LineSeparator));
    }
    let (key, mut oddity) = ini::unquote(raw_key);
    let mut key = match key {
        Scalar::Text(key) => key,
        Scalar::True => "true".into(),
        Scalar::False => "false".into(),
        Scalar::Null => "null".into(),
        Scalar::Other => return (Parsed::Unreadable, Some(Oddity::NoKey)),
    };
    let list = key.expose().len() > 2 && key.expose().ends_with("[]");
    if list {
        let bare = key.expose().len() - 2;
        key.expose_mut().truncate(bare);
    }
    if key.is_empty() {
        oddity = Some(Oddity::NoKey);
    }
    let value = match raw_value {
        None => Scalar::True,
        Some(raw) => {
            let (value, odd) = ini::unquote(raw);
            oddity = oddity.or(odd);
            ini::coerce(value)
        }
    };
    let entry = Entry {
        key,
        list,
        value,
        below_section,
    };
    (Parsed::Entry(entry), oddity)
}

/// `[name]` from the very start of a line, with nothing but blanks behind.
fn is_section(text: &str) -> bool {
    text.strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .is_some_and(|(_, rest)| rest.chars().all(ini::is_blank))
}
