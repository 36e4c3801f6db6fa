//! The questions that stand on a page of their own.

use ratatui::style::Style;

use super::{View, facts};
use crate::app::emergency::model::Waits;
use crate::domain::failure::FailureKind;
use crate::domain::incident::{Ask, StageState};
use crate::domain::package::{PackageChange, PackageFacts, changes};
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::ui::page::Page;
use crate::ui::theme::sign;
use crate::ui::{failure, rows, words};

/// So many rows that are not well are named.
const NAMED: usize = 12;

/// A question with a few answers.
pub(super) fn tell(page: &mut Page<'_>, view: &View<'_>) {
    match &view.model.emergency.waits {
        Some(Waits::Ask(Ask::Suspect)) => suspect(page, view),
        Some(Waits::Ask(Ask::Email { address, verified })) => {
            email(page, view, address, *verified);
        }
        Some(Waits::Ask(Ask::Again { rows })) if rows.is_empty() => stopped(page, view),
        Some(Waits::Ask(Ask::Again { .. })) => again(page, view, &view.model.emergency.keys),
        Some(Waits::Ask(Ask::Unlisted(place))) => unlisted(page, view, place),
        Some(Waits::SignIn(asked)) => {
            page.say("The emergency waits for a sign-in.", view.theme.title);
            if let Some(problem) = &asked.problem {
                page.say(format!("! {problem}"), view.theme.warning);
            }
            if let Some(without) = &asked.without {
                page.say(without.as_str(), Style::new());
            }
        }
        _ => {}
    }
}

/// Step 0 (promise P32).
fn suspect(page: &mut Page<'_>, view: &View<'_>) {
    let plain = Style::new();
    page.say("May a thief be in this machine?", view.theme.title);
    page.say(
        "As when a package that was installed here was malicious, something unknown was run, or what leaked was on this machine alone.",
        plain,
    );
    page.gap();
    page.say(
        "! If so, isolate it first: take it off the network. Then do this on another machine.",
        view.theme.warning,
    );
    page.say(
        "A thief in this machine sees what you type here, and can undo it. One worm wiped the home folder when its stolen token was revoked: save what you need first.",
        plain,
    );
}

/// Step 3.
fn email(page: &mut Page<'_>, view: &View<'_>, address: &Text, verified: Option<bool>) {
    let (theme, plain) = (view.theme, Style::new());
    if address.is_empty() {
        page.say(
            "The registry does not tell the account's e-mail address. Is it still yours?",
            theme.title,
        );
    } else {
        page.say(
            "Is this address still yours, and do only you read it?",
            theme.title,
        );
        let proof = match verified {
            Some(true) => "  ✓ verified, by the registry",
            Some(false) => "  ! not verified, by the registry",
            None => "",
        };
        page.hanging(
            4,
            &[
                ("    ", plain),
                (address.as_str(), theme.accent),
                (proof, plain),
            ],
        );
        if let Some(host) = address.as_str().rsplit('@').next() {
            page.explain(
                format!(
                    "Read it letter by letter, {host} too: a thief picks one that looks alike."
                ),
                plain,
            );
        }
    }
    page.explain(
        "Who reads its mail can reset the password and gets codes that the registry mails.",
        plain,
    );
}

/// A step that did not come to its end: why.
fn stopped(page: &mut Page<'_>, view: &View<'_>) {
    let failed = view.incident().and_then(|incident| {
        let (step, state) = incident
            .stages
            .get(crate::app::emergency::stage_failed(incident)?)?;
        match state {
            StageState::Failed(_, why) => Some((step.title(), why)),
            _ => None,
        }
    });
    if let Some((title, why)) = failed {
        page.say(format!("{title}: this did not work."), view.theme.title);
        failure(page, why, view.theme);
    }
}

/// Step 5, when no list could be read.
fn unlisted(page: &mut Page<'_>, view: &View<'_>, place: &Text) {
    page.say(
        format!("{place} holds a credential that lives. End it at the registry?"),
        view.theme.title,
    );
    page.explain(
        "It stands in no list that was read; who took it can use it. Ending it signs npm out here. If you signed in anew just now, leave it.",
        Style::new(),
    );
}

/// Step 5, when not every row is well.
fn again(page: &mut Page<'_>, view: &View<'_>, keys: &[TokenKey]) {
    let theme = view.theme;
    let screen = &view.model.emergency;
    page.say(
        format!(
            "{} not gone yet:",
            if keys.len() == 1 {
                "1 token is".to_owned()
            } else {
                format!("{} tokens are", keys.len())
            }
        ),
        theme.title,
    );
    for (row, state) in keys.iter().take(NAMED).filter_map(|key| screen.row(key)) {
        super::work::row(page, row, state, view);
    }
    if keys.len() > NAMED {
        page.say(format!("and {} more", keys.len() - NAMED), theme.dim);
    }
    page.explain(
        "npm's own registry may take up to an hour until a revocation acts everywhere. What is accepted still is not called revoked.",
        Style::new(),
    );
}

/// Step 7.
pub(super) fn account(page: &mut Page<'_>, view: &View<'_>) {
    page.say(
        "What opens the account itself. Each line leads there, and back here.",
        view.theme.title,
    );
    // Promise P33.
    page.say(
        "! A new password ends no token, and may end no session: what had to go went in step 4.",
        view.theme.warning,
    );
    page.explain(
        "space marks a line: done elsewhere, left out, open. What is open when you go on is left out.",
        view.theme.dim,
    );
}

/// Step 8.
pub(super) fn packages(page: &mut Page<'_>, view: &View<'_>) {
    let (theme, plain) = (view.theme, Style::new());
    let now = view.model.now.wall;
    let Some(incident) = view.incident() else {
        return;
    };
    let snapshot = incident.snapshot.as_ref();
    let before = snapshot.map(|snapshot| &snapshot.packages);
    let (packages, of_before) = match incident.known_packages() {
        Some((Ok(packages), of_before)) => (packages, of_before),
        Some((Err(why), _)) => {
            page.say("The packages could not be read.", theme.title);
            failure(page, why, theme);
            page.say("Look at them on the registry's website.", plain);
            return;
        }
        None => (&[][..], false),
    };
    if let (true, Some(Err(why))) = (of_before, &incident.packages) {
        page.say(
            "! These are as they were when the emergency began. They could not be read again:",
            theme.warning,
        );
        let why = match why.kind {
            FailureKind::SignedOut => "Nobody is signed in by now. Sign in, and look at them then.",
            _ => why.what.as_str(),
        };
        page.hanging(2, &[("  ", plain), (why, plain)]);
    }
    if packages.is_empty() {
        page.say(
            "This account has no packages, as the registry tells.",
            theme.title,
        );
    } else {
        page.say("Do you know every owner, and every version?", theme.title);
    }
    if let (Some(Ok(before)), Some(Ok(after))) = (before, &incident.packages) {
        let different = changes(before, after);
        if !different.is_empty() {
            page.say("! Since the emergency began:", theme.warning);
        }
        for (name, changes) in different {
            for change in changes {
                let (name, change) = (name.cut(40), self::change(&change, view));
                page.hanging(
                    4,
                    &[
                        ("  · ", theme.warning),
                        (&name, theme.title),
                        (": ", plain),
                        (&change, plain),
                    ],
                );
            }
        }
        page.gap();
    }
    // What was published last comes first: a thief's version is new.
    let mut newest: Vec<&PackageFacts> = packages.iter().collect();
    newest.sort_by_key(|package| {
        let at = package.latest.as_ref().and_then(|(_, at)| *at);
        std::cmp::Reverse(at)
    });
    for package in newest {
        let name = package.name.cut(40);
        let access = format!("  {}", package.access);
        page.hanging(
            2,
            &[
                ("· ", theme.dim),
                (&name, theme.title),
                (&access, theme.dim),
            ],
        );
        page.hanging(
            4,
            &[("    ", plain), (&facts::package(package, now), plain)],
        );
        let fresh: Vec<String> = package
            .lately(now)
            .map(|(version, at)| format!("{version} {}", words::ago(*at, now)))
            .collect();
        if !fresh.is_empty() {
            let text = format!("! published lately: {}", fresh.join(", "));
            page.hanging(6, &[("    ", plain), (&text, theme.warning)]);
        }
    }
    page.gap();
    page.say(
        "An owner or a version that you do not know: remove it with npm owner rm, npm deprecate or npm unpublish, from a clean machine, and tell the registry's security people.",
        plain,
    );
    page.say(
        "Trusted publishers are not read by this: look at each package's settings on the website.",
        plain,
    );
    page.gap();
    page.explain("Enter goes on; s notes that you did not look.", theme.dim);
}

fn change(change: &PackageChange, view: &View<'_>) -> String {
    let now = view.model.now.wall;
    match change {
        PackageChange::Appeared => "the account did not have it".to_owned(),
        PackageChange::Gone => "the account has it no more".to_owned(),
        PackageChange::Version(version, at) => {
            format!("version {version} was published {}", words::ago(*at, now))
        }
        PackageChange::Latest(was, is) => format!("latest is {is}, it was {was}"),
        PackageChange::OwnerAdded(name) => format!("{name} is an owner now"),
        PackageChange::OwnerGone(name) => format!("{name} is no owner any more"),
        PackageChange::Access(was, is) => format!("your access is {is}, it was {was}"),
    }
}

/// A row's state as a sign and its words.
pub(super) fn state_words(
    state: &crate::app::model::RowState,
) -> (String, crate::app::model::Tone) {
    let (word, tone) = rows::state(state);
    (format!("{} {word}", sign(tone)), tone)
}
