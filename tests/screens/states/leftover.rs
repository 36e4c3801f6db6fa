//! What revocations leave over, and what decides while there is little room.

use npm_warden::app::Model;
use npm_warden::app::field::Field;
use npm_warden::app::model::{RevokeStage, Screen};
use npm_warden::app::tokens::refresh;
use npm_warden::backend::protocol::{JournalId, RowState, Unfinished};
use npm_warden::domain::found::{Found, Grade};
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::text::Text;

use super::tokens::{listed, revoking};
use super::{State, days, no_network, state, typed};

fn still() -> RowState {
    RowState::StillAccepted {
        since: days(0),
        probed: days(0),
    }
}

/// Over, with an end of each kind.
fn every_end() -> Model {
    let ends = [
        still(),
        RowState::StillListed,
        RowState::Accepted,
        RowState::Verified,
        RowState::Gone(Unprobed::ValueUnknown),
        RowState::AlreadyGone,
        RowState::NotTried,
    ];
    revoking(7, RevokeStage::Done { why: None }, |revoke| {
        for (row, end) in revoke.rows.iter_mut().zip(ends) {
            row.state = end;
        }
    })
}

/// Running, and scrolled to the end.
fn at_the_end() -> Model {
    let running = RevokeStage::Running(super::ID);
    revoking(40, running, |revoke| revoke.scroll = 39)
}

/// The credential in use is among what goes, for sure.
fn own() -> Model {
    let ask = RevokeStage::Confirm {
        yes: false,
        count: Field::plain(),
    };
    revoking(2, ask, |revoke| {
        revoke.rows[1].token.found = [Found {
            place: Text::new("~/.npmrc, line 1"),
            grade: Grade::Is,
            in_use: true,
            proof: None,
        }]
        .into();
    })
}

/// Two are selected, and one of them is not shown.
fn unseen() -> Model {
    let ask = RevokeStage::Confirm {
        yes: false,
        count: Field::plain(),
    };
    let mut model = revoking(2, ask, |_| {});
    let keys: Vec<_> = (model.tokens.revoke.iter())
        .flat_map(|revoke| revoke.rows.iter().map(|row| row.token.key.clone()))
        .collect();
    model.tokens.selected.extend(keys);
    model.tokens.filter = typed("laptop");
    refresh(&mut model);
    model
}

fn left(rows: Vec<(usize, RowState)>) -> Model {
    let mut model = listed(12);
    let list = model.tokens.list.value().unwrap().clone();
    let rows = rows.into_iter();
    let rows = rows.map(|(n, state)| (list[n].key.clone(), list[n].noted(), state));
    model.unfinished = vec![Unfinished::Revocation {
        id: JournalId("revocation-1".to_owned()),
        began: days(-1),
        rows: rows.collect(),
    }];
    model.screen = Screen::Tokens;
    model
}

pub fn states() -> Vec<State> {
    vec![
        state("revoke done, every end", every_end()),
        state("revoke running, at the end", at_the_end()),
        state("revoke the one in use", own()),
        state("revoke what is not shown", unseen()),
        state(
            "tokens with a revocation left",
            left(vec![
                (1, RowState::Sent),
                (2, RowState::Waiting),
                (3, RowState::AlreadyGone),
            ]),
        ),
        state(
            "tokens with a revocation that failed",
            left(vec![
                (1, RowState::Failed(no_network())),
                (2, RowState::AlreadyGone),
            ]),
        ),
    ]
}
