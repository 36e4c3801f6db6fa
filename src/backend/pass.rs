//! A call that a registry may guard with the second factor: challenged, it parks, asks, and is sent again.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::backend::again::{Again, Token, Wanted};
use crate::backend::desk::{Desk, Left, Writing, after};
use crate::backend::notice::{
    ANOTHER, FREE_REFUSALS, MAYBE_ANOTHER, REUSED, clock_notice, growing_wait, is_boilerplate,
    locked_words, page_words, refused_words,
};
use crate::backend::protocol::{Answer, Challenge, Question};
use crate::backend::spent::{Noting, may_have_served};
use crate::backend::used::{Code, Used, WhyNot};
use crate::backend::visit::{Came, Visit};
use crate::domain::failure::Failure;
use crate::domain::otp::{Otp, serves_once};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::{Call, Challenged, Error, Registry};

/// The longest wait that is waited out unasked.
const SOON: Duration = Duration::from_secs(10);

/// Why a job stops before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The registry, or the way to it.
    Error(Error),
    /// Anything else, in words already.
    Failure(Failure),
    /// The person left.
    Left,
}

impl From<Left> for Stop {
    fn from(_: Left) -> Self {
        Self::Left
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Why a call does not simply go out again.
#[derive(Debug)]
pub(super) enum Why {
    /// The registry challenged; a code may have gone with the request and be refused by that.
    Challenged(Challenged),
    /// The registry asks to wait, with a code in play.
    Wait {
        /// How long, where it says so.
        for_: Option<Duration>,
        /// Its words.
        words: Text,
    },
    /// The registry refused a code that it had accepted before: each serves once here, or its time is over.
    Reused(Challenged),
    /// Each code serves once here, and the last one has served.
    NextCode,
    /// The registry does not accept the credential any more.
    SignedOut {
        /// Its words.
        words: Text,
        /// The token that was refused.
        carried: Token,
    },
}

/// What a pass may do about a refusal.
#[derive(Clone, Copy)]
pub(super) struct Powers<'a> {
    /// The codes that are not sent again.
    pub(super) used: &'a Used,
    /// It asks for a code.
    pub(super) asks: bool,
    /// It waits for another sign-in.
    pub(super) again: Option<Again<'a>>,
    /// Where a recovery code is noted that went out.
    pub(super) noting: Noting<'a>,
}

/// What a pass does besides sending, asking and sending again.
#[derive(Clone, Copy, Debug, Default)]
struct Manners {
    /// The job cannot be left while the call is under way, nor after its success.
    firm: bool,
    /// A short wait that the registry asks for is waited out, once.
    patient: bool,
    /// A wait ends it like a refusal: whether anything was done is looked up before another code is asked for.
    doubting: bool,
    /// The code itself is what is tried out: none that serves once, and no page in its place.
    trying: bool,
    /// It counts as sent: the person is not asked any more whether it is to go out.
    begun: bool,
}

/// One guarded action: the code at hand, and what was refused so far.
pub(super) struct Pass<'a, R> {
    desk: &'a Arc<Desk>,
    registry: &'a R,
    powers: Powers<'a>,
    action: Text,
    write: bool,
    code: Option<Code>,
    /// The code at hand, or the last one, came from a page on the web.
    from_page: bool,
    /// So many codes from pages were refused.
    pages_refused: u32,
    /// The page that answers the challenge as well.
    visit: Option<Visit>,
    /// The token that the present call carries.
    carried: Token,
    writing: Option<Writing>,
    manners: Manners,
    attempt: u32,
    refusals: u32,
    /// How often it asked to wait, which is no refusal of a code and makes the waits grow all the same.
    waits: u32,
}

/// What the person did about a challenge.
enum Got {
    /// Typed this, which may be used from then on.
    Typed(Answer, Instant),
    /// Went to the page.
    Page(Came),
}

impl<'a, R: Registry> Pass<'a, R> {
    /// For a call that changes nothing. `action` ends the sentence "the registry wants a code to …".
    pub(super) fn read(
        desk: &'a Arc<Desk>,
        registry: &'a R,
        powers: Powers<'a>,
        action: impl AsRef<str>,
    ) -> Self {
        Self {
            desk,
            registry,
            powers,
            action: Text::new(action.as_ref()),
            write: false,
            code: None,
            from_page: false,
            pages_refused: 0,
            visit: None,
            carried: None,
            writing: None,
            manners: Manners::default(),
            attempt: 1,
            refusals: 0,
            waits: 0,
        }
    }

    /// For a call that changes something: it is not dropped while it is under way.
    pub(super) fn write(
        desk: &'a Arc<Desk>,
        registry: &'a R,
        powers: Powers<'a>,
        action: impl AsRef<str>,
    ) -> Self {
        Self {
            write: true,
            ..Self::read(desk, registry, powers, action)
        }
    }

    /// It is about this from now on.
    pub(super) fn is_to(&mut self, action: Text) {
        self.action = action;
    }

    /// Nothing leaves the job while the call is under way, nor after its success.
    pub(super) fn firmly(mut self) -> Self {
        self.manners.firm = true;
        self
    }

    /// What the registry refused for now was not done: after a short wait it is sent again, once (promise P25).
    pub(super) fn patiently(mut self) -> Self {
        self.manners.patient = true;
        self
    }

    /// A wait ends it: whether anything was done is looked up before another code is asked for, by [`Pass::resume`].
    pub(super) fn doubting(mut self) -> Self {
        self.manners.doubting = true;
        self
    }

    /// Its job has waited for the person's word already, and tells of it as of something that is on its way.
    pub(super) fn begun(mut self) -> Self {
        self.manners.begun = true;
        self
    }

    /// A code is tried out for its own sake.
    pub(super) fn trying(mut self) -> Self {
        self.manners.trying = true;
        self
    }

    /// Goes on with a code that another pass of the same job had, and whether a page gave it.
    pub(super) fn with_code(mut self, (code, from_page): (Option<Code>, bool)) -> Self {
        self.code = code;
        self.from_page = from_page;
        self
    }

    /// The code at hand, to go on with, and whether a page gave it.
    pub(super) fn into_code(self) -> (Option<Code>, bool) {
        (self.code, self.from_page)
    }

    /// The code at hand.
    pub(super) fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// Whether it asks for a code.
    pub(super) fn asks(&self) -> bool {
        self.powers.asks && self.desk.may_ask()
    }

    /// Whether it waits for another sign-in.
    pub(super) fn signs_in_again(&self) -> bool {
        self.powers.again.is_some() && self.desk.may_ask()
    }

    /// Waits while the person is being asked whether a write is to go out.
    pub(super) async fn may_go(&self) {
        if self.write && self.writing.is_none() && !self.manners.begun {
            self.desk.unhalted().await;
        }
    }

    /// What accompanies the call that goes out now. No write begins once the person left.
    pub(super) fn call(&mut self) -> Result<Call<'_>, Left> {
        if self.write && self.writing.is_none() {
            self.writing = Some(self.desk.writing()?);
            self.desk.firm(self.manners.firm);
        }
        if let Some(code) = &self.code {
            self.powers.used.sent(code);
        }
        self.carried = self.registry.token();
        Ok(Call {
            otp: self.code.as_deref().map(Otp::secret),
            once: self.code.as_ref().is_some_and(|code| code.once()),
            retrying: self.desk.retrying(),
        })
    }

    /// Takes the answer: a result ends it; `None` means that the call is to be sent again.
    ///
    /// After a success the write still counts as under way, until the pass is dropped or
    /// [`Pass::into_writing`] took that over.
    pub(super) async fn judge<T>(&mut self, answer: Result<T, Error>) -> Result<Option<T>, Stop> {
        let why = match answer {
            Ok(value) => {
                if self.write {
                    self.desk.hold();
                }
                if let Some(code) = self.code.take_if(|code| code.once()) {
                    self.powers.used.add(Arc::clone(&code), WhyNot::Served);
                    // What the answer of a firm call holds comes first, and new codes take the place of those.
                    if !self.manners.firm {
                        self.note(&code, true).await;
                    }
                }
                self.visit = None;
                self.desk.settled();
                return Ok(Some(value));
            }
            Err(Error::Challenge(challenged)) if self.asks() => Why::Challenged(challenged),
            Err(Error::Wait { for_, words }) if self.waits_for_a_code() => {
                if let Some(code) = self.code.clone() {
                    self.note(&code, false).await;
                }
                if self.manners.doubting {
                    self.under_way_no_more();
                    return Err(Error::Wait { for_, words }.into());
                }
                Why::Wait { for_, words }
            }
            Err(Error::Wait {
                for_: Some(wait),
                words,
            }) if self.manners.patient && self.code.is_none() && wait <= SOON => {
                self.manners.patient = false;
                // Nothing is under way meanwhile: it can be given up.
                self.under_way_no_more();
                self.desk.pause(2, 2, wait, words).await;
                return Ok(None);
            }
            Err(Error::SignedOut {
                anonymous: false,
                words,
            }) if self.signs_in_again() => Why::SignedOut {
                words,
                carried: self.carried.take(),
            },
            Err(error) => {
                if self.write && error.outcome_unknown() {
                    self.desk.hold();
                }
                if self.write
                    && let Some(code) = &self.code
                {
                    self.powers.used.unsent(code, &error);
                }
                if may_have_served(&error, self.write)
                    && let Some(code) = self.code.clone()
                {
                    self.note(&code, false).await;
                }
                self.under_way_no_more();
                self.desk.settled();
                return Err(Stop::Error(error));
            }
        };
        self.under_way_no_more();
        self.resume(why).await?;
        Ok(None)
    }

    /// Whether a wait that the registry asks for is one before the next code.
    pub(super) fn waits_for_a_code(&self) -> bool {
        self.code.is_some() && self.asks()
    }

    /// A code went out: one that serves once is noted as used, or as perhaps used.
    pub(super) async fn note(&self, code: &Code, sure: bool) {
        if code.once()
            && !self.from_page
            && let Noting { book, account } = self.powers.noting
            && let Some(account) = account.get()
        {
            let host = self.registry.identity().registry;
            book.code_used(account, &host, code, sure).await;
        }
    }

    /// The profile shows that the call was done after all: a code that went with it has served.
    pub(super) async fn done_after_all(&mut self) {
        if let Some(code) = self.code.take_if(|code| code.once()) {
            self.powers.used.add(Arc::clone(&code), WhyNot::Served);
            self.note(&code, true).await;
        }
    }

    fn under_way_no_more(&mut self) {
        if self.manners.firm {
            self.desk.firm(false);
        }
        self.writing = None;
    }

    /// The guard of a write that succeeded, for a job whose work with it is not done yet.
    pub(super) fn into_writing(self) -> Option<Writing> {
        self.writing
    }

    /// The registry took the present code: the count of refusals begins anew.
    pub(super) fn accepted(&mut self) {
        self.attempt = 1;
        self.refusals = 0;
        self.waits = 0;
        self.visit = None;
    }

    /// Does what is needed before a call can go out again. `Some` is a new code; without one it goes bare.
    pub(super) async fn resume(&mut self, why: Why) -> Result<Option<Code>, Left> {
        match why {
            Why::SignedOut { words, carried } => {
                // The code may be an old one by then; one that serves once counts as sent.
                self.code = None;
                self.visit = None;
                let again = self.powers.again.ok_or(Left)?;
                let wanted = Wanted {
                    action: &self.action,
                    words: &words,
                    carried: &carried,
                };
                again.wait(self.desk, self.registry, wanted).await?;
                Ok(None)
            }
            // Who has only the page cannot type the next one: the registry offers the page anew when it is asked.
            Why::NextCode if self.from_page => {
                if let Some(code) = self.code.take() {
                    self.powers.used.add(code, WhyNot::Served);
                }
                self.attempt = 1;
                self.refusals = 0;
                self.waits = 0;
                Ok(None)
            }
            why => self.obtain(why).await.map(Some),
        }
    }

    /// Asks until there is a code that may be sent.
    async fn obtain(&mut self, why: Why) -> Result<Code, Left> {
        let mut notices = Vec::new();
        let mut by_email = false;
        let mut refused_now = false;
        let mut wait = None;
        let before = self.code.take();
        let reused = matches!(why, Why::Reused(_));
        match why {
            Why::Challenged(challenged) | Why::Reused(challenged) => {
                by_email = challenged.by_email;
                if let Some(code) = before {
                    if self.from_page {
                        self.pages_refused += 1;
                    }
                    notices.push(if reused {
                        Text::from(REUSED)
                    } else {
                        refused_words(&challenged.words, self.from_page)
                    });
                    self.powers.used.add(code, WhyNot::Refused);
                    self.refusals += 1;
                    self.attempt += 1;
                    wait = growing_wait(self.refusals + self.waits);
                    refused_now = true;
                } else if !challenged.words.is_empty() && !is_boilerplate(&challenged.words) {
                    notices.push(Text::new(&format!(
                        "The registry says: “{}”",
                        challenged.words.cut(200)
                    )));
                }
                // A page that a typed code did not use up goes on being asked about.
                if let Some(web) = challenged.web
                    && !self.manners.trying
                {
                    self.visit = Some(Visit::new(web));
                }
                if self.pages_refused >= FREE_REFUSALS && self.visit.take().is_some() {
                    notices.push(Text::from(
                        "The codes of its page are refused here each time: type one.",
                    ));
                }
            }
            Why::Wait { for_, words } => {
                let wrong = self.refusals > 0;
                self.waits += 1;
                self.attempt += 1;
                let refusals = self.refusals + self.waits;
                wait = for_.or_else(|| growing_wait(refusals.max(FREE_REFUSALS)));
                notices.push(locked_words(for_, wait, &words, wrong));
                // The refusal that closes a registry's door may be told as this wait alone.
                if let Some(code) = before {
                    self.powers.used.add(code, WhyNot::Waited);
                }
            }
            Why::NextCode | Why::SignedOut { .. } => {
                self.attempt = 1;
                self.refusals = 0;
                self.waits = 0;
                notices.push(Text::from(match &before {
                    Some(code) if code.once() => {
                        "A recovery code serves once: another code is needed for the next request."
                    }
                    _ => "This registry takes each code once: the next one is needed.",
                }));
                if let Some(code) = before {
                    self.powers.used.add(code, WhyNot::Served);
                }
            }
        }
        if self.manners.trying {
            notices.push(Text::from(
                "Only a code of the authenticator is taken here: a recovery code would be used up by this.",
            ));
        }
        let clock = clock_notice(self.registry.clock_ahead());
        if clock.is_none()
            && refused_now
            && self.refusals == MAYBE_ANOTHER
            && !by_email
            && !self.from_page
        {
            notices.push(Text::from(ANOTHER));
        }
        notices.extend(clock);
        loop {
            let challenge = Challenge {
                action: self.action.clone(),
                host: self.registry.identity().registry,
                attempt: self.attempt,
                notices: std::mem::take(&mut notices),
                by_email,
                web: self.visit.as_ref().map(Visit::web),
                wait: wait.take(),
            };
            let other = challenge.other_codes();
            let (code, from_page) = match self.put(challenge).await? {
                Got::Typed(Answer::Code(typed), ready) => {
                    let code = stripped(&typed);
                    // What is not sent anyway needs no waiting for; the wait goes on.
                    if self.problem(&code, false).is_some() {
                        let left = ready.saturating_duration_since(Instant::now());
                        wait = Some(left).filter(|left| !left.is_zero());
                    } else {
                        self.desk.hold_back(ready).await?;
                    }
                    (code, false)
                }
                // Declined: what asks goes without, and its job goes on.
                Got::Typed(Answer::Emergency(_), _) => {
                    self.desk.settled();
                    return Err(Left);
                }
                Got::Typed(..) => continue,
                Got::Page(Came::Done(code)) => {
                    self.visit = None;
                    (stripped(&code), true)
                }
                Got::Page(came) => {
                    self.visit = None;
                    notices.push(page_words(&came));
                    continue;
                }
            };
            if let Some(problem) = self.problem(&code, from_page) {
                self.attempt += 1;
                notices.push(Text::from(problem));
                notices.extend(clock_notice(self.registry.clock_ahead()));
                continue;
            }
            if from_page {
                // Nobody typed anything: the question goes by itself.
                self.desk.withdraw();
            }
            let code = Arc::new(Otp::new(code, other || from_page));
            self.code = Some(Arc::clone(&code));
            self.from_page = from_page;
            return Ok(code);
        }
    }

    /// Asks, and looks at the page meanwhile if there is one: whichever comes first. After a typed code the page is
    /// left alone; if that is refused, it is looked at again.
    async fn put(&mut self, challenge: Challenge) -> Result<Got, Left> {
        let ready = after(challenge.wait.unwrap_or_default());
        let question = Question::Challenge(challenge);
        let Some(visit) = &mut self.visit else {
            let (answer, ready) = self.desk.ask_at_once(question).await?;
            return Ok(Got::Typed(answer, ready));
        };
        let asked = self.desk.ask_at_once(question);
        let came = async {
            // A code of the page is a code: it is not fetched before it may be sent.
            tokio::time::sleep_until(ready).await;
            visit.outcome(self.registry, self.desk).await
        };
        tokio::select! {
            biased;
            answer = asked => answer.map(|(answer, ready)| Got::Typed(answer, ready)),
            came = came => Ok(Got::Page(came)),
        }
    }

    /// Why a code is not sent.
    fn problem(&self, code: &Secret<String>, from_page: bool) -> Option<&'static str> {
        if code.is_empty() {
            return Some(if from_page {
                "The page gave an empty code: type one."
            } else {
                "Nothing was typed."
            });
        }
        if !code.expose().bytes().all(|b| b.is_ascii_graphic()) {
            return Some("A code has plain digits and letters only; nothing was sent.");
        }
        if self.manners.trying && serves_once(code, false) {
            return Some(
                "That looks like a recovery code, which trying out would use up: type the code that the authenticator shows.",
            );
        }
        let why = self.powers.used.find(code)?;
        if from_page {
            return Some("The page gave a code that went out before; it is not sent again.");
        }
        Some(match why {
            WhyNot::Refused => "That code was refused before and is not sent again.",
            WhyNot::Served => "That code has served already and is not sent again.",
            WhyNot::Sent => {
                "That recovery code went out already; it serves once and is not sent again."
            }
            WhyNot::Waited => "That code went out before the wait and is not sent again.",
        })
    }
}

/// Sends a call through a [`Pass`] until it is no longer challenged: `Result<T, Stop>`.
macro_rules! guarded {
    ($pass:expr, $call:ident => $request:expr) => {{
        let mut pass = $pass;
        $crate::backend::pass::guarded_by!(pass, $call => $request)
    }};
}

/// Like [`guarded!`], with a pass that goes on being used.
macro_rules! guarded_by {
    ($pass:ident, $call:ident => $request:expr) => {
        loop {
            $pass.may_go().await;
            let answer = match $pass.call() {
                Ok($call) => $request.await,
                Err(left) => break Err($crate::backend::pass::Stop::from(left)),
            };
            match $pass.judge(answer).await {
                Ok(Some(value)) => break Ok::<_, $crate::backend::pass::Stop>(value),
                Ok(None) => {}
                Err(stop) => break Err(stop),
            }
        }
    };
}

pub(super) use crate::domain::otp::stripped;
pub(super) use {guarded, guarded_by};
