//! What stands in the cells of the table of tokens. The words of a row are found anew for each frame, for the rows in
//! sight alone.

use jiff::Timestamp;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::app::model::Tone;
use crate::domain::found::{Found, Grade};
use crate::domain::moment::Moment;
use crate::domain::text::{Text, cut};
use crate::domain::token::Token;
use crate::ui::theme::Theme;
use crate::ui::words;

/// A fact of the program's own about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Badge {
    /// Requests carry it now; `false` where it only looks like that.
    InUse(bool),
    Bypass,
    Revoked,
    Expired,
    /// It lies on this machine; `false` where something only looks like it.
    Here(bool),
    Note,
}

impl Badge {
    /// Those of a token, the most telling first. Where it lies is left to the column of its own, where there is one.
    pub(super) fn of(token: &Token, now: Timestamp, found: bool) -> Vec<Self> {
        let mut badges = Vec::new();
        if let Some(grade) = token.in_use() {
            badges.push(Self::InUse(grade == Grade::Is));
        }
        if token.bypass_2fa {
            badges.push(Self::Bypass);
        }
        if token.revoked.is_some() {
            badges.push(Self::Revoked);
        } else if token.expires.is_some_and(|at| at <= now) {
            badges.push(Self::Expired);
        }
        if !found && token.in_use().is_none() && !token.found.is_empty() {
            badges.push(Self::Here(token.proved().next().is_some()));
        }
        if token.note.is_some() {
            badges.push(Self::Note);
        }
        badges
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::InUse(true) => "in use",
            Self::InUse(false) => "in use?",
            Self::Bypass => "bypass",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Here(true) => "here",
            Self::Here(false) => "here?",
            Self::Note => "note",
        }
    }

    /// Where the words find no room.
    pub(super) const fn short(self) -> &'static str {
        match self {
            Self::InUse(true) => "use",
            Self::InUse(false) => "use?",
            Self::Bypass => "byp",
            Self::Revoked => "rev",
            Self::Expired => "exp",
            other => other.words(),
        }
    }

    pub(super) const fn style(self, theme: &Theme) -> Style {
        match self {
            Self::InUse(_) | Self::Here(true) => theme.accent,
            Self::Bypass => theme.badge,
            Self::Revoked | Self::Expired => theme.bad,
            Self::Here(false) | Self::Note => theme.dim,
        }
    }
}

/// How many of the words find room with blanks between them, and what says that there are more.
///
/// The first one is cut rather than left out.
pub(super) fn fitting(words: &[&str], between: usize, width: usize) -> (usize, String) {
    for shown in (1..=words.len()).rev() {
        let more = words.len() - shown;
        let tail = if more == 0 {
            String::new()
        } else {
            format!("+{more}")
        };
        let blank = usize::from(more > 0 && between > 1);
        let cells: usize = words[..shown].iter().map(|word| word.width()).sum();
        if cells + between * (shown - 1) + blank + tail.width() <= width || shown == 1 {
            return (shown, tail);
        }
    }
    (0, String::new())
}

/// Several names in a cell: as many as find room, and how many more there are.
pub(super) fn several(names: &[&str], width: usize) -> String {
    let (shown, tail) = fitting(names, 2, width);
    if tail.is_empty() {
        return cut(&names[..shown].join(", "), width);
    }
    let room = width.saturating_sub(tail.width() + 1);
    format!("{} {tail}", cut(&names[..shown].join(", "), room))
}

/// What it may do; in fewer letters where there is no room for the words.
pub(super) fn may(token: &Token, width: usize) -> String {
    match token.may() {
        "publish+orgs" if width < 12 => "pub+org".to_owned(),
        "stage+orgs" if width < 10 => "stg+org".to_owned(),
        words => words.to_owned(),
    }
}

/// When it lapses or lapsed, in words.
pub(in crate::ui) fn expires(token: &Token, now: Timestamp) -> (String, Tone) {
    if token.revoked.is_some() {
        ("revoked".to_owned(), Tone::Bad)
    } else if token.never.expires && token.expires.is_none() {
        ("never".to_owned(), Tone::Plain)
    } else if token.never.unread && token.expires.is_none() {
        ("unreadable".to_owned(), Tone::Warning)
    } else {
        words::expiry(token.expires.map(Moment::at), now)
    }
}

/// When it was last used, in words.
pub(in crate::ui) fn last_used(token: &Token, now: Timestamp) -> String {
    match token.accessed {
        Some(at) => words::ago(at.at(), now),
        None if token.never.used => "never".to_owned(),
        None => "–".to_owned(),
    }
}

/// What it is for, name by name; empty when nothing limits it.
fn targets(token: &Token) -> Vec<String> {
    let target = |(kind, name): &(Text, Text)| match (kind.as_str(), name.as_str()) {
        (kind, "") => kind.to_owned(),
        (kind, "*") => format!("all {kind}s"),
        (kind, name) if kind.starts_with("org") => format!("org {name}"),
        (_, name) => name.to_owned(),
    };
    token.scopes.iter().map(target).collect()
}

/// What it is for, in a few words; `everything` when nothing limits it.
pub(in crate::ui) fn what_for(token: &Token) -> String {
    let targets = targets(token);
    if targets.is_empty() {
        return "everything".to_owned();
    }
    targets.join(", ")
}

/// The same in a cell.
pub(super) fn target(token: &Token, width: usize) -> String {
    let targets = targets(token);
    let names: Vec<&str> = targets.iter().map(String::as_str).collect();
    if names.is_empty() {
        return cut("everything", width);
    }
    several(&names, width)
}

/// The addresses that it works from.
pub(in crate::ui) fn only_from(token: &Token) -> String {
    if token.cidr.is_empty() {
        return "anywhere".to_owned();
    }
    let ranges: Vec<&str> = token.cidr.iter().map(Text::as_str).collect();
    ranges.join(", ")
}

/// The same in a cell.
pub(super) fn addresses(token: &Token, width: usize) -> String {
    let ranges: Vec<&str> = token.cidr.iter().map(Text::as_str).collect();
    if ranges.is_empty() {
        return cut("anywhere", width);
    }
    several(&ranges, width)
}

/// Where it lies, the surest place first: `is ~/.npmrc`, `like $NPM_TOKEN`, `this session`.
pub(super) fn found(token: &Token, width: usize) -> String {
    let mut places: Vec<&Found> = token.found.iter().collect();
    places.sort_by_key(|found| std::cmp::Reverse((found.grade, found.in_use)));
    let words: Vec<String> = places
        .into_iter()
        .map(|found| {
            let place = found.place.as_str();
            // The line stands in the details.
            let place = place.split_once(", line ").map_or(place, |(file, _)| file);
            match found.grade {
                Grade::Is if found.is_session() => place.to_owned(),
                Grade::Is => format!("is {place}"),
                Grade::LooksLike => format!("like {place}"),
            }
        })
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.is_empty() {
        return String::new();
    }
    several(&words, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::{Never, TokenKey};

    fn token() -> Token {
        Token::new(TokenKey::new("0123456789"))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        assert_eq!(several(&["left-pad", "@example"], 18), "left-pad, @example");
        assert_eq!(several(&["left-pad", "@example"], 17), "left-pad +1");
        assert_eq!(several(&["a-rather-long-name", "b", "c"], 10), "a-rath… +2");
        assert_eq!(several(&["a", "b", "c"], 6), "a +2");
        assert_eq!(several(&["a", "b", "c"], 7), "a, b, c");
        for width in 0..40 {
            let text = several(&["日本語", "b", "c", "dddddddd"], width);
            assert!(text.width() <= width.max(4), "{text:?} in {width}");
        }
    }

    #[test]
    fn never_is_told_from_what_is_not_known() {
        let now = at(2_000_000_000);
        let mut token = token();
        assert_eq!(
            (
                expires(&token, now).0.as_str(),
                last_used(&token, now).as_str()
            ),
            ("–", "–")
        );
        token.never.unread = true;
        assert_eq!(
            expires(&token, now),
            ("unreadable".to_owned(), Tone::Warning)
        );
        token.never = Never {
            expires: true,
            used: true,
            unread: false,
        };
        assert_eq!(
            (
                expires(&token, now).0.as_str(),
                last_used(&token, now).as_str()
            ),
            ("never", "never")
        );
        token.expires = Some(at(2_000_000_000 - 1).into());
        assert_eq!(expires(&token, now), ("expired".to_owned(), Tone::Bad));
        token.revoked = Some(now.into());
        assert_eq!(expires(&token, now), ("revoked".to_owned(), Tone::Bad));
    }

    #[test]
    fn what_a_token_is_for_names_packages_scopes_and_organizations() {
        let mut token = token();
        assert_eq!(what_for(&token), "everything");
        let pair = |kind: &str, name: &str| (Text::new(kind), Text::new(name));
        token.scopes = [pair("package", "left-pad"), pair("scope", "@example")].into();
        assert_eq!(what_for(&token), "left-pad, @example");
        token.scopes = [pair("package", "*"), pair("org", "marlow-labs")].into();
        assert_eq!(what_for(&token), "all packages, org marlow-labs");
        token.scopes = [pair("package", "")].into();
        assert_eq!(what_for(&token), "package");
    }

    #[test]
    fn a_place_is_said_with_its_grade() {
        let mut token = token();
        assert_eq!(found(&token, 20), "");
        let place = |place: &str, grade, in_use| Found {
            place: Text::new(place),
            grade,
            proof: None,
            in_use,
        };
        token.found = [
            place("$NPM_TOKEN", Grade::LooksLike, true),
            place("~/.npmrc, line 3", Grade::Is, false),
        ]
        .into();
        assert_eq!(found(&token, 13), "is ~/.npm… +1");
        assert_eq!(found(&token, 30), "is ~/.npmrc, like $NPM_TOKEN");
        token.found = [place("this session", Grade::Is, true)].into();
        assert_eq!(found(&token, 13), "this session");
        token.found = [place("this session", Grade::LooksLike, true)].into();
        assert_eq!(found(&token, 20), "like this session");
    }

    #[test]
    fn badges_are_the_program_s_own_words() {
        let now = at(2_000_000_000);
        let words = |token: &Token, column| {
            let badges = Badge::of(token, now, column).into_iter();
            badges.map(Badge::words).collect::<Vec<_>>().join(" ")
        };
        let mut token = token();
        token.name = Some(Text::new("bypass, in use"));
        assert_eq!(words(&token, false), "");
        token.bypass_2fa = true;
        token.note = Some(Box::new(Text::new("ci")));
        token.expires = Some(at(1).into());
        token.found = [Found {
            place: Text::new("~/.npmrc, line 3"),
            grade: Grade::LooksLike,
            proof: None,
            in_use: false,
        }]
        .into();
        assert_eq!(words(&token, false), "bypass expired here? note");
        assert_eq!(words(&token, true), "bypass expired note");
        token.found[0].grade = Grade::Is;
        token.revoked = Some(now.into());
        assert_eq!(words(&token, false), "bypass revoked here note");
        token.found[0].in_use = true;
        assert_eq!(words(&token, false), "in use bypass revoked note");
        token.found[0].grade = Grade::LooksLike;
        assert_eq!(words(&token, false), "in use? bypass revoked note");
    }
}
