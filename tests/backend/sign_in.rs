//! Signing in: what is received is tried out, kept, or ended; never lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::protocol::{Event, Outcome, Request, RequestId};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::{Held, Standing};
use npm_warden::domain::signin::{Keep, Kept, SignIn};
use npm_warden::domain::tfa::Tfa;
use npm_warden::registry::{Error, Polled, Sent};
use tokio::time::Instant;

use super::bench::{Bench, sign_in};
use super::script::{
    At, CONFIGURED, HOST, Reply, Script, Seen, approved, held, list, lost, not_yet, off, page_of,
    refuses, unauthorised, unreachable, wait, wants_code,
};

fn by_web() -> Request {
    Request::SignIn {
        how: SignIn::Web,
        keep: Keep::Session,
        at: None,
        wanted: None,
    }
}

fn sign_up() -> Request {
    Request::SignIn {
        how: SignIn::SignUp {
            name: "alice".to_owned(),
            password: "hunter22".into(),
            email: "alice@example.com".to_owned(),
        },
        keep: Keep::Session,
        at: None,
        wanted: None,
    }
}

fn takes(token: &'static str) -> Script {
    Script::new()
        .on(At::PasswordLogin, [Reply::Token(token)])
        .on(At::Profile, [off()])
}

/// The credentials that the calls of an endpoint carried.
fn carried(script: &Script, at: At) -> Vec<Option<String>> {
    let seen = script.seen_at(at).into_iter();
    seen.map(|seen| seen.token).collect()
}

fn some(token: &str) -> Option<String> {
    Some(token.to_owned())
}

#[tokio::test(start_paused = true)]
async fn m1_by_the_web_with_the_page_shown_and_the_session_in_use_afterwards() {
    let script = Script::new()
        .on(At::WebLogin, [Reply::Web(page_of("a"))])
        .on(At::Poll, [not_yet(Some(3)), approved("npm_new")])
        .on(At::Profile, [off()])
        .on(At::Tokens, [list(["k"])])
        .on(At::Logout, [Reply::Done])
        .on(At::Whoami, [unauthorised("")]);
    let mut bench = Bench::new(script);
    let id = bench.start(by_web());
    let web = bench.shown_a_page(id).await;
    assert_eq!(web.page, page_of("a").page);
    assert_eq!(web.left, Duration::from_secs(600));
    let (events, result) = bench.rest(id).await;
    let cleared = |event: &&Event| matches!(event, Event::Cleared { .. });
    assert_eq!(events.iter().filter(cleared).count(), 1);
    let Ok(Outcome::SignedIn {
        identity,
        standing: Standing::SignedIn(profile),
        kept: Kept::Session,
        ..
    }) = result
    else {
        panic!("{result:?}");
    };
    assert_eq!(profile.name.as_str(), "alice");
    assert_eq!(identity.credential.unwrap().held, Held::Session);
    let id = bench.start(Request::Tokens);
    assert!(bench.finished(id).await.is_ok());
    let script = bench.script.clone();
    bench.quit().await;
    assert_eq!(carried(&script, At::WebLogin), [None]);
    assert_eq!(carried(&script, At::Poll), [None, None]);
    assert_eq!(carried(&script, At::Profile), [some("npm_new")]);
    assert_eq!(carried(&script, At::Tokens), [some("npm_new")]);
    assert_eq!(carried(&script, At::Logout), [some("npm_new")]);
    assert_eq!(script.configured(), some(CONFIGURED), "no file was touched");
}

/// When the page was asked about, in milliseconds from the start.
async fn asked_at(wait: impl Fn() -> Option<Duration> + Send + 'static) -> (Vec<u128>, Failure) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let (begun, noted) = (Instant::now(), Arc::clone(&times));
    let script = Script::new().world(move |seen: &Seen| match seen.at {
        At::WebLogin => Reply::Web(page_of("a")),
        At::Poll => {
            noted.lock().unwrap().push(begun.elapsed().as_millis());
            Reply::Polled(Polled::Pending(wait()))
        }
        at => panic!("{at:?}"),
    });
    let mut bench = Bench::new(script);
    let id = bench.start(by_web());
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(begun.elapsed().as_secs(), 600, "ten minutes and no more");
    let times = times.lock().unwrap().clone();
    (times, failure)
}

#[tokio::test(start_paused = true)]
async fn p19_polling_obeys_retry_after_and_ends_after_ten_minutes() {
    let (times, failure) = asked_at(|| Some(Duration::from_secs(7))).await;
    let seven: Vec<_> = (0..86).map(|n| n * 7_000).collect();
    assert_eq!(times, seven);
    assert!(failure.what.as_str().contains("ten minutes"), "{failure}");
    let (times, _) = asked_at(|| Some(Duration::from_secs(3_600))).await;
    assert_eq!(times, [0], "an hour is obeyed, and the end comes first");
}

#[tokio::test(start_paused = true)]
async fn p19_polling_without_a_sensible_wait_keeps_a_sensible_pace() {
    for (wait, slowest) in [
        (None, 5_000),
        (Some(Duration::ZERO), 5_000),
        (Some(Duration::from_millis(1)), 1_000),
    ] {
        let (times, _) = asked_at(move || wait).await;
        let gaps = times.windows(2).map(|two| two[1] - two[0]);
        for gap in gaps {
            assert!((1_000..=slowest).contains(&gap), "{wait:?}: {gap}");
        }
        assert!(times.len() > 100, "{wait:?}: {}", times.len());
    }
}

#[tokio::test(start_paused = true)]
async fn p19_a_lost_connection_while_polling_is_told_and_tried_again() {
    let script = Script::new()
        .on(At::WebLogin, [Reply::Web(page_of("a"))])
        .on(
            At::Poll,
            [
                Reply::Error(lost()),
                refuses(503, "busy"),
                Reply::Error(unreachable()),
                approved("npm_new"),
            ],
        )
        .on(At::Profile, [off()]);
    let mut bench = Bench::new(script);
    let id = bench.start(by_web());
    let (events, result) = bench.rest(id).await;
    assert!(result.is_ok());
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Retrying { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .collect();
    assert_eq!(told, [2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_to_nothing_is_told_in_the_registrys_words() {
    for reply in [
        Reply::Polled(Polled::Over("denied".into())),
        refuses(403, "denied"),
        Reply::Error(Error::NotOffered {
            words: "denied".into(),
        }),
    ] {
        let script = Script::new()
            .on(At::WebLogin, [Reply::Web(page_of("a"))])
            .on(At::Poll, [reply]);
        let mut bench = Bench::new(script);
        let id = bench.start(by_web());
        let (events, result) = bench.rest(id).await;
        let failure = result.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(failure.what.as_str().contains("“denied”"), "{failure}");
        assert!(matches!(events.last(), Some(Event::Cleared { .. })));
    }
}

#[tokio::test(start_paused = true)]
async fn p20_a_refusal_after_a_lost_answer_says_that_a_credential_may_have_reached_nobody() {
    let over = || Reply::Polled(Polled::Over("Not found".into()));
    let broke_off = Error::Malformed {
        what: "says no after an answer was lost".into(),
        sent: Sent::Maybe,
    };
    for (answers, said) in [
        (vec![Reply::Error(lost()), over()], true),
        (vec![refuses(502, ""), over()], true),
        (vec![Reply::Error(broke_off)], true),
        (vec![Reply::Error(lost()), not_yet(None), over()], false),
        (vec![Reply::Error(unreachable()), over()], false),
    ] {
        let script = Script::new()
            .on(At::WebLogin, [Reply::Web(page_of("a"))])
            .on(At::Poll, answers);
        let mut bench = Bench::new(script);
        let id = bench.start(by_web());
        let (_, result) = bench.rest(id).await;
        let failure = result.unwrap_err();
        assert_eq!(
            failure.what.as_str().contains("reached nobody"),
            said,
            "{failure}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_refused_leaves_the_other_way_and_is_not_called_missing() {
    for status in [400, 401, 403, 500] {
        let script = Script::new().on(At::WebLogin, [refuses(status, "not now")]);
        let mut bench = Bench::new(script);
        let id = bench.start(by_web());
        let failure = bench.finished(id).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused);
        assert!(failure.what.as_str().contains("“not now”"), "{failure}");
        assert!(
            failure.next.as_str().contains("user name and password"),
            "{failure}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_registry_without_a_page_says_so() {
    let script = Script::new().on(
        At::WebLogin,
        [Reply::Error(Error::NotOffered {
            words: "Cannot POST".into(),
        })],
    );
    let mut bench = Bench::new(script);
    let id = bench.start(by_web());
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotOffered);
}

#[tokio::test(start_paused = true)]
async fn giving_the_page_up_ends_the_polling() {
    let script = Script::new()
        .on(At::WebLogin, [Reply::Web(page_of("a"))])
        .on(At::Poll, [not_yet(Some(60))]);
    let mut bench = Bench::new(script);
    let id = bench.start(by_web());
    bench.shown_a_page(id).await;
    bench
        .when(|script| script.seen_at(At::Poll).len() == 1)
        .await;
    // Paused time moves on when nothing else can happen: by then the pause between two questions has begun.
    tokio::time::sleep(Duration::from_secs(1)).await;
    bench.cancel(id);
    assert!(matches!(bench.next().await, Event::Cleared { .. }));
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert!(bench.is_quiet().await);
    assert_eq!(bench.script.seen_at(At::Poll).len(), 1);
}

/// The person leaves while the answer with the credential is on its way.
async fn left_with_a_credential_on_its_way(
    ended: Reply,
    after: Vec<Reply>,
    closing: bool,
) -> (Script, Failure) {
    let (gate, polled) = held();
    let script = Script::new()
        .on(At::WebLogin, [Reply::Web(page_of("a"))])
        .on(At::Poll, [polled])
        .on(At::Logout, [ended])
        .on(At::Whoami, after);
    let mut bench = Bench::new(script);
    let id = bench.start(by_web());
    bench.shown_a_page(id).await;
    bench
        .when(|script| script.seen_at(At::Poll).len() == 1)
        .await;
    if closing {
        bench.close();
    } else {
        bench.cancel(id);
    }
    assert!(matches!(bench.next().await, Event::Cleared { .. }));
    gate.open(approved("npm_late"));
    let failure = bench.finished(id).await.unwrap_err();
    (bench.script.clone(), failure)
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_comes_after_the_person_left_is_ended_at_the_registry() {
    for closing in [false, true] {
        let (script, failure) =
            left_with_a_credential_on_its_way(Reply::Done, vec![unauthorised("")], closing).await;
        assert_eq!(carried(&script, At::Logout), [some("npm_late")]);
        assert_eq!(failure.kind, FailureKind::Cancelled);
        assert!(failure.next.as_str().contains("no more"), "{failure}");
    }
    let never = [
        (Reply::Done, vec![Reply::Name("alice")], "still accepts"),
        (
            unauthorised("no"),
            vec![Reply::Name("alice")],
            "still accepts",
        ),
        (
            Reply::Error(unreachable()),
            vec![],
            "may live on at registry.example.com",
        ),
        (wants_code(), vec![], "wants a code"),
        (
            Reply::Done,
            vec![Reply::Error(unreachable())],
            "could not be seen",
        ),
    ];
    for (ended, after, says) in never {
        let (_, failure) = left_with_a_credential_on_its_way(ended, after, false).await;
        // Whoever left hears no advice, and passes over what is only a cancellation.
        assert!(failure.what.as_str().contains(says), "{failure}");
        assert_ne!(failure.kind, FailureKind::Cancelled);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_keeps_nobody_who_left() {
    let (_gate, never) = held();
    let script = Script::new()
        .on(At::WebLogin, [Reply::Web(page_of("a"))])
        .on(At::Poll, [never]);
    let mut bench = Bench::new(script);
    let id = bench.start(by_web());
    bench
        .when(|script| script.seen_at(At::Poll).len() == 1)
        .await;
    let begun = Instant::now();
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert_ne!(failure.kind, FailureKind::Cancelled, "it is told");
    assert!(
        failure.what.as_str().contains("reached nobody"),
        "{failure}"
    );
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn m1_by_user_name_and_password_with_a_code() {
    let script = Script::new()
        .on(At::PasswordLogin, [wants_code(), Reply::Token("npm_new")])
        .on(At::Profile, [off()]);
    let mut bench = Bench::new(script);
    let id = bench.start(sign_in(Keep::Session));
    let challenge = bench.challenged(id).await;
    assert_eq!(challenge.action.as_str(), "sign in");
    bench.code(id, "123456");
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(bench.script.otps(At::PasswordLogin), [None, some("123456")]);
    assert_eq!(carried(&bench.script, At::PasswordLogin), [None, None]);
}

#[tokio::test(start_paused = true)]
async fn a_registry_without_profiles_is_asked_for_the_name() {
    let none = Error::NotOffered {
        words: "no such page".into(),
    };
    let script = Script::new()
        .on(At::PasswordLogin, [Reply::Token("npm_new")])
        .on(At::Profile, [Reply::Error(none)])
        .on(At::Whoami, [Reply::Name("alice")]);
    let mut bench = Bench::new(script);
    let id = bench.start(sign_in(Keep::Session));
    let Ok(Outcome::SignedIn {
        standing: Standing::SignedIn(profile),
        ..
    }) = bench.finished(id).await
    else {
        panic!("not signed in");
    };
    assert_eq!(profile.name.as_str(), "alice");
    assert!(matches!(profile.tfa, Tfa::Unknown(_)));
}

#[tokio::test(start_paused = true)]
async fn p25_a_sign_in_waits_for_a_short_time_that_the_registry_asks_for() {
    let script = takes("npm_new");
    let by_password = Script::new()
        .on(At::PasswordLogin, [wait(2), Reply::Token("npm_new")])
        .on(At::Profile, [off()]);
    let on_the_web = Script::new()
        .on(At::WebLogin, [wait(2), Reply::Web(page_of("a"))])
        .on(At::Poll, [approved("npm_new")])
        .on(At::Profile, [off()]);
    for (script, request, waits) in [
        (script, sign_in(Keep::Session), 0),
        (by_password, sign_in(Keep::Session), 1),
        (on_the_web, by_web(), 1),
    ] {
        let mut bench = Bench::new(script);
        let id = bench.start(request);
        let (events, result) = bench.rest(id).await;
        assert!(matches!(result, Ok(Outcome::SignedIn { .. })), "{result:?}");
        let told = |event: &&Event| matches!(event, Event::Retrying { .. });
        assert_eq!(events.iter().filter(told).count(), waits);
    }
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_is_not_thrown_away_for_a_profile_that_is_refused() {
    let script = Script::new()
        .on(At::PasswordLogin, [Reply::Token("npm_new")])
        .on(At::Profile, [refuses(403, "not for you")])
        .on(At::Whoami, [Reply::Name("alice")]);
    let mut bench = Bench::new(script);
    let id = bench.start(sign_in(Keep::Session));
    let Ok(Outcome::SignedIn {
        standing: Standing::SignedIn(profile),
        ..
    }) = bench.finished(id).await
    else {
        panic!("not signed in");
    };
    assert!(matches!(&profile.tfa, Tfa::Unknown(why) if why.as_str().contains("not for you")));
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_is_refused_is_no_credential_that_ended() {
    for (reply, says) in [
        (refuses(401, "unauthorized access"), "did not take"),
        (
            Reply::Error(Error::SignedOut {
                anonymous: true,
                words: "no".into(),
            }),
            "did not take",
        ),
        (Reply::Error(lost()), "reached nobody"),
    ] {
        let mut bench = Bench::new(Script::new().on(At::PasswordLogin, [reply]));
        let id = bench.start(sign_in(Keep::Session));
        let failure = bench.finished(id).await.unwrap_err();
        assert_ne!(failure.kind, FailureKind::SignedOut);
        assert!(failure.what.as_str().contains(says), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_can_be_made_and_an_answer_that_is_lost_says_how_to_find_out() {
    let script = Script::new()
        .on(At::SignUp, [Reply::Token("npm_new"), Reply::Error(lost())])
        .on(At::Profile, [off()]);
    let mut bench = Bench::new(script);
    let id = bench.start(sign_up());
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::SignedIn { .. })
    ));
    let id = bench.start(sign_up());
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("not known"), "{failure}");
    assert!(failure.next.as_str().contains("to find out"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_cannot_be_tried_out_is_ended_and_replaces_nothing() {
    for (reply, name, says) in [
        (Reply::Error(unreachable()), None, "could not be reached"),
        (
            unauthorised("who?"),
            None,
            "does not say whose it is: “who?”",
        ),
        (refuses(500, "oops"), Some(refuses(500, "")), "oops"),
    ] {
        let script = Script::new()
            .on(At::PasswordLogin, [Reply::Token("npm_new")])
            .on(At::Profile, [reply])
            .on(At::Whoami, name)
            .on(At::Logout, [Reply::Done])
            .on(At::Whoami, [unauthorised("")])
            .on(At::Tokens, [list(["k"])]);
        let mut bench = Bench::new(script);
        let id = bench.start(sign_in(Keep::File));
        let failure = bench.finished(id).await.unwrap_err();
        assert!(failure.what.as_str().contains(says), "{failure}");
        assert!(failure.next.as_str().contains("no more"), "{failure}");
        assert_eq!(carried(&bench.script, At::Logout), [some("npm_new")]);
        let id = bench.start(Request::Tokens);
        assert!(bench.finished(id).await.is_ok());
        assert_eq!(carried(&bench.script, At::Tokens), [some(CONFIGURED)]);
        assert_eq!(bench.script.configured(), some(CONFIGURED));
    }
}

#[tokio::test(start_paused = true)]
async fn leaving_while_the_credential_is_tried_out_ends_it() {
    for closing in [false, true] {
        let (gate, reply) = held();
        let script = Script::new()
            .on(At::PasswordLogin, [Reply::Token("npm_new")])
            .on(At::Profile, [reply])
            .on(At::Logout, [Reply::Done])
            .on(At::Whoami, [unauthorised("")]);
        let mut bench = Bench::new(script);
        let id = bench.start(sign_in(Keep::File));
        bench
            .when(|script| script.seen_at(At::Profile).len() == 1)
            .await;
        if closing {
            bench.close();
        } else {
            bench.cancel(id);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        gate.open(off());
        let failure = bench.finished(id).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Cancelled);
        assert_eq!(carried(&bench.script, At::Logout), [some("npm_new")]);
        assert_eq!(bench.script.configured(), some(CONFIGURED));
    }
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_comes_to_mean_another_registry_gets_nothing_of_the_credential() {
    let (gate, reply) = held();
    let script = Script::new()
        .on(At::PasswordLogin, [reply])
        .on(At::Logout, [Reply::Done])
        .on(At::Whoami, [unauthorised("")]);
    let mut bench = Bench::new(script);
    let id = bench.start(sign_in(Keep::File));
    bench
        .when(|script| script.seen_at(At::PasswordLogin).len() == 1)
        .await;
    bench.script.moves_to("other.example.com");
    gate.open(Reply::Token("npm_new"));
    let failure = bench.finished(id).await.unwrap_err();
    assert!(
        failure.what.as_str().contains("another registry"),
        "{failure}"
    );
    let ended = bench.script.seen_at(At::Logout);
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].host, HOST, "where it came from");
    let elsewhere = |seen: &Seen| seen.host != HOST;
    assert!(!bench.script.seen().iter().any(elsewhere));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_npm_used_before_is_told_of_when_it_lives_on() {
    for (answer, lives) in [
        (Reply::Name("alice"), true),
        (unauthorised(""), false),
        (refuses(403, "revoked"), false),
        (Reply::Error(unreachable()), false),
    ] {
        let mut bench = Bench::new(takes("npm_new").on(At::Whoami, [answer]));
        let id = bench.start(sign_in(Keep::File));
        let Ok(Outcome::SignedIn { identity, .. }) = bench.finished(id).await else {
            panic!("not signed in");
        };
        assert_eq!(carried(&bench.script, At::Whoami), [some(CONFIGURED)]);
        let told = identity.problems.iter().any(|problem| {
            let problem = problem.as_str();
            problem.contains("~/.npmrc, line 1") && problem.contains("lives on at registry")
        });
        assert_eq!(told, lives, "{:?}", identity.problems);
    }
    // Nothing is overwritten.
    let mut bench = Bench::new(takes("npm_new"));
    let id = bench.start(sign_in(Keep::Session));
    assert!(bench.finished(id).await.is_ok());
    // There was none, or it is the same one.
    for script in [takes("npm_new").without_credential(), takes(CONFIGURED)] {
        let mut bench = Bench::new(script);
        let id = bench.start(sign_in(Keep::File));
        let Ok(Outcome::SignedIn { identity, .. }) = bench.finished(id).await else {
            panic!("not signed in");
        };
        assert!(identity.problems.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn m1_kept_in_the_file_it_lives_on_after_the_end() {
    let mut bench = Bench::new(takes("npm_new").on(At::Whoami, [unauthorised("")]));
    let id = bench.start(sign_in(Keep::File));
    let Ok(Outcome::SignedIn { identity, kept, .. }) = bench.finished(id).await else {
        panic!("not signed in");
    };
    assert_eq!(kept, Kept::File("~/.npmrc".into()));
    assert_eq!(identity.credential.unwrap().held, Held::File);
    let script = bench.script.clone();
    bench.quit().await;
    assert_eq!(script.configured(), some("npm_new"));
    assert_eq!(script.seen_at(At::Logout).len(), 0, "npm uses it");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_written_leaves_a_session_that_is_ended() {
    let script = takes("npm_new")
        .read_only()
        .on(At::Logout, [Reply::Done])
        .on(At::Whoami, [unauthorised("")]);
    let mut bench = Bench::new(script);
    let id = bench.start(sign_in(Keep::File));
    let Ok(Outcome::SignedIn { identity, kept, .. }) = bench.finished(id).await else {
        panic!("not signed in");
    };
    assert!(matches!(kept, Kept::NotWritten(_)));
    assert_eq!(identity.credential.unwrap().held, Held::Session);
    let script = bench.script.clone();
    bench.quit().await;
    assert_eq!(carried(&script, At::Logout), [some("npm_new")]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_another_one_hides_is_said() {
    let mut bench = Bench::new(takes("npm_new").shadowed());
    let id = bench.start(sign_in(Keep::File));
    let Ok(Outcome::SignedIn { identity, .. }) = bench.finished(id).await else {
        panic!("not signed in");
    };
    assert!(identity.problems[0].as_str().contains("another one before"));
    assert_eq!(identity.credential.unwrap().held, Held::Session);
    let script = bench.script.clone();
    bench.quit().await;
    assert_eq!(script.seen_at(At::Logout).len(), 0, "it is in the file");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_others_may_read_is_told() {
    let script = || takes("npm_new").without_credential();
    for (script, told) in [(script(), false), (script().readable(), true)] {
        let mut bench = Bench::new(script);
        let id = bench.start(sign_in(Keep::File));
        let Ok(Outcome::SignedIn { identity, .. }) = bench.finished(id).await else {
            panic!("not signed in");
        };
        let problems = &identity.problems;
        assert_eq!(
            problems
                .iter()
                .any(|it| it.as_str() == "Others may read it."),
            told,
            "{problems:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_session_ends_the_one_before_and_says_when_that_lives_on() {
    let script = Script::new()
        .on(
            At::PasswordLogin,
            ["npm_1", "npm_2", "npm_3"].map(Reply::Token),
        )
        .on(At::Profile, [off(), off(), off()])
        .on(At::Logout, [Reply::Done, Reply::Done])
        .on(At::Whoami, [unauthorised(""), Reply::Name("alice")]);
    let mut bench = Bench::new(script);
    assert!(bench.signs_in().await.problems.is_empty());
    assert!(bench.signs_in().await.problems.is_empty());
    let problems = bench.signs_in().await.problems;
    assert!(
        problems[0].as_str().contains("still accepts"),
        "{problems:?}"
    );
    assert_eq!(
        carried(&bench.script, At::Logout),
        [some("npm_1"), some("npm_2")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_npm_uses_already_is_not_ended_with_the_program() {
    // Some registries give an account the same token at each sign-in.
    for (keep, script) in [
        (Keep::Session, takes(CONFIGURED)),
        (Keep::File, takes(CONFIGURED).read_only()),
    ] {
        let mut bench = Bench::new(script);
        let id = bench.start(sign_in(keep));
        let Ok(Outcome::SignedIn { identity, kept, .. }) = bench.finished(id).await else {
            panic!("not signed in");
        };
        assert_eq!(kept, Kept::File("~/.npmrc, line 1".into()));
        assert_eq!(identity.credential.unwrap().held, Held::File);
        let script = bench.script.clone();
        bench.quit().await;
        assert_eq!(script.seen_at(At::Logout).len(), 0, "npm uses it");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_npm_uses_already_is_not_ended_by_a_sign_in_that_fails() {
    let script = Script::new()
        .on(At::PasswordLogin, [Reply::Token(CONFIGURED)])
        .on(At::Profile, [Reply::Error(unreachable())]);
    let mut bench = Bench::new(script);
    let id = bench.start(sign_in(Keep::Session));
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.next.as_str().contains("in use before"), "{failure}");
    assert_eq!(bench.script.seen_at(At::Logout).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_same_token_given_out_twice_is_ended_once_with_the_program() {
    let script = Script::new()
        .on(At::PasswordLogin, ["npm_1", "npm_1"].map(Reply::Token))
        .on(At::Profile, [off(), off()])
        .on(At::Logout, [Reply::Done])
        .on(At::Whoami, [unauthorised("")]);
    let mut bench = Bench::new(script);
    bench.signs_in().await;
    bench.signs_in().await;
    assert_eq!(bench.script.seen_at(At::Logout).len(), 0, "it is in use");
    let script = bench.script.clone();
    bench.quit().await;
    assert_eq!(carried(&script, At::Logout), [some("npm_1")]);
}

#[tokio::test(start_paused = true)]
async fn p21_a_password_goes_to_no_registry_but_the_one_that_was_shown() {
    let script = Script::new().on(At::Profile, [off()]);
    let mut bench = Bench::new(script);
    bench.knows_the_account().await;
    bench.script.moves_to("other.example.com");
    let id = bench.start(sign_in(Keep::Session));
    let failure = bench.finished(id).await.unwrap_err();
    assert!(
        failure.what.as_str().contains("other.example.com") && failure.what.as_str().contains(HOST),
        "{failure}"
    );
    assert_eq!(bench.script.seen_at(At::PasswordLogin).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn p21_a_form_that_was_opened_for_one_registry_sends_nothing_to_the_one_read_since() {
    let script = Script::new().on(At::Profile, [off()]);
    let mut bench = Bench::new(script);
    bench.script.moves_to("other.example.com");
    bench.knows_the_account().await;
    for how in [
        SignIn::Web,
        SignIn::Password {
            name: "alice".to_owned(),
            password: "hunter22".into(),
        },
    ] {
        let id = bench.start(Request::SignIn {
            how,
            keep: Keep::Session,
            at: Some(HOST.into()),
            wanted: None,
        });
        let failure = bench.finished(id).await.unwrap_err();
        assert!(
            failure.what.as_str().contains("nothing was sent"),
            "{failure}"
        );
    }
    assert_eq!(bench.script.seen().len(), 1, "only who is signed in");
}

#[tokio::test(start_paused = true)]
async fn somebody_else_than_the_one_who_is_waited_for_is_signed_out_again() {
    let script = takes("npm_bob").on(At::Logout, [Reply::Done]);
    script.add(At::Whoami, [unauthorised("")]);
    let mut bench = Bench::new(script);
    let Request::SignIn { how, at, .. } = sign_in(Keep::File) else {
        panic!("no sign-in");
    };
    let id = bench.start(Request::SignIn {
        how,
        keep: Keep::File,
        at,
        wanted: Some("tess".into()),
    });
    let failure = bench.finished(id).await.unwrap_err();
    let said = failure.to_string();
    assert!(
        said.contains("signed in as alice") && said.contains("begun for tess"),
        "{said}"
    );
    assert!(said.contains("accepted there no more"), "{said}");
    let script = bench.script.clone();
    let ended = script.seen_at(At::Logout).pop().unwrap();
    assert_eq!(ended.token.as_deref(), Some("npm_bob"));
    assert!(script.stored().is_empty());
    assert_eq!(script.configured().as_deref(), Some(CONFIGURED));
    // What was there before goes on.
    script.add(At::Tokens, [list(["k"])]);
    let id = bench.start(Request::Tokens);
    assert!(bench.finished(id).await.is_ok());
    let used = script.seen_at(At::Tokens)[0].token.clone();
    assert_eq!(used.as_deref(), Some(CONFIGURED));
}

#[tokio::test(start_paused = true)]
async fn reading_anew_keeps_the_session_while_the_registry_is_the_same() {
    let script = takes("npm_new")
        .on(At::Profile, [off(), off(), off()])
        .on(At::Logout, [Reply::Done])
        .on(At::Whoami, [unauthorised("")]);
    let mut bench = Bench::new(script);
    bench.signs_in().await;
    for (host, token) in [
        (HOST, "npm_new"),
        ("other.example.com", CONFIGURED),
        (HOST, "npm_new"),
        ("other.example.com", CONFIGURED),
    ] {
        bench.script.moves_to(host);
        bench.script.add(At::Profile, [off()]);
        bench.knows_the_account().await;
        let last = bench.script.seen_at(At::Profile).pop().unwrap();
        assert_eq!((last.host, last.token), (host, some(token)));
    }
    let script = bench.script.clone();
    bench.quit().await;
    let ended = script.seen_at(At::Logout).pop().unwrap();
    assert_eq!((ended.host, ended.token), (HOST, some("npm_new")));
}

#[tokio::test(start_paused = true)]
async fn without_a_configuration_there_is_no_sign_in() {
    let mut bench = Bench::new(Script::new());
    bench.script.broken(true);
    let id: RequestId = bench.start(by_web());
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Local);
}
