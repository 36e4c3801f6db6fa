//! This program and a real browser: signing in and answering a challenge on the embedded registry's page.

use npm_warden::sandbox::Options;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::http::send;
use crate::served::Served;
use crate::tui::Tui;
use crate::warden::Warden;
use crate::web::{DONE, identify};
use crate::{pair, qr, totp};

/// Turns the second factor on past the program; gives the key.
fn protect(served: &Served) -> String {
    let post = |body: &Value| {
        let url = format!("{}-/npm/v1/user", served.running.url());
        let bearer = format!("Bearer {}", served.running.token().expose());
        let headers = [("authorization", bearer.as_str())];
        let reply = send("POST", &url, &headers, Some(body)).unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["tfa"].clone()
    };
    let password = served.running.password().expose();
    let otpauth = post(&json!({"tfa": {"mode": "auth-and-writes", "password": password}}));
    let key = totp::parameter(otpauth.as_str().unwrap(), "secret").unwrap();
    post(&json!({"tfa": [totp::code(key, served.now())]}));
    key.to_owned()
}

/// The address that a QR code on the screen holds.
fn scanned(tui: &Tui) -> String {
    tui.find("a page's QR code", |screen| qr::read(screen, 0))
}

#[test]
fn the_terminal_program_signs_in_and_is_let_through_by_a_browser_and_ends_its_session() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let served = Served::new(Options::default());
    let key = protect(&served);
    let before = served.running.inspect().tokens;
    let warden = Warden::new(served.running.url());
    let mut tui = warden.enter();
    tui.shows("Enter sign in");
    tui.keys("\r");
    tui.shows("╭ Sign in ─");
    tui.press_until("\r", "╭ Sign in on the web ─");
    identify(&browser, &served, &scanned(&tui), Some(&key));
    browser.press("Approve");
    browser.shows(DONE);
    tui.shows("Signed in as tess-marlow; this session ends with npm-warden.");
    tui.shows("2FA auth-and-writes · session");
    assert_eq!(served.running.inspect().tokens, before + 1);

    // Approved, and done.
    tui.keys("je");
    tui.shows("Enter review");
    tui.keys("\x15By Browser\r");
    tui.shows("→");
    tui.keys("\r");
    tui.shows("╭ Second factor ─");
    let page = scanned(&tui);
    identify(&browser, &served, &page, Some(&key));
    browser.shows("Approve: change your profile");
    browser.press("Approve");
    browser.shows(DONE);
    tui.hides("╭ Second factor ─");
    tui.shows("fullname        By Browser");

    // Denied, and not done.
    tui.keys("3");
    tui.shows("13 of 13");
    tui.keys("jjx");
    tui.shows("Revoke 1 token?");
    tui.keys("y");
    tui.shows("╭ Second factor ─");
    let page = scanned(&tui);
    identify(&browser, &served, &page, Some(&key));
    browser.press("Deny");
    browser.shows("Nothing was done.");
    tui.shows("come to nothing: “It was denied in");
    tui.press_until_gone("\x1b", "╭ Second factor ─");
    tui.shows("Enter close");
    assert_eq!(served.running.inspect().tokens, before + 1);

    tui.keys("\r");
    tui.shows("─ Tokens ─");
    tui.keys("q");
    assert!(tui.ended().success());
    assert_eq!(served.running.inspect().tokens, before);
    assert_eq!(warden.token(), None);
}

#[test]
fn a_sign_in_by_a_browser_that_is_kept_is_npms_too() {
    let Some((served, npm)) = pair(Options::default()) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let warden = Warden::new(served.running.url());
    let mut tui = warden.enter();
    tui.shows("Enter sign in");
    tui.keys("\r");
    tui.shows("╭ Sign in ─");
    tui.keys("\t");
    tui.shows("▸ (●) for this session only");
    tui.keys(" ");
    tui.shows("▸ (●) also in ~/.npmrc, for npm");
    tui.press_until("\r", "╭ Sign in on the web ─");
    identify(&browser, &served, &scanned(&tui), None);
    browser.press("Approve");
    tui.shows("Signed in as tess-marlow, and npm can use it: ~/.npmrc.");
    tui.shows("2FA off · token");
    let tokens = served.running.inspect().tokens;
    tui.keys("q");
    assert!(tui.ended().success());
    assert_eq!(served.running.inspect().tokens, tokens);
    std::fs::copy(warden.npmrc(), npm.userconfig()).unwrap();
    npm.run(&["whoami"]).done().says("tess-marlow");
    npm.run(&["logout"]).done();
    assert_eq!(served.running.inspect().tokens, tokens - 1);
    // What npm ended is dead here, too.
    let mut tui = warden.enter();
    tui.shows("Enter sign in");
    tui.keys("q");
    assert!(tui.ended().success());
}
