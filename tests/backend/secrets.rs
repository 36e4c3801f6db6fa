//! No secret in the `Debug` of anything that goes in or comes out (promise P01).

use npm_warden::backend::protocol::{
    Answer, Asking, Command, Event, Outcome, Question, Request, RequestId,
};
use npm_warden::domain::recovery::Place;
use npm_warden::domain::tfa::Level;

use super::bench::Bench;
use super::enable::{CODES, KEY, NOW, PASSWORD, URL, code_at, request};
use super::script::{At, Reply, Script, is_on, off, unauthorised, wants_code};

fn canaries() -> Vec<String> {
    let mut canaries: Vec<String> = CODES.iter().map(|code| (*code).to_owned()).collect();
    canaries.extend(CODES.iter().map(|code| code[4..12].to_owned()));
    canaries.extend([KEY, PASSWORD, URL, "424242"].map(str::to_owned));
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
