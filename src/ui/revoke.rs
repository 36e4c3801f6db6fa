//! A revocation: what goes, the question, each row as it goes, the result.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::input::Input;
use super::page::{Hidden, Page};
use super::rows::{self, STATE};
use super::theme::{Theme, sign};
use super::tokens::{self, bar, split};
use super::wrap::narrow;
use super::{Heading, failure, table, words};
use crate::app::model::{Revoke, RevokeRow, RevokeStage, RowState, Stopping, Tone, Unprobed};
use crate::app::revoke::FEW;
use crate::app::{Model, tokens as app_tokens};
use crate::domain::failure::FailureKind;
use crate::domain::found::{Found, Grade};
use crate::domain::token::Token;

/// A window narrower than this has no room for long titles.
const NARROW: u16 = 50;

pub(super) fn draw(
    model: &Model,
    revoke: &Revoke,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let tokens = words::count(revoke.rows.len(), "token", "tokens");
    let going = revoke.going();
    // Every row counts where there are few.
    let gap = |page: &mut Page<'_>| {
        if inner.height > 9 {
            page.gap();
        }
    };
    let mut top = Page::new(inner.width);
    if revoke.rows.len() <= FEW {
        top = top.scrolls();
    }
    let mut bottom = Page::new(inner.width);
    let title = match &revoke.stage {
        RevokeStage::Confirm { yes, count } => {
            let what = if going == 1 {
                "this token"
            } else {
                "these tokens"
            };
            tokens::among(&mut top, model, revoke, theme);
            // First what decides: where there is little room the rest is cut.
            let in_use = revoke
                .rows
                .iter()
                .filter_map(|row| row.token.in_use())
                .max();
            if let Some(grade) = in_use {
                let words = match grade {
                    Grade::Is => {
                        "! The token in use here goes too: it goes last, and you are signed out then."
                    }
                    Grade::LooksLike => {
                        "! What looks like the token in use here goes too: it goes last, and you may be signed out then."
                    }
                };
                top.hanging(2, &[(words, theme.warning)]);
            }
            let unseen = match revoke.resumes {
                None => unseen(model, revoke),
                Some(_) => 0,
            };
            if unseen > 0 {
                let selected = words::count(unseen, "selected token is", "selected tokens are");
                let goes = if unseen == 1 { "goes" } else { "go" };
                let words = format!("! {selected} not shown by the filter, and {goes} too.");
                top.hanging(2, &[(&words, theme.warning)]);
            }
            if going > 0 {
                top.say(
                    format!("Whatever uses {what} stops working. This cannot be undone."),
                    theme.warning,
                );
            }
            if revoke.resumes.is_some() {
                top.explain(
                    "This is what an earlier revocation left over. The list is read first, and what is still in it is revoked, once.",
                    theme.dim,
                );
            }
            gap(&mut top);
            gap(&mut bottom);
            confirm(&mut bottom, model, revoke, *yes, count, theme);
            match going {
                0 => format!("Look again at {tokens}?"),
                going => format!("Revoke {}?", words::count(going, "token", "tokens")),
            }
        }
        RevokeStage::Running(_) => {
            top.row(progress(revoke, theme, inner.width));
            let note = match revoke.stopping {
                Stopping::No => None,
                Stopping::Asked if revoke.going() > 0 => {
                    Some("! Esc again stops what was not sent yet. Enter goes on.")
                }
                Stopping::Asked => Some("! All of it was sent already. Enter goes on."),
                Stopping::Sent => Some("! Stopping: what was sent already is waited for."),
            };
            if let Some(note) = note {
                top.say(note, theme.warning);
            }
            gap(&mut top);
            format!("Revoking {tokens}")
        }
        RevokeStage::Done { why } => {
            result(&mut top, revoke, theme);
            if let Some(why) = why {
                failure(&mut top, why, theme);
            }
            gap(&mut top);
            if inner.width < NARROW {
                format!("Result: {tokens}")
            } else {
                format!("Revoked: the result for {tokens}")
            }
        }
    };
    let bottom_rows = narrow(bottom.len()).min(inner.height / 2);
    if revoke.rows.len() <= FEW {
        // All of it is one text, so that every line of every row is reached in the lowest window.
        for row in &revoke.rows {
            one(&mut top, row, &revoke.stage, model.now.wall, theme);
        }
        let [middle, foot] = split(inner, inner.height - bottom_rows);
        bottom.draw(frame, foot, 0);
        return Heading {
            title,
            right: Vec::new(),
            hidden: top.draw(frame, middle, revoke.scroll),
        };
    }
    let room = inner.height - bottom_rows;
    // Where rows are scarce, what stands above them scrolls away with the first one.
    let top_rows = match narrow(top.len()) {
        rows if rows > room / 2 && revoke.scroll > 0 => 0,
        rows => rows.min(room.saturating_sub(2)),
    };
    let [head, rest] = split(inner, top_rows);
    let [middle, foot] = split(rest, rest.height - bottom_rows);
    top.draw(frame, head, 0);
    bottom.draw(frame, foot, 0);
    Heading {
        title,
        right: Vec::new(),
        hidden: listed(model, revoke, theme, frame, middle),
    }
}

/// How many of the selected that go here the filter and the facets keep out of sight.
fn unseen(model: &Model, revoke: &Revoke) -> usize {
    let screen = &model.tokens;
    let selected = |row: &&RevokeRow| screen.selected.contains(&row.token.key);
    if revoke.rows.iter().filter(selected).count() < screen.selected.len() {
        return 0;
    }
    app_tokens::selected_unseen(model)
}

fn confirm<'a>(
    page: &mut Page<'a>,
    model: &Model,
    revoke: &Revoke,
    yes: bool,
    count: &'a crate::app::field::Field,
    theme: &Theme,
) {
    let going = revoke.going();
    if going < 3 {
        let question = if going == 0 {
            "Look again?  "
        } else {
            "Revoke?  "
        };
        let answer = |chosen: bool| if chosen { theme.selected } else { Style::new() };
        page.spans(&[
            (question, theme.title),
            (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
            ("  ", Style::new()),
            (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
        ]);
        return;
    }
    let label = format!("Type {going} to revoke them all: ");
    let input = Input {
        theme,
        now: model.now.mono,
        focused: true,
        width: 8,
    };
    page.field(&label, count, &input);
}

fn progress(revoke: &Revoke, theme: &Theme, width: u16) -> ratatui::text::Line<'static> {
    let waits = |row: &&RevokeRow| matches!(row.state, RowState::Waiting | RowState::Sent);
    let total = revoke.rows.len();
    let done = total - revoke.rows.iter().filter(waits).count();
    let text = format!(" {done} of {total}");
    let cells = usize::from(width).min(60).saturating_sub(text.len() + 9);
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    bar(wide(done), wide(total), cells, "Revoking ", text, theme)
}

/// The sum, kind by kind, the bad first, so that it is seen where there is little room: it always equals the number of rows.
fn result(page: &mut Page<'_>, revoke: &Revoke, theme: &Theme) {
    let total = revoke.rows.len();
    let ends: Vec<(&str, Tone)> = revoke
        .rows
        .iter()
        .map(|row| rows::end(&row.state))
        .collect();
    for wanted in [Tone::Bad, Tone::Warning, Tone::Good] {
        let mut said: Vec<&str> = Vec::new();
        for &(words, tone) in &ends {
            if tone != wanted || said.contains(&words) {
                continue;
            }
            said.push(words);
            let n = ends.iter().filter(|(other, _)| *other == words).count();
            page.say(
                format!("{} {n} of {total} {words}", sign(tone)),
                theme.tone(tone),
            );
        }
    }
    let lingers = |row: &RevokeRow| {
        matches!(
            row.state,
            RowState::StillListed | RowState::StillAccepted { .. }
        )
    };
    if revoke.rows.iter().any(lingers) {
        page.explain("A registry may take up to an hour until a revocation acts everywhere. R on the list looks again.", theme.dim);
    }
    if let Some(why) = &revoke.unkept {
        page.hanging(
            2,
            &[
                (
                    "! How far this came is not noted on this machine: ",
                    theme.warning,
                ),
                (why.what.as_str(), theme.warning),
            ],
        );
    }
}

fn listed(
    model: &Model,
    revoke: &Revoke,
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) -> Hidden {
    let height = usize::from(area.height);
    let laid_out = |row| {
        let mut page = Page::new(area.width);
        one(&mut page, row, &revoke.stage, model.now.wall, theme);
        page
    };
    // No row stays empty below the last one: the first is at most the one from which on the rest fills the place.
    let mut room = height;
    let fits = revoke.rows.iter().rev().take(height).take_while(|row| {
        let lines = laid_out(row).len();
        let fits = lines <= room;
        room = room.saturating_sub(lines);
        fits
    });
    let most = revoke.rows.len() - fits.count().max(1).min(revoke.rows.len());
    let first = revoke.scroll.min(most);
    let mut y = area.y;
    let mut last = first;
    // Each row takes one or a few lines: as many are laid out as find room, and no more.
    for (index, row) in revoke.rows.iter().enumerate().skip(first).take(height) {
        let page = laid_out(row);
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
        below: revoke.rows.len() - last,
    }
}

fn one(page: &mut Page<'_>, row: &RevokeRow, stage: &RevokeStage, now: Timestamp, theme: &Theme) {
    let plain = Style::new();
    let short = page.width() < usize::from(NARROW);
    if matches!(stage, RevokeStage::Confirm { .. }) {
        let facts = facts(&row.token, now);
        page.hanging(
            2,
            &[
                ("· ", theme.dim),
                (row.token.label(), theme.title),
                ("  ", plain),
                (&facts, plain),
            ],
        );
        if row.token.bypass_2fa {
            page.hanging(
                2,
                &[(
                    "  ! bypass: accepted without the second factor",
                    theme.badge,
                )],
            );
        }
        if matches!(row.state, RowState::StillAccepted { .. }) {
            page.hanging(
                2,
                &[(
                    "  in no list, and STILL ACCEPTED: it is tried out again",
                    theme.bad,
                )],
            );
        }
        for (words, sure) in local_users(&row.token) {
            let style = if sure { theme.badge } else { plain };
            page.hanging(2, &[("  ", plain), (&words, style)]);
        }
        if let Some(note) = row.token.note.as_ref().filter(|note| !note.is_empty()) {
            let words = format!("  your note: {note}");
            page.hanging(2, &[(&words, plain)]);
        }
        return;
    }
    let facts = if short {
        row.token.key.short().to_string()
    } else {
        format!("{} {}", row.token.key.short(), row.token.begins)
    };
    // It may have been revoked all the same: the fresh list at the end tells.
    let unanswered = match &row.state {
        RowState::Failed(why) if matches!(stage, RevokeStage::Running(_)) => {
            Some(why).filter(|why| why.kind == FailureKind::Network)
        }
        _ => None,
    };
    let (word, tone) = match unanswered {
        Some(_) => ("not known", Tone::Plain),
        None => rows::state(&row.state),
    };
    let word = table::padded(&format!("{} {word}", sign(tone)), STATE);
    page.hanging(
        STATE,
        &[
            (&word, theme.tone(tone)),
            (row.token.label(), theme.title),
            ("  ", plain),
            (&facts, theme.dim),
        ],
    );
    if let Some(words) = in_detail(&row.state, theme) {
        let gap = " ".repeat(STATE);
        page.hanging(STATE, &[(&gap, plain), (&words, plain)]);
    }
    if let RowState::Failed(why) = &row.state {
        let gap = " ".repeat(STATE);
        let words = match unanswered {
            Some(why) => format!("{} Not known yet: a fresh list tells at the end.", why.what),
            None => why.to_string(),
        };
        page.hanging(STATE, &[(&gap, plain), (&words, plain)]);
    }
}

/// Where it lies on this machine, and whether that is sure: only then does something break here (promise P28).
fn local_users(token: &Token) -> Vec<(String, bool)> {
    let mut places: Vec<_> = token.found.iter().collect();
    places.sort_by_key(|found| std::cmp::Reverse((found.grade, found.in_use)));
    let words = |found: &Found| {
        let place = found.place.as_str();
        match (found.grade, found.in_use) {
            (Grade::Is, true) => {
                format!("! is {place}, in use now: it goes last, and you are signed out")
            }
            (Grade::Is, false) => format!("! is {place}: breaks here"),
            (Grade::LooksLike, true) => format!("looks like {place}, in use now: it goes last"),
            (Grade::LooksLike, false) => format!("looks like {place}"),
        }
    };
    places
        .into_iter()
        .map(|found| (words(found), found.grade == Grade::Is))
        .collect()
}

/// What there is to know besides the word for a state.
fn in_detail(state: &RowState, theme: &Theme) -> Option<String> {
    match state {
        RowState::StillAccepted { since, probed } => Some(format!(
            "Not revoked yet: still accepted since {}, probed {}.",
            words::clock(*since, theme),
            words::clock(*probed, theme)
        )),
        RowState::Gone(Unprobed::RefusedBefore) => {
            Some("Not tried out: its value was refused from here before, too.".to_owned())
        }
        RowState::Gone(Unprobed::NoAnswer) => {
            Some("Not tried out: the registry gave no answer that tells.".to_owned())
        }
        _ => None,
    }
}

/// What tells one token from another (promise P28).
fn facts(token: &Token, now: Timestamp) -> String {
    let used = match token.accessed {
        Some(at) => format!("used {}", words::ago(at.at(), now)),
        None if token.never.used => "never used".to_owned(),
        None => "last use not told".to_owned(),
    };
    format!(
        "{} {} · may {} · for {} · {used}",
        token.key.short(),
        token.begins,
        token.may(),
        table::what_for(token)
    )
}
