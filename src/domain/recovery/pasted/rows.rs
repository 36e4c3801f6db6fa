//! Which words of a pasted text are groups of one code, and which are codes of their own.

use super::{has_digit, number_of, pieces};

/// A word of this length in a row of several is a code of its own, or a group of a longer one; shorter ones are groups.
const ALONE: usize = 8;

/// The shorter groups in which the page to print shows codes; where they need more than a row, they go on in the next.
const FOLDED: usize = 4;

/// What a part of a line is.
pub(super) enum Part<'t> {
    /// A code, in its groups.
    Code(Vec<&'t str>),
    /// Words that are groups of one code, or a code each: the other lines may tell.
    Groups(Vec<&'t str>),
    /// The same, and no other line tells.
    Unclear,
    /// A sentence.
    Words,
}

/// A line, in its parts.
#[derive(Default)]
pub(super) struct Row<'t> {
    number: Option<usize>,
    indented: bool,
    pub(super) parts: Vec<Part<'t>>,
}

/// Reads all lines, each by the light of the others.
pub(super) fn read(text: &str) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    // The row of the code that may go on in the next line.
    let mut open: Option<usize> = None;
    let mut lone = 0;
    for line in text.lines() {
        let mut row = Row::of(line, &mut lone);
        if let Some(of) = open
            && row.goes_on(&rows[of])
            && let Some(Part::Code(more)) = row.parts.pop()
            && let Some(Part::Code(groups)) = rows[of].parts.first_mut()
        {
            groups.extend(more);
            rows.push(Row::default());
        } else {
            rows.push(row);
            open = Some(rows.len() - 1);
        }
        open = open.filter(|of| rows[*of].may_go_on());
    }
    settle(&mut rows);
    rows
}

impl<'t> Row<'t> {
    fn of(line: &'t str, counted: &mut usize) -> Self {
        let mut row = Self {
            number: number_before(line),
            indented: line.starts_with([' ', '\t']),
            parts: Vec::new(),
        };
        if is_head(line) {
            row.parts.push(Part::Words);
            return row;
        }
        let all: Vec<&str> = pieces(line).collect();
        for (at, piece) in all.iter().enumerate() {
            if let Some(number) = number_of(piece) {
                // A number in a column of its own, before a code; or in a line of its own, if they count on.
                let before = all.get(at + 1).is_some_and(|next| next.len() > piece.len());
                if before {
                    continue;
                }
                if all.len() == 1 && number == *counted + 1 {
                    *counted = number;
                    continue;
                }
            }
            row.parts.push(part(piece));
        }
        row
    }

    /// A numbered code in full groups that may have more of them in the next line.
    fn may_go_on(&self) -> bool {
        let [Part::Code(groups)] = self.parts.as_slice() else {
            return false;
        };
        let full = groups.len() > 1 && groups.iter().all(|group| group.len() == FOLDED);
        self.number.is_some() && full
    }

    /// The rest of the code of an earlier line.
    fn goes_on(&self, before: &Row<'_>) -> bool {
        let ([Part::Code(more)], [Part::Code(groups)]) =
            (self.parts.as_slice(), before.parts.as_slice())
        else {
            return false;
        };
        let (last, full) = more.split_last().unwrap_or((&"", &[]));
        let sizes =
            full.iter().all(|group| group.len() == FOLDED) && (1..=FOLDED).contains(&last.len());
        let all: Vec<&str> = groups.iter().chain(more).copied().collect();
        self.indented && self.number.is_none() && sizes && one_alphabet(&all)
    }
}

/// A line of the head that this program writes above codes.
fn is_head(line: &str) -> bool {
    ["account", "registry", "received"]
        .iter()
        .filter_map(|label| line.trim_start().strip_prefix(label))
        .any(|rest| rest.starts_with([':', '\t']) || rest.starts_with("  "))
}

/// The number before what stands in a line, whatever marks it.
fn number_before(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let rest = rest.strip_prefix("Code ").unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let marked = rest[end..].starts_with(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ')' | ':' | ']' | '|' | ',' | ';')
    });
    marked.then(|| number_of(&rest[..end])).flatten()
}

/// Groups of one code are put together: no registry minds, since blanks are dropped wherever a code is typed.
fn part(piece: &str) -> Part<'_> {
    let mut words: Vec<&str> = piece.split_whitespace().collect();
    if words.len() > 1 && number_of(words[0]).is_some() && words[0].len() < words[1].len() {
        words.remove(0);
    }
    let Some((last, others)) = words.split_last().filter(|(_, others)| !others.is_empty()) else {
        return Part::Code(words);
    };
    let size = others[0].len();
    let equal = others.iter().all(|word| word.len() == size);
    let digits = words.iter().any(|word| has_digit(word));
    if equal && last.len() == size && size < ALONE && digits {
        return Part::Code(words);
    }
    let groups = equal && last.len() <= size && (size == FOLDED || size == ALONE);
    if groups && digits && one_alphabet(&words) {
        return if last.len() == ALONE {
            Part::Groups(words)
        } else {
            Part::Code(words)
        };
    }
    if words.iter().all(|word| word.len() >= ALONE) {
        return Part::Groups(words);
    }
    Part::Words
}

/// All of them are digits, or of the sixteen signs, or letters and digits in each, in one case.
fn one_alphabet(words: &[&str]) -> bool {
    let all = |fits: fn(u8) -> bool| words.iter().all(|word| word.bytes().all(fits));
    let hex = all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
        || all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'));
    let one_case = all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
        || all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    hex || (one_case && words.iter().all(|word| has_digit(word)))
}

/// What could be read in two ways is told by its number, else by the other lines, else by none.
fn settle(rows: &mut [Row<'_>]) {
    let numbers: Vec<Option<usize>> = rows
        .iter()
        .filter(|row| !row.parts.is_empty())
        .map(|row| row.number)
        .collect();
    let next = |number: usize| numbers.contains(&Some(number));
    let (_, alone) = known(rows);
    for row in rows.iter_mut() {
        let Some(number) = row.number else {
            continue;
        };
        row.decide(|words| {
            // Rows that are numbered by their first code jump by as many as they hold.
            let held = words.len();
            let before = |by: usize| number > by && next(number - by);
            let counts = next(number + 1) || before(1);
            let jumps = !counts && (next(number + held) || before(held));
            (!jumps && (counts || !alone), jumps)
        });
    }
    let (totals, alone) = known(rows);
    for row in rows.iter_mut().filter(|row| row.number.is_none()) {
        row.decide(|words| (totals.contains(&(words.len() * ALONE)), alone));
    }
}

/// How long the codes are that were told so far, and whether one is as long as a group.
fn known(rows: &[Row<'_>]) -> (Vec<usize>, bool) {
    let mut totals = Vec::new();
    let mut alone = false;
    for part in rows.iter().flat_map(|row| &row.parts) {
        if let Part::Code(groups) = part {
            totals.push(groups.iter().map(|group| group.len()).sum());
            alone |= groups.len() == 1 && groups[0].len() == ALONE;
        }
    }
    (totals, alone)
}

impl Row<'_> {
    /// Decides what its words are: groups of one code, or several codes.
    fn decide(&mut self, one_or_several: impl Fn(&[&str]) -> (bool, bool)) {
        for part in std::mem::take(&mut self.parts) {
            let Part::Groups(words) = part else {
                self.parts.push(part);
                continue;
            };
            let groups = words.iter().all(|word| word.len() == ALONE) && one_alphabet(&words);
            match one_or_several(&words) {
                (true, false) if groups => self.parts.push(Part::Code(words)),
                (one, several) if !groups || (several && !one) => {
                    let codes = words.into_iter().map(|word| Part::Code(vec![word]));
                    self.parts.extend(codes);
                }
                _ => self.parts.push(Part::Unclear),
            }
        }
    }
}
