//! How far a revocation has come, on the disk: so that it can be gone on with after a crash (promise P30).
//!
//! ```text
//! {"registry": …, "account": …, "began": …, "tokens": [{"key": …, "name": …, "begins": …}]}
//! {"at": …, "key": …, "before": "worked"}
//! {"at": …, "key": …, "state": "sent"}        before it goes out
//! {"at": …, "key": …, "state": "accepted"}    when the answer is in
//! ```

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::row::Facts;
use super::rows::Notes;
use crate::backend::desk::Desk;
use crate::backend::house::{aside, fault};
use crate::backend::protocol::{JournalId, RowState, Step, Unfinished, Unprobed};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::remains::is_gone;
use crate::domain::text::Text;
use crate::domain::token::{KnownAs, TokenKey};
use crate::records::{Journal, Left, Tag};

/// How long a disk keeps a revocation waiting.
const PATIENT: Duration = Duration::from_secs(2);

/// Whose tokens they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) registry: Text,
    pub(super) account: Text,
}

/// Notes down how far it has come, as long as the disk takes it: what cannot be noted is revoked all the same.
pub(super) struct Keeper<'a> {
    desk: &'a Desk,
    folder: PathBuf,
    id: Option<String>,
    journal: Option<Journal>,
    pending: Vec<Value>,
    /// Something may have been revoked: from now on it stays until all are gone.
    touched: bool,
    /// Whose tokens it is of, and which: what an earlier one has left of them is in this one, once it stays.
    takes_over: Option<(Owner, Vec<TokenKey>)>,
}

impl<'a> Keeper<'a> {
    /// Begins; with its first line on the disk.
    pub(super) async fn begin(
        desk: &'a Desk,
        folder: PathBuf,
        owner: Result<&Owner, Failure>,
        (now, tokens): (Timestamp, Vec<(TokenKey, KnownAs)>),
    ) -> Self {
        let mut keeper = Self {
            desk,
            folder: folder.clone(),
            id: None,
            journal: None,
            pending: Vec::new(),
            touched: false,
            takes_over: None,
        };
        let owner = match owner {
            Ok(owner) => owner.clone(),
            Err(failure) => {
                keeper.lost(failure);
                return keeper;
            }
        };
        let first = first(&owner, now, &tokens);
        let begun = within(move || Journal::begin(&folder, Tag::Revocation, now, &first));
        match begun.await {
            Ok(journal) => {
                let keys = tokens.into_iter().map(|(key, _)| key);
                keeper.takes_over = Some((owner, keys.collect()));
                keeper.id = Some(journal.id().to_owned());
                keeper.journal = Some(journal);
            }
            Err(failure) => keeper.lost(failure),
        }
        keeper
    }

    /// Goes on with one that was left.
    pub(super) async fn resume(
        desk: &'a Desk,
        folder: PathBuf,
        id: &JournalId,
        now: Timestamp,
    ) -> Result<(Self, Left), Failure> {
        let (path, name) = (folder.clone(), id.0.clone());
        let (journal, left) = within(move || {
            let (mut journal, left) = Journal::resume(&path, &name)?;
            // A disk that takes no more lines keeps nobody from going on.
            let _ = journal.add(&json!({"at": now.to_string(), "resumed": true}));
            Ok((journal, left))
        })
        .await?;
        let keeper = Self {
            desk,
            folder,
            id: Some(id.0.clone()),
            journal: Some(journal),
            pending: Vec::new(),
            touched: true,
            takes_over: None,
        };
        Ok((keeper, left))
    }

    fn note(&mut self, line: Value) {
        if self.journal.is_some() {
            self.pending.push(line);
        }
    }

    /// What was noted is on the disk when this returns, or that it is not was said.
    async fn write(&mut self) {
        if let Some((owner, keys)) = self.takes_over.take_if(|_| self.touched) {
            let folder = self.folder.clone();
            let _ = within(move || {
                supersede(&folder, &owner, &keys);
                Ok(())
            })
            .await;
        }
        if self.pending.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.pending);
        let Some(mut journal) = self.journal.take() else {
            return;
        };
        match within(move || journal.add_all(&lines).map(|()| journal)).await {
            Ok(journal) => self.journal = Some(journal),
            Err(failure) => self.lost(failure),
        }
    }

    fn lost(&self, why: Failure) {
        self.desk.step(Step::Unkept(why));
    }

    /// The end: when all are gone nothing is left to go on with, here or in an earlier one of the same tokens.
    pub(super) async fn end(mut self, all_gone: bool) {
        self.touched |= !all_gone;
        self.write().await;
        if !all_gone {
            return;
        }
        let (journal, folder) = (self.journal.take(), self.folder.clone());
        let id = self.id.take();
        let ended = within(move || match (journal, id) {
            (Some(journal), _) => journal.end(),
            // The disk failed on the way.
            (None, Some(id)) => Left::forget(&folder, &id),
            (None, None) => Ok(()),
        });
        if let Err(failure) = ended.await {
            tracing::warn!(%failure, "the journal of a revocation that has ended");
        }
    }
}

impl Notes for Keeper<'_> {
    fn before(&mut self, at: Timestamp, key: &TokenKey, word: &'static str) {
        self.note(json!({"at": at.to_string(), "key": key.raw(), "before": word}));
    }

    fn state(&mut self, at: Timestamp, key: &TokenKey, state: &RowState) {
        let mut line = in_words(state);
        line["at"] = at.to_string().into();
        line["key"] = key.raw().into();
        self.note(line);
    }

    fn touched(&mut self) {
        self.touched = true;
    }

    fn keep(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.write())
    }
}

impl Drop for Keeper<'_> {
    fn drop(&mut self) {
        // It was given up before anything was changed.
        if !self.touched
            && let Some(journal) = self.journal.take()
            && let Err(failure) = journal.end()
        {
            tracing::warn!(%failure, "the journal of a revocation that was given up");
        }
    }
}

/// Beside the jobs, and not for ever.
async fn within<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::time::timeout(PATIENT, aside(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(fault("noting down how far it has come")),
        Err(_) => Err(Failure::new(
            FailureKind::Local,
            "The disk did not answer in time.",
            "Look after the disk.",
        )),
    }
}

fn first(owner: &Owner, now: Timestamp, tokens: &[(TokenKey, KnownAs)]) -> Value {
    let tokens = tokens
        .iter()
        .map(|(key, known)| json!({"key": key.raw(), "name": known.name, "begins": known.begins}));
    json!({
        "registry": owner.registry.as_str(),
        "account": owner.account.as_str(),
        "began": now.to_string(),
        "tokens": tokens.collect::<Vec<_>>(),
    })
}

/// An earlier one, of which all that is left is in the new one, has nothing to go on with.
fn supersede(folder: &std::path::Path, owner: &Owner, keys: &[TokenKey]) {
    let keys: std::collections::HashSet<&TokenKey> = keys.iter().collect();
    let now = |key: &TokenKey| keys.contains(key);
    // The new one knows nothing of what was accepted still.
    let taken = |row: &Was| matches!(row.state, RowState::StillAccepted { .. });
    forget(folder, owner, |row| {
        is_gone(&row.state) || (now(&row.key) && !taken(row))
    });
}

/// By a fresh list, nothing is left of an earlier one: that is not gone on with.
pub(super) async fn tidy(folder: PathBuf, owner: Owner, listed: Vec<TokenKey>) {
    let listed: std::collections::HashSet<TokenKey> = listed.into_iter().collect();
    let done = within(move || {
        forget(&folder, &owner, |row| {
            let taken = matches!(row.state, RowState::StillAccepted { .. });
            is_gone(&row.state) || (!taken && !listed.contains(&row.key))
        });
        Ok(())
    });
    let _ = done.await;
}

/// Forgets the revocations of this account of which every row is so.
fn forget(folder: &std::path::Path, owner: &Owner, is_so: impl Fn(&Was) -> bool) {
    for left in Left::all(folder).unwrap_or_default() {
        if let Some(past) = Past::read(&left)
            && past.owner == *owner
            && past.rows.iter().all(&is_so)
            && let Err(failure) = Left::forget(folder, &left.id)
        {
            tracing::warn!(%failure, "the journal of an earlier revocation");
        }
    }
}

/// What a journal tells.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) owner: Owner,
    pub(super) began: Timestamp,
    pub(super) rows: Vec<Was>,
}

/// A token that was to go.
#[derive(Debug)]
pub(super) struct Was {
    pub(super) key: TokenKey,
    pub(super) known: KnownAs,
    /// What is known of it from then.
    pub(super) facts: Facts,
    /// How it stood.
    pub(super) state: RowState,
}

impl Past {
    /// `None` for what is no journal of a revocation.
    pub(super) fn read(left: &Left) -> Option<Self> {
        if left.tag != Tag::Revocation {
            return None;
        }
        let (first, lines) = left.lines.split_first()?;
        let text = |name: &str| first[name].as_str().map(Text::new);
        let token = |row: &Value| {
            Some(Was {
                key: TokenKey::new(row["key"].as_str()?),
                known: KnownAs {
                    name: row["name"].as_str().map(Text::new),
                    begins: Text::new(row["begins"].as_str().unwrap_or_default()),
                },
                facts: Facts::default(),
                state: RowState::Waiting,
            })
        };
        let mut rows: Vec<Was> = first["tokens"]
            .as_array()?
            .iter()
            .filter_map(token)
            .collect();
        let places: std::collections::HashMap<TokenKey, usize> = rows
            .iter()
            .enumerate()
            .map(|(place, row)| (row.key.clone(), place))
            .collect();
        for line in lines {
            let key = line["key"].as_str().map(TokenKey::new);
            if let Some(&place) = key.and_then(|key| places.get(&key)) {
                rows[place].goes_on(line);
            }
        }
        Some(Self {
            owner: Owner {
                registry: text("registry")?,
                account: text("account")?,
            },
            began: moment(&first["began"])?,
            rows,
        })
    }

    /// As the screens are told.
    pub(super) fn unfinished(self, id: &str) -> Unfinished {
        let rows = self.rows.into_iter();
        Unfinished::Revocation {
            id: JournalId(id.to_owned()),
            began: self.began,
            rows: rows.map(|row| (row.key, row.known, row.state)).collect(),
        }
    }
}

impl Was {
    fn goes_on(&mut self, line: &Value) {
        if let Some(word) = line["before"].as_str() {
            self.facts.noted_before(word);
        }
        let (Some(state), Some(at)) = (of_words(line), moment(&line["at"])) else {
            return;
        };
        self.facts.noted(&state, at);
        self.state = state;
    }
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn in_words(state: &RowState) -> Value {
    match state {
        RowState::Waiting => json!({"state": "waiting"}),
        RowState::Sent => json!({"state": "sent"}),
        RowState::Accepted => json!({"state": "accepted"}),
        RowState::Gone(why) => json!({"state": "gone", "why": match why {
            Unprobed::ValueUnknown => "value-unknown",
            Unprobed::RefusedBefore => "refused-before",
            Unprobed::NoAnswer => "no-answer",
        }}),
        RowState::Verified => json!({"state": "verified"}),
        RowState::Refused => json!({"state": "refused"}),
        RowState::Unknown(why) => json!({"state": "unknown", "why": why.what.as_str()}),
        RowState::AlreadyGone => json!({"state": "already-gone"}),
        RowState::StillListed => json!({"state": "still-listed"}),
        RowState::StillAccepted { since, probed } => json!({
            "state": "still-accepted",
            "since": since.to_string(),
            "probed": probed.to_string(),
        }),
        RowState::Failed(why) => json!({"state": "failed", "why": why.what.as_str()}),
        RowState::NotTried => json!({"state": "not-tried"}),
    }
}

fn of_words(line: &Value) -> Option<RowState> {
    let why = line["why"].as_str().unwrap_or_default();
    Some(match line["state"].as_str()? {
        "waiting" => RowState::Waiting,
        "sent" => RowState::Sent,
        "accepted" => RowState::Accepted,
        "gone" => RowState::Gone(match why {
            "refused-before" => Unprobed::RefusedBefore,
            "no-answer" => Unprobed::NoAnswer,
            _ => Unprobed::ValueUnknown,
        }),
        "verified" => RowState::Verified,
        "refused" => RowState::Refused,
        "unknown" => RowState::Unknown(Failure::new(FailureKind::Network, why, "")),
        "already-gone" => RowState::AlreadyGone,
        "still-listed" => RowState::StillListed,
        "still-accepted" => RowState::StillAccepted {
            since: moment(&line["since"])?,
            probed: moment(&line["probed"])?,
        },
        "failed" => RowState::Failed(Failure::new(FailureKind::Refused, why, "")),
        "not-tried" => RowState::NotTried,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use crate::backend::jobs::revoke::row::{After, Before, Said};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn past(lines: Vec<Value>) -> Past {
        let owner = Owner {
            registry: "r.test".into(),
            account: "alice".into(),
        };
        let known = KnownAs {
            name: Some("ci".into()),
            begins: "npm_ab".into(),
        };
        let tokens = [(TokenKey::new("a"), known.clone())];
        let mut all = vec![first(&owner, at(7), &tokens)];
        all.extend(lines);
        let left = Left {
            id: "revocation-x".to_owned(),
            tag: Tag::Revocation,
            lines: all,
        };
        let past = Past::read(&left).unwrap();
        assert_eq!((&past.owner, past.began), (&owner, at(7)));
        assert_eq!(past.rows[0].known, known);
        past
    }

    #[test]
    fn p30_what_is_noted_of_a_row_is_read_as_it_was() {
        let failure = Failure::new(FailureKind::Refused, "No.", "");
        for state in [
            RowState::Waiting,
            RowState::Sent,
            RowState::Accepted,
            RowState::Gone(Unprobed::ValueUnknown),
            RowState::Gone(Unprobed::RefusedBefore),
            RowState::Gone(Unprobed::NoAnswer),
            RowState::Verified,
            RowState::Refused,
            RowState::AlreadyGone,
            RowState::StillListed,
            RowState::StillAccepted {
                since: at(1),
                probed: at(2),
            },
            RowState::Failed(failure),
            RowState::NotTried,
        ] {
            let mut line = in_words(&state);
            line["at"] = at(9).to_string().into();
            line["key"] = "a".into();
            let past = past(vec![line]);
            assert_eq!(past.rows[0].state, state);
        }
    }

    #[test]
    fn p30_when_the_registry_said_that_it_is_done_outlives_what_the_list_said_later() {
        let line = |second: i64, state: &str| json!({"at": at(second).to_string(), "key": "a", "state": state});
        let worked = json!({"at": at(1).to_string(), "key": "a", "before": "worked"});
        let lines = vec![
            worked,
            line(2, "sent"),
            line(3, "accepted"),
            line(4, "still-listed"),
            json!({"at": at(5).to_string(), "resumed": true}),
            json!({"at": at(6).to_string(), "key": "other", "state": "sent"}),
        ];
        let facts = &past(lines).rows[0].facts;
        assert_eq!(facts.said, Said::Done(at(3)));
        assert_eq!(facts.before, Before::Worked);
        let taken = json!({
            "at": at(7).to_string(), "key": "a", "state": "still-accepted",
            "since": at(3).to_string(), "probed": at(6).to_string(),
        });
        let facts = &past(vec![line(3, "accepted"), taken]).rows[0].facts;
        assert_eq!(facts.after, After::Taken(at(6)));
        let sent = past(vec![line(2, "sent")]);
        assert!(matches!(sent.rows[0].facts.said, Said::Unknown(..)));
        assert_eq!(sent.rows[0].state, RowState::Sent);
    }
}
