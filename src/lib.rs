//! npm-warden: an npm registry account, managed in the terminal.
//!
//! `ARCHITECTURE.md` tells how the rooms fit together.

pub mod app;
pub mod args;
pub mod backend;
pub mod commands;
pub mod domain;
pub mod npmrc;
pub mod registry;
pub mod sandbox;
pub mod shell;
pub mod ui;
pub mod vault;
