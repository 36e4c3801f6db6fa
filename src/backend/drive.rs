//! Many requests of one kind, as many at once as [`Batch`] allows.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::Instant;

use crate::backend::again::{Token, same};
use crate::backend::batch::{Batch, Next, Ticket, Verdict};
use crate::backend::desk::{Desk, Left, Writing, after};
use crate::backend::pass::{Pass, Why};
use crate::backend::spent::may_have_served;
use crate::backend::used::{Code, Used, WhyNot};
use crate::domain::otp::Otp;
use crate::domain::text::Text;
use crate::registry::{Call, Error, Registry};

/// How often a batch waits by itself before a request counts as refused.
const PAUSES: u32 = 5;
/// The longest wait that a batch takes upon itself.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// The longest wait that a code which has served lives through: less than half of the time that an authenticator shows one.
const SHORT_PAUSE: Duration = Duration::from_secs(10);

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

    /// What was learned is to be kept: before anything goes out, and before anything is waited for.
    fn keep(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// It has ended.
    fn ended(&mut self, item: Self::Item, result: Result<Self::Done, Error>) -> Flow<Self::Item>;

    /// What is left to be done, where that changes on the way: the end of "the registry wants a code to …".
    fn action(&self) -> Option<Text> {
        None
    }

    /// The guard of a request that has ended: while it is kept, the end of the program waits for what is still to be
    /// noted down and told.
    fn guard(&mut self, _: Writing) {}
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
    /// The token that it carried.
    carried: Token,
    result: Result<E::Done, Error>,
    writing: Option<Writing>,
}

/// Nothing goes before this moment, as the registry asked.
struct Rest {
    until: Instant,
    words: Text,
}

/// Sends all of them. `batch` and `pass` know what earlier requests of the same action taught about the code.
/// Returns the ones that were not sent, because the person left or an answer stopped it.
pub(super) async fn drive<E: Errand, R: Registry>(
    errand: &mut E,
    desk: &Arc<Desk>,
    registry: &R,
    used: &Used,
    (batch, pass): (&mut Batch, &mut Pass<'_, R>),
    items: Vec<E::Item>,
) -> Vec<E::Item> {
    let mut run = Run {
        errand,
        desk,
        used,
        batch,
        asks: pass.asks(),
        signs_in_again: pass.signs_in_again(),
        queue: VecDeque::new(),
        added: 0,
        stopped: false,
        pauses: 0,
        rest: None,
        spent: Vec::new(),
    };
    run.add(items);
    let mut flying = FuturesUnordered::new();
    let mut question = None;
    loop {
        for (code, sure) in run.spent.drain(..) {
            pass.note(&code, sure).await;
        }
        // A job that was left after a write reads on, to say what is true.
        run.stopped |= E::WRITE && desk.left();
        let halted = E::WRITE && desk.halted();
        let may_send = question.is_none() && !run.stopped && !halted && !run.queue.is_empty();
        if may_send && let Some(Rest { until, words }) = run.rest.take() {
            run.pauses += 1;
            let wait = until.saturating_duration_since(Instant::now());
            run.errand.keep().await;
            let mut slept = pin!(desk.pause_here(run.pauses + 1, PAUSES + 1, wait, words));
            loop {
                tokio::select! {
                    () = &mut slept => break,
                    Some(reply) = flying.next() => {
                        question = run.take(reply, registry, pass).or(question);
                    }
                }
            }
            continue;
        }
        let mut wave = Vec::new();
        while question.is_none() && !run.stopped && !halted && !run.queue.is_empty() {
            match run.batch.next() {
                Next::Hold => break,
                Next::Ask => {
                    question = Some(Why::NextCode);
                    break;
                }
                Next::Send => {
                    let Ok(writing) = E::WRITE.then(|| desk.writing()).transpose() else {
                        run.stopped = true;
                        break;
                    };
                    if let Some((place, item)) = run.queue.pop_front() {
                        run.errand.sent(&item);
                        let ticket = run.batch.sent();
                        let code = pass.code().map(Arc::clone);
                        if let Some(code) = &code {
                            used.sent(code);
                        }
                        let sending = Sending {
                            place,
                            item,
                            ticket,
                            code,
                            carried: registry.token(),
                        };
                        wave.push((writing, sending));
                    }
                }
            }
        }
        run.errand.keep().await;
        for (writing, sending) in wave {
            flying.push(one::<E, R>(desk, writing, registry, sending));
        }
        if question.is_none() {
            let waits = halted && !run.stopped && !run.queue.is_empty();
            let next = tokio::select! {
                biased;
                next = flying.next(), if !waits || !flying.is_empty() => next,
                _ = desk.unhalted(), if waits => continue,
            };
            match next {
                None => break,
                Some(reply) => {
                    question = run.take(reply, registry, pass);
                    // A refusal may have arrived together with it: nothing goes before all is looked at.
                    while let Some(Some(reply)) = flying.next().now_or_never() {
                        question = run.take(reply, registry, pass).or(question);
                    }
                }
            }
        }
        match question.take() {
            None => {}
            Some(_) if run.stopped => {}
            Some(why) => {
                run.errand.keep().await;
                if let Some(action) = run.errand.action() {
                    pass.is_to(action);
                }
                let answered = {
                    let mut asked = pin!(pass.resume(why));
                    loop {
                        tokio::select! {
                            biased;
                            code = &mut asked => break code,
                            Some(reply) = flying.next() => {
                                // Whatever it is, the question is open already.
                                run.take_quietly(reply, registry);
                                run.errand.keep().await;
                                if run.stopped {
                                    desk.withdraw();
                                    break Err(Left);
                                }
                            }
                        }
                    }
                };
                match answered {
                    Ok(Some(code)) => run.batch.answered(code.once()),
                    Ok(None) => run.batch.bare(),
                    Err(Left) => run.stopped = true,
                }
            }
        }
    }
    for (code, sure) in run.spent.drain(..) {
        pass.note(&code, sure).await;
    }
    desk.settled();
    run.queue.into_iter().map(|(_, item)| item).collect()
}

/// One request that goes out.
struct Sending<I> {
    place: u64,
    item: I,
    ticket: Ticket,
    code: Option<Code>,
    carried: Token,
}

async fn one<E: Errand, R: Registry>(
    desk: &Arc<Desk>,
    writing: Option<Writing>,
    registry: &R,
    sending: Sending<E::Item>,
) -> Reply<E> {
    let Sending {
        place,
        item,
        ticket,
        code,
        carried,
    } = sending;
    let call = Call {
        otp: code.as_deref().map(Otp::secret),
        once: code.as_ref().is_some_and(|code| code.once()),
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
    Reply {
        place,
        item,
        ticket,
        code,
        carried,
        result,
        writing,
    }
}

struct Run<'a, E: Errand> {
    errand: &'a mut E,
    desk: &'a Desk,
    used: &'a Used,
    batch: &'a mut Batch,
    asks: bool,
    signs_in_again: bool,
    queue: VecDeque<(u64, E::Item)>,
    added: u64,
    stopped: bool,
    pauses: u32,
    rest: Option<Rest>,
    /// The codes that went out with what has come back, and whether they surely served; to be noted.
    spent: Vec<(Code, bool)>,
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

    /// Takes an answer; says what has to be asked before anything more is sent.
    fn take<R: Registry>(
        &mut self,
        reply: Reply<E>,
        registry: &R,
        pass: &mut Pass<'_, R>,
    ) -> Option<Why> {
        if let Ok(done) = &reply.result
            && E::proves(done)
        {
            pass.accepted();
        }
        self.take_quietly(reply, registry)
    }

    fn take_quietly<R: Registry>(&mut self, reply: Reply<E>, registry: &R) -> Option<Why> {
        let Reply {
            place,
            item,
            ticket,
            code,
            carried,
            result,
            writing,
        } = reply;
        if let Some(code) = code.as_ref().filter(|code| code.once()) {
            let sure = match &result {
                Ok(done) => Some(E::proves(done)),
                Err(error) => may_have_served(error, E::WRITE).then_some(false),
            };
            self.spent.extend(sure.map(|sure| (Arc::clone(code), sure)));
        }
        match result {
            Err(Error::SignedOut {
                anonymous: false,
                words,
            }) if self.signs_in_again => {
                self.back(place, item);
                // Another request of the same connection has led to a sign-in meanwhile.
                if !same(&carried, &registry.token()) {
                    self.batch.outdated(ticket);
                    return None;
                }
                let verdict = self.batch.signed_out(ticket);
                (verdict == Verdict::Ask).then_some(Why::SignedOut { words, carried })
            }
            Err(Error::Challenge(challenged)) if self.asks => {
                let served = self.batch.has_served();
                let verdict = self.batch.challenged(ticket);
                self.back(place, item);
                if verdict == Verdict::Ask {
                    return Some(if served {
                        Why::Reused(challenged)
                    } else {
                        Why::Challenged(challenged)
                    });
                }
                if let Some(code) = code {
                    self.used.add(code, WhyNot::Refused);
                }
                None
            }
            Err(Error::Wait { for_, words })
                if E::WRITE
                    && self.pauses < PAUSES
                    && self.asks
                    && (code.is_some() || for_.is_none_or(|wait| wait <= LONGEST_PAUSE)) =>
            {
                let short = for_.is_some_and(|wait| wait <= SHORT_PAUSE);
                let verdict = self.batch.asked_to_wait(ticket, short);
                self.back(place, item);
                if verdict == Verdict::Ask {
                    return Some(Why::Wait { for_, words });
                }
                // Also while a question is open: its answer does not shorten the wait. Later than that the
                // registry is asked anew, and its own words decide.
                let wait = for_.unwrap_or(Duration::from_secs(1 << self.pauses));
                let until = after(wait.min(LONGEST_PAUSE));
                if self.rest.as_ref().is_none_or(|rest| rest.until < until) {
                    self.rest = Some(Rest { until, words });
                }
                None
            }
            result => {
                if E::WRITE
                    && let (Some(code), Err(error)) = (&code, &result)
                {
                    self.used.unsent(code, error);
                }
                if self.batch.is_present(&ticket) {
                    self.desk.settled();
                }
                match &result {
                    Ok(done) if E::proves(done) => self.batch.accepted(ticket),
                    _ => self.batch.ended(ticket),
                }
                match self.errand.ended(item, result) {
                    Flow::Go(more) => self.add(more),
                    Flow::Stop => self.stopped = true,
                }
                if let Some(writing) = writing {
                    self.errand.guard(writing);
                }
                None
            }
        }
    }
}
