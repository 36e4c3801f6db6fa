//! Signing in by user name and password, and signing up.

use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Challenged, Error, Registry as _, Sent};

use crate::client::{client, nobody, noon, plain, setup_from, with_otp};
use crate::server::{Server, close, json, with};

/// `alice:pass "word" é` in base64.
const BASIC: &str = "Basic YWxpY2U6cGFzcyAid29yZCIgw6k=";
const DOCUMENT: &str = r#"{"_id":"org.couchdb.user:alice","_rev":"3-a/b","name":"alice","email":"a@x.io",
    "type":"user","roles":["staff"],"date":"2015-02-26T01:38:35.892Z","extra":{"a":1}}"#;
/// What Verdaccio 6.8 says to anybody, of any name.
const ANYBODY: &str = r#"{"ok":"you are authenticated as 'undefined'"}"#;
const TOKEN: &str = r#"{"ok":"you are authenticated as 'alice'","token":"npm_from-the-couch"}"#;

fn password() -> Secret<String> {
    Secret::from("pass \"word\" é")
}

async fn login(server: &Server) -> Result<Secret<String>, Error> {
    nobody(&server.url())
        .password_login(plain(), "alice", &password())
        .await
}

/// Nothing went out that makes an account where a name is not known.
fn assert_made_nothing(server: &Server) {
    let lines = server.lines();
    assert!(
        lines.iter().all(|line| line.starts_with("GET ")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_document_with_a_revision_shows_that_the_account_exists() {
    let server = Server::start([json(200, DOCUMENT), json(201, TOKEN)]).await;
    let token = login(&server).await.unwrap();
    assert_eq!(token.expose(), "npm_from-the-couch");
    assert_eq!(
        server.lines(),
        [
            "GET /-/user/org.couchdb.user:alice?write=true",
            "PUT /-/user/org.couchdb.user:alice/-rev/3-a%2Fb"
        ]
    );
    let seen = server.seen();
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(seen[1].header("authorization"), Some(BASIC));
    assert_eq!(seen[1].header("npm-command"), Some("login"));
    assert_eq!(
        seen[1].json(),
        serde_json::json!({
            "_id": "org.couchdb.user:alice",
            "_rev": "3-a/b",
            "name": "alice",
            "password": "pass \"word\" é",
            "email": "a@x.io",
            "type": "user",
            "roles": ["staff"],
            "date": "2026-11-22T12:00:00.000Z",
            "extra": {"a": 1}
        })
    );
}

#[tokio::test]
async fn else_the_registry_says_itself_whose_name_and_password_these_are() {
    let server = Server::start([
        json(200, ANYBODY),
        json(200, r#"{"username":"alice"}"#),
        json(201, TOKEN),
    ])
    .await;
    login(&server).await.unwrap();
    assert_eq!(
        server.lines(),
        [
            "GET /-/user/org.couchdb.user:alice?write=true",
            "GET /-/whoami",
            "PUT /-/user/org.couchdb.user:alice/-rev/undefined"
        ]
    );
    let seen = server.seen();
    assert_eq!(seen[1].header("authorization"), Some(BASIC));
    assert_eq!(seen[2].header("authorization"), Some(BASIC));
    assert_eq!(seen[2].json()["roles"], serde_json::json!([]));
}

#[tokio::test]
async fn a_sign_in_never_makes_an_account() {
    for (status, document) in [
        (404, r#"{"error":"Not found"}"#),
        (401, "{}"),
        (200, ANYBODY),
        (200, r#"{"ok":false}"#),
        (200, "<html>"),
        (200, r#"{"_rev":"1"}"#),
        // As an echo of the address, or of another account.
        (
            200,
            r#"{"name":"alice","email":"","ok":"you are authenticated"}"#,
        ),
        (
            200,
            r#"{"_id":"org.couchdb.user:al","_rev":"1","name":"al"}"#,
        ),
    ] {
        for (answer, offered) in [
            (json(200, "{}"), true),
            (json(200, r#"{"username":null}"#), true),
            (json(200, r#"{"username":"bob"}"#), true),
            (json(401, r#"{"error":"wrong"}"#), true),
            (json(403, r#"{"error":"unauthorized access"}"#), true),
            (json(404, ""), false),
            (json(405, ""), false),
            (json(501, ""), false),
        ] {
            let server = Server::start([json(status, document), answer]).await;
            let error = login(&server).await.unwrap_err();
            if offered {
                assert!(matches!(error, Error::Refused { .. }), "{error:?}");
                let failure = error.failure(&Text::new("registry.test"));
                assert!(!failure.what.as_str().contains("status 200"), "{failure}");
            } else {
                let Error::NotOffered { words } = &error else {
                    panic!("{error:?}")
                };
                assert!(words.as_str().contains("could make a new one"), "{words}");
            }
            assert!(!error.outcome_unknown(), "{error:?}");
            assert_eq!(server.seen().len(), 2);
            assert_made_nothing(&server);
        }
    }
    // Nor when the registry has a fault, or is not there.
    for steps in [
        vec![json(500, "")],
        vec![json(200, ANYBODY), json(500, "")],
        vec![json(200, ANYBODY), json(200, "<html>")],
        vec![close(), close(), close()],
        vec![json(200, ANYBODY), close(), close(), close()],
    ] {
        let server = Server::start(steps).await;
        let error = login(&server).await.unwrap_err();
        assert!(!error.outcome_unknown(), "{error:?}");
        assert_made_nothing(&server);
    }
}

#[tokio::test]
async fn a_registry_without_revisions_is_signed_in_to_once_the_account_is_shown() {
    for status in [404, 405, 501] {
        let server = Server::start([
            json(404, ""),
            json(200, r#"{"username":"alice"}"#),
            json(status, ""),
            json(200, TOKEN),
        ])
        .await;
        login(&server).await.unwrap();
        let seen = server.seen();
        assert_eq!(seen[3].line(), "PUT /-/user/org.couchdb.user:alice");
        assert_eq!(seen[3].header("authorization"), None);
        assert_eq!(seen[3].json().get("email"), None);
        assert_eq!(seen.len(), 4);
    }
    // Not there either.
    let server = Server::start([
        json(200, DOCUMENT),
        json(404, ""),
        json(404, r#"{"error":"no users here"}"#),
    ])
    .await;
    let error = login(&server).await.unwrap_err();
    assert!(matches!(error, Error::NotOffered { .. }), "{error:?}");
}

#[tokio::test]
async fn the_name_is_sent_as_the_registry_writes_it() {
    let server = Server::start([
        json(200, "{}"),
        json(200, r#"{"username":"alice"}"#),
        json(201, TOKEN),
    ])
    .await;
    nobody(&server.url())
        .password_login(plain(), "Alice", &password())
        .await
        .unwrap();
    let seen = server.seen();
    assert_eq!(
        seen[2].line(),
        "PUT /-/user/org.couchdb.user:alice/-rev/undefined"
    );
    assert_eq!(seen[2].header("authorization"), Some(BASIC));
    assert_eq!(seen[2].json()["name"], "alice");
}

#[tokio::test]
async fn names_are_escaped_and_impossible_ones_are_not_sent() {
    let server = Server::start([]).await;
    for (name, path) in [
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("../é", "..%2F%C3%A9"),
        ("a%2fb", "a%252fb"),
    ] {
        server.then(json(200, "{}"));
        server.then(json(200, "{}"));
        let error = nobody(&format!("{}npm/", server.url()))
            .password_login(plain(), name, &password())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        let lines = server.lines();
        let line = format!("GET /npm/-/user/org.couchdb.user:{path}?write=true");
        assert!(lines.contains(&line), "{lines:?}");
    }
    let before = server.raw();
    for name in ["", "a:b", ":"] {
        let client = nobody(&server.url());
        let errors = [
            client.password_login(plain(), name, &password()).await,
            client.sign_up(plain(), name, &password(), "a@x.io").await,
        ];
        for error in errors {
            assert!(matches!(error, Err(Error::Unsafe { .. })), "{error:?}");
        }
    }
    assert_eq!(server.raw(), before);
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_the_registrys_words() {
    let server = Server::start([
        json(200, DOCUMENT),
        with(
            401,
            &[("www-authenticate", "Basic")],
            r#"{"error":"The password is not right."}"#,
        ),
    ])
    .await;
    assert_eq!(
        login(&server).await.unwrap_err(),
        Error::Refused {
            status: 401,
            words: Text::new("The password is not right.")
        }
    );
    // A registry that names tokens alone takes no password at all, perhaps.
    let server = Server::start([
        json(200, r#"{"ok":false}"#),
        with(
            401,
            &[("www-authenticate", "Bearer")],
            r#"{"error":"bad username/password, access denied"}"#,
        ),
    ])
    .await;
    let Error::Refused { status: 401, words } = login(&server).await.unwrap_err() else {
        panic!("it is refused")
    };
    assert!(
        words.as_str().starts_with("bad username/password"),
        "{words}"
    );
    assert!(words.as_str().contains("on its website"), "{words}");
}

#[tokio::test]
async fn a_challenge_is_answered_on_the_request_that_signs_in_alone() {
    let challenge = || {
        with(
            401,
            &[("www-authenticate", "OTP")],
            r#"{"error":"one-time pass"}"#,
        )
    };
    let otp = Secret::from("123456");
    let server = Server::start([
        json(200, DOCUMENT),
        challenge(),
        json(200, DOCUMENT),
        challenge(),
        json(200, DOCUMENT),
        json(201, TOKEN),
    ])
    .await;
    let client = nobody(&server.url());
    for (call, refused) in [(plain(), false), (with_otp(&otp), true)] {
        let error = client.password_login(call, "alice", &password()).await;
        let Err(Error::Challenge(Challenged { refused: found, .. })) = error else {
            panic!("{error:?}")
        };
        assert_eq!(found, refused);
    }
    client
        .password_login(with_otp(&otp), "alice", &password())
        .await
        .unwrap();
    let codes: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| seen.header("npm-otp").is_some())
        .collect();
    assert_eq!(codes, [false, false, false, true, false, true]);
}

#[tokio::test]
async fn a_code_that_the_proof_took_is_not_asked_for_twice() {
    let challenge = || with(401, &[("www-authenticate", "OTP")], "{}");
    let server = Server::start([
        // Without a code; with the first, which the proof takes; with the second.
        json(200, "{}"),
        challenge(),
        json(200, "{}"),
        challenge(),
        json(200, r#"{"username":"alice"}"#),
        challenge(),
        json(200, "{}"),
        json(201, TOKEN),
    ])
    .await;
    let client = nobody(&server.url());
    let (first, second) = (Secret::from("111111"), Secret::from("222222"));
    for call in [plain(), with_otp(&first)] {
        let error = client.password_login(call, "alice", &password()).await;
        assert!(matches!(error, Err(Error::Challenge(_))), "{error:?}");
    }
    client
        .password_login(with_otp(&second), "alice", &password())
        .await
        .unwrap();
    assert_eq!(server.seen().len(), 8);
}

#[tokio::test]
async fn an_answer_that_signs_in_without_a_token_makes_no_sense() {
    for body in [
        "",
        "{}",
        "<html>",
        r#"{"ok":true,"token":""}"#,
        r#"{"token":7}"#,
    ] {
        let server = Server::start([json(200, DOCUMENT), json(201, body)]).await;
        let error = login(&server).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Malformed {
                    sent: Sent::Maybe,
                    ..
                }
            ),
            "{body}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_password_goes_nowhere_by_a_redirect_and_is_not_sent_twice() {
    let other = Server::start([]).await;
    let away = || with(307, &[("location", &other.url())], "");
    for steps in [
        vec![away()],
        vec![json(200, "{}"), away()],
        vec![json(200, DOCUMENT), away()],
        vec![json(200, DOCUMENT), close()],
        vec![json(200, DOCUMENT), json(502, "")],
    ] {
        let sent = steps.len();
        let server = Server::start(steps).await;
        let error = login(&server).await.unwrap_err();
        assert!(
            matches!(error, Error::Elsewhere { .. } | Error::Network { .. }),
            "{error:?}"
        );
        assert_eq!(server.seen().len(), sent);
    }
    for step in [away(), close()] {
        let server = Server::start([step]).await;
        let error = nobody(&server.url())
            .sign_up(plain(), "alice", &password(), "a@x.io")
            .await
            .unwrap_err();
        assert!(error.outcome_unknown(), "{error:?}");
        assert_eq!(server.seen().len(), 1);
    }
    assert!(other.raw().is_empty());
}

#[tokio::test]
async fn p22_a_password_is_not_sent_in_the_clear() {
    let client = HttpRegistry::new(setup_from("http://registry.test/", Vec::new())).unwrap();
    let errors = [
        client
            .password_login(plain(), "alice", &password())
            .await
            .unwrap_err(),
        client
            .sign_up(plain(), "alice", &password(), "a@x.io")
            .await
            .unwrap_err(),
        client.web_login(plain()).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Unsafe { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_new_account_is_made_and_signed_in_to() {
    let server = Server::start([json(201, r#"{"ok":true,"token":"npm_new"}"#)]).await;
    // A credential that is at hand has nothing to do with it.
    let token = client(&server)
        .sign_up(plain(), "new one", &password(), "n@x.io")
        .await
        .unwrap();
    assert_eq!(token.expose(), "npm_new");
    let seen = &server.seen()[0];
    assert_eq!(seen.line(), "PUT /-/user/org.couchdb.user:new%20one");
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("npm-command"), Some("adduser"));
    assert_eq!(
        seen.json(),
        serde_json::json!({
            "_id": "org.couchdb.user:new one",
            "name": "new one",
            "password": "pass \"word\" é",
            "email": "n@x.io",
            "type": "user",
            "roles": [],
            "date": noon().strftime("%FT%T.000Z").to_string(),
        })
    );
}

#[tokio::test]
async fn a_new_account_that_is_not_made_is_explained() {
    for (status, body, words) in [
        (
            409,
            r#"{"error":"username is already registered"}"#,
            "is taken",
        ),
        (409, "", "is taken"),
        (
            401,
            r#"{"error":"unauthorized access"}"#,
            "may exist already",
        ),
        (
            400,
            r#"{"error":"The provided password does not pass the validation"}"#,
            "does not pass",
        ),
        (422, r#"{"error":"bad mail"}"#, "bad mail"),
    ] {
        let server = Server::start([json(status, body)]).await;
        let error = nobody(&server.url())
            .sign_up(plain(), "alice", &password(), "a@x.io")
            .await
            .unwrap_err();
        let Error::Refused {
            status: found,
            words: said,
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(*found, status);
        assert!(said.as_str().contains(words), "{said}");
    }
    for (status, body) in [
        (403, r#"{"error":"Sign up on the website."}"#),
        (404, ""),
        (405, ""),
        (409, r#"{"error":"user registration disabled"}"#),
        (410, ""),
        (501, ""),
    ] {
        let server = Server::start([json(status, body)]).await;
        let error = nobody(&server.url())
            .sign_up(plain(), "alice", &password(), "a@x.io")
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::NotOffered { .. }),
            "{status}: {error:?}"
        );
    }
}
