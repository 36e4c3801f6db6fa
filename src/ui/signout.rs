//! The question before signing out, and what is left to do afterwards.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::page::Page;
use super::theme::{Theme, sign};
use super::{Heading, failure};
use crate::app::model::Tone;
use crate::app::signout::SignOut;

/// Windows lower than this have no room for everything at once.
const LOW: u16 = 12;

pub(super) fn draw(
    page_of: &SignOut,
    theme: &Theme,
    frame: &mut Frame<'_>,
    inner: Rect,
) -> Heading {
    let mut page = Page::new(inner.width).scrolls();
    let title = if let Some(left) = &page_of.left {
        sentences(&mut page, left, theme);
        "Signing out: what is left"
    } else {
        question(&mut page, page_of, inner.height, theme);
        "Sign out?"
    };
    Heading {
        title: title.to_owned(),
        right: Vec::new(),
        hidden: page.draw(frame, inner, page_of.scroll),
    }
}

fn sentences(page: &mut Page<'_>, said: &[(Tone, String)], theme: &Theme) {
    for (tone, words) in said {
        match tone {
            Tone::Plain => page.say(words, Style::new()),
            tone => page.say(format!("{} {words}", sign(*tone)), theme.tone(*tone)),
        }
    }
}

fn question(page: &mut Page<'_>, page_of: &SignOut, height: u16, theme: &Theme) {
    if let Some(why) = &page_of.error {
        failure(page, why, theme);
        page.gap();
    }
    match (page_of.sent.is_some(), page_of.stopping) {
        (true, true) => page.say(
            "! Giving up: if it was sent already, the credential may have ended.",
            theme.warning,
        ),
        (true, false) => page.say("Waiting for the registry …", theme.dim),
        (false, _) => {
            // In a low window the reason of a failure stands in the place of what was read before.
            if page_of.error.is_none() || height >= LOW {
                sentences(page, &page_of.said(), theme);
                page.gap();
            }
            let yes = page_of.yes;
            let answer = |chosen: bool| if chosen { theme.selected } else { Style::new() };
            page.focus_if(true);
            page.spans(&[
                ("Sign out?  ", theme.title),
                (if yes { "  No  " } else { "▸ No  " }, answer(!yes)),
                ("  ", Style::new()),
                (if yes { "▸ Yes  " } else { "  Yes  " }, answer(yes)),
            ]);
            page.focus_ends();
        }
    }
}
