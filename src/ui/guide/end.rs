//! The last page of a guide: what was reached by the registry's own answer, and what is left to do.

use ratatui::style::Style;

use super::pages::{View, plain};
use super::parts;
use crate::app::model::{Choice, GuideStep as Step, Kind};
use crate::domain::tfa::Tfa;
use crate::ui::page::Page;
use crate::ui::words;

pub(super) fn tell(view: &View<'_>, page: &mut Page<'_>) {
    let another = view.guide.answer(Step::Another);
    match (view.guide.kind, another) {
        (Kind::LostDevice, Some(Choice::OldDevice)) => {
            if super::pages::right(view.guide) {
                page.say(
                    "✓ The registry took its code: you are not locked out.",
                    view.theme.good,
                );
            } else {
                plain(
                    page,
                    "· The registry took no code of it yet: whether it is right is not known.",
                );
            }
            plain(
                page,
                "Make a backup of that authenticator, or move it to another phone, before it is lost as well.",
            );
        }
        (Kind::LostDevice, Some(Choice::SecurityKey)) => {
            plain(
                page,
                "The key takes the place of the codes. Add a second one on the website, in case the first is lost.",
            );
        }
        (Kind::TwoEntries, _) => {}
        (Kind::NewPhone, _) => new_phone(view, page),
        (Kind::LostDevice, _) => {
            state(view, page);
            if on(view) {
                plain(
                    page,
                    "Left to do: delete the old entry from the app's backups, and have the lost device locked or wiped.",
                );
            }
        }
        (Kind::LostCodes, _) => {
            state(view, page);
            if view.guide.passed.contains(&Step::Keep) || view.guide.passed.contains(&Step::Saved) {
                plain(
                    page,
                    "The codes of before are of no use. Keep a second copy of the new ones away from this machine and from the phone.",
                );
            }
        }
        (Kind::Removal, _) => removal(view, page),
    }
}

fn on(view: &View<'_>) -> bool {
    matches!(
        view.model.profile().map(|profile| &profile.tfa),
        Some(Tfa::On(_))
    )
}

/// How the account stands, by the registry's last answer.
fn state(view: &View<'_>, page: &mut Page<'_>) {
    let Some(checked) = &view.guide.checked else {
        page.explain(
            "Nothing of the second factor was changed from here.",
            Style::new(),
        );
        return;
    };
    let said = format!(
        "checked {}: {}.",
        words::clock(checked.at, view.theme),
        parts::stands(&checked.tfa)
    );
    match checked.tfa {
        Tfa::On(_) => page.say(format!("✓ {said}"), view.theme.good),
        _ => page.say(format!("! {said}"), view.theme.warning),
    }
    if checked.tfa == Tfa::Off {
        view.warn(
            page,
            "The password alone opens the account. Security shows the way that is open.",
        );
    }
}

fn new_phone(view: &View<'_>, page: &mut Page<'_>) {
    match view.guide.answer(Step::Transfer) {
        Some(Choice::CannotMove) => state(view, page),
        _ if super::pages::right(view.guide) => {
            page.say(
                "✓ The registry took a code of the new phone.",
                view.theme.good,
            );
        }
        _ => {
            view.warn(
                page,
                "The registry took no code of the new phone yet: keep the old one until it has.",
            );
            return;
        }
    }
    if view.guide.answer(Step::Transfer) == Some(Choice::CannotMove) && !on(view) {
        return;
    }
    plain(
        page,
        "Left to do: make a backup of the new phone's authenticator; then delete the entry on the old phone, or wipe it.",
    );
}

fn removal(view: &View<'_>, page: &mut Page<'_>) {
    match &view.guide.checked {
        Some(checked) if checked.tfa == Tfa::Off => page.say(
            format!(
                "✓ checked {}: two-factor authentication is off, by the registry's own profile.",
                words::clock(checked.at, view.theme)
            ),
            view.theme.good,
        ),
        _ => state(view, page),
    }
    page.gap();
    plain(page, "Left to do:");
    plain(
        page,
        "· Delete its entry in the authenticator: it is of no use, and misleads you when 2FA is set up again.",
    );
    let sets = view.model.sets_of_account().len();
    let here = match sets {
        0 => "this machine knows of none.".to_owned(),
        n => format!(
            "this machine knows of {}; Recovery (4) removes what is here.",
            words::count(n, "set", "sets")
        ),
    };
    plain(
        page,
        &format!("· Throw its recovery codes away: they are of no use; {here}"),
    );
    plain(
        page,
        "· Look at your tokens (3): no code stands before what they may do now.",
    );
}
