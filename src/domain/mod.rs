//! Plain values and the rules between them: no input, no output, no clock.

pub mod ability;
pub mod account;
pub mod cidr;
pub mod failure;
pub mod found;
pub mod given;
pub mod granular;
pub mod identity;
pub mod incident;
pub mod machine;
pub mod moment;
pub mod note;
pub mod otp;
pub mod package;
pub mod plan;
pub mod policy;
pub mod qr;
pub mod recovery;
pub mod remains;
pub mod revocation;
pub mod rotation;
pub mod secret;
pub mod signin;
pub mod text;
pub mod tfa;
pub mod token;
