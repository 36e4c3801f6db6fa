//! A credential that ends in the middle of work: another sign-in, and the work goes on.

use std::sync::{Arc, Mutex};

use npm_warden::backend::protocol::{
    Answer, Asking, Event, Outcome, Question, Request, RequestId, RowState,
};
use npm_warden::domain::account::{Profile, ProfileField};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::revocation::Unprobed;
use npm_warden::domain::signin::Keep;
use npm_warden::domain::tfa::Tfa;
use npm_warden::registry::Revoked;

use super::bench::{Bench, keys, sign_in};
use super::script::{
    At, CONFIGURED, HOST, Reply, Script, Seen, held, list, profile, unauthorised, wants_code,
};

fn save() -> Request {
    Request::SaveField {
        field: ProfileField::Fullname,
        before: Some("Al".into()),
        after: "Ally B".into(),
    }
}

fn saved() -> Reply {
    let mut profile = profile(Tfa::Off);
    profile.fields = vec![(ProfileField::Fullname, Some("Ally B".into()))];
    Reply::Profile(profile)
}

fn revoke<const N: usize>(tokens: [&str; N]) -> Request {
    Request::Revoke {
        tokens: keys(tokens),
        last: Vec::new(),
        names: Vec::new(),
    }
}

fn of(name: &str) -> Profile {
    Profile {
        name: name.into(),
        ..profile(Tfa::Off)
    }
}

/// A registry on which some credentials are dead, and whose sign-ins give out others, each for its account.
#[derive(Clone, Default)]
struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    dead: Vec<&'static str>,
    sign_ins: Vec<(&'static str, &'static str)>,
    accounts: Vec<(&'static str, &'static str)>,
    tokens: Vec<&'static str>,
}

impl World {
    fn new(sign_ins: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let world = Self::default();
        {
            let mut state = world.0.lock().unwrap();
            state.sign_ins = sign_ins.into_iter().collect();
            state.accounts = state.sign_ins.clone();
            state.accounts.push((CONFIGURED, "alice"));
            state.tokens = vec!["t0", "t1", "t2", "t3", "t4", "t5"];
        }
        world
    }

    fn kills(&self, token: &'static str) {
        self.0.lock().unwrap().dead.push(token);
    }

    fn script(&self) -> Script {
        let state = Arc::clone(&self.0);
        Script::new().world(move |seen: &Seen| {
            let mut state = state.lock().unwrap();
            if seen.at == At::PasswordLogin {
                return Reply::Token(state.sign_ins.remove(0).0);
            }
            let token = seen.token.as_deref().expect("nothing else goes without");
            if state.dead.contains(&token) {
                return unauthorised("not any more");
            }
            let who = state.accounts.iter().find(|(known, _)| *known == token);
            match seen.at {
                At::Profile => Reply::Profile(of(who.unwrap().1)),
                At::Save => saved(),
                At::Logout => Reply::Done,
                At::Tokens => list(state.tokens.clone()),
                At::Revoke => {
                    state.tokens.retain(|token| *token != seen.what);
                    Reply::Revoked(Revoked::Done)
                }
                at => panic!("{at:?}"),
            }
        })
    }

    async fn bench(&self) -> Bench {
        let mut bench = Bench::new(self.script());
        bench.knows_the_account().await;
        bench
    }
}

/// Signs in as the app does, beside the parked request, and says so to it.
async fn signs_in_for(bench: &mut Bench, parked: &[RequestId]) {
    bench.signs_in().await;
    for id in parked {
        bench.answer(*id, Answer::SignedIn);
    }
}

fn tokens_at(script: &Script, at: At) -> Vec<String> {
    let seen = script.seen_at(at).into_iter();
    seen.map(|seen| seen.token.unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn e7_a_profile_save_waits_for_a_sign_in_and_is_sent_again() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    world.kills(CONFIGURED);
    let id = bench.start(save());
    let asked = bench.asked_to_sign_in(id).await;
    assert_eq!(asked.action.as_str(), "change your fullname");
    assert_eq!(asked.host.as_str(), HOST);
    assert_eq!(asked.name.unwrap().as_str(), "alice");
    assert_eq!(asked.words.as_str(), "not any more");
    assert_eq!(asked.problem, None);
    assert!(bench.is_quiet().await, "a question waits for ever");
    signs_in_for(&mut bench, &[id]).await;
    assert!(matches!(bench.next().await, Event::Cleared { .. }));
    assert!(matches!(bench.finished(id).await, Ok(Outcome::Saved(_))));
    assert_eq!(tokens_at(&bench.script, At::Save), [CONFIGURED, "npm_new"]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_in_the_middle_goes_on_and_revokes_nothing_twice() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    let (gate, reply) = held();
    bench
        .script
        .add(At::Revoke, [Reply::Revoked(Revoked::Done), reply]);
    world.0.lock().unwrap().tokens.remove(0);
    let id = bench.start(revoke(["t0", "t1", "t2", "t3", "t4", "t5"]));
    bench
        .when(|script| script.seen_at(At::Revoke).len() == 6)
        .await;
    // The others are answered already; this one finds the credential dead, as does the list.
    world.kills(CONFIGURED);
    gate.open(unauthorised("not any more"));
    let asked = bench.asked_to_sign_in(id).await;
    assert_eq!(asked.action.as_str(), "revoke 1 token");
    signs_in_for(&mut bench, &[id]).await;
    let Ok(Outcome::Revoked { rows, list }) = bench.finished(id).await else {
        panic!("it ended otherwise");
    };
    assert!(
        rows.iter()
            .all(|(_, state)| *state == RowState::Gone(Unprobed::ValueUnknown)),
        "{rows:?}"
    );
    assert!(list.unwrap().is_empty());
    assert_eq!(bench.script.seen_at(At::Revoke).len(), 7);
}

#[tokio::test(start_paused = true)]
async fn many_of_a_batch_that_find_it_dead_ask_once() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    let (gates, replies): (Vec<_>, Vec<_>) = (0..5).map(|_| held()).unzip();
    bench
        .script
        .add(At::Revoke, [Reply::Revoked(Revoked::Done)]);
    bench.script.add(At::Revoke, replies);
    world.0.lock().unwrap().tokens.remove(0);
    let id = bench.start(revoke(["t0", "t1", "t2", "t3", "t4", "t5"]));
    bench
        .when(|script| script.seen_at(At::Revoke).len() == 6)
        .await;
    world.kills(CONFIGURED);
    let mut late = gates;
    for gate in late.drain(..3) {
        gate.open(unauthorised("not any more"));
    }
    let asked = bench.asked_to_sign_in(id).await;
    assert_eq!(asked.problem, None);
    signs_in_for(&mut bench, &[id]).await;
    // These answers of before come after it, and mean the credential of before.
    for gate in late {
        gate.open(unauthorised("not any more"));
    }
    let (events, result) = bench.rest(id).await;
    let questions = |event: &&Event| matches!(event, Event::Asked { .. });
    assert_eq!(events.iter().filter(questions).count(), 0);
    let Ok(Outcome::Revoked { list, .. }) = result else {
        panic!("{result:?}");
    };
    assert!(list.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_read_for_a_new_token_is_no_purpose_of_its_own() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    world.kills(CONFIGURED);
    let id = bench.start(Request::CreateToken(NewToken::classic(
        true,
        Vec::new(),
        "hunter22".into(),
    )));
    let asked = bench.asked_to_sign_in(id).await;
    assert_eq!(asked.action.as_str(), "make a token");
    assert_eq!(bench.script.seen_at(At::CreateToken).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_sign_in_resumes_all_that_wait() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    world.kills(CONFIGURED);
    let one = bench.start(save());
    bench.asked_to_sign_in(one).await;
    let two = bench.start(revoke(["t0"]));
    bench.asked_to_sign_in(two).await;
    let (gate, reply) = held();
    bench.script.add(At::Tokens, [reply]);
    let three = bench.start(Request::Tokens);
    bench
        .when(|script| script.seen_at(At::Tokens).len() == 1)
        .await;
    signs_in_for(&mut bench, &[one, two]).await;
    assert!(matches!(bench.finished(one).await, Ok(Outcome::Saved(_))));
    assert!(matches!(
        bench.finished(two).await,
        Ok(Outcome::Revoked { .. })
    ));
    // Its refusal comes last: there is a sign-in by then, and nobody is asked.
    gate.open(unauthorised("not any more"));
    let (events, result) = bench.rest(three).await;
    assert!(result.is_ok());
    let asked = |event: &Event| matches!(event, Event::Asked { .. });
    assert!(!events.iter().any(asked));
}

#[tokio::test(start_paused = true)]
async fn another_account_is_asked_again_and_nothing_is_done() {
    let world = World::new([("npm_bob", "bob"), ("npm_new", "alice")]);
    let mut bench = world.bench().await;
    world.kills(CONFIGURED);
    let id = bench.start(save());
    bench.asked_to_sign_in(id).await;
    bench.answer(id, Answer::SignedIn);
    let again = bench.asked_to_sign_in(id).await;
    assert!(
        again
            .problem
            .unwrap()
            .as_str()
            .contains("Nobody has signed in")
    );
    signs_in_for(&mut bench, &[id]).await;
    let event = bench.next().await;
    let Event::Asked {
        question: Question::SignIn(again),
        ..
    } = event
    else {
        panic!("it keeps its place: {event:?}");
    };
    let problem = again.problem.unwrap();
    assert!(problem.as_str().contains("as bob"), "{problem}");
    assert!(problem.as_str().contains("for alice"), "{problem}");
    assert!(bench.is_quiet().await);
    assert_eq!(tokens_at(&bench.script, At::Save), [CONFIGURED]);
    bench.script.add(At::Whoami, [unauthorised("")]);
    signs_in_for(&mut bench, &[id]).await;
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(tokens_at(&bench.script, At::Save), [CONFIGURED, "npm_new"]);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_is_not_accepted_either_is_asked_about_again() {
    let world = World::new([("npm_1", "alice"), ("npm_2", "alice")]);
    let mut bench = world.bench().await;
    world.kills(CONFIGURED);
    let id = bench.start(save());
    bench.asked_to_sign_in(id).await;
    bench.signs_in().await;
    world.kills("npm_1");
    bench.answer(id, Answer::SignedIn);
    bench.asked_to_sign_in(id).await;
    bench.answer(id, Answer::SignedIn);
    let again = bench.asked_to_sign_in(id).await;
    assert!(again.problem.unwrap().as_str().contains("either"));
    signs_in_for(&mut bench, &[id]).await;
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(
        tokens_at(&bench.script, At::Save),
        [CONFIGURED, "npm_1", "npm_2"]
    );
}

#[tokio::test(start_paused = true)]
async fn giving_it_up_ends_the_request_alone() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    world.kills(CONFIGURED);
    let id = bench.start(save());
    bench.asked_to_sign_in(id).await;
    bench.cancel(id);
    assert!(matches!(bench.next().await, Event::Cleared { .. }));
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert!(failure.what.as_str().contains("before anything"));
}

#[tokio::test(start_paused = true)]
async fn a_background_reload_and_the_account_itself_ask_nobody() {
    let world = World::new([]);
    let mut bench = world.bench().await;
    world.kills(CONFIGURED);
    let id = bench.start_asking(Request::Tokens, Asking::Never);
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::SignedOut);
    let id = bench.start(Request::Account);
    let (events, result) = bench.rest(id).await;
    assert!(result.is_ok());
    let asked = |event: &Event| matches!(event, Event::Asked { .. });
    assert!(!events.iter().any(asked));
}

#[tokio::test(start_paused = true)]
async fn without_knowing_whose_it_was_it_fails_as_it_is() {
    let world = World::new([]);
    let mut bench = Bench::new(world.script());
    world.kills(CONFIGURED);
    let id = bench.start(save());
    let failure = bench.finished(id).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::SignedOut);
}

#[tokio::test(start_paused = true)]
async fn a_code_of_before_is_not_sent_with_the_new_credential() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    bench.script.add(
        At::Save,
        [wants_code(), unauthorised("not any more"), wants_code()],
    );
    world.kills(CONFIGURED);
    let recovery = "ab12cd34".repeat(8);
    let id = bench.start(save());
    bench.challenged(id).await;
    bench.code(id, &recovery);
    bench.asked_to_sign_in(id).await;
    signs_in_for(&mut bench, &[id]).await;
    bench.challenged(id).await;
    bench.code(id, &recovery);
    let again = bench.challenged(id).await;
    assert!(again.notices[0].as_str().contains("is not sent again"));
    bench.code(id, "123456");
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(
        bench.script.otps(At::Save),
        [None, Some(recovery), None, Some("123456".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn p31_the_end_of_the_token_in_use_is_no_reason_to_sign_in() {
    let world = World::new([]);
    let mut bench = world.bench().await;
    bench
        .script
        .add(At::Revoke, [Reply::Revoked(Revoked::Done)]);
    bench.script.add(At::Tokens, [unauthorised("not any more")]);
    let id = bench.start(Request::Revoke {
        tokens: Vec::new(),
        last: keys(["t0"]),
        names: Vec::new(),
    });
    let Ok(Outcome::Revoked { rows, .. }) = bench.finished(id).await else {
        panic!("asked, or ended otherwise");
    };
    // Which token is in use is not proved here: it is revoked as the registry says, and verified only by proof.
    assert_eq!(rows[0].1, RowState::Accepted);
}

#[tokio::test(start_paused = true)]
async fn a_session_in_a_file_resumes_as_well() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    world.kills(CONFIGURED);
    let id = bench.start(save());
    bench.asked_to_sign_in(id).await;
    let signing = bench.start(sign_in(Keep::File));
    assert!(bench.finished(signing).await.is_ok());
    bench.answer(id, Answer::SignedIn);
    assert!(bench.finished(id).await.is_ok());
    assert_eq!(bench.script.configured(), Some("npm_new".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn what_only_reads_resumes_too() {
    let world = World::new([("npm_new", "alice")]);
    let mut bench = world.bench().await;
    bench.script.add(At::Tokens, [unauthorised("not any more")]);
    let id = bench.start(Request::Tokens);
    let asked = bench.asked_to_sign_in(id).await;
    assert_eq!(asked.action.as_str(), "list the tokens");
    signs_in_for(&mut bench, &[id]).await;
    assert!(matches!(
        bench.finished(id).await,
        Ok(Outcome::Tokens { .. })
    ));
}
