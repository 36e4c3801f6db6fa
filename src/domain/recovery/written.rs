//! How a code stands in a file, on a screen and in the clipboard: what cannot be seen or typed is spelled out.

use std::fmt::Write as _;

use crate::domain::secret::Secret;

/// A code in quotes with escapes, as JSON has them; `None` for one that a line of text can carry as it is
/// (promises P02 and P26).
pub(super) fn quoted(code: &Secret<String>) -> Option<Secret<String>> {
    let code = code.expose();
    let plain = !code.is_empty()
        && !code.starts_with(['"', ' '])
        && !code.ends_with(' ')
        && code.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if plain {
        return None;
    }
    // Six bytes for each of its bytes is the longest that escaping makes of a code.
    let mut secret = Secret::with_capacity(2 + 6 * code.len());
    let out: &mut String = secret.expose_mut();
    out.push('"');
    for c in code.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing into a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::recovery::RecoveryCodes;

    #[test]
    fn p26_a_code_is_written_whole_and_steers_nothing() {
        let written = |code: &str| {
            let codes = RecoveryCodes::new(vec![Secret::from(code)]);
            let written = codes.written().next().expect("there is one").to_owned();
            assert_eq!(codes.any_quoted(), written != code);
            assert_eq!(codes.lines().expose(), &format!("{written}\n"));
            written
        };
        for plain in ["0123456789abcdef", "ab-cd ef", r"a\b", "a\"b"] {
            assert_eq!(written(plain), plain);
        }
        assert_eq!(written("ab\u{1b}[2Jcd"), r#""ab\u001b[2Jcd""#);
        assert_eq!(written("ef\u{202e}gh\u{200b}ij"), r#""ef\u202egh\u200bij""#);
        assert_eq!(written(" blank "), r#"" blank ""#);
        assert_eq!(written(r#""quoted\"#), r#""\"quoted\\""#);
        assert_eq!(written(""), r#""""#);
    }

    proptest::proptest! {
        #[test]
        fn p02_what_is_written_is_the_code_and_nothing_else(code in "\\PC*|.*") {
            let quoted = quoted(&Secret::from(code.as_str()));
            if let Some(quoted) = quoted {
                let text = quoted.expose();
                proptest::prop_assert!(text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
                proptest::prop_assert_eq!(serde_json::from_str::<String>(text).ok(), Some(code));
            }
        }
    }
}
