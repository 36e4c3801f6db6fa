//! What is otherwise at npm's registry in 2026.

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::{Policy, StartTfa};
use serde_json::json;

use crate::site::{Answer, Site, USER};
use crate::start;

async fn npmjs(tfa: StartTfa) -> Site {
    start::site(Policy::Npmjs, tfa).await
}

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

#[tokio::test]
async fn no_new_authenticator_is_taken_and_the_one_that_is_there_goes_on() {
    for tfa in [StartTfa::Off, StartTfa::Pending] {
        let site = npmjs(tfa).await;
        let before = site.running.inspect().tfa;
        for level in ["auth-only", "auth-and-writes"] {
            let words = mode(&site, level, None).await.refused(403);
            assert!(words.contains("closed"), "{words}");
        }
        assert_eq!(site.running.inspect().tfa, before);
    }
    let site = npmjs(StartTfa::On(Level::AuthAndWrites)).await;
    let code = site.code(&start::key(&site));
    mode(&site, "auth-only", None).await.challenged();
    mode(&site, "auth-only", Some(&code)).await.is(200);
    assert_eq!(site.running.inspect().tfa, Tfa::On(Level::AuthOnly));
    let off = mode(&site, "disable", Some(&code)).await;
    assert_eq!(off.is(200).json(), json!({"tfa": false}));
    // There is no way back.
    mode(&site, "auth-only", None).await.refused(403);
}
