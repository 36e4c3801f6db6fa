//! How the report words things: what others wrote stands in code spans.

use jiff::Timestamp;

use crate::domain::failure::Failure;
use crate::domain::revocation::{RowState, Unprobed};
use crate::domain::text::Text;
use crate::domain::token::Token;

pub(super) fn token(token: &Token) -> String {
    format!(
        "{} ({}, id {})",
        code(&Text::new(token.label())),
        code(&token.begins),
        code(&token.key.short())
    )
}

/// How a token stands, with the proof.
pub(super) fn state(state: &RowState) -> String {
    match state {
        RowState::Waiting => "not begun".to_owned(),
        RowState::Sent => "sent; the answer is not known".to_owned(),
        RowState::Accepted => "the registry said that it revoked it; not checked".to_owned(),
        RowState::Gone(why) => format!(
            "revoked: gone from a fresh list; not tried out, since {}",
            match why {
                Unprobed::ValueUnknown => "its value is not known here",
                Unprobed::RefusedBefore => "it was refused from here before as well",
                Unprobed::NoAnswer => "the registry gave no answer that tells",
            }
        ),
        RowState::Verified => {
            "revoked and verified: gone from a fresh list, and its value is refused since"
                .to_owned()
        }
        RowState::Refused => {
            "revoked, and its value is refused since; no list could be read by it".to_owned()
        }
        RowState::AlreadyGone => "was gone already".to_owned(),
        RowState::StillListed => {
            "**still listed** though the registry said that it revoked it".to_owned()
        }
        RowState::StillAccepted { since, probed } => format!(
            "**still accepted** when it was tried out at {}, though the registry said at {} that it revoked it",
            time(*probed),
            time(*since)
        ),
        RowState::Unknown(why) => format!("**outcome not known**: {}", said(why)),
        RowState::Failed(why) => format!("**not revoked**: {}", said(why)),
        RowState::NotTried => "**not tried**".to_owned(),
    }
}

pub(super) fn said(why: &Failure) -> String {
    code(&why.what)
}

pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A code span that holds exactly this.
pub(super) fn code(text: &Text) -> String {
    let text = text.as_str();
    if text.is_empty() {
        return "(none)".to_owned();
    }
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    // One blank at each end belongs to the fence where the text begins or ends with a sign of its own.
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p26_what_others_wrote_stays_in_its_code_span() {
        for (text, span) in [
            ("ci", "`ci`"),
            ("", "(none)"),
            ("a`b", "`` a`b ``"),
            ("```", "```` ``` ````"),
            ("`\n# Forged", "`` ` # Forged ``"),
            ("**x** <b> | [a](b)", "`**x** <b> | [a](b)`"),
        ] {
            assert_eq!(code(&Text::new(text)), span);
        }
    }
}
