//! Lists that the emergency asks about: what goes, what is taken out, what was ticked off.

use super::super::Effect;
use super::super::field::Field;
use super::super::model::Model;
use super::answer::reply;
use super::model::{EmergencyScreen, Sure};
use crate::backend::protocol::RowState;
use crate::domain::incident::{Ask, Reply};
use crate::domain::token::TokenKey;

/// A question about a list begins.
pub(super) fn begin(screen: &mut EmergencyScreen, ask: &Ask) {
    screen.keys = match ask {
        // What has an end already is not asked about once more.
        Ask::Revoke => {
            let waiting = screen
                .rows()
                .filter(|(_, state)| **state == RowState::Waiting);
            waiting.map(|(row, _)| row.token.key.clone()).collect()
        }
        Ask::Appeared(keys) | Ask::Again { rows: keys } => {
            let known = keys.iter().filter(|key| screen.index.contains_key(*key));
            known.cloned().collect()
        }
        _ => Vec::new(),
    };
    screen.marks = match ask {
        Ask::Revoke | Ask::Appeared(_) => vec![true; screen.keys.len()],
        // No line of a file goes by Enter alone.
        Ask::Local(copies) => vec![false; copies.len()],
        Ask::Beyond => {
            let beyond = screen.incident.iter().flat_map(|incident| &incident.beyond);
            beyond.map(|(_, ticked)| *ticked).collect()
        }
        _ => Vec::new(),
    };
}

/// Marks the chosen line, or takes the mark away.
pub(super) fn mark(model: &mut Model) {
    let screen = &mut model.emergency;
    if screen.can_mark(screen.cursor)
        && let Some(mark) = screen.marks.get_mut(screen.cursor)
    {
        *mark = !*mark;
        screen.cursor = (screen.cursor + 1).min(screen.marks.len() - 1);
    }
}

/// Marks all, or none when all are marked.
pub(super) fn mark_all(model: &mut Model) {
    let screen = &mut model.emergency;
    let can: Vec<bool> = (0..screen.marks.len())
        .map(|index| screen.can_mark(index))
        .collect();
    let all = screen
        .marks
        .iter()
        .zip(&can)
        .all(|(mark, can)| *mark || !can);
    for (mark, can) in screen.marks.iter_mut().zip(can) {
        *mark = can && !all;
    }
}

/// Enter: on with what is marked; before tokens go it is asked once more (promise P28).
pub(super) fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let screen = &mut model.emergency;
    match screen.ask() {
        Some(Ask::Revoke | Ask::Appeared(_)) => {
            screen.sure = match screen.marked() {
                0 if screen.marks.is_empty() => return send(model, effects),
                0 => Some(Sure::Nothing(false)),
                1 | 2 => Some(Sure::Few(false)),
                _ => Some(Sure::Count(Field::plain())),
            };
        }
        _ => send(model, effects),
    }
}

/// Enter after the number of tokens was typed.
pub(super) fn counted(model: &mut Model, effects: &mut Vec<Effect>) {
    let wanted = model.emergency.marked();
    let Some(Sure::Count(count)) = &model.emergency.sure else {
        return;
    };
    if count.value().expose().trim() == wanted.to_string() {
        send(model, effects);
    } else {
        model.plain(format!(
            "To revoke them, type how many they are: {wanted}. Esc goes back to the list."
        ));
    }
}

/// What is marked goes out as the answer.
pub(super) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let screen = &model.emergency;
    let marks = screen.marks.iter();
    let answer = match screen.ask() {
        Some(Ask::Revoke | Ask::Appeared(_)) => {
            let unmarked = screen.keys.iter().zip(marks).filter(|(_, mark)| !**mark);
            let keep: Vec<TokenKey> = unmarked.map(|(key, _)| key.clone()).collect();
            Reply::Revoke { keep }
        }
        Some(Ask::Local(copies)) => {
            let marked = copies.iter().zip(marks).filter(|(_, mark)| **mark);
            Reply::TakeOut(marked.map(|(copy, _)| copy.id.clone()).collect())
        }
        Some(Ask::Beyond) => Reply::Ticked(screen.marks.clone()),
        _ => return,
    };
    reply(model, answer, effects);
}
