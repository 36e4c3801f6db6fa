//! Recovery codes, from their arrival to the proof that they were saved (promises P07, P08, P10).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::backend::desk::{Left, Writing};
use crate::backend::house::{Connector, blocking};
use crate::backend::protocol::{Answer, Proof, Question, Step};
use crate::domain::failure::Failure;
use crate::domain::recovery::{Place, RecoveryCodes, RecoverySet};
use crate::domain::text::Text;
use crate::vault::{self, Pair, ProofTask};

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
    let set = Set {
        job,
        codes: Arc::new(codes),
        account,
        received: job.house.deps.clock.now(),
    };
    let place = set.durable(place).await;
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
    let proved = set.proved(&place).await.unwrap_or(false);
    if proved {
        set.note_proved().await;
    }
    Kept { place, proved }
}

struct Set<'a, C: Connector> {
    job: &'a Job<'a, C>,
    codes: Arc<RecoveryCodes>,
    account: Text,
    received: Timestamp,
}

impl<C: Connector> Set<'_, C> {
    /// Ends when the codes are on the disk and shown, or shown to a person who keeps them.
    async fn durable(&self, wanted: Place) -> Place {
        let mut place = wanted;
        let mut shown = false;
        loop {
            let saved = match place {
                Place::Vault(path) => self.seal(&path).await,
                Place::File(path) => self.save(path).await,
                Place::Myself => Ok(Place::Myself),
            };
            let failure = match saved {
                Ok(place) => {
                    self.note(place.clone()).await;
                    self.show(&place);
                    return place;
                }
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
                Err(Left) => match self.save_anywhere().await {
                    Some(place) => {
                        self.note(place.clone()).await;
                        self.show(&place);
                        return place;
                    }
                    None => Place::Myself,
                },
            };
        }
    }

    /// Into the encrypted file whose key is ready.
    async fn seal(&self, path: &Path) -> Result<Place, Failure> {
        self.seal_by(self.job.house.pairs.of(path)?).await
    }

    async fn seal_by(&self, pair: Arc<Pair>) -> Result<Place, Failure> {
        let (codes, received) = (Arc::clone(&self.codes), self.received);
        let (account, host) = (self.account.clone(), self.job.host());
        let pairs = Arc::clone(&self.job.house.pairs);
        blocking(move || {
            pair.seal(&codes, &account, &host, received)?;
            pairs.spent(&pair);
            Ok(Place::Vault(pair.path().to_owned()))
        })
        .await?
    }

    async fn save(&self, typed: PathBuf) -> Result<Place, Failure> {
        let (codes, received) = (Arc::clone(&self.codes), self.received);
        let (account, host) = (self.account.clone(), self.job.host());
        let deps = self.job.house.deps.clone();
        blocking(move || {
            let path = place::resolved(&deps, &typed)?;
            vault::save_codes(&codes, &account, &host, received, &path)?;
            Ok(Place::File(path))
        })
        .await?
    }

    /// The program ends and nobody can choose any more: the places that this program knows, best first.
    async fn save_anywhere(&self) -> Option<Place> {
        if let Some(pair) = self.job.house.pairs.any_for(&self.account)
            && let Ok(place) = self.seal_by(pair).await
        {
            return Some(place);
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
                && let Ok(place) = self.save(path).await
            {
                return Some(place);
            }
        }
        None
    }

    fn show(&self, place: &Place) {
        self.job.desk.step(Step::Codes {
            codes: Arc::clone(&self.codes),
            place: place.clone(),
            received: self.received,
        });
    }

    /// Puts the set into the list. The codes are safe without it, so a failure is no reason to stop.
    async fn note(&self, place: Place) {
        let set = RecoverySet {
            account: self.account.clone(),
            registry: self.job.host(),
            received: self.received,
            place,
            count: self.codes.len(),
            proved: false,
            used: Vec::new(),
        };
        if let Err(failure) = self.job.house.vault(move |vault| vault.add(set)).await {
            tracing::warn!(%failure, "the set of recovery codes is not in the list");
        }
    }

    async fn note_proved(&self) {
        let (received, account, host) = (self.received, self.account.clone(), self.job.host());
        let noted = self
            .job
            .house
            .vault(move |vault| vault.mark_proved(received, &account, &host))
            .await;
        if let Err(failure) = noted {
            tracing::warn!(%failure, "that the codes were proved is not in the list");
        }
    }

    /// Shows, hides, asks for a part of one code, until it is right or the person declines.
    async fn proved(&self, place: &Place) -> Result<bool, Left> {
        let desk = self.job.desk;
        desk.ask(Question::CodesShown).await?;
        let mut asked_for = None;
        'code: loop {
            let task = ProofTask::pick(&self.codes, &mut *self.job.house.rng(), asked_for);
            let Some(task) = task else {
                return Ok(false);
            };
            asked_for = Some(task.code);
            let mut attempt = 1;
            loop {
                let question = Question::Proof(Proof {
                    code: task.code,
                    from: task.from,
                    to: task.to,
                    attempt,
                });
                match desk.ask(question).await? {
                    Answer::Proof(typed) if task.check(&self.codes, &typed) => return Ok(true),
                    Answer::ShowAgain => {
                        self.show(place);
                        desk.ask(Question::CodesShown).await?;
                        continue 'code;
                    }
                    Answer::Declined => return Ok(false),
                    _ => attempt += 1,
                }
            }
        }
    }
}
