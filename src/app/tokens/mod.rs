//! The tokens screen: a list that can be used while it arrives.

mod arriving;
mod facet;
mod index;
mod order;
mod sought;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use jiff::Timestamp;

use super::Effect;
use super::keymap::Move;
use super::model::{Load, Model, TokensScreen};
use super::request;
use super::scroll::moved;
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
pub use arriving::Incoming;
pub use facet::{DUE_DAYS, Facet, Facets, Trait, Traits, UNUSED_DAYS};
pub use index::Index;
use index::Wanted;
pub use order::{Order, SortBy};
pub use sought::{Said, Sought};
pub(super) use sought::{proved, seek};

/// How long the sum of a list stays true by itself: what lapses is counted anew after that.
const COUNTED_FOR: std::time::Duration = std::time::Duration::from_mins(1);

/// Asks for the list. What is known stays on the screen meanwhile.
pub(super) fn read(model: &mut Model, asking: Asking, effects: &mut Vec<Effect>) {
    give_up(model, effects);
    model.tokens.noted.clear();
    let id = request::start(model, Request::Tokens, asking, effects);
    model.tokens.list.load(id);
}

/// Stops reading the list, if it is being read.
pub(super) fn give_up(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(id) = model.tokens.list.pending() {
        request::cancel(model, id, effects);
    }
    model.tokens.incoming = Incoming::default();
}

/// A page came.
pub(super) fn page(
    model: &mut Model,
    id: RequestId,
    index: u64,
    mut page: Vec<Token>,
    total: Option<u64>,
) {
    let screen = &mut model.tokens;
    if screen.list.pending() != Some(id) {
        return;
    }
    if let Load::Loading { old: None, .. } = screen.list {
        screen.moved = false;
        screen.list = Load::Partial {
            id,
            rows: Vec::new(),
            done: 0,
            total,
        };
    }
    note_down(&screen.noted, &mut page);
    let sought = screen.sought.as_mut();
    let proved = sought.is_some_and(|sought| sought.look_at(&page));
    let at = screen.incoming.page(index, &page, total);
    match &mut screen.list {
        Load::Partial {
            rows,
            done,
            total: known,
            ..
        } => {
            if let Some(words) = &mut screen.index {
                words.insert(at, &page);
            }
            let count = page.len();
            arriving::insert(rows, at, page, total);
            *done = rows.len() as u64;
            *known = total.or(*known);
            show_more(model, at..at + count);
        }
        Load::Loading { old: Some(old), .. } => screen.incoming.keep(at, page, old),
        _ => {}
    }
    if proved {
        refresh(model);
    }
}

/// The list has ended, well or not: how many pages it had, and whether it changed while it was read.
pub(super) fn finished(model: &mut Model, id: RequestId, result: Result<(u64, bool), Failure>) {
    if model.tokens.list.pending() != Some(id) {
        return;
    }
    let screen = &mut model.tokens;
    let incoming = std::mem::take(&mut screen.incoming);
    let arrived = incoming.pages();
    let result = result.and_then(|(pages, moved)| {
        if pages <= arrived {
            Ok(moved)
        } else {
            Err(Failure::new(
                FailureKind::Refused,
                format!("The list is incomplete: {arrived} of {pages} pages arrived."),
                "Press r to read it again.",
            ))
        }
    });
    let (known, old) = match std::mem::replace(&mut screen.list, Load::Empty) {
        Load::Partial { rows, .. } => (Some(rows), false),
        Load::Loading { old, .. } => (old, true),
        _ => (None, false),
    };
    match result {
        Ok(moved) => {
            let known = known.unwrap_or_default();
            let mut fresh = if old { incoming.whole(known) } else { known };
            arriving::once(&mut fresh);
            note_down(&model.tokens.noted, &mut fresh);
            model.tokens.moved = moved;
            replace(model, Load::Ready(fresh));
        }
        Err(mut why) => {
            if why.kind == FailureKind::NeedsSecondFactor {
                why.next = "Press r to list them; the code is asked for then.".into();
            }
            let known = known.filter(|rows| old || !rows.is_empty());
            // What is not offered is no fault: the screen says it, and the way that is open.
            let silent = matches!(why.kind, FailureKind::Cancelled | FailureKind::NotOffered);
            if model.screen == super::model::Screen::Tokens && !silent {
                model.bad(&why);
            }
            replace(model, Load::Failed { why, old: known });
        }
    }
}

/// Puts another list in place: the chosen row and the selection stay with their tokens.
pub(super) fn replace(model: &mut Model, list: Load<Vec<Token>>) {
    let mut chosen = chosen(model).map(|token| token.key.clone());
    let screen = &mut model.tokens;
    screen.list = list;
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    if let Some(wanted) = screen
        .wanted
        .take_if(|key| rows.iter().any(|token| token.key == *key))
    {
        chosen = Some(wanted);
    }
    if let Some(sought) = &mut screen.sought {
        sought.look_at(rows);
    }
    screen.index = None;
    if !screen.selected.is_empty() {
        let there: HashSet<&TokenKey> = rows
            .iter()
            .filter(|token| token.revoked.is_none())
            .map(|token| &token.key)
            .collect();
        screen.selected.retain(|key| there.contains(key));
    }
    show(model, chosen.as_ref());
}

/// What the person notes of a token: the list shows it at once, and finds the row by it.
pub(super) fn noted(model: &mut Model, token: TokenKey, note: Option<Text>) {
    let screen = &mut model.tokens;
    let rows = screen.list.value_mut().into_iter().flatten();
    for row in rows.filter(|row| row.key == token) {
        row.note = note.clone().map(Box::new);
    }
    if screen.list.pending().is_some() {
        screen.noted.insert(token, note);
    }
    screen.index = None;
    refresh(model);
}

/// What was noted while these rows were on their way.
fn note_down(noted: &BTreeMap<TokenKey, Option<Text>>, rows: &mut [Token]) {
    if noted.is_empty() {
        return;
    }
    for row in rows {
        if let Some(note) = noted.get(&row.key) {
            row.note = note.clone().map(Box::new);
        }
    }
}

/// The token of the chosen row.
pub fn chosen(model: &Model) -> Option<&Token> {
    let screen = &model.tokens;
    let row = *screen.shown.get(screen.cursor)?;
    screen.list.value()?.get(row)
}

/// Filters and sorts anew; the cursor goes with `chosen`, if that is still shown.
fn show(model: &mut Model, chosen: Option<&TokenKey>) {
    let screen = &mut model.tokens;
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    screen.facets.count_anew();
    screen.shown = fitting(screen, 0..rows.len(), model.now.wall);
    screen.counted = model.now.mono;
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    if let Some(by) = screen.sort {
        order::sort(&mut screen.shown, rows, by);
    }
    let place = chosen.and_then(|key| screen.shown.iter().position(|&row| rows[row].key == *key));
    let last = screen.shown.len().saturating_sub(1);
    screen.cursor = place.unwrap_or(screen.cursor).min(last);
    follow(model);
}

/// The same for rows that came among those that are shown: only they are looked at.
fn show_more(model: &mut Model, new: Range<usize>) {
    let screen = &mut model.tokens;
    let chosen = screen.shown.get(screen.cursor).copied();
    let after = |row: usize| {
        if row < new.start {
            row
        } else {
            row + new.len()
        }
    };
    for row in &mut screen.shown {
        *row = after(*row);
    }
    let more = fitting(screen, new.clone(), model.now.wall);
    if let (Some(by), Some(rows)) = (screen.sort, screen.list.value()) {
        screen.shown.extend(more);
        order::sort(&mut screen.shown, rows, by);
    } else {
        let place = screen.shown.partition_point(|&row| row < new.start);
        screen.shown.splice(place..place, more);
    }
    let chosen = chosen.map(after);
    let place = screen.shown.iter().position(|&row| Some(row) == chosen);
    screen.cursor = place.unwrap_or(0);
    follow(model);
}

/// The rows of these that the filter and the facets leave, in the registry's order; they are counted on.
fn fitting(screen: &mut TokensScreen, these: Range<usize>, now: Timestamp) -> Vec<usize> {
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    if let Some(sought) = &screen.sought {
        let fitting = these.filter(|&row| sought.fits(&rows[row]));
        return screen.facets.sift(rows, fitting, now);
    }
    let typed = screen.filter.value().expose().trim();
    if typed.is_empty() {
        return screen.facets.sift(rows, these, now);
    }
    let index = screen.index.get_or_insert_with(|| Index::of(rows));
    let lower = Secret::from(typed.to_lowercase());
    let wanted = Wanted::new(typed, lower.expose());
    let fitting = index.fitting(rows, these, &wanted);
    screen.facets.sift(rows, fitting.into_iter(), now)
}

/// Filters, counts and sorts anew; the cursor stays with its token.
pub fn refresh(model: &mut Model) {
    let chosen = chosen(model).map(|token| token.key.clone());
    show(model, chosen.as_ref());
}

/// What lapsed meanwhile is counted anew, now and then. A pasted value is held on its own screen alone.
pub(super) fn settle(model: &mut Model) {
    if model.screen != super::model::Screen::Tokens {
        sought::forget(model);
    }
    let counted = model.tokens.counted.saturating_add(COUNTED_FOR);
    if model.screen == super::model::Screen::Tokens && counted <= model.now.mono {
        refresh(model);
    }
}

/// Keeps the chosen row among those on the screen.
fn follow(model: &mut Model) {
    let height = model.list_rows();
    let screen = &mut model.tokens;
    let most = screen.shown.len().saturating_sub(height);
    screen.offset = screen
        .offset
        .min(screen.cursor)
        .max((screen.cursor + 1).saturating_sub(height))
        .min(most);
}

/// Moves the cursor.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let screen = &mut model.tokens;
    screen.wanted = None;
    let last = screen.shown.len().saturating_sub(1);
    screen.cursor = moved(screen.cursor, step, page, last);
    follow(model);
}

/// The terminal has another size.
pub(super) fn resized(model: &mut Model) {
    follow(model);
}

/// The filter was typed into.
pub(super) fn filtered(model: &mut Model) {
    let chosen = chosen(model).map(|token| token.key.clone());
    let screen = &mut model.tokens;
    // What was hidden once is not shown in part by taking some of it away.
    let hidden = screen.filter.masked && !screen.filter.is_empty();
    screen.filter.masked = hidden || sought::hides(screen);
    show(model, chosen.as_ref());
}

/// The filter gets the focus.
pub(super) fn filter(model: &mut Model) {
    sought::forget(model);
    let screen = &mut model.tokens;
    screen.filtering = true;
    // The first letter is not to wait for it.
    if screen.index.is_none() {
        screen.index = screen.list.value().map(|rows| Index::of(rows));
    }
}

/// The filter is left; what was typed stays. A value that was typed into it is taken out and looked for.
pub(super) fn keep_filter(model: &mut Model, effects: &mut Vec<Effect>) {
    let typed = model.tokens.filter.take();
    if seek(model, typed.expose(), effects) {
        return;
    }
    model.tokens.filter.insert(typed.expose());
    model.tokens.filtering = false;
    let_go(model);
}

/// The filter is left and emptied.
pub(super) fn clear_filter(model: &mut Model) {
    model.tokens.filtering = false;
    model.tokens.filter.clear();
    filtered(model);
    let_go(model);
}

/// An empty filter needs nothing to look through.
fn let_go(model: &mut Model) {
    if model.tokens.filter.is_empty() && !model.tokens.filtering {
        model.tokens.index = None;
    }
}

/// The next answer of a facet.
pub(super) fn turn(model: &mut Model, facet: Facet) {
    let chosen = chosen(model).map(|token| token.key.clone());
    model.tokens.facets.turn(facet);
    show(model, chosen.as_ref());
}

/// Nothing hides a row any more.
pub(super) fn show_all(model: &mut Model) {
    sought::forget(model);
    model.tokens.facets.clear();
    clear_filter(model);
}

/// Clears what hides rows, the filter before the facets, then the selection.
pub(super) fn dismiss(model: &mut Model) -> bool {
    let dismissed = sought::forget(model) || clear_next(model);
    if dismissed {
        // As that no token fits: it was said of what was shown until now.
        model
            .notice
            .take_if(|said| !said.outcome && said.retry.is_none());
    }
    dismissed
}

fn clear_next(model: &mut Model) -> bool {
    let screen = &mut model.tokens;
    if !screen.filter.is_empty() {
        clear_filter(model);
    } else if !screen.facets.is_empty() {
        screen.facets.clear();
        refresh(model);
    } else if !screen.selected.is_empty() {
        screen.selected.clear();
    } else {
        return false;
    }
    true
}

/// Sorts by the next column.
pub(super) fn sort_next(model: &mut Model) {
    let sort = SortBy::after(model.tokens.sort);
    model.tokens.sort = sort;
    refresh(model);
    let words = sort.map_or("the registry's own order", SortBy::words);
    model.plain(format!("Sorted by {words}."));
}

/// Opens the details of the chosen row, or closes them.
pub(super) fn details(model: &mut Model) {
    model.tokens.details = !model.tokens.details;
    model.tokens.scroll = 0;
}

/// Scrolls the details.
pub(super) fn scroll(model: &mut Model, step: Move) {
    let Some(token) = chosen(model) else {
        return;
    };
    let lines = details_lines(token);
    let (page, last) = (model.list_rows(), model.text_end(lines));
    model.tokens.scroll = moved(model.tokens.scroll, step, page, last);
}

/// About how many lines the details of a token take.
fn details_lines(token: &Token) -> usize {
    const FIELDS: usize = 26;
    let pairs = token.scopes.iter().chain(&token.permissions);
    let long: usize = pairs
        .map(|(kind, name)| kind.as_str().len() + name.as_str().len())
        .sum();
    let texts = [token.description.as_deref(), token.note.as_deref()];
    let words: usize = texts
        .into_iter()
        .flatten()
        .chain(&token.cidr)
        .map(|text| text.as_str().len())
        .sum();
    FIELDS + 3 * token.found.len() + (long + words) / 20
}

/// The details of the row above or below.
pub(super) fn leaf(model: &mut Model, step: Move) {
    go(model, step);
    model.tokens.scroll = 0;
}

/// Selects the chosen row, or not any more, and goes on to the next.
pub(super) fn select(model: &mut Model) {
    let Some(key) = chosen(model).map(|token| token.key.clone()) else {
        return;
    };
    let selected = &mut model.tokens.selected;
    if !selected.remove(&key) {
        selected.insert(key);
    }
    if !model.tokens.details {
        go(model, Move::Down);
    }
}

/// How many of the selected rows are not shown now.
pub fn selected_unseen(model: &Model) -> usize {
    let screen = &model.tokens;
    let whole = screen.filter.is_empty() && screen.facets.is_empty() && screen.sought.is_none();
    if whole || screen.selected.is_empty() {
        return 0;
    }
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    let seen = screen.shown.iter().filter_map(|&row| rows.get(row));
    let seen = seen.filter(|token| screen.selected.contains(&token.key));
    screen.selected.len() - seen.count()
}

/// Selects every row shown, or none of them when all are selected already.
pub(super) fn select_all(model: &mut Model) {
    let screen = &mut model.tokens;
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    let shown = || {
        screen
            .shown
            .iter()
            .map(|&row| &rows[row])
            .filter(|token| token.revoked.is_none())
            .map(|token| &token.key)
    };
    if shown().all(|key| screen.selected.contains(key)) {
        let these: HashSet<&TokenKey> = shown().collect();
        screen.selected.retain(|key| !these.contains(key));
    } else {
        let these: Vec<TokenKey> = shown().cloned().collect();
        screen.selected.extend(these);
    }
    if screen.list.pending().is_some() && !screen.selected.is_empty() {
        model.plain("The list is still being read: only the rows that are here are selected.");
    }
}
