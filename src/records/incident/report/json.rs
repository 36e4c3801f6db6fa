//! The report for programs.

use serde_json::{Value, json};

use super::super::words::Worded;
use super::super::write;
use crate::domain::incident::{Incident, IncidentRow, Stage, StageState};
use crate::domain::revocation::RowState;
use crate::domain::text::Text;
use crate::domain::token::Token;
use crate::records::shape::TokenShape;

/// As JSON, without the version of its shape.
pub fn json(incident: &Incident) -> Value {
    json!({
        "id": incident.id,
        "rehearsal": incident.rehearsal,
        "registry": address(&incident.registry),
        "account": incident.account,
        "began": incident.began,
        "ended": incident.ended,
        "resumed": incident.resumed,
        "suspicion": incident.suspicion.map(Worded::word),
        "email_mine": incident.email_mine,
        "stages": write::list(&incident.stages, |(stage, state)| {
            // It is being written, or was: the same at any time.
            let mut shape = match (stage, incident.ended) {
                (Stage::Report, Some(at)) if !matches!(state, StageState::Skipped(..)) => {
                    json!({ "state": "done", "at": at, "text": "" })
                }
                _ => write::stage(state),
            };
            shape["stage"] = stage.word().into();
            shape
        }),
        "tokens": write::list(&incident.rows, row),
        "kept": write::list(&incident.kept, listed),
        "kept_new": write::list(&incident.kept_new, |key| key.raw().into()),
        "listed": incident.listed.map(|(at, count)| json!({
            "at": at,
            "count": count,
            "living": incident.living,
        })),
        "looked_again": incident.looked_again,
        "sessions": write::list(&incident.sessions, |(name, ended)| {
            let mut shape = write::ended(ended);
            shape["session"] = json!(name);
            let mut accepted = incident.accepted.iter();
            let times = accepted.find(|(other, _)| other == name).map(|(_, times)| times);
            shape["since"] = json!(times.map(|(since, _)| since));
            shape["probed"] = json!(times.map(|(_, tried)| tried));
            shape
        }),
        "copies": write::list(&incident.copies, |(place, why)| {
            json!({ "place": place, "remains": why.as_ref().map(write::failure) })
        }),
        "password": incident.password.word(),
        "second_factor": incident.second_factor.word(),
        "recovery_codes": incident.recovery_codes.word(),
        "snapshot": incident.snapshot.as_ref().map(|snapshot| {
            let mut shape = write::snapshot(snapshot);
            if let Ok(tokens) = &snapshot.tokens {
                shape["tokens"] = write::list(tokens, listed);
            }
            shape
        }),
        "packages": incident.packages.as_ref().map(write::packages),
        "beyond": write::list(&incident.beyond, |(text, done)| {
            json!({ "text": text, "done": done })
        }),
        "remains": incident.remains(),
    })
}

/// The registry's address, as the other commands tell it.
fn address(registry: &Text) -> String {
    let name = registry.as_str().trim_end_matches('/');
    if name.contains("://") {
        format!("{name}/")
    } else {
        format!("https://{name}/")
    }
}

/// A token as `token list` tells it.
fn listed(token: &Token) -> Value {
    json!(TokenShape::new(token, token.key.short().as_str()))
}

/// A row as `token revoke` tells it.
fn row(row: &IncidentRow) -> Value {
    let mut shape = write::state(&row.state);
    if let Some(why) = shape.get_mut("unprobed").map(Value::take) {
        shape["why"] = why;
    }
    if let Some(fields) = shape.as_object_mut() {
        fields.remove("unprobed");
        if matches!(row.state, RowState::Failed(_) | RowState::Unknown(_))
            && let Some(why) = fields.remove("why")
        {
            fields.insert("error".to_owned(), why);
        }
    }
    shape["token"] = listed(&row.token);
    shape["class"] = row.class.word().into();
    shape["at"] = json!(row.at);
    shape["appeared"] = row.appeared.into();
    shape["ours"] = row.ours.into();
    shape
}
