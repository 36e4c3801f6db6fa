//! Reads a QR code back from the cells that were drawn, as a camera would from the glass.

use vt100::{Cell, Color, Screen};

/// Pixels a module, each way.
const SCALE: usize = 6;

/// The text of the code on the screen. `ground` is how light a cell without a colour of its own is.
pub fn read(screen: &Screen, ground: u8) -> Option<String> {
    let (rows, columns) = screen.size();
    let (width, height) = (usize::from(columns), usize::from(rows) * 2);
    let mut light = vec![ground; width * height];
    for row in 0..rows {
        for column in 0..columns {
            let Some((upper, lower)) = screen.cell(row, column).and_then(halves) else {
                continue;
            };
            let at = usize::from(row) * 2 * width + usize::from(column);
            light[at] = upper;
            light[at + width] = lower;
        }
    }
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width * SCALE, height * SCALE, |x, y| {
            light[y / SCALE * width + x / SCALE]
        });
    let grids = image.detect_grids();
    grids.first()?.decode().ok().map(|(_, text)| text)
}

/// Only fixed colours count: what "default" looks like is the terminal's choice.
fn halves(cell: &Cell) -> Option<(u8, u8)> {
    let light = |color| match color {
        Color::Idx(16) => Some(0),
        Color::Idx(231) => Some(255),
        _ => None,
    };
    let lower = light(cell.bgcolor())?;
    match cell.contents() {
        " " | "" => Some((lower, lower)),
        "▀" => Some((light(cell.fgcolor())?, lower)),
        _ => None,
    }
}
