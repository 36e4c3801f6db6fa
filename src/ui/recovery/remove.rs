//! The question before a set is removed, and what of it is left.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::name;
use super::set::{path_rows, used, worth};
use crate::app::Model;
use crate::app::model::RemoveForm;
use crate::app::recovery::{REMOVE, Worth};
use crate::domain::recovery::Place;
use crate::domain::text::Text;
use crate::ui::input::Input;
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::{Heading, failure, words};

/// The question stands first, so that it is in sight in every window; what goes can be scrolled through.
pub(super) fn draw(
    model: &Model,
    form: &RemoveForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    if let Some(why) = &form.error {
        failure(&mut page, why, theme);
        page.gap();
    }
    if form.sent.is_some() {
        let said = if form.stopping {
            "! Giving up: some of it may be gone."
        } else {
            "Removing the set …"
        };
        page.say(said, theme.dim);
    } else {
        question(&mut page, model, form, theme);
        page.gap();
        goes(&mut page, model, form, theme);
    }
    Heading {
        title: "Remove this set?".to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, form.scroll),
    }
}

fn question<'a>(page: &mut Page<'a>, model: &Model, form: &'a RemoveForm, theme: &Theme) {
    if form.in_use {
        let said = match crate::app::recovery::worth(model, &form.set) {
            Worth::Either | Worth::Newest => {
                "! These codes may be in use: without another copy of them, a lost phone could lock you out."
            }
            _ => {
                "! These codes are in use: without another copy of them, a lost phone locks you out."
            }
        };
        page.say(said, theme.warning);
        let label = format!("Type “{REMOVE}” to remove them: ");
        let input = Input {
            theme,
            now: model.now.mono,
            focused: true,
            width: 12,
        };
        page.field(&label, &form.word, &input);
        return;
    }
    let yes = form.yes;
    let answer = |chosen: bool| if chosen { theme.selected } else { Style::new() };
    page.spans(&[
        ("Remove it?  ", theme.title),
        (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
        ("  ", Style::new()),
        (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
    ]);
}

fn goes(page: &mut Page<'_>, model: &Model, form: &RemoveForm, theme: &Theme) {
    let plain = Style::new();
    let set = &form.set;
    let (state, style) = worth(set, crate::app::recovery::worth(model, set), theme);
    page.say("This goes, and cannot be brought back:", plain);
    page.hanging(
        4,
        &[
            ("  · ", theme.dim),
            (&name(&set.account, &set.registry), theme.title),
            (
                &format!(" of {}, {} · ", words::date(set.received, theme), used(set)),
                plain,
            ),
            (state, style),
        ],
    );
    for file in &form.files {
        path_rows(page, "  · ", file, (theme.dim, theme.title));
    }
    match &set.place {
        Place::Myself => page.explain("Your own copy of the codes stays where it is.", theme.dim),
        _ if form.files.is_empty() => {
            page.explain("The file is not there any more.", theme.dim);
        }
        _ => {}
    }
    page.explain(
        "At the registry nothing changes: codes that still work there go on working for whoever has them.",
        theme.dim,
    );
}

/// What could not be removed, and is for the person to do.
pub(super) fn left(left: &[Text], theme: &Theme, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    page.say(
        "The set is gone from the list. This could not be removed:",
        Style::new(),
    );
    page.gap();
    for said in left {
        page.say(format!("! {said}"), theme.warning);
    }
    Heading {
        title: "Removing a set: what is left".to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}
