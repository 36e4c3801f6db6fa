//! The backend against a scripted registry, on paused time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::pedantic,
    missing_docs,
    unreachable_pub
)]

mod account;
mod again;
mod bench;
mod challenge;
mod check;
mod create;
mod embedded;
mod emergency;
mod emergency_faults;
mod enable;
mod factor_walks;
mod faults;
mod faults_2fa;
mod found;
mod kept;
mod left_emergency;
mod level;
mod machine;
mod new_set_up;
mod password;
mod proof;
mod quit;
mod random;
mod remembered;
mod revoke;
mod rotate;
mod script;
mod secrets;
mod sign_in;
mod sign_out;
mod signed;
mod spent;
mod tokens;
mod truth;
mod visit;
mod walks;
