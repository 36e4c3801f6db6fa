//! The words of the emergency: its steps, answers and states.

use super::facts;
use crate::app::Model;
use crate::app::emergency::model::{CareOf, Choice, Sure, interrupted};
use crate::app::emergency::way;
use crate::app::keymap::Action;
use crate::app::model::Tone;
use crate::domain::incident::{Care, IncidentRow};
use crate::domain::plan::Class;
use crate::domain::token::Token;
use crate::ui::words;

/// Why tokens go when they do.
pub(super) fn class(class: Class, count: usize) -> String {
    let last = match class {
        Class::InUse => ": last, when the others are gone",
        _ => "",
    };
    format!(
        "{} {}{last}",
        words::count(count, "token", "tokens"),
        class.words()
    )
}

/// An answer, and what to know about it.
pub(super) fn choice(model: &Model, choice: Choice) -> (String, String) {
    let (name, what): (&str, &str) = match choice {
        Choice::Begin => (
            "Begin",
            "with step 0; each step asks before it changes anything",
        ),
        Choice::GoOnWithIt => (
            "Go on with it",
            "the list is read first, and nothing is revoked twice",
        ),
        Choice::Anew => ("Begin anew", "the interrupted one stays where it is"),
        Choice::Forget => ("Forget it", "nothing is sent"),
        Choice::Elsewhere => (
            "It may be, or I cannot tell",
            "stop here, isolate this machine, and go on from another one",
        ),
        Choice::Clean => ("No", "what leaked, leaked elsewhere"),
        Choice::AllTheSame => (
            "It may be, and I go on here all the same",
            "what you type and see here, a thief in this machine may see, too",
        ),
        Choice::CannotTell => ("I cannot tell now", "the report says that it is open"),
        Choice::Mine => ("Yes", "it is mine, and I alone read it"),
        Choice::NotMine => (
            "No, or somebody else may read it",
            "change it on Profile (1) when the tokens are gone; the report says so",
        ),
        Choice::TryAgain => ("Try again", "what has an end already is not sent again"),
        Choice::EndIt => ("End it at the registry", "npm is signed out here by that"),
        Choice::Without => ("Go on without it", ""),
        Choice::SignIn => ("Sign in", "for this session alone"),
        Choice::Leave => ("Leave the emergency", "it can be gone on with"),
        Choice::Care(what) => return (care_way(model, what).to_owned(), facts::care(model, what)),
        Choice::GoOn => ("Go on to the next step", ""),
    };
    (name.to_owned(), what.to_owned())
}

fn care_way(model: &Model, what: CareOf) -> &'static str {
    match (what, way(model, what)) {
        (CareOf::Password, _) => "Change the password",
        (CareOf::SecondFactor, Action::EnableOrChange) => "Enable 2FA",
        (CareOf::SecondFactor, _) => "Move 2FA to a new entry",
        (CareOf::RecoveryCodes, Action::EnableOrChange) => "Recovery codes come with 2FA",
        (CareOf::RecoveryCodes, _) => "Get new recovery codes",
    }
}

/// How something about the account stands.
pub(super) const fn care(care: Care) -> (&'static str, Tone) {
    match care {
        Care::Open => ("open", Tone::Plain),
        Care::Done => ("done, by the registry's own answer", Tone::Good),
        Care::Elsewhere => ("done elsewhere, by your word", Tone::Good),
        Care::LeftOut => ("left out", Tone::Warning),
    }
}

/// What a question of the screen's own is about, and the question.
pub(super) fn sure(model: &Model, sure: &Sure) -> (String, &'static str) {
    let screen = &model.emergency;
    match sure {
        Sure::Few(_) | Sure::Count(_) => {
            let what = if screen.marked() == 1 { "it" } else { "them" };
            let words = format!("Whatever uses {what} stops working. This cannot be undone.");
            let question = if screen.marked() == 1 {
                "Revoke this token?"
            } else {
                "Revoke these 2 tokens?"
            };
            (words, question)
        }
        Sure::Nothing(_) => (
            "Every token of this list stays as it is, a stolen one included.".to_owned(),
            "Revoke nothing?",
        ),
        Sure::Leave(_) => {
            let incident = screen.incident.as_ref();
            let unwritten = incident.is_some_and(|incident| incident.unwritten.is_some());
            let rest = if unwritten {
                "What it did could not be written down: it cannot be gone on with later."
            } else {
                "It can be gone on with later: this screen offers it."
            };
            (format!("What was done stays done. {rest}"), "Leave?")
        }
        Sure::NoReport(_) => (
            "The report is in no file yet: w writes it.".to_owned(),
            "End without it?",
        ),
        Sure::Forget(_) => {
            let began = interrupted(&model.unfinished).map(|(_, incident)| incident.rows.len());
            let rows = began.unwrap_or(0);
            let words = format!(
                "What was noted of it is removed from this machine, how its {rows} tokens stood included."
            );
            (words, "Forget it?")
        }
    }
}

/// The same of a row of an emergency.
pub(super) fn row_badge(row: &IncidentRow) -> String {
    let badge = badge(&row.token);
    match (row.ours, row.appeared) {
        (true, _) if row.of_earlier_run() => "sign-in of an earlier run".to_owned(),
        (true, _) => "the sign-in of this emergency".to_owned(),
        (false, true) => format!("! new {badge}"),
        (false, false) => badge,
    }
}

/// What this program itself says of a token, in a column of its own (promise P27).
pub(super) fn badge(token: &Token) -> String {
    use crate::domain::found::Grade;
    let mut badges = Vec::new();
    if token.bypass_2fa {
        badges.push("bypass");
    }
    if token.in_use() == Some(Grade::Is) {
        badges.push("in use");
    } else if token.found.iter().any(|found| found.grade == Grade::Is) {
        badges.push("here");
    }
    badges.join(", ")
}
