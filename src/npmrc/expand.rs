//! `${VAR}` in keys and values, as npm replaces it.

use crate::domain::secret::Secret;
use crate::domain::text::Text;

/// A text after replacing.
#[derive(Debug)]
pub(super) struct Expanded {
    pub(super) text: Secret<String>,
    /// The variables that it took a value from, as `${NAME}`.
    pub(super) used: Vec<Text>,
    /// The variables that are not set, as `${NAME}`; npm leaves such a place as it is written.
    pub(super) unset: Vec<Text>,
    /// Something else stands beside the variables.
    pub(super) mixed: bool,
}

/// Replaces `${VAR}` and `${VAR?}`; a backslash before keeps the place as written.
pub(super) fn expand<'e>(raw: &str, value_of: impl Fn(&str) -> Option<&'e str>) -> Expanded {
    let mut out = Expanded {
        text: Secret::with_capacity(raw.len() + 64),
        used: Vec::new(),
        unset: Vec::new(),
        mixed: false,
    };
    let mut literal = false;
    let mut rest = raw;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        let Some((name, optional, after)) = placeholder(from) else {
            push(&mut out.text, before);
            push(&mut out.text, "${");
            literal = true;
            rest = &from[2..];
            continue;
        };
        let slashes = before.len() - before.trim_end_matches('\\').len();
        // Of two backslashes one is left; an odd one keeps the place from being replaced.
        push(&mut out.text, &before[..before.len() - slashes.div_ceil(2)]);
        literal |= slashes % 2 == 1 || !before.is_empty();
        if slashes % 2 == 1 {
            push(&mut out.text, &from[..from.len() - after.len()]);
        } else if let Some(value) = value_of(name) {
            push(&mut out.text, value);
            out.used.push(shown(name));
        } else if optional {
            out.used.push(shown(name));
        } else {
            push(&mut out.text, &from[..from.len() - after.len()]);
            out.unset.push(shown(name));
        }
        rest = after;
    }
    push(&mut out.text, rest);
    literal |= !rest.is_empty();
    out.mixed = literal && !(out.used.is_empty() && out.unset.is_empty());
    out
}

/// The name, whether a `?` follows, and what comes behind, of a text that begins with `${`.
fn placeholder(from: &str) -> Option<(&str, bool, &str)> {
    let inner = &from[2..];
    let end = inner.find(['$', '{', '}', '?'])?;
    let (name, rest) = inner.split_at(end);
    if name.is_empty() {
        return None;
    }
    let (optional, rest) = match rest.strip_prefix('?') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    Some((name, optional, rest.strip_prefix('}')?))
}

/// Grows without leaving the old buffer behind.
fn push(text: &mut Secret<String>, more: &str) {
    let needed = text.expose().len() + more.len();
    if needed > text.expose().capacity() {
        let mut larger = Secret::with_capacity(needed * 2);
        larger.expose_mut().push_str(text.expose());
        *text = larger;
    }
    text.expose_mut().push_str(more);
}

/// `${NAME}` for a person, unless the braces hold what may be the secret itself.
fn shown(name: &str) -> Text {
    let is_name = name.len() <= 64
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
        && !name.starts_with(|c: char| c.is_ascii_digit());
    let is_token = name
        .strip_prefix("npm_")
        .is_some_and(|rest| rest.len() >= 30 && !rest.contains('_'));
    if is_name && !is_token {
        Text::new(&format!("${{{name}}}"))
    } else {
        Text::new("an environment variable")
    }
}
