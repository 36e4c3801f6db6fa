//! What is not certain: a list that changed while it was read, which token a pasted value is, and a revocation that was
//! interrupted or has not come to its end everywhere.

use jiff::SignedDuration;
use npm_warden::app::field::Field;
use npm_warden::app::model::{Revoke, RevokeStage};
use npm_warden::app::request::Purpose;
use npm_warden::app::tokens::refresh;
use npm_warden::app::{Key, KeyCode, Model, Msg, update};
use npm_warden::backend::protocol::{Event, JournalId, Outcome, RowState, Unfinished};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::found::{Found, Grade, ProvedBy};
use npm_warden::domain::given::Marks;
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::{KnownAs, Token, TokenKey};

use super::tokens::{listed, revoking};
use super::{CANARY, ID, State, days, now, state};

fn send(model: &mut Model, msg: Msg) {
    let now = model.now;
    update(model, msg, now);
}

/// A list of which these rows list the characters of the value that is pasted.
fn alike(rows: &[usize]) -> Model {
    let mut model = listed(12);
    for (n, token) in model
        .tokens
        .list
        .value_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        if rows.contains(&n) {
            token.begins = Text::new(&CANARY[..8]);
        }
    }
    refresh(&mut model);
    model
}

/// The value, long enough to be one.
fn paste(model: &mut Model) {
    let value = format!("{CANARY}0123456789abcdef0123456789");
    send(model, Msg::Paste(Secret::from(value)));
}

/// It is found out what can prove it.
fn answered(mut model: Model, result: Result<Outcome, Failure>) -> Model {
    let id = model.running(Purpose::Marks).unwrap();
    send(&mut model, Msg::Backend(Event::Finished { id, result }));
    model
}

fn pasted(rows: &[usize], made: Option<TokenKey>) -> Model {
    let mut model = alike(rows);
    paste(&mut model);
    let digest = TokenKey::new("00");
    let others = std::collections::BTreeSet::new();
    let marks = Marks {
        digest,
        made,
        others,
    };
    answered(model, Ok(Outcome::Marks(vec![marks])))
}

/// The same into the question before some are revoked.
fn asked(keys: &str, rows: &[usize], made: Option<TokenKey>) -> Model {
    let mut model = alike(rows);
    for c in keys.chars() {
        send(&mut model, Msg::Key(Key::plain(KeyCode::Char(c))));
    }
    paste(&mut model);
    let digest = TokenKey::new("00");
    let others = std::collections::BTreeSet::new();
    let marks = Marks {
        digest,
        made,
        others,
    };
    answered(model, Ok(Outcome::Marks(vec![marks])))
}

fn key_of(row: usize) -> TokenKey {
    listed(12).tokens.list.value().unwrap()[row].key.clone()
}

fn ask() -> RevokeStage {
    RevokeStage::Confirm {
        yes: false,
        count: Field::plain(),
    }
}

fn still_accepted() -> RowState {
    RowState::StillAccepted {
        since: now() - SignedDuration::from_mins(9),
        probed: now() - SignedDuration::from_secs(20),
    }
}

/// Each way to end that needs words of its own.
fn ends(revoke: &mut Revoke) {
    let states = [
        RowState::Verified,
        still_accepted(),
        RowState::StillListed,
        RowState::Gone(Unprobed::RefusedBefore),
        RowState::Gone(Unprobed::NoAnswer),
        RowState::Gone(Unprobed::ValueUnknown),
    ];
    for (row, state) in revoke.rows.iter_mut().zip(states) {
        row.state = state;
    }
}

/// A token that much depends on here.
fn here() -> Token {
    let place = |place: &str, in_use| Found {
        place: Text::new(place),
        grade: Grade::Is,
        proof: Some(ProvedBy::Key),
        in_use,
    };
    let mut token = listed(12).tokens.list.value().unwrap()[1].clone();
    token.found = [
        place("~/projects/left-pad/.npmrc, line 3", false),
        place("~/.npmrc, line 1", true),
    ]
    .into();
    token.note = Some(Box::new(Text::new("GitHub secret NPM_TOKEN of left-pad")));
    token
}

/// A revocation that was interrupted: of its tokens one is gone, one is not in the list.
fn interrupted() -> Model {
    let mut model = listed(12);
    let name = |n: usize| {
        let token = &model.tokens.list.value().unwrap()[n];
        KnownAs {
            name: token.name.clone(),
            begins: token.begins.clone(),
        }
    };
    let rows = vec![
        (key_of(0), name(0), RowState::AlreadyGone),
        (key_of(1), name(1), RowState::Sent),
        (key_of(2), name(2), RowState::Waiting),
        (
            TokenKey::new("9f00aa11"),
            KnownAs {
                name: Some(Text::new("nightly")),
                begins: Text::new("npm_77aa"),
            },
            RowState::Sent,
        ),
    ];
    model.unfinished = vec![Unfinished::Revocation {
        id: JournalId("x".into()),
        began: days(-1),
        rows,
    }];
    model
}

pub(super) fn states() -> Vec<State> {
    vec![
        state("tokens that changed while they were read", {
            let mut model = listed(12);
            model.tokens.moved = true;
            refresh(&mut model);
            model
        }),
        state("tokens value looked for", {
            let mut model = alike(&[3]);
            paste(&mut model);
            model
        }),
        state("tokens value is one", pasted(&[3], Some(key_of(3)))),
        state("tokens value looks like one", pasted(&[3], None)),
        state("tokens value looks like two", pasted(&[3, 5], None)),
        state("tokens value of none", {
            let mut model = pasted(&[], None);
            model.tokens.moved = true;
            model
        }),
        state(
            "tokens value made here and gone",
            pasted(&[], Some(TokenKey::new("gone"))),
        ),
        state("revoke interrupted", interrupted()),
        state("revoke resumed", {
            let mut model = interrupted();
            send(&mut model, Msg::Key(Key::plain(KeyCode::Char('R'))));
            model
        }),
        state(
            "revoke one that breaks here",
            revoking(1, ask(), |revoke| revoke.rows[0].token = here()),
        ),
        state(
            "revoke running, some still accepted",
            revoking(6, RevokeStage::Running(ID), |revoke| {
                ends(revoke);
                revoke.rows[3].state = RowState::Sent;
                revoke.rows[4].state = RowState::Waiting;
                revoke.rows[5].state = RowState::Waiting;
            }),
        ),
        state(
            "revoke done, some still accepted",
            revoking(6, RevokeStage::Done { why: None }, ends),
        ),
        state(
            "revoke done, one still accepted",
            revoking(1, RevokeStage::Done { why: None }, |revoke| {
                revoke.rows[0].state = still_accepted();
            }),
        ),
        state(
            "revoke done, verified",
            revoking(2, RevokeStage::Done { why: None }, |revoke| {
                for row in &mut revoke.rows {
                    row.state = RowState::Verified;
                }
            }),
        ),
        state(
            "revoke done, not noted",
            revoking(2, RevokeStage::Done { why: None }, |revoke| {
                revoke.rows[0].state = RowState::StillListed;
                revoke.rows[1].state = RowState::Gone(Unprobed::RefusedBefore);
                revoke.unkept = Some(Failure::new(
                    FailureKind::Local,
                    "/home/alice/.local/share/npm-warden takes no writing.",
                    "Make room there.",
                ));
            }),
        ),
        state(
            "revoke one, its value pasted",
            asked("x", &[0], Some(key_of(0))),
        ),
        state(
            "revoke one, another value pasted",
            asked("x", &[3], Some(key_of(3))),
        ),
        state(
            "revoke many, a likeness pasted",
            asked("   x", &[1, 5], None),
        ),
    ]
}
