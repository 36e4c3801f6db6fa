//! Tokens: the list in pages, creation in both spellings, what a token may, its end.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use npm_warden::sandbox::{Options, Policy};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use crate::site::{Answer, Site, TOKENS, USER};

async fn page(site: &Site, query: &str) -> Value {
    site.get(&format!("{TOKENS}{query}"))
        .send()
        .await
        .is(200)
        .json()
}

fn objects(page: &Value) -> &Vec<Value> {
    page["objects"].as_array().unwrap()
}

async fn delete(site: &Site, which: &str) -> Answer {
    site.ask("DELETE", &format!("{TOKENS}/token/{which}"))
        .send()
        .await
}

async fn refused(site: &Site, mut body: Value, status: u16) -> String {
    body["password"] = json!(site.password());
    site.post(TOKENS, body).send().await.refused(status)
}

#[tokio::test]
async fn the_list_comes_in_pages_that_follow_each_other() {
    let site = Site::new().await;
    let first = page(&site, "").await;
    assert_eq!(first["total"], 12);
    assert_eq!(objects(&first).len(), 10);
    let next = first["urls"]["next"].as_str().unwrap();
    assert_eq!(next, "/-/npm/v1/tokens?perPage=10&page=1");
    let second = site.get(next).send().await.is(200).json();
    assert_eq!(objects(&second).len(), 2);
    assert!(second["urls"].is_object());
    assert_eq!(second["urls"].get("next"), None);
    let keys: BTreeSet<&str> = [&first, &second]
        .into_iter()
        .flat_map(objects)
        .map(|row| row["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys.len(), 12);

    let all = page(&site, "?perPage=9999").await;
    assert_eq!(objects(&all).len(), 12);
    assert_eq!(all["urls"].get("next"), None);
    assert_eq!(objects(&page(&site, "?page=7").await).len(), 0);
    assert_eq!(
        page(&site, "?perPage=6").await["urls"]["next"],
        "/-/npm/v1/tokens?perPage=6&page=1"
    );
    assert_eq!(
        page(&site, "?perPage=6&page=1").await["urls"].get("next"),
        None
    );
    for bad in [
        "?perPage=0",
        "?perPage=10000",
        "?perPage=ten",
        "?page=-1",
        "?page=",
        "?page=99999999999999999999",
    ] {
        site.get(&format!("{TOKENS}{bad}"))
            .send()
            .await
            .refused(400);
    }
    site.get(TOKENS).anonymous().send().await.refused(401);
}

#[tokio::test]
async fn the_seeded_tokens_are_of_every_kind() {
    let site = Site::new().await;
    let list = page(&site, "?perPage=100").await;
    let rows = objects(&list);
    let any = |fits: &dyn Fn(&Value) -> bool| rows.iter().any(fits);
    let now = site.hand.now().to_string();
    assert!(any(&|row| row["readonly"] == true));
    assert!(any(&|row| row["bypass_2fa"] == true));
    assert!(any(
        &|row| row["cidr"] != json!([]) && row["cidr"] == row["cidr_whitelist"]
    ));
    assert!(any(&|row| row["accessed"].is_null()));
    assert!(any(&|row| row["name"].is_null()));
    assert!(any(
        &|row| row["scopes"][0]["type"] == "package" && row["permissions"][0]["action"] == "write"
    ));
    assert!(any(&|row| row["scopes"][0]["type"] == "org"));
    assert!(any(&|row| row["expiry"]
        .as_str()
        .is_some_and(|at| at < now.as_str())));
    let in_three_days = site.hand.now() + jiff::SignedDuration::from_hours(72);
    assert!(any(
        &|row| row["expiry"] == json!(in_three_days) && row["expires"] == row["expiry"]
    ));

    let created: Vec<&str> = rows
        .iter()
        .map(|row| row["created"].as_str().unwrap())
        .collect();
    assert!(created.is_sorted_by(|a, b| a >= b), "the newest first");
    for row in rows {
        let key = row["key"].as_str().unwrap();
        assert!(key.len() == 128 && key.bytes().all(|b| b.is_ascii_hexdigit()));
        let shown = row["token"].as_str().unwrap();
        assert!(
            shown.len() == 8 && shown.starts_with("npm_"),
            "a plain prefix: {shown}"
        );
    }
    // The session's own token is among them, and only its beginning is told.
    assert!(
        rows.iter()
            .any(|row| site.token().starts_with(row["token"].as_str().unwrap()))
    );
    assert!(!list.to_string().contains(site.token()));
}

#[tokio::test]
async fn as_many_as_asked_for_are_seeded() {
    for (tokens, total) in [(0, 1), (1, 1), (2, 2), (30, 30), (10_000, 10_000)] {
        let site = Site::with(Options {
            tokens,
            ..Options::default()
        })
        .await;
        let list = page(&site, "?perPage=100").await;
        assert_eq!(list["total"], total);
        site.get("/-/whoami").send().await.is(200);
    }
}

#[tokio::test]
async fn creation_in_the_words_of_old() {
    let site = Site::new().await;
    let made = site
        .create(json!({"readonly": false, "cidr_whitelist": []}))
        .await;
    assert_eq!(
        (&made["readonly"], &made["name"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        (&made["cidr_whitelist"], &made["cidr"]),
        (&Value::Null, &json!([]))
    );
    let token = made["token"].as_str().unwrap();
    assert_eq!(token.len(), 40);
    let whoami = site.get("/-/whoami").bearer(token).send().await;
    whoami.is(200);
    let made = site
        .create(json!({"readonly": true, "cidr_whitelist": ["127.0.0.1/32", "10.0.0.0/8"]}))
        .await;
    assert_eq!(made["readonly"], true);
    assert_eq!(made["cidr"], json!(["127.0.0.1/32", "10.0.0.0/8"]));
    assert_eq!(page(&site, "").await["total"], 14);
}

#[tokio::test]
async fn creation_in_the_words_of_today() {
    let site = Site::new().await;
    let made = site
        .create(json!({"name": "ci", "description": "for the tests", "packages": ["kettle-cli"],
            "scopes": ["@marlow"], "orgs": ["marlow-labs"], "packages_and_scopes_permission": "read-write",
            "orgs_permission": "read-only", "expires": 30, "cidr": ["127.0.0.0/8"], "bypass_2fa": true}))
        .await;
    assert_eq!(
        (&made["name"], &made["description"]),
        (&json!("ci"), &json!("for the tests"))
    );
    assert_eq!(
        (&made["readonly"], &made["bypass_2fa"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        made["permissions"],
        json!([{"name": "package", "action": "write"}, {"name": "org", "action": "read"}])
    );
    assert_eq!(
        made["scopes"],
        json!([{"type": "package", "name": "kettle-cli"}, {"type": "scope", "name": "@marlow"}, {"type": "org", "name": "marlow-labs"}])
    );
    assert_eq!(
        made["expires"],
        json!(site.hand.now() + jiff::SignedDuration::from_hours(30 * 24))
    );
    let listed = objects(&page(&site, "").await)[0].clone();
    assert_eq!(listed["key"], made["key"]);
    assert_eq!(listed["description"], "for the tests");

    let made = site
        .create(json!({"name": null, "token_description": "other word", "packages_all": true}))
        .await;
    assert_eq!(made["description"], "other word");
    assert_eq!(made["scopes"], json!([{"type": "package", "name": "*"}]));
    assert_eq!(
        made["readonly"], true,
        "reading is what a list alone allows"
    );
    for (expires, at) in [
        ("2027-01-01", "2027-01-01T00:00:00Z"),
        ("2027-01-01T08:00:00Z", "2027-01-01T08:00:00Z"),
    ] {
        assert_eq!(
            site.create(json!({"expires": expires})).await["expires"],
            at
        );
    }
}

#[tokio::test]
async fn a_creation_that_cannot_be_says_why() {
    let site = Site::new().await;
    for (body, status) in [
        (json!({"readonly": "yes"}), 422),
        (json!({"name": ["x"]}), 422),
        (json!({"cidr": "10.0.0.0/8"}), 422),
        (json!({"cidr": [8]}), 422),
        (json!({"packages": "kettle"}), 422),
        (json!({"bypass_2fa": 1}), 422),
        (
            json!({"packages": ["a"], "packages_and_scopes_permission": "all"}),
            422,
        ),
        (json!({"expires": true}), 422),
        (json!({"cidr_whitelist": ["10.0.0.0/33"]}), 400),
        (json!({"cidr": ["::1/128"]}), 400),
        (json!({"packages": [" "]}), 400),
        (json!({"packages_and_scopes_permission": "read-write"}), 400),
        (json!({"orgs_permission": "read-only"}), 400),
        (json!({"packages": vec!["a"; 51]}), 400),
        (json!({"expires": 0}), 400),
        (json!({"expires": -3}), 400),
        (json!({"expires": 1.5}), 400),
        (json!({"expires": "soon"}), 400),
        (json!({"expires": "2020-01-01"}), 400),
    ] {
        refused(&site, body, status).await;
    }
    for body in [json!({"name": "x"}), json!({"password": "wrong"})] {
        let answer = site.post(TOKENS, body).send().await;
        answer.refused(401);
        assert_eq!(answer.header("www-authenticate"), Some("Basic"));
    }
    site.post(TOKENS, json!({"password": 7}))
        .send()
        .await
        .refused(422);
    site.ask("POST", TOKENS).text("{").send().await.refused(400);
    assert_eq!(site.running.inspect().tokens, 12);
}

/// What npm's registry API documents as the key of a token of that value.
fn digest(value: &str) -> String {
    let mut hex = String::new();
    for byte in Sha512::digest(value) {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

#[tokio::test]
async fn a_key_is_the_digest_of_its_value_as_it_was_of_old_and_tells_nothing_at_npm() {
    let site = Site::new().await;
    let made = site.create(json!({})).await;
    assert_eq!(made["key"], digest(made["token"].as_str().unwrap()));
    let list = page(&site, "?perPage=1000").await;
    let keys: Vec<_> = objects(&list).iter().map(|row| &row["key"]).collect();
    assert!(keys.contains(&&made["key"]));
    assert!(keys.contains(&&json!(digest(site.token()))));

    let site = Site::with(Options {
        policy: Policy::Npmjs,
        ..Options::default()
    })
    .await;
    let list = page(&site, "?perPage=1000").await;
    assert!(!objects(&list).is_empty());
    for row in objects(&list) {
        assert_eq!(row["key"].as_str().unwrap().len(), 64, "{row}");
    }
}

#[tokio::test]
async fn a_token_ends_by_its_key_or_its_value() {
    let site = Site::new().await;
    let by_key = site.create(json!({})).await;
    let by_value = site.create(json!({})).await;
    for (made, handle) in [(&by_key, "key"), (&by_value, "token")] {
        let token = made["token"].as_str().unwrap();
        let handle = made[handle].as_str().unwrap();
        let answer = delete(&site, handle).await;
        assert_eq!(answer.is(204).text, "");
        site.get("/-/whoami")
            .bearer(token)
            .send()
            .await
            .refused(401);
        delete(&site, handle).await.refused(404);
    }
    // A beginning is no handle.
    delete(&site, &site.token()[..8]).await.refused(404);
    let body = site
        .ask("DELETE", &format!("{TOKENS}/token/unknown"))
        .json(json!({"x": 1}));
    body.send().await.refused(404);
    assert_eq!(site.running.inspect().tokens, 12);
    // The credential in use can be revoked like any other; it is the last thing it does.
    delete(&site, site.token()).await.is(204);
    delete(&site, site.token()).await.refused(401);
}

#[tokio::test]
async fn both_levels_guard_creation_and_revocation() {
    for level in ["auth-only", "auth-and-writes"] {
        let site = Site::new().await;
        let (key, _) = site.enable(level).await;
        let body = json!({"password": site.password()});
        site.post(TOKENS, body.clone()).send().await.challenged();
        let code = site.code(&key);
        let made = site
            .post(TOKENS, body)
            .otp(&code)
            .send()
            .await
            .is(201)
            .json();
        let handle = made["key"].as_str().unwrap();
        delete(&site, handle).await.challenged();
        let path = format!("{TOKENS}/token/{handle}");
        site.ask("DELETE", &path).otp(&code).send().await.is(204);
        // Reading is free.
        site.get(TOKENS).send().await.is(200);
    }
}

#[tokio::test]
async fn a_read_only_token_reads_and_does_nothing_else() {
    let site = Site::new().await;
    let made = site.create(json!({"readonly": true})).await;
    let token = made["token"].as_str().unwrap();
    for path in ["/-/whoami", USER, TOKENS] {
        site.get(path).bearer(token).send().await.is(200);
    }
    let body = json!({"password": site.password(), "tfa": {"mode": "auth-only", "password": site.password()}});
    for (method, path) in [("POST", USER), ("POST", TOKENS)] {
        site.ask(method, path)
            .bearer(token)
            .json(body.clone())
            .send()
            .await
            .refused(403);
    }
    let path = format!("{TOKENS}/token/{}", site.token());
    site.ask("DELETE", &path)
        .bearer(token)
        .send()
        .await
        .refused(403);
}

#[tokio::test]
async fn a_token_for_packages_does_not_manage_the_account() {
    let site = Site::new().await;
    let made = site
        .create(json!({"packages": ["kettle-cli"], "packages_and_scopes_permission": "read-write"}))
        .await;
    let token = made["token"].as_str().unwrap();
    site.get("/-/whoami").bearer(token).send().await.is(200);
    site.post(USER, json!({}))
        .bearer(token)
        .send()
        .await
        .refused(403);
}

#[tokio::test]
async fn a_token_works_from_its_addresses_alone() {
    let site = Site::new().await;
    for (cidr, works) in [("127.0.0.0/8", true), ("10.0.0.0/8", false)] {
        let made = site.create(json!({"cidr": [cidr]})).await;
        let token = made["token"].as_str().unwrap();
        let answer = site.get("/-/whoami").bearer(token).send().await;
        if works {
            answer.is(200);
        } else {
            answer.refused(401);
            assert_eq!(answer.header("www-authenticate"), Some("ipaddress"));
        }
    }
}

#[tokio::test]
async fn an_expired_token_is_listed_and_refused() {
    let site = Site::new().await;
    let made = site.create(json!({"expires": 1})).await;
    let token = made["token"].as_str().unwrap();
    site.get("/-/whoami").bearer(token).send().await.is(200);
    site.later(24 * 3600);
    let error = site
        .get("/-/whoami")
        .bearer(token)
        .send()
        .await
        .refused(401);
    assert!(error.contains("expired"), "{error}");
    assert_eq!(objects(&page(&site, "").await)[0]["key"], made["key"]);
}

#[tokio::test]
async fn a_bypassing_token_is_not_asked_but_for_protection_itself() {
    let site = Site::new().await;
    let made = site.create(json!({"bypass_2fa": true})).await;
    let token = made["token"].as_str().unwrap();
    let (key, _) = site.enable("auth-and-writes").await;
    let body = json!({"password": site.password()});
    site.post(TOKENS, body).bearer(token).send().await.is(201);
    site.post(USER, json!({}))
        .bearer(token)
        .send()
        .await
        .is(200);
    for body in [
        json!({"password": {"old": site.password(), "new": "a-quite-new-one"}}),
        json!({"tfa": {"mode": "disable", "password": "a-quite-new-one"}}),
    ] {
        site.post(USER, body.clone())
            .bearer(token)
            .send()
            .await
            .challenged();
        let ask = site.post(USER, body).bearer(token).otp(&site.code(&key));
        ask.send().await.is(200);
    }
}

#[tokio::test]
async fn a_use_shows_in_the_list() {
    let site = Site::new().await;
    let made = site.create(json!({"name": "fresh"})).await;
    assert_eq!(made["accessed"], Value::Null);
    site.later(90);
    let used = site.hand.now();
    site.get("/-/whoami")
        .bearer(made["token"].as_str().unwrap())
        .send()
        .await
        .is(200);
    site.later(90);
    let first = objects(&page(&site, "").await)[0].clone();
    assert_eq!(first["accessed"], json!(used));
}
