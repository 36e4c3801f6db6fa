//! The line of facets: the key of each, its words, and how many rows it would leave.

use ratatui::text::{Line, Span};

use crate::app::keymap::{self, Action, Scope};
use crate::app::model::{Facet, Facets, TokensScreen, Trait};
use crate::ui::theme::Theme;

/// A place lower than this has room for what is on alone.
const LOW: u16 = 12;

/// How much of the chips is said; the fullest first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Full {
    /// Everything.
    All,
    /// Shorter words, closer together.
    Close,
    /// Those that are on.
    On,
}

/// The words of a chip.
pub(super) const fn words(one: Trait) -> &'static str {
    match one {
        Trait::Publish => "publish",
        Trait::Bypass => "bypass",
        Trait::Due => "due in 14 d",
        Trait::Expired => "expired",
        Trait::Unused => "unused 90 d",
        Trait::Found => "found here",
        Trait::Proved => "proved here",
    }
}

const fn short(one: Trait) -> &'static str {
    match one {
        Trait::Due => "due",
        Trait::Unused => "unused",
        Trait::Found => "found",
        Trait::Proved => "proved",
        one => words(one),
    }
}

/// The line, where there is something to say and room for it.
pub(super) fn line(
    screen: &TokensScreen,
    theme: &Theme,
    width: u16,
    height: u16,
) -> Option<Line<'static>> {
    let facets = &screen.facets;
    if screen.list.value().is_none_or(Vec::is_empty) || (height < LOW && facets.is_empty()) {
        return None;
    }
    let ways = if height < LOW {
        &[Full::On][..]
    } else {
        &[Full::All, Full::Close, Full::On]
    };
    let mut lines = ways.iter().map(|full| chips(facets, *full, theme));
    lines
        .find(|line| line.width() <= usize::from(width))
        .or_else(|| {
            let on = Facet::ALL.into_iter().filter_map(|facet| facets.on(facet));
            let names: Vec<&str> = on.map(short).collect();
            Some(Line::styled(names.join(" "), theme.selected))
        })
}

fn chips(facets: &Facets, full: Full, theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for facet in Facet::ALL {
        let one = facets.stands_for(facet);
        let on = facets.on(facet).is_some();
        if full == Full::On && !on {
            continue;
        }
        if !spans.is_empty() {
            spans.push(Span::raw(if full == Full::All { "  " } else { " " }));
        }
        if let Some(key) = keymap::key_of(Scope::Tokens, Action::Facet(facet)) {
            spans.push(Span::styled(format!("{key} "), theme.key));
        }
        let count = facets.count(one);
        let words = if full == Full::All {
            words(one)
        } else {
            short(one)
        };
        // What is on has a sign as well, since not every terminal shows the style.
        let text = if on {
            format!("✓{words} {count}")
        } else {
            format!("{words} {count}")
        };
        let style = match (on, count) {
            (true, _) => theme.selected,
            (false, 0) => theme.dim,
            (false, _) => ratatui::style::Style::new(),
        };
        spans.push(Span::styled(text, style));
    }
    Line::from(spans)
}

/// Why no row is left, and the way out.
pub(super) fn nothing_fits(screen: &TokensScreen) -> String {
    let facets = &screen.facets;
    let on = Facet::ALL.into_iter().filter_map(|facet| facets.on(facet));
    let names: Vec<&str> = on.map(words).collect();
    let unused = facets.on(Facet::Unused).is_some();
    let rows = screen.list.value().map_or(&[][..], Vec::as_slice);
    let silent = rows
        .iter()
        .all(|token| token.accessed.is_none() && !token.never.used);
    // Why there is no row of what was pasted is said above.
    if screen.sought.is_some() && names.is_empty() {
        return String::new();
    }
    let mut text = match (screen.filter.is_empty(), names.is_empty()) {
        (false, true) => "No token matches the filter. Esc clears it.".to_owned(),
        (true, _) => format!(
            "No token fits {}. Esc shows all again.",
            names.join(" and ")
        ),
        (false, false) => format!(
            "No token matches the filter and fits {}. Esc clears the filter first.",
            names.join(" and ")
        ),
    };
    if unused && silent {
        text.push_str(" This registry does not tell when a token was used last.");
    }
    text
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn every_facet_has_its_key() {
        for facet in Facet::ALL {
            let key = keymap::key_of(Scope::Tokens, Action::Facet(facet));
            assert!(key.is_some_and(|key| key.width() == 1), "{facet:?}");
        }
    }
}
