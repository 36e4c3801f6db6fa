//! Changing one line of a file and leaving every other byte as it is (promise P35).

use zeroize::Zeroizing;

use crate::domain::secret::Secret;

use super::document::{Document, Line, Parsed, content};
use super::ini;

/// Why a line cannot be changed, as what follows "`FILE`, line 3 ".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unchanged {
    /// Not every byte around the value could be kept.
    NotUtf8,
    /// A list, or no setting at all.
    NotOneValue,
}

impl Unchanged {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::NotUtf8 => "holds bytes that are not UTF-8",
            Self::NotOneValue => "holds a list where one token is expected",
        }
    }
}

impl Document {
    /// Puts another value on a line, counted from 1. Blanks and a note around the old one stay.
    pub(super) fn set_value(
        &mut self,
        line: usize,
        value: &Secret<String>,
    ) -> Result<(), Unchanged> {
        let line = line
            .checked_sub(1)
            .and_then(|at| self.lines.get_mut(at))
            .ok_or(Unchanged::NotOneValue)?;
        if !matches!(&line.parsed(), Parsed::Entry(entry) if !entry.list) {
            return Err(Unchanged::NotOneValue);
        }
        let raw = line.raw.expose();
        let text = std::str::from_utf8(content(raw)).map_err(|_| Unchanged::NotUtf8)?;
        let (start, end, mark) = match text.split_once('=') {
            Some((key, old)) => {
                let span = ini::span(old);
                let behind = key.len() + 1;
                (behind + span.start, behind + span.end, "")
            }
            None => (text.len(), text.len(), "="),
        };
        // Quotes count only at both ends of all that follows the `=`.
        let note = !text[end..].trim_matches(ini::is_blank).is_empty();
        let written = if note {
            ini::escaped(value.expose())
        } else {
            ini::written(value.expose())
        };
        let mut bytes = Secret::new(Vec::with_capacity(raw.len() + written.expose().len() + 1));
        let out = bytes.expose_mut();
        out.extend_from_slice(&raw[..start]);
        out.extend_from_slice(mark.as_bytes());
        out.extend_from_slice(written.expose().as_bytes());
        out.extend_from_slice(&raw[end..]);
        *line = Line::parse(bytes.expose(), false);
        Ok(())
    }

    /// Adds `key=value` as the last line that npm reads: at the end, or above the first `[section]` and the
    /// comments that stand right over it.
    pub(super) fn add(&mut self, key: &str, value: &Secret<String>) {
        let end = self.line_end();
        let at = self.place_for_more();
        let last = at == self.lines.len();
        let mut open = false;
        if let Some(before) = at.checked_sub(1).and_then(|at| self.lines.get_mut(at)) {
            open = content(before.raw.expose()).len() == before.raw.expose().len();
            if open {
                let mut closed = Secret::new(Vec::with_capacity(before.raw.expose().len() + 2));
                closed.expose_mut().extend_from_slice(before.raw.expose());
                closed.expose_mut().extend_from_slice(end);
                before.raw = closed;
            }
        }
        let (key, value) = (ini::written(key), ini::written(value.expose()));
        let room = key.expose().len() + value.expose().len() + 3;
        let mut raw = Secret::new(Vec::with_capacity(room));
        let out = raw.expose_mut();
        out.extend_from_slice(key.expose().as_bytes());
        out.push(b'=');
        out.extend_from_slice(value.expose().as_bytes());
        // A file whose last line was not ended goes on being one.
        if !(last && open) {
            out.extend_from_slice(end);
        }
        self.lines.insert(at, Line::parse(raw.expose(), false));
    }

    /// Takes lines out, counted from 1.
    pub(super) fn take_out(&mut self, lines: &[usize]) {
        let mut number = 0;
        self.lines.retain_mut(|line| {
            number += 1;
            if !lines.contains(&number) {
                return true;
            }
            if !line.raw.expose().starts_with(BOM) {
                return false;
            }
            // The mark is the file's and not the line's. It keeps a line of its own: before a `[section]` it
            // would make a setting of it.
            let raw = line.raw.expose();
            let mut rest = Zeroizing::new(BOM.to_vec());
            rest.extend_from_slice(&raw[content(raw).len()..]);
            *line = Line::parse(&rest, false);
            true
        });
    }

    fn place_for_more(&self) -> usize {
        let section = |line: &Line| matches!(line.parsed(), Parsed::Section);
        let Some(first) = self.lines.iter().position(section) else {
            return self.lines.len();
        };
        let comments = self.lines[..first]
            .iter()
            .rev()
            .take_while(|line| matches!(line.parsed(), Parsed::Comment))
            .count();
        // Comments that begin the file are rather the file's than the section's.
        if comments == first {
            first
        } else {
            first - comments
        }
    }

    /// How this file ends its lines, by the first one that is ended.
    fn line_end(&self) -> &'static [u8] {
        let ends = |line: &Line| {
            let raw = line.raw.expose();
            match &raw[content(raw).len()..] {
                b"\r\n" => Some(b"\r\n".as_slice()),
                b"\r" => Some(b"\r".as_slice()),
                b"\n" => Some(b"\n".as_slice()),
                _ => None,
            }
        };
        self.lines.iter().find_map(ends).unwrap_or(b"\n")
    }
}

const BOM: &[u8] = "\u{feff}".as_bytes();
