//! Codes by mail, for accounts without a second factor at npm's registry.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use npm_warden::sandbox::{Log, Options, Policy, StartTfa};
use serde_json::json;

use crate::browser::{Browser, between};
use crate::site::{Answer, Site, TOKENS, USER};
use crate::start;

async fn npmjs() -> Site {
    start::site(Policy::Npmjs, StartTfa::Off).await
}

/// Changes the profile, with a code or without.
async fn change(site: &Site, otp: Option<&str>) -> Answer {
    let ask = site.post(USER, json!({"email": site.running.email(), "github": "t"}));
    match otp {
        Some(code) => ask.otp(code),
        None => ask,
    }
    .send()
    .await
}

#[track_caller]
fn by_mail(answer: &Answer) {
    assert_eq!(
        answer.challenged(),
        "A One Time Password (OTP) by email is required."
    );
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
    assert_eq!(answer.header("npm-notice"), None);
}

fn mailed(site: &Site) -> String {
    site.running.mail().last().unwrap().code.expose().clone()
}

#[tokio::test]
async fn every_guarded_request_asks_for_a_code_that_is_mailed() {
    let site = npmjs().await;
    let password = site.password();
    let key = site.get(TOKENS).send().await.json()["objects"][0]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let revoke = format!("{TOKENS}/token/{key}");
    let login = "/-/user/org.couchdb.user:tess-marlow/-rev/undefined";
    let create = json!({"name": "x", "password": password, "packages": ["a"]});
    let change = json!({"password": {"old": password, "new": "another-long-one"}});
    for (ask, purpose) in [
        (site.post(USER, json!({})), "change your profile"),
        (site.post(USER, change), "change your password"),
        (site.post(TOKENS, create), "create a token"),
        (site.ask("DELETE", &revoke), "revoke a token"),
        (
            site.ask("PUT", login)
                .basic(site.name(), password)
                .json(json!({})),
            "sign in by user name and password",
        ),
        (
            site.get("/-/whoami").basic(site.name(), password),
            "read who is signed in",
        ),
    ] {
        // The web is not offered: there is nothing to approve by.
        by_mail(&ask.web().send().await);
        let mails = site.running.mail();
        let mail = mails.last().unwrap();
        assert_eq!(
            (mail.to.as_str(), mail.purpose),
            (site.running.email(), purpose)
        );
        assert_eq!(mail.sent, site.hand.now());
        let code = mail.code.expose();
        assert!(code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()));
        assert!(!format!("{mail:?}").contains(code.as_str()));
        site.later(600);
    }
    assert_eq!(site.running.mail().len(), 6);
    // Reading by token is free.
    for path in ["/-/whoami", USER, TOKENS] {
        site.get(path).send().await.is(200);
    }
    assert_eq!(site.running.mail().len(), 6);
}

#[tokio::test]
async fn a_mailed_code_serves_for_ten_minutes_and_again_within_them() {
    let site = npmjs().await;
    by_mail(&change(&site, None).await);
    let code = mailed(&site);
    change(&site, Some(&code)).await.is(200);
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    site.later(599);
    change(&site, Some(&spaced)).await.is(200);
    let create = json!({"name": "x", "password": site.password(), "packages": ["a"]});
    site.post(TOKENS, create).otp(&code).send().await.is(201);
    site.later(1);
    // None serves any more, so that another is mailed.
    by_mail(&change(&site, Some(&code)).await);
    let next = mailed(&site);
    assert_ne!(code, next);
    change(&site, Some(&next)).await.is(200);
}

#[tokio::test]
async fn p13_with_otp_once_a_mailed_code_serves_once() {
    let site = Site::with(Options {
        policy: Policy::Npmjs,
        otp_once: true,
        ..Options::default()
    })
    .await;
    by_mail(&change(&site, None).await);
    let code = mailed(&site);
    change(&site, Some(&code)).await.is(200);
    by_mail(&change(&site, Some(&code)).await);
    assert_ne!(mailed(&site), code);
}

#[tokio::test]
async fn nobody_s_inbox_is_filled_and_a_code_that_is_about_to_lapse_is_followed_by_another() {
    let site = Site::with(Options {
        policy: Policy::Npmjs,
        session_life: Duration::from_hours(24),
        ..Options::default()
    })
    .await;
    for _ in 0..5 {
        by_mail(&change(&site, None).await);
    }
    assert_eq!(site.running.mail().len(), 1);
    let first = mailed(&site);
    site.later(299);
    by_mail(&change(&site, None).await);
    assert_eq!(site.running.mail().len(), 1);
    site.later(1);
    by_mail(&change(&site, None).await);
    assert_eq!(site.running.mail().len(), 2);
    // Both serve while they live.
    for code in [first, mailed(&site)] {
        change(&site, Some(&code)).await.is(200);
    }
    for _ in 0..150 {
        site.later(301);
        change(&site, None).await;
    }
    assert_eq!(site.running.mail().len(), 100);
}

#[tokio::test]
async fn p15_wrong_codes_in_a_row_close_the_door_for_mailed_ones_too() {
    let site = npmjs().await;
    by_mail(&change(&site, None).await);
    let right = mailed(&site);
    let wrong = if right == "00000000" {
        "00000001"
    } else {
        "00000000"
    };
    for _ in 0..4 {
        assert_eq!(change(&site, Some(wrong)).await.challenged(), "invalid OTP");
    }
    let answer = change(&site, Some(wrong)).await;
    answer.refused(429);
    assert_eq!(answer.header("retry-after"), Some("60"));
    change(&site, Some(&right)).await.refused(429);
    by_mail(&change(&site, None).await);
    site.later(60);
    change(&site, Some(&right)).await.is(200);
    assert_eq!(site.running.mail().len(), 1);
}

#[tokio::test]
async fn a_code_that_went_to_an_old_address_serves_no_more() {
    let site = npmjs().await;
    change(&site, None).await;
    let code = mailed(&site);
    let body = json!({"email": "tess@new.example"});
    site.post(USER, body).otp(&code).send().await.is(200);
    by_mail(&change(&site, Some(&code)).await);
    assert_eq!(site.running.mail().last().unwrap().to, "tess@new.example");
}

#[tokio::test]
async fn who_turns_the_second_factor_off_is_asked_by_mail_from_then_on() {
    let site = start::guarded().await;
    let body = json!({"tfa": {"mode": "disable", "password": site.password()}});
    site.post(USER, body.clone())
        .otp(&start::code(&site))
        .send()
        .await
        .is(200);
    by_mail(&change(&site, Some(&start::code(&site))).await);
    change(&site, Some(&mailed(&site))).await.is(200);
    // What is off is off.
    let again = site.post(USER, body).send().await;
    assert_eq!(again.is(200).json(), json!({"tfa": false}));
}

#[tokio::test]
async fn mail_is_each_account_s_own() {
    let site = npmjs().await;
    let body = json!({"name": "ben", "password": "long-enough-1", "email": "ben@mail.example"});
    let add = site.ask("PUT", "/-/user/org.couchdb.user:ben");
    let made = add.anonymous().json(body).send().await.is(201).json();
    let ben = made["token"].as_str().unwrap();
    change(&site, None).await;
    let code = mailed(&site);
    let body = json!({"email": "ben@mail.example"});
    let answer = site.post(USER, body).bearer(ben).otp(&code).send().await;
    by_mail(&answer);
    let mails = site.running.mail();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[1].to, "ben@mail.example");
}

#[tokio::test]
async fn a_sign_in_on_the_web_asks_for_the_mailed_code_as_well() {
    let site = npmjs().await;
    let login = site
        .post("/-/v1/login", json!({}))
        .send()
        .await
        .is(200)
        .json();
    let mut browser = Browser::open(login["loginUrl"].as_str().unwrap()).await;
    browser.sign_in(site.name(), site.password(), None).await;
    assert_eq!(browser.page.heading(), "Code by mail");
    let inbox = between(&browser.page.html, "href=\"", "\"").unwrap();
    assert_eq!(inbox, "/-/inbox");
    assert_eq!(site.running.mail().last().unwrap().purpose, "sign in");
    browser.press("go", &[("code", "00000000")]).await;
    assert_eq!(browser.page.problem(), Some("invalid OTP"));
    browser.press("go", &[("code", &mailed(&site))]).await;
    browser.press("approve", &[]).await;
    let done = site.get(login["doneUrl"].as_str().unwrap()).send().await;
    done.is(200);
}

#[tokio::test]
async fn the_inbox_is_a_page_that_needs_nothing() {
    let site = Site::with(Options {
        policy: Policy::Npmjs,
        prefix: "/npm/team".to_owned(),
        // It stays where the other pages are gone.
        web: false,
        ..Options::default()
    })
    .await;
    let url = site.running.inbox().unwrap();
    assert_eq!(url, format!("{}-/inbox", site.running.url()));
    let mut inbox = Browser::open(&url).await;
    assert_eq!(inbox.page.heading(), "Inbox");
    assert!(inbox.page.html.contains("There is no mail yet."));
    assert!(inbox.page.header("set-cookie").is_none());

    change(&site, None).await;
    site.later(300);
    site.post(
        TOKENS,
        json!({"name": "x", "password": site.password(), "packages": ["a"]}),
    )
    .send()
    .await
    .challenged();
    let html = inbox.reload().await.html.clone();
    let shown: Vec<String> = site
        .running
        .mail()
        .iter()
        .map(|mail| format!("{} {}", &mail.code.expose()[..4], &mail.code.expose()[4..]))
        .collect();
    let at = |text: &str| {
        html.find(text)
            .unwrap_or_else(|| panic!("no {text} in {html}"))
    };
    assert!(at(&shown[1]) < at(&shown[0]), "the newest first");
    assert!(at("create a token") < at("change your profile"));
    assert!(html.contains("To tess.marlow@mail.example, 10:00:05 UTC"));
    assert!(html.contains("It works until 10:10:05 UTC."));
    site.later(300);
    assert!(
        inbox
            .reload()
            .await
            .html
            .contains("It does not work any more.")
    );
    // Looking costs nothing.
    assert_eq!(site.running.mail().len(), 2);
}

#[tokio::test]
async fn the_inbox_is_shown_to_no_other_host_and_takes_no_form() {
    let site = npmjs().await;
    change(&site, None).await;
    let code = mailed(&site);
    let url = site.running.inbox().unwrap();
    let foreign = crate::site::client()
        .get(&url)
        .header("host", "registry.example");
    let foreign = foreign.send().await.unwrap();
    assert_eq!(foreign.status(), 421);
    assert!(!foreign.text().await.unwrap().contains(&code[..4]));
    site.ask("POST", "/-/inbox").send().await.refused(405);
}

#[tokio::test]
async fn an_address_is_text_on_the_page_and_nothing_else() {
    let site = npmjs().await;
    change(&site, None).await;
    let body = json!({"email": "<b>\"&'@mail.example"});
    site.post(USER, body)
        .otp(&mailed(&site))
        .send()
        .await
        .is(200);
    site.post(USER, json!({})).send().await.challenged();
    let inbox = Browser::open(&site.running.inbox().unwrap()).await;
    assert!(
        inbox
            .page
            .html
            .contains("To &lt;b&gt;&quot;&amp;&#39;@mail.example")
    );
}

#[tokio::test]
async fn a_lost_answer_is_lost_after_the_mail_was_sent() {
    let site = npmjs().await;
    site.fault("profile.set#1=drop-before");
    site.fault("profile.set#2=status-after:502");
    let url = format!("{}{}", site.running.url(), &USER[1..]);
    let lost = crate::site::client()
        .post(&url)
        .bearer_auth(site.token())
        .body("{}");
    lost.send().await.unwrap_err();
    assert!(site.running.mail().is_empty());
    change(&site, None).await.is(502);
    assert_eq!(site.running.mail().len(), 1);
    change(&site, Some(&mailed(&site))).await.is(200);
}

#[tokio::test]
async fn p01_the_log_holds_no_code_whatever_is_asked() {
    let lines = Arc::new(Mutex::new(Vec::<String>::new()));
    let sink = Arc::clone(&lines);
    let site = Site::with(Options {
        policy: Policy::Npmjs,
        log: Log::To(Arc::new(move |line| {
            sink.lock().unwrap().push(line.to_owned());
        })),
        ..Options::default()
    })
    .await;
    change(&site, None).await;
    let code = mailed(&site);
    change(&site, Some(&code)).await.is(200);
    Browser::open(&site.running.inbox().unwrap()).await;
    Browser::open(&format!("{}?otp={code}", site.running.inbox().unwrap())).await;
    let lines = lines.lock().unwrap().clone();
    assert_eq!(lines.len(), 4);
    let line = |index: usize, text: &str| assert!(lines[index].starts_with(text), "{lines:?}");
    line(0, "POST /-/npm/v1/user 401 ");
    line(1, "POST /-/npm/v1/user 200 ");
    line(2, "GET /-/inbox 200 ");
    line(3, "GET /-/inbox?… 200 ");
    for secret in [code.as_str(), site.token(), site.password()] {
        assert!(!lines.concat().contains(secret));
    }
}
