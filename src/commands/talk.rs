//! One plain command's conversation: requests go to the backend, its questions to the person, its events into words.

use std::collections::BTreeMap;
use std::future::pending;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep};

use super::qr;
use super::signs::{Sign, Signs};
use super::typing::{Typed, Typing, is_quiet, somebody_there};
use crate::args::AccountArgs;
use crate::backend::protocol::{
    Answer, Asking, Challenge, Command, Event, Outcome, Question, Request, RequestId, Web,
};
use crate::backend::{Configured, Deps, Finish, Handle, SessionEnd, SystemClock, WORK, spawn};
use crate::browser;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::otp::{serves_once, stripped};
use crate::domain::secret::Secret;
use crate::domain::signin::WebPage;
use crate::domain::text::Text;
use crate::domain::token::Token;
use crate::npmrc::{self, Config, Inputs};

/// How much is left of a page's time when that is said.
const MARKS: [Duration; 3] = [
    Duration::from_mins(5),
    Duration::from_mins(2),
    Duration::from_mins(1),
];
/// How long a request that was given up may take to say so before the person is told what is waited for.
const AT_ONCE: Duration = Duration::from_millis(300);
/// How long a write that is under way is waited for.
const LAST_ANSWER: Duration = Duration::from_secs(30);
/// How long the backend may take to end; a session that has to be ended at the registry takes two seconds at most.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Why a command ends before its result, or not as it should.
#[derive(Debug)]
pub(super) enum End {
    /// It failed.
    Failed(Failure),
    /// The command line makes no sense here; nothing was sent.
    Usage(Failure),
    /// A signal, or Ctrl-C at a question; what is to be said.
    Stopped(Sign, Text),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl End {
    pub(super) fn usage(what: impl AsRef<str>, next: &str) -> Self {
        Self::Usage(Failure::new(FailureKind::Local, what, next))
    }

    pub(super) const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(failure) => failure.kind.exit_code(),
            Self::Usage(_) => 2,
            Self::Stopped(sign, _) => sign.exit_code(),
        }
    }
}

/// How a request ended well.
pub(super) struct Answered {
    pub(super) outcome: Outcome,
    /// The rows of its pages, in order.
    pub(super) rows: Vec<Token>,
    /// Set when it was given up on the way, and this much of it was done all the same.
    pub(super) end: Option<End>,
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
    /// The configuration as it was at the start, for words.
    pub(super) config: Config,
}

impl Talk {
    /// Reads the configuration and starts a backend. Sends nothing.
    pub(super) fn open(account: &AccountArgs) -> Result<Self, End> {
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
        if account
            .otp
            .as_deref()
            .is_some_and(|otp| serves_once(&stripped(otp)))
        {
            return Err(End::usage(
                "What --otp gives looks like a recovery code, which is not taken there: it serves once, \
                 and other programs can read a command line.",
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
        let signs = Signs::new().map_err(|error| {
            Failure::new(
                FailureKind::Local,
                format!("The system gives no means to wait for signals: {error}."),
                "Close other programs and start again.",
            )
        })?;
        // No plain command touches recovery codes, so there is no folder for them.
        let deps = Deps {
            vault_dir: PathBuf::new(),
            place_dir: PathBuf::new(),
            home: None,
            clock: Arc::new(SystemClock),
            work: WORK,
            seed: None,
        };
        let (handle, events) = spawn(Configured::npm(read), deps);
        Ok(Self {
            handle,
            events,
            signs,
            otp: account.otp.clone(),
            otp_went: false,
            somebody: somebody_there(),
            next: 0,
            page: None,
            config,
        })
    }

    /// Whether there is somebody to ask.
    pub(super) const fn somebody(&self) -> bool {
        self.somebody
    }

    /// The registry as a person names it.
    pub(super) fn host(&self) -> Text {
        npmrc::registry_name(&self.config.registry)
    }

    /// Sends a request and sees it to its end.
    pub(super) async fn ask(&mut self, request: Request) -> Result<Answered, End> {
        let id = RequestId(self.next);
        self.next += 1;
        self.handle.send(Command::Start {
            id,
            request,
            asking: Asking::Allowed,
        });
        let mut asked = Asked::new(id);
        let result = loop {
            tokio::select! {
                biased;
                event = self.events.recv() => match event {
                    Some(Event::Finished { id: ended, result }) if ended == id => break result,
                    Some(event) => self.hear(event, &mut asked)?,
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
            (Err(why), None) => Err(why.into()),
        }
    }

    fn hear(&mut self, event: Event, asked: &mut Asked) -> Result<(), End> {
        match event {
            Event::Asked { question, .. } => self.question(question, asked)?,
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
            } => asked.say(&format!(
                "Trying again in {} s ({attempt} of {of}): {why}",
                seconds(wait)
            )),
            Event::Page { index, rows, .. } => {
                asked.pages.entry(index).or_default().extend(rows);
            }
            // What a step says is in the result, too; there is one request at a time.
            Event::Step { .. } | Event::Finished { .. } => {}
        }
        Ok(())
    }

    fn question(&mut self, question: Question, asked: &mut Asked) -> Result<(), End> {
        match question {
            Question::Challenge(challenge) => self.challenged(&challenge, asked),
            Question::Web(web) => {
                self.show(&web, "Sign in on this page, on any device:", asked);
                if self.somebody && asked.open.is_none() {
                    asked.open_page(&web.page)?;
                }
                Ok(())
            }
            Question::SignIn(dead) => {
                let host = self.host();
                let words = match dead.words.as_str() {
                    "" => String::new(),
                    words => format!(": \u{201c}{words}\u{201d}"),
                };
                let why = Failure::new(
                    FailureKind::SignedOut,
                    format!("{host} does not accept the credential any more{words}."),
                    "",
                );
                self.give_up(End::Failed(why), asked);
                Ok(())
            }
            Question::Confirm(_)
            | Question::NewSetUp(_)
            | Question::CodesShown
            | Question::OtherPlace(_)
            | Question::Proof(_) => {
                self.give_up(End::Failed(gone()), asked);
                Ok(())
            }
        }
    }

    /// The registry wants the second factor: from the command line once, then from the person.
    fn challenged(&mut self, challenge: &Challenge, asked: &mut Asked) -> Result<(), End> {
        if let Some(otp) = self.otp.take() {
            self.otp_went = true;
            self.send(asked.id, otp.expose().as_str().into());
            return Ok(());
        }
        let Challenge { action, host, .. } = challenge;
        let heard: Vec<_> = challenge.notices.iter().map(Text::as_str).collect();
        // Standard input is a file, and somebody looks on: the page needs no key here.
        if !self.somebody
            && io::stderr().is_terminal()
            && let Some(web) = &challenge.web
        {
            asked.say(&format!("{host} wants a second factor to {action}."));
            for notice in heard {
                asked.say(notice);
            }
            self.show(web, "Approve it on this page, on any device:", asked);
            return Ok(());
        }
        if !self.somebody {
            let (what, next) = if self.otp_went {
                (
                    format!("{host} wants another code to {action}. {}", heard.join(" ")),
                    "Run it again with a fresh code after --otp, or on a terminal.",
                )
            } else {
                (
                    format!(
                        "{host} wants a one-time password to {action}. {}",
                        heard.join(" ")
                    ),
                    "Give it with --otp CODE, or run this on a terminal.",
                )
            };
            let why = Failure::new(FailureKind::NeedsSecondFactor, what, next);
            self.give_up(End::Failed(why), asked);
            return Ok(());
        }
        asked.open = None;
        if challenge.attempt <= 1 {
            asked.say(&format!("{host} wants a one-time password to {action}."));
        }
        for notice in heard {
            asked.say(notice);
        }
        if challenge.by_email {
            asked.say("The code comes by mail.");
        }
        if let Some(web) = &challenge.web {
            self.show(web, "Approve it on this page, on any device:", asked);
            asked.say("Or type a code from the authenticator here.");
        }
        asked.ready = challenge
            .wait
            .and_then(|wait| Instant::now().checked_add(wait));
        if let Some(wait) = challenge.wait {
            asked.say(&format!(
                "The next code goes out in {} s at the earliest.",
                seconds(wait)
            ));
        }
        asked.open("One-time password: ", What::Code)
    }

    /// Shows a page of the registry's, whole, once (promises P02 and P18).
    fn show(&mut self, web: &Web, words: &str, asked: &mut Asked) {
        let page = &web.page;
        if self.page.as_ref() == Some(&page.address) {
            return;
        }
        asked.say(words);
        asked.say(&format!("  {}", page.address));
        if page.foreign {
            asked.say(&format!(
                "Careful: that page is of {}, which is not the registry's own website. \
                 Open it only if you know that your registry signs in there.",
                page.host
            ));
        }
        if !page.foreign
            && io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            && let Ok(size) = crossterm::terminal::size()
        {
            for line in qr::drawn(page.address.as_str(), size).unwrap_or_default() {
                asked.say(&line);
            }
        }
        asked.say(&format!(
            "Waiting for it, {} min at most (Ctrl-C cancels) \u{2026}",
            web.left.as_secs().div_ceil(60)
        ));
        self.page = Some(page.address.clone());
        asked.left = Some(web.left);
        asked.mark();
    }

    fn send(&self, id: RequestId, code: Secret<String>) {
        self.handle.send(Command::Answer {
            id,
            answer: Answer::Code(code),
        });
    }

    /// A line was typed below the registry's question.
    fn typed(&mut self, typed: Typed, asked: &mut Asked) -> Result<(), End> {
        let Some(Open { what, .. }) = asked.open.take() else {
            return Ok(());
        };
        match (typed, what) {
            (Typed::Left, _) => self.leave(Sign::Interrupt, asked),
            (Typed::Line(_), What::Page(page)) if page.foreign => {
                let question = format!("Open a page of {}? [y/N] ", page.host);
                asked.open(&question, What::Foreign(page))
            }
            (Typed::Line(_), What::Page(page)) => {
                asked.opening = Some(Box::pin(browser::open(&page.address)));
                asked.open_page(&page)
            }
            (Typed::Line(line), What::Foreign(page)) => {
                if is_yes(&line) {
                    asked.opening = Some(Box::pin(browser::open(&page.address)));
                }
                asked.open_page(&page)
            }
            (Typed::Line(line), What::Spend(code)) => {
                if is_yes(&line) {
                    self.send_typed(code, asked);
                    Ok(())
                } else {
                    asked.say("It was not sent.");
                    asked.open("One-time password: ", What::Code)
                }
            }
            (Typed::Line(line), What::Code) => {
                let code = stripped(&line);
                if code.is_empty() {
                    return asked.open("One-time password: ", What::Code);
                }
                if serves_once(&code) {
                    // The page before a recovery code is spent (promise P11).
                    asked.say("That looks like a recovery code. It works once.");
                    asked.say(
                        "On npm's own registry, using one may hold back publishing and new tokens for 72 hours.",
                    );
                    return asked.open("Send it? [y/N] ", What::Spend(code));
                }
                self.send_typed(code, asked);
                Ok(())
            }
        }
    }

    fn send_typed(&self, code: Secret<String>, asked: &mut Asked) {
        let held_back = asked
            .ready
            .take()
            .map(|ready| ready.saturating_duration_since(Instant::now()));
        if let Some(wait) = held_back.filter(|wait| !wait.is_zero()) {
            asked.say(&format!("The code goes out in {} s.", seconds(wait)));
        }
        self.send(asked.id, code);
    }

    fn give_up(&self, end: End, asked: &mut Asked) {
        asked.open = None;
        asked.end = Some(end);
        asked.patience = Some(Box::pin(sleep(AT_ONCE)));
        self.handle.send(Command::Cancel { id: asked.id });
    }

    /// The end is asked for: nothing more is begun, and a write that is under way is waited for. Asked for again, it
    /// is not.
    fn leave(&self, sign: Sign, asked: &mut Asked) -> Result<(), End> {
        if matches!(asked.end, Some(End::Stopped(..))) {
            return Err(End::Stopped(sign, unknown()));
        }
        if sign == Sign::Interrupt && self.somebody && asked.open.is_none() && !is_quiet() {
            // The terminal wrote ^C.
            asked.say("");
        }
        self.give_up(End::Stopped(sign, Text::default()), asked);
        Ok(())
    }

    fn late(&self, asked: &mut Asked) -> Result<(), End> {
        if asked.told {
            return Err(match asked.end.take() {
                Some(End::Stopped(sign, _)) => End::Stopped(sign, unknown()),
                _ => End::Failed(Failure::new(FailureKind::Network, unknown().as_str(), "")),
            });
        }
        asked.told = true;
        asked.patience = Some(Box::pin(sleep(LAST_ANSWER)));
        if self.handle.writes_in_flight() > 0 {
            asked.say("Waiting for the registry to confirm a change, 30 s at most (Ctrl-C leaves) \u{2026}");
        }
        Ok(())
    }

    /// Asks the person for a line, with no request under way.
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
            Finish::TimedOut => Some(SessionEnd::Alive(unknown())),
        }
    }
}

/// A request under way.
struct Asked {
    id: RequestId,
    pages: BTreeMap<u64, Vec<Token>>,
    open: Option<Open>,
    /// From when on a code is not held back.
    ready: Option<Instant>,
    /// Why it was given up.
    end: Option<End>,
    patience: Option<Pin<Box<Sleep>>>,
    /// The person was told that it is waited for.
    told: bool,
    /// How much longer a page is waited for, when the next mark has come.
    left: Option<Duration>,
    marked: Option<Pin<Box<Sleep>>>,
    /// A page that is being opened; tells why it was not.
    opening: Option<Pin<Box<dyn Future<Output = Option<&'static str>>>>>,
}

/// A question that stands on the terminal.
struct Open {
    typing: Typing,
    what: What,
}

/// What the line below a question is for.
enum What {
    /// A one-time password.
    Code,
    /// A yes that sends this recovery code.
    Spend(Secret<String>),
    /// Enter opens this page.
    Page(WebPage),
    /// A yes that opens this page, which is not of the registry's own host.
    Foreign(WebPage),
}

impl Asked {
    const fn new(id: RequestId) -> Self {
        Self {
            id,
            pages: BTreeMap::new(),
            open: None,
            ready: None,
            end: None,
            patience: None,
            told: false,
            left: None,
            marked: None,
            opening: None,
        }
    }

    /// Until the next of the times at which it is said how much is left: seldom, for whoever has them read out.
    fn mark(&mut self) {
        let next = self.left.and_then(|left| {
            let at = MARKS.into_iter().find(|at| *at < left)?;
            self.left = Some(at);
            left.checked_sub(at)
        });
        self.marked = next.map(|wait| Box::pin(sleep(wait)));
    }

    /// One of these times has come.
    fn count(&mut self) {
        if let Some(left) = self.left {
            self.say(&format!("{} min left.", left.as_secs() / 60));
        }
        self.mark();
    }

    fn open(&mut self, label: &str, what: What) -> Result<(), End> {
        let hidden = matches!(what, What::Code);
        let typing = Typing::open(label, hidden).map_err(|error| no_terminal(&error))?;
        self.open = Some(Open { typing, what });
        Ok(())
    }

    fn open_page(&mut self, page: &WebPage) -> Result<(), End> {
        self.open(
            "Enter opens it in a browser on this machine: ",
            What::Page(page.clone()),
        )
    }

    fn say(&self, line: &str) {
        match &self.open {
            Some(open) => open.typing.say(line),
            None => say(line),
        }
    }
}

/// Says something beside the result.
pub(super) fn say(line: &str) {
    // Whoever hung up hears nothing.
    let _ = writeln!(io::stderr(), "{line}");
}

async fn answer(open: &mut Option<Open>) -> Typed {
    match open {
        Some(open) => open.typing.next().await,
        None => pending().await,
    }
}

async fn opened(
    opening: &mut Option<Pin<Box<dyn Future<Output = Option<&'static str>>>>>,
) -> Option<&'static str> {
    match opening {
        Some(opening) => opening.await,
        None => pending().await,
    }
}

async fn over(patience: &mut Option<Pin<Box<Sleep>>>) {
    match patience {
        Some(sleep) => sleep.await,
        None => pending().await,
    }
}

/// Whole ones: no less than it takes.
const fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + if wait.subsec_nanos() > 0 { 1 } else { 0 }
}

fn is_yes(answer: &Secret<String>) -> bool {
    let answer = answer.expose().trim();
    answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes")
}

fn no_terminal(error: &io::Error) -> Failure {
    Failure::new(
        FailureKind::Local,
        format!("The terminal takes no questions: {error}."),
        "Give what is needed on the command line, or use another terminal.",
    )
}

fn nothing_done() -> Text {
    Text::from("Nothing was changed.")
}

fn unknown() -> Text {
    Text::from("The registry has not answered; whether it acted is not known.")
}

fn gone() -> Failure {
    Failure::new(
        FailureKind::Local,
        "npm-warden itself failed while working on this.",
        "Please report it, and look what the registry says now.",
    )
}
