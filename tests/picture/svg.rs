//! A screen as an SVG picture, in the colours of a terminal. Blocks are drawn as what they stand for, not as letters of a
//! font, which would leave seams.

use std::fmt::Write as _;

use vt100::{Color, Screen};

const CELL: (f32, f32) = (9.0, 19.0);
const MARGIN: f32 = 12.0;

/// What the terminal makes of the colours that a program leaves to it.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    paper: &'static str,
    ink: &'static str,
}

/// Light letters on a dark ground.
pub const DARK: Look = Look {
    paper: "#1d2021",
    ink: "#ebdbb2",
};

/// Dark letters on a white ground.
#[allow(dead_code, reason = "not everything that draws wants both")]
pub const LIGHT: Look = Look {
    paper: "#ffffff",
    ink: "#1d2021",
};

/// The screen as a picture.
pub fn draw(screen: &Screen, look: Look) -> String {
    let (rows, columns) = screen.size();
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"15\" shape-rendering=\"crispEdges\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        look.paper
    );
    for row in 0..rows {
        for column in 0..columns {
            let Some(cell) = screen.cell(row, column) else {
                continue;
            };
            let (x, y) = (
                MARGIN + f32::from(column) * CELL.0,
                MARGIN + f32::from(row) * CELL.1,
            );
            let (mut ink, mut paper) = (
                paint(cell.fgcolor()).unwrap_or_else(|| look.ink.into()),
                paint(cell.bgcolor()),
            );
            if cell.inverse() {
                let swapped = paper.unwrap_or_else(|| look.paper.into());
                paper = Some(std::mem::replace(&mut ink, swapped));
            }
            let mut part = |(left, top): (f32, f32), (w, h): (f32, f32), fill: &str| {
                // A hair of overlap, so that no viewer shows seams between modules.
                let _ = writeln!(
                    svg,
                    "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>",
                    x + left,
                    y + top,
                    w + 0.3,
                    h + 0.3
                );
            };
            if let Some(paper) = &paper {
                part((0.0, 0.0), CELL, paper);
            }
            if let Some(filled) = sixths(cell.contents()) {
                let size = (CELL.0 / 2.0, CELL.1 / 3.0);
                for (bit, (column, row)) in SIXTHS.into_iter().enumerate() {
                    if filled >> bit & 1 == 1 {
                        part((column * size.0, row * size.1), size, &ink);
                    }
                }
                continue;
            }
            match cell.contents() {
                "" | " " => {}
                "▀" => part((0.0, 0.0), (CELL.0, CELL.1 / 2.0), &ink),
                text => {
                    let weight = if cell.bold() {
                        " font-weight=\"bold\""
                    } else {
                        ""
                    };
                    let faint = if cell.dim() { " opacity=\"0.65\"" } else { "" };
                    let _ = writeln!(
                        svg,
                        "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{ink}\"{weight}{faint}>{}</text>",
                        y + CELL.1 * 0.75,
                        text.replace('&', "&amp;").replace('<', "&lt;")
                    );
                }
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A colour of the terminal's palette, as common terminals draw it; `None` for the default.
fn paint(color: Color) -> Option<String> {
    const BASE: [&str; 16] = [
        "#1d2021", "#cc241d", "#98971a", "#d79921", "#458588", "#b16286", "#689d6a", "#a89984",
        "#928374", "#fb4934", "#b8bb26", "#fabd2f", "#83a598", "#d3869b", "#8ec07c", "#ebdbb2",
    ];
    match color {
        Color::Default => None,
        Color::Idx(n @ 0..16) => Some(BASE[usize::from(n)].into()),
        Color::Idx(n @ 16..232) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = n - 16;
            Some(format!(
                "#{:02x}{:02x}{:02x}",
                level(n / 36),
                level(n / 6 % 6),
                level(n % 6)
            ))
        }
        Color::Idx(n) => {
            let grey = 8 + 10 * (n - 232);
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
    }
}

/// The columns and rows of the six parts of a cell.
const SIXTHS: [(f32, f32); 6] = [
    (0.0, 0.0),
    (1.0, 0.0),
    (0.0, 1.0),
    (1.0, 1.0),
    (0.0, 2.0),
    (1.0, 2.0),
];

/// Which of them a character fills, one bit each; `None` for one that is no such block.
fn sixths(text: &str) -> Option<u32> {
    let mut signs = text.chars();
    let sign = signs.next().filter(|_| signs.next().is_none())?;
    match sign {
        '▌' => Some(0b01_0101),
        '▐' => Some(0b10_1010),
        // All patterns but those two, none and all, in their order.
        '\u{1FB00}'..='\u{1FB3B}' => {
            let mut left = (1..63).filter(|pattern| ![0b01_0101, 0b10_1010].contains(pattern));
            left.nth((sign as u32 - 0x1FB00) as usize)
        }
        _ => None,
    }
}
