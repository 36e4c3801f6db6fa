//! `token revoke`: the same job as the terminal program's, with the tokens named by id or by value.

use std::io::{self, IsTerminal as _, Read as _};
use std::sync::Arc;

use super::report::{Report, for_a_command, table};
use super::shape;
use super::talk::{End, Talk, say};
use super::token_list::{date, ids, name, read, scope};
use crate::args::RevokeArgs;
use crate::backend::protocol::{Outcome, Request, RowState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey, in_use_last};

/// More than this many lines of ids and values have in all.
const MOST: u64 = 1024 * 1024;

/// From this many on the count is typed (promise P28).
const MANY: usize = 3;

pub(super) async fn revoke(args: &RevokeArgs) -> Result<Report, End> {
    not_by_value(&args.tokens)?;
    let mut talk = Talk::open(&args.account)?;
    let from_input = args.tokens.iter().any(|word| word.expose() == "-");
    if !args.yes && !talk.somebody() {
        return Err(End::usage(
            "There is no terminal to ask on whether these tokens are to be revoked.",
            "Give --yes to revoke them without being asked.",
        ));
    }
    let mut wanted: Vec<Wanted> = args
        .tokens
        .iter()
        .filter(|word| word.expose() != "-")
        .map(|word| Wanted {
            text: Arc::clone(word),
            may_be_value: false,
        })
        .collect();
    if from_input {
        wanted.extend(given(&mut talk).await?);
    }
    if wanted.is_empty() {
        return Err(End::usage(
            "No id and no value was given.",
            "Nothing was revoked.",
        ));
    }
    let (listed, end) = read(&mut talk).await?;
    if let Some(end) = end {
        return Err(end);
    }
    let all_ids = ids(&listed);
    let chosen = chosen(&wanted, &listed, &all_ids)?;
    if !args.yes {
        confirm(&mut talk, &chosen).await?;
    }
    let (tokens, last) = in_use_last(chosen.iter().map(|(token, _)| *token));
    let answered = talk.ask(Request::Revoke { tokens, last }).await?;
    let Outcome::Revoked { rows, list } = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    let ended = Ended {
        rows: rows
            .iter()
            .filter_map(|(key, state)| Some((find(&chosen, key)?, state)))
            .collect(),
        list: list.map(|list| list.iter().filter(|t| t.revoked.is_none()).count()),
    };
    let end = ended.end(answered.end);
    let why = match &end {
        Some(End::Failed(failure)) => Some((&for_a_command(failure.clone(), &args.account)).into()),
        _ => None,
    };
    Ok(Report {
        text: ended.in_words(),
        json: ended.json(talk.config.registry.as_str(), why),
        end,
    })
}

/// A token's value on a command line is a leak of its own: it is neither taken nor repeated.
fn not_by_value(words: &[Arc<Secret<String>>]) -> Result<(), End> {
    for (at, word) in words.iter().enumerate() {
        let word = word.expose();
        if word.is_empty() {
            return Err(End::usage(
                format!(
                    "ID number {} is empty, which would mean every token.",
                    at + 1
                ),
                "Nothing was revoked.",
            ));
        }
        if word.starts_with("npm_") || word.starts_with("npms_") {
            return Err(value_given(at));
        }
    }
    Ok(())
}

fn value_given(at: usize) -> End {
    End::usage(
        format!(
            "ID number {} looks like the value of a token. Values are not taken on the command line, \
             where other programs can read them.",
            at + 1
        ),
        "Nothing was revoked: give the id that npm-warden token list shows, or - and the value on standard input.",
    )
}

/// What the person wants revoked.
struct Wanted {
    text: Arc<Secret<String>>,
    /// It came by standard input, where a value is in nobody's sight.
    may_be_value: bool,
}

/// The lines of standard input; on a terminal, what is typed there unseen.
async fn given(talk: &mut Talk) -> Result<Vec<Wanted>, End> {
    let mut lines = Vec::new();
    if io::stdin().is_terminal() {
        say("An id or a value a line; an empty line ends. What you type is not shown.");
        loop {
            let line = talk.line("Token: ", true).await?;
            let line = Secret::from(line.expose().trim());
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
    } else {
        let room = usize::try_from(MOST).unwrap_or_default() + 1;
        let mut bytes = Secret::new(Vec::with_capacity(room));
        io::stdin()
            .take(MOST + 1)
            .read_to_end(bytes.expose_mut())
            .map_err(|error| {
                Failure::new(
                    FailureKind::Local,
                    format!("Standard input cannot be read: {error}."),
                    "Nothing was revoked.",
                )
            })?;
        let text = std::str::from_utf8(bytes.expose())
            .ok()
            .filter(|text| text.len() < room)
            .ok_or_else(|| {
                End::usage(
                    "Standard input is no text of ids and values, one a line.",
                    "Nothing was revoked.",
                )
            })?;
        let filled = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.extend(filled.map(Secret::from));
    }
    Ok(lines
        .into_iter()
        .map(|line| Wanted {
            text: Arc::new(line),
            may_be_value: true,
        })
        .collect())
}

type Chosen<'a> = Vec<(&'a Token, &'a str)>;

/// The tokens that are meant, each once. When one is not clear, none is touched.
fn chosen<'a>(
    wanted: &[Wanted],
    listed: &'a [Token],
    ids: &'a [String],
) -> Result<Chosen<'a>, End> {
    let alive: Vec<_> = listed
        .iter()
        .zip(ids.iter().map(String::as_str))
        .filter(|(token, _)| token.revoked.is_none())
        .collect();
    let mut chosen: Chosen<'a> = Vec::new();
    let mut problems = Vec::new();
    for (at, wanted) in wanted.iter().enumerate() {
        match meant(wanted, &alive) {
            Ok(found) if chosen.iter().any(|(token, _)| token.key == found.0.key) => {}
            Ok(found) => chosen.push(found),
            Err(Unclear::Value) => return Err(value_given(at)),
            Err(Unclear::None) => problems.push(format!("Number {} fits no listed token.", at + 1)),
            Err(Unclear::Several(several)) => {
                let which: Vec<_> = several
                    .iter()
                    .map(|(token, id)| format!("{id} ({})", token.label()))
                    .collect();
                problems.push(format!(
                    "Number {} fits {} tokens: {}.",
                    at + 1,
                    several.len(),
                    which.join(", ")
                ));
            }
        }
    }
    if problems.is_empty() {
        return Ok(chosen);
    }
    Err(End::usage(
        problems.join(" "),
        "Nothing was revoked; npm-warden token list shows the ids.",
    ))
}

enum Unclear<'a> {
    None,
    Several(Chosen<'a>),
    /// A value where an id was expected.
    Value,
}

/// npm's rule for an id: the beginning of exactly one key. A value is known by the characters that are listed of it.
fn meant<'a>(
    wanted: &Wanted,
    alive: &[(&'a Token, &'a str)],
) -> Result<(&'a Token, &'a str), Unclear<'a>> {
    let text = wanted.text.expose().as_str();
    let only = |mut found: Chosen<'a>| match found.len() {
        0 => Err(Unclear::None),
        1 => Ok(found.remove(0)),
        _ => Err(Unclear::Several(found)),
    };
    if let Some(found) = alive.iter().find(|(token, _)| token.key.raw() == text) {
        return Ok(*found);
    }
    let by = |fits: &dyn Fn(&Token) -> bool| -> Chosen<'a> {
        alive
            .iter()
            .filter(|(token, _)| fits(token))
            .copied()
            .collect()
    };
    let by_id = by(&|token| token.key.raw().starts_with(text));
    if !by_id.is_empty() {
        return only(by_id);
    }
    let by_value = by(&|token| Token::looks_like(&token.begins, text));
    if !by_value.is_empty() && !wanted.may_be_value {
        return Err(Unclear::Value);
    }
    only(by_value)
}

fn find<'a>(chosen: &Chosen<'a>, key: &TokenKey) -> Option<(&'a Token, &'a str)> {
    chosen.iter().find(|(token, _)| token.key == *key).copied()
}

/// What goes, then the question; No is the default (promise P28).
async fn confirm(talk: &mut Talk, chosen: &Chosen<'_>) -> Result<(), End> {
    let rows: Vec<_> = chosen
        .iter()
        .map(|(token, id)| {
            vec![
                (*id).to_owned(),
                token.begins.cut(24),
                token.may().to_owned(),
                scope(token),
                token.accessed.map(date).unwrap_or_default(),
                if token.in_use { "in-use" } else { "" }.to_owned(),
                name(token),
            ]
        })
        .collect();
    say(&table(
        &["ID", "BEGINS", "MAY", "FOR", "USED", "BADGES", "NAME"],
        &rows,
    ));
    if chosen.iter().any(|(token, _)| token.in_use) {
        say(
            "The one in use here goes last, when all others are gone; after it you are signed out.",
        );
    }
    let agreed = if chosen.len() >= MANY {
        let count = chosen.len().to_string();
        let question = format!("Type {count} to revoke these {count} tokens: ");
        let typed = talk.line(&question, false).await?;
        *typed.expose().trim() == count
    } else {
        let these = if chosen.len() == 1 {
            "this token"
        } else {
            "these 2 tokens"
        };
        talk.agreed(&format!("Revoke {these}?")).await?
    };
    if agreed {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Cancelled, "Nothing was revoked.", "").into())
}

/// How it ended.
struct Ended<'a> {
    rows: Vec<((&'a Token, &'a str), &'a RowState)>,
    /// How many tokens the fresh list has.
    list: Result<usize, Failure>,
}

const fn is_gone(state: &RowState) -> bool {
    matches!(
        state,
        RowState::Gone | RowState::Verified | RowState::AlreadyGone
    )
}

impl Ended<'_> {
    fn in_words(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|((token, id), state)| vec![(*id).to_owned(), words(state), name(token)])
            .collect();
        table(&["ID", "STATE", "NAME"], &rows)
    }

    fn json(&self, registry: &str, error: Option<shape::Why>) -> String {
        shape::line(shape::Revoked {
            registry,
            tokens: self
                .rows
                .iter()
                .map(|((token, id), state)| shape::RevokedToken {
                    key: Text::new(token.key.raw()),
                    id,
                    name: &token.name,
                    state: shape::state(state),
                    error: match state {
                        RowState::Failed(failure) => Some(failure.into()),
                        _ => None,
                    },
                })
                .collect(),
            remaining: self.list.as_ref().ok().copied(),
            error,
        })
    }

    /// Not well as long as any of them may be alive.
    fn end(&self, given_up: Option<End>) -> Option<End> {
        let gone = self.rows.iter().filter(|(_, state)| is_gone(state)).count();
        let all = self.rows.len();
        let sum = format!("{gone} of {all} tokens are gone.");
        match given_up {
            Some(End::Stopped(sign, _)) => return Some(End::Stopped(sign, Text::new(&sum))),
            Some(End::Failed(failure)) => {
                return Some(End::Failed(Failure::new(
                    failure.kind,
                    format!("{sum} {}", failure.what),
                    failure.next.as_str(),
                )));
            }
            Some(end @ End::Usage(_)) => return Some(end),
            None => {}
        }
        if gone == all {
            return None;
        }
        let failed = |(_, state): &&(_, &RowState)| matches!(state, RowState::Failed(_));
        let mut failures = self
            .rows
            .iter()
            .filter(failed)
            .filter_map(|(_, state)| match state {
                RowState::Failed(failure) => Some(failure),
                _ => None,
            });
        // That the one in use was kept follows from another failure.
        let first = failures
            .clone()
            .find(|failure| failure.kind != FailureKind::Cancelled)
            .or_else(|| failures.next());
        let still = self
            .rows
            .iter()
            .any(|(_, state)| matches!(state, RowState::StillListed));
        let (kind, why, next) = match (first, still, &self.list) {
            (Some(failure), ..) => (failure.kind, failure.what.clone(), failure.next.clone()),
            (None, true, _) => (
                FailureKind::Refused,
                Text::from("The registry said that it revoked them, and lists some all the same."),
                Text::from("Look again in a while: some registries take up to an hour."),
            ),
            (None, false, Err(failure)) => {
                (failure.kind, failure.what.clone(), failure.next.clone())
            }
            (None, false, Ok(_)) => (
                FailureKind::Local,
                Text::default(),
                Text::from("Run it again."),
            ),
        };
        Some(End::Failed(Failure::new(
            kind,
            format!("{sum} {why}"),
            next.as_str(),
        )))
    }
}

fn words(state: &RowState) -> String {
    match state {
        RowState::Waiting | RowState::NotTried => "not tried".to_owned(),
        RowState::Sent => "sent; no answer yet".to_owned(),
        RowState::Accepted => "accepted; no fresh list says that it is gone".to_owned(),
        RowState::Gone => "gone".to_owned(),
        RowState::Verified => "gone, and refused since".to_owned(),
        RowState::AlreadyGone => "was gone already".to_owned(),
        RowState::StillListed => "STILL LISTED".to_owned(),
        RowState::Failed(failure) => format!("FAILED: {}", failure.what),
    }
}
