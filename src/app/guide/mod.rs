//! Guides: numbered steps through trouble, each of which walks the real form and is checked with the registry.
//!
//! A guide holds answers and a place, nothing else: its steps follow from the answers and from what is known of the
//! registry, file by file. What it is in front of (a form, the wizard, a screen) it steps aside for, and comes back
//! by itself when that is closed.

mod lost_codes;
mod lost_device;
pub(super) mod model;
mod new_phone;
mod removal;
mod steps;
mod trial;
mod two_entries;
mod walk;

use super::keymap::Reason;
use super::model::{Load, Model, Screen, Tone};
use super::request::Purpose;
use super::{Effect, exposure};
use crate::domain::identity::Standing;
use crate::domain::tfa::{Refusal, Tfa};
use model::{Checked, Choice, Closing, Errand, Guide, Kind, Step, Trial};

pub use steps::{Gate, choices, gate, route, status};
pub(super) use trial::ended as code_checked;
pub(super) use walk::{back, check, go, next};
use walk::{enter, forward};

/// Opens a guide, or goes back to where it was left.
pub(super) fn open(model: &mut Model, kind: Kind) {
    exposure::hide_all(model);
    match &mut model.guide {
        Some(guide) if guide.kind == kind => come_back(guide),
        _ => model.guide = Some(fresh(model, kind)),
    }
}

fn fresh(model: &Model, kind: Kind) -> Guide {
    let at = match kind {
        Kind::LostDevice => Step::Another,
        Kind::LostCodes | Kind::NewPhone => Step::Hand,
        Kind::TwoEntries => Step::How,
        Kind::Removal => Step::TurnOff,
    };
    Guide {
        kind,
        at,
        answers: Vec::new(),
        cursor: 0,
        follow: false,
        scroll: 0,
        passed: Vec::new(),
        index: 0,
        shown: true,
        errand: None,
        owner: model.owner.clone(),
        registry: here(model),
        began: model.now.wall,
        checked: None,
        none_came: false,
        trial: Trial::default(),
    }
}

/// The guide to new recovery codes, for a set-up whose codes never came: the authenticator is at hand.
pub(super) fn fresh_codes(model: &mut Model, _: &mut Vec<Effect>) {
    exposure::hide_all(model);
    if model
        .wizard
        .as_ref()
        .is_some_and(|wizard| wizard.end.is_some() && wizard.codes.is_none())
    {
        model.wizard = None;
    }
    model.screen = Screen::Security;
    let mut guide = fresh(model, Kind::LostCodes);
    guide.none_came = true;
    guide.answers.push((Step::Hand, Choice::AtHand));
    model.guide = Some(guide);
    forward(model);
}

/// The form that turns 2FA off, as a guide: what follows from it is told at its end.
pub(super) fn removal(model: &mut Model) {
    let mut guide = fresh(model, Kind::Removal);
    guide.shown = false;
    guide.errand = Some(Errand::Change);
    model.guide = Some(guide);
}

/// Goes back to the guide that was put aside.
pub(super) fn back_to(model: &mut Model) {
    exposure::hide_all(model);
    if let Some(guide) = &mut model.guide {
        come_back(guide);
    }
}

fn come_back(guide: &mut Guide) {
    let from_screen = guide.errand == Some(Errand::Screen);
    guide.shown = true;
    guide.errand = None;
    guide.scroll = 0;
    guide.follow = false;
    // Looking is all there is to that step.
    if from_screen && guide.at == Step::Tokens {
        guide.answers.push((Step::Tokens, Choice::LeaveIt));
    }
}

/// Esc: the guide is put aside, or closed at its end.
pub(super) fn leave(model: &mut Model) {
    let Some(guide) = &mut model.guide else {
        return;
    };
    if ends(guide.at) {
        model.guide = None;
        return;
    }
    guide.shown = false;
    guide.errand = None;
    model.plain("The guide keeps your place: b goes back to it.");
}

/// The pages behind which nothing comes.
const fn ends(step: Step) -> bool {
    matches!(step, Step::End | Step::Support | Step::Delete)
}

/// The profile was read, or a write's own answer brought it: what a step reached is judged by that.
pub(super) fn profile_read(model: &mut Model) {
    let Some(tfa) = model.profile().map(|profile| profile.tfa.clone()) else {
        return;
    };
    let at = model.now.wall;
    if let Some(guide) = &mut model.guide {
        guide.checked = Some(Checked { at, tfa });
    }
}

/// After every step: what a guide stepped aside for may be over, another account may be there, and the route may
/// have changed under its place.
pub(super) fn settle(model: &mut Model) {
    if model.guide.is_none() || ended_by_another(model) {
        return;
    }
    trial::observe(model);
    let change_open = model.security.change.is_some();
    let over = match model.guide.as_ref().and_then(|guide| guide.errand) {
        Some(Errand::SignIn) => model.signin.is_none(),
        Some(Errand::Change) => !change_open,
        Some(Errand::Wizard) => model.wizard.is_none(),
        // Codes were to be kept, and they are.
        Some(Errand::Screen) => kept(model),
        None => false,
    };
    let off = model
        .profile()
        .is_some_and(|profile| profile.tfa == Tfa::Off);
    let busy = model.running(Purpose::Disable).is_some();
    let Some(guide) = &mut model.guide else {
        return;
    };
    if over {
        // The form that was left without a change leaves no guide behind.
        if guide.kind == Kind::Removal && !off && !busy {
            model.guide = None;
            return;
        }
        come_back(guide);
        if guide.kind == Kind::Removal && off {
            guide.passed.push(Step::TurnOff);
            enter(guide, Step::End, 1);
        }
    }
    let looked = |guide: &Guide| {
        guide.shown && guide.at == Step::Tokens && guide.answer(Step::Tokens).is_some()
    };
    if model.guide.as_ref().is_some_and(looked) {
        forward(model);
    }
    let route = route(model);
    let count = choices(model).len();
    let Some(guide) = &mut model.guide else {
        return;
    };
    if let Some(index) = route.iter().position(|step| *step == guide.at) {
        guide.index = index;
    } else {
        let index = guide.index.min(route.len().saturating_sub(1));
        if let Some(step) = route.get(index) {
            enter(guide, *step, index);
        }
    }
    guide.cursor = guide.cursor.min(count.saturating_sub(1));
}

/// The codes of the website were added on the recovery screen, and nothing is open there any more.
fn kept(model: &Model) -> bool {
    let keeps = |guide: &Guide| guide.at == Step::Keep && model.set_since(guide.began).is_some();
    model.guide.as_ref().is_some_and(keeps)
        && model.screen == Screen::Recovery
        && model.recovery.page.is_none()
}

/// A guide is about one account at one registry: another one ends it, with a sentence.
fn ended_by_another(model: &mut Model) -> bool {
    let here = here(model);
    let owner = model.owner.clone();
    let Some(guide) = &mut model.guide else {
        return true;
    };
    let why = match (&guide.owner, &owner, &guide.registry, &here) {
        (Some(was), Some(is), ..) if was != is => {
            format!(
                "The guide for {} has ended: {} is signed in now.",
                was.1, is.1
            )
        }
        (_, _, Some(was), Some(is)) if was != is => {
            format!("The guide has ended: it was about {was}, and {is} is asked now.")
        }
        _ => {
            guide.owner = guide.owner.take().or(owner);
            guide.registry = guide.registry.take().or(here);
            return false;
        }
    };
    model.guide = None;
    model.ended(Tone::Warning, why);
    true
}

/// The registry in use.
fn here(model: &Model) -> Option<crate::domain::text::Text> {
    let account = model.account.value();
    account
        .map(|a| a.identity.registry.clone())
        .or_else(|| model.registry.clone())
}

/// What is left where the registry said that it takes no set-up from here.
fn way_open(model: &Model) -> Option<&'static str> {
    match (model.closing(), model.website()) {
        (Closing::Said(_), Some(_)) => {
            Some("This registry takes no new set-up from here: add a security key on its website.")
        }
        (Closing::Said(Refusal::Closed(_)), None) => Some(
            "This registry takes no new set-up from here: enable it on its website, or ask whoever runs it.",
        ),
        (Closing::Said(Refusal::NotOffered(_)), None) => Some("This registry does not offer it."),
        _ => None,
    }
}

/// Why a guide cannot be opened now.
pub(super) fn enabled(model: &Model, kind: Kind) -> Result<(), Reason> {
    if model.guide.as_ref().is_some_and(|guide| guide.kind == kind) {
        return Ok(());
    }
    let signed_out =
        |account: &super::model::Account| !matches!(account.standing, Standing::SignedIn(_));
    let tfa = model.profile().map(|profile| &profile.tfa);
    match (tfa, way_open(model)) {
        (Some(Tfa::Off), Some(way)) => return Err(format!(
            "Two-factor authentication is off, so nothing of it can be lost. {way}"
        )
        .into()),
        (Some(Tfa::Pending(_)), Some(way)) => return Err(format!(
            "Two-factor authentication is half done, so nothing asks for a code yet. On Security, d clears it. {way}"
        )
        .into()),
        _ => {}
    }
    match (tfa, kind) {
        (Some(Tfa::Off), Kind::LostCodes) => Err(
            "Two-factor authentication is off, so there are no recovery codes that serve. On Security, e enables it and brings new ones."
                .into(),
        ),
        (Some(Tfa::Off), _) => Err(
            "Two-factor authentication is off, so no device is needed. On Security, e enables it."
                .into(),
        ),
        (Some(Tfa::Pending(_)), _) => Err(
            "Two-factor authentication is half done, so nothing asks for a code yet. On Security, e starts over and d clears it."
                .into(),
        ),
        (Some(Tfa::On(_) | Tfa::Unknown(_)), _)
        | (None, Kind::LostDevice | Kind::LostCodes) => Ok(()),
        (None, _) => match &model.account {
            Load::Failed { why, old: None } => Err(why.to_string().into()),
            load if load.value().is_some_and(signed_out) => {
                Err("Nobody is signed in. Sign in first.".into())
            }
            _ => Err("The account is not here yet.".into()),
        },
    }
}
