//! Another password, a new token, and signing out, by keys alone against the embedded registry.

use npm_warden::sandbox::Options;
use rustix::process::Signal;

use crate::house::{DESIGN, House};
use crate::plain::run;
use crate::totp::code;
use crate::tui::Tui;

const NEW: &str = "another-one-entirely";
/// In the form for a token: one of the old kind, and to the password.
const CLASSIC: &str = " \x1b[6~";

/// The value on the page of a new token.
fn value(tui: &Tui) -> String {
    tui.shows("Its value is shown this once:");
    tui.find("a value", |screen| {
        let text = screen.contents();
        let words: Vec<&str> = text.split_whitespace().collect();
        let value = words.iter().find(|word| word.starts_with("npm_"))?;
        Some((*value).to_owned())
    })
}

/// Whether the registry takes this as a credential.
fn works(house: &House, token: &str) -> bool {
    let before = std::fs::read_to_string(house.npmrc()).unwrap();
    let scope = house.url().strip_prefix("http:").unwrap();
    std::fs::write(house.npmrc(), format!("{scope}:_authToken={token}\n")).unwrap();
    let (exit, ..) = run(house, "whoami");
    std::fs::write(house.npmrc(), before).unwrap();
    exit == 0
}

#[test]
fn p33_the_password_changes_and_the_next_form_takes_the_new_one_alone() {
    let house = House::new(Options::default());
    let old = house.password();
    let mut tui = house.enter(DESIGN, &[]);
    tui.keys("p");
    tui.shows("Change the password");
    tui.keys(&format!("{old}\r{NEW}\r{NEW}\r"));
    tui.shows("The password is changed, and the credential in use here still works.");
    // The registry makes no token for the old one, and makes one for the new one.
    tui.keys("3");
    tui.shows("12 of 12");
    tui.keys("n");
    tui.shows("New token");
    tui.keys(&format!("{CLASSIC}{old}\r"));
    tui.shows("did not accept the password");
    tui.keys(&format!("{NEW}\r"));
    let value = value(&tui);
    assert!(works(&house, &value), "it is no token");
    // It is left by the person's own word, and then it is gone from the screen.
    tui.keys("\x1b");
    tui.shows("it was not copied from here");
    tui.keys("y");
    tui.hides(&value);
    tui.shows("13 of 13");
    assert_eq!(house.registry.running.inspect().tokens, 13);
    let log = std::fs::read_to_string(house.log()).unwrap();
    for secret in [old.as_str(), NEW, value.as_str()] {
        assert!(!log.contains(secret), "a secret is in the log");
        assert!(!tui.text().contains(secret));
    }
    // What was typed was never on the screen either.
    let raw = String::from_utf8_lossy(&tui.raw()).into_owned();
    assert!(!raw.contains(NEW) && !raw.contains(&old));
}

#[test]
fn a_token_is_made_after_a_challenge_and_is_what_was_asked_for() {
    let house = House::standing(Options::default());
    let key = house.protect();
    let mut tui = house.enter(DESIGN, &[]);
    tui.shows("2FA auth-and-writes");
    tui.keys("3n \t\t10.1.2.3/8\x1b[6~");
    tui.shows("from 10.0.0.0/8 only");
    let password = house.password();
    tui.keys(&format!("{password}\r"));
    tui.shows("Code: [");
    tui.keys(&code(&key, house.registry.now()));
    tui.keys("\r");
    let value = value(&tui);
    tui.shows("10.0.0.0/8");
    assert!(!works(&house, &value), "it works from here too");
    let screen = tui.text();
    assert!(screen.contains("may        read"), "{screen}");
    assert!(
        !screen.contains("more than was asked for"),
        "the registry made something else of it: {screen}"
    );
    tui.keys("\x03");
    tui.shows("nowhere else");
    tui.keys("\x03");
    assert_eq!(tui.ended().exit_code(), 0);
    tui.shows("its value was not copied from here");
    tui.assert_given_back(tui.text().trim());
}

#[test]
fn a_token_whose_value_was_on_the_screen_at_the_end_is_named_without_it() {
    let house = House::new(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    tui.keys("3");
    tui.shows("12 of 12");
    let password = house.password();
    tui.keys(&format!("n{CLASSIC}{password}\r"));
    let value = value(&tui);
    tui.signal(Signal::TERM);
    assert_eq!(tui.ended().exit_code(), 0);
    let id = tui.find("the token's id", |screen| {
        let text = screen.contents();
        let (_, rest) = text.split_once("npm-warden token revoke ")?;
        Some(rest.get(..6)?.to_owned())
    });
    assert!(tui.cooked() && !tui.text().contains(&value));
    let (exit, _, err) = run(&house, &format!("token revoke --yes {id}"));
    assert_eq!(exit, 0, "{err}");
    assert!(!works(&house, &value));
}

#[test]
fn a_token_whose_answer_never_came_is_shown_and_revoked() {
    let house = House::new(Options {
        faults: vec!["token.create#1=drop-after".parse().unwrap()],
        ..Options::default()
    });
    let mut tui = house.enter(DESIGN, &[]);
    tui.keys("3");
    tui.shows("12 of 12");
    let password = house.password();
    tui.keys(&format!("n{CLASSIC}{password}\r"));
    tui.shows("its value is lost");
    tui.shows("Revoke it?");
    tui.keys("y");
    tui.shows("Revoke 1 token?");
    assert_eq!(house.registry.running.inspect().tokens, 13);
    tui.keys("y");
    tui.shows("1 of 1 gone from a fresh list");
    assert_eq!(house.registry.running.inspect().tokens, 12);
}

#[test]
fn p35_signing_out_ends_the_token_and_takes_it_out_of_its_file() {
    let house = House::new(Options::default());
    let scope = house.url().strip_prefix("http:").unwrap().to_owned();
    let token = house.registry.running.token().expose().clone();
    let other = "; mine\nsave-exact=true\n";
    std::fs::write(
        house.npmrc(),
        format!("{other}{scope}:_authToken={token}\n"),
    )
    .unwrap();
    let mut tui = house.enter(DESIGN, &[]);
    tui.keys("O");
    tui.shows("Sign out?");
    tui.shows("of-this-test.npmrc");
    tui.keys("\r");
    tui.shows("signed in as before");
    tui.keys("Oy");
    tui.shows("You are signed out: the registry refuses the token since.");
    tui.shows("You are not signed in to");
    assert_eq!(std::fs::read_to_string(house.npmrc()).unwrap(), other);
    assert!(!works(&house, &token));
}

#[test]
fn a_granular_token_is_made_written_into_the_file_and_rotated_there() {
    let house = House::new(Options::default());
    let mut tui = house.enter(DESIGN, &[]);
    let password = house.password();
    tui.keys("3");
    tui.shows("12 of 12");
    tui.keys("n\tci of o/r\t\tleft-pad");
    tui.shows("It may read the package left-pad");
    tui.keys("\x1b[6~");
    tui.keys(&format!("{password}\r"));
    let first = value(&tui);
    tui.hides("more than was asked for");
    tui.keys("w");
    tui.shows("Which file takes the token?");
    tui.hides(&first);
    tui.keys("\r");
    // The credential of this run stands there.
    tui.shows("Replace it?  ▸ No");
    tui.says("in use here");
    tui.press_until("y", "The token is in");
    let npmrc = std::fs::read_to_string(house.npmrc()).unwrap();
    assert!(npmrc.contains(&first), "it is not in the file");
    // It is in a file: nothing asks.
    tui.keys("\x1b");
    tui.shows("13 of 13");
    tui.keys("o");
    tui.shows("it is proved to hold the old one");
    tui.keys("\r");
    tui.shows("Rotate: the new token");
    tui.keys("\x1b[6~");
    tui.keys(&format!("{password}\r"));
    tui.shows("The new token has taken the old one's place.");
    let npmrc = std::fs::read_to_string(house.npmrc()).unwrap();
    assert!(!npmrc.contains(&first), "the old value is still there");
    tui.keys("\r");
    tui.shows("13 of 13");
    tui.keys("q");
    assert_eq!(tui.ended().exit_code(), 0);
    let (exit, ..) = run(&house, "whoami");
    assert_eq!(exit, 0, "what stands in the file does not work");
    let raw = String::from_utf8_lossy(&tui.raw()).into_owned();
    assert!(!raw.contains(&password));
}
