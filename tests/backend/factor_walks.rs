//! Random walks through all that changes the second factor, with faults at any point: what is told at the end of each
//! request is what the registry has, no recovery code that arrived is lost, and none goes out twice.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::backend::protocol::{
    Answer, CodeCheck, Enabled, Event, Outcome, Question, Request, RequestId, Step,
};
use npm_warden::domain::failure::Failure;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::registry::{Error, Sent};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::bench::Bench;
use super::enable::{NOW, PASSWORD, URL, code_at};
use super::random::{late, on_paused_time};
use super::script::{
    At, Reply, Script, Seen, lost, profile, refuses, refuses_code, unauthorised, unreachable,
    wants_code, wants_code_or_page,
};

/// What a registry is like, and what has come to pass there.
struct World {
    rng: StdRng,
    faults: f64,
    /// Asks for a code where the second factor is on.
    asks: bool,
    /// Offers a page beside the code.
    pages: bool,
    /// Another level is a new set-up.
    re_enrols: bool,
    /// Its profile has no fields to set.
    no_fields: bool,
    tfa: Tfa,
    recovery: Vec<&'static str>,
    refused: HashSet<String>,
    sent_once: HashSet<String>,
    sets: u32,
    broken: Vec<String>,
}

/// What becomes of a request on its way.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Arrives,
    NeverSent,
    LostBefore,
    LostAfter,
    StatusBefore(u16),
    StatusAfter(u16),
}

impl Fate {
    fn acts(self) -> bool {
        matches!(self, Self::Arrives | Self::LostAfter | Self::StatusAfter(_))
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        Self {
            faults: [0.0, 0.1, 0.3][rng.random_range(0..3)],
            asks: rng.random_bool(0.8),
            pages: rng.random_bool(0.2),
            re_enrols: rng.random_bool(0.4),
            no_fields: rng.random_bool(0.3),
            tfa: match rng.random_range(0..4) {
                0 => Tfa::Off,
                1 => Tfa::Pending(Some(Level::AuthOnly)),
                2 => Tfa::On(Level::AuthOnly),
                _ => Tfa::On(Level::AuthAndWrites),
            },
            recovery: Vec::new(),
            refused: HashSet::new(),
            sent_once: HashSet::new(),
            sets: 0,
            broken: Vec::new(),
            rng,
        }
    }

    fn fate(&mut self) -> Fate {
        if !self.rng.random_bool(self.faults) {
            return Fate::Arrives;
        }
        let status = [400, 403, 404, 418, 429, 500, 503][self.rng.random_range(0..7)];
        match self.rng.random_range(0..5) {
            0 => Fate::NeverSent,
            1 => Fate::LostBefore,
            2 => Fate::LostAfter,
            3 => Fate::StatusBefore(status),
            _ => Fate::StatusAfter(status),
        }
    }

    fn answers(&mut self, seen: &Seen) -> Reply {
        let fate = self.fate();
        if fate != Fate::NeverSent
            && let Some(code) = &seen.otp
        {
            if self.refused.contains(code) {
                self.broken.push(format!("a refused code again: {seen:?}"));
            }
            if code.len() > 16 && !self.sent_once.insert(code.clone()) {
                self.broken.push(format!("a recovery code again: {seen:?}"));
            }
        }
        let reply = if fate.acts() {
            self.acts(seen, fate == Fate::Arrives)
        } else {
            Reply::Done
        };
        let reply = match fate {
            Fate::Arrives => reply,
            Fate::NeverSent => Reply::Error(unreachable()),
            // A read that got no answer is one that did not happen.
            Fate::LostBefore | Fate::LostAfter if seen.at == At::Profile => {
                Reply::Error(unreachable())
            }
            Fate::LostBefore | Fate::LostAfter => Reply::Error(lost()),
            // As the client reads them.
            Fate::StatusBefore(status) | Fate::StatusAfter(status) => match status {
                404 => Reply::Error(Error::NotOffered { words: "".into() }),
                429 => Reply::Error(Error::Wait {
                    for_: self.rng.random_bool(0.5).then(|| Duration::from_secs(30)),
                    words: "".into(),
                }),
                500.. if seen.at != At::Profile => Reply::Error(Error::Malformed {
                    what: "tells of a fault on its side".into(),
                    sent: Sent::Maybe,
                }),
                status => refuses(status, ""),
            },
        };
        late(&mut self.rng, reply)
    }

    /// Lets a request through, or asks for a code.
    fn guard(&mut self, seen: &Seen, arrives: bool) -> Option<Reply> {
        if !self.asks || !matches!(self.tfa, Tfa::On(_)) {
            return None;
        }
        let Some(code) = &seen.otp else {
            return Some(if self.pages {
                wants_code_or_page("x")
            } else {
                wants_code()
            });
        };
        if let Some(at) = self.recovery.iter().position(|known| known == code) {
            self.recovery.remove(at);
            return None;
        }
        if code.starts_with('9') {
            return None;
        }
        if arrives {
            self.refused.insert(code.clone());
        }
        Some(refuses_code("invalid OTP"))
    }

    fn acts(&mut self, seen: &Seen, arrives: bool) -> Reply {
        match seen.at {
            At::Profile => return Reply::Profile(profile(self.tfa.clone())),
            At::Confirm => return self.confirm(&seen.what, arrives),
            At::Poll => return super::script::not_yet(Some(60)),
            _ => {}
        }
        if let Some(reply) = self.guard(seen, arrives) {
            return reply;
        }
        match seen.at {
            At::Touch if self.no_fields => Reply::Error(Error::NotOffered {
                words: "profile unexpected error".into(),
            }),
            At::Touch => Reply::Done,
            At::Disable => {
                self.tfa = Tfa::Off;
                self.recovery.clear();
                Reply::Done
            }
            At::Enrol => {
                let word = seen.what.split(' ').next().unwrap();
                let level = Level::from_word(word).unwrap();
                match &mut self.tfa {
                    Tfa::On(now) if !self.re_enrols => {
                        *now = level;
                        Reply::Level(level)
                    }
                    _ => {
                        self.tfa = Tfa::Pending(Some(level));
                        self.recovery.clear();
                        self.refused.clear();
                        Reply::Url(URL.to_owned())
                    }
                }
            }
            at => panic!("{at:?}"),
        }
    }

    fn confirm(&mut self, code: &str, arrives: bool) -> Reply {
        if self.refused.contains(code) {
            self.broken.push(format!("a refused code again: {code}"));
        }
        let right = [NOW - 30, NOW, NOW + 30].map(code_at);
        match self.tfa {
            Tfa::Pending(level) if right.iter().any(|right| right == code) => {
                self.tfa = Tfa::On(level.unwrap());
                self.sets += 1;
                let codes: Vec<&'static str> = (0..3)
                    .map(|n| {
                        let code = format!("{:08x}{n}{}", self.sets, "abcd".repeat(8));
                        &*Box::leak(code.into_boxed_str())
                    })
                    .collect();
                self.recovery.clone_from(&codes);
                Reply::Codes(codes)
            }
            Tfa::Pending(_) => {
                if arrives {
                    self.refused.insert(code.to_owned());
                }
                unauthorised("invalid one-time password")
            }
            _ => refuses(400, "nothing to confirm"),
        }
    }
}

/// A person who begins, types, errs, changes their mind and quits at random.
struct Person {
    rng: StdRng,
    codes: u32,
    typed: Vec<String>,
    /// The recovery codes that were shown last.
    shown: Vec<String>,
    /// Every set that was shown.
    seen: Vec<Vec<String>>,
    open: bool,
}

impl Person {
    /// As a rule what makes sense as things stand.
    fn begins(&mut self, now: &Tfa) -> Request {
        let password = || PASSWORD.into();
        let mut level = Level::ALL[self.rng.random_range(0..2)];
        let sensible = self.rng.random_bool(0.9);
        let which = match now {
            Tfa::On(on) if sensible => {
                level = *Level::ALL.iter().find(|other| *other != on).unwrap();
                self.rng.random_range(0..4)
            }
            Tfa::Pending(_) if sensible => self.rng.random_range(2..8),
            Tfa::Off if sensible => 4,
            _ => self.rng.random_range(0..8),
        };
        match which {
            0 | 1 => Request::ChangeLevel {
                level,
                password: password(),
            },
            2 => Request::Disable {
                password: password(),
            },
            3 => Request::CheckCode,
            _ => Request::Enable {
                level,
                password: password(),
                place: self.place(),
                clear_pending: self.rng.random_bool(0.7),
            },
        }
    }

    fn place(&mut self) -> Place {
        if self.rng.random_bool(0.2) {
            return Place::Myself;
        }
        Place::File(format!("codes-{}.txt", self.rng.random_range(0..1_000_000)).into())
    }

    fn answers(&mut self, bench: &Bench, id: RequestId, question: &Question) {
        // Codes that are on the screen alone cannot be left.
        if self.rng.random_bool(0.05) && !matches!(question, Question::OtherPlace(_)) {
            return bench.cancel(id);
        }
        let answer = match question {
            Question::Installed { .. } | Question::InPlace(_) | Question::Emergency(_) => return,
            Question::Challenge(_) => {
                self.codes += 1;
                let code = match self.rng.random_range(0..10) {
                    0 | 1 => format!("1{:05}", self.codes),
                    2 | 3 if !self.shown.is_empty() => {
                        self.shown[self.rng.random_range(0..self.shown.len())].clone()
                    }
                    4 if !self.typed.is_empty() => {
                        self.typed[self.rng.random_range(0..self.typed.len())].clone()
                    }
                    _ => format!("9{:05}", self.codes),
                };
                self.typed.push(code.clone());
                Answer::Code(code.into())
            }
            Question::NewSetUp(_) => match self.rng.random_range(0..4) {
                0 => Answer::Leave {
                    clear: self.rng.random_bool(0.5),
                },
                1 => Answer::Place(Place::File("no/folder/x.txt".into())),
                _ => Answer::Place(self.place()),
            },
            Question::Confirm(_) => {
                let code = match self.rng.random_range(0..8) {
                    0 => "12345".to_owned(),
                    1 => code_at(NOW + self.rng.random_range(-10..10) * 30),
                    2 => format!("{:06}", self.rng.random_range(0..1_000_000)),
                    3 => {
                        let clear = self.rng.random_bool(0.5);
                        return bench.answer(id, Answer::Leave { clear });
                    }
                    _ => code_at(NOW + self.rng.random_range(-1..=1) * 30),
                };
                Answer::Code(code.into())
            }
            Question::CodesShown => Answer::GoOn,
            Question::OtherPlace(_) => Answer::Place(self.place()),
            Question::Proof(_) => match self.rng.random_range(0..3) {
                0 => Answer::ShowAgain,
                1 => Answer::Proof("nothing".into()),
                _ => Answer::Declined,
            },
            Question::Web(_) | Question::SignIn(_) => return bench.cancel(id),
        };
        bench.answer(id, answer);
    }

    fn sees(&mut self, bench: &Bench, event: &Event) {
        match event {
            Event::Asked { id, question } => {
                self.open = true;
                self.answers(bench, *id, question);
            }
            Event::Cleared { .. } => {
                assert!(std::mem::take(&mut self.open), "cleared what was not open");
            }
            Event::Step {
                step: Step::Codes { codes, place, .. },
                ..
            } => {
                self.shown = codes.iter().map(|code| code.expose().clone()).collect();
                if let Place::File(path) = place {
                    let text = std::fs::read_to_string(path).unwrap();
                    assert!(self.shown.iter().all(|code| text.contains(code)));
                }
                self.seen.push(self.shown.clone());
            }
            _ => {}
        }
    }
}

/// What is told at the end is what the registry has.
fn is_true(result: &Result<Outcome, Failure>, before: &Tfa, world: &World) {
    let now = &world.tfa;
    let told = || format!("{result:?} but {now:?}, and before {before:?}");
    match result {
        Ok(Outcome::Enabled(Enabled::On { level, checked, .. })) => {
            assert!(
                matches!(now, Tfa::On(now) if !checked || now == level),
                "{}",
                told()
            );
        }
        Ok(Outcome::Enabled(Enabled::OnWithoutCodes { level, .. })) => {
            assert_eq!(*now, Tfa::On(*level), "{}", told());
        }
        Ok(Outcome::Enabled(Enabled::Left { cleared: true }) | Outcome::Disabled(_)) => {
            assert_eq!(*now, Tfa::Off, "{}", told());
        }
        Ok(Outcome::Enabled(Enabled::Left { cleared: false })) => {
            assert!(matches!(now, Tfa::Pending(_)), "{}", told());
        }
        Ok(Outcome::Enabled(Enabled::NotTaken(_))) => {
            // A half-done set-up may have been cleared before.
            assert!(now == before || *now == Tfa::Off, "{}", told());
        }
        Ok(Outcome::LevelChanged(level)) => assert_eq!(*now, Tfa::On(*level), "{}", told()),
        Ok(Outcome::CodeChecked(check)) => {
            assert_eq!(now, before, "{}", told());
            assert_eq!(*check == CodeCheck::Taken, world.asks, "{}", told());
        }
        Ok(other) => panic!("{other:?}"),
        Err(failure) => {
            let said = failure.to_string();
            let any = |words: &[&str]| words.iter().any(|words| said.contains(words));
            if any(&[
                "before anything was changed",
                "Nothing was changed",
                "is still ",
            ]) {
                assert_eq!(now, before, "{}", told());
            }
            if any(&[
                "is half done now",
                "has a half-done set-up",
                "half-done set-up remains",
            ]) {
                assert!(matches!(now, Tfa::Pending(_)), "{}", told());
            }
            if any(&[
                "is off now",
                "authentication is off.",
                "authentication is off,",
            ]) {
                assert_eq!(*now, Tfa::Off, "{}", told());
            }
            if any(&["Nothing was begun", "nothing new was begun"]) {
                assert_eq!(*now, Tfa::Off, "{}", told());
            }
        }
    }
}

fn kept_below(folder: &Path, codes: &[&str]) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return kept_below(&path, codes);
        }
        let text = std::fs::read_to_string(path).unwrap_or_default();
        codes.iter().all(|code| text.contains(code))
    })
}

async fn walk(seed: u64) {
    let world = Arc::new(Mutex::new(World::new(seed)));
    let answers = Arc::clone(&world);
    let script = Script::new().world(move |seen: &Seen| answers.lock().unwrap().answers(seen));
    let mut bench = Bench::new(script);
    let mut person = Person {
        rng: StdRng::seed_from_u64(seed ^ 0x5eed),
        codes: 0,
        typed: Vec::new(),
        shown: Vec::new(),
        seen: Vec::new(),
        open: false,
    };
    let mut events = if person.rng.random_bool(0.3) {
        person.rng.random_range(1..40)
    } else {
        usize::MAX
    };
    'walk: for _ in 0..person.rng.random_range(1..8) {
        let before = world.lock().unwrap().tfa.clone();
        let request = person.begins(&before);
        let id = bench.start(request);
        // Nobody goes on for ever.
        for patience in 0.. {
            events -= 1;
            if events == 0 {
                break 'walk;
            }
            let event = bench.next().await;
            if let Event::Finished { id: ended, result } = &event {
                assert_eq!(*ended, id);
                assert!(!person.open, "ended with an open question");
                is_true(result, &before, &world.lock().unwrap());
                break;
            }
            if patience > 60
                && matches!(
                    event,
                    Event::Asked {
                        question: Question::Challenge(_) | Question::Confirm(_),
                        ..
                    }
                )
            {
                person.open = true;
                bench.cancel(id);
            } else {
                person.sees(&bench, &event);
            }
            assert!(patience < 2_000, "it never ends");
        }
    }
    let script = bench.script.clone();
    let (folder, rest) = bench.quit().await;
    for event in rest {
        if let Event::Step {
            step: Step::Codes { codes, .. },
            ..
        } = event
        {
            let shown = codes.iter().map(|code| code.expose().clone());
            person.seen.push(shown.collect());
        }
    }
    assert_eq!(world.lock().unwrap().broken, Vec::<String>::new());
    for codes in script.arrived() {
        let shown = person.seen.iter().any(|seen| *seen == codes);
        assert!(
            shown || kept_below(folder.path(), &codes),
            "codes that arrived are lost"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p07_p11_p15_any_change_of_the_second_factor_is_told_as_it_is(seed: u64) {
        on_paused_time(walk(seed));
    }
}
