//! The steps by which one token takes the place of another (requirement E4).

use jiff::Timestamp;

use super::failure::Failure;
use super::machine::CredentialId;
use super::text::Text;
use super::token::TokenKey;

/// How a person goes on, at the end of what remains, where nobody knows which front end says it. Each has its own words in
/// its place ([`in_words_of`]): what is not listed any more cannot be named to be revoked.
pub const GO_ON: &str = "R on the tokens goes on, or: npm-warden token rotate --resume";

/// What remains, with the way on as one front end has it.
pub fn in_words_of(remains: &[Text], way: &str) -> Vec<Text> {
    let own = |text: &Text| Text::new(&text.as_str().replace(GO_ON, way));
    remains.iter().map(own).collect()
}

/// A step of a rotation, in their order. Whatever comes after one that failed is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RotateStep {
    /// Make a token like the old one.
    Create,
    /// Write it to where the old one stood.
    Write,
    /// See that the registry takes it.
    Verify,
    /// Revoke the old one.
    Revoke,
    /// See that the old one is gone and refused (promise P31).
    VerifyGone,
}

impl RotateStep {
    /// In a word that scripts and journals can rely on.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Write => "write",
            Self::Verify => "verify",
            Self::Revoke => "revoke",
            Self::VerifyGone => "verify-gone",
        }
    }

    /// All, in their order.
    pub const ALL: [Self; 5] = [
        Self::Create,
        Self::Write,
        Self::Verify,
        Self::Revoke,
        Self::VerifyGone,
    ];
}

/// How a step of a rotation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotateState {
    /// Not begun.
    Waiting,
    /// Under way.
    Doing,
    /// Done; what there is to say of it, as a sentence or empty.
    Done(Text),
    /// It was left out (why).
    LeftOut(Text),
    /// It did not work.
    Failed(Failure),
}

/// A rotation that was begun on this machine and not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationLeft {
    /// The old token.
    pub old: TokenKey,
    /// The name of it.
    pub name: Text,
    /// The new one, once it was made.
    pub new: Option<TokenKey>,
    /// The places that were to take the new value.
    pub places: Vec<CredentialId>,
    /// The same as a person reads them.
    pub shown: Vec<Text>,
    /// It is used elsewhere, too.
    pub elsewhere: bool,
    /// The last step that was done.
    pub done: Option<RotateStep>,
    /// When it began.
    pub began: Timestamp,
}
