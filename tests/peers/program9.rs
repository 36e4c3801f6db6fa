//! This program, as a person uses it, with Verdaccio 9-next.

use npm_warden::registry::Registry as _;

use crate::client::{Client, plain};
use crate::http::run;
use crate::tui::Tui;
use crate::verdaccio::{Verdaccio, Version};
use crate::warden::{Warden, new_value};
use crate::{qr, totp};

const PASSWORD: &str = "a-password";

#[test]
fn commands_sign_in_on_its_website() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    let mut login = warden.spawn("login");
    login.until("Waiting for it");
    let page = verdaccio.page(&login.screen());
    verdaccio.approves(&page, "alice", PASSWORD);
    login.end().done().says("Signed in as alice at");
    warden.run("whoami").done().says("alice");
    warden.run("token list").done().says("lists no tokens");
}

/// From any screen through the wizard up to its question for a code; gives what the QR code holds.
fn scanned(tui: &mut Tui) -> String {
    tui.keys("2");
    tui.shows("─ Security ─");
    tui.keys("e");
    tui.shows("▸Need");
    tui.keys("\r");
    tui.shows("▸Level");
    tui.keys("\r");
    tui.shows("▸Password");
    tui.keys(PASSWORD);
    tui.keys("\r");
    tui.shows("▸Place");
    from_the_place(tui)
}

/// From the places for the codes to the question for a code, with a plain file.
fn from_the_place(tui: &mut Tui) -> String {
    // It is the last of the places.
    tui.keys("\x1b[Z");
    tui.shows(".txt");
    tui.keys("\r");
    tui.shows("Enter uses it all the same");
    tui.keys("\r");
    let otpauth = tui.find("a QR code", |screen| qr::read(screen, 0));
    tui.shows("Enter confirm");
    otpauth
}

/// Every 16 hexadecimal digits in a text.
fn recovery_codes(text: &str) -> Vec<String> {
    let code = |word: &&str| word.len() == 16 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = text.split_whitespace().filter(code);
    words.map(str::to_owned).collect()
}

/// Signed in for the session, with two-factor authentication turned on by the wizard.
struct Protected {
    tui: Tui,
    key: String,
    /// When the code of the set-up was current: that one has served.
    now: u64,
    codes: Vec<String>,
}

fn protected(verdaccio: &Verdaccio, warden: &Warden) -> Protected {
    let mut tui = warden.enter();
    tui.shows("signed out @");
    tui.keys("\r");
    tui.shows("╭ Sign in ─");
    tui.press_until("\r", "╭ Sign in on the web ─");
    let page = tui.find("the page's QR code", |screen| qr::read(screen, 0));
    verdaccio.approves(&page, "alice", PASSWORD);
    tui.shows("Signed in as alice; this session ends with npm-warden.");
    tui.shows("2FA off · session");
    let otpauth = scanned(&mut tui);
    assert_eq!(otpauth.len(), 121, "{otpauth}");
    let key = totp::parameter(&otpauth, "secret").unwrap().to_owned();
    // Each code serves once. Time that passes meanwhile takes nothing from this one and the next.
    let now = verdaccio.now();
    tui.keys(&totp::code(&key, now));
    tui.keys("\r");
    tui.shows("▸Codes");
    let codes = recovery_codes(&tui.text());
    assert_eq!(codes.len(), 10);
    let file = std::fs::read_to_string(warden.codes_file()).unwrap();
    assert_eq!(recovery_codes(&file), in_order(&codes));
    tui.keys("\r");
    tui.shows("Type characters");
    tui.keys("decline\r");
    tui.shows("▸Done");
    tui.shows("2FA auth-and-writes · session");
    tui.keys("\r");
    Protected {
        tui,
        key,
        now,
        codes,
    }
}

#[test]
fn its_second_factor_from_the_wizard_to_a_level_change_that_begins_anew() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    let before = std::fs::read_to_string(warden.npmrc()).unwrap();
    let Protected {
        mut tui,
        key,
        now,
        codes,
    } = protected(&verdaccio, &warden);

    // A token, by a code.
    tui.keys("3");
    tui.shows("0 of 0");
    tui.keys("n");
    tui.shows("─ New token ─");
    tui.keys("\r\r");
    tui.keys(PASSWORD);
    tui.keys("\r");
    tui.shows("asks for your second factor to make a");
    tui.keys(&totp::code(&key, now + 30));
    tui.keys("\r");
    let value = tui.find("the value", new_value);
    let made = Client::with(verdaccio.url(), &value);
    assert_eq!(run(made.whoami(plain())).unwrap().as_str(), "alice");
    tui.keys("\x1b");
    tui.shows("Leave it?");
    tui.keys("y");
    tui.shows("1 of 1");
    tui.keys("x");
    tui.shows("Revoke 1 token?");
    tui.keys("y");
    tui.shows("1 of 1 gone from a fresh list");
    assert!(run(made.whoami(plain())).is_err());
    tui.keys("\r");

    // Another level, by a recovery code: it begins a new set-up, and nothing protects the account.
    tui.keys("2e");
    tui.shows("From auth-and-writes to auth-only.");
    tui.keys(PASSWORD);
    tui.keys("\r");
    tui.shows("asks for your second factor to change");
    tui.keys(&codes[2]);
    tui.keys("\r");
    tui.shows("Use up a recovery code?");
    tui.press_until_gone("y", "Use up a recovery code?");
    tui.shows("This registry takes another level as a new set-up: 2FA is OFF");
    tui.shows("2FA half done · session");
    tui.keys("\x1b");
    tui.shows("Leave the set-up?");
    tui.keys("\r");
    tui.shows("▸Place");
    let fresh = from_the_place(&mut tui);
    let new_key = totp::parameter(&fresh, "secret").unwrap().to_owned();
    assert_ne!(new_key, key);
    // The entry from before has the same name in the app, and another key.
    tui.keys(&totp::code(&key, verdaccio.now()));
    tui.keys("\r");
    tui.shows("old entry called");
    tui.keys(&totp::code(&new_key, verdaccio.now()));
    tui.keys("\r");
    tui.shows("▸Codes");
    let new_codes = recovery_codes(&tui.text());
    assert_eq!(new_codes.len(), 10);
    assert!(new_codes.iter().all(|code| !codes.contains(code)));
    tui.keys("\r");
    tui.shows("Type characters");
    tui.keys("decline\r");
    tui.shows("▸Done");
    tui.shows("The old entry in your authenticator");
    tui.shows("2FA auth-only · session");
    tui.keys("\r");
    tui.keys("q");
    // Its sign-out is as empty as its forebear's.
    tui.ended();
    assert!(tui.text().contains("still accepts it"), "{}", tui.text());
    assert_eq!(std::fs::read_to_string(warden.npmrc()).unwrap(), before);
}

#[test]
fn its_second_factor_is_turned_off_by_password_and_code() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    let Protected {
        mut tui, key, now, ..
    } = protected(&verdaccio, &warden);
    tui.keys("2d");
    tui.shows("▸ No");
    tui.keys("y");
    tui.shows("Your password:");
    tui.keys(PASSWORD);
    tui.keys("\r");
    tui.shows("asks for your second factor to");
    tui.keys(&totp::code(&key, now + 30));
    tui.keys("\r");
    tui.shows("2FA off · session");
    tui.keys("q");
    tui.ended();
    // The registry agrees, asked by another sign-in.
    let mut login = warden.spawn("login");
    login.until("Waiting for it");
    let page = verdaccio.page(&login.screen());
    verdaccio.approves(&page, "alice", PASSWORD);
    login.end().done();
    let profile = warden.run("profile get --json").done();
    profile.says("\"state\":\"off\"");
}

/// The codes stand in two columns on the screen.
fn in_order(codes: &[String]) -> Vec<String> {
    let (left, right) = (codes.iter().step_by(2), codes.iter().skip(1).step_by(2));
    left.chain(right).cloned().collect()
}
