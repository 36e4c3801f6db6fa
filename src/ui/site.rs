//! A page of the registry's website: its address as text, and as a QR code beside the text where that fits.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::page::Page;
use super::qr::{Card, Fit};
use super::theme::Theme;
use crate::app::Model;
use crate::app::model::WebPiece;

/// The narrowest column beside the card that can be read.
const BESIDE: u16 = 34;
const GAP: u16 = 2;

/// How the card of the page that is shown now fits beside text in a room of this size.
fn fit(site: &WebPiece, inner: Rect) -> Option<Fit> {
    let card = Card::of(site.modules.as_ref()?);
    let columns = inner.width.checked_sub(BESIDE + GAP)?;
    card.fit(site.qr, columns, inner.height)
}

/// Writes text with the card beside it; without a page, or without room for it, the text alone.
pub(super) fn with_card<'a>(
    page: &mut Page<'a>,
    model: &Model,
    inner: Rect,
    text: impl FnOnce(&mut Page<'a>),
) {
    let fitting = model.site.as_ref().and_then(|site| {
        let modules = site.modules.as_ref()?;
        Some((Card::of(modules), fit(site, inner)?))
    });
    let Some((card, fit)) = fitting else {
        return text(page);
    };
    let mut beside = Page::new(inner.width.saturating_sub(fit.columns + GAP));
    text(&mut beside);
    page.beside(beside, usize::from(GAP), lines(card, fit));
}

/// The address, and what can be done with it.
pub(super) fn address(page: &mut Page<'_>, model: &Model, inner: Rect, theme: &Theme) {
    let Some(site) = &model.site else {
        return;
    };
    page.say(site.page.address.as_str(), theme.accent);
    let plain = Style::new();
    page.spans(&[
        ("o", theme.key),
        (" opens it, ", plain),
        ("c", theme.key),
        (" copies it.", plain),
    ]);
    if fit(site, inner).is_none() && site.modules.is_some() {
        page.explain("A larger window shows its QR code as well.", theme.dim);
    }
}

/// The card as rows of text, so that it scrolls with what stands beside it.
fn lines(card: Card<'_>, fit: Fit) -> Vec<Line<'static>> {
    let area = Rect::new(0, 0, fit.columns, fit.rows);
    let mut buffer = Buffer::empty(area);
    card.draw(fit, &mut buffer, 0, 0);
    (0..area.height)
        .map(|y| {
            let mut spans: Vec<Span<'static>> = Vec::new();
            for x in 0..area.width {
                let cell = &buffer[(x, y)];
                let style = Style::new().fg(cell.fg).bg(cell.bg);
                match spans.last_mut() {
                    Some(last) if last.style == style => {
                        last.content.to_mut().push_str(cell.symbol());
                    }
                    _ => spans.push(Span::styled(cell.symbol().to_owned(), style)),
                }
            }
            Line::from(spans)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::wrap::narrow;
    use super::*;
    use crate::app::site::page as website;
    use crate::domain::policy::{RECOVERING, SETTINGS};

    #[test]
    fn each_page_of_the_website_has_a_card_beside_text_at_80_columns() {
        for address in [SETTINGS, RECOVERING] {
            let site = website(address);
            let fit = fit(&site, Rect::new(0, 0, 76, 19)).expect("it fits");
            let rows = lines(Card::of(site.modules.as_ref().expect("short")), fit);
            assert_eq!(narrow(rows.len()), fit.rows);
            for row in rows {
                assert_eq!(narrow(row.width()), fit.columns);
            }
        }
    }
}
