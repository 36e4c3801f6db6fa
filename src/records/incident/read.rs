//! The way back from JSON. What cannot be read is left out, or is none: a journal may be of another version.

use jiff::Timestamp;
use serde_json::Value;

use super::words::Worded;
use crate::domain::account::{Profile, ProfileField};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::found::Found;
use crate::domain::incident::{IncidentRow, Later, PackageFacts, Snapshot, StageState};
use crate::domain::machine::{
    CredentialId, FileFacts, Form, LocalCredential, Machine, Rank, Source, SourceState,
};
use crate::domain::moment::Moment;
use crate::domain::revocation::RowState;
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::domain::tfa::Tfa;
use crate::domain::token::{Never, Token, TokenKey};

pub(super) fn text(value: &Value) -> Text {
    Text::new(value.as_str().unwrap_or_default())
}

fn some_text(value: &Value) -> Option<Text> {
    value.as_str().map(Text::new)
}

pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

pub(super) fn worded<T: Worded>(value: &Value) -> Option<T> {
    T::of(value.as_str()?)
}

fn flag(value: &Value) -> bool {
    value.as_bool().unwrap_or_default()
}

pub(super) fn list<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(read).collect()
}

fn texts(value: &Value) -> Vec<Text> {
    list(value, some_text)
}

fn pairs(value: &Value) -> Vec<(Text, Text)> {
    list(value, |pair| Some((text(pair.get(0)?), text(pair.get(1)?))))
}

pub(super) fn failure(value: &Value) -> Failure {
    Failure::new(
        worded(&value["kind"]).unwrap_or(FailureKind::Refused),
        value["what"].as_str().unwrap_or_default(),
        value["next"].as_str().unwrap_or_default(),
    )
}

fn some_failure(value: &Value) -> Option<Failure> {
    value.is_object().then(|| failure(value))
}

fn result<T>(value: &Value, read: impl FnOnce(&Value) -> T) -> Result<T, Failure> {
    match some_failure(&value["failed"]) {
        Some(why) => Err(why),
        None => Ok(read(value)),
    }
}

pub(super) fn token(value: &Value) -> Option<Token> {
    Some(Token {
        key: TokenKey::new(value["key"].as_str()?),
        begins: text(&value["begins"]),
        name: some_text(&value["name"]),
        description: some_text(&value["description"]).map(Box::new),
        readonly: flag(&value["readonly"]),
        bypass_2fa: flag(&value["bypass_2fa"]),
        cidr: texts(&value["cidr"]).into(),
        created: moment(&value["created"]).map(Moment::from),
        accessed: moment(&value["accessed"]).map(Moment::from),
        updated: moment(&value["updated"]).map(Moment::from),
        expires: moment(&value["expires"]).map(Moment::from),
        revoked: moment(&value["revoked"]).map(Moment::from),
        permissions: pairs(&value["permissions"]).into(),
        scopes: pairs(&value["scopes"]).into(),
        found: list(&value["found"], |found| {
            Some(Found {
                place: text(&found["place"]),
                grade: worded(&found["grade"])?,
                proof: worded(&found["proof"]),
                in_use: flag(&found["in_use"]),
            })
        })
        .into(),
        note: some_text(&value["note"]).map(Box::new),
        never: Never {
            unread: false,
            expires: flag(&value["never"]["expires"]),
            used: flag(&value["never"]["used"]),
        },
    })
}

pub(super) fn state(value: &Value) -> Option<RowState> {
    Some(match value["state"].as_str()? {
        "waiting" => RowState::Waiting,
        "sent" => RowState::Sent,
        "accepted" => RowState::Accepted,
        "gone" => RowState::Gone(worded(&value["unprobed"])?),
        "verified" => RowState::Verified,
        "refused" => RowState::Refused,
        "unknown" => RowState::Unknown(failure(&value["why"])),
        "already-gone" => RowState::AlreadyGone,
        "still-listed" => RowState::StillListed,
        "still-accepted" => RowState::StillAccepted {
            since: moment(&value["since"])?,
            probed: moment(&value["probed"])?,
        },
        "failed" => RowState::Failed(failure(&value["why"])),
        "not-tried" => RowState::NotTried,
        _ => return None,
    })
}

pub(super) fn row(value: &Value) -> Option<IncidentRow> {
    Some(IncidentRow {
        token: token(&value["token"])?,
        class: worded(&value["class"])?,
        state: state(value)?,
        at: moment(&value["at"]),
        appeared: flag(&value["appeared"]),
        ours: flag(&value["ours"]),
    })
}

pub(super) fn stage(value: &Value) -> Option<StageState> {
    let said = || text(&value["text"]);
    let at = || moment(&value["at"]);
    Some(match value["state"].as_str()? {
        "waiting" => StageState::Waiting,
        "now" => StageState::Now(said()),
        "done" => StageState::Done(at()?, said()),
        "open" => StageState::Open(at()?, said()),
        "skipped" => StageState::Skipped(at()?, said()),
        "failed" => StageState::Failed(at()?, failure(&value["why"])),
        _ => return None,
    })
}

pub(super) fn ended(value: &Value) -> Option<Ended> {
    Some(match value["ended"].as_str()? {
        "verified" => Ended::Verified,
        "dead-before" => Ended::DeadBefore,
        "still-accepted" => Ended::StillAccepted,
        "unchecked" => Ended::Unchecked(failure(&value["why"])),
        "nothing-there" => Ended::NothingThere,
        "unlisted" => Ended::Unlisted,
        _ => return None,
    })
}

fn package(value: &Value) -> Option<PackageFacts> {
    let latest = value["latest"].as_array();
    let latest = latest.and_then(|pair| Some((text(pair.first()?), moment(pair.get(1)?))));
    Some(PackageFacts {
        name: some_text(&value["name"])?,
        access: text(&value["access"]),
        latest,
        recent: list(&value["recent"], |pair| {
            Some((text(pair.get(0)?), moment(pair.get(1)?)?))
        }),
        owners: texts(&value["owners"]),
        unread: some_failure(&value["unread"]),
    })
}

pub(super) fn packages(value: &Value) -> Result<Vec<PackageFacts>, Failure> {
    result(value, |value| list(value, package))
}

pub(super) fn snapshot(value: &Value) -> Option<Snapshot> {
    Some(Snapshot {
        at: moment(&value["at"])?,
        profile: result(&value["profile"], |value| Box::new(profile(value))),
        tokens: result(&value["tokens"], |value| list(value, token)),
        packages: packages(&value["packages"]),
        machine: result(&value["machine"], |value| Box::new(machine(value))),
        later: Later {
            profile: moment(&value["later"]["profile"]),
            tokens: moment(&value["later"]["tokens"]),
            packages: moment(&value["later"]["packages"]),
        },
    })
}

fn profile(value: &Value) -> Profile {
    Profile {
        name: text(&value["name"]),
        email_verified: value["email_verified"].as_bool(),
        tfa: tfa(&value["tfa"]),
        fields: list(&value["fields"], |pair| {
            let key = pair.get(0)?.as_str()?;
            let field = ProfileField::ALL
                .into_iter()
                .find(|field| field.key() == key)?;
            Some((field, some_text(pair.get(1)?)))
        }),
        created: moment(&value["created"]),
        updated: moment(&value["updated"]),
        other: pairs(&value["other"]),
    }
}

pub(super) fn tfa(value: &Value) -> Tfa {
    match (value["state"].as_str(), worded(&value["level"])) {
        (Some("off"), _) => Tfa::Off,
        (Some("pending"), level) => Tfa::Pending(level),
        (Some("on"), Some(level)) => Tfa::On(level),
        _ => Tfa::Unknown(text(&value["words"])),
    }
}

fn machine(value: &Value) -> Machine {
    Machine {
        sources: list(&value["sources"], source),
        credentials: list(&value["credentials"], credential),
        problems: texts(&value["problems"]),
        refused: Vec::new(),
        closed: Vec::new(),
        registry: text(&value["registry"]),
    }
}

fn source(value: &Value) -> Option<Source> {
    let state = &value["state"];
    Some(Source {
        kind: worded(&value["kind"])?,
        shown: text(&value["shown"]),
        path: value["path"].as_str().map(Into::into),
        state: match state["is"].as_str()? {
            "absent" => SourceState::Absent,
            "unreadable" => SourceState::Unreadable(failure(&state["why"])),
            "read" => SourceState::Read(FileFacts {
                mode: state["mode"].as_u64().and_then(|mode| mode.try_into().ok()),
                link: some_text(&state["link"]),
                git: worded(&state["git"]).unwrap_or_default(),
            }),
            _ => return None,
        },
    })
}

fn credential(value: &Value) -> Option<LocalCredential> {
    let (id, form, rank) = (&value["id"], &value["form"], &value["rank"]);
    Some(LocalCredential {
        id: CredentialId {
            path: id["path"].as_str().map(Into::into),
            key: text(&id["key"]),
            line: id["line"].as_u64().and_then(|line| line.try_into().ok())?,
        },
        place: text(&value["place"]),
        source: worded(&value["source"])?,
        scope: text(&value["scope"]),
        kind: worded(&value["kind"])?,
        form: if form.is_object() {
            let (names, unset) = (texts(&form["names"]), texts(&form["unset"]));
            if flag(&form["mixed"]) {
                Form::Mixed { names, unset }
            } else {
                Form::Variable { names, unset }
            }
        } else {
            Form::Literal
        },
        begins: text(&value["begins"]),
        rank: match rank["is"].as_str()? {
            "wins" => Rank::Wins,
            "beaten" => Rank::Beaten(text(&rank["by"])),
            "unusable" => Rank::Unusable(text(&rank["why"])),
            _ => return None,
        },
        in_use: flag(&value["in_use"]),
    })
}
