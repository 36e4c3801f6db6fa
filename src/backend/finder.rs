//! Which token of a list lies where on this machine, and what is noted of it (requirement E1).
//!
//! A value *is* a token when that is proved: by its digest where a registry's keys are digests, or because this program was
//! given the value together with the key. All else is a likeness: the characters fit that the registry lists.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha512};

use crate::backend::house::{Connector, House};
use crate::domain::found::{Found, Grade, ProvedBy};
use crate::domain::machine::LocalCredential;
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::npmrc::{Auth, Survey};
use crate::records::Notes;
use crate::registry::Registry;

/// How long a list waits for this machine's files. Without them it goes out all the same.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks through a list for what is known on this machine.
pub(super) struct Finder {
    registry: Text,
    notes: Notes,
    values: Vec<Value>,
    /// What requests carry, as far as it was taken in already.
    carried: Option<Arc<Secret<String>>>,
}

/// A token's value that is known here.
struct Value {
    secret: Arc<Secret<String>>,
    /// Its key, where keys are digests. npm's registry API documents the key of a token as the hexadecimal SHA-512 of
    /// its value; today's npm registry and Verdaccio give out keys that say nothing of the value.
    digest: String,
    /// The token that it is, once that is proved (how): then it is no other.
    is: Option<(TokenKey, ProvedBy)>,
    /// Each place of the configuration that holds it.
    places: Vec<Text>,
    /// Requests carry it now, from this place.
    carried: Option<Text>,
}

impl Finder {
    /// Reads what lies on this machine. What cannot be read is left out: that is no reason to show no list.
    pub(super) async fn look<C: Connector>(house: &House<C>, registry: &Text) -> Self {
        let looked = tokio::time::timeout(PATIENCE, house.kept_here()).await;
        let (survey, notes) = looked.unwrap_or_else(|_| {
            tracing::warn!("this machine's files are not read in time; the list goes without them");
            <(Survey, Notes)>::default()
        });
        Self::new(registry.clone(), survey, notes)
    }

    fn new(registry: Text, survey: Survey, notes: Notes) -> Self {
        let mut finder = Self {
            registry,
            notes,
            values: Vec::new(),
            carried: None,
        };
        let Survey { machine, values } = survey;
        for (id, auth) in values {
            let local = machine.credentials.iter().find(|local| local.id == id);
            if let (Some(local), Auth::Bearer(secret)) = (local, auth)
                && of_registry(local, &finder.registry)
            {
                let places = &mut finder.value(&secret).places;
                if !places.contains(&local.place) {
                    places.push(local.place.clone());
                }
            }
        }
        finder
    }

    /// The notes as they were read, if there are any of this registry's tokens.
    pub(super) fn into_notes(self) -> Option<Notes> {
        Some(self.notes).filter(|notes| notes.any_of(&self.registry))
    }

    /// Writes into these rows what is known of them: where they lie, and their notes. What was proved by earlier rows
    /// counts for later ones.
    pub(super) fn annotate<R: Registry>(&mut self, registry: &R, rows: &mut [Token]) {
        self.carries(registry);
        for value in &mut self.values {
            if value.is.is_none() {
                value.is = rows
                    .iter()
                    .find(|row| row.key.is(&value.digest))
                    .map(|row| (row.key.clone(), ProvedBy::Key));
            }
        }
        for row in rows {
            row.note = self
                .notes
                .of(&self.registry, &row.key)
                .map(|note| Box::new(note.text.clone()))
                .filter(|text| !text.is_empty());
            row.found = self
                .values
                .iter()
                .filter_map(|value| Some((value, value.grade(row)?)))
                .flat_map(|(value, (grade, proof))| {
                    value.all_places().map(move |place| Found {
                        place: place.clone(),
                        grade,
                        proof,
                        in_use: value.carried.is_some(),
                    })
                })
                .collect();
        }
    }

    /// Takes in what requests carry now; a sign-in may have changed it since the last page.
    fn carries<R: Registry>(&mut self, registry: &R) {
        let carried = registry.token();
        let same = match (&carried, &self.carried) {
            (Some(now), Some(before)) => now.matches(before),
            (None, None) => true,
            _ => false,
        };
        if same {
            return;
        }
        for value in &mut self.values {
            value.carried = None;
        }
        self.carried.clone_from(&carried);
        let (Some(secret), Some(source)) = (carried, registry.identity().credential) else {
            return;
        };
        self.value(&secret).carried = Some(source.place);
    }

    /// The entry of a value; a new one has no place yet.
    fn value(&mut self, secret: &Arc<Secret<String>>) -> &mut Value {
        let at = self
            .values
            .iter()
            .position(|known| known.secret.matches(secret));
        let at = at.unwrap_or_else(|| {
            let whose = self.notes.whose(&self.registry, secret);
            self.values.push(Value {
                digest: digest(secret),
                is: whose.map(|key| (key, ProvedBy::Made)),
                secret: Arc::clone(secret),
                places: Vec::new(),
                carried: None,
            });
            self.values.len() - 1
        });
        &mut self.values[at]
    }
}

impl Value {
    /// Each place once.
    fn all_places(&self) -> impl Iterator<Item = &Text> {
        let again = |carried: &&Text| self.places.iter().any(|place| is_place(carried, place));
        let carried = self.carried.as_ref().filter(|carried| !again(carried));
        carried.into_iter().chain(&self.places)
    }

    /// How sure it is that this row is it, and by what; `None` where nothing speaks for it.
    fn grade(&self, row: &Token) -> Option<(Grade, Option<ProvedBy>)> {
        match &self.is {
            Some((key, proof)) => (*key == row.key).then_some((Grade::Is, Some(*proof))),
            None => Token::looks_like(&row.begins, self.secret.expose())
                .then_some((Grade::LooksLike, None)),
        }
    }
}

/// Whether what lies here is for this registry's host and port, or says of none what it is for, as a bare variable.
/// Nothing is sent, so the path below the host does not matter.
pub(super) fn of_registry(local: &LocalCredential, registry: &Text) -> bool {
    let host = |address: &Text| {
        let address = address.as_str();
        let address = address.split_once("://").map_or(address, |(_, rest)| rest);
        let host = address.trim_start_matches('/').split('/').next();
        host.unwrap_or_default().to_ascii_lowercase()
    };
    local.scope.is_empty() || host(&local.scope) == host(registry)
}

/// The same place, also where one of the two names the variables that its value comes from.
fn is_place(named: &Text, place: &Text) -> bool {
    let rest = named.as_str().strip_prefix(place.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(", from "))
}

/// The key that npm's registry API documents for this value.
pub(super) fn digest(value: &Secret<String>) -> String {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(128);
    for byte in Sha512::digest(value.expose()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
