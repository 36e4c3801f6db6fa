//! A backend on a thread of its own, so that drawing never waits for it.

use std::fmt;
use std::sync::mpsc as std_mpsc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::backend::actor::run_counting;
use crate::backend::desk::Writes;
use crate::backend::house::{Connector, Deps};
use crate::backend::protocol::{Command, Event};
use crate::backend::session::SessionEnd;
use crate::domain::failure::{Failure, FailureKind};

/// How many events may wait to be read before they wait in the backend. Few: pages of a list are among them.
const EVENTS: usize = 4;

/// How a backend ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Every write that was under way has ended, and what it brought is saved.
    Clean,
    /// The limit was reached first: the outcome of a write may be lost.
    TimedOut,
}

/// Speaks to a backend on its own thread. Dropping it ends the backend as [`Handle::finish`] does, unwatched.
pub struct Handle {
    commands: Option<mpsc::UnboundedSender<Command>>,
    writes: Arc<Writes>,
    session: Arc<OnceLock<SessionEnd>>,
    ended: std_mpsc::Receiver<()>,
    clean: bool,
}

/// Starts a backend. Everything slow, reading the configuration and building the client, happens on its thread.
pub fn spawn<C: Connector>(connector: C, deps: Deps) -> (Handle, mpsc::Receiver<Event>) {
    let (commands, orders) = mpsc::unbounded_channel();
    let (outbox, events) = mpsc::channel(EVENTS);
    let (end, ended) = std_mpsc::channel();
    let writes = Arc::new(Writes::default());
    let counted = Arc::clone(&writes);
    let session = Arc::new(OnceLock::new());
    let told = Arc::clone(&session);
    std::thread::spawn(move || {
        match tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        {
            Ok(runtime) => {
                runtime.block_on(run_counting(connector, deps, orders, outbox, counted, told));
                // A name look-up or a file that hangs keeps nobody: no write is under way any more.
                runtime.shutdown_background();
            }
            Err(error) => refuse_all(orders, &outbox, &error),
        }
        let _ = end.send(());
    });
    let handle = Handle {
        commands: Some(commands),
        writes,
        session,
        ended,
        clean: false,
    };
    (handle, events)
}

/// Without a runtime each request still gets its end.
fn refuse_all(
    mut orders: mpsc::UnboundedReceiver<Command>,
    outbox: &mpsc::Sender<Event>,
    error: &std::io::Error,
) {
    while let Some(command) = orders.blocking_recv() {
        if let Command::Start { id, .. } = command {
            let failure = Failure::new(
                FailureKind::Local,
                format!("The system gives no means to wait for a network: {error}."),
                "Close other programs and start again.",
            );
            let _ = outbox.blocking_send(Event::Finished {
                id,
                result: Err(failure),
            });
        }
    }
}

impl Handle {
    /// Tells the backend something. Never blocks; after the end it does nothing.
    pub fn send(&self, command: Command) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command);
        }
    }

    /// How many writes are under way: requests that may change something, up to and including the saving of
    /// recovery codes; after [`Handle::close`] also the end of a session that this program alone holds.
    pub fn writes_in_flight(&self) -> usize {
        self.writes.count()
    }

    /// Stops everything but the writes that are under way. Returns at once; commands are not taken any more.
    pub fn close(&mut self) {
        // First, so that whoever looks next sees that there is something to wait for.
        self.writes.close();
        self.commands = None;
    }

    /// What became of a sign-in that this program alone held; `None` before the end, and when there was none.
    pub fn session_end(&self) -> Option<SessionEnd> {
        self.session.get().cloned()
    }

    /// Waits for the end after [`Handle::close`], at most so long. Can be called again.
    pub fn wait(&mut self, limit: Duration) -> Finish {
        if !self.clean {
            self.clean = self.ended.recv_timeout(limit).is_ok();
        }
        if self.clean {
            Finish::Clean
        } else {
            Finish::TimedOut
        }
    }

    /// Stops everything that has no write under way at once, and waits for the writes, at most so long.
    pub fn finish(mut self, limit: Duration) -> Finish {
        self.close();
        self.wait(limit)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("writes", &self.writes.count())
            .finish_non_exhaustive()
    }
}
