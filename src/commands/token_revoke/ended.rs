//! How a revocation ended, in words and in JSON.

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::super::report::table;
use super::super::shape;
use super::super::talk::End;
use super::super::token_list::name;
use super::wanted::{Gone, Stray};
use crate::backend::protocol::{RowState, Unprobed};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::given::Worth;
use crate::domain::remains::is_gone;
use crate::domain::tally;
use crate::domain::text::Text;
use crate::domain::token::Token;

/// How it ended.
pub(super) struct Ended<'a> {
    pub(super) rows: Vec<((&'a Token, &'a str), &'a RowState)>,
    pub(super) gone: Vec<Gone>,
    pub(super) strays: Vec<Stray>,
    pub(super) host: Text,
    /// When the command began.
    pub(super) began: Timestamp,
    /// How many tokens the fresh list has.
    pub(super) list: Result<usize, Failure>,
}

const GOES_ON: &str = "npm-warden token revoke --resume goes on with it.";
const ON_WITH_A_CODE: &str =
    "Go on with npm-warden token revoke --resume: with a fresh code after --otp, or on a terminal.";
const WHAT_IS_LEFT: &str = "npm-warden token list shows what is left.";

impl Ended<'_> {
    pub(super) fn in_words(&self) -> String {
        let listed = self
            .rows
            .iter()
            .map(|((token, id), state)| vec![(*id).to_owned(), self.words(state), name(token)]);
        let gone = self.gone.iter().map(|gone| {
            let state = format!("{} ({})", self.words(&gone.state), gone.at);
            vec![gone.id.clone(), state, String::new()]
        });
        let strays = self.strays.iter().map(|stray| {
            let state = format!("{} ({})", stray.in_words(&self.host), stray.at);
            vec![String::new(), state, String::new()]
        });
        let rows: Vec<_> = listed.chain(gone).chain(strays).collect();
        table(&["ID", "STATE", "NAME"], &rows)
    }

    fn words(&self, state: &RowState) -> String {
        match state {
            RowState::StillAccepted { probed, .. } if *probed < self.began => format!(
                "{}; not tried out again, its value is not here",
                words(state)
            ),
            state => words(state),
        }
    }

    pub(super) fn json(&self, registry: &str, error: Option<shape::Why>) -> Zeroizing<String> {
        shape::line(shape::Revoked {
            registry,
            tokens: self
                .rows
                .iter()
                .map(|((token, id), state)| shape::RevokedToken {
                    key: Some(Text::new(&token.key.raw())),
                    id: Some(id),
                    name: token.name.as_ref(),
                    ..shape::RevokedToken::of(state)
                })
                .chain(self.gone.iter().map(|gone| shape::RevokedToken {
                    id: Some(&gone.id),
                    number: Some(gone.at.number),
                    line: gone.at.line,
                    ..shape::RevokedToken::of(&gone.state)
                }))
                .chain(self.strays.iter().map(Stray::shape))
                .collect(),
            remaining: self.list.as_ref().ok().copied(),
            error,
        })
    }

    /// What was given and no list has may be alive all the same.
    fn alive_elsewhere(&self) -> Option<End> {
        let accepted = self.gone.iter().filter(|gone| !gone.is_gone()).count();
        let works = self.strays.iter().filter(|stray| stray.works()).count();
        let strays = self.strays.iter().filter(|stray| !stray.is_dead()).count() - works;
        if accepted + strays + works == 0 {
            return None;
        }
        let mut what = Vec::new();
        if !self.rows.is_empty() {
            what.push(self.sum());
        }
        if accepted > 0 {
            what.push(format!(
                "{accepted} of those given {} accepted when last tried out, although no list has it.",
                if accepted == 1 { "was" } else { "were" }
            ));
        }
        if works > 0 {
            what.push(format!(
                "{works} of the values given {} ALIVE: the registry takes it, although no list shows it.",
                if works == 1 { "is" } else { "are" }
            ));
        }
        if strays > 0 {
            what.push(format!(
                "{strays} of the values given {} no listed token and may be alive.",
                if strays == 1 { "is" } else { "are" }
            ));
        }
        let next = if works > 0 {
            "If it was revoked already, try it out again in a while: some registries take up to an hour. A session that no list \
             shows is ended by npm-warden logout where it lies. What still works then is a matter for the registry's support."
        } else if strays > 0 {
            "A session that no list shows is ended by npm-warden logout where it lies; --try-out sends such values to \
             the registry, to see whether they work."
        } else {
            "npm-warden token revoke --resume tries it out again."
        };
        Some(End::Failed(Failure::new(
            FailureKind::Refused,
            what.join(" "),
            next,
        )))
    }

    /// How far it came.
    fn sum(&self) -> String {
        tally::sentence(self.rows.iter().map(|(_, state)| *state))
    }

    /// Not well as long as any of them may be alive.
    pub(super) fn end(&self, given_up: Option<End>) -> Option<End> {
        let gone = self.rows.iter().filter(|(_, state)| is_gone(state)).count();
        let all = self.rows.len();
        let sum = self.sum();
        match given_up {
            Some(End::Stopped(sign, _)) => {
                let on = if gone < all { GOES_ON } else { "" };
                let said = format!("{sum} {on}");
                return Some(End::Stopped(sign, Text::new(said.trim_end())));
            }
            Some(End::Failed(failure)) => {
                let next = match failure.kind {
                    // The same command would do, where what is gone was given by its id.
                    FailureKind::NeedsSecondFactor if 0 < gone && gone < all => ON_WITH_A_CODE,
                    _ => failure.next.as_str(),
                };
                return Some(End::Failed(Failure::new(
                    failure.kind,
                    format!("{sum} {}", failure.what),
                    next,
                )));
            }
            Some(end @ End::Usage(_)) => return Some(end),
            None => {}
        }
        if gone == all {
            return self.alive_elsewhere();
        }
        let failed = |(_, state): &&(_, &RowState)| {
            matches!(state, RowState::Failed(_) | RowState::Unknown(_))
        };
        let mut failures = self
            .rows
            .iter()
            .filter(failed)
            .filter_map(|(_, state)| match state {
                RowState::Failed(failure) | RowState::Unknown(failure) => Some(failure),
                _ => None,
            });
        // That the one in use was kept follows from another failure.
        let first = failures
            .clone()
            .find(|failure| failure.kind != FailureKind::Cancelled)
            .or_else(|| failures.next());
        let still = self.rows.iter().any(|(_, state)| {
            matches!(
                state,
                RowState::StillListed | RowState::StillAccepted { .. }
            )
        });
        let (kind, why, next) = match (first, still, &self.list) {
            (Some(failure), ..) => (failure.kind, failure.what.clone(), failure.next.clone()),
            (None, true, _) => (
                FailureKind::Refused,
                Text::from(
                    "The registry said that those were revoked or gone, and lists or accepts them all the same.",
                ),
                Text::from("Look again in a while: some registries take up to an hour."),
            ),
            // Only the list is what was not read: words about nothing done are of that.
            (None, false, Err(failure)) => {
                let left = failure.kind == FailureKind::Cancelled;
                let what = if left {
                    Text::default()
                } else {
                    failure.what.clone()
                };
                (failure.kind, what, Text::from(WHAT_IS_LEFT))
            }
            (None, false, Ok(_)) => (FailureKind::Local, Text::default(), Text::from(GOES_ON)),
        };
        let accepted = |(_, state): &(_, &RowState)| matches!(state, RowState::Accepted);
        let touched = gone > 0 || self.rows.iter().any(accepted);
        let next = if touched && next.as_str().contains("Nothing was changed") {
            WHAT_IS_LEFT
        } else {
            next.as_str()
        };
        Some(End::Failed(Failure::new(
            kind,
            format!("{sum} {why}"),
            next,
        )))
    }
}

impl Stray {
    /// It was tried out, and the registry takes it.
    fn works(&self) -> bool {
        matches!(self.worth, Some(Worth::Works { .. }))
    }

    /// Nothing is left to do about it.
    fn is_dead(&self) -> bool {
        self.worth == Some(Worth::Refused)
    }

    fn in_words(&self, host: &Text) -> String {
        let worth = match (&self.foreign, &self.worth) {
            (Some(foreign), _) => format!("of {foreign}, and not tried out"),
            (None, None) => "not tried out".to_owned(),
            (None, Some(Worth::Works { account, .. })) => {
                format!("it WORKS at {host}, as {account}'s")
            }
            (None, Some(Worth::Refused)) => format!("{host} refuses it"),
            (None, Some(Worth::NoAnswer)) => format!("{host} gave no answer that tells"),
        };
        format!("no listed token; {worth}")
    }

    fn shape(&self) -> shape::RevokedToken<'_> {
        shape::RevokedToken {
            number: Some(self.at.number),
            line: self.at.line,
            answer: Some(match &self.worth {
                None => "not-tried",
                Some(Worth::Works { .. }) => "works",
                Some(Worth::Refused) => "refused",
                Some(Worth::NoAnswer) => "no-answer",
            }),
            username: match &self.worth {
                Some(Worth::Works { account, .. }) => Some(account),
                _ => None,
            },
            state: "not-listed",
            ..shape::RevokedToken::of(&RowState::NotTried)
        }
    }
}

pub(in crate::commands) fn words(state: &RowState) -> String {
    match state {
        RowState::Waiting | RowState::NotTried => "not tried".to_owned(),
        RowState::Sent => "sent; no answer yet".to_owned(),
        RowState::Accepted => {
            "revoked as the registry says; not checked in a fresh list".to_owned()
        }
        RowState::Gone(Unprobed::ValueUnknown) => {
            "gone; not probed, its value is not known here".to_owned()
        }
        RowState::Gone(Unprobed::RefusedBefore) => {
            "gone; not probed, its value was refused before, too".to_owned()
        }
        RowState::Gone(Unprobed::NoAnswer) => "gone; not probed, no answer that tells".to_owned(),
        RowState::Verified => "gone, and refused since".to_owned(),
        RowState::Refused => "refused since; no list could be read by it".to_owned(),
        RowState::AlreadyGone => "was gone already".to_owned(),
        RowState::StillListed => "STILL LISTED".to_owned(),
        RowState::StillAccepted { since, probed } => {
            let time = |at: &jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
            format!(
                "STILL ACCEPTED since {}, tried out {}",
                time(since),
                time(probed)
            )
        }
        RowState::Unknown(failure) => format!("OUTCOME NOT KNOWN: {}", failure.what),
        RowState::Failed(failure) => format!("FAILED: {}", failure.what),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::Value;

    use super::*;

    /// Each end that a row can have: what the text says of it, the word in JSON, and whether anything is left to do.
    fn ends() -> Vec<(RowState, &'static str, &'static str, bool)> {
        let why = || Failure::new(FailureKind::Refused, "It was refused.", "");
        let at = Timestamp::UNIX_EPOCH;
        let still = RowState::StillAccepted {
            since: at,
            probed: at,
        };
        vec![
            (
                RowState::Verified,
                "gone, and refused since",
                "verified",
                false,
            ),
            (RowState::Refused, "refused since", "refused", false),
            (
                RowState::Gone(Unprobed::ValueUnknown),
                "its value is not known",
                "gone",
                false,
            ),
            (
                RowState::Gone(Unprobed::RefusedBefore),
                "refused before",
                "gone",
                false,
            ),
            (
                RowState::Gone(Unprobed::NoAnswer),
                "no answer that tells",
                "gone",
                false,
            ),
            (
                RowState::AlreadyGone,
                "was gone already",
                "already-gone",
                false,
            ),
            (
                RowState::Accepted,
                "not checked in a fresh list",
                "accepted",
                true,
            ),
            (RowState::StillListed, "STILL LISTED", "still-listed", true),
            (
                still,
                "STILL ACCEPTED since 1970-01-01 00:00 UTC",
                "still-accepted",
                true,
            ),
            (
                RowState::Unknown(why()),
                "OUTCOME NOT KNOWN",
                "unknown",
                true,
            ),
            (
                RowState::Failed(why()),
                "FAILED: It was refused.",
                "failed",
                true,
            ),
            (RowState::NotTried, "not tried", "not-tried", true),
            (RowState::Waiting, "not tried", "not-tried", true),
            (RowState::Sent, "no answer yet", "sent", true),
        ]
    }

    #[test]
    fn p30_p31_each_end_is_told_as_what_it_is_in_text_and_json_and_by_the_exit_code() {
        let token = Token::new(crate::domain::token::TokenKey::new("abcdef0123"));
        for (state, said, word, open) in ends() {
            let ended = Ended {
                rows: vec![((&token, "abcdef"), &state)],
                gone: Vec::new(),
                strays: Vec::new(),
                host: "registry.example.com".into(),
                began: Timestamp::UNIX_EPOCH,
                list: Ok(7),
            };
            let text = ended.in_words();
            assert!(text.contains("abcdef") && text.contains(said), "{text}");
            let told: Value =
                serde_json::from_str(&ended.json("https://r/", None)).expect("it is JSON");
            assert_eq!(told["tokens"][0]["state"], word, "{told}");
            assert_eq!(told["remaining"], 7);
            let end = ended.end(None);
            assert_eq!(end.is_some(), open, "{word}: {end:?}");
            if open {
                // Nothing that may be alive is ever counted as gone.
                let sum = ended.sum();
                assert!(!sum.starts_with("1 of 1"), "{sum}");
                let lower = text.to_lowercase();
                assert!(
                    !lower.contains("verified") && !lower.contains("gone"),
                    "{text}"
                );
            }
        }
    }
}
