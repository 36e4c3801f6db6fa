//! The emergency over the real client, npm's own configuration and the embedded registry while that fails: its table
//! equals a fresh list that somebody else reads, what is still accepted is never called gone, and what was stopped is gone
//! on with so that each token is revoked once (promises P30 and P31).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::incidents_left;
use npm_warden::backend::protocol::{
    Answer, Event, JournalId, Outcome, Question, Request, RequestId, RowState, Step,
};
use npm_warden::domain::failure::Failure;
use npm_warden::domain::incident::{Ask, Care, Incident, Reply, Stage, StageState, Suspicion};
use npm_warden::domain::remains::is_gone;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::{Ended, Keep, SignIn};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Level;
use npm_warden::domain::token::TokenKey;
use npm_warden::records::incident::{json, markdown};
use npm_warden::sandbox::{self, Clock, Options, Running, StartTfa};
use sha2::{Digest as _, Sha512};

use super::bench::{Bench, TestClock};
use super::embedded::{Client, start};
use super::proof::World;

/// Somebody else, with a sign-in of their own, who has nothing to do with the program.
struct Independent {
    url: String,
    token: String,
}

impl Independent {
    async fn new(running: &Running) -> Self {
        let url = running.url().to_owned();
        let name = running.username();
        let path = format!("{url}-/user/org.couchdb.user:{name}/-rev/undefined");
        let mut request = client()
            .put(path)
            .basic_auth(name, Some(running.password().expose()))
            .header("content-type", "application/json")
            .body("{}");
        if let Some(code) = running.code() {
            request = request.header("npm-otp", code.code.expose());
        }
        let reply = request.send().await.unwrap();
        let text = reply.text().await.unwrap();
        let reply: serde_json::Value = serde_json::from_str(&text).unwrap();
        let token = reply["token"].as_str().expect(&text).to_owned();
        Self { url, token }
    }

    /// The keys in the list, but for that of this very sign-in.
    async fn listed(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for page in 0.. {
            let url = format!("{}-/npm/v1/tokens?perPage=10&page={page}", self.url);
            let reply = client().get(url).bearer_auth(&self.token).send();
            let reply = reply.await.unwrap().text().await.unwrap();
            let reply: serde_json::Value = serde_json::from_str(&reply).unwrap();
            let rows = reply["objects"].as_array().unwrap();
            let begins = |row: &serde_json::Value| {
                let begins = row["token"].as_str().unwrap().trim_end_matches('.');
                self.token.starts_with(begins)
            };
            let others = rows.iter().filter(|row| !begins(row));
            keys.extend(others.map(|row| row["key"].as_str().unwrap().to_owned()));
            if rows.len() < 10 {
                break;
            }
        }
        keys
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn takes(running: &Running, value: &Secret<String>) -> bool {
    let url = format!("{}-/whoami", running.url());
    let reply = client().get(url).bearer_auth(value.expose()).send();
    reply.await.unwrap().status().is_success()
}

/// What somebody else does meanwhile.
type Deed = fn(&World);

/// What a person does who wants all of it to go.
#[derive(Clone, Copy, Default)]
struct Person {
    /// So often what is not well is tried again.
    again: usize,
    /// Leaves at this question, the n-th time that it comes.
    leaves_at: Option<(&'static str, usize)>,
    /// So many codes, counted from this one, are wrong.
    wrong: Option<(usize, usize)>,
    /// Does not wait until codes are taken again: leaves.
    leaves_locked: bool,
    /// What happens to the machine or the registry while this is asked.
    meanwhile: Option<(&'static str, Deed)>,
    /// Says that the account was seen to.
    cares: bool,
    /// The program dies with the n-th telling of a row.
    dies_at: Option<usize>,
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

#[derive(Debug)]
struct Walked {
    asked: Vec<&'static str>,
    told: Vec<Arc<Incident>>,
    rows: Vec<(TokenKey, RowState)>,
    codes: usize,
    /// `None`: the program died.
    end: Option<Result<Arc<Incident>, Failure>>,
}

impl Walked {
    #[track_caller]
    fn incident(&self) -> &Incident {
        self.end.as_ref().unwrap().as_ref().unwrap()
    }

    fn asks(&self, word: &str) -> usize {
        self.asked.iter().filter(|other| **other == word).count()
    }

    fn state(&self, key: &TokenKey) -> &RowState {
        let rows = &self.incident().rows;
        let row = rows.iter().find(|row| row.token.key == *key);
        &row.unwrap_or_else(|| panic!("{key:?} is no row")).state
    }
}

impl World {
    fn left(&self) -> Vec<(JournalId, Incident)> {
        incidents_left(&self.bench.folder.path().join("vault")).unwrap()
    }

    async fn emergency(&mut self, person: Person) -> Walked {
        let resume = self.left().into_iter().next().map(|(id, _)| id);
        let id = self.bench.start(Request::Emergency {
            resume,
            rehearsal: false,
        });
        self.walks(id, person).await
    }

    async fn walks(&mut self, id: RequestId, person: Person) -> Walked {
        let mut walked = Walked {
            asked: Vec::new(),
            told: Vec::new(),
            rows: Vec::new(),
            codes: 0,
            end: None,
        };
        let mut signs_in: Option<RequestId> = None;
        loop {
            match self.bench.next().await {
                Event::Asked {
                    id: by,
                    question: Question::Emergency(ask),
                } => {
                    assert_eq!(by, id);
                    walked.asked.push(word(&ask));
                    let nth = walked.asks(word(&ask));
                    if let Some((at, happens)) = person.meanwhile
                        && (at, 1) == (word(&ask), nth)
                    {
                        happens(self);
                    }
                    let reply = if person.leaves_at == Some((word(&ask), nth)) {
                        Reply::Leave
                    } else if ask == Ask::Account && person.cares {
                        Reply::Account {
                            password: Care::Done,
                            second_factor: Care::Done,
                            recovery_codes: Care::Done,
                        }
                    } else {
                        says(&ask, nth <= person.again)
                    };
                    assert!(walked.asked.len() < 60, "{:?}", walked.asked);
                    self.bench.answer(id, Answer::Emergency(reply));
                }
                Event::Asked {
                    question: Question::SignIn(_),
                    ..
                } => {
                    walked.asked.push("sign-in");
                    signs_in = Some(self.signs_in());
                }
                Event::Asked {
                    id: by,
                    question: Question::Challenge(challenge),
                } => {
                    if challenge.wait.is_some() && person.leaves_locked {
                        walked.asked.push("locked");
                        self.bench.cancel(by);
                        continue;
                    }
                    walked.codes += 1;
                    let nth = walked.codes;
                    let wrong = person.wrong;
                    let wrong =
                        wrong.is_some_and(|(first, many)| (first..first + many).contains(&nth));
                    self.passes(Duration::from_secs(30));
                    let code = self.running.code().unwrap().code;
                    let code = if wrong {
                        let digits = code.expose().bytes();
                        digits
                            .map(|digit| char::from(b'0' + (digit - b'0' + 1) % 10))
                            .collect()
                    } else {
                        code.expose().clone()
                    };
                    self.bench.code(by, &code);
                }
                Event::Step {
                    step: Step::Incident(incident),
                    ..
                } => walked.told.push(incident),
                Event::Step {
                    step: Step::Row { token, state },
                    ..
                } => {
                    walked.rows.push((token, state));
                    if person.dies_at == Some(walked.rows.len()) {
                        return walked;
                    }
                }
                Event::Finished { id: by, result } if by == id => {
                    walked.end = Some(result.map(|outcome| match outcome {
                        Outcome::Emergency(incident) => incident,
                        other => panic!("{other:?}"),
                    }));
                    return walked;
                }
                Event::Finished { id: by, result } if Some(by) == signs_in => match result {
                    Ok(_) => self.bench.answer(id, Answer::SignedIn),
                    // It is tried again: a request was lost.
                    Err(_) => signs_in = Some(self.signs_in()),
                },
                _ => {}
            }
        }
    }

    fn signs_in(&mut self) -> RequestId {
        self.bench.start(Request::SignIn {
            how: SignIn::Password {
                name: self.running.username().to_owned(),
                password: self.running.password().expose().as_str().into(),
            },
            keep: Keep::Session,
            at: None,
            wanted: None,
        })
    }

    /// What the program tells is what the registry has.
    async fn equals_the_registry(&self, walked: &Walked, what: &str) {
        self.running.mend();
        self.passes(Duration::from_secs(61));
        let fresh = Independent::new(&self.running).await.listed().await;
        let incident = walked.incident();
        let rows: BTreeSet<_> = incident
            .rows
            .iter()
            .map(|row| row.token.key.raw())
            .collect();
        for row in &incident.rows {
            let gone = is_gone(&row.state) || matches!(row.state, RowState::StillAccepted { .. });
            let listed = fresh.contains(&*row.token.key.raw());
            assert_eq!(gone, !listed, "{what}: {:?}", row.state);
        }
        for key in &fresh {
            assert!(rows.contains(&key[..]), "{what}: {key} is in no row");
        }
        self.told_the_truth(walked, what);
    }

    /// Each token was asked to be revoked once; these, whose answer nobody got while the list had them still, at most twice.
    fn asked_once(&self, but: &[TokenKey], what: &str) {
        for (key, times) in self.asked() {
            let most = if but.iter().any(|other| other.raw() == key) {
                2
            } else {
                1
            };
            assert!((1..=most).contains(&times), "{what}: {key} {times} times");
        }
    }

    /// Nothing is called done with what is not.
    fn told_the_truth(&self, walked: &Walked, what: &str) {
        let incident = walked.incident();
        let open = incident.rows.iter().any(|row| !is_gone(&row.state));
        for stage in [Stage::Revoke, Stage::Verify] {
            let done = matches!(incident.stage(stage), StageState::Done(..));
            assert!(!(open && done), "{what}: {:?}", incident.stage(stage));
        }
        let remains = incident.remains();
        for row in incident.rows.iter().filter(|row| !is_gone(&row.state)) {
            let name = row.token.quoted();
            let said = remains
                .iter()
                .any(|line| line.as_str().contains(name.as_str()));
            assert!(said, "{what}: {name} {:?} is not in {remains:?}", row.state);
        }
        let told = format!("{} {}", markdown(incident), json(incident));
        for secret in [self.running.token(), self.running.password()] {
            assert!(!told.contains(secret.expose().as_str()), "{what}");
        }
    }
}

fn says(ask: &Ask, again: bool) -> Reply {
    match ask {
        Ask::Suspect => Reply::Suspect(Suspicion::Clean),
        Ask::Email { .. } => Reply::EmailMine(true),
        Ask::Revoke | Ask::Appeared(_) => Reply::Revoke { keep: Vec::new() },
        Ask::Again { .. } if again => Reply::Again,
        Ask::Local(found) => Reply::TakeOut(found.iter().map(|it| it.id.clone()).collect()),
        Ask::Unlisted(_) | Ask::Packages | Ask::Report => Reply::GoOn,
        Ask::Again { .. } | Ask::Account | Ask::Beyond => Reply::Skip,
    }
}

fn options() -> Options {
    Options {
        tokens: 10,
        ..Options::default()
    }
}

fn with_codes(otp_once: bool) -> Options {
    Options {
        tfa: StartTfa::On(Level::AuthAndWrites),
        otp_once,
        ..options()
    }
}

const PATIENT: Person = Person {
    again: 8,
    leaves_at: None,
    wrong: None,
    leaves_locked: false,
    meanwhile: None,
    cares: false,
    dies_at: None,
};

/// What meets the emergency, in which nothing lasts.
const FAULTS: [&[&str]; 8] = [
    &["token.revoke#/5=status:500"],
    &["*#/5=status:503"],
    &["token.revoke#/3=retry-after:1"],
    &["token.revoke#2=retry-after-date:1:503"],
    &["token.revoke#/3=drop-after"],
    &["token.revoke#/4=status-after:502"],
    &["*#/5=drop-after"],
    &[
        "token.revoke#/3=linger-listed:2",
        "token.revoke#/5=drop-before",
    ],
];

#[tokio::test]
async fn p30_under_each_fault_the_table_equals_what_somebody_else_reads() {
    let cases = FAULTS.map(async |faults| {
        let mut world = World::new(options(), &[]).await;
        for fault in faults {
            world.running.fault(fault.parse().unwrap());
        }
        let walked = world.emergency(PATIENT).await;
        let what = format!("{faults:?} {:?}", walked.asked);
        world.equals_the_registry(&walked, &what).await;
        world.asked_once(&[], &what);
        for row in &walked.incident().rows {
            assert!(is_gone(&row.state), "{what}: {:?}", row.state);
        }
        assert!(world.left().is_empty(), "{what}");
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn p30_who_never_tries_again_is_told_which_ones_did_not_go() {
    let faults: [&[&str]; 4] = [
        &["token.revoke#/3=status:500"],
        &["token.revoke#/3=drop-before"],
        &["token.revoke#4+=status:403"],
        &["token.revoke#/3=linger-listed:1000"],
    ];
    let cases = faults.map(async |faults| {
        let mut world = World::new(options(), &[]).await;
        for fault in faults {
            world.running.fault(fault.parse().unwrap());
        }
        let walked = world.emergency(Person::default()).await;
        let what = format!("{faults:?} {:?}", walked.asked);
        let rows = &walked.incident().rows;
        assert!(rows.iter().any(|row| !is_gone(&row.state)), "{what}");
        world.equals_the_registry(&walked, &what).await;
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn p30_an_emergency_that_dies_under_a_fault_and_goes_on_revokes_each_token_once() {
    let mut cases = Vec::new();
    for (at, faults) in FAULTS.into_iter().enumerate() {
        for dies in [2 + at, 11 + at] {
            cases.push(async move {
                let mut world = World::new(options(), &[]).await;
                for fault in faults {
                    world.running.fault(fault.parse().unwrap());
                }
                let person = Person {
                    dies_at: Some(dies),
                    ..PATIENT
                };
                let first = world.emergency(person).await;
                let what = format!("{faults:?}, row {dies}, {:?}", first.asked);
                let died = first.end.is_none();
                assert!(died, "{what}: it ended before");
                world.starts_again().await;
                // By its journal: what was told last may not have come through.
                let lags = faults.iter().any(|fault| fault.contains("linger-listed"));
                let rows = world.left().remove(0).1.rows.into_iter();
                let sent = rows.filter(|row| lags && row.state == RowState::Sent);
                let sent: Vec<TokenKey> = sent.map(|row| row.token.key).collect();
                let walked = world.emergency(PATIENT).await;
                let what = format!("{what}, then {:?}", walked.asked);
                world.equals_the_registry(&walked, &what).await;
                world.asked_once(&sent, &what);
                for row in &walked.incident().rows {
                    assert!(is_gone(&row.state), "{what}: {:?}", row.state);
                }
                assert!(world.left().is_empty(), "{what}");
            });
        }
    }
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn p30_who_leaves_at_a_question_under_a_fault_goes_on_there() {
    let cases = [
        ("again", "token.revoke#/4=status:500"),
        ("appeared", "token.revoke#/4=drop-after"),
        ("local", "token.revoke#/4=drop-after"),
        ("packages", "token.revoke#/3=linger-listed:1"),
        ("report", "token.revoke#2=retry-after:1"),
    ];
    let cases = cases.map(async |(word, fault)| {
        let options = Options {
            under_attack: word == "appeared",
            ..options()
        };
        let mut world = World::new(options, &[fault]).await;
        let person = Person {
            leaves_at: Some((word, 1)),
            ..PATIENT
        };
        let first = world.emergency(person).await;
        let what = format!("{word}, {fault}: {:?}", first.asked);
        assert_eq!(first.asked.last(), Some(&word), "{what}");
        assert_eq!(world.left().len(), 1, "{what}");
        let walked = world.emergency(PATIENT).await;
        let what = format!("{what}, then {:?}", walked.asked);
        world.equals_the_registry(&walked, &what).await;
        world.asked_once(&[], &what);
        assert!(world.left().is_empty(), "{what}");
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn p31_what_the_registry_still_takes_is_never_called_gone_or_verified() {
    let mut world = World::new(options(), &["token.revoke=linger-accepted-for:1800"]).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    let walked = world.emergency(Person::default()).await;
    assert!(takes(&world.running, &value).await);
    for (key, state) in walked.rows.iter().filter(|(key, _)| *key == token.key) {
        assert!(!is_gone(state), "{key:?}: {state:?}");
    }
    for incident in &walked.told {
        let rows = incident.rows.iter();
        let mut rows = rows.filter(|row| row.token.key == token.key);
        assert!(rows.all(|row| !is_gone(&row.state)));
    }
    let still = walked.state(&token.key);
    assert!(matches!(still, RowState::StillAccepted { .. }), "{still:?}");
    world.told_the_truth(&walked, "still accepted");
    let told = markdown(walked.incident());
    assert!(told.contains("**still accepted**"), "{told}");
    assert_eq!(world.left().len(), 1, "it can be looked at again");

    // Which can be done after another start, and no revocation is sent for it.
    world.passes(Duration::from_secs(3600));
    world.starts_again().await;
    let walked = world.emergency(Person::default()).await;
    assert!(!takes(&world.running, &value).await);
    assert_eq!(walked.state(&token.key), &RowState::Verified);
    world
        .equals_the_registry(&walked, "accepted for a while")
        .await;
    world.asked_once(&[], "accepted for a while");
    assert!(world.left().is_empty());
}

#[tokio::test]
async fn p31_what_is_taken_for_a_few_requests_more_is_verified_when_it_is_refused() {
    let mut world = World::new(options(), &["token.revoke=linger-accepted:2"]).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    let walked = world.emergency(PATIENT).await;
    let told: Vec<_> = walked
        .rows
        .iter()
        .filter(|(key, _)| *key == token.key)
        .map(|(_, state)| state)
        .collect();
    let at = |is: fn(&RowState) -> bool| told.iter().position(|state| is(state));
    let accepted = at(|state| matches!(state, RowState::StillAccepted { .. }));
    let verified = at(|state| *state == RowState::Verified);
    assert!(accepted.is_some() && accepted < verified, "{told:?}");
    world.equals_the_registry(&walked, "accepted for two").await;
}

#[tokio::test]
async fn p31_a_session_that_is_taken_after_its_logout_is_called_so_until_it_is_refused() {
    let mut world = World::new(options(), &["logout=linger-accepted-for:1800"]).await;
    let walked = world.emergency(Person::default()).await;
    let incident = walked.incident();
    let accepted = |incident: &Incident| {
        let mut sessions = incident.sessions.iter();
        sessions.any(|(_, ended)| *ended == Ended::StillAccepted)
    };
    assert!(accepted(incident), "{:?}", incident.sessions);
    assert!(markdown(incident).contains("**still ACCEPTED**"));
    let remains = incident.remains();
    let said = remains
        .iter()
        .any(|line| line.as_str().contains("still ACCEPTS it"));
    assert!(said, "{remains:?}");
    assert_eq!(world.left().len(), 1);
    // Its row in the list says the same, and what remains names it once.
    let own = incident.rows.iter().find(|row| row.ours).unwrap();
    let taken = matches!(own.state, RowState::StillAccepted { .. });
    assert!(taken, "{:?}", own.state);
    let about = remains.iter().filter(|line| {
        let line = line.as_str();
        line.contains("ACCEPTS") || line.contains(own.token.quoted().as_str())
    });
    assert_eq!(about.count(), 1, "{remains:?}");
}

#[tokio::test]
async fn what_the_last_list_had_of_the_session_is_said_to_have_ended_since() {
    for (faults, became) in [
        (&[][..], "which has ended since"),
        (&["logout=linger-accepted-for:1800"], "STILL ACCEPTED"),
        (&["logout=status:500"], "not seen to end"),
    ] {
        let mut world = World::new(options(), faults).await;
        let walked = world.emergency(Person::default()).await;
        let incident = walked.incident();
        let told = format!("{} {}", markdown(incident), json(incident));
        assert!(told.contains(became), "{became}: {told}");
        assert!(!told.contains("which goes at its end"), "{told}");
    }
}

#[tokio::test]
async fn p30_codes_that_are_refused_half_way_until_the_lock_out_lose_nothing() {
    let cases = [(true, 3, 1), (false, 2, 5), (true, 4, 5)];
    let cases = cases.map(async |(once, first, many)| {
        let mut world = World::new(with_codes(once), &[]).await;
        let person = Person {
            wrong: Some((first, many)),
            leaves_locked: true,
            ..PATIENT
        };
        let mut walked = world.emergency(person).await;
        let mut what = format!("{once} {first} {many}: {:?}", walked.asked);
        let locked = walked.asked.contains(&"locked");
        assert_eq!(locked, many == 5, "{what}");
        if locked {
            // Nothing is claimed of what was not sent.
            world.passes(Duration::from_secs(61));
            assert_eq!(world.left().len(), 1, "{what}");
            let left = &world.left()[0].1;
            let gone = left.rows.iter().filter(|row| is_gone(&row.state)).count();
            assert!(gone <= world.asked().len(), "{what}");
            walked = world.emergency(PATIENT).await;
            what = format!("{what}, then {:?}", walked.asked);
        }
        world.equals_the_registry(&walked, &what).await;
        world.asked_once(&[], &what);
        for row in &walked.incident().rows {
            assert!(is_gone(&row.state), "{what}: {:?}", row.state);
        }
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn p31_what_was_handed_to_the_program_is_tried_out_when_a_session_speaks_in_its_place() {
    let (clock, _) = Clock::by_hand(start());
    let options = Options { clock, ..options() };
    let running = sandbox::start(options).await.unwrap();
    let client = Client {
        url: running.url().to_owned(),
        token: running.token().expose().as_str().into(),
    };
    let clock = TestClock(Mutex::new(start()));
    let mut bench = Bench::over(client, Arc::new(clock), 64);
    let id = bench.start(Request::SignIn {
        how: SignIn::Password {
            name: running.username().to_owned(),
            password: running.password().expose().as_str().into(),
        },
        keep: Keep::Session,
        at: None,
        wanted: None,
    });
    assert!(bench.finished(id).await.is_ok());
    let digest = Sha512::digest(running.token().expose());
    let key: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = bench.start(Request::Revoke {
        tokens: vec![TokenKey::new(key)],
        last: Vec::new(),
        names: Vec::new(),
    });
    match bench.finished(id).await {
        Ok(Outcome::Revoked { rows, .. }) => assert_eq!(rows[0].1, RowState::Verified),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn p31_a_session_is_called_ended_when_it_is_refused_and_the_registry_is_quoted_right() {
    let faults = [
        ("logout=status:500", true),
        ("logout=drop-before", true),
        ("logout=redirect:http://127.0.0.1:9/", true),
        ("logout#1=status:500", false),
        ("logout#1=drop-before", false),
        ("logout=drop-after", false),
        ("logout=half-body", false),
        ("logout=status-after:502", false),
        ("logout=status-after:400", false),
    ];
    let cases = faults.map(async |(fault, lives)| {
        let mut world = World::new(options(), &[fault]).await;
        let walked = world.emergency(PATIENT).await;
        let incident = walked.incident();
        let what = format!("{fault}: {:?}", incident.sessions);
        let fresh = Independent::new(&world.running).await.listed().await;
        let alive = !fresh.is_empty();
        assert!(alive || !lives, "{what}");
        let ours = |(name, _): &&(Text, Ended)| name.as_str().ends_with("for this");
        let (name, ended) = incident.sessions.iter().find(ours).unwrap();
        assert!(!(alive && *ended == Ended::Verified), "{what}");
        // It never said that it ended this one.
        assert_ne!(*ended, Ended::StillAccepted, "{what}");
        let remains = incident.remains();
        let said = remains
            .iter()
            .any(|line| line.as_str().contains(name.as_str()));
        assert_eq!(said, *ended != Ended::Verified, "{what}: {remains:?}");
        let report = markdown(incident);
        assert!(
            !report.contains("though the registry said"),
            "{what}: {report}"
        );
        let report_done = matches!(incident.stage(Stage::Report), StageState::Done(..));
        assert!(report_done, "the report itself was written: {what}");
        assert_eq!(
            world.left().len(),
            usize::from(*ended != Ended::Verified),
            "{what}"
        );
        if alive {
            // It can be gone on with, and ends then.
            world.running.mend();
            world.starts_again().await;
            let walked = world.emergency(PATIENT).await;
            world.equals_the_registry(&walked, &what).await;
            assert!(world.left().is_empty(), "{what}");
        }
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn p35_a_copy_in_a_file_that_changed_meanwhile_is_taken_out_when_it_is_looked_at_again() {
    fn moves(world: &World) {
        world.edits(|text| format!("; mine\n{text}"));
    }
    let mut world = World::new(options(), &[]).await;
    let person = Person {
        meanwhile: Some(("local", moves)),
        ..PATIENT
    };
    let walked = world.emergency(person).await;
    assert_eq!(walked.asks("local"), 2, "{:?}", walked.asked);
    let incident = walked.incident();
    assert!(incident.copies.iter().all(|(_, why)| why.is_none()));
    let told = |incident: &&Arc<Incident>| {
        let failed = matches!(incident.stage(Stage::Local), StageState::Failed(..));
        failed && incident.copies.iter().any(|(_, why)| why.is_some())
    };
    assert!(walked.told.iter().any(|incident| told(&incident)));
    let text = world.npmrc();
    assert!(text.starts_with("; mine\nregistry="), "{text}");
    assert!(!text.contains("_authToken"), "{text}");
}

#[tokio::test]
async fn p35_a_file_that_cannot_be_changed_keeps_its_copy_and_that_is_said() {
    fn stuck(world: &World) {
        world.npmrc_is_a_folder();
    }
    let mut world = World::new(options(), &[]).await;
    let person = Person {
        meanwhile: Some(("local", stuck)),
        ..Person::default()
    };
    let walked = world.emergency(person).await;
    let incident = walked.incident();
    let local = incident.stage(Stage::Local);
    assert!(matches!(local, StageState::Failed(..)), "{local:?}");
    let [(place, Some(why))] = &incident.copies[..] else {
        panic!("{:?}", incident.copies);
    };
    let remains = incident.remains();
    let said = |line: &Text| {
        let line = line.as_str();
        line.contains(place.as_str()) && line.contains(why.what.as_str())
    };
    assert!(remains.iter().any(said), "{remains:?}");
    assert!(markdown(incident).contains("**still there**"));
    assert_eq!(world.left().len(), 1, "it can be gone on with");
}

#[tokio::test]
async fn what_a_profile_that_could_not_be_read_again_would_tell_is_not_claimed() {
    fn breaks(world: &World) {
        let fault = "profile.get=status:500".parse().unwrap();
        world.running.fault(fault);
    }
    fn tells_nothing(world: &World) {
        let fault = "profile.get=status:400".parse().unwrap();
        world.running.fault(fault);
    }
    let cases: [fn(&World); 2] = [breaks, tells_nothing];
    for happens in cases {
        let mut world = World::new(options(), &[]).await;
        let person = Person {
            meanwhile: Some(("account", happens)),
            cares: true,
            ..PATIENT
        };
        let walked = world.emergency(person).await;
        let incident = walked.incident();
        let (StageState::Open(_, words) | StageState::Done(_, words)) =
            incident.stage(Stage::Account)
        else {
            panic!("{:?}", incident.stage(Stage::Account));
        };
        let words = words.as_str();
        let not_told = ["could not be read", "does not tell"];
        assert!(not_told.iter().any(|part| words.contains(part)), "{words}");
        assert!(!words.contains("ANOTHER ONE"), "{words}");
        let remains = incident.remains();
        let has = |part: &str| remains.iter().any(|line| line.as_str().contains(part));
        // It was off when this began; what it is now nobody has read.
        assert!(!has("it is OFF"), "{remains:?}");
        assert!(has("was not read after that"), "{remains:?}");
    }
}
