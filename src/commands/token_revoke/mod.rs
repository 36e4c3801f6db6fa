//! `token revoke`: the same job as the terminal program's, with the tokens named by id or by value.

mod ended;
mod wanted;

use jiff::Timestamp;

use self::ended::Ended;
pub(super) use self::ended::words;
use self::wanted::{Chosen, Likely, Noted, Sorted, Wanted, given, not_by_value, sorted};
use super::Here;
use super::account::signed_in;
use super::report::{Report, failure, for_a_command, table};
use super::talk::{End, Talk, say};
use super::token_list::{Listed, ids, name, read_whole, scope, used};
use crate::args::{AccountArgs, RevokeArgs};
use crate::backend::protocol::{JournalId, Outcome, Request, RowState, Unfinished};
use crate::backend::{Clock as _, SystemClock};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::found::Grade;
use crate::domain::given::Worth;
use crate::domain::remains::{ended_with, is_gone};
use crate::domain::text::Text;
use crate::domain::token::{KnownAs, Token, TokenKey, in_use_last};

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
    let LeftOver { newest, noted } = left_over(&mut talk, args).await?;
    if let Some(left) = newest {
        return resume(talk, args, left).await;
    }
    let words = args.tokens.iter().filter(|word| word.expose() != "-");
    let mut wanted: Vec<Wanted> = words.map(Wanted::id).collect();
    if from_input {
        wanted.extend(given(&mut talk).await?);
    }
    if wanted.is_empty() {
        return Err(End::usage(
            "No id and no value was given.",
            "Nothing was revoked.",
        ));
    }
    let began = SystemClock.now();
    let mut listed = read_whole(&mut talk).await?;
    if let Some(end) = listed.end.take() {
        return Err(end);
    }
    let all_ids = ids(&listed.tokens);
    let sorted = sorted(&mut talk, args, &wanted, (&listed, &all_ids), &noted).await?;
    let mut given_up = None;
    let chosen = &sorted.chosen;
    let (rows, list) = if chosen.is_empty() {
        (Vec::new(), Ok(listed.tokens.clone()))
    } else {
        if !args.yes {
            confirm(&mut talk, &sorted).await?;
        }
        let (tokens, last) = in_use_last(chosen.iter().map(|(token, _)| *token));
        let names = chosen.iter();
        let names = names.map(|(token, _)| (token.key.clone(), token.noted()));
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
    report(&talk, args, sorted, (rows, list, given_up), began)
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
    sorted: Sorted<'_>,
    (rows, list, given_up): Over,
    began: Timestamp,
) -> Result<Report, End> {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(key, state)| (key, for_a_command_too(state, &args.account)))
        .collect();
    let ended = Ended {
        rows: rows
            .iter()
            .filter_map(|(key, state)| Some((find(&sorted.chosen, key)?, state)))
            .collect(),
        gone: sorted.gone,
        strays: sorted.strays,
        host: talk.host(),
        began,
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
struct Left {
    id: JournalId,
    rows: Vec<(TokenKey, KnownAs, RowState)>,
}

/// What interrupted revocations left over.
struct LeftOver {
    /// The one to go on with.
    newest: Option<Left>,
    /// What the others were about.
    noted: Vec<Noted>,
}

/// What was left over: it is gone on with where that is wanted, else it is only said. The account is known from here on, so
/// that how far this one comes can be noted.
async fn left_over(talk: &mut Talk, args: &RevokeArgs) -> Result<LeftOver, End> {
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
    let mut revocations = all.into_iter().filter_map(|one| match one {
        Unfinished::Revocation { id, rows, .. } => Some(Left { id, rows }),
        Unfinished::Rotation { .. }
        | Unfinished::Emergency { .. }
        | Unfinished::Elsewhere { .. } => None,
    });
    if args.resume {
        let newest = revocations.next();
        if newest.is_none() {
            // Who it is for has to be known before it can be said that there is none.
            signed_in(talk).await?;
            return Err(End::usage(
                "No revocation of this account was interrupted on this machine.",
                "Nothing was revoked.",
            ));
        }
        return Ok(LeftOver {
            newest,
            noted: Vec::new(),
        });
    }
    let mut noted = Vec::new();
    for (at, left) in revocations.enumerate() {
        if at == 0 {
            let open = left.rows.iter().filter(|(_, _, state)| !is_gone(state));
            let how = match ended_with(left.rows.iter().map(|(_, _, state)| state)) {
                Some(how) => format!("has ended with {how}"),
                None => format!(
                    "was interrupted: {} not known to be gone",
                    counted(open.count())
                ),
            };
            say(&format!(
                "An earlier revocation of {} {how}. \
                 npm-warden token revoke --resume goes on with it.",
                counted(left.rows.len()),
            ));
        }
        let rows = left.rows.into_iter();
        noted.extend(rows.map(|(key, _, state)| Noted { key, state }));
    }
    Ok(LeftOver {
        newest: None,
        noted,
    })
}

fn counted(tokens: usize) -> String {
    match tokens {
        1 => "1 token".to_owned(),
        n => format!("{n} tokens"),
    }
}

/// Goes on with it: what goes is asked about as ever.
async fn resume(mut talk: Talk, args: &RevokeArgs, left: Left) -> Result<Report, End> {
    let began = SystemClock.now();
    let Listed {
        tokens: listed,
        moved,
        end,
    } = read_whole(&mut talk).await?;
    if let Some(end) = end {
        return Err(end);
    }
    let all_ids = ids(&listed);
    let gone: Vec<(Token, String)> = left
        .rows
        .iter()
        .filter(|(key, ..)| !listed.iter().any(|token| token.key == *key))
        .map(|(key, known, _)| (known.token(key.clone()), key.short().as_str().to_owned()))
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
    let open = Sorted {
        chosen: open,
        ..Sorted::default()
    };
    if !args.yes && !open.chosen.is_empty() {
        let (left, all) = (open.chosen.len(), chosen.len());
        // A list that moved proves nothing by what it lacks.
        if left < all && !moved {
            say(&format!(
                "{} of {} {} in the list any more; what is left of them:",
                all - left,
                counted(all),
                if all - left == 1 { "is not" } else { "are not" }
            ));
        }
        confirm(&mut talk, &open).await?;
    }
    let request = Request::ResumeRevocation { left: left.id };
    let answered = talk.ask(request).await?;
    match answered.outcome {
        Outcome::Revoked { rows, list } => {
            let sorted = Sorted {
                chosen,
                ..Sorted::default()
            };
            report(&talk, args, sorted, (rows, list, answered.end), began)
        }
        _ => Err(super::not_what_was_asked().into()),
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

fn find<'a>(chosen: &Chosen<'a>, key: &TokenKey) -> Option<(&'a Token, &'a str)> {
    chosen.iter().find(|(token, _)| token.key == *key).copied()
}

impl Likely {
    fn in_words(&self, host: &Text) -> String {
        let (given, id) = (self.at.begins(), &self.id);
        let worth = match &self.worth {
            None => "It was not tried out.".to_owned(),
            Some(Worth::Works { account, .. }) => format!("{host} takes it as {account}'s."),
            Some(Worth::Refused) => format!(
                "{host} REFUSES it from here: it may be dead already, and {id} another token."
            ),
            Some(Worth::NoAnswer) => format!("{host} gave no answer that tells."),
        };
        format!(
            "{given} looks like {id}: the characters fit that are listed of it, which is no proof. {worth}"
        )
    }
}

/// What goes, then the question; No is the default (promise P28).
async fn confirm(talk: &mut Talk, sorted: &Sorted<'_>) -> Result<(), End> {
    let chosen = &sorted.chosen;
    let rows: Vec<_> = chosen
        .iter()
        .map(|(token, id)| {
            vec![
                (*id).to_owned(),
                token.begins.cut(24),
                token.may().to_owned(),
                scope(token),
                used(token),
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
    for likely in &sorted.likely {
        say(&likely.in_words(&talk.host()));
    }
    let further = sorted.gone.len() + sorted.strays.len();
    if further > 0 {
        say(&format!(
            "Further {further} of those given {} no listed token.",
            if further == 1 { "fits" } else { "fit" }
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
    Err(Failure::new(
        FailureKind::Cancelled,
        "Nothing was revoked.",
        "Run it again to revoke them.",
    )
    .into())
}
