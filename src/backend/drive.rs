//! Many requests of one kind, as many at once as [`Batch`] allows.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use crate::backend::batch::{Batch, Next, Ticket, Verdict};
use crate::backend::desk::{Desk, Left};
use crate::backend::pass::{Code, Pass, Used, Why, WhyNot, serves_once};
use crate::registry::{Call, Error, Registry};

/// How often a batch waits by itself before a request counts as refused.
const PAUSES: u32 = 5;
/// The longest wait that a batch takes upon itself.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// One kind of request.
pub(super) trait Errand: Send {
    /// What one request is about.
    type Item: Send + Sync;
    /// What a good answer holds.
    type Done: Send;
    /// Whether it changes something. Such a request has to be safe to repeat after "too many requests".
    const WRITE: bool;

    /// Sends one.
    fn send<R: Registry>(
        registry: &R,
        call: Call<'_>,
        item: &Self::Item,
    ) -> impl Future<Output = Result<Self::Done, Error>> + Send;

    /// Whether the answer shows that the registry looked at the code.
    fn proves(done: &Self::Done) -> bool;

    /// It is going out.
    fn sent(&mut self, item: &Self::Item);

    /// It came back without a result and waits to be sent again.
    fn back(&mut self, item: &Self::Item);

    /// It has ended.
    fn ended(&mut self, item: Self::Item, result: Result<Self::Done, Error>) -> Flow<Self::Item>;
}

/// How a batch goes on after an answer.
pub(super) enum Flow<I> {
    /// With these in addition.
    Go(Vec<I>),
    /// Nothing more is sent.
    Stop,
}

struct Reply<E: Errand> {
    /// Its place in the order asked for.
    place: u64,
    item: E::Item,
    ticket: Ticket,
    code: Option<Code>,
    result: Result<E::Done, Error>,
}

enum Pause {
    Ask(Why),
    Sleep(Duration, crate::domain::text::Text),
}

/// Sends all of them. Returns the ones that were not sent, because the person left or an answer stopped it.
pub(super) async fn drive<E: Errand, R: Registry>(
    errand: &mut E,
    desk: &Arc<Desk>,
    registry: &R,
    used: &Used,
    pass: &mut Pass<'_, R>,
    items: Vec<E::Item>,
) -> Vec<E::Item> {
    let mut run = Run {
        errand,
        desk,
        used,
        batch: Batch::default(),
        queue: VecDeque::new(),
        added: 0,
        stopped: false,
        pauses: 0,
    };
    run.add(items);
    let mut flying = FuturesUnordered::new();
    let mut pause = None;
    loop {
        // A job that was left after a write reads on, to say what is true.
        run.stopped |= E::WRITE && desk.left();
        while pause.is_none() && !run.stopped && !run.queue.is_empty() {
            match run.batch.next() {
                Next::Hold => break,
                Next::Ask => {
                    pause = Some(Pause::Ask(Why::NextCode));
                    break;
                }
                Next::Send => {
                    if let Some((place, item)) = run.queue.pop_front() {
                        run.errand.sent(&item);
                        let ticket = run.batch.sent();
                        let code = pass.code().map(Arc::clone);
                        flying.push(one::<E, R>(desk, registry, place, item, ticket, code));
                    }
                }
            }
        }
        if pause.is_none() {
            match flying.next().await {
                None => break,
                Some(reply) => {
                    pause = run.take(reply, pass);
                    // A refusal may have arrived together with it: nothing goes before all is looked at.
                    while let Some(Some(reply)) = flying.next().now_or_never() {
                        pause = run.take(reply, pass).or(pause);
                    }
                }
            }
        }
        match pause.take() {
            None => {}
            Some(_) if run.stopped => {}
            Some(Pause::Sleep(wait, words)) => {
                run.pauses += 1;
                let mut slept = pin!(desk.pause(run.pauses + 1, PAUSES + 1, wait, words));
                loop {
                    tokio::select! {
                        () = &mut slept => break,
                        Some(reply) = flying.next() => pause = run.take(reply, pass).or(pause),
                    }
                }
            }
            Some(Pause::Ask(why)) => {
                let answered = {
                    let mut asked = pin!(pass.obtain(why));
                    loop {
                        tokio::select! {
                            biased;
                            code = &mut asked => break code,
                            Some(reply) = flying.next() => {
                                // Whatever it is, the question is open already.
                                run.take_quietly(reply);
                                if run.stopped {
                                    desk.withdraw();
                                    break Err(Left);
                                }
                            }
                        }
                    }
                };
                match answered {
                    Ok(code) => run.batch.answered(serves_once(&code)),
                    Err(Left) => run.stopped = true,
                }
            }
        }
    }
    run.queue.into_iter().map(|(_, item)| item).collect()
}

async fn one<E: Errand, R: Registry>(
    desk: &Arc<Desk>,
    registry: &R,
    place: u64,
    item: E::Item,
    ticket: Ticket,
    code: Option<Code>,
) -> Reply<E> {
    let writing = E::WRITE.then(|| desk.writing());
    let call = Call {
        otp: code.as_deref(),
        retrying: desk.retrying(),
    };
    let result = E::send(registry, call, &item).await;
    if E::WRITE {
        match &result {
            Ok(_) => desk.hold(),
            Err(error) if error.outcome_unknown() => desk.hold(),
            Err(_) => {}
        }
    }
    drop(writing);
    Reply {
        place,
        item,
        ticket,
        code,
        result,
    }
}

struct Run<'a, E: Errand> {
    errand: &'a mut E,
    desk: &'a Desk,
    used: &'a Used,
    batch: Batch,
    queue: VecDeque<(u64, E::Item)>,
    added: u64,
    stopped: bool,
    pauses: u32,
}

impl<E: Errand> Run<'_, E> {
    fn add(&mut self, items: Vec<E::Item>) {
        for item in items {
            self.queue.push_back((self.added, item));
            self.added += 1;
        }
    }

    /// To be sent again, in its place of the order.
    fn back(&mut self, place: u64, item: E::Item) {
        self.errand.back(&item);
        let at = self.queue.partition_point(|(other, _)| *other < place);
        self.queue.insert(at, (place, item));
    }

    /// Takes an answer; says what has to happen before anything more is sent.
    fn take<R: Registry>(&mut self, reply: Reply<E>, pass: &mut Pass<'_, R>) -> Option<Pause> {
        if let Ok(done) = &reply.result
            && E::proves(done)
        {
            pass.accepted();
        }
        self.take_quietly(reply)
    }

    fn take_quietly(&mut self, reply: Reply<E>) -> Option<Pause> {
        let Reply {
            place,
            item,
            ticket,
            code,
            result,
        } = reply;
        match result {
            Err(Error::Challenge(challenged)) if self.desk.may_ask() => {
                let verdict = self.batch.challenged(ticket);
                self.back(place, item);
                if verdict == Verdict::Ask {
                    return Some(Pause::Ask(Why::Challenged(challenged)));
                }
                if let Some(code) = code {
                    self.used.add(code, WhyNot::Refused);
                }
                None
            }
            Err(Error::Wait { for_, words })
                if E::WRITE
                    && self.pauses < PAUSES
                    && self.desk.may_ask()
                    && (code.is_some() || for_.is_none_or(|wait| wait <= LONGEST_PAUSE)) =>
            {
                let verdict = self.batch.asked_to_wait(ticket);
                self.back(place, item);
                match verdict {
                    Verdict::Ask => Some(Pause::Ask(Why::Wait { for_, words })),
                    Verdict::Slow => {
                        let wait = for_.unwrap_or(Duration::from_secs(1 << self.pauses));
                        Some(Pause::Sleep(wait, words))
                    }
                    Verdict::Again => None,
                }
            }
            result => {
                match &result {
                    Ok(done) if E::proves(done) => self.batch.accepted(ticket),
                    _ => self.batch.ended(ticket),
                }
                match self.errand.ended(item, result) {
                    Flow::Go(more) => self.add(more),
                    Flow::Stop => self.stopped = true,
                }
                None
            }
        }
    }
}
