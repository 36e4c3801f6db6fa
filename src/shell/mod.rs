//! The loop: what happens goes into the model, what it wishes is done, what it shows is drawn.
//!
//! It sleeps until a key, a signal, an event of the backend or the time that the model asked for, and draws only
//! after one of them. The main thread does nothing else; the backend, the clipboard and the demo have their own.

mod changes;
mod clipboard;
mod keys;
mod leave;
pub mod log;
mod platform;
pub mod terminal;

use std::future::{pending, poll_fn};
use std::io::{self, IsTerminal as _};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::task::Poll;
use std::time::{Duration, Instant};

use crossterm::event::EventStream;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;
use tokio::sync::mpsc;

use self::changes::Changes;
use self::clipboard::{Clipboard, Copied, Place};
use self::platform::{Sign, Signals};
use self::terminal::Terminal;
use crate::app::created::CreatedPage;
use crate::app::model::{Demo, Wizard};
use crate::app::{self, DemoCode, Effect, Model, Msg, Now};
use crate::backend::protocol::{Command, Event, RequestId};
use crate::backend::{self, Connector, Deps, Handle};
use crate::browser;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::Held;
use crate::domain::text::Text;
use crate::ui::{self, Theme};

pub use platform::no_dumps;

/// How many messages are taken in before the next frame.
const PER_FRAME: usize = 256;

/// Stopped, the program would not hear the registry's answer, and that may be lost by the time it goes on.
const CHANGING: &str = "A change is under way: Ctrl-Z works again when the registry has answered.";

/// Stopped, the program would stay so.
const ALONE: &str = "Ctrl-Z needs a shell that can bring the program back; there is none here.";

/// What the program runs on.
pub struct Setup<C> {
    /// Makes the client.
    pub connector: C,
    /// What the backend needs beside it.
    pub deps: Deps,
    /// How things look.
    pub theme: Theme,
    /// Set in the demo alone.
    pub demo: Option<Box<dyn DemoAccount>>,
}

/// What the demo knows of its account.
pub trait DemoAccount {
    /// The password, to be shown.
    fn password(&self) -> String;
    /// What the account's authenticator would show, once it has something to show.
    fn code(&self) -> Option<DemoCode>;
    /// Where its registry shows what it mailed; `None` where it mails nothing.
    fn inbox(&self) -> Option<String> {
        None
    }
    /// Somebody else is in the account: for the rehearsal of an emergency.
    fn under_attack(&self) -> bool {
        false
    }
    /// The code of the latest mail, while it serves.
    fn mailed(&self) -> Option<DemoCode> {
        None
    }
}

/// Why the program could not run, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing to draw on, or nobody to read from.
    #[error(
        "npm-warden draws on a terminal, and {0} is not one. Start it in a terminal; npm-warden --help says more."
    )]
    NoTerminal(&'static str),
    /// The terminal, or the system's means to wait for it, failed.
    #[error("The terminal cannot be used: {0}. Try another terminal.")]
    Terminal(#[from] io::Error),
    /// The backend is gone although nobody ended it.
    #[error(
        "npm-warden stopped because of a mistake in its own code: the part that talks to the registry ended."
    )]
    Backend,
    /// The answer to a change was not waited for.
    #[error(
        "Left before the registry confirmed a change: it may have been made or not, and what only its answer held is lost. Start again and look."
    )]
    Unconfirmed,
    /// The session that this program alone held goes on at the registry, or may (why).
    #[error(
        "{0} Look for the newest token under Tokens, or on the registry's website, and revoke it."
    )]
    SessionLives(Text),
    /// What was under way at the end did not come to the end that was wanted, as was said already; the exit code.
    #[error("A change that was under way is not done, or not wholly; see above.")]
    Undone(u8),
}

impl Error {
    /// The exit code that goes with it.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NoTerminal(_) => 2,
            Self::Terminal(_) | Self::Backend | Self::Unconfirmed | Self::SessionLives(_) => 1,
            Self::Undone(code) => *code,
        }
    }
}

/// Whether there is a terminal to run in. To be asked before anything is started for it.
pub fn terminal_at_hand() -> Result<(), Error> {
    if !io::stdin().is_terminal() {
        return Err(Error::NoTerminal("standard input"));
    }
    if !io::stdout().is_terminal() {
        return Err(Error::NoTerminal("standard output"));
    }
    Ok(())
}

/// Runs the terminal program to its end.
pub fn run<C: Connector>(setup: Setup<C>) -> Result<(), Error> {
    terminal_at_hand()?;
    let backend = backend::spawn(setup.connector, setup.deps);
    run_on(backend, setup.theme, setup.demo)
}

/// The same, on a backend that runs already.
pub fn run_on(
    (handle, events): (Handle, mpsc::Receiver<Event>),
    theme: Theme,
    demo: Option<Box<dyn DemoAccount>>,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let mut signals = Signals::new()?;
        let terminal = Terminal::enter()?;
        let mut shell = Shell::new(terminal, handle, events, theme, demo)?;
        // What a fault in drawing leaves behind is not looked at again, but a change may be under way all the same.
        let left = AssertUnwindSafe(shell.live(&mut signals))
            .catch_unwind()
            .await;
        let Shell {
            terminal,
            handle,
            events,
            changes,
            mut clipboard,
            model,
            ..
        } = shell;
        drop(terminal);
        if let Some(said) = model.left_uncopied() {
            terminal::say(&said);
        }
        let session = holds_session(&model);
        let website = model.website().is_some();
        let finished = leave::finish(handle, events, changes, session, website, &mut signals).await;
        clipboard.end();
        if let (Err(_) | Ok(Err(_)), Err(finished)) = (&left, &finished) {
            // The other one is what the program ends with.
            terminal::say(&finished.to_string());
        }
        Ok(left.map(|left| left.and(finished)))
    });
    runtime.shutdown_background();
    match ended {
        Ok(Ok(ended)) => ended,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(error) => Err(error),
    }
}

/// Everything that the loop holds.
struct Shell {
    terminal: Terminal,
    handle: Handle,
    events: mpsc::Receiver<Event>,
    changes: Changes,
    theme: Theme,
    demo: Option<Box<dyn DemoAccount>>,
    clipboard: Clipboard,
    copies: FuturesUnordered<std::pin::Pin<Box<dyn Future<Output = Copied>>>>,
    /// Addresses that are being opened; each tells why it could not be.
    opens: FuturesUnordered<std::pin::Pin<Box<dyn Future<Output = Option<&'static str>>>>>,
    model: Model,
    start: Instant,
    /// To be stopped, for the terminal's whole job or this process alone.
    stop: Option<bool>,
    leave: bool,
    /// The backend is gone.
    alone: bool,
}

impl Shell {
    fn new(
        terminal: Terminal,
        handle: Handle,
        events: mpsc::Receiver<Event>,
        theme: Theme,
        demo: Option<Box<dyn DemoAccount>>,
    ) -> Result<Self, Error> {
        let start = mono();
        let shown = demo.as_deref().map(|demo| Demo {
            password: Some(demo.password()),
            inbox: demo.inbox(),
            under_attack: demo.under_attack(),
            open: false,
            mail: false,
            code: None,
            code_until: None,
        });
        let (model, effects) = Model::new(terminal.size()?, now(start), shown);
        let mut shell = Self {
            terminal,
            handle,
            events,
            changes: Changes::default(),
            theme,
            demo,
            clipboard: Clipboard::new(Place::of_process()),
            copies: FuturesUnordered::new(),
            opens: FuturesUnordered::new(),
            model,
            start,
            stop: None,
            leave: false,
            alone: false,
        };
        shell.perform(effects)?;
        Ok(shell)
    }

    /// Until the person, the terminal or the system ends it.
    async fn live(&mut self, signals: &mut Signals) -> Result<(), Error> {
        let mut keys = Some(EventStream::new());
        let mut dirty = true;
        loop {
            if dirty {
                let (model, theme) = (&self.model, &self.theme);
                let mut drawn = app::Drawn::default();
                self.terminal
                    .draw(|frame| drawn = ui::view(model, theme, frame))?;
                app::drawn(&mut self.model, drawn);
            }
            dirty = true;
            tokio::select! {
                biased;
                sign = signals.next() => match sign {
                    Sign::Terminate | Sign::Interrupt => self.terminate()?,
                    Sign::Stop => self.stop = Some(false),
                    Sign::GoOn => self.come_back()?,
                },
                event = next(&mut keys) => {
                    let mut event = Some(event);
                    let mut taken = 0;
                    dirty = false;
                    while let Some(got) = event.take() {
                        if let Some(Ok(got)) = got {
                            if let Some(msg) = keys::message(got) {
                                dirty = true;
                                if matches!(msg, Msg::Resize(..)) {
                                    // Terminals cut what does not fit: a window that has its old size again may
                                    // have lost its content on the way.
                                    self.terminal.wipe()?;
                                }
                                self.tell(msg)?;
                            }
                        } else {
                            // The terminal is gone, and with it the person.
                            keys = None;
                            self.terminate()?;
                        }
                        taken += 1;
                        // What a key wished is done before the next one counts.
                        if taken < PER_FRAME && !self.leave && self.stop.is_none() {
                            event = at_hand(&mut keys).await;
                        }
                    }
                }
                event = self.events.recv(), if !self.alone => {
                    if event.is_none() {
                        self.go_on_alone()?;
                    }
                    let mut event = event;
                    let mut taken = 0;
                    while let Some(got) = event.take() {
                        self.changes.see(&got);
                        self.tell(Msg::Backend(got))?;
                        taken += 1;
                        if taken < PER_FRAME {
                            event = self.events.try_recv().ok();
                        }
                    }
                }
                Some(copied) = self.copies.next(), if !self.copies.is_empty() => self.copied(copied)?,
                Some(why) = self.opens.next(), if !self.opens.is_empty() => {
                    dirty = why.is_some();
                    if let Some(why) = why {
                        self.tell(Msg::NotOpened(why))?;
                    }
                }
                () = until(self.start, self.model.wake_at()) => self.tell(Msg::Wake)?,
            }
            if let Some(job) = self.stop.take_if(|_| !self.leave) {
                self.stop(job, signals).await?;
                dirty = true;
            }
            if self.leave {
                return if self.alone {
                    Err(Error::Backend)
                } else {
                    Ok(())
                };
            }
        }
    }

    /// The backend is gone by itself. Recovery codes and a new token's value on the screen may be nowhere else: they
    /// stay for the person to read, and every request is answered with what happened.
    fn go_on_alone(&mut self) -> Result<(), Error> {
        self.alone = true;
        let codes = |wizard: &Wizard| wizard.codes.is_some();
        let shown_once = self.model.wizard.as_ref().is_some_and(codes)
            || matches!(self.model.created, Some(CreatedPage::Made(_)));
        if !shown_once {
            return Err(Error::Backend);
        }
        let open: Vec<_> = self.model.requests.keys().copied().collect();
        open.into_iter().try_for_each(|id| self.unanswered(id))
    }

    fn unanswered(&mut self, id: RequestId) -> Result<(), Error> {
        let failure = Failure::new(
            FailureKind::Local,
            "By a mistake in npm-warden's own code, the part that talks to the registry ended.",
            "Keep what this screen shows, then quit and start again.",
        );
        let result = Err(failure);
        self.tell(Msg::Backend(Event::Finished { id, result }))
    }

    /// Stops until somebody brings the program to the front again; or says why not.
    async fn stop(&mut self, job: bool, signals: &mut Signals) -> Result<(), Error> {
        if self.changes.at_work() || self.handle.writes_in_flight() > 0 {
            return self.tell(Msg::NotNow(CHANGING));
        }
        if platform::nobody_continues() {
            return self.tell(Msg::NotNow(ALONE));
        }
        terminal::restore();
        match signals.stop(job).await? {
            Sign::Terminate | Sign::Interrupt => self.terminate(),
            Sign::Stop | Sign::GoOn => self.come_back(),
        }
    }

    /// The system, or the terminal, ends the program.
    fn terminate(&mut self) -> Result<(), Error> {
        self.leave = true;
        self.tell(Msg::Terminate)
    }

    /// After the terminal was someone else's.
    fn come_back(&mut self) -> Result<(), Error> {
        self.terminal.reenter()?;
        let (columns, rows) = self.terminal.size()?;
        self.tell(Msg::Resize(columns, rows))
    }

    fn tell(&mut self, msg: Msg) -> Result<(), Error> {
        let effects = app::update(&mut self.model, msg, now(self.start));
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), Error> {
        for effect in effects {
            match effect {
                Effect::Start {
                    id,
                    request,
                    asking,
                } => {
                    tracing::debug!(id = id.0, ?asking, "start");
                    if self.alone {
                        self.unanswered(id)?;
                        continue;
                    }
                    self.changes.begins(id, &request);
                    self.handle.send(Command::Start {
                        id,
                        request,
                        asking,
                    });
                }
                Effect::Answer { id, answer } => {
                    self.changes.answered(id);
                    self.handle.send(Command::Answer { id, answer });
                }
                Effect::Cancel { id } => self.handle.send(Command::Cancel { id }),
                Effect::Hold { id, held } => self.handle.send(Command::Hold { id, held }),
                Effect::Copy {
                    text, sensitive, ..
                } => {
                    let copy = self.clipboard.copy(text, sensitive);
                    self.copies.push(Box::pin(copy));
                }
                Effect::Open { address } => self.opens.push(Box::pin(browser::open(&address))),
                Effect::ClearClipboard => self.clipboard.clear(),
                Effect::Wipe => self.terminal.wipe()?,
                Effect::DemoAuthenticator => {
                    if let Some(demo) = &self.demo {
                        let mail = self.model.demo.as_ref().is_some_and(|demo| demo.mail);
                        let code = if mail { demo.mailed() } else { demo.code() };
                        self.tell(Msg::DemoCode(code))?;
                    }
                }
                Effect::Suspend => self.stop = Some(true),
                Effect::Quit => self.leave = true,
            }
        }
        Ok(())
    }

    fn copied(&mut self, copied: Copied) -> Result<(), Error> {
        self.tell(match copied {
            Copied::There(said) => Msg::Copied(Ok(said.to_owned())),
            Copied::Send(bytes, said) => {
                terminal::send(bytes.expose())?;
                Msg::Sent(said.to_owned())
            }
            Copied::Nowhere(said) => Msg::Copied(Err(said.to_owned())),
        })
    }
}

/// Whether this program alone holds the sign-in.
fn holds_session(model: &Model) -> bool {
    let account = model.account.value();
    let credential = account.and_then(|account| account.identity.credential.as_ref());
    credential.is_some_and(|credential| credential.held == Held::Session)
}

/// The terminal's next event; never, once it has none any more.
async fn next(keys: &mut Option<EventStream>) -> Option<io::Result<crossterm::event::Event>> {
    match keys {
        Some(keys) => keys.next().await,
        None => pending().await,
    }
}

/// The next event, if it is there already. Asked in the loop's own name: the stream remembers who asked first, and
/// wakes nobody else.
async fn at_hand(
    keys: &mut Option<EventStream>,
) -> Option<Option<io::Result<crossterm::event::Event>>> {
    let keys = keys.as_mut()?;
    poll_fn(|context| {
        Poll::Ready(match keys.poll_next_unpin(context) {
            Poll::Ready(event) => Some(event),
            Poll::Pending => None,
        })
    })
    .await
}

/// Until the time that the model asked for.
async fn until(start: Instant, wake: Option<Duration>) {
    match wake.and_then(|wake| start.checked_add(wake)) {
        Some(wake) => tokio::time::sleep_until(wake.into()).await,
        None => pending().await,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the shell is where time enters the model"
)]
fn mono() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the shell is where time enters the model"
)]
fn now(start: Instant) -> Now {
    Now {
        mono: start.elapsed(),
        wall: Timestamp::now(),
    }
}
