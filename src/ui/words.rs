//! Times in words, and other small phrases that several screens share.

use jiff::Timestamp;

use super::theme::Theme;
use crate::app::model::Tone;
use crate::domain::span::{ends_in, span};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `2026-11-22`, in the person's zone.
pub(super) fn date(at: Timestamp, theme: &Theme) -> String {
    at.to_zoned(theme.zone().clone())
        .strftime("%Y-%m-%d")
        .to_string()
}

/// `2026-11-22 12:04`, in the person's zone.
pub(super) fn stamp(at: Timestamp, theme: &Theme) -> String {
    at.to_zoned(theme.zone().clone())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// `12:04`, in the person's zone.
pub(super) fn clock(at: Timestamp, theme: &Theme) -> String {
    at.to_zoned(theme.zone().clone())
        .strftime("%H:%M")
        .to_string()
}

/// `12:03:30`, in the person's zone.
pub(super) fn clock_seconds(at: Timestamp, theme: &Theme) -> String {
    at.to_zoned(theme.zone().clone())
        .strftime("%H:%M:%S")
        .to_string()
}

/// `3 days ago`, `just now`; also `in 5 min`, for clocks that disagree.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    match seconds {
        s if s <= -MINUTE => format!("in {}", span(-s)),
        s if s < MINUTE => "just now".to_owned(),
        s => format!("{} ago", span(s)),
    }
}

/// When a token lapses, in words and with how that is meant; a dash where the registry says nothing.
pub(super) fn expiry(expires: Option<Timestamp>, now: Timestamp) -> (String, Tone) {
    let Some(at) = expires else {
        return ("–".to_owned(), Tone::Plain);
    };
    match at.as_second() - now.as_second() {
        s if s <= 0 => ("expired".to_owned(), Tone::Bad),
        s if s < 14 * DAY => (ends_in(at, now), Tone::Warning),
        _ => (ends_in(at, now), Tone::Plain),
    }
}

/// `1 token`, `3 tokens`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}

/// `40 s`, `5 min`, `2 h`: a distance in time.
pub(super) fn distance(seconds: u64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 2 * 3600 => format!("{} min", s / 60),
        s => format!("{} h", s / 3600),
    }
}

/// Said beside codes of which some stand in quotes (promises P02 and P26).
pub(super) const QUOTED: &str = "! A code in quotes has characters that cannot be seen or typed: \\uXXXX stands for each, here and in what is copied.";

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn the_past_is_told_in_the_largest_unit() {
        let now = at(2_000_000_000);
        let cases = [
            (0, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (3599, "59 min ago"),
            (3600, "1 h ago"),
            (DAY, "1 day ago"),
            (2 * DAY, "2 days ago"),
            (99 * DAY, "99 days ago"),
            (100 * DAY, "3 months ago"),
            (800 * DAY, "2 years ago"),
            (-3 * DAY, "in 3 days"),
        ];
        for (seconds, words) in cases {
            assert_eq!(ago(at(2_000_000_000 - seconds), now), words);
        }
    }

    #[test]
    fn an_expiry_is_said_in_words_with_its_tone() {
        let now = at(2_000_000_000);
        let cases = [
            (-1, "expired", Tone::Bad),
            (0, "expired", Tone::Bad),
            (30, "in seconds", Tone::Warning),
            (3 * DAY, "in 3 days", Tone::Warning),
            (3 * DAY - 13 * MINUTE, "in 3 days", Tone::Warning),
            (40 * DAY, "in 40 days", Tone::Plain),
        ];
        for (seconds, words, tone) in cases {
            assert_eq!(
                expiry(Some(at(2_000_000_000 + seconds)), now),
                (words.to_owned(), tone)
            );
        }
        assert_eq!(expiry(None, now).0, "–");
    }
}
