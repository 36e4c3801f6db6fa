//! The program by the rules of npm's registry: a challenge without a word, a session whose time is over, a code by mail.

use std::time::Duration;

use npm_warden::domain::tfa::Level;
use npm_warden::sandbox::{Options, Policy, StartTfa};

use crate::house::{DESIGN, House};
use crate::totp::{code, parameter};
use crate::tui::Tui;

fn npmjs(tfa: StartTfa) -> House {
    House::standing(Options {
        policy: Policy::Npmjs,
        tfa,
        ..Options::default()
    })
}

/// The present code of the authenticator that the account had from the start.
fn present(house: &House) -> String {
    let url = house.registry.running.otpauth().unwrap().expose();
    code(parameter(url, "secret").unwrap(), house.registry.now())
}

/// Says that the first token is to go.
fn revoke_one(tui: &mut Tui) {
    tui.keys("3");
    tui.shows("11 of 11");
    tui.keys("x");
    tui.shows("▸ No");
    tui.keys("y");
}

#[test]
fn a_challenge_without_a_word_names_its_page_and_takes_a_typed_code() {
    let house = npmjs(StartTfa::On(Level::AuthAndWrites));
    let mut tui = house.enter(DESIGN, &[]);
    tui.shows("2FA auth-and-writes");
    revoke_one(&mut tui);
    tui.shows("/-/web/");
    tui.shows("Waiting for the page");
    tui.keys("000000\r");
    tui.shows("invalid OTP");
    tui.keys(&present(&house));
    tui.keys("\r");
    tui.shows("Revoked: the result");
    assert_eq!(house.registry.running.inspect().tokens, 10);
}

#[test]
fn a_session_whose_time_is_over_is_taken_up_again_by_a_page() {
    let house = npmjs(StartTfa::On(Level::AuthOnly));
    let mut tui = house.enter((120, 40), &[]);
    tui.keys("3");
    tui.shows("11 of 11");
    house.registry.hand.advance(Duration::from_hours(2));
    tui.keys("x");
    tui.shows("▸ No");
    tui.keys("y");
    tui.shows("accepts the credential of");
    tui.shows("Sign in again as tess-marlow");
    tui.press_until("\r", "/-/web/");
    let page = tui.find("the page", |screen| {
        let text = screen.contents();
        let mut words = text.split_whitespace();
        words
            .find(|word| word.contains("/-/web/"))
            .map(str::to_owned)
    });
    assert!(house.registry.running.approve(&page), "{page}");
    // What was under way goes on, and asks for what it needs.
    tui.shows("Second factor");
    tui.keys(&present(&house));
    tui.keys("\r");
    tui.shows("Revoked: the result");
    let inspected = house.registry.running.inspect();
    assert_eq!((inspected.tokens, inspected.sessions), (10, 1));
    // The session was this program's own, and ends with it.
    tui.keys("\x03");
    assert_eq!(tui.ended().exit_code(), 0);
    assert_eq!(house.registry.running.inspect().sessions, 0);
}

#[test]
fn an_account_without_a_second_factor_types_the_code_that_was_mailed() {
    let house = npmjs(StartTfa::Off);
    let mut tui = house.enter(DESIGN, &[]);
    tui.shows("2FA off");
    revoke_one(&mut tui);
    tui.shows("Code by mail");
    assert!(!tui.text().contains("/-/inbox"), "that is the demo's alone");
    let mail = house.registry.running.mail();
    assert_eq!(mail.len(), 1);
    tui.keys(mail[0].code.expose());
    tui.keys("\r");
    tui.shows("Revoked: the result");
    assert_eq!(house.registry.running.inspect().tokens, 10);
}
