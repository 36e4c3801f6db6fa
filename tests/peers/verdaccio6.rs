//! Verdaccio 6.8 as it is: what this program is held against, and the odd answers that it has to see through.

use serde_json::{Value, json};

use crate::verdaccio::{Verdaccio, Version, basic};

const TOKENS: &str = "-/npm/v1/tokens";
const PROFILE: &str = "-/npm/v1/user";

#[test]
fn it_has_no_web_login_and_no_second_factor() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let reply = verdaccio.ask("POST", "-/v1/login", &[], Some(&json!({})));
    assert_eq!(reply.status, 404);
    assert!(reply.header("content-type").starts_with("text/html"));

    let token = verdaccio.sign_up("no-factor", "a-password");
    let profile = verdaccio.get(PROFILE, &token);
    assert_eq!(profile.status, 200);
    assert_eq!(profile.json()["tfa"], false);
    assert_eq!(profile.json()["name"], "no-factor");
    let body = json!({"tfa": {"mode": "auth-only", "password": "a-password"}});
    let reply = verdaccio.with(&token, "POST", PROFILE, Some(&body));
    assert_eq!(reply.status, 503);
}

#[test]
fn it_makes_an_account_for_any_name_that_signs_in() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    verdaccio.sign_up("the-right-name", "a-password");
    // Mistyped.
    let reply = verdaccio.put_user("the-wrong-name", "a-password", None);
    assert_eq!(reply.status, 201);
    // npm's second way, with name and password as the credential, makes one as well.
    let reply = verdaccio.put_user("the-right-name", "a-password", None);
    assert_eq!(reply.status, 409);
    let with = basic("the-right-name", "a-password");
    let reply = verdaccio.put_user("the-right-name", "a-password", Some(&with));
    assert_eq!(reply.status, 201);
    assert!(reply.json()["token"].is_string());
    let nobody = basic("nobody-at-all", "a-password");
    let reply = verdaccio.put_user("nobody-at-all", "a-password", Some(&nobody));
    assert_eq!(reply.status, 201);
    // Asking who that is makes none: so it can be told beforehand whether there is an account.
    for (name, password, is) in [
        ("the-right-name", "a-password", json!("the-right-name")),
        ("the-right-name", "not-its-password", Value::Null),
        ("nobody-yet", "a-password", Value::Null),
        ("nobody-yet", "a-password", Value::Null),
    ] {
        let headers = [("authorization", &*basic(name, password))];
        let who = verdaccio.ask("GET", "-/whoami", &headers, None);
        assert_eq!((who.status, &who.json()["username"]), (200, &is));
    }
}

#[test]
fn its_sign_out_revokes_nothing_and_its_whoami_never_refuses() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let token = verdaccio.sign_up("stays-in", "a-password");
    let path = format!("-/user/token/{token}");
    assert_eq!(verdaccio.with(&token, "DELETE", &path, None).status, 200);
    let who = verdaccio.get("-/whoami", &token);
    assert_eq!(who.json()["username"], "stays-in");
    let who = verdaccio.get("-/whoami", "not-a-token");
    assert_eq!((who.status, who.json()), (200, json!({})));
}

#[test]
fn its_tokens_are_made_listed_and_refused_after_they_were_revoked() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let session = verdaccio.sign_up("tokens", "a-password");
    let body = json!({"password": "a-password", "readonly": true, "cidr_whitelist": []});
    let made = verdaccio.with(&session, "POST", TOKENS, Some(&body));
    assert_eq!(made.status, 200);
    let made = made.json();
    let value = made["token"].as_str().unwrap();
    let listed = |name: &str| -> Vec<Value> {
        let list = verdaccio.get(TOKENS, &session).json();
        let objects = list["objects"].as_array().unwrap().iter();
        objects.map(|token| token[name].clone()).collect()
    };
    assert_eq!(listed("key"), [made["key"].clone()]);
    assert_eq!(listed("readonly"), [true]);
    assert_eq!(
        verdaccio.get("-/whoami", value).json()["username"],
        "tokens"
    );
    let key = made["key"].as_str().unwrap();
    let path = format!("{TOKENS}/token/{key}");
    assert_eq!(verdaccio.with(&session, "DELETE", &path, None).status, 200);
    assert!(listed("key").is_empty());
    assert_eq!(verdaccio.get("-/whoami", value).status, 403);
}

#[test]
fn a_new_password_ends_every_token_of_the_old_one() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let token = verdaccio.sign_up("new-password", "a-password");
    let body = json!({"password": {"old": "a-password", "new": "another-one"}});
    let reply = verdaccio.with(&token, "POST", PROFILE, Some(&body));
    assert_eq!(reply.status, 200);
    let who = verdaccio.get("-/whoami", &token);
    assert_eq!(who.json()["username"], Value::Null, "{who:?}");
}

#[test]
fn a_wrong_old_password_crashes_it() {
    let Some(verdaccio) = Verdaccio::start(Version::Six) else {
        return;
    };
    let token = verdaccio.sign_up("crash", "a-password");
    let body = json!({"password": {"old": "not-it", "new": "another-one"}});
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let reply = verdaccio.try_ask("POST", PROFILE, &headers, Some(&body));
    assert!(reply.is_err(), "{reply:?}");
    let said = verdaccio.crashes();
    assert!(said.contains("TypeError"), "{said}");
}
