//! A rotation that is given up before anything was changed leaves nothing to go on with.

use std::time::Duration;

use super::*;

/// How it ended, where it was given up after so many events.
async fn given_up(bench: &mut Bench, after: usize) -> Result<Outcome, Failure> {
    let id = bench.start(wish(&[1, 2], false));
    for _ in 0..after {
        if let Event::Finished { result, .. } = bench.next().await {
            return result;
        }
    }
    bench.cancel(id);
    bench.finished(id).await
}

#[tokio::test(start_paused = true)]
async fn e4_given_up_before_anything_was_changed_nothing_is_left_to_go_on_with() {
    let mut clean = 0;
    for after in 0..60 {
        let truth = Truth::new(Fault::None);
        let mut bench = Bench::new(truth.script());
        let result = given_up(&mut bench, after).await;
        let Err(failure) = result else {
            continue;
        };
        assert_eq!(failure.kind, FailureKind::Cancelled, "{after}: {failure}");
        assert_eq!(truth.made(), 0, "{after}: {failure}");
        let (folder, _) = bench.quit().await;
        assert!(left(folder.path()).is_empty(), "{after}: {failure}");
        clean += 1;
    }
    assert!(clean > 3, "{clean}");
}

#[tokio::test(start_paused = true)]
async fn e4_given_up_at_the_question_for_a_code_nothing_is_left_to_go_on_with() {
    for quits in [false, true] {
        let truth = Truth::new(Fault::None);
        let world = truth.clone();
        let script = truth.script().world(move |seen| match seen.at {
            At::CreateToken => wants_code(),
            _ => world.answer(seen),
        });
        let mut bench = Bench::new(script);
        let id = bench.start(wish(&[1, 2], false));
        bench.challenged(id).await;
        if !quits {
            bench.cancel(id);
            let failure = bench.finished(id).await.unwrap_err();
            assert!(
                failure.what.as_str().contains("before anything"),
                "{failure}"
            );
        }
        let (folder, _) = bench.quit().await;
        assert!(left(folder.path()).is_empty(), "{quits}");
    }
}

#[tokio::test(start_paused = true)]
async fn e4_what_was_made_or_may_have_been_stays_to_be_gone_on_with() {
    // Killed while it is being made: nobody knows what came of it.
    let truth = Truth::new(Fault::None);
    let world = truth.clone();
    let script = truth.script().world(move |seen| match seen.at {
        At::CreateToken => Reply::Late(Duration::from_hours(24), Box::new(world.answer(seen))),
        _ => world.answer(seen),
    });
    let mut bench = Bench::new(script);
    bench.start(wish(&[1, 2], false));
    bench
        .when(|script| !script.seen_at(At::CreateToken).is_empty())
        .await;
    let folder = bench.killed().await;
    assert_eq!(left(folder.path()).len(), 1);
}
