//! This program, as a person uses it, with Verdaccio 9-next.

use npm_warden::domain::secret::Secret;
use npm_warden::domain::tfa::Level;
use npm_warden::registry::Registry as _;

use crate::client::{Client, plain, with_code};
use crate::http::run;
use crate::terminal::Session;
use crate::tui::Tui;
use crate::verdaccio::{Verdaccio, Version};
use crate::warden::{Warden, leaves_one_alive, new_value};
use crate::wizard::{asked, in_a_file, scanned, to_the_place};
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
    to_the_place(&mut tui, PASSWORD);
    in_a_file(&mut tui);
    let otpauth = scanned(&tui);
    assert_eq!(otpauth.len(), 121, "{otpauth}");
    let key = totp::parameter(&otpauth, "secret").unwrap().to_owned();
    // Each code serves once. Time that passes meanwhile takes nothing from this one and the next.
    let now = verdaccio.now();
    // One of long ago is told apart here, and not sent.
    tui.keys(&totp::code(&key, now - 300));
    tui.keys("\r");
    tui.shows("5 min late");
    tui.keys("\x15");
    tui.keys(&totp::code(&key, now));
    tui.keys("\r");
    tui.shows("▸Codes");
    let codes = recovery_codes(&tui.text());
    assert_eq!(codes.len(), 10);
    let file = std::fs::read_to_string(warden.codes_file()).unwrap();
    assert_eq!(recovery_codes(&file), in_order(&codes));
    proves(&mut tui, &in_order(&codes));
    tui.shows("2FA auth-and-writes · session");
    tui.keys("\r");
    Protected {
        tui,
        key,
        now,
        codes,
    }
}

/// Lets the codes go by the proof of having them, in the order of their numbers.
fn proves(tui: &mut Tui, codes: &[String]) {
    tui.shows("Enter hides");
    tui.keys("\r");
    let (from, to, number) = tui.find("the proof", asked);
    tui.keys(&codes[number - 1][from - 1..to]);
    tui.keys("\r");
    tui.shows("▸Done");
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
    tui.keys(" \x1b[6~");
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
    tui.shows("▸Place");
    tui.says("2FA is OFF until you confirm it with a new entry.");
    tui.keys("\x1b");
    tui.shows("▸ Stay");
    tui.keys("\t\t");
    tui.shows("▸ Leave it half done");
    tui.keys("\r");
    tui.shows("─ Security ─");
    tui.shows("HALF DONE: begun for auth-only");
    tui.shows("2FA half done · session");

    tui.keys("d");
    tui.shows("This clears the set-up");
    tui.keys("y");
    tui.shows("Your password:");
    tui.keys(PASSWORD);
    tui.keys("\r");
    tui.shows("The half-done set-up is cleared.");
    tui.shows("2FA off");
    tui.keys("q");
    // Its sign-out is as empty as its forebear's.
    tui.ended();
    leaves_one_alive(&tui);
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

#[test]
fn another_level_is_walked_to_the_end_of_its_new_set_up() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    let Protected {
        mut tui,
        key,
        now,
        codes,
    } = protected(&verdaccio, &warden);
    tui.keys("2e");
    tui.shows("From auth-and-writes to auth-only.");
    tui.keys(PASSWORD);
    tui.keys("\r");
    tui.shows("asks for your second factor to change");
    tui.keys(&totp::code(&key, now + 30));
    tui.keys("\r");
    tui.shows("▸Place");
    tui.says("2FA is OFF until you confirm it with a new entry.");
    tui.keys("\x1b");
    tui.shows("▸ Stay");
    tui.keys("\r");
    tui.shows("▸Place");
    in_a_file(&mut tui);
    let otpauth = scanned(&tui);
    let new = totp::parameter(&otpauth, "secret").unwrap();
    assert_ne!(new, key);
    // The entry from before has the same name in the app, and another key.
    tui.keys(&totp::code(&key, verdaccio.now()));
    tui.keys("\r");
    tui.shows("old entry called");
    tui.keys("\x15");
    tui.keys(&totp::code(new, verdaccio.now()));
    tui.keys("\r");
    tui.shows("▸Codes");
    let fresh = recovery_codes(&tui.text());
    assert!(fresh.iter().all(|code| !codes.contains(code)));
    proves(&mut tui, &in_order(&fresh));
    tui.shows("The old entry in your authenticator");
    tui.shows("2FA auth-only · session");
    tui.keys("\r");
    // Two sets are known, and the older one is of no use.
    tui.keys("4");
    tui.shows("2 sets");
    tui.says("! of no use: replaced");
    tui.keys("q");
    tui.ended();
}

/// Signed in for the plain commands, by its page.
fn logged_in(verdaccio: &Verdaccio, warden: &Warden) {
    let mut login = warden.spawn("login");
    login.until("Waiting for it");
    let page = verdaccio.page(&login.screen());
    verdaccio.approves(&page, "alice", PASSWORD);
    login.end().done();
}

/// Where the codes of the plain commands go.
const FILE: &str = "codes.txt";
const OTHER: &str = "other.txt";
const CODE: &str = "Code from the authenticator:";

/// Answers the plain commands' questions from the password to the codes, which are proved; gives key and codes.
fn confirmed(
    verdaccio: &Verdaccio,
    warden: &Warden,
    mut enable: Session,
    file: &str,
) -> (String, Vec<String>) {
    enable.expect(CODE);
    let screen = enable.screen();
    let groups = |line: &&str| line.split_whitespace().all(|word| word.len() == 4);
    let key = screen.lines().rev().filter(|line| !line.trim().is_empty());
    let key: String = key
        .skip(1)
        .find(groups)
        .unwrap()
        .split_whitespace()
        .collect();
    enable.send(&totp::code(&key, verdaccio.now()));
    enable.until("Characters ");
    enable.expect(":");
    let file = std::fs::read_to_string(warden.home().join(file)).unwrap();
    let codes = recovery_codes(&file);
    let screen = enable.screen();
    let (_, asked) = screen.rsplit_once("Characters ").unwrap();
    let words = asked
        .split_whitespace()
        .map(|word| word.trim_end_matches(':'));
    let numbers: Vec<usize> = words.filter_map(|word| word.parse().ok()).collect();
    enable.send(&codes[numbers[2] - 1][numbers[0] - 1..numbers[1]]);
    enable.end().done();
    (key, codes)
}

#[test]
fn commands_take_its_second_factor_through_every_state() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    logged_in(&verdaccio, &warden);
    warden
        .run("2fa status --json")
        .done()
        .says("\"state\":\"off\"");

    // Half done in another client's hands: said, and cleared on consent alone.
    let other = Client::with(verdaccio.url(), &warden.token().unwrap());
    run(other.enrol(plain(), Level::AuthOnly, &PASSWORD.into()))
        .map(drop)
        .unwrap();
    warden
        .run("2fa status --json")
        .done()
        .says("\"state\":\"pending\"");
    let begin = format!("2fa enable --level auth-and-writes --place {FILE}");
    let mut enable = warden.spawn(&begin);
    enable.expect("Clear it and begin anew?");
    enable.send("n");
    assert_eq!(enable.end().failed().code, 1);
    warden
        .run("2fa status --json")
        .done()
        .says("\"state\":\"pending\"");
    let mut enable = warden.spawn(&begin);
    enable.expect("Clear it and begin anew?");
    enable.send("y");
    enable.expect("Password of alice");
    enable.send(PASSWORD);
    let (key, codes) = confirmed(&verdaccio, &warden, enable, FILE);
    warden.run("2fa status --check=auth-and-writes").done();

    // Another level begins anew, and is walked to its end.
    let right = totp::code(&key, verdaccio.now() + 30);
    let mut level = warden.spawn(&format!("2fa level auth-only --otp {right}"));
    level.expect("Password of alice");
    level.send(PASSWORD);
    level.until("it began a new set-up for auth-only");
    level.expect("Place [1]:");
    level.send("2");
    level.expect(".txt]:");
    level.send(OTHER);
    level.expect("Use it all the same? [y/N]");
    level.send("y");
    let (new, fresh) = confirmed(&verdaccio, &warden, level, OTHER);
    assert_ne!((&new, &fresh), (&key, &codes));
    warden.run("2fa status --check=auth-only").done();

    // Off by a recovery code, which is used then.
    let mut disable = warden.spawn("2fa disable --yes");
    disable.expect("Password of alice");
    disable.send(PASSWORD);
    disable.expect("One-time password:");
    disable.send(&fresh[3]);
    disable.expect("Send it? [y/N]");
    disable.send("y");
    disable.end().done();
    warden
        .run("2fa status --json")
        .done()
        .says("\"state\":\"off\"");
    let list = warden.run("recovery list --json").done();
    assert_eq!(
        list.screen.matches("\"used\":1").count(),
        1,
        "{}",
        list.screen
    );
}

#[test]
fn its_lock_out_is_told_as_a_refusal_and_nothing_is_claimed() {
    let Some(verdaccio) = Verdaccio::start(Version::NineNext) else {
        return;
    };
    verdaccio.sign_up("alice", PASSWORD);
    let warden = Warden::new(verdaccio.url());
    logged_in(&verdaccio, &warden);
    let mut enable = warden.spawn(&format!("2fa enable --level auth-only --place {FILE}"));
    enable.expect("Password of alice");
    enable.send(PASSWORD);
    let (key, _) = confirmed(&verdaccio, &warden, enable, FILE);

    // Five wrong codes by somebody else, and the right one does not help for five minutes.
    let other = Client::with(verdaccio.url(), &warden.token().unwrap());
    for wrong in ["000000", "000001", "000002", "000003", "000004"] {
        let wrong = Secret::from(wrong);
        let refused = run(other.disable(with_code(&wrong), &PASSWORD.into()));
        assert!(refused.is_err(), "{refused:?}");
    }
    let right = totp::code(&key, verdaccio.now() + 30);
    let mut disable = warden.spawn(&format!("2fa disable --yes --otp {right}"));
    disable.expect("Password of alice");
    disable.send(PASSWORD);
    disable.until("The registry did not accept that code.");
    disable.expect("One-time password:");
    disable.send("\x03");
    let ended = disable.end().failed();
    assert_eq!(ended.code, 130, "{}", ended.screen);
    warden.run("2fa status --check=auth-only").done();
}

/// The codes stand in two columns on the screen.
fn in_order(codes: &[String]) -> Vec<String> {
    let (left, right) = (codes.iter().step_by(2), codes.iter().skip(1).step_by(2));
    left.chain(right).cloned().collect()
}
