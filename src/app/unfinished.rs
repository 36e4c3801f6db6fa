//! What was begun on this machine and not ended: offered to be gone on with, on the screen of the tokens. An emergency has
//! a screen of its own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Effect;
use super::keymap::{Action, Move, Reason};
use super::model::{Load, Model, Unfinished};
use super::notice::tokens as counted;
use super::request::{self, InFlight, Purpose};
use super::rotate::Listed;
use super::scroll::moved;
use super::{exposure, revoke, rotate};
use crate::backend::protocol::{Asking, JournalId, Request, RowState};
use crate::domain::failure::Failure;
use crate::domain::incident::Incident;
use crate::domain::remains::{ended_with, is_gone};
use crate::domain::rotation::{RotateStep, RotationLeft};
use crate::domain::token::{KnownAs, Token, TokenKey};

/// About how many lines the question before it is forgotten has.
const LINES: usize = 16;

/// The question before it is forgotten.
#[derive(Debug)]
pub struct Forgetting {
    /// What is to be forgotten.
    pub one: Box<Unfinished>,
    /// Yes has the focus.
    pub yes: bool,
    /// The first line shown, when not all fit.
    pub scroll: usize,
}

/// Looks for it.
pub(super) fn look(model: &mut Model, effects: &mut Vec<Effect>) {
    ask(model, Request::Unfinished, effects);
}

/// Asks what there is, or what is left when one of it is forgotten: what is on its way is out of date with that.
pub(super) fn ask(model: &mut Model, request: Request, effects: &mut Vec<Effect>) {
    for request in model.requests.values_mut() {
        request.cancelled |= request.purpose == Purpose::Unfinished;
    }
    request::start(model, request, Asking::Never, effects);
}

/// It was looked for.
pub(super) fn finished(
    model: &mut Model,
    request: InFlight,
    result: Result<Vec<Unfinished>, Failure>,
) {
    match result {
        Ok(_) if request.cancelled => {}
        Ok(left) => {
            model.unfinished = left;
            let ids = || model.unfinished.iter().map(id);
            let gone = |asked: &mut Forgetting| !ids().any(|id| id == self::id(&asked.one));
            model.tokens.forgetting.take_if(gone);
        }
        Err(why) => model.bad(&why),
    }
}

/// What this machine knows of emergencies, before the registry has told whose account this is: an account that is not known
/// yet may be any of theirs.
pub(super) fn known(model: &mut Model, request: InFlight, known: Vec<Unfinished>) {
    if request.cancelled {
        return;
    }
    let owner = model.owner.as_ref().map(|(_, name)| name);
    let ours = |one: &Unfinished| {
        let account = emergency_of(one).and_then(|incident| incident.account.as_ref());
        account.is_none() || owner.is_none() || account == owner
    };
    model.unfinished.retain(|one| emergency_of(one).is_none());
    model.unfinished.extend(known.into_iter().filter(ours));
}

/// The emergency that it is.
pub const fn emergency_of(one: &Unfinished) -> Option<&Arc<Incident>> {
    match one {
        Unfinished::Emergency { incident, .. } | Unfinished::Elsewhere { incident, .. } => {
            Some(incident)
        }
        Unfinished::Revocation { .. } | Unfinished::Rotation { .. } => None,
    }
}

const fn id(one: &Unfinished) -> &JournalId {
    match one {
        Unfinished::Revocation { id, .. }
        | Unfinished::Rotation { id, .. }
        | Unfinished::Elsewhere { id, .. }
        | Unfinished::Emergency { id, .. } => id,
    }
}

/// The newest that is gone on with from the screen of the tokens.
fn newest(model: &Model) -> Option<&Unfinished> {
    let mut all = model.unfinished.iter();
    all.find(|one| emergency_of(one).is_none())
}

/// What is left of a revocation: what is not gone, by what was noted and by the list, where that is whole.
fn left<'r>(
    model: &Model,
    rows: &'r [(TokenKey, KnownAs, RowState)],
) -> Vec<&'r (TokenKey, KnownAs, RowState)> {
    let listed: Option<HashSet<&TokenKey>> = match &model.tokens.list {
        Load::Ready(list) if !model.tokens.moved => {
            Some(list.iter().map(|token| &token.key).collect())
        }
        _ => None,
    };
    let alive = |key: &TokenKey| listed.as_ref().is_none_or(|listed| listed.contains(key));
    let taken = |state: &RowState| matches!(state, RowState::StillAccepted { .. });
    rows.iter()
        .filter(|(key, _, state)| !is_gone(state) && (taken(state) || alive(key)))
        .collect()
}

/// How far it came, as the end of a sentence: by what was noted, and by the list where that tells more.
fn rotation(model: &Model, left: &RotationLeft) -> &'static str {
    let Some(new) = &left.new else {
        return " before a new token was known";
    };
    match (model.listed_now(&left.old), model.listed_now(new)) {
        (Listed::Yes, _) if left.done >= Some(RotateStep::Revoke) => {
            " after the old one was revoked: it is still listed"
        }
        _ if left.done >= Some(RotateStep::Revoke) => " after the old one was revoked",
        (Listed::Gone, Listed::Yes) => ": it is not in the list any more, and the new one is",
        (Listed::Gone, Listed::Gone) => ": neither it nor the new one is in the list any more",
        (Listed::Yes, Listed::Yes) => ": it and the new one are both listed",
        (Listed::Yes, Listed::Gone) => ": it is listed, and the new one is not",
        _ => ": it and the new one may both live",
    }
}

/// What the screen of the tokens says of it, with the moment when it began.
pub fn words(model: &Model) -> Option<(jiff::Timestamp, String)> {
    // What goes on is no longer left.
    if model.running(Purpose::Revoke).is_some() || model.running(Purpose::Rotate).is_some() {
        return None;
    }
    match newest(model)? {
        Unfinished::Revocation { began, rows, .. } => {
            let left = left(model, rows);
            let (these, all) = (counted(rows.len()), rows.len());
            let words = match ended_with(left.iter().map(|(_, _, state)| state)) {
                _ if left.is_empty() => {
                    format!("Of a revocation of {these} nothing is in the list any more.")
                }
                Some(how) => format!(
                    "A revocation of {these} has left {} of {all}: {how}.",
                    left.len()
                ),
                None => format!(
                    "A revocation of {these} was interrupted: {} of {all} {} left.",
                    left.len(),
                    if left.len() == 1 { "is" } else { "are" }
                ),
            };
            Some((*began, words))
        }
        Unfinished::Rotation { left, .. } => Some((
            left.began,
            format!(
                "The rotation of {} was interrupted{}.",
                rotate::called(&left.name, &left.old, 40),
                rotation(model, left)
            ),
        )),
        Unfinished::Emergency { .. } | Unfinished::Elsewhere { .. } => None,
    }
}

/// What `R` does about it.
pub fn way_on(model: &Model) -> &'static str {
    let Some(Unfinished::Revocation { rows, .. }) = newest(model) else {
        return "R goes on";
    };
    let left = left(model, rows);
    let taken = |state: &RowState| matches!(state, RowState::StillAccepted { .. });
    if left.iter().all(|(_, _, state)| taken(state)) {
        "R looks again"
    } else if ended_with(left.iter().map(|(_, _, state)| state)).is_some() {
        "R sends it again"
    } else {
        "R goes on"
    }
}

/// Why there is nothing to go on with.
pub(super) fn enabled(model: &Model) -> Result<(), Reason> {
    if model.running(Purpose::Revoke).is_some() || model.running(Purpose::Rotate).is_some() {
        return Err("Something is under way; it has to end first.".into());
    }
    match newest(model) {
        Some(_) => Ok(()),
        None => Err("Nothing was interrupted.".into()),
    }
}

/// Goes on with it. What is revoked is asked about as ever (promise P28).
pub(super) fn resume(model: &mut Model, effects: &mut Vec<Effect>) {
    let (id, rows) = match newest(model) {
        Some(Unfinished::Rotation { id, left }) => {
            let (id, left) = (id.clone(), left.clone());
            rotate::resume(model, id, left);
            return;
        }
        Some(Unfinished::Revocation { id, rows, .. }) => (id.clone(), rows),
        _ => return,
    };
    let listed = model.tokens.list.value().map_or(&[][..], Vec::as_slice);
    let listed: HashMap<&TokenKey, &Token> =
        listed.iter().map(|token| (&token.key, token)).collect();
    let tokens = left(model, rows)
        .into_iter()
        .map(|(key, known, state)| match (listed.get(key), state) {
            // It is not sent, and tried out again all the same.
            (None, RowState::StillAccepted { .. }) => (known.token(key.clone()), state.clone()),
            (Some(token), _) => ((*token).clone(), RowState::Waiting),
            (None, _) => (known.token(key.clone()), RowState::Waiting),
        })
        .collect();
    revoke::ask_to_go_on(model, id, tokens, effects);
}

/// What a rotation that is forgotten leaves.
fn forgotten(left: &RotationLeft) -> String {
    let old = rotate::called(&left.name, &left.old, 30);
    match &left.new {
        Some(new) if left.done < Some(RotateStep::Revoke) => format!(
            "The rotation is forgotten; nothing was sent. Both {old} and its new token {} may live: x revokes the one that nothing uses.",
            new.short()
        ),
        Some(_) => "The rotation is forgotten; nothing was sent.".to_owned(),
        None => format!(
            "The rotation of {old} is forgotten; nothing was sent. Look for a new token that nobody has."
        ),
    }
}

/// Asks first: what is noted of it cannot be found out again.
pub(super) fn ask_to_forget(model: &mut Model) {
    exposure::hide_all(model);
    let one = newest(model).cloned();
    model.tokens.forgetting = one.map(|one| Forgetting {
        one: Box::new(one),
        yes: false,
        scroll: 0,
    });
}

/// The answer.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(asked) = &mut model.tokens.forgetting else {
        return;
    };
    let said = match action {
        Action::Switch => {
            asked.yes = !asked.yes;
            return;
        }
        Action::Yes => true,
        Action::Take => asked.yes,
        _ => false,
    };
    let Some(asked) = model.tokens.forgetting.take() else {
        return;
    };
    if said {
        forget(model, &asked.one, effects);
    } else {
        model.plain("Nothing was forgotten.");
    }
}

/// Moves through the page of the question.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    if let Some(asked) = &mut model.tokens.forgetting {
        asked.scroll = moved(asked.scroll, step, page, LINES);
    }
}

/// Forgets it: nothing is sent.
fn forget(model: &mut Model, one: &Unfinished, effects: &mut Vec<Effect>) {
    let (id, said): (JournalId, _) = match one {
        Unfinished::Revocation { id, .. } => (
            id.clone(),
            "It is not gone on with; nothing was sent.".to_owned(),
        ),
        Unfinished::Rotation { id, left } => (id.clone(), forgotten(left)),
        Unfinished::Emergency { .. } | Unfinished::Elsewhere { .. } => return,
    };
    ask(model, Request::DropUnfinished { left: id }, effects);
    model.plain(said);
}

/// How many tokens of a revocation are left, by what was noted and by the list.
pub fn rows_left(model: &Model, rows: &[(TokenKey, KnownAs, RowState)]) -> usize {
    left(model, rows).len()
}
