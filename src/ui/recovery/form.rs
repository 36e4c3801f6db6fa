//! What it takes to open, prove or export a set, and the question for part of a code.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::name;
use super::set::{path_rows, place_word};
use crate::app::Model;
use crate::app::model::{SetField, SetForm, SetProof, SetTask};
use crate::domain::recovery::{Place, age_command};
use crate::ui::code;
use crate::ui::input::Input;
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::{Heading, failure, words};

pub(super) fn draw(
    model: &Model,
    form: &SetForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    let set = &form.set;
    page.spans(&[
        (&name(&set.account, &set.registry), theme.title),
        (
            &format!(
                " · {} · {}",
                words::date(set.received, theme),
                place_word(&set.place)
            ),
            Style::new(),
        ),
    ]);
    page.gap();
    if let Some(why) = &form.error {
        failure(&mut page, why, theme);
        page.gap();
    }
    if form.sent.is_some() {
        page.say(waiting(form), theme.dim);
    } else {
        fields(&mut page, model, form, theme);
    }
    Heading {
        title: match form.task {
            SetTask::Open => "Open a set of recovery codes",
            SetTask::Prove => "Prove that you have the codes",
            SetTask::Export => "Export recovery codes",
        }
        .to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}

fn waiting(form: &SetForm) -> &'static str {
    match (form.stopping, form.task) {
        (true, _) => "Giving up …",
        (false, SetTask::Export) => "Writing the file …",
        (false, _) if form.is_locked() => "Opening the encrypted file: that takes a moment …",
        (false, _) => "Reading the file …",
    }
}

fn fields<'a>(page: &mut Page<'a>, model: &Model, form: &'a SetForm, theme: &Theme) {
    for field in form.fields() {
        let (label, value, width) = match field {
            SetField::Path => ("New file:   ", &form.path, 120),
            SetField::Passphrase => ("Passphrase: ", &form.passphrase, 40),
        };
        let input = Input {
            theme,
            now: model.now.mono,
            focused: form.at == field,
            width,
        };
        page.field(label, value, &input);
    }
    if form.fields().len() > 1 {
        page.say("Tab goes to the other field.", theme.dim);
    }
    page.gap();
    if form.task == SetTask::Export {
        page.say(
            "! It will be plain text: malware that steals files looks for such codes. Move it to where it belongs, and remove it then.",
            theme.warning,
        );
        page.explain("Nothing that is there already is written over.", theme.dim);
    }
    if form.is_locked() {
        page.explain(
            "It is the passphrase that you chose when the codes were saved, not the account's password.",
            theme.dim,
        );
    }
    if form.task == SetTask::Prove {
        page.explain(
            "Then part of one code is asked for. The codes are not shown: open the copy that you would take in need.",
            theme.dim,
        );
    }
}

pub(super) fn proof(
    model: &Model,
    proof: &SetProof,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let plain = Style::new();
    let mut page = Page::new(inner.width).scrolls();
    if proof.added {
        page.say("✓ The codes are kept.", theme.good);
    }
    match &proof.proof {
        // First of all, so that it is in sight in every window.
        Some(asked) => code::ask(&mut page, model, asked, &proof.typed, theme),
        None if proof.stopping => page.say("Leaving …", theme.dim),
        None => page.say("Checking what was typed …", theme.dim),
    }
    page.gap();
    match &proof.place {
        Place::Vault(path) => {
            page.say(
                "Look into the copy that you would take in need: another one, or this one in another terminal by",
                plain,
            );
            page.hanging(
                4,
                &[("  ", plain), (age_command(path).as_str(), theme.title)],
            );
        }
        Place::File(path) => {
            page.say(
                "Look into the copy that you would take in need. These are in",
                plain,
            );
            path_rows(&mut page, "  ", path, (plain, theme.title));
        }
        Place::Myself => page.say("Look into the copy that you have.", plain),
    }
    page.gap();
    page.explain(
        "It is compared on this machine; no code is used up. Ctrl-B asks for part of another code, when that one is crossed out.",
        theme.dim,
    );
    Heading {
        title: format!("Prove the codes of {}", proof.account),
        right: Vec::new(),
        hidden: page.draw(frame, inner, proof.scroll),
    }
}
