//! The second factor: its states, its codes, and what happens to who guesses.

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::Options;
use serde_json::{Value, json};

use crate::site::{Answer, Site, USER};
use crate::totp;

/// `{tfa: {mode, password}}`, with a code or without.
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

async fn confirm(site: &Site, code: &str) -> Answer {
    site.post(USER, json!({"tfa": [code]})).send().await
}

/// Something that is guarded, and changes nothing that these tests look at.
async fn guarded(site: &Site, code: &str) -> Answer {
    site.post(USER, json!({})).otp(code).send().await
}

/// A code of no step near the present.
fn wrong(site: &Site, key: &str) -> String {
    let near: Vec<String> = (0..5)
        .map(|i| totp::code(key, site.now() - 60 + i * 30))
        .collect();
    (0..9)
        .map(|i| format!("{i}00000"))
        .find(|code| !near.contains(code))
        .unwrap()
}

#[tokio::test]
async fn from_off_over_pending_to_both_levels_and_back() {
    let site = Site::new().await;
    assert_eq!(site.running.inspect().tfa, Tfa::Off);
    assert!(site.running.code().is_none());

    let url = site.begin("auth-only").await;
    assert_eq!(
        site.profile().await["tfa"],
        json!({"mode": "auth-only", "pending": true})
    );
    assert_eq!(
        site.running.inspect().tfa,
        Tfa::Pending(Some(Level::AuthOnly))
    );
    // A pending set-up guards nothing.
    site.post(USER, json!({})).send().await.is(200);

    let key = totp::parameter(&url, "secret").unwrap();
    let error = confirm(&site, &wrong(&site, key)).await.challenged();
    assert!(error.contains("invalid"), "{error}");
    assert_eq!(site.profile().await["tfa"]["pending"], true);

    let codes = confirm(&site, &site.code(key)).await.is(200).json()["tfa"].clone();
    let codes: Vec<String> = serde_json::from_value(codes).unwrap();
    assert_eq!(codes.len(), 5);
    assert!(codes.iter().all(|code| code.len() == 64));
    assert_eq!(
        site.profile().await["tfa"],
        json!({"mode": "auth-only", "pending": false})
    );
    confirm(&site, &site.code(key)).await.refused(400);

    mode(&site, "auth-and-writes", None).await.challenged();
    let answer = mode(&site, "auth-and-writes", Some(&site.code(key))).await;
    assert_eq!(
        answer.is(200).json(),
        json!({"tfa": {"mode": "auth-and-writes", "pending": false}})
    );
    assert_eq!(site.running.inspect().tfa, Tfa::On(Level::AuthAndWrites));
    mode(&site, "auth-only", Some(&site.code(key)))
        .await
        .is(200);
    assert_eq!(site.running.inspect().tfa, Tfa::On(Level::AuthOnly));

    mode(&site, "disable", None).await.challenged();
    let answer = mode(&site, "disable", Some(&site.code(key))).await;
    assert_eq!(answer.is(200).json(), json!({"tfa": false}));
    assert_eq!(site.profile().await["tfa"], Value::Null);
    site.post(USER, json!({})).send().await.is(200);
}

#[tokio::test]
async fn nothing_of_it_touches_the_other_fields() {
    let site = Site::new().await;
    let mut before = site.profile().await;
    let (key, _) = site.enable("auth-only").await;
    mode(&site, "auth-and-writes", Some(&site.code(&key)))
        .await
        .is(200);
    let mut after = site.profile().await;
    for profile in [&mut before, &mut after] {
        let profile = profile.as_object_mut().unwrap();
        profile.remove("tfa").unwrap();
        profile.remove("updated").unwrap();
    }
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_pending_set_up_is_begun_anew_or_given_up_without_a_code() {
    let site = Site::new().await;
    let first = site.begin("auth-only").await;
    let second = site.begin("auth-and-writes").await;
    let keys = [&first, &second].map(|url| totp::parameter(url, "secret").unwrap());
    assert_ne!(keys[0], keys[1]);
    confirm(&site, &site.code(keys[0])).await.refused(401);

    let answer = mode(&site, "disable", None).await;
    assert_eq!(answer.is(200).json(), json!({"tfa": false}));
    assert_eq!(site.running.inspect().tfa, Tfa::Off);
    confirm(&site, &site.code(keys[1])).await.refused(400);
    mode(&site, "disable", None).await.is(200);
}

#[tokio::test]
async fn the_password_is_asked_for_in_every_step_but_the_code() {
    let site = Site::new().await;
    let post = |password: &str, mode: &str| {
        let body = json!({"tfa": {"mode": mode, "password": password}});
        site.post(USER, body).send()
    };
    for mode in ["auth-only", "auth-and-writes", "disable"] {
        let answer = post("wrong", mode).await;
        answer.refused(401);
        assert_eq!(answer.header("www-authenticate"), Some("Basic"));
    }
    assert_eq!(site.running.inspect().tfa, Tfa::Off);
    post("", "auth-only").await.refused(401);
}

#[tokio::test]
async fn p13_a_code_serves_one_step_either_way_and_again_within_its_step() {
    let site = Site::new().await;
    let (key, _) = site.enable("auth-only").await;
    site.later(300);
    let at = |steps: i64| totp::code(&key, site.now().checked_add_signed(steps * 30).unwrap());
    let near = [at(-1), at(0), at(1)];
    for (steps, accepted) in [
        (-3, false),
        (-2, false),
        (2, false),
        (3, false),
        (-1, true),
        (0, true),
        (0, true),
        (1, true),
    ] {
        let code = at(steps);
        let answer = guarded(&site, &code).await;
        if accepted || near.contains(&code) {
            answer.is(200);
        } else {
            answer.challenged();
        }
    }
    let spaced = format!("{} {}", &near[1][..3], &near[1][3..]);
    guarded(&site, &spaced).await.is(200);
}

#[tokio::test]
async fn p13_with_otp_once_a_code_serves_once() {
    let options = Options {
        otp_once: true,
        ..Options::default()
    };
    let site = Site::with(options).await;
    let (key, recovery) = site.enable("auth-only").await;
    let error = guarded(&site, &site.code(&key)).await.challenged();
    assert!(
        error.contains("already"),
        "the enrolment's code has served: {error}"
    );
    site.later(30);
    let code = site.code(&key);
    // A request that fails for another reason spends no code.
    site.post(USER, json!({"email": "none"}))
        .otp(&code)
        .send()
        .await
        .refused(400);
    guarded(&site, &code).await.is(200);
    guarded(&site, &code).await.challenged();
    guarded(&site, &recovery[0]).await.is(200);
    site.later(30);
    guarded(&site, &site.code(&key)).await.is(200);
    // None of the past serves either.
    guarded(&site, &code).await.challenged();
}

#[tokio::test]
async fn p13_each_recovery_code_serves_once() {
    let site = Site::new().await;
    let (_, codes) = site.enable("auth-and-writes").await;
    assert_eq!(site.running.inspect().recovery_codes, 5);
    guarded(&site, &codes[3]).await.is(200);
    guarded(&site, &codes[3]).await.challenged();
    guarded(&site, &codes[0].to_ascii_uppercase()).await.is(200);
    guarded(&site, &codes[1][..63]).await.challenged();
    assert_eq!(site.running.inspect().recovery_codes, 3);
    // A lost device: one code ends the second factor.
    mode(&site, "disable", Some(&codes[4])).await.is(200);
    let (key, fresh) = site.enable("auth-only").await;
    assert!(!fresh.iter().any(|code| codes.contains(code)));
    guarded(&site, &codes[1]).await.challenged();
    guarded(&site, &site.code(&key)).await.is(200);
}

#[tokio::test]
async fn p15_wrong_codes_in_a_row_close_the_door_for_a_while() {
    let site = Site::new().await;
    let (key, recovery) = site.enable("auth-only").await;
    for _ in 0..4 {
        guarded(&site, &wrong(&site, &key)).await.challenged();
    }
    let answer = guarded(&site, &wrong(&site, &key)).await;
    assert!(answer.refused(429).contains("60 seconds"));
    assert_eq!(answer.header("retry-after"), Some("60"));
    site.later(59);
    for right in [&site.code(&key), &recovery[0]] {
        let answer = guarded(&site, right).await;
        answer.refused(429);
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    // Without a code the answer is what it always is.
    site.post(USER, json!({})).send().await.challenged();
    site.later(1);
    guarded(&site, &site.code(&key)).await.is(200);
    guarded(&site, &wrong(&site, &key)).await.challenged();
    assert_eq!(site.running.inspect().recovery_codes, 5);
}

#[tokio::test]
async fn guessing_the_enrolment_s_code_is_made_slow_too() {
    let site = Site::new().await;
    let url = site.begin("auth-only").await;
    let key = totp::parameter(&url, "secret").unwrap();
    for _ in 0..4 {
        confirm(&site, &wrong(&site, key)).await.refused(401);
    }
    confirm(&site, &wrong(&site, key)).await.refused(429);
    confirm(&site, &site.code(key)).await.refused(429);
    site.later(60);
    confirm(&site, &site.code(key)).await.is(200);
}

#[tokio::test]
async fn two_codes_may_be_sent_and_the_first_one_counts() {
    let site = Site::new().await;
    let url = site.begin("auth-only").await;
    let code = site.code(totp::parameter(&url, "secret").unwrap());
    site.post(USER, json!({"tfa": [code, "000000"]}))
        .send()
        .await
        .is(200);
}

#[tokio::test]
async fn p14_the_demo_s_authenticator_agrees_with_a_real_one() {
    let site = Site::new().await;
    let url = site.begin("auth-only").await;
    let key = totp::parameter(&url, "secret").unwrap();
    for _ in 0..3 {
        let shown = site.running.code().unwrap();
        assert_eq!(shown.code.expose(), &site.code(key));
        assert_eq!(shown.seconds_left, 30 - site.now() % 30);
        assert!(!format!("{shown:?}").contains(shown.code.expose().as_str()));
        site.later(17);
    }
    confirm(&site, site.running.code().unwrap().code.expose())
        .await
        .is(200);
    assert_eq!(site.running.code().unwrap().code.expose(), &site.code(key));
}

#[tokio::test]
async fn the_address_can_have_the_lengths_that_a_qr_code_has_to_take() {
    let issuer = |text: &str| text.to_owned();
    for (options, length) in [
        (
            Options {
                key_bytes: 16,
                ..Options::default()
            },
            75,
        ),
        (
            Options {
                key_bytes: 10,
                ..Options::default()
            },
            65,
        ),
        (
            Options {
                issuer: issuer("registry.work-group.net"),
                ..Options::default()
            },
            121,
        ),
        (
            Options {
                issuer: issuer("warden"),
                otpauth_parameters: true,
                ..Options::default()
            },
            121,
        ),
    ] {
        let bytes = options.key_bytes;
        let site = Site::with(options).await;
        let url = site.begin("auth-and-writes").await;
        assert_eq!(url.len(), length);
        let key = totp::parameter(&url, "secret").unwrap();
        assert_eq!(key.len(), (bytes * 8).div_ceil(5));
        confirm(&site, &site.code(key)).await.is(200);
    }
}

#[tokio::test]
async fn an_issuer_is_written_so_that_an_address_stays_one() {
    let options = Options {
        issuer: "Werk & Hof".to_owned(),
        ..Options::default()
    };
    let site = Site::with(options).await;
    let url = site.begin("auth-only").await;
    assert!(url.starts_with("otpauth://totp/Werk%20%26%20Hof:tess-marlow?secret="));
    assert!(url.ends_with("&issuer=Werk%20%26%20Hof"));
}
