//! npm-warden: an npm registry account, managed in the terminal.
//!
//! `ARCHITECTURE.md` tells how the rooms fit together. The screen, with the modules that draw it and what they draw:
//!
//! ```text
//!  ui::frame   header: who, where, how well protected        app::model::{Model, Account}
//!              bar: the screens and their keys               app::model::Screen
//! ╭─ ui::{profile, security, tokens, revoke, recovery, signin} ────────────────────╮
//! │   one file a screen, beside app::{profile, security, tokens, revoke, recovery} │
//! │   ╭─ ui::challenge ───────────────────╮                                        │
//! │   │ above everything: the queue of    │   app::challenge, model::Asked         │
//! │   │ the registry's questions          │   ui::overlay: help, palette, leave    │
//! │   ╰───────────────────────────────────╯   ui::wizard: in place of a screen     │
//! ╰────────────────────────────────────────────────────────────────────────────────╯
//!  ui::demo    the demo's password and authenticator         app::model::Demo
//!              notice: what just happened, and when          app::model::Notice
//!  ui::footer  the keys that work now                        app::keymap::footer
//! ```

pub mod app;
pub mod args;
pub mod backend;
pub mod browser;
pub mod commands;
pub mod domain;
pub mod npmrc;
pub mod records;
pub mod registry;
pub mod sandbox;
pub mod shell;
pub mod ui;
pub mod vault;
