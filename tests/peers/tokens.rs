//! Tokens, from npm's side.

use npm_warden::sandbox::Options;

use crate::npm::Npm;
use crate::served::Served;
use crate::terminal::Session;
use crate::{signed_in, totp};

fn create(served: &Served, npm: &Npm, args: &[&str]) -> Session {
    let mut create = npm.spawn(&[&["token", "create"], args].concat());
    create.expect("npm password:");
    create.send(served.running.password().expose());
    create
}

/// Turns the second factor on without npm's help, and gives the key.
fn protect(served: &Served, npm: &Npm) -> String {
    let mut enable = npm.spawn(&["profile", "enable-2fa"]);
    enable.expect("npm password:");
    enable.send(served.running.password().expose());
    enable.expect("And an OTP code from your authenticator:");
    let key = crate::terminal::word_after(&enable.screen(), "Or enter code:").to_owned();
    enable.send(&totp::code(&key, served.now()));
    enable.end().done();
    key
}

#[test]
fn npm_lists_every_page_and_revokes_by_id_and_by_value() {
    let Some((served, npm)) = signed_in(Options {
        tokens: 33,
        ..Options::default()
    }) else {
        return;
    };
    let list = npm.run(&["token", "list"]).done();
    assert_eq!(list.screen.matches(" with id ").count(), 33);
    assert_eq!(served.running.inspect().requests["GET /-/npm/v1/tokens"], 4);
    let list = list
        .says("name release workflow")
        .says("with IP whitelist: 192.0.2.0/24");

    // The second line is not the credential in use, which comes first.
    let id = list
        .screen
        .split(" with id ")
        .nth(2)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    npm.run(&["token", "revoke", id])
        .done()
        .says("Removed 1 token");
    assert_eq!(served.running.inspect().tokens, 32);
    npm.run(&["token", "revoke", id])
        .failed()
        .says("Unknown token id or value");

    let made = create(&served, &npm, &[]).end().done();
    let value = made.word_after("Created token ").to_owned();
    npm.run(&["token", "revoke", &value])
        .done()
        .says("Removed 1 token");
    assert_eq!(served.running.inspect().tokens, 32);
}

#[test]
fn npm_creates_tokens_that_may_what_was_asked_for() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    let args = [
        "--name=ci runner",
        "--cidr=127.0.0.0/8,10.0.0.0/8",
        "--expires=30",
        "--bypass-2fa",
    ];
    let made = create(&served, &npm, &args).end().done();
    let made = made
        .says("with IP whitelist: 127.0.0.0/8,10.0.0.0/8")
        .says("expires: 2026-12-22");
    let value = made.word_after("Created token ").to_owned();
    let other = Npm::for_registry(served.running.url()).unwrap();
    other.sign_in(&value);
    other
        .run(&["whoami"])
        .done()
        .says(served.running.username());

    let args = [
        "--packages=kettle-cli",
        "--packages-and-scopes-permission=read-only",
    ];
    let made = create(&served, &npm, &args).end().done();
    other.sign_in(made.word_after("Created token "));
    other
        .run(&["profile", "set", "github", "x"])
        .failed()
        .says("403");

    create(&served, &npm, &["--orgs-permission=read-only"])
        .end()
        .failed()
        .says("at least one package");
    assert_eq!(served.running.inspect().tokens, 14);
}

#[test]
fn npm_is_asked_for_a_code_or_brings_it_along() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    let key = protect(&served, &npm);
    let code = totp::code(&key, served.now());

    let mut asked = create(&served, &npm, &[]);
    asked.expect("Enter OTP:");
    asked.send(&code);
    let made = asked.end().done();
    let value = made.word_after("Created token ").to_owned();

    let otp = format!("--otp={code}");
    create(&served, &npm, &[&otp]).end().done();
    npm.run(&["token", "revoke", &value, &otp])
        .done()
        .says("Removed 1 token");
    assert_eq!(served.running.inspect().tokens, 13);
    // A token that ends needs none to end itself.
    npm.run(&["logout"]).done();
    assert_eq!(served.running.inspect().tokens, 12);
}
