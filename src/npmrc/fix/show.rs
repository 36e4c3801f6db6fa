//! One line for the screen: as its bytes stand in the file, but for every secret in them.

use std::fmt::Write as _;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::domain::machine::{Form, LocalCredential};
use crate::domain::text::Text;

use super::super::document::content;
use super::super::ini;
use super::super::survey::Kept;
use super::super::survey::key::{HIDDEN, masked, token};

/// How long what mixes letters and digits is at least to be taken for a secret.
const SHORTEST: usize = 16;
/// A secret that is shorter is not looked for around its own place: too many a word would be taken for it.
const TELLING: usize = 6;

/// The line with what is known of its value.
pub(super) fn before(raw: &[u8], credential: &LocalCredential, kept: &Kept) -> Text {
    let text = Zeroizing::new(String::from_utf8_lossy(content(raw)).into_owned());
    let begins = match credential.begins.as_str() {
        "" => HIDDEN.to_owned(),
        begins => format!("{begins}\u{2026}"),
    };
    let shown = if kept.line.named.is_some() {
        let value = value(&text);
        let inner = inner(&text, &value);
        let instead = match &credential.form {
            _ if inner.is_empty() => String::new(),
            Form::Variable { .. } if kept.line.is_one_variable => text[inner.clone()].to_owned(),
            Form::Literal if kept.line.is_certificate() => "\u{2026}".to_owned(),
            _ => begins,
        };
        around(&text, inner, &instead, kept)
    } else if let Some((from, to)) = token(&text) {
        around(&text, from..to, &begins, kept)
    } else {
        // Written with escapes: the value is all that is known to hold it, unless the key does.
        match text.find('=') {
            Some(at) if kept.line.has_key => format!("{}={HIDDEN}", masked(&text[..at])),
            _ => HIDDEN.to_owned(),
        }
    };
    visible(&shown)
}

/// The line with the variable that stands there then.
pub(super) fn after(raw: &[u8], kept: &Kept) -> Text {
    let text = Zeroizing::new(String::from_utf8_lossy(content(raw)).into_owned());
    let value = value(&text);
    let instead = text[value.clone()].to_owned();
    visible(&around(&text, value, &instead, kept))
}

/// A line as it stands there. What would not be seen has a sign: a blank at its ends, a tab, and what has no width.
fn visible(line: &str) -> Text {
    let inner = line.trim_matches(' ');
    let first = line.len() - line.trim_start_matches(' ').len();
    let last = line.len() - first - inner.len();
    let mut out = BLANK.repeat(first);
    for c in inner.chars() {
        match c {
            '\t' => out.push_str(TAB),
            ' ' => out.push(c),
            // Whatever a `Text` would take away or turn into a blank.
            c if c.is_whitespace() || Text::new(c.encode_utf8(&mut [0; 4])).is_empty() => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push_str(&BLANK.repeat(last));
    Text::new(&out)
}

/// What the signs of such lines stand for.
pub(super) fn signs(lines: [&Text; 2]) -> Option<String> {
    let stands = |sign| lines.iter().any(|line| line.as_str().contains(sign));
    match (stands(BLANK), stands(TAB)) {
        (true, true) => Some(format!(
            "{BLANK} is a blank at an end of the line, and {TAB} a tab."
        )),
        (true, false) => Some(format!("{BLANK} is a blank at an end of the line.")),
        (false, true) => Some(format!("{TAB} is a tab.")),
        (false, false) => None,
    }
}

/// What stands for a blank at an end of a line.
const BLANK: &str = "\u{2420}";
/// What stands for a tab.
const TAB: &str = "\u{2409}";

/// Where the value stands, with its quotes.
fn value(text: &str) -> Range<usize> {
    let Some(at) = text.find('=').map(|at| at + 1) else {
        return text.len()..text.len();
    };
    let span = ini::span(&text[at..]);
    at + span.start..at + span.end
}

/// The same without its quotes, which count only at both ends of all that follows the `=`.
fn inner(text: &str, value: &Range<usize>) -> Range<usize> {
    let (raw, rest) = (&text[value.clone()], &text[value.end..]);
    let quoted = |mark| raw.len() > 1 && raw.starts_with(mark) && raw.ends_with(mark);
    if (quoted('"') || quoted('\'')) && rest.trim_matches(ini::is_blank).is_empty() {
        value.start + 1..value.end - 1
    } else {
        value.clone()
    }
}

/// The text with that in the place of its secret, and whatever may be another one around it masked.
fn around(text: &str, secret: Range<usize>, instead: &str, kept: &Kept) -> String {
    let own = [
        &text[secret.clone()],
        kept.line.setting.value.text().unwrap_or_default(),
    ];
    let hide = |part: &str| {
        let mut part = Zeroizing::new(part.to_owned());
        for own in own
            .iter()
            .filter(|own| own.len() >= TELLING && **own != instead)
        {
            part = Zeroizing::new(part.replace(own, HIDDEN));
        }
        part
    };
    let head = hide(&text[..secret.start]);
    // A key is shown as it is everywhere; behind it, and where there is none, stand a person's words.
    let head = match head.find('=').filter(|_| kept.line.has_key) {
        Some(at) => format!("{}{}", masked(&head[..at]), words(&head[at..])),
        None => words(&head),
    };
    format!("{head}{instead}{}", words(&hide(&text[secret.end..])))
}

/// Words without what may be secrets.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(ini::is_blank) {
        let word = piece.trim_end_matches(ini::is_blank);
        out.push_str(&word_shown(word));
        out.push_str(&piece[word.len()..]);
    }
    out
}

fn word_shown(word: &str) -> String {
    // What is given to something, and is not only the mark at which a value begins.
    if let Some((name, given)) = word.split_once('=')
        && !given.trim_matches(['"', '\'']).is_empty()
        && !given.starts_with("${")
    {
        return format!("{}={HIDDEN}", word_shown(name));
    }
    let word = masked(word);
    let mut out = String::with_capacity(word.len());
    let mut rest = word.as_str();
    while !rest.is_empty() {
        let end = rest.find(|c| !is_of_a_secret(c)).unwrap_or(rest.len());
        let (run, more) = rest.split_at(end);
        out.push_str(if is_telling(run) { HIDDEN } else { run });
        let next = more.find(is_of_a_secret).unwrap_or(more.len());
        out.push_str(&more[..next]);
        rest = &more[next..];
    }
    out
}

const fn is_of_a_secret(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/')
}

fn is_telling(run: &str) -> bool {
    let inner = run.get(1..).unwrap_or_default();
    let both = inner.contains(|c: char| c.is_ascii_uppercase())
        && inner.contains(|c: char| c.is_ascii_lowercase());
    run.len() >= SHORTEST && (both || run.contains(|c: char| c.is_ascii_digit()))
}
