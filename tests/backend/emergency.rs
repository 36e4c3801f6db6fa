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
use npm_warden::domain::plan::Class;
use npm_warden::domain::revocation::RowState;
use npm_warden::domain::signin::{Ended, Keep};
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::{Token, TokenKey};
use npm_warden::npmrc::{Auth, Survey};
use npm_warden::registry::{Error, Revoked, TokenPage};
use sha2::{Digest as _, Sha512};

use super::bench::{Bench, sign_in};
use super::script::{
    At, CONFIGURED, HOST, Reply, Script, Seen, lost, profile, refuses, refuses_code, token,
    unauthorised, unreachable, wants_code,
};

const SESSION: &str = "npm_sessionCanary";

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
    /// What a thief makes with the n-th revocation.
    thief: BTreeMap<usize, &'static str>,
    revocations: usize,
    packages: Vec<PackageFacts>,
    /// What comes instead of an answer.
    instead: HashMap<At, Vec<fn() -> Reply>>,
    /// A code is wanted; which one.
    code: Option<&'static str>,
    signed_in: u32,
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
        let script = Script::new().survey(|| Ok(survey()));
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
    token.created = Timestamp::from_second(1_700_000_000 + day).ok();
    token
}

/// The configuration's token lies in a file.
fn survey() -> Survey {
    let id = CredentialId {
        path: Some(PathBuf::from("/home/.npmrc")),
        key: "//r/:_authToken".into(),
        line: 1,
    };
    let local = LocalCredential {
        id: id.clone(),
        place: "~/.npmrc, line 1".into(),
        source: SourceKind::User,
        scope: HOST.into(),
        kind: CredentialKind::Token,
        form: Form::Literal,
        begins: "npm_conf".into(),
        rank: Rank::Wins,
        in_use: true,
    };
    Survey {
        machine: Machine {
            credentials: vec![local],
            registry: HOST.into(),
            ..Machine::default()
        },
        values: vec![(id, Auth::Bearer(Arc::new(CONFIGURED.into())))],
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
        if !open && !self.alive.contains(&token) {
            return unauthorised("dead");
        }
        match seen.at {
            At::Whoami => Reply::Name("alice"),
            At::Profile => Reply::Profile(profile(Tfa::On(Level::AuthAndWrites))),
            At::Tokens => Reply::Page(TokenPage {
                rows: self.listed.clone(),
                total: None,
                next: None,
                last: None,
            }),
            At::Revoke => {
                match (self.code, &seen.otp) {
                    (Some(_), None) => return wants_code(),
                    (Some(code), Some(otp)) if code != otp => return refuses_code("no"),
                    _ => {}
                }
                self.revocations += 1;
                if let Some(value) = self.thief.remove(&self.revocations) {
                    self.listed.push(of(value, 90));
                    self.alive.push(value.to_owned());
                }
                let Some(at) = self.listed.iter().position(|it| it.key.raw() == seen.what) else {
                    return Reply::Revoked(Revoked::AlreadyGone);
                };
                self.listed.remove(at);
                *self.revoked.entry(seen.what.clone()).or_default() += 1;
                self.alive.retain(|value| key(value) != seen.what);
                Reply::Revoked(Revoked::Done)
            }
            At::PasswordLogin => {
                self.signed_in += 1;
                self.alive.push(SESSION.to_owned());
                if self.lists_sessions {
                    self.listed.push(of(SESSION, 99));
                }
                Reply::Token(SESSION)
            }
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
}

impl Default for Person {
    fn default() -> Self {
        Self {
            suspicion: Suspicion::Clean,
            signs_in: true,
            keeps: Vec::new(),
            skips: Vec::new(),
            leaves_at: None,
            codes: Vec::new(),
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
            Ask::Packages | Ask::Report => Said::GoOn,
            Ask::Beyond => Said::Ticked(vec![true, false]),
        }
    }
}

/// One walk: what was asked in which order, what was told, how it ended.
struct Walked {
    asked: Vec<&'static str>,
    told: Vec<Arc<Incident>>,
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
            .find(|row| row.token.key.raw() == key)
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
        end: Err(Failure::new(
            npm_warden::domain::failure::FailureKind::Local,
            "nothing",
            "",
        )),
    };
    let mut codes = person.codes.iter();
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
                } else if person.signs_in {
                    let inner = bench.start(sign_in(Keep::Session));
                    assert!(bench.finished(inner).await.is_ok());
                    bench.answer(id, Answer::SignedIn);
                } else {
                    assert!(asked.without.is_some());
                    bench.answer(id, Answer::Emergency(Said::Skip));
                }
            }
            Event::Asked {
                question: Question::Challenge(_),
                ..
            } => match codes.next() {
                Some(code) => bench.code(id, code),
                None => bench.cancel(id),
            },
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
            matches!(state, StageState::Done(..)),
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
        .map(|row| row.token.key.raw().to_owned());
    assert_eq!(sent, planned.collect::<Vec<_>>());
    assert_eq!(walked.state(SESSION), Some(&RowState::Verified));
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
    let StageState::Done(_, words) = incident.stage(Stage::Account) else {
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
