//! Help, the palette, and the question before leaving: above the screen or the wizard.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::dialog::{dialog, dialog_rows, foot};
use super::input::Input;
use super::page::Page;
use super::table::{in_sight, padded};
use super::theme::Theme;
use super::wrap::narrow;
use crate::app::Model;
use crate::app::field::Field;
use crate::app::keymap;
use crate::app::model::Overlay;
use crate::domain::text::cut;

/// Help and palette; they lie below the registry's questions, but for the help that was opened from one.
pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    match &model.overlay {
        Some(Overlay::Help { scroll, .. }) => help(model, *scroll, theme, frame),
        Some(Overlay::Palette { typed, cursor }) => palette(model, typed, *cursor, theme, frame),
        Some(Overlay::Leave { .. }) | None => {}
    }
}

/// The question before leaving; it lies above everything.
pub(super) fn draw_leave(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(Overlay::Leave { why, yes }) = &model.overlay else {
        return;
    };
    let plain = Style::new();
    let width = 60.min(frame.area().width.saturating_sub(4));
    let mut page = Page::new(width);
    page.say(why.as_str(), plain);
    page.gap();
    let answer = |chosen: bool| if chosen { theme.selected } else { plain };
    page.spans(&[
        ("Leave?  ", theme.title),
        (if *yes { "  No  " } else { "▸ No  " }, answer(!yes)),
        ("  ", plain),
        (if *yes { "▸ Yes  " } else { "  Yes  " }, answer(*yes)),
    ]);
    let inner = dialog(
        model,
        frame,
        theme,
        "Leave npm-warden?",
        width,
        narrow(page.len()),
    );
    page.draw(frame, inner, 0);
}

fn help(model: &Model, scroll: usize, theme: &Theme, frame: &mut Frame<'_>) {
    const KEYS: usize = 18;
    let width = 72.min(frame.area().width.saturating_sub(4));
    let keys = KEYS.min(usize::from(width) / 3);
    let mut page = Page::new(width).scrolls();
    for group in keymap::help(model) {
        if page.len() > 0 {
            page.row(Line::default());
        }
        page.row(Line::styled(group.title, theme.title));
        for (names, what, disabled) in group.lines {
            let names = format!("{} ", padded(&names, keys.max(names.width())));
            let style = if disabled.is_some() {
                theme.dim
            } else {
                Style::new()
            };
            let why =
                disabled.map_or_else(String::new, |reason| format!(" (not now: {})", reason.0));
            page.hanging(
                keys + 1,
                &[(&names, theme.key), (what, style), (&why, theme.dim)],
            );
        }
    }
    let rows = narrow(page.len()).min(dialog_rows(model, frame.area()));
    let inner = dialog(model, frame, theme, "Keys", width, rows);
    // The model scrolls by the lines of the key table; here they may be wrapped, and the room is another one.
    let most = keymap::help_lines(model).saturating_sub(model.list_rows());
    let over = page.len().saturating_sub(usize::from(inner.height));
    let scroll = match scroll {
        0 => 0,
        scroll if scroll >= most => over,
        scroll => (scroll * over).div_ceil(most),
    };
    let hidden = page.draw(frame, inner, scroll);
    let text = match (hidden.above, hidden.below) {
        (0, 0) => " Esc closes ".to_owned(),
        (_, 0) => " ↑ more · Esc closes ".to_owned(),
        (0, _) => " ↓ more · Esc closes ".to_owned(),
        _ => " ↑↓ more · Esc closes ".to_owned(),
    };
    foot(frame, inner, &text, theme);
}

fn palette(model: &Model, typed: &Field, cursor: usize, theme: &Theme, frame: &mut Frame<'_>) {
    let width = 76.min(frame.area().width.saturating_sub(4));
    let entries = keymap::palette(model);
    let rows = narrow(entries.len().max(1))
        .saturating_add(2)
        .min(dialog_rows(model, frame.area()));
    let inner = dialog(model, frame, theme, "All actions", width, rows);
    let mut head = Page::new(inner.width);
    let input = Input {
        theme,
        now: model.now.mono,
        focused: true,
        width: 40,
    };
    head.field("Find: ", typed, &input);
    head.draw(
        frame,
        Rect {
            height: inner.height.min(1),
            ..inner
        },
        0,
    );
    if let Some(reason) = entries
        .get(cursor)
        .and_then(|entry| entry.disabled.as_ref())
        && inner.height > 1
    {
        let text = format!("! Not now: {}", reason.0);
        let text = cut(&text, usize::from(inner.width));
        frame
            .buffer_mut()
            .set_string(inner.x, inner.y + 1, text, theme.warning);
    }
    let list = Rect {
        y: inner.y + 2.min(inner.height),
        height: inner.height.saturating_sub(2),
        ..inner
    };
    if entries.is_empty() {
        frame.buffer_mut().set_stringn(
            list.x,
            list.y,
            "No action is called that.",
            usize::from(list.width),
            theme.dim,
        );
        return;
    }
    let sight = in_sight(
        entries.len(),
        0,
        cursor.min(entries.len() - 1),
        usize::from(list.height),
    );
    for (y, index) in (list.y..list.bottom()).zip(sight) {
        let entry = &entries[index];
        let chosen = index == cursor;
        let keys = padded(&entry.keys, 10);
        let on = entry
            .on
            .map_or_else(String::new, |screen| format!("{}: ", screen.title()));
        let why = if entry.disabled.is_some() {
            " (not now)"
        } else {
            ""
        };
        let room = usize::from(list.width).saturating_sub(2 + 10 + 1);
        let text = padded(&format!("{on}{}{why}", entry.name), room);
        let style = match (chosen, entry.disabled.is_some()) {
            (true, _) => theme.selected,
            (false, true) => theme.dim,
            (false, false) => Style::new(),
        };
        let line = Line::from(vec![
            Span::styled(if chosen { "▸ " } else { "  " }, theme.accent),
            Span::styled(text, style),
            Span::raw(" "),
            Span::styled(keys, theme.key),
        ]);
        frame.buffer_mut().set_line(list.x, y, &line, list.width);
    }
}
