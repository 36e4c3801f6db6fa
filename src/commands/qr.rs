//! The QR code of a page, below its address, for a phone.

use std::fmt::Write as _;

use crate::domain::qr::Modules;

/// Light modules around the code; a decoder needs some.
const QUIET: usize = 2;
/// Rows that stay for the lines around it.
const AROUND: usize = 8;

/// The code in half blocks, line by line; `None` where it does not fit. Both colours are set in each cell, as scanners
/// need them on dark and on light terminals, also where `NO_COLOR` is set: they are the code, and no decoration.
pub(super) fn drawn(text: &str, (columns, rows): (u16, u16)) -> Option<Vec<String>> {
    let modules = Modules::of(text)?;
    let side = modules.side() + 2 * QUIET;
    let fits = side <= usize::from(columns) && side.div_ceil(2) + AROUND <= usize::from(rows);
    fits.then(|| {
        (0..side)
            .step_by(2)
            .map(|y| row(&modules, side, y))
            .collect()
    })
}

fn row(modules: &Modules, side: usize, y: usize) -> String {
    let dark = |x: usize, y: usize| {
        x.checked_sub(QUIET)
            .zip(y.checked_sub(QUIET))
            .is_some_and(|(x, y)| modules.is_dark(x, y))
    };
    let colour = |dark| if dark { 16 } else { 231 };
    let mut line = String::new();
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
        let side = Modules::of(address).expect("short enough").side() + 2 * QUIET;
        let lines = drawn(address, (80, 40)).expect("fits");
        assert_eq!(lines.len(), side.div_ceil(2));
        for line in &lines {
            assert_eq!(line.matches("38;5;").count(), side);
            assert_eq!(line.matches("48;5;").count(), side);
            assert!(line.ends_with("\u{1b}[0m"));
        }
        assert!(drawn(address, (20, 40)).is_none());
        assert!(drawn(address, (80, 12)).is_none());
    }
}
