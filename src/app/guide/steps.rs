//! Where a guide stands: its route, what its page asks, whether the step is done, and who is missing for it.

use super::super::model::{Load, Model};
use super::super::request::Purpose;
use super::model::{Choice, Facts, Guide, Kind, Status, Step, Verdict};
use super::{lost_codes, lost_device, new_phone, removal, two_entries};
use crate::domain::failure::Failure;
use crate::domain::tfa::Tfa;

/// What is missing before a step can be walked.
#[derive(Clone, Copy, Debug)]
pub enum Gate<'a> {
    /// The registry is being asked who is signed in.
    Asking,
    /// It did not answer.
    NoAnswer(&'a Failure),
    /// Nobody is signed in.
    SignedOut,
}

/// The steps of the open guide, in order; none when no guide is open.
pub fn route(model: &Model) -> Vec<Step> {
    let Some(guide) = &model.guide else {
        return Vec::new();
    };
    let facts = facts(model);
    match guide.kind {
        Kind::LostDevice => lost_device::route(guide, facts),
        Kind::LostCodes => lost_codes::route(guide, facts),
        Kind::TwoEntries => two_entries::route(),
        Kind::NewPhone => new_phone::route(guide, facts),
        Kind::Removal => removal::route(),
    }
}

/// Sets are known that are not this guide's own work.
fn known_before(model: &Model) -> bool {
    let began = model.guide.as_ref().map(|guide| guide.began);
    let mut sets = model.sets_at_hand().into_iter();
    sets.any(|one| began.is_none_or(|began| one.set.received < began))
}

fn facts(model: &Model) -> Facts<'_> {
    Facts {
        closing: model.closing(),
        website: model.website().is_some(),
        sets: known_before(model),
    }
}

/// The answers that the page offers; none where Enter goes on by itself.
pub fn choices(model: &Model) -> Vec<Choice> {
    use Choice as C;
    let Some(guide) = &model.guide else {
        return Vec::new();
    };
    let sets = known_before(model);
    match guide.at {
        _ if gate(model).is_some() => Vec::new(),
        Step::Another => vec![C::OldDevice, C::SecurityKey, C::Nothing],
        Step::Code if sets => vec![C::HaveCode, C::SeeSets, C::NoCode],
        Step::Code => vec![C::HaveCode, C::NoCode],
        Step::Way => vec![C::OnWebsite, C::FromHere],
        Step::Hand => vec![C::AtHand, C::NotAtHand],
        Step::Sets if guide.answer(Step::Hand) == Some(C::NotAtHand) => {
            vec![C::SeeSets, C::HaveCode, C::NoCode]
        }
        Step::Sets => vec![C::SeeSets, C::NoCode],
        Step::Transfer => vec![C::Moved, C::CannotMove],
        Step::TryCode if guide.trial.sent.is_some() || code_was_right(guide) => Vec::new(),
        // The registry may be one that lets nobody try a code.
        Step::TryCode if guide.kind != Kind::TwoEntries => match guide.trial.verdict {
            None => Vec::new(),
            Some(_) => vec![C::TryAgain, C::LeaveIt],
        },
        Step::TryCode if guide.trial.refused() > 0 => vec![C::Upper, C::Lower, C::Neither],
        Step::TryCode => vec![C::Upper, C::Lower],
        Step::Keep if !met(model) => vec![C::SeeSets, C::LeaveIt],
        Step::Saved if missing(model) => vec![C::Fresh, C::LeaveIt],
        Step::Tokens => vec![C::SeeTokens, C::LeaveIt],
        Step::End if leads_on(guide) => vec![C::GoOn, C::LeaveIt],
        _ => Vec::new(),
    }
}

/// The last code that was tried is right.
pub(super) const fn code_was_right(guide: &Guide) -> bool {
    matches!(guide.trial.verdict, Some(Verdict::Right { .. }))
}

/// The old device still works: the guide to a new phone is the next step.
fn leads_on(guide: &Guide) -> bool {
    guide.kind == Kind::LostDevice && guide.answer(Step::Another) == Some(Choice::OldDevice)
}

fn met(model: &Model) -> bool {
    matches!(status(model), Some(Status::Met(_)))
}

/// The new codes were looked for and are not there.
fn missing(model: &Model) -> bool {
    status(model) == Some(Status::Todo)
}

/// How the step stands that the guide is at; `None` for one that changes nothing.
pub fn status(model: &Model) -> Option<Status> {
    let guide = model.guide.as_ref()?;
    let tfa = model.profile().map(|profile| &profile.tfa);
    let judged = |purpose: Purpose, reached: fn(&Tfa) -> bool| {
        if model.running(purpose).is_some() {
            return Status::Doing;
        }
        match (&guide.checked, tfa) {
            (Some(checked), Some(tfa)) if reached(&checked.tfa) && reached(tfa) => {
                Status::Met(checked.at)
            }
            (_, Some(tfa)) if reached(tfa) => Status::Unchecked,
            _ => Status::Todo,
        }
    };
    Some(match guide.at {
        Step::TurnOff => judged(Purpose::Disable, |tfa| *tfa == Tfa::Off),
        Step::TurnOn => judged(Purpose::Enable, |tfa| matches!(tfa, Tfa::On(_))),
        Step::Website if guide.passed.contains(&Step::TurnOff) => {
            judged(Purpose::Enable, |tfa| matches!(tfa, Tfa::On(_)))
        }
        Step::Keep | Step::Saved => match model.set_since(guide.began) {
            Some(set) => Status::Met(set.received),
            None if model.sets_unread() => Status::Unchecked,
            None => Status::Todo,
        },
        Step::TryCode if guide.trial.sent.is_some() => Status::Doing,
        _ => return None,
    })
}

/// Who is missing for the step that the guide is at.
pub fn gate(model: &Model) -> Option<Gate<'_>> {
    let guide = model.guide.as_ref()?;
    let walks = matches!(
        guide.at,
        Step::TryCode | Step::TurnOff | Step::TurnOn | Step::Keep | Step::Saved | Step::Tokens
    );
    if !walks || model.profile().is_some() {
        return None;
    }
    Some(match (&model.account, model.account.value()) {
        (_, Some(_)) => Gate::SignedOut,
        (Load::Failed { why, .. }, None) => Gate::NoAnswer(why),
        (_, None) => Gate::Asking,
    })
}
