//! Spans of time in words: the same on every screen and in every report.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `1 day`, `3 months`: a span, rounded down to its largest unit.
pub fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        s if s < HOUR => (s / MINUTE, "min"),
        s if s < DAY => (s / HOUR, "h"),
        s if s < 100 * DAY => (s / DAY, if s / DAY == 1 { "day" } else { "days" }),
        s if s < 730 * DAY => (s / (30 * DAY), "months"),
        s => (s / (365 * DAY), "years"),
    };
    format!("{count} {unit}")
}

/// `in 3 days`, `in seconds`: when something ends that has not ended yet. Days that are full but for less than an hour are
/// full: what was just made for a week has a week.
pub fn ends_in(at: Timestamp, now: Timestamp) -> String {
    match at.as_second() - now.as_second() {
        s if s < MINUTE => "in seconds".to_owned(),
        s if s > DAY - HOUR => format!("in {}", span(s + HOUR - 1)),
        s => format!("in {}", span(s)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_something_ends_is_said_in_its_largest_unit() {
        let now = Timestamp::from_second(2_000_000_000).expect("in range");
        for (seconds, words) in [
            (0, "in seconds"),
            (MINUTE - 1, "in seconds"),
            (MINUTE, "in 1 min"),
            (2 * HOUR - 1, "in 1 h"),
            (23 * HOUR, "in 23 h"),
            (23 * HOUR + 1, "in 1 day"),
            (47 * HOUR, "in 1 day"),
            (2 * DAY + 23 * HOUR + 47 * MINUTE, "in 3 days"),
            (7 * DAY - 1, "in 7 days"),
            (7 * DAY, "in 7 days"),
            (400 * DAY, "in 13 months"),
        ] {
            let at = Timestamp::from_second(2_000_000_000 + seconds).expect("in range");
            assert_eq!(ends_in(at, now), words, "{seconds}");
        }
    }
}
