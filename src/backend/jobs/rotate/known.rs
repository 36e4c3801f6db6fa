//! What this machine knows of the two tokens of a rotation: values that are proved to be theirs, and where they lie.

use std::sync::Arc;

use crate::backend::finder::{digest, of_registry};
use crate::backend::house::{Connector, House};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::machine::{CredentialId, Form, LocalCredential};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::npmrc::{Auth, Survey};
use crate::records::Notes;

/// What lies on this machine.
pub(super) struct Known {
    registry: Text,
    survey: Survey,
    notes: Notes,
}

impl Known {
    pub(super) async fn look<C: Connector>(
        house: &House<C>,
        registry: Text,
    ) -> Result<Self, Failure> {
        let survey = house.survey().await?;
        // Without notes a value can be proved by its digest all the same.
        let notes = house.notes(|notes| Ok(std::mem::take(notes))).await;
        Ok(Self {
            registry,
            survey,
            notes: notes.unwrap_or_default(),
        })
    }

    /// Whether this value is proved to be the token's.
    pub(super) fn is(&self, token: &TokenKey, value: &Secret<String>) -> bool {
        token.raw().eq_ignore_ascii_case(&digest(value))
            || self
                .notes
                .of(&self.registry, token)
                .is_some_and(|note| note.is_of(value))
    }

    /// What the person noted of a token.
    pub(super) fn note(&self, token: &TokenKey) -> Option<&Text> {
        let note = self.notes.of(&self.registry, token)?;
        Some(&note.text).filter(|text| !text.is_empty())
    }

    fn tokens(&self) -> impl Iterator<Item = (&LocalCredential, &Arc<Secret<String>>)> {
        self.survey.values.iter().filter_map(|(id, auth)| {
            let credentials = &self.survey.machine.credentials;
            let local = credentials.iter().find(|local| local.id == *id)?;
            match auth {
                Auth::Bearer(value) => Some((local, value)),
                Auth::Basic(_) => None,
            }
        })
    }

    /// The places that hold this token, proved.
    pub(super) fn holding<'a>(
        &'a self,
        token: &'a TokenKey,
    ) -> impl Iterator<Item = (&'a LocalCredential, &'a Arc<Secret<String>>)> {
        self.tokens().filter(|(_, value)| self.is(token, value))
    }

    /// The value that stands in a place.
    pub(super) fn at(&self, id: &CredentialId) -> Option<(&LocalCredential, &Arc<Secret<String>>)> {
        self.tokens().find(|(local, _)| local.id == *id)
    }

    /// The place and its value, if a new value may be put there: proved to hold the token, for this registry, by itself.
    pub(super) fn replaceable(
        &self,
        id: &CredentialId,
        token: &TokenKey,
    ) -> Result<(Text, Arc<Secret<String>>), Failure> {
        let refused = |what: String| {
            Failure::new(
                FailureKind::Local,
                format!("{what} Nothing was changed."),
                "Choose the places that hold this very token, and put the new value into the others yourself.",
            )
        };
        let Some((local, value)) = self.at(id) else {
            return Err(refused(format!(
                "{} holds no token any more, or is not there.",
                id.key
            )));
        };
        let place = &local.place;
        if !self.is(token, value) {
            return Err(refused(format!(
                "{place} is not proved to hold this token; it may look like it and be another."
            )));
        }
        if local.scope.is_empty() || !of_registry(local, &self.registry) {
            return Err(refused(format!(
                "{place} is for another registry than {}.",
                self.registry
            )));
        }
        if local.form != Form::Literal || id.path.is_none() {
            return Err(refused(format!(
                "{place} does not hold the value itself but takes it from a variable, which no program can change for others."
            )));
        }
        Ok((place.clone(), Arc::clone(value)))
    }
}
