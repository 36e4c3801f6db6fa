//! Changing the level, and turning the second factor off.

use npm_warden::backend::protocol::{Outcome, Request};
use npm_warden::domain::tfa::{Level, Tfa};

use super::bench::Bench;
use super::enable::PASSWORD;
use super::script::{
    At, Reply, Script, is_on, lost, off, pending, refuses, refuses_code, unreachable, wants_code,
};

fn change(level: Level) -> Request {
    Request::ChangeLevel {
        level,
        password: PASSWORD.into(),
    }
}

fn disable() -> Request {
    Request::Disable {
        password: PASSWORD.into(),
    }
}

#[tokio::test(start_paused = true)]
async fn m13_the_level_changes_with_a_code() {
    let script = Script::new().on(At::Profile, [is_on(Level::AuthOnly)]).on(
        At::Enrol,
        [
            wants_code(),
            refuses_code(""),
            Reply::Level(Level::AuthAndWrites),
        ],
    );
    let mut bench = Bench::new(script);
    let id = bench.start(change(Level::AuthAndWrites));
    let challenge = bench.challenged(id).await;
    assert_eq!(
        challenge.action.as_str(),
        "change the level to auth-and-writes"
    );
    bench.code(id, "111111");
    bench.challenged(id).await;
    bench.code(id, "222222");
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::LevelChanged(Level::AuthAndWrites))
    ));
}

#[tokio::test(start_paused = true)]
async fn the_level_that_it_has_already_sends_nothing() {
    let mut bench = Bench::new(Script::new().on(At::Profile, [is_on(Level::AuthOnly)]));
    let id = bench.start(change(Level::AuthOnly));
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(bench.script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_level_never_begins_a_set_up() {
    for state in [off(), pending()] {
        let mut bench = Bench::new(Script::new().on(At::Profile, [state]));
        let id = bench.start(change(Level::AuthOnly));
        assert!(bench.finished(id).await.is_err());
        assert_eq!(bench.script.seen().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_change_of_level_is_settled_by_the_profile() {
    for (now, good) in [(Level::AuthAndWrites, true), (Level::AuthOnly, false)] {
        let script = Script::new()
            .on(At::Profile, [is_on(Level::AuthOnly), is_on(now)])
            .on(At::Enrol, [Reply::Error(lost())]);
        let mut bench = Bench::new(script);
        let id = bench.start(change(Level::AuthAndWrites));
        assert_eq!(bench.finished(id).await.is_ok(), good);
    }
}

#[tokio::test(start_paused = true)]
async fn m14_off_is_off_by_the_registrys_own_profile() {
    let script = Script::new()
        .on(At::Profile, [is_on(Level::AuthOnly), off()])
        .on(At::Disable, [wants_code(), Reply::Done]);
    let mut bench = Bench::new(script);
    let id = bench.start(disable());
    let challenge = bench.challenged(id).await;
    assert_eq!(
        challenge.action.as_str(),
        "turn two-factor authentication off"
    );
    bench.code(id, "123456");
    match bench.finished(id).await {
        Ok(Outcome::Disabled(profile)) => assert_eq!(profile.tfa, Tfa::Off),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn off_already_sends_nothing() {
    let mut bench = Bench::new(Script::new().on(At::Profile, [off()]));
    let id = bench.start(disable());
    assert!(matches!(bench.finished(id).await, Ok(Outcome::Disabled(_))));
    assert_eq!(bench.script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn off_is_not_claimed_when_the_profile_says_otherwise_or_nothing() {
    let on = || is_on(Level::AuthOnly);
    let script = Script::new()
        .on(At::Profile, [on(), on()])
        .on(At::Disable, [Reply::Done]);
    let mut bench = Bench::new(script);
    let id = bench.start(disable());
    let failure = bench.finished(id).await.unwrap_err();
    assert!(
        failure
            .what
            .as_str()
            .contains("but its profile says auth-only"),
        "{failure}"
    );

    let script = Script::new()
        .on(At::Profile, [on()])
        .world(|_| Reply::Error(unreachable()))
        .on(At::Disable, [Reply::Done]);
    let mut bench = Bench::new(script);
    let id = bench.start(disable());
    let failure = bench.finished(id).await.unwrap_err();
    assert!(
        failure.what.as_str().contains("could not be read again"),
        "{failure}"
    );

    let script = Script::new()
        .on(At::Profile, [on(), off()])
        .on(At::Disable, [Reply::Error(lost())]);
    let mut bench = Bench::new(script);
    let id = bench.start(disable());
    assert!(matches!(bench.finished(id).await, Ok(Outcome::Disabled(_))));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_said_as_such() {
    let script = Script::new()
        .on(At::Profile, (0..4).map(|_| is_on(Level::AuthOnly)))
        .on(At::Disable, [refuses(401, "")])
        .on(At::Enrol, [refuses(401, "")]);
    let mut bench = Bench::new(script);
    for request in [disable(), change(Level::AuthAndWrites)] {
        let id = bench.start(request);
        let failure = bench.finished(id).await.unwrap_err();
        assert!(
            failure
                .what
                .as_str()
                .contains("did not accept the password"),
            "{failure}"
        );
    }
}
