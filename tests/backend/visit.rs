//! A challenge that a page on the web answers as well: whichever comes first.

use std::time::Duration;

use npm_warden::backend::protocol::{Challenge, Event, Outcome, Question, Request};
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::tfa::Tfa;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::{Error, Polled, Revoked};
use tokio::time::Instant;

use super::bench::{Bench, keys};
use super::script::{
    At, Reply, Script, Seen, approved, held, list, lost, not_yet, page_of, profile, refuses_code,
    refuses_code_and_offers, wait, wants_code, wants_code_or_page,
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

fn notices(challenge: &Challenge) -> String {
    let notices: Vec<_> = challenge.notices.iter().map(|n| n.as_str()).collect();
    notices.join(" | ")
}

fn page_in(challenge: &Challenge) -> Option<String> {
    let web = challenge.web.as_ref()?;
    Some(web.page.address.as_str().to_owned())
}

fn address(name: &str) -> Option<String> {
    Some(page_of(name).page.address.as_str().to_owned())
}

fn some(code: &str) -> Option<String> {
    Some(code.to_owned())
}

#[tokio::test(start_paused = true)]
async fn m18_the_page_answers_and_the_dialog_closes_by_itself() {
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a"), saved()])
        .on(
            At::Poll,
            [
                not_yet(Some(5)),
                not_yet(Some(5)),
                approved("1234567890123456"),
            ],
        );
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    let challenge = bench.challenged(id).await;
    assert_eq!(page_in(&challenge), address("a"));
    assert_eq!(challenge.web.unwrap().left, Duration::from_secs(600));
    let begun = Instant::now();
    assert!(matches!(bench.next().await, Event::Cleared { .. }));
    assert!(matches!(bench.finished(id).await, Ok(Outcome::Saved(_))));
    assert_eq!(begun.elapsed(), Duration::from_secs(10));
    assert_eq!(
        bench.script.otps(At::Save),
        [None, some("1234567890123456")]
    );
}

#[tokio::test(start_paused = true)]
async fn e7_a_typed_code_answers_it_too_and_the_page_is_asked_about_no_more() {
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a"), saved()])
        .on(At::Poll, [not_yet(Some(5))]);
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    bench.challenged(id).await;
    bench
        .when(|script| script.seen_at(At::Poll).len() == 1)
        .await;
    bench.code(id, "123456");
    assert!(bench.finished(id).await.is_ok());
    assert!(bench.is_quiet().await);
    assert_eq!(bench.script.seen_at(At::Poll).len(), 1);
    assert_eq!(bench.script.otps(At::Save), [None, some("123456")]);
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_comes_after_the_person_gave_up_does_nothing() {
    let (gate, polled) = held();
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a")])
        .on(At::Poll, [polled]);
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    bench.challenged(id).await;
    bench
        .when(|script| script.seen_at(At::Poll).len() == 1)
        .await;
    bench.cancel(id);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    gate.open(approved("1234567890123456"));
    assert!(bench.is_quiet().await);
    assert_eq!(bench.script.seen_at(At::Save).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_at_once_of_which_one_is_given_up() {
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a"), saved()])
        .on(At::Revoke, [wants_code_or_page("b")])
        .world(|seen: &Seen| match (seen.at, seen.what.as_str()) {
            (At::Poll, "/done/a") => not_yet(Some(30)),
            (At::Poll, "/done/b") => not_yet(Some(1)),
            other => panic!("{other:?}"),
        });
    let mut bench = Bench::new(script);
    let one = bench.start(save());
    bench.challenged(one).await;
    let two = bench.start(Request::Revoke {
        tokens: keys(["t"]),
        last: Vec::new(),
        names: Vec::new(),
    });
    bench.challenged(two).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    bench.cancel(two);
    assert_eq!(
        bench.finished(two).await.unwrap_err().kind,
        FailureKind::Cancelled
    );
    let polls = |script: &Script, what: &str| {
        let seen = script.seen_at(At::Poll).into_iter();
        seen.filter(|seen| seen.what == what).count()
    };
    let of_two = polls(&bench.script, "/done/b");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(polls(&bench.script, "/done/b"), of_two);
    assert!(polls(&bench.script, "/done/a") > 1);
    bench.code(one, "123456");
    assert!(bench.finished(one).await.is_ok());
    assert_eq!(bench.script.seen_at(At::Revoke).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_to_nothing_leaves_the_typed_code() {
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a"), saved()])
        .on(At::Poll, [Reply::Polled(Polled::Over("denied".into()))]);
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    bench.challenged(id).await;
    let again = match bench.next().await {
        Event::Asked {
            question: Question::Challenge(again),
            ..
        } => again,
        other => panic!("it keeps its place: {other:?}"),
    };
    assert_eq!(page_in(&again), None);
    assert!(notices(&again).contains("“denied”"));
    assert!(bench.is_quiet().await);
    bench.code(id, "123456");
    assert!(bench.finished(id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn p19_after_ten_minutes_the_page_is_waited_for_no_longer() {
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a"), saved()])
        .world(|seen: &Seen| match seen.at {
            At::Poll => not_yet(None),
            at => panic!("{at:?}"),
        });
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    bench.challenged(id).await;
    let begun = Instant::now();
    let again = bench.challenged(id).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(600));
    assert_eq!(page_in(&again), None);
    assert!(notices(&again).contains("ten minutes"));
    let polls = bench.script.seen_at(At::Poll).len();
    assert!((100..=600).contains(&polls), "{polls}");
    assert!(bench.is_quiet().await);
    assert_eq!(bench.script.seen_at(At::Poll).len(), polls);
    bench.code(id, "123456");
    assert!(bench.finished(id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn p19_a_lost_connection_is_told_and_the_page_still_answers() {
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a"), saved()])
        .on(
            At::Poll,
            [Reply::Error(lost()), wait(30), approved("1234567890123456")],
        );
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    let begun = Instant::now();
    let (events, result) = bench.rest(id).await;
    assert!(result.is_ok());
    let told = |event: &&Event| matches!(event, Event::Retrying { .. });
    assert_eq!(events.iter().filter(told).count(), 2);
    assert_eq!(begun.elapsed(), Duration::from_secs(5 + 30));
}

#[tokio::test(start_paused = true)]
async fn a_refused_typed_code_keeps_the_same_page_and_a_new_one_wins() {
    let script = Script::new()
        .on(
            At::Save,
            [
                wants_code_or_page("a"),
                refuses_code("invalid OTP"),
                refuses_code_and_offers("b"),
                saved(),
            ],
        )
        .world(|seen: &Seen| match (seen.at, seen.what.as_str()) {
            (At::Poll, "/done/a") => not_yet(Some(5)),
            (At::Poll, "/done/b") => approved("1234567890123456"),
            other => panic!("{other:?}"),
        });
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    bench.challenged(id).await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    bench.code(id, "111111");
    let second = bench.challenged(id).await;
    assert_eq!(second.attempt, 2);
    assert_eq!(page_in(&second), address("a"));
    assert_eq!(second.web.unwrap().left, Duration::from_secs(500));
    let asked = bench.script.seen_at(At::Poll).len();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(bench.script.seen_at(At::Poll).len() > asked, "it goes on");
    bench.code(id, "222222");
    let third = bench.challenged(id).await;
    assert_eq!(page_in(&third), address("b"));
    assert_eq!(third.web.unwrap().left, Duration::from_secs(600));
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(
        bench.script.otps(At::Save)[1..],
        ["111111", "222222", "1234567890123456"].map(some)
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_mistyped_does_not_make_the_page_be_asked_about_more_often() {
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a"), saved()])
        .world(|seen: &Seen| match seen.at {
            At::Poll => not_yet(Some(60)),
            at => panic!("{at:?}"),
        });
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    for attempt in 1..20 {
        assert_eq!(bench.challenged(id).await.attempt, attempt);
        bench.code(id, "１２３４５６");
    }
    assert!(bench.script.seen_at(At::Poll).len() <= 1);
    bench.challenged(id).await;
    bench.code(id, "123456");
    assert!(bench.finished(id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn p15_a_registry_that_challenges_every_request_gets_no_code_twice_and_waits_for_a_person() {
    // Its page is approved at once, each time, with or without the same code.
    for same in [false, true] {
        let mut count = 0_u64;
        let script = Script::new().world(move |seen: &Seen| {
            count += 1;
            match (seen.at, seen.otp.is_some()) {
                (At::Save, false) => wants_code_or_page("a"),
                (At::Save, true) => refuses_code_and_offers("a"),
                (At::Poll, _) if same => approved("1234567890123456"),
                (At::Poll, _) => {
                    let code = format!("{count:016}");
                    approved(&code)
                }
                other => panic!("{other:?}"),
            }
        });
        let mut bench = Bench::new(script);
        let id = bench.start(save());
        let events = bench.settle().await;
        let otps: Vec<_> = bench.script.otps(At::Save).into_iter().flatten().collect();
        let mut once = otps.clone();
        once.dedup();
        assert_eq!(otps, once, "no code went twice");
        assert_eq!(otps.len(), if same { 1 } else { 3 });
        let last = events.into_iter().rev().find_map(|event| match event {
            Event::Asked {
                question: Question::Challenge(challenge),
                ..
            } => Some(challenge),
            _ => None,
        });
        assert_eq!(page_in(&last.unwrap()), None, "a person is asked");
        // Typed codes: each refusal is a question of its own, with growing waits.
        let mut waited = Vec::new();
        for n in 0..6 {
            bench.code(id, &format!("10000{n}"));
            let challenge = bench.challenged(id).await;
            waited.push(challenge.wait.unwrap_or_default().as_secs());
        }
        assert!(waited.is_sorted());
        assert!(*waited.last().unwrap() >= 40, "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn p15_the_page_is_not_asked_about_before_the_wait_is_over() {
    let script = Script::new()
        .on(At::Save, [wants_code_or_page("a"), wait(60), saved()])
        .on(At::Poll, [not_yet(Some(2)), approved("1234567890123456")]);
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    bench.challenged(id).await;
    bench
        .when(|script| script.seen_at(At::Poll).len() == 1)
        .await;
    bench.code(id, "111111");
    let begun = Instant::now();
    let locked = bench.challenged(id).await;
    assert_eq!(locked.wait, Some(Duration::from_secs(60)));
    assert!(notices(&locked).contains("locked them for 60 s"));
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(begun.elapsed(), Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn m18_an_account_without_an_authenticator_revokes_many_by_pages() {
    // Each code of a page serves once, and there is nothing that could be typed.
    let names: Vec<_> = (0..5).map(|n| format!("t{n}")).collect();
    let mut tokens: Vec<String> = names.clone();
    let (mut pages, mut spent) = (0_u64, Vec::new());
    let script = Script::new().world(move |seen: &Seen| match (seen.at, &seen.otp) {
        (At::Tokens, _) => list(tokens.clone()),
        (At::Poll, _) => {
            pages += 1;
            approved(&format!("{pages:016}"))
        }
        (At::Revoke, None) => wants_code_or_page("a"),
        (At::Revoke, Some(code)) if spent.contains(code) => refuses_code_and_offers("a"),
        (At::Revoke, Some(code)) => {
            spent.push(code.clone());
            tokens.retain(|token| *token != seen.what);
            Reply::Revoked(Revoked::Done)
        }
        other => panic!("{other:?}"),
    });
    let mut bench = Bench::new(script);
    let id = bench.start(Request::Revoke {
        tokens: names.iter().map(TokenKey::new).collect(),
        last: Vec::new(),
        names: Vec::new(),
    });
    let Ok(Outcome::Revoked { list: Ok(list), .. }) = bench.finished(id).await else {
        panic!("nobody had to type anything");
    };
    assert!(list.is_empty());
    let refused = bench.script.seen().into_iter();
    assert_eq!(refused.filter(|seen| seen.refused_before).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answered_question_keeps_its_place_until_the_registry_has_judged_it() {
    let (gate, reply) = held();
    let script = Script::new().on(At::Save, [wants_code(), reply, saved()]);
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    bench.challenged(id).await;
    bench.code(id, "111111");
    assert!(
        bench.is_quiet().await,
        "it stays while the code is looked at"
    );
    gate.open(refuses_code("invalid OTP"));
    assert!(
        matches!(bench.next().await, Event::Asked { .. }),
        "asked again in its place"
    );
    bench.code(id, "222222");
    assert!(matches!(bench.next().await, Event::Cleared { .. }));
    assert!(bench.finished(id).await.is_ok());
    assert!(bench.is_quiet().await);
}

#[tokio::test(start_paused = true)]
async fn p15_wrong_codes_until_the_registry_locks_them_are_explained() {
    let script = Script::new().on(
        At::Save,
        [
            wants_code(),
            refuses_code("invalid OTP"),
            refuses_code("invalid OTP"),
            Reply::Error(Error::Wait {
                for_: Some(Duration::from_secs(300)),
                words: "Try later.".into(),
            }),
            saved(),
        ],
    );
    let mut bench = Bench::new(script);
    let id = bench.start(save());
    for n in 0..3 {
        bench.challenged(id).await;
        bench.code(id, &format!("10000{n}"));
    }
    let locked = bench.challenged(id).await;
    assert_eq!(locked.wait, Some(Duration::from_secs(300)));
    let said = notices(&locked);
    assert!(
        said.contains("After wrong codes the registry has locked them for 5 min."),
        "{said}"
    );
    assert!(said.contains("“Try later.”"), "{said}");
    let begun = Instant::now();
    bench.code(id, "200000");
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(begun.elapsed(), Duration::from_secs(300));
}
