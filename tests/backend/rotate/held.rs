//! While the person is asked whether to stop a rotation, it makes, writes and revokes nothing more.

use super::*;

/// What was written so far: made, put into places, sent to be revoked.
fn written(truth: &Truth, bench: &Bench) -> (usize, usize, usize) {
    let revoked = bench.script.seen();
    let revoked = revoked.iter().filter(|seen| seen.at == At::Revoke).count();
    let puts = truth.0.lock().unwrap().puts;
    (truth.made(), puts, revoked)
}

/// How it ended, where it has.
fn end_of(events: Vec<Event>) -> Option<Result<Outcome, Failure>> {
    events.into_iter().find_map(|event| match event {
        Event::Finished { result, .. } => Some(result),
        _ => None,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoesOn,
    Cancels,
    Quits,
}

#[tokio::test(start_paused = true)]
async fn e4_held_anywhere_it_writes_nothing_more_until_it_is_released_and_never_when_it_is_cancelled()
 {
    for then in [Then::GoesOn, Then::Cancels, Then::Quits] {
        let mut stood = BTreeSet::new();
        for after in 0..60 {
            let truth = Truth::new(Fault::None);
            let mut bench = Bench::new(truth.script());
            let id = bench.start(wish(&[1, 2], false));
            let mut over = false;
            for _ in 0..after {
                if matches!(bench.next().await, Event::Finished { .. }) {
                    over = true;
                    break;
                }
            }
            if over {
                break;
            }
            bench.hold(id, true);
            let ended = end_of(bench.settle().await);
            let held = written(&truth, &bench);
            stood.insert(held);
            // A revocation that was sent already is not held; everything else waits for the answer.
            assert_eq!(ended.is_some(), held.2 == 1, "{after}: {held:?}");
            assert_eq!(truth.works(OLD), held.2 == 0, "{after}: {held:?}");
            if ended.is_some() {
                continue;
            }
            match then {
                Then::GoesOn => {
                    bench.hold(id, false);
                    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
                        panic!("{after}: not rotated");
                    };
                    assert!(all_is_well(&rotated), "{after}: {rotated:?}");
                    assert_eq!(written(&truth, &bench), (1, 2, 1));
                }
                Then::Cancels => {
                    bench.cancel(id);
                    let result = bench.finished(id).await;
                    assert_eq!(written(&truth, &bench), held, "{after}");
                    every_line_works(&truth, &format!("{after}"));
                    assert!(truth.works(OLD));
                    if held.0 == 0 {
                        assert_eq!(result.unwrap_err().kind, FailureKind::Cancelled);
                    } else if let Ok(Outcome::Rotated(rotated)) = result {
                        assert!(sentences(&rotated).contains("was not revoked"));
                        assert_eq!(rotated.value.is_some(), held.1 < 2, "{rotated:?}");
                    } else {
                        panic!("{after}: {result:?}");
                    }
                }
                Then::Quits => {
                    let (folder, _) = bench.quit().await;
                    every_line_works(&truth, &format!("{after}"));
                    assert!(truth.works(OLD), "{after}");
                    // What was received is not let go of.
                    let has_it = truth.lines().contains(&NEW.to_owned());
                    assert_eq!(has_it, held.0 == 1, "{after}");
                    keeps_no_value(folder.path());
                }
            }
        }
        let all = [(0, 0, 0), (1, 0, 0), (1, 2, 0)];
        for each in all {
            assert!(stood.contains(&each), "{then:?}: {each:?} of {stood:?}");
        }
    }
}
