use npm_warden::domain::account::ProfileField;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::registry::{Error, Registry as _, Sent};

use crate::client::{TOKEN, client, plain, setup, setup_from, with_otp};
use crate::server::{Server, json, with};

const PROFILE: &str = r#"{"tfa":{"mode":"auth-only","pending":false},"name":"alice","email":"a@x.io",
    "email_verified":true,"created":"2015-02-26T01:38:35.892Z","updated":"2017-10-02T21:29:45.922Z",
    "cidr_whitelist":null,"fullname":"Al","homepage":"","freenode":"","twitter":null,"github":"gh"}"#;

#[tokio::test]
async fn whoami_sends_what_npm_sends_and_reads_the_name() {
    let server = Server::start([json(200, r#"{"username":"alice"}"#)]).await;
    let name = client(&server).whoami(plain()).await.unwrap();
    assert_eq!(name.as_str(), "alice");
    let seen = &server.seen()[0];
    assert_eq!(seen.line(), "GET /-/whoami");
    assert_eq!(
        seen.header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert_eq!(seen.header("npm-auth-type"), Some("web"));
    assert_eq!(seen.header("npm-command"), Some("whoami"));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.header("accept-encoding"), None);
    assert_eq!(seen.header("npm-otp"), None);
    assert!(
        seen.header("user-agent")
            .unwrap()
            .starts_with("npm-warden/")
    );
}

#[tokio::test]
async fn a_user_name_and_password_are_sent_as_basic() {
    let server = Server::start([json(200, r#"{"username":"alice"}"#)]).await;
    let key = format!("npm_config_//127.0.0.1:{}/:_auth", server.port);
    let setup = setup_from(&server.url(), vec![(key, "YWxpY2U6cHc=".to_owned())]);
    let client = npm_warden::registry::http::HttpRegistry::new(setup).unwrap();
    client.whoami(plain()).await.unwrap();
    assert_eq!(
        server.seen()[0].header("authorization"),
        Some("Basic YWxpY2U6cHc=")
    );
}

#[tokio::test]
async fn an_answer_without_a_name_means_signed_out() {
    for body in [
        "{}",
        r#"{"username":""}"#,
        r#"{"username":null}"#,
        r#"{"username":7}"#,
    ] {
        let server = Server::start([json(200, body)]).await;
        let error = client(&server).whoami(plain()).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::SignedOut {
                    anonymous: false,
                    ..
                }
            ),
            "{body}: {error:?}"
        );
    }
}

#[tokio::test]
async fn without_a_credential_nothing_is_sent() {
    let server = Server::start([]).await;
    let client =
        npm_warden::registry::http::HttpRegistry::new(setup_from(&server.url(), vec![])).unwrap();
    let error = client.whoami(plain()).await.unwrap_err();
    assert!(matches!(
        error,
        Error::SignedOut {
            anonymous: true,
            ..
        }
    ));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn the_profile_is_read_whole() {
    let server = Server::start([json(200, PROFILE)]).await;
    let profile = client(&server).profile(plain()).await.unwrap();
    assert_eq!(server.lines(), ["GET /-/npm/v1/user"]);
    assert_eq!(profile.name.as_str(), "alice");
    assert_eq!(profile.email_verified, Some(true));
    assert_eq!(profile.tfa, Tfa::On(Level::AuthOnly));
    assert_eq!(profile.field(ProfileField::Github), Some(&Text::new("gh")));
    assert_eq!(profile.field(ProfileField::Homepage), None);
    assert_eq!(
        profile.created.unwrap().to_string(),
        "2015-02-26T01:38:35.892Z"
    );
    assert_eq!(
        profile.other,
        [(Text::new("cidr_whitelist"), Text::default())]
    );
}

#[tokio::test]
async fn a_verdaccio_profile_is_read() {
    let body = r#"{"tfa":false,"name":"alice","email":"","email_verified":false,"created":"","updated":"","cidr_whitelist":null,"fullname":""}"#;
    let server = Server::start([json(200, body)]).await;
    let profile = client(&server).profile(plain()).await.unwrap();
    assert_eq!((profile.tfa, profile.created), (Tfa::Off, None));
}

#[tokio::test]
async fn p26_the_registrys_text_is_cleaned() {
    let body = r#"{"name":"al\u001b]0;owned\u0007ice","fullname":"x\u202ey\u200b\u009b2Jz","odd\u0000key":["\u001b[1mb"]}"#;
    let server = Server::start([json(200, body)]).await;
    let profile = client(&server).profile(plain()).await.unwrap();
    assert_eq!(profile.name.as_str(), "alice");
    assert_eq!(
        profile.field(ProfileField::Fullname).unwrap().as_str(),
        "xyz"
    );
    assert_eq!(profile.other, [(Text::new("oddkey"), Text::new("b"))]);
}

#[tokio::test]
async fn a_profile_without_a_name_makes_no_sense() {
    let server = Server::start([json(200, r#"{"tfa":null}"#)]).await;
    let error = client(&server).profile(plain()).await.unwrap_err();
    assert!(
        matches!(error, Error::Malformed { sent: Sent::No, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn p34_a_save_reads_merges_and_writes_every_field() {
    let server = Server::start([json(200, PROFILE), json(200, PROFILE)]).await;
    let otp = Secret::from("123456");
    let client = client(&server);
    let before = Text::new("Al");
    let saved = client
        .save_field(
            with_otp(&otp),
            ProfileField::Fullname,
            Some(&before),
            "Ally B",
        )
        .await
        .unwrap();
    assert_eq!(saved.name.as_str(), "alice");
    assert_eq!(
        server.lines(),
        ["GET /-/npm/v1/user", "POST /-/npm/v1/user"]
    );
    let seen = server.seen();
    assert_eq!(
        seen[0].header("npm-otp"),
        None,
        "a code is for the write alone"
    );
    assert_eq!(seen[1].header("npm-otp"), Some("123456"));
    assert_eq!(seen[1].header("content-type"), Some("application/json"));
    assert_eq!(
        seen[1].json(),
        serde_json::json!({"email":"a@x.io","fullname":"Ally B","homepage":null,"freenode":null,"twitter":null,"github":"gh"})
    );
}

#[tokio::test]
async fn p34_a_field_that_changed_meanwhile_is_not_written() {
    let server = Server::start([json(200, PROFILE), json(200, PROFILE)]).await;
    let client = client(&server);
    let before = Text::new("Alice");
    let error = client
        .save_field(plain(), ProfileField::Fullname, Some(&before), "x")
        .await
        .unwrap_err();
    assert_eq!(
        error,
        Error::Changed {
            now: Some(Text::new("Al"))
        }
    );
    let error = client
        .save_field(plain(), ProfileField::Homepage, Some(&before), "x")
        .await
        .unwrap_err();
    assert_eq!(error, Error::Changed { now: None });
    assert_eq!(server.lines(), ["GET /-/npm/v1/user"; 2]);
}

#[tokio::test]
async fn an_empty_field_may_have_been_seen_as_nothing_or_as_empty() {
    let empty = Text::default();
    for before in [None, Some(&empty)] {
        let server = Server::start([json(200, PROFILE), json(200, PROFILE)]).await;
        let client = client(&server);
        let saved = client
            .save_field(plain(), ProfileField::Homepage, before, "https://x.io")
            .await;
        assert!(saved.is_ok());
        assert_eq!(server.seen()[1].json()["homepage"], "https://x.io");
    }
}

#[tokio::test]
async fn an_accepted_save_whose_answer_says_nothing_is_read_back() {
    for said in ["{}", "", "<html>", r#"{"ok":true}"#] {
        let server = Server::start([json(200, PROFILE), json(200, said), json(200, PROFILE)]).await;
        let saved = client(&server)
            .save_field(plain(), ProfileField::Github, Some(&Text::new("gh")), "")
            .await
            .unwrap();
        assert_eq!(saved.name.as_str(), "alice", "{said}");
        assert_eq!(server.seen().len(), 3);
    }
    let server = Server::start([json(200, PROFILE), json(200, "{"), json(500, "")]).await;
    let error = client(&server)
        .save_field(plain(), ProfileField::Github, Some(&Text::new("gh")), "")
        .await
        .unwrap_err();
    assert!(error.outcome_unknown(), "{error:?}");
}

#[tokio::test]
async fn a_save_that_the_registry_cannot_do_says_so() {
    let fault = json(500, r#"{"error":"profile unexpected error"}"#);
    let server = Server::start([json(200, PROFILE), fault]).await;
    let error = client(&server)
        .save_field(plain(), ProfileField::Github, Some(&Text::new("gh")), "x")
        .await
        .unwrap_err();
    assert_eq!(
        error,
        Error::NotOffered {
            words: Text::new("profile unexpected error")
        }
    );
    assert_eq!(server.seen().len(), 2, "a write is not tried again");
}

#[tokio::test]
async fn a_read_that_is_guarded_too_gets_the_code_as_well() {
    let challenge = || with(401, &[("www-authenticate", "OTP")], "");
    let server = Server::start([challenge(), json(200, PROFILE), json(200, PROFILE)]).await;
    let otp = Secret::from("123456");
    let gh = Text::new("gh");
    let client = client(&server);
    let saved = client
        .save_field(with_otp(&otp), ProfileField::Github, Some(&gh), "x")
        .await;
    assert!(saved.is_ok());
    let codes: Vec<bool> = server
        .seen()
        .iter()
        .map(|seen| seen.header("npm-otp").is_some())
        .collect();
    assert_eq!(codes, [false, true, true]);
}

#[tokio::test]
async fn a_registry_below_a_path_is_spoken_to_there() {
    let server = Server::start([json(200, r#"{"username":"alice"}"#)]).await;
    let url = format!("{}npm/team%20x", server.url());
    let client = npm_warden::registry::http::HttpRegistry::new(setup(&format!("{url}/"))).unwrap();
    client.whoami(plain()).await.unwrap();
    assert_eq!(server.lines(), ["GET /npm/team%20x/-/whoami"]);
}
