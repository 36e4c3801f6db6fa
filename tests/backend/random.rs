//! Random walks: whatever a registry answers and a person does, the promises hold.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::protocol::{
    Answer, Enabled, Event, Outcome, PlaceWish, Question, Request, RequestId, RowState, Step,
};
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::registry::{Error, Revoked};
use npm_warden::vault;
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::bench::{Bench, keys};
use super::enable::{CODES, NOW, URL, code_at, request};
use super::script::{
    At, Reply, Script, Seen, list, lost, profile, refuses, refuses_code, unauthorised, unreachable,
    wants_code,
};

pub(crate) fn on_paused_time(walk: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(walk);
}

pub(crate) fn late(rng: &mut StdRng, reply: Reply) -> Reply {
    match rng.random_range(0..3) {
        0 => reply,
        _ => Reply::Late(
            Duration::from_millis(rng.random_range(1..500)),
            Box::new(reply),
        ),
    }
}

/// What must not happen, as the registry sees it. A panic inside a job would be caught by the backend.
type Broken = Arc<Mutex<Vec<String>>>;

fn is_recovery(code: &str) -> bool {
    code.len() > 16
}

/// A registry with a habit of its own and faults at random.
fn registry(seed: u64, tokens: Vec<String>, broken: Broken) -> Script {
    let mut rng = StdRng::seed_from_u64(seed);
    let asks_from = if rng.random_bool(0.7) {
        0
    } else {
        rng.random_range(1..20)
    };
    let asks = rng.random_bool(0.85);
    let uses = [1, 2, 5, usize::MAX][rng.random_range(0..4)];
    let faults = if rng.random_bool(0.5) { 0.0 } else { 0.1 };
    let mut tokens = tokens;
    let mut calls = 0;
    let mut used: Vec<String> = Vec::new();
    Script::new().world(move |seen: &Seen| {
        if seen.at == At::Tokens {
            return list(tokens.clone());
        }
        calls += 1;
        let needed = if seen.otp.is_some() { 2 } else { 1 };
        if seen.proved < needed && seen.together > 1 {
            broken
                .lock()
                .unwrap()
                .push(format!("unproved in flight: {seen:?}"));
        }
        if seen.together > 8 {
            broken.lock().unwrap().push(format!("too many: {seen:?}"));
        }
        if seen.refused_before {
            broken
                .lock()
                .unwrap()
                .push(format!("a refused code again: {seen:?}"));
        }
        if let Some(code) = seen.otp.as_ref().filter(|code| is_recovery(code))
            && used.contains(code)
        {
            broken
                .lock()
                .unwrap()
                .push(format!("a recovery code again: {seen:?}"));
        }
        if rng.random_bool(faults) {
            let fault = match rng.random_range(0..4) {
                0 => Reply::Error(lost()),
                1 => Reply::Error(unreachable()),
                2 => refuses(500, "oops"),
                _ => Reply::Error(Error::Wait {
                    for_: Some(Duration::from_secs(rng.random_range(1..90))),
                    words: "slow down".into(),
                }),
            };
            used.extend(seen.otp.clone());
            return late(&mut rng, fault);
        }
        match &seen.otp {
            None if asks && calls > asks_from => return late(&mut rng, wants_code()),
            None => {}
            Some(code) => {
                let served = used.iter().filter(|used| *used == code).count();
                let most = if is_recovery(code) { 1 } else { uses };
                if !code.starts_with('9') || served >= most {
                    return late(&mut rng, refuses_code("invalid OTP"));
                }
                used.push(code.clone());
            }
        }
        let reply = match tokens.iter().position(|token| *token == seen.what) {
            Some(at) => {
                tokens.remove(at);
                Revoked::Done
            }
            None => Revoked::AlreadyGone,
        };
        late(&mut rng, Reply::Revoked(reply))
    })
}

async fn revoke_at_random(seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed ^ 0x5eed);
    let broken = Broken::default();
    let named: Vec<_> = (0..rng.random_range(1..30))
        .map(|n| format!("t{n}"))
        .collect();
    let mut bench = Bench::new(registry(seed, named.clone(), broken.clone()));
    let id = bench.start(Request::Revoke {
        tokens: keys(&named),
        last: Vec::new(),
        names: Vec::new(),
    });
    let patience = rng.random_range(1..60);
    let mut typed: Vec<String> = Vec::new();
    let mut questions = 0;
    let result = loop {
        match bench.next().await {
            Event::Asked { .. } => {
                questions += 1;
                if questions > patience {
                    bench.cancel(id);
                    continue;
                }
                let code = match rng.random_range(0..10) {
                    0 => format!("1{questions:05}"),
                    1 if !typed.is_empty() => typed[rng.random_range(0..typed.len())].clone(),
                    2 => format!("9{questions:063}"),
                    _ => format!("9{questions:05}"),
                };
                typed.push(code.clone());
                bench.code(id, &code);
            }
            Event::Finished { result, .. } => break result,
            _ => {}
        }
    };
    assert_eq!(*broken.lock().unwrap(), Vec::<String>::new());
    if let Ok(Outcome::Revoked { rows, list }) = result {
        assert_eq!(rows.len(), named.len());
        let listed: HashSet<_> = list.unwrap().into_iter().map(|token| token.key).collect();
        for (key, state) in rows {
            let gone = matches!(state, RowState::Gone(_) | RowState::AlreadyGone);
            assert_eq!(gone, !listed.contains(&key), "{state:?}");
        }
    }
}

/// A registry with the real states of the second factor, and faults at random.
fn guarded_registry(seed: u64, truth: Arc<Mutex<Tfa>>, broken: Broken) -> Script {
    let mut rng = StdRng::seed_from_u64(seed);
    let faults = if rng.random_bool(0.4) { 0.0 } else { 0.15 };
    let mut refused: HashSet<String> = HashSet::new();
    Script::new().world(move |seen: &Seen| {
        let mut tfa = truth.lock().unwrap();
        let fault = rng.random_bool(faults);
        // A lost answer is lost before the registry acts, or after it.
        let acts = !fault || rng.random_bool(0.5);
        let level = Level::AuthAndWrites;
        let reply = match seen.at {
            At::Profile => Reply::Profile(profile(tfa.clone())),
            At::Enrol if *tfa == Tfa::On(level) => Reply::Level(level),
            At::Enrol => {
                if acts {
                    *tfa = Tfa::Pending(Some(level));
                }
                Reply::Url(URL.to_owned())
            }
            At::Disable => {
                if acts {
                    *tfa = Tfa::Off;
                }
                Reply::Done
            }
            At::Confirm => {
                if refused.contains(&seen.what) {
                    broken
                        .lock()
                        .unwrap()
                        .push(format!("a refused code again: {seen:?}"));
                }
                let right = [NOW - 30, NOW, NOW + 30].map(code_at).contains(&seen.what);
                match &*tfa {
                    Tfa::Pending(_) if right => {
                        if acts {
                            *tfa = Tfa::On(level);
                        }
                        Reply::Codes(CODES.to_vec())
                    }
                    Tfa::Pending(_) => {
                        if !fault {
                            refused.insert(seen.what.clone());
                        }
                        unauthorised("invalid one-time password")
                    }
                    _ => refuses(400, "nothing to confirm"),
                }
            }
            _ => unreachable!(),
        };
        let reply = if fault { Reply::Error(lost()) } else { reply };
        late(&mut rng, reply)
    })
}

fn somewhere_below(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return somewhere_below(&path);
        }
        let opened = vault::open_codes(&path, &PHRASE.into(), None).unwrap_or_default();
        let opened: Vec<_> = opened.iter().map(|code| code.expose().as_str()).collect();
        let text = std::fs::read_to_string(path).unwrap_or_default();
        opened == CODES || CODES.iter().all(|code| text.contains(code))
    })
}

/// What opens an encrypted file.
const PHRASE: &str = "correct horse battery";

/// The files with a key that no codes lie beside.
fn lone_keys(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut keys: Vec<_> = files.map(|file| file.path()).collect();
    keys.retain(|path| {
        let codes = path.to_str().unwrap().strip_suffix(".key.age");
        codes.is_some_and(|stem| !Path::new(&format!("{stem}.age")).exists())
    });
    keys
}

/// A person who types, errs, changes their mind and quits at random.
struct Person {
    rng: StdRng,
    typed: Vec<String>,
    keeps_the_codes: bool,
    /// Encrypted places that were proved.
    vaults: Vec<PathBuf>,
}

impl Person {
    fn answers(&mut self, bench: &Bench, id: RequestId, question: &Question) {
        let rng = &mut self.rng;
        // Codes that are on the screen alone cannot be left.
        if rng.random_bool(0.05) && !matches!(question, Question::OtherPlace(_)) {
            return bench.cancel(id);
        }
        let answer = match question {
            Question::Installed { .. } | Question::InPlace(_) | Question::Emergency(_) => return,
            Question::NewSetUp(_) => Answer::Leave { clear: true },
            Question::Challenge(_) => Answer::Code("900000".into()),
            Question::Confirm(_) => {
                let code = match rng.random_range(0..8) {
                    0 => "12345".to_owned(),
                    1 => code_at(NOW + rng.random_range(-10..10) * 30),
                    2 => format!("{:06}", rng.random_range(0..1_000_000)),
                    3 if !self.typed.is_empty() => self.typed[self.typed.len() - 1].clone(),
                    4 => {
                        return bench.answer(
                            id,
                            Answer::Leave {
                                clear: rng.random_bool(0.7),
                            },
                        );
                    }
                    _ => code_at(NOW + rng.random_range(-1..=1) * 30),
                };
                self.typed.push(code.clone());
                Answer::Code(code.into())
            }
            Question::Web(_) | Question::SignIn(_) => return bench.cancel(id),
            Question::CodesShown => Answer::GoOn,
            Question::OtherPlace(_) => Answer::Place(match rng.random_range(0..4) {
                0 => {
                    self.keeps_the_codes = true;
                    Place::Myself
                }
                1 => Place::File("no/folder/x.txt".into()),
                2 if !self.vaults.is_empty() => {
                    Place::Vault(self.vaults[rng.random_range(0..self.vaults.len())].clone())
                }
                n => Place::File(format!("other-{n}.txt").into()),
            }),
            Question::Proof(proof) => match rng.random_range(0..4) {
                0 => Answer::ShowAgain,
                1 => Answer::Declined,
                2 => Answer::Proof("nothing".into()),
                _ => Answer::Proof(CODES[proof.code - 1][proof.from - 1..proof.to].into()),
            },
        };
        bench.answer(id, answer);
    }
}

async fn enable_at_random(seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed ^ 0x5eed);
    let broken = Broken::default();
    let truth = Arc::new(Mutex::new(Tfa::Off));
    let mut bench = Bench::new(guarded_registry(seed, truth.clone(), broken.clone()));
    let keeps_the_codes = rng.random_bool(0.2);
    let mut vaults = Vec::new();
    for account in ["alice", "bob"] {
        if rng.random_bool(0.4) {
            let id = bench.start(Request::ProvePlace(PlaceWish::Vault {
                account: account.into(),
                passphrase: PHRASE.into(),
            }));
            match bench.finished(id).await {
                Ok(Outcome::PlaceProved {
                    place: Place::Vault(path),
                    ..
                }) => vaults.push(path),
                other => panic!("{other:?}"),
            }
        }
    }
    let place = if let Some(path) = vaults.first().filter(|_| rng.random_bool(0.7)) {
        Place::Vault(path.clone())
    } else if keeps_the_codes {
        Place::Myself
    } else {
        Place::File("codes.txt".into())
    };
    let keeps_the_codes = place == Place::Myself;
    let in_the_way = rng.random_bool(0.4);
    let events = if rng.random_bool(0.3) {
        rng.random_range(1..20)
    } else {
        usize::MAX
    };
    let mut person = Person {
        rng,
        typed: Vec::new(),
        keeps_the_codes,
        vaults: vaults.clone(),
    };
    let id = bench.start(request(place));
    let mut ended = None;
    for _ in 0..events.min(2_000) {
        match bench.next().await {
            Event::Asked { question, .. } => {
                if in_the_way {
                    let _ = std::fs::write(bench.folder.path().join("codes.txt"), "mine");
                    for path in &vaults {
                        if !path.exists() {
                            let _ = std::fs::write(path, "mine");
                        }
                    }
                }
                person.answers(&bench, id, &question);
            }
            Event::Step {
                step: Step::Codes { place, .. },
                ..
            } => assert!(bench.script.codes_arrived(), "{place:?}"),
            Event::Finished { result, .. } => {
                ended = Some(result);
                break;
            }
            _ => {}
        }
    }
    assert!(ended.is_some() || events < 2_000, "it never ended");
    let script = bench.script.clone();
    let now = truth.lock().unwrap().clone();
    let (folder, rest) = bench.quit().await;
    let ended = ended.or_else(|| {
        rest.into_iter().find_map(|event| match event {
            Event::Finished { result, .. } => Some(result),
            _ => None,
        })
    });
    assert_eq!(*broken.lock().unwrap(), Vec::<String>::new());
    if script.codes_arrived() && !person.keeps_the_codes {
        assert!(
            somewhere_below(folder.path()),
            "the codes are lost: {ended:?}"
        );
    }
    // Keys that no codes came for are gone.
    assert_eq!(
        lone_keys(&folder.path().join("vault")),
        Vec::<PathBuf>::new()
    );
    if events == usize::MAX {
        match ended.expect("every request has an end") {
            Ok(Outcome::Enabled(Enabled::On { .. } | Enabled::OnWithoutCodes { .. })) => {
                assert!(matches!(now, Tfa::On(_)));
            }
            Ok(Outcome::Enabled(Enabled::Left { cleared: true })) => assert_eq!(now, Tfa::Off),
            Ok(Outcome::Enabled(Enabled::Left { cleared: false })) | Err(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p15_p30_any_revocation_keeps_the_rule_and_has_an_end(seed: u64) {
        on_paused_time(revoke_at_random(seed));
    }

    #[test]
    fn p07_any_set_up_loses_no_codes_and_tells_the_truth(seed: u64) {
        on_paused_time(enable_at_random(seed));
    }
}
