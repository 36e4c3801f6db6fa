//! A code of the authenticator is tried out at the registry, by a request that changes nothing (M17).

use super::super::model::Model;
use super::super::request::{self, Purpose};
use super::super::{Effect, account};
use super::model::{Choice, Trial, Verdict};
use crate::backend::protocol::{Asking, CodeCheck, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};

/// Asks the registry to take a code of this entry.
pub(super) fn start(model: &mut Model, entry: Option<Choice>, effects: &mut Vec<Effect>) {
    if model.running(Purpose::CheckCode).is_some() {
        model.plain("One moment: the last try has not ended yet.");
        return;
    }
    let id = request::start(model, Request::CheckCode, Asking::Allowed, effects);
    if let Some(guide) = &mut model.guide {
        let before = guide.trial.refused();
        guide.trial = Trial {
            sent: Some(id),
            entry,
            before,
            ..Trial::default()
        };
    }
}

/// Notes what happens to the registry's question: whether a code was typed, of which kind, and how many were refused.
pub(super) fn observe(model: &mut Model) {
    let Some(guide) = &mut model.guide else {
        return;
    };
    let trial = &mut guide.trial;
    let asked = model
        .challenges
        .iter()
        .find(|asked| Some(asked.id) == trial.sent);
    let Some(asked) = asked else {
        return;
    };
    trial.refusals = trial
        .refusals
        .max(asked.challenge.attempt.saturating_sub(1));
    trial.recovery = match (asked.answered, trial.typed) {
        (false, _) => false,
        (true, false) => trial.spending,
        (true, true) => trial.recovery,
    };
    trial.typed = asked.answered;
    trial.spending = asked.spending.is_some();
}

/// The try has ended. One whose guide was left is told in a line.
pub(in super::super) fn ended(
    model: &mut Model,
    id: RequestId,
    result: Result<CodeCheck, Failure>,
    effects: &mut Vec<Effect>,
) {
    let at = model.now.wall;
    let ours = model
        .guide
        .as_mut()
        .filter(|guide| guide.trial.sent == Some(id));
    let Some(guide) = ours else {
        match result {
            Ok(CodeCheck::Taken) => model.good("The registry took the code."),
            Ok(CodeCheck::NotAsked) => {
                model.plain("The registry asked for no code, so it says nothing about any.");
            }
            Err(why) => model.bad(&why),
        }
        return;
    };
    let trial = &mut guide.trial;
    trial.sent = None;
    let verdict = match result {
        Ok(CodeCheck::NotAsked) => Verdict::NotAsked,
        Ok(CodeCheck::Taken) if !trial.typed => Verdict::ByPage,
        Ok(CodeCheck::Taken) if trial.recovery => Verdict::ByRecoveryCode,
        Ok(CodeCheck::Taken) => Verdict::Right {
            at,
            entry: trial.entry,
            first: trial.refusals == 0,
        },
        Err(why) if why.kind == FailureKind::Cancelled && trial.refusals > 0 => {
            Verdict::Refused(trial.entry)
        }
        Err(why) if why.kind == FailureKind::Cancelled => Verdict::Stopped,
        Err(why) => Verdict::Failed(why),
    };
    // After one entry the other one is next.
    let other = matches!(verdict, Verdict::Refused(Some(Choice::Upper)));
    trial.verdict = Some(verdict);
    guide.cursor = usize::from(other);
    guide.scroll = 0;
    // What the answer was about may have changed with it.
    if model.account.pending().is_none() {
        account::read(model, Asking::Never, effects);
    }
}
