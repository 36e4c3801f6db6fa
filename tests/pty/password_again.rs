//! A wrong password ends no change of the second factor in a terminal: it is asked for again.

use std::time::Duration;

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::Options;

use crate::house::House;
use crate::second_factor::answer;
use crate::totp::code;
use crate::tui::Tui;

/// Types a wrong password and then the right one.
fn types_both(tui: &mut Tui, house: &House) {
    answer(tui, ":", "not-the-password");
    tui.says("did not accept the password");
    tui.says("type the account's password again.");
    answer(tui, ":", &house.password());
}

#[test]
fn a_wrong_password_is_asked_for_again_where_the_second_factor_changes() {
    for (line, after) in [
        ("2fa level auth-only", Tfa::On(Level::AuthOnly)),
        ("2fa disable --yes", Tfa::Off),
    ] {
        let house = House::standing(Options::default());
        let key = house.protect();
        house.registry.hand.advance(Duration::from_secs(90));
        let otp = code(&key, house.registry.now());
        let mut tui = house.ask(&format!("{line} --otp {otp}"));
        types_both(&mut tui, &house);
        assert_eq!(tui.ended().exit_code(), 0, "{line}: {}", tui.text());
        assert_eq!(house.registry.running.inspect().tfa, after, "{line}");
    }
}

#[test]
fn a_wrong_password_is_asked_for_again_where_the_second_factor_is_set_up() {
    let house = House::new(Options::default());
    let mut tui = house.ask("2fa enable --level auth-only --place codes.txt");
    types_both(&mut tui, &house);
    // The place was chosen once, and serves.
    tui.says("Code");
    tui.keys("\x03");
    assert_ne!(tui.ended().exit_code(), 0);
    assert_eq!(house.registry.running.inspect().tfa, Tfa::Off);
}
