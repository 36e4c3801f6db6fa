//! The real npm against the embedded registry by the rules of npm's own: what it is refused, what it is asked, and what it
//! lists.

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::{Options, Policy, StartTfa};

use crate::browser::Browser;
use crate::npm::Npm;
use crate::served::Served;
use crate::terminal::{Session, word_after};
use crate::web::{DONE, identify};
use crate::{pair, signed_in, totp};

const OTP: &str = "Enter OTP:";
const WEB: &str = "--auth-type=web";
const SMALL: [&str; 2] = ["--name=ci", "--packages=kettle-cli"];

fn npmjs(tfa: StartTfa) -> Options {
    Options {
        policy: Policy::Npmjs,
        tfa,
        ..Options::default()
    }
}

fn guarded() -> Options {
    npmjs(StartTfa::On(Level::AuthAndWrites))
}

/// The key of the authenticator that the account had from the start.
fn key(served: &Served) -> &str {
    let url = served.running.otpauth().unwrap().expose();
    totp::parameter(url, "secret").unwrap()
}

fn code(served: &Served) -> String {
    totp::code(key(served), served.now())
}

/// A command that asks for the account's password first.
fn with_password(served: &Served, npm: &Npm, args: &[&str]) -> Session {
    let mut command = npm.spawn(args);
    command.expect("npm password:");
    command.send(served.running.password().expose());
    command
}

fn create(served: &Served, npm: &Npm, args: &[&str]) -> Session {
    with_password(served, npm, &[&["token", "create"], args].concat())
}

#[test]
fn npm_enrols_no_authenticator_and_shows_the_registry_s_words() {
    let Some((served, npm)) = signed_in(npmjs(StartTfa::Off)) else {
        return;
    };
    with_password(&served, &npm, &["profile", "enable-2fa"])
        .end()
        .failed()
        .says("Authenticator apps can no longer be added");
    assert_eq!(served.running.inspect().tfa, Tfa::Off);
    assert!(served.running.mail().is_empty());

    // One that was begun is cleared by npm before it asks for another.
    let Some((served, npm)) = signed_in(npmjs(StartTfa::Pending)) else {
        return;
    };
    with_password(&served, &npm, &["profile", "enable-2fa", "auth-only"])
        .end()
        .failed()
        .says("Authenticator apps can no longer be added");
    assert_eq!(served.running.inspect().tfa, Tfa::Off);
}

#[test]
fn npm_changes_the_level_and_disables_with_typed_codes_and_says_where_a_page_is() {
    let Some((served, npm)) = signed_in(guarded()) else {
        return;
    };
    let mut change = with_password(&served, &npm, &["profile", "enable-2fa", "auth-only"]);
    change.expect(OTP);
    assert!(
        change
            .screen()
            .contains("to use your security key for authentication"),
        "{}",
        change.screen()
    );
    change.send(&code(&served));
    change
        .end()
        .done()
        .says("Two factor authentication mode changed to: auth-only");
    assert_eq!(served.running.inspect().tfa, Tfa::On(Level::AuthOnly));

    let mut disable = with_password(&served, &npm, &["profile", "disable-2fa"]);
    disable.expect(OTP);
    disable.send(&code(&served));
    disable
        .end()
        .done()
        .says("Two factor authentication disabled.");
    assert_eq!(served.running.inspect().tfa, Tfa::Off);
}

#[test]
fn npm_disables_by_an_approval_in_the_browser() {
    let Some((served, npm)) = signed_in(guarded()) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let mut disable = with_password(&served, &npm, &["profile", "disable-2fa", WEB]);
    disable.until("/-/web/");
    let page = word_after(&disable.screen(), "Authenticate your account at:").to_owned();
    identify(&browser, &served, &page, Some(key(&served)));
    browser.shows("Approve: turn off two-factor authentication");
    browser.press("Approve");
    browser.shows(DONE);
    disable
        .end()
        .done()
        .says("Two factor authentication disabled.");
    assert_eq!(served.running.inspect().tfa, Tfa::Off);
}

#[test]
fn npm_takes_the_code_that_a_page_shows_to_type() {
    let Some((served, npm)) = signed_in(guarded()) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let mut set = npm.spawn(&["profile", "set", "github", "tessm"]);
    set.expect(OTP);
    let page = word_after(&set.screen(), "Open ").to_owned();
    identify(&browser, &served, &page, Some(key(&served)));
    browser.press("Approve");
    let shown = browser.shows("Type this code in the terminal");
    let typed = shown.lines().find(|line| {
        let digits = line.chars().filter(char::is_ascii_digit).count();
        digits == 16 && line.chars().all(|c| c.is_ascii_digit() || c == ' ')
    });
    set.send(typed.unwrap_or_else(|| panic!("no code in {shown}")));
    set.end().done().says("Set github to tessm");
}

#[test]
fn npm_is_refused_tokens_of_the_old_kind_and_makes_granular_ones() {
    let Some((served, npm)) = signed_in(guarded()) else {
        return;
    };
    for (args, says) in [
        (&[][..], "Token name is required"),
        (
            &["--name=ci"],
            "You must have at least one package / scope or organization",
        ),
        (
            &[
                "--name=ci",
                "--packages=kettle-cli",
                "--packages-and-scopes-permission=read-write",
                "--expires=91",
            ],
            "cannot have expiration longer than 90 days",
        ),
    ] {
        create(&served, &npm, args).end().failed().says(says);
    }
    assert_eq!(served.running.inspect().tokens, 11);

    let mut made = create(&served, &npm, &SMALL);
    made.expect(OTP);
    made.send(&code(&served));
    let made = made.end().done();
    let value = made.word_after("Created token ").to_owned();
    assert_eq!(served.running.inspect().tokens, 12);

    // It is somebody, and manages nothing.
    let other = Npm::for_registry(served.running.url()).unwrap();
    other.sign_in(&value);
    other
        .run(&["whoami"])
        .done()
        .says(served.running.username());
    other.run(&["token", "list"]).failed().says("403");
}

#[test]
fn npm_may_not_change_the_account_by_a_token_that_bypasses_the_second_factor() {
    let Some((served, npm)) = signed_in(guarded()) else {
        return;
    };
    let mut made = create(&served, &npm, &[&SMALL[..], &["--bypass-2fa"]].concat());
    made.expect(OTP);
    made.send(&code(&served));
    let value = made.end().done().word_after("Created token ").to_owned();
    let other = Npm::for_registry(served.running.url()).unwrap();
    other.sign_in(&value);
    other.run(&["profile", "set", "github", "x"]).failed().says(
        "Granular access tokens that bypass two-factor authentication may not perform this action.",
    );
}

#[test]
fn npm_lists_no_session_and_is_signed_out_when_its_time_is_over() {
    let Some((served, npm)) = pair(guarded()) else {
        return;
    };
    let mut login = npm.spawn(&["login"]);
    login.expect("Username:");
    login.send(served.running.username());
    login.expect("Password:");
    login.send(served.running.password().expose());
    login.expect(OTP);
    login.send(&code(&served));
    login.end().done();
    let configuration = npm.configuration();
    let session = word_after(&configuration, "_authToken=");
    assert_eq!(served.running.inspect().sessions, 2);

    let list = npm.run(&["token", "list"]).done();
    assert_eq!(list.screen.matches(" with id ").count(), 11);
    assert!(!list.screen.contains(&session[..8]), "{}", list.screen);

    served.hand.advance(std::time::Duration::from_hours(2));
    npm.run(&["whoami"]).failed().says("401");
}

#[test]
fn npm_is_asked_for_the_code_that_was_mailed() {
    let Some((served, npm)) = signed_in(npmjs(StartTfa::Off)) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let mut made = create(&served, &npm, &SMALL);
    made.expect(OTP);
    // As a person reads it.
    browser.open(&served.running.inbox().unwrap());
    let shown = browser.shows("Somebody wants to create a token.");
    let is_code =
        |line: &&str| line.chars().filter(char::is_ascii_digit).count() == 8 && line.len() == 9;
    let code = shown
        .lines()
        .find(is_code)
        .unwrap_or_else(|| panic!("no code in {shown}"));
    made.send(code);
    made.end().done().says("Created token ");

    // It serves again, also from the start.
    let otp = format!("--otp={}", code.replace(' ', ""));
    npm.run(&["profile", "set", "github", "tessm", &otp])
        .done()
        .says("Set github to tessm");
    assert_eq!(served.running.mail().len(), 1);

    // A sign-in is asked for it as well.
    let mut login = npm.spawn(&["login"]);
    login.expect("Username:");
    login.send(served.running.username());
    login.expect("Password:");
    login.send(served.running.password().expose());
    login.expect(OTP);
    login.send(code);
    login.end().done();
}

#[test]
fn npm_makes_no_token_after_a_recovery_code_and_revokes_all_the_same() {
    let Some((served, npm)) = signed_in(guarded()) else {
        return;
    };
    let mut set = npm.spawn(&["profile", "set", "github", "tessm"]);
    set.expect(OTP);
    set.send(served.running.recovery_codes()[0].expose());
    set.end().done();
    create(&served, &npm, &SMALL)
        .end()
        .failed()
        .says("This account is on hold until");
    let list = npm.run(&["token", "list"]).done();
    let id = word_after(&list.screen, " with id ").to_owned();
    let otp = format!("--otp={}", code(&served));
    npm.run(&["token", "revoke", &id, &otp])
        .done()
        .says("Removed 1 token");
    assert_eq!(served.running.inspect().tokens, 10);
}
