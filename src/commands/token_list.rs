//! `token list`.

use std::collections::HashMap;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::Here;
use super::account::nobody;
use super::report::{Report, whole_table};
use super::shape;
use super::talk::{End, Talk, say};
use crate::args::AccountArgs;
use crate::backend::protocol::{Outcome, Request};
use crate::backend::{Clock as _, SystemClock};
use crate::domain::found::Grade;
use crate::domain::text::{Text, cut};
use crate::domain::token::Token;

/// The columns. What the account's owner chose stands last, so that it can imitate none of them (promise P27).
const HEAD: [&str; 12] = [
    "ID", "BEGINS", "MAY", "FOR", "IP", "CREATED", "USED", "EXPIRES", "BADGES", "FOUND", "NOTE",
    "NAME",
];

pub(super) async fn list(here: &Here, account: &AccountArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, account)?;
    let Listed { tokens, moved, end } = read_whole(&mut talk).await?;
    let ids = ids(&tokens);
    if tokens.is_empty() {
        say(&format!("{} lists no tokens.", talk.host()));
    }
    if moved {
        say(
            "The list changed each time while it was read: a token that it lacks may be there all the same.",
        );
    }
    let now = SystemClock.now();
    let rows: Vec<_> = tokens
        .iter()
        .zip(&ids)
        .map(|(t, id)| row(t, id, now))
        .collect();
    let shapes = tokens.iter().zip(&ids);
    Ok(Report {
        text: if tokens.is_empty() {
            Zeroizing::default()
        } else {
            whole_table(&HEAD, &rows).into()
        },
        json: shape::line(shape::Listed {
            registry: talk.config()?.registry.as_str(),
            tokens: shapes
                .map(|(token, id)| shape::TokenShape::new(token, id))
                .collect(),
            complete: !moved,
        }),
        end,
    })
}

/// Every token that is listed.
pub(super) async fn read(talk: &mut Talk) -> Result<(Vec<Token>, Option<End>), End> {
    let Listed { tokens, end, .. } = read_whole(talk).await?;
    Ok((tokens, end))
}

/// A list, and how far it can be relied on.
pub(super) struct Listed {
    pub(super) tokens: Vec<Token>,
    /// It changed each time while it was read: a row that it lacks may be there all the same.
    pub(super) moved: bool,
    /// The person left meanwhile.
    pub(super) end: Option<End>,
}

/// The same, with whether it is whole.
pub(super) async fn read_whole(talk: &mut Talk) -> Result<Listed, End> {
    if talk.config()?.credential.is_none() {
        // Where was looked says more than what the registry makes of a request without one.
        return Err(nobody(&talk.config()?.identity()).into());
    }
    let answered = talk.ask(Request::Tokens).await?;
    match answered.outcome {
        Outcome::Tokens { moved, .. } => Ok(Listed {
            tokens: answered.rows,
            moved,
            end: answered.end,
        }),
        _ => Err(super::not_what_was_asked().into()),
    }
}

/// npm's ids: the first six characters of each key, and more where it takes more to tell two apart.
pub(super) fn ids(tokens: &[Token]) -> Vec<String> {
    const SHORTEST: usize = 6;
    let keys: Vec<Vec<char>> = tokens
        .iter()
        .map(|token| Text::new(&token.key.raw()).as_str().chars().collect())
        .collect();
    let mut lengths = vec![SHORTEST; keys.len()];
    loop {
        let mut shared: HashMap<&[char], Vec<usize>> = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            let id = &key[..lengths[at].min(key.len())];
            shared.entry(id).or_default().push(at);
        }
        let mut grew = false;
        for several in shared.values().filter(|several| several.len() > 1) {
            for at in several {
                if lengths[*at] < keys[*at].len() {
                    lengths[*at] += 1;
                    grew = true;
                }
            }
        }
        if !grew {
            break;
        }
    }
    let id = |(key, length): (&Vec<char>, &usize)| key.iter().take(*length).collect();
    keys.iter().zip(&lengths).map(id).collect()
}

fn row(token: &Token, id: &str, now: Timestamp) -> Vec<String> {
    let addresses: Vec<_> = token.cidr.iter().map(Text::as_str).collect();
    vec![
        id.to_owned(),
        token.begins.cut(24),
        token.may().to_owned(),
        scope(token),
        addresses.join(","),
        token
            .created
            .map(|made| date(made.at()))
            .unwrap_or_default(),
        used(token),
        expires(token),
        badges(token, now),
        found(token),
        note(token),
        name(token),
    ]
}

/// When it was used last; a dash where the registry does not tell.
pub(super) fn used(token: &Token) -> String {
    match token.accessed {
        Some(at) => date(at.at()),
        None if token.never.used => "never".to_owned(),
        None => String::new(),
    }
}

/// When it ends; a dash where the registry does not tell.
fn expires(token: &Token) -> String {
    match token.expires {
        Some(at) => date(at.at()),
        None if token.never.expires => "never".to_owned(),
        None if token.never.unread => "unreadable".to_owned(),
        None => String::new(),
    }
}

/// What stands out of it.
pub(super) fn badges(token: &Token, now: Timestamp) -> String {
    let mut badges = Vec::new();
    match token.in_use() {
        Some(Grade::Is) => badges.push("in-use"),
        Some(Grade::LooksLike) => badges.push("looks-in-use"),
        None => {}
    }
    if token.bypass_2fa {
        badges.push("bypasses-2fa");
    }
    if token.revoked.is_some() {
        badges.push("revoked");
    }
    if token.expires.is_some_and(|at| at <= now) {
        badges.push("expired");
    }
    badges.join(",")
}

/// Where it lies on this machine, each place with how sure that is.
pub(super) fn found(token: &Token) -> String {
    let places = token.found.iter();
    let places: Vec<_> = places
        .map(|found| format!("{} {}", found.grade.words(), found.place))
        .collect();
    cut(&places.join("; "), 80)
}

/// What the person noted of it.
pub(super) fn note(token: &Token) -> String {
    token
        .note
        .as_ref()
        .map(|note| note.cut(40))
        .unwrap_or_default()
}

/// What it is for.
pub(super) fn scope(token: &Token) -> String {
    if token.scopes.is_empty() {
        return "everything".to_owned();
    }
    let names: Vec<_> = token.scopes.iter().map(|(_, name)| name.as_str()).collect();
    cut(&names.join(","), 40)
}

/// The name, no longer than a line should be.
pub(super) fn name(token: &Token) -> String {
    token
        .name
        .as_ref()
        .map(|name| name.cut(60))
        .unwrap_or_default()
}

/// The day, in UTC: what a script compares must not depend on where it runs.
pub(super) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::found::Found;
    use crate::domain::token::TokenKey;

    fn token(key: &str) -> Token {
        Token::new(TokenKey::new(key))
    }

    #[test]
    fn an_id_is_as_short_as_npms_and_long_enough_to_tell_two_apart() {
        let of = |keys: &[&str]| ids(&keys.iter().map(|key| token(key)).collect::<Vec<_>>());
        assert_eq!(of(&["0123456789", "abcdef0123"]), ["012345", "abcdef"]);
        assert_eq!(
            of(&["aaaaaaaa1", "aaaaaaaa2", "aaaaaab00", "b"]),
            ["aaaaaaaa1", "aaaaaaaa2", "aaaaaab", "b"]
        );
        // One key that begins another, and one that comes twice: nothing tells them apart, and it ends all the same.
        assert_eq!(of(&["aaaaaa", "aaaaaab"]), ["aaaaaa", "aaaaaab"]);
        assert_eq!(of(&["aaaaaaa", "aaaaaaa"]), ["aaaaaaa", "aaaaaaa"]);
    }

    #[test]
    fn p27_a_name_stands_in_the_last_column_and_is_cut() {
        let mut named = token("0123456789");
        named.name = Some(Text::new(&"in-use ".repeat(40)));
        let row = row(&named, "012345", Timestamp::UNIX_EPOCH);
        assert_eq!(row.len(), HEAD.len());
        assert_eq!((row[8].as_str(), row[11].chars().count()), ("", 60));
    }

    #[test]
    fn what_is_proved_and_what_looks_like_it_are_told_apart() {
        let place = |place: &str, grade, in_use| Found {
            place: Text::from(place),
            grade,
            proof: None,
            in_use,
        };
        let mut token = token("0123456789");
        token.found = [place("$NPM_TOKEN", Grade::LooksLike, true)].into();
        token.note = Some(Box::new(Text::from("CI of o/r")));
        let likely = row(&token, "012345", Timestamp::UNIX_EPOCH);
        assert_eq!(
            likely[8..11],
            ["looks-in-use", "looks like $NPM_TOKEN", "CI of o/r"]
        );
        token.found = [
            place("~/.npmrc, line 3", Grade::Is, true),
            place("./.npmrc, line 1", Grade::Is, true),
        ]
        .into();
        let sure = row(&token, "012345", Timestamp::UNIX_EPOCH);
        assert_eq!(
            sure[8..10],
            ["in-use", "is ~/.npmrc, line 3; is ./.npmrc, line 1"]
        );
        // A place that only holds it is not what requests carry.
        token.found = [place("~/.npmrc, line 3", Grade::Is, false)].into();
        assert_eq!(badges(&token, Timestamp::UNIX_EPOCH), "");
    }
}
