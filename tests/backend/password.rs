//! Changing the password: what the registry says of it, and of the credential afterwards.

use npm_warden::backend::protocol::{Outcome, Request};
use npm_warden::domain::failure::FailureKind;

use super::bench::Bench;
use super::script::{
    At, CONFIGURED, Reply, Script, held, lost, off, refuses, unauthorised, unreachable, wants_code,
};

fn change() -> Request {
    Request::ChangePassword {
        current: "old-secret".into(),
        new: "new-secret".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn m5_the_password_changes_with_a_code_and_the_profile_is_read_again() {
    let script = Script::new()
        .on(At::ChangePassword, [wants_code(), Reply::Done])
        .on(At::Profile, [off()]);
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    assert_eq!(
        bench.challenged(id).await.action.as_str(),
        "change the password"
    );
    bench.code(id, "123456");
    let Ok(Outcome::PasswordChanged(Ok(profile))) = bench.finished(id).await else {
        panic!("not changed");
    };
    assert_eq!(profile.name.as_str(), "alice");
    assert_eq!(
        bench.script.seen_at(At::ChangePassword)[1].what,
        "old-secret new-secret"
    );
    let read = bench.script.seen_at(At::Profile).pop().unwrap();
    assert_eq!(read.token.as_deref(), Some(CONFIGURED));
}

#[tokio::test(start_paused = true)]
async fn p33_a_registry_that_ended_the_credential_with_the_password_is_told_as_that() {
    let script = Script::new()
        .on(At::ChangePassword, [Reply::Done])
        .on(At::Profile, [off(), unauthorised("")]);
    let mut bench = Bench::new(script);
    bench.knows_the_account().await;
    let id = bench.start(change());
    let Ok(Outcome::PasswordChanged(Err(why))) = bench.finished(id).await else {
        panic!("asked, or ended otherwise");
    };
    assert_eq!(why.kind, FailureKind::SignedOut);
    assert!(why.next.as_str().contains("new password"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_cannot_be_read_makes_no_failure_of_the_change() {
    let script = Script::new()
        .on(At::ChangePassword, [Reply::Done])
        .on(At::Profile, (0..3).map(|_| Reply::Error(unreachable())));
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    let Ok(Outcome::PasswordChanged(Err(why))) = bench.finished(id).await else {
        panic!("it was changed");
    };
    assert_eq!(why.kind, FailureKind::Network);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_said_as_such_and_changes_nothing() {
    let mut bench = Bench::new(Script::new().on(At::ChangePassword, [refuses(401, "")]));
    let id = bench.start(change());
    let failure = bench.finished(id).await.unwrap_err();
    assert!(
        failure
            .what
            .as_str()
            .contains("did not accept the password"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_says_how_to_find_out() {
    for (profile, says) in [
        (off(), "is not known"),
        (unauthorised(""), "probably changed"),
    ] {
        let script = Script::new()
            .on(At::ChangePassword, [Reply::Error(lost())])
            .on(At::Profile, [profile]);
        let mut bench = Bench::new(script);
        let id = bench.start(change());
        let failure = bench.finished(id).await.unwrap_err();
        assert!(failure.what.as_str().contains(says), "{failure}");
        assert!(failure.next.as_str().contains("the old one"), "{failure}");
        assert_ne!(failure.kind, FailureKind::SignedOut);
    }
}

#[tokio::test(start_paused = true)]
async fn leaving_while_it_is_under_way_tells_how_it_ended() {
    let (gate, reply) = held();
    let script = Script::new()
        .on(At::ChangePassword, [reply])
        .on(At::Profile, [off()]);
    let mut bench = Bench::new(script);
    let id = bench.start(change());
    bench
        .when(|script| script.seen_at(At::ChangePassword).len() == 1)
        .await;
    bench.cancel(id);
    gate.open(Reply::Done);
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::PasswordChanged(Ok(_)))
    ));
}
