//! One plain command's conversation: requests go to the backend, its questions to the person, its events into words.

mod asked;
mod challenge;
mod emergency;
mod end;
mod leaving;
mod questions;
mod rotating;
mod set_up;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use self::asked::{Asked, answer, opened, over};
use self::end::{gone, no_terminal, nothing_done, unknown};
use self::rotating::Rotating;
use super::Here;
use super::signs::{Sign, Signs};
use super::typing::{Typed, Typing, somebody_there};
use crate::args::AccountArgs;
use crate::backend::protocol::{
    Asking, BEGINNING, Command, Event, Outcome, Question, Request, RequestId, Step,
};
use crate::backend::{Configured, Finish, Handle, SessionEnd, spawn};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::otp::{looks_like, serves_once, stripped};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::Token;
use crate::npmrc::{self, Config, Inputs};

pub(super) use self::end::End;
pub(super) use self::set_up::numbered;

/// How long the backend may take to end; a session that has to be ended at the registry takes two seconds at most.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// How long files may take to be removed at the end.
const LAST_FILES: Duration = Duration::from_millis(600);

/// How a request ended well.
pub(super) struct Answered {
    pub(super) outcome: Outcome,
    /// The rows of its pages, in order.
    pub(super) rows: Vec<Token>,
    /// Set when it was given up on the way, and this much of it was done all the same.
    pub(super) end: Option<End>,
}

/// When the value of a rotated token is shown.
enum Shows {
    /// Before the old one goes, and then it is asked whether it is everywhere.
    Before,
    /// Before the old one goes, and nobody is asked.
    AtOnce,
    /// At the end, and the old one stays.
    Never,
    /// It was.
    Done,
    /// At the end; the value, once it came.
    AtTheEnd(Option<Arc<Secret<String>>>),
}

/// A backend, and the person before it.
pub(super) struct Talk {
    handle: Handle,
    events: mpsc::Receiver<Event>,
    signs: Signs,
    /// Set until it was sent.
    otp: Option<Arc<Secret<String>>>,
    otp_went: bool,
    somebody: bool,
    next: u64,
    /// The page that was shown last.
    page: Option<Text>,
    /// The configuration as it was at the start, for words; `None` where no registry is spoken to.
    config: Option<Config>,
    /// When the value of a rotated token is shown.
    shows: Shows,
    /// How far a rotation has come, as far as that was told.
    rotating: Rotating,
    /// Whose account it is, as far as that was asked.
    pub(super) account: Text,
    /// Where the report of an emergency goes, until it was written there.
    pub(super) report: Option<PathBuf>,
}

impl Talk {
    /// Reads the configuration and starts a backend. Sends nothing.
    pub(super) fn open(here: &Here, account: &AccountArgs) -> Result<Self, End> {
        if account
            .otp
            .as_deref()
            .is_some_and(|otp| stripped(otp).is_empty())
        {
            return Err(End::usage(
                "--otp is empty.",
                "Give a code, or leave --otp out.",
            ));
        }
        if let Some(otp) = account.otp.as_deref().map(stripped)
            && serves_once(&otp, false)
        {
            return Err(End::usage(
                format!(
                    "What --otp gives looks like {}, which is not taken there: it serves once, \
                     and other programs can read a command line.",
                    looks_like(&otp)
                ),
                "Leave --otp out and type the code when it is asked for, on a terminal.",
            ));
        }
        let (registry, userconfig) = (account.registry.clone(), account.userconfig.clone());
        let read = move || Inputs::from_process(registry.clone(), userconfig.clone());
        let named = account.registry.is_some() || account.userconfig.is_some();
        let config = read()
            .and_then(|inputs| npmrc::load(&inputs))
            .map_err(|failure| {
                if named {
                    End::Usage(failure)
                } else {
                    End::Failed(failure)
                }
            })?;
        let mut talk = Self::begin(here, Configured::npm(read))?;
        talk.otp.clone_from(&account.otp);
        talk.config = Some(config);
        Ok(talk)
    }

    /// For what this machine keeps: no configuration is read, and no registry spoken to.
    pub(super) fn local(here: &Here) -> Result<Self, End> {
        here.folder()?;
        let none = || {
            Err(Failure::new(
                FailureKind::Local,
                "This command speaks to no registry.",
                "",
            ))
        };
        Self::begin(here, Configured::fixed(none))
    }

    fn begin(here: &Here, connector: Configured) -> Result<Self, End> {
        let signs = Signs::new().map_err(|error| {
            Failure::new(
                FailureKind::Local,
                format!("The system gives no means to wait for signals: {error}."),
                "Close other programs and start again.",
            )
        })?;
        let (handle, events) = spawn(connector, here.deps.clone());
        Ok(Self {
            handle,
            events,
            signs,
            otp: None,
            otp_went: false,
            somebody: somebody_there(),
            next: 0,
            page: None,
            config: None,
            shows: Shows::Before,
            rotating: Rotating::default(),
            account: Text::default(),
            report: None,
        })
    }

    /// Whether there is somebody to ask.
    pub(super) const fn somebody(&self) -> bool {
        self.somebody
    }

    /// Nobody is asked whether the value of a rotated token is everywhere. It is shown before the old one goes, or kept for
    /// the one line of JSON at the end.
    pub(super) fn shows_unasked(&mut self, json: bool) {
        self.shows = if json {
            Shows::AtTheEnd(None)
        } else {
            Shows::AtOnce
        };
    }

    /// The value of a rotated token, should one come, is for the one line of JSON at the end: nobody could put it elsewhere
    /// before, so the old one stays.
    pub(super) fn keeps_the_old(&mut self) {
        self.shows = Shows::Never;
    }

    /// The value of a rotated token, if it was kept; whether it is on standard output already.
    pub(super) fn shown(&mut self) -> (Option<Arc<Secret<String>>>, bool) {
        match &mut self.shows {
            Shows::AtTheEnd(kept) => (kept.take(), false),
            Shows::Before | Shows::AtOnce | Shows::Never => (None, false),
            Shows::Done => (None, true),
        }
    }

    /// The npm configuration as it was at the start.
    pub(super) fn config(&self) -> Result<&Config, End> {
        self.config.as_ref().ok_or_else(|| gone().into())
    }

    /// The registry as a person names it.
    pub(super) fn host(&self) -> Text {
        self.config
            .as_ref()
            .map(|config| npmrc::registry_name(&config.registry))
            .unwrap_or_default()
    }

    /// Sends a request and sees it to its end.
    pub(super) async fn ask(&mut self, request: Request) -> Result<Answered, End> {
        let id = RequestId(self.next);
        self.next += 1;
        let mut asked = Asked::new(id);
        // Some registries begin a set-up for another level.
        asked.begins = matches!(request, Request::ChangeLevel { .. });
        asked.rotates = matches!(request, Request::Rotate(_) | Request::ResumeRotation { .. });
        if asked.rotates {
            self.rotating = Rotating::default();
        }
        self.handle.send(Command::Start {
            id,
            request,
            asking: Asking::Allowed,
        });
        let result = loop {
            tokio::select! {
                biased;
                event = self.events.recv() => match event {
                    Some(Event::Finished { id: ended, result }) if ended == id => break result,
                    Some(event) => self.hear(event, &mut asked).await?,
                    None => break Err(gone()),
                },
                sign = self.signs.next() => self.leave(sign, &mut asked)?,
                typed = answer(&mut asked.open), if asked.open.is_some() => self.typed(typed, &mut asked)?,
                () = over(&mut asked.patience) => self.late(&mut asked)?,
                () = over(&mut asked.marked), if asked.marked.is_some() => asked.count(),
                why = opened(&mut asked.opening), if asked.opening.is_some() => {
                    asked.opening = None;
                    if let Some(why) = why {
                        asked.say(why);
                    }
                }
            }
        };
        asked.open = None;
        let end = asked.end.take();
        match (result, end) {
            (Ok(outcome), end) => Ok(Answered {
                outcome,
                rows: asked.pages.into_values().flatten().collect(),
                end,
            }),
            (Err(why), Some(End::Stopped(sign, _))) => Err(End::Stopped(sign, why.what)),
            // What the person, or nobody, made of a question says more than that it was given up.
            (Err(_), Some(end)) => Err(end),
            (Err(why), None) => Err(self.with_its_place(why).into()),
        }
    }

    /// Of a credential that is not accepted, where it lies.
    fn with_its_place(&self, mut why: Failure) -> Failure {
        let held = self
            .config
            .as_ref()
            .and_then(|config| config.credential.as_ref());
        if why.kind == FailureKind::SignedOut
            && let Some(held) = held
            && !why.what.as_str().contains(held.source.place.as_str())
        {
            why.what = Text::new(&format!("{} It is from {}.", why.what, held.source.place));
        }
        why
    }

    /// The same, from within a question of another request, which is parked meanwhile.
    pub(super) fn ask_within(
        &mut self,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Result<Answered, End>> + '_>> {
        Box::pin(self.ask(request))
    }

    async fn hear(&mut self, event: Event, asked: &mut Asked) -> Result<(), End> {
        match event {
            Event::Asked { question, .. } => self.question(question, asked).await?,
            Event::Cleared { .. } => {
                asked.open = None;
                asked.marked = None;
            }
            Event::Retrying {
                attempt,
                of,
                wait,
                why,
                ..
            } => {
                self.begin_nothing_more(asked);
                asked.say(&format!(
                    "Trying again in {} s ({attempt} of {of}): {why}",
                    seconds(wait)
                ));
            }
            Event::Page { index, rows, .. } => {
                asked.pages.entry(index).or_default().extend(rows);
            }
            Event::Step { step, .. } => match step {
                Step::Enrolled(enrolment) if asked.end.is_none() => {
                    asked.set_up.enrolled(enrolment);
                }
                Step::Codes { codes, place, .. } => asked.set_up.codes(codes, place),
                Step::Doing(doing) if asked.rotates => self.rotates(doing, asked),
                Step::Doing(doing) => asked.begins = doing == BEGINNING,
                Step::Rotating { step, state } => self.rotating(step, state, asked),
                Step::Unkept(why) => asked.say(&format!(
                    "How far this comes is not noted on this machine: {} It goes on all the same.",
                    why.what
                )),
                // Who leaves has no use for a key; what the others say is in the result, too.
                Step::Enrolled(_)
                | Step::Row { .. }
                | Step::Asking(_)
                | Step::Probed(_)
                | Step::Emergencies(_) => {}
                Step::Incident(incident) => Self::incident(incident, asked),
            },
            Event::Finished { .. } => {}
        }
        Ok(())
    }

    async fn question(&mut self, question: Question, asked: &mut Asked) -> Result<(), End> {
        match question {
            Question::Challenge(_) | Question::Web(_) | Question::SignIn(_)
                if asked.end.is_some() =>
            {
                self.begin_nothing_more(asked);
                Ok(())
            }
            Question::Challenge(challenge) => self.challenged(&challenge, asked),
            Question::Web(web) => {
                self.show(&web, "Sign in on this page, on any device:", asked);
                if self.somebody && asked.open.is_none() {
                    asked.open_page(&web.page)?;
                }
                Ok(())
            }
            Question::SignIn(wanted) if asked.incident.is_some() => {
                self.emergency_sign_in(&wanted, asked).await
            }
            Question::SignIn(dead) => {
                let words = match dead.words.as_str() {
                    "" => String::new(),
                    words => format!(": \u{201c}{words}\u{201d}"),
                };
                let why = Failure::new(
                    FailureKind::SignedOut,
                    format!(
                        "{} does not accept the credential any more{words}.",
                        dead.host
                    ),
                    "",
                );
                let why = self.with_its_place(why);
                self.give_up(End::Failed(why), asked);
                Ok(())
            }
            Question::Confirm(confirm) => self.confirm(&confirm, asked).await,
            Question::NewSetUp(level) => self.new_set_up(level, asked).await,
            Question::CodesShown => self.codes_shown(asked).await,
            Question::OtherPlace(why) => self.other_place(&why, asked).await,
            Question::Proof(proof) => self.proof(proof, asked).await,
            Question::Emergency(ask) => self.emergency(ask, asked).await,
            Question::Installed { token, value, .. } => {
                self.installed(&token, value, asked).await;
                Ok(())
            }
            Question::InPlace(wanted) => {
                self.in_place(&wanted, asked).await;
                Ok(())
            }
        }
    }

    /// Asks the person for a line, with no request under way, or one that waits for the answer.
    pub(super) async fn line(&mut self, label: &str, hidden: bool) -> Result<Secret<String>, End> {
        let mut typing = Typing::open(label, hidden).map_err(|error| no_terminal(&error))?;
        let typed = tokio::select! {
            typed = typing.next() => typed,
            sign = self.signs.next() => {
                drop(typing);
                return Err(End::Stopped(sign, nothing_done()));
            }
        };
        drop(typing);
        match typed {
            Typed::Line(line) => Ok(line),
            Typed::Left => Err(End::Stopped(Sign::Interrupt, nothing_done())),
        }
    }

    /// Asks until something is typed; shown, without blanks around it.
    pub(super) async fn filled(&mut self, label: &str) -> Result<String, End> {
        loop {
            let line = self.line(label, false).await?;
            let line = line.expose().trim();
            if !line.is_empty() {
                return Ok(line.to_owned());
            }
        }
    }

    /// Asks until something is typed, unseen.
    pub(super) async fn hidden(&mut self, label: &str) -> Result<Secret<String>, End> {
        loop {
            let line = self.line(label, true).await?;
            if !line.is_empty() {
                return Ok(line);
            }
        }
    }

    /// Asks for something new that must not be mistyped, unseen and twice.
    pub(super) async fn twice(&mut self, label: &str) -> Result<Secret<String>, End> {
        loop {
            let first = self.hidden(label).await?;
            let again = self.hidden("The same again: ").await?;
            if first.matches(&again) {
                return Ok(first);
            }
            say("They differ.");
        }
    }

    /// Asks for a yes; anything else is a no.
    pub(super) async fn agreed(&mut self, question: &str) -> Result<bool, End> {
        let answer = self.line(&format!("{question} [y/N] "), false).await?;
        Ok(is_yes(&answer))
    }

    /// Ends the backend; gives what became of a sign-in that it alone held.
    pub(super) fn close(mut self) -> Option<SessionEnd> {
        self.handle.close();
        match self.handle.wait(LAST_WORDS) {
            Finish::Clean => self.handle.session_end(),
            Finish::TimedOut => Some(SessionEnd::Alive(unknown(false))),
        }
    }
}

/// The backend ends with the command: a key that was made for an encrypted file is removed where no codes came for it.
impl Drop for Talk {
    fn drop(&mut self) {
        self.handle.close();
        // What still has a write under way was waited for, or is left on the person's wish.
        if self.handle.writes_in_flight() == 0 {
            self.handle.wait(LAST_FILES);
        }
    }
}

/// Says something beside the result.
pub(super) fn say(line: &str) {
    // Whoever hung up hears nothing.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Whole ones: no less than it takes.
const fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + if wait.subsec_nanos() > 0 { 1 } else { 0 }
}

fn is_yes(answer: &Secret<String>) -> bool {
    let answer = answer.expose().trim();
    answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")
}
