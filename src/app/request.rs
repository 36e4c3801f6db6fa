//! Requests: their names, what each one is for, and which replies still count.

use super::Effect;
use super::model::Model;
use crate::backend::protocol::{Asking, Request, RequestId};

/// A request that was begun and has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFlight {
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it may interrupt the person.
    pub asking: Asking,
    /// It was given up; what it still brings is taken, but it asks no more.
    pub cancelled: bool,
}

/// What a request is for: its [`Request`] without the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the request of that name")]
pub enum Purpose {
    Account,
    SaveField,
    Tokens,
    Given,
    Revoke,
    ProvePlace,
    SuggestPlace,
    Enable,
    ChangeLevel,
    Disable,
    Sets,
    OpenSet,
    ProveSet,
    ExportSet,
    RemoveSet,
    AddSet,
    CheckCode,
    SignIn,
    SignOut,
    ChangePassword,
    CreateToken,
    Note,
    Marks,
    WriteToken,
    Rotate,
    Unfinished,
    Machine,
    Probe,
    PreviewFix,
    ApplyFix,
    Emergency,
    Report,
}

impl Purpose {
    /// What a request is for.
    pub const fn of(request: &Request) -> Self {
        match request {
            Request::Account => Self::Account,
            Request::SaveField { .. } => Self::SaveField,
            Request::Tokens => Self::Tokens,
            Request::TryOut(_) => Self::Given,
            Request::Revoke { .. } | Request::ResumeRevocation { .. } => Self::Revoke,
            Request::ProvePlace(_) => Self::ProvePlace,
            Request::SuggestPlace { .. } => Self::SuggestPlace,
            Request::Enable { .. } => Self::Enable,
            Request::ChangeLevel { .. } => Self::ChangeLevel,
            Request::Disable { .. } => Self::Disable,
            Request::Sets => Self::Sets,
            Request::OpenSet { .. } => Self::OpenSet,
            Request::ProveSet { .. } => Self::ProveSet,
            Request::ExportSet { .. } => Self::ExportSet,
            Request::RemoveSet { .. } => Self::RemoveSet,
            Request::AddSet { .. } => Self::AddSet,
            Request::CheckCode => Self::CheckCode,
            Request::SignIn { .. } => Self::SignIn,
            Request::SignOut => Self::SignOut,
            Request::ChangePassword { .. } => Self::ChangePassword,
            Request::CreateToken(_) => Self::CreateToken,
            Request::Note { .. } => Self::Note,
            Request::Marks { .. } => Self::Marks,
            Request::AimToken { .. } | Request::WriteToken { .. } => Self::WriteToken,
            Request::Rotate(_) | Request::ResumeRotation { .. } => Self::Rotate,
            Request::Unfinished | Request::DropUnfinished { .. } => Self::Unfinished,
            Request::Machine => Self::Machine,
            Request::Probe(_) => Self::Probe,
            Request::PreviewFix(_) => Self::PreviewFix,
            Request::ApplyFix(_) => Self::ApplyFix,
            Request::Emergency { .. } => Self::Emergency,
            Request::Report { .. } => Self::Report,
        }
    }
}

/// Names a request, notes it down, and begins it.
pub(super) fn start(
    model: &mut Model,
    request: Request,
    asking: Asking,
    effects: &mut Vec<Effect>,
) -> RequestId {
    let id = RequestId(model.next_id);
    model.next_id += 1;
    let purpose = Purpose::of(&request);
    let request_of = InFlight {
        purpose,
        asking,
        cancelled: false,
    };
    model.requests.insert(id, request_of);
    effects.push(Effect::Start {
        id,
        request,
        asking,
    });
    id
}

/// Gives a request up. It stays noted down until it ends, since a write that was sent goes on.
pub(super) fn cancel(model: &mut Model, id: RequestId, effects: &mut Vec<Effect>) {
    if let Some(request) = model.requests.get_mut(&id) {
        request.cancelled = true;
        effects.push(Effect::Cancel { id });
    }
}

impl Model {
    /// The request of this purpose that is under way, if there is one.
    pub fn running(&self, purpose: Purpose) -> Option<RequestId> {
        self.requests
            .iter()
            .find(|(_, request)| request.purpose == purpose)
            .map(|(id, _)| *id)
    }
}
