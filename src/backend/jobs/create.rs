//! Making a token: its value comes once, and when it is lost on the way the list tells what was made.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ipnet::Ipv4Net;
use jiff::Timestamp;

use crate::backend::desk::Writing;
use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded_by};
use crate::backend::protocol::{Created, Outcome, Step};
use crate::domain::cidr::{nets, ranges};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::granular::{NewToken, Spec, wider};
use crate::domain::note::clean;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::registry::{Error, Registry as _};

use super::tokens::{Listed, list};
use super::{Job, password};

/// What the person asked for.
const MAKE: &str = "make a token";
/// How long a value that is here waits for anything else.
const NOT_LONG: Duration = Duration::from_secs(10);
/// The waits before the list is read again: one lost answer is often followed by another.
const WAITS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// What came of asking for a token.
pub(super) enum Obtained {
    /// It was made.
    Made(Box<Made>),
    /// No good answer came (why), and these are new in the list: their values are lost.
    Lost { tokens: Vec<Token>, why: Failure },
}

/// A token whose value only this job has.
pub(super) struct Made {
    pub(super) token: Token,
    pub(super) value: Arc<Secret<String>>,
    /// How it may do more than was asked for.
    pub(super) wider: Vec<Text>,
    /// What did not work besides.
    pub(super) warnings: Vec<Text>,
    /// While this lives, nothing drops the job, and the value with it.
    pub(super) writing: Option<Writing>,
}

pub(super) async fn create<C: Connector>(
    job: &Job<'_, C>,
    new: &NewToken,
) -> Result<Outcome, Stop> {
    let ready = prepare(job, new, None).await?;
    Ok(Outcome::Created(match ready.obtain(job, new).await? {
        Obtained::Made(made) => Created::Made {
            registry: job.host(),
            token: Box::new(made.token),
            value: made.value,
            wider: made.wider,
            warnings: made.warnings,
        },
        Obtained::Lost { tokens, why } => Created::Lost { tokens, why },
    }))
}

/// What has to be known before a token is asked for, in case that the answer gets lost.
pub(super) struct Ready {
    note: Text,
    known: Known,
}

/// Looks around before a token is asked for. A rotation names the old one, which is none that could be made.
pub(super) async fn prepare<C: Connector>(
    job: &Job<'_, C>,
    new: &NewToken,
    old: Option<&TokenKey>,
) -> Result<Ready, Stop> {
    let note = clean(&new.note)?;
    job.desk
        .step(Step::Doing("Reading the list of tokens first"));
    // Only needed when the answer gets lost: no reason to ask for a code, or to stop.
    let (mut keys, whole) = match list(&job.without_codes(), MAKE).await {
        Ok(list) => (keys(&list), !list.moved),
        Err(Stop::Left) => return Err(Stop::Left),
        Err(_) => (HashSet::new(), false),
    };
    keys.extend(old.cloned());
    let sent = registry_time(job);
    Ok(Ready {
        note,
        known: Known { keys, whole, sent },
    })
}

impl Ready {
    /// The moment before it is sent, by the registry's clock; `None` where that is not known.
    pub(super) fn sent<C: Connector>(&self, job: &Job<'_, C>) -> Option<Timestamp> {
        job.registry.clock_ahead().map(|_| self.known.sent)
    }

    /// Asks for the token; an error says that none was made, or that this is not known.
    pub(super) async fn obtain<C: Connector>(
        self,
        job: &Job<'_, C>,
        new: &NewToken,
    ) -> Result<Obtained, Stop> {
        let Self { note, known } = self;
        job.desk.step(Step::Doing("Making the token"));
        let mut pass = job.writing(MAKE);
        let error = match guarded_by!(pass, call => job.registry.create_token(call, new)) {
            Ok((token, value)) => {
                let writing = pass.into_writing();
                job.desk.hold();
                let value = Arc::new(value);
                let warnings = noted(job, &token, &value, note).await;
                let (token, wider) = compared(job, &new.spec, token).await;
                return Ok(Obtained::Made(Box::new(Made {
                    token,
                    value,
                    wider,
                    warnings,
                    writing,
                })));
            }
            // A gateway that gave up waiting says nothing about what lies behind it.
            Err(Stop::Error(error)) if error.may_have_acted() => error,
            Err(stop) => return Err(password::failed(job, stop)),
        };
        drop(pass);
        job.desk.hold();
        lost(job, new, &known, &error).await
    }
}

/// The token, and how it goes beyond what was asked for. Some registries answer with less than they list.
async fn compared<C: Connector>(
    job: &Job<'_, C>,
    asked: &Spec,
    token: Token,
) -> (Token, Vec<Text>) {
    let now = job.house.deps.clock.now();
    let more = wider(asked, &token, now);
    // What the answer says outright counts, whatever the list has.
    let short = matches!(asked, Spec::Granular(_))
        && token.permissions.is_empty()
        && token.scopes.is_empty();
    if more.is_empty() || !short || job.desk.closing() || token.key.raw().is_empty() {
        return (token, more);
    }
    job.desk
        .step(Step::Doing("Comparing the token with what was asked for"));
    let unasked = job.without_codes();
    let read = tokio::time::timeout(NOT_LONG, list(&unasked, MAKE));
    let Ok(Ok(listed)) = read.await else {
        return (token, more);
    };
    let listed = listed.tokens.into_iter().find(|row| row.key == token.key);
    match listed {
        Some(mut listed) => {
            listed.bypass_2fa |= token.bypass_2fa;
            let more = wider(asked, &listed, now);
            (listed, more)
        }
        None => (token, more),
    }
}

/// Notes down that this value is the token's, and what the person wants to remember. What does not work is a warning.
async fn noted<C: Connector>(
    job: &Job<'_, C>,
    token: &Token,
    value: &Arc<Secret<String>>,
    note: Text,
) -> Vec<Text> {
    if token.key.raw().is_empty() {
        let noted = !note.is_empty();
        let why = "The note was not kept: the registry gave no id with the token.";
        return noted.then(|| Text::from(why)).into_iter().collect();
    }
    let (host, key, value) = (job.host(), token.key.clone(), Arc::clone(value));
    let written = job.house.notes(move |notes| {
        notes.given(&host, &key, &value)?;
        if note.is_empty() {
            return Ok(());
        }
        notes.set(&host, &key, &note)
    });
    // A disk that hangs keeps no value back.
    let why = match tokio::time::timeout(NOT_LONG, written).await {
        Ok(Ok(())) => return Vec::new(),
        Ok(Err(why)) => why.what,
        Err(_) => Text::from("the disk does not answer."),
    };
    vec![Text::new(&format!(
        "Nothing was noted down of it on this machine: {why}"
    ))]
}

/// What tells an old token from a new one.
struct Known {
    /// Those that there were.
    keys: HashSet<TokenKey>,
    /// These are all of them.
    whole: bool,
    /// The moment before it was sent, by the registry's clock.
    sent: Timestamp,
}

impl Known {
    fn is_new(&self, token: &Token) -> bool {
        let since = || token.created.is_some_and(|created| created >= self.sent);
        !self.keys.contains(&token.key) && (self.whole || since())
    }

    /// Nothing tells whether it is new.
    fn is_undated(&self, token: &Token) -> bool {
        !self.whole && !self.keys.contains(&token.key) && token.created.is_none()
    }
}

/// No good answer came: the list tells.
async fn lost<C: Connector>(
    job: &Job<'_, C>,
    new: &NewToken,
    known: &Known,
    error: &Error,
) -> Result<Obtained, Stop> {
    let why = job.error(error);
    let mut read = read(job).await;
    for (attempt, wait) in (2..).zip(WAITS) {
        let again = match &read {
            // Some list late, and the request may still be on its way.
            Ok(list) => fitting(list, new, known).is_empty(),
            Err(Stop::Error(Error::Network { .. })) => true,
            Err(_) => false,
        };
        if !again {
            break;
        }
        let said = match &read {
            Err(Stop::Error(Error::Network { why, .. })) => why.clone(),
            _ => Text::from("the list has nothing new yet"),
        };
        job.desk.pause(attempt, 3, wait, said).await;
        read = self::read(job).await;
    }
    let not_known = |because: &str| {
        Failure::new(
            why.kind,
            format!(
                "{} Whether a token was made is not known, since {because}.",
                why.what
            ),
            "Check the connection and press r on the tokens: revoke one that you do not know.",
        )
    };
    let list = match read {
        Ok(list) => list,
        Err(stop) => {
            let unread = job.words(stop);
            return Err(match unread.kind {
                FailureKind::Cancelled => not_known("the list was not read again"),
                _ => not_known("the list of tokens could not be read"),
            }
            .into());
        }
    };
    let tokens = fitting(&list, new, known);
    if !tokens.is_empty() {
        return Ok(Obtained::Lost { tokens, why });
    }
    if list.tokens.iter().any(|token| known.is_new(token)) {
        return Err(not_known("the list has new tokens, but none that is as it was to be").into());
    }
    if list.moved {
        return Err(not_known("the list of tokens changed each time while it was read").into());
    }
    if list.tokens.iter().any(|token| known.is_undated(token)) {
        return Err(not_known("the list does not say when each token was made").into());
    }
    Err(Failure::new(
        why.kind,
        format!("{} No new token is listed yet.", why.what),
        "It may still come: press r on the tokens in a few minutes, before you try again, and revoke what is new there.",
    )
    .into())
}

async fn read<C: Connector>(job: &Job<'_, C>) -> Result<Listed, Stop> {
    if job.desk.closing() {
        return Err(Stop::Left);
    }
    job.desk.step(Step::Doing("Reading the list again"));
    list(job, "see whether the token was made").await
}

fn keys(list: &Listed) -> HashSet<TokenKey> {
    list.tokens.iter().map(|token| token.key.clone()).collect()
}

/// What is new in the list and could be the one that was asked for.
fn fitting(list: &Listed, new: &NewToken, known: &Known) -> Vec<Token> {
    let mut tokens = list.tokens.clone();
    tokens.retain(|token| token.revoked.is_none() && known.is_new(token) && fits(token, new));
    tokens
}

/// Whether a listed token is of the kind that was asked for. A range that nobody can read is no reason against it.
fn fits(token: &Token, new: &NewToken) -> bool {
    // A registry that lists no names says nothing by that.
    if let (Spec::Granular(form), Some(name)) = (&new.spec, &token.name)
        && *name != Text::new(&form.name)
    {
        return false;
    }
    let wanted: BTreeSet<Ipv4Net> = new.spec.cidr().iter().map(Ipv4Net::trunc).collect();
    let listed: Vec<_> = token
        .cidr
        .iter()
        .flat_map(|text| ranges(text.as_str()))
        .collect();
    let same = |listed: Vec<Ipv4Net>| BTreeSet::from_iter(listed) == wanted;
    // One of the old kind, where a granular one was asked for, is new all the same.
    let old_kind = matches!(new.spec, Spec::Granular(_)) && token.permissions.is_empty();
    (token.writes() != new.spec.readonly() || old_kind) && nets(&listed).is_none_or(same)
}

/// The time by the registry's clock, which tells whole seconds.
fn registry_time<C: Connector>(job: &Job<'_, C>) -> Timestamp {
    let here = job.house.deps.clock.now().as_second();
    let ahead = job.registry.clock_ahead().unwrap_or_default();
    Timestamp::from_second(here.saturating_sub(ahead).saturating_sub(1)).unwrap_or(Timestamp::MIN)
}
