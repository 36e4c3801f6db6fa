//! The emergency: a plan first, then step by step, to the report.
//!
//! The backend's job leads; this holds the question that it waits for and what the person chose so far. It stays under
//! way while other screens are used.

mod account;
mod answer;
mod keys;
mod list;
pub mod model;
mod moves;
mod report;
mod told;

use std::collections::HashMap;
use std::sync::Arc;

use super::model::{Model, Screen, Tone};
use super::request::{self, Purpose};
use super::{Effect, act, exposure, overlay, signin, tokens, unfinished};
use crate::backend::protocol::{
    Answer, Asking, JournalId, Request, RequestId, RowState, SignInAsked, Unfinished,
};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Ask, Incident, Stage, StageState};
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use model::{EmergencyScreen, Page, Waits};

pub use account::way;
pub(super) use account::{password_changed, set_up};
pub use answer::choices;
pub(super) use keys::{act, decide, enabled, focus, scope};
pub(super) use moves::{drawn, go};
pub(super) use report::reported;
pub use told::{reminder, told, verdict};

/// It asks.
pub(super) fn asked(model: &mut Model, id: RequestId, ask: Ask, effects: &mut Vec<Effect>) {
    let screen = &model.emergency;
    let known = model.requests.get(&id);
    let given_up = screen.stopping || known.is_none_or(|request| request.cancelled);
    if screen.job != Some(id) || given_up {
        // Nobody is there to answer: it is left, and can be gone on with.
        request::cancel(model, id, effects);
        return;
    }
    exposure::hide_all(model);
    list::begin(&mut model.emergency, &ask);
    answer::begin(&mut model.emergency, &ask);
    if ask == Ask::Account {
        account::begin(model);
    }
    model.emergency.waits = Some(Waits::Ask(ask));
}

/// Its question is no longer open.
pub(super) fn cleared(model: &mut Model, id: RequestId) {
    if model.emergency.job == Some(id) {
        model.emergency.over();
    }
}

/// The sign-in that it asks for was not done now: the person decides what comes of that.
pub(super) fn sign_in_closed(model: &mut Model, asked: SignInAsked) {
    model.emergency.over();
    model.emergency.waits = Some(Waits::SignIn(asked));
    act::go(model, Screen::Emergency);
}

/// Whether it waits for somebody to sign in.
pub(super) fn waits_for_sign_in(model: &Model) -> bool {
    let waits = matches!(model.emergency.waits, Some(Waits::SignIn(_)));
    waits || model.emergency_signs_in().is_some()
}

/// Somebody has signed in while it waited for that.
pub(super) fn signed_in(model: &mut Model, effects: &mut Vec<Effect>) {
    if let (Some(id), Some(Waits::SignIn(_))) = (model.emergency.job, &model.emergency.waits) {
        model.emergency.over();
        let answer = Answer::SignedIn;
        effects.push(Effect::Answer { id, answer });
    }
}

/// Reads anew what the plan is made of.
pub(super) fn reload(model: &mut Model, effects: &mut Vec<Effect>) {
    super::account::read(model, Asking::Allowed, effects);
    if model.profile().is_some() && model.running(Purpose::Revoke).is_none() {
        tokens::read(model, Asking::Allowed, effects);
    }
    unfinished::look(model, effects);
}

/// It has come further.
pub(super) fn goes_on(
    model: &mut Model,
    id: RequestId,
    incident: Arc<Incident>,
    effects: &mut Vec<Effect>,
) {
    if model.emergency.job == Some(id) {
        let before = model.emergency.incident.clone();
        model.emergency.take(incident);
        told::spread(model, before.as_ref(), effects);
    }
}

/// A row of its revocation changed.
pub(super) fn row(model: &mut Model, id: RequestId, token: &TokenKey, state: RowState) {
    let screen = &mut model.emergency;
    if screen.job == Some(id) && screen.index.contains_key(token) {
        screen.changed.insert(token.clone(), state);
    }
}

/// It is over, or was left.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<Arc<Incident>, Failure>,
    effects: &mut Vec<Effect>,
) {
    if model.emergency.job != Some(id) {
        return;
    }
    let screen = &mut model.emergency;
    let quits = std::mem::take(&mut screen.quits);
    screen.over();
    screen.job = None;
    screen.stopping = false;
    screen.errand = None;
    match result {
        Ok(incident) if incident.ended.is_some() => {
            screen.take(Arc::clone(&incident));
            // On its own screen the report begins with that.
            if model.screen == Screen::Emergency {
                model.notice = None;
            } else {
                let (tone, words) = verdict(model, &incident);
                model.ended(tone, format!("{words} ! shows the report."));
            }
        }
        Ok(incident) => {
            let at = stage_now(&incident);
            let unwritten = incident.unwritten.is_some();
            *screen = EmergencyScreen::default();
            let rest = if unwritten {
                "What it did could not be written down, so another one begins anew."
            } else {
                "It can be gone on with here."
            };
            let words = format!("The emergency was left at step {at}. {rest}");
            model.ended(Tone::Warning, words);
        }
        Err(why) => {
            let kept = std::mem::take(screen);
            if why.kind != FailureKind::Cancelled {
                model.emergency.problem = Some(why.clone());
            }
            // What was reached is worth reading also when nothing could be written down.
            if kept
                .incident
                .as_ref()
                .is_some_and(|i| i.unwritten.is_some())
            {
                model.emergency.incident = kept.incident;
            }
            model.bad(&why);
        }
    }
    if quits {
        overlay::quit(model, effects);
    } else {
        unfinished::look(model, effects);
        reread(model, effects);
    }
}

/// What the other screens hold may be out of date since.
fn reread(model: &mut Model, effects: &mut Vec<Effect>) {
    super::account::read(model, Asking::Never, effects);
    if model.profile().is_some() && model.running(Purpose::Revoke).is_none() {
        tokens::read(model, Asking::Never, effects);
    }
}

/// Begins, or goes on with one that was interrupted.
fn begin(model: &mut Model, resume: Option<JournalId>, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    let rehearsal = model.demo.is_some();
    // What goes on is interrupted no longer.
    model.unfinished.retain(
        |left| !matches!(left, Unfinished::Emergency { id, .. } if Some(id) == resume.as_ref()),
    );
    let request = Request::Emergency { resume, rehearsal };
    let id = request::start(model, request, Asking::Allowed, effects);
    model.emergency = EmergencyScreen {
        job: Some(id),
        ..EmergencyScreen::default()
    };
    model.notice = None;
}

impl EmergencyScreen {
    /// It has come so far; rows that changed before are in it.
    fn take(&mut self, incident: Arc<Incident>) {
        let rows = incident.rows.iter().enumerate();
        self.index = rows
            .map(|(index, row)| (row.token.key.clone(), index))
            .collect::<HashMap<_, _>>();
        self.changed.clear();
        self.incident = Some(incident);
    }

    /// The present question is over.
    fn over(&mut self) {
        self.waits = None;
        self.keys.clear();
        self.marks.clear();
        self.cursor = 0;
        self.scroll = 0;
        self.sight = None;
        self.follow = true;
        self.steps = false;
        self.sure = None;
        self.report.folder = None;
    }

    /// Another page is open: from its top.
    fn back_to_top(&mut self) {
        self.scroll = 0;
        self.sight = None;
    }

    /// The row that the work is at: the first one that has no end yet.
    pub fn front(&self) -> usize {
        let open = |state: &RowState| matches!(state, RowState::Waiting | RowState::Sent);
        let mut rows = self.rows();
        let at = rows.position(|(_, state)| open(state));
        at.unwrap_or(0).saturating_sub(2)
    }
}

/// The number of the step that it is at.
pub fn stage_now(incident: &Incident) -> usize {
    let done = |state: &StageState| {
        matches!(
            state,
            StageState::Done(..)
                | StageState::Open(..)
                | StageState::Skipped(..)
                | StageState::Failed(..)
        )
    };
    let stages = incident.stages.iter();
    let now = stages
        .clone()
        .position(|(_, state)| matches!(state, StageState::Now(_)));
    now.or_else(|| incident.stages.iter().position(|(_, state)| !done(state)))
        .unwrap_or(Stage::ALL.len() - 1)
}

/// The step that failed last.
pub fn stage_failed(incident: &Incident) -> Option<usize> {
    let failed = incident.stages.iter().enumerate();
    let failed = failed.filter_map(|(index, (_, state))| match state {
        StageState::Failed(at, _) => Some((*at, index)),
        _ => None,
    });
    failed.max().map(|(_, index)| index)
}

/// After every step: what the person went to do may be over, and another account may be there.
pub(super) fn settle(model: &mut Model) {
    account::settle(model);
    let count = choices(model).len();
    let screen = &mut model.emergency;
    let last = match screen.page() {
        Page::List => screen.marks.len(),
        _ => count,
    };
    screen.cursor = screen.cursor.min(last.saturating_sub(1));
}

/// What would be left half done by leaving the program.
pub(super) fn unfinished(model: &Model) -> Option<String> {
    let screen = &model.emergency;
    let unwritten = screen
        .incident
        .as_ref()
        .is_some_and(|i| i.unwritten.is_some());
    if screen.under_way() && !screen.has_ended() {
        let rest = if model.demo.is_some() {
            "It is a rehearsal, and goes with the demo."
        } else if unwritten {
            "What was done stays done; what it did could not be written down, so it cannot be gone on with."
        } else {
            "What was done stays done, and it can be gone on with later: ! offers it."
        };
        return Some(format!("An emergency is under way. {rest}"));
    }
    if screen.incident.is_none() || !screen.report.written.is_empty() {
        return None;
    }
    let later = screen.ask() == Some(&Ask::Report) && model.demo.is_none() && !unwritten;
    let rest = if later {
        " It can be written later: ! offers it."
    } else {
        ""
    };
    Some(format!(
        "The report of the emergency is not written into any file.{rest}"
    ))
}

/// The program is to end, and an emergency that has ended is over in a moment: it is waited for, so that nothing is left of
/// it to go on with.
pub(super) fn quits_with(model: &mut Model) -> bool {
    let ending = model.emergency.is_ending();
    model.emergency.quits = ending;
    ending
}

impl Model {
    /// The sign-in form is for the emergency: nothing of it goes to a disk.
    pub fn emergency_signs_in(&self) -> Option<&SignInAsked> {
        let job = self.emergency.job?;
        let parked = self.parked.iter().find(|parked| parked.id == job)?;
        Some(&parked.asked)
    }
}

/// A path as a person reads it.
fn shown(path: &std::path::Path) -> Text {
    Text::new(&path.to_string_lossy())
}

/// Opens the sign-in form again for what waits.
fn sign_in(model: &mut Model, asked: SignInAsked, effects: &mut Vec<Effect>) {
    if let Some(id) = model.emergency.job {
        signin::parks(model, id, asked, effects);
    }
}
