//! A token that somebody gives, pasted or in a file of what leaked: taken out of the line that it stands in.

use std::collections::BTreeSet;

use super::found::ProvedBy;
use super::secret::Secret;
use super::text::Text;
use super::token::{Token, TokenKey};

/// A line in which a token is given.
#[derive(Debug)]
pub struct Given {
    /// An id, a key or a value: nothing but the characters that one is made of.
    pub text: Secret<String>,
    /// The registry that the line names, as host and path without a scheme or a slash at its end.
    pub of: Option<Text>,
}

/// Which listed token a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This one, for sure.
    Is(TokenKey),
    /// The characters that are listed of these fit, and nothing speaks against it.
    LooksLike(Vec<TokenKey>),
    /// None of them.
    Nobodys,
}

/// What this machine knows by which a value is recognised in a list: the same for whoever asks, on a screen or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Its digest: the key of its token, where keys are digests.
    pub digest: TokenKey,
    /// The token that this program made with this value.
    pub made: Option<TokenKey>,
    /// Tokens of which this program was given another value.
    pub others: BTreeSet<TokenKey>,
}

impl Marks {
    /// By what the value is proved to be this token's.
    pub fn prove(&self, key: &TokenKey) -> Option<ProvedBy> {
        if key.is(&self.digest.raw()) {
            Some(ProvedBy::Key)
        } else if self.made.as_ref() == Some(key) {
            Some(ProvedBy::Made)
        } else {
            None
        }
    }

    /// Whether the value may be this token's, by the characters that are listed of it: nothing speaks against it.
    pub fn may_be(&self, value: &Secret<String>, token: &Token) -> bool {
        Token::looks_like(&token.begins, value.expose())
            && !is_digest(&token.key)
            && !self.others.contains(&token.key)
    }

    /// Which of these tokens the value is.
    pub fn whose<'t>(
        &self,
        value: &Secret<String>,
        among: impl Iterator<Item = &'t Token> + Clone,
    ) -> Whose {
        let by = |wanted: ProvedBy| {
            let mut among = among.clone();
            among.find(|token| self.prove(&token.key) == Some(wanted))
        };
        if let Some(token) = by(ProvedBy::Key).or_else(|| by(ProvedBy::Made)) {
            return Whose::Is(token.key.clone());
        }
        let like: Vec<_> = among
            .filter(|token| self.may_be(value, token))
            .map(|token| token.key.clone())
            .collect();
        if like.is_empty() {
            Whose::Nobodys
        } else {
            Whose::LooksLike(like)
        }
    }
}

/// Whether a key is the digest of its value, as npm's registry API documents keys: then it is that of no other.
fn is_digest(key: &TokenKey) -> bool {
    key.raw().len() == 128 && key.raw().bytes().all(|b| b.is_ascii_hexdigit())
}

/// What a registry makes of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// It works.
    Works {
        /// As whose.
        account: Text,
        /// That is the account of which the list is.
        ours: bool,
    },
    /// It is refused.
    Refused,
    /// There was no answer that tells.
    NoAnswer,
}

/// What stands around a token in a line: as deep as this, and no deeper.
const LAYERS: usize = 5;

impl Given {
    /// `None` where anything is left that is no part of a token.
    pub fn read(line: &str) -> Option<Self> {
        let mut text = bare(line);
        let mut of = None;
        let mut named = false;
        for _ in 0..LAYERS {
            let (inner, host) = peeled(text, &mut named);
            of = of.or(host);
            if inner == text {
                break;
            }
            text = inner;
        }
        is_token(text).then(|| Self {
            text: Secret::from(text),
            of,
        })
    }
}

/// The form of a bearer token (RFC 6750).
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let is_of_it = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    !body.is_empty() && body.bytes().all(is_of_it)
}

/// Without blanks and what is not seen, as the mark at the beginning of a file.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
    })
}

/// One layer less, and the registry that it named. Of names there is one alone.
fn peeled<'t>(text: &'t str, named: &mut bool) -> (&'t str, Option<Text>) {
    let text = bare(bare(text).trim_end_matches([',', ';']));
    for quote in ['"', '\'', '`'] {
        let inner = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
            .filter(|inner| !inner.contains(quote));
        if let Some(inner) = inner {
            return (inner, None);
        }
    }
    for word in ["export ", "set ", "Bearer ", "bearer "] {
        if let Some(rest) = text.strip_prefix(word) {
            return (bare(rest), None);
        }
    }
    if *named {
        return (text, None);
    }
    if let Some((name, value)) = text.split_once('=')
        // Signs at the end of a value only fill it up.
        && !value.trim_start_matches('=').is_empty()
        && !value.starts_with('=')
    {
        let name = bare(name);
        let of = name.strip_prefix("//").and_then(|rest| {
            rest.strip_suffix("/:_authToken")
                .or_else(|| rest.strip_suffix(":_authToken"))
        });
        if of.is_some() || is_name(name) {
            *named = true;
            return (bare(value), of.map(Text::new));
        }
    }
    if let Some((name, value)) = text.split_once(": ")
        && is_name(name.trim_matches(['"', '\'']))
    {
        *named = true;
        return (bare(value), None);
    }
    (text, None)
}

/// The name of a variable, or of an option.
fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let begins = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    begins && bytes.all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "npm_aBcDeFgH1234567890";

    fn read(line: &str) -> Option<(String, Option<String>)> {
        let given = Given::read(line)?;
        let of = given.of.map(|of| of.as_str().to_owned());
        Some((given.text.expose().clone(), of))
    }

    #[test]
    fn a_token_is_taken_out_of_the_line_that_it_stands_in() {
        for line in [
            "npm_aBcDeFgH1234567890",
            "\u{feff}npm_aBcDeFgH1234567890\r",
            "  \u{200b}npm_aBcDeFgH1234567890 ",
            "\"npm_aBcDeFgH1234567890\"",
            "'npm_aBcDeFgH1234567890',",
            "NPM_TOKEN=npm_aBcDeFgH1234567890",
            "export NPM_TOKEN='npm_aBcDeFgH1234567890';",
            "NPM_TOKEN: npm_aBcDeFgH1234567890",
            "\"token\": \"npm_aBcDeFgH1234567890\",",
            "Authorization: Bearer npm_aBcDeFgH1234567890",
            "_authToken = npm_aBcDeFgH1234567890",
        ] {
            assert_eq!(read(line), Some((VALUE.to_owned(), None)), "{line}");
        }
    }

    #[test]
    fn p21_the_registry_that_a_line_names_is_told() {
        for (line, of) in [
            ("//r.test/:_authToken=npm_aBcDeFgH1234567890", "r.test"),
            (
                "//r.test:8443/npm/:_authToken=\"npm_aBcDeFgH1234567890\"",
                "r.test:8443/npm",
            ),
        ] {
            assert_eq!(
                read(line),
                Some((VALUE.to_owned(), Some(of.to_owned()))),
                "{line}"
            );
        }
    }

    #[test]
    fn values_of_every_form_stay_as_they_are() {
        for value in [
            "1f3a9c",
            "YTAzZ+4N/zQ0==",
            "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.s-_x",
            "0b1c2d3e-0000-4000-8000-00000000abcd",
        ] {
            assert_eq!(read(value), Some((value.to_owned(), None)));
        }
    }

    #[test]
    fn what_is_no_token_is_none() {
        for line in [
            "",
            "my old token",
            "//r.test/:_authToken=${NPM_TOKEN}",
            "NPM_TOKEN=$OTHER",
            "registry=https://r.test/",
            "npm_aBcD...7890 npm_x",
            "npm_aBcD…7890",
            "\"npm_aBcDeFgH1234567890",
            "a=b=c",
            "==",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
