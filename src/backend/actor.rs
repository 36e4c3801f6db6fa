//! The one task that takes commands, runs the jobs, and hands out their events.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinSet};

use crate::backend::desk::{Desk, GivenUp, Out, Writes};
use crate::backend::house::{Connector, Deps, House, fault};
use crate::backend::jobs;
use crate::backend::protocol::{Asking, Command, Event, Request, RequestId};
use crate::backend::session::SessionEnd;

/// How long the last events wait for somebody who reads.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Runs a backend inside the caller's runtime until every sender of `commands` is gone; then it ends as soon
/// as no write is under way.
///
/// Jobs go on when nobody reads `events`, or when its receiver is gone; only the pages of a list are not asked for faster
/// than they are taken.
pub async fn run<C: Connector>(
    connector: C,
    deps: Deps,
    commands: mpsc::UnboundedReceiver<Command>,
    events: mpsc::Sender<Event>,
) {
    let session = Arc::new(OnceLock::new());
    run_counting(connector, deps, commands, events, Arc::default(), session).await;
}

pub(super) async fn run_counting<C: Connector>(
    connector: C,
    deps: Deps,
    mut commands: mpsc::UnboundedReceiver<Command>,
    events: mpsc::Sender<Event>,
    writes: Arc<Writes>,
    session: Arc<OnceLock<SessionEnd>>,
) {
    let (outbox, mut outgoing) = mpsc::unbounded_channel();
    let mut actor = Actor {
        house: Arc::new(House::new(connector, deps, Arc::clone(&writes))),
        outbox,
        writes: Arc::clone(&writes),
        jobs: JoinSet::new(),
        running: HashMap::new(),
        names: HashMap::new(),
    };
    let mut closing = false;
    let mut waiting: Option<Out> = None;
    let mut read = true;
    loop {
        if closing {
            actor.close();
            if actor.jobs.is_empty() {
                break;
            }
        }
        tokio::select! {
            biased;
            command = commands.recv(), if !closing => {
                if let Some(command) = command {
                    actor.obey(command);
                } else {
                    closing = true;
                    writes.close();
                }
            }
            Some(ended) = actor.jobs.join_next_with_id() => {
                actor.ended(ended.map_or_else(|error| error.id(), |(task, ())| task));
            }
            Some(out) = outgoing.recv(), if waiting.is_none() => {
                waiting = read.then_some(out);
            }
            permit = events.reserve(), if waiting.is_some() => {
                read = permit.is_ok();
                if let (Ok(permit), Some(out)) = (permit, waiting.take()) {
                    permit.send(out.event);
                }
            }
            () = writes.changed.notified(), if closing => {}
        }
    }
    // What is left holds how each write ended. Who reads gets all of it; nobody may be reading.
    while let Some(out) = waiting.take().or_else(|| outgoing.try_recv().ok()) {
        if events.send_timeout(out.event, LAST_WORDS).await.is_err() {
            break;
        }
    }
    actor.house.discard_pairs().await;
    if let Some(end) = actor.house.end_session().await {
        let _ = session.set(end);
    }
    writes.holds_session(false);
}

struct Actor<C: Connector> {
    house: Arc<House<C>>,
    outbox: mpsc::UnboundedSender<Out>,
    writes: Arc<Writes>,
    jobs: JoinSet<()>,
    running: HashMap<RequestId, Running>,
    names: HashMap<Id, RequestId>,
}

struct Running {
    desk: Arc<Desk>,
    task: AbortHandle,
}

impl<C: Connector> Actor<C> {
    fn obey(&mut self, command: Command) {
        match command {
            Command::Start {
                id,
                request,
                asking,
            } => self.start(id, request, asking),
            Command::Answer { id, answer } => {
                if let Some(running) = self.running.get(&id) {
                    running.desk.answer(answer);
                }
            }
            Command::Cancel { id } => {
                if let Some(running) = self.running.get(&id)
                    && running.desk.cancel() == GivenUp::Drop
                {
                    running.task.abort();
                }
            }
            Command::Hold { id, held } => {
                if let Some(running) = self.running.get(&id) {
                    running.desk.halt(held);
                }
            }
        }
    }

    fn start(&mut self, id: RequestId, request: Request, asking: Asking) {
        if self.running.contains_key(&id) {
            return;
        }
        let desk = Arc::new(Desk::new(
            id,
            asking,
            self.outbox.clone(),
            Arc::clone(&self.writes),
        ));
        let task = self.jobs.spawn(jobs::run(
            Arc::clone(&self.house),
            Arc::clone(&desk),
            request,
        ));
        self.names.insert(task.id(), id);
        self.running.insert(id, Running { desk, task });
    }

    fn ended(&mut self, task: Id) {
        if let Some(id) = self.names.remove(&task)
            && let Some(running) = self.running.remove(&id)
        {
            // Says nothing when the job has ended by itself.
            running.desk.finish(Err(fault("working on this")));
        }
    }

    fn close(&self) {
        for running in self.running.values() {
            if running.desk.close() == GivenUp::Drop {
                running.task.abort();
            }
        }
    }
}
