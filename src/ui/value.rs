//! The value of a token, complete whatever the width (promise P02), and where it is to be written.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::created::answers;
use super::input::Input;
use super::page::Page;
use super::theme::Theme;
use super::wrap::pieces;
use super::{Heading, failure};
use crate::app::Model;
use crate::app::created::{Copied, Over, ValueCard, WriteChoice, WriteForm};
use crate::domain::found::{Found, Grade};
use crate::domain::machine::StandsThere;

/// Drawn from where it is, not copied.
pub(super) fn draw<'a>(page: &mut Page<'a>, card: &'a ValueCard, theme: &Theme) {
    let value = card.value.expose();
    let lead = if page.width() < 60 { "" } else { "  " };
    let width = page.width().saturating_sub(lead.len()).max(1);
    if !card.shown {
        let dots = "•".repeat(width.min(24));
        page.row(Line::from(vec![
            Span::raw(lead),
            Span::styled(dots, theme.title),
        ]));
        return;
    }
    for piece in pieces(value, width) {
        page.row(Line::from(vec![
            Span::raw(lead),
            Span::styled(piece, theme.title),
        ]));
    }
}

/// What has it besides the screen, in a word or two.
pub(super) const fn where_it_is(card: &ValueCard) -> &'static str {
    match (card.written.is_some(), card.copied) {
        (true, Copied::There) => "written and copied",
        (true, _) => "written",
        (false, Copied::There) => "copied",
        (false, Copied::Sent) => "sent to the terminal",
        (false, Copied::Cleared) => "the clipboard was cleared",
        (false, Copied::None) => "not copied yet",
    }
}

/// Before it is left although nothing is known to have it.
pub(super) fn before_leaving(card: &ValueCard, in_no_file: bool) -> String {
    let no_file = if in_no_file {
        "it stands in no file here, and "
    } else {
        "it "
    };
    let copied = match card.copied {
        Copied::Sent => "was sent to the terminal, which may have dropped it",
        Copied::Cleared => {
            "was copied to the clipboard, which was cleared since: go only if you have put it where it is needed"
        }
        _ => "was not copied from here",
    };
    format!("! This value is shown once; {no_file}{copied}.")
}

/// Which file it goes into. The value itself is not shown here.
pub(super) fn write(
    model: &Model,
    card: &ValueCard,
    form: &WriteForm,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let plain = Style::new();
    let mut page = Page::new(inner.width).scrolls();
    if let Some(why) = &form.error {
        failure(&mut page, why, theme);
        page.gap();
    }
    let account = model.account.value();
    let identity = account.map(|account| &account.identity);
    let user = identity.and_then(|identity| identity.user_file.as_ref());
    let registry = card.registry.as_str();
    let same = identity.is_some_and(|identity| identity.registry == card.registry);
    if card.sent.is_some() {
        page.say("Writing the file …", theme.dim);
        return heading(page, frame, inner);
    }
    if let Some(over) = &form.over {
        self::over(&mut page, model, card, over, theme);
        return heading(page, frame, inner);
    }
    page.say("Which file takes the token?", theme.title);
    for choice in WriteChoice::ALL {
        let chosen = form.choice == choice;
        let mark = if chosen { "▸ (●) " } else { "  ( ) " };
        let style = if chosen { theme.accent } else { plain };
        let user = user.map_or("the .npmrc in your home folder", |file| file.as_str());
        let (name, what) = match choice {
            WriteChoice::User => ("yours", format!(": {user}, for npm wherever you work")),
            WriteChoice::Project => (
                "the project's",
                ": the .npmrc of the project in this folder".to_owned(),
            ),
            WriteChoice::File => ("another", ": a file that you name".to_owned()),
        };
        page.focus_if(chosen && choice != WriteChoice::File);
        page.hanging(6, &[(mark, style), (name, style), (&what, plain)]);
        if choice == WriteChoice::File {
            let input = Input {
                theme,
                now: model.now.mono,
                focused: chosen,
                width: 60,
            };
            page.field("      Path: ", &form.path, &input);
        }
        if chosen {
            page.focus_ends();
        }
    }
    if form.missing {
        page.say("✗ Type the path of the file.", theme.bad);
    }
    page.gap();
    let held = identity.and_then(|identity| identity.credential.as_ref());
    let holds = |file: &str| held.is_some_and(|held| held.place.as_str().starts_with(file));
    if form.choice == WriteChoice::User && same && user.is_some_and(|file| holds(file.as_str())) {
        page.say(
            "! It holds the credential that this program uses now: the new token takes its place there, and the old one \
             lives on at the registry.",
            theme.warning,
        );
    } else {
        page.say(
            "If another token for this registry stands there, you are asked before it is replaced.",
            plain,
        );
    }
    if !same {
        page.say(
            format!(
                "! The token is of {registry}; the npm configuration means another registry by now."
            ),
            theme.warning,
        );
    }
    if form.choice == WriteChoice::Project {
        page.say(
            "! A project's file is easily committed: see that git ignores it.",
            theme.warning,
        );
    }
    page.explain(
        format!(
            "The line is {}=••••; all other lines stay as they are.",
            key(registry)
        ),
        theme.dim,
    );
    if card.is_looking() {
        page.say("Looking at what stands there …", theme.dim);
    }
    heading(page, frame, inner)
}

/// What the line begins with: npm's keys name no scheme.
fn key(registry: &str) -> String {
    let bare = registry
        .split_once("://")
        .map_or(registry, |(_, rest)| rest);
    format!("//{}/:_authToken", bare.trim_end_matches('/'))
}

/// What is replaced or passed over then, and what that means.
fn over(page: &mut Page<'_>, model: &Model, card: &ValueCard, over: &Over, theme: &Theme) {
    let Over { there, yes } = over;
    if let Some(held) = there {
        replaced(page, model, held, theme);
    }
    if let Some(wins) = &card.wins {
        let words = wins.in_words("From then on", card.limits);
        page.hanging(2, &[("! ", theme.warning), (&words, theme.warning)]);
    }
    let (means, question) = if there.is_some() {
        (
            "The new one takes its place there. The one that stands there lives on at the registry, but its value is lost unless it is kept elsewhere.",
            "Replace it?",
        )
    } else {
        (
            "The other credential stays where it is, and works on in other folders.",
            "Write it?",
        )
    };
    page.say(means, Style::new());
    page.gap();
    // In the lowest window the question is what is seen.
    page.focus_if(true);
    answers(page, question, *yes, theme);
    page.focus_ends();
}

/// Which token stands where the value is to go.
fn replaced(page: &mut Page<'_>, model: &Model, held: &StandsThere, theme: &Theme) {
    let rows = model.tokens.list.value().map_or(&[][..], Vec::as_slice);
    let is_it = |found: &Found| found.grade == Grade::Is && found.place == held.place;
    let listed = rows.iter().find(|row| row.found.iter().any(is_it));
    let which = match listed {
        Some(token) => format!("the token {}", token.quoted()),
        None if held.begins.is_empty() => "another token".to_owned(),
        None => format!("another token, which begins with {}", held.begins),
    };
    let in_use = listed
        .is_some_and(|token| token.found.iter().any(|found| is_it(found) && found.in_use))
        || model.account.value().is_some_and(|account| {
            let used = account.identity.credential.as_ref();
            used.is_some_and(|used| used.place == held.place)
        });
    let used = if in_use {
        ", the credential in use here"
    } else {
        ""
    };
    let words = format!("{} holds {which}{used}.", held.place);
    page.hanging(2, &[("! ", theme.warning), (&words, theme.warning)]);
}

/// Once it is written: what that means in this folder.
pub(super) fn used_here(page: &mut Page<'_>, card: &ValueCard, theme: &Theme) {
    if let Some(wins) = card.wins.as_ref().filter(|_| card.written.is_some()) {
        let words = wins.in_words("From now on", card.limits);
        page.hanging(2, &[("! ", theme.warning), (&words, theme.warning)]);
    }
}

fn heading(page: Page<'_>, frame: &mut Frame<'_>, inner: Rect) -> Heading {
    Heading {
        title: "Write the token into a file".to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn the_line_of_a_file_names_no_scheme() {
        for (registry, line) in [
            ("registry.example.com", "//registry.example.com/:_authToken"),
            ("http://127.0.0.1:4873", "//127.0.0.1:4873/:_authToken"),
            ("reg.example/npm/", "//reg.example/npm/:_authToken"),
        ] {
            assert_eq!(key(registry), line);
        }
    }
}
