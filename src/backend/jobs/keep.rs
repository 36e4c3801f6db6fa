//! Recovery codes, from their arrival to the proof that they were saved (promises P07, P08, P10).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::backend::desk::{Left, Writing};
use crate::backend::house::{Connector, blocking};
use crate::backend::pass::Stop;
use crate::backend::protocol::{Answer, Outcome, Question, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::recovery::{Place, RecoveryCodes, RecoverySet, SetId};
use crate::domain::text::Text;
use crate::vault::{self, Pair, Seals};

use super::prove::{Again, prove};
use super::{Job, place};

/// Where the codes are, and whether that was proved.
pub(super) struct Kept {
    pub(super) place: Place,
    pub(super) proved: bool,
}

/// Saves, then shows, then asks for the proof.
///
/// `writing` is let go of when the codes are on the disk, or with the person who chose to copy them.
pub(super) async fn keep<C: Connector>(
    job: &Job<'_, C>,
    codes: RecoveryCodes,
    account: Text,
    place: Place,
    writing: Option<Writing>,
) -> Kept {
    let set = Set::new(job, codes, account, true);
    // Who is shown them keeps them, at the least.
    let place = set.durable(place).await.unwrap_or(Place::Myself);
    match &place {
        Place::File(path) | Place::Vault(path) => job.desk.if_left(
            &format!(
                "Two-factor authentication is on, and its recovery codes are in {}; that you have them was not proved.",
                path.display()
            ),
            "Move a copy to another safe place.",
        ),
        Place::Myself => job.desk.if_left(
            "Two-factor authentication is on; that you have its recovery codes was not proved.",
            "Without your copy of them, get fresh ones while the authenticator is at hand.",
        ),
    }
    job.desk.firm(false);
    drop(writing);
    let proved = set.shown_and_proved(&place).await.unwrap_or(false);
    if proved {
        set.note_proved().await;
    }
    Kept { place, proved }
}

/// Keeps codes that the person got elsewhere, without showing them.
pub(super) async fn add<C: Connector>(
    job: &Job<'_, C>,
    account: Text,
    codes: RecoveryCodes,
    place: Place,
) -> Result<Outcome, Stop> {
    if codes.is_empty() {
        return Err(Failure::new(
            FailureKind::Local,
            "There is no code among what was given.",
            "Paste the codes as the website shows them, one in each line.",
        )
        .into());
    }
    let ready = place::Ready::new(job.house, Some(account.clone()), place).await?;
    let writing = job.desk.writing()?;
    let set = Set::new(job, codes, account, false);
    let Ok(place) = set.durable(ready.place.clone()).await else {
        ready.discard(job.desk).await;
        return Err(Stop::Left);
    };
    match &place {
        Place::File(path) | Place::Vault(path) => job.desk.if_left(
            &format!(
                "The recovery codes are in {}; that you have them was not proved.",
                path.display()
            ),
            "Prove it any time on the Recovery screen.",
        ),
        Place::Myself => job.desk.if_left(
            "That you have the recovery codes is noted; it was not proved.",
            "Prove it any time on the Recovery screen.",
        ),
    }
    drop(writing);
    ready.discard(job.desk).await;
    let proved = prove(job.house, job.desk, &set.codes, Again::Hides).await?;
    if proved {
        set.note_proved().await;
    }
    Ok(Outcome::SetAdded { place, proved })
}

struct Set<'a, C: Connector> {
    job: &'a Job<'a, C>,
    codes: Arc<RecoveryCodes>,
    account: Text,
    received: Timestamp,
    /// The person has not seen them yet. Otherwise they came from the person.
    shows: bool,
}

impl<'a, C: Connector> Set<'a, C> {
    fn new(job: &'a Job<'a, C>, codes: RecoveryCodes, account: Text, shows: bool) -> Self {
        Self {
            job,
            codes: Arc::new(codes),
            account,
            received: job.house.deps.clock.now(),
            shows,
        }
    }

    /// Ends when the codes are on the disk and shown, or shown to a person who keeps them. Codes that came from the
    /// person are the person's to give up.
    async fn durable(&self, wanted: Place) -> Result<Place, Left> {
        let mut place = wanted;
        let mut shown = false;
        loop {
            if place == Place::Myself && self.shows && !shown && self.job.desk.closing() {
                // Nobody is left to copy them.
                if let Some(saved) = self.save_anywhere().await {
                    return Ok(self.saved(saved).await);
                }
                // Nobody has them: the list does not say that somebody does.
                self.show(&Place::Myself);
                return Ok(Place::Myself);
            }
            let failure = match self.save(place).await {
                Ok(saved) => return Ok(self.saved(saved).await),
                Err(failure) => failure,
            };
            if !shown && !self.job.desk.closing() {
                // They exist nowhere else: the screen has them while another place is looked for.
                self.show(&Place::Myself);
                shown = true;
            }
            place = match self.job.desk.ask(Question::OtherPlace(failure)).await {
                Ok(Answer::Place(other)) => other,
                Ok(_) => Place::Myself,
                Err(Left) if !self.shows && !self.job.desk.closing() => return Err(Left),
                Err(Left) => match self.save_anywhere().await {
                    Some(saved) => return Ok(self.saved(saved).await),
                    None if self.shows => Place::Myself,
                    None => return Err(Left),
                },
            };
        }
    }

    async fn saved(&self, Saved { place, seals }: Saved) -> Place {
        self.note(place.clone(), seals).await;
        self.show(&place);
        place
    }

    async fn save(&self, place: Place) -> Result<Saved, Failure> {
        match place {
            Place::Vault(path) => self.seal(&path).await,
            Place::File(path) => self.write(path).await,
            Place::Myself => Ok(Saved { place, seals: None }),
        }
    }

    /// Into the encrypted file whose key is ready.
    async fn seal(&self, path: &Path) -> Result<Saved, Failure> {
        self.seal_by(self.job.house.pairs.of(path)?).await
    }

    async fn seal_by(&self, pair: Arc<Pair>) -> Result<Saved, Failure> {
        let (codes, received) = (Arc::clone(&self.codes), self.received);
        let (account, host) = (self.account.clone(), self.job.host());
        let pairs = Arc::clone(&self.job.house.pairs);
        blocking(move || {
            let seals = pair.seal(&codes, &account, &host, received)?;
            pairs.spent(&pair);
            Ok(Saved {
                place: Place::Vault(pair.path().to_owned()),
                seals: Some(seals),
            })
        })
        .await?
    }

    /// Into a plain file.
    async fn write(&self, typed: PathBuf) -> Result<Saved, Failure> {
        let (codes, received) = (Arc::clone(&self.codes), self.received);
        let (account, host) = (self.account.clone(), self.job.host());
        let deps = self.job.house.deps.clone();
        blocking(move || {
            let path = place::resolved(&deps, &typed)?;
            vault::save_codes(&codes, &account, &host, received, &path)?;
            Ok(Saved {
                place: Place::File(path),
                seals: None,
            })
        })
        .await?
    }

    /// The program ends and nobody can choose any more: the places that this program knows, best first.
    async fn save_anywhere(&self) -> Option<Saved> {
        if let Some(pair) = self.job.house.pairs.any_for(&self.account)
            && let Ok(saved) = self.seal_by(pair).await
        {
            return Some(saved);
        }
        if !self.shows {
            // A plain file that nobody asked for is no place for codes that are still where they came from.
            return None;
        }
        // Makes this program's own folder, where it is not there yet.
        let _ = self.job.house.vault(|_| Ok(())).await;
        for own in [false, true] {
            let deps = self.job.house.deps.clone();
            let (account, host) = (self.account.clone(), self.job.host());
            let path = blocking(move || {
                let folder = if own {
                    &deps.vault_dir
                } else {
                    &deps.place_dir
                };
                place::free_path(&deps, folder, &account, &host)
            });
            if let Ok(path) = path.await
                && let Ok(saved) = self.write(path).await
            {
                return Some(saved);
            }
        }
        None
    }

    fn show(&self, place: &Place) {
        if !self.shows {
            return;
        }
        self.job.desk.step(Step::Codes {
            codes: Arc::clone(&self.codes),
            place: place.clone(),
            received: self.received,
        });
    }

    /// Puts the set into the list. The codes are safe without it, so a failure is no reason to stop.
    async fn note(&self, place: Place, seals: Option<Seals>) {
        let set = RecoverySet {
            account: self.account.clone(),
            registry: self.job.host(),
            received: self.received,
            place,
            count: self.codes.len(),
            proved: false,
            added: !self.shows,
            unplaced: 0,
            used: Vec::new(),
        };
        if let Err(failure) = self
            .job
            .house
            .vault(move |vault| vault.add_sealed(set, seals))
            .await
        {
            tracing::warn!(%failure, "the set of recovery codes is not in the list");
        }
    }

    async fn note_proved(&self) {
        let (received, account, host) = (self.received, self.account.clone(), self.job.host());
        let id = SetId {
            account,
            registry: host,
            received,
        };
        let noted = self
            .job
            .house
            .vault(move |vault| vault.mark_proved(&id))
            .await;
        if let Err(failure) = noted {
            tracing::warn!(%failure, "that the codes were proved is not in the list");
        }
    }

    /// Shows, hides, asks for a part of one code, until it is right or the person declines.
    async fn shown_and_proved(&self, place: &Place) -> Result<bool, Left> {
        self.job.desk.ask(Question::CodesShown).await?;
        let show = || self.show(place);
        let again = Again::Shows(&show);
        prove(self.job.house, self.job.desk, &self.codes, again).await
    }
}

/// Codes that are where they will stay.
struct Saved {
    place: Place,
    seals: Option<Seals>,
}
