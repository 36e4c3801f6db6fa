//! The plan: what would be done, from what is known; nothing is sent for it.

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{View, answers, facts, names};
use crate::app::emergency::model::{elsewhere, interrupted};
use crate::app::emergency::stage_now;
use crate::app::model::{Load, RowState};
use crate::domain::identity::Standing;
use crate::domain::incident::{Incident, Stage, process_in_words};
use crate::domain::plan;
use crate::domain::token::Token;
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::{failure, table, words};

/// So many tokens of a class are named: what goes is to be seen. Step 4 lists them all.
const NAMED: usize = 100;
/// The cells of the badges.
const BADGE: usize = 14;
/// A name is no longer than this, and never shorter than the other.
const NAME: usize = 29;
const LEAST: usize = 9;
/// The blanks before it.
const INDENT: usize = 5;

pub(super) fn tell(page: &mut Page<'_>, view: &View<'_>) {
    let theme = view.theme;
    let model = view.model;
    if let Some(why) = &model.emergency.problem {
        failure(page, why, theme);
        page.gap();
    }
    let open = elsewhere(&model.unfinished);
    if let Some((incident, process)) = open {
        let text = format!(
            "! An emergency{} that began at {} is open in another npm-warden{}. Go on there, or close it first: then r finds it here.",
            of(incident),
            words::stamp(incident.began, theme),
            process_in_words(process),
        );
        page.say(text, theme.warning);
    }
    match interrupted(&model.unfinished) {
        Some((_, incident)) => left(page, incident, view),
        None if open.is_some() => {}
        None => page.say(
            "For stolen tokens, a machine that was broken into, a package that you did not publish. Nothing is sent before you begin.",
            theme.title,
        ),
    }
    if let Some(demo) = &model.demo {
        page.say(
            "! A rehearsal: it is the demo's own registry; nothing of yours is read or touched.",
            theme.warning,
        );
        page.explain(
            if demo.under_attack {
                "A thief is in this account. Who is it, and what has it made?"
            } else {
                "With --demo --under-attack there is a thief to be found."
            },
            Style::new(),
        );
    }
    answers(page, view, true);
    page.gap();
    goes(page, view);
    page.gap();
    stays(page, view);
    page.gap();
    out_of_reach(page, view);
    page.gap();
    page.say("Step by step", theme.title);
    for (index, stage) in Stage::ALL.into_iter().enumerate() {
        let head = format!("{index:>3}  ");
        page.hanging(5, &[(&head, theme.dim), (stage.plan(), Style::new())]);
    }
}

fn of(incident: &Incident) -> String {
    let whose = incident.account.as_ref();
    whose.map_or_else(String::new, |name| format!(" of {}", name.cut(24)))
}

/// One that was begun on this machine and not ended.
fn left(page: &mut Page<'_>, incident: &Incident, view: &View<'_>) {
    let theme = view.theme;
    let open = |state: &RowState| {
        matches!(
            state,
            RowState::Waiting
                | RowState::Sent
                | RowState::NotTried
                | RowState::Unknown(_)
                | RowState::Failed(_)
        )
    };
    let done = incident.rows.iter().filter(|row| !open(&row.state)).count();
    let whose = incident.account.as_ref();
    let whose = whose.map_or_else(String::new, |name| format!(" for {}", name.cut(24)));
    let tokens = match incident.rows.len() {
        0 => String::new(),
        rows => format!(
            " {done} of {} had gone.",
            words::count(rows, "token", "tokens")
        ),
    };
    let stage = Stage::ALL[stage_now(incident).min(Stage::ALL.len() - 1)];
    let text = format!(
        "! An emergency of {}{whose} was interrupted at step {}, {}.{tokens}",
        words::stamp(incident.began, theme),
        stage_now(incident),
        stage.short(),
    );
    page.say(text, theme.warning);
}

/// What goes, in its order.
fn goes(page: &mut Page<'_>, view: &View<'_>) {
    let (theme, plain) = (view.theme, Style::new());
    let list = &view.model.tokens.list;
    page.say("What would go, in this order", theme.title);
    let Some(tokens) = list.value().filter(|tokens| !tokens.is_empty()) else {
        let why = match list {
            Load::Ready(_) => "The list of tokens is empty; step 1 reads it again.".to_owned(),
            Load::Failed { why, .. } => {
                format!("The tokens are not known: {} Step 1 reads them.", why.what)
            }
            Load::Loading { .. } | Load::Partial { .. } => {
                "The tokens are being read; it can be begun meanwhile, and step 1 reads them again."
                    .to_owned()
            }
            Load::Empty => {
                "The tokens are not known before you sign in; step 1 reads them.".to_owned()
            }
        };
        page.say(format!("  {why}"), plain);
        return;
    };
    let now = view.model.now.wall;
    let by_key: std::collections::HashMap<_, &Token> =
        tokens.iter().map(|token| (&token.key, token)).collect();
    // What was kept then stays where that is gone on with.
    let left = interrupted(&view.model.unfinished).map(|(_, incident)| incident);
    let kept: std::collections::HashSet<_> = left
        .iter()
        .flat_map(|incident| incident.kept.iter().map(|token| &token.key))
        .collect();
    let goes = tokens.iter().filter(|token| !kept.contains(&token.key));
    for (number, (class, keys)) in plan::order(goes).into_iter().enumerate() {
        let head = format!("  {}. ", number + 1);
        let class = names::class(class, keys.len());
        page.hanging(5, &[(&head, theme.dim), (&class, theme.title)]);
        for token in keys.iter().take(NAMED).filter_map(|key| by_key.get(key)) {
            page.row(row(token, page.width(), now, theme));
        }
        if keys.len() > NAMED {
            let more = keys.len() - NAMED;
            page.say(
                format!("     and {more} more; step 4 lists them all"),
                theme.dim,
            );
        }
    }
    let stay = tokens.iter().filter(|token| kept.contains(&token.key));
    let stay: Vec<_> = stay.map(|token| token.quoted().to_string()).collect();
    if !stay.is_empty() {
        page.hanging(
            4,
            &[
                ("  · ", theme.dim),
                ("You chose to keep ", plain),
                (&stay.join(", "), plain),
                (": begun anew, it asks about them again.", plain),
            ],
        );
    }
    if let Load::Partial { done, .. } = list {
        page.say(
            format!("  {done} are read so far; step 1 reads them all again."),
            theme.dim,
        );
    }
}

/// A token that would go: its name, and what tells it from others of that name. The badge's column stays in every window
/// (promise P27), and what finds no room goes from the right.
fn row(token: &Token, width: usize, now: Timestamp, theme: &Theme) -> Line<'static> {
    let used = match token.accessed {
        Some(at) => format!("used {}", words::ago(at.at(), now)),
        None => "use not told".to_owned(),
    };
    let mut left = width.saturating_sub(INDENT + BADGE);
    let mut spans = vec![Span::raw(" ".repeat(INDENT))];
    let mut beside = Vec::new();
    for (cells, text) in [
        (9, token.key.short().to_string()),
        (12, facts::begins(token)),
        (18, used),
    ] {
        if left >= cells + LEAST {
            left -= cells;
            beside.push(Span::styled(table::padded(&text, cells - 1), theme.dim));
            beside.push(Span::raw(" "));
        }
    }
    spans.push(Span::raw(table::padded(token.label(), left.min(NAME) - 1)));
    spans.push(Span::raw(" "));
    spans.extend(beside);
    spans.push(Span::styled(names::badge(token), theme.badge));
    Line::from(spans)
}

fn stays(page: &mut Page<'_>, view: &View<'_>) {
    let (theme, plain) = (view.theme, Style::new());
    page.say("What stays", theme.title);
    for what in plan::STAYS {
        page.hanging(4, &[("  · ", theme.dim), (what, plain)]);
    }
    let machine = view.model.machine.machine.value();
    let copies = machine.map(|machine| machine.credentials.len());
    let here = match copies {
        Some(0) => "npm's configuration on this machine holds no credential.".to_owned(),
        Some(count) => format!(
            "{} on this machine, until step 6 asks you.",
            words::count(count, "credential", "credentials")
        ),
        None => "What lies on this machine is read by step 1, and stays until step 6 asks you."
            .to_owned(),
    };
    page.hanging(4, &[("  · ", theme.dim), (&here, plain)]);
    if let Some(address) = view
        .model
        .profile()
        .and_then(|profile| profile.field(crate::domain::account::ProfileField::Email))
    {
        page.explain(
            format!("  The address {address}; step 3 asks whether it is still yours."),
            plain,
        );
    }
    let credential = view.model.account.value();
    let credential = credential
        .filter(|account| account.standing != Standing::SignedOut)
        .and_then(|account| account.identity.credential.as_ref());
    if let Some(credential) = credential {
        let (place, kind) = (&credential.place, credential.kind.word());
        page.explain(
            format!("  The {kind} of {place} is in use now; where it is listed, it goes last."),
            plain,
        );
    }
}

/// What no step reaches (promise P32).
fn out_of_reach(page: &mut Page<'_>, view: &View<'_>) {
    let (theme, plain) = (view.theme, Style::new());
    page.say("What cannot be reached from here", theme.title);
    for what in plan::BEYOND {
        page.hanging(4, &[("  · ", theme.dim), (what, plain)]);
    }
}
