//! QR codes on a terminal, line by line: of a page for a phone, of a set-up for an authenticator.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use zeroize::Zeroizing;

use crate::domain::qr::Modules;

/// Light modules around the code; a decoder needs some.
const QUIET: usize = 2;
/// Rows that stay for the lines around it.
const AROUND: usize = 8;
/// The most bytes that a module takes.
const CELL: usize = "\u{1b}[38;5;231;48;5;231m\u{2580}".len();

/// Whether the terminal behind standard error can draw a code at all, whatever its size.
pub(super) fn draws() -> bool {
    let knows_colours = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    knows_colours && io::stderr().is_terminal()
}

/// The code for the terminal behind standard error; `None` where there is none, or where it does not fit.
pub(super) fn on_stderr(modules: &Modules) -> Option<Vec<Zeroizing<String>>> {
    if !draws() {
        return None;
    }
    drawn(modules, crossterm::terminal::size().ok()?)
}

/// The code in half blocks, line by line; `None` where it does not fit. Both colours are set in each cell, as scanners
/// need them on dark and on light terminals, also where `NO_COLOR` is set: they are the code, and no decoration.
fn drawn(modules: &Modules, (columns, rows): (u16, u16)) -> Option<Vec<Zeroizing<String>>> {
    let side = modules.side() + 2 * QUIET;
    let fits = side <= usize::from(columns) && side.div_ceil(2) + AROUND <= usize::from(rows);
    fits.then(|| {
        (0..side)
            .step_by(2)
            .map(|y| row(modules, side, y))
            .collect()
    })
}

fn row(modules: &Modules, side: usize, y: usize) -> Zeroizing<String> {
    let dark = |x: usize, y: usize| {
        x.checked_sub(QUIET)
            .zip(y.checked_sub(QUIET))
            .is_some_and(|(x, y)| modules.is_dark(x, y))
    };
    let colour = |dark| if dark { 16 } else { 231 };
    // Whoever has the modules has the text, which may be a key: the line never grows, which would leave a copy behind.
    let mut line = Zeroizing::new(String::with_capacity((side + 1) * CELL));
    for x in 0..side {
        let (upper, lower) = (dark(x, y), dark(x, y + 1));
        // Equal halves are a blank: so a gap between lines does not cut a module in two.
        let cell = if upper == lower { ' ' } else { '\u{2580}' };
        let _ = write!(
            line,
            "\u{1b}[38;5;{};48;5;{}m{cell}",
            colour(upper),
            colour(lower)
        );
    }
    line.push_str("\u{1b}[0m");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_drawn_where_it_fits_and_each_cell_has_both_colours() {
        let address = "http://127.0.0.1:4873/-/web/abcdefghijklmnopqrstuvwx";
        let modules = Modules::of(address).expect("short enough");
        let side = modules.side() + 2 * QUIET;
        let lines = drawn(&modules, (80, 40)).expect("fits");
        assert_eq!(lines.len(), side.div_ceil(2));
        for line in &lines {
            assert_eq!(line.matches("38;5;").count(), side);
            assert_eq!(line.matches("48;5;").count(), side);
            assert!(line.ends_with("\u{1b}[0m"));
            assert!(line.len() <= (side + 1) * CELL);
        }
        assert!(drawn(&modules, (20, 40)).is_none());
        assert!(drawn(&modules, (80, 12)).is_none());
    }
}
