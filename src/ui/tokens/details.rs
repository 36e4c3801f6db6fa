//! Everything that is known of one token: beside the table where there is room, else on a page of its own.

use jiff::Timestamp;
use ratatui::style::Style;

use crate::app::model::Tone;
use crate::domain::found::Grade;
use crate::domain::moment::Moment;
use crate::domain::text::Text;
use crate::domain::token::{Kind, Token};
use crate::ui::page::Page;
use crate::ui::table;
use crate::ui::theme::{Theme, sign};
use crate::ui::words;

/// Where the values stand.
const COLUMN: usize = 11;

/// What the details are written with.
struct Writer<'p, 'a> {
    page: &'p mut Page<'a>,
    now: Timestamp,
    theme: &'p Theme,
}

impl Writer<'_, '_> {
    fn pair(&mut self, label: &str, value: &str, style: Style) {
        self.page
            .pair(label, COLUMN, &[(value, style)], self.theme.dim);
    }

    fn plain(&mut self, label: &str, value: &str) {
        self.pair(label, value, Style::new());
    }

    /// The day, and the time of day where there is room for it on one line.
    fn day(&self, at: Timestamp) -> String {
        if self.page.width() < 50 {
            words::date(at, self.theme)
        } else {
            words::stamp(at, self.theme)
        }
    }

    fn told(&self, at: Timestamp) -> String {
        format!("{}, {}", self.day(at), words::ago(at, self.now))
    }

    /// A moment; `none` is said where there is none.
    fn moment(&mut self, label: &str, at: Option<Timestamp>, none: &str) {
        match at {
            Some(at) => {
                let text = self.told(at);
                self.plain(label, &text);
            }
            None => self.pair(label, none, self.theme.dim),
        }
    }
}

/// All of it, the facts that tell one token from another first.
pub(super) fn write(page: &mut Page<'_>, token: &Token, now: Timestamp, theme: &Theme) {
    page.say(token.label(), theme.title);
    if let Some(text) = token.description.as_ref().filter(|text| !text.is_empty()) {
        page.say(text.as_str(), Style::new());
    }
    page.gap();
    let mut writer = Writer { page, now, theme };
    let begins = if token.begins.is_empty() {
        "beginning not told"
    } else {
        token.begins.as_str()
    };
    writer.plain("id", &format!("{}, {begins}", token.key.short()));
    what_it_may(&mut writer, token);
    when(&mut writer, token);
    writer.page.gap();
    where_it_lies(&mut writer, token);
    note(&mut writer, token);
    writer.plain("kind", token.kind().words());
}

fn what_it_may(writer: &mut Writer<'_, '_>, token: &Token) {
    let theme = writer.theme;
    if let Some(at) = token.revoked {
        let text = format!("✗ {}", writer.told(at.at()));
        writer.pair("revoked", &text, theme.bad);
    }
    writer.plain("may", token.may());
    if !token.permissions.is_empty() {
        writer.plain("in detail", &joined(&token.permissions));
    }
    let scopes = match (token.kind(), token.scopes.is_empty()) {
        (Kind::Granular, true) => "everything, or not told".to_owned(),
        (_, true) => table::what_for(token),
        (_, false) => joined(&token.scopes),
    };
    writer.plain("for", &scopes);
    if token.bypass_2fa {
        writer.pair("2FA", "! bypass: needs no code", theme.badge);
    } else {
        writer.plain("2FA", "no bypass");
    }
    if token.readonly
        && token
            .permissions
            .iter()
            .any(|(_, action)| action.as_str() != "read")
    {
        writer.plain("read-only", "yes, whatever else is listed");
    }
}

fn when(writer: &mut Writer<'_, '_>, token: &Token) {
    let theme = writer.theme;
    match token.expires {
        Some(at) => {
            let (said, tone) = words::expiry(Some(at.at()), writer.now);
            let mark = if tone == Tone::Plain {
                String::new()
            } else {
                format!("{} ", sign(tone))
            };
            let text = format!("{mark}{said}, {}", writer.day(at.at()));
            writer.pair("expires", &text, theme.tone(tone));
        }
        None if token.never.expires => writer.plain("expires", "never"),
        None if token.never.unread => writer.pair(
            "expires",
            "! told in a form that cannot be read",
            theme.warning,
        ),
        None => writer.pair("expires", "not told", theme.dim),
    }
    let unused = if token.never.used {
        "never"
    } else {
        "not told"
    };
    writer.moment("last used", token.accessed.map(Moment::at), unused);
    writer.plain("only from", &table::only_from(token));
    writer.moment("created", token.created.map(Moment::at), "not told");
    if token.updated.is_some() && token.updated != token.created {
        writer.moment("changed", token.updated.map(Moment::at), "not told");
    }
}

/// Each place with its grade in words, then what stops working here (only what is proved: a likeness is no reason to fear).
fn where_it_lies(writer: &mut Writer<'_, '_>, token: &Token) {
    let theme = writer.theme;
    if token.found.is_empty() {
        writer.pair("found", "not in npm's configuration here", theme.dim);
        return;
    }
    let mut places: Vec<_> = token.found.iter().collect();
    places.sort_by_key(|found| std::cmp::Reverse((found.grade, found.in_use)));
    for (n, found) in places.iter().enumerate() {
        let label = if n == 0 { "found" } else { "" };
        let place = found.place.as_str();
        let (text, style) = match (found.grade, found.in_use) {
            (Grade::Is, true) => (format!("is {place}: proved, and in use now"), theme.accent),
            (Grade::Is, false) => (format!("is {place}: proved"), Style::new()),
            (Grade::LooksLike, in_use) => {
                let use_ = if in_use { ", which is in use now" } else { "" };
                let text = format!("looks like {place}{use_}: by its first characters, not proved");
                (text, theme.dim)
            }
        };
        writer.pair(label, &text, style);
    }
    if let Some(by) = token.proved().find_map(|found| found.proof) {
        writer.plain("proof", by.words());
    }
    if token.revoked.is_some() {
        writer.pair("breaks", "nothing more: it is revoked already", theme.dim);
        return;
    }
    let proved: Vec<&str> = token.proved().map(|found| found.place.as_str()).collect();
    let signed_out = token.in_use() == Some(Grade::Is);
    let breaks = match (proved.is_empty(), signed_out) {
        (true, _) => "nothing that is proved".to_owned(),
        (false, true) => format!(
            "what uses {}; revoking it signs you out",
            proved.join(" and ")
        ),
        (false, false) => format!("what uses {}", proved.join(" and ")),
    };
    let style = if proved.is_empty() {
        theme.dim
    } else {
        theme.warning
    };
    writer.pair("breaks", &breaks, style);
}

/// What the person noted of it on this machine.
fn note(writer: &mut Writer<'_, '_>, token: &Token) {
    let theme = writer.theme;
    match token.note.as_ref().filter(|note| !note.is_empty()) {
        Some(note) => writer.plain("note", note.as_str()),
        None => writer.pair("note", "none on this machine", theme.dim),
    }
}

fn joined(pairs: &[(Text, Text)]) -> String {
    pairs
        .iter()
        .map(|(kind, name)| format!("{kind} {name}").trim().to_owned())
        .collect::<Vec<_>>()
        .join(", ")
}
