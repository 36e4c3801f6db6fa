//! Who is signed in; the configuration is read when it has to be.

use npm_warden::backend::protocol::{Event, Outcome, Request, Step};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::registry::Error;

use super::bench::{Bench, is_step};
use super::script::{
    At, Reply, Script, is_on, list, off, refuses, unauthorised, unreachable, wants_code,
};

async fn standing(bench: &mut Bench) -> Standing {
    let id = bench.start(Request::Account);
    match bench.finished(id).await {
        Ok(Outcome::Account { standing, .. }) => standing,
        other => panic!("{other:?}"),
    }
}

fn not_offered() -> Reply {
    Reply::Error(Error::NotOffered {
        words: "Not found".into(),
    })
}

#[tokio::test(start_paused = true)]
async fn without_a_credential_nothing_is_sent() {
    let mut bench = Bench::new(Script::new().without_credential());
    assert_eq!(standing(&mut bench).await, Standing::SignedOut);
    assert!(bench.script.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_request_tells_who_is_signed_in_and_how_far_the_clock_is_off() {
    let script = Script::new()
        .clock_ahead(3)
        .on(At::Profile, [is_on(Level::AuthOnly)]);
    let mut bench = Bench::new(script);
    let id = bench.start(Request::Account);
    let Ok(Outcome::Account {
        identity,
        standing: Standing::SignedIn(profile),
        clock_ahead,
    }) = bench.finished(id).await
    else {
        panic!("signed in");
    };
    assert!(identity.credential.is_some());
    assert_eq!(profile.name.as_str(), "alice");
    assert_eq!(clock_ahead, Some(3));
    assert_eq!(bench.script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_is_not_accepted_is_told_in_the_registrys_words() {
    let mut bench = Bench::new(Script::new().on(At::Profile, [unauthorised("token expired")]));
    assert_eq!(
        standing(&mut bench).await,
        Standing::Rejected("token expired".into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_registry_without_profiles_still_tells_the_name() {
    let script = Script::new()
        .on(At::Profile, [not_offered()])
        .on(At::Whoami, [Reply::Name("alice")]);
    let mut bench = Bench::new(script);
    let Standing::SignedIn(profile) = standing(&mut bench).await else {
        panic!("signed in");
    };
    assert_eq!(profile.name.as_str(), "alice");
    assert!(matches!(profile.tfa, Tfa::Unknown(_)));
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_alone_is_refused_hides_neither_the_name_nor_why_the_rest_is_unknown() {
    for status in [403, 500] {
        let script = Script::new()
            .on(At::Profile, [refuses(status, "oops")])
            .on(At::Whoami, [Reply::Name("alice")]);
        let mut bench = Bench::new(script);
        let Standing::SignedIn(profile) = standing(&mut bench).await else {
            panic!("signed in");
        };
        assert_eq!(profile.name.as_str(), "alice");
        let Tfa::Unknown(why) = &profile.tfa else {
            panic!("{:?}", profile.tfa);
        };
        assert!(why.as_str().contains("oops"), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_failures_are_failures() {
    let script = Script::new()
        .on(
            At::Profile,
            [Reply::Error(unreachable()), refuses(500, "oops")],
        )
        .on(At::Whoami, [refuses(500, "oops")]);
    let mut bench = Bench::new(script);
    for kind in [FailureKind::Network, FailureKind::Refused] {
        let id = bench.start(Request::Account);
        assert_eq!(bench.finished(id).await.unwrap_err().kind, kind);
    }
}

#[tokio::test(start_paused = true)]
async fn m27_each_look_at_the_account_reads_the_configuration_anew_and_other_requests_do_not() {
    let script = Script::new().world(|seen| match seen.at {
        At::Profile => off(),
        _ => list(["a"]),
    });
    let mut bench = Bench::new(script);
    let id = bench.start(Request::Tokens);
    bench.finished(id).await.unwrap();
    let id = bench.start(Request::Tokens);
    bench.finished(id).await.unwrap();
    assert_eq!(bench.script.connects(), 1);
    standing(&mut bench).await;
    standing(&mut bench).await;
    assert_eq!(bench.script.connects(), 3);
    let id = bench.start(Request::Tokens);
    bench.finished(id).await.unwrap();
    assert_eq!(bench.script.connects(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_cannot_be_read_is_said_and_tried_again() {
    let mut bench = Bench::new(Script::new().on(At::Profile, [off()]));
    bench.script.broken(true);
    for request in [Request::Account, Request::Tokens] {
        let id = bench.start(request);
        let (events, result) = bench.rest(id).await;
        assert!(events.iter().all(|event| is_step(event).is_none()));
        assert_eq!(result.unwrap_err().kind, FailureKind::Local);
    }
    bench.script.broken(false);
    assert!(matches!(standing(&mut bench).await, Standing::SignedIn(_)));
}

#[tokio::test(start_paused = true)]
async fn a_challenged_profile_is_asked_for_in_words_that_say_so() {
    let mut bench = Bench::new(Script::new().on(At::Profile, [wants_code(), off()]));
    let id = bench.start(Request::Account);
    assert_eq!(
        bench.challenged(id).await.action.as_str(),
        "read the profile"
    );
    bench.code(id, "123456");
    assert!(matches!(bench.next().await, Event::Cleared { .. }));
    assert!(bench.finished(id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn p40_which_registry_is_asked_is_told_before_it_answers() {
    let script = Script::new().on(At::Profile, [Reply::Error(unreachable())]);
    let mut bench = Bench::new(script);
    let id = bench.start(Request::Account);
    let (events, result) = bench.rest(id).await;
    assert!(result.is_err());
    let told = events.iter().filter_map(is_step);
    let told = told.filter(|step| matches!(step, Step::Asking(_))).count();
    assert_eq!(told, 1);
}
