//! Leaving while a change is under way: it is waited for where the person can see it, and nothing that arrives is lost.

use npm_warden::domain::tfa::{Level, Tfa};
use npm_warden::sandbox::Options;
use rustix::process::Signal;

use crate::house::{DESIGN, House, codes_in, mode};
use crate::tui::Tui;
use crate::wizard::{present, to_the_code};

pub const WAITING: &str = "Waiting for the registry to confirm";
const STILL: &str = "Still waiting for the registry";

/// A profile change whose answer is kept back.
fn saving(house: &House) -> Tui {
    let mut tui = house.enter(DESIGN, &[]);
    save(house, &mut tui);
    tui
}

fn save(house: &House, tui: &mut Tui) {
    tui.shows("two-factor auth off");
    tui.keys("j");
    tui.shows("▸ fullname");
    tui.keys("e");
    tui.shows("[ Tess Marlow");
    tui.keys(" II\r");
    tui.shows("→ Tess Marlow II");
    house.gate().shut();
    tui.keys("\r");
    house.gate().keeps_one();
}

#[test]
fn a_change_that_is_under_way_is_waited_for_visibly() {
    let house = House::gated(Options::default());
    let tui = saving(&house);
    tui.signal(Signal::TERM);
    tui.shows(WAITING);
    assert!(tui.cooked());
    house.gate().open();
    assert_eq!(tui.ended().exit_code(), 0);
    tui.shows("fullname is saved.");
    tui.shows("Confirmed.");
}

#[test]
fn a_second_ctrl_c_leaves_and_says_what_may_be_lost() {
    let house = House::gated(Options::default());
    let mut tui = saving(&house);
    tui.keys("\x03");
    tui.shows(WAITING);
    tui.keys("\x03");
    assert_eq!(tui.ended().exit_code(), 1);
    tui.shows("Left before the registry confirmed a change");
}

#[test]
fn a_session_that_nobody_ended_is_told_of_beside_a_change_without_an_answer() {
    let house = House::gated(Options::default());
    std::fs::remove_file(house.npmrc()).unwrap();
    let mut tui = house.start(DESIGN, &[]);
    tui.shows("You are not signed in to");
    tui.keys("\r");
    tui.shows("on the registry's website");
    let (name, password) = (house.registry.running.username(), house.password());
    tui.keys(&format!("\x1b[B\r{name}\r{password}\r"));
    tui.shows("this session ends with npm-warden");
    save(&house, &mut tui);
    tui.keys("\x03");
    tui.shows(WAITING);
    tui.keys("\x03");
    assert_eq!(tui.ended().exit_code(), 1);
    tui.shows("Left before the registry confirmed the end of this session.");
    tui.shows("Left before the registry confirmed a change");
}

#[test]
fn p07_while_a_change_is_under_way_it_does_not_stop_and_says_why() {
    let house = House::gated(Options::default());
    let mut tui = confirming(&house);
    tui.keys("\x1a");
    tui.shows("A change is under way: Ctrl-Z");
    tui.signal(Signal::TSTP);
    house.gate().open();
    tui.shows("▸Codes");
    assert_eq!(house.code_files().len(), 1);
    // Another reason now: nobody would continue the leader of a session.
    tui.keys("\x1a");
    tui.shows("Ctrl-Z needs a shell");
}

/// The last code of a set-up, whose answer with the recovery codes is kept back.
fn confirming(house: &House) -> Tui {
    confirming_in(house, house.enter(DESIGN, &[]))
}

pub fn confirming_in(house: &House, mut tui: Tui) -> Tui {
    let otpauth = to_the_code(&mut tui, &house.password());
    house.gate().shut();
    tui.keys(&present(&otpauth));
    tui.keys("\r");
    house.gate().keeps_one();
    tui
}

#[test]
fn p07_no_signal_but_a_ctrl_c_after_the_line_ends_the_waiting() {
    let pairs = [
        // A window that closes: each says it twice, the terminal and the shell.
        (Signal::HUP, Signal::HUP),
        (Signal::TERM, Signal::HUP),
        (Signal::INT, Signal::TERM),
        (Signal::TERM, Signal::QUIT),
        // Under way the terminal's own Ctrl-Z would keep the answer waiting until it is lost.
        (Signal::TERM, Signal::TSTP),
    ];
    for (first, second) in pairs {
        let house = House::gated(Options::default());
        let tui = confirming(&house);
        tui.signal(first);
        tui.shows(WAITING);
        tui.signal(second);
        tui.shows(STILL);
        house.gate().open();
        assert_eq!(tui.ended().exit_code(), 0, "{first:?} {second:?}");
        tui.shows("the recovery codes are in");
        assert_eq!(house.code_files().len(), 1);
    }
}

#[test]
fn p07_codes_that_arrive_after_the_person_has_left_are_saved() {
    let house = House::gated(Options::default());
    let tui = confirming(&house);
    tui.signal(Signal::HUP);
    tui.shows(WAITING);
    house.gate().open();
    assert_eq!(tui.ended().exit_code(), 0);
    tui.shows("the recovery codes are in");

    let running = &house.registry.running;
    assert_eq!(running.inspect().tfa, Tfa::On(Level::AuthAndWrites));
    let files = house.code_files();
    assert_eq!(files.len(), 1);
    assert_eq!(mode(&files[0]), 0o600);
    let codes = codes_in(&files[0]);
    assert_eq!(codes.len(), running.inspect().recovery_codes);
    assert!(house.takes(&codes[0]));
    let shown = tui.text();
    assert!(!codes.iter().any(|code| shown.contains(&code[..16])));
}

#[test]
fn a_change_that_is_refused_after_the_person_has_left_is_not_confirmed() {
    let house = House::gated(Options::default());
    let tui = saving(&house);
    tui.signal(Signal::TERM);
    tui.shows(WAITING);
    house.gate().refuse();
    assert_eq!(tui.ended().exit_code(), 5);
    tui.shows("This account may not do so");
    tui.shows("A change that was under way is not done");
    assert!(!tui.text().contains("Confirmed"), "{}", tui.text());
}

#[test]
fn a_sign_in_that_is_left_while_its_page_is_looked_at_is_not_confirmed() {
    let house = House::gated(Options::default());
    std::fs::remove_file(house.npmrc()).unwrap();
    let mut tui = house.start(DESIGN, &[]);
    tui.shows("You are not signed in to");
    tui.keys("\r");
    tui.shows("on the registry's website");
    tui.keys("\r");
    tui.shows("Waiting for you there");
    house.gate().shut_all();
    house.gate().keeps_one();
    tui.signal(Signal::TERM);
    tui.shows(WAITING);
    house.gate().open();
    assert_eq!(tui.ended().exit_code(), 0);
    tui.shows("Nothing is under way any more.");
    assert!(!tui.text().contains("Confirmed"), "{}", tui.text());
}

#[test]
fn a_change_whose_answer_is_lost_is_not_confirmed() {
    let house = House::gated(Options::default());
    let tui = saving(&house);
    tui.signal(Signal::TERM);
    tui.shows(WAITING);
    house.gate().cut();
    assert_eq!(tui.ended().exit_code(), 6);
    tui.shows("Whether fullname was changed is not known");
    assert!(!tui.text().contains("Confirmed"), "{}", tui.text());

    let house = House::gated(Options::default());
    let tui = confirming(&house);
    tui.signal(Signal::HUP);
    tui.shows(WAITING);
    house.gate().cut();
    assert_eq!(tui.ended().exit_code(), 6);
    tui.shows("whether two-factor authentication is on now is not known");
    assert!(!tui.text().contains("Confirmed"), "{}", tui.text());
}

#[test]
fn p30_a_revocation_that_stops_half_way_says_how_far_it_went() {
    let house = House::gated(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    house.gate().shut();
    crate::revoke::ask_to_revoke_three(&mut tui);
    house.gate().keeps_one();
    tui.signal(Signal::TERM);
    tui.shows(WAITING);
    house.gate().open();
    assert_eq!(tui.ended().exit_code(), 1);
    tui.shows("1 of 3 tokens are revoked, as the registry says; 2 not sent.");
    assert!(!tui.text().contains("Confirmed"), "{}", tui.text());
    assert_eq!(house.registry.running.inspect().tokens, 11);
}

#[test]
fn a_read_that_hangs_keeps_nobody() {
    let house = House::gated(Options::default());
    let tui = house.enter(DESIGN, &[]);
    tui.shows("two-factor auth off");
    let mut tui = tui;
    house.gate().shut_all();
    tui.keys("r");
    house.gate().keeps_one();
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
    tui.assert_given_back("");
}
