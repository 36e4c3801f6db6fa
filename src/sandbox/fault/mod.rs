//! Faults that are asked for, so that a client's manners can be tried where they matter.
//!
//! ```text
//! spec: OPERATION[#N]=KIND ─▶ plan: which of them meet this request ─▶ before or after it acts
//! ```

mod plan;
mod spec;

pub(super) use plan::{Ending, Faults, Plan, halved};
pub use spec::{Fault, FaultError};
