//! The note of a token: one line, kept on this machine alone.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::input::Input;
use super::page::Page;
use super::theme::Theme;
use super::{Heading, failure};
use crate::app::Model;
use crate::app::note::NoteForm;

pub(super) fn draw(
    model: &Model,
    form: &NoteForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    if let Some(why) = &form.error {
        failure(&mut page, why, theme);
        page.gap();
    }
    page.say(
        format!("Where is {} used?", form.name.quoted(44)),
        theme.title,
    );
    page.gap();
    let input = Input {
        theme,
        now: model.now.mono,
        focused: form.sent.is_none(),
        width: 70,
    };
    page.field("Note: ", &form.typed, &input);
    page.gap();
    if form.sent.is_some() {
        page.say("Taking it down …", theme.dim);
    } else {
        page.say(
            "It is kept on this machine and never sent: no secret belongs here.",
            theme.dim,
        );
        page.explain(
            "For example: GitHub secret NPM_TOKEN in o/r. Empty takes the note away. The list is filtered by it, too.",
            theme.dim,
        );
    }
    Heading {
        title: format!("Note of token {}", form.token.short()),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}
