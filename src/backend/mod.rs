//! The one async task that talks to the registry, and the jobs that run in it.

pub mod protocol;
