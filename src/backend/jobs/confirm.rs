//! The last code of a set-up: judged here first, sent when it can be right, and never lost track of.

use tokio::time::Instant;

use crate::backend::desk::Writing;
use crate::backend::house::Connector;
use crate::backend::notice::{clock_off, growing_wait};
use crate::backend::pass::{Stop, guarded_by, stripped};
use crate::backend::protocol::{Answer, CodeRefused, Confirm, Question};
use crate::backend::used::{Used, WhyNot};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::otp::{Diagnosis, Enrolment, Otp};
use crate::domain::recovery::RecoveryCodes;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Tfa};
use crate::registry::{Challenged, Error, Registry as _, Sent as SentAt};

use super::Job;
use super::set_up::SetUp;

/// How the last question ended.
pub(super) enum Confirmed {
    /// The registry took the code. The write counts as under way until the codes are safe.
    Codes {
        codes: RecoveryCodes,
        writing: Option<Writing>,
    },
    /// It took the code, and the codes are not at hand.
    WithoutCodes { level: Level, why: Failure },
    /// The person left; `sent`: not before a code had gone out.
    Left { clear: bool, sent: bool },
}

/// Asks and sends until it is over.
pub(super) async fn confirm<C: Connector>(
    job: &Job<'_, C>,
    set_up: &SetUp,
    enrolment: &Enrolment,
) -> Result<Confirmed, Stop> {
    // Codes of this set-up's key; those of other questions are of another.
    let used = Used::default();
    let mut question = Confirm {
        attempt: 1,
        refused: None,
        clock_ahead: clock_off(job.registry.clock_ahead()),
        wait: None,
    };
    let mut refusals = 0;
    let mut sent = false;
    let mut before: Option<Secret<String>> = None;
    loop {
        let asked = Question::Confirm(question.clone());
        let (typed, ready) = match job.desk.ask_at_once(asked).await? {
            (Answer::Code(typed), ready) => (stripped(&typed), ready),
            (Answer::Leave { clear }, _) => return Ok(Confirmed::Left { clear, sent }),
            _ => continue,
        };
        question = Confirm {
            attempt: question.attempt + 1,
            refused: None,
            clock_ahead: clock_off(job.registry.clock_ahead()),
            wait: None,
        };
        if used.find(&typed).is_some() {
            // It is not sent anyway, so that nobody waits for that; the wait goes on.
            let left = ready.saturating_duration_since(Instant::now());
            question.wait = Some(left).filter(|left| !left.is_zero());
            question.refused = Some(CodeRefused::Again);
            continue;
        }
        job.desk.hold_back(ready).await?;
        let insists = before.take().is_some_and(|before| before.matches(&typed));
        match enrolment.diagnose(&typed, registry_time(job)) {
            Diagnosis::Current => {}
            Diagnosis::OtherTime(_) | Diagnosis::OtherKey if insists => {}
            diagnosis => {
                if !matches!(diagnosis, Diagnosis::NotACode(_)) {
                    before = Some(typed);
                }
                question.refused = Some(CodeRefused::Here(diagnosis));
                continue;
            }
        }
        sent = true;
        match send(job, set_up, &typed).await? {
            Sent::Confirmed(confirmed) => return Ok(confirmed),
            Sent::Refused(words) => {
                refusals += 1;
                used.add(Otp::new(typed, false).into(), WhyNot::Refused);
                question.refused = Some(CodeRefused::There(words));
                question.wait = growing_wait(refusals);
            }
            Sent::Wait { for_, words } => {
                refusals += 1;
                used.add(Otp::new(typed, false).into(), WhyNot::Waited);
                question.refused = Some(CodeRefused::There(words));
                question.wait = for_.or_else(|| growing_wait(refusals.max(3)));
            }
            Sent::Unanswered(why) => {
                question.refused = Some(CodeRefused::Unanswered(why));
            }
        }
    }
}

enum Sent {
    Confirmed(Confirmed),
    Refused(Text),
    Wait {
        for_: Option<std::time::Duration>,
        words: Text,
    },
    /// No answer, and the set-up still waits for a code.
    Unanswered(Text),
}

/// Sends one code.
async fn send<C: Connector>(
    job: &Job<'_, C>,
    set_up: &SetUp,
    code: &Secret<String>,
) -> Result<Sent, Stop> {
    let mut pass = job
        .writing("finish turning two-factor authentication on")
        .firmly()
        .doubting();
    let answer = guarded_by!(pass, call => async {
        match job.registry.confirm(call, code).await {
            // Some registries refuse the code in the words of a challenge.
            Err(Error::Challenge(Challenged { words, refused: false, .. })) if refuses(&words) => {
                Err(Error::Refused { status: 401, words })
            }
            answer => answer,
        }
    });
    let error = match answer {
        Ok(codes) if codes.is_empty() => {
            drop(pass);
            job.desk.firm(false);
            let why = Failure::new(
                FailureKind::Refused,
                format!("{} took the code and sent no recovery codes.", job.host()),
                FRESH,
            );
            return on_without_codes(job, why).await;
        }
        Ok(codes) => {
            return Ok(Sent::Confirmed(Confirmed::Codes {
                codes,
                writing: pass.into_writing(),
            }));
        }
        Err(Stop::Error(error)) => error,
        Err(stop) => return Err(stop),
    };
    drop(pass);
    match error {
        // It surely never arrived, so the set-up is as it was.
        Error::Network {
            sent: SentAt::No, ..
        } => Ok(Sent::Unanswered(job.error(&error).what)),
        error @ (Error::Challenge(_) | Error::Unsafe { .. } | Error::Changed { .. }) => {
            Err(error.into())
        }
        error => judged(job, set_up, error).await,
    }
}

/// Where the person is led who has no recovery codes.
pub(super) const FRESH: &str = "Get fresh recovery codes on the registry's website, or turn it off and on again here, while the authenticator is at hand.";

/// What a refusal may mean where the profile says that it is on.
const TAKEN_OVER: &str = "Either it took the code all the same, or another program finished a set-up of its own meanwhile: \
    then that one showed the recovery codes, and the entry made here is of no use.";

/// What became of a code that no codes came for: the answer may be about the code, or about a set-up that is over or
/// finished, or come from something on the way. The profile tells.
async fn judged<C: Connector>(
    job: &Job<'_, C>,
    set_up: &SetUp,
    error: Error,
) -> Result<Sent, Stop> {
    job.desk.hold();
    job.desk.if_left(
        "A code was sent, and you left before it was known whether two-factor authentication is on.",
        "Keep the entry in the authenticator, and press r to read the truth.",
    );
    let lost = job.error(&error);
    let truth = job.truth().await.map(|profile| profile.tfa);
    let refused = match error {
        Error::SignedOut { words, .. }
        | Error::NotOffered { words }
        | Error::Refused { words, .. } => Some(Sent::Refused(words)),
        Error::Wait { for_, words } => Some(Sent::Wait { for_, words }),
        _ => None,
    };
    let (what, next) = match (truth, refused) {
        (Ok(Tfa::On(level)), refused) => {
            let what = match refused {
                // An answer came, and it was a no.
                Some(_) => format!("{} {TAKEN_OVER}", lost.what),
                None => lost.what.as_str().to_owned(),
            };
            return Ok(Sent::Confirmed(Confirmed::WithoutCodes {
                level,
                why: Failure::new(lost.kind, what, FRESH),
            }));
        }
        (Ok(Tfa::Pending(_)), refused) => {
            set_up.half_done(job);
            return Ok(refused.unwrap_or(Sent::Unanswered(lost.what)));
        }
        // The next code is answered by what is true then.
        (Err(unread), Some(refused)) if unread.kind != FailureKind::Cancelled => {
            return Ok(refused);
        }
        (Ok(Tfa::Off), _) => (
            format!(
                "{} By its profile the set-up is gone and two-factor authentication is off.{}",
                lost.what,
                if set_up.was_on {
                    " It was on before."
                } else {
                    ""
                }
            ),
            "Remove the new entry from the authenticator and start again.",
        ),
        (Ok(Tfa::Unknown(_)) | Err(_), _) => (
            format!(
                "{} The code had been sent, and whether two-factor authentication is on now is not known.",
                lost.what
            ),
            "Keep the entry in the authenticator; check the connection and press r. If it is on, get fresh recovery codes at once.",
        ),
    };
    Err(Failure::new(lost.kind, what, next).into())
}

async fn on_without_codes<C: Connector>(job: &Job<'_, C>, why: Failure) -> Result<Sent, Stop> {
    let (what, next) = match job.truth().await.map(|profile| profile.tfa) {
        Ok(Tfa::On(level)) => return Ok(Sent::Confirmed(Confirmed::WithoutCodes { level, why })),
        Ok(tfa) => (
            format!(
                "{} By its profile two-factor authentication is {}.",
                why.what,
                tfa.word()
            ),
            "Press r in a minute, and keep the authenticator's entry until it is clear.",
        ),
        Err(_) => (
            format!(
                "{} Its profile could not be read again, so whether two-factor authentication is on is not known.",
                why.what
            ),
            "Keep the entry in the authenticator; check the connection and press r. If it is on, get fresh recovery codes at once.",
        ),
    };
    Err(Failure::new(why.kind, what, next).into())
}

/// The time by the registry's clock, in seconds since 1970.
fn registry_time<C: Connector>(job: &Job<'_, C>) -> u64 {
    let here = job.house.deps.clock.now().as_second();
    let ahead = job.registry.clock_ahead().unwrap_or_default();
    u64::try_from(here.saturating_sub(ahead)).unwrap_or_default()
}

/// Words that speak of a code that was sent, not of one that is missing.
fn refuses(words: &Text) -> bool {
    let words = words.as_str().to_lowercase();
    ["invalid", "incorrect", "wrong", "expired", "does not match"]
        .iter()
        .any(|word| words.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_code_is_told_from_a_missing_one() {
        assert!(refuses(&"invalid one-time password".into()));
        assert!(refuses(&"The code is incorrect".into()));
        assert!(!refuses(&"You must provide a one-time pass.".into()));
        assert!(!refuses(
            &"A One Time Password (OTP) by email is required.".into()
        ));
    }
}
