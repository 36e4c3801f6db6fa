//! A recovery code on the screen, and the question for a part of one.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::input::Input;
use super::page::Page;
use super::theme::Theme;
use super::wrap::pieces;
use crate::app::Model;
use crate::app::field::Field;
use crate::app::model::Proof;

/// The cells before a code: its number.
pub(super) const NUMBER: usize = 5;

/// The number of a code, counted from 0.
pub(super) fn number(index: usize, theme: &Theme) -> Span<'static> {
    Span::styled(format!("{:>3}  ", index + 1), theme.dim)
}

/// A code in as many rows as it takes: complete whatever the width, and drawn from where it is, not copied. `lead`
/// stands before its number, `behind` after its end.
pub(super) fn rows<'a>(
    page: &mut Page<'a>,
    (index, code): (usize, &'a str),
    lead: Span<'static>,
    style: Style,
    behind: Option<Span<'static>>,
    theme: &Theme,
) {
    let before = lead.width() + NUMBER;
    let parts = pieces(code, page.width().saturating_sub(before).max(1));
    let last = parts.len() - 1;
    let (mut lead, mut behind) = (Some(lead), behind);
    for (row, part) in parts.into_iter().enumerate() {
        let mut spans = match lead.take() {
            Some(lead) => vec![lead, number(index, theme)],
            None => vec![Span::raw(" ".repeat(before))],
        };
        spans.push(Span::styled(part, style));
        if row == last {
            spans.extend(behind.take());
        }
        page.row(Line::from(spans));
    }
}

/// Which part of which code proves that the person has them, and the field for it.
pub(super) fn ask<'a>(
    page: &mut Page<'a>,
    model: &Model,
    proof: &Proof,
    typed: &'a Field,
    theme: &Theme,
) {
    let plain = Style::new();
    if proof.attempt > 1 {
        page.say(
            "✗ That is not it. Look at the number of the code, and count from its first character.",
            theme.bad,
        );
        page.gap();
    }
    let (code, from, to) = (
        proof.code.to_string(),
        proof.from.to_string(),
        proof.to.to_string(),
    );
    page.spans(&[
        ("Type characters ", plain),
        (&from, theme.title),
        (" to ", plain),
        (&to, theme.title),
        (" of code ", plain),
        (&code, theme.title),
        (":", plain),
    ]);
    let input = Input {
        theme,
        now: model.now.mono,
        focused: true,
        width: 16,
    };
    page.field("  ", typed, &input);
}
