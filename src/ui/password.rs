//! The form for another password.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::input::Input;
use super::page::Page;
use super::theme::{Theme, sign};
use super::{Heading, failure};
use crate::app::Model;
use crate::app::model::Tone;
use crate::app::password::{PasswordField, PasswordForm};
use crate::domain::account::Profile;

/// The labels, as wide as each other.
const fn label(field: PasswordField) -> &'static str {
    match field {
        PasswordField::Current => "Current password: ",
        PasswordField::New => "New password:     ",
        PasswordField::Again => "New, once more:   ",
    }
}

pub(super) fn draw(
    model: &Model,
    profile: &Profile,
    form: &PasswordForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let plain = Style::new();
    let mut page = Page::new(inner.width).scrolls();
    let busy = form.sent.is_some();
    if let Some(why) = &form.error {
        failure(&mut page, why, theme);
        page.gap();
    }
    // What was typed went with the request.
    let fields = PasswordField::ALL.into_iter().filter(|_| !busy);
    for field in fields {
        let input = Input {
            theme,
            now: model.now.mono,
            focused: form.at == field,
            width: 40,
        };
        page.field(label(field), form.field(field), &input);
        for remark in form.said(field, profile.name.as_str()) {
            let tone = if remark.blocks() {
                Tone::Bad
            } else {
                Tone::Warning
            };
            let words = format!("{} {}", sign(tone), remark.words());
            page.say(words, theme.tone(tone));
        }
    }
    page.gap();
    match (busy, form.stopping) {
        (true, true) => page.say(
            "! Giving up: if it was sent already, the new password may hold.",
            theme.warning,
        ),
        (true, false) => page.say("Waiting for the registry …", theme.dim),
        _ => {
            page.explain(
                "Do not count on a new password to end tokens: one that must go has to be revoked.",
                plain,
            );
            page.explain(
                "Nothing is sent before Enter in the last field; npm's own registry also refuses passwords that are known from leaks.",
                theme.dim,
            );
        }
    }
    Heading {
        title: "Change the password".to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}
