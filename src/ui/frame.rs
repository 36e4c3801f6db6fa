//! What stands around every screen: who and where, the screens, the box, what just happened, the keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Widget as _};
use unicode_width::UnicodeWidthStr as _;

use super::page::Hidden;
use super::theme::{Theme, sign};
use super::words;
use super::wrap::{narrow, wrap};
use crate::app::Model;
use crate::app::emergency::model::interrupted;
use crate::app::emergency::reminder;
use crate::app::model::{Account, Load, Screen, Tone, WizardStep};
use crate::domain::identity::{Held, Standing};
use crate::domain::text::cut;
use crate::domain::tfa::Tfa;

/// Windows lower than this have no box, only its top line.
const BOX_FROM: u16 = 16;

/// Where things stand.
pub(super) struct Places {
    pub(super) header: Rect,
    pub(super) bar: Rect,
    pub(super) body: Rect,
    /// Inside the box.
    pub(super) inner: Rect,
    pub(super) demo: Option<Rect>,
    pub(super) notice: Rect,
    pub(super) footer: Rect,
}

/// Divides the window.
pub(super) fn places(model: &Model, area: Rect) -> Places {
    let notice_rows = notice_lines(model, area.width).clamp(1, 4);
    let demo_rows = u16::from(model.demo.is_some());
    let row = |y: u16, rows: u16| Rect::new(area.x, y, area.width, rows).intersection(area);
    let footer = row(area.bottom().saturating_sub(1), 1);
    let notice = row(footer.y.saturating_sub(notice_rows), notice_rows);
    let demo = row(notice.y.saturating_sub(demo_rows), demo_rows);
    let body = row(area.y + 2, demo.y.saturating_sub(area.y + 2));
    let inner = if body.height + 4 < BOX_FROM {
        Rect::new(
            body.x + 1,
            body.y + 1,
            body.width.saturating_sub(2),
            body.height.saturating_sub(1),
        )
    } else {
        Rect::new(
            body.x + 2,
            body.y + 1,
            body.width.saturating_sub(4),
            body.height.saturating_sub(2),
        )
    }
    .intersection(body);
    Places {
        header: row(area.y, 1),
        bar: row(area.y + 1, 1),
        body,
        inner,
        demo: model.demo.is_some().then_some(demo),
        notice,
        footer,
    }
}

/// Who, where, and how well protected.
pub(super) fn header(model: &Model, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let account = model.account.value();
    let (who, registry) = account.map_or_else(
        || (String::new(), String::new()),
        |account| (who(account), account.identity.registry.to_string()),
    );
    let at = |who: &str, registry: &str| match (who, registry) {
        ("", "") => {
            let to = model.registry.as_ref().map(|to| format!(" to {to}"));
            let to = to.unwrap_or_default();
            match model.account {
                Load::Failed { .. } => format!("not connected{to}"),
                _ => format!("connecting{to} …"),
            }
        }
        (who, registry) => format!("{who} @ {registry}"),
    };
    let (tfa, tfa_style) = match &model.wizard {
        // The codes came because 2FA is on; the profile is read anew at the end.
        Some(wizard) if wizard.codes.is_some() || wizard.step == WizardStep::Proof => {
            ("2FA on".to_owned(), theme.good)
        }
        _ => protection(account, theme),
    };
    let kind = account
        .and_then(|account| account.identity.credential.as_ref())
        .map_or("", |credential| match credential.held {
            Held::Session => "session",
            Held::File | Held::Environment | Held::Mixed | Held::Given => credential.kind.word(),
        });
    let brief = match account.map(|account| &account.standing) {
        Some(Standing::SignedIn(profile)) if matches!(profile.tfa, Tfa::On(_)) => "2FA on",
        _ => tfa.as_str(),
    };
    let right = |tfa: &str, kind: &str| match (tfa, kind) {
        ("", kind) => kind.to_owned(),
        (tfa, "") => tfa.to_owned(),
        (tfa, kind) => format!("{tfa} · {kind}"),
    };
    let demo = if model.demo.is_some() { "DEMO " } else { "" };
    let width = usize::from(area.width).saturating_sub(2);
    // What is plain goes to this machine alone, so that the scheme is worth least.
    let bare = registry
        .split_once("://")
        .map_or(&*registry, |(_, host)| host);
    let known = !registry.is_empty();
    let short = |cells: usize| at(&cut(&who, cells), bare);
    // What matters least goes first: the program's name, the kind of the credential, the scheme, the level, the end of
    // the name. The host stays as long as it can.
    let whole = at(&who, &registry);
    let all = [
        ("npm-warden  ", right(&tfa, kind), whole.clone()),
        ("", right(&tfa, kind), whole.clone()),
        ("", right(&tfa, ""), whole.clone()),
        ("", right(&tfa, ""), short(usize::MAX)),
        ("", right(brief, ""), short(usize::MAX)),
        ("", right(brief, ""), short(12)),
        ("", right(brief, ""), short(6)),
    ];
    let few = if known { all.len() } else { 3 };
    let fits = |(name, right, left): &&(&str, String, String)| {
        name.width() + demo.width() + left.width() + 2 + right.width() <= width
    };
    let (name, right, left) = match all[..few].iter().find(fits) {
        Some((name, right, left)) => (*name, right.clone(), left.clone()),
        None => ("", right(brief, ""), if known { short(6) } else { whole }),
    };
    let room = width.saturating_sub(name.width() + demo.width() + 2 + right.width());
    let left = cut(&left, room);
    let used = name.width() + demo.width() + left.width() + right.width();
    let (tfa_part, kind_part) = if right.len() > tfa.len() && right.starts_with(&tfa) {
        (tfa.clone(), right[tfa.len()..].to_owned())
    } else {
        (right, String::new())
    };
    let line = Line::from(vec![
        Span::raw(" "),
        Span::styled(name, theme.title),
        Span::styled(demo, theme.warning.patch(theme.title)),
        Span::raw(left),
        Span::raw(" ".repeat(width.saturating_sub(used))),
        Span::styled(tfa_part, tfa_style),
        Span::styled(kind_part, theme.dim),
    ]);
    buffer.set_line(area.x, area.y, &line, area.width);
}

fn who(account: &Account) -> String {
    match &account.standing {
        Standing::SignedIn(profile) => profile.name.cut(24),
        Standing::SignedOut => "signed out".to_owned(),
        Standing::Rejected(_) => "not accepted".to_owned(),
    }
}

fn protection(account: Option<&Account>, theme: &Theme) -> (String, Style) {
    match account.map(|account| &account.standing) {
        Some(Standing::SignedIn(profile)) => (
            format!("2FA {}", profile.tfa.word()),
            match profile.tfa {
                Tfa::On(_) => theme.good,
                Tfa::Off | Tfa::Pending(_) => theme.warning,
                Tfa::Unknown(_) => Style::new(),
            },
        ),
        _ => (String::new(), Style::new()),
    }
}

/// The screens with their keys.
pub(super) fn bar(model: &Model, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let count = |screen: Screen| match screen {
        Screen::Tokens => model.tokens.list.value().map(Vec::len),
        Screen::Recovery => model.recovery.sets.value().map(Vec::len).filter(|n| *n > 0),
        Screen::Profile | Screen::Security | Screen::Machine | Screen::Emergency => None,
    };
    let width = usize::from(area.width);
    let item = |screen: Screen, titles: bool, counts: bool| {
        let mut text = screen.key().to_string();
        if titles || screen == model.screen {
            text.push(' ');
            text.push_str(screen.title());
        }
        if let Some(count) = count(screen).filter(|_| counts) {
            text.push(' ');
            text.push_str(&count.to_string());
        }
        text
    };
    let layouts = [
        (" ", "  ", true, true),
        (" ", "  ", true, false),
        ("", " ", true, false),
        ("", " ", false, false),
    ];
    for (n, (lead, between, titles, counts)) in layouts.into_iter().enumerate() {
        let items: Vec<String> = Screen::ALL
            .into_iter()
            .map(|screen| item(screen, titles, counts))
            .collect();
        let used = lead.len()
            + items.iter().map(|item| item.width()).sum::<usize>()
            + between.len() * (items.len() - 1);
        if used > width && n + 1 < layouts.len() {
            continue;
        }
        let mut spans = vec![Span::raw(lead)];
        for (index, (screen, text)) in Screen::ALL.into_iter().zip(items).enumerate() {
            if index > 0 {
                spans.push(Span::raw(between));
            }
            let alarm = model.emergency.under_way() || interrupted(&model.unfinished).is_some();
            if screen == Screen::Emergency && alarm {
                let style = if screen == model.screen {
                    theme.bad.patch(theme.selected)
                } else {
                    theme.bad
                };
                spans.push(Span::styled(text, style));
            } else if screen == model.screen {
                spans.push(Span::styled(text, theme.accent.patch(theme.selected)));
            } else {
                let (key, rest) = text.split_at(1);
                spans.push(Span::styled(key.to_owned(), theme.key));
                spans.push(Span::raw(rest.to_owned()));
            }
        }
        buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
        return;
    }
}

/// The box around the body, or its top line alone where rows are scarce, with its title and what it counts.
pub(super) fn outline(
    theme: &Theme,
    buffer: &mut Buffer,
    places: &Places,
    title: &str,
    right: &[String],
    hidden: Hidden,
) {
    let body = places.body;
    let borders = if places.inner.bottom() < body.bottom() {
        Borders::ALL
    } else {
        Borders::TOP
    };
    Block::new()
        .borders(borders)
        .border_type(BorderType::Rounded)
        .border_style(theme.dim)
        .render(body, buffer);
    if body.height == 0 {
        return;
    }
    let room = usize::from(body.width).saturating_sub(4);
    let more = match (hidden.above, hidden.below) {
        (0, 0) => String::new(),
        (above, 0) => format!("↑ {above} more"),
        (0, below) => format!("↓ {below} more"),
        (above, below) => format!("↑ {above} ↓ {below} more"),
    };
    let mut parts: Vec<&str> = right.iter().map(String::as_str).collect();
    parts.push(&more);
    parts.retain(|part| !part.is_empty());
    let signs = match (hidden.above, hidden.below) {
        (0, 0) => "",
        (_, 0) => "↑",
        (0, _) => "↓",
        _ => "↑↓",
    };
    // That there is more is said whatever the title takes.
    let kept = if signs.is_empty() {
        0
    } else {
        signs.width() + 3
    };
    let title = format!(" {} ", cut(title, room.saturating_sub(2 + kept)));
    let right_room = room.saturating_sub(title.width() + 1);
    let too_wide = |parts: &[&str]| parts.join(" · ").width() + 2 > right_room;
    if too_wide(&parts) && !more.is_empty() {
        parts.pop();
        parts.push(signs);
    }
    while parts.len() > 1 && too_wide(&parts) {
        parts.remove(parts.len() - if more.is_empty() { 1 } else { 2 });
    }
    parts.retain(|part| part.width() + 2 <= right_room);
    buffer.set_stringn(body.x + 2, body.y, &title, room, theme.title);
    if !parts.is_empty() {
        let right = format!(" {} ", parts.join(" · "));
        let x = body.right().saturating_sub(2 + narrow(right.width()));
        buffer.set_stringn(x, body.y, &right, right_room, Style::new());
    }
}

fn notice_lines(model: &Model, width: u16) -> u16 {
    model.notice.as_ref().map_or(0, |notice| {
        narrow(notice_wrap(notice.text.as_str(), width, Style::new()).len())
    })
}

fn notice_wrap(text: &str, width: u16, style: Style) -> Vec<Line<'static>> {
    wrap(
        &[(text, style)],
        usize::from(width).saturating_sub(3 + 7),
        0,
    )
}

/// What just happened, and when.
pub(super) fn notice(model: &Model, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    if area.height == 0 {
        return;
    }
    if let Some(notice) = &model.notice {
        let style = theme.tone(notice.tone);
        buffer.set_stringn(area.x + 1, area.y, sign(notice.tone), 1, style);
        let lines = notice_wrap(notice.text.as_str(), area.width, style);
        for (y, line) in (area.y..area.bottom()).zip(&lines) {
            buffer.set_line(area.x + 3, y, line, area.width.saturating_sub(10));
        }
        if lines.len() > usize::from(area.height) {
            let x = area.right().saturating_sub(7);
            buffer.set_stringn(x, area.bottom() - 1, "…", 1, style);
        }
        let clock = words::clock(notice.at, theme);
        let x = area.right().saturating_sub(1 + narrow(clock.len()));
        buffer.set_stringn(x, area.y, clock, 5, theme.dim);
    } else if let Some([whole, short]) = reminder(model).filter(|_| !model.quitting) {
        let room = usize::from(area.width).saturating_sub(4);
        let text = if whole.width() <= room { whole } else { short };
        let text = cut(&text, room);
        buffer.set_string(
            area.x + 1,
            area.y,
            format!("! {text}"),
            theme.tone(Tone::Warning),
        );
    } else if model.quitting {
        let text = cut(
            "Leaving once the registry has answered. Ctrl-C leaves at once.",
            usize::from(area.width).saturating_sub(4),
        );
        buffer.set_string(
            area.x + 1,
            area.y,
            format!("! {text}"),
            theme.tone(Tone::Warning),
        );
    }
}
