//! What each key does on its pages, and why it does not now.

use super::super::Effect;
use super::super::field::Field;
use super::super::keymap::{Action, Reason, Scope};
use super::super::model::Model;
use super::super::request::Purpose;
use super::model::{CareOf, Choice, EmergencyScreen, Page, Sure, elsewhere};
use super::{account, answer, list, report, told};
use crate::domain::incident::{Ask, Care, process_in_words};

/// Its keys.
pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::EmergencyEnter => answer::enter(model, effects),
        Action::EmergencySkip => answer::skip(model, effects),
        Action::EmergencyMark if model.emergency.page() == Page::Account => account::turn(model),
        Action::EmergencyMark => list::mark(model),
        Action::EmergencyMarkAll => list::mark_all(model),
        Action::EmergencySteps => {
            let screen = &mut model.emergency;
            screen.steps = !screen.steps;
            screen.back_to_top();
        }
        Action::EmergencyCounted => list::counted(model, effects),
        Action::EmergencyPassword => account::go_to(model, CareOf::Password, effects),
        Action::EmergencyWrite => report::open(model),
        Action::EmergencyFolder => report::send(model, effects),
        Action::EmergencyNoFolder => report::stop(model),
        Action::EmergencyLeave => leave(model),
        _ => {}
    }
}

/// Why something cannot be done now.
pub(in crate::app) fn enabled(model: &Model, action: Action) -> Result<(), Reason> {
    let screen = &model.emergency;
    match action {
        Action::EmergencyEnter if screen.steps => Ok(()),
        Action::EmergencyEnter => match screen.page() {
            Page::Working if screen.stopping => {
                Err("It is stopping: what was sent already is waited for.".into())
            }
            Page::Working => Err("One moment: it is at work and asks nothing.".into()),
            Page::Plan => can_begin(model),
            Page::Report if screen.report.sent.is_some() => {
                Err("One moment: the report is being written.".into())
            }
            Page::Report if screen.is_ending() => Err("One moment: it is ending.".into()),
            _ => Ok(()),
        },
        Action::EmergencySkip => match screen.ask() {
            Some(Ask::Suspect) => {
                Err("This one is to be answered: it decides where to go on.".into())
            }
            Some(Ask::Report) | None => Err("There is nothing to leave out here.".into()),
            Some(_) => Ok(()),
        },
        Action::EmergencySteps if told(model).is_some() => Ok(()),
        Action::EmergencySteps if model.running(Purpose::Unfinished).is_some() => {
            Err("One moment: it is being looked for what was done.".into())
        }
        Action::EmergencySteps => Err("Nothing has been done yet.".into()),
        Action::EmergencyMark if screen.page() == Page::Account => {
            match screen.care.get(screen.cursor) {
                Some(Care::Done) => Err("That is done, by the registry's own answer.".into()),
                Some(_) => Ok(()),
                None => Err("Choose one of the three first.".into()),
            }
        }
        Action::EmergencyMark => match screen.can_mark(screen.cursor) {
            true => Ok(()),
            false if screen.marks.is_empty() => Err("There is nothing in the list.".into()),
            false => Err("That is no line of a file: take it back where it was set.".into()),
        },
        Action::EmergencyWrite if screen.report.sent.is_some() => {
            Err("One moment: the report is being written.".into())
        }
        _ => Ok(()),
    }
}

/// What has to end before an emergency begins.
fn can_begin(model: &Model) -> Result<(), Reason> {
    let busy = [
        (
            Purpose::Revoke,
            "A revocation is under way; it has to end first.",
        ),
        (
            Purpose::Rotate,
            "A token is being rotated; that has to end first.",
        ),
        (
            Purpose::SignIn,
            "A sign-in is under way; it has to end first.",
        ),
        (
            Purpose::SignOut,
            "You are being signed out; that has to end first.",
        ),
        (
            Purpose::Emergency,
            "An earlier emergency is still stopping.",
        ),
    ];
    let running = |(purpose, _): &&(Purpose, &'static str)| model.running(*purpose).is_some();
    if let Some((_, why)) = busy.iter().find(running) {
        return Err((*why).into());
    }
    let chosen = answer::choices(model).get(model.emergency.cursor).copied();
    let anew = matches!(chosen, Some(Choice::Begin | Choice::Anew));
    match elsewhere(&model.unfinished).filter(|_| anew) {
        Some((_, process)) => Err(format!(
            "One is open in another npm-warden{}: go on there, or close it and press r.",
            process_in_words(process)
        )
        .into()),
        None => Ok(()),
    }
}

/// Esc: back from the steps; else it asks before it is left, closes what is over, or clears the line.
fn leave(model: &mut Model) {
    let screen = &mut model.emergency;
    if screen.steps {
        screen.steps = false;
        screen.back_to_top();
    } else if screen.under_way() && screen.stopping {
        model.plain("Stopping: what was sent already is waited for.");
    } else if screen.is_ending() {
        model.plain("One moment: it is ending.");
    } else if screen.under_way() {
        screen.sure = Some(Sure::Leave(false));
    } else if screen.incident.is_some() {
        answer::close(model);
    } else if screen.problem.take().is_none() {
        model.notice = None;
    }
}

/// Yes, No, the other answer, or the one that has the focus.
pub(in crate::app) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(sure) = &mut model.emergency.sure else {
        return;
    };
    let said = match action {
        Action::Switch => {
            if let Some(yes) = sure.yes_mut() {
                *yes = !*yes;
            }
            return;
        }
        Action::Yes => true,
        Action::Take => sure.yes() == Some(true),
        _ => false,
    };
    let Some(sure) = model.emergency.sure.take() else {
        return;
    };
    match (sure, said) {
        (Sure::Few(_), true) => list::send(model, effects),
        (Sure::Nothing(_), true) => answer::skipped(model, effects),
        (Sure::Leave(_), true) => answer::left(model, effects),
        (Sure::NoReport(_), true) => answer::without_report(model, effects),
        (Sure::Forget(_), true) => answer::forget(model, effects),
        (Sure::Leave(_), false) => model.plain("It goes on."),
        (_, _) => {}
    }
}

/// The scope of what is open.
pub(in crate::app) fn scope(screen: &EmergencyScreen) -> Scope {
    match &screen.sure {
        Some(Sure::Count(_)) => return Scope::EmergencyCount,
        Some(_) => return Scope::EmergencySure,
        None => {}
    }
    if screen.report.folder.is_some() {
        return Scope::EmergencyFolder;
    }
    match screen.page() {
        _ if screen.steps => Scope::Emergency,
        Page::Plan | Page::Working => Scope::Emergency,
        Page::Choices | Page::Packages => Scope::EmergencyAsk,
        Page::List => Scope::EmergencyList,
        Page::Account => Scope::EmergencyAccount,
        Page::Report => Scope::EmergencyReport,
    }
}

/// The field that has the focus.
pub(in crate::app) fn focus(model: &mut Model) -> Option<&mut Field> {
    match &mut model.emergency.sure {
        Some(Sure::Count(count)) => Some(count),
        Some(_) => None,
        None => model.emergency.report.folder.as_mut(),
    }
}
