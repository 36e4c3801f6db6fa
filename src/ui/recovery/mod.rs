//! The recovery screen: which sets of recovery codes this machine knows of, and what is open above the list.

mod add;
mod form;
mod opened;
mod remove;
pub(super) mod set;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::page::Page;
use super::sheet::{self, Sheet};
use super::theme::Theme;
use super::tokens::split;
use super::{Heading, failure, footer, words};
use crate::app::Model;
use crate::app::model::{Load, SetPage};
use crate::app::recovery::{Listed, Worth, cursor, listed};
use crate::domain::identity::Standing;
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use set::{path_rows, place_word, proved, used, worth};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    match &model.recovery.page {
        None => list(model, theme, frame, inner),
        Some(SetPage::Form(page)) => form::draw(model, page, theme, frame, inner),
        Some(SetPage::Opened(page)) => opened::draw(model, page, theme, frame, inner),
        Some(SetPage::Proof(page)) => form::proof(model, page, theme, frame, inner),
        Some(SetPage::Remove(page)) => remove::draw(model, page, theme, frame, inner),
        Some(SetPage::Add(page)) => add::draw(model, page, theme, frame, inner),
        Some(SetPage::Left(left)) => remove::left(left, theme, frame, inner),
    }
}

/// Open codes stand on a page of their own.
pub(super) fn is_sheet(model: &Model) -> bool {
    matches!(&model.recovery.page, Some(SetPage::Opened(page)) if page.sheet.is_some())
}

/// That page: nothing around it but the keys.
pub(super) fn codes_sheet(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some(SetPage::Opened(opened)) = &model.recovery.page else {
        return;
    };
    let [page, keys] = split(area, area.height.saturating_sub(1));
    let sheet = Sheet {
        account: opened.set.account.as_str(),
        registry: opened.set.registry.as_str(),
        received: opened.set.received,
        codes: &opened.codes,
        used: &opened.used,
        demo: model.demo.is_some(),
    };
    sheet::draw(&sheet, theme, frame, page, opened.sheet.unwrap_or(0));
    footer::draw(model, theme, frame.buffer_mut(), keys);
}

fn list(model: &Model, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let screen = &model.recovery;
    let mut page = Page::new(inner.width).scrolls();
    if screen.read_only {
        page.say(
            "! The list can only be read: a newer npm-warden wrote it, or its folder takes no writing. Nothing is noted down here.",
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
    match (&screen.sets, screen.sets.value()) {
        (Load::Empty, _) => page.say("The list was not read yet. r reads it.", Style::new()),
        (Load::Loading { .. } | Load::Partial { .. }, None) => {
            page.say("Reading the list …", theme.dim);
        }
        (Load::Ready(_), Some(sets)) if sets.is_empty() => empty(&mut page, theme),
        _ => {}
    }
    let listed = listed(model);
    let cursor = cursor(model, &listed);
    for (index, one) in listed.iter().enumerate() {
        row(&mut page, one, index == cursor, theme);
    }
    if !listed.is_empty() {
        page.gap();
        page.explain(
            "Each code of a set that is in use signs in once in place of the authenticator. Keep a second copy away from this machine and away from the phone.",
            theme.dim,
        );
        if nobody(model) {
            page.explain(
                "Nobody is signed in, so which codes are still in use is not known.",
                theme.dim,
            );
        }
    }
    let right = (!listed.is_empty()).then(|| words::count(listed.len(), "set", "sets"));
    Heading {
        title: "Recovery codes".to_owned(),
        right: right.into_iter().collect(),
        hidden: page.draw(frame, inner, 0),
    }
}

fn nobody(model: &Model) -> bool {
    let standing = model.account.value().map(|account| &account.standing);
    standing.is_some_and(|standing| !matches!(standing, Standing::SignedIn(_)))
}

fn empty(page: &mut Page<'_>, theme: &Theme) {
    page.say("No recovery codes are known on this machine.", theme.title);
    page.gap();
    page.say(
        "They come here when two-factor authentication is enabled with this program (2 opens Security, e begins), or when you add codes that you got on the website: n.",
        Style::new(),
    );
    page.gap();
    page.explain(
        "A registry shows codes once; this program cannot read them again. Those that you got elsewhere are where you saved them then.",
        theme.dim,
    );
}

fn row(page: &mut Page<'_>, one: &Listed<'_>, chosen: bool, theme: &Theme) {
    let plain = Style::new();
    let set = one.set;
    if one.first {
        page.gap();
        let name = format!("{} @ {}", set.account, set.registry);
        let here = if one.here {
            " · the account in use here"
        } else {
            ""
        };
        page.hanging(2, &[(&name, theme.title), (here, theme.good)]);
    }
    page.focus_if(chosen);
    let facts = format!(
        "{} · {} · {}",
        words::date(set.received, theme),
        place_word(&set.place),
        used(set)
    );
    let (state, style) = match (one.worth, one.there) {
        (at, false) if at.may_serve() => ("✗ file missing", theme.bad),
        (at, _) => worth(set, at, theme),
    };
    let (proof, proof_style) = proved(set, theme);
    let unchecked = set::unchecked(set) && one.worth != Worth::Either;
    let proof = if one.worth.may_serve() && one.there && !unchecked {
        proof
    } else {
        ""
    };
    page.hanging(
        4,
        &[
            (if chosen { "▸ " } else { "  " }, theme.accent),
            (&facts, if chosen { theme.accent } else { plain }),
            (" · ", plain),
            (state, style),
            (if proof.is_empty() { "" } else { " · " }, plain),
            (proof, proof_style),
        ],
    );
    if chosen {
        details(page, one, theme);
    }
    page.focus_ends();
}

/// Of the chosen set: where it is, and what to know about it.
fn details(page: &mut Page<'_>, one: &Listed<'_>, theme: &Theme) {
    let plain = Style::new();
    match &one.set.place {
        Place::Myself => page.hanging(
            4,
            &[(
                "    copied by hand: they are where you put them, and not on this machine",
                theme.dim,
            )],
        ),
        Place::File(path) | Place::Vault(path) if one.there => {
            path_rows(page, "    ", path, (plain, plain));
        }
        Place::File(path) | Place::Vault(path) => {
            path_rows(page, "    ✗ missing: ", path, (theme.bad, theme.bad));
            page.hanging(
                4,
                &[("    The file was moved or removed. If you have no other copy, get new codes while you still have the authenticator.", plain)],
            );
        }
    }
    if one.worth.may_serve() && one.set.unplaced > 0 {
        let said = if one.set.place == Place::Myself {
            "    What was sent may be a code of these or of others: compare it with your copy."
        } else {
            "    Whether what was sent is a code of these shows when they are opened."
        };
        page.hanging(4, &[(said, plain)]);
    }
    let left = set::left(one.set);
    if one.worth.may_serve() && left < 3 && left < one.set.count {
        let said = match left {
            0 => "    ! All are used: get new codes while you still have the authenticator."
                .to_owned(),
            left => format!(
                "    ! {} left: get new ones while you still have the authenticator.",
                words::count(left, "code is", "codes are")
            ),
        };
        page.hanging(6, &[(&said, theme.warning)]);
    }
    let why = match one.worth {
        Worth::Replaced => {
            "Newer codes of this account are in the list: these do not work any more."
        }
        Worth::Renewed => {
            "The registry has made newer codes, which are not kept here: these do not work any more."
        }
        Worth::Pending => "A set-up was begun and not confirmed. Security (2) tells how to go on.",
        Worth::Either => {
            "Codes that you added may be these, older or newer ones: which of them the registry takes is not known here."
        }
        Worth::InUse | Worth::Newest | Worth::Off => return,
    };
    page.hanging(4, &[("    ", plain), (why, plain)]);
}

/// What names a set, for the head of its page.
fn name(account: &Text, registry: &Text) -> String {
    format!("{account} @ {registry}")
}
