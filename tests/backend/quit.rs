//! The end: at once without a write under way, after it with one. On a thread of its own, in real time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::protocol::{
    Answer, Asking, Command, Event, Outcome, Request, RequestId, RowState,
};
use npm_warden::backend::{Access, Connector, Finish, Handle, spawn};
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::{Forgotten, Session};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Tfa;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::Revoked;
use tokio::sync::mpsc::Receiver;

use super::bench::{Bench, TestClock, deps};
use super::script::{At, Reply, Script, Wire, held, off, profile, wants_code};

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

    fn store(&self, _: &Session) -> Result<Text, Failure> {
        unreachable!("nobody signs in")
    }

    fn forget(&self, _: &Secret<String>) -> Result<Forgotten, Failure> {
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
