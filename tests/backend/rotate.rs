//! Rotating a token: wherever it stops, there is a credential that works, and what remains is said (requirement E4).

mod elsewhere;
mod given_up;
mod held;
mod listed;
mod mixed;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use npm_warden::backend::protocol::{
    Answer, Asking, Event, JournalId, Outcome, Question, Request, Rotate, Rotated, Unfinished,
};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::identity::CredentialKind;
use npm_warden::domain::machine::{CredentialId, Form, LocalCredential, Machine, Rank, SourceKind};
use npm_warden::domain::moment::Moment;
use npm_warden::domain::rotation::{RotateState, RotateStep};
use npm_warden::domain::text::Text;
use npm_warden::domain::token::{Token, TokenKey};
use npm_warden::npmrc::{Auth, Survey};
use npm_warden::records::{Left, Notes};
use npm_warden::registry::{Revoked, TokenPage};
use sha2::{Digest as _, Sha512};

use super::bench::Bench;
use super::script::{
    At, CONFIGURED, HOST, Reply, Script, Seen, held, lost, page, refuses, token, unauthorised,
    unreachable, wants_code,
};

const OLD: &str = "npm_OldCanary012345678900";
const NEW: &str = "npm_NewCanary012345678900";
const OTHER: &str = "npm_OtherCanary0123456789";

fn key_of(value: &str) -> String {
    Sha512::digest(value)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn place(line: usize) -> CredentialId {
    CredentialId {
        path: Some("/home/a/.npmrc".into()),
        key: format!("//{HOST}/:_authToken").as_str().into(),
        line,
    }
}

/// What is to go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fault {
    #[default]
    None,
    CreateRefused,
    /// It is made, and the answer is lost.
    CreateLost,
    /// It may do more than was asked for.
    Wider,
    /// The n-th file cannot be written.
    Put(usize),
    /// The registry never takes the new one.
    NewRefused,
    /// It is somebody else's.
    Alien,
    /// Neither does it take the new one, nor the file the old one back.
    NoWayBack,
    /// It cannot be tried out.
    NewUnreachable,
    RevokeRefused,
    /// Done, and the answer is lost.
    RevokeLostAfter,
    /// Not done, and the answer is lost.
    RevokeLostBefore,
    /// Done, and a gateway gives up waiting for it.
    RevokeStumblesAfter,
    /// Not done, and it stumbles.
    RevokeStumblesBefore,
    /// Not listed, and still taken.
    StillTaken,
    /// The registry says that it did it, and lists it.
    StillListed,
    /// From the revocation on no list can be read.
    NoList,
}

const FAULTS: [Fault; 17] = [
    Fault::CreateRefused,
    Fault::CreateLost,
    Fault::Wider,
    Fault::Put(1),
    Fault::Put(2),
    Fault::NewRefused,
    Fault::Alien,
    Fault::NoWayBack,
    Fault::NewUnreachable,
    Fault::RevokeRefused,
    Fault::RevokeLostAfter,
    Fault::RevokeLostBefore,
    Fault::RevokeStumblesAfter,
    Fault::RevokeStumblesBefore,
    Fault::StillTaken,
    Fault::StillListed,
    Fault::NoList,
];

/// The registry and the machine, as they are in truth.
struct World {
    /// Key, value, listed, taken.
    tokens: Vec<(String, &'static str, bool, bool)>,
    lines: Vec<String>,
    revoked: bool,
    fault: Fault,
    puts: usize,
    file: File,
    /// How far the registry's clock is behind this machine's, in seconds.
    behind: i64,
    /// Each list comes with rows that moved while it was read.
    moves: bool,
}

/// How the file stands that holds the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum File {
    /// npm reads it from here.
    #[default]
    Here,
    /// It is the file of a project, and this is another folder.
    Elsewhere,
    /// It cannot be read.
    Unreadable,
}

#[derive(Clone)]
struct Truth(Arc<Mutex<World>>);

impl Truth {
    fn new(fault: Fault) -> Self {
        Self(Arc::new(Mutex::new(World {
            tokens: vec![
                (key_of(OLD), OLD, true, true),
                ("in use".into(), CONFIGURED, true, true),
            ],
            lines: vec![OLD.into(), OLD.into(), OTHER.into()],
            revoked: false,
            fault,
            puts: 0,
            file: File::Here,
            behind: 0,
            moves: false,
        })))
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().lines.clone()
    }

    fn file(&self, file: File) {
        self.0.lock().unwrap().file = file;
    }

    /// Whether the list has the new token, and whether it is taken.
    fn new_is(&self, listed: bool, taken: bool) {
        let mut world = self.0.lock().unwrap();
        let new = world.tokens.iter_mut().find(|t| t.1 == NEW).unwrap();
        (new.2, new.3) = (listed, taken);
    }

    fn mends(&self) {
        self.0.lock().unwrap().fault = Fault::None;
    }

    fn works(&self, value: &str) -> bool {
        let world = self.0.lock().unwrap();
        let dead = value == NEW
            && matches!(
                world.fault,
                Fault::NewRefused | Fault::Alien | Fault::NoWayBack
            );
        !dead && world.tokens.iter().any(|t| t.1 == value && t.3)
    }

    /// The registry has come to refuse the old one.
    fn old_is_refused(&self) {
        let mut world = self.0.lock().unwrap();
        let old = world.tokens.iter_mut().find(|t| t.1 == OLD).unwrap();
        old.3 = false;
    }

    fn made(&self) -> usize {
        self.0
            .lock()
            .unwrap()
            .tokens
            .iter()
            .filter(|t| t.1 == NEW)
            .count()
    }

    /// What npm reads from here.
    fn survey(&self) -> Survey {
        let mut survey = self.in_the_file();
        if self.0.lock().unwrap().file != File::Here {
            survey.machine.credentials.clear();
            survey.values.clear();
        }
        survey
    }

    fn look_into(&self, file: &Path) -> Result<Survey, Failure> {
        assert_eq!(Some(file), place(1).path.as_deref());
        if self.0.lock().unwrap().file == File::Unreadable {
            return Err(Failure::new(
                FailureKind::Local,
                "~/.npmrc cannot be read.",
                "Mend it.",
            ));
        }
        Ok(self.in_the_file())
    }

    fn in_the_file(&self) -> Survey {
        let mut survey = Survey::default();
        for (at, value) in self.lines().iter().enumerate() {
            let id = place(at + 1);
            survey.machine.credentials.push(LocalCredential {
                id: id.clone(),
                place: format!("~/.npmrc, line {}", at + 1).as_str().into(),
                source: SourceKind::User,
                scope: HOST.into(),
                kind: CredentialKind::Token,
                form: Form::Literal,
                begins: Text::default(),
                rank: Rank::Wins,
                in_use: false,
            });
            survey
                .values
                .push((id, Auth::Bearer(Arc::new(value.as_str().into()))));
        }
        survey.machine = Machine {
            registry: HOST.into(),
            ..survey.machine
        };
        survey
    }

    fn answer(&self, seen: &Seen) -> Reply {
        let mut world = self.0.lock().unwrap();
        let carried = seen.token.clone().unwrap_or_default();
        let fault = world.fault;
        let taken = world.tokens.iter().any(|t| t.1 == carried && t.3);
        if carried == NEW && seen.at == At::Whoami {
            match fault {
                Fault::NewRefused | Fault::NoWayBack => return unauthorised(""),
                Fault::NewUnreachable => return Reply::Error(unreachable()),
                Fault::Alien => return Reply::Name("mallory"),
                _ => {}
            }
        }
        if !taken {
            return unauthorised("");
        }
        match seen.at {
            At::Whoami => Reply::Name("alice"),
            At::Tokens if world.revoked && fault == Fault::NoList => refuses(500, "oops"),
            At::Tokens => Reply::Page(TokenPage {
                rows: world
                    .tokens
                    .iter()
                    .filter(|t| t.2)
                    .flat_map(|t| {
                        let mut row = row(&t.0);
                        let at = row.created.unwrap().at().as_second() - world.behind;
                        row.created = Timestamp::from_second(at).ok().map(Moment::from);
                        std::iter::repeat_n(row, if world.moves { 2 } else { 1 })
                    })
                    .collect(),
                ..page::<&str>([])
            }),
            At::CreateToken if fault == Fault::CreateRefused => refuses(403, "no"),
            At::CreateToken => {
                world.tokens.push(("new key".into(), NEW, true, true));
                match fault {
                    Fault::CreateLost => Reply::Error(lost()),
                    Fault::Wider => Reply::Made(
                        Token {
                            bypass_2fa: true,
                            ..row("new key")
                        },
                        NEW,
                    ),
                    _ => Reply::Made(row("new key"), NEW),
                }
            }
            At::Revoke if fault == Fault::RevokeRefused => refuses(403, "no"),
            At::Revoke => {
                world.revoked = true;
                match fault {
                    Fault::RevokeLostBefore => return Reply::Error(lost()),
                    Fault::RevokeStumblesBefore => return refuses(500, "oops"),
                    _ => {}
                }
                let what = seen.what.clone();
                let Some(token) = world.tokens.iter_mut().find(|t| t.0 == what && t.2) else {
                    return Reply::Revoked(Revoked::AlreadyGone);
                };
                token.2 = fault == Fault::StillListed;
                token.3 = matches!(fault, Fault::StillListed | Fault::StillTaken);
                match fault {
                    Fault::RevokeLostAfter => Reply::Error(lost()),
                    Fault::RevokeStumblesAfter => refuses(504, "Gateway Timeout"),
                    _ => Reply::Revoked(Revoked::Done),
                }
            }
            at => panic!("{at:?}"),
        }
    }

    fn put(&self, id: &CredentialId, old: &str, new: &str) -> Result<(), Failure> {
        let mut world = self.0.lock().unwrap();
        world.puts += 1;
        let held = world.lines[id.line - 1].clone();
        let no_way_back = world.fault == Fault::NoWayBack && world.puts > 2;
        if world.fault == Fault::Put(world.puts) || no_way_back || held != old {
            return Err(Failure::new(
                FailureKind::Local,
                "It cannot be written.",
                "Mend it.",
            ));
        }
        world.lines[id.line - 1] = new.to_owned();
        Ok(())
    }

    fn script(&self) -> Script {
        let (world, survey, puts) = (self.clone(), self.clone(), self.clone());
        let looks = self.clone();
        Script::new()
            .clock_ahead(0)
            .world(move |seen| world.answer(seen))
            .survey(move || Ok(survey.survey()))
            .looks(move |file| looks.look_into(file))
            .puts(move |id, old, new| puts.put(id, old, new))
    }
}

fn row(key: &str) -> Token {
    // By the registry's clock, as the bench's stands.
    let created = if key == "new key" {
        1_700_000_010
    } else {
        1_600_000_000
    };
    Token {
        name: Some(key.chars().take(6).collect::<String>().as_str().into()),
        created: Timestamp::from_second(created).ok().map(Moment::from),
        ..token(key)
    }
}

/// The same, into a line of a real file.
fn wishes(id: CredentialId) -> Request {
    let Request::Rotate(wish) = wish(&[], false) else {
        unreachable!("a rotation was wished for");
    };
    Request::Rotate(Rotate {
        places: vec![id],
        ..wish
    })
}

fn wish(places: &[usize], elsewhere: bool) -> Request {
    Request::Rotate(Rotate {
        old: Box::new(row(&key_of(OLD))),
        new: NewToken::classic(false, Vec::new(), "hunter22".into()),
        places: places.iter().map(|line| place(*line)).collect(),
        elsewhere,
    })
}

fn all_is_well(rotated: &Rotated) -> bool {
    // Where nobody knows the old value any more, the list alone tells that it is gone.
    let done = |(step, state): &(RotateStep, RotateState)| match state {
        RotateState::Done(_) => true,
        RotateState::LeftOut(why) => {
            *step == RotateStep::VerifyGone && why.as_str().contains("is not known here")
        }
        _ => false,
    };
    rotated.steps.iter().all(done) && rotated.remains.is_empty()
}

/// No value stands in anything that this program keeps.
fn keeps_no_value(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            keeps_no_value(&path);
        } else {
            let text = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&text);
            assert!(
                !text.contains("Canary") && !text.contains("hunter22"),
                "{path:?}: {text}"
            );
        }
    }
}

fn left(folder: &Path) -> Vec<Left> {
    Left::all(&folder.join("vault")).unwrap()
}

/// Each line of this machine works, but for one that never did.
#[track_caller]
fn every_line_works(truth: &Truth, told: &str) {
    for line in truth.lines().iter().filter(|line| *line != OTHER) {
        assert!(truth.works(line), "{told}: {:?}", truth.lines());
    }
}

#[tokio::test(start_paused = true)]
async fn e4_a_new_token_takes_the_old_ones_place_and_the_old_one_is_gone() {
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(truth.script());
    let mut notes = Notes::open(&bench.folder.path().join("vault")).unwrap();
    notes
        .set(
            &HOST.into(),
            &TokenKey::new(key_of(OLD)),
            &"the build".into(),
        )
        .unwrap();
    let id = bench.start(wish(&[1, 2], false));
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert_eq!(truth.lines(), [NEW, NEW, OTHER]);
    assert!(!truth.works(OLD) && truth.works(NEW));
    assert!(rotated.value.is_none(), "it stands in its places");
    let notes = Notes::open(&bench.folder.path().join("vault")).unwrap();
    let note = notes.of(&HOST.into(), &TokenKey::new("new key")).unwrap();
    assert_eq!(note.text.as_str(), "the build", "the note goes along");
    assert!(left(bench.folder.path()).is_empty());
    keeps_no_value(bench.folder.path());
    // The old one goes only when the new one was seen to work from each place.
    let seen = bench.script.seen();
    let at = |fits: &dyn Fn(&&Seen) -> bool| seen.iter().rposition(|seen| fits(&seen)).unwrap();
    let tried = at(&|seen| seen.at == At::Whoami && seen.token.as_deref() == Some(NEW));
    assert!(tried < at(&|seen| seen.at == At::Revoke));
}

#[tokio::test(start_paused = true)]
async fn only_what_is_proved_to_hold_the_old_token_is_written() {
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(truth.script());
    for places in [&[3][..], &[1, 3], &[9]] {
        let id = bench.start(wish(places, false));
        let failure = bench.finished(id).await.unwrap_err();
        assert!(
            failure.what.as_str().contains("Nothing was changed"),
            "{failure}"
        );
    }
    assert_eq!(truth.made(), 0);
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn e4_whatever_goes_wrong_every_place_goes_on_working_and_what_remains_is_said() {
    for fault in FAULTS {
        let truth = Truth::new(fault);
        let mut bench = Bench::new(truth.script());
        let id = bench.start(wish(&[1, 2], false));
        let result = bench.finished(id).await;
        if fault != Fault::NoWayBack {
            every_line_works(&truth, &format!("{fault:?}"));
        }
        assert!(truth.works(CONFIGURED));
        keeps_no_value(bench.folder.path());
        let told = format!("{result:?}");
        assert!(!told.contains("Canary"), "{told}");
        let rotated = match result {
            Ok(Outcome::Rotated(rotated)) => rotated,
            Err(failure) => {
                assert_eq!(fault, Fault::CreateRefused, "{failure}");
                assert!(left(bench.folder.path()).is_empty());
                continue;
            }
            other => panic!("{other:?}"),
        };
        let said = sentences(&rotated);
        // Works is said of what was seen to work, and of nothing else.
        let seen = |step| matches!(state(&rotated, step), RotateState::Done(_));
        assert!(!said.contains("Both work"), "{fault:?}: {said}");
        assert!(
            !said.contains("works.") || seen(RotateStep::Verify),
            "{fault:?}: {said}"
        );
        if matches!(fault, Fault::RevokeLostBefore | Fault::RevokeStumblesBefore) {
            let of_it = state(&rotated, RotateStep::Revoke);
            assert!(matches!(of_it, RotateState::Failed(_)), "{rotated:?}");
        }
        if matches!(fault, Fault::RevokeLostAfter | Fault::RevokeStumblesAfter) {
            assert!(all_is_well(&rotated), "the list tells: {rotated:?}");
            continue;
        }
        assert!(
            !all_is_well(&rotated) && !rotated.remains.is_empty(),
            "{fault:?}: {rotated:?}"
        );
        let stands = truth.lines().iter().filter(|line| *line == NEW).count();
        if fault == Fault::NoWayBack {
            // What works stands in no line any more: it is handed out, and nothing else is claimed.
            assert_eq!((stands, truth.works(OLD)), (2, true));
            let value = rotated
                .value
                .as_deref()
                .map(|value| value.expose().as_str());
            assert_eq!((value, rotated.is_old), (Some(OLD), true));
            let said = sentences(&rotated);
            assert!(!said.contains("is back in its place"), "{said}");
            assert!(said.contains("could not be put back"), "{said}");
        } else {
            let needed = truth.made() == 1 && stands < 2 && fault != Fault::CreateLost;
            assert_eq!(rotated.value.is_some(), needed, "{fault:?}");
            assert!(!rotated.is_old);
        }
        // What can be gone on with is gone on with when the fault is over.
        let open = left(bench.folder.path());
        let over = matches!(
            fault,
            Fault::CreateLost | Fault::Wider | Fault::Put(1) | Fault::NewRefused | Fault::Alien
        );
        assert_eq!(open.is_empty(), over, "{fault:?}");
        let Some(open) = open.into_iter().next() else {
            continue;
        };
        truth.mends();
        if fault == Fault::StillTaken {
            truth.0.lock().unwrap().tokens[0].3 = false;
        }
        let id = bench.start(Request::ResumeRotation {
            left: JournalId(open.id),
        });
        let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
            panic!("not gone on with after {fault:?}");
        };
        assert!(rotated.remains.is_empty(), "{fault:?}: {rotated:?}");
        assert_eq!(truth.lines(), [NEW, NEW, OTHER], "{fault:?}");
        assert!(!truth.works(OLD) && truth.works(NEW), "{fault:?}");
        assert_eq!(truth.made(), 1, "made once: {fault:?}");
        assert!(left(bench.folder.path()).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn e4_the_credential_in_use_is_rotated_by_the_new_one() {
    let truth = Truth::new(Fault::None);
    let script = truth.script();
    let (hand, puts) = (script.clone(), truth.clone());
    let script = script.puts(move |id, old, new| {
        puts.put(id, old, new)?;
        if id.line == 1 {
            hand.configures(new);
        }
        Ok(())
    });
    script.configures(OLD);
    let mut bench = Bench::new(script);
    let id = bench.start(wish(&[1, 2], false));
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    assert!(all_is_well(&rotated), "{rotated:?}");
    let revoke = bench.script.seen_at(At::Revoke);
    assert_eq!(revoke.len(), 1);
    assert_eq!(
        revoke[0].token.as_deref(),
        Some(NEW),
        "the new one revokes the old one"
    );
    // What comes next is asked by the new one, too.
    let id = bench.start(Request::Tokens);
    assert!(bench.finished(id).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_used_elsewhere_goes_when_the_person_says_so() {
    for agrees in [true, false] {
        let truth = Truth::new(Fault::None);
        let mut bench = Bench::new(truth.script());
        let id = bench.start(wish(&[], true));
        let value = bench
            .until(|event| match event {
                Event::Asked {
                    question: Question::Installed { value, .. },
                    ..
                } => Some(value.expose().clone()),
                _ => None,
            })
            .await;
        assert_eq!(value, NEW);
        assert!(truth.works(OLD) && truth.works(NEW));
        if agrees {
            bench.answer(id, Answer::GoOn);
        } else {
            bench.cancel(id);
        }
        let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
            panic!("not rotated");
        };
        assert_eq!(truth.works(OLD), !agrees);
        assert!(rotated.value.is_some());
        assert_eq!(left(bench.folder.path()).is_empty(), agrees);
        keeps_no_value(bench.folder.path());
    }
}

/// Until no thread writes a journal any more: what it does to a file goes on to its end.
async fn unlocked(folder: &Path) {
    let journals = || std::fs::read_dir(folder.join("vault/journals")).map_or(0, Iterator::count);
    for _ in 0..100_000 {
        tokio::task::spawn_blocking(std::thread::yield_now)
            .await
            .unwrap();
        if left(folder).len() == journals() {
            return;
        }
    }
    panic!("a journal is still being written");
}

/// How a rotation that was gone on with has to end, by what its journal and the registry had.
fn exact_end(truth: &Truth, noted: &Left, rotated: &Rotated) -> &'static str {
    let has = |key: &str| noted.lines.iter().any(|line| line.get(key).is_some());
    let said = sentences(rotated);
    if truth.lines().contains(&NEW.to_owned()) {
        assert!(all_is_well(rotated), "{noted:?}: {rotated:?}");
        assert_eq!(truth.lines(), [NEW, NEW, OTHER]);
        assert!(!truth.works(OLD) && truth.works(NEW), "{rotated:?}");
        return "whole";
    }
    assert_eq!(truth.lines(), [OLD, OLD, OTHER]);
    assert!(truth.works(OLD));
    let (end, remains) = match (has("step"), has("new"), truth.made()) {
        (false, false, 0) => ("before the new token was asked for", "rotate it anew"),
        (true, false, 0) => ("none is listed yet", "before you rotate it anew"),
        (true, false, 1) => ("and its value is lost", "Revoke new ke"),
        (true, true, 1) => (
            "was lost before it stood in any of its places",
            "Revoke new ke",
        ),
        other => panic!("{other:?}: {noted:?}"),
    };
    assert!(said.contains(end) && said.contains(remains), "{said}");
    end
}

#[tokio::test(start_paused = true)]
async fn e4_left_or_killed_anywhere_nothing_stops_working_and_the_next_start_ends_it() {
    for kill in [false, true] {
        let mut whole = false;
        let mut ends = BTreeSet::new();
        for after in 0..60 {
            let truth = Truth::new(Fault::None);
            let mut bench = Bench::new(truth.script());
            let id = bench.start(wish(&[1, 2], false));
            let mut ended = None;
            for _ in 0..after {
                if let Event::Finished { result, .. } = bench.next().await {
                    ended = Some(result);
                    break;
                }
            }
            if ended.is_some() {
                whole = true;
                break;
            }
            let mut told = None;
            let folder = if kill {
                bench.killed().await
            } else {
                bench.cancel(id);
                let result = bench.finished(id).await;
                assert!(!format!("{result:?}").contains("Canary"));
                told = Some(result);
                bench.quit().await.0
            };
            unlocked(folder.path()).await;
            every_line_works(&truth, &format!("{after}"));
            keeps_no_value(folder.path());
            let noted = left(folder.path()).pop();
            let mut bench = Bench::again(truth.script(), folder);
            let id = bench.start(Request::Unfinished);
            let Ok(Outcome::Unfinished(open)) = bench.finished(id).await else {
                panic!("not told");
            };
            assert_eq!(open.len(), usize::from(noted.is_some()), "{after}");
            if let (Some(Unfinished::Rotation { id, left }), Some(noted)) =
                (open.into_iter().next(), noted)
            {
                assert_eq!(left.old.raw(), key_of(OLD));
                let rotated = resume(&mut bench, &id).await;
                let told = format!("{rotated:?}");
                assert!(!told.contains("Canary"), "{told}");
                ends.insert(exact_end(&truth, &noted, &rotated));
            } else {
                // Nothing was begun, or it ended when it was left: then that was told.
                let made = truth.made();
                let over = match told {
                    // Killed when all was done and only its end was not told.
                    None if made == 1 => !truth.works(OLD) && truth.lines() == [NEW, NEW, OTHER],
                    None | Some(Err(_)) => made == 0 && truth.works(OLD),
                    Some(Ok(Outcome::Rotated(rotated))) if truth.works(OLD) => {
                        let said = sentences(&rotated);
                        assert!(said.contains("put its value where it is needed"), "{said}");
                        made == 1 && rotated.value.is_some()
                    }
                    Some(Ok(Outcome::Rotated(rotated))) => all_is_well(&rotated),
                    other => panic!("{other:?}"),
                };
                assert!(over, "{after}");
                ends.insert("nothing is left");
            }
            every_line_works(&truth, &format!("{after}, gone on with"));
            assert!(truth.made() <= 1, "made once");
            assert!(
                left(bench.folder.path()).is_empty(),
                "{after}: nothing is left"
            );
        }
        assert!(whole, "it ends");
        // What threads do to files shifts the points a little; both ends of the way are always met.
        assert!(ends.contains("nothing is left") && ends.contains("whole"));
        assert!(!kill || ends.len() > 2, "{ends:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_was_cut_off_after_the_old_one_went_is_not_asked_whether_it_may_go() {
    let truth = Truth::new(Fault::None);
    let mut bench = Bench::new(truth.script());
    let id = bench.start(wish(&[1, 2], true));
    bench
        .until(|event| {
            let question = match event {
                Event::Asked { question, .. } => question,
                _ => return None,
            };
            matches!(question, Question::Installed { .. }).then_some(())
        })
        .await;
    bench.answer(id, Answer::GoOn);
    while truth.works(OLD) {
        bench.next().await;
    }
    let folder = bench.killed().await;
    for _ in 0..1_000 {
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        if !left(folder.path()).is_empty() {
            break;
        }
    }
    let sent = |bench: &Bench| bench.script.seen_at(At::Revoke).len();
    let mut bench = Bench::again(truth.script(), folder);
    let id = bench.start(Request::Unfinished);
    let Ok(Outcome::Unfinished(open)) = bench.finished(id).await else {
        panic!("not told");
    };
    let Some(Unfinished::Rotation { id, .. }) = open.into_iter().next() else {
        panic!("nothing is left");
    };
    let id = bench.start(Request::ResumeRotation { left: id });
    // It ends by itself: nobody answers.
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not gone on with");
    };
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert_eq!(sent(&bench), 0);
    every_line_works(&truth, "gone on with");
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_code_is_asked_for_where_the_registry_wants_one() {
    let truth = Truth::new(Fault::None);
    let script = truth
        .script()
        .on(At::CreateToken, [wants_code()])
        .on(At::Revoke, [wants_code()]);
    let mut bench = Bench::new(script);
    let id = bench.start(wish(&[1], false));
    assert_eq!(bench.challenged(id).await.action.as_str(), "make a token");
    bench.code(id, "123456");
    assert_eq!(
        bench.challenged(id).await.action.as_str(),
        "revoke the old token"
    );
    bench.code(id, "654321");
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    assert!(!truth.works(OLD));
    // The second line still holds it.
    assert_eq!(rotated.remains.len(), 1, "{rotated:?}");
}

/// Rotates until the new value stands in its places and cannot be tried out.
async fn left_at_verify(truth: &Truth, bench: &mut Bench) -> JournalId {
    let id = bench.start(wish(&[1, 2], false));
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    assert!(!all_is_well(&rotated), "{rotated:?}");
    assert_eq!(truth.lines(), [NEW, NEW, OTHER]);
    truth.mends();
    JournalId(left(bench.folder.path()).remove(0).id)
}

async fn resume(bench: &mut Bench, left: &JournalId) -> Rotated {
    let id = bench.start(Request::ResumeRotation { left: left.clone() });
    match bench.finished(id).await {
        Ok(Outcome::Rotated(rotated)) => rotated,
        other => panic!("not gone on with: {other:?}"),
    }
}

fn state(rotated: &Rotated, step: RotateStep) -> &RotateState {
    let found = rotated.steps.iter().find(|(of, _)| *of == step);
    found.map(|(_, state)| state).unwrap()
}

fn sentences(rotated: &Rotated) -> String {
    let failed = rotated.steps.iter().filter_map(|(_, state)| match state {
        RotateState::Failed(why) => Some(why.to_string()),
        _ => None,
    });
    let remains = rotated.remains.iter().map(Text::to_string);
    failed.chain(remains).collect::<Vec<_>>().join(" ")
}

#[tokio::test(start_paused = true)]
async fn e4_gone_on_with_from_another_folder_the_file_that_was_written_is_opened() {
    let truth = Truth::new(Fault::NewUnreachable);
    let mut bench = Bench::new(truth.script());
    let open = left_at_verify(&truth, &mut bench).await;
    truth.file(File::Elsewhere);
    let rotated = resume(&mut bench, &open).await;
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert!(!truth.works(OLD) && truth.works(NEW));
    assert_eq!(truth.made(), 1);
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn e4_a_file_that_cannot_be_read_just_now_ends_nothing_and_nobody_is_told_to_revoke() {
    let truth = Truth::new(Fault::NewUnreachable);
    let mut bench = Bench::new(truth.script());
    let open = left_at_verify(&truth, &mut bench).await;
    truth.file(File::Unreadable);
    for _ in 0..2 {
        let rotated = resume(&mut bench, &open).await;
        let said = sentences(&rotated);
        assert!(said.contains("~/.npmrc cannot be read"), "{said}");
        assert!(!said.contains("Revoke"), "{said}");
        assert!(truth.works(OLD) && truth.works(NEW));
        assert_eq!(left(bench.folder.path()).len(), 1, "it is not over");
    }
    truth.file(File::Here);
    let rotated = resume(&mut bench, &open).await;
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert!(!truth.works(OLD) && truth.works(NEW));
}

#[tokio::test(start_paused = true)]
async fn e4_the_new_value_is_recognised_by_the_journal_where_no_note_could_be_kept() {
    let truth = Truth::new(Fault::NewUnreachable);
    let mut bench = Bench::new(truth.script());
    // Where the notes are to be, there is a folder; and the new key is no digest.
    std::fs::create_dir_all(bench.folder.path().join("vault/tokens.json")).unwrap();
    let open = left_at_verify(&truth, &mut bench).await;
    keeps_no_value(bench.folder.path());
    let rotated = resume(&mut bench, &open).await;
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert!(!truth.works(OLD) && truth.works(NEW));
}

#[tokio::test(start_paused = true)]
async fn e4_a_line_that_has_moved_in_its_file_is_found_by_its_value() {
    let truth = Truth::new(Fault::NewUnreachable);
    let mut bench = Bench::new(truth.script());
    let open = left_at_verify(&truth, &mut bench).await;
    truth.0.lock().unwrap().lines = vec![OTHER.into(), OTHER.into(), NEW.into(), NEW.into()];
    let rotated = resume(&mut bench, &open).await;
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert!(!truth.works(OLD) && truth.works(NEW));
}

#[tokio::test(start_paused = true)]
async fn e4_a_value_that_is_in_none_of_its_places_is_lost_only_where_the_old_one_stands_in_each() {
    for other in [false, true] {
        let truth = Truth::new(Fault::NewUnreachable);
        let mut bench = Bench::new(truth.script());
        let open = left_at_verify(&truth, &mut bench).await;
        let first = if other { OTHER } else { OLD };
        truth.0.lock().unwrap().lines = vec![first.into(), OLD.into(), OTHER.into()];
        let rotated = resume(&mut bench, &open).await;
        let said = sentences(&rotated);
        assert!(truth.works(OLD) && truth.works(NEW));
        // Who put another value there may have put this one elsewhere.
        assert_eq!(said.contains("Revoke new"), !other, "{said}");
        assert_eq!(left(bench.folder.path()).is_empty(), !other, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn e4_an_old_value_that_is_nowhere_any_more_is_not_said_to_be_back() {
    let truth = Truth::new(Fault::NoWayBack);
    let mut bench = Bench::new(truth.script());
    let id = bench.start(wish(&[1, 2], false));
    assert!(bench.finished(id).await.is_ok());
    let open = JournalId(left(bench.folder.path()).remove(0).id);
    // The files take it again, but this run has not got it.
    truth.0.lock().unwrap().fault = Fault::NewRefused;
    let rotated = resume(&mut bench, &open).await;
    let said = sentences(&rotated);
    assert!(
        !said.contains("is back in its place") && said.contains("is not known here"),
        "{said}"
    );
    assert_eq!(left(bench.folder.path()).len(), 1, "it stays open");
    // The person puts it back by hand: then it is over.
    truth.0.lock().unwrap().lines = vec![OLD.into(), OLD.into(), OTHER.into()];
    let said = sentences(&resume(&mut bench, &open).await);
    assert!(said.contains("Revoke new"), "{said}");
    assert!(left(bench.folder.path()).is_empty());
    assert!(truth.works(OLD));
}

#[tokio::test(start_paused = true)]
async fn e4_a_new_token_that_the_registry_forgets_before_it_can_revoke_is_not_said_to_work() {
    let truth = Truth::new(Fault::None);
    let hand = truth.clone();
    let script = truth.script();
    let (configures, puts) = (script.clone(), truth.clone());
    let script = script
        .puts(move |id, old, new| {
            puts.put(id, old, new)?;
            configures.configures(new);
            Ok(())
        })
        .world(move |seen| match (seen.at, seen.token.as_deref()) {
            (At::Revoke, _) => unauthorised(""),
            _ => hand.answer(seen),
        });
    script.configures(OLD);
    let mut bench = Bench::new(script);
    let id = bench.start_asking(wish(&[1, 2], false), Asking::Never);
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    let said = sentences(&rotated);
    assert!(said.contains("see which of the two works"), "{said}");
    assert!(!said.contains("Both work") && !said.contains("and works."));
    assert_eq!(left(bench.folder.path()).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn e4_a_token_that_is_limited_to_other_addresses_is_not_said_to_work() {
    let truth = Truth::new(Fault::None);
    let hand = truth.clone();
    // From here both are refused.
    let script = truth
        .script()
        .world(move |seen| match (seen.at, seen.token.as_deref()) {
            (At::Whoami, Some(OLD | NEW)) => refuses(403, "not from there"),
            _ => hand.answer(seen),
        });
    let mut bench = Bench::new(script);
    let Request::Rotate(mut wish) = wish(&[1, 2], false) else {
        unreachable!()
    };
    wish.old.cidr = ["192.0.2.0/24".into()].into();
    let id = bench.start(Request::Rotate(wish));
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    let said = sentences(&rotated);
    assert!(said.contains("was not tried out"), "{said}");
    assert!(!said.contains("Both work") && !said.contains("and works."));
    assert!(truth.works(OLD));
}

#[tokio::test(start_paused = true)]
async fn p31_refused_before_is_said_only_where_it_was_refused_before() {
    for (reply, says) in [
        (None, "and refused since"),
        (
            Some((|| refuses(403, "no")) as fn() -> Reply),
            "was refused from here before",
        ),
        (Some(|| refuses(500, "oops")), "was not found out"),
        (Some(|| Reply::Error(unreachable())), "was not found out"),
    ] {
        let truth = Truth::new(Fault::None);
        let hand = truth.clone();
        let script = truth.script().world(move |seen| {
            let of_old = (seen.at, seen.token.as_deref()) == (At::Whoami, Some(OLD));
            match reply {
                Some(reply) if of_old && hand.works(OLD) => reply(),
                _ => hand.answer(seen),
            }
        });
        let mut bench = Bench::new(script);
        let id = bench.start(wish(&[1, 2], false));
        let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
            panic!("not rotated");
        };
        let RotateState::Done(said) = state(&rotated, RotateStep::VerifyGone) else {
            panic!("{rotated:?}");
        };
        assert!(said.as_str().contains(says), "{says}: {said}");
    }
}

#[tokio::test(start_paused = true)]
async fn e4_a_new_token_that_is_only_listed_late_is_not_said_to_be_revoked() {
    // It works, whatever the list has: on.
    let truth = Truth::new(Fault::NewUnreachable);
    let mut bench = Bench::new(truth.script());
    let open = left_at_verify(&truth, &mut bench).await;
    truth.new_is(false, true);
    let rotated = resume(&mut bench, &open).await;
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert!(!truth.works(OLD) && truth.works(NEW));
    // It was never seen, and is refused or cannot be tried out: that may be late, too.
    for fault in [Fault::NewRefused, Fault::NewUnreachable] {
        let truth = Truth::new(Fault::NewUnreachable);
        let mut bench = Bench::new(truth.script());
        let open = left_at_verify(&truth, &mut bench).await;
        truth.new_is(false, true);
        truth.0.lock().unwrap().fault = fault;
        let rotated = resume(&mut bench, &open).await;
        let said = sentences(&rotated);
        assert!(!said.contains("was revoked meanwhile"), "{said}");
        assert!(said.contains("keep both"), "{said}");
        assert_eq!(left(bench.folder.path()).len(), 1, "it is not over");
        // Then it is there.
        truth.mends();
        truth.new_is(true, true);
        assert!(all_is_well(&resume(&mut bench, &open).await));
    }
}

#[tokio::test(start_paused = true)]
async fn e4_a_new_token_that_was_there_and_is_not_any_more_is_said_to_be_revoked() {
    let truth = Truth::new(Fault::NewUnreachable);
    let mut bench = Bench::new(truth.script());
    let open = left_at_verify(&truth, &mut bench).await;
    // Seen once, by another run that cannot try it out either.
    truth.0.lock().unwrap().fault = Fault::NewUnreachable;
    assert!(!all_is_well(&resume(&mut bench, &open).await));
    truth.mends();
    truth.new_is(false, false);
    let said = sentences(&resume(&mut bench, &open).await);
    assert!(said.contains("was revoked meanwhile"), "{said}");
    assert!(left(bench.folder.path()).is_empty());
    assert!(truth.works(OLD));
}

/// Killed while the new token was being made: it is, and its answer came too late.
async fn killed_at_create(truth: &Truth, ahead: i64) -> (Script, tempfile::TempDir) {
    let hand = truth.clone();
    let script = truth.script().clock_ahead(ahead).world(move |seen| {
        let reply = hand.answer(seen);
        match seen.at {
            At::CreateToken => {
                let (gate, reply) = held();
                // Nobody opens it.
                std::mem::forget(gate);
                reply
            }
            _ => reply,
        }
    });
    let mut bench = Bench::new(script.clone());
    bench.start(wish(&[1, 2], false));
    bench
        .when(|script| !script.seen_at(At::CreateToken).is_empty())
        .await;
    (script, bench.killed().await)
}

#[tokio::test(start_paused = true)]
async fn e4_a_token_that_was_never_asked_for_is_not_said_to_be_lost() {
    let truth = Truth::new(Fault::None);
    let hand = truth.clone();
    let mut held_once = false;
    let script = truth.script().world(move |seen| {
        if seen.at == At::Tokens && !std::mem::replace(&mut held_once, true) {
            let (gate, reply) = held();
            std::mem::forget(gate);
            return reply;
        }
        hand.answer(seen)
    });
    let mut bench = Bench::new(script.clone());
    bench.start(wish(&[1, 2], false));
    bench
        .when(|script| !script.seen_at(At::Tokens).is_empty())
        .await;
    let folder = bench.killed().await;
    unlocked(folder.path()).await;
    let mut bench = Bench::again(script, folder);
    let open = left(bench.folder.path()).remove(0);
    let rotated = resume(&mut bench, &JournalId(open.id.clone())).await;
    let end = exact_end(&truth, &open, &rotated);
    assert_eq!(end, "before the new token was asked for");
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn e4_a_token_that_was_being_made_is_found_by_the_registrys_own_time() {
    // This machine is an hour ahead of the registry, and behind it.
    for ahead in [0, 3_600, -3_600] {
        let truth = Truth::new(Fault::None);
        truth.0.lock().unwrap().behind = ahead;
        let (script, folder) = killed_at_create(&truth, ahead).await;
        let mut bench = Bench::again(script, folder);
        let open = JournalId(left(bench.folder.path()).remove(0).id);
        let rotated = resume(&mut bench, &open).await;
        let said = sentences(&rotated);
        assert!(said.contains("its value is lost"), "{ahead}: {said}");
        assert_eq!(said.matches("Revoke ").count(), 1, "{ahead}: {said}");
        assert!(said.contains("Revoke new ke"), "{ahead}: {said}");
        assert!(left(bench.folder.path()).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn e4_a_list_that_moves_does_not_say_that_none_was_made() {
    let truth = Truth::new(Fault::None);
    let (script, folder) = killed_at_create(&truth, 0).await;
    truth.new_is(false, true);
    truth.0.lock().unwrap().moves = true;
    let mut bench = Bench::again(script, folder);
    let open = JournalId(left(bench.folder.path()).remove(0).id);
    let said = sentences(&resume(&mut bench, &open).await);
    assert!(said.contains("is not known, since the list"), "{said}");
    assert_eq!(left(bench.folder.path()).len(), 1, "it is not over");
    truth.0.lock().unwrap().moves = false;
    let said = sentences(&resume(&mut bench, &open).await);
    assert!(said.contains("none is listed yet"), "{said}");
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_gone_already_is_not_asked_about_when_it_is_gone_on_with() {
    let truth = Truth::new(Fault::NoList);
    let mut bench = Bench::new(truth.script());
    let id = bench.start(wish(&[1, 2], true));
    bench
        .until(|event| matches!(event, Event::Asked { .. }).then_some(()))
        .await;
    bench.answer(id, Answer::GoOn);
    assert!(bench.finished(id).await.is_ok());
    assert!(!truth.works(OLD));
    truth.mends();
    let open = JournalId(left(bench.folder.path()).remove(0).id);
    let id = bench.start(Request::ResumeRotation { left: open });
    let (events, result) = bench.rest(id).await;
    let asked = |event: &Event| matches!(event, Event::Asked { .. });
    assert!(!events.iter().any(asked), "{events:?}");
    let Ok(Outcome::Rotated(rotated)) = result else {
        panic!("not gone on with");
    };
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert_eq!(bench.script.seen_at(At::Revoke).len(), 1, "revoked once");
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn p31_what_was_last_seen_accepted_is_not_said_to_be_gone_and_refused() {
    let truth = Truth::new(Fault::StillTaken);
    let mut bench = Bench::new(truth.script());
    let id = bench.start(wish(&[1, 2], false));
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    let said = sentences(&rotated);
    assert!(said.contains("still takes it"), "{said}");
    // What is not listed cannot be named to be revoked.
    assert!(said.contains("token rotate --resume"), "{said}");
    assert!(!said.contains("revoke it again"), "{said}");
    let open = JournalId(left(bench.folder.path()).remove(0).id);
    // While the program runs the value stays known, and is tried out.
    let rotated = resume(&mut bench, &open).await;
    let said = sentences(&rotated);
    assert!(said.contains("still takes it"), "{said}");
    keeps_no_value(bench.folder.path());
    // Another program does not know it.
    let folder = bench.killed().await;
    unlocked(folder.path()).await;
    let mut bench = Bench::again(truth.script(), folder);
    let rotated = resume(&mut bench, &open).await;
    let said = sentences(&rotated);
    assert!(said.contains("still accepted when last tried at"), "{said}");
    assert!(said.contains("cannot be tried again"), "{said}");
    assert!(!all_is_well(&rotated) && !rotated.remains.is_empty());
    assert_eq!(left(bench.folder.path()).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn p31_gone_on_with_in_the_same_program_what_is_refused_by_now_is_seen_to_be() {
    let truth = Truth::new(Fault::StillTaken);
    let mut bench = Bench::new(truth.script());
    let id = bench.start(wish(&[1, 2], false));
    assert!(bench.finished(id).await.is_ok());
    let open = JournalId(left(bench.folder.path()).remove(0).id);
    truth.old_is_refused();
    let rotated = resume(&mut bench, &open).await;
    let gone = state(&rotated, RotateStep::VerifyGone);
    assert!(
        matches!(gone, RotateState::Done(said) if said.as_str().contains("refused since")),
        "{rotated:?}"
    );
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn p31_a_value_that_was_not_tried_out_is_not_said_to_be_refused() {
    let truth = Truth::new(Fault::NoList);
    let mut bench = Bench::new(truth.script());
    let id = bench.start(wish(&[1, 2], false));
    assert!(bench.finished(id).await.is_ok());
    truth.mends();
    let open = JournalId(left(bench.folder.path()).remove(0).id);
    let folder = bench.killed().await;
    unlocked(folder.path()).await;
    let mut bench = Bench::again(truth.script(), folder);
    let rotated = resume(&mut bench, &open).await;
    let gone = state(&rotated, RotateStep::VerifyGone);
    assert!(
        matches!(gone, RotateState::LeftOut(said) if said.as_str().contains("not tried out")),
        "{rotated:?}"
    );
    assert!(all_is_well(&rotated), "{rotated:?}");
    assert!(left(bench.folder.path()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn e4_after_a_token_was_made_no_step_says_that_nothing_was_changed() {
    let truth = Truth::new(Fault::None);
    let hand = truth.clone();
    let script = truth.script().world(move |seen| {
        if (seen.at, seen.token.as_deref()) == (At::Whoami, Some(NEW)) {
            return refuses(404, "not here");
        }
        hand.answer(seen)
    });
    let mut bench = Bench::new(script);
    let id = bench.start(wish(&[1], false));
    let Ok(Outcome::Rotated(rotated)) = bench.finished(id).await else {
        panic!("not rotated");
    };
    let said = sentences(&rotated);
    assert!(!said.contains("Nothing was changed"), "{said}");
    assert!(
        said.contains("The new token is made, and stands in ~/.npmrc, line 1"),
        "{said}"
    );
    assert!(truth.works(OLD), "{said}");
}
