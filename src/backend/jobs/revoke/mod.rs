//! Revoking tokens: each row has an end, and a fresh list has the last word (promises P30 and P31).

use std::collections::{HashMap, HashSet};
use std::future::Future;

use crate::backend::batch::Batch;
use crate::backend::desk::Desk;
use crate::backend::drive::{Errand, Flow, drive};
use crate::backend::house::Connector;
use crate::backend::pass::{Pass, Stop};
use crate::backend::protocol::{Outcome, RowState, Step, Unprobed};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::registry::{Call, Error, Registry, Revoked, Sent};

use super::Job;
use super::tokens::{LIST, Listed, list};

pub(super) async fn revoke<C: Connector>(
    job: &Job<'_, C>,
    tokens: Vec<TokenKey>,
    last: Vec<TokenKey>,
) -> Result<Outcome, Stop> {
    let mut rows = Rows::new(job.desk, job.host(), [tokens, last.clone()].concat());
    let (last, others): (Vec<_>, Vec<_>) = rows
        .order
        .iter()
        .cloned()
        .partition(|key| last.contains(key));
    let action = match rows.order.len() {
        1 => "revoke 1 token".to_owned(),
        n => format!("revoke {n} tokens"),
    };
    for key in rows.order.clone() {
        rows.set(&key, Row::State(RowState::Waiting));
    }
    let mut pass = job.writing(&action);
    let mut seen = None;
    if !others.is_empty() {
        rows.send(job, &mut pass, others.clone()).await;
        if !rows.touched() && job.desk.left() {
            return Err(Stop::Left);
        }
        seen = Some(rows.settle_afresh(job, &others).await);
    }
    if !last.is_empty() {
        seen = rows.send_last(job, &mut pass, &others, &last, seen).await;
        if !rows.touched() && job.desk.left() {
            return Err(Stop::Left);
        }
    }
    drop(pass);
    Ok(Outcome::Revoked {
        rows: rows.ended_as(),
        list: match seen {
            Some(seen) => seen,
            None => fresh(job).await.and_then(whole),
        },
    })
}

/// The list as it is now, or why it could not be read.
async fn fresh<C: Connector>(job: &Job<'_, C>) -> Result<Listed, Failure> {
    if job.desk.closing() {
        return Err(job.words(Stop::Left));
    }
    job.desk.step(Step::Doing("Reading the list again"));
    list(job, LIST).await.map_err(|stop| job.words(stop))
}

/// The list, if what is not in it is not there.
fn whole(list: Listed) -> Result<Vec<Token>, Failure> {
    if list.moved {
        return Err(Failure::new(
            FailureKind::Refused,
            "The list of tokens changed each time while it was read, so a token that it lacks may be there all the same.",
            "Press r to read it again.",
        ));
    }
    Ok(list.tokens)
}

/// How a row stands before the fresh list is in.
#[derive(Clone)]
enum Row {
    State(RowState),
    /// It was sent, and the answer did not come.
    Unknown(Failure),
}

struct Rows<'a> {
    desk: &'a Desk,
    host: Text,
    order: Vec<TokenKey>,
    state: HashMap<TokenKey, Row>,
    /// What is known of the code, from one sending to the next.
    batch: Batch,
    /// Why nothing more is sent.
    stop: Option<Failure>,
}

impl<'a> Rows<'a> {
    fn new(desk: &'a Desk, host: Text, tokens: Vec<TokenKey>) -> Self {
        let mut state = HashMap::new();
        let mut order = tokens;
        order.retain(|key| {
            state
                .insert(key.clone(), Row::State(RowState::Waiting))
                .is_none()
        });
        Self {
            desk,
            host,
            order,
            state,
            batch: Batch::default(),
            stop: None,
        }
    }

    fn set(&mut self, key: &TokenKey, row: Row) {
        let shown = match &row {
            Row::State(state) => state.clone(),
            // The fresh list settles it.
            Row::Unknown(failure) => RowState::Failed(failure.clone()),
        };
        self.desk.step(Step::Row {
            token: key.clone(),
            state: shown,
        });
        self.state.insert(key.clone(), row);
    }

    /// Whether any row may have been revoked.
    fn touched(&self) -> bool {
        self.state.values().any(|row| {
            matches!(
                row,
                Row::Unknown(_)
                    | Row::State(
                        RowState::Accepted
                            | RowState::AlreadyGone
                            | RowState::Gone(_)
                            | RowState::StillListed
                            | RowState::Verified
                    )
            )
        })
    }

    /// Sends these as the batch rule allows.
    async fn send<C: Connector>(
        &mut self,
        job: &Job<'_, C>,
        pass: &mut Pass<'_, C::Registry>,
        keys: Vec<TokenKey>,
    ) {
        let used = &job.house.used;
        let mut batch = std::mem::take(&mut self.batch);
        let together = (&mut batch, pass);
        let rest = drive(self, job.desk, job.registry, used, together, keys).await;
        self.batch = batch;
        // The row that stopped it says why; nothing is known of these.
        for key in rest {
            self.set(&key, Row::State(RowState::NotTried));
        }
    }

    /// The credential in use: alone, and only when nothing else needs it any more (promise P29). Gives the list.
    async fn send_last<C: Connector>(
        &mut self,
        job: &Job<'_, C>,
        pass: &mut Pass<'_, C::Registry>,
        others: &[TokenKey],
        last: &[TokenKey],
        mut seen: Option<Result<Vec<Token>, Failure>>,
    ) -> Option<Result<Vec<Token>, Failure>> {
        let gone = |row: Option<&Row>| {
            matches!(
                row,
                Some(Row::State(RowState::Gone(_) | RowState::AlreadyGone))
            )
        };
        let all_gone = others.iter().all(|key| gone(self.state.get(key)));
        for key in last {
            if job.desk.left() {
                self.set(key, Row::State(RowState::NotTried));
                continue;
            }
            if !all_gone || self.stop.is_some() {
                let why = Failure::new(
                    FailureKind::Cancelled,
                    "It is the token in use here, and it was kept because not all others are gone.",
                    "Revoke the others first, then this one.",
                );
                self.set(key, Row::State(RowState::Failed(why)));
                continue;
            }
            self.send(job, pass, vec![key.clone()]).await;
            let accepted = matches!(self.state.get(key), Some(Row::State(RowState::Accepted)));
            // That the token is refused now is an answer here, and no reason to sign in again.
            let now = fresh(&job.as_it_is()).await;
            match (&now, &mut seen) {
                // It was taken until a moment ago, and is refused since: that is the proof.
                (Err(why), before) if accepted && why.kind == FailureKind::SignedOut => {
                    self.set(key, Row::State(RowState::Verified));
                    match before {
                        Some(Ok(rows)) => rows.retain(|token| token.key != *key),
                        _ => seen = Some(now.and_then(whole)),
                    }
                    // Nothing can be sent with it any more.
                    self.stop.get_or_insert_with(|| job.words(Stop::Left));
                }
                _ => {
                    self.settle(std::slice::from_ref(key), &now);
                    seen = Some(now.and_then(whole));
                }
            }
        }
        seen
    }

    /// Reads the list and says these rows' ends by it.
    async fn settle_afresh<C: Connector>(
        &mut self,
        job: &Job<'_, C>,
        keys: &[TokenKey],
    ) -> Result<Vec<Token>, Failure> {
        let list = fresh(job).await;
        self.settle(keys, &list);
        list.and_then(whole)
    }

    /// These rows' ends by the list, so that their sum equals it.
    fn settle(&mut self, keys: &[TokenKey], list: &Result<Listed, Failure>) {
        let rows = list.as_ref().map_or(&[][..], |list| &list.tokens);
        let alive: HashSet<&TokenKey> = rows.iter().filter_map(alive).collect();
        for key in keys {
            let before = self.state.get(key).cloned();
            let listed = list.as_ref().ok().and_then(|list| {
                let listed = alive.contains(key);
                // A list that moved proves what it shows, and nothing by what it lacks.
                (listed || !list.moved).then_some(listed)
            });
            let state = match listed {
                Some(listed) => settled(&self.host, before.clone(), listed),
                None => match before.clone() {
                    Some(Row::State(state)) => state,
                    Some(Row::Unknown(failure)) => RowState::Failed(failure),
                    None => RowState::NotTried,
                },
            };
            if !matches!(before, Some(Row::State(was)) if was == state) {
                self.set(key, Row::State(state));
            }
        }
    }

    /// Every row's end, in the order asked for.
    fn ended_as(mut self) -> Vec<(TokenKey, RowState)> {
        let mut ends = Vec::with_capacity(self.order.len());
        for key in std::mem::take(&mut self.order) {
            let state = match self.state.remove(&key) {
                Some(Row::State(state)) => state,
                Some(Row::Unknown(failure)) => RowState::Failed(failure),
                None => RowState::NotTried,
            };
            ends.push((key, state));
        }
        ends
    }
}

/// Some registries go on listing a token that they revoked, and say so in its row.
fn alive(token: &Token) -> Option<&TokenKey> {
    token.revoked.is_none().then_some(&token.key)
}

fn settled(host: &Text, before: Option<Row>, listed: bool) -> RowState {
    match (before, listed) {
        (Some(Row::State(RowState::Accepted)), true) => RowState::StillListed,
        (Some(Row::State(RowState::AlreadyGone)), true) => RowState::Failed(Failure::new(
            FailureKind::Refused,
            format!("{host} says that it does not know this token, and lists it all the same."),
            "Press r to read the list again; if it stays there, revoke it on the registry's website.",
        )),
        (Some(Row::State(RowState::Accepted) | Row::Unknown(_)), false) => {
            RowState::Gone(Unprobed::ValueUnknown)
        }
        (Some(Row::Unknown(failure)), true) => RowState::Failed(Failure::new(
            failure.kind,
            failure.what.as_str(),
            "A fresh list still has the token: revoke it again.",
        )),
        (Some(Row::State(state)), true) => state,
        // It was not revoked from here, and it is gone all the same.
        (Some(Row::State(_)) | None, false) => RowState::AlreadyGone,
        (None, true) => RowState::NotTried,
    }
}

/// True when the rest would end the same way, or is asked not to come now. A wish to wait that comes here is one
/// that is not waited out.
fn stops(error: &Error) -> bool {
    matches!(
        error,
        Error::SignedOut { .. }
            | Error::Challenge(_)
            | Error::Wait { .. }
            | Error::Unsafe { .. }
            | Error::Network { sent: Sent::No, .. }
    )
}

impl Errand for Rows<'_> {
    type Item = TokenKey;
    type Done = Revoked;
    const WRITE: bool = true;

    fn send<R: Registry>(
        registry: &R,
        call: Call<'_>,
        key: &TokenKey,
    ) -> impl Future<Output = Result<Revoked, Error>> + Send {
        registry.revoke(call, key)
    }

    fn proves(done: &Revoked) -> bool {
        // A registry may look for the token before it looks at the code.
        *done == Revoked::Done
    }

    fn sent(&mut self, key: &TokenKey) {
        self.set(key, Row::State(RowState::Sent));
    }

    fn back(&mut self, key: &TokenKey) {
        self.set(key, Row::State(RowState::Waiting));
    }

    fn ended(&mut self, key: TokenKey, result: Result<Revoked, Error>) -> Flow<TokenKey> {
        let row = match result {
            Ok(Revoked::Done) => Row::State(RowState::Accepted),
            Ok(Revoked::AlreadyGone) => Row::State(RowState::AlreadyGone),
            Err(error) => {
                let failure = error.failure(&self.host);
                if stops(&error) {
                    self.stop.get_or_insert_with(|| failure.clone());
                }
                if error.outcome_unknown() {
                    Row::Unknown(failure)
                } else {
                    Row::State(RowState::Failed(failure))
                }
            }
        };
        self.set(&key, row);
        if self.stop.is_some() {
            Flow::Stop
        } else {
            Flow::Go(Vec::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p30_every_row_ends_by_the_fresh_list() {
        let failure = Failure::new(FailureKind::Network, "The connection broke.", "Press r.");
        let host = Text::from("r.test");
        let state = Row::State;
        let cases = [
            (
                state(RowState::Accepted),
                false,
                RowState::Gone(Unprobed::ValueUnknown),
            ),
            (state(RowState::Accepted), true, RowState::StillListed),
            (state(RowState::AlreadyGone), false, RowState::AlreadyGone),
            (state(RowState::NotTried), false, RowState::AlreadyGone),
            (state(RowState::NotTried), true, RowState::NotTried),
            (
                Row::Unknown(failure.clone()),
                false,
                RowState::Gone(Unprobed::ValueUnknown),
            ),
            (
                state(RowState::Failed(failure.clone())),
                true,
                RowState::Failed(failure.clone()),
            ),
            (
                state(RowState::Failed(failure.clone())),
                false,
                RowState::AlreadyGone,
            ),
        ];
        for (before, listed, after) in cases {
            assert_eq!(settled(&host, Some(before), listed), after);
        }
        let RowState::Failed(still) = settled(&host, Some(Row::Unknown(failure)), true) else {
            panic!("a token that is still listed was not revoked");
        };
        assert!(still.next.as_str().contains("still has the token"));
        let RowState::Failed(unknown) = settled(&host, Some(state(RowState::AlreadyGone)), true)
        else {
            panic!("nobody said that it was revoked");
        };
        assert!(unknown.what.as_str().contains("does not know this token"));
    }
}
