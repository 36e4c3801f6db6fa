//! What is said with a question for a code, and how long it holds back: refusals, lock-outs, pages, clocks.

use std::time::Duration;

use crate::backend::visit::Came;
use crate::domain::text::Text;
use crate::registry::error::span;

/// A clock that is off by more than this is said before the first code (promise P16), in seconds.
pub(super) const CLOCK_OFF: i64 = 30;
/// After so many refusals the waits begin (promise P15).
pub(super) const FREE_REFUSALS: u32 = 3;
/// After so many refusals in a row, when no clock explains them …
pub(super) const MAYBE_ANOTHER: u32 = 2;
/// … this does.
pub(super) const ANOTHER: &str = "Twice in a row: look whether the code is of this account's newest entry in the authenticator, and whether that device's clock is right.";
/// A code was accepted, and refused with the next request.
pub(super) const REUSED: &str = "That code was accepted, and is refused for a second request: this registry takes each code once, or its time is over. The next one is needed.";
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The wait before the next question after so many refusals.
pub(super) fn growing_wait(refusals: u32) -> Option<Duration> {
    let doublings = refusals.checked_sub(FREE_REFUSALS)?;
    Some(
        FIRST_WAIT
            .saturating_mul(1 << doublings.min(16))
            .min(LONGEST_WAIT),
    )
}

/// A clock that is off, said (promise P16).
pub(super) fn clock_notice(ahead: Option<i64>) -> Option<Text> {
    let ahead = clock_off(ahead)?;
    let (seconds, way) = (
        ahead.unsigned_abs(),
        if ahead > 0 { "ahead of" } else { "behind" },
    );
    Some(Text::new(&format!(
        "This machine's clock is {} {way} the registry's: if the device with the authenticator is off as well, its codes are refused.",
        span(Duration::from_secs(seconds)),
    )))
}

/// The clock's distance where it matters.
pub(super) fn clock_off(ahead: Option<i64>) -> Option<i64> {
    ahead.filter(|ahead| ahead.unsigned_abs() > CLOCK_OFF.unsigned_abs())
}

/// A code was refused.
pub(super) fn refused_words(words: &Text, from_page: bool) -> Text {
    let what = if from_page {
        "The registry did not accept the code that its page gave"
    } else {
        "The registry did not accept that code"
    };
    if words.is_empty() || is_boilerplate(words) {
        Text::new(&format!("{what}."))
    } else {
        Text::new(&format!("{what}: “{}”", words.cut(200)))
    }
}

/// The registry takes no code for a while: why, as far as it can be told, and how long. `wrong`: it has refused some.
pub(super) fn locked_words(
    told: Option<Duration>,
    wait: Option<Duration>,
    words: &Text,
    wrong: bool,
) -> Text {
    let lower = words.as_str().to_lowercase();
    let locked = wrong
        || ["wrong", "invalid", "incorrect", "failed", "lock"]
            .iter()
            .any(|word| lower.contains(word));
    let what = match (locked, told) {
        (true, Some(told)) => {
            format!(
                "After wrong codes the registry has locked them for {}.",
                span(told)
            )
        }
        (true, None) => {
            "After wrong codes the registry has locked them for a while; it does not say how long."
                .to_owned()
        }
        (false, Some(told)) => {
            format!(
                "The registry asks to wait {} before the next code.",
                span(told)
            )
        }
        (false, None) => {
            "The registry asks to wait before the next code; it does not say how long.".to_owned()
        }
    };
    let at_the_earliest = wait
        .filter(|_| told.is_none())
        .map(|wait| format!("The next one goes in {} at the earliest.", span(wait)));
    let says = (!words.is_empty()).then(|| format!("It says: “{}”", words.cut(200)));
    let said: Vec<_> = [Some(what), at_the_earliest, says]
        .into_iter()
        .flatten()
        .collect();
    Text::new(&said.join(" "))
}

/// A page has come to nothing.
pub(super) fn page_words(came: &Came) -> Text {
    match came {
        Came::Over(words) if !words.is_empty() => Text::new(&format!(
            "The page on the web has come to nothing: {}. Type a code, or cancel and begin again.",
            words.quoted(200)
        )),
        Came::TooLate => Text::from(
            "Nobody finished on the page in ten minutes, so it is waited for no longer. Type a code, or cancel and begin again.",
        ),
        Came::Over(_) | Came::Done(_) => Text::from(
            "The page on the web has come to nothing. Type a code, or cancel and begin again.",
        ),
    }
}

/// The sentence with which registries ask npm for a code: it tells nothing, and to upgrade npm would mislead.
pub(super) fn is_boilerplate(words: &Text) -> bool {
    let words = words.as_str().to_ascii_lowercase();
    words.contains("must provide a one-time pass")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::otp::{serves_once, stripped};

    #[test]
    fn p17_blanks_and_line_ends_are_no_part_of_a_code() {
        for typed in ["123 456", " 123456\n", "123\u{a0}456", "1 2 3 4 5 6\r\n"] {
            assert_eq!(stripped(&typed.into()).expose(), "123456");
        }
    }

    #[test]
    fn p15_waits_grow_after_three_refusals_up_to_a_limit() {
        let seconds: Vec<_> = (0..14)
            .map(|n| growing_wait(n).map_or(0, |wait| wait.as_secs()))
            .collect();
        assert_eq!(
            seconds,
            [0, 0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]
        );
        assert_eq!(growing_wait(u32::MAX), Some(LONGEST_WAIT));
    }

    #[test]
    fn p11_recovery_codes_are_told_from_codes_of_a_clock() {
        for once in [
            "0123456789abcdef",
            &"a1".repeat(24),
            &"0".repeat(64),
            "abcd-efgh",
            // Some registries give recovery codes of digits alone.
            "123456789",
            "1234567890123456",
        ] {
            assert!(serves_once(&once.into(), false), "{once}");
        }
        for again in ["123456", "12345678"] {
            assert!(!serves_once(&again.into(), false), "{again}");
        }
        // Where a page gives codes, one of digits is its own.
        assert!(!serves_once(&"1234567890123456".into(), true));
        for once in ["12345678901234567", "abcd-efgh"] {
            assert!(serves_once(&once.into(), true), "{once}");
        }
    }

    #[test]
    fn p16_a_clock_more_than_thirty_seconds_off_is_said() {
        assert_eq!(clock_notice(None), None);
        assert_eq!(clock_notice(Some(30)), None);
        assert_eq!(clock_notice(Some(-30)), None);
        let ahead = clock_notice(Some(95)).expect("said");
        assert!(ahead.as_str().contains("95 s ahead of"), "{ahead}");
        let behind = clock_notice(Some(-600)).expect("said");
        assert!(behind.as_str().contains("10 min behind"), "{behind}");
    }
}
