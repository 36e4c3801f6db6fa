//! In which order tokens are revoked in an emergency: what does the most harm first, what is in use last.

use super::found::Grade;
use super::incident::{Incident, Stage};
use super::tfa::Tfa;
use super::token::{Token, TokenKey};

/// What a token could be used for by a thief, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// It may write, and is accepted without the second factor.
    WriteBypass,
    /// It may write.
    Write,
    /// It may only read.
    Read,
    /// It is proved to be the credential in use: without it nothing after it could be revoked (promise P29).
    InUse,
}

impl Class {
    /// All, in the order of an emergency.
    pub const ALL: [Self; 4] = [Self::WriteBypass, Self::Write, Self::Read, Self::InUse];

    /// Which one a token is of. Only a proof that it is in use counts, not a likeness: what a thief holds must not be
    /// able to go last by looking like something.
    pub fn of(token: &Token) -> Self {
        if token.in_use() == Some(Grade::Is) {
            Self::InUse
        } else if !token.writes() {
            Self::Read
        } else if token.bypass_2fa {
            Self::WriteBypass
        } else {
            Self::Write
        }
    }
}

impl Class {
    /// What is of it, as in "3 tokens that may write".
    pub const fn words(self) -> &'static str {
        match self {
            Self::WriteBypass => "that may write and skip the second factor",
            Self::Write => "that may write",
            Self::Read => "that may only read",
            Self::InUse => "in use here",
        }
    }
}

impl Stage {
    /// Its name on the way.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Suspect => "This machine",
            Self::Snapshot => "Snapshot",
            Self::SignIn => "Sign in",
            Self::Email => "E-mail address",
            Self::Revoke => "Revoke",
            Self::Verify => "Verify",
            Self::Local => "Copies on this machine",
            Self::Account => "Password, 2FA, recovery codes",
            Self::Packages => "Packages",
            Self::Beyond => "Out of reach",
            Self::Report => "Report",
        }
    }

    /// The same in a word or two, for a row of all of them.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Suspect => "this machine",
            Self::Snapshot => "what there is",
            Self::SignIn => "sign in",
            Self::Email => "e-mail",
            Self::Revoke => "revoke",
            Self::Verify => "verify",
            Self::Local => "local copies",
            Self::Account => "account",
            Self::Packages => "packages",
            Self::Beyond => "out of reach",
            Self::Report => "report",
        }
    }

    /// What it will do, before anything is done.
    pub const fn plan(self) -> &'static str {
        match self {
            Self::Suspect => {
                "Asks whether this machine may be in a thief's hands. If so, it ends here: isolate the machine from \
                 the network first, then do this from another device. Nothing is sent before you answer."
            }
            Self::Snapshot => {
                "Reads what there is: the profile, all tokens, the packages and when they were published, and every \
                 source of npm's configuration on this machine. Changes nothing."
            }
            Self::SignIn => {
                "Asks you to sign in for this alone. The session is written to no disk, and is ended when all is done."
            }
            Self::Email => {
                "Asks whether the e-mail address is still yours: who reads it can take the account back."
            }
            Self::Revoke => {
                "Shows what goes and asks which to keep. Then revokes, each kind to its end before the next: tokens \
                 that may write and skip the second factor, tokens that may write, tokens that may only read; within \
                 a kind the newest first. The one in use goes last."
            }
            Self::Verify => {
                "Reads the list again, tries out the values that lie here, and ends the session that npm login left \
                 here, which is in no list. Tokens that somebody made meanwhile are shown, and go after a question."
            }
            Self::Local => {
                "Shows the lines of files on this machine that hold dead tokens, and takes out those that you choose: none is \
                 chosen beforehand."
            }
            Self::Account => {
                "Leads through a new password, the second factor and new recovery codes. A new password ends no token."
            }
            Self::Packages => {
                "Reads the packages again and shows what is new: versions, owners. Changes nothing."
            }
            Self::Beyond => "Lists what cannot be reached from here, to be ticked off.",
            Self::Report => {
                "Ends its own session, and offers a report in Markdown and JSON. No secret stands in it."
            }
        }
    }
}

/// What stays as it is, whatever is answered.
pub const STAYS: [&str; 4] = [
    "Tokens that you choose to keep.",
    "Packages, their versions and owners: they are only looked at.",
    "Other accounts, and other registries.",
    "Every line of a file but those that you agree to take out.",
];

/// What an emergency cannot reach (promise P32).
pub const BEYOND: [&str; 8] = [
    "Sessions of npm login on other machines: they are in no list, and a new password may not end them. On npm's own \
     registry they end by themselves, after hours; on others they may never.",
    "Tokens and keys of other services that lay on the same machine or in the same CI: CI secrets, cloud keys, SSH and \
     signing keys. Change them where they were made.",
    "Trusted publishers: look in the settings of each package on the registry's website, and take out what you did not add.",
    "The mail account: its password, its second factor, and rules that forward or delete mail.",
    "Copies of tokens on other machines, in containers, backups, shell histories and git histories. Dead ones do no harm, \
     but where a copy was taken, more was.",
    "Organizations, teams and webhooks: members and hooks that you did not add.",
    "Versions that a thief published: deprecate or unpublish them, warn who uses them, and tell the registry's support.",
    "Time: a registry may take up to an hour until a revoked token is refused everywhere. Look at the tokens again then.",
];

/// What is said before tokens go about the codes that a registry may ask for meanwhile; `None` where two-factor
/// authentication is known to be off.
pub fn codes(incident: &Incident) -> Option<&'static str> {
    let snapshot = incident.snapshot.as_ref();
    let profile = snapshot.and_then(|snapshot| snapshot.profile.as_ref().ok());
    let off = profile.is_some_and(|profile| profile.tfa == Tfa::Off);
    (!off).then_some(CODES)
}

/// What was kept at an earlier answer, and stays out of what is asked about now.
pub fn kept(incident: &Incident) -> Option<String> {
    let kept = incident.kept.iter();
    let kept = kept.map(|token| format!("{} ({})", token.quoted(), token.key.short()));
    let kept: Vec<_> = kept.collect();
    (!kept.is_empty()).then(|| format!("Kept already, by your choice: {}.", kept.join(", ")))
}

const CODES: &str = "If a code is asked for, one serves for all of them; a registry that takes each code once asks for one per token.";

/// Where a token stands within its class.
pub fn within(token: &Token) -> impl Ord + use<> {
    let may_be_in_use = token.in_use().is_some();
    (may_be_in_use, std::cmp::Reverse(token.created))
}

/// The living tokens by class, in the order in which they go; within a class the newest first, since a thief's are new, and
/// last what only looks like the credential in use (promise P29): it may be the one that the rest is revoked by. Empty
/// classes are left out.
pub fn order<'t>(tokens: impl IntoIterator<Item = &'t Token>) -> Vec<(Class, Vec<TokenKey>)> {
    let mut living: Vec<&Token> = tokens
        .into_iter()
        .filter(|token| token.revoked.is_none())
        .collect();
    living.sort_by_key(|token| (Class::of(token), within(token)));
    Class::ALL
        .into_iter()
        .map(|class| {
            let of_it = living.iter().filter(|token| Class::of(token) == class);
            (class, of_it.map(|token| token.key.clone()).collect())
        })
        .filter(|(_, keys): &(Class, Vec<TokenKey>)| !keys.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::found::Found;
    use crate::domain::moment::Moment;

    fn token(key: &str, day: i64) -> Token {
        let mut token = Token::new(TokenKey::new(key));
        token.created = jiff::Timestamp::from_second(day * 86_400)
            .ok()
            .map(Moment::from);
        token
    }

    fn held(mut token: Token, grade: Grade) -> Token {
        token.found.push(Found {
            place: "~/.npmrc, line 1".into(),
            grade,
            proof: None,
            in_use: true,
        });
        token
    }

    #[test]
    fn p29_what_does_most_harm_goes_first_and_what_is_in_use_last() {
        let read = |mut token: Token| {
            token.readonly = true;
            token
        };
        let bypass = |mut token: Token| {
            token.bypass_2fa = true;
            token
        };
        let mut dead = token("dead", 9);
        dead.revoked = dead.created;
        let tokens = [
            held(token("is", 8), Grade::Is),
            read(token("read", 7)),
            read(bypass(token("read-bypass", 6))),
            // What a thief holds must not wait by looking like something.
            held(bypass(token("like", 5)), Grade::LooksLike),
            token("old", 1),
            token("new", 4),
            bypass(token("worst", 2)),
            dead,
        ];
        let order = order(&tokens);
        let named = |(class, keys): &(Class, Vec<TokenKey>)| {
            let keys = keys.iter().map(|key| key.raw().into_owned());
            (*class, keys.collect::<Vec<_>>())
        };
        let order: Vec<_> = order.iter().map(named).collect();
        assert_eq!(
            order,
            [
                (
                    Class::WriteBypass,
                    vec!["worst".to_owned(), "like".to_owned()]
                ),
                (Class::Write, vec!["new".to_owned(), "old".to_owned()]),
                (
                    Class::Read,
                    vec!["read".to_owned(), "read-bypass".to_owned()]
                ),
                (Class::InUse, vec!["is".to_owned()]),
            ]
        );
    }
}
