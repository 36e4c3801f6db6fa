//! What is told after a change of the second factor is what the registry's profile has, whatever its answer was.

use npm_warden::backend::protocol::{CodeRefused, Enabled, Outcome, Question, Request};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::registry::Error;

use super::bench::Bench;
use super::enable::{NOW, PASSWORD, URL, code_at, request};
use super::script::{
    At, Reply, Script, is_on, lost, off, pending, profile, refuses, refuses_code, unauthorised,
    unreachable, wait, wants_code,
};

/// Answers that say that nothing was done, or leave it open.
fn bad() -> Vec<Reply> {
    vec![
        Reply::Error(lost()),
        Reply::Error(Error::NotOffered {
            words: "Not found".into(),
        }),
        wait(60),
        refuses(400, "no"),
        refuses(401, ""),
        refuses(403, "closed"),
        refuses(418, ""),
        refuses(500, ""),
    ]
}

fn level() -> Request {
    Request::ChangeLevel {
        level: Level::AuthOnly,
        password: PASSWORD.into(),
    }
}

fn disable() -> Request {
    Request::Disable {
        password: PASSWORD.into(),
    }
}

fn clearing() -> Request {
    Request::Enable {
        level: Level::AuthAndWrites,
        password: PASSWORD.into(),
        place: Place::Myself,
        clear_pending: true,
    }
}

fn on() -> Reply {
    is_on(Level::AuthAndWrites)
}

fn unknown() -> Reply {
    Reply::Profile(profile(Tfa::Unknown("sms".into())))
}

async fn failure(bench: &mut Bench, request: Request) -> Failure {
    let id = bench.start(request);
    bench.finished(id).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_level_that_changed_all_the_same_is_told_as_changed() {
    for reply in bad() {
        let script = Script::new()
            .on(At::Profile, [on(), is_on(Level::AuthOnly)])
            .on(At::Enrol, [reply]);
        let mut bench = Bench::new(script);
        let id = bench.start(level());
        assert!(matches!(
            bench.finished(id).await,
            Ok(Outcome::LevelChanged(Level::AuthOnly))
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn a_level_that_is_something_else_since_is_told_as_that() {
    for reply in bad() {
        for (truth, said) in [
            (off(), "is off now"),
            (pending(), "is half done now"),
            (unknown(), "does not know: “sms”"),
        ] {
            let reply = match &reply {
                Reply::Error(error) => Reply::Error(error.clone()),
                _ => unreachable!(),
            };
            let script = Script::new()
                .on(At::Profile, [on(), truth])
                .on(At::Enrol, [reply]);
            let failure = failure(&mut Bench::new(script), level()).await;
            assert!(failure.what.as_str().contains(said), "{failure}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_as_it_was_is_told_with_the_registrys_reason() {
    for reply in bad() {
        let script = Script::new()
            .on(At::Profile, [on(), on()])
            .on(At::Enrol, [reply]);
        let failure = failure(&mut Bench::new(script), level()).await;
        let said = failure.to_string();
        assert!(
            [
                "still auth-and-writes",
                "Nothing was changed",
                "Try again in"
            ]
            .iter()
            .any(|words| said.contains(words)),
            "{said}"
        );
        assert!(!said.contains("is not known"), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_not_known() {
    for reply in bad() {
        for request in [level(), disable()] {
            let reply = || match &reply {
                Reply::Error(error) => Reply::Error(error.clone()),
                _ => unreachable!(),
            };
            let script = Script::new()
                .on(At::Profile, [on()])
                .on(At::Enrol, [reply()])
                .on(At::Disable, [reply()])
                .world(|_| Reply::Error(unreachable()));
            let failure = failure(&mut Bench::new(script), request).await;
            assert!(failure.what.as_str().contains("is not known"), "{failure}");
            assert!(!failure.to_string().contains("Nothing was"), "{failure}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_surely_never_arrived_needs_no_second_look() {
    for request in [level(), disable()] {
        let script = Script::new()
            .on(At::Profile, [on()])
            .on(At::Enrol, [Reply::Error(unreachable())])
            .on(At::Disable, [Reply::Error(unreachable())]);
        let failure = failure(&mut Bench::new(script), request).await;
        assert_eq!(failure.kind, FailureKind::Network);
    }
}

#[tokio::test(start_paused = true)]
async fn off_all_the_same_is_told_as_off() {
    for reply in bad() {
        let script = Script::new()
            .on(At::Profile, [on(), off()])
            .on(At::Disable, [reply]);
        let mut bench = Bench::new(script);
        let id = bench.start(disable());
        match bench.finished(id).await {
            Ok(Outcome::Disabled(profile)) => assert_eq!(profile.tfa, Tfa::Off),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn off_asked_for_and_something_else_since_is_told_as_that() {
    let script = Script::new()
        .on(At::Profile, [on(), is_on(Level::AuthOnly)])
        .on(At::Disable, [Reply::Error(lost())]);
    let failure = failure(&mut Bench::new(script), disable()).await;
    let said = failure.what.as_str();
    assert!(
        said.contains("auth-only now; it was auth-and-writes"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_half_done_set_up_that_was_cleared_all_the_same_is_gone() {
    for reply in bad() {
        let script = Script::new()
            .on(At::Profile, [pending(), off()])
            .on(At::Disable, [reply])
            .on(At::Enrol, [Reply::Url(URL.to_owned())]);
        let mut bench = Bench::new(script);
        let id = bench.start(clearing());
        bench.asked_to_confirm(id).await;
    }
    for reply in bad() {
        let script = Script::new()
            .on(At::Profile, [pending(), on()])
            .on(At::Disable, [reply]);
        let failure = failure(&mut Bench::new(script), clearing()).await;
        assert!(
            failure.what.as_str().contains("finished elsewhere"),
            "{failure}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_up_that_was_begun_all_the_same_is_half_done() {
    for reply in bad() {
        let script = Script::new()
            .on(At::Profile, [off(), pending()])
            .on(At::Enrol, [reply]);
        let failure = failure(&mut Bench::new(script), request(Place::Myself)).await;
        assert!(failure.what.as_str().contains("never came"), "{failure}");
        assert!(failure.next.as_str().contains("half-done"), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_that_was_taken_all_the_same_ends_as_on_without_codes() {
    for reply in bad() {
        let script = Script::new()
            .on(At::Profile, [off(), on()])
            .on(At::Enrol, [Reply::Url(URL.to_owned())])
            .on(At::Confirm, [reply]);
        let mut bench = Bench::new(script);
        let id = bench.start(request(Place::Myself));
        bench.asked_to_confirm(id).await;
        bench.code(id, &code_at(NOW));
        match bench.enabled(id).await {
            Enabled::OnWithoutCodes { why, .. } => {
                assert!(why.next.as_str().contains("fresh recovery codes"), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_that_never_went_out_is_asked_for_again() {
    let script = Script::new()
        .on(At::Profile, [off()])
        .on(At::Enrol, [Reply::Url(URL.to_owned())])
        .on(At::Confirm, [Reply::Error(unreachable())]);
    let mut bench = Bench::new(script);
    let id = bench.start(request(Place::Myself));
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    let again = bench.asked_to_confirm(id).await;
    assert!(matches!(again.refused, Some(CodeRefused::Unanswered(_))));
}

#[tokio::test(start_paused = true)]
async fn a_refused_code_whose_truth_cannot_be_read_is_asked_for_again_and_the_next_one_tells() {
    let script = Script::new()
        .on(At::Profile, [off()])
        .on(At::Profile, (0..3).map(|_| Reply::Error(unreachable())))
        .on(At::Profile, [on()])
        .on(At::Enrol, [Reply::Url(URL.to_owned())])
        .on(At::Confirm, [refuses(404, ""), unauthorised("on already")]);
    let mut bench = Bench::new(script);
    let id = bench.start(request(Place::Myself));
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    let again = bench.asked_to_confirm(id).await;
    assert!(matches!(again.refused, Some(CodeRefused::There(_))));
    bench.code(id, &code_at(NOW + 30));
    assert!(matches!(
        bench.enabled(id).await,
        Enabled::OnWithoutCodes { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_lock_out_asks_for_another_code_only_after_the_profile_was_looked_at() {
    for request in [level(), disable()] {
        let script = Script::new()
            .on(At::Profile, [on(), on(), off()])
            .on(
                At::Enrol,
                [wants_code(), wait(60), Reply::Level(Level::AuthOnly)],
            )
            .on(At::Disable, [wants_code(), wait(60), Reply::Done]);
        let mut bench = Bench::new(script);
        let id = bench.start(request);
        bench.challenged(id).await;
        bench.code(id, "111111");
        let again = bench.challenged(id).await;
        assert_eq!(again.wait.map(|wait| wait.as_secs()), Some(60));
        assert_eq!(bench.script.seen_at(At::Profile).len(), 2);
        // By the profile nothing was done, so that leaving says so.
        bench.cancel(id);
        let failure = bench.finished(id).await.unwrap_err();
        assert!(
            failure
                .what
                .as_str()
                .contains("before anything was changed"),
            "{failure}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_out_after_the_deed_is_no_lock_out() {
    let script = Script::new()
        .on(At::Profile, [on(), off()])
        .on(At::Disable, [wants_code(), wait(60)]);
    let mut bench = Bench::new(script);
    let id = bench.start(disable());
    bench.challenged(id).await;
    bench.code(id, "111111");
    assert!(matches!(bench.finished(id).await, Ok(Outcome::Disabled(_))));
}

#[tokio::test(start_paused = true)]
async fn leaving_while_the_truth_is_read_still_tells_it() {
    for (truth, done) in [(off(), true), (on(), false)] {
        let late = Reply::Late(std::time::Duration::from_secs(5), Box::new(truth));
        let script = Script::new()
            .on(At::Profile, [on(), late])
            .on(At::Disable, [refuses(403, "no")]);
        let mut bench = Bench::new(script);
        let id = bench.start(disable());
        bench
            .when(|script| script.seen_at(At::Profile).len() == 2)
            .await;
        bench.cancel(id);
        assert_eq!(bench.finished(id).await.is_ok(), done);
    }
}

#[tokio::test(start_paused = true)]
async fn no_question_is_left_open_by_any_of_it() {
    for reply in bad() {
        let script = Script::new()
            .on(At::Profile, [on(), off()])
            .on(At::Disable, [wants_code(), reply]);
        let mut bench = Bench::new(script);
        let id = bench.start(disable());
        bench.challenged(id).await;
        bench.code(id, "111111");
        let (events, _) = bench.rest(id).await;
        let asked = events.iter().filter(|event| {
            matches!(
                event,
                npm_warden::backend::protocol::Event::Asked {
                    question: Question::Challenge(_),
                    ..
                }
            )
        });
        assert_eq!(asked.count(), 0);
        assert!(
            events
                .iter()
                .any(|event| matches!(event, npm_warden::backend::protocol::Event::Cleared { .. }))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn e10_a_token_that_may_not_is_no_closed_door() {
    let words =
        "Granular access tokens that bypass two-factor authentication may not perform this action.";
    let script = Script::new()
        .on(At::Profile, [off(), off()])
        .on(At::Enrol, [refuses(403, words)]);
    let failure = failure(&mut Bench::new(script), request(Place::Myself)).await;
    assert!(
        failure.what.as_str().contains("bypass two-factor"),
        "{failure}"
    );
    assert!(failure.next.as_str().contains("sign in"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn m17_a_second_refusal_in_a_row_names_what_it_may_be() {
    let script = Script::new().on(At::Profile, [on()]).on(
        At::Disable,
        [wants_code(), refuses_code(""), refuses_code("")],
    );
    let mut bench = Bench::new(script);
    let id = bench.start(disable());
    for (code, named) in [("111111", false), ("222222", false), ("333333", true)] {
        let challenge = bench.challenged(id).await;
        let said = format!("{:?}", challenge.notices);
        assert_eq!(said.contains("newest entry"), named, "{said}");
        bench.code(id, code);
        if named {
            break;
        }
    }
}
