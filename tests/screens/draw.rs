//! Draws a model into memory and reads what came out.

use npm_warden::app::Model;
use npm_warden::ui::{Theme, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr as _;

/// What was drawn, and where the cursor is when it is to be seen.
pub struct Drawn {
    pub buffer: Buffer,
    pub cursor: Option<Position>,
    /// What the model is told of it.
    pub told: npm_warden::app::Drawn,
}

/// Draws the model in a window of this size.
pub fn draw(model: &Model, theme: &Theme, columns: u16, rows: u16) -> Drawn {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("memory");
    let mut cursor = None;
    let mut told = npm_warden::app::Drawn::default();
    terminal
        .draw(|frame| {
            told = view(model, theme, frame);
        })
        .expect("memory");
    if terminal.backend().cursor_visible() {
        cursor = Some(terminal.backend().cursor_position());
    }
    Drawn {
        buffer: terminal.backend().buffer().clone(),
        cursor,
        told,
    }
}

impl Drawn {
    /// The rows as a person sees them, without blanks at their ends.
    pub fn text(&self) -> String {
        let area = self.buffer.area();
        let mut text = String::new();
        for y in area.top()..area.bottom() {
            let mut row = String::new();
            let mut x = area.left();
            while x < area.right() {
                let symbol = self.buffer[(x, y)].symbol();
                row.push_str(symbol);
                x += u16::try_from(symbol.width()).expect("narrow").max(1);
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }

    /// The same rows with a letter for the style of each cell; `.` for none.
    pub fn styles(&self) -> String {
        let area = self.buffer.area();
        let mut text = String::new();
        for y in area.top()..area.bottom() {
            let row: String = (area.left()..area.right())
                .map(|x| letter(&self.buffer[(x, y)]))
                .collect();
            text.push_str(row.trim_end_matches('.'));
            text.push('\n');
        }
        text
    }

    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.buffer.content().iter()
    }
}

/// Capital where reversed.
fn letter(cell: &Cell) -> char {
    let letter = match (cell.fg, cell.bg) {
        (Color::Reset, Color::Reset) if cell.modifier.contains(Modifier::BOLD) => 'b',
        (Color::Reset, Color::Reset) if cell.modifier.contains(Modifier::DIM) => 'd',
        (Color::Reset, Color::Reset) if cell.modifier.contains(Modifier::UNDERLINED) => 'u',
        (Color::Reset, Color::Reset) if cell.modifier.contains(Modifier::REVERSED) => return '#',
        (Color::Reset, Color::Reset) => '.',
        (Color::Cyan, Color::Reset) => 'c',
        (Color::Green, Color::Reset) => 'g',
        (Color::Yellow, Color::Reset) => 'y',
        (Color::Red, Color::Reset) => 'r',
        (Color::Magenta, Color::Reset) => 'm',
        (Color::Indexed(_), Color::Indexed(_)) => 'q',
        _ => '?',
    };
    if cell.modifier.contains(Modifier::REVERSED) {
        letter.to_ascii_uppercase()
    } else {
        letter
    }
}
