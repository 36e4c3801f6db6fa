//! Changing the level of an account that has two-factor authentication on.

use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::{Answer, Enabled, Outcome, Question};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::tfa::{Level, Tfa};
use crate::registry::{Enrolling, Registry as _};

use super::Job;
use super::factor::{Doubt, changed};
use super::place::Ready;
use super::set_up::SetUp;

pub(super) async fn change<C: Connector>(
    job: &Job<'_, C>,
    level: Level,
    password: Secret<String>,
) -> Result<Outcome, Stop> {
    // The same request begins a set-up where 2FA is off, so the truth comes first.
    let profile = job.profile().await?;
    let (before, next) = match profile.tfa {
        Tfa::On(now) if now == level => return Ok(Outcome::LevelChanged(now)),
        Tfa::On(now) => (now, ""),
        Tfa::Off => (level, "Turn it on, and choose the level there."),
        Tfa::Pending(_) => (
            level,
            "A set-up is half done: finish it, or clear it first.",
        ),
        Tfa::Unknown(_) => (
            level,
            "Look at the security settings on the registry's website.",
        ),
    };
    if before == level {
        return Err(Failure::new(
            FailureKind::Refused,
            "The level was not changed: by its profile, two-factor authentication is not on.",
            next,
        )
        .into());
    }
    let mut pass = job
        .writing(&format!("change the level to {}", level.word()))
        .doubting();
    let done = |tfa: &Tfa| *tfa != Tfa::On(before);
    let sent = changed!(job, pass, done, call => job.registry.enrol(call, level, &password))?;
    drop(pass);
    match sent {
        Ok(Enrolling::LevelChanged(now)) => Ok(Outcome::LevelChanged(now)),
        Ok(Enrolling::Begun(url)) => {
            let set_up = SetUp {
                account: profile.name,
                level,
                password,
                was_on: true,
            };
            Ok(Outcome::Enabled(new_set_up(job, set_up, url).await?))
        }
        Err(doubt) => judged(job, doubt, (before, level)),
    }
}

/// Some registries take a change of level as the beginning of a new set-up, with a new key and new codes.
async fn new_set_up<C: Connector>(
    job: &Job<'_, C>,
    set_up: SetUp,
    url: Secret<String>,
) -> Result<Enabled, Stop> {
    set_up.half_done(job);
    let enrolment = set_up.enrolment(job, url).await?;
    let place = loop {
        match job.desk.ask(Question::NewSetUp(set_up.level)).await? {
            Answer::Place(place) => break place,
            Answer::Leave { clear } => return set_up.left(job, clear, false).await,
            _ => {}
        }
    };
    // The place was proved when it was chosen. What will not do since is found out when the codes are to be written,
    // and another place is asked for then.
    let ready = Ready::new(job.house, Some(set_up.account.clone()), place.clone())
        .await
        .ok();
    let place = ready.as_ref().map_or(place, |ready| ready.place.clone());
    let enabled = set_up.finish(job, enrolment, place).await?;
    if let Some(ready) = ready {
        ready.discard(job.desk).await;
    }
    Ok(enabled)
}

/// No good answer came: the registry's own profile has the last word.
fn judged<C: Connector>(
    job: &Job<'_, C>,
    doubt: Doubt,
    (before, wanted): (Level, Level),
) -> Result<Outcome, Stop> {
    let failure = match &doubt.now {
        Ok(profile) => match &profile.tfa {
            Tfa::On(now) if *now == wanted => return Ok(Outcome::LevelChanged(wanted)),
            Tfa::On(_) => doubt.unchanged(
                job,
                &format!("The level is still {}: try again.", before.word()),
            ),
            Tfa::Pending(_) => doubt.but(
                job,
                "By its profile it has begun a new set-up for that, whose key never came: two-factor authentication was on, and is half done now.",
                "Enable it again, so that it guards the account: the half-done set-up is cleared first. The old entry in the authenticator may count no more.",
            ),
            Tfa::Off => doubt.but(
                job,
                "By its profile two-factor authentication, which was on, is off now.",
                "Enable it again, so that it guards the account.",
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
            "Whether the level was changed",
            "Check the connection, then press r to read the truth.",
        ),
    };
    Err(failure.into())
}
