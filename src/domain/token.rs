//! Access tokens as the registry lists them.

use std::fmt;

use jiff::Timestamp;

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
}

impl Token {
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

    /// The name, or a stand-in for a token without one.
    pub fn label(&self) -> &str {
        self.name
            .as_ref()
            .map(Text::as_str)
            .filter(|name| !name.is_empty())
            .unwrap_or("(no name)")
    }
}
