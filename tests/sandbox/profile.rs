//! The profile and the password.

use serde_json::{Value, json};

use crate::site::{Site, USER};

/// What npm sends when it changes one field.
fn whole() -> Value {
    json!({"email": "tess.marlow@mail.example", "fullname": "Tess Marlow",
        "homepage": "https://tess-marlow.example", "freenode": "tessm", "twitter": "tess_marlow",
        "github": "tess-marlow"})
}

#[tokio::test]
async fn the_seeded_profile_is_filled_in() {
    let site = Site::new().await;
    let profile = site.profile().await;
    for (key, value) in whole().as_object().unwrap() {
        assert_eq!(&profile[key], value);
    }
    assert_eq!(profile["tfa"], Value::Null);
    assert_eq!(profile["name"], site.name());
    assert_eq!(profile["email_verified"], true);
    assert_eq!(profile["cidr_whitelist"], Value::Null);
    for key in ["created", "updated"] {
        let time = profile[key].as_str().unwrap();
        assert!(time.parse::<jiff::Timestamp>().unwrap() < site.hand.now());
    }
    site.get(USER).anonymous().send().await.refused(401);
}

#[tokio::test]
async fn p34_a_change_replaces_all_fields_and_what_is_not_sent_is_cleared() {
    let site = Site::new().await;
    let mut body = whole();
    body["fullname"] = json!("Tess M. Marlow");
    let answer = site.post(USER, body.clone()).send().await.is(200).json();
    assert_eq!(answer["fullname"], "Tess M. Marlow");
    assert_eq!(answer["github"], "tess-marlow");
    assert_eq!(
        answer["email_verified"], true,
        "the same address stays verified"
    );
    assert_eq!(answer, site.profile().await);

    body["twitter"] = json!("");
    body["homepage"] = Value::Null;
    let answer = site.post(USER, body).send().await.is(200).json();
    assert_eq!(
        (&answer["twitter"], &answer["homepage"]),
        (&Value::Null, &Value::Null)
    );

    let answer = site
        .post(USER, json!({"github": "tm"}))
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(answer["github"], "tm");
    assert_eq!(answer["fullname"], Value::Null, "not sent, hence cleared");
    assert_eq!(
        answer["email"], "tess.marlow@mail.example",
        "an account is never without"
    );
}

#[tokio::test]
async fn a_new_address_has_to_be_verified_again() {
    let site = Site::new().await;
    let mut body = whole();
    body["email"] = json!("tess@post.example");
    let answer = site.post(USER, body).send().await.is(200).json();
    assert_eq!(answer["email"], "tess@post.example");
    assert_eq!(answer["email_verified"], false);
    for bad in [
        json!("tess"),
        json!("@a.b"),
        json!("a@b"),
        json!("a@.b"),
        Value::Null,
        json!(""),
    ] {
        site.post(USER, json!({"email": bad}))
            .send()
            .await
            .refused(400);
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let site = Site::new().await;
    let before = site.profile().await;
    for (body, status) in [
        ("{", 400),
        ("", 400),
        ("[]", 422),
        ("\"text\"", 422),
        (r#"{"fullname": 7}"#, 422),
        (r#"{"fullname": ["x"]}"#, 422),
        (r#"{"email": {}}"#, 422),
        (r#"{"password": "new"}"#, 422),
        (r#"{"password": {"old": 1, "new": "x"}}"#, 422),
        (r#"{"cidr_whitelist": "10.0.0.0/8"}"#, 422),
        (r#"{"cidr_whitelist": ["10.0.0.0/99"]}"#, 400),
        (r#"{"cidr_whitelist": ["10.0.0.0/8"]}"#, 400),
        (r#"{"tfa": true}"#, 422),
        (r#"{"tfa": null}"#, 422),
        (r#"{"tfa": []}"#, 422),
        (r#"{"tfa": [123456]}"#, 422),
        (r#"{"tfa": {"mode": "auth-only"}}"#, 401),
        (r#"{"tfa": {"password": "x"}}"#, 422),
        (r#"{"tfa": {"mode": "sms", "password": "x"}}"#, 422),
        (r#"{"tfa": ["123456"], "fullname": "x"}"#, 422),
    ] {
        site.ask("POST", USER)
            .text(body)
            .send()
            .await
            .refused(status);
    }
    let long = json!({"fullname": "x".repeat(501)});
    site.post(USER, long).send().await.refused(422);
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    site.ask("POST", USER).text(&deep).send().await.refused(400);
    assert_eq!(site.profile().await, before);
}

#[tokio::test]
async fn a_refusal_quotes_nothing_of_the_body() {
    let site = Site::new().await;
    for body in [
        r#"{"password": "canary-value""#,
        r#"{"password": "canary-value"}"#,
        r#"{"tfa": "canary-value"}"#,
        r#"{"tfa": {"mode": "canary-value", "password": "canary-value"}}"#,
        r#"{"tfa": ["canary-value"]}"#,
        r#"{"email": "canary-value"}"#,
        r#"{"cidr_whitelist": ["canary-value"]}"#,
    ] {
        let answer = site.ask("POST", USER).text(body).send().await;
        assert!(
            answer.status >= 400 && !answer.text.contains("canary"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn an_account_can_be_bound_to_address_ranges() {
    let site = Site::new().await;
    let mut body = whole();
    body["cidr_whitelist"] = json!(["127.0.0.0/8"]);
    let answer = site.post(USER, body).send().await.is(200).json();
    assert_eq!(answer["cidr_whitelist"], json!(["127.0.0.0/8"]));
    let answer = site.post(USER, whole()).send().await.is(200).json();
    assert_eq!(
        answer["cidr_whitelist"],
        json!(["127.0.0.0/8"]),
        "not one of the replaced fields"
    );
    let answer = site
        .post(USER, json!({"cidr_whitelist": null}))
        .send()
        .await
        .json();
    assert_eq!(answer["cidr_whitelist"], Value::Null);
}

fn change(old: &str, new: &str) -> Value {
    let mut body = whole();
    body["password"] = json!({"old": old, "new": new});
    body
}

#[tokio::test]
async fn p33_a_password_change_keeps_the_tokens() {
    let site = Site::new().await;
    let old = site.password();
    let answer = site.post(USER, change(old, "a-quite-new-one")).send().await;
    assert_eq!(answer.is(200).json().get("password"), None);
    site.get("/-/whoami").send().await.is(200);
    site.get("/-/whoami")
        .basic(site.name(), old)
        .send()
        .await
        .refused(401);
    site.get("/-/whoami")
        .basic(site.name(), "a-quite-new-one")
        .send()
        .await
        .is(200);
}

#[tokio::test]
async fn a_password_has_rules() {
    let site = Site::new().await;
    let old = site.password();
    for new in ["", "ten-chars.", "my-Tess-Marlow-1", old] {
        site.post(USER, change(old, new)).send().await.refused(400);
    }
    site.post(USER, json!({"password": {"old": old}}))
        .send()
        .await
        .refused(422);
    for body in [
        change("wrong", "a-quite-new-one"),
        json!({"password": {"new": "a-quite-new-one"}}),
    ] {
        let answer = site.post(USER, body).send().await;
        answer.refused(401);
        assert_eq!(answer.header("www-authenticate"), Some("Basic"));
    }
    site.get("/-/whoami")
        .basic(site.name(), old)
        .send()
        .await
        .is(200);
}

#[tokio::test]
async fn both_levels_guard_profile_and_password() {
    for level in ["auth-only", "auth-and-writes"] {
        let site = Site::new().await;
        let (key, _) = site.enable(level).await;
        let change = change(site.password(), "a-quite-new-one");
        for body in [whole(), change] {
            site.post(USER, body.clone()).send().await.challenged();
            let granted = site.post(USER, body).otp(&site.code(&key)).send().await;
            granted.is(200);
        }
        site.get(USER).send().await.is(200);
        site.get(USER).otp("000000").send().await.is(200);
    }
}
