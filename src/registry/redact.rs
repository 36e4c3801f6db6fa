//! Takes secrets out of text that is about to be logged or quoted (promise P03).
//!
//! It works by known value and by pattern. It is for logs and for the registry's words in a failure,
//! never for what the person must read whole (promise P02).

use std::ops::Range;

/// Stands where a secret stood.
const MASK: &str = "••••";

/// Names whose value is a secret, in lower case.
const NAMES: [&str; 11] = [
    "old",
    "new",
    "secret",
    "_authtoken",
    "_auth",
    "_password",
    "password",
    "token",
    "authid",
    "npm-otp",
    "otp",
];

/// Parts of addresses that are followed by a secret: a token that ends, a page to sign in on, its result.
const PLACES: [&str; 5] = [
    "/-/user/token/",
    "/-/v1/done/",
    "/login_cli/",
    "/login/cli/",
    "/auth/cli/",
];

/// The text without what looks like a secret.
pub fn redact(text: &str) -> String {
    redact_known(text, &[])
}

/// The text without what looks like a secret, and without these values. Values under four bytes are passed over:
/// they would take half of a sentence with them.
pub fn redact_known(text: &str, known: &[&str]) -> String {
    let mut spots = Vec::new();
    for value in known.iter().filter(|value| value.len() >= 4) {
        spots.extend(
            text.match_indices(value)
                .map(|(at, _)| at..at + value.len()),
        );
    }
    // ASCII lower case keeps every byte where it is.
    let lower = text.to_ascii_lowercase();
    schemes(text, &lower, &mut spots);
    named(&lower, &mut spots);
    places(&lower, &mut spots);
    user_info(text, &mut spots);
    shapes(text, &lower, &mut spots);
    masked(text, spots)
}

fn masked(text: &str, mut spots: Vec<Range<usize>>) -> String {
    spots.sort_by_key(|spot| spot.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for spot in spots {
        if spot.end <= done {
            continue;
        }
        if spot.start >= done {
            out.push_str(&text[done..spot.start]);
            out.push_str(MASK);
        }
        done = spot.end;
    }
    out.push_str(&text[done..]);
    out
}

/// `Bearer …` and `Basic …`, but not "Basic authentication" in a sentence.
fn schemes(text: &str, lower: &str, spots: &mut Vec<Range<usize>>) {
    for scheme in ["bearer ", "basic "] {
        for (at, _) in lower.match_indices(scheme) {
            let from = at + scheme.len();
            let len = run(&text[from..], |c| {
                !c.is_whitespace() && c != '"' && c != ','
            });
            let value = text[from..from + len].trim_end_matches(['.', ';', ')']);
            if !value.is_empty() && !value.chars().all(|c| c.is_ascii_lowercase()) {
                spots.push(from..from + value.len());
            }
        }
    }
}

/// `secret=…`, `"otp":"…"`, `npm-otp: …`.
fn named(lower: &str, spots: &mut Vec<Range<usize>>) {
    for name in NAMES {
        for (at, _) in lower.match_indices(name) {
            if lower[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
                continue;
            }
            let after = &lower[at + name.len()..];
            let rest = after
                .strip_prefix('=')
                .or_else(|| after.strip_prefix("%3d"))
                .or_else(|| {
                    let colon = after.strip_prefix('"')?.trim_start().strip_prefix(':')?;
                    colon.trim_start().starts_with('"').then_some(colon)
                })
                .or_else(|| after.strip_prefix(':').filter(|_| name == "npm-otp"));
            let Some(rest) = rest else { continue };
            let value = rest.trim_start_matches([' ', '"', '\'']);
            let quoted = rest.len() > value.len() && rest[..rest.len() - value.len()].contains('"');
            let from = lower.len() - value.len();
            let len = if quoted {
                run(value, |c| c != '"')
            } else {
                run(value, |c| !c.is_whitespace() && !"&\"',;}".contains(c))
            };
            if len > 0 {
                spots.push(from..from + len);
            }
        }
    }
}

/// `/-/v1/done/…`, also where it stands escaped in another address.
fn places(lower: &str, spots: &mut Vec<Range<usize>>) {
    for place in PLACES {
        let escaped = place.replace('/', "%2f");
        for mark in [place, &escaped] {
            for (at, _) in lower.match_indices(mark) {
                let from = at + mark.len();
                let len = run(&lower[from..], |c| {
                    !c.is_whitespace() && !"/?#&\"'<>,;".contains(c)
                });
                if len > 0 {
                    spots.push(from..from + len);
                }
            }
        }
    }
}

/// `https://user:password@host`.
fn user_info(text: &str, spots: &mut Vec<Range<usize>>) {
    for (at, mark) in text.match_indices("://") {
        let from = at + mark.len();
        let len = run(&text[from..], |c| {
            !c.is_whitespace() && !"/?#\"'".contains(c)
        });
        if let Some(end) = text[from..from + len].rfind('@') {
            spots.push(from..from + end);
        }
    }
}

/// What is known by its looks alone: `npm_…`, a UUID, a recovery code, a JSON web token.
fn shapes(text: &str, lower: &str, spots: &mut Vec<Range<usize>>) {
    let bytes = lower.as_bytes();
    let mut before = false;
    for at in 0..bytes.len() {
        let starts = !before && bytes[at].is_ascii_alphanumeric();
        before = bytes[at].is_ascii_alphanumeric();
        if !starts {
            continue;
        }
        let rest = &lower[at..];
        if let Some(value) = rest.strip_prefix("npm_") {
            let len = run(value, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            let plain = ["config_", "package_", "lifecycle_"]
                .iter()
                .any(|word| value.starts_with(word));
            if len >= 12 && !plain {
                spots.push(at + 4..at + 4 + len);
            }
        } else if uuid(rest) {
            spots.push(at..at + 36);
        } else if text[at..].starts_with("eyJ") {
            let len = run(rest, |c| c.is_ascii_alphanumeric() || "-_.".contains(c));
            if rest[..len].matches('.').count() == 2 {
                spots.push(at..at + len);
            }
        } else {
            let len = run(rest, |c| c.is_ascii_hexdigit());
            let ends = !rest[len..].starts_with(|c: char| c.is_ascii_alphanumeric());
            if ends && (len == 16 || len == 48 || len >= 64) {
                spots.push(at..at + len);
            }
        }
    }
}

fn uuid(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    bytes.len() >= 36
        && bytes[..36].iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
        && !bytes.get(36).is_some_and(u8::is_ascii_alphanumeric)
}

/// The length in bytes of the characters at the start that `take` accepts.
fn run(text: &str, take: impl Fn(char) -> bool) -> usize {
    text.find(|c| !take(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p03_secrets_are_taken_out_by_pattern() {
        let hex = |n| "0123456789abcdef".repeat(n);
        let cases = [
            ("token npm_abcdefghij0123456789", "token npm_••••"),
            ("see npm_aBcD...7890", "see npm_aBcD...7890"),
            (
                "set npm_config_registry_of_mine",
                "set npm_config_registry_of_mine",
            ),
            (
                "/tokens/token/0F8fad5b-d9cb-469f-a165-70867728950e",
                "/tokens/token/••••",
            ),
            (
                "Authorization: Bearer abc.DEF",
                "Authorization: Bearer ••••",
            ),
            ("basic YTpi, ok", "basic ••••, ok"),
            ("use Basic authentication.", "use Basic authentication."),
            ("need: Basic, Bearer", "need: Basic, Bearer"),
            ("https://al:pw@proxy:8/x", "https://••••@proxy:8/x"),
            ("https://host/a@b", "https://host/a@b"),
            (
                "otpauth://totp/R:al?secret=JBSWY3DP&issuer=R",
                "otpauth://totp/R:al?secret=••••&issuer=R",
            ),
            ("npm-otp: 123456", "npm-otp: ••••"),
            (
                "{\"otp\": \"12 34\",\"a\":1}",
                "{\"otp\": \"••••\",\"a\":1}",
            ),
            ("password: too short", "password: too short"),
            ("//h/:_authToken=abcd", "//h/:_authToken=••••"),
            ("eyJhbGci.eyJzdWIi.c2ln", "••••"),
            (
                "DELETE /-/user/token/YWJj%3D%3D 404",
                "DELETE /-/user/token/•••• 404",
            ),
            (
                "see https://h/-/v1/done/abc-1?x=1, or",
                "see https://h/-/v1/done/••••?x=1, or",
            ),
            (
                "https://h/-/v1/done?authId=abc&x=1",
                "https://h/-/v1/done?authId=••••&x=1",
            ),
            (
                "https://w/login?next=/login/cli/abc",
                "https://w/login?next=/login/cli/••••",
            ),
            (
                "https://w/login?next=%2Flogin%2Fcli%2Fabc&a=b",
                "https://w/login?next=%2Flogin%2Fcli%2F••••&a=b",
            ),
            (
                "https://w/-/web/login?next=/-/v1/login_cli/0F8fad5b-d9cb-469f-a165-70867728950e",
                "https://w/-/web/login?next=/-/v1/login_cli/••••",
            ),
            ("{\"token\": \"abc\"}", "{\"token\": \"••••\"}"),
            (
                "{\"name\":\"al\",\"password\":\"pw\"}",
                "{\"name\":\"al\",\"password\":\"••••\"}",
            ),
            ("{\"old\":\"pw\"}", "{\"old\":\"••••\"}"),
            ("the old one", "the old one"),
            ("plain words, 42", "plain words, 42"),
            ("é‐ secret=é", "é‐ secret=••••"),
        ];
        for (raw, clean) in cases {
            assert_eq!(redact(raw), clean, "{raw:?}");
        }
        for n in [1, 3, 4] {
            assert_eq!(redact(&format!("a {} b", hex(n))), "a •••• b");
        }
        assert_eq!(
            redact(&hex(2)),
            hex(2),
            "a registry's handle of a token is no secret"
        );
    }

    #[test]
    fn p03_secrets_are_taken_out_by_value() {
        assert_eq!(redact_known("no hunter22!", &["hunter22"]), "no ••••!");
        assert_eq!(redact_known("aaaa", &["aaaa", "aa"]), "••••");
        assert_eq!(redact_known("a cat", &["a"]), "a cat");
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_redacted(raw in "\\PC*") {
            let once = redact(&raw);
            proptest::prop_assert!(once.len() <= raw.len() * MASK.len() + MASK.len());
        }
    }
}
