//! Three tokens go with one question where a code may serve again, and with one question each where it may not.

use std::time::Duration;

use npm_warden::sandbox::Options;

use crate::house::{DESIGN, House};
use crate::plain::{others, run};
use crate::totp::code;
use crate::tui::Tui;

/// How many tokens there are at first.
const TOKENS: usize = 12;

/// Selects three tokens that are not the program's own and says that they are to go.
pub fn ask_to_revoke_three(tui: &mut Tui) {
    tui.keys("3");
    tui.shows("12 of 12");
    for _ in 0..3 {
        tui.keys("j ");
    }
    tui.shows("3 selected");
    tui.keys("x");
    tui.shows("Type 3 to revoke them all");
    tui.keys("3\r");
}

/// Waits until a code can be typed, with so many tokens left.
fn asked(house: &House, tui: &Tui, left: usize) {
    tui.find("a question", |screen| {
        let text = screen.contents();
        let free = text.lines().any(|line| {
            line.split_once("Code: [")
                .and_then(|(_, field)| field.split_once(']'))
                .is_some_and(|(typed, _)| typed.trim().is_empty())
        });
        let open = free && !text.contains("Waiting for the registry");
        (open && house.registry.running.inspect().tokens == left).then_some(())
    });
}

#[test]
fn p30_three_tokens_go_with_one_challenge() {
    let house = House::standing(Options::default());
    let key = house.protect();
    let mut tui = house.enter(DESIGN, &[]);
    tui.shows("2FA auth-and-writes");
    ask_to_revoke_three(&mut tui);
    asked(&house, &tui, TOKENS);
    tui.keys(&code(&key, house.registry.now()));
    tui.keys("\r");
    tui.shows("3 of 3");
    tui.shows("Revoked: the result for 3 tokens");
    assert_eq!(house.registry.running.inspect().tokens, TOKENS - 3);
    // The first without a code, then one each.
    let requests = house.registry.running.inspect().requests;
    let deletes: u64 = requests
        .iter()
        .filter(|(route, _)| route.starts_with("DELETE "))
        .map(|(_, times)| times)
        .sum();
    assert_eq!(deletes, 4, "{requests:?}");
    tui.keys("\r");
    tui.shows("9 of 9");
}

#[test]
fn p15_p30_where_a_code_serves_once_each_token_has_its_own() {
    let house = House::standing(Options {
        otp_once: true,
        ..Options::default()
    });
    let key = house.protect();
    // Away from the code that turned it on. The steps before, at and after this moment are all taken.
    house.registry.hand.advance(Duration::from_secs(90));
    let now = house.registry.now();
    let mut tui = house.enter(DESIGN, &[]);
    ask_to_revoke_three(&mut tui);
    for (gone, at) in [now - 30, now, now + 30].into_iter().enumerate() {
        asked(&house, &tui, TOKENS - gone);
        tui.keys(&code(&key, at));
        tui.keys("\r");
    }
    tui.shows("Revoked: the result for 3 tokens");
    tui.shows("3 of 3");
    assert_eq!(house.registry.running.inspect().tokens, TOKENS - 3);
    let log = std::fs::read_to_string(house.log()).unwrap();
    for at in [now - 30, now, now + 30] {
        assert!(!log.contains(&code(&key, at)), "a code is in the log");
    }
}

#[test]
fn p30_where_a_code_served_once_the_command_says_how_many_are_left_and_how_to_go_on() {
    let house = House::standing(Options {
        otp_once: true,
        ..Options::default()
    });
    let key = house.protect();
    house.registry.hand.advance(Duration::from_secs(90));
    let ids: Vec<_> = others(&house)
        .into_iter()
        .take(6)
        .map(|(_, id)| id)
        .collect();
    let otp = code(&key, house.registry.now());
    let line = format!("token revoke --yes --otp {otp} {}", ids.join(" "));
    let (exit, _, err) = run(&house, &line);
    assert_eq!(exit, 4, "{err}");
    assert!(
        err.contains("wants another code to revoke 5 tokens"),
        "{err}"
    );
    assert!(!err.contains("1 of 6 tokens are"), "{err}");
    assert!(err.contains("npm-warden token revoke --resume"), "{err}");
    // Which goes on with it.
    house.registry.hand.advance(Duration::from_secs(90));
    let otp = code(&key, house.registry.now());
    let (exit, _, err) = run(&house, &format!("token revoke --resume --yes --otp {otp}"));
    assert_eq!(exit, 4, "{err}");
    assert!(
        err.contains("wants another code to revoke 4 tokens"),
        "{err}"
    );
    assert_eq!(house.registry.running.inspect().tokens, TOKENS - 2);
}
