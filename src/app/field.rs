//! One line of text that a person types.

use std::time::Duration;

use unicode_segmentation::UnicodeSegmentation as _;

use super::key::{Key, KeyCode};
use crate::domain::secret::Secret;

/// The most bytes a field takes: room for any code, password or path, and never a reallocation that would leave a
/// copy of a password behind.
const CAPACITY: usize = 4096;

/// How long a revealed secret stays readable (promise P04).
pub const REVEALED_FOR: Duration = Duration::from_secs(10);

/// A line being typed. Always a [`Secret`], whether it is shown or masked.
#[derive(Debug)]
pub struct Field {
    value: Secret<String>,
    /// Byte offset, always between two grapheme clusters.
    cursor: usize,
    /// Shown as dots.
    pub masked: bool,
    /// Line ends and tabs are kept.
    lines: bool,
    revealed_until: Option<Duration>,
}

impl Field {
    /// An empty field that shows what is typed.
    pub fn plain() -> Self {
        Self {
            value: Secret::with_capacity(CAPACITY),
            cursor: 0,
            masked: false,
            lines: false,
            revealed_until: None,
        }
    }

    /// An empty field of several lines that shows dots.
    pub fn lines() -> Self {
        Self {
            lines: true,
            ..Self::masked()
        }
    }

    /// An empty field that shows dots.
    pub fn masked() -> Self {
        Self {
            masked: true,
            ..Self::plain()
        }
    }

    /// A field that holds `text`, with the cursor behind it.
    pub fn with(text: &str) -> Self {
        let mut field = Self::plain();
        field.insert(text);
        field
    }

    /// What was typed.
    pub fn value(&self) -> &Secret<String> {
        &self.value
    }

    /// True when nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// True when hardly anything more fits: what was put in last may not be whole.
    pub fn is_full(&self) -> bool {
        self.value.expose().len() + 4 > CAPACITY
    }

    /// In which line the cursor stands, from 0, and behind how many grapheme clusters of it.
    pub fn line_and_cursor(&self) -> (usize, usize) {
        let before = &self.value.expose()[..self.cursor];
        let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
        (before.matches('\n').count(), line.graphemes(true).count())
    }

    /// How many grapheme clusters stand before the cursor.
    pub fn cursor(&self) -> usize {
        self.value.expose()[..self.cursor].graphemes(true).count()
    }

    /// Empties it and gives the typed text away.
    pub fn take(&mut self) -> Secret<String> {
        self.cursor = 0;
        self.revealed_until = None;
        std::mem::replace(&mut self.value, Secret::with_capacity(CAPACITY))
    }

    /// Empties it.
    pub fn clear(&mut self) {
        drop(self.take());
    }

    /// Puts text in at the cursor: line ends at its edges are dropped, other control characters too (promise P17).
    /// A field of several lines keeps its line ends.
    pub fn insert(&mut self, text: &str) {
        let mut after_return = false;
        let text = if self.lines {
            text
        } else {
            text.trim_matches(['\r', '\n'])
        };
        for c in text.chars() {
            let second = std::mem::replace(&mut after_return, c == '\r') && c == '\n';
            // Each of the three line ends is one.
            let c = if c == '\r' { '\n' } else { c };
            let kept = self.lines && matches!(c, '\n' | '\t') && !second;
            if (c.is_control() && !kept) || self.value.expose().len() + c.len_utf8() > CAPACITY {
                continue;
            }
            self.value.expose_mut().insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    /// Shows the dots' text for a while, or hides it again.
    pub fn toggle_reveal(&mut self, now: Duration) {
        self.revealed_until = match self.revealed_until {
            Some(until) if until > now => None,
            _ => Some(now + REVEALED_FOR),
        };
    }

    /// Hides it.
    pub fn hide(&mut self) {
        self.revealed_until = None;
    }

    /// When a revealed text hides by itself.
    pub fn revealed_until(&self) -> Option<Duration> {
        self.revealed_until
    }

    /// True when the text itself is to be drawn.
    pub fn shows_text(&self, now: Duration) -> bool {
        !self.masked || self.revealed_until.is_some_and(|until| until > now)
    }

    /// Handles an editing key; false when the key is not one.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.ctrl, key.alt, key.code) {
            (false, false, KeyCode::Char(c)) => self.insert(c.encode_utf8(&mut [0; 4])),
            (false, false, KeyCode::Backspace) | (true, false, KeyCode::Char('h')) => {
                if let Some(start) = self.before() {
                    self.value
                        .expose_mut()
                        .replace_range(start..self.cursor, "");
                    self.cursor = start;
                }
            }
            (false, false, KeyCode::Delete) => {
                if let Some(end) = self.after() {
                    self.value.expose_mut().replace_range(self.cursor..end, "");
                }
            }
            (false, false, KeyCode::Left) => self.cursor = self.before().unwrap_or(self.cursor),
            (false, false, KeyCode::Right) => self.cursor = self.after().unwrap_or(self.cursor),
            (false, false, KeyCode::Home) | (true, false, KeyCode::Char('a')) => {
                let before = &self.value.expose()[..self.cursor];
                self.cursor = before.rfind('\n').map_or(0, |at| at + 1);
            }
            (false, false, KeyCode::End) | (true, false, KeyCode::Char('e')) => {
                let after = &self.value.expose()[self.cursor..];
                self.cursor += after.find('\n').unwrap_or(after.len());
            }
            (false, false, KeyCode::Up) if self.lines => self.turn_to_line(false),
            (false, false, KeyCode::Down) if self.lines => self.turn_to_line(true),
            (true, false, KeyCode::Char('u')) => self.clear(),
            _ => return false,
        }
        true
    }

    /// To the line above or below, as far to the right as before where it is that long.
    fn turn_to_line(&mut self, down: bool) {
        let (line, column) = self.line_and_cursor();
        let text = self.value.expose();
        let wanted = if down {
            Some(line + 1)
        } else {
            line.checked_sub(1)
        };
        let mut start = 0;
        for (index, one) in text.split('\n').enumerate() {
            if wanted == Some(index) {
                let mut ends = one.grapheme_indices(true).map(|(at, _)| at);
                self.cursor = start + ends.nth(column).unwrap_or(one.len());
                return;
            }
            start += one.len() + 1;
        }
    }

    fn before(&self) -> Option<usize> {
        self.value.expose()[..self.cursor]
            .grapheme_indices(true)
            .next_back()
            .map(|(start, _)| start)
    }

    fn after(&self) -> Option<usize> {
        self.value.expose()[self.cursor..]
            .graphemes(true)
            .next()
            .map(|cluster| self.cursor + cluster.len())
    }
}
