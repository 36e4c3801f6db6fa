//! The end: at once without a write under way, after it with one. On a thread of its own, in real time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::protocol::{
    Answer, Asking, Command, Event, Outcome, Request, RequestId, RowState,
};
use npm_warden::backend::{Access, Connector, Finish, Handle, SessionEnd, spawn};
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::{Forgotten, Keep, Session, Stored};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::Revoked;
use tokio::sync::mpsc::Receiver;

use super::bench::{Bench, TestClock, deps, sign_in};
use super::script::{
    At, Reply, Script, Wire, held, lost, off, profile, refuses, unauthorised, unreachable, wait,
    wants_code,
};

/// Longer than any test takes; nothing waits for its end.
const LIMIT: Duration = Duration::from_secs(30);

fn begin(script: &Script) -> (Handle, Receiver<Event>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = TestClock(Mutex::new(
        jiff::Timestamp::from_second(1_700_000_010).unwrap(),
    ));
    let (handle, events) = spawn(script.clone(), deps(&folder, Arc::new(clock)));
    (handle, events, folder)
}

fn start(handle: &Handle, id: u64, request: Request) {
    handle.send(Command::Start {
        id: RequestId(id),
        request,
        asking: Asking::Allowed,
    });
}

fn save() -> Request {
    Request::SaveField {
        field: ProfileField::Fullname,
        before: None,
        after: "Al".to_owned(),
    }
}

/// The next event that is more than a step.
fn past_steps(events: &mut Receiver<Event>) -> Option<Event> {
    loop {
        match events.blocking_recv() {
            Some(Event::Step { .. }) => {}
            event => return event,
        }
    }
}

#[test]
fn a_backend_on_its_own_thread_answers_and_ends() {
    let (handle, mut events, _folder) = begin(&Script::new().on(At::Profile, [off()]));
    start(&handle, 1, Request::Account);
    assert!(matches!(
        past_steps(&mut events),
        Some(Event::Finished {
            result: Ok(Outcome::Account { .. }),
            ..
        })
    ));
    assert_eq!(handle.writes_in_flight(), 0);
    assert_eq!(handle.finish(LIMIT), Finish::Clean);
    assert!(events.blocking_recv().is_none());
}

#[test]
fn a_parked_request_and_a_read_that_hangs_keep_nobody() {
    let (_gate, hanging) = held();
    let script = Script::new()
        .on(At::Save, [wants_code()])
        .on(At::Profile, [hanging]);
    let (handle, mut events, _folder) = begin(&script);
    start(&handle, 1, save());
    assert!(matches!(events.blocking_recv(), Some(Event::Asked { .. })));
    start(&handle, 2, Request::Account);
    assert_eq!(handle.finish(LIMIT), Finish::Clean);
    let mut ended = 0;
    while let Some(event) = events.blocking_recv() {
        if let Event::Finished { result, .. } = event {
            assert_eq!(result.unwrap_err().kind, FailureKind::Cancelled);
            ended += 1;
        }
    }
    assert!(ended >= 1);
}

#[test]
fn a_write_under_way_is_counted_and_waited_for() {
    let (gate, reply) = held();
    let (mut handle, mut events, _folder) =
        begin(&Script::new().on(At::Save, [wants_code(), reply]));
    start(&handle, 1, save());
    assert!(matches!(events.blocking_recv(), Some(Event::Asked { .. })));
    assert_eq!(
        handle.writes_in_flight(),
        0,
        "a parked request has sent nothing that counts"
    );
    handle.send(Command::Answer {
        id: RequestId(1),
        answer: Answer::Code("123456".into()),
    });
    while handle.writes_in_flight() == 0 {
        std::thread::yield_now();
    }
    handle.close();
    assert!(
        matches!(events.blocking_recv(), Some(Event::Cleared { .. })),
        "nobody is asked any more"
    );
    assert_eq!(handle.wait(Duration::ZERO), Finish::TimedOut);
    gate.open(Reply::Profile(profile(Tfa::Off)));
    assert_eq!(handle.wait(LIMIT), Finish::Clean);
    assert_eq!(handle.writes_in_flight(), 0);
    assert!(matches!(
        events.blocking_recv(),
        Some(Event::Finished {
            result: Ok(Outcome::Saved(_)),
            ..
        })
    ));
}

#[test]
fn p30_a_long_revocation_that_is_left_still_tells_how_each_row_ended() {
    let (gate, reply) = held();
    let (mut handle, mut events, _folder) = begin(&Script::new().on(At::Revoke, [reply]));
    // More rows than events can wait to be read.
    let tokens = (0..400).map(|n| TokenKey::new(n.to_string())).collect();
    start(
        &handle,
        1,
        Request::Revoke {
            tokens,
            last: Vec::new(),
            names: Vec::new(),
        },
    );
    while handle.writes_in_flight() == 0 {
        std::thread::yield_now();
    }
    handle.close();
    gate.open(Reply::Revoked(Revoked::Done));
    let mut ended = None;
    while let Some(event) = events.blocking_recv() {
        if let Event::Finished { result, .. } = event {
            ended = Some(result);
        }
    }
    let Some(Ok(Outcome::Revoked { rows, list })) = ended else {
        panic!("it ended without its rows: {ended:?}");
    };
    assert_eq!(rows.len(), 400);
    assert_eq!(rows[0].1, RowState::Accepted);
    assert!(
        rows[1..]
            .iter()
            .all(|(_, state)| *state == RowState::NotTried)
    );
    assert!(list.is_err());
}

#[test]
fn when_the_limit_is_reached_it_says_so() {
    let (_gate, reply) = held();
    let script = Script::new().on(At::Save, [reply]);
    let (handle, _events, _folder) = begin(&script);
    start(&handle, 1, save());
    while handle.writes_in_flight() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(handle.finish(Duration::from_millis(1)), Finish::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_panics_has_an_end_all_the_same() {
    let mut bench = Bench::new(Script::new().world(|_| panic!("a fault in the program")));
    let id = bench.start(Request::Tokens);
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("npm-warden itself failed"));
    let id = bench.start(Request::Sets);
    assert!(bench.finished(id).await.is_ok(), "the others go on");
}

#[tokio::test(start_paused = true)]
async fn every_open_question_is_cleared_and_every_request_ended_when_the_program_quits() {
    let script = Script::new()
        .on(At::Save, [wants_code()])
        .on(At::Profile, [wants_code()]);
    let mut bench = Bench::new(script);
    let one = bench.start(save());
    bench.challenged(one).await;
    let two = bench.start(Request::Account);
    bench.challenged(two).await;
    let (_folder, events) = bench.quit().await;
    let count = |fits: fn(&Event) -> bool| events.iter().filter(|event| fits(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Cleared { .. })), 2);
    assert_eq!(count(|event| matches!(event, Event::Finished { .. })), 2);
}

/// Breaks where it is told to.
struct Broken {
    in_connect: bool,
}

impl Connector for Broken {
    type Registry = Wire;

    fn connect(&self, _: Access<'_>) -> Result<Wire, Failure> {
        assert!(!self.in_connect, "a fault in the program");
        Ok(Script::new().on(At::Profile, [off()]).wire())
    }

    fn store(&self, _: &Session) -> Result<Stored, Failure> {
        unreachable!("nobody signs in")
    }

    fn forget(&self, _: &Text, _: &Secret<String>) -> Result<Forgotten, Failure> {
        unreachable!("nobody signs out")
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        assert!(self.in_connect, "a fault in the program");
    }
}

#[test]
fn a_fault_is_told_wherever_it_is() {
    for in_connect in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let clock = TestClock(Mutex::new(jiff::Timestamp::UNIX_EPOCH));
        let (handle, mut events) = spawn(Broken { in_connect }, deps(&folder, Arc::new(clock)));
        start(&handle, 1, Request::Account);
        let Some(Event::Finished { result, .. }) = past_steps(&mut events) else {
            panic!("a request has an end");
        };
        assert_eq!(result.is_err(), in_connect);
        // A thread that dies keeps nobody waiting, and is not called a clean end.
        let clean = handle.finish(LIMIT) == Finish::Clean;
        assert_eq!(clean, in_connect);
        assert!(events.blocking_recv().is_none());
    }
}

/// A backend that has signed in for this session.
fn signed_in(script: &Script) -> (Handle, Receiver<Event>, tempfile::TempDir) {
    script.add(At::PasswordLogin, [Reply::Token("npm_new")]);
    script.add(At::Profile, [off()]);
    let (handle, mut events, folder) = begin(script);
    start(&handle, 1, sign_in(Keep::Session));
    assert!(matches!(
        past_steps(&mut events),
        Some(Event::Finished {
            result: Ok(Outcome::SignedIn { .. }),
            ..
        })
    ));
    (handle, events, folder)
}

#[test]
fn m1_a_session_is_ended_at_the_end_and_counts_until_then() {
    let (gate, reply) = held();
    let script = Script::new()
        .on(At::Logout, [reply])
        .on(At::Whoami, [unauthorised("")]);
    let (mut handle, mut events, _folder) = signed_in(&script);
    assert_eq!(handle.writes_in_flight(), 0, "nothing is under way");
    handle.close();
    assert_eq!(handle.writes_in_flight(), 1, "from the very close on");
    assert_eq!(handle.session_end(), None);
    gate.open(Reply::Done);
    assert!(events.blocking_recv().is_none());
    assert_eq!(handle.wait(LIMIT), Finish::Clean);
    assert_eq!(handle.session_end(), Some(SessionEnd::Ended));
    assert_eq!(handle.writes_in_flight(), 0);
    let ended = script.seen_at(At::Logout).pop().unwrap();
    assert_eq!(ended.token.as_deref(), Some("npm_new"));
}

#[test]
fn m1_a_session_that_lives_on_is_said_to() {
    let cases = [
        (Reply::Error(unreachable()), None, "may live on at"),
        (refuses(403, "no"), None, "lives on at"),
        (
            unauthorised("no"),
            Some(Reply::Name("alice")),
            "still accepts",
        ),
        (wants_code(), None, "wants a code"),
        (Reply::Done, Some(Reply::Name("alice")), "still accepts"),
        (
            Reply::Done,
            Some(Reply::Error(unreachable())),
            "could not be seen",
        ),
        (
            Reply::Error(lost()),
            Some(Reply::Error(unreachable())),
            "may live on",
        ),
    ];
    for (logout, whoami, says) in cases {
        let script = Script::new()
            .on(At::Logout, [logout])
            .on(At::Whoami, whoami);
        let (mut handle, _events, _folder) = signed_in(&script);
        handle.close();
        assert_eq!(handle.wait(LIMIT), Finish::Clean);
        let Some(SessionEnd::Alive(why)) = handle.session_end() else {
            panic!("called ended: {says}");
        };
        assert!(why.as_str().contains(says), "{why}");
    }
}

#[test]
fn m1_a_session_that_was_dead_or_is_gone_by_a_lost_answer_is_ended() {
    for (logout, whoami) in [
        (unauthorised(""), Some(unauthorised(""))),
        (Reply::Error(lost()), Some(unauthorised(""))),
    ] {
        let script = Script::new()
            .on(At::Logout, [logout])
            .on(At::Whoami, whoami);
        let (mut handle, _events, _folder) = signed_in(&script);
        handle.close();
        assert_eq!(handle.wait(LIMIT), Finish::Clean);
        assert_eq!(handle.session_end(), Some(SessionEnd::Ended));
    }
}

#[tokio::test(start_paused = true)]
async fn m1_what_is_alive_after_a_fault_is_ended_again_within_the_two_seconds() {
    for (fault, proofs) in [(Reply::Error(lost()), 2), (wait(1), 1)] {
        let script = Script::new()
            .on(At::PasswordLogin, [Reply::Token("npm_new")])
            .on(At::Profile, [off()])
            .on(At::Logout, [fault, Reply::Done])
            .on(At::Whoami, (1..proofs).map(|_| Reply::Name("alice")))
            .on(At::Whoami, [unauthorised("")]);
        let mut bench = Bench::new(script);
        bench.signs_in().await;
        let script = bench.script.clone();
        let begun = tokio::time::Instant::now();
        bench.quit().await;
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(script.seen_at(At::Logout).len(), 2);
        assert_eq!(script.seen_at(At::Whoami).len(), proofs, "it is tried out");
    }
}

#[tokio::test(start_paused = true)]
async fn m1_a_registry_that_fails_each_time_is_not_asked_for_ever() {
    let script = Script::new()
        .on(At::PasswordLogin, [Reply::Token("npm_new")])
        .on(At::Profile, [off()])
        .world(|seen| match seen.at {
            At::Logout => Reply::Error(lost()),
            _ => Reply::Name("alice"),
        });
    let mut bench = Bench::new(script);
    bench.signs_in().await;
    let script = bench.script.clone();
    let begun = tokio::time::Instant::now();
    bench.quit().await;
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(script.seen_at(At::Logout).len(), 3);
}

#[test]
fn m1_what_was_said_of_an_earlier_attempt_is_not_said_of_a_silent_last_one() {
    let (_gate, never) = held();
    let script = Script::new()
        .on(At::Logout, [Reply::Error(lost()), never])
        .on(At::Whoami, [Reply::Name("alice")]);
    let (mut handle, _events, _folder) = signed_in(&script);
    handle.close();
    assert_eq!(handle.wait(LIMIT), Finish::Clean);
    let Some(SessionEnd::Alive(why)) = handle.session_end() else {
        panic!("called ended");
    };
    assert!(why.as_str().contains("may live on"), "{why}");
    assert!(!why.as_str().contains("still accepts"), "{why}");
}

#[test]
fn m1_a_registry_that_is_silent_holds_the_end_up_for_two_seconds() {
    let (_gate, never) = held();
    let (mut handle, _events, _folder) = signed_in(&Script::new().on(At::Logout, [never]));
    handle.close();
    assert_eq!(handle.wait(LIMIT), Finish::Clean);
    let Some(SessionEnd::Alive(why)) = handle.session_end() else {
        panic!("called ended");
    };
    assert!(why.as_str().contains("within 2 s"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn m1_the_end_of_a_session_takes_two_seconds_at_most_in_all() {
    let late = |reply| Reply::Late(Duration::from_millis(1_500), Box::new(reply));
    let script = Script::new()
        .on(At::PasswordLogin, [Reply::Token("npm_new")])
        .on(At::Profile, [off()])
        .on(At::Logout, [late(Reply::Done)])
        .on(At::Whoami, [late(unauthorised(""))]);
    let mut bench = Bench::new(script);
    bench.signs_in().await;
    let begun = tokio::time::Instant::now();
    bench.quit().await;
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
}

#[test]
fn without_a_session_nothing_is_ended() {
    let (mut handle, mut events, _folder) = begin(&Script::new());
    handle.close();
    assert_eq!(handle.writes_in_flight(), 0);
    assert!(events.blocking_recv().is_none());
    assert_eq!(handle.wait(LIMIT), Finish::Clean);
    assert_eq!(handle.session_end(), None);
}
