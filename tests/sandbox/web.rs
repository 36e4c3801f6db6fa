//! Web sign-in and web challenges, as a client sees them.

use npm_warden::sandbox::Options;
use serde_json::json;

use crate::browser::Browser;
use crate::site::{Answer, Site, TOKENS, USER};

/// A page's address and the client's.
struct Pair {
    page: String,
    done: String,
}

fn pair(answer: &Answer, page: &str) -> Pair {
    let json = answer.json();
    let get = |name: &str| json[name].as_str().unwrap().to_owned();
    Pair {
        page: get(page),
        done: get("doneUrl"),
    }
}

async fn login(site: &Site) -> Pair {
    let answer = site.post("/-/v1/login", json!({})).anonymous().send().await;
    pair(answer.is(200), "loginUrl")
}

/// A guarded request that asks for the web.
async fn challenge(site: &Site) -> Pair {
    let answer = site.post(USER, json!({})).web().send().await;
    answer.challenged();
    pair(&answer, "authUrl")
}

async fn poll(site: &Site, pair: &Pair) -> Answer {
    site.get(&pair.done).anonymous().send().await
}

/// What an approval brought.
async fn fetched(site: &Site, pair: &Pair) -> String {
    let json = poll(site, pair).await.is(200).json();
    assert_eq!(json.as_object().unwrap().len(), 1);
    json["token"].as_str().unwrap().to_owned()
}

fn waits(answer: &Answer) {
    assert_eq!(answer.is(202).header("retry-after"), Some("1"));
    assert_eq!(answer.json(), json!({}));
}

#[tokio::test]
async fn a_sign_in_gives_a_token_of_whoever_signs_in_on_the_page() {
    let site = Site::new().await;
    // A stale credential is of no account, neither here nor there.
    let answer = site.post("/-/v1/login", json!({})).bearer("npm_stale");
    let pair = pair(answer.send().await.is(200), "loginUrl");
    assert!(pair.page.starts_with(site.running.url()), "{}", pair.page);
    assert!(pair.done.starts_with(site.running.url()), "{}", pair.done);
    waits(&poll(&site, &pair).await);

    let mut browser = Browser::open(&pair.page).await;
    browser.sign_in(site.name(), site.password(), None).await;
    assert_eq!(
        browser.page.heading(),
        "Sign in npm on this machine as tess-marlow?"
    );
    let stale = site.get(&pair.done).bearer("npm_stale").send().await;
    waits(&stale);
    assert_eq!(browser.press("approve", &[]).await.heading(), "Approved");
    assert!(browser.page.html.contains("close this page"));

    // Nothing is made before it is fetched.
    assert_eq!(site.running.inspect().tokens, 12);
    let token = fetched(&site, &pair).await;
    assert_eq!(site.running.inspect().tokens, 13);
    let name = site.get("/-/whoami").bearer(&token).send().await.json();
    assert_eq!(name["username"], site.name());
    assert_eq!(browser.reload().await.heading(), "Approved");
}

#[tokio::test]
async fn what_was_fetched_can_be_fetched_again_for_a_minute_and_no_longer() {
    let site = Site::new().await;
    let pair = login(&site).await;
    assert!(site.running.approve(&pair.page));
    let token = fetched(&site, &pair).await;
    site.later(59);
    assert_eq!(fetched(&site, &pair).await, token);
    assert_eq!(site.running.inspect().tokens, 13);
    site.later(1);
    poll(&site, &pair).await.refused(404);
    // A token that was ended meanwhile is not given out again.
    let pair = login(&site).await;
    assert!(site.running.approve(&pair.page));
    let token = fetched(&site, &pair).await;
    let end = site.ask("DELETE", &format!("/-/user/token/{token}"));
    end.send().await.is(200);
    poll(&site, &pair).await.refused(404);
}

#[tokio::test]
async fn a_page_expires_after_ten_minutes_by_the_registry_s_clock() {
    let site = Site::new().await;
    let (left, late) = (login(&site).await, login(&site).await);
    site.later(599);
    waits(&poll(&site, &left).await);
    assert!(site.running.approve(&late.page));
    site.later(1);
    poll(&site, &left).await.refused(404);
    assert!(!site.running.approve(&left.page));
    let browser = Browser::open(&left.page).await;
    assert_eq!(browser.page.status, 404);
    assert!(browser.page.html.contains("start again"));
    // Approved in the last second: the client has time to hear of it.
    fetched(&site, &late).await;
}

#[tokio::test]
async fn a_denial_ends_it_and_grants_nothing() {
    let site = Site::new().await;
    let pair = login(&site).await;
    let mut browser = Browser::open(&pair.page).await;
    browser.sign_in(site.name(), site.password(), None).await;
    assert_eq!(browser.press("deny", &[]).await.heading(), "Denied");
    // npm would ask for the password after a refusal.
    let denied = json!({"error": "It was denied in the browser."});
    assert_eq!(poll(&site, &pair).await.is(200).json(), denied);
    assert!(!site.running.approve(&pair.page));
    assert!(!site.running.deny(&pair.page));
    assert_eq!(site.running.inspect().tokens, 12);
    assert_eq!(poll(&site, &pair).await.is(200).json(), denied);

    site.enable("auth-only").await;
    let pair = challenge(&site).await;
    assert!(site.running.deny(&pair.page));
    let error = poll(&site, &pair).await.refused(403);
    assert!(error.contains("denied"), "{error}");
}

#[tokio::test]
async fn the_addresses_follow_the_host_that_was_asked_and_the_prefix() {
    let site = Site::with(Options {
        prefix: "/npm/team".to_owned(),
        ..Options::default()
    })
    .await;
    let url: url::Url = site.running.url().parse().unwrap();
    let port = url.port().unwrap();
    for host in [
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
        "[::1]:80".to_owned(),
        "127.0.0.9:1234".to_owned(),
    ] {
        let answer = site
            .post("/-/v1/login", json!({}))
            .header("host", &host)
            .send()
            .await;
        let pair = pair(answer.is(200), "loginUrl");
        let shown = host.trim_end_matches(":80");
        let start = format!("http://{shown}/npm/team/-/");
        assert!(pair.page.starts_with(&start), "{}", pair.page);
        assert!(pair.done.starts_with(&start), "{}", pair.done);
    }
    let pair = login(&site).await;
    let mut browser = Browser::open(&pair.page).await;
    browser.sign_in(site.name(), site.password(), None).await;
    browser.press("approve", &[]).await;
    fetched(&site, &pair).await;
}

#[tokio::test]
async fn a_foreign_host_gets_no_page_and_no_address() {
    let site = Site::new().await;
    site.enable("auth-only").await;
    for host in [
        "registry.example",
        "localhost.example:80",
        "localhost@registry.example",
        "192.0.2.1",
        "127.0.0.1/x",
    ] {
        let ask = |method, path| site.ask(method, path).header("host", host);
        let answer = ask("POST", "/-/v1/login").json(json!({})).send().await;
        answer.refused(421);
        // The plain challenge, which needs no address.
        let answer = ask("POST", USER).json(json!({})).web().send().await;
        answer.challenged();
        assert!(answer.json().get("authUrl").is_none());
    }
    let pair = login(&site).await;
    let foreign = crate::site::client().get(&pair.page);
    let foreign = foreign.header("host", "registry.example").send().await;
    let foreign = foreign.unwrap();
    assert_eq!(foreign.status(), 421);
    assert!(foreign.headers().get("set-cookie").is_none());
}

#[tokio::test]
async fn a_request_that_asks_for_the_web_is_shown_a_page_and_others_are_not() {
    let site = Site::new().await;
    // Without a second factor nothing is asked.
    site.post(USER, json!({})).web().send().await.is(200);
    site.enable("auth-and-writes").await;
    for ask in [
        site.post(USER, json!({})),
        site.post(USER, json!({})).header("npm-auth-type", "legacy"),
        // A code that is wrong is answered as such: the page stands where it stood.
        site.post(USER, json!({})).web().otp("000000"),
    ] {
        let answer = ask.send().await;
        answer.challenged();
        assert!(answer.json().get("authUrl").is_none());
        assert!(answer.json().get("doneUrl").is_none());
    }
    let pair = challenge(&site).await;
    assert!(pair.page.starts_with(site.running.url()));
    waits(&poll(&site, &pair).await);
}

#[tokio::test]
async fn an_approval_gives_sixteen_digits_that_serve_for_a_few_minutes() {
    let site = Site::new().await;
    let (key, _) = site.enable("auth-only").await;
    let pair = challenge(&site).await;
    let mut browser = Browser::open(&pair.page).await;
    assert!(browser.page.html.contains("wants to change your profile"));
    let code = site.code(&key);
    browser
        .sign_in(site.name(), site.password(), Some(&code))
        .await;
    assert_eq!(browser.page.heading(), "Approve: change your profile");
    browser.press("approve", &[]).await;
    let code = fetched(&site, &pair).await;
    assert!(code.len() == 16 && code.bytes().all(|b| b.is_ascii_digit()));
    let guarded = || site.post(USER, json!({})).web().otp(&code).send();
    guarded().await.is(200);
    site.later(299);
    guarded().await.is(200);
    site.later(1);
    guarded().await.challenged();
}

#[tokio::test]
async fn with_codes_that_serve_once_so_does_an_approval_s() {
    let site = Site::with(Options {
        otp_once: true,
        ..Options::default()
    })
    .await;
    site.enable("auth-only").await;
    let pair = challenge(&site).await;
    assert!(site.running.approve(&pair.page));
    let code = fetched(&site, &pair).await;
    let guarded = || site.post(USER, json!({})).otp(&code).send();
    guarded().await.is(200);
    guarded().await.challenged();
}

#[tokio::test]
async fn an_approval_s_code_is_its_account_s_and_goes_with_the_second_factor() {
    let site = Site::new().await;
    let (key, _) = site.enable("auth-only").await;
    let pair = challenge(&site).await;
    assert!(site.running.approve(&pair.page));
    let code = fetched(&site, &pair).await;

    let ben = crate::web_pages::ben(&site).await;
    let answer = site.post(USER, json!({"email": "ben@mail.example"}));
    answer
        .bearer(&ben.token)
        .otp(&code)
        .send()
        .await
        .challenged();

    let body = json!({"tfa": {"mode": "disable", "password": site.password()}});
    let off = site.post(USER, body).otp(&site.code(&key));
    off.send().await.is(200);
    site.enable("auth-only").await;
    let answer = site.post(USER, json!({})).otp(&code).send().await;
    answer.challenged();
}

#[tokio::test]
async fn an_approval_that_nobody_fetched_serves_no_second_factor_that_comes_after() {
    let site = Site::new().await;
    let (key, _) = site.enable("auth-only").await;
    let (approved, waiting) = (challenge(&site).await, challenge(&site).await);
    assert!(site.running.approve(&approved.page));
    let signing_in = login(&site).await;

    let body = json!({"tfa": {"mode": "disable", "password": site.password()}});
    let off = site.post(USER, body).otp(&site.code(&key));
    off.send().await.is(200);
    site.enable("auth-only").await;
    poll(&site, &approved).await.refused(404);
    poll(&site, &waiting).await.refused(404);
    assert!(!site.running.approve(&waiting.page));
    waits(&poll(&site, &signing_in).await);
}

#[tokio::test]
async fn wrong_codes_of_that_length_count_towards_the_lock_out() {
    let site = Site::new().await;
    site.enable("auth-only").await;
    let pair = challenge(&site).await;
    assert!(site.running.approve(&pair.page));
    let code = fetched(&site, &pair).await;
    let guarded = |code: &str| site.post(USER, json!({})).otp(code).send();
    for _ in 0..4 {
        guarded("0000000000000000").await.challenged();
    }
    guarded("0000000000000000").await.refused(429);
    guarded(&code).await.refused(429);
    site.later(60);
    guarded(&code).await.is(200);
}

#[tokio::test]
async fn a_page_names_what_was_asked() {
    let site = Site::new().await;
    site.enable("auth-only").await;
    let password = site.password();
    let revoke = format!("{TOKENS}/token/{}", site.token());
    for (ask, words) in [
        (site.ask("DELETE", &revoke), "revoke a token"),
        (
            site.post(TOKENS, json!({"password": password})),
            "create a token",
        ),
        (
            site.post(
                USER,
                json!({"password": {"old": password, "new": "another-long-one"}}),
            ),
            "change your password",
        ),
        (
            site.post(
                USER,
                json!({"tfa": {"mode": "disable", "password": password}}),
            ),
            "turn off two-factor authentication",
        ),
        (
            site.post(
                USER,
                json!({"tfa": {"mode": "auth-and-writes", "password": password}}),
            ),
            "change two-factor authentication",
        ),
        (
            site.get("/-/whoami").basic(site.name(), password),
            "read who is signed in",
        ),
    ] {
        let answer = ask.web().send().await;
        answer.challenged();
        let browser = Browser::open(&pair(&answer, "authUrl").page).await;
        let wanted = format!("A program wants to {words}.");
        assert!(browser.page.html.contains(&wanted), "{}", browser.page.html);
    }
}

#[tokio::test]
async fn a_registry_without_pages_answers_as_if_there_were_none() {
    let site = Site::with(Options {
        web: false,
        ..Options::default()
    })
    .await;
    site.enable("auth-only").await;
    for path in ["/-/v1/login", "/-/web/x"] {
        site.post(path, json!({})).send().await.refused(404);
    }
    site.get("/-/v1/done/x").send().await.refused(404);
    let answer = site.post(USER, json!({})).web().send().await;
    answer.challenged();
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn addresses_are_not_to_be_guessed_and_one_is_not_the_other() {
    let site = Site::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let pair = login(&site).await;
        for url in [&pair.page, &pair.done] {
            let id = url.rsplit('/').next().unwrap();
            assert!(id.len() >= 22, "at least 128 bits: {id}");
            assert!(id.bytes().all(|b| b.is_ascii_alphanumeric()));
            assert!(seen.insert(id.to_owned()));
        }
        // Who sees the page's address cannot fetch what it brings.
        let id = pair.page.rsplit('/').next().unwrap();
        let done = format!("/-/v1/done/{id}");
        site.get(&done).send().await.refused(404);
    }
    site.post("/-/v1/login", json!({"create": "yes"}))
        .send()
        .await
        .refused(422);
    site.ask("GET", "/-/v1/login").send().await.refused(405);
}
