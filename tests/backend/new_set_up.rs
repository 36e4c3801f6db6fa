//! A change of the level that a registry takes as a new set-up: the second factor was on, and is half done until the
//! person has gone all the way.

use npm_warden::backend::protocol::{
    Answer, Enabled, Event, Outcome, Question, Request, RequestId, Step,
};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::{Level, Tfa};

use super::bench::{Bench, is_step};
use super::enable::{CODES, NOW, PASSWORD, URL, code_at, holds_all_codes, part};
use super::script::{
    At, Reply, Script, held, is_on, lost, off, pending, profile, refuses, unreachable, wants_code,
};

fn change() -> Request {
    Request::ChangeLevel {
        level: Level::AuthOnly,
        password: PASSWORD.into(),
    }
}

/// On, and the change begins a set-up.
fn begins(then: impl IntoIterator<Item = Reply>) -> Script {
    Script::new()
        .on(At::Profile, [is_on(Level::AuthAndWrites)])
        .on(At::Profile, then)
        .on(At::Enrol, [Reply::Url(URL.to_owned())])
}

fn codes() -> Reply {
    Reply::Codes(CODES.to_vec())
}

impl Bench {
    async fn asked_for_a_place(&mut self, by: RequestId) {
        self.until(|event| match event {
            Event::Asked {
                id,
                question: Question::NewSetUp(level),
            } if *id == by => {
                assert_eq!(*level, Level::AuthOnly);
                Some(())
            }
            _ => None,
        })
        .await;
    }

    async fn goes_on(&mut self, id: RequestId) {
        self.asked_for_a_place(id).await;
        self.answer(id, Answer::Place(Place::File("codes.txt".into())));
        self.asked_to_confirm(id).await;
    }
}

#[tokio::test(start_paused = true)]
async fn m13_p07_another_level_as_a_new_set_up_is_walked_to_its_end() {
    let script = begins([is_on(Level::AuthOnly)]).on(At::Confirm, [codes()]);
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench.asked_for_a_place(id).await;
    bench.answer(id, Answer::Place(Place::File("codes.txt".into())));
    bench
        .until(|event| match is_step(event) {
            Some(Step::Enrolled(enrolment)) => {
                assert_eq!(enrolment.url().expose(), URL);
                Some(())
            }
            _ => None,
        })
        .await;
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    assert_eq!(bench.shown().await, Place::File(bench.file()));
    assert!(holds_all_codes(&bench.file()));
    bench.prove(id).await;
    let enabled = bench.enabled(id).await;
    assert!(
        matches!(
            enabled,
            Enabled::On {
                level: Level::AuthOnly,
                checked: true,
                proved: true,
                ..
            }
        ),
        "{enabled:?}"
    );
    assert_eq!(bench.kept().await, [(Place::File(bench.file()), true)]);
    let ats: Vec<_> = bench.script.seen().iter().map(|seen| seen.at).collect();
    assert_eq!(ats, [At::Profile, At::Enrol, At::Confirm, At::Profile]);
}

#[tokio::test(start_paused = true)]
async fn the_code_of_the_old_entry_opens_the_new_set_up() {
    let script = Script::new()
        .on(At::Profile, [is_on(Level::AuthAndWrites)])
        .on(At::Enrol, [wants_code(), Reply::Url(URL.to_owned())])
        .world(|_| pending());
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench.challenged(id).await;
    bench.code(id, "111111");
    bench.goes_on(id).await;
    // The old code is no code of the new key.
    bench.code(id, "111111");
    assert!(bench.asked_to_confirm(id).await.refused.is_some());
    assert!(bench.script.seen_at(At::Confirm).is_empty());
}

#[tokio::test(start_paused = true)]
async fn leaving_it_is_told_as_the_profile_has_it() {
    for at_the_code in [false, true] {
        for (clear, disable, truth, cleared) in [
            (false, None, pending(), false),
            (true, Some(Reply::Done), off(), true),
            (true, Some(Reply::Error(unreachable())), pending(), false),
        ] {
            let mut bench = Bench::new(begins([truth]).on(At::Disable, disable));
            let id = bench.start(change());
            if at_the_code {
                bench.goes_on(id).await;
            } else {
                bench.asked_for_a_place(id).await;
            }
            bench.answer(id, Answer::Leave { clear });
            match bench.enabled(id).await {
                Enabled::Left { cleared: told } => assert_eq!(told, cleared),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn leaving_it_when_nothing_can_be_read_says_that_it_was_on() {
    let script = begins([]).world(|_| Reply::Error(unreachable()));
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench.asked_for_a_place(id).await;
    bench.answer(id, Answer::Leave { clear: true });
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("is not known"), "{failure}");
    assert!(failure.what.as_str().contains("was on before"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn cancelling_it_says_that_it_was_on_and_is_half_done() {
    for at_the_code in [false, true] {
        let mut bench = Bench::new(begins([]));
        let id = bench.start(change());
        if at_the_code {
            bench.goes_on(id).await;
        } else {
            bench.asked_for_a_place(id).await;
        }
        bench.cancel(id);
        let failure = bench.finished(id).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Cancelled);
        let said = failure.what.as_str();
        assert!(said.contains("was on, and is half done now"), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn leaving_while_the_change_is_under_way_says_what_came_of_it() {
    let (gate, reply) = held();
    let script = Script::new()
        .on(At::Profile, [is_on(Level::AuthAndWrites)])
        .on(At::Enrol, [reply]);
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench
        .when(|script| !script.seen_at(At::Enrol).is_empty())
        .await;
    bench.cancel(id);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    gate.open(Reply::Url(URL.to_owned()));
    let failure = bench.finished(id).await.unwrap_err();
    let said = failure.what.as_str();
    assert!(said.contains("was on, and is half done now"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn quitting_in_the_middle_says_so_too() {
    let mut bench = Bench::new(begins([]));
    let id = bench.start(change());
    bench.goes_on(id).await;
    let (_folder, events) = bench.quit().await;
    let said = events.iter().find_map(|event| match event {
        Event::Finished { result, .. } => Some(format!("{result:?}")),
        _ => None,
    });
    assert!(said.unwrap().contains("was on, and is half done now"));
}

#[tokio::test(start_paused = true)]
async fn p07_a_place_that_is_gone_by_then_keeps_no_code_from_the_person() {
    let script = begins([is_on(Level::AuthOnly)]).on(At::Confirm, [codes()]);
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench.asked_for_a_place(id).await;
    let gone = Place::File("no/such/folder/codes.txt".into());
    bench.answer(id, Answer::Place(gone));
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    assert_eq!(bench.shown().await, Place::Myself);
    assert!(matches!(bench.question().await, Question::OtherPlace(_)));
    bench.answer(id, Answer::Place(Place::File("codes.txt".into())));
    assert_eq!(bench.shown().await, Place::File(bench.file()));
    assert!(matches!(bench.question().await, Question::CodesShown));
    bench.answer(id, Answer::GoOn);
    let proof = bench.proof().await;
    bench.answer(id, Answer::Proof(part(proof).into()));
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::On { proved: true, .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_used_is_cleared_and_the_loss_is_said() {
    for (truth, said) in [
        (off(), "was on before, is off now"),
        (pending(), "was on before, and is half done now"),
    ] {
        let script = Script::new()
            .on(At::Profile, [is_on(Level::AuthAndWrites), truth])
            .on(At::Enrol, [Reply::Url("otpauth://hotp/x".to_owned())])
            .on(At::Disable, [Reply::Done]);
        let mut bench = Bench::new(script);
        let id = bench.start(change());
        let failure = bench.finished(id).await.unwrap_err();
        assert!(failure.what.as_str().contains(said), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_that_began_a_set_up_is_told_as_half_done() {
    for error in [lost(), status(404), status(500)] {
        let script = Script::new()
            .on(At::Profile, [is_on(Level::AuthAndWrites), pending()])
            .on(At::Enrol, [Reply::Error(error)]);
        let mut bench = Bench::new(script);
        let id = bench.start(change());
        let failure = bench.finished(id).await.unwrap_err();
        let said = failure.what.as_str();
        assert!(said.contains("was on, and is half done now"), "{failure}");
        assert!(
            failure.next.as_str().contains("Enable it again"),
            "{failure}"
        );
    }
}

fn status(status: u16) -> npm_warden::registry::Error {
    match refuses(status, "") {
        Reply::Error(error) => error,
        _ => unreachable!(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_last_answer_that_is_lost_tells_that_the_other_level_is_on_without_codes() {
    let script = begins([is_on(Level::AuthOnly)]).on(At::Confirm, [Reply::Error(lost())]);
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench.goes_on(id).await;
    bench.code(id, &code_at(NOW));
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::OnWithoutCodes {
            level: Level::AuthOnly,
            ..
        }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_set_up_that_is_gone_at_the_last_code_says_that_it_was_on() {
    let script = begins([off()]).on(At::Confirm, [refuses(400, "nothing to confirm")]);
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench.goes_on(id).await;
    bench.code(id, &code_at(NOW));
    let failure = bench.finished(id).await.unwrap_err();
    assert!(
        failure.what.as_str().contains("It was on before"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_too_late_reaches_nothing() {
    let script = begins([]).world(|_| Reply::Profile(profile(Tfa::Pending(None))));
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench.asked_for_a_place(id).await;
    bench.answer(id, Answer::GoOn);
    bench.answer(id, Answer::Code("123456".into()));
    assert!(bench.is_quiet().await);
    bench.answer(id, Answer::Leave { clear: false });
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::Enabled(Enabled::Left { cleared: false }))
    ));
}
