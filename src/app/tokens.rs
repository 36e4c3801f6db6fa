//! The tokens screen: a list that can be used while it arrives.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use super::Effect;
use super::keymap::Move;
use super::model::{Load, Model, SortBy};
use super::request;
use super::scroll::moved;
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::token::{Token, TokenKey};

/// The fewest characters by which a token is found as by its id.
const SHORTEST_ID: usize = 4;

/// What the filter looks through for one token.
pub struct Haystack {
    /// Everything, in lower case, the name first, so that its order is the order by name.
    text: String,
    /// The registry's handle; a part of it would be found by accident, so it is found by its beginning.
    key: String,
    /// How its value begins, as far as the registry tells, to find it by a pasted value.
    begins: String,
}

/// A list that is being read anew.
#[derive(Debug, Default)]
pub struct Incoming {
    rows: Vec<Token>,
    /// How many rows each page brought; pages may come in any order.
    sizes: BTreeMap<u64, usize>,
    keys: HashSet<TokenKey>,
}

impl fmt::Debug for Haystack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Haystack")
    }
}

impl Haystack {
    fn of(token: &Token) -> Self {
        let mut text = format!("{}\n{}\n{}", token.label(), token.begins, token.may());
        let mut add = |word: &str| {
            text.push('\n');
            text.push_str(word);
        };
        if token.readonly {
            add("read-only");
        }
        if token.bypass_2fa {
            add("bypass 2fa");
        }
        if token.revoked.is_some() {
            add("revoked");
        }
        if let Some(description) = &token.description {
            add(description.as_str());
        }
        for range in &token.cidr {
            add(range.as_str());
        }
        for (kind, name) in token.scopes.iter().chain(&token.permissions) {
            add(kind.as_str());
            add(name.as_str());
        }
        let begins: String = token
            .begins
            .as_str()
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .collect();
        Self {
            text: text.to_lowercase(),
            key: token.key.raw().to_lowercase(),
            begins,
        }
    }

    /// Every word typed occurs, or the text typed is a token's value that begins like this one.
    fn fits(&self, words: &[&str], typed: &str) -> bool {
        words.iter().all(|word| {
            self.text.contains(word) || (word.len() >= SHORTEST_ID && self.key.starts_with(word))
        }) || (self.begins.len() >= 6
            && typed.len() > self.begins.len()
            && typed.starts_with(&self.begins))
    }
}

/// Asks for the list. What is known stays on the screen meanwhile.
pub(super) fn read(model: &mut Model, asking: Asking, effects: &mut Vec<Effect>) {
    give_up(model, effects);
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
        screen.list = Load::Partial {
            id,
            rows: Vec::new(),
            done: 0,
            total,
        };
    }
    let incoming = &mut screen.incoming;
    // A token that moved to the next page while the list was read comes twice.
    page.retain(|token| incoming.keys.insert(token.key.clone()));
    // A page that comes again, because the list changed while it was read, brings only what is new.
    let at: usize = incoming.sizes.range(..=index).map(|(_, size)| size).sum();
    *incoming.sizes.entry(index).or_default() += page.len();
    if let Load::Partial {
        rows,
        done,
        total: known,
        ..
    } = &mut screen.list
    {
        let chosen = screen
            .shown
            .get(screen.cursor)
            .and_then(|&row| rows.get(row))
            .map(|token| token.key.clone());
        screen
            .haystacks
            .splice(at..at, page.iter().map(Haystack::of));
        rows.splice(at..at, page);
        *done = rows.len() as u64;
        *known = total.or(*known);
        show(model, chosen.as_ref());
    } else {
        incoming.rows.splice(at..at, page);
    }
}

/// The list has ended, well or not.
pub(super) fn finished(model: &mut Model, id: RequestId, result: Result<u64, Failure>) {
    if model.tokens.list.pending() != Some(id) {
        return;
    }
    let screen = &mut model.tokens;
    let incoming = std::mem::take(&mut screen.incoming);
    let arrived = incoming.sizes.len() as u64;
    let (fresh, old) = match std::mem::replace(&mut screen.list, Load::Empty) {
        Load::Partial { rows, .. } => (Some(rows), None),
        Load::Loading { old: None, .. } => (Some(incoming.rows), None),
        Load::Loading { old, .. } => (Some(incoming.rows), old),
        _ => (None, None),
    };
    let fresh = fresh.unwrap_or_default();
    let result = result.and_then(|pages| {
        if pages <= arrived {
            Ok(())
        } else {
            Err(Failure::new(
                FailureKind::Refused,
                format!("The list is incomplete: {arrived} of {pages} pages arrived."),
                "Press r to read it again.",
            ))
        }
    });
    match result {
        Ok(()) => replace(model, Load::Ready(fresh)),
        Err(mut why) => {
            if why.kind == FailureKind::NeedsSecondFactor {
                why.next = "Press r to list them; the code is asked for then.".into();
            }
            let known = old.or((!fresh.is_empty()).then_some(fresh));
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
    screen.haystacks = rows.iter().map(Haystack::of).collect();
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
    let typed = screen.filter.value().expose().trim();
    if typed.is_empty() {
        screen.shown = (0..rows.len()).collect();
    } else {
        let lower = crate::domain::secret::Secret::from(typed.to_lowercase());
        let words: Vec<&str> = lower.expose().split_whitespace().collect();
        screen.shown = screen
            .haystacks
            .iter()
            .enumerate()
            .filter(|(_, haystack)| haystack.fits(&words, typed))
            .map(|(row, _)| row)
            .collect();
    }
    if let Some(by) = screen.sort {
        sort(&mut screen.shown, rows, &screen.haystacks, by);
    }
    let place = chosen.and_then(|key| screen.shown.iter().position(|&row| rows[row].key == *key));
    let last = screen.shown.len().saturating_sub(1);
    screen.cursor = place.unwrap_or(screen.cursor).min(last);
    follow(model);
}

/// Rows without the value come last; equal ones stay in the registry's order.
fn sort(shown: &mut [usize], rows: &[Token], haystacks: &[Haystack], by: SortBy) {
    match by {
        SortBy::Name => shown.sort_by(|&a, &b| haystacks[a].text.cmp(&haystacks[b].text)),
        SortBy::Created => shown.sort_by_key(|&row| {
            let created = rows[row].created;
            (created.is_none(), std::cmp::Reverse(created))
        }),
        // A token that was never used is the longest unused.
        SortBy::Accessed => shown.sort_by_key(|&row| rows[row].accessed),
        SortBy::Expires => {
            shown.sort_by_key(|&row| (rows[row].expires.is_none(), rows[row].expires));
        }
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
    let filter = &mut model.tokens.filter;
    // A pasted token value finds its row; it need not stand on the screen.
    filter.masked = filter.value().chars() >= 30 && !filter.value().expose().contains(' ');
    show(model, chosen.as_ref());
}

/// Sorts by the next column.
pub(super) fn sort_next(model: &mut Model) {
    let chosen = chosen(model).map(|token| token.key.clone());
    let (next, words) = match model.tokens.sort {
        None => (Some(SortBy::Name), "name"),
        Some(SortBy::Name) => (Some(SortBy::Created), "creation, the newest first"),
        Some(SortBy::Created) => (Some(SortBy::Accessed), "last use, the longest unused first"),
        Some(SortBy::Accessed) => (Some(SortBy::Expires), "expiry, the first to lapse first"),
        Some(SortBy::Expires) => (None, "the registry's own order"),
    };
    model.tokens.sort = next;
    show(model, chosen.as_ref());
    model.plain(format!("Sorted by {words}."));
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
