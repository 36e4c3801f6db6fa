//! What was begun on this machine and not ended: offered to be gone on with, on the screen of the tokens. An emergency has
//! a screen of its own.

use std::collections::HashMap;

use super::Effect;
use super::keymap::Reason;
use super::model::{Model, Unfinished};
use super::notice::tokens as counted;
use super::request::{self, InFlight, Purpose};
use super::{revoke, rotate};
use crate::backend::protocol::{Asking, JournalId, Request, RowState};
use crate::domain::failure::Failure;
use crate::domain::remains::is_gone;
use crate::domain::token::{KnownAs, Token, TokenKey};

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
        Ok(left) => model.unfinished = left,
        Err(why) => model.bad(&why),
    }
}

/// The newest that is gone on with from the screen of the tokens.
fn newest(model: &Model) -> Option<&Unfinished> {
    let mut all = model.unfinished.iter();
    all.find(|one| !matches!(one, Unfinished::Emergency { .. }))
}

/// What is left of a revocation: how many of how many.
fn left(rows: &[(TokenKey, KnownAs, RowState)]) -> usize {
    rows.iter().filter(|(_, _, state)| !is_gone(state)).count()
}

/// What the screen of the tokens says of it, with the moment when it began.
pub fn words(model: &Model) -> Option<(jiff::Timestamp, String)> {
    // What goes on is no longer left.
    if model.running(Purpose::Revoke).is_some() || model.running(Purpose::Rotate).is_some() {
        return None;
    }
    match newest(model)? {
        Unfinished::Revocation { began, rows, .. } => Some((
            *began,
            format!(
                "A revocation of {} was interrupted: {} not known to be gone.",
                counted(rows.len()),
                match left(rows) {
                    1 => "1 is".to_owned(),
                    n => format!("{n} are"),
                }
            ),
        )),
        Unfinished::Rotation { left, .. } => Some((
            left.began,
            format!("The rotation of {} was interrupted.", left.name),
        )),
        Unfinished::Emergency { .. } => None,
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
            rotate::resume(model, id, &left, effects);
            return;
        }
        Some(Unfinished::Revocation { id, rows, .. }) => (id.clone(), rows),
        _ => return,
    };
    let listed = model.tokens.list.value().map_or(&[][..], Vec::as_slice);
    let wanted: HashMap<&TokenKey, &KnownAs> = rows
        .iter()
        .filter(|(_, _, state)| !is_gone(state))
        .map(|(key, name, _)| (key, name))
        .collect();
    let mut tokens: Vec<Token> = listed
        .iter()
        .filter(|token| wanted.contains_key(&token.key))
        .cloned()
        .collect();
    // What the list lacks is not sent, and looked at all the same.
    for (key, known, _) in rows {
        if wanted.contains_key(key) && !tokens.iter().any(|token| token.key == *key) {
            tokens.push(known.token(key.clone()));
        }
    }
    revoke::ask_to_go_on(model, id, tokens);
}

/// Forgets it: nothing is sent.
pub(super) fn forget(model: &mut Model, effects: &mut Vec<Effect>) {
    let id: JournalId = match newest(model) {
        Some(Unfinished::Revocation { id, .. } | Unfinished::Rotation { id, .. }) => id.clone(),
        _ => return,
    };
    ask(model, Request::DropUnfinished { left: id }, effects);
    model.plain("It is not gone on with; nothing was sent.");
}
