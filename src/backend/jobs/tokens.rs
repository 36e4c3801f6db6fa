//! The list of tokens, page by page.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::backend::batch::Batch;
use crate::backend::desk::Desk;
use crate::backend::drive::{Errand, Flow, drive};
use crate::backend::finder::Finder;
use crate::backend::house::{Connector, blocking};
use crate::backend::pass::Stop;
use crate::backend::protocol::Outcome;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::token::Token;
use crate::registry::{Call, Error, PageAt, Registry, TokenPage};

use super::Job;

/// The most pages that are read (promise P21): ten times the rows that any registry is known to hold.
const MOST_PAGES: u64 = 2_000;
/// What a list is read for when nobody wants more than to see it.
pub(super) const LIST: &str = "list the tokens";
/// How many pages may be under way to the screen, from being asked for to being taken: one that draws slowly, or a terminal
/// that takes nothing for a while, does not make them pile up here.
const UNDER_WAY: usize = 10;
/// How often a list is read again because it changed while it was being read.
const READ_AGAIN: u32 = 1;
/// The same, where the registry does not say how many tokens there are: two readings that agree stand in for that.
const READ_TO_AGREE: u32 = 2;

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
async fn tidy<C: Connector>(job: &Job<'_, C>, finder: Finder, listed: HashSet<Mark>) {
    let (Some(account), Some(mut notes)) = (job.account.get().cloned(), finder.into_notes()) else {
        return;
    };
    let (registry, now) = (job.host(), job.house.deps.clock.now());
    let done = blocking(move || {
        let is_listed = |key: &str| listed.contains(&mark(key));
        notes.listed((&registry, &account), is_listed, now)
    });
    if let Err(failure) = done.await.and_then(|done| done) {
        tracing::warn!(%failure, "notes of tokens that are gone stay for now");
    }
}

/// Reads all pages. When the list changed meanwhile, or nothing tells whether it did, a row can have slipped from one page
/// to another unseen: then it is read again, and what is new is added.
async fn read<C: Connector>(
    job: &Job<'_, C>,
    reading: &mut Reading<'_>,
    purpose: &str,
) -> Result<(), Stop> {
    for round in 0.. {
        reading.begin();
        let mut pass = job.reading(purpose);
        let rest = drive(
            reading,
            job.desk,
            job.registry,
            &job.house.used,
            (&mut Batch::default(), &mut pass),
            vec![reading.wish(0, PageAt::First)],
        )
        .await;
        if let Some(stop) = reading.stop.take() {
            return Err(stop);
        }
        if !rest.is_empty() {
            return Err(Stop::Left);
        }
        let most = reading.over();
        if !reading.moved || round >= most {
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
    fn page(&self, page: Page);
}

/// The rows of a page, on their way to the screen.
struct Page {
    index: u64,
    rows: Vec<Token>,
    total: Option<u64>,
    room: OwnedSemaphorePermit,
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
    waiting: Vec<Page>,
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
        for mut page in waiting.drain(..) {
            finder.annotate(self.registry, &mut page.rows);
            self.desk.page(page.index, page.rows, page.total, page.room);
        }
    }

    fn into_finder(self) -> Option<Finder> {
        let state = self.state.into_inner();
        state.unwrap_or_else(PoisonError::into_inner).finder
    }
}

impl<R: Registry> Pages for Outgoing<'_, R> {
    fn page(&self, page: Page) {
        self.state().waiting.push(page);
        self.go();
    }
}

/// What tells one key from another: its digest, half of which does. Keys themselves would be held twice where a list is
/// read again.
type Mark = [u8; 16];

fn mark(key: &str) -> Mark {
    let mut mark = Mark::default();
    mark.copy_from_slice(&Sha256::digest(key)[..size_of::<Mark>()]);
    mark
}

/// A page to be asked for.
struct Wish {
    index: u64,
    at: PageAt,
    room: Arc<Semaphore>,
}

struct Reading<'a> {
    sink: Sink<'a>,
    room: Arc<Semaphore>,
    /// What this round has seen; a row that comes twice in it has moved.
    round: HashSet<Mark>,
    /// What the round before it has seen.
    before: Option<HashSet<Mark>>,
    /// What went out already, in the rounds before it.
    out: HashSet<Mark>,
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
            room: Arc::new(Semaphore::new(UNDER_WAY)),
            round: HashSet::new(),
            before: None,
            out: HashSet::new(),
            links: HashSet::new(),
            total: None,
            last: 0,
            pages: 0,
            moved: false,
            stop: None,
        }
    }

    fn begin(&mut self) {
        let seen = std::mem::take(&mut self.round);
        match &mut self.sink {
            Sink::Events(_) => self.out.extend(&seen),
            Sink::Keep(pages) => pages.clear(),
        }
        if self.pages > 0 {
            self.before = Some(seen);
        }
        self.links.clear();
        self.total = None;
        self.last = 0;
        self.pages = 0;
        self.moved = false;
    }

    /// A round is over: whether it was whole. Gives how often it may be read again.
    fn over(&mut self) -> u32 {
        let rows = self.round.len() as u64;
        match self.total {
            Some(total) if rows < total => self.moved = true,
            Some(total) if rows == total => {}
            // More than there are to be, or nobody says how many: one page is read at once, several are not.
            _ if self.pages <= 1 => {}
            _ => {
                self.moved |= self.before.as_ref() != Some(&self.round);
                return READ_TO_AGREE;
            }
        }
        READ_AGAIN
    }

    fn wish(&self, index: u64, at: PageAt) -> Wish {
        let room = Arc::clone(&self.room);
        Wish { index, at, room }
    }

    fn take(
        &mut self,
        index: u64,
        (page, room): (TokenPage, OwnedSemaphorePermit),
    ) -> Result<Vec<Wish>, Stop> {
        let mut rows = page.rows;
        self.pages += 1;
        if page.total.is_some() {
            self.moved |= self.total.is_some() && self.total != page.total;
            self.total = page.total;
        }
        rows.retain(|row| {
            let mark = mark(&row.key.raw());
            let first = self.round.insert(mark);
            self.moved |= !first;
            first && !self.out.contains(&mark)
        });
        match &mut self.sink {
            Sink::Events(out) => out.page(Page {
                index,
                rows,
                total: page.total,
                room,
            }),
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
    ) -> Result<Vec<Wish>, Stop> {
        if let Some(last) = last {
            if last >= MOST_PAGES {
                return Err(too_long().into());
            }
            let from = self.last.max(index) + 1;
            if last < from {
                return Ok(Vec::new());
            }
            self.last = last;
            let numbered = |n| self.wish(n, PageAt::Number(n));
            return Ok((from..=last).map(numbered).collect());
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
        Ok(vec![self.wish(index, next)])
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
    type Item = Wish;
    type Done = (TokenPage, OwnedSemaphorePermit);
    const WRITE: bool = false;

    async fn send<R: Registry>(
        registry: &R,
        call: Call<'_>,
        wish: &Wish,
    ) -> Result<Self::Done, Error> {
        let room = Arc::clone(&wish.room).acquire_owned().await;
        let room = room.expect("nobody closes it");
        Ok((registry.tokens(call, &wish.at).await?, room))
    }

    fn proves(_: &Self::Done) -> bool {
        true
    }

    fn sent(&mut self, _: &Self::Item) {}

    fn back(&mut self, _: &Self::Item) {}

    fn ended(&mut self, wish: Wish, result: Result<Self::Done, Error>) -> Flow<Wish> {
        let taken = match result {
            Ok(page) => self.take(wish.index, page),
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
