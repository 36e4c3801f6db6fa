//! The form: how it opens, what the keys do in it, and what goes out.

use std::time::Duration;

use super::model::{SignInForm, SignInPart, Way};
use super::parked;
use crate::app::field::Field;
use crate::app::keymap::Move;
use crate::app::model::Model;
use crate::app::scroll::moved;
use crate::app::{Effect, exposure, request};
use crate::backend::protocol::{Asking, Request};
use crate::domain::signin::{Keep, SignIn};

/// A key that was meant for what lay beneath is not taken.
const KEYS_COUNT_AFTER: Duration = Duration::from_millis(300);

/// About how many lines the form has: what waits for it, the ways, the fields.
const LINES: usize = 24;

/// Opens the form.
pub(in crate::app) fn open(model: &mut Model) {
    show(model, false);
}

pub(super) fn show(model: &mut Model, by_question: bool) {
    exposure::hide_all(model);
    let way = Way::ALL
        .into_iter()
        .find(|way| model.no_way(*way).is_none());
    model.signin = Some(SignInForm {
        host: model.sign_in_host().cloned(),
        at: SignInPart::Way,
        way: way.unwrap_or(Way::Web),
        keep: Keep::Session,
        name: Field::plain(),
        email: Field::plain(),
        password: Field::masked(),
        again: Field::masked(),
        sent: None,
        doing: None,
        web: None,
        stopping: false,
        error: None,
        wait_until: None,
        scroll: 0,
        by_question,
        opened: model.now.mono,
    });
}

/// Tab and its like: the next part, or the one before.
pub(in crate::app) fn step(model: &mut Model, forth: bool) {
    let Some(form) = &model.signin else {
        return;
    };
    let parts = form.parts(model);
    let place = parts.iter().position(|part| *part == form.at).unwrap_or(0);
    let by = if forth { 1 } else { parts.len() - 1 };
    go_to(model, parts[(place + by) % parts.len()]);
}

fn go_to(model: &mut Model, part: SignInPart) {
    if let Some(form) = &mut model.signin {
        form.password.hide();
        form.again.hide();
        form.at = part;
        form.scroll = 0;
    }
}

/// Moves: through the choices, through the parts where a field has the focus, by pages through the text.
pub(in crate::app) fn go(model: &mut Model, step: Move) {
    let page = (model.list_rows() / 2).max(1);
    let end = model.text_end(LINES);
    let waits = |form: &SignInForm| form.sent.is_some();
    let Some(form) = &mut model.signin else {
        return;
    };
    let whole = matches!(step, Move::PageUp | Move::PageDown);
    if whole || waits(form) {
        form.scroll = moved(form.scroll, step, page, end);
        return;
    }
    match form.at {
        SignInPart::Way => {
            let way = form.way;
            let ways = model.sign_in_ways();
            let place = ways.iter().position(|other| *other == way).unwrap_or(0);
            choose(model, ways[moved(place, step, 1, ways.len() - 1)]);
        }
        SignInPart::Keep => {
            let up = matches!(step, Move::Up | Move::Top);
            form.keep = if up { Keep::Session } else { Keep::File };
            form.scroll = 0;
        }
        SignInPart::Name | SignInPart::Email | SignInPart::Password | SignInPart::Again => {
            self::step(model, matches!(step, Move::Down));
        }
    }
}

fn choose(model: &mut Model, way: Way) {
    if let Some(form) = &mut model.signin {
        form.scroll = 0;
        if form.way != way {
            form.way = way;
            // What was typed for one way is not kept about for another.
            form.password.clear();
            form.again.clear();
            form.error = None;
        }
    }
}

/// The other choice of the part that has the focus.
pub(in crate::app) fn switch(model: &mut Model) {
    let Some(form) = &mut model.signin else {
        return;
    };
    match form.at {
        SignInPart::Way => {
            let way = form.way;
            let ways = model.sign_in_ways();
            let place = ways.iter().position(|other| *other == way).unwrap_or(0);
            choose(model, ways[(place + 1) % ways.len()]);
        }
        SignInPart::Keep => {
            form.keep = match form.keep {
                Keep::Session => Keep::File,
                Keep::File => Keep::Session,
            };
        }
        SignInPart::Name | SignInPart::Email | SignInPart::Password | SignInPart::Again => {}
    }
}

/// Something was typed.
pub(in crate::app) fn typed(model: &mut Model) {
    if let Some(form) = &mut model.signin {
        form.scroll = 0;
    }
}

/// Enter: on to what is still empty; when nothing is, it goes out.
pub(in crate::app) fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(form) = &model.signin else {
        return;
    };
    if form.sent.is_some() || (form.by_question && form.opened + KEYS_COUNT_AFTER > now) {
        return;
    }
    let at = form.at;
    let empty = |part: SignInPart| {
        form.field(part)
            .is_some_and(|field| field.value().expose().trim().is_empty())
    };
    let missing = form.parts(model).into_iter().find(|part| empty(*part));
    if let Some(part) = missing {
        if part == at {
            model.plain(match part {
                SignInPart::Name => "Type the user name first.",
                SignInPart::Email => "Type the e-mail address first.",
                SignInPart::Again => "Type the password once more.",
                _ => "Type the password first.",
            });
        }
        go_to(model, part);
        return;
    }
    if form.way == Way::NewAccount && !form.email.value().expose().contains('@') {
        go_to(model, SignInPart::Email);
        model.plain("That is no e-mail address.");
        return;
    }
    let differs = |form: &SignInForm| form.password.value().expose() != form.again.value().expose();
    if form.way == Way::NewAccount && differs(form) {
        if let Some(form) = &mut model.signin {
            form.again.clear();
        }
        go_to(model, SignInPart::Again);
        model.warn("That is another password than the one above: type it once more.");
        return;
    }
    send(model, effects);
}

/// The password goes out with the request; the model keeps none.
fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    // In an emergency nothing is written to a disk.
    let file = model.sign_in_file().is_some() && !model.emergency.under_way();
    let at = model.sign_in_host().cloned();
    let wanted = model.begun_for().cloned();
    let Some(form) = &mut model.signin else {
        return;
    };
    let typed = || form.name.value().expose().trim().to_owned();
    let name = wanted.as_ref().map_or_else(typed, ToString::to_string);
    form.again.clear();
    let how = match form.way {
        Way::Web => SignIn::Web,
        Way::Password => SignIn::Password {
            name,
            password: form.password.take(),
        },
        Way::NewAccount => SignIn::SignUp {
            name,
            password: form.password.take(),
            email: form.email.value().expose().trim().to_owned(),
        },
    };
    let keep = if file { form.keep } else { Keep::Session };
    form.error = None;
    form.stopping = false;
    form.doing = None;
    form.scroll = 0;
    let request = Request::SignIn {
        how,
        keep,
        at,
        wanted,
    };
    let id = request::start(model, request, Asking::Allowed, effects);
    if let Some(form) = &mut model.signin {
        form.sent = Some(id);
    }
}

/// Esc: what is under way is given up first. Then the form goes, and with it what waits for a sign-in.
pub(in crate::app) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.now.mono;
    let Some(form) = &mut model.signin else {
        return;
    };
    match form.sent {
        Some(id) if !form.stopping => {
            form.stopping = true;
            form.web = None;
            form.scroll = 0;
            request::cancel(model, id, effects);
        }
        None if form.by_question && form.opened + KEYS_COUNT_AFTER > now => {}
        _ => {
            model.signin = None;
            parked::give_up(model, effects);
        }
    }
}

/// What happens behind the form can take a part from it: a way that is closed by now, a file that is there no more. The
/// focus goes to the part before it.
pub(in crate::app) fn settle(model: &mut Model) {
    let Some(form) = &model.signin else {
        return;
    };
    let parts = form.parts(model);
    if form.sent.is_some() || parts.contains(&form.at) {
        return;
    }
    if let Some(part) = parts.last() {
        go_to(model, *part);
    }
}
