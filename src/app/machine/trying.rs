//! Trying credentials out: asked first, with the name of each registry that gets a request (promise P21).

use super::super::keymap::Reason;
use super::super::model::{Model, Tone};
use super::super::{Effect, exposure, request};
use super::model::{Consent, MachinePage, Trying};
use super::{free, known};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::machine::{LocalCredential, Probe, Probed};
use crate::domain::text::Text;

/// Why the chosen one cannot be tried out now.
pub(super) fn enabled(model: &Model) -> Result<(), Reason> {
    known(model)?;
    let Some(local) = model.machine.credential() else {
        return Err("Choose a credential first, or press T to try out all.".into());
    };
    match local.hindered() {
        Some(why) => Err(why.to_string().into()),
        None => free(model),
    }
}

/// Why they cannot be tried out now.
pub(super) fn all_enabled(model: &Model) -> Result<(), Reason> {
    known(model)?;
    if fit(model).is_empty() {
        return Err("There is no credential here that names its registry.".into());
    }
    free(model)
}

fn fit(model: &Model) -> Vec<&LocalCredential> {
    let machine = model.machine.machine.value();
    let all = machine.into_iter().flat_map(|machine| &machine.credentials);
    all.filter(|local| local.hindered().is_none()).collect()
}

/// Asks whether the chosen one may be tried out.
pub(super) fn ask_one(model: &mut Model) {
    if let Some(local) = model.machine.credential() {
        let consent = consent(&[local]);
        ask(model, consent);
    }
}

/// Asks whether all may be tried out.
pub(super) fn ask_all(model: &mut Model) {
    let consent = consent(&fit(model));
    ask(model, consent);
}

fn ask(model: &mut Model, consent: Consent) {
    exposure::hide_all(model);
    model.machine.page = Some(MachinePage::Consent(consent));
}

fn consent(all: &[&LocalCredential]) -> Consent {
    let mut to: Vec<(Text, Vec<Text>)> = Vec::new();
    for local in all {
        let place = local.place.clone();
        match to.iter_mut().find(|(scope, _)| *scope == local.scope) {
            Some((_, places)) => places.push(place),
            None => to.push((local.scope.clone(), vec![place])),
        }
    }
    Consent {
        ids: all.iter().map(|local| local.id.clone()).collect(),
        to,
        yes: false,
        scroll: 0,
    }
}

/// Yes: each goes to its own registry.
pub(super) fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(MachinePage::Consent(Consent { ids, .. })) = model.machine.page.take() else {
        return;
    };
    // What was said while the question was open may have changed what it was about.
    if let Err(why) = free(model) {
        model.plain(&why.0);
        return;
    }
    model
        .machine
        .probed
        .retain(|known| !ids.contains(&known.id));
    let id = request::start(model, Request::Probe(ids.clone()), Asking::Allowed, effects);
    model.machine.trying = Some(Trying { id, ids });
}

/// Gives it up; false where nothing is being tried out.
pub(super) fn give_up(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    match model.machine.trying.take() {
        Some(trying) => {
            request::cancel(model, trying.id, effects);
            true
        }
        None => false,
    }
}

/// One was tried out.
pub(in crate::app) fn probed(model: &mut Model, id: RequestId, probed: Probed) {
    let screen = &mut model.machine;
    let asked = |trying: &Trying| trying.id == id && trying.ids.contains(&probed.id);
    if screen.trying.as_ref().is_some_and(asked) {
        screen.probed.retain(|known| known.id != probed.id);
        screen.probed.push(probed);
    }
}

/// All were tried out, or it ended before that.
pub(in crate::app) fn all_probed(
    model: &mut Model,
    id: RequestId,
    result: Result<Vec<Probed>, Failure>,
) {
    if model
        .machine
        .trying
        .as_ref()
        .is_none_or(|trying| trying.id != id)
    {
        // It was given up: that it ended by it is no news.
        if let Err(why) = result
            && why.kind != FailureKind::Cancelled
        {
            model.bad(&why);
        }
        return;
    }
    match result {
        Ok(all) => {
            for one in &all {
                probed(model, id, one.clone());
            }
            let works = |one: &&Probed| matches!(one.probe, Probe::Works(_));
            let (works, of) = (all.iter().filter(works).count(), all.len());
            let tone = if works == of {
                Tone::Good
            } else {
                Tone::Warning
            };
            model.ended(
                tone,
                match (of, works) {
                    (1, 1) => "Tried out: it works.".to_owned(),
                    (1, _) => {
                        "Tried out: it does not work, or that could not be found out.".to_owned()
                    }
                    _ => format!("Tried out: {works} of {of} work."),
                },
            );
        }
        Err(why) => model.bad(&why),
    }
    model.machine.trying = None;
}
