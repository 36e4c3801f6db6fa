//! What one running job has of the backend: its events, its one open question, its writes.
//!
//! A job is given up by dropping it, but not while a write that it sent is under way (its outcome would be
//! unknown), nor after one has succeeded (the truth would be hidden): then it is only told that it was left.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Instant;

use crate::backend::protocol::{Answer, Asking, Event, Outcome, Question, RequestId, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::Reply;
use crate::domain::text::Text;
use crate::domain::token::Token;
use crate::registry::Retrying;

/// How many writes are under way in all jobs, and at the end that of the session.
#[derive(Debug, Default)]
pub(super) struct Writes {
    count: AtomicUsize,
    /// This program alone holds a session: it is ended at the registry when the program ends.
    session: AtomicBool,
    closing: AtomicBool,
    pub(super) changed: Notify,
}

impl Writes {
    pub(super) fn count(&self) -> usize {
        let of_jobs = self.count.load(Ordering::SeqCst);
        let closing = self.closing.load(Ordering::SeqCst);
        of_jobs + usize::from(closing && self.session.load(Ordering::SeqCst))
    }

    /// Whether there is a session to end.
    pub(super) fn holds_session(&self, holds: bool) {
        self.session.store(holds, Ordering::SeqCst);
    }

    /// The program ends: what has to be done for that counts from now on.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }
}

/// The person left: the question is closed and none will be asked any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left;

/// An event on its way out.
pub(super) struct Out {
    pub(super) event: Event,
    /// The room that it takes until somebody takes it, where that is counted.
    _room: Option<OwnedSemaphorePermit>,
}

impl From<Event> for Out {
    fn from(event: Event) -> Self {
        Self { event, _room: None }
    }
}

type Tell = Box<dyn Fn(Retrying) + Send + Sync>;

/// One job's side of the backend.
pub(super) struct Desk {
    id: RequestId,
    asking: Asking,
    events: mpsc::UnboundedSender<Out>,
    writes: Arc<Writes>,
    slot: Mutex<Slot>,
    retrying: Tell,
    /// Wakes who waits for nothing but the time.
    leaving: Notify,
    /// Wakes who waits for the person's word whether to go on.
    going_on: Notify,
}

struct Slot {
    open: Option<Open>,
    /// It was answered, and stays in view until it is cleared or asked again.
    answered: Option<Kind>,
    writes: usize,
    /// A write has succeeded, or may have: the job ends by itself.
    held: bool,
    /// Leaving is not possible now, and is passed over.
    firm: bool,
    /// The person is being asked whether to go on: no write begins meanwhile.
    halted: bool,
    left: bool,
    closing: bool,
    over: bool,
    /// It was given up before anything was changed.
    unchanged: bool,
    /// What to say when it is left, where a job knows better than [`Slot::left_words`].
    if_left: Option<Failure>,
}

impl Slot {
    fn left_words(&self) -> Failure {
        let (what, next) = match &self.if_left {
            Some(words) => return words.clone(),
            None if self.held => (
                "You left when the change was sent already; its end was not waited for.",
                "Press r to read the truth.",
            ),
            None => ("Cancelled before anything was changed.", ""),
        };
        Failure::new(FailureKind::Cancelled, what, next)
    }
}

struct Open {
    kind: Kind,
    fits: fn(&Answer) -> bool,
    reply: oneshot::Sender<Answer>,
}

/// Whether the answer to a question is judged at once, or by a registry: until then the question stays, so that it
/// does not lose its place when it has to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Done,
    Challenge,
    SignIn,
}

impl Kind {
    const fn of(question: &Question) -> Self {
        match question {
            Question::Challenge(_) => Self::Challenge,
            Question::SignIn(_) => Self::SignIn,
            _ => Self::Done,
        }
    }
}

/// What is to become of a job that is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// It has ended, by the event as well: drop it.
    Drop,
    /// It ends by itself.
    Runs,
}

impl Desk {
    pub(super) fn new(
        id: RequestId,
        asking: Asking,
        events: mpsc::UnboundedSender<Out>,
        writes: Arc<Writes>,
    ) -> Self {
        let tell = events.clone();
        Self {
            id,
            asking,
            events,
            writes,
            slot: Mutex::new(Slot {
                open: None,
                answered: None,
                writes: 0,
                held: false,
                firm: false,
                halted: false,
                left: false,
                closing: false,
                over: false,
                unchanged: false,
                if_left: None,
            }),
            leaving: Notify::new(),
            going_on: Notify::new(),
            retrying: Box::new(move |again| {
                // Nobody may be reading any more; a job does not care.
                let retrying = Event::Retrying {
                    id,
                    attempt: again.attempt,
                    of: again.of,
                    wait: again.wait,
                    why: again.why,
                };
                let _ = tell.send(retrying.into());
            }),
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn emit(&self, event: Event) {
        let _ = self.events.send(event.into());
    }

    // What a job does.

    /// Whether this request may interrupt the person.
    pub(super) fn may_ask(&self) -> bool {
        self.asking == Asking::Allowed
    }

    /// True once the person, or the end of the program, wants this job to go no further.
    pub(super) fn left(&self) -> bool {
        let slot = self.slot();
        slot.left || slot.closing
    }

    /// True once the person wants this job to go no further.
    pub(super) fn given_up(&self) -> bool {
        self.slot().left
    }

    /// True once the program ends: nothing more is read, what is known is told.
    pub(super) fn closing(&self) -> bool {
        self.slot().closing
    }

    /// Reports a step.
    pub(super) fn step(&self, step: Step) {
        self.emit(Event::Step { id: self.id, step });
    }

    /// Reports rows, and gives back their room when they are taken.
    pub(super) fn page(
        &self,
        index: u64,
        rows: Vec<Token>,
        total: Option<u64>,
        room: OwnedSemaphorePermit,
    ) {
        let event = Event::Page {
            id: self.id,
            index,
            rows,
            total,
        };
        let _ = self.events.send(Out {
            event,
            _room: Some(room),
        });
    }

    /// Told of the retries of a call.
    pub(super) fn retrying(&self) -> &(dyn Fn(Retrying) + Send + Sync) {
        &*self.retrying
    }

    /// Says that something is tried again.
    pub(super) fn tell(&self, again: Retrying) {
        (self.retrying)(again);
    }

    /// Waits before the same request is sent again, and says so.
    pub(super) async fn pause(&self, attempt: u32, of: u32, wait: Duration, why: Text) {
        (self.retrying)(Retrying {
            attempt,
            of,
            wait,
            why,
        });
        tokio::time::sleep(wait).await;
    }

    /// The same, where there is nothing to wait for once the person has left.
    pub(super) async fn pause_here(&self, attempt: u32, of: u32, wait: Duration, why: Text) {
        if self.left() {
            return;
        }
        tokio::select! {
            () = self.pause(attempt, of, wait, why) => {}
            () = self.leaving.notified() => {}
        }
    }

    /// Parks the job on a question. A code is held back until the question's wait is over.
    pub(super) async fn ask(&self, question: Question) -> Result<Answer, Left> {
        let (answer, ready) = self.ask_at_once(question).await?;
        if matches!(answer, Answer::Code(_)) {
            self.hold_back(ready).await?;
        }
        Ok(answer)
    }

    /// Parks the job on a question; gives the answer as it comes, and the moment from which on it may be used.
    pub(super) async fn ask_at_once(&self, question: Question) -> Result<(Answer, Instant), Left> {
        let (kind, fits) = (Kind::of(&question), fits(&question));
        let ready = after(wait_of(&question));
        let (reply, answer) = oneshot::channel();
        {
            let mut slot = self.slot();
            if slot.left || slot.closing || slot.over {
                return Err(Left);
            }
            // Another question of the same kind takes the place of the answered one.
            if slot.answered.take().is_some_and(|before| before != kind) {
                self.emit(Event::Cleared { id: self.id });
            }
            slot.open = Some(Open { kind, fits, reply });
            self.emit(Event::Asked {
                id: self.id,
                question,
            });
        }
        let answer = answer.await.map_err(|_| Left)?;
        Ok((answer, ready))
    }

    /// Waits until a code may be used.
    pub(super) async fn hold_back(&self, ready: Instant) -> Result<(), Left> {
        tokio::time::sleep_until(ready).await;
        if self.left() { Err(Left) } else { Ok(()) }
    }

    /// Closes the open question without an answer: it has no purpose any more.
    pub(super) fn withdraw(&self) {
        self.clear(&mut self.slot());
    }

    /// What was asked is over: an answered question that is still in view goes.
    pub(super) fn settled(&self) {
        let mut slot = self.slot();
        if slot.open.is_none() {
            self.clear(&mut slot);
        }
    }

    fn clear(&self, slot: &mut Slot) {
        let open = slot.open.take().is_some();
        if slot.answered.take().is_some() || open {
            self.emit(Event::Cleared { id: self.id });
        }
    }

    /// Whether no write is to begin, because the person is being asked whether to go on.
    pub(super) fn halted(&self) -> bool {
        let slot = self.slot();
        slot.halted && !slot.left && !slot.closing && !slot.over
    }

    /// Waits while the person is being asked whether to go on; gives whether there was anything to wait for.
    pub(super) async fn unhalted(&self) -> bool {
        let mut waited = false;
        loop {
            let word = self.going_on.notified();
            if !self.halted() {
                return waited;
            }
            waited = true;
            word.await;
        }
    }

    /// A write goes out, unless the person left. While the guard lives, nothing drops this job.
    pub(super) fn writing(self: &Arc<Self>) -> Result<Writing, Left> {
        let mut slot = self.slot();
        if slot.left || slot.closing || slot.over {
            return Err(Left);
        }
        slot.writes += 1;
        drop(slot);
        self.writes.count.fetch_add(1, Ordering::SeqCst);
        self.writes.changed.notify_one();
        Ok(Writing(Arc::clone(self)))
    }

    /// Something was changed, or may have been: from here on the job ends by itself and says what it knows.
    pub(super) fn hold(&self) {
        self.slot().held = true;
    }

    /// By the registry's own word nothing has changed: the job can be given up again.
    pub(super) fn release(&self) {
        self.slot().held = false;
    }

    /// While set, leaving is passed over.
    pub(super) fn firm(&self, firm: bool) {
        self.slot().firm = firm;
    }

    /// What is to be said when the job is left from here on.
    pub(super) fn if_left(&self, what: &str, next: &str) {
        self.slot().if_left = Some(Failure::new(FailureKind::Cancelled, what, next));
    }

    /// Whether it was given up before anything was changed.
    pub(super) fn given_up_unchanged(&self) -> bool {
        self.slot().unchanged
    }

    /// The words for a job that was left.
    pub(super) fn left_words(&self) -> Failure {
        self.slot().left_words()
    }

    /// The end. Only the first one counts.
    pub(super) fn finish(&self, result: Result<Outcome, Failure>) {
        let mut slot = self.slot();
        self.end(&mut slot, result);
    }

    fn end(&self, slot: &mut Slot, result: Result<Outcome, Failure>) {
        if slot.over {
            return;
        }
        slot.over = true;
        self.clear(slot);
        self.emit(Event::Finished {
            id: self.id,
            result,
        });
    }

    // What the actor does.

    /// Hands the answer to the open question. One that does not fit it is passed over.
    pub(super) fn answer(&self, answer: Answer) {
        let mut slot = self.slot();
        if slot.open.as_ref().is_some_and(|open| (open.fits)(&answer))
            && let Some(open) = slot.open.take()
        {
            if open.kind == Kind::Done {
                self.emit(Event::Cleared { id: self.id });
            } else {
                slot.answered = Some(open.kind);
            }
            let _ = open.reply.send(answer);
        }
    }

    /// The person is being asked whether to go on, or has answered.
    pub(super) fn halt(&self, halted: bool) {
        self.slot().halted = halted;
        if !halted {
            self.going_on.notify_waiters();
        }
    }

    /// The person gives the request up.
    pub(super) fn cancel(&self) -> GivenUp {
        let mut slot = self.slot();
        slot.halted = false;
        self.going_on.notify_waiters();
        if slot.firm {
            return GivenUp::Runs;
        }
        if slot.writes == 0 && !slot.held {
            slot.unchanged |= !slot.over;
            let words = slot.left_words();
            self.end(&mut slot, Err(words));
            return GivenUp::Drop;
        }
        slot.left = true;
        self.clear(&mut slot);
        self.leaving.notify_one();
        GivenUp::Runs
    }

    /// The program ends: only a write that is under way goes on.
    pub(super) fn close(&self) -> GivenUp {
        let mut slot = self.slot();
        slot.closing = true;
        self.going_on.notify_waiters();
        if slot.writes == 0 {
            slot.unchanged |= !slot.held && !slot.over;
            let words = slot.left_words();
            self.end(&mut slot, Err(words));
            return GivenUp::Drop;
        }
        self.clear(&mut slot);
        self.leaving.notify_one();
        GivenUp::Runs
    }
}

fn wait_of(question: &Question) -> Duration {
    let wait = match question {
        Question::Challenge(challenge) => challenge.wait,
        Question::Confirm(confirm) => confirm.wait,
        _ => None,
    };
    wait.unwrap_or_default()
}

/// The moment after a wait that may have come from anywhere.
pub(super) fn after(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait)
        .unwrap_or_else(|| now + Duration::from_hours(24))
}

fn fits(question: &Question) -> fn(&Answer) -> bool {
    match question {
        Question::Challenge(_) => {
            |answer| matches!(answer, Answer::Code(_) | Answer::Emergency(Reply::Skip))
        }
        Question::Confirm(_) => |answer| matches!(answer, Answer::Code(_) | Answer::Leave { .. }),
        Question::NewSetUp(_) => |answer| matches!(answer, Answer::Place(_) | Answer::Leave { .. }),
        Question::CodesShown => |answer| matches!(answer, Answer::GoOn),
        Question::OtherPlace(_) => |answer| matches!(answer, Answer::Place(_)),
        Question::Proof(_) => |answer| {
            matches!(
                answer,
                Answer::Proof(_) | Answer::ShowAgain | Answer::Declined
            )
        },
        Question::Web(_) => |_| false,
        Question::SignIn(asked) if asked.without.is_some() => |answer| {
            matches!(
                answer,
                Answer::SignedIn | Answer::Emergency(Reply::Skip | Reply::Leave)
            )
        },
        Question::SignIn(_) => |answer| matches!(answer, Answer::SignedIn),
        Question::Installed { .. } => |answer| matches!(answer, Answer::GoOn),
        Question::InPlace(_) => |answer| matches!(answer, Answer::GoOn | Answer::Declined),
        Question::Emergency(_) => |answer| matches!(answer, Answer::Emergency(_)),
    }
}

/// Lives while a write is under way.
pub(super) struct Writing(Arc<Desk>);

impl Drop for Writing {
    fn drop(&mut self) {
        let mut slot = self.0.slot();
        slot.writes = slot.writes.saturating_sub(1);
        drop(slot);
        self.0.writes.count.fetch_sub(1, Ordering::SeqCst);
        self.0.writes.changed.notify_one();
    }
}
