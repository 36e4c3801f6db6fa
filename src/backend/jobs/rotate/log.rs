//! How far a rotation has come, on the disk before and after each step. Holds no value.
//!
//! ```text
//! {"registry": …, "account": …, "began": …, "old": key, "name": …, "asked": name, "limited": bool, "elsewhere": bool,
//!  "mark": [salt, digest] of the old value, "places": [{"path": …, "key": …, "line": …,
//!  "shown": …}]}
//! {"before": "accepted" | "refused"}
//! {"step": "create", "begun": true, "sent": …}               before it is done, by the registry's clock
//! {"step": "create", "done": true, "new": key, "mark": […]} when it is
//! {"seen": true}                                            the new token was in a list
//! {"accepted": …}                                          when the old value was taken, gone from the list as it was
//! {"handed": true}                                          before the new value is shown to the person
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Before;
use crate::backend::desk::Desk;
use crate::backend::house::{blocking, fault};
use crate::backend::protocol::{JournalId, Unfinished};
use crate::domain::failure::Failure;
use crate::domain::machine::CredentialId;
use crate::domain::rotation::{RotateStep, RotationLeft};
use crate::domain::secret::Secret;
use crate::domain::text::Text;
use crate::domain::token::TokenKey;
use crate::records::{Journal, Left, Mark, Tag};

/// What a rotation was begun with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    pub(super) registry: Text,
    pub(super) account: Option<Text>,
    pub(super) at: Timestamp,
    pub(super) old: TokenKey,
    /// The old one's.
    pub(super) name: Text,
    /// The new one's, if it was to have one.
    pub(super) asked: Text,
    /// The new one is limited to addresses, or its old one was.
    pub(super) limited: bool,
    pub(super) elsewhere: bool,
    /// By what the old value is recognised, where it is known here.
    pub(super) mark: Option<Mark>,
    pub(super) places: Vec<CredentialId>,
    /// The same as a person reads them.
    pub(super) shown: Vec<Text>,
}

/// What a journal tells of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Past {
    pub(super) begun: Begun,
    /// When the new one was asked for, by the registry's clock, where that is known.
    pub(super) sent: Option<Timestamp>,
    pub(super) new: Option<TokenKey>,
    /// By what the new value is recognised.
    pub(super) mark: Option<Mark>,
    /// It was in a list, or was seen to work.
    pub(super) seen: bool,
    /// The new value was shown to the person, who may have put it anywhere.
    pub(super) handed: bool,
    pub(super) before: Before,
    /// When the old value was last taken after it was gone from the list.
    pub(super) accepted: Option<Timestamp>,
    pub(super) done: Option<RotateStep>,
    /// The steps that were begun.
    pub(super) begins: Vec<RotateStep>,
}

/// The journal of a rotation that is under way.
pub(super) struct Log {
    journal: Option<Held>,
}

/// A journal in the hands of its job, or of a thread that writes it. One of a rotation that is given up before anything was
/// changed goes with its job: nothing is left to go on with.
struct Held {
    journal: Option<Journal>,
    /// The job that began it; `None` for one that is gone on with.
    begun_by: Option<Arc<Desk>>,
}

impl Held {
    fn end(&mut self) -> Result<(), Failure> {
        self.journal.take().map_or(Ok(()), Journal::end)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut begun_by = self.begun_by.iter();
        if begun_by.any(|desk| desk.given_up_unchanged()) {
            said(self.end());
        }
    }
}

fn said(ended: Result<(), Failure>) {
    if let Err(failure) = ended {
        tracing::warn!(%failure, "the journal of a rotation that is over stays");
    }
}

impl Log {
    /// Begins, with the first line on the disk.
    pub(super) async fn begin(
        data: PathBuf,
        now: Timestamp,
        begun: &Begun,
        desk: &Arc<Desk>,
    ) -> Result<Self, Failure> {
        let (first, desk) = (first(begun), Arc::clone(desk));
        let held = blocking(move || {
            let journal = Journal::begin(&data, Tag::Rotation, now, &first)?;
            Ok::<_, Failure>(Held {
                journal: Some(journal),
                begun_by: Some(desk),
            })
        });
        Ok(Self {
            journal: Some(held.await??),
        })
    }

    /// Goes on with one that was left; `None` for one that tells of no rotation.
    pub(super) async fn resume(
        data: PathBuf,
        id: &JournalId,
    ) -> Result<Option<(Self, Past)>, Failure> {
        let id = id.0.clone();
        let (journal, left) = blocking(move || Journal::resume(&data, &id)).await??;
        Ok(Past::read(&left).map(|past| {
            let held = Held {
                journal: Some(journal),
                begun_by: None,
            };
            let log = Self {
                journal: Some(held),
            };
            (log, past)
        }))
    }

    /// A step is about to be done. One that cannot be noted is not begun.
    pub(super) async fn begins(&mut self, step: RotateStep) -> Result<(), Failure> {
        self.add(json!({"step": step.word(), "begun": true})).await
    }

    /// The new token is about to be asked for, at this time of the registry's.
    pub(super) async fn begins_to_make(&mut self, sent: Option<Timestamp>) -> Result<(), Failure> {
        let step = RotateStep::Create.word();
        let sent = sent.map(|sent| sent.to_string());
        self.add(json!({"step": step, "begun": true, "sent": sent}))
            .await
    }

    /// A step was done. That it cannot be noted any more changes nothing.
    pub(super) async fn done(&mut self, step: RotateStep) {
        self.note(json!({"step": step.word(), "done": true})).await;
    }

    /// The new token is there. What cannot be noted could not be recognised after a crash, and is written over nothing.
    pub(super) async fn made(
        &mut self,
        new: &TokenKey,
        value: &Secret<String>,
    ) -> Result<(), Failure> {
        let step = RotateStep::Create.word();
        let mark = Mark::of(value);
        self.add(json!({"step": step, "done": true, "new": new.raw(), "mark": mark}))
            .await
    }

    /// The new token is in a list.
    pub(super) async fn seen(&mut self) {
        self.note(json!({"seen": true})).await;
    }

    /// The new value is shown to the person.
    pub(super) async fn handed(&mut self) {
        self.note(json!({"handed": true})).await;
    }

    /// What the registry made of the old value before anything was revoked.
    pub(super) async fn before(&mut self, before: Before) {
        let word = match before {
            Before::NotKnown => return,
            Before::Worked => "accepted",
            Before::Refused => "refused",
        };
        self.note(json!({"before": word})).await;
    }

    /// The old value is still taken, though the list has it no more.
    pub(super) async fn accepted(&mut self, at: Timestamp) {
        self.note(json!({"accepted": at.to_string()})).await;
    }

    async fn note(&mut self, line: Value) {
        if let Err(failure) = self.add(line).await {
            tracing::warn!(%failure, "how far a rotation has come is not noted");
        }
    }

    async fn add(&mut self, line: Value) -> Result<(), Failure> {
        const WHAT: &str = "noting down how far a rotation has come";
        let mut held = self.journal.take().ok_or_else(|| fault(WHAT))?;
        let (held, added) = blocking(move || {
            let journal = held.journal.as_mut().ok_or_else(|| fault(WHAT));
            let added = journal.and_then(|journal| journal.add(&line));
            (held, added)
        })
        .await?;
        self.journal = Some(held);
        added
    }

    /// Nothing is left to go on with.
    pub(super) async fn end(&mut self) {
        let Some(mut held) = self.journal.take() else {
            return;
        };
        said(blocking(move || held.end()).await.and_then(|ended| ended));
    }
}

fn first(begun: &Begun) -> Value {
    let places = begun.places.iter().enumerate().map(|(at, id)| {
        json!({
            "shown": begun.shown.get(at).map(Text::as_str),
            "path": id.path.as_deref().map(Path::to_string_lossy),
            "key": id.key.as_str(),
            "line": id.line,
        })
    });
    json!({
        "registry": begun.registry.as_str(),
        "account": begun.account.as_ref().map(Text::as_str),
        "began": begun.at.to_string(),
        "old": begun.old.raw(),
        "name": begun.name.as_str(),
        "asked": begun.asked.as_str(),
        "limited": begun.limited,
        "elsewhere": begun.elsewhere,
        "mark": begun.mark,
        "places": places.collect::<Vec<_>>(),
    })
}

/// A place of which nothing but this is noted.
fn by_path(id: &CredentialId) -> Text {
    match &id.path {
        Some(path) => Text::new(&format!("{}, line {}", path.display(), id.line)),
        None => id.key.clone(),
    }
}

/// By what the value of a line's token is recognised.
fn mark(line: &Value) -> Option<Mark> {
    serde_json::from_value(line.get("mark")?.clone()).ok()
}

impl Past {
    /// Whether a step was begun, whatever came of it.
    pub(super) fn begins(&self, step: RotateStep) -> bool {
        self.begins.contains(&step)
    }

    /// Reads a journal; `None` for one that tells of no rotation.
    pub(super) fn read(left: &Left) -> Option<Self> {
        if left.tag != Tag::Rotation {
            return None;
        }
        let (first, rest) = left.lines.split_first()?;
        let text = |key: &str| first.get(key).and_then(Value::as_str);
        let flag = |key: &str| first.get(key) == Some(&Value::Bool(true));
        let places = first.get("places")?.as_array()?.iter().map(|place| {
            Some(CredentialId {
                path: match place.get("path")? {
                    Value::Null => None,
                    path => Some(PathBuf::from(path.as_str()?)),
                },
                key: Text::new(place.get("key")?.as_str()?),
                line: usize::try_from(place.get("line")?.as_u64()?).ok()?,
            })
        });
        let places = places.collect::<Option<Vec<_>>>()?;
        let words = first.get("places")?.as_array()?.iter().map(|place| {
            let shown = place.get("shown").and_then(Value::as_str);
            shown.map(Text::new)
        });
        // An earlier version noted the path alone.
        let shown = words
            .zip(&places)
            .map(|(shown, id)| shown.unwrap_or_else(|| by_path(id)));
        let shown: Vec<_> = shown.collect();
        let begun = Begun {
            registry: Text::new(text("registry")?),
            account: text("account").map(Text::new),
            at: text("began")?.parse().ok()?,
            old: TokenKey::new(text("old")?),
            name: Text::new(text("name").unwrap_or_default()),
            asked: Text::new(text("asked").unwrap_or_default()),
            limited: flag("limited"),
            elsewhere: flag("elsewhere"),
            mark: mark(first),
            shown,
            places,
        };
        let is = |line: &Value, what: &str, step: RotateStep| {
            line.get(what) == Some(&Value::Bool(true))
                && line.get("step").and_then(Value::as_str) == Some(step.word())
        };
        Some(Self {
            sent: rest
                .iter()
                .find_map(|line| line.get("sent")?.as_str()?.parse().ok()),
            new: rest
                .iter()
                .find_map(|line| line.get("new")?.as_str())
                .map(TokenKey::new),
            mark: rest.iter().find_map(mark),
            seen: rest.iter().any(|line| {
                line.get("seen") == Some(&Value::Bool(true)) || is(line, "done", RotateStep::Verify)
            }),
            handed: rest
                .iter()
                .any(|line| line.get("handed") == Some(&Value::Bool(true))),
            before: rest.iter().fold(Before::NotKnown, |before, line| {
                match line.get("before").and_then(Value::as_str) {
                    Some("accepted") => Before::Worked,
                    Some("refused") if before == Before::NotKnown => Before::Refused,
                    _ => before,
                }
            }),
            accepted: rest
                .iter()
                .rev()
                .find_map(|line| line.get("accepted")?.as_str()?.parse().ok()),
            done: RotateStep::ALL
                .into_iter()
                .rfind(|step| rest.iter().any(|line| is(line, "done", *step))),
            begins: RotateStep::ALL
                .into_iter()
                .filter(|step| rest.iter().any(|line| is(line, "begun", *step)))
                .collect(),
            begun,
        })
    }
}

/// What a journal tells of a rotation that was begun and not ended, with the registry and the account that it is of;
/// `None` for one that tells of none.
pub(in crate::backend::jobs) fn unfinished(
    left: &Left,
) -> Option<(Text, Option<Text>, Unfinished)> {
    let Past {
        begun, new, done, ..
    } = Past::read(left)?;
    let unfinished = Unfinished::Rotation {
        id: JournalId(left.id.clone()),
        left: Box::new(RotationLeft {
            old: begun.old,
            name: begun.name,
            new,
            places: begun.places,
            shown: begun.shown,
            elsewhere: begun.elsewhere,
            done,
            began: begun.at,
        }),
    };
    Some((begun.registry, begun.account, unfinished))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn rotation_left(left: &Left) -> Option<Box<RotationLeft>> {
        match unfinished(left)?.2 {
            Unfinished::Rotation { left, .. } => Some(left),
            _ => None,
        }
    }

    fn begun() -> Begun {
        Begun {
            registry: "r.test".into(),
            account: Some("alice".into()),
            at: Timestamp::UNIX_EPOCH,
            old: TokenKey::new("old"),
            name: "ci".into(),
            asked: "ci 2".into(),
            limited: true,
            elsewhere: false,
            mark: Some(Mark::of(&"npm_old".into())),
            places: vec![CredentialId {
                path: Some("/home/a/.npmrc".into()),
                key: "//r.test/:_authToken".into(),
                line: 3,
            }],
            shown: vec!["~/.npmrc, line 3".into()],
        }
    }

    #[test]
    fn a_journal_tells_what_it_was_told() {
        let begun = begun();
        let mut lines = vec![first(&begun)];
        let left = |lines: &[Value]| Left {
            id: "rotation-1".to_owned(),
            tag: Tag::Rotation,
            lines: lines.to_vec(),
        };
        let past = Past::read(&left(&lines)).unwrap();
        assert_eq!(past.begun, begun);
        let mut older = first(&begun);
        older["places"][0].as_object_mut().unwrap().remove("shown");
        let past_of = |line: Value| Past::read(&left(&[line])).unwrap();
        assert_eq!(
            past_of(older).begun.shown,
            ["/home/a/.npmrc, line 3".into()]
        );
        assert_eq!(
            (past.new, past.before, past.done),
            (None, Before::NotKnown, None)
        );
        lines.push(json!({"before": "refused"}));
        let past = Past::read(&left(&lines)).unwrap();
        assert_eq!(past.before, Before::Refused);
        lines.push(json!({"before": "accepted"}));
        let sent = Timestamp::UNIX_EPOCH.to_string();
        lines.push(json!({"step": "create", "begun": true, "sent": sent}));
        let mark = Mark::of(&"npm_new".into());
        lines.push(json!({"step": "create", "done": true, "new": "new", "mark": mark}));
        lines.push(json!({"step": "write", "begun": true}));
        let past = Past::read(&left(&lines)).unwrap();
        assert_eq!(past.new, Some(TokenKey::new("new")));
        assert!(past.mark.unwrap().is_of(&"npm_new".into()));
        assert!(past.before == Before::Worked && !past.handed);
        assert_eq!(past.sent, Some(Timestamp::UNIX_EPOCH));
        assert_eq!(past.begins, [RotateStep::Create, RotateStep::Write]);
        assert_eq!(past.done, Some(RotateStep::Create));
        assert_eq!(past.accepted, None);
        for second in [1, 2] {
            let at = Timestamp::from_second(second).unwrap().to_string();
            lines.push(json!({"accepted": at}));
        }
        let past = Past::read(&left(&lines)).unwrap();
        assert_eq!(past.accepted, Timestamp::from_second(2).ok());
        let told = rotation_left(&left(&lines)).unwrap();
        assert_eq!(told.old, TokenKey::new("old"));
        let other = Left {
            tag: Tag::Revocation,
            ..left(&lines)
        };
        assert!(rotation_left(&other).is_none());
        assert!(rotation_left(&left(&[json!({})])).is_none());
        assert!(rotation_left(&left(&[])).is_none());
    }
}
