//! Rotating a token: a new one takes the old one's place, step by step. Whatever comes in between, the screen says which
//! of the two lives, and the value is held until something else has it.

mod again;
pub(super) mod model;
mod places;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::create::{TokenForm, TokenKind};
use super::created::{self, ValueCard};
use super::keymap::{Action, Move, Reason, Scope};
use super::model::{
    Done, Installed, Load, Model, Overlay, RotateStage, Rotation, Running, Screen, Stopping,
};
use super::request::Purpose;
use super::scroll::moved;
use super::{Effect, account, exposure, machine, request, tokens, unfinished};
use crate::backend::protocol::{Answer, Asking, Request, RequestId, Rotate, Rotated};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::granular;
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::Token;

pub use again::{OldNow, resume};
pub use places::RotatePlace;
pub use words::called;
pub(super) use words::word;

/// About how many lines a page of a rotation has besides its value.
const AROUND: usize = 30;

/// Why no rotation can be begun.
pub(super) fn enabled(model: &Model) -> Result<(), Reason> {
    if model.rotation.as_ref().is_some_and(|r| r.aside) {
        return Ok(());
    }
    for (purpose, what) in [
        (Purpose::Rotate, "An earlier rotation has not ended yet."),
        (
            Purpose::Revoke,
            "A revocation is under way; it has to end first.",
        ),
        (
            Purpose::CreateToken,
            "An earlier request for a token has not ended yet.",
        ),
    ] {
        if model.running(purpose).is_some() {
            return Err(what.into());
        }
    }
    Ok(())
}

/// Opens the first page for the chosen token, or the one that was put aside.
pub(super) fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    if let Some(rotation) = model.rotation.as_mut().filter(|r| r.aside) {
        rotation.aside = false;
        return;
    }
    let Some(token) = tokens::chosen(model).cloned() else {
        return;
    };
    let note = token.note.as_ref().map_or("", Text::as_str).to_owned();
    let (form, lost, unlike) = match granular::like(&token, model.now.wall) {
        Ok((spec, lost)) => (TokenForm::of(&spec, &note), lost, None),
        Err(why) => {
            let mut form = TokenForm::new(TokenKind::Granular);
            form.note.insert(&note);
            (form, Vec::new(), Some(why))
        }
    };
    model.rotation = Some(Rotation {
        old: token.key.clone(),
        name: Text::new(token.label()),
        token: Some(Box::new(token)),
        resumes: None,
        unlike,
        lost,
        unticked: BTreeSet::new(),
        elsewhere: None,
        at: 0,
        form,
        stage: RotateStage::Places,
        aside: false,
        scroll: 0,
    });
    // The files are read as they are now.
    if model.machine.machine.pending().is_none() {
        machine::read(model, Asking::Never, effects);
    }
}

/// One of which nothing but its name is known.
fn bare(name: Text, stage: RotateStage) -> Rotation {
    Rotation {
        old: crate::domain::token::TokenKey::new(""),
        name,
        token: None,
        resumes: None,
        unlike: None,
        lost: Vec::new(),
        unticked: BTreeSet::new(),
        elsewhere: None,
        at: 0,
        form: TokenForm::new(TokenKind::Granular),
        stage,
        aside: false,
        scroll: 0,
    }
}

/// The scope of what is open.
pub(super) fn scope(model: &Model) -> Option<Scope> {
    let rotation = model.rotation.as_ref().filter(|r| !r.aside)?;
    Some(match &rotation.stage {
        RotateStage::Ask(_) => Scope::RotateAsk,
        RotateStage::Places => Scope::RotatePlaces,
        RotateStage::Leaving(_) => Scope::RotateLeaving,
        RotateStage::Form => return None,
        RotateStage::Running(running) => match running.asks() {
            Some(asked) => asked.card.scope().unwrap_or(Scope::RotateInstalled),
            None => Scope::RotateRunning,
        },
        RotateStage::Done(done) => {
            let above = done.card.as_ref().and_then(ValueCard::scope);
            above.unwrap_or(Scope::RotateDone)
        }
    })
}

/// The form, while it is open.
pub(super) fn form(model: &Model) -> Option<&TokenForm> {
    let rotation = model.rotation.as_ref().filter(|r| !r.aside)?;
    matches!(rotation.stage, RotateStage::Form).then_some(&rotation.form)
}

/// See [`form`].
pub(super) fn form_mut(model: &mut Model) -> Option<&mut TokenForm> {
    let rotation = model.rotation.as_mut().filter(|r| !r.aside)?;
    matches!(rotation.stage, RotateStage::Form).then_some(&mut rotation.form)
}

/// The value that it holds.
pub(super) fn card(model: &Model) -> Option<&ValueCard> {
    match &model.rotation.as_ref()?.stage {
        RotateStage::Running(running) => running.installed.as_ref().map(|asked| &asked.card),
        RotateStage::Done(done) => done.card.as_ref(),
        _ => None,
    }
}

/// See [`card`].
pub(super) fn card_of(rotation: &mut Rotation) -> Option<&mut ValueCard> {
    match &mut rotation.stage {
        RotateStage::Running(running) => running.installed.as_mut().map(|asked| &mut asked.card),
        RotateStage::Done(done) => done.card.as_mut(),
        _ => None,
    }
}

/// What is held stands behind the screen.
pub(super) fn is_aside(model: &Model) -> bool {
    model.created.is_none() && model.rotation.as_ref().is_some_and(|r| r.aside)
}

/// The value stands in a file of this machine already.
pub(super) fn is_in_place(model: &Model) -> bool {
    matches!(
        model.rotation.as_ref().map(|rotation| &rotation.stage),
        Some(RotateStage::Running(running)) if running.is_done(RotateStep::Write)
    )
}

/// The new token whose value nothing but the screen has.
pub(super) fn uncopied(model: &Model) -> Option<&crate::domain::token::TokenKey> {
    card(model).filter(|card| card.written.is_none() && !is_in_place(model))?;
    match &model.rotation.as_ref()?.stage {
        RotateStage::Running(running) => running.installed.as_ref().map(|asked| &asked.token.key),
        RotateStage::Done(done) if done.card.as_ref().is_some_and(|card| card.is_old) => {
            Some(&model.rotation.as_ref()?.old)
        }
        RotateStage::Done(done) => done.token.as_ref().map(|token| &token.key),
        _ => None,
    }
}

/// The page begins at its first line again.
pub(super) fn to_the_top(model: &mut Model) {
    if let Some(rotation) = &mut model.rotation {
        rotation.scroll = 0;
    }
}

/// Does what was meant on a page of it.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Rotate => open(model, effects),
        Action::RotateTick => tick(model),
        Action::RotateOn => on(model),
        Action::StopRotate => stop(model, effects),
        Action::KeepRotating => keep(model),
        Action::CloseRotate => close(model),
        _ => {}
    }
}

fn ticks(places: &[RotatePlace]) -> usize {
    places.iter().filter(|place| place.takes.is_ok()).count() + 1
}

fn tick(model: &mut Model) {
    let places = model.rotate_places();
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let at = rotation.at.min(ticks(&places) - 1);
    match places.get(at).map(|place| &place.takes) {
        Some(Ok(id)) => {
            if !rotation.unticked.remove(id) {
                rotation.unticked.insert(id.clone());
            }
        }
        _ => rotation.elsewhere = Some(!rotation.is_elsewhere(&places)),
    }
}

/// Moves between the ticks, or through the page.
pub(super) fn go(model: &mut Model, step: Move) {
    let places = model.rotate_places();
    let page = model.list_rows();
    let columns = usize::from(model.size.0.clamp(20, 80)) - 4;
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let long = card_of(rotation).map_or(0, |card| card.value.chars() / columns);
    match &rotation.stage {
        RotateStage::Places => {
            rotation.at = moved(rotation.at, step, page, ticks(&places) - 1);
        }
        _ => rotation.scroll = moved(rotation.scroll, step, page, long + AROUND),
    }
}

/// Enter on the first page: on to the form.
fn on(model: &mut Model) {
    let places = model.rotate_places();
    let looking = matches!(model.machine.machine, Load::Loading { old: None, .. });
    let proved = places.iter().any(|place| place.proved);
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    if looking && proved {
        model.plain("One moment: this machine is still being looked at.");
    } else if rotation.chosen(&places).is_empty() && !rotation.is_elsewhere(&places) {
        model.plain(
            "Nothing would take the new value: tick a place, or that the token is used elsewhere.",
        );
    } else {
        let stays = rotation.left_behind(&places);
        let said = stays.first().map(|place| {
            let more = match stays.len() {
                1 => String::new(),
                n => format!(" The same holds for {} more.", n - 1),
            };
            format!("{} {}{more}", place.place, rotation.what_stays(&places))
        });
        rotation.stage = RotateStage::Form;
        rotation.scroll = 0;
        if let Some(said) = said {
            model.warn(said);
        }
    }
}

/// Esc in the form: back to the first page, with everything as it was typed.
pub(super) fn back(model: &mut Model) {
    if let Some(rotation) = &mut model.rotation {
        rotation.form.password.hide();
        rotation.stage = RotateStage::Places;
    }
}

/// Enter in the form's last part.
pub(super) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let places = model.rotate_places();
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let Some(old) = rotation.token.clone() else {
        return;
    };
    let Some(new) = rotation.form.take() else {
        return;
    };
    let request = Request::Rotate(Rotate {
        old,
        new,
        elsewhere: rotation.is_elsewhere(&places),
        places: rotation.chosen(&places),
    });
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(rotation) = &mut model.rotation {
        rotation.stage = RotateStage::Running(Running::new(id));
        rotation.scroll = 0;
    }
}

/// Esc: before anything was sent it closes, after a question when something was typed. Later it asks, then stops, then
/// leaves it to itself; what stopping means depends on how far it has come.
fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let running = match &mut rotation.stage {
        RotateStage::Running(running) => running,
        RotateStage::Places if rotation.form.touched => {
            rotation.stage = RotateStage::Leaving(false);
            return;
        }
        RotateStage::Done(_) | RotateStage::Ask(_) => return,
        RotateStage::Places | RotateStage::Form | RotateStage::Leaving(_) => {
            return drop_unsent(model);
        }
    };
    match running.stopping {
        Stopping::No => {
            running.stopping = Stopping::Asked;
            let said = means(running);
            model.warn(said);
        }
        Stopping::Asked => {
            running.stopping = Stopping::Sent;
            let id = running.id;
            request::cancel(model, id, effects);
            model.plain("Stopping: what was sent already is waited for.");
        }
        Stopping::Sent => {
            rotation.aside = true;
            model.screen = Screen::Tokens;
            model.plain(
                "What was sent already is still waited for; o on the tokens shows it again.",
            );
        }
    }
}

/// What stopping means now.
fn means(running: &Running) -> &'static str {
    if !running.is_waiting(RotateStep::Revoke) {
        "Stop? The old token may be revoked already: the new one is to be used. Esc again stops, Enter goes on."
    } else if running.is_done(RotateStep::Create) {
        "Stop? The new token is made: both live then, and nothing is revoked. Esc again keeps both, Enter goes on."
    } else if running.is_waiting(RotateStep::Create) {
        "Stop? Nothing is made yet: the old token stays as it is. Esc again stops, Enter goes on."
    } else {
        "Stop? If the new token is made already, both live then, and nothing is revoked. Esc again stops, Enter goes on."
    }
}

/// Enter after that question: goes on.
fn keep(model: &mut Model) {
    if let Some(Rotation {
        stage: RotateStage::Running(running),
        ..
    }) = &mut model.rotation
        && running.stopping == Stopping::Asked
    {
        running.stopping = Stopping::No;
        model.notice = None;
    }
}

fn drop_unsent(model: &mut Model) {
    model.rotation = None;
    model.plain("Nothing was sent; the token stays as it is.");
}

/// Leaves the end; a value that nothing else has asks first.
fn close(model: &mut Model) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    match card_of(rotation) {
        Some(card) if !card.is_kept() => {
            card.leaving = Some(false);
            rotation.scroll = 0;
        }
        _ => {
            model.rotation = None;
            model.screen = Screen::Tokens;
        }
    }
}

/// The questions with two answers, of which the harmless one has the focus at first.
pub(super) fn decide(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let in_place = is_in_place(model);
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    match &mut rotation.stage {
        RotateStage::Ask(ask) => match (action, ask.yes) {
            (Action::Switch, _) => ask.yes = !ask.yes,
            (Action::Yes, _) | (Action::Take, true) => again::go_on(model, effects),
            _ => again::leave(model),
        },
        RotateStage::Leaving(yes) => match (action, *yes) {
            (Action::Switch, _) => *yes = !*yes,
            (Action::Yes, _) | (Action::Take, true) => drop_unsent(model),
            _ => rotation.stage = RotateStage::Places,
        },
        RotateStage::Running(running) => {
            let stopping = running.stopping;
            let Some(asked) = &mut running.installed else {
                return;
            };
            match (action, asked.yes) {
                // Enter is the answer to the question that Esc has asked, and no other key is an answer to both.
                (Action::Take, _) if stopping == Stopping::Asked => keep(model),
                _ if stopping == Stopping::Asked => {
                    let said = means(running);
                    model.warn(said);
                }
                _ if stopping == Stopping::Sent => {
                    model.plain("It is being stopped: both tokens are kept.");
                }
                (Action::Switch, _) => asked.yes = !asked.yes,
                (Action::Yes, _) | (Action::Take, true) if in_place || asked.card.is_kept() => {
                    go_on(model, effects);
                }
                (Action::Yes, _) | (Action::Take, true) => {
                    asked.card.leaving = Some(false);
                    rotation.scroll = 0;
                }
                _ => model.plain(
                    "The old token stays until you say that the new one is everywhere. Esc keeps both.",
                ),
            }
        }
        _ => {}
    }
}

/// The answer to the question before a value is left that nothing else has.
pub(super) fn decide_leaving(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let Some(card) = card_of(rotation) else {
        return;
    };
    let Some(yes) = &mut card.leaving else {
        return;
    };
    match (action, *yes) {
        (Action::Switch, _) => *yes = !*yes,
        (Action::Yes, _) | (Action::Take, true) => {
            card.leaving = None;
            if matches!(rotation.stage, RotateStage::Done(_)) {
                model.rotation = None;
                model.screen = Screen::Tokens;
            } else {
                go_on(model, effects);
            }
        }
        _ => card.leaving = None,
    }
}

/// It is installed everywhere.
fn go_on(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(Rotation {
        stage: RotateStage::Running(running),
        scroll,
        ..
    }) = &mut model.rotation
        && let Some(asked) = &mut running.installed
    {
        asked.answered = true;
        asked.card.shown = false;
        asked.card.writing = None;
        *scroll = 0;
        effects.push(Effect::Answer {
            id: running.id,
            answer: Answer::GoOn,
        });
    }
}

/// The value is in its places on this machine; is it everywhere else, too?
pub(super) fn installed(
    model: &mut Model,
    id: RequestId,
    (registry, value): (Text, Arc<Secret<String>>),
    token: Box<Token>,
) {
    if !model.requests.contains_key(&id) {
        return;
    }
    if of(model, id).is_none() {
        // It was left in a way that is not foreseen: the value is shown all the same.
        let stage = RotateStage::Running(Running::new(id));
        model.rotation = Some(bare(Text::new(token.label()), stage));
    }
    show(model);
    let Some(Rotation {
        stage: RotateStage::Running(running),
        ..
    }) = &mut model.rotation
    else {
        return;
    };
    running.installed = Some(Installed {
        card: ValueCard::new(registry, value),
        token,
        yes: false,
        answered: false,
    });
    if running.stopping == Stopping::Asked {
        running.stopping = Stopping::No;
    }
}

/// In front of whatever the person is at: a value may stand nowhere else.
fn show(model: &mut Model) {
    exposure::hide_all(model);
    if !matches!(model.overlay, Some(Overlay::Leave { .. })) {
        model.overlay = None;
    }
    if let Some(rotation) = &mut model.rotation {
        rotation.aside = false;
        rotation.scroll = 0;
    }
}

fn of(model: &mut Model, id: RequestId) -> Option<&mut Running> {
    match &mut model.rotation.as_mut()?.stage {
        RotateStage::Running(running) if running.id == id => Some(running),
        _ => None,
    }
}

/// The question is not open any more.
pub(super) fn cleared(model: &mut Model, id: RequestId) {
    if let Some(asked) = of(model, id).and_then(|running| running.installed.as_mut()) {
        asked.answered = true;
        asked.card.shown = false;
        asked.card.leaving = None;
        asked.card.writing = None;
    }
}

/// A step changed.
pub(super) fn step(model: &mut Model, id: RequestId, step: RotateStep, state: RotateState) {
    if let Some(running) = of(model, id)
        && let Some((_, at)) = running.steps.iter_mut().find(|(of, _)| *of == step)
    {
        *at = state;
    }
}

/// It is over.
pub(super) fn finished(
    model: &mut Model,
    id: RequestId,
    result: Result<Rotated, Failure>,
    effects: &mut Vec<Effect>,
) {
    // What it leaves is offered, and what is over is not offered any more.
    unfinished::look(model, effects);
    let held = of(model, id).map(|running| std::mem::replace(running, Running::new(id)));
    let Some(running) = held.or_else(|| unheld(model, id, &result)) else {
        if result.is_ok() {
            tokens::read(model, Asking::Never, effects);
        }
        return;
    };
    let made = running.is_done(RotateStep::Create) || running.installed.is_some();
    let rotated = match result.and_then(not_made) {
        Ok(rotated) => rotated,
        Err(why) if !made => return failed(model, &why),
        Err(why) => Rotated {
            value: running
                .installed
                .as_ref()
                .map(|asked| Arc::clone(&asked.card.value)),
            token: running.installed.as_ref().map(|asked| asked.token.clone()),
            registry: running
                .installed
                .as_ref()
                .map(|asked| asked.card.registry.clone())
                .unwrap_or_default(),
            is_old: false,
            steps: running.steps,
            remains: vec![Text::from(why.to_string())],
        },
    };
    ended(model, rotated, running.installed, effects);
}

/// No page is open for it: one is, where there is something to do.
fn unheld(model: &mut Model, id: RequestId, result: &Result<Rotated, Failure>) -> Option<Running> {
    match result {
        Err(why) => {
            model.bad(why);
            None
        }
        Ok(rotated) if rotated.value.is_none() && rotated.remains.is_empty() => {
            model.good("The token is rotated.");
            None
        }
        Ok(rotated) => {
            let label = rotated
                .token
                .as_ref()
                .map_or("a token", |token| token.label());
            let stage = RotateStage::Running(Running::new(id));
            model.rotation = Some(bare(Text::new(label), stage));
            Some(Running::new(id))
        }
    }
}

/// Where not even a new token was made there is something to mend in the form.
fn not_made(rotated: Rotated) -> Result<Rotated, Failure> {
    if rotated.token.is_some() || rotated.value.is_some() || !rotated.remains.is_empty() {
        return Ok(rotated);
    }
    let failed = rotated.steps.iter().find_map(|(step, state)| match state {
        RotateState::Failed(why) if *step == RotateStep::Create => Some(why.clone()),
        _ => None,
    });
    failed.map_or(Ok(rotated), Err)
}

/// Nothing was made.
fn failed(model: &mut Model, why: &Failure) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    if rotation.aside || rotation.token.is_none() || rotation.resumes.is_some() {
        model.rotation = None;
        model.bad(why);
        return;
    }
    rotation.stage = RotateStage::Form;
    rotation.form.failed(why.clone());
    // The form says why, but goes with an account that is not accepted any more.
    if why.kind == FailureKind::SignedOut {
        model.bad(why);
    }
}

fn ended(model: &mut Model, rotated: Rotated, held: Option<Installed>, effects: &mut Vec<Effect>) {
    let Some(rotation) = &mut model.rotation else {
        return;
    };
    let card = rotated.value.map(|value| {
        let held = held.filter(|_| !rotated.is_old);
        let fresh = || ValueCard::new(rotated.registry, value);
        let mut card = held.map_or_else(fresh, |asked| asked.card);
        card.shown = true;
        card.leaving = None;
        card.is_old = rotated.is_old;
        card
    });
    let in_use = rotation
        .token
        .as_ref()
        .is_some_and(|old| old.in_use().is_some());
    let key = rotated.token.as_ref().map(|token| token.key.clone());
    let nothing_to_do = card.is_none() && rotated.remains.is_empty();
    if rotation.aside && nothing_to_do {
        let said = format!("{} is rotated.", rotation.called(44));
        model.rotation = None;
        model.good(said);
    } else {
        rotation.stage = RotateStage::Done(Done {
            steps: rotated.steps,
            token: rotated.token,
            card,
            remains: rotated.remains,
        });
        show(model);
    }
    created::listed(model, key, effects);
    if in_use && model.account.pending().is_none() {
        account::read(model, Asking::Never, effects);
    }
}

/// Another account is there: what was not sent goes with it.
pub(super) fn forget(model: &mut Model) {
    let unsent = model.rotation.as_ref().is_some_and(Rotation::is_unsent);
    if unsent {
        model.rotation = None;
    }
}
