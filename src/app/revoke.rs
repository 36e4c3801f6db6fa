//! Revoking tokens: asked with No as the default, counted from three on, a result for every row (promises P28 and P30).

pub(super) mod model;

use std::collections::{BTreeSet, HashMap};

use super::Effect;
use super::field::Field;
use super::keymap::{Action, Move};
use super::model::{Load, Model, Revoke, RevokeRow, RevokeStage, Stopping, Tone};
use super::scroll::moved;
use super::tokens;
use super::{account, exposure, request, unfinished};
use crate::backend::protocol::{Asking, JournalId, Request, RequestId, RowState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::remains::is_gone;
use crate::domain::tally;
use crate::domain::token::{Token, TokenKey, in_use_last};

/// Lines of the page that are not rows: the question, the bar, the answers.
const AROUND: usize = 6;

/// So many rows are one text, scrolled line by line; more are scrolled row by row.
pub const FEW: usize = 20;
/// About how many lines a row takes at most, and what stands above the rows.
const LINES: usize = 10;

/// Every row's last state, and the fresh list or why there is none.
type Revoked = (Vec<(TokenKey, RowState)>, Result<Vec<Token>, Failure>);

/// Asks whether the selected tokens, or the chosen one, are to go.
pub(super) fn ask(model: &mut Model) {
    exposure::hide_all(model);
    let screen = &model.tokens;
    let tokens: Vec<Token> = if screen.selected.is_empty() {
        tokens::chosen(model).cloned().into_iter().collect()
    } else {
        let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
        rows.iter()
            .filter(|token| screen.selected.contains(&token.key))
            .cloned()
            .collect()
    };
    ask_about(model, tokens);
}

/// Asks whether these are to go.
pub(super) fn ask_about(model: &mut Model, tokens: Vec<Token>) {
    open(model, tokens.into_iter().map(waiting), None);
}

fn waiting(token: Token) -> RevokeRow {
    RevokeRow {
        token,
        state: RowState::Waiting,
    }
}

/// Asks whether what is left of an interrupted revocation is to go.
pub(super) fn ask_to_go_on(
    model: &mut Model,
    left: JournalId,
    tokens: Vec<(Token, RowState)>,
    effects: &mut Vec<Effect>,
) {
    exposure::hide_all(model);
    let nothing = tokens.is_empty();
    let rows = tokens.into_iter();
    let rows = rows.map(|(token, state)| RevokeRow { token, state });
    open(model, rows, Some(left.clone()));
    if nothing {
        // Nothing of it is in the list: what is noted is only brought to its end.
        let request = Request::ResumeRevocation { left };
        request::start(model, request, Asking::Allowed, effects);
        model.plain("Nothing of it is in the list any more; that is looked at once more.");
    }
}

fn open(model: &mut Model, rows: impl IntoIterator<Item = RevokeRow>, resumes: Option<JournalId>) {
    let mut rows: Vec<RevokeRow> = rows.into_iter().collect();
    if rows.is_empty() {
        return;
    }
    // Without the credential in use nothing after it could be revoked (promise P29).
    rows.sort_by_key(|row| row.token.in_use().is_some());
    let index = rows
        .iter()
        .enumerate()
        .map(|(place, row)| (row.token.key.clone(), place))
        .collect::<HashMap<_, _>>();
    model.tokens.revoke = Some(Revoke {
        rows,
        index,
        stage: RevokeStage::Confirm {
            yes: false,
            count: Field::plain(),
        },
        stopping: Stopping::No,
        scroll: 0,
        resumes,
        unkept: None,
    });
}

/// The answer to the question.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(RevokeStage::Confirm { yes, .. }) = model.tokens.revoke.as_mut().map(|r| &mut r.stage)
    else {
        return;
    };
    match (action, *yes) {
        (Action::Switch, _) => *yes = !*yes,
        (Action::Yes, _) | (Action::Take, true) => begin(model, effects),
        _ => {
            model.tokens.revoke = None;
            model.plain("Nothing was revoked.");
        }
    }
}

/// Enter after the number of tokens was typed.
pub(super) fn counted(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(revoke) = &model.tokens.revoke else {
        return;
    };
    let RevokeStage::Confirm { count, .. } = &revoke.stage else {
        return;
    };
    let wanted = revoke.going();
    if count.value().expose().trim() == wanted.to_string() {
        begin(model, effects);
    } else {
        model.plain(format!(
            "To revoke them, type how many they are: {wanted}. Esc revokes nothing."
        ));
    }
}

fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(revoke) = &model.tokens.revoke else {
        return;
    };
    let (tokens, last) = in_use_last(revoke.rows.iter().map(|row| &row.token));
    let names = revoke.rows.iter().map(|row| &row.token);
    let names = names.map(|token| (token.key.clone(), token.noted()));
    let request = match &revoke.resumes {
        Some(left) => Request::ResumeRevocation { left: left.clone() },
        None => Request::Revoke {
            tokens,
            last,
            names: names.collect(),
        },
    };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(revoke) = &mut model.tokens.revoke {
        revoke.stage = RevokeStage::Running(id);
        revoke.scroll = 0;
    }
}

/// Scrolls the rows.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows().saturating_sub(AROUND).max(1);
    let few = model.tokens.revoke.as_ref().map_or(0, |r| r.rows.len());
    let end = model.text_end((few.min(FEW) + 1) * LINES);
    if let Some(revoke) = &mut model.tokens.revoke {
        // A row may take several lines: only when the last one can come first is everything reached.
        let last = match revoke.rows.len() {
            ..=FEW => end,
            many => many - 1,
        };
        revoke.scroll = moved(revoke.scroll, step, page, last);
    }
}

/// Esc while it runs: asks, then stops, then leaves it to itself.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(revoke) = &mut model.tokens.revoke else {
        return;
    };
    let RevokeStage::Running(id) = revoke.stage else {
        return;
    };
    match revoke.stopping {
        Stopping::No => {
            revoke.stopping = Stopping::Asked;
            let said = means(revoke);
            model.warn(said);
        }
        Stopping::Asked => {
            revoke.stopping = Stopping::Sent;
            request::cancel(model, id, effects);
            model.plain("Stopping: what was sent already is waited for.");
        }
        Stopping::Sent => {
            model.tokens.revoke = None;
            model.plain("What was sent already is still waited for; its result will stand here.");
        }
    }
}

/// What is asked while it is being asked.
pub(super) fn stop_means(model: &Model) -> Option<&'static str> {
    let revoke = model.tokens.revoke.as_ref()?;
    (revoke.stopping == Stopping::Asked).then(|| means(revoke))
}

fn means(revoke: &Revoke) -> &'static str {
    if revoke.going() > 0 {
        "Stop? Nothing more is sent until you answer. Esc again keeps the tokens that were not sent yet; Enter goes on."
    } else {
        "Stop? All of it was sent already and cannot be held. Esc again looks no further; Enter goes on."
    }
}

/// Enter after that question: goes on.
pub(super) fn keep(model: &mut Model) {
    if let Some(revoke) = &mut model.tokens.revoke {
        revoke.stopping = Stopping::No;
        model.notice = None;
    }
}

/// A row has changed.
pub(super) fn row(model: &mut Model, id: RequestId, token: &TokenKey, state: RowState) {
    if let Some(revoke) = running(model, id)
        && let Some(&row) = revoke.index.get(token)
    {
        revoke.rows[row].state = state;
    }
}

/// How far it comes cannot be noted.
pub(super) fn unkept(model: &mut Model, id: RequestId, why: Failure) {
    if let Some(revoke) = running(model, id) {
        revoke.unkept = Some(why);
    }
}

fn running(model: &mut Model, id: RequestId) -> Option<&mut Revoke> {
    let revoke = model.tokens.revoke.as_mut();
    revoke.filter(|revoke| matches!(revoke.stage, RevokeStage::Running(of) if of == id))
}

impl Model {
    /// How many rows of this request are revoked, are out, and were not sent, while it runs.
    pub fn revoked_so_far(&self, id: RequestId) -> Option<(usize, usize, usize)> {
        let revoke = self.tokens.revoke.as_ref()?;
        if !matches!(revoke.stage, RevokeStage::Running(of) if of == id) {
            return None;
        }
        let mut counts = (0, 0, 0);
        for row in &revoke.rows {
            match row.state {
                RowState::Accepted
                | RowState::Gone(_)
                | RowState::Verified
                | RowState::Refused
                | RowState::AlreadyGone
                | RowState::StillListed
                | RowState::StillAccepted { .. } => counts.0 += 1,
                RowState::Sent | RowState::Unknown(_) => counts.1 += 1,
                RowState::Waiting => counts.2 += 1,
                RowState::Failed(_) | RowState::NotTried => {}
            }
        }
        Some(counts)
    }
}

/// It is over: the rows, the fresh list, and the sum of it in one truthful line.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<Revoked, Failure>,
    effects: &mut Vec<Effect>,
) {
    unfinished::look(model, effects);
    match result {
        Ok((mut rows, list)) => {
            // What was gone before this went on is no part of it.
            if let Some(revoke) = running(model, id).filter(|revoke| revoke.resumes.is_some()) {
                rows.retain(|(key, state)| revoke.index.contains_key(key) || !is_gone(state));
            }
            let ended = rows.clone();
            let again: BTreeSet<TokenKey> = rows
                .iter()
                .filter(|(_, state)| is_open(state))
                .map(|(key, _)| key.clone())
                .collect();
            // The list cannot be read any more by what was revoked.
            let signed_out = matches!(&list, Err(why) if why.kind == FailureKind::SignedOut)
                && rows
                    .iter()
                    .any(|(_, state)| is_refused(state) || *state == RowState::Accepted);
            let in_use_gone = signed_out || in_use_is_gone(model, id, &rows);
            let done: BTreeSet<&TokenKey> = rows.iter().map(|(key, _)| key).collect();
            model.tokens.selected.retain(|key| !done.contains(key));
            model.tokens.selected.extend(again);
            let (list, why) = match list {
                Ok(list) => (Some(list), None),
                Err(why) => (None, Some(why)),
            };
            if let Some(revoke) = running(model, id) {
                for (key, state) in rows {
                    if let Some(&row) = revoke.index.get(&key) {
                        revoke.rows[row].state = state;
                    } else {
                        let token = Token::new(key);
                        revoke.rows.push(RevokeRow { token, state });
                    }
                }
                let why = why.clone().filter(|_| !signed_out);
                revoke.stage = RevokeStage::Done { why };
                revoke.stopping = Stopping::No;
                revoke.scroll = 0;
            }
            tokens::give_up(model, effects);
            let list = match (list, &why) {
                (Some(list), _) => Load::Ready(list),
                (None, Some(why)) => Load::Failed {
                    why: why.clone(),
                    old: model.tokens.list.take(),
                },
                (None, None) => return,
            };
            model.tokens.moved &= matches!(list, Load::Failed { .. });
            tokens::replace(model, list);
            say(model, &ended, why.as_ref().filter(|_| !signed_out));
            if in_use_gone {
                // The credential in use is gone, and the screens have to say so.
                account::read(model, Asking::Never, effects);
            }
        }
        Err(why) => {
            if let Some(revoke) = running(model, id) {
                for row in &mut revoke.rows {
                    if row.state == RowState::Waiting {
                        row.state = RowState::NotTried;
                    }
                }
                revoke.stage = RevokeStage::Done {
                    why: Some(why.clone()),
                };
                revoke.stopping = Stopping::No;
            }
            model.bad(&why);
            // What became of the rows that were out is read from the registry.
            tokens::read(model, Asking::Never, effects);
        }
    }
}

/// Whether what may be the credential in use is among what is gone.
fn in_use_is_gone(model: &mut Model, id: RequestId, rows: &[(TokenKey, RowState)]) -> bool {
    let Some(revoke) = running(model, id) else {
        return rows.iter().any(|(_, state)| is_refused(state));
    };
    let in_use = |key: &TokenKey| {
        let row = revoke.index.get(key).map(|&row| &revoke.rows[row].token);
        row.is_none_or(|token| token.in_use().is_some())
    };
    rows.iter()
        .any(|(key, state)| is_refused(state) && in_use(key))
}

/// Whether its value is known to be refused.
const fn is_refused(state: &RowState) -> bool {
    matches!(state, RowState::Verified | RowState::Refused)
}

/// Whether it may be revoked again.
const fn is_open(state: &RowState) -> bool {
    matches!(
        state,
        RowState::Failed(_) | RowState::Unknown(_) | RowState::NotTried
    )
}

/// The sum of it in one truthful line.
fn say(model: &mut Model, rows: &[(TokenKey, RowState)], why: Option<&Failure>) {
    let states = || rows.iter().map(|(_, state)| state);
    let mut text = tally::sentence(states());
    match why {
        None if tally::is_done(states()) => model.good(text),
        None => model.ended(Tone::Warning, text),
        Some(why) => {
            text.push_str(" The list could not be read to check it: ");
            text.push_str(&why.to_string());
            model.ended(Tone::Warning, text);
        }
    }
}
