//! The recovery screen: which sets of recovery codes this machine knows of.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::page::Page;
use super::theme::Theme;
use super::{Heading, failure, words};
use crate::app::Model;
use crate::app::model::Load;
use crate::domain::identity::Standing;
use crate::domain::recovery::{Place, RecoverySet};
use crate::domain::tfa::Tfa;

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let screen = &model.recovery;
    let mut page = Page::new(inner.width).scrolls();
    if screen.read_only {
        page.say(
            "! Another npm-warden is running: this one only reads, and nothing can be added here.",
            theme.warning,
        );
        page.gap();
    }
    if let Load::Failed { why, old } = &screen.sets {
        failure(&mut page, why, theme);
        if old.is_some() {
            page.say(
                "! The list was read before and may be out of date.",
                theme.warning,
            );
        }
        page.gap();
    }
    let sets = screen.sets.value();
    match (&screen.sets, sets) {
        (Load::Empty, _) => page.say("The list was not read yet. r reads it.", Style::new()),
        (Load::Loading { .. } | Load::Partial { .. }, None) => {
            page.say("Reading the list …", theme.dim);
        }
        (Load::Ready(_), Some(sets)) if sets.is_empty() => empty(&mut page, theme),
        _ => {}
    }
    for (index, (set, there)) in sets.into_iter().flatten().enumerate() {
        let spent = spent(model, sets.into_iter().flatten().map(|(set, _)| set), set);
        one(&mut page, set, *there, spent, index == screen.cursor, theme);
    }
    if sets.is_some_and(|sets| !sets.is_empty()) {
        page.gap();
        page.explain(
            "Each code of a set that is in use signs in once in place of the authenticator. Keep a second copy away from this machine and away from the phone.",
            theme.dim,
        );
    }
    let right = sets
        .filter(|sets| !sets.is_empty())
        .map(|sets| words::count(sets.len(), "set", "sets"));
    Heading {
        title: "Recovery codes".to_owned(),
        right: right.into_iter().collect(),
        hidden: page.draw(frame, inner, 0),
    }
}

fn empty(page: &mut Page<'_>, theme: &Theme) {
    page.say("No recovery codes are known on this machine.", theme.title);
    page.gap();
    page.say(
        "They come here when two-factor authentication is enabled with this program: 2 opens Security, e begins.",
        Style::new(),
    );
    page.gap();
    page.explain(
        "Codes that you got elsewhere are not lost: they are where you saved them then. A registry shows codes once; this program cannot read them again.",
        theme.dim,
    );
}

/// Why a set is of no use any more, as far as is known here.
fn spent<'a>(
    model: &Model,
    mut all: impl Iterator<Item = &'a RecoverySet>,
    set: &RecoverySet,
) -> Option<&'static str> {
    let same = |other: &RecoverySet| other.account == set.account && other.registry == set.registry;
    if all.any(|other| same(other) && other.received > set.received) {
        return Some("! replaced by newer codes: of no use any more");
    }
    let account = model.account.value()?;
    let Standing::SignedIn(profile) = &account.standing else {
        return None;
    };
    let here = profile.name == set.account && account.identity.registry == set.registry;
    (here && profile.tfa == Tfa::Off)
        .then_some("! of no use any more: two-factor authentication is off")
}

fn one(
    page: &mut Page<'_>,
    set: &RecoverySet,
    on_disk: bool,
    spent: Option<&str>,
    chosen: bool,
    theme: &Theme,
) {
    let plain = Style::new();
    page.focus_if(chosen);
    let name = format!("{} @ {}", set.account, set.registry);
    page.hanging(
        2,
        &[
            (if chosen { "▸ " } else { "  " }, theme.accent),
            (&name, if chosen { theme.accent } else { theme.title }),
        ],
    );
    let mut facts = format!(
        "    {} from {}",
        words::count(set.count, "code", "codes"),
        words::stamp(set.received, theme)
    );
    facts.push_str(" · ");
    let (proof, style) = if let Some(why) = spent {
        (why, theme.warning)
    } else if set.proved {
        ("✓ proved to be saved", theme.good)
    } else {
        ("! never proved to be saved", theme.warning)
    };
    page.hanging(4, &[(&facts, plain), (proof, style)]);
    match &set.place {
        Place::File(path) | Place::Vault(path) => {
            let path = path.to_string_lossy();
            let path = crate::domain::text::Text::new(&path);
            if on_disk {
                page.hanging(4, &[("    in ", theme.dim), (path.as_str(), plain)]);
            } else {
                page.hanging(
                    4,
                    &[("    ✗ missing: ", theme.bad), (path.as_str(), theme.bad)],
                );
                page.hanging(
                    4,
                    &[("    The file was moved or removed. If you have no other copy, get new codes while you still have the authenticator.", plain)],
                );
            }
        }
        Place::Myself => page.hanging(
            4,
            &[("    copied by hand; not kept on this machine", theme.dim)],
        ),
    }
    page.focus_ends();
    page.gap();
}
