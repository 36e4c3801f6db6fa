//! A list that is being read: pages in any order become one list.

use std::collections::{BTreeMap, HashSet};

use crate::domain::token::Token;

/// The most rows that room is made for because a registry says how many there are.
const MOST_FORESEEN: usize = 20_000;

/// A list that is being read anew.
#[derive(Debug, Default)]
pub struct Incoming {
    /// While an old list is shown: the new one so far.
    rows: Vec<Fresh>,
    /// The rows of the old list, ordered by their keys.
    old: Vec<u32>,
    /// How many rows each page brought; pages may come in any order.
    sizes: BTreeMap<u64, usize>,
    total: Option<u64>,
}

/// A row of the new list. Most are as they were, and are not held twice.
#[derive(Debug)]
enum Fresh {
    /// As this row of the old list.
    Same(u32),
    /// In the place of this row of the old list.
    Changed(u32, Box<Token>),
    /// Another one.
    New(Box<Token>),
}

impl Incoming {
    /// How many rows are here.
    pub fn done(&self) -> usize {
        self.sizes.values().sum()
    }

    /// How many there are, where known.
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// How many pages brought something, or were empty.
    pub(super) fn pages(&self) -> u64 {
        self.sizes.len() as u64
    }

    /// A page comes: says before which row it stands.
    pub(super) fn page(&mut self, index: u64, page: &[Token], total: Option<u64>) -> usize {
        // A page that comes again, because the list changed while it was read, brings only what is new.
        let at = self.sizes.range(..=index).map(|(_, size)| size).sum();
        *self.sizes.entry(index).or_default() += page.len();
        self.total = total.or(self.total);
        at
    }

    /// Keeps a page beside the old list.
    pub(super) fn keep(&mut self, at: usize, page: Vec<Token>, old: &[Token]) {
        if self.old.len() != old.len() {
            self.old = (0..).take(old.len()).collect();
            self.old.sort_unstable_by_key(|&row| &old[row as usize].key);
        }
        let fresh = page.into_iter().map(|token| {
            let key = |&row: &u32| old[row as usize].key.cmp(&token.key);
            match self.old.binary_search_by(key).map(|place| self.old[place]) {
                Ok(row) if old[row as usize] == token => Fresh::Same(row),
                Ok(row) => Fresh::Changed(row, Box::new(token)),
                Err(_) => Fresh::New(Box::new(token)),
            }
        });
        self.rows.splice(at..at, fresh);
    }

    /// The new list, made of the old one in its own place: lists of thousands are not held twice.
    pub(super) fn whole(self, mut list: Vec<Token>) -> Vec<Token> {
        let known = list.len();
        let is_new = |fresh: &&Fresh| matches!(fresh, Fresh::New(_));
        list.reserve_exact(self.rows.iter().filter(is_new).count());
        let mut taken = vec![false; known];
        // A row that comes twice has its first place.
        let mut first = |row: u32| {
            let place = taken.get_mut(row as usize)?;
            (!std::mem::replace(place, true)).then_some(row as usize)
        };
        let mut order = Vec::with_capacity(self.rows.len());
        for fresh in self.rows {
            match fresh {
                Fresh::Same(row) => order.extend(first(row)),
                Fresh::Changed(row, changed) => {
                    if let Some(row) = first(row) {
                        list[row] = *changed;
                        order.push(row);
                    }
                }
                Fresh::New(new) => {
                    order.push(list.len());
                    list.push(*new);
                }
            }
        }
        arrange(&mut list, &order);
        list
    }
}

/// Leaves these rows, each named once, in this order.
fn arrange(list: &mut Vec<Token>, order: &[usize]) {
    if order.iter().enumerate().all(|(place, &row)| place == row) {
        return list.truncate(order.len());
    }
    let mut place_of: Vec<usize> = (0..list.len()).collect();
    let mut row_at = place_of.clone();
    for (place, &row) in order.iter().enumerate() {
        let (from, other) = (place_of[row], row_at[place]);
        list.swap(place, from);
        (row_at[place], row_at[from]) = (row, other);
        (place_of[row], place_of[other]) = (place, from);
    }
    list.truncate(order.len());
}

/// Puts a page among the rows. Room is made once where it is known how much, instead of twice as much again and again.
pub(super) fn insert(rows: &mut Vec<Token>, at: usize, page: Vec<Token>, total: Option<u64>) {
    let total = total.and_then(|total| usize::try_from(total).ok());
    let foreseen = total.unwrap_or(0).min(MOST_FORESEEN);
    let more = foreseen.saturating_sub(rows.len()).max(page.len());
    if rows.capacity() < rows.len() + page.len() {
        rows.reserve_exact(more);
    }
    rows.splice(at..at, page);
}

/// A token that moved to another page while the list was read may have come twice: the first one stays.
pub(super) fn once(rows: &mut Vec<Token>) {
    let mut keys = HashSet::with_capacity(rows.len());
    let first: Vec<bool> = rows.iter().map(|token| keys.insert(&token.key)).collect();
    if first.contains(&false) {
        let mut first = first.into_iter();
        rows.retain(|_| first.next().unwrap_or(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Text;
    use crate::domain::token::TokenKey;

    fn token(key: u32, name: &str) -> Token {
        Token {
            name: Some(Text::new(name)),
            ..Token::new(TokenKey::new(key.to_string()))
        }
    }

    proptest::proptest! {
        #[test]
        fn a_list_that_is_read_again_is_the_new_one_whatever_changed(
            old in proptest::collection::vec(0u32..30, 0..30),
            new in proptest::collection::vec((0u32..30, "[ab]"), 0..40),
            sizes in proptest::collection::vec(1usize..9, 40),
        ) {
            let mut old: Vec<Token> = old.iter().map(|&key| token(key, "a")).collect();
            once(&mut old);
            let mut new: Vec<Token> = new.iter().map(|(key, name)| token(*key, name)).collect();
            let mut incoming = Incoming::default();
            let mut rest = new.clone().into_iter();
            for (index, size) in (0..).zip(sizes) {
                let page: Vec<Token> = rest.by_ref().take(size).collect();
                let at = incoming.page(index, &page, None);
                incoming.keep(at, page, &old);
            }
            let mut whole = incoming.whole(old);
            once(&mut whole);
            once(&mut new);
            proptest::prop_assert_eq!(whole, new);
        }
    }
}
