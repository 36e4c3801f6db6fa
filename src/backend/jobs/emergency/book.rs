//! How far an emergency has come: first on the disk, then told.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::backend::clock::Clock;
use crate::backend::desk::Desk;
use crate::backend::house::{Connector, House, aside, fault};
use crate::backend::protocol::{JournalId, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Incident, Stage, StageState};
use crate::domain::revocation::RowState;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::records::incident::{Record, line};
use crate::records::{Journal, Tag};

/// How long a disk keeps an emergency waiting.
const PATIENT: Duration = Duration::from_secs(2);

/// Notes down how far it has come, as long as the disk takes it: what cannot be noted is done all the same.
pub(super) struct Book<'a> {
    desk: &'a Desk,
    clock: Arc<dyn Clock>,
    record: Record,
    journal: Option<Journal>,
}

impl<'a> Book<'a> {
    /// Begins, with the first line on the disk.
    pub(super) async fn begin<C: Connector>(
        house: &House<C>,
        desk: &'a Desk,
        first: Value,
    ) -> Result<Self, Failure> {
        let (folder, now) = (house.deps.vault_dir.clone(), house.deps.clock.now());
        let line = first.clone();
        let begun = within(move || Journal::begin(&folder, Tag::Emergency, now, &line)).await;
        let (journal, why) = match begun {
            Ok(journal) => (Some(journal), None),
            Err(why) => (None, Some(why)),
        };
        let id = match &journal {
            Some(journal) => journal.id().to_owned(),
            None => now.strftime("%Y%m%dT%H%M%SZ").to_string(),
        };
        let mut record =
            Record::begin(&id, &first).ok_or_else(|| fault("beginning the emergency"))?;
        if let Some(why) = why {
            record.unwritten(why);
        }
        Ok(Self {
            desk,
            clock: Arc::clone(&house.deps.clock),
            record,
            journal,
        })
    }

    /// Goes on with one that was left.
    pub(super) async fn resume<C: Connector>(
        house: &House<C>,
        desk: &'a Desk,
        id: &JournalId,
    ) -> Result<Self, Failure> {
        let (folder, id) = (house.deps.vault_dir.clone(), id.0.clone());
        let resumed = within(move || Journal::resume(&folder, &id)).await?;
        let (journal, left) = resumed;
        let record = Record::of(&left).ok_or_else(|| {
            Failure::new(
                FailureKind::Local,
                "What was noted of that emergency cannot be read.",
                "Begin a new one: it reads what there is now.",
            )
        })?;
        let mut book = Self {
            desk,
            clock: Arc::clone(&house.deps.clock),
            record,
            journal: Some(journal),
        };
        let now = book.now();
        book.note(line::resumed(now)).await;
        Ok(book)
    }

    /// Now.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// As far as it has come.
    pub(super) fn incident(&self) -> &Incident {
        self.record.incident()
    }

    /// The same, to be handed out.
    pub(super) fn shared(&self) -> Arc<Incident> {
        Arc::clone(self.record.incident())
    }

    /// Whether it was answered which tokens stay.
    pub(super) const fn chosen(&self) -> bool {
        self.record.chosen()
    }

    /// How a token's row stands.
    pub(super) fn row_state(&self, key: &TokenKey) -> Option<&RowState> {
        self.record.row(key).map(|row| &row.state)
    }

    /// Takes a line, which is on the disk when this returns; or that it is not is part of what is told.
    pub(super) async fn note(&mut self, line: Value) {
        self.note_all(vec![line]).await;
    }

    /// The same with several.
    pub(super) async fn note_all(&mut self, lines: Vec<Value>) {
        if let Some(mut journal) = self.journal.take() {
            let copies = lines.clone();
            let written = within(move || {
                for line in &copies {
                    journal.add(line)?;
                }
                Ok(journal)
            });
            match written.await {
                Ok(journal) => self.journal = Some(journal),
                Err(why) => self.record.unwritten(why),
            }
        }
        for line in &lines {
            self.record.take(line);
        }
    }

    /// Tells how far it has come.
    pub(super) fn tell(&self) {
        self.desk.step(Step::Incident(self.shared()));
    }

    /// A stage stands so now.
    pub(super) async fn stage(&mut self, stage: Stage, stands: StageState) {
        self.note(line::stage(stage, &stands)).await;
        self.tell();
    }

    /// A stage is under way.
    pub(super) async fn now_doing(&mut self, stage: Stage, doing: impl AsRef<str>) {
        let stands = StageState::Now(Text::new(doing.as_ref()));
        self.stage(stage, stands).await;
    }

    /// These rows stand so now.
    pub(super) async fn rows(&mut self, rows: &[(TokenKey, RowState)]) {
        let now = self.now();
        let changed = rows
            .iter()
            .filter(|(key, state)| self.row_state(key).is_some_and(|before| before != state));
        let lines: Vec<Value> = changed
            .clone()
            .map(|(key, state)| line::row(key, state, now))
            .collect();
        let told: Vec<_> = changed.cloned().collect();
        if lines.is_empty() {
            return;
        }
        self.note_all(lines).await;
        for (token, state) in told {
            self.desk.step(Step::Row { token, state });
        }
        self.tell();
    }

    /// Nothing is left to go on with.
    pub(super) async fn end(&mut self) {
        if let Some(journal) = self.journal.take()
            && let Err(failure) = within(move || journal.end()).await
        {
            tracing::warn!(%failure, "the journal of an emergency that has ended");
        }
    }
}

/// Beside the jobs, and not for ever.
async fn within<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENT, aside(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(fault("noting down how far the emergency has come")),
        Err(_) => Err(Failure::new(
            FailureKind::Local,
            "The disk did not answer in time.",
            "Look after the disk.",
        )),
    }
}
