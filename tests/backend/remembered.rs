//! What a revocation remembers of an earlier one: nothing that was found out is forgotten without a reason (promises P30 and
//! P31).

use std::time::Duration;

use npm_warden::backend::protocol::{Request, RowState};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, StartTfa};

use super::embedded::start;
use super::proof::{World, still_accepted};

#[tokio::test]
async fn p31_what_was_accepted_stays_so_when_its_value_is_not_here_any_more() {
    let faults = ["token.revoke=linger-accepted-for:6000"];
    let mut world = World::new(Options::default(), &faults).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    let id = world.revoke([&token]);
    world.left_when(id, still_accepted).await;
    let now = start();
    let still = RowState::StillAccepted {
        since: now,
        probed: now,
    };

    world.lies_here_no_more();
    world.passes(Duration::from_secs(60));
    world.again().await;
    // Nothing can be tried out, so nothing is waited for.
    let ended = world.resumes().await;
    assert_eq!(ended.states(), [&still]);
    world.equals_a_fresh_list(&ended).await;
    assert_eq!(world.unfinished().await[0].1, std::slice::from_ref(&still));
    assert!(world.asked().values().all(|times| *times == 1));

    // Its value comes back, and is refused by then.
    world.lies_here(&value);
    world.passes(Duration::from_secs(6000));
    let ended = world.resumes().await;
    assert_eq!(ended.states(), [&RowState::Verified]);
    assert!(world.unfinished().await.is_empty());
}

#[tokio::test]
async fn p30_a_revocation_that_is_given_up_takes_no_earlier_one_with_it() {
    let options = Options {
        tfa: StartTfa::On(Level::AuthAndWrites),
        ..Options::default()
    };
    let mut world = World::new(options, &["token.revoke#1=status:403"]).await;
    let tokens = world.listed().await.split_off(11);
    let id = world.revoke(&tokens);
    let ended = world.ends(id).await;
    assert!(!ended.all_gone());
    let left = world.unfinished().await;
    assert_eq!(left.len(), 1);

    // Journals are named by the second.
    world.passes(Duration::from_secs(1));
    let id = world.revoke(&tokens);
    world.bench.challenged(id).await;
    world.bench.cancel(id);
    let failure = world.bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    let again = world.unfinished().await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].0, left[0].0);
}

#[tokio::test]
async fn p31_another_revocation_of_what_was_accepted_does_not_take_the_memory_of_it() {
    let faults = ["token.revoke#1=linger-accepted-for:6000"];
    let mut world = World::new(Options::default(), &faults).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    let id = world.revoke([&token]);
    world.left_when(id, still_accepted).await;
    world.lies_here_no_more();
    world.passes(Duration::from_secs(1));
    // By its key, which no list has any more.
    let id = world.bench.start(Request::Revoke {
        tokens: vec![token.key.clone()],
        last: Vec::new(),
        names: Vec::new(),
    });
    world.ends(id).await;
    let left = world.unfinished().await;
    assert!(left.iter().any(|(_, rows)| rows.iter().any(still_accepted)));
}
