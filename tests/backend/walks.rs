//! Random walks with credentials that come, go and die: none is left alive that nobody holds, nothing is done for
//! another account, and every question and request has an end.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::protocol::{
    Answer, Created, Event, Outcome, Question, Request, RequestId,
};
use npm_warden::domain::account::{Profile, ProfileField};
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::signin::{Ended, Keep, SignIn};
use npm_warden::domain::tfa::Tfa;
use npm_warden::registry::{Polled, Revoked};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::Instant;

use super::bench::{Bench, keys};
use super::random::{late, on_paused_time};
use super::script::{
    At, CONFIGURED, Reply, Script, Seen, list, lost, not_yet, page_of, profile, refuses_code,
    unauthorised, wants_code, wants_code_or_page,
};

/// What a registry is like, and what has come to pass there.
struct World {
    rng: StdRng,
    faults: f64,
    /// It says that it ended a token, and does not.
    lies: bool,
    /// It wants a code for what changes something, and offers a page with it.
    asks: bool,
    /// Whose each token is.
    whose: HashMap<String, &'static str>,
    dead: HashSet<String>,
    /// Given out in an answer that reached the program.
    arrived: HashSet<String>,
    /// The tokens that the list has, and those of them whose value reached the program.
    listed: Vec<String>,
    values: HashSet<String>,
    polled: HashMap<String, Instant>,
    count: u32,
    broken: Vec<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        Self {
            faults: if rng.random_bool(0.5) { 0.0 } else { 0.1 },
            lies: rng.random_bool(0.15),
            asks: rng.random_bool(0.5),
            whose: HashMap::from([(CONFIGURED.to_owned(), "alice")]),
            dead: HashSet::new(),
            arrived: HashSet::new(),
            listed: vec!["old".to_owned()],
            values: HashSet::new(),
            polled: HashMap::new(),
            count: 0,
            broken: Vec::new(),
            rng,
        }
    }

    fn gives_out(&mut self, account: &'static str, arrives: bool) -> &'static str {
        self.count += 1;
        let name: &'static str = Box::leak(format!("npm_{}", self.count).into_boxed_str());
        self.whose.insert(name.to_owned(), account);
        if arrives {
            self.arrived.insert(name.to_owned());
        }
        name
    }

    fn answers(&mut self, seen: &Seen) -> Reply {
        let fault = self.rng.random_bool(self.faults);
        // A lost answer is lost before the registry acts, or after it.
        let acts = !fault || self.rng.random_bool(0.5);
        let reply = self.acts(seen, acts, !fault);
        let ends = matches!(seen.at, At::Logout | At::Whoami);
        let reply = if fault && !ends {
            Reply::Error(lost())
        } else {
            reply
        };
        late(&mut self.rng, reply)
    }

    fn acts(&mut self, seen: &Seen, acts: bool, arrives: bool) -> Reply {
        match seen.at {
            At::WebLogin => {
                self.count += 1;
                return Reply::Web(page_of(&format!("login-{}", self.count)));
            }
            At::Poll => return self.poll(seen, arrives),
            At::PasswordLogin => {
                if seen.otp.is_none() && self.asks {
                    return wants_code();
                }
                let account = if seen.what.starts_with("bob") {
                    "bob"
                } else {
                    "alice"
                };
                return if acts {
                    Reply::Token(self.gives_out(account, arrives))
                } else {
                    Reply::Error(lost())
                };
            }
            _ => {}
        }
        let token = seen.token.clone().unwrap_or_default();
        if seen.at != At::Whoami && self.rng.random_bool(0.03) {
            self.dead.insert(token.clone());
        }
        let Some(account) = self.whose.get(&token).copied() else {
            return unauthorised("who is that?");
        };
        if self.dead.contains(&token) {
            return unauthorised("not any more");
        }
        let changes = matches!(seen.at, At::Save | At::Revoke | At::CreateToken);
        if changes && self.asks {
            match &seen.otp {
                None => {
                    self.count += 1;
                    return wants_code_or_page(&format!("code-{}", self.count));
                }
                Some(code) if code.starts_with('9') => {}
                Some(_) => return refuses_code("invalid OTP"),
            }
        }
        match seen.at {
            At::Whoami => Reply::Name(account),
            At::Profile => Reply::Profile(Profile {
                name: account.into(),
                ..profile(Tfa::Off)
            }),
            At::Save => {
                if !seen.what.ends_with("anybody") && !seen.what.ends_with(account) {
                    self.broken.push(format!("done as {account}: {seen:?}"));
                }
                Reply::Profile(profile(Tfa::Off))
            }
            At::Logout => {
                if !self.lies {
                    self.dead.insert(token);
                }
                Reply::Done
            }
            At::Tokens => list(self.listed.clone()),
            At::Revoke => Reply::Revoked(Revoked::AlreadyGone),
            At::CreateToken => {
                self.count += 1;
                let key = format!("made-{}", self.count);
                let value: &'static str = Box::leak(format!("value-{key}").into_boxed_str());
                if acts {
                    self.listed.push(key.clone());
                }
                if arrives {
                    self.values.insert(value.to_owned());
                }
                Reply::Made(super::script::token(key), value)
            }
            at => panic!("{at:?}"),
        }
    }

    fn poll(&mut self, seen: &Seen, arrives: bool) -> Reply {
        let now = Instant::now();
        if let Some(before) = self.polled.insert(seen.what.clone(), now)
            && now - before < Duration::from_secs(1)
        {
            self.broken.push(format!("asked about too often: {seen:?}"));
        }
        match self.rng.random_range(0..6) {
            0 => Reply::Polled(Polled::Over("denied".into())),
            1 | 2 if seen.what.starts_with("/done/login") => {
                let token = self.gives_out("alice", arrives);
                Reply::Polled(Polled::Done(token.into()))
            }
            1 => {
                self.count += 1;
                Reply::Polled(Polled::Done(format!("9{:015}", self.count).as_str().into()))
            }
            n => not_yet((n > 3).then_some(n)),
        }
    }
}

/// A person who starts, answers, gives up and leaves at random.
struct Person {
    rng: StdRng,
    bench: Bench,
    running: BTreeMap<RequestId, &'static str>,
    /// The questions that are open, as the screens see them.
    open: HashSet<RequestId>,
    /// Requests that wait for a sign-in.
    parked: Vec<RequestId>,
    /// Whom the screens show.
    known: Option<String>,
    /// The registry says that it ended a token, and does not.
    lies: bool,
    /// The values of tokens that were shown.
    shown: HashSet<String>,
    codes: u32,
}

impl Person {
    fn start(&mut self, what: &'static str, request: Request) {
        let id = self.bench.start(request);
        self.running.insert(id, what);
    }

    fn signs_in(&mut self) {
        let keep = if self.rng.random_bool(0.2) {
            Keep::File
        } else {
            Keep::Session
        };
        let how = if self.rng.random_bool(0.4) {
            SignIn::Web
        } else {
            SignIn::Password {
                name: if self.rng.random_bool(0.2) {
                    "bob"
                } else {
                    "alice"
                }
                .to_owned(),
                password: "hunter22".into(),
            }
        };
        self.start(
            "sign in",
            Request::SignIn {
                how,
                keep,
                at: None,
                wanted: None,
            },
        );
    }

    fn is_running(&self, what: &[&str]) -> bool {
        self.running.values().any(|running| what.contains(running))
    }

    fn begins_something(&mut self) {
        // What tells who is there goes alone, as on the screens.
        if self.is_running(&["sign in", "sign out", "account"]) {
            return;
        }
        match self.rng.random_range(0..9) {
            0 if self.running.is_empty() => self.signs_in(),
            1 if self.running.is_empty() => self.start("sign out", Request::SignOut),
            2 if self.running.is_empty() => self.start("account", Request::Account),
            3 => self.start("tokens", Request::Tokens),
            4 => self.start(
                "revoke",
                Request::Revoke {
                    tokens: keys(["x", "y", "z"]),
                    last: Vec::new(),
                    names: Vec::new(),
                },
            ),
            5 | 6 => self.start(
                "create",
                Request::CreateToken(NewToken::classic(false, Vec::new(), "hunter22".into())),
            ),
            _ => {
                let who = self.known.clone().unwrap_or("anybody".to_owned());
                self.start(
                    "save",
                    Request::SaveField {
                        field: ProfileField::Fullname,
                        before: None,
                        after: who,
                    },
                );
            }
        }
    }

    fn sees(&mut self, event: Event) {
        match event {
            Event::Asked { id, question } => {
                self.open.insert(id);
                self.answers(id, &question);
            }
            Event::Cleared { id } => assert!(self.open.remove(&id), "cleared what was not open"),
            Event::Finished { id, result } => {
                assert!(!self.open.contains(&id), "ended with an open question");
                self.parked.retain(|parked| *parked != id);
                let what = self.running.remove(&id).expect("it ends once");
                self.ends(what, result);
            }
            _ => {}
        }
    }

    fn ends(
        &mut self,
        what: &'static str,
        result: Result<Outcome, npm_warden::domain::failure::Failure>,
    ) {
        match result {
            Ok(
                Outcome::SignedIn {
                    standing: Standing::SignedIn(profile),
                    ..
                }
                | Outcome::Account {
                    standing: Standing::SignedIn(profile),
                    ..
                },
            ) => {
                self.known = Some(profile.name.as_str().to_owned());
                if what == "sign in" {
                    for id in std::mem::take(&mut self.parked) {
                        self.bench.answer(id, Answer::SignedIn);
                    }
                }
            }
            Ok(Outcome::SignedOut { ended, .. }) => {
                self.known = None;
                assert!(
                    !self.lies || !matches!(ended, Ended::Verified),
                    "called ended"
                );
            }
            Ok(Outcome::Created(Created::Made { value, .. })) => {
                self.shown.insert(value.expose().clone());
            }
            Ok(Outcome::Created(Created::Lost { tokens, .. })) => assert!(!tokens.is_empty()),
            _ => {}
        }
        // Without a sign-in they would wait for ever.
        if what == "sign in" {
            for id in std::mem::take(&mut self.parked) {
                self.bench.cancel(id);
            }
        }
    }

    fn answers(&mut self, id: RequestId, question: &Question) {
        if self.rng.random_bool(0.1) {
            return self.bench.cancel(id);
        }
        match question {
            Question::Challenge(challenge) => {
                // Or the page answers.
                if challenge.web.is_none() || self.rng.random_bool(0.5) {
                    self.codes += 1;
                    let first = if self.rng.random_bool(0.8) { 9 } else { 1 };
                    self.bench.code(id, &format!("{first}{:05}", self.codes));
                }
            }
            Question::SignIn(_) => {
                self.parked.push(id);
                if !self.is_running(&["sign in"]) {
                    self.signs_in();
                }
            }
            Question::Web(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn walk(seed: u64) {
    let world = Arc::new(Mutex::new(World::new(seed)));
    let lies = world.lock().unwrap().lies;
    let answers = Arc::clone(&world);
    let script = Script::new().world(move |seen: &Seen| answers.lock().unwrap().answers(seen));
    let mut person = Person {
        rng: StdRng::seed_from_u64(seed ^ 0x5eed),
        bench: Bench::new(script),
        running: BTreeMap::new(),
        open: HashSet::new(),
        parked: Vec::new(),
        known: None,
        lies,
        shown: HashSet::new(),
        codes: 0,
    };
    person.start("account", Request::Account);
    for _ in 0..person.rng.random_range(1..120) {
        let patience = Duration::from_millis(person.rng.random_range(0..20_000));
        match tokio::time::timeout(patience, person.bench.next()).await {
            Ok(event) => person.sees(event),
            Err(_) => {
                let running: Vec<_> = person.running.keys().copied().collect();
                if !running.is_empty() && person.rng.random_bool(0.1) {
                    let id = running[person.rng.random_range(0..running.len())];
                    person.bench.cancel(id);
                } else {
                    person.begins_something();
                }
            }
        }
    }
    let Person {
        bench,
        mut running,
        mut open,
        mut shown,
        ..
    } = person;
    let script = bench.script.clone();
    let (_folder, rest) = bench.quit().await;
    for event in rest {
        match event {
            Event::Asked { id, .. } => {
                open.insert(id);
            }
            Event::Cleared { id } => assert!(open.remove(&id)),
            Event::Finished { id, result } => {
                assert!(running.remove(&id).is_some());
                if let Ok(Outcome::Created(Created::Made { value, .. })) = result {
                    shown.insert(value.expose().clone());
                }
            }
            _ => {}
        }
    }
    assert!(running.is_empty(), "without an end: {running:?}");
    assert!(open.is_empty(), "open at the end: {open:?}");
    let world = world.lock().unwrap();
    assert_eq!(world.broken, Vec::<String>::new());
    assert_eq!(shown, world.values, "each value that arrived is shown");
    if !world.lies {
        let stored = script.stored();
        for token in &world.arrived {
            assert!(
                world.dead.contains(token) || stored.contains(token),
                "{token} lives, and nobody holds it"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn m1_any_walk_leaves_no_credential_that_nobody_holds(seed: u64) {
        on_paused_time(walk(seed));
    }
}
