//! A kept set in words.

use std::path::Path;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::app::recovery::Worth;
use crate::domain::recovery::{NOT_COUNTED, Place, RecoverySet};
use crate::domain::text::Text;
use crate::ui::page::Page;
use crate::ui::theme::Theme;
use crate::ui::wrap::pieces;

/// Where it is, in two words.
pub(in crate::ui) const fn place_word(place: &Place) -> &'static str {
    match place {
        Place::Vault(_) => "encrypted file",
        Place::File(_) => "plain file",
        Place::Myself => "with you",
    }
}

/// A path as it is shown.
pub(in crate::ui) fn path_words(path: &Path) -> Text {
    Text::new(&path.to_string_lossy())
}

/// A path behind a lead, in as many rows as it takes. It is broken anywhere, so that it begins beside its lead.
pub(super) fn path_rows(page: &mut Page<'_>, lead: &str, path: &Path, style: (Style, Style)) {
    let text = path_words(path);
    let room = page.width().saturating_sub(lead.width());
    // Wide characters break elsewhere.
    if room < 16 || text.as_str().width() != text.as_str().chars().count() {
        page.hanging(lead.width(), &[(lead, style.0), (text.as_str(), style.1)]);
        return;
    }
    for (n, piece) in pieces(text.as_str(), room).into_iter().enumerate() {
        let lead = if n == 0 {
            lead.to_owned()
        } else {
            " ".repeat(lead.width())
        };
        page.row(Line::from(vec![
            Span::styled(lead, style.0),
            Span::styled(piece.to_owned(), style.1),
        ]));
    }
}

/// How many codes of it surely were not used from here.
pub(super) fn left(set: &RecoverySet) -> usize {
    set.count.saturating_sub(set.used.len())
}

/// `2 of 10 used`, and those of which it is not known.
pub(super) fn used(set: &RecoverySet) -> String {
    let sure = set.used.iter().filter(|code| code.sure).count();
    let perhaps = set.used.len() - sure;
    let unplaced = sent(set);
    let used = match (set.counted(), sure, perhaps) {
        (None, ..) => NOT_COUNTED.to_owned(),
        (Some(_), 0, 0) if !unplaced.is_empty() => return unplaced,
        (Some(of), 0, 0) => format!("none of {of} used"),
        (Some(of), sure, 0) => format!("{sure} of {of} used"),
        (Some(of), 0, perhaps) => format!("{perhaps} of {of} perhaps used"),
        (Some(of), sure, perhaps) => format!("{sure} of {of} used, {perhaps} more perhaps"),
    };
    match set.unplaced {
        0 => used,
        _ => format!("{used}, {unplaced}"),
    }
}

/// Codes that were sent, of this set or of another one.
fn sent(set: &RecoverySet) -> String {
    match set.unplaced {
        0 => String::new(),
        1 => "1 code was sent from here".to_owned(),
        many => format!("{many} codes were sent from here"),
    }
}

/// Typed or pasted by a person, and never compared with a copy: nobody knows that these are codes of the account.
pub(super) const fn unchecked(set: &RecoverySet) -> bool {
    set.added && !set.proved
}

/// What it is worth, with its sign.
pub(super) const fn worth(set: &RecoverySet, worth: Worth, theme: &Theme) -> (&'static str, Style) {
    match worth {
        Worth::InUse | Worth::Newest if unchecked(set) => {
            ("as you gave them: not checked", Style::new())
        }
        Worth::InUse => ("✓ in use", theme.good),
        Worth::Either => ("perhaps in use", Style::new()),
        Worth::Newest => ("the newest known", Style::new()),
        Worth::Replaced | Worth::Renewed => ("! of no use: replaced", theme.warning),
        Worth::Off => ("! of no use: 2FA is off", theme.warning),
        Worth::Pending => ("! of no use: 2FA is half done", theme.warning),
    }
}

/// Whether the person proved to have it, with its sign.
pub(super) const fn proved(set: &RecoverySet, theme: &Theme) -> (&'static str, Style) {
    if set.proved {
        ("✓ proved", theme.good)
    } else {
        ("! never proved", theme.warning)
    }
}
