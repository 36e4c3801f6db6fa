//! Revoking: one challenge for many where that is allowed, each row with its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use npm_warden::backend::protocol::{Event, Outcome, Request, RequestId, RowState, Step};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::token::Token;
use npm_warden::registry::{Error, Revoked};
use tokio::time::Instant;

use super::bench::{Bench, is_step, keys};
use super::script::{
    At, Reply, Script, Seen, held, list, lost, refuses, refuses_code, unauthorised, unreachable,
    wait, wants_code,
};

fn revoke<K: Into<String>>(tokens: impl IntoIterator<Item = K>) -> Request {
    Request::Revoke {
        tokens: keys(tokens),
        last: Vec::new(),
        names: Vec::new(),
    }
}

fn named(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("token{i:03}")).collect()
}

type List = Result<Vec<Token>, Failure>;

async fn revoked(bench: &mut Bench, id: RequestId) -> (HashMap<String, RowState>, List) {
    match bench.finished(id).await {
        Ok(Outcome::Revoked { rows, list }) => (
            rows.into_iter()
                .map(|(key, state)| (key.raw().into_owned(), state))
                .collect(),
            list,
        ),
        other => panic!("{other:?}"),
    }
}

/// How a registry takes codes.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    NoCode,
    Any,
    Once,
}

/// A registry with tokens, that is as strict as it should be: five refusals in a row close the door.
fn shelf(rule: Rule, tokens: Vec<String>) -> (Script, Arc<Mutex<Vec<String>>>) {
    let shelf = Arc::new(Mutex::new(tokens));
    let inside = shelf.clone();
    let mut used: Vec<String> = Vec::new();
    let mut failures = 0;
    let script = Script::new().world(move |seen: &Seen| {
        let mut tokens = inside.lock().unwrap();
        if seen.at == At::Tokens {
            return list(tokens.clone());
        }
        assert_eq!(seen.at, At::Revoke);
        assert!(failures < 5, "the door is closed");
        match (&seen.otp, rule) {
            (_, Rule::NoCode) => {}
            (None, _) => return wants_code(),
            (Some(code), _) if !code.starts_with('9') => {
                failures += 1;
                return refuses_code("invalid OTP");
            }
            (Some(code), Rule::Once) if used.contains(code) => {
                failures += 1;
                return refuses_code("invalid OTP");
            }
            (Some(code), _) => {
                failures = 0;
                used.push(code.clone());
            }
        }
        match tokens.iter().position(|token| *token == seen.what) {
            Some(at) => {
                tokens.remove(at);
                Reply::Revoked(Revoked::Done)
            }
            None => Reply::Revoked(Revoked::AlreadyGone),
        }
    });
    (script, shelf)
}

#[tokio::test(start_paused = true)]
async fn three_tokens_take_one_challenge() {
    let (script, shelf) = shelf(Rule::Any, named(4));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(&named(4)[..3]));
    let challenge = bench.challenged(id).await;
    assert_eq!(challenge.action.as_str(), "revoke 3 tokens");
    bench.code(id, "900001");
    let (rows, list) = revoked(&mut bench, id).await;
    assert_eq!(rows.len(), 3);
    assert!(
        rows.values()
            .all(|row| *row == RowState::Gone(Unprobed::ValueUnknown))
    );
    assert_eq!(list.unwrap().len(), 1);
    assert_eq!(*shelf.lock().unwrap(), ["token003"]);
    let code = Some("900001".to_owned());
    assert_eq!(
        bench.script.otps(At::Revoke),
        [None, code.clone(), code.clone(), code]
    );
}

#[tokio::test(start_paused = true)]
async fn one_token_without_a_challenge_is_one_request_and_one_to_verify() {
    let (script, _) = shelf(Rule::NoCode, named(2));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(["token000"]));
    let (rows, _) = revoked(&mut bench, id).await;
    assert_eq!(rows["token000"], RowState::Gone(Unprobed::ValueUnknown));
    assert_eq!(bench.script.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_go_eight_at_once_after_the_code_was_proved_with_two() {
    let (script, _) = shelf(Rule::Any, named(100));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(100)));
    bench.challenged(id).await;
    bench.code(id, "900001");
    let (rows, _) = revoked(&mut bench, id).await;
    assert_eq!(rows.len(), 100);
    let together: Vec<_> = bench
        .script
        .seen_at(At::Revoke)
        .into_iter()
        .map(|seen| seen.together)
        .collect();
    assert_eq!(
        &together[..4],
        &[1, 1, 1, 1],
        "bare, first, second, first of many"
    );
    assert_eq!(together.iter().max(), Some(&8));
}

#[tokio::test(start_paused = true)]
async fn where_a_code_serves_once_each_goes_once_and_the_door_stays_open() {
    let (script, shelf) = shelf(Rule::Once, named(12));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(12)));
    for n in 0..12 {
        let challenge = bench.challenged(id).await;
        if n == 1 {
            assert_eq!(challenge.attempt, 2, "the reuse was refused");
            let said = challenge.notices[0].as_str();
            assert!(said.contains("takes each code once"), "{said}");
            assert!(!said.contains("did not accept"), "{said}");
        } else {
            assert_eq!(challenge.attempt, 1, "not a refusal: {challenge:?}");
        }
        bench.code(id, &format!("9000{n:02}"));
    }
    let (rows, _) = revoked(&mut bench, id).await;
    assert!(
        rows.values()
            .all(|row| *row == RowState::Gone(Unprobed::ValueUnknown))
    );
    assert!(shelf.lock().unwrap().is_empty());
    let seen = bench.script.seen_at(At::Revoke);
    assert!(seen.iter().all(|seen| seen.together == 1));
    for n in 1..12 {
        let code = Some(format!("9000{n:02}"));
        assert_eq!(seen.iter().filter(|seen| seen.otp == code).count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_code_costs_one_request() {
    let (script, _) = shelf(Rule::Any, named(20));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(20)));
    bench.challenged(id).await;
    bench.code(id, "111111");
    assert_eq!(bench.challenged(id).await.attempt, 2);
    bench.code(id, "900001");
    let (rows, _) = revoked(&mut bench, id).await;
    assert!(
        rows.values()
            .all(|row| *row == RowState::Gone(Unprobed::ValueUnknown))
    );
    let wrong = bench.script.otps(At::Revoke);
    let wrong = wrong.iter().filter(|otp| otp.as_deref() == Some("111111"));
    assert_eq!(wrong.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn p11_a_recovery_code_revokes_one_token_and_another_is_asked_for() {
    let (script, _) = shelf(Rule::Any, named(2));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(2)));
    bench.challenged(id).await;
    let recovery = format!("9{}", "ab12cd34".repeat(8));
    bench.code(id, &recovery);
    let next = bench.challenged(id).await;
    assert!(next.notices[0].as_str().contains("serves once"), "{next:?}");
    bench.code(id, "900001");
    let (rows, _) = revoked(&mut bench, id).await;
    assert!(
        rows.values()
            .all(|row| *row == RowState::Gone(Unprobed::ValueUnknown))
    );
    let sent = bench.script.otps(At::Revoke);
    assert_eq!(
        sent.iter()
            .filter(|otp| **otp == Some(recovery.clone()))
            .count(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_challenge_among_many_stops_the_queue_and_what_was_challenged_goes_again() {
    let mut calls = 0;
    let script = Script::new().world(move |seen| match (seen.at, &seen.otp) {
        (At::Tokens, _) => list(["other"]),
        (_, Some(_)) => Reply::Revoked(Revoked::Done),
        (_, None) => {
            calls += 1;
            if calls > 5 {
                wants_code()
            } else {
                Reply::Revoked(Revoked::Done)
            }
        }
    });
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(30)));
    bench.challenged(id).await;
    let meanwhile = bench.settle().await;
    assert!(!meanwhile.iter().any(|e| matches!(e, Event::Asked { .. })));
    let before = bench.script.seen().len();
    bench.code(id, "900001");
    let (events, result) = bench.rest(id).await;
    assert!(
        !events.iter().any(|e| matches!(e, Event::Asked { .. })),
        "one question is enough"
    );
    let Ok(Outcome::Revoked { rows, .. }) = result else {
        panic!("revoked");
    };
    assert!(
        rows.iter()
            .all(|(_, row)| *row == RowState::Gone(Unprobed::ValueUnknown))
    );
    assert_eq!(rows[0].0.raw(), "token000", "in the order asked for");
    let after = bench.script.seen_at(At::Revoke).split_off(before);
    assert!(after.iter().all(|seen| seen.otp.is_some()));
    assert_eq!(
        after[0].what, "token005",
        "the first challenged one goes first"
    );
}

#[tokio::test(start_paused = true)]
async fn p30_every_row_has_its_end_and_a_fresh_list_has_the_last_word() {
    let script = Script::new().world(|seen| match (seen.at, seen.what.as_str()) {
        (At::Tokens, _) => list(["still", "refused", "lost-there", "unknown"]),
        (_, "done" | "still") => Reply::Revoked(Revoked::Done),
        (_, "gone" | "unknown") => Reply::Revoked(Revoked::AlreadyGone),
        (_, "refused") => refuses(403, "not yours"),
        (_, "unreached") => Reply::Error(unreachable()),
        _ => Reply::Error(lost()),
    });
    let mut bench = Bench::new(script);
    let all = [
        "done",
        "still",
        "gone",
        "unknown",
        "refused",
        "unreached",
        "lost-there",
        "lost-gone",
        "done",
    ];
    let id = bench.start(revoke(all));
    let (events, result) = bench.rest(id).await;
    let Ok(Outcome::Revoked { rows, list }) = result else {
        panic!("revoked");
    };
    assert_eq!(rows.len(), 8, "one asked for twice is one row");
    assert_eq!(list.unwrap().len(), 4);
    let rows: HashMap<_, _> = rows.iter().map(|(key, row)| (key.raw(), row)).collect();
    assert_eq!(*rows["done"], RowState::Gone(Unprobed::ValueUnknown));
    assert_eq!(*rows["still"], RowState::StillListed);
    assert_eq!(*rows["gone"], RowState::AlreadyGone);
    assert!(
        matches!(rows["unknown"], RowState::Failed(why) if why.what.as_str().contains("does not know this token")),
        "it never said that it revoked it"
    );
    assert!(
        matches!(rows["refused"], RowState::Failed(why) if why.what.as_str().contains("not yours"))
    );
    assert_eq!(*rows["unreached"], RowState::AlreadyGone);
    assert!(
        matches!(rows["lost-there"], RowState::Failed(why) if why.next.as_str().contains("still has"))
    );
    assert_eq!(*rows["lost-gone"], RowState::Gone(Unprobed::ValueUnknown));
    // The last that was said of each row is its end.
    let mut said = HashMap::new();
    for step in events.iter().filter_map(is_step) {
        if let Step::Row { token, state } = step {
            said.insert(token.raw(), state);
        }
    }
    assert_eq!(said, rows);
}

#[tokio::test(start_paused = true)]
async fn without_a_fresh_list_the_rows_say_what_the_registry_said() {
    let script = Script::new()
        .on(
            At::Revoke,
            [Reply::Revoked(Revoked::Done), Reply::Error(lost())],
        )
        .on(At::Tokens, [Reply::Error(unreachable())]);
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(["a", "b"]));
    let (rows, list) = revoked(&mut bench, id).await;
    assert_eq!(rows["a"], RowState::Accepted);
    assert!(
        matches!(&rows["b"], RowState::Unknown(why) if why.next.as_str().contains("not known"))
    );
    assert_eq!(list.unwrap_err().kind, FailureKind::Network);
}

#[tokio::test(start_paused = true)]
async fn when_the_credential_itself_is_gone_the_rest_is_not_tried_in_vain() {
    let script = Script::new().world(|seen| match (seen.at, seen.what.as_str()) {
        (At::Tokens, _) => unauthorised("bad token"),
        (_, "token000") => Reply::Revoked(Revoked::Done),
        _ => unauthorised("bad token"),
    });
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(40)));
    let (rows, list) = revoked(&mut bench, id).await;
    assert_eq!(rows["token000"], RowState::Accepted);
    assert!(
        rows.values()
            .any(|row| matches!(row, RowState::Failed(why) if why.kind == FailureKind::SignedOut))
    );
    assert_eq!(
        rows["token039"],
        RowState::NotTried,
        "it was never sent, so it has not failed"
    );
    assert!(list.is_err());
    assert!(bench.script.seen_at(At::Revoke).len() <= 9);
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_slow_the_batch_down_and_lose_no_row() {
    let mut calls = 0;
    let script = Script::new().world(move |seen| {
        calls += 1;
        match (seen.at, calls) {
            (At::Tokens, _) => list(Vec::<String>::new()),
            (_, 4 | 6) => Reply::Error(Error::Wait {
                for_: Some(std::time::Duration::from_secs(7)),
                words: "slow down".into(),
            }),
            _ => Reply::Revoked(Revoked::Done),
        }
    });
    let mut bench = Bench::new(script);
    let begun = Instant::now();
    let id = bench.start(revoke(named(20)));
    let (events, result) = bench.rest(id).await;
    let Ok(Outcome::Revoked { rows, .. }) = result else {
        panic!("revoked");
    };
    assert!(
        rows.iter()
            .all(|(_, row)| *row == RowState::Gone(Unprobed::ValueUnknown))
    );
    assert!(begun.elapsed().as_secs() >= 7);
    assert!(
        events
            .iter()
            .any(|e| matches!(e, Event::Retrying { wait, .. } if wait.as_secs() == 7))
    );
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_in_the_middle_of_a_batch_asks_for_no_other_code_and_a_long_one_does() {
    for (seconds, questions) in [(7, 1), (40, 2)] {
        let mut calls = 0;
        let script = Script::new().world(move |seen| {
            if seen.at == At::Tokens {
                return list(Vec::<String>::new());
            }
            calls += 1;
            match &seen.otp {
                None => wants_code(),
                Some(_) if calls == 9 => wait(seconds),
                Some(_) => Reply::Revoked(Revoked::Done),
            }
        });
        let mut bench = Bench::new(script);
        let begun = Instant::now();
        let id = bench.start(revoke(named(30)));
        let mut asked = 0;
        let rows = loop {
            match bench.next().await {
                Event::Asked { .. } => {
                    asked += 1;
                    bench.code(id, &format!("90000{asked}"));
                }
                Event::Finished { result, .. } => match result {
                    Ok(Outcome::Revoked { rows, .. }) => break rows,
                    other => panic!("{other:?}"),
                },
                _ => {}
            }
        };
        assert!(
            rows.iter()
                .all(|(_, row)| *row == RowState::Gone(Unprobed::ValueUnknown))
        );
        assert_eq!(asked, questions, "{seconds}");
        assert!(begun.elapsed().as_secs() >= seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn a_closed_door_is_waited_for_with_a_new_code() {
    let script = Script::new()
        .on(
            At::Revoke,
            [wants_code(), wait(60), Reply::Revoked(Revoked::Done)],
        )
        .on(At::Tokens, [list(["other"])]);
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(["a"]));
    bench.challenged(id).await;
    bench.code(id, "111111");
    let challenge = bench.challenged(id).await;
    assert_eq!(challenge.wait.map(|wait| wait.as_secs()), Some(60));
    let begun = Instant::now();
    bench.code(id, "900001");
    let (rows, _) = revoked(&mut bench, id).await;
    assert_eq!(rows["a"], RowState::Gone(Unprobed::ValueUnknown));
    assert_eq!(begun.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_wait_is_no_second_refusal_of_a_code() {
    let script = Script::new()
        .on(
            At::Revoke,
            [
                wants_code(),
                refuses_code("invalid OTP"),
                wait(5),
                Reply::Revoked(Revoked::Done),
            ],
        )
        .on(At::Tokens, [list(["other"])]);
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(["a"]));
    for code in ["111111", "222222", "900001"] {
        let challenge = bench.challenged(id).await;
        let twice =
            |notice: &npm_warden::domain::text::Text| notice.as_str().contains("Twice in a row");
        assert!(!challenge.notices.iter().any(twice), "{challenge:?}");
        bench.code(id, code);
    }
    let (rows, _) = revoked(&mut bench, id).await;
    assert_eq!(rows["a"], RowState::Gone(Unprobed::ValueUnknown));
}

#[tokio::test(start_paused = true)]
async fn leaving_in_the_middle_sends_no_more_and_tells_what_was_done() {
    let (gate, reply) = held();
    let script = Script::new()
        .on(At::Revoke, [Reply::Revoked(Revoked::Done), reply])
        .world(|seen| match seen.at {
            At::Tokens => list(&named(30)[2..]),
            _ => wants_code(),
        });
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(30)));
    bench.challenged(id).await;
    bench.cancel(id);
    bench
        .until(|e| matches!(e, Event::Cleared { .. }).then_some(()))
        .await;
    assert!(bench.is_quiet().await, "the one under way is waited for");
    gate.open(Reply::Revoked(Revoked::Done));
    let (rows, list) = revoked(&mut bench, id).await;
    assert_eq!(rows["token000"], RowState::Gone(Unprobed::ValueUnknown));
    assert_eq!(rows["token001"], RowState::Gone(Unprobed::ValueUnknown));
    assert_eq!(rows["token002"], RowState::NotTried);
    assert_eq!(
        rows.values()
            .filter(|row| **row == RowState::NotTried)
            .count(),
        28
    );
    assert_eq!(list.unwrap().len(), 28);
}

#[tokio::test(start_paused = true)]
async fn leaving_before_anything_was_revoked_is_a_cancelled_request() {
    let (script, shelf) = shelf(Rule::Any, named(3));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(3)));
    bench.challenged(id).await;
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!(shelf.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn nothing_to_revoke_is_nothing_sent_but_the_list() {
    let mut bench = Bench::new(Script::new().on(At::Tokens, [list(["a"])]));
    let id = bench.start(revoke(Vec::<String>::new()));
    let (rows, _) = revoked(&mut bench, id).await;
    assert!(rows.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_wait_and_a_challenge_that_arrive_together_both_count() {
    for order in [[2, 3], [3, 2]] {
        let mut calls = 0;
        let script = Script::new().world(move |seen| {
            calls += 1;
            match (seen.at, &seen.otp) {
                (At::Tokens, _) => list(["other"]),
                (_, None) if calls == order[0] => wait(5),
                (_, None) if calls == order[1] => wants_code(),
                _ => Reply::Revoked(Revoked::Done),
            }
        });
        let mut bench = Bench::new(script);
        let id = bench.start(revoke(named(6)));
        bench.challenged(id).await;
        bench.code(id, "900001");
        let (rows, _) = revoked(&mut bench, id).await;
        assert!(
            rows.values()
                .all(|row| *row == RowState::Gone(Unprobed::ValueUnknown))
        );
    }
}

fn revoke_with_last(tokens: &[&str], last: &[&str]) -> Request {
    Request::Revoke {
        tokens: keys(tokens.iter().copied()),
        last: keys(last.iter().copied()),
        names: Vec::new(),
    }
}

/// A registry that refuses everything once its `mine` token is gone, as it does with a credential that was revoked.
fn shelf_of_mine(refuses_one: Option<&'static str>) -> (Script, Arc<Mutex<Vec<String>>>) {
    let shelf = Arc::new(Mutex::new(
        ["a", "b", "c", "mine"].map(str::to_owned).to_vec(),
    ));
    let inside = shelf.clone();
    let script = Script::new().world(move |seen: &Seen| {
        let mut tokens = inside.lock().unwrap();
        if !tokens.iter().any(|token| token == "mine") {
            return unauthorised("No.");
        }
        match seen.at {
            At::Tokens => list(tokens.clone()),
            At::Revoke if Some(seen.what.as_str()) == refuses_one => refuses(500, "Not now."),
            At::Revoke => {
                tokens.retain(|token| *token != seen.what);
                Reply::Revoked(Revoked::Done)
            }
            _ => unauthorised("No."),
        }
    });
    (script, shelf)
}

#[tokio::test(start_paused = true)]
async fn p29_the_credential_in_use_goes_alone_after_the_others_are_gone_and_is_tried_out() {
    let (script, shelf) = shelf_of_mine(None);
    let mut bench = Bench::new(script);
    let id = bench.start(revoke_with_last(&["a", "b", "c"], &["mine"]));
    let (rows, list) = revoked(&mut bench, id).await;
    for other in ["a", "b", "c"] {
        assert_eq!(
            rows[other],
            RowState::Gone(Unprobed::ValueUnknown),
            "{other}"
        );
    }
    // Nothing here proves which listed token is the one in use, and no fresh list could be read by it any more.
    assert_eq!(rows["mine"], RowState::Accepted);
    assert_eq!(list.unwrap().len(), 0);
    assert!(shelf.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn p29_the_credential_in_use_is_kept_when_another_could_not_be_revoked() {
    let (script, shelf) = shelf_of_mine(Some("b"));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke_with_last(&["a", "b", "c"], &["mine"]));
    let (rows, list) = revoked(&mut bench, id).await;
    assert!(matches!(rows["b"], RowState::Failed(_)), "{rows:?}");
    let RowState::Failed(why) = &rows["mine"] else {
        panic!("{rows:?}")
    };
    assert!(why.what.as_str().contains("kept"), "{why}");
    assert_eq!(list.unwrap().len(), 2);
    assert_eq!(*shelf.lock().unwrap(), ["b", "mine"]);
}

#[tokio::test(start_paused = true)]
async fn p29_of_several_that_go_last_each_waits_for_the_one_before() {
    let (script, shelf) = shelf_of_mine(Some("b"));
    let mut bench = Bench::new(script);
    let id = bench.start(revoke_with_last(&["a"], &["b", "mine"]));
    let (rows, _) = revoked(&mut bench, id).await;
    assert_eq!(rows["a"], RowState::Gone(Unprobed::ValueUnknown));
    assert!(matches!(rows["b"], RowState::Failed(_)), "{rows:?}");
    let RowState::Failed(why) = &rows["mine"] else {
        panic!("{rows:?}")
    };
    assert!(why.what.as_str().contains("kept"), "{why}");
    assert_eq!(*shelf.lock().unwrap(), ["b", "c", "mine"]);
}

#[tokio::test(start_paused = true)]
async fn what_would_end_the_same_way_is_not_sent() {
    for (answer, kind) in [
        (wait as fn(u64) -> Reply, FailureKind::Refused),
        (|_| Reply::Error(unreachable()), FailureKind::Network),
    ] {
        let script = Script::new().world(move |seen| match (seen.at, seen.what.as_str()) {
            (At::Tokens, _) => list(named(60)),
            (_, "token000") => Reply::Revoked(Revoked::Done),
            _ => answer(600),
        });
        let mut bench = Bench::new(script);
        let id = bench.start(revoke(named(60)));
        let (rows, _) = revoked(&mut bench, id).await;
        assert!(matches!(&rows["token001"], RowState::Failed(why) if why.kind == kind));
        assert_eq!(rows["token059"], RowState::NotTried);
        assert!(bench.script.seen_at(At::Revoke).len() <= 9);
    }
}

#[tokio::test(start_paused = true)]
async fn p30_a_list_that_moves_each_time_proves_no_token_gone() {
    let mut pages = 0;
    let script = Script::new().world(move |seen| match (seen.at, seen.what.as_str()) {
        (At::Tokens, "first") => Reply::Page(npm_warden::registry::TokenPage {
            next: Some(npm_warden::registry::PageAt::Link("more".to_owned())),
            ..super::script::page(["a", "seen"])
        }),
        (At::Tokens, _) => {
            pages += 1;
            list(["a".to_owned(), format!("b{pages}")])
        }
        (_, "lost") => Reply::Error(lost()),
        _ => Reply::Revoked(Revoked::Done),
    });
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(["unseen", "seen", "lost"]));
    let (rows, list) = revoked(&mut bench, id).await;
    assert_eq!(rows["unseen"], RowState::Accepted);
    assert_eq!(rows["seen"], RowState::StillListed);
    assert!(matches!(rows["lost"], RowState::Unknown(_)));
    assert!(
        list.unwrap_err()
            .what
            .as_str()
            .contains("changed each time")
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_told_while_a_question_is_open_is_kept_after_the_answer() {
    let (gate, reply) = held();
    let mut calls = 0;
    let mut late = Some(reply);
    let script = Script::new().world(move |seen| {
        if seen.at == At::Tokens {
            return list(Vec::<String>::new());
        }
        calls += 1;
        match (calls, &seen.otp) {
            (2, None) => wants_code(),
            (3, None) => late.take().unwrap(),
            _ => Reply::Revoked(Revoked::Done),
        }
    });
    let mut bench = Bench::new(script);
    let id = bench.start(revoke(named(3)));
    bench.challenged(id).await;
    gate.open(wait(40));
    let waits = |event: &Event| match is_step(event) {
        Some(Step::Row {
            state: RowState::Waiting,
            token,
        }) => (token.raw() == "token002").then_some(()),
        _ => None,
    };
    bench.until(waits).await;
    let begun = Instant::now();
    bench.code(id, "900001");
    let (rows, _) = revoked(&mut bench, id).await;
    assert!(
        rows.values()
            .all(|row| *row == RowState::Gone(Unprobed::ValueUnknown))
    );
    assert_eq!(begun.elapsed().as_secs(), 40);
}

/// What one sending taught about the code holds in the next: a code that serves once goes out once.
#[tokio::test(start_paused = true)]
async fn p11_a_code_that_served_with_the_others_does_not_go_with_the_credential_in_use() {
    let recovery = format!("9{}", "ab12cd34".repeat(8));
    for first in ["900000", &recovery] {
        let (script, _) = shelf(Rule::Once, named(3));
        let mut bench = Bench::new(script);
        let id = bench.start(revoke_with_last(&["token000", "token001"], &["token002"]));
        for code in [first, "900001", "900002"] {
            bench.challenged(id).await;
            bench.code(id, code);
        }
        let (rows, _) = revoked(&mut bench, id).await;
        assert!(
            rows.values()
                .all(|row| *row == RowState::Gone(Unprobed::ValueUnknown)),
            "{rows:?}"
        );
        let sent = bench.script.otps(At::Revoke);
        let with = |code: &str| {
            sent.iter()
                .filter(|otp| otp.as_deref() == Some(code))
                .count()
        };
        assert_eq!(with(&recovery), usize::from(first == recovery));
        assert_eq!(
            (with("900001"), with("900002")),
            (if first == recovery { 2 } else { 1 }, 1)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_batch_sends_nothing_more_until_it_is_released_and_never_when_it_is_cancelled() {
    for cancels in [false, true] {
        let (gate, reply) = held();
        let (first, then) = shelf(Rule::NoCode, named(30));
        let script = first.on(At::Revoke, [reply]);
        let mut bench = Bench::new(script);
        let id = bench.start(revoke(named(30)));
        let sent = |script: &Script| {
            let seen = script.seen();
            seen.iter().filter(|seen| seen.at == At::Revoke).count()
        };
        bench.when(|script| sent(script) == 1).await;
        bench.hold(id, true);
        bench.settle().await;
        then.lock().unwrap().remove(0);
        gate.open(Reply::Revoked(Revoked::Done));
        bench.settle().await;
        assert_eq!(sent(&bench.script), 1, "what was sent ends, and no more");
        if cancels {
            bench.cancel(id);
        } else {
            bench.hold(id, false);
        }
        let (rows, list) = revoked(&mut bench, id).await;
        let tried = rows.values().filter(|row| **row != RowState::NotTried);
        let gone = if cancels { 1 } else { 30 };
        assert_eq!((tried.count(), sent(&bench.script)), (gone, gone));
        assert_eq!(list.unwrap().len(), 30 - gone);
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_held_before_its_first_request_can_be_left_and_does_not_keep_the_program() {
    for quits in [false, true] {
        let (script, shelf) = shelf(Rule::NoCode, named(3));
        let mut bench = Bench::new(script);
        let id = bench.start(revoke(named(3)));
        bench.hold(id, true);
        bench.settle().await;
        if quits {
            bench.quit().await;
        } else {
            bench.cancel(id);
            let failure = bench.finished(id).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Cancelled);
        }
        assert_eq!(shelf.lock().unwrap().len(), 3);
    }
}
