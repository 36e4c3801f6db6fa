//! Lines for a terminal: broken between words, as wide as it is. What goes into a file or a pipe is not broken.

use std::io::{self, IsTerminal as _};

use unicode_width::UnicodeWidthStr as _;

/// What a terminal is taken for that does not tell its size.
const USUAL: usize = 80;
/// Less room than this is not worth breaking for.
const LEAST: usize = 20;

/// How wide standard output is; `None` where it is no terminal.
pub(super) fn out_width() -> Option<usize> {
    io::stdout().is_terminal().then(columns)
}

/// The same of standard error.
pub(super) fn err_width() -> Option<usize> {
    io::stderr().is_terminal().then(columns)
}

fn columns() -> usize {
    let size = crossterm::terminal::size().map_or(0, |(columns, _)| usize::from(columns));
    if size == 0 { USUAL } else { size.max(LEAST) }
}

/// Breaks each line that is wider; its further rows begin below its first word. A word is never broken.
pub(super) fn wrapped(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else {
        return text.to_owned();
    };
    let lines: Vec<_> = text.split('\n').map(|line| broken(line, width)).collect();
    lines.join("\n")
}

fn broken(line: &str, width: usize) -> String {
    // A line that fills the last column is followed by an empty one on some terminals.
    if line.width() < width {
        return line.to_owned();
    }
    let indent = indent(line).min(width / 2);
    let (lead, rest) = line.split_at(lead(line));
    let mut done = lead.to_owned();
    let mut used = lead.width();
    let mut begun = false;
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        let wide = word.width();
        if begun && used + 1 + wide >= width {
            done.push('\n');
            done.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if begun {
            done.push(' ');
            used += 1;
        }
        done.push_str(word);
        used += wide;
        begun = true;
    }
    done
}

/// The bytes before the first word: blanks, and the sign or the number of a list with the blanks after it.
fn lead(line: &str) -> usize {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[blanks..];
    let sign = rest.len()
        - rest
            .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '!'))
            .len();
    let after = &rest[sign..];
    let gap = after.len() - after.trim_start_matches(' ').len();
    if sign > 0 && gap >= 2 {
        blanks + sign + gap
    } else {
        blanks
    }
}

fn indent(line: &str) -> usize {
    line[..lead(line)].width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_go_on_below_their_first_one() {
        for (line, rows) in [
            ("short", "short"),
            ("  1  one two three four", "  1  one two three\n     four"),
            (
                " -  one two three four five",
                " -  one two three\n    four five",
            ),
            ("one two three four five", "one two three four\nfive"),
            (
                "12 monkeys and one more cat",
                "12 monkeys and one\nmore cat",
            ),
            (
                "https://registry.example/very/long",
                "https://registry.example/very/long",
            ),
            (
                "see https://registry.example/very/long",
                "see\nhttps://registry.example/very/long",
            ),
            ("日本 日本 日本 日本 日本", "日本 日本 日本 日本\n日本"),
            (
                "one\n\n    two three four five",
                "one\n\n    two three four\n    five",
            ),
        ] {
            assert_eq!(wrapped(line, Some(20)), rows, "{line}");
        }
    }

    #[test]
    fn what_is_no_terminal_gets_whole_lines() {
        let line = "word ".repeat(40);
        assert_eq!(wrapped(&line, None), line);
    }
}
