//! The machine screen: what npm would read here, source by source, and what is open above that.

mod details;
mod pages;
mod phrases;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::page::Page;
use super::theme::Theme;
use super::{Heading, failure, words};
use crate::app::Model;
use crate::app::machine::model::{MachinePage, MachineScreen, Row};
use crate::app::model::Load;
use crate::domain::machine::{LocalCredential, Machine, Source, SourceState};
use phrases::{Said, form, probe, rank, warnings};

/// From so many columns on the chosen row's details stand beside the list.
const WIDE: u16 = 104;
/// What they get of it.
const PANE: u16 = 46;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let screen = &model.machine;
    match &screen.page {
        None => list(model, theme, frame, inner),
        Some(MachinePage::Details(scroll)) => {
            let mut page = Page::new(inner.width).scrolls();
            let title = details::tell(&mut page, model, theme);
            Heading {
                title,
                right: Vec::new(),
                hidden: page.draw(frame, inner, *scroll),
            }
        }
        Some(MachinePage::Consent(consent)) => pages::consent(consent, theme, frame, inner),
        Some(MachinePage::Name(form)) => pages::name(model, form, theme, frame, inner),
        Some(MachinePage::Fix(fix)) => pages::fix(fix, theme, frame, inner),
    }
}

fn list(model: &Model, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let screen = &model.machine;
    let rows = screen.rows();
    let wide = inner.width >= WIDE && !rows.is_empty();
    let place = Rect {
        width: inner.width - if wide { PANE + 3 } else { 0 },
        ..inner
    };
    let mut page = Page::new(place.width).scrolls();
    state(&mut page, model, theme);
    for (index, one) in rows.iter().enumerate() {
        row(&mut page, model, *one, index == screen.cursor, theme);
    }
    if let Some(machine) = screen.machine.value() {
        end(&mut page, model, machine, theme);
    }
    let hidden = page.draw(frame, place, 0);
    if wide {
        beside(model, theme, frame, inner, place.width);
    }
    Heading {
        title: "Machine".to_owned(),
        right: counts(screen),
        hidden,
    }
}

/// What is known of the chosen row, at the right.
fn beside(model: &Model, theme: &Theme, frame: &mut Frame<'_>, inner: Rect, used: u16) {
    for y in inner.top()..inner.bottom() {
        frame
            .buffer_mut()
            .set_string(inner.x + used + 1, y, "│", theme.dim);
    }
    let place = Rect {
        x: inner.x + used + 3,
        width: PANE,
        ..inner
    };
    let mut page = Page::new(place.width).scrolls();
    let title = details::tell(&mut page, model, theme);
    let mut whole = Page::new(place.width).scrolls();
    whole.say(title, theme.title);
    whole.gap();
    whole.beside(page, 0, Vec::new());
    whole.draw(frame, place, 0);
}

/// How the reading stands.
fn state(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    match &model.machine.machine {
        Load::Empty => page.say("What lies here was not read yet. r reads it.", Style::new()),
        Load::Loading { old: None, .. } | Load::Partial { .. } => {
            page.say("Looking at what npm would read here …", theme.dim);
        }
        Load::Loading { old: Some(_), .. } => page.say("Reading again …", theme.dim),
        Load::Failed { why, old } => {
            failure(page, why, theme);
            if old.is_some() {
                page.say(
                    "! What follows was read before and may be out of date.",
                    theme.warning,
                );
            }
            page.gap();
        }
        Load::Ready(_) => {}
    }
    if let Some(trying) = &model.machine.trying {
        let back = trying.ids.iter();
        let back = back.filter(|id| model.machine.probe(id).is_some()).count();
        page.say(
            format!(
                "Trying out: {back} of {} answered. Esc gives up.",
                trying.ids.len()
            ),
            theme.accent,
        );
        page.gap();
    }
}

/// What is said below the rows.
fn end(page: &mut Page<'_>, model: &Model, machine: &Machine, theme: &Theme) {
    page.gap();
    if model.demo.is_some() {
        page.say(
            "The demo reads no file and no variable of this machine, so there is nothing to mend here. Started without --demo, this page shows each place that npm reads, and what lies there.",
            Style::new(),
        );
        return;
    }
    if machine.credentials.is_empty() {
        page.say(
            "There is no credential in them: npm is signed in nowhere here.",
            theme.title,
        );
    } else {
        page.explain(
            "The first source that has a credential for a registry wins. Nothing is sent from here before you press t or T and say yes.",
            theme.dim,
        );
    }
}

fn counts(screen: &MachineScreen) -> Vec<String> {
    let Some(machine) = screen.machine.value() else {
        return Vec::new();
    };
    let mut counts = vec![words::count(
        machine.credentials.len(),
        "credential",
        "credentials",
    )];
    let read = |source: &&Source| matches!(source.state, SourceState::Read(_));
    let read = machine.sources.iter().filter(read).count();
    counts.push(words::count(read, "source read", "sources read"));
    let unwell = machine.problems.len()
        + machine
            .sources
            .iter()
            .map(|source| warnings(screen, source).len())
            .sum::<usize>();
    // What is out of sight when the list is long.
    if matches!(screen.machine, Load::Failed { .. }) {
        counts.insert(0, "! out of date".to_owned());
    } else if let Some(trying) = &screen.trying {
        let back = trying.ids.iter().filter(|id| screen.probe(id).is_some());
        counts.insert(0, format!("tried {} of {}", back.count(), trying.ids.len()));
    } else if unwell > 0 {
        counts.insert(1, words::count(unwell, "problem", "problems"));
    }
    counts
}

fn row(page: &mut Page<'_>, model: &Model, row: Row<'_>, chosen: bool, theme: &Theme) {
    let mark = (if chosen { "▸ " } else { "  " }, theme.accent);
    match row {
        Row::Problem(problem) => {
            page.focus_if(chosen);
            page.hanging(
                4,
                &[
                    mark,
                    ("! ", theme.warning),
                    (problem.as_str(), theme.warning),
                ],
            );
        }
        Row::Source(source) => {
            page.gap();
            page.focus_if(chosen);
            source_row(page, model, source, (mark, chosen), theme);
        }
        Row::Credential(local) => {
            page.focus_if(chosen);
            credential_row(page, model, local, (mark, chosen), theme);
        }
    }
    page.focus_ends();
}

type Mark<'a> = ((&'a str, Style), bool);

fn source_row(
    page: &mut Page<'_>,
    model: &Model,
    source: &Source,
    (mark, chosen): Mark<'_>,
    theme: &Theme,
) {
    let plain = Style::new();
    let name = match &source.path {
        Some(_) => format!("{:<12}{}", source.kind.word(), source.shown),
        None => format!("{:<12}variables", source.kind.word()),
    };
    let (facts, style) = match &source.state {
        SourceState::Absent => ("no such file".to_owned(), theme.dim),
        SourceState::Unreadable(_) => ("✗ cannot be read".to_owned(), theme.bad),
        SourceState::BrokenLink { to, .. } => {
            (format!("✗ leads nowhere → {}", to.quoted(120)), theme.bad)
        }
        SourceState::Read(facts) => (phrases::facts(facts), theme.dim),
    };
    let between = if facts.is_empty() { "" } else { "  " };
    page.hanging(
        14,
        &[
            mark,
            (&name, if chosen { theme.accent } else { theme.title }),
            (between, plain),
            (&facts, style),
        ],
    );
    if let SourceState::Unreadable(why) | SourceState::BrokenLink { why, .. } = &source.state {
        page.hanging(6, &[("    ✗ ", theme.bad), (why.what.as_str(), theme.bad)]);
    }
    for warning in warnings(&model.machine, source) {
        page.hanging(6, &[("    ! ", theme.warning), (&warning, theme.warning)]);
    }
}

fn credential_row(
    page: &mut Page<'_>,
    model: &Model,
    local: &LocalCredential,
    (mark, chosen): Mark<'_>,
    theme: &Theme,
) {
    let plain = Style::new();
    let place = match local.id.line {
        0 => local.place.to_string(),
        line => format!("line {line}"),
    };
    let scope = match local.serves() {
        scope if !local.scope.is_empty() => scope.to_owned(),
        other => format!("for {other}"),
    };
    let facts = format!(
        "{place} · {scope} · {} · {}",
        local.kind.word(),
        form(local)
    );
    let (said, style) = rank(local, theme);
    page.hanging(
        6,
        &[
            ("  ", plain),
            mark,
            (&facts, if chosen { theme.accent } else { plain }),
            (" · ", plain),
            (said, style),
        ],
    );
    let said = phrases::more(local, theme).into_iter().chain(probe(
        &model.machine,
        &local.id,
        model.now.wall,
        theme,
    ));
    for Said { text, style } in said {
        page.hanging(8, &[("      ", plain), (&text, style)]);
    }
}
