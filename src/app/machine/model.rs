//! What the machine screen holds.

use crate::app::model::Load;
use crate::domain::machine::{Machine, Probed};

/// The machine screen.
#[derive(Debug)]
pub struct MachineScreen {
    /// What npm would read here.
    pub machine: Load<Machine>,
    /// What came of credentials that were tried out.
    pub probed: Vec<Probed>,
}

impl MachineScreen {
    pub(in crate::app) const fn new() -> Self {
        Self {
            machine: Load::Empty,
            probed: Vec::new(),
        }
    }
}
