//! What is known of tokens, copies and packages, in a line or two.

use jiff::Timestamp;

use super::names;
use crate::app::Model;
use crate::app::emergency::model::CareOf;
use crate::app::model::Tone;
use crate::domain::found::Grade;
use crate::domain::machine::{Form, LocalCredential, Rank};
use crate::domain::moment::Moment;
use crate::domain::package::PackageFacts;
use crate::domain::text::Text;
use crate::domain::tfa::Tfa;
use crate::domain::token::Token;
use crate::ui::theme::{Theme, sign};
use crate::ui::{table, words};

/// What tells one token from another (promise P28).
pub(super) fn token(token: &Token, now: Timestamp) -> String {
    let at = |at: Option<Timestamp>, what: &str| match at {
        Some(at) => format!("{what} {}", words::ago(at, now)),
        None => format!("{what}: not told"),
    };
    format!(
        "{} {} · may {} · for {} · {} · {}",
        token.key.short(),
        token.begins,
        token.may(),
        table::what_for(token),
        at(token.created.map(Moment::at), "made"),
        at(token.accessed.map(Moment::at), "used"),
    )
}

/// Its first characters, for a column: what a registry lists after them goes first.
pub(super) fn begins(token: &Token) -> String {
    let all = token.begins.as_str();
    match all.split_once("...") {
        Some((head, _)) => format!("{head}…"),
        None => all.to_owned(),
    }
}

/// What breaks on this machine when it goes: only what is proved to be this token counts.
pub(super) fn breaks(token: &Token) -> Option<String> {
    let places: Vec<&str> = token
        .found
        .iter()
        .filter(|found| found.grade == Grade::Is)
        .map(|found| found.place.as_str())
        .collect();
    (!places.is_empty()).then(|| format!("breaks here: {}", places.join(", ")))
}

/// Where something lies that only looks like it: nothing follows from that.
pub(super) fn looks_like(token: &Token) -> Option<String> {
    let places: Vec<&str> = token
        .found
        .iter()
        .filter(|found| found.grade == Grade::LooksLike)
        .map(|found| found.place.as_str())
        .collect();
    (!places.is_empty()).then(|| format!("looks like {}", places.join(", ")))
}

/// What the person noted of it.
pub(super) fn note(token: &Token) -> Option<String> {
    let note = token.note.as_deref().map(Text::as_str)?;
    (!note.is_empty()).then(|| format!("your note: {note}"))
}

/// A copy on this machine.
pub(super) fn copy(copy: &LocalCredential) -> String {
    let form = match &copy.form {
        Form::Literal => format!("the secret itself, {}…", copy.begins),
        Form::Variable { names, .. } => format!("by {}", listed(names)),
        Form::Mixed { names, .. } => format!("text mixed with {}", listed(names)),
    };
    let rank = match &copy.rank {
        Rank::Wins => String::new(),
        Rank::Beaten(by) => format!(" · npm takes {by} instead"),
        Rank::Unusable(why) => format!(" · {why}"),
    };
    let place = if copy.id.path.is_none() {
        " · unset it yourself"
    } else {
        ""
    };
    format!("for {} · {form}{rank}{place}", copy.scope)
}

/// They are called as they are written: `${NPM_TOKEN}`.
fn listed(names: &[Text]) -> String {
    let names: Vec<_> = names.iter().map(Text::as_str).collect();
    names.join(", ")
}

/// How something about the account stands, and what is known of it.
pub(super) fn care(model: &Model, what: CareOf) -> String {
    let (words, tone) = names::care(model.emergency.care[what.index()]);
    let known = match (what, model.profile().map(|profile| &profile.tfa)) {
        (CareOf::SecondFactor, Some(Tfa::Off)) => "2FA is off; ".to_owned(),
        (CareOf::SecondFactor, Some(Tfa::On(level))) => format!("2FA is on, {}; ", level.word()),
        (CareOf::SecondFactor, Some(Tfa::Pending(_))) => "2FA is half done; ".to_owned(),
        _ => String::new(),
    };
    match tone {
        Tone::Plain => format!("{known}{words}"),
        tone => format!("{known}{} {words}", sign(tone)),
    }
}

/// A package in a line: what is read from the registry is told as that.
pub(super) fn package(package: &PackageFacts, now: Timestamp) -> String {
    if let Some(why) = &package.unread {
        return format!("could not be read: {}", why.what);
    }
    let latest = match &package.latest {
        Some((version, Some(at))) => format!("{version}, published {}", words::ago(*at, now)),
        Some((version, None)) => version.to_string(),
        None => "no version told".to_owned(),
    };
    let owners: Vec<&str> = package.owners.iter().map(Text::as_str).collect();
    let owners = match owners.as_slice() {
        [] => "owners not told".to_owned(),
        names => format!("owners {}", names.join(", ")),
    };
    format!("{latest} · {owners}")
}

/// The clock of a step's result.
pub(super) fn clock(at: Timestamp, theme: &Theme) -> String {
    words::clock_seconds(at, theme)
}
