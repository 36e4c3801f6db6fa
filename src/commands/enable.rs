//! `2fa enable`: from the questions before it to what came of it.

use super::Here;
use super::account::signed_in;
use super::place;
use super::qr;
use super::report::{Report, failure, for_a_command};
use super::second_factor::{
    announced, as_it_was, by_password_or_again, not_known, password, somebody,
};
use super::shape;
use super::talk::{Answered, End, Talk, say};
use crate::args::{AccountArgs, EnableArgs};
use crate::backend::protocol::{Enabled, Outcome, Request, no_codes};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::website;
use crate::domain::policy::SETTINGS;
use crate::domain::qr::Modules;
use crate::domain::recovery::Place;
use crate::domain::secret::Secret;
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
    if let Some(announced) = announced(&talk.host()) {
        say(&format!("{announced}."));
        say("Its website adds one, under Two-Factor Authentication:");
        show(SETTINGS);
        if !talk
            .agreed("Try an authenticator app from here all the same?")
            .await?
        {
            let next =
                format!("Add a security key on {SETTINGS}, under Two-Factor Authentication.");
            let why = Failure::new(FailureKind::Cancelled, "Nothing was changed.", next);
            return Err(End::Failed(why));
        }
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
    let answered = by_password_or_again(&mut talk, password, |password| {
        Ok(Request::Enable {
            level,
            password,
            place: place.clone(),
            clear_pending,
        })
    })
    .await?;
    let Outcome::Enabled(enabled) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    to_its_end(&mut talk, &args.account, false, enabled, answered.end).await
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

/// What came of a set-up; `was_on` where another level began it. One that is on without codes is walked off and on
/// again, if the person wants it.
pub(super) async fn to_its_end(
    talk: &mut Talk,
    account: &AccountArgs,
    mut was_on: bool,
    mut enabled: Enabled,
    mut end: Option<End>,
) -> Result<Report, End> {
    while let (Enabled::OnWithoutCodes { level, why }, None) = (&enabled, &end) {
        say(&format!(
            "{} Two-factor authentication is on now, and you have no recovery codes.",
            why.what
        ));
        if website(&talk.host()).is_some() {
            // There it could not be turned on again.
            break;
        }
        say(
            "While the authenticator works, fresh codes can be had: turned off and on again, it gives new ones.",
        );
        match talk.agreed("Turn it off and on again now?").await {
            Ok(true) => {}
            Ok(false) => break,
            Err(stopped) => {
                end = Some(stopped);
                break;
            }
        }
        let level = *level;
        match off_and_on(talk, level).await {
            Ok(answered) => {
                let Outcome::Enabled(again) = answered.outcome else {
                    return Err(super::not_what_was_asked().into());
                };
                (was_on, enabled, end) = (true, again, answered.end);
            }
            Err(Undone::Off(end)) => return Err(off_now(end)),
            Err(Undone::On(End::Failed(why))) => say(&for_a_command(why, account).to_string()),
            Err(Undone::On(stopped)) => end = Some(stopped),
        }
    }
    told(talk, account, was_on, &enabled, end)
}

/// Why a set-up was not made anew, and how the second factor is since.
enum Undone {
    On(End),
    Off(End),
}

/// Everything is asked for first, so that the account is without a second factor for as short as can be.
async fn off_and_on(talk: &mut Talk, level: Level) -> Result<Answered, Undone> {
    let first = password(talk).await.map_err(Undone::On)?;
    let again = Secret::from(first.expose().as_str());
    let name = talk.account.clone();
    let place = place::choose(talk, &name, None).await.map_err(Undone::On)?;
    let request = Request::Disable { password: first };
    let answered = talk.ask(request).await.map_err(Undone::On)?;
    if let Some(end) = answered.end {
        return Err(Undone::Off(end));
    }
    say("It is off. Delete the entry in the authenticator; the new set-up brings another one.");
    let request = Request::Enable {
        level,
        password: again,
        place,
        clear_pending: false,
    };
    talk.ask(request).await.map_err(Undone::Off)
}

/// What ends between off and on may leave the account without.
fn off_now(end: End) -> End {
    const OFF: &str = "Two-factor authentication had been turned off before that.";
    match end {
        End::Failed(why) => End::Failed(Failure::new(
            why.kind,
            format!("{} {OFF}", why.what),
            why.next.as_str(),
        )),
        End::Stopped(sign, what) => End::Stopped(
            sign,
            Text::new(&format!(
                "{what} {OFF} npm-warden 2fa enable turns it on again."
            )),
        ),
        End::Usage(why) => End::Usage(why),
    }
}

fn told(
    talk: &Talk,
    account: &AccountArgs,
    was_on: bool,
    enabled: &Enabled,
    end: Option<End>,
) -> Result<Report, End> {
    let (tfa, checked, recovery, text, end) = match enabled {
        Enabled::NotTaken(refusal) if was_on => return Err(off_now(not_taken(talk, refusal))),
        Enabled::NotTaken(refusal) => return Err(not_taken(talk, refusal)),
        Enabled::On {
            level,
            checked,
            unreadable,
            place,
            proved,
        } => {
            let end = end.map(|end| {
                let (what, next) = match (proved, place) {
                    (true, _) => (
                        "You left when two-factor authentication was on and the codes were proved.",
                        "",
                    ),
                    (false, Place::Myself) => (
                        UNPROVED,
                        "Look at your copy now, while the authenticator is at hand.",
                    ),
                    (false, _) => (
                        UNPROVED,
                        "npm-warden recovery prove asks for the proof again.",
                    ),
                };
                stopped(end, what, next)
            });
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
            let next = match website(&talk.host()) {
                Some(_) => format!("While the authenticator works, get fresh ones on {SETTINGS}, under Two-Factor Authentication."),
                None => "While the authenticator works, get fresh ones: npm-warden 2fa disable, then npm-warden 2fa enable.".to_owned(),
            };
            let end = match end {
                Some(end) => {
                    let what = format!(
                        "{} Two-factor authentication is on, and you have no recovery codes.",
                        why.what
                    );
                    stopped(end, &what, &next)
                }
                None => failed(Failure::new(why.kind, why.what.as_str(), next)),
            };
            (
                Tfa::On(*level),
                true,
                None,
                format!(
                    "Two-factor authentication is on: {}. There are NO recovery codes. {}.",
                    level.word(),
                    no_codes(why)
                ),
                Some(end),
            )
        }
        Enabled::Left { cleared } => {
            let (tfa, what, next) = left(*cleared, was_on);
            let end = match end {
                Some(end) => stopped(end, &what, next),
                None => failed(Failure::new(FailureKind::Cancelled, what, next)),
            };
            (tfa, true, None, String::new(), Some(end))
        }
    };
    let (end, why) = end.unzip();
    Ok(Report {
        text: text.into(),
        json: shape::line(shape::Change {
            registry: talk.config()?.registry.as_str(),
            username: &talk.account,
            changed: was_on || tfa != Tfa::Off,
            tfa: (&tfa).into(),
            checked,
            recovery,
            error: why.map(|why| (&for_a_command(why, account)).into()),
        }),
        end,
    })
}

const UNPROVED: &str = "You left before you had proved to have the codes.";

/// A set-up that was left before its last code: how the second factor is now, in words too, and the next step.
fn left(cleared: bool, was_on: bool) -> (Tfa, String, &'static str) {
    let (tfa, what, next) = match (cleared, was_on) {
        (true, false) => (
            Tfa::Off,
            CLEARED,
            "Delete the new entry from the authenticator, if you made one.",
        ),
        (true, true) => (
            Tfa::Off,
            CLEARED,
            "npm-warden 2fa enable turns it on again; delete the entries in the authenticator, old and new.",
        ),
        (false, _) => (
            Tfa::Pending(None),
            "You left before the last code: the set-up is half done and protects nothing.",
            "npm-warden 2fa enable clears it and begins anew; npm-warden 2fa disable only clears it.",
        ),
    };
    let was = if was_on { " It was on before." } else { "" };
    (tfa, format!("{what}{was}"), next)
}

const CLEARED: &str = "You left before the last code. Two-factor authentication is off, and nothing of the set-up remains at the registry.";

fn failed(why: Failure) -> (End, Failure) {
    (End::Failed(why.clone()), why)
}

/// A signal's end, with what is to be said of it: in one for a person, apart for `--json`.
fn stopped(end: End, what: &str, next: &str) -> (End, Failure) {
    match end {
        End::Stopped(sign, _) => {
            let words = format!("{what} {next}");
            (
                End::Stopped(sign, words.trim_end().into()),
                Failure::new(FailureKind::Cancelled, what, next),
            )
        }
        end => {
            let why = failure(&end);
            (end, why)
        }
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
        (_, Some(_)) => {
            say("Its website adds a security key, under Two-Factor Authentication:");
            show(SETTINGS);
            say(
                "A security key is a small device, or the phone or computer itself, unlocked by fingerprint, face or PIN.",
            );
            format!("Add a security key on {SETTINGS}, under Two-Factor Authentication.")
        }
        (Refusal::Closed(_), None) => {
            "Set it up on the registry's website, or ask whoever runs it.".to_owned()
        }
        (Refusal::NotOffered(_), None) => {
            "Use a long password of its own, and revoke tokens that are not needed: npm-warden token list shows them."
                .to_owned()
        }
    };
    End::Failed(Failure::new(kind, what, next))
}

/// A page of the website, for this machine and, as a QR code, for another one.
fn show(page: &str) {
    say(&format!("  {page}"));
    let drawn = Modules::of(page).and_then(|code| qr::on_stderr(&code));
    for line in drawn.unwrap_or_default() {
        say(&line);
    }
}
