//! `2fa enable`: from the questions before it to what came of it.

use super::Here;
use super::account::signed_in;
use super::place;
use super::qr;
use super::report::Report;
use super::second_factor::{as_it_was, not_known, password, somebody, why};
use super::shape;
use super::talk::{End, Talk, say};
use crate::args::{AccountArgs, EnableArgs};
use crate::backend::protocol::{Enabled, Outcome, Request};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::website;
use crate::domain::qr::Modules;
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use crate::domain::tfa::{Level, Refusal, Tfa};

pub(super) async fn enable(here: &Here, args: &EnableArgs) -> Result<Report, End> {
    here.folder()?;
    let mut talk = Talk::open(here, &args.account)?;
    let (_, profile) = signed_in(&mut talk).await?;
    let mut clear_pending = args.clear_pending;
    match &profile.tfa {
        Tfa::On(now) if args.level.is_none_or(|level| level == *now) => {
            let text = format!("Two-factor authentication is on already: {}.", now.word());
            return as_it_was(&talk, &profile, text);
        }
        Tfa::On(now) => {
            return Err(End::usage(
                format!("Two-factor authentication is on already: {}.", now.word()),
                "npm-warden 2fa level changes the level.",
            ));
        }
        Tfa::Unknown(_) => return Err(not_known(&profile.tfa)),
        Tfa::Off | Tfa::Pending(_) => somebody(&talk)?,
    }
    if matches!(profile.tfa, Tfa::Pending(_)) && !clear_pending {
        say(
            "A set-up was begun and never confirmed. It is cleared before a new one begins; the entry that it left in an authenticator is useless then.",
        );
        if !talk.agreed("Clear it and begin anew?").await? {
            return Err(End::nothing_changed());
        }
        clear_pending = true;
    }
    let level = match args.level {
        Some(level) => level,
        None => choose_level(&mut talk).await?,
    };
    let password = password(&mut talk).await?;
    let place = place::choose(&mut talk, &profile.name, args.place.as_ref()).await?;
    let request = Request::Enable {
        level,
        password,
        place,
        clear_pending,
    };
    let answered = talk.ask(request).await?;
    let Outcome::Enabled(enabled) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    to_its_end(&mut talk, &args.account, enabled, answered.end).await
}

async fn choose_level(talk: &mut Talk) -> Result<Level, End> {
    say("When is the registry to ask for a code?");
    say(
        "  1  auth-and-writes: signing in, changes to your account and tokens, and every change to a package (recommended)",
    );
    say(
        "  2  auth-only: signing in, and changes to your account and tokens; publishing does not ask",
    );
    loop {
        let line = talk.line("Level [1]: ", false).await?;
        match line.expose().trim() {
            "" | "1" => return Ok(Level::AuthAndWrites),
            "2" => return Ok(Level::AuthOnly),
            word => {
                if let Some(level) = Level::from_word(word) {
                    return Ok(level);
                }
            }
        }
    }
}

/// What came of a set-up. One that is on without codes is walked off and on again, if the person wants it.
pub(super) async fn to_its_end(
    talk: &mut Talk,
    account: &AccountArgs,
    mut enabled: Enabled,
    mut end: Option<End>,
) -> Result<Report, End> {
    while let (Enabled::OnWithoutCodes { level, why }, None) = (&enabled, &end) {
        say(&format!(
            "{} Two-factor authentication is on now, and you have no recovery codes.",
            why.what
        ));
        say(
            "While the authenticator works, fresh codes can be had: turned off and on again, it gives new ones.",
        );
        if !talk.agreed("Turn it off and on again now?").await? {
            break;
        }
        let level = *level;
        let request = Request::Disable {
            password: password(talk).await?,
        };
        let answered = talk.ask(request).await?;
        if answered.end.is_some() {
            // It is off, and the person wants no more.
            (enabled, end) = (Enabled::Left { cleared: true }, answered.end);
            break;
        }
        say("It is off. Delete the entry in the authenticator; the new set-up brings another one.");
        let name = talk.account.clone();
        let place = place::choose(talk, &name, None).await.map_err(off_now)?;
        let request = Request::Enable {
            level,
            password: password(talk).await.map_err(off_now)?,
            place,
            clear_pending: false,
        };
        let answered = talk.ask(request).await?;
        let Outcome::Enabled(again) = answered.outcome else {
            return Err(super::not_what_was_asked().into());
        };
        (enabled, end) = (again, answered.end);
    }
    told(talk, account, &enabled, end)
}

/// Whoever leaves between off and on is told where that leaves the account.
fn off_now(end: End) -> End {
    match end {
        End::Stopped(sign, _) => End::Stopped(
            sign,
            Text::from("You left in between: two-factor authentication is off."),
        ),
        end => end,
    }
}

fn told(
    talk: &Talk,
    account: &AccountArgs,
    enabled: &Enabled,
    end: Option<End>,
) -> Result<Report, End> {
    let (tfa, checked, recovery, text, end) = match enabled {
        Enabled::NotTaken(refusal) => return Err(not_taken(talk, refusal)),
        Enabled::On {
            level,
            checked,
            unreadable,
            place,
            proved,
        } => {
            let end =
                end.map(|end| stopped(end, "You left before you had proved to have the codes."));
            if end.is_none() {
                say(
                    "Next: put a second copy of the codes away from this machine and away from the phone, and look which tokens \
                     are accepted without a code: npm-warden token list marks them bypasses-2fa.",
                );
            }
            (
                Tfa::On(*level),
                *checked,
                Some(shape::Came::new(place, *proved, *unreadable)),
                on(*level, *checked, *unreadable, place, *proved),
                end,
            )
        }
        Enabled::OnWithoutCodes { level, why } => {
            let next = "While the authenticator works, get fresh ones: npm-warden 2fa disable, then npm-warden 2fa enable.";
            let failed = || End::Failed(Failure::new(why.kind, why.what.as_str(), next));
            (
                Tfa::On(*level),
                true,
                None,
                format!(
                    "Two-factor authentication is on: {}. There are NO recovery codes: the answer that held them never came.",
                    level.word()
                ),
                Some(end.unwrap_or_else(failed)),
            )
        }
        Enabled::Left { cleared } => {
            let (tfa, words) = if *cleared {
                (
                    Tfa::Off,
                    "You left before the last code. Two-factor authentication is off, and nothing of the set-up remains at the registry. \
                     Delete the new entry from the authenticator.",
                )
            } else {
                (
                    Tfa::Pending(None),
                    "You left before the last code: the set-up is half done and protects nothing. \
                     npm-warden 2fa enable clears it and begins anew; npm-warden 2fa disable only clears it.",
                )
            };
            let end = match end {
                Some(end) => stopped(end, words),
                None => End::Failed(Failure::new(FailureKind::Cancelled, words, "")),
            };
            (tfa, *cleared, None, String::new(), Some(end))
        }
    };
    Ok(Report {
        text: text.into(),
        json: shape::line(shape::Change {
            registry: talk.config()?.registry.as_str(),
            username: &talk.account,
            changed: tfa != Tfa::Off,
            tfa: (&tfa).into(),
            checked,
            recovery,
            error: why(account, end.as_ref()),
        }),
        end,
    })
}

/// A signal's end, with what is to be said of it.
fn stopped(end: End, words: &str) -> End {
    match end {
        End::Stopped(sign, _) => End::Stopped(sign, words.into()),
        end => end,
    }
}

fn on(level: Level, checked: bool, unreadable: usize, place: &Place, proved: bool) -> String {
    let mut lines = vec![format!(
        "Two-factor authentication is on: {}.",
        level.word()
    )];
    if !checked {
        lines.push(
            "The registry took the code; its profile could not be read since. npm-warden 2fa status reads it."
                .to_owned(),
        );
    }
    lines.push(match place {
        Place::Vault(_) => format!(
            "The recovery codes are in {}, encrypted; npm-warden recovery show opens them.",
            place::path(place)
        ),
        Place::File(_) => format!("The recovery codes are in {}.", place::path(place)),
        Place::Myself => {
            "The recovery codes are where you copied them; this machine has none.".to_owned()
        }
    });
    if unreadable > 0 {
        lines.push(format!(
            "The registry sent {unreadable} more in a shape that could not be read: those are not kept."
        ));
    }
    if !proved {
        lines.push(
            "You did not prove that you have them: look now, while the authenticator is at hand."
                .to_owned(),
        );
    }
    lines.join("\n")
}

/// The registry's own words, and the way that is open (E8).
fn not_taken(talk: &Talk, refusal: &Refusal) -> End {
    let host = talk.host();
    let (kind, what, words) = match refusal {
        Refusal::NotOffered(words) => (
            FailureKind::NotOffered,
            format!("{host} has no two-factor authentication"),
            words,
        ),
        Refusal::Closed(words) => (
            FailureKind::Refused,
            format!("{host} takes no new set-up from a program"),
            words,
        ),
    };
    let what = if words.is_empty() {
        format!("{what}.")
    } else {
        format!("{what}; it says: {}.", words.quoted(300))
    };
    let next = match (refusal, website(&host)) {
        (Refusal::Closed(_), Some(website)) => {
            say("Its website sets it up, with a security key or a passkey:");
            say(&format!("  {website}"));
            let drawn = Modules::of(website).and_then(|code| qr::on_stderr(&code));
            for line in drawn.unwrap_or_default() {
                say(&line);
            }
            format!(
                "Set it up on {website}, under your account's settings: since October 2025 it takes security keys and \
                 passkeys there, and no new authenticator apps."
            )
        }
        (Refusal::Closed(_), None) => {
            "Set it up on the registry's website, or ask whoever runs it.".to_owned()
        }
        (Refusal::NotOffered(_), _) => {
            "Use a long password of its own, and revoke tokens that are not needed: npm-warden token list shows them."
                .to_owned()
        }
    };
    End::Failed(Failure::new(kind, what, next))
}
