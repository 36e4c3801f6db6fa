//! The emergency at work: what it is doing, how far it has come, each row as it goes.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::asks::state_words;
use super::{View, names, stages};
use crate::app::emergency::stage_now;
use crate::app::model::RowState;
use crate::domain::incident::{IncidentRow, Stage, StageState};
use crate::ui::page::{Hidden, Page};
use crate::ui::rows::STATE;
use crate::ui::tokens::{bar, split};
use crate::ui::wrap::narrow;
use crate::ui::{table, words};

pub(super) fn draw(view: &View<'_>, frame: &mut Frame<'_>, area: Rect, beside: bool) -> Hidden {
    let theme = view.theme;
    let screen = &view.model.emergency;
    let Some(incident) = view.incident() else {
        return Hidden::default();
    };
    let at = stage_now(incident);
    let rows = matches!(
        incident.stages.get(at),
        Some((Stage::Revoke | Stage::Verify, _))
    ) && !incident.rows.is_empty();
    if !rows {
        let mut page = Page::new(area.width).scrolls();
        match incident.stages.get(at) {
            Some((_, StageState::Now(text))) if beside => page.say(text.as_str(), theme.title),
            _ => stages::tell(&mut page, incident, true, theme),
        }
        stopping(&mut page, view);
        return page.draw(frame, area, if screen.follow { 0 } else { screen.scroll });
    }
    let mut top = Page::new(area.width);
    if let Some((_, StageState::Now(text))) = incident.stages.get(at) {
        top.say(text.as_str(), theme.title);
    }
    top.row(progress(view, area.width));
    stopping(&mut top, view);
    let top_rows = narrow(top.len()).min(area.height.saturating_sub(2));
    let [head, rest] = split(area, top_rows);
    top.draw(frame, head, 0);
    let first = if screen.follow {
        screen.front()
    } else {
        screen.scroll
    };
    live(view, frame, rest, first)
}

fn stopping(page: &mut Page<'_>, view: &View<'_>) {
    if view.model.emergency.stopping {
        page.say(
            "! Stopping: what was sent already is waited for.",
            view.theme.warning,
        );
    }
}

fn progress(view: &View<'_>, width: u16) -> ratatui::text::Line<'static> {
    let screen = &view.model.emergency;
    let (mut done, mut total) = (0_u64, 0_u64);
    for (_, state) in screen.rows() {
        total += 1;
        done += u64::from(!matches!(state, RowState::Waiting | RowState::Sent));
    }
    let text = format!(" {done} of {total}");
    let cells = usize::from(width).min(60).saturating_sub(text.len() + 9);
    bar(done, total, cells, "Revoking ", text, view.theme)
}

/// As many rows as find room.
fn live(view: &View<'_>, frame: &mut Frame<'_>, area: Rect, first: usize) -> Hidden {
    let screen = &view.model.emergency;
    let total = screen.index.len();
    let height = usize::from(area.height);
    // To the end the window stays full.
    let first = first.min(total.saturating_sub(height));
    let mut y = area.y;
    let mut last = first;
    for (index, (row, state)) in screen.rows().enumerate().skip(first).take(height) {
        let mut page = Page::new(area.width);
        self::row(&mut page, row, state, view);
        let lines = narrow(page.len());
        if y + lines > area.bottom() && index > first {
            break;
        }
        let place = Rect::new(area.x, y, area.width, lines).intersection(area);
        page.draw(frame, place, 0);
        y = place.bottom();
        last = index + 1;
    }
    Hidden {
        above: first,
        below: total.saturating_sub(last),
    }
}

/// One row: how it stands, its name in a column, and what this program says of it in another (promise P27).
pub(super) fn row(page: &mut Page<'_>, row: &IncidentRow, state: &RowState, view: &View<'_>) {
    let (theme, plain) = (view.theme, Style::new());
    let (word, tone) = state_words(state);
    let word = table::padded(&word, STATE);
    // Where there is little room the id goes first.
    let (id, most) = if page.width() < 56 {
        ("  ".to_owned(), 14)
    } else {
        (format!("  {}  ", row.token.key.short()), 28)
    };
    let name = page.width().saturating_sub(STATE + 22).clamp(12, most);
    let name = table::padded(row.token.label(), name);
    let badge = names::row_badge(row);
    page.hanging(
        STATE,
        &[
            (&word, theme.tone(tone)),
            (&name, theme.title),
            (&id, theme.dim),
            (badge.trim_end(), theme.badge),
        ],
    );
    let gap = " ".repeat(STATE);
    match state {
        RowState::Failed(why) | RowState::Unknown(why) => {
            page.hanging(STATE, &[(&gap, plain), (&why.to_string(), plain)]);
        }
        RowState::StillAccepted { since, probed } => {
            let text = format!(
                "since {}, tried {}",
                words::clock(*since, theme),
                words::clock(*probed, theme)
            );
            page.hanging(STATE, &[(&gap, plain), (&text, plain)]);
        }
        _ => {}
    }
}
