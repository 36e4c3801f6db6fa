//! A rotation for elsewhere that is gone on with after its value went with the process: on a person's word alone.

use npm_warden::backend::protocol::{InPlace, RequestId};

use super::*;

/// Made and shown, and left at the question.
async fn interrupted(bench: &mut Bench) -> JournalId {
    let id = bench.start(wish(&[], true));
    bench
        .until(|event| matches!(event, Event::Asked { .. }).then_some(()))
        .await;
    bench.cancel(id);
    assert!(bench.finished(id).await.is_ok());
    JournalId(left(bench.folder.path()).remove(0).id)
}

/// Goes on with it until it is asked whether the new one is in place.
async fn asked(bench: &mut Bench, left: &JournalId) -> (RequestId, InPlace) {
    let id = bench.start(Request::ResumeRotation { left: left.clone() });
    let asked = bench
        .until(|event| match event {
            Event::Asked {
                question: Question::InPlace(asked),
                ..
            } => Some(asked.clone()),
            Event::Finished { result, .. } => panic!("not asked: {result:?}"),
            _ => None,
        })
        .await;
    (id, asked)
}

async fn rotated(bench: &mut Bench, id: RequestId) -> Rotated {
    match bench.finished(id).await {
        Ok(Outcome::Rotated(rotated)) => rotated,
        other => panic!("not gone on with: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn e4_without_its_value_the_old_one_goes_on_the_persons_word_alone() {
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(truth.script());
    let open = interrupted(&mut bench).await;
    for answer in [Some(Answer::Declined), None] {
        let (id, _) = asked(&mut bench, &open).await;
        match answer {
            Some(answer) => bench.answer(id, answer),
            None => bench.cancel(id),
        }
        let rotated = rotated(&mut bench, id).await;
        let is = |step| state(&rotated, step);
        assert!(
            matches!(is(RotateStep::Write), RotateState::LeftOut(_))
                && matches!(is(RotateStep::Verify), RotateState::Done(_))
                && matches!(is(RotateStep::Revoke), RotateState::LeftOut(_)),
            "{rotated:?}"
        );
        let said = sentences(&rotated);
        assert!(
            said.contains("is everywhere that") && said.contains("R on the tokens"),
            "{said}"
        );
        assert!(truth.works(OLD) && truth.works(NEW));
        assert!(bench.script.seen_at(At::Revoke).is_empty());
        assert_eq!(left(bench.folder.path()).len(), 1, "it can be gone on with");
    }
    let (id, asked) = asked(&mut bench, &open).await;
    assert!(truth.works(OLD), "nothing goes before the answer");
    assert!(asked.said.as_str().contains("new ke"), "{asked:?}");
    // Two lines here still hold the old one.
    assert_eq!(asked.cautions.len(), 2, "{asked:?}");
    bench.answer(id, Answer::GoOn);
    let rotated = rotated(&mut bench, id).await;
    assert!(!truth.works(OLD) && truth.works(NEW), "{rotated:?}");
    let RotateState::Done(proof) = state(&rotated, RotateStep::VerifyGone) else {
        panic!("not seen to be gone: {rotated:?}");
    };
    assert!(
        proof
            .as_str()
            .contains("gone from a fresh list, and refused"),
        "{proof}"
    );
    let lies = |what: &Text| what.as_str().contains("still holds the old token");
    assert!(rotated.remains.iter().all(lies), "{rotated:?}");
    assert!(left(bench.folder.path()).is_empty());
    keeps_no_value(bench.folder.path());
}

#[tokio::test(start_paused = true)]
async fn p31_without_either_value_the_old_one_is_not_said_to_be_refused() {
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(truth.script());
    truth.file(File::Elsewhere);
    let open = interrupted(&mut bench).await;
    let (id, asked) = asked(&mut bench, &open).await;
    assert_eq!(asked.cautions, [], "{asked:?}");
    bench.answer(id, Answer::GoOn);
    let rotated = rotated(&mut bench, id).await;
    assert!(!truth.works(OLD) && truth.works(NEW), "{rotated:?}");
    let RotateState::LeftOut(why) = state(&rotated, RotateStep::VerifyGone) else {
        panic!("{rotated:?}");
    };
    assert!(
        why.as_str().contains("gone from a fresh list") && why.as_str().contains("not tried out")
    );
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn e4_what_the_requests_themselves_carry_is_not_asked_about_without_the_new_value() {
    let truth = Truth::new(Fault::None);
    let script = truth.script();
    script.configures(OLD);
    let mut bench = Bench::new(script.clone());
    let open = interrupted(&mut bench).await;
    // Another run knows nothing of the new value.
    let folder = bench.killed().await;
    let mut bench = Bench::again(script, folder);
    let id = bench.start(Request::ResumeRotation { left: open });
    let (events, result) = bench.rest(id).await;
    let asks = |event: &Event| matches!(event, Event::Asked { .. });
    assert!(!events.iter().any(asks), "{events:?}");
    let Ok(Outcome::Rotated(rotated)) = result else {
        panic!("not gone on with");
    };
    let said = sentences(&rotated);
    assert!(said.contains("put the value of"), "{said}");
    assert!(truth.works(OLD) && truth.works(NEW));
    assert_eq!(left(bench.folder.path()).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn e4_a_list_that_moves_and_lacks_the_new_one_asks_nobody() {
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(truth.script());
    let open = interrupted(&mut bench).await;
    truth.new_is(false, true);
    truth.0.lock().unwrap().moves = true;
    let rotated = resume(&mut bench, &open).await;
    let said = sentences(&rotated);
    assert!(said.contains("was not revoked"), "{said}");
    assert!(truth.works(OLD));
    assert_eq!(left(bench.folder.path()).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn e4_what_was_revoked_already_is_not_asked_about_again() {
    let truth = Truth::new(Fault::StillListed);
    let mut bench = Bench::new(truth.script());
    let open = interrupted(&mut bench).await;
    let (id, _) = asked(&mut bench, &open).await;
    bench.answer(id, Answer::GoOn);
    let first = rotated(&mut bench, id).await;
    assert!(!all_is_well(&first), "{first:?}");
    truth.mends();
    let again = resume(&mut bench, &open).await;
    assert!(!truth.works(OLD) && truth.works(NEW), "{again:?}");
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn e4_whoever_has_revoked_it_by_hand_is_told_that_it_is_gone() {
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(truth.script());
    let open = interrupted(&mut bench).await;
    {
        let mut world = truth.0.lock().unwrap();
        let old = world.tokens.iter_mut().find(|t| t.1 == OLD).unwrap();
        (old.2, old.3) = (false, false);
    }
    let rotated = resume(&mut bench, &open).await;
    let whole = |(step, state): &(RotateStep, RotateState)| {
        matches!(state, RotateState::Done(_)) || *step == RotateStep::Write
    };
    let known = rotated.steps.iter().take(4).all(whole);
    let lies = |what: &Text| what.as_str().contains("still holds the old token");
    assert!(known && rotated.remains.iter().all(lies), "{rotated:?}");
    assert!(left(bench.folder.path()).is_empty());
}
