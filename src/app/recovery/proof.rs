//! Part of a code, to prove once more that the person has them (promise P08). The codes are not shown.

use super::super::field::Field;
use super::super::model::{Model, Tone};
use super::super::{Effect, challenge, exposure, request};
use super::model::{SetPage, SetProof};
use super::{form, read};
use crate::backend::protocol::{Answer, Asking, Proof, RequestId};
use crate::domain::failure::Failure;
use crate::domain::recovery::Place;

fn page(model: &mut Model) -> Option<&mut SetProof> {
    match &mut model.recovery.page {
        Some(SetPage::Proof(page)) => Some(page),
        _ => None,
    }
}

/// The job asks for part of a code. When nobody is there to answer, it is declined.
pub(super) fn asked(model: &mut Model, id: RequestId, proof: Proof, effects: &mut Vec<Effect>) {
    let fresh = match &mut model.recovery.page {
        Some(SetPage::Proof(page)) if page.job == id && !page.stopping => {
            page.proof = Some(proof);
            page.typed.clear();
            page.scroll = 0;
            return;
        }
        Some(SetPage::Form(form)) if form.sent == Some(id) && !form.stopping => Some(SetProof {
            account: form.set.account.clone(),
            place: form.set.place.clone(),
            job: id,
            proof: Some(proof),
            typed: Field::plain(),
            scroll: 0,
            added: false,
            stopping: false,
        }),
        Some(SetPage::Add(form)) if form.sent == Some(id) && !form.stopping => Some(SetProof {
            account: form.account.clone(),
            place: form
                .proof()
                .map_or(Place::Myself, |(place, _)| place.clone()),
            job: id,
            proof: Some(proof),
            typed: Field::plain(),
            scroll: 0,
            added: true,
            stopping: false,
        }),
        _ => None,
    };
    if let Some(fresh) = fresh {
        exposure::hide_all(model);
        model.recovery.page = Some(SetPage::Proof(fresh));
    } else {
        let answer = Answer::Declined;
        effects.push(Effect::Answer { id, answer });
    }
}

/// Enter: what was typed is compared.
pub(super) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(page) = page(model) else {
        return;
    };
    let typed = challenge::without_blanks(page.typed.value());
    if typed.is_empty() {
        model.plain("Type what is asked for first.");
    } else if page.proof.take().is_some() {
        page.typed.clear();
        let (id, answer) = (page.job, Answer::Proof(typed));
        effects.push(Effect::Answer { id, answer });
    }
}

/// Part of another code is asked for: this one may be crossed out.
pub(super) fn other(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(page) = page(model)
        && page.proof.take().is_some()
    {
        page.typed.clear();
        let (id, answer) = (page.job, Answer::ShowAgain);
        effects.push(Effect::Answer { id, answer });
    }
}

/// Esc: no proof. The set stays as it is.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(page) = page(model) else {
        return;
    };
    page.typed.clear();
    let id = page.job;
    match page.proof.take() {
        Some(_) => {
            page.stopping = true;
            let answer = Answer::Declined;
            effects.push(Effect::Answer { id, answer });
        }
        None if !page.stopping => {
            page.stopping = true;
            request::cancel(model, id, effects);
        }
        None => model.recovery.page = None,
    }
}

/// The proof has ended.
pub(in super::super) fn proved(
    model: &mut Model,
    id: RequestId,
    result: Result<bool, Failure>,
    effects: &mut Vec<Effect>,
) {
    let was_open = page(model).is_some_and(|page| page.job == id);
    if was_open {
        model.recovery.page = None;
    }
    match result {
        Ok(true) => {
            form::close(model, id);
            model.good("That is right: you have these codes. It is noted down.");
            read(model, Asking::Never, effects);
        }
        Ok(false) => {
            form::close(model, id);
            model.ended(Tone::Plain, "Nothing was proved; the set is as it was.");
        }
        Err(why) if was_open => model.bad(&why),
        Err(why) => form::failed(model, id, why),
    }
}
