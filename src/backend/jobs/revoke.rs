//! Revoking tokens: each row has an end, and a fresh list has the last word (promises P30 and P31).

use std::collections::HashMap;
use std::future::Future;

use crate::backend::desk::Desk;
use crate::backend::drive::{Errand, Flow, drive};
use crate::backend::house::Connector;
use crate::backend::pass::Stop;
use crate::backend::protocol::{Outcome, RowState, Step};
use crate::domain::failure::Failure;
use crate::domain::text::Text;
use crate::domain::token::{Token, TokenKey};
use crate::registry::{Call, Error, Registry, Revoked};

use super::Job;
use super::tokens::list;

pub(super) async fn revoke<C: Connector>(
    job: &Job<'_, C>,
    tokens: Vec<TokenKey>,
) -> Result<Outcome, Stop> {
    let mut rows = Rows::new(job.desk, job.host(), tokens);
    let keys = rows.order.clone();
    let action = match keys.len() {
        1 => "revoke 1 token".to_owned(),
        n => format!("revoke {n} tokens"),
    };
    for key in &keys {
        rows.set(key, Row::State(RowState::Waiting));
    }
    let mut pass = job.writing(&action);
    let rest = drive(
        &mut rows,
        job.desk,
        job.registry,
        &job.house.used,
        &mut pass,
        keys,
    )
    .await;
    drop(pass);
    for key in rest {
        let state = match &rows.stop {
            Some(failure) => RowState::Failed(failure.clone()),
            None => RowState::NotTried,
        };
        rows.set(&key, Row::State(state));
    }
    if !rows.touched() && job.desk.left() {
        return Err(Stop::Left);
    }
    job.desk.step(Step::Doing("Reading the list again"));
    // A job that still reads when the program ends is dropped, and with it what is known of each row.
    let list = if job.desk.closing() {
        Err(job.words(Stop::Left))
    } else {
        list(job).await.map_err(|stop| job.words(stop))
    };
    Ok(Outcome::Revoked {
        rows: rows.settle(&list),
        list,
    })
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
                Row::Unknown(_) | Row::State(RowState::Accepted | RowState::AlreadyGone)
            )
        })
    }

    /// The final rows, so that their sum equals the list.
    fn settle(self, list: &Result<Vec<Token>, Failure>) -> Vec<(TokenKey, RowState)> {
        let Self {
            desk,
            order,
            state: mut rows,
            ..
        } = self;
        order
            .into_iter()
            .map(|key| {
                let before = rows.remove(&key);
                let was = match &before {
                    Some(Row::State(state)) => Some(state.clone()),
                    _ => None,
                };
                let state = match list {
                    Ok(list) => settled(before, list.iter().any(|t| is_alive(t, &key))),
                    Err(_) => match before {
                        Some(Row::State(state)) => state,
                        Some(Row::Unknown(failure)) => RowState::Failed(failure),
                        None => RowState::NotTried,
                    },
                };
                if was.as_ref() != Some(&state) {
                    desk.step(Step::Row {
                        token: key.clone(),
                        state: state.clone(),
                    });
                }
                (key, state)
            })
            .collect()
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
    use crate::domain::failure::FailureKind;

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
