//! Revoking tokens: each row has an end, and a fresh list has the last word (promises P30 and P31).
//!
//! ```text
//! what lies here is tried out ─▶ sent, several at once ─▶ the list is read, what lies here tried out again ─▶ the
//!        (proof)                       (rows)                 credential in use, alone ─▶ the same again
//! ```
//!
//! What is known of one token is in `row`; how far all of it has come is on the disk by `kept`.

mod kept;
mod proof;
mod row;
mod rows;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use self::kept::{Keeper, Owner, Past};
use self::proof::Proof;
use self::row::After;
use self::rows::{Rows, alive, to_revoke};
use super::Job;
use super::tokens::{LIST, Listed, list};
use crate::backend::batch::Batch;
use crate::backend::desk::Writing;
use crate::backend::house::Connector;
use crate::backend::local::{Taken, taken};
use crate::backend::pass::Stop;
use crate::backend::protocol::{JournalId, Outcome, RowState, Step, Unfinished};
use crate::backend::used::Code;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::remains::is_gone;
use crate::domain::text::Text;
use crate::domain::token::{KnownAs, Token, TokenKey};
use crate::records::Left;

pub(super) use self::row::Facts;
pub(super) use self::rows::{Known, Notes};

/// The waits before a token that is still listed, or still accepted, is looked at again.
const LOOKS: [Duration; 3] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];
/// A code that has served is offered to what goes next so long after: less than half of the time that an authenticator
/// shows one.
const LIVES: Duration = Duration::from_secs(10);
/// The longest wait that a registry may ask for before one is tried out again.
const LONGEST: Duration = Duration::from_mins(1);
/// How long a registry may take until what it revoked is out of its list: it is not asked again before.
pub(super) const SETTLES: SignedDuration = SignedDuration::from_hours(1);

/// What is to go.
pub(super) struct Going {
    /// These, in this order.
    pub(super) tokens: Vec<TokenKey>,
    /// These when all others are gone.
    pub(super) last: Vec<TokenKey>,
    /// What a person knows them by.
    pub(super) names: Vec<(TokenKey, KnownAs)>,
}

/// The code at hand between two steps, and what was learned of it.
#[derive(Default)]
pub(super) struct Hand {
    code: (Option<Code>, bool),
    batch: Batch,
    /// When the last request with it had its answer.
    at: Option<Instant>,
}

/// How it ended.
pub(super) struct Ended {
    /// Each row.
    pub(super) rows: Vec<(TokenKey, RowState)>,
    /// The list afterwards.
    pub(super) list: Result<Vec<Token>, Failure>,
    /// What was learned of the code.
    pub(super) hand: Hand,
    /// What the end of the program waits by until it is told.
    told: Option<Writing>,
}

pub(super) async fn revoke<C: Connector>(job: &Job<'_, C>, going: Going) -> Result<Outcome, Stop> {
    let Going {
        tokens,
        last,
        names,
    } = going;
    let keys = [tokens, last.clone()].concat();
    if keys.is_empty() {
        return Ok(Outcome::Revoked {
            rows: Vec::new(),
            list: fresh(job).await.and_then(whole),
        });
    }
    // Nothing is asked for it: what is to go goes first.
    let owner = known_owner(job).ok_or_else(|| unknown_owner(&job.host()));
    let account = owner.as_ref().ok().map(|owner| owner.account.clone());
    let proof = Proof::find(job, &keys, account).await;
    let names: HashMap<TokenKey, KnownAs> = names.into_iter().collect();
    let name = |key: &TokenKey| names.get(key).cloned().unwrap_or_default();
    let mut once = HashSet::new();
    let each = keys.iter().filter(|key| once.insert(*key));
    let noted = each.map(|key| (key.clone(), name(key))).collect();
    let folder = job.house.deps.vault_dir.clone();
    let begun = (job.house.deps.clock.now(), noted);
    let whose = owner.as_ref().map_err(Failure::clone);
    let mut keeper = Keeper::begin(job.desk, folder, whose, begun).await;
    let facts = keys.into_iter().map(|key| (key, Facts::default()));
    let mut rows = Rows::new(job, &mut keeper, facts);
    proof.before(&mut rows).await;
    rows.keep_all().await;
    let goes_last = |key: &TokenKey| last.contains(key) || proof.in_use() == Some(key);
    let (last, others) = rows.order().iter().cloned().partition(goes_last);
    let plan = Plan {
        send: others,
        last,
        seen: None,
        looks: &LOOKS,
        hand: Hand::default(),
    };
    let ended = go(job, rows, &proof, plan).await?;
    over(job, keeper, ended, owner.ok()).await
}

/// A step of something that keeps a journal of its own and looks again by itself: these go, once. `last`: requests carry
/// it, so that being refused afterwards is the proof. `hand`: what the step before knew of the code; one that lives is not
/// asked for again.
pub(super) async fn step<C: Connector>(
    job: &Job<'_, C>,
    known: Vec<Known>,
    (last, hand): (bool, Hand),
    notes: &mut dyn Notes,
) -> Result<Ended, Stop> {
    let keys: Vec<_> = known.iter().map(|row| row.key.clone()).collect();
    let proof = Proof::find(job, &keys, job.account.get().cloned()).await;
    let mut rows = Rows::known(job, notes, known);
    for key in &keys {
        rows.again(key);
    }
    proof.before(&mut rows).await;
    rows.keep_all().await;
    let goes_last = |key: &TokenKey| last || proof.in_use() == Some(key);
    let (last, send) = keys.into_iter().partition(goes_last);
    let plan = Plan {
        send,
        last,
        seen: None,
        looks: &[],
        hand,
    };
    go(job, rows, &proof, plan).await
}

/// Looks at these without sending any: how they stand by a whole list, and by what lies here.
pub(super) async fn look<C: Connector>(
    job: &Job<'_, C>,
    known: Vec<Known>,
    list: &[Token],
    notes: &mut dyn Notes,
) {
    let keys: Vec<_> = known.iter().map(|row| row.key.clone()).collect();
    let proof = Proof::find(job, &keys, job.account.get().cloned()).await;
    let mut rows = Rows::known(job, notes, known);
    rows.settle_by(&keys, list, false);
    for key in keys
        .iter()
        .filter(|key| !rows.is_listed(key))
        .cloned()
        .collect::<Vec<_>>()
    {
        rows.pass_over(&key);
    }
    if !job.desk.closing() {
        proof.after(&mut rows, &keys).await;
    }
    rows.keep_all().await;
}

/// Goes on with one that was interrupted: what the list still has goes out, once.
pub(super) async fn resume<C: Connector>(
    job: &Job<'_, C>,
    id: &JournalId,
) -> Result<Outcome, Stop> {
    let (folder, now) = (job.house.deps.vault_dir.clone(), job.house.deps.clock.now());
    let (mut keeper, begun) = Keeper::resume(job.desk, folder, id, now).await?;
    let past = Past::read(&begun).ok_or_else(unreadable)?;
    let owner = owner(job).await?;
    if past.owner != owner {
        return Err(of_another(&past.owner, &owner).into());
    }
    let keys: Vec<TokenKey> = past.rows.iter().map(|row| row.key.clone()).collect();
    let seen = list(job, LIST).await?;
    let proof = Proof::find(job, &keys, Some(owner.account.clone())).await;
    let facts = past.rows.into_iter().map(|row| (row.key, row.facts));
    let mut rows = Rows::new(job, &mut keeper, facts);
    rows.settle(&keys, &seen);
    if rows.touched() {
        // Who leaves is told how they stand.
        job.desk.hold();
    }
    let settles = |at: Timestamp| now.duration_since(at) < SETTLES;
    let send = |key: &TokenKey| rows.is_listed(key) && !rows.done_at(key).is_some_and(settles);
    let (send, rest): (Vec<_>, Vec<_>) = keys.into_iter().partition(send);
    for key in &send {
        rows.again(key);
    }
    for key in &rest {
        rows.pass_over(key);
    }
    proof.before(&mut rows).await;
    rows.keep_all().await;
    let in_use: HashSet<&TokenKey> = seen
        .tokens
        .iter()
        .filter(|token| token.in_use().is_some())
        .map(|token| &token.key)
        .chain(proof.in_use())
        .collect();
    let (last, send) = send.into_iter().partition(|key| in_use.contains(key));
    let plan = Plan {
        send,
        last,
        seen: Some(seen),
        looks: &LOOKS,
        hand: Hand::default(),
    };
    let ended = go(job, rows, &proof, plan).await?;
    over(job, keeper, ended, Some(owner)).await
}

/// The end of one that has a journal to itself.
async fn over<C: Connector>(
    job: &Job<'_, C>,
    keeper: Keeper<'_>,
    ended: Ended,
    owner: Option<Owner>,
) -> Result<Outcome, Stop> {
    let Ended {
        rows, list, told, ..
    } = ended;
    keeper
        .end(rows.iter().all(|(_, state)| is_gone(state)))
        .await;
    if let (Ok(list), Some(owner)) = (&list, owner) {
        let listed = list.iter().filter_map(alive).cloned().collect();
        kept::tidy(job.house.deps.vault_dir.clone(), owner, listed).await;
    }
    drop(told);
    Ok(Outcome::Revoked { rows, list })
}

/// What a journal tells of an interrupted revocation, for whom.
pub(super) fn unfinished(left: &Left) -> Option<(Text, Text, Unfinished)> {
    let past = Past::read(left)?;
    let (registry, account) = (past.owner.registry.clone(), past.owner.account.clone());
    Some((registry, account, past.unfinished(&left.id)))
}

/// What goes out, and what was seen already.
struct Plan {
    /// At once, as many as may.
    send: Vec<TokenKey>,
    /// Alone, when all others are gone.
    last: Vec<TokenKey>,
    /// The list, if it was read before.
    seen: Option<Listed>,
    /// The waits before another look at what lingers.
    looks: &'static [Duration],
    /// The code at hand.
    hand: Hand,
}

async fn go<C: Connector>(
    job: &Job<'_, C>,
    mut rows: Rows<'_>,
    proof: &Proof<'_, C::Registry>,
    plan: Plan,
) -> Result<Ended, Stop> {
    let Plan {
        send,
        mut last,
        seen,
        looks,
        mut hand,
    } = plan;
    // What only looks like it before what is proved to be it: nothing can be revoked after that.
    last.sort_by_key(|key| proof.in_use() == Some(key));
    let action = to_revoke(send.len() + last.len());
    let lives = hand.at.is_some_and(|at| at.elapsed() <= LIVES);
    hand.batch.goes_on(lives);
    let code = if hand.batch.has_code() {
        hand.code
    } else {
        (None, false)
    };
    let mut pass = job.writing(action.as_str()).with_code(code);
    rows.goes_on(hand.batch);
    let others = rows.order().iter();
    let mut others: Vec<_> = others.filter(|key| !last.contains(key)).cloned().collect();
    let mut list = None;
    if !others.is_empty() {
        let seen = seen.filter(|_| send.is_empty());
        rows.send(job, &mut pass, send).await;
        if !rows.touched() && job.desk.left() {
            return Err(Stop::Left);
        }
        list = Some(confirm(job, &mut rows, proof, (&others, looks), seen).await);
    }
    for key in &last {
        list = send_last(
            job,
            &mut rows,
            proof,
            (key, &others, looks),
            &mut pass,
            list,
        )
        .await;
        if !rows.touched() && job.desk.left() {
            return Err(Stop::Left);
        }
        others.push(key.clone());
    }
    let (code, (batch, at)) = (pass.into_code(), rows.code());
    let hand = Hand { code, batch, at };
    let list = match list {
        Some(list) => list,
        None => fresh(job).await.and_then(whole),
    };
    let told = rows.writing();
    let rows = rows.end().await;
    Ok(Ended {
        rows,
        list,
        hand,
        told,
    })
}

/// The credential in use: alone, and only when nothing else needs it any more (promise P29). Gives the list.
async fn send_last<C: Connector>(
    job: &Job<'_, C>,
    rows: &mut Rows<'_>,
    proof: &Proof<'_, C::Registry>,
    (key, others, looks): (&TokenKey, &[TokenKey], &[Duration]),
    pass: &mut crate::backend::pass::Pass<'_, C::Registry>,
    list: Option<Result<Vec<Token>, Failure>>,
) -> Option<Result<Vec<Token>, Failure>> {
    if job.desk.left() {
        rows.pass_over(key);
        return list;
    }
    if rows.stopped() || !others.iter().all(|key| rows.is_gone(key)) {
        rows.hold_back(key, kept_back(proof.in_use() == Some(key)));
        return list;
    }
    rows.send(job, pass, vec![key.clone()]).await;
    // That the token is refused now is an answer here, and no reason to sign in again.
    let key = std::slice::from_ref(key);
    let now = confirm(&job.as_it_is(), rows, proof, (key, looks), None).await;
    match (now, list) {
        // It was taken until a moment ago, and is refused since: that is the proof.
        (Err(why), before) if why.kind == FailureKind::SignedOut && rows.may_be_done(&key[0]) => {
            // What only looks like it may be another one.
            if proof.in_use() == Some(&key[0]) && rows.was_accepted(&key[0]) {
                rows.after(&key[0], After::InUseAndRefused);
            }
            // Nothing can be sent with it any more.
            rows.stop(|| job.words(Stop::Left));
            match before {
                Some(Ok(mut list)) => {
                    list.retain(|token| token.key != key[0]);
                    Some(Ok(list))
                }
                _ => Some(Err(why)),
            }
        }
        (now, _) => Some(now),
    }
}

/// Reads the list, tries out what is gone from it, and looks again for a while at what is still listed or still taken.
/// The person can leave the waiting.
async fn confirm<C: Connector>(
    job: &Job<'_, C>,
    rows: &mut Rows<'_>,
    proof: &Proof<'_, C::Registry>,
    (keys, looks): (&[TokenKey], &[Duration]),
    seen: Option<Listed>,
) -> Result<Vec<Token>, Failure> {
    let mut list = match seen {
        Some(list) => Ok(list),
        None => fresh(job).await,
    };
    let of = u32::try_from(looks.len()).unwrap_or(u32::MAX) + 1;
    let mut looks = (2..).zip(looks.iter().copied());
    loop {
        if let Ok(list) = &list {
            rows.settle(keys, list);
        }
        // At the end of the program nothing more is tried out.
        let asked = if job.desk.closing() {
            None
        } else {
            proof.after(rows, keys).await
        };
        rows.keep_all().await;
        let listed = rows.count(keys, |state| matches!(state, RowState::StillListed));
        let known: Vec<_> = keys.iter().filter(|key| proof.knows(key)).collect();
        let taken = rows.count(known, |state| {
            matches!(state, RowState::StillAccepted { .. })
        });
        if listed + taken == 0 || job.desk.left() {
            break;
        }
        let Some((attempt, wait)) = looks.next() else {
            break;
        };
        let wait = wait.max(asked.unwrap_or_default());
        if wait > LONGEST {
            break;
        }
        let why = lingering(&job.host(), listed, taken);
        job.desk.pause_here(attempt, of, wait, why).await;
        if job.desk.left() {
            break;
        }
        if listed > 0 {
            match fresh(job).await {
                // What it told before is true still; that it tells no more is no news of a row.
                Err(why) if why.kind != FailureKind::SignedOut => break,
                again => list = again,
            }
        }
        if list.is_err() {
            break;
        }
    }
    list.and_then(whole)
}

fn lingering(host: &Text, listed: usize, taken: usize) -> Text {
    let tokens = |n: usize| match n {
        1 => "1 revoked token".to_owned(),
        n => format!("{n} revoked tokens"),
    };
    Text::new(&match (listed, taken) {
        (listed, 0) => format!("{host} still lists {}.", tokens(listed)),
        (0, taken) => format!("{host} still accepts {}.", tokens(taken)),
        (listed, taken) => format!("{host} still lists {} and accepts {taken}.", tokens(listed)),
    })
}

/// Whose tokens these are, as far as the registry has told.
fn known_owner<C: Connector>(job: &Job<'_, C>) -> Option<Owner> {
    Some(Owner {
        registry: job.host(),
        account: job.account.get()?.clone(),
    })
}

/// Whose tokens these are. Asks the registry where it has not told yet.
async fn owner<C: Connector>(job: &Job<'_, C>) -> Result<Owner, Failure> {
    if job.account.get().is_none()
        && let Taken::By(name) = taken(job.registry).await
    {
        job.house.know(job.registry, &name).await;
        job.account.get_or_init(|| name);
    }
    known_owner(job).ok_or_else(|| unknown_owner(&job.host()))
}

fn unknown_owner(host: &Text) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("{host} has not told whose tokens these are."),
        "",
    )
}

/// Whose tokens these are, if that can be found out.
pub(super) async fn account<C: Connector>(job: &Job<'_, C>) -> Option<Text> {
    owner(job).await.ok().map(|owner| owner.account)
}

/// The list as it is now, or why it could not be read.
async fn fresh<C: Connector>(job: &Job<'_, C>) -> Result<Listed, Failure> {
    if job.desk.closing() {
        return Err(job.words(Stop::Left));
    }
    job.desk.step(Step::Doing("Reading the list again"));
    list(job, LIST).await.map_err(|stop| job.words(stop))
}

/// The list, if what is not in it is not there.
fn whole(list: Listed) -> Result<Vec<Token>, Failure> {
    if list.moved {
        return Err(Failure::new(
            FailureKind::Refused,
            "The list of tokens changed each time while it was read, so a token that it lacks may be there all the same.",
            "Press r to read it again.",
        ));
    }
    Ok(list.tokens)
}

fn kept_back(sure: bool) -> Failure {
    let what = if sure {
        "It is the token in use here"
    } else {
        "It looks like the token in use here"
    };
    Failure::new(
        FailureKind::Cancelled,
        format!("{what}, and it was kept because not all others are gone."),
        "Revoke the others first, then this one.",
    )
}

fn unreadable() -> Failure {
    Failure::new(
        FailureKind::Local,
        "What was noted of that revocation cannot be read.",
        "Look at the list, and revoke what is left in it.",
    )
}

fn of_another(of: &Owner, now: &Owner) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!(
            "That revocation is of {} at {}; signed in is {} at {}.",
            of.account, of.registry, now.account, now.registry
        ),
        "Sign in there, and go on with it then.",
    )
}
