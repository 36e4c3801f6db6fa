//! What a person wants to remember of a token on this machine: one line, and no secret.

use super::failure::{Failure, FailureKind};
use super::text::Text;

/// How many characters a note has at most.
pub const LONGEST: usize = 200;

/// From this many letters and digits behind `npm_` on it is no word, but a token.
const OF_A_TOKEN: usize = 20;

/// The note as it is kept; an empty one is none. Fails for one that is too long, or holds what looks like a token.
pub fn clean(typed: &str) -> Result<Text, Failure> {
    let note = Text::new(typed);
    if has_a_token(note.as_str()) {
        return Err(holds_a_token());
    }
    let length = note.as_str().chars().count();
    if length > LONGEST {
        return Err(Failure::new(
            FailureKind::Local,
            format!("The note has {length} characters, and {LONGEST} are kept at most."),
            "Make it shorter.",
        ));
    }
    Ok(note)
}

/// Why a note with a token's value in it is not taken.
pub fn holds_a_token() -> Failure {
    Failure::new(
        FailureKind::Local,
        "There is a token's value in the note, and notes are kept as plain text.",
        "Note down what the token is for, without its value.",
    )
}

fn has_a_token(note: &str) -> bool {
    note.match_indices("npm_").any(|(at, begins)| {
        let rest = note[at + begins.len()..].bytes();
        rest.take_while(u8::is_ascii_alphanumeric).count() >= OF_A_TOKEN
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_clean_line_of_a_bounded_length() {
        let clean_of = |typed: &str| clean(typed).map(|note| note.to_string());
        assert_eq!(
            clean_of(" GitHub secret\nNPM_TOKEN \u{1b}[31min o/r\u{202e} "),
            Ok("GitHub secret NPM_TOKEN in o/r".to_owned())
        );
        assert_eq!(clean_of("\u{200b} \n"), Ok(String::new()));
        assert_eq!(clean_of(&"ä".repeat(LONGEST)), Ok("ä".repeat(LONGEST)));
        let failure = clean(&"ä".repeat(LONGEST + 1)).expect_err("it is too long");
        assert!(failure.what.as_str().contains("201 characters"));
    }

    #[test]
    fn p01_a_tokens_value_is_no_note_and_is_not_repeated() {
        let value = "npm_canaryCanaryCanary0123456789012345";
        for typed in [value.to_owned(), format!("CI of o/r ({value})")] {
            let failure = clean(&typed).expect_err("it holds a token");
            assert!(!failure.to_string().contains("anary"), "{failure}");
        }
        // The names of variables, and what lists show, are none.
        for typed in ["npm_config_registry", "npm_aBcD", "NPM_TOKEN in o/r"] {
            assert!(clean(typed).is_ok(), "{typed}");
        }
    }
}
