//! The question before an interrupted rotation is gone on with: what goes, where it lies, and what Yes does (promise P28).

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Model;
use crate::app::model::{AskedInPlace, GoOn, Rotation, Running};
use crate::app::rotate::Listed;
use crate::domain::found::{Found, Grade};
use crate::domain::rotation::{RotateStep, RotationLeft};
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::ui::created::above_answers;
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::{Heading, table, words};

pub(super) fn draw(
    model: &Model,
    rotation: &Rotation,
    ask: &GoOn,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let left = &*ask.left;
    let now = model.listed_now(&left.old);
    let mut top = Page::new(inner.width).scrolls();
    let old = rotation.token.as_deref().filter(|_| now != Listed::Gone);
    for (words, warns) in means(left, now, old) {
        let style = if warns { theme.warning } else { Style::new() };
        top.say(words, style);
    }
    top.gap();
    token(&mut top, model, ("Old: ", &left.old, old), theme);
    if now == Listed::Gone {
        top.say("  The list does not have it any more.", Style::new());
    }
    for (words, sure) in old.map(local_users).unwrap_or_default() {
        let style = if sure { theme.badge } else { Style::new() };
        top.hanging(2, &[("  ", Style::new()), (&words, style)]);
    }
    if let Some(note) = old
        .and_then(|old| old.note.as_ref())
        .filter(|n| !n.is_empty())
    {
        top.hanging(
            2,
            &[("  your note: ", theme.dim), (note.as_str(), Style::new())],
        );
    }
    if let Some(key) = &left.new {
        let rows = model.tokens.list.value().map_or(&[][..], Vec::as_slice);
        let new = rows.iter().find(|row| row.key == *key);
        token(&mut top, model, ("New: ", key, new), theme);
        let held = new.map_or(&[][..], |new| &new.found);
        for found in held.iter().filter(|found| found.grade == Grade::Is) {
            let in_use = if found.in_use { ", in use now" } else { "" };
            let words = format!("stands in {}{in_use}", found.place);
            top.hanging(4, &[("  ", Style::new()), (&words, Style::new())]);
        }
    }
    top.say(
        format!(
            "It began at {} and was interrupted.",
            words::stamp(left.began, theme)
        ),
        theme.dim,
    );
    let middle = above_answers(("Go on?", ask.yes), theme, frame, inner);
    Heading {
        title: format!("{}: go on?", super::title(rotation)),
        right: Vec::new(),
        hidden: top.draw(frame, middle, rotation.scroll),
    }
}

/// What tells it from another; the id alone, where no list has it.
pub(in crate::ui) fn token(
    page: &mut Page<'_>,
    model: &Model,
    (label, key, listed): (&str, &TokenKey, Option<&Token>),
    theme: &Theme,
) {
    let Some(token) = listed else {
        let id = key.short();
        page.hanging(
            5,
            &[
                (label, theme.dim),
                ("the token ", Style::new()),
                (id.as_str(), theme.title),
            ],
        );
        return;
    };
    let used = match token.accessed {
        Some(at) => format!("used {}", words::ago(at.at(), model.now.wall)),
        None if token.never.used => "never used".to_owned(),
        None => "last use not told".to_owned(),
    };
    let facts = format!(
        "  {} {} · may {} · for {} · {used}",
        token.key.short(),
        token.begins,
        token.may(),
        table::what_for(token)
    );
    page.hanging(
        5,
        &[
            (label, theme.dim),
            (token.label(), theme.title),
            (&facts, Style::new()),
        ],
    );
}

/// Where the old one still lies on this machine, and whether that is sure.
fn local_users(token: &Token) -> Vec<(String, bool)> {
    let mut found: Vec<&Found> = token.found.iter().collect();
    found.sort_by_key(|found| std::cmp::Reverse((found.grade, found.in_use)));
    let words = |found: &Found| {
        let place = &found.place;
        let in_use = if found.in_use { ", in use now" } else { "" };
        match found.grade {
            Grade::Is => (format!("! still in {place}{in_use}"), true),
            Grade::LooksLike => (format!("looks like {place}{in_use}"), false),
        }
    };
    found.into_iter().map(words).collect()
}

/// What Yes does, as sentences; true for what warns.
fn means(left: &RotationLeft, now: Listed, old: Option<&Token>) -> Vec<(String, bool)> {
    if left.new.is_none() {
        return vec![(
            "Whether the new token was made is not known. Yes looks for it in the list; nothing is revoked.".to_owned(),
            false,
        )];
    }
    let mut said = Vec::new();
    if now == Listed::Gone {
        said.push((
            "Yes sees whether the new one works and, where its value is known here, whether the old one is refused. That ends the rotation."
                .to_owned(),
            false,
        ));
    } else if left.done >= Some(RotateStep::Revoke) {
        said.push((
            "The old one was revoked. Yes looks whether it is gone, and revokes it once more if it is still listed.".to_owned(),
            true,
        ));
    } else if left.places.is_empty() {
        said.push((
            "No place on this machine takes the new value: Yes looks at what stands, then asks whether the new one is in place everywhere that the old one was used. Only when you say so the old one is revoked."
                .to_owned(),
            false,
        ));
        if old.and_then(Token::in_use) == Some(Grade::Is) {
            said.push((
                "! The old one is in use here: it is not revoked before the new value stands on this machine."
                    .to_owned(),
                true,
            ));
        }
    } else {
        said.push((
        "Yes sees that the new one works, then revokes the old one. Whatever still uses the old one stops working. This cannot be undone."
            .to_owned(),
        true,
    ));
        match old.and_then(Token::in_use) {
            Some(Grade::Is) => said.push((
                "! The old one is in use here: npm-warden goes on by the new one.".to_owned(),
                true,
            )),
            Some(Grade::LooksLike) => said.push((
                "! The old one looks like the one in use here: if it is, you may be signed out."
                    .to_owned(),
                true,
            )),
            None => {}
        }
        if left.elsewhere {
            said.push((
                "Before the old one goes you are asked whether the new value is everywhere else."
                    .to_owned(),
                false,
            ));
        }
    }
    let files: Vec<&str> = left.shown.iter().map(Text::as_str).collect();
    if !files.is_empty() {
        let files = Text::new(&files.join("; "));
        said.push((
            format!("First the new value goes into {files}, if it is not there yet."),
            false,
        ));
    }
    said
}

/// Is the new token in place, of which only the person knows?
pub(super) fn in_place(
    rotation: &Rotation,
    running: &Running,
    asks: &AskedInPlace,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut top = Page::new(inner.width).scrolls();
    top.say(asks.asked.said.as_str(), Style::new());
    for caution in &asks.asked.cautions {
        top.say(format!("! {caution}"), theme.warning);
    }
    let old = &asks.asked.old;
    top.say(
        format!("Is the new one in place everywhere that {old} was used?"),
        theme.title,
    );
    top.say(
        "Yes revokes the old one, and whatever still uses that breaks then. This cannot be undone. No keeps both, and this can be gone on with later.",
        theme.warning,
    );
    top.gap();
    super::steps(&mut top, &running.steps, theme);
    let middle = above_answers(("In place everywhere?", asks.yes), theme, frame, inner);
    Heading {
        title: format!("{}: in place?", super::title(rotation)),
        right: Vec::new(),
        hidden: top.draw(frame, middle, rotation.scroll),
    }
}
