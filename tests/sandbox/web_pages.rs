//! The pages in a browser: who may do what on them, and what they say when it goes wrong.

use serde_json::json;

use npm_warden::sandbox::Options;

use crate::browser::Browser;
use crate::site::{Site, USER};
use crate::totp;

/// A second account, with a second factor of its own.
pub struct Ben {
    pub token: String,
    pub key: String,
}

const BENS: &str = "long-enough-1";

pub async fn ben(site: &Site) -> Ben {
    let body = json!({"name": "ben", "password": BENS, "email": "ben@mail.example"});
    let add = site.ask("PUT", "/-/user/org.couchdb.user:ben");
    let made = add.anonymous().json(body).send().await;
    let token = made.is(201).json()["token"].as_str().unwrap().to_owned();
    let post = |body| site.post(USER, body).bearer(&token).send();
    let begun = post(json!({"tfa": {"mode": "auth-only", "password": BENS}})).await;
    let url = begun.is(200).json()["tfa"].as_str().unwrap().to_owned();
    let key = totp::parameter(&url, "secret").unwrap().to_owned();
    post(json!({"tfa": [site.code(&key)]})).await.is(200);
    Ben { token, key }
}

async fn page(site: &Site, body: serde_json::Value) -> String {
    let answer = site.post("/-/v1/login", body).anonymous().send().await;
    answer.is(200).json()["loginUrl"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn challenge(site: &Site) -> String {
    let answer = site.post(USER, json!({})).web().send().await;
    answer.challenged();
    answer.json()["authUrl"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_form_of_another_place_does_nothing() {
    let site = Site::new().await;
    let url = page(&site, json!({})).await;
    let mut browser = Browser::open(&url).await;
    browser.sign_in(site.name(), site.password(), None).await;
    let right = browser.page.fields();
    let cookie = browser.cookie();
    let approve = ("answer".to_owned(), "approve".to_owned());

    // No token, a wrong token, no cookie, a wrong cookie, and a browser that names another site.
    let mut wrong = right.clone();
    wrong[0].1 = "x".repeat(24);
    let without: Vec<_> = right[1..].to_vec();
    let made_up = cookie.clone().map(|text| {
        let (name, _) = text.split_once('=').unwrap();
        format!("{name}={}", "x".repeat(24))
    });
    for (fields, cookie, headers) in [
        (&without, &cookie, &[][..]),
        (&wrong, &cookie, &[]),
        (&right, &None, &[]),
        (&right, &made_up, &[]),
        (&right, &cookie, &[("sec-fetch-site", "cross-site")]),
        (&right, &cookie, &[("sec-fetch-site", "same-site")]),
    ] {
        let mut other = Browser::open(&url).await;
        other.with_cookie(cookie.clone());
        let fields = [fields.as_slice(), std::slice::from_ref(&approve)].concat();
        let shown = other.post(&fields, headers).await;
        assert_eq!(shown.status, 403);
        assert!(shown.problem().unwrap().contains("Nothing was done"));
    }
    browser
        .submit("approve", &[], &[("sec-fetch-site", "same-origin")])
        .await;
    assert_eq!(browser.page.heading(), "Approved");
}

#[tokio::test]
async fn signing_in_changes_the_cookie() {
    let site = Site::new().await;
    site.enable("auth-only").await;
    let url = page(&site, json!({})).await;
    let mut browser = Browser::open(&url).await;
    let first = browser.cookie();
    browser.sign_in(site.name(), site.password(), None).await;
    let second = browser.cookie();
    assert!(first.is_some() && first != second);
    assert!(browser.page.has("code"));
    // The old one is worth nothing, and neither cookie opens another page.
    for (url, cookie) in [(&url, first), (&page(&site, json!({})).await, second)] {
        let mut other = Browser::open(url).await;
        other.with_cookie(cookie);
        assert!(other.reload().await.has("password"));
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_at_its_field_and_counts() {
    let site = Site::new().await;
    let mut browser = Browser::open(&page(&site, json!({})).await).await;
    let before = browser.page.tag("username");
    assert!(before.contains(" autofocus") && !before.contains("aria-invalid"));
    assert!(before.contains("autocomplete=\"username\""));
    let before = browser.page.tag("password");
    assert!(before.contains("autocomplete=\"current-password\""));

    let nobody = browser.sign_in("nobody", "wrong", None).await;
    let unknown = nobody.problem().unwrap().to_owned();
    for attempt in 1..=5 {
        let shown = browser.sign_in(site.name(), "hunter-22", None).await;
        let status = if attempt < 5 { 403 } else { 429 };
        assert_eq!(shown.status, status);
        if attempt < 5 {
            assert_eq!(shown.problem(), Some(unknown.as_str()), "says no more");
        }
        for field in ["username", "password"] {
            let tag = shown.tag(field);
            assert!(tag.contains("aria-invalid=\"true\""), "{tag}");
            assert!(tag.contains("aria-describedby=\"problem"), "{tag}");
        }
        assert!(shown.tag("username").contains("value=\"tess-marlow\""));
        assert!(!shown.html.contains("hunter-22"), "no password comes back");
        assert!(shown.html.contains("<title>Problem: "));
        assert!(shown.header("www-authenticate").is_none());
    }
    assert!(browser.page.problem().unwrap().contains("Wait 60 seconds"));
    assert_eq!(browser.page.header("retry-after"), Some("60"));
    // The same door as everywhere: it is closed for basic authentication, too.
    let basic = site.get("/-/whoami").basic(site.name(), site.password());
    basic.send().await.refused(429);
    browser.sign_in(site.name(), site.password(), None).await;
    assert_eq!(browser.page.status, 429);
    site.later(60);
    browser.sign_in(site.name(), site.password(), None).await;
    assert!(browser.page.heading().starts_with("Sign in npm"));
}

#[tokio::test]
async fn the_second_factor_is_asked_for_under_the_same_rules() {
    let site = Site::with(Options {
        otp_once: true,
        ..Options::default()
    })
    .await;
    let (key, recovery) = site.enable("auth-only").await;
    site.later(30);
    let code = site.code(&key);
    let url = page(&site, json!({})).await;
    let mut browser = Browser::open(&url).await;
    let shown = browser.sign_in(site.name(), site.password(), None).await;
    assert_eq!(shown.heading(), "Second factor");
    let tag = shown.tag("code");
    assert!(tag.contains("autocomplete=\"one-time-code\""));
    assert!(tag.contains("aria-describedby=\"code-hint\""));

    browser.press("go", &[("code", " ")]).await;
    assert!(browser.page.problem().unwrap().contains("first"));
    let shown = browser.press("go", &[("code", "000000")]).await;
    assert_eq!(shown.status, 403);
    assert!(
        shown
            .tag("code")
            .contains("aria-describedby=\"problem code-hint\"")
    );
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    browser.press("go", &[("code", &spaced)]).await;
    assert!(browser.page.heading().starts_with("Sign in npm"));

    // The same code serves no second time, here or there; a recovery code does, once.
    let mut other = Browser::open(&page(&site, json!({})).await).await;
    other
        .sign_in(site.name(), site.password(), Some(&code))
        .await;
    assert!(other.page.problem().unwrap().contains("used already"));
    let answer = site.post(USER, json!({})).otp(&code).send().await;
    answer.challenged();
    other.press("go", &[("code", &recovery[0])]).await;
    assert!(other.page.heading().starts_with("Sign in npm"));
    assert_eq!(site.running.inspect().recovery_codes, 4);
}

#[tokio::test]
async fn wrong_codes_on_the_page_close_the_door() {
    let site = Site::new().await;
    let (key, _) = site.enable("auth-only").await;
    let mut browser = Browser::open(&page(&site, json!({})).await).await;
    browser.sign_in(site.name(), site.password(), None).await;
    for _ in 0..5 {
        browser.press("go", &[("code", "000000")]).await;
    }
    assert_eq!(browser.page.status, 429);
    let answer = site.post(USER, json!({})).otp(&site.code(&key));
    answer.send().await.refused(429);
    site.later(60);
    browser.press("go", &[("code", &site.code(&key))]).await;
    assert!(browser.page.heading().starts_with("Sign in npm"));
}

#[tokio::test]
async fn one_approval_does_not_lead_to_the_next() {
    let site = Site::new().await;
    site.enable("auth-only").await;
    let answer = site.post(USER, json!({})).web().send().await;
    let json = answer.json();
    assert!(site.running.approve(json["authUrl"].as_str().unwrap()));
    let done = site.get(json["doneUrl"].as_str().unwrap()).send().await;
    let code = done.json()["token"].as_str().unwrap().to_owned();
    let mut browser = Browser::open(&challenge(&site).await).await;
    browser
        .sign_in(site.name(), site.password(), Some(&code))
        .await;
    assert!(browser.page.problem().unwrap().contains("not right"));
}

#[tokio::test]
async fn a_challenge_s_page_is_for_its_own_account_alone() {
    let site = Site::new().await;
    site.enable("auth-only").await;
    let ben = ben(&site).await;
    let mut browser = Browser::open(&challenge(&site).await).await;
    let code = site.code(&ben.key);
    let shown = browser.sign_in("ben", BENS, None).await;
    assert_eq!(shown.status, 403);
    assert!(shown.problem().unwrap().contains("another account"));
    assert!(!shown.html.contains(site.name()));
    assert!(!shown.has("code"), "{code} is not even asked for");
    // On a page to sign in on, everybody may.
    let mut browser = Browser::open(&page(&site, json!({})).await).await;
    browser.sign_in("ben", BENS, Some(&code)).await;
    assert_eq!(
        browser.page.heading(),
        "Sign in npm on this machine as ben?"
    );
    browser.press("restart", &[]).await;
    assert!(browser.page.has("username"));
}

#[tokio::test]
async fn an_account_is_made_on_the_page_by_the_rules_of_all() {
    let site = Site::new().await;
    let answer = site.post("/-/v1/login", json!({"create": true}));
    let json = answer.anonymous().send().await.is(200).json();
    let mut browser = Browser::open(json["loginUrl"].as_str().unwrap()).await;
    assert_eq!(browser.page.heading(), "Create an account");
    assert!(
        browser
            .page
            .tag("password")
            .contains("autocomplete=\"new-password\"")
    );
    assert!(browser.page.tag("email").contains("autocomplete=\"email\""));
    let long = "long-enough-1";
    for (name, email, password, field) in [
        ("Ada", "ada@mail.example", long, "username"),
        ("tess-marlow", "ada@mail.example", long, "username"),
        ("ada", "\"><script>@x", long, "email"),
        ("ada", "ada@mail.example", "short", "password"),
        ("ada", "ada@mail.example", "me-is-ada-yes", "password"),
    ] {
        let filled = [("username", name), ("email", email), ("password", password)];
        let shown = browser.press("go", &filled).await;
        assert!(shown.status == 400 || shown.status == 409, "{name} {email}");
        let tag = shown.tag(field);
        assert!(tag.contains("aria-describedby=\"problem"), "{tag}");
        assert!(tag.contains(" autofocus"), "{tag}");
        assert!(shown.tag("username").contains(&format!("value=\"{name}\"")));
    }
    let filled = [
        ("username", "ada"),
        ("email", "ada@mail.example"),
        ("password", long),
    ];
    browser.press("go", &filled).await;
    assert_eq!(
        browser.page.heading(),
        "Sign in npm on this machine as ada?"
    );
    browser.press("approve", &[]).await;
    let done = site.get(json["doneUrl"].as_str().unwrap()).send().await;
    let token = done.is(200).json()["token"].as_str().unwrap().to_owned();
    let name = site.get("/-/whoami").bearer(&token).send().await.json();
    assert_eq!(name["username"], "ada");
}

#[tokio::test]
async fn a_form_that_was_answered_elsewhere_shows_what_became_of_it() {
    let site = Site::new().await;
    let url = page(&site, json!({})).await;
    let mut browser = Browser::open(&url).await;
    browser.sign_in(site.name(), site.password(), None).await;
    assert!(site.running.deny(&url));
    assert_eq!(browser.press("approve", &[]).await.heading(), "Denied");

    // A form of a step that is over does nothing either.
    let mut browser = Browser::open(&page(&site, json!({})).await).await;
    browser.sign_in(site.name(), site.password(), None).await;
    let mut fields = browser.page.fields();
    fields[1].1 = "sign-in".to_owned();
    let shown = browser.post(&fields, &[]).await;
    assert!(shown.heading().starts_with("Sign in npm"));

    let mut browser = Browser::open(&page(&site, json!({})).await).await;
    site.later(600);
    browser.sign_in(site.name(), site.password(), None).await;
    assert_eq!(browser.page.status, 404);
    let nowhere = format!("{}-/web/nowhere", site.running.url());
    assert_eq!(Browser::open(&nowhere).await.page.status, 404);
}

#[tokio::test]
async fn several_browsers_look_at_one_page_without_disturbing_each_other() {
    let site = Site::new().await;
    let url = page(&site, json!({})).await;
    let mut desk = Browser::open(&url).await;
    let mut phone = Browser::open(&url).await;
    desk.sign_in(site.name(), site.password(), None).await;
    assert!(phone.reload().await.has("password"));
    phone.sign_in(site.name(), site.password(), None).await;
    desk.press("approve", &[]).await;
    assert_eq!(phone.press("deny", &[]).await.heading(), "Approved");
}
