//! What the person answers to the emergency.

use super::super::model::Model;
use super::super::{Effect, request, unfinished};
use super::model::{Choice, EmergencyScreen, Page, Sure, Waits, interrupted};
use super::{account, begin as begin_job, list, sign_in};
use crate::backend::protocol::{Answer, Request};
use crate::domain::incident::{Ask, Reply, Suspicion};

/// The answers of the page that is open.
pub fn choices(model: &Model) -> Vec<Choice> {
    let screen = &model.emergency;
    match screen.page() {
        Page::Plan if interrupted(&model.unfinished).is_some() => {
            vec![Choice::GoOnWithIt, Choice::Anew, Choice::Forget]
        }
        Page::Plan => vec![Choice::Begin],
        Page::Choices => match &screen.waits {
            Some(Waits::SignIn(asked)) if asked.without.is_some() => {
                vec![Choice::SignIn, Choice::Without, Choice::Leave]
            }
            Some(Waits::SignIn(_)) => vec![Choice::SignIn, Choice::Leave],
            Some(Waits::Ask(Ask::Suspect)) => {
                vec![Choice::Elsewhere, Choice::Clean, Choice::AllTheSame]
            }
            Some(Waits::Ask(Ask::Email { .. })) => {
                vec![Choice::CannotTell, Choice::Mine, Choice::NotMine]
            }
            Some(Waits::Ask(Ask::Unlisted(_))) => vec![Choice::Without, Choice::EndIt],
            _ => vec![Choice::TryAgain, Choice::Without],
        },
        Page::Account => account::choices(),
        Page::Working | Page::List | Page::Packages | Page::Report => Vec::new(),
    }
}

/// A question begins: the harmless answer has the focus.
pub(super) fn begin(screen: &mut EmergencyScreen, ask: &Ask) {
    screen.cursor = 0;
    screen.back_to_top();
    screen.steps = false;
    screen.sure = None;
    screen.follow = matches!(ask, Ask::Account);
}

/// Enter.
pub(super) fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.emergency.steps {
        model.emergency.steps = false;
        model.emergency.back_to_top();
        return;
    }
    match model.emergency.page() {
        Page::Working => {}
        Page::List => list::enter(model, effects),
        Page::Packages => reply(model, Reply::GoOn, effects),
        Page::Report => end(model, effects),
        Page::Plan | Page::Choices | Page::Account => {
            let chosen = choices(model).get(model.emergency.cursor).copied();
            if let Some(choice) = chosen {
                choose(model, choice, effects);
            }
        }
    }
}

fn choose(model: &mut Model, choice: Choice, effects: &mut Vec<Effect>) {
    let answer = match choice {
        Choice::Begin | Choice::Anew => return begin_job(model, None, effects),
        Choice::GoOnWithIt => {
            let id = interrupted(&model.unfinished).map(|(id, _)| id.clone());
            return begin_job(model, id, effects);
        }
        Choice::Forget => {
            model.emergency.sure = Some(Sure::Forget(false));
            return;
        }
        Choice::Elsewhere => Reply::Suspect(Suspicion::Elsewhere),
        Choice::Clean => Reply::Suspect(Suspicion::Clean),
        Choice::AllTheSame => Reply::Suspect(Suspicion::AllTheSame),
        Choice::Mine => Reply::EmailMine(true),
        Choice::NotMine => Reply::EmailMine(false),
        Choice::TryAgain => Reply::Again,
        Choice::EndIt => Reply::GoOn,
        Choice::CannotTell | Choice::Without => Reply::Skip,
        Choice::Care(what) => return account::go_to(model, what, effects),
        Choice::GoOn => return account::send(model, effects),
        Choice::Leave => {
            model.emergency.sure = Some(Sure::Leave(false));
            return;
        }
        Choice::SignIn => {
            if let Some(Waits::SignIn(asked)) = model.emergency.waits.take() {
                sign_in(model, asked, effects);
            }
            return;
        }
    };
    reply(model, answer, effects);
}

/// The answer goes out; the question is over with it.
pub(super) fn reply(model: &mut Model, reply: Reply, effects: &mut Vec<Effect>) {
    let Some(id) = model.emergency.job else {
        return;
    };
    model.emergency.over();
    effects.push(Effect::Answer {
        id,
        answer: Answer::Emergency(reply),
    });
}

/// To go on without it; that nothing at all is revoked is asked about.
pub(super) fn skip(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.emergency.ask() {
        Some(Ask::Revoke | Ask::Appeared(_)) => model.emergency.sure = Some(Sure::Nothing(false)),
        Some(Ask::Account) => account::send(model, effects),
        _ => skipped(model, effects),
    }
}

/// On without it.
pub(super) fn skipped(model: &mut Model, effects: &mut Vec<Effect>) {
    reply(model, Reply::Skip, effects);
}

/// It is left: what waits is told so, what is at work is given up.
pub(super) fn left(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(id) = model.emergency.job else {
        return;
    };
    // A dead credential leaves no answer but another one.
    let told = match &model.emergency.waits {
        Some(Waits::Ask(_)) => true,
        Some(Waits::SignIn(asked)) => asked.without.is_some(),
        None => false,
    };
    if told {
        reply(model, Reply::Leave, effects);
    } else {
        model.emergency.over();
        request::cancel(model, id, effects);
        model.plain("Stopping: what was sent already is waited for.");
    }
    model.emergency.stopping = true;
}

/// The report was seen: the emergency ends, or its page goes.
fn end(model: &mut Model, effects: &mut Vec<Effect>) {
    let screen = &mut model.emergency;
    if screen.report.written.is_empty() {
        screen.sure = Some(Sure::NoReport(false));
    } else if screen.under_way() {
        // It was written before this was asked.
        reply(model, Reply::GoOn, effects);
    } else {
        gone(model);
    }
}

/// The same without a report.
pub(super) fn without_report(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.emergency.under_way() {
        reply(model, Reply::Skip, effects);
    } else {
        gone(model);
    }
}

/// Esc on the report of an emergency that is over.
pub(super) fn close(model: &mut Model) {
    let screen = &mut model.emergency;
    if screen.report.written.is_empty() {
        screen.sure = Some(Sure::NoReport(false));
    } else {
        gone(model);
    }
}

fn gone(model: &mut Model) {
    model.emergency = EmergencyScreen::default();
}

/// The interrupted one is forgotten; nothing is sent to the registry.
pub(super) fn forget(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((id, _)) = interrupted(&model.unfinished) else {
        return;
    };
    let left = id.clone();
    unfinished::ask(model, Request::DropUnfinished { left }, effects);
}
