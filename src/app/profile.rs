//! The profile screen: one field at a time, seen before it is sent.

use super::Effect;
use super::field::Field;
use super::keymap::Move;
use super::model::{FieldEdit, Model};
use super::scroll::moved;
use super::{account, request};
use crate::backend::protocol::{Asking, Request, RequestId};
use crate::domain::account::{Profile, ProfileField};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;

/// Lines around the fields: the second factor, the dates, the gaps.
const AROUND: usize = 8;

/// About how many lines the page has that tells why nobody is signed in.
const ABSENT: usize = 20;

/// Moves the cursor through the fields; whole pages move what is shown.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let other = model.profile().map_or(0, |profile| profile.other.len());
    let end = model.text_end(ProfileField::ALL.len() + other + AROUND);
    let screen = &mut model.profile;
    let last = ProfileField::ALL.len() - 1;
    match step {
        Move::Up | Move::Down => {
            screen.cursor = moved(screen.cursor, step, page, last);
            screen.scroll = 0;
        }
        Move::Top | Move::Bottom => {
            screen.cursor = moved(screen.cursor, step, page, last);
            screen.scroll = moved(screen.scroll, step, page, end);
        }
        Move::PageUp | Move::PageDown => {
            screen.scroll = moved(screen.scroll, step, page, end);
        }
    }
}

/// Scrolls the page that stands in the place of every screen of the account while nobody is signed in.
pub(super) fn scroll(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let end = model.text_end(ABSENT);
    model.profile.scroll = moved(model.profile.scroll, step, page, end);
}

/// Begins to edit the chosen field.
pub(super) fn edit(model: &mut Model) {
    let field = ProfileField::ALL[model.profile.cursor.min(ProfileField::ALL.len() - 1)];
    let Some(profile) = model.profile() else {
        return;
    };
    let before = profile.field(field).cloned();
    model.profile.edit = Some(FieldEdit {
        field,
        typed: Field::with(before.as_ref().map_or("", Text::as_str)),
        before,
        review: false,
        saving: None,
        stopping: false,
        error: None,
    });
}

/// What is to be sent: blanks around it are not part of it.
fn after(edit: &FieldEdit) -> String {
    edit.typed.value().expose().trim().to_owned()
}

/// Shows before and after, or says that they are the same.
pub(super) fn review(model: &mut Model) {
    let Some(edit) = &mut model.profile.edit else {
        return;
    };
    let before = edit.before.as_ref().map_or("", Text::as_str);
    if before == after(edit) {
        let text = format!(
            "{} is unchanged; there is nothing to send.",
            edit.field.key()
        );
        model.plain(text);
        return;
    }
    edit.review = true;
    edit.error = None;
    let cleared = after(edit).is_empty();
    let field = edit.field;
    if cleared {
        model.warn(format!("This clears {}.", field.key()));
    } else if field == ProfileField::Email {
        model.plain("The registry will send a mail to prove the new address.");
    }
}

/// Sends the change.
pub(super) fn save(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(edit) = &model.profile.edit else {
        return;
    };
    let change = Request::SaveField {
        field: edit.field,
        before: edit.before.clone(),
        after: after(edit),
    };
    let id = request::start(model, change, Asking::Allowed, effects);
    if let Some(edit) = &mut model.profile.edit {
        edit.saving = Some(id);
        edit.stopping = false;
        edit.error = None;
    }
}

/// Back from the review to typing.
pub(super) fn edit_again(model: &mut Model) {
    if let Some(edit) = &mut model.profile.edit {
        edit.review = false;
    }
}

/// Leaves the field as it was; what was sent is given up first, and left alone the second time.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(edit) = &mut model.profile.edit else {
        return;
    };
    match edit.saving {
        Some(id) if !edit.stopping => {
            edit.stopping = true;
            request::cancel(model, id, effects);
            model
                .plain("Given up. What was sent already is waited for; Esc again leaves it alone.");
        }
        _ => model.profile.edit = None,
    }
}

/// The registry has answered.
pub(super) fn finished(model: &mut Model, id: RequestId, result: Result<Profile, Failure>) {
    let edit = model
        .profile
        .edit
        .as_mut()
        .filter(|edit| edit.saving == Some(id));
    match (result, edit) {
        (Ok(profile), edit) => {
            let field = edit.map(|edit| edit.field);
            account::set_profile(model, profile);
            if field.is_some() {
                model.profile.edit = None;
            }
            match field {
                Some(ProfileField::Email) => model.good(
                    "email is saved. The registry may ask by mail for a proof of the new address.",
                ),
                Some(field) => model.good(format!("{} is saved.", field.key())),
                None => model.good("The change that was left alone is saved after all."),
            }
        }
        (Err(why), Some(edit)) => {
            edit.saving = None;
            edit.stopping = false;
            edit.review = why.kind == FailureKind::Cancelled;
            model.bad(&why);
            if let Some(edit) = &mut model.profile.edit {
                edit.error = Some(why);
            }
        }
        (Err(why), None) => model.bad(&why),
    }
}
