//! The profile screen: every field of the account, and one being edited.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::input::Input;
use super::page::Page;
use super::theme::Theme;
use super::{Heading, failure, password, words};
use crate::app::Model;
use crate::app::model::{FieldEdit, Load};
use crate::domain::ability::Ability;
use crate::domain::account::{Profile, ProfileField};
use crate::domain::text::cut;
use crate::domain::tfa::Tfa;

/// Where the values begin.
const COLUMN: usize = 18;

pub(super) fn draw(
    model: &Model,
    profile: &Profile,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    let plain = Style::new();
    if let Some(form) = &model.profile.password {
        return password::draw(model, profile, form, theme, frame, inner);
    }
    stale(&mut page, model, theme);
    page.pair(
        "  name",
        COLUMN,
        &[(profile.name.as_str(), theme.title)],
        theme.dim,
    );
    let fixed = model.lacks.get(&Ability::EditProfile);
    for (index, field) in ProfileField::ALL.into_iter().enumerate() {
        let chosen = index == model.profile.cursor;
        match &model.profile.edit {
            Some(edit) if edit.field == field => editing(&mut page, model, edit, theme),
            _ => value(&mut page, profile, field, chosen, fixed.is_some(), theme),
        }
    }
    page.gap();
    if let Some(said) = fixed
        && model.profile.edit.is_none()
    {
        page.explain(format!("  These fields cannot be set: {said}"), theme.dim);
        page.gap();
    }
    let tfa = match &profile.tfa {
        Tfa::Unknown(_) if profile.is_name_alone() => "not known: no profile came".to_owned(),
        Tfa::Unknown(words) => format!("unknown: {words}"),
        known => known.word().to_owned(),
    };
    page.pair("  two-factor auth", COLUMN, &[(&tfa, plain)], theme.dim);
    let now = model.now.wall;
    for (label, at) in [
        ("  created", profile.created),
        ("  updated", profile.updated),
    ] {
        if let Some(at) = at {
            let words = format!("{} ({})", words::stamp(at, theme), words::ago(at, now));
            page.pair(label, COLUMN, &[(&words, plain)], theme.dim);
        }
    }
    for (key, value) in &profile.other {
        let label = format!("  {key}");
        let value = if value.is_empty() {
            "–"
        } else {
            value.as_str()
        };
        page.pair(&label, COLUMN, &[(value, plain)], theme.dim);
    }
    let scroll = match model.profile.edit {
        None => model.profile.scroll,
        Some(_) => 0,
    };
    let right = match &model.account {
        Load::Loading { .. } => vec!["reading …".to_owned()],
        _ => Vec::new(),
    };
    Heading {
        title: "Profile".to_owned(),
        right,
        hidden: page.draw(frame, inner, scroll),
    }
}

/// Says so when what is shown may be out of date.
pub(super) fn stale(page: &mut Page<'_>, model: &Model, theme: &Theme) {
    if let Load::Failed { why, old: Some(_) } = &model.account {
        failure(page, why, theme);
        page.say(
            "! What stands here was read before and may be out of date.",
            theme.warning,
        );
        page.gap();
    }
}

fn value(
    page: &mut Page<'_>,
    profile: &Profile,
    field: ProfileField,
    chosen: bool,
    fixed: bool,
    theme: &Theme,
) {
    let mark = if chosen { "▸" } else { " " };
    let label = format!("{mark} {}", field.key());
    let value = profile.field(field);
    let style = match (chosen, fixed) {
        (true, _) => theme.accent,
        (false, true) => theme.dim,
        (false, false) => Style::new(),
    };
    let mut spans = vec![match value {
        Some(text) => (text.as_str(), style),
        None => ("–", if chosen { theme.accent } else { theme.dim }),
    }];
    if field == ProfileField::Email && value.is_some() {
        match profile.email_verified {
            Some(true) => spans.push(("  ✓ verified", theme.good)),
            Some(false) => spans.push(("  ! not verified", theme.warning)),
            None => {}
        }
    }
    page.focus_if(chosen);
    let label_style = if chosen { theme.accent } else { theme.dim };
    page.pair(&label, COLUMN, &spans, label_style);
    page.focus_ends();
}

fn editing<'a>(page: &mut Page<'a>, model: &Model, edit: &'a FieldEdit, theme: &Theme) {
    let busy = edit.saving.is_some();
    let column = COLUMN.min(page.width() / 2);
    let label = format!(
        "▸ {:<width$}",
        edit.field.key(),
        width = column.saturating_sub(2)
    );
    let input = Input {
        theme,
        now: model.now.mono,
        focused: !edit.review && !busy,
        width: 60,
    };
    page.field(&label, &edit.typed, &input);
    if let Some(why) = &edit.error {
        failure(page, why, theme);
    }
    if edit.review || busy {
        let before = edit.before.as_ref().map_or("", |text| text.as_str());
        let after = edit.typed.value().expose();
        let shown = |text: &str| {
            if text.is_empty() {
                "(empty)".to_owned()
            } else {
                cut(text, 400)
            }
        };
        page.hanging(
            4,
            &[
                ("  ", Style::new()),
                (edit.field.key(), theme.title),
                (": ", theme.title),
                (&shown(before), Style::new()),
                (" → ", theme.accent),
                (&shown(after), theme.title),
            ],
        );
    }
    let hint = match (busy, edit.review) {
        (true, _) => "  Saving …",
        (false, true) => "  Enter saves this. Esc goes back to the field.",
        (false, false) => "  Enter shows the change before it is sent. Esc leaves it as it was.",
    };
    page.explain(hint, theme.dim);
    if edit.field == ProfileField::Email {
        page.explain(
            "  The registry may ask for proof of a new address by mail, and may hold back publishing until then.",
            theme.dim,
        );
    }
    page.gap();
}
