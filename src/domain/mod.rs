//! Plain values and the rules between them: no input, no output, no clock.

pub mod ability;
pub mod account;
pub mod cidr;
pub mod failure;
pub mod identity;
pub mod otp;
pub mod policy;
pub mod qr;
pub mod recovery;
pub mod secret;
pub mod signin;
pub mod text;
pub mod tfa;
pub mod token;
