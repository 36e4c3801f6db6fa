//! A list that is being read: pages in any order become one list.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::token::{Token, TokenKey};

/// The most rows that room is made for because a registry says how many there are.
const MOST_FORESEEN: usize = 20_000;

/// A list that is being read anew.
#[derive(Debug, Default)]
pub struct Incoming {
    /// While an old list is shown: the new one so far.
    rows: Vec<Fresh>,
    /// Where the old list has each key.
    old: HashMap<TokenKey, u32>,
    /// How many rows each page brought; pages may come in any order.
    sizes: BTreeMap<u64, usize>,
    total: Option<u64>,
}

/// A row of the new list. Most are as they were, and are not held twice.
#[derive(Debug)]
enum Fresh {
    /// As this row of the old list.
    Same(u32),
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
        if self.old.is_empty() {
            let keys = old.iter().map(|token| token.key.clone());
            self.old = keys.zip(0..).collect();
        }
        let fresh = page.into_iter().map(|token| {
            let before = self.old.get(&token.key).copied();
            match before.filter(|&row| old.get(row as usize) == Some(&token)) {
                Some(row) => Fresh::Same(row),
                None => Fresh::New(Box::new(token)),
            }
        });
        self.rows.splice(at..at, fresh);
    }

    /// The new list, out of what came and the old one.
    pub(super) fn whole(self, old: Vec<Token>) -> Vec<Token> {
        let same =
            |(row, fresh): (usize, &Fresh)| matches!(fresh, Fresh::Same(of) if *of as usize == row);
        if self.rows.len() == old.len() && self.rows.iter().enumerate().all(same) {
            return old;
        }
        let mut old: Vec<Option<Token>> = old.into_iter().map(Some).collect();
        let fresh = self.rows.into_iter().filter_map(|fresh| match fresh {
            Fresh::Same(row) => old.get_mut(row as usize)?.take(),
            Fresh::New(token) => Some(*token),
        });
        fresh.collect()
    }
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
