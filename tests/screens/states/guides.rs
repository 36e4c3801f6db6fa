//! The guides, step by step, and the states of the second factor that lead to the website.

use std::path::PathBuf;

use npm_warden::app::model::{Account, Choice, Load, Screen};
use npm_warden::app::request::Purpose;
use npm_warden::app::{Key, KeyCode, Model, Msg, update};
use npm_warden::backend::protocol::{Challenge, CodeCheck, Event, Outcome, Question, RequestId};
use npm_warden::domain::identity::Standing;
use npm_warden::domain::recovery::{Place, RecoverySet, UsedCode};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Refusal, Tfa};

use super::{State, WRITES, account, days, no_network, now, on, profile, state, tokens};

/// npm's default registry, as the header names it.
fn default_registry() -> Text {
    let address = npm_warden::domain::identity::DEFAULT_REGISTRY;
    Text::new(address.trim_start_matches("https://").trim_end_matches('/'))
}

/// A program that is driven by keys and events.
struct Driven(Model);

fn elsewhere(tfa: Tfa) -> Driven {
    let mut model = on(Screen::Security, tfa);
    model.owner = Some((Text::new("registry.example.com"), Text::new("alice")));
    Driven(model)
}

fn at_npm(tfa: Tfa) -> Driven {
    let mut driven = elsewhere(tfa);
    if let Load::Ready(account) = &mut driven.0.account {
        account.identity.registry = default_registry();
    }
    driven.0.owner = Some((default_registry(), Text::new("alice")));
    driven
}

impl Driven {
    fn send(&mut self, msg: Msg) -> &mut Self {
        let now = self.0.now;
        update(&mut self.0, msg, now);
        self
    }

    /// Keys by letter; `⏎` is Enter, `↓` goes to the next answer, `⎋` is Esc.
    fn press(mut self, keys: &str) -> Self {
        for c in keys.chars() {
            let key = match c {
                '⏎' => Key::plain(KeyCode::Enter),
                '↓' => Key::plain(KeyCode::Down),
                '⎋' => Key::plain(KeyCode::Esc),
                c => Key::char(c),
            };
            self.send(Msg::Key(key));
        }
        self
    }

    /// The answer gets the focus by its place, and is taken.
    fn answer(self, place: usize) -> Self {
        let down = "↓".repeat(place);
        self.press(&format!("{down}⏎"))
    }

    fn id(&self, purpose: Purpose) -> RequestId {
        let mut open = self.0.requests.iter().rev();
        let found = open.find(|(_, request)| request.purpose == purpose);
        *found
            .unwrap_or_else(|| panic!("no {purpose:?} is under way"))
            .0
    }

    fn ends(mut self, purpose: Purpose, outcome: Outcome) -> Self {
        let id = self.id(purpose);
        let result = Ok(outcome);
        self.send(Msg::Backend(Event::Finished { id, result }));
        self
    }

    fn turns_off(self) -> Self {
        let off = Outcome::Disabled(Box::new(profile(Tfa::Off)));
        let mut done = self
            .press("⏎ypassword⏎")
            .ends(Purpose::Disable, off)
            .settled();
        done.0.notice = None;
        done
    }

    /// Nothing is under way any more.
    fn settled(mut self) -> Self {
        self.0.requests.clear();
        if let Load::Loading { old: Some(_), .. } = self.0.account
            && let Load::Loading { old: Some(old), .. } =
                std::mem::replace(&mut self.0.account, Load::Empty)
        {
            self.0.account = Load::Ready(old);
        }
        self.0.notice = None;
        self
    }

    fn known(mut self, sets: Vec<(RecoverySet, bool)>) -> Self {
        self.0.recovery.sets = Load::Ready(sets);
        self
    }

    /// The registry says something else by now.
    fn becomes(mut self, tfa: Tfa) -> Self {
        let registry = self.0.account.value().unwrap().identity.registry.clone();
        self = self.press("r");
        let mut identity = super::identity();
        identity.registry = registry;
        let standing = Standing::SignedIn(Box::new(profile(tfa)));
        let read = Outcome::Account {
            identity,
            standing,
            clock_ahead: Some(0),
        };
        self.ends(Purpose::Account, read).settled()
    }

    fn refused(mut self, refusal: Refusal) -> Self {
        self.0.refusal = Some(refusal);
        self
    }

    fn model(mut self) -> Model {
        self.send(Msg::Wake);
        self.0.notice = None;
        self.0
    }
}

fn set(registry: &Text, received: i64, place: Place, used: usize) -> (RecoverySet, bool) {
    let used = (0..used)
        .map(|n| UsedCode {
            at: days(-1),
            sure: true,
            mark: format!("mark{n}"),
        })
        .collect();
    let set = RecoverySet {
        account: Text::new("alice"),
        registry: registry.clone(),
        received: days(received),
        place,
        count: 10,
        proved: true,
        added: false,
        unplaced: 0,
        used,
    };
    (set, true)
}

fn vault() -> Place {
    Place::Vault(PathBuf::from(
        "/home/alice/.local/share/npm-warden/alice-registry.example.com-2026-10-13.age",
    ))
}

fn here() -> Text {
    Text::new("registry.example.com")
}

fn closed() -> Refusal {
    Refusal::Closed(Text::new(
        "Enabling TOTP is no longer supported. Use a security key.",
    ))
}

pub(super) fn states() -> Vec<State> {
    let mut states = security();
    states.extend(lost_device());
    states.extend(lost_codes());
    states.extend(entries());
    states.extend(phones());
    states.extend(absent());
    states
}

fn security() -> Vec<State> {
    let half = Tfa::Pending(Some(Level::AuthAndWrites));
    vec![
        state("security off at npmjs", at_npm(Tfa::Off).model()),
        state(
            "security closed at npmjs",
            at_npm(Tfa::Off).refused(closed()).model(),
        ),
        state("wizard need at npmjs", at_npm(Tfa::Off).press("e").model()),
        state("security half done here", {
            let mut driven = elsewhere(half.clone());
            driven.0.security.begun = true;
            driven.model()
        }),
        state(
            "security half done at npmjs, closed",
            at_npm(half).refused(closed()).model(),
        ),
        state("security unknown at npmjs", {
            at_npm(Tfa::Unknown(Text::new("webauthn"))).model()
        }),
        state("security without a profile", {
            let mut nothing = profile(Tfa::Unknown(Text::new("not found")));
            nothing.fields.clear();
            let mut driven = elsewhere(WRITES);
            driven.0.account = Load::Ready(account(Standing::SignedIn(Box::new(nothing))));
            driven.model()
        }),
        state(
            "security disable warning at npmjs",
            at_npm(WRITES).press("d").model(),
        ),
        state(
            "security with a guide put aside",
            elsewhere(WRITES).press("l↓↓⏎⎋").model(),
        ),
    ]
}

fn lost_device() -> Vec<State> {
    let with_code = || elsewhere(WRITES).press("l").answer(2).answer(0);
    let sets = || vec![set(&here(), -40, vault(), 2)];
    let at_npm_way = || at_npm(WRITES).press("l").answer(2).answer(0);
    vec![
        state("guide device others", elsewhere(WRITES).press("l").model()),
        state(
            "guide device others, the third marked",
            elsewhere(WRITES).press("l↓↓").model(),
        ),
        state(
            "guide device code",
            elsewhere(WRITES).known(sets()).press("l").answer(2).model(),
        ),
        state(
            "guide device code at npmjs",
            at_npm(WRITES).press("l").answer(2).model(),
        ),
        state("guide device way", at_npm_way().model()),
        state("guide device website", at_npm_way().answer(0).model()),
        state("guide device off at npmjs", at_npm_way().answer(1).model()),
        state("guide device off", with_code().model()),
        state("guide device off form", with_code().press("⏎y").model()),
        state("guide device off checked", with_code().turns_off().model()),
        state(
            "guide device on",
            with_code().turns_off().press("⏎").model(),
        ),
        state(
            "guide device website after off",
            with_code().turns_off().press("⏎").refused(closed()).model(),
        ),
        state(
            "guide device website after off at npmjs",
            at_npm_way()
                .answer(1)
                .turns_off()
                .press("⏎")
                .refused(closed())
                .becomes(Tfa::Off)
                .model(),
        ),
        state(
            "guide device on checked",
            with_code().turns_off().press("⏎").becomes(WRITES).model(),
        ),
        state(
            "guide device codes",
            with_code()
                .turns_off()
                .press("⏎")
                .becomes(WRITES)
                .known(vec![set(&here(), 0, vault(), 0)])
                .press("⏎")
                .model(),
        ),
        state(
            "guide device no codes",
            with_code()
                .turns_off()
                .press("⏎")
                .becomes(WRITES)
                .press("⏎")
                .model(),
        ),
        state("guide device tokens", {
            let mut driven = with_code().turns_off().press("⏎").becomes(WRITES);
            driven.0.tokens = tokens::listed(12).tokens;
            driven.press("⏎").answer(1).model()
        }),
        state(
            "guide device done",
            with_code()
                .turns_off()
                .press("⏎")
                .becomes(WRITES)
                .press("⏎")
                .answer(1)
                .answer(1)
                .model(),
        ),
        state(
            "guide device support",
            elsewhere(Tfa::On(Level::AuthOnly))
                .press("l")
                .answer(2)
                .answer(1)
                .model(),
        ),
        state(
            "guide device support at npmjs",
            at_npm(WRITES).press("l").answer(2).answer(1).model(),
        ),
        state(
            "guide device key",
            at_npm(WRITES).press("l").answer(1).model(),
        ),
        state("guide device old", {
            let driven = elsewhere(WRITES).press("l").answer(0).press("⏎");
            let taken = Outcome::CodeChecked(CodeCheck::NotAsked);
            driven.ends(Purpose::CheckCode, taken).settled().model()
        }),
    ]
}

fn lost_codes() -> Vec<State> {
    let sets = || vec![set(&here(), -40, vault(), 0)];
    vec![
        state("guide codes hand", elsewhere(WRITES).press("L").model()),
        state(
            "guide codes sets",
            elsewhere(WRITES).known(sets()).press("L").answer(0).model(),
        ),
        state(
            "guide codes again",
            elsewhere(WRITES).press("L").answer(0).model(),
        ),
        state("guide codes again, none came", {
            let mut driven = elsewhere(WRITES).press("L").answer(0);
            driven.0.guide.as_mut().unwrap().none_came = true;
            driven.model()
        }),
        state(
            "guide codes ask",
            elsewhere(WRITES)
                .refused(closed())
                .press("L")
                .answer(0)
                .model(),
        ),
        state(
            "guide codes renew",
            at_npm(WRITES).press("L").answer(0).model(),
        ),
        state(
            "guide codes keep",
            at_npm(WRITES).press("L").answer(0).press("⏎").model(),
        ),
        state(
            "guide codes kept",
            at_npm(WRITES)
                .known(vec![])
                .press("L")
                .answer(0)
                .press("⏎")
                .known(vec![set(&default_registry(), 0, vault(), 0)])
                .model(),
        ),
        state(
            "guide codes done",
            at_npm(WRITES)
                .press("L")
                .answer(0)
                .press("⏎")
                .known(vec![set(&default_registry(), 0, vault(), 0)])
                .becomes(WRITES)
                .press("⏎")
                .model(),
        ),
    ]
}

/// What is asked while an entry is tried out.
fn trial(attempt: u32) -> Challenge {
    Challenge {
        action: Text::new("to try a code"),
        host: here(),
        attempt,
        notices: Vec::new(),
        by_email: false,
        web: None,
        wait: None,
    }
}

/// A code of the upper entry was typed, refused so many times, and then this came.
fn tried(refused: u32, end: Option<CodeCheck>) -> Driven {
    let mut driven = elsewhere(WRITES).press("t⏎").answer(0);
    let id = driven.id(Purpose::CheckCode);
    for attempt in 1..=refused + 1 {
        let question = Question::Challenge(trial(attempt));
        driven.send(Msg::Backend(Event::Asked { id, question }));
        if attempt <= refused || end.is_some() {
            driven.send(Msg::Paste(Secret::from("123456")));
            driven = driven.press("⏎");
        }
    }
    let result = match end {
        Some(check) => Ok(Outcome::CodeChecked(check)),
        None => Err(npm_warden::domain::failure::Failure::new(
            npm_warden::domain::failure::FailureKind::Cancelled,
            "Cancelled.",
            "",
        )),
    };
    driven.send(Msg::Backend(Event::Finished { id, result }));
    driven.settled()
}

fn entries() -> Vec<State> {
    vec![
        state("guide entries why", elsewhere(WRITES).press("t").model()),
        state("guide entries try", elsewhere(WRITES).press("t⏎").model()),
        state("guide entries asking", {
            elsewhere(WRITES).press("t⏎").answer(0).model()
        }),
        state("guide entries asked", {
            let mut driven = elsewhere(WRITES).press("t⏎").answer(0);
            let id = driven.id(Purpose::CheckCode);
            let question = Question::Challenge(trial(1));
            driven.send(Msg::Backend(Event::Asked { id, question }));
            driven.model()
        }),
        state("guide entries refused", tried(1, None).model()),
        state(
            "guide entries right",
            tried(0, Some(CodeCheck::Taken)).model(),
        ),
        state(
            "guide entries delete",
            tried(0, Some(CodeCheck::Taken)).press("⏎").model(),
        ),
        state(
            "guide entries delete the other",
            tried(2, Some(CodeCheck::Taken)).press("⏎").model(),
        ),
        state(
            "guide entries not asked",
            tried(0, Some(CodeCheck::NotAsked)).model(),
        ),
    ]
}

fn phones() -> Vec<State> {
    let moving = || elsewhere(WRITES).press("m").answer(0);
    vec![
        state("guide phone hand", elsewhere(WRITES).press("m").model()),
        state("guide phone move", moving().model()),
        state("guide phone try", moving().answer(0).model()),
        state("guide phone again", moving().answer(1).model()),
        state(
            "guide phone website",
            at_npm(WRITES).press("m").answer(0).answer(1).model(),
        ),
        state("guide phone done", {
            let mut driven = moving().answer(0);
            let guide = driven.0.guide.as_mut().unwrap();
            guide.trial.verdict = Some(npm_warden::app::model::Verdict::Right {
                at: now(),
                entry: None::<Choice>,
                first: true,
            });
            driven.press("⏎").model()
        }),
        state("guide removal done", {
            let driven = elsewhere(WRITES).known(vec![set(&here(), -40, vault(), 1)]);
            let off = Outcome::Disabled(Box::new(profile(Tfa::Off)));
            driven
                .press("dypassword⏎")
                .ends(Purpose::Disable, off)
                .settled()
                .model()
        }),
    ]
}

/// A step that needs an account, and none is there.
fn absent() -> Vec<State> {
    let at = |load: Load<Account>| {
        let mut driven = elsewhere(WRITES).press("l").answer(2).answer(0);
        driven.0.account = load;
        driven.model()
    };
    vec![
        state(
            "guide signed out",
            at(Load::Ready(account(Standing::SignedOut))),
        ),
        state(
            "guide asking",
            at(Load::Loading {
                id: super::ID,
                old: None,
            }),
        ),
        state(
            "guide without an answer",
            at(Load::Failed {
                why: no_network(),
                old: None,
            }),
        ),
    ]
}
