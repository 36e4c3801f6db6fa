//! The changes that were begun and have not ended, known from what went to the backend and what came from it.

use std::collections::BTreeMap;

use crate::backend::protocol::{Event, Request, RequestId};
use crate::domain::account::ProfileField;

/// Every change that has no end yet.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeMap<RequestId, Change>);

/// A change that has no end yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// The profile field that it sets.
    pub(super) field: Option<ProfileField>,
    /// Two-factor authentication was on when it began.
    pub(super) was_on: bool,
    /// It waits for the person, so nothing of it is on its way.
    pub(super) parked: bool,
}

impl Changes {
    /// A request goes out.
    pub(super) fn begins(&mut self, id: RequestId, request: &Request) {
        let field = match request {
            Request::SaveField { field, .. } => Some(*field),
            Request::Revoke { .. }
            | Request::Enable { .. }
            | Request::ChangeLevel { .. }
            | Request::Disable { .. }
            | Request::SignIn { .. }
            | Request::SignOut
            | Request::ChangePassword { .. }
            | Request::CreateToken(_)
            | Request::ExportSet { .. }
            | Request::RemoveSet { .. }
            | Request::AddSet { .. }
            | Request::CheckCode
            | Request::Note { .. }
            | Request::WriteToken { .. }
            | Request::Rotate(_)
            | Request::ResumeRotation { .. }
            | Request::ResumeRevocation { .. }
            | Request::ApplyFix(_)
            | Request::Emergency { .. }
            | Request::Report { .. } => None,
            Request::Account
            | Request::Tokens
            | Request::TryOut(_)
            | Request::ProvePlace(_)
            | Request::SuggestPlace { .. }
            | Request::Sets
            | Request::OpenSet { .. }
            | Request::ProveSet { .. }
            | Request::Unfinished
            | Request::DropUnfinished { .. }
            | Request::Marks { .. }
            | Request::AimToken { .. }
            | Request::Machine
            | Request::Probe(_)
            | Request::PreviewFix(_) => return,
        };
        let change = Change {
            field,
            was_on: matches!(request, Request::ChangeLevel { .. }),
            parked: false,
        };
        self.0.insert(id, change);
    }

    /// The person has answered its question.
    pub(super) fn answered(&mut self, id: RequestId) {
        self.park(id, false);
    }

    /// The backend reports; gives the change that ended by it.
    pub(super) fn see(&mut self, event: &Event) -> Option<Change> {
        match event {
            Event::Asked { id, .. } => self.park(*id, true),
            Event::Cleared { id } => self.park(*id, false),
            Event::Finished { id, .. } => return self.0.remove(id),
            Event::Retrying { .. } | Event::Page { .. } | Event::Step { .. } => {}
        }
        None
    }

    /// Whether anything may be on its way: also what the backend has not begun to send.
    pub(super) fn at_work(&self) -> bool {
        self.0.values().any(|change| !change.parked)
    }

    /// Whether all have ended.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn park(&mut self, id: RequestId, parked: bool) {
        if let Some(change) = self.0.get_mut(&id) {
            change.parked = parked;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::protocol::Question;
    use crate::domain::failure::{Failure, FailureKind};

    #[test]
    fn a_change_is_at_work_from_its_start_to_its_end_but_not_while_it_waits_for_the_person() {
        let id = RequestId(7);
        let mut changes = Changes::default();
        changes.begins(RequestId(6), &Request::Account);
        assert!(changes.is_empty());
        changes.begins(
            id,
            &Request::Revoke {
                tokens: Vec::new(),
                last: Vec::new(),
                names: Vec::new(),
            },
        );
        assert!(changes.at_work());
        let question = Question::CodesShown;
        changes.see(&Event::Asked { id, question });
        assert!(!changes.at_work() && !changes.is_empty());
        changes.answered(id);
        assert!(changes.at_work());
        let question = Question::CodesShown;
        changes.see(&Event::Asked { id, question });
        changes.see(&Event::Cleared { id });
        assert!(changes.at_work());
        let result = Err(Failure::new(FailureKind::Cancelled, "", ""));
        assert!(changes.see(&Event::Finished { id, result }).is_some());
        assert!(changes.is_empty());
    }
}
