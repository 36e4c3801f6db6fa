//! The model without terminal or registry: flows, the key table, random walks.

#![allow(
    clippy::unwrap_used,
    clippy::match_same_arms,
    clippy::missing_panics_doc,
    clippy::needless_pass_by_value
)]

mod abilities;
mod challenges;
mod create;
mod created;
mod emergency;
mod emergency_told;
mod facets;
mod guides;
mod key_list;
mod keys;
mod machine;
mod many;
mod note;
mod notices;
mod password;
mod pasted;
mod profile;
mod program;
mod recovery;
mod rotate;
mod rotate_again;
mod security;
mod signin;
mod signout;
mod sim;
mod tokens;
mod tour;
mod unfinished;
mod walks;
mod wizard;
