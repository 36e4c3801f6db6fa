//! Text from outside, made safe to show.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Text that a registry or a file sent, without control characters, escape sequences,
/// bidirectional controls and zero-width characters (promise P26).
///
/// Line ends and tabs become one blank, so a `Text` is always a single line.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Text(Held);

/// Where the characters are. Most texts are names and words, and lists hold tens of thousands of them: short ones need no
/// memory of their own.
#[derive(Clone)]
enum Held {
    /// So many of these bytes, which are UTF-8.
    Here(u8, [u8; HERE]),
    /// Elsewhere.
    There(Box<str>),
}

/// How many bytes find room in the text itself: with them it is no larger than a `String`.
const HERE: usize = 22;

impl From<&str> for Held {
    fn from(text: &str) -> Self {
        let mut bytes = [0; HERE];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Here(length, bytes)
            }
            _ => Self::There(text.into()),
        }
    }
}

/// How many marks without a width of their own a character carries at most: more would run into the rows around it.
const MARKS: usize = 4;

impl Text {
    /// Strips what could steer a terminal or deceive a reader.
    pub fn new(raw: &str) -> Self {
        // Nothing of this steers anything, and most texts are no more.
        if raw.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self(raw.trim().into());
        }
        let mut clean = String::with_capacity(raw.len());
        let mut rest = raw.chars().peekable();
        let mut marks = 0;
        while let Some(c) = rest.next() {
            match c {
                '\u{1b}' => skip_escape(&mut rest),
                '\u{9b}' => skip_csi(&mut rest),
                '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut rest),
                '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => {
                    if !clean.ends_with(' ') {
                        clean.push(' ');
                    }
                }
                c if c.is_control() || is_invisible(c) => {}
                c => {
                    marks = if c.width() == Some(0) { marks + 1 } else { 0 };
                    if marks <= MARKS {
                        clean.push(c);
                    }
                }
            }
        }
        Self(clean.trim().into())
    }

    /// The clean text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Held::Here(length, bytes) => std::str::from_utf8(&bytes[..usize::from(*length)])
                .expect("the bytes were copied from a str"),
            Held::There(text) => text,
        }
    }

    /// True when nothing readable is left.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Held::Here(0, _))
    }

    /// At most `width` cells of it in quotation marks, for a sentence that goes on or has a full stop of its own.
    pub fn quoted(&self, width: usize) -> String {
        format!("“{}”", self.cut(width).trim_end_matches(['.', ' ']))
    }

    /// At most `width` terminal cells of it; what was cut ends in `…`.
    pub fn cut(&self, width: usize) -> String {
        cut(self.as_str(), width)
    }
}

/// At most `width` terminal cells of `text`; what was cut ends in `…`.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let w = cluster.width();
        if used + w > width - 1 {
            break;
        }
        used += w;
        out.push_str(cluster);
    }
    out.push('…');
    out
}

/// CSI: parameters and intermediates up to the final byte.
fn skip_csi(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    for c in rest.by_ref() {
        if ('\u{40}'..='\u{7e}').contains(&c) {
            break;
        }
    }
}

/// OSC, DCS, SOS, PM, APC: everything up to BEL or ST.
fn skip_string(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = rest.next() {
        match c {
            '\u{7}' | '\u{9c}' => break,
            '\u{1b}' if rest.peek() == Some(&'\\') => {
                rest.next();
                break;
            }
            _ => {}
        }
    }
}

fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.next() {
        Some('[') => skip_csi(rest),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(rest),
        Some(c) if (' '..='/').contains(&c) => {
            rest.next();
        }
        _ => {}
    }
}

/// Zero-width characters, bidirectional controls and other format characters without a picture.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        match text.0 {
            Held::There(text) => text.into(),
            Held::Here(..) => text.as_str().to_owned(),
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self("".into())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p26_what_steers_a_terminal_or_deceives_a_reader_is_stripped() {
        let cases = [
            ("plain", "plain"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("\u{1b}]52;c;aGk=\u{1b}\\after", "after"),
            ("\u{9b}2Jgone", "gone"),
            ("a\u{202e}b\u{200b}c\u{feff}d", "abcd"),
            ("two\r\nlines", "two lines"),
            ("\u{1b}(Bset", "set"),
            ("bell\u{7}", "bell"),
            ("日本語", "日本語"),
            ("\u{1b}[", ""),
        ];
        for (raw, clean) in cases {
            assert_eq!(Text::new(raw).as_str(), clean, "{raw:?}");
        }
    }

    #[test]
    fn p27_marks_do_not_pile_up_into_other_rows() {
        let piled = format!("a{}b", "\u{301}".repeat(40));
        assert_eq!(Text::new(&piled).as_str(), "a\u{301}\u{301}\u{301}\u{301}b");
        // What scripts really write stays.
        for word in ["क्ष्म्य", "འབྲུག", "e\u{301}t\u{e9}", "ที่", "שָׁלוֹם"]
        {
            assert_eq!(Text::new(word).as_str(), word);
        }
    }

    #[test]
    fn a_text_is_the_same_wherever_it_is_held() {
        assert_eq!(size_of::<Option<Text>>(), size_of::<String>());
        for length in [0, 1, HERE - 1, HERE, HERE + 1, 1000] {
            let raw = "x".repeat(length);
            let text = Text::new(&raw);
            assert_eq!(text.as_str(), raw);
            assert_eq!(text.is_empty(), length == 0);
            assert_eq!(String::from(text.clone()), raw);
            assert!(text <= Text::new("xy") && text.clone() == text);
        }
        let wide = "日".repeat(8);
        assert_eq!(Text::new(&wide).as_str(), wide);
        assert!(Text::default().is_empty());
    }

    #[test]
    fn what_is_quoted_brings_no_second_full_stop() {
        let said = |words| format!("It refused: {}.", Text::new(words).quoted(40));
        assert_eq!(said("Not allowed."), "It refused: “Not allowed”.");
        assert_eq!(said("Not allowed"), "It refused: “Not allowed”.");
    }

    #[test]
    fn p27_a_name_is_cut_by_cells_not_by_bytes() {
        assert_eq!(cut("日本語テキスト", 7), "日本語…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(cut("日本", 1), "…");
    }

    proptest::proptest! {
        #[test]
        fn cleaning_is_idempotent_and_cutting_keeps_the_width(raw in "\\PC*|.*", width in 0usize..40) {
            let once = Text::new(&raw);
            proptest::prop_assert_eq!(Text::new(once.as_str()), once.clone());
            proptest::prop_assert!(once.cut(width).width() <= width);
            proptest::prop_assert!(!once.as_str().chars().any(char::is_control));
        }
    }
}
