//! A call that a registry may guard with the second factor: challenged, it parks, asks, and is sent again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::backend::desk::{Desk, Left, Writing};
use crate::backend::protocol::{Answer, Challenge, Question};
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::registry::{Call, Challenged, Error, Registry, Sent};

/// A clock that is off by more than this is said before the first code (promise P16), in seconds.
pub(super) const CLOCK_OFF: i64 = 30;
/// After so many refusals the waits begin (promise P15).
const FREE_REFUSALS: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// A one-time password that is about to be sent, or was.
pub(super) type Code = Arc<Secret<String>>;

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

/// The codes that are not sent again, whatever asks for one (promises P11 and P15).
#[derive(Debug, Default)]
pub(super) struct Used(Mutex<VecDeque<UsedCode>>);

#[derive(Debug)]
struct UsedCode {
    code: Code,
    why: WhyNot,
}

/// Why a code is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhyNot {
    /// The registry refused it.
    Refused,
    /// It serves once, and has served.
    Served,
    /// It serves once, and went out; how it was taken is not known, or not yet.
    Sent,
    /// It went out, and the registry asked to wait instead of judging it.
    Waited,
}

impl Used {
    /// The waits make it a matter of hours to have this many refused.
    const MOST: usize = 256;

    fn codes(&self) -> MutexGuard<'_, VecDeque<UsedCode>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, code: Code, why: WhyNot) {
        let mut codes = self.codes();
        codes.retain(|used| !used.code.matches(&code));
        if codes.len() == Self::MOST {
            codes.pop_front();
        }
        codes.push_back(UsedCode { code, why });
    }

    /// A code goes out: one that serves once does so for the last time, whatever the answer will be.
    pub(super) fn sent(&self, code: &Code) {
        if serves_once(code) && self.find(code).is_none() {
            self.add(Arc::clone(code), WhyNot::Sent);
        }
    }

    /// The write that it went with ended by this: when that surely never arrived, the code is as good as before.
    pub(super) fn unsent(&self, code: &Code, error: &Error) {
        if matches!(error, Error::Network { sent: Sent::No, .. }) {
            self.codes()
                .retain(|used| used.why != WhyNot::Sent || !used.code.matches(code));
        }
    }

    pub(super) fn find(&self, code: &Secret<String>) -> Option<WhyNot> {
        self.codes()
            .iter()
            .find(|used| used.code.matches(code))
            .map(|used| used.why)
    }
}

/// Why a code is asked for.
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
    /// Each code serves once here, and the last one has served.
    NextCode,
}

/// One guarded action: the code at hand, and what was refused so far.
pub(super) struct Pass<'a, R> {
    desk: &'a Arc<Desk>,
    registry: &'a R,
    used: &'a Used,
    action: Text,
    write: bool,
    code: Option<Code>,
    writing: Option<Writing>,
    /// The job cannot be left while the call is under way, nor after its success.
    firm: bool,
    attempt: u32,
    refusals: u32,
}

impl<'a, R: Registry> Pass<'a, R> {
    /// For a call that changes nothing. `action` ends the sentence "the registry wants a code to …".
    pub(super) fn read(
        desk: &'a Arc<Desk>,
        registry: &'a R,
        used: &'a Used,
        action: impl AsRef<str>,
    ) -> Self {
        Self {
            desk,
            registry,
            used,
            action: Text::new(action.as_ref()),
            write: false,
            code: None,
            writing: None,
            firm: false,
            attempt: 1,
            refusals: 0,
        }
    }

    /// For a call that changes something: it is not dropped while it is under way.
    pub(super) fn write(
        desk: &'a Arc<Desk>,
        registry: &'a R,
        used: &'a Used,
        action: impl AsRef<str>,
    ) -> Self {
        Self {
            write: true,
            ..Self::read(desk, registry, used, action)
        }
    }

    /// Nothing leaves the job while the call is under way, nor after its success.
    pub(super) fn firmly(mut self) -> Self {
        self.firm = true;
        self
    }

    /// The code at hand.
    pub(super) fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// What accompanies the call that goes out now. No write begins once the person left.
    pub(super) fn call(&mut self) -> Result<Call<'_>, Left> {
        if self.write && self.writing.is_none() {
            self.writing = Some(self.desk.writing()?);
            self.desk.firm(self.firm);
        }
        if let Some(code) = &self.code {
            self.used.sent(code);
        }
        Ok(Call {
            otp: self.code.as_deref(),
            retrying: self.desk.retrying(),
        })
    }

    /// Takes the answer: a result ends it; `None` means that there is a new code to send the call with.
    ///
    /// After a success the write still counts as under way, until the pass is dropped or
    /// [`Pass::into_writing`] took that over.
    pub(super) async fn judge<T>(&mut self, answer: Result<T, Error>) -> Result<Option<T>, Stop> {
        match answer {
            Ok(value) => {
                if self.write {
                    self.desk.hold();
                }
                if let Some(code) = self.code.take_if(|code| serves_once(code)) {
                    self.used.add(code, WhyNot::Served);
                }
                Ok(Some(value))
            }
            Err(Error::Challenge(challenged)) if self.desk.may_ask() => {
                self.under_way_no_more();
                self.obtain(Why::Challenged(challenged)).await?;
                Ok(None)
            }
            Err(Error::Wait { for_, words }) if self.code.is_some() && self.desk.may_ask() => {
                self.under_way_no_more();
                self.obtain(Why::Wait { for_, words }).await?;
                Ok(None)
            }
            Err(error) => {
                if self.write && error.outcome_unknown() {
                    self.desk.hold();
                }
                if self.write
                    && let Some(code) = &self.code
                {
                    self.used.unsent(code, &error);
                }
                self.under_way_no_more();
                Err(Stop::Error(error))
            }
        }
    }

    fn under_way_no_more(&mut self) {
        if self.firm {
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
    }

    /// Asks until there is a code that may be sent.
    pub(super) async fn obtain(&mut self, why: Why) -> Result<Code, Left> {
        let mut notices = Vec::new();
        let mut by_email = false;
        let mut wait = None;
        let before = self.code.take();
        match why {
            Why::Challenged(challenged) => {
                by_email = challenged.by_email;
                if let Some(code) = before {
                    notices.push(refused_words(&challenged.words));
                    self.used.add(code, WhyNot::Refused);
                    self.refusals += 1;
                    self.attempt += 1;
                    wait = growing_wait(self.refusals);
                } else if !challenged.words.is_empty() && !is_boilerplate(&challenged.words) {
                    notices.push(Text::new(&format!(
                        "The registry says: “{}”",
                        challenged.words.cut(200)
                    )));
                }
            }
            Why::Wait { for_, words } => {
                self.refusals += 1;
                self.attempt += 1;
                wait = for_.or_else(|| growing_wait(self.refusals.max(FREE_REFUSALS)));
                notices.push(Text::new(&match words.as_str() {
                    "" => "The registry asks to wait before the next code.".to_owned(),
                    words => format!(
                        "The registry asks to wait before the next code: “{}”",
                        crate::domain::text::cut(words, 200)
                    ),
                }));
                // The refusal that closes a registry's door may be told as this wait alone.
                if let Some(code) = before {
                    self.used.add(code, WhyNot::Waited);
                }
            }
            Why::NextCode => {
                self.attempt = 1;
                self.refusals = 0;
                notices.push(Text::from(match &before {
                    Some(code) if serves_once(code) => {
                        "A recovery code serves once: another code is needed for the next request."
                    }
                    _ => "This registry takes each code once: the next one is needed.",
                }));
                if let Some(code) = before {
                    self.used.add(code, WhyNot::Served);
                }
            }
        }
        notices.extend(clock_notice(self.registry.clock_ahead()));
        loop {
            let challenge = Challenge {
                action: self.action.clone(),
                host: self.registry.identity().registry,
                attempt: self.attempt,
                notices: std::mem::take(&mut notices),
                by_email,
                web: None,
                wait: wait.take(),
            };
            let Answer::Code(typed) = self.desk.ask(Question::Challenge(challenge)).await? else {
                continue;
            };
            let code = stripped(&typed);
            let problem = if code.is_empty() {
                Some("Nothing was typed.")
            } else if !code.expose().bytes().all(|b| b.is_ascii_graphic()) {
                Some("A code has plain digits and letters only; nothing was sent.")
            } else {
                match self.used.find(&code) {
                    Some(WhyNot::Refused) => {
                        Some("That code was refused before and is not sent again.")
                    }
                    Some(WhyNot::Served) => {
                        Some("That code has served already and is not sent again.")
                    }
                    Some(WhyNot::Sent) => Some(
                        "That recovery code went out already; it serves once and is not sent again.",
                    ),
                    Some(WhyNot::Waited) => {
                        Some("That code went out before the wait and is not sent again.")
                    }
                    None => None,
                }
            };
            if let Some(problem) = problem {
                self.attempt += 1;
                notices.push(Text::from(problem));
                notices.extend(clock_notice(self.registry.clock_ahead()));
                continue;
            }
            let code = Arc::new(code);
            self.code = Some(Arc::clone(&code));
            return Ok(code);
        }
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

pub(super) use crate::domain::otp::{serves_once, stripped};
pub(super) use {guarded, guarded_by};

/// The wait before the next question after so many refusals.
pub(super) fn growing_wait(refusals: u32) -> Option<Duration> {
    let doublings = refusals.checked_sub(FREE_REFUSALS)?;
    Some(
        FIRST_WAIT
            .saturating_mul(1 << doublings.min(16))
            .min(LONGEST_WAIT),
    )
}

fn clock_notice(ahead: Option<i64>) -> Option<Text> {
    let ahead = clock_off(ahead)?;
    let (seconds, way) = (
        ahead.unsigned_abs(),
        if ahead > 0 { "ahead of" } else { "behind" },
    );
    Some(Text::new(&format!(
        "This machine's clock is {} {way} the registry's: if the device with the authenticator is off as well, its codes are refused.",
        crate::registry::error::span(Duration::from_secs(seconds)),
    )))
}

/// The clock's distance where it matters.
pub(super) fn clock_off(ahead: Option<i64>) -> Option<i64> {
    ahead.filter(|ahead| ahead.unsigned_abs() > CLOCK_OFF.unsigned_abs())
}

fn refused_words(words: &Text) -> Text {
    if words.is_empty() || is_boilerplate(words) {
        Text::from("The registry did not accept that code.")
    } else {
        Text::new(&format!(
            "The registry did not accept that code: “{}”",
            words.cut(200)
        ))
    }
}

/// The sentence with which registries ask npm for a code: it tells nothing, and to upgrade npm would mislead.
fn is_boilerplate(words: &Text) -> bool {
    let words = words.as_str().to_ascii_lowercase();
    words.contains("must provide a one-time pass")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p17_blanks_and_line_ends_are_no_part_of_a_code() {
        for typed in ["123 456", " 123456\n", "123\u{a0}456", "1 2 3 4 5 6\r\n"] {
            assert_eq!(stripped(&typed.into()).expose(), "123456");
        }
    }

    #[test]
    fn p15_waits_grow_after_three_refusals_up_to_a_limit() {
        let seconds: Vec<_> = (0..14)
            .map(|n| growing_wait(n).map_or(0, |wait| wait.as_secs()))
            .collect();
        assert_eq!(
            seconds,
            [0, 0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]
        );
        assert_eq!(growing_wait(u32::MAX), Some(LONGEST_WAIT));
    }

    #[test]
    fn p11_recovery_codes_are_told_from_codes_of_a_clock() {
        for once in [
            "0123456789abcdef",
            &"a1".repeat(24),
            &"0".repeat(64),
            "abcd-efgh",
        ] {
            assert!(serves_once(&once.into()), "{once}");
        }
        for again in ["123456", "12345678", "1234567890123456"] {
            assert!(!serves_once(&again.into()), "{again}");
        }
    }

    #[test]
    fn p16_a_clock_more_than_thirty_seconds_off_is_said() {
        assert_eq!(clock_notice(None), None);
        assert_eq!(clock_notice(Some(30)), None);
        assert_eq!(clock_notice(Some(-30)), None);
        let ahead = clock_notice(Some(95)).expect("said");
        assert!(ahead.as_str().contains("95 s ahead of"), "{ahead}");
        let behind = clock_notice(Some(-600)).expect("said");
        assert!(behind.as_str().contains("10 min behind"), "{behind}");
    }
}
