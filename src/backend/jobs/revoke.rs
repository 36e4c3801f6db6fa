//! Revoking tokens: each row has an end, and a fresh list has the last word (promises P30 and P31).

use std::collections::HashMap;
use std::future::Future;

use crate::backend::desk::Desk;
use crate::backend::drive::{Errand, Flow, drive};
use crate::backend::house::Connector;
use crate::backend::pass::{Pass, Stop};
use crate::backend::protocol::{Outcome, RowState, Step};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::registry::{Call, Error, Registry, Revoked};

use super::Job;
use super::tokens::list;

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
        let fresh = fresh(job).await;
        rows.settle(&others, &fresh);
        seen = Some(fresh);
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
            None => fresh(job).await,
        },
    })
}

/// The list as it is now, or why it could not be read.
async fn fresh<C: Connector>(job: &Job<'_, C>) -> Result<Vec<Token>, Failure> {
    if job.desk.closing() {
        return Err(job.words(Stop::Left));
    }
    job.desk.step(Step::Doing("Reading the list again"));
    list(job).await.map_err(|stop| job.words(stop))
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
                            | RowState::Gone
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
        let rest = drive(self, job.desk, job.registry, used, pass, keys).await;
        for key in rest {
            let state = match &self.stop {
                Some(failure) => RowState::Failed(failure.clone()),
                None => RowState::NotTried,
            };
            self.set(&key, Row::State(state));
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
                Some(Row::State(RowState::Gone | RowState::AlreadyGone))
            )
        };
        let all_gone = others.iter().all(|key| gone(self.state.get(key)));
        for key in last {
            if job.desk.left() || !all_gone || self.stop.is_some() {
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
            let now = fresh(job).await;
            match (&now, &mut seen) {
                // It was taken until a moment ago, and is refused since: that is the proof.
                (Err(why), before) if accepted && why.kind == FailureKind::SignedOut => {
                    self.set(key, Row::State(RowState::Verified));
                    match before {
                        Some(Ok(rows)) => rows.retain(|token| token.key != *key),
                        _ => seen = Some(now),
                    }
                    // Nothing can be sent with it any more.
                    self.stop.get_or_insert_with(|| job.words(Stop::Left));
                }
                _ => {
                    self.settle(std::slice::from_ref(key), &now);
                    seen = Some(now);
                }
            }
        }
        seen
    }

    /// These rows' ends by the list, so that their sum equals it.
    fn settle(&mut self, keys: &[TokenKey], list: &Result<Vec<Token>, Failure>) {
        for key in keys {
            let before = self.state.get(key).cloned();
            let state = match list {
                Ok(list) => settled(before.clone(), list.iter().any(|t| is_alive(t, key))),
                Err(_) => match before.clone() {
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
fn is_alive(token: &Token, key: &TokenKey) -> bool {
    token.key == *key && token.revoked.is_none()
}

fn settled(before: Option<Row>, listed: bool) -> RowState {
    match (before, listed) {
        (Some(Row::State(RowState::Accepted | RowState::AlreadyGone)), true) => {
            RowState::StillListed
        }
        (Some(Row::State(RowState::Accepted) | Row::Unknown(_)), false) => RowState::Gone,
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
                if matches!(error, Error::SignedOut { .. } | Error::Challenge(_)) {
                    // The rest would end the same way.
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
        let state = Row::State;
        let cases = [
            (state(RowState::Accepted), false, RowState::Gone),
            (state(RowState::Accepted), true, RowState::StillListed),
            (state(RowState::AlreadyGone), false, RowState::AlreadyGone),
            (state(RowState::AlreadyGone), true, RowState::StillListed),
            (state(RowState::NotTried), false, RowState::AlreadyGone),
            (state(RowState::NotTried), true, RowState::NotTried),
            (Row::Unknown(failure.clone()), false, RowState::Gone),
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
            assert_eq!(settled(Some(before), listed), after);
        }
        let RowState::Failed(still) = settled(Some(Row::Unknown(failure)), true) else {
            panic!("a token that is still listed was not revoked");
        };
        assert!(still.next.as_str().contains("still has the token"));
    }
}
