//! A QR code drawn with cells, so that any authenticator scans it from a dark or a light terminal.
//!
//! The rules are measured (flat, rotated, blurred and noisy pictures through three decoders): both colours always set,
//! each cell painted on its own, error correction level L, a quiet zone of at least one module.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::theme::{INK, PAPER};
use super::wrap::narrow;
use crate::app::model::QrStyle;
use crate::domain::qr::Modules;

/// The quiet zones to try, in modules, the best first. None at all fails on dark screens.
const QUIET: [usize; 3] = [4, 2, 1];

/// The code of one text, not yet drawn.
#[derive(Clone, Copy)]
pub struct Card<'a>(&'a Modules);

/// How a card is to be drawn in a place that has room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    style: QrStyle,
    quiet: usize,
    /// Columns that it takes.
    pub columns: u16,
    /// Rows that it takes.
    pub rows: u16,
}

impl<'a> Card<'a> {
    /// The code that has these modules.
    pub fn of(modules: &'a Modules) -> Self {
        Self(modules)
    }

    /// How to draw it within `columns` × `rows` cells with the largest quiet zone; `None` when it does not fit.
    pub fn fit(self, style: QrStyle, columns: u16, rows: u16) -> Option<Fit> {
        QUIET
            .into_iter()
            .map(|quiet| self.with_quiet(style, quiet))
            .find(|fit| fit.columns <= columns && fit.rows <= rows)
    }

    /// The least room that it needs.
    pub fn least(self, style: QrStyle) -> Fit {
        self.with_quiet(style, QUIET[QUIET.len() - 1])
    }

    fn with_quiet(self, style: QrStyle, quiet: usize) -> Fit {
        let modules = self.0.side() + 2 * quiet;
        let (columns, rows) = match style {
            QrStyle::HalfBlocks | QrStyle::Inverted => (modules, modules.div_ceil(2)),
            QrStyle::Wide => (2 * modules, modules),
            QrStyle::Sextants => (modules.div_ceil(2), modules.div_ceil(3)),
        };
        Fit {
            style,
            quiet,
            columns: narrow(columns),
            rows: narrow(rows),
        }
    }

    /// Draws it with its upper left corner at `x`, `y`.
    pub fn draw(self, fit: Fit, buffer: &mut Buffer, x: u16, y: u16) {
        let place = Rect::new(x, y, fit.columns, fit.rows).intersection(*buffer.area());
        for row in place.rows() {
            for cell in row.columns() {
                let (column, line) = (usize::from(cell.x - x), usize::from(cell.y - y));
                let (symbol, fg, bg) = self.cell(fit, column, line);
                buffer[(cell.x, cell.y)].reset();
                buffer[(cell.x, cell.y)]
                    .set_char(symbol)
                    .set_style(Style::new().fg(fg).bg(bg));
            }
        }
    }

    fn cell(self, fit: Fit, column: usize, line: usize) -> (char, Color, Color) {
        let at = |x: usize, y: usize| self.is_dark(x, y, fit.quiet);
        match fit.style {
            QrStyle::HalfBlocks | QrStyle::Inverted => {
                let (upper, lower) = (at(column, 2 * line), at(column, 2 * line + 1));
                let shade = |dark| colour(dark != (fit.style == QrStyle::Inverted));
                let symbol = if upper == lower { ' ' } else { '▀' };
                (symbol, shade(upper), shade(lower))
            }
            QrStyle::Wide => {
                let shade = colour(at(column / 2, line));
                (' ', shade, shade)
            }
            QrStyle::Sextants => {
                let mut pattern = 0_u32;
                for bit in 0..6 {
                    if at(2 * column + bit % 2, 3 * line + bit / 2) {
                        pattern |= 1 << bit;
                    }
                }
                match pattern {
                    0 => (' ', PAPER, PAPER),
                    63 => (' ', INK, INK),
                    _ => (sextant(pattern), INK, PAPER),
                }
            }
        }
    }

    /// Modules outside the code are light: the quiet zone.
    fn is_dark(self, x: usize, y: usize, quiet: usize) -> bool {
        match (x.checked_sub(quiet), y.checked_sub(quiet)) {
            (Some(x), Some(y)) => self.0.is_dark(x, y),
            _ => false,
        }
    }
}

const fn colour(dark: bool) -> Color {
    if dark { INK } else { PAPER }
}

/// The character with these of its six parts filled, counted row by row. Unicode leaves out the two patterns that
/// are half blocks already.
fn sextant(pattern: u32) -> char {
    match pattern {
        21 => '▌',
        42 => '▐',
        p => char::from_u32(0x1FB00 + p - 1 - u32::from(p > 21) - u32::from(p > 42)).unwrap_or(' '),
    }
}

/// What the style is called on the screen.
pub const fn style_name(style: QrStyle) -> &'static str {
    match style {
        QrStyle::HalfBlocks => "half blocks",
        QrStyle::Wide => "two columns a module",
        QrStyle::Sextants => "sextants",
        QrStyle::Inverted => "inverted",
    }
}
