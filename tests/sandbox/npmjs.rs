//! What is otherwise at npm's registry in 2026: enrolment, sessions, bypassing tokens, holds, and how a client that
//! knows nothing of the web is answered.

use std::time::Duration;

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::{Options, Policy, StartTfa};
use serde_json::{Value, json};

use crate::browser::{Browser, between};
use crate::site::{Answer, Site, TOKENS, USER};
use crate::start::{self, code, guarded};

const HOUR: u64 = 3600;

async fn mode(site: &Site, mode: &str, otp: Option<&str>) -> Answer {
    let body = json!({"tfa": {"mode": mode, "password": site.password()}});
    let ask = site.post(USER, body);
    match otp {
        Some(code) => ask.otp(code),
        None => ask,
    }
    .send()
    .await
}

/// Asks for a small token.
async fn create(site: &Site, otp: &str, more: Value) -> Answer {
    let mut body = json!({"name": "ci", "password": site.password(), "packages": ["kettle-cli"]});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    site.post(TOKENS, body).otp(otp).send().await
}

async fn list(site: &Site) -> Value {
    let path = format!("{TOKENS}?perPage=100");
    site.get(&path).send().await.is(200).json()
}

#[tokio::test]
async fn no_new_authenticator_is_taken_and_the_one_that_is_there_goes_on() {
    for tfa in [StartTfa::Off, StartTfa::Pending] {
        let site = start::site(Policy::Npmjs, tfa).await;
        let before = site.running.inspect().tfa;
        for level in ["auth-only", "auth-and-writes"] {
            let words = mode(&site, level, None).await.refused(403);
            assert!(words.contains("closed"), "{words}");
        }
        assert_eq!(site.running.inspect().tfa, before);
    }
    let site = guarded().await;
    let code = code(&site);
    mode(&site, "auth-only", None).await.challenged();
    mode(&site, "auth-only", Some(&code)).await.is(200);
    assert_eq!(site.running.inspect().tfa, Tfa::On(Level::AuthOnly));
    let off = mode(&site, "disable", Some(&code)).await;
    assert_eq!(off.is(200).json(), json!({"tfa": false}));
    // There is no way back.
    mode(&site, "auth-only", None).await.refused(403);
}

#[tokio::test]
async fn a_wrong_password_is_said_before_the_door_is_found_closed() {
    let site = start::site(Policy::Npmjs, StartTfa::Off).await;
    let body = json!({"tfa": {"mode": "auth-only", "password": "wrong"}});
    let answer = site.post(USER, body).send().await;
    answer.refused(401);
    assert_eq!(answer.header("www-authenticate"), Some("Basic"));
}

#[tokio::test]
async fn a_half_done_set_up_is_given_up_without_a_code_of_any_kind() {
    let site = start::site(Policy::Npmjs, StartTfa::Pending).await;
    mode(&site, "disable", None).await.is(200);
    assert_eq!(site.running.inspect().tfa, Tfa::Off);
    assert!(site.running.mail().is_empty());
}

#[tokio::test]
async fn a_session_lasts_two_hours_and_is_in_no_list() {
    let site = guarded().await;
    let shown = list(&site).await;
    assert_eq!(shown["total"], 11);
    assert_eq!(site.running.inspect().sessions, 1);
    assert!(!shown.to_string().contains(&site.token()[..8]));

    // By user name and password.
    let code = code(&site);
    let path = "/-/user/org.couchdb.user:tess-marlow/-rev/undefined";
    let login = || {
        site.ask("PUT", path)
            .basic(site.name(), site.password())
            .json(json!({}))
    };
    login().send().await.challenged();
    let made = login().otp(&code).send().await.is(201).json();
    let by_password = made["token"].as_str().unwrap();

    // On the web.
    let login = site
        .post("/-/v1/login", json!({}))
        .send()
        .await
        .is(200)
        .json();
    assert!(site.running.approve(login["loginUrl"].as_str().unwrap()));
    let done = site.get(login["doneUrl"].as_str().unwrap()).send().await;
    let by_web = done.is(200).json()["token"].as_str().unwrap().to_owned();

    assert_eq!(list(&site).await["total"], 11);
    let inspected = site.running.inspect();
    assert_eq!((inspected.tokens, inspected.sessions), (11, 3));
    site.later(2 * HOUR - 1);
    for token in [site.token(), by_password, &by_web] {
        site.get("/-/whoami").bearer(token).send().await.is(200);
    }
    site.later(1);
    for token in [site.token(), by_password, &by_web] {
        let answer = site.get("/-/whoami").bearer(token).send().await;
        assert_eq!(answer.refused(401), "Unauthorized");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(site.running.inspect().sessions, 0);
}

#[tokio::test]
async fn a_session_s_life_can_be_chosen_and_a_sign_out_ends_it_before() {
    let site = Site::with(Options {
        policy: Policy::Npmjs,
        session_life: Duration::from_secs(90),
        ..Options::default()
    })
    .await;
    site.later(89);
    site.get("/-/whoami").send().await.is(200);
    site.later(1);
    site.get("/-/whoami").send().await.refused(401);

    let site = guarded().await;
    let path = format!("/-/user/token/{}", site.token());
    site.ask("DELETE", &path).send().await.is(200);
    site.get("/-/whoami").send().await.refused(401);
    assert_eq!(site.running.inspect().sessions, 0);
}

#[tokio::test]
async fn the_classic_rules_know_no_end_of_a_session_no_hold_and_no_mail() {
    let site = start::site(Policy::Classic, StartTfa::On(Level::AuthOnly)).await;
    let recovery = site.running.recovery_codes()[0].expose();
    let body = json!({"email": "tess@new.example"});
    site.post(USER, body).otp(recovery).send().await.is(200);
    site.later(3 * HOUR);
    create(&site, &code(&site), json!({})).await.is(201);
    mode(&site, "disable", Some(&code(&site))).await.is(200);
    site.post(USER, json!({})).send().await.is(200);
    assert!(site.running.mail().is_empty());
    assert_eq!(site.running.inbox(), None);
    site.get("/-/inbox").send().await.refused(404);
}

#[tokio::test]
async fn a_token_that_bypasses_the_second_factor_may_not_change_the_account() {
    let site = guarded().await;
    let made = create(
        &site,
        &code(&site),
        json!({"bypass_2fa": true, "packages_and_scopes_permission": "read-write"}),
    )
    .await;
    let made = made.is(201).json();
    let token = made["token"].as_str().unwrap();
    site.get("/-/whoami").bearer(token).send().await.is(200);
    let (password, revoke) = (
        site.password(),
        format!("{TOKENS}/token/{}", made["key"].as_str().unwrap()),
    );
    for ask in [
        site.post(USER, json!({"fullname": "T"})),
        site.post(USER, json!({"email": "t@mail.example"})),
        site.post(
            USER,
            json!({"password": {"old": password, "new": "another-long-one"}}),
        ),
        site.post(
            USER,
            json!({"tfa": {"mode": "disable", "password": password}}),
        ),
        site.post(
            USER,
            json!({"tfa": {"mode": "auth-only", "password": password}}),
        ),
        site.post(USER, json!({"tfa": ["123456"]})),
        site.post(
            TOKENS,
            json!({"name": "x", "password": password, "packages": ["a"]}),
        ),
        site.ask("DELETE", &revoke),
    ] {
        // Not even with a code.
        let words = ask
            .bearer(token)
            .otp(&code(&site))
            .send()
            .await
            .refused(403);
        assert_eq!(
            words,
            "Granular access tokens that bypass two-factor authentication may not perform this action."
        );
    }
    assert_eq!(site.profile().await["fullname"], "Tess Marlow");
    assert_eq!(site.running.inspect().tokens, 12);
}

#[tokio::test]
async fn a_recovery_code_holds_new_tokens_and_the_second_factor_for_72_hours_and_nothing_else() {
    let site = Site::with(Options {
        policy: Policy::Npmjs,
        tfa: StartTfa::On(Level::AuthAndWrites),
        session_life: Duration::from_hours(200),
        ..Options::default()
    })
    .await;
    create(&site, &code(&site), json!({})).await.is(201);
    let recovery = site.running.recovery_codes();
    mode(&site, "auth-only", Some(recovery[0].expose()))
        .await
        .is(200);

    let held = async |site: &Site| {
        let words = create(site, &code(site), json!({})).await.refused(403);
        assert!(
            words.contains("on hold until 2026-11-25 10:00 UTC"),
            "{words}"
        );
        assert!(words.contains("a recovery code was used"), "{words}");
        assert!(words.contains("72 hours"), "{words}");
        for wanted in ["auth-and-writes", "disable"] {
            let words = mode(site, wanted, Some(&code(site))).await.refused(403);
            assert!(
                words.contains("change two-factor authentication"),
                "{words}"
            );
        }
    };
    held(&site).await;
    // Reading goes on, and so does what makes the account safe.
    site.profile().await;
    let rows = list(&site).await;
    let key = rows["objects"][3]["key"].as_str().unwrap();
    let path = format!("{TOKENS}/token/{key}");
    site.ask("DELETE", &path)
        .otp(&code(&site))
        .send()
        .await
        .is(204);
    let old = site.password();
    let password = json!({"password": {"old": old, "new": "another-long-one"}});
    site.post(USER, password)
        .otp(&code(&site))
        .send()
        .await
        .is(200);
    let password = json!({"password": {"old": "another-long-one", "new": old}});
    site.post(USER, password)
        .otp(&code(&site))
        .send()
        .await
        .is(200);

    site.later(72 * HOUR - 1);
    held(&site).await;
    site.later(1);
    create(&site, &code(&site), json!({})).await.is(201);
}

#[tokio::test]
async fn a_recovery_code_makes_no_token_even_itself() {
    let site = guarded().await;
    let recovery = site.running.recovery_codes()[0].expose();
    let words = create(&site, recovery, json!({})).await.refused(403);
    assert!(words.contains("on hold"), "{words}");
    assert_eq!(site.running.inspect().recovery_codes, 4);
    assert_eq!(site.running.inspect().tokens, 11);
    // Where it is held already, none is used up.
    let next = site.running.recovery_codes()[1].expose();
    create(&site, next, json!({})).await.refused(403);
    assert_eq!(site.running.inspect().recovery_codes, 4);
}

#[tokio::test]
async fn a_recovery_code_on_a_page_holds_as_well_and_a_wrong_one_does_not() {
    let site = guarded().await;
    let wrong = site.post(USER, json!({})).otp(&"0".repeat(64)).send().await;
    assert_eq!(wrong.challenged(), "invalid OTP");
    create(&site, &code(&site), json!({})).await.is(201);

    let login = site
        .post("/-/v1/login", json!({}))
        .send()
        .await
        .is(200)
        .json();
    let mut browser = Browser::open(login["loginUrl"].as_str().unwrap()).await;
    let recovery = site.running.recovery_codes()[0].expose();
    browser
        .sign_in(site.name(), site.password(), Some(recovery))
        .await;
    assert!(browser.page.has("form"), "{:?}", browser.page);
    create(&site, &code(&site), json!({})).await.refused(403);
}

#[tokio::test]
async fn another_address_holds_as_well() {
    let site = guarded().await;
    let same = json!({"email": site.running.email()});
    site.post(USER, same).otp(&code(&site)).send().await.is(200);
    create(&site, &code(&site), json!({})).await.is(201);
    let other = json!({"email": "tess@new.example"});
    site.post(USER, other)
        .otp(&code(&site))
        .send()
        .await
        .is(200);
    let words = create(&site, &code(&site), json!({})).await.refused(403);
    assert!(words.contains("e-mail address was changed"), "{words}");
    // A request that says what is wrong with itself elsewhere says this first.
    create(&site, &code(&site), json!({"name": null}))
        .await
        .refused(403);
}

#[tokio::test]
async fn the_web_is_offered_by_two_addresses_and_without_a_word() {
    let site = guarded().await;
    let answer = site.post(USER, json!({})).web().send().await;
    assert_eq!(answer.is(401).header("www-authenticate"), Some("OTP"));
    assert_eq!(answer.header("npm-notice"), None);
    let json = answer.json();
    assert_eq!(json.as_object().unwrap().len(), 2, "{json}");
    let (page, done) = (
        json["authUrl"].as_str().unwrap(),
        json["doneUrl"].as_str().unwrap(),
    );
    assert!(site.running.approve(page));
    let otp = site.get(done).send().await.is(200).json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    site.post(USER, json!({}))
        .web()
        .otp(&otp)
        .send()
        .await
        .is(200);
}

const NOTICE: (&str, &str) = ("Open ", " to use your security key for authentication");

#[tokio::test]
async fn a_client_that_knows_no_web_is_told_of_a_page_that_shows_a_code_to_type() {
    let site = guarded().await;
    let answer = site
        .post(USER, json!({}))
        .header("npm-auth-type", "legacy")
        .send()
        .await;
    let words = answer.challenged();
    assert_eq!(
        words,
        "You must provide a one-time pass. Upgrade your client to npm@latest in order to use 2FA."
    );
    let page = between(answer.header("npm-notice").unwrap(), NOTICE.0, NOTICE.1).unwrap();
    let mut browser = Browser::open(page).await;
    browser
        .sign_in(site.name(), site.password(), Some(&code(&site)))
        .await;
    assert_eq!(browser.page.heading(), "Approve: change your profile");
    browser.press("approve", &[]).await;
    let shown = |html: &str| between(html, "<strong>", "</strong>").map(str::to_owned);
    let typed = shown(&browser.page.html).unwrap();
    assert_eq!(typed.len(), 19, "four groups of four: {typed}");
    site.post(USER, json!({})).otp(&typed).send().await.is(200);
    // Only who has signed in sees it, and only while it serves.
    let other = Browser::open(page).await;
    assert_eq!(other.page.heading(), "Approved");
    assert_eq!(shown(&other.page.html), None);
    assert_eq!(shown(&browser.reload().await.html), Some(typed.clone()));
    site.later(300);
    assert_eq!(shown(&browser.reload().await.html), None);
    site.post(USER, json!({}))
        .otp(&typed)
        .send()
        .await
        .challenged();
}

#[tokio::test]
async fn such_a_page_can_be_denied_and_without_pages_none_is_named() {
    let site = guarded().await;
    let answer = site.post(USER, json!({})).send().await;
    let page = between(answer.header("npm-notice").unwrap(), NOTICE.0, NOTICE.1).unwrap();
    assert!(site.running.deny(page));
    assert_eq!(Browser::open(page).await.page.heading(), "Denied");
    // A code that is wrong is answered as such.
    let answer = site.post(USER, json!({})).otp("000000").send().await;
    answer.challenged();
    assert_eq!(answer.header("npm-notice"), None);

    let site = Site::with(Options {
        policy: Policy::Npmjs,
        tfa: StartTfa::On(Level::AuthOnly),
        web: false,
        ..Options::default()
    })
    .await;
    for ask in [site.post(USER, json!({})), site.post(USER, json!({})).web()] {
        let answer = ask.send().await;
        assert!(answer.challenged().contains("one-time pass"));
        assert_eq!(answer.header("npm-notice"), None);
    }
}

#[tokio::test]
async fn p15_wrong_codes_in_a_row_close_the_door_here_too() {
    let site = guarded().await;
    let guess = || site.post(USER, json!({})).otp("00000000").send();
    for _ in 0..4 {
        assert_eq!(guess().await.challenged(), "invalid OTP");
    }
    guess().await.refused(429);
    let right = site.post(USER, json!({})).otp(&code(&site)).send().await;
    right.refused(429);
    site.later(60);
    site.post(USER, json!({}))
        .otp(&code(&site))
        .send()
        .await
        .is(200);
}
