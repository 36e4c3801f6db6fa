//! What a refusal means: the second factor is wanted, the credential is not accepted, wait, or no.

use serde_json::Value;
use url::Url;

use super::page::{For, Named};
use super::reply::Reply;
use super::wire::is_web_page;
use crate::domain::text::Text;
use crate::registry::redact::redact_known;
use crate::registry::{Call, Challenged, Error, Sent};

/// How much of the registry's words is kept, in terminal cells.
const WORDS: usize = 500;

/// What was asked for; the same status means different things to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Who the credential belongs to.
    Who,
    /// Anything else that changes nothing.
    Read,
    /// A change that the credential alone, or with a code, is enough for.
    Write,
    /// A change to the profile's fields.
    Field,
    /// A change with the account's password in the body.
    WithPassword,
    /// The confirmation of a set-up, with a code in the body.
    Confirmation,
    /// The beginning of a sign-in on the web.
    WebLogin,
    /// Whose a user name and a password are.
    Proof,
    /// A sign-in by user name and password.
    SignIn,
    /// A new account.
    SignUp,
}

impl Asked {
    /// Whether something may remain of it on the registry.
    fn acts(self) -> bool {
        !matches!(self, Self::Who | Self::Read | Self::WebLogin | Self::Proof)
    }

    /// Whether the request carried the credential in use, so that it can be what is refused.
    fn by_credential(self) -> bool {
        !matches!(
            self,
            Self::WebLogin | Self::Proof | Self::SignIn | Self::SignUp
        )
    }

    /// Whether the body carried a password or a code, so that those can be what is refused.
    fn with_secret(self) -> bool {
        matches!(self, Self::WithPassword | Self::Confirmation)
    }
}

/// What an answer of status 400 and up means. `known` are the secrets that went out.
pub(super) fn refusal(
    reply: &Reply,
    asked: Asked,
    call: Call<'_>,
    known: &[&str],
    base: &Url,
) -> Error {
    let words = words(&reply.body, known);
    let lower = words.as_str().to_lowercase();
    let status = reply.status;
    let wait = |words| Error::Wait {
        for_: reply.retry_after,
        words,
    };
    let locked = reply.retry_after.is_some() || lower.contains("too many");
    match status {
        401 if by_address(reply) => Error::Refused {
            status,
            words: Text::new("the credential is not accepted from this machine's network address"),
        },
        429 => wait(words),
        401 | 403 | 423 if locked => wait(words),
        503 if reply.retry_after.is_some() => wait(words),
        // npm goes on to the password after each of these. Only the others say that there is no such page at all.
        _ if asked == Asked::WebLogin && status <= 501 && !matches!(status, 404 | 405 | 501) => {
            Error::Refused { status, words }
        }
        401 => unauthorized(reply, asked, call, words, &lower, base),
        403 if asked == Asked::Who => signed_out(words),
        403 if asked == Asked::Read && of_credential(&lower) => signed_out(words),
        404 | 405 | 501 => Error::NotOffered { words },
        403 | 410 if asked == Asked::SignUp => Error::NotOffered { words },
        409 if asked == Asked::SignUp => taken(words, &lower),
        503 if !matches!(asked, Asked::Who | Asked::Read) && says_unsupported(&lower) => {
            Error::NotOffered { words }
        }
        // Verdaccio's word for a profile that has no fields to set.
        500 if asked == Asked::Field && lower.contains("profile unexpected error") => {
            Error::NotOffered { words }
        }
        // Said by something before the registry, which may have acted all the same.
        502 | 504 if asked != Asked::Who && asked != Asked::Read => Error::Network {
            sent: if asked.acts() { Sent::Maybe } else { Sent::No },
            why: Text::new(&format!(
                "a server on the way got no answer from it (status {status})"
            )),
        },
        // A fault may have come before the deed or after it.
        500.. if asked.acts() => Error::Malformed {
            what: Text::new(&if words.is_empty() {
                format!("tells of a fault on its side (status {status})")
            } else {
                format!(
                    "tells of a fault on its side (status {status}): {}",
                    words.quoted(300)
                )
            }),
            sent: Sent::Maybe,
        },
        _ => Error::Refused { status, words },
    }
}

/// Whether the refusal may be one of the credential in use or of something else, and only another question tells.
///
/// Verdaccio says 403 "unauthorized access" to a token that was revoked, and to a good one that may not write, alike;
/// from version 9 on it says 403 "bad username/password" to a token that a new password has ended; and a 401 to a
/// request with a password in it is about either. A 401 to a change may be about that change alone.
pub(super) fn in_doubt(reply: &Reply, asked: Asked, error: &Error) -> bool {
    match error {
        Error::SignedOut {
            anonymous: false, ..
        } => asked.acts(),
        // npm says "Not found" to a token that is no more.
        Error::NotOffered { .. } => reply.status == 404 && asked.acts() && asked.by_credential(),
        Error::Refused { status: 401, .. } => asked.with_secret() && !by_address(reply),
        Error::Refused { status: 403, words } => {
            asked.acts() && asked.by_credential() && of_credential(&words.as_str().to_lowercase())
        }
        _ => false,
    }
}

/// Words of a 403 by which Verdaccio may mean the credential.
fn of_credential(lower: &str) -> bool {
    lower.contains("unauthorized") || lower.contains("bad username/password")
}

/// The one refusal that is about the machine and nothing else.
fn by_address(reply: &Reply) -> bool {
    reply.challenges.iter().any(|item| item == "ipaddress")
}

fn unauthorized(
    reply: &Reply,
    asked: Asked,
    call: Call<'_>,
    words: Text,
    lower: &str,
    base: &Url,
) -> Error {
    let by_email = lower.contains("mail")
        && (lower.contains("one time password") || lower.contains("one-time"));
    let by_header = reply.challenges.iter().any(|item| item == "otp");
    // npm reads the text only where there is no header at all.
    let by_text = reply.challenges.is_empty()
        && (lower.contains("one-time pass") || (call.otp.is_some() && lower.contains("otp")));
    let page = Named::find(&reply.body, For::Challenge);
    let wrong = ["invalid", "incorrect", "wrong"]
        .iter()
        .any(|word| lower.contains(word));
    let challenge = match asked {
        // The code in the body was wrong: that is an answer, and no wish for another one in the header.
        Asked::Confirmation => {
            by_email || page.is_some() || (by_header && !wrong && call.otp.is_none())
        }
        _ => by_email || by_header || by_text || page.is_some(),
    };
    if challenge {
        let (words, web) = match page.map(|page| page.check(base, For::Challenge)) {
            None => (words, None),
            Some(Ok(web)) => (words, Some(web)),
            // A typed code answers it as well.
            Some(Err(why)) => (unusable(&words, &why), None),
        };
        Error::Challenge(Challenged {
            words,
            refused: call.otp.is_some(),
            by_email,
            web,
        })
    } else if asked.with_secret() || !asked.by_credential() {
        Error::Refused {
            status: reply.status,
            words: if asked == Asked::SignUp {
                // Verdaccio's answer to a name that somebody has, with another password.
                hinted(&words, "an account of that name may exist already")
            } else {
                words
            },
        }
    } else {
        signed_out(words)
    }
}

/// The registry's words, and why the page that it offers is not shown.
fn unusable(words: &Text, why: &str) -> Text {
    let why = format!("its page on the web is not used, since the answer {why}");
    hinted(words, &why)
}

pub(super) fn hinted(words: &Text, hint: &str) -> Text {
    if words.is_empty() {
        Text::new(hint)
    } else {
        Text::new(&format!("{} ({hint})", words.cut(WORDS)))
    }
}

/// A conflict over a new account: the name is taken, unless the registry says that it makes none.
fn taken(words: Text, lower: &str) -> Error {
    let closed = ["disabled", "not allowed", "closed", "not enabled"];
    if closed.iter().any(|word| lower.contains(word)) {
        return Error::NotOffered { words };
    }
    Error::Refused {
        status: 409,
        words: hinted(&words, "the user name is taken"),
    }
}

fn signed_out(words: Text) -> Error {
    Error::SignedOut {
        anonymous: false,
        words,
    }
}

fn says_unsupported(lower: &str) -> bool {
    lower.contains("not ")
        && ["support", "implement", "available", "enabled"]
            .iter()
            .any(|word| lower.contains(word))
}

/// The registry's words: `error` or `message` of a JSON body, the title of a web page, or the text itself.
pub(super) fn words(body: &[u8], known: &[&str]) -> Text {
    let raw = if let Ok(value) = serde_json::from_slice::<Value>(body) {
        said(&value).unwrap_or_default()
    } else {
        let text = String::from_utf8_lossy(body);
        if is_web_page(body) {
            title(&text)
        } else if text.trim_start().starts_with('{') {
            cut_off(&text)
        } else {
            text.chars().take(4 * WORDS).collect()
        }
    };
    // Cleaned first, so that no invisible character hides a secret from the redaction.
    let clean = redact_known(Text::new(&raw).as_str(), known);
    Text::new(&crate::domain::text::cut(&clean, WORDS))
}

fn said(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(map) => ["error", "message", "reason", "summary"]
            .iter()
            .filter_map(|key| map.get(*key))
            .filter_map(said)
            .find(|text| !text.trim().is_empty()),
        Value::Array(items) => items.iter().find_map(said),
        _ => None,
    }
}

/// The words in a body of which only the beginning was read.
fn cut_off(text: &str) -> String {
    for key in ["\"error\"", "\"message\""] {
        let Some((_, after)) = text.split_once(key) else {
            continue;
        };
        let Some(value) = after
            .trim_start()
            .strip_prefix(':')
            .and_then(|rest| rest.trim_start().strip_prefix('"'))
        else {
            continue;
        };
        let part: String = value.chars().take(4 * WORDS).collect();
        let part = part.split('"').next().unwrap_or_default();
        let part = part.trim_end_matches('\\');
        return serde_json::from_str(&format!("\"{part}\"")).unwrap_or_else(|_| part.to_owned());
    }
    String::new()
}

fn title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let Some(open) = lower.find("<title") else {
        return "a web page".to_owned();
    };
    let Some(start) = lower[open..].find('>').map(|at| open + at + 1) else {
        return "a web page".to_owned();
    };
    let end = lower[start..].find('<').map_or(page.len(), |at| start + at);
    format!("a web page, {}", page[start..end].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_found_in_every_kind_of_body() {
        let long = format!(r#"{{"ok":false,"error":"Too much {}"#, "x".repeat(5000));
        let cases: [(&str, &str); 14] = [
            (r#"{"error":"no"}"#, "no"),
            (r#"{"message":"no"}"#, "no"),
            (r#"{"error":"","message":"no"}"#, "no"),
            (r#"{"error":{"message":"no","code":1}}"#, "no"),
            (r#"{"error":null,"message":"no"}"#, "no"),
            (r#"{"error":7}"#, ""),
            (r#"["no"]"#, "no"),
            ("", ""),
            ("plain no", "plain no"),
            ("<html><TITLE> 502 Bad </title>", "a web page, 502 Bad"),
            ("<html>", "a web page"),
            (r#"{"error":"half a "#, "half a"),
            (r#"{"error":"a\u001b[31mb\nc"}"#, "ab c"),
            (r#"{"message" : "x\ty\"#, "x y"),
        ];
        for (body, expected) in cases {
            assert_eq!(words(body.as_bytes(), &[]).as_str(), expected, "{body}");
        }
        let cut = words(long.as_bytes(), &[]);
        assert!(cut.as_str().starts_with("Too much xxx") && cut.as_str().ends_with('…'));
    }

    #[test]
    fn p03_the_words_quote_no_secret() {
        let body = r#"{"error":"not hun\u200bter22 with npm_0123456789abcdefghij"}"#;
        assert_eq!(
            words(body.as_bytes(), &["hunter22"]).as_str(),
            "not •••• with npm_••••"
        );
    }
}
