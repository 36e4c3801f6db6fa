//! `token rotate --resume`: goes on with a rotation that was interrupted on this machine.

use super::outlet;
use super::report::Report;
use super::talk::{End, Talk, say};
use super::token_list::date;
use super::token_rotate::report;
use crate::args::RotateArgs;
use crate::backend::protocol::{JournalId, Outcome, Request, Unfinished};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::rotation::{RotateStep, RotationLeft};

/// A rotation that was interrupted.
struct LeftOver {
    id: JournalId,
    rotation: Box<RotationLeft>,
}

impl LeftOver {
    /// What it is of, and how far it came.
    fn words(&self) -> String {
        let RotationLeft {
            name,
            old,
            new,
            done,
            began,
            ..
        } = &*self.rotation;
        let came = match (new, done) {
            (None, _) => "the new token is not known to be made",
            (Some(_), None | Some(RotateStep::Create)) => "the new token was made",
            (_, Some(RotateStep::Write)) => "the new value was put in place",
            (_, Some(RotateStep::Verify)) => "the new token was seen to work",
            (_, Some(RotateStep::Revoke | RotateStep::VerifyGone)) => "the old one was revoked",
        };
        format!(
            "The rotation of {} ({}), begun on {}, was interrupted: {came}.",
            name.cut(60),
            old.short(),
            date(*began)
        )
    }
}

/// Those of this account, the newest first.
async fn left_over(talk: &mut Talk) -> Result<Vec<LeftOver>, End> {
    let Outcome::Unfinished(all) = talk.ask(Request::Unfinished).await?.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    let rotations = all.into_iter().filter_map(|one| match one {
        Unfinished::Rotation { id, left } => Some(LeftOver { id, rotation: left }),
        Unfinished::Revocation { .. }
        | Unfinished::Emergency { .. }
        | Unfinished::Elsewhere { .. } => None,
    });
    Ok(rotations.collect())
}

/// Says that there is one, where another is begun.
pub(super) async fn hint(talk: &mut Talk) -> Result<(), End> {
    let newest = match left_over(talk).await {
        Ok(all) => all.into_iter().next(),
        Err(end @ End::Stopped(..)) => return Err(end),
        // Nothing of it is needed to rotate.
        Err(_) => None,
    };
    if let Some(left) = newest {
        say(&format!(
            "{} npm-warden token rotate --resume goes on with it.",
            left.words()
        ));
    }
    Ok(())
}

/// Goes on with the newest one, or with that of the token that is named.
pub(super) async fn resume(mut talk: Talk, args: &RotateArgs) -> Result<Report, End> {
    if !args.yes && !talk.somebody() {
        return Err(End::usage(
            "There is no terminal to ask on whether the rotation is to go on.",
            "Give --yes to go on without being asked.",
        ));
    }
    let named = args.token.as_ref().map(|id| id.expose().as_str());
    let of_it = |left: &LeftOver| named.is_none_or(|id| left.rotation.old.raw().starts_with(id));
    let mut all = left_over(&mut talk).await?.into_iter().filter(of_it);
    let Some(left) = all.next() else {
        let what = if named.is_some() {
            "No rotation of such a token was interrupted on this machine."
        } else {
            "No rotation of this account was interrupted on this machine."
        };
        return Err(End::usage(what, "Nothing was changed."));
    };
    say(&left.words());
    for other in all {
        let id = other.rotation.old.short();
        say(&format!("{} Give {id} for it.", other.words()));
    }
    say(&format!(
        "Nothing is made anew. {}",
        what_comes(&left.rotation, args.print)
    ));
    if !args.yes && !talk.agreed("Go on with it?").await? {
        return Err(Failure::new(FailureKind::Cancelled, "Nothing was changed.", "").into());
    }
    if left.rotation.elsewhere || args.print {
        outlet::open()?;
    }
    if args.print {
        talk.shows_unasked(args.account.json);
    } else if args.account.json {
        talk.keeps_the_old();
    }
    let request = Request::ResumeRotation { left: left.id };
    let answered = talk.ask(request).await?;
    let Outcome::Rotated(rotated) = answered.outcome else {
        return Err(super::not_what_was_asked().into());
    };
    report(&mut talk, args, &left.rotation.old, rotated, answered.end).await
}

/// When the old token goes. A value that is not here any more is nobody's but the person's, whatever was said on the
/// command line.
const fn what_comes(left: &RotationLeft, print: bool) -> &'static str {
    if matches!(left.done, Some(RotateStep::Revoke | RotateStep::VerifyGone)) {
        return "It is seen whether the old token is gone.";
    }
    match (left.elsewhere || left.places.is_empty(), print) {
        (false, _) => "The old token is revoked once the new one is seen to work.",
        (true, false) => "You are asked before the old token is revoked.",
        (true, true) => {
            "The old token is revoked once the new one is seen to work; where the value of that is not on this machine any more, you are asked before."
        }
    }
}
