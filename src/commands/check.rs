//! `check`: which tokens end soon, told by the exit code as well.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::Here;
use super::report::{Report, print_as, same_place, table};
use super::shape;
use super::talk::{End, Talk};
use super::token_list::{Listed, badges, found, ids, name, note, read_whole};
use crate::args::{AccountArgs, CheckArgs, Within};
use crate::backend::{Clock as _, SystemClock};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::found::Grade;
use crate::domain::identity::{CredentialKind, CredentialSource};
use crate::domain::moment::Moment;
use crate::domain::span::{ends_in, span};
use crate::domain::text::Text;
use crate::domain::token::Token;

/// A token is due.
const DUE: u8 = 1;

/// It could not tell, because of something on this machine. That is 1 elsewhere, which says here that a token is due.
pub(super) const TROUBLE: u8 = 2;

/// The columns; see `token list`.
const HEAD: [&str; 9] = [
    "ENDS", "WHEN", "ID", "BEGINS", "MAY", "BADGES", "FOUND", "NOTE", "NAME",
];

/// Looks, prints what it found, and gives the exit code.
pub(super) async fn check(here: &Here, args: &CheckArgs) -> u8 {
    let (result, due) = match look(here, args).await {
        Ok((report, due)) => (Ok(report), due),
        Err(end) => (Err(end), false),
    };
    // What is known to be due is so, whatever else could not be told.
    let code = |end: Option<&End>| match end {
        _ if due => DUE,
        Some(end) => exit_code(end),
        None => 0,
    };
    print_as(result, &args.account, code, TROUBLE)
}

fn exit_code(end: &End) -> u8 {
    match end {
        End::Failed(Failure {
            kind: FailureKind::Local | FailureKind::Cancelled,
            ..
        }) => TROUBLE,
        end => end.exit_code(),
    }
}

async fn look(here: &Here, args: &CheckArgs) -> Result<(Report, bool), End> {
    let mut talk = Talk::open(here, &args.account)?;
    let Listed { tokens, moved, end } = read_whole(&mut talk).await?;
    if let Some(end) = end {
        return Err(end);
    }
    let config = talk.config()?;
    let ids = ids(&tokens);
    let looked = Looked::at(
        tokens
            .iter()
            .zip(ids.iter().map(String::as_str))
            .collect::<Vec<_>>(),
        args.within,
        SystemClock.now(),
    );
    let credential = config.credential.as_ref().map(|held| &held.source);
    let why = match (moved, looked.unread) {
        (true, _) => Some((
            "The list of tokens changed each time while it was read: a token that it lacks may be there, and end soon."
                .to_owned(),
            "Run it again.",
        )),
        (false, 0) => None,
        (false, unread) => Some((
            format!(
                "When {} cannot be read from what {} says: {} may be due.",
                match unread {
                    1 => "1 token ends".to_owned(),
                    n => format!("{n} tokens end"),
                },
                talk.host(),
                if unread == 1 { "it" } else { "they" }
            ),
            "Look at them on the registry's website.",
        )),
    };
    let end = why.map(|(what, next)| End::from(Failure::new(FailureKind::Refused, what, next)));
    let json = looked.json(
        config.registry.as_str(),
        credential,
        &args.account,
        (
            moved,
            end.as_ref()
                .map(|end| (&super::report::failure(end)).into()),
        ),
    );
    let report = Report {
        text: looked
            .in_words(&talk.host(), credential, &args.account, end.is_none())
            .into(),
        json,
        end,
    };
    Ok((report, !looked.due.is_empty()))
}

/// What a look at the tokens gave.
struct Looked<'a> {
    within: Within,
    now: Timestamp,
    /// Those that end soon or have ended, the first one first.
    due: Vec<(&'a Token, &'a str, Timestamp)>,
    /// How many there are, without those that were revoked and are listed all the same.
    tokens: usize,
    /// How many of them do not end, or the registry does not say.
    open: usize,
    /// Of how many it says when they end, in a form that cannot be read: they may be due.
    unread: usize,
    /// What stands in the list for the credential in use.
    in_use: Option<(&'a Token, Grade)>,
}

impl<'a> Looked<'a> {
    fn at(
        tokens: impl IntoIterator<Item = (&'a Token, &'a str)>,
        within: Within,
        now: Timestamp,
    ) -> Self {
        let until = now.checked_add(within.span()).unwrap_or(Timestamp::MAX);
        let mut looked = Self {
            within,
            now,
            due: Vec::new(),
            tokens: 0,
            open: 0,
            unread: 0,
            in_use: None,
        };
        for (token, id) in tokens {
            if token.revoked.is_some() {
                continue;
            }
            looked.tokens += 1;
            let grade = token.in_use();
            if grade > looked.in_use.map(|(_, grade)| grade) {
                looked.in_use = grade.map(|grade| (token, grade));
            }
            match token.expires {
                None if token.never.unread => looked.unread += 1,
                None => looked.open += 1,
                Some(at) if at <= until => looked.due.push((token, id, at.at())),
                Some(_) => {}
            }
        }
        looked.due.sort_by_key(|(_, _, at)| *at);
        looked
    }

    fn in_words(
        &self,
        host: &Text,
        credential: Option<&CredentialSource>,
        account: &AccountArgs,
        is_sure: bool,
    ) -> String {
        let within = self.within.words();
        let count = |n: usize| match n {
            1 => "1 token".to_owned(),
            n => format!("{n} tokens"),
        };
        let mut said = match self.due.len() {
            0 if is_sure => format!("No token at {host} ends within {within}."),
            0 => format!("No token at {host} is known to end within {within}."),
            n => format!(
                "{n} of {} at {host} {} within {within}.\n\n{}\n\nThe times are in UTC.",
                count(self.tokens),
                if n == 1 {
                    "has ended, or ends"
                } else {
                    "have ended, or end"
                },
                table(&HEAD, &self.rows())
            ),
        };
        if self.open > 0 {
            let _ = write!(
                said,
                "\nOf {} the registry tells no end ({} looked at).",
                count(self.open),
                count(self.tokens)
            );
        }
        if let Some(sentence) = self.of_the_credential(credential) {
            let _ = write!(said, "\n{sentence}");
        }
        let commands: Vec<_> = self
            .due
            .iter()
            .filter_map(|(_, id, _)| rotate(id, account))
            .collect();
        if !commands.is_empty() {
            let _ = write!(
                said,
                "\nTo put a new token in the place of {}:\n  {}",
                if commands.len() == 1 { "it" } else { "each" },
                commands.join("\n  ")
            );
        }
        said
    }

    fn rows(&self) -> Vec<Vec<String>> {
        self.due
            .iter()
            .map(|(token, id, at)| {
                vec![
                    at.strftime("%Y-%m-%d %H:%M").to_string(),
                    when(*at, self.now),
                    (*id).to_owned(),
                    token.begins.cut(24),
                    token.may().to_owned(),
                    badges(token, self.now),
                    found(token),
                    note(token),
                    name(token),
                ]
            })
            .collect()
    }

    /// What is known of the end of what requests carry here.
    fn of_the_credential(&self, credential: Option<&CredentialSource>) -> Option<String> {
        let source = credential.filter(|source| source.kind == CredentialKind::Token)?;
        let place = &source.place;
        let Some((token, grade)) = self.in_use else {
            return Some(format!(
                "The credential in use ({place}) is not in the list, as sessions are not: when it ends is not known."
            ));
        };
        let due = |(other, _, _): &&(&Token, &str, Timestamp)| other.key == token.key;
        self.due.iter().find(due)?;
        Some(match grade {
            Grade::Is => format!(
                "The credential in use ({place}) is among them: when it has ended, this machine is signed out."
            ),
            Grade::LooksLike => {
                format!("One of them looks like the credential in use ({place}).")
            }
        })
    }

    fn json(
        &self,
        registry: &str,
        credential: Option<&CredentialSource>,
        account: &AccountArgs,
        (moved, error): (bool, Option<shape::Why>),
    ) -> zeroize::Zeroizing<String> {
        shape::line(shape::Checked {
            registry,
            within: self.within.to_string(),
            tokens: self.tokens,
            without_end: self.open,
            unreadable: self.unread,
            complete: !moved,
            due: self
                .due
                .iter()
                .map(|(token, id, at)| shape::DueToken {
                    token: shape::TokenShape::new(token, id),
                    expired: *at <= self.now,
                    rotate: rotate(id, account),
                })
                .collect(),
            credential: credential.map(|source| shape::InUse {
                source: source.into(),
                listed: self.in_use.map(|(_, grade)| shape::grade(grade)),
                expires: self
                    .in_use
                    .and_then(|(token, _)| token.expires)
                    .map(Moment::at),
            }),
            error,
        })
    }
}

/// The command that puts a new token in the place of this one; none for an id that a shell would read as more than a
/// word, since it is the registry's.
fn rotate(id: &str, account: &AccountArgs) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let word = id.bytes().all(plain) && !id.starts_with('-') && !id.is_empty();
    word.then(|| same_place(&format!("npm-warden token rotate {id}"), account))
}

/// As the screens say it.
fn when(at: Timestamp, now: Timestamp) -> String {
    match now.as_second() - at.as_second() {
        _ if at > now => ends_in(at, now),
        past if past < 60 => "ended just now".to_owned(),
        past => format!("ended {} ago", span(past)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::domain::token::TokenKey;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn ending(key: &str, hours: Option<i64>) -> Token {
        Token {
            expires: hours
                .map(|hours| NOW + SignedDuration::from_hours(hours))
                .map(Moment::from),
            ..Token::new(TokenKey::new(key))
        }
    }

    #[test]
    fn what_ends_by_then_is_due_and_what_was_revoked_or_never_ends_is_not() {
        let tokens = [
            ending("later", Some(14 * 24 + 1)),
            ending("last", Some(14 * 24)),
            ending("never", None),
            Token {
                revoked: Some(NOW.into()),
                ..ending("revoked", Some(1))
            },
            Token {
                never: crate::domain::token::Never {
                    unread: true,
                    ..Default::default()
                },
                ..ending("unread", None)
            },
            ending("soon", Some(5)),
            ending("over", Some(-3)),
        ];
        let within = "14d".parse().expect("it makes sense");
        let looked = Looked::at(tokens.iter().map(|token| (token, "id")), within, NOW);
        let keys: Vec<_> = looked.due.iter().map(|row| row.0.key.raw()).collect();
        assert_eq!(keys, ["over", "soon", "last"]);
        assert_eq!((looked.tokens, looked.open, looked.unread), (6, 1, 1));
    }

    #[test]
    fn a_time_is_said_as_on_the_screens() {
        for (minutes, words) in [
            (0, "ended just now"),
            (1, "in 1 min"),
            (119, "in 1 h"),
            (47 * 60, "in 1 day"),
            (23 * 60, "in 23 h"),
            (2 * 24 * 60 + 23 * 60 + 47, "in 3 days"),
            (14 * 24 * 60, "in 14 days"),
            (-5, "ended 5 min ago"),
            (-10 * 24 * 60, "ended 10 days ago"),
        ] {
            let at = NOW + SignedDuration::from_mins(minutes);
            assert_eq!(when(at, NOW), words, "{minutes}");
        }
    }

    #[test]
    fn a_command_is_given_for_an_id_that_is_a_plain_word_alone() {
        let account = AccountArgs {
            registry: Some("http://127.0.0.1:4873/".into()),
            ..AccountArgs::default()
        };
        assert_eq!(
            rotate("1f3a9c", &account).as_deref(),
            Some("npm-warden token rotate 1f3a9c --registry http://127.0.0.1:4873/")
        );
        for id in ["", "a;b", "$(x)", "a b", "-yes", "a/b", "ä"] {
            assert_eq!(rotate(id, &account), None, "{id}");
        }
    }

    #[test]
    fn a_fault_here_is_never_taken_for_a_token_that_is_due() {
        for kind in [
            FailureKind::SignedOut,
            FailureKind::NeedsSecondFactor,
            FailureKind::Refused,
            FailureKind::NotOffered,
            FailureKind::Network,
            FailureKind::Local,
            FailureKind::Cancelled,
        ] {
            let code = exit_code(&End::Failed(Failure::new(kind, "", "")));
            assert!((2..=6).contains(&code), "{kind:?}: {code}");
        }
    }
}
