//! Revocations over the real client, npm's own configuration and the embedded registry: what is known here is tried out,
//! the final table equals a fresh list, and what was interrupted is gone on with (promises P29 to P31).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::Configured;
use npm_warden::backend::protocol::{
    Created, Event, JournalId, Outcome, Request, RequestId, RowState, Step, Unfinished, Unprobed,
};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::remains::is_gone;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::tfa::Level;
use npm_warden::domain::token::{Token, TokenKey, in_use_last};
use npm_warden::npmrc::Inputs;
use npm_warden::sandbox::{self, Hand, Options, Running, StartTfa};

use super::bench::{Bench, TestClock, is_step};
use super::embedded::start;

const REVOKE: &str = "DELETE /-/npm/v1/tokens/token/{token}";

/// A person's machine: the session in their own file, and what a test puts into the global one.
pub struct World {
    home: tempfile::TempDir,
    pub running: Running,
    hand: Hand,
    clock: Arc<TestClock>,
    pub bench: Bench,
}

fn inputs(home: &Path) -> Inputs {
    let env: Vec<(OsString, OsString)> = vec![("PREFIX".into(), home.join("prefix").into())];
    Inputs {
        registry: None,
        userconfig: None,
        cwd: home.to_owned(),
        home: Some(home.to_owned()),
        env,
    }
}

impl World {
    pub async fn new(options: Options, faults: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (clock, hand) = sandbox::Clock::by_hand(start());
        let faults = faults.iter().map(|fault| fault.parse().unwrap());
        let running = sandbox::start(Options {
            clock,
            faults: faults.collect(),
            ..options
        });
        let running = running.await.unwrap();
        fs::create_dir_all(home.path().join("prefix/etc")).unwrap();
        let clock = Arc::new(TestClock(Mutex::new(start())));
        let bench = over(home.path(), &clock);
        let mut world = Self {
            home,
            running,
            hand,
            clock,
            bench,
        };
        world.signs_in_by(world.running.token());
        world.bench_knows().await;
        world
    }

    /// The registry's address without its scheme.
    fn nerf(&self) -> &str {
        self.running.url().split_once(':').unwrap().1
    }

    fn signs_in_by(&self, token: &Secret<String>) {
        let text = format!(
            "registry={}\n{}:_authToken={}\n",
            self.running.url(),
            self.nerf(),
            token.expose()
        );
        fs::write(self.home.path().join(".npmrc"), text).unwrap();
    }

    /// A copy of this value lies in the global file, where the person's own comes first.
    pub fn lies_here(&self, value: &Secret<String>) {
        let text = format!("{}:_authToken={}\n", self.nerf(), value.expose());
        fs::write(self.home.path().join("prefix/etc/npmrc"), text).unwrap();
    }

    /// No copy of any value lies in the global file any more.
    pub fn lies_here_no_more(&self) {
        fs::remove_file(self.home.path().join("prefix/etc/npmrc")).unwrap();
    }

    /// The program is started anew.
    pub async fn again(&mut self) {
        let folder = self.bench.folder.path().join("vault");
        let kept = self.home.path().join("kept");
        let _ = fs::remove_dir_all(&kept);
        copy(&folder, &kept);
        self.bench = over(self.home.path(), &self.clock);
        copy(&kept, &self.bench.folder.path().join("vault"));
        self.bench_knows().await;
    }

    /// What stands in the person's own file.
    pub fn npmrc(&self) -> String {
        fs::read_to_string(self.home.path().join(".npmrc")).unwrap()
    }

    /// Somebody else changes the person's own file.
    pub fn edits(&self, edit: impl FnOnce(&str) -> String) {
        let text = edit(&self.npmrc());
        fs::write(self.home.path().join(".npmrc"), text).unwrap();
    }

    /// Nothing can be written in its place.
    pub fn npmrc_is_a_folder(&self) {
        let file = self.home.path().join(".npmrc");
        fs::remove_file(&file).unwrap();
        fs::create_dir(file).unwrap();
    }

    /// The same after the program died; nobody is known to it.
    pub async fn starts_again(&mut self) {
        let folder = self.bench.folder.path().join("vault");
        let kept = self.home.path().join("kept");
        let _ = fs::remove_dir_all(&kept);
        let bench = std::mem::replace(&mut self.bench, over(self.home.path(), &self.clock));
        let _folder = bench.dies().await;
        copy(&folder, &kept);
        copy(&kept, &self.bench.folder.path().join("vault"));
    }

    async fn bench_knows(&mut self) {
        let id = self.bench.start(Request::Account);
        assert!(self.bench.finished(id).await.is_ok());
    }

    pub fn passes(&self, time: Duration) {
        self.hand.advance(time);
        let mut now = self.clock.0.lock().unwrap();
        *now = now.saturating_add(time).unwrap();
    }

    /// Makes a token; gives it with its value.
    pub async fn made(&mut self, cidr: &str) -> (Token, Arc<Secret<String>>) {
        let password = self.running.password().expose().as_str().into();
        let cidr = cidr.parse().ok().into_iter().collect();
        let id = self.bench.start(Request::CreateToken(NewToken::classic(
            true, cidr, password,
        )));
        match self.bench.finished(id).await {
            Ok(Outcome::Created(Created::Made { token, value, .. })) => (*token, value),
            other => panic!("{other:?}"),
        }
    }

    pub async fn listed(&mut self) -> Vec<Token> {
        let id = self.bench.start(Request::Tokens);
        let (events, result) = self.bench.rest(id).await;
        assert!(matches!(result, Ok(Outcome::Tokens { .. })), "{result:?}");
        let rows = events.into_iter().filter_map(|event| match event {
            Event::Page { rows, .. } => Some(rows),
            _ => None,
        });
        rows.flatten().collect()
    }

    /// Begins to revoke these as the screens do.
    pub fn revoke<'t>(&mut self, tokens: impl IntoIterator<Item = &'t Token>) -> RequestId {
        let tokens: Vec<&Token> = tokens.into_iter().collect();
        let names = tokens.iter();
        let names = names.map(|token| (token.key.clone(), token.noted()));
        let names = names.collect();
        let (tokens, last) = in_use_last(tokens);
        self.bench.start(Request::Revoke {
            tokens,
            last,
            names,
        })
    }

    /// To its end.
    pub async fn ends(&mut self, id: RequestId) -> Ended {
        let (events, result) = self.bench.rest(id).await;
        Ended::of(events, result)
    }

    /// Until the person, who leaves at the first such state of a row, has the end.
    pub async fn left_when(&mut self, id: RequestId, is_so: fn(&RowState) -> bool) -> Ended {
        self.bench
            .until(|event| match is_step(event) {
                Some(Step::Row { state, .. }) if is_so(state) => Some(()),
                _ => None,
            })
            .await;
        self.bench.cancel(id);
        self.ends(id).await
    }

    pub async fn unfinished(&mut self) -> Vec<(JournalId, Vec<RowState>)> {
        let id = self.bench.start(Request::Unfinished);
        of_revocations(self.bench.finished(id).await)
    }

    pub async fn resumes(&mut self) -> Ended {
        let left = self.unfinished().await;
        assert_eq!(left.len(), 1, "{left:?}");
        let (left, _) = left.into_iter().next().unwrap();
        let id = self.bench.start(Request::ResumeRevocation { left });
        self.ends(id).await
    }

    /// How often each key that is gone was asked to be revoked.
    pub fn asked(&self) -> BTreeMap<String, u64> {
        self.running.inspect().revoked
    }

    /// Every row's end says what a fresh list says.
    pub async fn equals_a_fresh_list(&mut self, ended: &Ended) {
        let fresh: Vec<TokenKey> = self.listed().await.into_iter().map(|t| t.key).collect();
        if let Ok(list) = &ended.list {
            let list: Vec<_> = list.iter().map(|token| &token.key).collect();
            assert_eq!(list, fresh.iter().collect::<Vec<_>>());
        }
        for (key, state) in &ended.rows {
            let gone = is_gone(state) || matches!(state, RowState::StillAccepted { .. });
            assert_eq!(gone, !fresh.contains(key), "{key:?}: {state:?}");
            let no_end = matches!(
                state,
                RowState::Waiting | RowState::Sent | RowState::Accepted
            );
            assert!(!no_end, "{key:?}: {state:?}");
        }
    }

    fn data(&self) -> PathBuf {
        self.bench.folder.path().join("vault")
    }
}

fn over(home: &Path, clock: &Arc<TestClock>) -> Bench {
    let home = home.to_owned();
    let connector = Configured::npm(move || Ok(inputs(&home)));
    let now = *clock.0.lock().unwrap();
    let _ = now;
    Bench::over(connector, Arc::clone(clock) as Arc<_>, 64)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

fn of_revocations(result: Result<Outcome, Failure>) -> Vec<(JournalId, Vec<RowState>)> {
    let Ok(Outcome::Unfinished(all)) = result else {
        panic!("{result:?}")
    };
    let all = all.into_iter().map(|one| match one {
        Unfinished::Revocation { id, rows, .. } => {
            (id, rows.into_iter().map(|(_, _, state)| state).collect())
        }
        other => panic!("{other:?}"),
    });
    all.collect()
}

/// A revocation that is over.
#[derive(Debug)]
pub struct Ended {
    pub rows: Vec<(TokenKey, RowState)>,
    pub list: Result<Vec<Token>, Failure>,
    events: Vec<Event>,
}

impl Ended {
    fn of(events: Vec<Event>, result: Result<Outcome, Failure>) -> Self {
        match result {
            Ok(Outcome::Revoked { rows, list }) => Self { rows, list, events },
            other => panic!("{other:?}"),
        }
    }

    pub fn states(&self) -> Vec<&RowState> {
        self.rows.iter().map(|(_, state)| state).collect()
    }

    /// What was told of rows on the way.
    fn told(&self, is_so: impl Fn(&RowState) -> bool) -> bool {
        self.events.iter().any(|event| match is_step(event) {
            Some(Step::Row { state, .. }) => is_so(state),
            _ => false,
        })
    }

    pub fn all_gone(&self) -> bool {
        self.rows.iter().all(|(_, state)| is_gone(state))
    }
}

pub fn still_accepted(state: &RowState) -> bool {
    matches!(state, RowState::StillAccepted { .. })
}

fn still_listed(state: &RowState) -> bool {
    *state == RowState::StillListed
}

#[tokio::test]
async fn p31_a_value_that_lies_here_is_tried_out_before_and_after_and_others_are_not_called_verified()
 {
    let mut world = World::new(Options::default(), &[]).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    let whoamis = |world: &World| {
        let requests = world.running.inspect().requests;
        requests.get("GET /-/whoami").copied().unwrap_or_default()
    };
    let before = whoamis(&world);
    let other = world.listed().await.pop().unwrap();
    let id = world.revoke([&token, &other]);
    let ended = world.ends(id).await;
    let unknown = RowState::Gone(Unprobed::ValueUnknown);
    assert_eq!(ended.states(), [&RowState::Verified, &unknown]);
    assert_eq!(whoamis(&world) - before, 2, "one before and one after");
    world.equals_a_fresh_list(&ended).await;
    assert!(world.unfinished().await.is_empty());
}

#[tokio::test]
async fn p31_a_value_that_was_refused_before_proves_nothing_by_its_refusal() {
    let mut world = World::new(Options::default(), &[]).await;
    // It works from elsewhere alone.
    let (token, value) = world.made("198.51.100.0/24").await;
    world.lies_here(&value);
    let id = world.revoke([&token]);
    let ended = world.ends(id).await;
    assert_eq!(ended.states(), [&RowState::Gone(Unprobed::RefusedBefore)]);
}

#[tokio::test]
async fn p31_a_value_that_nobody_answers_for_is_gone_and_not_tried_out() {
    let mut world = World::new(Options::default(), &[]).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    world.running.fault("whoami=status:404".parse().unwrap());
    world
        .running
        .fault("profile.get=status:400".parse().unwrap());
    let id = world.revoke([&token]);
    let ended = world.ends(id).await;
    assert_eq!(ended.states(), [&RowState::Gone(Unprobed::NoAnswer)]);
}

#[tokio::test]
async fn p31_what_is_still_accepted_is_told_and_tried_out_again() {
    let mut world = World::new(Options::default(), &["token.revoke=linger-accepted:1"]).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    let id = world.revoke([&token]);
    let ended = world.ends(id).await;
    assert!(ended.told(still_accepted));
    assert_eq!(ended.states(), [&RowState::Verified]);
    let waits = |event: &Event| matches!(event, Event::Retrying { why, .. } if why.as_str().contains("still accepts 1 revoked token"));
    assert!(ended.events.iter().any(waits));
}

#[tokio::test]
async fn p30_p31_who_does_not_wait_is_told_that_it_is_still_accepted_and_can_look_again_later() {
    let faults = ["token.revoke=linger-accepted-for:1800"];
    let mut world = World::new(Options::default(), &faults).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    let id = world.revoke([&token]);
    let ended = world.left_when(id, still_accepted).await;
    let now = start();
    let still = RowState::StillAccepted {
        since: now,
        probed: now,
    };
    assert_eq!(ended.states(), [&still]);
    world.equals_a_fresh_list(&ended).await;
    assert_eq!(world.unfinished().await[0].1, std::slice::from_ref(&still));

    // Too early, and after another start.
    world.passes(Duration::from_secs(600));
    world.again().await;
    let (left, _) = world.unfinished().await.remove(0);
    let id = world.bench.start(Request::ResumeRevocation { left });
    let ended = world.left_when(id, still_accepted).await;
    let RowState::StillAccepted { since, probed } = ended.states()[0] else {
        panic!("{ended:?}")
    };
    assert_eq!(*since, now, "when the registry said that it is done");
    assert_eq!(probed.duration_since(now).as_secs(), 600);

    world.passes(Duration::from_secs(1800));
    let ended = world.resumes().await;
    assert_eq!(
        ended.states(),
        [&RowState::Verified],
        "it worked before the first request"
    );
    assert!(world.asked().values().all(|times| *times == 1));
    assert!(world.unfinished().await.is_empty());
}

#[tokio::test]
async fn p30_what_is_still_listed_is_looked_at_again_and_never_called_gone() {
    let faults = [
        "token.revoke#1=linger-listed:1",
        "token.revoke#2=linger-listed:1000",
    ];
    let mut world = World::new(Options::default(), &faults).await;
    let tokens = world.listed().await.split_off(9);
    let id = world.revoke(&tokens);
    world
        .bench
        .until(|event| matches!(event, Event::Retrying { why, .. } if why.as_str().contains("still lists 2 revoked tokens")).then_some(()))
        .await;
    let ended = {
        // The first has left the list by the second look.
        let first = tokens[0].key.clone();
        let gone = |event: &Event| match is_step(event) {
            Some(Step::Row { token, state }) if *token == first => is_gone(state).then_some(()),
            _ => None,
        };
        world.bench.until(gone).await;
        world.bench.cancel(id);
        world.ends(id).await
    };
    let gone = RowState::Gone(Unprobed::ValueUnknown);
    assert_eq!(ended.states(), [&gone, &RowState::StillListed, &gone]);
    world.equals_a_fresh_list(&ended).await;

    // What the registry said it did is not asked for again within the hour.
    let left = world.unfinished().await.remove(0).0;
    let id = world.bench.start(Request::ResumeRevocation { left });
    let ended = world.left_when(id, still_listed).await;
    assert_eq!(ended.states(), [&gone, &RowState::StillListed, &gone]);
    assert!(world.asked().values().all(|times| *times == 1));
    // After that it is.
    world.passes(Duration::from_secs(3700));
    world.running.mend();
    let ended = world.resumes().await;
    assert!(!ended.all_gone(), "{ended:?}");
    world.equals_a_fresh_list(&ended).await;
    assert_eq!(world.asked().values().sum::<u64>(), 4);
}

#[tokio::test]
async fn p30_every_fifth_row_fails_and_what_failed_goes_on_once() {
    let options = || Options {
        tokens: 24,
        ..Options::default()
    };
    for fault in ["#/5=status:403", "#/5=status:500"] {
        let mut world = World::new(options(), &[&format!("token.revoke{fault}")]).await;
        let mut tokens = world.listed().await;
        tokens.retain(|token| token.in_use().is_none());
        let id = world.revoke(&tokens);
        let ended = world.ends(id).await;
        let failed = ended
            .states()
            .iter()
            .filter(|state| matches!(state, RowState::Failed(_)))
            .count();
        assert_eq!(failed, 4, "{fault}");
        world.equals_a_fresh_list(&ended).await;
        assert_eq!(world.asked().len(), 19, "{fault}");

        world.running.mend();
        world.again().await;
        let ended = world.resumes().await;
        assert!(ended.all_gone(), "{fault}: {ended:?}");
        assert_eq!(ended.rows.len(), 23);
        world.equals_a_fresh_list(&ended).await;
        let asked = world.asked();
        assert!(asked.len() == 23 && asked.values().all(|times| *times == 1));
        assert!(world.unfinished().await.is_empty());
    }
}

#[tokio::test]
async fn p30_a_wish_to_wait_in_the_middle_is_waited_out_and_all_go() {
    let faults = [
        "token.revoke#4=retry-after:1",
        "token.revoke#9=retry-after:1",
    ];
    let mut world = World::new(Options::default(), &faults).await;
    let mut tokens = world.listed().await;
    tokens.retain(|token| token.in_use().is_none());
    let id = world.revoke(&tokens);
    let ended = world.ends(id).await;
    assert!(ended.all_gone(), "{ended:?}");
    let waits = ended.events.iter();
    let waits =
        waits.filter(|event| matches!(event, Event::Retrying { wait, .. } if wait.as_millis() > 0));
    assert!(waits.count() >= 1);
    world.equals_a_fresh_list(&ended).await;
    assert!(world.asked().values().all(|times| *times == 1));
}

#[tokio::test]
async fn p30_an_answer_that_is_lost_after_the_deed_is_no_second_request() {
    for fault in ["#3=drop-after", "#3=status-after:502", "#3=half-body"] {
        let mut world = World::new(Options::default(), &[&format!("token.revoke{fault}")]).await;
        let tokens = world.listed().await.split_off(6);
        let id = world.revoke(&tokens[..5]);
        let ended = world.ends(id).await;
        assert!(ended.all_gone(), "{fault}: {ended:?}");
        world.equals_a_fresh_list(&ended).await;
        assert!(world.asked().values().all(|times| *times == 1), "{fault}");
        assert!(world.unfinished().await.is_empty());
    }
}

#[tokio::test]
async fn p15_p30_codes_that_are_refused_half_way_until_the_door_closes_leave_a_true_table() {
    let options = Options {
        otp_once: true,
        tfa: StartTfa::On(Level::AuthAndWrites),
        ..Options::default()
    };
    let mut world = World::new(options, &[]).await;
    let tokens = world.listed().await.split_off(5);
    let id = world.revoke(&tokens[..6]);
    for _ in 0..3 {
        world.bench.challenged(id).await;
        world.hand.advance(Duration::from_secs(30));
        let code = world.running.code().unwrap().code.expose().clone();
        world.bench.code(id, &code);
    }
    // The reuse of the first one was tried, and refused; so are these.
    let mut refused = 0;
    let closed = loop {
        let challenge = world.bench.challenged(id).await;
        if challenge
            .wait
            .is_some_and(|wait| wait > Duration::from_secs(30))
            || refused == 8
        {
            break challenge;
        }
        if let Some(wait) = challenge.wait {
            world.hand.advance(wait);
        }
        world.bench.code(id, &format!("00000{refused}"));
        refused += 1;
    };
    assert!(refused < 8, "{closed:?}");
    world.bench.cancel(id);
    let ended = world.ends(id).await;
    world.equals_a_fresh_list(&ended).await;
    let gone = ended.states().iter().filter(|state| is_gone(state)).count();
    assert!((1..6).contains(&gone), "{ended:?}");

    // Later, from another start, with codes that are right.
    world.passes(Duration::from_secs(600));
    world.again().await;
    let left = world.unfinished().await.remove(0).0;
    let id = world.bench.start(Request::ResumeRevocation { left });
    let ended = loop {
        match world.bench.next().await {
            Event::Asked { .. } => {
                world.hand.advance(Duration::from_secs(30));
                let code = world.running.code().unwrap().code.expose().clone();
                world.bench.code(id, &code);
            }
            Event::Finished { id: of, result } if of == id => break Ended::of(Vec::new(), result),
            _ => {}
        }
    };
    assert!(ended.all_gone(), "{ended:?}");
    world.equals_a_fresh_list(&ended).await;
    let asked = world.asked();
    assert!(
        asked.len() == 6 && asked.values().all(|times| *times == 1),
        "{asked:?}"
    );
}

#[tokio::test]
async fn p29_p31_the_credential_in_use_is_proved_goes_last_and_is_still_accepted_until_it_is_not() {
    let faults = ["token.revoke#3=linger-accepted:3"];
    let mut world = World::new(Options::default(), &faults).await;
    let tokens = world.listed().await;
    let mine: Vec<&Token> = tokens.iter().filter(|t| t.in_use().is_some()).collect();
    assert_eq!(mine.len(), 1);
    // Whoever asks need not know which one is in use.
    let keys = [mine[0], &tokens[3], &tokens[4]].map(|token| token.key.clone());
    let id = world.bench.start(Request::Revoke {
        tokens: keys.to_vec(),
        last: Vec::new(),
        names: Vec::new(),
    });
    let ended = world.ends(id).await;
    let of: Vec<_> = ended.rows.iter().map(|(key, state)| (key, state)).collect();
    let gone = RowState::Gone(Unprobed::ValueUnknown);
    assert_eq!(
        of,
        [
            (&keys[0], &RowState::Verified),
            (&keys[1], &gone),
            (&keys[2], &gone)
        ]
    );
    assert!(ended.told(still_accepted), "{ended:?}");
    assert_eq!(world.running.inspect().tokens, 12 - 3);
}

#[tokio::test]
async fn p30_a_disk_that_fails_keeps_nobody_from_revoking_and_that_is_said() {
    let mut world = World::new(Options::default(), &[]).await;
    let folder = world.data().join("journals");
    fs::create_dir_all(world.data()).unwrap();
    fs::write(&folder, "in the way").unwrap();
    let tokens = world.listed().await.split_off(8);
    let id = world.revoke(&tokens[..3]);
    let ended = world.ends(id).await;
    assert!(ended.all_gone(), "{ended:?}");
    let unkept = |event: &&Event| matches!(is_step(event), Some(Step::Unkept(_)));
    assert_eq!(ended.events.iter().filter(unkept).count(), 1);
    world.equals_a_fresh_list(&ended).await;
}

#[tokio::test]
async fn p01_p30_a_journal_says_what_is_left_and_holds_no_value_and_goes_on_for_its_own_account_alone()
 {
    let mut world = World::new(Options::default(), &["token.revoke#2+=status:403"]).await;
    let (token, value) = world.made("").await;
    world.lies_here(&value);
    let tokens = world.listed().await;
    let id = world.revoke([&token, &tokens[4], &tokens[5]]);
    let ended = world.ends(id).await;
    world.equals_a_fresh_list(&ended).await;
    let journals: Vec<_> = fs::read_dir(world.data().join("journals"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert_eq!(journals.len(), 1);
    assert!(journals[0].contains(&*token.key.raw()));
    assert!(journals[0].contains("\"before\":\"worked\""));
    for secret in [&*value, world.running.token(), world.running.password()] {
        assert!(!journals[0].contains(secret.expose().as_str()));
    }

    // Somebody else's it is not.
    let text = journals[0].replacen(world.running.username(), "mallory", 1);
    let entry = fs::read_dir(world.data().join("journals")).unwrap().next();
    let path = entry.unwrap().unwrap().path();
    fs::write(&path, text).unwrap();
    assert!(world.unfinished().await.is_empty());
    let left = JournalId(path.file_stem().unwrap().to_str().unwrap().to_owned());
    let id = world.bench.start(Request::ResumeRevocation { left });
    let failure = world.bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Local);
    assert!(failure.what.as_str().contains("mallory"), "{failure}");
    assert_eq!(world.asked().len(), 1);
    assert!(path.exists(), "it is kept for them");
}

#[tokio::test]
async fn p30_what_is_left_can_be_forgotten_and_is_forgotten_when_it_went_another_way() {
    let mut world = World::new(Options::default(), &["token.revoke=status:403"]).await;
    let tokens = world.listed().await.split_off(6);
    for these in [&tokens[..1], &tokens[1..3], &tokens[..2]] {
        let id = world.revoke(these);
        let ended = world.ends(id).await;
        assert!(!ended.all_gone());
        // Journals are named by the second.
        world.passes(Duration::from_secs(1));
    }
    // The first is wholly in the third, which took its place.
    let left = world.unfinished().await;
    assert_eq!(
        left.iter().map(|(_, rows)| rows.len()).collect::<Vec<_>>(),
        [2, 2]
    );

    let id = world.bench.start(Request::DropUnfinished {
        left: left[0].0.clone(),
    });
    let left = of_revocations(world.bench.finished(id).await);
    assert_eq!(left.len(), 1);
    assert_eq!(world.running.inspect().tokens, 12, "nothing was sent");

    // Somebody else revokes what was left in it: a whole list says so.
    world.running.mend();
    let id = world.revoke(&tokens[2..4]);
    world.ends(id).await;
    assert_eq!(world.unfinished().await.len(), 1);
    let id = world.revoke(&tokens[1..2]);
    world.ends(id).await;
    assert!(world.unfinished().await.is_empty());
}

#[tokio::test]
async fn who_leaves_before_anything_is_revoked_leaves_nothing_to_go_on_with() {
    let options = Options {
        tfa: StartTfa::On(Level::AuthAndWrites),
        ..Options::default()
    };
    let mut world = World::new(options, &[]).await;
    let tokens = world.listed().await.split_off(9);
    let id = world.revoke(&tokens);
    world.bench.challenged(id).await;
    world.bench.cancel(id);
    let failure = world.bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    let requests = world.running.inspect().requests;
    assert_eq!(requests[REVOKE], 1, "the one that was challenged");
    assert!(world.unfinished().await.is_empty());
}
