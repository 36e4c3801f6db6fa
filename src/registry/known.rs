//! Refusals that are known by their words: what is behind them, and what to do. The registry's own words stay beside it.

use crate::domain::text::Text;

/// What to do about a refusal, with its cause, where its words tell which one it is.
pub(super) fn next(words: &Text) -> Option<&'static str> {
    let words = words.as_str().to_lowercase();
    let has = |all: &[&str]| all.iter().all(|word| words.contains(word));
    // npm's own sentence, in force since July 2026.
    if has(&["bypass", "two-factor"]) {
        return Some(
            "No token that bypasses two-factor authentication may change the account at npm: sign in, and do it with that.",
        );
    }
    // What npm says in its own words is not known; that it holds accounts so is announced.
    if (has(&["72", "hour"]) || has(&["on hold"]) || has(&["recovery code", "restrict"]))
        && !has(&["token", "expir"])
    {
        return Some(
            "npm holds an account for 72 hours after a recovery code was used or its e-mail address was changed: wait until that is over, nothing shortens it.",
        );
    }
    if has(&["managed by a session"]) || has(&["session token", "required"]) {
        return Some("A token does not do for this: sign in, and try again.");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e10_refusals_are_known_by_their_words() {
        let cases = [
            (
                "Granular access tokens that bypass two-factor authentication may not perform this action.",
                Some("sign in"),
            ),
            (
                "This account is on hold until 2026-11-25 10:00 UTC, because a recovery code was used: for 72 hours it can neither publish nor create tokens.",
                Some("72 hours"),
            ),
            ("Your account is restricted for 72 hours.", Some("72 hours")),
            (
                "Account temporarily restricted: a recovery code was used.",
                Some("72 hours"),
            ),
            (
                "Tokens are managed by a session alone, and this is none.",
                Some("sign in"),
            ),
            ("A token may expire after at most 72 hours.", None),
            ("Two-factor authentication is required.", None),
            ("Not found", None),
            ("", None),
        ];
        for (words, says) in cases {
            let told = next(&words.into());
            assert_eq!(told.is_some(), says.is_some(), "{words}");
            if let (Some(told), Some(says)) = (told, says) {
                assert!(told.contains(says), "{words}: {told}");
            }
        }
    }
}
