//! Tokens by the rules of npm's registry in 2026.

use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, Policy, StartTfa};
use serde_json::{Value, json};

use crate::site::{Answer, Site, TOKENS};
use crate::start::{code, guarded};

async fn create(site: &Site, mut body: Value) -> Answer {
    body["password"] = json!(site.password());
    site.post(TOKENS, body).otp(&code(site)).send().await
}

async fn rows(site: &Site) -> Vec<Value> {
    let path = format!("{TOKENS}?perPage=1000");
    let list = site.get(&path).send().await.is(200).json();
    list["objects"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_token_expires_when_it_is_not_told_otherwise() {
    let site = guarded().await;
    let days = |days: i64| json!(site.hand.now() + jiff::SignedDuration::from_hours(24 * days));
    let reads = json!({"name": "a", "packages": ["kettle-cli"]});
    let writes =
        json!({"name": "b", "scopes": ["@marlow"], "packages_and_scopes_permission": "read-write"});
    let both = json!({"name": "c", "packages_all": true, "orgs": ["marlow-labs"], "orgs_permission": "read-write"});
    for (body, readonly, expires, days) in [
        (&reads, true, None, days(30)),
        (&reads, true, Some(json!(365)), days(365)),
        (&writes, false, None, days(7)),
        (&writes, false, Some(json!(90)), days(90)),
        (
            &writes,
            false,
            Some(json!("2026-12-24")),
            json!("2026-12-24T00:00:00Z"),
        ),
        (&both, false, None, days(7)),
    ] {
        let mut body = body.clone();
        if let Some(expires) = expires {
            body["expires"] = expires;
        }
        let made = create(&site, body).await.is(201).json();
        assert_eq!(
            (&made["readonly"], &made["expiry"]),
            (&json!(readonly), &days),
            "{made}"
        );
        assert_eq!(made["token"].as_str().unwrap().len(), 40);
    }
}

#[tokio::test]
async fn what_a_token_lacks_is_said_in_npm_s_words() {
    let site = guarded().await;
    for (body, words) in [
        (
            json!({"name": null, "packages": ["a"]}),
            "Token name is required",
        ),
        (
            json!({"name": " ", "packages": ["a"]}),
            "Token name is required",
        ),
        (
            json!({"name": "a"}),
            "You must have at least one package / scope or organization added to this token.",
        ),
        (
            json!({"name": "a", "packages": [], "scopes": [], "orgs": null}),
            "You must have at least one package / scope or organization added to this token.",
        ),
        (
            json!({"name": "a", "orgs": ["o"], "packages_and_scopes_permission": "read-write"}),
            "You must select at least one package or scope if granting package/scopes permissions to this token.",
        ),
        (
            json!({"name": "a", "packages": ["p"], "orgs_permission": "read-only"}),
            "You must select at least one organization if granting organization permissions to this token.",
        ),
        (
            json!({"name": "a", "packages": ["p"], "packages_and_scopes_permission": "no-access"}),
            "Please select at least one: package, scope or organization.",
        ),
        (
            json!({"name": "a", "packages": "p"}),
            "Packages must be an array",
        ),
        (
            json!({"name": "a", "scopes": {}}),
            "Scopes must be an array",
        ),
        (
            json!({"name": "a", "orgs": 1}),
            "Organizations must be an array",
        ),
        (
            json!({"name": "a", "packages": ["p"], "packages_and_scopes_permission": "all"}),
            "Invalid packages_and_scopes_permission. Must be one of: no-access, read-only, read-write, read-write-stage-only",
        ),
        (
            json!({"name": "a", "orgs": ["o"], "orgs_permission": 1}),
            "Invalid orgs_permission. Must be one of: no-access, read-only, read-write",
        ),
        (
            json!({"name": "a", "orgs": ["o"], "orgs_permission": "read-write-stage-only"}),
            "Invalid orgs_permission. Must be one of: no-access, read-only, read-write",
        ),
        (
            json!({"name": "a", "packages": ["p"], "packages_and_scopes_permission": "read-write-stage-only", "expires": 91}),
            "Read-write tokens cannot have expiration longer than 90 days",
        ),
        (
            json!({"name": "a", "packages": ["p"], "packages_and_scopes_permission": "read-write", "expires": 91}),
            "Read-write tokens cannot have expiration longer than 90 days",
        ),
        (
            json!({"name": "a", "orgs": ["o"], "orgs_permission": "read-write", "expires": "2027-11-22"}),
            "Read-write tokens cannot have expiration longer than 90 days",
        ),
    ] {
        assert_eq!(
            create(&site, body.clone()).await.refused(400),
            words,
            "{body}"
        );
    }
    create(&site, json!({"name": ["a"], "packages": ["p"]}))
        .await
        .refused(422);
    create(&site, json!({"name": "a", "packages": vec!["p"; 51]}))
        .await
        .refused(400);
    assert_eq!(site.running.inspect().tokens, 11);
}

#[tokio::test]
async fn what_a_token_may_not_is_no_part_of_it() {
    let site = guarded().await;
    let made = create(
        &site,
        json!({"name": "a", "readonly": true, "packages": ["p"], "orgs": ["o"], "orgs_permission": "read-write",
            "packages_and_scopes_permission": "no-access"}),
    )
    .await;
    let made = made.is(201).json();
    assert_eq!(made["scopes"], json!([{"type": "org", "name": "o"}]));
    assert_eq!(
        made["permissions"],
        json!([{"name": "org", "action": "write"}])
    );
    assert_eq!(
        made["readonly"], false,
        "what npm of old called so is nothing here"
    );
}

#[tokio::test]
async fn the_classic_kind_is_no_more() {
    let site = guarded().await;
    for body in [
        json!({}),
        json!({"readonly": true, "cidr_whitelist": ["127.0.0.1/32"]}),
    ] {
        let words = create(&site, body).await.refused(400);
        assert!(
            words.contains("Classic tokens can no longer be created"),
            "{words}"
        );
    }
    for row in rows(&site).await {
        assert!(
            row["name"].is_string() && row["expiry"].is_string(),
            "{row}"
        );
        assert_ne!(row["scopes"], json!([]), "{row}");
        assert_ne!(row["permissions"], json!([]), "{row}");
    }
}

#[tokio::test]
async fn a_list_shows_the_beginning_and_the_end_of_a_value() {
    let site = guarded().await;
    let made = create(&site, json!({"name": "a", "packages": ["p"]}))
        .await
        .is(201)
        .json();
    let value = made["token"].as_str().unwrap();
    let row = rows(&site).await.remove(0);
    assert_eq!(row["key"], made["key"]);
    assert_eq!(row["token"], format!("{}...{}", &value[..8], &value[36..]));
}

#[tokio::test]
async fn the_seeded_ones_are_of_every_kind_and_none_writes_for_longer_than_90_days() {
    for tokens in [12, 60] {
        let site = Site::with(Options {
            policy: Policy::Npmjs,
            tokens,
            ..Options::default()
        })
        .await;
        let rows = rows(&site).await;
        assert_eq!(rows.len(), tokens - 1, "its own session is not listed");
        let time = |row: &Value, key: &str| {
            row[key]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
        };
        assert!(rows.is_sorted_by(|a, b| time(a, "created") >= time(b, "created")));
        let any = |fits: &dyn Fn(&Value) -> bool| assert!(rows.iter().any(fits));
        any(&|row| row["bypass_2fa"] == true);
        any(&|row| row["readonly"] == true);
        any(&|row| row["cidr"] != json!([]));
        any(&|row| row["accessed"].is_null());
        any(&|row| row["scopes"][0]["type"] == "org");
        any(&|row| row["scopes"][0]["name"] == "*");
        any(&|row| time(row, "expiry") < site.hand.now());
        for row in rows.iter().filter(|row| row["readonly"] == false) {
            let life = time(row, "expiry").duration_since(time(row, "created"));
            assert!(life.as_hours() <= 90 * 24, "{row}");
        }
    }
}

#[tokio::test]
async fn tokens_are_managed_by_a_session_and_with_a_code_always() {
    let site = guarded().await;
    let made = create(
        &site,
        json!({"name": "a", "packages": ["*"], "packages_and_scopes_permission": "read-write"}),
    )
    .await;
    let made = made.is(201).json();
    let (token, key) = (
        made["token"].as_str().unwrap(),
        made["key"].as_str().unwrap(),
    );
    let path = format!("{TOKENS}/token/{key}");
    let body = json!({"name": "b", "packages": ["p"], "password": site.password()});
    for (by, ask) in [
        ("token", site.get(TOKENS).bearer(token)),
        ("token", site.post(TOKENS, body.clone()).bearer(token)),
        ("token", site.ask("DELETE", &path).bearer(token)),
        (
            "password",
            site.get(TOKENS).basic(site.name(), site.password()),
        ),
        (
            "password",
            site.post(TOKENS, body.clone())
                .basic(site.name(), site.password()),
        ),
    ] {
        let words = ask.otp(&code(&site)).send().await.refused(403);
        assert!(words.contains("a session"), "{by}: {words}");
    }
    site.post(TOKENS, body).send().await.challenged();
    site.ask("DELETE", &path).send().await.challenged();
    site.get(TOKENS).send().await.is(200);
    for unknown in ["npm_nothing", ""] {
        let answer = site.get(TOKENS).bearer(unknown).send().await;
        assert_eq!(answer.refused(401), "Unauthorized");
    }
    assert_eq!(
        site.get(TOKENS).anonymous().send().await.refused(401),
        "Unauthorized"
    );
    site.ask("DELETE", &path)
        .otp(&code(&site))
        .send()
        .await
        .is(204);
    site.get("/-/whoami")
        .bearer(token)
        .send()
        .await
        .refused(401);
}

#[tokio::test]
async fn a_token_s_time_ends_by_the_registry_s_clock() {
    let site = guarded().await;
    let made = create(&site, json!({"name": "a", "packages": ["p"], "expires": 1}))
        .await
        .is(201)
        .json();
    let token = made["token"].as_str().unwrap();
    site.later(86_399);
    site.get("/-/whoami").bearer(token).send().await.is(200);
    site.later(1);
    let answer = site.get("/-/whoami").bearer(token).send().await;
    assert_eq!(answer.refused(401), "Unauthorized");
}

#[tokio::test]
async fn a_token_may_publish_to_the_stage_alone() {
    let body = json!({"name": "a", "packages": ["p"], "orgs_permission": "no-access",
        "packages_and_scopes_permission": "read-write-stage-only"});
    let site = guarded().await;
    let today = create(&site, body.clone()).await.is(201).json();
    let site = crate::start::site(Policy::Classic, StartTfa::On(Level::AuthAndWrites)).await;
    let of_old = create(&site, body).await.is(201).json();
    for made in [today, of_old] {
        assert_eq!(made["readonly"], false);
        assert_eq!(
            made["permissions"],
            json!([{"name": "package", "action": "write-stage-only"}])
        );
    }
}
