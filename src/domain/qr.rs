//! The modules of a QR code: computed once for a text, drawn as often as one likes.

use std::fmt;

use qrcode::{Color as Shade, EcLevel, QrCode};
use zeroize::Zeroizing;

/// The code of one text, byte for byte.
pub struct Modules {
    side: usize,
    dark: Zeroizing<Vec<bool>>,
}

impl Modules {
    /// The code of `text` at level L; `None` when it is longer than any QR code holds.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L).ok()?;
        let side = code.width();
        let dark = code.into_colors().into_iter().map(|m| m == Shade::Dark);
        Some(Self {
            side,
            dark: Zeroizing::new(dark.collect()),
        })
    }

    /// How many modules it is wide and high.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Whether a module is dark; those outside the code are not.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark[y * self.side + x]
    }
}

impl fmt::Debug for Modules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever has the modules has the text, which may be a key.
        f.write_str("Modules")
    }
}
