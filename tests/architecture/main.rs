//! `ARCHITECTURE.md` and the code say the same: who sees whom, who may do what, which tests and crates there are.
#![allow(unreachable_pub, reason = "modules of a test binary")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on may end where it stands"
)]

mod imports;
mod manifest;
mod source;
