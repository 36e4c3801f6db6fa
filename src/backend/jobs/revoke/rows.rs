//! The rows of a revocation while it runs: each step of one is told, and noted down before it is gone on from.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::future::Future;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::Instant;

use super::row::{After, Before, Facts, Said};
use crate::backend::batch::Batch;
use crate::backend::clock::Clock;
use crate::backend::desk::{Desk, Writing};
use crate::backend::drive::{Errand, Flow, drive};
use crate::backend::house::Connector;
use crate::backend::pass::Pass;
use crate::backend::protocol::{RowState, Step};
use crate::domain::failure::Failure;
use crate::domain::identity::Identity;
use crate::domain::remains::is_gone;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::registry::{Call, Error, Registry, Revoked, Sent};

use super::super::Job;
use super::super::tokens::Listed;

/// Where it is noted down how far the rows have come.
pub(in crate::backend::jobs) trait Notes: Send {
    /// What the registry made of a value before the first request, in a word.
    fn before(&mut self, at: Timestamp, key: &TokenKey, word: &'static str);

    /// How a row stands now.
    fn state(&mut self, at: Timestamp, key: &TokenKey, state: &RowState);

    /// Something may have been revoked.
    fn touched(&mut self);

    /// What was noted is on the disk when this is over, or that it is not was said.
    fn keep(&mut self) -> BoxFuture<'_, ()>;
}

/// A row that something else knows already.
pub(in crate::backend::jobs) struct Known {
    pub(in crate::backend::jobs) key: TokenKey,
    pub(in crate::backend::jobs) facts: Facts,
    /// How it stands, as was told.
    pub(in crate::backend::jobs) told: RowState,
}

/// All rows.
pub(super) struct Rows<'a> {
    desk: &'a Desk,
    clock: &'a dyn Clock,
    host: Text,
    /// What requests carry, which another sign-in may change on the way.
    identity: Box<dyn Fn() -> Identity + Send + Sync + 'a>,
    order: Vec<TokenKey>,
    of: HashMap<TokenKey, Row>,
    /// What is known of the code, from one sending to the next.
    batch: Batch,
    /// When requests came back last.
    sent_at: Option<Instant>,
    /// Why nothing more is sent.
    stop: Option<Failure>,
    notes: &'a mut (dyn Notes + 'a),
    /// To be noted, and then told.
    untold: Vec<News>,
    /// Since something was touched: the end of the program waits until it is noted down and told.
    writing: Option<Writing>,
}

/// How a row stands since.
struct News {
    key: TokenKey,
    state: RowState,
    at: Timestamp,
    /// It is noted as well as told.
    noted: bool,
    /// It was called gone, and another thing is known of it since: neither noted nor told.
    disproved: bool,
}

struct Row {
    facts: Facts,
    /// What was told last.
    told: RowState,
    /// Where that stands among what is to be told.
    news: Option<usize>,
}

impl<'a> Rows<'a> {
    /// These, each once; tells how they stand.
    pub(super) fn new<C: Connector>(
        job: &Job<'a, C>,
        notes: &'a mut (dyn Notes + 'a),
        tokens: impl IntoIterator<Item = (TokenKey, Facts)>,
    ) -> Self {
        let host = job.host();
        let mut told = HashSet::new();
        let known = tokens.into_iter().map(|(key, facts)| {
            let state = facts.state(&host);
            if told.insert(key.clone()) {
                job.desk.step(Step::Row {
                    token: key.clone(),
                    state: state.clone(),
                });
            }
            Known {
                key,
                facts,
                told: state,
            }
        });
        Self::known(job, notes, known)
    }

    /// These, each once, of which it was told how they stand.
    pub(super) fn known<C: Connector>(
        job: &Job<'a, C>,
        notes: &'a mut (dyn Notes + 'a),
        rows: impl IntoIterator<Item = Known>,
    ) -> Self {
        let (host, registry) = (job.host(), job.registry);
        let (mut order, mut of) = (Vec::new(), HashMap::new());
        for Known { key, facts, told } in rows {
            if let Entry::Vacant(place) = of.entry(key.clone()) {
                order.push(key);
                place.insert(Row {
                    facts,
                    told,
                    news: None,
                });
            }
        }
        Self {
            desk: job.desk,
            clock: &*job.house.deps.clock,
            host,
            identity: Box::new(|| registry.identity()),
            order,
            of,
            batch: Batch::default(),
            sent_at: None,
            stop: None,
            notes,
            untold: Vec::new(),
            writing: None,
        }
    }

    pub(super) fn order(&self) -> &[TokenKey] {
        &self.order
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn facts(&self, key: &TokenKey) -> Option<&Facts> {
        self.of.get(key).map(|row| &row.facts)
    }

    /// Something is known of a row: what follows is noted, and then told.
    fn learn(&mut self, key: &TokenKey, learn: impl FnOnce(&mut Facts)) {
        let at = self.clock.now();
        let Some(row) = self.of.get_mut(key) else {
            return;
        };
        learn(&mut row.facts);
        let state = row.facts.state(&self.host);
        if state == row.told {
            return;
        }
        row.told = state.clone();
        // That no answer came is no end: until a list tells, it stays noted as sent.
        let open = matches!(row.facts.said, Said::Unknown(..)) && row.facts.listed.is_none();
        // What a list alone calls gone is told when the trial has not said otherwise (promise P31).
        if let Some(earlier) = row.news.and_then(|at| self.untold.get_mut(at)) {
            earlier.disproved = is_gone(&earlier.state);
        }
        row.news = Some(self.untold.len());
        self.untold.push(News {
            key: key.clone(),
            state,
            at,
            noted: !open,
            disproved: false,
        });
    }

    /// Whether any row may have been revoked.
    pub(super) fn touched(&self) -> bool {
        self.of.values().any(|row| row.facts.touched())
    }

    pub(super) fn worked(&self, key: &TokenKey) -> bool {
        self.facts(key)
            .is_some_and(|facts| facts.before == Before::Worked)
    }

    pub(super) fn before(&mut self, key: &TokenKey, before: Before) {
        let at = self.clock.now();
        self.learn(key, |facts| facts.before = before);
        if let Some(word) = before.word() {
            self.notes.before(at, key, word);
        }
    }

    pub(super) fn is_to_be_tried_out(&self, key: &TokenKey) -> bool {
        self.facts(key).is_some_and(Facts::to_be_tried_out)
    }

    pub(super) fn after(&mut self, key: &TokenKey, after: After) {
        self.learn(key, |facts| facts.after = after);
    }

    /// It was never sent, and is not sent now.
    pub(super) fn pass_over(&mut self, key: &TokenKey) {
        self.learn(key, |facts| {
            if matches!(facts.said, Said::Waiting | Said::Failed(_)) {
                facts.said = Said::NotTried;
            }
        });
    }

    /// It goes out anew: what was said of it is of the past.
    pub(super) fn again(&mut self, key: &TokenKey) {
        self.learn(key, |facts| {
            facts.said = Said::Waiting;
            facts.listed = None;
            // That it was accepted is disproved by a refusal alone.
            if !matches!(facts.after, After::Taken(_)) {
                facts.after = After::NotKnown;
            }
        });
    }

    /// It is not sent, for this reason.
    pub(super) fn hold_back(&mut self, key: &TokenKey, why: Failure) {
        self.learn(key, |facts| facts.said = Said::Failed(why));
    }

    /// Why nothing more is sent.
    pub(super) const fn stopped(&self) -> bool {
        self.stop.is_some()
    }

    pub(super) fn stop(&mut self, why: impl FnOnce() -> Failure) {
        self.stop.get_or_insert_with(why);
    }

    /// Whether the registry said that it revoked this one, or may have done it.
    pub(super) fn may_be_done(&self, key: &TokenKey) -> bool {
        let said = self.facts(key).map(|facts| &facts.said);
        matches!(said, Some(Said::Done(_) | Said::Unknown(..)))
    }

    /// Whether this one, as what requests carry, was taken before: by a trial, or by the answer to its own request.
    pub(super) fn was_accepted(&self, key: &TokenKey) -> bool {
        self.worked(key) || self.done_at(key).is_some()
    }

    /// When the registry said that it revoked this one.
    pub(super) fn done_at(&self, key: &TokenKey) -> Option<Timestamp> {
        match self.facts(key)?.said {
            Said::Done(at) => Some(at),
            _ => None,
        }
    }

    pub(super) fn is_listed(&self, key: &TokenKey) -> bool {
        let listed = self.facts(key).and_then(|facts| facts.listed);
        listed.is_some_and(|(listed, _)| listed)
    }

    pub(super) fn state(&self, key: &TokenKey) -> Option<&RowState> {
        self.of.get(key).map(|row| &row.told)
    }

    pub(super) fn is_gone(&self, key: &TokenKey) -> bool {
        self.state(key).is_some_and(is_gone)
    }

    /// How many of these are so.
    pub(super) fn count<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k TokenKey>,
        is_so: fn(&RowState) -> bool,
    ) -> usize {
        let states = keys.into_iter().filter_map(|key| self.state(key));
        states.filter(|state| is_so(state)).count()
    }

    /// What was noted is on the disk when this returns, and told.
    pub(super) async fn keep_all(&mut self) {
        let mut news = std::mem::take(&mut self.untold);
        news.retain(|news| !news.disproved);
        for News {
            key,
            state,
            at,
            noted,
            ..
        } in &news
        {
            if let Some(row) = self.of.get_mut(key) {
                row.news = None;
            }
            if *noted {
                self.notes.state(*at, key, state);
            }
        }
        self.notes.keep().await;
        for News { key, state, .. } in news {
            self.desk.step(Step::Row { token: key, state });
        }
    }

    /// Goes on with what is known of the code.
    pub(super) fn goes_on(&mut self, batch: Batch) {
        self.batch = batch;
    }

    /// What was learned of the code, and when requests came back last.
    pub(super) fn code(&mut self) -> (Batch, Option<Instant>) {
        (std::mem::take(&mut self.batch), self.sent_at)
    }

    /// Sends these as the batch rule allows.
    pub(super) async fn send<C: Connector>(
        &mut self,
        job: &Job<'_, C>,
        pass: &mut Pass<'_, C::Registry>,
        keys: Vec<TokenKey>,
    ) {
        let used = &job.house.used;
        let mut batch = std::mem::take(&mut self.batch);
        let together = (&mut batch, pass);
        let rest = drive(self, job.desk, job.registry, used, together, keys).await;
        self.batch = batch;
        self.sent_at = Some(Instant::now());
        // The row that stopped it says why; nothing is known of these.
        for key in rest {
            self.learn(&key, |facts| facts.said = Said::NotTried);
        }
        self.keep_all().await;
    }

    /// What the list tells of these rows, so that their sum equals it.
    pub(super) fn settle(&mut self, keys: &[TokenKey], list: &Listed) {
        self.settle_by(keys, &list.tokens, list.moved);
    }

    /// The same by these tokens, which may lack some where it moved.
    pub(super) fn settle_by(&mut self, keys: &[TokenKey], list: &[Token], moved: bool) {
        let alive: HashSet<&TokenKey> = list.iter().filter_map(alive).collect();
        let at = self.clock.now();
        for key in keys {
            let listed = alive.contains(key);
            // A list that moved proves what it shows, and nothing by what it lacks.
            if listed || !moved {
                self.learn(key, |facts| facts.listed = Some((listed, at)));
            }
        }
    }

    /// What the end of the program waits by, to be held until all is told.
    pub(super) const fn writing(&mut self) -> Option<Writing> {
        self.writing.take()
    }

    /// Every row's end, in the order asked for.
    pub(super) async fn end(mut self) -> Vec<(TokenKey, RowState)> {
        self.keep_all().await;
        let order = std::mem::take(&mut self.order);
        let ends = order.into_iter().filter_map(|key| {
            let row = self.of.remove(&key)?;
            Some((key, row.told))
        });
        ends.collect()
    }
}

/// What a code is for, as in "wants a code to revoke 3 tokens".
pub(super) fn to_revoke(tokens: usize) -> Text {
    match tokens {
        1 => Text::from("revoke 1 token"),
        n => Text::new(&format!("revoke {n} tokens")),
    }
}

/// Some registries go on listing a token that they revoked, and say so in its row.
pub(super) fn alive(token: &Token) -> Option<&TokenKey> {
    token.revoked.is_none().then_some(&token.key)
}

/// True when the rest would end the same way, or is asked not to come now. A wish to wait that comes here is one
/// that is not waited out.
fn stops(error: &Error) -> bool {
    matches!(
        error,
        Error::SignedOut { .. }
            | Error::Challenge(_)
            | Error::Wait { .. }
            | Error::Unsafe { .. }
            | Error::Network { sent: Sent::No, .. }
    )
}

impl Errand for Rows<'_> {
    type Item = TokenKey;
    type Done = Revoked;
    const WRITE: bool = true;

    fn send<R: Registry>(
        registry: &R,
        call: Call<'_>,
        key: &TokenKey,
    ) -> impl Future<Output = Result<Revoked, Error>> + Send {
        registry.revoke(call, key)
    }

    fn proves(done: &Revoked) -> bool {
        // A registry may look for the token before it looks at the code.
        *done == Revoked::Done
    }

    fn sent(&mut self, key: &TokenKey) {
        self.learn(key, |facts| facts.said = Said::Sent);
    }

    fn back(&mut self, key: &TokenKey) {
        self.learn(key, |facts| facts.said = Said::Waiting);
    }

    async fn keep(&mut self) {
        self.keep_all().await;
    }

    fn action(&self) -> Option<Text> {
        let waits = |row: &&Row| matches!(row.facts.said, Said::Waiting | Said::Sent);
        let left = self.of.values().filter(waits).count();
        Some(to_revoke(left))
    }

    fn guard(&mut self, writing: Writing) {
        if self.touched() {
            self.writing = Some(writing);
        }
    }

    fn ended(&mut self, key: TokenKey, result: Result<Revoked, Error>) -> Flow<TokenKey> {
        let at = self.clock.now();
        let said = match result {
            Ok(Revoked::Done) => Said::Done(at),
            Ok(Revoked::AlreadyGone) => Said::AlreadyGone(at),
            Err(error) => {
                let failure = error.failure_at(&(self.identity)());
                if stops(&error) {
                    self.stop(|| failure.clone());
                }
                if error.may_have_acted() {
                    Said::Unknown(failure, at)
                } else {
                    Said::Failed(failure)
                }
            }
        };
        self.learn(&key, |facts| facts.said = said);
        if self.facts(&key).is_some_and(Facts::touched) {
            self.notes.touched();
        }
        if self.stop.is_some() {
            Flow::Stop
        } else {
            Flow::Go(Vec::new())
        }
    }
}
