//! Going on with a rotation that was interrupted: what this machine knows tells how far it had come. What is not found is
//! never a reason to end it: it may stand where nobody can look just now.

use std::sync::Arc;

use super::known::Known;
use super::log::{Begun, Log, Past};
use super::{Before, Ended, On, Place, Rotation, account, capital, nothing};
use crate::backend::house::Connector;
use crate::backend::jobs::Job;
use crate::backend::pass::Stop;
use crate::backend::protocol::{JournalId, Outcome, Step};
use crate::backend::session::{Probed, probe};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::registry::Registry as _;

/// Goes on with one that was interrupted.
pub(in crate::backend::jobs) async fn resume<C: Connector>(
    job: &Job<'_, C>,
    left: &JournalId,
) -> Result<Outcome, Stop> {
    let data = job.house.deps.vault_dir.clone();
    let Some((log, past)) = Log::resume(data, left).await? else {
        return Err(nothing("What was noted down of it cannot be read.").into());
    };
    let begun = past.begun.clone();
    job.desk.step(Step::Doing("look at how far it has come"));
    is_of(job, &begun).await?;
    let marks = [
        (Some(&begun.old), &begun.mark),
        (past.new.as_ref(), &past.mark),
    ];
    let marks = marks
        .into_iter()
        .filter_map(|(key, mark)| Some((key?.clone(), mark.clone()?)));
    let known = Known::look_also(job.house, job.host(), &begun.places, marks.collect()).await?;
    let carried = job.registry.token();
    let is = |key: &TokenKey, value: &Option<Arc<Secret<String>>>| {
        value.as_ref().is_some_and(|value| known.is(key, value))
    };
    let in_use = is(&begun.old, &carried);
    let old = known.holding(&begun.old).next();
    let old = old.map(|(_, value)| Arc::clone(value));
    let old = old.or_else(|| carried.clone().filter(|_| in_use));
    // What this program saw before it stood in no file any more.
    let old = old.or_else(|| {
        let given = job.house.given.of(&begun.registry).into_iter();
        let mut old = given.filter(|(key, _)| *key == begun.old);
        old.next().map(|(_, value)| value)
    });
    let mut rotation = Rotation::new(job, log, begun.clone(), old, in_use);
    rotation.before = past.before;
    rotation.accepted = past.accepted;
    rotation.may_go = past.done >= Some(RotateStep::Revoke);
    job.desk.hold();
    let listed = rotation.list().await?;
    let row = |key: &TokenKey| {
        let mut rows = listed.tokens.iter();
        rows.find(|row| row.key == *key && row.revoked.is_none())
            .cloned()
    };
    let Some(new) = past.new.clone() else {
        rotation.lost_in_between(&past, &listed);
        return Ok(rotation.outcome().await);
    };
    let said = Text::from("That was done before.");
    rotation.set(RotateStep::Create, RotateState::Done(said));
    let holds_old = rotation.look_at_the_places(&known, &new);
    let value = known.holding(&new).next();
    rotation.value = value
        .map(|(_, value)| Arc::clone(value))
        .or_else(|| carried.filter(|carried| known.is(&new, carried)));
    rotation.token = Some(Box::new(
        row(&new).unwrap_or_else(|| Token::new(new.clone())),
    ));
    let is_listed = row(&new).is_some();
    let old_stays = row(&begun.old).is_some();
    rotation.old_is_gone = !old_stays && !listed.moved;
    if is_listed && !past.seen {
        rotation.log.seen().await;
    }
    if !is_listed && !listed.moved && rotation.new_is_amiss(past.seen, old_stays).await.is_err() {
        return Ok(rotation.outcome().await);
    }
    let nowhere = rotation.value.is_none() && begun.places.is_empty() && past.handed;
    if nowhere {
        rotation.went_elsewhere(&past);
    }
    if (rotation.value.is_some() || nowhere) && rotation.before != Before::Worked {
        let untouched = !past.begins(RotateStep::Revoke);
        rotation.probe_old(untouched).await;
    }
    if rotation.value.is_some() {
        rotation.go_on().await;
    } else if rotation.old_is_gone {
        // There is nothing to verify by.
        let said = Text::from("The list has it no more.");
        rotation.set(RotateStep::Revoke, RotateState::Done(said));
        rotation.verify_gone().await;
    } else if nowhere {
        rotation.go_on_elsewhere(&known, is_listed).await;
    } else if holds_old && !past.handed {
        rotation.value_is_lost();
    } else {
        rotation.value_is_not_found(&known, &past);
    }
    Ok(rotation.outcome().await)
}

/// Whether it was begun where, and as whom, the registry is spoken to now.
async fn is_of<C: Connector>(job: &Job<'_, C>, begun: &Begun) -> Result<(), Failure> {
    if begun.registry != job.host() {
        return Err(nothing(&format!(
            "It was begun at {}, and this is {}.",
            begun.registry,
            job.host()
        )));
    }
    let now = account(job).await;
    if let (Some(then), Some(now)) = (&begun.account, &now)
        && then != now
    {
        return Err(nothing(&format!(
            "It was begun as {then}, and this is {now}."
        )));
    }
    Ok(())
}

impl<C: Connector> Rotation<'_, C> {
    /// What stands in the places by now; whether each is known to hold the old value.
    fn look_at_the_places(&mut self, known: &Known, new: &TokenKey) -> bool {
        let Begun {
            places, old, shown, ..
        } = self.begun.clone();
        let standing = known.standing(&places, (&old, new));
        let mut holds_old = true;
        for ((id, noted), held) in places.into_iter().zip(shown).zip(standing) {
            holds_old &= held.is_some_and(|(_, value)| known.is(&old, value));
            let unread = known.unread(&id).is_some();
            let there = held.or_else(|| known.at(&id));
            self.places.push(Place {
                shown: there.map_or(noted, |(local, _)| local.place.clone()),
                written: held.is_some_and(|(_, value)| known.is(new, value)),
                id: held.map_or(id, |(local, _)| local.id.clone()),
                here: held.is_some_and(|(local, _)| known.npm_reads(&local.id)),
                unread,
            });
        }
        holds_old
    }

    /// The new token is not listed. Some registries list late, so its value tells; only what was there before and is
    /// refused since, or cannot be tried out, was revoked.
    async fn new_is_amiss(&mut self, seen: bool, old_stays: bool) -> On {
        let made_of_it = match &self.value {
            Some(value) => match self.speaker(value).await {
                Ok(speaker) => Some(probe(&*speaker, self.job.desk.retrying()).await),
                Err(why) => {
                    self.set(RotateStep::Verify, RotateState::Failed(why));
                    self.not_listed(old_stays);
                    return Err(Ended);
                }
            },
            None => None,
        };
        let refused = matches!(
            made_of_it,
            None | Some(Probed::SignedOut | Probed::Refused(_))
        );
        if matches!(made_of_it, Some(Probed::Accepted)) {
            return Ok(());
        }
        // One that is limited is refused from here, alive or not.
        let limited = made_of_it.is_some() && self.begun.limited && self.before != Before::Worked;
        if refused && seen && !limited {
            self.new_is_gone(old_stays);
            return Err(Ended);
        }
        self.set(
            RotateStep::Verify,
            RotateState::Failed(Failure::new(
                FailureKind::Refused,
                "The new token is not in the list; some registries list late.",
                "Go on with this rotation in a while.",
            )),
        );
        self.not_listed(old_stays);
        Err(Ended)
    }

    fn not_listed(&mut self, old_stays: bool) {
        let new = self.new_name();
        self.old_is(old_stays);
        self.remain(format!(
            "Whether {new} lives is not known: go on with this rotation in a while, and keep both until then."
        ));
    }

    fn old_is(&mut self, listed: bool) {
        let old = self.old_name();
        self.remain(if listed {
            format!("{old} is still listed, and was not revoked.")
        } else {
            format!("{old} is not in the list either.")
        });
    }

    /// It was there, and is not any more.
    fn new_is_gone(&mut self, old_stays: bool) {
        let new = self.new_name();
        self.set(
            RotateStep::Verify,
            RotateState::Failed(Failure::new(
                FailureKind::Refused,
                format!("{new} is not in the list any more: it was revoked meanwhile."),
                "Begin the rotation anew.",
            )),
        );
        let places: Vec<_> = self.places.iter().filter(|place| place.written).collect();
        let places: Vec<_> = places.iter().map(|place| place.shown.to_string()).collect();
        if !places.is_empty() {
            self.remain(format!(
                "{} holds the new token, which is revoked.",
                places.join(", ")
            ));
        }
        self.old_is(old_stays);
        self.over = true;
    }

    /// It was made, and what stands in its places shows that it never came there: each holds the old one.
    fn value_is_lost(&mut self) {
        let (old, new) = (self.old_name(), self.new_name());
        let lost = if self.places.is_empty() {
            "The value of the new token was lost before anybody was shown it."
        } else {
            "The value of the new token was lost before it stood in any of its places: each holds the old one."
        };
        self.set(
            RotateStep::Write,
            RotateState::Failed(Failure::new(
                FailureKind::Local,
                lost,
                "Begin the rotation anew.",
            )),
        );
        self.remain(if self.places.is_empty() {
            format!("Revoke {new}, whose value nobody has. {} is as it was.", capital(&old))
        } else {
            format!("Revoke {new}, whose value is not on this machine; or, if you use it elsewhere, revoke {old}.")
        });
        self.over = true;
    }

    /// It was made, and its value is not seen from here: nothing is claimed, nothing is advised that could take the last
    /// credential that works, and nothing is ended.
    fn value_is_not_found(&mut self, known: &Known, past: &Past) {
        let (old, new) = (self.old_name(), self.new_name());
        let places = self
            .places
            .iter()
            .map(|place| match known.unread(&place.id) {
                Some(why) => why.what.to_string(),
                None => format!("{} holds neither of the two tokens.", place.shown),
            });
        let mut said: Vec<String> = places.collect();
        said.dedup();
        let next = if self.places.iter().any(|place| place.unread) {
            "Go on when the file can be read again."
        } else {
            "Put the value back where it stood, and go on; or, if another program rotated the token meanwhile, forget this (F on the tokens)."
        };
        said.insert(
            0,
            "The value of the new token is not found on this machine.".to_owned(),
        );
        self.set(
            RotateStep::Write,
            RotateState::Failed(Failure::new(FailureKind::Local, said.join(" "), next)),
        );
        self.remain(if past.handed {
            format!(
                "{old} and {new} may both live. If the value of {new} was put where it is used, revoke {old}; if nobody has it, revoke {new}."
            )
        } else {
            format!(
                "{old} and {new} may both live: keep both until it is known which of them is in use."
            )
        });
    }
}
