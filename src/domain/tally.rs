//! How a revocation ended, in one sentence for all its tokens (promises P30 and P31): the parts add up to all of them.

use super::remains::is_gone;
use super::revocation::RowState;

/// The ends that a token can come to, what is not done first, and what is said of one and of several.
const ENDS: [(End, &str, &str); 10] = [
    (
        End::Taken,
        "is STILL ACCEPTED by the registry",
        "are STILL ACCEPTED by the registry",
    ),
    (
        End::Unknown,
        "may be revoked or not, since no answer came that tells",
        "may be revoked or not, since no answer came that tells",
    ),
    (End::Failed, "was not revoked", "were not revoked"),
    (End::NotTried, "was not tried", "were not tried"),
    (
        End::Listed,
        "is still listed, although the registry said that it is gone",
        "are still listed, although the registry said that they are gone",
    ),
    (
        End::Accepted,
        "is revoked as the registry says, which was not checked",
        "are revoked as the registry says, which was not checked",
    ),
    (
        End::Verified,
        "is gone from a fresh list and refused when tried out",
        "are gone from a fresh list and refused when tried out",
    ),
    (
        End::Gone,
        "is gone from a fresh list",
        "are gone from a fresh list",
    ),
    (
        End::Refused,
        "is refused now, so that no list could be read by it",
        "are refused now, so that no list could be read by them",
    ),
    (End::Already, "was gone before", "were gone before"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Taken,
    Unknown,
    Failed,
    NotTried,
    Listed,
    Accepted,
    Verified,
    Gone,
    Refused,
    Already,
}

impl End {
    const fn of(state: &RowState) -> Self {
        match state {
            RowState::Gone(_) => Self::Gone,
            RowState::Verified => Self::Verified,
            RowState::Refused => Self::Refused,
            RowState::AlreadyGone => Self::Already,
            RowState::Accepted => Self::Accepted,
            RowState::StillListed => Self::Listed,
            RowState::StillAccepted { .. } => Self::Taken,
            RowState::Failed(_) => Self::Failed,
            RowState::NotTried | RowState::Waiting => Self::NotTried,
            RowState::Sent | RowState::Unknown(_) => Self::Unknown,
        }
    }
}

/// How these ended, in a whole sentence.
pub fn sentence<'a>(states: impl IntoIterator<Item = &'a RowState>) -> String {
    let ends: Vec<End> = states.into_iter().map(End::of).collect();
    let all = ends.len();
    let kept = |end: &End| matches!(end, End::Failed | End::NotTried);
    if all > 1 && ends.iter().all(kept) {
        return format!("None of the {all} tokens was revoked.");
    }
    let counted = ENDS.iter().filter_map(|(end, one, several)| {
        let n = ends.iter().filter(|other| *other == end).count();
        (n > 0).then_some((n, if n == 1 { *one } else { *several }))
    });
    let parts: Vec<_> = counted.collect();
    match parts[..] {
        [] => "There was nothing to revoke.".to_owned(),
        [(1, words)] => format!("The token {words}."),
        [(2, words)] => format!("Both tokens {words}."),
        [(_, words)] => format!("All {all} tokens {words}."),
        _ => {
            let parts: Vec<_> = parts
                .iter()
                .map(|(n, words)| format!("{n} {words}"))
                .collect();
            format!("Of {all} tokens, {}.", parts.join("; "))
        }
    }
}

/// Whether nothing is left to do about any of these.
pub fn is_done<'a>(states: impl IntoIterator<Item = &'a RowState>) -> bool {
    states.into_iter().all(is_gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::{Failure, FailureKind};
    use crate::domain::revocation::Unprobed;

    fn failed() -> RowState {
        RowState::Failed(Failure::new(FailureKind::Refused, "It was refused.", ""))
    }

    fn taken() -> RowState {
        RowState::StillAccepted {
            since: jiff::Timestamp::UNIX_EPOCH,
            probed: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    const GONE: RowState = RowState::Gone(Unprobed::ValueUnknown);

    #[test]
    fn p30_each_token_is_told_in_a_whole_sentence() {
        for (states, said) in [
            (vec![GONE], "The token is gone from a fresh list."),
            (vec![GONE, GONE], "Both tokens are gone from a fresh list."),
            (
                vec![RowState::Verified; 3],
                "All 3 tokens are gone from a fresh list and refused when tried out.",
            ),
            (
                vec![GONE, RowState::Refused],
                "Of 2 tokens, 1 is gone from a fresh list; 1 is refused now, so that no list could be read by it.",
            ),
            (
                vec![GONE, taken(), GONE, failed()],
                "Of 4 tokens, 1 is STILL ACCEPTED by the registry; 1 was not revoked; 2 are gone from a fresh list.",
            ),
            (
                vec![failed(), RowState::NotTried],
                "None of the 2 tokens was revoked.",
            ),
            (vec![failed()], "The token was not revoked."),
            (
                vec![RowState::AlreadyGone, RowState::Accepted],
                "Of 2 tokens, 1 is revoked as the registry says, which was not checked; 1 was gone before.",
            ),
        ] {
            assert_eq!(sentence(&states), said);
        }
    }

    #[test]
    fn p31_what_still_works_is_never_called_gone_or_revoked() {
        let said = sentence(&[taken(), taken()]);
        assert_eq!(said, "Both tokens are STILL ACCEPTED by the registry.");
        assert!(!is_done(&[GONE, taken()]));
        assert!(is_done(&[GONE, RowState::AlreadyGone]));
    }
}
