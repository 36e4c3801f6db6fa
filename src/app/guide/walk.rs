//! Walking a guide: answers, real forms, the next step and the one before.

use super::super::keymap::{self, Action, Move};
use super::super::model::{Model, Screen};
use super::super::scroll::moved;
use super::super::{Effect, account, act, security, signin};
use super::model::{Choice, Errand, Guide, Kind, Status, Step};
use super::steps::{self, Gate, choices, gate, route, status};
use super::{ends, fresh, fresh_codes, trial};
use crate::backend::protocol::Asking;

/// About how many lines a page has.
const LINES: usize = 44;

/// Moves through the answers, or scrolls where there are none.
pub(in super::super) fn go(model: &mut Model, step: Move) {
    let count = choices(model).len();
    let page = model.list_rows();
    let last = model.text_end(LINES);
    let Some(guide) = &mut model.guide else {
        return;
    };
    if count > 0 && matches!(step, Move::Up | Move::Down) {
        // From above the answers the first key leads to them.
        if guide.follow || guide.scroll == 0 {
            guide.cursor = moved(guide.cursor, step, count, count - 1);
        }
        guide.follow = true;
        guide.scroll = 0;
    } else {
        guide.follow = false;
        guide.scroll = moved(guide.scroll, step, page, last);
    }
}

/// Enter: takes the answer, walks the step, or goes on from one that is done.
pub(in super::super) fn next(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(guide) = &model.guide else {
        return;
    };
    let at = guide.at;
    let chosen = choices(model).get(guide.cursor).copied();
    match gate(model) {
        Some(Gate::Asking) => {
            return model.plain("One moment: the registry is being asked who you are.");
        }
        Some(Gate::NoAnswer(_)) => return account::read(model, Asking::Allowed, effects),
        Some(Gate::SignedOut) => return sign_in(model),
        None => {}
    }
    match (status(model), at) {
        (Some(Status::Doing), _) => model.plain("One moment: the registry is at it."),
        (Some(Status::Unchecked), Step::TurnOff | Step::TurnOn) => check(model, effects),
        (Some(Status::Todo), Step::TurnOff) => turn_off(model),
        (Some(Status::Todo), Step::TurnOn) => turn_on(model, effects),
        (Some(Status::Met(_)), _) => {
            if let Some(guide) = &mut model.guide {
                guide.passed.push(at);
            }
            forward(model);
        }
        (_, Step::TryCode) => try_code(model, chosen, effects),
        _ => match chosen {
            Some(choice) => answer(model, choice, effects),
            None if ends(at) => model.guide = None,
            None => {
                if let Some(guide) = &mut model.guide {
                    guide.answers.push((at, Choice::GoOn));
                }
                forward(model);
            }
        },
    }
}

fn try_code(model: &mut Model, chosen: Option<Choice>, effects: &mut Vec<Effect>) {
    let Some(guide) = &model.guide else {
        return;
    };
    let right = steps::code_was_right(guide);
    match chosen {
        _ if right => {
            if let Some(guide) = &mut model.guide {
                guide.passed.push(Step::TryCode);
            }
            forward(model);
        }
        Some(choice @ (Choice::Upper | Choice::Lower)) => {
            trial::start(model, Some(choice), effects);
        }
        Some(Choice::TryAgain) | None => trial::start(model, None, effects),
        Some(choice) => answer(model, choice, effects),
    }
}

/// An answer was taken: it leads on, elsewhere, or to another guide.
fn answer(model: &mut Model, choice: Choice, effects: &mut Vec<Effect>) {
    let Some(guide) = &mut model.guide else {
        return;
    };
    let at = guide.at;
    match (guide.kind, at, choice) {
        (_, Step::Keep, Choice::SeeSets) => {
            see(model, Screen::Recovery);
            return act::take(model, Action::AddSet, effects);
        }
        (_, _, Choice::SeeSets) => return see(model, Screen::Recovery),
        (_, _, Choice::SeeTokens) => return see(model, Screen::Tokens),
        (_, _, Choice::Fresh) => return fresh_codes(model, effects),
        (Kind::LostDevice, Step::End, Choice::GoOn) => {
            return instead(model, Kind::NewPhone, Step::Hand, Choice::AtHand);
        }
        (Kind::LostDevice, Step::End, _) => {
            model.guide = None;
            return;
        }
        (Kind::TwoEntries, Step::TryCode, Choice::Neither) => {
            return other(model, Kind::LostDevice);
        }
        (Kind::NewPhone, Step::Hand, Choice::NotAtHand) => return other(model, Kind::LostDevice),
        (Kind::LostCodes, Step::Sets, Choice::HaveCode) => {
            return instead(model, Kind::LostDevice, Step::Another, Choice::Nothing);
        }
        _ => {}
    }
    guide.answers.retain(|(step, _)| *step != at);
    guide.answers.push((at, choice));
    forward(model);
}

/// Another guide fits better.
fn other(model: &mut Model, kind: Kind) {
    model.guide = Some(fresh(model, kind));
}

/// The same, with its first question answered already.
fn instead(model: &mut Model, kind: Kind, step: Step, choice: Choice) {
    other(model, kind);
    if let Some(guide) = &mut model.guide {
        guide.answers.push((step, choice));
    }
    forward(model);
}

/// On to the next step of the route.
pub(super) fn forward(model: &mut Model) {
    let route = route(model);
    let Some(guide) = &mut model.guide else {
        return;
    };
    let here = route.iter().position(|step| *step == guide.at);
    let next = here.map_or(guide.index, |here| here + 1);
    let next = next.min(route.len().saturating_sub(1));
    if let Some(step) = route.get(next) {
        enter(guide, *step, next);
    }
}

pub(super) fn enter(guide: &mut Guide, step: Step, index: usize) {
    guide.at = step;
    guide.index = index;
    guide.cursor = 0;
    guide.follow = false;
    guide.scroll = 0;
}

/// One step back; what changed something is not gone back behind.
pub(in super::super) fn back(model: &mut Model) {
    let route = route(model);
    let Some(guide) = &mut model.guide else {
        return;
    };
    let here = route.iter().position(|step| *step == guide.at);
    let before = here
        .and_then(|here| here.checked_sub(1))
        .map(|to| (to, route[to]));
    match before {
        None => model.plain("This is the first step. Esc leaves the guide."),
        Some((_, step @ (Step::TurnOff | Step::TurnOn))) if guide.passed.contains(&step) => {
            model.plain("What is done stays done: there is no way back before it.");
        }
        Some((to, step)) => {
            guide.answers.retain(|(of, _)| *of != step);
            enter(guide, step, to);
        }
    }
}

/// Asks the registry anew how the account stands.
pub(in super::super) fn check(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.account.pending().is_some() {
        model.plain("It is being read already.");
    } else {
        account::read(model, Asking::Allowed, effects);
    }
}

fn sign_in(model: &mut Model) {
    if let Err(why) = signin::enabled(model) {
        return model.plain(&why.0);
    }
    signin::open(model);
    aside(model, Errand::SignIn);
}

fn turn_off(model: &mut Model) {
    if let Err(why) = keymap::enabled(model, Action::TurnOff) {
        return model.plain(&why.0);
    }
    act::go(model, Screen::Security);
    security::form_off(model);
    aside(model, Errand::Change);
}

fn turn_on(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Err(why) = keymap::enabled(model, Action::EnableOrChange) {
        return model.plain(&why.0);
    }
    act::go(model, Screen::Security);
    security::enable_or_change(model, effects);
    aside(model, Errand::Wizard);
}

fn see(model: &mut Model, screen: Screen) {
    act::go(model, screen);
    if screen == Screen::Recovery
        && let Some(newest) = model.sets_at_hand().first().map(|one| one.set.id())
    {
        model.recovery.chosen = Some(newest);
    }
    aside(model, Errand::Screen);
    model.plain("The guide keeps your place: b goes back to it.");
}

fn aside(model: &mut Model, errand: Errand) {
    if let Some(guide) = &mut model.guide {
        guide.shown = false;
        guide.errand = Some(errand);
    }
}
