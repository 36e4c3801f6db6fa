//! What is told of an emergency from outside its questions: where it stands, how it ended, what of it shows elsewhere.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::keymap::{self, Action};
use super::super::model::{Load, Model, Screen, Tone};
use super::super::notice::tokens as counted;
use super::super::{Effect, Key, account, tokens};
use super::model::interrupted;
use super::stage_now;
use crate::backend::protocol::Asking;
use crate::domain::incident::{Incident, Suspicion};
use crate::domain::remains::is_gone;
use crate::domain::signin::Ended;
use crate::domain::token::Token;

/// The emergency whose steps are told: the one that is under way or over; before that the one that was interrupted.
pub fn told(model: &Model) -> Option<&Arc<Incident>> {
    let screen = &model.emergency;
    let left = || interrupted(&model.unfinished).map(|(_, incident)| incident);
    match &screen.incident {
        Some(incident) => Some(incident),
        None if screen.under_way() => None,
        None => left(),
    }
}

/// What stands in every other screen's last line but one while it is under way, or was interrupted: whole, and for a
/// window that has no room for that.
pub fn reminder(model: &Model) -> Option<[String; 2]> {
    let screen = &model.emergency;
    if model.screen == Screen::Emergency {
        return None;
    }
    let leads = keymap::resolve(model, Key::char(Screen::Emergency.key()))
        == Some(Action::Go(Screen::Emergency));
    if !screen.under_way() {
        let (_, incident) = interrupted(&model.unfinished)?;
        let way = if leads { "" } else { ", once this is closed" };
        let at = stage_now(incident);
        let short = if leads {
            "Emergency interrupted: ! goes on."
        } else {
            "An emergency was interrupted."
        };
        return Some([
            format!("An emergency was interrupted at step {at}: ! goes on with it{way}."),
            short.to_owned(),
        ]);
    }
    if screen.has_ended() {
        let [way, short] = if leads {
            ["! leads back to its report.", "! shows the report."]
        } else {
            [
                "! leads back to its report, once this is closed.",
                "Emergency ended.",
            ]
        };
        return Some([format!("The emergency has ended: {way}"), short.to_owned()]);
    }
    let (waits, short) = if screen.waits.is_some() {
        (" and waits for you", "The emergency waits")
    } else {
        ("", "Emergency under way")
    };
    let (way, short_way) = match (leads, screen.errand) {
        (true, _) => ("! leads back to it.", ": ! goes back."),
        (false, Some(_)) => ("it goes on when this is closed.", " for this."),
        (false, None) => ("! leads back to it, once this is closed.", "."),
    };
    Some([
        format!("An emergency is under way{waits}: {way}"),
        format!("{short}{short_way}"),
    ])
}

/// How one that is over ended. Only what leaves nothing to do ended well.
pub fn verdict(model: &Model, incident: &Incident) -> (Tone, String) {
    if incident.suspicion == Some(Suspicion::Elsewhere) {
        return (Tone::Warning, stopped(model));
    }
    let rows = incident.rows.iter();
    let alive = rows.filter(|row| !is_gone(&row.state)).count();
    let left = incident.remains().len();
    let remain = match left {
        0 => {
            let words = "The emergency is over, and nothing is left to do that is known here.";
            return (Tone::Good, words.to_owned());
        }
        1 => "1 thing remains to be done".to_owned(),
        n => format!("{n} things remain to be done"),
    };
    let mut words = "The emergency has ended".to_owned();
    // What lives by choice is known to live.
    for (count, how) in [
        (alive, "not known to be gone"),
        (incident.kept.len(), "kept by your choice"),
    ] {
        if count > 0 {
            let are = if count == 1 { "is" } else { "are" };
            words = format!("{words}, and {} {are} {how}", counted(count));
        }
    }
    (Tone::Warning, format!("{words}; {remain}."))
}

/// It was stopped before anything was sent.
fn stopped(model: &Model) -> String {
    let list = model.tokens.list.value();
    let alive = list.map(|list| list.iter().filter(|token| token.revoked.is_none()).count());
    match alive {
        None => "Stopped: nothing was revoked.".to_owned(),
        Some(1) => "Stopped: nothing was revoked; 1 token is alive.".to_owned(),
        Some(n) => format!("Stopped: nothing was revoked; {n} tokens are alive."),
    }
}

/// It has come further: what other screens show of the same tokens and sessions is not left behind.
pub(super) fn spread(model: &mut Model, before: Option<&Arc<Incident>>, effects: &mut Vec<Effect>) {
    let Some(now) = model.emergency.incident.clone() else {
        return;
    };
    let stands = |incident: &Incident| {
        let gone = incident.rows.iter().filter(|row| is_gone(&row.state));
        (incident.rows.len(), incident.kept.len(), gone.count())
    };
    if before.is_none_or(|before| stands(before) != stands(&now)) {
        into_list(model, &now);
    }
    let ended = |incident: &Incident| {
        let sessions = incident.sessions.iter();
        sessions
            .filter(|(_, ended)| *ended == Ended::Verified)
            .count()
    };
    if ended(&now) > before.map_or(0, |before| ended(before)) && model.account.pending().is_none() {
        account::read(model, Asking::Never, effects);
    }
}

/// What is gone leaves the list of the tokens, and what appeared joins it. One that is being read tells it itself.
fn into_list(model: &mut Model, incident: &Incident) {
    let Load::Ready(list) = &model.tokens.list else {
        return;
    };
    let rows = incident.rows.iter();
    let gone: HashSet<_> = rows
        .filter(|row| is_gone(&row.state))
        .map(|row| &row.token.key)
        .collect();
    let listed: HashSet<_> = list.iter().map(|token| &token.key).collect();
    let came = incident.rows.iter().filter(|row| {
        let key = &row.token.key;
        row.appeared && !gone.contains(key) && !listed.contains(key)
    });
    let came = came.map(|row| &row.token);
    let kept = incident.kept.iter();
    let kept = kept.filter(|token| !listed.contains(&token.key));
    let came: Vec<Token> = came.chain(kept).cloned().collect();
    if came.is_empty() && gone.is_disjoint(&listed) {
        return;
    }
    let stay = list.iter().filter(|token| !gone.contains(&token.key));
    let list = came.into_iter().chain(stay.cloned()).collect();
    tokens::replace(model, Load::Ready(list));
}
