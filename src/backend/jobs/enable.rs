//! Enabling two-factor authentication: from the profile to the registry's key, and on through the set-up.

use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::{BEGINNING, Enabled, Outcome, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::Place;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Refusal, Tfa};
use crate::registry::{Enrolling, Error, Registry as _};

use super::factor::changed;
use super::place::Ready;
use super::set_up::SetUp;
use super::{Job, password};

pub(super) async fn enable<C: Connector>(
    job: &Job<'_, C>,
    level: Level,
    password: Secret<String>,
    place: Place,
    clear_pending: bool,
) -> Result<Outcome, Stop> {
    // Before anything is begun: the codes will have a place.
    let ready = Ready::new(job.house, None, place).await?;
    let enabled = set_up(job, level, password, &ready.place, clear_pending).await?;
    // Without codes, or with codes that went elsewhere. After a failure it is kept for another try.
    ready.discard(job.desk).await;
    Ok(Outcome::Enabled(enabled))
}

async fn set_up<C: Connector>(
    job: &Job<'_, C>,
    level: Level,
    password: Secret<String>,
    place: &Place,
    clear_pending: bool,
) -> Result<Enabled, Stop> {
    let account = match begin(job, &password, clear_pending).await? {
        Ok(account) => account,
        Err(refusal) => return Ok(Enabled::NotTaken(refusal)),
    };
    let url = match enrol(job, level, &password).await? {
        Ok(url) => url,
        Err(refusal) => return Ok(Enabled::NotTaken(refusal)),
    };
    let set_up = SetUp {
        account,
        level,
        password,
        was_on: false,
    };
    set_up.half_done(job);
    let enrolment = set_up.enrolment(job, url).await?;
    set_up.finish(job, enrolment, place.clone()).await
}

/// Reads the profile and clears what is half done. Returns the account's name.
async fn begin<C: Connector>(
    job: &Job<'_, C>,
    password: &Secret<String>,
    clear_pending: bool,
) -> Result<Result<Text, Refusal>, Stop> {
    job.desk.step(Step::Doing("Reading the profile"));
    let profile = match job.profile().await {
        Ok(profile) => profile,
        Err(Stop::Error(Error::NotOffered { words })) => {
            return Ok(Err(Refusal::NotOffered(words)));
        }
        Err(stop) => return Err(stop),
    };
    let (what, next) = match profile.tfa {
        Tfa::Off => return Ok(Ok(profile.name)),
        Tfa::Pending(_) if clear_pending => {
            job.desk.step(Step::Doing("Clearing the half-done set-up"));
            return match clear(job, password).await? {
                Ok(()) => {
                    job.desk.if_left(
                        "You left after the half-done set-up was cleared: two-factor authentication is off, and nothing new was begun.",
                        "Remove the old entry from the authenticator, if there is one.",
                    );
                    Ok(Ok(profile.name))
                }
                Err(refusal) => Ok(Err(refusal)),
            };
        }
        Tfa::Pending(_) => (
            "The registry has a half-done set-up of two-factor authentication.".to_owned(),
            "Agree to clear it, then start again.",
        ),
        Tfa::On(level) => (
            format!("Two-factor authentication is on already: {}.", level.word()),
            "Change the level, or turn it off first.",
        ),
        Tfa::Unknown(words) => (
            format!(
                "The registry describes two-factor authentication in a way that this program does not know: {}.",
                words.quoted(80)
            ),
            "Look at the security settings on the registry's website.",
        ),
    };
    Err(Failure::new(FailureKind::Refused, what, next).into())
}

/// Clears what is half done.
pub(super) async fn clear<C: Connector>(
    job: &Job<'_, C>,
    password: &Secret<String>,
) -> Result<Result<(), Refusal>, Stop> {
    let mut pass = job.writing("clear the half-done set-up").doubting();
    let off = |tfa: &Tfa| *tfa == Tfa::Off;
    let doubt = match changed!(job, pass, off, call => job.registry.disable(call, password))? {
        Ok(()) => return Ok(Ok(())),
        Err(doubt) => doubt,
    };
    let failure = match &doubt.now {
        Ok(profile) => match &profile.tfa {
            Tfa::Off => return Ok(Ok(())),
            Tfa::Pending(_) => match doubt.error {
                Error::NotOffered { words } => return Ok(Err(Refusal::NotOffered(words))),
                _ => doubt.unchanged(job, "The half-done set-up is still there: try again."),
            },
            tfa => doubt.but(
                job,
                &format!(
                    "By its profile two-factor authentication is {} now, so the set-up was finished elsewhere.",
                    tfa.word()
                ),
                "Press r to read the account again.",
            ),
        },
        Err(why) => doubt.unread(
            job,
            why,
            "Whether the half-done set-up was cleared",
            "Check the connection, then press r to read the truth.",
        ),
    };
    Err(failure.into())
}

/// Begins the set-up. Returns the `otpauth://` URL.
async fn enrol<C: Connector>(
    job: &Job<'_, C>,
    level: Level,
    password: &Secret<String>,
) -> Result<Result<Secret<String>, Refusal>, Stop> {
    job.desk.step(Step::Doing(BEGINNING));
    let mut pass = job.writing("turn two-factor authentication on").doubting();
    let begun = |tfa: &Tfa| *tfa != Tfa::Off;
    let sent = changed!(job, pass, begun, call => job.registry.enrol(call, level, password))?;
    let doubt = match sent {
        Ok(Enrolling::Begun(url)) => return Ok(Ok(url)),
        Ok(Enrolling::LevelChanged(now)) => {
            return Err(Failure::new(
                FailureKind::Refused,
                format!(
                    "Two-factor authentication was turned on elsewhere meanwhile; its level is {} now.",
                    now.word()
                ),
                "Press r to read the account again.",
            )
            .into());
        }
        Err(doubt) => doubt,
    };
    let failure = match &doubt.now {
        Ok(profile) => match &profile.tfa {
            Tfa::Off => match refusal(&doubt.error) {
                Some(refusal) => return Ok(Err(refusal)),
                None => doubt.unchanged(job, "Nothing was begun there: start again."),
            },
            Tfa::Pending(_) => doubt.but(
                job,
                "It has begun a set-up all the same, and the key for the authenticator never came.",
                "The registry has a half-done set-up now: start again, and it is cleared first.",
            ),
            Tfa::On(now) => doubt.but(
                job,
                &format!(
                    "By its profile two-factor authentication is on now, as turned on elsewhere: {}.",
                    now.word()
                ),
                "Press r to read the account again.",
            ),
            Tfa::Unknown(words) => doubt.but(
                job,
                &format!(
                    "Its profile describes two-factor authentication in a way that this program does not know: {}.",
                    words.quoted(80)
                ),
                "Look at the security settings on the registry's website.",
            ),
        },
        Err(why) => doubt.unread(
            job,
            why,
            "Whether a set-up was begun",
            "Check the connection, then press r: a half-done set-up is cleared before a new one.",
        ),
    };
    Err(failure.into())
}

/// Why the registry does not take a set-up from here, where that is what it says.
fn refusal(error: &Error) -> Option<Refusal> {
    if error.is_explained() || password::refused(error).is_some() {
        return None;
    }
    match error {
        Error::NotOffered { words }
        | Error::Refused {
            status: 404 | 405 | 501 | 503,
            words,
        } => Some(Refusal::NotOffered(words.clone())),
        Error::Refused {
            status: 400..=499,
            words,
        } => Some(Refusal::Closed(words.clone())),
        _ => None,
    }
}
