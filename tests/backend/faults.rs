//! Each fault of a registry, met by each kind of change: what the job tells afterwards is what the registry has, and
//! nothing of the credential, the password or the new token goes anywhere else.

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use npm_warden::backend::protocol::{Created, Event, Outcome, Question, Request, RowState};
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::failure::{Failure, FailureKind};
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::identity::Standing;
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::signin::{Keep, SignIn};
use npm_warden::domain::text::Text;
use npm_warden::domain::token::TokenKey;
use npm_warden::sandbox::{self, Options, Running};

use super::bench::{Bench, TestClock};
use super::embedded::{Client, start};

/// Whether the registry has acted when the client sees the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acts {
    No,
    Yes,
}

/// What can go wrong, for the first request of the operation or for every one of them.
const FAULTS: &[(&str, Acts)] = &[
    ("#1=drop-before", Acts::No),
    ("#1=drop-after", Acts::Yes),
    ("#1=status:500", Acts::No),
    ("#1=status:503", Acts::No),
    ("#1=status-after:502", Acts::Yes),
    ("#1=retry-after:3600", Acts::No),
    ("#1=retry-after-date:3600", Acts::No),
    ("=delay:150", Acts::Yes),
    ("#1=half-body", Acts::Yes),
    ("=redirect:", Acts::No),
    ("=skew:-600", Acts::Yes),
];

/// Somebody else's server, which counts what comes.
struct Elsewhere {
    url: String,
    bytes: Arc<AtomicUsize>,
}

impl Elsewhere {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let bytes = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&bytes);
        std::thread::spawn(move || {
            for peer in listener.incoming() {
                let Ok(mut peer) = peer else { return };
                let mut buffer = [0; 1024];
                // A connection alone is one too many.
                count.fetch_add(1, Ordering::SeqCst);
                while let Ok(n @ 1..) = peer.read(&mut buffer) {
                    count.fetch_add(n, Ordering::SeqCst);
                }
            }
        });
        Self { url, bytes }
    }
}

/// One registry, one fault, one person.
struct Case {
    name: String,
    running: Running,
    bench: Bench,
    elsewhere: Elsewhere,
}

impl Case {
    async fn new(operation: &str, fault: &str) -> Self {
        let elsewhere = Elsewhere::listen();
        let mut spec = format!("{operation}{fault}");
        if fault.ends_with("redirect:") {
            spec.push_str(&elsewhere.url);
        }
        let (clock, _) = sandbox::Clock::by_hand(start());
        let faults = vec![spec.parse().unwrap()];
        let options = Options {
            clock,
            faults,
            tokens: 4,
            ..Options::default()
        };
        let running = sandbox::start(options).await.unwrap();
        let client = Client {
            url: running.url().to_owned(),
            token: running.token().expose().as_str().into(),
        };
        let bench = Bench::over(client, Arc::new(TestClock(Mutex::new(start()))), 64);
        Self {
            name: spec,
            running,
            bench,
            elsewhere,
        }
    }

    /// To the end, with everything that is told on the way.
    async fn perform(&mut self, request: Request) -> Result<Outcome, Failure> {
        let id = self.bench.start(request);
        let (events, result) = self.bench.rest(id).await;
        let told = format!("{events:?} {result:?}");
        for secret in [self.running.token(), self.running.password()] {
            assert!(
                !told.contains(secret.expose().as_str()),
                "{}: a secret is told",
                self.name
            );
        }
        result
    }

    /// The tokens as they are.
    async fn tokens(&mut self) -> Vec<TokenKey> {
        let id = self.bench.start(Request::Tokens);
        let (events, result) = self.bench.rest(id).await;
        assert!(result.is_ok(), "{}: {result:?}", self.name);
        let rows = events.into_iter().filter_map(|event| match event {
            Event::Page { rows, .. } => Some(rows),
            _ => None,
        });
        rows.flatten().map(|row| row.key).collect()
    }

    async fn fullname(&mut self) -> Option<Text> {
        let id = self.bench.start(Request::Account);
        match self.bench.finished(id).await {
            Ok(Outcome::Account {
                standing: Standing::SignedIn(profile),
                ..
            }) => profile.field(ProfileField::Fullname).cloned(),
            other => panic!("{}: {other:?}", self.name),
        }
    }

    /// Whether the registry takes a token.
    async fn takes(&self, token: &str) -> bool {
        let url = format!("{}-/whoami", self.running.url());
        let reply = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .get(url)
            .bearer_auth(token)
            .send();
        reply.await.unwrap().status().is_success()
    }

    fn nothing_went_elsewhere(&self) {
        assert_eq!(
            self.elsewhere.bytes.load(Ordering::SeqCst),
            0,
            "{}",
            self.name
        );
    }
}

/// A failure that leaves it open whether the registry acted says so.
fn leaves_open(failure: &Failure) -> bool {
    let said = failure.to_string();
    said.contains("If the registry has given out a credential, it reached nobody")
        || said.contains("may live on")
}

/// Each fault against one operation, all of them at once: most of the time is spent waiting.
async fn each<F>(operation: &str, check: impl Fn(Case, Acts) -> F)
where
    F: Future<Output = ()>,
{
    // A wait that a page asks for is waited out (promise P19), and nobody has an hour here.
    let waits = |fault: &str| operation == "poll" && fault.contains("retry-after");
    let faults = FAULTS.iter().filter(|(fault, _)| !waits(fault));
    let cases = faults.map(async |(fault, acts)| {
        check(Case::new(operation, fault).await, *acts).await;
    });
    join_all(cases).await;
}

#[tokio::test]
async fn p20_p34_a_profile_field_is_told_as_the_registry_has_it_after_each_fault() {
    each("profile.set", async |mut case, acts| {
        let before = case.fullname().await;
        let request = Request::SaveField {
            field: ProfileField::Fullname,
            before: before.clone(),
            after: "Tess II".to_owned(),
        };
        let result = case.perform(request).await;
        let now = case.fullname().await;
        let changed = now.as_ref().map(Text::as_str) == Some("Tess II");
        assert_eq!(changed, acts == Acts::Yes, "{}", case.name);
        match &result {
            Ok(Outcome::Saved(profile)) => {
                assert_eq!(
                    profile.field(ProfileField::Fullname),
                    now.as_ref(),
                    "{}",
                    case.name
                );
            }
            Ok(other) => panic!("{}: {other:?}", case.name),
            Err(failure) => assert!(!changed && now == before, "{}: {failure}", case.name),
        }
        case.nothing_went_elsewhere();
    })
    .await;
}

#[tokio::test]
async fn p20_a_new_token_is_shown_told_as_lost_or_not_made_after_each_fault() {
    each("token.create", async |mut case, acts| {
        let before = case.tokens().await;
        let request = Request::CreateToken(NewToken::classic(
            true,
            Vec::new(),
            case.running.password().expose().as_str().into(),
        ));
        let result = case.perform(request).await;
        let after = case.tokens().await;
        let new: Vec<_> = after.iter().filter(|key| !before.contains(key)).collect();
        assert_eq!(new.len(), usize::from(acts == Acts::Yes), "{}", case.name);
        match &result {
            Ok(Outcome::Created(Created::Made { token, value, .. })) => {
                assert_eq!(new, [&token.key], "{}", case.name);
                assert!(case.takes(value.expose()).await, "{}", case.name);
            }
            Ok(Outcome::Created(Created::Lost { tokens, .. })) => {
                let lost: Vec<_> = tokens.iter().map(|token| &token.key).collect();
                assert_eq!(new, lost, "{}", case.name);
            }
            Ok(other) => panic!("{}: {other:?}", case.name),
            Err(failure) => assert!(new.is_empty(), "{}: {failure}", case.name),
        }
        case.nothing_went_elsewhere();
    })
    .await;
}

#[tokio::test]
async fn p20_p30_a_revocation_ends_as_the_fresh_list_says_after_each_fault() {
    each("token.revoke", async |mut case, _| {
        let mut all = case.tokens().await;
        // The session's own goes last and is no matter here.
        let tokens: Vec<_> = all.split_off(all.len() - 2);
        let result = case
            .perform(Request::Revoke {
                tokens: tokens.clone(),
                last: Vec::new(),
                names: Vec::new(),
            })
            .await;
        let after = case.tokens().await;
        let Ok(Outcome::Revoked { rows, .. }) = result else {
            panic!("{}: {result:?}", case.name);
        };
        assert_eq!(rows.len(), tokens.len(), "{}", case.name);
        for (key, state) in &rows {
            let there = after.contains(key);
            let said_gone = match state {
                RowState::Gone(_) | RowState::Verified | RowState::AlreadyGone => true,
                RowState::StillListed | RowState::Failed(_) | RowState::NotTried => false,
                other => panic!("{}: no end: {other:?}", case.name),
            };
            assert_eq!(said_gone, !there, "{}: {state:?}", case.name);
        }
        case.nothing_went_elsewhere();
    })
    .await;
}

#[tokio::test]
async fn one_row_that_is_refused_as_by_nobody_does_not_condemn_the_credential() {
    let mut case = Case::new("token.revoke", "#1=status:401").await;
    let mut all = case.tokens().await;
    let tokens = all.split_off(all.len() - 2);
    let request = Request::Revoke {
        tokens: tokens.clone(),
        last: Vec::new(),
        names: Vec::new(),
    };
    let result = case.perform(request).await;
    let Ok(Outcome::Revoked { rows, .. }) = result else {
        panic!("{result:?}");
    };
    assert!(
        matches!(&rows[0].1, RowState::Failed(why) if why.kind == FailureKind::Refused),
        "{rows:?}"
    );
    assert_eq!(rows[1].1, RowState::Gone(Unprobed::ValueUnknown));
}

#[tokio::test]
async fn a_sign_out_that_is_refused_as_by_nobody_leaves_a_credential_that_works_in_its_place() {
    let mut case = Case::new("logout", "=status:401").await;
    let failure = case.perform(Request::SignOut).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.what.as_str().contains("was not ended"), "{failure}");
}

#[tokio::test]
async fn p20_a_password_sign_in_is_good_or_says_what_may_be_left_after_each_fault() {
    each("couch", async |mut case, _| {
        let request = Request::SignIn {
            how: SignIn::Password {
                name: case.running.username().to_owned(),
                password: case.running.password().expose().as_str().into(),
            },
            keep: Keep::Session,
            at: None,
            wanted: None,
        };
        let before = case.running.inspect().tokens;
        let result = case.perform(request).await;
        let made = case.running.inspect().tokens - before;
        match &result {
            Ok(Outcome::SignedIn { standing, .. }) => {
                assert!(matches!(standing, Standing::SignedIn(_)), "{}", case.name);
                assert_eq!(made, 1, "{}", case.name);
            }
            Ok(other) => panic!("{}: {other:?}", case.name),
            // A credential that nobody holds is not kept quiet about.
            Err(failure) => {
                assert!(
                    made == 0 || leaves_open(failure),
                    "{}: {failure}",
                    case.name
                );
            }
        }
        case.nothing_went_elsewhere();
        // What the program alone holds goes with it.
        case.running.mend();
        let (signed_in, running) = (result.is_ok(), case.running);
        case.bench.quit().await;
        if signed_in {
            assert_eq!(running.inspect().tokens, before, "{}", case.name);
        }
    })
    .await;
}

#[tokio::test]
async fn p20_a_web_sign_in_is_good_or_fails_in_words_after_each_fault() {
    for operation in ["login", "poll"] {
        each(operation, async |mut case, _| {
            let before = case.running.inspect().tokens;
            let id = case.bench.start(Request::SignIn {
                how: SignIn::Web,
                keep: Keep::Session,
                at: None,
                wanted: None,
            });
            let result = loop {
                match case.bench.next().await {
                    Event::Asked {
                        question: Question::Web(web),
                        ..
                    } => assert!(case.running.approve(web.page.address.as_str())),
                    Event::Finished { id: ended, result } if ended == id => break result,
                    _ => {}
                }
            };
            let made = case.running.inspect().tokens - before;
            match &result {
                Ok(Outcome::SignedIn { .. }) => assert_eq!(made, 1, "{}", case.name),
                Ok(other) => panic!("{}: {other:?}", case.name),
                Err(failure) => {
                    assert!(
                        made == 0 || leaves_open(failure),
                        "{}: {failure}",
                        case.name
                    );
                }
            }
            case.nothing_went_elsewhere();
        })
        .await;
    }
}
