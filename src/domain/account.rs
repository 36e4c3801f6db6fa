//! The account as the registry describes it.

use jiff::Timestamp;

use super::text::Text;
use super::tfa::Tfa;

/// A profile field that a person can set, under the registry's own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProfileField {
    /// The address; a change has to be verified by mail.
    Email,
    /// The name that people read.
    Fullname,
    /// A web page.
    Homepage,
    /// A nickname on the chat network of old.
    Freenode,
    /// A handle.
    Twitter,
    /// A handle.
    Github,
}

impl ProfileField {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Email,
        Self::Fullname,
        Self::Homepage,
        Self::Github,
        Self::Twitter,
        Self::Freenode,
    ];

    /// The key in the registry's JSON, which is also what `npm profile set` takes.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Fullname => "fullname",
            Self::Homepage => "homepage",
            Self::Freenode => "freenode",
            Self::Twitter => "twitter",
            Self::Github => "github",
        }
    }
}

/// A profile, as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The account's name.
    pub name: Text,
    /// Whether the registry has seen a proof that the address is the person's, where it says so.
    pub email_verified: Option<bool>,
    /// The second factor.
    pub tfa: Tfa,
    /// Each settable field; `None` when the registry has no value for it.
    pub fields: Vec<(ProfileField, Option<Text>)>,
    /// When the account was made.
    pub created: Option<Timestamp>,
    /// When it last changed.
    pub updated: Option<Timestamp>,
    /// Every other key that the registry sent, in its order.
    pub other: Vec<(Text, Text)>,
}

impl Profile {
    /// Only the name is known: the registry gave no profile, and what `tfa` says is why. One that was read has every
    /// settable field, each with a value or without.
    pub fn is_name_alone(&self) -> bool {
        self.fields.is_empty() && matches!(self.tfa, Tfa::Unknown(_))
    }

    /// The value of one field; `None` when it is empty or was not sent.
    pub fn field(&self, field: ProfileField) -> Option<&Text> {
        self.fields
            .iter()
            .find(|(f, _)| *f == field)
            .and_then(|(_, value)| value.as_ref())
            .filter(|value| !value.is_empty())
    }
}
