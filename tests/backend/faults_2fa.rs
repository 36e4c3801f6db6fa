//! Each fault of a registry, met by each change of the second factor over the real client: what is told afterwards is
//! what the registry has, and recovery codes that arrived are on the disk and shown.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use npm_warden::backend::protocol::{
    Answer, CodeCheck, CodeRefused, Confirm, Enabled, Event, Outcome, Question, Request, RequestId,
    Step,
};
use npm_warden::domain::failure::Failure;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::{self, Options, Running, StartTfa};

use super::bench::{Bench, TestClock};
use super::embedded::{Client, start};

/// What can go wrong with one request.
const FAULTS: &[&str] = &[
    "drop-before",
    "drop-after",
    "half-body",
    "status:401",
    "status:403",
    "status:404",
    "status:500",
    "status:503",
    "status-after:400",
    "status-after:401",
    "status-after:403",
    "status-after:404",
    "status-after:429",
    "status-after:500",
    "status-after:502",
    "status-after:503",
    "retry-after:3600",
    "retry-after:3600:503",
    "redirect:http://127.0.0.1:9/",
    "delay:50",
    "skew:-600",
];

struct Case {
    name: String,
    running: Running,
    bench: Bench,
    before: Tfa,
}

/// What the person was led through.
struct Told {
    result: Result<Outcome, Failure>,
    /// Codes were shown, and where they were by then.
    codes: Option<Place>,
    /// The last code was asked for again, for this reason.
    again: Option<CodeRefused>,
}

impl Case {
    /// `nth`: which change of the second factor it meets.
    async fn new(tfa: StartTfa, nth: usize, fault: &str) -> Self {
        let name = format!("2fa#{nth}={fault}");
        let (clock, _) = sandbox::Clock::by_hand(start());
        let options = Options {
            clock,
            tfa,
            faults: vec![name.parse().unwrap()],
            ..Options::default()
        };
        let running = sandbox::start(options).await.unwrap();
        let client = Client {
            url: running.url().to_owned(),
            token: running.token().expose().as_str().into(),
        };
        let bench = Bench::over(client, Arc::new(TestClock(Mutex::new(start()))), 64);
        let before = running.inspect().tfa;
        Self {
            name,
            running,
            bench,
            before,
        }
    }

    fn now(&self) -> Tfa {
        self.running.inspect().tfa
    }

    fn code(&self) -> String {
        self.running.code().unwrap().code.expose().clone()
    }

    fn enable(&self, clear_pending: bool) -> Request {
        Request::Enable {
            level: Level::AuthAndWrites,
            password: self.running.password().expose().as_str().into(),
            place: Place::File("codes.txt".into()),
            clear_pending,
        }
    }

    fn level(&self, level: Level) -> Request {
        Request::ChangeLevel {
            level,
            password: self.running.password().expose().as_str().into(),
        }
    }

    fn disable(&self) -> Request {
        Request::Disable {
            password: self.running.password().expose().as_str().into(),
        }
    }

    /// A person who types the right code each time, and leaves when one is asked for once more than that.
    async fn perform(&mut self, request: Request) -> Told {
        let id = self.bench.start(request);
        let mut told = Told {
            result: Err(Failure::new(
                npm_warden::domain::failure::FailureKind::Local,
                "",
                "",
            )),
            codes: None,
            again: None,
        };
        let mut challenges = 0;
        loop {
            match self.bench.next().await {
                Event::Asked { question, .. } => match question {
                    Question::Challenge(_) => {
                        challenges += 1;
                        if challenges > 1 {
                            self.bench.cancel(id);
                        } else {
                            let code = self.code();
                            self.bench.code(id, &code);
                        }
                    }
                    Question::Confirm(Confirm {
                        refused: None | Some(CodeRefused::Here(_)),
                        ..
                    }) => {
                        // By a `Date` that is off it cannot be right: typed once more, it is sent all the same.
                        let code = self.code();
                        self.bench.code(id, &code);
                    }
                    Question::Confirm(confirm) => {
                        // What is told of the set-up at this moment.
                        assert!(
                            matches!(self.now(), Tfa::Pending(_)),
                            "{}: {confirm:?}",
                            self.name
                        );
                        told.again = confirm.refused;
                        self.bench.answer(id, Answer::Leave { clear: false });
                    }
                    Question::CodesShown => self.bench.answer(id, Answer::GoOn),
                    Question::Proof(_) => self.bench.answer(id, Answer::Declined),
                    other => panic!("{}: {other:?}", self.name),
                },
                Event::Step {
                    step: Step::Codes { codes, place, .. },
                    ..
                } => {
                    let Place::File(path) = &place else {
                        panic!("{}: not on the disk", self.name);
                    };
                    let text = std::fs::read_to_string(path).unwrap();
                    assert!(codes.iter().all(|code| text.contains(code.expose())));
                    told.codes = Some(place);
                }
                Event::Finished { id: ended, result } if ended == id => {
                    told.result = result;
                    return told;
                }
                _ => {}
            }
        }
    }

    /// A failure claims nothing that is not so.
    fn claims_only_what_is_true(&self, failure: &Failure) {
        let said = failure.to_string();
        let changed = self.now() != self.before;
        assert!(
            !(changed && (said.contains("Nothing was") || said.contains("still "))),
            "{}: {said}",
            self.name
        );
        assert!(!said.contains("is not known"), "{}: {said}", self.name);
        for words in ["is off now", "is off."] {
            assert!(
                !said.contains(words) || self.now() == Tfa::Off,
                "{}: {said}",
                self.name
            );
        }
        let half_done = matches!(self.now(), Tfa::Pending(_));
        assert!(
            !said.contains("half-done") || half_done,
            "{}: {said}",
            self.name
        );
    }
}

async fn each(tfa: StartTfa, nth: usize, check: impl AsyncFn(Case)) {
    let cases = FAULTS
        .iter()
        .map(async |fault| check(Case::new(tfa, nth, fault).await).await);
    join_all(cases).await;
}

#[tokio::test]
async fn p07_a_set_up_is_told_as_the_registry_has_it_after_each_fault_of_its_beginning() {
    each(StartTfa::Off, 1, async |mut case| {
        let request = case.enable(false);
        let told = case.perform(request).await;
        match &told.result {
            Ok(Outcome::Enabled(Enabled::On { checked: true, .. })) => {
                assert!(matches!(case.now(), Tfa::On(_)), "{}", case.name);
                assert!(told.codes.is_some(), "{}", case.name);
            }
            Ok(Outcome::Enabled(Enabled::NotTaken(_))) => {
                assert_eq!(case.now(), Tfa::Off, "{}", case.name);
            }
            Ok(other) => panic!("{}: {other:?}", case.name),
            Err(failure) => {
                case.claims_only_what_is_true(failure);
                // Whoever has to begin again is told of what is to be cleared.
                let pending = matches!(case.now(), Tfa::Pending(_));
                let said = failure.to_string();
                assert_eq!(said.contains("half-done"), pending, "{}: {said}", case.name);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn p07_a_set_up_is_told_as_the_registry_has_it_after_each_fault_of_its_last_code() {
    each(StartTfa::Off, 2, async |mut case| {
        let request = case.enable(false);
        let told = case.perform(request).await;
        let on = matches!(case.now(), Tfa::On(_));
        match &told.result {
            Ok(Outcome::Enabled(Enabled::On { checked: true, .. })) => {
                assert!(on && told.codes.is_some(), "{}", case.name);
            }
            Ok(Outcome::Enabled(Enabled::OnWithoutCodes { .. })) => {
                assert!(on && told.codes.is_none(), "{}", case.name);
            }
            Ok(Outcome::Enabled(Enabled::Left { cleared: false })) => {
                assert!(!on && told.again.is_some(), "{}", case.name);
            }
            other => panic!("{}: {other:?}", case.name),
        }
    })
    .await;
}

#[tokio::test]
async fn a_half_done_set_up_is_told_as_the_registry_has_it_after_each_fault_of_its_clearing() {
    each(StartTfa::Pending, 1, async |mut case| {
        let request = case.enable(true);
        let told = case.perform(request).await;
        match &told.result {
            Ok(Outcome::Enabled(Enabled::On { .. })) => {
                assert!(matches!(case.now(), Tfa::On(_)), "{}", case.name);
            }
            Ok(Outcome::Enabled(Enabled::NotTaken(_))) => {
                assert_eq!(case.now(), case.before, "{}", case.name);
            }
            Ok(other) => panic!("{}: {other:?}", case.name),
            Err(failure) => {
                assert_eq!(case.now(), case.before, "{}: {failure}", case.name);
                case.claims_only_what_is_true(failure);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn m13_a_level_is_told_as_the_registry_has_it_after_each_fault() {
    for (from, to) in [
        (Level::AuthOnly, Level::AuthAndWrites),
        (Level::AuthAndWrites, Level::AuthOnly),
    ] {
        // The first request is asked for a code, the second has one.
        for nth in [1, 2] {
            each(StartTfa::On(from), nth, async |mut case| {
                let request = case.level(to);
                let told = case.perform(request).await;
                match &told.result {
                    Ok(Outcome::LevelChanged(level)) => {
                        assert_eq!(case.now(), Tfa::On(*level), "{}", case.name);
                        assert_eq!(*level, to, "{}", case.name);
                    }
                    Ok(other) => panic!("{}: {other:?}", case.name),
                    Err(failure) => {
                        assert_eq!(case.now(), case.before, "{}: {failure}", case.name);
                        case.claims_only_what_is_true(failure);
                    }
                }
            })
            .await;
        }
    }
}

#[tokio::test]
async fn m14_off_is_told_as_the_registry_has_it_after_each_fault() {
    for (tfa, nth) in [
        (StartTfa::On(Level::AuthAndWrites), 1),
        (StartTfa::On(Level::AuthOnly), 2),
        (StartTfa::Pending, 1),
    ] {
        each(tfa, nth, async |mut case| {
            let request = case.disable();
            let told = case.perform(request).await;
            match &told.result {
                Ok(Outcome::Disabled(profile)) => {
                    assert_eq!(case.now(), Tfa::Off, "{}", case.name);
                    assert_eq!(profile.tfa, Tfa::Off, "{}", case.name);
                }
                Ok(other) => panic!("{}: {other:?}", case.name),
                Err(failure) => {
                    assert_eq!(case.now(), case.before, "{}: {failure}", case.name);
                    case.claims_only_what_is_true(failure);
                }
            }
        })
        .await;
    }
}

async fn checks(bench: &mut Bench, code: &str) -> Result<Outcome, Failure> {
    let id: RequestId = bench.start(Request::CheckCode);
    let mut typed = false;
    loop {
        match bench.next().await {
            Event::Asked {
                question: Question::Challenge(challenge),
                ..
            } => {
                assert_eq!(challenge.web, None);
                if std::mem::replace(&mut typed, true) {
                    bench.cancel(id);
                } else {
                    bench.code(id, code);
                }
            }
            Event::Finished { result, .. } => return result,
            _ => {}
        }
    }
}

#[tokio::test]
async fn p34_a_code_is_tried_out_by_a_request_that_changes_nothing() {
    let mut case = Case::new(StartTfa::On(Level::AuthOnly), 1, "delay:1").await;
    let read = async |case: &mut Case| {
        let id = case.bench.start(Request::Account);
        match case.bench.finished(id).await {
            Ok(Outcome::Account { standing, .. }) => format!("{standing:?}"),
            other => panic!("{other:?}"),
        }
    };
    let without_moment = |text: String| text.split("updated").next().unwrap().to_owned();
    let before = read(&mut case).await;
    let code = case.code();
    let result = checks(&mut case.bench, &code).await;
    assert!(
        matches!(result, Ok(Outcome::CodeChecked(CodeCheck::Taken))),
        "{result:?}"
    );
    assert_eq!(
        without_moment(read(&mut case).await),
        without_moment(before)
    );

    let wrong = if code == "000000" { "000001" } else { "000000" };
    let result = checks(&mut case.bench, wrong).await;
    assert!(result.is_err(), "{result:?}");

    // A recovery code is never used up by it.
    let recovery = case.running.recovery_codes()[0].expose().clone();
    let left = case.running.inspect().recovery_codes;
    assert!(checks(&mut case.bench, &recovery).await.is_err());
    assert_eq!(case.running.inspect().recovery_codes, left);
}
