//! Recovery codes and the sets of them that are kept on this machine.

pub mod pasted;
mod written;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::text::Text;

/// The codes of one enrolment, in the registry's order.
///
/// Shared behind an `Arc` between the job that keeps them and the screen that shows them.
#[derive(Debug)]
pub struct RecoveryCodes {
    codes: Vec<Secret<String>>,
    /// In quotes, for those that a line of text could not carry as they are.
    quoted: Vec<Option<Secret<String>>>,
    unreadable: usize,
}

impl RecoveryCodes {
    /// Takes the codes as they were sent.
    pub fn new(codes: Vec<Secret<String>>) -> Self {
        Self {
            quoted: codes.iter().map(written::quoted).collect(),
            codes,
            unreadable: 0,
        }
    }

    /// Says that so many more came in a shape that is no code.
    #[must_use]
    pub fn with_unreadable(self, unreadable: usize) -> Self {
        Self { unreadable, ..self }
    }

    /// How many more the registry sent in a shape that is no code.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Each code.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Secret<String>> {
        self.codes.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// True when the registry sent none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Each code as it is shown: itself, or in quotes with escapes where it has what cannot be seen or typed.
    pub fn written(&self) -> impl ExactSizeIterator<Item = &str> {
        let both = self.codes.iter().zip(&self.quoted);
        both.map(|(code, quoted)| quoted.as_ref().unwrap_or(code).expose().as_str())
    }

    /// True for a code, counted from 0, that stands in quotes when it is shown.
    pub fn is_quoted(&self, index: usize) -> bool {
        self.quoted.get(index).is_some_and(Option::is_some)
    }

    /// True when one of them stands in quotes.
    pub fn any_quoted(&self) -> bool {
        self.quoted.iter().any(Option::is_some)
    }

    /// All of them as they are shown, one a line.
    pub fn lines(&self) -> Secret<String> {
        let mut text = Secret::with_capacity(self.written().map(|code| code.len() + 1).sum());
        for code in self.written() {
            text.expose_mut().push_str(code);
            text.expose_mut().push('\n');
        }
        text
    }

    /// One code, counted from 0.
    pub fn get(&self, index: usize) -> Option<&Secret<String>> {
        self.codes.get(index)
    }
}

/// Where a person wants the codes to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// This program's own encrypted file, in the age format. Its key lies beside it, guarded by a passphrase.
    Vault(PathBuf),
    /// A new text file that only its owner can read.
    File(PathBuf),
    /// Nowhere on this machine: the person copies them from the screen.
    Myself,
}

/// The file with the key to an encrypted file of codes: `x.key.age` beside `x.age`.
pub fn key_of(codes: &Path) -> PathBuf {
    codes.with_extension("key.age")
}

/// The command line that shows the codes of an encrypted file without this program. It asks for the passphrase.
pub fn age_command(codes: &Path) -> Text {
    Text::new(&format!(
        "age -d -i {} {}",
        argument(&key_of(codes)),
        argument(codes)
    ))
}

/// The same, for somebody who is in the folder of the files.
pub fn age_command_there(codes: &Path) -> Text {
    let name = |path: &Path| {
        let name = Path::new(path.file_name().unwrap_or_default());
        if name.to_string_lossy().starts_with('-') {
            argument(&Path::new(".").join(name))
        } else {
            argument(name)
        }
    };
    Text::new(&format!(
        "age -d -i {} {}",
        name(&key_of(codes)),
        name(codes)
    ))
}

/// A path as one word of a command line.
fn argument(path: &Path) -> String {
    let path = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-:\\+@%,=".contains(c);
    if !path.is_empty() && path.chars().all(plain) && !(cfg!(unix) && path.contains('\\')) {
        path.into_owned()
    } else if cfg!(windows) {
        format!("\"{path}\"")
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

/// One set of recovery codes that this program knows of. Holds no code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverySet {
    /// The account.
    pub account: Text,
    /// The registry, as [`super::identity::Identity::registry`] names it.
    pub registry: Text,
    /// When the codes were received.
    pub received: Timestamp,
    /// Where they were kept.
    pub place: Place,
    /// How many codes there were.
    pub count: usize,
    /// Whether the person proved to have them.
    pub proved: bool,
    /// The person got the codes elsewhere and added them: when they were made, and whether they are another copy of
    /// some that are known, nobody here can tell.
    #[serde(default, skip_serializing_if = "is_false")]
    pub added: bool,
    /// The codes of it that were sent from here, in the order in which they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<UsedCode>,
    /// How many more codes of the account were sent from here that may be of this set: which set they are of shows when
    /// it is opened.
    #[serde(skip)]
    pub unplaced: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl RecoverySet {
    /// Whether both are of one account.
    pub fn same_account(&self, other: &Self) -> bool {
        self.account == other.account && self.registry == other.registry
    }

    /// Whether the other set surely is of no use any more since this one came. Codes that a person added may be a copy
    /// of older ones, so only those that the registry sent replace any.
    pub fn replaces(&self, other: &Self) -> bool {
        !self.added && self.same_account(other) && self.received > other.received
    }

    /// How many codes there were, where that is known: a set that was found after its program was killed is counted
    /// when it is opened.
    pub fn counted(&self) -> Option<usize> {
        (self.count > 0).then_some(self.count)
    }

    /// `10 codes`.
    pub fn how_many(&self) -> String {
        match self.counted() {
            None => format!("codes ({NOT_COUNTED})"),
            Some(1) => "1 code".to_owned(),
            Some(count) => format!("{count} codes"),
        }
    }

    /// What tells this set from all others.
    pub fn id(&self) -> SetId {
        SetId {
            account: self.account.clone(),
            registry: self.registry.clone(),
            received: self.received,
        }
    }
}

/// Said in place of a number of codes that is not known.
pub const NOT_COUNTED: &str = "not counted yet";

/// What tells one set of recovery codes from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetId {
    /// [`RecoverySet::account`].
    pub account: Text,
    /// [`RecoverySet::registry`].
    pub registry: Text,
    /// [`RecoverySet::received`].
    pub received: Timestamp,
}

/// When a code was sent from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedAt {
    /// When.
    pub at: Timestamp,
    /// The registry took it. Otherwise no answer came, and it may be used or not.
    pub sure: bool,
}

/// A code that was sent. Which one it was can be told by whoever has the codes, and by nobody else: an unused code
/// leaves no trace here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedCode {
    /// When.
    pub at: Timestamp,
    /// The registry took it. Otherwise no answer came, and it may be used or not.
    pub sure: bool,
    /// A salted digest of the code, made by the vault.
    pub mark: String,
}

/// The fewest characters of a passphrase for an encrypted file, blanks not counted.
pub const PASSPHRASE_LEAST: usize = 12;

/// True for a passphrase that is long enough.
pub fn passphrase_will_do(passphrase: &Secret<String>) -> bool {
    let typed = passphrase.expose().chars();
    typed.filter(|c| !c.is_whitespace()).count() >= PASSPHRASE_LEAST
}
