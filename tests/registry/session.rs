//! A session from its adoption to its end, the password, and a new token.

use std::sync::Arc;

use ipnet::Ipv4Net;
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::identity::{CredentialKind, Held};
use npm_warden::domain::secret::Secret;
use npm_warden::domain::signin::Session;
use npm_warden::domain::text::Text;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::http::HttpRegistry;
use npm_warden::registry::{Error, Registry as _, Sent};

use crate::client::{TOKEN, client, nobody, plain, setup_from, with_otp};
use crate::server::{Server, Step, close, json, with};

const ALICE: &str = r#"{"username":"alice"}"#;
const PROFILE: &str = r#"{"tfa":null,"name":"alice","email":"a@x.io","fullname":"Al","homepage":"","twitter":null,
    "github":"gh","created":"2015-02-26T01:38:35.892Z"}"#;

fn session(registry: &HttpRegistry, token: &str) -> Session {
    Session {
        token: Arc::new(Secret::from(token)),
        registry: registry.identity().registry,
        name: Text::new("alice"),
    }
}

fn new(readonly: bool, cidr: &[&str]) -> NewToken {
    NewToken::classic(
        readonly,
        cidr.iter()
            .map(|range| range.parse::<Ipv4Net>().unwrap())
            .collect(),
        Secret::from("pass \"word\" é"),
    )
}

#[tokio::test]
async fn a_session_is_adopted_as_if_it_had_been_there_from_the_start() {
    let server = Server::start([json(200, ALICE), json(200, ALICE)]).await;
    for client in [nobody(&format!("{}npm/", server.url())), client(&server)] {
        let session = session(&client, "npm_adopted");
        client.adopt(&session);
        let held = client.token().unwrap();
        assert!(Arc::ptr_eq(&held, &session.token), "nothing is copied");
        let credential = client.identity().credential.unwrap();
        assert_eq!(credential.kind, CredentialKind::Token);
        assert_eq!(credential.held, Held::Session);
        client.whoami(plain()).await.unwrap();
        let seen = server.seen();
        let carried = seen.last().unwrap().header("authorization");
        assert_eq!(carried, Some("Bearer npm_adopted"));
        assert!(!format!("{client:?}").contains("adopted"));
    }
}

#[tokio::test]
async fn p21_a_session_of_another_registry_is_not_adopted() {
    let server = Server::start([]).await;
    let other = Server::start([json(200, ALICE)]).await;
    let foreign = session(&nobody(&server.url()), "npm_foreign");
    let client = client(&other);
    client.adopt(&foreign);
    client.whoami(plain()).await.unwrap();
    assert_eq!(client.token().unwrap().expose(), TOKEN);
    let carried = format!("Bearer {TOKEN}");
    assert_eq!(
        other.seen()[0].header("authorization"),
        Some(carried.as_str())
    );
    assert_eq!(
        client.identity().credential.unwrap().held,
        Held::Environment
    );
}

#[tokio::test]
async fn p21_an_adopted_session_stays_within_its_registry() {
    let server = Server::start([json(202, "")]).await;
    let client = nobody(&format!("{}npm/", server.url()));
    client.adopt(&session(&client, "npm_adopted"));
    let beside = format!("{}-/v1/done/1", server.url()).parse().unwrap();
    let done = npm_warden::registry::DoneUrl::new(beside);
    client.poll(plain(), &done).await.unwrap();
    assert_eq!(server.seen()[0].header("authorization"), None);
}

#[tokio::test]
async fn the_token_is_told_where_the_credential_is_one() {
    let server = Server::start([]).await;
    assert_eq!(client(&server).token().unwrap().expose(), TOKEN);
    assert!(nobody(&server.url()).token().is_none());
    let key = format!("npm_config_//127.0.0.1:{}/:_auth", server.port);
    let setup = setup_from(&server.url(), vec![(key, "YWxpY2U6cHc=".to_owned())]);
    let basic = HttpRegistry::new(setup).unwrap();
    assert!(basic.token().is_none());
    // It has no session to end.
    let error = basic.logout(plain()).await.unwrap_err();
    assert!(matches!(error, Error::NotOffered { .. }), "{error:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_logout_ends_the_token_in_use() {
    let legacy = "YWJj/ZGVm+Z2hp==";
    let server = Server::start([json(200, r#"{"ok":"Logged out"}"#), json(204, "")]).await;
    let client = nobody(&format!("{}npm/", server.url()));
    for (token, path) in [
        (legacy, "YWJj%2FZGVm%2BZ2hp%3D%3D"),
        ("npm_0123456789", "npm_0123456789"),
    ] {
        client.adopt(&session(&client, token));
        client.logout(plain()).await.unwrap();
        let seen = server.seen();
        let last = seen.last().unwrap();
        assert_eq!(last.line(), format!("DELETE /npm/-/user/token/{path}"));
        let carried = format!("Bearer {token}");
        assert_eq!(last.header("authorization"), Some(carried.as_str()));
        assert_eq!(last.header("npm-command"), Some("logout"));
    }
    let error = nobody(&server.url()).logout(plain()).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::SignedOut {
                anonymous: true,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn p01_p03_a_logout_names_its_token_nowhere() {
    let token = "Q2FuYXJ5/bG9n+b3V0==";
    let part = "Q2FuYXJ5%2FbG9n%2Bb3V0%3D%3D";
    let path = format!("/-/user/token/{part}");
    let other = Server::start([]).await;
    let there = format!("{path}/");
    let away = format!("{}{part}", other.url());
    let echo = format!(r#"{{"error":"Cannot DELETE {path}, {token}"}}"#);
    let moved = |to: &str| with(301, &[("location", to)], "");
    for step in [
        moved(&there),
        moved(&away),
        json(400, &echo),
        json(401, &echo),
        json(404, &echo),
        json(500, &echo),
        json(404, &format!("<title>No {path}</title>")),
        close(),
    ] {
        let server = Server::start([step]).await;
        let client = nobody(&server.url());
        client.adopt(&session(&client, token));
        let error = client.logout(plain()).await.unwrap_err();
        let failure = error.failure(&Text::new("registry.test"));
        for said in [format!("{error:?}"), failure.to_string()] {
            assert!(!said.contains("Q2FuYXJ5"), "{said}");
        }
        let mut lines = server.lines();
        lines.retain(|line| line.starts_with("DELETE "));
        assert_eq!(lines.len(), 1);
    }
    assert!(other.raw().is_empty());
    let log = crate::secrets::log();
    assert!(log.contains("/-/user/token/••••"), "it is logged");
    assert!(!log.contains("Q2FuYXJ5"));
}

#[tokio::test]
async fn the_end_of_a_token_that_is_dead_already_is_told_apart() {
    for steps in [
        vec![json(401, "{}")],
        // Verdaccio's word for a revoked token, on every request.
        vec![
            json(403, r#"{"error":"unauthorized access"}"#),
            json(403, r#"{"error":"unauthorized access"}"#),
        ],
    ] {
        let server = Server::start(steps).await;
        let error = client(&server).logout(plain()).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::SignedOut {
                    anonymous: false,
                    ..
                }
            ),
            "{error:?}"
        );
    }
    for status in [404, 405, 501] {
        let server = Server::start([json(status, "")]).await;
        let error = client(&server).logout(plain()).await.unwrap_err();
        assert!(matches!(error, Error::NotOffered { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_refused_write_is_the_credentials_only_when_the_registry_knows_nobody_by_it() {
    let unauthorized = || json(403, r#"{"error":"unauthorized access"}"#);
    let with_password = || json(403, r#"{"error":"bad username/password, access denied"}"#);
    for (answer, probe, signed_out) in [
        (unauthorized(), unauthorized(), true),
        (unauthorized(), json(200, "{}"), true),
        (unauthorized(), json(401, "{}"), true),
        // A token that may only read, or not from this address.
        (unauthorized(), json(200, ALICE), false),
        (unauthorized(), json(500, ""), false),
        (with_password(), with_password(), true),
        (with_password(), json(200, ALICE), false),
        (json(401, "{}"), json(401, "{}"), true),
        (json(401, "{}"), json(200, ALICE), false),
    ] {
        let server = Server::start([answer, probe]).await;
        let otp = Secret::from("123456");
        let error = client(&server)
            .revoke(with_otp(&otp), &TokenKey::new("k"))
            .await
            .unwrap_err();
        if signed_out {
            assert!(
                matches!(
                    error,
                    Error::SignedOut {
                        anonymous: false,
                        ..
                    }
                ),
                "{error:?}"
            );
        } else {
            assert!(
                matches!(
                    error,
                    Error::Refused {
                        status: 401 | 403,
                        ..
                    }
                ),
                "{error:?}"
            );
        }
        let seen = server.seen();
        assert_eq!(seen[1].line(), "GET /-/whoami");
        assert_eq!(seen[1].header("npm-otp"), None);
    }
    // What only reads has no password in it that could be meant.
    let server = Server::start([with_password()]).await;
    let error = client(&server).profile(plain()).await.unwrap_err();
    assert!(matches!(error, Error::SignedOut { .. }), "{error:?}");
    // Words that leave nothing open need no second question.
    let server = Server::start([json(403, r#"{"error":"Please enable 2fa"}"#)]).await;
    let error = client(&server)
        .revoke(plain(), &TokenKey::new("k"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Refused { status: 403, .. }));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn p34_a_new_password_harms_no_field() {
    let server = Server::start([json(200, PROFILE), json(200, PROFILE)]).await;
    let otp = Secret::from("123456");
    client(&server)
        .change_password(
            with_otp(&otp),
            &Secret::from("old \"one\""),
            &Secret::from("new é"),
        )
        .await
        .unwrap();
    assert_eq!(
        server.lines(),
        ["GET /-/npm/v1/user", "POST /-/npm/v1/user"]
    );
    let seen = server.seen();
    assert_eq!(seen[0].header("npm-otp"), None, "the change needs it");
    assert_eq!(seen[1].header("npm-otp"), Some("123456"));
    assert_eq!(
        seen[1].json(),
        serde_json::json!({
            "email": "a@x.io",
            "fullname": "Al",
            "homepage": null,
            "twitter": null,
            "github": "gh",
            "password": {"old": "old \"one\"", "new": "new é"}
        })
    );
}

/// What the second request of a change of the password, and what follows, lead to.
async fn change(steps: impl IntoIterator<Item = Step>) -> (Result<(), Error>, usize) {
    let server = Server::start([json(200, PROFILE)]).await;
    for step in steps {
        server.then(step);
    }
    let changed = client(&server)
        .change_password(
            plain(),
            &Secret::from("canary-old"),
            &Secret::from("canary-new"),
        )
        .await;
    assert!(!format!("{changed:?}").contains("canary"), "{changed:?}");
    (changed, server.seen().len())
}

#[tokio::test]
async fn a_changed_password_needs_no_good_words() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"name";
    for step in [
        json(200, "{}"),
        json(200, ""),
        json(204, ""),
        Step::Bytes(half.into()),
    ] {
        assert_eq!(change([step]).await.0, Ok(()));
    }
    let (error, _) = change([json(200, "<html>welcome</html>")]).await;
    assert!(error.unwrap_err().outcome_unknown());
}

#[tokio::test]
async fn a_password_that_is_not_changed_is_explained() {
    let refused = |status, words: &str| Error::Refused {
        status,
        words: Text::new(words),
    };
    // Verdaccio 9, and Verdaccio 6 of a new one that is too short.
    let wrong = "Unable to change password for user 'alice': invalid old password";
    let (error, _) = change([json(403, &format!(r#"{{"error":"{wrong}"}}"#))]).await;
    assert_eq!(error, Err(refused(403, wrong)));
    let short = "The provided password does not pass the validation";
    let (error, asked) = change([
        json(401, &format!(r#"{{"error":"{short}"}}"#)),
        json(200, ALICE),
    ])
    .await;
    assert_eq!((error, asked), (Err(refused(401, short)), 3));
    // The credential ended meanwhile.
    let (error, _) = change([json(401, "{}"), json(401, "{}")]).await;
    assert!(
        matches!(
            error,
            Err(Error::SignedOut {
                anonymous: false,
                ..
            })
        ),
        "{error:?}"
    );
    // A wrong old password ends the process of Verdaccio 6.
    let (error, asked) = change([close()]).await;
    assert!(
        matches!(
            error,
            Err(Error::Network {
                sent: Sent::Maybe,
                ..
            })
        ),
        "{error:?}"
    );
    assert_eq!(asked, 2, "it is not sent twice");
    for status in [500, 502, 503, 504] {
        let (error, _) = change([json(status, r#"{"error":"canary-old canary-new"}"#)]).await;
        assert!(error.unwrap_err().outcome_unknown(), "{status}");
    }
    for status in [404, 405, 501] {
        let (error, _) = change([json(status, "")]).await;
        assert!(matches!(error, Err(Error::NotOffered { .. })), "{error:?}");
    }
    let challenge = with(401, &[("www-authenticate", "OTP")], "{}");
    let (error, _) = change([challenge]).await;
    assert!(matches!(error, Err(Error::Challenge(_))), "{error:?}");
}

#[tokio::test]
async fn before_anything_is_sent_a_password_is_surely_not_changed() {
    for step in [json(500, ""), json(401, "{}"), close()] {
        let server = Server::start([step]).await;
        let error = client(&server)
            .change_password(plain(), &Secret::from("a"), &Secret::from("b"))
            .await
            .unwrap_err();
        let posted = server.lines().iter().any(|line| line.starts_with("POST"));
        assert!(!error.outcome_unknown() && !posted, "{error:?}");
    }
}

#[tokio::test]
async fn a_token_is_made_and_its_value_is_had_once() {
    let old = r#"{"token":"ZWNjNDZjZGIyYzE4OTY3NmNm==","user":"alice","key":"14bd","cidr":["127.0.0.1/32"],
        "readonly":true,"created":"2026-11-22T07:06:06.094Z","cidr_whitelist":[]}"#;
    let granular = r#"{"key":"0f8fad5b-d9cb-469f-a165-70867728950e","token":"npm_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789",
        "name":"ci","description":null,"readonly":false,"bypass_2fa":true,"cidr_whitelist":null,"cidr":[],
        "expiry":"2026-12-22T00:00:00.000Z","permissions":[{"name":"package","action":"write"}],
        "scopes":[{"type":"package","name":"a"}]}"#;
    let server = Server::start([json(200, old), json(201, granular)]).await;
    let client = client(&server);
    let otp = Secret::from("123456");
    let (token, value) = client
        .create_token(with_otp(&otp), &new(true, &["127.0.0.1/32", "10.0.0.0/8"]))
        .await
        .unwrap();
    assert_eq!(value.expose(), "ZWNjNDZjZGIyYzE4OTY3NmNm==");
    assert_eq!(token.key, TokenKey::new("14bd"));
    assert_eq!(token.begins.as_str(), "ZWNj");
    assert!(token.readonly && *token.cidr == [Text::new("127.0.0.1/32")]);
    let seen = &server.seen()[0];
    assert_eq!(seen.line(), "POST /-/npm/v1/tokens");
    assert_eq!(seen.header("npm-command"), Some("token"));
    assert_eq!(seen.header("npm-otp"), Some("123456"));
    assert_eq!(
        seen.json(),
        serde_json::json!({
            "password": "pass \"word\" é",
            "readonly": true,
            "cidr_whitelist": ["127.0.0.1/32", "10.0.0.0/8"]
        })
    );
    let (token, value) = client
        .create_token(plain(), &new(false, &[]))
        .await
        .unwrap();
    assert!(value.expose().ends_with("0123456789"));
    assert_eq!(token.begins.as_str(), "npm_aBcD");
    assert_eq!(token.name, Some(Text::new("ci")));
    assert!(token.bypass_2fa && token.expires.is_some() && token.scopes.len() == 1);
    assert!(!format!("{token:?} {value:?}").contains("eFgH"));
    let body = server.seen()[1].json();
    assert_eq!(body["cidr_whitelist"], serde_json::json!([]));
}

#[tokio::test]
async fn the_value_of_a_token_is_kept_whatever_stands_around_it() {
    for (body, key) in [
        (r#"{"token":"npm_only-this"}"#, ""),
        (
            r#"{"token":"npm_only-this","key":7,"created":[],"cidr":"x"}"#,
            "",
        ),
        (
            r#"{"key":"k","token":"npm_only-this","readonly":"no"}"#,
            "k",
        ),
    ] {
        let server = Server::start([json(201, body)]).await;
        let (token, value) = client(&server)
            .create_token(plain(), &new(false, &[]))
            .await
            .unwrap();
        assert_eq!(value.expose(), "npm_only-this");
        assert_eq!(token.key, TokenKey::new(key));
        assert_eq!(
            token.begins,
            Text::default(),
            "of a short one nothing is shown"
        );
    }
}

#[tokio::test]
async fn whether_a_token_was_made_is_unknown_after_a_lost_answer() {
    let half = "HTTP/1.1 201 Made\r\ncontent-length: 90\r\n\r\n{\"token\":\"npm_canary";
    let moved = with(303, &[("location", "/-/npm/v1/tokens/1")], "");
    for step in [
        close(),
        Step::Bytes(half.into()),
        moved,
        json(200, ""),
        json(200, "{}"),
        json(200, "[]"),
        json(200, "<html>"),
        json(201, r#"{"token":"","key":"k"}"#),
        json(201, r#"{"token":"npm_canary"#),
        json(500, ""),
        json(502, ""),
        json(503, ""),
        json(504, ""),
        json(599, ""),
    ] {
        let server = Server::start([step]).await;
        let error = client(&server)
            .create_token(plain(), &new(false, &[]))
            .await
            .unwrap_err();
        assert!(error.outcome_unknown(), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        assert_eq!(server.seen().len(), 1, "it is not sent twice");
    }
}

#[tokio::test]
async fn a_token_that_is_not_made_is_explained() {
    let made = async |steps: Vec<Step>| {
        let server = Server::start(steps).await;
        client(&server)
            .create_token(plain(), &new(false, &[]))
            .await
            .unwrap_err()
    };
    // Verdaccio says the same to a wrong password and to a credential that it does not know.
    let denied = || json(401, r#"{"error":"bad username/password, access denied"}"#);
    let error = made(vec![denied(), json(200, ALICE)]).await;
    assert!(
        matches!(error, Error::Refused { status: 401, .. }),
        "{error:?}"
    );
    let error = made(vec![denied(), json(200, "{}")]).await;
    assert!(
        matches!(
            error,
            Error::SignedOut {
                anonymous: false,
                ..
            }
        ),
        "{error:?}"
    );
    let words = "Token name is required";
    let error = made(vec![json(400, &format!(r#"{{"error":"{words}"}}"#))]).await;
    assert_eq!(
        error,
        Error::Refused {
            status: 400,
            words: Text::new(words)
        }
    );
    for status in [404, 405, 501] {
        let error = made(vec![json(status, "")]).await;
        assert!(matches!(error, Error::NotOffered { .. }), "{error:?}");
    }
    let challenge = with(401, &[("www-authenticate", "OTP")], "{}");
    let error = made(vec![challenge]).await;
    assert!(matches!(error, Error::Challenge(_)), "{error:?}");
}

#[tokio::test]
async fn a_granular_token_is_asked_for_in_the_words_of_npm() {
    use npm_warden::domain::granular::{Granular, NewToken, Permission, Spec};
    let answer = r#"{"key":"k","token":"npm_only-this-one-00000000000000","name":"ci"}"#;
    let server = Server::start([json(201, answer), json(201, answer)]).await;
    let client = client(&server);
    let full = Granular {
        name: " ci ".to_owned(),
        description: "for the build".to_owned(),
        packages: vec!["left-pad".to_owned()],
        scopes: vec!["@acme".to_owned()],
        packages_permission: Permission::StageOnly,
        orgs: vec!["acme".to_owned()],
        orgs_permission: Permission::ReadOnly,
        days: Some(30),
        cidr: vec!["10.0.0.0/8".parse().unwrap()],
        bypass_2fa: true,
        ..Granular::default()
    };
    let least = Granular {
        name: "ci".to_owned(),
        all_packages: true,
        days: None,
        ..Granular::least()
    };
    for form in [full, least] {
        let new = NewToken {
            spec: Spec::Granular(Box::new(form)),
            password: "hunter22".into(),
            note: "on this machine only".to_owned(),
        };
        client.create_token(plain(), &new).await.unwrap();
    }
    let bodies: Vec<_> = server
        .seen()
        .iter()
        .map(super::server::Seen::json)
        .collect();
    assert_eq!(
        bodies[0],
        serde_json::json!({
            "name": "ci", "password": "hunter22",
            "description": "for the build", "token_description": "for the build",
            "packages": ["left-pad"], "scopes": ["@acme"], "orgs": ["acme"],
            "packages_and_scopes_permission": "read-write-stage-only", "orgs_permission": "read-only",
            "expires": 30, "cidr_whitelist": ["10.0.0.0/8"], "cidr": ["10.0.0.0/8"], "bypass_2fa": true,
        })
    );
    assert_eq!(
        bodies[1],
        serde_json::json!({
            "name": "ci", "password": "hunter22", "packages_all": true,
            "packages_and_scopes_permission": "read-only", "orgs_permission": "no-access",
            // Who makes a token of the old kind of it makes one that may not write.
            "readonly": true,
        })
    );
}
