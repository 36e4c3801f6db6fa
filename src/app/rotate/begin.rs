//! Before anything is sent: where the new value goes, what the new token is to be, and leaving it.

use std::collections::BTreeSet;

use super::places::RotatePlace;
use super::start;
use crate::app::create::{TokenForm, TokenKind};
use crate::app::model::{Load, Model, RotateStage, Rotation};
use crate::app::{Effect, exposure, machine, tokens};
use crate::backend::protocol::{Asking, Request, Rotate};
use crate::domain::granular;
use crate::domain::text::Text;

/// Opens the first page for the chosen token, or the one that was put aside.
pub(in crate::app) fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    if let Some(rotation) = model.rotation.as_mut().filter(|r| r.aside) {
        rotation.aside = false;
        return;
    }
    let Some(token) = tokens::chosen(model).cloned() else {
        return;
    };
    let note = token.note.as_deref().map_or("", Text::as_str).to_owned();
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

pub(super) fn ticks(places: &[RotatePlace]) -> usize {
    places.iter().filter(|place| place.takes.is_ok()).count() + 1
}

pub(super) fn tick(model: &mut Model) {
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

/// Enter on the first page: on to the form.
pub(super) fn on(model: &mut Model) {
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
pub(in crate::app) fn back(model: &mut Model) {
    if let Some(rotation) = &mut model.rotation {
        rotation.form.password.hide();
        rotation.stage = RotateStage::Places;
    }
}

/// Enter in the form's last part.
pub(in crate::app) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
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
    start(model, request, effects);
}

pub(super) fn drop_unsent(model: &mut Model) {
    model.rotation = None;
    model.plain("Nothing was sent; the token stays as it is.");
}
