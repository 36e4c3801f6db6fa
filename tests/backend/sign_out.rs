//! Signing out: ended at the registry, tried out, then taken out of the place that held it.

use npm_warden::backend::protocol::{Event, Outcome, Request};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::signin::{Ended, Forgotten, Keep};
use npm_warden::registry::Error;

use super::bench::{Bench, sign_in};
use super::script::{
    At, CONFIGURED, Reply, Script, held, list, lost, off, refuses, unauthorised, unreachable, wait,
    wants_code,
};

fn name() -> Reply {
    Reply::Name("alice")
}

/// A registry that answers so before, to the request itself, and after.
fn answers(before: Reply, logout: Reply, after: Reply) -> Script {
    Script::new()
        .on(At::Whoami, [before, after])
        .on(At::Logout, [logout])
}

async fn signs_out(script: Script) -> (Result<Outcome, String>, Script) {
    let mut bench = Bench::new(script);
    let id = bench.start(Request::SignOut);
    let result = bench
        .finished(id)
        .await
        .map_err(|failure| failure.to_string());
    (result, bench.script.clone())
}

#[tokio::test(start_paused = true)]
async fn p31_ended_is_what_worked_before_and_is_refused_now() {
    for refusal in [unauthorised(""), refuses(403, "unauthorized access")] {
        let (result, script) = signs_out(answers(name(), Reply::Done, refusal)).await;
        let Ok(Outcome::SignedOut {
            place,
            ended,
            forgotten,
        }) = result
        else {
            panic!("{result:?}");
        };
        assert_eq!(place.as_str(), "~/.npmrc, line 1");
        assert_eq!(ended, Ended::Verified);
        assert_eq!(forgotten, Forgotten::File("~/.npmrc".into()));
        assert_eq!(script.configured(), None);
        let logout = script.seen_at(At::Logout);
        assert_eq!(logout[0].token.as_deref(), Some(CONFIGURED));
    }
}

#[tokio::test(start_paused = true)]
async fn p31_what_is_still_accepted_is_not_called_ended() {
    let (result, script) = signs_out(answers(name(), Reply::Done, name())).await;
    let Ok(Outcome::SignedOut { ended, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(ended, Ended::StillAccepted);
    assert_eq!(
        script.configured(),
        None,
        "it is not used from here any more"
    );
}

#[tokio::test(start_paused = true)]
async fn p31_what_could_not_be_tried_out_is_not_called_ended() {
    let cases = [
        answers(name(), Reply::Done, Reply::Error(unreachable())),
        // It was refused before, as from a machine that it does not work from: that it is refused now says nothing.
        answers(
            refuses(401, "not from here"),
            Reply::Done,
            unauthorised("never asked"),
        ),
    ];
    for script in cases {
        let (result, script) = signs_out(script).await;
        let Ok(Outcome::SignedOut { ended, .. }) = result else {
            panic!("{result:?}");
        };
        assert!(matches!(ended, Ended::Unchecked(_)), "{ended:?}");
        assert_eq!(script.configured(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_was_dead_before_is_taken_out_of_the_file() {
    let cases = [
        Script::new().on(At::Whoami, [unauthorised("")]),
        Script::new()
            .on(At::Whoami, [name(), unauthorised("")])
            .on(At::Logout, [unauthorised("")]),
    ];
    for script in cases {
        let (result, script) = signs_out(script).await;
        let Ok(Outcome::SignedOut {
            ended, forgotten, ..
        }) = result
        else {
            panic!("{result:?}");
        };
        assert_eq!(ended, Ended::DeadBefore);
        assert_eq!(forgotten, Forgotten::File("~/.npmrc".into()));
        assert_eq!(script.configured(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_ended_stays_where_it_is() {
    let not_offered = || {
        Reply::Error(Error::NotOffered {
            words: "no such page".into(),
        })
    };
    let cases = [
        (
            Script::new().on(At::Whoami, [Reply::Error(unreachable())]),
            "was not ended",
        ),
        (
            Script::new()
                .on(At::Whoami, [name()])
                .on(At::Logout, [refuses(403, "no")]),
            "was not ended",
        ),
        (
            Script::new()
                .on(At::Whoami, [name()])
                .on(At::Logout, [Reply::Error(unreachable())]),
            "was not ended",
        ),
        (
            Script::new()
                .on(At::Whoami, [name()])
                .on(At::Logout, [not_offered()]),
            "was not ended",
        ),
        (
            answers(name(), Reply::Error(lost()), name()),
            "was not ended",
        ),
        // Refused in the words for a dead credential, which it is not.
        (answers(name(), unauthorised("no"), name()), "was not ended"),
        (
            answers(name(), unauthorised("no"), Reply::Error(unreachable())),
            "is not known",
        ),
        (
            answers(name(), Reply::Error(lost()), Reply::Error(unreachable())),
            "is not known",
        ),
    ];
    for (script, says) in cases {
        let (result, script) = signs_out(script).await;
        let said = result.unwrap_err();
        assert!(said.contains(says), "{said}");
        assert!(
            said.contains("left in its place (~/.npmrc, line 1)"),
            "{said}"
        );
        assert_eq!(script.configured().as_deref(), Some(CONFIGURED));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_settled_by_trying_the_credential_out() {
    let (result, script) = signs_out(answers(name(), Reply::Error(lost()), unauthorised(""))).await;
    let Ok(Outcome::SignedOut { ended, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(ended, Ended::Verified);
    assert_eq!(script.configured(), None);
}

#[tokio::test(start_paused = true)]
async fn a_registry_without_names_is_tried_out_by_the_profile() {
    let none = || Reply::Error(Error::NotOffered { words: "".into() });
    let script = answers(none(), Reply::Done, none()).on(At::Profile, [off(), unauthorised("")]);
    let (result, _) = signs_out(script).await;
    let Ok(Outcome::SignedOut { ended, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(ended, Ended::Verified);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_changed_is_said() {
    let (result, script) =
        signs_out(answers(name(), Reply::Done, unauthorised("")).read_only()).await;
    let Ok(Outcome::SignedOut {
        ended: Ended::Verified,
        forgotten: Forgotten::Remains(place, _),
        ..
    }) = result
    else {
        panic!("{result:?}");
    };
    assert_eq!(place.as_str(), "~/.npmrc, line 1");
    assert_eq!(script.configured().as_deref(), Some(CONFIGURED));
}

#[tokio::test(start_paused = true)]
async fn without_a_credential_there_is_nothing_to_end() {
    let mut bench = Bench::new(Script::new().without_credential());
    let id = bench.start(Request::SignOut);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::SignedOut);
}

#[tokio::test(start_paused = true)]
async fn a_session_goes_and_the_file_is_used_again() {
    for keep in [Keep::Session, Keep::File] {
        // What the file holds before is tried out once it is overwritten.
        let former = (keep == Keep::File).then(|| unauthorised(""));
        let script = Script::new()
            .on(At::Whoami, former)
            .on(At::Whoami, [name(), unauthorised("")])
            .on(At::Logout, [Reply::Done])
            .on(At::PasswordLogin, [Reply::Token("npm_new")])
            .on(At::Profile, [off()])
            .on(At::Tokens, [list(["k"])]);
        let mut bench = Bench::new(script);
        let id = bench.start(sign_in(keep));
        assert!(bench.finished(id).await.is_ok());
        let id = bench.start(Request::SignOut);
        let Ok(Outcome::SignedOut { forgotten, .. }) = bench.finished(id).await else {
            panic!("not signed out");
        };
        let id = bench.start(Request::Tokens);
        let _ = bench.finished(id).await;
        let used = bench.script.seen_at(At::Tokens)[0].token.clone();
        match keep {
            Keep::Session => {
                assert_eq!(forgotten, Forgotten::Session);
                assert_eq!(used.as_deref(), Some(CONFIGURED));
            }
            Keep::File => {
                assert_eq!(forgotten, Forgotten::File("~/.npmrc".into()));
                assert_eq!(used, None);
            }
        }
        let script = bench.script.clone();
        bench.quit().await;
        assert_eq!(
            script.seen_at(At::Logout).len(),
            1,
            "nothing is left to end"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_wants_a_code_for_it_gets_one() {
    let script = Script::new()
        .on(At::Whoami, [name(), unauthorised("")])
        .on(At::Logout, [wants_code(), Reply::Done]);
    let mut bench = Bench::new(script);
    let id = bench.start(Request::SignOut);
    assert_eq!(bench.challenged(id).await.action.as_str(), "sign out");
    bench.code(id, "123456");
    assert!(bench.finished(id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn p25_a_short_wait_that_the_registry_asks_for_is_told_and_waited_out_once() {
    let script = Script::new()
        .on(At::Whoami, [name(), unauthorised("")])
        .on(At::Logout, [wait(3), Reply::Done]);
    let mut bench = Bench::new(script);
    let id = bench.start(Request::SignOut);
    let (events, result) = bench.rest(id).await;
    assert!(
        matches!(
            result,
            Ok(Outcome::SignedOut {
                ended: Ended::Verified,
                ..
            })
        ),
        "{result:?}"
    );
    let told = |event: &Event| matches!(event, Event::Retrying { wait, .. } if wait.as_secs() == 3);
    assert!(events.iter().any(told));
    for (replies, sent) in [(vec![wait(3), wait(3)], 2), (vec![wait(60)], 1)] {
        let script = Script::new()
            .on(At::Whoami, [name()])
            .on(At::Logout, replies);
        let (result, script) = signs_out(script).await;
        assert!(result.unwrap_err().contains("was not ended"));
        assert_eq!(script.seen_at(At::Logout).len(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn p25_leaving_during_such_a_wait_sends_nothing_more() {
    let script = Script::new()
        .on(At::Whoami, [name()])
        .on(At::Logout, [wait(3)]);
    let mut bench = Bench::new(script);
    let id = bench.start(Request::SignOut);
    bench
        .until(|event| matches!(event, Event::Retrying { .. }).then_some(()))
        .await;
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!(bench.script.seen_at(At::Logout).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn leaving_while_it_is_under_way_still_tells_how_it_ended() {
    let (gate, reply) = held();
    let mut bench = Bench::new(answers(name(), reply, unauthorised("")));
    let id = bench.start(Request::SignOut);
    bench
        .when(|script| script.seen_at(At::Logout).len() == 1)
        .await;
    bench.cancel(id);
    gate.open(Reply::Done);
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::SignedOut {
            ended: Ended::Verified,
            ..
        })
    ));
    assert_eq!(bench.script.configured(), None);
}
