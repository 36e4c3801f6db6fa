//! Ten thousand tokens: usable from the first page on, one list at the end, and quick.

use std::time::{Duration, Instant};

use npm_warden::app::keymap::Scope;
use npm_warden::app::model::{Load, RevokeStage};
use npm_warden::app::request::Purpose;
use npm_warden::app::tokens::chosen;
use npm_warden::app::{Msg, update};
use npm_warden::backend::protocol::{Event, Outcome, RequestId, RowState};
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::tfa::Tfa;
use npm_warden::domain::token::Token;

use crate::sim::{Sim, account, token, tokens};

const MANY: usize = 10_000;
const PAGE: usize = 100;

/// A page; the checks of every step read the whole model, so that pages go in without them here.
fn page(sim: &mut Sim, id: RequestId, index: usize) {
    let rows = (index * PAGE..(index + 1) * PAGE).map(token).collect();
    let event = Event::Page {
        id,
        index: index as u64,
        rows,
        total: Some(MANY as u64),
    };
    update(&mut sim.model, Msg::Backend(event), sim.now);
}

fn arriving() -> (Sim, RequestId) {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off)).press("3");
    let id = sim.id(Purpose::Tokens);
    page(&mut sim, id, 0);
    (sim, id)
}

/// The numbers of the tokens in the list.
fn listed(sim: &Sim) -> Vec<usize> {
    let rows = sim.model.tokens.list.value().unwrap();
    let number = |token: &Token| token.label()["token ".len()..].parse().unwrap();
    rows.iter().map(number).collect()
}

/// In an order that is not the one of the list.
fn scattered() -> impl Iterator<Item = usize> {
    (0..MANY / PAGE).map(|n| n * 37 % (MANY / PAGE))
}

#[test]
fn they_are_used_from_the_first_page_on_and_are_one_list_at_the_end() {
    let (mut sim, id) = arriving();
    assert!(matches!(
        sim.model.tokens.list,
        Load::Partial {
            done: 100,
            total: Some(10_000),
            ..
        }
    ));
    // Moved in, filtered, selected, looked at: while the rest arrives.
    sim.press("down down space")
        .press("enter")
        .at_scope(Scope::Details);
    sim.press("esc /").types("0000");
    assert_eq!(sim.model.tokens.shown.len(), 10);
    for index in scattered().filter(|index| *index != 0) {
        page(&mut sim, id, index);
    }
    // What came meanwhile is found by the filter, too: by name, and some by how their values begin.
    let by_hand = |n: &usize| format!("token {n:05}\nnpm_t{n:04}").contains("0000");
    let expected: Vec<usize> = (0..MANY).filter(by_hand).collect();
    assert_eq!(sim.model.tokens.shown, expected);
    sim.ends(
        Purpose::Tokens,
        Ok(Outcome::Tokens {
            pages: 100,
            moved: false,
        }),
    );
    assert_eq!(sim.model.tokens.shown, expected);
    sim.press("esc");
    assert_eq!(listed(&sim), (0..MANY).collect::<Vec<_>>());
    assert_eq!(sim.model.tokens.selected.len(), 1);
    assert_eq!(chosen(&sim.model).unwrap().key, token(3).key);
    sim.press("s s a x").at_scope(Scope::RevokeCount);
}

#[test]
fn a_token_is_revoked_while_the_rest_arrives() {
    let (mut sim, id) = arriving();
    sim.effects.clear();
    sim.press("down x y").wants(&["start Revoke 1"]);
    for index in scattered().filter(|index| *index != 0) {
        page(&mut sim, id, index);
    }
    sim.ends(
        Purpose::Tokens,
        Ok(Outcome::Tokens {
            pages: 100,
            moved: false,
        }),
    );
    let left = tokens(MANY).into_iter().filter(|t| t.key != token(1).key);
    sim.ends(
        Purpose::Revoke,
        Ok(Outcome::Revoked {
            rows: vec![(token(1).key, RowState::Gone(Unprobed::ValueUnknown))],
            list: Ok(left.collect()),
        }),
    )
    .says("The token is gone from a fresh list.");
    assert!(matches!(
        sim.model.tokens.revoke.as_ref().unwrap().stage,
        RevokeStage::Done { why: None }
    ));
    let expected: Vec<usize> = (0..MANY).filter(|n| *n != 1).collect();
    assert_eq!(listed(&sim), expected);
}

#[test]
fn a_list_that_is_read_again_in_another_order_is_the_new_one() {
    let mut sim = Sim::at_tokens(6);
    sim.press("r");
    let id = sim.id(Purpose::Tokens);
    let mut send = |index, rows| {
        sim.event(Event::Page {
            id,
            index,
            rows,
            total: Some(5),
        });
    };
    let mut renamed = token(4);
    renamed.name = Some("token 00044".into());
    send(1, vec![token(1), token(0)]);
    send(0, vec![token(5), token(9), renamed]);
    assert_eq!(
        (
            sim.model.tokens.incoming.done(),
            sim.model.tokens.incoming.total()
        ),
        (5, Some(5))
    );
    assert_eq!(
        listed(&sim),
        [0, 1, 2, 3, 4, 5],
        "the old one stays meanwhile"
    );
    sim.ends(
        Purpose::Tokens,
        Ok(Outcome::Tokens {
            pages: 2,
            moved: false,
        }),
    );
    assert_eq!(listed(&sim), [5, 9, 44, 1, 0]);
    assert_eq!(sim.model.tokens.incoming.done(), 0);
}

#[test]
fn a_registry_that_counts_wrongly_costs_no_memory() {
    let mut sim = Sim::start(false);
    sim.arrives(account(Tfa::Off));
    let id = sim.id(Purpose::Tokens);
    sim.event(Event::Page {
        id,
        index: 0,
        rows: tokens(2),
        total: Some(u64::MAX),
    });
    assert_eq!(listed(&sim), [0, 1]);
}

/// The shortest of several runs: what else the machine does is not what is measured.
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn fastest(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        run();
        times.push(start.elapsed());
    }
    times.into_iter().min().unwrap()
}

/// Optimised, a key in the filter takes a millisecond at most; `--nocapture` shows the numbers.
#[test]
#[expect(clippy::disallowed_macros, reason = "it shows what it measured")]
fn a_key_in_the_filter_of_ten_thousand_takes_no_time_to_notice() {
    let mut sim = Sim::with(Tfa::Off, tokens(MANY));
    let mut step = |what: &str, keys: &[&str]| {
        let now = sim.now;
        let mut runs = 0;
        let time = fastest(|| {
            for key in keys {
                update(&mut sim.model, Msg::Key(crate::sim::key(key)), now);
                runs += 1;
            }
        });
        println!(
            "{what}: {time:?}, {} rows shown",
            sim.model.tokens.shown.len()
        );
        time / u32::try_from(keys.len()).unwrap()
    };
    step("go there", &["3"]);
    let moves = step("move down and up", &["down", "up"]);
    let facet = step("a facet on and off", &["p", "p"]);
    let opened = step("open the filter and leave it", &["/", "esc"]);
    step("open the filter", &["/", "ctrl-u"]);
    let typed = step("a letter and back", &["t", "backspace"]);
    step("a word", &["t", "o", "k", "e", "n", "ctrl-u", "0", "1"]);
    let more = step("a third letter and back", &["2", "backspace"]);
    if !cfg!(debug_assertions) {
        let limit = Duration::from_millis(1);
        for (what, time) in [
            ("moving", moves),
            ("a facet", facet),
            ("a letter", typed),
            ("a third letter", more),
        ] {
            assert!(time <= limit, "{what} took {time:?}");
        }
        assert!(opened <= 5 * limit, "opening the filter took {opened:?}");
    }
}
