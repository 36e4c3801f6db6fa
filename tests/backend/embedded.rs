//! The jobs, the real client and the embedded registry together, in real time over loopback.

use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use npm_warden::backend::protocol::{
    Answer, CodeRefused, Enabled, Event, Outcome, Question, Request, RequestId, RowState, Step,
};
use npm_warden::backend::{Access, Connector};
use npm_warden::domain::account::{Profile, ProfileField};
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::identity::Standing;
use npm_warden::domain::recovery::{Place, RecoveryCodes};
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::{Forgotten, Session, Stored};
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::domain::token::TokenKey;
use npm_warden::npmrc::{Inputs, load};
use npm_warden::registry::http::{HttpRegistry, Setup};
use npm_warden::sandbox::{self, Hand, Options, Running};

use super::bench::{Bench, TestClock};

struct World {
    running: Running,
    hand: Hand,
    bench: Bench,
}

pub struct Client {
    pub url: String,
    pub token: Secret<String>,
}

/// This machine's clock stands still; the registry's hand is moved, and its `Date` tells the distance.
pub fn start() -> Timestamp {
    "2026-11-22T10:00:05Z".parse().unwrap()
}

impl Connector for Client {
    type Registry = HttpRegistry;

    fn connect(&self, access: Access<'_>) -> Result<HttpRegistry, Failure> {
        let key = self.url.split_once(':').unwrap().1;
        let token = match access {
            Access::Configured => Some(self.token.expose().clone()),
            Access::Nobody => None,
            Access::Session(session) => Some(session.token.expose().clone()),
        };
        let mut env: Vec<(OsString, OsString)> = vec![("PREFIX".into(), "/nowhere".into())];
        env.extend(
            token.map(|token| (format!("npm_config_{key}:_authToken").into(), token.into())),
        );
        let config = load(&Inputs {
            registry: Some(self.url.clone()),
            userconfig: None,
            cwd: "/nowhere".into(),
            home: None,
            env,
        })?;
        HttpRegistry::new(Setup::new(config, start))
    }

    fn store(&self, _: &Session) -> Result<Stored, Failure> {
        Err(in_no_file())
    }

    fn forget(&self, _: &Text, _: &Secret<String>) -> Result<Forgotten, Failure> {
        Err(in_no_file())
    }
}

fn in_no_file() -> Failure {
    Failure::new(FailureKind::Local, "It stands in no file.", "")
}

impl World {
    async fn new(options: Options) -> Self {
        let (clock, hand) = sandbox::Clock::by_hand(start());
        let running = sandbox::start(Options { clock, ..options }).await.unwrap();
        let client = Client {
            url: running.url().to_owned(),
            token: running.token().expose().as_str().into(),
        };
        let clock = TestClock(Mutex::new(start()));
        let bench = Bench::over(client, Arc::new(clock), 64);
        Self {
            running,
            hand,
            bench,
        }
    }

    fn password(&self) -> Secret<String> {
        self.running.password().expose().as_str().into()
    }

    /// What the authenticator shows.
    fn code(&self) -> String {
        self.running.code().unwrap().code.expose().clone()
    }

    /// The next code is another one.
    fn later(&self) {
        self.hand.advance(Duration::from_secs(30));
    }

    async fn profile(&mut self) -> Profile {
        let id = self.bench.start(Request::Account);
        match self.bench.finished(id).await {
            Ok(Outcome::Account {
                standing: Standing::SignedIn(profile),
                ..
            }) => *profile,
            other => panic!("{other:?}"),
        }
    }

    async fn tfa(&mut self) -> Tfa {
        self.profile().await.tfa
    }

    async fn keys(&mut self) -> Vec<TokenKey> {
        let id = self.bench.start(Request::Tokens);
        let (events, result) = self.bench.rest(id).await;
        assert!(matches!(result, Ok(Outcome::Tokens { .. })));
        events
            .into_iter()
            .filter_map(|event| match event {
                Event::Page { rows, .. } => Some(rows),
                _ => None,
            })
            .flatten()
            .map(|row| row.key)
            .collect()
    }

    fn enable(&mut self) -> RequestId {
        let password = self.password();
        self.bench.start(Request::Enable {
            level: Level::AuthAndWrites,
            password,
            place: Place::File("codes.txt".into()),
            clear_pending: false,
        })
    }

    /// Through the rest of the set-up with right answers.
    async fn finish_enabling(&mut self, id: RequestId) -> Arc<RecoveryCodes> {
        let code = self.code();
        self.bench.code(id, &code);
        let mut shown = None;
        loop {
            match self.bench.next().await {
                Event::Step {
                    step: Step::Codes { codes, place, .. },
                    ..
                } => {
                    assert!(matches!(place, Place::File(_)));
                    shown = Some(codes);
                }
                Event::Asked { question, .. } => match question {
                    Question::CodesShown => self.bench.answer(id, Answer::GoOn),
                    Question::Proof(proof) => {
                        let codes = shown.as_ref().unwrap();
                        let code = codes.get(proof.code - 1).unwrap().expose();
                        let part = &code[proof.from - 1..proof.to];
                        self.bench.answer(id, Answer::Proof(part.into()));
                    }
                    other => panic!("{other:?}"),
                },
                Event::Finished { result, .. } => {
                    assert!(matches!(
                        result,
                        Ok(Outcome::Enabled(Enabled::On {
                            level: Level::AuthAndWrites,
                            proved: true,
                            ..
                        }))
                    ));
                    return shown.unwrap();
                }
                _ => {}
            }
        }
    }

    /// Revokes, with a code that the authenticator shows after so much time for each question.
    async fn revoke(&mut self, tokens: Vec<TokenKey>) -> (u32, Vec<RowState>) {
        let id = self.bench.start(Request::Revoke {
            tokens,
            last: Vec::new(),
            names: Vec::new(),
        });
        let mut questions = 0;
        loop {
            match self.bench.next().await {
                Event::Asked { .. } => {
                    questions += 1;
                    self.later();
                    let code = self.code();
                    self.bench.code(id, &code);
                }
                Event::Finished { result, .. } => match result {
                    Ok(Outcome::Revoked { rows, list }) => {
                        assert!(list.is_ok());
                        return (questions, rows.into_iter().map(|(_, row)| row).collect());
                    }
                    other => panic!("{other:?}"),
                },
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn an_account_is_led_through_the_second_factor_and_out_again() {
    let mut world = World::new(Options {
        tokens: 30,
        ..Options::default()
    })
    .await;
    assert_eq!(world.tfa().await, Tfa::Off);

    let id = world.enable();
    assert_eq!(world.bench.asked_to_confirm(id).await.clock_ahead, None);
    let right = world.code();
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    world.bench.code(id, wrong);
    let here = world.bench.asked_to_confirm(id).await;
    assert!(matches!(here.refused, Some(CodeRefused::Here(_))));
    world.bench.code(id, wrong);
    let there = world.bench.asked_to_confirm(id).await;
    assert!(matches!(there.refused, Some(CodeRefused::There(_))));
    let codes = world.finish_enabling(id).await;
    assert_eq!(world.tfa().await, Tfa::On(Level::AuthAndWrites));

    let tokens = world.keys().await;
    assert_eq!(tokens.len(), 30);
    let (questions, rows) = world.revoke(tokens[20..23].to_vec()).await;
    assert_eq!(
        (questions, rows),
        (1, vec![RowState::Gone(Unprobed::ValueUnknown); 3])
    );
    assert_eq!(world.keys().await.len(), 27);

    let before = world.profile().await.field(ProfileField::Github).cloned();
    let id = world.bench.start(Request::SaveField {
        field: ProfileField::Github,
        before,
        after: "octo".to_owned(),
    });
    world.bench.challenged(id).await;
    world.later();
    let code = world.code();
    world.bench.code(id, &code);
    match world.bench.finished(id).await {
        Ok(Outcome::Saved(profile)) => {
            let set = profile.field(ProfileField::Github).unwrap();
            assert_eq!(set.as_str(), "octo");
        }
        other => panic!("{other:?}"),
    }

    world.later();
    let password = world.password();
    let id = world.bench.start(Request::ChangeLevel {
        level: Level::AuthOnly,
        password,
    });
    world.bench.challenged(id).await;
    let code = world.code();
    world.bench.code(id, &code);
    assert!(matches!(
        world.bench.finished(id).await,
        Ok(Outcome::LevelChanged(Level::AuthOnly))
    ));

    // The device is lost: a recovery code turns it off.
    let password = world.password();
    let id = world.bench.start(Request::Disable { password });
    world.bench.challenged(id).await;
    world.bench.code(id, codes.get(0).unwrap().expose());
    assert!(matches!(
        world.bench.finished(id).await,
        Ok(Outcome::Disabled(_))
    ));
    assert_eq!(world.tfa().await, Tfa::Off);
}

#[tokio::test]
async fn a_registry_that_takes_codes_once_and_locks_out_gets_each_code_once() {
    let mut world = World::new(Options {
        otp_once: true,
        ..Options::default()
    })
    .await;
    let id = world.enable();
    world.bench.asked_to_confirm(id).await;
    world.finish_enabling(id).await;
    let tokens = world.keys().await;
    let (questions, rows) = world.revoke(tokens[3..11].to_vec()).await;
    assert_eq!(
        (questions, rows),
        (8, vec![RowState::Gone(Unprobed::ValueUnknown); 8])
    );
}

#[tokio::test]
async fn wrong_passwords_and_wrong_codes_are_told_apart() {
    let mut world = World::new(Options::default()).await;
    let id = world.bench.start(Request::Enable {
        level: Level::AuthOnly,
        password: "not the password".into(),
        place: Place::Myself,
        clear_pending: false,
    });
    let failure = world.bench.finished(id).await.unwrap_err();
    assert!(
        failure
            .what
            .as_str()
            .contains("did not accept the password"),
        "{failure}"
    );
    assert_eq!(world.tfa().await, Tfa::Off);

    // A set-up that was left is pending, and is cleared by consent.
    let id = world.enable();
    world.bench.asked_to_confirm(id).await;
    world.bench.answer(id, Answer::Leave { clear: false });
    assert!(matches!(
        world.bench.finished(id).await,
        Ok(Outcome::Enabled(Enabled::Left { cleared: false }))
    ));
    assert!(matches!(world.tfa().await, Tfa::Pending(_)));
    let id = world.enable();
    assert!(world.bench.finished(id).await.is_err());
    let password = world.password();
    let id = world.bench.start(Request::Enable {
        level: Level::AuthOnly,
        password,
        place: Place::Myself,
        clear_pending: true,
    });
    world.bench.asked_to_confirm(id).await;
    world.bench.answer(id, Answer::Leave { clear: true });
    assert!(matches!(
        world.bench.finished(id).await,
        Ok(Outcome::Enabled(Enabled::Left { cleared: true }))
    ));
    assert_eq!(world.tfa().await, Tfa::Off);
}

#[tokio::test]
async fn e7_a_challenge_is_answered_on_the_page_or_by_a_typed_code() {
    let mut world = World::new(Options::default()).await;
    let id = world.enable();
    world.bench.asked_to_confirm(id).await;
    world.finish_enabling(id).await;
    for by_page in [true, false] {
        world.later();
        let before = world.profile().await.field(ProfileField::Github).cloned();
        let after = format!("octo-{by_page}");
        let id = world.bench.start(Request::SaveField {
            field: ProfileField::Github,
            before,
            after: after.clone(),
        });
        let challenge = world.bench.challenged(id).await;
        let web = challenge.web.expect("it has a page");
        if by_page {
            assert!(world.running.approve(web.page.address.as_str()));
        } else {
            let code = world.code();
            world.bench.code(id, &code);
        }
        match world.bench.finished(id).await {
            Ok(Outcome::Saved(profile)) => {
                let set = profile.field(ProfileField::Github).unwrap();
                assert_eq!(set.as_str(), after);
            }
            other => panic!("{other:?}"),
        }
    }
}
