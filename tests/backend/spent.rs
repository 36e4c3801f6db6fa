//! A recovery code that went out is noted in the list of its set: as used when the registry took it, as perhaps used
//! when that is not known, and not at all when it was refused or surely never arrived.

use npm_warden::backend::protocol::{Answer, Event, Outcome, Question, Request, RequestId};
use npm_warden::domain::recovery::{Place, RecoverySet};
use npm_warden::domain::signin::{Keep, SignIn};
use npm_warden::domain::tfa::Level;
use npm_warden::registry::{Error, Revoked};

use super::bench::{Bench, keys};
use super::enable::{CODES, NOW, PASSWORD, URL, code_at, request};
use super::script::{
    At, Reply, Script, approved, is_on, list, lost, off, refuses, refuses_code, unreachable, wait,
    wants_code, wants_code_or_page,
};

fn on() -> Reply {
    is_on(Level::AuthAndWrites)
}

/// A set of codes is kept.
async fn kept(script: Script) -> Bench {
    kept_as(script, &CODES).await
}

async fn kept_as(script: Script, codes: &[&'static str]) -> Bench {
    let script = script
        .on(At::Profile, [off(), on()])
        .on(At::Enrol, [Reply::Url(URL.to_owned())])
        .on(At::Confirm, [Reply::Codes(codes.to_vec())]);
    let mut bench = Bench::new(script);
    let id = bench.start(request(Place::File("codes.txt".into())));
    bench.asked_to_confirm(id).await;
    bench.code(id, &code_at(NOW));
    assert!(matches!(bench.question().await, Question::CodesShown));
    bench.answer(id, Answer::GoOn);
    bench.proof().await;
    bench.answer(id, Answer::Declined);
    bench.enabled(id).await;
    bench
}

impl Bench {
    /// Whether each code that is noted was surely taken.
    async fn noted(&mut self) -> Vec<bool> {
        let id = self.start(Request::Sets);
        match self.finished(id).await {
            Ok(Outcome::Sets { sets, .. }) => {
                let sets: Vec<RecoverySet> = sets.into_iter().map(|(set, _)| set).collect();
                assert_eq!(sets.len(), 1);
                sets[0].used.iter().map(|used| used.sure).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

fn disable() -> Request {
    Request::Disable {
        password: PASSWORD.into(),
    }
}

/// Types the code at each question, and cancels at the next one.
async fn types(bench: &mut Bench, id: RequestId, code: &str) {
    let mut typed = false;
    loop {
        match bench.next().await {
            Event::Asked {
                question: Question::Challenge(_),
                ..
            } if typed => bench.cancel(id),
            Event::Asked {
                question: Question::Challenge(_),
                ..
            } => {
                typed = true;
                bench.code(id, code);
            }
            Event::Finished { .. } => return,
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p11_a_recovery_code_is_noted_as_what_the_registry_made_of_it() {
    let not_found = Reply::Error(Error::NotOffered { words: "".into() });
    let cases = [
        (Reply::Done, off(), vec![true]),
        (Reply::Error(lost()), on(), vec![false]),
        // By the profile it was done, so that the code has served.
        (Reply::Error(lost()), off(), vec![true]),
        (not_found, off(), vec![true]),
        // Some registries look at the code first, and at the password then.
        (refuses(401, ""), on(), vec![false]),
        (wait(60), on(), vec![false]),
        (refuses_code("invalid OTP"), on(), vec![]),
        (Reply::Error(unreachable()), on(), vec![]),
    ];
    for (reply, truth, noted) in cases {
        let mut bench = kept(Script::new()).await;
        bench.script.add(At::Profile, [on(), truth]);
        bench.script.add(At::Disable, [wants_code(), reply]);
        let id = bench.start(disable());
        types(&mut bench, id, CODES[1]).await;
        assert_eq!(bench.noted().await, noted);
    }
}

#[tokio::test(start_paused = true)]
async fn p11_a_recovery_code_of_digits_alone_is_noted_unless_a_page_gives_such_codes() {
    for code in ["123456789", "1234567890123456"] {
        for (challenge, noted) in [
            (wants_code(), vec![true]),
            (wants_code_or_page("x"), vec![]),
        ] {
            let mut bench = kept_as(Script::new(), &[code, CODES[0]]).await;
            bench.script.add(At::Profile, [on(), off()]);
            bench.script.add(At::Disable, [challenge, Reply::Done]);
            let id = bench.start(disable());
            types(&mut bench, id, code).await;
            assert_eq!(bench.noted().await, noted, "{code}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn codes_of_an_authenticator_a_mail_or_a_page_are_not_noted() {
    for code in ["123456", "12345678"] {
        let mut bench = kept(Script::new()).await;
        bench.script.add(At::Profile, [on(), off()]);
        bench.script.add(At::Disable, [wants_code(), Reply::Done]);
        let id = bench.start(disable());
        types(&mut bench, id, code).await;
        assert!(bench.noted().await.is_empty());
    }
    // Whatever a page gives is its own code.
    let mut bench = kept(Script::new()).await;
    bench.script.add(At::Profile, [on(), off()]);
    bench
        .script
        .add(At::Disable, [wants_code_or_page("x"), Reply::Done]);
    bench
        .script
        .add(At::Poll, [approved("a-code-with-letters")]);
    let id = bench.start(disable());
    assert!(bench.finished(id).await.is_ok());
    assert!(bench.noted().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn it_is_noted_in_a_batch_and_at_a_sign_in_too() {
    let mut bench = kept(Script::new()).await;
    bench.script.add(At::Profile, [on()]);
    bench.knows_the_account().await;
    bench
        .script
        .add(At::Revoke, [wants_code(), Reply::Revoked(Revoked::Done)]);
    bench.script.add(At::Tokens, [list(["b"])]);
    let id = bench.start(Request::Revoke {
        tokens: keys(["a"]),
        last: Vec::new(),
        names: Vec::new(),
    });
    types(&mut bench, id, CODES[0]).await;
    assert_eq!(bench.noted().await, [true]);

    bench
        .script
        .add(At::PasswordLogin, [wants_code(), Reply::Token("npm_new")]);
    bench.script.add(At::Profile, [on()]);
    let id = bench.start(Request::SignIn {
        how: SignIn::Password {
            name: "alice".to_owned(),
            password: "hunter22".into(),
        },
        keep: Keep::Session,
        at: None,
        wanted: None,
    });
    types(&mut bench, id, CODES[2]).await;
    assert_eq!(bench.noted().await, [true, true]);
}

#[tokio::test(start_paused = true)]
async fn a_code_for_a_new_set_up_is_noted_before_its_codes_come() {
    let mut bench = kept(Script::new()).await;
    bench.script.add(At::Profile, [on()]);
    bench
        .script
        .add(At::Enrol, [wants_code(), Reply::Url(URL.to_owned())]);
    let id = bench.start(Request::ChangeLevel {
        level: Level::AuthOnly,
        password: PASSWORD.into(),
    });
    bench.challenged(id).await;
    bench.code(id, CODES[0]);
    bench
        .until(|event| match event {
            Event::Asked {
                question: Question::NewSetUp(_),
                ..
            } => Some(()),
            _ => None,
        })
        .await;
    assert_eq!(bench.noted().await, [true]);
    bench.answer(id, Answer::Leave { clear: false });
}
