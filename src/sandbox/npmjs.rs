//! What [`Policy::Npmjs`](super::Policy::Npmjs) does otherwise, and its words.
//!
//! Words that npm documents are npm's own. The others are ours, and say so: what npm's registry really
//! answers there is not confirmed.

/// To who wants to enrol an authenticator. Ours: it was announced that this is closed, and what the
/// registry answers to a client that tries it all the same is not known.
pub(super) const CLOSED: &str = "Authenticator apps can no longer be added: new set-ups of time-based codes (TOTP) are closed. \
     Add a security key on the website, under Account, Two-Factor Authentication.";
