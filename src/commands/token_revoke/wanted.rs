//! What the person wants revoked: ids and keys, values from standard input, and which listed token each is.

use std::fmt;
use std::io::{self, IsTerminal as _, Read as _};
use std::sync::Arc;

use super::super::talk::{End, Talk, say};
use super::super::token_list::Listed;
use crate::args::RevokeArgs;
use crate::backend::protocol::{Outcome, Request, RowState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::given::{Whose, Worth};
use crate::domain::leaked::Line;
use crate::domain::remains::is_gone;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};

/// More than this many bytes lines of ids and values have not in all.
const MOST: u64 = 1024 * 1024;
/// From this length on it is no beginning of a key that somebody typed, but a key or a value from end to end.
const WHOLE: usize = 32;
/// What is shorter than this is no secret.
const SHORT: usize = 16;
/// As few characters as an id has.
const ID: usize = 6;

/// Tokens, each with its id.
pub(super) type Chosen<'a> = Vec<(&'a Token, &'a str)>;

/// One thing that was given.
pub(super) struct Wanted {
    text: Arc<Secret<String>>,
    /// It came by standard input, where a value is in nobody's sight.
    may_be_value: bool,
    /// The registry that its line names.
    of: Option<Text>,
    /// The line of standard input that it stands in.
    line: Option<usize>,
    /// Why it is none that can be taken.
    unclear: Option<&'static str>,
}

/// Where it stood in what was given.
#[derive(Clone, Copy)]
pub(super) struct At {
    /// Its place among those that were given.
    pub(super) number: usize,
    /// Its line, where it came by standard input.
    pub(super) line: Option<usize>,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}"),
            None => write!(f, "number {}", self.number),
        }
    }
}

impl At {
    /// At the beginning of a sentence.
    pub(super) fn begins(self) -> String {
        match self.line {
            Some(line) => format!("Line {line}"),
            None => format!("Number {}", self.number),
        }
    }
}

impl Wanted {
    /// An id of the command line.
    pub(super) fn id(word: &Arc<Secret<String>>) -> Self {
        Self {
            text: Arc::clone(word),
            may_be_value: false,
            of: None,
            line: None,
            unclear: None,
        }
    }

    /// A line, unless it is surely neither an id nor a value.
    fn line((at, line): (usize, &str)) -> Option<Self> {
        let (text, of, unclear) = match Line::read(line) {
            Line::Nothing => return None,
            Line::Given(given) => (given.text, given.of, None),
            Line::Unclear(why) => (Secret::from(""), None, Some(why)),
        };
        Some(Self {
            text: Arc::new(text),
            may_be_value: true,
            of,
            line: Some(at + 1),
            unclear,
        })
    }

    fn at(&self, number: usize) -> At {
        At {
            number,
            line: self.line,
        }
    }

    fn text(&self) -> &str {
        self.text.expose()
    }

    fn is_whole(&self) -> bool {
        self.text().len() >= WHOLE
    }

    /// Whether it may be a key, or the beginning of one.
    fn is_of_a_key(&self) -> bool {
        let bytes = self.text().bytes();
        self.unclear.is_none()
            && bytes
                .into_iter()
                .all(|b| b.is_ascii_hexdigit() || b == b'-')
    }
}

/// A token's value on a command line is a leak of its own: it is neither taken nor repeated.
pub(super) fn not_by_value(words: &[Arc<Secret<String>>]) -> Result<(), End> {
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

/// The lines of standard input; on a terminal, what is typed there unseen.
pub(super) async fn given(talk: &mut Talk) -> Result<Vec<Wanted>, End> {
    let mut lines = Vec::new();
    if io::stdin().is_terminal() {
        say("An id or a value a line; an empty line ends. What you type is not shown.");
        for at in 0.. {
            let line = talk.line("Token: ", true).await?;
            if line.expose().trim().is_empty() {
                break;
            }
            lines.extend(Wanted::line((at, line.expose())));
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
        lines.extend(text.lines().enumerate().filter_map(Wanted::line));
    }
    Ok(lines)
}

/// A token that an unfinished revocation noted down.
pub(super) struct Noted {
    pub(super) key: TokenKey,
    pub(super) state: RowState,
}

/// A key that no list has any more, as when a command that was broken off is given again.
pub(super) struct Gone {
    pub(super) at: At,
    pub(super) id: String,
    /// Gone, or what is known to be worse.
    pub(super) state: RowState,
}

/// A value that fits no listed token. Nothing is repeated of it.
pub(super) struct Stray {
    pub(super) at: At,
    /// The registry that its line names, where that is another.
    pub(super) foreign: Option<Text>,
    /// What the registry makes of it, where it was tried out.
    pub(super) worth: Option<Worth>,
}

/// A value of which no more than the characters fit.
pub(super) struct Likely {
    pub(super) at: At,
    pub(super) id: String,
    pub(super) worth: Option<Worth>,
}

/// What was given, by what it is.
#[derive(Default)]
pub(super) struct Sorted<'a> {
    pub(super) chosen: Chosen<'a>,
    pub(super) gone: Vec<Gone>,
    pub(super) strays: Vec<Stray>,
    pub(super) likely: Vec<Likely>,
}

impl<'a> Sorted<'a> {
    fn choose(&mut self, found: (&'a Token, &'a str)) {
        if !self
            .chosen
            .iter()
            .any(|(token, _)| token.key == found.0.key)
        {
            self.chosen.push(found);
        }
    }
}

/// A value that is no listed token for sure.
struct Open<'w, 'a> {
    at: At,
    wanted: &'w Wanted,
    like: Option<(&'a Token, &'a str)>,
}

/// Finds out which listed token each is. When one is not clear, none is touched.
pub(super) async fn sorted<'a>(
    talk: &mut Talk,
    args: &RevokeArgs,
    wanted: &[Wanted],
    (listed, ids): (&'a Listed, &'a [String]),
    noted: &[Noted],
) -> Result<Sorted<'a>, End> {
    let alive: Chosen<'a> = listed
        .tokens
        .iter()
        .zip(ids.iter().map(String::as_str))
        .filter(|(token, _)| token.revoked.is_none())
        .collect();
    let mut sorted = Sorted::default();
    let mut problems = Vec::new();
    let mut values = Vec::new();
    for (place, wanted) in wanted.iter().enumerate() {
        let at = wanted.at(place + 1);
        if let Some(why) = wanted.unclear {
            problems.push(format!("{} {why}.", at.begins()));
            continue;
        }
        let mut found = by_key(wanted, &alive);
        match found.len() {
            1 => sorted.choose(found.remove(0)),
            0 => {
                let likes =
                    |(token, _): &(&Token, &str)| Token::looks_like(&token.begins, wanted.text());
                if !wanted.may_be_value && alive.iter().any(likes) {
                    return Err(value_given(place));
                }
                match Gone::of(wanted, at, &alive, noted) {
                    Some(gone) => sorted.gone.push(gone),
                    None if wanted.may_be_value && wanted.is_whole() => {
                        values.push((at, wanted));
                    }
                    None => problems.push(fits_none(wanted, at)),
                }
            }
            _ => problems.push(fits_several(at, &found)),
        }
    }
    let open = by_value(talk, &values, &alive, &mut sorted, &mut problems).await?;
    let by_line = wanted.iter().any(|wanted| wanted.line.is_some());
    unclear(
        &problems,
        if by_line && problems.iter().any(|problem| problem.starts_with("Line ")) {
            "give an id or a value alone in such a line, or take the line out."
        } else {
            "npm-warden token list shows the ids."
        },
    )?;
    let known = sorted.gone.is_empty() && sorted.strays.is_empty() && open.is_empty();
    if listed.moved && !known {
        return Err(Failure::new(
            FailureKind::Refused,
            "The list of tokens changed each time while it was read, so a token that it lacks may be there all the same.",
            "Nothing was revoked: run it again.",
        )
        .into());
    }
    let worths = tried_out(talk, args, &open).await?;
    for (open, worth) in open.into_iter().zip(worths) {
        let Open { at, like, .. } = open;
        let not_ours = matches!(worth, Some(Worth::Works { ours: false, .. }));
        match like.filter(|_| !not_ours) {
            Some((_, id)) if args.yes && !matches!(worth, Some(Worth::Works { .. })) => {
                problems.push(format!(
                    "{} looks like {id}: the characters fit that are listed of it, which is no proof.",
                    at.begins()
                ));
            }
            Some(found) => {
                sorted.choose(found);
                sorted.likely.push(Likely {
                    at,
                    id: found.1.to_owned(),
                    worth,
                });
            }
            None => sorted.strays.push(Stray {
                at,
                foreign: None,
                worth,
            }),
        }
    }
    unclear(
        &problems,
        "give the id, or leave --yes out; --try-out sends such values to the registry to see whether they work.",
    )?;
    sorted.strays.sort_by_key(|stray| stray.at.number);
    Ok(sorted)
}

fn unclear(problems: &[String], next: &str) -> Result<(), End> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(End::usage(
        problems.join(" "),
        &format!("Nothing was revoked; {next}"),
    ))
}

/// npm's rule for an id: the beginning of exactly one key.
fn by_key<'a>(wanted: &Wanted, alive: &Chosen<'a>) -> Chosen<'a> {
    let text = wanted.text();
    let by = |fits: &dyn Fn(&str) -> bool| -> Chosen<'a> {
        let fits = |(token, _): &&(&Token, &str)| fits(&token.key.raw());
        alive.iter().filter(fits).copied().collect()
    };
    let mut found = by(&|key| key == text);
    if found.is_empty() {
        found = by(&|key| key.starts_with(text));
    }
    // In digits of either case, unless the registry tells them apart.
    if found.is_empty() && wanted.is_of_a_key() {
        found = by(&|key| {
            let head = key.get(..text.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(text))
        });
    }
    found
}

/// What is to be found out of values: those that are a listed token for sure are chosen.
async fn by_value<'w, 'a>(
    talk: &mut Talk,
    values: &[(At, &'w Wanted)],
    alive: &Chosen<'a>,
    sorted: &mut Sorted<'a>,
    problems: &mut Vec<String>,
) -> Result<Vec<Open<'w, 'a>>, End> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let request = Request::Marks {
        values: values
            .iter()
            .map(|(_, wanted)| Arc::clone(&wanted.text))
            .collect(),
        held: true,
    };
    let Outcome::Marks(marks) = talk.ask(request).await?.outcome else {
        return Err(super::super::not_what_was_asked().into());
    };
    let host = talk.host();
    let of = |key: &TokenKey| alive.iter().find(|(token, _)| token.key == *key).copied();
    let mut open = Vec::new();
    let among = alive.iter().map(|(token, _)| *token);
    for ((at, wanted), marks) in values.iter().copied().zip(marks) {
        let whose = marks.whose(&wanted.text, among.clone());
        let foreign = wanted.of.clone().filter(|of| !is_same(of, &host));
        match whose {
            Whose::Is(key) => sorted.chosen_by(of(&key)),
            _ if foreign.is_some() => sorted.strays.push(Stray {
                at,
                foreign,
                worth: None,
            }),
            Whose::LooksLike(keys) if keys.len() > 1 => {
                let several: Chosen<'_> = keys.iter().filter_map(of).collect();
                problems.push(fits_several(at, &several));
            }
            Whose::LooksLike(keys) => open.push(Open {
                at,
                wanted,
                like: keys.first().and_then(of),
            }),
            Whose::Nobodys => open.push(Open {
                at,
                wanted,
                like: None,
            }),
        }
    }
    Ok(open)
}

impl<'a> Sorted<'a> {
    fn chosen_by(&mut self, found: Option<(&'a Token, &'a str)>) {
        if let Some(found) = found {
            self.choose(found);
        }
    }
}

/// What the registry makes of these, as far as they may be sent there: the line named it, or the person agrees.
async fn tried_out(
    talk: &mut Talk,
    args: &RevokeArgs,
    open: &[Open<'_, '_>],
) -> Result<Vec<Option<Worth>>, End> {
    let host = talk.host();
    let named = |open: &Open<'_, '_>| open.wanted.of.as_ref().is_some_and(|of| is_same(of, &host));
    let others = open.iter().filter(|open| !named(open)).count();
    let agreed = args.try_out
        || (!args.yes && others > 0 && {
            let (values, them) = match others {
                1 => ("1 of the values given is".to_owned(), "it"),
                n => (format!("{n} of the values given are"), "them"),
            };
            say(&format!("{values} no listed token for sure."));
            talk.agreed(&format!(
                "Send {them} to {host}, to see what {them} can do there?"
            ))
            .await?
        });
    let goes: Vec<bool> = open.iter().map(|open| agreed || named(open)).collect();
    let values: Vec<_> = open
        .iter()
        .zip(&goes)
        .filter(|(_, goes)| **goes)
        .map(|(open, _)| {
            let key = open.like.map(|(token, _)| token.key.clone());
            (Arc::clone(&open.wanted.text), key)
        })
        .collect();
    if values.is_empty() {
        return Ok(open.iter().map(|_| None).collect());
    }
    let Outcome::TriedOut(worths) = talk.ask(Request::TryOut(values)).await?.outcome else {
        return Err(super::super::not_what_was_asked().into());
    };
    let mut worths = worths.into_iter();
    Ok(goes
        .into_iter()
        .map(|goes| goes.then(|| worths.next()).flatten())
        .collect())
}

/// Whether two names mean the same registry, path and all.
fn is_same(of: &Text, host: &Text) -> bool {
    let bare = |name: &str| {
        let name = name.split_once("://").map_or(name, |(_, rest)| rest);
        name.trim_end_matches('/').to_ascii_lowercase()
    };
    bare(of.as_str()) == bare(host.as_str())
}

impl Gone {
    /// A whole key, or one that an unfinished revocation was about.
    fn of(wanted: &Wanted, at: At, alive: &Chosen<'_>, noted: &[Noted]) -> Option<Self> {
        let text = wanted.text();
        if !wanted.is_of_a_key() || text.len() < ID {
            return None;
        }
        let is_noted = |noted: &&Noted| noted.key.begins(text);
        let known = noted.iter().find(is_noted);
        // Some values are written in the same digits, with another length.
        let of_a_key = alive
            .iter()
            .any(|(token, _)| token.key.raw().len() == text.len());
        let is_key = wanted.is_whole() && (of_a_key || !wanted.may_be_value);
        (known.is_some() || is_key).then(|| Self {
            at,
            id: text[..ID].to_owned(),
            state: match known.map(|known| &known.state) {
                Some(still @ RowState::StillAccepted { .. }) => still.clone(),
                _ => RowState::AlreadyGone,
            },
        })
    }

    pub(super) fn is_gone(&self) -> bool {
        is_gone(&self.state)
    }
}

fn fits_none(wanted: &Wanted, at: At) -> String {
    let text = wanted.text();
    if text.len() <= SHORT && wanted.is_of_a_key() {
        format!("{} ({text}) fits no listed token.", at.begins())
    } else {
        format!("{} fits no listed token.", at.begins())
    }
}

fn fits_several(at: At, several: &Chosen<'_>) -> String {
    let which: Vec<_> = several
        .iter()
        // No longer than in a table, where it can imitate nothing (promise P27).
        .map(
            |(token, id)| match token.name.as_ref().filter(|name| !name.is_empty()) {
                Some(name) => format!("{id} ({})", name.cut(60)),
                None => format!("{id} (no name)"),
            },
        )
        .collect();
    format!(
        "{} fits {} tokens: {}.",
        at.begins(),
        several.len(),
        which.join(", ")
    )
}
