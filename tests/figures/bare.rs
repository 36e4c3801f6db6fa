//! The floor: a program that draws one frame of the same library, and nothing else.

use std::io::Read as _;

use ratatui::widgets::{Block, Paragraph};

/// The argument that makes this program be it.
pub const WORD: &str = "--bare";

/// What its frame says.
pub const SAYS: &str = "nothing else";

pub fn draw() {
    let mut terminal = ratatui::init();
    terminal
        .draw(|frame| {
            let text = Paragraph::new(SAYS).block(Block::bordered());
            frame.render_widget(text, frame.area());
        })
        .unwrap();
    let _ = std::io::stdin().read(&mut [0]);
    ratatui::restore();
}
