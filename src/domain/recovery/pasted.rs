//! Recovery codes as people paste them: a list with numbers or bullets, a few in a row, with words around them.

mod rows;

use self::rows::{Part, Row};
use super::RecoveryCodes;
use crate::domain::secret::Secret;

/// Nothing shorter is a recovery code.
const SHORTEST: usize = 6;

/// What stands before an entry of a list.
const BULLETS: &[&str] = &[
    "[ ]", "[x]", "[X]", "☐", "☑", "• ", "· ", "– ", "— ", "* ", "- ", "+ ", "[", "{",
];

/// What was understood of a text, line by line.
#[derive(Debug)]
pub struct Pasted {
    codes: Vec<Secret<String>>,
    lines: Vec<PastedLine>,
}

/// What a line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastedLine {
    /// The codes in it: the number of the first one, counted from 1, and of the last one.
    pub codes: Option<(usize, usize)>,
    /// What there is to say of it.
    pub remark: Option<Remark>,
}

/// What there is to say of a line. All but [`Remark::OtherLength`] mean that something of it was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The same as the code of this number, counted from 1.
    Again(usize),
    /// Too short.
    Short,
    /// Six digits, as an authenticator shows them.
    Authenticator,
    /// An access token.
    Token,
    /// The address that sets an authenticator up.
    SetUp,
    /// Words, an address, or anything else that no code looks like.
    NoCode,
    /// One code in groups, or several codes in a row: it cannot be told.
    Unclear,
    /// Not as long as most of the codes; it was taken all the same.
    OtherLength,
}

impl Remark {
    /// Something of the line was left out.
    pub const fn leaves_out(self) -> bool {
        !matches!(self, Self::OtherLength)
    }
}

impl Pasted {
    /// Reads a text. A code is what stands in a line when numbers, bullets, quotes and blanks are taken away.
    pub fn read(text: &str) -> Self {
        let mut all = Self {
            codes: Vec::new(),
            lines: Vec::new(),
        };
        let rows = rows::read(text);
        let usual = usual_length(&rows);
        for row in &rows {
            let first = all.codes.len();
            let mut remark = None;
            for part in &row.parts {
                if let Err(why) = all.take(part, usual) {
                    remark.get_or_insert(why);
                }
            }
            let codes = (all.codes.len() > first).then_some((first + 1, all.codes.len()));
            all.lines.push(PastedLine { codes, remark });
        }
        all
    }

    fn take(&mut self, part: &Part<'_>, usual: Option<usize>) -> Result<(), Remark> {
        let code = match part {
            Part::Code(groups) => joined(groups),
            Part::Groups(_) | Part::Unclear => return Err(Remark::Unclear),
            Part::Words => return Err(Remark::NoCode),
        };
        if let Some(why) = judge(&code) {
            return Err(why);
        }
        let other = usual.is_some_and(|usual| usual != code.chars());
        // A single word of a sentence, such as a heading.
        if other && !has_digit(code.expose()) {
            return Err(Remark::NoCode);
        }
        if let Some(index) = self.codes.iter().position(|one| one.matches(&code)) {
            return Err(Remark::Again(index + 1));
        }
        self.codes.push(code);
        if other {
            Err(Remark::OtherLength)
        } else {
            Ok(())
        }
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// True when there is no code in it.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Each line, in order.
    pub fn lines(&self) -> &[PastedLine] {
        &self.lines
    }

    /// How many lines have something that was left out, what is there twice aside.
    pub fn left_out(&self) -> usize {
        let open = |remark: Remark| remark.leaves_out() && !matches!(remark, Remark::Again(_));
        let remarks = self.lines.iter().filter_map(|line| line.remark);
        remarks.filter(|remark| open(*remark)).count()
    }

    /// The codes, in order, each once.
    pub fn into_codes(self) -> RecoveryCodes {
        RecoveryCodes::new(self.codes)
    }
}

/// The length that most codes have, where more than half of them agree.
fn usual_length(rows: &[Row<'_>]) -> Option<usize> {
    let lengths: Vec<usize> = rows
        .iter()
        .flat_map(|row| &row.parts)
        .filter_map(|part| match part {
            Part::Code(groups) => Some(joined(groups)),
            Part::Groups(_) | Part::Unclear | Part::Words => None,
        })
        .filter(|code| judge(code).is_none())
        .map(|code| code.chars())
        .collect();
    let most = lengths
        .iter()
        .map(|length| (lengths.iter().filter(|l| *l == length).count(), *length))
        .max()?;
    (most.0 * 2 > lengths.len()).then_some(most.1)
}

/// The parts of a line that stand apart, each without what numbers, marks or quotes it.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let line = match line.rsplit_once(": ") {
        // A label: what follows counts, if it can be a code at all.
        Some((_, rest)) if judged(rest.trim()).is_none() && has_digit(rest) => rest,
        _ => line,
    };
    line.split([',', ';', '\t', '|'])
        .flat_map(|part| part.split("  "))
        .map(bare)
        .filter(|part| !part.is_empty())
}

/// Without the bullet, the number, the box to tick, and the quotes around it.
fn bare(part: &str) -> &str {
    let noise = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{feff}' | '\u{200b}' | '"' | '\'' | '`' | '“' | '”' | '‘' | '’'
            )
    };
    let mut part = part.trim_matches(noise);
    loop {
        let before = part;
        let bullet = BULLETS.iter().find_map(|mark| part.strip_prefix(mark));
        part = bullet.unwrap_or(part).trim_start_matches(noise);
        part = without_number(part).trim_start_matches(noise);
        if part == before {
            break;
        }
    }
    // A lone bullet has nothing behind it.
    let part = part.trim_end_matches(|c| noise(c) || matches!(c, '.' | ']' | '}'));
    if matches!(part, "-" | "*" | "+" | "•" | "·" | "–" | "—") {
        ""
    } else {
        part
    }
}

/// `1. `, `1) `, `#1 `, `(1) `, `1: ` are taken away.
fn without_number(part: &str) -> &str {
    let rest = part.trim_start_matches(['#', '(']);
    let marked = rest.len() < part.len();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 || digits > 3 {
        return part;
    }
    let rest = &rest[digits..];
    if let Some(rest) = rest.strip_prefix(['.', ')', ':', ']']) {
        rest
    } else if marked && rest.starts_with(' ') {
        rest
    } else {
        part
    }
}

/// A number alone, as in a column beside the codes.
fn number_of(piece: &str) -> Option<usize> {
    if piece.len() > 3 {
        return None;
    }
    piece.parse().ok()
}

/// A code without the blanks between its groups.
fn joined(groups: &[&str]) -> Secret<String> {
    let length = groups.iter().map(|group| group.len()).sum();
    let mut one = Secret::with_capacity(length);
    for group in groups {
        one.expose_mut().push_str(group);
    }
    one
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

fn judge(word: &Secret<String>) -> Option<Remark> {
    judged(word.expose())
}

/// Why a word is no code.
fn judged(word: &str) -> Option<Remark> {
    if word.starts_with("otpauth:") {
        return Some(Remark::SetUp);
    }
    // npm's own tokens, and the signed kind that other registries issue.
    if word.starts_with("npm_") || (word.starts_with("eyJ") && word.contains('.')) {
        return Some(Remark::Token);
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/' | b'=');
    if !word.bytes().all(fits) {
        return Some(Remark::NoCode);
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    match word.bytes().filter(u8::is_ascii_alphanumeric).count() {
        0..SHORTEST => Some(Remark::Short),
        SHORTEST if digits == SHORTEST => Some(Remark::Authenticator),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        let pasted = Pasted::read(text);
        let codes = pasted.into_codes();
        codes.iter().map(|code| code.expose().clone()).collect()
    }

    fn remarks(text: &str) -> Vec<Option<Remark>> {
        let pasted = Pasted::read(text);
        pasted.lines().iter().map(|line| line.remark).collect()
    }

    #[test]
    fn numbers_bullets_quotes_and_boxes_are_no_part_of_a_code() {
        let cases = [
            "a1b2c3d4\ne5f6a7b8",
            "1. a1b2c3d4\n2. e5f6a7b8",
            " 1.  a1b2c3d4\r\n 2.  e5f6a7b8\r\n",
            "1) a1b2c3d4\n2) e5f6a7b8",
            "(1) a1b2c3d4\n(2) e5f6a7b8",
            "#1 a1b2c3d4\n#2 e5f6a7b8",
            "1: a1b2c3d4\n2: e5f6a7b8",
            "1 a1b2c3d4\n2 e5f6a7b8",
            "1\ta1b2c3d4\n2\te5f6a7b8",
            "- a1b2c3d4\n- e5f6a7b8",
            "* a1b2c3d4\n* e5f6a7b8",
            "• a1b2c3d4\n• e5f6a7b8",
            "- [ ] a1b2c3d4\n- [x] e5f6a7b8",
            "- 1. a1b2c3d4\n- 2. e5f6a7b8",
            "`a1b2c3d4`\n`e5f6a7b8`",
            "[\"a1b2c3d4\", \"e5f6a7b8\"]",
            "[\n  \"a1b2c3d4\",\n  \"e5f6a7b8\"\n]",
            "a1b2c3d4, e5f6a7b8",
            "a1b2c3d4   e5f6a7b8",
            "| 1 | a1b2c3d4 |\n| 2 | e5f6a7b8 |",
            "Code 1: a1b2c3d4\nCode 2: e5f6a7b8",
            "\u{feff}a1b2c3d4\n\n\n  e5f6a7b8  \n",
        ];
        for text in cases {
            assert_eq!(codes(text), ["a1b2c3d4", "e5f6a7b8"], "{text:?}");
            let said = remarks(text);
            let fine = said.iter().all(Option::is_none);
            assert!(fine || text.starts_with("[\n"), "{text:?}: {said:?}");
        }
    }

    #[test]
    fn groups_of_a_code_belong_together() {
        assert_eq!(codes("a1b2 c3d4"), ["a1b2c3d4"]);
        assert_eq!(
            codes("1. 1234 5678\n2. 2345 6789"),
            ["12345678", "23456789"]
        );
        assert_eq!(codes("1234 5678   2345 6789"), ["12345678", "23456789"]);
        assert_eq!(codes("abcd-1234-efgh"), ["abcd-1234-efgh"]);
        // As long as npm's own.
        let long = "0123456789abcdef".repeat(4);
        assert_eq!(codes(&format!("{long}\n")), [long]);
    }

    #[test]
    fn a_numbered_row_of_groups_is_one_code() {
        let line = "1  55342b0f d85019a4 19d8b2bd 00112233";
        assert_eq!(codes(line), ["55342b0fd85019a419d8b2bd00112233"]);
        assert_eq!(codes("1. 55342b0f d85019a4 19d8"), ["55342b0fd85019a419d8"]);
        assert_eq!(codes("3  1234 5678 90"), ["1234567890"]);
        let two = " 1  a1b2c3d4 e5f6a7b8\n 2  b1b2c3d4 f5f6a7b8\nc1b2c3d4 a5f6a7b8";
        assert_eq!(
            codes(two).len(),
            3,
            "the others tell of a line without number"
        );
        let folded = "  1  0123 4567\n     89ab cd\n  2  1123 4567\n     89ab cd\n";
        assert_eq!(codes(folded), ["0123456789abcd", "1123456789abcd"]);
        assert_eq!(codes("1. 1234 5678\n2345 6789"), ["12345678", "23456789"]);
    }

    #[test]
    fn a_row_that_may_be_one_code_or_several_is_not_counted() {
        assert_eq!(remarks("a1b2c3d4 e5f6a7b8"), [Some(Remark::Unclear)]);
        assert!(Remark::Unclear.leaves_out());
        // Here the other lines tell.
        assert_eq!(codes("a1b2c3d4 e5f6a7b8\nc9d0e1f2").len(), 3);
        assert_eq!(codes("1 a1b2c3d4 e5f6a7b8\n3 c9d0e1f2 a9d0e1f3").len(), 4);
        assert_eq!(codes("a1b2c3d4 e5f6a7b8\na1b2c3d4e5f6a7b9").len(), 2);
        // What stands behind a code is no group of it.
        assert_eq!(remarks("a1b2c3d4 used"), [Some(Remark::NoCode)]);
    }

    #[test]
    fn a_line_left_out_changes_the_count_of_no_other() {
        let text = "1  a1b2c3d4\n2  a1b2c3d4\n3  e5f6a7b8\n4  words here!\n5  c9d0e1f2";
        assert_eq!(codes(text), ["a1b2c3d4", "e5f6a7b8", "c9d0e1f2"]);
        let said = remarks(text);
        assert_eq!((said[2], said[4]), (None, None));
    }

    #[test]
    fn what_is_there_twice_is_taken_once_and_said() {
        let text = "a1b2c3d4\ne5f6a7b8\na1b2c3d4";
        assert_eq!(codes(text), ["a1b2c3d4", "e5f6a7b8"]);
        assert_eq!(remarks(text), [None, None, Some(Remark::Again(1))]);
        let lines = Pasted::read(text).lines().to_vec();
        assert_eq!(lines[1].codes, Some((2, 2)));
        assert_eq!(lines[2].codes, None);
    }

    #[test]
    fn what_is_obviously_no_code_is_left_out_and_said() {
        let cases = [
            ("Save these codes in a safe place", Remark::NoCode),
            ("https://www.example.com/settings/a1b2c3d4", Remark::NoCode),
            ("alice@example.com", Remark::NoCode),
            ("••••••••", Remark::NoCode),
            ("640917", Remark::Authenticator),
            ("640 917", Remark::Authenticator),
            ("a1b2", Remark::Short),
            ("npm_0123456789abcdefghijABCDEFGHIJ012345", Remark::Token),
            ("otpauth://totp/npm:alice?secret=ABC", Remark::SetUp),
        ];
        for (text, why) in cases {
            assert_eq!(codes(text), [""; 0], "{text:?}");
            assert_eq!(remarks(text), [Some(why)], "{text:?}");
        }
    }

    #[test]
    fn one_that_is_longer_or_shorter_than_the_rest_is_taken_and_said() {
        let text = "a1b2c3d4\ne5f6a7b8\nc9d0e1f2\na3b4c5d";
        assert_eq!(codes(text).len(), 4);
        assert_eq!(remarks(text)[3], Some(Remark::OtherLength));
        assert!(!Remark::OtherLength.leaves_out());
        // Two of a kind each: nobody knows which is the odd one.
        assert!(remarks("a1b2c3d4\ne5f6a7b").iter().all(Option::is_none));
    }

    #[test]
    fn a_file_of_this_program_is_understood() {
        let text = "npm recovery codes\n\naccount:   alice\nregistry:  registry.example.com\n\
            received:  2026-11-22 12:00 UTC\ncodes:     3\n\n\
            Each code works once, where a one-time password is asked for, when your authenticator is lost.\n\
            Keep them apart from the device with the authenticator, and cross out what you have used.\n\n \
            1. a1b2c3d4e5\n 2. f6a7b8c9d0\n 3. 1a2b3c4d5e\n";
        assert_eq!(codes(text), ["a1b2c3d4e5", "f6a7b8c9d0", "1a2b3c4d5e"]);
    }

    #[test]
    fn codes_do_not_show_in_debug() {
        let debug = format!("{:?}", Pasted::read("a1b2c3d4\ne5f6a7b8"));
        assert!(!debug.contains("a1b2"), "p01: {debug}");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_pasted_each_line_is_answered_for(text in "(\\PC|\n){0,200}") {
            let pasted = Pasted::read(&text);
            proptest::prop_assert_eq!(pasted.lines().len(), text.lines().count());
            let counted: usize = pasted
                .lines()
                .iter()
                .filter_map(|line| line.codes)
                .map(|(from, to)| to - from + 1)
                .sum();
            proptest::prop_assert_eq!(counted, pasted.len());
        }

        #[test]
        fn a_plain_list_comes_back_whole(list in proptest::collection::btree_set("[a-f0-9]{7}[0-9]", 1..20)) {
            let text: String = list.iter().enumerate().fold(String::new(), |text, (n, code)| text + &format!("{}. {code}\n", n + 1));
            let wanted: Vec<String> = list.into_iter().collect();
            proptest::prop_assert_eq!(codes(&text), wanted);
        }
    }
}
