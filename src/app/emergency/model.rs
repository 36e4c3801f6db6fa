//! What the emergency screen holds.

use std::sync::Arc;

use crate::domain::incident::Incident;

/// The emergency screen.
#[derive(Debug, Default)]
pub struct EmergencyScreen {
    /// The emergency that is under way or over.
    pub incident: Option<Arc<Incident>>,
}
