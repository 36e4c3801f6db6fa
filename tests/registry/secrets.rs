//! No secret in an error or in a log, whatever the registry echoes.

use std::io;
use std::sync::{Mutex, Once};

use npm_warden::domain::account::ProfileField;
use npm_warden::domain::granular::NewToken;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::text::Text;
use npm_warden::domain::tfa::Level;
use npm_warden::domain::token::TokenKey;
use npm_warden::registry::{DoneUrl, Error, PageAt, Registry as _};

use crate::client::{TOKEN, client, with_otp};
use crate::server::{Server, Step, json, with};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what every test of this process logs, at every level. One subscriber for all: one of a single thread's own
/// would miss what other threads met first.
pub(crate) fn keep_the_log() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(|| Log)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

/// Everything that was logged so far.
pub(crate) fn log() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

const PASSWORD: &str = "canary-password";
const OTP: &str = "canary-914273";
const CODE: &str = "canary-551122";
const KEY: &str = "8f14e45f-ceea-467f-a0e6-1d2b3c4d5e6f";
const RECOVERY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const VISIT: &str = "canary-visit";
const SEED: &str = "JBSWY3DPEHPK3PXPCANARY";

/// What was sent, and what is known by its looks, as a registry with a fault might echo it.
fn echo(sent: &str) -> String {
    format!(
        "no: {TOKEN} {OTP} {sent} {RECOVERY} https://h/-/v1/done/{VISIT} Bearer {TOKEN} otpauth://totp/x?secret={SEED} https://al:{PASSWORD}@h/"
    )
}

fn answers(sent: &str) -> Vec<Step> {
    let echo = echo(sent);
    let quoted = format!("{echo:?}");
    let mut answers = Vec::new();
    for status in [200, 302, 400, 401, 403, 404, 422, 429, 500, 502, 503] {
        for body in [
            format!(r#"{{"error":{quoted}}}"#),
            format!(r#"{{"message":{{"error":[{quoted}]}}}}"#),
            format!(r#"{{"tfa":[{quoted},7]"#),
            format!(r#"{{"tfa":{{"mode":{quoted}}}}}"#),
            format!(r#"{{"objects":{quoted},"tfa":[{{"x":{quoted}}}]}}"#),
            format!("<title>{echo}</title>"),
            echo.clone(),
        ] {
            let location = format!("https://al:{PASSWORD}@h/{RECOVERY}/?otp={OTP}");
            answers.push(with(
                status,
                &[("location", &location), ("retry-after", "0")],
                &body,
            ));
        }
    }
    answers
}

/// Whoever has this address can fetch the token.
fn done(server: &Server) -> DoneUrl {
    let address = format!("{}-/v1/done/{VISIT}?authId={VISIT}", server.url());
    DoneUrl::new(address.parse().unwrap())
}

fn assert_clean(text: &str) {
    for secret in [TOKEN, PASSWORD, OTP, CODE, RECOVERY, SEED, KEY, VISIT] {
        if let Some(at) = text.find(secret) {
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            panic!("{secret} in {}", &text[line..at + secret.len()]);
        }
    }
}

#[tokio::test]
async fn p01_p03_no_secret_is_in_an_error_or_in_a_log_at_any_level() {
    let (otp, password, code) = (
        Secret::from(OTP),
        Secret::from(PASSWORD),
        Secret::from(CODE),
    );
    let mut errors: Vec<Error> = Vec::new();
    for at in 0..answers("").len() {
        // Each call with an answer of its own, and the same again for what tries again.
        let server = Server::start([]).await;
        let client = client(&server);
        let call = with_otp(&otp);
        let refill = |sent| {
            server.clear();
            for _ in 0..3 {
                server.then(answers(sent).remove(at));
            }
        };
        refill(PASSWORD);
        errors.extend(client.password_login(call, "al", &password).await.err());
        server.clear();
        server.then(json(200, r#"{"_rev":"1","name":"al"}"#));
        server.then(answers(PASSWORD).remove(at));
        let shown = client.password_login(call, "al", &password);
        errors.extend(shown.await.err());
        refill(PASSWORD);
        let up = client.sign_up(call, "al", &password, "a@x.io");
        errors.extend(up.await.err());
        refill("");
        errors.extend(client.web_login(call).await.err());
        refill("");
        let polled = client.poll(call, &done(&server)).await;
        assert_clean(&format!("{polled:?}"));
        errors.extend(polled.err());
        refill(TOKEN);
        errors.extend(client.logout(call).await.err());
        server.clear();
        server.then(json(200, r#"{"name":"al","github":"x"}"#));
        server.then(answers(PASSWORD).remove(at));
        let changed = client.change_password(call, &password, &code).await;
        errors.extend(changed.err());
        refill(PASSWORD);
        let new = NewToken::classic(false, Vec::new(), Secret::from(PASSWORD));
        let made = client.create_token(call, &new).await;
        assert_clean(&format!("{made:?}"));
        errors.extend(made.err());
        refill("");
        errors.extend(client.whoami(call).await.err());
        refill("");
        errors.extend(client.tokens(call, &PageAt::First).await.err());
        refill("");
        errors.extend(client.revoke(call, &TokenKey::new(KEY)).await.err());
        refill(PASSWORD);
        errors.extend(client.enrol(call, Level::AuthOnly, &password).await.err());
        refill(CODE);
        errors.extend(client.confirm(call, &code).await.err());
        refill(PASSWORD);
        errors.extend(client.disable(call, &password).await.err());
        server.clear();
        server.then(json(200, r#"{"name":"al","github":"x"}"#));
        server.then(answers("").remove(at));
        let seen = Text::new("x");
        let saved = client.save_field(call, ProfileField::Github, Some(&seen), "y");
        errors.extend(saved.await.err());
        assert_clean(&format!("{client:?}"));
    }
    assert!(errors.len() > 900, "{}", errors.len());
    for error in &errors {
        assert_clean(&format!("{error:?}"));
        let failure = error.failure(&Text::new("registry.test"));
        assert_clean(&format!("{failure} {failure:?}"));
    }
    let log = log();
    for logged in [
        "/-/npm/v1/tokens/token/••••",
        "/-/user/token/••••",
        "the address of a result",
        "status=401",
        "DELETE",
    ] {
        assert!(log.contains(logged), "{logged}");
    }
    assert_clean(&log);
}

#[tokio::test]
async fn p01_what_is_secret_in_a_good_answer_is_not_shown_by_debug() {
    let enrolled = format!(r#"{{"tfa":"otpauth://totp/x?secret={SEED}"}}"#);
    let codes = format!(r#"{{"tfa":["{RECOVERY}"]}}"#);
    let server = Server::start([json(200, &enrolled), json(200, &codes)]).await;
    let client = client(&server);
    let otp = Secret::from(OTP);
    let begun = client
        .enrol(with_otp(&otp), Level::AuthOnly, &Secret::from(PASSWORD))
        .await
        .unwrap();
    let codes = client
        .confirm(with_otp(&otp), &Secret::from(CODE))
        .await
        .unwrap();
    assert_clean(&format!("{begun:?} {codes:?}"));
    assert_eq!(codes.get(0).unwrap().expose(), RECOVERY);
}
