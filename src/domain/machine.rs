//! What this machine holds for npm: every source that npm would read, the credentials in them, and what can be mended.
//! Holds no secret.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::failure::{Failure, FailureKind};
use super::identity::CredentialKind;
use super::text::Text;

/// Everything that npm would read here, as it was at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Every source, the one that wins first, also where there is no such file.
    pub sources: Vec<Source>,
    /// Every credential in them, in the order of their sources.
    pub credentials: Vec<LocalCredential>,
    /// Whole sentences about what is wrong and belongs to no single source. Never quotes a line.
    pub problems: Vec<Text>,
    /// The places of what makes npm refuse every command (`ERR_INVALID_AUTH`): while there is one, npm uses no credential.
    pub refused: Vec<Text>,
    /// The lines of a file in which a token stands, and that take no other one (why, as the end of a sentence).
    pub closed: Vec<(CredentialId, Text)>,
    /// The registry that account commands go to, as [`super::identity::Identity::registry`].
    pub registry: Text,
}

impl Machine {
    /// The files in which a secret itself stands.
    pub fn holding(&self) -> impl Iterator<Item = (&Source, &FileFacts)> {
        self.sources.iter().filter_map(|source| {
            let path = source.path.as_ref()?;
            let SourceState::Read(facts) = &source.state else {
                return None;
            };
            let holds = self.of(path).any(LocalCredential::holds);
            holds.then_some((source, facts))
        })
    }

    /// The credentials of a file.
    pub fn of(&self, path: &Path) -> impl Iterator<Item = &LocalCredential> {
        let here = move |local: &&LocalCredential| local.id.path.as_deref() == Some(path);
        self.credentials.iter().filter(here)
    }

    /// Why no token is put in the place of the one on this line, as the end of a sentence.
    pub fn is_closed(&self, id: &CredentialId) -> Option<&Text> {
        let mut closed = self.closed.iter();
        closed.find(|(line, _)| line == id).map(|(_, why)| why)
    }

    /// A name for the variable that takes a secret's place: the usual one, unless it stands for another secret here, or is
    /// the one for a line above.
    pub fn free_variable(&self, id: &CredentialId) -> String {
        let Some(at) = self.credentials.iter().position(|local| local.id == *id) else {
            return USUAL.to_owned();
        };
        // Whoever follows what is said of all lines has a variable for each.
        let mut above: Vec<(&LocalCredential, String)> = Vec::new();
        for own in self.credentials[..at].iter().filter(|own| own.is_offered()) {
            let name = self.name_beside(own, &above);
            above.push((own, name));
        }
        self.name_beside(&self.credentials[at], &above)
    }

    fn name_beside(&self, own: &LocalCredential, above: &[(&LocalCredential, String)]) -> String {
        let taken = |name: &str| {
            let others = self.credentials.iter().filter(|local| local.id != own.id);
            above
                .iter()
                .any(|(other, its)| its == name && !own.may_be(other))
                || others.into_iter().any(|other| stands_for(other, name, own))
        };
        let usual = match own.kind {
            CredentialKind::Proxy => "NPM_PROXY",
            CredentialKind::Key => "NPM_KEY",
            CredentialKind::Basic => "NPM_AUTH",
            _ => USUAL,
        };
        let with_scope = format!("{usual}_{}", in_a_name(own.scope.as_str()));
        let named = [usual, with_scope.trim_end_matches('_')];
        let mut candidates = named.into_iter().map(str::to_owned);
        candidates.find(|name| !taken(name)).unwrap_or_else(|| {
            let mut numbered = (2_u32..).map(|number| format!("{usual}_{number}"));
            numbered.find(|name| !taken(name)).unwrap_or_default()
        })
    }
}

/// What a variable for a token is called.
const USUAL: &str = "NPM_TOKEN";

/// Whether a variable of that name serves, or holds, something else than the credential that it is to take the place of.
fn stands_for(other: &LocalCredential, name: &str, own: &LocalCredential) -> bool {
    if other.id.path.is_none() && other.id.key.as_str() == name {
        // By its first characters, which is all that is known here.
        return own.begins.is_empty() || other.begins != own.begins;
    }
    let mut names = other.form.names().iter().map(Text::as_str);
    let is_it = |used: &str| {
        used.strip_prefix("${")
            .and_then(|used| used.strip_suffix('}'))
            == Some(name)
    };
    names.any(is_it) && !own.is_of_the_same(other)
}

/// Of a registry's name what may stand in that of a variable, not too long.
fn in_a_name(scope: &str) -> String {
    const LONGEST: usize = 40;
    let mut name = String::new();
    let scope = scope.split_once("://").map_or(scope, |(_, scope)| scope);
    for c in scope.chars().take(LONGEST) {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_uppercase());
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name
}

/// The kind of a source, in npm's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// `npm_config_…` and `NPM_TOKEN`-like variables.
    Environment,
    /// The `.npmrc` of the project.
    Project,
    /// The `.npmrc` of the person.
    User,
    /// `etc/npmrc` below npm's prefix.
    Global,
    /// `npmrc` inside npm itself, which who packed npm may have put there.
    Builtin,
}

impl SourceKind {
    /// npm's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Project => "project",
            Self::User => "user",
            Self::Global => "global",
            Self::Builtin => "builtin",
        }
    }
}

/// A source of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What kind.
    pub kind: SourceKind,
    /// As a person reads it: "~/.npmrc", "environment".
    pub shown: Text,
    /// The file; `None` for the environment.
    pub path: Option<PathBuf>,
    /// How it stands.
    pub state: SourceState,
}

/// How a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// There is no such file.
    Absent,
    /// It could not be read (why).
    Unreadable(Failure),
    /// It is a link to what is not there, or cannot be read (why).
    BrokenLink {
        /// Where it leads.
        to: Text,
        /// Why that is of no use.
        why: Failure,
    },
    /// It was read.
    Read(FileFacts),
}

/// What there is to know of a file besides its lines. All empty for the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// The permission bits, where the system has them: `0o600`.
    pub mode: Option<u32>,
    /// Where it lies when the name is a link.
    pub link: Option<Text>,
    /// Whether git keeps it.
    pub git: Git,
}

impl FileFacts {
    /// Whether others than the owner may read or write it.
    pub fn open_to_others(&self) -> bool {
        self.mode.is_some_and(|mode| mode & 0o077 != 0)
    }
}

/// Whether git keeps a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Git {
    /// It lies in no work tree.
    #[default]
    None,
    /// It lies in a work tree, which ignores it or does not track it.
    Untracked,
    /// It lies in a work tree and is ignored by it.
    Ignored,
    /// It is tracked: what stands in it is in the history.
    Tracked,
    /// It lies in a work tree; whether it is tracked could not be found out.
    Unknown,
}

/// Names one credential of a [`Machine`]; valid for the files as they were when it was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId {
    /// The file; `None` for the environment.
    pub path: Option<PathBuf>,
    /// The key as written, `//host/:_authToken`, without what may be a secret in it, or the variable's name.
    pub key: Text,
    /// Its line, from 1; 0 for the environment.
    pub line: usize,
}

/// A credential that lies on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalCredential {
    /// Its name.
    pub id: CredentialId,
    /// As in "~/.npmrc, line 3" and "`$NPM_TOKEN`".
    pub place: Text,
    /// The kind of its source.
    pub source: SourceKind,
    /// What it is for, as [`super::identity::Identity::registry`]: `registry.example.com/npm`. A key with a variable in it
    /// is shown as it is written; empty for what names no registry.
    pub scope: Text,
    /// What it is.
    pub kind: CredentialKind,
    /// How it is written.
    pub form: Form,
    /// How its value begins, as much as a registry would list (at most `npm_` and four characters); empty for none.
    pub begins: Text,
    /// Whether npm would use it for its scope.
    pub rank: Rank,
    /// It is the one that requests carry now.
    pub in_use: bool,
}

/// Whether a name is one that every shell takes, and that npm takes for nothing else.
pub fn check_variable(name: &str) -> Result<(), Failure> {
    const LONGEST: usize = 64;
    let plain = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let begins = name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    let next = "Take letters, digits and underscores, as in NPM_TOKEN.";
    let failure = |what| Err(Failure::new(FailureKind::Local, what, next));
    // It is not quoted: it may be the secret itself, pasted into the wrong field.
    if !name.chars().all(plain) || !begins || name.len() > LONGEST || looks_like_a_token(name) {
        return failure("That is no name of a variable.");
    }
    let setting = name
        .get(.."npm_config_".len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case("npm_config_"));
    if setting {
        return failure("npm takes a variable whose name begins with npm_config_ for a setting.");
    }
    Ok(())
}

/// Something that is an npm token by its looks stands in it.
fn looks_like_a_token(text: &str) -> bool {
    const SHORTEST: usize = 30;
    text.match_indices("npm_").any(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        rest.chars().take_while(char::is_ascii_alphanumeric).count() >= SHORTEST
    })
}

impl LocalCredential {
    /// The secret itself stands there, or a part of it. Beside the variable of a proxy stands its address.
    pub fn holds(&self) -> bool {
        match self.form {
            Form::Literal => true,
            Form::Variable { .. } => false,
            Form::Mixed { .. } => self.kind != CredentialKind::Proxy,
        }
    }

    /// A variable can take its place, and npm reads it there as it did before.
    pub fn takes_variable(&self) -> bool {
        let usable = !matches!(self.rank, Rank::Unusable(_));
        let of_list = self.id.key.as_str().ends_with("[]");
        self.form == Form::Literal && self.kind != CredentialKind::Certificate && usable && !of_list
    }

    /// A variable is offered for it.
    fn is_offered(&self) -> bool {
        self.id.path.is_some() && self.takes_variable()
    }

    /// It serves the same registry, in the same way.
    pub fn is_of_the_same(&self, other: &Self) -> bool {
        let ending = |of: &Self| of.id.key.as_str().rsplit(':').next().map(str::to_owned);
        !self.scope.is_empty() && self.scope == other.scope && ending(self) == ending(other)
    }

    /// For the same registry, the other one may be the same secret, by all that is known here.
    fn may_be(&self, other: &Self) -> bool {
        self.is_of_the_same(other) && !self.begins.is_empty() && self.begins == other.begins
    }

    /// Why it cannot be tried out: such a one is sent nowhere.
    pub fn hindered(&self) -> Option<Text> {
        let place = &self.place;
        let why = match (self.kind, &self.form) {
            (CredentialKind::Certificate | CredentialKind::Key, _) => {
                format!("{place} is of a client certificate, which npm-warden cannot use.")
            }
            (CredentialKind::Proxy, _) => {
                format!("{place} holds the password of a proxy, which is not tried out from here.")
            }
            _ if self.scope.is_empty() => {
                format!("{place} does not say which registry it is for, so it is sent to none.")
            }
            (_, form) if !form.unset().is_empty() => {
                let unset: Vec<_> = form.unset().iter().map(Text::as_str).collect();
                let are = if unset.len() == 1 { "is" } else { "are" };
                format!(
                    "{place} could not be tried out: {} {are} not set here.",
                    unset.join(" and ")
                )
            }
            _ => return None,
        };
        Some(Text::new(&why))
    }

    /// What it is for, in words also where that is no registry.
    pub fn serves(&self) -> &str {
        match self.kind {
            _ if !self.scope.is_empty() => self.scope.as_str(),
            CredentialKind::Proxy => "the proxy",
            CredentialKind::Key => "every registry",
            _ => "no registry",
        }
    }
}

/// How a credential is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The secret itself stands there.
    Literal,
    /// It comes from these variables, `${NPM_TOKEN}`; those that are not set are named.
    Variable {
        /// All of them.
        names: Vec<Text>,
        /// Those that are not set.
        unset: Vec<Text>,
    },
    /// It is made of these variables and of what is written out beside them, `npm_${HALF}`: no one value takes its place.
    Mixed {
        /// All of them.
        names: Vec<Text>,
        /// Those that are not set.
        unset: Vec<Text>,
    },
}

impl Form {
    /// The variables that it takes something from, as `${NPM_TOKEN}`.
    pub fn names(&self) -> &[Text] {
        match self {
            Self::Literal => &[],
            Self::Variable { names, .. } | Self::Mixed { names, .. } => names,
        }
    }

    /// Those of them that are not set.
    pub fn unset(&self) -> &[Text] {
        match self {
            Self::Literal => &[],
            Self::Variable { unset, .. } | Self::Mixed { unset, .. } => unset,
        }
    }
}

/// Whether npm would use a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rank {
    /// It is the one for its registry.
    Wins,
    /// Another one comes first (its place).
    Beaten(Text),
    /// npm finds no usable credential in it (why, a sentence).
    Unusable(Text),
}

/// What the registry of a credential made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It is this account's.
    Works(Text),
    /// It is not accepted; the registry's words.
    Dead(Text),
    /// It was refused in a way that can have other reasons, as an address range (why).
    Refused(Failure),
    /// That could not be found out.
    Unknown(Failure),
}

/// A credential that was tried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// Which.
    pub id: CredentialId,
    /// What came of it.
    pub probe: Probe,
    /// When.
    pub at: Timestamp,
}

/// Something that can be mended in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Take others' rights to a file away: mode 600.
    Tighten(PathBuf),
    /// Put `${NAME}` in place of the literal secret.
    ToVariable {
        /// Which credential.
        id: CredentialId,
        /// The variable's name, as a rule `NPM_TOKEN`.
        name: String,
    },
    /// Take the line out. The credential goes on living at the registry.
    Remove(CredentialId),
}

/// What a fix would do, before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixPreview {
    /// What.
    pub fix: Fix,
    /// The file.
    pub file: Text,
    /// The line before, as it stands there but for every secret in it, of which there are at most the first characters; where the mode changes, as in `mode 644`.
    pub before: Text,
    /// The line, as it will stand there, or the mode after; empty where the line goes.
    pub after: Text,
    /// What to know before saying yes, one sentence each.
    pub warnings: Vec<Text>,
    /// Which content this was made of: a file that has changed since is left alone.
    pub seal: Seal,
}

/// A digest of a file's content and mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal(pub [u8; 32]);

/// What a file that takes a token holds so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The file, as a person reads it.
    pub file: Text,
    /// The other token of the same registry whose place the new one would take.
    pub over: Option<StandsThere>,
    /// It is the one by which the requests of this run go out.
    pub in_use: bool,
    /// npm goes by what is written there when it works in this folder; `None` where something else decides.
    pub wins: Option<Wins>,
}

/// What is written is what npm goes by in this folder from then on, and this program with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wins {
    /// Where the credential stands that npm goes by so far, if there is one.
    pub instead: Option<Text>,
}

impl Wins {
    /// What that means, as in "From now on", and what a token of these limits ([`super::token::Token::limits`]) is refused.
    pub fn in_words(&self, from: &str, limits: Option<&str>) -> String {
        let instead = self.instead.as_ref().map_or_else(String::new, |place| {
            format!(", and not by the credential in {place}")
        });
        let limits = limits.map_or_else(String::new, |limits| format!(" {limits}"));
        format!(
            "{from} npm works by the new token in this folder{instead}; npm-warden does too, at the latest when it is \
             started again.{limits}"
        )
    }
}

/// A token that stands where another is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandsThere {
    /// Where, as a person names it.
    pub place: Text,
    /// Its first characters, no more than a registry lists; empty where it is too short to be a token.
    pub begins: Text,
}

/// A file of the npm configuration that takes a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The person's own.
    User,
    /// The project's.
    Project,
    /// This one.
    File(PathBuf),
}
