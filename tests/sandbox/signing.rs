//! whoami, ping, login, adduser, logout.

use serde_json::json;

use crate::site::Site;

const TESS: &str = "/-/user/org.couchdb.user:tess-marlow";

#[tokio::test]
async fn whoami_knows_the_session_and_nobody_else() {
    let site = Site::new().await;
    let answer = site.get("/-/whoami").send().await;
    assert_eq!(answer.is(200).json(), json!({"username": "tess-marlow"}));
    for ask in [
        site.get("/-/whoami").anonymous(),
        site.get("/-/whoami")
            .bearer("npm_000000000000000000000000000000000000"),
        site.get("/-/whoami").authorization("Bearer"),
        site.get("/-/whoami").authorization("Digest abc"),
        site.get("/-/whoami").authorization("Basic %%%"),
    ] {
        let answer = ask.send().await;
        answer.refused(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn ping_needs_no_credential() {
    let site = Site::new().await;
    let answer = site.get("/-/ping").anonymous().send().await;
    assert_eq!(answer.is(200).json(), json!({}));
    site.get("/-/ping?write=true")
        .bearer("stale")
        .send()
        .await
        .is(200);
}

#[tokio::test]
async fn a_user_name_and_a_password_serve_as_a_credential() {
    let site = Site::new().await;
    let good = site.get("/-/whoami").basic(site.name(), site.password());
    assert_eq!(good.send().await.is(200).json()["username"], site.name());
    for (name, password) in [(site.name(), "wrong"), ("nobody", site.password())] {
        let answer = site.get("/-/whoami").basic(name, password).send().await;
        answer.refused(401);
        assert_eq!(answer.header("www-authenticate"), Some("Basic"));
    }
}

#[tokio::test]
async fn a_login_goes_through_the_conflict_and_the_revision() {
    let site = Site::new().await;
    let body = json!({"_id": "org.couchdb.user:tess-marlow", "name": site.name(), "password": site.password(),
        "type": "user", "roles": [], "date": "2026-11-22T01:43:45.193Z"});
    // A stale token in the npm configuration does no harm here.
    let first = site
        .ask("PUT", TESS)
        .bearer("stale")
        .json(body.clone())
        .send()
        .await;
    first.refused(409);
    let document = site
        .get(&format!("{TESS}?write=true"))
        .anonymous()
        .send()
        .await;
    let mut document = document.is(200).json();
    assert_eq!(document["_id"], "org.couchdb.user:tess-marlow");
    assert_eq!(document["roles"], json!([]));
    let rev = document["_rev"].as_str().unwrap().to_owned();
    document["password"] = json!(site.password());

    let path = format!("{TESS}/-rev/{rev}");
    let basic = |password| {
        site.ask("PUT", &path)
            .basic(site.name(), password)
            .json(document.clone())
    };
    basic("wrong").send().await.refused(401);
    site.ask("PUT", &path)
        .json(document.clone())
        .send()
        .await
        .refused(401);
    let other = site.ask("PUT", &path).basic("nobody", site.password());
    other.json(document.clone()).send().await.refused(401);
    let granted = basic(site.password()).send().await.is(201).json();
    assert_eq!(granted["ok"], true);
    let token = granted["token"].as_str().unwrap();
    assert!(
        token.starts_with("npm_") && token.len() == 40,
        "npm's format"
    );
    site.get("/-/whoami").bearer(token).send().await.is(200);
    assert_eq!(site.running.inspect().tokens, 13);
}

#[tokio::test]
async fn a_stale_revision_is_refused_and_a_missing_one_is_not() {
    let site = Site::new().await;
    for (rev, status) in [("1-0", 409), ("undefined", 201)] {
        let ask = site.ask("PUT", &format!("{TESS}/-rev/{rev}"));
        let ask = ask.basic(site.name(), site.password()).json(json!({}));
        ask.send().await.is(status);
    }
}

#[tokio::test]
async fn a_login_asks_for_the_code_once_the_second_factor_is_on() {
    let site = Site::new().await;
    let (key, recovery) = site.enable("auth-only").await;
    let path = format!("{TESS}/-rev/undefined");
    let login = || {
        site.ask("PUT", &path)
            .basic(site.name(), site.password())
            .json(json!({}))
    };
    login().send().await.challenged();
    login().otp("000000").send().await.challenged();
    login().otp(&site.code(&key)).send().await.is(201);
    login().otp(&recovery[0]).send().await.is(201);
    login().otp(&recovery[0]).send().await.challenged();
    // The first half asks for none: it grants nothing.
    let body = json!({"name": site.name(), "password": site.password()});
    site.ask("PUT", TESS).json(body).send().await.refused(409);
    // Nor does a password stand in for a token without a code.
    let basic = || site.get("/-/whoami").basic(site.name(), site.password());
    basic().send().await.challenged();
    basic().otp(&site.code(&key)).send().await.is(200);
}

#[tokio::test]
async fn a_login_that_cannot_be_says_why() {
    let site = Site::new().await;
    let put = |path: &str, body| site.ask("PUT", path).anonymous().json(body).send();
    put(TESS, json!({"name": "tess-marlow", "password": "wrong"}))
        .await
        .refused(401);
    put(TESS, json!({"name": "tess-marlow"})).await.refused(401);
    put(TESS, json!({"name": "another", "password": "x"}))
        .await
        .refused(422);
    put(TESS, json!({"name": "tess-marlow", "password": 7}))
        .await
        .refused(422);
    let nobody = "/-/user/org.couchdb.user:nobody";
    let error = put(nobody, json!({"name": "nobody", "password": "x"}))
        .await
        .refused(400);
    assert!(error.contains("There is no user"), "{error}");
    site.get(nobody).send().await.refused(404);
    site.get("/-/user/tess-marlow").send().await.refused(404);
}

#[tokio::test]
async fn adduser_makes_an_account_that_keeps_its_own_rules() {
    let site = Site::new().await;
    let add = |name: &str, password: &str, email: &str| {
        let body = json!({"name": name, "password": password, "email": email});
        let path = format!("/-/user/org.couchdb.user:{name}");
        site.ask("PUT", &path).anonymous().json(body).send()
    };
    add("ben", "long-enough-1", "not an address")
        .await
        .refused(400);
    add("ben", "short", "ben@mail.example").await.refused(400);
    add("ben", "with-Ben-inside", "ben@mail.example")
        .await
        .refused(400);
    add("Ben", "long-enough-1", "ben@mail.example")
        .await
        .refused(400);
    let granted = add("ben", "long-enough-1", "ben@mail.example").await;
    let token = granted.is(201).json()["token"].as_str().unwrap().to_owned();
    let profile = site
        .get("/-/npm/v1/user")
        .bearer(&token)
        .send()
        .await
        .json();
    assert_eq!(profile["name"], "ben");
    assert_eq!(profile["email_verified"], false);
    // One account neither sees nor ends the tokens of another.
    let list = site
        .get("/-/npm/v1/tokens")
        .bearer(&token)
        .send()
        .await
        .json();
    assert_eq!(list["total"], 1);
    for path in ["/-/user/token/", "/-/npm/v1/tokens/token/"] {
        let ask = site.ask("DELETE", &format!("{path}{}", site.token()));
        ask.bearer(&token).send().await.refused(404);
    }
    site.get("/-/whoami").send().await.is(200);
    add("ben", "long-enough-1", "ben@mail.example")
        .await
        .refused(409);
}

#[tokio::test]
async fn logout_ends_the_token_without_a_code() {
    let site = Site::new().await;
    site.enable("auth-and-writes").await;
    let path = format!("/-/user/token/{}", site.token());
    site.ask("DELETE", &path)
        .anonymous()
        .send()
        .await
        .refused(401);
    site.ask("DELETE", "/-/user/token/npm_unknown")
        .send()
        .await
        .refused(404);
    site.ask("DELETE", &path).send().await.is(200);
    site.get("/-/whoami").send().await.refused(401);
    site.ask("DELETE", &path).send().await.refused(401);
}

#[tokio::test]
async fn a_read_only_token_may_end_itself_and_no_other() {
    let site = Site::new().await;
    let made = site.create(json!({"readonly": true})).await;
    let token = made["token"].as_str().unwrap();
    let end = |which: &str| {
        site.ask("DELETE", &format!("/-/user/token/{which}"))
            .bearer(token)
            .send()
    };
    end(site.token()).await.refused(403);
    end(token).await.is(200);
    site.get("/-/whoami")
        .bearer(token)
        .send()
        .await
        .refused(401);
}

#[tokio::test]
async fn wrong_passwords_in_a_row_close_the_door_for_a_while() {
    let site = Site::new().await;
    let whoami = |password| site.get("/-/whoami").basic(site.name(), password).send();
    for _ in 0..4 {
        whoami("wrong").await.refused(401);
    }
    let answer = whoami("wrong").await;
    answer.refused(429);
    assert_eq!(answer.header("retry-after"), Some("60"));
    site.later(20);
    let answer = whoami(site.password()).await;
    answer.refused(429);
    assert_eq!(answer.header("retry-after"), Some("40"));
    // A token is no guess: it goes on working.
    site.get("/-/whoami").send().await.is(200);
    site.later(40);
    whoami("wrong").await.refused(429);
    site.later(60);
    whoami(site.password()).await.is(200);
    whoami("wrong").await.refused(401);
}

#[tokio::test]
async fn failures_long_ago_are_not_in_a_row() {
    let site = Site::new().await;
    for _ in 0..12 {
        site.get("/-/whoami")
            .basic(site.name(), "wrong")
            .send()
            .await
            .refused(401);
        site.later(301);
    }
}
