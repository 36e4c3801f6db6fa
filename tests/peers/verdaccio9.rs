//! Verdaccio 9-next, the one other registry that really does web login and second factors: what it does, and what this
//! program's client makes of it.

use npm_warden::domain::granular::NewToken;
use npm_warden::domain::secret::Secret;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::registry::{Enrolling, Error, PageAt, Polled, Registry as _, WebSession};
use std::time::Duration;

use crate::browser::Browser;
use crate::client::{Client, plain, with_code};
use crate::http::run;
use crate::totp;
use crate::verdaccio::{Verdaccio, Version};

const PASSWORD: &str = "a-password";

/// Signed in by its page, which is the one way there is.
fn signed_in(verdaccio: &Verdaccio, name: &str) -> Client {
    let client = Client::nobody(verdaccio.url());
    let session = run(client.web_login(plain())).unwrap();
    verdaccio.approves(session.page.address.as_str(), name, PASSWORD);
    done(&client, &session, name);
    client
}

fn done(client: &Client, session: &WebSession, name: &str) {
    let polled = run(client.poll(plain(), &session.done)).unwrap();
    let Polled::Done(token) = polled else {
        panic!("{polled:?}");
    };
    client.take(name, token);
    assert_eq!(run(client.whoami(plain())).unwrap().as_str(), name);
}

/// A set-up that was begun: its key.
fn begun(result: Result<Enrolling, Error>) -> String {
    let Ok(Enrolling::Begun(otpauth)) = result else {
        panic!("nothing was begun");
    };
    let otpauth = otpauth.expose();
    totp::parameter(otpauth, "secret").unwrap().to_owned()
}

fn level(client: &Client) -> Tfa {
    run(client.profile(plain())).unwrap().tfa
}

fn challenged<T>(result: Result<T, Error>) -> bool {
    let Err(Error::Challenge(challenged)) = result else {
        panic!("no challenge");
    };
    assert_eq!(challenged.web, None);
    assert!(!challenged.by_email);
    challenged.refused
}

#[test]
fn its_web_login_is_waited_for_and_its_passwords_are_taken_on_its_website_alone() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let nobody = Client::nobody(verdaccio.url());
    let session = run(nobody.web_login(plain())).unwrap();
    assert!(!session.page.foreign);
    let waiting = run(nobody.poll(plain(), &session.done)).unwrap();
    let five = Duration::from_secs(5);
    assert!(matches!(waiting, Polled::Pending(Some(wait)) if wait == five));
    verdaccio.approves(session.page.address.as_str(), "alice", PASSWORD);
    done(&nobody, &session, "alice");

    for name in ["alice", "alcie"] {
        let refused = run(nobody.password_login(plain(), name, &PASSWORD.into()));
        let Err(Error::Refused { status: 401, words }) = refused else {
            panic!("{refused:?}");
        };
        assert!(words.as_str().contains("sign in on its website"), "{words}");
    }
    assert_eq!(verdaccio.accounts(), ["alice"]);
}

#[test]
fn its_own_page_signs_in_from_a_real_browser() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let nobody = Client::nobody(verdaccio.url());
    let session = run(nobody.web_login(plain())).unwrap();
    browser.open(session.page.address.as_str());
    browser.fill("Username", "alice");
    browser.fill("Password", PASSWORD);
    browser.press("LOGIN");
    // What its page says of itself is wrong in this version: the sign-in was accepted, as the poll shows.
    browser.shows("Unable to login");
    done(&nobody, &session, "alice");
}

#[test]
fn its_second_factor_is_enrolled_asked_for_changed_and_turned_off() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let alice = signed_in(&verdaccio, "alice");
    let password = Secret::from(PASSWORD);
    let refused = run(alice.enrol(plain(), Level::AuthAndWrites, &"not-it".into()));
    let refused = refused.map(|_| ());
    assert!(
        matches!(refused, Err(Error::Refused { status: 401, .. })),
        "{refused:?}"
    );
    let key = begun(run(alice.enrol(plain(), Level::AuthAndWrites, &password)));
    assert_eq!(level(&alice), Tfa::Pending(Some(Level::AuthAndWrites)));

    // Each code serves once. Time that passes meanwhile takes nothing from this one and the next.
    let now = verdaccio.now();
    let code = |step: u64| Secret::from(totp::code(&key, now + 30 * step));
    let codes = run(alice.confirm(plain(), &code(0))).unwrap();
    let codes: Vec<_> = codes.iter().map(|code| code.expose().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    let hex = |code: &String| code.len() == 16 && code.bytes().all(|b| b.is_ascii_hexdigit());
    assert!(codes.iter().all(hex), "{codes:?}");
    assert_eq!(level(&alice), Tfa::On(Level::AuthAndWrites));

    let new = NewToken::classic(false, Vec::new(), PASSWORD.into());
    assert!(!challenged(run(alice.create_token(plain(), &new))));
    assert!(challenged(run(
        alice.create_token(with_code(&code(0)), &new)
    )));
    let (token, value) = run(alice.create_token(with_code(&code(1)), &new)).unwrap();
    let page = run(alice.tokens(plain(), &PageAt::First)).unwrap();
    assert_eq!(page.rows.len(), 1);
    let other = Client::with(verdaccio.url(), value.expose());
    assert_eq!(run(other.whoami(plain())).unwrap().as_str(), "alice");
    run(alice.revoke(plain(), &token.key)).unwrap();
    let dead = run(other.whoami(plain()));
    assert!(matches!(dead, Err(Error::SignedOut { .. })), "{dead:?}");

    // It has no fields to set, and says so behind its guard: so a code can be tried out all the same.
    assert!(!challenged(run(alice.touch(plain()))));
    assert!(challenged(run(alice.touch(with_code(&"000000".into())))));
    let old = code(1);
    assert!(challenged(run(alice.touch(with_code(&old)))));
    let tried = run(alice.touch(with_code(&codes[5].as_str().into())));
    let Err(Error::NotOffered { words }) = tried else {
        panic!("{tried:?}");
    };
    assert!(
        words.as_str().contains("profile unexpected error"),
        "{words}"
    );

    // Another level is a new set-up, and until it is confirmed there is no second factor.
    let recovery = Secret::from(codes[3].as_str());
    let other = run(alice.enrol(with_code(&recovery), Level::AuthOnly, &password));
    assert_ne!(begun(other), key);
    assert_eq!(level(&alice), Tfa::Pending(Some(Level::AuthOnly)));
    run(alice.disable(plain(), &password)).unwrap();
    assert_eq!(level(&alice), Tfa::Off);
}

#[test]
fn a_new_password_ends_its_tokens_which_it_then_refuses_in_two_ways() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let alice = signed_in(&verdaccio, "alice");
    let new = Secret::from("another-password");
    let refused = run(alice.change_password(plain(), &"not-it".into(), &new));
    assert!(
        matches!(refused, Err(Error::Refused { status: 403, .. })),
        "{refused:?}"
    );
    run(alice.change_password(plain(), &PASSWORD.into(), &new)).unwrap();
    let errors = [
        run(alice.whoami(plain())).unwrap_err(),
        run(alice.profile(plain())).unwrap_err(),
        run(alice.tokens(plain(), &PageAt::First)).unwrap_err(),
        run(alice.disable(plain(), &new)).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::SignedOut { .. }), "{error:?}");
    }
}
