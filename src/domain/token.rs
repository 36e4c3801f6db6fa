//! Access tokens as the registry lists them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use thin_vec::ThinVec;

use super::found::{Found, Grade};
use super::moment::Moment;
use super::text::{Text, cut};

/// The registry's own handle of a token, not its value. Opaque: a UUID on one registry, hex on another.
/// Shared by whatever names the token: lists of thousands are held with sets of their keys beside them, and for those a digest
/// takes half the memory as the bytes that it spells.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey(Arc<[u8]>);

/// Stands before the bytes that a key in lower-case hex spells. No text begins with it.
const SPELLED: u8 = 0xff;

impl TokenKey {
    /// Takes the key as it was sent.
    pub fn new(raw: impl Into<String>) -> Self {
        let raw = raw.into();
        Self(spelled(raw.as_bytes()).unwrap_or_else(|| raw.as_bytes().into()))
    }

    /// The key as it was sent, for a request only; show [`TokenKey::short`].
    pub fn raw(&self) -> Cow<'_, str> {
        match &*self.0 {
            [SPELLED, bytes @ ..] => {
                let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
                digits
                    .map(|digit| char::from(HEX[usize::from(digit)]))
                    .collect()
            }
            text => String::from_utf8_lossy(text),
        }
    }

    /// Whether the key as it was sent begins with this, in upper or lower case.
    pub fn begins(&self, text: &str) -> bool {
        let text = text.as_bytes();
        match &*self.0 {
            [SPELLED, bytes @ ..] => {
                let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
                let is = |(digit, c): (u8, &u8)| HEX[usize::from(digit)].eq_ignore_ascii_case(c);
                text.len() <= 2 * bytes.len() && digits.zip(text).all(is)
            }
            raw => raw
                .get(..text.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(text)),
        }
    }

    /// Whether the key as it was sent is this, in upper or lower case: digests are spelled in both.
    pub fn is(&self, text: &str) -> bool {
        let length = match &*self.0 {
            [SPELLED, bytes @ ..] => 2 * bytes.len(),
            raw => raw.len(),
        };
        text.len() == length && self.begins(text)
    }

    /// The first six characters, as `npm token list` shows an id.
    pub fn short(&self) -> Text {
        Text::new(&self.raw().chars().take(6).collect::<String>())
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The bytes that this spells in lower-case hex, with what tells them from text before them.
fn spelled(raw: &[u8]) -> Option<Arc<[u8]>> {
    let digit = |c: u8| {
        HEX.iter()
            .position(|digit| *digit == c)
            .and_then(|at| u8::try_from(at).ok())
    };
    let (pairs, rest) = raw.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(1 + pairs.len());
    bytes.push(SPELLED);
    for [high, low] in pairs {
        bytes.push(digit(*high)? << 4 | digit(*low)?);
    }
    Some(bytes.into())
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
    pub description: Option<Box<Text>>,
    /// True when it may not write.
    pub readonly: bool,
    /// True when it is accepted without the second factor.
    pub bypass_2fa: bool,
    /// The address ranges that it works from; empty means everywhere.
    pub cidr: ThinVec<Text>,
    /// When it was made.
    pub created: Option<Moment>,
    /// When it was last used; `None` means never, or that this registry does not say: see [`Token::never`].
    pub accessed: Option<Moment>,
    /// When it was last changed.
    pub updated: Option<Moment>,
    /// When it lapses; `None` means never, or that this registry does not say: see [`Token::never`].
    pub expires: Option<Moment>,
    /// When it was revoked, on registries that go on listing such tokens.
    pub revoked: Option<Moment>,
    /// What it may do, as (subject, action): `("package", "write")`.
    pub permissions: ThinVec<(Text, Text)>,
    /// What for, as (type, name): `("package", "left-pad")`.
    pub scopes: ThinVec<(Text, Text)>,
    /// Where on this machine it lies; filled in by the backend.
    pub found: ThinVec<Found>,
    /// What the person noted of it on this machine.
    pub note: Option<Box<Text>>,
    /// Which of the moments that are none the registry says outright do not come.
    pub never: Never,
}

/// Moments that the registry says are none, as against those that it does not speak of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Never {
    /// It does not lapse.
    pub expires: bool,
    /// It was not used yet.
    pub used: bool,
    /// It lapses some time, or has: the registry tells when, in a form that cannot be read.
    pub unread: bool,
}

/// What stands for the name of a token without one.
pub const NAMELESS: &str = "(no name)";

/// What a person knows a token by, once it stands in no list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAs {
    /// The name, where it had one.
    pub name: Option<Text>,
    /// The first characters of the value, as they were listed.
    pub begins: Text,
}

impl KnownAs {
    /// The token, of which nothing else is known.
    pub fn token(&self, key: TokenKey) -> Token {
        Token {
            name: self.name.clone(),
            begins: self.begins.clone(),
            ..Token::new(key)
        }
    }
}

impl From<&str> for KnownAs {
    fn from(name: &str) -> Self {
        Self {
            name: Some(Text::new(name)),
            begins: Text::default(),
        }
    }
}

/// What kind of token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Of the old form: for everything that the account may do, or for reading it.
    Classic,
    /// Of today's form: for what it lists.
    Granular,
    /// What a sign-in of this program got, and keeps in no file.
    Session,
}

impl Kind {
    /// In a word that scripts can rely on.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Granular => "granular",
            Self::Session => "session",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Classic => "classic: for the whole account",
            Self::Granular => "granular: for what it lists",
            Self::Session => "session: what signing in here got",
        }
    }
}

/// How far a token reaches in one matter, the least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Not at all.
    #[default]
    Nothing,
    /// It may read.
    Read,
    /// It may also publish to the stage, from where a person releases it.
    Stage,
    /// It may write whatever there is to write.
    Write,
}

impl Reach {
    /// By a registry's word for an action. A word that is not known counts as the worst: a token is never shown as more
    /// harmless than it may be.
    fn of(action: &str) -> Self {
        let action = action.to_ascii_lowercase();
        match action.as_str() {
            "" | "none" | "no-access" => Self::Nothing,
            "read" | "read-only" | "readonly" | "view" | "list" => Self::Read,
            word if word.contains("stage") => Self::Stage,
            _ => Self::Write,
        }
    }
}

/// What a token may do, matter by matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Powers {
    /// With packages and scopes.
    pub packages: Reach,
    /// With organizations and their teams.
    pub orgs: Reach,
}

impl Powers {
    /// Whether it may change anything.
    pub fn write(self) -> bool {
        self.packages.max(self.orgs) > Reach::Read
    }

    /// In a word or two: `read`, `publish`, `stage`, `orgs`, `publish+orgs`, `nothing`.
    pub const fn words(self) -> &'static str {
        match (self.packages, self.orgs) {
            (Reach::Write, Reach::Write | Reach::Stage) => "publish+orgs",
            (Reach::Write, _) => "publish",
            (Reach::Stage, Reach::Write | Reach::Stage) => "stage+orgs",
            (Reach::Stage, _) => "stage",
            (_, Reach::Write | Reach::Stage) => "orgs",
            (Reach::Nothing, Reach::Nothing) => "nothing",
            _ => "read",
        }
    }
}

impl Token {
    /// A token of which nothing is known but its key.
    pub fn new(key: TokenKey) -> Self {
        Self {
            key,
            begins: Text::default(),
            name: None,
            description: None,
            readonly: false,
            bypass_2fa: false,
            cidr: ThinVec::new(),
            created: None,
            accessed: None,
            updated: None,
            expires: None,
            revoked: None,
            permissions: ThinVec::new(),
            scopes: ThinVec::new(),
            found: ThinVec::new(),
            note: None,
            never: Never::default(),
        }
    }

    /// How sure it is that requests carry this token now; `None` where nothing speaks for it.
    pub fn in_use(&self) -> Option<Grade> {
        let held = self.found.iter().filter(|found| found.in_use);
        held.map(|found| found.grade).max()
    }

    /// What kind of token it is.
    pub fn kind(&self) -> Kind {
        let session = |found: &Found| found.grade == Grade::Is && found.is_session();
        if self.found.iter().any(session) {
            Kind::Session
        } else if self.permissions.is_empty() && self.scopes.is_empty() {
            Kind::Classic
        } else {
            Kind::Granular
        }
    }

    /// What it may do, matter by matter.
    pub fn powers(&self) -> Powers {
        let mut powers = Powers::default();
        for (subject, action) in &self.permissions {
            let matter = match subject.as_str() {
                subject if subject.starts_with("org") || subject.starts_with("team") => {
                    &mut powers.orgs
                }
                _ => &mut powers.packages,
            };
            *matter = Reach::of(action.as_str()).max(*matter);
        }
        if self.permissions.is_empty() {
            powers.packages = Reach::Write;
        }
        if self.readonly {
            powers.packages = powers.packages.min(Reach::Read);
            powers.orgs = powers.orgs.min(Reach::Read);
        }
        powers
    }

    /// What it may do, in a word or two: [`Powers::words`].
    pub fn may(&self) -> &'static str {
        self.powers().words()
    }

    /// Whether it may change anything.
    pub fn writes(&self) -> bool {
        self.powers().write()
    }

    /// What a program that works by it is refused, in a sentence or two; `None` where nothing is known.
    pub fn limits(&self) -> Option<&'static str> {
        limits(
            self.readonly,
            !(self.permissions.is_empty() && self.scopes.is_empty()),
        )
    }

    /// The places on this machine that are proved to hold it: what stops working there when it is revoked.
    pub fn proved(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|found| found.grade == Grade::Is)
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

    /// What is noted down of it, to know it by.
    pub fn noted(&self) -> KnownAs {
        KnownAs {
            name: self.name.clone(),
            begins: self.begins.clone(),
        }
    }

    /// What a person knows it by, once it stands in no list: its name and its first characters.
    pub fn known_as(&self) -> Text {
        Text::new(&format!("{} {}", self.label(), self.begins))
    }

    /// The same in a sentence: what the account's owner chose stands in quotes, so that it imitates nothing (promise P27).
    pub fn quoted(&self) -> Text {
        let name = match self.label() {
            label if self.name.is_some() => format!("\"{}\"", cut(label, 60).replace('"', "'")),
            label => label.to_owned(),
        };
        let begins = match self.begins.as_str() {
            "" => String::new(),
            begins => format!("{}, ", cut(begins, 24)),
        };
        Text::new(&format!("{name} ({begins}id {})", self.key.short()))
    }

    /// The name, or a stand-in for a token without one.
    pub fn label(&self) -> &str {
        self.name
            .as_ref()
            .map(Text::as_str)
            .filter(|name| !name.is_empty())
            .unwrap_or(NAMELESS)
    }
}

/// See [`Token::limits`].
pub(super) const fn limits(readonly: bool, granular: bool) -> Option<&'static str> {
    if granular {
        Some(
            "It is for packages and organizations, not for the account: registries refuse to list, make or revoke tokens by it, \
             or to change the account. Sign in for that.",
        )
    } else if readonly {
        Some(
            "It may only read: by it nothing can be published, revoked or changed. Sign in for that.",
        )
    } else {
        None
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
    fn a_key_is_what_was_sent_however_it_is_held() {
        let digest = "00ff".repeat(32);
        let sent = [
            "", "a", "0f", "0F", "0fa", "xy", "é", "ÿÿ", "0f0g", &digest, "6a1f-4b",
        ];
        for raw in sent {
            let key = TokenKey::new(raw);
            assert_eq!(key.raw(), raw);
            assert!(
                key.begins("") && key.begins(raw) && key.is(raw) && !key.begins(&format!("{raw}0"))
            );
            assert_eq!(key.begins("0F"), raw.to_lowercase().starts_with("0f"));
            for other in sent {
                assert_eq!(key == TokenKey::new(other), raw == other);
            }
        }
        assert!(
            TokenKey::new("0abc").is("0aBC")
                && !TokenKey::new("0abc").is("0ab")
                && !TokenKey::new("0abc").begins("0b")
        );
        // A digest of 64 bytes, as npm's registry has them, takes little more than those.
        assert_eq!(TokenKey::new("ab".repeat(64)).0.len(), 65);
        #[cfg(target_pointer_width = "64")]
        assert_eq!(size_of::<Token>(), 160, "PERFORMANCE.md names it");
    }

    fn allowed(permissions: &[(&str, &str)], readonly: bool) -> Token {
        let pair = |&(subject, action): &(&str, &str)| (Text::new(subject), Text::new(action));
        Token {
            permissions: permissions.iter().map(pair).collect(),
            readonly,
            ..Token::new(TokenKey::new("0123456789"))
        }
    }

    #[test]
    fn what_a_token_may_do_is_never_said_smaller_than_it_is() {
        type Case = (
            &'static [(&'static str, &'static str)],
            bool,
            &'static str,
            bool,
        );
        let cases: [Case; 14] = [
            (&[], false, "publish", true),
            (&[], true, "read", false),
            (&[("package", "read")], false, "read", false),
            (&[("package", "write")], false, "publish", true),
            (&[("package", "write")], true, "read", false),
            (&[("package", "read-write")], false, "publish", true),
            (&[("package", "stage")], false, "stage", true),
            (
                &[("package", "read-write-stage-only")],
                false,
                "stage",
                true,
            ),
            (
                &[("package", "read"), ("org", "write")],
                false,
                "orgs",
                true,
            ),
            (
                &[("package", "write"), ("org", "write")],
                false,
                "publish+orgs",
                true,
            ),
            (
                &[("package", "stage"), ("team", "write")],
                false,
                "stage+orgs",
                true,
            ),
            (&[("org", "read")], false, "read", false),
            (
                &[("package", "no-access"), ("org", "none")],
                false,
                "nothing",
                false,
            ),
            (&[("package", "something-new")], false, "publish", true),
        ];
        for (permissions, readonly, words, writes) in cases {
            let token = allowed(permissions, readonly);
            assert_eq!(
                (token.may(), token.writes()),
                (words, writes),
                "{permissions:?}"
            );
        }
    }

    #[test]
    fn the_kind_is_told_by_what_is_listed_and_a_session_by_proof_alone() {
        assert_eq!(allowed(&[], false).kind(), Kind::Classic);
        assert_eq!(allowed(&[("package", "read")], true).kind(), Kind::Granular);
        let mut token = allowed(&[], false);
        for (grade, kind) in [
            (Grade::LooksLike, Kind::Classic),
            (Grade::Is, Kind::Session),
        ] {
            token.found = [Found {
                place: Text::from(Found::SESSION),
                grade,
                proof: None,
                in_use: true,
            }]
            .into();
            assert_eq!(token.kind(), kind);
            assert_eq!(token.proved().count(), usize::from(grade == Grade::Is));
        }
    }

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
