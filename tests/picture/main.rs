//! Draws the README's picture from the real screen: `cargo run --release --example picture > assets/scan.svg`.
//!
//! The program runs in a pseudo-terminal with `--demo`; each step waits for what the screen says.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use vt100::{Color, Parser};

const ROWS: u16 = 24;
const COLUMNS: u16 = 80;
const CELL: (f32, f32) = (9.0, 19.0);
const MARGIN: f32 = 12.0;
const PATIENCE: Duration = Duration::from_secs(20);
const PAPER: &str = "#1d2021";
const INK: &str = "#ebdbb2";

/// What the screen has to say, and what is typed then. `{password}` is the one that the demo shows.
const STEPS: &[(&str, &str)] = &[
    ("tess-marlow @", "2"),
    ("authentication is OFF", "e"),
    ("Have these at hand", "\r"),
    ("(recommended)", "\r"),
    ("Password: [", "{password}\r"),
    (".txt", "\r"),
    ("Enter uses it all the same", "\r"),
    ("Enter confirm", ""),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let program = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "target/release/npm-warden".into());
    let pty = native_pty_system().openpty(PtySize {
        rows: ROWS,
        cols: COLUMNS,
        pixel_width: 0,
        pixel_height: 0,
    })?;
    let mut command = CommandBuilder::new(std::path::absolute(program)?);
    command.arg("--demo");
    command.env("TERM", "xterm-256color");
    command.env("TZ", "UTC");
    command.env_remove("NO_COLOR");
    let mut child = pty.slave.spawn_command(command)?;
    drop(pty.slave);
    let mut keys = pty.master.take_writer()?;
    let mut out = pty.master.try_clone_reader()?;
    let (sender, chunks) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = out.read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut screen = Parser::new(ROWS, COLUMNS, 0);
    let mut password = String::new();
    for (says, typed) in STEPS {
        until(&mut screen, &chunks, says)?;
        if password.is_empty() {
            password = after(&screen, "Demo password:");
        }
        keys.write_all(typed.replace("{password}", &password).as_bytes())?;
    }
    let picture = svg(screen.screen());
    child.kill()?;
    child.wait()?;
    std::io::stdout().write_all(picture.as_bytes())?;
    Ok(())
}

fn until(screen: &mut Parser, chunks: &Receiver<Vec<u8>>, says: &str) -> Result<(), String> {
    while !screen.screen().contents().contains(says) {
        match chunks.recv_timeout(PATIENCE) {
            Ok(chunk) => screen.process(&chunk),
            Err(_) => {
                return Err(format!(
                    "“{says}” did not come:\n{}",
                    screen.screen().contents()
                ));
            }
        }
    }
    Ok(())
}

fn after(screen: &Parser, label: &str) -> String {
    let text = screen.screen().contents();
    text.split(label)
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_default()
        .to_owned()
}

fn svg(screen: &vt100::Screen) -> String {
    let width = f32::from(COLUMNS) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(ROWS) * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"15\" shape-rendering=\"crispEdges\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let Some(cell) = screen.cell(row, column) else {
                continue;
            };
            let (x, y) = (
                MARGIN + f32::from(column) * CELL.0,
                MARGIN + f32::from(row) * CELL.1,
            );
            let (mut ink, mut paper) = (
                paint(cell.fgcolor()).unwrap_or_else(|| INK.into()),
                paint(cell.bgcolor()),
            );
            if cell.inverse() {
                let swapped = paper.unwrap_or_else(|| PAPER.into());
                paper = Some(std::mem::replace(&mut ink, swapped));
            }
            let mut rect = |y: f32, h: f32, fill: &str| {
                // A hair of overlap, so that no viewer shows seams between modules.
                let _ = writeln!(
                    svg,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>",
                    CELL.0 + 0.3,
                    h + 0.3
                );
            };
            if let Some(paper) = &paper {
                rect(y, CELL.1, paper);
            }
            match cell.contents() {
                "" | " " => {}
                "▀" => rect(y, CELL.1 / 2.0, &ink),
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
