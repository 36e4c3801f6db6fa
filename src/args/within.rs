//! How far ahead `check` looks.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;

/// What comes later than this is nobody's concern today.
const MOST_HOURS: i64 = 10 * 366 * 24;

/// A time from now on, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    count: i64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Hours,
    Days,
    Weeks,
}

impl Unit {
    const fn hours(self) -> i64 {
        match self {
            Self::Hours => 1,
            Self::Days => 24,
            Self::Weeks => 7 * 24,
        }
    }
}

impl Within {
    /// How long it is; a day has 24 hours.
    pub const fn span(self) -> SignedDuration {
        SignedDuration::from_hours(self.count * self.unit.hours())
    }

    /// As in "14 days".
    pub fn words(self) -> String {
        let unit = match self.unit {
            Unit::Hours => "hour",
            Unit::Days => "day",
            Unit::Weeks => "week",
        };
        let several = if self.count == 1 { "" } else { "s" };
        format!("{} {unit}{several}", self.count)
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Hours => 'h',
            Unit::Days => 'd',
            Unit::Weeks => 'w',
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl FromStr for Within {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        const HOW: &str = "give a number of hours, days or weeks, such as 36h, 14d or 2w";
        let unit = match typed.chars().next_back() {
            Some('h') => Unit::Hours,
            Some('d') => Unit::Days,
            Some('w') => Unit::Weeks,
            _ => return Err(HOW),
        };
        let digits = &typed[..typed.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(HOW);
        }
        digits
            .parse()
            .ok()
            .filter(|count| *count <= MOST_HOURS / unit.hours())
            .map(|count| Self { count, unit })
            .ok_or("that is more than ten years")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_with_its_unit() {
        for (typed, hours, words) in [
            ("14d", 14 * 24, "14 days"),
            ("1d", 24, "1 day"),
            ("2w", 14 * 24, "2 weeks"),
            ("36h", 36, "36 hours"),
            ("0h", 0, "0 hours"),
            ("007d", 7 * 24, "7 days"),
        ] {
            let within: Within = typed.parse().expect("it makes sense");
            assert_eq!(within.span(), SignedDuration::from_hours(hours), "{typed}");
            assert_eq!(within.words(), words);
            assert_eq!(within.to_string().parse(), Ok(within));
        }
        for typed in [
            "", "d", "14", "14 d", "-1d", "+1d", "1.5d", "14D", "2m", "1y", "d14", "١٤d", "14д",
        ] {
            let why = typed.parse::<Within>().expect_err(typed);
            assert!(why.contains("36h, 14d or 2w"), "{typed}: {why}");
        }
        for typed in ["3661d", "99999999999999999999h", "100000w"] {
            let why = typed.parse::<Within>().expect_err(typed);
            assert!(why.contains("ten years"), "{typed}: {why}");
        }
    }
}
