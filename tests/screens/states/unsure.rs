//! What is not certain: a list that changed while it was read, and which token a pasted value is.

use npm_warden::app::request::Purpose;
use npm_warden::app::tokens::refresh;
use npm_warden::app::{Key, KeyCode, Model, Msg, update};
use npm_warden::backend::protocol::{Event, Outcome};
use npm_warden::domain::failure::Failure;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::TokenKey;

use super::tokens::listed;
use super::{CANARY, State, state};

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
    answered(model, Ok(Outcome::Marks { digest, made }))
}

/// The same into the question before some are revoked.
fn asked(keys: &str, rows: &[usize], made: Option<TokenKey>) -> Model {
    let mut model = alike(rows);
    for c in keys.chars() {
        send(&mut model, Msg::Key(Key::plain(KeyCode::Char(c))));
    }
    paste(&mut model);
    let digest = TokenKey::new("00");
    answered(model, Ok(Outcome::Marks { digest, made }))
}

fn key_of(row: usize) -> TokenKey {
    listed(12).tokens.list.value().unwrap()[row].key.clone()
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
