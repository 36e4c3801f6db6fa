//! No secret in the `Debug` of anything that goes in or comes out (promise P01).

use npm_warden::backend::protocol::{
    Answer, Asking, Command, Event, Outcome, Question, Request, RequestId,
};
use npm_warden::domain::account::ProfileField;
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::recovery::Place;
use npm_warden::domain::signin::{Keep, SignIn};
use npm_warden::domain::tfa::Level;

use super::bench::Bench;
use super::enable::{CODES, KEY, NOW, PASSWORD, URL, code_at, request};
use super::script::{
    At, CONFIGURED, Reply, Script, approved, is_on, list, lost, off, page_of, token, unauthorised,
    unreachable, wants_code, wants_code_or_page,
};

const SESSION: &str = "npm_canary_session";
const VALUE: &str = "npm_canary_value";
const NEW_PASSWORD: &str = "canary staple";
const PAGE_CODE: &str = "9876543210987654";

fn canaries() -> Vec<String> {
    let mut canaries: Vec<String> = CODES.iter().map(|code| (*code).to_owned()).collect();
    canaries.extend(CODES.iter().map(|code| code[4..12].to_owned()));
    canaries.extend([KEY, PASSWORD, URL, "424242"].map(str::to_owned));
    canaries.extend([SESSION, VALUE, NEW_PASSWORD, PAGE_CODE, "/done/"].map(str::to_owned));
    canaries.push(CONFIGURED.to_owned());
    canaries.extend([code_at(NOW), code_at(NOW + 30)]);
    canaries
}

fn clean(text: &str) {
    for canary in canaries() {
        assert!(!text.contains(&canary), "a secret in {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn p01_no_event_of_a_whole_set_up_shows_a_secret_in_debug() {
    let script = Script::new()
        .on(At::Profile, [off(), is_on(Level::AuthOnly)])
        .on(At::Enrol, [wants_code(), Reply::Url(URL.to_owned())])
        .on(
            At::Confirm,
            [unauthorised("wrong"), Reply::Codes(CODES.to_vec())],
        );
    let mut bench = Bench::new(script);
    let id = bench.start(request(Place::File("codes.txt".into())));
    let mut refused = false;
    loop {
        let event = bench.next().await;
        clean(&format!("{event:?} {event:#?}"));
        match event {
            Event::Asked { question, .. } => match question {
                Question::NewSetUp(_)
                | Question::Installed { .. }
                | Question::InPlace(_)
                | Question::Emergency(_) => {
                    panic!("nobody began that")
                }
                Question::Challenge(_) => bench.code(id, "424242"),
                Question::Confirm(_) => {
                    bench.code(id, &code_at(if refused { NOW + 30 } else { NOW }));
                    refused = true;
                }
                Question::CodesShown => bench.answer(id, Answer::GoOn),
                Question::Proof(proof) => bench.answer(
                    id,
                    Answer::Proof(CODES[proof.code - 1][proof.from - 1..proof.to].into()),
                ),
                Question::OtherPlace(failure) => panic!("{failure}"),
                Question::Web(_) | Question::SignIn(_) => panic!("nobody signs in: {question:?}"),
            },
            Event::Finished { result, .. } => {
                assert!(matches!(result, Ok(Outcome::Enabled(_))));
                break;
            }
            _ => {}
        }
    }
}

fn change_password() -> Request {
    Request::ChangePassword {
        current: PASSWORD.into(),
        new: NEW_PASSWORD.into(),
    }
}

fn make_token() -> Request {
    Request::CreateToken(NewToken::classic(false, Vec::new(), PASSWORD.into()))
}

fn sign_in(how: SignIn) -> Request {
    Request::SignIn {
        how,
        keep: Keep::Session,
        at: None,
        wanted: None,
    }
}

/// Everything that credentials go through, and how it goes wrong.
#[tokio::test(start_paused = true)]
async fn p01_no_event_of_a_sign_in_or_of_what_follows_shows_a_secret_in_debug() {
    let lost = || Reply::Error(lost());
    let script = Script::new()
        .on(
            At::Profile,
            [
                off(),
                off(),
                off(),
                unauthorised(""),
                Reply::Error(unreachable()),
            ],
        )
        .on(At::WebLogin, [Reply::Web(page_of("a"))])
        .on(At::Poll, [lost(), approved(SESSION), approved(PAGE_CODE)])
        .on(
            At::PasswordLogin,
            [
                wants_code(),
                Reply::Token(SESSION),
                Reply::Token(SESSION),
                lost(),
            ],
        )
        .on(
            At::Tokens,
            [list(["k"]), list(["k"]), list(["k"]), list(["k"])],
        )
        .on(
            At::CreateToken,
            [
                wants_code_or_page("b"),
                Reply::Made(token("k"), VALUE),
                lost(),
            ],
        )
        .on(At::ChangePassword, [Reply::Done, lost()])
        .on(At::Logout, [lost(), lost(), Reply::Done, Reply::Done])
        .world(|seen| match seen.at {
            At::Whoami => Reply::Name("alice"),
            At::Save => unauthorised("not any more"),
            _ => Reply::Error(unreachable()),
        });
    let by_password = || {
        sign_in(SignIn::Password {
            name: "alice".to_owned(),
            password: PASSWORD.into(),
        })
    };
    let mut bench = Bench::new(script);
    let requests = [
        Request::Account,
        sign_in(SignIn::Web),
        by_password(),
        make_token(),
        make_token(),
        Request::SaveField {
            field: ProfileField::Fullname,
            before: None,
            after: "Al".to_owned(),
        },
        change_password(),
        by_password(),
        change_password(),
        by_password(),
        Request::SignOut,
    ];
    let mut ended = Vec::new();
    for request in requests {
        let id = bench.start(request);
        loop {
            let event = bench.next().await;
            clean(&format!("{event:?} {event:#?}"));
            match event {
                Event::Asked { question, .. } => match question {
                    Question::Challenge(challenge) if challenge.web.is_none() => {
                        bench.code(id, "424242");
                    }
                    Question::Challenge(_) | Question::Web(_) => {}
                    _ => bench.cancel(id),
                },
                Event::Finished { result, .. } => {
                    ended.push(result.is_ok());
                    break;
                }
                _ => {}
            }
        }
    }
    assert!(ended.iter().filter(|ok| **ok).count() >= 5, "{ended:?}");
    assert!(ended.iter().filter(|ok| !**ok).count() >= 4, "{ended:?}");
}

#[test]
fn p01_no_command_shows_a_secret_in_debug() {
    let id = RequestId(1);
    let requests = [
        request(Place::Myself),
        Request::ChangeLevel {
            level: Level::AuthOnly,
            password: PASSWORD.into(),
        },
        Request::Disable {
            password: PASSWORD.into(),
        },
        change_password(),
        make_token(),
        sign_in(SignIn::Password {
            name: "alice".to_owned(),
            password: PASSWORD.into(),
        }),
        sign_in(SignIn::SignUp {
            name: "alice".to_owned(),
            password: PASSWORD.into(),
            email: "alice@example.com".to_owned(),
        }),
    ];
    for request in requests {
        clean(&format!(
            "{:?}",
            Command::Start {
                id,
                request,
                asking: Asking::Allowed
            }
        ));
    }
    for answer in [
        Answer::Code("424242".into()),
        Answer::Proof(CODES[0][4..12].into()),
    ] {
        clean(&format!("{:?}", Command::Answer { id, answer }));
    }
}
