//! Making a token: its value comes once, and when it is lost on the way the list tells what was made.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ipnet::Ipv4Net;
use jiff::Timestamp;

use crate::backend::house::Connector;
use crate::backend::pass::{Stop, guarded};
use crate::backend::protocol::{Created, Outcome, Step};
use crate::domain::cidr::{nets, ranges};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::granular::NewToken;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::registry::{Error, Registry as _};

use super::tokens::{Listed, list};
use super::{Job, password};

/// What the person asked for.
const MAKE: &str = "make a token";
/// The waits before the list is read again: one lost answer is often followed by another.
const WAITS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

pub(super) async fn create<C: Connector>(
    job: &Job<'_, C>,
    new: &NewToken,
) -> Result<Outcome, Stop> {
    job.desk
        .step(Step::Doing("Reading the list of tokens first"));
    // Only needed when the answer gets lost: no reason to ask for a code, or to stop.
    let before = match list(&job.without_codes(), MAKE).await {
        Ok(list) => Some(keys(&list)),
        Err(Stop::Left) => return Err(Stop::Left),
        Err(_) => None,
    };
    let sent = registry_time(job);
    job.desk.step(Step::Doing("Making the token"));
    let pass = job.writing(MAKE);
    let error = match guarded!(pass, call => job.registry.create_token(call, new)) {
        Ok((token, value)) => {
            return Ok(Outcome::Created(Created::Made {
                token: Box::new(token),
                value: Arc::new(value),
            }));
        }
        Err(Stop::Error(error)) if error.outcome_unknown() => error,
        Err(stop) => return Err(password::failed(job, stop)),
    };
    job.desk.hold();
    let known = before.map_or(Known::Since(sent), Known::Keys);
    lost(job, new, &known, &error).await
}

/// What tells an old token from a new one.
enum Known {
    /// All that there were.
    Keys(HashSet<TokenKey>),
    /// The moment before it was sent, by the registry's clock.
    Since(Timestamp),
}

impl Known {
    fn is_new(&self, token: &Token) -> bool {
        match self {
            Self::Keys(keys) => !keys.contains(&token.key),
            Self::Since(sent) => token.created.is_some_and(|created| created >= *sent),
        }
    }
}

/// No good answer came: the list tells.
async fn lost<C: Connector>(
    job: &Job<'_, C>,
    new: &NewToken,
    known: &Known,
    error: &Error,
) -> Result<Outcome, Stop> {
    let why = job.error(error);
    let mut read = read(job).await;
    for (attempt, wait) in (2..).zip(WAITS) {
        let again = match &read {
            // Some list late, and the request may still be on its way.
            Ok(list) => attempt == 2 && fitting(list, new, known).is_empty(),
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
        return Ok(Outcome::Created(Created::Lost { tokens, why }));
    }
    if list.tokens.iter().any(|token| known.is_new(token)) {
        return Err(not_known("the list has new tokens, but none that is as it was to be").into());
    }
    if list.moved {
        return Err(not_known("the list of tokens changed each time while it was read").into());
    }
    if let Known::Since(_) = known
        && list.tokens.iter().any(|token| token.created.is_none())
    {
        return Err(not_known("the list does not say when each token was made").into());
    }
    Err(Failure::new(
        why.kind,
        why.what.as_str(),
        "The list of tokens was read again: none was made. Try again.",
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
    let wanted: BTreeSet<Ipv4Net> = new.spec.cidr().iter().map(Ipv4Net::trunc).collect();
    let listed: Vec<_> = token
        .cidr
        .iter()
        .flat_map(|text| ranges(text.as_str()))
        .collect();
    let same = |listed: Vec<Ipv4Net>| BTreeSet::from_iter(listed) == wanted;
    token.writes() != new.spec.readonly() && nets(&listed).is_none_or(same)
}

/// The time by the registry's clock, which tells whole seconds.
fn registry_time<C: Connector>(job: &Job<'_, C>) -> Timestamp {
    let here = job.house.deps.clock.now().as_second();
    let ahead = job.registry.clock_ahead().unwrap_or_default();
    Timestamp::from_second(here.saturating_sub(ahead).saturating_sub(1)).unwrap_or(Timestamp::MIN)
}
