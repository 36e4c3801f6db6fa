//! The emergency screen.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::Heading;
use super::page::Page;
use super::theme::Theme;
use crate::app::Model;

pub(super) fn draw(_: &Model, _: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let page = Page::new(inner.width).scrolls();
    Heading {
        title: "Emergency".to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}
