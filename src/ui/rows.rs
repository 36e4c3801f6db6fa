//! How the tokens of a revocation stand and ended, in the words of every screen that shows it.

use crate::app::model::{RowState, Tone, Unprobed};

/// A word for a row that is on its way.
pub(super) const fn state(state: &RowState) -> (&'static str, Tone) {
    match state {
        RowState::Waiting => ("waiting", Tone::Plain),
        RowState::Sent => ("sent …", Tone::Plain),
        RowState::Accepted => ("unchecked", Tone::Plain),
        RowState::Gone(_) => ("gone", Tone::Good),
        RowState::Verified => ("verified", Tone::Good),
        RowState::Refused => ("refused", Tone::Good),
        RowState::AlreadyGone => ("gone before", Tone::Good),
        RowState::StillListed => ("still listed", Tone::Warning),
        RowState::StillAccepted { .. } => ("STILL ACCEPTED", Tone::Bad),
        RowState::Unknown(_) => ("not known", Tone::Bad),
        RowState::Failed(_) => ("failed", Tone::Bad),
        RowState::NotTried => ("not tried", Tone::Warning),
    }
}

/// How wide its column is, with a sign before it and a blank behind it.
pub(super) const STATE: usize = 17;

/// How a row ended, for the sum: never called revoked before that is shown (promise P31).
pub(super) const fn end(state: &RowState) -> (&'static str, Tone) {
    match state {
        RowState::Verified => (
            "revoked and verified: gone from a fresh list, and refused since",
            Tone::Good,
        ),
        RowState::Gone(Unprobed::ValueUnknown) => (
            "gone from a fresh list; the value is not known here, so it was not tried out",
            Tone::Good,
        ),
        RowState::Gone(Unprobed::RefusedBefore) => (
            "gone from a fresh list; cannot be tried out from here: it was refused before as well",
            Tone::Good,
        ),
        RowState::Gone(Unprobed::NoAnswer) => (
            "gone from a fresh list; the trial got no answer",
            Tone::Good,
        ),
        RowState::Refused => (
            "revoked, and refused since; no list could be read by it",
            Tone::Good,
        ),
        RowState::AlreadyGone => ("gone before it was sent", Tone::Good),
        RowState::Accepted => (
            "revoked as the registry says, not checked in a fresh list",
            Tone::Warning,
        ),
        RowState::StillListed => (
            "revoked as the registry says, and still listed",
            Tone::Warning,
        ),
        RowState::StillAccepted { .. } => (
            "STILL ACCEPTED: the registry says that it is done, and takes the value",
            Tone::Bad,
        ),
        RowState::Failed(_) => ("failed", Tone::Bad),
        RowState::Sent | RowState::Unknown(_) => ("sent, outcome unknown", Tone::Bad),
        RowState::NotTried | RowState::Waiting => ("not tried", Tone::Warning),
    }
}
