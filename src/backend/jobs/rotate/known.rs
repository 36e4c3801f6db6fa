//! What this machine knows of the two tokens of a rotation: values that are proved to be theirs, and where they lie.

use std::path::PathBuf;
use std::sync::Arc;

use crate::backend::finder::{digest, of_registry};
use crate::backend::house::{Connector, House};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::machine::{CredentialId, Form, LocalCredential};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::npmrc::{Auth, Survey};
use crate::records::{Mark, Notes};

/// A token's value and where it lies.
type Held<'a> = (&'a LocalCredential, &'a Arc<Secret<String>>);

/// What lies on this machine.
pub(super) struct Known {
    registry: Text,
    /// What npm would read here; then each file of the journal that it would not.
    surveys: Vec<Survey>,
    notes: Notes,
    /// By what the journal recognises the values of its tokens.
    marks: Vec<(TokenKey, Mark)>,
    /// Files of the journal that cannot be read now (why).
    unread: Vec<(PathBuf, Failure)>,
}

impl Known {
    pub(super) async fn look<C: Connector>(
        house: &House<C>,
        registry: Text,
    ) -> Result<Self, Failure> {
        Self::look_also(house, registry, &[], Vec::new()).await
    }

    /// The same for a rotation that is gone on with: its places lie wherever it was begun, not only where npm would look
    /// from here.
    pub(super) async fn look_also<C: Connector>(
        house: &House<C>,
        registry: Text,
        places: &[CredentialId],
        marks: Vec<(TokenKey, Mark)>,
    ) -> Result<Self, Failure> {
        let mut surveys = vec![house.survey().await?];
        let mut unread = Vec::new();
        let mut files: Vec<_> = places.iter().filter_map(|id| id.path.clone()).collect();
        files.dedup();
        for file in files {
            let reads = |survey: &Survey| {
                let mut ids = survey.machine.credentials.iter().map(|local| &local.id);
                ids.any(|id| id.path.as_ref() == Some(&file))
            };
            if surveys.iter().any(reads) {
                continue;
            }
            match house.look_into(file.clone()).await {
                Ok(survey) => surveys.push(survey),
                Err(why) => unread.push((file, why)),
            }
        }
        // Without notes a value can be proved by its digest all the same.
        let notes = house.notes(|notes| Ok(std::mem::take(notes))).await;
        Ok(Self {
            registry,
            surveys,
            notes: notes.unwrap_or_default(),
            marks,
            unread,
        })
    }

    /// Why the file of a place cannot be read now.
    pub(super) fn unread(&self, id: &CredentialId) -> Option<&Failure> {
        let mut unread = self.unread.iter();
        let found = unread.find(|(file, _)| id.path.as_ref() == Some(file));
        found.map(|(_, why)| why)
    }

    /// Whether npm would read this credential from here.
    pub(super) fn npm_reads(&self, id: &CredentialId) -> bool {
        let here = self.surveys.first();
        here.is_some_and(|here| here.machine.credentials.iter().any(|local| local.id == *id))
    }

    /// Whether this value is proved to be the token's.
    pub(super) fn is(&self, token: &TokenKey, value: &Secret<String>) -> bool {
        token.is(&digest(value))
            || self
                .notes
                .of(&self.registry, token)
                .is_some_and(|note| note.is_of(value))
            || self
                .marks
                .iter()
                .any(|(of, mark)| of == token && mark.is_of(value))
    }

    /// What the person noted of a token.
    pub(super) fn note(&self, token: &TokenKey) -> Option<&Text> {
        let note = self.notes.of(&self.registry, token)?;
        Some(&note.text).filter(|text| !text.is_empty())
    }

    fn tokens(&self) -> impl Iterator<Item = Held<'_>> {
        self.surveys.iter().flat_map(|survey| {
            survey.values.iter().filter_map(|(id, auth)| {
                let credentials = &survey.machine.credentials;
                let local = credentials.iter().find(|local| local.id == *id)?;
                match auth {
                    Auth::Bearer(value) => Some((local, value)),
                    Auth::Basic(_) => None,
                }
            })
        })
    }

    /// The places that hold this token, proved.
    pub(super) fn holding<'a>(&'a self, token: &'a TokenKey) -> impl Iterator<Item = Held<'a>> {
        self.tokens().filter(|(_, value)| self.is(token, value))
    }

    /// The value that stands in a place.
    pub(super) fn at(&self, id: &CredentialId) -> Option<Held<'_>> {
        self.tokens().find(|(local, _)| local.id == *id)
    }

    /// For each place of a journal what stands there of its two tokens: on its line, else on the line of the same file
    /// and key that it has moved to since.
    pub(super) fn standing<'a>(
        &'a self,
        places: &[CredentialId],
        (old, new): (&TokenKey, &TokenKey),
    ) -> Vec<Option<Held<'a>>> {
        let of_it = |value: &Secret<String>| self.is(new, value) || self.is(old, value);
        let mut found: Vec<_> = places
            .iter()
            .map(|id| self.at(id).filter(|(_, value)| of_it(value)))
            .collect();
        for (at, id) in places.iter().enumerate() {
            if found[at].is_some() {
                continue;
            }
            let is_free = |local: &LocalCredential| {
                let mut taken = found.iter().flatten();
                !taken.any(|(taken, _)| taken.id == local.id)
            };
            let moved = self.tokens().find(|(local, value)| {
                local.id.path == id.path && local.id.key == id.key && of_it(value) && is_free(local)
            });
            found[at] = moved;
        }
        found
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
        let mut closed = self.surveys.iter().map(|survey| &survey.machine);
        if let Some(why) = closed.find_map(|machine| machine.is_closed(id)) {
            return Err(refused(format!("{place} takes no other token: {why}")));
        }
        if let Form::Mixed { .. } = local.form {
            return Err(refused(format!(
                "{place} mixes text with a variable, where no value can be put; write it anew yourself."
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
