//! The first hard thing: any request may be challenged, is parked, and goes on.

use std::time::Duration;

use npm_warden::backend::protocol::{Answer, Asking, Command, Event, Outcome, Request, RequestId};
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::Tfa;
use npm_warden::registry::{Challenged, Error, Revoked};
use tokio::time::Instant;

use super::bench::{Bench, is_step};
use super::script::{
    At, HOST, Reply, Script, held, list, lost, off, profile, refuses, refuses_code, unreachable,
    wait, wants_code,
};

fn save() -> Request {
    Request::SaveField {
        field: ProfileField::Fullname,
        before: Some("Al".into()),
        after: "Ally B".into(),
    }
}

fn saved() -> Reply {
    let mut profile = profile(Tfa::Off);
    profile.fields = vec![(ProfileField::Fullname, Some("Ally B".into()))];
    Reply::Profile(profile)
}

fn notices(challenge: &npm_warden::backend::protocol::Challenge) -> String {
    let notices: Vec<_> = challenge.notices.iter().map(|n| n.as_str()).collect();
    notices.join(" | ")
}

#[tokio::test(start_paused = true)]
async fn a_challenged_request_is_parked_and_goes_on_with_the_code() {
    let mut bench = Bench::new(Script::new().on(At::Save, [wants_code(), saved()]));
    let id = bench.start(save());
    let challenge = bench.challenged(id).await;
    assert_eq!(challenge.action.as_str(), "change your fullname");
    assert_eq!(challenge.host.as_str(), HOST);
    assert_eq!((challenge.attempt, challenge.wait), (1, None));
    assert_eq!(notices(&challenge), "", "to upgrade npm would mislead");
    assert!(bench.is_quiet().await, "a question waits for ever");
    bench.code(id, " 123 456\n");
    assert!(matches!(bench.next().await, Event::Cleared { id: cleared } if cleared == id));
    assert!(matches!(bench.finished(id).await, Ok(Outcome::Saved(_))));
    assert_eq!(
        bench.script.otps(At::Save),
        [None, Some("123456".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn p15_a_refused_code_comes_back_as_a_question_and_is_not_sent_again() {
    let mut bench = Bench::new(Script::new().on(
        At::Save,
        [wants_code(), refuses_code("invalid OTP"), saved()],
    ));
    let id = bench.start(save());
    assert_eq!(bench.challenged(id).await.attempt, 1);
    bench.code(id, "111111");
    let second = bench.challenged(id).await;
    assert_eq!(second.attempt, 2);
    assert!(notices(&second).contains("did not accept that code: “invalid OTP”"));
    bench.code(id, "111 111");
    let third = bench.challenged(id).await;
    assert_eq!(third.attempt, 3);
    assert!(notices(&third).contains("refused before and is not sent again"));
    bench.code(id, "222222");
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(
        bench.script.otps(At::Save),
        [None, Some("111111".to_owned()), Some("222222".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn p15_a_code_that_one_request_saw_refused_is_not_sent_by_another() {
    let mut bench = Bench::new(Script::new().on(
        At::Save,
        [wants_code(), refuses_code(""), wants_code(), saved()],
    ));
    let first = bench.start(save());
    bench.challenged(first).await;
    bench.code(first, "111111");
    bench.challenged(first).await;
    bench.cancel(first);
    assert!(bench.finished(first).await.is_err());
    let second = bench.start(save());
    bench.challenged(second).await;
    bench.code(second, "111111");
    assert!(notices(&bench.challenged(second).await).contains("not sent again"));
    bench.code(second, "222222");
    assert!(bench.finished(second).await.is_ok());
    assert_eq!(bench.script.otps(At::Save).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn p15_waits_grow_after_three_refusals_and_no_code_goes_before_they_are_over() {
    let mut replies = vec![wants_code()];
    replies.extend((0..5).map(|_| refuses_code("")));
    replies.push(saved());
    let mut bench = Bench::new(Script::new().on(At::Save, replies));
    let id = bench.start(save());
    let mut begun = Instant::now();
    let mut waited = 0;
    for (n, wait) in [0, 0, 0, 5, 10, 20].into_iter().enumerate() {
        let challenge = bench.challenged(id).await;
        assert_eq!(
            begun.elapsed().as_secs(),
            waited,
            "nothing went before its time"
        );
        begun = Instant::now();
        waited = challenge.wait.unwrap_or_default().as_secs();
        assert_eq!(waited, wait);
        bench.code(id, &format!("10000{n}"));
    }
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(begun.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn p15_the_registrys_own_wait_wins_and_a_later_code_is_asked_for() {
    let mut bench = Bench::new(Script::new().on(At::Save, [wants_code(), wait(60), saved()]));
    let id = bench.start(save());
    bench.challenged(id).await;
    bench.code(id, "111111");
    let challenge = bench.challenged(id).await;
    assert_eq!(challenge.wait, Some(Duration::from_secs(60)));
    assert!(
        notices(&challenge).contains("After wrong codes the registry has locked them for 60 s")
    );
    bench.code(id, "111111");
    assert!(notices(&bench.challenged(id).await).contains("before the wait"));
    bench.code(id, "222222");
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(
        bench.script.otps(At::Save)[1..],
        [Some("111111".to_owned()), Some("222222".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn p16_a_clock_that_is_off_is_said_before_the_first_code() {
    let script = Script::new()
        .clock_ahead(-95)
        .on(At::Save, [wants_code(), saved()]);
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    let challenge = bench.challenged(id).await;
    assert!(notices(&challenge).contains("95 s behind the registry's"));
}

#[tokio::test(start_paused = true)]
async fn a_code_by_mail_is_said_in_the_registrys_words() {
    let mailed = Reply::Error(Error::Challenge(Challenged {
        words: "A One Time Password (OTP) by email is required.".into(),
        refused: false,
        by_email: true,
        web: None,
    }));
    let mut bench = Bench::new(Script::new().on(At::Save, [mailed, saved()]));
    let id = bench.start(save());
    let challenge = bench.challenged(id).await;
    assert!(challenge.by_email);
    assert!(notices(&challenge).contains("by email is required"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_code_is_not_sent() {
    let mut bench = Bench::new(Script::new().on(At::Save, [wants_code(), saved()]));
    let id = bench.start(save());
    bench.challenged(id).await;
    bench.code(id, " \n");
    assert!(notices(&bench.challenged(id).await).contains("Nothing was typed"));
    bench.code(id, "１２３４５６");
    assert!(notices(&bench.challenged(id).await).contains("plain digits"));
    let recovery = "0123456789abcdef".repeat(4);
    bench.code(id, &recovery);
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(bench.script.otps(At::Save)[1..], [Some(recovery)]);
}

#[tokio::test(start_paused = true)]
async fn p15_a_code_that_is_not_sent_anyway_is_told_at_once_and_the_wait_goes_on() {
    let mut bench = Bench::new(Script::new().on(At::Save, [wants_code(), wait(30), saved()]));
    let id = bench.start(save());
    bench.challenged(id).await;
    bench.code(id, "111111");
    let held_back = Some(Duration::from_secs(30));
    assert_eq!(bench.challenged(id).await.wait, held_back);
    let begun = Instant::now();
    bench.code(id, "111111");
    let again = bench.challenged(id).await;
    assert!(notices(&again).contains("went out before the wait"));
    assert_eq!((begun.elapsed(), again.wait), (Duration::ZERO, held_back));
    bench.code(id, "222222");
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(Some(begun.elapsed()), held_back);
}

#[tokio::test(start_paused = true)]
async fn p11_a_recovery_code_that_served_is_not_sent_again() {
    let mut bench =
        Bench::new(Script::new().on(At::Save, [wants_code(), saved(), wants_code(), saved()]));
    let recovery = "0123456789abcdef".repeat(4);
    let first = bench.start(save());
    bench.challenged(first).await;
    bench.code(first, &recovery);
    assert!(bench.finished(first).await.is_ok());
    let second = bench.start(save());
    bench.challenged(second).await;
    bench.code(second, &recovery);
    assert!(notices(&bench.challenged(second).await).contains("served already"));
    assert_eq!(bench.script.otps(At::Save).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_background_reload_asks_nothing() {
    let mut bench = Bench::new(Script::new().on(At::Profile, [wants_code()]));
    let id = bench.start_asking(Request::Account, Asking::Never);
    let (events, result) = bench.rest(id).await;
    assert!(events.iter().all(|event| is_step(event).is_some()));
    assert_eq!(result.unwrap_err().kind, FailureKind::NeedsSecondFactor);
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_parked_request_ends_it_and_nothing_else_is_sent() {
    let mut bench = Bench::new(Script::new().on(At::Save, [wants_code()]));
    let id = bench.start(save());
    bench.challenged(id).await;
    bench.cancel(id);
    assert!(matches!(bench.next().await, Event::Cleared { .. }));
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    bench.code(id, "111111");
    assert!(bench.is_quiet().await);
    assert_eq!(bench.script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_read_drops_it() {
    let (_gate, never) = held();
    let mut bench = Bench::new(Script::new().on(At::Profile, [never]));
    let id = bench.start(Request::Account);
    bench.when(|script| script.seen().len() == 1).await;
    bench.cancel(id);
    let (events, result) = bench.rest(id).await;
    let steps = events.iter().all(|event| is_step(event).is_some());
    assert!(steps, "no question was open");
    assert_eq!(result.unwrap_err().kind, FailureKind::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn cancelling_does_not_touch_a_write_that_was_sent_and_its_outcome_is_told() {
    let (gate, reply) = held();
    let mut bench = Bench::new(Script::new().on(At::Save, [reply]));
    let id = bench.start(save());
    bench.when(|script| script.seen().len() == 1).await;
    bench.cancel(id);
    assert!(bench.is_quiet().await);
    gate.open(saved());
    assert!(matches!(bench.finished(id).await, Ok(Outcome::Saved(_))));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_write_that_comes_back_challenged_asks_nothing() {
    let (gate, reply) = held();
    let mut bench = Bench::new(Script::new().on(At::Save, [reply]));
    let id = bench.start(save());
    bench.when(|script| script.seen().len() == 1).await;
    bench.cancel(id);
    assert!(bench.is_quiet().await);
    gate.open(wants_code());
    let (events, result) = bench.rest(id).await;
    assert_eq!(events.len(), 0);
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert!(
        failure
            .what
            .as_str()
            .contains("before anything was changed")
    );
}

#[tokio::test(start_paused = true)]
async fn two_parked_requests_are_answered_by_their_names() {
    let script = Script::new()
        .on(At::Save, [wants_code(), saved()])
        .on(At::Profile, [wants_code(), off()]);
    let mut bench = Bench::new(script);
    let one = bench.start(save());
    bench.challenged(one).await;
    let two = bench.start(Request::Account);
    bench.challenged(two).await;
    bench.code(two, "222222");
    assert!(matches!(
        bench.finished(two).await,
        Ok(Outcome::Account { .. })
    ));
    bench.code(one, "111111");
    assert!(matches!(bench.finished(one).await, Ok(Outcome::Saved(_))));
    assert_eq!(bench.script.otps(At::Save)[1], Some("111111".to_owned()));
    assert_eq!(bench.script.otps(At::Profile)[1], Some("222222".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn unknown_names_doubled_starts_and_answers_that_do_not_fit_are_passed_over() {
    let mut bench = Bench::new(Script::new().on(At::Save, [wants_code(), saved()]));
    bench.code(RequestId(99), "111111");
    bench.cancel(RequestId(98));
    let id = bench.start(save());
    bench.challenged(id).await;
    bench.send(Command::Start {
        id,
        request: save(),
        asking: Asking::Allowed,
    });
    bench.answer(id, Answer::GoOn);
    bench.answer(id, Answer::Declined);
    bench.answer(id, Answer::Leave { clear: true });
    bench.answer(id, Answer::Place(Place::Myself));
    assert!(bench.is_quiet().await);
    bench.code(id, "111111");
    bench.code(id, "222222");
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(bench.script.seen().len(), 2);
    assert!(bench.is_quiet().await);
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_settled_by_the_profile() {
    let script = Script::new()
        .on(At::Save, [Reply::Error(lost())])
        .on(At::Profile, [Reply::Error(unreachable()), saved()]);
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    assert!(matches!(bench.finished(id).await, Ok(Outcome::Saved(_))));

    bench.script.add(At::Save, [Reply::Error(lost())]);
    bench.script.add(At::Profile, [off()]);
    let id = bench.start(save());
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.next.as_str().contains("unchanged"), "{failure}");

    bench.script.add(At::Save, [Reply::Error(lost())]);
    bench
        .script
        .add(At::Profile, (0..3).map(|_| Reply::Error(unreachable())));
    let id = bench.start(save());
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("not known"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_without_measure_breaks_nothing() {
    let script = Script::new().on(At::Save, [wants_code(), wait(u64::MAX)]);
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    bench.challenged(id).await;
    bench.code(id, "123456");
    let challenge = bench.challenged(id).await;
    assert_eq!(challenge.wait, Some(Duration::from_secs(u64::MAX)));
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
}

/// A recovery code, whatever became of the request that it went with, is not sent again.
#[tokio::test(start_paused = true)]
async fn p11_a_recovery_code_that_went_out_is_not_sent_again() {
    let recovery = "ab12cd34".repeat(8);
    let one = || Request::Revoke {
        tokens: super::bench::keys(["a"]),
        last: Vec::new(),
        names: Vec::new(),
    };
    for (request, at, answer) in [
        (one(), At::Revoke, Reply::Revoked(Revoked::Done)),
        (one(), At::Revoke, Reply::Error(lost())),
        (save(), At::Save, Reply::Error(lost())),
        (save(), At::Save, refuses(403, "no")),
    ] {
        let mut bench =
            Bench::new(
                Script::new()
                    .on(at, [wants_code(), answer])
                    .world(|seen| match seen.at {
                        At::Tokens => list(["a"]),
                        At::Profile => off(),
                        _ => wants_code(),
                    }),
            );
        let id = bench.start(request);
        bench.challenged(id).await;
        bench.code(id, &recovery);
        let _ = bench.finished(id).await;
        let id = bench.start(save());
        bench.challenged(id).await;
        bench.code(id, &recovery);
        let again = bench.challenged(id).await;
        assert!(notices(&again).contains("is not sent again"), "{again:?}");
        let sent = bench.script.seen();
        let sent = sent.iter().filter(|s| s.otp.as_ref() == Some(&recovery));
        assert_eq!(sent.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_recovery_code_that_surely_never_left_can_be_sent() {
    let recovery = "ab12cd34".repeat(8);
    let script = Script::new().on(
        At::Save,
        [
            wants_code(),
            Reply::Error(unreachable()),
            wants_code(),
            saved(),
        ],
    );
    let mut bench = Bench::new(script);
    for arrives in [false, true] {
        let id = bench.start(save());
        bench.challenged(id).await;
        bench.code(id, &recovery);
        assert_eq!(bench.finished(id).await.is_ok(), arrives);
    }
}
