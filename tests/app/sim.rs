//! A program without a terminal: keys go in, backend events are scripted, and every step is checked.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use npm_warden::app::created::ValueCard;
use npm_warden::app::keymap::{self, Scope};
use npm_warden::app::machine::model::MachinePage;
use npm_warden::app::model::{Demo, Model, RotateStage, Screen, SetPage, Tone, WizardStep};
use npm_warden::app::request::Purpose;
use npm_warden::app::{DemoCode, Effect, Key, KeyCode, Msg, Now, update};
use npm_warden::backend::protocol::{
    Answer, Asking, Challenge, Confirm, Created, Event, Outcome, PlaceWish, Proof, Question,
    Request, RequestId, Step, Web,
};
use npm_warden::domain::account::{Profile, ProfileField};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::{CredentialKind, CredentialSource, Held, Identity, Standing};
use npm_warden::domain::incident::Reply;
use npm_warden::domain::moment::Moment;
use npm_warden::domain::otp::Enrolment;
use npm_warden::domain::recovery::{Place, RecoveryCodes};
use npm_warden::domain::rotation::{RotateState, RotateStep};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::{SignIn, WebPage};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::{Never, Token, TokenKey};

/// What must never be seen in a `Debug`.
pub(crate) const PASSWORD: &str = "canary-password";
pub(crate) const OTP: &str = "640917";
pub(crate) const KEY: &str = "CANARYKEYCANARYKEYCANARYKEYCANAR";
pub(crate) const CODE: &str = "canary0code";
pub(crate) const NEW_PASSWORD: &str = "canary-new-secret";
pub(crate) const VALUE: &str = "npm_canaryvalue0000000000000000000000000";
pub(crate) const PASSPHRASE: &str = "canary passphrase of words";
pub(crate) const CANARIES: [&str; 7] = [
    "canary pass",
    PASSWORD,
    OTP,
    "CANARYKEY",
    CODE,
    NEW_PASSWORD,
    "canaryvalue",
];

pub(crate) struct Sim {
    pub(crate) model: Model,
    /// What the model wished for since it was last asked.
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: Now,
}

/// What was begun on this machine and not ended is looked for.
const LOOKS: &str = "start Unfinished quietly";

impl Sim {
    /// Just started, at 80×24.
    pub(crate) fn start(demo: bool) -> Self {
        let now = Now {
            mono: Duration::from_secs(1),
            wall: "2026-11-22T12:00:00Z".parse().unwrap(),
        };
        let demo = demo.then(|| Demo {
            password: Some("demo-password".to_owned()),
            inbox: Some("http://127.0.0.1:40123/-/inbox".to_owned()),
            under_attack: false,
            open: false,
            mail: false,
            code: None,
            code_until: None,
        });
        let (model, effects) = Model::new((80, 24), now, demo);
        Self {
            model,
            effects,
            now,
        }
    }

    /// Signed in, 2FA as told, these tokens listed, no recovery codes kept.
    pub(crate) fn with(tfa: Tfa, rows: Vec<Token>) -> Self {
        let mut sim = Self::start(false);
        sim.arrives(account(tfa));
        sim.lists(rows);
        sim.ends(
            Purpose::Sets,
            Ok(Outcome::Sets {
                sets: Vec::new(),
                read_only: false,
            }),
        );
        sim.effects.clear();
        sim
    }

    /// Signed in with 2FA off and five tokens.
    pub(crate) fn signed_in() -> Self {
        Self::with(Tfa::Off, tokens(5))
    }

    /// The same on the tokens screen.
    pub(crate) fn at_tokens(count: usize) -> Self {
        let mut sim = Self::with(Tfa::On(Level::AuthAndWrites), tokens(count));
        sim.press("3");
        sim
    }

    // What the person does.

    /// Keys by name, separated by blanks.
    pub(crate) fn press(&mut self, names: &str) -> &mut Self {
        for name in names.split_whitespace() {
            self.send(Msg::Key(key(name)));
        }
        self
    }

    /// Characters one by one; `⏎` is Enter.
    pub(crate) fn types(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let key = if c == '⏎' {
                Key::plain(KeyCode::Enter)
            } else {
                Key::char(c)
            };
            self.send(Msg::Key(key));
        }
        self
    }

    pub(crate) fn pastes(&mut self, text: &str) -> &mut Self {
        self.send(Msg::Paste(Secret::from(text)))
    }

    /// Time passes and the program is woken as often as it wants to be.
    pub(crate) fn waits(&mut self, ms: u64) -> &mut Self {
        let end = self.now.mono + Duration::from_millis(ms);
        while let Some(at) = self.model.wake_at().filter(|at| *at <= end) {
            self.at(at);
            self.send(Msg::Wake);
        }
        self.at(end);
        self
    }

    fn at(&mut self, mono: Duration) {
        let passed = mono.saturating_sub(self.now.mono);
        self.now.mono = mono;
        self.now.wall += jiff::SignedDuration::try_from(passed).unwrap();
    }

    // What the backend reports.

    pub(crate) fn event(&mut self, event: Event) -> &mut Self {
        self.send(Msg::Backend(event))
    }

    pub(crate) fn arrives(&mut self, outcome: Outcome) -> &mut Self {
        self.ends(Purpose::Account, Ok(outcome))
    }

    /// The tokens arrive on one page.
    pub(crate) fn lists(&mut self, rows: Vec<Token>) -> &mut Self {
        let id = self.id(Purpose::Tokens);
        let total = Some(rows.len() as u64);
        self.event(Event::Page {
            id,
            index: 0,
            rows,
            total,
        });
        self.ends(
            Purpose::Tokens,
            Ok(Outcome::Tokens {
                pages: 1,
                moved: false,
            }),
        )
    }

    /// The request of this purpose that is under way, the newest one.
    pub(crate) fn id(&self, purpose: Purpose) -> RequestId {
        self.running(purpose)
            .unwrap_or_else(|| panic!("no {purpose:?} is under way"))
    }

    pub(crate) fn running(&self, purpose: Purpose) -> Option<RequestId> {
        let mut open = self.model.requests.iter().rev();
        open.find(|(_, request)| request.purpose == purpose && !request.cancelled)
            .or_else(|| {
                let mut open = self.model.requests.iter().rev();
                open.find(|(_, request)| request.purpose == purpose)
            })
            .map(|(id, _)| *id)
    }

    pub(crate) fn ends(&mut self, purpose: Purpose, result: Result<Outcome, Failure>) -> &mut Self {
        let id = self.id(purpose);
        self.event(Event::Finished { id, result })
    }

    pub(crate) fn fails(&mut self, purpose: Purpose, kind: FailureKind, what: &str) -> &mut Self {
        self.ends(purpose, Err(Failure::new(kind, what, "Try again.")))
    }

    pub(crate) fn asks(&mut self, purpose: Purpose, question: Question) -> &mut Self {
        let id = self.id(purpose);
        self.event(Event::Asked { id, question })
    }

    pub(crate) fn steps(&mut self, purpose: Purpose, step: Step) -> &mut Self {
        let id = self.id(purpose);
        self.event(Event::Step { id, step })
    }

    /// The registry wants a code for whatever of this purpose is under way.
    pub(crate) fn challenged(&mut self, purpose: Purpose) -> &mut Self {
        self.asks(purpose, Question::Challenge(challenge(1)))
    }

    // What comes of it.

    pub(crate) fn send(&mut self, msg: Msg) -> &mut Self {
        let before = Before::of(&self.model, &msg);
        let said = format!("{msg:?}");
        let fresh = update(&mut self.model, msg, self.now);
        before.check(&self.model, &fresh);
        check(&self.model, &fresh, &said);
        self.effects.extend(fresh);
        self
    }

    /// The top scope is this one.
    pub(crate) fn at_scope(&mut self, scope: Scope) -> &mut Self {
        assert_eq!(keymap::top(&self.model), scope, "{:?}", self.model.notice);
        self
    }

    /// The notice says this.
    pub(crate) fn says(&mut self, part: &str) -> &mut Self {
        let text = self.notice();
        assert!(text.contains(part), "{text:?} does not say {part:?}");
        self
    }

    pub(crate) fn tone(&mut self, tone: Tone) -> &mut Self {
        assert_eq!(self.model.notice.as_ref().map(|n| n.tone), Some(tone));
        self
    }

    pub(crate) fn notice(&self) -> String {
        let notice = self.model.notice.as_ref();
        notice.map_or(String::new(), |n| n.text.as_str().to_owned())
    }

    /// The wishes since the last look, in short, without what repeats on every screen.
    pub(crate) fn wishes(&mut self) -> Vec<String> {
        self.effects.drain(..).map(|e| short(&e)).collect()
    }

    /// The wishes since the last look are these, [`Effect::Wipe`] and reloads aside.
    pub(crate) fn wants(&mut self, expected: &[&str]) -> &mut Self {
        let got = self.wishes();
        let got: Vec<&str> = got
            .iter()
            .map(String::as_str)
            .filter(|wish| *wish != "wipe")
            // A look at this machine alone, which says nothing of the step that is tried.
            .filter(|wish| *wish != LOOKS || expected.contains(&LOOKS))
            .collect();
        assert_eq!(got, expected);
        self
    }

    /// A secret was left since the last look.
    pub(crate) fn wiped(&mut self) -> &mut Self {
        assert!(
            self.effects.iter().any(|e| matches!(e, Effect::Wipe)),
            "{:?}",
            self.effects
        );
        self
    }

    pub(crate) fn not_wiped(&mut self) -> &mut Self {
        assert!(!self.effects.iter().any(|e| matches!(e, Effect::Wipe)));
        self
    }

    /// The answers given since the last look, secrets and all.
    pub(crate) fn answers(&mut self) -> Vec<(RequestId, String)> {
        self.effects
            .drain(..)
            .filter_map(|effect| match effect {
                Effect::Answer { id, answer } => Some((id, answer_text(&answer))),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn wizard(&self) -> &npm_warden::app::model::Wizard {
        self.model.wizard.as_ref().unwrap()
    }

    pub(crate) fn step(&mut self, step: WizardStep) -> &mut Self {
        assert_eq!(self.wizard().step, step, "{:?}", self.model.notice);
        self
    }
}

/// The answer with its text, for a test's eyes.
fn answer_text(answer: &Answer) -> String {
    match answer {
        Answer::Code(code) => format!("code {}", code.expose()),
        Answer::Proof(part) => format!("proof {}", part.expose()),
        other => format!("{other:?}"),
    }
}

/// An effect in short.
pub(crate) fn short(effect: &Effect) -> String {
    match effect {
        Effect::Start {
            request, asking, ..
        } => {
            let asking = match asking {
                Asking::Allowed => "",
                Asking::Never => " quietly",
            };
            match request {
                Request::Revoke { tokens, last, .. } => {
                    format!("start Revoke {}{asking}", tokens.len() + last.len())
                }
                Request::CreateToken(new) => {
                    let kind = if new.spec.readonly() {
                        "read-only"
                    } else {
                        "publish"
                    };
                    format!("start CreateToken {kind} {:?}", new.spec.cidr())
                }
                Request::Rotate(rotate) => format!(
                    "start Rotate {} into {}, elsewhere: {}",
                    rotate.old.key.short(),
                    rotate.places.len(),
                    rotate.elsewhere
                ),
                Request::Note { note, .. } => format!("start Note {note}{asking}"),
                Request::AimToken { what, into } => {
                    let registry = what.as_ref().map(|(registry, _)| registry.as_str());
                    format!("look at {into:?} for {}", registry.unwrap_or("what comes"))
                }
                Request::WriteToken { registry, into, .. } => {
                    format!("start WriteToken {into:?} for {registry}")
                }
                Request::SaveField { field, after, .. } => {
                    format!("start SaveField {}={after}{asking}", field.key())
                }
                Request::ProvePlace(PlaceWish::File(path)) => {
                    format!("start ProvePlace {}", path.display())
                }
                Request::ProvePlace(PlaceWish::Vault {
                    account,
                    passphrase,
                }) => {
                    let right = passphrase.expose() == PASSPHRASE;
                    format!("start ProvePlace vault of {account}, passphrase right: {right}")
                }
                Request::ExportSet { to, .. } => format!("start ExportSet {}", to.display()),
                Request::Enable {
                    level,
                    place,
                    clear_pending,
                    ..
                } => format!("start Enable {} {place:?} {clear_pending}", level.word()),
                Request::ChangeLevel { level, .. } => {
                    format!("start ChangeLevel {}", level.word())
                }
                Request::SignIn { how, keep, .. } => {
                    let how = match how {
                        SignIn::Web => "on the web".to_owned(),
                        SignIn::Password { name, .. } => format!("as {name}"),
                        SignIn::SignUp { name, email, .. } => format!("anew as {name}, {email}"),
                    };
                    format!("start SignIn {how}, {keep:?}{asking}")
                }
                other => format!("start {:?}{asking}", Purpose::of(other)),
            }
        }
        Effect::Answer { answer, .. } => format!("answer {answer:?}"),
        Effect::Cancel { .. } => "cancel".to_owned(),
        Effect::Hold { held: true, .. } => "hold".to_owned(),
        Effect::Hold { held: false, .. } => "release".to_owned(),
        Effect::Copy { what, .. } => format!("copy {what}"),
        Effect::Open { address } => format!("open {address}"),
        Effect::Wipe => "wipe".to_owned(),
        Effect::ClearClipboard => "clear clipboard".to_owned(),
        Effect::DemoAuthenticator => "demo".to_owned(),
        Effect::Suspend => "suspend".to_owned(),
        Effect::Quit => "quit".to_owned(),
    }
}

/// A key by its name.
pub(crate) fn key(name: &str) -> Key {
    let plain = |code| Key::plain(code);
    match name {
        "enter" => plain(KeyCode::Enter),
        "esc" => plain(KeyCode::Esc),
        "tab" => plain(KeyCode::Tab),
        "shift-tab" => plain(KeyCode::BackTab),
        "backspace" => plain(KeyCode::Backspace),
        "del" => plain(KeyCode::Delete),
        "left" => plain(KeyCode::Left),
        "right" => plain(KeyCode::Right),
        "up" => plain(KeyCode::Up),
        "down" => plain(KeyCode::Down),
        "home" => plain(KeyCode::Home),
        "end" => plain(KeyCode::End),
        "pgup" => plain(KeyCode::PageUp),
        "pgdn" => plain(KeyCode::PageDown),
        "f1" => plain(KeyCode::F(1)),
        "space" => Key::char(' '),
        _ => {
            if let Some(c) = name.strip_prefix("ctrl-") {
                Key::ctrl(c.chars().next().unwrap())
            } else {
                let mut chars = name.chars();
                let c = chars.next().unwrap();
                assert!(chars.next().is_none(), "no key is called {name}");
                Key::char(c)
            }
        }
    }
}

/// What must hold across one step.
struct Before {
    codes: bool,
    /// A new token's value is held, whether it stands on the screen, and what is pressed.
    value: bool,
    stood: bool,
    in_place: bool,
    pressed: bool,
    guarded: bool,
    /// Which requests ask something, and whether their answer is on its way.
    asked: Vec<(RequestId, bool)>,
    closed: Option<RequestId>,
    ended: bool,
    locally: bool,
    opened: bool,
}

impl Before {
    fn of(model: &Model, msg: &Msg) -> Self {
        let wizard = model.wizard.as_ref();
        let closed = match msg {
            Msg::Backend(Event::Cleared { id } | Event::Finished { id, .. }) => Some(*id),
            _ => None,
        };
        let card = model.value_card();
        Self {
            value: card.is_some(),
            stood: card.is_some_and(ValueCard::stands) && !aside(model),
            in_place: in_place(model),
            pressed: matches!(msg, Msg::Key(_)),
            codes: wizard.is_some_and(|w| w.codes.is_some()),
            guarded: wizard.is_some_and(|w| {
                w.codes.is_some() || (w.step == WizardStep::Proof && w.end.is_none())
            }),
            asked: model
                .challenges
                .iter()
                .map(|a| (a.id, a.answered))
                .collect(),
            closed,
            opened: matches!(model.recovery.page, Some(SetPage::Opened(_))),
            ended: matches!(msg, Msg::Backend(Event::Finished { .. })),
            locally: wizard.is_some_and(|w| w.end.is_some() && w.step == WizardStep::Proof),
        }
    }

    fn check(&self, model: &Model, effects: &[Effect]) {
        // Opened codes leave no cell behind (promise P05).
        if self.opened && !matches!(model.recovery.page, Some(SetPage::Opened(_))) {
            assert!(effects.iter().any(|e| matches!(e, Effect::Wipe)));
        }
        // A new token's value is left by the person alone, or when it stands in its places; and its cells are wiped.
        let card = model.value_card();
        if self.value && card.is_none() {
            let goes = self.pressed || self.in_place || self.ended;
            assert!(goes, "a new token's value was lost");
        }
        if self.stood && (!card.is_some_and(ValueCard::stands) || aside(model)) {
            assert!(effects.iter().any(|e| matches!(e, Effect::Wipe)));
        }
        // Codes go only into a proof, or by the word that declines it.
        if self.guarded {
            let wizard = model.wizard.as_ref().expect("codes were left behind");
            if self.codes && wizard.codes.is_none() {
                let to_proof = wizard.step == WizardStep::Proof && wizard.proof.is_some();
                let declined = wizard.step == WizardStep::Done && self.locally;
                assert!(to_proof || declined, "codes were dropped");
                assert!(effects.iter().any(|e| matches!(e, Effect::ClearClipboard)));
            }
            assert!(
                wizard.step >= WizardStep::Codes,
                "the codes' guard was left"
            );
            assert!(wizard.step != WizardStep::Done || self.ended || self.locally);
        }
        // A question goes only with its end, or given up by the person.
        for (id, answered) in &self.asked {
            let there = model.challenges.iter().any(|a| a.id == *id);
            let cancelled = effects.iter().any(|e| match e {
                // Or declined: its emergency goes on.
                Effect::Cancel { id: of }
                | Effect::Answer {
                    id: of,
                    answer: Answer::Emergency(Reply::Skip),
                } => of == id,
                _ => false,
            });
            // An emergency's question makes way for its page while it is answered.
            let answering = self.pressed && *answered && model.emergency.job == Some(*id);
            assert!(
                there || cancelled || answering || self.closed == Some(*id),
                "a challenge was lost"
            );
        }
    }
}

/// A rotation goes on behind the screen.
fn aside(model: &Model) -> bool {
    model.created.is_none() && model.rotation.as_ref().is_some_and(|r| r.aside)
}

/// The value of a rotation stands in its places.
fn in_place(model: &Model) -> bool {
    match model.rotation.as_ref().map(|rotation| &rotation.stage) {
        Some(RotateStage::Running(running)) => {
            matches!(running.state(RotateStep::Write), RotateState::Done(_))
        }
        _ => false,
    }
}

/// What holds at all times.
pub(crate) fn check(model: &Model, effects: &[Effect], said: &str) {
    let tokens = &model.tokens;
    let rows = tokens.list.value().map_or(0, Vec::len);
    let indexed = tokens
        .index
        .as_ref()
        .map(npm_warden::app::model::Index::len);
    assert!(indexed.is_none_or(|indexed| indexed == rows));
    assert!(indexed.is_some() || tokens.filter.is_empty());
    let facets = &tokens.facets;
    if !facets.is_empty() {
        let on = npm_warden::app::model::Facet::ALL.map(|facet| facets.on(facet));
        for one in on.into_iter().flatten() {
            assert_eq!(facets.count(one), tokens.shown.len(), "{one:?}");
        }
    }
    assert!(tokens.shown.iter().all(|&row| row < rows));
    assert!(tokens.cursor < tokens.shown.len().max(1));
    assert!(tokens.offset <= tokens.cursor);
    assert!(model.profile.cursor < ProfileField::ALL.len());
    let listed = npm_warden::app::recovery::listed(model);
    let sets = model.recovery.sets.value().map_or(0, Vec::len);
    assert_eq!(listed.len(), sets);
    assert!(npm_warden::app::recovery::cursor(model, &listed) < sets.max(1));
    // Passphrases go with their requests, and open codes stand on their own screen alone (promise P05).
    match &model.recovery.page {
        Some(SetPage::Form(form)) => {
            assert!(form.sent.is_none() || form.passphrase.is_empty());
            assert!(form.passphrase.masked);
        }
        Some(SetPage::Add(form)) => {
            let fields = [&form.passphrase, &form.again];
            let kept = fields.iter().any(|field| !field.is_empty());
            assert!(!(kept && form.is_busy()));
            assert!(
                [&form.codes, &form.passphrase, &form.again]
                    .iter()
                    .all(|field| field.masked)
            );
        }
        Some(SetPage::Opened(page)) => {
            assert_eq!(model.screen, Screen::Recovery);
            assert!(model.wizard.is_none() && model.created.is_none() && model.signin.is_none());
            assert!(!model.quitting && page.until > model.now.mono);
        }
        _ => {}
    }
    // An emergency waits only while it is under way, and its lists are about what it asks.
    let emergency = &model.emergency;
    if let Some(job) = emergency.job {
        assert!(model.requests.contains_key(&job));
    } else {
        assert!(emergency.waits.is_none() && emergency.errand.is_none());
    }
    assert!(emergency.keys.is_empty() || emergency.marks.len() <= emergency.keys.len());
    let lines = npm_warden::app::emergency::choices(model).len();
    assert!(emergency.cursor < emergency.marks.len().max(lines).max(1));
    let open = emergency.report.folder.is_some() || emergency.sure.is_some();
    assert!(!open || !matches!(keymap::top(model), Scope::Emergency));
    assert!(
        !emergency.under_way()
            || emergency.report.written.is_empty()
            || emergency.waits.is_some()
            || emergency.incident.is_some()
    );
    // What is waited for on the machine screen is under way, and one of its rows is chosen.
    let machine = &model.machine;
    assert!(machine.cursor < machine.rows().len().max(1));
    if let Some(trying) = &machine.trying {
        assert!(model.requests.contains_key(&trying.id));
    }
    let sent = match &machine.page {
        Some(MachinePage::Name(form)) => form.sent,
        Some(MachinePage::Fix(page)) => page.sent,
        _ => None,
    };
    assert!(sent.is_none_or(|id| model.requests.contains_key(&id)));
    if let Some(revoke) = &tokens.revoke {
        let rows = revoke.rows.len();
        assert!(revoke.scroll < rows || rows <= npm_warden::app::revoke::FEW);
    }
    if let Some(npm_warden::app::model::Overlay::Palette { cursor, .. }) = &model.overlay {
        assert!(*cursor < keymap::palette(model).len().max(1));
    }
    for asked in &model.challenges {
        assert!(model.requests.contains_key(&asked.id));
    }
    if let Some(first) = model.challenges.first() {
        assert!(first.opened.is_some());
    }
    // Whatever waits for a sign-in has the form for it, and the form keeps no password of what is out.
    assert!(model.parked.is_empty() || model.signin.is_some());
    for parked in &model.parked {
        assert!(model.requests.contains_key(&parked.id));
    }
    if let Some(form) = &model.signin {
        assert!(form.sent.is_none() || (form.password.is_empty() && form.again.is_empty()));
        assert!(form.web.is_none() || form.sent.is_some());
        assert!(form.sent.is_some() || form.parts(model).contains(&form.at));
    }
    if let Some(at) = model.wake_at() {
        assert!(at > model.now.mono, "the program would never sleep");
    }
    // Passwords go with their requests.
    if let Some(form) = &model.profile.password {
        let fields = [&form.current, &form.new, &form.again];
        assert!(form.sent.is_none() || fields.iter().all(|field| field.is_empty()));
        assert!(fields.iter().all(|field| field.masked));
    }
    let rotated = model.rotation.as_ref();
    for form in tokens.create.iter().chain(rotated.map(|r| &r.form)) {
        assert!(form.sent.is_none() || form.password.is_empty());
        assert!(form.password.masked);
        assert!(form.parts().contains(&form.at));
    }
    if let Some(rotation) = rotated {
        assert!(rotation.is_unsent() || rotation.form.password.is_empty());
        assert!(!rotation.aside || matches!(rotation.stage, RotateStage::Running(_)));
        if let RotateStage::Running(running) = &rotation.stage {
            assert!(model.requests.contains_key(&running.id));
        }
    }
    if let Some(card) = model.value_card() {
        assert!(card.writing.is_none() || card.leaving.is_none());
    }
    // The set-up's secret goes once 2FA is on (promise P14).
    if let Some(wizard) = &model.wizard {
        assert!(wizard.enrolment.is_none() || wizard.step == WizardStep::Scan);
        assert!(wizard.job.is_none() || wizard.password.is_empty());
        // A passphrase goes with its wish, and none is kept where no place is asked for.
        let form = &wizard.place;
        let empty = form.passphrase.is_empty() && form.again.is_empty();
        assert!(form.passphrase.masked && form.again.masked);
        let asked = wizard.step == WizardStep::Place || wizard.other_place.is_some();
        assert!(empty || asked, "a passphrase was kept");
        assert!(!wizard.place_asked || wizard.job.is_some());
    }
    // A guide stands on its route, in front or aside; its page of the website goes with it.
    if let Some(guide) = &model.guide {
        assert!(npm_warden::app::guide::route(model).contains(&guide.at));
        let offered = npm_warden::app::guide::choices(model).len();
        assert!(guide.cursor < offered.max(1));
        assert!(!guide.shown || guide.errand.is_none());
    }
    let site = model.site.as_ref().map(|site| site.page.address.as_str());
    assert_eq!(site, npm_warden::app::site::wanted(model));
    // No key means two things at once.
    let scopes = keymap::scopes(model);
    let mut seen = std::collections::HashSet::new();
    for line in npm_warden::app::bindings::BINDINGS {
        if scopes.contains(&line.scope) {
            for key in line.keys {
                assert!(seen.insert(*key), "{key} is doubled in {scopes:?}");
            }
        }
    }
    // What was said stands where it was said, or is how a request ended.
    if let Some(notice) = &model.notice {
        let moved = notice.spot != Some(npm_warden::app::notice::Spot::of(model));
        assert!(!moved || notice.outcome || notice.retry.is_some());
        assert!(!moved || notice.until.is_some() || notice.retry.is_some());
    }
    let debug = format!("{said} {model:?} {effects:?}");
    for canary in CANARIES {
        if let Some(at) = debug.find(canary) {
            let around = debug.get(at.saturating_sub(160)..at).unwrap_or_default();
            panic!("p01: {canary} in a Debug, after: {around}");
        }
    }
}

// Values.

pub(crate) fn challenge(attempt: u32) -> Challenge {
    Challenge {
        action: Text::new("revoke 3 tokens"),
        host: Text::new("registry.example.com"),
        attempt,
        notices: Vec::new(),
        by_email: false,
        web: None,
        wait: None,
    }
}

/// The same with a page on the web, waited for ten minutes.
pub(crate) fn web_challenge(attempt: u32, foreign: bool) -> Challenge {
    Challenge {
        web: Some(web(foreign)),
        ..challenge(attempt)
    }
}

/// A page on the web that is waited for ten minutes.
pub(crate) fn web(foreign: bool) -> Web {
    let host = if foreign {
        "elsewhere.example.net"
    } else {
        "registry.example.com"
    };
    Web {
        page: WebPage {
            address: Text::new(&format!("https://{host}/auth/5f1c2f0e?x=1&y=%2F")),
            host: Text::new(host),
            foreign,
        },
        left: Duration::from_mins(10),
    }
}

pub(crate) fn confirm(attempt: u32) -> Confirm {
    Confirm {
        attempt,
        refused: None,
        clock_ahead: None,
        wait: None,
    }
}

pub(crate) fn proof(attempt: u32) -> Proof {
    Proof {
        code: 3,
        from: 5,
        to: 10,
        attempt,
    }
}

pub(crate) fn profile(tfa: Tfa) -> Profile {
    Profile {
        name: Text::new("alice"),
        email_verified: Some(true),
        tfa,
        fields: vec![
            (ProfileField::Email, Some(Text::new("alice@example.com"))),
            (ProfileField::Fullname, Some(Text::new("Al"))),
            (ProfileField::Homepage, None),
        ],
        created: None,
        updated: None,
        other: Vec::new(),
    }
}

pub(crate) fn identity() -> Identity {
    Identity {
        registry: Text::new("registry.example.com"),
        credential: Some(CredentialSource {
            place: Text::new("~/.npmrc line 2"),
            kind: CredentialKind::Token,
            held: Held::File,
        }),
        searched: Vec::new(),
        problems: Vec::new(),
        sign_in: Some(Text::new("npm login")),
        user_file: Some(Text::new("~/.npmrc")),
    }
}

pub(crate) fn standing(standing: Standing) -> Outcome {
    Outcome::Account {
        identity: identity(),
        standing,
        clock_ahead: Some(0),
    }
}

/// The same account at npm's default registry.
pub(crate) fn on_default_registry(outcome: Outcome) -> Outcome {
    let Outcome::Account {
        identity,
        standing,
        clock_ahead,
    } = outcome
    else {
        panic!("no account");
    };
    let address = npm_warden::domain::identity::DEFAULT_REGISTRY;
    let registry = address.trim_start_matches("https://").trim_end_matches('/');
    Outcome::Account {
        identity: Identity {
            registry: Text::new(registry),
            ..identity
        },
        standing,
        clock_ahead,
    }
}

pub(crate) fn account(tfa: Tfa) -> Outcome {
    standing(Standing::SignedIn(Box::new(profile(tfa))))
}

pub(crate) fn token(n: usize) -> Token {
    let day = |d: usize| -> Option<Timestamp> {
        Some(
            format!("2026-01-{:02}T00:00:00Z", 1 + d % 28)
                .parse()
                .unwrap(),
        )
    };
    Token {
        key: TokenKey::new(format!("k{n:05x}00-aaaa-bbbb")),
        begins: Text::new(&format!("npm_t{n:04}")),
        name: Some(Text::new(&format!("token {n:05}"))),
        description: None,
        readonly: n.is_multiple_of(2),
        bypass_2fa: n.is_multiple_of(5),
        cidr: Vec::new().into(),
        created: day(n).map(Moment::from),
        accessed: n
            .is_multiple_of(3)
            .then(|| day(n * 7))
            .flatten()
            .map(Moment::from),
        expires: n
            .is_multiple_of(4)
            .then(|| day(n * 11))
            .flatten()
            .map(Moment::from),
        revoked: None,
        permissions: Vec::new().into(),
        scopes: Vec::new().into(),
        found: [].into(),
        note: None,
        updated: None,
        never: Never::default(),
    }
}

/// What a request for a token brings: the listed token, and its value.
pub(crate) fn created(token: Token) -> Outcome {
    Outcome::Created(Created::Made {
        registry: "registry.example.com".into(),
        wider: Vec::new(),
        warnings: Vec::new(),
        token: Box::new(token),
        value: Arc::new(Secret::from(VALUE)),
    })
}

pub(crate) fn tokens(count: usize) -> Vec<Token> {
    (0..count).map(token).collect()
}

pub(crate) fn enrolment() -> Arc<Enrolment> {
    let url = format!("otpauth://totp/npm:alice?secret={KEY}&issuer=npm");
    Arc::new(Enrolment::parse(Secret::from(url)).unwrap())
}

pub(crate) fn codes() -> Arc<RecoveryCodes> {
    let code = |n: usize| Secret::from(format!("{CODE}{n:05}"));
    Arc::new(RecoveryCodes::new((0..5).map(code).collect()))
}

pub(crate) fn codes_step(place: Place) -> Step {
    Step::Codes {
        codes: codes(),
        place,
        received: "2026-11-22T12:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn file() -> Place {
    Place::File(PathBuf::from("/home/alice/codes.txt"))
}

pub(crate) fn vault() -> Place {
    Place::Vault(PathBuf::from("/home/alice/vault/codes.age"))
}

pub(crate) fn failure(kind: FailureKind, what: &str) -> Failure {
    Failure::new(kind, what, "Try again.")
}

pub(crate) fn demo_code(seconds_left: u64) -> Msg {
    Msg::DemoCode(Some(DemoCode {
        code: Secret::from(OTP),
        seconds_left,
    }))
}

/// The scopes in which nothing is open.
pub(crate) fn is_screen(scope: Scope) -> bool {
    scope.is_screen()
}

pub(crate) fn all_screens() -> [Screen; 6] {
    Screen::ALL
}
