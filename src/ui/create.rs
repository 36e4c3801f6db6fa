//! The form for a token: the least that it may do first, each part explained, and all of it in one sentence before it is
//! sent.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::created::answers;
use super::input::Input;
use super::page::{Hidden, Page};
use super::theme::{Theme, sign};
use super::tokens::split;
use super::wrap::narrow;
use super::{Heading, failure};
use crate::app::Model;
use crate::app::create::{ORGS_PERMISSIONS, PERMISSIONS, TokenField, TokenForm, TokenKind};
use crate::app::model::Tone;
use crate::domain::granular::Permission;

/// Windows lower than this have no room for what explains itself.
const LOW: u16 = 12;
/// The cells of a label, with the mark before it.
const LABEL: usize = 16;
/// Places narrower than this have no room for what is indented by a label.
const NARROW: usize = 60;

pub(super) fn draw(
    model: &Model,
    form: &TokenForm,
    title: &str,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let hidden = if form.sent.is_some() {
        sent(model, form, theme, frame, inner)
    } else {
        open(model, form, theme, frame, inner)
    };
    Heading {
        title: title.to_owned(),
        right: Vec::new(),
        hidden,
    }
}

fn sent(
    model: &Model,
    form: &TokenForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Hidden {
    let mut page = Page::new(inner.width).scrolls();
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
    page.draw(frame, inner, 0)
}

fn open(
    model: &Model,
    form: &TokenForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Hidden {
    // What is read before it is sent stands below the parts, in sight whatever part has the focus.
    let low = inner.height < LOW;
    let mut bottom = Page::new(inner.width);
    if let Some(yes) = form.leaving {
        bottom.say("! What you typed is lost with the form.", theme.warning);
        answers(&mut bottom, "Leave it?", yes, theme);
    } else {
        if let Some(why) = &form.error {
            failure(&mut bottom, why, theme);
        }
        if !low || (form.at == TokenField::Password && form.error.is_none()) {
            bottom.gap();
            if low && form.kind == TokenKind::Granular && form.bypass_2fa {
                // The sentence says it at its end, which may be cut here.
                bottom.say("! It SKIPS the second factor.", theme.warning);
            }
            sum(&mut bottom, model, form, theme);
        }
    }
    let under = narrow(bottom.len()).min(inner.height.saturating_sub(3));
    let all = parts(model, form, true, inner.width, theme);
    let page = if narrow(all.len()) + under < inner.height {
        all
    } else {
        parts(model, form, false, inner.width, theme)
    };
    // Right below the parts where these find room, else at the bottom of the window.
    let gap = u16::from(narrow(page.len()) + under < inner.height);
    let over = narrow(page.len()).min(inner.height - under - gap);
    let [top, rest] = split(inner, over);
    let [_, foot] = split(rest, gap);
    bottom.draw(frame, foot, 0);
    page.draw(frame, top, 0)
}

/// The parts of the form; explained `all`, or only the one that has the focus.
fn parts<'a>(model: &Model, form: &'a TokenForm, all: bool, width: u16, theme: &Theme) -> Page<'a> {
    let mut page = Page::new(width).scrolls();
    let indent = if page.width() < NARROW { 2 } else { LABEL };
    let indent = " ".repeat(indent);
    for field in form.parts() {
        let focused = form.at == *field;
        page.focus_if(focused);
        part(&mut page, model, form, *field, theme);
        for (tone, words) in form
            .said(*field)
            .into_iter()
            .chain(said(model, form, *field))
        {
            page.say(format!("{indent}{} {words}", sign(tone)), theme.tone(tone));
        }
        if focused || all {
            page.say(format!("{indent}{}", explained(form, *field)), theme.dim);
        }
        if focused {
            page.focus_ends();
        }
    }
    page
}

fn part<'a>(
    page: &mut Page<'a>,
    model: &Model,
    form: &'a TokenForm,
    field: TokenField,
    theme: &Theme,
) {
    let focused = form.at == field;
    let mark = if focused { "▸ " } else { "  " };
    let label = format!("{:<LABEL$}", format!("{mark}{}", label(field)));
    if let Some(typed) = form.field(field) {
        let input = Input {
            theme,
            now: model.now.mono,
            focused,
            width: if field == TokenField::Days { 8 } else { 60 },
        };
        page.field(&label, typed, &input);
        return;
    }
    let (options, chosen): (Vec<&str>, usize) = match field {
        TokenField::Kind => (
            vec!["granular", "classic"],
            usize::from(form.kind == TokenKind::Classic),
        ),
        TokenField::Readonly => (vec!["read-only", "publish"], usize::from(!form.readonly)),
        TokenField::Permission => permissions(&PERMISSIONS, form.permission),
        TokenField::OrgsPermission => permissions(&ORGS_PERMISSIONS, form.orgs_permission),
        TokenField::AllPackages => return tick(page, &label, form.all_packages, focused, theme),
        _ => return tick(page, &label, form.bypass_2fa, focused, theme),
    };
    choice(page, &label, &options, chosen, focused, theme);
}

fn permissions(all: &[Permission], chosen: Permission) -> (Vec<&'static str>, usize) {
    let words = all.iter().map(|permission| match permission {
        // npm's own word says the first half of it twice.
        Permission::StageOnly => "stage-only",
        other => other.word(),
    });
    let place = all.iter().position(|permission| *permission == chosen);
    (words.collect(), place.unwrap_or(0))
}

fn tick(page: &mut Page<'_>, label: &str, ticked: bool, focused: bool, theme: &Theme) {
    let style = if focused { theme.accent } else { Style::new() };
    let (box_, word) = if ticked {
        ("[x] ", "yes")
    } else {
        ("[ ] ", "no")
    };
    page.spans(&[(label, Style::new()), (box_, style), (word, style)]);
}

/// All of a few where they find room, else the chosen one with the way to the others.
fn choice(
    page: &mut Page<'_>,
    label: &str,
    options: &[&str],
    chosen: usize,
    focused: bool,
    theme: &Theme,
) {
    let plain = Style::new();
    let style = |index: usize| {
        if index == chosen && focused {
            theme.accent
        } else {
            plain
        }
    };
    let cells: usize = options.iter().map(|word| word.width() + 6).sum();
    if label.width() + cells <= page.width() + 2 {
        let mut spans = vec![(label, plain)];
        for (index, word) in options.iter().enumerate() {
            let mark = if index == chosen { "(●) " } else { "( ) " };
            spans.extend([(mark, style(index)), (word, style(index))]);
            if index + 1 < options.len() {
                spans.push(("  ", plain));
            }
        }
        page.spans(&spans);
        return;
    }
    let of = format!("  {} of {}", chosen + 1, options.len());
    page.spans(&[
        (label, plain),
        ("‹ ", theme.dim),
        (options[chosen], style(chosen)),
        (" ›", theme.dim),
        (&of, theme.dim),
    ]);
}

const fn label(field: TokenField) -> &'static str {
    match field {
        TokenField::Kind => "Kind",
        TokenField::Readonly | TokenField::Permission | TokenField::OrgsPermission => "It may",
        TokenField::Name => "Name",
        TokenField::Description => "Description",
        TokenField::Packages => "Packages",
        TokenField::AllPackages => "All packages",
        TokenField::Scopes => "Scopes",
        TokenField::Orgs => "Organizations",
        TokenField::Days => "Days",
        TokenField::Addresses => "Only from",
        TokenField::Bypass => "Bypass 2FA",
        TokenField::Note => "Note here",
        TokenField::Password => "Your password",
    }
}

/// What a part means, in a line.
const fn explained(form: &TokenForm, field: TokenField) -> &'static str {
    match field {
        TokenField::Kind => match form.kind {
            TokenKind::Granular => "Limited to what is named here. Classic ones have no limits.",
            TokenKind::Classic => "The old kind: no name, for all packages, without an end.",
        },
        TokenField::Readonly => {
            if form.readonly {
                "It reads packages, private ones too."
            } else {
                "It may also publish and change your packages."
            }
        }
        TokenField::Name => "You know it by these words in the list.",
        TokenField::Description => "More words for the list; may be empty.",
        TokenField::Packages => "With commas: left-pad, @acme/ui. The fewer the better.",
        TokenField::AllPackages => "All that you have, and all that are to come.",
        TokenField::Scopes => "All packages of a scope: @acme. May be empty.",
        TokenField::Permission => match form.permission {
            Permission::NoAccess => "Nothing with packages and scopes.",
            Permission::ReadOnly => "It reads these packages and scopes, private ones too.",
            Permission::ReadWrite => "It reads, publishes and changes them.",
            Permission::StageOnly => "It publishes to the stage, from where a person releases.",
        },
        TokenField::Orgs => "With commas: acme. Only to manage them; may be empty.",
        TokenField::OrgsPermission => match form.orgs_permission {
            Permission::NoAccess => "Nothing with organizations.",
            Permission::ReadOnly => "It reads their members and teams.",
            _ => "It reads and changes their members and teams.",
        },
        TokenField::Days => "One that may write: 90 at most. Empty: as the registry likes.",
        TokenField::Addresses => "IPv4 ranges or addresses, with commas; empty: anywhere.",
        TokenField::Bypass => "It is accepted without a code, as programs like CI need it.",
        TokenField::Note => "Where will it be used? E.g. GitHub secret NPM_TOKEN in o/r.",
        TokenField::Password => "The registry asks for it before it makes a token.",
    }
}

/// What is known of this registry and belongs to a part.
fn said(model: &Model, form: &TokenForm, field: TokenField) -> Option<(Tone, String)> {
    if field != TokenField::Kind {
        return None;
    }
    match form.kind {
        TokenKind::Classic if model.website().is_some() => Some((
            Tone::Warning,
            "npm's own registry has made none since November 2025: expect a refusal.".to_owned(),
        )),
        TokenKind::Granular if model.makes_classic_alone() => Some((
            Tone::Warning,
            "No token listed here has a name, a limit or an end: this registry may know the classic kind alone, and make one without limits."
                .to_owned(),
        )),
        TokenKind::Classic if model.makes_classic_alone() => Some((
            Tone::Plain,
            "All tokens listed here are of this kind.".to_owned(),
        )),
        _ => None,
    }
}

/// All of it in one sentence.
fn sum(page: &mut Page<'_>, model: &Model, form: &TokenForm, theme: &Theme) {
    let name = model.profile().map(|profile| profile.name.clone());
    if let Some(sum) = form.sum(&name.unwrap_or_default(), model.now.wall) {
        page.say(sum, theme.title);
        return;
    }
    let bad = |field: &TokenField| {
        let said = form.said(*field);
        said.iter().any(|(tone, _)| *tone == Tone::Bad)
    };
    match form.parts().iter().find(|field| bad(field)) {
        Some(field) => page.say(
            format!("✗ Correct this first: {}.", label(*field)),
            theme.bad,
        ),
        None => page.say("The addresses are not finished.", theme.dim),
    }
}
