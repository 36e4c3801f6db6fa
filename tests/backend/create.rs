//! Making a token: its value comes once, and a lost answer is settled by the list.

use std::time::Duration;

use jiff::Timestamp;
use npm_warden::backend::protocol::{Created, Destination, Event, Outcome, Request};
use npm_warden::domain::failure::FailureKind;
use npm_warden::domain::granular::{Granular, NewToken, Spec};
use npm_warden::domain::moment::Moment;
use npm_warden::domain::token::{Token, TokenKey};
use npm_warden::records::Notes;
use npm_warden::registry::{Error, TokenPage};
use tokio::time::Instant;

use super::bench::Bench;
use super::script::{
    At, HOST, Reply, Script, held, list, lost, page, refuses, token, unauthorised, unreachable,
    wants_code,
};

fn make() -> Request {
    Request::CreateToken(NewToken::classic(
        true,
        vec![
            "192.0.2.7/32".parse().unwrap(),
            "10.0.0.0/8".parse().unwrap(),
        ],
        "hunter22".into(),
    ))
}

/// What [`make`] asks for, as a registry lists it.
fn made(key: &str) -> Token {
    Token {
        readonly: true,
        cidr: ["10.0.0.0/8".into(), "192.0.2.7".into()].into(),
        ..token(key)
    }
}

fn rows(rows: impl IntoIterator<Item = Token>) -> Reply {
    let rows = rows.into_iter().collect();
    Reply::Page(TokenPage {
        rows,
        ..page::<&str>([])
    })
}

#[tokio::test(start_paused = true)]
async fn m20_the_value_comes_with_the_end_after_a_code() {
    let script = Script::new().on(At::Tokens, [list(["old"])]).on(
        At::CreateToken,
        [wants_code(), Reply::Made(made("new"), "npm_value")],
    );
    let mut bench = Bench::new(script);
    let id = bench.start(make());
    assert_eq!(bench.challenged(id).await.action.as_str(), "make a token");
    bench.code(id, "123456");
    let Ok(Outcome::Created(Created::Made { token, value, .. })) = bench.finished(id).await else {
        panic!("not made");
    };
    assert_eq!(token.key.raw(), "new");
    assert_eq!(value.expose(), "npm_value");
    assert_eq!(bench.script.seen_at(At::CreateToken).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_before_does_not_stop_it_and_asks_for_no_code() {
    for reply in [
        wants_code(),
        refuses(500, "oops"),
        Reply::Error(unreachable()),
        Reply::Error(Error::NotOffered { words: "".into() }),
    ] {
        let script = Script::new()
            .on(At::Tokens, [reply])
            .on(At::CreateToken, [Reply::Made(made("new"), "npm_value")]);
        let mut bench = Bench::new(script);
        let id = bench.start(make());
        let (events, result) = bench.rest(id).await;
        assert!(matches!(result, Ok(Outcome::Created(Created::Made { .. }))));
        let asked = |event: &Event| matches!(event, Event::Asked { .. });
        assert!(!events.iter().any(asked));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_answer_is_lost_is_found_in_the_list() {
    // Found at once, found late, found after the connection came back.
    let lists: [Vec<Reply>; 3] = [
        vec![rows([token("old"), made("new")])],
        vec![rows([token("old")]), rows([token("old"), made("new")])],
        vec![
            Reply::Error(unreachable()),
            Reply::Error(unreachable()),
            rows([token("old"), made("new")]),
        ],
    ];
    for lists in lists {
        let script = Script::new()
            .on(At::Tokens, [rows([token("old")])])
            .on(At::Tokens, lists)
            .on(At::CreateToken, [Reply::Error(lost())]);
        let mut bench = Bench::new(script);
        let id = bench.start(make());
        let result = bench.finished(id).await;
        let Ok(Outcome::Created(Created::Lost { tokens, why })) = result else {
            panic!("{result:?}");
        };
        assert_eq!(tokens.len(), 1);
        assert_eq!(tokens[0].key.raw(), "new");
        assert_eq!(why.kind, FailureKind::Network);
        assert_eq!(bench.script.seen_at(At::CreateToken).len(), 1, "made once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_listed_is_not_said_not_to_be_made() {
    let script = Script::new()
        .on(At::Tokens, (0..4).map(|_| rows([token("old")])))
        .on(At::CreateToken, [Reply::Error(lost())]);
    let mut bench = Bench::new(script);
    let id = bench.start(make());
    let begun = Instant::now();
    let failure = bench.finished(id).await.unwrap_err();
    assert!(failure.what.as_str().contains("is listed yet"), "{failure}");
    assert!(
        failure.next.as_str().contains("may still come"),
        "{failure}"
    );
    assert_eq!(bench.script.seen_at(At::Tokens).len(), 4);
    assert!(begun.elapsed() <= Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_is_said_not_to_be_known() {
    let cases: [(Reply, Vec<Reply>, &str); 4] = [
        (
            rows([token("old")]),
            (0..3).map(|_| Reply::Error(unreachable())).collect(),
            "could not be read",
        ),
        (
            rows([token("old")]),
            (0..3)
                .map(|_| rows([token("old"), token("another")]))
                .collect(),
            "none that is as it was to be",
        ),
        (
            // Not read before, and no times in it.
            refuses(500, "oops"),
            (0..3).map(|_| rows([made("new")])).collect(),
            "when each token was made",
        ),
        (
            rows([token("old")]),
            vec![unauthorised("")],
            "could not be read",
        ),
    ];
    for (before, after, says) in cases {
        let script = Script::new()
            .on(At::Tokens, [before])
            .on(At::Tokens, after)
            .on(At::CreateToken, [Reply::Error(lost())]);
        let mut bench = Bench::new(script);
        let id = bench.start(make());
        let failure = bench.finished(id).await.unwrap_err();
        assert!(failure.what.as_str().contains("is not known"), "{failure}");
        assert!(failure.what.as_str().contains(says), "{failure}");
        assert_ne!(failure.kind, FailureKind::SignedOut);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_list_from_before_the_time_of_making_tells_what_is_new() {
    let at = |seconds| Some(Timestamp::from_second(seconds).unwrap());
    let old = Token {
        created: at(1_700_000_000).map(Moment::from),
        ..made("old")
    };
    let new = Token {
        created: at(1_700_000_011).map(Moment::from),
        ..made("new")
    };
    let script = Script::new()
        .on(At::Tokens, [wants_code(), rows([old, new])])
        .on(At::CreateToken, [Reply::Error(lost())]);
    let mut bench = Bench::new(script);
    let id = bench.start(make());
    let Ok(Outcome::Created(Created::Lost { tokens, .. })) = bench.finished(id).await else {
        panic!("not found");
    };
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].key.raw(), "new");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_said_as_such() {
    let script = Script::new().on(At::Tokens, [list(["old"])]).on(
        At::CreateToken,
        [refuses(401, "bad username/password, access denied")],
    );
    let mut bench = Bench::new(script);
    let id = bench.start(make());
    let failure = bench.finished(id).await.unwrap_err();
    assert!(
        failure
            .what
            .as_str()
            .contains("did not accept the password"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_value_that_comes_after_the_person_left_is_still_told() {
    for closing in [false, true] {
        let (gate, reply) = held();
        let script = Script::new()
            .on(At::Tokens, [list(["old"])])
            .on(At::CreateToken, [reply]);
        let mut bench = Bench::new(script);
        let id = bench.start(make());
        bench
            .when(|script| script.seen_at(At::CreateToken).len() == 1)
            .await;
        if closing {
            bench.close();
        } else {
            bench.cancel(id);
        }
        // Paused time moves on when nothing else can happen: by then the backend has heard it.
        tokio::time::sleep(Duration::from_millis(1)).await;
        gate.open(Reply::Made(made("new"), "npm_value"));
        assert!(matches!(
            bench.finished(id).await,
            Ok(Outcome::Created(Created::Made { .. }))
        ));
    }
}

fn granular(note: &str) -> Request {
    Request::CreateToken(NewToken {
        spec: Spec::Granular(Box::new(Granular {
            name: "ci".to_owned(),
            packages: vec!["left-pad".to_owned()],
            ..Granular::least()
        })),
        password: "hunter22".into(),
        note: note.to_owned(),
    })
}

/// What [`granular`] asks for, as a registry lists it.
fn as_asked(key: &str) -> Token {
    Token {
        name: Some("ci".into()),
        readonly: true,
        permissions: [("package".into(), "read".into())].into(),
        scopes: [("package".into(), "left-pad".into())].into(),
        created: Timestamp::from_second(1_700_000_010).ok().map(Moment::from),
        expires: Timestamp::from_second(1_700_000_010 + 7 * 86_400)
            .ok()
            .map(Moment::from),
        ..token(key)
    }
}

fn kept(bench: &Bench) -> Notes {
    Notes::open(&bench.folder.path().join("vault")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn e1_the_value_is_recognised_later_and_the_note_is_kept() {
    let script = Script::new()
        .on(At::Tokens, [list(["old"])])
        .on(At::CreateToken, [Reply::Made(as_asked("new"), "npm_value")]);
    let mut bench = Bench::new(script);
    let id = bench.start(granular("GitHub secret NPM_TOKEN in o/r"));
    let Ok(Outcome::Created(Created::Made {
        wider, warnings, ..
    })) = bench.finished(id).await
    else {
        panic!("not made");
    };
    assert_eq!((wider.len(), warnings.len()), (0, 0));
    let notes = kept(&bench);
    let note = notes.of(&HOST.into(), &TokenKey::new("new")).unwrap();
    assert_eq!(note.text.as_str(), "GitHub secret NPM_TOKEN in o/r");
    assert!(note.is_of(&"npm_value".into()) && !note.is_of(&"npm_other".into()));
    let file = std::fs::read_to_string(bench.folder.path().join("vault/tokens.json")).unwrap();
    assert!(
        !file.contains("npm_value") && !file.contains("hunter22"),
        "{file}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_note_that_cannot_be_kept_is_a_warning_and_the_value_comes_all_the_same() {
    let script = Script::new()
        .on(At::Tokens, [list(["old"])])
        .on(At::CreateToken, [Reply::Made(as_asked("new"), "npm_value")]);
    let mut bench = Bench::new(script);
    // Where the folder is to be, there is a file.
    std::fs::write(bench.folder.path().join("vault"), "").unwrap();
    let id = bench.start(granular("note"));
    let Ok(Outcome::Created(Created::Made {
        value, warnings, ..
    })) = bench.finished(id).await
    else {
        panic!("not made");
    };
    assert_eq!(value.expose(), "npm_value");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_may_more_than_was_asked_for_is_said_loudly() {
    // Of the old kind, and listed so; then only the answer is short, and the list has all of it.
    let short = || Token {
        readonly: true,
        ..token("new")
    };
    for (listed, wide) in [(short(), true), (as_asked("new"), false)] {
        let script = Script::new()
            .on(At::Tokens, [list(["old"]), rows([listed])])
            .on(At::CreateToken, [Reply::Made(short(), "npm_value")]);
        let mut bench = Bench::new(script);
        let id = bench.start(granular(""));
        let Ok(Outcome::Created(Created::Made { wider, value, .. })) = bench.finished(id).await
        else {
            panic!("not made");
        };
        assert_eq!(value.expose(), "npm_value");
        assert_eq!(!wider.is_empty(), wide, "{wider:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_granular_token_whose_answer_is_lost_is_found_by_its_name() {
    let other = Token {
        name: Some("other".into()),
        ..as_asked("other")
    };
    // A registry of the old kind lists no name, and what it made is found all the same.
    let of_old = Token {
        readonly: false,
        ..token("of old")
    };
    for (new, found) in [(as_asked("new"), true), (of_old, true), (other, false)] {
        let key = new.key.clone();
        let script = Script::new()
            .on(At::Tokens, [rows([token("old")])])
            .on(
                At::Tokens,
                (0..3).map(|_| rows([token("old"), new.clone()])),
            )
            .on(At::CreateToken, [Reply::Error(lost())]);
        let mut bench = Bench::new(script);
        let id = bench.start(granular(""));
        match bench.finished(id).await {
            Ok(Outcome::Created(Created::Lost { tokens, .. })) => {
                assert!(found, "{tokens:?}");
                assert_eq!(tokens[0].key, key);
            }
            other => assert!(!found, "{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_gives_up_waiting_does_not_say_that_none_was_made() {
    // It comes when the gateway has long answered.
    let script = Script::new()
        .on(At::Tokens, (0..3).map(|_| rows([token("old")])))
        .on(At::Tokens, [rows([token("old"), made("new")])])
        .on(At::CreateToken, [refuses(504, "Gateway Timeout")]);
    let mut bench = Bench::new(script);
    let id = bench.start(make());
    let Ok(Outcome::Created(Created::Lost { tokens, .. })) = bench.finished(id).await else {
        panic!("not found");
    };
    assert_eq!(tokens[0].key.raw(), "new");
    assert_eq!(bench.script.seen_at(At::CreateToken).len(), 1, "made once");
}

#[tokio::test(start_paused = true)]
async fn where_the_list_moved_before_the_time_of_making_tells_what_is_new() {
    let at = |seconds| Some(Timestamp::from_second(seconds).unwrap());
    // A page that came twice: what there was before is not wholly known.
    let moved = || {
        Reply::Page(TokenPage {
            rows: vec![token("one"), token("one")],
            ..page::<&str>([])
        })
    };
    let old = Token {
        created: at(1_700_000_000).map(Moment::from),
        ..made("old")
    };
    let new = Token {
        created: at(1_700_000_011).map(Moment::from),
        ..made("new")
    };
    for is_made in [false, true] {
        let mut after = vec![token("one"), old.clone()];
        after[0].created = at(1_600_000_000).map(Moment::from);
        after.extend(is_made.then(|| new.clone()));
        let script = Script::new()
            .on(At::Tokens, (0..2).map(|_| moved()))
            .on(At::Tokens, (0..3).map(|_| rows(after.clone())))
            .on(At::CreateToken, [Reply::Error(lost())]);
        let mut bench = Bench::new(script);
        let id = bench.start(make());
        match bench.finished(id).await {
            Ok(Outcome::Created(Created::Lost { tokens, .. })) => {
                let keys: Vec<_> = tokens.iter().map(|token| token.key.raw()).collect();
                assert_eq!((is_made, &keys[..]), (true, &["new".into()][..]));
            }
            other => assert!(!is_made, "{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p21_a_value_is_written_for_the_registry_that_made_it_whatever_is_configured_by_then() {
    for moves in [false, true] {
        let script = Script::new()
            .on(At::Tokens, [list(["old"])])
            .on(At::CreateToken, [Reply::Made(made("new"), "npm_value")])
            .on(At::Whoami, [Reply::Name("alice")])
            .on(At::Profile, [unauthorised("")]);
        let mut bench = Bench::new(script);
        let id = bench.start(make());
        let Ok(Outcome::Created(Created::Made {
            registry, value, ..
        })) = bench.finished(id).await
        else {
            panic!("not made");
        };
        assert_eq!(registry.as_str(), HOST);
        // The value stands on the screen for a day, and the configuration is read anew meanwhile.
        if moves {
            bench.script.moves_to("other.example");
        }
        let id = bench.start(Request::Account);
        let _ = bench.finished(id).await;
        let id = bench.start(Request::WriteToken {
            registry,
            value,
            into: Destination::User,
        });
        let Ok(Outcome::Written(stored)) = bench.finished(id).await else {
            panic!("not written");
        };
        let written = bench.script.written();
        assert_eq!(written, [(HOST.into(), "npm_value".to_owned())]);
        let caution = stored.caution.map(|caution| caution.to_string());
        let warned = caution.is_some_and(|caution| caution.contains("means other.example"));
        assert_eq!(warned, moves);
    }
}
