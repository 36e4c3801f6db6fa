//! What an emergency is made of, as JSON. Holds no secret, since nothing in an emergency does.

use serde_json::{Value, json};

use super::words::Worded;
use crate::domain::account::Profile;
use crate::domain::failure::Failure;
use crate::domain::found::Found;
use crate::domain::incident::{IncidentRow, PackageFacts, Snapshot, StageState};
use crate::domain::machine::{
    CredentialId, Form, LocalCredential, Machine, Rank, Source, SourceState,
};
use crate::domain::revocation::RowState;
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::domain::tfa::Tfa;
use crate::domain::token::Token;

pub(super) fn failure(failure: &Failure) -> Value {
    json!({
        "kind": failure.kind.word(),
        "what": failure.what,
        "next": failure.next,
    })
}

/// What is there, or why it is not.
pub(super) fn result<T>(result: &Result<T, Failure>, shape: impl FnOnce(&T) -> Value) -> Value {
    match result {
        Ok(value) => shape(value),
        Err(why) => json!({ "failed": failure(why) }),
    }
}

pub(super) fn list<T>(items: &[T], shape: impl Fn(&T) -> Value) -> Value {
    items.iter().map(shape).collect()
}

fn pairs(items: &[(Text, Text)]) -> Value {
    list(items, |(one, other)| json!([one, other]))
}

pub(super) fn token(token: &Token) -> Value {
    json!({
        // Opaque, and sent as it is: not cleaned.
        "key": token.key.raw(),
        "begins": token.begins,
        "name": token.name,
        "description": token.description,
        "readonly": token.readonly,
        "bypass_2fa": token.bypass_2fa,
        "cidr": token.cidr,
        "created": token.created,
        "accessed": token.accessed,
        "updated": token.updated,
        "expires": token.expires,
        "revoked": token.revoked,
        "permissions": pairs(&token.permissions),
        "scopes": pairs(&token.scopes),
        "found": list(&token.found, found),
        "note": token.note,
        "never": { "expires": token.never.expires, "used": token.never.used },
    })
}

fn found(found: &Found) -> Value {
    json!({
        "place": found.place,
        "grade": found.grade.word(),
        "proof": found.proof.map(Worded::word),
        "in_use": found.in_use,
    })
}

pub(super) fn state(state: &RowState) -> Value {
    match state {
        RowState::Waiting => json!({ "state": "waiting" }),
        RowState::Sent => json!({ "state": "sent" }),
        RowState::Accepted => json!({ "state": "accepted" }),
        RowState::Gone(why) => json!({ "state": "gone", "unprobed": why.word() }),
        RowState::Verified => json!({ "state": "verified" }),
        RowState::Refused => json!({ "state": "refused" }),
        RowState::Unknown(why) => json!({ "state": "unknown", "why": failure(why) }),
        RowState::AlreadyGone => json!({ "state": "already-gone" }),
        RowState::StillListed => json!({ "state": "still-listed" }),
        RowState::StillAccepted { since, probed } => {
            json!({ "state": "still-accepted", "since": since, "probed": probed })
        }
        RowState::Failed(why) => json!({ "state": "failed", "why": failure(why) }),
        RowState::NotTried => json!({ "state": "not-tried" }),
    }
}

pub(super) fn row(row: &IncidentRow) -> Value {
    let mut shape = state(&row.state);
    shape["token"] = token(&row.token);
    shape["class"] = row.class.word().into();
    shape["at"] = json!(row.at);
    shape["appeared"] = row.appeared.into();
    shape["ours"] = row.ours.into();
    shape
}

pub(super) fn stage(state: &StageState) -> Value {
    match state {
        StageState::Waiting => json!({ "state": "waiting" }),
        StageState::Now(text) => json!({ "state": "now", "text": text }),
        StageState::Done(at, text) => json!({ "state": "done", "at": at, "text": text }),
        StageState::Open(at, text) => json!({ "state": "open", "at": at, "text": text }),
        StageState::Skipped(at, text) => json!({ "state": "skipped", "at": at, "text": text }),
        StageState::Failed(at, why) => {
            json!({ "state": "failed", "at": at, "why": failure(why) })
        }
    }
}

pub(super) fn ended(ended: &Ended) -> Value {
    match ended {
        Ended::Verified => json!({ "ended": "verified" }),
        Ended::DeadBefore => json!({ "ended": "dead-before" }),
        Ended::StillAccepted => json!({ "ended": "still-accepted" }),
        Ended::Unchecked(why) => json!({ "ended": "unchecked", "why": failure(why) }),
        Ended::NothingThere => json!({ "ended": "nothing-there" }),
        Ended::Unlisted => json!({ "ended": "unlisted" }),
    }
}

pub(super) fn package(package: &PackageFacts) -> Value {
    json!({
        "name": package.name,
        "access": package.access,
        "latest": package.latest.as_ref().map(|(version, at)| json!([version, at])),
        "recent": list(&package.recent, |(version, at)| json!([version, at])),
        "owners": package.owners,
        "unread": package.unread.as_ref().map(failure),
    })
}

pub(super) fn packages(packages: &Result<Vec<PackageFacts>, Failure>) -> Value {
    result(packages, |packages| list(packages, package))
}

pub(super) fn snapshot(snapshot: &Snapshot) -> Value {
    json!({
        "at": snapshot.at,
        "profile": result(&snapshot.profile, |it| profile(it)),
        "tokens": result(&snapshot.tokens, |tokens| list(tokens, token)),
        "packages": packages(&snapshot.packages),
        "machine": result(&snapshot.machine, |it| machine(it)),
        "later": {
            "profile": snapshot.later.profile,
            "tokens": snapshot.later.tokens,
            "packages": snapshot.later.packages,
        },
    })
}

fn profile(profile: &Profile) -> Value {
    json!({
        "name": profile.name,
        "email_verified": profile.email_verified,
        "tfa": tfa(&profile.tfa),
        "fields": list(&profile.fields, |(field, value)| json!([field.key(), value])),
        "created": profile.created,
        "updated": profile.updated,
        "other": pairs(&profile.other),
    })
}

pub(super) fn tfa(tfa: &Tfa) -> Value {
    match tfa {
        Tfa::Off => json!({ "state": "off" }),
        Tfa::Pending(level) => json!({ "state": "pending", "level": level.map(Worded::word) }),
        Tfa::On(level) => json!({ "state": "on", "level": level.word() }),
        Tfa::Unknown(words) => json!({ "state": "unknown", "words": words }),
    }
}

fn machine(machine: &Machine) -> Value {
    json!({
        "sources": list(&machine.sources, source),
        "credentials": list(&machine.credentials, credential),
        "problems": machine.problems,
        "registry": machine.registry,
    })
}

fn source(source: &Source) -> Value {
    let path = source.path.as_ref().map(|path| path.to_string_lossy());
    json!({
        "kind": source.kind.word(),
        "shown": source.shown,
        "path": path,
        "state": match &source.state {
            SourceState::Absent => json!({ "is": "absent" }),
            SourceState::Unreadable(why) | SourceState::BrokenLink { why, .. } => {
                json!({ "is": "unreadable", "why": failure(why) })
            }
            SourceState::Read(facts) => json!({
                "is": "read",
                "mode": facts.mode,
                "link": facts.link,
                "git": facts.git.word(),
            }),
        },
    })
}

pub(super) fn id(id: &CredentialId) -> Value {
    let path = id.path.as_ref().map(|path| path.to_string_lossy());
    json!({ "path": path, "key": id.key, "line": id.line })
}

fn credential(local: &LocalCredential) -> Value {
    json!({
        "id": id(&local.id),
        "place": local.place,
        "source": local.source.word(),
        "scope": local.scope,
        "kind": local.kind.word(),
        "form": match &local.form {
            Form::Literal => Value::Null,
            Form::Variable { names, unset } => json!({ "names": names, "unset": unset }),
            Form::Mixed { names, unset } => {
                json!({ "names": names, "unset": unset, "mixed": true })
            }
        },
        "begins": local.begins,
        "rank": match &local.rank {
            Rank::Wins => json!({ "is": "wins" }),
            Rank::Beaten(by) => json!({ "is": "beaten", "by": by }),
            Rank::Unusable(why) => json!({ "is": "unusable", "why": why }),
        },
        "in_use": local.in_use,
    })
}
