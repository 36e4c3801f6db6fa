//! The list of tokens, page by page.

use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::batch::Batch;
use crate::backend::desk::Desk;
use crate::backend::drive::{Errand, Flow, drive};
use crate::backend::finder::Finder;
use crate::backend::house::{Connector, blocking};
use crate::backend::pass::Stop;
use crate::backend::protocol::Outcome;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::token::{Token, TokenKey};
use crate::registry::{Call, Error, PageAt, Registry, TokenPage};

use super::Job;

/// The most pages that are read (promise P21): ten times the rows that any registry is known to hold.
const MOST_PAGES: u64 = 2_000;
/// What a list is read for when nobody wants more than to see it.
pub(super) const LIST: &str = "list the tokens";
/// How often a list is read again because it changed while it was being read.
const READ_AGAIN: u32 = 1;

pub(super) async fn tokens<C: Connector>(job: &Job<'_, C>) -> Result<Outcome, Stop> {
    let out = Outgoing::new(job.desk, job.registry);
    let mut reading = Reading::new(Sink::Events(&out));
    let host = job.host();
    let looking = async { out.found(Finder::look(job.house, &host).await) };
    let (read, ()) = tokio::join!(read(job, &mut reading, LIST), looking);
    read?;
    let listed = Outcome::Tokens {
        pages: reading.pages,
        moved: reading.moved,
    };
    let (moved, round) = (reading.moved, reading.round);
    if let Some(finder) = out.into_finder().filter(|_| !moved) {
        tidy(job, finder, round).await;
    }
    Ok(listed)
}

/// A list that was read to its end.
pub(super) struct Listed {
    /// In order, with what is known of each on this machine.
    pub(super) tokens: Vec<Token>,
    /// It changed while it was read, each time: a row that is not in it may be there all the same.
    pub(super) moved: bool,
}

/// The whole list, read for what the person asked for, as in "make a token".
pub(super) async fn list<C: Connector>(job: &Job<'_, C>, purpose: &str) -> Result<Listed, Stop> {
    let mut reading = Reading::new(Sink::Keep(BTreeMap::new()));
    let host = job.host();
    let looking = Finder::look(job.house, &host);
    let (read, mut finder) = tokio::join!(read(job, &mut reading, purpose), looking);
    read?;
    let mut tokens: Vec<Token> = match reading.sink {
        Sink::Keep(pages) => pages.into_values().flatten().collect(),
        Sink::Events(_) => Vec::new(),
    };
    finder.annotate(job.registry, &mut tokens);
    if !reading.moved {
        tidy(job, finder, reading.round).await;
    }
    Ok(Listed {
        tokens,
        moved: reading.moved,
    })
}

/// This account's list is whole: notes of tokens that are long gone are forgotten.
async fn tidy<C: Connector>(job: &Job<'_, C>, finder: Finder, listed: HashSet<TokenKey>) {
    let (Some(account), Some(mut notes)) = (job.account.get().cloned(), finder.into_notes()) else {
        return;
    };
    let (registry, now) = (job.host(), job.house.deps.clock.now());
    let done = blocking(move || {
        let is_listed = |key: &str| listed.contains(&TokenKey::new(key));
        notes.listed((&registry, &account), is_listed, now)
    });
    if let Err(failure) = done.await.and_then(|done| done) {
        tracing::warn!(%failure, "notes of tokens that are gone stay for now");
    }
}

/// Reads all pages. When the list changed meanwhile a row can have slipped from one page to another unseen:
/// then it is read again, and what is new is added.
async fn read<C: Connector>(
    job: &Job<'_, C>,
    reading: &mut Reading<'_>,
    purpose: &str,
) -> Result<(), Stop> {
    for round in 0..=READ_AGAIN {
        reading.begin();
        let mut pass = job.reading(purpose);
        let rest = drive(
            reading,
            job.desk,
            job.registry,
            &job.house.used,
            (&mut Batch::default(), &mut pass),
            vec![(0, PageAt::First)],
        )
        .await;
        if let Some(stop) = reading.stop.take() {
            return Err(stop);
        }
        if !rest.is_empty() {
            return Err(Stop::Left);
        }
        if !reading.moved || round == READ_AGAIN {
            break;
        }
    }
    Ok(())
}

/// Where rows go.
enum Sink<'a> {
    Events(&'a (dyn Pages + Sync)),
    Keep(BTreeMap<u64, Vec<Token>>),
}

/// Takes pages as they come.
trait Pages {
    fn page(&self, index: u64, rows: Vec<Token>, total: Option<u64>);
}

/// The way of rows to the screen. They wait until this machine was looked through, which as a rule is before the first
/// of them comes.
struct Outgoing<'a, R> {
    desk: &'a Desk,
    registry: &'a R,
    state: Mutex<Going>,
}

#[derive(Default)]
struct Going {
    finder: Option<Finder>,
    waiting: Vec<(u64, Vec<Token>, Option<u64>)>,
}

impl<'a, R: Registry> Outgoing<'a, R> {
    fn new(desk: &'a Desk, registry: &'a R) -> Self {
        Self {
            desk,
            registry,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, Going> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This machine was looked through.
    fn found(&self, finder: Finder) {
        self.state().finder = Some(finder);
        self.go();
    }

    fn go(&self) {
        let Going { finder, waiting } = &mut *self.state();
        let Some(finder) = finder else { return };
        for (index, mut rows, total) in waiting.drain(..) {
            finder.annotate(self.registry, &mut rows);
            self.desk.page(index, rows, total);
        }
    }

    fn into_finder(self) -> Option<Finder> {
        let state = self.state.into_inner();
        state.unwrap_or_else(PoisonError::into_inner).finder
    }
}

impl<R: Registry> Pages for Outgoing<'_, R> {
    fn page(&self, index: u64, rows: Vec<Token>, total: Option<u64>) {
        self.state().waiting.push((index, rows, total));
        self.go();
    }
}

struct Reading<'a> {
    sink: Sink<'a>,
    seen: HashSet<TokenKey>,
    /// What this round has seen; a row that comes twice in it has moved.
    round: HashSet<TokenKey>,
    links: HashSet<String>,
    total: Option<u64>,
    last: u64,
    pages: u64,
    moved: bool,
    stop: Option<Stop>,
}

impl<'a> Reading<'a> {
    fn new(sink: Sink<'a>) -> Self {
        Self {
            sink,
            seen: HashSet::new(),
            round: HashSet::new(),
            links: HashSet::new(),
            total: None,
            last: 0,
            pages: 0,
            moved: false,
            stop: None,
        }
    }

    fn begin(&mut self) {
        if let Sink::Keep(pages) = &mut self.sink {
            pages.clear();
            self.seen.clear();
        }
        self.round.clear();
        self.links.clear();
        self.total = None;
        self.last = 0;
        self.pages = 0;
        self.moved = false;
    }

    fn take(&mut self, index: u64, page: TokenPage) -> Result<Vec<(u64, PageAt)>, Stop> {
        let mut rows = page.rows;
        self.pages += 1;
        if page.total.is_some() {
            self.moved |= self.total.is_some() && self.total != page.total;
            self.total = page.total;
        }
        for row in &rows {
            self.moved |= !self.round.insert(row.key.clone());
        }
        rows.retain(|row| self.seen.insert(row.key.clone()));
        match &mut self.sink {
            Sink::Events(out) => out.page(index, rows, page.total),
            Sink::Keep(pages) => {
                pages.insert(index, rows);
            }
        }
        self.after(index, page.next, page.last)
    }

    /// The pages that are now known to follow.
    fn after(
        &mut self,
        index: u64,
        next: Option<PageAt>,
        last: Option<u64>,
    ) -> Result<Vec<(u64, PageAt)>, Stop> {
        if let Some(last) = last {
            if last >= MOST_PAGES {
                return Err(too_long().into());
            }
            let from = self.last.max(index) + 1;
            if last < from {
                return Ok(Vec::new());
            }
            self.last = last;
            return Ok((from..=last).map(|n| (n, PageAt::Number(n))).collect());
        }
        let Some(next) = next else {
            return Ok(Vec::new());
        };
        let index = index + 1;
        // The pages are numbered, and this one was asked for already.
        if index <= self.last {
            return Ok(Vec::new());
        }
        if index >= MOST_PAGES {
            return Err(too_long().into());
        }
        if let PageAt::Link(link) = &next
            && !self.links.insert(link.clone())
        {
            return Err(Failure::new(
                FailureKind::Refused,
                "The registry's list of tokens goes in a circle: a page points back to an earlier one.",
                "Try again, or look at the tokens on the registry's website.",
            )
            .into());
        }
        self.last = index;
        Ok(vec![(index, next)])
    }
}

fn too_long() -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("The registry's list of tokens has more than {MOST_PAGES} pages."),
        "Nothing was cut silently: look at the tokens on the registry's website.",
    )
}

impl Errand for Reading<'_> {
    type Item = (u64, PageAt);
    type Done = TokenPage;
    const WRITE: bool = false;

    fn send<R: Registry>(
        registry: &R,
        call: Call<'_>,
        (_, at): &Self::Item,
    ) -> impl Future<Output = Result<TokenPage, Error>> + Send {
        registry.tokens(call, at)
    }

    fn proves(_: &TokenPage) -> bool {
        true
    }

    fn sent(&mut self, _: &Self::Item) {}

    fn back(&mut self, _: &Self::Item) {}

    fn ended(
        &mut self,
        (index, _): Self::Item,
        result: Result<TokenPage, Error>,
    ) -> Flow<Self::Item> {
        let taken = match result {
            Ok(page) => self.take(index, page),
            Err(error) => Err(error.into()),
        };
        match taken {
            Ok(more) => Flow::Go(more),
            Err(stop) => {
                self.stop.get_or_insert(stop);
                Flow::Stop
            }
        }
    }
}
