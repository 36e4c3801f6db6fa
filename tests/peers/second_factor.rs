//! Two-factor authentication, from npm's side.

use base64::Engine as _;
use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::Options;

use crate::npm::Npm;
use crate::served::Served;
use crate::terminal::{Ended, word_after};
use crate::{signed_in, totp};

pub const KEY: &str = "Or enter code:";
pub const CODE: &str = "And an OTP code from your authenticator:";
pub const OTP: &str = "Enter OTP:";

/// `npm profile enable-2fa` up to the answer to its code, which is made from the key on the screen.
pub fn enable(
    served: &Served,
    npm: &Npm,
    level: &[&str],
    code: impl FnOnce(&str) -> String,
) -> (Ended, String) {
    let mut enable = npm.spawn(&[&["profile", "enable-2fa"], level].concat());
    enable.expect("npm password:");
    enable.send(served.running.password().expose());
    enable.until(KEY);
    enable.expect(CODE);
    let key = word_after(&enable.screen(), KEY).to_owned();
    enable.send(&code(&key));
    (enable.end(), key)
}

/// The recovery codes that npm printed.
fn recovery(ended: &Ended) -> Vec<String> {
    let hex = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    ended
        .screen
        .split_whitespace()
        .filter(hex)
        .map(str::to_owned)
        .collect()
}

#[test]
fn npm_enables_changes_the_level_and_disables() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    let right = |key: &str| totp::code(key, served.now());

    // The default level, first with a code of long ago: npm gives up, the set-up stays open.
    let old = |key: &str| totp::code(key, served.now() - 3600);
    let (ended, first) = enable(&served, &npm, &[], old);
    ended.failed().says("you either typoed it, or it timed out");
    assert_eq!(
        served.running.inspect().tfa,
        Tfa::Pending(Some(Level::AuthAndWrites))
    );

    // npm clears the pending one itself and begins anew.
    let (ended, key) = enable(&served, &npm, &["auth-and-writes"], right);
    let ended = ended.done().says("2FA successfully enabled");
    assert_ne!(first, key);
    let codes = recovery(&ended);
    assert_eq!(codes.len(), 5);
    assert_eq!(served.running.inspect().tfa, Tfa::On(Level::AuthAndWrites));

    // Another level, with a recovery code at npm's own prompt.
    let mut change = npm.spawn(&["profile", "enable-2fa", "auth-only"]);
    change.expect("npm password:");
    change.send(served.running.password().expose());
    change.expect(OTP);
    change.send(&codes[1]);
    change
        .end()
        .done()
        .says("Two factor authentication mode changed to: auth-only");
    assert_eq!(served.running.inspect().tfa, Tfa::On(Level::AuthOnly));
    assert_eq!(served.running.inspect().recovery_codes, 4);
    npm.run(&["profile", "get"])
        .done()
        .says("two-factor auth: auth-only");

    // Off, with a code from the start; the used recovery code serves no more.
    let disable = |otp: &str| {
        let mut disable = npm.spawn(&["profile", "disable-2fa", otp]);
        disable.expect("npm password:");
        disable.send(served.running.password().expose());
        disable
    };
    let mut refused = disable(&format!("--otp={}", codes[1]));
    refused.expect(OTP);
    refused.send("000 000");
    refused.end().failed();
    assert_eq!(served.running.inspect().tfa, Tfa::On(Level::AuthOnly));
    let otp = format!("--otp={}", right(&key));
    disable(&otp)
        .end()
        .done()
        .says("Two factor authentication disabled.");
    assert_eq!(served.running.inspect().tfa, Tfa::Off);
}

#[test]
fn npm_enables_auth_only_and_is_asked_for_the_code_at_login_and_for_the_profile() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    let right = |key: &str| totp::code(key, served.now());
    let (ended, key) = enable(&served, &npm, &["auth-only"], right);
    ended.done();
    assert_eq!(served.running.inspect().tfa, Tfa::On(Level::AuthOnly));

    let mut set = npm.spawn(&["profile", "set", "github", "tessm"]);
    set.expect(OTP);
    set.send(&right(&key));
    set.end().done().says("Set github to tessm");

    let mut login = npm.spawn(&["login"]);
    login.expect("Username:");
    login.send(served.running.username());
    login.expect("Password:");
    login.send(served.running.password().expose());
    login.expect(OTP);
    login.send(&right(&key));
    login.end().done();
    npm.run(&["whoami"]).done().says(served.running.username());
}

#[test]
fn npm_takes_its_basic_credential_to_a_token_before_it_enables() {
    let Some((served, npm)) = signed_in(Options::default()) else {
        return;
    };
    let pair = format!(
        "{}:{}",
        served.running.username(),
        served.running.password().expose()
    );
    let pair = base64::prelude::BASE64_STANDARD.encode(pair);
    let place = served.running.url().split_once(':').unwrap().1;
    std::fs::write(npm.userconfig(), format!("{place}:_auth=\"{pair}\"\n")).unwrap();
    let (ended, _) = enable(&served, &npm, &[], |key| totp::code(key, served.now()));
    ended.done();
    assert_eq!(served.running.inspect().tokens, 13);
    assert!(npm.configuration().contains("_authToken=npm_"));
}
