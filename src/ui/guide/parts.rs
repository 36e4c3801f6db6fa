//! What several pages of the guides say.

use std::fmt::Write as _;

use ratatui::style::Style;

use crate::app::Model;
use crate::app::guide::{choices, status};
use crate::app::model::{Closing, Guide, GuideStep as Step, Status};
use crate::domain::policy::{CLOSED_SINCE, CLOSING_ANNOUNCED};
use crate::domain::recovery::{Place, RecoverySet};
use crate::domain::text::Text;
use crate::domain::tfa::{Refusal, Tfa};
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::words;

/// The registry, for a person to recognise.
pub(super) fn registry(model: &Model) -> &str {
    let account = model.account.value().map(|a| &a.identity.registry);
    account
        .or(model.registry.as_ref())
        .map_or("the registry", |name| name.as_str())
}

/// How the second factor stands, in words.
pub(super) fn stands(tfa: &Tfa) -> String {
    match tfa {
        Tfa::Off => "two-factor authentication is off".to_owned(),
        Tfa::On(level) => format!("two-factor authentication is on: {}", level.word()),
        Tfa::Pending(_) => "a set-up is half done, so nothing protects the account".to_owned(),
        Tfa::Unknown(_) => "it does not tell how two-factor authentication stands".to_owned(),
    }
}

/// What the registry said when it was asked last, and whether that is what the step is for.
pub(super) fn outcome(page: &mut Page<'_>, model: &Model, guide: &Guide, theme: &Theme) {
    let Some(status) = status(model) else {
        return;
    };
    page.gap();
    match status {
        Status::Met(at) => {
            let tfa = guide.checked.as_ref().map(|checked| stands(&checked.tfa));
            let said = tfa.unwrap_or_default();
            page.say(
                format!("✓ checked {}: {said}.", words::clock(at, theme)),
                theme.good,
            );
        }
        Status::Doing => page.say("The registry is at it …", theme.dim),
        Status::Unchecked => page.say(
            "! The registry took it, and its profile could not be read since: Enter reads it.",
            theme.warning,
        ),
        Status::Todo => {
            if let Some(checked) = &guide.checked {
                let at = words::clock(checked.at, theme);
                page.say(
                    format!("· checked {at}: {}.", stands(&checked.tfa)),
                    Style::new(),
                );
            }
        }
    }
}

/// Why it may not be possible to turn it on again from here; nothing where nothing speaks for that.
pub(super) fn closing(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    if let Some(why) = closing_words(model.closing()) {
        page.say(format!("! {why}"), theme.warning);
    }
}

/// The same as words.
pub(in crate::ui) fn closing_words(closing: Closing<'_>) -> Option<String> {
    let said = match closing {
        Closing::NotKnown => return None,
        Closing::Announced => {
            return Some(format!(
                "npm announced on {CLOSING_ANNOUNCED} that it takes no new authenticator apps from {CLOSED_SINCE} on: turned off, 2FA can probably not be turned on again from here."
            ));
        }
        Closing::Said(Refusal::Closed(said) | Refusal::NotOffered(said)) => said,
    };
    let words = if said.is_empty() {
        String::new()
    } else {
        format!("; it says: {}", said.quoted(300))
    };
    Some(format!(
        "This registry takes no new set-up from a program{words}. Turned off, 2FA cannot be turned on again from here."
    ))
}

/// What may follow from turning it off where nothing is known of new set-ups; the last one that was taken where this
/// machine knows of one. Codes that came from elsewhere tell nothing of that.
pub(super) fn not_known(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    if model.closing() != Closing::NotKnown {
        return;
    }
    let known = model.recovery.sets.value().into_iter().flatten();
    let taken = known.filter(|(set, _)| set.registry.as_str() == registry(model) && !set.added);
    match taken.map(|(set, _)| set.received).max() {
        Some(at) => page.say(
            format!(
                "Should this registry take no new set-up, 2FA would stay off. It took one on {}, by the codes that this machine knows of.",
                words::date(at, theme)
            ),
            Style::new(),
        ),
        None => page.say(
            format!(
                "! Whether this registry takes a new set-up is not known, and cannot be found out beforehand. Some take none any more: npm's own since {CLOSED_SINCE}. Then 2FA stays off, and the password alone opens the account. If you are unsure, ask whoever runs it first."
            ),
            theme.warning,
        ),
    }
}

/// The sets of this account's codes that this machine knows of.
pub(super) fn sets(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    let sets = model.sets_at_hand();
    if sets.is_empty() {
        page.say(
            "This machine knows of none. Look where you saved them when 2FA was enabled: a password manager, a printout, a file.",
            Style::new(),
        );
        return;
    }
    page.say("This machine knows of:", Style::new());
    for found in sets {
        let readable = found.there && found.set.place != Place::Myself;
        one(page, found.set, readable, theme);
    }
}

fn one(page: &mut Page<'_>, set: &RecoverySet, readable: bool, theme: &Theme) {
    let mut facts = format!(
        "· {} from {}",
        set.how_many(),
        words::stamp(set.received, theme)
    );
    let sure = set.used.iter().filter(|code| code.sure).count();
    if sure > 0 {
        let _ = write!(facts, ", {sure} used");
    }
    if set.used.len() > sure {
        let _ = write!(facts, ", {} perhaps used", set.used.len() - sure);
    }
    match set.unplaced {
        0 => {}
        1 => facts.push_str(", a code that was sent may be of them"),
        many => {
            let _ = write!(facts, ", {many} codes that were sent may be of them");
        }
    }
    let place = match &set.place {
        Place::Myself => ", copied by hand: where you put them then".to_owned(),
        Place::File(path) | Place::Vault(path) => {
            let path = Text::new(&path.to_string_lossy());
            let kind = if matches!(set.place, Place::Vault(_)) {
                "encrypted, "
            } else {
                ""
            };
            if readable {
                format!(", {kind}in {path}")
            } else {
                format!(", in {path}, which is not there any more")
            }
        }
    };
    facts.push_str(&place);
    page.say(facts, if readable { Style::new() } else { theme.dim });
}

/// What Enter does, and the ways out.
pub(super) fn keys(page: &mut Page<'_>, model: &Model, guide: &Guide, theme: &Theme) {
    let reached = matches!(status(model), Some(Status::Met(_)));
    if status(model) == Some(Status::Doing) {
        return;
    }
    let enter = match guide.at {
        _ if !choices(model).is_empty() => "Enter takes the marked answer.",
        Step::TurnOff | Step::TurnOn | Step::Website if reached => "Enter goes on.",
        Step::TurnOff => "Enter opens the form.",
        Step::TurnOn => "Enter opens the wizard.",
        Step::TryCode if super::pages::right(guide) => "Enter goes on.",
        Step::TryCode => "Enter lets the registry ask for the code.",
        Step::Support | Step::Delete | Step::End => "Enter closes the guide.",
        _ => "Enter goes on.",
    };
    page.say(enter, Style::new());
    if !matches!(guide.at, Step::Support | Step::Delete | Step::End) {
        page.explain(
            "← goes one step back. Esc leaves, and the guide keeps your place.",
            theme.dim,
        );
    }
}

/// Security keys in two sentences.
pub(in crate::ui) fn security_keys(page: &mut Page<'_>, style: Style) {
    page.explain(
        "A security key is a small device, or the phone or computer itself, unlocked by fingerprint, face or PIN. It answers only to the website that it was made for, so there is no code that a false page could take.",
        style,
    );
}
