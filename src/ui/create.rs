//! The form for a new token: the least that it may do first, and all of it in one sentence before it is sent.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::input::Input;
use super::page::Page;
use super::theme::{Theme, sign};
use super::{Heading, failure};
use crate::app::Model;
use crate::app::create::{TokenField, TokenForm};
use crate::app::model::Tone;

/// Windows lower than this have no room for what explains itself.
const LOW: u16 = 12;

pub(super) fn draw(
    model: &Model,
    form: &TokenForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    let busy = form.sent.is_some();
    if let Some(why) = &form.error {
        failure(&mut page, why, theme);
        page.gap();
    }
    // All of it stands above the password, so that it is in sight when that is typed, in low windows too.
    if busy {
        sum(&mut page, model, form, theme);
        page.gap();
        if form.stopping {
            page.say(
                "! Giving up: if it was sent already, a token may be made.",
                theme.warning,
            );
        } else {
            page.say("Waiting for the registry …", theme.dim);
        }
    } else {
        let low = inner.height < LOW;
        kind(&mut page, form, low, theme);
        page.gap();
        addresses(&mut page, model, form, low, theme);
        page.gap();
        sum(&mut page, model, form, theme);
        page.gap();
        page.field(
            "Your password: ",
            &form.password,
            &input(model, form, TokenField::Password, theme),
        );
        if form.misses_password() {
            page.say("✗ Type the account's password.", theme.bad);
        }
        if !low {
            page.gap();
            page.explain(
                "This is the old kind of token, which nearly every registry makes: it has no name, and no end date unless the registry sets one.",
                theme.dim,
            );
        }
    }
    Heading {
        title: "New token".to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}

fn input<'t>(model: &Model, form: &TokenForm, field: TokenField, theme: &'t Theme) -> Input<'t> {
    Input {
        theme,
        now: model.now.mono,
        focused: form.at == field,
        width: if field == TokenField::Password {
            40
        } else {
            60
        },
    }
}

fn addresses<'a>(
    page: &mut Page<'a>,
    model: &Model,
    form: &'a TokenForm,
    low: bool,
    theme: &Theme,
) {
    page.field(
        "Only from:     ",
        &form.addresses,
        &input(model, form, TokenField::Addresses, theme),
    );
    for (tone, words) in form.said_of_addresses() {
        page.say(format!("{} {words}", sign(tone)), theme.tone(tone));
    }
    if !low {
        page.explain(
            "               IPv4 ranges or addresses, with commas; empty: from anywhere.",
            theme.dim,
        );
    }
}

/// All of it in one sentence, and what to know about that.
fn sum(page: &mut Page<'_>, model: &Model, form: &TokenForm, theme: &Theme) {
    let name = model.profile().map_or("", |profile| profile.name.as_str());
    let wrong = |(tone, _): &(Tone, String)| *tone == Tone::Bad;
    match form.sum(name) {
        Some(sum) => page.say(sum, theme.title),
        None if form.said_of_addresses().iter().any(wrong) => {
            page.say("✗ Correct the addresses first.", theme.bad);
        }
        None => page.say("The addresses are not finished.", theme.dim),
    }
    if !form.readonly {
        page.say("! Whoever has it can publish your packages.", theme.warning);
    }
    if of_npm(model) {
        page.say(
            "! npm's own registry has made none of this kind since November 2025: expect a refusal, and make one on its website.",
            theme.warning,
        );
    }
}

/// npm's default registry, which takes another form of the request.
fn of_npm(model: &Model) -> bool {
    let account = model.account.value();
    account.is_some_and(|account| account.identity.website().is_some())
}

fn kind(page: &mut Page<'_>, form: &TokenForm, low: bool, theme: &Theme) {
    let plain = Style::new();
    let focused = form.at == TokenField::Kind;
    let option = |readonly: bool| {
        let chosen = form.readonly == readonly;
        let mark = match (focused, chosen) {
            (true, true) => "▸ (●) ",
            (false, true) => "  (●) ",
            _ => "  ( ) ",
        };
        let style = if focused && chosen {
            theme.accent
        } else {
            plain
        };
        (mark, style)
    };
    let ((read, read_style), (publish, publish_style)) = (option(true), option(false));
    page.focus_if(focused);
    if low {
        page.spans(&[
            (read, read_style),
            ("read-only", read_style),
            ("  ", plain),
            (publish, publish_style),
            ("publish", publish_style),
        ]);
    } else {
        page.hanging(
            6,
            &[
                (read, read_style),
                ("read-only", read_style),
                (": reads packages, private ones too", plain),
            ],
        );
        page.hanging(
            6,
            &[
                (publish, publish_style),
                ("publish", publish_style),
                (": may also publish and change your packages", plain),
            ],
        );
    }
    page.focus_ends();
}
