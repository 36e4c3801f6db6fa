//! Access tokens as the registry lists them.

use std::fmt;

use jiff::Timestamp;

use super::found::{Found, Grade};
use super::text::Text;

/// The registry's own handle of a token, not its value. Opaque: a UUID on one registry, hex on another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey(String);

impl TokenKey {
    /// Takes the key as it was sent.
    pub fn new(raw: impl Into<String>) -> Self {
        Self(raw.into())
    }

    /// The key as it was sent, for a request only; show [`TokenKey::short`].
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The first six characters, as `npm token list` shows an id.
    pub fn short(&self) -> Text {
        Text::new(&self.0.chars().take(6).collect::<String>())
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.short())
    }
}

/// One token of the account, with every field that old and new registries send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The registry's handle.
    pub key: TokenKey,
    /// The first characters of the value, or its mask, as listed.
    pub begins: Text,
    /// The name, where it has one.
    pub name: Option<Text>,
    /// The description, where it has one.
    pub description: Option<Text>,
    /// True when it may not write.
    pub readonly: bool,
    /// True when it is accepted without the second factor.
    pub bypass_2fa: bool,
    /// The address ranges that it works from; empty means everywhere.
    pub cidr: Vec<Text>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was last used.
    pub accessed: Option<Timestamp>,
    /// When it lapses; `None` means never, or that this registry does not say.
    pub expires: Option<Timestamp>,
    /// When it was revoked, on registries that go on listing such tokens.
    pub revoked: Option<Timestamp>,
    /// What it may do, as (subject, action): `("package", "write")`.
    pub permissions: Vec<(Text, Text)>,
    /// What for, as (type, name): `("package", "left-pad")`.
    pub scopes: Vec<(Text, Text)>,
    /// Where on this machine it lies; filled in by the backend.
    pub found: Vec<Found>,
    /// What the person noted of it on this machine.
    pub note: Option<Text>,
}

impl Token {
    /// How sure it is that requests carry this token now; `None` where nothing speaks for it.
    pub fn in_use(&self) -> Option<Grade> {
        let held = self.found.iter().filter(|found| found.in_use);
        held.map(|found| found.grade).max()
    }

    /// What it may do, in a word: `read`, or `publish`.
    pub fn may(&self) -> &'static str {
        let writes = |(_, action): &(Text, Text)| action.as_str().contains("write");
        if self.readonly {
            "read"
        } else if self.permissions.is_empty() || self.permissions.iter().any(writes) {
            "publish"
        } else {
            "read"
        }
    }

    /// Whether `value` could be the token that the registry lists by `begins`: its first characters,
    /// or the first and the last ones around three dots.
    pub fn looks_like(begins: &Text, value: &str) -> bool {
        let listed = begins.as_str();
        let (head, tail) = listed
            .split_once("...")
            .or_else(|| listed.split_once('…'))
            .unwrap_or((listed, ""));
        // The common beginning of all tokens says nothing.
        let telling = head.strip_prefix("npm_").unwrap_or(head).len() + tail.len();
        telling >= 4
            && value.len() > head.len() + tail.len()
            && value.starts_with(head)
            && value.ends_with(tail)
    }

    /// The name, or a stand-in for a token without one.
    pub fn label(&self) -> &str {
        self.name
            .as_ref()
            .map(Text::as_str)
            .filter(|name| !name.is_empty())
            .unwrap_or("(no name)")
    }
}

/// What is revoked in which order: the keys that may go at once, then those of what looks like the credential in use.
/// Without it nothing after it could be revoked (promise P29).
pub fn in_use_last<'t>(
    tokens: impl IntoIterator<Item = &'t Token>,
) -> (Vec<TokenKey>, Vec<TokenKey>) {
    let (last, others): (Vec<_>, Vec<_>) = tokens
        .into_iter()
        .partition(|token| token.in_use().is_some());
    let keys = |tokens: Vec<&Token>| tokens.into_iter().map(|token| token.key.clone()).collect();
    (keys(others), keys(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_recognised_by_the_characters_that_are_listed() {
        let value = "npm_aBcDeFgH1234567890";
        for (begins, looks) in [
            ("npm_aBcD", true),
            ("npm_aBcD...7890", true),
            ("npm_aBcD…7890", true),
            ("npm_aBcE", false),
            ("npm_aBcD...7891", false),
            ("npm_", false),
            ("npm_a", false),
            ("...", false),
            ("", false),
            ("npm_aBcDeFgH1234567890", false),
        ] {
            assert_eq!(
                Token::looks_like(&Text::new(begins), value),
                looks,
                "{begins}"
            );
        }
    }
}
