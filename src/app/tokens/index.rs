//! What the filter looks through: made when a filter is opened, let go when it is cleared.

use std::fmt;
use std::ops::Range;

use crate::domain::token::{Token, TokenKey};

/// The fewest characters by which a token is found as by its id.
const SHORTEST_ID: usize = 4;

/// The words of all rows in lower case, row after row in one text.
#[derive(Default)]
pub struct Index {
    text: String,
    /// Where each row ends in it.
    ends: Vec<u32>,
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index of {} rows", self.ends.len())
    }
}

/// What is looked for.
pub(super) struct Wanted<'a> {
    /// As it was typed.
    typed: &'a str,
    /// Its words, in lower case.
    words: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(typed: &'a str, lower: &'a str) -> Self {
        Self {
            typed,
            words: lower.split_whitespace().collect(),
        }
    }
}

impl Index {
    pub(super) fn of(rows: &[Token]) -> Self {
        let mut index = Self::default();
        index.insert(0, rows);
        index
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn start(&self, row: usize) -> usize {
        row.checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize)
    }

    /// Rows that came before what is row `at` now.
    pub(super) fn insert(&mut self, at: usize, rows: &[Token]) {
        let start = self.start(at);
        // Before others the words go into a text of their own first; at the end, where most come, straight to the others.
        let mut between = String::new();
        let last = start == self.text.len();
        let text = if last { &mut self.text } else { &mut between };
        let before = if last { 0 } else { start };
        text.reserve(rows.len() * 64);
        let mut end_of = |token| {
            words(token, text);
            end(before + text.len())
        };
        let ends: Vec<u32> = rows.iter().map(&mut end_of).collect();
        let added = ends.last().map_or(0, |last| last - end(start));
        for end in &mut self.ends[at..] {
            *end += added;
        }
        self.text.insert_str(start, &between);
        self.ends.splice(at..at, ends);
    }

    /// Those of these rows in which every word typed occurs, or whose token's value begins the text typed.
    pub(super) fn fitting(
        &self,
        rows: &[Token],
        these: Range<usize>,
        wanted: &Wanted<'_>,
    ) -> Vec<usize> {
        let mut start = self.start(these.start);
        let ends = these.clone().zip(&self.ends[these.clone()]);
        ends.zip(&rows[these])
            .filter_map(|((row, &end), token)| {
                let end = end as usize;
                let text = &self.text[start..end];
                start = end;
                fits(text, token, wanted).then_some(row)
            })
            .collect()
    }
}

impl Index {
    /// Whether this text, in lower case, stands in one of the rows, or begins the key of one.
    pub(super) fn has(&self, rows: &[Token], text: &str) -> bool {
        self.text.contains(text) || rows.iter().any(|row| is_id(&row.key, text))
    }
}

/// A list of names stays far below 4 GiB.
fn end(at: usize) -> u32 {
    u32::try_from(at).expect("a list of names is less than 4 GiB")
}

fn fits(text: &str, token: &Token, wanted: &Wanted<'_>) -> bool {
    wanted
        .words
        .iter()
        .all(|word| text.contains(word) || is_id(&token.key, word))
        || is_value(token, wanted.typed)
}

/// A part of the registry's handle would be found by accident, so it is found by its beginning.
fn is_id(key: &TokenKey, word: &str) -> bool {
    word.len() >= SHORTEST_ID && key.begins(word)
}

/// A pasted value finds its row by how that begins, as far as the registry tells.
fn is_value(token: &Token, typed: &str) -> bool {
    let listed = token.begins.as_str();
    let end = listed.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    let begins = &listed[..end.unwrap_or(listed.len())];
    begins.len() >= 6 && typed.len() > begins.len() && typed.starts_with(begins)
}

/// Everything about a token that a person may look for, word by word in lower case. A line end keeps what was typed
/// from being found across two of them.
fn words(token: &Token, text: &mut String) {
    let mut add = |word: &str| {
        if word.is_empty() {
            return;
        }
        if word.is_ascii() {
            let start = text.len();
            text.push_str(word);
            text[start..].make_ascii_lowercase();
        } else {
            text.extend(word.chars().flat_map(char::to_lowercase));
        }
        text.push('\n');
    };
    add(token.label());
    add(token.begins.as_str());
    add(token.may());
    for (badge, is) in [
        ("read-only", token.readonly),
        ("bypass 2fa", token.bypass_2fa),
        ("revoked", token.revoked.is_some()),
        ("in use", token.in_use().is_some()),
    ] {
        if is {
            add(badge);
        }
    }
    let texts = [token.description.as_deref(), token.note.as_deref()];
    for words in texts.into_iter().flatten().chain(&token.cidr) {
        add(words.as_str());
    }
    for (kind, name) in token.scopes.iter().chain(&token.permissions) {
        add(kind.as_str());
        add(name.as_str());
    }
    for found in &token.found {
        add(found.place.as_str());
    }
}
