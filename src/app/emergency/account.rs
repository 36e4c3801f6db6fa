//! Password, second factor and recovery codes: done by the forms and guides that are there anyway, and back.

use super::super::keymap::{self, Action};
use super::super::model::{Model, Screen};
use super::super::{Effect, act, exposure};
use super::answer::reply;
use super::model::{CareOf, Choice, Page};
use crate::domain::incident::{Ask, Care, Reply};
use crate::domain::tfa::Tfa;

/// One line each, and one to go on.
pub(super) fn choices() -> Vec<Choice> {
    let lines = CareOf::ALL.into_iter().map(Choice::Care);
    lines.chain([Choice::GoOn]).collect()
}

/// The question begins: what is known to be done is done.
pub(super) fn begin(model: &mut Model) {
    let screen = &mut model.emergency;
    if let Some(incident) = &screen.incident {
        let told = [
            incident.password,
            incident.second_factor,
            incident.recovery_codes,
        ];
        for (care, told) in screen.care.iter_mut().zip(told) {
            if *care == Care::Open {
                *care = told;
            }
        }
    }
    screen.cursor = next(screen.care);
}

/// The first line that is still open; the one that goes on when none is.
fn next(care: [Care; 3]) -> usize {
    let open = care.iter().position(|care| *care == Care::Open);
    open.unwrap_or(care.len())
}

/// How each stands goes out as the answer; what is still open was left out.
pub(super) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let said = |care: Care| match care {
        Care::Open => Care::LeftOut,
        said => said,
    };
    let [password, second_factor, recovery_codes] = model.emergency.care.map(said);
    let answer = Reply::Account {
        password,
        second_factor,
        recovery_codes,
    };
    reply(model, answer, effects);
}

/// Space: done elsewhere, left out, open again. What the registry confirmed stays.
pub(super) fn turn(model: &mut Model) {
    let screen = &mut model.emergency;
    if let Some(care) = screen.care.get_mut(screen.cursor) {
        *care = match *care {
            Care::Open => Care::Elsewhere,
            Care::Elsewhere => Care::LeftOut,
            Care::LeftOut => Care::Open,
            Care::Done => Care::Done,
        };
    }
}

/// What a line leads to.
pub fn way(model: &Model, what: CareOf) -> Action {
    let on = model
        .profile()
        .is_none_or(|profile| matches!(profile.tfa, Tfa::On(_) | Tfa::Unknown(_)));
    match what {
        CareOf::Password => Action::NewPassword,
        CareOf::SecondFactor if on => Action::NewPhone,
        CareOf::RecoveryCodes if on => Action::LostCodes,
        CareOf::SecondFactor | CareOf::RecoveryCodes => Action::EnableOrChange,
    }
}

/// Goes to the form or the guide; the emergency waits, and is come back to.
pub(super) fn go_to(model: &mut Model, what: CareOf, effects: &mut Vec<Effect>) {
    if model.emergency.ask() != Some(&Ask::Account) {
        return;
    }
    let action = way(model, what);
    if let Err(why) = keymap::enabled(model, action) {
        model.plain(&why.0);
        return;
    }
    exposure::hide_all(model);
    model.emergency.cursor = what.index();
    model.emergency.errand = Some(what);
    let screen = match what {
        CareOf::Password => Screen::Profile,
        CareOf::SecondFactor | CareOf::RecoveryCodes => Screen::Security,
    };
    act::go(model, screen);
    act::take(model, action, effects);
}

/// The password was changed here.
pub(in crate::app) fn password_changed(model: &mut Model) {
    done(model, CareOf::Password);
}

/// A second factor was set up here; as a rule recovery codes came with it.
pub(in crate::app) fn set_up(model: &mut Model, codes: bool) {
    done(model, CareOf::SecondFactor);
    if codes {
        done(model, CareOf::RecoveryCodes);
    }
}

fn done(model: &mut Model, what: CareOf) {
    if model.emergency.under_way() {
        model.emergency.care[what.index()] = Care::Done;
    }
}

/// Whatever the person went to is closed: back to where it was left.
pub(super) fn settle(model: &mut Model) {
    if model.emergency.errand.is_none() {
        return;
    }
    let guide = model.guide.as_ref();
    let open = model.profile.password.is_some()
        || model.wizard.is_some()
        || model.security.change.is_some()
        || model.signin.is_some()
        || model.created.is_some()
        || guide.is_some_and(|guide| guide.shown || guide.errand.is_some());
    if open {
        return;
    }
    model.emergency.errand = None;
    act::go(model, Screen::Emergency);
    if model.emergency.page() == Page::Account {
        model.emergency.follow = true;
        model.emergency.back_to_top();
        let here = model.emergency.cursor;
        if model.emergency.care.get(here) != Some(&Care::Open) {
            model.emergency.cursor = next(model.emergency.care);
        }
    }
}
