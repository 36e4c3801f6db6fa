//! Help, palette, and the way out of the program.

use super::field::Field;
use super::keymap::{self, Action, Move, Scope};
use super::model::{Model, Overlay, RevokeStage, SetPage, WizardStep};
use super::note::NoteForm;
use super::request::Purpose;
use super::scroll::moved;
use super::{Effect, act, created, emergency, exposure};
use crate::domain::recovery::Place;
use crate::domain::text::Text;

/// Opens the help.
pub(super) fn help(model: &mut Model) {
    exposure::hide_all(model);
    let over = model.challenges.first().map(|asked| asked.id);
    model.overlay = Some(Overlay::Help { scroll: 0, over });
}

/// Opens the palette.
pub(super) fn palette(model: &mut Model) {
    exposure::hide_all(model);
    model.overlay = Some(Overlay::Palette {
        typed: Field::plain(),
        cursor: 0,
    });
}

/// Something was typed into the palette.
pub(super) fn typed(model: &mut Model) {
    if let Some(Overlay::Palette { cursor, .. }) = &mut model.overlay {
        *cursor = 0;
    }
}

/// The palette lists what can be done on what lies beneath it. When that has changed by itself, Enter would do
/// something else than the person has read: it is closed.
pub(super) fn settle(model: &mut Model, beneath: Scope) {
    if matches!(model.overlay, Some(Overlay::Palette { .. })) && keymap::beneath(model) != beneath {
        model.overlay = None;
    }
}

/// Does what the chosen line of the palette says.
pub(super) fn run_entry(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Palette { cursor, .. }) = model.overlay else {
        return;
    };
    let mut entries = keymap::palette(model);
    if cursor >= entries.len() {
        model.plain("No action has that name.");
        return;
    }
    let entry = entries.swap_remove(cursor);
    model.overlay = None;
    // Signing out leads to its screen by itself, and back to the one that was left.
    if let Some(screen) = entry.on.filter(|_| entry.action != Action::SignOut) {
        act::go(model, screen);
    }
    act::take(model, entry.action, effects);
}

/// Moves through help or palette.
pub(super) fn go(model: &mut Model, step: Move) {
    let page = model.list_rows();
    let end = model.text_end(keymap::help_lines(model));
    let entries = keymap::palette(model).len();
    match &mut model.overlay {
        Some(Overlay::Help { scroll, .. }) => {
            *scroll = moved(*scroll, step, page, end);
        }
        Some(Overlay::Palette { cursor, .. }) => {
            *cursor = moved(*cursor, step, page, entries.saturating_sub(1));
        }
        _ => {}
    }
}

/// `q`: asks when something would be lost.
pub(super) fn quit(model: &mut Model, effects: &mut Vec<Effect>) {
    match at_risk(model).or_else(|| unfinished(model)) {
        Some(why) => ask(model, why),
        None if emergency::quits_with(model) => {}
        None => quit_now(model, effects),
    }
}

/// Ctrl-C: at once, but recovery codes that were not proved guard themselves once, and so does a new token's value.
pub(super) fn interrupt(model: &mut Model, effects: &mut Vec<Effect>) {
    match at_risk(model) {
        Some(why) if !matches!(model.overlay, Some(Overlay::Leave { .. })) => ask(model, why),
        _ => quit_now(model, effects),
    }
}

/// Ends the program.
pub(super) fn quit_now(model: &mut Model, effects: &mut Vec<Effect>) {
    exposure::hide_all(model);
    model.quitting = true;
    effects.push(Effect::Quit);
}

fn ask(model: &mut Model, why: String) {
    exposure::hide_all(model);
    model.overlay = Some(Overlay::Leave {
        why: Text::from(why),
        yes: false,
    });
}

/// What would become of secrets that are shown this once.
fn at_risk(model: &Model) -> Option<String> {
    codes_at_risk(model).or_else(|| created::at_risk(model))
}

/// What would become of the codes that were received and not proved.
fn codes_at_risk(model: &Model) -> Option<String> {
    let wizard = model.wizard.as_ref()?;
    let at_risk = wizard.codes.is_some() || wizard.step == WizardStep::Proof;
    if !at_risk {
        return None;
    }
    // The demo's folder goes with the demo, and with it what the person may take for saved.
    let demo = if model.demo.is_some() {
        " The demo's folder is removed when the demo ends, with what is in it."
    } else {
        ""
    };
    Some(match (&wizard.saved, &wizard.codes) {
        (Some(Place::File(path) | Place::Vault(path)), _) => format!(
            "It is not proved yet that you have the recovery codes. They are in {}.{demo}",
            path.display()
        ),
        (_, Some(_)) => "The recovery codes are on this screen and nowhere else: \
                 whoever leaves before copying them has lost them."
            .to_owned(),
        (_, None) => "It is not proved yet that you have the recovery codes.".to_owned(),
    })
}

/// What else would be lost or left half done.
fn unfinished(model: &Model) -> Option<String> {
    if let Some(wizard) = &model.wizard
        && wizard.job.is_some()
    {
        return Some(if wizard.relevel {
            "Two-factor authentication is off until its new set-up is confirmed: the registry may keep a half-done one."
                .to_owned()
        } else {
            "Two-factor authentication is being set up: the registry may keep a half-done set-up."
                .to_owned()
        });
    }
    if let Some(revoke) = &model.tokens.revoke
        && matches!(revoke.stage, RevokeStage::Running(_))
    {
        return Some(
            "Tokens are being revoked: those that were not sent yet would stay.".to_owned(),
        );
    }
    if let Some(why) = emergency::unfinished(model) {
        return Some(why);
    }
    if model.running(Purpose::CreateToken).is_some() {
        return Some(
            "A token is being made: its value would never be seen, and it would have to be revoked."
                .to_owned(),
        );
    }
    if model.running(Purpose::Rotate).is_some() {
        return Some(
            "A token is being rotated: what was begun can be gone on with later, and until then both may live."
                .to_owned(),
        );
    }
    if model.running(Purpose::ChangePassword).is_some() {
        return Some("The password is being changed.".to_owned());
    }
    if model.running(Purpose::SignOut).is_some() {
        return Some("You are being signed out.".to_owned());
    }
    if model.running(Purpose::ApplyFix).is_some() {
        return Some("A file of npm's configuration is being changed.".to_owned());
    }
    if let Some(SetPage::Add(form)) = &model.recovery.page
        && !form.codes.is_empty()
    {
        return Some("The recovery codes that you pasted are not kept yet.".to_owned());
    }
    let touched = model.token_form().is_some_and(|form| form.touched)
        || model
            .rotation
            .as_ref()
            .is_some_and(|rotation| rotation.form.touched && rotation.is_unsent());
    if touched {
        return Some("The form for a token was filled in, and nothing of it was sent.".to_owned());
    }
    if model.tokens.note.as_ref().is_some_and(NoteForm::is_changed) {
        return Some("The note was edited and is not kept yet.".to_owned());
    }
    let edit = model.profile.edit.as_ref()?;
    Some(if edit.saving.is_some() {
        format!("{} is being saved.", edit.field.key())
    } else {
        format!("{} was edited and is not saved.", edit.field.key())
    })
}
