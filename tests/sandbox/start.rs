//! The second factor that an account has from the start, under both policies.

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::{Options, Policy, StartTfa};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::site::{Site, USER};
use crate::totp;

const BOTH: [Policy; 2] = [Policy::Classic, Policy::Npmjs];

pub async fn site(policy: Policy, tfa: StartTfa) -> Site {
    Site::with(Options {
        policy,
        tfa,
        ..Options::default()
    })
    .await
}

/// A registry by npm's rules whose account has a second factor.
pub async fn guarded() -> Site {
    site(Policy::Npmjs, StartTfa::On(Level::AuthAndWrites)).await
}

/// The key that the start line tells.
pub fn key(site: &Site) -> String {
    let url = site.running.otpauth().unwrap().expose();
    totp::parameter(url, "secret").unwrap().to_owned()
}

/// The present code of the account that had a second factor from the start.
pub fn code(site: &Site) -> String {
    site.code(&key(site))
}

fn line(site: &Site) -> Value {
    serde_json::from_str(site.running.start_line().expose()).unwrap()
}

#[tokio::test]
async fn the_start_line_tells_of_a_second_factor_only_where_there_is_one() {
    for policy in BOTH {
        let off = site(policy, StartTfa::Off).await;
        let keys: Vec<String> = line(&off).as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["email", "password", "token", "url", "username"]);
        assert_eq!(off.running.inspect().tfa, Tfa::Off);
        assert!(off.running.code().is_none());

        let pending = site(policy, StartTfa::Pending).await;
        assert_eq!(line(&pending)["recovery_codes"], json!([]));
        assert_eq!(
            pending.running.inspect().tfa,
            Tfa::Pending(Some(Level::AuthAndWrites))
        );

        let on = site(policy, StartTfa::On(Level::AuthOnly)).await;
        assert_eq!(on.running.inspect().tfa, Tfa::On(Level::AuthOnly));
        assert_eq!(on.running.inspect().recovery_codes, 5);
        let line = line(&on);
        let keys = line.as_object().unwrap().keys();
        assert_eq!(
            keys.collect::<Vec<_>>(),
            [
                "email",
                "otpauth",
                "password",
                "recovery_codes",
                "token",
                "url",
                "username"
            ]
        );
        assert_eq!(
            line["otpauth"],
            on.running.otpauth().unwrap().expose().as_str()
        );
        assert_eq!(line["recovery_codes"].as_array().unwrap().len(), 5);
        assert!(!format!("{:?}", on.running).contains(&key(&on)));
    }
}

#[tokio::test]
async fn p13_the_codes_of_an_account_that_had_them_from_the_start_serve() {
    for policy in BOTH {
        let site = site(policy, StartTfa::On(Level::AuthAndWrites)).await;
        let code = site.code(&key(&site));
        assert_eq!(site.running.code().unwrap().code.expose(), &code);
        let guarded = |code: &str| site.post(USER, json!({})).otp(code).send();
        site.post(USER, json!({})).send().await.challenged();
        guarded(&code).await.is(200);
        let recovery = site.running.recovery_codes()[2].expose();
        guarded(recovery).await.is(200);
        guarded(recovery).await.challenged();
        assert_eq!(site.running.inspect().recovery_codes, 4);
    }
}

#[tokio::test]
async fn a_set_up_that_was_begun_is_confirmed_or_given_up() {
    for policy in BOTH {
        let site = site(policy, StartTfa::Pending).await;
        let code = site.code(&key(&site));
        let answer = site.post(USER, json!({"tfa": [code]})).send().await;
        assert_eq!(answer.is(200).json()["tfa"].as_array().unwrap().len(), 5);
        assert_eq!(site.running.inspect().tfa, Tfa::On(Level::AuthAndWrites));
    }
}

#[tokio::test]
async fn who_is_asked_for_a_code_on_a_page_is_asked_by_what_the_account_has_by_then() {
    for (policy, heading) in [
        (Policy::Classic, "Second factor"),
        (Policy::Npmjs, "Code by mail"),
    ] {
        let site = site(policy, StartTfa::On(Level::AuthOnly)).await;
        let login = site.post("/-/v1/login", json!({})).send().await.json();
        let mut browser = Browser::open(login["loginUrl"].as_str().unwrap()).await;
        browser.sign_in(site.name(), site.password(), None).await;
        assert_eq!(browser.page.heading(), "Second factor");
        let body = json!({"tfa": {"mode": "disable", "password": site.password()}});
        let off = site.post(USER, body).otp(&code(&site));
        off.send().await.is(200);
        assert_eq!(browser.reload().await.heading(), heading);
    }
}
