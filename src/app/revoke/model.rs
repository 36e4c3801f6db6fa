//! What a revocation holds, from the question to the result per row.

use std::collections::HashMap;

use crate::app::field::Field;
use crate::backend::protocol::{JournalId, RequestId, RowState};
use crate::domain::failure::Failure;
use crate::domain::token::{Token, TokenKey};

/// A revocation.
#[derive(Debug)]
pub struct Revoke {
    /// What goes, in the order in which it goes.
    pub rows: Vec<RevokeRow>,
    /// Where each token stands in `rows`.
    pub index: HashMap<TokenKey, usize>,
    /// Where it stands.
    pub stage: RevokeStage,
    /// How far Esc has gone while it is under way.
    pub stopping: Stopping,
    /// The first line shown, when not all fit; where there are many rows, the first row.
    pub scroll: usize,
    /// It is gone on with: this was interrupted.
    pub resumes: Option<JournalId>,
    /// How far it comes cannot be noted on this machine (why).
    pub unkept: Option<Failure>,
}

impl Revoke {
    /// How many of the rows are asked about: what is only looked at again has its state already.
    pub fn going(&self) -> usize {
        let waits = |row: &&RevokeRow| row.state == RowState::Waiting;
        self.rows.iter().filter(waits).count()
    }
}

/// How far a running revocation is on its way to being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Stopping {
    /// Not at all.
    #[default]
    No,
    /// Asked: another Esc stops what was not sent yet, Enter goes on.
    Asked,
    /// Stopped: what was sent is waited for.
    Sent,
}

/// One token of a revocation.
#[derive(Debug)]
pub struct RevokeRow {
    /// The token as it was listed.
    pub token: Token,
    /// How it stands.
    pub state: RowState,
}

/// Where a revocation stands.
#[derive(Debug)]
pub enum RevokeStage {
    /// Asked: No is the default; from three tokens on their number has to be typed.
    Confirm {
        /// Up to two tokens: Yes has the focus.
        yes: bool,
        /// From three on: the number being typed.
        count: Field,
    },
    /// Under way.
    Running(RequestId),
    /// Over; `why` when the fresh list could not be read or the job broke off.
    Done {
        /// What kept the result from being checked.
        why: Option<Failure>,
    },
}
