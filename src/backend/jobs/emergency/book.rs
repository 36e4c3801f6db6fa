//! How far an emergency has come: first on the disk, then told.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use crate::backend::clock::Clock;
use crate::backend::desk::Desk;
use crate::backend::finder::digest;
use crate::backend::house::{Connector, House, aside, fault};
use crate::backend::jobs::revoke::{Facts, Known, Notes};
use crate::backend::protocol::{JournalId, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::incident::{Incident, Stage, StageState};
use crate::domain::revocation::RowState;
use crate::domain::secret::Secret;
use crate::domain::signin::Ended;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::records::incident::{Record, line, row_line};
use crate::records::{Journal, Left, Tag};

/// How long a disk keeps an emergency waiting.
const PATIENT: Duration = Duration::from_secs(2);

/// Notes down how far it has come, as long as the disk takes it: what cannot be noted is done all the same.
pub(super) struct Book<'a> {
    desk: &'a Desk,
    clock: Arc<dyn Clock>,
    record: Record,
    folder: PathBuf,
    /// The name of the journal, as long as there may be one.
    id: Option<String>,
    /// What the lines tell of each row.
    facts: HashMap<TokenKey, Facts>,
    /// What is to be noted next.
    pending: Vec<Value>,
    journal: Option<Journal>,
}

impl<'a> Book<'a> {
    /// Begins, with the first line on the disk.
    pub(super) async fn begin<C: Connector>(
        house: &House<C>,
        desk: &'a Desk,
        mut first: Value,
    ) -> Result<Self, Failure> {
        first["process"] = std::process::id().into();
        let (folder, now) = (house.deps.vault_dir.clone(), house.deps.clock.now());
        let (line, data) = (first.clone(), folder.clone());
        let begun = within(move || Journal::begin(&data, Tag::Emergency, now, &line)).await;
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
            folder,
            id: journal.as_ref().map(|journal| journal.id().to_owned()),
            facts: HashMap::new(),
            pending: Vec::new(),
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
        let (data, name) = (folder.clone(), id.clone());
        let resumed = within(move || Journal::resume(&data, &name)).await?;
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
            folder,
            id: Some(id),
            facts: HashMap::new(),
            pending: Vec::new(),
            journal: Some(journal),
        };
        for line in &left.lines {
            book.learn(line);
        }
        let now = book.now();
        book.note(line::resumed(now, std::process::id())).await;
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

    /// What is known of these rows.
    pub(super) fn known(&self, keys: impl IntoIterator<Item = TokenKey>) -> Vec<Known> {
        let known = keys.into_iter().filter_map(|key| {
            let told = self.row_state(&key)?.clone();
            let facts = self.facts.get(&key).cloned().unwrap_or_default();
            Some(Known { key, facts, told })
        });
        known.collect()
    }

    /// The sessions that were not seen to end, with the row of a list that each would be.
    pub(super) fn open_sessions(&self) -> Vec<(Text, TokenKey)> {
        let open = self.record.open_sessions();
        open.map(|(name, key)| (name.clone(), key.clone()))
            .collect()
    }

    /// What became of the session that had this value.
    pub(super) fn session(&self, value: &Secret<String>) -> Option<&Ended> {
        self.record.session(&TokenKey::new(digest(value)))
    }

    /// Whether this row of a list is a sign-in of this emergency itself.
    pub(super) fn is_own_session(&self, key: &TokenKey) -> bool {
        self.record.is_own_session(key)
    }

    /// Whether a value was seen to work before anything was sent, or to be refused.
    pub(super) fn worked(&self, value: &Secret<String>) -> Option<bool> {
        self.facts.get(&TokenKey::new(digest(value)))?.worked()
    }

    fn learn(&mut self, line: &Value) {
        let Some(told) = row_line(line) else { return };
        let facts = self.facts.entry(told.key).or_default();
        if let Some(word) = &told.before {
            facts.noted_before(word);
        }
        if let Some((state, at)) = &told.state {
            facts.noted(state, *at);
        }
    }

    /// Takes a line, which is on the disk when this returns; or that it is not is part of what is told.
    pub(super) async fn note(&mut self, line: Value) {
        self.note_all(vec![line]).await;
    }

    /// The same with several.
    pub(super) async fn note_all(&mut self, lines: Vec<Value>) {
        if let Some(mut journal) = self.journal.take() {
            let copies = lines.clone();
            match within(move || journal.add_all(&copies).map(|()| journal)).await {
                Ok(journal) => self.journal = Some(journal),
                Err(why) => self.record.unwritten(why),
            }
        }
        for line in &lines {
            self.learn(line);
            self.record.take(line);
        }
    }

    async fn write(&mut self) {
        let lines = std::mem::take(&mut self.pending);
        if !lines.is_empty() {
            self.note_all(lines).await;
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
        let (journal, folder, id) = (self.journal.take(), self.folder.clone(), self.id.take());
        let ended = within(move || match (journal, id) {
            (Some(journal), _) => journal.end(),
            // The disk failed on the way.
            (None, Some(id)) => Left::forget(&folder, &id),
            (None, None) => Ok(()),
        });
        if let Err(failure) = ended.await {
            tracing::warn!(%failure, "the journal of an emergency that has ended");
        }
    }
}

impl Notes for Book<'_> {
    fn before(&mut self, at: Timestamp, key: &TokenKey, word: &'static str) {
        self.pending.push(line::before(key, word, at));
    }

    fn state(&mut self, at: Timestamp, key: &TokenKey, state: &RowState) {
        self.pending.push(line::row(key, state, at));
    }

    /// It is kept in any case.
    fn touched(&mut self) {}

    fn keep(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.write())
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
