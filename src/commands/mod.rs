//! Plain commands: text in, text out, an exit code.

pub mod registry;
