//! How a change ended, in a sentence for somebody who has no screen any more.

use std::fmt::Write as _;

use crate::backend::protocol::{CodeCheck, Created, Enabled, Outcome, Rotated, RowState};
use crate::domain::account::ProfileField;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::Incident;
use crate::domain::policy::SETTINGS;
use crate::domain::recovery::Place;
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::signin::{Ended, Forgotten, Kept};
use crate::domain::text::Text;
use crate::domain::tfa::Refusal;

/// What is said of an end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) said: String,
    /// Set when it is not the end that was wanted.
    pub(super) exit_code: Option<u8>,
}

impl Words {
    pub(super) fn good(said: impl Into<String>) -> Self {
        Self {
            said: said.into(),
            exit_code: None,
        }
    }

    pub(super) fn bad(said: impl Into<String>, kind: FailureKind) -> Self {
        Self {
            said: said.into(),
            exit_code: Some(kind.exit_code()),
        }
    }
}

/// Of a change that has an outcome; `field` where it set one of the profile.
pub(super) fn of(outcome: &Outcome, field: Option<ProfileField>) -> Words {
    match outcome {
        Outcome::Saved(_) => Words::good(match field {
            Some(field) => format!("{} is saved.", field.key()),
            None => "The profile is saved.".to_owned(),
        }),
        Outcome::LevelChanged(level) => Words::good(format!(
            "The level of two-factor authentication is {} now.",
            level.word()
        )),
        Outcome::Disabled(_) => Words::good(
            "Two-factor authentication is off, by the registry's own answer; its entry in the authenticator is of no use any more.",
        ),
        Outcome::Revoked { rows, list } => {
            revoked(rows.iter().map(|(_, state)| state), list.is_ok())
        }
        Outcome::Enabled(enabled) => self::enabled(enabled),
        Outcome::PasswordChanged(Ok(_)) => Words::good("The password is changed."),
        Outcome::PasswordChanged(Err(why)) if why.kind == FailureKind::SignedOut => Words::good(
            "The password is changed, and the registry does not accept the credential any more: sign in again with the new password.",
        ),
        Outcome::PasswordChanged(Err(why)) => Words::good(format!(
            "The password is changed. Whether the credential in use still works is not known: {why}"
        )),
        Outcome::Created(created) => self::created(created),
        Outcome::SignedIn { identity, kept, .. } => signed_in(&identity.problems, kept),
        Outcome::SignedOut {
            place,
            ended,
            forgotten,
        } => signed_out(place, ended, forgotten),
        Outcome::Exported(path) => Words::good(format!("The codes are in {}.", path.display())),
        Outcome::SetRemoved(left) if left.is_empty() => {
            Words::good("The set is gone from this machine.")
        }
        Outcome::SetRemoved(left) => Words::bad(
            left.iter().map(Text::as_str).collect::<Vec<_>>().join(" "),
            FailureKind::Local,
        ),
        Outcome::SetAdded { place, .. } => match place {
            Place::File(path) | Place::Vault(path) => {
                Words::good(format!("The recovery codes are in {}.", path.display()))
            }
            Place::Myself => {
                Words::good("The set of recovery codes is noted; the codes are with you.")
            }
        },
        Outcome::CodeChecked(CodeCheck::Taken) => Words::good("The registry took the code."),
        Outcome::CodeChecked(CodeCheck::NotAsked) => {
            Words::good("The registry asked for no code, so it says nothing about any.")
        }
        Outcome::Emergency(incident) => emergency(incident),
        Outcome::Reported(files) => {
            let files: Vec<_> = files
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            Words::good(format!("The report is written: {}.", files.join(", ")))
        }
        Outcome::Noted { note: Some(_), .. } => {
            Words::good("The note of the token is kept on this machine.")
        }
        Outcome::Noted { note: None, .. } => Words::good("The note of the token is gone."),
        Outcome::Written(stored) => {
            let caution = stored.caution.as_ref();
            let caution = caution.map_or(String::new(), |caution| format!(" {caution}"));
            Words::good(format!("The new token is in {}.{caution}", stored.file))
        }
        Outcome::Rotated(rotated) => self::rotated(rotated),
        Outcome::Fixed(_) => {
            Words::good("The file of npm's configuration is changed, as it was shown.")
        }
        Outcome::Account { .. }
        | Outcome::Opened(_)
        | Outcome::SetProved { .. }
        | Outcome::Tokens { .. }
        | Outcome::TriedOut(_)
        | Outcome::PlaceProved { .. }
        | Outcome::Suggested(_)
        | Outcome::Sets { .. }
        | Outcome::Marks(_)
        | Outcome::Target(_)
        | Outcome::Unfinished(_)
        | Outcome::Machine(_)
        | Outcome::Probed(_)
        | Outcome::FixPreview(_) => Words::bad(
            "The answer does not belong to what was asked; this is a mistake in npm-warden.",
            FailureKind::Local,
        ),
    }
}

/// The codes came when nobody was there to see them, and went nowhere. Turned off, it can probably not be turned on
/// again where no new authenticator apps are taken.
pub(super) fn unseen(website: bool) -> String {
    let fresh = if website {
        format!("while the authenticator works, get new ones on {SETTINGS}.")
    } else {
        "turn it off and on again for new ones.".to_owned()
    };
    format!("Two-factor authentication is on, but nobody has seen its recovery codes: {fresh}")
}

/// The problems tell of a sign-in from before that lives on.
fn signed_in(problems: &[Text], kept: &Kept) -> Words {
    let mut words = match kept {
        // What becomes of it is told when it is ended.
        Kept::Session => Words::good("Signed in, for this session."),
        Kept::File(place) => Words::good(format!("Signed in; the credential is in {place}.")),
        Kept::NotWritten(why) => Words::bad(
            format!("Signed in, for this session alone: {why}"),
            why.kind,
        ),
    };
    for problem in problems {
        let _ = write!(words.said, " {problem}");
    }
    words
}

fn signed_out(place: &Text, ended: &Ended, forgotten: &Forgotten) -> Words {
    let at_the_registry = match ended {
        Ended::Verified => "The registry has ended the credential and refuses it since.".to_owned(),
        Ended::DeadBefore => "The registry did not accept the credential before.".to_owned(),
        Ended::StillAccepted => {
            "The registry says that it has ended the credential, and accepts it still.".to_owned()
        }
        Ended::Unchecked(why) => format!(
            "The registry says that it has ended the credential; whether it refuses it now is not known: {why}"
        ),
        Ended::Unlisted => "The registry does not list the credential any more.".to_owned(),
        Ended::NothingThere => {
            "A user name and password is nothing that the registry could end.".to_owned()
        }
    };
    let here = match forgotten {
        Forgotten::Session => String::new(),
        Forgotten::File(file) => format!(" It was taken out of {file}."),
        Forgotten::Remains(_, why) => format!(" It is still in {place}: {why}"),
    };
    let said = format!("{at_the_registry}{here}");
    match (ended, forgotten) {
        (Ended::StillAccepted, _) => Words::bad(said, FailureKind::Refused),
        (Ended::Unchecked(why), _) | (_, Forgotten::Remains(_, why)) => Words::bad(said, why.kind),
        _ => Words::good(said),
    }
}

/// Nobody is left to see the value: it belongs on the screen, and the screen is gone.
fn created(created: &Created) -> Words {
    match created {
        Created::Made { token, .. } => {
            let id = token.key.short();
            let which = if id.is_empty() {
                "A token".to_owned()
            } else {
                format!("The token {id}")
            };
            Words::bad(
                format!(
                    "{which} was made, and nobody has seen its value: revoke it, and make another one."
                ),
                FailureKind::Local,
            )
        }
        Created::Lost { tokens, why } => {
            let ids: Vec<String> = tokens
                .iter()
                .map(|token| token.key.short().to_string())
                .collect();
            Words::bad(
                format!(
                    "{} New in the list: {}. If it is the token that was asked for, its value is lost: revoke it.",
                    why.what,
                    ids.join(", ")
                ),
                why.kind,
            )
        }
    }
}

/// Which of the two tokens lives, and what remains. A value that stands in no file here is on no screen any more.
fn rotated(rotated: &Rotated) -> Words {
    let state = |step: RotateStep| {
        let found = rotated.steps.iter().find(|(of, _)| *of == step);
        found.map(|(_, state)| state)
    };
    let failed = rotated.steps.iter().find_map(|(_, state)| match state {
        RotateState::Failed(why) => Some(why),
        _ => None,
    });
    let mut said = match (&rotated.token, state(RotateStep::Revoke)) {
        (None, _) => "No new token was made; the old one stays as it is.".to_owned(),
        (Some(token), Some(RotateState::Done(_))) => format!(
            "The new token {} was made and the old one revoked.",
            token.key.short()
        ),
        (Some(token), _) => format!(
            "The new token {} was made; the old one is not known to be revoked.",
            token.key.short()
        ),
    };
    if rotated.value.is_some() {
        said.push_str(" The new value stands in no file here, and nobody sees it any more: revoke the new token if nobody has it, and make another one.");
    }
    if let Some(why) = failed {
        let _ = write!(said, " {why}");
    }
    for remains in &rotated.remains {
        let _ = write!(said, " {remains}");
    }
    match failed {
        Some(why) => Words::bad(said, why.kind),
        None if rotated.value.is_some() || rotated.token.is_none() => {
            Words::bad(said, FailureKind::Local)
        }
        None if !rotated.remains.is_empty() => Words::bad(said, FailureKind::Cancelled),
        None => Words::good(said),
    }
}

fn enabled(enabled: &Enabled) -> Words {
    match enabled {
        Enabled::On {
            level,
            checked,
            unreadable,
            place,
            ..
        } => {
            let mut said = if *checked {
                format!("The level is {}.", level.word())
            } else {
                format!(
                    "The level asked for is {}; the profile was not read again.",
                    level.word()
                )
            };
            if *unreadable > 0 {
                let _ = write!(
                    said,
                    " The registry sent {unreadable} more recovery codes in a shape that could not be read: those are not kept."
                );
                return Words::bad(said, FailureKind::Refused);
            }
            match place {
                Place::File(_) | Place::Vault(_) => Words::good(said),
                // Said when they came, and gone with the screen that they never reached.
                Place::Myself => Words::bad(said, FailureKind::Local),
            }
        }
        Enabled::OnWithoutCodes { level, why } => Words::bad(
            format!(
                "Two-factor authentication is on ({}), and you have no recovery codes: {why}",
                level.word()
            ),
            why.kind,
        ),
        Enabled::Left { cleared: true } => {
            Words::good("The half-done set-up is cleared. Remove its entry from the authenticator.")
        }
        Enabled::Left { cleared: false } => Words::bad(
            "The registry has a half-done set-up of two-factor authentication. Start again to finish or clear it.",
            FailureKind::Cancelled,
        ),
        Enabled::NotTaken(Refusal::NotOffered(said)) => Words::bad(
            format!("This registry has no two-factor authentication: {said}"),
            FailureKind::Refused,
        ),
        Enabled::NotTaken(Refusal::Closed(said)) => Words::bad(
            format!(
                "This registry takes no set-up from a program; use its website. It says: {said}"
            ),
            FailureKind::Refused,
        ),
    }
}

/// Of a level change that the registry made a new set-up of, and that was left.
pub(super) fn off_now(cleared: bool) -> Words {
    let next = if cleared {
        "Remove its entries, old and new, from the authenticator, and turn it on anew."
    } else {
        "A half-done set-up remains at the registry: start again to finish or clear it."
    };
    Words::bad(
        format!("Two-factor authentication, which was on before, is off now. {next}"),
        FailureKind::Cancelled,
    )
}

/// Left in the middle: what was done stays done.
fn emergency(incident: &Incident) -> Words {
    let states = incident.rows.iter().map(|row| &row.state);
    let tokens = match incident.rows.len() {
        0 => String::new(),
        _ => format!(" {}", revoked(states, incident.listed.is_some()).said),
    };
    if incident.ended.is_some() {
        return Words::good(format!("The emergency is over.{tokens}"));
    }
    let next = match (&incident.unwritten, incident.rehearsal) {
        (_, true) => "It was a rehearsal.".to_owned(),
        (None, _) => "Start again and press ! to go on with it.".to_owned(),
        (Some(why), _) => format!("It cannot be gone on with: {why}"),
    };
    let said = format!("The emergency was left in the middle.{tokens} {next}");
    if incident.rehearsal {
        Words::good(said)
    } else {
        Words::bad(said, FailureKind::Cancelled)
    }
}

fn revoked<'a>(rows: impl Iterator<Item = &'a RowState>, read: bool) -> Words {
    let (mut all, mut done, mut listed, mut failed, mut not_sent) = (0, 0, 0, 0, 0);
    let mut why: Option<&Failure> = None;
    for state in rows {
        all += 1;
        match state {
            RowState::Gone(_)
            | RowState::Verified
            | RowState::Refused
            | RowState::AlreadyGone
            | RowState::Accepted => {
                done += 1;
            }
            RowState::StillListed | RowState::StillAccepted { .. } => listed += 1,
            RowState::Failed(failure) | RowState::Unknown(failure) => {
                failed += 1;
                why = why.or(Some(failure));
            }
            RowState::NotTried | RowState::Waiting | RowState::Sent => not_sent += 1,
        }
    }
    let mut said = format!("{done} of {all} tokens are revoked");
    if done > 0 && !read {
        said.push_str(", as the registry says");
    }
    let mut add = |count: usize, what: &str| {
        if count > 0 {
            let _ = write!(said, "; {count} {what}");
        }
    };
    add(listed, "still listed");
    add(failed, "failed");
    add(not_sent, "not sent");
    said.push('.');
    if let Some(why) = why {
        said.push(' ');
        said.push_str(&why.to_string());
    }
    if done == all {
        return Words::good(said);
    }
    if why.is_none() {
        said.push_str(" Start again for the rest.");
    }
    Words::bad(said, why.map_or(FailureKind::Cancelled, |why| why.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::revocation::Unprobed;
    use crate::domain::tfa::Level;

    #[test]
    fn p30_a_revocation_is_good_when_every_token_is_gone_or_said_to_be() {
        let all = [
            RowState::Gone(Unprobed::ValueUnknown),
            RowState::AlreadyGone,
        ];
        let good = revoked(all.iter(), true);
        assert_eq!(good, Words::good("2 of 2 tokens are revoked."));

        let said = [RowState::Accepted];
        let good = revoked(said.iter(), false);
        let words = "1 of 1 tokens are revoked, as the registry says.";
        assert_eq!(good, Words::good(words));

        let left = [RowState::Accepted, RowState::NotTried, RowState::NotTried];
        let bad = revoked(left.iter(), false);
        let words = "1 of 3 tokens are revoked, as the registry says; 2 not sent. Start again for the rest.";
        assert_eq!(bad, Words::bad(words, FailureKind::Cancelled));

        let why = Failure::new(FailureKind::Network, "The connection broke.", "Try again.");
        let broken = [RowState::Failed(why), RowState::StillListed];
        let bad = revoked(broken.iter(), true);
        let words =
            "0 of 2 tokens are revoked; 1 still listed; 1 failed. The connection broke. Try again.";
        assert_eq!(bad, Words::bad(words, FailureKind::Network));
    }

    #[test]
    fn p02_a_rotation_says_which_token_lives_and_never_the_value() {
        use std::sync::Arc;

        use crate::domain::secret::Secret;
        use crate::domain::token::{Token, TokenKey};

        let token = || Box::new(Token::new(TokenKey::new("c0ffee00")));
        let ended = |last: RotateState, value: bool, remains: &[&str]| {
            let rotated = Rotated {
                registry: "r.test".into(),
                steps: RotateStep::ALL
                    .map(|step| match step {
                        RotateStep::Revoke => (step, last.clone()),
                        step => (step, RotateState::Done(Text::default())),
                    })
                    .to_vec(),
                token: Some(token()),
                value: value.then(|| Arc::new(Secret::from("npm_canary"))),
                is_old: false,
                remains: remains.iter().map(|text| Text::from(*text)).collect(),
                open: false,
            };
            of(&Outcome::Rotated(rotated), None)
        };
        let well = ended(RotateState::Done(Text::default()), false, &[]);
        assert_eq!(
            well,
            Words::good("The new token c0ffee was made and the old one revoked.")
        );
        let kept = ended(RotateState::Waiting, true, &["Revoke the old one."]);
        assert_eq!(kept.exit_code, Some(1));
        for part in [
            "not known to be revoked",
            "nobody sees",
            "Revoke the old one.",
        ] {
            assert!(kept.said.contains(part), "{kept:?}");
        }
        assert!(!kept.said.contains("canary"));
        let why = Failure::new(FailureKind::Network, "The connection broke.", "");
        let broken = ended(RotateState::Failed(why), false, &[]);
        assert_eq!(broken.exit_code, Some(6));
    }

    #[test]
    fn nobody_is_sent_to_turn_it_off_where_it_cannot_be_turned_on_again() {
        assert!(unseen(false).contains("off and on again"));
        let there = unseen(true);
        assert!(
            !there.contains("off") && there.contains(SETTINGS),
            "{there}"
        );
    }

    #[test]
    fn a_sign_in_from_before_that_lives_on_is_told_with_the_new_one() {
        let before = [Text::from("The sign-in of before lives on.")];
        let said = signed_in(&before, &Kept::Session);
        let words = "Signed in, for this session. The sign-in of before lives on.";
        assert_eq!(said, Words::good(words));
    }

    #[test]
    fn a_token_whose_value_nobody_saw_is_no_good_end_and_a_changed_password_is_one() {
        let why = |kind| Failure::new(kind, "The connection broke.", "");
        let changed = |after| of(&Outcome::PasswordChanged(after), None);
        let ended = changed(Err(why(FailureKind::SignedOut)));
        assert!(ended.said.contains("sign in again"), "{ended:?}");
        let unknown = changed(Err(why(FailureKind::Network)));
        assert!(unknown.said.contains("is not known"), "{unknown:?}");
        assert_eq!((ended.exit_code, unknown.exit_code), (None, None));
        let lost = of(
            &Outcome::Created(Created::Lost {
                tokens: Vec::new(),
                why: why(FailureKind::Network),
            }),
            None,
        );
        assert_eq!(lost.exit_code, Some(6));
    }

    #[test]
    fn p07_two_factor_authentication_without_codes_at_hand_is_no_good_end() {
        let level = Level::AuthAndWrites;
        let why = Failure::new(
            FailureKind::Network,
            "The connection broke.",
            "Get new ones.",
        );
        let lost = enabled(&Enabled::OnWithoutCodes { level, why });
        assert_eq!(lost.exit_code, Some(6));
        assert!(
            lost.said.ends_with("The connection broke. Get new ones."),
            "{lost:?}"
        );
        let on = |place, unreadable| {
            enabled(&Enabled::On {
                level,
                checked: false,
                unreadable,
                place,
                proved: false,
            })
        };
        let file = || Place::File("codes.txt".into());
        assert_eq!(on(Place::Myself, 0).exit_code, Some(1));
        assert_eq!(on(file(), 0).exit_code, None);
        let some = on(file(), 2);
        assert_eq!(some.exit_code, Some(5));
        assert!(some.said.contains("2 more recovery codes"), "{some:?}");
    }
}
