//! Trying a code out: a guarded request that changes nothing.

use npm_warden::backend::protocol::{CodeCheck, Outcome, Request};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::tfa::Level;
use npm_warden::registry::Error;

use super::bench::Bench;
use super::script::{
    At, Reply, Script, is_on, lost, off, pending, refuses, refuses_code_and_offers, unreachable,
    wait, wants_code, wants_code_or_page,
};

const RECOVERY: &str = "0123456789abcdef";

fn tried(replies: impl IntoIterator<Item = Reply>) -> Bench {
    let script = Script::new()
        .on(At::Profile, [is_on(Level::AuthOnly)])
        .on(At::Touch, replies);
    Bench::new(script)
}

async fn ends(bench: &mut Bench, id: npm_warden::backend::protocol::RequestId) -> CodeCheck {
    match bench.finished(id).await {
        Ok(Outcome::CodeChecked(check)) => check,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn m17_a_code_that_the_registry_takes_is_right() {
    let mut bench = tried([wants_code(), Reply::Done]);
    let id = bench.start(Request::CheckCode);
    bench.challenged(id).await;
    bench.code(id, "123456");
    assert_eq!(ends(&mut bench, id).await, CodeCheck::Taken);
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_asks_for_none_says_nothing_about_any() {
    let mut bench = tried([Reply::Done]);
    let id = bench.start(Request::CheckCode);
    assert_eq!(ends(&mut bench, id).await, CodeCheck::NotAsked);
}

#[tokio::test(start_paused = true)]
async fn p15_p16_a_refused_code_is_asked_for_again_with_the_clock_and_never_sent_twice() {
    let mut bench = tried([wants_code(), refuses_code_and_offers("x"), Reply::Done]);
    bench.script = bench.script.clone().clock_ahead(95);
    let id = bench.start(Request::CheckCode);
    bench.challenged(id).await;
    bench.code(id, "111111");
    let again = bench.challenged(id).await;
    assert_eq!(again.attempt, 2);
    let said = format!("{:?}", again.notices);
    assert!(
        said.contains("invalid OTP") && said.contains("95 s ahead"),
        "{said}"
    );
    bench.code(id, "111111");
    let again = bench.challenged(id).await;
    assert!(format!("{:?}", again.notices).contains("not sent again"));
    bench.code(id, "222222");
    assert_eq!(ends(&mut bench, id).await, CodeCheck::Taken);
    assert_eq!(bench.script.seen_at(At::Touch).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn p11_no_recovery_code_is_used_up_and_no_page_stands_in() {
    let mut bench = tried([wants_code_or_page("x"), Reply::Done]);
    let id = bench.start(Request::CheckCode);
    assert_eq!(bench.challenged(id).await.web, None);
    bench.code(id, RECOVERY);
    let again = bench.challenged(id).await;
    assert!(format!("{:?}", again.notices).contains("would use up"));
    assert_eq!(bench.script.seen_at(At::Touch).len(), 1);
    bench.code(id, "123456");
    assert_eq!(ends(&mut bench, id).await, CodeCheck::Taken);
    // The recovery code is as good as before.
    assert_eq!(
        bench.script.otps(At::Touch),
        [None, Some("123456".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn where_it_is_not_on_nothing_is_sent() {
    for (state, said) in [(off(), "is off"), (pending(), "half done")] {
        let mut bench = Bench::new(Script::new().on(At::Profile, [state]));
        let id = bench.start(Request::CheckCode);
        let failure = bench.finished(id).await.unwrap_err();
        assert!(failure.what.as_str().contains(said), "{failure}");
        assert_eq!(bench.script.seen().len(), 1);
    }
}

fn no_fields() -> Reply {
    Reply::Error(Error::NotOffered {
        words: "profile unexpected error".into(),
    })
}

#[tokio::test(start_paused = true)]
async fn a_registry_without_fields_is_told_as_such_or_has_taken_the_code_by_saying_so() {
    let mut bench = tried([no_fields()]);
    let id = bench.start(Request::CheckCode);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotOffered);
    assert!(
        failure.what.as_str().contains("cannot be done there"),
        "{failure}"
    );

    let mut bench = tried([wants_code(), no_fields()]);
    let id = bench.start(Request::CheckCode);
    bench.challenged(id).await;
    bench.code(id, "123456");
    assert_eq!(ends(&mut bench, id).await, CodeCheck::Taken);
}

#[tokio::test(start_paused = true)]
async fn what_leaves_it_open_is_not_called_right_or_wrong() {
    let not_found = || {
        Reply::Error(Error::NotOffered {
            words: "Not found".into(),
        })
    };
    for reply in [
        Reply::Error(lost()),
        Reply::Error(unreachable()),
        not_found(),
        refuses(403, "no"),
        refuses(500, ""),
    ] {
        let mut bench = tried([wants_code(), reply]);
        let id = bench.start(Request::CheckCode);
        bench.challenged(id).await;
        bench.code(id, "123456");
        let failure = bench.finished(id).await.unwrap_err();
        assert!(failure.what.as_str().contains("is not known"), "{failure}");
        assert!(
            failure.next.as_str().contains("Nothing was changed"),
            "{failure}"
        );
    }
    let mut bench = tried([wants_code(), wait(60), Reply::Done]);
    let id = bench.start(Request::CheckCode);
    bench.challenged(id).await;
    bench.code(id, "111111");
    assert_eq!(
        bench.challenged(id).await.wait.map(|wait| wait.as_secs()),
        Some(60)
    );
    bench.code(id, "222222");
    assert_eq!(ends(&mut bench, id).await, CodeCheck::Taken);
}
