//! `token revoke`: the same job as the terminal program's, with the tokens named by id or by value.

use std::io::{self, IsTerminal as _, Read as _};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Here;
use super::account::signed_in;
use super::report::{Report, failure, for_a_command, table};
use super::shape;
use super::talk::{End, Talk, say};
use super::token_list::{date, ids, name, read, scope};
use crate::args::{AccountArgs, RevokeArgs};
use crate::backend::protocol::{JournalId, Outcome, Request, RowState, Unfinished, Unprobed};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::found::Grade;
use crate::domain::remains::is_gone;
use crate::domain::secret::Secret;
use crate::domain::text::{Text, cut};
use crate::domain::token::{Token, TokenKey, in_use_last};

/// More than this many lines of ids and values have in all.
const MOST: u64 = 1024 * 1024;

/// From this many on the count is typed (promise P28).
const MANY: usize = 3;

pub(super) async fn revoke(here: &Here, args: &RevokeArgs) -> Result<Report, End> {
    not_by_value(&args.tokens)?;
    let mut talk = Talk::open(here, &args.account)?;
    let from_input = args.tokens.iter().any(|word| word.expose() == "-");
    if !args.yes && !talk.somebody() {
        return Err(End::usage(
            "There is no terminal to ask on whether these tokens are to be revoked.",
            "Give --yes to revoke them without being asked.",
        ));
    }
    let left = left_over(&mut talk, args).await?;
    if let Some(left) = left {
        return resume(talk, args, left).await;
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
    let (chosen, unlisted) = chosen(&wanted, &listed, &all_ids)?;
    let mut given_up = None;
    let (rows, list) = if chosen.is_empty() {
        (Vec::new(), Ok(listed.clone()))
    } else {
        if !args.yes {
            confirm(&mut talk, &chosen, &unlisted).await?;
        }
        let (tokens, last) = in_use_last(chosen.iter().map(|(token, _)| *token));
        let names = chosen.iter();
        let names = names.map(|(token, _)| (token.key.clone(), token.known_as()));
        let request = Request::Revoke {
            tokens,
            last,
            names: names.collect(),
        };
        let answered = talk.ask(request).await?;
        given_up = answered.end;
        match answered.outcome {
            Outcome::Revoked { rows, list } => (rows, list),
            _ => return Err(super::not_what_was_asked().into()),
        }
    };
    report(&talk, args, &chosen, unlisted, (rows, list, given_up))
}

/// Every row's end, the list or why there is none, and why it was given up.
type Over = (
    Vec<(TokenKey, RowState)>,
    Result<Vec<Token>, Failure>,
    Option<End>,
);

fn report(
    talk: &Talk,
    args: &RevokeArgs,
    chosen: &Chosen<'_>,
    unlisted: Vec<Unlisted>,
    (rows, list, given_up): Over,
) -> Result<Report, End> {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(key, state)| (key, for_a_command_too(state, &args.account)))
        .collect();
    let ended = Ended {
        rows: rows
            .iter()
            .filter_map(|(key, state)| Some((find(chosen, key)?, state)))
            .collect(),
        unlisted,
        list: list.map(|list| list.iter().filter(|t| t.revoked.is_none()).count()),
    };
    let end = ended.end(given_up);
    let why = end
        .as_ref()
        .map(|end| (&for_a_command(failure(end), &args.account)).into());
    Ok(Report {
        text: ended.in_words().into(),
        json: ended.json(talk.config()?.registry.as_str(), why),
        end,
    })
}

/// A revocation that was interrupted.
struct LeftOver {
    id: JournalId,
    rows: Vec<(TokenKey, Text, RowState)>,
}

/// What an interrupted revocation left over, where it is to be gone on with; else it is only said. The account is known
/// from here on, so that how far this one comes can be noted.
async fn left_over(talk: &mut Talk, args: &RevokeArgs) -> Result<Option<LeftOver>, End> {
    let all = match talk.ask(Request::Unfinished).await {
        Ok(answered) => match answered.outcome {
            Outcome::Unfinished(all) => all,
            _ => return Err(super::not_what_was_asked().into()),
        },
        Err(end @ End::Stopped(..)) => return Err(end),
        Err(end) if args.resume => return Err(end),
        // Nothing of it is needed to revoke.
        Err(_) => Vec::new(),
    };
    let newest = all.into_iter().find_map(|one| match one {
        Unfinished::Revocation { id, rows, .. } => Some(LeftOver { id, rows }),
        Unfinished::Rotation { .. } | Unfinished::Emergency { .. } => None,
    });
    match (newest, args.resume) {
        (newest @ Some(_), true) => Ok(newest),
        (None, true) => {
            // Who it is for has to be known before it can be said that there is none.
            signed_in(talk).await?;
            Err(End::usage(
                "No revocation of this account was interrupted on this machine.",
                "Nothing was revoked.",
            ))
        }
        (Some(left), false) => {
            let open = left.rows.iter().filter(|(_, _, state)| !is_gone(state));
            say(&format!(
                "An earlier revocation of {} was interrupted: {} not known to be gone. \
                 npm-warden token revoke --resume goes on with it.",
                counted(left.rows.len()),
                counted(open.count())
            ));
            Ok(None)
        }
        (None, false) => Ok(None),
    }
}

fn counted(tokens: usize) -> String {
    match tokens {
        1 => "1 token".to_owned(),
        n => format!("{n} tokens"),
    }
}

/// Goes on with it: what goes is asked about as ever.
async fn resume(mut talk: Talk, args: &RevokeArgs, left: LeftOver) -> Result<Report, End> {
    let (listed, end) = read(&mut talk).await?;
    if let Some(end) = end {
        return Err(end);
    }
    let all_ids = ids(&listed);
    let gone: Vec<(Token, String)> = left
        .rows
        .iter()
        .filter(|(key, ..)| !listed.iter().any(|token| token.key == *key))
        .map(|(key, name, _)| (unlisted_token(key, name), key.short().as_str().to_owned()))
        .collect();
    let of = |key: &TokenKey| {
        let at = listed.iter().position(|token| token.key == *key);
        let living = at.map(|at| (&listed[at], all_ids[at].as_str()));
        living.or_else(|| {
            let found = gone.iter().find(|(token, _)| token.key == *key)?;
            Some((&found.0, found.1.as_str()))
        })
    };
    let chosen: Chosen<'_> = left.rows.iter().filter_map(|(key, ..)| of(key)).collect();
    let open: Chosen<'_> = left
        .rows
        .iter()
        .filter(|(key, _, state)| !is_gone(state) && listed.iter().any(|token| token.key == *key))
        .filter_map(|(key, ..)| of(key))
        .collect();
    if !args.yes && !open.is_empty() {
        confirm(&mut talk, &open, &[]).await?;
    }
    let request = Request::ResumeRevocation { left: left.id };
    let answered = talk.ask(request).await?;
    match answered.outcome {
        Outcome::Revoked { rows, list } => {
            report(&talk, args, &chosen, Vec::new(), (rows, list, answered.end))
        }
        _ => Err(super::not_what_was_asked().into()),
    }
}

/// A token of which nothing but what was noted is known.
fn unlisted_token(key: &TokenKey, name: &Text) -> Token {
    Token {
        name: Some(name.clone()),
        ..Token::new(key.clone())
    }
}

/// What the row of a token advises is for the terminal program, as well.
fn for_a_command_too(state: RowState, account: &AccountArgs) -> RowState {
    match state {
        RowState::Failed(failure) => RowState::Failed(for_a_command(failure, account)),
        RowState::Unknown(failure) => RowState::Unknown(for_a_command(failure, account)),
        state => state,
    }
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

/// What was given whole and fits no listed token: it is gone, as when a command that was broken off is given again.
struct Unlisted {
    /// Its place among those that were given.
    number: usize,
    /// The beginning of a key; nothing is repeated of what may be a value.
    id: Option<String>,
}

/// From this length on it is no beginning of a key that somebody typed, but a key or a value from end to end.
const WHOLE: usize = 32;
/// What is shorter than this is no secret.
const SHORT: usize = 16;

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl Unlisted {
    fn of(wanted: &Wanted, number: usize, listed: &[Token]) -> Option<Self> {
        let text = wanted.text.expose().as_str();
        let whole = text.len() >= WHOLE && !text.contains(char::is_whitespace);
        if !whole || !(is_hex(text) || wanted.may_be_value) {
            return None;
        }
        // Some values are written in the same digits, with another length.
        let of_a_key = listed
            .iter()
            .any(|token| token.key.raw().len() == text.len());
        let is_key = is_hex(text) && (of_a_key || !wanted.may_be_value);
        Some(Self {
            number,
            id: is_key.then(|| text[..6].to_owned()),
        })
    }
}

/// The tokens that are meant, each once, and what is not listed any more. When one is not clear, none is touched.
fn chosen<'a>(
    wanted: &[Wanted],
    listed: &'a [Token],
    ids: &'a [String],
) -> Result<(Chosen<'a>, Vec<Unlisted>), End> {
    let alive: Vec<_> = listed
        .iter()
        .zip(ids.iter().map(String::as_str))
        .filter(|(token, _)| token.revoked.is_none())
        .collect();
    let mut chosen: Chosen<'a> = Vec::new();
    let mut unlisted = Vec::new();
    let mut problems = Vec::new();
    for (at, wanted) in wanted.iter().enumerate() {
        match meant(wanted, &alive) {
            Ok(found) if chosen.iter().any(|(token, _)| token.key == found.0.key) => {}
            Ok(found) => chosen.push(found),
            Err(Unclear::Value) => return Err(value_given(at)),
            Err(Unclear::None) => match Unlisted::of(wanted, at + 1, listed) {
                Some(gone) => unlisted.push(gone),
                None => problems.push(fits_none(wanted, at + 1)),
            },
            Err(Unclear::Several(several)) => {
                let which: Vec<_> = several
                    .iter()
                    // No longer than in a table, where it can imitate nothing (promise P27).
                    .map(|(token, id)| format!("{id} ({})", cut(token.label(), 60)))
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
        return Ok((chosen, unlisted));
    }
    Err(End::usage(
        problems.join(" "),
        "Nothing was revoked; npm-warden token list shows the ids.",
    ))
}

fn fits_none(wanted: &Wanted, number: usize) -> String {
    let text = wanted.text.expose().as_str();
    if text.len() <= SHORT && is_hex(text) {
        format!("Number {number} ({text}) fits no listed token.")
    } else {
        format!("Number {number} fits no listed token.")
    }
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
async fn confirm(talk: &mut Talk, chosen: &Chosen<'_>, unlisted: &[Unlisted]) -> Result<(), End> {
    let rows: Vec<_> = chosen
        .iter()
        .map(|(token, id)| {
            vec![
                (*id).to_owned(),
                token.begins.cut(24),
                token.may().to_owned(),
                scope(token),
                token.accessed.map(date).unwrap_or_default(),
                if token.in_use().is_some() {
                    "in-use"
                } else {
                    ""
                }
                .to_owned(),
                name(token),
            ]
        })
        .collect();
    say(&table(
        &["ID", "BEGINS", "MAY", "FOR", "USED", "BADGES", "NAME"],
        &rows,
    ));
    for (token, id) in chosen {
        for found in &token.found {
            say(&match (found.grade, found.in_use) {
                (Grade::Is, true) => format!(
                    "{id} is {}, in use now: it goes last, and you are signed out.",
                    found.place
                ),
                (Grade::Is, false) => format!("{id} is {}: breaks here.", found.place),
                (Grade::LooksLike, _) => format!("{id} looks like {}.", found.place),
            });
        }
        if let Some(note) = token.note.as_ref().filter(|note| !note.is_empty()) {
            say(&format!("{id}: your note: {note}"));
        }
    }
    if !unlisted.is_empty() {
        say(&format!(
            "Further {} of those given {} no listed token.",
            unlisted.len(),
            if unlisted.len() == 1 { "fits" } else { "fit" }
        ));
    }
    if chosen.iter().any(|(token, _)| token.in_use().is_some()) {
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
    unlisted: Vec<Unlisted>,
    /// How many tokens the fresh list has.
    list: Result<usize, Failure>,
}

const WHAT_IS_LEFT: &str = "npm-warden token list shows what is left.";

impl Ended<'_> {
    fn in_words(&self) -> String {
        let listed = self
            .rows
            .iter()
            .map(|((token, id), state)| vec![(*id).to_owned(), words(state), name(token)]);
        let unlisted = self.unlisted.iter().map(|gone| {
            let (id, state) = match &gone.id {
                Some(id) => (id.clone(), "was gone already".to_owned()),
                // Nobody can tell a dead one from one of another account.
                None => (String::new(), "fits no listed token".to_owned()),
            };
            vec![
                id,
                format!("{state} (number {})", gone.number),
                String::new(),
            ]
        });
        let rows: Vec<_> = listed.chain(unlisted).collect();
        table(&["ID", "STATE", "NAME"], &rows)
    }

    fn json(&self, registry: &str, error: Option<shape::Why>) -> Zeroizing<String> {
        shape::line(shape::Revoked {
            registry,
            tokens: self
                .rows
                .iter()
                .map(|((token, id), state)| shape::RevokedToken {
                    key: Some(Text::new(token.key.raw())),
                    id: Some(id),
                    name: token.name.as_ref(),
                    state: shape::state(state),
                    number: None,
                    since: shape::since(state),
                    probed: shape::tried_out(state),
                    why: shape::unprobed(state),
                    error: match state {
                        RowState::Failed(failure) | RowState::Unknown(failure) => {
                            Some(failure.into())
                        }
                        _ => None,
                    },
                })
                .chain(self.unlisted.iter().map(|gone| shape::RevokedToken {
                    key: None,
                    id: gone.id.as_deref(),
                    name: None,
                    state: shape::state(&RowState::AlreadyGone),
                    number: Some(gone.number),
                    since: None,
                    probed: None,
                    why: None,
                    error: None,
                }))
                .collect(),
            remaining: self.list.as_ref().ok().copied(),
            error,
        })
    }

    /// How far it came. What no fresh list confirmed is told as what it is.
    fn sum(&self) -> String {
        let count = |fits: fn(&RowState) -> bool| {
            let fits = self.rows.iter().filter(|(_, state)| fits(state));
            fits.count()
        };
        let (gone, all) = (count(is_gone), self.rows.len());
        let accepted = count(|state| matches!(state, RowState::Accepted));
        let untried = count(|state| matches!(state, RowState::NotTried | RowState::Waiting));
        let known = format!("{gone} of {all} tokens are gone.");
        if accepted > 0 {
            let said = format!(
                "The registry said that it revoked {accepted} of {all} tokens; that was not checked."
            );
            return if gone > 0 {
                format!("{said} {gone} more are gone.")
            } else {
                said
            };
        }
        match &self.list {
            Err(_) if untried == all => "None of the tokens was revoked.".to_owned(),
            Err(_) if gone == 0 => {
                format!("How many of {all} tokens are gone was not checked.")
            }
            _ => known,
        }
    }

    /// Not well as long as any of them may be alive.
    fn end(&self, given_up: Option<End>) -> Option<End> {
        let gone = self.rows.iter().filter(|(_, state)| is_gone(state)).count();
        let all = self.rows.len();
        let sum = self.sum();
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
        let failed = |(_, state): &&(_, &RowState)| {
            matches!(state, RowState::Failed(_) | RowState::Unknown(_))
        };
        let mut failures = self
            .rows
            .iter()
            .filter(failed)
            .filter_map(|(_, state)| match state {
                RowState::Failed(failure) | RowState::Unknown(failure) => Some(failure),
                _ => None,
            });
        // That the one in use was kept follows from another failure.
        let first = failures
            .clone()
            .find(|failure| failure.kind != FailureKind::Cancelled)
            .or_else(|| failures.next());
        let still = self.rows.iter().any(|(_, state)| {
            matches!(
                state,
                RowState::StillListed | RowState::StillAccepted { .. }
            )
        });
        let (kind, why, next) = match (first, still, &self.list) {
            (Some(failure), ..) => (failure.kind, failure.what.clone(), failure.next.clone()),
            (None, true, _) => (
                FailureKind::Refused,
                Text::from(
                    "The registry said that those were revoked or gone, and lists or accepts them all the same.",
                ),
                Text::from("Look again in a while: some registries take up to an hour."),
            ),
            // Only the list is what was not read: words about nothing done are of that.
            (None, false, Err(failure)) => {
                let left = failure.kind == FailureKind::Cancelled;
                let what = if left {
                    Text::default()
                } else {
                    failure.what.clone()
                };
                (failure.kind, what, Text::from(WHAT_IS_LEFT))
            }
            (None, false, Ok(_)) => (
                FailureKind::Local,
                Text::default(),
                Text::from("Run it again."),
            ),
        };
        let accepted = |(_, state): &(_, &RowState)| matches!(state, RowState::Accepted);
        let touched = gone > 0 || self.rows.iter().any(accepted);
        let next = if touched && next.as_str().contains("Nothing was changed") {
            WHAT_IS_LEFT
        } else {
            next.as_str()
        };
        Some(End::Failed(Failure::new(
            kind,
            format!("{sum} {why}"),
            next,
        )))
    }
}

pub(super) fn words(state: &RowState) -> String {
    match state {
        RowState::Waiting | RowState::NotTried => "not tried".to_owned(),
        RowState::Sent => "sent; no answer yet".to_owned(),
        RowState::Accepted => {
            "accepted: the registry said that it revoked it; not checked".to_owned()
        }
        RowState::Gone(Unprobed::ValueUnknown) => "gone".to_owned(),
        RowState::Gone(Unprobed::RefusedBefore) => {
            "gone; not tried out, its value was refused before".to_owned()
        }
        RowState::Gone(Unprobed::NoAnswer) => "gone; not tried out, no answer".to_owned(),
        RowState::Verified => "gone, and refused since".to_owned(),
        RowState::Refused => "refused since; no list could be read by it".to_owned(),
        RowState::AlreadyGone => "was gone already".to_owned(),
        RowState::StillListed => "STILL LISTED".to_owned(),
        RowState::StillAccepted { since, probed } => {
            format!("STILL ACCEPTED since {since}, tried out {probed}")
        }
        RowState::Unknown(failure) => format!("OUTCOME NOT KNOWN: {}", failure.what),
        RowState::Failed(failure) => format!("FAILED: {}", failure.what),
    }
}
