//! Where the old token lies on this machine, and which of these places take the new value: those that are proved to
//! hold the old one and can be written.

use super::model::Rotation;
use crate::app::model::{Load, Model};
use crate::domain::found::{Found, Grade};
use crate::domain::machine::{CredentialId, Form, Machine, SourceKind};
use crate::domain::text::Text;

/// A place on this machine that holds the old token, or what looks like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotatePlace {
    /// As a person names it.
    pub place: Text,
    /// What takes the new value there, or why nothing does, as the end of a sentence.
    pub takes: Result<CredentialId, String>,
    /// It is proved to hold the old one.
    pub proved: bool,
}

impl Model {
    /// Where the old token of the rotation lies; those that take the new value first.
    pub fn rotate_places(&self) -> Vec<RotatePlace> {
        let Some(rotation) = &self.rotation else {
            return Vec::new();
        };
        // A list that was read since tells it as it is now.
        let listed = self.tokens.list.value().into_iter().flatten();
        let listed = listed.into_iter().find(|row| row.key == rotation.old);
        let token = listed.or(rotation.token.as_deref());
        let found = token.map_or(&[][..], |token| &token.found);
        let mut places: Vec<RotatePlace> = found.iter().map(|found| self.place(found)).collect();
        places.sort_by_key(|place| place.takes.is_err());
        places
    }

    fn place(&self, found: &Found) -> RotatePlace {
        let proved = found.grade == Grade::Is;
        let takes = if proved {
            match &self.machine.machine {
                Load::Failed { why, old: None } => Err(why.what.to_string()),
                load => match load.value() {
                    None => Err("this machine is still being looked at.".to_owned()),
                    Some(machine) => takes(machine, found),
                },
            }
        } else {
            Err(
                "it only looks like this token; that is not proved, so it is left alone."
                    .to_owned(),
            )
        };
        RotatePlace {
            place: found.place.clone(),
            takes,
            proved,
        }
    }
}

fn takes(machine: &Machine, found: &Found) -> Result<CredentialId, String> {
    let credential = machine
        .credentials
        .iter()
        .find(|credential| credential.place == found.place)
        .ok_or("no file of the npm configuration holds it there.")?;
    match &credential.form {
        _ if credential.source == SourceKind::Environment => Err(
            "it is an environment variable, which no program can set for your shell: put the new value there yourself."
                .to_owned(),
        ),
        Form::Variable { names, .. } => {
            // They are called as they are written there: `${NPM_TOKEN}`.
            let names: Vec<String> = names.iter().map(|name| name.cut(34)).collect();
            Err(format!(
                "it takes its value from {}: put the new value where that is set.",
                names.join(" and ")
            ))
        }
        Form::Mixed { names, .. } => {
            let names: Vec<String> = names.iter().map(|name| name.cut(34)).collect();
            Err(format!(
                "it mixes text with {}, where no value can be put: write that line anew yourself.",
                names.join(" and ")
            ))
        }
        Form::Literal => match machine.is_closed(&credential.id) {
            Some(why) => Err(why.to_string()),
            None => Ok(credential.id.clone()),
        },
    }
}

impl Rotation {
    /// Whether the new value goes into this place.
    pub fn ticked(&self, id: &CredentialId) -> bool {
        !self.unticked.contains(id)
    }

    /// Whether it is used elsewhere, too: as said, else where something speaks for it.
    pub fn is_elsewhere(&self, places: &[RotatePlace]) -> bool {
        self.elsewhere.unwrap_or_else(|| {
            let noted = self.token.as_ref().and_then(|token| token.note.as_ref());
            let by_hand = |place: &RotatePlace| place.proved && place.takes.is_err();
            noted.is_some_and(|note| !note.is_empty())
                || !places.iter().any(|place| place.takes.is_ok())
                || places.iter().any(by_hand)
        })
    }

    /// What is proved to hold the old token and does not get the new value from here.
    pub fn left_behind<'p>(&self, places: &'p [RotatePlace]) -> Vec<&'p RotatePlace> {
        let elsewhere = self.is_elsewhere(places);
        let stays = |place: &&RotatePlace| match &place.takes {
            Ok(id) => !self.ticked(id),
            // Where it is put by hand, the person is asked first.
            Err(_) => place.proved && !elsewhere,
        };
        places.iter().filter(stays).collect()
    }

    /// What becomes of a place that keeps the old token (promise P28).
    pub fn what_stays(&self, places: &[RotatePlace]) -> &'static str {
        if self.is_elsewhere(places) {
            "keeps the old token: put the new value there yourself before you say that it is everywhere, or it breaks."
        } else {
            "keeps the old token, which is revoked at the end: whatever uses it there stops working."
        }
    }

    /// What takes the new value.
    pub fn chosen(&self, places: &[RotatePlace]) -> Vec<CredentialId> {
        let takes = places.iter().filter_map(|place| place.takes.as_ref().ok());
        takes.filter(|id| self.ticked(id)).cloned().collect()
    }
}
