//! A rotation: what is carried over, where the new value goes, how each step stands, and what remains.

pub(super) mod again;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::created::{answers, facts};
use super::page::Page;
use super::theme::Theme;
use super::{Heading, create, table, value, words};
use crate::app::Model;
use crate::app::created::ValueCard;
use crate::app::model::{Done, Installed, RotateStage, Rotation, Running, Stopping, Tone};
use crate::domain::moment::Moment;
use crate::domain::rotation::{RotateState, RotateStep};
use crate::domain::token::Token;

pub(super) fn draw(
    model: &Model,
    rotation: &Rotation,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    match &rotation.stage {
        RotateStage::Form => create::draw(
            model,
            &rotation.form,
            "Rotate: the new token",
            theme,
            frame,
            inner,
        ),
        RotateStage::Ask(ask) => again::draw(model, rotation, ask, theme, frame, inner),
        RotateStage::Places => places(model, rotation, None, theme, frame, inner),
        RotateStage::Leaving(yes) => places(model, rotation, Some(*yes), theme, frame, inner),
        RotateStage::Running(running) if let Some(asked) = &running.in_place => {
            again::in_place(rotation, running, asked, theme, frame, inner)
        }
        RotateStage::Running(running) => match running.asks() {
            Some(asked) => installed(model, rotation, running, asked, theme, frame, inner),
            None => self::running(rotation, running, theme, frame, inner),
        },
        RotateStage::Done(done) => self::done(model, rotation, done, theme, frame, inner),
    }
}

fn title(rotation: &Rotation) -> String {
    format!("Rotate {}", rotation.called(40))
}

/// The first page: the old token, what the new one has of it, and where the new value goes.
fn places(
    model: &Model,
    rotation: &Rotation,
    leaving: Option<bool>,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let plain = Style::new();
    let mut page = Page::new(inner.width).scrolls();
    if let Some(yes) = leaving {
        page.say("! What you typed is lost.", theme.warning);
        answers(&mut page, "Give the rotation up?", yes, theme);
        page.gap();
    }
    if let Some(token) = &rotation.token {
        old(&mut page, model, token, theme);
    }
    page.gap();
    if let Some(why) = &rotation.unlike {
        page.say(format!("! {}", why.what), theme.warning);
        page.say(
            "Say in the form what the new one is to be: it begins with the least.",
            plain,
        );
    } else if rotation.lost.is_empty() {
        page.say(
            "✓ The new one can be like it in everything that is listed.",
            theme.good,
        );
    }
    for lost in &rotation.lost {
        page.say(format!("! {lost}"), theme.warning);
    }
    page.gap();
    ticks(&mut page, model, rotation, theme);
    page.gap();
    page.explain(
        if rotation.chosen(&model.rotate_places()).is_empty() {
            "The old token is revoked last, when you have said that the new one is where it is needed. Nothing is sent yet."
        } else {
            "The old token is revoked last, when the new one is in its places and works. Nothing is sent yet."
        },
        theme.dim,
    );
    Heading {
        title: title(rotation),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}

fn old(page: &mut Page<'_>, model: &Model, token: &Token, theme: &Theme) {
    let plain = Style::new();
    let (expires, tone) = match token.expires {
        None if token.never.expires => ("never".to_owned(), Tone::Plain),
        None => ("not told".to_owned(), Tone::Plain),
        at => words::expiry(at.map(Moment::at), model.now.wall),
    };
    let facts = format!(
        "{} {} · may {} · for {} · from {} · expires ",
        token.key.short(),
        token.begins,
        token.may(),
        table::what_for(token),
        table::only_from(token)
    );
    page.hanging(
        2,
        &[
            ("Old: ", theme.dim),
            (token.label(), theme.title),
            ("  ", plain),
            (&facts, plain),
            (&expires, theme.tone(tone)),
        ],
    );
    if let Some(note) = token.note.as_ref().filter(|note| !note.is_empty()) {
        page.hanging(2, &[("Note: ", theme.dim), (note.as_str(), plain)]);
    }
}

/// Where the new value goes.
fn ticks(page: &mut Page<'_>, model: &Model, rotation: &Rotation, theme: &Theme) {
    let plain = Style::new();
    let places = model.rotate_places();
    let last = places.iter().filter(|place| place.takes.is_ok()).count();
    let at = rotation.at.min(last);
    let line = |page: &mut Page<'_>, index: usize, ticked: bool, name: &str, what: &str| {
        let focused = index == at;
        page.focus_if(focused);
        let mark = match (focused, ticked) {
            (true, true) => "▸ [x] ",
            (true, false) => "▸ [ ] ",
            (false, true) => "  [x] ",
            (false, false) => "  [ ] ",
        };
        let style = if focused { theme.accent } else { plain };
        page.hanging(6, &[(mark, style), (name, style), (what, plain)]);
        if focused {
            page.focus_ends();
        }
    };
    page.say("Where the new value goes:", theme.title);
    let stays = rotation.left_behind(&places);
    let means = format!("It {}", rotation.what_stays(&places));
    for (index, place) in places.iter().enumerate() {
        match &place.takes {
            Ok(id) => line(
                page,
                index,
                rotation.ticked(id),
                place.place.as_str(),
                ": it is proved to hold the old one",
            ),
            Err(why) => page.hanging(
                6,
                &[
                    ("   –  ", theme.dim),
                    (place.place.as_str(), plain),
                    (": ", plain),
                    (why, plain),
                ],
            ),
        }
        if stays.contains(&place) {
            page.hanging(8, &[("      ! ", theme.warning), (&means, theme.warning)]);
        }
    }
    if places.is_empty() {
        page.say("      It was not found on this machine.", theme.dim);
    }
    line(
        page,
        last,
        rotation.is_elsewhere(&places),
        "elsewhere, too",
        ": you get the value, and say when it is installed there",
    );
}

const fn name(step: RotateStep) -> &'static str {
    match step {
        RotateStep::Create => "make the new token",
        RotateStep::Write => "write it to its places here",
        RotateStep::Verify => "see that the registry takes it",
        RotateStep::Revoke => "revoke the old token",
        RotateStep::VerifyGone => "see that the old one is gone and refused",
    }
}

fn steps(page: &mut Page<'_>, steps: &[(RotateStep, RotateState)], theme: &Theme) {
    let plain = Style::new();
    for (step, state) in steps {
        let name = match (step, state) {
            // Gone it is, and that is all that is known.
            (RotateStep::VerifyGone, RotateState::LeftOut(_)) => "see that the old one is refused",
            _ => name(*step),
        };
        let (mark, style, why) = match state {
            RotateState::Waiting => ("  ", theme.dim, String::new()),
            RotateState::Doing => ("▸ ", theme.accent, " …".to_owned()),
            RotateState::Done(said) if said.is_empty() => ("✓ ", theme.good, String::new()),
            RotateState::Done(said) => ("✓ ", theme.good, format!(": {said}")),
            RotateState::LeftOut(why) => ("– ", plain, format!(": left out. {why}")),
            RotateState::Failed(why) => ("✗ ", theme.bad, format!(": {why}")),
        };
        page.hanging(2, &[(mark, style), (name, style), (&why, plain)]);
    }
}

fn running(
    rotation: &Rotation,
    running: &Running,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    if let Some(doing) = running.besides() {
        page.hanging(
            2,
            &[
                ("▸ ", theme.accent),
                (doing, theme.accent),
                (" …", Style::new()),
            ],
        );
    }
    steps(&mut page, &running.steps, theme);
    page.gap();
    page.explain(
        "What was done is noted on this machine: if this ends in the middle, it can be gone on with.",
        theme.dim,
    );
    Heading {
        title: title(rotation),
        right: Vec::new(),
        hidden: page.draw(frame, inner, rotation.scroll),
    }
}

/// The value is shown for the other places that it goes to.
fn installed(
    model: &Model,
    rotation: &Rotation,
    running: &Running,
    asked: &Installed,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    if let Some(form) = &asked.card.writing {
        return value::write(model, &asked.card, form, theme, frame, inner);
    }
    let plain = Style::new();
    let mut page = Page::new(inner.width).scrolls();
    let in_place = matches!(running.state(RotateStep::Write), RotateState::Done(_));
    if let Some(yes) = asked.card.leaving {
        page.say(value::before_leaving(&asked.card, true), theme.warning);
        answers(&mut page, "Go on without it?", yes, theme);
    } else {
        page.say(
            "Nothing is revoked yet. Put the new value wherever else the old one is used:",
            plain,
        );
    }
    page.gap();
    value::draw(&mut page, &asked.card, theme);
    page.gap();
    if asked.card.leaving.is_none() && running.stopping == Stopping::Sent {
        page.say("It is being stopped: both tokens are kept.", theme.warning);
        page.gap();
    } else if asked.card.leaving.is_none() && running.stopping == Stopping::No {
        answers(&mut page, "Is it everywhere?", asked.yes, theme);
        page.say(
            "Yes revokes the old token, and whatever still uses that breaks then.",
            theme.warning,
        );
        page.gap();
    }
    if let Some(note) = rotation
        .token
        .as_ref()
        .and_then(|token| token.note.as_ref())
        .filter(|note| !note.is_empty())
    {
        page.hanging(
            2,
            &[("Your note: ", theme.dim), (note.as_str(), theme.title)],
        );
    }
    steps(&mut page, &running.steps, theme);
    Heading {
        title: format!("{}: the new value", title(rotation)),
        right: vec![held(&asked.card, in_place).to_owned()],
        hidden: page.draw(frame, inner, rotation.scroll),
    }
}

fn held(card: &ValueCard, in_place: bool) -> &'static str {
    if in_place && !card.is_kept() {
        "in its places here"
    } else {
        value::where_it_is(card)
    }
}

fn done(
    model: &Model,
    rotation: &Rotation,
    done: &Done,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    if let Some((card, form)) = done
        .card
        .as_ref()
        .and_then(|card| card.writing.as_ref().map(|form| (card, form)))
    {
        return value::write(model, card, form, theme, frame, inner);
    }
    let mut page = Page::new(inner.width).scrolls();
    let leaving = done
        .card
        .as_ref()
        .and_then(|card| Some((card.leaving?, card)));
    if let Some((yes, card)) = leaving {
        page.say(value::before_leaving(card, true), theme.warning);
        answers(&mut page, "Leave it?", yes, theme);
        page.gap();
    } else if done.remains.is_empty() {
        let is_written = |(step, state): &(RotateStep, RotateState)| {
            *step == RotateStep::Write && matches!(state, RotateState::Done(_))
        };
        let said = if done.steps.iter().any(is_written) {
            "✓ The new token has taken the old one's place."
        } else {
            "✓ The new token is made, and the old one is revoked."
        };
        page.say(said, theme.good);
    } else {
        page.say("! This remains to be done:", theme.warning);
        for remains in &done.remains {
            page.say(format!("  · {remains}"), theme.title);
        }
    }
    page.gap();
    if let Some(card) = &done.card {
        let what = match (&card.written, card.is_old) {
            (Some(stored), _) => format!("The value stands in {} now. It is shown this once:", stored.file),
            (None, true) => "The old value could not be put back where it stood. It works, and is shown this once:".to_owned(),
            (None, false) => "The new value stands in no file here. It is shown this once:".to_owned(),
        };
        page.say(what, Style::new());
        value::draw(&mut page, card, theme);
        page.gap();
    }
    steps(&mut page, &done.steps, theme);
    page.gap();
    if let Some(token) = &done.token {
        page.say("The new token:", theme.title);
        facts(&mut page, model, token, theme);
    }
    Heading {
        title: title(rotation),
        right: done
            .card
            .as_ref()
            .map(|card| value::where_it_is(card).to_owned())
            .into_iter()
            .collect(),
        hidden: page.draw(frame, inner, rotation.scroll),
    }
}
