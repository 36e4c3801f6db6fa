//! `2fa status`, `2fa level` and `2fa disable`.

use zeroize::Zeroizing;

use super::Here;
use super::account::signed_in;
use super::enable::to_its_end;
use super::report::{Report, failure, for_a_command};
use super::shape;
use super::talk::{Answered, End, Talk, say};
use crate::args::{AccountArgs, DisableArgs, LevelArgs, StatusArgs};
use crate::backend::protocol::{Outcome, PASSWORD_AGAIN, Request};
use crate::domain::account::Profile;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::website;
use crate::domain::policy::{CLOSED_SINCE, CLOSING_ANNOUNCED, SETTINGS};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::tfa::{GUARDED, Level, Tfa};

pub(super) async fn status(here: &Here, args: &StatusArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, &args.account)?;
    let (_, profile) = signed_in(&mut talk).await?;
    let config = talk.config()?;
    let lacking = args.check.and_then(|least| lacking(&profile.tfa, least));
    Ok(Report {
        text: in_words(&profile, &talk.host()).into(),
        json: shape::line(shape::Status {
            registry: config.registry.as_str(),
            username: &profile.name,
            tfa: (&profile.tfa).into(),
            asks_for: asks_for(&profile.tfa),
        }),
        end: lacking.map(End::Failed),
    })
}

/// What npm's people announced about new set-ups, where the registry is theirs; without a full stop.
pub(super) fn announced(host: &Text) -> Option<String> {
    website(host)?;
    Some(format!(
        "npm announced on {CLOSING_ANNOUNCED} that it takes no new authenticator apps from {CLOSED_SINCE} on, but security keys"
    ))
}

/// What a script that wants at least this level is told.
fn lacking(tfa: &Tfa, least: Level) -> Option<Failure> {
    let what = match (tfa, least) {
        (Tfa::On(Level::AuthAndWrites), _) | (Tfa::On(Level::AuthOnly), Level::AuthOnly) => {
            return None;
        }
        (Tfa::On(now), _) => format!("The level is {}, not {}.", now.word(), least.word()),
        (Tfa::Unknown(_), _) => "Whether two-factor authentication is on is not known.".to_owned(),
        (Tfa::Off | Tfa::Pending(_), _) => "Two-factor authentication is not on.".to_owned(),
    };
    Some(Failure::new(FailureKind::Local, what, ""))
}

/// What the registry asks a code for; `None` where the state is not known.
fn asks_for(tfa: &Tfa) -> Option<Vec<&'static str>> {
    let level = match tfa {
        Tfa::On(level) => *level,
        Tfa::Off | Tfa::Pending(_) => return Some(Vec::new()),
        Tfa::Unknown(_) => return None,
    };
    let guarded = GUARDED.iter().filter(|guarded| match level {
        Level::AuthOnly => guarded.auth_only,
        Level::AuthAndWrites => guarded.auth_and_writes,
    });
    Some(guarded.map(|guarded| guarded.action).collect())
}

/// The state, what it means, and the next step.
fn in_words(profile: &Profile, host: &Text) -> String {
    let closed = announced(host).map(|announced| {
        format!("{announced}: add one on {SETTINGS}, under Two-Factor Authentication")
    });
    let (state, means, next) = match &profile.tfa {
        Tfa::On(Level::AuthAndWrites) => (
            "on".to_owned(),
            "signing in, changes to the account, and every change to a package ask for a code",
            String::new(),
        ),
        Tfa::On(Level::AuthOnly) => (
            "on".to_owned(),
            "signing in and changes to the account ask for a code; publishing does not",
            "npm-warden 2fa level auth-and-writes guards publishing, too".to_owned(),
        ),
        Tfa::Off => (
            "off".to_owned(),
            "the password alone opens this account",
            closed.unwrap_or_else(|| "npm-warden 2fa enable turns it on, step by step".to_owned()),
        ),
        Tfa::Pending(level) => (
            level.map_or_else(
                || "pending".to_owned(),
                |level| format!("pending, for {}", level.word()),
            ),
            "a set-up was begun and never confirmed: it protects nothing, and the entry that it left in an authenticator is useless",
            match closed {
                Some(closed) => format!("npm-warden 2fa disable clears it; {closed}"),
                None => "npm-warden 2fa enable clears it and begins anew; npm-warden 2fa disable only clears it".to_owned(),
            },
        ),
        Tfa::Unknown(words) if profile.is_name_alone() => (
            "unknown".to_owned(),
            "the registry gave no profile",
            if words.is_empty() {
                "see on the registry's website what protects the account".to_owned()
            } else {
                format!("see on the registry's website what protects the account; what came instead of the profile: {}", words.quoted(200))
            },
        ),
        Tfa::Unknown(words) => (
            if words.is_empty() {
                "unknown".to_owned()
            } else {
                format!("unknown: {}", words.quoted(200))
            },
            "this program does not know the registry's answer",
            "see on the registry's website what protects the account".to_owned(),
        ),
    };
    let asks = asks_for(&profile.tfa).unwrap_or_default().join("; ");
    let level = match &profile.tfa {
        Tfa::On(level) => level.word(),
        Tfa::Off | Tfa::Pending(_) | Tfa::Unknown(_) => "",
    };
    let rows = [
        ("account", format!("{} @ {host}", profile.name)),
        ("state", state),
        ("level", level.to_owned()),
        ("means", means.to_owned()),
        ("asks for", asks),
        ("next", next),
    ];
    let lines: Vec<_> = rows
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name:8}  {value}"))
        .collect();
    lines.join("\n")
}

pub(super) async fn level(here: &Here, args: &LevelArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, &args.account)?;
    let (_, profile) = signed_in(&mut talk).await?;
    let wanted = args.level;
    match &profile.tfa {
        Tfa::On(now) if *now == wanted => {
            let text = format!("The level is {} already.", wanted.word());
            return as_it_was(&talk, &profile, text);
        }
        Tfa::On(_) => {}
        Tfa::Off => {
            return Err(End::usage(
                "Two-factor authentication is off, so it has no level.",
                &format!(
                    "npm-warden 2fa enable --level {} turns it on.",
                    wanted.word()
                ),
            ));
        }
        Tfa::Pending(_) => {
            return Err(End::usage(
                "A set-up of two-factor authentication is half done, so it has no level.",
                &format!(
                    "npm-warden 2fa enable --level {} clears it and begins anew.",
                    wanted.word()
                ),
            ));
        }
        Tfa::Unknown(_) => return Err(not_known(&profile.tfa)),
    }
    somebody(&talk)?;
    say(match wanted {
        Level::AuthAndWrites => {
            "Publishing and the other package changes ask for a code as well from then on."
        }
        Level::AuthOnly => {
            "Publishing and the other package changes no longer ask for a code then."
        }
    });
    let answered = by_password(&mut talk, |password| {
        Ok(Request::ChangeLevel {
            level: wanted,
            password,
        })
    })
    .await?;
    let now = match answered.outcome {
        Outcome::LevelChanged(now) => now,
        // It was a new set-up.
        Outcome::Enabled(enabled) => {
            return to_its_end(&mut talk, &args.account, true, enabled, answered.end).await;
        }
        _ => return Err(super::not_what_was_asked().into()),
    };
    let text = format!("The level is {} now.", now.word());
    let end = answered.end.map(|end| done_all_the_same(end, &text));
    Ok(Report {
        json: changed(&talk, &args.account, &Tfa::On(now), true, end.as_ref())?,
        text: text.into(),
        end,
    })
}

pub(super) async fn disable(here: &Here, args: &DisableArgs) -> Result<Report, End> {
    let mut talk = Talk::open(here, &args.account)?;
    let (_, profile) = signed_in(&mut talk).await?;
    let half_done = matches!(profile.tfa, Tfa::Pending(_));
    if profile.tfa == Tfa::Off {
        let text = "Two-factor authentication is off already.".to_owned();
        return as_it_was(&talk, &profile, text);
    }
    somebody(&talk)?;
    if !args.yes {
        let question = if half_done {
            say(
                "A set-up was begun and never confirmed. The entry that it left in an authenticator is useless then.",
            );
            "Clear it?"
        } else {
            say(
                "Without two-factor authentication whoever has the password has the account, and can publish its packages. \
                 The recovery codes and the entry in the authenticator stop working.",
            );
            if let Some(announced) = announced(&talk.host()) {
                say(&format!(
                    "{announced}: turned off, it can probably not be turned on again from here."
                ));
            }
            say("Where the authenticator is lost, a recovery code is taken in its place.");
            "Turn it off?"
        };
        if !talk.agreed(question).await? {
            return Err(End::nothing_changed());
        }
    }
    let answered = by_password(&mut talk, |password| Ok(Request::Disable { password })).await?;
    let Outcome::Disabled(after) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    let text = if half_done {
        "The half-done set-up is cleared: two-factor authentication is off. Delete the entry that it left in your authenticator."
    } else {
        "Two-factor authentication is off. Its recovery codes and its entry in your authenticator are of no use any more."
    };
    let end = answered.end.map(|end| done_all_the_same(end, text));
    Ok(Report {
        text: text.to_owned().into(),
        json: changed(&talk, &args.account, &after.tfa, true, end.as_ref())?,
        end,
    })
}

/// A signal came when the change was on its way, and its end was waited for.
fn done_all_the_same(end: End, text: &str) -> End {
    match end {
        End::Stopped(sign, _) => End::Stopped(
            sign,
            Text::new(&format!(
                "You left when the change was sent already. {text}"
            )),
        ),
        end => end,
    }
}

/// There was nothing to do.
pub(super) fn as_it_was(talk: &Talk, profile: &Profile, text: String) -> Result<Report, End> {
    Ok(Report {
        text: text.into(),
        json: changed(talk, &AccountArgs::default(), &profile.tfa, false, None)?,
        end: None,
    })
}

/// A change of the second factor that brought no recovery codes, as the registry's own answer tells it.
fn changed(
    talk: &Talk,
    account: &AccountArgs,
    tfa: &Tfa,
    changed: bool,
    end: Option<&End>,
) -> Result<Zeroizing<String>, End> {
    Ok(shape::line(shape::Change {
        registry: talk.config()?.registry.as_str(),
        username: &talk.account,
        tfa: tfa.into(),
        changed,
        checked: true,
        recovery: None,
        error: why(account, end),
    }))
}

pub(super) fn why(account: &AccountArgs, end: Option<&End>) -> Option<shape::Why> {
    end.map(|end| (&for_a_command(failure(end), account)).into())
}

/// An answer of the registry's that nothing can be built on.
pub(super) fn not_known(tfa: &Tfa) -> End {
    let words = match tfa {
        Tfa::Unknown(words) if !words.is_empty() => format!(": {}", words.quoted(80)),
        _ => String::new(),
    };
    End::Failed(Failure::new(
        FailureKind::Refused,
        format!(
            "The registry describes two-factor authentication in a way that this program does not know{words}."
        ),
        "Look at the security settings on the registry's website.",
    ))
}

/// Passwords are asked for on a terminal, and nowhere else.
pub(super) fn somebody(talk: &Talk) -> Result<(), End> {
    if talk.somebody() {
        return Ok(());
    }
    Err(End::usage(
        "There is no terminal to ask for the password on, and it is taken from nowhere else.",
        "Run it on a terminal, with standard input and standard error there.",
    ))
}

pub(super) async fn password(talk: &mut Talk) -> Result<Secret<String>, End> {
    let label = format!("Password of {} at {}: ", talk.account, talk.host());
    talk.hidden(&label).await
}

/// Asks for the password and sends this with it; again, as long as the registry refuses it and nothing else happened.
pub(super) async fn by_password(
    talk: &mut Talk,
    request: impl FnMut(Secret<String>) -> Result<Request, End>,
) -> Result<Answered, End> {
    let first = password(talk).await?;
    by_password_or_again(talk, first, request).await
}

/// The same where the password was asked for already.
pub(super) async fn by_password_or_again(
    talk: &mut Talk,
    mut typed: Secret<String>,
    mut request: impl FnMut(Secret<String>) -> Result<Request, End>,
) -> Result<Answered, End> {
    loop {
        match talk.ask(request(typed)?).await {
            Err(End::Failed(why)) if why.next.as_str() == PASSWORD_AGAIN => {
                say(&why.to_string());
            }
            ended => return ended,
        }
        typed = password(talk).await?;
    }
}
