//! The emergency, stage by stage, on a registry that a thief may be at, too.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use npm_warden::backend::incidents_left;
use npm_warden::backend::protocol::{
    Answer, Event, JournalId, Outcome, Question, Request, RequestId, Step,
};
use npm_warden::domain::failure::Failure;
use npm_warden::domain::identity::CredentialKind;
use npm_warden::domain::incident::{
    Ask, Care, Incident, PackageFacts, Reply as Said, Stage, StageState, Suspicion,
};
use npm_warden::domain::machine::{
    CredentialId, Fix, Form, LocalCredential, Machine, Rank, SourceKind,
};
use npm_warden::domain::moment::Moment;
use npm_warden::domain::plan::Class;
use npm_warden::domain::remains::is_gone;
use npm_warden::domain::revocation::RowState;
use npm_warden::domain::signin::{Ended, Keep};
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::{Token, TokenKey};
use npm_warden::npmrc::{Auth, Survey};
use npm_warden::registry::{Revoked, TokenPage};
use sha2::{Digest as _, Sha512};

use super::bench::{Bench, sign_in};
use super::script::{
    At, CONFIGURED, HOST, Reply, Script, Seen, profile, refuses, refuses_code, token, unauthorised,
    unreachable, wants_code,
};

const SESSION: &str = "npm_sessionCanary";
/// What sign-ins give out, one after the other.
const SESSIONS: [&str; 3] = [SESSION, "npm_sessionSecond", "npm_sessionThird"];

/// The key that a registry makes of a value.
fn key(value: &str) -> String {
    let digest = Sha512::digest(value);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the registry holds, and how it behaves.
#[derive(Default)]
struct State {
    /// Listed, by key.
    listed: Vec<Token>,
    /// Which values are accepted.
    alive: Vec<String>,
    /// The sign-in of this program is listed, too.
    lists_sessions: bool,
    /// How often each token was asked to be revoked, and did go.
    revoked: HashMap<String, u32>,
    /// How often each was asked to be revoked at all.
    asked: HashMap<String, u32>,
    /// For how many readings what is gone stands in the list still.
    lag: usize,
    /// For how many requests what is gone is taken still.
    taken: usize,
    dying: HashMap<String, usize>,
    lingers: Vec<(Token, usize)>,
    /// What a thief makes with the n-th revocation.
    thief: BTreeMap<usize, &'static str>,
    revocations: usize,
    packages: Vec<PackageFacts>,
    /// What comes instead of an answer.
    instead: HashMap<At, Vec<fn() -> Reply>>,
    /// After so many revocations the network is not there for so many more.
    lost: Option<(usize, usize)>,
    /// A code is wanted; which one.
    code: Option<&'static str>,
    /// Any code is taken, each once; those that have served.
    once: Option<Vec<String>>,
    signed_in: usize,
    /// It says that it ends sessions, and ends none.
    ends_nothing: bool,
    /// Two-factor authentication is off.
    without_factor: bool,
    /// What lies in the file, line by line.
    lies: Vec<(usize, &'static str)>,
    /// Lines that are made of a variable and of text.
    mixed: Vec<usize>,
    /// Values that work from elsewhere alone.
    elsewhere: Vec<&'static str>,
    /// Whose a value is, if not alice's.
    whose: HashMap<String, &'static str>,
}

#[derive(Clone, Default)]
struct World(Arc<Mutex<State>>);

impl World {
    fn new() -> Self {
        let world = Self::default();
        {
            let mut state = world.lock();
            for (value, day, bypass, reads) in [
                ("npm_publish", 3, false, false),
                ("npm_automation", 2, true, false),
                ("npm_reader", 1, false, true),
                (CONFIGURED, 4, false, false),
            ] {
                let mut token = of(value, day);
                token.bypass_2fa = bypass;
                token.readonly = reads;
                state.listed.push(token);
                state.alive.push(value.to_owned());
            }
            state.lies = vec![(1, CONFIGURED)];
            state.lists_sessions = true;
            state.packages = vec![PackageFacts {
                owners: vec!["alice".into()],
                recent: vec![("1.0.0".into(), Timestamp::UNIX_EPOCH)],
                latest: Some(("1.0.0".into(), Some(Timestamp::UNIX_EPOCH))),
                ..PackageFacts::named("kettle".into(), "write".into())
            }];
        }
        world
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn script(&self) -> Script {
        let state = Arc::clone(&self.0);
        let lies = Arc::clone(&self.0);
        let script = Script::new().survey(move || {
            let state = lies
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let mut survey = survey(&state.lies);
            let here = survey.machine.credentials.iter_mut();
            for local in here.filter(|local| state.mixed.contains(&local.id.line)) {
                local.form = Form::Mixed {
                    names: vec!["${HALF}".into()],
                    unset: Vec::new(),
                };
            }
            Ok(survey)
        });
        script.world(move |seen: &Seen| {
            let mut state = state
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            state.answer(seen)
        })
    }

    fn instead(&self, at: At, replies: impl IntoIterator<Item = fn() -> Reply>) {
        self.lock().instead.entry(at).or_default().extend(replies);
    }

    fn names(&self) -> Vec<String> {
        self.lock()
            .listed
            .iter()
            .map(|token| token.label().to_owned())
            .collect()
    }
}

fn of(value: &str, day: i64) -> Token {
    let mut token = token(key(value));
    token.begins = value.chars().take(8).collect::<String>().as_str().into();
    token.name = Some(value.trim_start_matches("npm_").into());
    token.created = Timestamp::from_second(1_700_000_000 + day)
        .ok()
        .map(Moment::from);
    token
}

/// These lie in a file, each in its line; the first is the one that counts.
fn survey(lies: &[(usize, &'static str)]) -> Survey {
    let mut credentials = Vec::new();
    let mut values = Vec::new();
    for (line, value) in lies {
        let id = CredentialId {
            path: Some(PathBuf::from("/home/.npmrc")),
            key: "//r/:_authToken".into(),
            line: *line,
        };
        credentials.push(LocalCredential {
            id: id.clone(),
            place: format!("~/.npmrc, line {line}").as_str().into(),
            source: SourceKind::User,
            scope: HOST.into(),
            kind: CredentialKind::Token,
            form: Form::Literal,
            begins: "npm_conf".into(),
            rank: match credentials.is_empty() {
                true => Rank::Wins,
                false => Rank::Beaten("~/.npmrc, line 1".into()),
            },
            in_use: credentials.is_empty(),
        });
        values.push((id, Auth::Bearer(Arc::new((*value).into()))));
    }
    Survey {
        machine: Machine {
            credentials,
            registry: HOST.into(),
            ..Machine::default()
        },
        values,
    }
}

impl State {
    fn answer(&mut self, seen: &Seen) -> Reply {
        if let Some(queue) = self.instead.get_mut(&seen.at)
            && !queue.is_empty()
        {
            return queue.remove(0)();
        }
        let token = seen.token.clone().unwrap_or_default();
        let open = matches!(seen.at, At::PasswordLogin | At::Package);
        let works = self.alive.contains(&token) && !self.elsewhere.contains(&token.as_str());
        let dying = self.dying.get_mut(&token).filter(|left| **left > 0);
        let dying = dying.map(|left| *left -= 1).is_some();
        if !open && !dying && !works {
            return unauthorised("dead");
        }
        match seen.at {
            At::Whoami => Reply::Name(self.whose.get(&token).copied().unwrap_or("alice")),
            At::Profile if self.without_factor => Reply::Profile(profile(Tfa::Off)),
            At::Profile => Reply::Profile(profile(Tfa::On(Level::AuthAndWrites))),
            At::Tokens => {
                let mut rows = self.listed.clone();
                for (token, readings) in &mut self.lingers {
                    if *readings > 0 {
                        *readings -= 1;
                        rows.push(token.clone());
                    }
                }
                Reply::Page(TokenPage {
                    rows,
                    total: None,
                    next: None,
                    last: None,
                })
            }
            At::Revoke => {
                if let Some(served) = &mut self.once {
                    match &seen.otp {
                        None => return wants_code(),
                        Some(otp) if served.contains(otp) => return refuses_code("no"),
                        Some(otp) => served.push(otp.clone()),
                    }
                }
                match (self.code, &seen.otp) {
                    (Some(_), None) => return wants_code(),
                    (Some(code), Some(otp)) if code != otp => return refuses_code("no"),
                    _ => {}
                }
                self.revocations += 1;
                if let Some((after, more)) = self.lost
                    && (after + 1..=after + more).contains(&self.revocations)
                {
                    return Reply::Error(unreachable());
                }
                *self.asked.entry(seen.what.clone()).or_default() += 1;
                if let Some(value) = self.thief.remove(&self.revocations) {
                    self.listed.push(of(value, 90));
                    self.alive.push(value.to_owned());
                }
                let Some(at) = self.listed.iter().position(|it| it.key.raw() == seen.what) else {
                    return Reply::Revoked(Revoked::AlreadyGone);
                };
                let gone = self.listed.remove(at);
                if self.lag > 0 {
                    self.lingers.push((gone, self.lag));
                }
                *self.revoked.entry(seen.what.clone()).or_default() += 1;
                for value in &self.alive {
                    if key(value) == seen.what {
                        self.dying.insert(value.clone(), self.taken);
                    }
                }
                self.alive.retain(|value| key(value) != seen.what);
                Reply::Revoked(Revoked::Done)
            }
            At::PasswordLogin => {
                let session = SESSIONS[self.signed_in];
                self.signed_in += 1;
                self.alive.push(session.to_owned());
                if self.lists_sessions {
                    self.listed.push(of(session, 99));
                }
                Reply::Token(session)
            }
            At::Logout if self.ends_nothing => Reply::Done,
            At::Logout => {
                self.alive.retain(|value| *value != token);
                let key = key(&token);
                self.listed.retain(|it| it.key.raw() != key);
                Reply::Done
            }
            At::Packages => Reply::Packages(
                self.packages
                    .iter()
                    .map(|it| PackageFacts::named(it.name.clone(), it.access.clone()))
                    .collect(),
            ),
            At::Package => {
                let found = self
                    .packages
                    .iter()
                    .find(|it| it.name.as_str() == seen.what);
                found.map_or_else(|| refuses(404, "no"), |it| Reply::Package(it.clone()))
            }
            at => panic!("{at:?}"),
        }
    }
}

/// What a person says at each question; the same each time.
#[derive(Clone)]
struct Person {
    suspicion: Suspicion,
    signs_in: bool,
    keeps: Vec<&'static str>,
    skips: Vec<&'static str>,
    leaves_at: Option<&'static str>,
    codes: Vec<&'static str>,
    /// So many questions for a code are declined at first.
    declines: usize,
    /// Signs in into the file first.
    files: bool,
    /// What happens while it is asked.
    meanwhile: Option<Meanwhile>,
}

/// While it is asked.
type Meanwhile = Arc<dyn Fn(&'static str) + Send + Sync>;

impl Default for Person {
    fn default() -> Self {
        Self {
            suspicion: Suspicion::Clean,
            signs_in: true,
            keeps: Vec::new(),
            skips: Vec::new(),
            leaves_at: None,
            codes: Vec::new(),
            declines: 0,
            files: false,
            meanwhile: None,
        }
    }
}

fn word(ask: &Ask) -> &'static str {
    match ask {
        Ask::Suspect => "suspect",
        Ask::Email { .. } => "email",
        Ask::Revoke => "revoke",
        Ask::Again { .. } => "again",
        Ask::Appeared(_) => "appeared",
        Ask::Unlisted(_) => "unlisted",
        Ask::Local(_) => "local",
        Ask::Account => "account",
        Ask::Packages => "packages",
        Ask::Beyond => "beyond",
        Ask::Report => "report",
    }
}

impl Person {
    fn says(&self, ask: &Ask) -> Said {
        let word = word(ask);
        if let Some(meanwhile) = &self.meanwhile {
            meanwhile(word);
        }
        if self.leaves_at == Some(word) {
            return Said::Leave;
        }
        if self.skips.contains(&word) {
            return Said::Skip;
        }
        match ask {
            Ask::Suspect => Said::Suspect(self.suspicion),
            Ask::Email { .. } => Said::EmailMine(true),
            Ask::Revoke => Said::Revoke {
                keep: self
                    .keeps
                    .iter()
                    .map(|value| TokenKey::new(key(value)))
                    .collect(),
            },
            Ask::Again { .. } => Said::Again,
            Ask::Appeared(_) => Said::Revoke { keep: Vec::new() },
            Ask::Local(found) => Said::TakeOut(found.iter().map(|it| it.id.clone()).collect()),
            Ask::Account => Said::Account {
                password: Care::Done,
                second_factor: Care::Elsewhere,
                recovery_codes: Care::LeftOut,
            },
            Ask::Unlisted(_) | Ask::Packages | Ask::Report => Said::GoOn,
            Ask::Beyond => Said::Ticked(vec![true, false]),
        }
    }
}

/// One walk: what was asked in which order, what was told, how it ended.
struct Walked {
    asked: Vec<&'static str>,
    told: Vec<Arc<Incident>>,
    /// What was wrong with a sign-in.
    problems: Vec<npm_warden::domain::text::Text>,
    end: Result<Arc<Incident>, Failure>,
}

impl Walked {
    #[track_caller]
    fn incident(&self) -> &Incident {
        self.end.as_ref().unwrap()
    }

    fn state(&self, value: &str) -> Option<&RowState> {
        let key = key(value);
        let rows = &self.incident().rows;
        rows.iter()
            .find(|row| row.token.key.is(&key))
            .map(|row| &row.state)
    }
}

fn emergency(resume: Option<JournalId>) -> Request {
    Request::Emergency {
        resume,
        rehearsal: false,
    }
}

async fn walk(bench: &mut Bench, request: Request, person: &Person) -> Walked {
    let id = bench.start(request);
    on(bench, id, person).await
}

async fn on(bench: &mut Bench, id: RequestId, person: &Person) -> Walked {
    let mut walked = Walked {
        asked: Vec::new(),
        told: Vec::new(),
        problems: Vec::new(),
        end: Err(Failure::new(
            npm_warden::domain::failure::FailureKind::Local,
            "nothing",
            "",
        )),
    };
    let mut codes = person.codes.iter();
    let mut declines = person.declines;
    loop {
        match bench.next().await {
            Event::Asked {
                id: by,
                question: Question::Emergency(ask),
            } if by == id => {
                walked.asked.push(word(&ask));
                bench.answer(id, Answer::Emergency(person.says(&ask)));
            }
            Event::Asked {
                id: by,
                question: Question::SignIn(asked),
            } if by == id => {
                walked.asked.push("sign-in");
                if person.leaves_at == Some("sign-in") {
                    bench.answer(id, Answer::Emergency(Said::Leave));
                } else if person.signs_in || asked.without.is_none() {
                    let first = walked.asked.iter().filter(|word| **word == "sign-in");
                    let keep = match person.files && first.count() == 1 {
                        true => Keep::File,
                        false => Keep::Session,
                    };
                    walked.problems.extend(asked.problem);
                    let inner = bench.start(sign_in(keep));
                    assert!(bench.finished(inner).await.is_ok());
                    bench.answer(id, Answer::SignedIn);
                } else {
                    bench.answer(id, Answer::Emergency(Said::Skip));
                }
            }
            Event::Asked {
                question: Question::Challenge(_),
                ..
            } if declines > 0 => {
                declines -= 1;
                walked.asked.push("declined");
                bench.answer(id, Answer::Emergency(Said::Skip));
            }
            Event::Asked {
                question: Question::Challenge(_),
                ..
            } => {
                walked.asked.push("code");
                match codes.next() {
                    Some(code) => bench.code(id, code),
                    None => bench.cancel(id),
                }
            }
            Event::Step {
                step: Step::Incident(incident),
                ..
            } => walked.told.push(incident),
            Event::Finished { id: by, result } if by == id => {
                walked.end = result.map(|outcome| match outcome {
                    Outcome::Emergency(incident) => incident,
                    other => panic!("{other:?}"),
                });
                return walked;
            }
            _ => {}
        }
    }
}

fn left(bench: &Bench) -> Vec<(JournalId, Incident)> {
    incidents_left(&bench.folder.path().join("vault")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn m22_from_the_first_question_to_the_report() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let walked = walk(&mut bench, emergency(None), &Person::default()).await;
    assert_eq!(
        walked.asked,
        [
            "suspect", "sign-in", "email", "revoke", "local", "account", "packages", "beyond",
            "report"
        ]
    );
    let incident = walked.incident();
    for (stage, state) in &incident.stages {
        assert!(
            matches!(state, StageState::Done(..))
                // Recovery codes, and all but one thing out of reach, were left out.
                || matches!(stage, Stage::Account | Stage::Beyond)
                    && matches!(state, StageState::Open(..)),
            "{stage:?}: {state:?}"
        );
    }
    assert_eq!(world.names(), Vec::<String>::new());
    assert!(world.lock().alive.is_empty(), "{:?}", world.lock().alive);
    let classes: Vec<_> = incident
        .rows
        .iter()
        .map(|row| (row.token.label(), row.class))
        .collect();
    assert_eq!(
        classes,
        [
            ("automation", Class::WriteBypass),
            ("configured", Class::Write),
            ("publish", Class::Write),
            ("reader", Class::Read),
            ("sessionCanary", Class::InUse),
        ]
    );
    // In this order they went, and each once.
    let sent: Vec<_> = bench
        .script
        .seen_at(At::Revoke)
        .into_iter()
        .map(|seen| seen.what)
        .collect();
    let planned = incident
        .rows
        .iter()
        .take(4)
        .map(|row| row.token.key.raw().into_owned());
    assert_eq!(sent, planned.collect::<Vec<_>>());
    // No list can be read once it has ended (promise P31).
    assert_eq!(walked.state(SESSION), Some(&RowState::Refused));
    assert!(incident.ended.is_some() && incident.listed.is_some());
    assert!(
        incident
            .sessions
            .iter()
            .any(|(_, ended)| *ended == Ended::Verified)
    );
    assert_eq!(bench.script.fixed().len(), 1);
    assert!(matches!(bench.script.fixed()[0], Fix::Remove(_)));
    assert_eq!(incident.copies, [("~/.npmrc, line 1".into(), None)]);
    assert_eq!(incident.password, Care::Done);
    assert!(incident.beyond[0].1 && !incident.beyond[1].1);
    // Nothing is left to go on with.
    assert!(left(&bench).is_empty());
    // What is told of a password claims nothing of tokens (promise P33).
    let StageState::Open(_, words) = incident.stage(Stage::Account) else {
        panic!();
    };
    assert!(words.as_str().contains("ends no token"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn p32_nothing_is_sent_before_it_is_known_whether_the_machine_is_suspect() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let person = Person {
        suspicion: Suspicion::Elsewhere,
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert_eq!(walked.asked, ["suspect"]);
    let incident = walked.incident();
    assert_eq!(incident.suspicion, Some(Suspicion::Elsewhere));
    assert!(incident.ended.is_some() && incident.rows.is_empty());
    assert!(incident.remains()[0].as_str().contains("solate"));
    assert!(bench.script.seen().is_empty());
    assert!(left(&bench).is_empty());

    // Given up at that question, too.
    let id = bench.start(emergency(None));
    bench
        .until(|event| matches!(event, Event::Asked { .. }).then_some(()))
        .await;
    bench.cancel(id);
    assert!(bench.finished(id).await.is_err());
    assert!(bench.script.seen().is_empty() && left(&bench).is_empty());
}

/// Values, whole; none of them may stand anywhere.
const CANARIES: [&str; 5] = [
    SESSION,
    CONFIGURED,
    "npm_publish",
    "npm_automation",
    "hunter22",
];

/// Everything that lies in the folder of the program.
fn on_the_disk(folder: &std::path::Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&on_the_disk(&path));
        } else {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    all
}

#[tokio::test(start_paused = true)]
async fn each_part_may_fail_and_the_plan_goes_on() {
    for at in [At::Profile, At::Tokens, At::Packages, At::Package] {
        let world = World::new();
        world.instead(at, [(|| refuses(500, "broken")) as fn() -> Reply]);
        let mut bench = Bench::new(world.script());
        let walked = walk(&mut bench, emergency(None), &Person::default()).await;
        let incident = walked.incident();
        assert!(world.names().is_empty(), "{at:?}");
        assert!(incident.ended.is_some(), "{at:?}");
        let snapshot = incident.snapshot.as_ref().unwrap();
        // What was missing was read after the sign-in.
        assert!(snapshot.profile.is_ok() && snapshot.tokens.is_ok() && snapshot.packages.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_is_asked_about_and_a_registry_without_one_is_said() {
    let world = World::new();
    // The snapshot, and its second try, and the list for the plan.
    let broken: fn() -> Reply = || Reply::Error(unreachable());
    world.instead(At::Tokens, [broken, broken, broken]);
    let mut bench = Bench::new(world.script());
    let walked = walk(&mut bench, emergency(None), &Person::default()).await;
    assert!(walked.asked.contains(&"again"), "{:?}", walked.asked);
    assert!(world.names().is_empty());

    let world = World::new();
    let none: fn() -> Reply =
        || Reply::Error(npm_warden::registry::Error::NotOffered { words: "no".into() });
    world.instead(At::Tokens, std::iter::repeat_n(none, 9));
    let mut bench = Bench::new(world.script());
    let walked = walk(&mut bench, emergency(None), &Person::default()).await;
    let incident = walked.incident();
    assert!(matches!(
        incident.stage(Stage::Revoke),
        StageState::Skipped(..)
    ));
    // The credential that was there before is ended all the same.
    assert!(!world.lock().alive.iter().any(|value| value == CONFIGURED));
}

#[tokio::test(start_paused = true)]
async fn every_step_can_be_left_out_and_what_is_kept_stays() {
    let all = [
        "email", "revoke", "local", "account", "packages", "beyond", "report",
    ];
    for skip in all {
        let world = World::new();
        let mut bench = Bench::new(world.script());
        let person = Person {
            skips: vec![skip],
            ..Person::default()
        };
        let walked = walk(&mut bench, emergency(None), &person).await;
        assert!(walked.incident().ended.is_some(), "{skip}");
        assert!(left(&bench).is_empty(), "{skip}");
        let skipped = walked.incident().stages.iter();
        let skipped = skipped.filter(|(_, state)| matches!(state, StageState::Skipped(..)));
        assert_eq!(skipped.count(), 1, "{skip}");
    }
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let person = Person {
        keeps: vec!["npm_reader", CONFIGURED],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert_eq!(world.names(), ["reader", "configured"]);
    let incident = walked.incident();
    assert_eq!(incident.kept.len(), 2);
    // What stays is not ended by the back door either.
    assert!(world.lock().alive.iter().any(|value| value == CONFIGURED));
    assert!(
        incident
            .remains()
            .iter()
            .any(|line| line.as_str().contains("Kept by your choice"))
    );
}

#[tokio::test(start_paused = true)]
async fn p29_without_a_sign_in_the_credential_in_use_goes_last() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let person = Person {
        signs_in: false,
        skips: vec!["account", "packages"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let sent = bench.script.seen_at(At::Revoke);
    assert_eq!(sent.last().unwrap().what, key(CONFIGURED));
    assert_eq!(sent.len(), 4);
    // No list could be read by it any more, so that nothing is verified (promise P31) until a later sign-in reads one.
    let settled = |it: &&Arc<Incident>| matches!(it.stage(Stage::Verify), StageState::Done(..));
    let by_then = walked.told.iter().find(settled).unwrap();
    let in_use = by_then.rows.iter().find(|row| row.class == Class::InUse);
    assert_eq!(in_use.unwrap().state, RowState::Refused);
    // Nothing less by the end.
    let end = walked.state(CONFIGURED);
    assert!(
        matches!(end, Some(RowState::Refused | RowState::Verified)),
        "{end:?}"
    );
    assert!(world.names().is_empty() && world.lock().alive.is_empty());
}

#[tokio::test(start_paused = true)]
async fn tokens_that_a_thief_makes_meanwhile_are_shown_and_go_too() {
    let world = World::new();
    world.lock().thief = BTreeMap::from([(1, "npm_evil1"), (4, "npm_evil2"), (5, "npm_evil3")]);
    let mut bench = Bench::new(world.script());
    let walked = walk(&mut bench, emergency(None), &Person::default()).await;
    let asked = walked.asked.iter().filter(|word| **word == "appeared");
    assert_eq!(asked.count(), 2, "{:?}", walked.asked);
    let incident = walked.incident();
    let appeared = incident.rows.iter().filter(|row| row.appeared);
    let names: Vec<_> = appeared.map(|row| row.token.label()).collect();
    assert_eq!(names, ["evil1", "evil2", "evil3"]);
    assert!(world.names().is_empty(), "{:?}", world.names());
    let StageState::Done(_, words) = incident.stage(Stage::Verify) else {
        panic!();
    };
    assert!(
        words.as_str().contains("3 tokens made by somebody"),
        "{words}"
    );
    let loud = |it: &Arc<Incident>| matches!(it.stage(Stage::Verify), StageState::Now(text) if text.as_str().contains("MADE SINCE THIS BEGAN"));
    assert!(walked.told.iter().any(loud));
}

#[tokio::test(start_paused = true)]
async fn a_code_that_is_refused_half_way_loses_nothing() {
    let world = World::new();
    world.lock().code = Some("222222");
    let mut bench = Bench::new(world.script());
    let person = Person {
        codes: vec!["111111", "222222", "333333", "222222", "222222", "222222"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert!(world.names().is_empty(), "{:?}", walked.asked);
    assert!(world.lock().revoked.values().all(|times| *times == 1));
}

/// How often a code was asked for while the first tokens went.
fn codes_asked(walked: &Walked) -> usize {
    let asked = walked.asked.iter();
    asked.filter(|word| **word == "code").count()
}

#[tokio::test(start_paused = true)]
async fn one_code_serves_every_kind_of_token_while_the_registry_takes_it() {
    let world = World::new();
    world.lock().code = Some("222222");
    let mut bench = Bench::new(world.script());
    let person = Person {
        codes: vec!["222222"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert!(world.names().is_empty(), "{:?}", walked.asked);
    assert_eq!(codes_asked(&walked), 1);
    let sent = bench.script.seen_at(At::Revoke);
    assert_eq!(sent.iter().filter(|seen| seen.otp.is_none()).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_each_code_serves_once_one_is_asked_for_per_token_and_one_reuse_is_tried() {
    let world = World::new();
    world.lock().once = Some(Vec::new());
    let mut bench = Bench::new(world.script());
    let person = Person {
        codes: vec!["200001", "200002", "200003", "200004", "200005"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert!(world.names().is_empty(), "{:?}", walked.asked);
    assert_eq!(codes_asked(&walked), 4);
    let sent = bench.script.seen_at(At::Revoke);
    // The bare one that began it, the reuse, and one for each token.
    assert_eq!(sent.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_made_before_it_is_gone_on_with_goes_in_the_order_that_is_shown() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let leaves = Person {
        leaves_at: Some("again"),
        ..Person::default()
    };
    world.lock().lost = Some((1, 1));
    let walked = walk(&mut bench, emergency(None), &leaves).await;
    assert_eq!(walked.asked.last(), Some(&"again"));
    {
        let mut state = world.lock();
        let mut evil = of("npm_evil", 90);
        evil.bypass_2fa = true;
        state.listed.push(evil);
        state.alive.push("npm_evil".to_owned());
        state.asked.clear();
    }
    let (resume, _) = left(&bench).remove(0);
    let folder = bench.dies().await;
    let mut bench = Bench::after(world.script(), folder);
    let walked = walk(&mut bench, emergency(Some(resume)), &Person::default()).await;
    let at = |word: &str| walked.asked.iter().position(|other| *other == word);
    assert!(at("revoke").is_some() && at("appeared").is_none());
    // As it was told when it was asked.
    let asks = |it: &&Arc<Incident>| matches!(it.stage(Stage::Revoke), StageState::Now(text) if text.as_str() == "Waiting for your answer");
    let shown = walked.told.iter().find(asks).unwrap();
    let open = shown
        .rows
        .iter()
        .filter(|row| row.state == RowState::Waiting && !row.ours);
    let shown: Vec<_> = open.map(|row| row.token.key.raw().into_owned()).collect();
    let sent = bench.script.seen_at(At::Revoke);
    let sent: Vec<_> = sent.into_iter().map(|seen| seen.what).collect();
    assert_eq!(sent, shown);
    assert_eq!(sent[0], key("npm_evil"));
    assert_eq!(walked.incident().appeared(), 1);
    assert!(world.names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_network_that_goes_stops_before_the_next_class_and_what_went_is_not_sent_again() {
    let world = World::new();
    world.lock().lost = Some((1, 1));
    let mut bench = Bench::new(world.script());
    let walked = walk(&mut bench, emergency(None), &Person::default()).await;
    let again = walked.asked.iter().filter(|word| **word == "again");
    assert_eq!(again.count(), 1, "{:?}", walked.asked);
    let sent = bench.script.seen_at(At::Revoke);
    let sent: Vec<_> = sent.into_iter().map(|seen| seen.what).collect();
    // Nothing of the third class goes before the second one has ended.
    let names = [
        "npm_automation",
        CONFIGURED,
        CONFIGURED,
        "npm_publish",
        "npm_reader",
    ];
    assert_eq!(sent, names.map(key));
    assert!(world.lock().asked.values().all(|times| *times == 1));
    assert!(world.names().is_empty());
    assert_eq!(walked.state(CONFIGURED), Some(&RowState::Verified));
}

#[tokio::test(start_paused = true)]
async fn p31_what_is_still_taken_is_called_so_until_it_is_refused() {
    for (taken, proved) in [(2, true), (1_000, false)] {
        let world = World::new();
        world.lock().taken = taken;
        let mut bench = Bench::new(world.script());
        let person = Person {
            skips: vec!["again"],
            ..Person::default()
        };
        let walked = walk(&mut bench, emergency(None), &person).await;
        let was = |state: fn(&RowState) -> bool| {
            let told = walked.told.iter().flat_map(|told| &told.rows);
            let mut of_it = told.filter(|row| row.token.key.raw() == key(CONFIGURED));
            of_it.any(|row| state(&row.state))
        };
        let still = |state: &RowState| matches!(state, RowState::StillAccepted { .. });
        assert!(was(still), "{taken}");
        let end = walked.state(CONFIGURED).unwrap();
        assert_eq!(*end == RowState::Verified, proved, "{taken}: {end:?}");
        assert_eq!(was(|state| *state == RowState::Verified), proved, "{taken}");
        assert_eq!(walked.asked.contains(&"again"), !proved, "{taken}");
        let remains = walked.incident().remains();
        let mut said = remains.iter().map(|line| line.as_str());
        assert_eq!(said.any(|line| line.contains("ACCEPTS")), !proved);
        let asked = world.lock().asked.clone();
        assert!(asked.values().all(|times| *times == 1), "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_for_a_code_that_is_declined_ends_no_more_than_the_sending() {
    let world = World::new();
    world.lock().code = Some("222222");
    let mut bench = Bench::new(world.script());
    let person = Person {
        declines: 1,
        codes: vec!["222222"; 9],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let at = |word: &str| walked.asked.iter().position(|other| *other == word);
    assert_eq!(
        at("again"),
        at("declined").map(|at| at + 1),
        "{:?}",
        walked.asked
    );
    assert!(walked.incident().ended.is_some() && world.names().is_empty());
    assert!(world.lock().asked.values().all(|times| *times == 1));
    // The session that was signed in for it served to the end.
    assert_eq!(world.lock().signed_in, 1);
}

/// Who revokes sees each answer once it was noted, and nothing before.
#[tokio::test(start_paused = true)]
async fn a_list_that_goes_after_the_answers_leaves_them_as_the_registrys_word_and_sends_none_again()
{
    let world = World::new();
    let broken: fn() -> Reply = || Reply::Error(unreachable());
    // The snapshot's and the plan's are read; then none for a while.
    let seen = |world: &World| -> usize { world.lock().asked.values().map(|n| *n as usize).sum() };
    let mut bench = Bench::new(world.script());
    let id = bench.start(emergency(None));
    let person = Person::default();
    let mut broke = false;
    let mut again = 0;
    loop {
        match bench.next().await {
            Event::Asked {
                id: by,
                question: Question::Emergency(ask),
            } if by == id => {
                if word(&ask) == "revoke" && !broke {
                    broke = true;
                    world.instead(At::Tokens, [broken; 40]);
                }
                if word(&ask) == "again" {
                    again += 1;
                    world.lock().instead.clear();
                }
                bench.answer(id, Answer::Emergency(person.says(&ask)));
            }
            Event::Asked {
                question: Question::SignIn(_),
                ..
            } => {
                let inner = bench.start(sign_in(Keep::Session));
                assert!(bench.finished(inner).await.is_ok());
                bench.answer(id, Answer::SignedIn);
            }
            Event::Finished { id: by, result } if by == id => {
                assert!(result.is_ok());
                break;
            }
            _ => {}
        }
    }
    assert!(again > 0);
    assert_eq!(seen(&world), 4, "{:?}", world.lock().asked);
    assert!(world.names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_leaves_at_any_question_goes_on_from_there_and_no_session_is_left() {
    for leaves in [
        "sign-in", "email", "revoke", "local", "account", "packages", "beyond", "report",
    ] {
        let world = World::new();
        let mut bench = Bench::new(world.script());
        let person = Person {
            leaves_at: Some(leaves),
            ..Person::default()
        };
        let walked = walk(&mut bench, emergency(None), &person).await;
        let found = left(&bench);
        assert_eq!(found.len(), 1, "{leaves}");
        assert_eq!(
            found[0].1,
            *walked.incident(),
            "what was told is what can be read back"
        );
        assert!(
            !world.lock().alive.iter().any(|value| value == SESSION),
            "{leaves}"
        );
        let folder = bench.dies().await;
        let mut bench = Bench::after(world.script(), folder);
        let again = walk(
            &mut bench,
            emergency(Some(found[0].0.clone())),
            &Person::default(),
        )
        .await;
        let incident = again.incident();
        assert_eq!(incident.resumed, 1);
        assert!(
            incident.ended.is_some() && world.names().is_empty(),
            "{leaves}"
        );
        assert!(
            world.lock().revoked.values().all(|times| *times == 1),
            "{leaves}"
        );
        assert!(!again.asked.contains(&"suspect"));
        assert!(left(&bench).is_empty(), "{leaves}");
    }
}

/// Waits until nobody writes a journal any more: a line that was on its way to the disk gets there.
fn let_go(journals: &std::path::Path) {
    for entry in std::fs::read_dir(journals).into_iter().flatten() {
        let file = std::fs::File::open(entry.unwrap().path()).unwrap();
        file.lock().unwrap();
    }
}

/// What was told before a death: how far it was, and how single rows stood.
type Told = (Vec<Arc<Incident>>, HashMap<TokenKey, RowState>);

/// Walks until so many events have come; `None` when it ended before.
async fn until(bench: &mut Bench, person: &Person, events: usize) -> Option<Told> {
    let id = bench.start(emergency(None));
    let mut told = Vec::new();
    let mut rows = HashMap::new();
    for _ in 0..events {
        match bench.next().await {
            Event::Asked {
                question: Question::Emergency(ask),
                ..
            } => bench.answer(id, Answer::Emergency(person.says(&ask))),
            Event::Asked {
                question: Question::SignIn(_),
                ..
            } => {
                let inner = bench.start(sign_in(Keep::Session));
                assert!(bench.finished(inner).await.is_ok());
                bench.answer(id, Answer::SignedIn);
            }
            Event::Step {
                step: Step::Incident(incident),
                ..
            } => told.push(incident),
            Event::Step {
                step: Step::Row { token, state },
                ..
            } => drop(rows.insert(token, state)),
            Event::Finished { id: by, .. } if by == id => return None,
            _ => {}
        }
    }
    Some((told, rows))
}

/// How far a row has come; what was noted later is no less.
fn rank(state: &RowState) -> u32 {
    match state {
        RowState::Waiting => 0,
        RowState::Sent => 1,
        RowState::Accepted => 2,
        _ => 3,
    }
}

#[tokio::test(start_paused = true)]
async fn p30_a_program_that_dies_anywhere_goes_on_and_revokes_each_token_once() {
    let deaths = dies_anywhere(0, 1).await;
    assert!(deaths > 40, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn p30_a_program_that_dies_anywhere_asks_once_where_the_list_lags_behind() {
    let deaths = dies_anywhere(2, 4).await;
    assert!(deaths > 10, "{deaths}");
}

/// Dies after so many events, and so many more, until it comes to its end; how often.
async fn dies_anywhere(lag: usize, stride: usize) -> usize {
    let person = Person::default();
    let mut deaths = 0;
    for events in (1..).step_by(stride) {
        let world = World::new();
        world.lock().lag = lag;
        world.lock().thief = BTreeMap::from([(2, "npm_evil")]);
        let mut bench = Bench::new(world.script());
        let Some((told, told_rows)) = until(&mut bench, &person, events).await else {
            break;
        };
        let gone_by_then = world.lock().revoked.clone();
        let folder = bench.dies().await;
        let_go(&folder.path().join("vault/journals"));
        deaths += 1;
        let disk = on_the_disk(folder.path());
        for canary in CANARIES {
            assert!(!disk.contains(canary), "{canary} after {events} events");
        }
        let mut bench = Bench::after(world.script(), folder);
        let found = left(&bench);
        let resume = match (&found[..], told.last()) {
            ([(id, kept)], told) => {
                // Nothing was told that is not on the disk.
                for (stage, state) in told.iter().flat_map(|told| &told.stages) {
                    let settled = matches!(state, StageState::Done(..) | StageState::Skipped(..));
                    // The list is read once more at the end.
                    let anew = *stage == Stage::Verify
                        && *kept.stage(Stage::Report) != StageState::Waiting;
                    assert!(
                        !settled || anew || kept.stage(*stage) == state,
                        "{stage:?} at {events}"
                    );
                }
                let rows = told.map_or(0, |told| told.rows.len() + told.kept.len());
                assert!(kept.rows.len() + kept.kept.len() >= rows, "{events}");
                for (key, state) in &told_rows {
                    let row = kept.rows.iter().find(|row| row.token.key == *key);
                    let noted = row.map_or(0, |row| rank(&row.state));
                    assert!(noted >= rank(state), "{state:?} at {events}: {row:?}");
                }
                // And nothing went that was not noted to have gone out.
                for key in gone_by_then.keys() {
                    let row = kept.rows.iter().find(|row| row.token.key.is(key));
                    assert!(row.is_some_and(|row| rank(&row.state) > 0), "{events}");
                }
                Some(id.clone())
            }
            ([], _) => None,
            other => panic!("{other:?}"),
        };
        // One that was just beginning, and told nobody of it, may be there later.
        let untold = usize::from(resume.is_none());
        let resumed = usize::from(resume.is_some());
        let walked = walk(&mut bench, emergency(resume), &person).await;
        assert!(
            walked.incident().ended.is_some(),
            "{events}: {:?}",
            walked.asked
        );
        let names = world.names();
        // A sign-in of the program that died may be in the list: it was shown, and went.
        assert!(names.is_empty(), "{events}: {names:?}");
        let asked = world.lock().asked.clone();
        assert!(
            asked.values().all(|times| *times == 1),
            "{events}: {asked:?}"
        );
        assert!(left(&bench).len() <= untold, "{events}");
        // It worked before, which a death does not take away, and lies here still.
        let state = walked.state(CONFIGURED);
        let over = resumed == 0 && state.is_none();
        assert!(
            over || state == Some(&RowState::Verified),
            "{events}: {state:?}"
        );
        let open = walked.incident().sessions.iter();
        let open: Vec<_> = open
            .filter(|(_, ended)| matches!(ended, Ended::Unchecked(_) | Ended::StillAccepted))
            .collect();
        assert!(open.is_empty(), "{events}: {open:?}");
    }
    deaths
}

#[tokio::test(start_paused = true)]
async fn p30_the_session_of_a_run_that_died_is_said_to_live_on_where_no_list_has_it() {
    let world = World::new();
    world.lock().lists_sessions = false;
    let mut bench = Bench::new(world.script());
    let at_email = |event: &Event| {
        let question = match event {
            Event::Asked { question, .. } => question,
            _ => return None,
        };
        matches!(question, Question::Emergency(Ask::Email { .. })).then_some(())
    };
    let id = bench.start(emergency(None));
    loop {
        let event = bench.next().await;
        if at_email(&event).is_some() {
            break;
        }
        match event {
            Event::Asked {
                question: Question::Emergency(ask),
                ..
            } => bench.answer(id, Answer::Emergency(Person::default().says(&ask))),
            Event::Asked {
                question: Question::SignIn(_),
                ..
            } => {
                let inner = bench.start(sign_in(Keep::Session));
                assert!(bench.finished(inner).await.is_ok());
                bench.answer(id, Answer::SignedIn);
            }
            _ => {}
        }
    }
    let folder = bench.dies().await;
    let_go(&folder.path().join("vault/journals"));
    let mut bench = Bench::after(world.script(), folder);
    let resume = left(&bench)[0].0.clone();
    let walked = walk(&mut bench, emergency(Some(resume)), &Person::default()).await;
    let sessions = &walked.incident().sessions;
    let of_this = sessions
        .iter()
        .filter(|(name, _)| name.as_str().contains("for this"));
    let of_this: Vec<_> = of_this.map(|(_, ended)| ended).collect();
    let [Ended::Unchecked(why), Ended::Verified] = of_this[..] else {
        panic!("{of_this:?}");
    };
    assert!(
        why.what.as_str().contains("nobody can end it from here"),
        "{why}"
    );
    let remains = walked.incident().remains();
    assert!(
        remains
            .iter()
            .any(|line| line.as_str().contains("went with the run")),
        "{remains:?}"
    );
    // And it is so.
    assert_eq!(world.lock().alive, [SESSION]);
}

/// Lines as they were written before each row was noted by itself.
#[test]
fn p30_journals_of_earlier_versions_are_read_as_ever() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("journals");
    std::fs::create_dir(&folder).unwrap();
    let row = |key: &str| {
        serde_json::json!({
            "state": "waiting", "token": {"key": key, "begins": "npm_", "never": {}},
            "class": "write", "appeared": false,
        })
    };
    let lines = [
        serde_json::json!({"began": "2026-11-22T10:00:00Z", "registry": HOST, "rehearsal": false, "suspicion": "clean"}),
        serde_json::json!({"session": "The sign-in of then", "ended": "unchecked", "why": {"kind": "local", "what": "It was not seen to end.", "next": ""}}),
        serde_json::json!({"plan": [row("a"), row("b")]}),
        serde_json::json!({"kept": []}),
        serde_json::json!({"row": "a", "state": "sent", "at": "2026-11-22T10:01:00Z"}),
        serde_json::json!({"row": "b", "state": "sent", "at": "2026-11-22T10:01:00Z"}),
        serde_json::json!({"row": "b", "state": "gone", "unprobed": "value-unknown", "at": "2026-11-22T10:01:05Z"}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(folder.join("emergency-20261122T100000Z.jsonl"), text).unwrap();
    let left = incidents_left(data.path()).unwrap();
    let [(_, incident)] = &left[..] else {
        panic!("{left:?}")
    };
    let states: Vec<_> = incident.rows.iter().map(|row| &row.state).collect();
    assert!(matches!(states[..], [RowState::Sent, RowState::Gone(_)]));
    assert_eq!(incident.sessions.len(), 1);
}

/// Two files may read alike, and a line that is free again may get another copy.
#[test]
fn each_copy_has_an_entry_of_its_own() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("journals");
    std::fs::create_dir(&folder).unwrap();
    let copy = |path: &str, failed: bool| {
        let why = failed.then(|| serde_json::json!({"kind": "local", "what": "Full.", "next": ""}));
        serde_json::json!({
            "copy": "~/.npmrc, line 1", "why": why,
            "id": {"path": path, "key": "//r/:_authToken", "line": 1},
        })
    };
    let old = |failed: bool| {
        let mut line = copy("", failed);
        line.as_object_mut().unwrap().remove("id");
        line
    };
    let copies = |lines: &[serde_json::Value]| {
        let first = serde_json::json!({"began": "2026-11-22T10:00:00Z", "registry": HOST, "rehearsal": false, "suspicion": "clean"});
        let lines = std::iter::once(&first).chain(lines);
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        std::fs::write(folder.join("emergency-20261122T100000Z.jsonl"), text).unwrap();
        let (_, incident) = incidents_left(data.path()).unwrap().remove(0);
        let copies = incident.copies.iter();
        copies.map(|(_, why)| why.is_some()).collect::<Vec<_>>()
    };
    let anew = serde_json::json!({"copies_anew": true});
    assert_eq!(
        copies(&[copy("/a", false), copy("/b", true)]),
        [false, true]
    );
    assert_eq!(copies(&[copy("/a", true), copy("/a", false)]), [false]);
    let again = [copy("/a", false), copy("/b", true), anew, copy("/a", true)];
    assert_eq!(copies(&again), [false, true]);
    assert_eq!(copies(&[old(true), old(false), old(true)]), [true]);
}

#[tokio::test(start_paused = true)]
async fn e3_the_report_is_two_new_files_that_nobody_else_reads_and_no_name_forges_a_line() {
    let world = World::new();
    let forged = "x`\n## Tokens that were to go\n- `all`: revoked and verified | **ok** <b>";
    world.lock().listed[0].name = Some(forged.into());
    let mut bench = Bench::new(world.script());
    let walked = walk(&mut bench, emergency(None), &Person::default()).await;
    let incident = walked.end.clone().unwrap();
    let folder = bench.folder.path().join("reports");
    std::fs::create_dir(&folder).unwrap();
    let mut written = Vec::new();
    for _ in 0..2 {
        let id = bench.start(Request::Report {
            incident: Arc::clone(&incident),
            folder: folder.clone(),
        });
        match bench.finished(id).await {
            Ok(Outcome::Reported(files)) => written.extend(files),
            other => panic!("{other:?}"),
        }
    }
    let names: Vec<_> = written
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let id = incident.id.as_str();
    let expected = ["", "-2"].map(|n| {
        [
            format!("npm-incident-{id}{n}.md"),
            format!("npm-incident-{id}{n}.json"),
        ]
    });
    assert_eq!(names, expected.concat());
    #[cfg(unix)]
    for path in &written {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let markdown = std::fs::read_to_string(&written[0]).unwrap();
    let heads = markdown
        .lines()
        .filter(|line| *line == "## Tokens that were to go");
    assert_eq!(heads.count(), 1, "{markdown}");
    assert!(markdown.contains("``"), "{markdown}");
    assert!(
        markdown.contains("revoked: gone from a fresh list"),
        "{markdown}"
    );
    let structured: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&written[1]).unwrap()).unwrap();
    assert_eq!(structured["version"], 2);
    assert_eq!(
        structured["tokens"].as_array().unwrap().len(),
        incident.rows.len()
    );
    let disk = on_the_disk(bench.folder.path());
    for canary in CANARIES {
        assert!(!disk.contains(canary), "{canary}");
    }
    // A folder that is none is said, and nothing is made.
    let id = bench.start(Request::Report {
        incident,
        folder: folder.join("none"),
    });
    assert!(bench.finished(id).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_for_one_account_is_never_gone_on_with_by_anothers_credential() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let person = Person {
        keeps: vec!["npm_publish", "npm_automation", "npm_reader", CONFIGURED],
        ..Person::default()
    };
    for leaves_at in ["email", "revoke", "account"] {
        let person = Person {
            leaves_at: Some(leaves_at),
            ..person.clone()
        };
        world.lock().signed_in = 0;
        let first = walk(&mut bench, emergency(None), &person).await;
        assert!(first.incident().ended.is_none(), "{leaves_at}");
    }
    let folder = bench.dies().await;
    // The configuration is bob's now.
    {
        let mut state = world.lock();
        state.signed_in = 0;
        for value in ["npm_bob", "npm_bobs"] {
            state.alive.push(value.to_owned());
            state.whose.insert(value.to_owned(), "bob");
        }
        state.listed = vec![of("npm_bob", 5), of("npm_bobs", 6)];
    }
    let mut folder = folder;
    for (id, _) in incidents_left(&folder.path().join("vault")).unwrap() {
        let script = world.script();
        script.configures("npm_bob");
        let mut bench = Bench::after(script, folder);
        let person = Person {
            signs_in: false,
            ..Person::default()
        };
        let walked = walk(&mut bench, emergency(Some(id.clone())), &person).await;
        let why = walked.end.expect_err("it is alice's");
        assert!(why.what.as_str().contains("of alice"), "{why}");
        assert!(why.what.as_str().contains("bob's"), "{why}");
        assert!(why.next.as_str().contains("Sign in as alice"), "{why}");
        assert!(bench.script.seen_at(At::Revoke).is_empty());
        assert!(bench.script.seen_at(At::Logout).is_empty());
        assert!(bench.script.seen_at(At::Tokens).is_empty());
        assert!(bench.script.seen_at(At::Profile).is_empty());
        // It can be gone on with as alice, and what is bob's is let alone.
        let kept = left(&bench);
        let (_, kept) = kept.iter().find(|(other, _)| *other == id).unwrap();
        assert!(kept.rows.iter().all(|row| !row.appeared), "{kept:?}");
        assert_eq!(world.names(), ["bob", "bobs"]);
        assert!(world.lock().alive.iter().any(|value| value == "npm_bob"));
        folder = bench.dies().await;
    }
}

/// Somebody signs in anew while it is asked what is to be taken out.
fn signs_in_meanwhile(world: &World, later: Option<&'static str>) -> Meanwhile {
    let world = world.clone();
    Arc::new(move |word| match word {
        "local" => {
            let mut state = world.lock();
            state.alive.push("npm_fresh".to_owned());
            state.lies = vec![(1, "npm_fresh")];
        }
        "again" => {
            if let Some(value) = later {
                world.lock().lies = vec![(1, value)];
            }
        }
        _ => {}
    })
}

#[tokio::test(start_paused = true)]
async fn p35_a_line_goes_only_with_the_value_that_was_seen_to_be_dead() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let person = Person {
        skips: vec!["again"],
        meanwhile: Some(signs_in_meanwhile(&world, None)),
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let incident = walked.incident();
    assert_eq!(bench.script.fixed(), []);
    let [(place, Some(why))] = &incident.copies[..] else {
        panic!("{:?}", incident.copies);
    };
    assert_eq!(place.as_str(), "~/.npmrc, line 1");
    assert!(
        why.what.as_str().contains("Something else stands there"),
        "{why}"
    );
    // What was not done is not ticked off.
    let StageState::Failed(_, why) = incident.stage(Stage::Local) else {
        panic!("{:?}", incident.stage(Stage::Local));
    };
    assert!(why.what.as_str().contains("~/.npmrc, line 1"), "{why}");
    assert!(walked.asked.contains(&"again"), "{:?}", walked.asked);
    assert!(world.lock().alive.iter().any(|value| value == "npm_fresh"));
}

#[tokio::test(start_paused = true)]
async fn p36_a_dead_line_that_is_mixed_with_a_variable_is_told_as_that_and_lies_there_still() {
    let world = World::new();
    world.lock().mixed = vec![1];
    let mut bench = Bench::new(world.script());
    let walked = walk(&mut bench, emergency(None), &Person::default()).await;
    assert!(!walked.asked.contains(&"local"), "{:?}", walked.asked);
    let incident = walked.incident();
    let StageState::Open(_, words) = incident.stage(Stage::Local) else {
        panic!("{:?}", incident.stage(Stage::Local));
    };
    let words = words.as_str();
    assert!(
        words.contains("1 dead token is made of a variable and of text in its line"),
        "{words}"
    );
    assert!(!words.contains("comes from a variable"), "{words}");
    let [(place, Some(why))] = &incident.copies[..] else {
        panic!("{:?}", incident.copies);
    };
    assert_eq!(place.as_str(), "~/.npmrc, line 1");
    assert!(
        why.what.as_str().contains("made of ${HALF} and of text"),
        "{why}"
    );
    assert!(why.next.as_str().contains("Take the line out"), "{why}");
    // As it was written down, it is read.
    let machine = incident
        .snapshot
        .as_ref()
        .unwrap()
        .machine
        .as_ref()
        .unwrap();
    let mixed = |it: &LocalCredential| matches!(&it.form, Form::Mixed { names, .. } if names[0].as_str() == "${HALF}");
    assert!(machine.credentials.iter().any(mixed));
    let report = npm_warden::backend::incident_in_json(incident);
    let copy = &report["copies"][0]["remains"]["what"];
    assert!(copy.as_str().unwrap().contains("${HALF}"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn packages_that_nobody_is_signed_in_to_read_again_are_shown_as_they_were_and_left_open() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let person = Person {
        signs_in: false,
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert!(walked.asked.contains(&"packages"), "{:?}", walked.asked);
    let incident = walked.incident();
    let StageState::Open(_, words) = incident.stage(Stage::Packages) else {
        panic!("{:?}", incident.stage(Stage::Packages));
    };
    assert!(
        words.as_str().contains("1 package, as when this began"),
        "{words}"
    );
    assert!(!words.as_str().contains("press"), "{words}");
    let (known, of_before) = incident.known_packages().unwrap();
    assert!(of_before && known.unwrap()[0].name.as_str() == "kettle");
    let remains = incident.remains();
    let mut said = remains.iter().map(|line| line.as_str());
    assert!(said.any(|line| line.contains("not read again after the tokens went")));
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_was_at_is_not_told_as_under_way_when_it_is_gone_on_with() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let leaves = Person {
        leaves_at: Some("revoke"),
        ..Person::default()
    };
    walk(&mut bench, emergency(None), &leaves).await;
    let (resume, before) = left(&bench).remove(0);
    assert!(matches!(before.stage(Stage::Revoke), StageState::Now(_)));
    let folder = bench.dies().await;
    let mut bench = Bench::after(world.script(), folder);
    let walked = walk(&mut bench, emergency(Some(resume)), &Person::default()).await;
    let first = walked.told.first().unwrap();
    let now = |(_, state): &(Stage, StageState)| matches!(state, StageState::Now(_));
    assert!(!first.stages.iter().any(now), "{:?}", first.stages);
    assert!(world.names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_taken_out_is_looked_at_again() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let person = Person {
        meanwhile: Some(signs_in_meanwhile(&world, None)),
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let incident = walked.incident();
    // It lives, and that is said.
    let [(_, Some(why))] = &incident.copies[..] else {
        panic!("{:?}", incident.copies);
    };
    assert!(why.what.as_str().contains("ALIVE"), "{why}");
    let local = incident.stage(Stage::Local);
    assert!(matches!(local, StageState::Open(..)), "{local:?}");
    assert_eq!(bench.script.fixed(), []);
}

#[tokio::test(start_paused = true)]
async fn p31_what_is_only_refused_from_here_is_not_called_dead() {
    let world = World::new();
    {
        let mut state = world.lock();
        state.listed.push(of("npm_limited", 7));
        state.listed.push(of("npm_limited_too", 8));
        for value in ["npm_limited", "npm_limited_too", "npm_unlisted"] {
            state.alive.push(value.to_owned());
            state.elsewhere.push(value);
        }
        state.lies.extend([
            (2, "npm_limited"),
            (3, "npm_limited_too"),
            (4, "npm_unlisted"),
        ]);
    }
    let mut bench = Bench::new(world.script());
    let person = Person {
        keeps: vec!["npm_limited"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let fixed: Vec<_> = bench
        .script
        .fixed()
        .into_iter()
        .map(|fix| match fix {
            Fix::Remove(id) => id.line,
            other => panic!("{other:?}"),
        })
        .collect();
    // What was revoked is gone from the list; what is kept, and what no list has, may live elsewhere.
    assert_eq!(fixed, [3, 1]);
    let incident = walked.incident();
    let stays: Vec<_> = incident
        .copies
        .iter()
        .filter_map(|(place, why)| Some((place.as_str(), why.as_ref()?.what.as_str())))
        .collect();
    let [("~/.npmrc, line 4", why)] = stays[..] else {
        panic!("{stays:?}");
    };
    assert!(why.contains("does not prove that it is dead"), "{why}");
    assert!(matches!(incident.stage(Stage::Local), StageState::Open(..)));
}

#[tokio::test(start_paused = true)]
async fn a_token_made_after_the_list_was_read_is_found_before_the_session_ends() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let thief = world.clone();
    let person = Person {
        // By the old password, before the new one.
        meanwhile: Some(Arc::new(move |word| {
            if word == "account" {
                let mut state = thief.lock();
                state.listed.push(of("npm_late", 91));
                state.alive.push("npm_late".to_owned());
            }
        })),
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert_eq!(world.names(), Vec::<String>::new());
    let incident = walked.incident();
    assert!(incident.looked_again.is_some());
    let late = walked.state("npm_late").expect("it was found");
    assert!(matches!(late, RowState::Gone(_)), "{late:?}");
    let appeared = walked.asked.iter().position(|word| *word == "appeared");
    let beyond = walked.asked.iter().position(|word| *word == "beyond");
    assert!(appeared > beyond, "{:?}", walked.asked);
    let StageState::Done(_, words) = incident.stage(Stage::Verify) else {
        panic!("{:?}", incident.stage(Stage::Verify));
    };
    assert!(
        words.as_str().contains("1 token made by somebody"),
        "{words}"
    );
    // What lived when it was read last is told by name.
    let (_, count) = incident.listed.unwrap();
    let [own] = &incident.living[..] else {
        panic!("{:?}", incident.living);
    };
    assert_eq!(count, 1);
    assert!(
        own.as_str().contains("the session of this emergency"),
        "{own}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_that_never_comes_to_rest_is_no_success() {
    let world = World::new();
    const EVILS: [&str; 12] = [
        "npm_e0", "npm_e1", "npm_e2", "npm_e3", "npm_e4", "npm_e5", "npm_e6", "npm_e7", "npm_e8",
        "npm_e9", "npm_ea", "npm_eb",
    ];
    world.lock().thief = (4..).zip(EVILS).collect();
    let mut bench = Bench::new(world.script());
    let person = Person {
        skips: vec!["again", "local"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let incident = walked.incident();
    let again = walked.asked.iter().filter(|word| **word == "again");
    assert!(again.count() > 0, "{:?}", walked.asked);
    assert_eq!(world.names(), ["ea"]);
    let StageState::Failed(_, why) = incident.stage(Stage::Verify) else {
        panic!("{:?}", incident.stage(Stage::Verify));
    };
    assert!(why.what.as_str().contains("still appear"), "{why}");
    let remains = incident.remains();
    let said = |line: &npm_warden::domain::text::Text| line.as_str().contains("still appear");
    assert!(remains.iter().any(said), "{remains:?}");
    let alive = |line: &npm_warden::domain::text::Text| line.as_str().contains("\"ea\"");
    assert!(remains.iter().any(alive), "{remains:?}");
}

/// What npm login left lies here, and stands in no list.
fn npm_login(world: &World, script: &Script) {
    let mut state = world.lock();
    state.alive.push("npm_login".to_owned());
    state.lies = vec![(1, "npm_login")];
    script.configures("npm_login");
}

#[tokio::test(start_paused = true)]
async fn p31_a_session_that_is_said_to_be_ended_and_is_accepted_still_is_called_so_everywhere() {
    for comes_true in [false, true] {
        let world = World::new();
        world.lock().ends_nothing = true;
        let script = world.script();
        npm_login(&world, &script);
        let mut bench = Bench::new(script);
        let registry = world.clone();
        let person = Person {
            skips: if comes_true { vec![] } else { vec!["again"] },
            meanwhile: Some(Arc::new(move |word| {
                if word == "again" && comes_true {
                    registry.lock().ends_nothing = false;
                }
            })),
            ..Person::default()
        };
        let walked = walk(&mut bench, emergency(None), &person).await;
        assert!(walked.asked.contains(&"again"), "{:?}", walked.asked);
        let incident = walked.incident();
        let of_file = incident.sessions.iter();
        let mut of_file = of_file.filter(|(name, _)| name.as_str().contains("~/.npmrc"));
        let (name, ended) = of_file.next().expect("it was ended");
        if comes_true {
            assert_eq!(*ended, Ended::Verified);
            continue;
        }
        assert_eq!(*ended, Ended::StillAccepted);
        let words = incident.accepted_words(name);
        assert!(words.contains("tried again at"), "{words}");
        let StageState::Open(_, words) = incident.stage(Stage::Verify) else {
            panic!("{:?}", incident.stage(Stage::Verify));
        };
        assert!(words.as_str().contains("still ACCEPTED"), "{words}");
        // And at the place where it lies.
        let [(_, Some(why))] = &incident.copies[..] else {
            panic!("{:?}", incident.copies);
        };
        assert!(why.what.as_str().contains("ALIVE"), "{why}");
        assert!(bench.script.fixed().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn who_leaves_the_list_out_is_asked_before_a_session_is_ended() {
    let world = World::new();
    let broken: fn() -> Reply = || Reply::Error(unreachable());
    world.instead(At::Tokens, std::iter::repeat_n(broken, 40));
    let mut bench = Bench::new(world.script());
    let person = Person {
        skips: vec!["again", "unlisted"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert!(walked.asked.contains(&"unlisted"), "{:?}", walked.asked);
    assert!(world.lock().alive.iter().any(|value| value == CONFIGURED));
    let incident = walked.incident();
    let remains = incident.remains();
    let said = |line: &npm_warden::domain::text::Text| {
        line.as_str().contains("It was not ended, by your choice")
    };
    assert!(remains.iter().any(said), "{remains:?}");
    assert!(matches!(incident.stage(Stage::Local), StageState::Open(..)));
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_goes_into_a_file_is_not_the_emergencys_own_and_lives_on() {
    let world = World::new();
    world.lock().lists_sessions = false;
    let mut bench = Bench::new(world.script());
    let person = Person {
        files: true,
        skips: vec!["unlisted"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let signed_in = walked.asked.iter().filter(|word| **word == "sign-in");
    assert_eq!(signed_in.count(), 2, "{:?}", walked.asked);
    let [problem] = &walked.problems[..] else {
        panic!("{:?}", walked.problems);
    };
    assert!(
        problem.as_str().contains("written into a file"),
        "{problem}"
    );
    // What the person put into the file was asked about, and lives; what was made for this is dead.
    assert!(walked.asked.contains(&"unlisted"), "{:?}", walked.asked);
    let alive = world.lock().alive.clone();
    assert_eq!(alive, [SESSION]);
    assert_eq!(bench.script.configured().as_deref(), Some(SESSION));
}

#[tokio::test(start_paused = true)]
async fn p31_what_was_dead_when_it_began_is_told_from_what_died_since() {
    for (dies_at, end) in [(Some("revoke"), Ended::Verified), (None, Ended::DeadBefore)] {
        let world = World::new();
        let script = world.script();
        npm_login(&world, &script);
        if dies_at.is_none() {
            world.lock().alive.retain(|value| value != "npm_login");
        }
        let mut bench = Bench::new(script);
        let registry = world.clone();
        let person = Person {
            meanwhile: Some(Arc::new(move |word| {
                if dies_at == Some(word) {
                    let mut state = registry.lock();
                    state.alive.retain(|value| value != "npm_login");
                }
            })),
            ..Person::default()
        };
        let walked = walk(&mut bench, emergency(None), &person).await;
        let incident = walked.incident();
        let mut of_file = incident.sessions.iter();
        let of_file = of_file.find(|(name, _)| name.as_str().contains("~/.npmrc"));
        assert_eq!(of_file.map(|(_, ended)| ended), Some(&end), "{incident:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_on_with_is_shown_and_asked_about_before_it_goes() {
    let world = World::new();
    world.lock().code = Some("222222");
    let mut bench = Bench::new(world.script());
    let person = Person {
        keeps: vec!["npm_reader"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    // Who declines the code leaves.
    assert!(walked.incident().ended.is_none());
    world.lock().code = None;
    let (resume, left_so) = left(&bench).remove(0);
    assert!(
        left_so
            .rows
            .iter()
            .any(|row| row.token.label() == "publish")
    );
    let folder = bench.dies().await;
    let mut bench = Bench::after(world.script(), folder);
    let seen = world.clone();
    let person = Person {
        keeps: vec!["npm_publish"],
        meanwhile: Some(Arc::new(move |word| {
            if word == "revoke" {
                assert!(seen.lock().revoked.is_empty());
            }
        })),
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(Some(resume)), &person).await;
    assert!(walked.asked.contains(&"revoke"), "{:?}", walked.asked);
    assert_eq!(world.names(), ["publish", "reader"]);
    assert_eq!(walked.incident().kept.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_sign_in_of_a_run_that_died_is_not_told_as_somebody_elses() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let id = bench.start(emergency(None));
    loop {
        match bench.next().await {
            Event::Asked {
                question: Question::Emergency(Ask::Email { .. }),
                ..
            } => break,
            Event::Asked {
                question: Question::Emergency(ask),
                ..
            } => bench.answer(id, Answer::Emergency(Person::default().says(&ask))),
            Event::Asked {
                question: Question::SignIn(_),
                ..
            } => {
                let inner = bench.start(sign_in(Keep::Session));
                assert!(bench.finished(inner).await.is_ok());
                bench.answer(id, Answer::SignedIn);
            }
            _ => {}
        }
    }
    let folder = bench.dies().await;
    let_go(&folder.path().join("vault/journals"));
    let mut bench = Bench::after(world.script(), folder);
    let resume = left(&bench)[0].0.clone();
    let walked = walk(&mut bench, emergency(Some(resume)), &Person::default()).await;
    assert!(!walked.asked.contains(&"appeared"), "{:?}", walked.asked);
    let rows = &walked.incident().rows;
    let former = rows.iter().find(|row| row.token.key.raw() == key(SESSION));
    let former = former.expect("it was in the list");
    assert!(former.ours && !former.appeared, "{former:?}");
    assert!(is_gone(&former.state), "{former:?}");
    assert!(world.names().is_empty(), "{:?}", world.names());
    assert_eq!(walked.incident().appeared(), 0);
    // The one that was lost with the run was not told as if it were there still.
    let first = &walked.told[0];
    assert_eq!(*first.stage(Stage::SignIn), StageState::Waiting);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_all_out_agrees_later_only_to_what_is_shown_then() {
    let world = World::new();
    let before = world.names();
    let mut bench = Bench::new(world.script());
    let thief = world.clone();
    let person = Person {
        skips: vec!["revoke"],
        meanwhile: Some(Arc::new(move |word| {
            if word == "account" {
                let mut state = thief.lock();
                state.listed.push(of("npm_late", 91));
                state.alive.push("npm_late".to_owned());
            }
        })),
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    assert!(walked.asked.contains(&"appeared"), "{:?}", walked.asked);
    assert_eq!(world.names(), before);
}

#[tokio::test(start_paused = true)]
async fn what_failed_can_be_gone_on_with_after_the_end() {
    let world = World::new();
    let broken: fn() -> Reply = || refuses(500, "broken");
    world.instead(At::Packages, std::iter::repeat_n(broken, 2));
    let mut bench = Bench::new(world.script());
    let person = Person {
        meanwhile: Some({
            let world = world.clone();
            Arc::new(move |word| {
                if word == "account" {
                    world.instead(At::Packages, std::iter::repeat_n(broken, 1));
                }
            })
        }),
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let packages = walked.incident().stage(Stage::Packages);
    assert!(matches!(packages, StageState::Failed(..)), "{packages:?}");
    assert!(walked.incident().ended.is_some());
    let kept = left(&bench);
    assert_eq!(kept.len(), 1, "what failed can be gone on with");
    let folder = bench.dies().await;
    let mut bench = Bench::after(world.script(), folder);
    let again = walk(
        &mut bench,
        emergency(Some(kept[0].0.clone())),
        &Person::default(),
    )
    .await;
    assert!(again.asked.contains(&"packages"), "{:?}", again.asked);
    assert!(!again.asked.contains(&"account"), "{:?}", again.asked);
    assert!(again.asked.contains(&"report"), "{:?}", again.asked);
    assert!(left(&bench).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_remains_fits_this_account_and_no_answer_is_lost() {
    let world = World::new();
    world.lock().without_factor = true;
    let mut bench = Bench::new(world.script());
    let person = Person {
        suspicion: Suspicion::AllTheSame,
        skips: vec!["email", "account"],
        ..Person::default()
    };
    let walked = walk(&mut bench, emergency(None), &person).await;
    let remains = walked.incident().remains();
    let has = |words: &str| remains.iter().any(|line| line.as_str().contains(words));
    assert!(has("is open: find out"), "{remains:?}");
    assert!(has("it is OFF"), "{remains:?}");
    assert!(!has("Renew the second factor"), "{remains:?}");
    assert!(!has("the old ones may have been read"), "{remains:?}");
    assert!(has("rebuild it"), "{remains:?}");
}

/// Goes on until `dies` says that the program dies; what was shown at each question for tokens before that is told.
async fn shown_until(
    bench: &mut Bench,
    request: Request,
    dies: impl Fn(&Question) -> bool,
) -> (Vec<Vec<TokenKey>>, Arc<Incident>) {
    let id = bench.start(request);
    let mut shown = Vec::new();
    let mut now: Option<Arc<Incident>> = None;
    loop {
        match bench.next().await {
            Event::Asked { question, .. } if dies(&question) => return (shown, now.unwrap()),
            Event::Asked { question, .. } => match question {
                Question::Emergency(ask) => {
                    match &ask {
                        Ask::Revoke => {
                            let rows = now.iter().flat_map(|incident| &incident.rows);
                            let rows = rows.filter(|row| row.state == RowState::Waiting);
                            shown.push(rows.map(|row| row.token.key.clone()).collect());
                        }
                        Ask::Appeared(keys) => shown.push(keys.clone()),
                        _ => {}
                    }
                    let says = Person::default().says(&ask);
                    bench.answer(id, Answer::Emergency(says));
                }
                Question::SignIn(_) => {
                    let inner = bench.start(sign_in(Keep::Session));
                    assert!(bench.finished(inner).await.is_ok());
                    bench.answer(id, Answer::SignedIn);
                }
                Question::Challenge(_) => bench.code(id, "111111"),
                other => panic!("{other:?}"),
            },
            Event::Step {
                step: Step::Incident(incident),
                ..
            } => now = Some(incident),
            Event::Finished { id: by, result } if by == id => {
                assert!(result.is_ok(), "{result:?}");
                return (shown, now.unwrap());
            }
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p28_after_each_death_every_sign_in_that_goes_is_listed_and_only_the_one_in_use_is_called_so()
 {
    let world = World::new();
    world.lock().code = Some("111111");
    let mut bench = Bench::new(world.script());
    let mut resume = None;
    for (died, session) in SESSIONS.iter().enumerate() {
        let last = died + 1 == SESSIONS.len();
        if last {
            world.lock().thief = BTreeMap::from([(2, "npm_evil1")]);
        }
        let dies = |question: &Question| !last && matches!(question, Question::Challenge(_));
        let (shown, incident) = shown_until(&mut bench, emergency(resume.take()), dies).await;
        // What is called "this session" is the one that speaks.
        for row in &incident.rows {
            let called = row.token.found.iter().any(|found| found.is_session());
            assert_eq!(called, row.token.key.is(&key(session)), "{died}: {row:?}");
            let own = SESSIONS.iter().any(|value| row.token.key.is(&key(value)));
            assert_eq!(row.ours, own, "{died}: {row:?}");
        }
        let first = &shown[0];
        for value in &SESSIONS[..=died] {
            let listed = first.iter().any(|it| it.is(&key(value)));
            assert!(listed, "{died}: {value} is not listed");
        }
        if last {
            for gone in world.lock().revoked.keys() {
                let listed = shown.iter().flatten().any(|it| it.raw() == *gone);
                assert!(listed, "{gone} went, and nobody was shown it");
            }
            break;
        }
        let folder = bench.dies().await;
        let_go(&folder.path().join("vault/journals"));
        bench = Bench::after(world.script(), folder);
        resume = Some(left(&bench)[0].0.clone());
    }
    assert!(world.names().is_empty(), "{:?}", world.names());
}

#[tokio::test(start_paused = true)]
async fn p28_the_sign_ins_of_runs_that_died_are_listed_with_what_somebody_made_meanwhile() {
    let world = World::new();
    let mut bench = Bench::new(world.script());
    let at = |word: &'static str| move |question: &Question| matches!(question, Question::Emergency(ask) if self::word(ask) == word);
    shown_until(&mut bench, emergency(None), at("local")).await;
    let folder = bench.dies().await;
    let_go(&folder.path().join("vault/journals"));
    {
        let mut state = world.lock();
        state.listed.push(of("npm_late", 91));
        state.alive.push("npm_late".to_owned());
    }
    let mut bench = Bench::after(world.script(), folder);
    let resume = Some(left(&bench)[0].0.clone());
    let (shown, incident) = shown_until(&mut bench, emergency(resume), |_| false).await;
    let listed = |value: &str| shown[0].iter().any(|it| it.is(&key(value)));
    assert!(listed("npm_late") && listed(SESSION), "{shown:?}");
    let former = incident
        .rows
        .iter()
        .find(|row| row.token.key.is(&key(SESSION)));
    let former = former.unwrap();
    assert!(
        former.of_earlier_run() && is_gone(&former.state),
        "{former:?}"
    );
    assert!(world.names().is_empty(), "{:?}", world.names());
}

#[tokio::test(start_paused = true)]
async fn what_was_read_after_the_sign_in_is_told_with_that_time_and_without_the_sign_in() {
    let world = World::new();
    let before = world.names().len();
    world.instead(At::Tokens, [(|| refuses(500, "broken")) as fn() -> Reply]);
    let mut bench = Bench::new(world.script());
    let walked = walk(&mut bench, emergency(None), &Person::default()).await;
    let snapshot = walked.incident().snapshot.as_ref().unwrap();
    assert_eq!(snapshot.tokens.as_ref().unwrap().len(), before);
    assert!(snapshot.later.tokens.is_some() && snapshot.later.profile.is_none());
    assert!(snapshot.later.tokens >= Some(snapshot.at));
}
