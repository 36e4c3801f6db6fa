//! How one token of a revocation stands (promises P30 and P31).

use jiff::Timestamp;

use super::failure::Failure;

/// How one token of a revocation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowState {
    /// Not begun.
    Waiting,
    /// The request is out.
    Sent,
    /// The registry says that it is done; the fresh list is still to come.
    Accepted,
    /// Gone from a fresh list, and not tried out (why).
    Gone(Unprobed),
    /// Gone from a fresh list, and the registry refuses the value since, which it took before.
    Verified,
    /// The registry said that it is done, and refuses since what requests carried; no fresh list could be read by it.
    Refused,
    /// It was not there any more.
    AlreadyGone,
    /// The registry said that it is done, and a fresh list still has it.
    StillListed,
    /// The registry said that it is done, and takes the value still: not revoked yet.
    StillAccepted {
        /// When the registry said that it is done.
        since: Timestamp,
        /// When it was tried out last.
        probed: Timestamp,
    },
    /// It was sent, and nobody knows whether the registry acted (why).
    Unknown(Failure),
    /// It could not be revoked.
    Failed(Failure),
    /// It was never sent: the person cancelled, or another row showed that it would be in vain.
    NotTried,
}

/// Why a token that is gone from the list was not tried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unprobed {
    /// Its value is not known on this machine.
    ValueUnknown,
    /// The value was refused from here before as well, as by an address range, so that its refusal proves nothing.
    RefusedBefore,
    /// The registry gave no answer that tells.
    NoAnswer,
}
